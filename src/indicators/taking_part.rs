//! What people took part in and were trained in: what a test asks of a token, and its canonical text.

use std::collections::BTreeSet;
use std::fmt;

use super::words::FAMILIES;
use crate::catalogue::ProgrammeKind;
use crate::catalogue::model::Topic;
use crate::planted;

/// A test of the activities of a person: `event(kind in (…), level in (…), role = …, result = …, years = n)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TakingPart {
    /// The word of the language.
    pub word: &'static str,
    /// Kinds; none are all.
    pub kinds: BTreeSet<String>,
    /// Levels; none are all.
    pub levels: BTreeSet<String>,
    /// The role, or the result.
    pub role: Option<String>,
    /// How many periods it may lie back: 1 is this period only.
    pub years: u8,
}

impl TakingPart {
    /// Whether a token `family/kind/level/role[/periods ago]` is asked for.
    #[must_use]
    pub fn is(&self, token: &str) -> bool {
        let mut parts = token.split('/');
        let mut next = || parts.next().unwrap_or("-");
        let (family, kind, level, role, ago) = (next(), next(), next(), next(), next());
        let asked = FAMILIES.iter().any(|(word, of, _)| *word == self.word && *of == family);
        let among = |set: &BTreeSet<String>, part: &str| set.is_empty() || set.contains(part);
        asked
            && (among(&self.kinds, kind) || planted!("part_of_any_kind"))
            && among(&self.levels, level)
            && self.role.as_deref().is_none_or(|r| r == role)
            && ago.parse::<u8>().unwrap_or(0) < self.years
    }

    /// What to say of somebody who did not.
    #[must_use]
    pub fn missing(&self) -> String {
        let found = FAMILIES.iter().find(|(word, ..)| *word == self.word);
        format!("{} в периоде", found.map_or(self.word, |(_, _, said)| said))
    }
}

/// Writes `word(key = value, key in (…), bare)`; a word with nothing to add stands alone.
pub(super) fn listed<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    keyed: [(&str, Vec<&str>); N],
    bare: &[&str],
) -> fmt::Result {
    let mut options: Vec<String> = keyed
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| format!("{key} in ({})", values.join(", ")))
        .collect();
    options.extend(bare.iter().map(|word| (*word).to_owned()));
    if options.is_empty() {
        f.write_str(word)
    } else {
        write!(f, "{word}({})", options.join(", "))
    }
}

impl fmt::Display for TakingPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |set: &'_ BTreeSet<String>| -> Vec<String> { set.iter().cloned().collect() };
        let (kinds, levels) = (all(&self.kinds), all(&self.levels));
        let years = format!("years = {}", self.years);
        let role = self.role.as_ref().map(|r| format!("role = {r}"));
        let mut bare: Vec<&str> = role.iter().map(String::as_str).collect();
        if self.years > 1 {
            bare.push(&years);
        }
        listed(
            f,
            self.word,
            [
                ("kind", kinds.iter().map(String::as_str).collect()),
                ("level", levels.iter().map(String::as_str).collect()),
            ],
            &bare,
        )
    }
}

/// What a training may be marked by, each a bare word of the language and a letter of the mark.
pub const TRAINING_FLAGS: &[(&str, char)] = &[
    ("deficit_based", 'b'),
    ("distance", 'd'),
    ("federal_programme", 'f'),
    ("in_register", 'r'),
    ("pedagogical", 'p'),
];

/// A test of the trainings of a person; everything asked must hold of one and the same training.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Training {
    /// Topics, any of which will do; none are all.
    pub topics: BTreeSet<Topic>,
    /// ПК or ПП.
    pub kind: Option<ProgrammeKind>,
    /// Held by a ЦНППМ.
    pub by_cnppm: bool,
    /// Words of [`TRAINING_FLAGS`].
    pub flags: BTreeSet<&'static str>,
    /// How many periods it may lie back: 1 is this period only.
    pub years: u8,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            topics: BTreeSet::new(),
            kind: None,
            by_cnppm: false,
            flags: BTreeSet::new(),
            years: 1,
        }
    }
}

impl Training {
    /// Whether a mark `trained/kind/provider/letters/topic+topic/periods ago` is asked for.
    #[must_use]
    pub fn is(&self, mark: &str) -> bool {
        let Some(rest) = mark.strip_prefix("trained/") else {
            return false;
        };
        let mut parts = rest.split('/');
        let mut next = || parts.next().unwrap_or("-");
        let (kind, provider, letters, topics, ago) = (next(), next(), next(), next(), next());
        let flagged = TRAINING_FLAGS
            .iter()
            .filter(|(word, _)| self.flags.contains(word))
            .all(|(_, letter)| letters.contains(*letter));
        self.kind.is_none_or(|k| k.code() == kind)
            && (!self.by_cnppm || provider == "cnppm")
            && flagged
            && (self.topics.is_empty() || topics.split('+').any(|t| self.topics.iter().any(|of| of.code() == t)))
            && ago.parse::<u8>().unwrap_or(0) < self.years
    }
}

impl fmt::Display for Training {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let years = format!("years = {}", self.years);
        let kind = self.kind.map(|k| format!("kind = {}", k.code()));
        let mut bare: Vec<&str> = self.flags.iter().copied().collect();
        bare.extend(kind.as_deref());
        if self.by_cnppm {
            bare.push("provider = cnppm");
        }
        if self.years > 1 {
            bare.push(&years);
        }
        let topics = self.topics.iter().map(|t| t.code()).collect();
        listed(f, "trained", [("topic", topics)], &bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_asked_holds_of_one_training() {
        let asked = Training {
            topics: BTreeSet::from([Topic::Upbringing]),
            by_cnppm: true,
            flags: BTreeSet::from(["federal_programme"]),
            years: 2,
            ..Training::default()
        };
        assert!(asked.is("trained/upskilling/cnppm/df/gifted_children+upbringing/1"));
        assert!(!asked.is("trained/upskilling/cnppm/df/upbringing/2"), "too long ago");
        assert!(!asked.is("trained/upskilling/-/df/upbringing/0"), "elsewhere");
        assert!(
            !asked.is("trained/upskilling/cnppm/d/upbringing/0"),
            "no federal programme"
        );
        assert!(
            !asked.is("trained/upskilling/cnppm/f/gifted_children/0"),
            "another topic"
        );
        assert!(!asked.is("diagnosed/full/subject/ok"));
    }

    #[test]
    fn a_token_is_asked_for_by_family_kind_level_role_and_window() {
        let asked = TakingPart {
            word: "helped",
            kinds: BTreeSet::from(["gmo".to_owned(), "rmo".to_owned()]),
            levels: BTreeSet::new(),
            role: None,
            years: 1,
        };
        assert!(asked.is("help/gmo/municipal/-"));
        assert!(!asked.is("help/smo/municipal/-"));
        assert!(!asked.is("member/gmo/municipal/-"));
        assert!(!asked.is("help/gmo/municipal/-/1"), "the period before");
        let passed = TakingPart {
            word: "exam",
            kinds: BTreeSet::new(),
            levels: BTreeSet::new(),
            role: Some("passed".to_owned()),
            years: 2,
        };
        assert!(passed.is("exam/independent/-/passed/1"));
        assert!(!passed.is("exam/independent/-/-"));
    }
}
