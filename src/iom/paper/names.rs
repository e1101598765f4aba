//! Names as they stand on a paper: officials and supporters by their initials, «К. И. Заозёрный», as whoever approves is
//! named; the teacher alone is named in full.

use crate::planted;

/// «К. И. Заозёрный», with spaces that do not break.
#[must_use]
pub fn signed(last: &str, first: &str, patronymic: Option<&str>) -> String {
    if planted!("names_as_called") {
        return format!("{first} {last}");
    }
    let mut out = String::new();
    for part in [Some(first), patronymic].into_iter().flatten() {
        if let Some(initial) = part.chars().next() {
            out.extend(initial.to_uppercase());
            out.push_str(".\u{A0}");
        }
    }
    out.push_str(last);
    out
}

/// The same of a name that was typed: «Светлана Горшкова», «Светлана Петровна Горшкова», «Горшкова Светлана Петровна». What
/// does not read as one, a login or initials, stays as it is.
#[must_use]
pub fn typed(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    if !words.iter().copied().all(is_of_name) {
        return name.to_owned();
    }
    match words.as_slice() {
        [first, last] => signed(last, first, None),
        [first, middle, last] if is_patronymic(middle) => signed(last, first, Some(*middle)),
        [last, first, middle] if is_patronymic(middle) => signed(last, first, Some(*middle)),
        _ => name.to_owned(),
    }
}

/// «Анна-Мария», and neither «ЦНППМ» nor «отдел».
fn is_of_name(word: &str) -> bool {
    let letters = word.chars().all(|c| c.is_alphabetic() || c == '-');
    letters && word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase)
}

fn is_patronymic(word: &str) -> bool {
    ["ич", "вна", "чна"].iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_and_what_is_no_name_stays() {
        for (name, said) in [
            ("Светлана Горшкова", "С. Горшкова"),
            ("Светлана Петровна Горшкова", "С. П. Горшкова"),
            ("Горшкова Светлана Петровна", "С. П. Горшкова"),
            ("К. И. Заозёрный", "К. И. Заозёрный"),
            ("Отдел ЦНППМ", "Отдел ЦНППМ"),
            ("curator1", "curator1"),
        ] {
            assert_eq!(typed(name).replace('\u{A0}', " "), said, "{name}");
        }
        assert_eq!(signed("Лебедева", "анна", None), "А.\u{A0}Лебедева");
    }
}
