//! What may be done with a plan now, by whoever looks at its card: asked of the same rules that the act itself obeys.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::access;
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows::PlanRows;
use crate::desk::plan::{candidates, page};
use crate::enrolment::store::Reading;
use crate::enrolment::{EnrolmentState, Journey, store};
use crate::iom::{ActKind, CloseReason, IomState, Item, ItemState, PauseReason, pausing, plan::Doing, rights, status};
use crate::pages::parts::Choice;
use crate::pages::text::date;
use crate::planted;
use crate::web::Visitor;

/// A form of one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActForm {
    /// Id of its field.
    pub id: String,
    /// Words of the button.
    pub text: String,
    /// The act.
    #[serde(skip)]
    pub kind: ActKind,
    /// Its code.
    pub act: &'static str,
    /// Number of the item; empty where none.
    pub item: String,
    /// The version of what it is about: of applications for a course, of the item where one is named, else of the plan.
    pub seen: i32,
    /// What the field asks for; empty: the button alone is the form.
    pub ask: &'static str,
    /// Name of the field: `reason` or `value`.
    pub name: &'static str,
    /// A longer text.
    pub long: bool,
    /// Choices, where the field is a select.
    pub choices: Vec<Choice>,
    /// What may be meant, offered while it is typed.
    pub offers: Vec<String>,
    /// What was typed: it stays.
    pub value: String,
    /// What is wrong.
    pub problem: Option<String>,
    /// A day that is asked for as well; it goes as `value`.
    pub day: Option<DayField>,
    /// Whether it stands open, without a click.
    pub open: bool,
}

/// A day beside the field of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayField {
    /// Id of its field.
    pub id: String,
    /// What it asks for.
    pub ask: &'static str,
    /// What was typed: it stays.
    pub value: String,
    /// What is wrong.
    pub problem: Option<String>,
}

impl ActForm {
    /// A form of an act that is a button alone.
    #[must_use]
    pub fn new(act: ActKind, item: Option<i32>, text: impl Into<String>) -> Self {
        let item = item.map_or_else(String::new, |n| n.to_string());
        Self {
            id: format!("{}-{item}", act.code()),
            text: text.into(),
            kind: act,
            act: act.code(),
            item,
            seen: 0,
            ask: "",
            name: "reason",
            long: false,
            choices: Vec::new(),
            offers: Vec::new(),
            value: String::new(),
            problem: None,
            day: None,
            open: false,
        }
    }

    /// With a day as well.
    #[must_use]
    pub fn asks_day(mut self, ask: &'static str) -> Self {
        self.day = Some(DayField {
            id: format!("{}-day", self.id),
            ask,
            value: String::new(),
            problem: None,
        });
        self
    }

    /// With a field: its name and what it asks for.
    #[must_use]
    pub fn asks(mut self, name: &'static str, ask: &'static str) -> Self {
        self.name = name;
        self.ask = ask;
        self.long = name == "reason";
        self
    }

    /// With what may be meant by a text.
    #[must_use]
    pub fn offer(mut self, offers: Vec<String>) -> Self {
        self.offers = offers;
        self
    }

    /// With a select in the place of the field.
    #[must_use]
    pub fn choose(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self.long = false;
        self
    }
}

/// A step that waits for review, to be ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToReview {
    /// Number.
    pub number: i32,
    /// The version of the step that stands on the page.
    pub seen: i32,
    /// What.
    pub title: String,
    /// What to look at; empty for nothing.
    pub warning: &'static str,
}

/// Everything that may be done now.
#[derive(Debug, Default, Serialize)]
pub struct Possible {
    /// Acts on the plan and its applications.
    pub forms: Vec<ActForm>,
    /// Steps that wait for review.
    pub review: Vec<ToReview>,
    /// Sending a step back.
    pub returns: Vec<ActForm>,
    /// Taking a mark back: steps that are credited without a course, or waived.
    pub credited: Vec<ActForm>,
    /// Names by login of those who may be meant by naming a supporter.
    #[serde(skip)]
    pub names: HashMap<String, String>,
    /// Whether the plan may be closed as carried out.
    pub can_close: bool,
    /// Whether the plan may be changed.
    pub can_change: bool,
    /// Whether this is whoever changes the plan, wherever it stands.
    pub changes: bool,
    /// Whether this is whoever closes the plan, wherever it stands.
    pub closes: bool,
}

