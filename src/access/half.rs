//! Between the password and the second factor: a signed note in the form, bound to the cookie of the form. There is no
//! session yet, so no route is open to whoever holds it.

use chrono::NaiveDateTime;

use super::model::{Account, AccountState};
use crate::audit;

/// How long the second factor may take, seconds.
const LASTS: i64 = 300;

/// What is known after the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// The account.
    pub account: i64,
    /// Its `auth_version` then.
    pub version: i32,
    /// Until when, seconds.
    pub ends: i64,
    /// The salt of a second factor that is being set up.
    pub salt: String,
}

impl Half {
    /// After the password of an account was right.
    #[must_use]
    pub fn of(account: &Account, now: NaiveDateTime, salt: String) -> Self {
        Self {
            account: account.id.0,
            version: account.auth_version,
            ends: now.and_utc().timestamp() + LASTS,
            salt,
        }
    }

    /// As it stands in the form.
    #[must_use]
    pub fn sign(&self, key: &[u8], bound_to: &str) -> String {
        let text = format!("{}.{}.{}.{}", self.account, self.version, self.ends, self.salt);
        let seal = audit::keyed(key, format!("half {bound_to} {text}").as_bytes());
        format!("{text}.{seal}")
    }

    /// Reads one that is ours, of this form and in time.
    #[must_use]
    pub fn read(text: &str, key: &[u8], bound_to: &str, now: NaiveDateTime) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [account, version, ends, salt, _] = parts.as_slice() else {
            return None;
        };
        let half = Self {
            account: account.parse().ok()?,
            version: version.parse().ok()?,
            ends: ends.parse().ok()?,
            salt: (*salt).to_owned(),
        };
        let ours = audit::digest(half.sign(key, bound_to).as_bytes()) == audit::digest(text.as_bytes());
        (ours && now.and_utc().timestamp() < half.ends).then_some(half)
    }

    /// Whether it still speaks of this account.
    #[must_use]
    pub fn fits(&self, account: &Account) -> bool {
        account.id.0 == self.account && account.auth_version == self.version && account.state == AccountState::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_of_one_form_and_ends() {
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let half = Half {
            account: 7,
            version: 1,
            ends: LASTS,
            salt: "ab".into(),
        };
        let text = half.sign(b"key", "form");
        assert_eq!(Half::read(&text, b"key", "form", now), Some(half));
        assert_eq!(Half::read(&text, b"key", "another form", now), None);
        assert_eq!(Half::read(&text, b"another key", "form", now), None);
        assert_eq!(Half::read(&text.replacen('7', "8", 1), b"key", "form", now), None);
        let late = now + chrono::Duration::seconds(LASTS);
        assert_eq!(Half::read(&text, b"key", "form", late), None);
    }
}
