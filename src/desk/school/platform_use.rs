//! «Работа на платформе»: organisations of the scope with their accounts and the acts on plans made under them.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use crate::access::model::AccountState;
use crate::db::schema::{account, employment, iom_act, role_grant};
use crate::db::text_keys::{holds, search_key};
use crate::db::{AnyConn, DbError};
use crate::desk::list::{self, List};
use crate::desk::registers::events::{academic, year_label};
use crate::desk::registers::file;
use crate::desk::registers::page::Sheet;
use crate::desk::school::coverage_rows;
use crate::desk::small_cells;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::{count, number};
use crate::people::store::worked_on;
use crate::units::{self, Unit, UnitId, UnitKind};
use crate::web::Call;
use crate::web::registry::{Answering, Capability};

/// What is known of an organisation.
struct Used {
    unit: Unit,
    accounts: i64,
    acts: i64,
}

/// Accounts of organisations on a day: those with a role over one, and those of its workers.
fn accounts(
    c: &mut AnyConn,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<HashMap<UnitId, HashSet<i64>>, DbError> {
    let mut found: HashMap<UnitId, HashSet<i64>> = HashMap::new();
    for block in organisations.chunks(1000) {
        let granted: Vec<(Option<UnitId>, i64)> = role_grant::table
            .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
            .filter(role_grant::unit_id.eq_any(block))
            .filter(role_grant::superseded_at.is_null())
            .filter(role_grant::valid_from.is_null().or(role_grant::valid_from.le(today)))
            .filter(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(today)))
            .filter(account::state.eq(AccountState::Active))
            .select((role_grant::unit_id, account::id))
            .load(c)?;
        // A sum is looked up in a list; a bare column is looked for by the list, for each account as many times as it is
        // long, where SQLite knows how many accounts there are (390 organisations: 0.6 s, and 0.04 s so).
        let place = employment::organisation_id + 0_i64;
        let working: Vec<(UnitId, i64)> = employment::table
            .inner_join(
                account::table.on(account::person_id
                    .eq(employment::person_id.nullable())
                    .and(account::region_id.eq(employment::region_id.nullable()))),
            )
            .filter(place.eq_any(block))
            .filter(worked_on(today))
            .filter(account::state.eq(AccountState::Active))
            .select((employment::organisation_id, account::id))
            .distinct()
            .load(c)?;
        for (unit, id) in granted
            .into_iter()
            .filter_map(|(unit, id)| Some((unit?, id)))
            .chain(working)
        {
            found.entry(unit).or_default().insert(id);
        }
    }
    Ok(found)
}

/// Acts on plans of a region by account, from one day to another.
fn acts(c: &mut AnyConn, region: UnitId, (from, to): (NaiveDate, NaiveDate)) -> Result<HashMap<i64, i64>, DbError> {
    let rows: Vec<(Option<i64>, i64)> = iom_act::table
        .filter(iom_act::region_id.eq(region))
        .filter(iom_act::on_date.between(from, to))
        .filter(iom_act::account_id.is_not_null())
        .group_by(iom_act::account_id)
        .select((iom_act::account_id, diesel::dsl::count_star()))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(id, n)| Some((id?, n))).collect())
}

/// GET /platform-use
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["year", "q", "used"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let current = today.year() - i32::from(today.month() < 9);
        let years: Vec<i32> = (0..4).map(|n| current - n).collect();
        let year = at.known("year", |y| {
            let year: i32 = y.get(..4)?.parse().ok()?;
            years.contains(&year).then_some(year)
        })?;
        let used = at.known("used", |u| match u {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })?;
        let text = at.get("q").map(search_key);
        let days = academic(year.unwrap_or(current)).unwrap_or((today, today));
        let own = visitor.clone();
        let read = move |c: &mut AnyConn| -> Result<Vec<Used>, Error> {
            let inside = coverage_rows::organisations(c, &own, today)?;
            let tree = units::store::tree(c, today, None)?;
            let mut all: Vec<Unit> = tree.of_kind(UnitKind::Organisation).into_iter().cloned().collect();
            all.retain(|u| inside.contains(&u.id));
            all.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
            let ids: Vec<UnitId> = all.iter().map(|u| u.id).collect();
            let accounts = accounts(c, &ids, today)?;
            let regions: HashSet<UnitId> = all.iter().map(|u| u.region_id).collect();
            let mut by_account: HashMap<i64, i64> = HashMap::new();
            // One region, or all of an installation: a handful.
            for region in regions {
                by_account.extend(acts(c, region, days)?);
            }
            let of = |unit: Unit| {
                let own = accounts.get(&unit.id);
                let acts = own.into_iter().flatten().filter_map(|id| by_account.get(id)).sum();
                Used {
                    accounts: own.map_or(0, |own| i64::try_from(own.len()).unwrap_or(i64::MAX)),
                    acts,
                    unit,
                }
            };
            let mut found: Vec<Used> = all.into_iter().map(of).collect();
            found.retain(|u| {
                text.as_ref().is_none_or(|t| holds(&search_key(&u.unit.name), t))
                    && used.is_none_or(|is| (u.acts > 0) == is)
            });
            Ok(found)
        };
        let found = call.app().db.read(read).await?;
        let (total, using) = (found.len(), found.iter().filter(|u| u.acts > 0).count());
        // Whoever opens lists of people sees how many there are; the others see no number that is a few people.
        let open = visitor.may(Capability::Indicators);
        let columns = [
            Column::words("Организация"),
            Column::figures("Учётных записей"),
            Column::figures("Действий с ИОМ"),
            Column::words("Пользуется"),
        ];
        let row = |u: &Used| {
            let accounts = match small_cells::row(&[u.accounts]).first() {
                Some(told) if !open => told.shown(),
                _ => number(u.accounts),
            };
            vec![
                Cell::text(u.unit.name.clone()),
                Cell::text(accounts),
                Cell::text(number(u.acts)),
                Cell::chip(if u.acts > 0 {
                    Chip::new(Tone::Done, "да")
                } else {
                    Chip::new(Tone::Wait, "нет")
                }),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(found).iter().map(row).collect();
        let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
        let past = years.iter().skip(1).map(|y| (year_label(*y), year_label(*y)));
        let first = format!("{}, этот", year_label(current));
        let filters = vec![
            at.search("q", "Организация"),
            at.select("year", "Учебный год", &first, past)?,
            at.select("used", "Пользуются", "не важно", [own("yes", "да"), own("no", "нет")])?,
        ];
        let mut empty = Empty::new("Организаций не нашлось", "Уберите одно из условий.");
        empty.action = Some(Link::new("Сбросить условия", "/platform-use"));
        let many = i64::try_from(using).unwrap_or(i64::MAX);
        let sheet = Sheet {
            heading: "Работа на платформе".into(),
            lead: format!(
                "Из показанных пользуются: {}. Считаются действия с ИОМ под записями с ролью в организации и её работников.",
                count(many, "организация", "организации", "организаций")
            ),
            filters: Some(at.filters(filters, list::found(total, "организация", "организации", "организаций"))),
            paging: at.paging(total),
            empty: rows.is_empty().then_some(empty),
            register: (!rows.is_empty()).then(|| Register::new("Работа на платформе", &columns, rows)),
            token: call.token(),
            ..Sheet::default()
        };
        file::page(&call, &at, sheet)
    })
}
