//! The form of an act: its fields, and what is wrong with what was typed.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::{BodyId, Level};
use crate::cycle::regulation::{Content, OfCycle, Regulation};
use crate::db::schema::body;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError};
use crate::desk::cycle::described::Described;
use crate::desk::registers::page::{Check, Fill, Part, Sent, Wrong};
use crate::desk::registers::reach::Held;
use crate::indicators::regulation_kinds;
use crate::pages::text::typed_day;
use crate::planted;
use crate::units::{Period, UnitId, UnitKind};
use crate::web::Call;

/// Fields of the form.
pub(crate) const FIELDS: [&str; 18] = [
    "key", "seen", "title", "kind", "number", "on", "unit", "body", "issuer", "level", "from", "to", "replaces",
    "page", "public", "pack", "period", "stage",
];

/// What the form may name.
pub(crate) struct Named {
    pub held: Held,
    pub described: Described,
    /// Bodies of the region: code, name.
    pub bodies: Vec<(BodyId, String, String)>,
    /// Acts that the visitor sees.
    pub acts: Vec<Regulation>,
}

/// Bodies that a visitor may name as issuers.
///
/// # Errors
/// Those of the database.
pub(crate) fn bodies(c: &mut AnyConn, region: UnitId) -> Result<Vec<(BodyId, String, String)>, DbError> {
    Ok(body::table
        .filter(body::region_id.eq(region))
        .filter(body::withdrawn_at.is_null())
        .order((body::search_key, body::id))
        .select((body::id, body::code, body::name))
        .load(c)?)
}

/// Kinds of documents to choose from.
pub(crate) fn kinds() -> Vec<(String, String)> {
    let words = regulation_kinds::kinds().iter();
    words.map(|word| (word.code.clone(), word.name.clone())).collect()
}

/// Stages to choose from, as the dictionary calls them.
pub(crate) fn stages() -> Vec<(String, String)> {
    let words = regulation_kinds::stages().iter();
    words.map(|word| (word.code.clone(), word.name.clone())).collect()
}

/// Levels to choose from.
pub(crate) fn levels() -> Vec<(String, String)> {
    let all = Level::ALL.iter();
    all.map(|level| (level.code().to_owned(), level.label().to_owned()))
        .collect()
}

/// The level of what a unit of a kind issues.
pub(crate) fn level_of(kind: UnitKind) -> Level {
    match kind {
        UnitKind::Organisation => Level::School,
        UnitKind::Municipality => Level::Municipal,
        UnitKind::Zone | UnitKind::Region => Level::Regional,
    }
}

/// The fields of an act.
pub(crate) fn parts(fill: &Fill<'_>, named: &Named, is_public: bool) -> Vec<Part> {
    let bodies = named.bodies.iter().map(|(_, code, name)| (code.clone(), name.clone()));
    let open = Check {
        value: "yes".into(),
        label: "Открыт всем в регионе".into(),
        meta: "без отметки документ видят единица, те, кто ниже, и те, кто выше".into(),
        checked: is_public,
    };
    vec![
        fill.line("title", "О чём документ", None),
        fill.choice("kind", "Вид", Some("выберите"), kinds()),
        fill.line("number", "Номер", Some("Пусто — документ без номера")),
        fill.line("on", "Дата документа", None),
        fill.choice("unit", "Чей документ", Some("выберите"), named.held.choices()),
        fill.choice("body", "Издан объединением", Some("нет, самой единицей"), bodies),
        fill.line(
            "issuer",
            "Издан другим органом",
            Some("Например, федеральным министерством; иначе пусто"),
        ),
        fill.choice("level", "Уровень", Some("по единице"), levels()),
        fill.line("from", "Действует с", Some("Пусто — с даты документа")),
        fill.line("to", "Последний день действия", Some("Пусто — бессрочно")),
        fill.line(
            "replaces",
            "Какой документ заменяет",
            Some("Номер и дата, например: 14-п от 01.09.2023"),
        ),
        fill.line("page", "Ссылка на текст", None),
        fill.checks("Кому виден", "public", vec![open]),
        fill.choice(
            "pack",
            "Методика цикла",
            Some("не относится"),
            named.described.choices(),
        ),
        fill.line("period", "Период цикла", Some("Например, 2022/23 или 2023")),
        fill.choice("stage", "Этап цикла", Some("не относится"), stages()),
    ]
}

/// «14-п от 01.09.2023»: the act of that number and day.
fn named_act<'a>(text: &str, acts: &'a [Regulation]) -> Option<Vec<&'a Regulation>> {
    let (number, day) = text.rsplit_once(" от ")?;
    let (number, day) = (search_key(number.trim_start_matches('№')), typed_day(day.trim())?);
    let same =
        |act: &&Regulation| act.withdrawn_at.is_none() && act.number_key == number.trim() && act.issued_on == day;
    Some(acts.iter().filter(same).collect())
}

/// How an act is typed in the field of another one that replaces it.
pub(crate) fn typed_act(act: &Regulation) -> String {
    format!("{} от {}", act.number, act.issued_on.format("%d.%m.%Y"))
}

