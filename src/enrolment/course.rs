//! From an item to a course and back: apply, agree or refuse, enrol, complete with a document that closes items.

use super::journey::Journey;
use super::model::{DocumentId, DocumentKind, Enrolment, EnrolmentId, EnrolmentState, QualificationDocument};
use super::status;
use super::waiving::bare;
use crate::catalogue::ProgrammeId;
use crate::error::Refusal;
use crate::iom::plan::Doing;
use crate::iom::{
    ActKind, IomOutcome, IomState, ItemId, ItemState, Kept, Plan, Stamp, agree, review, status as iom_status,
};

/// Does one of the acts of this file on an item of the plan at `place`.
///
/// # Errors
/// The plan's, the item's or the enrolment's state does not allow it; no programme; no reason; no document number.
pub fn act(journey: &mut Journey, place: usize, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let plan = &journey.plans[place];
    let item_place = plan.item_place(doing)?;
    if !iom_status::allowed_within(plan.row.state, doing.kind) {
        return Err(agree::wrong_state(plan, doing));
    }
    let item = &plan.items[item_place];
    let (item_id, number, state) = (item.id, item.number, item.state);
    let programme = item
        .programme_id
        .ok_or_else(|| Refusal::new("enrolment.no_programme").with("item", number))?;
    plan.refuse_out_of_order(doing, Some(item_id))?;
    if doing.kind == ActKind::Apply {
        if state.is_settled() || state == ItemState::Cancelled {
            return Err(Refusal::new("enrolment.item_settled")
                .with("item", number)
                .with("state", state.label()));
        }
        apply(journey, programme, item_id, doing, stamp)?;
        journey.plans[place].record(doing, Some(item_id), stamp);
        return Ok(());
    }
    let enrolment = latest(journey, programme).ok_or_else(|| Refusal::new("enrolment.none").with("item", number))?;
    let found = &journey.enrolments[enrolment];
    let next = status::after(found.state, doing.kind).ok_or_else(|| {
        Refusal::new("enrolment.wrong_state")
            .with("state", found.state.label())
            .with("act", doing.kind.label())
    })?;
    if doing.on < found.changed_on {
        return Err(Refusal::new("iom.out_of_order").with("after", found.changed_on.format("%d.%m.%Y")));
    }
    if doing.kind == ActKind::RefuseEnrolment {
        doing.needed_reason()?;
    }
    if doing.kind == ActKind::Complete && doing.value.is_empty() {
        return Err(Refusal::new("enrolment.number_needed"));
    }
    if doing.kind == ActKind::Complete {
        // What a step was waived by is no document of this course.
        let waived = |d: &&Kept<QualificationDocument>| {
            d.number == bare(doing.value) && d.programme_id.is_none() && journey.stands(d)
        };
        if let Some(earlier) = journey.documents.iter().find(waived) {
            return Err(Refusal::new("enrolment.number_waived")
                .with("number", doing.value)
                .with("day", earlier.issued_on.format("%d.%m.%Y")));
        }
    }
    let row = journey.enrolments[enrolment].edit();
    row.state = next;
    row.changed_on = doing.on;
    row.version += 1;
    if next == EnrolmentState::Refused {
        row.reason = Some(doing.reason.to_owned());
    }
    journey.plans[place].record(doing, Some(item_id), stamp);
    if next == EnrolmentState::Completed {
        complete(journey, enrolment, (place, item_id), doing, stamp);
    }
    Ok(())
}

/// The person's latest enrolment on a programme.
fn latest(journey: &Journey, programme: ProgrammeId) -> Option<usize> {
    journey.enrolments.iter().rposition(|e| e.programme_id == programme)
}

fn apply(
    journey: &mut Journey,
    programme: ProgrammeId,
    item: ItemId,
    doing: &Doing<'_>,
    stamp: &Stamp<'_>,
) -> Result<(), Refusal> {
    if let Some(known) = latest(journey, programme) {
        let known = &journey.enrolments[known];
        // A course taken before may be taken again when a later plan asks for it.
        if known.state.is_live() {
            return Err(Refusal::new("enrolment.stands").with("state", known.state.label()));
        }
    }
    journey.enrolments.push(Kept::new(Enrolment {
        id: EnrolmentId((stamp.id)()),
        region_id: journey.region,
        person_id: journey.person,
        programme_id: programme,
        item_id: Some(item),
        state: EnrolmentState::Applied,
        applied_on: doing.on,
        changed_on: doing.on,
        reason: None,
        document_id: None,
        version: 1,
        recorded_at: stamp.now,
    }));
    Ok(())
}