/// What the account may do now in the role in use.
///
/// # Errors
/// Those of the database.
pub fn possible(conn: &mut AnyConn, rows: &PlanRows, visitor: &Visitor, today: NaiveDate) -> Result<Possible, DbError> {
    let plan = &rows.plan;
    let journey = store::load(conn, &[plan.person_id], Reading::Whole)?.pop();
    let by = access::author(visitor);
    let actor = access::store::actors(conn, std::slice::from_ref(&by.login), today)?.remove(&by.login);
    let (Some(journey), Some(actor)) = (journey, actor) else {
        return Ok(Possible::default());
    };
    let actor = match &by.substitute {
        Some(substitute) => actor.through(substitute),
        None => actor.in_roles(&by.roles),
    };
    let organisations = journey.organisations(today);
    let allowed = |kind: ActKind, item: Option<i32>| {
        let doing = Doing {
            kind,
            item,
            on: today,
            value: "",
            reason: "",
            by: &actor,
            organisations: &organisations,
        };
        let target = journey.target(kind, plan.id);
        let fits = match item {
            None => status::plan_after(plan.state, kind).is_some() || status::allowed_within(plan.state, kind),
            Some(_) => status::allowed_within(plan.state, kind),
        };
        fits && target.is_some_and(|p| rights::check(p, &doing).is_ok())
    };
    let mut forms = of_plan(rows, &allowed, today);
    forms.extend(of_courses(rows, &journey, &allowed));
    let mut names = HashMap::new();
    let own = journey.plans.iter().find(|p| p.row.id == plan.id);
    if let Some(of) = own.filter(|_| allowed(ActKind::Assign, None)) {
        let found = candidates::of(conn, &actor, of, &organisations, today)?;
        names = found.names;
        if !found.choices.is_empty() {
            let form = ActForm::new(ActKind::Assign, None, "Назначить сопровождающего");
            forms.push(form.asks("value", "Кого назначить").choose(found.choices));
        }
    }
    let waiting = rows.items.iter().filter(|i| i.state == ItemState::Submitted);
    let (mut review, mut returns) = (Vec::new(), Vec::new());
    for item in waiting {
        if allowed(ActKind::Accept, Some(item.number)) {
            review.push(ToReview {
                number: item.number,
                seen: item.version,
                title: item.title.clone(),
                warning: if page::is_course_without_document(item) {
                    page::UNPROVED
                } else {
                    ""
                },
            });
            let form = ActForm::new(ActKind::Return, Some(item.number), format!("Вернуть: {}", item.title));
            returns.push(form.asks("reason", "Что доработать"));
        }
    }
    let credited = rows.items.iter().filter(|item| may_be_taken_back(item));
    let mut credited: Vec<ActForm> = credited
        .filter(|i| allowed(ActKind::Return, Some(i.number)) && !planted!("mark_stays"))
        .map(taking_back)
        .collect();
    for form in forms.iter_mut().chain(&mut returns).chain(&mut credited) {
        let item = rows.items.iter().find(|i| i.number.to_string() == form.item);
        let course = item
            .and_then(|i| i.programme_id)
            .filter(|_| form.kind.is_about_course());
        form.seen = match course {
            Some(course) => journey.version_of_course(course),
            None => item.map_or(plan.version, |i| i.version),
        };
    }
    let closing = Doing {
        kind: ActKind::CloseCompleted,
        item: None,
        on: today,
        value: "",
        reason: "",
        by: &actor,
        organisations: &organisations,
    };
    let changing = Doing {
        kind: ActKind::Change,
        ..closing
    };
    Ok(Possible {
        closes: own.is_some_and(|p| rights::check(p, &closing).is_ok()),
        forms,
        review,
        returns,
        credited,
        names,
        can_close: allowed(ActKind::CloseCompleted, None),
        can_change: allowed(ActKind::Change, None),
        changes: own.is_some_and(|p| rights::check(p, &changing).is_ok()),
    })
}

/// Whether the mark of a step is taken back on the card: a course that its own document closed stays closed.
fn may_be_taken_back(item: &Item) -> bool {
    match item.state {
        ItemState::Accepted => item.programme_id.is_none(),
        ItemState::Waived => !planted!("waiver_stays"),
        _ => false,
    }
}

/// The form that takes a mark back.
fn taking_back(item: &Item) -> ActForm {
    let form = ActForm::new(ActKind::Return, Some(item.number), format!("Вернуть: {}", item.title));
    let ask = match item.state {
        ItemState::Waived => "Почему перезачёт снят",
        _ => "Что доработать",
    };
    form.asks("reason", ask)
}

