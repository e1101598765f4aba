//! How numbers, dates and counted things are written in Russian. Pure functions; templates call them as helpers.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta};

/// No-break space: between thousands, before the percent sign, between a number and its word.
pub const NBSP: char = '\u{A0}';

/// Written where there is no value.
pub const NOTHING: &str = "–";

/// `12648` is «12 648», `-5` is «−5».
#[must_use]
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    if n < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(NBSP);
        }
        out.push(digit);
    }
    out
}

/// A number given in tenths: `305` is «30,5».
#[must_use]
pub fn tenths(n: i64) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{},{}", number(n.abs() / 10), n.abs() % 10)
}

/// A share with one digit, half up: «30,6 %»; nothing of nothing is «–».
#[must_use]
pub fn percent(numerator: i64, denominator: i64) -> String {
    share_in_tenths(numerator, denominator).map_or_else(|| NOTHING.to_owned(), |t| format!("{}{NBSP}%", tenths(t)))
}

/// A share in tenths of a percent, half up; `None` when there is nothing to divide by.
#[must_use]
pub fn share_in_tenths(numerator: i64, denominator: i64) -> Option<i64> {
    (denominator > 0).then(|| (numerator * 2000 + denominator).div_euclid(denominator * 2))
}

/// The form of a word that fits a whole number: 1 шаг, 2 шага, 5 шагов; 11 шагов, 21 шаг.
#[must_use]
pub fn plural<'a>(n: i64, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    let n = n.unsigned_abs();
    match (n % 10, n % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// A number with its word, which do not part: «2 шага».
#[must_use]
pub fn count(n: i64, one: &str, few: &str, many: &str) -> String {
    format!("{}{NBSP}{}", number(n), plural(n, one, few, many))
}

/// `28.02.2026`.
#[must_use]
pub fn date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// A day as a person types it, `28.02.2026` or `28.02.26`, or as a browser sends it; of the years 1900 to 2100.
#[must_use]
pub fn typed_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let short = text.rsplit_once('.').filter(|(_, year)| year.len() == 2);
    let long = short.map(|(day, year)| format!("{day}.20{year}"));
    let text = long.as_deref().unwrap_or(text);
    let formats = ["%d.%m.%Y", "%Y-%m-%d"];
    let day = formats.iter().find_map(|f| NaiveDate::parse_from_str(text, f).ok());
    day.filter(|day| (1900..=2100).contains(&day.year()))
}

/// «28.02.2026, 15:31» of a moment, in a zone so far ahead of UTC.
#[must_use]
pub fn moment(at: NaiveDateTime, zone: TimeDelta) -> String {
    (at + zone).format("%d.%m.%Y, %H:%M").to_string()
}

/// «28 февраля», with the year when it is not that of `today`: «28 февраля 2025».
#[must_use]
pub fn day(day: NaiveDate, today: NaiveDate) -> String {
    const MONTHS: [&str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
    let short = format!("{}{NBSP}{month}", day.day());
    if day.year() == today.year() {
        short
    } else {
        format!("{short} {}", day.year())
    }
}

/// How far a deadline is: «осталось 6 дней», «сегодня», «срок прошёл 12 дней назад».
#[must_use]
pub fn until(deadline: NaiveDate, today: NaiveDate) -> String {
    match (deadline - today).num_days() {
        0 => "сегодня".into(),
        1 => "завтра".into(),
        n @ 2.. => format!(
            "{} {}",
            plural(n, "остался", "осталось", "осталось"),
            count(n, "день", "дня", "дней")
        ),
        n => format!("срок прошёл {} назад", count(-n, "день", "дня", "дней")),
    }
}

/// «Егорова А. И.» with spaces that do not break.
#[must_use]
pub fn short_name(last: &str, first: &str, patronymic: Option<&str>) -> String {
    let mut out = last.to_owned();
    for part in [Some(first), patronymic].into_iter().flatten() {
        if let Some(initial) = part.chars().next() {
            out.push(NBSP);
            out.extend(initial.to_uppercase());
            out.push('.');
        }
    }
    out
}

/// Two letters for the round mark beside a name.
#[must_use]
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .take(2)
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The first letter large.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_their_numbers() {
        let forms = [0, 1, 2, 5, 11, 14, 21, 22, 111, 112, 121].map(|n| plural(n, "а", "б", "в"));
        assert_eq!(forms, ["в", "а", "б", "в", "в", "в", "а", "б", "в", "в", "а"]);
    }

    #[test]
    fn numbers_are_written_the_russian_way() {
        assert_eq!(number(1_248), "1\u{A0}248");
        assert_eq!(number(-12_600), "−12\u{A0}600");
        assert_eq!(number(100), "100");
        assert_eq!(percent(3_859, 12_611), "30,6\u{A0}%");
        assert_eq!(percent(1, 0), "–");
        assert_eq!(percent(0, 188), "0,0\u{A0}%");
        assert_eq!(tenths(-22), "−2,2");
    }

    #[test]
    fn a_typed_day_is_of_our_time() {
        let on = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(
            typed_day("20.11.26"),
            on(2026, 11, 20),
            "two digits are of this century"
        );
        assert_eq!(typed_day("1.9.99"), on(2099, 9, 1));
        assert_eq!(typed_day(" 20.11.2026 "), on(2026, 11, 20));
        assert_eq!(typed_day("2026-11-20"), on(2026, 11, 20));
        assert_eq!(
            typed_day("01.01.1900").zip(typed_day("31.12.2100")),
            on(1900, 1, 1).zip(on(2100, 12, 31))
        );
        for wrong in [
            "20.11.0026",
            "20.11.026",
            "20.11.6",
            "31.12.1899",
            "01.01.2101",
            "20.11.20266",
            "26-11-20",
            "0026-11-20",
            "30.02.26",
            "20.11.+6",
            "20.11.",
            "20.11",
            "вчера",
            "",
        ] {
            assert_eq!(typed_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn deadlines_are_told_from_today() {
        let today = NaiveDate::from_ymd_opt(2026, 2, 22).unwrap();
        let on = |d| NaiveDate::from_ymd_opt(2026, 2, d).unwrap();
        assert_eq!(until(on(28), today), "осталось 6\u{A0}дней");
        assert_eq!(until(on(22), today), "сегодня");
        assert_eq!(until(on(10), today), "срок прошёл 12\u{A0}дней назад");
        assert_eq!(day(on(28), today), "28\u{A0}февраля");
    }

    #[test]
    fn names_are_shortened_without_breaks() {
        assert_eq!(
            short_name("Егорова", "анна", Some("Ильинична")),
            "Егорова\u{A0}А.\u{A0}И."
        );
        assert_eq!(short_name("О’Коннор", "Лия", None), "О’Коннор\u{A0}Л.");
    }
}
