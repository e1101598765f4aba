//! A small world of two regions, put straight into the database: state for tests whose subject is what comes after it.

use std::fmt::Write as _;

use crate::support::Vekha;

/// Rows of a world, as SQL that both databases read.
pub struct World {
    sql: String,
    next: i64,
}

/// A region's number: its units are `10 * n + …`.
pub const NORTH: i64 = 1;
/// The other region.
pub const SOUTH: i64 = 2;

/// A band: code, label, lower and upper per cent, whether each belongs, whether it is a deficit, severity.
type Band = (&'static str, &'static str, i64, i64, bool, bool, bool, i64);

const BANDS: &[Band] = &[
    ("high", "высокий", 0, 60, true, false, true, 3),
    ("middle", "средний", 60, 80, true, true, true, 2),
    ("low", "минимальный", 80, 100, false, false, false, 1),
    ("none", "дефицитов нет", 100, 100, true, true, false, 0),
];

/// A СНИЛС with its check digits: `900-000-001 …` and on.
pub fn snils(n: i64) -> String {
    let digits = format!("{:09}", 900_000_000 + n);
    let sum: u32 = digits
        .chars()
        .zip((1..=9).rev())
        .map(|(d, place)| d.to_digit(10).expect("a digit") * place)
        .sum();
    let check = sum % 101 % 100;
    format!("{}-{}-{} {check:02}", &digits[..3], &digits[3..6], &digits[6..])
}

/// Unit ids of a region: itself, its municipality, its two schools and a training institute.
pub fn unit(region: i64, place: i64) -> i64 {
    100 + region * 10 + place
}

impl World {
    /// Two regions, each with a municipality, two schools (places 2 and 3) and an institute (4); competences К1 with
    /// К1.1 below it, К2, К3; programmes П1 (К1, 36 h), П2 (К2, 72 h, topic upbringing); nothing teaches К3.
    pub fn new() -> Self {
        let mut world = Self {
            sql: String::new(),
            next: 100_000,
        };
        for (region, name) in [(NORTH, "С"), (SOUTH, "Ю")] {
            let own = unit(region, 0);
            for (place, kind, parent) in [
                (0, "region", None),
                (1, "municipality", Some(0)),
                (2, "organisation", Some(1)),
                (3, "organisation", Some(1)),
                (4, "organisation", Some(0)),
            ] {
                let id = unit(region, place);
                world.row(
                    "unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at)",
                    &format!("{id}, {own}, '{kind}', '{name}{place}', '{name}{place}', '', '', 1, {THEN}"),
                );
                if let Some(parent) = parent {
                    let link = world.id();
                    let parent = unit(region, parent);
                    world.row(
                        "unit_link (id, region_id, unit_id, parent_id, recorded_at)",
                        &format!("{link}, {own}, {id}, {parent}, {THEN}"),
                    );
                }
            }
        }
        world.row("competence_group (code, name, number)", "'world', 'Группа мира', 99");
        for (id, code, parent) in [
            (1, "К1", "NULL"),
            (2, "К1.1", "1"),
            (3, "К2", "NULL"),
            (4, "К3", "NULL"),
        ] {
            world.row(
                "competence (id, code, group_code, name, parent_id, version, recorded_at)",
                &format!("{id}, '{code}', 'world', 'Компетенция {code}', {parent}, 1, {THEN}"),
            );
        }
        world.row(
            "scale (id, code, direction, recorded_at)",
            &format!("77, 'world', 'deficit', {THEN}"),
        );
        for (n, (level, label, lower, upper, lower_in, upper_in, deficit, severity)) in BANDS.iter().enumerate() {
            world.row(
                "scale_band (id, scale_id, number, level, label, lower_milli, upper_milli, lower_incl, upper_incl, \
                 is_deficit, severity)",
                &format!(
                    "{}, 77, {}, '{level}', '{label}', {}, {}, {lower_in}, {upper_in}, {deficit}, {severity}",
                    7700 + n,
                    n + 1,
                    lower * 1000,
                    upper * 1000
                ),
            );
        }
        for (id, code, hours, competence, topic) in [(1, "П1", 36, 1, "updated_fgos"), (2, "П2", 72, 3, "upbringing")]
        {
            world.row(
                "programme (id, code, name, search_key, kind, hours, provider_id, distance, e_learning, deficit_based, \
                 priority_federal, version, recorded_at)",
                &format!(
                    "{id}, '{code}', 'Программа {code}', '', 'upskilling', {hours}, {}, FALSE, FALSE, TRUE, FALSE, 1, {THEN}",
                    unit(NORTH, 4)
                ),
            );
            world.row(
                "programme_competence (programme_id, competence_id)",
                &format!("{id}, {competence}"),
            );
            world.row("programme_topic (programme_id, topic)", &format!("{id}, '{topic}'"));
        }
        world
    }

