//! Many marks at once: steps of «На проверке» ticked together, and a printed sheet whose codes are typed back. Two
//! regions; what somebody has changed meanwhile is never written over.

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, json, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// So many teachers of the north and one of the south (the 99th); each has handed a step in on 1 March 2023. The tutor
/// accompanies all of the north, another one nobody, the tutor of the south the south.
fn world(v: &Vekha, teachers: i64) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let people: Vec<(i64, i64)> = (1..=teachers).map(|n| (n, NORTH)).chain([(99, SOUTH)]).collect();
    for (n, region) in &people {
        let id = 1000 + n;
        world.teacher(id, *n, *region, 2);
        world.passage(id, *region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
        world.account(id, &format!("teacher-{n}"), Some(id), &[("teacher", unit(*region, 2))]);
    }
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, role, over) in [
        (1, "curator", "curator", north),
        (2, "head", "cnppm_head", north),
        (3, "tutor", "tutor", north),
        (4, "tutor-2", "tutor", north),
        (5, "curator-south", "curator", south),
        (6, "head-south", "cnppm_head", south),
        (7, "tutor-south", "tutor", south),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (n, region) in &people {
        let south = if *region == SOUTH { "-south" } else { "" };
        let (teacher, item) = (format!("teacher-{n}"), step(v, *n));
        for (act, item, day, by, value) in [
            ("send", "", "02-12", format!("curator{south}"), String::new()),
            ("agree", "", "02-13", teacher.clone(), String::new()),
            ("approve", "", "02-14", format!("head{south}"), String::new()),
            ("start", "", "02-15", format!("curator{south}"), String::new()),
            ("assign", "", "02-15", format!("head{south}"), format!("tutor{south}")),
            ("submit", item.as_str(), "03-01", teacher.clone(), String::new()),
        ] {
            acts.push_str(&format!("{},{act},{item},2023-{day},{by},{value},\n", snils(*n)));
        }
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// Number of the first step of a person's plan that is no course.
fn step(v: &Vekha, n: i64) -> String {
    number(
        v,
        &format!(
            "SELECT CAST(min(iom_item.number) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id WHERE \
             iom.person_id = {} AND iom_item.programme_id IS NULL",
            1000 + n
        ),
    )
    .to_string()
}

fn plan_of(v: &Vekha, n: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {}", 1000 + n))
}

fn acts(v: &Vekha, act: &str) -> i64 {
    number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE act = '{act}'"))
}

/// The value of the first field of a name.
#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let Some((_, rest)) = page.body.split_once(&format!("name=\"{name}\" value=\"")) else {
        unreachable!("no {name}: {}", page.body);
    };
    rest.split('"').next().expect("its end").to_owned()
}

