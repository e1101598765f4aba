//! The address of a one-time link: made at sending from the key of the installation and the row of the letter, so that a
//! letter can carry no link but its own and nothing that opens an account is kept.

use crate::audit;

/// What a letter knows of its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOf {
    /// The link.
    pub id: i64,
    /// What it opens.
    pub kind: String,
}

/// The secret part of a link: 256 bits, other ones for another account, another address or another purpose.
#[must_use]
pub fn token(key: &[u8], id: i64, kind: &str, account: i64, address: &str) -> String {
    audit::keyed(key, format!("link {id} {kind} {account} {address}").as_bytes())
}

/// Where it leads. `base` comes from the configuration, never from a request.
#[must_use]
pub fn address(base: &str, token: &str) -> String {
    format!("{base}/link/{token}")
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_link_is_of_one_account_one_address_and_one_purpose() {
        let own = token(b"key", 1, "reset", 7, "a@b.example");
        assert_eq!(own.len(), 64);
        for other in [
            token(b"another key", 1, "reset", 7, "a@b.example"),
            token(b"key", 2, "reset", 7, "a@b.example"),
            token(b"key", 1, "invitation", 7, "a@b.example"),
            token(b"key", 1, "reset", 8, "a@b.example"),
            token(b"key", 1, "reset", 7, "c@b.example"),
        ] {
            assert_ne!(own, other);
        }
    }
}
