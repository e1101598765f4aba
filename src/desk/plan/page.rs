//! A plan as a page shows it: the next step, the path, who is near, what is worked on, what happened.

use chrono::NaiveDate;
use serde::Serialize;

use crate::competence::scale::names_mastery;
use crate::desk::plan::ahead;
use crate::desk::plan::rows::{NamedAct, NamedDeficit, PlanRows, Someone};
use crate::enrolment::EnrolmentState;
use crate::iom::closing::close_reason;
use crate::iom::evidence::Evidence;
use crate::iom::rounds::{Round, judged};
use crate::iom::{
    ActKind, DeficitOutcome, Iom, IomOrigin, IomOutcome, IomState, Item, ItemId, ItemState, SupporterKind, draft,
    rules, typed_file,
};
use crate::pages::parts::{
    Button, Chip, Field, FileField, HandIn, Link, Mark, Meter, Milestone, Moment, Near, NextStep, Stage, TakeBack,
    Timeline, Tone,
};
use crate::pages::text::{capital, count, date, day, plural, until};
use crate::planted;

/// A plan ready to be printed.
#[derive(Debug, Serialize)]
pub struct View {
    /// Its version: what a form of the whole plan answers.
    pub version: i32,
    /// Number.
    pub number: String,
    /// Line below the heading.
    pub lead: String,
    /// A revision that waits for «Ознакомлен».
    pub unread: Option<Unread>,
    /// Where the plan stands.
    pub stages: Vec<Stage>,
    /// What is next.
    pub next: Option<NextStep>,
    /// The form that hands the next step in.
    pub hand_in: Option<HandIn>,
    /// Milestones.
    pub path: Vec<Milestone>,
    /// Supporters.
    pub near: Vec<Near>,
    /// Deficits.
    pub work: Vec<Meter>,
    /// Acts.
    pub timeline: Timeline,
    /// Steps that were sent and wait for an answer: said at the top, so that nobody sends them twice.
    pub sent: Vec<String>,
    /// What comes of those, after «отправлено».
    pub answer: &'static str,
    /// Who names the supporters, where there is none.
    pub nobody: &'static str,
    /// Whether the teacher may send the plan back.
    pub can_return: bool,
    /// The link to its revisions; empty before the approval.
    pub revisions: String,
    /// How it had been closed before it was taken back into work, the latest first.
    pub before: Vec<Before>,
}

/// Makes the view. `token` is that of the forms for the teacher's own page; without it the page only shows.
#[must_use]
pub fn view(rows: &PlanRows, today: NaiveDate, token: Option<&str>) -> View {
    let current = next_item(&rows.items).filter(|_| rows.plan.state == IomState::Active);
    View {
        number: rows.plan.number.clone(),
        lead: lead(rows),
        unread: token.and_then(|_| unread(rows)),
        stages: stages(rows),
        next: token.and_then(|token| next(rows, current, today, token)),
        hand_in: token.and_then(|token| to_hand_in(rows, current, token)),
        path: path(rows, current, today, token),
        near: rows
            .supporters
            .iter()
            .map(|(kind, who)| Near {
                name: who.name.clone(),
                kind: kind.label().to_owned(),
                mail: who.mail.clone(),
            })
            .collect(),
        work: rows.deficits.iter().map(meter).collect(),
        timeline: timeline(rows),
        sent: rows
            .items
            .iter()
            .filter(|i| i.state == ItemState::Submitted)
            .map(|i| i.title.clone())
            .collect(),
        answer: if is_alone(rows) {
            "но проверить пока некому: сопровождающего назначит школа. Ответ появится здесь."
        } else {
            "делать ничего не нужно. О зачёте скажет уведомление, о замечании придёт письмо."
        },
        nobody: if rows.plan.origin == IomOrigin::School {
            "Сопровождающего назначит школа."
        } else {
            "Сопровождающего назначит ЦНППМ."
        },
        version: rows.plan.version,
        can_return: token.is_some() && rows.plan.state == IomState::OnAgreement,
        revisions: match rows.plan.revision {
            0 => String::new(),
            number => format!("Редакция № {number} и листы корректировки"),
        },
        before: before_reopening(rows),
    }
}

/// Whether a school composed the plan and has named nobody who marks its steps.
fn is_alone(rows: &PlanRows) -> bool {
    rows.plan.origin == IomOrigin::School && rows.supporters.is_empty()
}

