//! The people, plans, programmes and units behind a number, by the same leaves that made it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::breakdowns;
use super::condition::{Condition, PersonSeen, Subject};
use super::formula::{Amount, Formula, Leaf};
use super::pack::{Breakdown, Indicator, Pack};
use super::store::{self, Named};
use super::subjects;
use crate::db::{AnyConn, DbError};
use crate::facts::store::{Reading, Whose};
use crate::facts::{self, FactPeriod, IomFact, PersonFacts, PersonPlace};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::planted;
use crate::text_enum;
use crate::units::{self, Tree, UnitId, UnitKind};
use crate::web::Scope;

text_enum! {
    /// Which subjects of a value.
    Part {
        Numerator = "numerator" "в числителе",
        Rest = "rest" "только в знаменателе",
        Excluded = "excluded" "не считаются",
    }
}

/// A subject of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// A person, a plan, a programme or a unit.
    pub subject: Subject,
    /// The person, where persons or plans are counted.
    pub person: Option<PersonId>,
    /// The plan, where plans are counted.
    pub plan: Option<IomId>,
    /// СНИЛС of a person (empty without one), number of a plan, code of a programme or a unit.
    pub key: String,
    /// Фамилия Имя Отчество, or the title.
    pub name: String,
    /// Codes of the organisations where it counts, or last did; of the unit that a unit stands in.
    pub units: Vec<String>,
    /// Why it does not count.
    pub reason: String,
}

/// One subject found: the person, the plan, the organisations, the reason.
pub(super) struct Found {
    pub region: UnitId,
    pub person: PersonId,
    plan: Option<IomId>,
    organisations: Vec<UnitId>,
    reason: String,
}

/// Whether there is a list behind the number of an indicator: points and sums of entered figures have none.
#[must_use]
pub fn has_list(indicator: &Indicator) -> bool {
    let listed = |of: Option<&Amount>| of.is_some_and(|a| a.subject().is_some());
    let formula = indicator.formula.as_ref();
    listed(formula.and_then(Formula::numerator)) || matches!(formula, Some(Formula::Presence(..)))
}

/// Whether the people of a value may be named to the school where they work: persons or their plans are counted, those above the
/// line of a share are among those below it, and no condition tells a result or a level, which a school does not read.
#[must_use]
pub fn school_may_name(indicator: &Indicator) -> bool {
    let told = |of: Option<&Amount>| match of {
        Some(Amount::Count(leaf)) => {
            let tests = leaf.condition.tests();
            let tells = tests.into_iter().any(|test| test.tells_result());
            matches!(leaf.subject, Subject::Person | Subject::Iom) && (!tells || planted!("level_named_to_school"))
        }
        _ => false,
    };
    indicator.formula.as_ref().is_some_and(|formula| match formula {
        Formula::Amount(count) => told(Some(count)) && !planted!("count_opens_nobody"),
        Formula::Ratio { .. } | Formula::Compare { .. } => {
            formula.is_of_a_whole() && told(formula.numerator()) && told(formula.denominator())
        }
        _ => false,
    })
}

/// Whether plans are counted and not the people whose they are.
#[must_use]
pub fn counts_plans(indicator: &Indicator) -> bool {
    let numerator = indicator.formula.as_ref().and_then(Formula::numerator);
    numerator.and_then(Amount::subject) == Some(Subject::Iom)
}

/// Whether what is reported of an indicator is a count of its subjects, as forms ask for it and reports say it; else it is the
/// value as the passport writes it.
#[must_use]
pub fn reports_count(indicator: &Indicator) -> bool {
    let ratio = matches!(&indicator.formula, Some(Formula::Ratio { times, .. }) if *times != 100);
    has_list(indicator) && !ratio
}

/// The parts of a row of its breakdown that have a list. Where the breakdown is of those above the line alone, what stands
/// below it is not of the row.
#[must_use]
pub fn parts_of_rows(indicator: &Indicator) -> Vec<Part> {
    let formula = indicator.formula.as_ref().filter(|_| !indicator.takes_reported);
    let (Some(formula), Some(by)) = (formula, indicator.breakdown) else {
        return Vec::new();
    };
    if !matches!(formula.numerator(), Some(Amount::Count(_))) {
        return Vec::new();
    }
    let rest = by == Breakdown::Subject && formula.is_of_a_whole();
    let parts = [Some(Part::Numerator), rest.then_some(Part::Rest)];
    parts.into_iter().flatten().collect()
}

/// The subjects of a part of a unit's value, by name.
///
/// # Errors
/// Those of the database.
pub fn people(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, indicator): (&Pack, &Indicator),
    period: &FactPeriod,
    unit: UnitId,
    part: Part,
) -> Result<Vec<Listed>, DbError> {
    let Some(chooser) = Chooser::of(indicator, part, period) else {
        return subjects::listed(conn, pack, indicator, period, unit, part);
    };
    Ok(chosen(conn, scope, &chooser, period, unit, None)?.unwrap_or_default())
}

