//! «Вакансии»: free posts of the visitor's organisations on a day, by list; two lists side by side.

use crate::db::AnyConn;
use crate::db::text_keys::search_key;
use crate::desk::list::{self, List};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet, days};
use crate::desk::registers::reach::{Held, missing};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::desk::workforce::vacancies_rows::{self, Asked, Named, Side};
use crate::error::Error;
use crate::indicators::scale;
use crate::pages::parts::{Cell, Column, Empty, Filter, Filters, Link, Register};
use crate::pages::text::{NOTHING, capital, count, date, number, typed_day};
use crate::people::vacancy::{Vacancy, VacancySource};
use crate::web::Call;
use crate::web::registry::Answering;

/// Names of the filters.
const FILTERS: &[&str] = &["q", "unit", "source", "against", "side", "on"];

struct Shown {
    held: Held,
    asked: Asked,
    /// Every vacancy of the two lists, or of the one.
    all: Vec<Named>,
    side: Option<Side>,
    units: Vec<(String, String)>,
}

impl Shown {
    fn rows(&self) -> Vec<&Named> {
        self.all
            .iter()
            .filter(|n| self.side.is_none_or(|s| s == n.side))
            .collect()
    }

    fn many(&self, side: Side) -> i64 {
        let many = self.all.iter().filter(|n| n.side == side).count();
        i64::try_from(many).unwrap_or(i64::MAX)
    }
}

async fn find(call: &Call, at: &mut List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let against = at.known("against", VacancySource::from_code)?;
    let asked = Asked {
        day: at
            .typed("on", "Напишите день так: 01.09.2026.", typed_day)
            .unwrap_or(today),
        text: at.get("q").map(search_key),
        source: at.known("source", VacancySource::from_code)?,
        against,
    };
    let side = at.known("side", Side::from_code)?.filter(|_| against.is_some());
    let code = at.get("unit").map(str::to_owned);
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, asked.day)?;
        let units = held.choices();
        let missing = || Error::NotFound("единица".into());
        let unit = match &code {
            None => None,
            Some(code) => {
                let own = units.iter().any(|(own, _)| own == code);
                Some(held.unit(code).filter(|_| own).ok_or_else(missing)?.id)
            }
        };
        let open = vacancies_rows::open(c, &held, unit, &asked)?;
        Ok(Shown {
            all: vacancies_rows::sides(open, asked.source, asked.against),
            held,
            asked,
            side,
            units,
        })
    };
    call.app().db.read(read).await
}

/// GET /vacancies
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of_table(&call, FILTERS)?;
        let shown = find(&call, &mut at).await?;
        let keeps = What::Vacancies.is_kept_by(call.visitor()?);
        let mut sheet = sheet(&at, &shown, keeps)?;
        if keeps {
            give::offer(&mut sheet, &at);
        }
        file::page(&call, &at, sheet)
    })
}

/// GET /editable/vacancies: what is found, to be changed in a table and brought back by whoever loads the lists.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        if !What::Vacancies.is_kept_by(call.visitor()?) {
            return Err(missing());
        }
        let mut at = List::of(&call, FILTERS)?.whole();
        let shown = find(&call, &mut at).await?;
        let ids = shown.rows().iter().map(|named| named.vacancy.id.0).collect();
        give::register(&call, What::Vacancies, &at, ids).await
    })
}

fn filters(at: &List, shown: &Shown) -> Result<Filters, Error> {
    let lists = || {
        VacancySource::ALL
            .iter()
            .map(|s| (s.code().to_owned(), s.label().to_owned()))
    };
    let day = Filter {
        value: date(shown.asked.day),
        ..at.search("on", "На день")
    };
    let mut all = vec![
        at.search("q", "Должность или предмет"),
        at.select("unit", "Единица", "все", shown.units.iter().cloned())?,
        at.select("source", "Перечень", "все", lists())?,
        at.select("against", "Сравнить с", "не сравнивать", lists())?,
    ];
    if shown.asked.against.is_some() {
        let sides = Side::ALL.iter().map(|s| (s.code().to_owned(), s.label().to_owned()));
        all.push(at.select("side", "Показать", "все", sides)?);
    }
    all.push(day);
    let found = shown.rows().len();
    Ok(at.filters(all, list::found(found, "вакансия", "вакансии", "вакансий")))
}

/// Free posts in words: of each list for itself, since a vacancy that stands in several is one post. Where two lists are
/// compared a vacancy of both is one row.
fn free(found: &[&Named], is_compared: bool) -> String {
    let sum = |of: &mut dyn Iterator<Item = &Named>| -> String {
        decimal(of.filter_map(|n| n.vacancy.rate_milli).map(|r| i64::from(r.0)).sum())
    };
    let of = |source: VacancySource| found.iter().copied().filter(move |n| n.vacancy.source == source);
    let lists = VacancySource::ALL.iter().filter(|s| of(**s).next().is_some());
    let lists: Vec<String> = lists.map(|s| format!("{} — {}", s.label(), sum(&mut of(*s)))).collect();
    if is_compared || lists.len() < 2 {
        return format!("Свободных ставок: {}.", sum(&mut found.iter().copied()));
    }
    format!(
        "Свободных ставок по перечням: {}. Одна вакансия может стоять в нескольких: сверьте два перечня.",
        lists.join("; ")
    )
}

