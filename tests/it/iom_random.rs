//! Random acts through `iom apply`: whatever a file asks for, plans stay within their life-cycle, nobody judges the own
//! plan, a day completes nothing, taking back keeps what was, and what was frozen stays byte for byte.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::on_both;
use crate::support::{Vekha, text};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

/// Where a plan may go from where it is, as the table of the life-cycle says it, with the outcome of the end. A plan that
/// was sent may be called back, too.
const WAYS: &[(&str, &str)] = &[
    ("draft", "on_agreement"),
    ("on_agreement", "draft"),
    ("on_agreement", "returned"),
    ("returned", "on_agreement"),
    ("on_agreement", "approved"),
    ("approved", "active"),
    ("active", "paused"),
    ("paused", "active"),
    ("active", "closed completed"),
    ("active", "closed expired"),
    ("paused", "closed expired"),
    ("draft", "closed terminated"),
    ("on_agreement", "closed terminated"),
    ("returned", "closed terminated"),
    ("approved", "closed terminated"),
    ("active", "closed terminated"),
    ("paused", "closed terminated"),
    ("closed completed", "active"),
    ("closed expired", "active"),
    ("closed terminated", "active"),
];

/// The straight way to a completed plan and back; every third row of a file tries something else.
const STRAIGHT: &[(&str, &str)] = &[
    ("send", "head"),
    ("agree", "own"),
    ("approve", "head"),
    ("start", "curator"),
    ("pause", "curator"),
    ("resume shift", "curator"),
    ("assign", "head"),
    ("accept all", "curator"),
    ("outcome all", "curator"),
    ("close-completed", "curator"),
    ("reopen", "head"),
];

const ACTS: &[&str] = &[
    "send",
    "agree",
    "approve",
    "start",
    "begin",
    "submit",
    "withdraw",
    "accept",
    "return",
    "waive",
    "cancel",
    "assign",
    "support",
    "pause",
    "resume",
    "outcome",
    "close-completed",
    "close-expired",
    "close-terminated",
    "reopen",
    "acquaint",
    "apply",
    "agree-enrolment",
    "refuse-enrolment",
    "enrol",
    "complete",
];

