//! The formula language: parsed once, checked for types with the place of an error, compiled into shared leaves.
//!
//! A leaf is `count(subject where condition)` in canonical text. The same leaf makes the counter and the list of its
//! subjects, so a list cannot disagree with its number. A subject counts in a unit only if it belongs to a population
//! there, so every leaf carries that condition silently.

use std::fmt;

use pest::Parser;
use pest::iterators::Pair;

use super::condition::{Condition, IOM_FLAGS, IOM_TESTS, PERSON_FLAGS, PERSON_TESTS, PersonSeen, Sign, Subject, Test};
use crate::catalogue::model::Topic;
use crate::diagnostics::DiagnosisKind;
use crate::facts::IomFact;
use crate::iom::SupporterKind;

/// The grammar; in a module of its own, since the derive makes undocumented items.
mod grammar {
    /// The parser of `formula.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "indicators/formula.pest"]
    pub struct FormulaParser;
}

use grammar::{FormulaParser, Rule};

/// Groups of competences that a formula may name.
pub const GROUPS: &[&str] = &[
    "subject",
    "methodical",
    "psych_ped",
    "communicative",
    "digital",
    "managerial",
    "regulatory",
];

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

/// A countable thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// What is counted.
    pub subject: Subject,
    /// Which of them.
    pub condition: Condition,
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.condition {
            Condition::Always => write!(f, "count({})", self.subject.code()),
            condition => write!(f, "count({} where {condition})", self.subject.code()),
        }
    }
}

impl Leaf {
    /// How many subjects of a person it counts: one or none for persons, some of its plans for plans.
    #[must_use]
    pub fn count(&self, person: &PersonSeen<'_>, plans: &[IomFact]) -> i64 {
        match self.subject {
            _ if !person.counts() => 0,
            Subject::Person => i64::from(self.condition.holds_for_person(person)),
            Subject::Iom => {
                let fitting = plans.iter().filter(|p| self.condition.holds_for_plan(p)).count();
                i64::try_from(fitting).unwrap_or(i64::MAX)
            }
        }
    }
}

/// A formula ready to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// A count: no denominator.
    Count(Leaf),
    /// A share of subjects: those of the denominator that are also asked for by the numerator.
    Share {
        /// What the numerator asks for beyond the denominator.
        asked: Condition,
        /// Subjects of both.
        numerator: Leaf,
        /// Subjects of the denominator.
        denominator: Leaf,
    },
}

impl Formula {
    /// Parses and checks.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let mut pairs = FormulaParser::parse(Rule::formula, text).map_err(|e| syntax_error(text, &e))?;
        let call = pairs.next().and_then(|formula| formula.into_inner().next());
        let Some(call) = call else {
            return Err(at(text, 0, "пустая формула"));
        };
        check_formula(text, call)
    }

    /// The leaf of the value's upper part.
    #[must_use]
    pub fn numerator(&self) -> &Leaf {
        match self {
            Self::Count(leaf) | Self::Share { numerator: leaf, .. } => leaf,
        }
    }

    /// The leaf of the lower part.
    #[must_use]
    pub fn denominator(&self) -> Option<&Leaf> {
        match self {
            Self::Count(_) => None,
            Self::Share { denominator, .. } => Some(denominator),
        }
    }
}

fn at(text: &str, byte: usize, what: impl Into<String>) -> FormulaError {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    FormulaError {
        offset: before.chars().count(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |l| l.chars().count()) + 1,
        what: what.into(),
    }
}

fn wrong(text: &str, pair: &Pair<'_, Rule>, what: impl Into<String>) -> FormulaError {
    at(text, pair.as_span().start(), what)
}

fn syntax_error(text: &str, e: &pest::error::Error<Rule>) -> FormulaError {
    let byte = match e.location {
        pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
    };
    let expected: std::collections::BTreeSet<&str> = match &e.variant {
        pest::error::ErrorVariant::ParsingError { positives, .. } => positives.iter().map(|r| spoken(*r)).collect(),
        pest::error::ErrorVariant::CustomError { .. } => std::collections::BTreeSet::new(),
    };
    let expected: Vec<&str> = expected.into_iter().collect();
    at(text, byte, format!("ожидалось: {}", expected.join(", ")))
}