fn sheet(at: &List, shown: &Shown, may_load: bool) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Организация"),
        Column::words("Должность"),
        Column::words("Предмет"),
        Column::figures("Ставка"),
        Column::words("Открыта"),
        Column::words(if shown.asked.against.is_some() {
            "Где есть"
        } else {
            "Перечень"
        }),
        Column::words("Опубликована"),
    ];
    let row = |named: &&Named| {
        let v = &named.vacancy;
        let text = |text: &str| Cell::text(if text.is_empty() { NOTHING } else { text });
        vec![
            text(&shown.held.name(Some(v.organisation_id))),
            Cell::link(v.position.clone(), format!("/vacancies/{}", v.id)),
            text(&v.subject),
            Cell::text(rates(named)),
            Cell::text(days(v.valid_from, v.valid_to.and_then(|to| to.pred_opt()))),
            Cell::text(whose(named, &shown.asked)),
            v.link
                .clone()
                .map_or_else(|| Cell::text(NOTHING), |link| Cell::link("открыть", link)),
        ]
    };
    let found = shown.rows();
    let rows: Vec<Vec<Cell>> = at.rows(found.clone()).iter().map(row).collect();
    let mut first = Empty::new(
        "Вакансий нет",
        if may_load {
            "На этот день открытых вакансий не записано. Загрузите перечень файлом, и он появится здесь."
        } else {
            "На этот день открытых вакансий не записано. Перечень загружает региональный оператор: передайте ему свой."
        },
    );
    first.action = may_load.then(|| Link::new("Загрузить перечень", "/upload"));
    let empty = at.empty(first, "Вакансий не нашлось", "ни одна");
    let without = found.iter().filter(|n| n.vacancy.rate_milli.is_none()).count();
    let mut lead = format!(
        "На {}. {}",
        date(shown.asked.day),
        free(&found, shown.asked.against.is_some())
    );
    if without > 0 {
        let without = i64::try_from(without).unwrap_or(i64::MAX);
        let words = count(
            without,
            "вакансии ставка не указана",
            "вакансий ставка не указана",
            "вакансий ставка не указана",
        );
        lead.push_str(&format!(" У {words}."));
    }
    Ok(Sheet {
        heading: "Вакансии".into(),
        lead,
        filters: Some(filters(at, shown)?),
        paging: at.paging(found.len()),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Вакансии", &columns, rows)),
        blocks: compared(at, shown).into_iter().collect(),
        ..Sheet::default()
    })
}

/// How many vacancies only one list names, and how many both; each number opens its list.
fn compared(at: &List, shown: &Shown) -> Option<Block> {
    let against = shown.asked.against?;
    let source = shown.asked.source.unwrap_or(VacancySource::Own);
    let columns = [Column::words("Где есть"), Column::figures("Вакансий")];
    let row = |side: &Side| {
        let many = shown.many(*side);
        let cell = if many > 0 {
            Cell::link(number(many), at.with("side", side.code()))
        } else {
            Cell::text(number(0))
        };
        vec![Cell::text(capital(side.label())), cell]
    };
    let mut text = format!(
        "У нас — {}, там — {}. Вакансия одна и та же, если совпали организация, должность и предмет.",
        source.label(),
        against.label()
    );
    if source == against {
        text = "Выбран один и тот же перечень: выберите другой, чтобы сравнить.".into();
    }
    Some(Block {
        title: "Сверка двух перечней".into(),
        text: Some(text),
        register: Some(Register::new(
            "Сверка двух перечней",
            &columns,
            Side::ALL.iter().map(row).collect(),
        )),
        ..Block::default()
    })
}

/// Thousandths with a comma and without needless zeros: «0,25».
pub(crate) fn decimal(milli: i64) -> String {
    scale::plain(milli).replace('.', ",")
}

/// The free rates of a vacancy: of both lists where they differ.
fn rates(named: &Named) -> String {
    let one = |v: &Vacancy| {
        v.rate_milli
            .map_or_else(|| NOTHING.to_owned(), |r| decimal(i64::from(r.0)))
    };
    match &named.other {
        Some(other) if other.rate_milli != named.vacancy.rate_milli => {
            format!("{}; там {}", one(&named.vacancy), one(other))
        }
        _ => one(&named.vacancy),
    }
}

fn whose(named: &Named, asked: &Asked) -> &'static str {
    if asked.against.is_some() {
        named.side.label()
    } else {
        named.vacancy.source.label()
    }
}
