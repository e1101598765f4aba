//! The people, organisations and towns behind the numbers of the five systems: what a page says of a town is what was laid
//! there, and its list names those people and nobody else. Two regions; each sees its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures_pages::{PASSWORD, accounts, at, code, number, table, tables, values};
use crate::five_world::{CHELYABINSK, Five, KRASNOYARSK, LENINGRAD, Person, Place, Span, TYUMEN, five, group_of};
use crate::laid::World;
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Server, Visitor};
use crate::web_lists::all_pages;
use crate::web_registers::{after, found};

const TOWNS: [&str; 3] = ["МО-А0", "МО-А1", "МО-А2"];

type Asked<'a> = &'a dyn Fn(&Person, &Place) -> bool;

/// What an indicator asks of people: its code, whom it counts among, whom it counts.
struct Rule<'a> {
    code: &'static str,
    among: Asked<'a>,
    counted: Asked<'a>,
}

/// Those of whom something is true at a place inside a unit on the day of a span, by their keys.
fn those(five: &Five, unit: &str, span: Span, asked: Asked<'_>) -> BTreeSet<String> {
    let inside = |place: &Place| {
        let org = &five.orgs[place.org];
        [&org.code, &org.town, &org.region].into_iter().any(|of| of == unit)
    };
    let of = |who: &&Person| who.on(span.on).any(|place| inside(place) && asked(who, place));
    five.people.iter().filter(of).map(|who| who.key.clone()).collect()
}

/// The keys of the people whom the list behind an indicator names; each once.
fn behind(who: &mut Visitor, pack: &str, one: &str, span: Span, unit: &str) -> BTreeSet<String> {
    let more = format!("&unit={}&part=numerator", code(unit));
    let path = at(&format!("/indicators/{pack}/{one}/people"), pack, span.code, &more);
    let Some(list) = all_pages(who, &path).into_iter().next() else {
        return BTreeSet::new();
    };
    let names: Vec<String> = list.rows.iter().skip(1).map(|row| row[0].clone()).collect();
    let keys: BTreeSet<String> = names
        .iter()
        .filter_map(|name| name.split([' ', '\u{a0}']).next_back())
        .map(str::to_owned)
        .collect();
    assert_eq!(keys.len(), names.len(), "{path}: each once");
    keys
}

/// Two operators, each of its own region.
fn operators(v: &Vekha) -> (Server, Visitor, Visitor) {
    accounts(v, &[("operator", "operator", "РЕГ-А"), ("other", "operator", "РЕГ-Б")]);
    let server = Server::start(v);
    let (own, other) = (
        server.signed_in("operator", PASSWORD),
        server.signed_in("other", PASSWORD),
    );
    (server, own, other)
}

