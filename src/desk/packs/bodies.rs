//! «Объединения методики»: the bodies that a pack describes, which of them the region has, and making those it lacks.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::activity::body::BodyInput;
use crate::activity::kinds;
use crate::activity::provide;
use crate::db::schema::unit;
use crate::db::{AnyConn, Tx};
use crate::desk::list::List;
use crate::desk::registers::page::{Block, Fill, Form, Sheet};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::indicators::pack::{self, EMBEDDED};
use crate::indicators::{Pack, load};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::count;
use crate::planted;
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// What a pack describes for a region.
struct Planned {
    packs: Vec<(String, String)>,
    chosen: Option<String>,
    /// Whether the region has a methodology of its own.
    is_own: bool,
    bodies: Vec<(BodyInput, String)>,
    codes: BTreeSet<String>,
}

/// The bodies of a pack in a region: one of the region, or one for each municipality.
fn described(held: &Held, pack: &Pack) -> Vec<(BodyInput, String)> {
    let mut towns = held.tree.of_kind(UnitKind::Municipality);
    towns.retain(|u| u.region_id == held.region && held.tree.stands(u.id));
    towns.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    let mut found = Vec::new();
    for body in &pack.bodies {
        let input = |code: String, name: String, unit_id| BodyInput {
            code,
            name,
            kind: body.kind.clone(),
            level: body.level,
            unit_id,
            duties: Some(body.duties.clone()),
            link: body.link.clone(),
        };
        if body.in_each_municipality && !planted!("pack_without_towns") {
            for town in &towns {
                let code = format!("{}-{}", body.code, town.code);
                let name = format!("{}, {}", body.name, town.name);
                found.push((input(code, name, Some(town.id)), town.name.clone()));
            }
        } else {
            found.push((
                input(body.code.clone(), body.name.clone(), None),
                "весь регион".to_owned(),
            ));
        }
    }
    found
}

fn planned(
    c: &mut AnyConn,
    visitor: &Visitor,
    wanted: Option<&str>,
    today: chrono::NaiveDate,
) -> Result<(Held, Planned), Error> {
    let held = Held::of(c, visitor, today)?;
    if !held.is_whole() {
        return Err(missing());
    }
    let own: String = unit::table
        .filter(unit::id.eq(held.region))
        .select(unit::code)
        .first(c)?;
    let mut packs = Vec::new();
    let mut theirs = None;
    let mut chosen = None;
    for (code, _) in EMBEDDED {
        let pack = pack::embedded(code)?;
        if pack.regions.contains(&own) {
            theirs = Some((*code).to_owned());
        }
        packs.push(((*code).to_owned(), pack.title));
    }
    if let Some(code) = wanted {
        if !packs.iter().any(|(known, _)| known == code) {
            return Err(missing());
        }
        chosen = Some(code.to_owned());
    }
    let is_own = theirs.is_some();
    let chosen = chosen.or(theirs);
    let bodies = match &chosen {
        None => Vec::new(),
        Some(code) => {
            let pack = match load::in_force(c, code)? {
                // A pack that was loaded before bodies stood in it has none: then those of the program are taken.
                Some(pack) if !pack.bodies.is_empty() => pack,
                _ => std::sync::Arc::new(pack::embedded(code)?),
            };
            described(&held, &pack)
        }
    };
    let codes = provide::codes(c, held.region)?;
    let planned = Planned {
        packs,
        chosen,
        is_own,
        bodies,
        codes,
    };
    Ok((held, planned))
}

/// GET /bodies/packs
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["pack"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let wanted = at.get("pack").map(str::to_owned);
        let look = move |c: &mut AnyConn| planned(c, &visitor, wanted.as_deref(), today);
        let (_, planned) = call.app().db.read(look).await?;
        let done = match call.query.get("done") {
            Some("made") => Some("Объединения заведены: допишите участников на их страницах"),
            _ => None,
        };
        Answer::page("desk/register", &sheet(&call, &at, planned, done)?)
    })
}

fn sheet(call: &Call, at: &List, planned: Planned, done: Option<&'static str>) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Объединение"),
        Column::words("Вид"),
        Column::words("Уровень"),
        Column::words("При ком"),
        Column::words("Обязанности"),
        Column::words("Состояние"),
    ];
    let total = planned.bodies.len();
    let lacking = planned
        .bodies
        .iter()
        .filter(|(b, _)| !planned.codes.contains(&b.code))
        .count();
    let row = |(body, place): (BodyInput, String)| {
        let chip = if planned.codes.contains(&body.code) {
            Chip::new(Tone::Done, "заведено")
        } else {
            Chip::new(Tone::Wait, "появится")
        };
        vec![
            Cell::text(body.name),
            Cell::text(kinds::word_name(kinds::bodies(), &body.kind)),
            Cell::text(body.level.label()),
            Cell::text(place),
            Cell::text(body.duties.unwrap_or_default()),
            Cell::chip(chip),
        ]
    };
    let rows: Vec<Vec<Cell>> = at.rows(planned.bodies).into_iter().map(row).collect();
    let first = if planned.is_own {
        "своя методика региона"
    } else {
        "выберите"
    };
    let filters = vec![at.select("pack", "Методика", first, planned.packs.clone())?];
    let chosen = planned.chosen.clone().unwrap_or_default();
    let values = |_: &str| chosen.clone();
    let fill = Fill {
        values: &values,
        wrong: &[],
    };
    let lacks = i64::try_from(lacking).unwrap_or(i64::MAX);
    let forms = vec![Form {
        action: "/bodies/packs".into(),
        parts: vec![fill.choice("pack", "По методике", None, planned.packs)],
        button: format!("Завести {}", count(lacks, "объединение", "объединения", "объединений")),
        ..Form::default()
    }];
    let said = if planned.chosen.is_none() {
        "Выберите методику: здесь появится список её объединений.".to_owned()
    } else if lacking == 0 {
        "Все объединения этой методики уже заведены.".to_owned()
    } else {
        "Появятся только те, которых ещё нет; имеющиеся не изменятся. Участников добавляют потом.".to_owned()
    };
    let empty = Empty::new(
        "Методика не выбрана",
        "У вашего региона нет своей методики: выберите одну из списка.",
    );
    Ok(Sheet {
        crumbs: vec![Link::new("Объединения", "/bodies")],
        heading: "Объединения методики".into(),
        lead: "Советы, службы, центры и партнёры, которых описывает методика региона.".into(),
        done,
        filters: Some(at.filters(
            filters,
            crate::desk::list::found(total, "объединение", "объединения", "объединений"),
        )),
        paging: at.paging(total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Объединения методики", &columns, rows)),
        blocks: vec![Block {
            title: "Завести".into(),
            text: Some(said),
            forms: if lacking > 0 { forms } else { Vec::new() },
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    })
}

/// POST /bodies/packs
pub fn make(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["pack"])?;
        let pack = form.get("pack").unwrap_or_default().to_owned();
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        let code = pack.clone();
        let look = move |c: &mut AnyConn| planned(c, &visitor, Some(&code), today);
        let (_, planned) = call.app().db.read(look).await?;
        let wanted: Vec<BodyInput> = planned.bodies.into_iter().map(|(body, _)| body).collect();
        let of = pack.clone();
        let write = move |tx: &mut Tx<'_>| provide::provide(tx, &by, &of, wanted);
        let _made = call.app().db.write(write).await?;
        Ok(Answer::redirect(format!("/bodies/packs?pack={pack}&done=made")))
    })
}
