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
    } else if let Some((stands, wanted)) = other_kind(said) {
        format!(
            "здесь значение другого рода: стоит {stands}, а требуется {wanted}; текст пишется в кавычках, число — без них"
        )
    } else if said.starts_with("invalid type") {
        "здесь значение другого рода; текст пишется в кавычках, число — без них".to_owned()
    } else if said.starts_with("invalid value") || said.starts_with("invalid length") {
        "такого значения здесь не бывает; исправьте его".to_owned()
    } else if said.chars().any(|c| matches!(c, 'а'..='я')) {
        // What our own readers of values say.
        said.to_owned()
    } else {
        format!(
            "текст не читается как TOML: {}; проверьте эту строку и ту, что над ней",
            unread(said)
        )
    };
    at(text, error.span().map_or(0, |s| s.start), what)
}

/// What stands where something of another kind is wanted, both in words.
fn other_kind(said: &str) -> Option<(&'static str, &'static str)> {
    let (stands_said, wanted) = said.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let stands = [
        ("datetime", "дата без кавычек"),
        ("string", "текст"),
        ("integer", "число"),
        ("floating point", "дробное число"),
        ("boolean", "true или false"),
        ("sequence", "список в квадратных скобках"),
        ("map", "таблица из ключей"),
    ];
    let wants = [
        ("a string", "текст в кавычках"),
        ("a boolean", "true или false"),
        ("a sequence", "список в квадратных скобках"),
        ("a map", "таблица из ключей"),
        ("struct", "таблица из ключей"),
        ("u", "целое число"),
        ("i", "целое число"),
        ("f", "число"),
    ];
    let of = |words: &[(&str, &'static str)], said: &str| {
        let found = words.iter().find(|(beginning, _)| said.starts_with(beginning));
        found.map(|(_, words)| *words)
    };
    Some((of(&stands, stands_said)?, of(&wants, wanted)?))
}

/// What the reader could not make out of a line.
fn unread(said: &str) -> &'static str {
    // The first words that fit: narrower ones stand above.
    let words = [
        ("string values must be quoted", "текст стоит без кавычек"),
        (
            "string",
            "кавычки не закрыты, или в тексте стоит знак, которого там не бывает",
        ),
        ("quote", "кавычек не хватает"),
        ("escaped", "после обратной косой черты в тексте стоит не тот знак"),
        ("unicode", "после обратной косой черты в тексте стоит не тот знак"),
        ("unclosed inline table", "фигурная скобка не закрыта"),
        ("unclosed", "квадратная скобка не закрыта"),
        ("opening", "нет открывающей скобки"),
        ("missing table open", "нет открывающей скобки"),
        ("missing comma", "между значениями нет запятой"),
        ("extra comma", "лишняя запятая"),
        ("missing assignment", "между ключом и значением нет знака ="),
        ("assignment", "лишний знак ="),
        ("`=`", "лишний знак ="),
        ("key with no value", "у ключа нет значения"),
        ("missing value", "после знака = нет значения"),
        (
            "cannot extend",
            "у этого ключа уже есть значение, вложенных ключей у него не бывает",
        ),
        ("key", "ключ написан неверно: в нём латинские буквы, цифры, знаки - и _"),
        ("radix", "число записано неверно"),
        ("number", "число записано неверно"),
        ("float", "число записано неверно"),
        ("integer", "число записано неверно"),
        ("leading zero", "число записано неверно: оно не начинается с нуля"),
        ("digit", "число записано неверно"),
        ("sign", "число записано неверно"),
        ("date", "дата записана неверно: год-месяц-день"),
        ("boolean", "здесь пишется true или false"),
        ("carriage return", "в строке стоит непечатный знак"),
        ("comment", "в примечании стоит непечатный знак"),
        ("recurs", "скобок в скобках слишком много"),
        ("content", "после значения стоит лишнее"),
    ];
    // What was expected stands behind.
    let said = said.split(", expected ").next().unwrap_or(said);
    let found = words.into_iter().find(|(part, _)| said.contains(part));
    found.map_or("строка написана неверно", |(_, words)| words)
}
