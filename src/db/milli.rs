//! Numbers with up to three decimals kept as integers of thousandths: scores, maxima, hours, rates, bounds of bands.

use std::fmt;

/// Thousandths: 59,99 is `Milli(59_990)`. Range: ±2 147 483,647.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Integer)]
pub struct Milli(pub i32);

impl Milli {
    /// Reads `12`, `12,5`, `12.5`, `1 234,5` (any space); more than three decimals is not a score anyone gave.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| if c == ',' { '.' } else { c })
            .collect();
        let (negative, digits) = match plain.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, plain.as_str()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(fraction) || fraction.trim_end_matches('0').len() > 3 {
            return None;
        }
        let thousandths = format!("{:0<3}", fraction.trim_end_matches('0')).parse::<i64>().ok()?;
        let value = whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(thousandths)?;
        i32::try_from(if negative { -value } else { value }).ok().map(Self)
    }
}

impl fmt::Display for Milli {
    /// With a point and without needless zeros: `59.99`, `60`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        let (whole, fraction) = (value / 1000, value % 1000);
        if fraction == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{}", format!("{fraction:03}").trim_end_matches('0'))
        }
    }
}

impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Integer, DB> for Milli
where
    DB: diesel::backend::Backend,
    i32: diesel::deserialize::FromSql<diesel::sql_types::Integer, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        <i32 as diesel::deserialize::FromSql<diesel::sql_types::Integer, DB>>::from_sql(bytes).map(Self)
    }
}

impl<DB> diesel::serialize::ToSql<diesel::sql_types::Integer, DB> for Milli
where
    DB: diesel::backend::Backend,
    i32: diesel::serialize::ToSql<diesel::sql_types::Integer, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <i32 as diesel::serialize::ToSql<diesel::sql_types::Integer, DB>>::to_sql(&self.0, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_are_typed() {
        for (text, milli) in [
            ("59,99", 59_990),
            ("60", 60_000),
            ("80.01", 80_010),
            ("1\u{a0}234,5", 1_234_500),
            ("-2", -2000),
        ] {
            assert_eq!(Milli::parse(text), Some(Milli(milli)), "{text}");
        }
        for text in ["", "-", "1,2345", "1e3", "abc", "1,2,3", "99999999999"] {
            assert_eq!(Milli::parse(text), None, "{text}");
        }
        assert_eq!(Milli(59_990).to_string(), "59.99");
        assert_eq!(Milli(60_000).to_string(), "60");
    }
}
