//! The methodical work of a school as its desk shows it: events of the year, who has a document on training, the growth
//! programme in force, the inner system of quality, who was put forward for procedures. Each number is that of the list
//! behind it, by the same condition.

use std::collections::HashSet;

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use crate::activity::undertaking;
use crate::activity::undertakings::{State, Undertaking, UndertakingId};
use crate::db::schema::{qualification_document, undertaking as table};
use crate::db::{AnyConn, DbError};
use crate::desk::registers::events::{year_label, year_of};
use crate::desk::registers::events_rows::{self, Wanted};
use crate::desk::registers::reach::Held;
use crate::desk::school::procedures::year_begins;
use crate::desk::school::procedures_rows;
use crate::enrolment::DocumentKind;
use crate::error::Error;
use crate::pages::parts::Figure;
use crate::pages::text::{date, number, percent};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;
use crate::web::address::address;
use crate::web::registry::Capability;

/// The kind of a growth programme among undertakings.
const GROWTH: &str = "growth_programme";
/// The kind of an inner system of quality.
const QUALITY: &str = "quality_system";
/// A document counts for so many months.
const MONTHS: u32 = 36;

/// Those of these persons who have a certificate or a diploma of further training of the last three years.
///
/// # Errors
/// Those of the database.
pub(crate) fn trained(
    c: &mut AnyConn,
    region: UnitId,
    persons: &[PersonId],
    today: NaiveDate,
) -> Result<HashSet<PersonId>, DbError> {
    let months = if planted!("any_old_document") { 1200 } else { MONTHS };
    let since = today.checked_sub_months(Months::new(months)).unwrap_or(today);
    let mut found = HashSet::new();
    for block in persons.chunks(1000) {
        let rows: Vec<PersonId> = qualification_document::table
            .filter(qualification_document::region_id.eq(region))
            .filter(qualification_document::person_id.eq_any(block))
            .filter(qualification_document::kind.eq_any([DocumentKind::Certificate, DocumentKind::RetrainingDiploma]))
            .filter(qualification_document::issued_on.between(since, today))
            .select(qualification_document::person_id)
            .distinct()
            .load(c)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What is counted of one school.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Code of the school.
    school: String,
    /// The academic year: «2026/27».
    pub year: String,
    events: usize,
    growth: usize,
    /// How many records there are of its system of quality, and the last day on which the link of one was checked.
    quality: (usize, Option<NaiveDate>),
    asked: usize,
    /// Whether the registers behind the numbers may be opened.
    opens: bool,
}

/// Counts it; nothing for whoever is not of one school.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(
    c: &mut AnyConn,
    visitor: &Visitor,
    schools: &[UnitId],
    today: NaiveDate,
) -> Result<Option<Work>, Error> {
    let &[school] = schools else { return Ok(None) };
    let held = Held::of(c, visitor, today)?;
    let Some(code) = held.tree.unit(school).map(|u| u.code.clone()) else {
        return Ok(None);
    };
    let year = year_of(today);
    let wanted = Wanted {
        year: Some(year),
        unit: Some(school),
        ..Wanted::default()
    };
    let events = events_rows::find(c, &held, &wanted, today, |_| (0, 0))?.total;
    let running: Vec<Undertaking> = table::table
        .filter(table::region_id.eq(held.region))
        .filter(table::kind.eq_any([GROWTH, QUALITY]))
        .filter(table::state.eq(State::Running))
        .filter(table::withdrawn_at.is_null())
        .select(Undertaking::as_select())
        .load(c)?;
    let ids: Vec<UndertakingId> = running.iter().map(|u| u.id).collect();
    let taking = undertaking::units(c, &ids)?.into_iter();
    let there: HashSet<UndertakingId> = taking
        .filter(|t| t.unit_id == school)
        .map(|t| t.undertaking_id)
        .collect();
    let own = |u: &&Undertaking| u.unit_id == Some(school) || there.contains(&u.id);
    let of_kind = |kind: &'static str| running.iter().filter(own).filter(move |u| u.kind == kind);
    Ok(Some(Work {
        school: code,
        year: year_label(year),
        events,
        growth: of_kind(GROWTH).count(),
        quality: (
            of_kind(QUALITY).count(),
            of_kind(QUALITY).filter_map(|u| u.checked_on).max(),
        ),
        asked: procedures_rows::put_forward(c, held.region, schools, year_begins(today))?.len(),
        opens: visitor.may(Capability::Registers),
    }))
}

fn shown(n: usize) -> String {
    number(whole(n))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Work {
    /// A list of a register of this school, for whoever may open it.
    fn list(&self, path: &str, more: &[(&str, &str)]) -> Option<String> {
        let of = [("unit", self.school.as_str())];
        let given = more.iter().copied().chain(of);
        self.opens.then(|| address(path, given))
    }

    /// Its figures; `trained` of `people` have a document on training.
    pub(crate) fn figures(&self, trained: usize, people: usize) -> Vec<Figure> {
        let figure = |shown: String, label: &str, href: Option<String>, note: Option<String>| Figure {
            shown,
            label: label.to_owned(),
            href,
            note,
        };
        let running = State::Running.code();
        let (systems, checked) = self.quality;
        let quality = match (systems, checked) {
            (0, _) => "Добавьте запись этого вида в «Проекты и площадки» и приложите ссылку".to_owned(),
            (_, Some(on)) => format!("ссылка проверена {}", date(on)),
            (_, None) => "ссылку ещё не проверили".to_owned(),
        };
        vec![
            figure(
                shown(self.events),
                "в этом учебном году: мероприятия, которые школа проводит или где участвует",
                // A year without events cannot be chosen on that page.
                match self.events {
                    0 => None,
                    _ => self.list("/events", &[("year", &self.year)]),
                },
                (self.events == 0).then(|| "в этом году ещё ни одного: добавьте его в «Мероприятия»".to_owned()),
            ),
            figure(
                shown(trained),
                &format!(
                    "с документом о ДПО за три года, {}",
                    percent(whole(trained), whole(people))
                ),
                Some(address("/staff", [("trained", "yes")])),
                Some(format!("из {} работающих сегодня", shown(people))),
            ),
            figure(
                shown(self.growth),
                "внутришкольная программа роста: действует",
                self.list("/undertakings", &[("kind", GROWTH), ("state", running)]),
                None,
            ),
            figure(
                if systems == 0 {
                    "не указано".to_owned()
                } else {
                    "указана".to_owned()
                },
                "внутренняя система качества",
                self.list("/undertakings", &[("kind", QUALITY), ("state", running)]),
                Some(quality),
            ),
            figure(
                shown(self.asked),
                "заявлены школой на диагностику",
                Some("/staff/procedures".to_owned()),
                None,
            ),
        ]
    }
}
