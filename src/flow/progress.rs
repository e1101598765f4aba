//! How plans go on: the teacher reads of the own one and of who accompanies it, whoever accompanies it of the plan as a whole
//! and of its new revisions. News, one of a plan for all that came at once; whoever has done it knows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::letter;
use super::naming::accompanied_by;
use crate::access::AccountId;
use crate::iom::event::{Event, EventKind, Progress, Went};
use crate::iom::{ActKind, IomState, SupporterKind};
use crate::mail::notice::Told;
use crate::people::PersonId;
use crate::planted;

/// Whom it concerns.
pub(super) struct Readers<'a> {
    /// Accounts of the teachers.
    pub teachers: &'a HashMap<PersonId, AccountId>,
    /// Plans with those who accompany them today.
    pub accompanying: &'a HashSet<(i64, i64)>,
    /// Names of those who were given plans just now ([`named`]).
    pub names: &'a HashMap<i64, String>,
}

/// What the events have to tell of one plan.
struct Gone<'a> {
    /// The event by which it is told.
    event: &'a Event,
    /// By what it went on.
    steps: &'a [Progress],
    /// Whether the teacher was ever shown the plan.
    shown: bool,
    /// Its new revision, with who has made it.
    revision: Option<(i32, &'a [AccountId])>,
    /// Who was given it as what, with who has done so.
    given: Vec<(SupporterKind, AccountId, &'a [AccountId])>,
}

impl<'a> Gone<'a> {
    fn of(event: &'a Event) -> Self {
        Self {
            event,
            steps: &[],
            shown: false,
            revision: None,
            given: Vec::new(),
        }
    }
}

/// What the events have to tell, by plan.
fn gone(events: &[Event]) -> BTreeMap<i64, Gone<'_>> {
    let mut found: BTreeMap<i64, Gone<'_>> = BTreeMap::new();
    for event in events.iter().filter(|event| is_told(&event.kind)) {
        let of = found.entry(event.plan.0).or_insert_with(|| Gone::of(event));
        match &event.kind {
            EventKind::Progress { steps, shown } => {
                of.steps = steps.as_slice();
                of.shown = *shown;
            }
            EventKind::Changed { revision, by } => of.revision = Some((*revision, by.as_slice())),
            EventKind::Assigned {
                supporter,
                kind,
                shown,
                by,
                ..
            } => {
                of.given.push((*kind, *supporter, by.as_slice()));
                of.shown = *shown;
            }
            _ => {}
        }
    }
    found
}

fn is_told(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Progress { .. } | EventKind::Changed { .. } | EventKind::Assigned { .. }
    )
}

/// Accounts of those who were given plans that their teachers were shown.
pub(super) fn named(events: &[Event]) -> Vec<i64> {
    let given = events.iter().filter_map(|event| match event.kind {
        EventKind::Assigned { supporter, shown, .. } => shown.then_some(supporter.0),
        _ => None,
    });
    given.collect::<BTreeSet<i64>>().into_iter().collect()
}

/// The news of these events. `told` is what goes out beside them: to whom a closed plan has closed a question, or who was
/// given the plan just now, that one hears nothing twice.
pub(super) fn letters(events: &[Event], readers: &Readers<'_>, told: &[Told]) -> Vec<Told> {
    let closed: BTreeSet<i64> = events
        .iter()
        .filter(|event| is_closed(event))
        .map(|e| e.plan.0)
        .collect();
    let heard: HashSet<(&str, i64, i64)> = told
        .iter()
        .map(|told| (told.letter.kind, told.letter.subject_id, told.letter.account))
        .collect();
    let hears = |kind: &'static str, plan: i64, account: AccountId| heard.contains(&(kind, plan, account.0));
    let mut supporters: HashMap<i64, BTreeSet<AccountId>> = HashMap::new();
    for (plan, account) in readers.accompanying {
        supporters.entry(*plan).or_default().insert(AccountId(*account));
    }
    let mut news = Vec::new();
    for (plan, gone) in gone(events) {
        let event = gone.event;
        // What one is told of, by what one has not done oneself.
        let of = |account: AccountId, fits: &dyn Fn(&Progress) -> bool| -> Vec<Went> {
            let closing = closed.contains(&plan) && hears("iom_settled", plan, account);
            let new = |step: &&Progress| !step.by.contains(&account) && fits(step) && !(closing && closes(step.what));
            gone.steps.iter().filter(new).map(|step| step.what).collect()
        };
        let teacher = readers.teachers.get(&event.person).copied();
        if let Some(teacher) = teacher.filter(|_| gone.shown) {
            let went = of(teacher, &|step| step.what.is_of_plan() || !planted!("credit_untold"));
            let given = gone.given.iter().filter(|(.., by)| !by.contains(&teacher));
            let given = given.filter_map(|(kind, of, _)| Some((*kind, readers.names.get(&of.0)?.as_str())));
            let given: Vec<(SupporterKind, &str)> = given.filter(|_| !planted!("supporter_untold")).collect();
            let item = only_item(&went).filter(|_| given.is_empty());
            let parts = [said(&went), accompanied_by(&given, None)];
            if let Some(what) = joined(parts) {
                news.extend(worded(letter(event, "iom_progress", [teacher], item), &what));
            }
        }
        for supporter in supporters.get(&plan).into_iter().flatten().copied() {
            if Some(supporter) == teacher || hears("iom_assigned", plan, supporter) {
                continue;
            }
            let went = of(supporter, &|step| step.what.is_of_plan());
            let changed = gone.revision.filter(|(_, by)| !by.contains(&supporter));
            let changed = changed.filter(|_| !planted!("change_untold"));
            let parts = [
                said(&went),
                changed.map(|(number, _)| format!("изменён, редакция {number}")),
            ];
            if let Some(what) = joined(parts) {
                news.extend(worded(letter(event, "iom_progress_support", [supporter], None), &what));
            }
        }
    }
    news
}

