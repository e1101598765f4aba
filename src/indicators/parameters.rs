//! Parameters of a pack in its formulas: `$code` stands for the value.

use std::collections::BTreeMap;

use super::pack_check::milli;
use super::parse::{FormulaError, at};
use super::scale;
use crate::planted;

/// Whether a character may stand in the code of a parameter: a code ends where none does.
#[must_use]
pub(super) fn fits(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A formula with values in the place of parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filled {
    /// The formula.
    pub text: String,
    /// Where its parts begin and where each began in the formula as it was given, in characters; a value begins where its
    /// parameter did.
    parts: Vec<(usize, usize)>,
    /// Which of the parts are values.
    values: Vec<bool>,
}

impl Filled {
    /// Where a character of it stood in the formula as it was given.
    #[must_use]
    pub fn source(&self, offset: usize) -> usize {
        let after = self.parts.partition_point(|(here, _)| *here <= offset);
        let Some(place) = after.checked_sub(1) else {
            return offset;
        };
        let (here, there) = self.parts[place];
        if self.values[place] {
            there
        } else {
            there + offset - here
        }
    }
}

/// Puts the values of parameters into a formula. What stands in quotes is left as it is.
///
/// # Errors
/// A parameter that the pack does not have.
pub(super) fn filled(formula: &str, values: &BTreeMap<&str, f64>) -> Result<Filled, FormulaError> {
    let mut filled = Filled {
        text: String::with_capacity(formula.len()),
        parts: vec![(0, 0)],
        values: vec![false],
    };
    let chars: Vec<char> = formula.chars().collect();
    let (mut place, mut written, mut quoted) = (0, 0, false);
    while let Some(c) = chars.get(place) {
        quoted ^= *c == '"';
        if *c != '$' || quoted {
            filled.text.push(*c);
            (place, written) = (place + 1, written + 1);
            continue;
        }
        let code: String = chars[place + 1..].iter().take_while(|c| fits(**c)).collect();
        let known = if planted!("parameter_by_its_beginning") {
            begins(&code, values)
        } else {
            values.get(code.as_str()).copied()
        };
        let Some(value) = known else {
            return Err(unknown(formula, place, &code, values));
        };
        let value = scale::plain(milli(value));
        filled.parts.push((written, place));
        filled.values.push(true);
        written += value.chars().count();
        filled.text.push_str(&value);
        place += 1 + code.chars().count();
        filled.parts.push((written, place));
        filled.values.push(false);
    }
    Ok(filled)
}

/// The value of a parameter that a code begins with.
fn begins(code: &str, values: &BTreeMap<&str, f64>) -> Option<f64> {
    values
        .iter()
        .find(|(own, _)| code.starts_with(**own))
        .map(|(_, value)| *value)
}

fn unknown(formula: &str, place: usize, code: &str, values: &BTreeMap<&str, f64>) -> FormulaError {
    let known: Vec<String> = values.keys().map(|code| format!("${code}")).collect();
    let what = match (code, known.is_empty()) {
        ("", _) => "после знака $ пишется код параметра, например $limit".to_owned(),
        (code, true) => format!("параметра ${code} в пакете нет; опишите его: [[parameter]]"),
        (code, false) => format!(
            "параметра ${code} в пакете нет; есть: {}; или опишите его: [[parameter]]",
            known.join(", ")
        ),
    };
    let byte = formula
        .char_indices()
        .nth(place)
        .map_or(formula.len(), |(byte, _)| byte);
    at(formula, byte, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_read_by_its_whole_code() {
        let values = BTreeMap::from([("lim", 3.0), ("lim2", 20.5)]);
        let read = |formula: &str| filled(formula, &values).map(|f| f.text);
        assert_eq!(
            read("a > $lim and b > $lim2, $lim)"),
            Ok("a > 3 and b > 20.5, 3)".to_owned())
        );
        assert_eq!(read("sum(\"$lim\")"), Ok("sum(\"$lim\")".to_owned()));
        for (formula, offset, said) in [
            ("a > $lim5", 4, "параметра $lim5 в пакете нет; есть: $lim, $lim2"),
            ("я > $", 4, "после знака $ пишется код"),
        ] {
            let wrong = filled(formula, &values).expect_err(formula);
            assert_eq!(wrong.offset, offset, "{formula}");
            assert!(wrong.what.starts_with(said), "{}", wrong.what);
        }
    }

    #[test]
    fn a_place_is_told_in_the_formula_as_it_was_given() {
        let values = BTreeMap::from([("long_name", 3.0)]);
        let read = filled("x > $long_name and $long_name then", &values).expect("known");
        assert_eq!(read.text, "x > 3 and 3 then");
        let place = |of: &str| read.source(read.text.find(of).expect(of));
        assert_eq!(
            (place("x"), place("3 and"), place("and"), place("then")),
            (0, 4, 15, 30)
        );
    }
}
