//! СНИЛС as a value object: eleven digits that pass the check, written `112-233-445 95`. It never stands in logs.

use std::fmt;

/// A СНИЛС that passed the check.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snils(String);

/// Why text is no СНИЛС.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnilsError {
    /// Not eleven digits (a number of a sheet that lost its leading zeros is padded first).
    NotElevenDigits,
    /// The last two digits are not the check sum of the first nine.
    WrongCheckSum,
}

impl SnilsError {
    /// What is wrong and what to do, in Russian.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotElevenDigits => "СНИЛС состоит из 11 цифр: проверьте, не потеряны ли цифры",
            Self::WrongCheckSum => "контрольные цифры СНИЛС не сходятся: проверьте, нет ли опечатки",
        }
    }
}

impl Snils {
    /// Reads any usual form: `112-233-445 95`, `11223344595`, a number that lost its leading zeros (`8765430300`).
    ///
    /// # Errors
    /// See [`SnilsError`].
    pub fn parse(text: &str) -> Result<Self, SnilsError> {
        let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '‐' | '‑' | '\u{feff}' | '\u{200b}');
        let mut digits: String = text.chars().filter(|c| !separator(*c)).collect();
        if digits.is_empty() || digits.len() > 11 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SnilsError::NotElevenDigits);
        }
        let bare = !text.trim().chars().any(separator);
        if digits.len() < 11 {
            // Only a bare number can have lost zeros; nine digits and more, or it is something else altogether.
            if !bare || digits.len() < 9 {
                return Err(SnilsError::NotElevenDigits);
            }
            digits = format!("{digits:0>11}");
        }
        let number: u32 = digits[..9].parse().map_err(|_| SnilsError::NotElevenDigits)?;
        let control: u32 = digits[9..].parse().map_err(|_| SnilsError::NotElevenDigits)?;
        // Numbers up to 001-001-998 were given out without a check sum.
        if number > 1_001_998 && check_sum(&digits[..9]) != control {
            return Err(SnilsError::WrongCheckSum);
        }
        Ok(Self(format!(
            "{}-{}-{} {}",
            &digits[..3],
            &digits[3..6],
            &digits[6..9],
            &digits[9..]
        )))
    }

    /// The СНИЛС of a nine-digit number, with its check sum: for invented people (from 900-000-000).
    #[must_use]
    pub fn of_number(number: u32) -> Self {
        let digits = format!("{:09}", number % 1_000_000_000);
        let control = check_sum(&digits);
        Self(format!(
            "{}-{}-{} {control:02}",
            &digits[..3],
            &digits[3..6],
            &digits[6..]
        ))
    }

    /// As people write it: `112-233-445 95`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_sum(nine: &str) -> u32 {
    let sum: u32 = nine
        .bytes()
        .zip((1..=9).rev())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let rest = sum % 101;
    if rest == 100 { 0 } else { rest }
}

impl fmt::Debug for Snils {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snils(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_pass_and_typing_errors_do_not() {
        for text in [
            "112-233-445 95",
            "11223344595",
            "087-654-303 00",
            "8765430300",
            "920-000-003 00",
        ] {
            assert!(Snils::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Snils::parse("8765430300").unwrap().as_str(), "087-654-303 00");
        assert_eq!(Snils::parse("112-233-445 96"), Err(SnilsError::WrongCheckSum));
        for text in ["", "-", "112-233-445", "1.1E+10", "11223344595000", "abc"] {
            assert_eq!(Snils::parse(text), Err(SnilsError::NotElevenDigits), "{text}");
        }
        assert_eq!(
            Snils::parse(Snils::of_number(900_000_001).as_str()),
            Ok(Snils::of_number(900_000_001))
        );
    }

    #[test]
    fn a_snils_does_not_print_itself_into_logs() {
        assert_eq!(format!("{:?}", Snils::of_number(900_000_001)), "Snils(***)");
    }
}
