//! Files of the pages: embedded, served under an address that carries their common digest, cached for ever.
//!
//! One digest stands for all of them, so that a stylesheet may name its fonts and pictures by relative addresses; a
//! new release changes it and thereby every address.

use crate::audit;

#[derive(rust_embed::RustEmbed)]
#[folder = "templates/assets/"]
#[exclude = "*.toml"]
struct Embedded;

/// The files and their digest.
#[derive(Debug)]
pub struct Assets {
    digest: String,
}

impl Assets {
    /// Reads the embedded files.
    #[must_use]
    pub fn load() -> Self {
        let mut all = String::new();
        let mut names: Vec<_> = Embedded::iter().collect();
        names.sort();
        for name in names {
            if let Some(file) = Embedded::get(&name) {
                all.push_str(&name);
                all.push_str(&audit::digest(&file.data));
            }
        }
        let mut digest = audit::digest(all.as_bytes());
        digest.truncate(8);
        Self { digest }
    }

    /// The address of a file; `None` when there is no such file.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<String> {
        Embedded::get(name).map(|_| format!("/static/{}/{name}", self.digest))
    }

    /// The bytes and the media type of a file under its digest.
    #[must_use]
    pub fn get(&self, digest: &str, name: &str) -> Option<(Vec<u8>, &'static str)> {
        if digest != self.digest {
            return None;
        }
        let media = match name.rsplit_once('.')?.1 {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            _ => return None,
        };
        Embedded::get(name).map(|file| (file.data.into_owned(), media))
    }
}
