//! A world for examinations: two municipalities and another region, with experts, services and operators; a pack of two sections,
//! one by criteria and one as a whole.

use std::collections::BTreeMap;

use crate::reports_world::{hidden, in_days, shown};
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

pub const PASSWORD: &str = "хороший длинный пароль";
/// A second municipality of the north with a school.
pub const FAR_TOWN: i64 = 5;
pub const FAR_SCHOOL: i64 = 6;

/// Who is there: login, role, region, place; their ids begin at 1. The fifth and the sixth work in the first municipality.
const PEOPLE: &[(&str, &str, i64, i64)] = &[
    ("operator", "operator", NORTH, 0),
    ("south", "operator", SOUTH, 0),
    ("expert-a", "expert", NORTH, 0),
    ("expert-b", "expert", NORTH, 0),
    ("expert-staff", "expert", NORTH, 0),
    ("expert-role", "expert", NORTH, 0),
    ("expert-south", "expert", SOUTH, 0),
    ("methodist", "municipal_methodist", NORTH, 1),
    ("far-methodist", "municipal_methodist", NORTH, FAR_TOWN),
    ("mouo", "municipal_authority", NORTH, 1),
    ("methodist-south", "municipal_methodist", SOUTH, 1),
];

/// Ids of accounts of experts.
pub const EXPERT_A: i64 = 3;
pub const EXPERT_B: i64 = 4;
pub const EXPERT_STAFF: i64 = 5;
pub const EXPERT_ROLE: i64 = 6;

/// The pack: section «a» by two criteria of 2 points, section «b» as a whole of 3 points; two typical errors.
pub const PACK: &str = r#"
code = "proba"
version = 1
title = "Проба экспертизы"
period_kind = "academic_year"
reference_day = "06-01"
years = ["2021/22", "2022/23"]

[[stage]]
code = "goals"
order = 1
title = "Цели и задачи"
documents = ["order"]
power = "назвать цели"
responsible = ["operator"]

[[stage]]
code = "analysis"
order = 2
title = "Анализ"
documents = ["report"]
power = "написать справку"
responsible = ["operator"]

[[indicator]]
code = "a"
title = "Цели"
formula = "expert(max = 4)"
population = "Муниципалитеты"
unit = "баллы"
direction = "higher_is_better"
digits = 2
source = "эксперт"

[[indicator]]
code = "b"
title = "Справка"
formula = "expert(max = 3)"
population = "Муниципалитеты"
unit = "баллы"
direction = "higher_is_better"
digits = 2
source = "эксперт"

[[criterion]]
code = "a.1"
title = "Цели названы"
of = "a"
maximum = { "2021/22" = 2, "2022/23" = 2 }
documents = ["order", "plan"]
stage = "goals"

[[criterion]]
code = "a.2"
title = "Справка есть"
of = "a"
maximum = { "2021/22" = 2, "2022/23" = 2 }
documents = ["report"]
stage = "analysis"

[[typical_error]]
code = "no_term"
title = "У цели нет срока"
of = "a.1"

[[typical_error]]
code = "retold"
title = "Справка пересказывает числа"
of = "a"
"#;

/// The world with the pack loaded.
pub fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_TOWN, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_TOWN);
    world.teacher(1001, 1, NORTH, 2);
    for (id, (login, role, region, place)) in (1..).zip(PEOPLE) {
        let mut roles = vec![(*role, unit(*region, *place))];
        if id == EXPERT_ROLE {
            roles.push(("municipal_authority", unit(NORTH, 1)));
        }
        let person = (id == EXPERT_STAFF).then_some(1001);
        world.account(id, login, person, &roles);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let pack = v.file("proba.toml", PACK);
    let _loaded = v.run(&["pack", "load", text(&pack)]).ok();
    Server::start(v)
}

/// A page that has a form: what a form is sent with needs its token.
pub fn with_form(who: &mut Visitor, path: &str) -> Page {
    let page = who.get(path);
    if page.status == 200 && page.body.contains("name=\"token\"") {
        page
    } else {
        who.get("/account")
    }
}

