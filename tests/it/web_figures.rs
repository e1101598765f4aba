//! The pages of indicators over plain HTTP: every figure of a page is what the command prints of the same installation,
//! the workbook is the page, the passport says where bounds lie. Two regions; nothing of the other one on any page.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures_pages::{
    Row, Table, accounts, at, code, file_is_the_page, number, operator, plain, table, tables, there, values,
};
use crate::five_world::{CHELYABINSK, KRASNOYARSK, LENINSKY, Span, TYUMEN, five};
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Server, Visitor};

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";
const TOWNS: [&str; 3] = ["МО-А0", "МО-А1", "МО-А2"];

/// Numbers of the rows of a breakdown that open a list, with its address.
fn row_lists(page: &crate::visitor::Page) -> Vec<(String, String)> {
    let links = page.body.split("href=\"").skip(1);
    let links = links.filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let href = href.replace("&#x3D;", "=").replace("&amp;", "&");
        let shown = rest.split_once('>')?.1.split('<').next()?.to_owned();
        (href.contains("/people?") && href.contains("row=")).then_some((shown, href))
    });
    links.collect()
}

fn of<'a>(rows: &'a BTreeMap<(String, String), Row>, indicator: &str, unit: &str) -> &'a Row {
    &rows[&(indicator.to_owned(), unit.to_owned())]
}

/// Whether a cell says what the command printed: the number, or in words that there is none.
#[track_caller]
fn says(cell: &str, printed: &str, what: &str) {
    match printed.parse::<f64>() {
        Ok(printed) => {
            let shown = there(number(cell), &(what, cell, printed));
            assert!((shown - printed).abs() < 1e-9, "{what}: {cell}, printed {printed}");
        }
        Err(_) => assert_eq!(number(cell), None, "{what}: {cell}, printed nothing"),
    }
}

/// Indicators of a pack over an invented world: on the map, in the tree of the region and on their own pages.
fn printed(v: &Vekha, pack: &str, span: Span, codes: &[&str]) -> (Server, Visitor) {
    five(31).lay(v);
    let (towns, regions) = (
        values(v, pack, span.code, "municipality"),
        values(v, pack, span.code, "region"),
    );
    let (server, mut visitor) = operator(v);
    let map = table(&visitor.get(&at("/map", pack, span.code, "")), "Показатели по единицам");
    let tree = table(&visitor.get(&at("", pack, span.code, "")), "Показатели");
    let mut told = 0;
    for one in codes {
        for town in TOWNS {
            let row = of(&towns, one, town);
            let cell = map.cell(&format!("Имя {town}"), one);
            says(cell, &row["value"], &format!("{one} {town}"));
            told += usize::from(!row["value"].is_empty());
            if row["points"] == "not_submitted" {
                assert_eq!(cell, "не представлено", "{one} {town}: a zero is another thing");
            }
        }
        let row = of(&regions, one, "РЕГ-А");
        // Of a mean of towns it is said how many they are: the sum of their values tells nothing.
        let upper = tree.cell(one, "Числитель");
        let mean = upper.starts_with("среднее ");
        if mean {
            let said = format!("среднее по\u{A0}{}", row["denominator"]);
            assert!(upper.starts_with(&said), "{one}: {upper}, {row:?}");
            assert_eq!(tree.cell(one, "Знаменатель"), "–", "{one}");
        }
        for (head, printed) in [
            ("Значение", "value"),
            ("Числитель", "numerator"),
            ("Знаменатель", "denominator"),
        ] {
            if mean && head != "Значение" {
                continue;
            }
            says(tree.cell(one, head), &row[printed], &format!("{one} РЕГ-А {head}"));
        }
        let page = visitor.get(&at(&format!("/indicators/{pack}/{one}"), pack, span.code, ""));
        let own = table(&page, &format!("{one}:"));
        for town in TOWNS {
            let row = of(&towns, one, town);
            let name = format!("Имя {town}");
            says(own.cell(&name, "В числителе"), &row["numerator"], one);
            says(own.cell(&name, "Всего"), &row["denominator"], one);
            let fact = if own.column("Факт").is_some() {
                "Факт"
            } else {
                "Значение"
            };
            says(own.cell(&name, fact), &row["value"], one);
            if let (Some(_), Ok(plan)) = (own.column("План"), row["target"].parse::<f64>()) {
                // Of shares the head says it: a difference of counts is in what is counted.
                let head = ["Отклонение", "Отклонение, п. п."]
                    .into_iter()
                    .find(|head| own.column(head).is_some());
                let off = number(own.cell(&name, there(head, &own)));
                let exact = row["value"].parse::<f64>().ok().map(|value| value - plan);
                assert_eq!(off.is_some(), exact.is_some(), "{one}");
                assert!(
                    (off.unwrap_or(0.0) - exact.unwrap_or(0.0)).abs() < 1e-6,
                    "{one} {off:?} {exact:?}"
                );
            }
        }
        assert!(!page.body.contains("МО-Б") && !page.body.contains("РЕГ-Б"), "{one}");
    }
    assert!(told > codes.len(), "values are there to be compared");
    assert!(
        !map.rows.iter().flatten().any(|cell| cell.contains('Б')),
        "nothing of the other region"
    );
    (server, visitor)
}

/// A page of the indicator of Krasnoyarsk that counts schools, of a town, with its address.
fn of_schools(who: &mut Visitor, below: &str, town: &str, more: &str) -> (crate::visitor::Page, String) {
    let more = format!("&unit={}{more}", code(town));
    let path = at(
        &format!("/indicators/krasnoyarsk/2.2.3.4{below}"),
        "krasnoyarsk",
        KRASNOYARSK.code,
        &more,
    );
    (who.get(&path), path)
}

/// The groups of rows of a table with the codes that stand in them.
fn parts(tree: &Table) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut part = String::new();
    for row in tree.rows.iter().skip(1) {
        match row.as_slice() {
            [title] => part.clone_from(title),
            [name, ..] => {
                let code = name.split(' ').next().unwrap_or("").to_owned();
                found.entry(part.clone()).or_default().push(code);
            }
            [] => {}
        }
    }
    found
}

