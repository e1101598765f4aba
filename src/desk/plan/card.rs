//! The card of a plan: for whoever accompanies it and for the ЦНППМ; what the role may do now stands on it as buttons.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use crate::access;
use crate::audit::{Entry, words::READ_PLAN};
use crate::db::AnyConn;
use crate::db::text_keys::clean;
use crate::desk::bounds::Bounds;
use crate::desk::looked;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card_acts::{self, ActForm, Possible, ToReview};
use crate::desk::plan::composed_rows::{self, Composer};
use crate::desk::plan::due_order;
use crate::desk::plan::list_rows;
use crate::desk::plan::notes;
use crate::desk::plan::over_norm;
use crate::desk::plan::page::{self, View, happened};
use crate::desk::plan::quiet;
use crate::desk::plan::rows::{self, NamedDeficit, PlanRows, Who};
use crate::desk::plan::support_rows;
use crate::enrolment::shared;
use crate::error::{Error, Refusal};
use crate::iom::accompany::Accompanying;
use crate::iom::rules::{self, Rules};
use crate::iom::template::{self, Template};
use crate::iom::{ActKind, DocumentId, Iom, IomId, IomState, Item, ItemState, pausing};
use crate::pages::parts::{Link, Milestone};
use crate::pages::text::{capital, count, date};
use crate::planted;
use crate::units::UnitId;
use crate::web::call::Visitor;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Whose desk a card lies on: it says which plans there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Plans that the account accompanies.
    Support,
    /// Plans of the people of a scope.
    Cnppm,
    /// Plans that the own school composed, or the visitor: no score and no level is told here.
    Composed,
}

impl Door {
    /// Address of the list, and of a card with the id behind it.
    #[must_use]
    pub fn base(self) -> &'static str {
        match self {
            Self::Support => "/people",
            Self::Cnppm => "/plans",
            Self::Composed => "/composed",
        }
    }

    /// The list, as the first step of the way to a card.
    #[must_use]
    pub fn crumb(self) -> Link {
        match self {
            Self::Support => Link::new("Мои педагоги", "/people"),
            Self::Cnppm => Link::new("Маршруты", "/plans"),
            Self::Composed => Link::new("Составленные маршруты", "/composed"),
        }
    }

    /// Whether an act is done here: steps are marked by those who accompany the plan, on their own desk.
    fn takes(self, kind: ActKind, item: bool) -> bool {
        let marks =
            matches!(kind, ActKind::Accept | ActKind::Waive | ActKind::Support) || kind == ActKind::Return && item;
        self != Self::Composed || !marks
    }
}

/// Who looks at plans of a region.
#[derive(Debug, Clone)]
pub struct Looker {
    region: UnitId,
    visitor: Visitor,
}

impl Looker {
    /// The visitor of a call.
    ///
    /// # Errors
    /// A role without a region sees no plan.
    pub fn of(call: &Call) -> Result<Self, Error> {
        let visitor = call.visitor()?.clone();
        let region = UnitId(visitor.region.ok_or_else(missing)?);
        Ok(Self { region, visitor })
    }
}

/// A plan that is hidden and one that does not exist.
#[must_use]
pub fn missing() -> Error {
    Error::NotFound("маршрут".into())
}

/// The plan of an address, when it lies on the desk.
///
/// # Errors
/// It does not.
pub fn find(conn: &mut AnyConn, door: Door, by: &Looker, id: IomId, today: chrono::NaiveDate) -> Result<Iom, Error> {
    let found = match door {
        Door::Support => {
            let of = Accompanying::of(&by.visitor).ok_or_else(missing)?;
            support_rows::one(conn, &of, id, today)?
        }
        Door::Cnppm => {
            let bounds = Bounds::of(conn, by.region, &by.visitor.scope, today)?;
            list_rows::one(conn, &bounds, id, today)?
        }
        Door::Composed => {
            let of = Composer::of(conn, &by.visitor, today)?.ok_or_else(missing)?;
            composed_rows::one(conn, &of, id, today)?
        }
    };
    found.ok_or_else(missing)
}