fn is_closed(event: &Event) -> bool {
    matches!(&event.kind, EventKind::Stands(standing) if standing.state == IomState::Closed)
}

fn closes(went: Went) -> bool {
    let closings = [ActKind::CloseCompleted, ActKind::CloseExpired, ActKind::CloseTerminated];
    matches!(went, Went::Plan(act) if closings.contains(&act))
}

/// What came, in one line; `None` where nothing did.
fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Letters with what came.
fn worded(mut letters: Vec<Told>, what: &str) -> Vec<Told> {
    for told in &mut letters {
        told.letter.body["what"] = json!(what);
    }
    letters
}

/// The step that all of it is about.
fn only_item(went: &[Went]) -> Option<i32> {
    let first = went.first()?.item()?;
    went.iter().all(|went| went.item() == Some(first)).then_some(first)
}

/// It in words: «утверждён, начат; шаги 2, 3 и 5 зачтены»; `None` where nothing came.
fn said(went: &[Went]) -> Option<String> {
    let numbers = |of: &dyn Fn(&Went) -> bool| -> BTreeSet<i32> {
        went.iter().filter(|w| of(w)).filter_map(|w| w.item()).collect()
    };
    let plan = went.iter().filter_map(|went| match went {
        Went::Plan(act) => of_plan(*act),
        _ => None,
    });
    let plan: Vec<&str> = plan.collect();
    let credited = numbers(&|w| matches!(w, Went::Credited { .. }));
    let waived = |by: bool| numbers(&|w| matches!(w, Went::Waived { by_document, .. } if *by_document == by));
    let trained = |by: bool| numbers(&|w| matches!(w, Went::Trained { credited, .. } if *credited == by));
    let course = |of: ActKind| numbers(&|w| matches!(w, Went::Course { act, .. } if *act == of));
    let (agreed, refused) = (course(ActKind::AgreeEnrolment), course(ActKind::RefuseEnrolment));
    let parts = [
        (!plan.is_empty()).then(|| plan.join(", ")),
        items(&credited, "шаг {} зачтён", "шаги {} зачтены"),
        items(
            &waived(true),
            "шаг {} перезачтён по документу",
            "шаги {} перезачтены по документам",
        ),
        items(&waived(false), "шаг {} перезачтён", "шаги {} перезачтены"),
        items(
            &agreed,
            "заявка на курс (шаг {}) согласована",
            "заявки на курсы (шаги {}) согласованы",
        ),
        items(
            &refused,
            "заявка на курс (шаг {}) отклонена",
            "заявки на курсы (шаги {}) отклонены",
        ),
        items(
            &course(ActKind::Enrol),
            "вы зачислены на курс (шаг {})",
            "вы зачислены на курсы (шаги {})",
        ),
        items(
            &trained(true),
            "обучение по шагу {} завершено, шаг зачтён",
            "обучение по шагам {} завершено, шаги зачтены",
        ),
        items(
            &trained(false),
            "обучение по шагу {} завершено",
            "обучение по шагам {} завершено",
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// An act on the plan as a whole: what the plan is since.
fn of_plan(act: ActKind) -> Option<&'static str> {
    match act {
        ActKind::Approve => Some("утверждён"),
        ActKind::Start => Some("начат"),
        ActKind::Pause => Some("приостановлен, сроки пока не идут"),
        ActKind::Resume => Some("возобновлён"),
        ActKind::CloseCompleted => Some("закрыт выполненным"),
        ActKind::CloseExpired => Some("закрыт по сроку"),
        ActKind::CloseTerminated => Some("прекращён"),
        ActKind::Reopen => Some("возвращён в работу"),
        _ => None,
    }
}

/// Words for one step or several, with their numbers in the gap: «2», «2 и 3», «2, 3 и 5».
fn items(numbers: &BTreeSet<i32>, one: &str, several: &str) -> Option<String> {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match numbers.as_slice() {
        [] => None,
        [number] => Some(one.replace("{}", number)),
        [first @ .., last] => Some(several.replace("{}", &format!("{} и {last}", first.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_said_in_one_line() {
        let credited = |item| Went::Credited { item };
        let waived = |item, by_document| Went::Waived { item, by_document };
        let course = |act, item| Went::Course { act, item };
        for (went, words) in [
            (vec![], None),
            (vec![credited(3)], Some("шаг 3 зачтён")),
            (
                vec![credited(5), credited(2), credited(3)],
                Some("шаги 2, 3 и 5 зачтены"),
            ),
            (
                vec![
                    Went::Plan(ActKind::Approve),
                    Went::Plan(ActKind::Start),
                    credited(1),
                    credited(2),
                ],
                Some("утверждён, начат; шаги 1 и 2 зачтены"),
            ),
            (
                vec![waived(4, true), waived(6, false)],
                Some("шаг 4 перезачтён по документу; шаг 6 перезачтён"),
            ),
            (
                vec![course(ActKind::Enrol, 2), course(ActKind::RefuseEnrolment, 7)],
                Some("заявка на курс (шаг 7) отклонена; вы зачислены на курс (шаг 2)"),
            ),
            (
                vec![Went::Trained {
                    item: 2,
                    credited: true,
                }],
                Some("обучение по шагу 2 завершено, шаг зачтён"),
            ),
        ] {
            assert_eq!(said(&went).as_deref(), words, "{went:?}");
        }
        assert_eq!(
            (only_item(&[credited(3)]), only_item(&[credited(3), credited(4)])),
            (Some(3), None)
        );
        assert_eq!(only_item(&[credited(3), Went::Plan(ActKind::Pause)]), None);
    }
}
