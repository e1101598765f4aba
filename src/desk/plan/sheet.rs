//! «Ведомости»: steps that wait for review on paper, to be marked where there is no network.

use serde::Serialize;

use crate::access::AccountId;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::card::Wrong;
use crate::desk::plan::sheet_rows::{self, Line, Shown};
use crate::error::{Error, Refusal};
use crate::iom::accompany::Accompanying;
use crate::iom::mark_sheet::{self, MOST, MarkOutcome, MarkRow, SheetId};
use crate::iom::{sheet_code, sheet_store};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, capital, count, date};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Sheets on the page, the newest ones.
const SHOWN: i64 = 50;

/// A sheet that is hidden and one that does not exist.
pub(super) fn missing() -> Error {
    Error::NotFound("ведомость".into())
}

#[derive(Serialize)]
struct ListPage {
    crumbs: Vec<Link>,
    lead: String,
    problems: Vec<Wrong>,
    register: Option<Register>,
    empty: Empty,
    key: String,
    token: String,
}

/// GET /sheets
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        page(&call, Vec::new()).await
    })
}

async fn page(call: &Call, problems: Vec<Wrong>) -> Result<Answer, Error> {
    let visitor = call.visitor()?;
    let (region, account) = (visitor.region.map(UnitId).ok_or_else(missing)?, visitor.acting());
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let sheets = sheet_store::of_account(c, region, AccountId(account), SHOWN)?;
        let settled = sheet_store::settled(c, region, sheets.iter().flat_map(|(_, rows)| rows))?;
        Ok((sheets, settled))
    };
    let (sheets, settled) = call.app().db.read(move |c| read(c).map_err(Error::from)).await?;
    let columns = [
        Column::words("Ведомость"),
        Column::words("Собрана"),
        Column::figures("Строк"),
        Column::figures("Записано"),
        Column::figures("Не записано"),
        Column::figures("Без отметки"),
    ];
    let rows: Vec<Vec<Cell>> = sheets
        .iter()
        .map(|(sheet, rows)| {
            let of = |wanted: &dyn Fn(&MarkRow) -> bool| {
                let n = rows.iter().filter(|row| wanted(row)).count();
                Cell::text(n.to_string())
            };
            let asked = |row: &MarkRow| row.outcome == Some(MarkOutcome::Asked) && !settled.contains(&row.id);
            vec![
                Cell::link(format!("№ {}", sheet.number), format!("/sheets/{}", sheet.id)),
                Cell::text(date(sheet.printed_on)),
                Cell::text(sheet.size.to_string()),
                of(&|row| row.outcome.is_some() && !asked(row)),
                of(&asked),
                of(&|row| row.outcome.is_none()),
            ]
        })
        .collect();
    let wrong = !problems.is_empty();
    let data = ListPage {
        crumbs: vec![Link::new("На проверке", "/review")],
        lead: format!(
            "В ведомость войдут шаги, которые ждут вашей проверки, сначала самые давние, не больше {}. У каждой строки \
             свой код: отметьте шаги на бумаге, а коды введите, когда будет связь.",
            count(i64::try_from(MOST).unwrap_or(0), "строки", "строк", "строк")
        ),
        problems,
        register: (!rows.is_empty()).then(|| Register::new("Ведомости", &columns, rows)),
        empty: Empty::new(
            "Ведомостей пока нет",
            "Соберите первую, когда на проверке что-нибудь появится.",
        ),
        key: token::random_name()?,
        token: call.token(),
    };
    let answer = Answer::page("desk/sheets", &data)?;
    Ok(if wrong {
        answer.status(422).title("Ошибка: ведомости")
    } else {
        answer
    })
}

/// POST /sheets: makes a sheet of what waits now.
pub fn print(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["key"])?;
        let visitor = call.visitor()?;
        let ask = mark_sheet::Ask {
            of: Accompanying::of(visitor).ok_or_else(missing)?,
            hand: AccountId(visitor.account),
            on_behalf_of: visitor.on_behalf_of().map(AccountId),
        };
        let key = call.app().keys.audit.clone();
        let print = move |tx: &mut Tx<'_>| mark_sheet::print(tx, &key, &ask).map(|id| format!("/sheets/{id}"));
        match once::once(&call, print).await {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => {
                let text = capital(&format!("{why}."));
                let field = "print".to_owned();
                page(&call, vec![Wrong { field, text }]).await
            }
            Err(other) => Err(other),
        }
    })
}

/// The sheet of an address with its rows.
pub(super) async fn open(call: &Call) -> Result<Shown, Error> {
    let id = SheetId(call.id("sheet").map_err(|_| missing())?);
    let of = Accompanying::of(call.visitor()?).ok_or_else(missing)?;
    let (today, zone) = (call.app().clock.today(), call.zone());
    let read = move |c: &mut AnyConn| sheet_rows::load(c, &of, id, today, zone);
    let shown = call.app().db.read(move |c| read(c).map_err(Error::from)).await?;
    shown.ok_or_else(missing)
}

/// Writes in the journal that a page has named the people of a sheet.
pub(super) async fn note(call: &Call, shown: &Shown) -> Result<(), Error> {
    let people = shown.people();
    looked::telling(call, "mark_sheet", "", &people, people.len(), &people).await
}

#[derive(Serialize)]
struct SheetPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    back: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    place: i32,
    code: String,
    who: String,
    organisation: String,
    title: String,
    not_before: String,
    /// What came of it; empty where it waits for a mark.
    outcome: String,
    remark: String,
}

fn row(line: &Line) -> Row {
    let (row, step) = (&line.row, line.step.as_ref());
    let outcome = match (row.outcome, step) {
        (None, None) => capital(&Refusal::new("sheet.handed_over").to_string()),
        (None, Some(_)) => String::new(),
        (Some(_), Some(step)) if line.settled => step.state.label().to_owned(),
        (Some(outcome), _) => {
            let on = row.marked_on.map(|on| format!(" {}", date(on))).unwrap_or_default();
            format!("{}{on}", outcome.label())
        }
    };
    Row {
        place: row.place,
        code: sheet_code::shown(&row.code),
        who: step.map_or_else(|| NOTHING.to_owned(), |step| step.who.clone()),
        organisation: step.map(|step| step.place.clone()).unwrap_or_default(),
        title: step.map_or_else(|| NOTHING.to_owned(), |step| step.title.clone()),
        not_before: step.and_then(|step| step.not_before).map(date).unwrap_or_default(),
        outcome,
        remark: row.remark.clone().filter(|_| step.is_some()).unwrap_or_default(),
    }
}

/// GET /sheets/{sheet}: the sheet as it is printed.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let shown = open(&call).await?;
        note(&call, &shown).await?;
        let heading = format!("Ведомость № {}", shown.sheet.number);
        let size = i64::from(shown.sheet.size);
        let data = SheetPage {
            crumbs: vec![Link::new("На проверке", "/review"), Link::new("Ведомости", "/sheets")],
            heading: heading.clone(),
            lead: format!(
                "Собрана {}, {}. Отметьте решение по каждому шагу и день, когда вы его приняли; возвращая шаг, напишите, \
                 что доработать. Похожие русские буквы в коде читаются как латинские.",
                date(shown.sheet.printed_on),
                count(size, "строка", "строки", "строк")
            ),
            back: format!("/sheets/{}/back", shown.sheet.id),
            rows: shown.lines.iter().map(row).collect(),
        };
        Ok(Answer::page("desk/sheet", &data)?.title(heading))
    })
}
