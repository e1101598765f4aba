//! The profile of deficits by the command line.

use crate::on_both;
use crate::support::Vekha;
use crate::world::{NORTH, SOUTH, World, snils};

type Lines = Vec<std::collections::BTreeMap<String, String>>;

fn profile(v: &Vekha, n: i64, on: &str) -> (Lines, String) {
    let answer = v.run(&["profile", &snils(n), "--as-of", on, "--format", "csv"]).ok();
    let rows = answer.rows();
    (rows, answer.err)
}

on_both! {
    fn scores_on_the_edges_fall_where_the_scale_says(v: &Vekha) {
        // Score in thousandths of a per cent and the label wanted: below 60, 60 and 80 themselves, above 80, 100.
        let edges = [
            (59_990, "высокий", "59.99"),
            (60_000, "средний", "60"),
            (80_000, "средний", "80"),
            (80_010, "минимальный", "80.01"),
            (100_000, "дефицитов нет", "100"),
        ];
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        for (n, (raw, ..)) in (1..).zip(edges) {
            world.teacher(1000 + n, n, NORTH, 2).teacher(2000 + n, 100 + n, SOUTH, 2);
            world.passage(1000 + n, NORTH, 1, "full", "2023-03-01", &[(1, raw)]);
            world.passage(2000 + n, SOUTH, 1, "full", "2023-03-01", &[(1, 100_000)]);
        }
        world.build(v);
        for (n, (raw, label, percent)) in (1..).zip(edges) {
            let (rows, _) = profile(v, n, "2023-03-01");
            assert_eq!(rows.len(), 1, "{raw}");
            assert_eq!((&*rows[0]["level"], &*rows[0]["percent"]), (label, percent));
            let deficit = label.starts_with("высокий") || label.starts_with("средний");
            assert_eq!(rows[0]["is_deficit"], deficit.to_string(), "{raw}");
            assert_eq!((&*rows[0]["group"], &*rows[0]["competence"]), ("world", "К1"));
            assert_eq!((&*rows[0]["procedure"], &*rows[0]["date"]), ("Д1", "2023-03-01"));
            assert!(profile(v, n, "2023-02-28").0.is_empty(), "nothing was held by then");
            assert_eq!(profile(v, 100 + n, "2023-03-01").0[0]["is_deficit"], "false", "the other region");
        }
    }

    fn a_result_one_day_past_its_validity_is_noted_and_does_not_count(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", Some(365)).procedure(2, "Д2", "entry", None);
        world.teacher(1001, 1, NORTH, 2).teacher(2001, 2, SOUTH, 2);
        world.passage(1001, NORTH, 1, "full", "2023-03-01", &[(1, 40_000), (3, 90_000)]);
        world.passage(1001, NORTH, 2, "entry", "2022-03-01", &[(1, 70_000)]);
        world.passage(2001, SOUTH, 1, "full", "2023-03-02", &[(1, 40_000)]);
        world.build(v);
        let (last_day, noted) = profile(v, 1, "2024-02-29");
        let levels = |rows: &Lines| rows.iter().map(|r| (r["competence"].clone(), r["percent"].clone())).collect::<Vec<_>>();
        let line = |code: &str, percent: &str| (code.to_owned(), percent.to_owned());
        assert_eq!(levels(&last_day), [line("К1", "40"), line("К2", "90")]);
        assert_eq!(noted, "");
        let (after, noted) = profile(v, 1, "2024-03-01");
        assert_eq!(levels(&after), [line("К1", "70")], "an older result without a limit counts again");
        assert_eq!(noted.lines().count(), 2, "{noted}");
        assert!(noted.contains("К1") && noted.contains("К2"), "{noted}");
        assert_eq!(levels(&profile(v, 2, "2024-03-01").0), [line("К1", "40")], "held a day later");
    }

    fn the_latest_counts_not_the_best_and_self_assessment_stands_apart(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None).procedure(2, "С1", "self", None).procedure(3, "П1", "follow_up", None);
        world.teacher(1001, 1, NORTH, 2).teacher(2001, 1, SOUTH, 2);
        world.passage(1001, NORTH, 1, "full", "2023-01-10", &[(1, 95_000)]);
        world.passage(1001, NORTH, 3, "follow_up", "2023-02-10", &[(1, 50_000)]);
        world.passage(1001, NORTH, 2, "self", "2023-03-10", &[(1, 100_000), (4, 33_333)]);
        world.passage(1001, NORTH, 2, "self", "2023-02-10", &[(1, 10_000)]);
        world.build(v);
        let (rows, _) = profile(v, 1, "2023-04-01");
        assert_eq!(rows.len(), 2);
        assert_eq!((&*rows[0]["percent"], &*rows[0]["self"], &*rows[0]["is_deficit"]), ("50", "100", "true"));
        assert_eq!((&*rows[0]["procedure"], &*rows[0]["date"]), ("П1", "2023-02-10"));
        let only_self = &rows[1];
        assert_eq!((&*only_self["competence"], &*only_self["self"]), ("К3", "33.33"));
        for formal in ["level", "is_deficit", "percent", "procedure", "date"] {
            assert_eq!(only_self[formal], "", "{formal}");
        }
        v.sql("UPDATE diagnosis SET withdrawn_at = '2023-04-01 00:00:00' WHERE kind = 'follow_up'");
        assert_eq!(profile(v, 1, "2023-04-01").0[0]["percent"], "95", "a withdrawn passage counts nowhere");
        let table = v.run(&["profile", &snils(1), "--as-of", "2023-04-01"]).ok();
        assert!(table.out.contains("самооценка 100 %"), "{}", table.out);
        let _unknown = v.run(&["profile", &snils(9)]).failed();
    }
}
