//! «Составленные маршруты»: what a school composed for its teachers, and a municipal methodist for those of the
//! municipality; what is next in each.

use std::collections::HashMap;

use crate::db::AnyConn;
use crate::desk::list::{self, List, PAGE};
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::composed_rows::{self, Composer};
use crate::desk::plan::list::{name, standing, states};
use crate::desk::plan::list_rows::Standing;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::iom::{Iom, IomState};
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
    school: bool,
}

async fn find(call: &Call, at: &List, standing: Standing) -> Result<Found, Error> {
    let (visitor, today, own) = (call.visitor()?.clone(), call.app().clock.today(), at.clone());
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let of = Composer::of(c, &visitor, today)?.ok_or_else(missing)?;
        let asked = (standing, own.get("q").unwrap_or_default());
        let (plans, total) = composed_rows::find(c, &of, asked, today, |total| (own.skipped(total), PAGE))?;
        let persons: Vec<PersonId> = plans.iter().map(|plan| plan.person_id).collect();
        Ok(Found {
            who: rows::who(c, of.region(), &persons, today)?,
            school: of.is_school(),
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
        let standing = at.known("state", Standing::from_code)?.unwrap_or(Standing::Open);
        let found = find(&call, &at, standing).await?;
        let named: Vec<PersonId> = found.plans.iter().map(|plan| plan.person_id).collect();
        looked::list(&call, "iom", &at.codes(&["q"]), &named, found.total).await?;
        let filters = vec![
            at.search("q", "Фамилия или имя"),
            at.select("state", "Состояние", "все открытые", states())?,
        ];
        let may_draft = call.visitor()?.may(Capability::Drafting);
        let sheet = Sheet {
            heading: HEADING.to_owned(),
            lead: if found.school { OF_SCHOOL } else { OF_METHODIST }.to_owned(),
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
    if !at.is_plain() {
        let mut empty = Empty::new(
            "Маршрутов не нашлось",
            "Под выбранные условия не подходит ни один маршрут: уберите одно из них.",
        );
        empty.action = Some(Link::new("Сбросить условия", "/composed"));
        return empty;
    }
    let mut empty = Empty::new(
        "Составленных маршрутов пока нет",
        "Подготовьте маршруты по результатам диагностики: черновики появятся здесь. Маршруты, которые составил ЦНППМ, сюда \
         не попадают.",
    );
    empty.action = may_draft.then(|| Link::new("Подготовить маршруты", "/drafting"));
    empty
}

fn register(found: &Found) -> Register {
    let row = |plan: &Iom| {
        let places = found.who.get(&plan.person_id).map(|who| who.places.join(", "));
        vec![
            Cell::link(name(&found.who, plan), format!("/composed/{}", plan.id)),
            Cell::text(places.unwrap_or_default()),
            Cell::text(plan.number.clone()),
            Cell::text(plan.ends_on.map_or_else(|| NOTHING.to_owned(), date)),
            Cell::text(next(plan, found.school)),
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
fn next(plan: &Iom, school: bool) -> &'static str {
    match plan.state {
        IomState::Draft => "Проверьте шаги и отправьте педагогу",
        IomState::OnAgreement if plan.agreed_on.is_none() => "Педагог читает маршрут",
        IomState::OnAgreement if school => "Ждёт утверждения директора",
        IomState::OnAgreement => "Ждёт утверждения в ЦНППМ",
        IomState::Returned => "Исправьте и отправьте снова",
        IomState::Approved if school => "Начните маршрут или назначьте куратора",
        IomState::Approved => "Куратор начнёт маршрут",
        IomState::Active => "Педагог выполняет шаги",
        IomState::Paused => "Приостановлен",
        IomState::Closed => NOTHING,
    }
}
