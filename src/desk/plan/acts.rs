//! An act from a page: the same use case as a file of acts, and its refusal as an error of the page.

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::access::Author;
use crate::app::App;
use crate::db::schema::{account, iom, iom_act, iom_item, person};
use crate::db::{DbError, Tx};
use crate::desk::conflict;
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::ActKind;
use crate::iom::acts::ActRow;
use crate::people::{PersonId, Snils};
use crate::units::UnitId;
use crate::web::call::Fields;

/// An act as a page asks for it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The region.
    pub region: UnitId,
    /// Whose plan.
    pub person: PersonId,
    /// What.
    pub kind: ActKind,
    /// Number of the item.
    pub item: Option<i32>,
    /// Who acts, and in whose stead.
    pub by: Author,
    /// Value: number of a document, an outcome, a login; empty where none.
    pub value: String,
    /// Remark.
    pub reason: String,
    /// The version that the page showed: of the applications for the item's course where the act is about one, of the
    /// item where one is named, else of the plan. `None`: it does not matter.
    pub seen: Option<i32>,
}

/// Number and version of something that a form names: `3.2`; a number alone says that its version does not matter.
#[must_use]
pub fn with_version<T: std::str::FromStr>(text: &str) -> Option<(T, Option<i32>)> {
    match text.split_once('.') {
        None => Some((text.parse().ok()?, None)),
        Some((number, version)) => Some((number.parse().ok()?, Some(version.parse().ok()?))),
    }
}

/// The version that a form carries beside its act.
///
/// # Errors
/// It is no number.
pub fn seen(fields: &Fields) -> Result<Option<i32>, Error> {
    let wrong = |_| Error::Invalid("Адрес или форма изменены: откройте страницу заново.".into());
    fields.get("seen").map(|text| text.parse().map_err(wrong)).transpose()
}

/// Does it today.
///
/// # Errors
/// The refusal of the rule that said no; those of the database.
pub async fn act(app: &App, wanted: Wanted) -> Result<(), Error> {
    all_then(app, vec![wanted], |_| Ok(())).await.map(drop)
}

/// Does all of them today, in this order, or none.
///
/// # Errors
/// The first refusal; those of the database.
pub async fn all(app: &App, wanted: Vec<Wanted>) -> Result<(), Error> {
    all_then(app, wanted, |_| Ok(())).await.map(drop)
}

/// Does all of them today, in this order, or none; `then` joins their transaction. `false` says that the same form had
/// done it before, and that `then` was left out.
///
/// # Errors
/// The first refusal; those of `then` and of the database.
pub async fn all_then(
    app: &App,
    wanted: Vec<Wanted>,
    then: impl FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send + 'static,
) -> Result<bool, Error> {
    let key = app.keys.audit.clone();
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    app.db
        .write(move |tx| {
            let rows = rows(tx, &wanted)?;
            let applied = flow::acts(tx, &key, &rows)?;
            match applied.refused.into_iter().next() {
                // The same form sent twice is answered as the first time.
                Some(_) if is_done(tx, &wanted)? => Ok(false),
                Some(refused) if refused.why.code == "delegation.not_given" => {
                    Err(Error::Forbidden(refused.why.to_string()))
                }
                Some(refused) if is_late(&refused.why, &wanted) => Err(changed(tx, &wanted, refused.line, zone)?),
                Some(refused) => Err(Error::Refused(refused.why)),
                None => then(tx).map(|()| true),
            }
        })
        .await
}

/// Whether an act is refused because of what somebody else has done since its page was opened.
fn is_late(why: &Refusal, wanted: &[Wanted]) -> bool {
    let closed = why.code == "iom.no_plan" && wanted.iter().any(|of| of.seen.is_some());
    why.code == "iom.changed" || closed
}

/// The answer to an act that came second: what happened to its thing since the page was opened.
fn changed(tx: &mut Tx<'_>, wanted: &[Wanted], line: u64, zone: TimeDelta) -> Result<Error, DbError> {
    let place = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let Some(of) = wanted.get(place) else {
        return Ok(Error::Conflict);
    };
    let about = conflict::About {
        person: of.person,
        item: of.item,
        kind: of.kind,
    };
    let last = conflict::last(tx.conn(), of.region, &[about], zone)?;
    let last = last.into_iter().flatten().next();
    Ok(last.map_or(Error::Conflict, Error::Changed))
}

