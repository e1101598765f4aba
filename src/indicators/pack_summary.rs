//! Summary tables of a system, as its pack describes them: what has a row, what stands in the columns, how the rows are
//! grouped and what stands below them. What is counted stands in the indicators alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::classes;
use super::formula::Formula;
use super::pack::Indicator;
use super::pack_tables::PublishedTable;
use crate::finding::{Finding, at};
use crate::text_enum;

text_enum! {
    /// What has a row.
    SummaryRows {
        Municipality = "municipality" "муниципалитеты",
        Zone = "zone" "зоны",
        Indicators = "indicators" "показатели",
    }
}

text_enum! {
    /// What stands in a column.
    SummaryCell {
        Value = "value" "значение",
        Points = "points" "баллы",
        Numerator = "numerator" "в числителе",
        Denominator = "denominator" "в знаменателе",
        Target = "target" "цель",
        Deviation = "deviation" "отклонение от цели",
        Met = "met" "цель достигнута",
        Change = "change" "изменение за период",
        Level = "level" "уровень",
        Zone = "zone" "округ",
    }
}

text_enum! {
    /// What stands below the rows.
    SummaryTotal {
        Whole = "whole" "всё вместе",
        Sum = "sum" "сумма баллов",
        Mean = "mean" "средний балл",
        Change = "change" "изменение среднего за период",
        OfMaximum = "of_maximum" "средний от наибольшего, %",
    }
}

/// The period of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryPeriod {
    /// The one that is looked at.
    This,
    /// The one before it.
    Previous,
    /// One of that name: of a target alone.
    Named(String),
}

/// A table ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryTable {
    /// Code within the pack.
    pub code: String,
    /// Title.
    pub title: String,
    /// What is said above it; empty for nothing.
    pub note: String,
    /// What has a row.
    pub rows: SummaryRows,
    /// The indicators of the rows, where these are indicators.
    pub indicators: Vec<String>,
    /// The indicator whose levels part the units.
    pub group: Option<String>,
    /// Whether indicators stand by their tasks.
    pub by_task: bool,
    /// Whether units stand by the first value, the largest first; by name otherwise.
    pub by_value: bool,
    /// Whether each unit has a row for the period before and one for this.
    pub two_years: bool,
    /// Columns in their order.
    pub columns: Vec<SummaryColumn>,
    /// What stands below, in its order.
    pub totals: Vec<SummaryTotal>,
    /// The table in which those totals were published.
    pub published: Option<PublishedTotals>,
    /// Indicators whose levels are listed with their units.
    pub lists: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryColumn {
    /// Head; `{this}` and `{previous}` stand for periods.
    pub title: String,
    /// The indicator, where rows are units.
    pub indicator: Option<String>,
    /// What of it.
    pub cell: SummaryCell,
    /// Of which period.
    pub period: SummaryPeriod,
    /// The column of the published totals.
    pub published: Option<String>,
}

/// Where totals were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTotals {
    /// The table of the pack.
    pub table: String,
    /// What stands in the first of its columns of rows, by total.
    pub rows: BTreeMap<SummaryTotal, String>,
}

