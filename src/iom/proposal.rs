//! What a newer version of a template proposes to a plan, computed from two versions and the plan. Pure. A step that came is
//! added, one that went is cancelled, a field is changed where the plan still says what the old version said; what somebody
//! has changed by hand, and what is settled, stays and is named.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};

use super::correction::Row;
use super::editing::{Change, GoalText, ItemText};
use super::model::{Goal, Iom, Item, ItemLevel, ItemState, StudyForm};
use super::offer::Course;
use super::proposing::Taken;
use super::template::Step;

/// What stands where nothing is said.
const NOT_SAID: &str = "не указано";

/// A proposal to a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What would change: part, was, now.
    pub rows: Vec<Row>,
    /// What stays as the plan has it: part, what the plan says, what the template says.
    pub kept: Vec<Row>,
    items: Vec<ItemText>,
}

impl Difference {
    /// The change that takes it.
    #[must_use]
    pub fn change(&self, plan: &Iom, goals: &[Goal], taken: Taken) -> Change {
        let text = |of: &Option<String>| of.clone().unwrap_or_default();
        let goal = |goal: &Goal| GoalText {
            id: Some(goal.id),
            basis: goal.basis,
            title: goal.title.clone(),
            task: text(&goal.task),
            expected: text(&goal.expected),
        };
        Change {
            request: text(&plan.request),
            ends_on: plan.ends_on,
            goals: goals.iter().map(goal).collect(),
            items: self.items.clone(),
            template: Some(taken),
        }
    }

    /// The steps that it adds or changes, with the day on which each would end.
    pub fn dues(&self) -> impl Iterator<Item = (&str, NaiveDate)> {
        let stay = self.items.iter().filter(|item| !item.cancel);
        stay.filter_map(|item| Some((item.title.as_str(), item.due_on?)))
    }

    /// Everything that it says, in one text: the same proposal gives the same.
    #[must_use]
    pub fn said(&self) -> String {
        let mut said = String::new();
        for row in self.rows.iter().chain(&self.kept) {
            for part in [&row.part, &row.was, &row.now] {
                said.push_str(part);
                said.push('\u{1f}');
            }
        }
        said
    }

    fn add(&mut self, part: &str, was: &str, now: &str) {
        self.rows.push(row(part, was, now));
    }

    fn keep(&mut self, part: &str, was: &str, now: &str) {
        self.kept.push(row(part, was, now));
    }
}

fn row(part: &str, was: &str, now: &str) -> Row {
    let said = |text: &str| if text.is_empty() { NOT_SAID } else { text }.to_owned();
    Row {
        part: part.to_owned(),
        was: said(was),
        now: said(now),
    }
}

/// What two versions and a plan are compared with.
pub struct Sides<'a> {
    /// The plan.
    pub plan: &'a Iom,
    /// Its steps.
    pub items: &'a [Item],
    /// Steps of the version that the plan has taken or declined last; empty where it follows no template yet.
    pub from: &'a [Step],
    /// Steps of the newest version.
    pub to: &'a [Step],
    /// Courses of new steps, by code.
    pub courses: &'a HashMap<String, Course>,
    /// The day.
    pub today: NaiveDate,
}