/// Whether the school leads the plan: it composed it, and nobody is named as the curator.
fn led_by_school(rows: &PlanRows) -> bool {
    let curator = |(kind, _): &(SupporterKind, Someone)| *kind == SupporterKind::Curator;
    rows.plan.origin == IomOrigin::School && !rows.supporters.iter().any(curator)
}

/// «Маршрут приостановлен до 12 марта: отпуск».
fn paused(rows: &PlanRows, today: NaiveDate) -> String {
    let until = rows.plan.paused_until;
    let until = until.map_or_else(String::new, |on| format!(" до\u{A0}{}", day(on, today)));
    let last = rows.acts.iter().find(|act| act.act == ActKind::Pause);
    let reason = last.and_then(|act| act.reason.as_deref());
    let reason = reason.map_or_else(String::new, |why| format!(": {why}"));
    format!("Маршрут приостановлен{until}{reason}")
}

/// Done and all of the steps that count.
#[must_use]
pub fn steps<'a>(items: impl Iterator<Item = &'a Item>) -> (i64, i64) {
    items
        .filter(|i| i.state != ItemState::Cancelled)
        .fold((0, 0), |(done, all), item| {
            (done + i64::from(item.state.is_settled()), all + 1)
        })
}

fn lead(rows: &PlanRows) -> String {
    let (done, all) = steps(rows.items.iter());
    let waiting = rows.items.iter().filter(|i| i.state == ItemState::Submitted).count();
    let mut text = format!(
        "ИОМ педагога № {} · пройдено {done} из {}",
        rows.plan.number,
        count(all, "шага", "шагов", "шагов")
    );
    if waiting > 0 && rows.plan.state != IomState::Closed {
        text.push_str(&format!(", ещё {waiting} на проверке"));
    }
    if let Some(ends_on) = rows.plan.ends_on {
        text.push_str(&format!(" · до\u{A0}{}", date(ends_on)));
    }
    text.push_str(&format!(" · составлен: {}", rows.plan.origin.label()));
    text
}

/// A revision that its teacher has not acknowledged.
#[derive(Debug, Serialize)]
pub struct Unread {
    /// «Маршрут изменён: редакция № 3».
    title: String,
    /// Where it is read and acknowledged.
    href: String,
}

/// The latest revision that waits to be acknowledged; the first one was agreed before its approval.
fn unread(rows: &PlanRows) -> Option<Unread> {
    if !matches!(
        rows.plan.state,
        IomState::Approved | IomState::Active | IomState::Paused
    ) || planted!("unread_below")
    {
        return None;
    }
    let waits = |number: &i32| !rows.acquainted.contains(number);
    let waiting: Vec<i32> = (2..=rows.plan.revision).filter(waits).collect();
    let latest = waiting.last()?;
    let many = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    Some(Unread {
        title: if many == 1 {
            format!("Маршрут изменён: прочитайте редакцию № {latest}")
        } else {
            format!(
                "Маршрут изменён: {} {} прочтения",
                count(many, "редакция", "редакции", "редакций"),
                plural(many, "ждёт", "ждут", "ждут")
            )
        },
        href: format!("/plan/revisions#revision-{latest}"),
    })
}

fn stages(rows: &PlanRows) -> Vec<Stage> {
    let state = rows.plan.state;
    let now = match state {
        IomState::Draft => 0,
        IomState::OnAgreement | IomState::Returned => 1,
        IomState::Approved => 2,
        IomState::Active | IomState::Paused => 3,
        IomState::Closed => return passed(rows),
    };
    let work = if state == IomState::Paused {
        "Приостановлен"
    } else {
        "В работе"
    };
    Stage::row(&["Составлен", "Согласование", "Утверждён", work, "Закрыт"], now)
}

/// The stages that a closed plan has been through, and how it ended: one that was terminated need not have had them all.
fn passed(rows: &PlanRows) -> Vec<Stage> {
    let plan = &rows.plan;
    let is_approved = plan.revision > 0 || planted!("terminated_approved");
    let mut stages = vec![Stage::passed("Составлен")];
    if is_approved || plan.agreed_on.is_some() {
        stages.push(Stage::passed("Согласование"));
    } else if plan.first_visible_on.is_some() {
        stages.push(Stage::ahead("Согласование не завершено", "здесь остановлен"));
    }
    if is_approved {
        stages.push(Stage::passed("Утверждён"));
    }
    if rows.begun {
        stages.push(Stage::passed("В работе"));
    }
    let ended = match plan.outcome {
        Some(IomOutcome::Terminated) => "Прекращён",
        _ => "Закрыт",
    };
    let on = plan.closed_on.map_or_else(String::new, |on| format!(" {}", date(on)));
    stages.push(Stage {
        said: "итог",
        ..Stage::passed(format!("{ended}{on}"))
    });
    stages
}