/// What is wrong at a field whose id is made on the way; otherwise as the component of problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Id of the field.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

#[derive(Serialize)]
struct Card {
    crumbs: Vec<Link>,
    who: Who,
    place: String,
    plan: View,
    base: String,
    token: String,
    done: Option<String>,
    /// What stands below it.
    note: String,
    problems: Vec<Wrong>,
    forms: Vec<ActForm>,
    review: Vec<ToReview>,
    returns: Vec<ActForm>,
    credited: Vec<ActForm>,
    /// Whether one of those was refused.
    credited_open: bool,
    can_close: bool,
    can_change: bool,
    /// A newer version of the template that the plan follows, in words; empty for none.
    proposal: String,
    /// Steps that end on days when nobody learns, told to whoever may change the plan.
    quiet: Vec<String>,
    /// Steps that are due before the step that they rest on, told to the same.
    order: Vec<String>,
    /// Where its supporters write notes; empty for everyone else.
    notes: String,
    /// What is worked on, in place of levels and scores, where those are not told.
    topics: Vec<String>,
    /// Whether its template opens from here.
    whole: bool,
    /// Said aloud where nobody accompanies what a school composed; empty else.
    alone: &'static str,
    /// Documents of its steps that stand with somebody else as well.
    shared: Vec<String>,
    /// The form that names somebody, where the visitor has it; empty else.
    assign: String,
    /// Whether no step stands in the way of closing: it is the next thing to do then.
    ready: bool,
    can_act: bool,
}

/// What a card is made of, read in one go with the row of the journal.
pub struct Opened {
    /// Rows of the plan.
    pub rows: PlanRows,
    /// Whose.
    pub who: Who,
    /// What may be done.
    pub possible: Possible,
    /// The template that it follows, where it has come to a newer version.
    pub newer: Option<Template>,
    /// The rules in force, where the visitor may change it: which days are for learning.
    pub rules: Option<Arc<Rules>>,
    /// Nobody accompanies it though a school composed it: whether a step waits there for nobody.
    pub alone: Option<bool>,
    /// Documents of its steps whose number stands with somebody else as well: number and day.
    pub shared: Vec<(String, NaiveDate)>,
}

/// Opens a plan; the opening stands in the journal before anything of it is shown.
///
/// # Errors
/// No such plan on this desk.
pub async fn open(call: &Call, door: Door) -> Result<Opened, Error> {
    open_if(call, door, |_| Ok(())).await
}

/// The same for a page that asks for more than the plan: what it refuses to show is not in the journal as read.
///
/// # Errors
/// No such plan on this desk; what the page itself says.
pub async fn open_if(call: &Call, door: Door, shows: fn(&Opened) -> Result<(), Error>) -> Result<Opened, Error> {
    let (by, id) = (Looker::of(call)?, IomId(call.id("plan")?));
    let today = call.app().clock.today();
    let read = move |c: &mut AnyConn| -> Result<(Opened, Entry), Error> {
        let plan = find(c, door, &by, id, today)?;
        let entry = looked::at_person(&by.visitor, READ_PLAN, "iom", Some(id.0), plan.person_id);
        let who = rows::who(c, plan.region_id, &[plan.person_id], today)?.remove(&plan.person_id);
        let who = who.ok_or_else(missing)?;
        let mut rows = rows::load(c, plan, today)?;
        if !by.visitor.may(Capability::Evidence) {
            rows.evidence.clear();
        }
        let mut possible = card_acts::possible(c, &rows, &by.visitor, today)?;
        if door == Door::Composed {
            plain(&mut rows, &mut possible);
        }
        let newest = match rows.plan.template_id {
            Some(of) => template::newest(c, rows.plan.region_id, of)?,
            None => None,
        };
        let newer =
            newest.filter(|of| rows.plan.state != IomState::Closed && rows.plan.template_version < Some(of.version));
        let alone = composed_rows::alone(c, rows.plan.region_id, &[&rows.plan], today)?;
        // Whoever composed a plan marks no step of it, by a document or without one.
        let steps = rows.items.iter().filter(|_| door != Door::Composed);
        let documents: Vec<DocumentId> = steps.filter_map(|item| item.document_id).collect();
        let shared = shared::with_others(c, rows.plan.region_id, rows.plan.person_id, &documents)?;
        let rules = match possible.can_change {
            true => rules::in_force(c, rows.plan.region_id)?,
            false => None,
        };
        let opened = Opened {
            rules,
            alone: alone.get(&rows.plan.id).copied(),
            rows,
            who,
            possible,
            newer,
            shared,
        };
        shows(&opened)?;
        Ok((opened, entry))
    };
    let (opened, entry) = call.app().db.read(read).await?;
    looked::note(call, entry).await?;
    Ok(opened)
}

