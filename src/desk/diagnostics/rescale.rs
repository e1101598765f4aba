//! Results of a procedure read by another scale: which scale, what would change, and why.

use chrono::TimeDelta;

use crate::competence::{Band, ScaleId};
use crate::db::{AnyConn, Tx};
use crate::desk::diagnostics::edit::{page_of, sentence};
use crate::desk::diagnostics::scales::levels;
use crate::desk::diagnostics::tools::region;
use crate::desk::once::once_by_version;
use crate::desk::plan::page::level;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, clash, problems};
use crate::desk::registers::reach::{by, missing};
use crate::diagnostics::region_scale::{self, Known};
use crate::diagnostics::rescale::{self, Move, Outlook, Rescale};
use crate::diagnostics::store;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{capital, count, date, number, plural};
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

const LEAD: &str = "Баллы не меняются: меняется то, как они читаются. Прежние уровни останутся рядом, и маршруты, составленные \
                    раньше, помнят их.";
/// What a score outside of every level is called.
const NOWHERE: &str = "без уровня";

/// The address where a procedure is read by another scale.
pub(crate) fn address_of(code: &str) -> String {
    address("/diagnostics/rescale", [("code", code)])
}

/// A procedure with the scales it can be read by.
struct Shown {
    known: store::Known,
    scales: Vec<Known>,
    past: Vec<Rescale>,
    /// The scale that is asked about, and what it would change.
    asked: Option<(Known, Outlook)>,
}

impl Shown {
    /// The scale that the procedure has now.
    fn standing(&self) -> Option<ScaleId> {
        let common = || self.scales.iter().find(|of| !of.own).map(|of| of.id);
        self.known.procedure.scale_id.or_else(common)
    }

    fn name_of(&self, id: ScaleId) -> &str {
        let found = self.scales.iter().find(|of| of.id == id);
        found.map_or("шкала убрана", |of| of.name.as_str())
    }
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let region = region(call).await?;
    let code = call.query.get("code").unwrap_or_default().to_owned();
    // A form says in its body which scale it is about.
    let scale = call
        .query
        .get("scale")
        .or_else(|| call.form.get("of"))
        .map(str::to_owned);
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let known = store::by_code(c, region, &code)?
            .filter(|known| known.kept && known.has_results)
            .ok_or_else(missing)?;
        let scales = region_scale::all(c, region)?;
        let of = (region, known.procedure.id);
        let asked = match scale.filter(|code| !code.is_empty()) {
            None => None,
            Some(code) => {
                let to = scales.iter().find(|of| of.code == code).cloned().ok_or_else(missing)?;
                let outlook = rescale::outlook(c, of, to.id)?;
                Some((to, outlook))
            }
        };
        Ok(Shown {
            past: rescale::of_procedure(c, of)?,
            known,
            scales,
            asked,
        })
    };
    call.app().db.read(read).await
}

/// GET /diagnostics/rescale?code=&scale=
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code", "scale"])?;
        let shown = find(&call).await?;
        page(&call, &shown, &[])
    })
}

fn results(n: i64) -> String {
    count(n, "результат", "результата", "результатов")
}

/// What would change, in words.
fn told(outlook: &Outlook) -> String {
    if outlook.results == 0 {
        return "Все результаты уже читаются по этой шкале.".into();
    }
    let mut told = format!("Будет прочитано заново: {}.", results(outlook.results));
    for (n, verbs) in [
        (outlook.become_deficit, ["Дефицитом станет", "Дефицитом станут"]),
        (
            outlook.no_deficit,
            ["Перестанет быть дефицитом", "Перестанут быть дефицитом"],
        ),
    ] {
        if n > 0 {
            told.push_str(&format!(" {} {}.", plural(n, verbs[0], verbs[1], verbs[1]), results(n)));
        }
    }
    told
}

