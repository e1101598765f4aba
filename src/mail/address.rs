//! Addresses of mail: what may be kept with an account and put into an envelope.

/// The longest address, characters.
const LONGEST: usize = 254;

/// Reads an address: one address, ASCII, no name, no spaces, no control characters. A Russian domain is written as its
/// registry writes it (`xn--…`).
#[must_use]
pub fn parse(text: &str) -> Option<lettre::Address> {
    let text = text.trim_matches(' ');
    let plain = text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic());
    // A quoted local part may hold anything, line ends of a header among it.
    let plain = plain && !text.contains(['"', '\\', '<', '>', '(', ')', ',', ';']);
    let (_, domain) = text.rsplit_once('@')?;
    (plain && domain.contains('.')).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_plain_addresses_are_taken() {
        for good in ["a@b.example", " anna.ivanova+1@school-7.xn--p1ai "] {
            assert_eq!(parse(good).unwrap().to_string(), good.trim());
        }
        let long = format!("{}@b.example", "a".repeat(260));
        for bad in [
            "",
            "a",
            "a@b",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "a\0@b.example",
            "\"a b\"@c.example",
            "Имя <a@b.example>",
            "a@b.example,c@d.example",
            "анна@b.example",
            "a@школа.рф",
            &long,
        ] {
            assert!(parse(bad).is_none(), "{bad:?}");
        }
    }
}
