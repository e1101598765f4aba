//! Reading plans of persons for lists: a line for each item, with names instead of ids.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Deficit, DeficitId, Iom, IomId, Item, SupporterKind};
use super::rules;
use crate::catalogue::ProgrammeId;
use crate::db::schema::{account, competence, iom, iom_deficit, iom_item, programme, supporter};
use crate::db::types::codes;
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;

/// A plan with everything a list needs.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The plan.
    pub plan: Iom,
    /// Items by number.
    pub items: Vec<ShownItem>,
    /// Codes of deficits that no item answers: listed, never dropped.
    pub unmatched: Vec<String>,
    /// Supporters in force: `kind:login`.
    pub supporters: Vec<String>,
}

/// An item with names.
#[derive(Debug, Clone)]
pub struct ShownItem {
    /// The item.
    pub item: Item,
    /// Code of the programme.
    pub programme: Option<String>,
    /// Topics.
    pub topics: Vec<String>,
    /// Code of the deficit's competence.
    pub deficit: Option<String>,
    /// «Почему здесь».
    pub why: Option<String>,
}

/// Every plan of persons, oldest first; supporters are those in force on a day.
///
/// # Errors
/// Those of the database.
pub fn plans(conn: &mut AnyConn, persons: &[PersonId], on: NaiveDate) -> Result<Vec<Shown>, DbError> {
    let plans: Vec<Iom> = iom::table
        .filter(iom::person_id.eq_any(persons))
        .order(iom::id)
        .select(Iom::as_select())
        .load(conn)?;
    let ids: Vec<IomId> = plans.iter().map(|p| p.id).collect();
    let items: Vec<Item> = iom_item::table
        .filter(iom_item::iom_id.eq_any(&ids))
        .order((iom_item::iom_id, iom_item::number))
        .select(Item::as_select())
        .load(conn)?;
    let deficits: HashMap<DeficitId, (Deficit, String, String)> = iom_deficit::table
        .inner_join(competence::table.on(competence::id.eq(iom_deficit::competence_id)))
        .filter(iom_deficit::iom_id.eq_any(&ids))
        .select((Deficit::as_select(), competence::code, competence::name))
        .load::<(Deficit, String, String)>(conn)?
        .into_iter()
        .map(|row| (row.0.id, row))
        .collect();
    let wanted: BTreeSet<ProgrammeId> = items.iter().filter_map(|i| i.programme_id).collect();
    let programmes: HashMap<ProgrammeId, String> = programme::table
        .filter(programme::id.eq_any(wanted))
        .select((programme::id, programme::code))
        .load(conn)?
        .into_iter()
        .collect();
    let supporters: Vec<(IomId, SupporterKind, String)> = supporter::table
        .inner_join(account::table.on(account::id.eq(supporter::account_id)))
        .filter(supporter::iom_id.eq_any(&ids))
        .filter(supporter::superseded_at.is_null())
        .filter(supporter::valid_to.is_null().or(supporter::valid_to.gt(on)))
        .select((supporter::iom_id, supporter::kind, account::login))
        .load(conn)?;
    let sets = rules::of(conn, items.iter().filter_map(|i| i.rule_set_id))?;
    let mut by_plan: HashMap<IomId, Vec<ShownItem>> = HashMap::new();
    for item in items {
        let deficit = item.deficit_id.and_then(|d| deficits.get(&d));
        let rule = rules::chosen_by(&sets, &item);
        let why = deficit
            .zip(rule)
            .map(|((_, _, name), rule)| super::draft::why(name, rule));
        by_plan.entry(item.iom_id).or_default().push(ShownItem {
            programme: item.programme_id.and_then(|p| programmes.get(&p).cloned()),
            topics: codes(&item.topics).map(str::to_owned).collect(),
            deficit: deficit.map(|(_, code, _)| code.clone()),
            why,
            item,
        });
    }
    Ok(plans
        .into_iter()
        .map(|plan| {
            let mut own: Vec<(SupporterKind, &String)> = supporters
                .iter()
                .filter(|(of, ..)| *of == plan.id)
                .map(|(_, kind, login)| (*kind, login))
                .collect();
            own.sort();
            let items = by_plan.remove(&plan.id).unwrap_or_default();
            let answered = |id: DeficitId| items.iter().any(|i| i.item.deficit_id == Some(id));
            let mut unmatched: Vec<String> = deficits
                .values()
                .filter(|(deficit, ..)| deficit.iom_id == plan.id && !answered(deficit.id))
                .map(|(_, code, _)| code.clone())
                .collect();
            unmatched.sort();
            Shown {
                items,
                unmatched,
                supporters: own.iter().map(|(kind, login)| format!("{kind}:{login}")).collect(),
                plan,
            }
        })
        .collect())
}
