//! Organisations, municipalities and programmes as subjects: which of them are counted or summed over.

use std::fmt;

use super::condition::{Condition, Sign, Subject};
use super::formula::Formula;
use super::taking_part::listed;
use crate::catalogue::model::Topic;
use crate::units::OrgKind;

/// One test of an organisation or a municipality.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitTest {
    /// `yes(measure)`: entered as yes.
    Yes(String),
    /// `value(measure) > n`, thousandths.
    Value(String, Sign, i64),
    /// `kind in (…)` of an organisation.
    Kind(Vec<OrgKind>),
    /// `used_platform` of an organisation.
    UsedPlatform,
    /// `share(…) > n`: the value of a formula there, thousandths.
    Formula(Box<Formula>, Sign, i64),
}

impl fmt::Display for UnitTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |milli: &i64| crate::indicators::scale::plain(*milli);
        match self {
            Self::Yes(measure) => write!(f, "yes({measure})"),
            Self::Value(measure, sign, bound) => write!(f, "value({measure}) {} {}", sign.text(), number(bound)),
            Self::Kind(kinds) => {
                let kinds = kinds.iter().map(|k| k.code()).collect();
                listed(f, "kind", [("of", kinds)], &[])
            }
            Self::UsedPlatform => f.write_str("used_platform"),
            Self::Formula(formula, sign, bound) => write!(f, "{formula} {} {}", sign.text(), number(bound)),
        }
    }
}

/// One test of a programme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProgrammeTest {
    /// A flag, by its word.
    Flag(&'static str),
    /// `topic(…)`.
    Topic(Topic),
}

impl fmt::Display for ProgrammeTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(word) => f.write_str(word),
            Self::Topic(topic) => write!(f, "topic({topic})"),
        }
    }
}

/// Organisations or municipalities inside a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitSet {
    /// Which of the two.
    pub subject: Subject,
    /// Which of them.
    pub condition: Condition<UnitTest>,
}

impl UnitSet {
    /// Measures that must have been entered to say anything of a unit.
    #[must_use]
    pub fn measures(&self) -> Vec<&str> {
        self.condition
            .tests()
            .into_iter()
            .filter_map(|test| match test {
                UnitTest::Yes(measure) | UnitTest::Value(measure, ..) => Some(measure.as_str()),
                _ => None,
            })
            .collect()
    }
}

impl fmt::Display for UnitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.condition {
            Condition::Always => f.write_str(self.subject.code()),
            condition => write!(f, "{} where {condition}", self.subject.code()),
        }
    }
}