impl SummaryTable {
    /// Whether something of the period before stands in it.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        let back = |c: &SummaryColumn| c.period == SummaryPeriod::Previous || c.cell == SummaryCell::Change;
        self.two_years || self.columns.iter().any(back) || self.totals.contains(&SummaryTotal::Change)
    }

    /// In words, for the difference of versions.
    #[must_use]
    pub fn said(&self) -> String {
        let column = |of: &SummaryColumn| {
            let period = match &of.period {
                SummaryPeriod::This => String::new(),
                SummaryPeriod::Previous => ", прошлый период".to_owned(),
                SummaryPeriod::Named(name) => format!(", {name}"),
            };
            let code = of.indicator.as_deref().unwrap_or("строка");
            let beside = of
                .published
                .as_ref()
                .map_or_else(String::new, |p| format!(", рядом {p}"));
            format!("{} = {code} {}{period}{beside}", of.title, of.cell.label())
        };
        let mut parts = vec![format!("строки: {}", self.rows.label())];
        if !self.indicators.is_empty() {
            parts.push(self.indicators.join(" "));
        }
        let yes = [
            (self.by_task, "по задачам"),
            (self.by_value, "по убыванию"),
            (self.two_years, "за два периода"),
        ];
        parts.extend(yes.iter().filter(|(yes, _)| *yes).map(|(_, said)| (*said).to_owned()));
        parts.extend(self.group.as_ref().map(|of| format!("группы по {of}")));
        parts.push(self.columns.iter().map(column).collect::<Vec<_>>().join(", "));
        let totals: Vec<&str> = self.totals.iter().map(|t| t.label()).collect();
        if !totals.is_empty() {
            parts.push(format!("итоги: {}", totals.join(", ")));
        }
        if let Some(of) = &self.published {
            let rows: Vec<String> = of
                .rows
                .iter()
                .map(|(t, row)| format!("{} = {row}", t.label()))
                .collect();
            parts.push(format!("опубликовано: {} ({})", of.table, rows.join(", ")));
        }
        if !self.lists.is_empty() {
            parts.push(format!("списки: {}", self.lists.join(" ")));
        }
        if !self.note.is_empty() {
            parts.push(self.note.clone());
        }
        format!("{} {}: {}", self.code, self.title, parts.join("; "))
    }
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryText {
    code: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    note: String,
    rows: Spanned<String>,
    #[serde(default)]
    indicators: Vec<Spanned<String>>,
    #[serde(default)]
    group: Option<Spanned<String>>,
    #[serde(default)]
    sort: Option<Spanned<String>>,
    #[serde(default)]
    two_years: bool,
    columns: Vec<Spanned<ColumnText>>,
    #[serde(default)]
    total: Vec<Spanned<String>>,
    #[serde(default)]
    published: Option<Spanned<PublishedText>>,
    #[serde(default)]
    lists: Vec<Spanned<String>>,
}

/// A column as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnText {
    title: String,
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    is: Option<String>,
    #[serde(default)]
    period: Option<String>,
    #[serde(default)]
    published: Option<String>,
}

/// Where totals were published, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishedText {
    table: String,
    #[serde(default)]
    rows: BTreeMap<String, String>,
}

/// What the tables speak of.
pub(super) struct Known<'a> {
    /// The text, for places.
    pub text: &'a str,
    /// The indicators that read.
    pub indicators: &'a [Indicator],
    /// The codes of all that stand in the text.
    pub codes: &'a BTreeSet<String>,
    /// Names of its periods, those of targets too.
    pub years: BTreeSet<&'a str>,
    /// Its published tables.
    pub tables: &'a [PublishedTable],
}

impl Known<'_> {
    fn wrong(&self, problems: &mut Vec<Finding>, place: usize, what: impl std::fmt::Display) {
        problems.push(at(self.text, place, what));
    }

    fn of(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.code == code)
    }

    /// An indicator that is named must be there; one whose own text does not read is named there.
    fn ask(&self, problems: &mut Vec<Finding>, place: usize, code: &str) {
        if !self.codes.contains(code) {
            let what = format!("показателя {code} в пакете нет; исправьте код");
            self.wrong(problems, place, what);
        }
    }

    /// Units can be parted by the levels of an indicator, or by what a unit is.
    fn ask_levels(&self, problems: &mut Vec<Finding>, of: &Spanned<String>) {
        let code = of.get_ref();
        self.ask(problems, of.span().start, code);
        let parts = |i: &Indicator| !classes::levels(i).is_empty() || is_attribute(i);
        if self.of(code).is_some_and(|i| !parts(i)) {
            let what = format!("у показателя {code} нет ни зон, ни шкалы: по нему не разделить; допишите ему zones");
            self.wrong(problems, of.span().start, what);
        }
    }
}

fn is_attribute(of: &Indicator) -> bool {
    matches!(of.formula, Some(Formula::Attribute(_)))
}

/// Whether points are given, which may be summed over units: nothing else may, shares least of all.
#[must_use]
pub fn of_points(indicator: &Indicator) -> bool {
    matches!(
        indicator.formula,
        Some(Formula::Expert { .. } | Formula::SumPoints { percent: false, .. })
    )
}

/// The words of an enumeration, for advice.
fn words(all: &[&str]) -> String {
    all.join(", ")
}

