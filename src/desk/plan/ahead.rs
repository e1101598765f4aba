//! What comes after a closed plan, as its teacher reads it: a plan that is made already, deficits that wait for one, or the
//! next diagnosis.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::competence::scale;
use crate::db::schema::iom;
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows::{self, PlanRows};
use crate::diagnostics::ProcedureId;
use crate::iom::{CloseReason, Iom, IomOrigin, IomState, drafting};
use crate::planted;
use crate::profile;

/// What comes after a closed plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ahead {
    /// The next diagnosis: nothing waits for a plan.
    #[default]
    Diagnosis,
    /// Deficits that no plan answers.
    Deficits,
    /// A plan that is not sent to its teacher yet.
    Plan,
}

/// The rows of the plan that the teacher's page shows, with what comes after it where it is closed.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut AnyConn, plan: Iom, today: NaiveDate) -> Result<PlanRows, DbError> {
    let ahead = match plan.state {
        IomState::Closed if !planted!("waiting_unsaid") => after(conn, &plan, today)?,
        _ => Ahead::Diagnosis,
    };
    let rows = rows::load(conn, plan, today)?;
    Ok(PlanRows { ahead, ..rows })
}

/// As drafting takes people: an open plan bars another one, and a deficit waits while no plan has answered its procedure.
fn after(conn: &mut AnyConn, of: &Iom, today: NaiveDate) -> Result<Ahead, DbError> {
    let open = iom::table
        .filter(iom::region_id.eq(of.region_id))
        .filter(iom::person_id.eq(of.person_id))
        .filter(iom::state.ne(IomState::Closed));
    if diesel::select(diesel::dsl::exists(open)).get_result(conn)? {
        return Ok(Ahead::Plan);
    }
    let results = profile::store::results(conn, &[of.person_id], None)?
        .remove(&of.person_id)
        .unwrap_or_default();
    let profile = profile::profile(&results, &scale::bands(conn)?, today);
    let found_by: Vec<ProcedureId> = profile.deficits().map(|(of, _)| of.measured.procedure).collect();
    let answered = drafting::answered(conn, &[of.person_id], &found_by)?;
    let waits = |procedure| !answered.contains(&(of.person_id, procedure));
    Ok(if found_by.into_iter().any(waits) {
        Ahead::Deficits
    } else {
        Ahead::Diagnosis
    })
}

/// How a plan that is being made comes to its teacher.
const SENT: &str = "он появится здесь, когда его пришлют вам на согласование. Пока делать ничего не нужно.";

/// What the teacher of a closed plan reads.
#[must_use]
pub fn said(plan: &Iom, ahead: Ahead) -> String {
    let school = plan.origin == IomOrigin::School;
    let who = if school {
        "школа или ЦНППМ"
    } else {
        "ЦНППМ"
    };
    match (ahead, plan.close_reason) {
        (Ahead::Plan, Some(CloseReason::Replaced)) => {
            format!("Другой маршрут уже составляют: {SENT}")
        }
        (Ahead::Plan, _) => {
            format!("Новый маршрут уже составляют: {SENT}")
        }
        (Ahead::Deficits, Some(CloseReason::Replaced)) => format!(
            "Другой маршрут пока не составлен, ваши дефициты ждут его. Его составит {who}: новая диагностика не нужна."
        ),
        (Ahead::Deficits, Some(CloseReason::Dismissal | CloseReason::ParentalLeave)) => {
            format!("Ваши дефициты остались без маршрута. Когда вы вернётесь к работе, новый маршрут составит {who}.")
        }
        (Ahead::Deficits, Some(CloseReason::Refusal)) => format!(
            "Ваши дефициты остались без маршрута. Если решите продолжить, скажите об этом: новый маршрут составит {who}."
        ),
        (Ahead::Deficits, _) => format!(
            "Ваши дефициты ждут нового маршрута. Его составит {who}: новая диагностика не нужна, маршрут появится здесь."
        ),
        (Ahead::Diagnosis, _) if school => {
            "Делать ничего не нужно. Новый маршрут составят после следующей диагностики: школа или ЦНППМ.".to_owned()
        }
        (Ahead::Diagnosis, _) => {
            "Делать ничего не нужно. Новый маршрут ЦНППМ составит после следующей диагностики.".to_owned()
        }
    }
}
