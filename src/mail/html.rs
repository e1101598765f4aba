//! The second part of a letter: the same words as the first, as a page without pictures, styles from outside or scripts.
//! It is made from the text, so the two never differ.

/// The page of a text. What begins with `base` is a link; every other sign of a value is text.
#[must_use]
pub fn of(subject: &str, text: &str, base: &str) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"ru\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;color:#1b1b1f\">\n",
        escaped(subject)
    );
    for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        let lines: Vec<String> = paragraph.lines().map(|line| line_of(line, base)).collect();
        page.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// A line with its addresses of ours as links.
fn line_of(line: &str, base: &str) -> String {
    if base.is_empty() {
        return escaped(line);
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(base) {
        let (before, from) = rest.split_at(at);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (found, after) = from.split_at(end);
        // A full stop after an address ends the sentence.
        let address = found.trim_end_matches(['.', ',', ';', ')']);
        let tail = &found[address.len()..];
        let follows = address[base.len()..].chars().next();
        out.push_str(&escaped(before));
        if follows.is_none_or(|c| c == '/') {
            let address = escaped(address);
            out.push_str(&format!("<a href=\"{address}\">{address}</a>"));
        } else {
            out.push_str(&escaped(address));
        }
        out.push_str(&escaped(tail));
        rest = after;
    }
    out.push_str(&escaped(rest));
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://veha.example";

    #[test]
    fn a_value_is_text_and_only_our_addresses_are_links() {
        let text =
            "Здравствуйте!\n\n<b>ИОМ</b> \"1\": https://evil.example\nМаршрут: https://veha.example/plan#item-3.\n";
        let page = of("<1>", text, BASE);
        assert!(page.contains("<title>&lt;1&gt;</title>"), "{page}");
        assert!(
            page.contains("&lt;b&gt;ИОМ&lt;/b&gt; &quot;1&quot;: https://evil.example<br>"),
            "{page}"
        );
        let link = "Маршрут: <a href=\"https://veha.example/plan#item-3\">https://veha.example/plan#item-3</a>.</p>";
        assert!(page.contains(link), "{page}");
        assert_eq!(page.matches("<a ").count(), 1);
        assert_eq!(page.matches("<p>").count(), 2);
    }

    #[test]
    fn what_only_begins_like_our_address_is_no_link() {
        for text in [
            "https://veha.example.evil/x",
            "https://veha.example\"onclick=x",
            "https://veha.example@evil",
        ] {
            assert!(!of("", text, BASE).contains("<a "), "{text}");
        }
        assert!(of("", BASE, BASE).contains("<a href=\"https://veha.example\">"));
        assert!(!of("", "x", "").contains("<a "));
    }
}