fn replaces(sent: &Sent<'_>, named: &Named, wrong: &mut Vec<Wrong>) -> Option<Regulation> {
    let text = sent.some("replaces")?;
    let said = match named_act(&text, &named.acts) {
        None => "Напишите номер и дату, например: 14-п от 01.09.2023.",
        Some(found) => match found.as_slice() {
            [one] => return Some((*one).clone()),
            [] => "Документа с таким номером и датой нет: внесите его сначала или поправьте номер.",
            _ => "Документов с таким номером и датой несколько: уточните номер.",
        },
    };
    wrong.push(("replaces", said.into()));
    None
}

fn of_cycle(sent: &Sent<'_>, named: &Named, wrong: &mut Vec<Wrong>) -> Option<OfCycle> {
    let given = ["pack", "period", "stage"].map(|name| sent.some(name));
    let [Some(pack), Some(period), Some(stage)] = given else {
        if given.iter().any(Option::is_some) {
            let said = "Этап указывают вместе с методикой и периодом: заполните все три поля или ни одного.";
            wrong.push(("stage", said.into()));
        }
        return None;
    };
    let Some(of) = named.described.chosen(Some(&pack)) else {
        wrong.push(("pack", "Выберите методику из списка.".into()));
        return None;
    };
    if Period::parse(&period).is_none_or(|p| p.kind != of.basis.kind) {
        let like = of.basis.kind.like(&period);
        wrong.push(("period", format!("В этой методике период пишется так: {like}.")));
        return None;
    }
    if of.stages.iter().all(|known| known.code != stage) {
        wrong.push(("stage", "Такого этапа в этой методике нет: выберите другой.".into()));
        return None;
    }
    Some(OfCycle { pack, period, stage })
}

/// The act that a form describes, or what is wrong with it.
pub(crate) fn read(call: &Call, named: &Named) -> Result<Content, Vec<Wrong>> {
    let sent = Sent(&call.form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let title = sent.required("title", "О чём документ", &mut wrong);
    let kind = sent.text("kind");
    if !regulation_kinds::has(regulation_kinds::kinds(), &kind) {
        wrong.push(("kind", "Выберите вид документа.".into()));
    }
    let on = sent.day("on", &mut wrong);
    let unit = sent.some("unit").and_then(|code| named.held.unit(&code).cloned());
    let unit = unit.filter(|unit| named.held.keeps(Some(unit.id)));
    if unit.is_none() {
        wrong.push(("unit", "Выберите, чей это документ.".into()));
    }
    let issuer = sent.some("issuer");
    let body = sent
        .some("body")
        .map(|code| named.bodies.iter().find(|(_, known, _)| *known == code));
    if body == Some(None) {
        wrong.push(("body", "Выберите объединение из списка.".into()));
    }
    if body.is_some() && issuer.is_some() {
        wrong.push(("issuer", "Издатель один: объединение или другой орган.".into()));
    }
    let level = sent.some("level").map(|code| Level::from_code(&code));
    if level == Some(None) {
        wrong.push(("level", "Выберите уровень из списка.".into()));
    }
    let from = sent.maybe_day("from", &mut wrong).or(on);
    let last = sent.maybe_day("to", &mut wrong);
    let replaces = replaces(&sent, named, &mut wrong);
    let link = sent.link("page", &mut wrong);
    let of_cycle = of_cycle(&sent, named, &mut wrong);
    for name in ["number", "issuer"] {
        sent.fits(name, &mut wrong);
    }
    let (Some(on), Some(from), Some(unit), true) = (on, from, unit, wrong.is_empty()) else {
        return Err(wrong);
    };
    Ok(Content {
        level: level.flatten().unwrap_or_else(|| level_of(unit.kind)),
        unit_id: unit.id,
        body_id: body.flatten().map(|(id, ..)| *id),
        issuer,
        kind,
        number: sent.text("number"),
        issued_on: on,
        title,
        valid_from: from,
        last,
        replaces,
        link,
        is_public: call.form.get("public") == Some("yes"),
        of_cycle,
    })
}

/// Whether an act of a unit is seen: by everybody when it is public, else by those whose unit it is, below it or above it.
pub(crate) struct Seen {
    units: std::collections::BTreeSet<UnitId>,
}

impl Seen {
    /// The units whose acts a visitor sees.
    pub fn of(held: &Held) -> Self {
        let own = held.own();
        let above = own.iter().flat_map(|unit| held.tree.path(unit.id));
        let mut units: std::collections::BTreeSet<UnitId> = above.collect();
        units.extend(own.iter().map(|unit| unit.id));
        if held.is_whole() {
            units.insert(held.region);
        }
        Self { units }
    }

    /// Whether the act is among them.
    pub fn has(&self, act: &Regulation) -> bool {
        act.is_public || self.units.contains(&act.unit_id) || planted!("act_seen_by_all")
    }
}

/// Where a state of an act stands on a day.
pub(crate) fn state(
    act: &Regulation,
    next: Option<&Regulation>,
    today: NaiveDate,
) -> (crate::pages::parts::Tone, String) {
    use crate::pages::parts::Tone;
    if act.withdrawn_at.is_some() {
        return (Tone::Late, "отозван".into());
    }
    if let Some(next) = next.filter(|next| next.valid_from <= today && !planted!("replaced_unseen")) {
        return (Tone::Calm, format!("заменён: {}", next.called()));
    }
    if act.valid_from > today {
        return (Tone::Wait, "ещё не действует".into());
    }
    if act.holds(today) {
        return (Tone::Done, "действует".into());
    }
    (Tone::Calm, "срок истёк".into())
}
