//! A loaded file goes back as a whole, unless something stands on it.

use crate::import_data::*;
use crate::on_both;

on_both! {
    fn every_kind_goes_back_and_leaves_the_tables_as_they_were(v: &Vekha) {
        let files = [
            ("units", units()),
            ("staff", staff()),
            ("competences", competences()),
            ("programmes", programmes()),
            ("procedures", procedures()),
            ("results", results()),
        ];
        let mut states = Vec::new();
        let _opened = v.run(&["migrate"]).ok();
        for (kind, rows) in &files {
            states.push(tables(v));
            let _loaded = import(v, kind, &v.file("f.csv", csv(rows, ',')), &["--batch-code", kind]).ok();
        }
        // Something stands on every file but the programmes and the last.
        for kind in ["units", "staff", "competences", "procedures"] {
            let answer = v.run(&["import", "undo", kind]).failed();
            assert!(answer.err.contains("держатся") && answer.err.contains(": "), "{kind}: {}", answer.err);
        }
        for ((kind, _), before) in files.iter().zip(&states).rev() {
            let _undone = v.run(&["import", "undo", kind]).ok();
            assert_eq!(&tables(v), before, "{kind}");
            let again = v.run(&["import", "undo", kind]).failed();
            assert!(again.err.contains("уже отменён"), "{}", again.err);
        }
        let _whole = v.run(&["check"]).ok();
    }

    fn changes_go_back_to_what_stood_before(v: &Vekha) {
        import_all(v);
        let mut unit_rows = units();
        unit_rows[1][1] = "Школа № 1 имени Ёжика".into();
        unit_rows[2][3] = "A-M1".into();
        unit_rows[2][8] = "01.01.2024".into();
        let mut staff_rows = staff();
        staff_rows[1][15] = "31.08.2024".into();
        staff_rows[2][12] = "химия".into();
        staff_rows[3][19] = "a@example.org".into();
        let mut competence_rows = competences();
        competence_rows[2][2] = "Решение трудных задач".into();
        let mut programme_rows = programmes();
        programme_rows[1][11] = "C1".into();
        programme_rows[2][3] = "300".into();
        let mut procedure_rows = procedures();
        procedure_rows[1][7] = "30".into();
        let mut result_rows = results();
        result_rows[1][7] = "61".into();
        for (kind, rows, changed) in [
            ("units", unit_rows, 2),
            ("staff", staff_rows, 3),
            ("competences", competence_rows, 1),
            ("programmes", programme_rows, 2),
            ("procedures", procedure_rows, 1),
            ("results", result_rows, 1),
        ] {
            let before = tables(v);
            let path = v.file("f.csv", csv(&rows, ','));
            let kept = import(v, kind, &path, &["--mode", "add"]).ok();
            assert!(kept.out.starts_with("Новых 0, изменено 0,"), "{kind}: {}", kept.out);
            assert!(kept.out.contains(&format!(": {changed}.")), "{kind}: {}", kept.out);
            assert_eq!(tables(v), before, "{kind}: only new rows were asked for");
            let answer = import(v, kind, &path, &["--batch-code", &format!("{kind}-2")]).ok();
            assert!(answer.out.starts_with(&format!("Новых 0, изменено {changed},")), "{kind}: {}", answer.out);
            assert_ne!(tables(v), before, "{kind}");
            let again = import(v, kind, &path, &[]).ok();
            assert!(again.out.starts_with("Новых 0, изменено 0,"), "{kind}: {}", again.out);
            let _undone = v.run(&["import", "undo", &format!("{kind}-2")]).ok();
            assert_eq!(tables(v), before, "{kind}");
        }
    }

    fn a_later_batch_stands_on_an_earlier_one(v: &Vekha) {
        import_all(v);
        let mut rows = results();
        for (batch, score) in [("first", "61"), ("second", "62")] {
            rows[1][7] = score.into();
            let _loaded = import(v, "results", &v.file("f.csv", csv(&rows, ',')), &["--batch-code", batch]).ok();
        }
        let refused = v.run(&["import", "undo", "first"]).failed();
        assert!(refused.err.contains("более поздние загрузки: «f.csv» (second)"), "{}", refused.err);
        for batch in ["second", "first"] {
            let _undone = v.run(&["import", "undo", batch]).ok();
        }
        assert_eq!(column(v, "count(*)", "diagnosis_result WHERE superseded_at IS NOT NULL"), ["0"]);
        let taken = import(v, "results", &v.file("f.csv", csv(&rows, ',')), &["--batch-code", "first"]).failed();
        assert!(taken.err.contains("уже занят"), "{}", taken.err);
    }
}
