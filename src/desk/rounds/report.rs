//! The report of a unit in a campaign as a round trip: a row is a field of its form. It is saved, never sent.

use chrono::NaiveDate;

use crate::activity::by::By;
use crate::cycle::report_acts::{self, Doing};
use crate::cycle::report_form::{Finding, Line, Of, findings};
use crate::db::{AnyConn, Tx};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::missing;
use crate::desk::reports::own_fields::{self, as_typed, known, own_names};
use crate::desk::reports::own_rows::{self, Own};
use crate::desk::rounds::list::{Merged, Rounds, Told};
use crate::error::{Error, Refusal};
use crate::exchange::round::{Holds, RoundColumn, RoundRow};
use crate::indicators::pack_tables::Severity;
use crate::planted;
use crate::web::Visitor;
use crate::web::call::Fields;

/// What stands in a field that asks for a yes or a no.
const YES_NO: &[&str] = &["да", "нет", "–"];

/// A report of the visitor's unit.
pub(super) struct List {
    own: Own,
    columns: Vec<RoundColumn>,
    rows: Vec<RoundRow>,
}

fn columns() -> Vec<RoundColumn> {
    let (read, edited) = (RoundColumn::read, RoundColumn::edited);
    vec![
        read("title", "Что подаётся"),
        read("unit", "Единица измерения"),
        read("known", "Рассчитано или известно"),
        edited("value", "Подано", Holds::Value)
            .hint("Число; «да» или «нет»; «–», если значения нет. Пусто: не представлено"),
        edited("of", "Из скольких", Holds::Value).hint("Только у долей"),
        edited("why", "Объяснение расхождения", Holds::Words),
        edited("link", "Ссылка на подтверждение", Holds::Words),
    ]
}

/// A field of the form as a row.
fn row(columns: &[RoundColumn], line: &Line<'_>, version: i32) -> RoundRow {
    let (value, below) = as_typed(line, line.stands());
    let why = line.said.as_ref().and_then(|said| said.explanation.clone());
    let unit = match &line.of {
        Of::Measure(of) => of.unit.map_or("", |unit| unit.label()),
        Of::Indicator(_) | Of::Gone => "",
    };
    let cells = [
        line.title(),
        unit.to_owned(),
        known(line),
        value,
        below,
        why.unwrap_or_default(),
        line.link().unwrap_or_default(),
    ];
    RoundRow {
        key: line.field.code.clone(),
        version,
        named: line.title(),
        cells: columns
            .iter()
            .zip(&cells)
            .map(|(column, cell)| column.plain(cell))
            .collect(),
        own: if line.is_yes_no() {
            vec![(3, YES_NO)]
        } else {
            Vec::new()
        },
    }
}

impl List {
    /// Reads it as its page does.
    ///
    /// # Errors
    /// It is not the visitor's, not with the unit now, or its window is over; those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, of: &str) -> Result<Self, Error> {
        let id = of.parse().map_err(|_| missing())?;
        let own = own_rows::find(c, visitor, Some(id), today)?.ok_or_else(missing)?;
        if !own.report.state.is_with_unit() {
            let state = own.report.state.label();
            return Err(Refusal::new("cycle.with_others").with("state", state).into());
        }
        if let Some(refusal) = own.report.shut(&own.campaign, today) {
            return Err(refusal.into());
        }
        if own.gathered.is_none() {
            return Err(Refusal::new("cycle.no_pack").into());
        }
        let columns = columns();
        let lines = own.lines();
        let rows = lines
            .iter()
            .map(|line| row(&columns, line, own.report.version))
            .collect();
        drop(lines);
        Ok(Self { columns, rows, own })
    }

    /// The fields of the form of some rows.
    fn fields(&self, rows: &[Merged]) -> Fields {
        let mut fields = Fields::default();
        for row in rows {
            let value = |name: &str| {
                let at = self.columns.iter().position(|column| column.name == name);
                at.and_then(|at| row.values.get(at)).cloned().unwrap_or_default()
            };
            let said = if planted!("computed_typed_in") && row.changed.contains(&"known") {
                value("known")
            } else {
                value("value")
            };
            let values = [said, value("of"), value("link"), value("why")];
            fields.0.extend(own_names(&row.key).into_iter().zip(values));
        }
        fields
    }
}

