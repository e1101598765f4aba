//! Revisions of a plan by files of acts: they keep every byte, a plan is prolonged with a reason, a teacher reads each once.

use crate::on_both;
use crate::support::{Answer, Vekha, text};
use crate::world::{NORTH, SOUTH, World, draft, json, number, show, snils, unit};

/// One teacher in each region; the north's plan is at work.
fn world(v: &Vekha) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    world.teacher(1001, 1, NORTH, 2).teacher(2001, 4, SOUTH, 2);
    world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.account(1, "head", None, &[("cnppm_head", unit(NORTH, 0))]);
    world.account(2, "curator", None, &[("curator", unit(NORTH, 0))]);
    world.account(3, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(4, "south", None, &[("curator", unit(SOUTH, 0))]);
    world.build(v);
    draft(v, "Д1", "2023-02-10", &[]);
    let rows = [
        "send,,2023-02-11,head,,",
        "agree,,2023-02-12,teacher,,",
        "approve,,2023-02-13,head,,",
        "start,,2023-02-14,curator,,",
    ];
    let _begun = apply(v, &rows).ok();
}

fn apply(v: &Vekha, rows: &[&str]) -> Answer {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for row in rows {
        file.push_str(&format!("{},{row}\n", snils(1)));
    }
    let path = v.file("acts.csv", file);
    v.run(&["--json", "iom", "apply", text(&path)])
}

/// The code that refuses a row.
#[track_caller]
fn refused(v: &Vekha, row: &str) -> String {
    let answer = json(&apply(v, &[row]).with_refusals());
    answer["refused"][0]["code"].as_str().expect("a code").to_owned()
}

/// Numbers, digests and texts of all revisions.
fn frozen(v: &Vekha) -> Vec<String> {
    v.query("SELECT number || ' ' || digest || ' ' || body FROM iom_revision ORDER BY id")
}

on_both! {
    fn an_approved_revision_keeps_every_byte(v: &Vekha) {
        world(v);
        let first = frozen(v);
        assert_eq!(first.len(), 1);
        let _more = apply(v, &["extend,,2023-03-01,curator,2025-02-10,Болезнь методиста", "cancel,2,2023-03-02,curator,,Шаг не нужен"]).ok();
        let later = frozen(v);
        assert_eq!((later.len(), &later[0]), (3, &first[0]));
        assert!(later[1].contains("\"ends_on\":\"2025-02-10\"") && !first[0].contains("2025-02-10"), "{}", later[1]);
        assert_eq!(show(v, 1)[0]["revision"], "3");
        // Nobody changes or loses one past the program either.
        for statement in ["UPDATE iom_revision SET reason = ''", "UPDATE iom_revision SET body = '{}'", "DELETE FROM iom_revision"] {
            assert!(v.try_sql(statement).is_err(), "{statement}");
        }
        assert_eq!(frozen(v), later);
        let basis = v.query("SELECT basis FROM iom_revision ORDER BY id");
        assert_eq!(basis, ["approval", "extension", "cancel"]);
        let checked = v.run(&["check"]).ok();
        assert!(checked.out.contains("редакции ИОМ — 3"), "{}", checked.out);
    }

    fn a_plan_is_prolonged_with_a_reason_and_never_shortened(v: &Vekha) {
        world(v);
        for (row, code) in [
            ("extend,,2023-03-01,curator,2025-02-10,", "iom.change_reason"),
            ("extend,,2023-03-01,curator,2023-03-02,Короче", "iom.extend_day"),
            ("extend,,2023-03-01,curator,когда-нибудь,Дольше", "iom.extend_day"),
            ("extend,,2023-03-01,curator,2027-02-10,Дольше", "iom.length"),
            ("extend,,2023-03-01,teacher,2025-02-10,Дольше", "iom.own_plan"),
            ("extend,,2023-03-01,south,2025-02-10,Дольше", "iom.not_allowed"),
            ("change,,2023-03-01,curator,,Дольше", "acts.unknown_act"),
        ] {
            assert_eq!(refused(v, row), code, "{row}");
        }
        assert_eq!(frozen(v).len(), 1);
        let _done = apply(v, &["extend,,2023-03-01,curator,2025-02-10,Дольше"]).ok();
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE ends_on = '2025-02-10'"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'iom_changed'"), 1);
    }

    fn a_teacher_reads_each_revision_once(v: &Vekha) {
        world(v);
        let _done = apply(v, &["extend,,2023-03-01,curator,2025-02-10,Дольше", "acquaint,,2023-03-02,teacher,2,"]).ok();
        for (row, code) in [
            ("acquaint,,2023-03-03,teacher,2,", "iom.already_acquainted"),
            ("acquaint,,2023-03-03,teacher,5,", "iom.no_revision"),
            ("acquaint,,2023-03-03,curator,1,", "iom.not_allowed"),
        ] {
            assert_eq!(refused(v, row), code, "{row}");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_acquaintance"), 1);
    }
}
