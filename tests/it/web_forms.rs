//! Facts of organisations and municipalities entered by form: zero, no value and not submitted differ, history stays, a
//! link is checked by somebody on a day, and the indicator follows.

use std::collections::BTreeMap;

use chrono::Datelike as _;

use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;
const YEAR: &str = "2020/21";

fn world(v: &Vekha, packs: &[&str]) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
        ("mouo", "municipal_authority", unit(NORTH, 1)),
        ("methodist", "municipal_methodist", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("deputy", "school_admin", unit(NORTH, 2)),
        ("ministry", "regional_authority", unit(NORTH, 0)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    for pack in packs {
        let _loaded = v.run(&["pack", "load", &format!("seeds/packs/{pack}.toml")]).ok();
    }
    Server::start(v)
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn form(who: &mut Visitor, of: &str, period: &str) -> Page {
    let page = who.get(&format!("/forms?unit={}&period={}", code(of), code(period)));
    assert_eq!(page.status, 200, "{of} {period}: {}", page.body);
    page
}

fn hidden(page: &Page, name: &str) -> String {
    let rest = page
        .body
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

fn save(who: &mut Visitor, page: &Page, of: &str, period: &str, fields: &[(&str, &str)]) -> Page {
    let seen = hidden(page, "seen");
    let mut all = vec![("unit", of), ("period", period), ("seen", seen.as_str())];
    all.extend(fields);
    who.send(page, "/forms", &all)
}

/// What an indicator of a pack says of units: numerator, denominator, value.
fn values(v: &Vekha, pack: &str, period: &str, indicator: &str) -> BTreeMap<String, [String; 3]> {
    let answer = v
        .run(&[
            "values",
            "--pack",
            pack,
            "--period",
            period,
            "--level",
            "municipality",
            "--indicator",
            indicator,
            "--format",
            "csv",
        ])
        .ok();
    let rows = answer.rows().into_iter();
    rows.map(|r| {
        (
            r["unit"].clone(),
            [r["numerator"].clone(), r["denominator"].clone(), r["value"].clone()],
        )
    })
    .collect()
}

/// The academic year of today, in the zone of a region that has set none.
fn this_year() -> String {
    let today = today();
    let first = if today.month() < 9 {
        today.year() - 1
    } else {
        today.year()
    };
    format!("{first}/{:02}", (first + 1) % 100)
}

/// Posts of a school in a year: how many there are, how many are taken.
type Posts = (&'static str, &'static str, i64, i64);

const LISTED: &str = "mun_vacancy_list_published";
const LINK: &str = "mun_vacancy_list_published.link";

on_both! {
    // rows: KR-F16, KR-F28
    fn a_municipality_says_by_form_that_its_vacancies_are_published_and_somebody_checks_the_link(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"]);
        let mut mouo = server.signed_in("mouo", PASSWORD);
        let page = form(&mut mouo, "С1", YEAR);
        assert!(page.body.contains("Перечень вакансий опубликован") && page.body.contains("в открытом источнике"), "{}", page.body);
        assert!(page.body.contains("не представлено"));
        let before = values(v, "krasnoyarsk", YEAR, "2.2.5.3");
        let answer = save(&mut mouo, &page, "С1", YEAR, &[(LISTED, "да"), (LINK, "нет адреса")]);
        assert!(answer.status == 422 && answer.body.contains("начинается с https://"), "{}", answer.body);
        let answer = save(&mut mouo, &page, "С1", YEAR, &[(LISTED, "да"), (LINK, "https://town.example/vacancies")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let after = values(v, "krasnoyarsk", YEAR, "2.2.5.3");
        assert_eq!(after["С5"], before["С5"], "the other municipality has said nothing");
        assert!(after["С1"] != before["С1"] && after["С1"][2].starts_with('1'), "{before:?} {after:?}");
        // Nobody has looked at the link; the operator does, with a date and a name.
        let mut operator = server.signed_in("operator", PASSWORD);
        let waiting = operator.get("/forms/links?state=waiting");
        assert!(waiting.body.contains("https://town.example/vacancies") && waiting.body.contains("не проверена"), "{}", waiting.body);
        let page = form(&mut operator, "С1", YEAR);
        assert!(page.body.contains("ссылка не проверена"), "{}", page.body);
        let id = hidden(&page, "value");
        assert_eq!(mouo.send(&page, "/forms/check", &[("value", &id)]).status, 403, "whoever enters does not check");
        let mut south = server.signed_in("south", PASSWORD);
        let own = south.get("/forms/links");
        assert_eq!(south.send(&own, "/forms/check", &[("value", &id)]).status, 404);
        let page = form(&mut operator, "С1", YEAR);
        assert_eq!(operator.send(&page, "/forms/check", &[("value", &id)]).status, 303);
        // Who looked first stays: the second click says nothing new, and somebody else is told.
        assert_eq!(operator.send(&page, "/forms/check", &[("value", &id)]).status, 303);
        let mut second = server.signed_in("methodist", PASSWORD);
        let own = second.get("/forms/links");
        let late = second.send(&own, "/forms/check", &[("value", &id)]);
        assert!(late.status == 409 && late.body.contains("Ссылку уже проверили") && late.body.contains("operator"), "checked twice: {}", late.body);
        let day = v.query("SELECT checked_on FROM measure_value WHERE checked_by = 1").remove(0);
        let shown = format!("{}.{}.{}", &day[8..10], &day[5..7], &day[..4]);
        let page = form(&mut mouo, "С1", YEAR);
        assert!(page.body.contains(&format!("Ссылка проверена {shown}, operator")), "{}", page.body);
        assert!(operator.get("/forms/links?state=checked").body.contains(&shown));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'indicators.link_check'"), 1);
        // Another link has to be looked at anew.
        let answer = save(&mut mouo, &page, "С1", YEAR, &[(LISTED, "да"), (LINK, "https://town.example/jobs")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = form(&mut operator, "С1", YEAR);
        assert!(page.body.contains("ссылка не проверена") && page.body.contains("https://town.example/vacancies"), "{}", page.body);
    }

    fn zero_no_value_and_not_submitted_differ_and_what_stood_before_stays(v: &Vekha) {
        let server = world(v, &["chelyabinsk"]);
        let mut director = server.signed_in("director", PASSWORD);
        let (total, taken) = ("org_positions_pedagogical_total", "org_positions_pedagogical_occupied");
        let stored = || v.query(&format!(
            "SELECT coalesce(CAST(value_milli AS TEXT), 'none') || CASE WHEN superseded_at IS NULL THEN '' ELSE ' gone' END \
             FROM measure_value WHERE measure = '{total}' ORDER BY id"
        ));
        let mut seen = Vec::new();
        for (typed, state, values) in [
            ("0", "представлено", vec!["0"]),
            ("–", "значения нет", vec!["0 gone", "none"]),
            ("", "не представлено", vec!["0 gone", "none gone"]),
            ("12,5", "представлено", vec!["0 gone", "none gone", "12500"]),
        ] {
            let page = form(&mut director, "С2", "2023");
            seen.push(hidden(&page, "seen"));
            let answer = save(&mut director, &page, "С2", "2023", &[(total, typed), (taken, "0")]);
            assert_eq!(answer.status, 303, "{typed}: {}", answer.body);
            assert_eq!(stored(), values, "{typed}");
            let page = form(&mut director, "С2", "2023");
            let block = page.body.split("<h2>Педагогические ставки по штату</h2>").nth(1).expect("the field");
            let block = block.split("<h2>").next().expect("its end");
            assert!(block.contains(state), "{typed}: {block}");
        }
        seen.dedup();
        assert_eq!(seen.len(), 4, "each change is another version");
        let page = form(&mut director, "С2", "2023");
        for (typed, said) in [("-5", "не меньше нуля"), ("много", "не меньше нуля")] {
            let answer = save(&mut director, &page, "С2", "2023", &[(total, typed)]);
            assert!(answer.status == 422 && answer.body.contains(said) && answer.body.contains(&format!("value=\"{typed}\"")), "{}", answer.body);
        }
        // Who comes second is told who was first and what was entered; nothing is overwritten.
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let other = form(&mut deputy, "С2", "2023");
        let first = save(&mut director, &page, "С2", "2023", &[(total, "13"), (taken, "10")]);
        assert_eq!(first.status, 303);
        let late = save(&mut deputy, &other, "С2", "2023", &[(total, "14"), (taken, "10")]);
        assert_eq!(late.status, 409, "{}", late.body);
        for said in ["Сведения изменили", "director", "Педагогические ставки по штату", "value=\"14\""] {
            assert!(late.body.contains(said), "{said}: {}", late.body);
        }
        assert_eq!(stored().last().map(String::as_str), Some("13000"));
        // What was entered for another period since is not what stands in the way.
        let of_2024 = form(&mut director, "С2", "2024");
        assert_eq!(save(&mut director, &of_2024, "С2", "2024", &[(total, "9")]).status, 303);
        let late = save(&mut deputy, &other, "С2", "2023", &[(total, "14"), (taken, "10")]);
        assert!(late.status == 409 && late.body.contains("Сведения изменили") && !late.body.contains("файлом"), "another period: {}", late.body);
        // The same form sent twice is saved once, and its sender meets nobody.
        let (page, key) = (form(&mut director, "С2", "2023"), "5".repeat(64));
        let places = [(); 2].map(|()| {
            let sent = save(&mut director, &page, "С2", "2023", &[(total, "13"), (taken, "11"), ("key", &key)]);
            (sent.status, sent.header("location").to_owned())
        });
        assert!(places[0].0 == 303 && places[0] == places[1], "sent twice: {places:?}");
        let back = form(&mut director, "С2", "2023");
        assert_eq!(save(&mut director, &back, "С2", "2023", &[(total, "13"), (taken, "10")]).status, 303);
        let again = form(&mut deputy, "С2", "2023");
        assert!(again.body.contains("Прежние значения") && again.body.contains("12,5"), "{}", again.body);
        let same = save(&mut deputy, &again, "С2", "2023", &[(total, "13"), (taken, "10")]);
        assert!(same.header("location").ends_with("done=0"), "nothing changed: {}", same.header("location"));
        // Nobody enters for another school, another municipality or another region.
        for (login, of) in [("director", "С3"), ("director", "С1"), ("mouo", "С5"), ("methodist", "С6"), ("south", "С2"), ("operator", "Ю2")] {
            let mut who = server.signed_in(login, PASSWORD);
            assert_eq!(who.get(&format!("/forms?unit={}", code(of))).status, 404, "{login} {of}");
            let own = who.get("/forms");
            let answer = who.send(&own, "/forms", &[("unit", of), ("period", "2023"), ("seen", ""), (total, "1")]);
            assert_eq!(answer.status, 404, "{login} {of}: {}", answer.body);
        }
        assert_eq!(server.signed_in("ministry", PASSWORD).get("/forms").status, 403);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_year_without_a_pack_is_offered_and_says_why_it_has_no_form(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"]);
        let (now, offered) = (this_year(), |year: &str| format!("<option value=\"{year}\""));
        let (mut mouo, mut operator) = (server.signed_in("mouo", PASSWORD), server.signed_in("operator", PASSWORD));
        let first = mouo.get(&format!("/forms?unit={}", code("С1")));
        assert_eq!(hidden(&first, "period"), YEAR, "the year that has a form comes first");
        assert!(first.body.contains(&offered(&now)) && !first.body.contains(&offered("2018/19")), "{}", first.body);
        let none = form(&mut mouo, "С1", &now);
        for said in [format!("Формы за {now} нет").as_str(), "региональный оператор"] {
            assert!(none.body.contains(said), "{said}: {}", none.body);
        }
        assert!(!none.body.contains("name=\"seen\"") && !none.body.contains("href=\"/packs\""), "{}", none.body);
        assert!(form(&mut operator, "С1", &now).body.contains("href=\"/packs\""));
        let fields = [("unit", "С1"), ("period", now.as_str()), ("seen", ""), (LISTED, "да"), (LINK, "")];
        assert_eq!(mouo.send(&none, "/forms", &fields).status, 422);
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value"), 0);
        // What a file has said of an earlier year stands on its page.
        let file = format!("Единица;Показатель или величина;Период;Значение\nС1;{LISTED};2018/19;да\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("давно.csv", file))]).ok();
        let page = form(&mut mouo, "С1", "2018/19");
        for said in ["Формы за 2018/19 нет", "Что уже внесено", "Перечень вакансий опубликован", "файл «давно.csv»"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(page.body.contains(&offered("2018/19")));
        let far = operator.get(&format!("/forms?unit={}", code("С5")));
        assert!(!far.body.contains(&offered("2018/19")), "another municipality has said nothing");
        for nobody in ["2017/18", "2019"] {
            let path = format!("/forms?unit={}&period={}", code("С1"), code(nobody));
            assert_eq!(mouo.get(&path).status, 404, "{nobody}");
        }
        let mut south = server.signed_in("south", PASSWORD);
        assert!(!south.get("/forms").body.contains(&offered("2018/19")));
        // Once the year is counted by the pack, it has a form.
        let _opened = values(v, "krasnoyarsk", &now, "2.2.5.3");
        let page = form(&mut mouo, "С1", &now);
        assert!(page.body.contains("name=\"seen\"") && !page.body.contains("Формы за"), "{}", page.body);
        let answer = save(&mut mouo, &page, "С1", &now, &[(LISTED, "да"), (LINK, "https://town.example/vacancies")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
    }

    fn a_file_for_a_kind_of_period_that_nobody_asks_is_refused_and_the_form_is_named(v: &Vekha) {
        let server = world(v, &[]);
        let load = |rows: &str| {
            let file = format!("Единица;Показатель или величина;Период;Значение\n{rows}");
            v.run(&["import", "forms", text(&v.file("вакансии.csv", file))])
        };
        let stored = || v.query("SELECT measure || ' ' || period FROM measure_value WHERE superseded_at IS NULL ORDER BY id");
        // Before a pack that asks it is in force, nobody can say for which periods it will.
        let _early = load("С1;mun_zemsky_vacancies;2026/27;3\n").ok();
        let _pack = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let answer = load("С1;mun_zemsky_vacancies;2025;3\nС1;mun_zemsky_vacancies;2027/28;4\n").with_refusals();
        for said in ["строка 3, столбец «Период»", "2027/28", "методики спрашивают за календарный год: напишите, например, 2028"] {
            assert!(answer.err.contains(said), "{said}: {}", answer.err);
        }
        for row in ["С1;mun_zemsky_vacancies;первый;4\n", "С1;chelyabinsk:6.1;первый;4\n"] {
            let answer = load(row).with_refusals();
            assert!(answer.err.contains("за календарный год: напишите, например, 2023") && !answer.err.contains("2022/23"), "{}", answer.err);
        }
        assert_eq!(stored(), ["mun_zemsky_vacancies 2026/27", "mun_zemsky_vacancies 2025"]);
        // What packs ask for both kinds is taken for both, what none in force asks for any.
        let _both = load("С2;org_positions_pedagogical_total;2022/23;12\nС2;org_positions_pedagogical_total;2023;12\n").ok();
        let _free = load("С1;mun_methodist_headcount;2022/23;4\nС1;mun_methodist_headcount;2023;4\n").ok();
        // What was entered before stays to be seen; the page names the form that there is, and offers no new pack.
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = form(&mut operator, "С1", "2026/27");
        for said in ["Формы за 2026/27 нет", "Что уже внесено", "спрашивают эту единицу за календарный год: внесите сведения в форму за 2025", "Форма за 2025"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(!page.body.contains("Загрузите методику") && !page.body.contains("name=\"seen\""), "{}", page.body);
        assert!(form(&mut operator, "С1", "2025").body.contains("name=\"seen\""));
    }

    fn a_part_is_never_more_than_its_whole_and_people_and_things_are_counted_whole(v: &Vekha) {
        let server = world(v, &["chelyabinsk"]);
        let (mut mouo, mut director) = (server.signed_in("mouo", PASSWORD), server.signed_in("director", PASSWORD));
        let (all, closed) = ("mun_zemsky_vacancies", "mun_zemsky_vacancies_closed");
        let (total, taken) = ("org_positions_pedagogical_total", "org_positions_pedagogical_occupied");
        let stored = || v.query("SELECT measure || ' ' || value_milli || ' ' || source FROM measure_value WHERE superseded_at IS NULL ORDER BY id");
        let page = form(&mut mouo, "С1", "2023");
        let answer = save(&mut mouo, &page, "С1", "2023", &[(all, "3"), (closed, "5")]);
        assert_eq!(answer.status, 422, "{}", answer.body);
        for said in ["Закрытые вакансии «Земского учителя» — 5, а Вакансии «Земского учителя» — 3", "value=\"5\"", "value=\"3\""] {
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
        }
        let answer = save(&mut mouo, &page, "С1", "2023", &[(all, "3,5"), (closed, "")]);
        assert!(answer.status == 422 && answer.body.contains("здесь считают целыми") && answer.body.contains("value=\"3,5\""), "{}", answer.body);
        assert!(stored().is_empty());
        let answer = save(&mut mouo, &page, "С1", "2023", &[(all, "3"), (closed, "3")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Rates have parts too, and are no wholes.
        let page = form(&mut director, "С2", "2023");
        let answer = save(&mut director, &page, "С2", "2023", &[(total, "12"), (taken, "12,5")]);
        assert!(answer.status == 422 && answer.body.contains("Занятые педагогические ставки — 12,5"), "{}", answer.body);
        let answer = save(&mut director, &page, "С2", "2023", &[(total, "12,5"), (taken, "12")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The same of files: against the row beside and against what stands.
        let before = stored();
        let load = |rows: &str| {
            let file = format!("Единица;Показатель или величина;Период;Значение;Источник\n{rows}");
            v.run(&["import", "forms", text(&v.file("forms.csv", file))])
        };
        for (rows, said) in [
            (format!("С1;{closed};2023;4;\n"), "Закрытые вакансии «Земского учителя» — 4, а Вакансии «Земского учителя» — 3"),
            (format!("С1;{all};2023;2;\n"), "Закрытые вакансии «Земского учителя» — 3, а Вакансии «Земского учителя» — 2"),
            (format!("С2;{taken};2023;13;\n"), "Занятые педагогические ставки — 13, а Педагогические ставки по штату — 12,5"),
            ("С1;mun_methodist_headcount;2023;2,5;\n".to_owned(), "здесь считают целыми"),
        ] {
            let answer = load(&rows).with_refusals();
            assert!(answer.err.contains(said), "{said}: {}", answer.err);
            assert_eq!(stored(), before, "{rows}");
        }
        let answer = load(&format!("С1;{closed};2022;5;\nС1;{all};2022;3;\n")).with_refusals();
        assert!(answer.out.contains("Новых 1") && answer.err.contains("— 5, а "), "{} {}", answer.out, answer.err);
        let _both = load(&format!("С1;{all};2023;2;\nС1;{closed};2023;1;\n")).ok();
        // Of another source it is another statement: neither is wrong by itself.
        let _other = load(&format!("С1;{closed};2023;9;форма\n")).ok();
        assert!(stored().iter().any(|row| *row == format!("{closed} 9000 form")), "{:?}", stored());
        let _whole = v.run(&["check"]).ok();
    }

    // rows: CH-F34, LG-F16
    fn every_entered_value_names_its_source_file_day_and_unit(v: &Vekha) {
        let server = world(v, &["chelyabinsk", "leningrad"]);
        let forms = "Единица;Показатель или величина;Период;Значение;Источник\n\
                     С1;pedagogical_federal;2021;120;федеральное наблюдение\nС1;mun_zemsky_vacancies;2023;7;внешний реестр\n\
                     С2;org_positions_admin_total;2023;3,5;федеральное наблюдение\n";
        let path = v.file("ОО-1 на 1 сентября.csv", forms);
        let _loaded = v.run(&["import", "forms", text(&path)]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        for (of, period, said) in [
            ("С1", "2021", "Федеральное наблюдение: 120, файл «ОО-1 на 1 сентября.csv»"),
            ("С1", "2023", "Внешний реестр: 7, файл «ОО-1 на 1 сентября.csv»"),
            ("С2", "2023", "Федеральное наблюдение: 3,5, файл «ОО-1 на 1 сентября.csv»"),
        ] {
            let page = form(&mut operator, of, period);
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        // As a denominator it counts as the file says.
        let shares = values(v, "leningrad", "2021", "M1");
        assert_eq!(shares["С1"][1], "120", "{shares:?}");
    }

    fn a_value_far_from_last_year_s_is_worth_a_look_and_is_taken(v: &Vekha) {
        let server = world(v, &["chelyabinsk"]);
        let head = "Единица;Показатель или величина;Период;Значение\n";
        let load = |rows: &str| {
            let _loaded = v.run(&["import", "forms", text(&v.file("years.csv", format!("{head}{rows}")))]).ok();
        };
        load("С1;mun_zemsky_vacancies;2022;4\nС1;mun_zemsky_vacancies;2023;6\nЮ1;mun_zemsky_vacancies;2022;1\n");
        let mut operator = server.signed_in("operator", PASSWORD);
        let jump = "Отличается от прошлого года больше чем на 50";
        let page = form(&mut operator, "С1", "2023");
        assert!(!page.body.contains(jump), "by half, not by more: {}", page.body);
        let answer = save(&mut operator, &page, "С1", "2023", &[("mun_zemsky_vacancies", "7"), ("key", &hidden(&page, "key"))]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = form(&mut operator, "С1", "2023");
        assert!(page.body.contains(jump) && page.body.contains("было 4, стало 7"), "{}", page.body);
        assert!(!form(&mut operator, "С1", "2024").body.contains(jump), "nothing is said there yet");
    }

    // rows: LE-F15, LE-F18
    fn statistics_and_a_state_system_are_told_apart_as_sources_of_an_indicator(v: &Vekha) {
        let server = world(v, &["leninsky"]);
        let (total, taken) = ("org_positions_pedagogical_total", "org_positions_pedagogical_occupied");
        // Posts by statistical reporting, how many of them are taken by the information system: school, year, posts, taken.
        let posts: [Posts; 5] = [("С2", "2021", 20, 15), ("С2", "2023", 20, 19), ("С3", "2021", 10, 9), ("С3", "2023", 10, 9), ("Ю2", "2023", 8, 8)];
        let load = |name: &str, source: &str, measure: &str, of: &dyn Fn(&Posts) -> i64| {
            let mut file = String::from("Единица;Показатель или величина;Период;Значение;Источник\n");
            for row in &posts {
                file.push_str(&format!("{};{measure};{};{};{source}\n", row.0, row.1, of(row)));
            }
            let _loaded = v.run(&["import", "forms", text(&v.file(name, file))]).ok();
        };
        load("ОО-1.csv", "федеральное наблюдение", total, &|row| row.2);
        load("Единая система.csv", "внешний реестр", taken, &|row| row.3);
        let mut operator = server.signed_in("operator", PASSWORD);
        for (school, period, all, some) in posts.iter().filter(|row| row.0 != "Ю2") {
            let page = form(&mut operator, school, period);
            for said in [format!("Федеральное наблюдение: {all}, файл «ОО-1.csv»"), format!("Внешний реестр: {some}, файл «Единая система.csv»")] {
                assert!(page.body.contains(&said), "{school} {period} {said}: {}", page.body);
            }
        }
        let stored = |source: &str| number(v, &format!("SELECT count(*) AS n FROM measure_value WHERE source = '{source}' AND superseded_at IS NULL"));
        let all = i64::try_from(posts.len()).expect("few");
        assert_eq!((stored("federal_form"), stored("outside_register"), stored("form")), (all, all, 0), "{:?}", v.query("SELECT DISTINCT source FROM measure_value"));
        // The indicator takes both: the share of posts that are taken, beside the share two years before.
        let share = |year: &str| {
            let of = |place: &dyn Fn(&Posts) -> i64| posts.iter().filter(|row| row.1 == year && row.0 != "Ю2").map(place).sum::<i64>() as f64;
            of(&|row| row.3) * 100.0 / of(&|row| row.2)
        };
        let change: f64 = values(v, "leninsky", "2023", "16")["С1"][2].parse().expect("a value");
        assert!((change - (share("2023") - share("2021"))).abs() < 0.0501, "{change}");
        // A difference of two shares is told in points of per cent, on its page and in its passport.
        let written = format!("{change:.1}").replace('.', ",");
        let page = operator.get(&format!("/indicators/leninsky/16?period=2023&unit={}", code("С1")));
        assert!(page.body.contains(&format!("{written}\u{A0}п.\u{A0}п.")), "points of a difference: {}", page.body);
        assert!(!page.body.contains(&format!("{written}\u{A0}%")), "points of a difference: {}", page.body);
        for (one, said, in_points) in [("16", "позапрошлого периода", true), ("18", "предыдущего периода", false)] {
            let passport = operator.get(&format!("/indicators/leninsky/{one}/passport?period=2023")).body;
            assert!(passport.contains(said), "{one}: {passport}");
            assert_eq!(passport.contains(&format!("{said}, в п.\u{A0}п.")), in_points, "{one}: {passport}");
        }
        // Another school is not seen by this one, and another region's file by nobody here.
        let mut director = server.signed_in("director", PASSWORD);
        assert_eq!(director.get(&format!("/forms?unit={}&period=2023", code("С3"))).status, 404);
        assert_eq!(operator.get(&format!("/forms?unit={}&period=2023", code("Ю2"))).status, 404);
        let page = form(&mut server.signed_in("south", PASSWORD), "Ю2", "2023");
        assert!(page.body.contains("Федеральное наблюдение: 8, файл «ОО-1.csv»"), "{}", page.body);
    }
}
