//! The workbook of an edition: made once, at the release, and kept as it is. It says no moment but that of the release.

use super::content::Units;
use super::model::Edition;
use super::values::{self, Row, at};
use crate::error::Error;
use crate::exchange::list_file::{FileCell, FileTable, workbook};
use crate::indicators::Pack;
use crate::units::UnitKind;

const HEAD: [&str; 14] = [
    "Показатель",
    "Наименование",
    "Разрез",
    "Код единицы",
    "Единица",
    "Вид единицы",
    "Числитель",
    "Знаменатель",
    "Значение",
    "Баллы",
    "Уровень",
    "План",
    "Подано",
    "Подано минус рассчитано",
];

/// The workbook: values of the region and its municipalities, of organisations, and what the edition is.
///
/// # Errors
/// A sheet does not hold it.
pub fn made(edition: &Edition, pack: &Pack, units: &Units, rows: &[Row], zone_hours: i32) -> Result<Vec<u8>, Error> {
    let at = edition.released_at + chrono::Duration::hours(i64::from(zone_hours));
    let about = format!(
        "Выпуск № {} · {} · {} · {} · выпущен {} · {}",
        edition.number,
        edition.title,
        pack.title,
        edition.period,
        at.format("%d.%m.%Y %H:%M"),
        edition.released_by
    );
    let of = |organisations: bool| -> Vec<Vec<FileCell>> {
        let fits = |row: &&Row| (units.kind(row.unit()) == Some(UnitKind::Organisation)) == organisations;
        rows.iter().filter(fits).map(|row| cells(pack, units, row)).collect()
    };
    let (above, schools) = (of(false), of(true));
    let said = |what: &str, says: String| vec![FileCell::from(what.to_owned()), FileCell::from(says)];
    let told = vec![
        said("Номер выпуска", edition.number.to_string()),
        said("Название", edition.title.clone()),
        said(
            "Методика",
            format!("{} ({}), версия {}", pack.title, pack.code, edition.pack_version),
        ),
        said("Отпечаток методики", edition.pack_digest.clone()),
        said("Период", edition.period.clone()),
        said("По состоянию на", edition.as_of.format("%d.%m.%Y").to_string()),
        said("По сведениям на", at.format("%d.%m.%Y %H:%M").to_string()),
        said("Выпустил", edition.released_by.clone()),
    ];
    let tables = [
        table("Показатели", &HEAD, &above),
        table("Организации", &HEAD, &schools),
        table("О выпуске", &["Что", "Значение"], &told),
    ];
    workbook(&about, at.date(), &tables)
}

fn table<'a>(title: &'a str, head: &[&'a str], rows: &'a [Vec<FileCell>]) -> FileTable<'a> {
    FileTable {
        title,
        head: head.to_vec(),
        rows,
    }
}

fn cells(pack: &Pack, units: &Units, row: &Row) -> Vec<FileCell> {
    let indicator = pack.indicator(row.indicator());
    let words = |text: &str| FileCell::from(text.to_owned());
    let number = |place: usize| row.milli(place).map_or(FileCell::Nothing, FileCell::Milli);
    let points = match row.milli(at::POINTS) {
        Some(milli) => FileCell::Milli(milli),
        None => values::points(row.cell(at::POINTS)).into(),
    };
    vec![
        words(row.indicator()),
        words(indicator.map_or("", |i| i.title.as_str())),
        words(row.breakdown().map_or("", |(_, of)| of)),
        words(row.unit()),
        words(row.cell(at::UNIT_NAME)),
        words(units.kind(row.unit()).map_or("", UnitKind::label)),
        number(at::NUMERATOR),
        number(at::DENOMINATOR),
        number(at::VALUE),
        points,
        values::level(indicator, units, row.cell(at::ZONE)).into(),
        number(at::TARGET),
        number(at::REPORTED),
        number(at::DIFFERENCE),
    ]
}
