//! «База наставников»: cards of qualities with filters in the address, and how many were trained.

use std::collections::HashMap;

use diesel::prelude::*;

use super::list::{self, List};
use super::looked;
use super::plan_rows::Who;
use super::register_page::{Sheet, days};
use super::registers::Held;
use crate::activity::kinds;
use crate::activity::model::MentorCard;
use crate::db::AnyConn;
use crate::db::schema::mentor_card;
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::db::types::codes;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /mentors
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["q", "quality", "trained"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let text = at.get("q").map(search_key);
        let qualities = kinds::qualities();
        let quality = at.known("quality", |code| {
            qualities.iter().find(|w| w.code == code).map(|w| w.code.clone())
        })?;
        let trained = at.known("trained", |t| match t {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })?;
        let read = move |c: &mut AnyConn| -> Result<(Vec<MentorCard>, HashMap<PersonId, Who>), Error> {
            let held = Held::of(c, &visitor, today)?;
            let mut cards: Vec<MentorCard> = mentor_card::table
                .filter(mentor_card::region_id.eq(held.region))
                .filter(mentor_card::superseded_at.is_null())
                .filter(mentor_card::withdrawn_at.is_null())
                .filter(mentor_card::valid_from.le(today))
                .filter(mentor_card::valid_to.is_null().or(mentor_card::valid_to.gt(today)))
                .select(MentorCard::as_select())
                .load(c)?;
            let ids: Vec<PersonId> = cards.iter().map(|card| card.person_id).collect();
            let who = held.who(c, &ids)?;
            cards.retain(|card| {
                who.get(&card.person_id).is_some_and(|w| {
                    text.as_ref().is_none_or(|t| holds(&search_key(&w.name), t))
                        && quality
                            .as_ref()
                            .is_none_or(|q| codes(&card.qualities).any(|code| code == q))
                        && trained.is_none_or(|t| card.trained_on.is_some() == t)
                })
            });
            cards.sort_by_cached_key(|card| who.get(&card.person_id).map(|w| sort_key(&w.name)));
            Ok((cards, who))
        };
        let (cards, who) = call.app().db.read(read).await?;
        let total = cards.len();
        let taught = cards.iter().filter(|card| card.trained_on.is_some()).count();
        let rows: Vec<MentorCard> = at.rows(cards);
        let named: Vec<PersonId> = rows.iter().map(|card| card.person_id).collect();
        looked::list(&call, "mentor_card", &at.codes(&["q"]), &named, total).await?;
        let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
        let filters = vec![
            at.search("q", "Фамилия или имя"),
            at.select(
                "quality",
                "Качество",
                "любое",
                qualities.iter().map(|w| own(&w.code, &w.name)),
            )?,
            at.select(
                "trained",
                "Подготовка",
                "не важно",
                [own("yes", "прошли"), own("no", "ещё не прошли")],
            )?,
        ];
        let columns = [
            Column::words("Наставник"),
            Column::words("Где работает"),
            Column::words("Предмет"),
            Column::words("Качества"),
            Column::words("Подготовка"),
            Column::words("В базе"),
        ];
        let row = |card: &MentorCard| {
            let names = codes(&card.qualities).map(|code| kinds::word_name(qualities, code));
            let names: Vec<&str> = names.collect();
            let (name, place) = who
                .get(&card.person_id)
                .map_or_else(Default::default, |w| (w.short.clone(), w.places.join(", ")));
            vec![
                Cell::text(name),
                Cell::text(place),
                Cell::text(card.subject.clone().unwrap_or_else(|| NOTHING.to_owned())),
                Cell::text(if names.is_empty() {
                    NOTHING.to_owned()
                } else {
                    names.join("; ")
                }),
                Cell::text(card.trained_on.map_or_else(|| NOTHING.to_owned(), date)),
                Cell::text(days(card.valid_from, card.valid_to.and_then(|to| to.pred_opt()))),
            ]
        };
        let table: Vec<Vec<Cell>> = rows.iter().map(row).collect();
        let mut empty = Empty::new(
            "В базе пока никого нет",
            "База пополняется файлом на странице «Загрузка данных».",
        );
        if !at.is_plain() {
            empty = Empty::new(
                "Никого не нашлось",
                "Под выбранные условия не подходит никто: уберите одно из них.",
            );
            empty.action = Some(Link::new("Сбросить условия", "/mentors"));
        }
        let sheet = Sheet {
            crumbs: vec![Link::new("Наставничество", "/pairs")],
            heading: "База наставников".into(),
            lead: format!("Прошли подготовку наставников: {taught}."),
            filters: Some(at.filters(filters, list::found(total, "наставник", "наставника", "наставников"))),
            paging: at.paging(total),
            empty: table.is_empty().then_some(empty),
            register: (!table.is_empty()).then(|| Register::new("База наставников", &columns, table)),
            token: call.token(),
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}
