//! Summary tables over plain HTTP: the page and its workbook hold, cell by cell, what was typed by hand from the published
//! figures – the right sums where the published ones are wrong, the published beside. Two regions, each sees its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures_pages::{
    PASSWORD, Row, Table, accounts, at, code, file_is_the_page, number, operator, sheets, table, tables, there, values,
};
use crate::five_world::{CHELYABINSK, KRASNOYARSK, LENINGRAD, LENINSKY, Span, five};
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";
const SECTIONS: [&str; 8] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"];

/// The records of a file, its heads first.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

/// The address of a table.
fn of(pack: &str, table: &str, period: &str, more: &str) -> String {
    format!("/tables/{pack}/{table}?period={}{more}", code(period))
}

/// A table equals what was typed, cell by cell: numbers as numbers, an empty cell is a dash. Rows of one cell are the heads
/// of groups.
#[track_caller]
fn is_golden(shown: &Table, golden: &[Vec<String>]) {
    for (n, (own, typed)) in shown.rows.iter().zip(golden).enumerate() {
        let typed: Vec<&String> = if typed[1..].iter().all(String::is_empty) && own.len() == 1 {
            typed[..1].iter().collect()
        } else {
            typed.iter().collect()
        };
        assert_eq!(own.len(), typed.len(), "row {n}: {own:?} {typed:?}");
        for (own, typed) in own.iter().zip(typed) {
            let what = || format!("row {n}: {own}, typed {typed}: {:?}", shown.rows[n]);
            match typed.parse::<f64>() {
                Ok(typed) => {
                    let told = there(number(own), &what());
                    assert!((told - typed).abs() < 1e-9, "{}", what());
                }
                Err(_) if typed.is_empty() => assert_eq!(own, "–", "{}", what()),
                Err(_) => assert_eq!(own.replace('\u{A0}', " "), *typed, "{}", what()),
            }
        }
    }
    assert_eq!(shown.rows.len(), golden.len(), "rows");
}

/// The page and its workbook equal what was typed.
#[track_caller]
fn both_are_golden(visitor: &mut Visitor, path: &str, caption: &str, golden: &[Vec<String>]) -> Page {
    let page = visitor.get(path);
    is_golden(&table(&page, caption), golden);
    let first = file_is_the_page(visitor, path, caption);
    assert!(first.contains(caption), "{first}");
    page
}

/// The region of the first table as it would enter it: towns of three districts, points of experts and the totals that it
/// reported, all by files; another region with a town of the same name and other points.
fn sections_world(v: &Vekha) -> BTreeMap<String, String> {
    let mut world = World::new();
    let published = records(include_str!("golden/published_1_1.csv"));
    let region = world.region("TYU");
    let mut zones = BTreeMap::new();
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    let mut names = Vec::new();
    for row in &published[1..] {
        let (name, district) = (row[0].clone(), row[1].clone());
        let zone = *zones.entry(district.clone()).or_insert_with(|| {
            let code = format!("ОКР-{}", names.len());
            names.push((code.clone(), district));
            world.unit("zone", &code, Some((region, region)))
        });
        if !codes.contains_key(&name) {
            let code = format!("МО-{:02}", codes.len() + 1);
            let town = world.unit("municipality", &code, Some((region, zone)));
            world.unit("organisation", &format!("ОО-{code}"), Some((region, town)));
            names.push((code.clone(), name.clone()));
            codes.insert(name, code);
        }
    }
    let other = world.region("РЕГ-Б");
    let town = world.unit("municipality", "МО-Б1", Some((other, other)));
    world.unit("organisation", "ОО-Б1", Some((other, town)));
    names.push(("МО-Б1".into(), "Абатский".into()));
    for (code, name) in &names {
        let key = name.to_lowercase();
        world.also(&format!(
            "UPDATE unit SET name = '{name}', sort_key = '{key}', search_key = '{key}' WHERE code = '{code}'"
        ));
    }
    world.lay(v);
    let mut file = HEAD.to_owned();
    for row in &published[1..] {
        let town = &codes[&row[0]];
        let period = if row[2] == "2022" { "2021/22" } else { "2022/23" };
        for (section, given) in SECTIONS.iter().zip(&row[3..11]) {
            if !given.is_empty() {
                file.push_str(&format!(
                    "{town},tyumen:{section},{period},\"{}\",,,,,\n",
                    given.replace('.', ",")
                ));
            }
        }
        file.push_str(&format!(
            "{town},tyumen:total,{period},\"{}\",,,,,\n",
            row[11].replace('.', ",")
        ));
    }
    for (section, given) in SECTIONS.iter().zip([1, 2, 3, 4, 5, 1, 6, 7]) {
        file.push_str(&format!("МО-Б1,tyumen:{section},2022/23,{given},,,,,\n"));
    }
    let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
    for period in ["2021/22", "2022/23"] {
        let _opened = values(v, "tyumen", period, "region");
    }
    codes
}

