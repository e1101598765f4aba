//! «Почему изменилось»: the parts of a difference between two days, each number with its list.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::change_rows::{self as rows, Asked, Between, Compared};
use crate::desk::indicators::figures::{self, crumbs, find_one, page_of, period_name};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::file;
use crate::desk::indicators::words;
use crate::desk::list::List;
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::registers::file as register_file;
use crate::error::{Error, Refusal};
use crate::indicators::change::{Explained, Part};
use crate::indicators::change_list::Row;
use crate::indicators::contributions::counted;
use crate::indicators::evaluate::Fraction;
use crate::indicators::formula::Formula;
use crate::indicators::{Cause, Indicator};
use crate::pages::parts::{Cell, Column, Empty, Figure, Hidden, Link, Paging, Problem, Register};
use crate::pages::text::{NOTHING, capital, count, date, number, typed_day};
use crate::people::PersonId;
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, address};

/// A field for a day.
#[derive(Serialize)]
pub(crate) struct Day {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
}

#[derive(Serialize)]
struct ChangePage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    action: String,
    kept: Vec<Hidden>,
    days: Vec<Day>,
    problems: Vec<Problem>,
    quick: Vec<Link>,
    sentence: String,
    notes: Vec<String>,
    figures: Vec<Figure>,
    register: Option<Register>,
    /// Address of the table as a workbook, where there is one.
    file: Option<String>,
}

/// A day that is typed in a field; what is not one, and one that has not come yet, is told.
pub(crate) fn typed(
    call: &Call,
    name: &'static str,
    otherwise: NaiveDate,
    problems: &mut Vec<Problem>,
) -> (NaiveDate, String) {
    let text = call.query.get(name).map(str::trim).filter(|text| !text.is_empty());
    let Some(text) = text else {
        return (otherwise, date(otherwise));
    };
    let today = call.app().clock.today();
    let said = match typed_day(text).filter(|day| (1991..2099).contains(&day.year())) {
        Some(day) if is_to_come(day, today) => format!(
            "Этот день ещё не настал: сегодня {}. Напишите сегодняшний день или более ранний",
            date(today)
        ),
        Some(day) => return (day, date(day)),
        None => "Напишите день, месяц и год, например 01.09.2025".to_owned(),
    };
    problems.push(Problem {
        field: name,
        text: said,
    });
    (otherwise, text.to_owned())
}

/// Whether nothing can be known of a day yet.
fn is_to_come(day: NaiveDate, today: NaiveDate) -> bool {
    day > today && !planted!("day_to_come")
}

/// The first and the last day that a period offers: the last one is not after today.
pub(crate) fn span(call: &Call, found: &Found) -> (NaiveDate, NaiveDate) {
    let period = &found.period;
    let last = call.app().clock.today().clamp(period.starts_on, period.ends_on);
    (period.starts_on, last)
}

/// The address of a page of changes.
pub(crate) fn address_of(
    found: &Found,
    indicator: &Indicator,
    below: &str,
    unit: &str,
    more: &[(&str, &str)],
) -> String {
    let path = format!("/indicators/{}/{}{below}", found.pack.code, indicator.code);
    let own = [("period", found.period.code.as_str()), ("unit", unit)];
    address::address(&path, own.into_iter().chain(more.iter().copied()))
}

/// What the forms keep.
pub(crate) fn kept(found: &Found) -> Vec<Hidden> {
    let hidden = |name, value: &str| Hidden {
        name,
        value: value.to_owned(),
    };
    vec![hidden("period", &found.period.code), hidden("unit", &found.unit.code)]
}

/// Says of an indicator that is made of points that it has no parts.
pub(crate) fn has_parts(indicator: &Indicator) -> Result<(), Error> {
    if counted(indicator).is_some() {
        return Ok(());
    }
    let named = format!("{} {}", indicator.code, indicator.title);
    let refusal = Refusal::new("indicators.no_parts").with("indicator", named);
    Err(Error::Invalid(capital(&refusal.to_string())))
}

