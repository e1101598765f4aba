//! What the form of facts says of values: how they are shown, where they come from, what stood before, and why a period
//! has no form.

use crate::access::store::in_stead;
use crate::desk::forms::rows::Found;
use crate::desk::workforce::vacancies::decimal;
use crate::indicators::form::Known;
use crate::indicators::measures::{self, Measure, MeasureUnit};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{capital, date, moment};
use crate::units::Period;
use crate::web::Call;
use crate::web::address::address;

/// A value as it is typed and shown.
pub(crate) fn shown(of: &Measure, value: Option<i64>) -> String {
    match (of.unit, value) {
        (_, None) => "–".into(),
        (Some(MeasureUnit::YesNo), Some(0)) => "нет".into(),
        (Some(MeasureUnit::YesNo), Some(_)) => "да".into(),
        (_, Some(milli)) => decimal(milli),
    }
}

/// Why a period has no form, and what to do.
pub(crate) fn formless(period: &str, may_load: bool) -> Empty {
    let next = if may_load {
        "Загрузите методику или её новую версию с этим годом, и форма появится."
    } else {
        "Форма появится, когда региональный оператор загрузит методику с этим годом: сообщите ему, что сведения готовы."
    };
    let mut empty = Empty::new(
        format!("Формы за {period} нет"),
        format!("Ни одна действующая методика не включает {period}, поэтому не определено, что вносить. {next}"),
    );
    empty.action = may_load.then(|| Link::new("Методики", "/packs"));
    empty
}

/// Why a period of a kind that nobody asks about has no form, and which form there is.
pub(crate) fn other_kind(unit: &str, period: &str, meant: &str) -> Empty {
    let kind = |code: &str| Period::parse(code).map_or("", |p| p.kind.label());
    let mut empty = Empty::new(
        format!("Формы за {period} нет"),
        format!(
            "{period} – {}, а методики спрашивают эту единицу за {}: внесите сведения в форму за {meant}.",
            kind(period),
            kind(meant)
        ),
    );
    let form = address("/forms", [("unit", unit), ("period", meant)]);
    empty.action = Some(Link::new(format!("Форма за {meant}"), form));
    empty
}

/// What stands for a period that has no form.
pub(crate) fn told(call: &Call, found: &Found) -> Option<Register> {
    let columns = [
        Column::words("Сведение"),
        Column::words("Значение"),
        Column::words("Откуда"),
    ];
    let standing = found.known.iter().filter(|k| k.superseded_at.is_none());
    let known = standing.filter_map(|k| Some((measures::of_units(&k.measure)?, k)));
    let rows: Vec<Vec<Cell>> = known
        .map(|(of, k)| {
            vec![
                Cell::text(of.title.clone()),
                Cell::text(shown(of, k.value_milli)),
                Cell::text(whence(call, found, of, k)),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Register::new("Что уже внесено", &columns, rows))
}

/// Who entered a value and when, or which file brought it; who has looked at its link.
pub(crate) fn whence(call: &Call, found: &Found, of: &Measure, known: &Known) -> String {
    let name = |id: Option<i64>| id.and_then(|id| found.names.get(&id)).map_or("", String::as_str);
    let file = known.batch.and_then(|b| found.files.get(&b));
    let by = match (file, known.account) {
        (Some(file), _) => format!("файл «{file}»"),
        (None, Some(_)) => {
            let whose = known.on_behalf_of.map(|of| name(Some(of)));
            format!("внёс(ла) {}", in_stead(name(known.account).to_owned(), whose))
        }
        (None, None) => "внесено на сервере".into(),
    };
    let mut said = format!(
        "{}: {}, {by}, {}.",
        capital(known.source.label()),
        shown(of, known.value_milli),
        moment(known.recorded_at, call.zone())
    );
    if let Some(on) = known.checked_on {
        said.push_str(&format!(" Ссылка проверена {}, {}.", date(on), name(known.checked_by)));
    }
    said
}

/// What stood in the field before.
pub(crate) fn history(call: &Call, found: &Found, of: &Measure, own: &[&Known]) -> Option<Register> {
    let columns = [
        Column::words("Значение"),
        Column::words("Ссылка"),
        Column::words("Откуда"),
        Column::words("До"),
    ];
    let gone = own.iter().filter_map(|k| Some((k, k.superseded_at?)));
    let rows: Vec<Vec<Cell>> = gone
        .map(|(k, until)| {
            vec![
                Cell::text(shown(of, k.value_milli)),
                Cell::text(k.link.clone().unwrap_or_default()),
                Cell::text(whence(call, found, of, k)),
                Cell::text(moment(until, call.zone())),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Register::new("Прежние значения", &columns, rows))
}
