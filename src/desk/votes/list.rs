//! «Голосование коллег»: the votes of the visitor's units by year, with how many have voted and who was awarded the title.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cycle::vote::store::{self, Awarded};
use crate::cycle::vote::{Vote, VoteId};
use crate::db::AnyConn;
use crate::desk::list::{self, List};
use crate::desk::looked;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::registers::reach::Held;
use crate::desk::votes::words;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, number};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

struct Shown {
    held: Held,
    /// Those of the page.
    votes: Vec<Vote>,
    total: usize,
    /// Years that there are votes of, the latest first.
    years: Vec<i32>,
    voters: BTreeMap<VoteId, i64>,
    awards: Vec<Awarded>,
    who: HashMap<PersonId, Who>,
}

/// GET /votes
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["year"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let year = at.known("year", |text| text.parse::<i32>().ok())?;
        let own = at.clone();
        let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
            let held = Held::of(c, &visitor, today)?;
            let mut votes = store::all(c, held.region)?;
            votes.retain(|of| held.keeps(Some(of.unit_id)));
            let years: BTreeSet<i32> = votes.iter().map(|of| of.year).collect();
            votes.retain(|of| year.is_none_or(|year| of.year == year));
            let total = votes.len();
            let votes = own.rows(votes);
            let ids: Vec<VoteId> = votes.iter().map(|of| of.id).collect();
            let awards = store::awards(c, held.region, &ids)?;
            let persons: Vec<PersonId> = awards.iter().map(|of| of.person).collect();
            Ok(Shown {
                voters: store::voters(c, held.region, &ids)?,
                // Whom the own staff has chosen is known here by name, wherever they work by now.
                who: rows::who(c, held.region, &persons, today)?,
                years: years.into_iter().rev().collect(),
                votes,
                total,
                awards,
                held,
            })
        };
        let shown = call.app().db.read(read).await?;
        let named: BTreeSet<PersonId> = shown.awards.iter().map(|of| of.person).collect();
        let named: Vec<PersonId> = named.into_iter().collect();
        let sheet = sheet(&call, &at, &shown)?;
        looked::telling(&call, "vote", &at.codes(&[]), &named, shown.total, &named).await?;
        Answer::page("desk/register", &sheet)
    })
}

fn sheet(call: &Call, at: &List, shown: &Shown) -> Result<Sheet, Error> {
    let today = call.app().clock.today();
    let columns = [
        Column::words("Голосование"),
        Column::words("Год"),
        Column::words("Кто голосует"),
        Column::words("Уровень"),
        Column::words("Когда"),
        Column::figures("Проголосовали"),
        Column::words("Кому присуждено"),
    ];
    let awarded = |id: VoteId| {
        let own = shown.awards.iter().filter(|of| of.vote == id);
        let names: Vec<&str> = own
            .filter_map(|of| shown.who.get(&of.person))
            .map(|who| who.short.as_str())
            .collect();
        if names.is_empty() {
            NOTHING.to_owned()
        } else {
            names.join(", ")
        }
    };
    let row = |of: &Vote| {
        vec![
            Cell::link(of.title.clone(), format!("/votes/{}", of.id)),
            Cell::text(of.year.to_string()),
            Cell::text(shown.held.name(Some(of.unit_id))),
            Cell::text(of.level.label()),
            Cell::text(words::window(of, today)),
            Cell::text(number(shown.voters.get(&of.id).copied().unwrap_or(0))),
            Cell::text(awarded(of.id)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.votes.iter().map(row).collect();
    let years = shown.years.iter().map(|year| (year.to_string(), year.to_string()));
    let filters = vec![at.select("year", "Год", "все", years)?];
    let first = Empty {
        action: Some(Link::new("Открыть голосование", "/votes/new")),
        ..Empty::new(
            "Голосований ещё не было",
            "Откройте голосование: педагоги тайно выберут коллег, достойных звания «Признание коллег».",
        )
    };
    let empty = at.empty(first, "Голосований не нашлось", "ни одно");
    let to_open = Block {
        title: "Новое голосование".into(),
        register: Some(Register::new(
            "Новое голосование",
            &[Column::words("Что сделать")],
            vec![vec![Cell::link("Открыть голосование", "/votes/new")]],
        )),
        ..Block::default()
    };
    Ok(Sheet {
        heading: "Голосование коллег".into(),
        lead: "Педагоги муниципалитета или региона тайно выбирают коллег; по итогам присуждают звание.".into(),
        done: call
            .query
            .get("done")
            .and_then(|done| (done == "withdrawn").then_some("Голосование отозвано")),
        filters: Some(at.filters(
            filters,
            list::found(shown.total, "голосование", "голосования", "голосований"),
        )),
        paging: at.paging(shown.total),
        blocks: if rows.is_empty() { Vec::new() } else { vec![to_open] },
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Голосования", &columns, rows)),
        token: call.token(),
        ..Sheet::default()
    })
}
