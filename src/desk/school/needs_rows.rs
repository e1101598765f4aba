//! Who has deficits, by subject and group of competences: the profile of everybody who teaches today, read as the profile
//! itself is; what a procedure has not released yet is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::competence::{CompetenceId, scale};
use crate::db::schema::{competence, competence_group};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::Bounds;
use crate::desk::diagnostics::people_rows::employed;
use crate::diagnostics::release::Withheld;
use crate::people::model::StaffKind;
use crate::profile::rules::profile;
use crate::profile::store::results;

/// A subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// People with a result in force, then those with a deficit in each group.
    pub counts: Vec<i64>,
    /// Whether anybody was measured at all, in each group.
    pub measured: Vec<bool>,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Names of the groups in which anybody was measured, in their order.
    pub groups: Vec<String>,
    /// By subject; an empty one is of results without a subject.
    pub rows: BTreeMap<String, Row>,
    /// Of all subjects together: a person of two subjects is one.
    pub total: Row,
}

impl Row {
    fn add(&mut self, measured: &BTreeSet<usize>, deficits: &BTreeSet<usize>, groups: usize) {
        self.counts.resize(groups + 1, 0);
        self.measured.resize(groups, false);
        self.counts[0] += 1;
        for group in measured {
            self.measured[*group] = true;
        }
        for group in deficits {
            self.counts[group + 1] += 1;
        }
    }

    /// Leaves these groups only.
    fn keep(&mut self, groups: &[usize]) {
        let counts = groups.iter().map(|group| self.counts[group + 1]);
        self.counts = std::iter::once(self.counts[0]).chain(counts).collect();
        self.measured = groups.iter().map(|group| self.measured[*group]).collect();
    }
}

/// Counts everybody of the bounds.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(c: &mut AnyConn, bounds: &Bounds, today: NaiveDate) -> Result<Needs, DbError> {
    let groups: Vec<(String, String)> = competence_group::table
        .order((competence_group::number, competence_group::code))
        .select((competence_group::code, competence_group::name))
        .load(c)?;
    let places: HashMap<&str, usize> = groups
        .iter()
        .enumerate()
        .map(|(n, (code, _))| (code.as_str(), n))
        .collect();
    let known: Vec<(CompetenceId, String)> = competence::table
        .select((competence::id, competence::group_code))
        .load(c)?;
    let group_of: HashMap<CompetenceId, usize> = known
        .iter()
        .filter_map(|(id, code)| Some((*id, *places.get(code.as_str())?)))
        .collect();
    let bands = scale::bands(c)?;
    let teachers = employed(c, bounds, &[StaffKind::Teaching], today)?;
    let mut needs = Needs::default();
    for block in teachers.chunks(1000) {
        let withheld = Withheld::on(c, block, today)?;
        for (person, mut of) in results(c, block, None)? {
            of.retain(|result| !withheld.holds(person, result.procedure));
            let mut by: BTreeMap<String, (BTreeSet<usize>, BTreeSet<usize>)> = BTreeMap::new();
            for standing in profile(&of, &bands, today)
                .lines
                .into_iter()
                .filter_map(|line| line.formal)
            {
                let Some(group) = group_of.get(&standing.measured.competence) else {
                    continue;
                };
                let deficit = standing.deficit().is_some();
                let own = by.entry(standing.measured.subject).or_default();
                own.0.insert(*group);
                if deficit {
                    own.1.insert(*group);
                }
            }
            let mut all: (BTreeSet<usize>, BTreeSet<usize>) = Default::default();
            let someone = !by.is_empty();
            for (subject, (measured, deficits)) in by {
                let row = needs.rows.entry(subject).or_default();
                row.add(&measured, &deficits, groups.len());
                all.0.extend(measured);
                all.1.extend(deficits);
            }
            if someone {
                needs.total.add(&all.0, &all.1, groups.len());
            }
        }
    }
    let kept: Vec<usize> = (0..groups.len())
        .filter(|group| needs.total.measured.get(*group) == Some(&true))
        .collect();
    if !needs.rows.is_empty() {
        needs.rows.values_mut().for_each(|row| row.keep(&kept));
        needs.total.keep(&kept);
    }
    needs.groups = kept.into_iter().map(|group| groups[group].1.clone()).collect();
    Ok(needs)
}
