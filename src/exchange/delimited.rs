//! Delimited text: encoding by its mark or its bytes, delimiter by the headers it yields.

use encoding_rs::{UTF_16LE, WINDOWS_1251};

use super::columns;
use super::sheet::{Cell, Cells, Encoding, Format, Line, MAX_COLUMNS, MAX_ROWS};
use super::workbook::too_long;
use super::worker::{Stop, Writer};
use crate::error::Refusal;

/// Writes every row.
///
/// # Errors
/// The refusal of a file that is no text or too large.
pub fn read(bytes: Vec<u8>, out: &mut Writer) -> Result<(), Stop> {
    let (text, encoding) = decode(bytes)?;
    let delimiter = delimiter(&text);
    out.line(&Line::File(Format::Csv {
        encoding,
        delimiter: delimiter.into(),
    }))?;
    out.line(&Line::Sheet("CSV".into()))?;
    let mut reader = parser(&text, delimiter);
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    loop {
        // The parser passes over blank lines; a sheet counts them as rows.
        let from = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        number += blank_lines(text.as_bytes(), from);
        if !reader.read_record(&mut record).map_err(|_| damaged())? {
            return Ok(());
        }
        number += 1;
        if number > MAX_ROWS || record.len() > MAX_COLUMNS {
            let refusal = Refusal::new("exchange.far_cell")
                .with("row", number)
                .with("column", record.len());
            return Err(Stop::Refused(refusal));
        }
        for (column, text) in record.iter().enumerate() {
            too_long(text, number, column)?;
        }
        let row = Cells(record.iter().map(|text| Cell::text(plain(text))).collect());
        if !row.is_blank() {
            out.row(number, &row)?;
        }
    }
}

/// Text without the apostrophe that keeps a spreadsheet from running it.
fn plain(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| rest.trim_start().starts_with(['=', '+', '-', '@']))
        .unwrap_or(text)
}

fn damaged() -> Stop {
    Stop::Refused(Refusal::new("exchange.damaged"))
}

fn parser(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), Stop> {
    let not_text = || Stop::Refused(Refusal::new("exchange.not_a_table"));
    if bytes.starts_with(&[0xff, 0xfe]) {
        let (text, _, wrong) = UTF_16LE.decode(&bytes);
        return if wrong {
            Err(not_text())
        } else {
            Ok((text.into_owned(), Encoding::Utf16Le))
        };
    }
    if bytes.contains(&0) {
        return Err(not_text());
    }
    let (start, encoding) = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        (3, Encoding::Utf8Bom)
    } else {
        (0, Encoding::Utf8)
    };
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            text.drain(..start);
            Ok((text, encoding))
        }
        Err(e) => {
            let bytes = e.into_bytes();
            let (text, wrong) = WINDOWS_1251.decode_without_bom_handling(&bytes);
            if wrong {
                Err(not_text())
            } else {
                Ok((text.into_owned(), Encoding::Windows1251))
            }
        }
    }
}

/// The delimiter whose first rows hold the most known headers; where none does, the one that cuts the most cells.
fn delimiter(text: &str) -> u8 {
    let weigh = |delimiter: u8| {
        let mut record = csv::StringRecord::new();
        let mut reader = parser(text, delimiter);
        let mut best = (0, 0);
        for _ in 0..30 {
            if !matches!(reader.read_record(&mut record), Ok(true)) {
                break;
            }
            let known = record.iter().filter(|cell| columns::is_known(cell)).count();
            best = best.max((known, record.len()));
        }
        best
    };
    let mut found = (b';', weigh(b';'));
    for other in [b'\t', b','] {
        let weight = weigh(other);
        if weight > found.1 {
            found = (other, weight);
        }
    }
    found.0
}

/// How many blank lines stand at `from`, where a record ended.
fn blank_lines(text: &[u8], from: usize) -> u32 {
    let rest = text.get(from..).unwrap_or_default();
    let after_return = from > 0 && text.get(from - 1) == Some(&b'\r');
    let rest = match rest {
        [b'\n', rest @ ..] if after_return => rest,
        rest => rest,
    };
    let run = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r'));
    let (mut feeds, mut returns) = (0, 0);
    for byte in run {
        if *byte == b'\n' {
            feeds += 1;
        } else {
            returns += 1;
        }
    }
    if feeds > 0 { feeds } else { returns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_shows_the_headers() {
        assert_eq!(delimiter("Код;Наименование;Вид\nA;Школа, 1, 2, 3, 4;x"), b';');
        assert_eq!(delimiter("Код,Наименование,Вид\n"), b',');
        assert_eq!(delimiter("Код\tНаименование\tВид\n"), b'\t');
        assert_eq!(delimiter("Балл;Максимум\n1,5;2,5\n"), b';');
    }

    #[test]
    fn encodings_are_told_apart() {
        let of = |bytes: &[u8]| decode(bytes.to_vec()).ok();
        let (bytes, ..) = WINDOWS_1251.encode("Ёлкин № 1");
        assert_eq!(of(&bytes), Some(("Ёлкин № 1".into(), Encoding::Windows1251)));
        assert_eq!(
            of("\u{feff}Ёлкин".as_bytes()),
            Some(("Ёлкин".into(), Encoding::Utf8Bom))
        );
        let wide: Vec<u8> = "\u{feff}Ёлкин".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of(&wide), Some(("Ёлкин".into(), Encoding::Utf16Le)));
        assert_eq!(of(&[0x00, 0x01]), None);
    }

    #[test]
    fn blank_lines_count_as_rows() {
        let text = b"a\r\n\r\n\r\nb\r\n";
        assert_eq!(blank_lines(text, 3), 2);
        assert_eq!(blank_lines(text, 2), 2, "between return and feed");
        assert_eq!(blank_lines(b"a\n\nb", 2), 1);
        assert_eq!(blank_lines(b"\n\na", 0), 2);
    }
}
