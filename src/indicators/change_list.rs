//! The list of a part of a difference: each subject with its name, its places and the reason in words.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::causes::{Cause, Side};
use super::change::{Change, Changed, Explained, Spell};
use super::condition::{Condition, PersonSeen, Subject};
use super::contributions::{Key, counted};
use super::formula::{Amount, Formula, Leaf};
use super::people::Listed;
use super::scale::plain;
use super::store;
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::{UnitId, UnitKind};
use crate::web::{Reach, Scope};

/// A subject of a part, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The subject; its reason says what happened.
    pub listed: Listed,
    /// What it adds above the line, thousandths.
    pub numerator: i64,
    /// And below.
    pub denominator: i64,
}

fn day(of: NaiveDate) -> String {
    of.format("%d.%m.%Y").to_string()
}

/// The rows of a part, by name; nothing for a part that the difference does not have.
///
/// # Errors
/// Those of the database.
pub fn rows(
    conn: &mut AnyConn,
    scope: &Scope,
    change: &Change,
    explained: &Explained,
    cause: Cause,
) -> Result<Vec<Row>, DbError> {
    let Some(part) = explained.part(cause) else {
        return Ok(Vec::new());
    };
    let (from, to) = change.sides(explained.unit);
    let told = Told {
        change,
        explained,
        scope,
        cause,
        from,
        to,
    };
    let region = told
        .to
        .tree
        .unit(explained.unit)
        .map_or(explained.unit, |u| u.region_id);
    let subjects: Vec<&Changed> = part.subjects.iter().filter(|of| told.is_seen(&of.key)).collect();
    let (mut persons, mut plans) = (BTreeSet::new(), BTreeSet::new());
    for of in &subjects {
        match &of.key {
            Key::Person(person) => drop(persons.insert((region, *person))),
            Key::Plan(person, plan) => {
                persons.insert((region, *person));
                plans.insert((region, *plan));
            }
            Key::Unit(_) | Key::Programme(_) => {}
        }
    }
    let names = store::names(conn, &persons)?;
    let numbers = store::numbers(conn, &plans)?;
    let mut rows: Vec<(String, Row)> = Vec::with_capacity(subjects.len());
    for of in subjects {
        let (subject, key, name, sort, person, plan) = match &of.key {
            Key::Person(id) | Key::Plan(id, _) => {
                let Some(named) = names.get(id) else { continue };
                let (name, sort) = (named.name.clone(), named.sort_key.clone());
                let snils = named.snils.clone().unwrap_or_default();
                match &of.key {
                    Key::Plan(_, plan) => {
                        let number = numbers.get(plan).cloned().unwrap_or_default();
                        (Subject::Iom, number, name, sort, Some(*id), Some(*plan))
                    }
                    _ => (Subject::Person, snils, name, sort, Some(*id), None),
                }
            }
            Key::Unit(id) => {
                let unit = told.to.tree.unit(*id).or_else(|| told.from.tree.unit(*id));
                let Some(unit) = unit else { continue };
                let subject = match unit.kind {
                    UnitKind::Organisation => Subject::Organisation,
                    _ => Subject::Municipality,
                };
                (
                    subject,
                    unit.code.clone(),
                    unit.name.clone(),
                    unit.sort_key.clone(),
                    None,
                    None,
                )
            }
            Key::Programme(code) => {
                let known = told.to.programmes.iter().find(|p| p.code == *code);
                let name = known.map_or_else(|| code.clone(), |p| p.name.clone());
                (Subject::Programme, code.clone(), name.clone(), name, None, None)
            }
        };
        let listed = Listed {
            subject,
            person,
            plan,
            key,
            name,
            units: told.units(&of.key),
            reason: told.reason(of),
        };
        let row = Row {
            listed,
            numerator: of.numerator,
            denominator: of.denominator,
        };
        rows.push((sort, row));
    }
    rows.sort_by(|(a, left), (b, right)| (a, &left.listed.key).cmp(&(b, &right.listed.key)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// What reasons are told from.
struct Told<'a> {
    change: &'a Change,
    explained: &'a Explained,
    scope: &'a Scope,
    cause: Cause,
    from: Side<'a>,
    to: Side<'a>,
}

impl Told<'_> {
    fn is_seen(&self, key: &Key) -> bool {
        match key {
            Key::Person(person) | Key::Plan(person, _) => {
                let (mut places, now) = (self.from.places(*person).0, self.to.places(*person).0);
                places.extend(now);
                let places: Vec<i64> = places.iter().map(|u| u.0).collect();
                self.scope.sees(person.0, &places)
            }
            Key::Unit(_) | Key::Programme(_) => true,
        }
    }

    /// Codes of the places where the subject counts in the unit now, or counted before.
    fn units(&self, key: &Key) -> Vec<String> {
        let of = |side: &Side<'_>| -> Vec<UnitId> {
            match key {
                Key::Person(person) | Key::Plan(person, _) => side.places(*person).0,
                Key::Unit(unit) => side.tree.path(*unit).get(1).copied().into_iter().collect(),
                Key::Programme(code) => {
                    let known = side.programmes.iter().find(|p| p.code == *code);
                    known.and_then(|p| p.provider).into_iter().collect()
                }
            }
        };
        let now = of(&self.to);
        let shown = if now.is_empty() { of(&self.from) } else { now };
        let mut codes: Vec<String> = shown
            .iter()
            .filter_map(|u| self.to.tree.unit(*u))
            .map(|u| u.code.clone())
            .collect();
        codes.sort();
        codes
    }

    /// «Школа № 1 (Исетский район)»; of a place outside the scope only that there is one.
    fn place(&self, side: &Side<'_>, unit: UnitId) -> String {
        let shown = match &self.scope.reach {
            Reach::Installation => true,
            Reach::Some { organisations, .. } => organisations.contains(&unit.0),
        };
        let Some(of) = side.tree.unit(unit).filter(|_| shown) else {
            return "другая организация региона".into();
        };
        let town = side.tree.ancestor(unit, UnitKind::Municipality).filter(|u| *u != unit);
        match town.and_then(|u| side.tree.unit(u)) {
            Some(town) => format!("{} ({})", of.name, town.name),
            None => of.name.clone(),
        }
    }

    fn listed(&self, side: &Side<'_>, units: &[UnitId]) -> String {
        let names: BTreeSet<String> = units.iter().map(|u| self.place(side, *u)).collect();
        names.into_iter().collect::<Vec<_>>().join("; ")
    }

    /// What happened to a subject, in words.
    fn reason(&self, of: &Changed) -> String {
        let mut said = match self.cause {
            Cause::Formula => by_method(of, "по новой формуле"),
            Cause::Parameters => by_method(of, "по новым параметрам"),
            Cause::Submitted | Cause::Restated | Cause::Withdrawn | Cause::Reported => by_value(of),
            _ => match &of.key {
                Key::Person(person) | Key::Plan(person, _) => self.of_person(&of.key, *person),
                Key::Unit(unit) => self.of_unit(*unit),
                Key::Programme(_) => String::new(),
            },
        };
        let counted = matches!(
            self.cause,
            Cause::Entered | Cause::MovedIn | Cause::MovedInWith | Cause::Joined
        ) && of.numerator > 0
            || matches!(
                self.cause,
                Cause::Left | Cause::MovedOut | Cause::MovedOutWith | Cause::Dropped
            ) && of.numerator < 0;
        if counted && of.denominator != 0 {
            said.push_str(if said.is_empty() {
                "в том числе в числителе"
            } else {
                ", в том числе в числителе"
            });
        }
        said
    }

    fn of_unit(&self, unit: UnitId) -> String {
        let above = |side: &Side<'_>| -> Vec<UnitId> { side.tree.path(unit).get(1).copied().into_iter().collect() };
        let names = |side: &Side<'_>| {
            let names = above(side).into_iter().filter_map(|u| side.tree.unit(u));
            names.map(|u| u.name.clone()).collect::<Vec<_>>().join("; ")
        };
        match self.cause {
            Cause::MovedIn => format!("раньше: {}", names(&self.from)),
            Cause::MovedOut => format!("теперь: {}", names(&self.to)),
            Cause::Entered => format!("на {} ещё не было в перечне", day(self.from.day)),
            Cause::Left => format!("на {} уже нет в перечне", day(self.to.day)),
            Cause::Joined | Cause::Achieved => format!("на {} условие не выполнялось", day(self.from.day)),
            _ => format!("на {} условие не выполняется", day(self.to.day)),
        }
    }

    fn of_person(&self, key: &Key, person: PersonId) -> String {
        let (was, now) = (self.from.places(person), self.to.places(person));
        let spells = self.change.spells.get(&person).map_or(&[][..], Vec::as_slice);
        match self.cause {
            Cause::Entered => {
                let first = |s: &&Spell| s.from <= self.to.day && now.0.contains(&s.organisation);
                let began = spells.iter().filter(first).map(|s| s.from).max();
                began.map_or_else(String::new, |on| format!("работает с {}", day(on)))
            }
            Cause::Left => {
                let over = |s: &Spell| s.to.filter(|to| *to <= self.to.day && was.0.contains(&s.organisation));
                let last = spells.iter().filter_map(over).max().and_then(|to| to.pred_opt());
                last.map_or_else(
                    || format!("не работает на {}", day(self.to.day)),
                    |on| format!("последний день работы {}", day(on)),
                )
            }
            Cause::MovedIn => format!("раньше: {}", self.listed(&self.from, &was.1)),
            Cause::MovedOut => format!("теперь: {}", self.listed(&self.to, &now.1)),
            Cause::MovedInWith => {
                let with: Vec<UnitId> = now.0.iter().copied().filter(|u| was.1.contains(u)).collect();
                format!(
                    "раньше организация стояла в другом месте: {}",
                    self.listed(&self.from, &with)
                )
            }
            Cause::MovedOutWith => {
                let with: Vec<UnitId> = was.0.iter().copied().filter(|u| now.1.contains(u)).collect();
                format!(
                    "теперь организация стоит в другом месте: {}",
                    self.listed(&self.to, &with)
                )
            }
            Cause::Joined | Cause::Achieved => self.lacking(key, person, &self.from, "раньше"),
            _ => self.lacking(key, person, &self.to, "теперь"),
        }
    }

    /// What was lacking on a side; empty where nothing single was.
    fn lacking(&self, key: &Key, person: PersonId, side: &Side<'_>, when: &str) -> String {
        let (before, after) = self.change.periods();
        let when = if before.code == after.code {
            when.to_owned()
        } else {
            let period = if when == "раньше" { before } else { after };
            format!("{when} ({})", period.code)
        };
        let Some(known) = side.people.get(&person) else {
            return format!("{when}: о человеке нет записей");
        };
        let places: Vec<_> = known
            .places
            .iter()
            .filter(|p| side.inside.contains(&p.organisation_id))
            .copied()
            .collect();
        let seen = PersonSeen {
            places: &places,
            fact: &known.person,
        };
        let plan = match key {
            Key::Plan(_, plan) => known.plans.iter().find(|p| p.iom_id == *plan),
            _ => None,
        };
        if matches!(key, Key::Plan(..)) && plan.is_none() {
            return format!("{when}: в этом периоде ИОМ не было");
        }
        let holds = |condition: &Condition| match plan {
            Some(plan) => condition.holds_for_plan(plan),
            None if seen.counts() => condition.holds_for_person(&seen),
            None => condition.holds_anywhere(&known.person),
        };
        let formula = counted(&self.explained.indicator);
        let leaf = |amount: Option<&Amount>| -> Option<Leaf> {
            match amount {
                Some(Amount::Count(leaf)) => Some(leaf.clone()),
                _ => None,
            }
        };
        let base = leaf(formula.and_then(Formula::denominator));
        let upper = leaf(formula.and_then(Formula::numerator));
        let asked: Vec<Leaf> = match self.cause {
            Cause::Joined | Cause::Dropped => base.into_iter().chain(upper).collect(),
            _ => upper.into_iter().collect(),
        };
        let missing = asked
            .iter()
            .find_map(|leaf| leaf.condition.missing(&day(side.day), &holds));
        missing.map_or_else(String::new, |what| format!("{when}: {what}"))
    }
}

fn by_method(of: &Changed, what: &str) -> String {
    let part = |milli: i64, line: &str| match milli.signum() {
        1 => Some(format!("входит в {line}")),
        -1 => Some(format!("не входит в {line}")),
        _ => None,
    };
    let parts = [part(of.numerator, "числитель"), part(of.denominator, "знаменатель")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{what} {}", parts.join(", "))
}

fn by_value(of: &Changed) -> String {
    let part = |milli: i64, line: &str| {
        let sign = if milli > 0 { "+" } else { "−" };
        (milli != 0).then(|| format!("{line} {sign}{}", plain(milli.abs()).replace('.', ",")))
    };
    let parts = [part(of.numerator, "числитель"), part(of.denominator, "знаменатель")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