/// GET /indicators/{pack}/{code}/change
pub fn change(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit", "from", "to", "as"])?;
        let file = file::wanted(&call)?;
        let (found, indicator) = find_one(&call, false).await?;
        has_parts(&indicator)?;
        let mut problems = Vec::new();
        let (first, last) = span(&call, &found);
        let (from, from_text) = typed(&call, "from", first, &mut problems);
        let (to, to_text) = typed(&call, "to", last, &mut problems);
        if problems.is_empty() && to < from {
            problems.push(Problem {
                field: "to",
                text: "Последний день раньше первого: поправьте дни".to_owned(),
            });
        }
        let compared = if problems.is_empty() {
            Some(read(&call, &found, &indicator, Between::Days(from, to), false).await?)
        } else {
            None
        };
        let days = [("from", from.to_string()), ("to", to.to_string())];
        let days: Vec<(&str, &str)> = days.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let open = |cause: Cause| {
            let more = [&days[..], &[("part", cause.code())]].concat();
            address_of(&found, &indicator, "/change/people", &found.unit.code, &more)
        };
        let quick = |text: &str, from: Option<NaiveDate>| {
            let from = from.filter(|from| *from <= to)?.to_string();
            let more = [("from", from.as_str()), ("to", &to.to_string())];
            Some(Link::new(
                text,
                address_of(&found, &indicator, "/change", &found.unit.code, &more),
            ))
        };
        let year_ago = to.with_year(to.year() - 1);
        let mut crumbs = crumbs(&found, &indicator);
        let own = page_of(&found, &indicator, "", &found.unit.code, None);
        crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
        let status = if problems.is_empty() { 200 } else { 422 };
        let lead = format!("{} · {} · {}", indicator.title, found.unit.name, period_name(&found));
        let register = compared.as_ref().and_then(|c| parts(&c.own, &open));
        if file {
            let named = format!("{} почему изменилось", indicator.code);
            let about = [lead, format!("{} → {}", date(from), date(to))];
            return book(&call, &named, &about, &problems, &[register.as_ref()]);
        }
        let page = ChangePage {
            heading: format!("{}: почему изменилось", indicator.code),
            lead,
            crumbs,
            action: format!("/indicators/{}/{}/change", found.pack.code, indicator.code),
            kept: kept(&found),
            days: vec![
                Day {
                    name: "from",
                    label: "С какого дня",
                    value: from_text,
                },
                Day {
                    name: "to",
                    label: "По какой день",
                    value: to_text,
                },
            ],
            problems,
            quick: [quick("С начала периода", Some(first)), quick("За год", year_ago)]
                .into_iter()
                .flatten()
                .collect(),
            sentence: compared.as_ref().map_or_else(String::new, |c| sentence(&c.own)),
            notes: compared
                .as_ref()
                .map(|c| notes(c, &indicator, (from, to)))
                .unwrap_or_default(),
            figures: compared
                .as_ref()
                .map(|c| two_figures(&c.own, &format!("на {}", date(from)), &format!("на {}", date(to))))
                .unwrap_or_default(),
            file: register
                .is_some()
                .then(|| file::of(&address_of(&found, &indicator, "/change", &found.unit.code, &days))),
            register,
        };
        let title = format!("Почему изменилось: {} {}", indicator.code, indicator.title);
        Ok(Answer::page("desk/indicator_change", &page)?
            .title(title)
            .status(status))
    })
}

/// The tables of a difference as a workbook.
///
/// # Errors
/// A day that could not be read: no field stands beside a file that would say so. No table.
pub(crate) fn book(
    call: &Call,
    named: &str,
    about: &[String],
    problems: &[Problem],
    tables: &[Option<&Register>],
) -> Result<Answer, Error> {
    if let Some(problem) = problems.first() {
        return Err(Error::Invalid(problem.text.clone()));
    }
    let tables: Vec<&Register> = tables.iter().copied().flatten().collect();
    register_file::book(call, named, &about.join(" · "), &tables)
}