/// The item that waits for the teacher: what came back first, then by date; what comes after another step, after it.
fn next_item(items: &[Item]) -> Option<&Item> {
    let waits = |i: &&Item| {
        matches!(
            i.state,
            ItemState::Returned | ItemState::InProgress | ItemState::Planned
        )
    };
    items.iter().filter(waits).min_by_key(|i| {
        (
            i.state != ItemState::Returned,
            first(items, i).is_some() && !planted!("later_step_next"),
            i.due_on.unwrap_or(NaiveDate::MAX),
            i.number,
        )
    })
}

fn next(rows: &PlanRows, current: Option<&Item>, today: NaiveDate, token: &str) -> Option<NextStep> {
    let act = |kind: ActKind, item: Option<i32>, text: &str| {
        let fields = [
            ("token", token.to_owned()),
            ("act", kind.code().to_owned()),
            ("item", item.map_or_else(String::new, |n| n.to_string())),
            ("seen", rows.plan.version.to_string()),
        ];
        Some(Button::act(text, "/plan/act", &fields))
    };
    let step = |kicker: &str, title: String, text: &str, button| NextStep {
        kicker: kicker.into(),
        title,
        text: text.into(),
        button,
    };
    let school = rows.plan.origin == IomOrigin::School;
    match rows.plan.state {
        IomState::OnAgreement if rows.plan.agreed_on.is_none() => Some(step(
            "Следующий шаг",
            "Посмотреть и согласовать маршрут".into(),
            "Шаги ниже подобраны по вашим дефицитам. Если что-то не подходит, верните маршрут с замечанием.",
            act(ActKind::Agree, None, "Согласовать"),
        )),
        IomState::OnAgreement => Some(step(
            "Вы согласовали маршрут",
            if school {
                "Теперь его утвердит директор школы".into()
            } else {
                "Теперь его утвердит ЦНППМ".into()
            },
            "Делать ничего не нужно: когда маршрут утвердят и когда он начнётся, придёт уведомление.",
            None,
        )),
        IomState::Returned => Some(step(
            "Маршрут на доработке",
            if school {
                "Школа исправит его и пришлёт снова".into()
            } else {
                "Куратор исправит его и пришлёт снова".into()
            },
            "Ваше замечание передано.",
            None,
        )),
        IomState::Approved => Some(step(
            "Маршрут утверждён",
            if led_by_school(rows) {
                "Школа начнёт его в ближайшие дни".into()
            } else {
                "Куратор запустит его в ближайшие дни".into()
            },
            "После этого первый шаг появится здесь.",
            None,
        )),
        IomState::Active => Some(item_step(rows, current, today)),
        IomState::Paused => Some(step(
            &paused(rows, today),
            "Пока ничего делать не нужно".into(),
            if led_by_school(rows) {
                "Сроки шагов не напоминаются. Школа возобновит маршрут вместе с вами."
            } else {
                "Сроки шагов не напоминаются. Куратор возобновит маршрут вместе с вами."
            },
            None,
        )),
        IomState::Closed => Some(step(
            &format!(
                "Маршрут закрыт{}",
                rows.plan
                    .closed_on
                    .map_or_else(String::new, |on| format!(" {}", date(on)))
            ),
            ended(&rows.plan),
            &ahead::said(&rows.plan, rows.ahead),
            None,
        )),
        IomState::Draft => None,
    }
}

/// «Прекращён: заменён другим ИОМ».
fn ended(plan: &Iom) -> String {
    let outcome = capital(plan.outcome.map_or("закрыт", IomOutcome::label));
    match plan.close_reason {
        Some(reason) => format!("{outcome}: {}", reason.label()),
        None => outcome,
    }
}

