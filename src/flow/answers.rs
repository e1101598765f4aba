//! What is answered by now: questions leave the lists, and whoever was asked and did not answer is told so once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use crate::access::AccountId;
use crate::iom::event::{Event, EventKind, Standing};
use crate::iom::{IomOutcome, IomState, ItemState};
use crate::mail::notice::{Notice, Settled, Told};
use crate::mail::outbox::Letter;
use crate::planted;

/// What is said of a plan that is accompanied now.
const NAMED: &str = "сопровождающий назначен";

/// Which of the open questions are answered, and «вопрос закрыт» for those who were asked and did not answer themselves.
/// `accompanying` are plans with those who accompany them today.
pub(super) fn close(
    events: &[Event],
    open: &[Notice],
    replaced: &[i64],
    accompanying: &HashSet<(i64, i64)>,
) -> (HashMap<Settled, Vec<i64>>, Vec<Told>) {
    let standing: HashMap<i64, (&Event, &Standing)> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Stands(standing) => Some((event.plan.0, (event, standing))),
            _ => None,
        })
        .collect();
    let mut settled: HashMap<Settled, Vec<i64>> = HashMap::new();
    let mut news = Vec::new();
    for question in open {
        if replaced.contains(&question.id) {
            settled.entry(Settled::Replaced).or_default().push(question.id);
            continue;
        }
        let Some((event, standing)) = standing.get(&question.subject_id) else {
            continue;
        };
        let Some((how, what)) = answer(question, standing, accompanying) else {
            continue;
        };
        settled.entry(how).or_default().push(question.id);
        let own = standing.by.contains(&AccountId(question.account_id));
        if let Some(what) = what.filter(|_| !own) {
            // A plan is closed once, however many of its steps were waited for.
            let dedup = match how {
                Settled::PlanClosed => format!("closed-{}-{}", event.act, question.account_id),
                _ => question.id.to_string(),
            };
            let number = json!(event.number);
            news.push(closed(question, &number, &what, how, dedup));
        }
    }
    (settled, news)
}

/// The questions of plans that nobody accompanied and that have a supporter now, all at once: `takers` by plan. Whoever was
/// asked is told, but not of the own act; what waited for nobody waits for the taker.
pub(super) fn named(
    open: &[Notice],
    takers: &BTreeMap<i64, AccountId>,
    is_own: &dyn Fn(AccountId) -> bool,
) -> (HashMap<Settled, Vec<i64>>, Vec<Told>) {
    let mut settled: HashMap<Settled, Vec<i64>> = HashMap::new();
    let mut news = Vec::new();
    let mut waits = BTreeSet::new();
    for question in open.iter().filter(|question| rests_on_supporters(question)) {
        let Some(taker) = takers.get(&question.subject_id) else {
            continue;
        };
        settled.entry(Settled::Done).or_default().push(question.id);
        let number = question.value("number").unwrap_or_default();
        if !is_own(AccountId(question.account_id)) {
            let dedup = question.id.to_string();
            news.push(closed(question, &number, NAMED, Settled::Done, dedup));
        }
        if waits.insert((question.subject_id, question.item)) {
            news.push(Told {
                letter: Letter {
                    kind: "iom_submitted",
                    region: question.region_id,
                    account: taker.0,
                    subject_id: question.subject_id,
                    dedup_key: format!("{}-{taker}", question.id),
                    body: json!({ "plan": question.subject_id, "number": number, "item": question.item }),
                    address: None,
                    link: None,
                },
                item: question.item,
                due_on: None,
            });
        }
    }
    (settled, news)
}

/// «Вопрос закрыт» for whoever was asked and did not answer it.
fn closed(question: &Notice, number: &Value, what: &str, how: Settled, dedup_key: String) -> Told {
    Told {
        letter: Letter {
            kind: "iom_settled",
            region: question.region_id,
            account: question.account_id,
            subject_id: question.subject_id,
            dedup_key,
            body: json!({
                "plan": question.subject_id,
                "number": number,
                "item": question.item,
                "what": what,
                "place": place(question, how),
            }),
            address: None,
            link: None,
        },
        item: question.item,
        due_on: None,
    }
}

/// The page of the plan that whoever was asked may open, without its first slash.
fn place(question: &Notice, how: Settled) -> String {
    let plan = question.subject_id;
    match (question.kind.as_str(), question.item) {
        _ if planted!("closed_to_nowhere") => "notices".to_owned(),
        ("iom_submitted", _) => format!("people/{plan}"),
        ("iom_to_approve" | "iom_came_back" | "iom_unaccompanied", _) => format!("composed/{plan}"),
        // The own plan: while no other one is in work, the page shows the one that was closed last.
        (_, Some(item)) if how != Settled::PlanClosed => format!("plan#item-{item}"),
        _ => "plan".to_owned(),
    }
}

