//! How a value of an indicator is written: on pages and in workbooks alike.

use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Seen;
use crate::desk::small_cells::Told;
use crate::indicators::classes::{self, Level, Standing};
use crate::indicators::formula::Formula;
use crate::indicators::pack::Direction;
use crate::indicators::scale::Flaw;
use crate::indicators::scoring::Scored;
use crate::indicators::{Indicator, Pack, scale, spoken};
use crate::pages::parts::{Chip, SheetCell, Tone};
use crate::pages::text::{NBSP, NOTHING, count, number};
use crate::planted;

/// What stands after a difference of two shares.
const POINTS: &str = "п.\u{A0}п.";

/// Thousandths with so many decimals: «1 234,50».
#[must_use]
pub fn fixed(milli: i64, digits: u32) -> String {
    let step = 10_i64.pow(3_u32.saturating_sub(digits));
    let (sign, of) = (if milli < 0 { "−" } else { "" }, milli.abs() / step);
    let parts = 10_i64.pow(digits.min(3));
    if digits == 0 {
        return format!("{sign}{}", number(of));
    }
    let width = usize::try_from(digits.min(3)).unwrap_or(0);
    format!("{sign}{},{:0width$}", number(of / parts), of % parts)
}

/// Decimals that thousandths need.
#[must_use]
pub fn needed(milli: i64) -> u32 {
    match milli.abs() {
        n if n % 1000 == 0 => 0,
        n if n % 100 == 0 => 1,
        n if n % 10 == 0 => 2,
        _ => 3,
    }
}

/// Decimals of a value of an indicator as it is written: those of the passport for a share, as many as needed elsewhere.
#[must_use]
pub fn digits(indicator: &Indicator, milli: i64) -> u32 {
    if indicator.is_percent() {
        indicator.digits
    } else {
        needed(milli)
    }
}

/// A value as it is written.
#[must_use]
pub fn value(indicator: &Indicator, milli: i64) -> String {
    with_sign(indicator, fixed(milli, digits(indicator, milli)))
}

/// A figure in the unit of an indicator: «45 %», «5 п. п.», of a count nothing stands after it.
#[must_use]
pub fn with_sign(indicator: &Indicator, written: String) -> String {
    match after(indicator) {
        "" => written,
        sign => format!("{written}{NBSP}{sign}"),
    }
}

/// What is said beside a share above a hundred: whether its numerator belongs to the denominator at all.
#[must_use]
pub fn above_hundred(indicator: &Indicator, milli: Option<i64>) -> Option<String> {
    milli.filter(|milli| after(indicator) == "%" && *milli > 100_000)?;
    let formula = indicator.formula.as_ref().filter(|f| f.denominator().is_some())?;
    let why = if formula.is_of_a_whole() {
        "числитель больше знаменателя, сверьте поданные числа"
    } else {
        "по определению числитель не часть знаменателя"
    };
    Some(format!("больше 100{NBSP}%: {why}; показано как есть"))
}

/// A value that is a mean of units: «среднее 26 муниципалитетов».
#[must_use]
pub fn mean(of: i64) -> String {
    format!(
        "среднее {}",
        count(of, "муниципалитета", "муниципалитетов", "муниципалитетов")
    )
}

/// The sign after a value.
#[must_use]
pub fn after(indicator: &Indicator) -> &'static str {
    if indicator.is_difference_of_shares() && !planted!("difference_in_per_cent") {
        POINTS
    } else if indicator.is_percent() {
        "%"
    } else {
        ""
    }
}

/// What is said where a value is not told.
#[must_use]
pub fn untold(seen: &Seen) -> String {
    let told = seen.upper.or(seen.lower_told).unwrap_or(Told::Hidden);
    told.shown()
}

/// Why there is no value, or a dash.
#[must_use]
pub fn reason(seen: &Seen) -> String {
    seen.reason.map_or_else(|| NOTHING.to_owned(), |r| r.label().to_owned())
}

