//! The papers of a plan: golden texts, the page and the DOCX of one source, who signs, signatures with what was signed.

use std::io::Read as _;
use std::process::Command;

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";
pub const PAPERS: [&str; 4] = ["plan", "correction", "report", "summary"];
/// A detached signature as it begins.
const SIGNATURE: &[u8] = b"\x30\x82\x01\x02\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82";

/// The north: a plan with three revisions, a step that was accepted, an outcome and a later result. The south: a head.
pub fn world(v: &Vekha) -> i64 {
    let mut world = World::new();
    world
        .procedure(1, "Д1", "full", None)
        .procedure(2, "Д2", "follow_up", None);
    world.teacher(1001, 1, NORTH, 2).teacher(2001, 4, SOUTH, 2);
    let results = [(1, 40_000), (3, 70_000), (4, 12_500)];
    world.passage(1001, NORTH, 1, "full", "2023-02-01", &results);
    world.passage(1001, NORTH, 2, "follow_up", "2023-06-01", &[(1, 95_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "head", None, &[("cnppm_head", north)]);
    world.account(3, "curator", None, &[("curator", north)]);
    world.account(4, "tutor", None, &[("tutor", north)]);
    world.account(5, "staff", None, &[("cnppm_staff", north)]);
    world.account(6, "head-south", None, &[("cnppm_head", south)]);
    world.account(7, "operator", None, &[("operator", north)]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!(
        "UPDATE account SET password_hash = '{hash}'; UPDATE person SET birth_date = '1980-05-04' WHERE id = 1001; \
         UPDATE employment SET education = 'высшее', category = 'первая' WHERE person_id = 1001"
    ));
    draft(v, "Д1", "2023-02-10", &[]);
    acts(
        v,
        &[
            "assign,,2023-02-11,staff,curator,",
            "assign,,2023-02-11,staff,tutor,",
            "send,,2023-02-11,staff,,",
            "agree,,2023-02-12,teacher,,",
            "approve,,2023-02-13,head,,",
            "start,,2023-02-14,curator,,",
        ],
    );
    number(v, "SELECT id AS n FROM iom WHERE person_id = 1001")
}

/// What the plan went through after it was begun.
pub fn go_on(v: &Vekha) {
    acts(
        v,
        &[
            "extend,,2023-03-01,curator,2025-02-10,Болезнь методиста",
            "acquaint,,2023-03-02,teacher,2,",
            "cancel,3,2023-03-03,curator,,Шаг не нужен",
            "submit,2,2023-03-04,teacher,,Провела & записала «урок»",
            "accept,2,2023-03-05,tutor,,",
            "outcome,,2023-06-02,curator,К1:closed,",
        ],
    );
}

pub fn acts(v: &Vekha, rows: &[&str]) {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for row in rows {
        file.push_str(&format!("{},{row}\n", snils(1)));
    }
    let path = v.file("acts.csv", file);
    let _done = v.run(&["iom", "apply", text(&path)]).ok();
}

/// The value of the first field of a name.
#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

/// Names who signs from a day on.
pub fn sign(visitor: &mut Visitor, place: &str, post: &str, name: &str, from: &str) -> Page {
    let page = visitor.get("/signers");
    let fields = [
        ("act", "signer"),
        ("seen", &field(&page, "seen")),
        ("key", &field(&page, "key")),
        ("place", place),
        ("post", post),
        ("name", name),
        ("from", from),
    ];
    visitor.send(&page, "/signers", &fields)
}

/// The parts of a DOCX by name.
pub fn parts(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut found = std::collections::BTreeMap::new();
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).expect("a part");
        let mut text = String::new();
        part.read_to_string(&mut text).expect("text");
        let name = part.name().expect("a name").into_owned();
        found.insert(name, text);
    }
    found
}

pub fn opened(v: &Vekha) -> i64 {
    number(
        v,
        "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_plan' AND person_id = 1001",
    )
}

