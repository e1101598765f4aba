//! `pack check` over every shipped pack: nine kinds of planted faults, each with file, line and advice.

use crate::figures_pages::values;
use crate::laid::World;
use crate::on_both;
use crate::support::text;

/// The packs that come along, with a period that each of them knows and one that it does not.
const PACKS: &[(&str, &str)] = &[
    ("tyumen", "1999/00"),
    ("chelyabinsk", "1999"),
    ("krasnoyarsk", "1999/00"),
    ("leninsky", "1999"),
    ("leningrad", "1999"),
];

/// An indicator more, at the end of a pack.
fn indicator(code: &str, formula: &str, more: &str) -> String {
    format!(
        "\n[[indicator]]\ncode = \"{code}\"\ntitle = \"Проба\"\nformula = \"{formula}\"\npopulation = \"все\"\n\
         unit = \"%\"\ndirection = \"neutral\"\nsource = \"проба\"\n{more}"
    )
}

/// A scale of two bands, the second of which begins at `from` on the third line.
fn scale(from: &str) -> String {
    format!("scale = [\n  {{ from = 0, to = 10, points = 0 }},\n  {{ from = {from}, points = 1 }},\n]\n")
}

/// The line on which a part of the text stands for the last time.
#[track_caller]
fn last_line(of: &str, part: &str) -> usize {
    of.lines().count() - of.lines().rev().position(|l| l.contains(part)).expect(part)
}

/// The faults: what is planted, the line where it must be found, what is said, what is advised.
fn planted(own: &str, year: &str) -> Vec<(&'static str, String, usize, &'static str, &'static str)> {
    let with = |more: String| format!("{own}{more}");
    let share = "share(count(person where young), count(person where pedagogical))";
    let mut found = Vec::new();
    let mut add = |what, text: String, part: &str, said, advice| {
        let line = last_line(&text, part);
        found.push((what, text, line, said, advice));
    };
    let measure = "count(organisation where yes(org_kitchen))";
    add(
        "unknown measure",
        with(indicator("z1", measure, "")),
        "org_kitchen",
        "величины «org_kitchen» нет",
        "исправьте код",
    );
    let number = "count(organisation where yes(org_positions_admin_total))";
    add(
        "wrong type",
        with(indicator("z1", number, "")),
        "org_positions_admin_total",
        "измеряется иначе",
        "сравните её с числом",
    );
    for (what, from, said, advice) in [
        ("gap", "12", "разрыв: значения между 10 и 12", "сдвиньте границу"),
        ("overlap", "8", "перекрытие: значения от 8 до 10", "исправьте границы"),
        ("shared edge", "10", "общая граница: 10", "исключите её из одной"),
    ] {
        let text = with(indicator("z1", share, &scale(from)));
        add(what, text, &format!("{{ from = {from},"), said, advice);
    }
    let target = format!("targets = {{ \"{year}\" = 5 }}\n");
    add(
        "target for an unknown year",
        with(indicator("z1", share, &target)),
        &target[..20],
        "в пакете нет",
        "исправьте год или допишите его",
    );
    let first = own
        .split("[[indicator]]\ncode = \"")
        .nth(1)
        .and_then(|t| t.split('"').next());
    let first = first.expect("an indicator");
    add(
        "doubled code",
        with(indicator(first, share, "")),
        &format!("code = \"{first}\""),
        "стоит дважды",
        "дайте одному из них другой код",
    );
    let circle = indicator("z1", "best_is_100(\\\"z2\\\")", "") + &indicator("z2", "best_is_100(\\\"z1\\\")", "");
    add(
        "circular reference",
        with(circle),
        "best_is_100",
        "опирается сам на себя",
        "разорвите круг",
    );
    let line = own
        .lines()
        .find(|l| l.starts_with("period_kind"))
        .expect("the period's kind");
    let without = own.replacen(&format!("{line}\n"), "", 1);
    let at = without.lines().position(|l| l.starts_with("code = ")).expect("a code") + 1;
    let (said, advice) = ("нет period_kind", "допишите ниже");
    found.push(("missing period kind", without, at, said, advice));
    found
}

