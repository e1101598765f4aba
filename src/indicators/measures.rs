//! Definitions of measures: what each word of the formula language means, as written before the code and printed on
//! pages.

use std::sync::LazyLock;

use serde::Deserialize;

use super::formula::Amount;
use crate::error::{Error, Refusal};
use crate::text_enum;

text_enum! {
    /// Whose measure it is.
    MeasureSubject {
        Person = "person" "человек",
        Iom = "iom" "ИОМ",
        Organisation = "organisation" "организация",
        Municipality = "municipality" "муниципалитет",
        Region = "region" "регион",
        Programme = "programme" "программа",
    }
}

text_enum! {
    /// In what an entered value is measured.
    MeasureUnit {
        YesNo = "yes_no" "да или нет",
        Number = "number" "число",
        Rate = "rate" "ставки",
        Points = "points" "баллы",
        Text = "text" "слово",
    }
}

text_enum! {
    /// Where a value comes from.
    MeasureSource {
        Computed = "computed" "рассчитано",
        Form = "form" "форма",
        FederalForm = "federal_form" "федеральное наблюдение",
        OutsideRegister = "outside_register" "внешний реестр",
        Reported = "reported" "подано",
        Expert = "expert" "экспертная оценка",
    }
}

/// A named quantity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The word of the formula language.
    pub code: String,
    /// Whose it is.
    pub subject: MeasureSubject,
    /// Short title.
    pub title: String,
    /// Which state, which date, whose unit.
    pub definition: String,
    /// Where it comes from.
    pub source: MeasureSource,
    /// In what it is measured; of a person, a plan or a programme it is whether it holds.
    pub unit: Option<MeasureUnit>,
    /// Whether it counts people or things: then it is a whole number.
    #[serde(default)]
    pub counted: bool,
    /// The measure of the same unit and source that it is a part of by its definition: it is never more than that one.
    pub part_of: Option<String>,
}

impl Measure {
    /// The measure that this one is a part of.
    #[must_use]
    pub fn whole(&self) -> Option<&'static Measure> {
        self.part_of.as_deref().and_then(of_units)
    }

    /// The measures that are parts of this one.
    pub fn parts(&self) -> impl Iterator<Item = &'static Measure> {
        ALL.iter().filter(|m| m.part_of.as_ref() == Some(&self.code))
    }

    /// Refuses thousandths that count people or things and are no whole number.
    #[must_use]
    pub fn refuses(&self, milli: i64) -> Option<Refusal> {
        (self.counted && milli % 1000 != 0).then(|| Refusal::new("indicators.not_counted").with("measure", &self.title))
    }
}

/// Refuses a part that is more than its whole, in thousandths of one source: of two sources both may be right.
#[must_use]
pub fn above_whole((part, some): (&Measure, i64), (whole, all): (&Measure, i64)) -> Option<Refusal> {
    let shown = |milli: i64| super::scale::plain(milli).replace('.', ",");
    (some > all).then(|| {
        Refusal::new("indicators.part_above_whole")
            .with("part", &part.title)
            .with("some", shown(some))
            .with("whole", &whole.title)
            .with("all", shown(all))
    })
}

#[derive(Deserialize)]
struct File {
    measure: Vec<Measure>,
}

/// The text of the definitions.
pub const SOURCE: &str = include_str!("../../seeds/reference/measures.toml");

/// Every measure, in the order of the reference file.
///
/// # Errors
/// The reference file that was built in cannot be read.
pub fn all() -> Result<Vec<Measure>, Error> {
    let file: File = toml::from_str(SOURCE).map_err(|e| Error::Internal(format!("measures.toml: {e}")))?;
    Ok(file.measure)
}

static ALL: LazyLock<Vec<Measure>> = LazyLock::new(|| all().unwrap_or_default());

/// Every measure; the file is part of the program, and a test reads it.
#[must_use]
pub fn known() -> &'static [Measure] {
    &ALL
}

/// The measure of units with a code.
#[must_use]
pub fn of_units(code: &str) -> Option<&'static Measure> {
    let subjects = [
        MeasureSubject::Organisation,
        MeasureSubject::Municipality,
        MeasureSubject::Region,
    ];
    ALL.iter().find(|m| m.code == code && subjects.contains(&m.subject))
}

