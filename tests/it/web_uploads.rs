//! «Загрузка»: a file from the browser to a batch and back, held to the visitor's region; both databases, two regions.

use std::time::{Duration, Instant};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, same, world};
use crate::world::{NORTH, SOUTH, number, snils, unit};

pub const HEAD: &str = "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n";

pub fn staff(n: i64, school: &str) -> String {
    format!(
        "{};Новая{n};Анна;01.02.1980;{school};учитель;педагогический;01.09.2020\n",
        snils(n)
    )
}

/// Brings a file; where its page is.
#[track_caller]
pub fn bring(who: &mut Visitor, kind: &str, name: &str, sheet: &str) -> String {
    let page = who.get("/upload");
    let brought = who.send_file(&page, "/upload", &[("kind", kind)], Some((name, sheet.as_bytes())));
    assert_eq!(brought.status, 303, "{}", brought.body);
    brought.header("location").to_owned()
}

/// Presses a button of a page and waits until the work is over; the page as it is where it offers none.
#[track_caller]
pub fn press(who: &mut Visitor, path: &str, verb: &str) -> Page {
    let page = who.get(path);
    let to = format!("{path}/{verb}");
    if verb == "load" && !page.body.contains(&format!("action=\"{to}\"")) {
        return page;
    }
    let sent = who.send(&page, &to, &[]);
    assert_eq!((sent.status, sent.header("location")), (303, path), "{}", sent.body);
    settled(who, path)
}

#[track_caller]
pub fn settled(who: &mut Visitor, path: &str) -> Page {
    let since = Instant::now();
    loop {
        let page = who.get(path);
        if !page.body.contains("Страница обновляется сама") {
            return page;
        }
        assert!(!page.header("refresh").is_empty(), "asks again by itself");
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the work does not end: {}",
            page.body
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The figures of a page in their order: new, changed, unchanged, refused, waiting.
pub fn figures(page: &Page) -> Vec<i64> {
    let shown = page.body.split("<div class=\"fig\"><div class=\"n\">").skip(1);
    shown
        .map(|rest| rest.split('<').next().unwrap_or("").parse().expect("a figure"))
        .collect()
}

/// Every cell of every sheet of a workbook.
fn sheets(bytes: &[u8]) -> String {
    use calamine::Reader;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut told = String::new();
    for name in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&name).expect("a sheet");
        while let Some(cell) = cells.next_cell().expect("a cell") {
            told.push_str(&format!("{name}: {:?}\n", cell.get_value()));
        }
    }
    told
}

fn people(v: &Vekha, region: i64) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM person WHERE region_id = {}", unit(region, 0)),
    )
}

fn files(v: &Vekha, folder: &str) -> usize {
    std::fs::read_dir(v.data().join("files").join(folder)).map_or(0, Iterator::count)
}

/// Brings a file of staff and has it checked; where its page is, and what it says.
fn checked(who: &mut Visitor, rows: &[String]) -> (String, Page) {
    let path = bring(who, "staff", "штат.csv", &[HEAD, &rows.concat()].concat());
    let form = who.get(&path);
    assert_eq!(
        who.send(&form, &format!("{path}/check"), &[("mode", "merge")]).status,
        303
    );
    let page = settled(who, &path);
    (path, page)
}