on_both! {
    // rows: TY-F47, TY-F49, TY-F50, TY-F51, TY-F52
    fn young_teachers_routes_and_staffing_of_tyumen_are_what_the_command_prints(v: &Vekha) {
        let codes = ["1.2", "1.2.8", "1.2.9", "1.2.10", "1.2.10.3", "3.3", "3.4", "3.5.1", "3.5.2", "3.6", "3.7", "3.8", "3.9", "3.10"];
        let (_server, mut visitor) = printed(v, "tyumen", TYUMEN, &codes);
        for path in ["", "/map", "/levels", "/compare", "/clusters", "/crossing"] {
            let path = at(path, "tyumen", TYUMEN.code, "");
            let caption = tables(&visitor.get(&path))[0].caption.clone();
            let first = file_is_the_page(&mut visitor, &path, &caption);
            assert!(first.contains("Имя РЕГ-А") && first.contains("2022/23"), "{first}");
        }
        for path in ["/indicators/tyumen/3.4", "/indicators/tyumen/3.4/series"] {
            for more in ["", "&unit=%D0%9C%D0%9E-%D0%900"] {
                let path = at(path, "tyumen", TYUMEN.code, more);
                let caption = tables(&visitor.get(&path))[0].caption.clone();
                let _first = file_is_the_page(&mut visitor, &path, &caption);
            }
        }
        // Places are shared, and the order of the rows stands in the address.
        let path = at("/indicators/tyumen/3.3", "tyumen", TYUMEN.code, "&by=organisation&sort=-value");
        let sorted = table(&visitor.get(&path), "3.3:");
        let values: Vec<Option<f64>> = sorted.rows[1..].iter().map(|r| number(&r[sorted.column("Значение").expect("it")])).collect();
        assert!(values.windows(2).all(|w| w[0].unwrap_or(-1.0) >= w[1].unwrap_or(-1.0)), "{values:?}");
        for (row, value) in sorted.rows[1..].iter().zip(&values) {
            let better = values.iter().flatten().filter(|other| value.is_some_and(|v| **other > v)).count();
            let place = number(&row[sorted.column("Место").expect("it")]);
            assert_eq!(place, value.map(|_| (better + 1) as f64), "{row:?}");
        }
        assert_eq!(visitor.get(&at("/indicators/tyumen/3.3", "tyumen", TYUMEN.code, "&sort=luck")).status, 404);
    }

    // rows: TY-F48, LE-F24, LE-F35
    fn subjects_and_kinds_of_deficits_stand_beside_the_whole(v: &Vekha) {
        five(31).lay(v);
        for (pack, span, one) in [("tyumen", TYUMEN, "3.1"), ("tyumen", TYUMEN, "3.2"), ("leninsky", LENINSKY, "1"), ("leninsky", LENINSKY, "18")] {
            let answer = v.run(&["values", "--pack", pack, "--period", span.code, "--unit", "РЕГ-А", "--indicator", one]).ok();
            let broken: Vec<Row> = answer.rows().into_iter().filter(|row| !row["breakdown"].is_empty()).collect();
            assert!(broken.len() >= 2, "{one}: {broken:?}");
            if pack == "tyumen" && one == "3.1" {
                accounts(v, &[("operator", "operator", "РЕГ-А")]);
            }
            let server = Server::start(v);
            let mut visitor = server.signed_in("operator", crate::figures_pages::PASSWORD);
            let path = at(&format!("/indicators/{pack}/{one}/parts"), pack, span.code, "");
            let page = visitor.get(&path);
            let own = table(&page, &format!("{one}, "));
            assert_eq!(own.rows.len(), broken.len() + 1, "{one}");
            for (row, printed) in own.rows[1..].iter().zip(&broken) {
                for (cell, column) in row[1..].iter().zip(["numerator", "denominator", "value"]) {
                    says(cell, &printed[column], &format!("{one} {}", row[0]));
                }
            }
            let _first = file_is_the_page(&mut visitor, &path, &format!("{one}, "));
            assert_eq!(visitor.get(&at("/indicators/tyumen/3.4/parts", "tyumen", TYUMEN.code, "")).status, 404);
            // Each number of a row opens so many people, those of the row alone.
            let lists = row_lists(&page);
            let counted = |column: &str| own.column(column).map(|column| own.rows[1..].iter().filter_map(|row| number(&row[column])).filter(|n| *n > 0.0).count());
            let opened = counted("В числителе").unwrap_or(0) + counted("Только в знаменателе").unwrap_or(0);
            assert_eq!((lists.len(), lists.is_empty()), (opened, false), "{one}: numbers of rows open nobody");
            for (n, (people, link)) in lists.iter().enumerate() {
                let list = visitor.get(link);
                assert_eq!(list.status, 200, "{link}: {}", list.body);
                let said = plain(&list.body).replace('\u{A0}', " ");
                assert!(said.contains(&format!(" · {people} запис")), "{link}: not the people of the row, {people}: {said}");
                let shown = table(&list, "Люди").rows.len() - 1;
                let people: usize = people.parse().expect("a count");
                assert_eq!(shown, people.min(50), "{link}");
                if n == 0 {
                    assert!(list.body.contains("/file?") && list.body.contains("row"), "{}", list.body);
                    let nobody = visitor.get(&link.replace("row=", "row=zz"));
                    assert_eq!(nobody.status, 404, "a row that is not there");
                    let excluded = link.replace("part=numerator", "part=excluded").replace("part=rest", "part=excluded");
                    let excluded = visitor.get(&excluded);
                    assert_eq!(excluded.status, 404, "a part that a row has not");
                }
            }
            let passport = visitor.get(&at(&format!("/indicators/{pack}/{one}/passport"), pack, span.code, ""));
            let (title, formula) = ("изменение к прошлому году", "минус значение предыдущего периода");
            let said = [title, formula].map(|part| passport.body.contains(part));
            assert_eq!(said, [one == "18"; 2], "{one}: {}", passport.body);
        }
    }

    // rows: TY-F53, TY-F54, TY-F55, TY-F56
    fn training_burnout_and_experts_of_tyumen_are_what_the_command_prints(v: &Vekha) {
        let codes = ["3.11", "3.12", "3.13", "3.14", "3.15", "3.16", "3.17", "3.18", "3.19", "3.20", "G4.1", "G4.2", "G4.3", "G4.4"];
        let (_server, mut visitor) = printed(v, "tyumen", TYUMEN, &codes);
        let passport = visitor.get(&at("/indicators/tyumen/G4.2/passport", "tyumen", TYUMEN.code, ""));
        assert_eq!(table(&passport, "Цели").cell("2023/24", "Цель"), "40\u{A0}%");
    }

    // rows: TY-F44, TY-F45, TY-F46
    fn tracks_and_goals_of_tyumen_hold_their_indicators(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "tyumen", TYUMEN, &["3.3"]);
        let found = parts(&table(&visitor.get(&at("", "tyumen", TYUMEN.code, "")), "Показатели"));
        let holds = |track: &str, codes: &[&str]| {
            let own: BTreeSet<&String> = found.iter().filter(|(part, _)| part.starts_with(track)).flat_map(|(_, c)| c).collect();
            for code in codes {
                assert!(own.contains(&(*code).to_owned()), "{track} {code}: {found:?}");
            }
        };
        holds("Трек 1", &["1.1.2", "3.1", "3.2", "3.3", "3.4", "3.20"]);
        holds("Трек 2", &["3.6", "3.8", "3.9", "3.7", "3.10", "3.14", "3.5.1"]);
        holds("Трек 3", &["1.2.8", "1.2.9", "1.2.10", "3.11", "3.12", "3.13"]);
    }

    // rows: LE-F25, LE-F26, LE-F27, LE-F28, LE-F29
    fn the_first_indicators_of_leninsky_are_what_the_command_prints(v: &Vekha) {
        let _all = printed(v, "leninsky", LENINSKY, &["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }

    // rows: LE-F30, LE-F31, LE-F32, LE-F33, LE-F34
    fn the_last_indicators_of_leninsky_are_what_the_command_prints(v: &Vekha) {
        let _all = printed(v, "leninsky", LENINSKY, &["10", "11", "12", "13", "14", "15", "16", "17", "18"]);
    }

    // rows: KR-F21, KR-F24, KR-F26, KR-F27, KR-F28
    fn groups_scale_and_rules_of_krasnoyarsk_stand_on_the_pages(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "krasnoyarsk", KRASNOYARSK, &["2.2.1.2", "2.2.2.4", "2.2.5.2", "2.2.5.3", "2.2.3.1"]);
        let tree = table(&visitor.get(&at("", "krasnoyarsk", KRASNOYARSK.code, "")), "Показатели");
        let groups = parts(&tree);
        let count = |group: &str| groups.values().flatten().filter(|c| c.starts_with(group)).count();
        assert_eq!([1, 2, 3, 4, 5].map(|n| count(&format!("2.2.{n}."))), [9, 4, 5, 3, 3]);
        let passport = visitor.get(&at("/indicators/krasnoyarsk/2.2.1.2/passport", "krasnoyarsk", KRASNOYARSK.code, ""));
        let scale = table(&passport, "Шкала");
        let bands: Vec<(&str, &str)> = scale.rows[1..=3].iter().map(|r| (r[1].as_str(), r[2].as_str())).collect();
        assert_eq!(bands, [("от 0 до 7,99", "0"), ("от 8 до 20", "1"), ("от 20", "2")]);
        for said in ["Разрыв", "7,99", "Общая граница", "есть наше умолчание"] {
            assert_eq!(passport.body.contains(said), said != "есть наше умолчание", "{said}");
        }
        let towns = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        for one in ["2.2.1.2", "2.2.2.4", "2.2.5.2", "2.2.5.3"] {
            let page = visitor.get(&at(&format!("/indicators/krasnoyarsk/{one}"), "krasnoyarsk", KRASNOYARSK.code, ""));
            let own = table(&page, &format!("{one}:"));
            for town in TOWNS {
                says(own.cell(&format!("Имя {town}"), "Баллы"), &of(&towns, one, town)["points"], one);
            }
        }
        let balance = visitor.get(&at("/indicators/krasnoyarsk/2.2.5.2/passport", "krasnoyarsk", KRASNOYARSK.code, ""));
        assert!(balance.body.contains("меньше чем на 5") && balance.body.contains("показатель 2.2.3.1"), "{}", balance.body);
        let per_hundred = visitor.get(&at("/indicators/krasnoyarsk/2.2.2.4/passport", "krasnoyarsk", KRASNOYARSK.code, ""));
        assert!(per_hundred.body.contains("Числитель на каждые 100 в знаменателе"), "{}", per_hundred.body);
    }

    // rows: KR-F29, KR-F30, KR-F31, KR-F32, KR-F35
    fn units_are_counted_by_level_as_the_printed_values_say(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "krasnoyarsk", KRASNOYARSK, &["2.2", "2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5"]);
        let towns = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        // A group of the region has one answer, that of its own indicator, and no sum of percentages stands beside it.
        let path = at("", "krasnoyarsk", KRASNOYARSK.code, "");
        let tree = table(&visitor.get(&path), "Показатели");
        let mut part = String::new();
        let mut totals = 0;
        for row in &tree.rows[1..] {
            if let Some(group) = row[0].strip_prefix("2.2.").and_then(|r| r.split('.').next()) {
                part = format!("2.2.{group}");
            } else if row.len() > 1 && row[0].starts_with("Итого баллов") {
                let own = row[1] == tree.cell(&part, "Значение") && row[0].contains("среднее");
                assert!(own && row[2..].iter().all(|cell| cell == "–"), "{part}: two answers for one group: {row:?}");
                totals += 1;
            }
        }
        assert_eq!(totals, 5, "each of five groups has its total: {tree:?}");
        for one in ["2.2", "2.2.1", "2.2.3"].into_iter().filter(|one| number(tree.cell(one, "Значение")).is_some()) {
            assert!(tree.cell(one, "Числитель").starts_with("среднее "), "{one}: a sum of percentages stands above the line");
        }
        let _first = file_is_the_page(&mut visitor, &path, "Показатели");
        let page = visitor.get(&at("/levels", "krasnoyarsk", KRASNOYARSK.code, ""));
        let counts = table(&page, "Единицы по уровням");
        for (one, levels) in [
            ("2.2", vec![("high", "Высокие результаты"), ("middle", "Средние результаты"), ("low", "Низкие результаты")]),
            ("2.2.3", vec![("high", "Высокие результаты"), ("middle", "Средние результаты"), ("low", "Низкие результаты")]),
            ("2.2.1.1", vec![("2", "высокий"), ("1", "средний"), ("0", "низкий")]),
        ] {
            let column = if one == "2.2.1.1" { "points" } else { "zone" };
            let on = |word: &str| TOWNS.iter().filter(|t| of(&towns, one, t)[column] == word).count();
            // A town whose points are not decided stands on no level.
            let known: usize = levels.iter().map(|(word, _)| on(word)).sum();
            assert!(known >= 2, "{one}: {known}");
            for (word, title) in levels {
                let row = counts.rows.iter().find(|r| r[0].starts_with(&format!("{one} ")) && r[1] == title).expect("a row");
                assert_eq!(number(&row[3]), Some(on(word) as f64), "{one} {title}");
                let share = on(word) as f64 * 100.0 / known as f64;
                assert!((number(&row[4]).expect("a share") - share).abs() < 0.051, "{row:?}");
            }
        }
        // How many stand on a level opens them by name.
        let opened = |body: &str| -> Vec<String> {
            let links = body.split("href=\"/indicators/levels?").skip(1).filter_map(|rest| rest.split('"').next());
            let links = links.map(|link| link.replace("&#x3D;", "=").replace("&amp;", "&"));
            links.filter(|link| link.ends_with("code=2.2.1.1")).collect()
        };
        let links = opened(&page.body);
        let many = |row: &&Vec<String>| row[0].starts_with("2.2.1.1 ") && number(&row[3]).is_some_and(|n| n > 0.0);
        assert_eq!(links.len(), counts.rows.iter().filter(many).count(), "counts of levels open no units");
        let listed = plain(&visitor.get(&format!("/indicators/levels?{}", links[0])).body);
        for row in counts.rows.iter().filter(many) {
            let title: String = row[1].chars().take(1).flat_map(char::to_uppercase).chain(row[1].chars().skip(1)).collect();
            assert!(listed.contains(&format!("{title} (")) && listed.contains(&format!("): {}", row[3])), "{row:?}: {listed}");
        }
        // Where a method has no levels, it is said, and the way on is shown.
        let _opened = values(v, "leninsky", LENINSKY.code, "region");
        let none = visitor.get(&at("/levels", "leninsky", LENINSKY.code, ""));
        assert!(none.status == 200 && none.body.contains("Уровней нет") && none.body.contains("Показатели единицы"), "{}", none.body);
        assert!(tables(&none).iter().all(|table| table.rows.len() > 1), "an empty table");
        // Each group: its points beside the most, as the command prints them.
        let town = visitor.get(&at("", "krasnoyarsk", KRASNOYARSK.code, &format!("&unit={}", code("МО-А0"))));
        let tree = table(&town, "Показатели");
        let mut part = String::new();
        let mut checked = 0;
        for row in &tree.rows[1..] {
            if let [title] = row.as_slice() {
                part.clone_from(title);
                continue;
            }
            if let Some(group) = row[0].strip_prefix("2.2.").and_then(|r| r.split('.').next()) {
                part = format!("2.2.{group}");
            } else if row[0].starts_with("Итого баллов") {
                let exact = of(&towns, &part, "МО-А0");
                says(&row[1], &exact["value"], &part);
                says(&row[4], &exact["numerator"], &part);
                // The most that a group may give is known also where its points are not.
                if !exact["denominator"].is_empty() {
                    says(&row[7], &exact["denominator"], &part);
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 5, "each of five groups has its total");
    }

    // rows: KR-F33, KR-F34, KR-F36, KR-F39
    fn leaders_problem_zone_and_lists_by_bounds_name_the_right_towns(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "krasnoyarsk", KRASNOYARSK, &["2.2"]);
        let towns = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        // A town with an undecided edge has no total and stands in no list.
        let total = |town: &str| of(&towns, "2.2", town)["value"].parse::<f64>().unwrap_or(f64::NAN);
        let list = |visitor: &mut Visitor, more: &str, title: &str| -> BTreeSet<String> {
            let page = visitor.get(&at("/levels", "krasnoyarsk", KRASNOYARSK.code, more));
            let block = page.body.split("<h3>").find(|b| plain(b.split("</h3>").next().unwrap_or("")).starts_with(title));
            let block = there(block, &(title, &page.body)).split("</div>").next().unwrap_or("").to_owned();
            let names = block.split("<li>").skip(1).map(|li| plain(li.split("</li>").next().unwrap_or("")));
            names.map(|name| name.replace("Имя ", "")).collect()
        };
        let those = |holds: &dyn Fn(f64) -> bool| -> BTreeSet<String> {
            TOWNS.iter().filter(|t| holds(total(t))).map(|t| (*t).to_owned()).collect()
        };
        assert_eq!(list(&mut visitor, "", "Лидеры (больше 50)"), those(&|x| x > 50.0));
        assert_eq!(list(&mut visitor, "", "Проблемная зона (меньше 10)"), those(&|x| x < 10.0));
        for (zone, title) in [("high", "Высокие результаты"), ("middle", "Средние результаты"), ("low", "Низкие результаты")] {
            let exact: BTreeSet<String> =
                TOWNS.iter().filter(|t| of(&towns, "2.2", t)["zone"] == zone).map(|t| (*t).to_owned()).collect();
            assert_eq!(list(&mut visitor, "", title), exact, "{zone}");
        }
        let edge = TOWNS.iter().map(|t| total(t)).find(|x| !x.is_nan()).expect("a total");
        let bounds = format!("&code=2.2&from={}&to={}", code(&edge.to_string()), code("100"));
        assert_eq!(list(&mut visitor, &bounds, "Значение от"), those(&|x| x >= edge), "the bound itself belongs there");
        // Low in all groups, or in all but one.
        for (wanted, title) in [(5, "Во всех 5 группах"), (4, "В 4 из 5")] {
            let low = |town: &str| (1..=5).filter(|n| of(&towns, &format!("2.2.{n}"), town)["zone"] == "low").count();
            let exact: BTreeSet<String> = TOWNS.iter().filter(|t| low(t) == wanted).map(|t| (*t).to_owned()).collect();
            assert_eq!(list(&mut visitor, "", title), exact, "{title}");
        }
        let page = visitor.get(&at("/levels", "krasnoyarsk", KRASNOYARSK.code, ""));
        // The workbook holds each list of the page, unit by unit, and says of an empty one that nobody is in it.
        let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
        for block in page.body.split("<h3>").skip(1) {
            let block = block.split("</div>").next().unwrap_or("");
            let (title, rest) = there(block.split_once("</h3>"), &block);
            let mut names: Vec<String> =
                rest.split("<li>").skip(1).map(|li| plain(li.split("</li>").next().unwrap_or(""))).collect();
            if names.is_empty() {
                names.push(plain(rest));
            }
            listed.extend(names.into_iter().map(|name| (plain(title), name)));
        }
        let book = crate::web_lists::the_file(&mut visitor, &at("/levels", "krasnoyarsk", KRASNOYARSK.code, ""));
        let held: BTreeSet<(String, String)> = book
            .iter()
            .skip(1)
            .flat_map(|(_, rows)| rows)
            .filter(|row| row.len() == 2)
            .map(|row| (row[0].to_string(), row[1].to_string()))
            .filter(|(list, name)| list.as_str() != "Список" && !name.is_empty())
            .collect();
        assert!(listed.len() > TOWNS.len(), "{listed:?}");
        assert_eq!(held, listed, "lists of the workbook");
        let mean = of(&values(v, "krasnoyarsk", KRASNOYARSK.code, "region"), "2.2", "РЕГ-А")["value"].clone();
        let said = format!("среднее по единицам: {}\u{A0}%", mean.replace('.', ","));
        let said = if mean.contains('.') { said } else { said.replace("\u{A0}%", ",0\u{A0}%") };
        assert!(plain(&page.body).contains(&said), "{said}");
    }

    // rows: KR-F37, KR-F38
    fn two_indicators_part_the_towns_into_four_and_each_group_has_its_diagram(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "krasnoyarsk", KRASNOYARSK, &["2.2.3.1", "2.2.3.5"]);
        let towns = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        let value = |one: &str, town: &str| of(&towns, one, town)["value"].parse::<f64>().expect("a value");
        let (x, y) = (value("2.2.3.1", "МО-А1"), value("2.2.3.5", "МО-А2"));
        let more = format!("&code=2.2.3.1&bound={}&other=2.2.3.5&other-bound={}", code(&x.to_string()), code(&y.to_string()));
        let cross = table(&visitor.get(&at("/crossing", "krasnoyarsk", KRASNOYARSK.code, &more)), "Два показателя");
        // The file has both tables: the four groups and the values.
        crate::web_lists::the_file_is_the_page(&mut visitor, &at("/crossing", "krasnoyarsk", KRASNOYARSK.code, &more), 0);
        for (line, high_x) in [(1, true), (2, false)] {
            for (column, high_y) in [(1, true), (2, false)] {
                let exact = TOWNS.iter().filter(|t| (value("2.2.3.1", t) >= x) == high_x && (value("2.2.3.5", t) >= y) == high_y);
                assert_eq!(number(&cross.rows[line][column]), Some(exact.count() as f64), "{high_x} {high_y}");
            }
        }
        for one in ["2.2", "2.2.1", "2.2.2", "2.2.3", "2.2.4"] {
            let page = visitor.get(&at(&format!("/indicators/krasnoyarsk/{one}"), "krasnoyarsk", KRASNOYARSK.code, ""));
            let chart = page.body.split("<figure class=\"bars\">").nth(1).expect("a diagram").split("</figure>").next().unwrap_or("");
            for town in TOWNS {
                let exact = of(&towns, one, town)["value"].replace('.', ",");
                let bar = chart.split(&format!(">Имя {town}<")).nth(1).expect("its bar");
                let said = plain(&format!("<{}", bar.split("</text>").next().unwrap_or("")));
                assert_eq!(number(&said), number(&exact), "{one} {town}: {said}");
            }
        }
    }

    // rows: LG-F17, LG-F18
    fn targets_and_facts_of_leningrad_stand_with_their_parts(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}0"), Some((region, region)));
            world.unit("organisation", &format!("ОО-{letter}0"), Some((region, town)));
        }
        world.lay(v);
        let published = [("M1", 12_074, 22_361, 50, 54), ("M2", 2_692, 3_497, 70, 77), ("M3", 1_329, 3_497, 40, 38), ("M4", 7_155, 22_361, 40, 32)];
        let mut file = HEAD.to_owned();
        for (one, upper, lower, ..) in published {
            file.push_str(&format!("РЕГ-А,leningrad:{one},2021,,{upper},{lower},,,\n"));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("main.csv", &file))]).ok();
        let _values = values(v, "leningrad", "2021", "region");
        let (_server, mut visitor) = operator(v);
        let tree = table(&visitor.get(&at("", "leningrad", "2021", "")), "Показатели");
        for (one, upper, lower, target, fact) in published {
            assert_eq!(number(tree.cell(one, "Числитель")), Some(f64::from(upper)));
            assert_eq!(number(tree.cell(one, "Знаменатель")), Some(f64::from(lower)));
            assert_eq!(number(tree.cell(one, "План")), Some(f64::from(target)));
            let value = number(tree.cell(one, "Значение")).expect("a value");
            assert_eq!(value.round(), f64::from(fact), "{one}");
            let met = if value >= f64::from(target) { "цель достигнута" } else { "ниже цели" };
            assert_eq!(tree.cell(one, "Уровень"), met, "{one}");
            let passport = visitor.get(&at(&format!("/indicators/leningrad/{one}/passport"), "leningrad", "2021", ""));
            let body = plain(&passport.body);
            assert!(body.contains("Числитель") && body.contains("Знаменатель") && body.contains("Источник"), "{one}: {body}");
        }
    }

    // rows: LG-F11
    fn three_directions_of_leningrad_hold_their_indicators(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}0"), Some((region, region)));
            world.unit("organisation", &format!("ОО-{letter}0"), Some((region, town)));
        }
        world.lay(v);
        let _values = values(v, "leningrad", "2021", "region");
        let (_server, mut visitor) = operator(v);
        let found = parts(&table(&visitor.get(&at("", "leningrad", "2021", "")), "Показатели"));
        let directions =
            [("Методический актив", &["M1"][..]), ("Молодые педагоги и наставничество", &["M2", "M3"]), ("Сетевое взаимодействие", &["M4"])];
        for (direction, codes) in directions {
            let own = found.iter().filter(|(part, _)| part.ends_with(direction)).flat_map(|(_, own)| own);
            let own: Vec<&str> = own.map(String::as_str).filter(|one| one.starts_with('M')).collect();
            assert_eq!(own, codes, "{direction}: {found:?}");
        }
    }

    // rows: LG-F19, LG-F20, LG-F21, LG-F22, LG-F23
    fn criteria_of_leningrad_and_the_bands_of_their_total(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for n in 0..3 {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            }
        }
        world.lay(v);
        let codes: Vec<String> =
            [("1", 5), ("2", 11), ("3", 3)].iter().flat_map(|(group, n)| (1..=*n).map(move |i| format!("{group}.{i}"))).collect();
        assert_eq!(codes.len(), 19);
        let mut file = HEAD.to_owned();
        // 28, 18 and 17 points: high, middle, in no band.
        for (town, points) in [("МО-А0", 28), ("МО-А1", 18), ("МО-А2", 17)] {
            for (n, one) in (0..).zip(&codes) {
                let point = if n * 2 + 2 <= points { 2 } else { (points - n * 2).max(0) };
                file.push_str(&format!("{town},leningrad:{one},2021,{point},,,,,\n"));
            }
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        let towns = values(v, "leningrad", "2021", "municipality");
        let (_server, mut visitor) = operator(v);
        let map = table(&visitor.get(&at("/map", "leningrad", "2021", "")), "Показатели по единицам");
        for one in &codes {
            for town in TOWNS {
                says(map.cell(&format!("Имя {town}"), one), &of(&towns, one, town)["value"], one);
            }
        }
        let levels = plain(&visitor.get(&at("/levels", "leningrad", "2021", "&code=total")).body);
        for said in ["от 28 до 38", "от 18 до 27"] {
            assert!(levels.contains(said), "{said}: {levels}");
        }
        let own = table(&visitor.get(&at("/indicators/leningrad/total", "leningrad", "2021", "")), "total:");
        for (town, level) in [("МО-А0", "ысок"), ("МО-А1", "редн"), ("МО-А2", "вне шкалы")] {
            let said = own.cell(&format!("Имя {town}"), "Уровень");
            assert!(said.contains(level), "{town}: {said}");
        }
    }

    fn a_list_behind_a_number_of_schools_speaks_of_schools(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}0"), Some((region, region)));
            for n in 0..3 {
                world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            }
        }
        world.lay(v);
        let mut file = HEAD.to_owned();
        for (school, said) in [("ОО-А0", "да"), ("ОО-Б0", "да"), ("ОО-Б1", "нет"), ("ОО-Б2", "нет")] {
            file.push_str(&format!("{school},org_mentoring_model_implemented,{},{said},,,,,\n", KRASNOYARSK.code));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("schools.csv", &file))]).ok();
        let _values = values(v, "krasnoyarsk", KRASNOYARSK.code, "region");
        accounts(v, &[("operator", "operator", "РЕГ-А"), ("south", "operator", "РЕГ-Б")]);
        let server = Server::start(v);
        let signed = |login: &str| server.signed_in(login, crate::figures_pages::PASSWORD);
        let (mut operator, mut south) = (signed("operator"), signed("south"));
        // One school alone has said anything: it is not the lowest of three.
        let said = plain(&of_schools(&mut operator, "", "МО-А0", "").0.body);
        let alone = said.contains("Значение показано у одной единицы: Имя ОО-А0.") && !said.contains("Ниже всех");
        assert!(alone, "the only one is called the lowest: {said}");
        assert!(said.contains("Нет значения у 2\u{A0}единиц.") && said.contains("считается как «нет»"), "{said}");
        let said = plain(&of_schools(&mut south, "", "МО-Б0", "").0.body);
        assert!(said.contains("Ниже всех Имя ОО-Б") && !said.contains("у одной единицы") && !said.contains("считается как «нет»"), "{said}");
        // The lists: named by what they hold, the code beside the name, the town by its name.
        for (who, town, rows) in [
            (&mut operator, "МО-А0", [("ОО-А1", "Не представлено, в доле считается как «нет»"), ("ОО-А2", "Не представлено, в доле считается как «нет»")]),
            (&mut south, "МО-Б0", [("ОО-Б1", "Только в знаменателе"), ("ОО-Б2", "Только в знаменателе")]),
        ] {
            let (own, _) = of_schools(who, "", town, "");
            let note = own.body.contains("открывает список организаций") && !own.body.contains("список людей");
            let (list, path) = of_schools(who, "/people", town, "&part=rest");
            assert!(note && tables(&list).iter().any(|t| t.caption == "Организации"), "the list of schools is called one of people: {}", list.body);
            let mut told = vec![["Организация", "Код", "Где", "Почему"].map(str::to_owned).to_vec()];
            told.extend(rows.map(|(school, why)| vec![format!("Имя {school}"), school.to_owned(), format!("Имя {town}"), why.to_owned()]));
            assert_eq!(table(&list, "Организации").rows, told, "{town}");
            assert_eq!(crate::web_lists::the_file_is_the_page(who, &path, 0), 2);
            let (nobody, _) = of_schools(who, "/people", town, "&part=excluded");
            assert!(nobody.body.contains("ни одной организации") && !nobody.body.contains("человека"), "{}", nobody.body);
        }
        let (foreign, _) = of_schools(&mut south, "/people", "МО-А0", "&part=rest");
        assert_eq!(foreign.status, 404, "{}", foreign.body);
    }

    // rows: CH-F51, CH-F52, CH-F53, CH-F54, CH-F56
    fn targets_formulas_and_populations_of_chelyabinsk_stand_in_the_passports(v: &Vekha) {
        let (_server, mut visitor) = printed(v, "chelyabinsk", CHELYABINSK, &["1.1", "2.1", "3.1", "4.6"]);
        let tree = parts(&table(&visitor.get(&at("", "chelyabinsk", "2023", "")), "Показатели"));
        let codes: BTreeSet<&String> = tree.values().flatten().filter(|c| c.starts_with(|l: char| l.is_ascii_digit())).collect();
        assert_eq!(codes.len(), 27, "{codes:?}");
        assert_eq!(tree.keys().filter(|p| p.starts_with("Развитие")).count(), 10, "ten criteria");
        let mut populations = BTreeSet::new();
        for one in codes {
            let page = visitor.get(&at(&format!("/indicators/chelyabinsk/{one}/passport"), "chelyabinsk", "2023", ""));
            assert_eq!(page.status, 200, "{one}");
            let fact = |name: &str| {
                let rest = there(page.body.split(&format!("<dt>{name}</dt><dd>")).nth(1), &(one, name));
                plain(rest.split("</dd>").next().unwrap_or(""))
            };
            assert!(!fact("Источник").is_empty() && !fact("Кто считается").is_empty(), "{one}");
            assert!(page.body.contains("в процентах") || page.body.contains("Изменение"), "{one}: k = A\u{43f} / A × 100 %");
            populations.insert(fact("Кто считается"));
        }
        assert!(populations.len() >= 6, "{populations:?}");
        let falling = visitor.get(&at("/indicators/chelyabinsk/4.6/passport", "chelyabinsk", "2023", ""));
        let targets = table(&falling, "Цели");
        for (year, target) in [("2022", "8,6"), ("2023", "8,3"), ("2024", "8"), ("2025", "7,7")] {
            assert_eq!(targets.cell(year, "Цель"), format!("{target}\u{A0}%"));
        }
        assert!(falling.body.contains("чем меньше, тем лучше"));
        let own = table(&visitor.get(&at("/indicators/chelyabinsk/4.6", "chelyabinsk", "2023", "")), "4.6:");
        let rows = values(v, "chelyabinsk", "2023", "municipality");
        for town in TOWNS {
            let said = match of(&rows, "4.6", town)["zone"].as_str() {
                "target_met" => "цель достигнута",
                "target_missed" => "выше цели",
                _ => "–",
            };
            assert_eq!(own.cell(&format!("Имя {town}"), "Уровень"), said, "{town}");
        }
    }

    // rows: TY-F21, TY-F31, TY-F32, TY-F33, TY-F34
    fn sections_of_tyumen_stand_by_town_district_and_year_with_sums_and_means(v: &Vekha) {
        let points = sections(v);
        let (_server, mut visitor) = operator(v);
        for (period, most, third) in [("2021/22", 84.0, 19.0), ("2022/23", 94.0, 29.0)] {
            let towns = values(v, "tyumen", period, "municipality");
            let map = table(&visitor.get(&at("/map", "tyumen", period, "&group=sections")), "Показатели по единицам");
            for town in TOWNS {
                let name = format!("Имя {town}");
                assert_eq!(map.cell(&name, "Округ"), format!("Имя ОКР-{}", &town[5..]));
                for one in ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "total"] {
                    says(map.cell(&name, one), &of(&towns, one, town)["value"], one);
                }
            }
            let missing = map.cell("Имя МО-А2", "s1");
            assert_eq!(missing, if period == "2022/23" { "не представлено" } else { "0" }, "{period}");
            for s in 1..=8 {
                let given: Vec<f64> = points.iter().filter(|p| p.1 == period && p.2 == s).map(|p| p.3).collect();
                let head = format!("s{s}");
                let sum: f64 = given.iter().sum();
                says(map.cell("Сумма баллов", &head), &sum.to_string(), &head);
                let mean = (sum / given.len() as f64 * 100.0).round() / 100.0;
                says(map.cell("Средний балл", &head), &mean.to_string(), &head);
            }
            let passport = visitor.get(&at("/indicators/tyumen/s3/passport", "tyumen", period, ""));
            assert_eq!(number(table(&passport, "Цели").cell(period, "Наибольшие баллы")), Some(third));
            let total = visitor.get(&at("/indicators/tyumen/total", "tyumen", period, ""));
            assert_eq!(number(table(&total, "total:").cell("Имя МО-А0", "Всего")), Some(most));
        }
    }

    // rows: TY-F35, TY-F36
    fn means_of_sections_change_from_year_to_year_and_are_a_share_of_the_most(v: &Vekha) {
        let points = sections(v);
        let (_server, mut visitor) = operator(v);
        let map = table(&visitor.get(&at("/map", "tyumen", "2022/23", "&group=sections")), "Показатели по единицам");
        let mean = |period: &str, s: i32| {
            let given: Vec<f64> = points.iter().filter(|p| p.1 == period && p.2 == s).map(|p| p.3).collect();
            given.iter().sum::<f64>() / given.len() as f64
        };
        let cents = |of: f64| (of * 100.0 + 1e-9).round() / 100.0;
        for (s, most) in (1..).zip([8.0, 10.0, 29.0, 12.0, 12.0, 3.0, 8.0, 12.0]) {
            let head = format!("s{s}");
            let change = cents(mean("2022/23", s)) - cents(mean("2021/22", s));
            says(map.cell("Изменение среднего за период", &head), &cents(change).to_string(), &head);
            let share = number(map.cell("Выполнение: средний от наибольшего", &head)).expect("a share");
            assert!((share - mean("2022/23", s) * 100.0 / most).abs() < 0.051, "{head}: {share}");
        }
    }

    fn bounds_of_the_passport_hold_and_the_best_unit_is_a_hundred(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for n in 0..4 {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            }
        }
        world.lay(v);
        let first = v.file("own.toml", OWN);
        let _loaded = v.run(&["pack", "load", text(&first)]).ok();
        let mut file = HEAD.to_owned();
        for (town, upper, of_all) in [("МО-А0", 4_999, 6), ("МО-А1", 5_000, 3), ("МО-А2", 5_001, 8), ("МО-А3", 0, 0), ("МО-Б0", 9_000, 9)] {
            file.push_str(&format!("{town},own:half,2023,,{upper},10000,,,\n"));
            file.push_str(&format!("{town},management_team_trained,2023,{of_all},,,,,\n{town},management_team_total,2023,8,,,,,\n"));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("own.csv", &file))]).ok();
        let (_server, mut visitor) = operator(v);
        let half = table(&visitor.get(&at("/indicators/own/half", "own", "2023", "")), "half:");
        for (town, value, zone) in [("МО-А0", "49,99\u{A0}%", "мало"), ("МО-А1", "50,00\u{A0}%", "много"), ("МО-А2", "50,01\u{A0}%", "много"), ("МО-А3", "0,00\u{A0}%", "мало")] {
            assert_eq!(half.cell(&format!("Имя {town}"), "Значение"), value);
            assert_eq!(half.cell(&format!("Имя {town}"), "Уровень"), zone, "{town}");
        }
        let best = table(&visitor.get(&at("/indicators/own/best", "own", "2023", "")), "best:");
        let shown: Vec<Option<f64>> = ["МО-А0", "МО-А1", "МО-А2", "МО-А3"].map(|t| number(best.cell(&format!("Имя {t}"), "Значение"))).into();
        assert_eq!(shown, [Some(75.0), Some(37.5), Some(100.0), Some(0.0)], "the best of the own region, not of the other one");
        let places: Vec<&str> = ["МО-А0", "МО-А1", "МО-А2", "МО-А3"].map(|t| best.cell(&format!("Имя {t}"), "Место")).into();
        assert_eq!(places, ["2", "3", "1", "4"]);
        // Another formula is another version; the one before stays to be read.
        let passport = visitor.get(&at("/indicators/own/half/passport", "own", "2023", ""));
        assert!(passport.body.contains("версия 1") && passport.body.contains("от 50") && passport.body.contains("меньше 50"));
        let second = v.file("own2.toml", OWN.replace("count(person where pedagogical)", "count(person where teacher)"));
        let _loaded = v.run(&["pack", "load", text(&second)]).ok();
        let now = visitor.get(&at("/indicators/own/half/passport", "own", "2023", ""));
        assert!(now.body.contains("версия 2") && now.body.contains("count(person where teacher)"), "{}", now.body);
        let before = visitor.get(&at("/indicators/own/half/passport", "own", "2023", "&version=1"));
        assert!(before.body.contains("версия 1") && before.body.contains("count(person where pedagogical)"), "{}", before.body);
        assert!(before.body.contains("заменена следующей") && !now.body.contains("заменена следующей"));
        assert_eq!(visitor.get(&at("/indicators/own/half/passport", "own", "2023", "&version=7")).status, 404);
    }

    fn who_may_not_open_people_is_told_no_small_number_on_any_page(v: &Vekha) {
        let sizes = small(v);
        accounts(v, &[
            ("operator", "operator", "РЕГ-А"),
            ("ministry", "regional_authority", "РЕГ-А"),
            ("town", "municipal_authority", "МО-А0"),
            ("school", "school_head", "ОО-А00"),
            ("other", "school_head", "ОО-А01"),
        ]);
        let _values = values(v, "tyumen", "2022/23", "organisation");
        let server = Server::start(v);
        let unit = |code_: &str| format!("&unit={}", code(code_));
        let name = "Имя ОО-А00";
        let mut operator = server.signed_in("operator", crate::figures_pages::PASSWORD);
        let all = table(&operator.get(&at("/indicators/tyumen/1.1", "tyumen", "2022/23", &unit("МО-А0"))), "1.1:");
        assert_eq!(all.cell(name, "Значение"), "3", "whoever may open the three is told of them");
        let mut town = server.signed_in("town", crate::figures_pages::PASSWORD);
        for one in ["1.1", "3.3"] {
            let page = town.get(&at(&format!("/indicators/tyumen/{one}"), "tyumen", "2022/23", ""));
            assert!(!page.body.contains("/people"), "no way to a list");
            let own = table(&page, &format!("{one}:"));
            assert_eq!(own.cell(name, "В числителе"), "<5", "{one}: {own:?}");
            assert_eq!(number(own.cell(name, "Значение")), None, "{one}");
            // What is told beside the sum never leaves one number over.
            let column = own.column("В числителе").expect("it");
            let hidden = own.rows[1..].iter().filter(|r| number(&r[column]).is_none()).count();
            assert!(hidden >= 2, "{one}: a second one is hidden with it: {own:?}");
            let told: f64 = own.rows[1..].iter().filter_map(|r| number(&r[column])).sum();
            if one == "1.1" {
                let sum: i64 = sizes.iter().filter(|(unit, _)| unit.starts_with("ОО-А0")).map(|(_, n)| n).sum();
                assert!(sum as f64 - told >= 5.0, "what is left of {sum} after {told} is no few");
            }
            let chart = page.body.split("</figure>").next().unwrap_or("");
            if one == "3.3" {
                let bar = chart.split(&format!(">{name}<")).nth(1).expect("its bar").split("</text>").next().unwrap_or("");
                assert!(bar.ends_with("&lt;5"), "{bar}");
            }
            let path = at(&format!("/indicators/tyumen/{one}"), "tyumen", "2022/23", "");
            let _first = file_is_the_page(&mut town, &path, &format!("{one}:"));
            let series = at(&format!("/indicators/tyumen/{one}/series"), "tyumen", "2022/23", &format!("&with={}", code("ОО-А00")));
            let lines = table(&town.get(&series), "По периодам");
            assert!(lines.rows.iter().find(|r| r[0] == name).expect("its line")[1..].iter().all(|c| number(c).is_none()), "{lines:?}");
            let _first = file_is_the_page(&mut town, &series, "По периодам");
        }
        for below in ["/map", "/compare", "/crossing"] {
            let more = if below == "/compare" { format!("&with={}&with={}", code("ОО-А00"), code("ОО-А01")) } else { String::new() };
            let more = if below == "/crossing" { "&code=3.3&other=1.1".to_owned() } else { more };
            let path = at(below, "tyumen", "2022/23", &more);
            let page = town.get(&path);
            for of in tables(&page) {
                for one in ["1.1", "3.3"] {
                    let shown = match (below, of.column(one)) {
                        ("/compare", _) => of.cell(one, name).to_owned(),
                        (_, Some(_)) => of.cell(name, one).to_owned(),
                        _ => continue,
                    };
                    assert_eq!(number(&shown), None, "{below} {one}: {shown}");
                }
            }
            let caption = tables(&page)[0].caption.clone();
            let _first = file_is_the_page(&mut town, &path, &caption);
        }
        // The school itself finds its people by name, and so reads their number; then the ministry that looks from above, and
        // a neighbour.
        let own = server.signed_in("school", crate::figures_pages::PASSWORD).get(&at("", "tyumen", "2022/23", ""));
        let opens = own.body.split("href=\"/staff?indicator").count() - 1;
        let own = table(&own, "Показатели");
        assert_eq!((own.cell("1.1", "Числитель"), number(own.cell("3.3", "Значение"))), ("3", Some(100.0)));
        assert!(opens >= 2, "the numbers of the own school open nobody");
        let mut ministry = server.signed_in("ministry", crate::figures_pages::PASSWORD);
        let above = table(&ministry.get(&at("/indicators/tyumen/1.1", "tyumen", "2022/23", &unit("МО-А0"))), "1.1:");
        assert_eq!(number(above.cell(name, "В числителе")), None);
        let mut other = server.signed_in("other", crate::figures_pages::PASSWORD);
        assert_eq!(other.get(&at("/indicators/tyumen/1.1", "tyumen", "2022/23", &unit("ОО-А00"))).status, 404);
        assert_eq!(other.get(&at("/indicators/tyumen/1.1/people", "tyumen", "2022/23", "")).status, 403);
        assert!(other.get("/coverage").body.contains("href=\"/indicators\""), "the menu leads there");
    }

    // rows: TY-F37, TY-F40, TY-F41, TY-F42
    fn clusters_are_what_the_parameters_make_and_a_unit_is_ranked_in_another_one(v: &Vekha) {
        clusters(v);
        let towns = values(v, "tyumen", "2022/23", "municipality");
        let (_server, mut visitor) = operator(v);
        let page = visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K3&code=3.3"));
        let own = table(&page, "Кластеры");
        let all: Vec<String> = (0..6).map(|n| format!("МО-А{n}")).collect();
        for town in &all {
            let name = format!("Имя {town}");
            let title = |one: &str, words: &[(&str, &str)]| -> String {
                let zone = &of(&towns, one, town)["zone"];
                let known = words.iter().find(|(word, _)| word == zone);
                known.map_or_else(|| zone.clone(), |(_, said)| (*said).to_owned())
            };
            let place = title("K1", &[("urban", "город"), ("rural", "село"), ("remote_rural", "село отдалённое")]);
            assert_eq!(own.cell(&name, "Городские, сельские, отдалённые"), place);
            assert_eq!(own.cell(&name, "Образовательные округа"), format!("Имя {}", of(&towns, "K2", town)["zone"]));
            let level = title("K3", &[("1", "1 уровень"), ("2", "2 уровень"), ("3", "3 уровень"), ("out_of_scale", "вне шкалы")]);
            assert_eq!(own.cell(&name, "По числу педагогов на методиста"), level, "{town}");
            for (head, printed) in [("В числителе", "numerator"), ("В знаменателе", "denominator"), ("Педагогов на одного методиста службы", "value")] {
                says(own.cell(&name, head), &of(&towns, "K3", town)[printed], town);
            }
            for period in ["2021/22", "2022/23"] {
                let then = values(v, "tyumen", period, "municipality");
                says(own.cell(&name, &format!("3.3, {period}")), &of(&then, "3.3", town)["value"], town);
            }
        }
        let again = table(&visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K3&code=3.3")), "Кластеры");
        assert_eq!(again, own, "the same parameters give the same membership");
        let words = plain(&page.body);
        for said in ["от 21 до 50", "от 51 до 90", "от 91", "Вне кластеров"] {
            assert!(words.contains(said), "{said}");
        }
        // What if: the places of a town of class 1 among those of class 2.
        let class = |wanted: &str| -> Vec<&String> { all.iter().filter(|t| of(&towns, "K3", t)["zone"] == wanted).collect() };
        let (one, two) = (class("1"), class("2"));
        assert!(one.len() >= 2 && two.len() >= 2, "{one:?} {two:?}");
        let path = at("/clusters", "tyumen", "2022/23", &format!("&cluster=K3&of={}&into={}", code(one[0]), code("K3:2")));
        let what_if = table(&visitor.get(&path), "Места в двух кластерах");
        let value = |town: &str| of(&towns, "3.3", town)["value"].parse::<f64>().expect("a share");
        let rank = |among: &[&String]| 1 + among.iter().filter(|t| value(t) > value(one[0])).count();
        let row = what_if.rows.iter().find(|r| r[0].starts_with("3.3 ")).expect("a row");
        assert_eq!(number(&row[2]), Some(rank(&one) as f64), "{row:?}");
        assert_eq!(number(&row[3]), Some(one.len() as f64));
        assert_eq!(number(&row[4]), Some(rank(&two) as f64), "{row:?}");
        assert_eq!(number(&row[5]), Some(two.len() as f64 + 1.0));
        // A period that is over keeps its clusters when the number of methodists changes later.
        let file = format!("{HEAD}{},mun_methodist_headcount,2022/23,1,,,,,\n", one[0]);
        let _loaded = v.run(&["import", "forms", text(&v.file("later.csv", file))]).ok();
        let before = table(&visitor.get(&at("/clusters", "tyumen", "2021/22", "&cluster=K3")), "Кластеры");
        assert_ne!(before.cell(&format!("Имя {}", one[0]), "По числу педагогов на методиста"), "вне шкалы");
        let now = table(&visitor.get(&at("/clusters", "tyumen", "2022/23", "&cluster=K3")), "Кластеры");
        assert_ne!(now.cell(&format!("Имя {}", one[0]), "В знаменателе"), own.cell(&format!("Имя {}", one[0]), "В знаменателе"));
        // Clusters side by side.
        let side = at("/compare", "tyumen", "2022/23", &format!("&with={}&with={}", code("cluster:K1:urban"), code("МО-А0")));
        assert!(table(&visitor.get(&side), "Сравнение").rows[0][1].starts_with("город, "));
    }

    // rows: TY-F39
    fn four_years_stand_in_a_table_and_on_lines(v: &Vekha) {
        five(33).lay(v);
        let years = ["2020/21", "2021/22", "2022/23", "2023/24"];
        let printed: Vec<_> = years.map(|year| values(v, "tyumen", year, "municipality")).into();
        let (_server, mut visitor) = operator(v);
        let path = at("/indicators/tyumen/3.3/series", "tyumen", "2023/24", &format!("&with={}&with={}", code("МО-А0"), code("МО-А1")));
        let page = visitor.get(&path);
        let lines = table(&page, "По периодам");
        for town in ["МО-А0", "МО-А1"] {
            let name = format!("Имя {town}");
            for (year, rows) in years.iter().zip(&printed) {
                says(lines.cell(&name, &format!("{year} учебный год")), &of(rows, "3.3", town)["value"], year);
            }
            let ends = |rows: &BTreeMap<(String, String), Row>| of(rows, "3.3", town)["value"].parse::<f64>().expect("a value");
            let change = ends(&printed[3]) - ends(&printed[0]);
            let said = number(lines.cell(&name, "Изменение")).expect("a change");
            assert!((said - change).abs() < 1e-6, "{town}: {said}, {change}");
        }
        assert_eq!(page.body.matches("<g class=\"line l").count(), 3, "a line for each");
        assert!(page.body.matches("<circle").count() >= 8);
    }
}

