//! The world of the matrix: the same things in four places, from the own school to the other region, and an account of
//! every role that stands at the first of them.

use std::time::{Duration, Instant};

use vekha::access::Role;

use crate::matrix_table::Reach;
use crate::support::Vekha;
use crate::visitor::{Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, show, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";

/// Where people work today: the own school, the other school of the municipality, a school of the other municipality, the
/// other region; then the own school with a plan that was handed over to other supporters, the own school with a plan that
/// was never anyone's, nowhere any more, and a school of the other municipality after the own one.
const WHERE: [(i64, i64); 8] = [
    (NORTH, 2),
    (NORTH, 3),
    (NORTH, FAR),
    (SOUTH, 2),
    (NORTH, 2),
    (NORTH, 2),
    (NORTH, 2),
    (NORTH, 2),
];
const FAR_MUNICIPALITY: i64 = 5;
const FAR: i64 = 6;
const CLOSED: i64 = 7;
/// Places that have a procedure, a course, a school with its head of their own.
const FULL: usize = 4;
const HANDED_OVER: usize = 4;
/// The place of colleagues whose plans were never assigned.
pub const COLLEAGUE: usize = 5;
const LEFT: usize = 6;
const MOVED: usize = 7;

/// Last names of everyone in a place: what a page must not hold for whoever does not reach that place.
pub const AWAY: [&str; 8] = [
    "Ближняя",
    "Соседняя",
    "Дальняя",
    "Южная",
    "Переданная",
    "Ничейная",
    "Ушедшая",
    "Переехавшая",
];

/// A spot of the world: what lies there, and how far one must reach to see it.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// Its name, for what is wrong.
    pub word: &'static str,
    /// The place; `None` is nowhere.
    pub place: Option<usize>,
    /// The state of the plan that is asked about; empty: at work.
    pub state: &'static str,
    /// How far one must reach.
    pub needs: Reach,
}

impl Spot {
    /// What is nobody's.
    pub const NOWHERE: Self = Self::new("missing", None, Reach::Everything);
    /// The own person, plan, school.
    pub const OWN: Self = Self::new("own", Some(0), Reach::Own);

    /// What lies in the other region.
    pub const OTHER_REGION: Self = Self::new("the other region", Some(3), Reach::Everything);

    const fn new(word: &'static str, place: Option<usize>, needs: Reach) -> Self {
        Self {
            word,
            place,
            state: "",
            needs,
        }
    }

    const fn with(self, state: &'static str) -> Self {
        Self { state, ..self }
    }
}

const SIBLING: Spot = Spot::new("the sibling school", Some(1), Reach::Municipality);
const OTHER_MUNICIPALITY: Spot = Spot::new("the other municipality", Some(2), Reach::Region);
const OTHER_REGION: Spot = Spot::OTHER_REGION;

/// Every spot. What is missing comes first: the others are compared with it.
pub const SPOTS: [Spot; 28] = [
    Spot::NOWHERE,
    Spot::OWN,
    SIBLING,
    OTHER_MUNICIPALITY,
    OTHER_REGION,
    Spot::new("no longer assigned", Some(HANDED_OVER), Reach::Organisation),
    Spot::new("of the same school", Some(COLLEAGUE), Reach::Organisation),
    Spot::new("left the school", Some(LEFT), Reach::Region),
    Spot::new("moved away", Some(MOVED), Reach::Region),
    // Units alone: parents and children of the seats, and those that are no more.
    Spot::new("the region itself", Some(8), Reach::Region),
    Spot::new("the municipality itself", Some(9), Reach::Municipality),
    Spot::new("the other municipality itself", Some(10), Reach::Region),
    Spot::new("the other region itself", Some(11), Reach::Everything),
    Spot::new("a municipality of the other region", Some(12), Reach::Everything),
    Spot::new("a closed school", Some(13), Reach::Everything),
    Spot::OWN.with("draft"),
    SIBLING.with("draft"),
    OTHER_MUNICIPALITY.with("draft"),
    OTHER_REGION.with("draft"),
    Spot::OWN.with("approved"),
    SIBLING.with("approved"),
    OTHER_MUNICIPALITY.with("approved"),
    OTHER_REGION.with("approved"),
    Spot::OWN.with("closed"),
    SIBLING.with("closed"),
    OTHER_MUNICIPALITY.with("closed"),
    OTHER_REGION.with("closed"),
    GONE,
];

/// Things that were taken back or decided lie in a place of their own; nobody reaches them.
const GONE: Spot = Spot::new("taken back", Some(14), Reach::Everything);

/// The shape of the key of a form.
pub const KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A key under which nothing was answered.
const NO_KEY: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
/// The secret part of the address of a calendar.
const FEED: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// A photo, as far as its first bytes say.
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 not much of a photo \xff\xd9";

/// The persons of a place.
#[derive(Clone, Copy)]
enum Who {
    /// A plan at work, a step handed in with a photo, an application.
    Busy,
    /// A plan that waits to be approved.
    Agreed,
    /// Deficits and no plan.
    Waiting,
    /// A plan at work and an application.
    Single,
    /// A plan at work and an application that was agreed to with others.
    Bulk,
    /// A plan that nobody has sent yet.
    Draft,
    /// A plan that was approved and not begun.
    Approved,
    /// A plan that was ended.
    Closed,
}