on_both! {
    fn what_another_has_checked_anew_is_not_loaded_unseen(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut head = server.signed_in("head", PASSWORD);
        let sheet = [HEAD, &staff(101, "С2"), &staff(102, "С3")].concat();
        let path = bring(&mut operator, "staff", "штат.csv", &sheet);
        let seen = |page: &Page| page.body.split_once("name=\"seen\" value=\"").expect("a version").1.split('"').next().expect("a number").to_owned();
        let form = operator.get(&path);
        assert_eq!(operator.send(&form, &format!("{path}/check"), &[("mode", "merge"), ("seen", &seen(&form))]).status, 303);
        let mine = settled(&mut operator, &path);
        assert!(mine.body.contains("Загрузить 2"), "{}", mine.body);
        let theirs = head.get(&format!("{path}?columns=1"));
        assert_eq!(head.send(&theirs, &format!("{path}/check"), &[("mode", "add"), ("seen", &seen(&theirs))]).status, 303);
        let _checked = settled(&mut head, &path);
        let before = people(v, NORTH);
        let told = operator.send(&mine, &format!("{path}/load"), &[("seen", &seen(&mine))]);
        assert_eq!(told.status, 409, "{}", told.body);
        assert!(told.body.contains("Заказана проверка файла") && told.body.contains("head"), "{}", told.body);
        assert_eq!(people(v, NORTH), before);
        let fresh = operator.get(&path);
        for _ in 0..2 {
            assert_eq!(operator.send(&fresh, &format!("{path}/load"), &[("seen", &seen(&fresh))]).status, 303);
        }
        let _loaded = settled(&mut operator, &path);
        assert_eq!(people(v, NORTH), before + 2);
    }

    fn the_button_names_the_rows_that_go_in_and_not_those_that_wait(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let (path, page) = checked(&mut operator, &[staff(101, "С2")]);
        assert_eq!(figures(&page), [1, 0, 0, 0, 0]);
        assert_eq!(operator.send(&page, &format!("{path}/load"), &[]).status, 303);
        let _loaded = settled(&mut operator, &path);
        let south = people(v, SOUTH);
        let other = staff(101, "С2").replace("Новая101", "Иная101");
        let both = checked(&mut operator, &[staff(102, "С3"), other.clone()]).1;
        assert_eq!(figures(&both), [1, 0, 0, 0, 1], "{}", both.body);
        assert!(both.body.contains("Загрузить 1\u{a0}строку"), "the row that goes in: {}", both.body);
        let waits = checked(&mut operator, &[other]).1;
        assert_eq!(figures(&waits), [0, 0, 0, 0, 1], "{}", waits.body);
        assert!(waits.body.contains("Сохранить 1\u{a0}строку до решения"), "{}", waits.body);
        assert_eq!(people(v, SOUTH), south, "nothing of it in the other region");
    }

    fn a_file_is_looked_at_tried_loaded_and_taken_back(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        assert!(operator.get("/upload").body.contains("Загрузок из браузера ещё не было"));
        let before = (people(v, NORTH), people(v, SOUTH));
        let good = [staff(101, "С2"), staff(102, "С3")].concat();
        let sheet = [HEAD, &good, &staff(103, "Ю2"), &staff(104, "нет")].concat().replace("Фамилия", "Ф-я");
        let path = bring(&mut operator, "staff", "штат.csv", &sheet);
        // The bytes are the owner's alone while they wait.
        let kept = v.data().join("files/uploads").join(path.rsplit('/').next().expect("an id"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).expect("kept").permissions());
        assert_eq!(mode & 0o777, 0o600);
        let columns = operator.get(&path);
        assert!(columns.body.contains("штат.csv") && columns.body.contains("«Фамилия»"), "{}", columns.body);
        assert!(columns.body.contains("Новая101"), "the first rows are shown");
        let lacking = operator.send(&columns, &format!("{path}/check"), &[("c1", ""), ("mode", "merge")]);
        assert_eq!(lacking.status, 422, "{}", lacking.body);
        let names = ["snils", "last_name", "first_name", "birth_date", "organisation", "position", "staff_kind", "from"];
        let places: Vec<String> = (0..names.len()).map(|n| format!("c{n}")).collect();
        let chosen: Vec<(&str, &str)> = places.iter().map(String::as_str).zip(names).collect();
        assert_eq!(operator.send(&columns, &format!("{path}/check"), &chosen).status, 303);
        let tried = settled(&mut operator, &path);
        assert_eq!(figures(&tried), [2, 0, 0, 2, 0], "{}", tried.body);
        assert!(tried.body.contains("Загрузить 2\u{a0}строки") && tried.body.contains("к другому региону"));
        assert_eq!((people(v, NORTH), people(v, SOUTH)), before, "a check writes nothing");
        assert_eq!(number(v, "SELECT count(*) AS n FROM import_batch"), 0);
        let errors = operator.get(&format!("{path}/errors"));
        assert!(errors.header("content-disposition").starts_with("attachment"), "{:?}", errors.headers);
        assert!(errors.body.contains("Ошибка") && errors.body.contains("Новая103"), "{}", errors.body);

        // It holds all rows of the file: whoever has not brought it looks at the page alone.
        let mut colleague = server.signed_in("head", PASSWORD);
        let page = colleague.get(&path);
        assert!(page.status == 200 && !page.body.contains("Скачать файл с ошибками"), "{}", page.body);
        let refused = colleague.get(&format!("{path}/errors"));
        assert!(refused.status == 409 && refused.body.contains("кто принёс исходный файл"), "{}: {}", refused.status, refused.body);
        assert!(!refused.body.contains("Новая103"));
        // Sent twice it loads once.
        let loaded = press(&mut operator, &path, "load");
        let again = press(&mut operator, &path, "load");
        for page in [&loaded, &again] {
            assert_eq!(figures(page), [2, 0, 0, 2, 0], "{}", page.body);
            assert!(page.body.contains("Загрузить следующий файл"), "one knows where to go on: {}", page.body);
            assert!(page.body.contains("Загружено: 2"), "{}", page.body);
        }
        assert_eq!((people(v, NORTH), people(v, SOUTH)), (before.0 + 2, before.1));
        let own = format!(
            "SELECT count(*) AS n FROM import_batch WHERE region_id = {} AND account_id = (SELECT id FROM account \
             WHERE login = 'operator')",
            unit(NORTH, 0)
        );
        assert_eq!((number(v, &own), number(v, "SELECT count(*) AS n FROM import_batch")), (1, 1));
        assert!(!kept.exists(), "the file is gone once it is loaded");

        // The same file changes nothing.
        let second = bring(&mut operator, "staff", "штат.csv", &[HEAD, &good].concat());
        let tried = press(&mut operator, &second, "check");
        assert_eq!(figures(&tried), [0, 0, 2, 0, 0]);
        assert!(tried.body.contains("нет ничего нового"), "{}", tried.body);
        assert_eq!(figures(&press(&mut operator, &second, "load")), [0, 0, 2, 0, 0]);
        assert_eq!(people(v, NORTH), before.0 + 2);

        // Nobody of another region, and no role without the duty, sees or touches it.
        let mut south = server.signed_in("operator-south", PASSWORD);
        let page = south.get("/upload");
        assert!(!page.body.contains("штат.csv"));
        for part in ["", "/errors", "/undo"] {
            let missing = south.get(&format!("/upload/7{part}"));
            assert_eq!(missing.status, 404);
            assert_eq!(same(&south.get(&format!("{path}{part}"))), same(&missing), "{part}");
        }
        for verb in ["check", "load", "undo"] {
            let missing = south.send(&page, &format!("/upload/7/{verb}"), &[]);
            assert_eq!(missing.status, 404);
            assert_eq!(same(&south.send(&page, &format!("{path}/{verb}"), &[])), same(&missing), "{verb}");
        }
        let asked = operator.get(&format!("{path}/undo"));
        assert!(asked.status == 200 && asked.body.contains("2\u{a0}строки"), "{}", asked.body);
        let undone = press(&mut operator, &path, "undo");
        assert!(undone.body.contains("Загрузка отменена"), "{}", undone.body);
        assert_eq!((people(v, NORTH), people(v, SOUTH)), before);
        assert!(press(&mut operator, &path, "undo").body.contains("Загрузка отменена"));
        let _sound = v.run(&["check"]).ok();
        let acts = "SELECT count(*) AS n FROM audit_event WHERE account_id IS NOT NULL AND region_id IS NOT NULL AND \
                    action IN ('import.bring', 'import.apply', 'import.undo')";
        // Brought twice; loaded once, as nothing is offered where nothing is new; taken back once.
        assert_eq!(number(v, acts), 4);
    }

    fn a_file_never_writes_outside_the_region_of_whoever_loads_it(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let units = "Код;Наименование;Вид;Входит в\nС9;Новая;организация;С1\nЮ9;Чужая;организация;Ю1\n\
                     Ю2;Захвачена;организация;С1\nР9;Регион;регион;\nЮ0;Юг;регион;\n";
        let competences = "Код;Группа;Наименование\nК9;предметная;Новая\nК1;предметная;Переименована\n";
        let programmes = "Код;Название;Вид;Часы;Организация\nП8;Своя;ПК;16;С4\nП9;Чужая;ПК;16;Ю4\n";
        let procedures = "Код;Наименование;Вид;Уровень;Организатор\nД8;Своя;полная;региональный;С0\n\
                          Д9;Чужая;полная;региональный;Ю0\nД1;Общая;входная;региональный;\n";
        let results = format!(
            "СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{};Д1;полная;01.03.2023;К1;5;10\n\
             {};Д1;полная;01.03.2023;К1;5;10\n",
            snils(1),
            snils(4)
        );
        for (kind, sheet, expected) in [
            ("units", units, [1, 0, 0, 4, 0]),
            ("competences", competences, [1, 0, 0, 1, 0]),
            ("programmes", programmes, [1, 0, 0, 1, 0]),
            ("procedures", procedures, [1, 0, 0, 2, 0]),
            ("results", &results, [1, 0, 0, 0, 1]),
        ] {
            let path = bring(&mut operator, kind, "файл.csv", sheet);
            let tried = press(&mut operator, &path, "check");
            assert_eq!(figures(&tried), expected, "{kind}: {}", tried.body);
            let loaded = press(&mut operator, &path, "load");
            assert_eq!(figures(&loaded), expected, "{kind}: {}", loaded.body);
        }
        for (of, query) in [
            ("units", "SELECT count(*) AS n FROM unit WHERE batch_id IS NOT NULL AND region_id <> 110"),
            ("results", "SELECT count(*) AS n FROM diagnosis_result WHERE batch_id IS NOT NULL AND region_id <> 110"),
            ("competences", "SELECT count(*) AS n FROM competence WHERE code = 'К1' AND name <> 'Компетенция К1'"),
            ("procedures", "SELECT count(*) AS n FROM procedure WHERE code = 'Д1' AND kind <> 'full'"),
        ] {
            assert_eq!(number(v, query), 0, "{of}");
        }
        assert_eq!(unit(NORTH, 0), 110);
        let _sound = v.run(&["check"]).ok();
    }

    fn who_may_load_what_and_which_forms_are_taken(v: &Vekha) {
        world(v);
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) \
             SELECT 777, 'assessor', password_hash, 'active', 1, created_at, 1 FROM account WHERE login = 'operator'; \
             INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) \
             VALUES (777, 777, 'assessment_operator', {}, '2022-01-01 00:00:00');",
            unit(NORTH, 0)
        ));
        let server = Server::start(v);
        let sheet = [HEAD, &staff(101, "С2")].concat();
        let mut operator = server.signed_in("operator", PASSWORD);
        let path = bring(&mut operator, "staff", "штат.csv", &sheet);
        let mut assessor = server.signed_in("assessor", PASSWORD);
        let page = assessor.get("/upload");
        assert!(page.body.contains("Результаты") && !page.body.contains("Сотрудники"), "{}", page.body);
        assert_eq!(assessor.send_file(&page, "/upload", &[("kind", "staff")], Some(("a.csv", sheet.as_bytes()))).status, 404);
        assert_eq!(same(&assessor.get(&path)), same(&assessor.get("/upload/7")));

        let page = operator.get("/upload");
        let token = page.token().to_owned();
        let kept = files(v, "uploads");
        for (name, bytes, said) in [
            (Some("фото.png"), &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "не таблица"),
            (Some("старый.xls"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "старый формат"),
            (None, b"", "Выберите файл"),
        ] {
            let answer = operator.send_file(&page, "/upload", &[("kind", "staff")], name.map(|n| (n, bytes)));
            assert!(answer.status == 422 && answer.body.contains(said), "{name:?}: {}", answer.body);
            assert!(answer.body.contains("value=\"staff\" selected"), "what was chosen stays");
        }
        // Without the token before the file nothing reaches the disk.
        let one = [("kind", "staff")];
        assert_eq!(operator.post_file("/upload", &one, Some(("a.csv", sheet.as_bytes()))).status, 403);
        let wrong = [("token", "нет"), ("kind", "staff")];
        assert_eq!(operator.post_file("/upload", &wrong, Some(("a.csv", sheet.as_bytes()))).status, 403);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/plan");
        assert_eq!(teacher.send_file(&own, "/upload", &one, Some(("a.csv", sheet.as_bytes()))).status, 403);
        let mut nobody = server.visitor();
        assert_eq!(nobody.post_file("/upload", &one, Some(("a.csv", sheet.as_bytes()))).status, 401);
        let media = ("Content-Type", "multipart/form-data; boundary=limit");
        let long = ("Content-Length", "30000000");
        assert_eq!(operator.ask("POST", "/upload", &[media, long], "--limit\r\n").status, 413);
        // A body cut short is no form.
        let cut = format!("--limit\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--limit\r\n\
                           Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nСНИЛС");
        assert_eq!(operator.ask("POST", "/upload", &[media], &cut).status, 413);
        assert_eq!((files(v, "incoming"), files(v, "uploads")), (0, kept), "nothing stays behind");
    }

    fn a_sample_of_each_kind_has_what_the_file_needs(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get("/upload");
        for kind in ["units", "staff", "competences", "programmes", "procedures", "results"] {
            let path = format!("/upload/sample?kind={kind}");
            assert!(page.body.contains(&path.replace('=', "&#x3D;")), "{kind}: {}", page.body);
            let sample = operator.get(&path);
            assert!(sample.header("content-disposition").starts_with("attachment"), "{:?}", sample.headers);
            // Brought back as it is, every needed column is found.
            let brought = operator.send_file(&page, "/upload", &[("kind", kind)], Some(("образец.xlsx", &sample.bytes)));
            assert_eq!(brought.status, 303, "{kind}: {}", brought.body);
            let columns = operator.get(brought.header("location"));
            assert!(columns.body.contains("Все нужные столбцы найдены"), "{kind}: {}", columns.body);
        }
        let staff = sheets(&operator.get("/upload/sample?kind=staff").bytes);
        assert!(staff.contains("С2") && !staff.contains("Ю2"), "schools of the region and of no other: {staff}");
        let results = sheets(&operator.get("/upload/sample?kind=results").bytes);
        assert!(results.contains("К1") && results.contains("Компетенция К1"), "{results}");
        let missing = operator.get("/upload/7");
        assert_eq!(same(&operator.get("/upload/sample?kind=x")).0, 404);
        assert_eq!(missing.status, 404);
    }

    fn a_result_may_name_its_competence(v: &Vekha) {
        world(v);
        v.sql("UPDATE competence SET name = 'Одно на двоих' WHERE code IN ('К2', 'К3')");
        let row = |date: &str, competence: &str| format!("{};ДН;полная;{date};{competence};5;10\n", snils(1));
        let head = "СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n";
        let sheet = [head, &row("01.02.2023", "компетенция  К1"), &row("02.02.2023", "К1.1"), &row("03.02.2023", "Одно на двоих")];
        let told = v
            .run(&["import", "results", crate::support::text(&v.file("имена.csv", sheet.concat()))])
            .with_refusals();
        assert!(told.out.contains("Новых 2") && told.out.contains("отказано 1"), "{} {}", told.out, told.err);
        let named = "SELECT c.code AS code FROM diagnosis_result r JOIN competence c ON c.id = r.competence_id \
                     JOIN diagnosis d ON d.id = r.diagnosis_id WHERE d.held_on >= '2023-02-01' AND d.procedure_id = \
                     (SELECT id FROM procedure WHERE code = 'ДН') ORDER BY d.held_on";
        assert_eq!(v.query(named), ["К1", "К1.1"]);
    }

    fn a_restart_neither_loses_nor_doubles_a_load(v: &Vekha) {
        world(v);
        let before = people(v, NORTH);
        let path = {
            let server = Server::start(v);
            let mut operator = server.signed_in("operator", PASSWORD);
            let path = bring(&mut operator, "staff", "штат.csv", &[HEAD, &staff(101, "С2")].concat());
            assert_eq!(figures(&press(&mut operator, &path, "check")), [1, 0, 0, 0, 0]);
            path
        };
        // The server was killed when it had just taken the load up.
        let id = path.rsplit('/').next().expect("an id");
        let left = |job: i64| {
            format!(
                "INSERT INTO job (id, kind, payload, state, run_at, attempts, leased_until, created_at) VALUES ({job}, \
                 'long.upload', '{{\"upload\":\"{id}\",\"load\":true}}', 'running', '2023-01-01 00:00:00', 1, \
                 '2023-01-01 00:00:30', '2023-01-01 00:00:00');"
            )
        };
        v.sql(&format!("UPDATE upload SET state = 'loading' WHERE id = {id}; {}", left(1)));
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        assert!(settled(&mut operator, &path).body.contains("Загружено: 1"));
        // Work that was done already is not done again.
        v.sql(&left(2));
        let since = Instant::now();
        while number(v, "SELECT count(*) AS n FROM job WHERE state = 'running'") > 0 {
            assert!(since.elapsed() < Duration::from_secs(30), "nobody takes it up");
            std::thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(people(v, NORTH), before + 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM import_batch"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM job WHERE id = 1 AND state = 'done'"), 1);
    }
}