fn spoken(rule: Rule) -> &'static str {
    match rule {
        Rule::formula | Rule::call => "функция",
        Rule::argument | Rule::query | Rule::setting => "что считать",
        Rule::any | Rule::all | Rule::one | Rule::test | Rule::negated | Rule::group => "условие",
        Rule::option | Rule::membership | Rule::equality => "уточнение условия",
        Rule::bound | Rule::sign => "сравнение",
        Rule::number => "число",
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

fn check_formula(text: &str, call: Pair<'_, Rule>) -> Result<Formula, FormulaError> {
    let place = call.as_span().start();
    let mut inner = call.into_inner();
    let name = inner.next().map_or("", |n| n.as_str());
    let arguments: Vec<Pair<'_, Rule>> = inner.filter_map(|argument| argument.into_inner().next()).collect();
    match name {
        "count" => Ok(Formula::Count(check_count(text, place, &arguments)?)),
        "share" => {
            let [upper, lower] = arguments.as_slice() else {
                return Err(at(text, place, "share: нужны две части, числитель и знаменатель"));
            };
            let (asked, base) = (check_inner_count(text, upper)?, check_inner_count(text, lower)?);
            if asked.subject != base.subject {
                return Err(wrong(text, lower, "share: числитель и знаменатель считают разное"));
            }
            Ok(Formula::Share {
                numerator: Leaf {
                    subject: base.subject,
                    condition: Condition::all([asked.condition.clone(), base.condition.clone()]),
                },
                asked: asked.condition,
                denominator: base,
            })
        }
        other => Err(at(text, place, format!("функции «{other}» нет; есть: count, share"))),
    }
}

fn check_inner_count(text: &str, argument: &Pair<'_, Rule>) -> Result<Leaf, FormulaError> {
    if argument.as_rule() != Rule::call {
        return Err(wrong(text, argument, "share: здесь нужен count(…)"));
    }
    let mut inner = argument.clone().into_inner();
    let name = inner.next().map_or("", |n| n.as_str());
    if name != "count" {
        return Err(wrong(text, argument, format!("здесь нужен count(…), а не «{name}»")));
    }
    let arguments: Vec<Pair<'_, Rule>> = inner.filter_map(|a| a.into_inner().next()).collect();
    check_count(text, argument.as_span().start(), &arguments)
}

fn check_count(text: &str, place: usize, arguments: &[Pair<'_, Rule>]) -> Result<Leaf, FormulaError> {
    let [query] = arguments else {
        return Err(at(text, place, "count: нужна одна часть"));
    };
    if query.as_rule() != Rule::query {
        return Err(wrong(
            text,
            query,
            "count: нужно person или iom, дальше where и условие",
        ));
    }
    let mut inner = query.clone().into_inner();
    let subject = match inner.next().map_or("", |w| w.as_str()) {
        "person" => Subject::Person,
        "iom" => Subject::Iom,
        other => return Err(wrong(text, query, format!("«{other}» не считается; есть: person, iom"))),
    };
    let condition = match inner.find(|p| p.as_rule() == Rule::any) {
        None => Condition::Always,
        Some(any) => check_condition(text, subject, any)?,
    };
    Ok(Leaf { subject, condition })
}

fn check_condition(text: &str, subject: Subject, pair: Pair<'_, Rule>) -> Result<Condition, FormulaError> {
    let parts = |pair: Pair<'_, Rule>, rule: Rule| -> Result<Vec<Condition>, FormulaError> {
        pair.into_inner()
            .filter(|p| p.as_rule() == rule)
            .map(|p| check_condition(text, subject, p))
            .collect()
    };
    match pair.as_rule() {
        Rule::any => Ok(Condition::any(parts(pair, Rule::all)?)),
        Rule::all => Ok(Condition::all(parts(pair, Rule::one)?)),
        Rule::negated => {
            let inner = parts(pair, Rule::one)?;
            Ok(Condition::all(inner).negated())
        }
        Rule::group => Ok(Condition::all(parts(pair, Rule::any)?)),
        Rule::test => check_test(text, subject, &pair).map(Condition::Is),
        _ => match pair.clone().into_inner().next() {
            Some(inner) => check_condition(text, subject, inner),
            None => Err(wrong(text, &pair, "здесь нужно условие")),
        },
    }
}

/// What stands after the word of a test.
enum Given<'a> {
    Nothing,
    Bound(Sign, i32),
    Word(Pair<'a, Rule>),
    Equals(Pair<'a, Rule>, Pair<'a, Rule>),
    In(Pair<'a, Rule>, Vec<Pair<'a, Rule>>),
}

fn given<'a>(text: &str, rest: Option<Pair<'a, Rule>>) -> Result<Given<'a>, FormulaError> {
    let Some(rest) = rest else { return Ok(Given::Nothing) };
    if rest.as_rule() == Rule::bound {
        let mut inner = rest.clone().into_inner();
        let sign = inner.next().map_or("", |s| s.as_str());
        let sign = Sign::ALL.iter().find(|(text, _)| *text == sign).map(|(_, sign)| *sign);
        let number = inner.next().and_then(|n| n.as_str().parse().ok());
        return match (sign, number) {
            (Some(sign), Some(number)) => Ok(Given::Bound(sign, number)),
            _ => Err(wrong(text, &rest, "число слишком велико")),
        };
    }
    let Some(inner) = rest.clone().into_inner().next() else {
        return Err(wrong(text, &rest, "здесь нужно уточнение условия"));
    };
    let mut words = inner.clone().into_inner().filter(|p| p.as_rule() == Rule::word);
    Ok(match inner.as_rule() {
        Rule::membership => match words.next() {
            Some(key) => Given::In(key, words.collect()),
            None => Given::Nothing,
        },
        Rule::equality => match (words.next(), words.next()) {
            (Some(key), Some(value)) => Given::Equals(key, value),
            _ => Given::Nothing,
        },
        _ => Given::Word(inner),
    })
}