/// Reads both sides; of the units below too, where they are asked for.
pub(crate) async fn read(
    call: &Call,
    found: &Found,
    indicator: &Indicator,
    between: Between,
    below: bool,
) -> Result<Compared, Error> {
    let asked = asked(call, found, indicator, between);
    let scope = call.visitor()?.scope.clone();
    let below = if below {
        found.below.iter().map(|v| v.unit).collect()
    } else {
        Vec::new()
    };
    let read = move |c: &mut AnyConn| rows::compared(c, &scope, &asked, &below);
    call.app().db.read(read).await
}

fn asked(call: &Call, found: &Found, indicator: &Indicator, between: Between) -> Asked {
    Asked {
        pack: found.pack.code.clone(),
        indicator: indicator.code.clone(),
        unit: found.unit.id,
        between,
        zone_hours: call.app().config.zone_hours,
    }
}

/// The ratio that stands behind a figure, where the value is one; a mean is the values of its units by their number.
fn ratio(of: &Explained, mean: bool) -> Option<i64> {
    if mean {
        return Some(1);
    }
    let whole = of.indicator.formula.as_ref()?;
    match counted(&of.indicator)? {
        Formula::Ratio { times, .. } if matches!(whole, Formula::Ratio { .. } | Formula::Compare { .. }) => {
            Some(*times)
        }
        _ => None,
    }
}

/// What stands above and below the line of one side, and whether it is a mean.
type Half = ((Option<i64>, Option<i64>), bool);

fn halves(of: &Explained) -> (Half, Half) {
    ((of.before, of.means.0), (of.after, of.means.1))
}

/// What one side comes to with so many decimals, where a ratio or a mean stands behind it.
fn brought(of: &Explained, ((upper, lower), mean): Half, digits: u32) -> Option<i64> {
    let (times, upper, lower) = (ratio(of, mean)?, upper?, lower?);
    let value = (lower > 0).then(|| Fraction {
        upper: i128::from(upper) * i128::from(times) * 1000,
        lower: i128::from(lower),
    });
    value.and_then(|v| v.brought_to(digits, of.indicator.rounding))
}

/// A figure of one side as it is written.
fn value_words(of: &Explained, side: Half) -> String {
    let Some(upper) = side.0.0 else {
        return NOTHING.to_owned();
    };
    if ratio(of, side.1).is_none() || side.0.1.is_none() {
        return figures::figure(upper);
    }
    let shares = of.indicator.is_percent();
    let digits = if shares { decimals(of) } else { of.indicator.digits };
    match brought(of, side, digits) {
        Some(milli) if shares => format!("{}\u{A0}%", words::fixed(milli, digits)),
        Some(milli) => figures::figure(milli),
        None => NOTHING.to_owned(),
    }
}

/// Both sides beside each other.
pub(crate) fn two_figures(of: &Explained, first: &str, second: &str) -> Vec<Figure> {
    let figure = |side: Half, label: &str| {
        let made = match side {
            ((_, Some(units)), true) => Some(words::mean(units / 1000)),
            ((Some(upper), Some(lower)), false) => {
                Some(format!("{} из {}", figures::figure(upper), figures::figure(lower)))
            }
            _ => None,
        };
        let above = words::above_hundred(&of.indicator, brought(of, side, of.indicator.digits));
        let notes: Vec<String> = [made, above].into_iter().flatten().collect();
        Figure {
            shown: value_words(of, side),
            label: label.to_owned(),
            href: None,
            note: Some(notes.join("; ")).filter(|note| !note.is_empty()),
        }
    };
    let (then, now) = halves(of);
    vec![figure(then, first), figure(now, second)]
}

/// «+3», «−2», «0».
fn signed(milli: i64) -> String {
    let sign = if milli > 0 { "+" } else { "" };
    format!("{sign}{}", figures::figure(milli))
}

/// What a part does to the value, thousandths of a point, with so many decimals: the parts add up exactly before they are
/// written.
fn influence(of: &Explained, part: &Part, digits: u32) -> Option<i64> {
    let alike = of.means.0 == of.means.1;
    let times = ratio(of, of.means.1).filter(|_| alike && of.indicator.is_percent())?;
    let (Some(upper), Some(lower)) = of.before else {
        return None;
    };
    let (lower, after) = (i128::from(lower), i128::from(of.after.1?));
    if lower <= 0 || after <= 0 {
        return None;
    }
    let above = i128::from(part.numerator) * lower - i128::from(upper) * i128::from(part.denominator);
    let below = lower * after;
    let doubled = 2 * above * i128::from(times) * 10_i128.pow(digits);
    let steps = i64::try_from((doubled + below).div_euclid(2 * below)).ok()?;
    steps.checked_mul(10_i64.pow(3_u32.saturating_sub(digits)))
}