/// The summary tables of a pack: each once, with columns and rows of what there is.
pub(super) fn read(known: &Known<'_>, tables: &[SummaryText], problems: &mut Vec<Finding>) -> Vec<SummaryTable> {
    let mut found: Vec<SummaryTable> = Vec::with_capacity(tables.len());
    for of in tables {
        let (code, place) = (of.code.get_ref(), of.code.span().start);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if code.is_empty() || !code.chars().all(plain) {
            let what = "код сводной таблицы: строчные латинские буквы, цифры, «_»; исправьте его";
            known.wrong(problems, place, what);
        }
        if found.iter().any(|before| before.code == *code) {
            let what = format!("сводная таблица {code} стоит дважды; дайте одной из них другой код");
            known.wrong(problems, place, what);
        }
        if of.title.get_ref().trim().is_empty() {
            let what = format!("у сводной таблицы {code} пустое название; напишите его");
            known.wrong(problems, of.title.span().start, what);
        }
        let rows = SummaryRows::from_code(of.rows.get_ref()).unwrap_or_else(|| {
            let known_words = words(&SummaryRows::ALL.iter().map(|r| r.code()).collect::<Vec<_>>());
            let what = format!("rows «{}» не бывает; есть: {known_words}", of.rows.get_ref());
            known.wrong(problems, of.rows.span().start, what);
            SummaryRows::Municipality
        });
        let of_indicators = rows == SummaryRows::Indicators;
        let columns = columns(known, of, of_indicators, problems);
        rows_of(known, of, of_indicators, problems);
        if of_indicators && (of.two_years || !of.total.is_empty() || !of.lists.is_empty()) {
            let what = "two_years, total и lists — у таблиц, где строки – единицы; уберите их";
            known.wrong(problems, place, what);
        }
        let totals = totals(known, of, &columns, problems);
        for list in &of.lists {
            known.ask_levels(problems, list);
        }
        found.push(SummaryTable {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            note: of.note.clone(),
            rows,
            indicators: of.indicators.iter().map(|i| i.get_ref().clone()).collect(),
            group: of
                .group
                .as_ref()
                .map(|g| g.get_ref().clone())
                .filter(|_| !of_indicators),
            by_task: of_indicators && of.group.is_some(),
            by_value: of.sort.as_ref().is_some_and(|s| s.get_ref() == "value"),
            two_years: of.two_years,
            columns,
            totals,
            published: published(known, of, problems),
            lists: of.lists.iter().map(|l| l.get_ref().clone()).collect(),
        });
    }
    found
}

/// What has rows and how they stand: indicators of the pack, each once, or units.
fn rows_of(known: &Known<'_>, of: &SummaryText, of_indicators: bool, problems: &mut Vec<Finding>) {
    let code = of.code.get_ref();
    let mut seen = BTreeSet::new();
    for one in &of.indicators {
        known.ask(problems, one.span().start, one.get_ref());
        if !seen.insert(one.get_ref()) {
            let what = format!(
                "показатель {} стоит в таблице {code} дважды; уберите один",
                one.get_ref()
            );
            known.wrong(problems, one.span().start, what);
        }
    }
    if of_indicators == of.indicators.is_empty() {
        let what = if of_indicators {
            format!("у таблицы {code} нет строк; назовите показатели: indicators = [\"…\"]")
        } else {
            format!("строки таблицы {code} – единицы: indicators у неё нет; назовите показатели в columns")
        };
        known.wrong(problems, of.rows.span().start, what);
    }
    match &of.group {
        Some(group) if of_indicators && group.get_ref() != "task" => {
            let what = "group показателей бывает одна: task";
            known.wrong(problems, group.span().start, what);
        }
        Some(group) if !of_indicators => known.ask_levels(problems, group),
        _ => {}
    }
    if let Some(sort) = &of.sort
        && (of_indicators || !matches!(sort.get_ref().as_str(), "name" | "value"))
    {
        let what = "sort: name или value, и только у таблиц, где строки – единицы";
        known.wrong(problems, sort.span().start, what);
    }
}

