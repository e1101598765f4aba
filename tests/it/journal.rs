//! The journal against someone with the database in hand: what they change, delete or cut is named, and stays named
//! whatever is written afterwards.

use crate::on_both;
use crate::support::Vekha;

const UNITS: &str = "Код,Наименование,Вид,Входит в\nA,Область А,регион,\nB,Область Б,регион,\n";

/// Accounts, each of them rows of the journal; both regions.
fn with_a_journal(v: &Vekha) {
    let _ = v.import("units", UNITS);
    for (login, unit) in [("first", "A"), ("second", "B"), ("third", "A")] {
        let _ = v.run(&["user", "add", login, "--role", "tutor", "--unit", unit]).ok();
    }
    let _ = v.run(&["check"]).ok();
}

on_both! {
    fn a_cut_tail_stays_named_after_later_acts(v: &Vekha) {
        with_a_journal(v);
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
}
