//! Tests of persons and plans as they are written: the word, then its options.

use std::collections::BTreeSet;

use pest::iterators::Pair;

use super::condition::{Sign, Subject, Test};
use super::parse::grammar::Rule;
use super::parse::{FormulaError, wrong};
use super::taking_part::{TRAINING_FLAGS, TakingPart, Training};
use super::words::{AREAS, FAMILIES, GROUPS, IOM_FLAGS, IOM_TESTS, PERSON_FLAGS, PERSON_TESTS};
use crate::catalogue::ProgrammeKind;
use crate::catalogue::model::Topic;
use crate::diagnostics::DiagnosisKind;
use crate::iom::{IomOrigin, SupporterKind};
use crate::units::OrgKind;

/// Options in brackets: key (empty for a bare word) and values.
pub(super) type Options<'a> = Vec<(String, Vec<Pair<'a, Rule>>)>;

/// The word of a test and its options; a comparison has none.
///
/// # Errors
/// Something stands there that is no option.
pub(super) fn options<'a>(text: &str, pair: &Pair<'a, Rule>) -> Result<(&'a str, Options<'a>), FormulaError> {
    let mut inner = pair.clone().into_inner();
    let word = inner.next().map_or("", |w| w.as_str());
    let mut found = Options::new();
    for option in inner.filter(|p| p.as_rule() == Rule::option) {
        let Some(one) = option.clone().into_inner().next() else {
            return Err(wrong(text, &option, "здесь нужно уточнение условия"));
        };
        match one.as_rule() {
            Rule::membership | Rule::equality => {
                let mut parts = one
                    .into_inner()
                    .filter(|p| matches!(p.as_rule(), Rule::word | Rule::number));
                let key = parts.next().map_or("", |k| k.as_str()).to_owned();
                found.push((key, parts.collect()));
            }
            _ => found.push((String::new(), vec![one])),
        }
    }
    Ok((word, found))
}

fn bound(text: &str, pair: &Pair<'_, Rule>) -> Result<Option<(Sign, i32)>, FormulaError> {
    let Some(bound) = pair.clone().into_inner().find(|p| p.as_rule() == Rule::bound) else {
        return Ok(None);
    };
    let mut inner = bound.clone().into_inner();
    let sign = inner.next().map_or("", |s| s.as_str());
    let sign = Sign::ALL.iter().find(|(text, _)| *text == sign).map(|(_, sign)| *sign);
    let number = inner.next().and_then(|n| n.as_str().parse().ok());
    match (sign, number) {
        (Some(sign), Some(number)) => Ok(Some((sign, number))),
        _ => Err(wrong(text, &bound, "число слишком велико или не целое")),
    }
}

pub(super) fn topic(text: &str, value: &Pair<'_, Rule>) -> Result<Topic, FormulaError> {
    Topic::from_code(value.as_str()).ok_or_else(|| unknown(text, value, Topic::ALL.iter().map(|t| t.code())))
}

pub(super) fn org_kinds(text: &str, values: &[Pair<'_, Rule>]) -> Result<Vec<OrgKind>, FormulaError> {
    let kind = |v: &Pair<'_, Rule>| {
        OrgKind::from_code(v.as_str()).ok_or_else(|| unknown(text, v, OrgKind::ALL.iter().map(|k| k.code())))
    };
    values.iter().map(kind).collect()
}

fn unknown<'a>(text: &str, value: &Pair<'_, Rule>, known: impl Iterator<Item = &'a str>) -> FormulaError {
    let known: Vec<&str> = known.collect();
    wrong(
        text,
        value,
        format!("значения «{}» нет; есть: {}", value.as_str(), known.join(", ")),
    )
}

fn diagnoses(text: &str, values: &[Pair<'_, Rule>]) -> Result<BTreeSet<DiagnosisKind>, FormulaError> {
    let kind = |v: &Pair<'_, Rule>| {
        DiagnosisKind::from_code(v.as_str())
            .ok_or_else(|| unknown(text, v, DiagnosisKind::ALL.iter().map(|k| k.code())))
    };
    values.iter().map(kind).collect()
}

fn named(text: &str, values: &[Pair<'_, Rule>], known: &[&str]) -> Result<BTreeSet<String>, FormulaError> {
    let one = |v: &Pair<'_, Rule>| {
        if known.is_empty() || known.contains(&v.as_str()) {
            Ok(v.as_str().to_owned())
        } else {
            Err(unknown(text, v, known.iter().copied()))
        }
    };
    values.iter().map(one).collect()
}

