//! The indicators of the five systems against a second count over the same invented world: at three levels, in two
//! regions, with the lists behind the numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::five_world::{
    CHELYABINSK, Five, KRASNOYARSK, LENINGRAD, LENINSKY, Org, Person, Place, Span, TYUMEN, five, group_of, years,
};
use crate::on_both;
use crate::support::Vekha;

/// What a second count says: above the line and below it, thousandths; `None` is empty.
type Counted = (Option<i64>, Option<i64>);
/// A second count of one indicator: over the organisations inside a unit, and the unit's code.
type Rule<'a> = (&'a str, Box<dyn Fn(&Five, &BTreeSet<usize>, &str) -> Counted + 'a>);

fn milli(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    Some(whole * 1000 + format!("{fraction:0<3}").parse::<i64>().expect("thousandths"))
}

/// Persons of a place that `asked`; each once.
fn persons(five: &Five, inside: &BTreeSet<usize>, span: Span, asked: &dyn Fn(&Person, &Place) -> bool) -> i64 {
    let of = |who: &&Person| who.on(span.on).any(|p| inside.contains(&p.org) && asked(who, p));
    i64::try_from(five.people.iter().filter(of).count()).expect("small") * 1000
}

type Asked<'a> = Box<dyn Fn(&Person, &Place) -> bool + 'a>;

/// A share of persons.
fn share<'a>(code: &'a str, span: Span, base: Asked<'a>, more: Asked<'a>) -> Rule<'a> {
    let rule = move |five: &Five, inside: &BTreeSet<usize>, _: &str| {
        let lower = persons(five, inside, span, &|who, p| base(who, p));
        let upper = persons(five, inside, span, &|who, p| base(who, p) && more(who, p));
        (Some(upper), Some(lower))
    };
    (code, Box::new(rule))
}

/// A share among those who teach.
fn of_teaching<'a>(code: &'a str, span: Span, more: impl Fn(&Person) -> bool + 'a) -> Rule<'a> {
    share(
        code,
        span,
        Box::new(|_, p| p.teaching),
        Box::new(move |who, _| more(who)),
    )
}

/// A share of organisations inside; empty above when none of them said anything.
fn of_orgs<'a>(code: &'a str, base: impl Fn(&Org) -> bool + 'a, said: impl Fn(&Org) -> Option<bool> + 'a) -> Rule<'a> {
    let rule = move |five: &Five, inside: &BTreeSet<usize>, unit: &str| {
        let count = |n: usize| i64::try_from(n).expect("small") * 1000;
        let all = || inside.iter().map(|o| &five.orgs[*o]);
        let silent = all().all(|o| said(o).is_none());
        let upper = all().filter(|o| base(o) && said(o) == Some(true)).count();
        // The two centres of a region are organisations too, though not schools.
        let others = centres(five, unit, &base);
        let upper = (!silent).then(|| count(upper));
        (upper, Some(count(all().filter(|o| base(o)).count() + others)))
    };
    (code, Box::new(rule))
}

/// How many of the two centres of further education stand in a unit, if the base takes what is no school.
fn centres(five: &Five, unit: &str, base: &dyn Fn(&Org) -> bool) -> usize {
    let kindergarten = five.orgs.iter().find(|o| !o.school).expect("a kindergarten");
    match unit.split('-').next() {
        _ if !base(kindergarten) => 0,
        Some("РЕГ") => 2,
        Some("МО") if !unit.ends_with('2') => 1,
        _ => 0,
    }
}

/// A sum of entered numbers of towns, read at a town or a region.
fn towns(five: &Five, unit: &str, measure: &str, period: &str) -> Option<i64> {
    let letter = unit.chars().nth_back(if unit.starts_with("РЕГ") { 0 } else { 1 })?;
    let of = |town: &&(String, &'static str, &'static str)| {
        town.1 == measure
            && town.2 == period
            && (town.0 == unit || (unit.starts_with("РЕГ") && town.0.starts_with(&format!("МО-{letter}"))))
    };
    let found: Vec<i64> = five.entered.keys().filter(of).map(|k| five.entered[k]).collect();
    (!found.is_empty() && !unit.starts_with("ОО")).then(|| found.iter().sum())
}

/// A sum of the posts of organisations.
fn posts(
    five: &Five,
    inside: &BTreeSet<usize>,
    only: &dyn Fn(&Org) -> bool,
    of: &dyn Fn(&Org) -> Option<[i64; 4]>,
    parts: &[usize],
) -> Option<i64> {
    let given: Vec<[i64; 4]> = inside
        .iter()
        .map(|o| &five.orgs[*o])
        .filter(|o| only(o))
        .filter_map(of)
        .collect();
    (!given.is_empty()).then(|| given.iter().flat_map(|p| parts.iter().map(|n| p[*n])).sum())
}

/// The values of a pack that the program prints, by indicator and unit.
fn printed(v: &Vekha, pack: &str, period: &str) -> BTreeMap<(String, String), (Counted, String)> {
    let mut found = BTreeMap::new();
    for level in ["region", "municipality", "organisation"] {
        let arguments = ["values", "--pack", pack, "--period", period, "--level", level];
        for row in v.run(&arguments).ok().rows() {
            if row["breakdown"].is_empty() {
                let said = (milli(&row["numerator"]), milli(&row["denominator"]));
                found.insert(
                    (row["indicator"].clone(), row["unit"].clone()),
                    (said, row["value"].clone()),
                );
            }
        }
    }
    found
}

