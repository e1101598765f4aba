//! An empty sheet for each kind of file, with the codes of the region that its cells refer to.

use diesel::prelude::*;

use crate::activity::kinds::{self, Word};
use crate::activity::model::Family;
use crate::activity::undertakings::{self, NeedyKind};
use crate::competence::reference;
use crate::db::schema::{body, competence, event, procedure, unit};
use crate::db::{AnyConn, DbError};
use crate::desk::upload::list::{kinds, named, region};
use crate::error::Error;
use crate::exchange::Kind;
use crate::exchange::sample::{self, Listed};
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /upload/sample?kind=
pub fn fetch(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["kind"])?;
        let (region, kinds) = (region(&call)?, kinds(&call)?);
        let kind = call.query.get("kind").and_then(Kind::from_code);
        let kind = kind.filter(|kind| kinds.contains(kind));
        let kind = kind.ok_or_else(|| Error::NotFound("вид файла".into()))?;
        let lists = call.app().db.read(move |c| lists(c, region, kind)).await?;
        let write = tokio::task::spawn_blocking(move || sample::workbook(kind, &lists));
        let bytes = write.await.map_err(|e| Error::Internal(e.to_string()))??;
        let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(Answer::bytes(bytes, media).file(&format!("{} (образец).xlsx", named(kind)), false))
    })
}

/// The lists that a kind of file refers to. Competences are the same for every region; the rest is the region's own.
fn lists(c: &mut AnyConn, region: i64, kind: Kind) -> Result<Vec<Listed>, DbError> {
    let mut lists = Vec::new();
    if matches!(kind, Kind::Results | Kind::Programmes) {
        let rows = competence::table
            .order(competence::code)
            .select((competence::code, competence::name))
            .load(c)?;
        lists.push(Listed {
            sheet: "Компетенции",
            rows,
        });
    }
    if kind == Kind::Competences {
        let rows = reference::groups().iter().map(|g| (g.code.clone(), g.name.clone()));
        lists.push(Listed {
            sheet: "Группы",
            rows: rows.collect(),
        });
    }
    if kind == Kind::Results {
        let own = unit::table
            .filter(unit::region_id.eq(region))
            .select(unit::id.nullable());
        let rows = procedure::table
            .filter(procedure::organiser_id.eq_any(own))
            .order(procedure::code)
            .select((procedure::code, procedure::name))
            .load(c)?;
        lists.push(Listed {
            sheet: "Диагностики",
            rows,
        });
    }
    lists.extend(dictionary(c, region, kind)?);
    if matches!(
        kind,
        Kind::Staff | Kind::Programmes | Kind::Procedures | Kind::Bodies | Kind::Events | Kind::Vacancies
    ) {
        let rows = unit::table
            .filter(unit::region_id.eq(region))
            .filter(unit::kind.eq(UnitKind::Organisation))
            .order(unit::sort_key)
            .select((unit::code, unit::name))
            .load(c)?;
        lists.push(Listed {
            sheet: "Организации",
            rows,
        });
    }
    if matches!(
        kind,
        Kind::Events | Kind::Bodies | Kind::Undertakings | Kind::Publications
    ) {
        let rows = unit::table
            .filter(unit::region_id.eq(region))
            .filter(unit::kind.ne(UnitKind::Region))
            .order((unit::kind, unit::sort_key))
            .select((unit::code, unit::name))
            .load(c)?;
        lists.push(Listed {
            sheet: "Единицы", rows
        });
    }
    Ok(lists)
}

/// The lists of the registers: kinds of the dictionary, events and bodies of the region.
fn dictionary(c: &mut AnyConn, region: i64, kind: Kind) -> Result<Vec<Listed>, DbError> {
    let words = |sheet, list: &[Word]| Listed {
        sheet,
        rows: list.iter().map(|w| (w.code.clone(), w.name.clone())).collect(),
    };
    let needy = |list: &[NeedyKind]| Listed {
        sheet: "Виды",
        rows: list.iter().map(|k| (k.code.clone(), k.name.clone())).collect(),
    };
    let of = |only: fn(Family) -> bool| Listed {
        sheet: "Виды",
        rows: kinds::all()
            .iter()
            .filter(|k| only(k.family))
            .map(|k| (format!("{}/{}", k.family, k.code), k.name.clone()))
            .collect(),
    };
    Ok(match kind {
        Kind::Activities => {
            let rows = event::table
                .filter(event::region_id.eq(region))
                .filter(event::withdrawn_at.is_null())
                .order((event::starts_on.desc(), event::code))
                .select((event::code, event::title))
                .load(c)?;
            let sheet = "Мероприятия";
            vec![of(|_| true), Listed { sheet, rows }]
        }
        Kind::Events => vec![of(|family| matches!(family, Family::Event | Family::Contest))],
        Kind::Bodies => vec![words("Виды объединений", kinds::bodies())],
        Kind::Publications => vec![
            needy(undertakings::publication_kinds()),
            words("Кому", undertakings::addressees()),
        ],
        Kind::Undertakings => {
            let rows = body::table
                .filter(body::region_id.eq(region))
                .filter(body::withdrawn_at.is_null())
                .order(body::code)
                .select((body::code, body::name))
                .load(c)?;
            let sheet = "Объединения";
            vec![needy(undertakings::kinds()), Listed { sheet, rows }]
        }
        Kind::Members => {
            let rows = body::table
                .filter(body::region_id.eq(region))
                .filter(body::withdrawn_at.is_null())
                .order(body::code)
                .select((body::code, body::name))
                .load(c)?;
            let sheet = "Объединения";
            vec![Listed { sheet, rows }]
        }
        Kind::Pairs => vec![words("Формы", kinds::mentoring())],
        Kind::Mentors => vec![words("Качества", kinds::qualities())],
        _ => Vec::new(),
    })
}
