//! A formula in Russian words: what stands above the line and below it, each word a measure that the passport defines.

use super::condition::{Condition, Sign, Subject};
use super::formula::{Amount, Attribute, Formula};
use super::measures::{self, Measure, MeasureSubject};
use super::scale::comma;
use super::sets::{UnitSet, UnitTest};
use crate::activity::kinds;
use crate::catalogue::ProgrammeKind;
use crate::catalogue::model::Topic;
use crate::diagnostics::DiagnosisKind;
use crate::iom::{IomOrigin, SupporterKind};
use crate::units::OrgKind;

/// A formula as lines: what is said, and in which words.
#[must_use]
pub fn lines(formula: &Formula) -> Vec<(&'static str, String)> {
    match formula {
        Formula::Amount(of) => vec![("Считается", amount(of))],
        Formula::Ratio {
            asked,
            denominator,
            times,
            is_share,
            ..
        } => {
            let how = match (times, is_share) {
                (100, true) => "Доля: числитель из знаменателя, в процентах".to_owned(),
                (1, _) => "Отношение числителя к знаменателю".to_owned(),
                (times, _) => format!("Числитель на каждые {times} в знаменателе"),
            };
            vec![
                ("Как считается", how),
                ("Числитель", amount(asked)),
                ("Знаменатель", amount(denominator)),
            ]
        }
        Formula::Compare { value, with, tolerance } => {
            let mut all = lines(value);
            let told = format!(
                "Балл даётся, если значение больше сравниваемого меньше чем на {} п.\u{A0}п.",
                comma(*tolerance)
            );
            all.push(("Сравнение", format!("{told} Сравнивается: {}", one(with))));
            all
        }
        Formula::Change { of, years } => {
            let mut all = lines(of);
            let then = match years {
                2 => "предыдущего периода".to_owned(),
                3 => "позапрошлого периода".to_owned(),
                years => format!("первого из {years} периодов подряд"),
            };
            // Of shares the difference is in points, of counts in what is counted.
            let measured = if of.is_percent() { ", в п.\u{A0}п." } else { "" };
            all.push(("Изменение", format!("Значение периода минус значение {then}{measured}")));
            all
        }
        Formula::Best(of) => {
            let mut all = lines(of);
            let told = "Лучшая единица получает 100, остальные – в той же пропорции";
            all.push(("Сравнение", told.to_owned()));
            all
        }
        other => vec![("Как считается", one(other))],
    }
}

/// A formula in one line.
fn one(formula: &Formula) -> String {
    match formula {
        Formula::Presence(set, measure) => format!("{}: {}, есть или нет", subject(set.subject), title(measure)),
        Formula::Expert { max } => format!("Баллы эксперта, не больше {}; нескольких – среднее", comma(*max)),
        Formula::SumPoints { group, percent } => {
            let what = if group == "all" {
                "всех показателей".to_owned()
            } else {
                format!("показателей группы {group}")
            };
            if *percent {
                format!("Баллы {what} в процентах от наибольших возможных")
            } else {
                format!("Сумма баллов {what}")
            }
        }
        Formula::Attribute(Attribute::Locality) => "Местность муниципалитета".to_owned(),
        Formula::Attribute(Attribute::MunicipalityKind) => "Вид муниципального образования".to_owned(),
        Formula::Attribute(Attribute::Zone) => "Округ, в котором стоит муниципалитет".to_owned(),
        Formula::Other(code) => format!("показатель {code}"),
        of => {
            let parts: Vec<String> = lines(of).into_iter().map(|(_, words)| words).collect();
            parts.join("; ")
        }
    }
}

/// Measures that a formula speaks of, each with its definition, in the order of the reference file.
#[must_use]
pub fn measures_of(formula: &Formula) -> Vec<&'static Measure> {
    let text = formula.to_string();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_lowercase() && c != '_').collect();
    measures::known()
        .iter()
        .filter(|m| words.contains(&m.code.as_str()))
        .filter(|m| m.unit.is_some() || words.contains(&m.subject.code()))
        .collect()
}

