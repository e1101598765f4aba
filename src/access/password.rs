//! What a password may be: long, not one of the usual ones, not made of what others know of its holder. Nothing else is
//! asked: no signs of four kinds, no change every month.
//!
//! Usual is what the library's lists (30,000 passwords, names and words by how often they are met, walks over the
//! keyboard, dates, repeats) guess early, and the Russian parts below; in whichever layout it was typed.

use super::model::Role;
use crate::error::Refusal;

/// Fewest signs.
pub const SHORTEST: usize = 12;
/// Fewest signs for whoever sees or settles much: administrators.
const SHORTEST_OF_ADMINISTRATORS: usize = 15;
/// A password that is found within so many guesses, as a power of ten, is a usual one. Twelve random signs are twelve.
const EARLY: f64 = 10.0;
/// Most signs.
const LONGEST: usize = 128;
/// Shortest own word that counts.
const OWN_WORD: usize = 4;
/// Signs that must be left beside the usual parts, and different signs that a password has at least.
const LEFT: usize = 5;

/// What the most used passwords are put together from, long before short.
const USUAL: &[&str] = &[
    "0987654321",
    "1234567890",
    "qwertyuiop",
    "йцукенгшщз",
    "987654321",
    "123456789",
    "12345678",
    "password",
    "1q2w3e4r",
    "1234567",
    "iloveyou",
    "учитель",
    "педагог",
    "teacher",
    "welcome",
    "123456",
    "654321",
    "qwerty",
    "йцукен",
    "asdfgh",
    "фывапр",
    "zxcvbn",
    "ячсмит",
    "пароль",
    "school",
    "12345",
    "школа",
    "admin",
    "админ",
    "parol",
    "qazwsx",
    "1234",
    "веха",
    "vekha",
    "2024",
    "2025",
    "2026",
    "123",
];

/// How the keys of both layouts lie on one another.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const CYRILLIC: &str = "йцукенгшщзхъфывапролджэячсмитьбю";

/// Fewest signs of a password for an account with these roles.
#[must_use]
pub fn least(roles: &[Role]) -> usize {
    let administrator = |role: &Role| matches!(role, Role::SystemAdmin | Role::Operator | Role::SecurityOfficer);
    if roles.iter().any(administrator) {
        SHORTEST_OF_ADMINISTRATORS
    } else {
        SHORTEST
    }
}

/// Why a password cannot be taken; `own` are words that others know of its holder (login, name, school, region), `least`
/// the fewest signs.
///
/// # Errors
/// The rule that it breaks.
pub fn allowed(password: &str, own: &[String], least: usize) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < least {
        return Err(Refusal::new("access.password_short").with("least", least));
    }
    if length > LONGEST {
        return Err(Refusal::new("access.password_long").with("most", LONGEST));
    }
    let plain = folded(password);
    let typed = [
        plain.clone(),
        relaid(&plain, CYRILLIC, LATIN),
        relaid(&plain, LATIN, CYRILLIC),
    ];
    if words(own).any(|word| typed.iter().any(|t| t.contains(&word))) {
        return Err(Refusal::new("access.password_own"));
    }
    if typed.iter().any(|t| is_usual(t)) {
        return Err(Refusal::new("access.password_usual"));
    }
    Ok(())
}

fn is_usual(plain: &str) -> bool {
    let mut left = plain.to_owned();
    for usual in USUAL {
        left = left.replace(usual, "");
    }
    for year in 1940..2040 {
        left = left.replace(&year.to_string(), "");
    }
    let signs: std::collections::BTreeSet<char> = plain.chars().collect();
    left.chars().count() < LEFT || signs.len() < LEFT || zxcvbn::zxcvbn(plain, &[]).guesses_log10() < EARLY
}

/// The same keys in the other layout.
fn relaid(plain: &str, from: &str, to: &str) -> String {
    let twin = |c: char| from.chars().position(|f| f == c).and_then(|n| to.chars().nth(n));
    plain.chars().map(|c| twin(c).unwrap_or(c)).collect()
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

fn words(own: &[String]) -> impl Iterator<Item = String> + '_ {
    own.iter().flat_map(|text| {
        let text = folded(text);
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let kept: Vec<String> = parts
            .filter(|p| p.chars().count() >= OWN_WORD)
            .map(str::to_owned)
            .collect();
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_uncommon_and_not_of_own_words() {
        let own = [
            "ivanova.a2".to_owned(),
            "Иванова Анна".into(),
            "Школа № 1 «Росток»".into(),
        ];
        let code = |text: &str| allowed(text, &own, SHORTEST).err().map(|r| r.code);
        for fine in [
            "хороший длинный пароль",
            "лодка плывет тихо",
            "k9!vB3-Qz7wR",
            "двенадцать12",
        ] {
            assert_eq!(code(fine), None, "{fine}");
        }
        assert_eq!(code("короткий"), Some("access.password_short"));
        assert_eq!(code("одиннадцать"), Some("access.password_short"));
        assert_eq!(code(&"абвгдежз".repeat(17)), Some("access.password_long"));
        assert_eq!(
            allowed("лодка плывет т", &own, least(&[Role::Teacher, Role::Operator]))
                .err()
                .map(|r| r.code),
            Some("access.password_short")
        );
        for of_own in [
            "Моя ИВАНОВА тут",
            "ivanova-и-море",
            "росток у дома 7",
            "bdfyjdf и море 7",
        ] {
            assert_eq!(code(of_own), Some("access.password_own"), "{of_own}");
        }
        for usual in [
            "123456789012345",
            "Qwerty123456789",
            "парольпароль12",
            "Учитель2026!!",
            "аааааааааааааа",
            "йцукен123456",
            "password1234",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "iloveyou1234",
            "administrator",
            "letmein12345",
            "football1234",
            "1qaz2wsx3edc",
            "123qweasdzxc",
            "q1w2e3r4t5y6",
            "sunshine1234",
            "qazwsxedcrfv",
            "йцукенгшщзхъ",
            "фывапролджэ1",
            "ячсмитьбюйцу",
            "1й2ц3у4к5е6н",
            "gfhjkm123456",
            "ghbdtn123456",
            "привет123456",
            "наташа123456",
            "qweqweqweqwe",
        ] {
            assert_eq!(code(usual), Some("access.password_usual"), "{usual}");
        }
    }

    #[test]
    fn thousands_of_frequent_passwords_are_refused() {
        let mut tried = 0;
        for word in USUAL {
            for year in 1960..2027 {
                for end in ["", "!", "!!", "123", "qwerty"] {
                    let made = format!("{word}{year}{end}");
                    if made.chars().count() >= SHORTEST {
                        tried += 1;
                        assert!(allowed(&made, &[], SHORTEST).is_err(), "{made}");
                    }
                }
            }
        }
        assert!(tried >= 3_000, "{tried}");
    }
}