/// Whether all of it was done today by the same account, and nothing has undone it since: of each step, and of the plan
/// itself, the last thing that happened is what is wanted.
fn is_done(tx: &mut Tx<'_>, wanted: &[Wanted]) -> Result<bool, DbError> {
    let today = tx.today();
    type Row = (PersonId, Option<i32>, ActKind, String, Option<String>, Option<String>);
    let Some(region) = wanted.first().map(|of| of.region) else {
        return Ok(false);
    };
    let persons: Vec<PersonId> = wanted.iter().map(|w| w.person).collect();
    let rows: Vec<Row> = iom_act::table
        .inner_join(iom::table.on(iom::id.eq(iom_act::iom_id).and(iom::region_id.eq(iom_act::region_id))))
        .inner_join(account::table.on(account::id.nullable().eq(iom_act::account_id)))
        .left_join(
            iom_item::table.on(iom_item::id
                .nullable()
                .eq(iom_act::item_id)
                .and(iom_item::region_id.eq(iom_act::region_id))),
        )
        .filter(iom_act::region_id.eq(region))
        .filter(iom::person_id.eq_any(persons))
        .filter(iom_act::on_date.eq(today))
        .order(iom_act::id.desc())
        .select((
            iom::person_id,
            iom_item::number.nullable(),
            iom_act::act,
            account::login,
            iom_act::value,
            iom_act::reason,
        ))
        .load(tx.conn())?;
    let same = |row: &Row, of: &Wanted| {
        let (person, item, act, login, value, reason) = row;
        (*person, *item, *act) == (of.person, of.item, of.kind)
            && login == of.by.hand()
            && value.as_deref().unwrap_or_default() == of.value
            && reason.as_deref().unwrap_or_default() == of.reason
    };
    // These stand beside the course of a plan: they undo nothing.
    let beside = |act: ActKind| matches!(act, ActKind::Support | ActKind::Assign | ActKind::Outcome);
    let stands = |of: &Wanted| {
        let mut own = rows.iter().filter(|row| (row.0, row.1) == (of.person, of.item));
        if beside(of.kind) {
            own.any(|row| same(row, of))
        } else {
            own.find(|row| !beside(row.2)).is_some_and(|row| same(row, of))
        }
    };
    Ok(wanted.iter().all(stands))
}

/// The longest remark, in characters: it is read by people, again and again.
const LONGEST_REASON: usize = 2_000;
/// The longest number of a document or name of a choice, in characters.
const LONGEST_VALUE: usize = 200;

fn check_length(of: &Wanted) -> Result<(), Refusal> {
    for (text, most) in [(&of.reason, LONGEST_REASON), (&of.value, LONGEST_VALUE)] {
        if text.chars().count() > most {
            return Err(Refusal::new("desk.too_long").with("most", most));
        }
    }
    Ok(())
}

/// Does each that can be done today; the rest come back with the reason, by their place.
///
/// # Errors
/// Those of the database.
pub async fn each(app: &App, wanted: Vec<Wanted>) -> Result<Vec<(usize, Refusal)>, Error> {
    let key = app.keys.audit.clone();
    app.db
        .write(move |tx| {
            let rows = rows(tx, &wanted)?;
            let applied = flow::acts(tx, &key, &rows)?;
            let place = |line: u64| usize::try_from(line).unwrap_or(1).saturating_sub(1);
            Ok(applied.refused.into_iter().map(|r| (place(r.line), r.why)).collect())
        })
        .await
}

fn rows(tx: &mut Tx<'_>, wanted: &[Wanted]) -> Result<Vec<ActRow>, Error> {
    let today = tx.today();
    let mut known = std::collections::HashMap::new();
    let persons: Vec<PersonId> = wanted.iter().map(|w| w.person).collect();
    for block in persons.chunks(1000) {
        let found: Vec<(UnitId, PersonId, Option<String>)> = person::table
            .filter(person::id.eq_any(block))
            .select((person::region_id, person::id, person::snils))
            .load(tx.conn())
            .map_err(DbError::from)?;
        known.extend(found.into_iter().map(|(region, id, snils)| ((region, id), snils)));
    }
    let one = |(line, of): (u64, &Wanted)| {
        let snils = known.get(&(of.region, of.person)).cloned().flatten();
        row(line, of, snils, today)
    };
    (1..).zip(wanted).map(one).collect()
}

fn row(line: u64, of: &Wanted, snils: Option<String>, on: NaiveDate) -> Result<ActRow, Error> {
    check_length(of)?;
    let snils = snils.and_then(|text| Snils::parse(&text).ok());
    Ok(ActRow {
        line,
        snils: snils.ok_or_else(|| Refusal::new("desk.no_snils"))?,
        kind: of.kind,
        item: of.item,
        on,
        by: of.by.login.clone(),
        substitute: of.by.substitute.clone(),
        value: of.value.clone(),
        reason: of.reason.clone(),
        said_now: true,
        seen: of.seen,
    })
}
