//! The cycle of the demo in progress: acts of this year and of years before, one that replaces another, a document that came
//! too early, and marks of the calendar.

use chrono::{NaiveDate, TimeDelta};

use super::accounts;
use super::people::municipality_code;
use crate::access::by::By;
use crate::activity::Level;
use crate::app::App;
use crate::cycle::regulation::{self, Content, Kept, OfCycle, Regulation};
use crate::cycle::task::{self, Key, Said};
use crate::db::Tx;
use crate::error::Error;
use crate::indicators::pack;
use crate::units::{self, Period, PeriodKind, UnitId};

/// The pack that the region follows.
const PACK: &str = "tyumen";
/// Who keeps the acts.
const KEEPER: &str = "operator";

/// An act: kind, number, days after the first of September, title, stage.
type Laid = (&'static str, &'static str, i64, &'static str, Option<&'static str>);

/// Acts of the year that runs.
const NOW: &[Laid] = &[
    ("concept", "31-к", 2, "О развитии методической работы", Some("goals")),
    (
        "indicator_list",
        "412-п",
        9,
        "Показатели методической работы на год",
        Some("indicators"),
    ),
    (
        "procedure",
        "420-п",
        16,
        "Как собирают и проверяют сведения",
        Some("methods"),
    ),
    // The measures stand before anything was analysed.
    (
        "measures",
        "455-п",
        30,
        "Меры поддержки служб с низкими итогами",
        Some("actions"),
    ),
    ("protocol", "7", 45, "Заседание методического актива", None),
];

/// Acts of the year before: its cycle is whole but for the last stage.
const BEFORE: &[Laid] = &[
    (
        "order",
        "501-п",
        270,
        "Об экспертизе методических служб",
        Some("monitoring"),
    ),
    (
        "report",
        "12-а",
        310,
        "Аналитическая справка о методических службах",
        Some("analysis"),
    ),
    (
        "recommendations",
        "640-р",
        330,
        "Рекомендации методическим службам",
        Some("recommendations"),
    ),
];

/// Writes the acts and marks.
///
/// # Errors
/// Those of the database.
pub async fn keep(app: &App) -> Result<(), Error> {
    let (key, zone) = (app.keys.audit.clone(), TimeDelta::hours(app.config.zone_hours.into()));
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        tell(tx, &by)
    };
    app.db.write(write).await
}

fn tell(tx: &mut Tx<'_>, by: &By) -> Result<(), Error> {
    let today = tx.today();
    let year = |day: NaiveDate| Period::of_day(PeriodKind::AcademicYear, day).and_then(|code| Period::parse(&code));
    let Some(now) = year(today) else { return Ok(()) };
    let Some(before) = year(now.starts_on - TimeDelta::days(1)) else {
        return Ok(());
    };
    // What holds for many years: a federal act, and a statute that took the place of an older one.
    let federal = Content {
        level: Level::Federal,
        issuer: Some("Министерство просвещения".into()),
        is_public: true,
        ..act(
            by.region,
            "direction",
            "Р-174",
            before.starts_on - TimeDelta::days(500),
            "О системе методического сопровождения",
        )
    };
    add(tx, by, &federal)?;
    let old = act(
        by.region,
        "statute",
        "9-п",
        before.starts_on - TimeDelta::days(400),
        "Положение о методической службе",
    );
    let old = add(tx, by, &old)?;
    let statute = Content {
        replaces: old,
        is_public: true,
        of_cycle: cycle(&now, "goals"),
        ..act(
            by.region,
            "statute",
            "388-п",
            now.starts_on,
            "Положение о методической службе, новая редакция",
        )
    };
    add(tx, by, &statute)?;
    let mut order = None;
    for (period, laid) in [(&before, BEFORE), (&now, NOW)] {
        for (kind, number, days, title, stage) in laid {
            let on = period.starts_on + TimeDelta::days(*days);
            if on > today {
                continue;
            }
            let said = Content {
                is_public: *kind != "protocol",
                of_cycle: stage.and_then(|stage| cycle(period, stage)),
                ..act(by.region, kind, number, on, title)
            };
            let kept = add(tx, by, &said)?;
            order = kept.filter(|act| act.kind == "order").or(order);
        }
    }
    let tree = units::store::tree(tx.conn(), today, None)?;
    for m in 0..4 {
        let Some(unit) = tree.by_code(&municipality_code(m)).map(|unit| unit.id) else {
            continue;
        };
        let number = format!("{}-м", 20 + m);
        let said = act(
            unit,
            "plan",
            &number,
            now.starts_on + TimeDelta::days(5),
            "План методической службы",
        );
        let said = Content {
            level: Level::Municipal,
            ..said
        };
        let plan = (said.issued_on <= today)
            .then(|| add(tx, by, &said))
            .transpose()?
            .flatten();
        if m < 3 {
            mark(tx, by, ("E2", unit), &now, plan)?;
        }
    }
    mark(tx, by, ("E1", by.region), &before, order)
}

fn cycle(period: &Period, stage: &str) -> Option<OfCycle> {
    Some(OfCycle {
        pack: PACK.into(),
        period: period.code.clone(),
        stage: stage.into(),
    })
}

fn act(unit: UnitId, kind: &str, number: &str, on: NaiveDate, title: &str) -> Content {
    Content {
        unit_id: unit,
        body_id: None,
        issuer: None,
        level: Level::Regional,
        kind: kind.into(),
        number: number.into(),
        issued_on: on,
        title: title.into(),
        valid_from: on,
        last: None,
        replaces: None,
        link: Some(format!("https://docs.example/{}", on.format("%Y-%m-%d"))),
        is_public: false,
        of_cycle: None,
    }
}

fn add(tx: &mut Tx<'_>, by: &By, said: &Content) -> Result<Option<Regulation>, Error> {
    match regulation::add(tx, by, said)? {
        Kept::Written(id) => Ok(regulation::find(tx.conn(), by.region, id)?),
        Kept::Refused(_, refusal) => Err(refusal.into()),
    }
}

/// Marks what begins in a period as done by an act.
fn mark(
    tx: &mut Tx<'_>,
    by: &By,
    (item, unit): (&str, UnitId),
    period: &Period,
    shows: Option<Regulation>,
) -> Result<(), Error> {
    let read = pack::embedded(PACK)?;
    let item = read.calendar.iter().find(|known| known.code == item);
    let time = item.and_then(|item| item.in_period(period).into_iter().next());
    let (Some(item), Some(time), Some(shows)) = (item, time, shows) else {
        return Ok(());
    };
    let last = time.days.map_or(shows.issued_on, |(_, last)| last);
    if last > tx.today() {
        return Ok(());
    }
    let key = Key {
        pack: PACK.into(),
        item: item.code.clone(),
        occurrence: time.key,
        unit,
    };
    let said = Said {
        on: last,
        regulation: Some(shows.id),
        link: None,
    };
    task::mark(tx, by, (item, &key), 0, &said).map(|_| ())
}
