//! «Публикации»: publications and materials with filters in the address, counts by kind and shares by addressee.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::authors;
use crate::activity::kinds::word_name;
use crate::activity::publication::{self, Content, Writer};
use crate::activity::undertakings::{self, Publication, PublicationId};
use crate::db::schema::publication as table;
use crate::db::text_keys::{holds, search_key};
use crate::db::types::{code_set, codes};
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::once::{is_other, once};
use crate::desk::plan::rows::Who;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::{Held, by};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{NOTHING, capital, number, percent};
use crate::people::PersonId;
use crate::planted;
use crate::web::call::Fields;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, token};

/// Fields of the form of a publication that stand once.
pub(crate) const FIELDS: [&str; 11] = [
    "key", "title", "kind", "authors", "year", "journal", "subject", "unit", "page", "code", "seen",
];

/// The first year of a publication.
const FIRST_YEAR: i32 = 1950;
/// Authors that a form takes; each is looked for.
const MOST_AUTHORS: usize = 30;

struct Shown {
    held: Held,
    rows: Vec<Publication>,
    total: usize,
    /// How many of each kind.
    kinds: BTreeMap<String, i64>,
    /// How many are for each addressee.
    whom: BTreeMap<String, i64>,
    years: Vec<i32>,
    authors: HashMap<PublicationId, Vec<Writer>>,
    who: HashMap<PersonId, Who>,
}

const NAMES: [&str; 6] = ["q", "kind", "whom", "year", "unit", "state"];

/// GET /publications
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, &[]).await })
}

/// GET and POST /publications/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), &[]).await })
}

/// Kinds to choose from.
pub(crate) fn kind_choices() -> Vec<(String, String)> {
    undertakings::publication_kinds()
        .iter()
        .map(|k| (k.code.clone(), k.name.clone()))
        .collect()
}

fn kind_code(code: &str) -> Option<String> {
    let found = undertakings::publication_kinds().iter().find(|k| k.code == code);
    found.map(|k| k.code.clone())
}

/// Authors as the title page names them: those who are seen by name, the other staff as a number.
pub(crate) fn authors_text(writers: &[Writer], who: &HashMap<PersonId, Who>) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut others = 0;
    for writer in writers {
        match writer {
            Writer::Outside(name) => names.push(name.clone()),
            Writer::Person(person) => match who.get(person) {
                Some(w) => names.push(w.short.clone()),
                None => others += 1,
            },
        }
    }
    if others > 0 {
        names.push(format!("ещё {others} из других организаций"));
    }
    // A comma inside a name would make two of it.
    let between = if names.iter().any(|name| name.contains(',')) {
        "; "
    } else {
        ", "
    };
    names.join(between)
}

/// GET and POST /editable/publications: what the visitor keeps of the list, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let shown = look(&call, &at).await?;
        let ids = shown.rows.iter().map(|of| of.id.0).collect();
        give::register(&call, What::Publications, &at, ids).await
    })
}

