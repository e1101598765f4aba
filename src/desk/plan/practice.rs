//! «После обучения»: what those whom one accompanies have learnt, and whether somebody has seen them apply it.

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::notes;
use crate::desk::plan::practice_rows::{self, Learnt};
use crate::desk::registers::file;
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::iom::accompany::Accompanying;
use crate::iom::practice::{Transfer, terms};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::{capital, count, date};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

const HEADING: &str = "После обучения";
/// Names of the filters.
const NAMES: [&str; 2] = ["q", "practice"];
/// What is asked of learning that nobody has seen applied.
const UNSEEN: [(&str, &str); 2] = [("due", "пора посмотреть"), ("unseen", "не смотрели")];

/// GET /practice
pub fn show(call: Call) -> Answering {
    Box::pin(async move { answer(&call, List::of(&call, &NAMES)?).await })
}

/// GET /practice/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { answer(&call, List::of(&call, &NAMES)?.whole()).await })
}

/// What a filter asks for.
#[derive(Clone, Copy)]
enum Asked {
    Due,
    Unseen,
    Seen(Transfer),
}

fn asked(code: &str) -> Option<Asked> {
    match code {
        "due" => Some(Asked::Due),
        "unseen" => Some(Asked::Unseen),
        code => Transfer::from_code(code).map(Asked::Seen),
    }
}

async fn answer(call: &Call, at: List) -> Result<Answer, Error> {
    let (of, today) = (Accompanying::of(call.visitor()?), call.app().clock.today());
    let read = move |c: &mut AnyConn| match of {
        Some(of) => practice_rows::learnt(c, &of, today).map_err(Error::from),
        None => Ok(Vec::new()),
    };
    let all: Vec<Learnt> = call.app().db.read(read).await?;
    let (due, seen) = (
        all.iter().filter(|of| of.is_due(today)).count(),
        all.iter().filter(|of| of.seen.is_some()).count(),
    );
    let (asked, text) = (at.known("practice", asked)?, at.get("q").map(search_key));
    let wanted = |of: &&Learnt| match asked {
        None => true,
        Some(Asked::Due) => of.is_due(today),
        Some(Asked::Unseen) => of.seen.is_none(),
        Some(Asked::Seen(what)) => of.seen.is_some_and(|(_, seen)| seen == what),
    };
    let mut found: Vec<&Learnt> = all
        .iter()
        .filter(wanted)
        .filter(|of| text.as_ref().is_none_or(|text| holds(&search_key(&of.who.name), text)))
        .collect();
    // Whoever waits longest to be seen comes first, then what was seen longest ago.
    found.sort_by_key(|of| (of.seen, of.on));
    let writes = notes::may(call.visitor()?);
    let named: Vec<PersonId> = at.rows(found.iter().map(|of| of.person).collect());
    let rows: Vec<Vec<Cell>> = found.iter().map(|of| row(of, writes, today)).collect();
    let rows = at.rows(rows);
    let learnt = found.len();
    let states = UNSEEN.map(|(code, label)| (code.to_owned(), label.to_owned()));
    let transfers = Transfer::ALL
        .iter()
        .map(|t| (t.code().to_owned(), t.label().to_owned()));
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select(
            "practice",
            "Применение в работе",
            "любое",
            states.into_iter().chain(transfers),
        )?,
    ];
    let mut filters = at.filters(filters, list::found(learnt, "обучение", "обучения", "обучений"));
    filters.file = (learnt > 0).then(|| at.file());
    let empty = if at.is_plain() {
        Empty::new(
            "Обучения пока нет",
            "Когда вы зачтёте педагогу курс, стажировку или семинар, он появится здесь: сходите на урок и запишите, что \
             применяется.",
        )
    } else {
        let mut empty = Empty::new("Такого нет", "Ни одно обучение не подходит под эти условия.");
        empty.action = Some(Link::new("Показать всё", "/practice"));
        empty
    };
    let sheet = Sheet {
        heading: HEADING.to_owned(),
        lead: format!(
            "Чему ваши педагоги учились за год, в том числе по закрытым маршрутам. Видели в работе: {} из {}; пора посмотреть: {} \
             (прошло больше {}).",
            seen,
            all.len(),
            due,
            count(terms().look_within_days, "дня", "дней", "дней"),
        ),
        filters: Some(filters),
        paging: at.paging(learnt),
        register: (learnt > 0).then(|| Register::new(HEADING, &columns(), rows)),
        empty: (learnt == 0).then_some(empty),
        token: call.token(),
        ..Sheet::default()
    };
    if at.is_whole() {
        let of = ListFile::of_people("practice", HEADING, at.codes(&["q"]), &named, Capability::Support);
        let of = of
            .chosen(file::said(&sheet.lead, sheet.filters.as_ref()))
            .telling(&named);
        let tables: Vec<&Register> = sheet.register.iter().collect();
        return file::named(call, &at, &of, &tables).await;
    }
    looked::telling(call, "practice", &at.codes(&["q"]), &named, learnt, &named).await?;
    let title = if at.is_plain() {
        HEADING.to_owned()
    } else {
        format!("{HEADING}: отбор")
    };
    Ok(Answer::page("desk/register", &sheet)?.title(title))
}

fn columns() -> [Column; 5] {
    [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::words("Чему учился"),
        Column::words("Зачтено"),
        Column::words("Применение в работе"),
    ]
}

fn row(of: &Learnt, writes: bool, today: chrono::NaiveDate) -> Vec<Cell> {
    let chip = match of.seen {
        Some((on, seen)) => {
            let tone = match seen {
                Transfer::Applied => Tone::Done,
                Transfer::Partly => Tone::Wait,
                Transfer::NotYet => Tone::Late,
            };
            Chip::new(tone, format!("{}, {}", capital(seen.label()), date(on)))
        }
        None if of.is_due(today) => Chip::new(Tone::Late, "Пора посмотреть"),
        None => Chip::new(Tone::Calm, "Не смотрели"),
    };
    let title = if of.closed {
        format!("{} (маршрут закрыт)", of.title)
    } else {
        of.title.clone()
    };
    let name = of.who.short.clone();
    vec![
        if writes {
            Cell::link(name, format!("/people/{}/notes?item={}", of.plan, of.number))
        } else {
            Cell::text(name)
        },
        Cell::text(of.who.places.join(", ")),
        Cell::text(title),
        Cell::text(date(of.on)),
        Cell::chip(chip),
    ]
}
