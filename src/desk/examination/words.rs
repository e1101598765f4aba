//! How examinations are told: points, per cents of the maximum, where a unit stands, documents.

use chrono::NaiveDate;

use crate::activity::kinds::word_name;
use crate::cycle::examination::model::{Document, Examination, PointRow};
use crate::cycle::examination::sheet::{Line, Section};
use crate::cycle::examination::standing::{Mean, Standing, Whole};
use crate::indicators::pack::Rounding;
use crate::indicators::regulation_kinds;
use crate::indicators::scale::plain;
use crate::pages::parts::{Cell, Chip, Tone};
use crate::pages::text::{NOTHING, count, date, percent};

/// What is written where nothing was presented.
pub(crate) const ABSENT: &str = "не представлено";

/// Points: «7,5».
pub(crate) fn points(milli: i64) -> String {
    plain(milli).replace('.', ",")
}

/// The mean of several experts: «7,25».
pub(crate) fn mean(of: Option<Mean>) -> String {
    let shown = of.and_then(|mean| mean.fraction().brought_to(2, Rounding::Round));
    shown.map_or_else(|| NOTHING.to_owned(), points)
}

/// The mean in per cent of the maximum.
pub(crate) fn share(of: Option<Mean>, maximum: i64) -> String {
    of.map_or_else(
        || NOTHING.to_owned(),
        |mean| percent(mean.sum, mean.count.saturating_mul(maximum)),
    )
}

/// What an expert said of a criterion: points, that nothing was presented, or nothing yet.
pub(crate) fn said(row: Option<&PointRow>) -> String {
    match row {
        Some(row) if row.is_absent => ABSENT.to_owned(),
        Some(row) => row.value_milli.map_or_else(|| NOTHING.to_owned(), points),
        None => NOTHING.to_owned(),
    }
}

/// Where a unit stands.
pub(crate) fn standing(of: Standing) -> Chip {
    match of {
        Standing::Uncovered => Chip::new(Tone::Late, "не у всех разделов есть эксперт"),
        Standing::Scoring => Chip::new(Tone::Wait, "эксперты работают"),
        Standing::Diverges => Chip::new(Tone::Late, "эксперты расходятся"),
        Standing::Ready => Chip::new(Tone::Wait, "можно объявлять"),
        Standing::Announced => Chip::new(Tone::Done, "объявлено"),
        Standing::Appealed => Chip::new(Tone::Late, "апелляция ждёт решения"),
    }
}

/// A kind of documents.
pub(crate) fn kind(code: &str) -> &str {
    word_name(regulation_kinds::kinds(), code)
}

/// Kinds of documents that show a criterion.
pub(crate) fn kinds(line: &Line) -> String {
    let names: Vec<&str> = line.documents.iter().map(|code| kind(code)).collect();
    if names.is_empty() {
        "любой документ".to_owned()
    } else {
        names.join(", ")
    }
}

/// A document: «приказ № 5 от 01.09.2026 «О мониторинге»».
pub(crate) fn document(of: &Document) -> String {
    if of.is_absent {
        let why = if of.title.is_empty() {
            String::new()
        } else {
            format!(": {}", of.title)
        };
        return format!("нет документа{why}");
    }
    let number = if of.number.is_empty() {
        String::new()
    } else {
        format!(" №\u{a0}{}", of.number)
    };
    let on = of
        .issued_on
        .map_or_else(String::new, |day| format!(" от\u{a0}{}", date(day)));
    format!("{}{number}{on} «{}»", kind(&of.kind), of.title)
}

/// Where a document is.
pub(crate) fn place(of: &Document) -> Option<String> {
    let register = || of.regulation_id.map(|id| format!("/regulations/{id}"));
    of.link.clone().or_else(register)
}

/// What was shown for a criterion, as a state.
pub(crate) fn shown(whole: &Whole, line: &Line) -> Cell {
    let all = whole.shown(&line.code);
    if all.is_empty() {
        Cell::chip(Chip::new(Tone::Wait, "не указано"))
    } else if all.iter().any(|d| d.is_absent) {
        Cell::chip(Chip::new(Tone::Late, "нет документа"))
    } else {
        let n = i64::try_from(all.len()).unwrap_or(i64::MAX);
        Cell::chip(Chip::new(Tone::Done, count(n, "документ", "документа", "документов")))
    }
}

/// The days of an examination in a line.
pub(crate) fn days(of: &Examination) -> String {
    let until = |what: &str, day: NaiveDate| format!("{what} до {}", date(day));
    [
        until("документы", of.documents_until),
        until("оценка", of.scoring_until),
        until("апелляции", of.appeals_until),
    ]
    .join(", ")
}

/// A section with its code, without saying the code twice.
pub(crate) fn section(of: &Section) -> String {
    format!("{} {}", of.code, of.title)
}

/// «3 из 26».
pub(crate) fn of_all(some: usize, all: usize) -> String {
    format!("{some} из {all}")
}
