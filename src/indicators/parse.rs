//! The formula language: parsed once, checked for types with the place of an error.

use std::collections::BTreeSet;
use std::fmt;

use pest::Parser;
use pest::iterators::Pair;

use super::condition::{Condition, Sign, Subject};
use super::formula::{Amount, Attribute, Formula, Leaf};
use super::measures::{self, MeasureSubject, MeasureUnit};
use super::parse_test;
use super::sets::{ProgrammeTest, UnitSet, UnitTest};

/// The grammar; in a module of its own, since the derive makes undocumented items.
pub(super) mod grammar {
    /// The parser of `formula.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "indicators/formula.pest"]
    pub struct FormulaParser;
}

use grammar::{FormulaParser, Rule};

/// What is wrong with a formula and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    /// Offset in characters of the formula, from 0.
    pub offset: usize,
    /// Line of the formula, from 1.
    pub line: usize,
    /// Column of that line, from 1.
    pub column: usize,
    /// What is wrong, in Russian.
    pub what: String,
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "строка {}, столбец {}: {}", self.line, self.column, self.what)
    }
}

/// Functions of the language.
const FUNCTIONS: &str = "count, sum, share, ratio, ratio_per, compare, presence, change, best_is_100, expert, \
                         sum_points, share_of_points, attribute";

/// How what a municipality is, is asked.
const ATTRIBUTES: &str = "attribute(locality), attribute(municipality_kind) или attribute(zone)";

/// How deep brackets and negations of a formula may stand inside each other: it is walked by calls of that depth.
const DEEPEST: usize = 40;

/// Where brackets or negations stand too deep, in bytes.
fn too_deep(text: &str) -> Option<usize> {
    // Negations stand in each other where nothing but brackets lies between.
    let (mut open, mut negations) = (0_usize, 0_usize);
    let mut words = text.char_indices().peekable();
    let mut word = String::new();
    while let Some((at, c)) = words.next() {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
        }
        let goes_on = words
            .peek()
            .is_some_and(|(_, next)| next.is_ascii_alphanumeric() || *next == '_');
        if !goes_on && !word.is_empty() {
            negations = if word == "not" { negations + 1 } else { 0 };
            word.clear();
        }
        if open > DEEPEST || negations > DEEPEST {
            return Some(at);
        }
    }
    None
}

/// Parses and checks a formula.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn formula(text: &str) -> Result<Formula, FormulaError> {
    if let Some(place) = too_deep(text) {
        return Err(at(
            text,
            place,
            "слишком много скобок или отрицаний одно в другом; разбейте на несколько показателей",
        ));
    }
    let mut pairs = FormulaParser::parse(Rule::formula, text).map_err(|e| syntax_error(text, &e))?;
    let amount = pairs.next().and_then(|formula| formula.into_inner().next());
    let Some(amount) = amount else {
        return Err(at(text, 0, "пустая формула"));
    };
    of_amount(text, amount)
}

pub(super) fn at(text: &str, byte: usize, what: impl Into<String>) -> FormulaError {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    FormulaError {
        offset: before.chars().count(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |l| l.chars().count()) + 1,
        what: what.into(),
    }
}

pub(super) fn wrong(text: &str, pair: &Pair<'_, Rule>, what: impl Into<String>) -> FormulaError {
    at(text, pair.as_span().start(), what)
}

fn syntax_error(text: &str, e: &pest::error::Error<Rule>) -> FormulaError {
    let byte = match e.location {
        pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
    };
    let expected: BTreeSet<&str> = match &e.variant {
        pest::error::ErrorVariant::ParsingError { positives, .. } => positives.iter().map(|r| spoken(*r)).collect(),
        pest::error::ErrorVariant::CustomError { .. } => BTreeSet::new(),
    };
    let expected: Vec<&str> = expected.into_iter().collect();
    at(text, byte, format!("ожидалось: {}", expected.join(", ")))
}

