//! The sheet of an expert: one section a screen, criterion by criterion with the documents beside; saved as a draft as often as
//! wanted, finished once. The points of other experts stand here only when all of the section are done.

use serde::Serialize;

use crate::cycle::examination::model::{ExaminationAct, PointRow, SeatId};
use crate::cycle::examination::scoring::{self, Said, Scoring};
use crate::cycle::examination::sheet::{Line, Section};
use crate::cycle::examination::standing::Filled;
use crate::cycle::examination::store;
use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::examination::rows::{self, One};
use crate::desk::examination::{unit, words};
use crate::desk::once::{is_other, once_by_version};
use crate::desk::registers::page::{Sent, fact};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Fact, Link, Register};
use crate::pages::text::{capital, count, date};
use crate::planted;
use crate::web::address::address;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The beginning of the act that saves and goes to another section.
const GO: &str = "go.";

/// What is wrong with a field.
#[derive(Debug, Clone, Serialize)]
struct Wrong {
    field: String,
    text: String,
}

#[derive(Serialize, Default)]
struct Page {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    done: Option<&'static str>,
    problems: Vec<Wrong>,
    facts: Vec<Fact>,
    sections: Vec<Tab>,
    title: String,
    /// Why nothing can be changed.
    shut: Option<String>,
    /// Why the operator gave the work back.
    returned: Option<String>,
    edits: bool,
    items: Vec<Item>,
    whole: Option<Item>,
    table: Option<Register>,
    others: Option<Register>,
    seat: String,
    section: String,
    seen: String,
    /// How many criteria of all sections are left.
    left: String,
    token: String,
}

/// A section to go to.
#[derive(Serialize)]
struct Tab {
    text: String,
    href: String,
    /// The act that saves and goes there.
    go: String,
    current: bool,
}

/// A criterion, or what is said of the section as a whole.
#[derive(Serialize, Default)]
struct Item {
    code: String,
    title: String,
    guide: String,
    most: String,
    kinds: String,
    shown: Option<Chip>,
    documents: Vec<Proof>,
    value: String,
    absent: bool,
    note: String,
    errors: Vec<Tick>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct Proof {
    text: String,
    href: Option<String>,
}

#[derive(Serialize)]
struct Tick {
    code: String,
    title: String,
    checked: bool,
}

/// The place of the expert who looks.
struct Own {
    one: One,
    id: SeatId,
}

impl Own {
    fn seat(&self) -> Result<&Filled, Error> {
        self.one
            .whole
            .seats
            .iter()
            .find(|s| s.seat.id == self.id)
            .ok_or_else(missing)
    }
}

async fn find(call: &Call) -> Result<Own, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = SeatId(call.id("seat")?);
    let read = move |c: &mut AnyConn| -> Result<Own, Error> {
        let held = Held::of(c, &visitor, today)?;
        let seat = store::seat(c, held.region, id)?.filter(|s| s.account_id == visitor.account);
        let seat = seat.ok_or_else(missing)?;
        let row = store::unit(c, held.region, seat.examination_unit_id)?.ok_or_else(missing)?;
        Ok(Own {
            one: rows::of_unit(c, held, row)?,
            id,
        })
    };
    call.app().db.read(read).await
}

/// The section that is meant: the one that is named, else the first that is not scored, else the first.
fn section<'a>(own: &'a Own, code: Option<&str>) -> Result<&'a Section, Error> {
    let seat = own.seat()?;
    let mut all = own.one.sheet.sections.iter().filter(|s| seat.seat.has(&s.code));
    if let Some(code) = code.filter(|code| !code.is_empty()) {
        return all.find(|s| s.code == code).ok_or_else(missing);
    }
    let open = |s: &&Section| {
        s.lines
            .iter()
            .any(|l| !seat.points.get(&l.code).is_some_and(PointRow::is_said))
    };
    all.clone().find(open).or_else(|| all.next()).ok_or_else(missing)
}

/// GET /examine/{seat}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["section", "done"])?;
        let done = match query.get("done") {
            Some("saved") => Some("Записано"),
            Some("finished") => Some("Вы закончили: оценка передана оператору"),
            _ => None,
        };
        let own = find(&call).await?;
        let section = section(&own, query.get("section"))?;
        page(&call, &own, section, None, Vec::new(), (200, done))
    })
}