on_both! {
    fn the_first_table_of_tyumen_is_what_was_typed_with_right_sums_and_the_published_beside(v: &Vekha) {
        let _codes = sections_world(v);
        accounts(v, &[("operator", "operator", "TYU"), ("other", "operator", "РЕГ-Б"), ("town", "municipal_methodist", "МО-01")]);
        let server = Server::start(v);
        let mut own = server.signed_in("operator", PASSWORD);
        let golden = records(include_str!("golden/table_1_1.csv"));
        let path = of("tyumen", "1_1", "2022/23", "");
        // Nothing has been published yet: then nothing of it stands there.
        let without: Vec<Vec<String>> = golden.iter().filter(|row| !row[0].starts_with('–')).cloned().collect();
        let caption = "Разделы экспертизы";
        is_golden(&table(&own.get(&path), caption), &without);
        let totals = v.file("totals.csv", include_str!("golden/published_1_1_totals.csv"));
        let _taken = v.run(&["validate", "--pack", "tyumen", "--table", "1_1_totals", text(&totals)]);
        let page = both_are_golden(&mut own, &path, caption, &golden);
        assert!(page.body.contains("/indicators/tyumen/s3?") && page.body.contains("Выгрузить в Excel"), "{}", page.body);
        assert!(page.body.contains("href=\"/tables\"") && page.body.contains("/tables/tyumen/1_2?"), "{}", page.body);
        // The year before has no year before it: one row for each, and no change.
        let first = table(&own.get(&of("tyumen", "1_1", "2021/22", "")), caption);
        assert_eq!(first.rows.iter().filter(|row| row[0] == "Абатский").count(), 1);
        assert!(first.rows.iter().all(|row| !row[0].starts_with("Изменение")), "{first:?}");
        // The other region sees its own town of that name and nothing published by anybody else.
        let mut other = server.signed_in("other", PASSWORD);
        let theirs = table(&other.get(&path), caption);
        let rows: Vec<&Vec<String>> = theirs.rows[1..].iter().filter(|row| row[0] == "Абатский").collect();
        assert_eq!(rows.len(), 2, "{theirs:?}");
        assert_eq!(rows[1][2..], ["–", "1", "2", "3", "4", "5", "1", "6", "7", "29"], "{theirs:?}");
        assert!(theirs.rows.iter().all(|row| !row[0].contains("опубликовано")), "{theirs:?}");
        assert_eq!(other.get(&of("tyumen", "1_1", "2022/23", "&unit=TYU")).status, 404);
        // A town sees itself, without totals of anybody.
        let mut town = server.signed_in("town", PASSWORD);
        let alone = table(&town.get(&path), caption);
        assert_eq!(alone.rows.len(), 3, "{alone:?}");
        is_golden(&alone, &golden[..3]);
        assert_eq!(town.get(&of("tyumen", "1_1", "2022/23", "&unit=TYU")).status, 404);
    }

    fn a_share_is_never_averaged_nor_added_up(v: &Vekha) {
        // One of ten in one town, eighty-one of ninety in the other: together 82 of 100, and no mean of 10 % and 90 %.
        let mut world = World::new();
        for (letter, towns) in [("А", [(10, 1), (90, 81)]), ("Б", [(10, 10), (20, 20)])] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for (n, (teachers, plans)) in towns.into_iter().enumerate() {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for m in 0..teachers {
                    let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                    world.job(who, school, "teaching main", "2020-01-01", "");
                    if m < plans {
                        let _plan = world.plan(who, &["2022-10-01 on_agreement"]);
                    }
                }
            }
        }
        world.lay(v);
        let own = std::fs::read_to_string("seeds/packs/tyumen.toml").expect("the pack").replacen("version = 2", "version = 3", 1);
        let more = "[[summary_table]]\ncode = \"mixed\"\ntitle = \"Доля и баллы\"\nrows = \"municipality\"\ncolumns = [\n  \
                    { title = \"С планом\", indicator = \"3.3\", is = \"numerator\" },\n  { title = \"Доля\", indicator = \"3.3\" },\n  \
                    { title = \"Баллы\", indicator = \"s1\" },\n  { title = \"Сверху\", indicator = \"s1\", is = \"numerator\" },\n  \
                    { title = \"Снизу\", indicator = \"s1\", is = \"denominator\" },\n]\ntotal = [\"whole\", \"sum\", \"mean\"]\n";
        let _loaded = v.run(&["pack", "load", text(&v.file("own.toml", format!("{own}\n{more}")))]).ok();
        let file = format!("{HEAD}МО-А0,tyumen:s1,2022/23,4,,,,,\nМО-Б0,tyumen:s1,2022/23,8,,,,,\nМО-А1,tyumen:3.3,2022/23,80,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("own.csv", &file))]).ok();
        let _opened = values(v, "tyumen", "2022/23", "region");
        let (_server, mut visitor) = operator(v);
        let path = of("tyumen", "mixed", "2022/23", "");
        let shown = table(&visitor.get(&path), "Доля и баллы");
        assert_eq!(shown.rows[0][1..4], ["С планом", "С планом: подано", "С планом: подано − рассчитано"]);
        let cells = |name: &str| ["С планом", "Доля", "Баллы"].map(|head| number(shown.cell(name, head)));
        assert_eq!(cells("Имя МО-А0"), [Some(1.0), Some(10.0), Some(4.0)]);
        assert_eq!(cells("Имя РЕГ-А: всё вместе"), [Some(82.0), Some(82.0), Some(4.0)]);
        for row in ["Сумма баллов", "Средний балл"] {
            assert_eq!(cells(row), [None, None, Some(4.0)], "{row}: a share was added up");
        }
        assert_eq!(number(shown.cell("Представили данные, из 2", "Баллы")), Some(1.0));
        // Above and below the line of a mean nobody is counted: it is said of how many towns it is the mean.
        let counts = |name: &str| ["Сверху", "Снизу"].map(|head| shown.cell(name, head).replace('\u{A0}', " "));
        assert_eq!(counts("Имя РЕГ-А: всё вместе"), ["среднее по 1", "–"], "a mean has no sum");
        assert_eq!(counts("Имя МО-А0")[0], "4", "a town has points of its own");
        // Eighty reported where eighty-one are computed; whoever has reported nothing has no zero.
        let beside = |name: &str| [shown.cell(name, "С планом: подано"), shown.cell(name, "С планом: подано − рассчитано")];
        assert_eq!(beside("Имя МО-А1"), ["80", "−1"]);
        assert_eq!(beside("Имя МО-А0"), ["–", "–"]);
        let _first = file_is_the_page(&mut visitor, &path, "Доля и баллы");
    }

    fn targets_and_facts_of_leningrad_are_what_was_typed_with_what_was_reported(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for n in 0..4 {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            }
        }
        world.lay(v);
        let golden = records(include_str!("golden/table_main.csv"));
        let mut file = HEAD.to_owned();
        for row in &golden[1..] {
            let one = row[0].split(' ').next().expect("a code");
            file.push_str(&format!("РЕГ-А,leningrad:{one},2021,{},{},{},,,\n", row[5], row[2], row[3]));
            file.push_str(&format!("РЕГ-Б,leningrad:{one},2021,,1,2,,,\n"));
        }
        // Three of four services have a school, one of four says nothing of groups: it is not among those who have some.
        let measures = ["mun_school_of_young_teacher", "mun_schools_in_organisations", "mun_mentoring_small_organisations"];
        for (n, measure) in measures.iter().enumerate() {
            for town in 0..4 {
                let said = if town < 3 - n { "да" } else { "нет" };
                file.push_str(&format!("МО-А{town},{measure},2021,{said},,,,,\n"));
                file.push_str(&format!("МО-Б{town},{measure},2021,да,,,,,\n"));
            }
        }
        for (town, groups) in [(0, 5), (1, 0), (2, 2)] {
            file.push_str(&format!("МО-А{town},mun_social_network_groups,2021,{groups},,,,,\n"));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("main.csv", &file))]).ok();
        let _opened = values(v, "leningrad", "2021", "region");
        let (_server, mut visitor) = operator(v);
        let path = of("leningrad", "main", "2021", "");
        let page = both_are_golden(&mut visitor, &path, "Цели и факт", &golden);
        assert!(!page.body.contains("РЕГ-Б") && !page.body.contains("МО-Б"));
        let forms = of("leningrad", "forms", "2021", "");
        let shown = table(&visitor.get(&forms), "Формы деятельности");
        let typed = [("F1", 3.0, 75.0), ("F2", 2.0, 50.0), ("F3", 1.0, 25.0), ("F4", 2.0, 50.0)];
        for (one, have, share) in typed {
            let cells = ["Служб с этой формой", "Всего служб", "Доля"].map(|head| number(shown.cell(one, head)));
            assert_eq!(cells, [Some(have), Some(4.0), Some(share)], "{one}");
        }
        assert_eq!(number(shown.cell("F6", "Доля")), None, "nobody has said anything of sites: no zero");
        let _first = file_is_the_page(&mut visitor, &forms, "Формы деятельности");
    }

    fn every_cell_of_the_tables_of_indicators_is_what_the_command_prints(v: &Vekha) {
        five(31).lay(v);
        accounts(v, &[("operator", "operator", "РЕГ-А"), ("other", "operator", "РЕГ-Б")]);
        for (pack, span, tables_of, earlier) in [
            ("chelyabinsk", CHELYABINSK, vec!["5"], None),
            ("leninsky", LENINSKY, vec!["18"], Some("2022")),
            ("leningrad", LENINGRAD, vec!["main", "forms"], None),
        ] {
            let printed = values(v, pack, span.code, "region");
            let before = earlier.map(|period| values(v, pack, period, "region"));
            let server = Server::start(v);
            let mut visitor = server.signed_in("operator", PASSWORD);
            for one in tables_of {
                let path = of(pack, one, span.code, "");
                let page = visitor.get(&path);
                let shown = tables(&page)[0].clone();
                let mut told = 0;
                for row in shown.rows[1..].iter().filter(|row| row.len() > 1) {
                    let indicator = row[0].split(' ').next().expect("a code");
                    told += says(&shown, indicator, &printed, before.as_ref(), span);
                }
                assert!(told > 3, "{pack} {one}: {told}");
                assert!(!page.body.contains("РЕГ-Б"), "{pack} {one}");
                let caption = shown.caption.clone();
                let _first = file_is_the_page(&mut visitor, &path, &caption);
            }
        }
        // Base and targets of the fifth table stand as published, whatever is known of the facts.
        let server = Server::start(v);
        let mut visitor = server.signed_in("other", PASSWORD);
        let shown = table(&visitor.get(&of("chelyabinsk", "5", CHELYABINSK.code, "")), "Индикаторы по годам");
        let typed = records(include_str!("golden/targets_5.csv"));
        assert_eq!(shown.rows.iter().filter(|row| row.len() > 1).count(), typed.len(), "27 indicators and the heads");
        for row in &typed[1..] {
            for (head, target) in ["Исходное, 2022", "Цель, 2023", "Цель, 2024", "Цель, 2025"].iter().zip(&row[1..]) {
                let cell = number(shown.cell(&row[0], head));
                assert_eq!(cell, target.parse().ok(), "{} {head}", row[0]);
            }
        }
    }

    fn sixty_one_towns_stand_in_the_zones_that_were_published(v: &Vekha) {
        let own = zones_world(v);
        let (path, caption) = (of("krasnoyarsk", "zones", "2020/21", ""), "Муниципалитеты по зонам");
        let server = Server::start(v);
        let mut visitor = server.signed_in("operator", PASSWORD);
        let golden = records(include_str!("golden/table_zones.csv"));
        let page = both_are_golden(&mut visitor, &path, caption, &golden);
        // The published zone of each town is the one it stands in, and the published counts are those of the heads.
        let shown = table(&page, caption);
        let mut zone = String::new();
        for row in &shown.rows[1..] {
            if let [head] = row.as_slice() {
                zone.clone_from(head);
            } else if let Some(published) = own.get(&row[0]) {
                assert!(zone.starts_with(published.as_str()), "{}: {zone}, published {published}", row[0]);
            }
        }
        assert_eq!(own.len(), 61);
        assert_eq!(shown.rows.iter().filter(|row| row.len() > 1).count(), 61 + 2, "each town once, the heads and the whole");
        // What a town has reported of its total stands beside it with the difference, and only there.
        let file = format!("{HEAD}МК-01,krasnoyarsk:2.2,2020/21,\"50,5\",,,,,\nМО-Б1,krasnoyarsk:2.2,2020/21,99,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("reported.csv", &file))]).ok();
        let shown = table(&visitor.get(&path), caption);
        let first = shown.rows.iter().find(|row| row.len() > 2 && row[2] == "50,5\u{A0}%").expect("what was reported");
        let (computed, difference) = (number(&first[1]).expect("a total"), number(&first[3]).expect("a difference"));
        assert!((50.5 - computed - difference).abs() < 1e-9, "reported less computed: {first:?}");
        let others = shown.rows.iter().filter(|row| row.len() > 3 && row[2] == "–" && row[3] == "–").count();
        assert_eq!(others, 61, "sixty towns and the whole have reported nothing: that is no zero");
        let _first = file_is_the_page(&mut visitor, &path, caption);
    }

    fn towns_of_krasnoyarsk_stand_in_their_zones_with_lists_by_level(v: &Vekha) {
        five(31).lay(v);
        accounts(v, &[("operator", "operator", "РЕГ-А"), ("ministry", "regional_authority", "РЕГ-А")]);
        let printed = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        let server = Server::start(v);
        let mut visitor = server.signed_in("operator", PASSWORD);
        let path = of("krasnoyarsk", "zones", KRASNOYARSK.code, "");
        let page = visitor.get(&path);
        let shown = table(&page, "Муниципалитеты по зонам");
        let mut zone = String::new();
        let mut seen = BTreeSet::new();
        for row in &shown.rows[1..] {
            match row.as_slice() {
                [head] => zone.clone_from(head),
                [name, cells @ ..] if zone != "Итоги" => {
                    let town = name.trim_start_matches("Имя ").to_owned();
                    let codes = ["2.2", "2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5"];
                    for (one, cell) in codes.iter().zip(cells) {
                        same(cell, &printed[&((*one).to_owned(), town.clone())]["value"], &format!("{town} {one}"));
                    }
                    let said = match printed[&("2.2".to_owned(), town.clone())]["zone"].as_str() {
                        "high" => "Высокие результаты",
                        "middle" => "Средние результаты",
                        "low" => "Низкие результаты",
                        _ => "Без уровня",
                    };
                    assert!(zone.starts_with(said), "{town}: {zone}, {said}");
                    seen.insert(town);
                }
                _ => {}
            }
        }
        assert_eq!(seen.len(), 3, "each town once: {seen:?}");
        let lists = table(&page, "Списки по уровням");
        for group in ["2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5"] {
            let rows: Vec<&Vec<String>> = lists.rows.iter().filter(|row| row[0].starts_with(&format!("{group} "))).collect();
            let counted: f64 = rows.iter().filter_map(|row| number(&row[2])).sum();
            assert!((counted - 3.0).abs() < 1e-9, "{group}: {rows:?}");
            for row in rows {
                let code = [("Высокие", "high"), ("Средние", "middle"), ("Низкие", "low")];
                let Some((_, level)) = code.iter().find(|(said, _)| row[1].starts_with(said)) else { continue };
                let on: Vec<String> = ["МО-А0", "МО-А1", "МО-А2"].iter()
                    .filter(|town| printed[&(group.to_owned(), (**town).to_owned())]["zone"] == *level)
                    .map(|town| format!("Имя {town}")).collect();
                let said = if on.is_empty() { "–".to_owned() } else { on.join(", ") };
                assert_eq!(row[4], said, "{group} {level}");
            }
        }
        // Both tables stand in the workbook.
        let book = sheets(&mut visitor, &path);
        assert_eq!(book.len(), 2, "{book:?}");
        assert_eq!(book[1].0, "Списки по уровням");
        assert_eq!(book[1].1.len(), lists.rows.len());
        let _first = file_is_the_page(&mut visitor, &path, "Муниципалитеты по зонам");
        assert!(!page.body.contains("МО-Б"));
    }

    fn the_list_names_the_tables_of_the_own_method_first_and_nobody_is_told_small_numbers(v: &Vekha) {
        five(33).lay(v);
        accounts(v, &[("operator", "operator", "РЕГ-А"), ("ministry", "regional_authority", "РЕГ-А"), ("school", "school_head", "ОО-А0"), ("teacher", "teacher", "ОО-А0")]);
        for (pack, period) in [("tyumen", "2021/22"), ("tyumen", "2022/23"), ("leningrad", "2021")] {
            let _opened = values(v, pack, period, "region");
        }
        let server = Server::start(v);
        let mut own = server.signed_in("operator", PASSWORD);
        let list = own.get("/tables");
        for link in ["/tables/tyumen/1_1", "/tables/tyumen/1_2", "/tables/leningrad/main"] {
            assert!(list.body.contains(&format!("href=\"{link}\"")), "{link}: {}", list.body);
        }
        assert!(own.get("/indicators").body.contains("href=\"/tables\""), "the menu leads there");
        assert_eq!(server.signed_in("teacher", PASSWORD).get("/tables").status, 403);
        let path = of("tyumen", "1_2", "2022/23", "");
        let open = table(&own.get(&path), "Поддержка педагогов");
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let told = table(&ministry.get(&path), "Поддержка педагогов");
        assert_eq!(open.rows.len(), told.rows.len());
        // Whatever the pages of the indicators hide from such a person is hidden here.
        for (head, one, below, period) in [
            ("Поддержка, 2022/23", "3.4", "В числителе", "2022/23"),
            ("Доля, 2022/23", "3.4", "Значение", "2022/23"),
            ("Педагогов, 2022/23", "1.1", "Значение", "2022/23"),
            ("Поддержка, 2021/22", "3.4", "В числителе", "2021/22"),
        ] {
            let beside = table(&ministry.get(&at(&format!("/indicators/tyumen/{one}"), "tyumen", period, "")), &format!("{one}:"));
            for row in told.rows[1..].iter().filter(|row| row[0].starts_with("Имя МО")) {
                assert_eq!(told.cell(&row[0], head), beside.cell(&row[0], below), "{head} {}", row[0]);
            }
        }
        let _first = file_is_the_page(&mut ministry, &path, "Поддержка педагогов");
        // A school has no row in a table of towns and is told so; the people behind are nobody's there.
        let mut school = server.signed_in("school", PASSWORD);
        let page = school.get(&path);
        assert!(page.status == 200 && page.body.contains("строк в таблице нет"), "{}", page.body);
        assert_eq!(school.get(&format!("{path}&as=xlsx")).status, 404);
        assert!(!ministry.get(&path).body.contains("/people"));
        for wrong in ["/tables/tyumen/nothing", "/tables/nothing/1_1", "/tables/tyumen/1_1?period=1999%2F00", "/tables/tyumen/1_1?as=pdf"] {
            assert_eq!(own.get(wrong).status, 404, "{wrong}");
        }
        assert_eq!(own.get("/tables/tyumen/1_1?luck=1").status, 400);
    }
}

