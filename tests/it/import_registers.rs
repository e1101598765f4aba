//! Registers of what people do: files of events, records, bodies, members, pairs and mentors, on both databases.

use std::collections::BTreeMap;

use diesel::prelude::*;
use vekha::db::AnyConn;
use vekha::people::PersonId;

use crate::import_data::*;
use crate::on_both;
use crate::support::Vekha;

/// The files in the order of loading.
pub fn files() -> [(&'static str, Rows); 8] {
    [
        ("events", events()),
        ("bodies", bodies()),
        ("activities", activities()),
        ("members", members()),
        ("pairs", pairs()),
        ("mentors", mentors()),
        ("undertakings", undertakings()),
        ("publications", publications()),
    ]
}

fn events() -> Rows {
    rows(&[
        "Код|Серия|Название|Вид|Уровень|С|По|Организатор|Единицы|Участников",
        "PS-1|ПрофСреда|Оценивание на уроке|ПрофСреда|региональный|07.09.2022||A-D1|A-M1=40; A-M2=25|",
        "PS-1|ПрофСреда|Оценивание|profsreda|краевой|08.09.2022||B-D1|B-M1|70",
        "K-1||Проекты молодых|Конкурс проектов молодых педагогов|Региональный|01.03.2023|20.03.2023|A-D1|A-M1;A-M2|12",
    ])
}

fn bodies() -> Rows {
    rows(&[
        "Код|Наименование|Вид|Уровень|Единица|Обязанности",
        "RMO|РМО учителей математики|РМО|муниципальный|A-M1|помогает учителям",
        "RMO|РМО учителей физики|rmo|муниципальный|B-M1|",
        "TEAM|Команда школы № 1|управленческая команда|школьный|A-S1|",
        "RMA|Методический актив|РМА|региональный|A|",
        "B-2|Совет области|Координационный совет|региональный|B|",
    ])
}

fn activities() -> Rows {
    let mut lines = rows(&[
        "СНИЛС|Фамилия|Имя|Отчество|Вид|Уровень|С|По|Название|Мероприятие|Организатор|Роль|Результат|Часы|Документ",
    ]);
    for line in [
        [
            &*snils(1),
            "О’Коннор",
            "Анна",
            "Ивановна",
            "ПрофСреда",
            "",
            "07.09.2022",
            "",
            "",
            "PS-1",
            "",
            "выступающий",
            "",
            "2",
            "",
        ],
        [
            &*snils(2),
            "",
            "",
            "",
            "contest/young_projects",
            "",
            "05.03.2023",
            "",
            "",
            "K-1",
            "",
            "",
            "победитель",
            "",
            "диплом № 5",
        ],
        [
            &*snils(3),
            "",
            "",
            "",
            "Эксперт ГИА",
            "",
            "25.05.2023",
            "30.06.2023",
            "ГИА по химии",
            "",
            "ЦОКО",
            "",
            "",
            "16,5",
            "",
        ],
        [
            &*snils(3),
            "",
            "",
            "",
            "Адресная помощь РМО",
            "муниципальный",
            "01.02.2023",
            "",
            "",
            "",
            "RMO",
            "",
            "",
            "",
            "",
        ],
        [
            &*snils(4),
            "",
            "",
            "",
            "Независимая оценка квалификации",
            "",
            "10.10.2022",
            "",
            "",
            "",
            "",
            "",
            "сдал",
            "",
            "",
        ],
        [
            &*snils(101),
            "",
            "",
            "",
            "profsreda",
            "",
            "08.09.2022",
            "",
            "",
            "PS-1",
            "",
            "",
            "",
            "",
            "",
        ],
    ] {
        lines.push(line.map(str::to_owned).to_vec());
    }
    lines
}

fn members() -> Rows {
    let mut lines = rows(&["СНИЛС|Объединение|Роль|С|По"]);
    for line in [
        [&*snils(1), "RMO", "руководитель", "01.09.2021", ""],
        [&*snils(2), "RMO", "", "01.09.2021", "31.08.2022"],
        [&*snils(101), "RMO", "председатель", "01.09.2021", ""],
        [&*snils(5), "TEAM", "участник", "01.09.2022", ""],
    ] {
        lines.push(line.map(str::to_owned).to_vec());
    }
    lines
}

fn pairs() -> Rows {
    let mut lines = rows(&["СНИЛС наставника|СНИЛС наставляемого|Форма|С|По|Документы"]);
    for line in [
        [
            &*snils(1),
            &*snils(2),
            "педагог - педагог",
            "01.10.2022",
            "",
            "приказ № 5 от 01.10.2022; дорожная карта",
        ],
        [
            &*snils(101),
            &*snils(102),
            "leader_teacher",
            "01.10.2022",
            "31.05.2023",
            "",
        ],
    ] {
        lines.push(line.map(str::to_owned).to_vec());
    }
    lines
}

fn mentors() -> Rows {
    let mut lines = rows(&["СНИЛС|Качества|Предмет|Обучен|С"]);
    lines.push(
        [
            &*snils(1),
            "methodical; умеет общаться и слушать",
            "математика",
            "01.06.2022",
            "01.09.2022",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    lines
}

fn undertakings() -> Rows {
    rows(&[
        "Код|Вид|Название|Предмет|Уровень|Единица|С|По|Состояние|Номер акта|Дата акта|Стороны|Участвуют|Ссылка",
        "SITE|РИП|Площадка чтения||региональный|A-S1|01.09.2022||идёт|5-п|30.08.2022|RMO|A-M2|https://a.example/site",
        "DEAL|Трёхстороннее соглашение|О наставничестве||муниципальный|A-M1|01.09.2022|31.08.2025||7|01.09.2022|RMO; RMA||",
        "DEAL|соглашение|О площадке||муниципальный|B-M1|01.09.2022|||8|01.09.2022|RMO; B-2||",
        "KIM|банк КИМ|Задания по химии|химия|региональный|A|01.09.2022|||||||https://a.example/kim",
    ])
}

fn publications() -> Rows {
    let mut lines = rows(&["Код|Вид|Название|Авторы|Год|Издание|Кому|Единица"]);
    for line in [
        [
            "P-1",
            "Методические рекомендации",
            "Как вести пару",
            &format!("{}; Сидорова А. П.", snils(1)),
            "2022",
            "",
            "наставникам; teachers",
            "A-M1",
        ],
        [
            "P-2",
            "статья",
            "Чтение на уроке",
            &snils(2),
            "2023",
            "Вестник",
            "педагогам",
            "A-S1",
        ],
        [
            "P-2",
            "статья",
            "Другая область",
            &snils(101),
            "2023",
            "Вестник",
            "учителям",
            "B-M1",
        ],
        [
            "P-3",
            "пособие",
            "Общий труд",
            "Коллектив института",
            "2021",
            "",
            "МОУО; ММС",
            "A",
        ],
    ] {
        lines.push(line.map(str::to_owned).to_vec());
    }
    lines
}

/// The tables of the registers and of facts, as text.
fn registers(v: &Vekha) -> Vec<Vec<String>> {
    let orders = [
        (
            "code || title || version || COALESCE(series, '-') || kind || level || starts_on || ends_on",
            "event",
        ),
        (
            "event_id || '/' || unit_id || '/' || COALESCE(participants, -1)",
            "event_unit",
        ),
        (
            "code || name || version || kind || level || COALESCE(duties, '-')",
            "body",
        ),
        (
            "id || '/' || person_id || family || kind || version || COALESCE(CAST(superseded_at AS TEXT), '-')",
            "activity",
        ),
        (
            "id || '/' || person_id || role || version || COALESCE(CAST(superseded_at AS TEXT), '-')",
            "body_member",
        ),
        (
            "id || '/' || mentor_id || form || documents || COALESCE(CAST(superseded_at AS TEXT), '-')",
            "mentoring_pair",
        ),
        (
            "id || '/' || person_id || qualities || COALESCE(CAST(superseded_at AS TEXT), '-')",
            "mentor_card",
        ),
    ];
    let orders = orders.into_iter().chain([
        (
            "code || title || version || kind || starts_on || state || COALESCE(link, '-') || COALESCE(act, '-')",
            "undertaking",
        ),
        ("undertaking_id || '/' || body_id", "undertaking_party"),
        ("undertaking_id || '/' || unit_id", "undertaking_unit"),
        (
            "code || title || version || kind || year || addressees || COALESCE(journal, '-')",
            "publication",
        ),
        (
            "publication_id || '/' || place || COALESCE(name, '-') || COALESCE(person_id, 0)",
            "publication_author",
        ),
    ]);
    let orders: Vec<(&str, &str)> = orders.collect();
    let mut all: Vec<Vec<String>> = orders
        .iter()
        .map(|(text, table)| column(v, text, &format!("{table} ORDER BY 1")))
        .collect();
    all.extend(tables(v).into_values());
    all
}

fn two_regions(v: &Vekha) {
    for (kind, rows) in [("units", units()), ("staff", staff())] {
        let _loaded = v.import(kind, &csv(&rows, ','));
    }
}

/// Tokens of the academic year 2022/23 by the number of the СНИЛС, as known at a moment.
fn tokens(v: &Vekha, known: Option<chrono::NaiveDateTime>) -> BTreeMap<u32, Vec<String>> {
    let mut conn = match v.url().strip_prefix("sqlite:") {
        Some(path) => AnyConn::Sqlite(diesel::SqliteConnection::establish(path).expect("the file opens")),
        None => AnyConn::Pg(diesel::PgConnection::establish(&v.url()).expect("PostgreSQL answers")),
    };
    let mut found = BTreeMap::new();
    for n in [1, 2, 3, 4, 5, 101, 102] {
        let id = v
            .query(&format!("SELECT id FROM person WHERE snils = '{}'", snils(n)))
            .remove(0);
        let person = PersonId(id.parse().expect("an id"));
        let day = |text: &str| text.parse::<chrono::NaiveDate>().expect("a day");
        let (from, to) = (day("2022-09-01"), day("2023-08-31"));
        let said = vekha::activity::tokens(&mut conn, &[person], from, to, known).expect("tokens");
        let said = said.into_values().flatten().map(|t| t.to_string()).collect::<Vec<_>>();
        found.insert(n, said);
    }
    found
}

on_both! {
    fn records_say_tokens_as_they_were_known(v: &Vekha) {
        two_regions(v);
        for (kind, rows) in files() {
            let _loaded = v.import(kind, &csv(&rows, ';'));
        }
        let expected: [(u32, &[&str]); 7] = [
            (1, &["event/profsreda/regional/speaker", "member/rmo/municipal/chair", "mentoring/teacher_teacher/-/mentor", "role/mentor_base/-/-"]),
            // The membership ended on the day before the year.
            (2, &["contest/young_projects/regional/winner", "mentoring/teacher_teacher/-/mentee"]),
            (3, &["expert/gia/-/-", "help/rmo/municipal/-"]),
            (4, &["exam/independent/-/passed"]),
            (5, &["member/management_team/school/-", "team/-/-/-"]),
            (101, &["event/profsreda/regional/-", "member/rmo/municipal/chair", "mentoring/leader_teacher/-/mentor"]),
            (102, &["mentoring/leader_teacher/-/mentee"]),
        ];
        let expected: BTreeMap<u32, Vec<String>> =
            expected.map(|(n, said)| (n, said.iter().map(|t| (*t).to_owned()).collect())).into();
        assert_eq!(tokens(v, None), expected);
        let last = v.query("SELECT CAST(max(recorded_at) AS TEXT) FROM mentor_card").remove(0).replace('T', " ");
        let last = chrono::NaiveDateTime::parse_from_str(&last, "%Y-%m-%d %H:%M:%S%.f").expect("a moment");
        let before = last + chrono::TimeDelta::milliseconds(1);
        std::thread::sleep(std::time::Duration::from_millis(20));
        let mut rows = activities();
        rows[2][12] = "призёр".into();
        let _changed = v.import("activities", &csv(&rows, ';'));
        v.sql(&format!(
            "UPDATE mentoring_pair SET withdrawn_at = '{}', withdrawn_reason = 'ошибка'",
            (before + chrono::TimeDelta::hours(1)).format("%Y-%m-%d %H:%M:%S%.6f")
        ));
        let mut now = expected.clone();
        now.insert(2, vec!["contest/young_projects/regional/prize".to_owned()]);
        for n in [1, 101, 102] {
            now.get_mut(&n).expect("a person").retain(|t| !t.starts_with("mentoring/"));
        }
        assert_eq!(tokens(v, None), now, "what is replaced or withdrawn says nothing");
        assert_eq!(tokens(v, Some(before)), expected, "as it was known before");
    }

    fn registers_come_from_files_twice_the_same_and_go_back_as_a_whole(v: &Vekha) {
        two_regions(v);
        let mut states = Vec::new();
        for (kind, rows) in files() {
            let before = registers(v);
            let path = v.file("f.csv", csv(&rows, ';'));
            let count = rows.len() - 1;
            let tried = import(v, kind, &path, &["--dry-run"]).ok();
            assert!(tried.out.contains(&format!("овых {count},")), "{kind}: {}", tried.out);
            assert_eq!(registers(v), before, "{kind}: a dry run writes nothing");
            let answer = import(v, kind, &path, &["--batch-code", kind]).ok();
            assert!(answer.out.starts_with(&format!("Новых {count}, изменено 0,")), "{kind}: {}", answer.out);
            let after = registers(v);
            let again = import(v, kind, &xlsx(v, "f.xlsx", &rows), &[]).ok();
            assert!(again.out.starts_with(&format!("Новых 0, изменено 0, без изменений {count},")), "{kind}: {}", again.out);
            assert_eq!(registers(v), after, "{kind}: the same file twice changes nothing");
            states.push((kind, before));
        }
        for (kind, what) in [("events", "записи участников: "), ("bodies", "участники объединений: ")] {
            let refused = v.run(&["import", "undo", kind]).failed();
            assert!(refused.err.contains(what), "{kind}: {}", refused.err);
        }
        for (kind, before) in states.into_iter().rev() {
            let _undone = v.run(&["import", "undo", kind]).ok();
            assert_eq!(registers(v), before, "{kind}");
        }
        let _whole = v.run(&["check"]).ok();
    }

    fn a_changed_row_of_a_register_keeps_the_one_before_and_goes_back(v: &Vekha) {
        two_regions(v);
        for (kind, rows) in files() {
            let _loaded = v.import(kind, &csv(&rows, ';'));
        }
        let changed = |kind: &str| -> (Rows, usize) {
            let (_, mut rows) = files().into_iter().find(|(own, _)| *own == kind).expect("a kind");
            let (row, cell, text) = match kind {
                "events" => (1, 9, "80"),
                "bodies" => (1, 5, "ведёт открытые уроки"),
                "activities" => (2, 12, "призёр"),
                "members" => (1, 4, "31.05.2023"),
                "pairs" => (1, 4, "31.05.2023"),
                "undertakings" => (1, 11, "RMA; TEAM"),
                "publications" => (1, 3, "Сидорова А. П.; Петров П. П."),
                _ => (1, 1, "digital"),
            };
            rows[row][cell] = text.into();
            (rows, 1)
        };
        for (kind, _) in files() {
            let (rows, count) = changed(kind);
            let before = registers(v);
            let path = v.file("f.csv", csv(&rows, ','));
            let kept = import(v, kind, &path, &["--mode", "add"]).ok();
            assert!(kept.out.starts_with("Новых 0, изменено 0,"), "{kind}: {}", kept.out);
            assert_eq!(registers(v), before, "{kind}");
            let answer = import(v, kind, &path, &["--batch-code", &format!("{kind}-2")]).ok();
            assert!(answer.out.starts_with(&format!("Новых 0, изменено {count},")), "{kind}: {}", answer.out);
            assert_ne!(registers(v), before, "{kind}");
            let _undone = v.run(&["import", "undo", &format!("{kind}-2")]).ok();
            assert_eq!(registers(v), before, "{kind}");
        }
    }

    fn authors_of_a_file_are_parted_and_each_stands_once(v: &Vekha) {
        two_regions(v);
        let header = ["Код", "Вид", "Название", "Авторы", "Год", "Кому", "Единица"];
        let authors = format!("{0}\nГостева Г. Г.\nгостева г.г.;;Орлов О., Петров П.; {0}", snils(1));
        let row = ["P-9", "пособие", "О", &authors, "2022", "педагогам", "A"];
        let file = vec![header.map(str::to_owned).to_vec(), row.map(str::to_owned).to_vec()];
        let loaded = v.import("publications", &csv(&file, ';'));
        assert!(loaded.out.starts_with("Новых 1,"), "{}", loaded.out);
        let names = column(v, "place || ' ' || COALESCE(name, '-')", "publication_author ORDER BY 1");
        assert_eq!(names, ["1 -", "2 Гостева Г. Г.", "3 Орлов О.", "4 Петров П."]);
        let again = v.import("publications", &csv(&file, ';'));
        assert!(again.out.starts_with("Новых 0, изменено 0, без изменений 1"), "{}", again.out);
    }

    fn a_long_file_lets_the_planner_know_of_its_tables(v: &Vekha) {
        two_regions(v);
        let sqlite = v.url().starts_with("sqlite:");
        let asked = if sqlite {
            "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"
        } else {
            "SELECT CASE WHEN reltuples >= 1000 THEN 1 ELSE 0 END FROM pg_class WHERE relname = 'body'"
        };
        let known = || v.query(asked);
        assert_eq!(known(), ["0"], "nobody has looked yet");
        let rows = (0..1000).map(|n| format!("B{n};Клуб {n};клуб;муниципальный;A-M1\n"));
        let _loaded = v.import("bodies", &format!("Код;Наименование;Вид;Уровень;Единица\n{}", rows.collect::<String>()));
        assert_eq!(known(), ["1"]);
        if sqlite {
            let of = v.query("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'body' AND idx = 'body_by_unit_id'");
            assert_eq!(of, ["1"], "the planner knows the table of the file");
        }
    }

    fn a_unit_inside_another_one_of_its_event_is_refused(v: &Vekha) {
        two_regions(v);
        let header = "Код|Название|Вид|Уровень|С|Единицы";
        let load = |units: &str| {
            let row = format!("E-1|Сбор|Семинар|региональный|01.03.2023|{units}");
            import(v, "events", &v.file("f.csv", csv(&rows(&[header, &row]), ';')), &[])
        };
        for (units, inner, outer) in [
            ("A-Z1=20;A-M1=12", "A-M1", "A-Z1"),
            ("B-S1=4;B-M1", "B-S1", "B-M1"),
            ("A-M2;A", "A-M2", "A"),
        ] {
            let answer = load(units);
            let place = format!("столбец «Единицы», значение «{inner}»");
            let told = answer.err.contains(&place) && answer.err.contains(&format!("«{inner}» входит в «{outer}»"));
            assert!(answer.code == 2 && told, "participants count twice: {units}: {} {}", answer.out, answer.err);
        }
        let _beside = load("A-Z1=20;A-M2=12").ok();
        assert_eq!(column(v, "CAST(sum(participants) AS TEXT)", "event_unit"), ["32"]);
    }

    fn all_that_is_wrong_with_a_row_is_named_at_once(v: &Vekha) {
        two_regions(v);
        let mut people = staff();
        people.truncate(2);
        people[1][4] = "5.4.85".into();
        people[1][6] = "A-S9".into();
        let events = "Код|Название|Вид|Уровень|С|Единицы";
        let cases: [(&str, Rows, &[&str]); 6] = [
            (
                "events",
                rows(&[events, "E-1|Сбор|Семинар|региональный|31.02.2023|A-M9=4; A-M1=много"]),
                &["столбец «С»", "столбец «Единицы», значение «A-M9»", "нужно целое число"],
            ),
            (
                "events",
                rows(&[events, "E-1|Сбор|Семинар|региональный|10.11.1931|A-M9; A-M8"]),
                &["раньше 1990 года", "значение «A-M9»", "значение «A-M8»"],
            ),
            (
                "bodies",
                rows(&["Код|Наименование|Вид|Уровень|Единица", "X|Клуб|клуб|никакой|A-M9"]),
                &["столбец «Уровень»", "столбец «Единица», значение «A-M9»"],
            ),
            (
                "undertakings",
                rows(&[
                    "Код|Вид|Название|Уровень|Единица|С|Участвуют",
                    "U-1|сетевой проект|О|региональный|A-M8|31.02.2023|A-M9",
                ]),
                &["столбец «С»", "столбец «Единица», значение «A-M8»", "столбец «Участвуют», значение «A-M9»"],
            ),
            (
                "publications",
                rows(&["Код|Вид|Название|Год|Кому|Единица", "P-9|пособие|О|год|педагогам|A-M9"]),
                &["столбец «Год»", "столбец «Единица», значение «A-M9»"],
            ),
            ("staff", people, &["четыре", "столбец «Код ОО», значение «A-S9»"]),
        ];
        for (kind, file, said) in cases {
            let answer = import(v, kind, &v.file("f.csv", csv(&file, ';')), &[]).with_refusals();
            assert!(answer.out.contains("отказано 1,"), "{kind}: {}", answer.out);
            for words in said {
                assert!(answer.err.contains(words), "told only later: {kind}: {words}: {}", answer.err);
            }
        }
    }

    fn a_row_of_a_register_that_cannot_be_taken_says_what_to_do(v: &Vekha) {
        two_regions(v);
        for (kind, rows) in files() {
            let _loaded = v.import(kind, &csv(&rows, ';'));
        }
        let s = snils;
        let cases: &[(&str, &str, String, &str)] = &[
            ("activities", "СНИЛС|Вид|С", format!("{}|Чаепитие|01.03.2023", s(1)), "такого вида в справочнике нет"),
            ("activities", "СНИЛС|Вид|С", format!("{}|tutor|01.03.2023", s(1)), "такого вида в справочнике нет"),
            ("activities", "СНИЛС|Вид|С", format!("{}|Форум|01.03.2023", s(1)), "Уровень"),
            ("activities", "СНИЛС|Вид|С", format!("{}|Эксперт ГИА|01.03.2099", s(1)), "день ещё не наступил"),
            ("activities", "СНИЛС|Вид|С|Мероприятие", format!("{}|ПрофСреда|07.09.2022|PS-9", s(1)), "мероприятия с таким кодом нет"),
            ("activities", "СНИЛС|Вид|С|Мероприятие", format!("{}|ПрофСреда|09.09.2022|PS-1", s(1)), "с 07.09.2022 по 07.09.2022"),
            ("activities", "СНИЛС|Вид|С|Мероприятие", format!("{}|Форум|07.09.2022|PS-1", s(1)), "другой вид, «ПрофСреда»"),
            ("activities", "СНИЛС|Вид|С", format!("{}|Эксперт ГИА|01.03.2023", s(77)), "СНИЛС"),
            ("activities", "СНИЛС|Фамилия|Имя|Вид|С", format!("{}|Петрова|Анна|Эксперт ГИА|01.03.2023", s(1)), "Фамилия"),
            ("events", "Код|Название|Вид|Уровень|С|Единицы", "E-1|Сбор|Семинар|региональный|01.03.2023|A-M1;B-M1".into(), "другому региону"),
            ("events", "Код|Название|Вид|Уровень|С|Единицы", "E-1|Сбор|Семинар|региональный|01.03.2023|A-M1=много".into(), "нужно целое число"),
            ("events", "Код|Название|Вид|Уровень|С", "E-1|Сбор|Семинар|региональный|01.03.2023".into(), "неизвестно, какой это регион"),
            ("events", "Код|Название|Вид|Уровень|С|Единицы", "E-1|Сбор|Семинар|региональный|10.11.1931|A-M1".into(), "раньше 1990 года"),
            ("events", "Код|Название|Вид|Уровень|С|Единицы", "E-1|Сбор|Семинар|региональный|10.11.2098|B-M1".into(), "позже чем через два года"),
            ("events", "Код|Название|Вид|Уровень|С|По|Единицы", "E-1|Сбор|Семинар|региональный|01.09.2012|01.09.2022|A-M1".into(), "больше 366 дней"),
            ("events", "Код|Название|Вид|Уровень|С|Единицы", "PS-1|Оценивание на уроке|Семинар|региональный|07.09.2022|A-M1".into(), "вид, уровень и дни не меняют"),
            ("bodies", "Код|Наименование|Вид|Уровень|Единица", "RMO|РМО учителей математики|клуб|муниципальный|A-M1".into(), "вид и уровень не меняют"),
            ("members", "СНИЛС|Объединение|С", format!("{}|RMO|01.09.2022", s(1)), "уже состоит в объединении с 01.09.2021"),
            ("members", "СНИЛС|Объединение|Роль|С", format!("{}|RMO|руководитель|01.09.2022", s(3)), "уже есть руководитель с 01.09.2021"),
            ("members", "СНИЛС|Объединение|С", format!("{}|CLUB|01.09.2022", s(3)), "объединения с таким кодом нет"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С", "U-1|РИП|Площадка|региональный|A|01.09.2022".into(), "номер и дата акта"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Номер|Дата акта|Стороны", "U-1|соглашение|О|региональный|A|01.09.2022|1|01.09.2022|RMO".into(), "две стороны или больше"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Стороны", "U-1|сетевой проект|О|региональный|A|01.09.2022|B-2".into(), "объединения с таким кодом нет"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Участвуют", "U-1|сетевой проект|О|региональный|A|01.09.2022|B-M1".into(), "другому региону"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С", "U-1|платформа|О|региональный|A|01.09.2022".into(), "должна быть ссылка"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|По|Состояние", "U-1|сетевой проект|О|региональный|A|01.09.2022|01.01.2099|завершено".into(), "последний день ещё не наступил"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|По|Состояние", "U-1|сетевой проект|О|региональный|A|01.09.2022|31.05.2023|готовится".into(), "последний день уже прошёл"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Состояние", "U-1|сетевой проект|О|региональный|A|01.09.2099|идёт".into(), "первый день ещё не наступил"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|По", "U-1|сетевой проект|О|региональный|A|01.09.2022|31.05.2022".into(), "конец раньше начала"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Состояние", "U-1|сетевой проект|О|региональный|A|01.09.2022|завершено".into(), "последнего дня нет"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Номер акта|Дата акта", "U-1|сетевой проект|О|региональный|A|01.09.2022|1|01.09.2099".into(), "дата акта ещё не наступила"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Номер акта|Дата акта", "U-1|сетевой проект|О|региональный|A|01.09.2022|1|01.09.2099".into(), "значение «01.09.2099»"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С|Номер акта|Дата акта", "U-1|сетевой проект|О|региональный|A|01.09.2022|1|31.12.1989".into(), "дата акта раньше 1990 года"),
            ("undertakings", "Код|Вид|Название|Уровень|Единица|С", "<U>|сетевой проект|О|региональный|A|01.09.2022".into(), "не длиннее 60 знаков"),
            ("publications", "Код|Вид|Название|Авторы|Год|Кому|Единица", format!("P-9|пособие|О|Иванов {}|2022|педагогам|A", s(1)), "без СНИЛС"),
            ("publications", "Код|Вид|Название|Авторы|Год|Кому|Единица", "P-9|пособие|О|;;|2022|педагогам|A".into(), "нет ни одного автора"),
            ("publications", "Код|Вид|Название|Год|Кому|Единица", "P-9|пособие|О|2022|педагогам|A".into(), "нет ни одного автора"),
            ("publications", "Код|Вид|Название|Авторы|Год|Кому|Единица", "P-9|пособие|О|operator|2022|педагогам|A".into(), "без СНИЛС, логина"),
            ("publications", "Код|Вид|Название|Год|Кому|Единица", "<P>|пособие|О|2022|педагогам|A".into(), "не длиннее 60 знаков"),
            ("publications", "Код|Вид|Название|Год|Кому|Единица", "P-9|статья|О|2022|педагогам|A".into(), "у статьи должно быть издание"),
            ("publications", "Код|Вид|Название|Год|Кому|Единица", "P-9|пособие|О|1022|педагогам|A".into(), "год издания"),
            ("publications", "Код|Вид|Название|Год|Кому|Единица", "P-9|пособие|О|2022|космонавтам|A".into(), "адресата «космонавтам»"),
            ("publications", "Код|Вид|Название|Авторы|Год|Кому|Единица", format!("P-9|пособие|О|{}|2022|педагогам|A", s(101)), "с таким СНИЛС в регионе нет"),
            ("pairs", "СНИЛС наставника|СНИЛС наставляемого|Форма|С", format!("{0}|{0}|teacher_teacher|01.09.2022", s(1)), "один и тот же человек"),
            ("pairs", "СНИЛС наставника|СНИЛС наставляемого|Форма|С", format!("{}|{}|teacher_teacher|01.09.2023", s(1), s(2)), "уже работает с 01.10.2022"),
            ("pairs", "СНИЛС наставника|СНИЛС наставляемого|Форма|С", format!("{}|{}|teacher_teacher|01.09.2023", s(1), s(102)), "из разных регионов"),
        ];
        for (kind, header, row, said) in cases {
            let before = registers(v);
            let answer = import(v, kind, &v.file("f.csv", csv(&rows(&[header, row]), ';')), &[]).with_refusals();
            assert!(answer.err.contains(said), "{kind} {row}: {}", answer.err);
            assert_eq!(registers(v), before, "{kind} {row}");
        }
    }
}
