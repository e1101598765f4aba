//! The pages of editions: released by a job, approved, opened to everyone without the few, never twice by two hands.

use std::time::{Duration, Instant};

use crate::editions::{exported, person_row, result_row, world};
use crate::on_both;
use crate::reports_world::{self, act, open, report, stands};
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};

const PASSWORD: &str = "хороший длинный пароль";

/// The world of the editions with people who sign in: in both regions, and in one town.
fn opened(v: &Vekha) -> Server {
    world(v);
    let password = v.file("password", PASSWORD);
    for (login, role, unit) in [
        ("operator", "operator", "A"),
        ("second", "operator", "A"),
        ("ministry", "regional_authority", "A"),
        ("south", "operator", "B"),
        ("town", "municipal_authority", "A-M1"),
        ("director", "school_head", "A-S1"),
    ] {
        let asked = [
            "user",
            "add",
            login,
            "--role",
            role,
            "--unit",
            unit,
            "--password-file",
            text(&password),
        ];
        let _added = v.run(&asked).ok();
    }
    Server::start(v)
}

const NEW: &str = "/editions/new?pack=chelyabinsk&period=2023";

/// A hidden field of the form of a release.
fn hidden(form: &Page, name: &str) -> String {
    let (_, own) = form.body.split_once("action=\"/editions/new?").expect("the form");
    let (_, rest) = own.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

/// Sends the form of a release as a browser does.
fn release(who: &mut Visitor, form: &Page, title: &str) -> Page {
    release_at(who, form, NEW, title)
}

fn release_at(who: &mut Visitor, form: &Page, new: &str, title: &str) -> Page {
    let (seen, key) = (hidden(form, "seen"), hidden(form, "key"));
    who.send(form, new, &[("title", title), ("seen", &seen), ("key", &key)])
}

/// Sends the form of a release and waits until the edition is there; its address.
fn released(who: &mut Visitor, title: &str) -> String {
    released_at(who, NEW, title)
}

/// The same by the form of another pack.
pub fn released_at(who: &mut Visitor, new: &str, title: &str) -> String {
    let form = who.get(new);
    assert_eq!(form.status, 200, "{}", form.body);
    let sent = release_at(who, &form, new, title);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let order = sent.header("location").to_owned();
    let since = Instant::now();
    loop {
        let page = who.get(&order);
        if page.status == 303 {
            return page
                .header("location")
                .split('?')
                .next()
                .expect("an address")
                .to_owned();
        }
        assert!(
            page.status == 200 && !page.body.contains("Выпуск не сделан"),
            "{}",
            page.body
        );
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the release does not end: {}",
            page.body
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn same(page: &Page) -> (u16, String) {
    (page.status, page.body.clone())
}

/// The cells of the row of a table that begins with a name.
fn row(page: &Page, name: &str) -> Vec<String> {
    let cell = |text: &str| {
        let mut out = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        out.replace("&lt;", "<").trim().to_owned()
    };
    let rows = page.body.split("<tr role=\"row\"").skip(1);
    let cells = rows.map(|row| {
        let row = row.split("</tr>").next().unwrap_or_default();
        let parts = row.split('\u{0}').next().unwrap_or_default();
        let split = parts.replace("<th", "\u{1}<th").replace("<td", "\u{1}<td");
        split.split('\u{1}').skip(1).map(cell).collect::<Vec<_>>()
    });
    let found = cells
        .into_iter()
        .find(|cells: &Vec<String>| cells.first().is_some_and(|c| c.starts_with(name)));
    found.unwrap_or_else(|| unreachable!("no row {name}: {}", page.body))
}

on_both! {
    fn an_operator_releases_and_the_ministry_approves(v: &Vekha) {
        let server = opened(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut second = server.signed_in("second", PASSWORD);
        assert!(operator.get("/editions").body.contains("Выпусков пока нет"));
        let late = second.get(NEW);
        let first = released(&mut operator, "Итоги года");
        let page = operator.get(&format!("{first}?done=released"));
        assert!(page.status == 200 && page.body.contains("Выпуск готов") && page.body.contains("Итоги года"), "{}", page.body);
        // Whoever opened the form before the edition came is told of it, and nothing is released twice.
        let clash = release(&mut second, &late, "Ещё раз");
        assert!(clash.status == 409 && clash.body.contains("вышел выпуск № 1"), "{} {}", clash.status, clash.body);
        assert!(clash.body.contains("Ещё раз"), "what was typed stays");
        // The released value stands beside the one of today, and is what the edition says.
        let one = operator.get("/indicators/chelyabinsk/1.1?period=2023&unit=A");
        assert!(one.body.contains("в выпуске №\u{a0}1"), "{}", one.body);
        let listed = v.run(&["edition", "list", "--format", "csv"]).ok().rows();
        assert_eq!((listed[0]["number"].as_str(), listed[0]["title"].as_str()), ("1", "Итоги года"));
        assert!(listed[0]["released_by"].contains("operator") || !listed[0]["released_by"].is_empty());
        // The files of the page are those of the command line.
        let files = exported(v, 1, "A");
        for (kind, bytes) in ["csv", "xlsx"].iter().zip(&files) {
            let file = operator.get(&format!("{first}/file?as={kind}"));
            assert!(file.status == 200 && file.bytes == *bytes, "{kind}");
        }
        // Something changes; the next edition names it, the first one stays.
        let staff = format!("{}{}", crate::editions::STAFF, person_row(950, "A-S1", "основное;01.09.2015;"));
        drop(v.import("staff", &staff));
        drop(v.import("results", &format!("{}{}", crate::editions::RESULTS, result_row(950, "11.04.2023", 41))));
        let next = released(&mut operator, "Итоги года, исправлено");
        let changes = operator.get(&format!("{next}/changes"));
        assert!(changes.status == 200 && changes.body.contains("изменились данные"), "{}", changes.body);
        assert_eq!(operator.get(&format!("{first}/changes")).status, 404);
        assert!(operator.get("/indicators/chelyabinsk/1.1?period=2023&unit=A").body.contains("в выпуске №\u{a0}2"));
        assert!(exported(v, 1, "A") == files);
        let people = operator.get(&format!("{next}/people?unit=A-S1&indicator=1.1&part=numerator"));
        assert!(people.body.contains("Фамилия950"), "{}", people.body);
        assert!(!operator.get(&format!("{first}/people?unit=A-S1&indicator=1.1&part=numerator")).body.contains("Фамилия950"));
        // The ministry sees no names, approves, and does not release.
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let seen = ministry.get(&next);
        assert!(seen.status == 200 && !seen.body.contains("/people"), "{}", seen.body);
        for path in ["/people?unit=A&indicator=1.1", "/file?as=csv"] {
            assert_eq!(ministry.get(&format!("{next}{path}")).status, 403, "{path}");
        }
        assert_eq!(ministry.get("/editions/new").status, 403);
        // The school has few people who were diagnosed: how many came to them is told to whoever opens lists alone.
        let of_school = format!("{next}/changes?unit=A-S1&indicator=1.1");
        assert!(operator.get(&of_school).body.contains("числитель"), "{}", operator.get(&of_school).body);
        let untold = ministry.get(&of_school);
        assert!(untold.status == 200 && !untold.body.contains("числитель"), "of the few: {}", untold.body);
        let approved = ministry.send(&seen, &format!("{next}/approve"), &[("remark", "приказ № 7")]);
        assert_eq!(approved.status, 303, "{}", approved.body);
        let again = ministry.send(&seen, &format!("{next}/approve"), &[("remark", "")]);
        assert_eq!(again.status, 409, "{}", again.body);
        assert!(ministry.get(&next).body.contains("приказ № 7"));
        let token = operator.get(&next);
        assert_eq!(operator.send(&token, &format!("{next}/approve"), &[("remark", "")]).status, 403);
        let listed = v.run(&["edition", "list", "--format", "csv"]).ok().rows();
        let approvals: Vec<&str> = listed.iter().map(|row| row["approved"].as_str()).collect();
        assert_eq!(approvals, ["0", "1"]);
        // Another region's edition is the same as none; who has no such desk is told so.
        let mut south = server.signed_in("south", PASSWORD);
        let none = same(&south.get("/editions/7"));
        assert_eq!(none.0, 404);
        for path in ["", "/changes", "/file?as=csv", "/people?unit=A&indicator=1.1"] {
            assert_eq!(south.get(&format!("{next}{path}")).status, 404, "{path}");
        }
        assert_eq!(same(&south.get(&next)), none);
        assert!(!south.get("/editions").body.contains("Итоги года"));
        for login in ["town", "director"] {
            assert_eq!(server.signed_in(login, PASSWORD).get(&next).status, 403, "{login}");
        }
        let _green = v.run(&["check"]).ok();
    }

    fn two_operators_who_release_at_once_make_one_edition(v: &Vekha) {
        let server = opened(v);
        let mut hands = ["operator", "second"].map(|login| server.signed_in(login, PASSWORD));
        let forms = hands.each_mut().map(|who| who.get(NEW));
        let sent: Vec<Page> = hands
            .iter_mut()
            .zip(&forms)
            .map(|(who, form)| release(who, form, "Итоги"))
            .collect();
        assert_eq!(sent[0].status, 303, "{}", sent[0].body);
        // The same form again is the same release.
        let again = release(&mut hands[0], &forms[0], "Итоги");
        assert_eq!((again.status, again.header("location")), (303, sent[0].header("location")), "{}", again.body);
        let since = Instant::now();
        let going = || v.query("SELECT id FROM edition_order WHERE state IN ('waiting', 'working')");
        while !going().is_empty() {
            assert!(since.elapsed() < Duration::from_secs(60), "the work does not end");
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(v.query("SELECT number FROM edition"), ["1"], "one edition");
        if sent[1].status == 303 {
            let told = hands[1].get(sent[1].header("location"));
            assert!(told.body.contains("вышел выпуск № 1"), "{}", told.body);
        } else {
            assert_eq!(sent[1].status, 409);
        }
        let _green = v.run(&["check"]).ok();
    }

    // rows: LG-F04, LG-F05
    fn services_authorities_and_organisations_take_part_and_are_told_of_what_comes_of_it(v: &Vekha) {
        let server = reports_world::world(v, &["leningrad"], 0);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        let mut operator = signed("operator");
        let campaign = open(&mut operator, "leningrad", "june", "2021", &[]);
        // Every service of the region is asked, and nobody of the other one; the authority agrees to what it says.
        let asked = v.query("SELECT u.code FROM submission s JOIN unit u ON u.id = s.unit_id ORDER BY u.code");
        assert_eq!(asked, ["С1", "С5"]);
        for login in ["methodist", "far-methodist"] {
            assert!(signed(login).get("/notices").body.contains("Сведения методических служб"), "{login}");
        }
        let mut methodist = signed("methodist");
        let form = methodist.get("/report");
        let said = [
            ("f.mun_school_of_young_teacher", "да"), ("f.mun_schools_in_organisations", "да"), ("f.mun_district_unions", "да"),
            ("f.mun_mentoring_small_organisations", "да"), ("f.mun_social_network_groups", "3"), ("f.mun_service_site", "да"),
            ("f.mun_service_site.link", "https://service.example"),
        ];
        assert_eq!(report(&mut methodist, &form, "send", &said).status, 303);
        let (id, ..) = stands(v, campaign, crate::world::unit(crate::world::NORTH, 1));
        assert_eq!(act(&mut signed("mouo"), id, "agree", &[]).status, 303);
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        // Organisations take part by what is known of their people: the number of their municipality opens them.
        let _body = v.import("bodies", "Код;Наименование;Вид;Уровень;Единица\nАС;Ассоциация учителей;ассоциация;региональный;С0\n");
        let mut members = String::from("СНИЛС;Объединение;Роль;С;По\n");
        for n in [1, 101, 201] {
            members.push_str(&format!("{};АС;участник;01.09.2020;\n", crate::world::snils(n)));
        }
        let _members = v.import("members", &members);
        for (town, of) in [("С1", vec!["С2", "С3"]), ("С5", vec!["С6"])] {
            let asked = ["people", "--pack", "leningrad", "--indicator", "M4", "--period", "2021", "--unit", town, "--part", "numerator"];
            let rows = v.run(&[&asked[..], &["--format", "csv"]].concat()).ok().rows();
            let mut schools: Vec<&str> = rows.iter().map(|row| row["unit"].as_str()).collect();
            schools.sort_unstable();
            assert_eq!(schools, of, "{town}: {rows:?}");
        }
        // What comes of it reaches them all.
        let edition = released_at(&mut operator, "/editions/new?pack=leningrad&period=2021", "Мониторинг служб");
        let mut ministry = signed("ministry");
        let form = ministry.get(&edition);
        assert_eq!(ministry.send(&form, &format!("{edition}/approve"), &[("remark", "")]).status, 303);
        let form = operator.get(&edition);
        assert_eq!(operator.send(&form, &format!("{edition}/open"), &[("remark", "")]).status, 303);
        let mut told = v.query("SELECT a.login FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = 'edition_opened'");
        told.sort();
        let known = ["director", "far-methodist", "methodist", "ministry", "mouo"];
        assert_eq!(told, known);
        for login in known {
            let mut who = signed(login);
            assert!(who.get("/notices").body.contains("Мониторинг служб"), "{login}");
            let page = who.get(&edition.replace("/editions/", "/released/"));
            assert!(page.status == 200 && page.body.contains("Мониторинг служб"), "{login}: {}", page.body);
        }
        for login in ["south", "south-school"] {
            assert!(!signed(login).get("/notices").body.contains("Мониторинг служб"), "{login}");
        }
    }

    fn a_mean_of_towns_stands_in_an_edition_without_the_sum_of_their_values(v: &Vekha) {
        let server = opened(v);
        let head = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";
        let file = format!("{head}A-M0,tyumen:s1,2022/23,4,,,,,\nA-M1,tyumen:s1,2022/23,7,,,,,\nB-M0,tyumen:s1,2022/23,8,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        let _opened = v.run(&["values", "--pack", "tyumen", "--period", "2022/23", "--level", "region"]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        let edition = released_at(&mut operator, "/editions/new?pack=tyumen&period=2022%2F23", "Экспертиза");
        // For machines the columns stay as they are.
        let exact = crate::editions::table(&exported(v, 1, "A")[0]);
        let printed = |unit: &str, columns: [&str; 2]| {
            let of = &exact[&["s1", "", "", unit].map(str::to_owned)];
            columns.map(|column| of[column].clone())
        };
        assert_eq!(printed("A", ["numerator", "denominator"]), ["11", "2"]);
        let mean = ["среднее по\u{A0}2", "–"];
        let page = operator.get(&format!("{edition}?indicator=s1"));
        assert_eq!(row(&page, "Единица A")[1..3], mean, "a mean has no sum");
        assert_eq!(row(&page, "Единица A-M0")[1..3], printed("A-M0", ["numerator", "denominator"]), "a town has points of its own");
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let form = ministry.get(&edition);
        assert_eq!(ministry.send(&form, &format!("{edition}/approve"), &[("remark", "")]).status, 303);
        let form = operator.get(&edition);
        assert_eq!(operator.send(&form, &format!("{edition}/open"), &[("remark", "")]).status, 303);
        let page = server.visitor().get(&format!("{}?indicator=s1", edition.replace("/editions/", "/released/")));
        assert_eq!(row(&page, "Единица A")[5..7], mean, "{}", page.body);
        // What the next edition says otherwise is called by what it is.
        let file = format!("{head}A-M2,tyumen:s1,2022/23,1,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("more.csv", &file))]).ok();
        let next = released_at(&mut operator, "/editions/new?pack=tyumen&period=2022%2F23", "Экспертиза, исправлено");
        let changes = operator.get(&format!("{next}/changes?unit=A&indicator=s1"));
        assert!(changes.body.contains("сумма значений") && !changes.body.contains("числитель"), "{}", changes.body);
        assert_eq!(server.signed_in("south", PASSWORD).get(&edition).status, 404);
    }

    // rows: LE-F46, CH-F75
    fn everyone_reads_what_was_opened_and_never_the_few(v: &Vekha) {
        let server = opened(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let edition = released(&mut operator, "Мониторинг за год");
        let public = edition.replace("/editions/", "/released/");
        let mut anyone = server.visitor();
        let none = same(&anyone.get("/released/7"));
        assert_eq!(none.0, 404);
        assert_eq!(same(&anyone.get(&public)), none, "until it is opened it is not there");
        assert!(!anyone.get("/released").body.contains("Мониторинг за год"));
        // The ministry approves first.
        let form = operator.get(&edition);
        assert!(!form.body.contains("Открыть для всех") && form.body.contains("после утверждения"), "{}", form.body);
        let early = operator.send(&form, &format!("{edition}/open"), &[("remark", "")]);
        assert_eq!(early.status, 409, "nobody has approved it");
        assert!(early.body.contains("ещё не утверждён"), "{}", early.body);
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let form = ministry.get(&edition);
        assert_eq!(ministry.send(&form, &format!("{edition}/approve"), &[("remark", "")]).status, 303);
        let form = operator.get(&edition);
        let sent = operator.send(&form, &format!("{edition}/open"), &[("remark", "")]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert!(anyone.get("/released").body.contains("Мониторинг за год"));
        // Whoever answers for a unit of the region is told, and nobody of the other one.
        let told = "SELECT a.login FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = 'edition_opened'";
        let mut told = v.query(told);
        told.sort();
        assert_eq!(told, ["director", "ministry", "town"]);
        let mut director = server.signed_in("director", PASSWORD);
        assert!(director.get("/notices").body.contains("Опубликованы показатели: Мониторинг за год"));
        let page = anyone.get(&public);
        assert_eq!(page.status, 200, "{}", page.body);
        // Leaders are few: whoever signs in sees how many, everyone else sees that they are few; what is told is the same.
        let values = v.run(&["edition", "list", "--format", "csv"]).ok().rows();
        assert_eq!(values[0]["open"], "1");
        let exact = crate::editions::table(&exported(v, 1, "A")[0]);
        let number = |unit: &str, column: &str, of: &str| exact[&[of, "", "", unit].map(str::to_owned)][column].clone();
        let (mut few, mut told, mut hidden) = (0, 0, 0);
        for of in ["1.1", "1.2", "2.1", "2.2"] {
            let shown = anyone.get(&format!("{public}?indicator={of}"));
            assert_eq!(shown.status, 200, "{}", shown.body);
            for unit in ["A", "A-M0", "A-M1", "A-M2"] {
                let cells = row(&shown, &format!("Единица {unit}"));
                for (place, column) in [(5, "numerator"), (6, "denominator")] {
                    let real: i64 = number(unit, column, of).parse().expect("a count");
                    match cells[place].as_str() {
                        "<5" => {
                            few += 1;
                            assert!(real < 5, "{of} {unit} {column}: {real}");
                        }
                        "скрыто" | "почти все" => hidden += 1,
                        written => {
                            told += 1;
                            assert_eq!(written.parse::<i64>().ok(), Some(real), "{of} {unit} {column}");
                            assert!(real == 0 || real >= 5, "{of} {unit} {column}: {real} is told");
                        }
                    }
                }
            }
            assert!(!shown.body.contains("Единица A-S"), "no organisations");
            assert!(!shown.body.contains("/people"), "no lists");
        }
        assert!(few > 0 && told > 5, "few {few}, told {told}, hidden {hidden}");
        let book = anyone.get(&format!("{public}?indicator=1.1&as=xlsx"));
        assert!(book.status == 200 && book.bytes.starts_with(b"PK"));
        assert_eq!(anyone.get(&edition).status, 303, "everything else asks to sign in");
        // What was opened is closed again with a reason.
        let form = operator.get(&edition);
        assert_eq!(operator.send(&form, &format!("{edition}/close"), &[("remark", "")]).status, 422);
        let closed = operator.send(&form, &format!("{edition}/close"), &[("remark", "ошибка в методике")]);
        assert_eq!(closed.status, 303, "{}", closed.body);
        assert_eq!(same(&anyone.get(&public)), none);
        let acts = v.query("SELECT act FROM edition_act ORDER BY id");
        assert_eq!(acts, ["approve", "open", "close"]);
        let noted = v.query("SELECT action FROM audit_event WHERE action LIKE 'cycle.edition_%' ORDER BY id");
        assert_eq!(noted, ["cycle.edition_ask", "cycle.edition_release", "cycle.edition_approve", "cycle.edition_open", "cycle.edition_close"]);
        let _green = v.run(&["check"]).ok();
    }
}
