//! Conditions over facts: what they mean for a person or a plan, their canonical text, and what of them is missing.

use std::collections::BTreeSet;
use std::fmt;

use super::taking_part::{TakingPart, Training, listed};
use super::words::PLACE_FLAGS;
use crate::catalogue::model::Topic;
use crate::db::types::codes;
use crate::diagnostics::DiagnosisKind;
use crate::facts::{IomFact, PersonFact, PersonPlace};
use crate::iom::{IomOrigin, SupporterKind};
use crate::units::OrgKind;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Distinct persons.
    Person,
    /// Plans.
    Iom,
    /// Organisations.
    Organisation,
    /// Municipalities.
    Municipality,
    /// Programmes of additional education.
    Programme,
}

impl Subject {
    /// Every one, in the order of the definition.
    pub const ALL: [Self; 5] = [
        Self::Person,
        Self::Iom,
        Self::Organisation,
        Self::Municipality,
        Self::Programme,
    ];

    /// The word of the language.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Iom => "iom",
            Self::Organisation => "organisation",
            Self::Municipality => "municipality",
            Self::Programme => "programme",
        }
    }

    /// The subject of a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
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

    /// The text.
    #[must_use]
    pub fn text(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, s)| *s == self)
            .map_or("=", |(text, _)| *text)
    }

    /// Whether it holds between two numbers.
    #[must_use]
    pub fn holds<N: PartialOrd>(self, left: N, right: N) -> bool {
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
    /// `works_in(kind in (…))`.
    WorksIn(BTreeSet<OrgKind>),
    /// `age < n`, `experience < n`, `workload > n`: what is not known does not hold.
    Bound(&'static str, Sign, i32),
    /// `subject("…")`.
    Subject(String),
    /// `diagnosed(kind in (…), group = …, success)`; no kinds are all kinds.
    Diagnosed {
        /// Kinds.
        kinds: BTreeSet<DiagnosisKind>,
        /// Groups of the competences measured; none are all.
        groups: BTreeSet<String>,
        /// Whether no result of these may be a deficit.
        success: bool,
    },
    /// `deficits > n`.
    Deficits(Sign, i32),
    /// `deficit(group = …)`.
    DeficitGroup(String),
    /// `deficit(area = …)`.
    DeficitArea(String),
    /// `deficit_found(kind in (…), group = …)`.
    DeficitFound {
        /// Kinds of the diagnoses; none are all.
        kinds: BTreeSet<DiagnosisKind>,
        /// Groups; none are all.
        groups: BTreeSet<String>,
    },
    /// `iom_formed(origin = …, on_platform)`.
    IomFormed {
        /// Where it was drawn up.
        origin: Option<IomOrigin>,
        /// Whether it lies on the platform.
        on_platform: bool,
    },
    /// `trained(…)`.
    Trained(Training),
    /// `formed_topic(…)`.
    FormedTopic(Topic),
    /// `realised_topic(…)`.
    RealisedTopic(Topic),
    /// `event(…)`, `member(…)` and the like.
    TakingPart(TakingPart),
    /// `supporter(kind in (…))` of a plan.
    Supporter(BTreeSet<SupporterKind>),
    /// `topic(…)` of a plan.
    PlanTopic(Topic),
}

/// A person as one unit sees it: the places inside that unit where it counts, and its facts.
#[derive(Debug, Clone, Copy)]
pub struct PersonSeen<'a> {
    /// Places inside the unit; those that count nowhere are passed over.
    pub places: &'a [PersonPlace],
    /// What is known of it.
    pub fact: &'a PersonFact,
}

impl PersonSeen<'_> {
    /// Places where it belongs to a population.
    fn counted(&self) -> impl Iterator<Item = &PersonPlace> {
        self.places.iter().filter(|p| p.pedagogical || p.leader)
    }

    /// Whether the unit counts the person at all.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.counted().next().is_some()
    }
}

fn has(set: &str, code: &str) -> bool {
    codes(set).any(|c| c == code)
}

/// Marks `diagnosed/kind/group/ok|deficit` of these kinds and groups.
fn diagnosed<'a>(
    fact: &'a PersonFact,
    kinds: &'a BTreeSet<DiagnosisKind>,
    groups: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a str> {
    codes(&fact.marks).filter_map(move |mark| {
        let mut parts = mark.strip_prefix("diagnosed/")?.split('/');
        let (kind, group, result) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = (kinds.is_empty() || kinds.iter().any(|k| k.code() == kind))
            && (groups.is_empty() || groups.iter().any(|g| g == group));
        fits.then_some(result)
    })
}