/// How a plan was closed, in words.
fn closing(now: &Standing) -> String {
    match now.closed {
        Some((IomOutcome::Terminated, Some(reason))) => format!("маршрут закрыт (прекращён: {})", reason.label()),
        Some((outcome, _)) => format!("маршрут закрыт ({})", outcome.label()),
        None => "маршрут закрыт".to_owned(),
    }
}

/// Whether it is answered by who accompanies the plan.
pub(super) fn rests_on_supporters(question: &Notice) -> bool {
    question.kind == "iom_unaccompanied"
}

/// How a question was answered, with the words for whoever did not answer it; `None` while it stands.
fn answer(question: &Notice, now: &Standing, accompanying: &HashSet<(i64, i64)>) -> Option<(Settled, Option<String>)> {
    if now.state == IomState::Closed {
        return Some((Settled::PlanClosed, Some(closing(now))));
    }
    let number = question.item.unwrap_or_default();
    let step = |what: &str| Some(format!("шаг {number} {what}"));
    let (state, due_on) = now.item(number).unzip();
    let open = matches!(
        state,
        Some(ItemState::Planned | ItemState::InProgress | ItemState::Returned)
    );
    let accepted = matches!(state, Some(ItemState::Accepted | ItemState::Waived));
    let words = |text: &str| Some(text.to_owned());
    match question.kind.as_str() {
        "iom_sent" if now.waits_for_agreement => None,
        "iom_sent" => Some(match now.state {
            IomState::Draft => (Settled::TakenBack, words("согласование отозвано")),
            IomState::Returned => (Settled::Returned, words("его вернули на доработку")),
            _ => (Settled::Done, words("согласие уже дано")),
        }),
        "iom_submitted" if state == Some(ItemState::Submitted) => {
            let still = now.supporters.contains(&AccountId(question.account_id));
            (!still).then_some((Settled::HandedOver, None))
        }
        "iom_to_approve" if now.waits_for_approval => None,
        "iom_to_approve" => Some(match now.state {
            IomState::Draft | IomState::OnAgreement => (Settled::TakenBack, words("согласование отозвано")),
            IomState::Returned => (Settled::Returned, words("его вернули на доработку")),
            _ => (Settled::Done, words("он уже утверждён")),
        }),
        "iom_came_back" if now.state == IomState::Returned => None,
        "iom_came_back" => Some((Settled::Done, words("его исправили и отправили педагогу"))),
        "iom_unaccompanied" if state == Some(ItemState::Submitted) => {
            let named = accompanying.iter().any(|(plan, _)| *plan == question.subject_id);
            named.then(|| (Settled::Done, words(NAMED)))
        }
        "iom_submitted" | "iom_unaccompanied" => Some(match state {
            _ if accepted => (Settled::Done, step("уже зачтён")),
            Some(ItemState::Returned) => (Settled::Returned, step("уже возвращён педагогу")),
            _ => (Settled::TakenBack, step("отозван с проверки")),
        }),
        "iom_item_returned" if state == Some(ItemState::Returned) => None,
        // How the plan goes on is told by itself ([`super::progress`]).
        "iom_item_returned" | "iom_due" if accepted => Some((Settled::Done, None)),
        "iom_item_returned" => Some(match state {
            Some(ItemState::Cancelled) | None => (Settled::TakenBack, step("отменён")),
            _ => (Settled::Done, step("больше не ждёт исправлений")),
        }),
        "iom_changed" => {
            let revision = question.value("revision").and_then(|n| n.as_i64());
            let read = now.read.iter().any(|n| Some(i64::from(*n)) == revision);
            read.then(|| (Settled::Done, words("с редакцией уже ознакомились")))
        }
        "iom_due" if open && due_on.flatten() != question.due_on => Some((Settled::Replaced, None)),
        "iom_due" if open && matches!(now.state, IomState::Approved | IomState::Active) => None,
        "iom_due" => Some(match state {
            Some(ItemState::Submitted) => (Settled::Done, step("отправлен на проверку")),
            Some(ItemState::Cancelled) | None => (Settled::TakenBack, step("отменён")),
            // Paused, which is told as well.
            _ => (Settled::TakenBack, None),
        }),
        _ => None,
    }
}
