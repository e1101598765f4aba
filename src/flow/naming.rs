//! Who accompanies plans from now on: their teachers read it, and whoever gave them away reads who has them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::json;

use crate::access::{self, AccountId};
use crate::db::{DbError, Tx};
use crate::iom::accompany::role_of;
use crate::iom::assigning::Begins;
use crate::iom::event::{Event, EventKind};
use crate::iom::{IomId, SupporterKind, hand_over};
use crate::mail::concern::once_accompanying;
use crate::mail::notice::Told;
use crate::mail::outbox::Letter;
use crate::pages::text::date;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// So many takers are named; the rest is a number.
const NAMED: usize = 3;

/// Supporters of a plan in words: «вас теперь сопровождает тьютор Анна Ким»; `from` is a day that is still to come.
pub(super) fn accompanied_by(all: &[(SupporterKind, &str)], from: Option<NaiveDate>) -> Option<String> {
    let whom: Vec<String> = all
        .iter()
        .map(|(kind, name)| format!("{} {name}", kind.label()))
        .collect();
    let verb = if whom.len() > 1 {
        "сопровождают"
    } else {
        "сопровождает"
    };
    let whom = listed(&whom)?;
    Some(match from {
        Some(day) => format!("с {} вас {verb} {whom}", date(day)),
        None => format!("вас теперь {verb} {whom}"),
    })
}

/// Whoever has plans that were given away, in words: «их сопровождает Анна Ким».
fn in_hands_of(names: &[String], from: Option<NaiveDate>) -> Option<String> {
    let verb = if names.len() > 1 {
        "сопровождают"
    } else {
        "сопровождает"
    };
    let rest = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.iter().take(NAMED).cloned().collect();
    if rest > 0 {
        shown.push(format!("ещё {rest}"));
    }
    let whom = listed(&shown)?;
    Some(match from {
        Some(day) => format!("с {} их {verb} {whom}", date(day)),
        None => format!("их {verb} {whom}"),
    })
}

/// «А», «А и Б», «А, Б и В».
fn listed(names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{} и {last}", first.join(", "))),
    }
}

/// What the teachers of plans read that were given to supporters all at once: one notice of a plan, of those that were ever
/// shown; nobody of an own act. `run` is the number of what was done.
///
/// # Errors
/// Those of the database.
pub(super) fn to_teachers(
    tx: &mut Tx<'_>,
    run: i64,
    begun: &[Begins],
    is_own: &dyn Fn(AccountId) -> bool,
) -> Result<Vec<Told>, DbError> {
    let mut plans: BTreeMap<IomId, Vec<&Begins>> = BTreeMap::new();
    for of in begun.iter().filter(|of| of.shown && !planted!("naming_untold")) {
        plans.entry(of.plan).or_default().push(of);
    }
    let persons: BTreeSet<PersonId> = plans.values().flatten().map(|of| of.person).collect();
    let teachers = access::store::accounts_of(tx.conn(), &persons.into_iter().collect::<Vec<_>>())?;
    let supporters: BTreeSet<i64> = plans.values().flatten().map(|of| of.account.0).collect();
    let names = access::store::names(tx.conn(), &supporters.into_iter().collect::<Vec<_>>())?;
    let today = tx.today();
    let news = plans.values().filter_map(|of| {
        let first = of.first()?;
        let teacher = teachers
            .get(&first.person)
            .copied()
            .filter(|teacher| !is_own(*teacher))?;
        let named: Vec<(SupporterKind, &str)> = of
            .iter()
            .map(|of| {
                (
                    of.kind,
                    names.get(&of.account.0).map_or(of.login.as_str(), String::as_str),
                )
            })
            .collect();
        let from = of.iter().map(|of| of.from).max().filter(|from| *from > today);
        let what = accompanied_by(&named, from)?;
        Some(told(Letter {
            kind: "iom_progress",
            region: Some(first.region.0),
            account: teacher.0,
            subject_id: first.plan.0,
            dedup_key: format!("{run}-{teacher}"),
            body: json!({ "plan": first.plan, "number": first.number, "what": what }),
            address: None,
            link: None,
        }))
    });
    Ok(news.collect())
}