/// Three teachers of one school and one of another in the north, one in the south. The first is head and curator of the
/// ЦНППМ beside teaching: nobody would be nearer to an own plan.
fn world(v: &Vekha) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for (n, region, place) in [
        (1, NORTH, 2),
        (2, NORTH, 2),
        (3, NORTH, 2),
        (4, NORTH, 3),
        (99, SOUTH, 2),
    ] {
        let id = 1000 + n;
        world.teacher(id, n, region, place);
        world.passage(id, region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
        let (own, over) = (unit(region, place), unit(region, 0));
        let all = [
            ("teacher", own),
            ("cnppm_head", over),
            ("curator", over),
            ("tutor", over),
        ];
        let roles = if n == 1 { &all[..] } else { &all[..1] };
        world.account(id, &format!("teacher-{n}"), Some(id), roles);
    }
    let north = unit(NORTH, 0);
    for (id, login, role, over) in [
        (1, "head", "cnppm_head", north),
        (2, "curator", "curator", north),
        (3, "tutor", "tutor", north),
        (4, "director", "school_head", unit(NORTH, 2)),
        (5, "staff", "cnppm_staff", north),
        (6, "south", "cnppm_head", unit(SOUTH, 0)),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
}

fn pick<T: Copy>(random: &mut SmallRng, from: &[T]) -> T {
    from[random.random_range(0..from.len())]
}

/// A file of so many rows that go on where the days of the last one ended.
fn rows(random: &mut SmallRng, straight: &mut BTreeMap<i64, usize>, on: &mut NaiveDate, many: usize) -> String {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    let people = [1_i64, 1, 2, 3, 4, 99];
    for row in 0..many {
        *on = *on + Days::new(random.random_range(0..2));
        let n = pick(random, &people);
        let own = format!("teacher-{n}");
        let mut line = |act: &str, item: &str, by: &str, value: &str, reason: &str| {
            file.push_str(&format!("{},{act},{item},{on},{by},{value},{reason}\n", snils(n)));
        };
        if row % 3 > 0 {
            let step = straight.entry(n).or_default();
            let (act, by) = STRAIGHT[*step % STRAIGHT.len()];
            *step += 1;
            let by = match by {
                "own" => &*own,
                // The first teacher tries to do everything alone.
                _ if n == 1 && random.random_ratio(1, 2) => "teacher-1",
                _ if n == 99 => "south",
                by => by,
            };
            match act {
                "accept all" => (1..=6).for_each(|item| line("waive", &item.to_string(), by, "Д-1", "")),
                "outcome all" => ["К1", "К1.1", "К2"]
                    .iter()
                    .for_each(|of| line("outcome", "", by, &format!("{of}:closed"), "")),
                "assign" => line(act, "", by, pick(random, &["tutor", "curator", "teacher-1"]), ""),
                "resume shift" => line("resume", "", by, "shift", ""),
                act => line(act, "", by, "", "по итогам беседы"),
            }
            continue;
        }
        let act = pick(random, ACTS);
        let item = pick(random, &["", "1", "2", "3", "4", "9"]);
        let by = pick(
            random,
            &[
                &*own,
                "teacher-1",
                "head",
                "curator",
                "tutor",
                "director",
                "staff",
                "south",
            ],
        );
        let value = match act {
            "pause" => pick(random, &["01.01.2026", "01.01.2020", ""]),
            "resume" => pick(random, &["", "shift", "потом"]),
            "outcome" => pick(random, &["К1:closed", "К2:remained", "К9:closed"]),
            "complete" => pick(random, &["У-1", "У-2", ""]),
            "assign" => pick(random, &["tutor", "curator", "teacher-1", "south", "nobody"]),
            _ => "",
        };
        let reason = match act {
            "pause" => pick(random, &["отпуск", "скука", ""]),
            "close-terminated" => pick(random, &["ошибка", "скука", ""]),
            _ => pick(random, &["", "причина"]),
        };
        line(act, item, by, value, reason);
    }
    file
}

/// Everything that must hold of what stands in the database.
fn check(v: &Vekha, what: &str) {
    let states = v.query(
        "SELECT CAST(iom_id AS TEXT) || ' ' || state || CASE WHEN outcome IS NULL THEN '' ELSE ' ' || outcome END FROM iom_state \
         WHERE superseded_at IS NULL ORDER BY iom_id, on_date, id",
    );
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for row in &states {
        let (plan, state) = row.split_once(' ').expect("a plan and its state");
        match last.insert(plan.to_owned(), state.to_owned()) {
            None => assert_eq!(state, "draft", "{what}: a plan begins as {state}"),
            Some(before) => assert!(
                WAYS.contains(&(&*before, state)),
                "{what}: from {before} to {state}: {states:?}"
            ),
        }
    }
    let now = v.query(
        "SELECT CAST(id AS TEXT) || ' ' || state || CASE WHEN outcome IS NULL THEN '' ELSE ' ' || outcome END FROM iom",
    );
    for row in now {
        let (plan, state) = row.split_once(' ').expect("a plan and its state");
        assert_eq!(
            last.get(plan).map(String::as_str),
            Some(state),
            "{what}: plan {plan} says another state"
        );
    }
    let none = |of: &str, said: &str| {
        assert_eq!(
            number(v, &format!("SELECT count(*) AS n FROM {of}")),
            0,
            "{what}: {said}"
        )
    };
    let of_account = "iom_act a JOIN iom i ON i.id = a.iom_id JOIN account o ON o.id = a.account_id";
    none(
        &format!(
            "{of_account} WHERE o.person_id = i.person_id AND (a.act IN ('approve', 'start', 'accept', 'waive', 'cancel', 'outcome', \
             'close-completed', 'close-expired', 'close-terminated', 'reopen', 'complete') OR a.act = 'return' AND a.item_id IS NOT NULL)"
        ),
        "the own plan is judged",
    );
    none(
        &format!("{of_account} WHERE o.login = 'south' AND i.person_id <> 1099"),
        "done from another region",
    );
    none(
        "iom i WHERE i.outcome = 'completed' AND (i.conclusion IS NULL AND i.follow_up_diagnosis_id IS NULL OR EXISTS (SELECT 1 FROM \
         iom_item t WHERE t.iom_id = i.id AND t.mandatory AND t.state NOT IN ('accepted', 'waived', 'cancelled')) OR EXISTS (SELECT 1 \
         FROM iom_deficit d WHERE d.iom_id = i.id AND d.outcome IS NULL))",
        "completed with something open",
    );
    none(
        "iom i WHERE i.state IN ('approved', 'active', 'paused') AND i.revision = 0",
        "at work without an approval",
    );
    // Each closing that was taken back still stands with its outcome.
    none(
        "iom i WHERE (SELECT count(*) FROM iom_act a WHERE a.iom_id = i.id AND a.act = 'reopen') > (SELECT count(*) FROM iom_state s \
         WHERE s.iom_id = i.id AND s.state = 'closed' AND s.outcome IS NOT NULL)",
        "an old outcome is lost",
    );
    none(
        "iom i JOIN iom o ON o.person_id = i.person_id AND o.id < i.id WHERE i.state <> 'closed' AND o.state <> 'closed'",
        "two open plans",
    );
}

on_both! {
    fn whatever_a_file_asks_for_plans_keep_their_rules(v: &Vekha) {
        world(v);
        let mut random = SmallRng::seed_from_u64(7);
        let mut straight = BTreeMap::new();
        let mut on = NaiveDate::from_ymd_opt(2023, 2, 11).expect("a day");
        let frozen = || v.query("SELECT CAST(id AS TEXT) || digest || body FROM iom_revision ORDER BY id");
        let mut before: Vec<String> = Vec::new();
        for file in 0..4 {
            let path = v.file(&format!("acts-{file}.csv"), rows(&mut random, &mut straight, &mut on, 120));
            let _some_are_refused = v.run(&["iom", "apply", text(&path)]).with_refusals();
            check(v, &format!("file {file}"));
            let now = frozen();
            assert!(before.iter().all(|row| now.contains(row)), "file {file}: a frozen revision has changed");
            before = now;
        }
        // The walk is worth something only if it gets somewhere.
        let done = |act: &str| number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE act = '{act}'"));
        for act in ["approve", "waive", "close-completed", "reopen", "pause", "assign"] {
            assert!(done(act) > 0, "nothing came to {act}");
        }
        // A day completes nothing: years later everything stands where it stood.
        let standing = || v.query("SELECT CAST(id AS TEXT) || state || CAST(version AS TEXT) FROM iom ORDER BY id");
        let stood = standing();
        for day in ["2024-02-11", "2026-06-01", "2031-01-01"] {
            let _reminded = v.run(&["mail", "remind", "--on", day]).ok();
            assert_eq!(standing(), stood, "{day}");
        }
        let _sound = v.run(&["check"]).ok();
    }
}
