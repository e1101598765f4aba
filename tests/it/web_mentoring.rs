//! Mentoring over plain HTTP and from files: pairs by form and by the document that they lack, beginners with a mentor,
//! documents of organisations, what mentors do. Own school, own municipality, own region; the other region sees nothing.

use std::collections::BTreeSet;

use crate::figures_pages::{at, number as figure, table};
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::Server;
use crate::web_notices::apply;
use crate::web_registers::{Event, after, events_are_kept, found, signed, world};
use crate::world::{NORTH, SOUTH, World, draft, number, show, snils, unit};

/// A pair from a file: mentor, mentee, form, first day, last day, documents.
type Pair = (
    i64,
    i64,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const PAIRS: [Pair; 8] = [
    (
        11,
        12,
        "teacher_teacher",
        "01.10.2022",
        "",
        &["statute", "order", "roadmap"],
    ),
    (11, 13, "teacher_teacher", "01.10.2022", "", &["order"]),
    (
        14,
        15,
        "leader_teacher",
        "01.10.2022",
        "",
        &["statute", "roadmap", "consent"],
    ),
    (31, 32, "student_teacher", "01.10.2022", "", &[]),
    (33, 16, "teacher_teacher", "15.10.2022", "", &["statute", "order"]),
    (41, 42, "teacher_teacher", "01.10.2022", "", &["order", "report"]),
    (
        43,
        44,
        "employer_student",
        "01.09.2021",
        "31.05.2022",
        &["statute", "order", "roadmap", "report"],
    ),
    (61, 62, "leader_teacher", "01.10.2022", "", &["statute"]),
];

const DOCUMENTS: [(&str, &str); 6] = [
    ("statute", "положение"),
    ("order", "приказ о закреплении"),
    ("roadmap", "дорожная карта"),
    ("programme", "персонализированная программа"),
    ("consent", "согласия"),
    ("report", "отчёт"),
];

fn load_pairs(v: &Vekha) {
    let mut file = String::from("СНИЛС наставника;СНИЛС наставляемого;Форма;С;По;Документы\n");
    for (mentor, mentee, form, from, to, documents) in PAIRS {
        let named = DOCUMENTS
            .iter()
            .filter(|(code, _)| documents.contains(code))
            .map(|(_, name)| *name);
        let named = named.collect::<Vec<_>>().join("; ");
        file.push_str(&format!(
            "{};{};{form};{from};{to};\"{named}\"\n",
            snils(mentor),
            snils(mentee)
        ));
    }
    let loaded = v.import("pairs", &file);
    assert!(
        loaded.out.starts_with(&format!("Новых {},", PAIRS.len())),
        "{}",
        loaded.out
    );
}

/// Whether a keeper sees one of the two.
fn sees(login: &str, n: i64) -> bool {
    match login {
        "operator" => n < 60,
        "methodist" => n < 40,
        "coordinator" => n < 30,
        "director-far" => (41..=45).contains(&n),
        _ => n > 60,
    }
}

/// Every list of pairs is what was laid, for whoever keeps them.
fn pairs_are_found(server: &Server) {
    let ended = |p: &&Pair| !p.4.is_empty();
    for login in ["operator", "methodist", "coordinator", "director-far", "south"] {
        let own: Vec<&Pair> = PAIRS.iter().filter(|p| sees(login, p.0) || sees(login, p.1)).collect();
        let working: Vec<&Pair> = own.iter().copied().filter(|p| !ended(p)).collect();
        let mut who = signed(server, login);
        assert_eq!(found(&mut who, "/pairs"), working.len(), "{login}");
        assert_eq!(
            found(&mut who, "/pairs?state=ended"),
            own.len() - working.len(),
            "{login}"
        );
        let page = who.get("/pairs");
        let mentors: BTreeSet<i64> = working.iter().map(|p| p.0).collect();
        assert_eq!(
            after(&page, "В найденных парах: "),
            mentors.len(),
            "{login}: {}",
            page.body
        );
        for form in [
            "teacher_teacher",
            "leader_teacher",
            "student_teacher",
            "employer_student",
        ] {
            let there = own.iter().filter(|p| p.2 == form).count();
            assert_eq!(
                found(&mut who, &format!("/pairs?state=all&form={form}")),
                there,
                "{login} {form}"
            );
        }
        for (code, _) in DOCUMENTS {
            let without = working.iter().filter(|p| !p.5.contains(&code)).count();
            assert_eq!(
                found(&mut who, &format!("/pairs?lacks={code}")),
                without,
                "{login} {code}"
            );
        }
        for n in [11, 31, 41, 61] {
            let named = working.iter().any(|p| p.0 == n || p.1 == n);
            assert_eq!(
                page.body.contains(&format!("Фамилия{n}")),
                named,
                "{login} {n}: {}",
                page.body
            );
        }
    }
}

/// Beginners with a mentor, as a region may ask of itself.
const OWN: &str = r#"
code = "own"
version = 1
title = "Наставничество региона"
regions = ["С0"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "first"
title = "Начинающие с наставником"
formula = "share(count(person where first_three_years and mentoring(role = mentee)), count(person where pedagogical and first_three_years))"
population = "Педагоги первых трёх лет"
unit = "%"
source = "Записи"
direction = "higher_is_better"
"#;

/// Teachers who began two years ago or less: one without a mentor, one whose mentor was before.
const BEGINNERS: [i64; 5] = [12, 13, 32, 17, 44];

on_both! {
    // rows: CH-F43
    fn documents_that_pairs_lack_are_named_and_beginners_have_their_mentors(v: &Vekha) {
        let server = world(v);
        load_pairs(v);
        pairs_are_found(&server);
        let began: Vec<String> = BEGINNERS.iter().map(|n| (1000 + n).to_string()).collect();
        v.sql(&format!("UPDATE employment SET teaching_since = '2022-09-01' WHERE person_id IN ({})", began.join(", ")));
        let said = [("С2", "да"), ("С3", "нет"), ("С6", "да"), ("Ю2", "да")];
        let mut file = String::from("Единица;Показатель или величина;Период;Значение\n");
        for (school, yes) in said {
            file.push_str(&format!("{school};org_mentoring_documents;2023;{yes}\n"));
        }
        let _forms = v.import("forms", &file);
        for pack in ["seeds/packs/chelyabinsk.toml", text(&v.file("own.toml", OWN))] {
            let _loaded = v.run(&["pack", "load", pack]).ok();
        }
        for pack in ["chelyabinsk", "own"] {
            let _opened = v.run(&["values", "--pack", pack, "--period", "2023", "--level", "region"]).ok();
        }
        let mut operator = signed(&server, "operator");
        let page = operator.get(&at("/indicators/chelyabinsk/7.1", "chelyabinsk", "2023", ""));
        let documents = table(&page, "7.1:");
        let page = operator.get(&at("/indicators/own/first", "own", "2023", ""));
        let first = table(&page, "first:");
        for (town, schools) in [("С1", &["С2", "С3"][..]), ("С5", &["С6"])] {
            let yes = said.iter().filter(|(school, yes)| schools.contains(school) && *yes == "да").count();
            let told = ["В числителе", "Всего"].map(|head| figure(documents.cell(town, head)));
            assert_eq!(told, [Some(yes as f64), Some(schools.len() as f64)], "{town}: {documents:?}");
            // Beginners of the town: whoever is a mentee of a pair that works in the year.
            let here = |n: &&i64| if town == "С1" { **n < 40 } else { **n > 40 };
            let begin: Vec<&i64> = BEGINNERS.iter().filter(here).collect();
            let with = begin.iter().filter(|n| PAIRS.iter().any(|p| p.1 == ***n && p.4.is_empty())).count();
            let told = ["В числителе", "Всего"].map(|head| figure(first.cell(town, head)));
            assert_eq!(told, [Some(with as f64), Some(begin.len() as f64)], "{town}: {first:?}");
        }
        assert!(!page.body.contains("Ю1"));
        // Those who are counted are named, and nobody else.
        let list = operator.get("/indicators/own/first/people?period=2023&unit=%D0%A10&part=numerator");
        for n in 11..=45 {
            let counted = BEGINNERS.contains(&n) && PAIRS.iter().any(|p| p.1 == n && p.4.is_empty());
            assert_eq!(list.body.contains(&format!("Фамилия{n}")), counted, "{n}: {}", list.body);
        }
        let theirs = table(&signed(&server, "south").get(&at("/indicators/own/first", "own", "2023", "")), "first:");
        assert!(theirs.rows.iter().flatten().all(|cell| !["С0", "С1", "С5"].contains(&cell.as_str())), "the south reads its own: {theirs:?}");
        let _whole = v.run(&["check"]).ok();
    }

    // rows: LG-F43
    fn what_mentors_do_is_found_and_counted_by_its_form(v: &Vekha) {
        let event = |title, series, kind, level, on, units, counted| Event { title, series, kind, level, on, units, counted };
        events_are_kept(v, &[
            event("Беседа с начинающим", "", "event/mentor_work", "school", "05.10.2022", "С2=2", 2),
            event("Разбор недели", "", "event/mentor_work", "municipal", "12.10.2022", "С1=3; С5=2", 5),
            event("Коучинг постановки целей", "", "event/coaching", "regional", "17.10.2022", "С1=8; С5=7", 15),
            event("Уроки наставников", "", "event/lesson_visit", "school", "18.10.2022", "С2=6", 6),
            event("Занятие первое", "Школа молодого педагога", "event/young_school", "municipal", "19.10.2022", "С1=14", 14),
            event("Занятие второе", "Школа молодого педагога", "event/young_school", "municipal", "16.11.2022", "С1=12", 12),
            event("День молодого педагога", "", "event/young_day", "regional", "03.11.2022", "С1=40; С5=30", 70),
            event("Наставник года", "", "contest/mentors", "regional", "10.12.2022", "С1=4; С5=3", 7),
        ]);
    }
}

/// Two young teachers with a plan in the north and one in the south; the first of each region has a mentor.
fn world_of_plans(v: &Vekha) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for (person, n, region) in [
        (1011, 11, NORTH),
        (1012, 12, NORTH),
        (1013, 13, NORTH),
        (1061, 61, SOUTH),
        (1062, 62, SOUTH),
    ] {
        world.teacher(person, n, region, 2);
        // The mentors have no deficits.
        if ![12, 62].contains(&n) {
            let scores = [(1, 40_000), (3, 70_000)];
            world.passage(person, region, 1, "full", "2023-02-01", &scores);
        }
    }
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, person, role, over) in [
        (1, "teacher", Some(1011), "teacher", unit(NORTH, 2)),
        (2, "mentor", Some(1012), "mentor", unit(NORTH, 2)),
        (3, "curator", None, "curator", north),
        (4, "head", None, "cnppm_head", north),
        (5, "staff", None, "cnppm_staff", north),
        (6, "mentor-south", Some(1062), "mentor", unit(SOUTH, 2)),
        (7, "head-south", None, "cnppm_head", south),
    ] {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password("хороший длинный пароль").expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    v.sql("UPDATE person SET birth_date = '1995-01-01' WHERE id IN (1011, 1013, 1061)");
    v.sql("UPDATE person SET birth_date = '1970-01-01' WHERE id IN (1012, 1062)");
    draft(v, "Д1", "2023-02-10", &[]);
    let mut file = String::from("СНИЛС наставника;СНИЛС наставляемого;Форма;С\n");
    for (mentor, mentee) in [(12, 11), (62, 61)] {
        let (mentor, mentee) = (snils(mentor), snils(mentee));
        file.push_str(&format!("{mentor};{mentee};teacher_teacher;01.02.2023\n"));
    }
    let _pairs = v.import("pairs", &file);
}

on_both! {
    // rows: KR-F10
    fn a_mentor_helps_a_young_teacher_out_of_a_concrete_deficit(v: &Vekha) {
        world_of_plans(v);
        let acts = |rows: &[&str]| apply(v, &rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>());
        acts(&[
            "11,assign,,2023-02-11,staff,mentor,", "11,assign,,2023-02-11,staff,curator,", "11,send,,2023-02-11,staff,,",
            "11,agree,,2023-02-12,teacher,,", "11,approve,,2023-02-13,head,,", "11,start,,2023-02-14,curator,,",
        ]);
        let server = Server::start(v);
        let (mut mentor, mut head) = (signed(&server, "mentor"), signed(&server, "head"));
        let plan = number(v, "SELECT id AS n FROM iom WHERE person_id = 1011");
        let people = mentor.get("/people");
        assert!(people.body.contains("Фамилия11") && !people.body.contains("Фамилия13"), "{}", people.body);
        let card = mentor.get(&format!("/people/{plan}"));
        assert!(card.status == 200 && card.body.contains("Компетенция К1") && card.body.contains("Компетенция К2"), "{}", card.body);
        let mut other = signed(&server, "mentor-south");
        assert_eq!(other.get(&format!("/people/{plan}")).status, 404);
        // The teacher hands in what was learnt, and the mentor marks it on the card of the plan.
        let steps: Vec<String> = show(v, 11).iter().map(|row| row["item"].clone()).filter(|item| !item.is_empty()).collect();
        let handed: Vec<String> = steps.iter().map(|step| format!("11,submit,{step},2023-02-20,teacher,,")).collect();
        apply(v, &handed);
        for step in &steps {
            let card = mentor.get(&format!("/people/{plan}"));
            let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND number = {step}"));
            let item = format!("{step}.{version}");
            let done = mentor.send(&card, &format!("/people/{plan}/act"), &[("act", "accept"), ("item", &item)]);
            assert_eq!(done.status, 303, "{step}: {}", done.body);
        }
        let marked = format!("SELECT count(*) AS n FROM iom_act WHERE iom_id = {plan} AND act = 'accept' AND account_id = 2");
        assert_eq!(number(v, &marked), i64::try_from(steps.len()).expect("few"));
        acts(&["11,outcome,,2023-04-03,mentor,К1:closed,"]);
        // The lists of routes tell whom a mentor accompanies and which deficits have gone.
        let mut of = |query: &str| found(&mut head, &format!("/plans?{query}"));
        assert_eq!((of(""), of("supporter=mentor"), of("supporter=none")), (2, 1, 1));
        assert_eq!((of("supporter=mentor&deficit=closed"), of("deficit=closed"), of("deficit=remained")), (1, 1, 0));
        assert_eq!(of("supporter=mentor&deficit=none"), 1, "the other deficit is not judged yet");
        assert_eq!(found(&mut signed(&server, "head-south"), "/plans?deficit=closed"), 0);
        // The young teacher of the pair stands behind the number; the one without a mentor does not.
        let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let _opened = v.run(&["values", "--pack", "tyumen", "--period", "2022/23", "--level", "region"]).ok();
        let told = table(&head.get(&at("/indicators/tyumen/1.2.9", "tyumen", "2022/23", "")), "1.2.9:");
        assert_eq!(["В числителе", "Всего"].map(|column| figure(told.cell("С1", column))), [Some(1.0), Some(2.0)], "{told:?}");
        let list = head.get("/indicators/tyumen/1.2.9/people?period=2022%2F23&unit=%D0%A10&part=numerator");
        assert!(list.body.contains("Фамилия11") && !list.body.contains("Фамилия13") && !list.body.contains("Фамилия61"), "{}", list.body);
        let _whole = v.run(&["check"]).ok();
    }
}