/// Begins an examination of these municipalities; its id.
#[track_caller]
pub fn begin(operator: &mut Visitor, pack: &str, period: &str, units: &[&str]) -> i64 {
    let path = format!("/examinations/new?pack={pack}");
    let page = operator.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    let key = hidden(&page, "key");
    let days = [in_days(3), in_days(5), in_days(9)].map(shown);
    let mut fields = vec![
        ("key", key.as_str()),
        ("period", period),
        ("title", "Экспертиза служб"),
        ("order", ""),
        ("letter", ""),
        ("documents", days[0].as_str()),
        ("scoring", days[1].as_str()),
        ("appeals", days[2].as_str()),
    ];
    fields.extend(units.iter().map(|code| ("unit", *code)));
    let answer = operator.send(&page, &path, &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let to = answer
        .header("location")
        .trim_start_matches("/examinations/")
        .to_owned();
    to.split('?').next().and_then(|id| id.parse().ok()).expect("an id")
}

/// A unit of an examination: its id.
pub fn examined(v: &Vekha, examination: i64, unit: i64) -> i64 {
    let of = format!("examination_id = {examination} AND unit_id = {unit}");
    number(v, &format!("SELECT id AS n FROM examination_unit WHERE {of}"))
}

/// Assigns an expert to units with sections.
pub fn assign(operator: &mut Visitor, examination: i64, expert: i64, units: &[i64], sections: &[&str]) -> Page {
    let path = format!("/examinations/{examination}");
    let page = operator.get(&path);
    let (expert, key) = (expert.to_string(), hidden(&page, "key"));
    let units: Vec<String> = units.iter().map(ToString::to_string).collect();
    let mut fields = vec![("act", "assign"), ("key", key.as_str()), ("expert", expert.as_str())];
    fields.extend(units.iter().map(|id| ("unit", id.as_str())));
    fields.extend(sections.iter().map(|code| ("section", *code)));
    operator.send(&page, &path, &fields)
}

/// The place of an expert at a unit.
pub fn seat(v: &Vekha, examined: i64, expert: i64) -> i64 {
    let of = format!("examination_unit_id = {examined} AND account_id = {expert} AND ended_at IS NULL");
    number(v, &format!("SELECT id AS n FROM examination_expert WHERE {of}"))
}

/// Sends the form of a section; `act` is `save` or `done`.
pub fn score(who: &mut Visitor, seat: i64, section: &str, act: &str, fields: &[(&str, &str)]) -> Page {
    let page = who.get(&format!("/examine/{seat}?section={section}"));
    let form = with_form(who, &format!("/examine/{seat}?section={section}"));
    let seen = if page.body.contains("name=\"seen\"") {
        hidden(&page, "seen")
    } else {
        "0".into()
    };
    let mut all = vec![("act", act), ("section", section), ("seen", seen.as_str())];
    all.extend(fields);
    who.send(&form, &format!("/examine/{seat}"), &all)
}

/// Scores both sections and finishes.
#[track_caller]
pub fn finish(who: &mut Visitor, seat: i64, a: &[(&str, &str)], b: &[(&str, &str)]) {
    let answer = score(who, seat, "a", "save", a);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let answer = score(who, seat, "b", "done", b);
    assert_eq!(answer.status, 303, "{}", answer.body);
}

/// Acts of the operator on a unit.
pub fn decide(operator: &mut Visitor, examined: i64, act: &str, fields: &[(&str, &str)]) -> Page {
    let path = format!("/examinations/units/{examined}");
    let page = with_form(operator, &path);
    let mut all = vec![("act", act)];
    all.extend(fields);
    operator.send(&page, &path, &all)
}

/// What the command says of a section of a municipality: value and points of it.
pub fn value(v: &Vekha, period: &str, section: &str, unit: &str) -> String {
    let answer = v
        .run(&[
            "values",
            "--pack",
            "proba",
            "--period",
            period,
            "--level",
            "municipality",
            "--indicator",
            section,
            "--format",
            "csv",
        ])
        .ok();
    let rows: Vec<BTreeMap<String, String>> = answer.rows();
    let own = rows.iter().find(|r| r["unit"] == unit);
    own.map_or_else(String::new, |row| row["value"].clone())
}

/// Sends a form of the unit's own page.
pub fn say(who: &mut Visitor, examined: i64, act: &str, fields: &[(&str, &str)]) -> Page {
    let page = with_form(who, &format!("/examined?of={examined}"));
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    let key = format!("{:064x}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let id = examined.to_string();
    let mut all = vec![("of", id.as_str()), ("act", act), ("key", key.as_str())];
    all.extend(fields);
    who.send(&page, "/examined", &all)
}
