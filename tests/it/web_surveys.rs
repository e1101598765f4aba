//! Surveys of people: opened from a pack, answered once, told to nobody by name, read together once they are over and from five
//! people up.

use crate::on_both;
use crate::reports_world::{hidden, in_days, shown};
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
/// A second municipality of the north with a school.
const FAR_TOWN: i64 = 5;
const FAR_SCHOOL: i64 = 6;

/// A pack with a survey of every kind of question, and a short one.
const PACK: &str = r#"
code = "proba"
version = 1
title = "Проба опросов"
period_kind = "academic_year"
reference_day = "06-01"
years = ["2022/23"]

[[indicator]]
code = "a"
title = "Цели"
formula = "expert(max = 4)"
population = "Муниципалитеты"
unit = "баллы"
direction = "higher_is_better"
digits = 2
source = "эксперт"

[[survey]]
code = "help"
title = "Что помогает учителю"
guide = "Чтобы поправить планы помощи."
audience = ["teaching"]
opens = "01-01"
closes = "12-31"
minutes = 5

[[survey.question]]
code = "got"
text = "Вам помогали?"
kind = "one"
options = ["да", "нет"]

[[survey.question]]
code = "useful"
text = "Насколько это пригодилось?"
kind = "scale"
options = ["совсем нет", "отчасти", "очень"]

[[survey.question]]
code = "kinds"
text = "Что помогло?"
kind = "several"
options = ["курсы", "наставник", "уроки коллег"]

[[survey.question]]
code = "lack"
text = "Чего не хватает?"
kind = "words"

[[survey]]
code = "ready"
title = "Кто готов учить коллег"
guide = "Чтобы собрать группу."
audience = ["teaching", "managing"]
opens = "01-01"
closes = "12-31"
minutes = 1

[[survey.question]]
code = "ready"
text = "Вы готовы?"
kind = "one"
options = ["да", "нет"]
"#;

/// Who works on the desks: login, role, region, place.
const DESKS: &[(&str, &str, i64, i64)] = &[
    ("operator", "operator", NORTH, 0),
    ("south", "operator", SOUTH, 0),
    ("methodist", "municipal_methodist", NORTH, 1),
    ("head", "school_head", NORTH, 2),
    ("other-head", "school_head", NORTH, 3),
    ("far-head", "school_head", NORTH, FAR_SCHOOL),
];