/// The value itself.
#[must_use]
pub fn value_cell(indicator: &Indicator, seen: &Seen) -> SheetCell {
    match seen.value_milli {
        _ if seen.hidden => SheetCell::words(untold(seen)),
        Some(milli) => SheetCell::number(
            value(indicator, milli),
            milli,
            digits(indicator, milli),
            after(indicator),
        ),
        None => match &seen.zone {
            Scored::Is(_) => SheetCell::nothing(),
            _ => SheetCell::words(reason(seen)),
        },
    }
}

/// A count above or below the line.
#[must_use]
pub fn count_cell(milli: Option<i64>, told: Option<Told>) -> SheetCell {
    match (milli, told) {
        (_, Some(told)) => SheetCell::words(told.shown()),
        (Some(milli), None) => SheetCell::number(fixed(milli, needed(milli)), milli, needed(milli), ""),
        (None, None) => SheetCell::nothing(),
    }
}

/// What stands above the line. Of a mean of units that is the sum of their values, which tells nothing: it is said what the
/// value is.
#[must_use]
pub fn upper_cell(seen: &Seen) -> SheetCell {
    match mean_told(seen) {
        Some(of) => SheetCell::words(format!("среднее по{NBSP}{}", number(of))),
        None => count_cell(seen.numerator_milli, seen.upper),
    }
}

/// What stands below the line; nothing of a mean of units.
#[must_use]
pub fn lower_cell(seen: &Seen) -> SheetCell {
    match mean_told(seen) {
        Some(_) => SheetCell::nothing(),
        None => count_cell(seen.denominator_milli, seen.lower_told),
    }
}

/// Of how many units a value that is told is the mean.
fn mean_told(seen: &Seen) -> Option<i64> {
    seen.mean_of.filter(|_| !seen.hidden && !planted!("sum_of_values_told"))
}

/// The target of a value.
#[must_use]
pub fn target_cell(indicator: &Indicator, seen: &Seen) -> SheetCell {
    seen.target_milli.map_or_else(SheetCell::nothing, |milli| {
        let digits = needed(milli);
        let written = with_sign(indicator, fixed(milli, digits));
        SheetCell::number(written, milli, digits, after(indicator))
    })
}

/// A difference with its sign.
#[must_use]
pub fn difference(indicator: &Indicator, milli: i64) -> String {
    let sign = if milli > 0 { "+" } else { "" };
    let unit = if indicator.is_percent() {
        format!("{NBSP}{POINTS}")
    } else {
        String::new()
    };
    format!("{sign}{}{unit}", fixed(milli, digits(indicator, milli)))
}

/// How far the value is from its target.
#[must_use]
pub fn deviation_cell(indicator: &Indicator, seen: &Seen) -> SheetCell {
    match (seen.value_milli, seen.target_milli) {
        (Some(value), Some(target)) => change_cell(indicator, value - target),
        _ => SheetCell::nothing(),
    }
}

/// A difference in a cell.
#[must_use]
pub fn change_cell(indicator: &Indicator, milli: i64) -> SheetCell {
    let after = if indicator.is_percent() { POINTS } else { "" };
    SheetCell::number(difference(indicator, milli), milli, digits(indicator, milli), after)
}

/// Points of a value, or why there are none.
#[must_use]
pub fn points_cell(seen: &Seen) -> SheetCell {
    match &seen.points {
        _ if seen.hidden => SheetCell::words(Told::Hidden.shown()),
        Scored::Is(milli) => SheetCell::number(fixed(*milli, needed(*milli)), *milli, needed(*milli), ""),
        Scored::Not(reason) => SheetCell::words(reason.label()),
        Scored::Unscaled => SheetCell::nothing(),
    }
}

/// The title of a level by its code.
#[must_use]
pub fn level_title(place: &Place, indicator: &Indicator, code: &str) -> String {
    classes::title(&place.tree, indicator, code)
}