fn item_step(rows: &PlanRows, current: Option<&Item>, today: NaiveDate) -> NextStep {
    let Some(item) = current else {
        return NextStep {
            kicker: "Все шаги пройдены".into(),
            title: "Осталось закрыть маршрут".into(),
            text: if led_by_school(rows) {
                "Школа подведёт итоги по каждому дефициту.".into()
            } else {
                "Куратор подведёт итоги по каждому дефициту.".into()
            },
            button: None,
        };
    };
    let applied = rows
        .enrolments
        .iter()
        .rev()
        .find(|(of, _)| *of == item.id)
        .map(|(_, state)| *state);
    let (title, text, button) = match (item.state, applied) {
        (ItemState::Returned, _) => (format!("Доработать: {}", item.title), remark(rows, item), None),
        (ItemState::InProgress, _) if item.programme_id.is_none() => (
            item.title.clone(),
            if is_alone(rows) {
                "Когда всё сделано, отправьте шаг на проверку. Сопровождающего назначит школа, он ответит вам.".into()
            } else {
                "Когда всё сделано, отправьте шаг на проверку. Сопровождающий ответит в течение трёх дней.".into()
            },
            None,
        ),
        (_, Some(state)) if state != EnrolmentState::Refused && state != EnrolmentState::Withdrawn => {
            let text = match state {
                EnrolmentState::Applied => "Заявка подана и ждёт согласия директора.",
                EnrolmentState::Agreed | EnrolmentState::Waitlisted => "Директор согласен, ЦНППМ зачислит вас.",
                EnrolmentState::Enrolled => "Вы зачислены. Когда курс закончится, удостоверение закроет шаг.",
                _ => "Что с заявкой, видно в разделе «Мои заявки».",
            };
            let button = Button::link("Мои заявки", "/my-applications");
            (item.title.clone(), text.to_owned(), Some(button))
        }
        _ if item.programme_id.is_some() => (
            item.title.clone(),
            "Подайте заявку: директор согласует её, ЦНППМ зачислит.".into(),
            item.programme_id
                .map(|of| Button::link("Записаться", format!("/courses/{of}/apply"))),
        ),
        _ => (
            item.title.clone(),
            "Когда сделаете, приложите снимок или документ и отправьте на проверку.".into(),
            None,
        ),
    };
    let when = item.due_on.map_or_else(String::new, |due| {
        format!(" · до\u{A0}{}, {}", day(due, today), until(due, today))
    });
    NextStep {
        kicker: format!("Следующий шаг{when}"),
        title,
        text,
        button,
    }
}

/// The form for the next step or, while that waits for others, for the first one that may be handed in meanwhile.
fn to_hand_in(rows: &PlanRows, current: Option<&Item>, token: &str) -> Option<HandIn> {
    let own = current.and_then(|item| hand_in(rows, item, token));
    own.or_else(|| {
        let mut items: Vec<&Item> = rows.items.iter().collect();
        items.sort_by_key(|i| {
            (
                first(&rows.items, i).is_some(),
                i.due_on.unwrap_or(NaiveDate::MAX),
                i.number,
            )
        });
        let (item, form) = items.into_iter().find_map(|i| Some((i, hand_in(rows, i, token)?)))?;
        Some(HandIn {
            title: Some(format!("Можно уже сейчас: {}", item.title)),
            ..form
        })
    })
}

/// Whether a step may be handed in on a page: a course is closed by its document, unless a supporter asks for more.
#[must_use]
pub fn may_be_handed_in(state: ItemState, is_course: bool) -> bool {
    match state {
        ItemState::Returned => true,
        ItemState::InProgress | ItemState::Planned => !is_course,
        _ => false,
    }
}

/// What whoever reviews such a step is told.
pub const UNPROVED: &str = "Это курс, удостоверения в системе нет: проверьте документ";

/// Whether a step is a course that was handed in by hand: no document of it is known.
#[must_use]
pub fn is_course_without_document(item: &Item) -> bool {
    item.programme_id.is_some() && item.document_id.is_none()
}

/// The form for a step that may be handed in now.
fn hand_in(rows: &PlanRows, item: &Item, token: &str) -> Option<HandIn> {
    let now = may_be_handed_in(item.state, item.programme_id.is_some());
    (now && rows.plan.state == IomState::Active).then(|| HandIn {
        title: None,
        item: item.number.to_string(),
        seen: item.version,
        token: token.to_owned(),
        file: FileField {
            name: "file",
            label: "Снимок или документ",
            hint: "JPEG, PNG или PDF, до 10 МБ. Можно без файла, если подтверждать нечем.",
            accept: "image/*,application/pdf",
            problem: None,
        },
        note: Field {
            name: "note",
            label: "Пара слов проверяющему (необязательно)",
            hint: None,
            value: String::new(),
            problem: None,
            long: false,
        },
        button: if item.state == ItemState::Returned {
            "Отправить снова"
        } else {
            "Отправить на проверку"
        },
    })
}