/// What a rule is called in a message.
fn spoken(rule: Rule) -> &'static str {
    match rule {
        Rule::formula | Rule::call | Rule::amount | Rule::part_of => "функция: count(…), share(…)",
        Rule::argument | Rule::setting | Rule::query => "часть формулы",
        Rule::any | Rule::all | Rule::one | Rule::negated | Rule::group | Rule::test | Rule::compared => "условие",
        Rule::option | Rule::membership | Rule::equality => "уточнение условия",
        Rule::bound | Rule::sign => "сравнение",
        Rule::number => "число",
        Rule::quoted => "код в кавычках",
        Rule::word => "слово",
        Rule::and_word => "and",
        Rule::or_word => "or",
        Rule::not_word => "not",
        Rule::where_word => "where",
        Rule::in_word => "in",
        Rule::EOI => "конец формулы",
        Rule::WHITESPACE | Rule::part | Rule::reserved => "знак",
    }
}

/// Thousandths of a number; `None` when it is too large or too fine.
pub(super) fn milli(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<3}").parse().ok()?;
    whole
        .checked_mul(1000)?
        .checked_add(fraction)
        .filter(|n| *n < 1_000_000_000_000)
}

fn of_amount(text: &str, pair: Pair<'_, Rule>) -> Result<Formula, FormulaError> {
    let place = pair.clone();
    let mut parts = pair.into_inner().filter_map(|p| p.into_inner().next());
    let Some(first) = parts.next() else {
        return Err(wrong(text, &place, "пустая формула"));
    };
    let rest: Vec<Pair<'_, Rule>> = parts.collect();
    if rest.is_empty() {
        return match first.as_rule() {
            Rule::quoted => Ok(Formula::Other(first.as_str().trim_matches('"').to_owned())),
            _ => of_call(text, first),
        };
    }
    let mut amounts = Vec::with_capacity(rest.len() + 1);
    for part in std::iter::once(first).chain(rest) {
        amounts.push(quantity(text, part)?);
    }
    Ok(Formula::Amount(Amount::Plus(amounts)))
}

/// A call that must be a quantity.
fn quantity(text: &str, pair: Pair<'_, Rule>) -> Result<Amount, FormulaError> {
    let place = pair.clone();
    if pair.as_rule() != Rule::call {
        return Err(wrong(text, &place, "складываются count(…) и sum(…)"));
    }
    match of_call(text, pair)? {
        Formula::Amount(amount) => Ok(amount),
        _ => Err(wrong(text, &place, "здесь нужен count(…) или sum(…)")),
    }
}

/// An argument that must be a quantity.
fn quantity_argument(text: &str, of: &str, argument: &Pair<'_, Rule>) -> Result<Amount, FormulaError> {
    if argument.as_rule() != Rule::amount {
        return Err(wrong(text, argument, format!("{of}: здесь нужен count(…) или sum(…)")));
    }
    match of_amount(text, argument.clone())? {
        Formula::Amount(amount) => Ok(amount),
        _ => Err(wrong(text, argument, format!("{of}: здесь нужен count(…) или sum(…)"))),
    }
}

