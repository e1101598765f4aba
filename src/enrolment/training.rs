//! Training by the route: how far each course of a plan has come, from the step without an application to the document.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::model::EnrolmentState;
use crate::catalogue::ProgrammeKind;
use crate::db::schema::{enrolment, iom_item, programme};
use crate::db::{AnyConn, DbError};
use crate::iom::{DocumentId, IomId, ItemId, ItemState};
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

text_enum! {
    /// How far a course of a plan has come.
    TrainingStage {
        Unasked = "unasked" "заявки нет",
        Applied = "applied" "заявка ждёт школу",
        Agreed = "agreed" "школа согласна, ждёт зачисления",
        Learns = "learns" "учится",
        Done = "done" "завершено",
        Waived = "waived" "перезачтено",
        Dropped = "dropped" "отменено",
    }
}

impl TrainingStage {
    /// Whether the course counts where a share is taken: what was called off is asked of nobody.
    #[must_use]
    pub fn counts(self) -> bool {
        self != Self::Dropped || planted!("dropped_counts")
    }
}

/// A course of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Training {
    /// The plan.
    pub plan: IomId,
    /// ПК or ПП.
    pub kind: ProgrammeKind,
    /// How far it has come.
    pub stage: TrainingStage,
}

/// How far a course has come: by its step, its document, and the latest application for it.
#[must_use]
pub fn stage(step: ItemState, document: bool, latest: Option<EnrolmentState>) -> TrainingStage {
    use EnrolmentState as E;
    use TrainingStage as T;
    match (step, latest) {
        (ItemState::Cancelled, _) => T::Dropped,
        (ItemState::Waived, _) => T::Waived,
        // A step that was accepted without a document is done too: who accepted it has seen why.
        (ItemState::Accepted, _) => T::Done,
        _ if document => T::Done,
        (_, Some(E::Applied)) => T::Applied,
        (_, Some(E::Agreed | E::Waitlisted)) => T::Agreed,
        (_, Some(E::Enrolled)) => T::Learns,
        (_, Some(E::Completed)) => T::Done,
        (_, Some(E::Refused | E::Withdrawn | E::Expelled) | None) => T::Unasked,
    }
}

/// The courses of all plans of a region: two queries.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Training>, DbError> {
    type Row = (ItemId, IomId, ItemState, Option<DocumentId>, ProgrammeKind);
    let steps: Vec<Row> = iom_item::table
        .inner_join(programme::table.on(iom_item::programme_id.eq(programme::id.nullable())))
        .filter(iom_item::region_id.eq(region))
        .select((
            iom_item::id,
            iom_item::iom_id,
            iom_item::state,
            iom_item::document_id,
            programme::kind,
        ))
        .load(conn)?;
    let rows: Vec<(Option<ItemId>, EnrolmentState)> = enrolment::table
        .filter(enrolment::region_id.eq(region))
        .filter(enrolment::item_id.is_not_null())
        .order(enrolment::id)
        .select((enrolment::item_id, enrolment::state))
        .load(conn)?;
    let latest: HashMap<ItemId, EnrolmentState> =
        rows.into_iter().filter_map(|(of, state)| Some((of?, state))).collect();
    let of = |(item, plan, step, document, kind): Row| Training {
        plan,
        kind,
        stage: stage(step, document.is_some(), latest.get(&item).copied()),
    };
    Ok(steps.into_iter().map(of).collect())
}

/// Courses of one kind that have come equally far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many courses.
    pub courses: usize,
    /// The plans that they stand in; one with two courses is here once.
    pub plans: BTreeSet<IomId>,
}

/// How many courses of each kind have come how far.
#[must_use]
pub fn counted(all: &[Training]) -> BTreeMap<(ProgrammeKind, TrainingStage), Counted> {
    let mut found: BTreeMap<_, Counted> = BTreeMap::new();
    for of in all {
        let counted = found.entry((of.kind, of.stage)).or_default();
        counted.courses += 1;
        counted.plans.insert(of.plan);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_says_more_than_the_application_and_a_document_more_than_both() {
        use EnrolmentState as E;
        use ItemState as S;
        use TrainingStage as T;
        for (step, document, latest, wanted) in [
            (S::Planned, false, None, T::Unasked),
            (S::Planned, false, Some(E::Refused), T::Unasked),
            (S::Planned, false, Some(E::Withdrawn), T::Unasked),
            (S::Planned, false, Some(E::Applied), T::Applied),
            (S::InProgress, false, Some(E::Waitlisted), T::Agreed),
            (S::InProgress, false, Some(E::Agreed), T::Agreed),
            (S::InProgress, false, Some(E::Enrolled), T::Learns),
            (S::Accepted, true, Some(E::Completed), T::Done),
            (S::Accepted, false, None, T::Done),
            (S::Submitted, true, None, T::Done),
            (S::Waived, false, Some(E::Withdrawn), T::Waived),
            (S::Cancelled, true, Some(E::Enrolled), T::Dropped),
        ] {
            assert_eq!(stage(step, document, latest), wanted, "{step} {document} {latest:?}");
        }
    }
}
