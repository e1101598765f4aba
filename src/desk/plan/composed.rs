//! «Составленные маршруты»: what a school composed for its teachers, and a municipal methodist for those of the
//! municipality; what is next in each.

use std::collections::HashMap;

use crate::db::AnyConn;
use crate::desk::list::{self, List, PAGE};
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::composed_rows::{self, Composer, Which};
use crate::desk::plan::list::{name, standing, states};
use crate::desk::plan::list_rows::Standing;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::iom::{Iom, IomId, IomState};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Names of the filters.
const FILTERS: &[&str] = &["q", "state"];

const HEADING: &str = "Составленные маршруты";
const OF_SCHOOL: &str = "Маршруты, которые составила школа. Утверждает их директор, свой маршрут он не утверждает: это \
                         сделает руководитель ЦНППМ. Шаги отмечает сопровождающий, назначьте его в карточке маршрута.";
const OF_METHODIST: &str = "Маршруты, которые составили вы. Проверьте шаги и отправьте маршрут педагогу; когда педагог \
                            согласится, его утвердит руководитель ЦНППМ.";

struct Found {
    plans: Vec<Iom>,
    total: usize,
    who: HashMap<PersonId, Who>,
    /// Whose desk it is.
    of: Composer,
    /// Whether the visitor approves what the school composed.
    approves: bool,
    /// Plans that nobody accompanies, and whether a step waits there.
    alone: HashMap<IomId, bool>,
}

async fn find(call: &Call, at: &List, which: Which) -> Result<Found, Error> {
    let (visitor, today, own) = (call.visitor()?.clone(), call.app().clock.today(), at.clone());
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let of = Composer::of(c, &visitor, today)?.ok_or_else(missing)?;
        let asked = (which, own.get("q").unwrap_or_default());
        let (plans, total) = composed_rows::find(c, &of, asked, today, |total| (own.skipped(total), PAGE))?;
        let persons: Vec<PersonId> = plans.iter().map(|plan| plan.person_id).collect();
        Ok(Found {
            approves: composed_rows::approves(&visitor),
            who: rows::who(c, of.region(), &persons, today)?,
            alone: composed_rows::alone(c, of.region(), &plans.iter().collect::<Vec<_>>(), today)?,
            of,
            plans,
            total,
        })
    };
    call.app().db.read(read).await
}

/// GET /composed
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let approves = composed_rows::approves(call.visitor()?);
        let known = |code: &str| Which::from_code(code).filter(|which| approves || *which != Which::ToApprove);
        let which = at.known("state", known)?.unwrap_or(Which::Standing(Standing::Open));
        let found = find(&call, &at, which).await?;
        let named: Vec<PersonId> = found.plans.iter().map(|plan| plan.person_id).collect();
        looked::list(&call, "iom", &at.codes(&["q"]), &named, found.total).await?;
        let mut choices = states();
        if approves {
            let to_approve = (Which::TO_APPROVE.to_owned(), "ждут вашего утверждения".to_owned());
            choices.insert(0, to_approve);
        }
        let filters = vec![
            at.search("q", "Фамилия или имя"),
            at.select("state", "Состояние", "все открытые", choices)?,
        ];
        let may_draft = call.visitor()?.may(Capability::Drafting);
        let sheet = Sheet {
            heading: HEADING.to_owned(),
            lead: if found.of.is_school() { OF_SCHOOL } else { OF_METHODIST }.to_owned(),
            filters: Some(at.filters(filters, list::found(found.total, "маршрут", "маршрута", "маршрутов"))),
            register: (!found.plans.is_empty()).then(|| register(&found)),
            paging: at.paging(found.total),
            empty: found.plans.is_empty().then(|| empty(&at, may_draft)),
            token: call.token(),
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}

fn empty(at: &List, may_draft: bool) -> Empty {
    let mut first = Empty::new(
        "Составленных маршрутов пока нет",
        "Подготовьте маршруты по результатам диагностики: черновики появятся здесь. Маршруты, которые составил ЦНППМ, сюда \
         не попадают.",
    );
    first.action = may_draft.then(|| Link::new("Подготовить маршруты", "/drafting"));
    at.empty(first, "Маршрутов не нашлось", "ни один маршрут")
}

fn register(found: &Found) -> Register {
    let row = |plan: &Iom| {
        let places = found.who.get(&plan.person_id).map(|who| who.places.join(", "));
        vec![
            Cell::link(name(&found.who, plan), format!("/composed/{}", plan.id)),
            Cell::text(places.unwrap_or_default()),
            Cell::text(plan.number.clone()),
            Cell::text(plan.ends_on.map_or_else(|| NOTHING.to_owned(), date)),
            Cell::text(next(plan, found)),
            Cell::chip(standing(plan)),
        ]
    };
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::words("Номер"),
        Column::figures("До"),
        Column::words("Что дальше"),
        Column::words("Состояние"),
    ];
    Register::new(HEADING, &columns, found.plans.iter().map(row).collect())
}

/// What a plan waits for.
fn next(plan: &Iom, found: &Found) -> &'static str {
    let school = found.of.is_school();
    let alone = found.alone.get(&plan.id);
    if alone == Some(&true) {
        return "Шаг ждёт проверки, а сопровождающего нет: назначьте";
    }
    match plan.state {
        IomState::OnAgreement if school && plan.agreed_on.is_some() && approved_elsewhere(plan, found) => {
            "Ваш маршрут ждёт утверждения в ЦНППМ"
        }
        IomState::Draft => "Проверьте шаги и отправьте педагогу",
        IomState::OnAgreement if plan.agreed_on.is_none() => "Педагог читает маршрут",
        IomState::OnAgreement if school => "Ждёт утверждения директора",
        IomState::OnAgreement => "Ждёт утверждения в ЦНППМ",
        IomState::Returned => "Исправьте и отправьте снова",
        IomState::Approved if alone.is_some() => "Назначьте сопровождающего и начните маршрут",
        IomState::Active if alone.is_some() => "Сопровождающего нет: назначьте, иначе шаги некому отмечать",
        IomState::Approved if school => "Начните маршрут или назначьте куратора",
        IomState::Approved => "Куратор начнёт маршрут",
        IomState::Active => "Педагог выполняет шаги",
        IomState::Paused => "Приостановлен",
        IomState::Closed => NOTHING,
    }
}

/// Whether it is the own plan of whoever approves here: that one goes to the ЦНППМ.
fn approved_elsewhere(plan: &Iom, found: &Found) -> bool {
    found.approves && found.of.is_own(plan)
}