/// Links to the files handed in with a step.
#[must_use]
pub fn files<'a>(of: impl Iterator<Item = &'a Evidence>, item: ItemId) -> Vec<Link> {
    of.filter(|e| e.item_id == item)
        .map(|e| Link::new(e.file_name.clone(), format!("/evidence/{}", e.id)))
        .collect()
}

/// What the supporter wrote when the step came back.
fn remark(rows: &PlanRows, item: &Item) -> String {
    let last = rows
        .acts
        .iter()
        .find(|a| a.act == ActKind::Return && a.item == Some(item.id));
    last.and_then(|a| a.reason.clone())
        .unwrap_or_else(|| "Сопровождающий вернул шаг.".into())
}

fn path(rows: &PlanRows, current: Option<&Item>, today: NaiveDate, token: Option<&str>) -> Vec<Milestone> {
    let mut path = Vec::with_capacity(rows.items.len() + 1);
    if let Some(procedure) = &rows.procedure {
        path.push(Milestone::new(Mark::Done, procedure.clone(), "ЦНППМ").chip(Chip::new(Tone::Done, "Пройдена")));
    }
    let shown = rows.items.iter().filter(|i| i.state != ItemState::Cancelled);
    path.extend(shown.map(|item| {
        let now = current.is_some_and(|c| c.id == item.id);
        let back = token.and_then(|token| take_back(rows, item, token));
        Milestone {
            back,
            ..milestone(rows, item, now, today)
        }
    }));
    path
}

/// A step sent by mistake comes back until somebody has answered.
fn take_back(rows: &PlanRows, item: &Item, token: &str) -> Option<TakeBack> {
    let sent = item.state == ItemState::Submitted && rows.plan.state == IomState::Active;
    sent.then(|| TakeBack {
        token: token.to_owned(),
        item: item.number.to_string(),
        seen: item.version,
    })
}

fn milestone(rows: &PlanRows, item: &Item, now: bool, today: NaiveDate) -> Milestone {
    let late = item.due_on.is_some_and(|due| due < today);
    let closed = rows.plan.state == IomState::Closed;
    let left = |due| Chip::new(Tone::Calm, until(due, today)).icon("i-clock");
    let (mark, chip) = match item.state {
        ItemState::Accepted | ItemState::Waived => (Mark::Done, Chip::new(Tone::Done, capital(item.state.label()))),
        // Nothing is ahead in a closed plan, and nothing is late.
        _ if closed => (Mark::Plan, Chip::new(Tone::Calm, "Не выполнен")),
        ItemState::Submitted => (Mark::Wait, Chip::new(Tone::Wait, "На проверке")),
        ItemState::Returned => (Mark::Plan, Chip::new(Tone::Wait, "Возвращён с замечанием")),
        // A pause stops the clock: nothing is late either.
        _ if rows.plan.state == IomState::Paused => (Mark::Plan, Chip::new(Tone::Calm, "Приостановлен")),
        _ if late => (
            Mark::Plan,
            Chip::new(Tone::Late, item.due_on.map_or_else(String::new, |d| until(d, today))),
        ),
        ItemState::InProgress => (Mark::Plan, Chip::new(Tone::Calm, "В работе")),
        _ if now => (
            Mark::Plan,
            item.due_on.map_or_else(|| Chip::new(Tone::Calm, "Сейчас"), left),
        ),
        _ => (Mark::Plan, Chip::new(Tone::Calm, "Запланирован")),
    };
    let settled = item.settled_on.map(|on| format!("зачтено {}", date(on)));
    let due = item.due_on.map(|on| format!("до\u{A0}{}", day(on, today)));
    let unproved = item.state == ItemState::Accepted && is_course_without_document(item);
    let meta: Vec<String> = [
        Some(item.education_form.label().to_owned()),
        item.study_form.map(|form| form.label().to_owned()),
        item.organiser.clone(),
        (item.hours > 0).then(|| format!("{}\u{A0}ч", item.hours)),
        settled.or(due),
        before(rows, item).filter(|_| !closed),
        item.accompaniment.as_ref().map(|help| format!("сопровождение: {help}")),
        item.expected.as_ref().map(|result| format!("результат: {result}")),
        unproved.then(|| "без удостоверения".to_owned()),
        (item.state == ItemState::Submitted && !closed).then(|| "можно отозвать до проверки".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mark = if now && mark == Mark::Plan { Mark::Now } else { mark };
    let mut milestone = Milestone::new(mark, item.title.clone(), meta.join(" · "))
        .id(format!("item-{}", item.number))
        .chip(chip)
        .files(files(rows.evidence.iter(), item.id));
    if closed && mark == Mark::Plan {
        milestone.said = "не выполнено";
    }
    match why(rows, item) {
        Some(why) => milestone.why(why),
        None => milestone,
    }
}

/// The step that is to be done first, while it is not: said, and no bar.
fn before(rows: &PlanRows, item: &Item) -> Option<String> {
    first(&rows.items, item).map(|first| format!("сначала шаг «{}»", first.title))
}

/// The step that is to be done before another one, while neither is done.
fn first<'a>(items: &'a [Item], item: &Item) -> Option<&'a Item> {
    let first = items.iter().find(|i| Some(i.id) == item.after_item_id)?;
    let waits = !item.state.is_settled() && !first.state.is_settled() && first.state != ItemState::Cancelled;
    waits.then_some(first)
}

