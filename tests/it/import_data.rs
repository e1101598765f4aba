//! Small files of two regions for the tests of imports, and the rows of the database as text.

use std::collections::BTreeMap;
use std::path::PathBuf;

use diesel::prelude::*;
use vekha::db::AnyConn;
use vekha::people::Snils;

use crate::support::{Vekha, text};

/// A table as rows of text: the first row holds the headers.
pub type Rows = Vec<Vec<String>>;

/// Rows from lines with `|` between the cells.
pub fn rows(lines: &[&str]) -> Rows {
    let cells = |line: &&str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.iter().map(cells).collect()
}

/// The СНИЛС of an invented person.
pub fn snils(n: u32) -> String {
    Snils::of_number(900_000_000 + n).as_str().to_owned()
}

pub fn units() -> Rows {
    let mut lines = rows(&["Код|Наименование|Вид|Входит в|Тип ОО|Местность|ОКТМО|ИНН|С|По"]);
    for region in ["A", "B"] {
        for (code, name, kind, parent, org_kind) in [
            // Organisations first: units may stand in any order.
            ("-S1", "Школа № 1 «Ёлочка»", "организация", "-M1", "школа"),
            ("-S2", "Школа № 2", "Организация", "-M2", "school"),
            ("-D1", "Институт", "организация", "", "ДПО"),
            ("-M1", "г.Первый", "муниципалитет", "-Z1", ""),
            ("-M2", "Второй район", "муниципалитет", "", ""),
            ("-Z1", "Первый округ", "зона", "", ""),
        ] {
            let cells = [
                &format!("{region}{code}"),
                name,
                kind,
                &format!("{region}{parent}"),
                org_kind,
            ];
            let mut line: Vec<String> = cells.map(str::to_owned).to_vec();
            line.extend(["", "", "", "", ""].map(str::to_owned));
            lines.push(line);
        }
        lines.push(rows(&[&format!("{region}|Регион {region}|регион|||||||")]).remove(0));
    }
    lines
}

/// One person more than the names that cause trouble; the last one works in two places.
pub fn staff() -> Rows {
    let mut lines = rows(&[
        "СНИЛС|Фамилия|Имя|Отчество|Дата рождения|Пол|Код ОО|Должность|Персонал|Вид занятости|Ставка|Нагрузка|Предметы|\
         Начало педагогической работы|Принят|Уволен|Квалификационная категория|Образование|Соответствие профилю|E-mail",
    ]);
    let names = [
        ("О’Коннор", "Анна", "Ивановна"),
        ("Д'Артаньян", "Пётр", ""),
        ("Ёлкина", "Алёна", "Фёдоровна"),
        ("Алиев", "Вагиф", "Гасан оглы"),
        ("Мамина-Сибиряк", "Мария", "Львовна"),
    ];
    for (region, first) in [("A", 1), ("B", 101)] {
        for (n, (last, name, patronymic)) in (first..).zip(names) {
            lines.push(job(n, [last, name, patronymic], &format!("{region}-S1"), "учитель"));
        }
        let (last, name, patronymic) = names[4];
        lines.push(job(
            first + 4,
            [last, name, patronymic],
            &format!("{region}-S2"),
            "учитель",
        ));
    }
    lines
}

/// A row of staff.
pub fn job(n: u32, [last, first, patronymic]: [&str; 3], organisation: &str, position: &str) -> Vec<String> {
    [
        &snils(n),
        last,
        first,
        patronymic,
        "05.04.1985",
        "ж",
        organisation,
        position,
        "педагогический",
        "основное",
        "1",
        "18,5",
        "математика; физика",
        "01.09.2008",
        "01.09.2015",
        "",
        "первая",
        "высшее",
        "да",
        "",
    ]
    .map(str::to_owned)
    .to_vec()
}

pub fn competences() -> Rows {
    rows(&[
        "Код|Группа|Наименование|Входит в",
        "C2|ИКТ|Цифровые средства|C0",
        "C1|Предметные|Решение задач|",
        "C0|цифровые|Цифровая грамотность|",
        "C3|нормативно-правовые|Право|",
    ])
}

pub fn programmes() -> Rows {
    rows(&[
        "Код|Название|Вид|Часы|Форма|Организация|№ ФР ДПП|ДОТ|ЭО|По итогам диагностики|Федеральная программа|Компетенции|Темы",
        "P1|Цифровой урок|ПК|36|очно-заочная|A-D1|12-34|да|нет|да|нет|C2; C0|digital_environment;updated_fgos",
        "P2|Учитель физики|ПП|260|Очная|B-D1|||||||",
    ])
}

pub fn procedures() -> Rows {
    rows(&[
        "Код|Наименование|Вид|Уровень|Организатор|С|По|Действует дней",
        "DIAG-A|Диагностика области А|полная|региональный|A-D1|01.02.2023|28.02.2023|365",
        "DIAG-B|Диагностика области Б|корпоративный заказ|муниципальный|B-D1|||",
    ])
}

