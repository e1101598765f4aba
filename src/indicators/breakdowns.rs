//! Counts of units by what a breakdown names: subjects taught, groups of the competences of diagnoses.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use diesel::prelude::*;
use foldhash::HashMap;

use super::counters::Leaves;
use super::formula::Leaf;
use super::ground::{add_brought, brought, each_looked_back, is_kept};
use super::pack::{Breakdown, Indicator};
use super::values::Query;
use crate::db::schema::person_place;
use crate::db::{AnyConn, DbError};
use crate::diagnostics::DiagnosisKind;
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, PersonFacts};
use crate::people::PersonId;
use crate::units::{Tree, UnitId, UnitKind};
use crate::web::Scope;

/// Leaf counts of units by what a breakdown names.
pub type Broken = BTreeMap<(Breakdowns, String), HashMap<UnitId, Vec<i64>>>;

/// What a breakdown is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breakdowns {
    /// Subjects taught.
    Subject,
    /// Groups of the competences of diagnoses.
    Group,
}

impl From<Breakdown> for Breakdowns {
    fn from(of: Breakdown) -> Self {
        match of {
            Breakdown::Subject | Breakdown::SubjectOfNumerator => Self::Subject,
            Breakdown::Group => Self::Group,
        }
    }
}

/// Counts by what breakdowns name: a scan of facts.
pub(super) fn broken_down(
    conn: &mut AnyConn,
    tree: &Tree,
    (kinds, leaves, asked): (&BTreeSet<UnitKind>, &Leaves, &BTreeMap<Breakdowns, Vec<usize>>),
    period: &FactPeriod,
    query: &Query,
    region: Option<UnitId>,
) -> Result<Broken, DbError> {
    let mut found = Broken::new();
    let mut note = |known: PersonFacts| {
        for (by, needed) in asked {
            let names = names(*by, &known);
            if names.is_empty() {
                continue;
            }
            let brought = brought(tree, kinds, (leaves, needed), &known);
            for name in names {
                let sums = found.entry((*by, name)).or_default();
                for (unit, counts) in &brought {
                    add_brought(sums, (leaves, needed), *unit, counts);
                }
            }
        }
    };
    if !is_kept(period, query) {
        each_looked_back(conn, period, query, region, note)?;
        return Ok(found);
    }
    let scope = Scope::of_server("values: breakdowns");
    let mut places = person_place::table
        .filter(person_place::period_id.eq(period.id))
        .select(person_place::organisation_id)
        .distinct()
        .into_boxed();
    if let Some(region) = region {
        places = places.filter(person_place::region_id.eq(region));
    }
    let mut organisations: Vec<UnitId> = places.load(conn)?;
    organisations.sort_unstable();
    let mut met: HashSet<PersonId> = HashSet::new();
    for part in organisations.chunks(500) {
        for known in facts::store::facts(conn, &scope, period.id, Whose::Of(part))? {
            if met.insert(known.person.person_id) {
                note(known);
            }
        }
    }
    Ok(found)
}

/// What is broken down, and the places of the leaves that its indicators need.
pub(super) fn broken_leaves(leaves: &Leaves, indicators: &[&Indicator]) -> BTreeMap<Breakdowns, Vec<usize>> {
    let mut asked: BTreeMap<Breakdowns, Vec<&Leaf>> = BTreeMap::new();
    for indicator in indicators {
        if let Some(by) = indicator.breakdown {
            let of = indicator.formula.iter().flat_map(super::Formula::leaves);
            asked.entry(by.into()).or_default().extend(of);
        }
    }
    asked.into_iter().map(|(by, of)| (by, leaves.places_of(of))).collect()
}

/// Whether a breakdown counts a person in the row of a name.
pub(super) fn is_called(by: Breakdown, of: &PersonFacts, name: &str) -> bool {
    names(by.into(), of).contains(name)
}

/// What a breakdown names a person by.
fn names(by: Breakdowns, of: &PersonFacts) -> BTreeSet<String> {
    match by {
        Breakdowns::Subject => of
            .person
            .subjects
            .lines()
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
        // A person's own assessment is no diagnosis of a group.
        Breakdowns::Group => crate::db::types::codes(&of.person.marks)
            .filter_map(|mark| mark.strip_prefix("diagnosed/")?.split_once('/'))
            .filter(|(kind, _)| *kind != DiagnosisKind::SelfAssessment.code())
            .filter_map(|(_, rest)| rest.split('/').next())
            .map(str::to_owned)
            .collect(),
    }
}
