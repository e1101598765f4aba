//! The cookie is a signed pointer to a session row, and every form carries a token bound to it.
//!
//! The pointer says which row, never what one may do: rights are read from the database at each call.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::TryRngCore as _;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::error::Error;

/// Name of the session cookie. Browsers take the prefix on loopback over plain HTTP too.
pub const COOKIE: &str = "__Host-vekha";
/// Name of the cookie that binds the sign-in form of one who has no session.
pub const FORM_COOKIE: &str = "__Host-vekha-form";
/// Name of the hidden field.
pub const FIELD: &str = "token";

const AUDIENCE: &str = "vekha-pages";

/// What the cookie says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// Name of the session: 256 random bits; the database holds their digest.
    pub sid: String,
    /// The account.
    pub uid: i64,
    /// The account's `auth_version` at sign-in.
    pub ver: i32,
    /// Who it is for.
    pub aud: String,
    /// When it was made, seconds.
    pub iat: i64,
    /// When the session ends whatever happens, seconds.
    pub exp: i64,
}

impl Pointer {
    /// A pointer to a new session.
    #[must_use]
    pub fn new(sid: String, uid: i64, ver: i32, iat: i64, exp: i64) -> Self {
        let aud = AUDIENCE.to_owned();
        Self {
            sid,
            uid,
            ver,
            aud,
            iat,
            exp,
        }
    }

    /// Signs it.
    ///
    /// # Errors
    /// The signing library refuses; not seen with this algorithm.
    pub fn sign(&self, key: &[u8]) -> Result<String, Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), self, &EncodingKey::from_secret(key))
            .map_err(|e| Error::Internal(format!("указатель сеанса не подписан: {e}")))
    }

    /// Reads one; anything that is not exactly ours and in time is `None`.
    #[must_use]
    pub fn read(text: &str, key: &[u8]) -> Option<Self> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud"]);
        jsonwebtoken::decode::<Self>(text, &DecodingKey::from_secret(key), &rules)
            .ok()
            .map(|data| data.claims)
    }
}

/// 256 random bits in hexadecimal.
///
/// # Errors
/// The system gives no random bytes.
pub fn random_name() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|e| Error::Internal(format!("нет случайных чисел: {e}")))?;
    Ok(audit::hex(&bytes))
}

