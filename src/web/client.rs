//! Where a call comes from: the peer, or what a proxy that we trust says of it. Other headers about it are not believed.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};

use crate::db::text_keys::clean;

/// Most characters of a device that are kept.
const LONGEST: usize = 200;

/// Where a call comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address, as far as it is known.
    pub address: Option<String>,
    /// What its program calls itself.
    pub device: Option<String>,
    /// The number of its call, as the answer names it.
    pub request: String,
}

impl Client {
    /// Reads a request. `trusted` are the addresses of our own proxies.
    #[must_use]
    pub fn of(request: &HttpRequest, trusted: &[IpAddr]) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip());
        let device = text(request.headers(), header::USER_AGENT.as_str());
        let device = device.map(|d| clean(&d).chars().take(LONGEST).collect::<String>());
        Self {
            address: address(peer, text(request.headers(), "x-forwarded-for").as_deref(), trusted),
            device: device.filter(|d| !d.is_empty()),
            request: String::new(),
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The peer; behind one of our proxies the last hop that is none of them.
fn address(peer: Option<IpAddr>, forwarded: Option<&str>, trusted: &[IpAddr]) -> Option<String> {
    let peer = peer?;
    let told = || {
        let hops = forwarded?.split(',').rev().map(|hop| hop.trim().parse::<IpAddr>().ok());
        // What does not read ends the chain that we can believe.
        hops.map_while(|hop| hop).find(|hop| !trusted.contains(hop))
    };
    let found = if trusted.contains(&peer) { told() } else { None };
    Some(found.unwrap_or(peer).to_string())
}

/// A device in words: program and system, as far as they are known.
#[must_use]
pub fn named(device: Option<&str>) -> String {
    let Some(device) = device else {
        return "неизвестное устройство".into();
    };
    let first = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(sign, _)| device.contains(sign))
            .map(|(_, name)| *name)
    };
    let program = first(&[
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "другая программа".into(),
    }
}

/// The same as a code without spaces: `Chrome,Windows`.
#[must_use]
pub fn code(device: Option<&str>) -> String {
    named(device).replace(", ", ",").replace(' ', "-")
}

/// A code of a device in words.
#[must_use]
pub fn of_code(code: &str) -> String {
    code.replace(',', ", ").replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let ours = [ip("10.0.0.1"), ip("10.0.0.2")];
        let of = |peer: &str, told: &str, trusted: &[IpAddr]| address(Some(ip(peer)), Some(told), trusted).unwrap();
        assert_eq!(
            of("203.0.113.9", "198.51.100.1", &ours),
            "203.0.113.9",
            "a stranger is not believed"
        );
        assert_eq!(of("10.0.0.1", "198.51.100.1", &[]), "10.0.0.1");
        assert_eq!(
            of("10.0.0.1", "192.0.2.7, 198.51.100.1, 10.0.0.2", &ours),
            "198.51.100.1"
        );
        assert_eq!(of("10.0.0.1", "192.0.2.7, forged", &ours), "10.0.0.1");
        assert_eq!(address(None, Some("192.0.2.7"), &ours), None);
    }

    #[test]
    fn a_device_is_told_in_words() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
        assert_eq!(named(Some(agent)), "Chrome, Windows");
        assert_eq!(named(Some("curl/8")), "другая программа");
        assert_eq!(named(None), "неизвестное устройство");
        for device in [Some(agent), Some("YaBrowser Android"), Some("curl/8"), None] {
            assert!(!code(device).contains(' '));
            assert_eq!(of_code(&code(device)), named(device));
        }
    }
}
