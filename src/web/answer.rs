//! What a handler answers: a page, another address, or bytes.

use actix_web::cookie::Cookie;
use serde::Serialize;
use serde_json::Value;

use super::address::quoted;
use crate::error::Error;

/// The content of an answer.
#[derive(Debug)]
pub enum Body {
    /// A template with its data, inside the frame.
    Page {
        /// Template.
        template: &'static str,
        /// Its data.
        data: Value,
        /// Title, when it is not that of the entry.
        title: Option<String>,
    },
    /// Another address of ours.
    Redirect(String),
    /// Bytes with their media type.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// Media type.
        media: &'static str,
        /// Whether it may be cached for ever.
        immutable: bool,
    },
    /// Nothing.
    Empty,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content.
    pub body: Body,
    /// Cookies to set.
    pub cookies: Vec<Cookie<'static>>,
    /// Whether the browser should forget everything of ours (sign-out).
    pub forget: bool,
    /// Seconds after which the browser should ask again: a page of work that goes on.
    pub again: Option<u32>,
    /// `Content-Disposition` of bytes that are someone's file.
    pub disposition: Option<String>,
}

impl Answer {
    fn new(status: u16, body: Body) -> Self {
        Self {
            status,
            body,
            cookies: Vec::new(),
            forget: false,
            again: None,
            disposition: None,
        }
    }

    /// A page.
    ///
    /// # Errors
    /// Data that cannot be serialised.
    pub fn page(template: &'static str, data: &impl Serialize) -> Result<Self, Error> {
        let data = serde_json::to_value(data).map_err(|e| Error::Internal(e.to_string()))?;
        let title = None;
        Ok(Self::new(200, Body::Page { template, data, title }))
    }

    /// Another address of ours, to be read with GET.
    #[must_use]
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::new(303, Body::Redirect(to.into()))
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>, media: &'static str) -> Self {
        let immutable = false;
        Self::new(
            200,
            Body::Bytes {
                bytes,
                media,
                immutable,
            },
        )
    }

    /// Bytes under an address that never changes its content.
    #[must_use]
    pub fn immutable(bytes: Vec<u8>, media: &'static str) -> Self {
        let immutable = true;
        Self::new(
            200,
            Body::Bytes {
                bytes,
                media,
                immutable,
            },
        )
    }

    /// Nothing to say.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(204, Body::Empty)
    }

    /// To be asked for again in so many seconds, without a script.
    #[must_use]
    pub fn again_in(mut self, seconds: u32) -> Self {
        self.again = Some(seconds);
        self
    }

    /// As a file of this name; `shown` opens it in the browser itself.
    #[must_use]
    pub fn file(mut self, name: &str, shown: bool) -> Self {
        let quoted = quoted(name);
        let how = if shown { "inline" } else { "attachment" };
        self.disposition = Some(format!("{how}; filename*=UTF-8''{quoted}"));
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a title of its own.
    #[must_use]
    pub fn title(mut self, text: impl Into<String>) -> Self {
        if let Body::Page { title, .. } = &mut self.body {
            *title = Some(text.into());
        }
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }
}
