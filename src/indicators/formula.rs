//! The formulas of indicators: what is counted or summed, and how a value is made of it.
//!
//! A leaf is `count(person|iom where condition)` in canonical text. The same leaf makes the counter and the list of its
//! subjects, so a list cannot disagree with its number. A subject counts in a unit only if it belongs to a population
//! there, so every leaf carries that condition silently.

use std::fmt;

use super::condition::{Condition, PersonSeen, Subject};
use super::measures;
use super::narrower::is_narrower;
use super::parse;
use super::scale::plain;
use super::sets::{ProgrammeTest, UnitSet, UnitTest};
use crate::facts::IomFact;

pub use super::parse::FormulaError;

/// A countable thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// What is counted.
    pub subject: Subject,
    /// Which of them.
    pub condition: Condition,
    /// Digest of its canonical text: what is looked up for every value.
    key: u128,
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
    /// A count of a subject under a condition.
    #[must_use]
    pub fn new(subject: Subject, condition: Condition) -> Self {
        let mut leaf = Self {
            subject,
            condition,
            key: 0,
        };
        let digest = crate::audit::digest(leaf.to_string().as_bytes());
        let half = digest.get(..32).unwrap_or_default();
        leaf.key = u128::from_str_radix(half, 16).unwrap_or_default();
        leaf
    }

    /// What tells it from every other one, shorter than its text.
    pub(super) fn key(&self) -> u128 {
        self.key
    }

    /// How many subjects of a person it counts: one or none for persons, some of its plans for plans.
    #[must_use]
    pub fn count(&self, person: &PersonSeen<'_>, plans: &[IomFact]) -> i64 {
        match self.subject {
            Subject::Person => i64::from(self.condition.holds_for_person(person)),
            Subject::Iom if person.counts() => {
                let fitting = plans.iter().filter(|p| self.condition.holds_for_plan(p)).count();
                i64::try_from(fitting).unwrap_or(i64::MAX)
            }
            _ => 0,
        }
    }
}

/// A quantity of a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amount {
    /// Persons or plans, from counters.
    Count(Leaf),
    /// Organisations or municipalities.
    Units(UnitSet),
    /// Programmes.
    Programmes(Condition<ProgrammeTest>),
    /// Entered values of a measure over units.
    Sum(UnitSet, String),
    /// Several of them together; two at least.
    Plus(Vec<Amount>),
}

impl Amount {
    /// What it counts; `None` where it sums.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Count(leaf) => Some(leaf.subject),
            Self::Units(set) => Some(set.subject),
            Self::Programmes(_) => Some(Subject::Programme),
            Self::Sum(..) | Self::Plus(_) => None,
        }
    }

    /// Whether it counts only subjects that another one counts too, by what their conditions ask.
    #[must_use]
    pub fn is_among(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Count(own), Self::Count(other)) => {
                own.subject == other.subject && own != other && own.condition.implies(&other.condition, &is_narrower)
            }
            _ => false,
        }
    }

    /// Whether every measure that it sums is a part of one that the other sums, by the definitions of the measures.
    fn is_part_of(&self, whole: &Self) -> bool {
        match (self, whole) {
            (Self::Sum(_, part), Self::Sum(_, whole)) => {
                part == whole || measures::of_units(part).and_then(|m| m.part_of.as_ref()) == Some(whole)
            }
            (Self::Plus(parts), _) => parts.iter().all(|part| part.is_part_of(whole)),
            (_, Self::Plus(wholes)) => wholes.iter().any(|whole| self.is_part_of(whole)),
            _ => false,
        }
    }

    /// The leaves of counters it rests on.
    fn leaves<'a>(&'a self, found: &mut Vec<&'a Leaf>) {
        match self {
            Self::Count(leaf) => found.push(leaf),
            Self::Units(set) | Self::Sum(set, _) => {
                for test in set.condition.tests() {
                    if let UnitTest::Formula(formula, ..) = test {
                        formula.gather(found);
                    }
                }
            }
            Self::Programmes(_) => {}
            Self::Plus(parts) => parts.iter().for_each(|p| p.leaves(found)),
        }
    }

    /// This amount of those that `base` counts too, when both count one subject.
    #[must_use]
    pub fn within(&self, base: &Self) -> Option<Self> {
        match (self, base) {
            (Self::Count(own), Self::Count(base)) if own.subject == base.subject => Some(Self::Count(Leaf::new(
                base.subject,
                Condition::all([own.condition.clone(), base.condition.clone()]),
            ))),
            (Self::Units(own), Self::Units(base)) if own.subject == base.subject => Some(Self::Units(UnitSet {
                subject: base.subject,
                condition: Condition::all([own.condition.clone(), base.condition.clone()]),
            })),
            (Self::Programmes(own), Self::Programmes(base)) => {
                Some(Self::Programmes(Condition::all([own.clone(), base.clone()])))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(leaf) => write!(f, "{leaf}"),
            Self::Units(set) => write!(f, "count({set})"),
            Self::Programmes(Condition::Always) => write!(f, "count(programme)"),
            Self::Programmes(condition) => write!(f, "count(programme where {condition})"),
            Self::Sum(set, measure) => write!(f, "sum({set}, {measure})"),
            Self::Plus(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
                f.write_str(&parts.join(" + "))
            }
        }
    }
}

