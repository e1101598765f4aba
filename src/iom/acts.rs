//! A file of acts: `snils,act,item,date,by,value,reason`, columns by name in any order, `,` or `;`, UTF-8.

use chrono::NaiveDate;

use super::editing::Change;
use super::model::{ActKind, IomId};
use super::typed_file::{self, Column};
use crate::access::{Role, Substitute};
use crate::error::{Error, Refusal};
use crate::people::{PersonId, Snils};
use crate::units::UnitId;

/// Whose plan an act is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// Whoever has this СНИЛС, in one region or in several: a file of acts knows no more.
    Snils(Snils),
    /// The person of a region that a page has shown.
    Person(UnitId, PersonId),
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    /// Line of the file, the header being the first.
    pub line: u64,
    /// Whose plan.
    pub whose: Whose,
    /// What.
    pub kind: ActKind,
    /// Number of the item.
    pub item: Option<i32>,
    /// The act's own day.
    pub on: NaiveDate,
    /// Login of whoever acts.
    pub by: String,
    /// Value; empty where none.
    pub value: String,
    /// Reason; empty where none.
    pub reason: String,
    /// In which of the roles of that login. `None` for files: in any that it holds.
    pub roles: Option<Vec<Role>>,
    /// Who does it in the stead of that login.
    pub substitute: Option<Substitute>,
    /// Said now, by a form: it stands for itself. A row of a file may be the same act told again.
    pub said_now: bool,
    /// The version that whoever acts has seen: of the item where one is named, else of the plan. `None` for files.
    pub seen: Option<i32>,
    /// The plan that was open on the page. `None` for files: the person's plan that was made last is meant.
    pub plan: Option<IomId>,
    /// What a change makes of the plan; changes come from pages only.
    pub change: Option<Change>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Line of the file.
    pub line: u64,
    /// The act as written.
    pub act: String,
    /// Why.
    pub why: Refusal,
}

/// Rows that read, and rows that do not.
pub type ReadRows = (Vec<ActRow>, Vec<RefusedRow>);

const COLUMNS: [Column; 7] = [
    Column::new(&["snils"], true),
    Column::new(&["act"], true),
    Column::new(&["item"], false),
    Column::new(&["date"], true),
    Column::new(&["by"], true),
    Column::new(&["value"], false),
    Column::new(&["reason"], false),
];

/// Reads a file of acts.
///
/// # Errors
/// A text that is not UTF-8 or a header without a needed column.
pub fn parse(bytes: &[u8]) -> Result<ReadRows, Error> {
    let lines = typed_file::lines(bytes, "действий", COLUMNS)?;
    let (mut rows, mut refused) = (Vec::with_capacity(lines.len()), Vec::new());
    for (line, cells) in lines {
        let act = cells[1].clone();
        match row(line, cells) {
            Ok(row) => rows.push(row),
            Err(why) => refused.push(RefusedRow { line, act, why }),
        }
    }
    Ok((rows, refused))
}

fn row(line: u64, cells: [String; 7]) -> Result<ActRow, Refusal> {
    let [snils, act, item, date, by, value, reason] = cells;
    // What a change makes of a plan does not fit into a row: it is made on a page.
    let of_file = |kind: &ActKind| !matches!(kind, ActKind::Change | ActKind::Decline);
    let kind = ActKind::from_code(&act.to_lowercase()).filter(of_file).ok_or_else(|| {
        let known: Vec<&str> = ActKind::ALL.iter().filter(|a| of_file(a)).map(|a| a.code()).collect();
        Refusal::new("acts.unknown_act")
            .with("act", &act)
            .with("known", known.join(", "))
    })?;
    let snils = Snils::parse(&snils).map_err(|e| Refusal::new("acts.snils").with("advice", e.advice()))?;
    let item = match item.as_str() {
        "" => None,
        text => Some(
            text.parse::<i32>()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| Refusal::new("acts.item").with("item", text))?,
        ),
    };
    let on = typed_file::day(&date).ok_or_else(|| Refusal::new("acts.date").with("date", &date))?;
    Ok(ActRow {
        line,
        whose: Whose::Snils(snils),
        kind,
        item,
        on,
        by: by.to_lowercase(),
        value,
        reason,
        roles: None,
        substitute: None,
        said_now: false,
        seen: None,
        plan: None,
        change: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_with_a_mark_of_order_semicolons_and_columns_in_any_order() {
        let text = "\u{feff}by;date;act;snils;item\nivanova;05.03.2023;send;112-233-445 95;\nIvanova;2023-03-06;begin;11223344595;2\n";
        let (rows, refused) = parse(text.as_bytes()).unwrap();
        assert!(refused.is_empty());
        assert_eq!((rows[0].kind, rows[0].item, rows[0].line), (ActKind::Send, None, 2));
        assert_eq!(
            (rows[1].kind, rows[1].item, rows[1].by.as_str()),
            (ActKind::Begin, Some(2), "ivanova")
        );
        assert_eq!(rows[0].whose, rows[1].whose);
    }

    #[test]
    fn rows_that_do_not_read_are_refused_one_by_one() {
        let text = "snils,act,item,date,by,value,reason\n\
             112-233-445 95,dance,,2023-01-01,a,,\n\
             112-233-445 96,send,,2023-01-01,a,,\n\
             112-233-445 95,begin,два,2023-01-01,a,,\n\
             112-233-445 95,send,,2023-02-30,a,,\n\
             112-233-445 95,send,,2023-02-03,a,,\n";
        let (rows, refused) = parse(text.as_bytes()).unwrap();
        assert_eq!(rows.len(), 1);
        let found: Vec<(u64, &str)> = refused.iter().map(|r| (r.line, r.why.code)).collect();
        let wanted = [
            (2, "acts.unknown_act"),
            (3, "acts.snils"),
            (4, "acts.item"),
            (5, "acts.date"),
        ];
        assert_eq!(found, wanted);
        assert!(parse(b"snils,act,by\n").is_err(), "no column of dates");
    }
}
