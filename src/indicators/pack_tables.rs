//! Published tables of a system, as its pack describes them: how their rows are called and the rules that their cells keep.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::jump;
use crate::finding::{Finding, at};
use crate::text_enum;

text_enum! {
    /// How much a contradiction weighs.
    Severity {
        Error = "error" "ошибка",
        Warning = "warning" "предупреждение",
        Note = "note" "к сведению",
    }
}

/// A table that the system publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTable {
    /// Name within the pack.
    pub name: String,
    /// Title.
    pub title: String,
    /// Columns whose cells name a row.
    pub row: Vec<String>,
    /// The column with units of the pack.
    pub unit: Option<String>,
    /// The column with the year.
    pub year: Option<String>,
    /// Names of periods by what stands in that column.
    pub periods: BTreeMap<String, String>,
    /// What stands in the first of the columns of `row` where the row is the total of the others.
    pub total: Option<String>,
    /// Rules in their order.
    pub rules: Vec<Rule>,
}

/// A rule that cells keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What is checked.
    pub(crate) check: Check,
    /// How much a contradiction weighs.
    pub severity: Severity,
    /// Only rows with these cells; column and text.
    pub rows: BTreeMap<String, String>,
    /// Rows with these cells are told of by a note, whatever the rule weighs elsewhere.
    pub note_where: BTreeMap<String, String>,
    /// Whether a table without these columns is taken all the same, and the rule left out.
    pub optional: bool,
}

impl Rule {
    /// The other table that it asks for.
    #[must_use]
    pub fn table(&self) -> Option<&String> {
        self.check.table()
    }

    /// What stands in a column of the rows that others are counted from.
    pub(crate) fn from(&self, column: &str) -> Option<&str> {
        let (Check::Mean { from, .. } | Check::Change { from, .. } | Check::OfMaximum { from, .. }) = &self.check
        else {
            return None;
        };
        from.get(column).map(String::as_str)
    }

    /// What stands in a column of the rows that the rule speaks of.
    pub(crate) fn names<'a>(&'a self, column: &str) -> Vec<&'a str> {
        let own = self.rows.get(column).map(String::as_str);
        own.into_iter().chain(self.from(column)).collect()
    }
}

/// What is checked. A cell is compared as it is printed: to its own decimals, rounded or cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// Each unit of the pack has one row (in each year), and no other unit has any.
    Units,
    /// A cell is the sum of others.
    Sum { of: Vec<String>, column: String },
    /// A cell is not above the maximum of an indicator: column and code.
    Maximum(BTreeMap<String, String>),
    /// Where none of some cells is filled in, the other is not either: nothing submitted is no zero.
    Absent { of: Vec<String>, column: String },
    /// A cell is not above another.
    AtMost { column: String, bound: String },
    /// A cell is the share of one cell in another, in per cent.
    Share { column: String, of: Parts },
    /// A cell is one cell divided by another.
    Ratio { column: String, of: Parts },
    /// A cell is the zone of an indicator in which another cell lies.
    Class {
        column: String,
        of: String,
        indicator: String,
    },
    /// A cell is the zone of the unit by the pack; other words for zones.
    Zone {
        column: String,
        words: BTreeMap<String, String>,
    },
    /// A cell is the kind of place of the unit by the pack; the words for them.
    Place {
        column: String,
        words: BTreeMap<String, String>,
    },
    /// A cell has not fallen under a part of another, in per cent.
    Fall {
        column: String,
        before: String,
        percent: i64,
    },
    /// A cell is not further from last year's of the same unit than a share of it, per cent: from the column `before` of the
    /// row, or from the same column in the row of the year before.
    Jump {
        columns: Vec<String>,
        before: Option<String>,
        percent: i64,
    },
    /// The cell of the total is the sum of its column.
    Total(Vec<String>),
    /// The share in the total is that of the sums, not the mean of shares.
    TotalShare { column: String, of: Parts },
    /// The same of a ratio.
    TotalRatio { column: String, of: Parts },
    /// A cell is the number of rows that have the same in another column.
    Count { column: String, by: String },
    /// Rows with the same in one column have the same in another.
    Same { column: String, by: String },
    /// A cell is the sum of another row divided by the number of those who submitted: rows of a table with one of `of`.
    Mean {
        columns: Vec<String>,
        from: BTreeMap<String, String>,
        table: String,
        of: Vec<String>,
    },
    /// A cell is what another row has changed by since the year before.
    Change {
        columns: Vec<String>,
        from: BTreeMap<String, String>,
    },
    /// A cell is the share of another row in the maximum of an indicator, in per cent: column and code.
    OfMaximum {
        indicators: BTreeMap<String, String>,
        from: BTreeMap<String, String>,
    },
    /// A cell is the sum of the column of another table in the same year.
    Across { columns: Vec<String>, table: String },
    /// Nothing stands in a cell of a unit that filled in none of some cells of another table in a year.
    AbsentThere {
        column: String,
        table: String,
        of: Vec<String>,
        year: String,
    },
    /// A cell says what the pack says of what stands in another: its text and that of the cell.
    Said {
        column: String,
        by: String,
        words: BTreeMap<String, String>,
    },
    /// A cell is the target of the indicator that a row is of, by what stands in the column `by`; each has one row.
    Target {
        column: String,
        by: String,
        indicators: BTreeMap<String, String>,
    },
}