/// What whoever gave plans away reads: how many they are and who has them. Nobody reads it of an own act, and nobody whose
/// role is over: it leads nowhere then.
///
/// # Errors
/// Those of the database.
pub(super) fn to_giver(
    tx: &mut Tx<'_>,
    run: i64,
    ask: &hand_over::Ask,
    report: &hand_over::Report,
) -> Result<Option<Told>, DbError> {
    let is_own = |account: AccountId| ask.author == Some(account) || ask.on_behalf_of == Some(account);
    let today = tx.today();
    let (Some(giver), Some(first)) = (report.giver.filter(|of| !is_own(*of)), report.begun.first()) else {
        return Ok(None);
    };
    let login = ask.from.to_lowercase();
    let actors = access::store::actors(tx.conn(), std::slice::from_ref(&login), today)?;
    let holds = |of: &Begins| actors.get(&login).is_some_and(|giver| giver.has(&[role_of(of.kind)]));
    if !report.begun.iter().any(holds) || planted!("giver_untold") {
        return Ok(None);
    }
    let takers: BTreeSet<i64> = report.begun.iter().map(|of| of.account.0).collect();
    let mut names = access::store::names(tx.conn(), &takers.iter().copied().collect::<Vec<_>>())?;
    let mut names: Vec<String> = takers.iter().filter_map(|taker| names.remove(taker)).collect();
    names.sort();
    let plans: BTreeSet<IomId> = report.begun.iter().map(|of| of.plan).collect();
    let who = in_hands_of(&names, (ask.on > today).then_some(ask.on));
    Ok(Some(told(Letter {
        kind: "supporters_passed",
        region: Some(ask.region.unwrap_or(first.region).0),
        account: giver.0,
        subject_id: run,
        dedup_key: giver.to_string(),
        body: json!({ "plans": plans.len(), "who": who }),
        address: None,
        link: None,
    })))
}

/// Plans in which somebody else was named, and who accompanies them now.
#[derive(Default)]
struct Passed {
    plans: BTreeSet<i64>,
    takers: BTreeSet<i64>,
}

/// What whoever accompanied plans reads when somebody else is named there: the same as of a hand-over, once of all plans of a
/// region. Nobody reads it of an own act, and nobody whose role is over.
///
/// # Errors
/// Those of the database.
pub(super) fn to_replaced(tx: &mut Tx<'_>, events: &[Event]) -> Result<Vec<Told>, DbError> {
    let mut passed: BTreeMap<(AccountId, UnitId), Passed> = BTreeMap::new();
    for event in events {
        let EventKind::Assigned {
            supporter,
            instead_of,
            by,
            ..
        } = &event.kind
        else {
            continue;
        };
        for whose in instead_of.iter().filter(|whose| !by.contains(whose)) {
            let of = passed.entry((*whose, event.region)).or_default();
            of.plans.insert(event.plan.0);
            of.takers.insert(supporter.0);
        }
    }
    if passed.is_empty() || planted!("replaced_untold") {
        return Ok(Vec::new());
    }
    let plans: BTreeSet<i64> = passed.values().flat_map(|of| of.plans.iter().copied()).collect();
    let today = tx.today();
    let holds = once_accompanying(tx.conn(), &plans.into_iter().collect::<Vec<_>>(), today)?;
    passed.retain(|(whose, _), of| of.plans.iter().any(|plan| holds.contains(&(*plan, whose.0))));
    let takers: BTreeSet<i64> = passed.values().flat_map(|of| of.takers.iter().copied()).collect();
    let names = access::store::names(tx.conn(), &takers.into_iter().collect::<Vec<_>>())?;
    let news = passed.iter().map(|((whose, region), of)| {
        let mut who: Vec<String> = of.takers.iter().filter_map(|taker| names.get(taker).cloned()).collect();
        who.sort();
        told(Letter {
            kind: "supporters_passed",
            region: Some(region.0),
            account: whose.0,
            subject_id: tx.id(),
            dedup_key: whose.to_string(),
            body: json!({ "plans": of.plans.len(), "who": in_hands_of(&who, None) }),
            address: None,
            link: None,
        })
    });
    Ok(news.collect())
}

/// News, which are about no step.
fn told(letter: Letter) -> Told {
    Told {
        letter,
        item: None,
        due_on: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supporters_are_named_in_one_line() {
        let (tutor, curator) = ((SupporterKind::Tutor, "Анна Ким"), (SupporterKind::Curator, "Пётр Лис"));
        assert_eq!(accompanied_by(&[], None), None);
        assert_eq!(
            accompanied_by(&[tutor], None).as_deref(),
            Some("вас теперь сопровождает тьютор Анна Ким")
        );
        assert_eq!(
            accompanied_by(&[tutor, curator], NaiveDate::from_ymd_opt(2027, 9, 1)).as_deref(),
            Some("с 01.09.2027 вас сопровождают тьютор Анна Ким и куратор Пётр Лис")
        );
        let names = |n: usize| {
            ["А", "Б", "В", "Г", "Д"]
                .iter()
                .take(n)
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(in_hands_of(&names(0), None), None);
        assert_eq!(in_hands_of(&names(1), None).as_deref(), Some("их сопровождает А"));
        assert_eq!(
            in_hands_of(&names(3), None).as_deref(),
            Some("их сопровождают А, Б и В")
        );
        assert_eq!(
            in_hands_of(&names(5), None).as_deref(),
            Some("их сопровождают А, Б, В и ещё 2")
        );
    }
}
