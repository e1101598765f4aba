//! Changing a plan: its goals, steps, last day and the teacher's request. A draft changes freely; an approved plan only
//! with a reason and by its next revision. What is settled is never changed, a programme never in place: one step is
//! cancelled, another added.

use std::collections::HashSet;

use chrono::{Months, NaiveDate};

use super::agree::wrong_state;
use super::model::{
    ActKind, EducationForm, Goal, GoalBasis, GoalId, Item, ItemId, ItemLevel, ItemState, RevisionBasis, StudyForm,
};
use super::offer::Course;
use super::plan::{Doing, Kept, Plan, Stamp};
use super::proposing::{self, Taken};
use super::{revision, status, typed_file};
use crate::error::Refusal;

/// What a plan is to be; steps that are not named stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What the teacher asks for; empty for nothing.
    pub request: String,
    /// Last day.
    pub ends_on: Option<NaiveDate>,
    /// All goals, in their order; one that is not among them is taken out.
    pub goals: Vec<GoalText>,
    /// Steps that change, and new ones.
    pub items: Vec<ItemText>,
    /// The version of a template that it comes from; `None` for a change by hand.
    pub template: Option<Taken>,
}

/// A goal as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalText {
    /// Which one; `None` is new.
    pub id: Option<GoalId>,
    /// What it rests on.
    pub basis: GoalBasis,
    /// Text.
    pub title: String,
    /// Task.
    pub task: String,
    /// The result that is expected.
    pub expected: String,
}

/// A step as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemText {
    /// Which one; `None` is new.
    pub number: Option<i32>,
    /// Whether it is to be cancelled.
    pub cancel: bool,
    /// What is to be done.
    pub title: String,
    /// The programme of a new step.
    pub course: Option<Course>,
    /// Kind of learning.
    pub education_form: EducationForm,
    /// At which level it is held.
    pub level: Option<ItemLevel>,
    /// Whether the plan cannot be completed without it.
    pub mandatory: bool,
    /// Volume in academic hours.
    pub hours: i32,
    /// Last day.
    pub due_on: Option<NaiveDate>,
    /// Category.
    pub category: String,
    /// In which form it is learnt.
    pub study_form: Option<StudyForm>,
    /// Who holds it.
    pub organiser: String,
    /// Who helps with it.
    pub accompaniment: String,
    /// The result that is expected.
    pub expected: String,
    /// Number of the step that comes before it.
    pub after: Option<i32>,
    /// Why it is here.
    pub reason: String,
    /// The step of the template that a new one is taken from.
    pub template_step: Option<String>,
}

/// The shortest and the longest plan, in months.
const LENGTH: (u32, u32) = (3, 36);
/// The most hours of one step.
const MOST_HOURS: i32 = 2_000;
/// The most goals and steps of a plan: people read them.
const MOST: usize = 60;

/// Changes the plan.
///
/// # Errors
/// The plan's state does not allow it; no reason; nothing differs; a rule of goals, steps or the period is broken. The
/// plan then stays as it was.
pub fn change(plan: &mut Plan, doing: &Doing<'_>, of: Option<&Change>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let of = of.ok_or_else(|| Refusal::new("iom.nothing_changed"))?;
    plan.refuse_out_of_order(doing, None)?;
    if let Some(taken) = of.template {
        proposing::check(plan, taken)?;
    }
    let approved = plan.row.revision > 0;
    if approved && doing.reason.is_empty() {
        return Err(Refusal::new("iom.change_reason"));
    }
    if of.ends_on != plan.row.ends_on {
        check_length(plan.row.starts_on, of.ends_on)?;
    }
    let goals = goals(plan, of, stamp)?;
    let items = items(plan, of, doing, stamp)?;
    let request = filled(&of.request);
    let same = request == plan.row.request && of.ends_on == plan.row.ends_on;
    let same = same && goals.is_empty() && items.is_empty();
    // A new version may leave this plan as it is: it is taken then, and there is nothing to freeze.
    if same && of.template.is_none() {
        return Err(Refusal::new("iom.nothing_changed"));
    }
    let row = plan.row.edit();
    row.request = request;
    row.ends_on = of.ends_on;
    row.version += 1;
    if let Some(taken) = of.template {
        row.template_id = Some(taken.template);
        row.template_version = Some(taken.version);
    }
    for goal in goals {
        put(&mut plan.goals, goal, |a, b| a.id == b.id);
    }
    plan.goals.sort_by_key(|g| (g.number, g.id));
    let mut cancelled = Vec::new();
    for item in items {
        if item.state == ItemState::Cancelled {
            cancelled.push((item.id, item.number));
        }
        put(&mut plan.items, item, |a, b| a.id == b.id);
    }
    if approved && !same {
        let basis = match of.template {
            Some(_) => RevisionBasis::Template,
            None => RevisionBasis::Change,
        };
        revision::freeze(plan, basis, doing.reason, doing, stamp);
    }
    plan.record(doing, None, stamp);
    // Each with an act of its own: past periods count a step up to its day.
    for (id, number) in cancelled {
        let of_step = Doing {
            kind: ActKind::Cancel,
            item: Some(number),
            value: "",
            ..*doing
        };
        plan.record(&of_step, Some(id), stamp);
    }
    Ok(())
}