/// What the parts of a difference do to the value as it is written, thousandths of a point.
struct Written {
    /// Decimals: so many that the parts add up to the difference of the two values beside them.
    digits: u32,
    /// In the order of the parts.
    parts: Vec<i64>,
}

/// The fewest decimals of a share.
fn fewest(of: &Explained) -> u32 {
    of.indicator.digits.clamp(1, 3)
}

/// The parts with as many decimals as they need to add up as printed. Where no number of them is enough, the largest part
/// takes what is left of the rounding.
fn written(of: &Explained) -> Option<Written> {
    let (then, now) = halves(of);
    let mut last = None;
    for digits in fewest(of)..=3 {
        let parts = of.parts.iter().map(|part| influence(of, part, digits));
        let parts: Vec<i64> = parts.collect::<Option<_>>()?;
        let whole = brought(of, now, digits)? - brought(of, then, digits)?;
        let left = whole - parts.iter().sum::<i64>();
        if left == 0 || planted!("rows_of_tenths") {
            return Some(Written { digits, parts });
        }
        last = Some((parts, left));
    }
    let (mut parts, left) = last?;
    if let Some(largest) = parts.iter_mut().max_by_key(|part| part.abs()) {
        *largest += left;
    }
    Some(Written { digits: 3, parts })
}

/// Decimals of a share on the pages of its difference.
fn decimals(of: &Explained) -> u32 {
    written(of).map_or_else(|| fewest(of), |written| written.digits)
}

fn points(milli: i64, digits: u32) -> String {
    let sign = if milli > 0 { "+" } else { "" };
    format!("{sign}{}", words::fixed(milli, digits))
}

/// The table of parts; `open` is where the list of one stands.
pub(crate) fn parts(of: &Explained, open: &dyn Fn(Cause) -> String) -> Option<Register> {
    if of.parts.is_empty() {
        return None;
    }
    let shares = of.indicator.is_percent();
    let (upper, lower) = match of.means {
        (true, true) => ("Сумма значений", "Муниципалитетов"),
        _ => ("Числитель", "Знаменатель"),
    };
    let mut columns = vec![
        Column::words("Что произошло"),
        Column::figures("Кто"),
        Column::figures(upper),
        Column::figures(lower),
    ];
    if shares {
        columns.push(Column::figures("Влияние, п. п."));
    }
    let written = written(of).filter(|_| shares);
    let moved = |milli: Option<i64>| match (milli, &written) {
        (Some(milli), Some(written)) => Cell::text(points(milli, written.digits)),
        _ => Cell::text(NOTHING),
    };
    let row = |(place, part): (usize, &Part)| {
        let people = i64::try_from(part.subjects.len()).unwrap_or(i64::MAX);
        let mut row = vec![
            Cell::text(capital(part.cause.label())),
            if people > 0 {
                Cell::link(number(people), open(part.cause))
            } else {
                Cell::text(NOTHING)
            },
            Cell::text(signed(part.numerator)),
            Cell::text(signed(part.denominator)),
        ];
        if shares {
            row.push(moved(written.as_ref().and_then(|w| w.parts.get(place)).copied()));
        }
        row
    };
    let mut rows: Vec<Vec<Cell>> = of.parts.iter().enumerate().map(row).collect();
    let sum = |one: fn(&Part) -> i64| of.parts.iter().map(one).sum::<i64>();
    let mut last = vec![
        Cell::text("Вместе"),
        Cell::text(NOTHING),
        Cell::text(signed(sum(|p| p.numerator))),
        Cell::text(signed(sum(|p| p.denominator))),
    ];
    if shares {
        last.push(moved(written.as_ref().map(|w| w.parts.iter().sum())));
    }
    rows.push(last);
    Some(Register::new("Из чего сложилась разница", &columns, rows))
}