/// `key = number` of the arguments.
fn setting(arguments: &[Pair<'_, Rule>], key: &str) -> Option<i64> {
    arguments.iter().filter(|a| a.as_rule() == Rule::setting).find_map(|a| {
        let mut inner = a.clone().into_inner();
        let named = inner.next().is_some_and(|k| k.as_str() == key);
        inner.next().filter(|_| named).and_then(|n| milli(n.as_str()))
    })
}

fn of_call(text: &str, call: Pair<'_, Rule>) -> Result<Formula, FormulaError> {
    let place = call.as_span().start();
    let mut inner = call.into_inner();
    let name = inner.next().map_or("", |n| n.as_str());
    let arguments: Vec<Pair<'_, Rule>> = inner.filter_map(|argument| argument.into_inner().next()).collect();
    let usage = |form: &str| at(text, place, format!("{name} пишется так: {form}"));
    let value = |argument: &Pair<'_, Rule>| -> Result<Formula, FormulaError> {
        let said = || wrong(text, argument, format!("{name}: здесь нужна доля или число"));
        if argument.as_rule() != Rule::amount {
            return Err(said());
        }
        match of_amount(text, argument.clone())? {
            of @ (Formula::Amount(_) | Formula::Ratio { .. } | Formula::Other(_)) => Ok(of),
            _ => Err(said()),
        }
    };
    match (name, arguments.as_slice()) {
        ("count", _) => count(text, place, &arguments).map(Formula::Amount),
        ("sum", [query, measure]) => {
            let set = unit_set(text, "sum", query)?;
            let measure = entered(text, measure, set.subject, None)?;
            Ok(Formula::Amount(Amount::Sum(set, measure)))
        }
        ("sum", _) => Err(usage("sum(organisation, org_positions_admin_total)")),
        ("share", [upper, lower]) => {
            let (asked, base) = (
                quantity_argument(text, name, upper)?,
                quantity_argument(text, name, lower)?,
            );
            if let (Some(own), Some(of)) = (asked.subject(), base.subject())
                && own != of
            {
                return Err(wrong(text, lower, "share: числитель и знаменатель считают разное"));
            }
            Ok(Formula::Ratio {
                numerator: asked.within(&base).unwrap_or_else(|| asked.clone()),
                asked,
                denominator: base,
                times: 100,
                is_share: true,
            })
        }
        ("share", _) => Err(at(text, place, "share: нужны две части, числитель и знаменатель")),
        ("ratio", [upper, lower]) => ratio(text, 1, upper, lower),
        ("ratio", _) => Err(usage("ratio(count(…), count(…))")),
        ("ratio_per", [times, upper, lower]) if times.as_rule() == Rule::number => {
            let whole = times.as_str().parse().ok().filter(|n| (1..=1_000_000).contains(n));
            let times = whole.ok_or_else(|| wrong(text, times, "ratio_per: нужно целое число"))?;
            ratio(text, times, upper, lower)
        }
        ("ratio_per", _) => Err(usage("ratio_per(100, count(…), count(…))")),
        ("compare", [of, with, ..]) => {
            let tolerance = setting(&arguments, "tolerance");
            let tolerance = tolerance.ok_or_else(|| usage("compare(share(…), share(…), tolerance = 5)"))?;
            Ok(Formula::Compare {
                value: Box::new(value(of)?),
                with: Box::new(value(with)?),
                tolerance,
            })
        }
        ("compare", _) => Err(usage("compare(share(…), share(…), tolerance = 5)")),
        ("presence", [query, measure]) => {
            let set = unit_set(text, "presence", query)?;
            let measure = entered(text, measure, set.subject, Some(MeasureUnit::YesNo))?;
            Ok(Formula::Presence(set, measure))
        }
        ("presence", _) => Err(usage("presence(municipality, mun_service_site)")),
        ("change", [of, ..]) => {
            let years = setting(&arguments, "years").filter(|n| (2000..=10_000).contains(n) && n % 1000 == 0);
            let years = years.and_then(|n| u8::try_from(n / 1000).ok());
            Ok(Formula::Change {
                of: Box::new(value(of)?),
                years: years.ok_or_else(|| usage("change(count(…), years = 3), years от 2 до 10"))?,
            })
        }
        ("change", _) => Err(usage("change(count(…), years = 3)")),
        ("best_is_100", [of]) => Ok(Formula::Best(Box::new(value(of)?))),
        ("best_is_100", _) => Err(usage("best_is_100(share(…))")),
        ("expert", [_]) if setting(&arguments, "max").is_some() => Ok(Formula::Expert {
            max: setting(&arguments, "max").unwrap_or_default(),
        }),
        ("expert", _) => Err(usage("expert(max = 12)")),
        ("sum_points" | "share_of_points", [group]) => match quoted(group) {
            Some(group) => Ok(Formula::SumPoints {
                group,
                percent: name == "share_of_points",
            }),
            None => Err(usage(&format!("{name}(\"2.2.1\") или {name}(\"all\")"))),
        },
        ("sum_points" | "share_of_points", _) => Err(usage(&format!("{name}(\"2.2.1\")"))),
        ("attribute", [word]) => match word.as_str().trim() {
            "locality" => Ok(Formula::Attribute(Attribute::Locality)),
            "municipality_kind" => Ok(Formula::Attribute(Attribute::MunicipalityKind)),
            "zone" => Ok(Formula::Attribute(Attribute::Zone)),
            _ => Err(usage(ATTRIBUTES)),
        },
        ("attribute", _) => Err(usage(ATTRIBUTES)),
        (other, _) => Err(at(text, place, format!("функции «{other}» нет; есть: {FUNCTIONS}"))),
    }
}

fn ratio(text: &str, times: i64, upper: &Pair<'_, Rule>, lower: &Pair<'_, Rule>) -> Result<Formula, FormulaError> {
    let asked = quantity_argument(text, "ratio", upper)?;
    Ok(Formula::Ratio {
        numerator: asked.clone(),
        asked,
        denominator: quantity_argument(text, "ratio", lower)?,
        times,
        is_share: false,
    })
}