async fn look(call: &Call, at: &List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let text = at.get("q").map(search_key);
    let kind = at.known("kind", kind_code)?;
    let whom = at.known("whom", |code| {
        undertakings::addressees()
            .iter()
            .find(|w| w.code == code)
            .map(|w| w.code.clone())
    })?;
    let this_year = chrono::Datelike::year(&today);
    let year: Option<i32> = at.known("year", |y| {
        y.parse().ok().filter(|y| (FIRST_YEAR..=this_year).contains(y))
    })?;
    let withdrawn = at.known("state", |s| (s == "withdrawn").then_some(()))?.is_some();
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| held.unit(code).map(|u| u.id))?;
        let below = unit.map(|unit| held.tree.subtree(unit));
        let mut found: Vec<Publication> = table::table
            .filter(table::region_id.eq(held.region))
            .select(Publication::as_select())
            .order((table::year.desc(), table::search_key, table::id))
            .load(c)?;
        let mut years: Vec<i32> = found.iter().map(|p| p.year).collect();
        years.dedup();
        found.retain(|p| {
            p.withdrawn_at.is_some() == withdrawn
                && kind.as_ref().is_none_or(|k| *k == p.kind)
                && whom.as_ref().is_none_or(|w| codes(&p.addressees).any(|code| code == w))
                && year.is_none_or(|y| y == p.year)
                && text.as_ref().is_none_or(|t| holds(&p.search_key, t))
                && below
                    .as_ref()
                    .is_none_or(|units| p.unit_id.is_some_and(|u| units.contains(&u)))
        });
        let (mut kinds, mut of_whom) = (BTreeMap::new(), BTreeMap::new());
        for of in &found {
            *kinds.entry(of.kind.clone()).or_default() += 1;
            let most = if planted!("first_addressee") { 1 } else { usize::MAX };
            for code in codes(&of.addressees).take(most) {
                *of_whom.entry(code.to_owned()).or_default() += 1;
            }
        }
        let total = found.len();
        let rows: Vec<Publication> = own.rows(found);
        let ids: Vec<PublicationId> = rows.iter().map(|p| p.id).collect();
        let authors = publication::authors(c, &ids)?;
        let who = held.who(c, &people(authors.values().flatten()))?;
        Ok(Shown {
            rows,
            held,
            total,
            kinds,
            whom: of_whom,
            years,
            authors,
            who,
        })
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let shown = look(call, &at).await?;
    let mut named: Vec<PersonId> = shown.who.keys().copied().collect();
    named.sort_unstable();
    let total = shown.total;
    let mut sheet = sheet(call, &at, shown, wrong)?;
    if at.is_whole() {
        let of = ListFile::of_people(
            "publication",
            "Публикации",
            at.codes(&["q"]),
            &named,
            Capability::Registers,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    looked::list(call, "publication", &at.codes(&["q"]), &named, total).await?;
    file::offer(&mut sheet, at.file());
    give::offer(&mut sheet, &at);
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: публикации")
    })
}

/// The people among authors.
pub(crate) fn people<'a>(of: impl Iterator<Item = &'a Writer>) -> Vec<PersonId> {
    let persons = of.filter_map(|w| match w {
        Writer::Person(person) => Some(*person),
        Writer::Outside(_) => None,
    });
    persons.collect()
}

