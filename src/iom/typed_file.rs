//! A short file that people fill in by hand: columns by name in any order, `,` or `;`, UTF-8.

use chrono::NaiveDate;

use crate::db::text_keys::clean;
use crate::error::Error;
use crate::planted;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its code and, where people may write it otherwise, that word.
    names: &'static [&'static str],
    /// Whether a file without it is refused.
    needed: bool,
}

impl Column {
    /// A column of these names.
    #[must_use]
    pub const fn new(names: &'static [&'static str], needed: bool) -> Self {
        Self { names, needed }
    }
}

/// Lines that are not empty, each with its number, the header being the first, and its cells in the order of `columns`.
/// `of` says what the file is of: «действий».
///
/// # Errors
/// A text that is not UTF-8 or a header without a needed column.
pub fn lines<const N: usize>(bytes: &[u8], of: &str, columns: [Column; N]) -> Result<Vec<(u64, [String; N])>, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::Invalid(format!("файл {of} не в кодировке UTF-8: сохраните его как «CSV UTF-8»")))?;
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
    let unreadable = |e: csv::Error| Error::Invalid(format!("файл {of} не читается: {e}"));
    let names: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(|name| clean(name).to_lowercase())
        .collect();
    let places = columns.map(|column| names.iter().position(|name| column.names.contains(&name.as_str())));
    let missing = columns
        .iter()
        .zip(&places)
        .find(|(c, place)| c.needed && place.is_none());
    if let Some((column, _)) = missing {
        let code = |column: &Column| column.names.first().copied().unwrap_or_default();
        return Err(Error::Invalid(format!(
            "в файле {of} нет столбца {}; нужны: {}",
            code(column),
            columns.each_ref().map(code).join(", ")
        )));
    }
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut line, mut counted) = (1, 0);
    while reader.read_record(&mut record).map_err(unreadable)? {
        let start = record.position().and_then(|at| usize::try_from(at.byte()).ok());
        let begins = begins(text, start.unwrap_or(counted));
        let passed = text.bytes().take(begins).skip(counted);
        line = passed.fold(line, |line, byte| line + u64::from(byte == b'\n'));
        counted = begins;
        let cells = places.map(|place| place.and_then(|p| record.get(p)).map(clean).unwrap_or_default());
        if !cells.iter().all(String::is_empty) {
            lines.push((line, cells));
        }
    }
    Ok(lines)
}

/// Where a record begins: the reader stands before the end of the line above it and before empty lines.
fn begins(text: &str, start: usize) -> usize {
    if planted!("line_above") {
        return start;
    }
    let ends = text
        .bytes()
        .skip(start)
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    start + ends.count()
}

/// A day as files and forms of acts write it: `ГГГГ-ММ-ДД` or `ДД.ММ.ГГГГ`.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}
