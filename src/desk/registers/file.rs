//! A page of the registers as a workbook: all its tables with the same columns, rows, order and words over all its pages;
//! figures as numbers, days as days.

use crate::desk::list::List;
use crate::desk::list_file::{self, ListFile};
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::exchange::list_file::{FileCell, FileTable};
use crate::pages::parts::{Cell, Change, Filters, Register};
use crate::pages::text::{NOTHING, date, typed_day};
use crate::web::{Answer, Call};

/// The answer of a page that names nobody: the page, or its workbook where the address asks for it.
pub(crate) fn page(call: &Call, at: &List, mut sheet: Sheet) -> Result<Answer, Error> {
    if at.is_whole() {
        at.all_read()?;
        return book(call, &sheet.heading, &chosen(&sheet), &tables(&sheet));
    }
    offer(&mut sheet, at.workbook());
    Answer::page("desk/register", &sheet)
}

/// The file of a page of a list that names people.
pub(crate) async fn people(call: &Call, at: &List, of: ListFile, sheet: &Sheet) -> Result<Answer, Error> {
    at.all_read()?;
    let mut parts = vec![chosen(sheet)];
    if sheet.heading != of.named {
        parts.insert(0, sheet.heading.clone());
    }
    named(call, at, &of.chosen(parts.join(" · ")), &tables(sheet)).await
}

/// The file of tables that name people: of all their rows, once it may go out.
pub(crate) async fn named(call: &Call, at: &List, of: &ListFile, tables: &[&Register]) -> Result<Answer, Error> {
    if let Some(instead) = list_file::gate(call, at, of).await? {
        return Ok(instead);
    }
    book(call, of.named, &of.chosen, tables)
}

/// Offers the file of a page, where there is something on it.
pub(crate) fn offer(sheet: &mut Sheet, file: String) {
    if tables(sheet).is_empty() {
        return;
    }
    if let Some(filters) = &mut sheet.filters {
        filters.file = Some(file);
    } else if let Some(fact) = sheet.facts.first_mut() {
        fact.change = Some(Change {
            text: "Скачать список (XLSX)",
            object: "этой страницы",
            href: file,
        });
    }
}

/// What the page says of all its rows, and what was chosen.
fn chosen(sheet: &Sheet) -> String {
    said(&sheet.lead, sheet.filters.as_ref())
}

/// What stands over a list, and what was chosen, for the first row of its file.
pub(crate) fn said(lead: &str, filters: Option<&Filters>) -> String {
    let filters = filters.map_or_else(String::new, Filters::in_words);
    let parts = [lead.trim_end_matches('.').to_owned(), filters];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// The tables of a page in their order. What stands over a form helps to fill it in and is no list.
fn tables(sheet: &Sheet) -> Vec<&Register> {
    let blocks = sheet.blocks.iter().filter(|block| block.forms.is_empty());
    let blocks = blocks.filter_map(|block| block.register.as_ref());
    sheet.register.iter().chain(blocks).collect()
}

/// The workbook of some tables of a page; where there are none, of its name alone.
pub(crate) fn book(call: &Call, named: &str, chosen: &str, of: &[&Register]) -> Result<Answer, Error> {
    let nobody = FileTable {
        title: named,
        head: vec![named],
        rows: &[],
    };
    let rows: Vec<Vec<Vec<FileCell>>> = of.iter().map(|register| rows(register)).collect();
    let tables = of.iter().zip(&rows).map(|(register, rows)| FileTable {
        title: &register.caption,
        head: register.columns.iter().map(|column| column.label).collect(),
        rows,
    });
    let mut tables: Vec<FileTable<'_>> = tables.collect();
    if tables.is_empty() {
        tables.push(nobody);
    }
    list_file::book(call, named, chosen, &tables)
}

fn rows(of: &Register) -> Vec<Vec<FileCell>> {
    of.rows.iter().map(|row| row.iter().map(cell).collect()).collect()
}

fn cell(of: &Cell) -> FileCell {
    // A link that leads outside is its address: a sheet has nothing to click on.
    if let Some(outside) = of.href.as_ref().filter(|href| href.starts_with("http")) {
        return FileCell::Text(outside.clone());
    }
    let text = of.chip.as_ref().map_or(of.text.as_str(), |chip| chip.text.as_str());
    if text.is_empty() || text == NOTHING {
        return FileCell::Nothing;
    }
    let figure = if of.right { figure(text) } else { None };
    // A year stands among words; what begins with a zero is no number.
    let whole = || {
        text.parse()
            .ok()
            .filter(|n: &i64| text.len() < 10 && n.to_string() == text)
    };
    let day = || typed_day(text).filter(|day| date(*day) == text).map(FileCell::Day);
    let number = figure.or_else(|| whole().map(FileCell::Number));
    number.or_else(day).unwrap_or_else(|| FileCell::Text(text.to_owned()))
}

/// A figure as a page writes it: «12 648», «−5», «30,6 %»; `None` for words.
fn figure(text: &str) -> Option<FileCell> {
    let (text, after) = match text.strip_suffix('%') {
        Some(rest) => (rest, "%"),
        None => (text, ""),
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace('−', "-");
    let Some((whole, part)) = plain.split_once(',') else {
        let number: i64 = plain.parse().ok()?;
        return Some(if after.is_empty() {
            FileCell::Number(number)
        } else {
            FileCell::Decimal(number.checked_mul(1000)?, 0, after)
        });
    };
    let digits = u32::try_from(part.len())
        .ok()
        .filter(|digits| (1..=3).contains(digits))?;
    let number: i64 = format!("{whole}{part}").parse().ok()?;
    let milli = number.checked_mul(10_i64.pow(3 - digits))?;
    Some(FileCell::Decimal(milli, digits, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_days_are_days_and_hidden_numbers_are_words() {
        let of = |text: &str| {
            let cell_of = Cell {
                right: true,
                ..Cell::text(text)
            };
            cell(&cell_of)
        };
        assert_eq!(of("12\u{a0}648"), FileCell::Number(12_648));
        assert_eq!(of("−5"), FileCell::Number(-5));
        assert_eq!(of("+3"), FileCell::Number(3));
        assert_eq!(of("−0,3"), FileCell::Decimal(-300, 1, ""));
        assert_eq!(of("30,6\u{a0}%"), FileCell::Decimal(30_600, 1, "%"));
        assert_eq!(of("0"), FileCell::Number(0));
        assert_eq!(of(NOTHING), FileCell::Nothing);
        for words in ["меньше 5", "3 из 7", "0,25; там 0,5", "0,1234"] {
            assert_eq!(of(words), FileCell::Text(words.to_owned()));
        }
        assert_eq!(cell(&Cell::text("2024")), FileCell::Number(2024));
        let outside = "https://a.example/1";
        assert_eq!(cell(&Cell::link("открыть", outside)), FileCell::Text(outside.into()));
        assert_eq!(cell(&Cell::link("7", "/plans")), FileCell::Number(7));
        assert_eq!(cell(&Cell::text("0012")), FileCell::Text("0012".into()));
        let day = typed_day("01.09.2026").unwrap();
        assert_eq!(cell(&Cell::text("01.09.2026")), FileCell::Day(day));
        assert_eq!(cell(&Cell::text("1.9.2026")), FileCell::Text("1.9.2026".into()));
    }
}
