//! A file of marks: `code,mark,date,remark`, columns by name in any order, `,` or `;`, UTF-8.

use chrono::NaiveDate;

use super::marks::{Typed, Unwritten};
use crate::db::text_keys::clean;
use crate::error::{Error, Refusal};
use crate::iom::ActKind;

/// Rows that read, and rows that do not.
pub type ReadMarks = (Vec<Typed>, Vec<Unwritten>);

/// The columns, each with its Russian name.
const COLUMNS: [(&str, &str); 4] = [
    ("code", "код"),
    ("mark", "отметка"),
    ("date", "дата"),
    ("remark", "замечание"),
];
/// Words of a mark: its code and how people write it.
const ACCEPTED: [&str; 4] = ["accept", "зачесть", "зачтено", "зачтён"];
const RETURNED: [&str; 4] = ["return", "вернуть", "возвращено", "возвращён"];

/// Reads a file of marks.
///
/// # Errors
/// A text that is not UTF-8 or a header without a needed column.
pub fn parse(bytes: &[u8]) -> Result<ReadMarks, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::Invalid("файл отметок не в кодировке UTF-8: сохраните его как «CSV UTF-8»".into()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or("");
    let delimiter = if header.matches(';').count() > header.matches(',').count() {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let unreadable = |e: csv::Error| Error::Invalid(format!("файл отметок не читается: {e}"));
    let names: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(|name| clean(name).to_lowercase())
        .collect();
    let place = |(code, word): (&str, &str)| names.iter().position(|n| n == code || n == word);
    for needed in &COLUMNS[..3] {
        if place(*needed).is_none() {
            return Err(Error::Invalid(format!(
                "в файле отметок нет столбца {}; нужны: {}",
                needed.0,
                COLUMNS.map(|(code, _)| code).join(", ")
            )));
        }
    }
    let places = COLUMNS.map(place);
    let (mut marks, mut faults) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(unreadable)? {
        let line = record.position().map_or(0, csv::Position::line);
        let cells = places.map(|place| place.and_then(|p| record.get(p)).map(clean).unwrap_or_default());
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let code = cells[0].clone();
        match mark(line, cells) {
            Ok(mark) => marks.push(mark),
            Err(why) => faults.push(Unwritten { line, code, why }),
        }
    }
    Ok((marks, faults))
}

fn mark(line: u64, [code, mark, date, remark]: [String; 4]) -> Result<Typed, Refusal> {
    let word = mark.to_lowercase();
    let kind = if ACCEPTED.contains(&word.as_str()) {
        ActKind::Accept
    } else if RETURNED.contains(&word.as_str()) {
        ActKind::Return
    } else {
        return Err(Refusal::new("sheet.mark_word").with("mark", &mark));
    };
    let on = ["%Y-%m-%d", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(&date, form).ok())
        .ok_or_else(|| Refusal::new("acts.date").with("date", &date))?;
    Ok(Typed {
        line,
        code,
        kind,
        on,
        // What is said of an accepted step belongs to the record of help.
        remark: if kind == ActKind::Return { remark } else { String::new() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_in_both_languages_and_says_what_it_cannot_read() {
        let text = "\u{feff}Замечание;Код;Отметка;Дата\n;ABC-2345;зачтено;05.03.2026\nнет подписи;abc2346;вернуть;2026-03-06\n;X;потом;05.03.2026\n;Y;зачесть;31.02.2026\n;;;\n";
        let (marks, faults) = parse(text.as_bytes()).unwrap();
        let read: Vec<(u64, ActKind, &str)> = marks.iter().map(|m| (m.line, m.kind, m.remark.as_str())).collect();
        assert_eq!(read, [(2, ActKind::Accept, ""), (3, ActKind::Return, "нет подписи")]);
        let wrong: Vec<(u64, &str)> = faults.iter().map(|f| (f.line, f.why.code)).collect();
        assert_eq!(wrong, [(4, "sheet.mark_word"), (5, "acts.date")]);
        assert!(parse(b"code,mark\n").is_err(), "no column of dates");
        assert!(parse(&[0xd0, 0x00]).is_err(), "no UTF-8");
    }
}