/// The subjects of a part of one row of the breakdown of a unit's value, by name; nothing where nobody here stands in such
/// a row.
///
/// # Errors
/// Those of the database.
pub fn people_of_row(
    conn: &mut AnyConn,
    scope: &Scope,
    indicator: &Indicator,
    period: &FactPeriod,
    unit: UnitId,
    (part, row): (Part, &str),
) -> Result<Option<Vec<Listed>>, DbError> {
    let chooser = Chooser::of(indicator, part, period).filter(|_| parts_of_rows(indicator).contains(&part));
    let (Some(chooser), Some(by)) = (chooser, indicator.breakdown) else {
        return Ok(None);
    };
    chosen(conn, scope, &chooser, period, unit, Some((by, row)))
}

/// Those whom a chooser takes in a unit, of one row of a breakdown where one is named.
fn chosen(
    conn: &mut AnyConn,
    scope: &Scope,
    chooser: &Chooser<'_>,
    period: &FactPeriod,
    unit: UnitId,
    row: Option<(Breakdown, &str)>,
) -> Result<Option<Vec<Listed>>, DbError> {
    let part = chooser.part;
    let tree = units::store::tree(conn, period.reference_on, None)?;
    let organisations = tree.organisations(unit);
    let is_region = tree.unit(unit).is_some_and(|u| u.kind == UnitKind::Region);
    let whose = if is_region {
        Whose::Across(unit, &organisations)
    } else {
        Whose::Of(&organisations)
    };
    let reading = chooser.reading();
    let mut known = facts::store::read(conn, scope, period.id, whose, reading)?;
    if is_region && part == Part::Excluded {
        known.extend(facts::store::read(
            conn,
            scope,
            period.id,
            Whose::Nowhere(unit),
            reading,
        )?);
    }
    if let Some((by, name)) = row.filter(|_| !planted!("row_opens_everyone")) {
        known.retain(|of| breakdowns::is_called(by, of, name));
        if known.is_empty() {
            return Ok(None);
        }
    }
    let inside: HashSet<UnitId> = organisations.into_iter().collect();
    let mut found = Vec::new();
    for known in &known {
        chooser.choose(known, &inside, &mut found);
    }
    named(conn, &tree, found).map(Some)
}

/// What is shown of subjects that were found, by name.
///
/// # Errors
/// Those of the database.
pub(super) fn named(conn: &mut AnyConn, tree: &Tree, found: Vec<Found>) -> Result<Vec<Listed>, DbError> {
    let persons: BTreeSet<_> = found.iter().map(|f| (f.region, f.person)).collect();
    let plans: BTreeSet<_> = found.iter().filter_map(|f| Some((f.region, f.plan?))).collect();
    let names = store::names(conn, &persons)?;
    let numbers = store::numbers(conn, &plans)?;
    let mut listed: Vec<(String, Listed)> = found.into_iter().map(|f| listed(tree, &names, &numbers, f)).collect();
    listed.sort_by(|(a, left), (b, right)| (a, &left.key, &left.units).cmp(&(b, &right.key, &right.units)));
    Ok(listed.into_iter().map(|(_, row)| row).collect())
}

fn listed(
    tree: &Tree,
    names: &HashMap<PersonId, Named>,
    numbers: &HashMap<IomId, String>,
    found: Found,
) -> (String, Listed) {
    let named = names.get(&found.person);
    let number = found.plan.and_then(|plan| numbers.get(&plan)).cloned();
    let mut units: Vec<String> = found
        .organisations
        .iter()
        .filter_map(|o| tree.unit(*o))
        .map(|u| u.code.clone())
        .collect();
    units.sort();
    let row = Listed {
        subject: if found.plan.is_some() {
            Subject::Iom
        } else {
            Subject::Person
        },
        person: Some(found.person),
        plan: found.plan,
        key: match found.plan {
            Some(_) => number.unwrap_or_default(),
            None => named.and_then(|n| n.snils.clone()).unwrap_or_default(),
        },
        name: named.map_or_else(String::new, |n| n.name.clone()),
        units,
        reason: found.reason,
    };
    (named.map_or_else(String::new, |n| n.sort_key.clone()), row)
}

/// Decides who stands in a part of a value.
pub(super) struct Chooser<'a> {
    part: Part,
    pub numerator: &'a Leaf,
    /// The denominator; of a count, the count itself.
    pub base: &'a Leaf,
    pub is_share: bool,
    /// What happened to those who are asked for, wherever they work.
    events: Vec<Condition>,
    reference_on: String,
}