    /// A row of a table, written last.
    pub fn row(&mut self, table: &str, values: &str) {
        writeln!(self.sql, "INSERT INTO {table} VALUES ({values});").expect("a string takes text");
    }

    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// One more unit of a region below another one, named by its place: «С5».
    pub fn unit(&mut self, region: i64, place: i64, kind: &str, parent: i64) -> &mut Self {
        let (id, own, parent, link) = (
            unit(region, place),
            unit(region, 0),
            unit(region, parent),
            90_000 + place,
        );
        self.row(
            "unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at)",
            &format!("{id}, {own}, '{kind}', 'С{place}', 'С{place}', 'с{place}', '', 1, {THEN}"),
        );
        self.row(
            "unit_link (id, region_id, unit_id, parent_id, recorded_at)",
            &format!("{link}, {own}, {id}, {parent}, {THEN}"),
        );
        self
    }

    /// A school that was closed on a day.
    pub fn closed_unit(&mut self, region: i64, place: i64, parent: i64, on: &str) -> &mut Self {
        let (id, own, parent, link) = (
            unit(region, place),
            unit(region, 0),
            unit(region, parent),
            90_000 + place,
        );
        self.row(
            "unit (id, region_id, kind, code, name, search_key, sort_key, valid_to, version, recorded_at)",
            &format!("{id}, {own}, 'organisation', 'С{place}', 'С{place}', 'с{place}', '', '{on}', 1, {THEN}"),
        );
        self.row(
            "unit_link (id, region_id, unit_id, parent_id, valid_to, recorded_at)",
            &format!("{link}, {own}, {id}, {parent}, '{on}', {THEN}"),
        );
        self
    }

    /// A teacher at work in a school since 2015; `n` makes the СНИЛС, the id is the person's own.
    pub fn teacher(&mut self, id: i64, n: i64, region: i64, place: i64) -> &mut Self {
        self.teacher_until(id, n, region, place, None)
    }

    /// The same until a day.
    pub fn teacher_until(&mut self, id: i64, n: i64, region: i64, place: i64, to: Option<&str>) -> &mut Self {
        let own = unit(region, 0);
        self.row(
            "person (id, region_id, snils, last_name, first_name, search_key, sort_key, version, recorded_at)",
            &format!("{id}, {own}, '{}', 'Фамилия{n}', 'Имя', '', '', 1, {THEN}", snils(n)),
        );
        self.job(id, region, place, "teaching", "2015-09-01", to)
    }

    /// One more job.
    pub fn job(&mut self, person: i64, region: i64, place: i64, kind: &str, from: &str, to: Option<&str>) -> &mut Self {
        let id = self.id();
        let to = to.map_or("NULL".into(), |to| format!("'{to}'"));
        self.row(
            "employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, teaching_since, \
             valid_from, valid_to, recorded_at)",
            &format!(
                "{id}, {}, {person}, {}, 'учитель', '{kind}', 'main', '2015-09-01', '{from}', {to}, {THEN}",
                unit(region, 0),
                unit(region, place)
            ),
        );
        self
    }