/// A test of a person or a plan.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(super) fn of_person(text: &str, subject: Subject, pair: &Pair<'_, Rule>) -> Result<Test, FormulaError> {
    if pair.as_rule() == Rule::compared {
        return Err(wrong(
            text,
            pair,
            "сравнение с функцией — для organisation и municipality",
        ));
    }
    let (word, given) = options(text, pair)?;
    let bound = bound(text, pair)?;
    let (flags, tests) = match subject {
        Subject::Iom => (IOM_FLAGS, IOM_TESTS),
        _ => (PERSON_FLAGS, PERSON_TESTS),
    };
    let flag = flags.iter().find(|f| **f == word);
    if let (Some(flag), None, true) = (flag, bound, given.is_empty()) {
        return Ok(Test::Flag(flag));
    }
    if !tests.contains(&word) {
        if flag.is_some() {
            return Err(wrong(text, pair, format!("{word}: уточнения у этого условия нет")));
        }
        let known: Vec<&str> = flags.iter().chain(tests).copied().collect();
        let of = subject.code();
        return Err(wrong(
            text,
            pair,
            format!("условия «{word}» у {of} нет; есть: {}", known.join(", ")),
        ));
    }
    let usage = |form: &str| wrong(text, pair, format!("пишется так: {form}"));
    if let Some((family, ..)) = FAMILIES.iter().find(|(of, ..)| *of == word) {
        return taking_part(text, family, &given, &usage);
    }
    match (word, bound, given.as_slice()) {
        ("deficits", Some((sign, n)), []) => Ok(Test::Deficits(sign, n)),
        ("deficits", ..) => Err(usage("deficits > 0")),
        ("age", Some((sign, n)), []) => Ok(Test::Bound("age", sign, n)),
        ("experience", Some((sign, n)), []) => Ok(Test::Bound("experience", sign, n)),
        ("workload", Some((sign, n)), []) => Ok(Test::Bound("workload", sign, n)),
        ("age" | "experience" | "workload", ..) => Err(usage(&format!("{word} > 36"))),
        ("subject", None, [(key, values)]) if key.is_empty() && values.len() == 1 => {
            Ok(Test::Subject(values[0].as_str().trim_matches('"').to_owned()))
        }
        ("subject", ..) => Err(usage("subject(\"математика\")")),
        ("works_in", None, [(key, values)]) if key == "kind" => {
            Ok(Test::WorksIn(org_kinds(text, values)?.into_iter().collect()))
        }
        ("works_in", ..) => Err(usage("works_in(kind = school)")),
        ("diagnosed", None, [_, ..]) => diagnosed(text, &given, &usage),
        ("diagnosed", ..) => Err(usage("diagnosed(kind in (full, follow_up))")),
        ("deficit_found", None, given) => {
            let (mut kinds, mut groups) = (BTreeSet::new(), BTreeSet::new());
            for (key, values) in given {
                match key.as_str() {
                    "kind" => kinds = diagnoses(text, values)?,
                    "group" => groups = named(text, values, GROUPS)?,
                    _ => return Err(usage("deficit_found(kind = entry, group = methodical)")),
                }
            }
            Ok(Test::DeficitFound { kinds, groups })
        }
        ("deficit", None, [(key, values)]) if key == "group" && values.len() == 1 => {
            let group = named(text, values, GROUPS)?.pop_first();
            Ok(Test::DeficitGroup(group.unwrap_or_default()))
        }
        ("deficit", None, [(key, values)]) if key == "area" && values.len() == 1 => {
            let area = named(text, values, AREAS)?.pop_first();
            Ok(Test::DeficitArea(area.unwrap_or_default()))
        }
        ("deficit", ..) => Err(usage(
            "deficit(group = methodical) или deficit(area = reading_literacy)",
        )),
        ("iom_formed", None, given) => {
            let (mut origin, mut on_platform) = (None, false);
            for (key, values) in given {
                match (key.as_str(), values.as_slice()) {
                    ("origin", [value]) => {
                        let known = IomOrigin::from_code(value.as_str());
                        let missing = || unknown(text, value, IomOrigin::ALL.iter().map(|o| o.code()));
                        origin = Some(known.ok_or_else(missing)?);
                    }
                    ("", [value]) if value.as_str() == "on_platform" => on_platform = true,
                    _ => return Err(usage("iom_formed, iom_formed(origin = cnppm), iom_formed(on_platform)")),
                }
            }
            Ok(Test::IomFormed { origin, on_platform })
        }
        ("trained", None, given) => training(text, given, &usage).map(Test::Trained),
        ("trained", ..) => Err(usage("trained или trained(topic = upbringing)")),
        ("supporter", None, [(key, values)]) if key == "kind" => {
            let kind = |v: &Pair<'_, Rule>| {
                SupporterKind::from_code(v.as_str())
                    .ok_or_else(|| unknown(text, v, SupporterKind::ALL.iter().map(|k| k.code())))
            };
            Ok(Test::Supporter(values.iter().map(kind).collect::<Result<_, _>>()?))
        }
        ("supporter", ..) => Err(usage("supporter(kind in (curator, tutor))")),
        ("formed_topic", None, [(key, values)]) if key.is_empty() => topic(text, &values[0]).map(Test::FormedTopic),
        ("realised_topic", None, [(key, values)]) if key.is_empty() => topic(text, &values[0]).map(Test::RealisedTopic),
        ("topic", None, [(key, values)]) if key.is_empty() => topic(text, &values[0]).map(Test::PlanTopic),
        _ => Err(usage(&format!("{word}(upbringing)"))),
    }
}

