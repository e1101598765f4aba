//! What stands in a line: states in a word, links, buttons.

use serde::Serialize;

/// Meaning of a chip or a mark. Always shown by colour, sign and word together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Done, in order.
    Done,
    /// Waits for someone.
    Wait,
    /// Late or out of order.
    Late,
    /// Nothing to say.
    Calm,
}

/// A state in one or two words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// Meaning.
    pub tone: Tone,
    /// Sign: a name of the sprite; empty for none.
    pub icon: &'static str,
    /// Words.
    pub text: String,
}

impl Chip {
    /// A chip with the usual sign of its meaning.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        let icon = match tone {
            Tone::Done => "i-ok",
            Tone::Wait => "i-clock",
            Tone::Late => "i-warn",
            Tone::Calm => "",
        };
        Self {
            tone,
            icon,
            text: text.into(),
        }
    }

    /// With another sign.
    #[must_use]
    pub fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Words.
    pub text: String,
    /// Address.
    pub href: String,
}

impl Link {
    /// A link.
    #[must_use]
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
        }
    }
}

/// A button that acts: a form of its own, or a link when it only leads on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// Words.
    pub text: String,
    /// Address.
    pub href: String,
    /// Hidden fields, the token among them; `None` is a link.
    pub fields: Option<Vec<Hidden>>,
}

impl Button {
    /// A link that looks like a button.
    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            fields: None,
        }
    }

    /// A form that is sent by the button.
    #[must_use]
    pub fn act(text: impl Into<String>, href: impl Into<String>, fields: &[(&'static str, String)]) -> Self {
        let hidden = fields.iter().map(|(name, value)| Hidden {
            name,
            value: value.clone(),
        });
        Self {
            text: text.into(),
            href: href.into(),
            fields: Some(hidden.collect()),
        }
    }
}

/// A hidden field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: String,
}