/// What is divided by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The upper column.
    pub numerator: String,
    /// The lower one.
    pub denominator: String,
}

impl PublishedTable {
    /// Every column that the table must have.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut found = self.row.clone();
        found.extend(self.unit.clone());
        found.extend(self.year.clone());
        for rule in self.rules.iter().filter(|rule| !rule.optional) {
            found.extend(rule.rows.keys().cloned());
            found.extend(rule.check.columns());
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|column| seen.insert(column.clone()));
        found
    }
}

impl fmt::Display for Rule {
    /// The kind with its columns, how much it weighs, and the rows that it is for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, columns) = (self.check.kind(), self.check.columns().join(" "));
        write!(f, "{kind} {columns} ({})", self.severity.label())?;
        if let Check::Jump { percent, .. } = &self.check {
            write!(f, " {percent}\u{A0}%")?;
        }
        self.rows
            .iter()
            .try_for_each(|(column, text)| write!(f, " {column} = {text}"))
    }
}

impl Check {
    /// The word for it in the text of a pack.
    fn kind(&self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Sum { .. } => "sum",
            Self::Maximum(_) => "maximum",
            Self::Absent { .. } => "absent",
            Self::AtMost { .. } => "at_most",
            Self::Share { .. } => "share",
            Self::Ratio { .. } => "ratio",
            Self::Class { .. } => "class",
            Self::Zone { .. } => "zone",
            Self::Place { .. } => "place",
            Self::Fall { .. } => "fall",
            Self::Jump { .. } => "jump",
            Self::Total(_) => "total",
            Self::TotalShare { .. } => "total_share",
            Self::TotalRatio { .. } => "total_ratio",
            Self::Count { .. } => "count",
            Self::Same { .. } => "same",
            Self::Mean { .. } => "mean",
            Self::Change { .. } => "change",
            Self::OfMaximum { .. } => "of_maximum",
            Self::Across { .. } => "across",
            Self::AbsentThere { .. } => "absent_there",
            Self::Said { .. } => "said",
            Self::Target { .. } => "target",
        }
    }

    /// The columns that hold numbers, and whether these are counts or points, which are not below zero.
    pub(crate) fn numbers(&self) -> Option<(Vec<&str>, bool)> {
        fn of<'a>(columns: &[&'a String]) -> Vec<&'a str> {
            columns.iter().map(|column| column.as_str()).collect()
        }
        Some(match self {
            Self::Sum { of: parts, column } => (of(&parts.iter().chain([column]).collect::<Vec<_>>()), true),
            Self::Maximum(indicators) => (of(&indicators.keys().collect::<Vec<_>>()), true),
            Self::OfMaximum { indicators, .. } => (of(&indicators.keys().collect::<Vec<_>>()), true),
            Self::AtMost { column, bound } => (of(&[column, bound]), true),
            Self::Fall { column, before, .. } => (of(&[column, before]), true),
            Self::Share { column, of: parts }
            | Self::Ratio { column, of: parts }
            | Self::TotalShare { column, of: parts }
            | Self::TotalRatio { column, of: parts } => (of(&[column, &parts.numerator, &parts.denominator]), true),
            Self::Class { of: parameter, .. } => (of(&[parameter]), true),
            Self::Count { column, .. } | Self::Target { column, .. } => (of(&[column]), true),
            Self::Total(columns) | Self::Across { columns, .. } | Self::Mean { columns, .. } => {
                (of(&columns.iter().collect::<Vec<_>>()), true)
            }
            Self::Change { columns, .. } => (of(&columns.iter().collect::<Vec<_>>()), false),
            Self::Jump { columns, before, .. } => (of(&columns.iter().chain(before).collect::<Vec<_>>()), false),
            Self::Units
            | Self::Absent { .. }
            | Self::AbsentThere { .. }
            | Self::Zone { .. }
            | Self::Place { .. }
            | Self::Same { .. }
            | Self::Said { .. } => return None,
        })
    }

    pub(crate) fn columns(&self) -> Vec<String> {
        let own = |of: &[&String]| of.iter().map(|c| (*c).clone()).collect::<Vec<_>>();
        match self {
            Self::Units => Vec::new(),
            Self::Sum { of, column } | Self::Absent { of, column } => {
                let mut found = of.clone();
                found.push(column.clone());
                found
            }
            Self::Maximum(indicators) => indicators.keys().cloned().collect(),
            Self::AtMost { column, bound } => own(&[column, bound]),
            Self::Share { column, of }
            | Self::Ratio { column, of }
            | Self::TotalShare { column, of }
            | Self::TotalRatio { column, of } => own(&[column, &of.numerator, &of.denominator]),
            Self::Class { column, of, .. } => own(&[column, of]),
            Self::Zone { column, .. } | Self::Place { column, .. } => own(&[column]),
            Self::Fall { column, before, .. } => own(&[column, before]),
            Self::Count { column, by }
            | Self::Same { column, by }
            | Self::Said { column, by, .. }
            | Self::Target { column, by, .. } => own(&[column, by]),
            Self::AbsentThere { column, .. } => own(&[column]),
            Self::Total(columns) | Self::Across { columns, .. } => columns.clone(),
            Self::Jump { columns, before, .. } => columns.iter().chain(before).cloned().collect(),
            Self::Mean { columns, from, .. } | Self::Change { columns, from } => {
                columns.iter().chain(from.keys()).cloned().collect()
            }
            Self::OfMaximum { indicators, from } => indicators.keys().chain(from.keys()).cloned().collect(),
        }
    }

    fn indicators(&self) -> Vec<&String> {
        match self {
            Self::Maximum(indicators) | Self::OfMaximum { indicators, .. } | Self::Target { indicators, .. } => {
                indicators.values().collect()
            }
            Self::Class { indicator, .. } => vec![indicator],
            _ => Vec::new(),
        }
    }

    fn table(&self) -> Option<&String> {
        match self {
            Self::Mean { table, .. } | Self::Across { table, .. } | Self::AbsentThere { table, .. } => Some(table),
            _ => None,
        }
    }
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableText {
    name: Spanned<String>,
    title: Spanned<String>,
    row: Vec<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    year: Option<String>,
    #[serde(default)]
    periods: BTreeMap<String, String>,
    #[serde(default)]
    total: Option<String>,
    #[serde(default)]
    rule: Vec<RuleText>,
}