type Usage<'a> = &'a dyn Fn(&str) -> FormulaError;

/// How many periods a window holds.
fn window(text: &str, values: &[Pair<'_, Rule>]) -> Result<u8, FormulaError> {
    let years = values.first().and_then(|v| v.as_str().parse().ok());
    let years = years.filter(|n| (1..=3).contains(n));
    years.ok_or_else(|| match values.first() {
        Some(value) => wrong(text, value, "years: от 1 до 3"),
        None => super::parse::at(text, 0, "years: от 1 до 3"),
    })
}

fn taking_part(text: &str, word: &'static str, given: &Options<'_>, usage: Usage<'_>) -> Result<Test, FormulaError> {
    let mut asked = TakingPart {
        word,
        kinds: BTreeSet::new(),
        levels: BTreeSet::new(),
        role: None,
        years: 1,
    };
    for (key, values) in given {
        match (key.as_str(), values.as_slice()) {
            ("kind", _) => asked.kinds = named(text, values, &[])?,
            ("level", _) => asked.levels = named(text, values, &["school", "municipal", "regional", "federal"])?,
            ("role" | "result", [value]) => asked.role = Some(value.as_str().to_owned()),
            ("years", _) => asked.years = window(text, values)?,
            _ => {
                return Err(usage(&format!(
                    "{word}, {word}(kind in (…), level = regional, role = mentor, years = 2)"
                )));
            }
        }
    }
    Ok(Test::TakingPart(asked))
}

fn diagnosed(text: &str, given: &Options<'_>, usage: Usage<'_>) -> Result<Test, FormulaError> {
    let (mut kinds, mut groups, mut success) = (BTreeSet::new(), BTreeSet::new(), false);
    for (key, values) in given {
        match (key.as_str(), values.as_slice()) {
            ("kind", _) => kinds = diagnoses(text, values)?,
            ("group", _) => groups = named(text, values, GROUPS)?,
            ("", [value]) if value.as_str() == "success" => success = true,
            _ => {
                return Err(usage(
                    "diagnosed(kind in (full, follow_up), group = methodical, success)",
                ));
            }
        }
    }
    Ok(Test::Diagnosed { kinds, groups, success })
}

fn training(text: &str, given: &[(String, Vec<Pair<'_, Rule>>)], usage: Usage<'_>) -> Result<Training, FormulaError> {
    let mut asked = Training::default();
    for (key, values) in given {
        match (key.as_str(), values.as_slice()) {
            ("topic", _) => {
                asked.topics = values.iter().map(|v| topic(text, v)).collect::<Result<_, _>>()?;
            }
            ("kind", [value]) => {
                let known = ProgrammeKind::from_code(value.as_str());
                let missing = || unknown(text, value, ProgrammeKind::ALL.iter().map(|k| k.code()));
                asked.kind = Some(known.ok_or_else(missing)?);
            }
            ("provider", [value]) if value.as_str() == "cnppm" => asked.by_cnppm = true,
            ("years", _) => asked.years = window(text, values)?,
            ("", [value]) => match TRAINING_FLAGS.iter().find(|(word, _)| *word == value.as_str()) {
                Some((word, _)) => drop(asked.flags.insert(word)),
                None => return Err(unknown(text, value, TRAINING_FLAGS.iter().map(|(word, _)| *word))),
            },
            _ => {
                return Err(usage(
                    "trained(topic = upbringing, kind = upskilling, provider = cnppm, distance, deficit_based, \
                     federal_programme, in_register, pedagogical, years = 3)",
                ));
            }
        }
    }
    Ok(asked)
}