impl Test {
    /// Whether it holds for a person at one of its places.
    fn holds_at(&self, place: &PersonPlace, fact: &PersonFact) -> bool {
        match self {
            Self::Flag(word) => match *word {
                "pedagogical" => place.pedagogical,
                "leader" => place.leader,
                "teacher" => place.is_teacher(),
                "matched" => place.is_matched(),
                "mismatched" => place.is_mismatched(),
                "young" => fact.young,
                "first_three_years" => fact.first_three_years,
                "iom_live" => fact.iom_live,
                "iom_realised" => fact.iom_realised,
                "supported" => fact.supported,
                "supported_by_regional_methodist" => fact.supported_by_regional_methodist,
                mark => has(&fact.marks, mark),
            },
            Self::WorksIn(kinds) => kinds.iter().any(|k| place.is_in(*k)),
            Self::Bound(word, sign, bound) => match *word {
                "age" => fact.age.is_some_and(|n| sign.holds(n, *bound)),
                "experience" => fact.experience.is_some_and(|n| sign.holds(n, *bound)),
                _ => fact
                    .workload_milli
                    .is_some_and(|n| sign.holds(i64::from(n), i64::from(*bound) * 1000)),
            },
            Self::Subject(subject) => fact.subjects.split('\n').any(|s| s == subject),
            Self::Diagnosed { kinds, groups, success } if !success && groups.is_empty() => {
                codes(&fact.diagnosed_kinds).any(|k| kinds.is_empty() || kinds.iter().any(|of| of.code() == k))
            }
            Self::Diagnosed { kinds, groups, success } => {
                let mut results = diagnosed(fact, kinds, groups).peekable();
                results.peek().is_some() && results.all(|r| !success || r != "deficit")
            }
            Self::Deficits(sign, bound) => sign.holds(fact.deficits, *bound),
            Self::DeficitGroup(group) => has(&fact.deficit_groups, group),
            Self::DeficitArea(area) => codes(&fact.marks).any(|m| m.strip_prefix("area/") == Some(area)),
            Self::DeficitFound { kinds, groups } => diagnosed(fact, kinds, groups).any(|r| r == "deficit"),
            Self::IomFormed {
                origin: None,
                on_platform: false,
            } => fact.iom_formed,
            Self::IomFormed { origin, on_platform } => codes(&fact.marks).any(|mark| {
                let Some((from, lies)) = mark.strip_prefix("formed/").and_then(|m| m.split_once('/')) else {
                    return false;
                };
                origin.is_none_or(|o| o.code() == from) && (!on_platform || lies == "platform")
            }),
            Self::Trained(training) if *training == Training::default() => fact.trained,
            Self::Trained(training) => codes(&fact.marks).any(|mark| training.is(mark)),
            Self::FormedTopic(topic) => has(&fact.topics_formed, topic.code()),
            Self::RealisedTopic(topic) => has(&fact.topics_realised, topic.code()),
            Self::TakingPart(asked) => codes(&fact.activities).any(|token| asked.is(token)),
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
        match self {
            Self::Flag(word) => PLACE_FLAGS.contains(word),
            Self::WorksIn(_) => true,
            _ => false,
        }
    }

    /// Whether it asks nothing but where somebody works, as what and since when, and how old they are.
    fn rests_on_jobs(&self) -> bool {
        match self {
            Self::Flag(word) => PLACE_FLAGS.contains(word) || ["young", "first_three_years"].contains(word),
            Self::WorksIn(_) | Self::Bound(..) | Self::Subject(_) => true,
            _ => false,
        }
    }

    /// Whether it tells what somebody's diagnosis or examination came to, and not only that there was one.
    #[must_use]
    pub fn tells_result(&self) -> bool {
        match self {
            Self::Diagnosed { success, .. } => *success,
            Self::Deficits(..) | Self::DeficitGroup(_) | Self::DeficitArea(_) | Self::DeficitFound { .. } => true,
            Self::TakingPart(asked) => asked.word == "exam",
            _ => false,
        }
    }

    /// What to say of somebody for whom it does not hold; `on` is the reference day as printed.
    fn missing(&self, on: &str) -> String {
        let topic = |topic: &Topic| format!("«{}»", topic.label());
        match self {
            Self::Flag(word) => match *word {
                "pedagogical" => format!("не педагогический работник на {on}"),
                "leader" => format!("не руководящий работник на {on}"),
                "teacher" => format!("не учитель на {on}"),
                "matched" => "нет отметки о соответствии образования предмету".into(),
                "mismatched" => "нет отметки о несоответствии образования предмету".into(),
                "young" => format!("на {on} исполнилось 35 лет или дата рождения неизвестна"),
                "first_three_years" => format!("на {on} три года работы или начало работы неизвестно"),
                "pension_age" => format!("на {on} не достиг пенсионного возраста или дата рождения и пол неизвестны"),
                "higher_pedagogical_education" => "в сведениях нет высшего педагогического образования".into(),
                "iom_live" => "нет действующего ИОМ в периоде".into(),
                "iom_realised" => "ИОМ не реализован в периоде".into(),
                "supported" => "нет сопровождения ИОМ в периоде".into(),
                "supported_by_regional_methodist" => "нет сопровождения региональным методистом в периоде".into(),
                "formed" => "ИОМ сформирован не в этом периоде".into(),
                "live" => "ИОМ не действовал в периоде".into(),
                "realised" => "ИОМ не реализован в периоде".into(),
                other => other.to_owned(),
            },
            Self::WorksIn(kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|k| k.label()).collect();
                format!("на {on} не работает в организации вида: {}", kinds.join(", "))
            }
            Self::Bound("age", ..) => format!("на {on} другой возраст или дата рождения неизвестна"),
            Self::Bound("experience", ..) => format!("на {on} другой стаж или начало работы неизвестно"),
            Self::Bound(..) => format!("на {on} другая нагрузка или она неизвестна"),
            Self::Subject(subject) => format!("на {on} не преподаёт предмет «{subject}»"),
            Self::Diagnosed { success: true, .. } => "нет успешной диагностики в периоде".into(),
            Self::Diagnosed { .. } => "нет диагностики в периоде".into(),
            Self::Deficits(..) => "другое число дефицитов на конец периода".into(),
            Self::DeficitGroup(_) | Self::DeficitArea(_) => "нет дефицита этой группы на конец периода".into(),
            Self::DeficitFound { .. } => "дефицит не выявлен в периоде".into(),
            Self::IomFormed { .. } => "ИОМ не сформирован в периоде".into(),
            Self::Trained(training) => match training.topics.first() {
                Some(of) => format!("нет документа об обучении по теме {}", topic(of)),
                None => "нет документа об обучении в периоде".into(),
            },
            Self::FormedTopic(of) => format!("в ИОМ периода нет темы {}", topic(of)),
            Self::RealisedTopic(of) => format!("ИОМ с темой {} не реализован в периоде", topic(of)),
            Self::TakingPart(asked) => asked.missing(),
            Self::Supporter(_) => "нет сопровождающего на конец периода".into(),
            Self::PlanTopic(of) => format!("в ИОМ нет темы {}", topic(of)),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn kinds(kinds: &BTreeSet<DiagnosisKind>) -> Vec<&str> {
            kinds.iter().map(|k| k.code()).collect()
        }
        fn groups(groups: &BTreeSet<String>) -> Vec<&str> {
            groups.iter().map(String::as_str).collect()
        }
        match self {
            Self::Flag(word) => f.write_str(word),
            Self::WorksIn(kinds) => {
                let kinds = kinds.iter().map(|k| k.code()).collect::<Vec<_>>();
                listed(f, "works_in", [("kind", kinds)], &[])
            }
            Self::Bound(word, sign, bound) => write!(f, "{word} {} {bound}", sign.text()),
            Self::Subject(subject) => write!(f, "subject(\"{subject}\")"),
            Self::Diagnosed {
                kinds: of,
                groups: g,
                success,
            } => {
                let success: &[&str] = if *success { &["success"] } else { &[] };
                listed(f, "diagnosed", [("kind", kinds(of)), ("group", groups(g))], success)
            }
            Self::Deficits(sign, bound) => write!(f, "deficits {} {bound}", sign.text()),
            Self::DeficitGroup(group) => write!(f, "deficit(group = {group})"),
            Self::DeficitArea(area) => write!(f, "deficit(area = {area})"),
            Self::DeficitFound { kinds: of, groups: g } => {
                listed(f, "deficit_found", [("kind", kinds(of)), ("group", groups(g))], &[])
            }
            Self::IomFormed { origin, on_platform } => {
                let platform: &[&str] = if *on_platform { &["on_platform"] } else { &[] };
                let origin = origin.iter().map(|o| o.code()).collect();
                listed(f, "iom_formed", [("origin", origin)], platform)
            }
            Self::Trained(training) => write!(f, "{training}"),
            Self::FormedTopic(topic) => write!(f, "formed_topic({topic})"),
            Self::RealisedTopic(topic) => write!(f, "realised_topic({topic})"),
            Self::TakingPart(asked) => write!(f, "{asked}"),
            Self::Supporter(kinds) => {
                let kinds = kinds.iter().map(|k| k.code()).collect::<Vec<_>>();
                listed(f, "supporter", [("kind", kinds)], &[])
            }
            Self::PlanTopic(topic) => write!(f, "topic({topic})"),
        }
    }
}

/// A condition in normal form: `and` and `or` are flat, sorted, without repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition<T: Ord = Test> {
    /// Holds for everyone.
    Always,
    /// A test.
    Is(T),
    /// Not.
    Not(Box<Condition<T>>),
    /// All of them; two at least.
    All(BTreeSet<Condition<T>>),
    /// Any of them; two at least.
    Any(BTreeSet<Condition<T>>),
}