/// The towns of the krai, each with one teacher whose acts give the points that were invented for it inside the published
/// range of its zone; another region beside them. Returns the published zone of each.
fn zones_world(v: &Vekha) -> BTreeMap<String, String> {
    let mut world = World::new();
    let region = world.region("РЕГ-К");
    world.also("UPDATE unit SET name = 'Красноярский край' WHERE code = 'РЕГ-К'");
    let at = "2021-01-01 00:00:00";
    world.also(&format!(
        "INSERT INTO body (id, region_id, code, name, search_key, kind, level, version, recorded_at)
         VALUES (900000, {region}, 'Т1', 'Объединение', 'объединение', 'smo', 'regional', 1, '{at}')"
    ));
    let mut file = HEAD.to_owned();
    let mut zones = BTreeMap::new();
    for (n, row) in (1_i64..).zip(&records(include_str!("golden/given_zones.csv"))[1..]) {
        let (name, acts) = (&row[0], row[2].split(' ').collect::<BTreeSet<&str>>());
        let (code, key) = (format!("МК-{n:02}"), name.to_lowercase());
        let town = world.unit("municipality", &code, Some((region, region)));
        world.also(&format!(
            "UPDATE unit SET name = '{name}', sort_key = '{key}', search_key = '{key}' WHERE code = '{code}'"
        ));
        let school = world.unit("organisation", &format!("ОК-{n:02}"), Some((region, town)));
        let born = if acts.contains("young") {
            "1995-05-05"
        } else {
            "1975-05-05"
        };
        let who = world.person(region, &format!("к{n:02}"), born);
        world.job(who, school, "teaching main", "2015-01-01", "");
        let percent = if acts.contains("deficit") { 50 } else { 90 };
        if acts.contains("full") {
            world.passage(who, "full", "2021-02-01", percent);
        }
        if acts.contains("order") {
            world.passage(who, "corporate_order", "2021-02-02", percent);
        }
        if acts.contains("plan") {
            let _plan = world.plan(who, &["2021-02-03 on_agreement"]);
        }
        for (place, (act, kind)) in (0..).zip([("event", "profsreda"), ("calendar", "young_calendar")]) {
            if acts.contains(act) {
                let record = 910_000 + n * 2 + place;
                world.also(&format!(
                    "INSERT INTO activity (id, region_id, record_id, person_id, family, kind, level, title, title_key,
                     starts_on, version, recorded_at) VALUES ({record}, {region}, {record}, {}, 'event', '{kind}', 'regional',
                     'Дело', 'дело', '2021-02-04', 1, '{at}')",
                    who.id
                ));
            }
        }
        if acts.contains("smo") {
            let member = 920_000 + n;
            world.also(&format!(
                "INSERT INTO body_member (id, region_id, record_id, body_id, person_id, role, valid_from, version, recorded_at)
                 VALUES ({member}, {region}, {member}, 900000, {}, 'member', '2020-09-01', 1, '{at}')",
                who.id
            ));
        }
        let said = |yes: bool| if yes { "да" } else { "нет" };
        file.push_str(&format!(
            "ОК-{n:02},org_mentoring_model_implemented,2020/21,{},,,,,\n{code},mun_vacancy_list_published,2020/21,{},,,,,\n",
            said(acts.contains("model")),
            said(acts.contains("list"))
        ));
        zones.insert(name.clone(), row[1].clone());
    }
    let other = world.region("РЕГ-Б");
    let town = world.unit("municipality", "МО-Б1", Some((other, other)));
    let school = world.unit("organisation", "ОО-Б1", Some((other, town)));
    let who = world.person(other, "б1", "1995-05-05");
    world.job(who, school, "teaching main", "2015-01-01", "");
    world.lay(v);
    let _loaded = v.run(&["import", "forms", text(&v.file("zones.csv", &file))]).ok();
    accounts(v, &[("operator", "operator", "РЕГ-К"), ("other", "operator", "РЕГ-Б")]);
    let _opened = values(v, "krasnoyarsk", "2020/21", "region");
    zones
}

