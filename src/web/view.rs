//! «Версия для слабовидящих»: size, colours and spacing chosen by a form, kept in a cookie, on every page, without a
//! script. The cookie holds nothing but these words.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// Name of the cookie.
pub const COOKIE: &str = "vekha-view";

/// Words that may stand in the cookie and become classes of the page.
const KNOWN: &[&str] = &[
    "size-150",
    "size-200",
    "colours-white",
    "colours-black",
    "spacing-wide",
    "pictures-off",
];

/// The chosen look: classes of the page's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View(pub Vec<&'static str>);

impl View {
    /// Reads words, of a cookie or of a form; what is unknown falls away.
    pub fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let given: Vec<&str> = words.collect();
        Self(KNOWN.iter().filter(|word| given.contains(word)).copied().collect())
    }

    /// As a class attribute.
    #[must_use]
    pub fn classes(&self) -> String {
        self.0.join(" ")
    }

    /// Whether a word is chosen.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    /// The cookie, for a year.
    #[must_use]
    pub fn cookie(&self) -> Cookie<'static> {
        Cookie::build(COOKIE, self.0.join("."))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(Duration::days(365))
            .finish()
    }
}
