//! The parts of the page of an undertaking: its link, parties, expertise, people, and keeping it.

use chrono::NaiveDate;

use crate::activity::model::Level;
use crate::activity::undertakings::{Expertise, Outcome, PartRole, TakingPart, Undertaking};
use crate::desk::registers::events::level_choices;
use crate::desk::registers::page::{Block, Fill, Form, Keeping, Sent, days};
use crate::desk::registers::reach::Held;
use crate::desk::registers::undertaking::{Again, Shown, stands};
use crate::desk::registers::undertakings::undertaking_form;
use crate::pages::parts::{Cell, Chip, Column, Register, Tone};
use crate::pages::text::{NOTHING, date};
use crate::units::UnitId;
use crate::web::Call;

/// All of them in their order.
pub(crate) fn all(call: &Call, shown: &Shown, again: Again<'_>, today: NaiveDate) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(link(shown));
    blocks.extend(parties(shown));
    blocks.push(expertise(call, shown, again));
    blocks.push(people(call, shown, again, today));
    if shown.keeps {
        blocks.push(keeping(call, shown, again));
    }
    blocks
}

fn address(shown: &Shown) -> String {
    format!("/undertakings/{}", shown.of.id)
}

/// Whether forms stand on the page.
fn is_open(shown: &Shown) -> bool {
    shown.keeps && shown.of.withdrawn_at.is_none()
}

/// The link, who opened it and when.
fn link(shown: &Shown) -> Option<Block> {
    let to = shown.of.link.clone()?;
    // A file may bring anything; what is no address of a page leads nowhere.
    let leads = to.starts_with("https://") || to.starts_with("http://");
    let cell = if leads {
        Cell::link(to.clone(), to)
    } else {
        Cell::text(to)
    };
    let (said, when) = match shown.of.checked_on {
        Some(on) => (shown.checker.clone(), date(on)),
        None => ("ещё никто не открывал".to_owned(), NOTHING.to_owned()),
    };
    let columns = [
        Column::words("Ссылка"),
        Column::words("Кем проверена"),
        Column::words("Когда"),
    ];
    let row = vec![cell, Cell::text(said), Cell::text(when)];
    let forms = vec![Form {
        action: address(shown),
        act: "check",
        seen: shown.of.version.to_string(),
        button: "Ссылка открыта, всё на месте".into(),
        ..Form::default()
    }];
    Some(Block {
        title: "Ссылка".into(),
        text: Some("Откройте ссылку сами и отметьте, что она работает: запишутся ваше имя и сегодняшний день.".into())
            .filter(|_| is_open(shown)),
        register: Some(Register::new("Ссылка", &columns, vec![row])),
        forms: if is_open(shown) { forms } else { Vec::new() },
        ..Block::default()
    })
}

/// Bodies and units that stand beside the one whose undertaking it is.
fn parties(shown: &Shown) -> Option<Block> {
    let columns = [Column::words("Кто"), Column::words("Как участвует")];
    let bodies = shown.bodies.iter().filter(|(id, ..)| shown.parties.contains(id));
    let bodies = bodies.map(|(id, _, name)| {
        vec![
            Cell::link(name.clone(), format!("/bodies/{id}")),
            Cell::text("сторона или партнёр"),
        ]
    });
    let units = shown
        .units
        .iter()
        .map(|unit| vec![Cell::text(shown.held.name(Some(*unit))), Cell::text("участвует")]);
    let rows: Vec<Vec<Cell>> = bodies.chain(units).collect();
    (!rows.is_empty()).then(|| Block {
        title: "Стороны и участники".into(),
        register: Some(Register::new("Стороны и участники", &columns, rows)),
        ..Block::default()
    })
}

fn body_name(shown: &Shown, of: &Expertise) -> String {
    let found = shown.bodies.iter().find(|(id, ..)| *id == of.body_id);
    found.map_or_else(String::new, |(_, _, name)| name.clone())
}

