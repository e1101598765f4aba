//! `check` names every change made past the program.

use crate::laid::{SETTLED, World};
use crate::on_both;

fn world() -> World {
    let mut world = World::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
        let schools = ["1", "2"].map(|n| world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town))));
        for n in 0..6 {
            let who = world.person(region, &format!("{letter}{n}"), "1990-01-01");
            world.job(who, schools[n % 2], "teaching main", "2010-01-01", "");
            if n == 5 {
                world.job(who, schools[0], "managing main", "2010-01-01", "");
            }
            world.passage(who, "full", "2023-03-01", 50);
            let plan = world.plan(who, &["2023-04-01 on_agreement", "2023-10-01 closed completed"]);
            world.item(plan, "upbringing", "accepted");
            world.supporter(plan, "tutor", "2023-04-01", "");
            world.act(plan, "support", "2023-05-01");
        }
    }
    world
}

/// A change and what the check must say of it; `(SELECT …)` picks one row on both databases.
const TAMPERINGS: &[(&str, &str)] = &[
    (
        "UPDATE person_fact SET pedagogical = NOT pedagogical WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "pedagogical: хранится",
    ),
    (
        "UPDATE person_fact SET young = NOT young WHERE person_id = (SELECT MAX(person_id) FROM person_fact)",
        "young: хранится",
    ),
    (
        "UPDATE person_fact SET diagnosed_kinds = 'self' WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "diagnosed_kinds: хранится «self», рассчитано «full»",
    ),
    (
        "UPDATE person_fact SET deficits = deficits + 1 WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "deficits: хранится «2», рассчитано «1»",
    ),
    (
        "UPDATE person_fact SET topics_realised = '' WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "topics_realised: хранится «», рассчитано «upbringing»",
    ),
    (
        "UPDATE person_fact SET reason = 'уволен' WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "reason: хранится «уволен»",
    ),
    (
        "DELETE FROM person_fact WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "факты: регион РЕГ-А",
    ),
    (
        "INSERT INTO person_fact (region_id, period_id, person_id, pedagogical, leader, young, first_three_years, diagnosed_kinds, deficits, deficit_groups, iom_formed, iom_live, iom_realised, supported, supported_by_regional_methodist, trained, topics_formed, topics_realised, topics_trained, reason) SELECT region_id, period_id, 77, pedagogical, leader, young, first_three_years, diagnosed_kinds, deficits, deficit_groups, iom_formed, iom_live, iom_realised, supported, supported_by_regional_methodist, trained, topics_formed, topics_realised, topics_trained, reason FROM person_fact WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "человек 77: лишняя строка",
    ),
    (
        "UPDATE person_fact SET region_id = (SELECT MAX(region_id) FROM person) WHERE person_id = (SELECT MIN(person_id) FROM person_fact)",
        "регион РЕГ-Б",
    ),
    (
        "UPDATE person_place SET leader = NOT leader WHERE person_id = (SELECT MIN(person_id) FROM person_place)",
        "leader: хранится",
    ),
    (
        "UPDATE person_place SET bridged = TRUE WHERE person_id = (SELECT MIN(person_id) FROM person_place)",
        "bridged: хранится «true», рассчитано «false»",
    ),
    (
        "DELETE FROM person_place WHERE person_id = (SELECT MAX(person_id) FROM person_place)",
        "места: регион РЕГ-Б",
    ),
    (
        "UPDATE person_place SET organisation_id = (SELECT MIN(id) FROM unit WHERE code = 'ОО-А2') WHERE person_id = (SELECT MIN(person_id) FROM person_place)",
        "лишняя строка",
    ),
    (
        "UPDATE iom_fact SET realised = NOT realised WHERE iom_id = (SELECT MIN(iom_id) FROM iom_fact)",
        "realised: хранится «false», рассчитано «true»",
    ),
    (
        "UPDATE iom_fact SET supporter_kinds = '' WHERE iom_id = (SELECT MIN(iom_id) FROM iom_fact)",
        "supporter_kinds: хранится «», рассчитано «tutor»",
    ),
    (
        "DELETE FROM iom_fact WHERE iom_id = (SELECT MIN(iom_id) FROM iom_fact)",
        "факты ИОМ: регион РЕГ-А",
    ),
    (
        "UPDATE counter SET counts = '9' || counts WHERE organisation_id = (SELECT MIN(organisation_id) FROM counter)",
        "счётчик: регион РЕГ-А, период 2023, организация ОО-А1: count(",
    ),
    (
        "DELETE FROM counter WHERE organisation_id = (SELECT MIN(organisation_id) FROM counter)",
        "организация ОО-А1: строки нет",
    ),
    (
        "UPDATE counter SET leaves = 'x' WHERE organisation_id = (SELECT MIN(organisation_id) FROM counter)",
        "по другому списку величин",
    ),
    ("DELETE FROM leaf WHERE number = 0", "список величин не тот"),
    (
        "UPDATE pack SET source = source || '# '",
        "текст изменён помимо программы",
    ),
    (
        "UPDATE iom SET state = 'active' WHERE id = (SELECT MIN(id) FROM iom)",
        "state: хранится «active», по истории «closed»",
    ),
    (
        "UPDATE iom SET closed_on = '2023-09-01' WHERE id = (SELECT MIN(id) FROM iom)",
        "closed_on: хранится «2023-09-01», по истории «2023-10-01»",
    ),
    (
        "UPDATE iom_item SET state = 'planned', settled_on = NULL WHERE id = (SELECT MIN(id) FROM iom_item)",
        "state: хранится «planned», по действиям «accepted»",
    ),
    (
        "UPDATE iom_item SET settled_on = '2023-09-01' WHERE id = (SELECT MIN(id) FROM iom_item)",
        "settled_on: хранится «2023-09-01», по действиям «2023-04-02»",
    ),
    (
        "UPDATE fact_period SET reference_on = '2023-12-30'",
        "по названию они другие",
    ),
];

