//! The teacher: «Мой маршрут» and «Профиль дефицитов».

use serde::Serialize;

use crate::access::{self, Role};
use crate::competence;
use crate::cycle::survey::store as surveys;
use crate::cycle::vote::store as votes;
use crate::db::schema::competence as competence_table;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::diagnostics::compare::was_and_is;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::ahead;
use crate::desk::plan::invitation;
use crate::desk::plan::page::{self, View, deficit};
use crate::desk::plan::rows::{self, PlanRows, whole_percent};
use crate::diagnostics::{self, release};
use crate::error::{Error, Refusal};
use crate::iom::{ActKind, Iom, IomId, IomOrigin, IomOutcome, IomState};
use crate::pages::parts::{Cell, Chip, Column, Empty, HandIn, Link, Problem, Register, Tone};
use crate::pages::text::{NOTHING, capital, date};
use crate::people::PersonId;
use crate::planted;
use crate::profile;
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The person behind the visitor, with the region.
pub(crate) fn own(call: &Call) -> Result<Option<(UnitId, PersonId)>, Error> {
    let visitor = call.visitor()?;
    Ok(visitor.region.map(UnitId).zip(visitor.person.map(PersonId)))
}

#[derive(Serialize)]
struct PlanPage {
    crumbs: Vec<Link>,
    heading: &'static str,
    plan: Option<View>,
    /// Whether it is a former plan, opened to be read.
    is_former: bool,
    /// Where its revisions and its papers are.
    revisions: String,
    papers: String,
    /// The person's other plans.
    others: Option<Register>,
    /// Surveys that wait for an answer.
    surveys: Vec<Link>,
    /// Votes that go on where the person works.
    votes: Vec<Link>,
    /// Diagnoses that one is invited to and has not answered.
    invited: Vec<Link>,
    token: String,
    problems: Vec<Problem>,
    /// What was typed in a form that the page does not offer any more, to be copied.
    typed: String,
    empty: Option<Empty>,
}

/// A form of the page that was not done, with what was typed in it.
pub struct Undone<'a> {
    /// Number of the step that it handed in; `None` for a form of the whole plan.
    pub item: Option<i32>,
    /// What was typed.
    pub typed: &'a str,
    /// The field of the form for a step that the refusal is about.
    pub field: &'static str,
    /// Why it was not done, as sentences.
    pub said: String,
}

/// GET /plan; with the number of a former plan, that one.
pub fn plan(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["number"])?;
        match query.get("number") {
            None => page(&call, None).await,
            Some(number) => former(&call, clean(number)).await,
        }
    })
}

/// Whether a plan lies behind the one that is shown first. What was never sent is no plan that the person had.
fn is_former(plan: &Iom) -> bool {
    plan.first_visible_on.is_some() && !planted!("former_plan_lost")
}

/// A former plan by its number, of all plans in the order of [`rows::sent`].
fn former_of(plans: Vec<Iom>, number: &str) -> Result<Iom, Error> {
    let mut former = plans.into_iter().skip(1).filter(is_former);
    let plan = former.find(|plan| plan.number == number);
    plan.ok_or_else(|| Error::NotFound("маршрут".into()))
}

/// The address of a page about a former plan.
fn of_number(page: &str, plan: &Iom) -> String {
    address(page, [("number", plan.number.as_str())])
}

/// The plan of the visitor's own that a page beside this one is about, with the way back to it: the plan that is shown first
/// or, by the number in the address, a former one.
///
/// # Errors
/// No former plan has the number; those of the database.
pub(crate) async fn asked_for(call: &Call) -> Result<Option<(Iom, Vec<Link>)>, Error> {
    let Some((region, person)) = own(call)? else {
        return Ok(None);
    };
    let read = move |c: &mut AnyConn| -> Result<_, DbError> { rows::sent(c, region, person) };
    let plans = call.app().db.read(read).await?;
    let mut crumbs = vec![Link::new("Мой маршрут", "/plan")];
    let Some(number) = call.query.get("number").map(clean) else {
        return Ok(plans.into_iter().next().map(|plan| (plan, crumbs)));
    };
    let plan = former_of(plans, &number)?;
    crumbs.push(Link::new("Прежний маршрут", of_number("/plan", &plan)));
    Ok(Some((plan, crumbs)))
}