/// Why the expert cannot work on it now.
fn shut(own: &Own, today: chrono::NaiveDate) -> Result<Option<String>, Error> {
    let seat = &own.seat()?.seat;
    Ok(match (own.one.whole.row.announced_on, seat.done_on) {
        (Some(day), _) => Some(format!("Результаты объявлены {}: баллы больше не меняются.", date(day))),
        (None, Some(day)) => Some(format!(
            "Вы закончили {}. Чтобы исправить, попросите оператора вернуть оценку.",
            date(day)
        )),
        (None, None) if today > own.one.of.scoring_until => Some(format!(
            "Оценка шла до {}. Попросите оператора продлить дни.",
            date(own.one.of.scoring_until)
        )),
        (None, None) => None,
    })
}

fn item(own: &Own, seat: &Filled, line: (&str, &str), typed: Option<&Fields>, wrong: &[Wrong]) -> Item {
    let (code, title) = line;
    let stands = seat.points.get(code);
    let ticked = |error: &str| match typed {
        Some(form) => form.all(&format!("e.{code}")).any(|v| v == error),
        None => stands.is_some_and(|row| row.ticked().any(|c| c == error)),
    };
    let errors = own.one.sheet.errors_of(code).map(|error| Tick {
        code: error.code.clone(),
        title: error.title.clone(),
        checked: ticked(&error.code),
    });
    let text = |name: String| typed.map(|form| Sent(form).text(&name));
    Item {
        code: code.to_owned(),
        title: title.to_owned(),
        value: text(format!("p.{code}")).unwrap_or_else(|| {
            stands
                .and_then(|r| r.value_milli)
                .map_or_else(String::new, words::points)
        }),
        absent: typed.map_or_else(
            || stands.is_some_and(|r| r.is_absent),
            |form| form.get(&format!("a.{code}")).is_some(),
        ),
        note: text(format!("n.{code}")).unwrap_or_else(|| stands.map_or_else(String::new, |r| r.note.clone())),
        errors: errors.collect(),
        problem: wrong
            .iter()
            .find(|w| w.field == format!("p.{code}"))
            .map(|w| w.text.clone()),
        ..Item::default()
    }
}

