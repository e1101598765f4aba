//! What came of a file, for people and for programs.

use serde_json::json;

use super::batch::{Kind, RowState};
use super::fields::Problem;

/// A row that was not taken, and why.
#[derive(Debug, Clone)]
pub struct RowProblem {
    /// Number of the row as the sheet shows it.
    pub number: u32,
    /// Refused or quarantined.
    pub state: RowState,
    /// Where in the row and why.
    pub problem: Problem,
}

/// What came of a file. Counts are rows.
#[derive(Debug, Clone)]
pub struct Report {
    /// Code of the batch; empty for a dry run.
    pub batch: String,
    /// Kind of file.
    pub kind: Kind,
    /// Whether anything was written.
    pub dry_run: bool,
    /// The sheet that was read.
    pub sheet: String,
    /// Rows that made something.
    pub new: usize,
    /// Rows that changed something.
    pub changed: usize,
    /// Rows that said what is stored.
    pub unchanged: usize,
    /// Rows that were refused.
    pub refused: usize,
    /// Rows that wait for a person's decision.
    pub quarantined: usize,
    /// What was wrong; a row may have several.
    pub problems: Vec<RowProblem>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether every row was taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.refused == 0 && self.quarantined == 0
    }

    /// One line of counts.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = format!(
            "Новых {}, изменено {}, без изменений {}, отказано {}, в карантине {}",
            self.new, self.changed, self.unchanged, self.refused, self.quarantined
        );
        if self.dry_run {
            format!("Проверка без записи. {counts}.")
        } else {
            format!("{counts}. Пакет {}.", self.batch)
        }
    }

    /// A line for each problem: sheet, row, column, value, what to do.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.problems.iter().map(|p| {
            let place = format!("Лист «{}», строка {}", self.sheet, p.number);
            let column = match p.problem.column.as_str() {
                "" => String::new(),
                column => format!(", столбец «{column}»"),
            };
            let value = match p.problem.value.as_str() {
                "" => String::new(),
                value => format!(", значение «{value}»"),
            };
            let state = match p.state {
                RowState::Quarantined => " (карантин)",
                _ => "",
            };
            format!("{place}{column}{value}{state}: {}", p.problem.refusal)
        })
    }

    /// The same as one JSON object.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let problems: Vec<_> = self
            .problems
            .iter()
            .map(|p| {
                json!({
                    "sheet": self.sheet, "row": p.number, "state": p.state.code(), "column": p.problem.column,
                    "value": p.problem.value, "code": p.problem.refusal.code, "message": p.problem.refusal.to_string(),
                })
            })
            .collect();
        json!({
            "batch": self.batch, "kind": self.kind.code(), "dry_run": self.dry_run, "sheet": self.sheet,
            "new": self.new, "changed": self.changed, "unchanged": self.unchanged, "refused": self.refused,
            "quarantined": self.quarantined, "problems": problems, "notes": self.notes,
        })
    }
}
