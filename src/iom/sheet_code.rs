//! The code of a row of a printed sheet: six signs and a sign that checks them, pure. It names a row and opens nothing:
//! what may be done with the row is asked of whoever types it.

use crate::access::code::{ALPHABET, signs};
use crate::audit;

/// Signs that name the row: 19 to the 6th power is 47 million in a region.
const NAMING: usize = 6;
/// All signs, the checking one being the last.
pub const LENGTH: usize = NAMING + 1;
/// Signs before the dash.
const GROUP: usize = 3;

/// A code of a row, drawn from the server's key; another try gives another code, where one is taken.
#[must_use]
pub fn drawn(key: &[u8], sheet: i64, place: i32, attempt: u32) -> String {
    let drawn = audit::keyed_bytes(key, format!("mark row {sheet} {place} {attempt}").as_bytes());
    let bytes: [u8; 8] = drawn.get(..8).and_then(|b| b.try_into().ok()).unwrap_or_default();
    let mut rest = u64::from_be_bytes(bytes);
    let mut code = String::with_capacity(LENGTH);
    for _ in 0..NAMING {
        code.extend(sign(rest % 19));
        rest /= 19;
    }
    let check = checking(&code);
    code.extend(check);
    code
}

fn sign(value: u64) -> Option<char> {
    ALPHABET.get(usize::try_from(value).ok()?).map(|sign| char::from(*sign))
}

/// The sign that checks the others: each is weighed by its place, modulo a prime, so that no single wrong sign and no two
/// signs in each other's place go through.
fn checking(code: &str) -> Option<char> {
    let value = |sign: char| ALPHABET.iter().position(|s| char::from(*s) == sign);
    let mut sum = 0;
    for (weight, sign) in (1_usize..).zip(code.chars().take(NAMING)) {
        sum += weight * value(sign)?;
    }
    sign(u64::try_from(sum % 19).ok()?)
}

/// A typed code, in either layout, with or without its dash; `None` when it can be none.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    let code = signs(typed, LENGTH)?;
    (code.chars().last() == checking(&code)).then_some(code)
}

/// As it is printed.
#[must_use]
pub fn shown(code: &str) -> String {
    match (code.get(..GROUP), code.get(GROUP..)) {
        (Some(first), Some(rest)) => format!("{first}-{rest}"),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    #[test]
    fn a_code_is_read_as_it_is_printed_in_either_layout() {
        for place in 0..200 {
            let code = drawn(KEY, 7, place, 0);
            assert_eq!(code.len(), LENGTH);
            assert_eq!(read(&code), Some(code.clone()));
            assert_eq!(read(&format!(" {} ", shown(&code).to_lowercase())), Some(code.clone()));
            let cyrillic: String = code
                .chars()
                .map(|c| match c {
                    'A' => 'а',
                    'B' => 'в',
                    'C' => 'с',
                    'E' => 'е',
                    'H' => 'н',
                    'K' => 'к',
                    'M' => 'м',
                    'P' => 'р',
                    'T' => 'т',
                    'X' => 'х',
                    'Y' => 'у',
                    '3' => 'з',
                    other => other,
                })
                .collect();
            assert_eq!(read(&cyrillic), Some(code));
        }
        assert_ne!(drawn(KEY, 7, 1, 0), drawn(KEY, 7, 1, 1), "another try is another code");
    }

    #[test]
    fn one_wrong_sign_or_two_in_each_others_place_are_no_code() {
        for place in 0..20 {
            let code: Vec<char> = drawn(KEY, 9, place, 0).chars().collect();
            for at in 0..LENGTH {
                for sign in ALPHABET.iter().map(|s| char::from(*s)).filter(|s| *s != code[at]) {
                    let mut wrong = code.clone();
                    wrong[at] = sign;
                    assert_eq!(read(&wrong.iter().collect::<String>()), None);
                }
                for other in (0..LENGTH).filter(|other| code[*other] != code[at]) {
                    let mut wrong = code.clone();
                    wrong.swap(at, other);
                    assert_eq!(read(&wrong.iter().collect::<String>()), None);
                }
            }
        }
        for text in ["", "ABC", "ABC-23456789", "не код"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
