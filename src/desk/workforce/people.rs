//! The people behind a number of «Кадровый состав», for whoever may open them; on the page and as a workbook.

use crate::db::AnyConn;
use crate::db::text_keys::search_key;
use crate::desk::list::{self, List};
use crate::desk::list_file::{self, ListFile};
use crate::desk::looked;
use crate::desk::plan::rows;
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::missing;
use crate::desk::workforce::counts::{self, By, OfSubject};
use crate::desk::workforce::report::{self as report, Report};
use crate::desk::workforce::rows::Worker;
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::pages::parts::{Cell, Change, Column, Empty, Fact, Link, Register};
use crate::pages::text::{NOTHING, capital, date};
use crate::people::{PersonId, composition};
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Names in the address.
const FILTERS: &[&str] = &["unit", "on", "staff", "norm", "by", "value", "women"];

/// What people are told by: a breakdown, or a subject that they teach.
#[derive(Clone, Copy)]
enum Whom {
    Group(By),
    Subject(OfSubject),
}

impl Whom {
    fn from_code(code: &str) -> Option<Self> {
        let group = By::from_code(code).map(Self::Group);
        group.or_else(|| OfSubject::from_code(code).map(Self::Subject))
    }
}

struct Shown {
    report: Report,
    /// What the group is told by, in words.
    by: String,
    /// The group in words.
    group: String,
    /// Whether the address holds what somebody has written: a subject.
    written: bool,
    people: Vec<(PersonId, String)>,
}

async fn find(call: &Call, at: &mut List) -> Result<Shown, Error> {
    let whom = at.known("by", Whom::from_code)?.ok_or_else(missing)?;
    let women = at.known("women", |w| (w == "yes").then_some(()))?.is_some();
    let report = report::find(call, at).await?;
    at.all_read()?;
    let value = at.get("value").ok_or_else(missing)?.to_owned();
    let key = search_key(&value);
    let words = match whom {
        Whom::Group(by) => {
            let values = counts::values(by, report.asked.norm);
            let found = values.into_iter().find(|(code, _)| *code == value);
            found.map(|(_, words)| words)
        }
        Whom::Subject(_) => report
            .need
            .iter()
            .find(|n| search_key(&n.subject) == key)
            .map(|n| n.subject.clone()),
    };
    let words = words.ok_or_else(missing)?;
    let of = |w: &&Worker| {
        let is = match whom {
            Whom::Group(by) => counts::of(w, by, &report.rule).contains(&value.as_str()),
            Whom::Subject(part) => part.is(w, &key),
        };
        is && (!women || composition::is_woman(w.sex))
    };
    let ids: Vec<PersonId> = report.workers.values().filter(of).map(|w| w.id).collect();
    let (region, day) = (report.held.region, report.asked.day);
    let read = move |c: &mut AnyConn| rows::who(c, region, &ids, day);
    let who = call.app().db.read(read).await?;
    let mut people: Vec<(PersonId, String)> = who.into_iter().map(|(id, w)| (id, w.name)).collect();
    people.sort_by_cached_key(|(id, name)| (crate::db::text_keys::sort_key(name), *id));
    let group = if women {
        format!("{words}, женщины")
    } else {
        words
    };
    Ok(Shown {
        report,
        by: match whom {
            Whom::Group(by) => by.label().to_owned(),
            Whom::Subject(part) => capital(part.label()),
        },
        written: matches!(whom, Whom::Subject(_)),
        group,
        people,
    })
}

impl Shown {
    fn places(&self, id: PersonId) -> String {
        let places = self.report.workers.get(&id).map(|w| &w.places);
        let names = places.into_iter().flatten().map(|p| self.report.held.name(Some(*p)));
        names.collect::<Vec<_>>().join(", ")
    }

    fn positions(&self, id: PersonId) -> String {
        let positions = self.report.workers.get(&id).map(|w| w.positions.iter().cloned());
        positions.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn words(&self) -> String {
        let asked = &self.report.asked;
        format!(
            "{} · {}: {} · {}",
            self.report.unit.name,
            self.by,
            self.group,
            date(asked.day)
        )
    }

    fn codes(&self, at: &List) -> String {
        at.codes(if self.written {
            &["on", "norm", "value"]
        } else {
            &["on", "norm"]
        })
    }
}

/// GET /workforce/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of(&call, FILTERS)?;
        let shown = find(&call, &mut at).await?;
        let rows = at.rows(shown.people.clone());
        let ids: Vec<PersonId> = rows.iter().map(|(id, _)| *id).collect();
        looked::list(&call, "workforce", &shown.codes(&at), &ids, shown.people.len()).await?;
        let opens = call.visitor()?.may(Capability::Staff) && shown.report.asked.day == call.app().clock.today();
        let row = |(id, name): &(PersonId, String)| {
            let name = if opens {
                Cell::link(name.clone(), format!("/staff/{id}"))
            } else {
                Cell::text(name.clone())
            };
            let text = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
            vec![name, text(shown.positions(*id)), text(shown.places(*id))]
        };
        let columns = [
            Column::words("Кто"),
            Column::words("Должность"),
            Column::words("Организация"),
        ];
        let back = ["unit", "on", "staff", "norm"]
            .into_iter()
            .filter_map(|n| Some((n, at.get(n)?)));
        let table: Vec<Vec<Cell>> = rows.iter().map(row).collect();
        let found = list::found(shown.people.len(), "человек", "человека", "человек");
        let file = Fact {
            name: found,
            value: String::new(),
            change: (!table.is_empty()).then(|| Change {
                text: "Скачать список (XLSX)",
                object: "людей",
                href: at.file(),
            }),
        };
        let sheet = Sheet {
            crumbs: vec![Link::new("Кадровый состав", address("/workforce", back))],
            heading: format!("{}: {}", shown.by, shown.group),
            lead: shown.words(),
            facts: vec![file],
            paging: at.paging(shown.people.len()),
            empty: table
                .is_empty()
                .then(|| Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека.")),
            register: (!table.is_empty()).then(|| Register::new("Люди", &columns, table)),
            token: call.token(),
            ..Sheet::default()
        };
        Ok(Answer::page("desk/register", &sheet)?.title(capital(&shown.group)))
    })
}

/// GET and POST /workforce/people/file
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of(&call, FILTERS)?;
        let shown = find(&call, &mut at).await?;
        let of = ListFile {
            list: "workforce",
            named: "Кадровый состав: люди",
            chosen: shown.words(),
            codes: shown.codes(&at),
            ids: shown.people.iter().map(|(id, _)| id.to_string()).collect(),
            people: shown.people.len(),
            tells: Vec::new(),
            right: Capability::Workforce,
        };
        if let Some(instead) = list_file::gate(&call, &at, &of).await? {
            return Ok(instead);
        }
        let row = |(id, name): &(PersonId, String)| -> Vec<FileCell> {
            vec![
                name.clone().into(),
                shown.positions(*id).into(),
                shown.places(*id).into(),
            ]
        };
        let rows: Vec<Vec<FileCell>> = shown.people.iter().map(row).collect();
        list_file::answer(&call, &of, &["Кто", "Должность", "Организация"], &rows)
    })
}