impl Rounds for List {
    fn columns(&self) -> &[RoundColumn] {
        &self.columns
    }

    fn rows(&self) -> &[RoundRow] {
        &self.rows
    }

    fn no_new(&self) -> Option<&'static str> {
        Some("Полей в отчёте столько, сколько просит кампания: строку без ключа уберите.")
    }

    fn about(&self) -> Option<(String, NaiveDate)> {
        let (own, of) = (&self.own, &self.own.campaign);
        let about = format!("{} · {} · {}", own.unit.name, of.title, of.period);
        Some((about, own.report.locks_on(of)))
    }

    fn wrong(&self, row: &Merged) -> Vec<Wrong> {
        let lines = self.own.lines();
        let Some(line) = lines.iter().find(|line| line.field.code == row.key) else {
            return Vec::new();
        };
        let fields = self.fields(std::slice::from_ref(row));
        let [value, below, link, why] = own_names(&row.key);
        let said = |name: &str| fields.get(name).unwrap_or_default();
        let mut wrong: Vec<Wrong> = Vec::new();
        if !line.is_share() && !said(&below).is_empty() {
            wrong.push((
                "of",
                "Здесь подают одно число: впишите его в «Подано», а эту ячейку очистите.".into(),
            ));
        }
        // An emptied field goes back to what the platform knows: said so, not done behind one's back.
        if row.changed.contains(&"value") && said(&value).is_empty() && line.prefilled().is_some() {
            let text = "Пусто здесь не подают: чтобы вернуть число платформы, сотрите его на странице отчёта; чтобы подать, что значения \
                        нет, впишите «–».";
            wrong.push(("value", text.into()));
        }
        let mut told = Vec::new();
        let _typed = own_fields::typed(&lines, &fields, &mut told);
        wrong.extend(told.into_iter().map(|(field, text)| {
            let column = match field {
                field if field == below => "of",
                field if field == link => "link",
                field if field == why => "why",
                _ => "value",
            };
            (column, text)
        }));
        wrong
    }

    fn told(&self, rows: &[Merged]) -> Vec<Told> {
        if planted!("trial_without_findings") {
            return Vec::new();
        }
        let tolerance = self.own.campaign.tolerance_milli;
        let before = self.own.lines();
        let mut after = before.clone();
        // What is wrong with the cells themselves is told with their rows.
        for (code, said) in own_fields::typed(&before, &self.fields(rows), &mut Vec::new()) {
            if let Some(line) = after.iter_mut().find(|line| line.field.code == code) {
                line.said = Some(said).filter(|said| said.parts.is_some());
            }
        }
        let known = findings(&before, tolerance);
        let brought = |f: &Finding| rows.iter().any(|row| row.key == f.field) || !known.contains(f);
        let told = findings(&after, tolerance)
            .into_iter()
            .filter(|f| f.severity != Severity::Note);
        told.filter(brought)
            .map(|f| Told {
                then: if f.severity == Severity::Error {
                    "не пройдёт"
                } else {
                    "пройдёт"
                },
                key: f.field,
                named: f.title,
                value: f.reported,
                text: f.said,
            })
            .collect()
    }

    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)> {
        let at = |e: Error| (rows.first().map_or(0, |row| row.number), e);
        let mut wrong = Vec::new();
        let typed = own_fields::typed(&self.own.lines(), &self.fields(rows), &mut wrong);
        if !wrong.is_empty() {
            return Err(at(Error::form_changed()));
        }
        let doing = Doing {
            by: by.clone(),
            id: self.own.report.id,
            seen: self.own.report.version,
        };
        report_acts::save(tx, &doing, typed).map(drop).map_err(at)
    }
}
