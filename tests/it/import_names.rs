//! Municipalities named as tables name them: two tables of one document spell three of 26 names in two ways, and files
//! that follow either are understood.

use crate::on_both;
use crate::support::{Vekha, text};

/// Names as the first table prints them, with the name of the second table where it is another one.
const NAMES: &[(&str, &str)] = &[
    ("Голышмановский ГО", "Голышмановский"),
    ("Заводоуковский ГО", "Заводоуковский"),
    ("Нижне-Тавдинский", "Нижнетавдинский"),
    ("г.Ишим", "г. Ишим"),
    ("Ишимский", "Ишимский район"),
    ("Абатский", "Абатский"),
];

/// A region with the municipalities as the first table names them, and another region with a name of its own.
fn units() -> String {
    let mut file = String::from("Код;Наименование;Вид;Входит в\nТ;Тюменская область;регион;\nД;Другой край;регион;\n");
    for (n, (name, _)) in NAMES.iter().enumerate() {
        file.push_str(&format!("Т-{n};{name};муниципалитет;Т\n"));
    }
    file.push_str("Д-1;Казанский;муниципалитет;Д\nТ-99;Казанский;муниципалитет;Т\n");
    file
}

fn import(v: &Vekha, kind: &str, content: &str) -> crate::support::Answer {
    let path = v.file(&format!("{kind}.csv"), content);
    v.run(&["import", kind, text(&path)])
}

on_both! {
    fn files_that_name_a_municipality_as_either_table_does_are_understood(v: &Vekha) {
        let _units = import(v, "units", &units()).ok();
        let forms: String = NAMES.iter().map(|(_, other)| format!("{other};mun_methodist_headcount;2022/23;4\n")).collect();
        let forms = format!("Единица;Показатель или величина;Период;Значение\n{forms}");
        let schools: String = NAMES.iter().enumerate().map(|(n, (_, other))| format!("Ш-{n};Школа {n};организация;{other}\n")).collect();
        let schools = format!("Код;Наименование;Вид;Входит в\n{schools}");
        // Before the pack is loaded only own names are known.
        let known = NAMES.iter().filter(|(own, other)| own.replace(['-', ' '], "").to_lowercase() == other.replace(['-', ' '], "").to_lowercase());
        let unknown = NAMES.len() - known.count();
        let refused = import(v, "forms", &forms).with_refusals();
        assert_eq!(refused.err.matches("Единица").count(), unknown, "{}", refused.err);
        assert!(import(v, "units", &schools).with_refusals().out.contains(&format!("отказано {unknown}")));
        let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let _forms = import(v, "forms", &forms).ok();
        let _schools = import(v, "units", &schools).ok();
        let stored = v.query(
            "SELECT u.code || '=' || m.value_milli FROM measure_value m JOIN unit u ON u.id = m.unit_id \
             WHERE m.superseded_at IS NULL ORDER BY u.code",
        );
        let wanted: Vec<String> = (0..NAMES.len()).map(|n| format!("Т-{n}=4000")).collect();
        assert_eq!(stored, wanted);
        let parents = v.query(
            "SELECT s.code || ' в ' || p.code FROM unit_link l JOIN unit s ON s.id = l.unit_id JOIN unit p ON p.id = l.parent_id \
             WHERE s.kind = 'organisation' AND l.superseded_at IS NULL ORDER BY s.code",
        );
        let wanted: Vec<String> = (0..NAMES.len()).map(|n| format!("Ш-{n} в Т-{n}")).collect();
        assert_eq!(parents, wanted);
        // Two units of one name are never guessed; a code is always a code.
        let two = import(v, "forms", "Единица;Показатель или величина;Период;Значение\nКазанский район;mun_methodist_headcount;2022/23;4\n");
        assert!(two.with_refusals().err.contains("такое имя носят несколько единиц (2)"));
        let _coded = import(v, "forms", "Единица;Показатель или величина;Период;Значение\nТ-99;mun_methodist_headcount;2022/23;4\n").ok();
        // The same files again change nothing.
        assert!(import(v, "units", &schools).ok().out.contains("Новых 0"));
        let _whole = v.run(&["check"]).ok();
    }
}
