//! The dictionary of acts and orders, kept in `seeds/reference/regulation_kinds.toml`: kinds of documents, natures of them
//! and the nine stages that a cycle may have.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::activity::kinds::Word;

#[derive(Default, Deserialize)]
struct Dictionary {
    kind: Vec<Word>,
    nature: Vec<Word>,
    stage: Vec<Word>,
}

// The file is part of the program, and a test reads it.
static DICTIONARY: LazyLock<Dictionary> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/regulation_kinds.toml")).unwrap_or_default());

/// Kinds of documents: orders, statutes, minutes.
#[must_use]
pub fn kinds() -> &'static [Word] {
    &DICTIONARY.kind
}

/// What a document of a power is like: conceptual, directive, analytical.
#[must_use]
pub fn natures() -> &'static [Word] {
    &DICTIONARY.nature
}

/// Stages of a cycle in their usual order.
#[must_use]
pub fn stages() -> &'static [Word] {
    &DICTIONARY.stage
}

/// The codes of a list, for whoever wrote another one.
#[must_use]
pub fn codes(list: &[Word]) -> String {
    let codes: Vec<&str> = list.iter().map(|word| word.code.as_str()).collect();
    codes.join(", ")
}

/// Whether a list has a code.
#[must_use]
pub fn has(list: &[Word], code: &str) -> bool {
    list.iter().any(|word| word.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_stands_once_and_a_cycle_has_nine_stages() {
        assert_eq!(stages().len(), 9);
        assert!(kinds().len() > 10 && natures().len() > 5, "the file is read");
        for list in [kinds(), natures(), stages()] {
            let codes: HashSet<&str> = list.iter().map(|word| word.code.as_str()).collect();
            let names: HashSet<&str> = list.iter().map(|word| word.name.as_str()).collect();
            assert!(
                codes.len() == list.len() && names.len() == list.len(),
                "{}",
                super::codes(list)
            );
        }
    }
}