/// Section points of two years; one town hands in nothing in the second. Town, period, section, points.
fn sections(v: &Vekha) -> Vec<(&'static str, &'static str, i32, f64)> {
    let mut world = World::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        for n in 0..3 {
            let zone = world.unit("zone", &format!("ОКР-{letter}{n}"), Some((region, region)));
            let zone = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, zone)));
            world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, zone)));
        }
    }
    world.lay(v);
    let mut file = HEAD.to_owned();
    let mut points = Vec::new();
    for (shift, period) in [(0, "2021/22"), (1, "2022/23")] {
        for (n, town) in (0..).zip(TOWNS) {
            if shift == 1 && n == 2 {
                continue;
            }
            for s in 1..=8 {
                // A zero is a point that was given.
                let given = if n == 2 {
                    0.0
                } else {
                    f64::from((s + n + shift) % 4) * 0.5
                };
                file.push_str(&format!(
                    "{town},tyumen:s{s},{period},\"{}\",,,,,\n",
                    given.to_string().replace('.', ",")
                ));
                points.push((town, period, s, given));
            }
        }
        file.push_str(&format!("МО-Б0,tyumen:s1,{period},8,,,,,\n"));
    }
    let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
    for period in ["2021/22", "2022/23"] {
        let _opened = values(v, "tyumen", period, "region");
    }
    points
}

