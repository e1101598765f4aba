//! Authors as people write them: names apart from each other, each once, and what is no name.

use crate::db::text_keys::{clean, search_key};

/// The names of a text: between semicolons and lines, and between commas where each part is a name.
#[must_use]
pub fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split([';', '\n', '\r']).map(clean) {
        let between = part.split(',').map(str::trim);
        if between.clone().all(is_name) {
            found.extend(between.map(str::to_owned));
        } else {
            found.push(part);
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Whether every word of it begins large, as those of a name do: a comma inside «Кафедра математики, физики» parts nobody.
fn is_name(text: &str) -> bool {
    let mut words = text.split([' ', '.', '-']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| word.chars().next().is_some_and(char::is_uppercase))
}

/// What two ways of writing one name have in common: «Гостева Г.Г.» is «гостева г. г.».
#[must_use]
pub fn key(name: &str) -> String {
    search_key(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether what stands for a name is none: a number, one as long as a СНИЛС inside, a login or an address of mail. Everyone
/// reads the authors.
#[must_use]
pub fn is_none(name: &str) -> bool {
    let login = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    !name.chars().any(char::is_alphabetic)
        || name.chars().filter(|c| c.is_numeric()).count() >= 9
        || name.chars().all(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parted_where_people_part_them() {
        for (text, found) in [
            ("Гостева Г. Г.; Орлов О.", &["Гостева Г. Г.", "Орлов О."][..]),
            ("Гостева Г. Г.\r\nОрлов О.\n", &["Гостева Г. Г.", "Орлов О."]),
            (
                "Гостева Г. Г., Орлов-Дальний О.О.",
                &["Гостева Г. Г.", "Орлов-Дальний О.О."],
            ),
            (
                "Кафедра математики, физики; Орлов О.",
                &["Кафедра математики, физики", "Орлов О."],
            ),
            (" ;; ;", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(text), found, "{text}");
        }
    }

    #[test]
    fn one_name_is_one_however_it_is_written() {
        assert_eq!(key("Гостева Г.Г."), key("гостева  г. г."));
        assert_ne!(key("Гостева Г. Г."), key("Гостева Г. И."));
    }

    #[test]
    fn a_number_and_a_login_are_no_names() {
        for name in [
            "12",
            "112-233-445 95",
            "Гость 112-233-445 95",
            "operator",
            "head.tyu-01-005",
            "a@b.example",
            "–",
        ] {
            assert!(is_none(name), "{name}");
        }
        for name in ["Гостева Г. Г.", "Школа № 5", "коллектив института", "L. Vygotsky"]
        {
            assert!(!is_none(name), "{name}");
        }
    }
}
