//! Wide files: one row is one passage, and each column holds something of a competence. What a column holds is kept with the
//! platform that the file comes from ([`super::tool`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::scores::Score;
use super::tool::{self, Part, ToolColumn};
use crate::competence::CompetenceId;
use crate::db::milli::Milli;
use crate::db::{AnyConn, DbError};
use crate::error::Refusal;
use crate::exchange::columns::normal;
use crate::exchange::{Fields, Kind, Problem};
use crate::planted;
use crate::units::UnitId;

/// A cell of a column that the dictionary does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WideCell {
    header: String,
    text: String,
    formula: bool,
}

/// The cells of a row that hold something.
pub(super) fn cells(fields: &Fields<'_>) -> Vec<WideCell> {
    let cell = |(header, cell): (&str, &crate::exchange::sheet::Cell<'_>)| WideCell {
        header: header.to_owned(),
        text: cell.text.trim().to_owned(),
        formula: cell.formula,
    };
    fields.others().map(cell).collect()
}

/// What the columns of platforms hold, region by region.
#[derive(Debug, Default)]
pub(super) struct Wide {
    columns: HashMap<(UnitId, String), HashMap<String, ToolColumn>>,
    /// Headers that a platform does not know, to be told once.
    unknown: BTreeSet<(String, String)>,
}

/// What a row says of one competence while its cells are read.
#[derive(Default)]
struct Gathered {
    score: Option<(Milli, Milli)>,
    level: Option<(String, String)>,
}

impl Wide {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let mut columns: HashMap<(UnitId, String), HashMap<String, ToolColumn>> = HashMap::new();
        for (region, name, column) in tool::every_column(conn)? {
            let of = columns.entry((region, name)).or_default();
            of.insert(normal(&column.header), column);
        }
        Ok(Self {
            columns,
            unknown: BTreeSet::new(),
        })
    }

    /// The results that the cells of a row hold; `subject` holds where the column names none.
    ///
    /// # Errors
    /// The platform is not known, or cells do not read: all of them.
    pub fn scores(
        &mut self,
        (region, tool): (UnitId, Option<&str>),
        procedure: &str,
        subject: &str,
        cells: &[WideCell],
    ) -> Result<Vec<Score>, Vec<Problem>> {
        let at = |refusal| vec![Problem::at(Kind::Results, "procedure", procedure, refusal)];
        let Some(tool) = tool else {
            return Err(at(Refusal::new("diagnostics.no_tool")));
        };
        let any = || {
            self.columns
                .iter()
                .find(|((_, name), _)| planted!("tool_of_any_region") && name == tool)
        };
        let own = self.columns.get(&(region, tool.to_owned()));
        let Some(columns) = own.or_else(|| any().map(|(_, columns)| columns)) else {
            return Err(at(Refusal::new("diagnostics.tool_unread").with("tool", tool)));
        };
        let mut gathered: BTreeMap<(CompetenceId, String), Gathered> = BTreeMap::new();
        let mut wrong = Vec::new();
        for cell in cells {
            let Some(column) = columns.get(&normal(&cell.header)) else {
                self.unknown.insert((tool.to_owned(), cell.header.clone()));
                continue;
            };
            let subject = if column.subject.is_empty() {
                subject
            } else {
                &column.subject
            };
            let of = gathered.entry((column.competence_id, subject.to_owned())).or_default();
            match column.part {
                Part::Level => of.level = Some((cell.header.clone(), cell.text.clone())),
                Part::Raw | Part::Percent => match number(cell, column) {
                    Ok(score) => of.score = Some(score),
                    Err(refusal) => wrong.push(cell.problem(refusal)),
                },
            }
        }
        let mut scores = Vec::with_capacity(gathered.len());
        for ((competence, subject), of) in gathered {
            match (of.score, of.level) {
                (Some((raw, max)), level) => scores.push(Score {
                    competence,
                    subject,
                    raw,
                    max,
                    tool_level: level.map(|(_, said)| said),
                }),
                // A level alone is no result of ours: it would be judged by nobody's scale.
                (None, Some((header, text))) if wrong.is_empty() => wrong.push(Problem {
                    column: header,
                    value: text,
                    refusal: Refusal::new("diagnostics.level_alone"),
                }),
                (None, _) => {}
            }
        }
        if scores.is_empty() && wrong.is_empty() {
            return Err(at(Refusal::new("diagnostics.wide_empty").with("tool", tool)));
        }
        if wrong.is_empty() || planted!("wide_half_row") {
            Ok(scores)
        } else {
            Err(wrong)
        }
    }

    /// What is worth knowing of the file beside its rows.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.unknown.iter().map(|(tool, header)| {
            format!("Столбец «{header}» не используется: у платформы «{tool}» не сказано, что в нём.")
        })
    }
}

impl WideCell {
    fn problem(&self, refusal: Refusal) -> Problem {
        Problem {
            column: self.header.clone(),
            value: self.text.chars().take(80).collect(),
            refusal,
        }
    }
}

/// Score and maximum of a cell.
fn number(cell: &WideCell, column: &ToolColumn) -> Result<(Milli, Milli), Refusal> {
    if cell.formula {
        return Err(Refusal::new("import.formula"));
    }
    let (text, max) = match column.max_milli {
        Some(max) => (cell.text.as_str(), max),
        None => (cell.text.trim_end_matches('%').trim_end(), Milli(100_000)),
    };
    let raw = Milli::parse(text).ok_or_else(|| Refusal::new("import.not_a_number"))?;
    if raw.0 < 0 {
        return Err(Refusal::new("import.below_zero"));
    }
    if raw > max {
        return Err(Refusal::new("diagnostics.above_maximum"));
    }
    Ok((raw, max))
}
