//! What a password may be: long, not one of the usual ones, not made of what others know of its holder.

use crate::error::Refusal;

/// Fewest signs.
pub const SHORTEST: usize = 12;
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

/// Why a password cannot be taken; `own` are words that others know of its holder: login, name, school.
///
/// # Errors
/// The rule that it breaks.
pub fn allowed(password: &str, own: &[String]) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Refusal::new("access.password_short").with("least", SHORTEST));
    }
    if length > LONGEST {
        return Err(Refusal::new("access.password_long").with("most", LONGEST));
    }
    let plain = folded(password);
    if words(own).any(|word| plain.contains(&word)) {
        return Err(Refusal::new("access.password_own"));
    }
    let mut left = plain.clone();
    for usual in USUAL {
        left = left.replace(usual, "");
    }
    let signs: std::collections::BTreeSet<char> = plain.chars().collect();
    if left.chars().count() < LEFT || signs.len() < LEFT {
        return Err(Refusal::new("access.password_usual"));
    }
    Ok(())
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
        let code = |text: &str| allowed(text, &own).err().map(|r| r.code);
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
        for of_own in ["Моя ИВАНОВА тут", "ivanova-и-море", "росток у дома 7"] {
            assert_eq!(code(of_own), Some("access.password_own"), "{of_own}");
        }
        for usual in [
            "123456789012345",
            "Qwerty123456789",
            "парольпароль12",
            "Учитель2026!!",
            "аааааааааааааа",
            "йцукен123456",
        ] {
            assert_eq!(code(usual), Some("access.password_usual"), "{usual}");
        }
    }
}