/// The part that did the most, in words.
pub(crate) fn main_cause(of: &Explained) -> Option<String> {
    let written = written(of);
    let moved = |place: usize| written.as_ref().and_then(|w| Some((*w.parts.get(place)?, w.digits)));
    let weight = |(place, part): &(usize, &Part)| {
        let own = moved(*place).map_or(0, |(milli, _)| milli.abs());
        (own, part.numerator.abs(), part.denominator.abs())
    };
    let told = of.parts.iter().enumerate().filter(|(_, p)| !p.subjects.is_empty());
    let (place, part) = told.max_by_key(weight)?;
    let people = i64::try_from(part.subjects.len()).unwrap_or(i64::MAX);
    let what = part.cause.label();
    Some(match moved(place) {
        Some((milli, digits)) => {
            let moved = points(milli, digits);
            format!("{what}: {} ({moved}\u{A0}п.\u{A0}п.)", number(people))
        }
        None => {
            let place = match of.means {
                (true, true) => "в сумме значений",
                _ => "в числителе",
            };
            format!("{what}: {} ({} {place})", number(people), signed(part.numerator))
        }
    })
}

fn sentence(of: &Explained) -> String {
    let (then, now) = halves(of);
    let (was, now) = (value_words(of, then), value_words(of, now));
    let Some(main) = main_cause(of) else {
        return "Между этими днями ничего не изменилось.".to_owned();
    };
    let moved = if was == now {
        format!("Значение осталось прежним ({now}), но состав изменился.")
    } else {
        format!("Было {was}, стало {now}.")
    };
    format!("{moved} Больше всего повлияло: {main}.")
}

/// Of an indicator that is a change since an earlier period the number whose change it is has parts, and not the change.
pub(crate) fn of_change(indicator: &Indicator) -> Option<String> {
    let Some(Formula::Change { .. }) = indicator.formula else {
        return None;
    };
    Some(format!(
        "Показатель {} сам – изменение с прошлого периода. Здесь объяснено число, изменение которого он показывает, а не он сам.",
        indicator.code
    ))
}

fn notes(compared: &Compared, indicator: &Indicator, (from, to): (NaiveDate, NaiveDate)) -> Vec<String> {
    let mut notes: Vec<String> = of_change(indicator).into_iter().collect();
    if compared.periods.0 != compared.periods.1 {
        notes.push(format!(
            "Дни лежат в разных периодах, {} и {}: на каждый день считается то, что произошло в его периоде.",
            compared.periods.0, compared.periods.1
        ));
    }
    if compared.versions.0 != compared.versions.1 {
        let was = if compared.before_first {
            "методика ещё не была загружена, посчитано по её первой версии,"
        } else {
            "действовала версия методики"
        };
        notes.push(format!(
            "На {} {was} {}, на {} — версия {}. Что изменила методика, стоит отдельной строкой.",
            date(from),
            compared.versions.0,
            date(to),
            compared.versions.1
        ));
    }
    notes.push("Оба дня посчитаны заново из исходных записей: состав взят на сам этот день, а не на отчётный.".into());
    notes
}

#[derive(Serialize)]
struct ListPage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    parts: Vec<Link>,
    register: Option<Register>,
    paging: Option<Paging>,
    file: Option<String>,
    empty: Empty,
}

/// Names of the address of a list.
const LIST: [&str; 7] = ["period", "unit", "from", "to", "on", "known", "part"];

/// GET /indicators/{pack}/{code}/change/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &LIST)?).await })
}

/// GET and POST /indicators/{pack}/{code}/change/people/file: the same list as a workbook.
pub fn people_file(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &LIST)?.whole()).await })
}

/// The two sides that the address of a list names; none of days that do not fit or have not come.
fn between_of(call: &Call, at: &List) -> Result<Option<Between>, Error> {
    let day = |name| at.known(name, typed_day);
    let found = match (day("from")?, day("to")?, day("on")?, day("known")?) {
        (Some(from), Some(to), None, None) if from <= to => Between::Days(from, to),
        (None, None, Some(on), Some(known)) => Between::Knowledge(on, known),
        _ => return Ok(None),
    };
    let today = call.app().clock.today();
    let (Between::Days(one, other) | Between::Knowledge(one, other)) = found;
    Ok((!is_to_come(one.max(other), today)).then_some(found))
}