/// Leaves out what the supporters alone see and do: files and remarks of steps, marks.
fn plain(rows: &mut PlanRows, possible: &mut Possible) {
    rows.evidence.clear();
    for act in &mut rows.acts {
        if act.item.is_some() || act.act == ActKind::Support {
            act.reason = None;
        }
    }
    possible.review.clear();
    possible.returns.clear();
    possible.credited.clear();
    possible
        .forms
        .retain(|form| Door::Composed.takes(form.kind, !form.item.is_empty()));
}

/// The card without levels: the reason of a step names one.
fn without_levels(plan: View) -> View {
    let path = plan.path.into_iter().map(|step| Milestone { why: None, ..step });
    View {
        path: path.collect(),
        work: Vec::new(),
        ..plan
    }
}

/// GET of a card.
pub fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        call.query.only(&["done", "n"])?;
        let opened = open(&call, door).await?;
        let done = call.query.get("done").and_then(ActKind::from_code);
        let several = call
            .query
            .get("n")
            .and_then(|n| n.parse::<i64>().ok())
            .filter(|n| *n > 1);
        if done == Some(ActKind::Support) && call.query.get("n") == Some("0") {
            let said = "Такая помощь сегодня уже записана".to_owned();
            return card(&call, door, opened, Some((said, KNOWN.to_owned())), Vec::new());
        }
        let mut note = NOTED.to_owned();
        if done == Some(ActKind::Resume) {
            let (plan, today) = (opened.rows.plan.clone(), call.app().clock.today());
            note += &call.app().db.read(move |c| over_norm::said(c, &plan, today)).await?;
        }
        let done = done.map(|act| match several {
            Some(n) => format!("{}: {}", happened(act), count(n, "шаг", "шага", "шагов")),
            None => happened(act).to_owned(),
        });
        card(&call, door, opened, done.map(|said| (said, note)), Vec::new())
    })
}

/// What stands below the words of an act that was done.
const NOTED: &str = "Записано в истории маршрута.";
/// The same for help that was recorded before in the same words.
const KNOWN: &str = "Второй раз она не записана. Если это была ещё одна встреча, напишите, чем она отличалась.";