const EVERYONE: [Who; 8] = [
    Who::Busy,
    Who::Agreed,
    Who::Waiting,
    Who::Single,
    Who::Bulk,
    Who::Draft,
    Who::Approved,
    Who::Closed,
];

/// The people of a place.
fn people_of(place: usize) -> &'static [Who] {
    if place < FULL { &EVERYONE } else { &EVERYONE[..2] }
}

fn person(place: usize, who: Who) -> i64 {
    1000 + number_of(place, who)
}

/// The number that makes the СНИЛС.
fn number_of(place: usize, who: Who) -> i64 {
    10 * i64::try_from(place).expect("a place") + who as i64 + 1
}

/// The unit over which a role stands.
pub fn seat(role: Role) -> i64 {
    let place = match role.code() {
        "municipal_authority" | "municipal_methodist" => 1,
        "school_head" | "school_admin" | "mentoring_coordinator" | "teacher" => 2,
        "programme_provider" => 4,
        _ => 0,
    };
    unit(NORTH, place)
}

/// Roles that accompany plans.
const SUPPORTERS: [&str; 6] = [
    "curator",
    "tutor",
    "supervisor",
    "mentor",
    "regional_methodist",
    "municipal_methodist",
];

/// Ids and codes of what lies in each place.
pub struct Things {
    rows: Vec<(&'static str, Vec<String>, &'static str)>,
    /// The address of a file of the pages.
    pub file: String,
    /// A file of results that may be brought.
    pub sheet: String,
}

impl Things {
    /// The id of a thing in a spot; of one that is nowhere without a place; none where a place has none of its own.
    pub fn of(&self, kind: &str, spot: &Spot) -> Option<String> {
        let kind = if spot.state.is_empty() || kind != "plan" {
            kind.to_owned()
        } else {
            format!("plan.{}", spot.state)
        };
        let (_, there, nowhere) = self.rows.iter().find(|(k, ..)| *k == kind)?;
        let found = spot
            .place
            .map_or_else(|| (*nowhere).to_owned(), |p| there.get(p).cloned().unwrap_or_default());
        (!found.is_empty()).then_some(found)
    }

