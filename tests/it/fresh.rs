//! Facts and counters are fresh after every commit: periods are opened first, then everything comes in by commands.

use crate::invented::{Invented, rows};
use crate::on_both;
use crate::support::{Vekha, text};

/// The check recomputes everything from sources and must find no difference.
#[track_caller]
fn check(v: &Vekha, after: &str) {
    let answer = v.run(&["check"]);
    assert_eq!(answer.code, 0, "after {after}:\n{}\n{}", answer.out, answer.err);
}

/// How many rows of facts there are: a check of nothing would always be green.
fn facts(v: &Vekha) -> i64 {
    v.query("SELECT count(*) FROM person_fact")[0]
        .parse()
        .expect("a number")
}

on_both! {
    fn every_import_undo_draft_and_act_leaves_the_facts_fresh(v: &Vekha) {
        let world = Invented::new(5, 60);
        let packs = ["pack", "load", "seeds/packs/chelyabinsk.toml", "seeds/packs/tyumen.toml"];
        drop(v.run(&packs).ok());
        assert_eq!(facts(v), 0);
        for kind in ["units", "staff", "competences", "programmes", "procedures", "results"] {
            let file = world.path(&format!("{kind}.csv"));
            drop(v.run(&["import", kind, text(&file), "--batch-code", kind]).ok());
            check(v, kind);
        }
        let known = facts(v);
        assert!(known > 0);
        drop(v.run(&["import", "undo", "results"]).ok());
        check(v, "the results were undone");
        assert!(facts(v) <= known);
        drop(v.run(&["import", "results", text(&world.path("results.csv"))]).ok());
        check(v, "the results came again");
        assert_eq!(facts(v), known);
        world.draft(v, 1);
        check(v, "drafting");
        let acts = std::fs::read_to_string(world.acts(v, 1)).expect("acts");
        let (header, lines) = acts.split_once('\n').expect("a header");
        let mut lines: Vec<&str> = lines.lines().collect();
        let date = rows(&acts).iter().map(|r| r["date"].clone()).collect::<Vec<_>>();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|i| &date[*i]);
        lines = order.iter().map(|i| lines[*i]).collect();
        for (n, part) in lines.chunks(lines.len().div_ceil(6)).enumerate() {
            let file = v.file("part.csv", format!("{header}\n{}\n", part.join("\n")));
            let answer = v.run(&["iom", "apply", text(&file)]);
            assert_ne!(answer.code, 1, "{}", answer.err);
            check(v, &format!("portion {n} of the acts"));
        }
        let realised = v.query("SELECT count(*) FROM person_fact WHERE iom_realised");
        assert_ne!(realised, ["0"], "some plans were carried out");
        // Programmes that change their topics.
        let bytes = std::fs::read(world.path("programmes.csv")).expect("programmes");
        // Codes of topics are the same bytes in every encoding.
        let letters: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let other = letters.replace("upbringing", "gifted_children");
        let programmes: Vec<u8> = other.chars().map(|c| u8::try_from(c).expect("a byte")).collect();
        drop(v.run(&["import", "programmes", text(&v.file("p.csv", programmes))]).ok());
        check(v, "topics of programmes changed");
    }
}