/// A rule as it is written: the keys of all kinds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    kind: Spanned<String>,
    #[serde(default)]
    severity: Option<Spanned<String>>,
    #[serde(default)]
    rows: BTreeMap<String, String>,
    #[serde(default)]
    note_where: BTreeMap<String, String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    year: Option<String>,
    #[serde(default)]
    column: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    of: Vec<String>,
    #[serde(default)]
    numerator: Option<String>,
    #[serde(default)]
    denominator: Option<String>,
    #[serde(default)]
    bound: Option<String>,
    #[serde(default)]
    before: Option<String>,
    #[serde(default)]
    percent: Option<i64>,
    /// The share is our default: the source names none.
    #[serde(default, rename = "default")]
    _default: bool,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    indicators: BTreeMap<String, String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(default)]
    from: BTreeMap<String, String>,
    #[serde(default)]
    table: Option<String>,
}

/// Words for the kinds of rules.
const KINDS: &str = "units, sum, maximum, absent, at_most, share, ratio, class, zone, place, fall, jump, total, \
                     total_share, total_ratio, count, same, mean, change, of_maximum, across, absent_there, said, target";

/// The tables of a pack: each name once, rules of known kinds with their keys, indicators and tables that are there.
pub(super) fn read(
    text: &str,
    tables: &[TableText],
    codes: &BTreeSet<String>,
    problems: &mut Vec<Finding>,
) -> Vec<PublishedTable> {
    let mut found: Vec<PublishedTable> = Vec::with_capacity(tables.len());
    for table in tables {
        let name = table.name.get_ref();
        if found.iter().any(|known| known.name == *name) {
            let what = format!("таблица {name} стоит дважды; дайте одной из них другое имя");
            problems.push(at(text, table.name.span().start, what));
        }
        if table.row.is_empty() || table.title.get_ref().trim().is_empty() {
            let what = format!("у таблицы {name} нет названия или столбцов строки; напишите title = … и row = [\"…\"]");
            problems.push(at(text, table.name.span().start, what));
        }
        let mut rules = Vec::with_capacity(table.rule.len());
        for rule in &table.rule {
            match rule.read() {
                Ok(read) => {
                    for code in read.check.indicators() {
                        if !codes.contains(code) {
                            let what = format!("показателя {code} в пакете нет");
                            problems.push(at(text, rule.kind.span().start, what));
                        }
                    }
                    if let Some(other) = read.check.table()
                        && !tables.iter().any(|t| t.name.get_ref() == other)
                    {
                        let what = format!("таблицы {other} в пакете нет; опишите её: [[table]]");
                        problems.push(at(text, rule.kind.span().start, what));
                    }
                    rules.push(read);
                }
                Err(what) => problems.push(at(text, rule.kind.span().start, what)),
            }
        }
        found.push(PublishedTable {
            name: name.clone(),
            title: table.title.get_ref().clone(),
            row: table.row.clone(),
            unit: table.unit.clone(),
            year: table.year.clone(),
            periods: table.periods.clone(),
            total: table.total.clone(),
            rules,
        });
    }
    found
}