/// Every town's numbers on the page and the list behind them are those of the people who were laid.
fn are_behind(own: &mut Visitor, other: &mut Visitor, five: &Five, (pack, span): (&str, Span), rules: &[Rule<'_>]) {
    for rule in rules {
        let one = rule.code;
        let page = own.get(&at(&format!("/indicators/{pack}/{one}"), pack, span.code, ""));
        let told = table(&page, &format!("{one}:"));
        assert!(!page.body.contains("МО-Б") && !page.body.contains("РЕГ-Б"), "{one}");
        let mut telling = 0;
        for town in TOWNS {
            let among = those(five, town, span, rule.among);
            let counted = those(five, town, span, &|who, place| {
                (rule.among)(who, place) && (rule.counted)(who, place)
            });
            let cells = ["В числителе", "Всего"].map(|head| number(told.cell(&format!("Имя {town}"), head)));
            assert_eq!(
                cells,
                [Some(counted.len() as f64), Some(among.len() as f64)],
                "{pack} {one} {town}"
            );
            assert_eq!(behind(own, pack, one, span, town), counted, "{pack} {one} {town}");
            telling += usize::from(!counted.is_empty() && counted.len() < among.len());
        }
        assert!(telling > 0, "{pack} {one}: some town lies between nobody and everybody");
        // The other region has its own people behind the same indicator, and neither opens a list of the other.
        let theirs = those(five, "МО-Б0", span, &|who, place| {
            (rule.among)(who, place) && (rule.counted)(who, place)
        });
        assert_eq!(behind(other, pack, one, span, "МО-Б0"), theirs, "{pack} {one} МО-Б0");
        let foreign = at(
            &format!("/indicators/{pack}/{one}/people"),
            pack,
            span.code,
            "&unit=%D0%9C%D0%9E-%D0%910&part=numerator",
        );
        assert_eq!(own.get(&foreign).status, 404, "{foreign}");
    }
}

fn teaches(_: &Person, place: &Place) -> bool {
    place.teaching
}

fn has_deficit(who: &Person, span: Span, group: &str) -> bool {
    who.deficits(span)
        .into_iter()
        .any(|competence| group_of(competence) == group)
}

/// Whether somebody is one of those who are counted in a span.
type InSpan<'a> = &'a dyn Fn(&Person, Span) -> bool;

on_both! {
    // rows: KR-F22, KR-F23
    fn diagnosed_people_and_those_with_deficits_of_each_area_stand_behind_their_numbers(v: &Vekha) {
        let (five, s) = (five(1), KRASNOYARSK);
        five.lay(v);
        let _opened = values(v, "krasnoyarsk", s.code, "region");
        let (_server, mut own, mut other) = operators(v);
        let entry = |who: &Person, _: &Place| {
            let found = |(kind, day, results): &(&str, &str, Vec<(i64, bool)>)| *kind == "entry" && s.holds(day) && results.iter().any(|(_, d)| *d);
            who.passages.iter().any(found)
        };
        are_behind(&mut own, &mut other, &five, ("krasnoyarsk", s), &[
            Rule { code: "2.2.1.1", among: &teaches, counted: &|who, _| who.diagnosed(&["full", "self"], s) },
            Rule { code: "2.2.1.2", among: &teaches, counted: &|who, _| has_deficit(who, s, "subject") },
            Rule { code: "2.2.1.3", among: &teaches, counted: &|who, _| has_deficit(who, s, "methodical") },
            Rule { code: "2.2.1.4", among: &teaches, counted: &|who, _| who.deficits(s).contains(&904) },
            Rule { code: "2.2.1.5", among: &teaches, counted: &|who, _| who.deficits(s).contains(&905) },
            Rule { code: "2.2.1.6", among: &teaches, counted: &|who, _| who.deficits(s).contains(&906) },
            Rule { code: "2.2.1.7", among: &teaches, counted: &|who, _| who.deficits(s).contains(&907) },
            Rule { code: "2.2.1.8", among: &teaches, counted: &entry },
            Rule { code: "2.2.1.9", among: &teaches, counted: &|who, _| who.diagnosed(&["corporate_order"], s) },
        ]);
        // A self-assessment alone makes nobody diagnosed where only formal procedures count.
        let only_self = |who: &&Person| {
            who.diagnosed(&["self"], s) && !who.diagnosed(&["full", "entry", "corporate_order", "follow_up"], s)
        };
        assert!(five.people.iter().any(|who| only_self(&who)), "the world has such people");
        let _opened = values(v, "tyumen", s.code, "region");
        are_behind(&mut own, &mut other, &five, ("tyumen", TYUMEN), &[Rule {
            code: "1.1.2",
            among: &teaches,
            counted: &|who, _| who.diagnosed(&["full", "entry", "corporate_order", "follow_up"], s),
        }]);
    }

    // rows: KR-F53
    fn whoever_was_trained_in_the_centre_stands_behind_the_number(v: &Vekha) {
        let (five, s) = (five(3), KRASNOYARSK);
        five.lay(v);
        let _opened = values(v, "krasnoyarsk", s.code, "region");
        let (_server, mut own, mut other) = operators(v);
        let in_school = |_: &Person, place: &Place| place.teaching && five.orgs[place.org].school;
        let trained = |who: &Person, at_centre: bool| {
            who.trained.iter().any(|(programme, day)| {
                let of = &five.programmes[*programme];
                s.holds(day) && !of.retraining && of.centre == at_centre
            })
        };
        are_behind(&mut own, &mut other, &five, ("krasnoyarsk", s), &[
            Rule { code: "2.2.2.2", among: &in_school, counted: &|who, _| trained(who, true) },
        ]);
        let elsewhere = those(&five, "РЕГ-А", s, &|who, place| in_school(who, place) && trained(who, false) && !trained(who, true));
        let listed = behind(&mut own, "krasnoyarsk", "2.2.2.2", s, "РЕГ-А");
        assert!(!elsewhere.is_empty() && elsewhere.is_disjoint(&listed), "a course elsewhere is none of the centre");
    }

    // rows: KR-F57, TY-F77
    fn organisations_with_the_model_of_mentoring_and_people_of_pairs_stand_behind_their_numbers(v: &Vekha) {
        let (five, s) = (five(36), KRASNOYARSK);
        five.lay(v);
        for pack in ["krasnoyarsk", "tyumen"] {
            let _opened = values(v, pack, s.code, "region");
        }
        let (_server, mut own, mut other) = operators(v);
        are_behind(&mut own, &mut other, &five, ("krasnoyarsk", s), &[
            Rule { code: "2.2.3.5", among: &teaches, counted: &|who, _| who.in_pair(s) },
        ]);
        let young = |who: &Person, place: &Place| place.teaching && who.is_young(s.on);
        are_behind(&mut own, &mut other, &five, ("tyumen", TYUMEN), &[
            Rule { code: "1.2.9", among: &young, counted: &|who, _| who.in_pair(s.with_before(1)) },
        ]);
        // Organisations that have said yes, of all of the town; who has said nothing is told from who has said no.
        let told = table(&own.get(&at("/indicators/krasnoyarsk/2.2.3.4", "krasnoyarsk", s.code, "")), "2.2.3.4:");
        for town in TOWNS {
            let said: Vec<Option<bool>> = five.orgs.iter().filter(|o| o.town == town).map(|o| o.mentoring_model).collect();
            let yes = said.iter().filter(|yes| **yes == Some(true)).count();
            let upper = said.iter().any(Option::is_some).then_some(yes as f64);
            assert_eq!(number(told.cell(&format!("Имя {town}"), "В числителе")), upper, "{town}: {told:?}");
        }
        let org = five.orgs.iter().find(|o| o.region == "РЕГ-А" && o.mentoring_model == Some(true)).expect("an organisation");
        let path = format!("/forms?unit={}&period={}", code(&org.code), code(s.code));
        let form = own.get(&path);
        let block = form.body.split("<h2>Реализует целевую модель наставничества</h2>").nth(1).expect("the question");
        assert!(block.split("<h2>").next().unwrap_or("").contains("представлено"), "{block}");
        assert_eq!(other.get(&path).status, 404);
    }

    // rows: CH-F41
    fn the_regional_active_has_members_everywhere_and_accompanies_the_young(v: &Vekha) {
        let (five, s) = (five(19), CHELYABINSK);
        five.lay(v);
        let _opened = values(v, "chelyabinsk", s.code, "region");
        let (_server, mut own, mut other) = operators(v);
        are_behind(&mut own, &mut other, &five, ("chelyabinsk", s), &[
            Rule { code: "7.3", among: &|who, _| who.is_young(s.on), counted: &|who, _| who.accompanied(s) },
        ]);
        // Towns with somebody in the active.
        let active = |who: &Person, _: &Place| who.is_member(&["regional_active"], s) || who.has_role(&["regional_methodist"], s);
        let page = own.get(&at("/indicators/chelyabinsk/7.2", "chelyabinsk", s.code, ""));
        let told = table(&page, "7.2:");
        for town in TOWNS {
            let there = f64::from(u8::from(!those(&five, town, s, &active).is_empty()));
            assert_eq!(number(told.cell(&format!("Имя {town}"), "В числителе")), Some(there), "{town}: {told:?}");
        }
        // The active itself, by level, with those who stand in it today.
        for (who, region) in [(&mut own, "РЕГ-А"), (&mut other, "РЕГ-Б")] {
            for level in ["regional", "municipal"] {
                let member = |who: &&Person| {
                    who.region == region && who.member.iter().any(|(kind, of, _, to)| *kind == "regional_active" && *of == level && to.is_empty())
                };
                let ever = |who: &&Person| {
                    who.region == region && who.member.iter().any(|(kind, of, ..)| *kind == "regional_active" && *of == level)
                };
                let bodies = usize::from(five.people.iter().any(|who| ever(&who)));
                let path = format!("/bodies?kind=regional_active&level={level}");
                assert_eq!(found(who, &path), bodies, "{region} {path}");
                if bodies > 0 {
                    let today = five.people.iter().filter(member).count();
                    assert_eq!(after(&who.get(&path), "Сегодня в них состоят: "), today, "{region} {path}");
                }
            }
        }
        assert!(!page.body.contains("МО-Б"));
    }

    // rows: LE-F19
    fn values_of_years_stand_beside_each_other_with_their_change(v: &Vekha) {
        let five = five(8);
        five.lay(v);
        let spans: Vec<Span> = [
            ("2021", "2021-01-01", "2021-12-31"), ("2022", "2022-01-01", "2022-12-31"), ("2023", "2023-01-01", "2023-12-31"),
        ].into_iter().map(|(code, from, to)| Span { code, from, to, on: to }).collect();
        for span in &spans {
            let _opened = values(v, "leninsky", span.code, "region");
        }
        let (_server, mut own, mut other) = operators(v);
        let community = |who: &Person, span: Span| who.is_member(&["smo", "association", "community"], span);
        let mentors = |who: &Person, span: Span| who.is_member(&["mentors"], span);
        let rules: [(&str, InSpan<'_>); 2] = [("12", &mentors), ("15", &community)];
        let mut moved = 0;
        for (one, rule) in rules {
            let with: String = TOWNS.iter().map(|town| format!("&with={}", code(town))).collect();
            let page = own.get(&at(&format!("/indicators/leninsky/{one}/series"), "leninsky", "2023", &with));
            let lines = table(&page, "По периодам");
            for town in TOWNS {
                let name = format!("Имя {town}");
                let share = |span: Span| {
                    let upper = those(&five, town, span, &|who, place| place.teaching && rule(who, span)).len();
                    let lower = those(&five, town, span, &teaches).len();
                    upper as f64 * 100.0 / lower as f64
                };
                let exact: Vec<f64> = spans.iter().map(|span| share(*span)).collect();
                for (span, exact) in spans.iter().zip(&exact) {
                    let said = number(lines.cell(&name, &format!("{} год", span.code))).expect("a value");
                    assert!((said - exact).abs() < 0.0501, "{one} {town} {}: {said}, {exact}", span.code);
                }
                let change = number(lines.cell(&name, "Изменение")).expect("a change");
                assert!((change - (exact[2] - exact[0])).abs() < 0.11, "{one} {town}: {change}, {exact:?}");
                moved += usize::from((exact[2] - exact[0]).abs() > 1.0);
            }
            assert!(!page.body.contains("МО-Б"), "{one}");
            let foreign = other.get(&at(&format!("/indicators/leninsky/{one}/series"), "leninsky", "2023", "&unit=%D0%9C%D0%9E-%D0%900"));
            assert_eq!(foreign.status, 404, "{one}");
        }
        assert!(moved > 0, "something has changed over the years");
    }

    // rows: LG-F30
    fn forms_of_activity_are_shares_of_services_that_have_them(v: &Vekha) {
        let (five, s) = (five(31), LENINGRAD);
        five.lay(v);
        let printed = values(v, "leningrad", s.code, "region");
        let (_server, mut own, mut other) = operators(v);
        let measures: BTreeMap<&str, &str> = [
            ("F1", "mun_school_of_young_teacher"), ("F2", "mun_schools_in_organisations"), ("F3", "mun_mentoring_small_organisations"),
            ("F4", "mun_social_network_groups"), ("F5", "mun_district_unions"), ("F6", "mun_service_site"), ("F7", "mun_union_sites"),
        ].into();
        let tree = table(&own.get(&at("", "leningrad", s.code, "")), "Показатели");
        let theirs = table(&other.get(&at("", "leningrad", s.code, "")), "Показатели");
        let map = table(&own.get(&at("/map", "leningrad", s.code, "")), "Показатели по единицам");
        assert!(tables(&own.get(&at("/map", "leningrad", s.code, ""))).iter().flat_map(|t| t.rows.iter().flatten()).all(|cell| !cell.contains("МО-Б")));
        let mut told = 0;
        for (one, measure) in measures {
            let said = |town: &str| five.entered.iter().find(|((of, code, period), _)| of == town && *code == measure && *period == s.code).map(|(_, n)| *n);
            for (tree, letter) in [(&tree, "А"), (&theirs, "Б")] {
                let towns: Vec<Option<i64>> = (0..3).map(|n| said(&format!("МО-{letter}{n}"))).collect();
                let have = towns.iter().flatten().filter(|n| **n > 0).count();
                let cells = ["Числитель", "Знаменатель"].map(|head| number(tree.cell(one, head)));
                let upper = towns.iter().any(Option::is_some).then_some(have as f64);
                assert_eq!(cells, [upper, Some(towns.len() as f64)], "{one} {letter}: {towns:?}");
                if let Some(upper) = upper {
                    let value = number(tree.cell(one, "Значение")).expect("a share");
                    assert!((value - upper * 100.0 / towns.len() as f64).abs() < 0.0501, "{one} {letter}: {value}");
                }
            }
            // A service that has said nothing is told from one that has none.
            for town in TOWNS {
                let cell = map.cell(&format!("Имя {town}"), one);
                match said(town) {
                    Some(n) => assert_eq!(number(cell), Some(if n > 0 { 100.0 } else { 0.0 }), "{one} {town}: {cell}"),
                    None => assert_eq!(cell, "не представлено", "{one} {town}"),
                }
                told += usize::from(said(town).is_some());
            }
            assert!(printed.contains_key(&(one.to_owned(), "РЕГ-А".to_owned())), "{one}");
        }
        assert!(told > 6, "towns have said something: {told}");
    }

    // rows: CH-F03
    fn a_head_reads_how_far_the_own_organisation_is_from_its_targets(v: &Vekha) {
        let mut world = World::new();
        let mut sizes: Vec<(String, usize, usize)> = Vec::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}0"), Some((region, region)));
            for (n, (many, diagnosed)) in [(20, 12), (16, 6)].into_iter().enumerate() {
                let of = format!("ОО-{letter}{n}");
                let school = world.unit("organisation", &of, Some((region, town)));
                for m in 0..many {
                    let who = world.person(region, &format!("{of}-{m:02}"), "1980-01-01");
                    world.job(who, school, "teaching main", "2020-01-01", "");
                    if m < diagnosed {
                        world.passage(who, "full", "2023-03-01", 50);
                    }
                }
                sizes.push((of, many, diagnosed));
            }
        }
        world.lay(v);
        let printed = values(v, "chelyabinsk", "2023", "organisation");
        let logins = ["head-0", "head-1", "head-2", "head-3"];
        let all: Vec<(&str, &str, &str)> =
            logins.iter().zip(&sizes).map(|(login, (of, ..))| (*login, "school_head", of.as_str())).collect();
        accounts(v, &all);
        let server = Server::start(v);
        for (login, (of, many, diagnosed)) in logins.iter().zip(&sizes) {
            let mut head = server.signed_in(login, PASSWORD);
            let tree = table(&head.get(&at("", "chelyabinsk", "2023", "")), "Показатели");
            let exact = *diagnosed as f64 * 100.0 / *many as f64;
            let target: f64 = printed[&("1.1".to_owned(), of.clone())]["target"].parse().expect("a target");
            let cell = |head: &str| number(tree.cell("1.1", head)).expect(head);
            assert!((cell("Значение") - exact).abs() < 0.0501, "{of}: {tree:?}");
            assert!((cell("План") - target).abs() < 1e-9, "{of}: {tree:?}");
            assert!((cell("Отклонение") - (exact - target)).abs() < 0.0501, "{of}: {tree:?}");
            // Nobody opens what another organisation has reached, nor the people of the own one behind the number.
            for (other, ..) in sizes.iter().filter(|(other, ..)| other != of) {
                let foreign = at("", "chelyabinsk", "2023", &format!("&unit={}", code(other)));
                assert_eq!(head.get(&foreign).status, 404, "{of} {other}");
            }
            let people = at("/indicators/chelyabinsk/1.1/people", "chelyabinsk", "2023", &format!("&unit={}&part=numerator", code(of)));
            assert_eq!(head.get(&people).status, 403, "{of}");
        }
        // The next year has a target of its own.
        let _opened = values(v, "chelyabinsk", "2024", "organisation");
        let mut head = server.signed_in(logins[0], PASSWORD);
        let passport = head.get(&at("/indicators/chelyabinsk/1.1/passport", "chelyabinsk", "2023", ""));
        let targets = table(&passport, "Цели");
        let of = |year: &str| number(targets.cell(year, "Цель")).expect(year);
        assert!(of("2023") < of("2024") && of("2024") < of("2025"), "{targets:?}");
    }
}