/// An application serves a step: it ends when the plan is closed, and when the step is called off or waived. Whoever
/// learns already goes on. Returns what ended.
pub fn end_applications(journey: &mut Journey, place: usize, doing: &Doing<'_>) -> Vec<EnrolmentId> {
    let plan = &journey.plans[place];
    let settled = matches!(doing.kind, ActKind::Cancel | ActKind::Waive);
    let steps: Vec<ItemId> = plan
        .items
        .iter()
        .filter(|item| {
            let dropped = doing.kind == ActKind::Change && item.state == ItemState::Cancelled;
            !plan.is_open() || dropped || (settled && Some(item.number) == doing.item)
        })
        .map(|item| item.id)
        .collect();
    let reason = why_ended(plan, doing);
    let mut ended = Vec::new();
    for enrolment in &mut journey.enrolments {
        if !enrolment.state.is_open() || !enrolment.item_id.is_some_and(|item| steps.contains(&item)) {
            continue;
        }
        let row = enrolment.edit();
        row.state = EnrolmentState::Withdrawn;
        row.changed_on = row.changed_on.max(doing.on);
        row.reason = Some(reason.clone());
        row.version += 1;
        ended.push(row.id);
    }
    ended
}

/// What the teacher is told.
fn why_ended(plan: &Plan, doing: &Doing<'_>) -> String {
    match (doing.kind, plan.row.outcome) {
        (ActKind::Cancel | ActKind::Change, _) => "шаг отменён".to_owned(),
        (ActKind::Waive, _) => "шаг перезачтён".to_owned(),
        (_, Some(IomOutcome::Completed)) => "маршрут выполнен".to_owned(),
        (_, Some(IomOutcome::Expired)) => "маршрут закрыт по сроку".to_owned(),
        _ => match plan.row.close_reason {
            Some(reason) => format!("маршрут прекращён: {}", reason.label()),
            None => "маршрут закрыт".to_owned(),
        },
    }
}

/// The document of a finished course: made once per number, it closes the item that asked for it and the items of
/// that programme in every live plan of the person.
fn complete(journey: &mut Journey, enrolment: usize, asked: (usize, ItemId), doing: &Doing<'_>, stamp: &Stamp<'_>) {
    let programme = journey.enrolments[enrolment].programme_id;
    let document = document(journey, programme, doing, stamp);
    journey.enrolments[enrolment].edit().document_id = Some(document);
    for (place, plan) in journey.plans.iter_mut().enumerate() {
        if !matches!(plan.row.state, IomState::Approved | IomState::Active | IomState::Paused) {
            continue;
        }
        for at in 0..plan.items.len() {
            let item = plan.items[at].id;
            if plan.items[at].programme_id != Some(programme) {
                continue;
            }
            // Acts on an item go by their days: a later one stands in another plan, and the document comes after it.
            let on = plan.latest_on(item).map_or(doing.on, |last| last.max(doing.on));
            if review::close_by_document(plan, at, document, on) && (place, item) != asked {
                plan.record(&Doing { on, ..*doing }, Some(item), stamp);
            }
        }
    }
}

fn document(journey: &mut Journey, programme: ProgrammeId, doing: &Doing<'_>, stamp: &Stamp<'_>) -> DocumentId {
    let course = journey.courses.iter().find(|c| c.id == programme);
    let made = QualificationDocument {
        id: DocumentId((stamp.id)()),
        region_id: journey.region,
        person_id: journey.person,
        kind: course.map_or(DocumentKind::Other, |c| DocumentKind::of(c.kind)),
        issuer_id: course.and_then(|c| c.provider),
        programme_id: Some(programme),
        number: doing.value.to_owned(),
        issued_on: doing.on,
        hours: course.map(|c| c.hours),
        recorded_at: stamp.now,
    };
    let known = journey.documents.iter_mut().find(|d| d.number == doing.value);
    if let Some(known) = known {
        let id = known.id;
        // A waiver by it was taken back: it is the document of the course alone.
        if known.is_of_earlier_learning() {
            *known.edit() = QualificationDocument { id, ..made };
        }
        return id;
    }
    let id = made.id;
    journey.documents.push(Kept::new(made));
    id
}
