//! State of a test laid straight into the database, before the program has counted anything: units, people, jobs,
//! diagnoses, plans. What people do is tested by commands; this only builds what they find.

use std::fmt::Write as _;

use crate::support::Vekha;

/// Rows waiting to be inserted.
pub struct World {
    sql: String,
    next: i64,
    recorded: String,
}

/// A person of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    pub id: i64,
    pub region: i64,
}

/// A plan of the world.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub id: i64,
    pub region: i64,
}

/// The day of the acts that settle items.
pub const SETTLED: &str = "2023-04-02";

fn quoted(text: &str) -> String {
    if text.is_empty() {
        "NULL".into()
    } else {
        format!("'{text}'")
    }
}

impl World {
    /// An empty world with one scale (below 80 of 100 is a deficit), a competence, a procedure, accounts of supporters.
    pub fn new() -> Self {
        let mut world = Self {
            sql: String::new(),
            next: 1000,
            recorded: "2023-01-01 00:00:00".into(),
        };
        world.add(
            "INSERT INTO competence_group (code, name, number) SELECT 'methodical', 'методические', 1
             WHERE NOT EXISTS (SELECT 1 FROM competence_group WHERE code = 'methodical')",
        );
        world.add(
            "INSERT INTO competence (id, code, group_code, name, version, recorded_at)
             VALUES (1, 'К1', 'methodical', 'Методика', 1, '2023-01-01 00:00:00')",
        );
        world.add(
            "INSERT INTO scale (id, code, direction, recorded_at) VALUES (1, 'test', 'deficit', '2023-01-01 00:00:00')",
        );
        world.add(
            "INSERT INTO scale_band (id, scale_id, number, level, label, lower_milli, upper_milli, lower_incl, upper_incl,
             is_deficit, severity) VALUES (1, 1, 1, 'high', 'высокий', 0, 80000, TRUE, FALSE, TRUE, 2),
             (2, 1, 2, 'none', 'нет', 80000, 100000, TRUE, TRUE, FALSE, 0)",
        );
        world.add(
            "INSERT INTO procedure (id, code, name, kind, described, version, recorded_at)
             VALUES (1, 'П1', 'Диагностика', 'full', TRUE, 1, '2023-01-01 00:00:00')",
        );
        world.add(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
             VALUES (1, 'supporter', '', 'active', 1, '2023-01-01 00:00:00', 1)",
        );
        world
    }

    /// The moment at which later rows are recorded, UTC.
    pub fn recorded_at(&mut self, moment: &str) {
        self.recorded = moment.into();
    }

    fn add(&mut self, statement: &str) {
        self.sql.push_str(statement);
        self.sql.push_str(";\n");
    }

    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// A region with its own id as region.
    pub fn region(&mut self, code: &str) -> i64 {
        self.unit("region", code, None)
    }

    /// A unit inside another: (region, parent).
    pub fn unit(&mut self, kind: &str, code: &str, inside: Option<(i64, i64)>) -> i64 {
        let id = self.id();
        let region = inside.map_or(id, |(region, _)| region);
        let at = self.recorded.clone();
        self.add(&format!(
            "INSERT INTO unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at)
             VALUES ({id}, {region}, '{kind}', '{code}', 'Имя {code}', '{code}', '{code}', 1, '{at}')"
        ));
        if let Some((region, parent)) = inside {
            self.link(region, id, parent, "", "");
        }
        id
    }

    /// A dated place in the tree.
    pub fn link(&mut self, region: i64, unit: i64, parent: i64, from: &str, to: &str) {
        let (id, at, from, to) = (self.id(), self.recorded.clone(), quoted(from), quoted(to));
        self.add(&format!(
            "INSERT INTO unit_link (id, region_id, unit_id, parent_id, valid_from, valid_to, recorded_at)
             VALUES ({id}, {region}, {unit}, {parent}, {from}, {to}, '{at}')"
        ));
    }

    /// A person; the key of lists is its СНИЛС.
    pub fn person(&mut self, region: i64, snils: &str, born: &str) -> Who {
        let (id, at, born) = (self.id(), self.recorded.clone(), quoted(born));
        self.add(&format!(
            "INSERT INTO person (id, region_id, snils, last_name, first_name, birth_date, search_key, sort_key, version,
             recorded_at) VALUES ({id}, {region}, '{snils}', 'Фамилия', '{snils}', {born}, '{snils}', '{snils}', 1, '{at}')"
        ));
        Who { id, region }
    }

    /// A job: `teaching main`, from, the day after the last one.
    pub fn job(&mut self, who: Who, organisation: i64, how: &str, from: &str, to: &str) -> i64 {
        let (id, at, to) = (self.id(), self.recorded.clone(), quoted(to));
        let (staff, kind) = how.split_once(' ').expect("staff kind and kind of job");
        let (person, region) = (who.id, who.region);
        self.add(&format!(
            "INSERT INTO employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, valid_from,
             valid_to, recorded_at) VALUES ({id}, {region}, {person}, {organisation}, 'должность', '{staff}', '{kind}',
             '{from}', {to}, '{at}')"
        ));
        id
    }

    /// A passage of the procedure with one result, per cent.
    pub fn passage(&mut self, who: Who, kind: &str, on: &str, percent: i64) {
        let (id, result, at) = (self.id(), self.id(), self.recorded.clone());
        let (person, region) = (who.id, who.region);
        self.add(&format!(
            "INSERT INTO diagnosis (id, region_id, person_id, procedure_id, kind, held_on, recorded_at)
             VALUES ({id}, {region}, {person}, 1, '{kind}', '{on}', '{at}')"
        ));
        self.add(&format!(
            "INSERT INTO diagnosis_result (id, region_id, diagnosis_id, person_id, competence_id, subject, raw_milli,
             max_milli, scale_id, source_sheet, source_row, recorded_at)
             VALUES ({result}, {region}, {id}, {person}, 1, '', {percent}000, 100000, 1, '', 1, '{at}')"
        ));
    }

    /// A plan with its history: `2023-02-01 on_agreement`, `2023-05-01 closed terminated error`. Its columns follow.
    pub fn plan(&mut self, who: Who, states: &[&str]) -> Route {
        let (id, at) = (self.id(), self.recorded.clone());
        let (person, region) = (who.id, who.region);
        let words: Vec<Vec<&str>> = states.iter().map(|s| s.split(' ').collect()).collect();
        let last = words.last().expect("a plan has a state");
        let part = |i: usize| quoted(last.get(i).copied().unwrap_or(""));
        let closed = if last[1] == "closed" {
            quoted(last[0])
        } else {
            "NULL".into()
        };
        let visible = words
            .iter()
            .find(|w| w[1] == "on_agreement")
            .map_or("NULL".into(), |w| quoted(w[0]));
        self.add(&format!(
            "INSERT INTO iom (id, region_id, person_id, number, origin, state, outcome, close_reason, starts_on,
             first_visible_on, closed_on, revision, on_platform, version, recorded_at)
             VALUES ({id}, {region}, {person}, 'ИОМ-{id}', 'school', '{}', {}, {}, '{}', {visible}, {closed}, 0, TRUE, 1,
             '{at}')",
            last[1],
            part(2),
            part(3),
            words[0][0],
        ));
        for word in words {
            let (state, outcome) = (self.id(), quoted(word.get(2).copied().unwrap_or("")));
            let reason = quoted(word.get(3).copied().unwrap_or(""));
            self.add(&format!(
                "INSERT INTO iom_state (id, region_id, iom_id, state, outcome, reason, on_date, recorded_at)
                 VALUES ({state}, {region}, {id}, '{}', {outcome}, {reason}, '{}', '{at}')",
                word[1], word[0]
            ));
        }
        Route { id, region }
    }

    /// A supporter of a plan.
    pub fn supporter(&mut self, plan: Route, kind: &str, from: &str, to: &str) {
        let (id, at, to) = (self.id(), self.recorded.clone(), quoted(to));
        let (plan, region) = (plan.id, plan.region);
        self.add(&format!(
            "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, valid_to, recorded_at)
             VALUES ({id}, {region}, {plan}, 1, '{kind}', '{from}', {to}, '{at}')"
        ));
    }

    /// An act on a plan as a whole.
    pub fn act(&mut self, plan: Route, act: &str, on: &str) {
        self.act_on(plan, None, act, on);
    }

    /// An act on an item.
    pub fn act_on(&mut self, plan: Route, item: Option<i64>, act: &str, on: &str) {
        let (id, at) = (self.id(), self.recorded.clone());
        let (plan, region) = (plan.id, plan.region);
        let item = item.map_or("NULL".into(), |i| i.to_string());
        self.add(&format!(
            "INSERT INTO iom_act (id, region_id, iom_id, item_id, act, on_date, recorded_at)
             VALUES ({id}, {region}, {plan}, {item}, '{act}', '{on}', '{at}')"
        ));
    }

    /// An item of a programme with topics, and the act that put it into its state; returns its id.
    pub fn item(&mut self, route: Route, topics: &str, state: &str) -> i64 {
        let (id, at) = (self.id(), self.recorded.clone());
        let (plan, region) = (route.id, route.region);
        let (act, settled) = match state {
            "accepted" => (Some("complete"), format!("'{SETTLED}'")),
            "waived" => (Some("waive"), format!("'{SETTLED}'")),
            "in_progress" => (Some("begin"), "NULL".into()),
            "submitted" => (Some("submit"), "NULL".into()),
            _ => (None, "NULL".into()),
        };
        self.add(&format!(
            "INSERT INTO iom_item (id, region_id, iom_id, number, state, title, education_form, mandatory, hours, topics,
             settled_on, version, recorded_at) VALUES ({id}, {region}, {plan}, {id}, '{state}', 'Курс', 'formal', TRUE, 16,
             '{topics}', {settled}, 1, '{at}')"
        ));
        if let Some(act) = act {
            self.act_on(route, Some(id), act, SETTLED);
        }
        id
    }

    /// Any other statement.
    pub fn also(&mut self, statement: &str) {
        let mut text = String::new();
        write!(text, "{statement}").expect("a string takes text");
        self.add(&text);
    }

    /// Lays everything into the database.
    pub fn lay(&mut self, v: &Vekha) {
        drop(v.run(&["migrate"]).ok());
        v.sql(&format!("BEGIN;\n{}COMMIT;", std::mem::take(&mut self.sql)));
    }
}
