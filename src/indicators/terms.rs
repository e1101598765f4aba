//! The dictionary: what the words of pages and of methods mean. The program's own words are kept in
//! `seeds/reference/terms.toml`; a pack may word one anew or add its own.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use toml::Spanned;

use super::measures::{self, Measure};
use super::pack::Pack;
use crate::finding::{Finding, at};
use crate::planted;

/// Longest code.
const CODE: usize = 40;
/// Longest name and longest meaning, letters: what is longer is a document and no dictionary.
const NAME: usize = 100;
/// As above.
const MEANS: usize = 600;

/// A word with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Code, in addresses.
    pub code: String,
    /// The word.
    pub name: String,
    /// What it means, in a sentence or two. How it is counted is said by its measures alone.
    pub means: String,
    /// Codes of the measures that count it.
    #[serde(default)]
    pub measures: Vec<String>,
}

impl Term {
    /// The measures that count it, in the order of their file.
    pub fn counted(&self) -> impl Iterator<Item = &'static Measure> {
        measures::known().iter().filter(|m| self.measures.contains(&m.code))
    }

    /// What it is, for the comparison of two versions.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{}: {}", self.name, self.means)
    }
}

/// A word as a region reads it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The word.
    pub term: Term,
    /// The pack whose wording it is; `None` is the program's own.
    pub of: Option<Arc<Pack>>,
}

#[derive(Default, Deserialize)]
struct File {
    term: Vec<Term>,
}

// The file is part of the program, and a test reads it.
static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../seeds/reference/terms.toml")).unwrap_or_default();
    file.term
});

/// The program's own words, in the order of their file.
#[must_use]
pub fn known() -> &'static [Term] {
    &TERMS
}

/// The words of a region: the program's own, worded anew or added to by the packs of the region. Of two packs with the same
/// word the first one counts.
#[must_use]
pub fn of_region(packs: &[Arc<Pack>]) -> Vec<Known> {
    let mut found: Vec<Known> = Vec::new();
    for pack in packs {
        for term in &pack.terms {
            if found.iter().all(|known| known.term.code != term.code) {
                found.push(Known {
                    term: term.clone(),
                    of: Some(Arc::clone(pack)),
                });
            }
        }
    }
    for term in known() {
        match found.iter_mut().find(|own| own.term.code == term.code) {
            Some(own) if planted!("term_of_program") => (own.term, own.of) = (term.clone(), None),
            // How a word of the program is counted is no pack's to say anew.
            Some(own) => own.term.measures.clone_from(&term.measures),
            None => found.push(Known {
                term: term.clone(),
                of: None,
            }),
        }
    }
    found
}

/// A word as a pack writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermText {
    code: Spanned<String>,
    name: Spanned<String>,
    means: Spanned<String>,
    #[serde(default)]
    measures: Vec<Spanned<String>>,
}

/// The words of a pack: codes that stand once, names and meanings that say something, measures that are there.
pub(super) fn read(text: &str, terms: &[TermText], problems: &mut Vec<Finding>) -> Vec<Term> {
    let mut codes = BTreeSet::new();
    let mut found = Vec::with_capacity(terms.len());
    for of in terms {
        let mut tell = |place: usize, what: String| problems.push(at(text, place, what));
        let code = of.code.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if code.is_empty() || code.len() > CODE || !code.chars().all(fits) {
            let what = format!("код слова «{code}» не подходит; возьмите строчные латинские буквы, цифры и «_»");
            tell(of.code.span().start, what);
        }
        if !codes.insert(code.as_str()) && !planted!("term_twice") {
            tell(
                of.code.span().start,
                format!("слово {code} стоит дважды; оставьте одно из двух мест"),
            );
        }
        for (said, most, what) in [(&of.name, NAME, "само слово"), (&of.means, MEANS, "толкование")]
        {
            let long = said.get_ref().trim().chars().count();
            if long == 0 || long > most {
                let advice = format!("{what} (слово {code}): нужно от 1 до {most} знаков, а здесь {long}");
                tell(said.span().start, advice);
            }
        }
        for measure in &of.measures {
            if !measures::known().iter().any(|m| m.code == *measure.get_ref()) {
                let what = format!("величины {} нет; есть в measures.toml", measure.get_ref());
                tell(measure.span().start, what);
            }
        }
        found.push(Term {
            code: code.clone(),
            name: of.name.get_ref().trim().to_owned(),
            means: of.means.get_ref().trim().to_owned(),
            measures: of.measures.iter().map(|m| m.get_ref().clone()).collect(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_stands_once_and_every_measure_is_there() {
        assert!(known().len() > 20, "the file is read");
        let codes: HashSet<&str> = known().iter().map(|term| term.code.as_str()).collect();
        let names: HashSet<&str> = known().iter().map(|term| term.name.as_str()).collect();
        assert_eq!((codes.len(), names.len()), (known().len(), known().len()));
        for term in known() {
            let there: HashSet<&str> = term.counted().map(|m| m.code.as_str()).collect();
            let asked: HashSet<&str> = term.measures.iter().map(String::as_str).collect();
            assert_eq!(there, asked, "{}", term.code);
            assert!(term.means.chars().count() <= MEANS, "{}", term.code);
        }
    }
}
