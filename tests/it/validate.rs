//! Published tables as submissions: every contradiction is named by its cell, and a table that agrees raises nothing.

use std::collections::{BTreeMap, BTreeSet};

use vekha::indicators::pack::{self, Pack};

use crate::on_both;
use crate::support::{Answer, Vekha};

type Record = BTreeMap<String, String>;

/// Rows of a file of the demo.
fn records(text: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn municipalities() -> Vec<Record> {
    records(include_str!("../../seeds/demo/municipalities.csv"))
}

const SECTIONS: [&str; 8] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"];

/// Table 1.1 as it was published.
fn sections() -> Vec<Record> {
    let districts: BTreeMap<String, String> = municipalities()
        .into_iter()
        .map(|row| (row["name"].clone(), row["district"].clone()))
        .collect();
    let mut rows = records(include_str!("../../seeds/demo/section_points.csv"));
    let names: BTreeMap<String, String> = renamed();
    for row in &mut rows {
        let name = row.remove("name").expect("a name");
        let key = names.get(&name).unwrap_or(&name);
        row.insert("district".into(), districts[key].clone());
        row.insert("municipality".into(), name);
    }
    rows
}

/// Names of units that the pack knows by others: the name in table 1.1 and that in table 1.2.
fn renamed() -> BTreeMap<String, String> {
    let own: BTreeSet<String> = municipalities().into_iter().map(|row| row["name"].clone()).collect();
    let pack = tyumen();
    let other = |unit: &pack::PackUnit| unit.synonyms.iter().find(|s| own.contains(*s)).cloned();
    pack.units
        .iter()
        .filter(|unit| !own.contains(&unit.name))
        .filter_map(|unit| Some((unit.name.clone(), other(unit)?)))
        .collect()
}

fn tyumen() -> Pack {
    pack::embedded("tyumen").expect("a pack")
}

/// Thousandths of a cell; `None` where nothing stands.
fn milli(cell: &str) -> Option<i64> {
    let value: f64 = cell.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "published figures are small")]
    Some((value * 1000.0).round() as i64)
}

fn decimal(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A file of rows under some columns.
fn file(columns: &[&str], rows: &[Record]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(columns).expect("headers");
    for row in rows {
        let cells = columns.iter().map(|column| row.get(*column).map_or("", String::as_str));
        out.write_record(cells).expect("a row");
    }
    String::from_utf8(out.into_inner().expect("bytes")).expect("text")
}

fn sections_file(rows: &[Record]) -> String {
    let mut columns = vec!["municipality", "district", "year"];
    columns.extend(SECTIONS);
    columns.push("published_total");
    file(&columns, rows)
}

fn validate(v: &Vekha, pack: &str, table: &str, text: &str) -> Answer {
    let path = v.file(&format!("{table}.csv"), text);
    let path = path.to_str().expect("a path").to_owned();
    v.run(&["validate", "--pack", pack, "--table", table, &path, "--format", "csv"])
}

/// Contradictions above a note: row, field, rule, expected.
type Said = (String, String, String, String);

fn said(answer: &Answer) -> BTreeSet<Said> {
    let rows = answer.rows();
    let loud = rows.iter().filter(|row| row["severity"] != "note");
    loud.map(|row| {
        let of = |column: &str| row[column].clone();
        (of("row"), of("field"), of("rule"), of("expected"))
    })
    .collect()
}

fn own(row: &str, field: &str, rule: &str, expected: &str) -> Said {
    (row.to_owned(), field.to_owned(), rule.to_owned(), expected.to_owned())
}

/// What is wrong in table 1.1, counted anew.
fn wrong_in_sections(rows: &[Record]) -> BTreeSet<Said> {
    let pack = tyumen();
    let periods = BTreeMap::from([("2022", "2021/22"), ("2023", "2022/23")]);
    let mut found = BTreeSet::new();
    for row in rows {
        let name = format!("{} {}", row["municipality"], row["year"]);
        let parts: Vec<i64> = SECTIONS.iter().filter_map(|s| milli(&row[*s])).collect();
        let total = milli(&row["published_total"]);
        if parts.is_empty() && total.is_some() {
            found.insert(own(&name, "published_total", "zero_not_submitted", ""));
        }
        let sum: i64 = parts.iter().sum();
        if !parts.is_empty() && total != Some(sum) {
            found.insert(own(&name, "published_total", "sum_of_parts", &decimal(sum)));
        }
        for section in SECTIONS {
            let most = pack.indicator(section).expect("a section").maximum[periods[row["year"].as_str()]];
            if milli(&row[section]).is_some_and(|points| points > most) {
                found.insert(own(&name, section, "above_maximum", &decimal(most)));
            }
        }
    }
    found
}

/// The same rows without a contradiction: points within the maxima, totals added up, nothing where nothing was submitted.
fn mended(rows: &[Record]) -> Vec<Record> {
    let wrong = wrong_in_sections(rows);
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let name = format!("{} {}", row["municipality"], row["year"]);
        for (_, field, _, expected) in wrong
            .iter()
            .filter(|(of, _, rule, _)| *of == name && rule == "above_maximum")
        {
            row.insert(field.clone(), expected.clone());
        }
        let parts: Vec<i64> = SECTIONS.iter().filter_map(|s| milli(&row[*s])).collect();
        let total = if parts.is_empty() {
            String::new()
        } else {
            decimal(parts.iter().sum())
        };
        row.insert("published_total".into(), total);
    }
    rows
}