impl RuleText {
    fn read(&self) -> Result<Rule, String> {
        let severity = match &self.severity {
            None if self.kind.get_ref() == "jump" => Severity::Warning,
            None => Severity::Error,
            Some(said) => Severity::from_code(said.get_ref())
                .ok_or_else(|| format!("severity «{}» не бывает; есть: error, warning, note", said.get_ref()))?,
        };
        Ok(Rule {
            check: self.check()?,
            severity,
            rows: self.rows.clone(),
            note_where: self.note_where.clone(),
            optional: self.optional,
        })
    }

    fn check(&self) -> Result<Check, String> {
        let lacks = |key: &str| format!("правилу {} нужен ключ {key}; допишите его", self.kind.get_ref());
        let one = |key: &str, said: &Option<String>| said.clone().ok_or_else(|| lacks(key));
        let some = |key: &str, said: &[String]| match said {
            [] => Err(lacks(key)),
            said => Ok(said.to_vec()),
        };
        let map = |key: &str, said: &BTreeMap<String, String>| match said.is_empty() {
            true => Err(lacks(key)),
            false => Ok(said.clone()),
        };
        let column = || one("column", &self.column);
        let parts = || {
            Ok::<_, String>(Parts {
                numerator: one("numerator", &self.numerator)?,
                denominator: one("denominator", &self.denominator)?,
            })
        };
        Ok(match self.kind.get_ref().as_str() {
            "units" => Check::Units,
            "sum" => Check::Sum {
                of: some("of", &self.of)?,
                column: column()?,
            },
            "maximum" => Check::Maximum(map("indicators", &self.indicators)?),
            "absent" => Check::Absent {
                of: some("of", &self.of)?,
                column: column()?,
            },
            "at_most" => Check::AtMost {
                column: column()?,
                bound: one("bound", &self.bound)?,
            },
            "share" => Check::Share {
                column: column()?,
                of: parts()?,
            },
            "ratio" => Check::Ratio {
                column: column()?,
                of: parts()?,
            },
            "class" => Check::Class {
                column: column()?,
                of: self.of.first().cloned().ok_or_else(|| lacks("of"))?,
                indicator: one("indicator", &self.indicator)?,
            },
            "zone" => Check::Zone {
                column: column()?,
                words: self.words.clone(),
            },
            "place" => Check::Place {
                column: column()?,
                words: map("words", &self.words)?,
            },
            "fall" => Check::Fall {
                column: column()?,
                before: one("before", &self.before)?,
                percent: self.percent.ok_or_else(|| lacks("percent"))?,
            },
            "jump" => Check::Jump {
                columns: some("columns", &self.columns)?,
                before: self.before.clone(),
                percent: match self.percent {
                    None => jump::DEFAULT_PERCENT,
                    Some(percent) if (1..=jump::LARGEST).contains(&percent) => percent,
                    Some(_) => return Err(format!("percent: целое число от 1 до {}", jump::LARGEST)),
                },
            },
            "total" => Check::Total(some("columns", &self.columns)?),
            "total_share" => Check::TotalShare {
                column: column()?,
                of: parts()?,
            },
            "total_ratio" => Check::TotalRatio {
                column: column()?,
                of: parts()?,
            },
            "count" => Check::Count {
                column: column()?,
                by: one("by", &self.by)?,
            },
            "same" => Check::Same {
                column: column()?,
                by: one("by", &self.by)?,
            },
            "mean" => Check::Mean {
                columns: some("columns", &self.columns)?,
                from: map("from", &self.from)?,
                table: one("table", &self.table)?,
                of: some("of", &self.of)?,
            },
            "change" => Check::Change {
                columns: some("columns", &self.columns)?,
                from: map("from", &self.from)?,
            },
            "of_maximum" => Check::OfMaximum {
                indicators: map("indicators", &self.indicators)?,
                from: map("from", &self.from)?,
            },
            "across" => Check::Across {
                columns: some("columns", &self.columns)?,
                table: one("table", &self.table)?,
            },
            "absent_there" => Check::AbsentThere {
                column: column()?,
                table: one("table", &self.table)?,
                of: some("of", &self.of)?,
                year: one("year", &self.year)?,
            },
            "said" => Check::Said {
                column: column()?,
                by: one("by", &self.by)?,
                words: map("words", &self.words)?,
            },
            "target" => Check::Target {
                column: column()?,
                by: one("by", &self.by)?,
                indicators: map("indicators", &self.indicators)?,
            },
            other => return Err(format!("правила {other} нет; есть: {KINDS}")),
        })
    }
}
