//! Conditions over facts: what they mean for a person or a plan, their canonical text, and what of them is missing.

use std::collections::BTreeSet;
use std::fmt;

use crate::catalogue::model::Topic;
use crate::db::types::codes;
use crate::diagnostics::DiagnosisKind;
use crate::facts::{IomFact, PersonFact};
use crate::iom::SupporterKind;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Distinct persons.
    Person,
    /// Plans.
    Iom,
}

impl Subject {
    /// The word of the language.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Iom => "iom",
        }
    }
}

/// Comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
}

impl Sign {
    /// Every sign with its text.
    pub const ALL: [(&'static str, Self); 5] = [
        (">", Self::Greater),
        (">=", Self::AtLeast),
        ("<", Self::Less),
        ("<=", Self::AtMost),
        ("=", Self::Equal),
    ];

    fn holds(self, left: i32, right: i32) -> bool {
        match self {
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
        }
    }
}

/// One test of a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// A flag of a person or a plan, by its word.
    Flag(&'static str),
    /// `diagnosed(kind in (…))`.
    Diagnosed(BTreeSet<DiagnosisKind>),
    /// `deficits > n`.
    Deficits(Sign, i32),
    /// `deficit(group = …)`.
    DeficitGroup(String),
    /// `trained(topic = …)`.
    TrainedTopic(Topic),
    /// `formed_topic(…)`.
    FormedTopic(Topic),
    /// `realised_topic(…)`.
    RealisedTopic(Topic),
    /// `supporter(kind in (…))` of a plan.
    Supporter(BTreeSet<SupporterKind>),
    /// `topic(…)` of a plan.
    PlanTopic(Topic),
}

/// Flags of a person, each a word of the language.
pub const PERSON_FLAGS: &[&str] = &[
    "pedagogical",
    "leader",
    "teacher",
    "matched",
    "mismatched",
    "young",
    "first_three_years",
    "pension_age",
    "higher_pedagogical_education",
    "iom_live",
    "iom_realised",
    "supported",
    "supported_by_regional_methodist",
];

/// Flags of a plan, each a word of the language.
pub const IOM_FLAGS: &[&str] = &["formed", "live", "realised"];

/// Words of a person that take an option, or may.
pub const PERSON_TESTS: &[&str] = &[
    "works_in",
    "age",
    "experience",
    "workload",
    "subject",
    "diagnosed",
    "deficits",
    "deficit",
    "deficit_found",
    "iom_formed",
    "trained",
    "formed_topic",
    "realised_topic",
    "event",
    "contest",
    "member",
    "helped",
    "mentoring",
    "role",
    "accompanied",
    "social_support",
    "expert",
    "exam",
    "burnout_prevention",
    "awarded",
];

/// Words of a plan that take an option.
pub const IOM_TESTS: &[&str] = &["supporter", "topic"];

/// Flags of a programme, each a word of the language.
pub const PROGRAMME_FLAGS: &[&str] = &["delivered", "upskilling", "retraining", "in_register", "e_learning"];

/// Words of a programme that take an option.
pub const PROGRAMME_TESTS: &[&str] = &["topic"];

/// A person as one unit sees it: the populations of its places inside that unit, and its facts.
#[derive(Debug, Clone, Copy)]
pub struct PersonSeen<'a> {
    /// Teaches in the unit.
    pub pedagogical: bool,
    /// Manages in the unit.
    pub leader: bool,
    /// What is known of it.
    pub fact: &'a PersonFact,
}

impl PersonSeen<'_> {
    /// Whether the unit counts the person at all.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.pedagogical || self.leader
    }
}

fn has(set: &str, code: &str) -> bool {
    codes(set).any(|c| c == code)
}