impl Sides<'_> {
    /// The difference.
    #[must_use]
    pub fn difference(&self) -> Difference {
        let mut found = Difference::default();
        for step in self.to {
            let old = self.from.iter().find(|old| old.code == step.code);
            match (old, self.own(&step.code)) {
                (None, None) => self.added(&mut found, step),
                (Some(old), Some(item)) if old != step => self.changed(&mut found, old, step, item),
                (Some(old), None) if old != step => found.keep(&named(step), "нет в маршруте", "изменён в шаблоне"),
                _ => {}
            }
        }
        for old in self
            .from
            .iter()
            .filter(|old| self.to.iter().all(|s| s.code != old.code))
        {
            match self.own(&old.code) {
                Some(item) if is_open(item) => self.cancelled(&mut found, item),
                Some(item) if item.state != ItemState::Cancelled => {
                    found.keep(&of_plan(item), item.state.label(), "убран из шаблона");
                }
                _ => {}
            }
        }
        found
    }

    /// The plan's step of a code: one that stands, else the last that was cancelled.
    fn own(&self, code: &str) -> Option<&Item> {
        let of = self.items.iter().filter(|i| i.template_step.as_deref() == Some(code));
        of.max_by_key(|i| (i.state != ItemState::Cancelled, i.number))
    }

    fn due(&self, step: &Step) -> Option<NaiveDate> {
        let months = u32::try_from(step.months).ok()?;
        let after = self.plan.starts_on.checked_add_months(Months::new(months));
        let day = after.and_then(|day| day.pred_opt())?;
        Some(self.plan.ends_on.map_or(day, |last| last.min(day)))
    }

    fn added(&self, found: &mut Difference, step: &Step) {
        let course = step.programme.as_ref().map(|code| self.courses.get(code));
        if matches!(course, Some(None)) {
            found.keep(&named(step), "нет в маршруте", "программы нет в каталоге");
            return;
        }
        // A step that comes to a plan in the middle of its way is not late on its first day.
        let due = self.due(step);
        let last = self.plan.ends_on.filter(|last| *last >= self.today);
        let late = due.is_some_and(|day| day < self.today);
        let due = if late { last.or(due) } else { due };
        found.add(&named(step), "не было", &format!("новый шаг, срок {}", day(due)));
        found.items.push(ItemText {
            number: None,
            cancel: false,
            title: step.title.clone(),
            course: course.flatten().cloned(),
            education_form: step.education_form,
            level: step.level,
            mandatory: step.mandatory,
            hours: step.hours,
            due_on: due,
            category: text(&step.category),
            study_form: step.study_form,
            organiser: text(&step.organiser),
            accompaniment: text(&step.accompaniment),
            expected: text(&step.expected),
            after: None,
            reason: String::new(),
            template_step: Some(step.code.clone()),
        });
    }

    fn cancelled(&self, found: &mut Difference, item: &Item) {
        found.add(&of_plan(item), item.state.label(), "отменён");
        found.items.push(ItemText {
            cancel: true,
            ..self.text_of(item)
        });
    }

    fn changed(&self, found: &mut Difference, old: &Step, step: &Step, item: &Item) {
        if !is_open(item) {
            found.keep(&of_plan(item), item.state.label(), "изменён в шаблоне");
            return;
        }
        // A programme is never changed in place: facts of past days count by it.
        if old.programme != step.programme {
            self.added(found, step);
            if found
                .items
                .last()
                .is_some_and(|i| i.template_step.as_ref() == Some(&step.code))
            {
                self.cancelled(found, item);
            }
            return;
        }
        let mut held = self.text_of(item);
        let mut merge = Merge {
            part: of_plan(item),
            found,
            changed: false,
        };
        let same = String::clone;
        let course = step.programme.is_some();
        merge.put("содержание", &old.title, &step.title, &mut held.title, same);
        if !course {
            let (was, now) = (&old.education_form, &step.education_form);
            merge.put(
                "вид образования",
                was,
                now,
                &mut held.education_form,
                |f| f.label().to_owned(),
            );
        }
        let level = |l: &Option<ItemLevel>| l.map_or("", ItemLevel::label).to_owned();
        merge.put("уровень", &old.level, &step.level, &mut held.level, level);
        let must = |m: &bool| {
            if *m {
                "обязательный"
            } else {
                "по желанию"
            }
            .to_owned()
        };
        merge.put(
            "обязательность",
            &old.mandatory,
            &step.mandatory,
            &mut held.mandatory,
            must,
        );
        merge.put("объём", &old.hours, &step.hours, &mut held.hours, |h| {
            format!("{h}\u{A0}ч")
        });
        if self.due(step).is_some_and(|due| due < self.today) && old.months != step.months {
            merge.found.keep(
                &format!("{}: срок", merge.part),
                &day(item.due_on),
                "срок шаблона уже прошёл",
            );
        } else {
            merge.put("срок", &self.due(old), &self.due(step), &mut held.due_on, |d| {
                day(*d)
            });
        }
        let form = |f: &Option<StudyForm>| f.map_or("", StudyForm::label).to_owned();
        merge.put("форма", &old.study_form, &step.study_form, &mut held.study_form, form);
        for (name, was, now, own) in [
            ("категория", &old.category, &step.category, &mut held.category),
            ("организация", &old.organiser, &step.organiser, &mut held.organiser),
            (
                "сопровождение",
                &old.accompaniment,
                &step.accompaniment,
                &mut held.accompaniment,
            ),
            ("ожидаемый результат", &old.expected, &step.expected, &mut held.expected),
        ] {
            merge.put(name, &text(was), &text(now), own, same);
        }
        if merge.changed {
            found.items.push(held);
        }
    }

    /// A step as a form would say it.
    fn text_of(&self, item: &Item) -> ItemText {
        let before = item.after_item_id;
        let after = self.items.iter().find(|i| Some(i.id) == before).map(|i| i.number);
        ItemText {
            number: Some(item.number),
            cancel: false,
            title: item.title.clone(),
            course: None,
            education_form: item.education_form,
            level: item.level,
            mandatory: item.mandatory,
            hours: item.hours,
            due_on: item.due_on,
            category: text(&item.category),
            study_form: item.study_form,
            organiser: text(&item.organiser),
            accompaniment: text(&item.accompaniment),
            expected: text(&item.expected),
            after,
            reason: text(&item.reason),
            template_step: item.template_step.clone(),
        }
    }
}

