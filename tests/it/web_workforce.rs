//! «Кадровый состав»: numbers counted anew from the rows of the staff list, every number opens its people, small ones are
//! hidden from those who may not, and the workbook says what the page says.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;
/// The day of the report.
const DAY: &str = "01.12.2022";

/// One row of the staff list.
#[derive(Clone)]
struct Laid {
    n: i64,
    school: &'static str,
    woman: bool,
    /// Year of birth; the day is 1 January or 2 January by turns.
    born: i64,
    education: &'static str,
    category: &'static str,
    since: i64,
    hours: i64,
    subject: &'static str,
    matches: &'static str,
    kind: &'static str,
    staff: &'static str,
}

/// Invented staff: `many` people of a school, with everything by turns.
fn staff(from: i64, many: i64, school: &'static str) -> Vec<Laid> {
    let pick = |list: &[&'static str], n: i64| list[usize::try_from(n).expect("a place") % list.len()];
    (from..from + many)
        .map(|n| Laid {
            n,
            school,
            woman: n % 4 != 0,
            born: 1957 + (n * 7) % 43,
            education: pick(
                &["высшее педагогическое", "Высшее", "среднее профессиональное", ""],
                n / 2,
            ),
            category: pick(&["высшая", "первая", "СЗД", "", "первая, педагог-наставник"], n),
            since: 1990 + (n * 5) % 33,
            hours: 12 + (n * 11) % 30,
            subject: pick(&["математика", "химия", "физика"], n),
            matches: pick(&["да", "нет", "да", ""], n / 3),
            kind: if n % 11 == 0 {
                "внешнее совместительство"
            } else {
                "основное"
            },
            staff: if n % 13 == 0 {
                "руководящий"
            } else {
                "педагогический"
            },
        })
        .collect()
}

fn all() -> Vec<Laid> {
    let mut all = staff(100, 45, "С2");
    all.extend(staff(200, 38, "С3"));
    all.extend(staff(300, 41, "С6"));
    all.extend(staff(400, 17, "Ю2"));
    all
}

fn born(row: &Laid) -> String {
    format!("{:02}.01.{}", 1 + row.n % 2, row.born)
}

fn world(v: &Vekha, rows: &[Laid]) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
        ("ministry", "regional_authority", unit(NORTH, 0)),
        ("methodist", "municipal_methodist", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("tutor", "tutor", unit(NORTH, 2)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    v.sql("UPDATE unit SET org_kind = 'school' WHERE code IN ('С2', 'С6', 'Ю2')");
    v.sql("UPDATE unit SET org_kind = 'preschool' WHERE code = 'С3'");
    let mut file = String::from(
        "СНИЛС;Фамилия;Имя;Дата рождения;Пол;Код ОО;Должность;Персонал;Вид занятости;Нагрузка;Предметы;\
         Начало педагогической работы;Принят;Квалификационная категория;Образование;Соответствие профилю\n",
    );
    for r in rows {
        let sex = if r.woman { "ж" } else { "м" };
        file.push_str(&format!(
            "{};Фамилия{};Имя;{};{sex};{};учитель;{};{};{};{};01.09.{};01.09.2015;{};{};{}\n",
            snils(r.n),
            r.n,
            born(r),
            r.school,
            r.staff,
            r.kind,
            r.hours,
            r.subject,
            r.since,
            r.category,
            r.education,
            r.matches
        ));
    }
    // One of the first school has a second job in the other one, and one has been retrained.
    let second = &rows[1];
    file.push_str(&format!(
        "{};Фамилия{};Имя;{};ж;С3;педагог;педагогический;внутреннее совместительство;4;;;01.09.2021;;;\n",
        snils(second.n),
        second.n,
        born(second)
    ));
    let path = v.file("staff.csv", file);
    let _loaded = v.run(&["import", "staff", text(&path)]).ok();
    Server::start(v)
}

/// The people who count in schools, each once.
fn counted<'a>(rows: &'a [Laid], schools: &[&str]) -> Vec<&'a Laid> {
    let inside = |r: &&Laid| schools.contains(&r.school) && r.kind == "основное" && r.staff == "педагогический";
    rows.iter().filter(inside).collect()
}

/// Full years on 1 January 2023, and full years of teaching on the day, worked out anew.
fn years(row: &Laid) -> (i64, i64) {
    (2023 - row.born - i64::from(row.n % 2 == 1), 2022 - row.since)
}