fn page(
    call: &Call,
    own: &Own,
    section: &Section,
    typed: Option<&Fields>,
    wrong: Vec<Wrong>,
    (status, done): (u16, Option<&'static str>),
) -> Result<Answer, Error> {
    let (one, seat) = (&own.one, own.seat()?);
    let today = call.app().clock.today();
    let shut = shut(own, today)?;
    let edits = shut.is_none();
    let tab = |of: &Section| {
        let said = |l: &&Line| seat.points.get(&l.code).is_some_and(PointRow::is_said);
        let ready = of.lines.iter().filter(said).count();
        Tab {
            text: format!("{}: {}", words::section(of), words::of_all(ready, of.lines.len())),
            href: address(&format!("/examine/{}", own.id), [("section", of.code.as_str())]),
            go: format!("{GO}{}", of.code),
            current: of.code == section.code,
        }
    };
    let mut items = Vec::new();
    for line in section.lines.iter().filter(|_| edits) {
        let documents = one.whole.shown(&line.code);
        items.push(Item {
            guide: line.guide.clone(),
            most: words::points(line.maximum_milli),
            kinds: words::kinds(line),
            shown: words::shown(&one.whole, line).chip,
            documents: documents
                .iter()
                .map(|d| Proof {
                    text: words::document(d),
                    href: words::place(d),
                })
                .collect(),
            ..item(own, seat, (&line.code, &line.title), typed, &wrong)
        });
    }
    let whole =
        section.codes().contains(&section.code.as_str()) && section.lines.iter().all(|l| l.code != section.code);
    let heading = one.held.name(Some(one.whole.row.unit_id));
    let left = seat.left(&one.sheet);
    let page = Page {
        crumbs: vec![Link::new("Оценка служб", "/examine")],
        heading: heading.clone(),
        lead: format!("{} · {}", one.of.title, one.of.period),
        done,
        problems: wrong.clone(),
        facts: vec![
            fact("Срок", date(one.of.scoring_until)),
            fact(
                "Оценено",
                words::of_all(seat.asked(&one.sheet) - left.len(), seat.asked(&one.sheet)),
            ),
        ],
        sections: one
            .sheet
            .sections
            .iter()
            .filter(|s| seat.seat.has(&s.code))
            .map(tab)
            .collect(),
        title: format!(
            "{}, до {}",
            words::section(section),
            words::points(section.maximum_milli)
        ),
        whole: (whole && edits).then(|| item(own, seat, (&section.code, "О разделе в целом"), typed, &wrong)),
        table: (!edits).then(|| told(one, section, seat)),
        others: others(one, section, seat),
        shut,
        returned: given_back(one, own.id).filter(|_| edits),
        edits,
        items,
        seat: own.id.to_string(),
        section: section.code.clone(),
        seen: seat.seat.version.to_string(),
        left: waiting(section, &left),
        token: call.token(),
    };
    let title = format!("{heading}: {}", section.title);
    let answer = Answer::page("desk/examine", &page)?;
    Ok(match status {
        200 => answer.title(title),
        status => answer.status(status).title(format!("Ошибка: {title}")),
    })
}

/// Why the work was given back, where the expert has not finished it again.
fn given_back(one: &One, seat: SeatId) -> Option<String> {
    let own = one.whole.acts.iter().rfind(|act| {
        act.examination_expert_id == Some(seat)
            && matches!(
                act.act,
                ExaminationAct::GiveBack | ExaminationAct::LookAgain | ExaminationAct::Done
            )
    })?;
    let reason = own.reason.as_deref().filter(|_| own.act != ExaminationAct::Done)?;
    Some(format!("{}: {reason}", date(own.on_date)))
}

/// What is left: of this section by code, of the others in number.
fn waiting(section: &Section, left: &[&Line]) -> String {
    let own: Vec<&str> = section
        .lines
        .iter()
        .map(|line| line.code.as_str())
        .filter(|code| left.iter().any(|l| l.code == *code))
        .collect();
    let others = i64::try_from(left.len() - own.len()).unwrap_or(i64::MAX);
    let others = count(others, "критерий", "критерия", "критериев");
    match (own.is_empty(), left.len() == own.len()) {
        (true, true) => "Всё оценено: можно закончить.".to_owned(),
        (true, false) => format!("Раздел оценён. В других разделах осталось: {others}."),
        (false, true) => format!("Не оценены: {}.", own.join(", ")),
        (false, false) => format!("Не оценены: {}. В других разделах осталось: {others}.", own.join(", ")),
    }
}

/// What the expert gave, where nothing can be changed.
fn told(one: &One, section: &Section, seat: &Filled) -> Register {
    let columns = [
        Column::words("Критерий"),
        Column::figures("Наибольший балл"),
        Column::words("Ваш балл"),
        Column::words("Комментарий и ошибки"),
    ];
    let row = |line: &Line| {
        let said = seat.points.get(&line.code);
        vec![
            Cell::text(format!("{} {}", line.code, line.title)),
            Cell::text(words::points(line.maximum_milli)),
            Cell::text(words::said(said)),
            Cell::text(said.map_or_else(String::new, |r| unit::noted(one, r))),
        ]
    };
    Register::new("Ваша оценка", &columns, section.lines.iter().map(row).collect())
}

/// What the other experts of the section gave, once all of them are done.
fn others(one: &One, section: &Section, seat: &Filled) -> Option<Register> {
    if !one.whole.is_open(&section.code) {
        return None;
    }
    let columns = [
        Column::words("Критерий"),
        Column::words("Эксперт"),
        Column::words("Балл"),
        Column::words("Комментарий и ошибки"),
    ];
    let mut rows = Vec::new();
    for line in &section.lines {
        for other in one
            .whole
            .of_section(&section.code)
            .filter(|s| s.seat.id != seat.seat.id)
        {
            let said = other.points.get(&line.code);
            let name = one.names.get(&other.seat.account_id).cloned().unwrap_or_default();
            rows.push(vec![
                Cell::text(line.code.clone()),
                Cell::text(name),
                Cell::text(words::said(said)),
                Cell::text(said.map_or_else(String::new, |r| unit::noted(one, r))),
            ]);
        }
    }
    (!rows.is_empty()).then(|| Register::new("Что поставили другие эксперты", &columns, rows))
}

/// What was typed of a section.
fn typed(section: &Section, form: &Fields, wrong: &mut Vec<Wrong>) -> Vec<Said> {
    let sent = Sent(form);
    let of = |code: &&str| {
        let field = format!("p.{code}");
        let text = sent.text(&field);
        let value = if text.is_empty() {
            None
        } else {
            Milli::parse(&text).map(|n| i64::from(n.0))
        };
        if !text.is_empty() && value.is_none() {
            let text = format!("{code}: напишите число, например 1,5.");
            wrong.push(Wrong { field, text });
        }
        Said {
            criterion: (*code).to_owned(),
            value_milli: value,
            is_absent: form.get(&format!("a.{code}")).is_some(),
            note: sent.text(&format!("n.{code}")),
            errors: form.all(&format!("e.{code}")).map(str::to_owned).collect(),
        }
    };
    section.codes().iter().map(of).collect()
}

/// POST /examine/{seat}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let own = find(&call).await?;
        let asked = call.form.get("section").unwrap_or_default().to_owned();
        let section = section(&own, Some(&asked))?;
        let mut names: Vec<String> = ["act", "seen", "section"].map(str::to_owned).to_vec();
        let mut many = Vec::new();
        for code in section.codes() {
            names.extend(["p", "a", "n"].map(|of| format!("{of}.{code}")));
            many.push(format!("e.{code}"));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        call.form.only_many(&names, &many)?;
        let mut wrong = Vec::new();
        let said = typed(section, &call.form, &mut wrong);
        for of in &said {
            if let Some(why) = of.refused(&own.one.sheet) {
                let field = format!("p.{}", of.criterion);
                let text = capital(&format!("{}: {}.", of.criterion, why.with("criterion", &of.criterion)));
                wrong.push(Wrong { field, text });
            }
        }
        if !wrong.is_empty() {
            return page(&call, &own, section, Some(&call.form), wrong, (422, None));
        }
        let doing = Scoring {
            by: by(&call)?,
            id: own.id,
            seen: Sent(&call.form).seen(),
        };
        let (finishes, next) = match call.form.get("act") {
            Some("save") => (false, section),
            Some("done") => (true, section),
            Some(act) => {
                let to = act.strip_prefix(GO).ok_or_else(Error::form_changed)?;
                (false, self::section(&own, Some(to))?)
            }
            None => return Err(Error::form_changed()),
        };
        let write = move |tx: &mut Tx<'_>| {
            if finishes {
                scoring::finish(tx, &doing, &said).map(|()| "finished".to_owned())
            } else {
                let said = if planted!("typed_lost_on_the_way") { &[] } else { &*said };
                scoring::save(tx, &doing, said).map(|_| "saved".to_owned())
            }
        };
        let (code, next) = (section.code.clone(), next.code.clone());
        let at = |text: String| {
            vec![Wrong {
                field: "sheet".into(),
                text,
            }]
        };
        match once_by_version(&call, write).await {
            Ok(what) => {
                let to = [("section", next.as_str()), ("done", what.as_str())];
                Ok(Answer::redirect(address(&format!("/examine/{}", own.id), to)))
            }
            Err(Error::Refused(why)) => {
                let text = if is_other(&why) {
                    "Эту форму уже отправили с другими значениями: сверьте и запишите снова.".to_owned()
                } else {
                    capital(&format!("{why}."))
                };
                page(&call, &own, section, Some(&call.form), at(text), (422, None))
            }
            Err(Error::Changed(what)) => {
                let now = find(&call).await?;
                let section = self::section(&now, Some(&code))?;
                let text = format!("{what} Ваше не записано и стоит ниже: сверьте и запишите снова.");
                page(&call, &now, section, Some(&call.form), at(text), (409, None))
            }
            Err(e) => Err(e),
        }
    })
}