fn expertise(call: &Call, shown: &Shown, (wrong, _): Again<'_>) -> Block {
    let columns = [
        Column::words("Кто"),
        Column::words("День"),
        Column::words("Уровень"),
        Column::words("Решение"),
        Column::words("Замечания"),
    ];
    let row = |e: &Expertise| {
        let chip = match (e.withdrawn_at, e.outcome) {
            (Some(_), _) => Chip::new(Tone::Late, "отозвано"),
            (None, Outcome::Approved) => Chip::new(Tone::Done, e.outcome.label()),
            (None, Outcome::Revise) => Chip::new(Tone::Wait, e.outcome.label()),
            (None, Outcome::Declined) => Chip::new(Tone::Calm, e.outcome.label()),
        };
        vec![
            Cell::link(body_name(shown, e), format!("/bodies/{}", e.body_id)),
            Cell::text(date(e.held_on)),
            Cell::text(e.level.label()),
            Cell::chip(chip),
            Cell::text(e.note.clone().unwrap_or_else(|| NOTHING.to_owned())),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.said.iter().map(row).collect();
    let sent = Sent(&call.form);
    let act = call.form.get("act").unwrap_or_default();
    let values = |name: &str| match name {
        "at-level" if call.form.get(name).is_none() => Level::Regional.code().to_owned(),
        _ => sent.text(name),
    };
    let fill = Fill { values: &values, wrong };
    let open = |name: &str| act == name && !wrong.is_empty();
    let of = |gone: bool| {
        let some = shown.said.iter().filter(move |e| e.withdrawn_at.is_some() == gone);
        some.map(|e| {
            let said = format!("{}, {}, {}", body_name(shown, e), date(e.held_on), e.outcome.label());
            (format!("{}.{}", e.id, e.version), said)
        })
    };
    let outcomes = Outcome::ALL.iter().map(|o| (o.code().into(), o.label().into()));
    let mut forms = vec![Form {
        action: address(shown),
        act: "judge",
        folded: "Записать экспертизу".into(),
        open: open("judge"),
        parts: vec![
            fill.line(
                "body",
                "Кто проводил",
                Some("Код объединения или слова из его названия"),
            ),
            fill.line("on", "День решения", Some("ДД.ММ.ГГГГ")),
            fill.choice("at-level", "Уровень", None, level_choices()),
            fill.choice("outcome", "Решение", Some("выберите"), outcomes),
            fill.long("note", "Замечания и рекомендации", None),
        ],
        button: "Записать".into(),
        ..Form::default()
    }];
    if of(false).next().is_some() {
        forms.push(Form {
            action: address(shown),
            act: "withdraw-said",
            folded: "Отозвать ошибочную запись экспертизы".into(),
            open: open("withdraw-said"),
            parts: vec![
                fill.choice("said", "Какую запись отозвать", Some("выберите"), of(false)),
                fill.line("why", "Причина отзыва", None),
            ],
            button: "Отозвать запись".into(),
            ..Form::default()
        });
    }
    if of(true).next().is_some() {
        forms.push(Form {
            action: address(shown),
            act: "restore-said",
            folded: "Вернуть отозванную экспертизу".into(),
            open: open("restore-said"),
            parts: vec![fill.choice("unsaid", "Какую запись вернуть", Some("выберите"), of(true))],
            button: "Вернуть запись".into(),
            ..Form::default()
        });
    }
    Block {
        title: "Экспертиза".into(),
        text: rows.is_empty().then(|| "Экспертизы пока не было.".into()),
        register: (!rows.is_empty()).then(|| Register::new("Экспертиза", &columns, rows)),
        forms: if is_open(shown) { forms } else { Vec::new() },
        ..Block::default()
    }
}

fn people(call: &Call, shown: &Shown, again: Again<'_>, today: NaiveDate) -> Block {
    let columns = [
        Column::words("Участник"),
        Column::words("Роль"),
        Column::words("Дни"),
        Column::words("Состояние"),
    ];
    let row = |(p, name): &(TakingPart, String)| {
        let chip = if p.withdrawn_at.is_some() {
            Chip::new(Tone::Late, "отозвано")
        } else if stands(p, today) {
            Chip::new(Tone::Done, "участвует")
        } else {
            Chip::new(Tone::Calm, "не участвует")
        };
        vec![
            Cell::text(name.clone()),
            Cell::text(p.role.label()),
            Cell::text(days(p.valid_from, p.valid_to.and_then(|to| to.pred_opt()))),
            Cell::chip(chip),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.people.iter().map(row).collect();
    let own = shown.people.iter().filter(|(p, _)| stands(p, today)).count();
    let mut text = format!("Участвуют сегодня: {}.", own + shown.others);
    if shown.others > 0 {
        text.push_str(&format!(" Из других организаций, без имён: {}.", shown.others));
    }
    Block {
        title: "Люди".into(),
        text: Some(text),
        register: (!rows.is_empty()).then(|| Register::new("Люди", &columns, rows)),
        forms: if is_open(shown) {
            people_forms(call, shown, again)
        } else {
            Vec::new()
        },
        ..Block::default()
    }
}

fn people_forms(call: &Call, shown: &Shown, (wrong, several): Again<'_>) -> Vec<Form> {
    let sent = Sent(&call.form);
    let act = call.form.get("act").unwrap_or_default();
    let values = |name: &str| match name {
        "role" if call.form.get(name).is_none() => PartRole::Member.code().to_owned(),
        _ => sent.text(name),
    };
    let fill = Fill { values: &values, wrong };
    let open = |name: &str| act == name && !wrong.is_empty();
    let of = |gone: bool| {
        let some = shown
            .people
            .iter()
            .filter(move |(p, _)| p.withdrawn_at.is_some() == gone);
        some.map(|(p, name)| {
            let on = days(p.valid_from, p.valid_to.and_then(|d| d.pred_opt()));
            let said = format!("{name}, {}, {on}", p.role.label());
            (format!("{}.{}", p.id, p.version), said)
        })
    };
    let mut parts = vec![fill.line(
        "who",
        "Фамилия и имя",
        Some("Ищем среди тех, кто работает в ваших организациях"),
    )];
    if !several.is_empty() {
        let people = several.iter().map(|(id, name)| (id.to_string(), name.clone()));
        parts.push(fill.choice("person", "Кто из них", Some("выберите"), people));
    }
    let roles = PartRole::ALL.iter().map(|r| (r.code().into(), r.label().into()));
    parts.extend([
        fill.choice("role", "Роль", None, roles),
        fill.line("since", "Участвует с", Some("ДД.ММ.ГГГГ")),
        fill.line(
            "until",
            "По какой день включительно",
            Some("Пусто, если участвует и сейчас"),
        ),
    ]);
    let form = |act: &'static str, folded: &str, parts, button: &str| Form {
        action: address(shown),
        act,
        folded: folded.into(),
        open: open(act),
        parts,
        button: button.into(),
        ..Form::default()
    };
    let mut forms = vec![form("join", "Добавить участника", parts, "Добавить")];
    if of(false).next().is_some() {
        let which = fill.choice("part", "Чьё участие закончить", Some("выберите"), of(false));
        let parts = vec![which, fill.line("last", "Последний день", Some("ДД.ММ.ГГГГ"))];
        forms.push(form("end", "Закончить участие", parts, "Закончить"));
        let which = fill.choice("wrong", "Какую запись отозвать", Some("выберите"), of(false));
        let parts = vec![which, fill.line("why", "Причина отзыва", None)];
        forms.push(form(
            "withdraw-part",
            "Отозвать ошибочную запись",
            parts,
            "Отозвать запись",
        ));
    }
    if of(true).next().is_some() {
        let parts = vec![fill.choice("back", "Какую запись вернуть", Some("выберите"), of(true))];
        forms.push(form(
            "restore-part",
            "Вернуть отозванную запись",
            parts,
            "Вернуть запись",
        ));
    }
    forms
}

/// What is stored of an undertaking in a field of its form; beside it the codes of its parties, and its units.
pub(crate) fn stored(of: &Undertaking, (parties, units): (&str, &[UnitId]), held: &Held, name: &str) -> String {
    let unit_code = |id| held.tree.unit(id).map_or_else(String::new, |u| u.code.clone());
    match name {
        "title" => of.title.clone(),
        "kind" => of.kind.clone(),
        "level" => of.level.code().to_owned(),
        "unit" => of.unit_id.map(unit_code).unwrap_or_default(),
        "about" => of.about.clone().unwrap_or_default(),
        "subject" => of.subject.clone().unwrap_or_default(),
        "from" => date(of.starts_on),
        "to" => of.ends_on.map(date).unwrap_or_default(),
        "state" => of.state.code().to_owned(),
        "act-number" => of.act.clone().unwrap_or_default(),
        "act-date" => of.act_on.map(date).unwrap_or_default(),
        "parties" => parties.to_owned(),
        "units" => units.iter().map(|u| unit_code(*u)).collect::<Vec<_>>().join("; "),
        "page" => of.link.clone().unwrap_or_default(),
        "code" => of.code.clone(),
        _ => String::new(),
    }
}

/// Changing, withdrawing and bringing back the undertaking itself.
fn keeping(call: &Call, shown: &Shown, (wrong, _): Again<'_>) -> Block {
    let of = &shown.of;
    let own = shown.bodies.iter().filter(|(id, ..)| shown.parties.contains(id));
    let codes: Vec<&str> = own.map(|(_, code, _)| code.as_str()).collect();
    let parties = codes.join("; ");
    let stored = |name: &str| stored(of, (&parties, &shown.units), &shown.held, name);
    let address = address(shown);
    Keeping {
        address,
        version: of.version,
        withdrawn: of.withdrawn_at.is_some(),
        stored: &stored,
        form: &|fill, _| undertaking_form(fill, &shown.held),
        call,
        wrong,
        words: ["Вернуть запись", "Отозвать запись", "Отозвать"],
    }
    .block()
}