/// Codes of what may be entered for organisations, or for the units above them; of one unit of measure where one is
/// asked for.
#[must_use]
pub fn entered_for(organisation: bool, unit: Option<MeasureUnit>) -> Vec<&'static str> {
    let above = [MeasureSubject::Municipality, MeasureSubject::Region];
    let whose = |m: &&Measure| match organisation {
        true => m.subject == MeasureSubject::Organisation,
        false => above.contains(&m.subject),
    };
    ALL.iter()
        .filter(|m| m.unit.is_some() && m.source != MeasureSource::Computed)
        .filter(whose)
        .filter(|m| unit.is_none() || m.unit == unit)
        .map(|m| m.code.as_str())
        .collect()
}

/// Titles of the measures that a quantity speaks of, for a line below its number.
#[must_use]
pub fn titles(of: &Amount) -> Vec<String> {
    let text = of.to_string();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_lowercase() && c != '_').collect();
    let subject = of.subject().map(super::Subject::code);
    let known = ALL
        .iter()
        .filter(|m| m.unit.is_some() || Some(m.subject.code()) == subject);
    let spoken_of = known.filter(|m| words.contains(&m.code.as_str()));
    spoken_of.map(|m| m.title.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::words::{IOM_FLAGS, IOM_TESTS, PERSON_FLAGS, PERSON_TESTS, PROGRAMME_FLAGS, PROGRAMME_TESTS};
    use super::*;

    #[test]
    fn every_word_of_the_language_is_defined_and_every_definition_is_a_word() {
        let words = |subject: MeasureSubject, lists: [&[&'static str]; 2]| -> BTreeSet<(MeasureSubject, String)> {
            lists.concat().into_iter().map(|w| (subject, w.to_owned())).collect()
        };
        let mut known = words(MeasureSubject::Person, [PERSON_FLAGS, PERSON_TESTS]);
        known.extend(words(MeasureSubject::Iom, [IOM_FLAGS, IOM_TESTS]));
        known.extend(words(MeasureSubject::Programme, [PROGRAMME_FLAGS, PROGRAMME_TESTS]));
        let measures = all().unwrap();
        let defined: BTreeSet<_> = measures
            .iter()
            .filter(|m| m.unit.is_none())
            .map(|m| (m.subject, m.code.clone()))
            .collect();
        assert_eq!(defined, known);
        let codes: BTreeSet<_> = measures.iter().map(|m| (m.subject, m.code.as_str())).collect();
        assert_eq!(codes.len(), measures.len(), "a measure stands twice");
        assert!(measures.iter().all(|m| !m.title.is_empty() && !m.definition.is_empty()));
    }

    #[test]
    fn what_is_kept_for_units_has_one_code_and_a_unit() {
        let measures = all().unwrap();
        let entered: Vec<&Measure> = measures.iter().filter(|m| m.unit.is_some()).collect();
        let codes: BTreeSet<&str> = entered.iter().map(|m| m.code.as_str()).collect();
        assert_eq!(codes.len(), entered.len(), "a code means one thing");
        for measure in entered {
            assert_eq!(of_units(&measure.code), Some(measure));
        }
        assert!(
            measures
                .iter()
                .all(|m| m.source == MeasureSource::Computed || m.unit.is_some())
        );
        assert_eq!(of_units("young"), None, "of a person, not of a unit");
    }

    #[test]
    fn a_part_and_its_whole_are_of_one_unit_and_one_source_and_what_is_counted_is_a_number() {
        let measures = all().unwrap();
        let parts = measures.iter().filter_map(|m| Some((m, m.part_of.as_ref()?)));
        for (part, code) in parts {
            let whole = part.whole().expect(code);
            assert_eq!((part.subject, part.source), (whole.subject, whole.source), "{code}");
            assert_eq!((part.unit, part.counted), (whole.unit, whole.counted), "{code}");
            assert!(whole.parts().any(|p| p.code == part.code), "{code}");
        }
        let counted = measures.iter().filter(|m| m.counted);
        assert!(counted.clone().count() > 0 && counted.clone().all(|m| m.unit == Some(MeasureUnit::Number)));
    }
}