fn why(rows: &PlanRows, item: &Item) -> Option<String> {
    if let Some(reason) = &item.reason {
        return Some(capital(reason));
    }
    let deficit = rows.deficits.iter().find(|d| Some(d.id) == item.deficit_id)?;
    let text = rules::chosen_by(&rows.rules, item).map_or_else(
        || format!("дефицит «{}»", deficit.name),
        |rule| draft::why(&deficit.name, rule),
    );
    Some(capital(&text))
}

/// A level as it is called where levels of deficits and others stand together.
pub(crate) fn level(label: &str, is_deficit: bool) -> String {
    if is_deficit { deficit(label) } else { label.to_owned() }
}

/// A level beside a per cent says of what it is: «10 % высокий» reads as praise.
pub(crate) fn deficit(level: &str) -> String {
    if names_mastery(level) {
        return format!("дефицит, {level}");
    }
    format!("дефицит: {level}")
}

fn meter(of: &NamedDeficit) -> Meter {
    let (tone, said) = match of.outcome {
        Some(DeficitOutcome::Closed) => (Tone::Done, "закрыт".to_owned()),
        Some(DeficitOutcome::Reduced) => (Tone::Done, "снижен".to_owned()),
        Some(DeficitOutcome::Remained) => (Tone::Late, "остался".to_owned()),
        None if of.severity >= 3 => (Tone::Late, deficit(&of.level)),
        None => (Tone::Wait, deficit(&of.level)),
    };
    let icon = if tone == Tone::Done { "i-ok" } else { "i-warn" };
    Meter {
        name: of.name.clone(),
        shown: format!("{}\u{A0}%", of.percent),
        percent: of.percent.clamp(0, 100),
        chip: Chip::new(tone, said).icon(icon),
    }
}

fn timeline(rows: &PlanRows) -> Timeline {
    let title = |item| {
        rows.items
            .iter()
            .find(|i| Some(i.id) == item)
            .map(|i: &Item| i.title.clone())
    };
    let of = |act: &NamedAct| Moment {
        title: match title(act.item) {
            Some(item) => format!("{}: {item}", happened(act.act)),
            None => match act.whom.clone().or_else(|| outcome_of(rows, act)) {
                Some(whom) => format!("{}: {whom}", happened(act.act)),
                None => happened(act.act).to_owned(),
            },
        },
        when: date(act.on),
        who: act.by.clone().unwrap_or_else(|| "система".to_owned()),
        text: said_with(act),
    };
    Timeline::new(rows.acts.iter().map(of).collect())
}

