//! A step that is closed by earlier learning (перезачёт), and the document of it: a record as any other, which a later
//! act with the same number finds again.

use chrono::{Months, NaiveDate};

use super::journey::Journey;
use super::model::{DocumentId, DocumentKind, QualificationDocument};
use super::shared::is_number;
use crate::error::Refusal;
use crate::iom::plan::Doing;
use crate::iom::{Kept, Stamp, review, typed_file};
use crate::planted;

/// The years of age before which nobody has a document on learning. [TC]
const YOUNGEST: u32 = 14;
/// The first year of a document, where the date of birth is not known. [TC]
const FIRST_YEAR: i32 = 1950;

/// A document as an act names it: `number` or `number от ДД.ММ.ГГГГ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named<'a> {
    number: &'a str,
    issued_on: Option<NaiveDate>,
}

impl<'a> Named<'a> {
    /// Reads the value of an act; what follows «от» is a day where it begins with a figure.
    fn read(text: &'a str) -> Result<Self, Refusal> {
        let with_day = text.rsplit_once(" от ").filter(|(_, day)| begins_with_figure(day));
        let (before, issued_on) = match with_day {
            None => (text, None),
            Some((before, day)) => {
                let day = day.trim().trim_end_matches("г.").trim_end();
                let on = typed_file::day(day).ok_or_else(|| Refusal::new("iom.waiver_day").with("day", day))?;
                (before, Some(on))
            }
        };
        match bare(before) {
            // A file may say in words why a step is waived.
            "" if !text.is_empty() => Err(Refusal::new("iom.waiver_document")),
            number => Ok(Self { number, issued_on }),
        }
    }
}

/// A number without the sign before it.
pub(super) fn bare(number: &str) -> &str {
    number.trim().trim_start_matches('№').trim()
}

/// The number that the value of an act names; words in its place are none.
#[must_use]
pub fn number(value: &str) -> Option<&str> {
    let named = Named::read(value).ok()?;
    Some(named.number).filter(|number| is_number(number))
}

/// A day before which the person can have no document: it was typed wrongly.
fn not_too_early(born: Option<NaiveDate>, on: NaiveDate) -> Result<(), Refusal> {
    let said = on.format("%d.%m.%Y");
    if planted!("waiver_of_any_year") {
        return Ok(());
    }
    match born {
        Some(born)
            if born
                .checked_add_months(Months::new(12 * YOUNGEST))
                .is_some_and(|first| on < first) =>
        {
            Err(Refusal::new("iom.waiver_too_young")
                .with("day", said)
                .with("years", YOUNGEST))
        }
        None if on < NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default() => {
            Err(Refusal::new("iom.waiver_too_old")
                .with("day", said)
                .with("year", FIRST_YEAR))
        }
        _ => Ok(()),
    }
}

fn begins_with_figure(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

/// Waives a step of the plan at `place`. A document that the person has is found by its number, a new one is recorded
/// with its day; a file may name a number alone, which is then kept with the act and nowhere else. One that no step rests
/// on any more may have another day.
///
/// # Errors
/// Those of the act itself; a day that does not read, is missing in a form, lies after the act or before the person can
/// have a document, or is not the day of the document with this number.
pub fn act(
    journey: &mut Journey,
    place: usize,
    doing: &Doing<'_>,
    said_now: bool,
    stamp: &Stamp<'_>,
) -> Result<(), Refusal> {
    let named = Named::read(doing.value)?;
    let known = journey.documents.iter().find(|d| bare(&d.number) == named.number);
    let stands = known.is_some_and(|d| journey.stands(d));
    let recorded_on = known.map(|d| d.issued_on);
    match (recorded_on, named.issued_on.or(recorded_on)) {
        (Some(issued), Some(on)) if stands && issued != on => {
            return Err(Refusal::new("iom.waiver_other_day")
                .with("number", named.number)
                .with("day", issued.format("%d.%m.%Y")));
        }
        (_, Some(on)) if on > doing.on => {
            return Err(Refusal::new("iom.waiver_later").with("day", on.format("%d.%m.%Y")));
        }
        (_, Some(on)) => not_too_early(journey.born, on)?,
        (_, None) if said_now && !named.number.is_empty() => return Err(Refusal::new("iom.waiver_day_needed")),
        (_, None) => {}
    }
    let document = known.map(|d| d.id);
    review::act(&mut journey.plans[place], doing, stamp)?;
    let item = journey.plans[place].item_place(doing)?;
    let document = document.or_else(|| recorded(journey, named, stamp));
    if document.is_some() {
        journey.plans[place].items[item].edit().document_id = document;
    }
    let mut own = journey.documents.iter_mut();
    if let Some(on) = named.issued_on
        && let Some(own) = own.find(|d| Some(d.id) == document && d.issued_on != on)
    {
        own.edit().issued_on = on;
    }
    Ok(())
}

/// Records a document that was not known; of what kind it is, nobody has said.
fn recorded(journey: &mut Journey, named: Named<'_>, stamp: &Stamp<'_>) -> Option<DocumentId> {
    let issued_on = named.issued_on.filter(|_| !planted!("waiver_unrecorded"))?;
    let id = DocumentId((stamp.id)());
    journey.documents.push(Kept::new(QualificationDocument {
        id,
        region_id: journey.region,
        person_id: journey.person,
        kind: DocumentKind::Other,
        issuer_id: None,
        programme_id: None,
        number: named.number.to_owned(),
        issued_on,
        hours: None,
        recorded_at: stamp.now,
    }));
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_with_its_day_or_as_a_number_alone() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (text, number, issued_on) in [
            ("7204 от 15.03.2022", "7204", day(2022, 3, 15)),
            ("№ 72-04 от 2022-03-15", "72-04", day(2022, 3, 15)),
            ("УД-7 от 01.02.2022 г.", "УД-7", day(2022, 2, 1)),
            ("справка от школы", "справка от школы", None),
            ("справка от школы от 01.02.2022", "справка от школы", day(2022, 2, 1)),
            ("У-17", "У-17", None),
            ("", "", None),
        ] {
            assert_eq!(Named::read(text), Ok(Named { number, issued_on }), "{text}");
        }
        for (text, code) in [
            ("7204 от 31.02.2022", "iom.waiver_day"),
            ("№ от 01.02.2022", "iom.waiver_document"),
        ] {
            assert_eq!(Named::read(text).map_err(|why| why.code), Err(code), "{text}");
        }
        assert_eq!(
            (number("№ У-17"), number("№ 7 от 01.02.2022")),
            (Some("У-17"), Some("7"))
        );
        assert_eq!(number("справка от школы"), None, "words are no number");
    }

    #[test]
    fn nobody_has_a_document_before_the_fourteenth_birthday() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let born = Some(day(1980, 5, 4));
        for (born, on, wanted) in [
            (born, day(1994, 5, 4), None),
            (born, day(1994, 5, 3), Some("iom.waiver_too_young")),
            (born, day(1922, 3, 15), Some("iom.waiver_too_young")),
            (None, day(1950, 1, 1), None),
            (None, day(1949, 12, 31), Some("iom.waiver_too_old")),
        ] {
            assert_eq!(
                not_too_early(born, on).err().map(|why| why.code),
                wanted,
                "{born:?} {on}"
            );
        }
    }
}