fn card(
    call: &Call,
    door: Door,
    of: Opened,
    done: Option<(String, String)>,
    problems: Vec<Wrong>,
) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let heading = of.who.short.clone();
    let mut possible = of.possible;
    let mut assign = String::new();
    if of.alone.is_some() {
        for form in possible.forms.iter_mut().filter(|form| form.kind == ActKind::Assign) {
            form.open = true;
            assign = format!("#{}", form.id);
        }
    }
    let open = |i: &Item| i.mandatory && i.state != ItemState::Cancelled && !i.state.is_settled();
    let ready = !of.rows.items.iter().any(open);
    let can_act =
        !possible.forms.is_empty() || !possible.review.is_empty() || possible.can_close || possible.can_change;
    let wrong = !problems.is_empty();
    let notes = match door {
        Door::Support if notes::may(call.visitor()?) => format!("{}/{}/notes", door.base(), of.rows.plan.id),
        _ => String::new(),
    };
    let whole = door != Door::Composed;
    let proposal = of.newer.filter(|_| possible.can_change && whole);
    let proposal = proposal.map_or_else(String::new, |of| {
        format!("Шаблон «{}» изменился: версия {}", of.title, of.version)
    });
    let topic = |of: &NamedDeficit| match of.outcome {
        None => of.name.clone(),
        Some(outcome) => format!("{}: {}", of.name, outcome.label()),
    };
    let quiet = of
        .rules
        .map_or_else(Vec::new, |rules| quiet::steps(&rules, &of.rows.items));
    let order = match possible.can_change {
        true => due_order::steps(&of.rows.items),
        false => Vec::new(),
    };
    let topics = of.rows.deficits.iter().filter(|_| !whole).map(topic).collect();
    let plan = page::view(&of.rows, today, None);
    let data = Card {
        topics,
        whole,
        shared: of.shared.iter().map(named).collect(),
        alone: match of.alone {
            None => "",
            Some(true) => "Шаг ждёт проверки, а отметить его некому.",
            Some(false) if of.rows.plan.state == IomState::Approved => {
                "Если начать маршрут сейчас, отмечать шаги будет некому: отправленное педагогом не попадёт ни к кому."
            }
            Some(false) => "Отмечать шаги некому: отправленное педагогом не попадёт ни к кому.",
        },
        assign,
        crumbs: vec![door.crumb()],
        proposal,
        quiet,
        order,
        place: of.who.places.join(", "),
        note: done.as_ref().map_or_else(String::new, |(_, note)| note.clone()),
        plan: if whole { plan } else { without_levels(plan) },
        base: format!("{}/{}", door.base(), of.rows.plan.id),
        token: call.token(),
        who: of.who,
        done: done.map(|(said, _)| said),
        problems,
        forms: possible.forms,
        review: possible.review,
        returns: possible.returns,
        credited_open: possible.credited.iter().any(|form| form.problem.is_some()),
        credited: possible.credited,
        can_close: possible.can_close && door != Door::Cnppm,
        can_change: possible.can_change,
        notes,
        ready,
        can_act,
    };
    let answer = Answer::page("desk/card", &data)?;
    Ok(if wrong {
        answer.status(422).title(format!("Ошибка: {heading}"))
    } else {
        answer.title(heading)
    })
}

/// A document as it is named on a page.
fn named((number, on): &(String, NaiveDate)) -> String {
    format!("№\u{A0}{number} от {}", date(*on))
}

/// POST of an act of a card: one act, or several accepted steps.
pub fn act(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let fields = call.form.only_many(&["act", "reason", "value", "seen"], &["item"])?;
        let kind = fields.get("act").and_then(ActKind::from_code);
        let kind = kind.ok_or_else(|| Error::NotFound("действие".into()))?;
        let seen = acts::seen(fields)?;
        let items: Vec<(i32, Option<i32>)> = fields.all("item").filter_map(acts::with_version).collect();
        if !door.takes(kind, !items.is_empty()) {
            return Err(missing());
        }
        let typed = |name| fields.get(name).map(clean).unwrap_or_default();
        let (reason, value) = (typed("reason"), typed("value"));
        let (by, id) = (Looker::of(&call)?, IomId(call.id("plan")?));
        let author = access::author(&by.visitor);
        let today = call.app().clock.today();
        let plan = call.app().db.read(move |c| find(c, door, &by, id, today)).await?;
        let one = |item: Option<i32>, own: Option<i32>| Wanted {
            region: plan.region_id,
            person: plan.person_id,
            kind,
            item,
            by: author.clone(),
            value: value.clone(),
            reason: reason.clone(),
            seen: Some(own.unwrap_or(seen)),
            plan: Some(plan.id),
            change: None,
        };
        // An act would look for the open plan: on the card of a closed one only taking it back is meant.
        let other = (plan.state == IomState::Closed) != (kind == ActKind::Reopen);
        let done = if other {
            let why = Refusal::new("iom.wrong_state").with("state", plan.state.label());
            Err(Error::Refused(why.with("act", kind.label())))
        } else if reason.is_empty() && ASKED.contains(&kind) {
            Err(Error::Refused(Refusal::new("desk.no_reason")))
        } else if let Some(why) = check(kind, &reason, &value) {
            Err(Error::Refused(why))
        } else if kind == ActKind::Accept && items.is_empty() {
            Err(Error::Refused(Refusal::new("desk.nothing_ticked")))
        } else if kind == ActKind::Accept {
            let wanted = items.iter().map(|(n, own)| one(Some(*n), *own));
            acts::all(call.app(), wanted.collect()).await.map(|()| items.len())
        } else {
            let item = items.first().copied();
            let wanted = vec![one(item.map(|(n, _)| n), item.and_then(|(_, own)| own))];
            let new = acts::all_then(call.app(), wanted, |_| Ok(())).await;
            // Help in the same words is recorded once a day: that must be told.
            new.map(|new| usize::from(new || kind != ActKind::Support))
        };
        match done {
            Ok(n) => Ok(Answer::redirect(format!(
                "{}/{id}?done={}&n={n}",
                door.base(),
                kind.code(),
            ))),
            Err(Error::Refused(why)) => refused(&call, door, kind, &items, &why, (reason, value)).await,
            Err(other) => Err(other),
        }
    })
}

