//! An act from a page: the same use case as a file of acts, and its refusal as an error of the page.

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::access::Author;
use crate::app::App;
use crate::db::schema::{account, iom, iom_act, iom_item};
use crate::db::{DbError, Tx};
use crate::desk::conflict;
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::acts::{ActRow, Whose};
use crate::iom::editing::Change;
use crate::iom::{ActKind, IomId};
use crate::people::PersonId;
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
    /// The plan that was open. `None` where a page knows only the person: the plan that was made last is meant.
    pub plan: Option<IomId>,
    /// What a change makes of the plan.
    pub change: Option<Change>,
}

/// Number and version of something that a form names: `3.2`; a number alone says no version of its own.
#[must_use]
pub fn with_version<T: std::str::FromStr>(text: &str) -> Option<(T, Option<i32>)> {
    match text.split_once('.') {
        None => Some((text.parse().ok()?, None)),
        Some((number, version)) => Some((number.parse().ok()?, Some(version.parse().ok()?))),
    }
}

/// No version of anything.
const NONE: i32 = -1;

/// The version that a form carries beside its act. A form without one has seen nothing that stands: it is refused like an
/// old one.
///
/// # Errors
/// It is no number.
pub fn seen(fields: &Fields) -> Result<i32, Error> {
    let wrong = |_| Error::form_changed();
    fields.get("seen").map_or(Ok(NONE), |text| text.parse().map_err(wrong))
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
    let all = All::of(app, wanted);
    app.db
        .write(move |tx| {
            let new = all.run(tx)?;
            if new {
                then(tx)?;
            }
            Ok(new)
        })
        .await
}

/// Acts of one form, to be done in a transaction that does more than that.
pub struct All {
    key: Vec<u8>,
    zone: TimeDelta,
    wanted: Vec<Wanted>,
}

impl All {
    /// Acts as a form asks for them.
    #[must_use]
    pub fn of(app: &App, wanted: Vec<Wanted>) -> Self {
        Self {
            key: app.keys.audit.clone(),
            zone: TimeDelta::hours(app.config.zone_hours.into()),
            wanted,
        }
    }

    /// Does all of them today, in this order, or none; `false` says that the same form had done it before.
    ///
    /// # Errors
    /// The first refusal; those of the database.
    pub fn run(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let wanted = &self.wanted;
        let rows = rows(wanted, tx.today())?;
        let applied = flow::acts(tx, &self.key, &rows)?;
        match applied.refused.into_iter().next() {
            // The same form sent twice is answered as the first time.
            Some(_) if is_done(tx, wanted)? => Ok(false),
            Some(refused) if refused.why.code == "delegation.not_given" => {
                Err(Error::Forbidden(refused.why.to_string()))
            }
            Some(refused) if is_late(&refused.why, wanted) => Err(changed(tx, wanted, refused.line, self.zone)?),
            Some(refused) => Err(Error::Refused(refused.why)),
            // A file tells what was decided; on a page whoever decides is told in time.
            None => match applied.over_norm.first() {
                None => Ok(true),
                Some(over) => Err(Refusal::new("supporter.over_capacity")
                    .with("login", &over.login)
                    .with("most", over.norm)
                    .into()),
            },
        }
    }
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
    type Row = (
        PersonId,
        IomId,
        Option<i32>,
        ActKind,
        String,
        Option<String>,
        Option<String>,
    );
    // What a change said stands in no act: its form is known by its key.
    if wanted.iter().any(|of| of.kind == ActKind::Change) {
        return Ok(false);
    }
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
            iom::id,
            iom_item::number.nullable(),
            iom_act::act,
            account::login,
            iom_act::value,
            iom_act::reason,
        ))
        .load(tx.conn())?;
    let of_step =
        |row: &Row, of: &Wanted| (row.0, row.2) == (of.person, of.item) && of.plan.is_none_or(|plan| plan == row.1);
    let same = |row: &Row, of: &Wanted| {
        let (_, _, _, act, login, value, reason) = row;
        of_step(row, of)
            && *act == of.kind
            && login == of.by.hand()
            && value.as_deref().unwrap_or_default() == of.value
            && reason.as_deref().unwrap_or_default() == of.reason
    };
    // These stand beside the course of a plan: they undo nothing.
    let beside = |act: ActKind| {
        matches!(
            act,
            ActKind::Support | ActKind::Assign | ActKind::Outcome | ActKind::Acquaint | ActKind::Decline
        )
    };
    let stands = |of: &Wanted| {
        let mut own = rows.iter().filter(|row| of_step(row, of));
        if beside(of.kind) {
            own.any(|row| same(row, of))
        } else {
            own.find(|row| !beside(row.3)).is_some_and(|row| same(row, of))
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
    app.db.write(move |tx| each_in(tx, &key, &wanted)).await
}

/// The same within a transaction that does more.
///
/// # Errors
/// Those of the database.
pub fn each_in(tx: &mut Tx<'_>, key: &[u8], wanted: &[Wanted]) -> Result<Vec<(usize, Refusal)>, Error> {
    let (mut rows, mut refused) = (Vec::with_capacity(wanted.len()), Vec::new());
    for (line, of) in (1..).zip(wanted) {
        match row(line, of, tx.today()) {
            Ok(row) => rows.push(row),
            Err(why) => refused.push((rows.len() + refused.len(), why)),
        }
    }
    let applied = flow::acts(tx, key, &rows)?;
    let place = |line: u64| usize::try_from(line).unwrap_or(1).saturating_sub(1);
    refused.extend(applied.refused.into_iter().map(|r| (place(r.line), r.why)));
    refused.sort_by_key(|(place, _)| *place);
    Ok(refused)
}

fn rows(wanted: &[Wanted], today: NaiveDate) -> Result<Vec<ActRow>, Error> {
    (1..)
        .zip(wanted)
        .map(|(line, of)| row(line, of, today).map_err(Error::from))
        .collect()
}

/// What is wanted as a row of a file, its line being its place from 1.
fn row(line: u64, of: &Wanted, on: NaiveDate) -> Result<ActRow, Refusal> {
    check_length(of)?;
    Ok(ActRow {
        line,
        whose: Whose::Person(of.region, of.person),
        kind: of.kind,
        item: of.item,
        on,
        by: of.by.login.clone(),
        roles: Some(of.by.roles.clone()),
        substitute: of.by.substitute.clone(),
        value: of.value.clone(),
        reason: of.reason.clone(),
        said_now: true,
        seen: of.seen,
        plan: of.plan,
        change: of.change.clone(),
    })
}