/// What was said with an act: the remark, the last day of a pause, the document of a waiver.
fn said_with(act: &NamedAct) -> Option<String> {
    let value = act.value.as_deref();
    let said = match act.act {
        ActKind::Pause => value
            .and_then(typed_file::day)
            .map(|on| format!("до\u{A0}{}", date(on))),
        ActKind::Resume => value.map(|_| "сроки сдвинуты на время приостановки".to_owned()),
        ActKind::Waive => value.map(|number| format!("документ: {number}")),
        ActKind::Assign => act.instead_of.as_ref().map(|name| format!("до этого: {name}")),
        _ => None,
    };
    let reason = act.reason.as_deref().map(|text| match act.act {
        ActKind::CloseTerminated => close_reason(text).map_or(text, |reason| reason.label()),
        _ => text,
    });
    let parts: Vec<&str> = [reason, said.as_deref()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What an outcome was written for: «Разговор с родителями, закрыт».
fn outcome_of(rows: &PlanRows, act: &NamedAct) -> Option<String> {
    let (code, outcome) = act
        .value
        .as_deref()
        .filter(|_| act.act == ActKind::Outcome)
        .and_then(judged)?;
    Some(format!("{}, {}", name_of(rows, &code)?, outcome.label()))
}

/// The name of a deficit's competence.
fn name_of<'a>(rows: &'a PlanRows, code: &str) -> Option<&'a str> {
    let deficit = rows.deficits.iter().find(|d| d.code == code)?;
    Some(&deficit.name)
}

/// A closing that was taken back, in words.
#[derive(Debug, Serialize)]
pub struct Before {
    /// «Итоги прежнего закрытия от 05.04.2023: выполнен».
    title: String,
    /// The conclusion or the reason, and who closed it.
    closed: String,
    /// «Анализ урока: закрыт».
    deficits: Vec<String>,
    /// «Маршрут возвращён в работу 09.04.2023. Закрыт по недосмотру · Ирина Иванова».
    reopened: String,
}

fn before_reopening(rows: &PlanRows) -> Vec<Before> {
    let with = |text: Option<&str>, by: Option<&str>| {
        let by = by.unwrap_or("система");
        text.map_or_else(|| by.to_owned(), |text| format!("{} · {by}", capital(text)))
    };
    let reason = |round: &Round| {
        let text = round.reason.as_deref()?;
        let known = close_reason(text).filter(|_| round.outcome == IomOutcome::Terminated);
        Some(known.map_or_else(|| text.to_owned(), |reason| reason.label().to_owned()))
    };
    let one = |round: &Round| Before {
        title: format!(
            "Итоги прежнего закрытия от {}: {}",
            date(round.closed_on),
            round.outcome.label()
        ),
        closed: with(reason(round).as_deref(), round.closed_by.as_deref()),
        deficits: round
            .deficits
            .iter()
            .filter_map(|(code, outcome)| Some(format!("{}: {}", name_of(rows, code)?, outcome.label())))
            .collect(),
        reopened: format!(
            "Маршрут возвращён в работу {}. {}",
            date(round.reopened_on),
            with(round.why.as_deref(), round.reopened_by.as_deref())
        ),
    };
    rows.rounds.iter().rev().map(one).collect()
}

/// An act as something that happened.
#[must_use]
pub fn happened(act: ActKind) -> &'static str {
    match act {
        ActKind::Send => "Маршрут отправлен на согласование",
        ActKind::Agree => "Педагог согласовал маршрут",
        ActKind::Approve => "Маршрут утверждён",
        ActKind::Start => "Маршрут начат",
        ActKind::Apply => "Подана заявка",
        ActKind::AgreeEnrolment => "Директор согласовал заявку",
        ActKind::RefuseEnrolment => "Директор отклонил заявку",
        ActKind::Enrol => "Зачислен на курс",
        ActKind::Complete => "Обучение завершено",
        ActKind::Begin => "Шаг начат",
        ActKind::Submit => "Отправлено на проверку",
        ActKind::Withdraw => "Отозвано с проверки",
        ActKind::Accept => "Зачтено",
        ActKind::Return => "Возвращено",
        ActKind::Waive => "Перезачтено",
        ActKind::Cancel => "Шаг отменён",
        ActKind::Assign => "Назначен сопровождающий",
        ActKind::Support => "Оказана помощь",
        ActKind::Pause => "Маршрут приостановлен",
        ActKind::Resume => "Маршрут возобновлён",
        ActKind::Outcome => "Итог по дефициту",
        ActKind::CloseCompleted => "Маршрут выполнен",
        ActKind::CloseExpired => "Маршрут закрыт по сроку",
        ActKind::CloseTerminated => "Маршрут прекращён",
        ActKind::Reopen => "Маршрут возвращён в работу",
        ActKind::Change => "Маршрут изменён",
        ActKind::Extend => "Срок маршрута продлён",
        ActKind::Acquaint => "Педагог ознакомился с редакцией",
        ActKind::Decline => "Предложение шаблона отклонено",
    }
}
