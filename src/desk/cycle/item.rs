//! One item of the calendar at one time: who answers, which units have marked it, and the mark of one's own.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::access;
use crate::activity::kinds::word_name;
use crate::cycle::regulation::{Regulation, RegulationId};
use crate::cycle::task::{self, Key, Said, Task};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::calendar::answering;
use crate::desk::cycle::rows::{Followed, days_of, expected, kind_word, left, own_units, place};
use crate::desk::list::{self, List};
use crate::desk::once::once_by_version;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::error::{Error, Refusal};
use crate::indicators::Pack;
use crate::indicators::pack_calendar::{CalendarItem, Occurrence};
use crate::pages::parts::{Cell, Chip, Column, Link, Register, Tone};
use crate::pages::text::{NOTHING, capital, date};
use crate::units::{Unit, UnitId};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// What the address names.
const NAMED: [&str; 4] = ["pack", "item", "on", "unit"];

struct Shown {
    followed: Followed,
    pack: Arc<Pack>,
    item: CalendarItem,
    time: Occurrence,
    /// The unit whose mark it is about.
    unit: Option<Unit>,
    names: std::collections::HashMap<i64, String>,
}

impl Shown {
    fn key(&self, unit: UnitId) -> Key {
        Key {
            pack: self.pack.code.clone(),
            item: self.item.code.clone(),
            occurrence: self.time.key.clone(),
            unit,
        }
    }

    fn stored(&self) -> Option<&Task> {
        let unit = self.unit.as_ref()?;
        self.followed.tasks.get(&self.key(unit.id))
    }

    /// Whether units of this kind answer for the item.
    fn fits(&self, unit: &Unit) -> bool {
        self.item.responsible.iter().any(|one| one.keeper.kind() == unit.kind)
    }

    fn address(&self) -> String {
        let unit = self.unit.as_ref().map(|unit| unit.code.as_str());
        place(&self.pack.code, &self.item, &self.time, unit)
    }

    /// Acts that may show it: those that are seen, of its stage first.
    fn acts(&self) -> Vec<&Regulation> {
        let of_stage = |act: &&Regulation| act.stage.as_ref() == Some(&self.item.stage);
        let mut acts: Vec<&Regulation> = self.followed.acts.iter().collect();
        acts.sort_by_key(|act| (!of_stage(act), std::cmp::Reverse(act.issued_on), act.id));
        acts.truncate(MOST);
        acts
    }
}

/// Acts to choose from, at most: those of the stage and the latest.
const MOST: usize = 200;

fn load(c: &mut AnyConn, visitor: &Visitor, named: [Option<String>; 4], today: NaiveDate) -> Result<Shown, Error> {
    let [pack, item, on, unit] = named;
    let (Some(pack), Some(item), Some(on)) = (pack, item, on) else {
        return Err(missing());
    };
    let followed = Followed::of(c, visitor, Some(&pack), today)?;
    let pack = followed.pack.clone().ok_or_else(missing)?;
    let item = pack
        .calendar
        .iter()
        .find(|known| known.code == item)
        .cloned()
        .ok_or_else(missing)?;
    let time = item.occurrence(&on).ok_or_else(missing)?;
    let held = &followed.held;
    let unit = match unit {
        Some(code) => {
            let member = followed.own.units(held, &item.responsible);
            let found = held
                .unit(&code)
                .filter(|unit| held.keeps(Some(unit.id)) || member.contains(&unit.id));
            Some(found.cloned().ok_or_else(missing)?)
        }
        None => {
            // Where there is only one it can be about, it is about that.
            let own: Vec<UnitId> = item
                .responsible
                .iter()
                .flat_map(|one| own_units(held, one.keeper))
                .collect();
            match own.as_slice() {
                [one] => held.tree.unit(*one).cloned(),
                _ => None,
            }
        }
    };
    let accounts: Vec<i64> = followed.tasks.values().filter_map(|task| task.account_id).collect();
    Ok(Shown {
        names: access::store::names(c, &accounts)?,
        followed,
        pack,
        item,
        time,
        unit,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let named = NAMED.map(|name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned));
    call.app().db.read(move |c| load(c, &visitor, named, today)).await
}

/// GET /cycle/item
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMED)?;
        let done = match call.query.get("done") {
            Some("marked") => Some("Отмечено: сделано. Напоминания по этому делу закрыты"),
            Some("undone") => Some("Отметка снята"),
            _ => None,
        };
        let shown = find(&call).await?;
        page(&call, &at, &shown, &[], done)
    })
}