on_both! {
    fn the_papers_of_a_plan_are_their_golden_texts(v: &Vekha) {
        let _plan = world(v);
        go_on(v);
        {
            let server = Server::start(v);
            let mut head = server.signed_in("head", PASSWORD);
            assert_eq!(sign(&mut head, "approves", "Директор ЦНППМ", "А. Б. Первая", "01.01.2023").status, 303);
            assert_eq!(sign(&mut head, "approves", "Директор ЦНППМ", "В. Г. Вторая", "04.03.2023").status, 303);
        }
        let mut differ = Vec::new();
        let own = snils(1);
        for paper in PAPERS {
            let mut arguments = vec!["iom", "paper", "--document", paper];
            // One copy with scores, the others without.
            if paper == "summary" {
                arguments.push("--scores");
            }
            arguments.push(&own);
            let told = v.run(&arguments).ok().out;
            let path = format!("tests/it/golden/{paper}.txt");
            if std::env::var_os("VEKHA_GOLDEN_WRITE").is_some() {
                std::fs::write(&path, &told).expect("written");
            }
            let golden = std::fs::read_to_string(&path).expect("a golden text");
            if told != golden {
                differ.push(format!("{path}:\n{told}"));
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_plans'"), 4);
        let none = v.run(&["iom", "paper", &snils(1), "--document", "other"]).failed();
        assert!(none.err.contains("plan, correction, report, summary"), "{}", none.err);
        let nobody = v.run(&["iom", "paper", &snils(9)]).failed();
        assert!(nobody.err.contains("не найдено"), "{}", nobody.err);
    }

    fn a_docx_has_headings_header_rows_and_a_language(v: &Vekha) {
        let plan = world(v);
        go_on(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        for paper in PAPERS {
            let path = format!("/plans/{plan}/paper?document={paper}");
            let page = staff.get(&path);
            assert_eq!(page.status, 200, "{}", page.body);
            let file = staff.get(&format!("{path}&format=docx"));
            assert!(file.header("content-type").contains("wordprocessingml"), "{}", file.header("content-type"));
            assert!(file.header("content-disposition").starts_with("attachment"));
            assert_eq!(staff.get(&format!("{path}&format=docx")).bytes, file.bytes, "the same bytes at any moment");
            let on_disk = v.path("paper.docx");
            let _written = v.run(&["iom", "paper", &snils(1), "--document", paper, "--out", text(&on_disk)]).ok();
            assert_eq!(std::fs::read(&on_disk).expect("the file"), file.bytes, "the command writes the same");
            // A second reader finds it whole: each part is XML, the parts that must be there are.
            let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
            let script = "import sys, zipfile, xml.dom.minidom as m\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n[m.parseString(z.read(n)) for n in z.namelist()]\nprint(len(z.namelist()))";
            let read = Command::new(python).arg("-c").arg(script).arg(&on_disk).output().expect("python");
            assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
            let parts = parts(&file.bytes);
            let body = &parts["word/document.xml"];
            let tables: Vec<&str> = body.split("<w:tbl>").skip(1).collect();
            let with_heads = tables.iter().filter(|t| t.contains("w:val=\"TableGrid\""));
            assert!(with_heads.clone().count() >= 1, "{paper}: a table");
            for table in with_heads {
                let first = table.split("<w:tr>").nth(1).expect("a row");
                assert!(first.contains("<w:tblHeader/>") && table.contains("<w:tblCaption "), "{paper}: {table}");
                assert_eq!(table.matches("<w:tblHeader/>").count(), 1, "{paper}");
            }
            let headings = body.matches("w:val=\"Heading1\"").count();
            assert_eq!(headings, page.body.matches("<h2>").count() - page.body.matches("<h2>Электронная подпись").count(), "{paper}");
            assert!(headings >= 2 || paper == "correction", "{paper}: {headings}");
            let styles = &parts["word/styles.xml"];
            assert!(styles.contains("<w:lang w:val=\"ru-RU\"") && styles.contains("<w:name w:val=\"heading 1\"/>"));
            let core = &parts["docProps/core.xml"];
            assert!(core.contains("<dc:language>ru-RU</dc:language>") && !core.contains("<dc:title></dc:title>"), "{core}");
            let footer = &parts["word/footer.xml"];
            assert!(footer.contains("редакция № 3") && footer.contains("SHA-256: ") && footer.contains("NUMPAGES"), "{footer}");
        }
        let report = staff.get(&format!("/plans/{plan}/paper?document=report&format=docx"));
        assert!(parts(&report.bytes)["word/document.xml"].contains("Провела &amp; записала «урок»"));
        for wrong in ["?document=other", "?format=odt", "?format=signed&of=1"] {
            assert_eq!(staff.get(&format!("/plans/{plan}/paper{wrong}")).status, 404, "{wrong}");
        }
    }

    fn a_copy_for_the_school_has_no_score(v: &Vekha) {
        let plan = world(v);
        go_on(v);
        let server = Server::start(v);
        let own = "/plan/paper".to_owned();
        let (supported, all) = (format!("/people/{plan}/paper"), format!("/plans/{plan}/paper"));
        let score = |page: &Page| page.body.contains("12,5 из 100") || page.body.contains("95 из 100");
        for document in ["plan", "summary"] {
            for (login, base, told) in [("teacher", &own, true), ("tutor", &supported, true), ("staff", &all, false), ("head", &all, false)] {
                let mut visitor = server.signed_in(login, PASSWORD);
                let page = visitor.get(&format!("{base}?document={document}"));
                assert_eq!((page.status, score(&page)), (200, told), "{login} {document}: {}", page.body);
                let bare = visitor.get(&format!("{base}?document={document}&copy=school"));
                assert!(bare.status == 200 && !score(&bare) && bare.body.contains("Компетенция К3"), "{login}: {}", bare.body);
                let file = visitor.get(&format!("{base}?document={document}&copy=school&format=docx"));
                assert!(!parts(&file.bytes)["word/document.xml"].contains(" из 100"), "{login}");
                let file = visitor.get(&format!("{base}?document={document}&format=docx"));
                assert_eq!(parts(&file.bytes)["word/document.xml"].contains(" из 100"), told, "{login}");
            }
        }
    }

    fn a_report_names_files_to_whoever_may_open_them(v: &Vekha) {
        let plan = world(v);
        go_on(v);
        v.sql(
            "INSERT INTO iom_evidence (id, region_id, iom_id, item_id, act_id, person_id, file_name, media, size, digest, \
             stored_as, recorded_at) SELECT 1, region_id, iom_id, item_id, id, 1001, 'справка.pdf', 'pdf', 1, '1', '1', \
             recorded_at FROM iom_act WHERE act = 'submit'",
        );
        let server = Server::start(v);
        let path = format!("/plans/{plan}/paper?document=report");
        for (login, named) in [("staff", true), ("operator", false)] {
            let mut visitor = server.signed_in(login, PASSWORD);
            let page = visitor.get(&path);
            assert_eq!((page.status, page.body.contains("справка.pdf")), (200, named), "{login}: {}", page.body);
            assert!(page.body.contains("отправлено 04.03.2023"), "{login}: {}", page.body);
            let file = visitor.get(&format!("{path}&format=docx"));
            assert_eq!(parts(&file.bytes)["word/document.xml"].contains("справка.pdf"), named, "{login}");
        }
    }

    fn a_paper_says_each_name_in_one_way_and_no_word_twice(v: &Vekha) {
        let plan = world(v);
        v.sql(
            "UPDATE account SET name = 'Светлана Петровна Горшкова' WHERE login = 'curator'; \
             UPDATE account SET name = 'Ольга Ким' WHERE login = 'tutor'",
        );
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/plans/{plan}/paper");
        let empty = staff.get(&format!("{path}?document=correction")).body;
        let headed = empty.contains("<h2>1. Изменения маршрута</h2>") && empty.contains("Маршрут после утверждения не менялся.");
        assert!(headed, "{empty}");
        go_on(v);
        let (of_plan, sheet) = (staff.get(&path).body, staff.get(&format!("{path}?document=correction")).body);
        for page in [&of_plan, &sheet] {
            assert!(page.contains("С.\u{a0}П.\u{a0}Горшкова") && !page.contains("Светлана"), "named in two ways: {page}");
            assert!(page.contains("</span></span> Фамилия1 Имя</p>"), "the teacher signs in full: {page}");
        }
        assert!(of_plan.contains("зачтён, 05.03.2023, О.\u{a0}Ким"), "named in two ways: {of_plan}");
        let read = server.signed_in("teacher", PASSWORD).get("/plan/revisions").body;
        for why in ["Болезнь методиста (продление срока)", "Шаг не нужен (отмена шага)"] {
            assert!(sheet.contains(why) && read.contains(why), "its kind stands before it: {sheet}");
        }
        // The number of a plan says «ИОМ» itself.
        for (document, before) in [("plan", "''"), ("report", "%20")] {
            let file = staff.get(&format!("{path}?document={document}&format=docx"));
            let name = file.header("content-disposition");
            assert!(name.ends_with(&format!("{before}%D0%98%D0%9E%D0%9C-%D0%941-1.docx")), "named twice: {name}");
        }
        // The other region's papers are its own.
        assert_eq!(server.signed_in("head-south", PASSWORD).get(&path).status, 404);
    }

    fn a_paper_opened_is_a_row_of_the_journal(v: &Vekha) {
        let plan = world(v);
        let server = Server::start(v);
        let path = format!("/plans/{plan}/paper");
        let mut staff = server.signed_in("staff", PASSWORD);
        let before = opened(v);
        assert_eq!(staff.get(&path).status, 200);
        assert_eq!(opened(v), before + 1);
        assert_eq!(staff.get(&format!("{path}?format=docx")).status, 200);
        assert_eq!(opened(v), before + 2);
        assert_eq!(server.signed_in("tutor", PASSWORD).get(&format!("/people/{plan}/paper")).status, 200);
        assert_eq!(opened(v), before + 3);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert!(teacher.get("/plan").body.contains("href=\"/plan/paper\""));
        assert_eq!((teacher.get("/plan/paper").status, teacher.get(&path).status), (200, 403));
        let mut south = server.signed_in("head-south", PASSWORD);
        let (theirs, missing) = (south.get(&path), south.get("/plans/7/paper"));
        assert_eq!((theirs.status, theirs.body), (404, missing.body));
        let page = south.get("/plans");
        let sent = south.send_file(&page, &format!("/plans/{plan}/signature"), &[("document", "plan")], None);
        assert_eq!(sent.status, 404);
        assert_eq!(opened(v), before + 3, "the own paper and a hidden one leave none");
    }

    fn who_signs_holds_from_a_day_on_and_blocks_are_chosen(v: &Vekha) {
        let plan = world(v);
        let server = Server::start(v);
        let mut head = server.signed_in("head", PASSWORD);
        let path = format!("/plans/{plan}/paper");
        // Until somebody is named the curator agrees, and the line of the head is left for a pen.
        let bare = head.get(&path).body;
        assert!(bare.contains("УТВЕРЖДАЮ") && bare.contains("<p>Куратор</p>") && !bare.contains("Первая"), "{bare}");
        assert!(!bare.contains("04.05.1980") && bare.contains("первая"), "the date of birth is left out");
        let wrong = sign(&mut head, "approves", "Директор ЦНППМ", "", "когда-нибудь");
        assert!(wrong.status == 422 && wrong.body.contains("Напишите имя") && wrong.body.contains("когда-нибудь"), "{}", wrong.body);
        let stale = head.get("/signers");
        assert_eq!(sign(&mut head, "approves", "Директор ЦНППМ", "А. Б. Первая", "01.01.2023").status, 303);
        // The revision is of 13 February: whoever comes later does not sign it.
        assert_eq!(sign(&mut head, "approves", "Директор ЦНППМ", "В. Г. Вторая", "14.02.2023").status, 303);
        assert_eq!(sign(&mut head, "agrees", "Методист", "Д. Е. Третья", "01.02.2023").status, 303);
        let signed = head.get(&path).body;
        assert!(signed.contains("А. Б. Первая") && signed.contains("Д. Е. Третья") && !signed.contains("Вторая"), "{signed}");
        acts(v, &["extend,,2023-03-01,curator,2025-02-10,Болезнь методиста"]);
        let later = head.get(&path).body;
        assert!(later.contains("В. Г. Вторая") && !later.contains("Первая"), "{later}");
        // A form of before is told so.
        let fields = [
            ("act", "signer"), ("seen", &field(&stale, "seen")), ("key", &field(&stale, "key")), ("place", "approves"),
            ("post", "Директор"), ("name", "Ж. З. Чужая"), ("from", "01.01.2023"),
        ];
        let late = head.send(&stale, "/signers", &fields);
        assert!(late.status == 409 && late.body.contains("Ваше не записано") && late.body.contains("Ж. З. Чужая"), "{}", late.body);
        let standing = "SELECT count(*) AS n FROM signer WHERE superseded_at IS NULL";
        assert_eq!(number(v, standing), 3);
        // The same day again replaces what was said of it; an empty name leaves the line for a pen.
        assert_eq!(sign(&mut head, "approves", "", "", "14.02.2023").status, 303);
        assert_eq!(number(v, standing), 3);
        assert!(!head.get(&path).body.contains("Вторая"));
        let page = head.get("/signers");
        let seen = page.body.split("value=\"blocks\"").nth(1).and_then(|rest| rest.split("name=\"seen\" value=\"").nth(1));
        let seen = seen.and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let chosen = [("act", "blocks"), ("seen", seen.as_str()), ("block", "birth_date"), ("block", "diagnosis")];
        assert_eq!(head.send(&page, "/signers", &chosen).status, 303);
        let after = head.get(&path).body;
        assert!(after.contains("04.05.1980") && after.contains("2. Результаты диагностики"), "{after}");
        for gone in ["УТВЕРЖДАЮ", "Индивидуальный запрос", "Отметка о выполнении", "первая", "Педагогический стаж"] {
            assert!(!after.contains(gone), "{gone}: {after}");
        }
        let late = head.send(&page, "/signers", &[("act", "blocks"), ("seen", &seen), ("block", "head")]);
        assert!(late.status == 409 && late.body.contains("Ваше не записано"), "{}", late.body);
        // What one region prints is nothing to the other, and the staff does not choose it.
        assert!(!server.signed_in("head-south", PASSWORD).get("/signers").body.contains("Первая"));
        assert_eq!(server.signed_in("staff", PASSWORD).get("/signers").status, 403);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.paper_signer'"), 4);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.paper_blocks'"), 1);
    }

    fn a_signature_is_kept_with_the_digest_of_what_was_signed(v: &Vekha) {
        let plan = world(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let (path, to) = (format!("/plans/{plan}/paper"), format!("/plans/{plan}/signature"));
        let page = staff.get(&path);
        let digest = field(&page, "digest");
        assert!(page.body.contains(&format!("SHA-256: {digest}")), "the page says what is signed");
        let document = staff.get(&format!("{path}?format=docx")).bytes;
        assert!(parts(&document)["word/footer.xml"].contains(&digest), "and so does the file");
        let fields = [("document", "plan"), ("digest", &digest), ("signer", "А. Б. Первая"), ("signed_on", "01.03.2023")];
        let big = [SIGNATURE, &vec![0_u8; 65 * 1024]].concat();
        for (name, bytes, said) in [
            ("скан.pdf", &b"%PDF-1.7"[..], ".sig или .p7s"),
            ("пусто.sig", b"", "Выберите файл подписи"),
            ("большая.sig", &big, ".sig или .p7s"),
        ] {
            let answer = staff.send_file(&page, &to, &fields, Some((name, bytes)));
            assert!(answer.status == 422 && answer.body.contains(said), "{name}: {}", answer.body);
            assert!(answer.body.contains("value=\"А. Б. Первая\""), "what was typed stays");
        }
        let unnamed = staff.send_file(&page, &to, &[("document", "plan"), ("digest", &digest)], Some(("ИОМ.sig", SIGNATURE)));
        assert!(unnamed.status == 422 && unnamed.body.contains("Кто подписал"), "{}", unnamed.body);
        let kept = || number(v, "SELECT count(*) AS n FROM signature_file");
        let files = || std::fs::read_dir(v.data().join("files/signatures")).map_or(0, Iterator::count);
        assert_eq!((kept(), files()), (0, 0));
        for _ in 0..2 {
            let done = staff.send_file(&page, &to, &fields, Some(("ИОМ.sig", SIGNATURE)));
            assert_eq!(done.status, 303, "{}", done.body);
            assert_eq!((kept(), files()), (1, 2), "the same file twice is one signature");
        }
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM signature_file WHERE body_digest = '{digest}' AND revision = 1")), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.signature' AND person_id = 1001"), 1);
        // A detached signature is of one text: under another paper or name it is a mistake, and that is said.
        let other = staff.get(&format!("{path}?document=report"));
        let of_other = field(&other, "digest");
        for (document, digest, signer, says) in [
            ("report", &of_other, "А. Б. Первая", "Этот файл уже записан"),
            ("plan", &digest, "В. Г. Вторая", "Эта подпись уже записана"),
        ] {
            let fields = [("document", document), ("digest", digest), ("signer", signer), ("signed_on", "01.03.2023")];
            let known = staff.send_file(&other, &to, &fields, Some(("ИОМ.sig", SIGNATURE)));
            let says = [says, "подписал А. Б. Первая"];
            assert!(known.status == 422 && says.iter().all(|s| known.body.contains(s)), "{document} {signer}: signed twice {}", known.body);
            assert_eq!((kept(), files()), (1, 2));
        }
        // The plan goes on: what was signed stays as it was, and a form of before is refused.
        go_on(v);
        let other = [SIGNATURE, &b"1"[..]].concat();
        let late = staff.send_file(&page, &to, &fields, Some(("другая.sig", other.as_slice())));
        assert!(late.status == 422 && late.body.contains("с тех пор изменился"), "{}", late.body);
        assert_eq!((kept(), files()), (1, 2));
        let now = staff.get(&path);
        assert!(field(&now, "digest") != digest && now.body.contains("А. Б. Первая"), "{}", now.body);
        let plain = now.body.replace("&#x3D;", "=").replace("&amp;", "&");
        let of = |format: &str| {
            let link = plain.split("href=\"").find(|rest| rest.contains(&format!("&format={format}&of=")));
            link.and_then(|rest| rest.split('"').next()).expect("a link").to_owned()
        };
        assert_eq!(staff.get(&of("signature")).bytes, SIGNATURE);
        assert_eq!(staff.get(&of("signed")).bytes, document, "the file that was signed");
        assert_ne!(staff.get(&format!("{path}?format=docx")).bytes, document);
        let mut south = server.signed_in("head-south", PASSWORD);
        assert_eq!(south.get(&of("signature")).status, 404);
        assert!(!server.signed_in("tutor", PASSWORD).get(&format!("/people/{plan}/paper")).body.contains("Электронная подпись"));
        // `check` names what is not the same any more.
        assert!(v.run(&["check"]).ok().out.contains("подписи документов — 1"));
        let folder = std::fs::read_dir(v.data().join("files/signatures")).expect("the folder");
        for entry in folder {
            std::fs::write(entry.expect("an entry").path(), "другое").expect("written");
        }
        assert_eq!(v.run(&["check"]).failed().out.matches("файл не тот, что был принят").count(), 2);
        assert_eq!(staff.get(&of("signed")).status, 500);
    }
}