/// Words of a set of addressees.
pub(crate) fn addressee_names(set: &str) -> String {
    let names: Vec<&str> = codes(set)
        .map(|code| word_name(undertakings::addressees(), code))
        .collect();
    names.join(", ")
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Название"),
        Column::words("Вид"),
        Column::words("Авторы"),
        Column::figures("Год"),
        Column::words("Издание"),
        Column::words("Кому"),
    ];
    let row = |p: &Publication| {
        let writers = shown.authors.get(&p.id).map_or(&[][..], Vec::as_slice);
        let authors = authors_text(writers, &shown.who);
        vec![
            Cell::link(p.title.clone(), format!("/publications/{}", p.id)),
            match p.withdrawn_at {
                Some(_) => Cell::chip(Chip::new(Tone::Late, "отозвано")),
                None => Cell::text(undertakings::kind_name(undertakings::publication_kinds(), &p.kind)),
            },
            Cell::text(if authors.is_empty() {
                NOTHING.to_owned()
            } else {
                authors
            }),
            Cell::text(p.year.to_string()),
            Cell::text(p.journal.clone().unwrap_or_else(|| NOTHING.to_owned())),
            Cell::text(addressee_names(&p.addressees)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let held = &shown.held;
    let mut units = held.choices();
    if let Some(chosen) = at.get("unit").and_then(|code| held.unit(code))
        && units.iter().all(|(code, _)| *code != chosen.code)
    {
        units.push((chosen.code.clone(), chosen.name.clone()));
    }
    let whom = undertakings::addressees()
        .iter()
        .map(|w| (w.code.clone(), w.name.clone()));
    let mut years = shown.years.clone();
    // A year of the address that nothing stands under is a list that is empty, not one that is not there.
    years.extend(
        at.get("year")
            .and_then(|y| y.parse::<i32>().ok())
            .filter(|y| !shown.years.contains(y)),
    );
    let filters = vec![
        at.search("q", "Название, издание, предмет"),
        at.select("kind", "Вид", "любой", kind_choices())?,
        at.select("whom", "Кому", "любому", whom)?,
        at.select(
            "year",
            "Год",
            "все",
            years.iter().map(|y| (y.to_string(), y.to_string())),
        )?,
        at.select("unit", "Кто выпустил", "все", units)?,
        at.select(
            "state",
            "Состояние",
            "действуют",
            [("withdrawn".to_owned(), "отозваны".to_owned())],
        )?,
    ];
    let empty = at.empty(
        Empty::new(
            "Публикаций не нашлось",
            "Добавьте публикацию здесь или загрузите список файлом на странице «Загрузка данных».",
        ),
        "Публикаций не нашлось",
        "ни одна",
    );
    let total = i64::try_from(shown.total).unwrap_or(i64::MAX);
    let counted = |name: &'static str, title: &str, of: &BTreeMap<String, i64>, label: fn(&str) -> &str| {
        let columns = [
            Column::words("Что"),
            Column::figures("Сколько"),
            Column::figures("Доля"),
        ];
        let mut rows: Vec<(&String, &i64)> = of.iter().collect();
        rows.sort_by_key(|(code, n)| (-**n, (*code).clone()));
        let rows = rows.into_iter().map(|(code, n)| {
            vec![
                Cell::link(label(code).to_owned(), at.with(name, code)),
                Cell::text(number(*n)),
                Cell::text(percent(*n, total)),
            ]
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        (!rows.is_empty()).then(|| Block {
            title: title.to_owned(),
            register: Some(Register::new(title, &columns, rows)),
            ..Block::default()
        })
    };
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let mut blocks: Vec<Block> = Vec::new();
    blocks.extend(counted("kind", "По видам", &shown.kinds, |code| {
        undertakings::kind_name(undertakings::publication_kinds(), code)
    }));
    let mut by_whom = counted("whom", "Кому адресованы", &shown.whom, |code| {
        word_name(undertakings::addressees(), code)
    });
    if let Some(block) = &mut by_whom {
        block.text = Some("Доля от найденных; у публикации может быть несколько адресатов.".into());
    }
    blocks.extend(by_whom);
    blocks.push(Block {
        title: "Новая публикация".into(),
        forms: vec![Form {
            action: "/publications".into(),
            key: token::random_name()?,
            folded: "Добавить публикацию".into(),
            open: !wrong.is_empty(),
            button: "Добавить".into(),
            ..publication_form(&Fill { values: &values, wrong }, held, &chosen(&call.form))
        }],
        ..Block::default()
    });
    Ok(Sheet {
        heading: "Публикации".into(),
        lead: "Методические рекомендации, пособия, статьи и комплекты заданий: что выпущено и кому адресовано.".into(),
        problems: problems(wrong),
        filters: Some(at.filters(
            filters,
            list::found(shown.total, "публикация", "публикации", "публикаций"),
        )),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Публикации", &columns, rows)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// Addressees that were ticked in the form that was sent.
pub(crate) fn chosen(form: &Fields) -> String {
    code_set(form.all("whom"))
}

/// The fields of a publication; the code stands last.
pub(crate) fn publication_form(fill: &Fill<'_>, held: &Held, whom: &str) -> Form {
    let none = if held.is_whole() {
        "весь регион"
    } else {
        "выберите"
    };
    let boxes = undertakings::addressees().iter().map(|w| Check {
        value: w.code.clone(),
        label: w.name.clone(),
        meta: String::new(),
        checked: codes(whom).any(|code| code == w.code),
    });
    Form {
        parts: vec![
            fill.line("title", "Название", None),
            fill.choice("kind", "Вид", Some("выберите"), kind_choices()),
            fill.long(
                "authors",
                "Авторы",
                Some(
                    "Через точку с запятой или каждого с новой строки: фамилия и имя тех, кто работает у вас; остальных впишите как на титуле",
                ),
            ),
            fill.line("year", "Год", None),
            fill.line("journal", "Журнал или издательство", Some("Для статьи обязательно")),
            fill.line("subject", "Предмет", Some("Для заданий и КИМ обязателен")),
            fill.checks("Кому адресовано", "whom", boxes.collect()),
            fill.choice("unit", "Кто выпустил", Some(none), held.choices()),
            fill.line("page", "Ссылка", None),
            fill.line("code", "Код", Some("Пусто: код поставит программа")),
        ],
        ..Form::default()
    }
}

/// Puts the authors of a form into one line, as its field shows them again.
pub(crate) fn in_line(call: &mut Call) {
    for (_, text) in call.form.0.iter_mut().filter(|(name, _)| name == "authors") {
        *text = authors::names(text).join("; ");
    }
}

/// Who is meant by names of a form: whoever works in one's units and is the only one of the name; others stay names.
///
/// # Errors
/// Those of the database.
pub(crate) fn writers(c: &mut AnyConn, held: &Held, text: &str) -> Result<Vec<Writer>, DbError> {
    let mut found: Vec<Writer> = Vec::new();
    for name in authors::names(text).into_iter().take(MOST_AUTHORS) {
        let people = held.named(c, &name)?;
        let writer = match people.as_slice() {
            // One word is no full name: it could be anybody's.
            [(person, _)] if name.contains(' ') => Writer::Person(*person),
            _ => Writer::Outside(name),
        };
        found.push(writer);
    }
    Ok(publication::each_once(found))
}

/// The publication that a form describes, or what is wrong with it.
pub(crate) fn read(form: &Fields, held: &Held, writers: Vec<Writer>, today: NaiveDate) -> Result<Content, Vec<Wrong>> {
    let sent = Sent(form);
    let mut wrong = Vec::new();
    let title = sent.required("title", "Название", &mut wrong);
    let kind = kind_code(&sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите вид публикации.".into()));
    }
    let last = chrono::Datelike::year(&today);
    let year = sent
        .text("year")
        .parse()
        .ok()
        .filter(|y| (FIRST_YEAR..=last).contains(y));
    if year.is_none() {
        wrong.push(("year", format!("Год издания — от {FIRST_YEAR} до {last}.")));
    }
    let whom = chosen(form);
    let known = codes(&whom).all(|code| undertakings::addressees().iter().any(|w| w.code == code));
    if whom.is_empty() || !known {
        wrong.push(("whom", "Отметьте, кому адресована публикация.".into()));
    }
    let unit = sent.some("unit").and_then(|code| held.unit(&code)).map(|u| u.id);
    if !held.keeps(unit) || unit.is_none() && sent.some("unit").is_some() {
        wrong.push(("unit", "Выберите, кто выпустил публикацию.".into()));
    }
    let link = sent.link("page", &mut wrong);
    for name in ["authors", "journal", "subject", "code"] {
        sent.fits(name, &mut wrong);
    }
    if authors::names(&sent.text("authors")).len() > MOST_AUTHORS {
        let said = format!("Авторов больше {MOST_AUTHORS}: впишите первых и «и др.» последним.");
        wrong.push(("authors", said));
    }
    let (Some(kind), Some(year)) = (kind, year) else {
        return Err(wrong);
    };
    let said = Content {
        kind,
        title,
        authors: writers,
        year,
        journal: sent.some("journal"),
        subject: sent.some("subject"),
        addressees: whom,
        unit_id: unit.filter(|u| *u != held.region),
        link,
    };
    // What its kind asks for is told with the rest, and a field once.
    for (field, refusal) in said.all_lacks() {
        let field = if field == "link" { "page" } else { field };
        if wrong.iter().all(|(told, _)| *told != field) {
            wrong.push((field, capital(&format!("{refusal}."))));
        }
    }
    if wrong.is_empty() { Ok(said) } else { Err(wrong) }
}

/// POST /publications
pub fn add(mut call: Call) -> Answering {
    Box::pin(async move {
        in_line(&mut call);
        call.form.only_many(&FIELDS, &["whom"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let names = Sent(&call.form).text("authors");
        let look = move |c: &mut AnyConn| -> Result<_, Error> {
            let held = Held::of(c, &visitor, today)?;
            let writers = writers(c, &held, &names)?;
            Ok((held, writers))
        };
        let (held, writers) = call.app().db.read(look).await?;
        let said = match read(&call.form, &held, writers, today) {
            Ok(said) => said,
            Err(wrong) => return page(&call, List::plain("/publications"), &wrong).await,
        };
        let by = by(&call)?;
        let code = Sent(&call.form).text("code");
        let write = move |tx: &mut Tx<'_>| Ok(publication::add(tx, &by, code, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/publications/{id}?done=added"))),
            Err(Error::Refused(why)) => {
                let field = if is_other(&why) { "title" } else { "code" };
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, List::plain("/publications"), &wrong).await
            }
            Err(e) => Err(e),
        }
    })
}
