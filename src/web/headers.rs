//! The headers of every answer, and where a form may come from.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What the browser may load: from us alone, no inline code, no `data:`.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    object-src 'none'; report-uri /csp-report";

/// Once seen over a safe way, a browser comes no other way for a year.
const ONLY_SAFELY: &str = "max-age=31536000";

/// Sets what every answer carries; `safely` where people reach the pages over HTTPS.
pub fn set(headers: &mut HeaderMap, request_id: &str, immutable: bool, safely: bool) {
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    let caching = if immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    put(header::CACHE_CONTROL, caching);
    put(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    put(HeaderName::from_static("x-request-id"), request_id);
    if safely {
        put(header::STRICT_TRANSPORT_SECURITY, ONLY_SAFELY);
    }
}

/// Whether a form was sent by a page of ours, as far as the browser tells. A client that says nothing (no browser) is
/// let through here; the token of the form still has to fit.
#[must_use]
pub fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, of)| of == host),
        (Some(_), None) => false,
    }
}

/// The path and query of the page that the browser says it came from, if that is one of ours.
#[must_use]
pub fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let (referer, host) = (text(header::REFERER)?, text(header::HOST)?);
    let (_, rest) = referer.split_once("://")?;
    let path = rest.strip_prefix(host).filter(|path| path.starts_with('/'))?;
    let path = path.split('#').next().unwrap_or("/");
    let plain = path.len() <= 2048 && !path.starts_with("//") && path.bytes().all(|b| b.is_ascii_graphic());
    plain.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        same_origin(&headers)
    }

    #[test]
    fn a_foreign_page_cannot_send_a_form() {
        assert!(of(&[
            ("host", "v.ru"),
            ("origin", "https://v.ru"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(of(&[("host", "v.ru")]));
        assert!(!of(&[("host", "v.ru"), ("origin", "https://evil.ru")]));
        assert!(!of(&[("host", "v.ru"), ("origin", "null")]));
        assert!(!of(&[("host", "v.ru"), ("sec-fetch-site", "cross-site")]));
        assert!(!of(&[("host", "v.ru"), ("sec-fetch-site", "same-site")]));
    }
}