impl<T: Ord + Clone> Condition<T> {
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

    /// Whether it holds, where a test holds as `test` says.
    #[must_use]
    pub fn holds(&self, test: &dyn Fn(&T) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::Is(one) => test(one),
            Self::Not(inner) => !inner.holds(test),
            Self::All(parts) => parts.iter().all(|p| p.holds(test)),
            Self::Any(parts) => parts.iter().any(|p| p.holds(test)),
        }
    }

    /// Whether whatever it holds for, another one holds for too, by their parts alone; `narrower` says whether whoever fits
    /// the one test fits the other too.
    #[must_use]
    pub fn implies(&self, other: &Self, narrower: &dyn Fn(&T, &T) -> bool) -> bool {
        let fits = |one: &Self, part: &Self| match (one, part) {
            (Self::Is(one), Self::Is(wider)) => one == wider || narrower(one, wider),
            (one, part) => one == part,
        };
        let own = |part: &Self| match self {
            Self::All(parts) => parts.iter().any(|one| fits(one, part)),
            one => fits(one, part),
        };
        match other {
            Self::Always => true,
            Self::All(parts) => parts.iter().all(|part| self.implies(part, narrower)),
            Self::Any(choices) => own(other) || choices.iter().any(|choice| self.implies(choice, narrower)),
            one => own(one),
        }
    }

    /// Every test in it.
    #[must_use]
    pub fn tests(&self) -> Vec<&T> {
        match self {
            Self::Always => Vec::new(),
            Self::Is(one) => vec![one],
            Self::Not(inner) => inner.tests(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
        }
    }
}

impl Condition {
    /// Whether it holds for a person at some place where it counts: what is asked of a place must hold at one place
    /// together.
    #[must_use]
    pub fn holds_for_person(&self, person: &PersonSeen<'_>) -> bool {
        person
            .counted()
            .any(|place| self.holds(&|test| test.holds_at(place, person.fact)))
    }

    /// Whether what happened holds for a person, wherever it works.
    #[must_use]
    pub fn holds_anywhere(&self, fact: &PersonFact) -> bool {
        let nowhere = PersonPlace::nowhere(fact);
        self.holds(&|test| test.holds_at(&nowhere, fact))
    }

    /// Whether it holds for a plan.
    #[must_use]
    pub fn holds_for_plan(&self, plan: &IomFact) -> bool {
        self.holds(&|test| test.holds_for_plan(plan))
    }

    /// Whether jobs and days of birth are enough to know for whom it holds.
    #[must_use]
    pub fn rests_on_jobs(&self) -> bool {
        self.tests().into_iter().all(Test::rests_on_jobs)
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

impl<T: Ord + fmt::Display> fmt::Display for Condition<T> {
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
