//! How reports are told: states, days, differences, and the table of what is computed beside what is reported.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};

use crate::access::store::in_stead;
use crate::cycle::campaign::Campaign;
use crate::cycle::report::{ActRow, SaidValue, Submission};
use crate::cycle::report_form::{Line, Parts, shown, written};
use crate::cycle::submission_status::SubmissionState;
use crate::pages::parts::{Cell, Chip, Column, Register, Tone};
use crate::pages::text::{NOTHING, capital, date, moment, until};
use crate::units::{OrgKind, Unit, UnitKind};

/// Where a report stands; one that is late says so.
pub(crate) fn state(report: &Submission, of: &Campaign, today: NaiveDate) -> Chip {
    let tone = match report.state {
        SubmissionState::Accepted | SubmissionState::Agreed => Tone::Done,
        SubmissionState::Returned => Tone::Late,
        _ if report.state.is_with_unit() && today > report.due_on(of) => Tone::Late,
        _ => Tone::Wait,
    };
    Chip::new(tone, report.state.label())
}

/// What is done with what is reported: what it is compared with, what has to be explained, who takes it.
pub(crate) fn processing(tolerance_milli: i64, jump_percent: Option<i64>) -> String {
    let tolerance = crate::indicators::scale::plain(tolerance_milli).replace('.', ",");
    let jump = jump_percent.map_or_else(String::new, |n| {
        format!(" Отличие от прошлого года больше чем на {n}\u{a0}% отмечаем, но не запрещаем.")
    });
    format!(
        "Поданное сравниваем с рассчитанным, допуск {tolerance}: расхождение исправляют или объясняют, иначе отчёт не \
         отправить.{jump} Считается то, что согласовано и принято; рассчитанное остаётся рядом."
    )
}

/// How the report of a unit is called.
pub(crate) fn called(unit: &Unit) -> &'static str {
    match (unit.kind, unit.org_kind) {
        (UnitKind::Municipality, _) => "Отчёт муниципалитета",
        (_, None | Some(OrgKind::School)) => "Отчёт школы",
        _ => "Отчёт организации",
    }
}

/// «Срок 25.06.2026, осталось 6 дней» or what else there is to say of the days of a report.
pub(crate) fn days(report: &Submission, of: &Campaign, today: NaiveDate) -> String {
    if today < of.opens_on {
        return format!("Приём с {} по {}", date(of.opens_on), date(report.due_on(of)));
    }
    let due = report.due_on(of);
    let own = if report.extended_to.is_some() {
        "Срок продлён до"
    } else {
        "Срок"
    };
    if !report.state.is_with_unit() {
        let sent = report
            .sent_on
            .map_or_else(String::new, |on| format!(", отправлен {}", date(on)));
        return format!("{own} {}{sent}", date(due));
    }
    let lock = report.locks_on(of);
    if today > lock {
        return format!("{own} {}; приём закрыт {}", date(due), date(lock));
    }
    let locks = if lock > due {
        format!("; приём закроется {}", date(lock))
    } else {
        String::new()
    };
    format!("{own} {}, {}{locks}", date(due), until(due, today))
}

/// The days of a campaign.
pub(crate) fn window(of: &Campaign) -> String {
    format!(
        "{} – {}, закрывается {}",
        date(of.opens_on),
        date(of.due_on),
        date(of.locks_on)
    )
}

/// Where a report stands, without its campaign.
pub(crate) fn plain(state: SubmissionState) -> Chip {
    Chip::new(Tone::Calm, state.label())
}

/// A difference with its sign: «+3», «−1», «0».
pub(crate) fn signed(milli: i64) -> String {
    match milli {
        0 => "0".into(),
        n if n > 0 => format!("+{}", shown(Some(n))),
        n => format!("−{}", shown(Some(n.abs()))),
    }
}

/// The difference of a field: above the line, and below it where that differs too.
pub(crate) fn difference(line: &Line<'_>) -> String {
    match line.difference() {
        None => NOTHING.to_owned(),
        Some((upper, 0)) => signed(upper),
        Some((upper, lower)) => format!("{} / {}", signed(upper), signed(lower)),
    }
}

