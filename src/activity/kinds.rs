//! The dictionary of kinds, kept in `seeds/reference/activity_kinds.toml`: a code or a name of it is what files, forms
//! and formulas say.

use std::sync::LazyLock;

use serde::Deserialize;

use super::model::Family;
use crate::db::text_keys::search_key;

/// A kind of record of one person.
#[derive(Debug, Deserialize)]
pub struct Kind {
    /// What it belongs to.
    pub family: Family,
    /// Its code, unique within the family.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Other names, such as abbreviations.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Columns without which a record of the kind is refused.
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// What a kind may ask of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The level.
    Level,
    /// The result.
    Result,
}

/// A word of another list: a kind of body, a form of mentoring, a quality.
#[derive(Debug, Deserialize)]
pub struct Word {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Dictionary {
    kind: Vec<Kind>,
    body: Vec<Word>,
    mentoring: Vec<Word>,
    quality: Vec<Word>,
}

// The file is part of the program, and a test reads it.
static DICTIONARY: LazyLock<Dictionary> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/activity_kinds.toml")).unwrap_or_default());

/// Kinds of records.
#[must_use]
pub fn all() -> &'static [Kind] {
    &DICTIONARY.kind
}

/// Kinds of bodies.
#[must_use]
pub fn bodies() -> &'static [Word] {
    &DICTIONARY.body
}

/// Forms of mentoring.
#[must_use]
pub fn mentoring() -> &'static [Word] {
    &DICTIONARY.mentoring
}

/// Qualities of the card of a mentor.
#[must_use]
pub fn qualities() -> &'static [Word] {
    &DICTIONARY.quality
}

/// Text as names are compared: the key of searching, all hyphens and dashes alike and without spaces around them.
fn plain(text: &str) -> String {
    search_key(text).replace(" - ", "-").replace(['«', '»', '"'], "")
}

fn says(text: &str, code: &str, name: &str, aliases: &[String]) -> bool {
    code == text || plain(name) == text || aliases.iter().any(|a| plain(a) == text)
}

/// Whether a text is a code or one of the names of it.
pub(super) fn means(text: &str, code: &str, name: &str, aliases: &[String]) -> bool {
    says(&plain(text), code, name, aliases)
}

/// A kind by `family/code`, by a code that only one family has, or by a name.
#[must_use]
pub fn find(text: &str) -> Option<&'static Kind> {
    let text = plain(text);
    if let Some((family, code)) = text.split_once('/') {
        return all().iter().find(|k| k.family.code() == family && k.code == code);
    }
    let mut named = all().iter().filter(|k| says(&text, &k.code, &k.name, &k.aliases));
    match (named.next(), named.next()) {
        (Some(kind), None) => Some(kind),
        _ => None,
    }
}

/// A kind by family and code.
#[must_use]
pub fn of(family: Family, code: &str) -> Option<&'static Kind> {
    all().iter().find(|k| k.family == family && k.code == code)
}

/// The name of a kind; its code where the dictionary has lost it.
#[must_use]
pub fn name(family: Family, code: &str) -> &str {
    of(family, code).map_or(code, |k| &k.name)
}

/// A word of a list by code or name.
#[must_use]
pub fn word(list: &'static [Word], text: &str) -> Option<&'static Word> {
    let text = plain(text);
    list.iter().find(|w| says(&text, &w.code, &w.name, &w.aliases))
}

/// The name of a word of a list; its code where the dictionary has lost it.
#[must_use]
pub fn word_name<'a>(list: &'static [Word], code: &'a str) -> &'a str {
    list.iter().find(|w| w.code == code).map_or(code, |w| &w.name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_of_the_dictionary_means_one_thing() {
        assert!(all().len() > 50 && bodies().len() > 20, "the file is read");
        let mut codes = HashSet::new();
        let mut names = HashSet::new();
        for kind in all() {
            assert!(codes.insert((kind.family, &kind.code)), "{}", kind.code);
            for name in std::iter::once(&kind.name).chain(&kind.aliases) {
                assert!(names.insert(plain(name)), "{name}");
                assert_eq!(find(name).map(|k| &k.code), Some(&kind.code), "{name}");
            }
            let path = format!("{}/{}", kind.family, kind.code);
            assert_eq!(find(&path).map(|k| &k.name), Some(&kind.name));
            assert!(
                kind.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{}",
                kind.code
            );
        }
        for list in [bodies(), mentoring(), qualities()] {
            let mut names = HashSet::new();
            for word in list {
                for name in [&word.code, &word.name].into_iter().chain(&word.aliases) {
                    assert!(names.insert(plain(name)), "{name}");
                }
            }
        }
        for family in Family::ALL {
            assert!(all().iter().any(|k| k.family == *family), "{family}");
        }
    }

    #[test]
    fn a_code_of_two_families_is_no_answer() {
        assert!(find("tutor").is_none());
        assert_eq!(find("role/tutor").map(|k| k.family), Some(Family::Role));
        assert_eq!(find(" эксперт гиа").map(|k| k.code.as_str()), Some("gia"));
        assert_eq!(
            word(mentoring(), "педагог-педагог").map(|w| w.code.as_str()),
            Some("teacher_teacher")
        );
    }
}