/// Whether a unit takes part in a comparison: of sums over towns an organisation has nothing to say.
const UNITS: [&str; 2] = ["РЕГ", "МО"];

/// Compares what the program prints with a second count at every unit, and the length of a list with its number.
fn compare(v: &Vekha, seed: u64, pack: &str, span: Span, rules: Vec<Rule<'_>>) {
    let five = five(seed);
    five.lay(v);
    let printed = printed(v, pack, span.code);
    for (code, rule) in rules {
        let mut telling = 0;
        let mut units: BTreeSet<String> = five.orgs.iter().map(|o| o.code.clone()).collect();
        units.extend(five.orgs.iter().flat_map(|o| [o.town.clone(), o.region.clone()]));
        for unit in &units {
            let inside: BTreeSet<usize> = (0..five.orgs.len())
                .filter(|n| {
                    let org = &five.orgs[*n];
                    [&org.code, &org.town, &org.region].contains(&unit)
                })
                .collect();
            let counted = rule(&five, &inside, unit);
            let row = printed.get(&(code.to_owned(), unit.clone()));
            let (said, value) = row.expect("every unit has a row");
            assert_eq!(*said, counted, "{pack} {code} {unit}: printed, counted");
            if let (Some(upper), Some(lower)) = counted {
                telling += i64::from(upper > 0 && (upper < lower || code == "3.5.2"));
                if lower > 0 && pack != "krasnoyarsk" {
                    let exact = upper as f64 * 100.0 / lower as f64;
                    let shown: f64 = value.parse().expect("a value");
                    let ratio = code == "3.5.2" || code == "K3";
                    assert!(
                        ratio || (shown - exact).abs() <= 0.0501,
                        "{pack} {code} {unit}: {shown}, {exact}"
                    );
                } else if lower == 0 {
                    assert_eq!(value, "", "{pack} {code} {unit}: of nothing there is no share");
                }
            }
        }
        for (region, letter) in [("РЕГ-А", "А"), ("РЕГ-Б", "Б")] {
            let (said, _) = &printed[&(code.to_owned(), region.to_owned())];
            let arguments = [
                "people",
                "--pack",
                pack,
                "--indicator",
                code,
                "--unit",
                region,
                "--period",
                span.code,
            ];
            let list = v.run(&arguments).ok().rows();
            let Some(upper) = said
                .0
                .filter(|_| list.iter().any(|row| row["subject"] != "municipality"))
            else {
                continue;
            };
            assert_eq!(
                i64::try_from(list.len()).expect("small") * 1000,
                upper,
                "{code} {region}: list"
            );
            assert!(
                list.iter().all(|row| row["key"].contains(letter)),
                "{code} {region}: nobody of the other region"
            );
        }
        assert!(
            telling > 0,
            "{pack} {code}: some share lies between nothing and everything"
        );
    }
}

fn not_self(who: &Person, span: Span) -> bool {
    who.diagnosed(&["full", "entry", "corporate_order", "follow_up"], span)
}

fn trained_in<'a>(
    five: &'a Five,
    who: &'a Person,
    span: Span,
    fits: impl Fn(&crate::five_world::Programme) -> bool + 'a,
) -> bool {
    who.trained
        .iter()
        .any(|(programme, day)| span.holds(day) && fits(&five.programmes[*programme]))
}

/// A share of those who teach that asks of trainings.
fn of_trained<'a>(
    code: &'a str,
    span: Span,
    base: impl Fn(&Five, &Person, &Place) -> bool + 'a,
    fits: impl Fn(&crate::five_world::Programme) -> bool + Copy + 'a,
) -> Rule<'a> {
    let rule = move |five: &Five, inside: &BTreeSet<usize>, _: &str| {
        let lower = persons(five, inside, span, &|who, p| base(five, who, p));
        let upper = persons(five, inside, span, &|who, p| {
            base(five, who, p) && trained_in(five, who, span, fits)
        });
        (Some(upper), Some(lower))
    };
    (code, Box::new(rule))
}

/// A share of programmes of a region's two centres; only regions have a row that says something.
fn of_programmes<'a>(
    code: &'a str,
    span: Span,
    base: impl Fn(&crate::five_world::Programme) -> bool + 'a,
    more: impl Fn(&crate::five_world::Programme) -> bool + 'a,
) -> Rule<'a> {
    let rule = move |five: &Five, _: &BTreeSet<usize>, unit: &str| {
        let delivered = |n: usize| {
            five.people
                .iter()
                .any(|who| who.trained.iter().any(|(of, day)| *of == n && span.holds(day)))
        };
        let here = |p: &crate::five_world::Programme| {
            let letter = p.region.trim_start_matches("РЕГ-").to_owned();
            unit == p.region || unit == format!("МО-{letter}{}", usize::from(!p.centre))
        };
        let all = || {
            five.programmes
                .iter()
                .enumerate()
                .filter(|(n, p)| here(p) && delivered(*n) && base(p))
        };
        let count = |n: usize| i64::try_from(n).expect("small") * 1000;
        (
            Some(count(all().filter(|(_, p)| more(p)).count())),
            Some(count(all().count())),
        )
    };
    (code, Box::new(rule))
}

