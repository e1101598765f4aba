//! A procedure on screen: made, changed, and moved from one state to the next.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::invite;
use super::model::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureId, ProcedureState};
use crate::access::by::{By, changed, fields};
use crate::competence::ScaleId;
use crate::db::schema::{diagnosis, procedure};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail::notice::{self, Settled};
use crate::units::UnitId;
use crate::{insert_many, planted};

/// The area of its acts in the journal.
pub(super) const AREA: &str = "diagnostics";
/// Its kind in the journal.
pub(super) const OBJECT: &str = "procedure";
/// Signs of a code at most.
const CODE: usize = 60;
/// Days of validity at most: ten years.
const VALID: i32 = 3653;

/// What a form says of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: DiagnosisKind,
    /// Level.
    pub level: Option<DiagnosisLevel>,
    /// Who holds it.
    pub organiser_id: Option<UnitId>,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Last day, included.
    pub ends_on: Option<NaiveDate>,
    /// A result is valid through its date plus these days; `None` is without limit.
    pub valid_days: Option<i32>,
    /// Whom it is for, a set of codes of kinds of staff.
    pub audience: Option<String>,
    /// Framework of competences with its version.
    pub framework: Option<String>,
    /// The scale of its new results; `None` is the common one.
    pub scale_id: Option<ScaleId>,
    /// What it is held for.
    pub purpose: Option<String>,
    /// What the invited agree to.
    pub consent_text: Option<String>,
    /// The day from which results are told to others than the person.
    pub released_on: Option<NaiveDate>,
    /// The procedure that it follows up.
    pub previous_id: Option<ProcedureId>,
    /// Where its statute is read.
    pub statute_link: Option<String>,
    /// Where its instrument is described.
    pub instrument_link: Option<String>,
    /// The tool that it is held with.
    pub tool: Option<String>,
}

impl Content {
    /// What a stored one says.
    #[must_use]
    pub fn of(stored: &Procedure) -> Self {
        Self {
            name: stored.name.clone(),
            kind: stored.kind,
            level: stored.level,
            organiser_id: stored.organiser_id,
            starts_on: stored.starts_on,
            ends_on: stored.ends_on,
            valid_days: stored.valid_days,
            audience: stored.audience.clone(),
            framework: stored.framework.clone(),
            scale_id: stored.scale_id,
            purpose: stored.purpose.clone(),
            consent_text: stored.consent_text.clone(),
            released_on: stored.released_on,
            previous_id: stored.previous_id,
            statute_link: stored.statute_link.clone(),
            instrument_link: stored.instrument_link.clone(),
            tool: stored.tool.clone(),
        }
    }

    /// What contradicts itself: the field and the refusal.
    #[must_use]
    pub fn refused(&self) -> Option<(&'static str, Refusal)> {
        if self.starts_on.zip(self.ends_on).is_some_and(|(from, to)| to < from) {
            return Some(("to", Refusal::new("import.ends_before_start")));
        }
        if self.valid_days.is_some_and(|days| !(1..=VALID).contains(&days)) {
            return Some(("valid", Refusal::new("procedure.valid_days").with("most", VALID)));
        }
        if self.previous_id.is_some() && self.kind != DiagnosisKind::FollowUp {
            return Some(("previous", Refusal::new("procedure.no_follow_up")));
        }
        None
    }

    fn differ(&self, stored: &Procedure) -> String {
        let before = Self::of(stored);
        fields(&[
            ("name", before.name != self.name),
            ("kind", before.kind != self.kind),
            ("level", before.level != self.level),
            ("organiser", before.organiser_id != self.organiser_id),
            ("starts_on", before.starts_on != self.starts_on),
            ("ends_on", before.ends_on != self.ends_on),
            ("valid_days", before.valid_days != self.valid_days),
            ("audience", before.audience != self.audience),
            ("framework", before.framework != self.framework),
            ("scale", before.scale_id != self.scale_id),
            ("purpose", before.purpose != self.purpose),
            ("consent", before.consent_text != self.consent_text),
            ("released", before.released_on != self.released_on),
            ("previous", before.previous_id != self.previous_id),
            ("statute", before.statute_link != self.statute_link),
            ("instrument", before.instrument_link != self.instrument_link),
            ("tool", before.tool != self.tool),
        ])
    }
}

/// Whether a text can be a code that files and numbers of plans are built with.
fn odd_code(code: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/');
    !code.chars().all(known) || code.chars().count() > CODE
}

/// Makes a procedure of the region, still in preparation, and says its code; an empty one makes one.
///
/// # Errors
/// The code is taken or is none; what is said contradicts itself.
pub fn add(tx: &mut Tx<'_>, by: &By, code: String, said: &Content) -> Result<String, Error> {
    if odd_code(&code) {
        return Err(Refusal::new("procedure.odd_code").with("most", CODE).into());
    }
    if let Some((_, refusal)) = said.refused() {
        return Err(refusal.into());
    }
    let id = ProcedureId(tx.id());
    let code = if code.is_empty() { format!("Д-{id}") } else { code };
    let taken: i64 = procedure::table
        .filter(procedure::code.eq(&code))
        .count()
        .get_result(tx.conn())?;
    if taken > 0 {
        return Err(Refusal::new("procedure.code_taken").with("code", code).into());
    }
    let made = Procedure {
        described: true,
        region_id: Some(by.region),
        state: ProcedureState::Planned,
        ..Procedure::named(id, code, said.name.clone(), said.kind, tx.now())
    };
    insert_many!(tx.conn(), procedure::table, [made.clone()])?;
    write(tx, &made, said, made.version)?;
    by.note(tx, "diagnostics.procedure_add", (OBJECT, id.0), &[], "")?;
    Ok(made.code)
}