async fn listed(call: &Call, at: List) -> Result<Answer, Error> {
    let (found, indicator) = find_one(call, false).await?;
    has_parts(&indicator)?;
    let missing = || Error::NotFound("список".into());
    let cause = at.known("part", Cause::from_code)?.ok_or_else(missing)?;
    let between = between_of(call, &at)?.ok_or_else(missing)?;
    let asked = asked(call, &found, &indicator, between);
    let scope = call.visitor()?.scope.clone();
    let read = move |c: &mut AnyConn| rows::listed(c, &scope, &asked, cause);
    let all: Vec<Row> = call.app().db.read(read).await?;
    let records = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (paging, shown) = (at.paging(all.len()), at.rows(all));
    let named: Vec<String> = shown.iter().map(|row| row.listed.key.clone()).collect();
    let people: Vec<PersonId> = shown.iter().filter_map(|row| row.listed.person).collect();
    let total = usize::try_from(records).unwrap_or(usize::MAX);
    let days = match between {
        Between::Days(from, to) => (format!("from={from} to={to}"), format!("{} → {}", date(from), date(to))),
        Between::Knowledge(on, known) => (
            format!("on={on} known={known}"),
            format!("на {}, по сведениям на {} и на сегодня", date(on), date(known)),
        ),
    };
    let filter = format!(
        "pack={} indicator={} unit={} {} change={cause}",
        found.pack.code, indicator.code, found.unit.code, days.0
    );
    let columns = [
        Column::words("Кто"),
        Column::words("Где"),
        Column::words("Что произошло"),
    ];
    let table: Vec<Vec<Cell>> = shown
        .into_iter()
        .map(|row| {
            let places: Vec<String> = row.listed.units.iter().map(|code| found.name_of(code)).collect();
            let reason = if row.listed.reason.is_empty() {
                cause.label().to_owned()
            } else {
                row.listed.reason
            };
            vec![
                Cell::text(row.listed.name),
                Cell::text(places.join(", ")),
                Cell::text(capital(&reason)),
            ]
        })
        .collect();
    let register = (!table.is_empty()).then(|| Register::new("Кто", &columns, table));
    if at.is_whole() {
        let of = ListFile {
            list: "indicator",
            named: "Люди показателя",
            chosen: format!(
                "{} {}; {}; {}; {}",
                indicator.code,
                indicator.title,
                found.unit.name,
                days.1,
                cause.label()
            ),
            codes: filter,
            ids: named,
            people: total,
            tells: people,
            right: Capability::Indicators,
        };
        let tables: Vec<&Register> = register.iter().collect();
        return register_file::named(call, &at, &of, &tables).await;
    }
    looked::telling(call, "indicator", &filter, &named, total, &people).await?;
    let mut crumbs = crumbs(&found, &indicator);
    let (page, more) = match between {
        Between::Days(from, to) => ("/change", [("from", from.to_string()), ("to", to.to_string())]),
        Between::Knowledge(on, known) => ("/dates", [("on", on.to_string()), ("known", known.to_string())]),
    };
    let more: Vec<(&str, &str)> = more.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let back = address_of(&found, &indicator, page, &found.unit.code, &more);
    crumbs.push(Link::new("К разнице", back));
    let page = ListPage {
        heading: format!("{}: {}", indicator.code, cause.label()),
        lead: format!(
            "{} · {} · {} · {}",
            indicator.title,
            found.unit.name,
            days.1,
            count(records, "запись", "записи", "записей")
        ),
        crumbs,
        parts: Vec::new(),
        file: register.is_some().then(|| at.file()),
        register,
        paging,
        empty: Empty::new("Здесь никого нет", "В этой части разницы никого нет."),
    };
    let title = format!("{} {}, {}", indicator.code, indicator.title, cause.label());
    Ok(Answer::page("desk/indicator_people", &page)?.title(title))
}
