//! Addresses: a path with names and values after it, every byte that could be misread written as `%XX`.

/// A value inside an address.
#[must_use]
pub fn quoted(value: &str) -> String {
    escaped(value, b"-_.~")
}

/// A path inside a value of an address: its slashes stay readable.
#[must_use]
pub fn quoted_path(path: &str) -> String {
    escaped(path, b"-_.~/")
}

/// An address with its query.
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = path.to_owned();
    for (i, (name, value)) in pairs.into_iter().enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(&quoted(value));
    }
    out
}

fn escaped(value: &str, plain: &[u8]) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_can_not_leave_its_place() {
        assert_eq!(quoted("a&b=c/ё"), "a%26b%3Dc%2F%D1%91");
        assert_eq!(quoted_path("/staff?q=1"), "/staff%3Fq%3D1");
        assert_eq!(
            address("/staff", [("q", "Ёлк ин"), ("of", "a")]),
            "/staff?q=%D0%81%D0%BB%D0%BA%20%D0%B8%D0%BD&of=a"
        );
        assert_eq!(address("/staff", []), "/staff");
    }
}
