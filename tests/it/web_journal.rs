//! «Кто смотрел мой профиль» and «Журнал действий»: each look is a line for whom it concerns, and a row for the officers
//! of that region alone.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, plan_of, same, world};
use crate::world::{NORTH, SOUTH, number, show, snils, unit};

/// A photo, as far as its first bytes say.
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 not much of a photo \xff\xd9";

const STAFF: &str = "Список педагогов организации: темы и следующий шаг";
const SUPPORTED: &str = "Список сопровождаемых: пройденные шаги и следующий шаг";

/// The world of the pages, with names: of a tutor, and keys to find two teachers by.
fn named_world(v: &Vekha) {
    world(v);
    v.sql(
        "UPDATE account SET name = 'Анна Ким' WHERE login = 'tutor';
         UPDATE person SET search_key = 'фамилия1 имя' WHERE id = 1001;
         UPDATE person SET search_key = 'фамилия4 имя' WHERE id = 2001;",
    );
}

#[track_caller]
fn open(visitor: &mut Visitor, path: &str) -> Page {
    let page = visitor.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

/// A text without its spaces, of whatever width.
fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Lines of the register of a page.
fn lines(page: &Page) -> Vec<Vec<String>> {
    let rows = page.body.split("<tr role=\"row\">").skip(1);
    let cell = |part: &str| {
        let inside = part.split_once('>').map_or("", |(_, rest)| rest);
        let mut text = String::new();
        let mut tag = false;
        for c in inside.split("</td>").next().unwrap_or("").chars() {
            match c {
                '<' => tag = true,
                '>' => tag = false,
                c if !tag => text.push(c),
                _ => {}
            }
        }
        text
    };
    rows.map(|row| row.split("<td ").skip(1).map(cell).collect::<Vec<String>>())
        .filter(|cells| !cells.is_empty())
        .collect()
}

fn rows_of_all(v: &Vekha) -> i64 {
    number(v, "SELECT count(*) AS n FROM audit_event")
}

on_both! {
    fn each_look_at_a_teacher_is_a_line_for_that_teacher_alone(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let mut theirs = server.signed_in("teacher-south", PASSWORD);
        let empty = open(&mut teacher, "/viewed");
        assert!(empty.body.contains("пока никто не открывал"), "{}", empty.body);
        let item = show(v, 1).into_iter().find(|r| r["programme"].is_empty() && !r["item"].is_empty()).expect("a step")["item"].clone();
        let page = teacher.get("/plan");
        let fields = [("item", item.as_str()), ("note", "Лист стажировки")];
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO))).status, 303);
        let file = format!("/evidence/{}", number(v, "SELECT id AS n FROM iom_evidence"));
        let (plan, other) = (plan_of(v, 1001), plan_of(v, 2001));
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut tutor_again = tutor.clone();
        let mut tutor_south = server.signed_in("tutor-south", PASSWORD);
        let mut head = server.signed_in("head", PASSWORD);
        let mut director = server.signed_in("director", PASSWORD);
        let card = "Карточка: маршрут и результаты диагностики";
        // What the server's own commands have shown of this teacher stands there too.
        let _profile = v.run(&["profile", &snils(1), "--as-of", "2023-04-01", "--format", "csv"]).ok();
        let ran = |what| ["команда на сервере", "–", "–", what];
        let mut wanted: Vec<[&str; 4]> = vec![ran("Профиль: результаты диагностики"), ran("Маршруты с шагами")];
        let tutor_card = format!("/people/{plan}");
        let (head_card, staff_card) = (format!("/plans/{plan}"), "/staff/1001".to_owned());
        let looks: [(&mut Visitor, &str, [&str; 4]); 4] = [
            (&mut tutor, &tutor_card, ["Анна Ким", "Тьютор", "С1", card]),
            (&mut head, &head_card, ["head", "Руководитель ЦНППМ", "С0", card]),
            (&mut director, &staff_card, ["director", "Директор", "С2", "Карточка без баллов: темы и шаги"]),
            (&mut tutor_again, &file, ["Анна Ким", "Тьютор", "С1", "Подтверждение шага: файл"]),
        ];
        for (who, path, line) in looks {
            assert_eq!(who.get(path).status, 200, "{path}");
            wanted.insert(0, line);
            let seen = lines(&open(&mut teacher, "/viewed"));
            let seen: Vec<Vec<&str>> = seen.iter().map(|l| l[1..].iter().map(String::as_str).collect()).collect();
            assert_eq!(seen, wanted, "newest first, after {path}");
        }
        let said = open(&mut teacher, "/viewed");
        assert!(said.body.contains("6\u{A0}раз"), "{}", said.body);
        let day = v.query("SELECT max(at) FROM audit_event")[0][..4].to_owned();
        assert!(lines(&said)[0][0].contains(&day), "{:?}", lines(&said));

        // Own pages, what is hidden, and looks at somebody else add nothing; of the lists only those that tell more than
        // name, place and state of the plan.
        assert_eq!(teacher.get(&file).status, 200);
        let own = rows_of_all(v);
        for path in ["/plan", "/profile", "/viewed", "/courses", "/my-applications"] {
            drop(open(&mut teacher, path));
        }
        assert_eq!(rows_of_all(v), own, "own pages are in no journal");
        for (who, path) in [(&mut tutor, "/people"), (&mut head, "/plans"), (&mut director, "/staff")] {
            drop(open(who, path));
        }
        assert_eq!(tutor.get(&format!("/people/{other}")).status, 404);
        assert_eq!(tutor_south.get(&format!("/people/{plan}")).status, 404);
        drop(open(&mut tutor_south, &format!("/people/{other}")));
        let seen = lines(&open(&mut teacher, "/viewed"));
        let seen: Vec<[&str; 2]> = seen[..2].iter().map(|l| [l[1].as_str(), l[4].as_str()]).collect();
        assert_eq!(seen, [["director", STAFF], ["Анна Ким", SUPPORTED]]);
        assert_eq!(lines(&open(&mut teacher, "/viewed")).len(), 8);
        let south = open(&mut theirs, "/viewed");
        assert_eq!(lines(&south).len(), 1);
        assert!(south.body.contains("tutor-south") && !south.body.contains("Анна"), "{}", south.body);

        // Names and roles are those of today; a row without a role says what the account is.
        v.sql("UPDATE account SET name = 'Анна Цой' WHERE login = 'tutor'");
        assert!(open(&mut teacher, "/viewed").body.contains("Анна Цой"));
        for _ in 0..50 {
            drop(open(&mut tutor, &tutor_card));
        }
        let second = open(&mut teacher, "/viewed?page=2");
        assert!(second.body.contains("Страница 2 из 2"), "{}", second.body);
        assert_eq!(lines(&second).len(), 8);
        for login in ["tutor", "head", "director", "operator"] {
            assert_eq!(server.signed_in(login, PASSWORD).get("/viewed").status, 403, "{login}");
        }
        let _sound = v.run(&["check"]).ok();
    }

    fn whoever_stands_on_a_list_that_says_more_reads_of_it(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let item = show(v, 1).into_iter().find(|r| r["programme"].is_empty() && !r["item"].is_empty()).expect("a step")["item"].clone();
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let mut theirs = server.signed_in("teacher-south", PASSWORD);
        let page = teacher.get("/plan");
        let fields = [("item", item.as_str()), ("note", "Лист стажировки")];
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO))).status, 303);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let director = server.signed_in("director", PASSWORD);
        let head = server.signed_in("head", PASSWORD);
        let review = "Список «На проверке»: шаг, ваше пояснение, названия файлов";
        // The command above has shown the plan of this teacher.
        let mut wanted = vec![["команда на сервере", "–", "–", "Маршруты с шагами"]];
        for (mut who, path, line) in [
            (director.clone(), "/staff", Some(["director", "Директор", "С2", STAFF])),
            (director.clone(), "/staff/file", Some(["director", "Директор", "С2", STAFF])),
            // Nobody stood on it.
            (director.clone(), "/staff?state=closed", None),
            (tutor.clone(), "/people", Some(["Анна Ким", "Тьютор", "С1", SUPPORTED])),
            (tutor.clone(), "/people/file", Some(["Анна Ким", "Тьютор", "С1", SUPPORTED])),
            (tutor.clone(), "/review", Some(["Анна Ким", "Тьютор", "С1", review])),
            (tutor.clone(), "/review/file", Some(["Анна Ким", "Тьютор", "С1", review])),
            // Name, place, state of the plan.
            (head.clone(), "/plans", None),
            (head.clone(), "/plans/file", None),
        ] {
            assert_eq!(who.get(path).status, 200, "{path}");
            if let Some(line) = line {
                wanted.insert(0, line);
            }
            let seen = lines(&open(&mut teacher, "/viewed"));
            let seen: Vec<Vec<&str>> = seen.iter().map(|l| l[1..].iter().map(String::as_str).collect()).collect();
            assert_eq!(seen, wanted, "newest first, after {path}");
        }
        assert_eq!(tutor.get(&format!("/people/{}", plan_of(v, 1001))).status, 200);
        let all = open(&mut teacher, "/viewed");
        assert!(all.body.contains("Здесь нет списков, где о вас видно только имя, место работы и состояние маршрута"), "{}", all.body);
        let chosen = |who: &mut Visitor, show: &str| lines(&open(who, &format!("/viewed?show={show}"))).len();
        assert_eq!((lines(&all).len(), chosen(&mut teacher, "lists"), chosen(&mut teacher, "own")), (8, 6, 2));
        assert_eq!(teacher.get("/viewed?show=nothing").status, 404);
        // A row of the list and one for each person of its page, in each region its own.
        assert!(open(&mut theirs, "/viewed").body.contains("пока никто не открывал"));
        let mut tutor_south = server.signed_in("tutor-south", PASSWORD);
        drop(open(&mut tutor_south, "/people"));
        assert_eq!((lines(&open(&mut theirs, "/viewed")).len(), lines(&open(&mut teacher, "/viewed")).len()), (1, 8));
        let told = "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.show_in_list' AND object_kind = 'staff'";
        let shown = v.query("SELECT detail FROM audit_event WHERE action = 'desk.read_list' AND object_kind = 'staff' ORDER BY id");
        let shown = shown[0].split_once("shown=").expect("how many").1.split(' ').next().expect("a number").to_owned();
        assert_eq!(number(v, told).to_string(), (2 * shown.parse::<i64>().expect("a number")).to_string());
        // The journal tells the list in one row; who stood on it where that is asked for.
        for (login, name, other, rows) in [("operator", "Фамилия1", "Фамилия4", 6), ("operator-south", "Фамилия4", "Фамилия1", 1)] {
            let mut officer = server.signed_in(login, PASSWORD);
            let plain = open(&mut officer, "/journal");
            assert!(plain.body.contains("Открыт список людей: ") && lines(&plain).iter().all(|l| !l[2].starts_with("Показан")), "{login}");
            let each = lines(&open(&mut officer, "/journal?action=desk.show_in_list"));
            let of = |name: &str| each.iter().filter(|l| l[3].starts_with(name)).count();
            assert_eq!((of(name), of(other)), (rows, 0), "{login}: {each:?}");
            assert!(each.iter().all(|l| l[2].starts_with("Показан в списке: ") && l[4].starts_with("роль: ")), "{each:?}");
            let person = lines(&open(&mut officer, &format!("/journal?person={}", code(name))));
            assert_eq!(person.iter().filter(|l| l[2].starts_with("Показан")).count(), rows, "{login}: {person:?}");
        }
        let _sound = v.run(&["check"]).ok();
    }

    fn what_is_refused_to_somebody_signed_in_is_a_row_hidden_and_missing_alike(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let of = |login: &str| v.query(&format!(
            "SELECT e.action || ' ' || e.detail FROM audit_event e JOIN account a ON a.id = e.account_id \
             WHERE a.login = '{login}' AND e.action LIKE 'access.refused%' ORDER BY e.id"
        ));
        let mut nobody = server.visitor();
        for path in ["/journal", "/plans/7"] {
            assert_eq!(nobody.get(path).status, 303, "{path}");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action LIKE 'access.refused%'"), 0, "of nobody");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (hidden, missing) = (format!("/people/{}", plan_of(v, 2001)), "/people/7".to_owned());
        let last = |login: &str| of(login).pop().expect("a row");
        for (path, status, route) in [
            ("/journal", 403, "/journal"),
            ("/plans", 403, "/plans"),
            (&hidden, 404, "/people/{plan}"),
            (&missing, 404, "/people/{plan}"),
            ("/people/abc", 404, "/people/{plan}"),
        ] {
            let page = tutor.get(path);
            assert_eq!(page.status, status, "{path}");
            let wanted = format!("access.refused role=tutor route={route} status={status} request={}", page.header("x-request-id"));
            assert_eq!(last("tutor"), wanted, "{path}");
        }
        assert_eq!(same(&tutor.get(&hidden)), same(&tutor.get(&missing)));
        assert_eq!(of("tutor").len(), 7, "one for each");
        // What stands in no registry, what is wrongly typed and what is shown are no refusals.
        for (path, status) in [("/no/such/page", 404), ("/people?state=x", 404), ("/people?x=y", 400), ("/people", 200)] {
            assert_eq!(tutor.get(path).status, status, "{path}");
        }
        assert_eq!(of("tutor").len(), 7);
        // A form that one may not send, and one of another session.
        let form = tutor.get("/people");
        assert_eq!(tutor.send(&form, "/drafting", &[]).status, 403);
        assert!(last("tutor").starts_with("access.refused role=tutor form_sent route=/drafting status=403 request="), "{:?}", of("tutor"));
        assert_eq!(tutor.post("/review", &[("token", "чужой")], &[]).status, 403);
        assert!(last("tutor").starts_with("access.refused role=tutor form_sent form_stale route=/review status=403 "), "{:?}", of("tutor"));

        // A program that tries addresses fills no journal: so many an hour, then one row that more followed. It is
        // answered as before, and others are heard.
        for _ in 0..8 {
            assert_eq!(tutor.get(&missing).status, 404);
            assert_eq!(tutor.get(&hidden).status, 404);
        }
        let kept = of("tutor");
        let more: Vec<&String> = kept.iter().filter(|row| row.starts_with("access.refused_more ")).collect();
        assert_eq!((kept.len(), more.len(), Some(more[0])), (21, 1, kept.last()), "{kept:?}");
        assert_eq!(same(&tutor.get(&hidden)), same(&tutor.get(&missing)));
        let director = server.signed_in("director", PASSWORD);
        let ask = |mut who: Visitor| for _ in 0..5 { assert_eq!(who.get("/staff/2001").status, 404) };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let who = director.clone();
                let _reader = scope.spawn(|| ask(who));
            }
        });
        let kept = of("director");
        assert_eq!((kept.len(), kept.iter().filter(|row| row.starts_with("access.refused_more ")).count()), (21, 1), "{kept:?}");
        let mut south = server.signed_in("tutor-south", PASSWORD);
        assert_eq!(south.get(&format!("/people/{}", plan_of(v, 1001))).status, 404);
        assert_eq!(of("tutor-south").len(), 1);

        // The officer of that region reads it in words.
        for (login, own, rows) in [("operator", "Анна Ким (tutor)", 20), ("operator-south", "tutor-south", 1)] {
            let mut officer = server.signed_in(login, PASSWORD);
            let read = lines(&open(&mut officer, "/journal?action=access.refused"));
            assert_eq!(read.iter().filter(|l| l[1] == own).count(), rows, "{login}: {read:?}");
            let line = read.iter().find(|l| l[1] == own).expect("a line");
            assert_eq!(line[2], "Отказ в доступе");
            assert!(line[4].starts_with("роль: Тьютор; раздел: /people/{plan}; код ответа: 404; номер обращения: "), "{line:?}");
            let many = lines(&open(&mut officer, "/journal?action=access.refused_more"));
            assert_eq!(many.len(), if login == "operator" { 2 } else { 0 }, "{login}: {many:?}");
            assert!(many.iter().all(|l| l[2] == "Отказов больше: следующие за этот час не записаны"), "{many:?}");
        }
        let _sound = v.run(&["check"]).ok();
    }

    fn a_sign_in_says_the_device_the_role_and_the_call(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
        for (login, role, headers, device) in [
            ("tutor", "tutor", &[("User-Agent", agent)][..], "Chrome,Windows"),
            ("teacher-south", "teacher", &[], "неизвестное-устройство"),
            // Of several roles the first is in use.
            ("head-south", "cnppm_head", &[("User-Agent", "curl/8")], "другая-программа"),
        ] {
            let mut visitor = server.visitor();
            let form = visitor.get("/sign-in");
            let fields = [("token", form.token()), ("login", login), ("password", PASSWORD)];
            let answer = visitor.post("/sign-in", &fields, headers);
            assert_eq!(answer.status, 303, "{login}: {}", answer.body);
            let kept = v.query("SELECT detail FROM audit_event WHERE action = 'access.sign_in' ORDER BY id DESC")[0].clone();
            assert_eq!(kept, format!("role={role} device={device} request={}", answer.header("x-request-id")));
        }
        // These accounts name no region of their own: whoever watches over the installation reads of them.
        v.sql("UPDATE role_grant SET unit_id = NULL WHERE role = 'security_officer'");
        let mut officer = server.signed_in("admin", PASSWORD);
        let read = lines(&open(&mut officer, "/journal?action=access.sign_in&who=tutor"));
        assert!(read[0][4].starts_with("роль: Тьютор; устройство: Chrome, Windows; номер обращения: "), "{read:?}");
    }

    fn what_a_command_shows_of_a_person_is_a_row_about_that_person(v: &Vekha) {
        named_world(v);
        let rows = |action: &str, person: i64, region: i64| number(v, &format!(
            "SELECT count(*) AS n FROM audit_event WHERE action = '{action}' AND person_id = {person} AND region_id = {region} \
             AND account_id IS NULL AND object_kind = 'person' AND object_id = {person}"
        ));
        for (n, person, region) in [(1, 1001, unit(NORTH, 0)), (4, 2001, unit(SOUTH, 0))] {
            for (command, action) in [(&["profile"][..], "desk.read_profile"), (&["iom", "show"], "desk.read_plans")] {
                for format in [&[][..], &["--format", "csv"]] {
                    let own = snils(n);
                    let asked: Vec<&str> = command.iter().copied().chain([own.as_str()]).chain(format.iter().copied()).collect();
                    let (before, all) = (rows(action, person, region), rows_of_all(v));
                    let _shown = v.run(&asked).ok();
                    assert_eq!((rows(action, person, region), rows_of_all(v)), (before + 1, all + 1), "{asked:?}");
                }
            }
        }
        let all = rows_of_all(v);
        let _nobody = v.run(&["profile", &snils(9)]).failed();
        assert_eq!(rows_of_all(v), all, "nobody was shown");
        let _whole = v.run(&["check"]).ok();
    }

    fn a_file_loaded_by_a_command_stands_in_the_journal_of_each_region_it_touches(v: &Vekha) {
        named_world(v);
        let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
        let head = "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n";
        let line = |n: i64, school: &str| {
            format!("{};Новая{n};Анна;01.02.1980;{school};учитель;педагогический;01.09.2020\n", snils(n))
        };
        let regions = |code: &str, action: &str| v.query(&format!(
            "SELECT coalesce(e.region_id, 0) FROM audit_event e JOIN import_batch b ON b.id = e.object_id \
             WHERE b.code = '{code}' AND e.action = '{action}' ORDER BY e.region_id"
        ));
        let mut both = vec![north.to_string(), south.to_string()];
        both.sort_by_key(|id| id.parse::<i64>().expect("an id"));
        let loads = [
            ("one", head.to_owned() + &line(701, "С2"), vec![north.to_string()]),
            ("several", head.to_owned() + &line(702, "С2") + &line(703, "Ю2") + &line(704, "Ю2"), both),
            // Nothing was touched: it is of no region.
            ("none", head.to_owned() + &line(705, "нет такой"), vec!["0".to_owned()]),
        ];
        for (code, text, wanted) in &loads {
            let file = v.file("staff.csv", text.clone());
            let _loaded = v.run(&["import", "staff", crate::support::text(&file), "--batch-code", code]);
            assert_eq!(&regions(code, "import.apply"), wanted, "{code}");
        }
        let _undone = v.run(&["import", "undo", "several"]).ok();
        assert_eq!(regions("several", "import.undo"), loads[1].2);
        let server = Server::start(v);
        for (login, one) in [("operator", 1), ("operator-south", 0)] {
            let mut officer = server.signed_in(login, PASSWORD);
            let seen = lines(&open(&mut officer, "/journal?action=import.apply"));
            let of = |code: &str| seen.iter().filter(|l| l[4].contains(&format!("загрузка: {code};"))).count();
            assert_eq!((of("one"), of("several"), of("none")), (one, 1, 0), "{login}: {seen:?}");
            assert!(seen.iter().all(|l| l[1] == "команда на сервере"), "{seen:?}");
        }
        let _whole = v.run(&["check"]).ok();
    }

    fn what_somebody_unknown_tries_at_the_door_is_told_as_such(v: &Vekha) {
        named_world(v);
        let north = unit(NORTH, 0);
        v.sql(&format!("UPDATE account SET email = login || '@school.example', region_id = {north} WHERE login = 'teacher'"));
        let _command = v.run(&["user", "invite", "teacher"]).ok();
        let server = Server::start(v);
        let mut nobody = server.visitor();
        let form = nobody.get("/sign-in");
        assert_eq!(nobody.send(&form, "/reset", &[("login", "teacher")]).status, 303);
        let mut operator = server.signed_in("operator", PASSWORD);
        let links = lines(&open(&mut operator, "/journal?action=access.link"));
        let who: Vec<&str> = links.iter().map(|l| l[1].as_str()).collect();
        assert_eq!(who, ["по просьбе на странице входа", "команда на сервере"], "{links:?}");
        let file = open(&mut operator, "/journal/export?action=access.link");
        assert!(file.body.contains(";по просьбе на странице входа;"), "{}", file.body);

        // Each wrong password of an account that is there is a row; one of nobody is none, and neither is one that was not
        // looked at.
        let failed = || number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'access.failed'");
        let form = nobody.get("/sign-in");
        let mut attempt = |login: &str, word: &str| nobody.send(&form, "/sign-in", &[("login", login), ("password", word)]).status;
        for _ in 0..3 {
            assert_eq!(attempt("nobody-is-here", "догадка о слове"), 422);
        }
        assert_eq!(failed(), 0);
        let answers: Vec<u16> = (0..8).map(|_| attempt(" Teacher", "догадка о слове")).collect();
        let looked = answers.iter().filter(|status| **status == 422).count();
        assert!((5..8).contains(&looked) && answers.contains(&429), "{answers:?}");
        assert_eq!(failed(), i64::try_from(looked).expect("a number"));
        let kept = v.query("SELECT DISTINCT detail FROM audit_event WHERE action = 'access.failed'");
        assert_eq!(kept, ["kind=password"]);
        let told = lines(&open(&mut operator, "/journal?action=access.failed"));
        let told: Vec<&str> = told[0][1..5].iter().map(String::as_str).collect();
        let wanted = ["личность не подтверждена", "Пароль или код не подошёл", "Фамилия1 Имя", "вид: пароль"];
        assert_eq!(told, wanted);
        // Many logins at once are no command either: whoever watches over the installation reads what they are.
        for n in 0..60 {
            let _wrong = attempt(&format!("guess-{n}"), "догадка о слове");
        }
        v.sql("UPDATE role_grant SET unit_id = NULL WHERE role = 'security_officer'");
        let mut officer = server.signed_in("admin", PASSWORD);
        let told = lines(&open(&mut officer, "/journal?action=access.spray"));
        let told: Vec<&str> = told[0][1..3].iter().map(String::as_str).collect();
        assert_eq!(told, ["неизвестно кто: много неудачных входов под разными логинами", "Похоже на подбор паролей"]);
        let file = open(&mut officer, "/journal/export?action=access.spray");
        assert!(file.body.contains(";неизвестно кто: много неудачных входов"), "{}", file.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn whose_account_was_opened_is_named_with_the_role_that_opened_it(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let tutor = number(v, "SELECT id AS n FROM account WHERE login = 'tutor'");
        for path in [format!("/users/{tutor}"), "/sign-ins?login=tutor".to_owned()] {
            drop(open(&mut operator, &path));
            let read = lines(&open(&mut operator, "/journal?action=desk.read_list"));
            let read: Vec<&str> = read[0][1..5].iter().map(String::as_str).collect();
            assert_eq!(read[..3], ["operator", "Открыта учётная запись", "Анна Ким (tutor)"], "{path}");
            assert!(read[3].starts_with("роль: Региональный оператор"), "{path}: {read:?}");
        }
        // A list without anybody's account is a list still.
        drop(open(&mut operator, "/sign-ins"));
        let read = lines(&open(&mut operator, "/journal?action=desk.read_list"));
        assert_eq!((read[0][2].as_str(), read[0][3].as_str()), ("Открыт список людей: учётные записи сотрудников", ""));
        assert!(read[0][4].starts_with("роль: "), "{read:?}");
        let of = v.query("SELECT object_id FROM audit_event WHERE action = 'desk.read_list' AND object_id IS NOT NULL");
        assert_eq!(of, [tutor.to_string(), tutor.to_string()]);
    }

    fn eight_readers_at_once_leave_a_row_for_each_look(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let card = format!("/people/{}", plan_of(v, 1001));
        let seen = || number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_plan' AND person_id = 1001");
        let tutor = server.signed_in("tutor", PASSWORD);
        let (before, all) = (seen(), rows_of_all(v));
        let each: usize = std::env::var("VEKHA_READS").map_or(120, |text| text.parse().expect("a number"));
        let wanted = i64::try_from(8 * each).expect("a number");
        let read = |mut visitor: Visitor| (0..each).filter(|_| visitor.get(&card).status == 200).count();
        let shown: usize = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..8).map(|_| scope.spawn(|| read(tutor.clone()))).collect();
            readers.into_iter().map(|reader| reader.join().expect("a reader")).sum()
        });
        assert_eq!(shown, 8 * each);
        assert_eq!(seen() - before, wanted, "one row for each page that was shown");
        assert_eq!(rows_of_all(v) - all, wanted, "and no other");
        let _whole = v.run(&["audit", "verify"]).ok();
        // Numbers without a gap, one for each row.
        let sealed = number(v, "SELECT count(*) AS n FROM audit_seal");
        assert_eq!((number(v, "SELECT min(seq) AS n FROM audit_seal"), number(v, "SELECT max(seq) AS n FROM audit_seal")), (1, sealed));
        assert_eq!(number(v, "SELECT count(DISTINCT event_id) AS n FROM audit_seal"), sealed);
        assert_eq!(rows_of_all(v), sealed);
        println!("{wanted} looks of 8 readers: {wanted} rows, {sealed} numbers without a gap");
    }

    fn the_journal_is_filtered_and_taken_out_within_its_region(v: &Vekha) {
        named_world(v);
        v.sql(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) SELECT 70, 'officer', \
             password_hash, 'active', 1, created_at, 1 FROM account WHERE login = 'tutor';
             INSERT INTO role_grant (id, account_id, role, recorded_at) VALUES (7070, 70, 'security_officer', '2022-01-01 00:00:00');",
        );
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut tutor_south = server.signed_in("tutor-south", PASSWORD);
        drop(open(&mut tutor, &format!("/people/{}", plan_of(v, 1001))));
        drop(open(&mut tutor_south, &format!("/people/{}", plan_of(v, 2001))));
        // Whose names each officer finds: of the own region, of all of them for the installation.
        for (login, north, south) in [
            ("operator", true, false),
            ("operator-south", false, true),
            ("head", true, false),
            ("head-south", false, true),
            ("admin", true, false),
            ("officer", true, true),
        ] {
            let mut officer = server.signed_in(login, PASSWORD);
            let all = open(&mut officer, "/journal");
            let seen = (all.body.contains("Фамилия1 "), all.body.contains("Фамилия4 "));
            assert_eq!(seen, (north, south), "{login}: {}", all.body);
            for (person, there) in [("Фамилия1", north), ("Фамилия4", south)] {
                let found = open(&mut officer, &format!("/journal?action=desk.read_plan&person={}", code(person)));
                assert_eq!(lines(&found).len(), usize::from(there), "{login} {person}");
                let file = open(&mut officer, &format!("/journal/export?action=desk.read_plan&person={}", code(person)));
                assert_eq!(file.body.lines().count(), 1 + usize::from(there), "{login} {person}: {}", file.body);
            }
        }
        for login in ["teacher", "tutor", "director", "ministry", "methodist"] {
            let mut other = server.signed_in(login, PASSWORD);
            assert_eq!((other.get("/journal").status, other.get("/journal/export").status), (403, 403), "{login}");
        }

        let mut operator = server.signed_in("operator", PASSWORD);
        let found = |of: &mut Visitor, query: &str| lines(&open(of, &format!("/journal?{query}")));
        let agreed = found(&mut operator, "action=iom.agree");
        assert_eq!(agreed.len(), 1);
        assert_eq!((agreed[0][1].as_str(), agreed[0][2].as_str(), agreed[0][3].as_str()), ("teacher", "Маршрут согласован", "Фамилия1 Имя"));
        let by_name = found(&mut operator, &format!("who={}", code("анна ким")));
        let by_login = found(&mut operator, "who=TUT");
        assert_eq!((by_name.is_empty(), &by_name), (false, &by_login), "by login and by name");
        assert!(by_name.iter().all(|l| l[1] == "Анна Ким (tutor)"), "{by_name:?}");
        assert!(found(&mut operator, "who=%25").is_empty(), "a sign of patterns is a sign");
        assert!(found(&mut operator, "from=01.01.2100").is_empty() && found(&mut operator, "to=01.01.2020").is_empty());
        assert!(!found(&mut operator, "from=01.01.2020&to=2100-01-01").is_empty());
        let wrong = operator.get("/journal?from=31.02.2023");
        assert!(wrong.status == 400 && wrong.body.contains("28.02.2026"), "{} {}", wrong.status, wrong.body);
        assert_eq!(operator.get("/journal?action=nothing").status, 404);
        assert_eq!(operator.get("/journal?region=2").status, 400);
        // The card opens for whoever may open it.
        let card = format!("/plans/{}", plan_of(v, 1001));
        let mut head = server.signed_in("head", PASSWORD);
        assert!(open(&mut head, "/journal?action=iom.agree").body.contains(&card));
        let mut officer = server.signed_in("admin", PASSWORD);
        assert!(!open(&mut officer, "/journal?action=iom.agree").body.contains(&card), "a card that may not be opened");

        // Reading it is a row of it, and so is taking it out; neither keeps what was searched for.
        let read = |action: &str| number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = '{action}'"));
        let (opened, taken) = (read("journal.read"), read("journal.export"));
        drop(open(&mut operator, &format!("/journal?person={}", code("Фамилия1"))));
        v.sql("UPDATE account SET name = '=1+1' WHERE login = 'teacher'");
        let file = open(&mut operator, "/journal/export?action=iom.agree");
        assert_eq!((read("journal.read"), read("journal.export")), (opened + 1, taken + 1));
        assert!(file.header("content-disposition").starts_with("attachment;"), "{:?}", file.headers);
        assert!(file.body.starts_with('\u{feff}') && file.body.lines().count() == 2, "{}", file.body);
        assert!(file.body.contains(";'=1+1 (teacher);Маршрут согласован;Фамилия1 Имя;маршрут;"), "{}", file.body);
        let kept = v.query("SELECT detail FROM audit_event WHERE action LIKE 'journal.%'");
        assert!(kept.iter().all(|d| !d.to_lowercase().contains("фамилия") && !d.contains("анна")), "{kept:?}");
        assert!(kept.iter().all(|d| d.starts_with("role=") && d.contains("rows=")), "{kept:?}");

        // Codes are said in words, and stand in a column of their own beside them.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let today = open(&mut tutor, "/delegations").body.split_once("name=\"from\" value=\"").expect("a day").1.split('"').next().expect("a day").to_owned();
        let form = open(&mut tutor, "/delegations");
        let substitute = number(v, "SELECT id AS n FROM account WHERE login = 'methodist'").to_string();
        let fields = [("role", "tutor"), ("who", &*substitute), ("from", &*today), ("to", &*today), ("reason", "")];
        assert_eq!(tutor.send(&form, "/delegations", &fields).status, 303);
        let given = found(&mut operator, "action=access.delegate");
        let words = format!("замещаемый: Анна Ким (tutor); замещающий: methodist; роль: Тьютор; с: {today}; по: {today}");
        assert_eq!(without_spaces(&given[0][4]), without_spaces(&words));
        assert!(given[0][5].contains("role&#x3D;tutor"), "{given:?}");
        for line in found(&mut operator, "") {
            assert!(!line[4].contains("&#x3D;") && !line[4].contains('_'), "{line:?}");
        }
        let file = open(&mut operator, "/journal/export?action=access.delegate");
        assert!(file.body.contains(";замещение;") && file.body.contains(";delegation;from=") && file.body.contains("роль: Тьютор"), "{}", file.body);

        let path = format!("/people/{}", plan_of(v, 1001));
        for _ in 0..501 {
            drop(open(&mut tutor, &path));
        }
        let taken = read("journal.export");
        let whole = open(&mut operator, "/journal/export?action=desk.read_plan");
        assert_eq!(whole.body.lines().count(), 503, "many rows about few people go out");
        assert_eq!(read("journal.export"), taken + 1);
        assert_eq!(operator.get("/journal/export?action=iom.agree").status, 200);
        let mut south = server.signed_in("operator-south", PASSWORD);
        assert_eq!(south.get("/journal/export").status, 200, "rows of another region do not count");
        for n in [1, 2, 11] {
            let page = open(&mut operator, &format!("/journal?action=desk.read_plan&page={n}"));
            // 501 and the one of the beginning.
            assert_eq!(lines(&page).len(), if n < 11 { 50 } else { 2 }, "{n}");
            assert!(page.body.contains(&format!("Страница {n} из 11")), "{}", page.body);
        }
        assert_eq!(same(&operator.get("/journal?page=x")).0, 200);
        let _sound = v.run(&["check"]).ok();
    }

    fn a_file_of_the_journal_holds_many_rows_but_few_people(v: &Vekha) {
        named_world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let (region, at) = (unit(NORTH, 0), "'2021-02-03 10:00:00'");
        let lay = |first: i64, rows: i64, people: i64, kind: &str, role: &str| {
            for block in (0..rows).collect::<Vec<_>>().chunks(500) {
                let values = block.iter().map(|n| {
                    let (id, person) = (first + n, 800_000 + n % people);
                    format!("({id}, {region}, {at}, 'desk.read_plan', '{kind}', {person}, 'role={role}', '')")
                });
                let values: Vec<String> = values.collect();
                v.sql(&format!(
                    "INSERT INTO audit_event (id, region_id, at, action, object_kind, person_id, detail, digest) VALUES {}",
                    values.join(",")
                ));
            }
        };
        lay(1_000, 600, 500, "iom", "tutor");
        lay(10_000, 501, 501, "enrolment", "school_head");
        lay(20_000, 9_500, 3, "person", "curator");
        let day = "from=03.02.2021&to=03.02.2021";
        let page = open(&mut operator, &format!("/journal?{day}"));
        assert!(!page.body.contains("/journal/export") && page.body.contains("выберите действие"), "{}", page.body);
        for (more, said) in [("", "не больше 10"), ("&object=enrolment", "напишите фамилию"), ("&in_role=school_head", "напишите фамилию")] {
            let refused = operator.get(&format!("/journal/export?{day}{more}"));
            assert_eq!(refused.status, 422, "everyone goes out: {more}");
            assert!(refused.body.contains(said) && !refused.body.contains("страница была открыта"), "{more}: {}", refused.body);
        }
        for (more, rows) in [("&object=person", 9_500), ("&object=iom", 600), ("&in_role=curator&object=iom", 0)] {
            let file = open(&mut operator, &format!("/journal/export?{day}{more}"));
            assert_eq!(file.body.lines().count(), rows + 1, "{more}");
        }
        // Piece by piece it is a long list too: 3 and 500 people are out, 500 more are over the thousand of a day.
        let refused = operator.get(&format!("/journal/export?{day}&in_role=tutor"));
        assert!(refused.status == 422 && refused.body.contains("за день"), "everyone goes out in pieces: {}", refused.status);
        assert_eq!(operator.get("/journal?object=nothing").status, 404);
        let mut south = server.signed_in("operator-south", PASSWORD);
        assert_eq!(open(&mut south, &format!("/journal/export?{day}")).body.lines().count(), 1);
    }
}

/// A value inside an address.
fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