/// Nine teachers of the first school, six of the second, seven of the far one, five of the south; the first of each has an account.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_TOWN, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_TOWN);
    for (first, many, region, place) in [
        (1001, 9, NORTH, 2),
        (1101, 6, NORTH, 3),
        (1201, 7, NORTH, FAR_SCHOOL),
        (1301, 5, SOUTH, 2),
    ] {
        for n in 0..many {
            world.teacher(first + n, first + n - 1000, region, place);
        }
        world.account(
            first,
            &format!("t{first}"),
            Some(first),
            &[("teacher", unit(region, place))],
        );
    }
    world.account(1002, "t1002", Some(1002), &[("teacher", unit(NORTH, 2))]);
    for (id, (login, role, region, place)) in (1..).zip(DESKS) {
        world.account(id, login, None, &[(role, unit(*region, *place))]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let pack = v.file("proba.toml", PACK);
    let _loaded = v.run(&["pack", "load", text(&pack)]).ok();
    Server::start(v)
}

/// Opens a survey of the pack from today on; what was answered.
fn try_open(operator: &mut Visitor, survey: &str, opens: &str, closes: &str, act: &str) -> Page {
    let path = format!("/surveys/new?pack=proba&survey={survey}");
    let page = operator.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    let key = hidden(&page, "key");
    let fields = [
        ("key", key.as_str()),
        ("opens", opens),
        ("closes", closes),
        ("act", act),
    ];
    operator.send(&page, &path, &fields)
}

/// The same; its id.
#[track_caller]
fn open(operator: &mut Visitor, survey: &str) -> i64 {
    let answer = try_open(operator, survey, &shown(in_days(0)), &shown(in_days(5)), "");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let to = answer.header("location").trim_start_matches("/surveys/").to_owned();
    to.split('?').next().and_then(|id| id.parse().ok()).expect("an id")
}

const WHOLE: [(&str, &str); 5] = [
    ("q.got", "0"),
    ("q.useful", "2"),
    ("q.kinds", "0"),
    ("q.kinds", "2"),
    ("q.lack", "Тишины =1+1"),
];

fn answer(who: &mut Visitor, survey: i64, fields: &[(&str, &str)]) -> Page {
    let path = format!("/my-surveys/{survey}");
    let page = who.get("/account");
    who.send(&page, &path, fields)
}

/// The survey is over, and so many people of places have answered: the first `yes` of each chose the first option and the highest
/// place of the scale, the others the second and the lowest.
fn over(v: &Vekha, survey: i64, answered: &[(i64, i64, i64, i64)]) {
    let (own, then) = (unit(NORTH, 0), "'2022-01-01 00:00:00'");
    let mut id = 70_000;
    for (place, first, many, yes) in answered {
        for n in 0..*many {
            id += 10;
            let (person, school) = (first + n, unit(NORTH, *place));
            let (got, useful) = if n < *yes { (0, 2) } else { (1, 0) };
            v.sql(&format!(
                "INSERT INTO survey_participant (id, region_id, survey_id, person_id, organisation_id, recorded_at) VALUES \
                 ({id}, {own}, {survey}, {person}, {school}, {then}); \
                 INSERT INTO survey_sheet (id, region_id, survey_id, organisation_id) VALUES ({id}, {own}, {survey}, {school}); \
                 INSERT INTO survey_answer (id, region_id, survey_sheet_id, question, choice) VALUES \
                 ({id}, {own}, {id}, 'got', {got}), ({}, {own}, {id}, 'useful', {useful})",
                id + 1
            ));
        }
    }
    v.sql(&format!(
        "UPDATE survey SET opens_on = '{}', closes_on = '{}' WHERE id = {survey}",
        in_days(-9),
        in_days(-1)
    ));
}

/// The cells of a row of a table that begins with these words.
fn row(page: &Page, first: &str) -> Vec<String> {
    let rows = page.body.split("<tr").skip(1);
    let cells = |row: &str| -> Vec<String> {
        let cell = |cell: &str| {
            let inner = cell.split_once('>').map_or("", |(_, inner)| inner);
            let inner = inner.split("</t").next().unwrap_or_default();
            let mut plain = String::new();
            let mut tag = false;
            for c in inner.chars() {
                match c {
                    '<' => tag = true,
                    '>' => tag = false,
                    c if !tag => plain.push(c),
                    _ => {}
                }
            }
            plain.trim().replace("&lt;", "<").to_owned()
        };
        row.split("<t").skip(1).map(cell).collect()
    };
    let mut found = rows
        .map(cells)
        .filter(|cells| cells.first().is_some_and(|c| c == first));
    found.next().unwrap_or_default()
}

on_both! {
    fn a_survey_is_opened_from_its_pack_and_asks_those_it_is_for(v: &Vekha) {
        let server = world(v);
        let own = unit(NORTH, 0);
        v.sql(&format!(
            "INSERT INTO regulation (id, region_id, unit_id, issuer_key, level, kind, number, number_key, issued_on, title, search_key, \
             valid_from, is_public, version, recorded_at) VALUES (71, {own}, {own}, 'unit {own}', 'regional', 'order', '71', '71', \
             '2022-09-01', 'Об опросных листах', '', '2022-09-01', TRUE, 1, '2022-09-01 00:00:00')"
        ));
        let mut operator = server.signed_in("operator", PASSWORD);
        let list = operator.get("/surveys");
        assert!(list.body.contains("Опросов ещё не было") && list.body.contains("Что помогает учителю"), "{}", list.body);
        let page = operator.get("/surveys/new?pack=proba&survey=help");
        for said in ["Вам помогали?", "да / нет", "22\u{a0}человека", "5\u{a0}минут на человека, 110\u{a0}минут на всех", "Об опросных листах"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let (today, later) = (shown(in_days(0)), shown(in_days(5)));
        for (opens, closes, said) in [
            (shown(in_days(-1)), later.clone(), "ервый день уже прошёл"),
            (later.clone(), today.clone(), "раньше первого"),
            (today.clone(), shown(in_days(500)), "не дольше года"),
            (today.clone(), "когда-нибудь".into(), "Напишите день так"),
        ] {
            let answer = try_open(&mut operator, "help", &opens, &closes, "");
            assert!(answer.status == 422 && answer.body.contains(said), "{opens} {closes}: {}", answer.body);
        }
        let answer = try_open(&mut operator, "help", &today, &later, "71");
        assert_eq!(answer.status, 303, "{}", answer.body);
        let to = answer.header("location").to_owned();
        let page = operator.get(&to);
        for said in ["Опрос открыт", "Об опросных листах", "идёт", "Анонимно"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let again = try_open(&mut operator, "help", &today, &later, "");
        assert!(again.status == 422 && again.body.contains("такой опрос уже открыт до") || again.body.contains("Такой опрос уже открыт до"), "{}", again.body);
        // Who is asked sees it on the first page; another region knows nothing of it.
        let path = to.split('?').next().expect("a path");
        let mut teacher = server.signed_in("t1001", PASSWORD);
        assert!(teacher.get("/plan").body.contains("Опросы ждут вас"));
        assert!(teacher.get("/my-surveys").body.contains("Что помогает учителю"));
        let id: i64 = number(v, "SELECT id AS n FROM survey");
        assert_eq!(teacher.get(&format!("/my-surveys/{id}")).status, 200);
        assert_eq!(teacher.get(path).status, 403, "results are no page of a teacher");
        let mut other = server.signed_in("t1301", PASSWORD);
        assert!(!other.get("/plan").body.contains("Опросы ждут вас"));
        assert_eq!(other.get(&format!("/my-surveys/{id}")).status, 404);
        assert_eq!(answer_of(&mut other, id), 404);
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!(south.get(path).status, 404);
        assert!(!south.get("/surveys").body.contains(path));
    }

    fn nobody_learns_who_answered_what_and_nobody_answers_twice(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let survey = open(&mut operator, "help");
        let mut teacher = server.signed_in("t1001", PASSWORD);
        // What was chosen stays where something is missing.
        let some = answer(&mut teacher, survey, &[("q.got", "1"), ("q.lack", "моё слово")]);
        assert_eq!(some.status, 422);
        assert!(some.body.contains("Насколько это пригодилось? Выберите ответ."), "{}", some.body);
        assert!(some.body.contains("name=\"q.got\" value=\"1\" checked") && some.body.contains("моё слово"), "{}", some.body);
        for wrong in [&[("q.got", "7"), ("q.useful", "0")][..], &[("q.got", "0"), ("q.got", "1"), ("q.useful", "0")]] {
            assert_eq!(answer(&mut teacher, survey, wrong).status, 422, "{wrong:?}");
        }
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM survey_participant"), 0);
        let sent = answer(&mut teacher, survey, &WHOLE);
        assert_eq!(sent.header("location"), "/my-surveys?done=answered", "{}", sent.body);
        // A second sending of the same or of another answer changes nothing.
        let again = answer(&mut teacher, survey, &[("q.got", "1"), ("q.useful", "0")]);
        assert_eq!(again.header("location"), "/my-surveys?done=already", "{}: {}", again.status, again.body);
        assert!(teacher.get("/my-surveys?done=already").body.contains("второй раз ответить нельзя"));
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM survey_participant WHERE person_id = 1001"), 1);
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM survey_sheet"), 1, "one sheet");
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM survey_answer"), 5, "each option is a row");
        // Nothing of the act says what was chosen.
        let told = v.query("SELECT detail FROM audit_event WHERE action = 'cycle.survey_answer'");
        assert_eq!(told, [String::new()], "{told:?}");
        assert!(!teacher.get("/plan").body.contains("Опросы ждут вас"));
        let mine = teacher.get("/my-surveys");
        assert!(mine.body.contains("Вы ответили") && !mine.body.contains("Ответить<"), "{}", mine.body);
        // Ids are drawn by lot: those of two sheets tell nothing of who was first.
        let mut second = server.signed_in("t1002", PASSWORD);
        assert_eq!(answer(&mut second, survey, &WHOLE).status, 303);
        let (sheets, people) = ("SELECT MIN(id) AS n FROM survey_sheet", "SELECT MIN(id) AS n FROM survey_participant");
        assert_ne!(number(v, sheets) >> 40, number(v, people) >> 40, "no clock in them");
    }

    fn answers_are_read_once_it_is_over_and_from_five_people_up(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let survey = open(&mut operator, "help");
        let path = format!("/surveys/{survey}");
        let of = |place: i64| format!("{path}?unit=%D0%A1{place}");
        let mut teacher = server.signed_in("t1201", PASSWORD);
        assert_eq!(answer(&mut teacher, survey, &WHOLE).status, 303);
        let page = operator.get(&path);
        assert!(page.body.contains("Итог откроется") && !page.body.contains("Вам помогали?"), "read before it is over: {}", page.body);
        // Four of the second school: neither they nor, by subtraction, the first school are told.
        v.sql("DELETE FROM survey_answer; DELETE FROM survey_sheet; DELETE FROM survey_participant");
        over(v, survey, &[(2, 1001, 8, 5), (3, 1101, 4, 0), (FAR_SCHOOL, 1201, 6, 6)]);
        let page = operator.get(&path);
        assert!(page.body.contains("Вам помогали?"), "{}", page.body);
        // 18 answered, 11 of them yes; the mean of the scale is of those 18.
        assert_eq!(row(&page, "да")[..3], ["да", "11", "61,1\u{a0}%"]);
        assert_eq!(row(&page, "нет")[..3], ["нет", "7", "38,9\u{a0}%"]);
        assert!(page.body.contains("18\u{a0}человек ответили. В среднем 2,2 из 3."), "{}", page.body);
        // Both municipalities are told: twelve and six.
        // How many have answered stands beside what they have answered.
        assert_eq!(row(&page, "С1")[..3], ["С1", "15", "12"]);
        assert!(page.body.contains("18 из 22"), "{}", page.body);
        let page = operator.get(&of(1));
        assert_eq!(row(&page, "да")[..3], ["да", "5", "41,7\u{a0}%"]);
        for place in [2, 3] {
            let page = operator.get(&of(place));
            assert!(page.status == 200 && !page.body.contains("Вам помогали?"), "place {place} is told: {}", page.body);
            assert!(page.body.contains("узнать ответы немногих"), "place {place} says nothing: {}", page.body);
        }
        // The same whoever looks, and each no further than the own place.
        for (login, sees, not) in [("head", 2, 3), ("other-head", 3, FAR_SCHOOL), ("methodist", 1, FAR_TOWN)] {
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get(&path);
            assert_eq!(page.body.contains("Вам помогали?"), login == "methodist", "{login}: {}", page.body);
            assert_eq!(who.get(&of(sees)).status, 200, "{login}");
            assert_eq!(who.get(&of(not)).status, 404, "{login}");
        }
        let mut far = server.signed_in("far-head", PASSWORD);
        let page = far.get(&path);
        assert_eq!(row(&page, "да")[..3], ["да", "6", "100,0\u{a0}%"], "{}", page.body);
        // A question that few have answered is not told, whoever has answered the others.
        let (own, school) = (unit(NORTH, 0), unit(NORTH, FAR_SCHOOL));
        v.sql(&format!(
            "INSERT INTO survey_answer (id, region_id, survey_sheet_id, question, words) SELECT id + 5, {own}, id, 'lack', \
             'тайна ' || id FROM survey_sheet WHERE organisation_id = {school} AND id IN (SELECT id FROM survey_sheet WHERE \
             organisation_id = {school} ORDER BY id LIMIT 4)"
        ));
        for page in [far.get(&path), far.get(&format!("{path}?as=xlsx")), operator.get(&path)] {
            assert!(page.status == 200 && !page.body.contains("тайна"), "few are told by question: {}", page.body);
        }
        assert!(far.get(&path).body.contains("На этот вопрос ответили меньше пяти человек"));
        // Whoever works in two places is asked once, where the answer is counted.
        v.sql(&format!(
            "INSERT INTO employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, valid_from, recorded_at) \
             SELECT 99001, region_id, person_id, {}, position, staff_kind, 'external_part', valid_from, recorded_at FROM employment \
             WHERE person_id = 1201",
            unit(NORTH, 2)
        ));
        assert!(operator.get(&path).body.contains("18 из 22"), "asked once");
        // A page as a file says no more.
        let file = operator.get(&format!("{}&as=xlsx", of(3)));
        assert_eq!(file.status, 200);
    }

    fn the_last_day_is_moved_while_it_goes_on_and_stays_once_it_is_over(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let survey = open(&mut operator, "help");
        let path = format!("/surveys/{survey}");
        let page = operator.get(&path);
        let seen = hidden(&page, "seen");
        let mut to = |seen: &str, day: i64| {
            let day = shown(in_days(day));
            operator.send(&page, &path, &[("act", "move"), ("seen", seen), ("closes", &day)])
        };
        assert!(to(&seen, -3).status == 422, "a day that is past");
        assert_eq!(to(&seen, 8).header("location"), format!("{path}?done=moved"));
        let late = to(&seen, 9);
        assert!(late.status == 409 || late.status == 422, "{}: {}", late.status, late.body);
        let closes = v.query("SELECT closes_on FROM survey").pop().expect("a day");
        assert!(closes.starts_with(&in_days(8).to_string()), "{closes}");
        over(v, survey, &[]);
        let answer = to("2", 3);
        assert!(answer.status == 422 && answer.body.contains("завершён, и его итоги уже открыты"), "{}", answer.body);
        let mut teacher = server.signed_in("t1001", PASSWORD);
        assert_eq!(answer_of(&mut teacher, survey), 404, "it asks nobody any more");
    }

    fn faults_of_a_survey_are_told_with_their_lines(v: &Vekha) {
        let _server = world(v);
        for (right, wrong, at, said) in [
            ("audience = [\"teaching\"]", "audience = [\"cooks\"]", "audience = [\"cooks\"]", "audience «cooks» не бывает"),
            ("audience = [\"teaching\"]", "audience = []", "code = \"help\"", "никого не спрашивает"),
            ("closes = \"12-31\"", "closes = \"31.12\"", "closes = \"31.12\"", "месяц и день"),
            ("minutes = 5", "minutes = 0", "minutes = 0", "minutes: целое число"),
            ("kind = \"scale\"", "kind = \"stars\"", "kind = \"stars\"", "kind «stars» не бывает"),
            ("options = [\"да\", \"нет\"]", "options = [\"да\", \"да\"]", "code = \"got\"", "разных ответов"),
            ("code = \"useful\"", "code = \"got\"", "code = \"got\"", "код стоит дважды"),
            ("code = \"ready\"", "code = \"help\"", "code = \"help\"", "стоит дважды"),
        ] {
            let pack = PACK.replacen(right, wrong, 1);
            // The last that is written so: the one that came second.
            let line = 1 + pack.lines().enumerate().filter(|(_, l)| *l == at).map(|(n, _)| n).last().expect("the place");
            let answer = v.run(&["pack", "check", text(&v.file("wrong.toml", &pack))]);
            let named = format!("строка {line},");
            let found = answer.out.lines().chain(answer.err.lines()).any(|l| l.contains(&named) && l.contains(said));
            assert!(found, "{wrong} at {line}: {} {}", answer.out, answer.err);
        }
    }
}

/// What the form of a survey answers to somebody.
fn answer_of(who: &mut Visitor, survey: i64) -> u16 {
    answer(who, survey, &WHOLE).status
}
