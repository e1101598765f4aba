//! What a pack holds beside its numbers: goals, tasks and their indicators, the normative of routes, conclusions by cluster.
//! Two regions; nothing of the other one on any page.

use std::collections::BTreeMap;

use crate::figures_pages::{Table, at, number, operator, plain, sheets, table, tables, values};
use crate::five_world::{LENINSKY, five};
use crate::laid::World;
use crate::on_both;
use crate::support::text;
use crate::visitor::Page;

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";

/// The rows of a table by the head of their group.
fn groups(of: &Table) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut found: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let mut group = String::new();
    for row in of.rows.iter().skip(1) {
        match row.as_slice() {
            [title] => {
                group = title.replace('\u{A0}', " ");
                let _new = found.entry(group.clone()).or_default();
            }
            cells => found.entry(group.clone()).or_default().push(cells.to_vec()),
        }
    }
    found
}

/// Words of a page with plain spaces.
fn words(html: &str) -> String {
    plain(html).replace('\u{A0}', " ")
}

/// Conclusions by other indicators that a page of clusters leads to: code and address.
fn others(page: &Page) -> Vec<(String, String)> {
    let list = page
        .body
        .split("<summary>Выводы по другим показателям")
        .nth(1)
        .unwrap_or("");
    let links = list
        .split("</details>")
        .next()
        .unwrap_or("")
        .split("<a href=\"")
        .skip(1);
    let link = |part: &str| {
        let (href, rest) = part.split_once("\">").expect("a link");
        let code = plain(&format!("<a>{rest}")).split(' ').next().unwrap_or("").to_owned();
        (code, href.replace("&#x3D;", "=").replace("&amp;", "&"))
    };
    links.map(link).collect()
}

/// How many indicators the rows of a group have, one by one.
fn held(rows: &[Vec<String>]) -> Vec<usize> {
    rows.iter().map(|row| row[1].parse().expect("a number")).collect()
}