/// A former plan of the visitor's own: to be read, nothing is done here.
async fn former(call: &Call, number: String) -> Result<Answer, Error> {
    let missing = || Error::NotFound("маршрут".into());
    let (today, token) = (call.app().clock.today(), call.token());
    let (region, person) = own(call)?.ok_or_else(missing)?;
    let load = move |c: &mut AnyConn| -> Result<PlanRows, Error> {
        let plan = former_of(rows::sent(c, region, person)?, &number)?;
        Ok(rows::load(c, plan, today)?)
    };
    let rows = call.app().db.read(load).await?;
    let title = format!("Прежний маршрут № {}", rows.plan.number);
    let view = page::view(&rows, today, None);
    let closed = rows
        .plan
        .closed_on
        .map_or_else(String::new, |on| format!(" {}", date(on)));
    let outcome = rows.plan.outcome.map_or("закрыт", IomOutcome::label);
    let data = PlanPage {
        crumbs: vec![Link::new("Мой маршрут", "/plan")],
        heading: "Прежний маршрут",
        plan: Some(View {
            // Nobody answers in a closed plan.
            sent: Vec::new(),
            lead: format!("{} · закрыт{closed}: {outcome}", view.lead),
            ..view
        }),
        is_former: true,
        revisions: of_number("/plan/revisions", &rows.plan),
        papers: of_number("/plan/paper", &rows.plan),
        others: None,
        surveys: Vec::new(),
        votes: Vec::new(),
        invited: Vec::new(),
        token,
        problems: Vec::new(),
        typed: String::new(),
        empty: None,
    };
    Ok(Answer::page("desk/teacher_plan", &data)?.title(title))
}

/// The person's other plans, each to be opened; none where there is one plan only.
fn others(plans: &[Iom]) -> Option<Register> {
    let row = |plan: &Iom| {
        let until = plan.closed_on.or(plan.ends_on).map(date);
        let period = match until {
            Some(until) => format!("{} – {until}", date(plan.starts_on)),
            None => format!("с {}", date(plan.starts_on)),
        };
        vec![
            Cell::link(plan.number.clone(), of_number("/plan", plan)),
            Cell::text(period),
            Cell::text(capital(plan.state.label())),
            Cell::text(plan.outcome.map_or_else(|| NOTHING.into(), |of| capital(of.label()))),
        ]
    };
    let columns = [
        Column::words("Маршрут"),
        Column::words("Период"),
        Column::words("Состояние"),
        Column::words("Итог"),
    ];
    (!plans.is_empty()).then(|| Register::new("Прежние маршруты", &columns, plans.iter().map(row).collect()))
}

/// The page again after a file that was refused, with what was typed.
///
/// # Errors
/// Those of the page.
pub async fn refused(call: &Call, item: i32, note: &str, why: &Refusal) -> Result<Answer, Error> {
    let undone = Undone {
        item: Some(item),
        typed: note,
        field: "file",
        said: capital(&format!("{why}.")),
    };
    let answer = page(call, Some(undone)).await?;
    Ok(answer.status(422).title("Ошибка: мой маршрут"))
}

/// The page again after a form that came too late or that a rule refused: what was typed in it stays. Where nothing was,
/// the refusal is answered as it is.
///
/// # Errors
/// Those of the page, and the refusal itself where nothing was typed.
pub async fn late(call: &Call, item: Option<i32>, typed: &str, why: Error, with_file: bool) -> Result<Answer, Error> {
    let is_late = matches!(why, Error::Changed(_) | Error::Conflict);
    let keeps = is_late || matches!(why, Error::Refused(_));
    if typed.is_empty() || !keeps || planted!("typed_text_lost") {
        return Err(why);
    }
    let why = match why {
        // Whoever reads it has the page in front of them already.
        Error::Conflict => "Пока страница была открыта, маршрут изменил кто-то ещё".to_owned(),
        why => capital(&why.to_string()),
    };
    let file = if with_file {
        ", файл выберите ещё раз"
    } else {
        ""
    };
    let undone = Undone {
        item,
        typed,
        field: "note",
        said: format!(
            "{}. Ничего не записано; что вы написали, осталось на этой странице{file}.",
            why.trim_end_matches('.')
        ),
    };
    let answer = page(call, Some(undone)).await?;
    Ok(answer.status(409).title(if is_late {
        "Маршрут уже изменён"
    } else {
        "Действие не выполнено"
    }))
}