/// What stands in a section by its first words: people and women.
fn expected(rows: &[&Laid]) -> BTreeMap<(&'static str, String), (usize, usize)> {
    let mut found: BTreeMap<(&'static str, String), (usize, usize)> = BTreeMap::new();
    let mut add = |section: &'static str, label: &str, row: &Laid| {
        let place = found.entry((section, label.to_owned())).or_default();
        place.0 += 1;
        place.1 += usize::from(row.woman);
    };
    for row in rows {
        add("Все работники", "Всего", row);
        let education = match row.education {
            "высшее педагогическое" => "Высшее педагогическое",
            "Высшее" => "Высшее другое",
            "" => "Не указано",
            _ => "Среднее профессиональное",
        };
        add("Образование", education, row);
        let category = match row.category {
            "высшая" => "Высшая категория",
            "СЗД" => "Соответствие занимаемой должности",
            "" => "Без категории",
            _ => "Первая категория",
        };
        add("Квалификационная категория", category, row);
        if row.category.contains("наставник") {
            add("Методисты и наставники", "Педагог-наставник", row);
        }
        let (age, experience) = years(row);
        let age = match age {
            ..25 => "Моложе 25 лет".to_owned(),
            65.. => "65 лет и более".to_owned(),
            age => {
                let from = age / 5 * 5;
                let word = if from % 10 == 0 { "года" } else { "лет" };
                format!("{from}–{} {word}", from + 4)
            }
        };
        add("Возраст", &age, row);
        let experience = match experience {
            ..3 => "До 3 лет",
            3..5 => "От 3 до 5 лет",
            5..10 => "От 5 до 10 лет",
            10..15 => "От 10 до 15 лет",
            15..20 => "От 15 до 20 лет",
            _ => "20 лет и более",
        };
        add("Педагогический стаж", experience, row);
        let matches = match row.matches {
            "да" => "По профилю",
            "нет" => "Не по профилю, переподготовки нет",
            _ => "Предмет есть, соответствие не указано",
        };
        add("Образование и предмет", matches, row);
        let hours = if row.hours > 36 {
            "Больше 36 ч в неделю"
        } else {
            "Не больше 36 ч в неделю"
        };
        add("Нагрузка", hours, row);
    }
    found
}

/// A cell: its words and where it leads.
type Cell = (String, Option<String>);

/// The rows of the register below a heading.
fn section(page: &Page, title: &str) -> Vec<Vec<Cell>> {
    let Some(block) = page.body.split(&format!("<h2>{title}</h2>")).nth(1) else {
        return Vec::new();
    };
    let table = block
        .split("<tbody")
        .nth(1)
        .and_then(|t| t.split("</tbody>").next())
        .expect(title);
    let cell = |cell: &str| {
        let href = cell.split("href=\"").nth(1).and_then(|h| h.split('"').next());
        let inner = cell.split_once('>').map_or("", |(_, rest)| rest);
        let text: String = inner
            .split('<')
            .map(|part| part.rsplit_once('>').map_or(part, |(_, text)| text))
            .collect();
        let text = text.replace("&lt;", "<").replace("&amp;", "&");
        (text, href.map(|h| h.replace("&amp;", "&").replace("&#x3D;", "=")))
    };
    let row = |row: &str| {
        row.split("<td")
            .skip(1)
            .map(|c| cell(c.split("</td>").next().unwrap_or_default()))
            .collect()
    };
    table.split("<tr").skip(1).map(row).collect()
}

const SECTIONS: [&str; 8] = [
    "Все работники",
    "Образование",
    "Квалификационная категория",
    "Методисты и наставники",
    "Возраст",
    "Педагогический стаж",
    "Образование и предмет",
    "Нагрузка",
];

/// How many people a list says and shows.
fn people(who: &mut Visitor, path: &str) -> usize {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let rest = page.body.split("Найдено: ").nth(1).expect("a count");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let found: usize = digits.parse().expect("a number");
    assert!(page.body.matches("Фамилия").count() >= found.min(50), "{path}");
    found
}