/// What a municipality is, where an indicator only tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// Town, village, remote village.
    Locality,
    /// District, town, closed town, settlement.
    MunicipalityKind,
    /// The zone it stands in.
    Zone,
}

/// A formula ready to be counted.
#[expect(
    clippy::large_enum_variant,
    reason = "formulas are a few hundred, read once; boxes would only hide their parts"
)]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Formula {
    /// A quantity: no denominator.
    Amount(Amount),
    /// A ratio: `times` × numerator / denominator. Where both count one subject in a `share`, the numerator holds only
    /// those of the denominator.
    Ratio {
        /// What the numerator asks for by itself.
        asked: Amount,
        /// What is counted above.
        numerator: Amount,
        /// What is counted below.
        denominator: Amount,
        /// 100 for per cent.
        times: i64,
        /// Whether it is written `share`.
        is_share: bool,
    },
    /// A value that points are given for by comparison with another one.
    Compare {
        /// The value.
        value: Box<Formula>,
        /// The other one.
        with: Box<Formula>,
        /// How much larger the value may be, thousandths.
        tolerance: i64,
    },
    /// Whether a yes was entered.
    Presence(UnitSet, String),
    /// The value of this period less that of the first of `years` periods.
    Change {
        /// The value.
        of: Box<Formula>,
        /// How many periods, this one included.
        years: u8,
    },
    /// The best unit is 100, the others in proportion.
    Best(Box<Formula>),
    /// Points of experts.
    Expert {
        /// The most, thousandths; the passport may say another for a period.
        max: i64,
    },
    /// Points of the indicators of a group (`all` for every one).
    SumPoints {
        /// The group.
        group: String,
        /// As per cent of what they may reach.
        percent: bool,
    },
    /// What the unit is.
    Attribute(Attribute),
    /// The value of another indicator.
    Other(String),
}