async fn page(call: &Call, undone: Option<Undone<'_>>) -> Result<Answer, Error> {
    let (today, token) = (call.app().clock.today(), call.token());
    let (rows, others, asked, voting, invited) = match own(call)? {
        None => (None, Vec::new(), Vec::new(), Vec::new(), Vec::new()),
        Some((region, person)) => {
            let load = move |c: &mut AnyConn| -> Result<_, DbError> {
                let asked = surveys::waiting(c, region, person, today)?;
                let voting = votes::waiting(c, region, person, today)?;
                let invited = invitation::waiting(c, region, person, today)?;
                let mut plans = rows::sent(c, region, person)?.into_iter();
                let Some(plan) = plans.next() else {
                    return Ok((None, Vec::new(), asked, voting, invited));
                };
                let others: Vec<Iom> = plans.filter(is_former).collect();
                Ok((ahead::load(c, plan, today).map(Some)?, others, asked, voting, invited))
            };
            call.app().db.read(load).await?
        }
    };
    let surveys = asked.iter().map(|of| {
        let said = format!("{}: ответить до {}", of.title, date(of.closes_on));
        Link::new(said, format!("/my-surveys/{}", of.id))
    });
    let votes = voting.iter().map(|own| {
        let (title, until) = (&own.of.title, date(own.of.closes_on));
        let said = if own.voted {
            format!("{title}: голос отдан, изменить можно до {until}")
        } else {
            format!("{title}: отдать голос до {until}")
        };
        Link::new(said, format!("/my-votes/{}", own.of.id))
    });
    let invited = invited.iter().map(|of| {
        let until = of
            .ends_on
            .map_or_else(String::new, |last| format!(" до {}", date(last)));
        Link::new(format!("{}: ответить{until}", of.name), "/my-diagnostics")
    });
    // Whoever heads a school does not approve the own plan.
    let heads = call.visitor()?.roles.iter().any(|r| r.code == Role::SchoolHead.code());
    let elsewhere = |rows: &PlanRows| {
        let plan = &rows.plan;
        let agreed = plan.state == IomState::OnAgreement && plan.agreed_on.is_some();
        heads && agreed && plan.origin == IomOrigin::School
    };
    let elsewhere = rows.as_ref().is_some_and(elsewhere);
    let mut plan = rows.map(|rows| page::view(&rows, today, Some(&token)));
    if let Some(next) = plan.as_mut().and_then(|p| p.next.as_mut()).filter(|_| elsewhere) {
        next.title = "Теперь его утвердит ЦНППМ".to_owned();
    }
    let (mut problems, mut typed) = (Vec::new(), String::new());
    if let Some(of) = undone {
        let offered = plan.as_mut().and_then(|p| p.hand_in.as_mut());
        // What was written of one step is not put into the form of another.
        let own = |form: &&mut HandIn| of.item.is_some_and(|item| form.item == item.to_string());
        let field = match offered.filter(own) {
            Some(form) => {
                form.note.value = of.typed.to_owned();
                let problem = match of.field {
                    "file" => &mut form.file.problem,
                    _ => &mut form.note.problem,
                };
                *problem = Some(of.said.clone());
                of.field
            }
            None => {
                typed = of.typed.to_owned();
                "typed"
            }
        };
        problems.push(Problem { field, text: of.said });
    }
    let empty = if plan.is_none() {
        let when = if letters_reach(call).await? {
            "Письмо придёт, когда маршрут будет готов."
        } else {
            "Маршрут появится на этой странице."
        };
        let text = format!("ЦНППМ составит его после диагностики, если найдутся дефициты. {when}");
        Some(Empty::new("Маршрута пока нет", text))
    } else {
        None
    };
    let data = PlanPage {
        crumbs: Vec::new(),
        heading: "Мой маршрут",
        plan,
        is_former: false,
        revisions: "/plan/revisions".to_owned(),
        papers: "/plan/paper".to_owned(),
        others: self::others(&others),
        surveys: surveys.collect(),
        votes: votes.collect(),
        invited: invited.collect(),
        token,
        problems,
        typed,
        empty,
    };
    Answer::page("desk/teacher_plan", &data)
}