fn subject(of: Subject) -> &'static str {
    match of {
        Subject::Person => "люди",
        Subject::Iom => "ИОМ",
        Subject::Organisation => "организации",
        Subject::Municipality => "муниципалитеты",
        Subject::Programme => "программы",
    }
}

/// A quantity in words.
#[must_use]
pub fn amount(of: &Amount) -> String {
    let counted = |of: Subject, words: String| {
        let many = match of {
            Subject::Person => "число людей",
            Subject::Iom => "число ИОМ",
            Subject::Organisation => "число организаций",
            Subject::Municipality => "число муниципалитетов",
            Subject::Programme => "число программ",
        };
        if words.is_empty() {
            many.to_owned()
        } else {
            format!("{many}, для которых верно: {words}")
        }
    };
    match of {
        Amount::Count(leaf) => {
            let words = |test: &super::condition::Test| spoken(leaf.subject, &test.to_string());
            counted(leaf.subject, condition(&leaf.condition, &words))
        }
        Amount::Units(set) => counted(set.subject, unit_condition(set)),
        Amount::Programmes(of) => {
            let words = |test: &super::sets::ProgrammeTest| spoken(Subject::Programme, &test.to_string());
            counted(Subject::Programme, condition(of, &words))
        }
        Amount::Sum(set, measure) => {
            let over = match set.subject {
                Subject::Municipality => "по муниципалитетам",
                _ => "по организациям",
            };
            let only = unit_condition(set);
            let only = if only.is_empty() {
                only
            } else {
                format!(" (только: {only})")
            };
            format!("сумма величины «{}» {over}{only}", title(measure))
        }
        Amount::Plus(parts) => parts.iter().map(amount).collect::<Vec<_>>().join(" плюс "),
    }
}

/// A condition of units in words; empty where every one is taken.
pub(super) fn unit_condition(set: &UnitSet) -> String {
    condition(&set.condition, &|test| match test {
        UnitTest::Yes(measure) => format!("«{}» – да", title(measure)),
        UnitTest::Value(measure, sign, bound) => format!("«{}» {} {}", title(measure), than(*sign), comma(*bound)),
        UnitTest::Kind(kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|k| k.label()).collect();
            format!("вид: {}", kinds.join(", "))
        }
        UnitTest::UsedPlatform => format!("«{}»", title("used_platform")),
        UnitTest::Formula(formula, sign, bound) => {
            format!("({}) {} {}", one(formula), than(*sign), comma(*bound))
        }
    })
}

fn condition<T: Ord + Clone>(of: &Condition<T>, words: &dyn Fn(&T) -> String) -> String {
    let joined = |parts: &std::collections::BTreeSet<Condition<T>>, word: &str| {
        let parts: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Condition::All(_) | Condition::Any(_) => format!("({})", condition(part, words)),
                _ => condition(part, words),
            })
            .collect();
        parts.join(word)
    };
    match of {
        Condition::Always => String::new(),
        Condition::Is(test) => words(test),
        Condition::Not(inner) => format!("не верно: {}", condition(inner, words)),
        Condition::All(parts) => joined(parts, " и "),
        Condition::Any(parts) => joined(parts, " или "),
    }
}

/// A sign before its number: «не меньше».
pub(super) fn than(sign: Sign) -> &'static str {
    match sign {
        Sign::Greater => "больше",
        Sign::AtLeast => "не меньше",
        Sign::Less => "меньше",
        Sign::AtMost => "не больше",
        Sign::Equal => "равно",
    }
}

/// The title of a measure of units or persons by its word.
fn title(code: &str) -> String {
    let known = measures::known().iter().find(|m| m.code == code);
    known.map_or_else(|| code.to_owned(), |m| m.title.clone())
}