/// Writes what is said, with the version that it has then, over a stored one; `false` when somebody else was quicker.
fn write(tx: &mut Tx<'_>, stored: &Procedure, said: &Content, version: i32) -> Result<bool, DbError> {
    let standing = procedure::table
        .filter(procedure::id.eq(stored.id))
        .filter(procedure::version.eq(stored.version));
    let done = diesel::update(standing)
        .set((
            procedure::name.eq(&said.name),
            procedure::kind.eq(said.kind),
            procedure::level.eq(said.level),
            procedure::organiser_id.eq(said.organiser_id),
            procedure::starts_on.eq(said.starts_on),
            procedure::ends_on.eq(said.ends_on),
            procedure::valid_days.eq(said.valid_days),
            procedure::audience.eq(&said.audience),
            procedure::framework.eq(&said.framework),
            procedure::scale_id.eq(said.scale_id),
            procedure::purpose.eq(&said.purpose),
            procedure::consent_text.eq(&said.consent_text),
            procedure::released_on.eq(said.released_on),
            procedure::previous_id.eq(said.previous_id),
            procedure::statute_link.eq(&said.statute_link),
            procedure::instrument_link.eq(&said.instrument_link),
            procedure::tool.eq(&said.tool),
            procedure::described.eq(true),
            procedure::version.eq(version),
        ))
        .execute(tx.conn())?;
    Ok(done == 1)
}

fn passages(tx: &mut Tx<'_>, of: ProcedureId) -> Result<i64, DbError> {
    Ok(diagnosis::table
        .filter(diagnosis::procedure_id.eq(of))
        .count()
        .get_result(tx.conn())?)
}

/// Changes a procedure that stood at version `seen`. Once somebody has passed it, its kind stays, and its
/// scale is changed by [`super::rescale`].
///
/// # Errors
/// Somebody else has changed it; it has results; what is said contradicts itself.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Procedure, seen: i32, said: &Content) -> Result<(), Error> {
    if stored.version != seen {
        return Err(changed(tx, by, AREA, OBJECT, stored.id.0)?);
    }
    if let Some((_, refusal)) = said.refused() {
        return Err(refusal.into());
    }
    let passed = passages(tx, stored.id)?;
    if passed > 0 && (said.kind != stored.kind || said.scale_id != stored.scale_id) {
        return Err(Refusal::new("procedure.has_results").into());
    }
    if !write(tx, stored, said, seen + 1)? {
        return Err(changed(tx, by, AREA, OBJECT, stored.id.0)?);
    }
    if passed > 0 && said.valid_days != stored.valid_days {
        // Everyone's profile may rest on how long its results are valid.
        tx.touch_everyone();
    }
    by.note(
        tx,
        "diagnostics.procedure_change",
        (OBJECT, stored.id.0),
        &[],
        &said.differ(stored),
    )?;
    Ok(())
}

/// States that may follow a state.
#[must_use]
pub const fn next(of: ProcedureState) -> &'static [ProcedureState] {
    match of {
        ProcedureState::Planned => &[ProcedureState::Open, ProcedureState::Withdrawn],
        ProcedureState::Open => &[ProcedureState::Held, ProcedureState::Withdrawn],
        ProcedureState::Held => &[ProcedureState::Open],
        ProcedureState::Withdrawn => &[ProcedureState::Planned],
    }
}

/// Moves a procedure that stood at version `seen` to another state.
///
/// # Errors
/// Somebody else has changed it; the state does not follow; there are results, so it was held.
pub fn move_to(tx: &mut Tx<'_>, by: &By, stored: &Procedure, seen: i32, to: ProcedureState) -> Result<(), Error> {
    if stored.version != seen || !next(stored.state).contains(&to) {
        return Err(changed(tx, by, AREA, OBJECT, stored.id.0)?);
    }
    if to == ProcedureState::Withdrawn && passages(tx, stored.id)? > 0 {
        return Err(Refusal::new("procedure.was_held").into());
    }
    let ahead = stored.starts_on.filter(|first| *first > tx.today());
    if let Some(first) = ahead.filter(|_| to == ProcedureState::Held && !planted!("held_before_it_began")) {
        return Err(Refusal::new("procedure.not_begun")
            .with("first", first.format("%d.%m.%Y"))
            .into());
    }
    let standing = procedure::table
        .filter(procedure::id.eq(stored.id))
        .filter(procedure::version.eq(seen));
    let done = diesel::update(standing)
        .set((procedure::state.eq(to), procedure::version.eq(seen + 1)))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, AREA, OBJECT, stored.id.0)?);
    }
    if !to.is_ahead() {
        invite::answered(tx, stored.id, None, Settled::TakenBack)?;
    }
    if to == ProcedureState::Withdrawn {
        invite::called_off(tx, by, stored)?;
    }
    if stored.state == ProcedureState::Withdrawn {
        // It is on again: whoever has not read that it was called off need not.
        notice::settle_news(tx, invite::CALLED_OFF, stored.id.0, None, Settled::TakenBack)?;
        invite::on_again(tx, stored)?;
    }
    let detail = format!("state={to}");
    by.note(tx, "diagnostics.procedure_state", (OBJECT, stored.id.0), &[], &detail)?;
    Ok(())
}