/// Whether letters go out here and the visitor has an address for them.
async fn letters_reach(call: &Call) -> Result<bool, Error> {
    let id = access::AccountId(call.visitor()?.account);
    let read = move |c: &mut AnyConn| access::store::by_id(c, id).map_err(Error::from);
    let own = call.app().db.read(read).await?;
    Ok(call.app().config.mail.is_some() && own.is_some_and(|account| account.email.is_some()))
}

/// The plan that the person's page shows: what the page asks for is done to that one.
///
/// # Errors
/// Those of the database.
pub(crate) async fn shown(call: &Call, region: UnitId, person: PersonId) -> Result<Option<IomId>, Error> {
    let read = move |c: &mut AnyConn| rows::of_person(c, region, person);
    let plan = call.app().db.read(read).await?;
    Ok(plan.map(|plan| plan.id))
}

/// Refuses to begin or hand in a course that nobody took: no page offers it.
///
/// # Errors
/// The step is one.
pub(crate) async fn refuse_course(
    call: &Call,
    region: UnitId,
    person: PersonId,
    item: Option<i32>,
) -> Result<(), Error> {
    let Some(number) = item else { return Ok(()) };
    let read = move |c: &mut AnyConn| rows::is_course_to_take(c, region, person, number);
    if call.app().db.read(read).await? {
        return Err(Refusal::new("desk.course_step").into());
    }
    Ok(())
}

/// POST /plan/act: the teacher's own acts.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["act", "item", "reason", "seen"])?;
        let kind = fields.get("act").and_then(ActKind::from_code);
        let allowed = [
            ActKind::Agree,
            ActKind::Return,
            ActKind::Apply,
            ActKind::Begin,
            ActKind::Submit,
            ActKind::Withdraw,
        ];
        let kind = kind
            .filter(|k| allowed.contains(k))
            .ok_or_else(|| Error::NotFound("действие".into()))?;
        let item = fields.get("item").and_then(|n| n.parse().ok());
        let (region, person) = own(&call)?.ok_or_else(|| Error::NotFound("маршрут".into()))?;
        if matches!(kind, ActKind::Begin | ActKind::Submit) {
            refuse_course(&call, region, person, item).await?;
        }
        let reason = fields.get("reason").map(clean).unwrap_or_default();
        let wanted = Wanted {
            region,
            person,
            kind,
            item,
            by: access::author(call.visitor()?),
            value: String::new(),
            reason: reason.clone(),
            seen: Some(acts::seen(fields)?),
            plan: shown(&call, region, person).await?,
            change: None,
        };
        match acts::act(call.app(), wanted).await {
            Ok(()) => Ok(Answer::redirect("/plan")),
            Err(why) => late(&call, item, &reason, why, false).await,
        }
    })
}

#[derive(Serialize)]
struct ProfilePage {
    lead: String,
    register: Option<Register>,
    /// What was and what is, of competences that were measured twice.
    compared: Option<Register>,
    expired: Vec<String>,
    empty: Empty,
}