    /// A procedure of a kind, its results valid so many days.
    pub fn procedure(&mut self, id: i64, code: &str, kind: &str, valid_days: Option<i32>) -> &mut Self {
        let days = valid_days.map_or("NULL".into(), |d| d.to_string());
        self.row(
            "procedure (id, code, name, kind, valid_days, described, version, recorded_at)",
            &format!("{id}, '{code}', '{code}', '{kind}', {days}, TRUE, 1, {THEN}"),
        );
        self
    }

    /// A passage with results: competence and score in thousandths of 100.
    pub fn passage(
        &mut self,
        person: i64,
        region: i64,
        procedure: i64,
        kind: &str,
        on: &str,
        scores: &[(i64, i64)],
    ) -> &mut Self {
        let (own, id) = (unit(region, 0), self.id());
        self.row(
            "diagnosis (id, region_id, person_id, procedure_id, kind, held_on, recorded_at)",
            &format!("{id}, {own}, {person}, {procedure}, '{kind}', '{on}', {THEN}"),
        );
        for (competence, raw) in scores {
            let result = self.id();
            self.row(
                "diagnosis_result (id, region_id, diagnosis_id, person_id, competence_id, subject, raw_milli, max_milli, \
                 scale_id, source_sheet, source_row, recorded_at)",
                &format!("{result}, {own}, {id}, {person}, {competence}, '', {raw}, 100000, 77, '', 0, {THEN}"),
            );
        }
        self
    }

    /// An account with roles over units; the account of a person where one is given.
    pub fn account(&mut self, id: i64, login: &str, person: Option<i64>, roles: &[(&str, i64)]) -> &mut Self {
        let person = person.map_or("NULL".into(), |p| p.to_string());
        self.row(
            "account (id, login, password_hash, person_id, state, auth_version, created_at, version)",
            &format!("{id}, '{login}', '', {person}, 'active', 1, {THEN}, 1"),
        );
        for (role, unit) in roles {
            let grant = self.id();
            self.row(
                "role_grant (id, account_id, role, unit_id, recorded_at)",
                &format!("{grant}, {id}, '{role}', {unit}, {THEN}"),
            );
        }
        self
    }

    /// Puts the world into an empty installation.
    pub fn build(&self, v: &Vekha) {
        let _migrated = v.run(&["migrate"]).ok();
        v.sql(&format!("BEGIN; {} COMMIT;", self.sql));
    }
}

const THEN: &str = "'2022-01-01 00:00:00'";

/// The object that a command with `--json` printed.
pub fn json(answer: &crate::support::Answer) -> serde_json::Value {
    serde_json::from_str(&answer.out).expect("one JSON object")
}

/// Drafts of a procedure on a day; the report.
pub fn draft(v: &Vekha, procedure: &str, on: &str, more: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["--json", "iom", "draft", "--procedure", procedure, "--as-of", on];
    arguments.extend(more);
    json(&v.run(&arguments).ok())["report"].clone()
}

/// Lines of `iom show`.
pub fn show(v: &Vekha, n: i64) -> Vec<std::collections::BTreeMap<String, String>> {
    v.run(&["iom", "show", &snils(n), "--format", "csv"]).ok().rows()
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// The number that a query `SELECT … AS n` answers, past the program.
pub fn number(v: &Vekha, query: &str) -> i64 {
    use diesel::{Connection as _, RunQueryDsl as _};
    let url = v.url();
    let found: Number = match url.strip_prefix("sqlite:") {
        Some(path) => {
            use diesel::connection::SimpleConnection as _;
            let mut c = diesel::SqliteConnection::establish(path).expect("the file opens");
            // A program that opens or closes the file holds it for a moment.
            c.batch_execute("PRAGMA busy_timeout = 5000").expect("a pragma");
            diesel::sql_query(query).get_result(&mut c).expect(query)
        }
        None => diesel::sql_query(query)
            .get_result(&mut diesel::PgConnection::establish(&url).expect("PostgreSQL answers"))
            .expect(query),
    };
    found.n
}