fn page(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let answer = Answer::page("desk/register", &sheet(call, at, shown, wrong, done))?;
    let title = shown.item.title.clone();
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let (item, time, today) = (&shown.item, &shown.time, call.app().clock.today());
    let stage = shown.pack.stages.iter().find(|stage| stage.code == item.stage);
    let chip = shown.followed.chip(&shown.pack.code, item, time, today);
    let mut facts = vec![
        fact("Этап", stage.map_or("", |stage| stage.title.as_str())),
        fact("Срок", days_of(item, time)),
        fact("Осталось", left(time, today)),
        fact("Повторяется", item.when_words()),
        fact("Отвечает", answering(item)),
        fact("Что должно получиться", expected(item)),
        fact("Состояние", chip.text),
    ];
    if let Some(phase) = &item.phase {
        facts.push(fact("Часть плана", phase.clone()));
    }
    let units = shown.followed.units(item);
    let paging = at.paging(units.len());
    let mut blocks = vec![Block {
        register: Some(marks(shown, at, units)),
        title: "Отметки".into(),
        paging,
        ..Block::default()
    }];
    blocks.extend(keeping(call, shown, wrong));
    Sheet {
        crumbs: vec![
            Link::new(
                "Календарь",
                crate::web::address::address("/calendar", [("pack", &*shown.pack.code)]),
            ),
            Link::new(
                "Цикл",
                crate::web::address::address("/cycle", [("pack", &*shown.pack.code)]),
            ),
        ],
        heading: item.title.clone(),
        lead: format!("{}.", shown.pack.title),
        done,
        problems: problems(wrong),
        facts,
        blocks,
        token: call.token(),
        ..Sheet::default()
    }
}

/// Each unit that keeps the item, with its mark.
fn marks(shown: &Shown, at: &List, units: Vec<UnitId>) -> Register {
    let columns = [
        Column::words("Единица"),
        Column::words("Отметка"),
        Column::words("Сделано"),
        Column::words("Документ"),
        Column::words("Кто отметил"),
    ];
    let tree = &shown.followed.held.tree;
    let row = |id: UnitId| {
        let Some(unit) = tree.unit(id) else { return Vec::new() };
        let mark = shown.followed.mark(&shown.pack.code, &shown.item, &shown.time, id);
        let name = if shown.followed.held.keeps(Some(id)) {
            Cell::link(
                unit.name.clone(),
                place(&shown.pack.code, &shown.item, &shown.time, Some(&unit.code)),
            )
        } else {
            Cell::text(unit.name.clone())
        };
        let Some(mark) = mark else {
            let none = Chip::new(Tone::Wait, "нет");
            return vec![
                name,
                Cell::chip(none),
                Cell::text(NOTHING),
                Cell::text(NOTHING),
                Cell::text(NOTHING),
            ];
        };
        let by = mark.account_id.and_then(|id| shown.names.get(&id)).cloned();
        vec![
            name,
            Cell::chip(Chip::new(Tone::Done, "сделано")),
            Cell::text(mark.done_on.map_or_else(String::new, date)),
            shown.followed.document(mark),
            Cell::text(by.unwrap_or_else(|| NOTHING.to_owned())),
        ]
    };
    let rows = at
        .rows(units)
        .into_iter()
        .map(row)
        .filter(|row| !row.is_empty())
        .collect();
    Register::new("Отметки", &columns, rows)
}