on_both! {
    // rows: LE-F12, LE-F13, KR-F59
    #[expect(clippy::disallowed_methods, reason = "a workbook of our own has no far cell")]
    fn the_staff_of_a_unit_is_counted_by_groups_and_every_number_opens_its_people(v: &Vekha) {
        let rows = all();
        let server = world(v, &rows);
        for (login, unit, schools) in [
            ("operator", "", &["С2", "С3", "С6"][..]),
            ("operator", "&unit=%D0%A11", &["С2", "С3"][..]),
            ("director", "", &["С2"][..]),
            ("south", "", &["Ю2"][..]),
        ] {
            let mut who = server.signed_in(login, PASSWORD);
            let wanted = expected(&counted(&rows, schools));
            let page = who.get(&format!("/workforce?on={DAY}{unit}"));
            assert_eq!(page.status, 200, "{}", page.body);
            let mut opened = 0;
            for title in SECTIONS {
                for cells in section(&page, title) {
                    let (all, women) = wanted.get(&(title, cells[0].0.clone())).copied().unwrap_or_default();
                    let numbers: Vec<&str> = cells[1..3].iter().map(|c| c.0.as_str()).collect();
                    assert_eq!(numbers, [all.to_string(), women.to_string()], "{login}{unit} {title}: {}", cells[0].0);
                    for (count, (_, href)) in [all, women].into_iter().zip(&cells[1..3]) {
                        match href {
                            // Opening each of some hundred lists takes long: every fifth, and all of the school.
                            Some(href) if login == "director" || opened % 5 == 0 => {
                                assert_eq!(people(&mut who, href), count, "{login} {href}");
                                opened += 1;
                            }
                            Some(_) => opened += 1,
                            None => assert_eq!(count, 0, "{login} {title} {}", cells[0].0),
                        }
                    }
                }
            }
            assert!(opened > 30, "{login}: {opened} numbers lead to people");
            let mut told: Vec<&(&str, String)> = wanted.keys().collect();
            told.retain(|(title, label)| !section(&page, title).iter().any(|cells| cells[0].0 == *label));
            assert!(told.is_empty(), "{login}: not on the page: {told:?}");
            // As a workbook, exactly as it is told.
            let book = who.get(&format!("/workforce/file?on={DAY}{unit}"));
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.bytes)).expect("a workbook");
            let range = book.worksheet_range_at(0).expect("a sheet").expect("it reads");
            for cells in section(&page, "Образование") {
                let row = range.rows().find(|r| r[0].to_string() == cells[0].0).expect("the row");
                assert_eq!([row[1].to_string(), row[2].to_string()], [cells[1].0.clone(), cells[2].0.clone()]);
            }
        }
        // Organisations by kind; a second job counts once in the municipality and once in each school.
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get(&format!("/workforce?on={DAY}"));
        let kinds: Vec<(String, String)> =
            section(&page, "Вид организации").iter().map(|c| (c[0].0.clone(), c[4].0.clone())).collect();
        assert!(kinds.contains(&("Школа".into(), "2".into())) && kinds.contains(&("Детский сад".into(), "1".into())), "{kinds:?}");
        // A diploma of retraining moves a teacher from one row to another.
        let off = |page: &Page| section(page, "Образование и предмет").iter().map(|c| c[1].0.clone()).collect::<Vec<_>>();
        let before = off(&page);
        let person = counted(&rows, &["С2"]).into_iter().find(|r| r.matches == "нет").expect("somebody").n;
        let id = v.query(&format!("SELECT id FROM person WHERE last_name = 'Фамилия{person}'")).remove(0);
        v.sql(&format!(
            "INSERT INTO qualification_document (id, region_id, person_id, kind, number, issued_on, recorded_at) \
             VALUES (77, {}, {id}, 'retraining_diploma', 'Д-1', '2022-11-30', '2022-11-30 00:00:00')", unit(NORTH, 0)
        ));
        let after = off(&operator.get(&format!("/workforce?on={DAY}")));
        let number = |text: &String| text.parse::<i64>().expect("a number");
        assert_eq!(number(&after[1]), number(&before[1]) - 1);
        assert_eq!(number(&after[2]), number(&before[2]) + 1);
        assert_eq!(server.signed_in("tutor", PASSWORD).get("/workforce").status, 403);
        let mut director = server.signed_in("director", PASSWORD);
        for code in ["%D0%A13", "%D0%A11", "%D0%AE2"] {
            assert_eq!(director.get(&format!("/workforce?unit={code}")).status, 404, "{code}");
            let path = format!("/workforce/people?by=everyone&value=all&unit={code}");
            assert_eq!(director.get(&path).status, 404, "{code}");
        }
    }

    // rows: LE-F14
    fn the_need_by_subject_is_told_by_vacancies_and_by_who_teaches_off_the_profile(v: &Vekha) {
        let rows = all();
        let server = world(v, &rows);
        let free = "Организация;Должность;Предмет;Ставка;С;Источник\nС2;учитель;Химия;0,5;01.09.2022;организация\n\
                    С6;учитель;химия;1;01.09.2022;организация\nС2;учитель;музыка;1;01.09.2022;организация\n\
                    С2;учитель;химия;1;01.09.2022;официальный перечень\nЮ2;учитель;химия;1;01.09.2022;\n";
        let path = v.file("vacancies.csv", free);
        let _loaded = v.run(&["import", "vacancies", text(&path)]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get(&format!("/workforce?on={DAY}"));
        let table = section(&page, "Потребность по предметам");
        assert_eq!(table.len(), 4);
        let of = counted(&rows, &["С2", "С3", "С6"]);
        for subject in ["математика", "химия", "физика", "музыка"] {
            let taught = of.iter().filter(|r| r.subject == subject);
            let off = taught.clone().filter(|r| r.matches == "нет").count();
            let (vacancies, rates) = match subject {
                "химия" => ("2", "1,5"),
                "музыка" => ("1", "1"),
                _ => ("0", "0"),
            };
            let row = table.iter().find(|cells| cells[0].0 == subject).expect(subject);
            let told: Vec<&str> = row[1..].iter().map(|c| c.0.as_str()).collect();
            assert_eq!(told, [&*taught.clone().count().to_string(), &*off.to_string(), "0", vacancies, rates], "{subject}");
            if let Some(href) = &row[2].1 {
                assert_eq!(people(&mut operator, href), off, "{href}");
            }
        }
        assert_eq!(table[0][0].0, "химия", "where most is free stands first");
    }

    fn whoever_opens_no_lists_is_told_no_small_number(v: &Vekha) {
        let rows = all();
        let server = world(v, &rows);
        for (login, unit, schools) in [
            ("methodist", "", &["С2", "С3"][..]),
            ("methodist", "&unit=%D0%A12", &["С2"][..]),
            ("ministry", "", &["С2", "С3", "С6"][..]),
            ("ministry", "&unit=%D0%A15", &["С6"][..]),
        ] {
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get(&format!("/workforce?on={DAY}{unit}"));
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(!page.body.contains("Фамилия") && !page.body.contains("/workforce/people"), "{login}{unit}");
            // Heads and rates of the list say how many people there are, whatever the groups hide.
            assert!(page.body.contains("Ставок по штату") && !page.body.contains("по списку"), "{login}{unit}: heads are told");
            let wanted = expected(&counted(&rows, schools));
            let mut hidden = 0;
            for title in SECTIONS {
                for cells in section(&page, title) {
                    let all = wanted.get(&(title, cells[0].0.clone())).map_or(0, |w| w.0);
                    match cells[1].0.as_str() {
                        "<5" => assert!((1..5).contains(&all), "{title} {}", cells[0].0),
                        "скрыто" => assert!(all >= 5, "{title} {}: {all}", cells[0].0),
                        told => {
                            assert_eq!(told, all.to_string(), "{login}{unit} {title} {}", cells[0].0);
                            assert!(all == 0 || all >= 5, "{title} {}", cells[0].0);
                        }
                    }
                    hidden += usize::from(cells[1].0 == "<5");
                }
                // What is hidden is never alone beside a total that is told.
                let told = section(&page, title);
                let gone = told.iter().filter(|cells| cells[1].0.parse::<u32>().is_err()).count();
                let total = section(&page, "Все работники")[0][1].0.clone();
                let adds_up = !matches!(title, "Все работники" | "Методисты и наставники");
                assert!(!adds_up || gone != 1 || total.parse::<u32>().is_err(), "{login}{unit} {title}: stands alone");
            }
            assert!(hidden > 0, "{login}{unit}: something small is there");
            assert_eq!(who.get("/workforce/people?by=everyone&value=all").status, 403);
        }
        // Nor by the need by subject: the pages of all units taken from the page of everybody leave no small number.
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let mut needs = |unit: &str| -> BTreeMap<String, Vec<String>> {
            let page = ministry.get(&format!("/workforce?on={DAY}{unit}"));
            let rows = section(&page, "Потребность по предметам").into_iter();
            rows.map(|cells| (cells[0].0.clone(), cells[1..4].iter().map(|c| c.0.clone()).collect())).collect()
        };
        let (whole, parts) = (needs(""), [needs("&unit=%D0%A11"), needs("&unit=%D0%A15")]);
        let taught = counted(&rows, &["С2", "С3", "С6"]);
        let mut kept = 0;
        for (subject, told) in &whole {
            for column in 0..3 {
                let of: Vec<Option<i64>> = parts
                    .iter()
                    .map(|p| p.get(subject).map_or(Some(0), |cells| cells[column].parse().ok()))
                    .collect();
                let gone = of.iter().filter(|n| n.is_none()).count();
                kept += gone;
                let Ok(all) = told[column].parse::<i64>() else { continue };
                assert!(all == 0 || all >= 5, "{subject} {told:?}");
                let rest = all - of.iter().flatten().sum::<i64>();
                assert!(gone != 1 || rest >= 5, "{subject} {column}: the rest of {all} is {rest}");
            }
        }
        assert!(kept > 0 && !taught.is_empty(), "something is kept back");
        // Neither norm nor population nor any day may be chosen: two pages that differ by one person tell of that one.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let numbers = |page: &Page| -> Vec<String> {
            let of = |title| section(page, title).into_iter().map(move |cells| format!("{title} {}: {}", cells[0].0, cells[1].0));
            SECTIONS.iter().copied().flat_map(of).collect()
        };
        let plain = methodist.get("/workforce?on=01.09.2022&unit=%D0%A12");
        for other in ["on=30.11.2022", "on=01.09.2022&norm=20", "on=01.09.2022&norm=21", "on=01.09.2022&staff=all", "on=02.09.2022&staff=managing"] {
            let page = methodist.get(&format!("/workforce?{other}&unit=%D0%A12"));
            assert_eq!((page.status, numbers(&page)), (200, numbers(&plain)), "{other}");
            assert!(page.body.contains("на 01.09.2022") && !page.body.contains("name=\"norm\""), "{other}: {}", page.body);
        }
        // A single school among many municipalities is no unit of the ministry's numbers.
        let mut ministry = server.signed_in("ministry", PASSWORD);
        assert!(ministry.get("/workforce?unit=%D0%A12").body.contains("откройте муниципалитет"));
    }

    fn posts_that_were_entered_stand_beside_the_heads_of_the_list(v: &Vekha) {
        let rows = all();
        let server = world(v, &rows);
        let forms = "Единица;Показатель или величина;Период;Значение\nС2;org_positions_pedagogical_total;2022;50,5\n\
                     С2;org_positions_pedagogical_occupied;2022;45\nС3;org_positions_pedagogical_total;2022/23;40\n\
                     С2;org_positions_pedagogical_total;2022/23;99\n";
        let path = v.file("forms.csv", forms);
        let _loaded = v.run(&["import", "forms", text(&path)]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get(&format!("/workforce?on={DAY}"));
        let table = section(&page, "Ставки");
        let heads = counted(&rows, &["С2", "С3", "С6"]).len().to_string();
        let told: Vec<&str> = table[0].iter().map(|c| c.0.as_str()).collect();
        assert_eq!(told[..5], ["Педагогический", "90,5", "45", "2", &heads]);
        assert_eq!(table[1][1].0, "не представлено");
        // The list gives no rates: that is no zero. Once it gives some, it is said of how many jobs it gives none.
        assert_eq!(table[0][5].0, "не указано", "no rates are given: {table:?}");
        v.sql("UPDATE employment SET rate_milli = 500 WHERE organisation_id IN (SELECT id FROM unit WHERE code IN ('С2', 'Ю2'))");
        let some = section(&operator.get(&format!("/workforce?on={DAY}")), "Ставки")[0][5].0.clone();
        assert!(some.contains("; не указано: ") && !some.starts_with("не указано") && !some.starts_with("0;"), "{some}");
        let whole = section(&operator.get(&format!("/workforce?on={DAY}&unit=%D0%A12")), "Ставки")[0][5].0.clone();
        assert!(whole != "0" && whole.chars().all(|c| c.is_ascii_digit() || c == ','), "{whole}");
        let south = section(&server.signed_in("south", PASSWORD).get(&format!("/workforce?on={DAY}")), "Ставки")[0][5].0.clone();
        assert!(south != "не указано", "{south}");
    }
}
