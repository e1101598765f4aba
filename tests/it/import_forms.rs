//! Six kinds of files in every form people send: encodings, delimiters, workbooks, headers in other words.

use crate::import_data::*;
use crate::on_both;

fn kinds() -> [(&'static str, Rows); 6] {
    [
        ("units", units()),
        ("staff", staff()),
        ("competences", competences()),
        ("programmes", programmes()),
        ("procedures", procedures()),
        ("results", results()),
    ]
}

fn new_rows(rows: &Rows) -> String {
    format!(
        "Новых {}, изменено 0, без изменений 0, отказано 0, в карантине 0",
        rows.len() - 1
    )
}

fn same_rows(rows: &Rows) -> String {
    format!(
        "Новых 0, изменено 0, без изменений {}, отказано 0, в карантине 0",
        rows.len() - 1
    )
}

on_both! {
    fn every_form_of_a_file_says_the_same(v: &Vekha) {
        for (kind, rows) in kinds() {
            // windows-1251 with semicolons makes the rows; every other form then changes nothing.
            let plain = csv(&rows, ';');
            let (bytes, _, lost) = encoding_rs::WINDOWS_1251.encode(&plain);
            assert!(!lost, "{kind}: the sample fits the encoding");
            let answer = import(v, kind, &v.file("a.csv", &bytes), &[]).ok();
            assert!(answer.out.starts_with(&new_rows(&rows)), "{kind}: {}", answer.out);
            let marked = format!("\u{feff}{}", csv(&rows, ','));
            let wide: Vec<u8> = format!("\u{feff}{}", csv(&rows, ';')).encode_utf16().flat_map(u16::to_le_bytes).collect();
            let forms = [
                v.file("b.csv", marked),
                v.file("c.txt", csv(&rows, '\t')),
                v.file("d.csv", wide),
                xlsx(v, "e.xlsx", &rows),
            ];
            for form in forms {
                let answer = import(v, kind, &form, &[]).ok();
                assert!(answer.out.starts_with(&same_rows(&rows)), "{kind} {form:?}: {}\n{}", answer.out, answer.err);
            }
        }
        // Unchanged files are batches too.
        assert_eq!(column(v, "count(*)", "import_batch"), [(kinds().len() * 5).to_string()]);
        let made = column(v, "count(*)", "import_row");
        let expected: usize = kinds().iter().map(|(_, rows)| rows.len() - 1).sum();
        let links = column(v, "count(*)", "unit_link");
        assert_eq!(made[0].parse::<usize>().expect("a number"), expected + links[0].parse::<usize>().expect("a number"));
    }

    fn headers_are_known_by_other_words_and_rows_above_them_are_passed_over(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let text = format!(
            "Список сотрудников;;;;;\n\n№;Ф.И.О.;Д.Р.;код оо;Занимаемая  должность;персонал;дата приема;страховой номер\n\
             1;Ёлкина Алёна Фёдоровна;05.04.1985;A-S1;\"учитель\nфизики\";педагогический;01.09.2015;{}\n",
            snils(3)
        );
        let answer = import(v, "staff", &v.file("other.csv", text), &[]).ok();
        assert!(answer.out.starts_with("Новых 1,"), "{}", answer.out);
        assert!(answer.out.contains("Столбец «№» не используется"), "{}", answer.out);
        assert_eq!(column(v, "last_name || '/' || first_name || '/' || patronymic", "person"), ["Ёлкина/Алёна/Фёдоровна"]);
        assert_eq!(column(v, "position", "employment"), ["учитель физики"]);
    }

    fn a_second_sheet_with_the_headers_is_found_and_the_other_is_reported(v: &Vekha) {
        let answer = import(v, "units", &xlsx(v, "u.xlsx", &units()), &[]).ok();
        assert!(answer.out.contains("Лист «Пояснения» не читался"), "{}", answer.out);
    }

    fn a_file_without_its_columns_is_refused_in_one_sentence(v: &Vekha) {
        let path = v.file("s.csv", "Фамилия;Имя;Должность\nЁлкина;Алёна;учитель\n");
        let answer = import(v, "staff", &path, &[]).failed();
        for word in ["«Код ОО»", "«Принят»", "найдены: «Фамилия», «Имя», «Должность»"] {
            assert!(answer.err.contains(word), "{word}: {}", answer.err);
        }
        assert_eq!(column(v, "count(*)", "import_batch"), ["0"]);
    }

    fn days_named_as_last_are_worked_and_moves_are_dated(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let moved = rows(&["Код|Наименование|Вид|Входит в|С", "A-S1|Школа № 1 «Ёлочка»|организация|A-M2|01.03.2023"]);
        let answer = v.import("units", &csv(&moved, ';'));
        assert!(answer.out.starts_with("Новых 0, изменено 1,"), "{}", answer.out);
        let stays = column(
            v,
            "p.code || ' ' || COALESCE(CAST(l.valid_from AS TEXT), '') || '..' || COALESCE(CAST(l.valid_to AS TEXT), '')",
            "unit_link l JOIN unit u ON u.id = l.unit_id JOIN unit p ON p.id = l.parent_id \
             WHERE u.code = 'A-S1' AND l.superseded_at IS NULL ORDER BY l.valid_to IS NULL",
        );
        assert_eq!(stays, ["A-M1 ..2023-03-01", "A-M2 2023-03-01.."]);
        for again in [moved, units()] {
            let answer = v.import("units", &csv(&again, ','));
            assert!(answer.out.starts_with(&same_rows(&again)), "{}", answer.out);
        }
        let mut person = job(7, ["Иванов", "Иван", ""], "B-S2", "учитель");
        person[15] = "31.05.2023".into();
        let file = vec![staff().remove(0), person];
        let _loaded = v.import("staff", &csv(&file, ','));
        assert_eq!(column(v, "valid_to", "employment"), ["2023-06-01"]);
    }
}
