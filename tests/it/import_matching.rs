//! Whose row it is: by СНИЛС; what disagrees waits for a person, and nothing is lost or doubled.

use crate::import_data::*;
use crate::on_both;
use crate::support::Vekha;

#[track_caller]
fn one(v: &Vekha, kind: &str, header: Vec<String>, row: Vec<String>, expected: &str) -> String {
    let answer = import(v, kind, &v.file("one.csv", csv(&vec![header, row], ';')), &[]);
    assert!(
        answer.out.starts_with(expected),
        "{expected}: {}\n{}",
        answer.out,
        answer.err
    );
    answer.err
}

on_both! {
    fn the_same_person_is_known_by_any_spelling_of_one_name(v: &Vekha) {
        import_all(v);
        let header = || staff().remove(0);
        let unchanged = "Новых 0, изменено 0, без изменений 1,";
        for (n, name) in [
            (1, ["О'КОННОР", "анна", "Ивановна"]),
            (2, ["Д’Артаньян", "Петр", "-"]),
            (3, ["Елкина", "Алена", "Федоровна"]),
            (4, ["Алиев", "Вагиф", "Гасан  оглы"]),
            (105, ["Мамина‑Сибиряк", "Мария", "Львовна"]),
        ] {
            let region = if n > 100 { "B-S1" } else { "A-S1" };
            let mut same = job(n, name, region, "учитель");
            same[0] = same[0].replace(['-', ' '], "");
            one(v, "staff", header(), same, unchanged);
        }
        assert_eq!(column(v, "count(*)", "person"), ["10"]);
    }

    fn a_known_number_with_another_name_or_birth_date_waits(v: &Vekha) {
        import_all(v);
        let before = tables(v);
        let header = || staff().remove(0);
        let waits = "Новых 0, изменено 0, без изменений 0, отказано 0, в карантине 1";
        let said = one(v, "staff", header(), job(1, ["Смит", "Анна", "Ивановна"], "A-S2", "учитель"), waits);
        assert!(said.contains("другими ФИО"), "{said}");
        let mut other = job(1, ["О’Коннор", "Анна", "Ивановна"], "A-S2", "учитель");
        other[4] = "06.04.1985".into();
        let said = one(v, "staff", header(), other, waits);
        assert!(said.contains("другой датой рождения"), "{said}");
        let mut header: Vec<String> = results().remove(0);
        header.push("Фамилия".into());
        header.push("Имя".into());
        let mut row = results().remove(1);
        row[4] = "17.02.2023".into();
        row.extend(["Смит".to_owned(), "Анна".to_owned()]);
        one(v, "results", header.clone(), row.clone(), waits);
        row[0] = snils(77);
        let said = one(v, "results", header.clone(), row.clone(), waits);
        assert!(said.contains("человека с таким СНИЛС нет"), "{said}");
        row[0] = String::new();
        one(v, "results", header, row, waits);
        assert_eq!(tables(v), before);
        let kept = column(v, "raw", "import_row WHERE state = 'quarantined'");
        assert!(kept.len() == 5 && kept[0].contains("Смит"), "the rows are kept: {kept:?}");
    }

    fn a_row_without_a_number_is_new_once_and_never_joined_by_name(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let header = || staff().remove(0);
        let mut row = job(1, ["Ёлкина", "Алёна", ""], "A-S1", "учитель");
        row[0] = "-".into();
        one(v, "staff", header(), row.clone(), "Новых 1,");
        row[1] = "Елкина".into();
        one(v, "staff", header(), row.clone(), "Новых 0, изменено 0, без изменений 1,");
        let mut elsewhere = row.clone();
        elsewhere[6] = "A-S2".into();
        one(v, "staff", header(), elsewhere, "Новых 0, изменено 0, без изменений 0, отказано 0, в карантине 1");
        let mut born_later = row.clone();
        born_later[4] = "05.04.1986".into();
        one(v, "staff", header(), born_later, "Новых 1,");
        // In the other region the same name is another person.
        row[6] = "B-S1".into();
        one(v, "staff", header(), row, "Новых 1,");
    }

    fn a_number_given_to_two_people_in_one_file_is_refused_in_both_rows(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let file = vec![
            staff().remove(0),
            job(1, ["Ёлкина", "Алёна", ""], "A-S1", "учитель"),
            job(1, ["Петрова", "Анна", ""], "A-S2", "учитель"),
            job(2, ["Петрова", "Анна", ""], "A-S2", "учитель"),
        ];
        let answer = import(v, "staff", &v.file("two.csv", csv(&file, ';')), &[]).with_refusals();
        assert!(answer.out.starts_with("Новых 1, изменено 0, без изменений 0, отказано 2,"), "{}", answer.out);
        assert!(answer.err.contains("в строке 3") && answer.err.contains("в строке 2"), "{}", answer.err);
    }

    fn a_number_that_works_in_two_regions_is_read_by_the_organiser(v: &Vekha) {
        import_all(v);
        let file = vec![
            staff().remove(0),
            job(60, ["Ёлкина", "Алёна", ""], "A-S1", "учитель"),
            job(60, ["Ёлкина", "Алёна", ""], "B-S1", "учитель"),
        ];
        let _loaded = v.import("staff", &csv(&file, ','));
        let line = |procedure: &str| {
            let line = format!("{}|{procedure}|полная||01.03.2023||C1|5|10", snils(60));
            rows(&[&line]).remove(0)
        };
        let header = || results().remove(0);
        one(v, "results", header(), line("DIAG-B"), "Новых 1,");
        let regions = column(
            v,
            "u.code",
            "diagnosis d JOIN unit u ON u.id = d.region_id WHERE d.held_on = '2023-03-01'",
        );
        assert_eq!(regions, ["B"]);
        let said = one(v, "results", header(), line("НЕИЗВЕСТНАЯ"), "Новых 0, изменено 0, без изменений 0, отказано 1,");
        assert!(said.contains("в двух регионах"), "{said}");
    }

    fn an_undescribed_procedure_is_made_and_a_zero_is_a_score(v: &Vekha) {
        import_all(v);
        let line = format!("{}|ПРОЧАЯ|самодиагностика||01.03.2023|-|C1|0|10", snils(1));
        let file = vec![results().remove(0), rows(&[&line]).remove(0)];
        let answer = v.import("results", &csv(&file, ';'));
        assert!(answer.out.contains("Процедура «ПРОЧАЯ» не была описана"), "{}", answer.out);
        let made = column(v, "kind || ' ' || COALESCE(CAST(valid_days AS TEXT), 'без срока')", "procedure WHERE code = 'ПРОЧАЯ'");
        assert_eq!(made, ["self без срока"]);
        assert_eq!(column(v, "raw_milli || '/' || subject", "diagnosis_result WHERE max_milli = 10000"), ["0/"]);
    }
}
