//! Wrong cells are named with their place, the file comes back with a column of errors, nothing is guessed.

use crate::import_data::*;
use crate::on_both;
use crate::support::{Vekha, text};

/// Imports rows that must be refused and gives what was said.
#[track_caller]
fn refused(v: &Vekha, kind: &str, rows: &Rows) -> String {
    let answer = import(v, kind, &v.file("wrong.csv", csv(rows, ';')), &[]).with_refusals();
    let count = format!("отказано {}", rows.len() - 1);
    assert!(answer.out.contains(&count), "{}\n{}", answer.out, answer.err);
    answer.err
}

on_both! {
    fn wrong_cells_are_named_with_sheet_row_column_and_value(v: &Vekha) {
        import_all(v);
        let before = tables(v);
        let header = staff().remove(0);
        let wrong = |column: usize, value: &str| {
            let mut row = job(50, ["Новый", "Иван", ""], "A-S1", "учитель");
            row[column] = value.to_owned();
            row
        };
        for (column, value, why) in [
            (0, "900-000-050 01", "контрольные цифры"),
            (0, "12345", "11 цифр"),
            (1, "", "не заполнено"),
            (4, "05.04.85", "четыре"),
            (4, "4/5/1985", "это не дата"),
            (4, "1985", "это не дата"),
            (6, "A-S9", "единицы с таким кодом нет"),
            (6, "A-M1", "это не организация"),
            (8, "прочий", "педагогический, руководящий"),
            (9, "иногда", "основное"),
            (10, "полставки", "это не число"),
            (15, "01.01.2010", "конец раньше начала"),
        ] {
            let said = refused(v, "staff", &vec![header.clone(), wrong(column, value)]);
            let place = format!("Лист «CSV», строка 2, столбец «{}»", header[column]);
            assert!(said.contains(&place) && said.contains(why), "{value}: {said}");
            assert!(value.is_empty() || said.contains(&format!("значение «{value}»")), "{said}");
        }
        let header = results().remove(0);
        for (column, value, why) in [
            (7, "100,5", "больше максимума"),
            (7, "-1", "меньше нуля"),
            (7, "", "не заполнено"),
            (8, "0", "больше нуля"),
            (6, "C9", "такой компетенции нет"),
            (2, "любая", "самодиагностика"),
            (3, "мировой", "федеральный"),
            (4, "31.02.2023", "это не дата"),
        ] {
            let mut row = results().remove(1);
            row[column] = value.to_owned();
            let said = refused(v, "results", &vec![header.clone(), row]);
            assert!(said.contains(&format!("столбец «{}»", header[column])) && said.contains(why), "{value}: {said}");
        }
        assert_eq!(tables(v), before, "refused rows leave nothing");
    }

    fn a_column_without_its_other_half_is_named_once(v: &Vekha) {
        import_all(v);
        let before = tables(v);
        let header = "СНИЛС|Фамилия|Процедура|Вид|Дата|Компетенция|Балл|Максимум";
        let line = |last: &str| format!("{}|{last}|P9|полная|01.03.2023|C1|50|100", snils(1));
        let of = |header: &str| {
            let file = rows(&[header, &line("О’Коннор"), &line("Иванова")]);
            import(v, "results", &v.file("half.csv", csv(&file, ';')), &[]).failed()
        };
        let said = of(header).err;
        assert!(said.contains("«Имя»") && !said.contains("строка"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(of(&header.replace("Фамилия", "Имя")).err.contains("«Фамилия»"));
        assert_eq!(tables(v), before);
        // One column with the whole name, or none, is enough.
        for (header, name) in [(header.replace("Фамилия", "ФИО"), "О’Коннор Анна Ивановна"), (header.replace("Фамилия", "Прочее"), "")] {
            let file = rows(&[&header, &line(name)]);
            let _loaded = import(v, "results", &v.file("whole.csv", csv(&file, ';')), &[]).ok();
        }
    }

    fn a_diagnosis_of_tomorrow_is_refused_and_one_of_today_is_taken(v: &Vekha) {
        import_all(v);
        let dated = |day: &str| {
            let mut row = results().remove(1);
            row[4] = day.to_owned();
            row[1] = "P-new".into();
            vec![results().remove(0), row]
        };
        // What the program holds to be today: the moment of its last import, in the zone of the region.
        let imported = v.query("SELECT MAX(recorded_at) FROM import_batch")[0][..19].to_owned();
        let imported = chrono::NaiveDateTime::parse_from_str(&imported, "%Y-%m-%d %H:%M:%S").expect("a moment");
        let today = (imported + chrono::Duration::hours(5)).date();
        let shown = |days: i64| (today + chrono::Duration::days(days)).format("%d.%m.%Y").to_string();
        let said = refused(v, "results", &dated(&shown(2)));
        assert!(said.contains("Лист «CSV», строка 2, столбец «Дата»"), "{said}");
        assert!(said.contains(&format!("значение «{}»", shown(2))) && said.contains("ещё не наступил"), "{said}");
        assert_eq!(column(v, "count(*)", "procedure WHERE code = 'P-new'"), ["0"], "nothing is made of a refused row");
        let _taken = import(v, "results", &v.file("today.csv", csv(&dated(&shown(0)), ';')), &[]).ok();
    }

    fn units_stand_only_where_their_kind_may(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let header = "Код|Наименование|Вид|Входит в";
        for (row, why) in [
            ("X1|Школа|организация|A-S1", "не может входить"),
            ("X1|Район|муниципалитет|A-M1", "не может входить"),
            ("X1|Школа|организация|Y", "ни в базе, ни в файле"),
            ("X1|Школа|организация|X1", "саму себя"),
            ("X1|Школа|организация|", "куда входит"),
            ("X1|Область|регион|A", "ни во что не входит"),
            ("A-S1|Школа № 1|муниципалитет|A", "вид единицы не меняется"),
            ("A-S1|Школа № 1|организация|B-M1", "другого региона"),
        ] {
            let said = refused(v, "units", &rows(&[header, row]));
            assert!(said.contains(why), "{row}: {said}");
        }
        // A child of a refused row is refused and names it.
        let said = refused(v, "units", &rows(&[header, "X2|Школа|организация|X1", "X1|Район|муниципалитет|Y"]));
        assert!(said.contains("исправьте строку 3"), "{said}");
    }

    fn rows_that_contradict_each_other_are_both_refused_and_twins_count_once(v: &Vekha) {
        import_all(v);
        let mut first = results().remove(1);
        first[4] = "16.02.2023".into();
        let twin = first.clone();
        let mut other = first.clone();
        other[6] = "C2".into();
        let mut against = other.clone();
        against[7] = "1".into();
        let file = vec![results().remove(0), first, twin, other, against];
        let answer = import(v, "results", &v.file("c.csv", csv(&file, ';')), &[]).with_refusals();
        assert!(answer.out.starts_with("Новых 1, изменено 0, без изменений 1, отказано 2,"), "{}", answer.out);
        assert!(answer.err.contains("строка 4") && answer.err.contains("противоречит строке 5"), "{}", answer.err);
        assert!(answer.err.contains("противоречит строке 4"), "{}", answer.err);
    }

    fn a_formula_is_refused_where_it_matters_and_noted_elsewhere(v: &Vekha) {
        import_all(v);
        let path = v.path("f.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (r, row) in (0_u32..).zip([results().remove(0), results().remove(1), results().remove(3)]) {
            for (c, cell) in (0_u16..).zip(&row) {
                sheet.write_string(r, c, cell).expect("a cell");
            }
        }
        let formula = |text: &str, value: &str| rust_xlsxwriter::Formula::new(text).set_result(value);
        sheet.write_formula(1, 7, formula("=50+1", "51")).expect("a cell");
        sheet.write_formula(2, 5, formula("=\"хим\"&\"ия\"", "химия")).expect("a cell");
        book.save(&path).expect("the workbook is written");
        let answer = import(v, "results", &path, &[]).with_refusals();
        assert!(answer.out.starts_with("Новых 1,"), "{}", answer.out);
        assert!(answer.err.contains("столбец «Балл»") && answer.err.contains("не формула"), "{}", answer.err);
        assert!(answer.out.contains("Столбец «Предмет»: формул 1"), "{}", answer.out);
        assert_eq!(column(v, "count(*)", "diagnosis_result WHERE subject = 'химия'"), ["1"]);
    }

    fn the_file_comes_back_with_its_errors_and_can_be_loaded_again(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let mut file = staff();
        file[1][4] = "5.4.85".into();
        file[2][16] = "=1+1".into();
        let plain = csv(&file, ';');
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&plain);
        let back = v.path("back.csv");
        let _loaded = import(v, "staff", &v.file("s.csv", &bytes), &["--errors", text(&back)]).with_refusals();
        let written = std::fs::read(&back).expect("the file is there");
        let (written, _, wrong) = encoding_rs::WINDOWS_1251.decode(&written);
        assert!(!wrong);
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines.len(), file.len());
        assert!(lines[0].ends_with(";Ошибка"), "{}", lines[0]);
        assert!(lines[1].contains("четыре"), "{}", lines[1]);
        assert!(lines[2].contains(";'=1+1;"), "text that runs is kept from running: {}", lines[2]);
        let corrected = written.replace("5.4.85", "05.04.1985");
        let answer = import(v, "staff", &v.file("s2.csv", corrected), &[]).ok();
        assert!(answer.out.starts_with("Новых 1, изменено 0,"), "{}", answer.out);
        // The same by a workbook.
        let back = v.path("back.xlsx");
        let _loaded = import(v, "staff", &xlsx(v, "s.xlsx", &file), &["--errors", text(&back)]).with_refusals();
        let answer = import(v, "staff", &back, &["--dry-run"]).with_refusals();
        assert!(answer.err.contains("Лист «Данные», строка 2, столбец «Дата рождения»"), "{}", answer.err);
    }

    fn a_dry_run_says_what_the_run_then_does(v: &Vekha) {
        let _loaded = v.import("units", &csv(&units(), ','));
        let mut file = staff();
        file[3][8] = "?".into();
        let path = v.file("s.csv", csv(&file, ','));
        let counts = |out: &str| out[out.find("Новых").expect("counts")..out.find("карантине").expect("counts")].to_owned();
        let before = tables(v);
        let dry = import(v, "staff", &path, &["--dry-run"]).with_refusals();
        assert_eq!(tables(v), before);
        let batches = column(v, "count(*)", "import_batch");
        let run = import(v, "staff", &path, &[]).with_refusals();
        assert_eq!((counts(&dry.out), &dry.err), (counts(&run.out), &run.err));
        assert_eq!(batches, ["1"]);
        let json = import(v, "staff", &path, &["--json"]).with_refusals();
        let object: serde_json::Value = serde_json::from_str(&json.out).expect("one object");
        assert_eq!(object["unchanged"], file.len() - 2);
        assert_eq!(object["problems"][0]["row"], 4);
        assert_eq!(object["problems"][0]["code"], "import.unknown_value");
    }
}