fn check_test(text: &str, subject: Subject, pair: &Pair<'_, Rule>) -> Result<Test, FormulaError> {
    let mut inner = pair.clone().into_inner();
    let word = inner.next().map_or("", |w| w.as_str());
    let given = given(text, inner.next())?;
    let (flags, tests) = match subject {
        Subject::Person => (PERSON_FLAGS, PERSON_TESTS),
        Subject::Iom => (IOM_FLAGS, IOM_TESTS),
    };
    let bare = ["iom_formed", "trained"];
    let flag = flags.iter().chain(&bare).find(|f| **f == word);
    if let (Some(flag), Given::Nothing) = (flag, &given) {
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
    match (word, given) {
        ("deficits", Given::Bound(sign, bound)) => Ok(Test::Deficits(sign, bound)),
        ("deficits", _) => Err(usage("deficits > 0")),
        ("diagnosed", Given::In(key, values)) if key.as_str() == "kind" => {
            let kind = |v: &Pair<'_, Rule>| {
                DiagnosisKind::from_code(v.as_str())
                    .ok_or_else(|| unknown(text, v, DiagnosisKind::ALL.iter().map(|k| k.code())))
            };
            Ok(Test::Diagnosed(values.iter().map(kind).collect::<Result<_, _>>()?))
        }
        ("diagnosed", _) => Err(usage("diagnosed(kind in (full, follow_up))")),
        ("supporter", Given::In(key, values)) if key.as_str() == "kind" => {
            let kind = |v: &Pair<'_, Rule>| {
                SupporterKind::from_code(v.as_str())
                    .ok_or_else(|| unknown(text, v, SupporterKind::ALL.iter().map(|k| k.code())))
            };
            Ok(Test::Supporter(values.iter().map(kind).collect::<Result<_, _>>()?))
        }
        ("supporter", _) => Err(usage("supporter(kind in (curator, tutor))")),
        ("deficit", Given::Equals(key, value)) if key.as_str() == "group" => {
            if GROUPS.contains(&value.as_str()) {
                Ok(Test::DeficitGroup(value.as_str().to_owned()))
            } else {
                Err(unknown(text, &value, GROUPS.iter().copied()))
            }
        }
        ("deficit", _) => Err(usage("deficit(group = methodical)")),
        ("trained", Given::Equals(key, value)) if key.as_str() == "topic" => {
            topic(text, &value).map(Test::TrainedTopic)
        }
        ("trained", _) => Err(usage("trained или trained(topic = upbringing)")),
        ("formed_topic", Given::Word(value)) => topic(text, &value).map(Test::FormedTopic),
        ("realised_topic", Given::Word(value)) => topic(text, &value).map(Test::RealisedTopic),
        ("topic", Given::Word(value)) => topic(text, &value).map(Test::PlanTopic),
        _ => Err(usage(&format!("{word}(upbringing)"))),
    }
}