/// Acts that the card asks words for: without them nobody would know what was meant.
const ASKED: &[ActKind] = &[
    ActKind::Return,
    ActKind::Support,
    ActKind::Pause,
    ActKind::CloseExpired,
    ActKind::CloseTerminated,
    ActKind::Reopen,
];

/// What a form must say beyond the act itself.
fn check(kind: ActKind, reason: &str, value: &str) -> Option<Refusal> {
    match kind {
        ActKind::Pause => pausing::check_form(reason, value).err(),
        _ => None,
    }
}

/// The card again, with what is wrong at the field it was asked in.
async fn refused(
    call: &Call,
    door: Door,
    kind: ActKind,
    items: &[(i32, Option<i32>)],
    why: &Refusal,
    (reason, value): (String, String),
) -> Result<Answer, Error> {
    let mut opened = open(call, door).await?;
    let said = capital(&by_name(why, &opened.possible.names).to_string());
    let item = items.first().map_or_else(String::new, |(n, _)| n.to_string());
    let asked = |form: &&mut ActForm| form.act == kind.code() && form.item == item;
    let possible = &mut opened.possible;
    let forms = possible.forms.iter_mut().chain(&mut possible.returns);
    let form = forms.chain(&mut possible.credited).find(asked);
    let field = match form {
        Some(form) => {
            for choice in &mut form.choices {
                choice.chosen = choice.value == if form.name == "value" { &*value } else { &*reason };
            }
            let day = form.day.as_mut().filter(|_| why.code == "iom.pause_until");
            let (id, problem) = match day {
                Some(day) => (day.id.clone(), &mut day.problem),
                None => (form.id.clone(), &mut form.problem),
            };
            *problem = Some(said.clone());
            if let Some(day) = &mut form.day {
                day.value.clone_from(&value);
            }
            form.value = if form.name == "value" { value } else { reason };
            id
        }
        None => "acts".to_owned(),
    };
    card(call, door, opened, None, vec![Wrong { field, text: said }])
}

/// A refusal that calls people by their names: logins are for files.
fn by_name(why: &Refusal, names: &HashMap<String, String>) -> Refusal {
    let mut why = why.clone();
    for (gap, value) in &mut why.values {
        let name = names.get(value.as_str()).filter(|_| *gap == "login");
        if let Some(name) = name.filter(|_| !planted!("called_by_login")) {
            value.clone_from(name);
        }
    }
    why
}

/// GET /people/{plan}
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// POST /people/{plan}/act
pub fn act_supported(call: Call) -> Answering {
    act(call, Door::Support)
}

/// GET /plans/{plan}
pub fn show_plan(call: Call) -> Answering {
    show(call, Door::Cnppm)
}

/// POST /plans/{plan}/act
pub fn act_plan(call: Call) -> Answering {
    act(call, Door::Cnppm)
}

/// GET /composed/{plan}
pub fn show_composed(call: Call) -> Answering {
    show(call, Door::Composed)
}

/// POST /composed/{plan}/act
pub fn act_composed(call: Call) -> Answering {
    act(call, Door::Composed)
}