/// The values of all boxes of a name.
fn boxes(page: &Page, name: &str) -> Vec<String> {
    let start = format!("name=\"{name}\" value=\"");
    let parts = page.body.split(start.as_str()).skip(1);
    parts
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Makes a sheet; its address and the codes on it.
#[track_caller]
fn printed(tutor: &mut Visitor) -> (String, Vec<String>) {
    let page = tutor.get("/sheets");
    let made = tutor.send(&page, "/sheets", &[("key", &field(&page, "key"))]);
    assert_eq!(made.status, 303, "{}", made.body);
    let to = made.header("location").to_owned();
    let sheet = tutor.get(&to);
    assert_eq!(sheet.status, 200, "{}", sheet.body);
    let codes = sheet.body.split("class=\"key text-nowrap\">").skip(1);
    let codes = codes.filter_map(|rest| rest.split('<').next()).map(str::to_owned);
    (to, codes.collect())
}

/// The code of a person's row on the sheet that was made last.
fn code_of(v: &Vekha, n: i64) -> String {
    let query = format!(
        "SELECT code FROM mark_row WHERE iom_id = {} ORDER BY id DESC LIMIT 1",
        plan_of(v, n)
    );
    v.query(&query).remove(0)
}

#[track_caller]
fn typed(tutor: &mut Visitor, sheet: &str, on: &str, accepted: &str, returned: &str) -> Page {
    let page = tutor.get(&format!("{sheet}/back"));
    let fields = [("on", on), ("accepted", accepted), ("returned", returned)];
    tutor.send(&page, &format!("{sheet}/back"), &fields)
}

/// The teacher takes the step back and, if asked, hands it in again.
fn taken_back(v: &Vekha, server: &Server, n: i64, again: bool) {
    let mut teacher = server.signed_in(&format!("teacher-{n}"), PASSWORD);
    let item = step(v, n);
    for act in ["withdraw", "submit"].into_iter().take(if again { 2 } else { 1 }) {
        let page = teacher.get("/plan");
        let sent = teacher.send(&page, "/plan/act", &[("act", act), ("item", &item)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
    }
}

on_both! {
    fn of_thirty_marks_made_offline_twenty_nine_are_saved_and_one_is_asked(v: &Vekha) {
        let server = world(v, 30);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, codes) = printed(&mut tutor);
        assert_eq!(codes.len(), 30);
        let page = tutor.get(&sheet);
        assert!(page.body.contains("Ведомость № В-1") && page.body.contains("01.03.2023"), "{}", page.body);
        assert!(!page.body.contains("Фамилия99"), "nobody of the other region: {}", page.body);
        // Meanwhile one teacher has taken the step back and handed it in anew.
        taken_back(v, &server, 7, true);
        let changed = code_of(v, 7);
        let others: Vec<String> = codes.iter().filter(|c| c.replace('-', "") != changed).cloned().collect();
        // Typed as people type: in the other layout, without dashes, several on a line.
        let cyrillic = others[0].to_lowercase().replace('a', "а").replace('c', "с").replace('e', "е").replace('x', "х").replace('3', "з");
        let accepted = format!("{cyrillic}\n{}, {}\n{}\n{changed}", others[1].replace('-', ""), others[2], others[3..19].join(" "));
        let returned: Vec<String> = others[19..].iter().map(|code| format!("{code} нет подписи")).collect();
        let sent = typed(&mut tutor, &sheet, "05.03.2023", &accepted, &returned.join("\n"));
        assert_eq!(sent.status, 303, "{}", sent.body);
        let on = |act: &str| number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE act = '{act}' AND on_date = '2023-03-05'"));
        assert_eq!((on("accept"), on("return")), (19, 10));
        assert_eq!((acts(v, "accept"), acts(v, "return")), (19, 10));
        assert_eq!(v.query("SELECT DISTINCT reason FROM iom_act WHERE act = 'return'"), ["нет подписи"]);
        let page = tutor.get(sent.header("location"));
        assert!(page.body.contains("Записано 29 из 30, не записано 1, без отметки 0."), "{}", page.body);
        assert!(page.body.contains("Записано: 29\u{a0}отметок") && page.body.contains("решите сами"), "{}", page.body);
        assert!(page.body.contains("Отправлено на проверку") && page.body.contains("Фамилия7\u{a0}"), "says who has changed what: {}", page.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.read_sheet' AND detail = 'objects=29 refused=1'"), 1);
        // The tutor looks and decides.
        let fields = [
            ("plan", field(&page, "plan")), ("item", field(&page, "item")), ("seen", field(&page, "seen")), ("act", "accept".to_owned()),
        ];
        assert_eq!(fields[0].1, plan_of(v, 7).to_string());
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let decided = tutor.send(&page, "/review", &fields);
        assert_eq!((decided.status, acts(v, "accept")), (303, 20), "{}", decided.body);
        let page = tutor.get(&format!("{sheet}/back")).body;
        assert!(page.contains("Сейчас шаг: зачтён") && page.contains("Записано 30 из 30, не записано 0"), "a decided mark is still asked: {page}");
        assert!(!page.contains("решите сами"), "a decided mark is still asked: {page}");
        let paper = tutor.get(&sheet).body;
        assert!(!paper.contains("впишите от руки"), "a line to write on beside what is decided: {paper}");
        let _sound = v.run(&["check"]).ok();
    }

    fn several_steps_of_a_plan_on_one_sheet_are_one_notice(v: &Vekha) {
        let server = world(v, 2);
        let plan = plan_of(v, 1);
        // Both steps of the first plan may be handed in.
        v.sql(&format!("UPDATE iom_item SET programme_id = NULL WHERE iom_id = {plan}"));
        let waits = "SELECT CAST(number AS TEXT) FROM iom_item WHERE state <> 'submitted' AND iom_id";
        let rest = v.query(&format!("{waits} = {plan} ORDER BY number"));
        let rows: Vec<String> = rest.iter().map(|item| format!("{},submit,{item},2023-03-01,teacher-1,,\n", snils(1))).collect();
        let file = v.file("more.csv", format!("snils,act,item,date,by,value,reason\n{}", rows.concat()));
        let _done = v.run(&["iom", "apply", text(&file)]).ok();
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, codes) = printed(&mut tutor);
        assert_eq!(codes.len(), rest.len() + 2, "{codes:?}");
        let sent = typed(&mut tutor, &sheet, "05.03.2023", &codes.join("\n"), "");
        assert_eq!(sent.status, 303, "{}", sent.body);
        let items = v.query(&format!("SELECT CAST(number AS TEXT) FROM iom_item WHERE iom_id = {plan} ORDER BY number"));
        assert_eq!(acts(v, "accept"), i64::try_from(items.len() + 1).expect("a count"));
        let of = "FROM notice WHERE kind = 'iom_progress' AND body LIKE '%зачт%'";
        assert_eq!(number(v, &format!("SELECT count(*) AS n {of}")), 2, "one of each plan");
        let (last, first) = items.split_last().expect("a step");
        let words = format!("шаги {} и {last} зачтены", first.join(", "));
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let list = teacher.get("/notices");
        assert!(list.body.contains(&words), "{words}: {}", list.body);
        let list = server.signed_in("teacher-2", PASSWORD).get("/notices");
        assert!(list.body.contains(&format!("шаг {} зачтён", step(v, 2))), "{}", list.body);
        assert!(!server.signed_in("teacher-99", PASSWORD).get("/notices").body.contains("зачт"), "nobody of the other region");
    }

    fn a_code_of_another_sheet_or_with_a_wrong_sign_marks_nothing(v: &Vekha) {
        let server = world(v, 2);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (_, first) = printed(&mut tutor);
        let (sheet, second) = printed(&mut tutor);
        assert!(first.iter().all(|code| !second.contains(code)), "each sheet has codes of its own");
        let other = if second[1].ends_with('2') { '3' } else { '2' };
        let wrong = format!("{}{other}", &second[1][..second[1].len() - 1]);
        for (accepted, returned, said) in [
            (format!("{} {}", second[0], first[1]), String::new(), "из ведомости № В-1"),
            (format!("{} {wrong}", second[0]), String::new(), "сверьте знаки"),
            (second[0].clone(), format!("{} доработать", second[0]), "дважды с разными отметками"),
            (second[0].clone(), second[1].clone(), "напишите, что доработать"),
            (String::new(), String::new(), "Введите хотя бы один код"),
        ] {
            let sent = typed(&mut tutor, &sheet, "05.03.2023", &accepted, &returned);
            assert_eq!(sent.status, 422, "{accepted} {returned}");
            assert!(sent.body.contains(said), "{said}: {}", sent.body);
            assert!(accepted.is_empty() || sent.body.contains(&format!(">{accepted}<")), "what was typed stays: {}", sent.body);
        }
        for (on, said) in [("05.03.2099", "ещё не наступила"), ("вчера", "Впишите день")] {
            let sent = typed(&mut tutor, &sheet, on, &second[0], "");
            assert!(sent.status == 422 && sent.body.contains(said), "{}", sent.body);
        }
        assert_eq!((acts(v, "accept"), acts(v, "return")), (0, 0));
        assert_eq!(number(v, "SELECT count(*) AS n FROM mark_row WHERE outcome IS NOT NULL"), 0);
    }

    fn a_sheet_sent_twice_marks_once(v: &Vekha) {
        let server = world(v, 3);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        // The form that makes a sheet makes one.
        let page = tutor.get("/sheets");
        let key = field(&page, "key");
        let made: Vec<String> = (0..2)
            .map(|_| tutor.send(&page, "/sheets", &[("key", &key)]).header("location").to_owned())
            .collect();
        assert_eq!((made[0] == made[1], number(v, "SELECT count(*) AS n FROM mark_sheet")), (true, 1));
        // The key of a form is the sender's own: the same one of somebody else is another form.
        let mut other = server.signed_in("tutor-south", PASSWORD);
        let theirs = other.get("/sheets");
        assert_eq!(other.send(&theirs, "/sheets", &[("key", &key)]).status, 303);
        let sheet = made[0].clone();
        let codes: Vec<String> = (1..=3).map(|n| code_of(v, n)).collect();
        // Two at once, and one after them.
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let one = |_| {
                let (mut tutor, sheet, codes) = (tutor.clone(), &sheet, &codes);
                scope.spawn(move || typed(&mut tutor, sheet, "05.03.2023", &codes[..2].join("\n"), "").status)
            };
            let asked: Vec<_> = (0..2).map(one).collect();
            asked.into_iter().map(|a| a.join().expect("an answer")).collect()
        });
        assert_eq!(answers, [303, 303]);
        let again = typed(&mut tutor, &sheet, "05.03.2023", &codes[..2].join("\n"), "");
        assert_eq!((again.status, acts(v, "accept")), (303, 2));
        let page = tutor.get(again.header("location"));
        assert!(page.body.contains("Новых отметок нет") && page.body.contains("Записано 2 из 3, не записано 0, без отметки 1."), "{}", page.body);
        // Another mark for the same row is no second mark.
        let other = typed(&mut tutor, &sheet, "06.03.2023", "", &format!("{} передумали", codes[0]));
        assert!(other.status == 422 && other.body.contains("уже записано: зачтено"), "{}", other.body);
        assert_eq!(acts(v, "return"), 0);
    }

    fn a_mark_dated_before_the_step_was_sent_is_asked_and_may_be_typed_again(v: &Vekha) {
        let server = world(v, 1);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, codes) = printed(&mut tutor);
        let early = typed(&mut tutor, &sheet, "20.02.2023", &codes[0], "");
        let page = tutor.get(early.header("location"));
        assert!(page.body.contains("днём не раньше 01.03.2023"), "{}", page.body);
        assert_eq!(acts(v, "accept"), 0);
        let right = typed(&mut tutor, &sheet, "01.03.2023", &codes[0], "");
        let page = tutor.get(right.header("location"));
        assert!(page.body.contains("Записано 1 из 1") && acts(v, "accept") == 1, "{}", page.body);
    }

    fn a_sheet_of_another_is_as_missing(v: &Vekha) {
        let server = world(v, 2);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, codes) = printed(&mut tutor);
        let same = |page: &Page| (page.status, page.body.clone());
        for login in ["tutor-2", "tutor-south", "curator"] {
            let mut other = server.signed_in(login, PASSWORD);
            for path in ["", "/back"] {
                let (theirs, nowhere) = (other.get(&format!("{sheet}{path}")), other.get(&format!("/sheets/7{path}")));
                assert_eq!((theirs.status, same(&theirs)), (404, same(&nowhere)), "{login} {path}");
            }
            let page = other.get("/sheets");
            assert!(!page.body.contains("В-1"), "{}", page.body);
            let fields = [("on", "05.03.2023"), ("accepted", codes[0].as_str()), ("returned", "")];
            assert_eq!(other.send(&page, &format!("{sheet}/back"), &fields).status, 404);
            let bytes = format!("code,mark,date\n{},accept,2023-03-05\n", codes[0]);
            assert_eq!(other.send_file(&page, &format!("{sheet}/file"), &[], Some(("m.csv", bytes.as_bytes()))).status, 404);
        }
        // A code of another one's sheet is no code at all.
        let mut south = server.signed_in("tutor-south", PASSWORD);
        let (own, _) = printed(&mut south);
        assert!(tutor.get("/sheets").body.contains("№ В-1") && south.get(&own).body.contains("№ В-1"), "numbers are counted in each region");
        let sent = typed(&mut south, &own, "05.03.2023", &codes[0], "");
        assert!(sent.status == 422 && sent.body.contains("в ваших ведомостях нет"), "{}", sent.body);
        assert_eq!(acts(v, "accept"), 0);
        // Whoever has nothing to review is told so.
        let mut idle = server.signed_in("tutor-2", PASSWORD);
        let page = idle.get("/sheets");
        let none = idle.send(&page, "/sheets", &[("key", &field(&page, "key"))]);
        assert!(none.status == 422 && none.body.contains("На проверке ничего нет"), "{}", none.body);
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        assert_eq!((teacher.get("/sheets").status, teacher.get(&sheet).status), (403, 403));
    }

    fn a_plan_handed_over_meanwhile_is_not_marked(v: &Vekha) {
        let server = world(v, 2);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, _) = printed(&mut tutor);
        v.sql(&format!("UPDATE supporter SET valid_to = '2023-04-01' WHERE account_id = 3 AND iom_id = {}", plan_of(v, 1)));
        let codes = format!("{}\n{}", code_of(v, 1), code_of(v, 2));
        // On that day the plan was still accompanied: it is the day of typing that counts.
        let sent = typed(&mut tutor, &sheet, "05.03.2023", &codes, "");
        assert_eq!((sent.status, acts(v, "accept")), (303, 1), "{}", sent.body);
        let page = tutor.get(sent.header("location"));
        assert!(page.body.contains("сопровождает другой") && !page.body.contains("Фамилия1"), "{}", page.body);
        assert!(!tutor.get(&sheet).body.contains("Фамилия1") && tutor.get(&sheet).body.contains("Фамилия2"));
    }

    fn a_file_of_marks_does_what_typing_does(v: &Vekha) {
        let server = world(v, 4);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (sheet, _) = printed(&mut tutor);
        taken_back(v, &server, 3, true);
        let page = tutor.get(&format!("{sheet}/back"));
        let bring = |tutor: &mut Visitor, file: &str| tutor.send_file(&page, &format!("{sheet}/file"), &[], Some(("отметки.csv", file.as_bytes())));
        let wrong = format!("код;отметка;дата\r\n{};зачесть;05.03.2023\r\n\r\n{};потом;05.03.2023\r\n", code_of(v, 1), code_of(v, 2));
        let wrong = bring(&mut tutor, &wrong);
        assert!(wrong.status == 422 && acts(v, "accept") == 0, "{}", wrong.body);
        assert!(wrong.body.contains("Строка 4:"), "each mistake under its own line: {}", wrong.body);
        let done = bring(&mut tutor, &format!("код;отметка;дата\n{};зачесть;05.03.2023\n", code_of(v, 1)));
        assert_eq!((done.status, acts(v, "accept")), (303, 1), "{}", done.body);
        // On the server the rest of the file goes on; whoever has the sheet is who marks.
        let rows = [
            (code_of(v, 1), "accept", ""), (code_of(v, 2), "return", "нет подписи"), (code_of(v, 3), "accept", ""),
            ("ABC-2222".to_owned(), "accept", ""), (code_of(v, 4), "accept", ""),
        ];
        let mut file = String::from("code,mark,date,remark\n");
        for (code, mark, remark) in &rows {
            file.push_str(&format!("{code},{mark},2023-03-06,{remark}\n"));
        }
        let path = v.file("marks.csv", file);
        let answer = v.run(&["--json", "iom", "marks", text(&path)]).with_refusals();
        let told = json(&answer);
        assert_eq!((told["rows"].as_u64(), told["done"].as_u64(), told["repeated"].as_u64()), (Some(5), Some(2), Some(1)), "{}", answer.err);
        let codes = |list: &str| told[list].as_array().expect("a list").iter().map(|r| (r["row"].as_u64(), r["code"].as_str().map(str::to_owned))).collect::<Vec<_>>();
        assert_eq!(codes("asked"), [(Some(4), Some("iom.changed".to_owned()))]);
        assert_eq!(codes("refused"), [(Some(5), Some("sheet.unknown_code".to_owned()))]);
        assert_eq!((acts(v, "accept"), acts(v, "return")), (2, 1));
        assert_eq!(v.query("SELECT DISTINCT a.login FROM iom_act x JOIN account a ON a.id = x.account_id WHERE x.act IN ('accept', 'return')"), ["tutor"]);
    }

    fn many_are_accepted_after_a_look_and_the_skipped_say_why(v: &Vekha) {
        let server = world(v, 3);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let queue = tutor.get("/review");
        let steps = boxes(&queue, "step");
        assert_eq!(steps.len(), 3, "{}", queue.body);
        assert_eq!(queue.body.matches("value=\"accept\"").count(), 3, "one click still accepts one");
        let nothing = tutor.send(&queue, "/review/check", &[]);
        assert!(nothing.status == 422 && nothing.body.contains("Отметьте хотя бы одну строку"), "{}", nothing.body);
        let ticked: Vec<(&str, &str)> = steps.iter().map(|s| ("step", s.as_str())).collect();
        let look = tutor.send(&queue, "/review/check", &ticked);
        assert!(look.status == 200 && look.body.contains("Зачесть 3\u{a0}шага?"), "{}", look.body);
        for n in 1..=3 {
            assert!(look.body.contains(&format!("Фамилия{n}\u{a0}")), "{}", look.body);
        }
        assert_eq!(acts(v, "accept"), 0, "a look does nothing");
        // A step of another one's teacher makes the whole list one that is not there.
        let theirs = format!("{}.{}.1", plan_of(v, 99), step(v, 99));
        for path in ["/review/check", "/review/all"] {
            let key = field(&look, "key");
            let mut fields = vec![("step", steps[0].as_str()), ("step", theirs.as_str())];
            if path == "/review/all" {
                fields.push(("key", &key));
            }
            assert_eq!(tutor.send(&queue, path, &fields).status, 404, "{path}");
        }
        assert_eq!(acts(v, "accept"), 0);
        taken_back(v, &server, 2, false);
        let key = field(&look, "key");
        let kept = boxes(&look, "step");
        let mut fields: Vec<(&str, &str)> = kept.iter().map(|s| ("step", s.as_str())).collect();
        fields.push(("key", &key));
        for _ in 0..2 {
            let done = tutor.send(&look, "/review/all", &fields);
            assert_eq!((done.status, done.header("location"), acts(v, "accept")), (303, &*format!("/review/done/{key}"), 2), "{}", done.body);
        }
        let done = tutor.get(&format!("/review/done/{key}"));
        assert!(done.body.contains("Выполнено 2, пропущено 1") && done.body.contains("Отозвано с проверки") && done.body.contains("Фамилия2\u{a0}"), "{}", done.body);
        // The same key over other steps is another form.
        let other = tutor.send(&look, "/review/all", &[("key", &key), ("step", &kept[0])]);
        assert!(other.status == 422 && other.body.contains("отметьте нужные заново"), "{}", other.body);
        for login in ["tutor-2", "tutor-south"] {
            assert_eq!(server.signed_in(login, PASSWORD).get(&format!("/review/done/{key}")).status, 404);
        }
        assert!(tutor.get("/review").body.contains("Проверять пока нечего"));
        let _sound = v.run(&["check"]).ok();
    }
}
