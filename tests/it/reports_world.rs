//! A world for reports: schools of two municipalities and another region, with who reports, checks and runs campaigns.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

pub const PASSWORD: &str = "хороший длинный пароль";
/// A second municipality of the north with a school.
pub const FAR_TOWN: i64 = 5;
pub const FAR_SCHOOL: i64 = 6;
/// The year that is reported: its facts lie long behind the window, which is now.
pub const YEAR: &str = "2020/21";

/// Who is there: login, role, unit.
const PEOPLE: &[(&str, &str, i64, i64)] = &[
    ("operator", "operator", NORTH, 0),
    ("south", "operator", SOUTH, 0),
    ("mouo", "municipal_authority", NORTH, 1),
    ("methodist", "municipal_methodist", NORTH, 1),
    ("far-methodist", "municipal_methodist", NORTH, FAR_TOWN),
    ("director", "school_head", NORTH, 2),
    ("deputy", "school_admin", NORTH, 2),
    ("other", "school_admin", NORTH, 3),
    ("far", "school_admin", NORTH, FAR_SCHOOL),
    ("south-school", "school_admin", SOUTH, 2),
    ("ministry", "regional_authority", NORTH, 0),
];

/// Teachers of the first school, and how many of them passed a diagnosis in the year.
pub const TEACHERS: i64 = 40;
pub const DIAGNOSED: i64 = 37;

/// The world with packs loaded; `more` schools of the first municipality beside, at places 10 and on.
pub fn world(v: &Vekha, packs: &[&str], more: i64) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_TOWN, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_TOWN);
    for place in 10..10 + more {
        // Ids of the south begin at 120.
        extra(&mut world, place);
    }
    world.procedure(1, "Д1", "full", None);
    for n in 1..=TEACHERS {
        world.teacher(1000 + n, n, NORTH, 2);
        if n <= DIAGNOSED {
            world.passage(1000 + n, NORTH, 1, "full", "2021-02-01", &[(1, 90_000)]);
        }
    }
    for n in 1..=10 {
        world
            .teacher(3000 + n, 100 + n, NORTH, 3)
            .teacher(4000 + n, 200 + n, NORTH, FAR_SCHOOL);
        world.teacher(5000 + n, 300 + n, SOUTH, 2);
        world.passage(3000 + n, NORTH, 1, "full", "2021-02-01", &[(1, 90_000)]);
    }
    for (id, (login, role, region, place)) in (1..).zip(PEOPLE) {
        world.account(id, login, None, &[(role, unit(*region, *place))]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    for pack in packs {
        let _loaded = v.run(&["pack", "load", &format!("seeds/packs/{pack}.toml")]).ok();
    }
    Server::start(v)
}

fn extra(world: &mut World, place: i64) {
    let (id, own, parent, link) = (8_000 + place, unit(NORTH, 0), unit(NORTH, 1), 95_000 + place);
    let then = "'2022-01-01 00:00:00'";
    world.row(
        "unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at)",
        &format!(
            "{id}, {own}, 'organisation', 'Ш{place}', 'Школа {place}', 'школа {place}', 'школа {place}', 1, {then}"
        ),
    );
    world.row(
        "unit_link (id, region_id, unit_id, parent_id, recorded_at)",
        &format!("{link}, {own}, {id}, {parent}, {then}"),
    );
}

pub fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The value of a hidden field.
#[track_caller]
pub fn hidden(page: &Page, name: &str) -> String {
    let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let rest = rest.unwrap_or_else(|| unreachable!("{name}: {}", page.body));
    rest.split('"').next().expect("its end").to_owned()
}

pub fn shown(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

pub fn in_days(days: i64) -> NaiveDate {
    match u64::try_from(days) {
        Ok(days) => today() + Days::new(days),
        Err(_) => today() - Days::new(days.unsigned_abs()),
    }
}

/// Opens a campaign whose window is now; its id.
#[track_caller]
pub fn open(operator: &mut Visitor, pack: &str, campaign: &str, period: &str, more: &[(&str, &str)]) -> i64 {
    let answer = try_open(operator, pack, campaign, period, more);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let to = answer.header("location").to_owned();
    let id = to.trim_start_matches("/campaigns/").split('?').next().expect("an id");
    id.parse().expect("an id")
}

pub fn try_open(operator: &mut Visitor, pack: &str, campaign: &str, period: &str, more: &[(&str, &str)]) -> Page {
    let period = code(period);
    let path = format!("/campaigns/new?pack={pack}&campaign={campaign}&period={period}");
    let page = operator.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    let key = hidden(&page, "key");
    let days = [in_days(-1), in_days(5), in_days(10)].map(shown);
    let mut fields = vec![
        ("key", key.as_str()),
        ("opens", days[0].as_str()),
        ("due", days[1].as_str()),
        ("locks", days[2].as_str()),
    ];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more);
    operator.send(&page, &path, &fields)
}

/// The fields of the form of a report as a browser would send them.
pub fn fields(page: &Page) -> BTreeMap<String, String> {
    let form = page.body.split("<form method=\"post\" action=\"/report\">").nth(1);
    let form = form.and_then(|rest| rest.split("</form>").next()).unwrap_or_default();
    let mut found = BTreeMap::new();
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    for tag in form.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
        if let Some(name) = attribute(tag, "name").filter(|name| name.starts_with("f.")) {
            found.insert(name, attribute(tag, "value").unwrap_or_default());
        }
    }
    for select in form
        .split("<select")
        .skip(1)
        .filter_map(|rest| rest.split("</select>").next())
    {
        let name = attribute(select, "name").expect("a name");
        let chosen = select.split("<option").find(|option| option.contains(" selected"));
        found.insert(name, chosen.and_then(|o| attribute(o, "value")).unwrap_or_default());
    }
    for area in form
        .split("<textarea")
        .skip(1)
        .filter_map(|rest| rest.split("</textarea>").next())
    {
        let name = attribute(area, "name").expect("a name");
        found.insert(name, area.split_once('>').map_or("", |(_, text)| text).to_owned());
    }
    found
}