fn choice(shown: &Shown) -> Block {
    let columns = [
        Column::words("Шкала"),
        Column::figures("Уровней"),
        Column::words("Какие"),
    ];
    let standing = shown.standing();
    let row = |of: &Known| {
        let name = capital(&of.name);
        let of_both = [("code", &*shown.known.procedure.code), ("scale", &*of.code)];
        let way = address("/diagnostics/rescale", of_both);
        vec![
            if Some(of.id) == standing {
                Cell::text(format!("{name} (сейчас)"))
            } else {
                Cell::link(name, way)
            },
            Cell::text(of.bands.len().to_string()),
            Cell::text(of.bands.iter().map(|b| b.label.as_str()).collect::<Vec<_>>().join(", ")),
        ]
    };
    Block {
        title: "По какой шкале прочитать".into(),
        text: Some("Сначала будет показано, что изменится; ничего не запишется, пока вы не подтвердите.".into()),
        register: Some(Register::new(
            "Шкалы уровней",
            &columns,
            shown.scales.iter().map(row).collect(),
        )),
        ..Block::default()
    }
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let of = &shown.known.procedure;
    let sent = Sent(&call.form);
    let typed = |name: &str| sent.text(name);
    let fill = Fill { values: &typed, wrong };
    let mut blocks = Vec::new();
    if let Some((to, outlook)) = &shown.asked {
        let columns = [
            Column::words("Уровень сейчас"),
            Column::words("Уровень по новой шкале"),
            Column::figures("Результатов"),
        ];
        let named = |of: &Option<Band>| {
            let said = of.as_ref().map(|band| level(&band.label, band.is_deficit));
            capital(&said.unwrap_or_else(|| NOWHERE.to_owned()))
        };
        let row = |of: &Move| {
            vec![
                Cell::text(named(&of.from)),
                Cell::text(named(&of.to)),
                Cell::text(number(of.results)),
            ]
        };
        blocks.push(Block {
            title: format!("Что изменит шкала «{}»", to.name),
            text: Some(told(outlook)),
            register: (outlook.results > 0).then(|| {
                let rows = outlook.moves.iter().map(row).collect();
                Register::new("Уровни сейчас и по новой шкале", &columns, rows)
            }),
            forms: (outlook.results > 0)
                .then(|| Form {
                    action: address_of(&of.code),
                    act: "rescale",
                    seen: of.version.to_string(),
                    of: to.code.clone(),
                    parts: vec![fill.line("reason", "Почему", Some("Останется рядом с результатами"))],
                    button: "Прочитать по этой шкале".into(),
                    ..Form::default()
                })
                .into_iter()
                .collect(),
            ..Block::default()
        });
        blocks.push(Block {
            title: "Уровни новой шкалы".into(),
            register: Some(levels(to)),
            ..Block::default()
        });
    }
    blocks.push(choice(shown));
    if !shown.past.is_empty() {
        let columns = [
            Column::words("Когда"),
            Column::words("Шкала"),
            Column::figures("Результатов"),
            Column::words("Почему"),
        ];
        let zone = TimeDelta::hours(call.app().config.zone_hours.into());
        let row = |of: &Rescale| {
            vec![
                Cell::text(date((of.recorded_at + zone).date())),
                Cell::text(capital(shown.name_of(of.scale_id))),
                Cell::text(number(i64::from(of.results))),
                Cell::text(of.reason.clone()),
            ]
        };
        blocks.push(Block {
            title: "Как читали раньше".into(),
            register: Some(Register::new(
                "Смены шкалы",
                &columns,
                shown.past.iter().map(row).collect(),
            )),
            ..Block::default()
        });
    }
    let sheet = Sheet {
        crumbs: vec![
            Link::new("Диагностики", "/diagnostics"),
            Link::new(of.name.clone(), page_of(&of.code)),
        ],
        heading: "Другая шкала уровней".into(),
        lead: LEAD.into(),
        problems: problems(wrong),
        blocks,
        empty: (shown.scales.len() < 2).then(|| {
            let mut empty = Empty::new(
                "Шкала пока одна",
                "Заведите свою: тогда будет по чему прочитать результаты.",
            );
            empty.action = Some(Link::new("К шкалам уровней", "/diagnostics/scales"));
            empty
        }),
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    let title = format!("Другая шкала: {}", of.name);
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

/// POST /diagnostics/rescale?code=
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let form = call.form.only(&["act", "seen", "of", "reason"])?;
        let (seen, reason) = (Sent(form).seen(), Sent(form).text("reason"));
        let shown = find(&call).await?;
        let (to, _) = shown.asked.as_ref().ok_or_else(missing)?;
        let (by, of, to) = (by(&call)?, shown.known.procedure.clone(), to.id);
        let back = format!("{}&done=rescaled", page_of(&of.code));
        let write = move |tx: &mut Tx<'_>| rescale::rescale(tx, &by, (&of, seen), to, &reason).map(|_| back);
        match once_by_version(&call, write).await {
            Ok(back) => Ok(Answer::redirect(back)),
            Err(Error::Refused(why)) => page(&call, &shown, &[("reason", sentence(&why))]),
            Err(Error::Changed(what)) => {
                let shown = find(&call).await?;
                Ok(page(&call, &shown, &clash("rescale", "reason", &what))?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}
