//! «Реестр экспертов»: people with records of expert work, each once: kinds, subjects, the last year.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::kinds;
use crate::activity::model::Family;
use crate::db::AnyConn;
use crate::db::schema::activity;
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::file;
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, capital, date, number};
use crate::people::PersonId;
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// An expert with what is recorded of the work.
#[derive(Default)]
struct Expert {
    kinds: BTreeSet<String>,
    subjects: BTreeSet<String>,
    last: Option<NaiveDate>,
    records: i64,
}

const NAMES: [&str; 3] = ["q", "kind", "subject"];

/// GET /experts
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?).await })
}

/// GET and POST /experts/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole()).await })
}

async fn page(call: &Call, at: List) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let (text, subject) = (at.get("q").map(search_key), at.get("subject").map(search_key));
    let kind = at.known("kind", |code| kinds::of(Family::Expert, code).map(|k| k.code.clone()))?;
    type Found = (Vec<(PersonId, Expert)>, HashMap<PersonId, Who>);
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let held = Held::of(c, &visitor, today)?;
        let rows: Vec<(PersonId, String, Option<String>, NaiveDate)> = activity::table
            .filter(activity::region_id.eq(held.region))
            .filter(activity::family.eq(Family::Expert))
            .filter(activity::superseded_at.is_null())
            .filter(activity::withdrawn_at.is_null())
            .select((
                activity::person_id,
                activity::kind,
                activity::category,
                activity::starts_on,
            ))
            .load(c)?;
        let mut experts: BTreeMap<PersonId, Expert> = BTreeMap::new();
        for (person, kind, subject, on) in rows {
            let of = experts.entry(person).or_default();
            of.kinds.insert(kind);
            of.subjects.extend(subject);
            of.last = of.last.max(Some(on));
            of.records += 1;
        }
        let ids: Vec<PersonId> = experts.keys().copied().collect();
        let who = held.who(c, &ids)?;
        let mut found: Vec<(PersonId, Expert)> = experts
            .into_iter()
            .filter(|(person, of)| {
                who.get(person).is_some_and(|w| {
                    text.as_ref().is_none_or(|t| holds(&search_key(&w.name), t))
                        && kind
                            .as_ref()
                            .is_none_or(|k| of.kinds.contains(k) || planted!("expert_of_any_kind"))
                        && subject
                            .as_ref()
                            .is_none_or(|s| of.subjects.iter().any(|own| holds(&search_key(own), s)))
                })
            })
            .collect();
        found.sort_by_cached_key(|(person, _)| who.get(person).map(|w| sort_key(&w.name)));
        Ok((found, who))
    };
    let (found, who) = call.app().db.read(read).await?;
    let total = found.len();
    let rows: Vec<(PersonId, Expert)> = at.rows(found);
    let named: Vec<PersonId> = rows.iter().map(|(person, _)| *person).collect();
    let own = kinds::all().iter().filter(|k| k.family == Family::Expert);
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select(
            "kind",
            "Вид экспертизы",
            "любой",
            own.map(|k| (k.code.clone(), k.name.clone())),
        )?,
        at.search("subject", "Предмет"),
    ];
    let columns = [
        Column::words("Эксперт"),
        Column::words("Где работает"),
        Column::words("Экспертиза"),
        Column::words("Предмет"),
        Column::figures("Записей"),
        Column::words("Последняя"),
    ];
    let row = |(person, of): &(PersonId, Expert)| {
        let (name, place) = who
            .get(person)
            .map_or_else(Default::default, |w| (w.name.clone(), w.places.join(", ")));
        let kinds: Vec<&str> = of.kinds.iter().map(|k| kinds::name(Family::Expert, k)).collect();
        let subjects: Vec<&str> = of.subjects.iter().map(String::as_str).collect();
        vec![
            Cell::text(name),
            Cell::text(place),
            Cell::text(capital(&kinds.join("; "))),
            Cell::text(if subjects.is_empty() {
                NOTHING.to_owned()
            } else {
                subjects.join("; ")
            }),
            Cell::text(number(of.records)),
            Cell::text(of.last.map_or_else(|| NOTHING.to_owned(), date)),
        ]
    };
    let table: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    let empty = at.empty(
        Empty::new(
            "Экспертов пока нет",
            "Реестр складывается из записей об экспертной работе: внесите их на странице «Участие педагогов».",
        ),
        "Никого не нашлось",
        "никто",
    );
    let mut sheet = Sheet {
        crumbs: vec![Link::new("Участие педагогов", "/activities")],
        heading: "Реестр экспертов".into(),
        lead: "Кто ведёт экспертную работу: каждый человек один раз, по записям о его участии.".into(),
        filters: Some(at.filters(filters, list::found(total, "эксперт", "эксперта", "экспертов"))),
        paging: at.paging(total),
        empty: table.is_empty().then_some(empty),
        register: (!table.is_empty()).then(|| Register::new("Реестр экспертов", &columns, table)),
        token: call.token(),
        ..Sheet::default()
    };
    if at.is_whole() {
        let of = ListFile::of_people(
            "expert",
            "Реестр экспертов",
            at.codes(&["q", "subject"]),
            &named,
            Capability::Registers,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    looked::list(call, "expert", &at.codes(&["q", "subject"]), &named, total).await?;
    file::offer(&mut sheet, at.file());
    Answer::page("desk/register", &sheet)
}