/// Schools of a town with few and many teachers; one in three has a plan. Returns who has how many.
fn small(v: &Vekha) -> Vec<(String, i64)> {
    let mut world = World::new();
    let mut sizes = Vec::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        for (town_n, schools) in [(0, vec![3, 12, 20, 15]), (1, vec![14, 16])] {
            let town = world.unit("municipality", &format!("МО-{letter}{town_n}"), Some((region, region)));
            for (n, size) in schools.into_iter().enumerate() {
                let school = format!("ОО-{letter}{town_n}{n}");
                let unit = world.unit("organisation", &school, Some((region, town)));
                for m in 0..size {
                    let who = world.person(region, &format!("{school}-{m:02}"), "1980-01-01");
                    world.job(who, unit, "teaching main", "2020-01-01", "");
                    if m % 3 == 0 || size == 3 {
                        let _plan = world.plan(who, &["2022-10-01 on_agreement"]);
                    }
                }
                sizes.push((school, size));
            }
        }
    }
    world.lay(v);
    sizes
}

/// Six towns of different locality and number of methodists, some teachers with plans, two years.
fn clusters(v: &Vekha) {
    let mut world = World::new();
    let mut file = HEAD.to_owned();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        for n in 0..6_usize {
            let zone = world.unit("zone", &format!("ОКР-{letter}{n}"), Some((region, region)));
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, zone)));
            let place = ["urban", "rural", "remote_rural"][n % 3];
            world.also(&format!("UPDATE unit SET locality = '{place}' WHERE id = {town}"));
            let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            // 25, 30, 60, 70, 20 and 95 teachers to one methodist.
            let teachers = [25, 30, 60, 70, 20, 95][n];
            for m in 0..teachers {
                let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                world.job(who, school, "teaching main", "2020-01-01", "");
                if m % (n + 2) == 0 {
                    let day = if m % 2 == 0 { "2022-10-01" } else { "2021-10-01" };
                    let _plan = world.plan(who, &[&format!("{day} on_agreement")]);
                }
            }
            for period in ["2021/22", "2022/23"] {
                file.push_str(&format!("МО-{letter}{n},mun_methodist_headcount,{period},1,,,,,\n"));
            }
        }
    }
    world.lay(v);
    let _loaded = v.run(&["import", "forms", text(&v.file("forms.csv", &file))]).ok();
    // The town that changes later has a little more than one at first: a whole one more would move it too far.
    v.sql(
        "UPDATE measure_value SET value_milli = 1100 WHERE period = '2022/23' AND measure = 'mun_methodist_headcount' \
         AND unit_id = (SELECT id FROM unit WHERE code = 'МО-А0')",
    );
    for period in ["2021/22", "2022/23"] {
        let _opened = values(v, "tyumen", period, "region");
    }
}

/// A pack of our own: a share that is reported, with a zone that begins at 50, and a value of which the best is 100.
const OWN: &str = r#"
code = "own"
version = 1
title = "Своя методика"
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[goal]]
code = "1"
title = "Цель"

[[task]]
code = "1"
title = "Задача"
goal = "1"

[[indicator]]
code = "half"
title = "Половина"
task = "1"
formula = "share(count(person where young), count(person where pedagogical))"
value_from = "reported"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 2
zones = [
  { code = "few", title = "мало", to = 50, to_in = false },
  { code = "many", title = "много", from = 50 },
]
source = "Отчёт"

[[indicator]]
code = "best"
title = "Лучший"
task = "1"
formula = "best_is_100(share(sum(municipality, management_team_trained), sum(municipality, management_team_total)))"
population = "Команды"
unit = "баллы"
direction = "higher_is_better"
digits = 1
source = "Форма"
"#;