impl Formula {
    /// Parses and checks.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        parse::formula(text)
    }

    /// The formula that the value is counted by.
    #[must_use]
    fn counted(&self) -> &Self {
        match self {
            Self::Compare { value, .. } => value.counted(),
            Self::Change { of, .. } | Self::Best(of) => of.counted(),
            other => other,
        }
    }

    /// What is counted above the line.
    #[must_use]
    pub fn numerator(&self) -> Option<&Amount> {
        match self.counted() {
            Self::Amount(amount) | Self::Ratio { numerator: amount, .. } => Some(amount),
            _ => None,
        }
    }

    /// What is counted below the line.
    #[must_use]
    pub fn denominator(&self) -> Option<&Amount> {
        match self.counted() {
            Self::Ratio { denominator, .. } => Some(denominator),
            _ => None,
        }
    }

    /// What the numerator asks for beyond the denominator.
    #[must_use]
    pub fn asked(&self) -> Option<&Amount> {
        match self.counted() {
            Self::Ratio { asked, .. } => Some(asked),
            _ => None,
        }
    }

    /// Whether what stands above the line is a part of what stands below it by its definition: the same subjects of a
    /// `share`, or a measure that is part of the other.
    #[must_use]
    pub fn is_of_a_whole(&self) -> bool {
        match self.counted() {
            Self::Ratio {
                numerator,
                denominator,
                is_share,
                ..
            } => {
                let alike = numerator.subject().is_some() && numerator.subject() == denominator.subject();
                (*is_share && alike) || numerator.is_part_of(denominator)
            }
            _ => false,
        }
    }

    /// Whether the value is a share in per cent.
    #[must_use]
    pub fn is_percent(&self) -> bool {
        match self.counted() {
            Self::Ratio { times, .. } => *times == 100,
            Self::SumPoints { percent, .. } => *percent,
            _ => false,
        }
    }

    /// The leaves of counters it rests on.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Leaf> {
        let mut found = Vec::new();
        self.gather(&mut found);
        found
    }

    fn gather<'a>(&'a self, found: &mut Vec<&'a Leaf>) {
        match self {
            Self::Amount(amount) => amount.leaves(found),
            Self::Ratio {
                numerator, denominator, ..
            } => {
                numerator.leaves(found);
                denominator.leaves(found);
            }
            Self::Compare { value, with, .. } => {
                value.gather(found);
                with.gather(found);
            }
            Self::Change { of, .. } | Self::Best(of) => of.gather(found),
            Self::Presence(..) | Self::Expert { .. } | Self::SumPoints { .. } | Self::Attribute(_) | Self::Other(_) => {
            }
        }
    }

    /// Sets of organisations and municipalities that it counts or sums over.
    #[must_use]
    pub fn unit_sets(&self) -> Vec<&UnitSet> {
        fn of<'a>(amount: &'a Amount, found: &mut Vec<&'a UnitSet>) {
            match amount {
                Amount::Units(set) | Amount::Sum(set, _) => found.push(set),
                Amount::Plus(parts) => parts.iter().for_each(|p| of(p, found)),
                Amount::Count(_) | Amount::Programmes(_) => {}
            }
        }
        let mut found = Vec::new();
        match self {
            Self::Amount(amount) => of(amount, &mut found),
            Self::Ratio {
                numerator, denominator, ..
            } => {
                of(numerator, &mut found);
                of(denominator, &mut found);
            }
            Self::Compare { value, with, .. } => return [value.unit_sets(), with.unit_sets()].concat(),
            Self::Change { of, .. } | Self::Best(of) => return of.unit_sets(),
            Self::Presence(set, _) => found.push(set),
            _ => {}
        }
        found
    }

    /// Measures of units that it names.
    #[must_use]
    pub fn measures(&self) -> Vec<&str> {
        fn of<'a>(amount: &'a Amount, found: &mut Vec<&'a str>) {
            match amount {
                Amount::Sum(_, measure) => found.push(measure),
                Amount::Plus(parts) => parts.iter().for_each(|p| of(p, found)),
                _ => {}
            }
        }
        let mut found: Vec<&str> = self.unit_sets().iter().flat_map(|set| set.measures()).collect();
        for set in self.unit_sets() {
            for test in set.condition.tests() {
                if let UnitTest::Formula(formula, ..) = test {
                    found.extend(formula.measures());
                }
            }
        }
        match self {
            Self::Amount(amount) => of(amount, &mut found),
            Self::Ratio {
                numerator, denominator, ..
            } => {
                of(numerator, &mut found);
                of(denominator, &mut found);
            }
            Self::Compare { value, with, .. } => {
                found.extend(value.measures());
                found.extend(with.measures());
            }
            Self::Change { of, .. } | Self::Best(of) => found.extend(of.measures()),
            Self::Presence(_, measure) => found.push(measure),
            _ => {}
        }
        found
    }

    /// Whether it counts programmes.
    #[must_use]
    pub fn counts_programmes(&self) -> bool {
        let counts = |amount: &Amount| amount.subject() == Some(Subject::Programme);
        match self.counted() {
            Self::Amount(amount) => counts(amount),
            Self::Ratio {
                numerator, denominator, ..
            } => counts(numerator) || counts(denominator),
            _ => false,
        }
    }

    /// Codes of the indicators it names.
    #[must_use]
    pub fn others(&self) -> Vec<&str> {
        match self {
            Self::Other(code) => vec![code],
            Self::Compare { value, with, .. } => [value.others(), with.others()].concat(),
            Self::Change { of, .. } | Self::Best(of) => of.others(),
            _ => Vec::new(),
        }
    }

    /// How many periods back it looks.
    #[must_use]
    pub fn looks_back(&self) -> u8 {
        match self {
            Self::Change { years, .. } => years.saturating_sub(1),
            Self::Best(of) => of.looks_back(),
            _ => 0,
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => write!(f, "{amount}"),
            Self::Ratio {
                asked,
                denominator,
                is_share: true,
                ..
            } => write!(f, "share({asked}, {denominator})"),
            Self::Ratio {
                asked,
                denominator,
                times,
                ..
            } => write!(f, "ratio_per({times}, {asked}, {denominator})"),
            Self::Compare { value, with, tolerance } => {
                write!(f, "compare({value}, {with}, tolerance = {})", plain(*tolerance))
            }
            Self::Presence(set, measure) => write!(f, "presence({set}, {measure})"),
            Self::Change { of, years } => write!(f, "change({of}, years = {years})"),
            Self::Best(of) => write!(f, "best_is_100({of})"),
            Self::Expert { max } => write!(f, "expert(max = {})", plain(*max)),
            Self::SumPoints { group, percent: false } => write!(f, "sum_points(\"{group}\")"),
            Self::SumPoints { group, percent: true } => write!(f, "share_of_points(\"{group}\")"),
            Self::Attribute(Attribute::Locality) => f.write_str("attribute(locality)"),
            Self::Attribute(Attribute::MunicipalityKind) => f.write_str("attribute(municipality_kind)"),
            Self::Attribute(Attribute::Zone) => f.write_str("attribute(zone)"),
            Self::Other(code) => write!(f, "\"{code}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Formula::parse(text).unwrap().numerator().unwrap().to_string()
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
    fn every_kind_of_formula_reads_as_it_is_written() {
        for text in [
            "share(count(organisation where yes(org_mentoring_model_implemented)), count(organisation))",
            "share(count(organisation where kind(of in (school)) and value(org_rates_per_pedagogical_worker) > 2), count(organisation where kind(of in (school))))",
            "share(count(organisation where share(count(person where mismatched), count(person where teacher)) > 30), count(organisation))",
            "share(sum(organisation, org_positions_pedagogical_occupied) + sum(organisation, org_positions_admin_occupied), sum(organisation, org_positions_pedagogical_total) + sum(organisation, org_positions_admin_total))",
            "share(count(municipality where count(person where role(kind in (tutor))) > 0), count(municipality))",
            "ratio_per(100, count(person where role(kind in (supervisor, tutor))), count(person where pedagogical))",
            "share(count(person where event(kind in (methodical_active))), sum(municipality, pedagogical_federal))",
            "compare(share(count(person where pension_age), count(person where pedagogical)), \"2.2.3.1\", tolerance = 5)",
            "presence(municipality, mun_vacancy_list_published)",
            "change(count(person where experience < 1 and pedagogical), years = 3)",
            "best_is_100(share(count(person where iom_formed(on_platform)), count(person where pedagogical)))",
            "expert(max = 12)",
            "sum_points(\"2.2.1\")",
            "share_of_points(\"all\")",
            "attribute(zone)",
            "count(programme where delivered and topic(burnout_prevention))",
            "count(person where trained(topic in (functional_literacy), federal_programme, kind = upskilling, provider = cnppm, years = 3) and works_in(kind in (school)))",
            "count(person where age < 35 and workload > 36 and subject(\"математика\") and deficit(area = reading_literacy))",
            "count(person where diagnosed(group in (methodical, subject), success) and not exam(role = passed))",
            "count(person where deficit_found(kind in (entry)) and member(kind in (gmo, rmo), level in (municipal)))",
        ] {
            let formula = Formula::parse(text).unwrap();
            assert_eq!(Formula::parse(&formula.to_string()).unwrap(), formula, "{text}");
        }
    }

    #[test]
    fn a_share_counts_those_of_the_denominator() {
        let share = Formula::parse("share(count(person where iom_formed), count(person where pedagogical))").unwrap();
        assert_eq!(
            share.numerator().unwrap().to_string(),
            "count(person where pedagogical and iom_formed)"
        );
        assert_eq!(
            share.denominator().unwrap().to_string(),
            "count(person where pedagogical)"
        );
    }

    #[test]
    fn errors_name_their_place_and_what_there_is() {
        assert!(error("mean(count(person))").starts_with("строка 1, столбец 1: функции «mean» нет"));
        assert!(error("ratio_per(100, count(person))").contains("пишется так: ratio_per(100,"));
        assert!(error("change(count(person))").contains("years"));
        assert!(
            error("sum(organisation, org_kitchens)").starts_with("строка 1, столбец 19: величины «org_kitchens» нет")
        );
        assert!(error("sum(organisation, mun_methodist_headcount)").contains("муниципалитет"));
        assert!(error("count(organisation where yes(org_positions_admin_total))").contains("да или нет"));
        assert!(error("sum(person, age)").contains("organisation"));
        assert!(error("count(municipality where kind(of = school))").contains("у municipality нет"));
        assert!(error("best_is_100(expert(max = 2))").contains("доля или число"));
        assert!(error("count(person where event(years = 9))").contains("years"));
        assert!(error("count(person where pedagogic)").starts_with("строка 1, столбец 20: условия «pedagogic»"));
        assert!(error("count(iom where pedagogical)").contains("у iom нет"));
        assert!(error("count(school)").starts_with("строка 1, столбец 7"));
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
