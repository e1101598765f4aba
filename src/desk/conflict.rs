//! What is said when somebody else was quicker: what happened, when and who did it, in one sentence.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use crate::access::store::{called_if_any, doer, holder, in_stead, names};
use crate::audit::words;
use crate::db::schema::{account, audit_event, iom, iom_act, iom_item, person};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::acts::Wanted;
use crate::desk::plan::page::happened;
use crate::error::{Error, Refusal};
use crate::iom::ActKind;
use crate::pages::text::capital;
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::Call;

/// What an act was about: whose plan, which item of it, which act.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Whose plan.
    pub person: PersonId,
    /// Number of the item.
    pub item: Option<i32>,
    /// The act that came second.
    pub kind: ActKind,
}

impl About {
    /// Whether an act stands in the way of this one.
    fn meets(&self, item: Option<i32>, act: ActKind) -> bool {
        // These leave a plan, its steps and its applications as they are; sending an application anew decides nothing.
        let decides = matches!(self.kind, ActKind::AgreeEnrolment | ActKind::RefuseEnrolment);
        let beside = matches!(
            act,
            ActKind::Support | ActKind::Assign | ActKind::Outcome | ActKind::Acquaint
        ) || (decides && act == ActKind::Apply);
        let ends = matches!(
            act,
            ActKind::CloseCompleted | ActKind::CloseExpired | ActKind::CloseTerminated
        );
        let own = item == self.item
            && (!self.kind.is_about_course()
                || act.is_about_course()
                || matches!(act, ActKind::Waive | ActKind::Cancel));
        !beside && (own || ends)
    }
}

/// The last thing that happened to each, with its sentence; nothing where nothing did.
///
/// # Errors
/// Those of the database.
pub fn last(conn: &mut AnyConn, region: UnitId, of: &[About], zone: TimeDelta) -> Result<Vec<Option<String>>, DbError> {
    type Row = (
        PersonId,
        Option<i32>,
        ActKind,
        Option<String>,
        Option<String>,
        NaiveDateTime,
        Option<i64>,
    );
    let persons: Vec<PersonId> = of.iter().map(|of| of.person).collect();
    let mut rows: Vec<Row> = Vec::new();
    for block in persons.chunks(1000) {
        let found: Vec<Row> = iom_act::table
            .inner_join(iom::table.on(iom::id.eq(iom_act::iom_id).and(iom::region_id.eq(iom_act::region_id))))
            .left_join(account::table.on(account::id.nullable().eq(iom_act::account_id)))
            .left_join(person::table.on(holder()))
            .left_join(
                iom_item::table.on(iom_item::id
                    .nullable()
                    .eq(iom_act::item_id)
                    .and(iom_item::region_id.eq(iom_act::region_id))),
            )
            .filter(iom_act::region_id.eq(region))
            .filter(iom::person_id.eq_any(block))
            .order(iom_act::id.desc())
            .select((
                iom::person_id,
                iom_item::number.nullable(),
                iom_act::act,
                called_if_any(),
                iom_act::reason,
                iom_act::recorded_at,
                iom_act::on_behalf_of_id,
            ))
            .load(conn)?;
        rows.extend(found);
    }
    let behalf: Vec<i64> = rows.iter().filter_map(|(.., of)| *of).collect();
    let whose = names(conn, &behalf)?;
    let sentence = |of: &About| {
        let (.., act, who, said, at, behalf) = rows
            .iter()
            .find(|(person, item, act, ..)| *person == of.person && of.meets(*item, *act))?;
        let whose = behalf.and_then(|of| whose.get(&of)).map(String::as_str);
        let who = who.clone().map(|by| in_stead(by, whose));
        let said = said.as_ref().map_or_else(String::new, |said| format!(": «{said}»"));
        Some(format!(
            "{}{said}.",
            when_and_who(happened(*act), *at + zone, who.as_deref())
        ))
    };
    Ok(of.iter().map(sentence).collect())
}

/// Acts of many that were refused, each with a sentence: what happened to a plan that another one was quicker with, else why.
///
/// # Errors
/// What was given to a substitute does not reach so far; those of the database.
pub fn refused(
    conn: &mut AnyConn,
    region: UnitId,
    wanted: &[Wanted],
    refused: &[(usize, Refusal)],
    zone: TimeDelta,
) -> Result<Vec<(usize, String)>, Error> {
    let mut of_each: Vec<(usize, &Refusal, About)> = Vec::with_capacity(refused.len());
    for (place, why) in refused {
        let about = wanted.get(*place).map(|of| About {
            person: of.person,
            item: of.item,
            kind: of.kind,
        });
        of_each.extend(about.map(|about| (*place, why, about)));
    }
    if let Some((_, why, _)) = of_each.iter().find(|(_, why, _)| why.code == "delegation.not_given") {
        return Err(Error::Forbidden(why.to_string()));
    }
    let abouts: Vec<About> = of_each.iter().map(|(.., about)| *about).collect();
    let last = last(conn, region, &abouts, zone)?;
    let said = of_each.into_iter().zip(last).map(|((place, why, _), last)| {
        // A closed plan is one that somebody has closed since.
        let last = last.filter(|_| matches!(why.code, "iom.changed" | "iom.no_plan"));
        (place, capital(&last.unwrap_or_else(|| format!("{why}."))))
    });
    Ok(said.collect())
}

fn when_and_who(what: &str, at: NaiveDateTime, who: Option<&str>) -> String {
    let who = who.map_or_else(String::new, |who| format!(", {who}"));
    format!("{what} {}{who}", at.format("%d.%m.%Y в\u{A0}%H:%M"))
}

/// The answer to a form that was made before somebody else changed an object: the last of these acts that
/// the journal has about it.
///
/// # Errors
/// Those of the database.
pub async fn of_object(
    call: &Call,
    kind: &'static str,
    object: i64,
    acts: &'static [&'static str],
) -> Result<Error, Error> {
    let zone = call.zone();
    let read = move |c: &mut AnyConn| -> Result<Error, DbError> {
        let last: Option<(String, NaiveDateTime, Option<i64>, Option<i64>)> = audit_event::table
            .filter(audit_event::object_kind.eq(kind))
            .filter(audit_event::object_id.eq(object))
            .filter(audit_event::action.eq_any(acts))
            .filter(audit_event::account_id.is_not_null())
            .order(audit_event::id.desc())
            .select((
                audit_event::action,
                audit_event::at,
                audit_event::account_id,
                audit_event::on_behalf_of_id,
            ))
            .first(c)
            .optional()?;
        let Some((action, at, Some(by), whose)) = last else {
            return Ok(Error::Conflict);
        };
        let who = doer(c, by, whose)?;
        let said = when_and_who(words::named(&action), at + zone, Some(&who));
        Ok(Error::Changed(format!("{said}.")))
    };
    call.app().db.read(move |c| read(c).map_err(Error::from)).await
}