/// A code in quotes that stands as an argument.
fn quoted(argument: &Pair<'_, Rule>) -> Option<String> {
    let text = argument.as_str().trim();
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains('"')).then(|| inside.to_owned())
}

/// The word of a query that stands as an argument, with its condition.
fn query<'a>(
    text: &str,
    of: &str,
    argument: &Pair<'a, Rule>,
) -> Result<(Subject, Option<Pair<'a, Rule>>), FormulaError> {
    let known: Vec<&str> = Subject::ALL.iter().map(|s| s.code()).collect();
    if argument.as_rule() != Rule::query {
        let what = format!("{of}: нужно {}, дальше where и условие", known.join(", "));
        return Err(wrong(text, argument, what));
    }
    let mut inner = argument.clone().into_inner();
    let word = inner.next().map_or("", |w| w.as_str());
    let Some(subject) = Subject::from_code(word) else {
        let what = format!("«{word}» не считается; есть: {}", known.join(", "));
        return Err(wrong(text, argument, what));
    };
    Ok((subject, inner.find(|p| p.as_rule() == Rule::any)))
}

fn count(text: &str, place: usize, arguments: &[Pair<'_, Rule>]) -> Result<Amount, FormulaError> {
    let [argument] = arguments else {
        return Err(at(text, place, "count: нужна одна часть"));
    };
    let (subject, condition) = query(text, "count", argument)?;
    Ok(match subject {
        Subject::Person | Subject::Iom => Amount::Count(Leaf::new(
            subject,
            condition_of(text, condition, &|pair| parse_test::of_person(text, subject, pair))?,
        )),
        Subject::Programme => Amount::Programmes(condition_of(text, condition, &|pair| programme_test(text, pair))?),
        Subject::Organisation | Subject::Municipality => Amount::Units(UnitSet {
            subject,
            condition: condition_of(text, condition, &|pair| unit_test(text, subject, pair))?,
        }),
    })
}

fn unit_set(text: &str, of: &str, argument: &Pair<'_, Rule>) -> Result<UnitSet, FormulaError> {
    let (subject, condition) = query(text, of, argument)?;
    if !matches!(subject, Subject::Organisation | Subject::Municipality) {
        return Err(wrong(
            text,
            argument,
            format!("{of}: нужно organisation или municipality"),
        ));
    }
    Ok(UnitSet {
        subject,
        condition: condition_of(text, condition, &|pair| unit_test(text, subject, pair))?,
    })
}

/// The code of a measure that is entered for units of this subject.
fn entered(
    text: &str,
    pair: &Pair<'_, Rule>,
    subject: Subject,
    unit: Option<MeasureUnit>,
) -> Result<String, FormulaError> {
    let code = pair.as_str().trim();
    let Some(measure) = measures::of_units(code) else {
        let known = measures::entered_for(subject == Subject::Organisation, unit).join(", ");
        let what = format!("величины «{code}» нет; исправьте код, здесь подходят: {known}");
        return Err(wrong(text, pair, what));
    };
    let fits = match subject {
        Subject::Organisation => measure.subject == MeasureSubject::Organisation,
        _ => measure.subject != MeasureSubject::Organisation,
    };
    if !fits {
        let what = format!(
            "величина «{code}» — не для {}: её предмет — {}",
            subject.code(),
            measure.subject.label()
        );
        return Err(wrong(text, pair, what));
    }
    if let Some(unit) = unit.filter(|unit| measure.unit != Some(*unit)) {
        let what = format!(
            "величина «{code}» измеряется иначе: нужно «{}»; сравните её с числом: value({code}) > 0",
            unit.label()
        );
        return Err(wrong(text, pair, what));
    }
    Ok(code.to_owned())
}

/// A condition whose tests are read by `test`.
fn condition_of<T: Ord + Clone>(
    text: &str,
    pair: Option<Pair<'_, Rule>>,
    test: &dyn Fn(&Pair<'_, Rule>) -> Result<T, FormulaError>,
) -> Result<Condition<T>, FormulaError> {
    let Some(pair) = pair else { return Ok(Condition::Always) };
    let parts = |pair: Pair<'_, Rule>, rule: Rule| -> Result<Vec<Condition<T>>, FormulaError> {
        pair.into_inner()
            .filter(|p| p.as_rule() == rule)
            .map(|p| condition_of(text, Some(p), test))
            .collect()
    };
    match pair.as_rule() {
        Rule::any => Ok(Condition::any(parts(pair, Rule::all)?)),
        Rule::all => Ok(Condition::all(parts(pair, Rule::one)?)),
        Rule::negated => Ok(Condition::all(parts(pair, Rule::one)?).negated()),
        Rule::group => Ok(Condition::all(parts(pair, Rule::any)?)),
        Rule::test | Rule::compared => test(&pair).map(Condition::Is),
        _ => match pair.clone().into_inner().next() {
            Some(inner) => condition_of(text, Some(inner), test),
            None => Err(wrong(text, &pair, "здесь нужно условие")),
        },
    }
}

fn programme_test(text: &str, pair: &Pair<'_, Rule>) -> Result<ProgrammeTest, FormulaError> {
    let (word, options) = parse_test::options(text, pair)?;
    let flag = super::words::PROGRAMME_FLAGS.iter().find(|f| **f == word);
    if let (Some(flag), true) = (flag, options.is_empty()) {
        return Ok(ProgrammeTest::Flag(flag));
    }
    match (word, options.as_slice()) {
        ("topic", [(key, values)]) if key.is_empty() && values.len() == 1 => {
            parse_test::topic(text, &values[0]).map(ProgrammeTest::Topic)
        }
        _ => {
            let known = super::words::PROGRAMME_FLAGS.join(", ");
            let what = format!("условия «{word}» у programme нет; есть: {known}, topic(upbringing)");
            Err(wrong(text, pair, what))
        }
    }
}

fn unit_test(text: &str, subject: Subject, pair: &Pair<'_, Rule>) -> Result<UnitTest, FormulaError> {
    let organisation = subject == Subject::Organisation;
    if pair.as_rule() == Rule::compared {
        let mut inner = pair.clone().into_inner();
        let (call, sign, number) = (inner.next(), inner.next(), inner.next());
        let (Some(call), Some(sign), Some(number)) = (call, sign, number) else {
            return Err(wrong(text, pair, "здесь нужно сравнение"));
        };
        let sign = Sign::ALL.iter().find(|(text, _)| *text == sign.as_str());
        let sign = sign.map_or(Sign::Equal, |(_, sign)| *sign);
        let bound = milli(number.as_str()).ok_or_else(|| wrong(text, &number, "число слишком велико"))?;
        let mut parts = call.clone().into_inner();
        if parts.next().is_some_and(|name| name.as_str() == "value") {
            let Some(measure) = parts.next() else {
                return Err(wrong(
                    text,
                    pair,
                    "пишется так: value(org_rates_per_pedagogical_worker) > 2",
                ));
            };
            return Ok(UnitTest::Value(entered(text, &measure, subject, None)?, sign, bound));
        }
        return match of_call(text, call.clone())? {
            formula @ (Formula::Amount(_) | Formula::Ratio { .. }) => {
                Ok(UnitTest::Formula(Box::new(formula), sign, bound))
            }
            _ => Err(wrong(text, &call, "сравнивается count(…) или share(…)")),
        };
    }
    let (word, options) = parse_test::options(text, pair)?;
    match (word, options.as_slice()) {
        ("used_platform", []) if organisation => Ok(UnitTest::UsedPlatform),
        ("yes", [(key, values)]) if key.is_empty() && values.len() == 1 => {
            entered(text, &values[0], subject, Some(MeasureUnit::YesNo)).map(UnitTest::Yes)
        }
        ("kind", [(key, values)]) if organisation && key == "of" => {
            let mut kinds = parse_test::org_kinds(text, values)?;
            kinds.sort();
            kinds.dedup();
            Ok(UnitTest::Kind(kinds))
        }
        _ => {
            let more = if organisation {
                ", kind(of in (school)), used_platform"
            } else {
                ""
            };
            let what = format!(
                "условия «{word}» у {} нет; есть: yes(величина), value(величина) > 2, count(…) > 0, share(…) > 30{more}",
                subject.code()
            );
            Err(wrong(text, pair, what))
        }
    }
}
