//! What letters say: one folder of `templates/mail` for each kind, part of the program. Gaps are written `{{name}}`.

use serde_json::Value;

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject, one line.
    pub subject: String,
    /// The body, plain text.
    pub body: String,
}

macro_rules! texts {
    ($($kind:literal),+ $(,)?) => {
        &[$((
            $kind,
            include_str!(concat!("../../templates/mail/", $kind, "/subject.txt")),
            include_str!(concat!("../../templates/mail/", $kind, "/body.txt")),
        )),+]
    };
}

/// Kind, subject, body.
const TEXTS: &[(&str, &str, &str)] = texts![
    "iom_sent",
    "iom_submitted",
    "iom_item_returned",
    "iom_application_ended",
    "iom_assigned"
];

/// The text of a letter; `None` for an unknown kind. `values` is the JSON object the letter was queued with.
#[must_use]
pub fn text(kind: &str, values: &str) -> Option<Text> {
    let (_, subject, body) = TEXTS.iter().find(|(known, ..)| *known == kind)?;
    let values: Value = serde_json::from_str(values).unwrap_or_default();
    Some(Text {
        subject: filled(subject.trim_end(), &values),
        body: filled(body, &values),
    })
}

/// A template with its gaps filled; what has no value leaves an empty place.
fn filled(template: &str, values: &Value) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        match values.get(name) {
            Some(Value::String(text)) => out.push_str(&text.replace(['\r', '\n'], " ")),
            Some(Value::Number(number)) => out.push_str(&number.to_string()),
            _ => {}
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_full_and_breaks_no_header() {
        for (kind, ..) in TEXTS {
            let full = text(kind, r#"{"number": "ИОМ-1\nBcc: x", "item": 4}"#).unwrap();
            assert!(
                full.subject.contains("ИОМ-1 Bcc: x") && full.body.contains("ИОМ-1"),
                "{kind}"
            );
            assert!(
                !full.subject.contains(['\n', '{', '}']) && !full.body.contains(['{', '}']),
                "{kind}"
            );
            assert!(full.body.lines().all(|line| line.chars().count() <= 120), "{kind}");
            assert!(text(kind, "").is_some(), "{kind}: an empty letter still reads");
        }
        assert_eq!(text("unknown", "{}"), None);
    }
}