impl Test {
    fn holds_for_person(&self, person: &PersonSeen<'_>) -> bool {
        let fact = person.fact;
        match self {
            Self::Flag(word) => match *word {
                "pedagogical" => person.pedagogical,
                "leader" => person.leader,
                "young" => fact.young,
                "first_three_years" => fact.first_three_years,
                "iom_formed" => fact.iom_formed,
                "iom_live" => fact.iom_live,
                "iom_realised" => fact.iom_realised,
                "supported" => fact.supported,
                "supported_by_regional_methodist" => fact.supported_by_regional_methodist,
                "trained" => fact.trained,
                _ => false,
            },
            Self::Diagnosed(kinds) => kinds.iter().any(|k| has(&fact.diagnosed_kinds, k.code())),
            Self::Deficits(sign, bound) => sign.holds(fact.deficits, *bound),
            Self::DeficitGroup(group) => has(&fact.deficit_groups, group),
            Self::TrainedTopic(topic) => has(&fact.topics_trained, topic.code()),
            Self::FormedTopic(topic) => has(&fact.topics_formed, topic.code()),
            Self::RealisedTopic(topic) => has(&fact.topics_realised, topic.code()),
            Self::Supporter(_) | Self::PlanTopic(_) => false,
        }
    }

    fn holds_for_plan(&self, plan: &IomFact) -> bool {
        match self {
            Self::Flag(word) => match *word {
                "formed" => plan.formed,
                "live" => plan.live,
                "realised" => plan.realised,
                _ => false,
            },
            Self::Supporter(kinds) => kinds.iter().any(|k| has(&plan.supporter_kinds, k.code())),
            Self::PlanTopic(topic) => has(&plan.topics, topic.code()),
            _ => false,
        }
    }

    /// Whether it asks where the person works rather than what happened.
    fn is_population(&self) -> bool {
        matches!(self, Self::Flag("pedagogical" | "leader"))
    }

    /// What to say of somebody for whom it does not hold; `on` is the reference day as printed.
    fn missing(&self, on: &str) -> String {
        let topic = |topic: &Topic| format!("«{}»", topic.label());
        match self {
            Self::Flag(word) => match *word {
                "pedagogical" => format!("не педагогический работник на {on}"),
                "leader" => format!("не руководящий работник на {on}"),
                "young" => format!("на {on} исполнилось 35 лет или дата рождения неизвестна"),
                "first_three_years" => format!("на {on} три года работы или начало работы неизвестно"),
                "iom_formed" => "ИОМ не сформирован в периоде".into(),
                "iom_live" => "нет действующего ИОМ в периоде".into(),
                "iom_realised" => "ИОМ не реализован в периоде".into(),
                "supported" => "нет сопровождения ИОМ в периоде".into(),
                "supported_by_regional_methodist" => "нет сопровождения региональным методистом в периоде".into(),
                "trained" => "нет документа об обучении в периоде".into(),
                "formed" => "ИОМ сформирован не в этом периоде".into(),
                "live" => "ИОМ не действовал в периоде".into(),
                "realised" => "ИОМ не реализован в периоде".into(),
                other => other.to_owned(),
            },
            Self::Diagnosed(_) => "нет диагностики в периоде".into(),
            Self::Deficits(..) => "другое число дефицитов на конец периода".into(),
            Self::DeficitGroup(_) => "нет дефицита этой группы на конец периода".into(),
            Self::TrainedTopic(of) => format!("нет документа об обучении по теме {}", topic(of)),
            Self::FormedTopic(of) => format!("в ИОМ периода нет темы {}", topic(of)),
            Self::RealisedTopic(of) => format!("ИОМ с темой {} не реализован в периоде", topic(of)),
            Self::Supporter(_) => "нет сопровождающего на конец периода".into(),
            Self::PlanTopic(of) => format!("в ИОМ нет темы {}", topic(of)),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |codes: Vec<&str>| codes.join(", ");
        match self {
            Self::Flag(word) => f.write_str(word),
            Self::Diagnosed(kinds) => {
                write!(
                    f,
                    "diagnosed(kind in ({}))",
                    listed(kinds.iter().map(|k| k.code()).collect())
                )
            }
            Self::Deficits(sign, bound) => {
                let text = Sign::ALL.iter().find(|(_, s)| s == sign).map_or("=", |(text, _)| *text);
                write!(f, "deficits {text} {bound}")
            }
            Self::DeficitGroup(group) => write!(f, "deficit(group = {group})"),
            Self::TrainedTopic(topic) => write!(f, "trained(topic = {topic})"),
            Self::FormedTopic(topic) => write!(f, "formed_topic({topic})"),
            Self::RealisedTopic(topic) => write!(f, "realised_topic({topic})"),
            Self::Supporter(kinds) => {
                write!(
                    f,
                    "supporter(kind in ({}))",
                    listed(kinds.iter().map(|k| k.code()).collect())
                )
            }
            Self::PlanTopic(topic) => write!(f, "topic({topic})"),
        }
    }
}

/// A condition in normal form: `and` and `or` are flat, sorted, without repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Holds for everyone.
    Always,
    /// A test.
    Is(Test),
    /// Not.
    Not(Box<Condition>),
    /// All of them; two at least.
    All(BTreeSet<Condition>),
    /// Any of them; two at least.
    Any(BTreeSet<Condition>),
}