/// What is computed beside what is reported. Of what may not be told only that it differs or not is said.
pub(crate) fn beside(lines: &[Line<'_>], tolerance: i64, hidden: &BTreeSet<String>) -> Register {
    let columns = [
        Column::words("Поле"),
        Column::figures("Рассчитано"),
        Column::figures("Подано"),
        Column::figures("Разница"),
        Column::words("Объяснение"),
        Column::words("Подтверждение"),
    ];
    let row = |line: &Line<'_>| {
        let differs = line.differs(tolerance);
        let value = |parts: Option<Parts>| match written(line, parts) {
            text if text.is_empty() => NOTHING.to_owned(),
            text => text,
        };
        let known = line.computed.or_else(|| line.known.as_ref().map(|(parts, ..)| *parts));
        let is_hidden = hidden.contains(&line.field.code);
        let [computed, reported, difference] = if is_hidden {
            let said = if differs {
                "расходится"
            } else {
                "сходится"
            };
            ["скрыто".to_owned(), "скрыто".to_owned(), said.to_owned()]
        } else {
            let computed = if line.computed.is_some() || line.known.is_none() {
                value(known)
            } else {
                NOTHING.to_owned()
            };
            let stands = if line.said.is_some() {
                value(line.stands())
            } else {
                "не представлено".to_owned()
            };
            let difference = if line.said.is_some() {
                difference(line)
            } else {
                NOTHING.to_owned()
            };
            [computed, stands, difference]
        };
        let explanation = line.said.as_ref().and_then(|s| s.explanation.clone());
        vec![
            Cell::text(line.title()),
            Cell::text(computed),
            Cell::text(reported),
            if differs && !line.is_explained() {
                Cell::chip(Chip::new(Tone::Late, difference))
            } else {
                Cell::text(difference)
            },
            Cell::text(explanation.unwrap_or_else(|| NOTHING.to_owned())),
            line.link()
                .map_or_else(|| Cell::text(NOTHING), |link| Cell::link("открыть", link)),
        ]
    };
    Register::new("Рассчитано, подано, разница", &columns, lines.iter().map(row).collect())
}

/// What was done with a report, the latest first.
pub(crate) fn acts(zone: TimeDelta, acts: &[ActRow], names: &HashMap<i64, String>) -> Option<Register> {
    let columns = [
        Column::words("Когда"),
        Column::words("Что"),
        Column::words("Кто"),
        Column::words("Причина"),
    ];
    let row = |act: &ActRow| {
        vec![
            Cell::text(moment(act.recorded_at, zone)),
            Cell::text(capital(act.act.label())),
            Cell::text(doer(names, act.account_id, act.on_behalf_of_id)),
            Cell::text(act.reason.clone().unwrap_or_else(|| NOTHING.to_owned())),
        ]
    };
    let rows: Vec<Vec<Cell>> = acts.iter().rev().map(row).collect();
    (!rows.is_empty()).then(|| Register::new("История отчёта", &columns, rows))
}

fn doer(names: &HashMap<i64, String>, by: i64, whose: Option<i64>) -> String {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let whose = whose.map(name);
    in_stead(name(by), whose.as_deref())
}

/// What fields said before.
pub(crate) fn past(
    zone: TimeDelta,
    lines: &[Line<'_>],
    (said, names): (&[SaidValue], &HashMap<i64, String>),
    hidden: &BTreeSet<String>,
) -> Option<Register> {
    let columns = [
        Column::words("Поле"),
        Column::words("Было"),
        Column::words("Объяснение"),
        Column::words("Кто и когда"),
        Column::words("До"),
    ];
    let gone = said.iter().filter_map(|v| Some((v, v.superseded_at?)));
    let row = |(value, until): (&SaidValue, chrono::NaiveDateTime)| {
        let line = lines.iter().find(|l| l.field.code == value.field)?;
        let parts = Parts {
            upper: value.upper_milli,
            lower: value.lower_milli,
        };
        let text = if hidden.contains(&value.field) {
            "скрыто".into()
        } else {
            written(line, Some(parts))
        };
        Some(vec![
            Cell::text(line.title()),
            Cell::text(text),
            Cell::text(value.explanation.clone().unwrap_or_else(|| NOTHING.to_owned())),
            Cell::text(format!(
                "{}, {}",
                doer(names, value.account_id, value.on_behalf_of_id),
                moment(value.recorded_at, zone)
            )),
            Cell::text(moment(until, zone)),
        ])
    };
    let rows: Vec<Vec<Cell>> = gone.filter_map(row).collect();
    (!rows.is_empty()).then(|| Register::new("Прежние значения", &columns, rows))
}