on_both! {
    // rows: LE-F22
    // partly: LE-F23 of the thirteen tasks twelve are known by their indicators, the thirteenth has none and no title at hand
    fn thirteen_tasks_of_leninsky_stand_with_eighteen_indicators_of_twelve(v: &Vekha) {
        five(31).lay(v);
        let _opened = values(v, "leninsky", LENINSKY.code, "region");
        let (_server, mut visitor) = operator(v);
        let page = visitor.get(&at("", "leninsky", LENINSKY.code, ""));
        let tree = groups(&table(&page, "Цели и задачи"));
        assert_eq!(tree.len(), 3, "{tree:?}");
        let tasks: Vec<usize> = tree.values().flat_map(|rows| held(rows)).collect();
        assert_eq!((tasks.len(), tasks.iter().sum::<usize>()), (13, 18), "{tree:?}");
        assert_eq!(tasks.iter().filter(|n| **n > 0).count(), 12);
        let idle = tree.values().flatten().find(|row| row[1] == "0").expect("a task without an indicator");
        assert_eq!(idle[2], "показателя нет");
        let said = "3 цели, 13 задач, 18 показателей. С показателями: 12 задач. Без показателя: 1 задача.";
        assert!(words(&page.body).contains(said), "{}", words(&page.body));
        // The workbook has both tables of the page.
        let path = at("", "leninsky", LENINSKY.code, "");
        let book = crate::web_lists::the_file(&mut visitor, &path);
        assert_eq!(book.len(), 2, "sheets of indicators and of goals");
        assert_eq!(book[1].1.len(), table(&page, "Цели и задачи").rows.len(), "a row for each row of the page");
        // Every indicator says its task and who stands beside it.
        for (group, rows) in &tree {
            for row in rows.iter().filter(|row| row[1] != "0") {
                let title = row[0].split_once(' ').expect("a code and a title").1;
                for one in row[2].split(", ") {
                    let passport = visitor.get(&at(&format!("/indicators/leninsky/{one}/passport"), "leninsky", LENINSKY.code, ""));
                    let told = words(&passport.body);
                    assert!(told.contains(&format!("{group} › {title}")), "{one}: {told}");
                    assert!(told.contains(&format!(": {}", row[2])), "{one}: {told}");
                    assert!(told.contains(&format!("{} задач", rows.len())), "{one}: {told}");
                }
            }
        }
        assert!(!page.body.contains("РЕГ-Б") && !page.body.contains("МО-Б"));
        // The counts follow the text in force: an indicator that moves to the idle task leaves its own one empty.
        let text_of = std::fs::read_to_string("seeds/packs/leninsky.toml").expect("the pack");
        let moved = text_of.replacen("task = \"3.1\"", "task = \"2.4\"", 1);
        let _loaded = v.run(&["pack", "load", text(&v.file("moved.toml", moved))]).ok();
        let after = groups(&table(&visitor.get(&at("", "leninsky", LENINSKY.code, "")), "Цели и задачи"));
        let by_code = |code: &str| after.values().flatten().find(|row| row[0].starts_with(code)).expect("a task")[2].clone();
        assert_eq!((by_code("2.4 "), by_code("3.1 ")), ("16".to_owned(), "показателя нет".to_owned()));
    }

    // rows: CH-F55, CH-F57
    fn tasks_of_chelyabinsk_stand_in_three_parts_and_manageability_is_judged_by_three_indicators(v: &Vekha) {
        five(31).lay(v);
        let mut file = HEAD.to_owned();
        for (code, point) in [("E.1", 1), ("E.2", 2), ("E.3", 0)] {
            file.push_str(&format!("РЕГ-А,chelyabinsk:{code},2023,{point},,,,,\nРЕГ-Б,chelyabinsk:{code},2023,1,,,,,\n"));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        let printed = values(v, "chelyabinsk", "2023", "region");
        let (_server, mut visitor) = operator(v);
        let page = visitor.get(&at("", "chelyabinsk", "2023", ""));
        let goals = groups(&table(&page, "Цели и задачи"));
        let part = |title: &str| goals.iter().find(|(of, _)| of.starts_with(title)).expect(title).1;
        let three = ["Развитие мастерства", "Развитие кадров", "Развитие по федеральным программам"];
        assert_eq!(three.map(|title| part(title).len()), [6, 3, 1], "{goals:?}");
        assert_eq!(three.map(|title| held(part(title)).iter().sum::<usize>()), [13, 11, 3], "{goals:?}");
        let manageability = part("Управляемость системы");
        assert_eq!((manageability.len(), &*manageability[0][2]), (1, "E.1, E.2, E.3"));
        // The criterion itself: each judgement, and what they give together of what they may.
        let tree = table(&page, "Показатели");
        let own = groups(&tree);
        let criterion = own.iter().find(|(of, _)| of.starts_with("Управляемость системы ›")).expect("the criterion").1;
        assert_eq!(criterion.len(), 4, "three indicators and their sum: {criterion:?}");
        let column = |head: &str| tree.column(head).expect("a column");
        for (row, code) in criterion.iter().zip(["E.1", "E.2", "E.3"]) {
            assert!(row[0].starts_with(&format!("{code} ")), "{row:?}");
            let points = &printed[&(code.to_owned(), "РЕГ-А".to_owned())]["points"];
            assert_eq!(number(&row[column("Баллы")]), points.parse().ok(), "{row:?}");
        }
        let sum = &criterion[3];
        let told = ["Баллы", "Знаменатель", "Значение"].map(|head| number(&sum[column(head)]));
        assert_eq!(told, [Some(3.0), Some(5.0), Some(60.0)], "{sum:?}");
        let passport = visitor.get(&at("/indicators/chelyabinsk/4.6/passport", "chelyabinsk", "2023", ""));
        assert!(words(&passport.body).contains("Развитие кадров: дефицит и закрепление › Кадровые потребности"));
        assert!(!page.body.contains("РЕГ-Б") && !page.body.contains("МО-Б"));
    }

    // rows: KR-F25
    fn a_tenth_of_teachers_who_made_and_finished_a_route_in_the_year_keeps_the_normative(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for (n, finished) in [2, 1].into_iter().enumerate() {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for m in 0..20 {
                    let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                    world.job(who, school, "teaching main", "2020-01-01", "");
                    let states: &[&str] = match m {
                        m if m < finished => &["2022-10-01 on_agreement", "2023-03-01 closed completed"],
                        // Made in the year and not finished; finished in the year and made before it.
                        5..8 => &["2022-10-01 on_agreement", "2023-03-01 closed expired"],
                        8 => &["2022-03-01 on_agreement", "2022-12-01 closed completed"],
                        _ => continue,
                    };
                    let _plan = world.plan(who, states);
                }
            }
        }
        world.lay(v);
        let towns = values(v, "krasnoyarsk", "2022/23", "municipality");
        let regions = values(v, "krasnoyarsk", "2022/23", "region");
        let printed = |rows: &BTreeMap<(String, String), BTreeMap<String, String>>, unit: &str| {
            let row = &rows[&("N.1".to_owned(), unit.to_owned())];
            let counts = ["numerator", "denominator", "value"].map(|column| row[column].parse::<f64>().expect("a number"));
            (counts, row["zone"].clone())
        };
        assert_eq!(printed(&towns, "МО-А0"), ([2.0, 20.0, 10.0], "kept".to_owned()));
        assert_eq!(printed(&towns, "МО-А1"), ([1.0, 20.0, 5.0], "below".to_owned()));
        assert_eq!(printed(&regions, "РЕГ-А"), ([3.0, 40.0, 7.5], "below".to_owned()));
        let (_server, mut visitor) = operator(v);
        let page = visitor.get(&at("/indicators/krasnoyarsk/N.1", "krasnoyarsk", "2022/23", ""));
        let own = table(&page, "N.1:");
        assert_eq!(own.cell("Имя МО-А0", "Уровень"), "Норматив выполнен");
        assert_eq!(own.cell("Имя МО-А1", "Уровень"), "Норматив не выполнен");
        assert!(words(&page.body).contains("Ещё 1"), "one person more keeps it: {}", words(&page.body));
        let counts = table(&visitor.get(&at("/levels", "krasnoyarsk", "2022/23", "&code=N.1")), "Единицы по уровням");
        let of = |level: &str| counts.rows.iter().find(|r| r[0].starts_with("N.1 ") && r[1] == level).expect("a level")[3].clone();
        assert_eq!((of("Норматив выполнен"), of("Норматив не выполнен")), ("1".to_owned(), "1".to_owned()));
        let passport = visitor.get(&at("/indicators/krasnoyarsk/N.1/passport", "krasnoyarsk", "2022/23", ""));
        assert_eq!(number(table(&passport, "Цели").cell("2020/21", "Цель")), Some(10.0));
        assert!(words(&passport.body).contains("Федеральный норматив › Маршрут за год"));
        assert!(!page.body.contains("МО-Б") && !page.body.contains("РЕГ-Б"));
    }

    // rows: TY-F43
    fn conclusions_by_cluster_say_who_is_behind_and_whom_to_learn_from(v: &Vekha) {
        let mut world = World::new();
        let mut file = HEAD.to_owned();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let zone = world.unit("zone", &format!("ОКР-{letter}"), Some((region, region)));
            // Two towns of the first class and two of the second by teachers to one methodist; plans of so many.
            for (n, (teachers, plans)) in [(25, 13), (30, 5), (60, 15), (70, 7)].into_iter().enumerate() {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, zone)));
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for m in 0..teachers {
                    let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                    world.job(who, school, "teaching main", "2020-01-01", "");
                    if m < plans {
                        let _plan = world.plan(who, &["2022-10-01 on_agreement"]);
                    }
                }
                file.push_str(&format!("МО-{letter}{n},mun_methodist_headcount,2022/23,1,,,,,\n"));
            }
        }
        world.lay(v);
        let _loaded = v.run(&["import", "forms", text(&v.file("forms.csv", &file))]).ok();
        let value = |rows: &BTreeMap<(String, String), BTreeMap<String, String>>, unit: &str| {
            let row = &rows[&("3.3".to_owned(), unit.to_owned())];
            row["value"].parse::<f64>().expect("a value")
        };
        let towns = values(v, "tyumen", "2022/23", "municipality");
        let whole = value(&values(v, "tyumen", "2022/23", "region"), "РЕГ-А");
        let (_server, mut visitor) = operator(v);
        let path = at("/clusters", "tyumen", "2022/23", "&cluster=K3&code=3.3");
        let page = visitor.get(&path);
        let all = table(&page, "Выводы по 3.3");
        let column = |head: &str| all.column(head).expect("a column");
        let of = |table: &Table, class: &str| {
            let row = table.rows.iter().find(|row| row[0].replace('\u{A0}', " ") == class);
            row.expect(class).clone()
        };
        for (class, [good, bad]) in [("1 уровень: 2 единицы", ["МО-А0", "МО-А1"]), ("2 уровень: 2 единицы", ["МО-А2", "МО-А3"])] {
            assert!(value(&towns, good) >= whole && value(&towns, bad) < whole, "the world parts them");
            let row = of(&all, class);
            assert_eq!(number(&row[column("Имя РЕГ-А")]), Some(whole), "{row:?}");
            let counts = ["Не хуже", "Хуже", "Без значения"].map(|head| row[column(head)].as_str());
            assert_eq!(counts, ["1", "1", "0"], "{row:?}");
            assert_eq!(row[column("Кому помочь сначала")], format!("Имя {bad}"));
            assert_eq!(row[column("У кого учиться")], format!("Имя {good}"));
        }
        assert_eq!(all.rows.len(), 3, "a class without units concludes nothing: {all:?}");
        assert!(!page.body.contains("МО-Б") && !page.body.contains("РЕГ-Б"));
        // The other way of parting has its own conclusions: all four towns in one district.
        let district = visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K2&code=3.3"));
        let row = of(&table(&district, "Выводы по 3.3"), "Имя ОКР-А: 4 единицы");
        assert_eq!(row[column("Кому помочь сначала")], "Имя МО-А3, Имя МО-А1", "the farthest first");
        assert_eq!(row[column("У кого учиться")], "Имя МО-А0");
        // One indicator at a time, below the membership; the workbook holds the same two tables.
        let captions = |page: &Page| -> Vec<String> { tables(page).into_iter().map(|t| t.caption).collect() };
        let seen = captions(&page);
        assert!(seen.len() == 2 && seen[0].starts_with("Кластеры"), "{seen:?}");
        let book = sheets(&mut visitor, &path);
        assert!(book.len() == 2 && book[1].0.starts_with("Выводы по 3.3"), "{book:?}");
        let first = |rows: &[Vec<String>]| -> Vec<String> { rows.iter().map(|row| row[0].clone()).collect() };
        assert_eq!(first(&book[1].1), first(&all.rows));
        // The others are one press away, each with its own table and with the same choice beside it.
        let links = others(&page);
        assert!(!links.is_empty() && links.iter().all(|(code, _)| code != "3.3"), "{links:?}");
        for (code, href) in &links {
            let other = captions(&visitor.get(href));
            assert!(other.len() == 2 && other[1].starts_with(&format!("Выводы по {code},")), "{code}: {other:?}");
        }
        // Nothing is chosen: the first that says something. One that is compared with nothing says so and shows the way.
        let default = visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K3"));
        assert!(captions(&default)[1].starts_with("Выводы по "), "{:?}", captions(&default));
        let silent = visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K3&code=K3"));
        assert_eq!(captions(&silent).len(), 1, "{:?}", captions(&silent));
        assert!(words(&silent.body).contains("Выводов нет: значения единиц не сравниваются"), "{}", words(&silent.body));
        assert_eq!(others(&silent).len(), links.len() + 1, "all of them");
    }
}
