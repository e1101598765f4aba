//! «Цикл»: the stages of a period in their order, each with who answers, what its calendar says, which documents are there
//! and which are still expected. An order that is broken is told and never forbidden.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::activity::kinds::word_name;
use crate::cycle::regulation::Regulation;
use crate::cycle::task::Standing;
use crate::db::AnyConn;
use crate::desk::cycle::described::periods;
use crate::desk::cycle::rows::{COLUMNS, Followed, row, who};
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::error::Error;
use crate::indicators::Pack;
use crate::indicators::pack_calendar::{CalendarItem, Occurrence, Stage, named};
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{NOTHING, capital, date};
use crate::planted;
use crate::units::Period;
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::Answering;

/// A stage with what belongs to it in the period.
struct Step<'a> {
    stage: &'a Stage,
    items: Vec<(&'a CalendarItem, Occurrence)>,
    acts: Vec<&'a Regulation>,
}

impl Step<'_> {
    /// Kinds of documents that are expected and not there.
    fn lacks(&self) -> Vec<String> {
        let there: BTreeSet<&str> = self.acts.iter().map(|act| act.kind.as_str()).collect();
        let lacks = self
            .stage
            .documents
            .iter()
            .filter(|kind| !there.contains(kind.as_str()) && !planted!("nothing_lacks"));
        lacks.cloned().collect()
    }

    /// The day of its first document.
    fn first(&self) -> Option<NaiveDate> {
        self.acts.iter().map(|act| act.issued_on).min()
    }

    /// How it stands: done where every document is there, else by the days of its items.
    fn chip(&self, of: &Followed, pack: &str, today: NaiveDate) -> Chip {
        let lacks = self.lacks().len();
        if lacks == 0 && !self.acts.is_empty() {
            return Chip::new(Tone::Done, "документы есть");
        }
        let done = |(item, time): &(&CalendarItem, Occurrence)| {
            let (done, all) = of.done(pack, item, time);
            done > 0 && done == all
        };
        let standing: Vec<Standing> = self.items.iter().map(|(_, time)| Standing::of(time, today)).collect();
        let dated = standing.iter().filter(|s| **s != Standing::Undated);
        if !self.items.is_empty() && self.items.iter().all(done) {
            Chip::new(Tone::Done, "сделано")
        } else if standing.contains(&Standing::Going) {
            Chip::new(Tone::Wait, "идёт")
        } else if dated.clone().count() > 0 && dated.clone().all(|s| *s == Standing::Past) {
            Chip::new(Tone::Late, "прошёл, документов нет")
        } else if dated.count() > 0 {
            Chip::new(Tone::Calm, "ещё не начался")
        } else if self.acts.is_empty() {
            Chip::new(Tone::Calm, "ждёт документа")
        } else {
            Chip::new(Tone::Wait, "документы не все")
        }
    }
}

fn steps<'a>(of: &'a Followed, pack: &'a Pack, period: &Period) -> Vec<Step<'a>> {
    let step = |stage: &'a Stage| {
        let mut items: Vec<(&CalendarItem, Occurrence)> = pack
            .calendar
            .iter()
            .filter(|item| item.stage == stage.code)
            .flat_map(|item| item.in_period(period).into_iter().map(move |time| (item, time)))
            .collect();
        items.sort_by_key(|(_, time)| (time.days.is_none(), time.days));
        let own = |act: &&Regulation| {
            act.pack.as_ref() == Some(&pack.code)
                && act.period.as_ref() == Some(&period.code)
                && act.stage.as_ref() == Some(&stage.code)
        };
        let mut acts: Vec<&Regulation> = of.acts.iter().filter(own).collect();
        acts.sort_by_key(|act| (act.issued_on, act.id));
        Step { stage, items, acts }
    };
    pack.stages.iter().map(step).collect()
}

/// Which earlier stages have no document by the day of the first one of this stage.
fn too_early(steps: &[Step<'_>], number: usize) -> Vec<String> {
    let Some(own) = steps.get(number) else {
        return Vec::new();
    };
    let Some(first) = own.first().filter(|_| !planted!("order_unseen")) else {
        return Vec::new();
    };
    let before = steps
        .iter()
        .take(number)
        .filter(|step| !step.stage.documents.is_empty());
    let late = before.filter(|step| step.first().is_none_or(|day| day > first));
    late.map(|step| format!("«{}»", step.stage.title)).collect()
}

/// GET /cycle
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["pack", "period"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let wanted = at.get("pack").map(str::to_owned);
        let load = move |c: &mut AnyConn| Followed::of(c, &visitor, wanted.as_deref(), today);
        let followed = call.app().db.read(load).await?;
        let sheet = sheet(&at, &followed, today)?;
        file::page(&call, &at, sheet)
    })
}