/// The mark of the unit: made, or taken back.
fn keeping(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Option<Block> {
    let unit = shown.unit.as_ref()?;
    let title = format!("Отметка: {}", unit.name);
    if !shown.fits(unit) {
        let text = format!(
            "За это дело отвечает не {}: отметку ставит другая единица.",
            kind_word(unit.kind)
        );
        return Some(Block {
            title,
            text: Some(text),
            ..Block::default()
        });
    }
    let stored = shown.stored();
    let seen = stored.map_or(0, |task| task.version).to_string();
    let form = |act, button: &str| Form {
        action: shown.address(),
        act,
        seen: seen.clone(),
        button: button.into(),
        ..Form::default()
    };
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let acts = shown
        .acts()
        .into_iter()
        .map(|act| (act.id.to_string(), format!("{}. {}", capital(&act.called()), act.title)));
    let is_done = stored.is_some_and(|task| task.done_on.is_some());
    let forms = if is_done {
        vec![form("undo", "Снять отметку")]
    } else {
        vec![Form {
            parts: vec![
                fill.line("on", "Когда сделано", Some("Пусто — день документа")),
                fill.choice("act_of", "Документ из реестра", Some("нет"), acts),
                fill.line("page", "Или ссылка на документ", None),
            ],
            ..form("done", "Сделано")
        }]
    };
    let kind = shown
        .item
        .document
        .as_deref()
        .map(|code| word_name(crate::indicators::regulation_kinds::kinds(), code));
    let text = match (is_done, kind) {
        (true, _) => "Дело отмечено. Если отметка ошибочна, снимите её.".to_owned(),
        (false, Some(kind)) => format!("Приложите документ: {kind}. Его вносят в реестр «Документы» или дают ссылкой."),
        (false, None) => "Документа не требуется: достаточно дня.".to_owned(),
    };
    Some(Block {
        title,
        text: Some(text),
        forms,
        ..Block::default()
    })
}

/// The mark that a form describes, or what is wrong with it.
fn read(call: &Call, shown: &Shown, today: NaiveDate) -> Result<Said, Vec<Wrong>> {
    let sent = Sent(&call.form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let link = sent.link("page", &mut wrong);
    let act = sent.some("act_of").map(|id| {
        let id = id.parse().ok().map(RegulationId);
        id.and_then(|id| shown.followed.acts.iter().find(|act| act.id == id))
    });
    if act == Some(None) {
        wrong.push(("act_of", "Выберите документ из списка.".into()));
    }
    let act = act.flatten();
    let on = sent.maybe_day("on", &mut wrong).or(act.map(|act| act.issued_on));
    if on.is_none() && wrong.is_empty() {
        wrong.push(("on", "Напишите день, когда дело сделано, например 25.06.2026.".into()));
    }
    let (Some(on), true) = (on, wrong.is_empty()) else {
        return Err(wrong);
    };
    let said = Said {
        on,
        regulation: act.map(|act| act.id),
        link,
    };
    match task::refused(&said, &shown.item, today) {
        None => Ok(said),
        Some((field, refusal)) => Err(vec![(field, capital(&format!("{refusal}.")))]),
    }
}

/// POST /cycle/item
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&NAMED)?;
        let at = list::List::plain("/cycle/item");
        let form = call.form.only(&["act", "seen", "on", "act_of", "page"])?;
        let shown = find(&call).await?;
        let (today, by) = (call.app().clock.today(), by(&call)?);
        let unit = shown.unit.clone().ok_or_else(missing)?;
        if !shown.fits(&unit) {
            let refusal = Refusal::new("cycle.not_of_unit").with("unit", unit.name.clone());
            return page(&call, &at, &shown, &[("on", capital(&format!("{refusal}.")))], None);
        }
        let (key, item, seen) = (shown.key(unit.id), shown.item.clone(), Sent(form).seen());
        let done = match form.get("act").unwrap_or_default() {
            "done" => {
                let said = match read(&call, &shown, today) {
                    Ok(said) => said,
                    Err(wrong) => return page(&call, &at, &shown, &wrong, None),
                };
                let write = move |tx: &mut Tx<'_>| Ok(task::mark(tx, &by, (&item, &key), seen, &said)?.to_string());
                once_by_version(&call, write).await.map(|_| "marked")
            }
            "undo" => {
                let write = move |tx: &mut Tx<'_>| Ok(task::undo(tx, &by, &key, seen)?.to_string());
                once_by_version(&call, write).await.map(|_| "undone")
            }
            _ => return Err(missing()),
        };
        match done {
            Ok(done) => Ok(Answer::redirect(format!("{}&done={done}", shown.address()))),
            Err(Error::Refused(why)) => page(&call, &at, &shown, &[("on", capital(&format!("{why}.")))], None),
            Err(Error::Changed(what)) => {
                // What stands now, beside what was typed.
                let shown = find(&call).await?;
                let text = format!("{what} Ваше не записано и стоит ниже: сверьте.");
                Ok(page(&call, &at, &shown, &[("on", text)], None)?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}