/// The tables of the demo region, which is made of the published figures: the second one stands as it was typed, but for the
/// region's own row, where nobody counts twice; the first one has a row for each town and year.
pub fn tables_of_the_demo(visitor: &mut Visitor, towns: usize) {
    let (path, caption) = (of("tyumen", "1_2", "2022/23", ""), "Поддержка педагогов");
    let mut shown = table(&visitor.get(&path), caption);
    let whole = shown.rows.pop().expect("the region");
    assert!(whole[0].ends_with("всё вместе"), "{whole:?}");
    is_golden(&shown, &records(include_str!("golden/table_1_2.csv")));
    assert_eq!(shown.rows.len(), towns + 1);
    let _first = file_is_the_page(visitor, &path, caption);
    let (path, caption) = (of("tyumen", "1_1", "2022/23", ""), "Разделы экспертизы");
    let first = table(&visitor.get(&path), caption);
    let golden = records(include_str!("golden/table_1_1.csv"));
    let typed = |name: &str, period: &str| -> Vec<String> {
        let row = golden.iter().find(|row| row[0].starts_with(name) && row[1] == period);
        there(row, &(name, period))[3..].to_vec()
    };
    let mut met = 0;
    for row in &first.rows[1..] {
        let known = golden
            .iter()
            .any(|typed| typed[0] == row[0] && !typed[0].starts_with('–'));
        if known && !row[0].contains("опубликовано") {
            for (own, typed) in row[3..].iter().zip(typed(&row[0], &row[1])) {
                assert_eq!(number(own), typed.parse().ok(), "{row:?}, typed {typed}");
            }
            met += 1;
        }
    }
    // Three towns have other names in the other table; sums, means and the rest stand below.
    assert!(met >= 2 * (towns - 3) + 8, "{met} rows were compared");
    let _first = file_is_the_page(visitor, &path, caption);
}

