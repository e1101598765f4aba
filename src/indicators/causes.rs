//! Why a subject brings something else to a figure than before: one cause for each.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::contributions::{Key, Share};
use super::programmes_seen::ProgrammeSeen;
use crate::facts::PersonFacts;
use crate::people::PersonId;
use crate::text_enum;
use crate::units::model::holds_on;
use crate::units::{Tree, UnitId};

text_enum! {
    /// Why a part of a figure changed. There is no rest: every subject has one of these.
    Cause {
        Entered = "entered" "пришли",
        MovedIn = "moved_in" "перешли сюда из других мест региона",
        MovedInWith = "moved_in_with_organisation" "пришли вместе со своей организацией",
        Joined = "joined" "стали относиться к тем, кого считает показатель",
        Achieved = "achieved" "вошли в числитель",
        Lapsed = "lapsed" "вышли из числителя",
        Dropped = "dropped" "перестали относиться к тем, кого считает показатель",
        MovedOutWith = "moved_out_with_organisation" "ушли вместе со своей организацией",
        MovedOut = "moved_out" "перешли отсюда в другие места региона",
        Left = "left" "ушли",
        Submitted = "submitted" "появилось значение",
        Restated = "restated" "изменилось значение",
        Withdrawn = "withdrawn" "значения больше нет",
        Reported = "reported" "поданное вместо рассчитанного",
        Parameters = "parameters" "изменились параметры методики",
        Formula = "formula" "изменилась формула",
        Target = "target" "изменилась цель",
    }
}

/// One of the two sides that are compared, as a unit sees it.
#[derive(Debug)]
pub(super) struct Side<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The day.
    pub day: NaiveDate,
    /// The unit.
    pub unit: UnitId,
    /// Its organisations.
    pub inside: HashSet<UnitId>,
    /// Everyone known.
    pub people: HashMap<PersonId, &'a PersonFacts>,
    /// Programmes.
    pub programmes: &'a [ProgrammeSeen],
}

impl Side<'_> {
    /// Where a person counts inside the unit, and elsewhere.
    pub fn places(&self, person: PersonId) -> (Vec<UnitId>, Vec<UnitId>) {
        let known = self.people.get(&person);
        let places = known.into_iter().flat_map(|k| &k.places);
        places
            .filter(|p| p.pedagogical || p.leader)
            .map(|p| p.organisation_id)
            .partition(|o| self.inside.contains(o))
    }

    /// Whether a unit stands anywhere on the day.
    fn stands(&self, unit: UnitId) -> bool {
        let open = |u: &crate::units::Unit| holds_on(u.valid_from, u.valid_to, self.day);
        self.tree.stands(unit) && self.tree.unit(unit).is_some_and(open)
    }

    /// Whether it stands inside the unit.
    fn holds(&self, unit: UnitId) -> bool {
        unit == self.unit || (self.stands(unit) && self.tree.path(unit).contains(&self.unit))
    }
}

fn meet(one: &[UnitId], other: &[UnitId]) -> bool {
    one.iter().any(|u| other.contains(u))
}

/// Why a subject that brought `before` brings `after`.
pub(super) fn cause(key: &Key, before: Share, after: Share, from: &Side<'_>, to: &Side<'_>) -> Cause {
    let nothing = |share: Share| share.numerator == 0 && share.denominator == 0 && !share.measured;
    match (nothing(before), nothing(after)) {
        (true, _) => came(key, after.measured, from, to),
        (_, true) => went(key, before.measured, from, to),
        _ if before.measured || after.measured => Cause::Restated,
        _ if after.numerator > before.numerator => Cause::Achieved,
        _ if after.numerator < before.numerator => Cause::Lapsed,
        _ if after.denominator > before.denominator => Cause::Joined,
        _ => Cause::Dropped,
    }
}

fn came(key: &Key, measured: bool, from: &Side<'_>, to: &Side<'_>) -> Cause {
    match key {
        Key::Person(person) | Key::Plan(person, _) => {
            let ((here, elsewhere), (now, _)) = (from.places(*person), to.places(*person));
            match () {
                () if !here.is_empty() => Cause::Joined,
                () if elsewhere.is_empty() => Cause::Entered,
                () if meet(&now, &elsewhere) => Cause::MovedInWith,
                () => Cause::MovedIn,
            }
        }
        Key::Unit(unit) if from.holds(*unit) => {
            if measured {
                Cause::Submitted
            } else {
                Cause::Joined
            }
        }
        Key::Unit(unit) if from.stands(*unit) => Cause::MovedIn,
        Key::Unit(_) => Cause::Entered,
        Key::Programme(code) => match provider(code, from, to) {
            Some(unit) if from.holds(unit) => Cause::Joined,
            Some(unit) if from.stands(unit) => Cause::MovedInWith,
            _ => Cause::Entered,
        },
    }
}

fn went(key: &Key, measured: bool, from: &Side<'_>, to: &Side<'_>) -> Cause {
    match key {
        Key::Person(person) | Key::Plan(person, _) => {
            let ((was, _), (here, elsewhere)) = (from.places(*person), to.places(*person));
            match () {
                () if !here.is_empty() => Cause::Dropped,
                () if elsewhere.is_empty() => Cause::Left,
                () if meet(&was, &elsewhere) => Cause::MovedOutWith,
                () => Cause::MovedOut,
            }
        }
        Key::Unit(unit) if to.holds(*unit) => {
            if measured {
                Cause::Withdrawn
            } else {
                Cause::Dropped
            }
        }
        Key::Unit(unit) if to.stands(*unit) => Cause::MovedOut,
        Key::Unit(_) => Cause::Left,
        Key::Programme(code) => match provider(code, from, to) {
            Some(unit) if to.holds(unit) => Cause::Dropped,
            Some(unit) if to.stands(unit) => Cause::MovedOutWith,
            _ => Cause::Left,
        },
    }
}

fn provider(code: &str, from: &Side<'_>, to: &Side<'_>) -> Option<UnitId> {
    let of = |side: &Side<'_>| side.programmes.iter().find(|p| p.code == code).and_then(|p| p.provider);
    of(to).or_else(|| of(from))
}
