//! What plans that a school composed ask of the school: its head approves, head and deputy mend what came back and name
//! who marks the steps.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::letter;
use crate::access::{self, AccountId, Role};
use crate::db::{AnyConn, DbError};
use crate::iom::event::{Event, EventKind};
use crate::mail::notice::Told;
use crate::planted;
use crate::units::UnitId;

/// Who heads the schools of a few plans today.
#[derive(Debug, Default)]
pub(super) struct Schools {
    heads: Vec<(UnitId, AccountId)>,
    deputies: Vec<(UnitId, AccountId)>,
}

impl Schools {
    /// Those of the schools that these events concern.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, events: &[Event], today: NaiveDate) -> Result<Self, DbError> {
        let schools: BTreeSet<UnitId> = events.iter().flat_map(|e| e.kind.school()).copied().collect();
        if schools.is_empty() || planted!("school_not_told") {
            return Ok(Self::default());
        }
        let schools: Vec<UnitId> = schools.into_iter().collect();
        Ok(Self {
            heads: access::store::over(conn, &[Role::SchoolHead], &schools, today)?,
            deputies: access::store::over(conn, &[Role::SchoolAdmin], &schools, today)?,
        })
    }

    /// What an event asks of the school; nobody is asked about the own plan.
    pub fn letters(&self, event: &Event, own: Option<AccountId>, accompanied: bool) -> Vec<Told> {
        let school = event.kind.school();
        let of = |all: &[(UnitId, AccountId)]| -> BTreeSet<AccountId> {
            let here = all.iter().filter(|(unit, _)| school.contains(unit));
            here.map(|(_, account)| *account).filter(|a| Some(*a) != own).collect()
        };
        let everyone = || -> BTreeSet<AccountId> { of(&self.heads).union(&of(&self.deputies)).copied().collect() };
        match &event.kind {
            EventKind::Agreed { .. } => letter(event, "iom_to_approve", of(&self.heads), None),
            EventKind::CameBack { author, by, .. } => {
                // The author mends it; where that one is here no more, or it is the own plan, whoever leads the school.
                let mut to = everyone();
                if let Some(author) = author.filter(|author| to.contains(author)) {
                    to = BTreeSet::from([author]);
                }
                to.retain(|account| !by.contains(account));
                letter(event, "iom_came_back", to, None)
            }
            EventKind::Submitted { item, .. } if !accompanied => {
                letter(event, "iom_unaccompanied", everyone(), Some(*item))
            }
            _ => Vec::new(),
        }
    }
}
