//! A file of marks: `code,mark,date,remark`, columns by name in any order, `,` or `;`, UTF-8.

use super::marks::{Typed, Unwritten};
use crate::error::{Error, Refusal};
use crate::iom::ActKind;
use crate::iom::typed_file::{self, Column};

/// Rows that read, and rows that do not.
pub type ReadMarks = (Vec<Typed>, Vec<Unwritten>);

/// The columns, each with its Russian name.
const COLUMNS: [Column; 4] = [
    Column::new(&["code", "код"], true),
    Column::new(&["mark", "отметка"], true),
    Column::new(&["date", "дата"], true),
    Column::new(&["remark", "замечание"], false),
];
/// Words of a mark: its code and how people write it.
const ACCEPTED: [&str; 4] = ["accept", "зачесть", "зачтено", "зачтён"];
const RETURNED: [&str; 4] = ["return", "вернуть", "возвращено", "возвращён"];

/// Reads a file of marks.
///
/// # Errors
/// A text that is not UTF-8 or a header without a needed column.
pub fn parse(bytes: &[u8]) -> Result<ReadMarks, Error> {
    let (mut marks, mut faults) = (Vec::new(), Vec::new());
    for (line, cells) in typed_file::lines(bytes, "отметок", COLUMNS)? {
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
    let on = typed_file::day(&date).ok_or_else(|| Refusal::new("acts.date").with("date", &date))?;
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
