//! «Моё участие»: what a person took part in, where one belongs, whom one helps; for the person and for the school.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::model::{Activity, Body, BodyMember, MemberRole, MentoringPair};
use crate::activity::{kinds, record};
use crate::db::schema::{body, body_member, mentoring_pair};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows;
use crate::desk::plan::teacher::own;
use crate::desk::registers::bodies::stands;
use crate::desk::registers::page::{Block, Sheet, days};
use crate::desk::registers::pairs::works;
use crate::pages::parts::{Cell, Column, Empty, Register};
use crate::pages::text::{NOTHING, capital};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /record
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let rows = match own(&call)? {
            None => Vec::new(),
            Some((region, person)) => call.app().db.read(move |c| lines(c, region, person, today)).await?,
        };
        let empty = Empty::new(
            "Записей пока нет",
            "Здесь появятся мероприятия, конкурсы, объединения и наставничество, когда их внесёт школа или ЦНППМ.",
        );
        let sheet = Sheet {
            heading: "Моё участие".into(),
            lead: "Что записано о вас. Заметили ошибку? Скажите тому, кто ведёт записи в вашей организации.".into(),
            empty: rows.is_empty().then_some(empty),
            register: register(rows),
            token: call.token(),
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}

/// The table of lines; none where there are no lines.
pub(crate) fn register(lines: Vec<[String; 4]>) -> Option<Register> {
    let columns = [
        Column::words("Что"),
        Column::words("Название"),
        Column::words("Дни"),
        Column::words("Роль или результат"),
    ];
    let rows: Vec<Vec<Cell>> = lines.into_iter().map(|line| line.map(Cell::text).to_vec()).collect();
    (!rows.is_empty()).then(|| Register::new("Участие", &columns, rows))
}

/// The part of a page of somebody else.
pub(crate) fn block(lines: Vec<[String; 4]>) -> Block {
    Block {
        title: "Участие".into(),
        text: lines
            .is_empty()
            .then(|| "Записей о мероприятиях и объединениях пока нет.".into()),
        register: register(lines),
        ..Block::default()
    }
}

/// What is recorded of a person: bodies and pairs of today first, then records, the last first.
///
/// # Errors
/// Those of the database.
pub(crate) fn lines(
    c: &mut AnyConn,
    region: UnitId,
    person: PersonId,
    today: NaiveDate,
) -> Result<Vec<[String; 4]>, DbError> {
    let mut lines = Vec::new();
    let bodies: Vec<(BodyMember, Body)> = body_member::table
        .inner_join(body::table.on(body::id.eq(body_member::body_id)))
        .filter(body_member::region_id.eq(region))
        .filter(body_member::person_id.eq(person))
        .filter(body_member::superseded_at.is_null())
        .filter(body_member::withdrawn_at.is_null())
        .order((body_member::valid_from.desc(), body_member::id.desc()))
        .select((BodyMember::as_select(), Body::as_select()))
        .load(c)?;
    let last = |to: Option<NaiveDate>| to.and_then(|day| day.pred_opt());
    for (member, body) in bodies {
        let role = if stands(&member, today) || member.role != MemberRole::Member {
            member.role.label()
        } else {
            "состоял"
        };
        lines.push([
            kinds::word_name(kinds::bodies(), &body.kind).to_owned(),
            body.name,
            days(member.valid_from, last(member.valid_to)),
            role.to_owned(),
        ]);
    }
    let pairs: Vec<MentoringPair> = mentoring_pair::table
        .filter(mentoring_pair::region_id.eq(region))
        .filter(
            mentoring_pair::mentor_id
                .eq(person)
                .or(mentoring_pair::mentee_id.eq(person)),
        )
        .filter(mentoring_pair::superseded_at.is_null())
        .filter(mentoring_pair::withdrawn_at.is_null())
        .order((mentoring_pair::valid_from.desc(), mentoring_pair::id.desc()))
        .select(MentoringPair::as_select())
        .load(c)?;
    let others: Vec<PersonId> = pairs.iter().flat_map(|p| [p.mentor_id, p.mentee_id]).collect();
    let who = rows::who(c, region, &others, today)?;
    for pair in pairs {
        let (other, as_whom) = if pair.mentor_id == person {
            (pair.mentee_id, "наставник")
        } else {
            (pair.mentor_id, "наставляемый")
        };
        let name = who.get(&other).map_or_else(String::new, |w| w.short.clone());
        let state = if works(&pair, today) {
            as_whom.to_owned()
        } else {
            format!("{as_whom}, пара закончила")
        };
        lines.push([
            "Наставничество".to_owned(),
            format!("{}, в паре: {name}", kinds::word_name(kinds::mentoring(), &pair.form)),
            days(pair.valid_from, last(pair.valid_to)),
            state,
        ]);
    }
    lines.extend(record::of_person(c, region, person)?.into_iter().map(|r| line(&r)));
    Ok(lines)
}

fn line(of: &Activity) -> [String; 4] {
    let parts = [
        of.role.map(|r| r.label()),
        of.result.map(|r| r.label()),
        of.level.map(|l| l.label()),
    ];
    let said: Vec<&str> = parts.into_iter().flatten().collect();
    let title = if of.title.is_empty() {
        NOTHING.to_owned()
    } else {
        of.title.clone()
    };
    let last = if of.family.lasts() {
        of.ends_on
    } else {
        of.ends_on.or(Some(of.starts_on))
    };
    [
        capital(kinds::name(of.family, &of.kind)),
        title,
        days(of.starts_on, last),
        if said.is_empty() {
            NOTHING.to_owned()
        } else {
            said.join(", ")
        },
    ]
}