on_both! {
    fn points_of_sections_are_added_up_and_held_to_their_maxima(v: &Vekha) {
        let rows = sections();
        let wrong = wrong_in_sections(&rows);
        let rules: BTreeSet<&str> = wrong.iter().map(|(_, _, rule, _)| rule.as_str()).collect();
        assert_eq!(rules.len(), 3, "the published table has all three: {rules:?}");
        let answer = validate(v, "tyumen", "1_1", &sections_file(&rows)).with_refusals();
        assert_eq!(said(&answer), wrong);
        // The same table again says the same and is kept once.
        let again = validate(v, "tyumen", "1_1", &sections_file(&rows)).with_refusals();
        assert_eq!(again.out, answer.out);
        let kept = "SELECT count(*) FROM published_table WHERE superseded_at IS NULL";
        assert_eq!(v.query(kept), ["1"]);
        assert_eq!(v.query("SELECT count(*) FROM published_table"), ["1"]);

        let rows = mended(&rows);
        let answer = validate(v, "tyumen", "1_1", &sections_file(&rows)).ok();
        assert_eq!(answer.rows().len(), 0, "{}", answer.out);
        assert_eq!(v.query("SELECT count(*) FROM published_table"), ["2"]);
        assert_eq!(v.query(kept), ["1"]);
        // One cell more is one contradiction more, and it is that cell.
        for (n, section) in SECTIONS.iter().enumerate() {
            let mut rows = rows.clone();
            let row = rows.iter_mut().filter(|row| !row[*section].is_empty()).nth(n * 3).expect("a row");
            row.insert((*section).into(), "100".into());
            let one = said(&validate(v, "tyumen", "1_1", &sections_file(&rows)).with_refusals());
            assert_eq!(one, wrong_in_sections(&rows));
            assert_eq!(one.len(), 2, "the points and the total: {one:?}");
        }
        let _checked = v.run(&["check"]).ok();
    }

    fn units_stand_once_in_a_table_and_in_their_districts(v: &Vekha) {
        let rows = mended(&sections());
        let (first, second) = (rows[0].clone(), rows[2].clone());
        let name = |row: &Record| format!("{} {}", row["municipality"], row["year"]);
        let mut wrong = rows.clone();
        wrong[2].insert("municipality".into(), first["municipality"].clone());
        wrong[4].insert("municipality".into(), "Китежский".into());
        wrong[6].insert("district".into(), "Китежский".into());
        wrong[8].insert("s1".into(), "много".into());
        let found = said(&validate(v, "tyumen", "1_1", &sections_file(&wrong)).with_refusals());
        let (unknown, moved, no_number) = (name(&wrong[4]), name(&wrong[6]), name(&wrong[8]));
        for expected in [
            own(&name(&first), "municipality", "unit_twice", ""),
            own(&name(&second), "municipality", "unit_missing", &second["municipality"]),
            own(&unknown, "municipality", "unit_unknown", ""),
            own(&name(&rows[4]), "municipality", "unit_missing", &rows[4]["municipality"]),
            own(&moved, "district", "zone_of_dictionary", &rows[6]["district"]),
            own(&no_number, "s1", "not_a_number", ""),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
    }

    fn an_average_counts_whoever_submitted(v: &Vekha) {
        let rows = mended(&sections());
        let all = |year: &str| rows.iter().filter(|row| row["year"] == year).collect::<Vec<_>>();
        let mut columns = SECTIONS.to_vec();
        columns.push("published_total");
        let sum = |year: &str, column: &str| -> i64 { all(year).iter().filter_map(|row| milli(&row[column])).sum() };
        let submitted = |year: &str| all(year).iter().filter(|row| !row["s1"].is_empty()).count();
        let absent_in: Vec<&str> = ["2022", "2023"].into_iter().filter(|y| submitted(y) < all(y).len()).collect();
        assert_eq!(absent_in.len(), 1, "one of the years lacks somebody");
        // Two decimals, rounded.
        let mean = |year: &str, column: &str, by: usize| -> String {
            let by = i64::try_from(by).expect("a small number");
            let hundredths = (sum(year, column) + 5 * by).div_euclid(10 * by);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        let totals = |counted: &dyn Fn(&str) -> usize| -> String {
            let mut lines = Vec::new();
            for year in ["2022", "2023"] {
                let mut of = |name: &str, cell: &dyn Fn(&str) -> String| {
                    let cells = columns.iter().map(|column| ((*column).to_owned(), cell(column)));
                    let mut row: Record = cells.collect();
                    row.insert("row".into(), name.into());
                    row.insert("year".into(), year.into());
                    lines.push(row);
                };
                of("sum_points", &|column| decimal(sum(year, column)));
                of("average_points", &|column| mean(year, column, counted(year)));
            }
            let mut head = vec!["row", "year"];
            head.extend(&columns);
            file(&head, &lines)
        };
        let everyone = |year: &str| all(year).len();
        // Without the table of units nobody knows who was absent: either number comes out, and the answer says so.
        let alone = validate(v, "tyumen", "1_1_totals", &totals(&submitted)).ok();
        assert!(alone.rows().iter().all(|row| row["severity"] == "note"), "{}", alone.out);
        assert!(alone.err.contains("Без таблицы 1_1"), "{}", alone.err);
        assert_eq!(said(&validate(v, "tyumen", "1_1_totals", &totals(&everyone)).ok()), BTreeSet::new());
        let taken = validate(v, "tyumen", "1_1", &sections_file(&rows)).ok();
        assert!(taken.err.contains("проверьте ещё раз 1_1_totals"), "{}", taken.err);
        assert_eq!(said(&validate(v, "tyumen", "1_1_totals", &totals(&submitted)).ok()), BTreeSet::new());
        let found = said(&validate(v, "tyumen", "1_1_totals", &totals(&everyone)).with_refusals());
        let year = absent_in[0];
        let expected: BTreeSet<Said> = columns
            .iter()
            .map(|column| {
                let row = format!("average_points {year}");
                let expected = mean(year, column, submitted(year));
                let expected = decimal(milli(&expected).expect("a number"));
                own(&row, column, "mean_counts_absent", &expected)
            })
            .collect();
        assert_eq!(found, expected);
        // A sum of another table: one cell of it is one less.
        let mut less = rows.clone();
        let cell = less.iter_mut().find(|row| row["year"] != year && row["s3"] != "0").expect("a row");
        let points = milli(&cell["s3"]).expect("points") - 1000;
        cell.insert("s3".into(), decimal(points));
        let _taken = validate(v, "tyumen", "1_1", &sections_file(&less)).with_refusals();
        let found = said(&validate(v, "tyumen", "1_1_totals", &totals(&submitted)).with_refusals());
        let rules: BTreeSet<&str> = found.iter().map(|(_, _, rule, _)| rule.as_str()).collect();
        assert_eq!(rules, BTreeSet::from(["sum_of_other_table"]), "{found:?}");
    }

    fn shares_follow_from_their_counts_and_a_total_is_no_mean(v: &Vekha) {
        const COUNTS: [(&str, &str, &str, &str, &str); 2] = [
            ("supported_2021_2022", "teachers_2022", "pct_2021_2022", "supported_2022", "percent_2022"),
            ("supported_2022_2023", "teachers_2023", "pct_2022_2023", "supported_2023", "percent_2023"),
        ];
        let count = |row: &Record, column: &str| row[column].parse::<i64>().expect("a whole number");
        // The table of the source with shares made from its counts, and with those that it prints.
        let table = |as_printed: bool, total: &dyn Fn(&str, &str, &[Record]) -> String| -> String {
            let mut rows = municipalities();
            for row in &mut rows {
                for (supported, teachers, percent, from, printed) in COUNTS {
                    let all = count(row, teachers);
                    // Nobody supports more teachers than there are, where the table is to agree.
                    let many = if as_printed { count(row, from) } else { count(row, from).min(all) };
                    let share = (many * 200 + all).div_euclid(2 * all).to_string();
                    let share = if as_printed { row[printed].clone() } else { share };
                    row.insert(supported.into(), many.to_string());
                    row.insert(percent.into(), share);
                }
                for (to, from) in [
                    ("municipality", "name"),
                    ("cluster1", "printed_class"),
                    ("cluster2_zone", if as_printed { "printed_district" } else { "district" }),
                    ("teachers_per_methodist", "printed_teachers_per_methodist"),
                    ("cluster3_level", "printed_level"),
                ] {
                    let cell = row[from].clone();
                    row.insert(to.into(), cell);
                }
            }
            let sum = |column: &str| rows.iter().map(|row| count(row, column)).sum::<i64>();
            let mut all = Record::from([("municipality".to_owned(), "Итого".to_owned())]);
            for column in ["supported_2021_2022", "supported_2022_2023", "teachers_2022", "teachers_2023", "methodists"] {
                all.insert(column.into(), sum(column).to_string());
            }
            for (supported, teachers, percent, ..) in COUNTS {
                let pooled = decimal((sum(supported) * 1000 + sum(teachers) / 2).div_euclid(sum(teachers)) * 100);
                let said = total(percent, &pooled, &rows);
                all.insert(percent.into(), said);
            }
            let pooled = sum("teachers_2022") * 10 / sum("methodists") * 100;
            all.insert("teachers_per_methodist".into(), decimal(pooled));
            rows.push(all);
            file(
                &[
                    "municipality", "supported_2021_2022", "pct_2021_2022", "supported_2022_2023", "pct_2022_2023",
                    "cluster1", "cluster2_zone", "methodists", "teachers_2022", "teachers_2023",
                    "teachers_per_methodist", "cluster3_level",
                ],
                &rows,
            )
        };
        let right = |_: &str, pooled: &str, _: &[Record]| pooled.to_owned();
        assert_eq!(said(&validate(v, "tyumen", "1_2", &table(false, &right)).ok()), BTreeSet::new());
        // The mean of the shares printed as a share.
        let mean = |percent: &str, pooled: &str, rows: &[Record]| {
            if percent != COUNTS[1].2 {
                return pooled.to_owned();
            }
            let sum: i64 = rows.iter().map(|row| count(row, percent)).sum();
            (sum / i64::try_from(rows.len()).expect("a small number")).to_string()
        };
        let found = said(&validate(v, "tyumen", "1_2", &table(false, &mean)).with_refusals());
        let rules: Vec<(&str, &str)> = found.iter().map(|(_, field, rule, _)| (field.as_str(), rule.as_str())).collect();
        assert_eq!(rules, [(COUNTS[1].2, "mean_of_shares")]);

        // As the source prints it: counted anew here.
        let mut wrong: BTreeSet<(String, String, String)> = BTreeSet::new();
        for row in municipalities() {
            let mut note = |field: &str, rule: &str| wrong.insert((row["name"].clone(), field.into(), rule.into()));
            for (supported, teachers, percent, from, printed) in COUNTS {
                let (many, all) = (count(&row, from), count(&row, teachers));
                if many > all {
                    note(supported, "numerator_above_denominator");
                }
                let digits = row[printed].split_once('.').map_or(0, |(_, d)| d.len());
                let scale = 10_i64.pow(u32::try_from(digits).expect("few"));
                let said = milli(&row[printed]).expect("a share") * scale / 1000;
                let (rounded, cut) = ((2 * many * 100 * scale + all).div_euclid(2 * all), many * 100 * scale / all);
                if said != rounded && said != cut {
                    note(percent, "percent_of_counts");
                }
            }
            if row["printed_district"].chars().take(5).ne(row["district"].chars().take(5)) {
                note("cluster2_zone", "zone_of_dictionary");
            }
        }
        let answer = validate(v, "tyumen", "1_2", &table(true, &right)).with_refusals();
        let found = said(&answer).into_iter().map(|(row, field, rule, _)| (row, field, rule)).collect();
        assert_eq!(wrong, found);
        // Which list of remote places holds is not known: a note, not more.
        let rows = answer.rows();
        let places = rows.iter().filter(|row| row["rule"] == "place_of_dictionary").count();
        let other = municipalities().iter().filter(|row| row["locality"] != "urban").count();
        assert_eq!(places, other, "every village stands in the other list");
    }

    fn zones_are_counted_and_a_share_of_the_oblast_is_read_as_printed(v: &Vekha) {
        const RANGES: [(&str, &str); 3] = [
            ("Высокие результаты", "40-53,8%"),
            ("Средние результаты", "20-39,9%"),
            ("Низкие результаты", "5,2-19,9%"),
        ];
        let pack = pack::embedded("krasnoyarsk").expect("a pack");
        let many = |zone: &str| pack.units.iter().filter(|u| u.zone.as_deref() == Some(zone)).count();
        let columns = ["municipality", "zone", "published_range_percent", "published_count_in_zone"];
        let rows: Vec<Record> = pack
            .units
            .iter()
            .map(|unit| {
                let zone = unit.zone.clone().expect("a zone");
                let range = RANGES.iter().find(|(of, _)| *of == zone).expect("a zone").1.to_owned();
                let count = many(&zone).to_string();
                Record::from([
                    ("municipality".into(), unit.name.clone()),
                    ("zone".into(), zone),
                    ("published_range_percent".into(), range),
                    ("published_count_in_zone".into(), count),
                ])
            })
            .collect();
        let answer = validate(v, "krasnoyarsk", "zones", &file(&columns, &rows)).ok();
        assert_eq!(answer.rows().len(), 0, "{}", answer.out);
        let mut wrong = rows.clone();
        let moved = wrong[0].clone();
        let last = wrong.last().expect("a row")["zone"].clone();
        wrong[0].insert("zone".into(), last);
        let found = said(&validate(v, "krasnoyarsk", "zones", &file(&columns, &wrong)).with_refusals());
        let counted = found.iter().filter(|(.., rule, _)| rule == "count_of_rows").count();
        let touched = [&moved["zone"], &wrong[0]["zone"]].map(|zone| many(zone)).iter().sum::<usize>();
        assert_eq!(counted, touched, "every row of the two zones says another number");
        for rule in ["said_by_pack", "zone_of_dictionary"] {
            assert!(found.iter().any(|(row, _, own, _)| *row == moved["municipality"] && own == rule), "{rule}: {found:?}");
        }
        // Of two that change places the numbers agree, the dictionary does not; a zone that nobody knows is told.
        let mut swapped = rows.clone();
        for column in ["zone", "published_range_percent", "published_count_in_zone"] {
            let last = swapped.len() - 1;
            let (a, b) = (swapped[0][column].clone(), swapped[last][column].clone());
            swapped[0].insert(column.into(), b);
            swapped[last].insert(column.into(), a);
        }
        let found = said(&validate(v, "krasnoyarsk", "zones", &file(&columns, &swapped)).with_refusals());
        let rules: Vec<&str> = found.iter().map(|(_, _, rule, _)| rule.as_str()).collect();
        assert_eq!(rules, ["zone_of_dictionary"; 2], "{found:?}");
        let mut wrong = rows.clone();
        wrong[0].insert("published_range_percent".into(), "140-153,8%".into());
        wrong[1].insert("published_count_in_zone".into(), "тринадцать".into());
        let found = said(&validate(v, "krasnoyarsk", "zones", &file(&columns, &wrong)).with_refusals());
        let rules: BTreeSet<&str> = found.iter().map(|(_, _, rule, _)| rule.as_str()).collect();
        assert_eq!(rules, BTreeSet::from(["said_by_pack", "not_a_number"]), "{found:?}");

        let columns = ["indicator", "target", "numerator", "denominator", "published_value"];
        let share = |upper: i64, lower: i64, printed: &str| {
            let cells = ["Доля", "50", &upper.to_string(), &lower.to_string(), printed].map(str::to_owned);
            file(&columns, &[columns.map(str::to_owned).into_iter().zip(cells).collect()])
        };
        for (printed, agrees) in [("54", true), ("53,9", true), ("54,0", true), ("53", true), ("55", false), ("54,1", false)] {
            let answer = validate(v, "leningrad", "main", &share(5399, 10_000, printed));
            assert_eq!(answer.rows().is_empty(), agrees, "{printed}: {}", answer.out);
        }
        // Above 100 per cent is named, not clamped.
        let found = said(&validate(v, "leningrad", "main", &share(150, 100, "150")).with_refusals());
        assert_eq!(found, BTreeSet::from([own("Доля", "numerator", "numerator_above_denominator", "100")]));
    }

    fn the_four_shares_have_their_targets_and_one_of_them_may_exceed_the_whole(v: &Vekha) {
        let pack = pack::embedded("leningrad").expect("a pack");
        let columns = ["indicator", "target", "numerator", "denominator", "published_value", "code", "denominator_ru"];
        let counts = [(12_074, 22_361), (2_692, 3_497), (1_329, 3_497), (7_155, 22_361)];
        let rows: Vec<Record> = (1..)
            .zip(counts)
            .map(|(code, (upper, lower))| {
                let indicator = pack.indicator(&format!("M{code}")).expect("an indicator");
                let target = indicator.target("", "2021").expect("a target");
                let cells = [
                    indicator.title.clone(), decimal(target), upper.to_string(), lower.to_string(),
                    (upper * 100 / lower).to_string(), code.to_string(), lower.to_string(),
                ];
                columns.map(str::to_owned).into_iter().zip(cells).collect()
            })
            .collect();
        let main = |rows: &[Record]| validate(v, "leningrad", "main", &file(&columns, rows));
        assert_eq!(main(&rows).ok().rows().len(), 0);
        let changed = |place: usize, cells: &[(&str, &str)]| {
            let mut rows = rows.clone();
            for (column, cell) in cells {
                rows[place].insert((*column).into(), (*cell).into());
            }
            rows
        };
        // More mentors than young people are told, and are no fault; elsewhere they are.
        let above = |place| changed(place, &[("numerator", "30000"), ("denominator", "22361"), ("published_value", "134,2"), ("denominator_ru", "x")]);
        let told = main(&above(2)).ok().rows();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0]["rule"].as_str(), told[0]["severity"].as_str()), ("numerator_above_denominator", "note"));
        let found = said(&main(&above(0)).with_refusals());
        assert_eq!(found.iter().map(|(_, _, rule, _)| rule.as_str()).collect::<Vec<_>>(), ["numerator_above_denominator"]);
        for (wrong, rule) in [
            (changed(0, &[("target", "60")]), "target_of_pack"),
            (changed(0, &[("target", "")]), "target_of_pack"),
            (changed(0, &[("code", "7")]), "indicator_unknown"),
            (changed(1, &[("code", "1")]), "indicator_twice"),
            (rows[..3].to_vec(), "indicator_missing"),
            ([rows.clone(), vec![rows[0].clone()]].concat(), "row_twice"),
            (changed(3, &[("denominator", "20000"), ("published_value", "35,8")]), "same_for_all"),
            (changed(0, &[("numerator", "-12074"), ("published_value", "-54")]), "below_zero"),
            (changed(0, &[("published_value", "")]), "share_left_out"),
            (changed(0, &[("denominator", "")]), "share_of_nothing"),
        ] {
            let found = said(&main(&wrong).with_refusals());
            assert!(found.iter().any(|(_, _, own, _)| own == rule), "{rule}: {found:?}");
        }
        // As a workbook keeps what it has divided.
        assert_eq!(main(&changed(0, &[("published_value", "53.9957962524037")])).ok().rows().len(), 0);
        let found = said(&main(&changed(0, &[("published_value", "53.8957962524037")])).with_refusals());
        assert_eq!(found.len(), 1, "{found:?}");
    }

    fn what_a_table_calls_its_rows_is_held_to_the_pack(v: &Vekha) {
        let rows = mended(&sections());
        let check = |rows: &[Record]| validate(v, "tyumen", "1_1", &sections_file(rows));
        assert_eq!(check(&rows).ok().rows().len(), 0);
        // A file without rows takes the place of none.
        let empty = check(&[]).failed();
        assert!(empty.err.contains("нет ни одной строки"), "{}", empty.err);
        assert_eq!(v.query("SELECT count(*) FROM published_table"), ["1"]);
        let changed = |change: &dyn Fn(&mut Record)| {
            let mut rows = rows.clone();
            change(rows.iter_mut().find(|row| !row["s1"].is_empty()).expect("a row"));
            rows
        };
        for (wrong, rule) in [
            (changed(&|row| { row.insert("year".into(), "2024".into()); }), "year_unknown"),
            (changed(&|row| { row.insert("published_total".into(), "-".into()); }), "sum_left_out"),
            (changed(&|row| {
                let total = milli(&row["published_total"]).expect("points") - milli(&row["s1"]).expect("points") - 1000;
                row.insert("s1".into(), "-1".into());
                row.insert("published_total".into(), decimal(total));
            }), "below_zero"),
            (rows.iter().filter(|row| row["year"] == "2022").cloned().collect(), "unit_missing"),
        ] {
            let found = said(&check(&wrong).with_refusals());
            assert!(found.iter().any(|(_, _, own, _)| own == rule), "{rule}: {found:?}");
        }
        // Nothing submitted and a dash are the same: a zero beside them is told.
        let mut dashes = rows.clone();
        let absent = dashes.iter_mut().find(|row| row["s1"].is_empty()).expect("who submitted nothing");
        for section in SECTIONS {
            absent.insert(section.into(), "-".into());
        }
        absent.insert("published_total".into(), "0".into());
        let found = said(&check(&dashes).ok());
        assert_eq!(found.iter().map(|(_, _, rule, _)| rule.as_str()).collect::<Vec<_>>(), ["zero_not_submitted"]);
    }

    fn a_jump_from_last_year_is_a_warning_and_its_share_stands_in_the_rule(v: &Vekha) {
        // By the year of the row: points of section 1 may move by 30 % here.
        let own = std::fs::read_to_string("seeds/packs/tyumen.toml").expect("the pack").replacen("version = 2", "version = 3", 1);
        let rule = "[[table.rule]]\nkind = \"jump\"\ncolumns = [\"s1\"]\npercent = 30\n\n[[table.rule]]\nkind = \"units\"";
        let with = own.replacen("[[table.rule]]\nkind = \"units\"", rule, 1);
        let path = v.file("tyumen3.toml", &with);
        let _loaded = v.run(&["pack", "load", path.to_str().expect("a path")]).ok();
        let rows = mended(&sections());
        let set = |name: &str, year: &str, points: &str| {
            let mut rows = rows.clone();
            for row in rows.iter_mut().filter(|row| row["municipality"] == name && row["year"] == year) {
                let total = milli(&row["published_total"]).expect("a total") - milli(&row["s1"]).expect("points");
                let now = milli(points).expect("points");
                row.insert("published_total".into(), decimal(total + now));
                row.insert("s1".into(), points.into());
            }
            rows
        };
        let told = |rows: &[Record]| -> BTreeSet<(String, String, String)> {
            let answer = validate(v, "tyumen", "1_1", &sections_file(rows)).ok();
            let jumps = answer.rows().into_iter().filter(|row| row["rule"] == "jump_from_last_year");
            jumps.map(|row| (row["row"].clone(), row["expected"].clone(), row["severity"].clone())).collect()
        };
        let before = told(&rows);
        assert!(!before.iter().any(|(row, ..)| row.starts_with("Абатский")), "7,5 and 8 are near: {before:?}");
        // 5,2 is less by 30,7 %; 5,3 by 29,3 %.
        let jump = told(&set("Абатский", "2023", "5.2"));
        let own: Vec<_> = jump.difference(&before).collect();
        assert_eq!(own, [&("Абатский 2023".to_owned(), "5.3–9.8".to_owned(), "warning".to_owned())]);
        assert_eq!(told(&set("Абатский", "2023", "5.3")), before);
        // Whoever had nothing last year has begun: no jump; the first year has none before it.
        assert!(before.iter().all(|(row, ..)| row.ends_with("2023")), "{before:?}");
        let wrong = with.replacen("percent = 30", "percent = 0", 1);
        let path = v.file("tyumen4.toml", &wrong);
        let refused = v.run(&["pack", "check", path.to_str().expect("a path")]).failed();
        assert!(refused.out.contains("percent: целое число от 1 до 1000"), "{}", refused.out);
    }

    fn a_table_that_is_not_there_or_lacks_columns_is_refused_in_words(v: &Vekha) {
        let answer = validate(v, "tyumen", "9_9", "a\n1\n").failed();
        assert!(answer.err.contains("таблицы «9_9»") && answer.err.contains("1_1, 1_1_totals, 1_2"), "{}", answer.err);
        let answer = validate(v, "tyumen", "1_2", "municipality,teachers_2022\nАбатский,191\n").failed();
        assert!(answer.err.contains("cluster1") && !answer.err.contains("teachers_2022"), "{}", answer.err);
        let answer = validate(v, "nowhere", "1_1", "a\n1\n").failed();
        assert!(answer.err.contains("пакет «nowhere»"), "{}", answer.err);
        assert_eq!(v.query("SELECT count(*) FROM published_table"), ["0"]);
    }
}