on_both! {
    fn nine_kinds_of_faults_are_found_in_every_pack_with_file_line_and_advice(v: &Vekha) {
        for (code, year) in PACKS {
            let own = std::fs::read_to_string(format!("seeds/packs/{code}.toml")).expect("the pack");
            let faults = planted(&own, year);
            assert_eq!(faults.len(), 9);
            let clean = v.file(&format!("{code}.toml"), &own);
            let mut arguments = vec!["pack".to_owned(), "check".to_owned(), text(&clean).to_owned()];
            for (what, changed, ..) in &faults {
                let name = format!("{code}-{}.toml", what.replace(' ', "-"));
                arguments.push(text(&v.file(&name, changed)).to_owned());
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let answer = v.run(&arguments).failed();
            assert!(
                answer.out.contains(&format!("{code}.toml: показателей")),
                "{}",
                answer.out
            );
            for (what, _, line, said, advice) in faults {
                let file = format!("{code}-{}.toml: ", what.replace(' ', "-"));
                let told: Vec<&str> = answer.out.lines().filter(|l| l.contains(&file)).collect();
                let place = format!("{file}строка {line}, столбец ");
                let fits = |l: &&str| l.contains(&place) && l.contains(said) && l.contains(advice);
                assert!(told.iter().any(fits), "{code}, {what}, line {line}: {told:#?}");
                assert!(
                    !told.iter().any(|l| l.contains("ошибок нет")),
                    "{code}, {what}: {told:#?}"
                );
                let other = told
                    .iter()
                    .filter(|l| !l.contains(said) && !l.contains("предупреждение"));
                assert_eq!(other.count(), 0, "{code}, {what}: nothing else is found: {told:#?}");
            }
        }
    }

    fn a_parameter_is_read_by_its_whole_code(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
            // More than three, more than twenty, and more than what both are side by side.
            for (n, people) in [5, 25, if letter == "А" { 35 } else { 33 }].into_iter().enumerate() {
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for one in 0..people {
                    let who = world.person(region, &format!("{letter}{n}-{one:02}"), "1980-01-01");
                    world.job(who, school, "teaching main", "2010-01-01", "");
                }
            }
        }
        world.lay(v);
        let pack = |formula: &str| {
            let head = "code = \"own\"\nversion = 1\ntitle = \"Проба\"\nperiod_kind = \"calendar_year\"\nreference_day = \"12-31\"\n\
                        years = [\"2023\"]\n";
            let parameter = |code: &str, value: i64| format!("\n[[parameter]]\ncode = \"{code}\"\ntitle = \"Проба\"\nvalue = {value}\n");
            let own = indicator("1", formula, "").replace("unit = \"%\"", "unit = \"школы\"");
            format!("{head}{}{}{own}", parameter("lim", 3), parameter("lim2", 20))
        };
        let formula = |limit: &str| format!("count(organisation where count(person where pedagogical) > {limit})");
        let _loaded = v.run(&["pack", "load", text(&v.file("own.toml", pack(&formula("$lim2"))))]).ok();
        let counted = values(v, "own", "2023", "region");
        for region in ["РЕГ-А", "РЕГ-Б"] {
            let row = &counted[&("1".to_owned(), region.to_owned())];
            assert_eq!(row["value"], "2", "{region}: read by the beginning of its code");
        }
        for (named, said) in [("$lim5", "параметра $lim5 в пакете нет; есть: $lim, $lim2"), ("$", "после знака $ пишется код параметра")] {
            let own = pack(&formula(named));
            let line = own.lines().position(|line| line.contains("formula = ")).expect("the formula") + 1;
            let column = own.lines().nth(line - 1).and_then(|l| l.find('$')).expect("the parameter") + 1;
            let answer = v.run(&["pack", "check", text(&v.file("wrong.toml", &own))]).failed();
            let place = format!("строка {line}, столбец {column}: ");
            assert!(answer.out.lines().any(|l| l.contains(&place) && l.contains(said)), "{named} {place}: {}", answer.out);
        }
        let odd = pack(&formula("$lim2")).replace("\"lim\"", "\"lim 1\"");
        let answer = v.run(&["pack", "check", text(&v.file("odd.toml", odd))]).failed();
        assert!(answer.out.contains("код «lim 1» не подходит"), "{}", answer.out);
    }

    fn what_the_reader_of_a_text_could_not_read_is_said_in_words_of_ours(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/leninsky.toml").expect("the pack");
        let title = own.lines().find(|line| line.starts_with("title = ")).expect("a title");
        let faults = [
            ("bare", "title = Методика", "текст стоит без кавычек"),
            ("open-quote", "title = \"Методика", "кавычки не закрыты"),
            ("no-value", "title", "у ключа нет значения"),
            ("nothing", "title =", "не читается как TOML"),
            ("open-list", "title = [\"Методика\"", "не читается как TOML"),
            ("number", "title = 5", "стоит число, а требуется текст в кавычках"),
            ("list", "title = [\"Методика\"]", "стоит список в квадратных скобках, а требуется текст в кавычках"),
        ];
        let mut arguments = vec!["pack".to_owned(), "check".to_owned()];
        for (name, line, _) in faults {
            let file = v.file(&format!("{name}.toml"), own.replacen(title, line, 1));
            arguments.push(text(&file).to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = v.run(&arguments).failed();
        for (name, _, said) in faults {
            let line = answer.out.lines().find(|line| line.contains(&format!("/{name}.toml: строка "))).expect(name);
            assert!(line.contains(said), "{name}, {said}: {line}");
            for word in ["expected", "invalid", "missing", "unclosed", "quoted", "must"] {
                assert!(!line.contains(word), "{name}: {line}");
            }
        }
        let absent = v.run(&["pack", "check", "нет-такого.toml"]);
        assert!(absent.code != 0 && absent.err.contains("такого файла нет"), "{} {}", absent.out, absent.err);
    }

    fn faults_of_a_summary_table_are_named_with_their_lines_and_what_to_do(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/tyumen.toml").expect("the pack");
        let table = |head: &str, columns: &str| format!("\n[[summary_table]]\n{head}columns = [\n{columns}]\n");
        let plain = "code = \"z1\"\ntitle = \"Проба\"\nrows = \"municipality\"\n";
        let share = "  { title = \"Доля\", indicator = \"3.4\" },\n";
        for (what, more, part, said, advice) in [
            ("unknown indicator", table(plain, "  { title = \"Доля\", indicator = \"9.9\" },\n"), "\"9.9\"", "показателя 9.9 в пакете нет", "исправьте код"),
            ("unknown period", table(plain, "  { title = \"Цель\", indicator = \"3.4\", is = \"target\", period = \"1999/00\" },\n"), "1999/00", "периода 1999/00 в пакете нет", "допишите в years"),
            ("doubled code", table(&plain.replace("z1", "1_2"), share), "code = \"1_2\"", "сводная таблица 1_2 стоит дважды", "другой код"),
            ("shares added up", table(&format!("{plain}total = [\"mean\"]\n"), share), "total = ", "складывают только баллы", "напишите whole"),
            ("unknown cell", table(plain, "  { title = \"Доля\", indicator = \"3.4\", is = \"luck\" },\n"), "luck", "is «luck» не бывает", "есть: value"),
            ("no indicator", table(plain, "  { title = \"Доля\" },\n"), "{ title = \"Доля\" }", "ни о чём", "допишите indicator"),
            ("group without levels", table(&format!("{plain}group = \"3.4\"\n"), share), "group = ", "ни зон, ни шкалы", "допишите ему zones"),
            ("rows of nobody", table(&plain.replace("municipality", "indicators"), "  { title = \"Доля\" },\n"), "rows = ", "нет строк", "назовите показатели"),
            ("published nowhere", table(&format!("{plain}published = {{ table = \"9_9\" }}\n"), share), "9_9", "таблицы 9_9 в пакете нет", "опишите её"),
        ] {
            let text_of = own.clone() + &more;
            let line = last_line(&text_of, part);
            let path = v.file(&format!("{}.toml", what.replace(' ', "-")), &text_of);
            let answer = v.run(&["pack", "check", text(&path)]).failed();
            let place = format!("строка {line}, столбец ");
            let told: Vec<&str> = answer.out.lines().filter(|l| l.contains(&place)).collect();
            assert!(told.iter().any(|l| l.contains(said) && l.contains(advice)), "{what}, line {line}: {}", answer.out);
        }
    }

    fn texts_that_break_counting_are_told_in_one_line_each_and_stop_nothing(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/chelyabinsk.toml").expect("the pack");
        let share = "share(count(person where young), count(person where pedagogical))";
        let zones = |second| format!("zones = [\n  {{ to = 10, to_in = false, code = \"a\", title = \"А\" }},\n  {{ from = 10, code = \"{second}\", title = \"Б\" }},\n]\n");
        let deep = |word: &str, end: &str| format!("count(person where {}pedagogical{})", word.repeat(20_000), end.repeat(20_000));
        let version = own.lines().find(|l| l.starts_with("version")).expect("a version");
        for (what, changed, said) in [
            ("negations", own.clone() + &indicator("z1", &deep("not ", ""), ""), "скобок или отрицаний"),
            ("brackets", own.clone() + &indicator("z1", &deep("(", ")"), ""), "скобок или отрицаний"),
            ("target", own.clone() + &indicator("z1", share, "targets = { \"2023\" = nan }\n"), "считать нельзя"),
            ("maximum", own.clone() + &indicator("z1", share, "maximum = { \"2023\" = inf }\n"), "считать нельзя"),
            ("points", own.clone() + &indicator("z1", share, "scale = [{ from = 0, points = nan }]\n"), "считать нельзя"),
            ("parameter", own.clone() + "\n[[parameter]]\ncode = \"z\"\ntitle = \"Проба\"\nvalue = nan\n", "считать нельзя"),
            ("zones", own.clone() + &indicator("z1", share, &zones("a")), "зона a стоит дважды"),
            ("turned", own.clone() + &indicator("z1", share, "marks = [{ from = 9, to = 2, code = \"a\", title = \"А\" }]\n"), "конец меньше начала"),
            ("nameless", own.clone() + &indicator("", share, ""), "код «» не подходит"),
            ("slash", own.clone() + &indicator("1/../1", share, ""), "код «1/../1» не подходит"),
            ("version", own.replacen(version, "version = -5", 1), "версия не подходит"),
        ] {
            let file = v.file(&format!("{what}.toml"), &changed);
            let answer = v.run(&["pack", "check", text(&file)]).failed();
            assert!(answer.code == 1 && answer.out.contains(said) && answer.out.contains("строка "), "{what}: {} {}", answer.code, answer.out);
        }
        let fits = v.file("fits.toml", own + &indicator("z1", share, &zones("b")));
        let _right = v.run(&["pack", "check", text(&fits)]).ok();
    }

    fn years_twice_empty_titles_impossible_points_and_idle_clusters_are_told_with_their_place(v: &Vekha) {
        let share = "share(count(person where young), count(person where pedagogical))";
        let cluster = "\n[[cluster]]\ncode = \"z\"\ntitle = \"Проба\"\nindicator = \"z1\"\n";
        let mut arguments = vec!["pack".to_owned(), "check".to_owned()];
        let mut expected = Vec::new();
        for (code, year) in [("chelyabinsk", "2023"), ("tyumen", "2022/23")] {
            let own = std::fs::read_to_string(format!("seeds/packs/{code}.toml")).expect("the pack");
            let line = own.lines().find(|l| l.starts_with("years = ")).expect("years");
            let targets = own.lines().find(|l| l.starts_with("target_years = ")).expect("target years");
            let title = own.lines().find(|l| l.starts_with("title = ")).expect("a title");
            let with = |formula: &str, more: &str| own.clone() + &indicator("z1", formula, more);
            let band = |points: &str| format!("scale = [\n  {{ from = 0, points = {points} }},\n]\n");
            let again = format!(", \"{year}\"]");
            let most = format!("maximum = {{ \"{year}\" = 2 }}\n");
            let cases = [
                ("year", own.replacen(line, &line.replace(']', &again), 1), again.as_str(), "стоит дважды", "оставьте его один раз"),
                ("target-year", own.replacen(targets, &targets.replace(']', &again), 1), again.as_str(), "стоит дважды", "оставьте его один раз"),
                ("target", with(share, &format!("targets = {{ \"{year}\" = 5, \"{year}\" = 6 }}\n")), "= 6 }", "стоит дважды", "оставьте один"),
                ("pack-title", own.replacen(title, "title = \" \"", 1), "title = \" \"", "пустое название", "напишите его"),
                ("title", with(share, "").replacen("title = \"Проба\"", "title = \"\"", 1), "title = \"\"", "у показателя z1 пустое название", "напишите его"),
                ("task-title", own.clone() + "\n[[goal]]\ncode = \"z\"\ntitle = \"\"\n", "title = \"\"", "у цели z пустое название", "напишите его"),
                ("zone-title", with(share, "zones = [\n  { from = 0, code = \"a\", title = \"\" },\n]\n"), "title = \"\" }", "у зоны пустой код или название", "напишите их"),
                ("expert", with("expert(max = 0)", ""), "expert(max = 0)", "поставить нечего", "напишите число больше нуля"),
                ("minus", with(share, &band("-1")), "points = -1", "баллы -1 меньше нуля", "напишите ноль или больше"),
                ("maximum", with(share, &format!("maximum = {{ \"{year}\" = -2 }}\n")), "= -2 }", "наибольший балл -2 меньше нуля", "напишите ноль или больше"),
                ("above", with(share, &format!("{}{most}", band("2.5"))), "points = 2.5", "баллы 2,5 выше наибольших 2", "исправьте points или maximum"),
                ("cluster", with(share, "") + cluster, "indicator = \"z1\"", "никого не делит", "допишите показателю zones"),
            ];
            for (what, changed, part, said, advice) in cases {
                let name = format!("{code}-{what}.toml");
                arguments.push(text(&v.file(&name, &changed)).to_owned());
                expected.push((name, last_line(&changed, part), said, advice));
            }
            let fits = with(share, &format!("{}{most}zones = [{{ from = 0, code = \"a\", title = \"А\" }}]\n", band("2"))) + cluster;
            arguments.push(text(&v.file(&format!("{code}-fits.toml"), &fits)).to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = v.run(&arguments).failed();
        for (name, line, said, advice) in expected {
            let told: Vec<&str> = answer.out.lines().filter(|l| l.contains(&format!("{name}: "))).collect();
            let fits = |l: &&str| l.contains(&format!("{name}: строка {line}, столбец ")) && l.contains(said) && l.contains(advice);
            assert_eq!(told.iter().filter(|l| fits(l)).count(), 1, "{name}, line {line}: {told:#?}");
            assert!(told.iter().all(|l| fits(l) || l.contains("предупреждение")), "{name}: nothing else is found: {told:#?}");
        }
        for code in ["chelyabinsk", "tyumen"] {
            assert!(answer.out.contains(&format!("{code}-fits.toml: показателей")), "{}", answer.out);
        }
    }

    fn a_target_of_a_unit_that_is_not_there_is_warned_of_once_units_are_known(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/chelyabinsk.toml").expect("the pack");
        let share = "share(count(person where young), count(person where pedagogical))";
        let targets = "unit_targets = { \"МО-А\" = { \"2023\" = 5 }, \"МО-Б\" = { \"2023\" = 5 }, \"МО-Я\" = { \"2023\" = 6 } }\n";
        let changed = own + &indicator("z1", share, targets);
        let line = last_line(&changed, "МО-Я");
        let file = v.file("units.toml", &changed);
        let before = v.run(&["pack", "check", text(&file)]).ok();
        assert!(!before.out.contains("МО-Я"), "no unit is known yet: {}", before.out);
        let mut world = crate::laid::World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
        }
        world.lay(v);
        let answer = v.run(&["pack", "check", text(&file)]).ok();
        let told: Vec<&str> = answer.out.lines().filter(|l| l.contains("здесь нет")).collect();
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].contains(&format!("units.toml: предупреждение: строка {line}, столбец ")), "{told:#?}");
        assert!(told[0].contains("единицы МО-Я здесь нет") && told[0].contains("исправьте код"), "{told:#?}");
    }

    fn a_form_that_says_less_than_nothing_is_refused_with_its_row(v: &Vekha) {
        let mut world = crate::laid::World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
        }
        world.lay(v);
        let rows = ["pedagogical_federal,2022,-100", "mun_zemsky_vacancies,2023,-1", "tyumen:3.4,2022/23,-7", "pedagogical_federal,2023,100"];
        for letter in ["А", "Б"] {
            let rows: Vec<String> = rows.iter().map(|row| format!("МО-{letter},{row}")).collect();
            let file = v.file("forms.csv", format!("Единица,Показатель,Период,Значение\n{}\n", rows.join("\n")));
            let answer = v.run(&["import", "forms", text(&file)]).with_refusals();
            assert_eq!(answer.out.matches("меньше нуля").count() + answer.err.matches("меньше нуля").count(), 3, "{} {}", answer.out, answer.err);
        }
        assert_eq!(v.query("SELECT value_milli FROM measure_value"), ["100000", "100000"]);
    }

    fn the_guide_explains_every_key_and_its_example_and_the_blank_are_clean(v: &Vekha) {
        let guide = std::fs::read_to_string("docs/users/packs.md").expect("the guide");
        let format = std::fs::read_to_string("src/indicators/pack_text.rs").expect("the format");
        let mut keys: Vec<&str> = format
            .lines()
            .filter_map(|l| l.trim().strip_prefix("pub ")?.split_once(':'))
            .map(|(key, _)| key.trim_start_matches('_'))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        assert!(keys.len() > 30, "{keys:?}");
        let explained = |key: &&str| {
            let named = [
                format!("`{key}`"),
                format!("`[[{key}]]`"),
                format!("`{key} ="),
                format!("`{key}`,"),
            ];
            guide
                .lines()
                .filter(|l| l.starts_with('|'))
                .any(|l| named.iter().any(|n| l.contains(n.as_str())))
        };
        let silent: Vec<&&str> = keys.iter().filter(|key| !explained(key)).collect();
        assert!(silent.is_empty(), "not in docs/users/packs.md: {silent:?}");
        let example = guide
            .split("```toml\n")
            .nth(1)
            .and_then(|t| t.split("```").next())
            .expect("an example");
        let own = v.file("example.toml", example);
        let answer = v.run(&["pack", "check", text(&own), "seeds/packs/blank.toml"]).ok();
        assert!(!answer.out.contains("предупреждение"), "{}", answer.out);
    }
}