impl Condition {
    /// All of these.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = BTreeSet::new();
        for part in parts {
            match part {
                Self::Always => {}
                Self::All(inner) => flat.extend(inner),
                other => drop(flat.insert(other)),
            }
        }
        match flat.len() {
            0 => Self::Always,
            1 => flat.pop_first().unwrap_or(Self::Always),
            _ => Self::All(flat),
        }
    }

    /// Any of these.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = BTreeSet::new();
        for part in parts {
            match part {
                Self::Always => return Self::Always,
                Self::Any(inner) => flat.extend(inner),
                other => drop(flat.insert(other)),
            }
        }
        match flat.len() {
            1 => flat.pop_first().unwrap_or(Self::Always),
            _ => Self::Any(flat),
        }
    }

    /// Not this.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether it holds for a person.
    #[must_use]
    pub fn holds_for_person(&self, person: &PersonSeen<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::Is(test) => test.holds_for_person(person),
            Self::Not(inner) => !inner.holds_for_person(person),
            Self::All(parts) => parts.iter().all(|p| p.holds_for_person(person)),
            Self::Any(parts) => parts.iter().any(|p| p.holds_for_person(person)),
        }
    }

    /// Whether it holds for a plan.
    #[must_use]
    pub fn holds_for_plan(&self, plan: &IomFact) -> bool {
        match self {
            Self::Always => true,
            Self::Is(test) => test.holds_for_plan(plan),
            Self::Not(inner) => !inner.holds_for_plan(plan),
            Self::All(parts) => parts.iter().all(|p| p.holds_for_plan(plan)),
            Self::Any(parts) => parts.iter().any(|p| p.holds_for_plan(plan)),
        }
    }

    /// The part that speaks of what happened, not of where somebody works; [`Condition::Always`] when there is none.
    #[must_use]
    pub fn events(&self) -> Self {
        match self {
            Self::Is(test) if test.is_population() => Self::Always,
            Self::Not(inner) if matches!(**inner, Self::Is(ref test) if test.is_population()) => Self::Always,
            Self::All(parts) => Self::all(parts.iter().map(Self::events)),
            Self::Any(parts) => Self::any(parts.iter().map(Self::events)),
            other => other.clone(),
        }
    }

    /// The first thing that keeps somebody out, as a Russian phrase; `holds` answers for each part.
    #[must_use]
    pub fn missing(&self, on: &str, holds: &dyn Fn(&Self) -> bool) -> Option<String> {
        if holds(self) {
            return None;
        }
        match self {
            Self::Always => None,
            Self::Is(test) => Some(test.missing(on)),
            Self::Not(inner) => Some(format!("условие «не: {inner}» не выполнено")),
            Self::All(parts) => {
                // Populations first: whoever does not belong there has no other reason to be told.
                let (first, then): (Vec<&Self>, Vec<&Self>) = parts
                    .iter()
                    .partition(|p| matches!(p, Self::Is(test) if test.is_population()));
                first.into_iter().chain(then).find_map(|p| p.missing(on, holds))
            }
            Self::Any(parts) => {
                let reasons: Vec<String> = parts.iter().filter_map(|p| p.missing(on, holds)).collect();
                Some(reasons.join("; "))
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &BTreeSet<Self>, word: &str| {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                if matches!(part, Self::All(_) | Self::Any(_)) {
                    write!(f, "({part})")?;
                } else {
                    write!(f, "{part}")?;
                }
            }
            Ok(())
        };
        match self {
            Self::Always => Ok(()),
            Self::Is(test) => write!(f, "{test}"),
            Self::Not(inner) => match **inner {
                Self::All(_) | Self::Any(_) => write!(f, "not ({inner})"),
                _ => write!(f, "not {inner}"),
            },
            Self::All(parts) => joined(f, parts, "and"),
            Self::Any(parts) => joined(f, parts, "or"),
        }
    }
}