    /// Waits until nothing works behind the pages.
    pub fn wait_for_work(&self, v: &Vekha) {
        let since = Instant::now();
        while number(
            v,
            "SELECT count(*) AS n FROM job WHERE kind LIKE 'long.%' AND state IN ('queued', 'running')",
        ) > 0
        {
            assert!(since.elapsed() < Duration::from_secs(30), "the work does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn rows_of_the_world() -> World {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR, "organisation", FAR_MUNICIPALITY);
    world.closed_unit(NORTH, CLOSED, 1, "2022-09-01");
    let mut account = 100;
    for (place, (region, school)) in WHERE.into_iter().enumerate() {
        let n = i64::try_from(place).expect("a place");
        let procedure = if place < FULL { 10 + n } else { 10 };
        if place < FULL {
            world.procedure(procedure, &format!("Д{n}"), "full", None);
        }
        world.row(
            "programme (id, code, name, search_key, kind, hours, provider_id, distance, e_learning, deficit_based, \
             priority_federal, version, recorded_at)",
            &format!(
                "{}, 'М{n}', 'Курс места {n}', '', 'upskilling', 18, {}, FALSE, FALSE, FALSE, FALSE, 1, \
                 '2022-01-01 00:00:00'",
                20 + n,
                unit(region, school)
            ),
        );
        for who in people_of(place).iter().copied() {
            let (id, number) = (person(place, who), number_of(place, who));
            match place {
                LEFT => world.teacher_until(id, number, region, school, Some("2023-05-01")),
                MOVED => world.teacher_until(id, number, region, school, Some("2023-05-01")).job(
                    id,
                    region,
                    FAR,
                    "teaching",
                    "2023-05-01",
                    None,
                ),
                _ => world.teacher(id, number, region, school),
            };
            let on = if matches!(who, Who::Waiting) {
                "2023-06-01"
            } else {
                "2023-02-01"
            };
            world.passage(id, region, procedure, "full", on, &[(1, 40_000), (3, 70_000)]);
            // Everybody is invited to the procedure of the place and, in this region, to the first one.
            let mut to = vec![procedure];
            to.extend((region == NORTH && procedure != 10).then_some(10));
            for procedure in to {
                world.row(
                    "procedure_person (id, region_id, procedure_id, person_id, why, answer, answered_at, version, \
                     recorded_at)",
                    &format!(
                        "{}, {}, {procedure}, {id}, 'audience', 'agreed', '2023-01-10 00:00:00', 1, '2023-01-01 00:00:00'",
                        procedure * 1_000_000 + id,
                        unit(region, 0)
                    ),
                );
            }
            account += 1;
            let login = login_of(place, who);
            let over = unit(region, school);
            let roles = [("teacher", over), ("school_head", over)];
            let both = place == COLLEAGUE && matches!(who, Who::Busy);
            world.account(account, &login, Some(id), if both { &roles } else { &roles[..1] });
        }
        if (1..FULL).contains(&place) {
            for role in SUPPORTERS {
                account += 1;
                world.account(account, &format!("{role}-{place}"), None, &[(role, unit(region, 0))]);
            }
            account += 1;
            world.account(
                account,
                &format!("director-{place}"),
                None,
                &[("school_head", unit(region, school))],
            );
        }
    }
    for (login, region) in [("setup-north", NORTH), ("setup-south", SOUTH)] {
        account += 1;
        let over = unit(region, 0);
        world.account(
            account,
            login,
            None,
            &[("cnppm_head", over), ("curator", over), ("operator", over)],
        );
    }
    for role in Role::ALL.iter().filter(|r| r.code() != "teacher") {
        account += 1;
        world.account(account, role.code(), None, &[(role.code(), seat(*role))]);
    }
    for (login, roles) in PAIRS {
        account += 1;
        let code = |role: &str| Role::from_code(role).expect(role);
        world.account(account, login, None, &roles.map(|role| (role, seat(code(role)))));
    }
    for login in ["invited", "suspended"] {
        account += 1;
        world.account(account, login, None, &[("operator", unit(NORTH, 0))]);
    }
    for (login, from, to) in [
        ("expired", "NULL", "'2023-01-01'"),
        ("not-begun", "'2999-01-01'", "NULL"),
    ] {
        account += 1;
        world.account(account, login, None, &[]);
        world.row(
            "role_grant (id, account_id, role, unit_id, valid_from, valid_to, recorded_at)",
            &format!(
                "{}, {account}, 'cnppm_head', {}, {from}, {to}, '2022-01-01 00:00:00'",
                80_000 + account,
                unit(NORTH, 0)
            ),
        );
    }
    world
}

/// Who holds two roles, beside the teacher who heads the school. Nobody has assigned a plan to them.
pub const PAIRS: [(&str, [&str; 2]); 4] = [
    ("tutor-and-staff", ["tutor", "cnppm_staff"]),
    ("curator-and-deputy", ["curator", "school_admin"]),
    ("mentor-and-assessor", ["mentor", "assessment_operator"]),
    (
        "methodist-and-authority",
        ["municipal_methodist", "municipal_authority"],
    ),
];

/// The login of the colleague who teaches and heads the school.
pub fn head_who_teaches() -> String {
    login_of(COLLEAGUE, Who::Busy)
}

/// The teacher of the first place carries the name of the role.
fn login_of(place: usize, who: Who) -> String {
    match (place, who) {
        (0, Who::Busy) => "teacher".to_owned(),
        _ => format!("teacher-{place}-{}", who as i64),
    }
}

fn apply(v: &Vekha, name: &str, rows: &[[String; 6]]) {
    let mut text = String::from("snils,act,item,date,by,value,reason\n");
    for [snils, act, item, on, by, value] in rows {
        let reason = if act == "close-terminated" { "transfer" } else { "" };
        text.push_str(&format!("{snils},{act},{item},{on},{by},{value},{reason}\n"));
    }
    let file = v.file(name, text);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
}

fn plans(v: &Vekha) {
    let mut rows = Vec::new();
    for place in 0..FULL {
        let procedure = format!("Д{place}");
        let on = ["iom", "draft", "--procedure", &procedure, "--as-of", "2023-02-10"];
        let _made = v.run(&on).ok();
    }
    for (place, (region, _)) in WHERE.into_iter().enumerate() {
        let setup = if region == NORTH { "setup-north" } else { "setup-south" };
        for who in people_of(place).iter().copied() {
            let snils = snils(number_of(place, who));
            let mut act = |act: &str, on: &str, by: &str, value: &str| {
                rows.push([
                    snils.clone(),
                    act.into(),
                    String::new(),
                    on.into(),
                    by.into(),
                    value.into(),
                ]);
            };
            let accompanied = matches!(who, Who::Busy | Who::Draft | Who::Approved | Who::Closed);
            if accompanied && (place < FULL || place == HANDED_OVER) {
                for role in SUPPORTERS {
                    let away = format!("{role}-{place}");
                    let login = if (1..FULL).contains(&place) { &away } else { role };
                    act("assign", "2023-02-11", setup, login);
                    if place == HANDED_OVER {
                        act("assign", "2023-03-01", setup, &format!("{role}-1"));
                    }
                }
            }
            if matches!(who, Who::Waiting | Who::Draft) {
                continue;
            }
            act("send", "2023-02-12", setup, "");
            act("agree", "2023-02-13", &login_of(place, who), "");
            if matches!(who, Who::Agreed) {
                continue;
            }
            act("approve", "2023-02-14", setup, "");
            if matches!(who, Who::Approved) {
                continue;
            }
            act("start", "2023-02-15", setup, "");
            if matches!(who, Who::Closed) {
                act("close-terminated", "2023-04-01", setup, "");
            }
        }
    }
    apply(v, "acts.csv", &rows);
    let mut rows = Vec::new();
    for place in 0..WHERE.len() {
        let applying = [Who::Busy, Who::Single, Who::Bulk];
        for who in applying.into_iter().take(if place < FULL { 3 } else { 1 }) {
            let steps = show(v, number_of(place, who));
            let course = steps.iter().find(|r| r["programme"] == "П1").expect("a course")["item"].clone();
            let on = "2023-03-01".to_owned();
            let by = login_of(place, who);
            rows.push([
                snils(number_of(place, who)),
                "apply".into(),
                course,
                on,
                by,
                String::new(),
            ]);
        }
    }
    apply(v, "applications.csv", &rows);
}

/// Numbers of the steps of a busy plan: the one that is no course, and a course that nobody has applied for.
fn steps(v: &Vekha, place: usize) -> (String, String) {
    let rows = show(v, number_of(place, Who::Busy));
    let number = |of: &dyn Fn(&str) -> bool| {
        let row = rows.iter().find(|r| !r["item"].is_empty() && of(&r["programme"]));
        row.expect("a step")["item"].clone()
    };
    (number(&str::is_empty), number(&|p| !p.is_empty() && p != "П1"))
}

/// An event, a body, a pair, an expert and a mentor of the school of each place, with its people.
fn registers(v: &Vekha) {
    let then = "'2022-01-01 00:00:00'";
    for (place, (region, school)) in WHERE.into_iter().enumerate().take(FULL) {
        let (own, school) = (unit(region, 0), unit(region, school));
        let (one, other) = (person(place, Who::Busy), person(place, Who::Agreed));
        let (event, body, pair) = (9000 + place, 9100 + place, 9200 + place);
        let (undertaking, publication, vacancy) = (9300 + place, 9400 + place, 9500 + place);
        let (campaign, submission) = (9850 + place, 9950 + place);
        let (expert, note, regulation) = (9600 + place, 9700 + place, 9900 + place);
        let (survey, vote) = (7150 + place, 7250 + place);
        let returned = 9990 + place;
        let (examination, examined, seat) = (6850 + place, 6950 + place, 7050 + place);
        let town = unit(region, if place == 2 { FAR_MUNICIPALITY } else { 1 });
        // The place of the first one is that of the expert who asks.
        let scores = if place == 0 { "expert" } else { "operator" };
        let sheet = "{\"step_milli\":500,\"stages\":[],\"errors\":[],\"sections\":[{\"code\":\"s1\",\"title\":\"Раздел\",\
                     \"measure\":\"tyumen:s1\",\"maximum_milli\":8000,\"lines\":[{\"code\":\"s1\",\"title\":\"Раздел\",\
                     \"maximum_milli\":8000,\"documents\":[],\"stage\":null,\"guide\":\"\"}]}]}";
        let tutor = if place == 0 {
            "tutor".to_owned()
        } else {
            format!("tutor-{place}")
        };
        v.sql(&format!(
            "INSERT INTO support_note (id, region_id, iom_id, account_id, kind, on_date, text, shared, version, recorded_at) \
             SELECT {note}, {own}, iom.id, account.id, 'meeting', '2023-03-01', 'О чём говорили', FALSE, 1, {then} FROM iom, \
             account WHERE iom.person_id = {one} AND account.login = '{tutor}'"
        ));
        v.sql(&format!(
            "INSERT INTO event (id, region_id, code, title, search_key, family, kind, level, starts_on, ends_on, \
             organiser_id, version, recorded_at) VALUES ({event}, {own}, 'M{place}', 'Семинар', 'семинар', 'event', \
             'seminar', 'school', '2023-01-10', '2023-01-10', {school}, 1, {then}); \
             INSERT INTO activity (id, record_id, region_id, person_id, family, kind, level, title, title_key, starts_on, \
             event_id, version, recorded_at) VALUES ({event}, {event}, {own}, {one}, 'event', 'seminar', 'school', \
             'Семинар', 'event {event}', '2023-01-10', {event}, 1, {then}); \
             INSERT INTO activity (id, record_id, region_id, person_id, family, kind, level, title, title_key, starts_on, \
             version, recorded_at) VALUES ({expert}, {expert}, {own}, {one}, 'expert', 'gia', 'regional', 'ГИА', \
             'expert {expert}', '2023-01-10', 1, {then}); \
             INSERT INTO mentor_card (id, region_id, record_id, person_id, qualities, valid_from, version, recorded_at) \
             VALUES ({expert}, {own}, {expert}, {one}, '', '2022-09-01', 1, {then}); \
             INSERT INTO reserve_member (id, region_id, person_id, state, valid_from, rule, rule_version, why, version, \
             recorded_at) VALUES ({expert}, {own}, {one}, 'in_reserve', '2022-09-01', 'leaders', 1, 'уровни высокие', 1, \
             {then}); \
             INSERT INTO body (id, region_id, code, name, search_key, kind, level, unit_id, version, recorded_at) VALUES \
             ({body}, {own}, 'B{place}', 'Совет', 'совет', 'methodical_council', 'school', {school}, 1, {then}); \
             INSERT INTO body_member (id, record_id, region_id, body_id, person_id, role, valid_from, version, recorded_at) \
             VALUES ({body}, {body}, {own}, {body}, {one}, 'chair', '2022-09-01', 1, {then}); \
             INSERT INTO mentoring_pair (id, record_id, region_id, mentor_id, mentee_id, form, valid_from, documents, \
             version, recorded_at) VALUES ({pair}, {pair}, {own}, {one}, {other}, 'teacher_teacher', '2022-09-01', '', 1, \
             {then}); \
             INSERT INTO undertaking (id, region_id, code, kind, title, search_key, level, unit_id, starts_on, state, link, \
             version, recorded_at) VALUES ({undertaking}, {own}, 'U{place}', 'network_project', 'Проект', 'проект', 'school', \
             {school}, '2022-09-01', 'running', 'https://a.example', 1, {then}); \
             INSERT INTO undertaking_person (id, region_id, undertaking_id, person_id, role, valid_from, version, \
             recorded_at) VALUES ({undertaking}, {own}, {undertaking}, {one}, 'leader', '2022-09-01', 1, {then}); \
             INSERT INTO publication (id, region_id, code, kind, title, search_key, year, addressees, unit_id, version, \
             recorded_at) VALUES ({publication}, {own}, 'P{place}', 'manual', 'Пособие', 'пособие', 2022, 'teachers', \
             {school}, 1, {then}); \
             INSERT INTO publication_author (id, region_id, publication_id, place, person_id) VALUES ({publication}, \
             {own}, {publication}, 1, {one}); \
             INSERT INTO vacancy (id, region_id, organisation_id, position, position_key, subject, subject_key, rate_milli, \
             valid_from, source, recorded_at) VALUES ({vacancy}, {own}, {school}, 'учитель', 'учитель', 'химия', 'химия', \
             1000, '2022-09-01', 'own', {then}); \
             INSERT INTO campaign (id, region_id, code, pack, template, title, period, level, opens_on, due_on, locks_on, \
             tolerance_milli, guide, fields, recorded_at) VALUES ({campaign}, {own}, 'C{place}', 'tyumen', 'june_schools', \
             'Кампания', '2022/23', 'organisation', '2023-06-01', '2100-06-16', '2100-06-18', 0, 'Порядок', '[]', {then}); \
             INSERT INTO submission (id, region_id, campaign_id, unit_id, state, version, recorded_at) VALUES \
             ({submission}, {own}, {campaign}, {school}, 'sent', 1, {then}); \
             INSERT INTO survey (id, region_id, pack, template, title, guide, audience, opens_on, closes_on, minutes, \
             questions, version, recorded_at) VALUES ({survey}, {own}, 'p{place}', 'help', 'Опрос', 'Зачем', \
             'teaching', '2023-01-10', '2100-06-16', 5, '[{{\"code\":\"got\",\"text\":\"Помогали?\",\
             \"kind\":\"one\",\"options\":[\"да\",\"нет\"]}}]', 1, {then}); \
             INSERT INTO vote (id, region_id, unit_id, title, title_key, year, level, opens_on, closes_on, version, recorded_at) \
             VALUES ({vote}, {own}, {town}, 'Признание {place}', 'признание {place}', 2023, 'municipal', '2023-01-10', \
             '2100-06-16', 1, {then}); \
             INSERT INTO returned_file (id, region_id, account_id, list, file_name, file_digest, content, state, recorded_at, \
             changed_at) SELECT {returned}, {own}, min(id), 'undertakings', 'правка.xlsx', '', '', 'waiting', {then}, {then} \
             FROM account WHERE login = 'setup-south'; \
             INSERT INTO examination (id, region_id, pack, period, title, documents_until, scoring_until, appeals_until, \
             divergence_milli, sheet, version, recorded_at) VALUES ({examination}, {own}, 'p{place}', '2022/23', 'Экспертиза', \
             '2100-06-16', '2100-06-18', '2100-06-20', 25000, '{sheet}', 1, {then}); \
             INSERT INTO examination_unit (id, region_id, examination_id, unit_id, version, recorded_at) VALUES ({examined}, \
             {own}, {examination}, {town}, 1, {then}); \
             INSERT INTO examination_expert (id, region_id, examination_unit_id, account_id, sections, version, recorded_at) \
             SELECT {seat}, {own}, {examined}, id, 's1', 1, {then} FROM account WHERE login = '{scores}'; \
             INSERT INTO regulation (id, region_id, unit_id, issuer_key, level, kind, number, number_key, issued_on, title, \
             search_key, valid_from, is_public, version, recorded_at) VALUES ({regulation}, {own}, {school}, 'unit {school}', \
             'school', 'order', '{place}', '{place}', '2022-09-01', 'О приёме', 'о приёме', '2022-09-01', TRUE, 1, {then});"
        ));
    }
}

/// A template of plans of each region.
fn templates(v: &Vekha) {
    for (id, region, code) in [(9801, NORTH, "ШС"), (9802, SOUTH, "ШЮ")] {
        v.sql(&format!(
            "INSERT INTO iom_template (id, region_id, record_id, code, title, body, digest, version, recorded_at) VALUES \
             ({id}, {}, {id}, '{code}', 'Шаблон', '{{\"steps\":[]}}', '', 1, '2022-01-01 00:00:00')",
            unit(region, 0)
        ));
    }
}

/// The results that an operator brings: one that fits, one that does not.
fn sheet(place: usize) -> String {
    let head = "СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n";
    let who = snils(number_of(place, Who::Waiting));
    format!("{head}{who};Д{place};полная;01.07.2023;К2;5;10\n{who};Д{place};полная;01.07.2023;нет;5;10\n")
}

fn loaded(v: &Vekha, who: &mut Visitor, sheet: &str, things: &Things) -> String {
    let page = who.get("/upload");
    let brought = who.send_file(
        &page,
        "/upload",
        &[("kind", "results")],
        Some(("итоги.csv", sheet.as_bytes())),
    );
    assert_eq!(brought.status, 303, "{}", brought.body);
    let path = brought.header("location").to_owned();
    for verb in ["check", "load"] {
        let form = who.get(&path);
        let sent = who.send(&form, &format!("{path}/{verb}"), &[]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        things.wait_for_work(v);
    }
    let shown = who.get(&path);
    assert!(shown.body.contains("Загружено: 1"), "{}", shown.body);
    path.rsplit('/').next().expect("an id").to_owned()
}

/// Builds the world, starts a server over it, and does what only pages do: photos, uploads, agreeing to many.
pub fn build(v: &Vekha) -> (Server, Things) {
    rows_of_the_world().build(v);
    for (place, name) in AWAY.iter().enumerate() {
        let (from, to) = (person(place, Who::Busy), person(place, Who::Closed));
        v.sql(&format!(
            "UPDATE person SET last_name = '{name}', search_key = lower('{name}') WHERE id BETWEEN {from} AND {to}"
        ));
    }
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!(
        "UPDATE account SET password_hash = '{hash}' WHERE login <> 'invited'"
    ));
    plans(v);
    templates(v);
    registers(v);
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    v.sql(&format!(
        "INSERT INTO tool (id, region_id, name, version, recorded_at) VALUES (9701, {north}, 'Платформа севера', 1, \
         '2023-01-01 00:00:00'), (9703, {south}, 'Платформа юга', 1, '2023-01-01 00:00:00')"
    ));
    v.sql(&format!(
        "INSERT INTO scale (id, code, direction, recorded_at, region_id, name) VALUES (9711, 'scale-9711', 'deficit', \
         '2023-01-01 00:00:00', {north}, 'Шкала севера'), (9713, 'scale-9713', 'deficit', '2023-01-01 00:00:00', {south}, \
         'Шкала юга')"
    ));
    // A scale that a procedure has chosen is not taken back: it stays for whoever asks next.
    v.sql(&format!(
        "INSERT INTO procedure (id, code, name, kind, described, version, recorded_at, region_id, scale_id) VALUES (9712, 'ДШ', \
         'ДШ', 'full', TRUE, 1, '2023-01-01 00:00:00', {north}, 9711), (9714, 'ДЮ', 'ДЮ', 'full', TRUE, 1, \
         '2023-01-01 00:00:00', {south}, 9713)"
    ));
    let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
    let server = Server::start(v);
    let page = server.visitor().get("/sign-in");
    let file = page
        .body
        .split('"')
        .find(|part| part.starts_with("/static/"))
        .expect("a file");
    let mut things = Things {
        rows: Vec::new(),
        file: file.to_owned(),
        sheet: sheet(0),
    };
    let mut south = server.signed_in("setup-south", PASSWORD);
    let form = south.get("/view");
    assert_eq!(south.send(&form, "/role", &[("role", "operator")]).status, 303);
    let mut north = server.signed_in("operator", PASSWORD);
    // Files belong to a region: its schools have none of their own.
    let uploads = [
        loaded(v, &mut north, &sheet(0), &things),
        String::new(),
        String::new(),
        loaded(v, &mut south, &sheet(3), &things),
    ];
    let one = |select: &str, place: usize, who: Who| {
        number(v, &format!("{select} WHERE person_id = {}", person(place, who))).to_string()
    };
    let evidence = |place| one("SELECT max(id) AS n FROM iom_evidence", place, Who::Busy);
    let mut taken_back = String::new();
    for place in 0..WHERE.len() {
        let mut teacher = server.signed_in(&login_of(place, Who::Busy), PASSWORD);
        let page = teacher.get("/view");
        // One who also heads the school teaches now.
        let _switched = teacher.send(&page, "/role", &[("role", "teacher")]);
        let (item, _) = steps(v, place);
        let fields = [("item", item.as_str()), ("note", "Лист стажировки")];
        let mut hand_in = || {
            let page = teacher.get("/plan");
            let sent = teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO)));
            assert_eq!(sent.status, 303, "{}", sent.body);
        };
        hand_in();
        if place == 0 {
            taken_back = evidence(place);
            let mut teacher = server.signed_in(&login_of(place, Who::Busy), PASSWORD);
            let form = teacher.get("/plan");
            let fields = [("act", "withdraw"), ("item", item.as_str())];
            let sent = teacher.send(&form, "/plan/act", &fields);
            assert_eq!(sent.status, 303, "{}", sent.body);
            hand_in();
        }
    }
    let each = |n: usize, of: &dyn Fn(usize) -> String| (0..n).map(of).collect::<Vec<_>>();
    let all = |of: &dyn Fn(usize) -> String| each(WHERE.len(), of);
    let full = |of: &dyn Fn(usize) -> String| each(FULL, of);
    let application = |place, who| one("SELECT id AS n FROM enrolment", place, who);
    let key = |place: usize| {
        let login = if place == 0 {
            "school_head".to_owned()
        } else {
            format!("director-{place}")
        };
        let mut director = server.signed_in(&login, PASSWORD);
        let form = director.get("/view");
        let key = KEY.replace(
            '0',
            &char::from(b'a' + u8::try_from(place).expect("a place")).to_string(),
        );
        let fields = [
            ("key", key.as_str()),
            ("id", &*format!("{}.1", application(place, Who::Bulk))),
        ];
        let sent = director.send(&form, "/applications/bulk", &fields);
        assert_eq!(sent.status, 303, "{}", sent.body);
        key
    };
    let session = |place: usize| {
        let login = login_of(place, Who::Busy);
        let of = "SELECT sid_digest FROM session JOIN account ON account.id = session.account_id WHERE account.login";
        v.query(&format!("{of} = '{login}'")).remove(0)
    };
    // New sheets for a teacher of each place, printed by its head.
    let printed = |place: usize| {
        let login = if place == 0 {
            "school_head".to_owned()
        } else {
            format!("director-{place}")
        };
        let mut director = server.signed_in(&login, PASSWORD);
        let (form, key) = (director.get("/view"), format!("{:064x}", 0xbee0 + place));
        let of = person(place, Who::Agreed).to_string();
        let sent = director.send(
            &form,
            "/accounts/sheets",
            &[("key", &key), ("again", &of), ("sure", "yes")],
        );
        assert_eq!(sent.status, 303, "{}", sent.body);
        key
    };
    // The steps that wait for the tutor of each place, on paper.
    let on_paper = |place: usize| {
        let login = if place == 0 {
            "tutor".to_owned()
        } else {
            format!("tutor-{place}")
        };
        let mut tutor = server.signed_in(&login, PASSWORD);
        let form = tutor.get("/view");
        let sent = tutor.send(&form, "/sheets", &[]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").trim_start_matches("/sheets/").to_owned()
    };
    let letter = |place: usize| {
        let person = person(place, Who::Busy);
        let of = format!("subject_id IN (SELECT id FROM iom WHERE person_id = {person})");
        v.sql(&format!("UPDATE outbox_mail SET state = 'dead' WHERE {of}"));
        number(v, &format!("SELECT min(id) AS n FROM outbox_mail WHERE {of}")).to_string()
    };
    let grant = |place: usize| {
        let of = format!(
            "(SELECT id FROM account WHERE login = '{}')",
            login_of(place, Who::Single)
        );
        number(
            v,
            &format!("SELECT min(id) AS n FROM role_grant WHERE account_id = {of}"),
        )
        .to_string()
    };
    let account = |place: usize| {
        let login = login_of(place, Who::Single);
        number(v, &format!("SELECT id AS n FROM account WHERE login = '{login}'")).to_string()
    };
    let text = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let gone = |mut own: Vec<String>, id: String| {
        own.resize(GONE.place.expect("a place"), String::new());
        own.push(id);
        own
    };
    let plan = |who: Who| move |p: usize| one("SELECT id AS n FROM iom", p, who);
    let decided = application(0, Who::Bulk);
    // A letter that can be ended, whose letters are ended already: whoever holds the link may do it again.
    let ending = {
        let letter = number(v, "SELECT min(id) AS n FROM outbox_mail WHERE kind = 'iom_submitted'");
        let account = number(
            v,
            &format!("SELECT account_id AS n FROM outbox_mail WHERE id = {letter}"),
        );
        v.sql(&format!(
            "UPDATE account SET email = 'ended@school.example' WHERE id = {account}"
        ));
        v.sql(&format!(
            "INSERT INTO notice_choice VALUES ({account}, 'support', 'off', '2026-01-01 00:00:00')"
        ));
        let keys = vekha::config::Keys::load(&v.data()).expect("the keys");
        vekha::mail::unsubscribe::token(&keys.session, letter, account, "support", "ended@school.example")
    };
    // A calendar of an account that has no plan of its own: whoever knows the address reads it.
    let feed = {
        let account = number(v, "SELECT max(id) AS n FROM account WHERE person_id IS NULL");
        let digest = vekha::mail::feed::digest(FEED);
        v.sql(&format!(
            "INSERT INTO calendar_feed VALUES ({account}, '{digest}', '2026-01-01 00:00:00')"
        ));
        FEED
    };
    // Two editions of each region, the second one open to everyone; and a release of each that failed.
    let mut editions: Vec<String> = Vec::new();
    for (place, region) in [(0, "С0"), (3, "Ю0")] {
        let asked = [
            "edition", "release", "--pack", "tyumen", "--period", "2022/23", "--region", region,
        ];
        for _ in 0..2 {
            let _released = v.run(&asked).ok();
        }
        let of =
            format!("FROM edition JOIN unit u ON u.id = edition.region_id WHERE u.code = '{region}' AND number = 2");
        let id = number(v, &format!("SELECT edition.id AS n {of}"));
        let account = number(v, "SELECT id AS n FROM account WHERE login = 'operator'");
        v.sql(&format!(
            "INSERT INTO edition_act VALUES ({id}, {id}, 'open', {account}, NULL, 'оператор', '', '2026-01-01 00:00:00');
             INSERT INTO edition_order SELECT {}, region_id, pack, period, title, NULL, {account}, NULL, 'оператор', 'failed',
             NULL, 'так вышло', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM edition WHERE id = {id}",
            9800 + place
        ));
        editions.resize(place, String::new());
        editions.push(id.to_string());
    }
    let units = [
        "С2", "С3", "С6", "Ю2", "", "", "", "", "С0", "С1", "С5", "Ю0", "Ю1", "С7",
    ];
    things.rows = vec![
        ("plan", all(&plan(Who::Busy)), "7"),
        ("plan.draft", full(&plan(Who::Draft)), "7"),
        ("plan.approved", full(&plan(Who::Approved)), "7"),
        ("plan.closed", full(&plan(Who::Closed)), "7"),
        ("agreed", all(&plan(Who::Agreed)), "7"),
        ("person", all(&|p| person(p, Who::Busy).to_string()), "7"),
        ("evidence", gone(all(&evidence), taken_back), "7"),
        ("application", all(&|p| application(p, Who::Busy)), "7"),
        ("single", gone(full(&|p| application(p, Who::Single)), decided), "7"),
        ("item", all(&|p| steps(v, p).0), "1"),
        ("free-item", full(&|p| steps(v, p).1), "99"),
        ("programme", text(&["1", "21", "22", "23"]), "7"),
        ("procedure", text(&["Д0", "Д1", "Д2", "Д3"]), "нет"),
        ("tool", text(&["Платформа севера", "", "", "Платформа юга"]), "нет"),
        ("scale", text(&["scale-9711", "", "", "scale-9713"]), "нет"),
        ("template", text(&["ШС", "ШС", "ШС", "ШЮ"]), "нет"),
        ("unit", text(&units), "нет"),
        ("supporter", text(&["tutor", "tutor-1", "tutor-2", "tutor-3"]), "nobody"),
        ("upload", uploads.to_vec(), "7"),
        // What was brought back is its bringer's, who is none of these.
        ("returned", full(&|p| (9990 + p).to_string()), "7"),
        ("edition", editions, "7"),
        ("order", text(&["9800", "", "", "9803"]), "7"),
        ("letter", full(&letter), "7"),
        ("colleague", full(&|p| person(p, Who::Waiting).to_string()), "7"),
        ("sheets", full(&printed), NO_KEY),
        ("key", full(&key), NO_KEY),
        ("sheet", full(&on_paper), "7"),
        // Sessions of teachers of each place, and links that were sent to them: what is in a letter is not guessed.
        ("session", full(&session), NO_KEY),
        ("login", full(&|p| login_of(p, Who::Single)), "nobody"),
        ("account", full(&account), "7"),
        ("grant", full(&grant), "7"),
        ("link", full(&|_| NO_KEY.to_owned()), NO_KEY),
        // Whoever holds the letter ends it, whatever the role.
        ("ending", full(&|_| ending.clone()), &*ending.clone().leak()),
        ("feed", full(&|_| feed.to_owned()), FEED),
        ("event", full(&|p| (9000 + p).to_string()), "7"),
        ("body", full(&|p| (9100 + p).to_string()), "7"),
        ("pair", full(&|p| (9200 + p).to_string()), "7"),
        ("note", full(&|p| (9700 + p).to_string()), "7"),
        ("undertaking", full(&|p| (9300 + p).to_string()), "7"),
        ("publication", full(&|p| (9400 + p).to_string()), "7"),
        ("vacancy", full(&|p| (9500 + p).to_string()), "7"),
        ("campaign", full(&|p| (9850 + p).to_string()), "7"),
        ("survey", full(&|p| (7150 + p).to_string()), "7"),
        ("vote", full(&|p| (7250 + p).to_string()), "7"),
        ("examination", full(&|p| (6850 + p).to_string()), "7"),
        ("examined", full(&|p| (6950 + p).to_string()), "7"),
        ("seat", full(&|p| (7050 + p).to_string()), "7"),
        ("submission", full(&|p| (9950 + p).to_string()), "7"),
        ("regulation", full(&|p| (9900 + p).to_string()), "7"),
    ];
    (server, things)
}