fn of_plan(rows: &PlanRows, allowed: &impl Fn(ActKind, Option<i32>) -> bool, today: NaiveDate) -> Vec<ActForm> {
    use ActKind as A;
    let late = rows.plan.ends_on.is_some_and(|on| on < today);
    let agreed = rows.plan.agreed_on.is_some();
    let forms = [
        (true, ActForm::new(A::Send, None, "Отправить педагогу")),
        (agreed, ActForm::new(A::Approve, None, "Утвердить")),
        (
            rows.plan.state == IomState::OnAgreement,
            ActForm::new(A::Return, None, "Вернуть на доработку").asks("reason", "Что изменить"),
        ),
        (true, ActForm::new(A::Start, None, "Начать маршрут")),
        (
            true,
            ActForm::new(A::Resume, None, "Возобновить")
                .asks("value", "Сроки шагов и маршрута")
                .choose(choices(
                    [
                        (pausing::SHIFT, "сдвинуть на время паузы"),
                        (pausing::KEEP, "оставить прежними"),
                    ]
                    .into_iter(),
                )),
        ),
        (
            true,
            ActForm::new(A::Support, None, "Записать помощь").asks("reason", "Что сделано: встреча, разбор, совет"),
        ),
        (
            true,
            ActForm::new(A::Pause, None, "Приостановить")
                .asks("reason", "Причина")
                .choose(choices(PauseReason::ALL.iter().map(|r| (r.label(), r.label()))))
                .asks_day("По какой день, например 28.02.2026"),
        ),
        (
            late,
            ActForm::new(A::CloseExpired, None, "Закрыть по сроку").asks("reason", "Почему не выполнен в срок"),
        ),
        (
            rows.plan.state != IomState::Draft,
            ActForm::new(A::CloseTerminated, None, "Прекратить")
                .asks("reason", "Причина")
                .choose(choices(CloseReason::ALL.iter().map(|r| (r.code(), r.label())))),
        ),
        (
            rows.plan.revision > 0 || planted!("reopened_in_vain"),
            ActForm::new(A::Reopen, None, "Вернуть в работу").asks("reason", "Почему"),
        ),
    ];
    let open = |act: &str| ActKind::from_code(act).is_some_and(|kind| allowed(kind, None));
    forms
        .into_iter()
        .filter(|(shown, form)| *shown && open(form.act))
        .map(|(_, form)| form)
        .collect()
}

/// Values with their labels, as a select shows them.
fn choices<'a>(of: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Choice> {
    let choice = |(value, label): (&str, &str)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: false,
    };
    of.map(choice).collect()
}

/// Documents that the person has, as the act of waiving names one; the newest first. One that was taken back is not offered.
fn documents(journey: &Journey) -> Vec<String> {
    let standing = journey.documents.iter().filter(|d| journey.stands(d));
    let mut known: Vec<_> = standing.map(|d| (d.issued_on, &d.number)).collect();
    known.sort_unstable_by(|a, b| b.cmp(a));
    let named = |(on, number): (NaiveDate, &String)| format!("{number} от {}", date(on));
    known.into_iter().map(named).collect()
}

fn of_courses(rows: &PlanRows, journey: &Journey, allowed: &impl Fn(ActKind, Option<i32>) -> bool) -> Vec<ActForm> {
    let mut forms = Vec::new();
    for item in rows.items.iter().filter(|i| !i.state.is_settled()) {
        let last = rows.enrolments.iter().rev().find(|(of, _)| *of == item.id);
        let form = match last.map(|(_, state)| *state) {
            Some(EnrolmentState::Agreed) => {
                let text = format!("Зачислить на курс: {}", item.title);
                (ActKind::Enrol, ActForm::new(ActKind::Enrol, Some(item.number), text))
            }
            Some(EnrolmentState::Enrolled) => {
                let text = format!("Записать окончание курса: {}", item.title);
                let form = ActForm::new(ActKind::Complete, Some(item.number), text);
                (ActKind::Complete, form.asks("value", "Номер удостоверения или диплома"))
            }
            _ => continue,
        };
        if allowed(form.0, Some(item.number)) {
            forms.push(form.1);
        }
    }
    let open = |item: &&Item| !item.state.is_settled() && item.state != ItemState::Cancelled;
    for item in rows.items.iter().filter(open).filter(|i| i.programme_id.is_some()) {
        if allowed(ActKind::Waive, Some(item.number)) {
            let text = format!("Перезачесть: {}", item.title);
            let form = ActForm::new(ActKind::Waive, Some(item.number), text);
            let ask = "Документ о прежнем обучении: номер и дата, например 7204 от 15.03.2022";
            forms.push(form.asks("value", ask).offer(documents(journey)));
        }
    }
    forms
}