fn columns(
    known: &Known<'_>,
    of: &SummaryText,
    of_indicators: bool,
    problems: &mut Vec<Finding>,
) -> Vec<SummaryColumn> {
    let mut found = Vec::with_capacity(of.columns.len());
    for column in &of.columns {
        let (place, text) = (column.span().start, column.get_ref());
        let mut wrong = |what: String| known.wrong(problems, place, what);
        if text.title.trim().is_empty() {
            wrong("у столбца пустое название; напишите title = …".to_owned());
        }
        let said = text.is.as_deref().unwrap_or("value");
        let cell = SummaryCell::from_code(said).unwrap_or_else(|| {
            let all = words(&SummaryCell::ALL.iter().map(|c| c.code()).collect::<Vec<_>>());
            wrong(format!("is «{said}» не бывает; есть: {all}"));
            SummaryCell::Value
        });
        let needs = !of_indicators && cell != SummaryCell::Zone;
        if needs != text.indicator.is_some() {
            wrong(if needs {
                format!("столбец «{}» ни о чём; допишите indicator = …", text.title)
            } else {
                format!(
                    "у столбца «{}» показателя быть не должно; уберите indicator",
                    text.title
                )
            });
        }
        if of_indicators && cell == SummaryCell::Zone {
            wrong("округ бывает у единицы; у строки-показателя его нет".to_owned());
        }
        let period = match text.period.as_deref() {
            None | Some("this") => SummaryPeriod::This,
            Some("previous") => SummaryPeriod::Previous,
            Some(named) => {
                if !known.years.contains(named) {
                    wrong(format!(
                        "периода {named} в пакете нет; исправьте его или допишите в years"
                    ));
                } else if cell != SummaryCell::Target {
                    wrong(format!(
                        "период {named} называют только у цели; напишите this или previous"
                    ));
                }
                SummaryPeriod::Named(named.to_owned())
            }
        };
        if of.two_years && period != SummaryPeriod::This {
            wrong("при two_years период стоит в строке; уберите period у столбца".to_owned());
        }
        if let Some(code) = &text.indicator {
            known.ask(problems, place, code);
        }
        found.push(SummaryColumn {
            title: text.title.clone(),
            indicator: text.indicator.clone(),
            cell,
            period,
            published: text.published.clone(),
        });
    }
    if found.is_empty() {
        let what = format!("у таблицы {} нет столбцов; допишите columns = […]", of.code.get_ref());
        known.wrong(problems, of.code.span().start, what);
    }
    found
}

/// Totals: sums and means are of points, nothing else is added up.
fn totals(
    known: &Known<'_>,
    of: &SummaryText,
    columns: &[SummaryColumn],
    problems: &mut Vec<Finding>,
) -> Vec<SummaryTotal> {
    let codes = columns.iter().filter_map(|c| c.indicator.as_deref());
    let read: Vec<&Indicator> = codes.filter_map(|code| known.of(code)).collect();
    let points = read.iter().any(|i| of_points(i));
    let mut found = Vec::new();
    for said in &of.total {
        let place = said.span().start;
        let Some(total) = SummaryTotal::from_code(said.get_ref()) else {
            let all = words(&SummaryTotal::ALL.iter().map(|t| t.code()).collect::<Vec<_>>());
            known.wrong(
                problems,
                place,
                format!("total «{}» не бывает; есть: {all}", said.get_ref()),
            );
            continue;
        };
        if total != SummaryTotal::Whole && !points && !read.is_empty() {
            let what = format!(
                "{}: складывают только баллы, а их в таблице нет; напишите whole",
                said.get_ref()
            );
            known.wrong(problems, place, what);
        }
        if found.contains(&total) {
            known.wrong(
                problems,
                place,
                format!("total {} стоит дважды; уберите один", said.get_ref()),
            );
        }
        found.push(total);
    }
    found
}

fn published(known: &Known<'_>, of: &SummaryText, problems: &mut Vec<Finding>) -> Option<PublishedTotals> {
    let said = of.published.as_ref()?;
    let (place, text) = (said.span().start, said.get_ref());
    if !known.tables.iter().any(|t| t.name == text.table) {
        let what = format!("таблицы {} в пакете нет; опишите её: [[table]]", text.table);
        known.wrong(problems, place, what);
    }
    let mut rows = BTreeMap::new();
    for (total, row) in &text.rows {
        match SummaryTotal::from_code(total) {
            Some(total) => drop(rows.insert(total, row.clone())),
            None => known.wrong(problems, place, format!("total «{total}» не бывает; исправьте его")),
        }
    }
    Some(PublishedTotals {
        table: text.table.clone(),
        rows,
    })
}