/// A test of a person, a plan or a programme, from its canonical text: `word(kind in (a, b), years = 2)`, `age < 35`.
fn spoken(of: Subject, text: &str) -> String {
    let (word, rest) = text.split_at(
        text.find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(text.len()),
    );
    let known = measures::known()
        .iter()
        .find(|m| m.code == word && m.unit.is_none() && of_subject(m.subject) == Some(of));
    let title = known.map_or(word, |m| m.title.as_str());
    if let Some(bound) = rest.strip_prefix(' ') {
        let (sign, number) = bound.split_once(' ').unwrap_or((bound, ""));
        let sign = Sign::ALL.iter().find(|(text, _)| *text == sign).map(|(_, sign)| *sign);
        return format!("«{title}» {} {number}", sign.map_or("", than));
    }
    let inner = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')).unwrap_or("");
    let options: Vec<String> = split(inner).into_iter().map(option).collect();
    if options.is_empty() {
        format!("«{title}»")
    } else {
        format!("«{title}» ({})", options.join("; "))
    }
}

fn of_subject(of: MeasureSubject) -> Option<Subject> {
    Subject::from_code(of.code())
}

/// Options, parted at the commas outside brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text.get(start..at).unwrap_or("").trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text.get(start..).unwrap_or("").trim());
    found.retain(|part| !part.is_empty());
    found
}

fn option(text: &str) -> String {
    let (key, values) = match text.split_once(" in (") {
        Some((key, rest)) => (key, rest.trim_end_matches(')').split(", ").collect()),
        None => match text.split_once(" = ") {
            Some((key, value)) => (key, vec![value]),
            None => ("", vec![text]),
        },
    };
    let label = match key {
        "kind" => "вид: ",
        "topic" => "тема: ",
        "level" => "уровень: ",
        "group" => "группа: ",
        "area" => "область: ",
        "origin" => "составлен: ",
        "role" => "роль или итог: ",
        "provider" => "проводит: ",
        "years" => "периодов подряд: ",
        _ => "",
    };
    let values: Vec<String> = values.into_iter().map(|value| code(key, value)).collect();
    format!("{label}{}", values.join(", "))
}

/// The name of a group of competences.
#[must_use]
pub fn group(of: &str) -> String {
    code("group", of)
}

/// A code of the language in words, where some dictionary knows it.
fn code(key: &str, code: &str) -> String {
    let own = match (key, code) {
        ("", "success") => "успешно",
        ("", "on_platform") => "размещён на платформе",
        ("", "deficit_based") => "по выявленным дефицитам",
        ("", "distance") => "дистанционно",
        ("", "federal_programme") => "федеральная программа",
        ("", "in_register") => "программа Федерального реестра",
        ("", "pedagogical") => "педагогической направленности",
        ("provider", "cnppm") => "ЦНППМ",
        ("level", "school") => "организация",
        ("level", "municipal") => "муниципалитет",
        ("level", "regional") => "регион",
        ("level", "federal") => "страна",
        ("role", "passed") => "пройдена",
        ("group", "subject") => "предметные",
        ("group", "methodical") => "методические",
        ("group", "psych_ped") => "психолого-педагогические",
        ("group", "communicative") => "коммуникативные",
        ("group", "digital") => "цифровые",
        ("group", "managerial") => "управленческие",
        ("group", "regulatory") => "нормативные",
        ("area", "reading_literacy") => "читательская грамотность",
        ("area", "mathematical_literacy") => "математическая грамотность",
        ("area", "science_literacy") => "естественно-научная грамотность",
        ("area", "digital_literacy") => "цифровая грамотность",
        _ => "",
    };
    if !own.is_empty() {
        return own.to_owned();
    }
    let labels = [
        Topic::from_code(code).map(|t| t.label()),
        DiagnosisKind::from_code(code).map(|k| k.label()),
        SupporterKind::from_code(code).map(|k| k.label()),
        OrgKind::from_code(code).map(|k| k.label()),
        IomOrigin::from_code(code).map(|o| o.label()),
        ProgrammeKind::from_code(code).map(|k| k.label()),
    ];
    let known = labels.into_iter().flatten().next();
    let kind = kinds::all().iter().find(|k| k.code == code).map(|k| k.name.as_str());
    let body = kinds::bodies().iter().find(|w| w.code == code).map(|w| w.name.as_str());
    known.or(kind).or(body).unwrap_or(code).to_owned()
}