/// A cell says what the command printed.
#[track_caller]
fn same(cell: &str, printed: &str, what: &str) {
    match printed.parse::<f64>() {
        Ok(printed) => {
            let shown = there(number(cell), &(what, cell, printed));
            assert!((shown - printed).abs() < 1e-9, "{what}: {cell}, printed {printed}");
        }
        Err(_) => assert_eq!(number(cell), None, "{what}: {cell}, printed nothing"),
    }
}

/// How many cells of the row of an indicator say what the command printed: all of them must.
#[track_caller]
fn says(
    shown: &Table,
    indicator: &str,
    printed: &BTreeMap<(String, String), Row>,
    before: Option<&BTreeMap<(String, String), Row>>,
    span: Span,
) -> usize {
    let key = (indicator.to_owned(), "РЕГ-А".to_owned());
    let row = &printed[&key];
    let mut told = 0;
    for head in &shown.rows[0][1..] {
        let cell = shown.cell(indicator, head);
        let what = format!("{indicator} {head}");
        let this = format!(", {}", span.code);
        let value = ["Факт", "Доля", "Значение"]
            .iter()
            .any(|word| head == word || *head == format!("{word}{this}"));
        match head.as_str() {
            "Числитель" | "Служб с этой формой" => same(cell, &row["numerator"], &what),
            "Знаменатель" | "Всего служб" => same(cell, &row["denominator"], &what),
            "Цель" => same(cell, &row["target"], &what),
            "Цель достигнута" => {
                let said = match row["zone"].as_str() {
                    "target_met" => "да",
                    "target_missed" => "нет",
                    _ => "–",
                };
                assert_eq!(cell, said, "{what}");
            }
            "Изменение за год" => {
                let of = |row: &Row| row["value"].parse::<f64>().ok();
                let then = before.and_then(|rows| rows.get(&key)).and_then(of);
                let change = of(row).zip(then).map(|(now, then)| now - then);
                assert_eq!(number(cell).is_some(), change.is_some(), "{what}: {cell}");
                assert!(
                    (number(cell).unwrap_or(0.0) - change.unwrap_or(0.0)).abs() < 1e-6,
                    "{what}: {cell}"
                );
            }
            _ if value => {
                same(cell, &row["value"], &what);
                told += usize::from(!row["value"].is_empty());
            }
            _ => {}
        }
    }
    told
}
