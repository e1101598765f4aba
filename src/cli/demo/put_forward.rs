//! A procedure of the demo that is announced and ahead, with teachers whom the deputy's school has put forward for it.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{Demo, accounts};
use crate::db::schema::{employment, unit};
use crate::db::{DbError, Tx};
use crate::diagnostics::procedure::{self, Content};
use crate::diagnostics::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureId, ProcedureState, invite, store};
use crate::error::Error;
use crate::people::store::worked_on;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

/// Its code.
const CODE: &str = "TYU-NEXT";
/// How many people the school puts forward.
const ASKED: i64 = 3;

/// Announces it and puts people forward.
///
/// # Errors
/// An account of the demo that did not come in; those of the database.
pub(super) async fn make(demo: &Demo<'_>) -> Result<(), Error> {
    let key = demo.app.keys.audit.clone();
    let zone = TimeDelta::hours(demo.app.config.zone_hours.into());
    let today = demo.this_year.today();
    let school = demo.this_year.school(&demo.population).map(str::to_owned);
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let head = accounts::acting(tx, (&key, zone), accounts::HEAD)?;
        let made = tx.now();
        let blank = Procedure::named(ProcedureId(0), String::new(), String::new(), DiagnosisKind::Entry, made);
        let said = Content {
            name: "Входная диагностика перед курсами".into(),
            level: Some(DiagnosisLevel::Regional),
            starts_on: Some(today + TimeDelta::days(21)),
            ends_on: Some(today + TimeDelta::days(35)),
            audience: Some(StaffKind::Teaching.code().into()),
            purpose: Some("Подобрать курсы по тому, чего не хватает".into()),
            consent_text: Some("Согласен, чтобы мои результаты использовали для подбора курсов".into()),
            ..Content::of(&blank)
        };
        procedure::add(tx, &head, CODE.into(), &said)?;
        let Some(known) = store::by_code(tx.conn(), head.region, CODE)? else {
            return Err(Error::Internal(format!("демо: нет диагностики {CODE}")));
        };
        let of = known.procedure;
        procedure::move_to(tx, &head, &of, of.version, ProcedureState::Open)?;
        let Some(code) = &school else { return Ok(()) };
        let deputy = accounts::acting(tx, (&key, zone), accounts::DEPUTY)?;
        let own: UnitId = unit::table
            .filter(unit::code.eq(code))
            .select(unit::id)
            .first(tx.conn())
            .map_err(DbError::from)?;
        let people: Vec<PersonId> = employment::table
            .filter(employment::organisation_id.eq(own))
            .filter(employment::staff_kind.eq(StaffKind::Teaching))
            .filter(worked_on(today))
            .order(employment::person_id)
            .limit(ASKED)
            .select(employment::person_id)
            .distinct()
            .load(tx.conn())
            .map_err(DbError::from)?;
        let people: Vec<(PersonId, UnitId)> = people.into_iter().map(|person| (person, own)).collect();
        let open = Procedure {
            state: ProcedureState::Open,
            ..of
        };
        invite::put_forward(tx, &deputy, &open, &people)?;
        Ok(())
    };
    demo.app.db.write(write).await
}
