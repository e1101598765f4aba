//! Keys for searching and sorting Russian text, the same on both databases.
//!
//! SQLite folds case for ASCII only and sorts bytewise, PostgreSQL depends on its collation, so both keys are made here
//! and stored: `search_key` (lower case, ё as е, one space) and `sort_key` (the collator's key, printable).

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use unicode_normalization::UnicodeNormalization;

/// Text as people meant it: NFC, no invisible characters, spaces squeezed and trimmed.
#[must_use]
pub fn clean(text: &str) -> String {
    if is_clean(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    let visible = |c: char| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{AD}' | '\u{2060}');
    for c in text.nfc().filter(|c| visible(*c)) {
        if c.is_whitespace() || c.is_control() {
            space = !out.is_empty();
        } else {
            if std::mem::take(&mut space) {
                out.push(' ');
            }
            out.push(c);
        }
    }
    out
}

/// Whether text is of common characters only and spaced as it should be: almost every cell is, and needs no second look.
fn is_clean(text: &str) -> bool {
    let mut after_space = true;
    for c in text.chars() {
        match c {
            ' ' if after_space => return false,
            ' ' => after_space = true,
            '!'..='~' | 'А'..='я' | 'Ё' | 'ё' | '«' | '»' | '№' | '–' | '—' | '’' => after_space = false,
            _ => return false,
        }
    }
    !after_space
}

/// The key by which text is searched and compared: clean, lower case, ё as е, one kind of apostrophe and hyphen.
#[must_use]
pub fn search_key(text: &str) -> String {
    clean(text)
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ё' => 'е',
            '’' | '`' | 'ʼ' | '‘' | '´' => '\'',
            '‐' | '‑' | '–' | '—' => '-',
            other => other,
        })
        .collect()
}

/// The words of a search key, each to be looked for by itself. Lists write «Ильина Т. Р.», so the dot of an initial is
/// no part of it.
pub fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split_whitespace().map(|word| match word.trim_end_matches('.') {
        "" => word,
        word => word,
    })
}

/// Whether a key holds every word of what is searched for.
#[must_use]
pub fn holds(key: &str, searched: &str) -> bool {
    words(searched).all(|word| key.contains(word))
}

/// The pattern of `LIKE … ESCAPE '\\'` for a key that holds this part; what the pattern would take for «anything» is
/// looked for as it stands.
#[must_use]
pub fn holding(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The pattern of `LIKE … ESCAPE '\\'` for a text that begins so.
#[must_use]
pub fn beginning(part: &str) -> String {
    holding(part).split_off(1)
}

/// The key by which names are sorted: Елкин, Ёлкин, Ельцов, Жуков; hyphens count as spaces.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let plain: String = clean(text)
        .to_lowercase()
        .chars()
        .map(|c| {
            if matches!(c, '-' | '‐' | '‑' | '–') {
                ' '
            } else {
                c
            }
        })
        .collect();
    let mut key = Vec::with_capacity(plain.len() * 2);
    let written = COLLATOR.with(|collator| match collator {
        Some(collator) => collator.write_sort_key_to(&plain, &mut key).is_ok(),
        None => false,
    });
    if !written {
        key = search_key(&plain).into_bytes();
    }
    key.iter().fold(String::with_capacity(key.len() * 2), |mut hex, byte| {
        use std::fmt::Write as _;
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

thread_local! {
    static COLLATOR: Option<CollatorBorrowed<'static>> =
        Collator::try_new(icu_locale_core::locale!("ru").into(), CollatorOptions::default()).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_a_reader_expects() {
        let mut names = [
            "Жуков",
            "Ёлкин",
            "Ельцов",
            "Елкин",
            "Егоров",
            "Мамин-Сибиряк",
            "Мамин Яков",
        ];
        names.sort_by_key(|n| sort_key(n));
        assert_eq!(
            names,
            [
                "Егоров",
                "Елкин",
                "Ёлкин",
                "Ельцов",
                "Жуков",
                "Мамин-Сибиряк",
                "Мамин Яков"
            ]
        );
    }

    #[test]
    fn clean_text_stays_and_the_rest_is_cleaned() {
        for text in ["", "Ёлкин", "О’Коннор № 1", "й"] {
            assert_eq!(clean(text), text);
        }
        for (text, cleaned) in [
            (" а", "а"),
            ("а ", "а"),
            ("а  б", "а б"),
            ("а\u{a0}б", "а б"),
            ("и\u{306}", "й"),
            ("а\u{200b}б\0", "аб"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn a_name_is_found_as_lists_write_it() {
        let key = search_key("Ильина Тамара Романовна");
        for searched in ["Ильина Т. Р.", "тамара ильина", "Ильин"] {
            assert!(holds(&key, &search_key(searched)), "{searched}");
        }
        for searched in ["Ильина Ж.", ".", "Ильина Тамара Павловна"] {
            assert!(!holds(&key, &search_key(searched)), "{searched}");
        }
    }

    #[test]
    fn signs_of_a_pattern_are_looked_for_as_they_stand() {
        assert_eq!(holding("елкин"), "%елкин%");
        assert_eq!(holding("100%_\\"), "%100\\%\\_\\\\%");
    }

    #[test]
    fn search_ignores_case_yo_spaces_and_apostrophes() {
        assert_eq!(search_key(" О’Коннор\u{a0} Пётр\u{feff} "), search_key("о'коннор петр"));
        assert_eq!(search_key("й"), search_key("и\u{306}"));
        assert_ne!(search_key("й"), search_key("и"));
    }
}