pub fn results() -> Rows {
    let mut lines = rows(&["СНИЛС|Процедура|Вид|Уровень|Дата|Предмет|Компетенция|Балл|Максимум"]);
    for (person, region) in [(1, "A"), (2, "A"), (101, "B")] {
        for (competence, raw) in [("C1", "59,99"), ("C2", "80")] {
            let line = format!(
                "{}|DIAG-{region}|полная|региональный|15.02.2023|математика|{competence}|{raw}|100",
                snils(person)
            );
            lines.extend(rows(&[&line]));
        }
    }
    lines
}

/// Delimited text of rows.
pub fn csv(rows: &Rows, delimiter: char) -> String {
    let quoted = |cell: &String| {
        if cell.contains([delimiter, '"', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string());
    rows.iter().map(|row| line(row) + "\r\n").collect()
}

/// A workbook of rows: dates and numbers typed as a person would leave them in a sheet.
pub fn xlsx(v: &Vekha, name: &str, rows: &Rows) -> PathBuf {
    let path = v.path(name);
    let mut book = rust_xlsxwriter::Workbook::new();
    let dates = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    let notes = book.add_worksheet();
    notes.set_name("Пояснения").expect("a name");
    notes.write_string(0, 0, "Заполните второй лист").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("Данные").expect("a name");
    for (r, row) in (0_u32..).zip(rows) {
        for (c, cell) in (0_u16..).zip(row) {
            let day = chrono::NaiveDate::parse_from_str(cell, "%d.%m.%Y");
            match (day, cell.replace(',', ".").parse::<f64>()) {
                _ if cell.is_empty() => continue,
                (Ok(day), _) => sheet
                    .write_number_with_format(r, c, serial(day), &dates)
                    .expect("a cell"),
                (_, Ok(number)) => sheet.write_number(r, c, number).expect("a cell"),
                _ => sheet.write_string(r, c, cell).expect("a cell"),
            };
        }
    }
    book.save(&path).expect("the workbook is written");
    path
}

/// A day as sheets count it.
fn serial(day: chrono::NaiveDate) -> f64 {
    let days = day - chrono::NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
    f64::from(i32::try_from(days.num_days()).expect("few days"))
}

/// Imports every kind in its order from comma CSV.
#[track_caller]
pub fn import_all(v: &Vekha) {
    for (kind, rows) in [
        ("units", units()),
        ("staff", staff()),
        ("competences", competences()),
        ("programmes", programmes()),
        ("procedures", procedures()),
        ("results", results()),
    ] {
        let _loaded = v.import(kind, &csv(&rows, ','));
    }
}

/// Runs an import of a file with further arguments.
pub fn import(v: &Vekha, kind: &str, path: &std::path::Path, more: &[&str]) -> crate::support::Answer {
    v.run(&[&["import", kind, text(path)], more].concat())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(v: &Vekha, query: &str) -> Vec<String> {
    let mut conn = match v.url().strip_prefix("sqlite:") {
        Some(path) => AnyConn::Sqlite(diesel::SqliteConnection::establish(path).expect("the file opens")),
        None => AnyConn::Pg(diesel::PgConnection::establish(&v.url()).expect("PostgreSQL answers")),
    };
    let found: Vec<Line> = diesel::sql_query(query).load(&mut conn).expect(query);
    found.into_iter().map(|l| l.line).collect()
}

/// The first column of a query, as text.
pub fn column(v: &Vekha, expression: &str, rest: &str) -> Vec<String> {
    lines(
        v,
        &format!("SELECT COALESCE(CAST({expression} AS TEXT), '-') AS line FROM {rest}"),
    )
}

/// Every row of the tables that files write to, as text: equal before and after an import that is undone.
pub fn tables(v: &Vekha) -> BTreeMap<&'static str, Vec<String>> {
    let schema = std::fs::read_to_string("src/db/schema.rs").expect("the schema");
    let columns = |table: &str| -> Vec<String> {
        let start = schema.find(&format!("\n    {table} (")).expect(table);
        let body = schema[start..].split("\n    }\n").next().expect("a table");
        let names = body
            .lines()
            .filter_map(|l| l.split_once(" -> ").map(|(name, _)| name.trim().to_owned()));
        names.collect()
    };
    let mut found = BTreeMap::new();
    for table in [
        "unit",
        "unit_link",
        "person",
        "person_name",
        "employment",
        "employment_subject",
        "competence",
        "programme",
        "programme_competence",
        "programme_topic",
        "procedure",
        "diagnosis",
        "diagnosis_result",
        "person_fact",
        "counter",
    ] {
        let parts: Vec<String> = columns(table)
            .iter()
            .map(|c| format!("COALESCE(CAST({c} AS TEXT), '-')"))
            .collect();
        found.insert(
            table,
            lines(
                v,
                &format!("SELECT {} AS line FROM {table} ORDER BY 1", parts.join(" || '|' || ")),
            ),
        );
    }
    found
}