impl<'a> Chooser<'a> {
    /// For an indicator whose number counts persons or plans; no other has a chooser.
    pub(super) fn of(indicator: &'a Indicator, part: Part, period: &FactPeriod) -> Option<Self> {
        let formula = indicator.formula.as_ref();
        let Some(Amount::Count(numerator)) = formula.and_then(Formula::numerator) else {
            return None;
        };
        let base = match formula.and_then(Formula::denominator) {
            Some(Amount::Count(base)) if base.subject == numerator.subject => Some(base),
            _ => None,
        };
        let asked = match formula.and_then(Formula::asked) {
            Some(Amount::Count(asked)) => asked.condition.events(),
            _ => Condition::Always,
        };
        Some(Self::new(numerator, base, asked, part, period))
    }

    fn new(numerator: &'a Leaf, base: Option<&'a Leaf>, asked: Condition, part: Part, period: &FactPeriod) -> Self {
        let is_share = base.is_some();
        let base = base.unwrap_or(numerator);
        Self {
            part,
            numerator,
            base,
            is_share,
            events: [asked, base.condition.events()]
                .into_iter()
                .filter(|c| *c != Condition::Always)
                .collect(),
            reference_on: period.reference_on.format("%d.%m.%Y").to_string(),
        }
    }

    /// What has to be read of people to choose them.
    pub(super) fn reading(&self) -> Reading {
        match self.base.subject {
            Subject::Iom => Reading::WithPlans,
            _ => Reading::PersonsAlone,
        }
    }

    /// Takes what stands in the part of a person with the places inside.
    pub(super) fn choose(&self, known: &PersonFacts, inside: &HashSet<UnitId>, found: &mut Vec<Found>) {
        let places: Vec<PersonPlace> = known
            .places
            .iter()
            .filter(|p| inside.contains(&p.organisation_id))
            .copied()
            .collect();
        let mut take = |plan: Option<&IomFact>, reason: String| {
            let counting = self.part != Part::Excluded;
            let at = |own: bool| -> Vec<UnitId> {
                places
                    .iter()
                    .filter(|p| !counting || p.pedagogical || p.leader)
                    .filter(|p| {
                        let here = PersonSeen {
                            places: std::slice::from_ref(p),
                            fact: &known.person,
                        };
                        !own || self.base.subject == Subject::Iom || self.base.condition.holds_for_person(&here)
                    })
                    .map(|p| p.organisation_id)
                    .collect()
            };
            // Where it counts by itself; a person who counts only by its places together stands under all of them.
            let own = at(counting);
            found.push(Found {
                region: known.person.region_id,
                person: known.person.person_id,
                plan: plan.map(|p| p.iom_id),
                organisations: if own.is_empty() { at(false) } else { own },
                reason,
            });
        };
        self.each(known, &places, &mut take);
    }

    /// Names what stands in the part of a person with these places: the person, or its plans, each with why it is excluded.
    pub(super) fn each(
        &self,
        known: &PersonFacts,
        places: &[PersonPlace],
        take: &mut dyn FnMut(Option<&IomFact>, String),
    ) {
        let seen = PersonSeen {
            places,
            fact: &known.person,
        };
        match self.base.subject {
            Subject::Organisation | Subject::Municipality | Subject::Programme => {}
            Subject::Person => {
                // What happened is told of anyone; of whoever counts here, at the places here.
                let holds = |c: &Condition| {
                    if seen.counts() {
                        c.holds_for_person(&seen)
                    } else {
                        c.holds_anywhere(&known.person)
                    }
                };
                if let Some(reason) = self.part_of(&seen, known, None, &holds) {
                    take(None, reason);
                }
            }
            Subject::Iom => {
                for plan in &known.plans {
                    let holds = |c: &Condition| c.holds_for_plan(plan);
                    if let Some(reason) = self.part_of(&seen, known, Some(plan), &holds) {
                        take(Some(plan), reason);
                    }
                }
            }
        }
    }

    /// Whether a subject stands in the part, and if it is excluded, why.
    fn part_of(
        &self,
        seen: &PersonSeen<'_>,
        known: &PersonFacts,
        plan: Option<&IomFact>,
        holds: &dyn Fn(&Condition) -> bool,
    ) -> Option<String> {
        let in_base = seen.counts() && holds(&self.base.condition);
        match self.part {
            Part::Numerator => (seen.counts() && holds(&self.numerator.condition)).then(String::new),
            Part::Rest => (self.is_share && in_base && !holds(&self.numerator.condition)).then(String::new),
            Part::Excluded => {
                let mistaken = plan.map(|p| p.reason.as_str()).filter(|r| !r.is_empty());
                // Where nothing has to have happened, everyone known here who does not belong is told why.
                let concerned = self.events.iter().any(holds) || (self.events.is_empty() && !self.is_share);
                if in_base || (mistaken.is_none() && !concerned) {
                    return None;
                }
                if let Some(reason) = mistaken {
                    return Some(format!("ИОМ {reason}"));
                }
                if !seen.counts() && !known.person.reason.is_empty() {
                    return Some(known.person.reason.clone());
                }
                let missing = self.base.condition.missing(&self.reference_on, holds);
                Some(missing.unwrap_or_else(|| format!("не работает здесь на {}", self.reference_on)))
            }
        }
    }
}