/// Sends the form of a report with some fields changed.
pub fn report(who: &mut Visitor, page: &Page, act: &str, changes: &[(&str, &str)]) -> Page {
    let mut all = fields(page);
    for (name, value) in changes {
        all.insert((*name).to_owned(), (*value).to_owned());
    }
    let (id, seen) = (hidden(page, "report"), hidden(page, "seen"));
    let mut sent: Vec<(&str, &str)> = vec![("report", &id), ("seen", &seen), ("act", act)];
    sent.extend(all.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    who.send(page, "/report", &sent)
}

/// What makes the form of the first school of Krasnoyarsk complete.
pub const FULL: &[(&str, &str)] = &[("f.org_mentoring_model_implemented", "да")];

/// The report of a unit: its id, state and version.
pub fn stands(v: &Vekha, campaign: i64, unit: i64) -> (i64, String, i64) {
    let of = format!("FROM submission WHERE campaign_id = {campaign} AND unit_id = {unit}");
    let id = number(v, &format!("SELECT id AS n {of}"));
    let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n {of}"));
    let state = v.query(&format!("SELECT state {of}")).pop().expect("a state");
    (id, state, version)
}

/// Acts on a report from its page.
pub fn act(who: &mut Visitor, id: i64, act: &str, more: &[(&str, &str)]) -> Page {
    let path = format!("/reports/{id}");
    let page = who.get(&path);
    if page.status != 200 {
        return page;
    }
    let seen = if page.body.contains("name=\"seen\"") {
        hidden(&page, "seen")
    } else {
        "0".into()
    };
    let page = if page.body.contains("name=\"token\"") {
        page
    } else {
        who.get("/account")
    };
    let mut fields = vec![("act", act), ("seen", seen.as_str())];
    fields.extend(more);
    who.send(&page, &path, &fields)
}