const TABLES: [&str; 9] = [
    "person_fact",
    "person_place",
    "iom_fact",
    "counter",
    "leaf",
    "pack",
    "iom",
    "iom_item",
    "fact_period",
];

on_both! {
    fn each_change_made_past_the_program_is_named(v: &Vekha) {
        world().lay(v);
        drop(v.run(&["values", "--pack", "chelyabinsk", "--period", "2023"]).ok());
        drop(v.run(&["check"]).ok());
        for table in TABLES {
            v.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        for (change, said) in TAMPERINGS {
            v.sql(change);
            let answer = v.run(&["check"]).failed();
            assert!(answer.out.contains(said), "{change}\n{}", answer.out);
            // What was changed is put back, children of a period first.
            let changed = TABLES.iter().find(|t| change.contains(&format!(" {t} "))).expect("a known table");
            if *changed == "fact_period" {
                v.sql("UPDATE fact_period SET reference_on = '2023-12-31'");
            } else if *changed == "iom" {
                v.sql("UPDATE iom SET state = 'closed', closed_on = '2023-10-01'");
            } else if *changed == "iom_item" {
                v.sql(&format!("UPDATE iom_item SET state = 'accepted', settled_on = '{SETTLED}'"));
            } else {
                v.sql(&format!("DELETE FROM {changed}; INSERT INTO {changed} SELECT * FROM kept_{changed}"));
            }
            drop(v.run(&["check"]).ok());
        }
        v.unlock_journal();
        for (change, said) in [
            ("UPDATE audit_event SET detail = 'x' WHERE id = (SELECT MIN(id) FROM audit_event)", "изменена"),
            ("DELETE FROM audit_seal WHERE seq = 1; DELETE FROM audit_event WHERE id = (SELECT MIN(id) FROM audit_event)", "журнал"),
        ] {
            v.sql(change);
            assert!(v.run(&["check"]).failed().out.contains(said), "{change}");
        }
    }

    fn a_date_that_does_not_read_is_named_and_the_rest_is_still_checked(v: &Vekha) {
        world().lay(v);
        drop(v.run(&["values", "--pack", "chelyabinsk", "--period", "2023"]).ok());
        drop(v.run(&["values", "--pack", "tyumen", "--period", "2022/23"]).ok());
        drop(v.run(&["check"]).ok());
        let on_postgres = v.url().starts_with("postgres");
        // PostgreSQL keeps no text in a column of dates, but it keeps days that no calendar has.
        let (day, moment) = if on_postgres { ("infinity", "infinity") } else { ("2023-02-31", "x") };
        for (table, column, value, row, still_found) in [
            ("audit_event", "at", moment, "(SELECT MIN(id) FROM audit_event)", true),
            ("fact_period", "ends_on", day, "(SELECT MAX(id) FROM fact_period)", true),
            ("import_batch", "recorded_at", moment, "77", true),
            ("employment", "valid_from", day, "(SELECT MIN(id) FROM employment)", false),
            ("iom_act", "on_date", day, "(SELECT MIN(id) FROM iom_act)", false),
        ] {
            let v = v.copy();
            v.unlock_journal();
            v.sql("INSERT INTO import_batch (id, code, kind, mode, file_name, file_digest, state, rows_new, rows_changed, \
                   rows_unchanged, rows_refused, rows_quarantined, recorded_at) VALUES (77, 'b', 'units', 'merge', '', '', \
                   'applied', 0, 0, 0, 0, 0, '2023-01-01 00:00:00')");
            let id = v.query(&format!("SELECT MIN(id) FROM {table} WHERE id = {row}"))[0].clone();
            v.sql(&format!("UPDATE {table} SET {column} = '{value}' WHERE id = {row}"));
            // Another change, which must be found beside it: of a counter, and of a plan.
            v.sql("UPDATE counter SET counts = '9' || counts WHERE organisation_id = (SELECT MIN(organisation_id) FROM counter)");
            v.sql("UPDATE iom SET state = 'active' WHERE id = (SELECT MAX(id) FROM iom)");
            let answer = v.run(&["check"]).failed();
            let named = format!("таблица {table}, строка ");
            let line = answer.out.lines().find(|l| l.starts_with(&named)).expect(&answer.out);
            assert!(line.contains(&id) && line.contains(&format!("{column}: «{value}")), "{line}");
            assert!(!answer.err.contains("Ошибка") && !answer.out.contains("лишняя строка"), "{}\n{}", answer.err, answer.out);
            assert!(answer.out.contains("Расхождений: "), "{}", answer.out);
            if table == "audit_event" {
                assert!(answer.out.contains("изменена и не читается"), "{}", answer.out);
            }
            if still_found {
                assert!(answer.out.contains("счётчик: регион"), "{table}: {}", answer.out);
                assert!(answer.out.contains("по истории «closed»"), "{table}: {}", answer.out);
            } else {
                assert!(answer.out.contains("не проверены, пока"), "{table}: {}", answer.out);
            }
        }
    }

    fn one_number_of_a_document_on_two_people_is_an_alarm_and_no_failure(v: &Vekha) {
        world().lay(v);
        let document = |n: i64, person: &str, number: &str| {
            v.sql(&format!("INSERT INTO qualification_document (id, region_id, person_id, kind, number, issued_on, hours, \
                recorded_at) SELECT {n}, region_id, id, 'certificate', '{number}', '2023-05-01', 36, recorded_at FROM person \
                WHERE snils = '{person}'"));
        };
        // Papers of earlier learning that steps rest on; without a number they are nobody's twice.
        for (n, person) in [(8, "А0"), (9, "Б1")] {
            document(n, person, "б/н");
            v.sql(&format!("UPDATE iom_item SET document_id = {n} WHERE iom_id IN (SELECT iom.id FROM iom JOIN person ON \
                person.id = iom.person_id WHERE person.snils = '{person}')"));
        }
        v.sql("UPDATE qualification_document SET kind = 'other'");
        document(1, "А0", "У-1");
        document(2, "А0", "У-2");
        document(3, "Б1", "У-3");
        let quiet = v.run(&["check"]).ok();
        assert!(!quiet.out.contains("нескольких людей"), "{}", quiet.out);
        document(4, "А1", "У-1");
        document(5, "Б1", "У-1");
        let answer = v.run(&["check"]).ok();
        let said: Vec<&str> = answer.out.lines().filter(|l| l.contains("нескольких людей")).collect();
        assert_eq!(said.len(), 1, "{}", answer.out);
        for person in ["А0", "А1", "Б1"] {
            let id = &v.query(&format!("SELECT id FROM person WHERE snils = '{person}'"))[0];
            assert!(said[0].contains("№ У-1") && said[0].contains(id), "{}", said[0]);
        }
        assert!(said[0].contains("РЕГ-А") && said[0].contains("РЕГ-Б"), "{}", said[0]);
        // With a number they are told, until one of them is taken back from its step.
        let of_waivers = || v.run(&["check"]).ok().out.matches("№ П-9 ").count();
        v.sql("UPDATE qualification_document SET number = 'П-9' WHERE id IN (8, 9)");
        assert_eq!(of_waivers(), 1);
        v.sql("UPDATE iom_item SET document_id = NULL WHERE document_id = 9");
        assert_eq!(of_waivers(), 0);
    }

    fn reported_values_beside_computed_ones_are_notes(v: &Vekha) {
        world().lay(v);
        drop(v.run(&["values", "--pack", "chelyabinsk", "--period", "2023"]).ok());
        v.sql("INSERT INTO measure_value (id, region_id, unit_id, measure, period, value_milli, source, recorded_at)
               SELECT 1, region_id, id, 'chelyabinsk:1.1', '2023', 166000, 'reported', recorded_at FROM unit WHERE code = 'МО-А'");
        let answer = v.run(&["check"]).ok();
        let row = &v.run(&["values", "--pack", "chelyabinsk", "--period", "2023", "--unit", "МО-А", "--indicator", "1.1"]).ok().rows()[0];
        assert_eq!(row["reported"], "166");
        let said = format!("подано 166, рассчитано {} из {}", row["numerator"], row["denominator"]);
        assert!(answer.out.contains(&said), "{}", answer.out);
    }
}