/// A share of towns by what they entered; an organisation has nothing to say.
fn of_towns<'a>(code: &'a str, measure: &'static str, period: &'static str) -> Rule<'a> {
    let rule = move |five: &Five, _: &BTreeSet<usize>, unit: &str| {
        if !UNITS.contains(&unit.split('-').next().unwrap_or_default()) {
            return (None, None);
        }
        let here: Vec<String> = if unit.starts_with("РЕГ") {
            let letter = unit.chars().next_back().expect("a letter");
            (0..3).map(|n| format!("МО-{letter}{n}")).collect()
        } else {
            vec![unit.to_owned()]
        };
        let said: Vec<i64> = here
            .iter()
            .filter_map(|town| five.entered.get(&(town.clone(), measure, period)).copied())
            .collect();
        let count = |n: usize| i64::try_from(n).expect("small") * 1000;
        let upper = (!said.is_empty()).then(|| count(said.iter().filter(|n| **n > 0).count()));
        (upper, Some(count(here.len())))
    };
    (code, Box::new(rule))
}

/// A ratio of two sums of towns.
fn of_sums<'a>(code: &'a str, upper: &'static str, lower: &'static str, period: &'static str) -> Rule<'a> {
    let rule = move |five: &Five, _: &BTreeSet<usize>, unit: &str| {
        (towns(five, unit, upper, period), towns(five, unit, lower, period))
    };
    (code, Box::new(rule))
}

/// Persons above, an entered number of towns below.
fn to_towns<'a>(
    code: &'a str,
    span: Span,
    lower: &'static str,
    asked: impl Fn(&Person, &Place) -> bool + 'a,
) -> Rule<'a> {
    let rule = move |five: &Five, inside: &BTreeSet<usize>, unit: &str| {
        let upper = persons(five, inside, span, &|who, p| asked(who, p));
        (Some(upper), towns(five, unit, lower, span.code))
    };
    (code, Box::new(rule))
}

/// A share of towns where somebody does.
fn towns_where<'a>(code: &'a str, span: Span, asked: impl Fn(&Person, &Place) -> bool + 'a) -> Rule<'a> {
    let rule = move |five: &Five, inside: &BTreeSet<usize>, unit: &str| {
        if unit.starts_with("ОО") {
            return (None, None);
        }
        let mut all = 0;
        let mut with = 0;
        let towns: BTreeSet<&String> = inside.iter().map(|o| &five.orgs[*o].town).collect();
        for town in towns {
            let of: BTreeSet<usize> = (0..five.orgs.len()).filter(|o| five.orgs[*o].town == *town).collect();
            all += 1000;
            with += i64::from(persons(five, &of, span, &|who, p| asked(who, p)) > 0) * 1000;
        }
        (Some(with), Some(all))
    };
    (code, Box::new(rule))
}

fn has_deficit(who: &Person, span: Span, group: &str) -> bool {
    who.deficits(span).into_iter().any(|c| group_of(c) == group)
}