/// A cookie of ours that ends with the browser.
#[must_use]
pub fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// A cookie that ends at once.
#[must_use]
pub fn ended(name: &'static str) -> Cookie<'static> {
    let mut ended = cookie(name, String::new());
    ended.set_max_age(Duration::ZERO);
    ended
}

/// The token of the forms of a session.
#[must_use]
pub fn of_form(key: &[u8], bound_to: &str) -> String {
    audit::keyed(key, format!("form {bound_to}").as_bytes())
}

/// Whether a form carries the token of its session. Both are digests, so comparing them tells nothing by its time
/// that the sender could use; the digests of both are compared all the same.
#[must_use]
pub fn fits(key: &[u8], bound_to: &str, given: Option<&str>) -> bool {
    let expected = of_form(key, bound_to);
    given.is_some_and(|given| audit::digest(given.as_bytes()) == audit::digest(expected.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn pointer(exp: i64) -> Pointer {
        Pointer::new("ab".repeat(32), 7, 1, 1_000, exp)
    }

    #[test]
    fn only_our_own_untouched_pointer_is_read() {
        let far = 4_000_000_000;
        let text = pointer(far).sign(KEY).unwrap();
        assert_eq!(Pointer::read(&text, KEY), Some(pointer(far)));
        assert_eq!(Pointer::read(&text, b"another key of at least 32 bytes"), None);
        assert_eq!(
            Pointer::read(&pointer(1_000).sign(KEY).unwrap(), KEY),
            None,
            "in the past"
        );
        let mut foreign = pointer(far);
        foreign.aud = "elsewhere".into();
        assert_eq!(Pointer::read(&foreign.sign(KEY).unwrap(), KEY), None);
        let body = text.split('.').nth(1).unwrap();
        // {"typ":"JWT","alg":"none"}
        assert_eq!(
            Pointer::read(&format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{body}."), KEY),
            None
        );
        for i in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let mutated = String::from_utf8(bytes).unwrap();
            // The last letter of base64 carries spare bits; such a twin is the same signature.
            if i + 1 < text.len() {
                assert_eq!(Pointer::read(&mutated, KEY), None, "letter {i}");
            }
        }
    }

    /// Encodes parts as a pointer is written, signed by whatever is given.
    fn written(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let text = |bytes: &[u8]| {
            const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let mut out = String::new();
            for block in bytes.chunks(3) {
                let joined = block.iter().fold(0_u32, |sum, b| (sum << 8) | u32::from(*b)) << (8 * (3 - block.len()));
                for place in 0..=block.len() {
                    let at = (joined >> (18 - 6 * place)) & 63;
                    out.push(char::from(SIGNS[usize::try_from(at).unwrap()]));
                }
            }
            out
        };
        let signed = format!("{}.{}", text(header.as_bytes()), text(claims.as_bytes()));
        let seal = sign(signed.as_bytes());
        format!("{signed}.{}", text(&seal))
    }

    #[test]
    fn two_hundred_thousand_forged_pointers_are_none() {
        use rand::{Rng as _, SeedableRng as _};
        let own = pointer(4_000_000_000).sign(KEY).unwrap();
        let mut chance = rand::rngs::SmallRng::seed_from_u64(51);
        let (mut tried, mut taken) = (0, 0);
        while tried < 200_000 {
            let mut bytes = own.clone().into_bytes();
            for _ in 0..chance.random_range(1..4) {
                let at = chance.random_range(0..bytes.len() - 1);
                match chance.random_range(0..4) {
                    0 => bytes[at] = chance.random_range(33..127),
                    1 => {
                        bytes.remove(at);
                    }
                    2 => bytes.insert(at, chance.random_range(33..127)),
                    _ => bytes.swap(at, own.len() / 2),
                }
                bytes.resize(bytes.len().max(8), b'A');
            }
            let text = String::from_utf8(bytes).unwrap();
            // The last letter carries spare bits, so a twin of it is the same signature.
            if text[..text.len() - 1] == own[..own.len() - 1] {
                continue;
            }
            tried += 1;
            taken += usize::from(Pointer::read(&text, KEY).is_some());
        }
        assert_eq!(taken, 0);
    }

    #[test]
    fn a_well_signed_pointer_of_another_make_is_none() {
        let hs256 = |bytes: &[u8]| audit::keyed_bytes(KEY, bytes);
        let claims = |exp: &str, aud: &str| {
            format!(
                r#"{{"sid":"{}","uid":7,"ver":1,{aud}"iat":1000{exp}}}"#,
                "ab".repeat(32)
            )
        };
        let (exp, aud) = (r#","exp":4000000000"#, r#""aud":"vekha-pages","#);
        let fine = written(r#"{"typ":"JWT","alg":"HS256"}"#, &claims(exp, aud), hs256);
        assert!(Pointer::read(&fine, KEY).is_some(), "the shape itself is right");
        for (header, exp, aud) in [
            (r#"{"typ":"JWT","alg":"none"}"#, exp, aud),
            (r#"{"typ":"JWT","alg":"HS384"}"#, exp, aud),
            (r#"{"typ":"JWT","alg":"RS256"}"#, exp, aud),
            (r#"{"typ":"JWT","alg":"hs256"}"#, exp, aud),
            (r#"{"typ":"JWT"}"#, exp, aud),
            (r#"{"typ":"JWT","alg":"HS256"}"#, "", aud),
            (r#"{"typ":"JWT","alg":"HS256"}"#, r#","exp":"4000000000""#, aud),
            (r#"{"typ":"JWT","alg":"HS256"}"#, exp, ""),
            (r#"{"typ":"JWT","alg":"HS256"}"#, exp, r#""aud":"vekha-api","#),
            (r#"{"typ":"JWT","alg":"HS256"}"#, r#","exp":1000"#, aud),
        ] {
            let text = written(header, &claims(exp, aud), hs256);
            assert_eq!(Pointer::read(&text, KEY), None, "{header} {exp} {aud}");
        }
        // The name of a key in the header leads nowhere else.
        let named = written(
            r#"{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}"#,
            &claims(exp, aud),
            |bytes| audit::keyed_bytes(b"", bytes),
        );
        assert_eq!(Pointer::read(&named, KEY), None);
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let token = of_form(KEY, "one");
        assert!(fits(KEY, "one", Some(&token)));
        assert!(!fits(KEY, "two", Some(&token)));
        assert!(!fits(KEY, "one", None));
    }
}