fn topic(text: &str, value: &Pair<'_, Rule>) -> Result<Topic, FormulaError> {
    Topic::from_code(value.as_str()).ok_or_else(|| unknown(text, value, Topic::ALL.iter().map(|t| t.code())))
}

fn unknown<'a>(text: &str, value: &Pair<'_, Rule>, known: impl Iterator<Item = &'a str>) -> FormulaError {
    let known: Vec<&str> = known.collect();
    wrong(
        text,
        value,
        format!("значения «{}» нет; есть: {}", value.as_str(), known.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Formula::parse(text).unwrap().numerator().to_string()
    }

    fn error(text: &str) -> String {
        Formula::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn equal_conditions_have_one_canonical_text_which_reads_as_itself() {
        let same = [
            "count(person where pedagogical and (young or diagnosed(kind in (self, full))))",
            "count( person where (diagnosed( kind in (full,self,full) ) or young) and pedagogical and pedagogical )",
            "count(person where not not pedagogical and ((young) or diagnosed(kind in (full, self))))",
        ];
        for text in same {
            assert_eq!(canonical(text), canonical(same[0]));
        }
        for text in [
            same[0],
            "count(person)",
            "count(person where not (young or leader) and deficits >= 2 and deficit(group = methodical))",
            "count(person where trained and not trained(topic = upbringing))",
            "count(iom where formed and supporter(kind in (tutor, curator)) and topic(upbringing))",
            "count(person where or_else)"
                .replace("or_else", "leader or supported")
                .as_str(),
        ] {
            assert_eq!(canonical(&canonical(text)), canonical(text), "{text}");
        }
    }

    #[test]
    fn a_share_counts_those_of_the_denominator() {
        let share = Formula::parse("share(count(person where iom_formed), count(person where pedagogical))").unwrap();
        assert_eq!(
            share.numerator().to_string(),
            "count(person where iom_formed and pedagogical)"
        );
        assert_eq!(
            share.denominator().unwrap().to_string(),
            "count(person where pedagogical)"
        );
    }

    #[test]
    fn errors_name_their_place_and_what_there_is() {
        assert!(error("ratio_per(100, count(person))").starts_with("строка 1, столбец 1: функции «ratio_per» нет"));
        assert!(error("change(count(person), years = 3)").contains("функции «change» нет"));
        assert!(error("count(person where pedagogic)").starts_with("строка 1, столбец 20: условия «pedagogic»"));
        assert!(error("count(iom where pedagogical)").contains("у iom нет"));
        assert!(error("count(organisation)").starts_with("строка 1, столбец 7"));
        assert!(error("count(person where\n  young and)").starts_with("строка 2, столбец 12: ожидалось"));
        assert!(error("share(count(person), count(iom))").contains("считают разное"));
        assert!(error("share(count(person))").contains("две части"));
        assert!(error("share(person, person)").contains("count"));
        assert!(error("count(person where diagnosed)").contains("пишется так"));
        assert!(error("count(person where diagnosed(kind in (exam)))").contains("«exam» нет; есть: full"));
        assert!(error("count(person where formed_topic(sport))").contains("«sport» нет"));
        assert!(error("count(person where young(topic = upbringing))").contains("уточнения"));
        assert!(error("count(person where deficits > 99999999999)").contains("велико"));
        assert!(error("count(person where deficit(group = sport))").contains("«sport» нет"));
        assert!(error("").contains("ожидалось"));
        assert!(error("count(person) count(person)").contains("конец формулы"));
    }
}
