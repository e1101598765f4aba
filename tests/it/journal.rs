//! The journal against someone with the database in hand: what they change, delete or cut is named, and stays named
//! whatever is written afterwards.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use vekha::audit::Entry;
use vekha::config::Keys;
use vekha::db::{DbError, Tx};

use crate::base::{Hands, open, run};
use crate::on_both;
use crate::support::Vekha;
use crate::world::{NORTH, SOUTH, World, draft};

const UNITS: &str = "Код,Наименование,Вид,Входит в\nA,Область А,регион,\nB,Область Б,регион,\n";

/// A row of the journal for each plan: so many of them that a hundred may be spoilt and others stand between.
fn with_a_long_journal(v: &Vekha) -> usize {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for n in 0..130 {
        let region = if n % 2 == 0 { NORTH } else { SOUTH };
        world.teacher(1000 + n, n, region, 2);
        world.passage(1000 + n, region, 1, "full", "2023-02-01", &[(1, 40_000)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
    let _sealed = v.run(&["audit", "verify"]).ok();
    let rows = v.query("SELECT seq FROM audit_seal").len();
    assert!(rows >= 130, "{rows}");
    rows
}

/// Numbers of the journal that a check names with these words.
fn named(v: &Vekha, words: &str) -> BTreeSet<i64> {
    let answer = v.run(&["audit", "verify"]).failed();
    let lines = answer.out.lines().filter(|line| line.contains(words));
    let number = |line: &str| {
        line.split_once("№ ")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
    };
    lines.filter_map(number).collect()
}

/// Accounts, each of them rows of the journal; both regions.
fn with_a_journal(v: &Vekha) {
    let _ = v.import("units", UNITS);
    for (login, unit) in [("first", "A"), ("second", "B"), ("third", "A")] {
        let _ = v.run(&["user", "add", login, "--role", "tutor", "--unit", unit]).ok();
    }
    let _ = v.run(&["check"]).ok();
}

/// A staff list of invented people of one organisation.
fn staff_list(people: std::ops::Range<i64>, school: &str) -> String {
    let mut list = String::from("СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n");
    for n in people {
        let snils = crate::world::snils(n);
        list.push_str(&format!(
            "{snils};Новая{n};Анна;01.02.1980;{school};учитель;педагогический;01.09.2020\n"
        ));
    }
    list
}

on_both! {
    fn after_people_are_erased_the_journal_stays_whole(v: &Vekha) {
        let erased = std::env::var("VEKHA_ERASURES").map_or(100, |text| text.parse().expect("a number"));
        crate::web::world(v);
        for (code, people, school) in [("erased", 10_000..10_000 + erased, "С2"), ("south", 50_000..50_020, "Ю2")] {
            let file = v.file("staff.csv", staff_list(people, school));
            let _loaded = v.run(&["import", "staff", crate::support::text(&file), "--batch-code", code]).ok();
        }
        let count = |of: &str| crate::world::number(v, &format!("SELECT count(*) AS n FROM {of}"));
        let all = v.query(&format!("SELECT id FROM person WHERE last_name LIKE 'Новая%' AND region_id = {}", crate::world::unit(NORTH, 0)));
        assert_eq!(i64::try_from(all.len()).expect("a number"), erased);
        // They are looked at one by one, listed, taken out as files; and what a later file said of them is taken back first.
        let server = crate::visitor::Server::start(v);
        let mut director = server.signed_in("director", crate::web::PASSWORD);
        for id in &all {
            assert_eq!(director.get(&format!("/staff/{id}")).status, 200, "{id}");
        }
        for page in 1..=(all.len() / 50).max(1) {
            assert_eq!(director.get(&format!("/staff?page={page}")).status, 200);
        }
        let mut south = server.signed_in("operator-south", crate::web::PASSWORD);
        assert_eq!(south.get("/plans").status, 200);
        let changed = staff_list(10_000..10_000 + erased, "С2").replace("учитель", "методист");
        let file = v.file("staff.csv", changed);
        let _changed = v.run(&["import", "staff", crate::support::text(&file), "--batch-code", "changed"]).ok();
        let held = v.run(&["import", "undo", "erased"]).failed();
        assert!(held.err.contains("держатся"), "{}", held.err);
        let _sound = v.run(&["audit", "verify"]).ok();
        let (rows, about) = (count("audit_event"), "audit_event WHERE person_id NOT IN (SELECT id FROM person)");
        for code in ["changed", "erased"] {
            let _undone = v.run(&["import", "undo", code]).ok();
        }
        assert_eq!(count("person WHERE last_name LIKE 'Новая%'"), 20, "only those of the other region are left");
        assert!(count(about) >= erased, "what was done with them stays told");
        assert!(count("audit_event") >= rows + 2);
        let mut officer = server.signed_in("admin", crate::web::PASSWORD);
        let journal = officer.get("/journal?action=desk.read_card");
        assert!(journal.status == 200 && journal.body.contains("человека больше нет в базе"), "{}", journal.body);
        let _sound = v.run(&["audit", "verify"]).ok();
        let _whole = v.run(&["check"]).ok();
        // A row about somebody who is gone is watched like any other.
        v.unlock_journal();
        v.sql("UPDATE audit_event SET detail = 'role=teacher' WHERE id = (SELECT min(id) FROM audit_event WHERE action = 'desk.read_card')");
        let _spoilt = v.run(&["audit", "verify"]).failed();
        println!("{erased} people erased, {} rows told of them: the chain is whole", count(about));
    }

    fn a_cut_tail_stays_named_after_later_acts(v: &Vekha) {
        with_a_journal(v);
        v.unlock_journal();
        v.sql("DELETE FROM audit_seal WHERE seq = (SELECT max(seq) FROM audit_seal);
               DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event);");
        let _ = v.run(&["user", "add", "fourth", "--role", "tutor", "--unit", "B"]).ok();
        for _ in 0..2 {
            let answer = v.run(&["check"]).failed();
            assert!(answer.out.contains("журнал"), "{}", answer.out);
        }
    }

    fn every_change_of_a_sealed_row_is_named(v: &Vekha) {
        with_a_journal(v);
        v.unlock_journal();
        let middle = "(SELECT event_id FROM audit_seal WHERE seq = 2)";
        for change in [
            format!("UPDATE audit_event SET detail = 'role=mentor' WHERE id = {middle}"),
            format!("UPDATE audit_event SET account_id = 1 WHERE id = {middle}"),
            format!("UPDATE audit_event SET at = '2020-01-01 00:00:00' WHERE id = {middle}"),
            format!("UPDATE audit_event SET object_id = object_id + 1 WHERE id = {middle}"),
            format!("UPDATE audit_event SET digest = 'x' WHERE id = {middle}"),
            format!("DELETE FROM audit_event WHERE id = {middle}"),
            "DELETE FROM audit_seal WHERE seq = 2".to_owned(),
            "UPDATE audit_seal SET chain = 'x' WHERE seq = 2".to_owned(),
            "DELETE FROM audit_event; DELETE FROM audit_seal".to_owned(),
            "DELETE FROM audit_event; DELETE FROM audit_seal; DELETE FROM setting WHERE key = 'audit_head'".to_owned(),
        ] {
            let v = v.copy();
            v.sql(&change);
            let answer = v.run(&["check"]).failed();
            assert!(answer.out.contains("журнал"), "{change}: {}", answer.out);
        }
    }

    fn the_database_keeps_its_journal_from_the_product_itself(v: &Vekha) {
        with_a_journal(v);
        let rows = v.query("SELECT digest FROM audit_event ORDER BY id");
        let mut tries = vec![
            "UPDATE audit_event SET detail = 'x'",
            "UPDATE audit_event SET account_id = NULL WHERE id = (SELECT max(id) FROM audit_event)",
            "DELETE FROM audit_event",
            "DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)",
            "UPDATE audit_seal SET chain = 'x'",
            "DELETE FROM audit_seal WHERE seq = 1",
        ];
        if v.url().starts_with("postgres") {
            tries.extend(["TRUNCATE audit_event", "TRUNCATE audit_seal"]);
        }
        for change in tries {
            let said = v.try_sql(change).expect_err(change);
            assert!(said.contains("append-only"), "{change}: {said}");
        }
        assert_eq!(v.query("SELECT digest FROM audit_event ORDER BY id"), rows);
        let _whole = v.run(&["check"]).ok();
    }

    fn every_one_of_a_hundred_spoilt_rows_is_named_and_no_other(v: &Vekha) {
        let rows = i64::try_from(with_a_long_journal(v)).expect("a number");
        let wanted: BTreeSet<i64> = (3..103).collect();
        let hundred = "(SELECT event_id FROM audit_seal WHERE seq BETWEEN 3 AND 102)";
        for (change, words) in [
            (format!("UPDATE audit_event SET person_id = person_id + 1 WHERE id IN {hundred}"), "изменена"),
            (format!("UPDATE audit_event SET region_id = NULL WHERE id IN {hundred}"), "изменена"),
            (format!("UPDATE audit_event SET action = 'iom.agree' WHERE id IN {hundred}"), "изменена"),
            (format!("DELETE FROM audit_event WHERE id IN {hundred}"), "удалена"),
            // Each pair of neighbours changes places: their own content stays as it was.
            (
                "UPDATE audit_seal SET event_id = -event_id WHERE seq BETWEEN 3 AND 102;
                 CREATE TABLE kept AS SELECT seq, -event_id AS event_id FROM audit_seal WHERE seq BETWEEN 3 AND 102;
                 UPDATE audit_seal SET event_id = (SELECT k.event_id FROM kept k WHERE k.seq = \
                 CASE WHEN audit_seal.seq % 2 = 1 THEN audit_seal.seq + 1 ELSE audit_seal.seq - 1 END) \
                 WHERE seq BETWEEN 3 AND 102"
                    .to_owned(),
                "цепочка нарушена",
            ),
        ] {
            let v = v.copy();
            v.unlock_journal();
            v.sql(&change);
            assert_eq!(named(&v, words), wanted, "{change}");
        }
        // Rows gone together with their numbers leave a gap, and a cut tail is known from the signed heads.
        let v_gap = v.copy();
        v_gap.unlock_journal();
        v_gap.sql(
            "CREATE TABLE kept AS SELECT event_id FROM audit_seal WHERE seq BETWEEN 3 AND 102;
             DELETE FROM audit_seal WHERE seq BETWEEN 3 AND 102; DELETE FROM audit_event WHERE id IN (SELECT event_id FROM kept)",
        );
        let said = v_gap.run(&["audit", "verify"]).failed().out;
        assert!(said.contains("нет записей с № 3 по № 102"), "{said}");
        for cut in [1, 2, 100, rows] {
            for head in ["", "DELETE FROM setting WHERE key = 'audit_head';"] {
                let v = v.copy();
                v.unlock_journal();
                v.sql(&format!(
                    "CREATE TABLE kept AS SELECT event_id FROM audit_seal WHERE seq > {0};
                     DELETE FROM audit_seal WHERE seq > {0}; DELETE FROM audit_event WHERE id IN (SELECT event_id FROM kept);
                     {head}",
                    rows - cut
                ));
                let said = v.run(&["audit", "verify"]).failed().out;
                assert!(said.contains(&format!("в файле № {rows}, в базе № {}", rows - cut)), "{cut} {head}: {said}");
            }
        }
    }

    fn each_row_spoilt_alone_is_found(v: &Vekha) {
        let rows = with_a_long_journal(v);
        v.unlock_journal();
        let tries: usize = std::env::var("VEKHA_SPOILT").map_or(40, |text| text.parse().expect("a number"));
        let mut found = [0; 4];
        for n in 0..tries {
            // Another row and another column each time; what was there is put back afterwards.
            let seq = 1 + (n * 37) % (rows - 1);
            let event = format!("(SELECT event_id FROM audit_seal WHERE seq = {seq})");
            let column = ["person_id = coalesce(person_id, 0) + 1", "detail = detail || '.'", "action = 'iom.agree.'", "region_id = 7", "account_id = 7",
                "at = '2020-01-01 00:00:00'", "object_id = 7", "object_kind = 'x'", "on_behalf_of_id = 7", "digest = 'x'"][(n / 4) % 10];
            let after = rows - 1 - n % 7;
            v.sql("CREATE TABLE kept_event AS SELECT * FROM audit_event; CREATE TABLE kept_seal AS SELECT * FROM audit_seal");
            let (change, word) = match n % 4 {
                0 => (format!("UPDATE audit_event SET {column} WHERE id = {event}"), format!("№ {seq} изменена")),
                1 => (format!("DELETE FROM audit_event WHERE id = {event}"), format!("№ {seq} удалена")),
                2 => (
                    format!(
                        "UPDATE audit_seal SET event_id = -event_id WHERE seq IN ({seq}, {0});
                         UPDATE audit_seal SET event_id = (SELECT k.event_id FROM kept_seal k WHERE k.seq = {seq} + {0} - audit_seal.seq) \
                         WHERE seq IN ({seq}, {0})",
                        seq + 1
                    ),
                    format!("нарушена на записи № {seq} "),
                ),
                _ => (
                    format!(
                        "DELETE FROM audit_seal WHERE seq > {after};
                         DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_seal)"
                    ),
                    format!("№ {rows}, в базе № {after}"),
                ),
            };
            v.sql(&change);
            let said = v.run(&["audit", "verify"]).failed().out;
            assert!(said.contains(&word), "{change}: {word}: {said}");
            found[n % 4] += 1;
            v.sql(
                "DELETE FROM audit_seal; DELETE FROM audit_event; INSERT INTO audit_event SELECT * FROM kept_event;
                 INSERT INTO audit_seal SELECT * FROM kept_seal; DROP TABLE kept_seal; DROP TABLE kept_event",
            );
        }
        let _whole = v.run(&["audit", "verify"]).ok();
        println!("{tries} spoilt alone and found: {} changed, {} deleted, {} swapped, {} tails cut", found[0], found[1], found[2], found[3]);
    }

    fn a_long_journal_is_verified_in_time(v: &Vekha) {
        let wanted: i64 = std::env::var("VEKHA_JOURNAL_ROWS").map_or(20_000, |text| text.parse().expect("a number"));
        with_a_journal(v);
        let key = Keys::load(&v.data()).expect("the keys").audit;
        let db = open(v, Hands::new(), std::sync::Arc::default());
        for from in (0..wanted).step_by(5000) {
            let key = key.clone();
            let write = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
                let entry = |n: i64| Entry { region: Some(n % 2), person: Some(n), detail: format!("n={n}"), ..Entry::of_server("desk.read_plan", "iom", Some(n)) };
                let entries: Vec<Entry> = (from..wanted.min(from + 5000)).map(entry).collect();
                vekha::audit::record(tx, &key, &entries)
            };
            run(db.write(write)).expect("a write");
        }
        drop(db);
        let since = Instant::now();
        let _sealed = v.run(&["audit", "verify"]).ok();
        let sealing = since.elapsed();
        let since = Instant::now();
        let said = v.run(&["audit", "verify"]).ok().out;
        let took = since.elapsed();
        assert!(took <= Duration::from_secs(60), "{took:?}: {said}");
        println!("{wanted} rows: verified in {:.1} s, sealed and verified in {:.1} s", took.as_secs_f64(), sealing.as_secs_f64());
    }
}