on_both! {
    // rows: KR-I-2.2.1.1, KR-I-2.2.1.2, KR-I-2.2.1.3, KR-I-2.2.1.4, KR-I-2.2.1.5
    fn diagnoses_and_deficits_of_krasnoyarsk(v: &Vekha) {
        let s = KRASNOYARSK;
        compare(v, 1, "krasnoyarsk", s, vec![
            of_teaching("2.2.1.1", s, |who| who.diagnosed(&["full", "self"], s)),
            of_teaching("2.2.1.2", s, |who| has_deficit(who, s, "subject")),
            of_teaching("2.2.1.3", s, |who| has_deficit(who, s, "methodical")),
            of_teaching("2.2.1.4", s, |who| who.deficits(s).contains(&904)),
            of_teaching("2.2.1.5", s, |who| who.deficits(s).contains(&905)),
        ]);
        drop(v.run(&["check"]).ok());
    }

    // rows: KR-I-2.2.1.6, KR-I-2.2.1.7, KR-I-2.2.1.8, KR-I-2.2.1.9, KR-I-2.2.2.1
    fn areas_entry_and_corporate_order_of_krasnoyarsk(v: &Vekha) {
        let s = KRASNOYARSK;
        let entry = move |who: &Person| {
            who.passages
                .iter()
                .any(|(kind, day, results)| *kind == "entry" && s.holds(day) && results.iter().any(|(_, d)| *d))
        };
        compare(v, 2, "krasnoyarsk", s, vec![
            of_teaching("2.2.1.6", s, |who| who.deficits(s).contains(&906)),
            of_teaching("2.2.1.7", s, |who| who.deficits(s).contains(&907)),
            of_teaching("2.2.1.8", s, entry),
            of_teaching("2.2.1.9", s, |who| who.diagnosed(&["corporate_order"], s)),
            of_teaching("2.2.2.1", s, |who| who.plans.iter().any(|(_, day, _)| s.holds(day))),
        ]);
    }

    // rows: KR-I-2.2.2.2, KR-I-2.2.2.3, KR-I-2.2.2.4, KR-I-2.2.3.1, KR-I-2.2.3.2
    fn mastery_and_young_teachers_of_krasnoyarsk(v: &Vekha) {
        let s = KRASNOYARSK;
        let schools = five(3).orgs.iter().map(|o| o.school).collect::<Vec<_>>();
        let in_school = move |_: &Five, _: &Person, p: &Place| p.teaching && schools[p.org];
        let tutors: Rule<'_> = ("2.2.2.4", Box::new(move |five, inside, _| {
            let upper = persons(five, inside, s, &|who, _| who.has_role(&["tutor", "supervisor"], s));
            (Some(upper), Some(persons(five, inside, s, &|_, p| p.teaching)))
        }));
        compare(v, 3, "krasnoyarsk", s, vec![
            of_trained("2.2.2.2", s, in_school, |p| !p.retraining && p.centre),
            of_teaching("2.2.2.3", s, |who| who.took_part("event", &["profsreda"], s)),
            tutors,
            of_teaching("2.2.3.1", s, |who| who.is_young(s.on)),
            share("2.2.3.2", s, Box::new(move |who, p| p.teaching && who.is_young(s.on)),
                Box::new(move |who, _| who.took_part("event", &["young_calendar", "young_school"], s))),
        ]);
    }

    // rows: KR-I-2.2.3.3, KR-I-2.2.3.4, KR-I-2.2.3.5, KR-I-2.2.4.1, KR-I-2.2.4.2
    fn mentoring_and_unions_of_krasnoyarsk(v: &Vekha) {
        let s = KRASNOYARSK;
        let first_years = move |who: &Person| !who.since.is_empty() && *who.since <= *s.on && years(&who.since, s.on) < 3;
        compare(v, 36, "krasnoyarsk", s, vec![
            share("2.2.3.3", s, Box::new(move |who, p| p.teaching && who.is_young(s.on)),
                Box::new(move |who, _| first_years(who) && who.took_part("contest", &["young_projects"], s))),
            of_orgs("2.2.3.4", |_| true, |o| o.mentoring_model),
            of_teaching("2.2.3.5", s, |who| who.in_pair(s)),
            of_teaching("2.2.4.1", s, |who| who.is_member(&["smo"], s)),
            of_teaching("2.2.4.2", s, |who| {
                who.is_member(&["gmo", "rmo"], s) && who.took_part("help", &["gmo", "rmo"], s)
            }),
        ]);
    }

    // rows: KR-I-2.2.4.3, KR-I-2.2.5.1, KR-I-2.2.5.2, KR-I-2.2.5.3
    fn staff_of_krasnoyarsk(v: &Vekha) {
        let s = KRASNOYARSK;
        // Full months of the table, written out anew: 55 years of women born before 1964, 60 of men before 1959.
        let pension = move |who: &Person| {
            let born: i32 = who.born[..4].parse().expect("a year");
            let (years_, months) = match (who.female, born) {
                (true, ..1964) => (55, 0),
                (true, 1968..) => (60, 0),
                (false, ..1959) => (60, 0),
                (false, 1963..) => (65, 0),
                other => unreachable!("{other:?}"),
            };
            assert_eq!(months, 0);
            years(&who.born, s.on) >= years_
        };
        let vacancies: Rule<'_> = ("2.2.5.3", Box::new(move |five, _, unit| {
            let said = of_towns("", "mun_vacancy_list_published", "2022/23").1(five, &BTreeSet::new(), unit);
            match (unit.starts_with("МО"), said.0) {
                (true, upper) => (upper, None),
                (false, None) => (None, None),
                (false, Some(_)) => said,
            }
        }));
        compare(v, 5, "krasnoyarsk", s, vec![
            of_teaching("2.2.4.3", s, |who| who.is_member(&["smo", "association", "community"], s)),
            share("2.2.5.1", s, Box::new(|_, p| p.teaching), Box::new(|_, p| {
                !p.subjects.is_empty() && p.subjects.iter().all(|(_, matches)| *matches == Some(true))
            })),
            of_teaching("2.2.5.2", s, pension),
            vacancies,
        ]);
    }

    // rows: LE-I-1, LE-I-2, LE-I-3, LE-I-4, LE-I-5
    fn routes_and_trainings_of_leninsky(v: &Vekha) {
        let s = LENINSKY;
        compare(v, 6, "leninsky", s, vec![
            of_teaching("1", s, |who| not_self(who, s)),
            of_teaching("2", s, |who| who.plans.iter().any(|(origin, day, _)| *origin == "cnppm" && s.holds(day))),
            of_trained("3", s, |_, _, p| p.teaching, |p| !p.retraining && p.deficit_based),
            of_trained("4", s, |_, _, p| p.teaching, |p| p.in_register),
            of_trained("5", s, move |five, who, _| trained_in(five, who, s, |p| p.retraining), |p| p.retraining && p.pedagogical),
        ]);
        let five = five(6);
        for region in ["РЕГ-А", "РЕГ-Б"] {
            let rows = v.run(&["values", "--pack", "leninsky", "--period", "2023", "--unit", region, "--indicator", "1"]).ok().rows();
            for subject in ["математика", "химия", "русский язык"] {
                let teaches = |who: &Person| who.on(s.on).any(|p| p.subjects.iter().any(|(name, _)| *name == subject));
                let here: BTreeSet<usize> = (0..five.orgs.len()).filter(|o| five.orgs[*o].region == region).collect();
                let lower = persons(&five, &here, s, &|who, p| p.teaching && teaches(who));
                let upper = persons(&five, &here, s, &|who, p| p.teaching && teaches(who) && not_self(who, s));
                let row = rows.iter().find(|row| row["breakdown"] == "subject" && row["breakdown_value"] == subject).expect("a subject");
                assert_eq!((milli(&row["numerator"]), milli(&row["denominator"])), (Some(upper), Some(lower)), "{subject}");
            }
        }
    }

    // rows: LE-I-6, LE-I-7, LE-I-8, LE-I-9, LE-I-10
    fn programmes_of_leninsky(v: &Vekha) {
        let s = LENINSKY;
        compare(v, 7, "leninsky", s, vec![
            of_trained("6", s, |_, _, p| p.teaching, |p| p.distance),
            of_programmes("7", s, |p| !p.retraining, |p| p.e_learning),
            of_trained("8", s, |_, _, p| p.teaching, |p| !p.retraining && p.topics.contains(&"gia_expert")),
            of_trained("9", s, |_, _, p| p.teaching, |p| !p.retraining && p.topics.contains(&"attestation_expert")),
            of_programmes("10", s, |p| !p.retraining, |p| p.topics.contains(&"burnout_prevention")),
        ]);
    }

    // rows: LE-I-11, LE-I-12, LE-I-13, LE-I-14, LE-I-15
    fn support_and_communities_of_leninsky(v: &Vekha) {
        let s = LENINSKY;
        let results = move |who: &Person| -> Vec<bool> {
            who.passages
                .iter()
                .filter(|(_, day, _)| s.holds(day))
                .flat_map(|(_, _, results)| results.clone())
                .filter(|(c, _)| ["subject", "methodical"].contains(&group_of(*c)))
                .map(|(_, deficit)| deficit)
                .collect()
        };
        let newly = move |who: &Person| {
            who.is_young(s.on) && !who.since.is_empty() && *who.since <= *s.on && years(&who.since, s.on) < 3
        };
        compare(v, 8, "leninsky", s, vec![
            share("11", s, Box::new(move |who, p| p.teaching && !results(who).is_empty()), Box::new(move |who, _| {
                results(who).iter().all(|deficit| !deficit) && who.is_member(&["municipal_active"], s)
            })),
            of_teaching("12", s, |who| who.is_member(&["mentors"], s)),
            share("13", s, Box::new(move |who, p| p.teaching && newly(who)), Box::new(move |who, _| {
                let by_plan = who.plans.iter().any(|(_, _, supporter)| supporter.is_some_and(|(_, from)| from <= s.to));
                let kept = who.acts.iter().any(|(f, _, _, _, from)| *f == "accompanied" && *from <= s.to);
                who.in_pair(s)
                    || by_plan
                    || kept
                    || who.took_part("support", &[], s)
                    || who.took_part("event", &["young_calendar", "young_school"], s)
            })),
            of_orgs("14", |o| o.school, |o| o.mentoring_model),
            of_teaching("15", s, |who| who.is_member(&["smo", "association", "community"], s)),
        ]);
    }

    // rows: LE-I-16, LE-I-17, LE-I-18
    fn changes_over_years_of_leninsky(v: &Vekha) {
        let five = five(9);
        five.lay(v);
        let now = LENINSKY;
        let before = Span { code: "2021", from: "2021-01-01", to: "2021-12-31", on: "2021-12-31" };
        let last = Span { code: "2022", from: "2022-01-01", to: "2022-12-31", on: "2022-12-31" };
        let printed: BTreeMap<(String, String), BTreeMap<String, String>> = ["region", "municipality"]
            .iter()
            .flat_map(|level| v.run(&["values", "--pack", "leninsky", "--period", "2023", "--level", level]).ok().rows())
            .filter(|row| row["breakdown"].is_empty())
            .map(|row| ((row["indicator"].clone(), row["unit"].clone()), row))
            .collect();
        let signed = |text: &str| -> Option<i64> {
            match text.strip_prefix('-') {
                Some(rest) => milli(rest).map(|n| -n),
                None => milli(text),
            }
        };
        let mut moved = 0;
        for unit in ["РЕГ-А", "РЕГ-Б", "МО-А0", "МО-А1", "МО-Б0", "МО-Б1"] {
            let here: BTreeSet<usize> = (0..five.orgs.len())
                .filter(|o| [&five.orgs[*o].town, &five.orgs[*o].region].iter().any(|u| *u == unit))
                .collect();
            let beginners = |span: Span| persons(&five, &here, span, &|who, p| {
                p.teaching && !who.since.is_empty() && *who.since <= *span.on && years(&who.since, span.on) < 1
            });
            let young = |span: Span| persons(&five, &here, span, &|who, p| p.teaching && who.is_young(span.on));
            let of = |code: &str| &printed[&(code.to_owned(), unit.to_owned())];
            assert_eq!(milli(&of("17")["numerator"]), Some(beginners(now)), "17 {unit}");
            assert_eq!(signed(&of("17")["value"]), Some(beginners(now) - beginners(before)), "17 {unit}");
            assert_eq!(signed(&of("18")["value"]), Some(young(now) - young(last)), "18 {unit}");
            moved += i64::from(young(now) != young(last)) + i64::from(beginners(now) != beginners(before));
            let all = |_: &Org| true;
            let share = |of: &dyn Fn(&Org) -> Option<[i64; 4]>| {
                let (taken, whole) = (posts(&five, &here, &all, of, &[1])?, posts(&five, &here, &all, of, &[0])?);
                Some(taken as f64 * 100.0 / whole as f64)
            };
            match (share(&|o| o.posts), share(&|o| o.posts_before)) {
                (Some(now), Some(before)) => {
                    let shown: f64 = of("16")["value"].parse().expect("a value");
                    assert!((shown - (now - before)).abs() < 0.0501, "16 {unit}: {shown}, {}", now - before);
                }
                _ => assert_eq!(of("16")["value"], "", "16 {unit}"),
            }
        }
        assert!(moved > 0, "something changed over the years");
    }

    // rows: TY-I-1.1.2, TY-I-1.1.3, TY-I-1.2.8, TY-I-1.2.9, TY-I-1.2.10.3
    fn young_teachers_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let young = move || -> Asked<'static> { Box::new(move |who, p| p.teaching && who.is_young(s.on)) };
        compare(v, 10, "tyumen", s, vec![
            of_teaching("1.1.2", s, |who| not_self(who, s)),
            of_teaching("1.1.3", s, |who| not_self(who, s)),
            share("1.2.8", s, young(), Box::new(move |who, _| who.took_part("support", &[], s))),
            share("1.2.9", s, young(), Box::new(move |who, _| who.in_pair(s.with_before(1)))),
            share("1.2.10.3", s, young(), Box::new(move |who, _| who.accompanied(s))),
        ]);
    }

    // rows: TY-I-3.1, TY-I-3.2, TY-I-3.3, TY-I-3.5.2, TY-I-3.6
    fn diagnoses_methodists_and_posts_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let methodists: Rule<'_> = ("3.5.2", Box::new(move |five, inside, _| {
            let upper = persons(five, inside, s, &|who, p| p.teaching && who.accompanied(s));
            (Some(upper), Some(persons(five, inside, s, &|who, _| who.has_role(&["regional_methodist"], s))))
        }));
        let taken: Rule<'_> = ("3.6", Box::new(move |five, inside, _| {
            let all = |_: &Org| true;
            let of = |o: &Org| o.posts;
            (posts(five, inside, &all, &of, &[1, 3]), posts(five, inside, &all, &of, &[0, 2]))
        }));
        compare(v, 11, "tyumen", s, vec![
            of_teaching("3.2", s, |who| not_self(who, s)),
            of_teaching("3.3", s, |who| who.plans.iter().any(|(_, day, _)| s.holds(day))),
            methodists,
            taken,
        ]);
        let five = five(11);
        for region in ["РЕГ-А", "РЕГ-Б"] {
            let here: BTreeSet<usize> = (0..five.orgs.len()).filter(|o| five.orgs[*o].region == region).collect();
            let rows = |code: &str| v.run(&["values", "--pack", "tyumen", "--period", s.code, "--unit", region, "--indicator", code]).ok().rows();
            let all = persons(&five, &here, s, &|who, p| p.teaching && not_self(who, s));
            for row in rows("3.1").iter().filter(|row| !row["breakdown"].is_empty()) {
                let name = &row["breakdown_value"];
                let upper = persons(&five, &here, s, &|who, p| {
                    p.teaching && not_self(who, s) && who.on(s.on).any(|p| p.subjects.iter().any(|(of, _)| of == name))
                });
                assert_eq!((milli(&row["numerator"]), milli(&row["denominator"])), (Some(upper), Some(all)), "3.1 {name}");
            }
            for row in rows("3.2").iter().filter(|row| !row["breakdown"].is_empty()) {
                let group = &row["breakdown_value"];
                let upper = persons(&five, &here, s, &|who, p| {
                    let measured = who.passages.iter().any(|(kind, day, results)| {
                        *kind != "self" && s.holds(day) && results.iter().any(|(c, _)| group_of(*c) == group)
                    });
                    p.teaching && not_self(who, s) && measured
                });
                assert_eq!(milli(&row["numerator"]), Some(upper), "3.2 {group}");
            }
            assert!(rows("3.1").len() > 2 && rows("3.2").len() > 2, "there are breakdowns");
        }
    }

    // rows: TY-I-3.7, TY-I-3.8, TY-I-3.9, TY-I-3.10, TY-I-3.11
    fn education_workload_and_retraining_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let is_teacher = |p: &Place| p.position == "учитель" || p.position == "Учитель химии";
        let matched = |p: &Place| !p.subjects.is_empty() && p.subjects.iter().all(|(_, m)| *m == Some(true));
        let wrong = |p: &Place| p.subjects.iter().any(|(_, m)| *m == Some(false));
        let crowded: Rule<'_> = ("3.9", Box::new(move |five, inside, unit| {
            let mut with = 0;
            for org in inside {
                let here = BTreeSet::from([*org]);
                let teachers = persons(five, &here, s, &|_, p| is_teacher(p));
                let off = persons(five, &here, s, &|_, p| is_teacher(p) && wrong(p));
                with += i64::from(off * 100 > teachers * 30) * 1000;
            }
            let all = i64::try_from(inside.len() + centres(five, unit, &|_| true)).expect("small") * 1000;
            (Some(with), Some(all))
        }));
        let hours = move |who: &Person| {
            let given: Vec<i64> = who.on(s.on).filter_map(|p| p.hours).collect();
            !given.is_empty() && given.iter().sum::<i64>() > 36_000
        };
        compare(v, 12, "tyumen", s, vec![
            share("3.7", s, Box::new(move |_, p| is_teacher(p)), Box::new(move |_, p| matched(p))),
            of_teaching("3.8", s, hours),
            crowded,
            of_trained("3.10", s, move |five, who, _| trained_in(five, who, s, |p| p.retraining), |p| p.retraining && p.pedagogical),
            of_trained("3.11", s, |_, _, p| p.teaching, |p| p.federal && p.topics.contains(&"functional_literacy")),
        ]);
    }

    // rows: TY-I-3.12, TY-I-3.13, TY-I-3.14, TY-I-3.15, TY-I-3.16
    fn trainings_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let teaching = |_: &Five, _: &Person, p: &Place| p.teaching;
        // Three years together, each person once.
        let three: Rule<'_> = ("3.14", Box::new(move |five, inside, _| {
            let wide = s.with_before(2);
            let upper = persons(five, inside, s, &|who, p| {
                p.teaching && trained_in(five, who, wide, |p| !p.retraining && p.topics.contains(&"education_quality_assessment"))
            });
            (Some(upper), Some(persons(five, inside, s, &|_, p| p.teaching)))
        }));
        compare(v, 13, "tyumen", s, vec![
            of_trained("3.12", s, teaching, |p| p.federal && p.topics.contains(&"updated_fgos")),
            of_trained("3.13", s, teaching, |p| p.federal && p.topics.contains(&"digital_environment")),
            three,
            of_trained("3.15", s, teaching, |p| !p.retraining && p.topics.contains(&"low_performing_schools")),
            of_trained("3.16", s, teaching, |p| !p.retraining && p.topics.contains(&"gifted_children")),
        ]);
    }

    // rows: TY-I-3.17, TY-I-3.18, TY-I-3.19, TY-I-3.20, TY-I-G4.1
    fn topics_burnout_and_experts_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let teaching = |_: &Five, _: &Person, p: &Place| p.teaching;
        compare(v, 14, "tyumen", s, vec![
            of_trained("3.17", s, teaching, |p| !p.retraining && p.topics.contains(&"career_guidance")),
            of_trained("3.18", s, teaching, |p| !p.retraining && p.topics.contains(&"upbringing")),
            of_trained("3.19", s, teaching, |p| !p.retraining && p.topics.contains(&"preschool_quality")),
            of_teaching("3.20", s, |who| who.took_part("burnout", &[], s)),
            of_teaching("G4.1", s, |who| who.took_part("expert", &[], s)),
        ]);
    }

    // rows: TY-I-G4.2, TY-I-G4.3, TY-I-K3
    fn teams_programmes_and_methodists_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        compare(v, 15, "tyumen", s, vec![
            of_sums("G4.2", "management_team_trained", "management_team_total", s.code),
            of_programmes("G4.3", s, |_| true, |p| p.in_register),
        ]);
        let five = five(15);
        let mut met = 0;
        for row in v.run(&["values", "--pack", "tyumen", "--period", s.code, "--level", "municipality", "--indicator", "K3"]).ok().rows() {
            let here: BTreeSet<usize> = (0..five.orgs.len()).filter(|o| five.orgs[*o].town == row["unit"]).collect();
            let teachers = persons(&five, &here, s, &|_, p| p.teaching);
            let methodists = towns(&five, &row["unit"], "mun_methodist_headcount", s.code);
            assert_eq!((milli(&row["numerator"]), milli(&row["denominator"])), (Some(teachers), methodists), "{row:?}");
            if let Some(methodists) = methodists.filter(|n| *n > 0) {
                let ratio = (2 * teachers + methodists) / (2 * methodists);
                assert_eq!(row["value"], ratio.to_string(), "{row:?}");
                let level = match ratio {
                    21..=50 => "1",
                    51..=90 => "2",
                    91.. => "3",
                    _ => "out_of_scale",
                };
                assert_eq!(row["zone"], level, "{row:?}");
                met += 1;
            }
        }
        assert!(met > 0, "somebody has methodists");
    }

    // rows: LG-I-F1, LG-I-F2, LG-I-F3, LG-I-F4, LG-I-F5
    fn forms_of_leningrad(v: &Vekha) {
        compare(v, 31, "leningrad", LENINGRAD, vec![
            of_towns("F1", "mun_school_of_young_teacher", "2023"),
            of_towns("F2", "mun_schools_in_organisations", "2023"),
            of_towns("F3", "mun_mentoring_small_organisations", "2023"),
            of_towns("F4", "mun_social_network_groups", "2023"),
            of_towns("F5", "mun_district_unions", "2023"),
        ]);
    }

    // rows: LG-I-F6, LG-I-F7
    fn sites_of_leningrad(v: &Vekha) {
        compare(v, 20, "leningrad", LENINGRAD, vec![
            of_towns("F6", "mun_service_site", "2023"),
            of_towns("F7", "mun_union_sites", "2023"),
        ]);
    }

    fn people_of_the_platform_over_federal_denominators_of_leningrad(v: &Vekha) {
        let s = LENINGRAD;
        compare(v, 17, "leningrad", s, vec![
            to_towns("M1", s, "pedagogical_federal", move |who, p| p.teaching && who.took_part("event", &["methodical_active"], s)),
            to_towns("M2", s, "pedagogical_young_federal", move |who, p| {
                let supported = who.acts.iter().any(|(f, _, level, _, day)| {
                    *f == "support" && ["regional", "municipal"].contains(level) && s.holds(day)
                });
                p.teaching && who.is_young(s.on) && supported
            }),
            to_towns("M3", s, "pedagogical_young_federal", move |who, p| p.teaching && who.in_pair(s)),
            to_towns("M4", s, "pedagogical_federal", move |who, p| {
                let kinds = ["smo", "community", "mentors", "regional_active"];
                let member = who.member.iter().any(|(kind, level, from, to)| {
                    kinds.contains(kind) && *level == "regional" && s.touches(from, to)
                });
                p.teaching && member
            }),
        ]);
    }

    // rows: CH-I-4.1, CH-I-4.2, CH-I-4.3, CH-I-4.4, CH-I-4.5
    fn staff_of_chelyabinsk(v: &Vekha) {
        let s = CHELYABINSK;
        let of_schools = |code: &'static str, upper: usize, lower: usize| -> Rule<'static> {
            (code, Box::new(move |five, inside, _| {
                let school = |o: &Org| o.school;
                let of = |o: &Org| o.posts;
                (posts(five, inside, &school, &of, &[upper]), posts(five, inside, &school, &of, &[lower]))
            }))
        };
        let schools = five(18).orgs.iter().map(|o| o.school).collect::<Vec<_>>();
        compare(v, 18, "chelyabinsk", s, vec![
            of_teaching("4.1", s, |who| who.is_young(s.on)),
            of_sums("4.2", "mun_zemsky_vacancies_closed", "mun_zemsky_vacancies", s.code),
            of_schools("4.3", 1, 0),
            of_schools("4.4", 3, 2),
            share("4.5", s, Box::new(move |_, p| p.teaching && schools[p.org]),
                Box::new(move |who, _| who.on(s.on).any(|p| p.education == "высшее педагогическое"))),
        ]);
        drop(v.run(&["check"]).ok());
    }

    // rows: CH-I-4.6, CH-I-5.1, CH-I-7.1, CH-I-7.2, CH-I-7.3
    fn mentoring_and_methodists_of_chelyabinsk(v: &Vekha) {
        let s = CHELYABINSK;
        compare(v, 19, "chelyabinsk", s, vec![
            of_orgs("4.6", |o| o.school, |o| o.per_worker.map(|n| n > 2000)),
            of_trained("5.1", s, move |five, who, p| p.teaching && trained_in(five, who, s, |p| p.retraining), |p| p.retraining && p.pedagogical),
            of_orgs("7.1", |_| true, |o| o.mentoring_documents),
            towns_where("7.2", s, move |who, _| who.is_member(&["regional_active"], s) || who.has_role(&["regional_methodist"], s)),
            share("7.3", s, Box::new(move |who, _| who.is_young(s.on)), Box::new(move |who, _| who.accompanied(s))),
        ]);
    }

    // rows: CH-I-7.4, CH-I-8.1, CH-I-8.2, CH-I-8.3, CH-I-10.1
    fn contests_federal_programmes_and_exams_of_chelyabinsk(v: &Vekha) {
        let s = CHELYABINSK;
        let upskilled = move |five: &Five, who: &Person, p: &Place| p.teaching && trained_in(five, who, s, |p| !p.retraining);
        compare(v, 21, "chelyabinsk", s, vec![
            towns_where("7.4", s, move |who, p| {
                let regional = who.acts.iter().any(|(f, _, level, _, day)| *f == "contest" && *level == "regional" && s.holds(day));
                p.teaching && who.is_young(s.on) && regional
            }),
            of_trained("8.1", s, upskilled, |p| !p.retraining && p.federal && p.topics.contains(&"functional_literacy")),
            of_trained("8.2", s, upskilled, |p| !p.retraining && p.federal && p.topics.contains(&"updated_fgos")),
            of_trained("8.3", s, upskilled, |p| !p.retraining && p.federal && p.topics.contains(&"digital_environment")),
            share("10.1", s, Box::new(move |who, p| p.teaching && who.took_part("exam", &[], s)), Box::new(move |who, _| {
                who.acts.iter().any(|(f, _, _, result, day)| *f == "exam" && *result == "passed" && s.holds(day))
            })),
        ]);
    }
}