/// GET /profile
pub fn profile(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let page = match own(&call)? {
            None => None,
            Some((region, person)) => {
                let read = move |c: &mut AnyConn| -> Result<_, DbError> {
                    let unseen = release::unseen(c, region, person)?;
                    Ok((lines(c, person, today)?, unseen))
                };
                let (lines, unseen) = call.app().db.read(read).await?;
                if !unseen.is_empty() {
                    // From now on the school may see them too.
                    let write =
                        move |tx: &mut Tx<'_>| -> Result<(), Error> { Ok(release::saw(tx, region, person, &unseen)?) };
                    call.app().db.write(write).await?;
                }
                Some(lines)
            }
        };
        let (rows, expired, compared) = page.unwrap_or_default();
        let deficits = rows.iter().filter(|(deficit, _)| *deficit).count();
        let columns = [
            Column::words("Компетенция"),
            Column::figures("Результат"),
            Column::words("Уровень"),
            Column::figures("Самооценка"),
            Column::figures("Дата"),
        ];
        let found = !rows.is_empty();
        let register = Register::new("Компетенции", &columns, rows.into_iter().map(|(_, row)| row).collect());
        let lead = if deficits == 0 {
            format!("На {} дефицитов нет. Самооценка уровня не меняет.", date(today))
        } else {
            format!(
                "На {}. Сначала то, над чем работаем: {deficits}. Самооценка уровня не меняет.",
                date(today)
            )
        };
        let data = ProfilePage {
            lead,
            register: found.then_some(register),
            compared,
            expired,
            empty: Empty::new(
                "Результатов диагностики пока нет",
                "Когда вы пройдёте диагностику, здесь появится уровень по каждой компетенции. Первым его видите вы.",
            ),
        };
        Answer::page("desk/teacher_profile", &data)
    })
}

type Rows = (Vec<(bool, Vec<Cell>)>, Vec<String>, Option<Register>);

/// Lines of the profile, deficits first, and what has run out.
fn lines(conn: &mut AnyConn, person: PersonId, today: chrono::NaiveDate) -> Result<Rows, DbError> {
    use diesel::prelude::*;
    let results = profile::store::results(conn, &[person], None)?
        .remove(&person)
        .unwrap_or_default();
    let bands = competence::scale::bands(conn)?;
    let profile = profile::profile(&results, &bands, today);
    let said = diagnostics::tool::levels(conn, person)?;
    let earlier = diagnostics::rescale::earlier_levels(conn, person, &bands)?;
    let names: Vec<(competence::CompetenceId, String)> = competence_table::table
        .select((competence_table::id, competence_table::name))
        .load(conn)?;
    let name = |id| {
        names
            .iter()
            .find(|(known, _)| *known == id)
            .map_or("", |(_, name)| name.as_str())
            .to_owned()
    };
    let mut rows = Vec::new();
    for line in &profile.lines {
        let percent = |raw, max| format!("{}\u{A0}%", whole_percent(raw, max));
        let formal = line.formal.as_ref();
        let level = formal.and_then(|f| f.level.as_ref());
        let chip = match level {
            Some(level) if level.is_deficit && level.severity >= 3 => {
                Cell::chip(Chip::new(Tone::Late, deficit(&level.label)))
            }
            Some(level) if level.is_deficit => Cell::chip(Chip::new(Tone::Wait, deficit(&level.label)).icon("i-warn")),
            Some(level) => Cell::chip(Chip::new(Tone::Done, level.label.clone())),
            None => Cell::text(NOTHING),
        };
        let own = line.self_assessment.as_ref();
        let severity = level.map_or(-1, |l| l.severity);
        let cells = vec![
            Cell::text(name(line.competence)),
            Cell::text(formal.map_or_else(
                || NOTHING.into(),
                |f| {
                    let mut ours = percent(f.measured.raw, f.measured.max);
                    if let Some(level) = said.get(&f.measured.result) {
                        ours.push_str(&format!(" (платформа: {level})"));
                    }
                    if let Some((label, is_deficit)) = earlier.get(&f.measured.result) {
                        ours.push_str(&format!(" (по прежней шкале – {})", page::level(label, *is_deficit)));
                    }
                    ours
                },
            )),
            chip,
            Cell::text(own.map_or_else(|| NOTHING.into(), |m| percent(m.raw, m.max))),
            Cell::text(formal.map_or_else(|| NOTHING.into(), |f| date(f.measured.held_on))),
        ];
        rows.push((severity, level.is_some_and(|l| l.is_deficit), cells));
    }
    rows.sort_by_key(|(severity, deficit, _)| (!deficit, -severity));
    let expired = profile
        .expired
        .iter()
        .map(|e| {
            format!(
                "{}: результат действовал до {}",
                name(e.measured.competence),
                date(e.valid_through)
            )
        })
        .collect();
    Ok((
        rows.into_iter().map(|(_, deficit, cells)| (deficit, cells)).collect(),
        expired,
        was_and_is(&results, &bands, today, &name),
    ))
}