/// Moves the plan's last day to a later one: the value.
///
/// # Errors
/// The plan's state does not allow it; no reason; no day, or one that is not later; a plan that would be too long.
pub fn extend(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    plan.refuse_out_of_order(doing, None)?;
    if doing.reason.is_empty() {
        return Err(Refusal::new("iom.change_reason"));
    }
    let day = typed_file::day(doing.value).filter(|day| plan.row.ends_on.is_none_or(|last| *day > last));
    let Some(day) = day else {
        let last = plan
            .row
            .ends_on
            .map_or_else(String::new, |on| on.format(": позже %d.%m.%Y").to_string());
        return Err(Refusal::new("iom.extend_day").with("after", last));
    };
    check_length(plan.row.starts_on, Some(day))?;
    let row = plan.row.edit();
    row.ends_on = Some(day);
    row.version += 1;
    revision::freeze(plan, RevisionBasis::Extension, doing.reason, doing, stamp);
    plan.record(doing, None, stamp);
    Ok(())
}

pub(super) fn check_length(starts_on: NaiveDate, ends_on: Option<NaiveDate>) -> Result<(), Refusal> {
    let after = |months| {
        starts_on
            .checked_add_months(Months::new(months))
            .and_then(|d| d.pred_opt())
    };
    let bounds = after(LENGTH.0).zip(after(LENGTH.1));
    match (ends_on, bounds) {
        (Some(day), Some((shortest, longest))) if shortest <= day && day <= longest => Ok(()),
        _ => Err(Refusal::new("iom.length")),
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Puts a row in its place, or at the end.
fn put<T>(rows: &mut Vec<Kept<T>>, row: T, same: impl Fn(&T, &T) -> bool) {
    match rows.iter_mut().find(|known| same(known, &row)) {
        Some(known) => *known.edit() = row,
        None => rows.push(Kept::new(row)),
    }
}

/// Goals that differ, those that are taken out among them.
fn goals(plan: &Plan, of: &Change, stamp: &Stamp<'_>) -> Result<Vec<Goal>, Refusal> {
    if of.goals.is_empty() {
        return Err(Refusal::new("iom.goal_needed"));
    }
    if of.goals.len() > MOST {
        return Err(Refusal::new("iom.too_many").with("most", MOST));
    }
    let mut changed = Vec::new();
    for (number, typed) in (1..).zip(&of.goals) {
        if typed.title.is_empty() {
            return Err(Refusal::new("iom.goal_title").with("number", number));
        }
        let known = plan.goals.iter().find(|g| Some(g.id) == typed.id && g.stands());
        if typed.id.is_some() && known.is_none() {
            return Err(Refusal::new("iom.changed"));
        }
        // What was drafted from a deficit rests on it for good.
        let deficit_id = known.and_then(|g| g.deficit_id);
        let basis = if deficit_id.is_some() {
            GoalBasis::Deficit
        } else {
            typed.basis
        };
        if basis == GoalBasis::Deficit && deficit_id.is_none() {
            return Err(Refusal::new("iom.goal_basis").with("number", number));
        }
        let goal = Goal {
            id: known.map_or_else(|| GoalId((stamp.id)()), |g| g.id),
            region_id: plan.row.region_id,
            iom_id: plan.row.id,
            basis,
            deficit_id,
            title: typed.title.clone(),
            number,
            task: filled(&typed.task),
            expected: filled(&typed.expected),
            removed_at: None,
        };
        // A place alone is no change of the plan.
        let same = known.is_some_and(|g| {
            Goal {
                number: g.number,
                ..goal.clone()
            } == **g
        });
        if !same {
            changed.push(goal);
        }
    }
    let kept: HashSet<GoalId> = of.goals.iter().filter_map(|g| g.id).collect();
    let out = plan.goals.iter().filter(|g| g.stands() && !kept.contains(&g.id));
    changed.extend(out.map(|g| Goal {
        removed_at: Some(stamp.now),
        ..(**g).clone()
    }));
    Ok(changed)
}

/// Steps that differ, new ones among them, by number.
fn items(plan: &Plan, of: &Change, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<Vec<Item>, Refusal> {
    let last = plan.items.iter().map(|i| i.number).max().unwrap_or(0);
    let mut new = last;
    let mut typed: Vec<(i32, ItemId, &ItemText)> = Vec::with_capacity(of.items.len());
    for text in &of.items {
        match text.number {
            Some(number) => {
                let known = plan.items.iter().find(|i| i.number == number);
                let known = known.ok_or_else(|| Refusal::new("iom.no_item").with("item", number))?;
                typed.push((number, known.id, text));
            }
            None => {
                new += 1;
                typed.push((new, ItemId((stamp.id)()), text));
            }
        }
    }
    if usize::try_from(new).unwrap_or(usize::MAX) > MOST {
        return Err(Refusal::new("iom.too_many").with("most", MOST));
    }
    // Which step comes before which, as the plan will stand.
    let id_of = |number: i32| {
        let known = plan.items.iter().find(|i| i.number == number).map(|i| i.id);
        known.or_else(|| typed.iter().find(|(n, ..)| *n == number).map(|(_, id, _)| *id))
    };
    let mut changed = Vec::new();
    for (number, id, text) in &typed {
        let known = plan.items.iter().find(|i| i.id == *id).map(|i| &**i);
        let after = match text.after {
            None => None,
            Some(after) => Some(id_of(after).ok_or_else(|| Refusal::new("iom.no_item").with("item", after))?),
        };
        let item = item(plan, doing, stamp, known, (*number, *id), text, after);
        if !text.cancel && known.is_some_and(|known| *known == item) {
            continue;
        }
        check(plan, of, known, &item, text)?;
        changed.push(Item {
            version: known.map_or(1, |k| k.version + 1),
            ..item
        });
    }
    let stays = |i: &&Kept<Item>| changed.iter().all(|c| c.id != i.id);
    let left: Vec<&Item> = plan.items.iter().filter(stays).map(|i| &**i).chain(&changed).collect();
    check_order(&left)?;
    if left.iter().all(|i| i.state == ItemState::Cancelled) {
        return Err(Refusal::new("iom.step_needed"));
    }
    let open = |i: &&&Item| i.state != ItemState::Cancelled && !i.state.is_settled();
    let beyond = |i: &&&Item| of.ends_on.zip(i.due_on).is_some_and(|(last, due)| due > last);
    let cut = of.ends_on != plan.row.ends_on;
    if let Some(item) = left.iter().filter(open).find(beyond).filter(|_| cut) {
        return Err(Refusal::new("iom.item_due").with("item", item.number));
    }
    Ok(changed)
}

fn item(
    plan: &Plan,
    doing: &Doing<'_>,
    stamp: &Stamp<'_>,
    known: Option<&Item>,
    (number, id): (i32, ItemId),
    text: &ItemText,
    after: Option<ItemId>,
) -> Item {
    if let Some(item) = known.filter(|_| text.cancel) {
        let state = status::item_after(item.state, ActKind::Cancel).unwrap_or(item.state);
        return Item { state, ..item.clone() };
    }
    let course = text.course.as_ref().filter(|_| known.is_none());
    // Before anybody saw the plan there was nothing to add to.
    let added_on = plan.row.first_visible_on.map(|_| doing.on);
    Item {
        id,
        region_id: plan.row.region_id,
        iom_id: plan.row.id,
        number,
        state: known.map_or(ItemState::Planned, |i| i.state),
        title: match course {
            Some(course) if text.title.is_empty() => course.title.clone(),
            _ => text.title.clone(),
        },
        programme_id: known.map_or_else(|| course.map(|c| c.id), |i| i.programme_id),
        education_form: course.map_or(text.education_form, |_| EducationForm::Formal),
        level: text.level,
        mandatory: text.mandatory,
        hours: match course {
            Some(course) if text.hours == 0 => course.hours,
            _ => text.hours,
        },
        due_on: text.due_on,
        topics: match known {
            Some(item) => item.topics.clone(),
            None => course.map_or_else(String::new, |c| c.topics.clone()),
        },
        rule: known.and_then(|i| i.rule.clone()),
        rule_set_id: known.and_then(|i| i.rule_set_id),
        deficit_id: known.and_then(|i| i.deficit_id),
        settled_on: known.and_then(|i| i.settled_on),
        document_id: known.and_then(|i| i.document_id),
        version: known.map_or(1, |i| i.version),
        recorded_at: known.map_or(stamp.now, |i| i.recorded_at),
        category: filled(&text.category),
        study_form: text.study_form,
        organiser: filled(&text.organiser),
        accompaniment: filled(&text.accompaniment),
        expected: filled(&text.expected),
        after_item_id: after,
        added_on: known.map_or(added_on, |i| i.added_on),
        reason: filled(&text.reason),
        template_step: known.map_or_else(|| text.template_step.clone(), |i| i.template_step.clone()),
    }
}

/// What a changed step must keep.
fn check(plan: &Plan, of: &Change, known: Option<&Item>, item: &Item, text: &ItemText) -> Result<(), Refusal> {
    let number = item.number;
    match known.map(|k| k.state) {
        Some(state) if state.is_settled() => return Err(Refusal::new("iom.item_settled_change").with("item", number)),
        Some(ItemState::Cancelled) => {
            let state = ItemState::Cancelled.label();
            let why = Refusal::new("iom.wrong_item_state")
                .with("item", number)
                .with("state", state);
            return Err(why.with("act", ActKind::Change.label()));
        }
        _ => {}
    }
    if text.cancel {
        return Ok(());
    }
    if item.title.is_empty() {
        return Err(Refusal::new("iom.item_title").with("item", number));
    }
    if !(0..=MOST_HOURS).contains(&item.hours) {
        return Err(Refusal::new("iom.item_hours")
            .with("item", number)
            .with("most", MOST_HOURS));
    }
    let moved = known.is_none_or(|k| k.due_on != item.due_on);
    let within = |day: NaiveDate| plan.row.starts_on <= day && of.ends_on.is_none_or(|last| day <= last);
    if moved && item.due_on.is_none_or(|day| !within(day)) {
        return Err(Refusal::new("iom.item_due").with("item", number));
    }
    Ok(())
}

/// Refuses steps that wait for each other in a circle, and one that waits for a cancelled step, also where only the other
/// one was changed.
fn check_order(steps: &[&Item]) -> Result<(), Refusal> {
    let now = |id: ItemId| steps.iter().find(|i| i.id == id).copied();
    let open = |i: &&&Item| i.state != ItemState::Cancelled && !i.state.is_settled();
    for item in steps.iter().filter(open) {
        let mut way = vec![item.number];
        let mut next = item.after_item_id.and_then(now);
        if let Some(before) = next.filter(|i| i.state == ItemState::Cancelled) {
            return Err(Refusal::new("iom.after_cancelled")
                .with("item", item.number)
                .with("after", before.number));
        }
        while let Some(before) = next {
            if before.id == item.id {
                let numbers: Vec<String> = way.iter().map(i32::to_string).collect();
                return Err(Refusal::new("iom.after_cycle").with("items", numbers.join(", ")));
            }
            if way.contains(&before.number) {
                break;
            }
            way.push(before.number);
            next = before.after_item_id.and_then(now);
        }
    }
    Ok(())
}
