//! What is found in a text that people write (a pack, rules): the place and what to do about it.

use std::fmt;

/// A fault, or something worth a look, with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what to do, one sentence.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "строка {}, столбец {}: {}", self.line, self.column, self.what)
    }
}

/// A finding at a byte of the text.
#[must_use]
pub fn at(text: &str, byte: usize, what: impl fmt::Display) -> Finding {
    let before = text.get(..byte).unwrap_or(text);
    Finding {
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1,
        what: what.to_string(),
    }
}

/// Findings one below the other.
#[must_use]
pub fn lines(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What the reader of TOML found, in words of ours.
#[must_use]
pub fn of_toml(text: &str, error: &toml::de::Error) -> Finding {
    let said = error.message();
    let quoted = || said.split('`').nth(1).unwrap_or_default();
    let what = if said.starts_with("missing field") {
        format!("здесь нет ключа {0}; допишите строку {0} = …", quoted())
    } else if said.starts_with("unknown field") {
        let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        format!("ключа {} здесь не бывает; есть: {}", quoted(), known.join(", "))
    } else if said.starts_with("duplicate") {
        let key = error.span().and_then(|span| text.get(span)).unwrap_or_default();
        format!("ключ {} стоит дважды; оставьте один", key.trim())
    } else if said.starts_with("unknown variant") {
        let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        format!("«{}» здесь не бывает; есть: {}", quoted(), known.join(", "))
    } else if said.starts_with("invalid type") {
        format!("здесь значение другого рода; текст пишется в кавычках, число — без них ({said})")
    } else {
        format!("текст не читается как TOML; проверьте кавычки и скобки этой строки ({said})")
    };
    at(text, error.span().map_or(0, |s| s.start), what)
}
