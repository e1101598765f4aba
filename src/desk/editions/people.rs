//! The people behind a released number. Whoever's data were destroyed stays as a line without a name.

use super::list::found;
use super::told::said;
use crate::cycle::edition::people::{self as listing, Line};
use crate::cycle::edition::{Edition, content::Units};
use crate::db::AnyConn;
use crate::desk::indicators::figures::named;
use crate::desk::list::List;
use crate::desk::list_file::{self, ListFile};
use crate::desk::looked;
use crate::desk::registers::page::{Block, Sheet};
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::indicators::people::Part;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{capital, count};
use crate::people::PersonId;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

struct Asked {
    at: List,
    edition: Edition,
    units: Units,
    part: Part,
    unit: String,
    indicator: (String, String),
    lines: Vec<Line>,
}

async fn asked(call: &Call) -> Result<Asked, Error> {
    let at = List::of(call, &["unit", "indicator", "part"])?;
    let known = |code: &str| Part::from_code(code).filter(|p| *p != Part::Excluded);
    let part = at.known("part", known)?.unwrap_or(Part::Numerator);
    let (edition, _) = found(call).await?;
    let missing = || Error::NotFound("список выпуска".into());
    let unit = at.get("unit").ok_or_else(missing)?.to_owned();
    let code = at.get("indicator").ok_or_else(missing)?.to_owned();
    let (of, own, wanted, secret) = (
        edition.clone(),
        unit.clone(),
        code.clone(),
        call.app().keys.audit.clone(),
    );
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let missing = || Error::NotFound("список выпуска".into());
        let said = said(c, &of, true)?;
        said.units.get(&own).ok_or_else(missing)?;
        let title = said.pack.indicator(&wanted).ok_or_else(missing)?.title.clone();
        let list = listing::listed(c, &of, &wanted, &own, part)?.ok_or_else(missing)?;
        Ok((said.units.clone(), title, listing::lines(c, &secret, &of, &list)?))
    };
    let (units, title, lines) = call.app().db.read(read).await?;
    Ok(Asked {
        at,
        edition,
        units,
        part,
        unit,
        indicator: (code, title),
        lines,
    })
}

impl Asked {
    fn codes(&self) -> String {
        format!(
            "edition={} indicator={} unit={} part={}",
            self.edition.number, self.indicator.0, self.unit, self.part
        )
    }

    fn name(&self, code: &str) -> String {
        self.units.get(code).map_or_else(|| code.to_owned(), |u| u.name.clone())
    }

    fn persons(lines: &[Line]) -> Vec<PersonId> {
        lines.iter().filter_map(|line| line.person).collect()
    }

    /// Where a line counted: of whoever had several places the edition keeps only the number.
    fn place(&self, line: &Line) -> String {
        match (line.unit.as_str(), line.subject.as_str()) {
            ("", "code") => String::new(),
            ("", _) => "несколько мест работы".into(),
            (unit, _) => self.name(unit),
        }
    }
}

/// GET /editions/{edition}/people
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let mut asked = asked(&call).await?;
        let all = asked.lines.len();
        let lines = asked.at.rows(std::mem::take(&mut asked.lines));
        let keys: Vec<&String> = lines.iter().map(|line| &line.key).collect();
        let people = Asked::persons(&lines);
        looked::telling(&call, "edition_list", &asked.codes(), &keys, all, &people).await?;
        let columns = [Column::words("Кто"), Column::words("Где считался")];
        let row = |line: &Line| vec![Cell::text(line.name.clone()), Cell::text(asked.place(line))];
        let rows: Vec<Vec<Cell>> = lines.iter().map(row).collect();
        let path = format!("/editions/{}", asked.edition.id);
        let (code, title) = &asked.indicator;
        let other = if asked.part == Part::Numerator {
            Part::Rest
        } else {
            Part::Numerator
        };
        let query = |part: Part| {
            [
                ("unit", asked.unit.as_str()),
                ("indicator", code.as_str()),
                ("part", part.code()),
            ]
        };
        let records = i64::try_from(all).unwrap_or(i64::MAX);
        let sheet = Sheet {
            crumbs: vec![
                Link::new("Выпуски", "/editions"),
                Link::new(format!("№\u{A0}{}", asked.edition.number), path.clone()),
                Link::new(
                    format!("{code} {}", asked.name(&asked.unit)),
                    address(&path, [("unit", asked.unit.as_str()), ("indicator", code.as_str())]),
                ),
            ],
            heading: format!("{code}: {}", asked.part.label()),
            lead: format!(
                "{title} · {} · {} · {}",
                asked.name(&asked.unit),
                named(&asked.edition.period),
                count(records, "запись", "записи", "записей")
            ),
            register: (!rows.is_empty()).then(|| Register::new("Люди", &columns, rows)),
            paging: asked.at.paging(all),
            empty: (all == 0).then(|| Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека.")),
            facts: vec![
                way(
                    "Другая часть",
                    capital(other.label()),
                    address(&format!("{path}/people"), query(other)),
                ),
                way(
                    "Список в Excel",
                    "Скачать".into(),
                    address(&format!("{path}/people/file"), query(asked.part)),
                ),
            ],
            blocks: vec![Block {
                title: "Откуда имена".into(),
                text: Some(
                    "Выпуск хранит не имена, а ключи людей. Имя показано таким, как записано сегодня; чьи сведения \
                     уничтожены, тот остаётся строкой без имени, а число не меняется."
                        .into(),
                ),
                ..Block::default()
            }],
            ..Sheet::default()
        };
        let title = format!("Выпуск №\u{A0}{}: {code}, {}", asked.edition.number, asked.part.label());
        Ok(Answer::page("desk/register", &sheet)?.title(title))
    })
}

fn way(name: &str, value: String, href: String) -> crate::pages::parts::Fact {
    crate::pages::parts::Fact {
        name: name.to_owned(),
        value,
        change: Some(crate::pages::parts::Change {
            text: "Открыть",
            object: "список",
            href,
        }),
    }
}

/// GET and POST /editions/{edition}/people/file
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let asked = asked(&call).await?;
        let of = ListFile {
            list: "edition_list",
            named: "Люди выпущенного значения",
            chosen: format!(
                "выпуск № {}; {} {}; {}; {}",
                asked.edition.number,
                asked.indicator.0,
                asked.indicator.1,
                asked.name(&asked.unit),
                asked.part.label()
            ),
            codes: asked.codes(),
            ids: asked.lines.iter().map(|line| line.key.clone()).collect(),
            people: asked.lines.len(),
            tells: Asked::persons(&asked.lines),
            right: Capability::Indicators,
        };
        if let Some(instead) = list_file::gate(&call, &asked.at, &of).await? {
            return Ok(instead);
        }
        let row = |line: &Line| -> Vec<FileCell> { vec![line.name.clone().into(), asked.place(line).into()] };
        let rows: Vec<Vec<FileCell>> = asked.lines.iter().map(row).collect();
        list_file::answer(&call, &of, &["Кто", "Где считался"], &rows)
    })
}
