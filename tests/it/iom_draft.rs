//! Drafting plans and spreading supporters.

use crate::on_both;
use crate::support::Vekha;
use crate::world::{NORTH, SOUTH, World, draft, json, show, snils, unit};

/// Three teachers of the north (the third without deficits), one of the south.
fn world() -> World {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", Some(300));
    for n in 1..=3 {
        world.teacher(1000 + n, n, NORTH, if n == 2 { 3 } else { 2 });
    }
    world.teacher(2001, 4, SOUTH, 2);
    world.passage(
        1001,
        NORTH,
        1,
        "full",
        "2023-02-01",
        &[(1, 40_000), (2, 70_000), (3, 70_000), (4, 30_000)],
    );
    world.passage(1002, NORTH, 1, "full", "2023-02-02", &[(4, 70_000)]);
    world.passage(1003, NORTH, 1, "full", "2023-02-02", &[(1, 90_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-03", &[(3, 10_000)]);
    world
}

/// Hours of the courses of a plan by the last day of their steps.
fn hours_by_day(v: &Vekha, person: i64) -> std::collections::BTreeMap<String, u32> {
    let mut days = std::collections::BTreeMap::new();
    for row in show(v, person) {
        let hours: u32 = v
            .query(&format!(
                "SELECT hours FROM programme WHERE code = '{}'",
                row["programme"]
            ))
            .first()
            .map_or(0, |h| h.parse().expect("hours"));
        *days.entry(row["due"].clone()).or_insert(0) += hours;
    }
    days
}

on_both! {
    fn a_dry_run_tells_exactly_what_a_run_does(v: &Vekha) {
        world().build(v);
        let planned = draft(v, "Д1", "2023-02-10", &["--dry-run"]);
        assert!(show(v, 1).is_empty(), "a dry run writes nothing");
        // But for the journal: whoever it names with a deficit reads of it.
        let told = format!("SELECT person_id FROM audit_event WHERE action = '{}' AND object_kind = 'drafting' ORDER BY person_id", vekha::audit::words::SHOWN);
        assert_eq!(v.query(&told), ["1001", "1002"]);
        let done = draft(v, "Д1", "2023-02-10", &[]);
        assert_eq!(planned, done);
        assert_eq!((done["persons"].as_u64(), done["drafted"].as_u64()), (Some(4), Some(3)));
        assert_eq!(done["no_deficits"].as_u64(), Some(1));
        let listed: Vec<_> = done["unmatched"].as_array().expect("a list").iter()
            .map(|u| (u["snils"].as_str().expect("text").to_owned(), u["competence"].as_str().expect("text").to_owned()))
            .collect();
        assert_eq!(listed, [(snils(1), "К3".into()), (snils(2), "К3".into())]);
        // A deficit that nothing answers is a line without an item: it waits for its outcome like the others.
        let waiting = |rows: &[std::collections::BTreeMap<String, String>]| {
            rows.iter().filter(|r| r["item"].is_empty()).map(|r| r["deficit"].clone()).collect::<Vec<_>>()
        };
        let all = [1, 2, 3, 4].map(|n| show(v, n));
        assert_eq!(waiting(&all[0]), ["К1.1", "К3"], "one programme stands for К1 and К1.1, under the first of them");
        assert_eq!(waiting(&all[1]), ["К3"]);
        let shown = all.map(|rows| rows.into_iter().filter(|r| !r["item"].is_empty()).collect::<Vec<_>>());
        let items: usize = shown.iter().flatten().count();
        assert_eq!(Some(items as u64), done["items"].as_u64());
        // К1 and К1.1 are taught by one programme, which stands in the plan once.
        let programmes: Vec<&str> = shown[0].iter().map(|r| &*r["programme"]).collect();
        assert_eq!(programmes, ["П1", "П2", ""]);
        assert!(shown[0].iter().all(|r| r["deficit"] != "К3"), "a goal without items");
        assert_eq!(&*shown[0][2]["education_form"], "informal", "a heavy deficit gets more than a course");
        assert_eq!((&*shown[0][1]["topics"], &*shown[0][1]["deficit"]), ("upbringing", "К2"));
        assert!(shown[1].is_empty(), "a plan of goals alone");
        assert!(shown[2].is_empty());
        assert_eq!(&*shown[3][0]["plan"], "ИОМ-Д1-1", "numbers are counted in each region");
        assert!(shown.iter().flatten().all(|r| r["state"] == "draft" && r["revision"] == "0"));
        let _whole = v.run(&["audit", "verify"]).ok();
    }

    fn a_second_run_doubles_nothing_and_says_what_could_be_added(v: &Vekha) {
        world().build(v);
        let first = draft(v, "Д1", "2023-02-10", &["--unit", "С3"]);
        assert_eq!((first["persons"].as_u64(), first["drafted"].as_u64()), (Some(1), Some(1)), "only those of the school");
        let rest = draft(v, "Д1", "2023-02-10", &[]);
        assert_eq!(rest["drafted"].as_u64(), Some(2));
        let before = [1, 2, 3, 4].map(|n| show(v, n));
        let again = draft(v, "Д1", "2023-02-10", &[]);
        assert_eq!(again["drafted"].as_u64(), Some(0));
        assert_eq!(again["existing"].as_array().map(Vec::len), Some(3));
        assert!(again["existing"].as_array().expect("a list").iter().all(|e| e["add"] == json_list(&[])));
        assert_eq!([1, 2, 3, 4].map(|n| show(v, n)), before);
        // A programme for К3 appears: the plan that stands is not touched, the list names the programme.
        v.sql("INSERT INTO programme (id, code, name, search_key, kind, hours, distance, e_learning, deficit_based, \
               priority_federal, version, recorded_at) VALUES (3, 'П3', 'Программа П3', '', 'upskilling', 16, FALSE, \
               FALSE, TRUE, FALSE, 1, '2022-01-01 00:00:00'); INSERT INTO programme_competence VALUES (3, 4);");
        let more = draft(v, "Д1", "2023-02-10", &[]);
        let add = more["existing"].as_array().expect("a list").iter().find(|e| e["snils"] == snils(2)).expect("listed");
        assert_eq!(add["add"], json_list(&["Программа П3"]));
        assert_eq!(show(v, 2), before[1]);
        let _missing = v.run(&["iom", "draft", "--procedure", "Нет"]).failed();
    }

    fn the_same_results_and_rules_give_the_same_plan(v: &Vekha) {
        world().build(v);
        let other = v.copy();
        assert_eq!(draft(v, "Д1", "2023-02-10", &[]), draft(&other, "Д1", "2023-02-10", &[]));
        for n in 1..=4 {
            assert_eq!(show(v, n), show(&other, n), "person {n}");
        }
    }

    fn a_plan_explains_itself_by_the_rules_that_made_it(v: &Vekha) {
        world().build(v);
        // One plan was made by the rules of another year, the next one by those of today.
        draft(v, "Д1", "2023-02-10", &["--unit", "С2"]);
        v.sql("UPDATE rule_set SET source = replace(source, 'программа учит этой компетенции', 'так подбирали в прошлом году')");
        draft(v, "Д1", "2023-02-10", &[]);
        assert_eq!(v.query("SELECT version FROM rule_set ORDER BY version"), ["1", "2"]);
        let told = |n: i64| v.run(&["iom", "show", &snils(n)]).ok().out;
        let (old, new) = (told(1), told(4));
        assert!(old.contains("почему здесь: ") && old.contains("так подбирали в прошлом году"), "{old}");
        assert!(!old.contains("программа учит этой компетенции"), "{old}");
        assert!(new.contains("программа учит этой компетенции") && !new.contains("в прошлом году"), "{new}");
        // The page says the same as the command.
        let password = "хороший длинный пароль";
        let hash = vekha::access::hashing::hash_password(password).expect("a hash");
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) VALUES (90, 'head', \
             '{hash}', 'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, \
             recorded_at) VALUES (90, 90, 'cnppm_head', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        let server = crate::visitor::Server::start(v);
        let mut head = server.signed_in("head", password);
        let plan = |n: i64| v.query(&format!("SELECT m.id FROM iom m JOIN person p ON p.id = m.person_id WHERE p.snils = '{}'", snils(n)))[0].clone();
        let page = head.get(&format!("/plans/{}", plan(1))).body;
        assert!(page.contains("так подбирали в прошлом году") && !page.contains("программа учит этой"), "{page}");
    }

    fn results_that_ran_out_feed_no_plan(v: &Vekha) {
        world().build(v);
        // Valid through day 300 after the passage: 28 November for the first teacher, two days later for the south.
        let late = draft(v, "Д1", "2023-11-29", &[]);
        let drafted: Vec<bool> = [1, 2, 3, 4].iter().map(|n| !show(v, *n).is_empty()).collect();
        assert_eq!(drafted, [false, true, false, true]);
        assert_eq!((late["no_deficits"].as_u64(), late["expired"].as_u64()), (Some(2), Some(1)));
    }

    fn courses_of_a_quarter_keep_within_its_hours(v: &Vekha) {
        world().build(v);
        v.sql("INSERT INTO programme (id, code, name, search_key, kind, hours, distance, e_learning, deficit_based, \
               priority_federal, version, recorded_at) VALUES (3, 'П3', 'Программа П3', '', 'upskilling', 100, FALSE, \
               FALSE, TRUE, FALSE, 1, '2022-01-01 00:00:00'); INSERT INTO programme_competence VALUES (3, 4);");
        draft(v, "Д1", "2023-02-10", &[]);
        let quarters = hours_by_day(v, 1);
        assert!(quarters.values().sum::<u32>() > 144, "more than one quarter holds: {quarters:?}");
        assert!(quarters.values().all(|hours| *hours <= 144), "{quarters:?}");
    }

    fn a_plan_of_late_autumn_keeps_to_the_weeks_left(v: &Vekha) {
        world().build(v);
        // Of the ninety-two days of the quarter forty-two are left, of its 144 hours sixty-five.
        draft(v, "Д1", "2023-11-20", &[]);
        let days = hours_by_day(v, 1);
        let of_the_year = |year: &str| days.iter().filter(|(day, _)| day.contains(year)).map(|(_, hours)| hours).sum::<u32>();
        assert!(of_the_year("2023") <= 65, "{days:?}");
        assert!(of_the_year("2024") > 0 && days.values().sum::<u32>() > 65, "the rest is not lost: {days:?}");
    }

    fn loads_are_evened_out_at_the_end(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        // Four plans of one school, six of the other; the first tutor may take any of them.
        for n in 1..=10 {
            world.teacher(1000 + n, n, NORTH, if n <= 4 { 2 } else { 3 });
            world.passage(1000 + n, NORTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        }
        world.teacher(5000, 900, SOUTH, 2).passage(5000, SOUTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        world.account(1, "a-both", None, &[("tutor", unit(NORTH, 2)), ("tutor", unit(NORTH, 3))]);
        world.account(2, "b-first", None, &[("tutor", unit(NORTH, 2))]);
        world.account(3, "c-second", None, &[("tutor", unit(NORTH, 3))]);
        world.build(v);
        draft(v, "Д1", "2023-02-10", &[]);
        let arguments = ["--json", "iom", "assign", "--unit", "С0", "--kind", "tutor", "--as-of", "2023-03-01"];
        let done = json(&v.run(&arguments).ok())["report"].clone();
        let loads: Vec<i64> = ["a-both", "b-first", "c-second"].iter().filter_map(|l| done["loads"][*l].as_i64()).collect();
        assert_eq!((loads.iter().sum::<i64>(), loads.len()), (10, 3));
        assert!(loads.iter().max() <= loads.iter().min().map(|least| least + 1).as_ref(), "{loads:?}");
    }

    fn nobody_is_given_the_own_plan(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        world.teacher(1001, 1, NORTH, 2).passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        world.teacher(5000, 900, SOUTH, 2).passage(5000, SOUTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        world.account(1, "tutor", None, &[("tutor", unit(NORTH, 2))]);
        world.account(2, "teacher-south", Some(5000), &[("tutor", unit(SOUTH, 2))]);
        world.build(v);
        draft(v, "Д1", "2023-02-10", &[]);
        for (unit, n, assigned) in [("С0", 1, 1), ("Ю0", 900, 0)] {
            let arguments = ["--json", "iom", "assign", "--unit", unit, "--kind", "tutor", "--as-of", "2023-03-01"];
            let report = json(&v.run(&arguments).ok())["report"].clone();
            assert_eq!((report["plans"].as_u64(), report["assigned"].as_u64()), (Some(1), Some(assigned)), "{report}");
            assert_eq!(show(v, n)[0]["supporters"].is_empty(), assigned == 0);
        }
    }

    fn supporters_are_spread_evenly_within_their_norm(v: &Vekha) {
        const PLANS: i64 = 205;
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        for n in 1..=PLANS {
            world.teacher(1000 + n, n, NORTH, 2 + n % 2);
            world.passage(1000 + n, NORTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        }
        world.teacher(5000, 900, SOUTH, 2).passage(5000, SOUTH, 1, "full", "2023-02-01", &[(1, 10_000)]);
        // One tutor sees the municipality, one a school; the third is of the south; the fourth is one of the teachers.
        world.account(1, "tutor-all", None, &[("tutor", unit(NORTH, 1))]);
        world.account(2, "tutor-school", None, &[("tutor", unit(NORTH, 2))]);
        world.account(3, "tutor-south", None, &[("tutor", unit(SOUTH, 0))]);
        world.build(v);
        draft(v, "Д1", "2023-02-10", &[]);
        let assign = |more: &[&str]| {
            let mut arguments = vec!["--json", "iom", "assign", "--unit", "С0", "--kind", "tutor", "--as-of", "2023-03-01"];
            arguments.extend(more);
            json(&v.run(&arguments).ok())["report"].clone()
        };
        let planned = assign(&["--dry-run"]);
        let done = assign(&[]);
        assert_eq!(planned, done);
        assert_eq!(done["plans"].as_i64(), Some(PLANS), "the south is not asked about");
        // The norm of a tutor is a hundred: five plans are left over, and nobody is over.
        assert_eq!((done["loads"]["tutor-all"].as_i64(), done["loads"]["tutor-school"].as_i64()), (Some(100), Some(100)));
        assert_eq!(done["loads"]["tutor-south"].as_i64(), Some(0));
        let left = done["left"].as_array().map(Vec::len);
        assert_eq!(left, Some(PLANS as usize - 200));
        v.sql(&format!("INSERT INTO account (id, login, password_hash, person_id, state, auth_version, created_at, version) \
               VALUES (9, 'tutor-own', '', 1001, 'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, \
               account_id, role, unit_id, recorded_at) VALUES (99, 9, 'tutor', {}, '2022-01-01 00:00:00')", unit(NORTH, 0)));
        let rest = assign(&[]);
        assert_eq!(rest["assigned"].as_u64(), left.map(|n| n as u64));
        let own = show(v, 1);
        assert!(!own[0]["supporters"].contains("tutor-own"), "nobody accompanies the own plan");
        let of_school = (1..=PLANS).filter(|n| n % 2 == 1).map(|n| show(v, n));
        assert!(of_school.flatten().all(|r| !r["supporters"].contains("tutor-school")), "the other school is out of reach");
        let _unknown = v.run(&["iom", "assign", "--unit", "С0", "--kind", "friend"]).failed();
    }
}

fn json_list(texts: &[&str]) -> serde_json::Value {
    serde_json::Value::from(texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>())
}