/// One step on its way from the old version to the new one.
struct Merge<'a> {
    part: String,
    found: &'a mut Difference,
    changed: bool,
}

impl Merge<'_> {
    /// Takes a field over where the plan still says what the old version said; names it where somebody has changed it.
    fn put<T: PartialEq + Clone>(&mut self, name: &str, was: &T, now: &T, held: &mut T, say: impl Fn(&T) -> String) {
        if was == now || held == now {
            return;
        }
        let part = format!("{}: {name}", self.part);
        if held == was {
            self.found.add(&part, &say(held), &say(now));
            *held = now.clone();
            self.changed = true;
        } else {
            self.found.keep(&part, &say(held), &say(now));
        }
    }
}

/// What two versions of a template differ in, for whoever reads or writes them.
#[must_use]
pub fn between(from: &[Step], to: &[Step]) -> Vec<Row> {
    let mut found = Difference::default();
    for step in to {
        let Some(old) = from.iter().find(|old| old.code == step.code && !old.code.is_empty()) else {
            found.add(&named(step), "не было", "новый шаг");
            continue;
        };
        for ((name, was), (_, now)) in fields(old).into_iter().zip(fields(step)) {
            if was != now {
                found.add(&format!("{}: {name}", named(step)), &was, &now);
            }
        }
    }
    for old in from.iter().filter(|old| to.iter().all(|s| s.code != old.code)) {
        found.add(&named(old), "был", "убран");
    }
    found.rows
}

/// A step of a template in words.
#[must_use]
pub fn fields(step: &Step) -> Vec<(&'static str, String)> {
    vec![
        ("содержание", step.title.clone()),
        ("программа", text(&step.programme)),
        ("вид образования", step.education_form.label().to_owned()),
        ("уровень", step.level.map_or("", ItemLevel::label).to_owned()),
        (
            "обязательность",
            if step.mandatory {
                "обязательный"
            } else {
                "по желанию"
            }
            .to_owned(),
        ),
        ("объём", format!("{}\u{A0}ч", step.hours)),
        ("срок", format!("{}\u{A0}мес. от начала", step.months)),
        ("форма", step.study_form.map_or("", StudyForm::label).to_owned()),
        ("категория", text(&step.category)),
        ("организация", text(&step.organiser)),
        ("сопровождение", text(&step.accompaniment)),
        ("ожидаемый результат", text(&step.expected)),
    ]
}

fn text(of: &Option<String>) -> String {
    of.clone().unwrap_or_default()
}

fn day(of: Option<NaiveDate>) -> String {
    of.map_or_else(String::new, |on| on.format("%d.%m.%Y").to_string())
}

fn named(step: &Step) -> String {
    format!("Шаг «{}»", step.title)
}

fn of_plan(item: &Item) -> String {
    format!("Шаг №\u{A0}{} «{}»", item.number, item.title)
}

fn is_open(item: &Item) -> bool {
    !item.state.is_settled() && item.state != ItemState::Cancelled
}