/// What a level means: the best is done, the worst is late.
#[must_use]
pub fn level_tone(indicator: &Indicator, levels: &[Level], code: &str) -> Tone {
    let place = levels.iter().position(|l| l.code == code);
    let (Some(place), true) = (place, levels.len() > 1) else {
        return Tone::Calm;
    };
    // Points are better the more there are, whatever the value is.
    let falls = indicator.direction == Direction::LowerIsBetter && !indicator.zones.is_empty();
    let place = if falls { levels.len() - 1 - place } else { place };
    match place {
        _ if indicator.direction == Direction::Neutral && !indicator.zones.is_empty() => Tone::Calm,
        0 => Tone::Late,
        place if place + 1 == levels.len() => Tone::Done,
        _ => Tone::Wait,
    }
}

/// The level of a value with sign and word; where there are no levels, whether its target is reached.
#[must_use]
pub fn level_chip(place: &Place, indicator: &Indicator, seen: &Seen) -> Option<Chip> {
    if seen.hidden {
        return None;
    }
    match classes::standing(indicator, seen) {
        Standing::On(code) => {
            let tone = level_tone(indicator, &classes::levels(indicator), &code);
            Some(Chip::new(tone, level_title(place, indicator, &code)))
        }
        Standing::Not(reason) => Some(Chip::new(Tone::Calm, reason.label())),
        Standing::Met(true) => Some(Chip::new(Tone::Done, "цель достигнута")),
        Standing::Met(false) if indicator.direction == Direction::LowerIsBetter => {
            Some(Chip::new(Tone::Late, "выше цели"))
        }
        Standing::Met(false) => Some(Chip::new(Tone::Late, "ниже цели")),
        Standing::Silent => None,
    }
}

/// The level in a cell.
#[must_use]
pub fn level_cell(place: &Place, indicator: &Indicator, seen: &Seen) -> SheetCell {
    level_chip(place, indicator, seen).map_or_else(SheetCell::nothing, SheetCell::chip)
}

/// Bounds of a level as they are printed: «от 8 до 20; больше 40».
#[must_use]
pub fn bounds(level: &Level) -> String {
    let bounds: Vec<String> = level.bounds.iter().map(scale::Bounds::to_string).collect();
    bounds.join("; ")
}

/// A formula as lines, with the titles of groups in place of their codes.
#[must_use]
pub fn formula(pack: &Pack, of: &Formula) -> Vec<(&'static str, String)> {
    let mut lines = spoken::lines(of);
    if let Formula::SumPoints { group, .. } = of
        && let Some((_, title, _)) = pack.tasks.iter().find(|(code, ..)| code == group)
    {
        let (code, named) = (format!("группы {group}"), format!("группы «{title}»"));
        lines
            .iter_mut()
            .for_each(|(_, words)| *words = words.replace(&code, &named));
    }
    lines
}

/// What is wrong between two neighbouring ranges, and what comes of it for a value.
#[must_use]
pub fn flaw(of: &Flaw, by_zones: bool) -> String {
    let lacks = if by_zones { "уровня" } else { "баллов" };
    match of {
        Flaw::Gap(from, to) => format!(
            "Разрыв: значения между {} и {} не стоят ни в одной полосе, {lacks} у них нет.",
            scale::comma(*from),
            scale::comma(*to)
        ),
        Flaw::SharedEdge(at) => format!(
            "Общая граница: {} стоит сразу в двух полосах, {lacks} у этого значения нет.",
            scale::comma(*at)
        ),
        Flaw::Overlap(from, to) => format!(
            "Перекрытие: значения от {} до {} стоят сразу в двух полосах, {lacks} у них нет.",
            scale::comma(*from),
            scale::comma(*to)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_the_decimals_of_their_passport() {
        assert_eq!(fixed(7_990, 2), "7,99");
        assert_eq!(fixed(1_234_500, 1), "1\u{A0}234,5");
        assert_eq!(fixed(-2_200, 1), "−2,2");
        assert_eq!(fixed(63_000, 0), "63");
        assert_eq!(fixed(50, 2), "0,05");
        assert_eq!((needed(2_000), needed(12_750), needed(500)), (0, 2, 1));
    }
}