fn sheet(at: &List, of: &Followed, today: NaiveDate) -> Result<Sheet, Error> {
    let known = of.pack.as_ref().map(|pack| periods(pack, today)).unwrap_or_default();
    let current = known.iter().find(|period| period.contains(today)).or(known.first());
    let chosen = match at.get("period") {
        None => current.cloned(),
        Some(code) => {
            let kind = of.pack.as_ref().map(|pack| pack.basis.kind);
            let read = Period::parse(code).filter(|period| Some(period.kind) == kind);
            Some(read.ok_or_else(|| Error::NotFound("период".into()))?)
        }
    };
    let first = if of.described.own().is_empty() {
        "выберите"
    } else {
        "своя методика региона"
    };
    let mut choices: Vec<Period> = known.clone();
    choices.extend(chosen.iter().filter(|period| !known.contains(period)).cloned());
    let named_period = current.map_or_else(|| "текущий".to_owned(), |period| format!("{}, текущий", period.code));
    let filters = vec![
        at.select("pack", "Методика", first, of.described.choices())?,
        at.select(
            "period",
            "Период",
            &named_period,
            choices.into_iter().map(|p| (p.code.clone(), p.code)),
        )?,
    ];
    let lead = match (&of.pack, &chosen) {
        (Some(pack), Some(period)) => format!("{}, {}.", pack.title, period.code),
        _ => "Этапы управленческого цикла, сроки, ответственные и документы.".into(),
    };
    let mut sheet = Sheet {
        heading: "Цикл мониторинга".into(),
        lead,
        filters: Some(at.filters(filters, String::new())),
        ..Sheet::default()
    };
    let (Some(pack), Some(period)) = (&of.pack, chosen) else {
        sheet.empty = Some(Empty::new(
            "Методика не выбрана",
            "У вашего региона нет своей методики с этапами: выберите одну из списка.",
        ));
        return Ok(sheet);
    };
    let steps = steps(of, pack, &period);
    sheet.register = Some(whole(of, pack, &period, &steps, today));
    for (number, step) in steps.iter().enumerate() {
        sheet.blocks.push(items(of, pack, &steps, number, today));
        sheet.blocks.extend(documents(step));
    }
    Ok(sheet)
}

/// All stages: what the power is, who answers and how each stands.
fn whole(of: &Followed, pack: &Pack, period: &Period, steps: &[Step<'_>], today: NaiveDate) -> Register {
    let columns = [
        Column::words("Этап"),
        Column::words("Что делают"),
        Column::words("Отвечает"),
        Column::words("Вместе с"),
        Column::words("Характер документа"),
        Column::figures("Документов"),
        Column::words("Состояние"),
    ];
    let text = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
    let row = |step: &Step<'_>| {
        let stage = step.stage;
        let many = step.acts.len().to_string();
        let list = address(
            "/regulations",
            [
                ("pack", &*pack.code),
                ("period", &*period.code),
                ("stage", &*stage.code),
            ],
        );
        vec![
            Cell::text(format!("{}. {}", stage.order, stage.title)),
            text(capital(&stage.power)),
            text(who(&stage.responsible)),
            text(who(&stage.beside)),
            text(named(regulation_kinds::natures(), &stage.natures)),
            if step.acts.is_empty() {
                Cell::text(many)
            } else {
                Cell::link(many, list)
            },
            Cell::chip(step.chip(of, &pack.code, today)),
        ]
    };
    Register::new("Этапы цикла", &columns, steps.iter().map(row).collect())
}

/// A stage: the warning of its order, what is still expected, and its calendar.
fn items(of: &Followed, pack: &Pack, steps: &[Step<'_>], number: usize, today: NaiveDate) -> Block {
    let Some(step) = steps.get(number) else {
        return Block::default();
    };
    let mut said = Vec::new();
    let early = too_early(steps, number);
    if !early.is_empty() {
        said.push(format!(
            "Документ этого этапа появился раньше, чем у {}: проверьте порядок.",
            early.join(", ")
        ));
    }
    let lacks = step.lacks();
    if !lacks.is_empty() {
        said.push(format!("Ещё ждём: {}.", named(regulation_kinds::kinds(), &lacks)));
    } else if !step.stage.documents.is_empty() {
        said.push("Все ожидаемые документы есть.".into());
    }
    let rows: Vec<Vec<Cell>> = step
        .items
        .iter()
        .map(|(item, time)| row(of, &pack.code, item, time, today))
        .collect();
    let title = format!("{}. {}", step.stage.order, step.stage.title);
    Block {
        register: (!rows.is_empty()).then(|| Register::new(format!("{title}: календарь"), &COLUMNS, rows)),
        title,
        text: (!said.is_empty()).then(|| said.join(" ")),
        ..Block::default()
    }
}

/// The documents of a stage.
fn documents(step: &Step<'_>) -> Option<Block> {
    let columns = [
        Column::words("Документ"),
        Column::words("Вид"),
        Column::words("Номер"),
        Column::words("Дата"),
    ];
    let row = |act: &&Regulation| {
        let number = if act.number.is_empty() {
            NOTHING.to_owned()
        } else {
            act.number.clone()
        };
        vec![
            Cell::link(act.title.clone(), format!("/regulations/{}", act.id)),
            Cell::text(capital(word_name(regulation_kinds::kinds(), &act.kind))),
            Cell::text(number),
            Cell::text(date(act.issued_on)),
        ]
    };
    let rows: Vec<Vec<Cell>> = step.acts.iter().map(row).collect();
    let title = format!("Документы этапа «{}»", step.stage.title);
    (!rows.is_empty()).then(|| Block {
        register: Some(Register::new(title.clone(), &columns, rows)),
        title,
        ..Block::default()
    })
}
