//! A form with a file: small fields in memory, the file straight into a private temporary one, digested on the way.
//!
//! Nothing is written before the form has shown its token, so the token stands before the file in every such form.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use actix_multipart::{Field, Multipart};
use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::call::Fields;
use super::token;
use crate::audit;
use crate::error::Error;

/// Bytes of a file that a form may carry.
pub const MAX_FILE: u64 = 20 * 1024 * 1024;
/// Bytes of all other fields together.
const MAX_FIELDS: usize = 64 * 1024;
/// Parts of a form.
const MAX_PARTS: usize = 64;

/// Why a form was not taken.
#[derive(Debug)]
pub enum Failed {
    /// No token of our page before the file; the other fields as they were typed.
    Token(Fields),
    /// Too long, cut short, or no form at all.
    Body,
    /// The disk.
    Disk(Error),
}

impl From<std::io::Error> for Failed {
    fn from(e: std::io::Error) -> Self {
        Self::Disk(e.into())
    }
}

/// A file that came with a form. It is removed with this value unless it is kept.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    /// Its name as the browser gave it, without folders and control characters: text for people, never a path.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub digest: String,
}

impl Incoming {
    /// Where it is for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it at a path of the same disk for good; the folder is made. Durable when this returns.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn keep(self, to: &Path) -> std::io::Result<()> {
        std::fs::File::open(&self.path)?.sync_all()?;
        if let Some(folder) = to.parent() {
            private_folder(folder)?;
            std::fs::rename(&self.path, to)?;
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // A file that was kept is not here any more.
        let _kept = std::fs::remove_file(&self.path);
    }
}

/// Makes a folder that nobody else on the machine may look into.
///
/// # Errors
/// Those of the disk.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Reads a form. `fits` says whether a token is that of the visitor; `folder` is where the file is put. Without the token the
/// file is let go by as it comes, and what was typed beside it is told.
///
/// # Errors
/// A form without its token, too long or cut short; the disk.
pub async fn read(
    form: Multipart,
    folder: &Path,
    fits: impl Fn(&str) -> bool,
) -> Result<(Fields, Option<Incoming>), Failed> {
    let mut form = form;
    let (mut fields, mut file) = (Fields::default(), None);
    let (mut taken, mut parts, mut is_strange) = (0, 0, false);
    while let Some(part) = form.next().await {
        let part = part.map_err(|_| Failed::Body)?;
        parts += 1;
        if parts > MAX_PARTS {
            return Err(Failed::Body);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition().and_then(|d| d.get_filename());
        let chosen = file_name.is_some_and(|name| !name.is_empty());
        match file_name.map(plain_name) {
            None => {
                let value = small(part, MAX_FIELDS - taken).await?;
                taken += value.len();
                let text = String::from_utf8(value).map_err(|_| Failed::Body)?;
                fields.0.push((name, text));
            }
            Some(file_name) => {
                is_strange |= file.is_some() || !fields.get(token::FIELD).is_some_and(&fits);
                if is_strange {
                    pass(part).await?;
                    continue;
                }
                file = store(part, folder, file_name).await?.filter(|f| chosen || f.size > 0);
            }
        }
    }
    if is_strange {
        return Err(Failed::Token(fields));
    }
    Ok((fields, file))
}

/// Lets a part go by.
async fn pass(mut part: Field) -> Result<(), Failed> {
    let mut size = 0;
    while let Some(chunk) = part.next().await {
        let chunk: Bytes = chunk.map_err(|_| Failed::Body)?;
        size += chunk.len() as u64;
        if size > MAX_FILE {
            return Err(Failed::Body);
        }
    }
    Ok(())
}

async fn small(mut part: Field, limit: usize) -> Result<Vec<u8>, Failed> {
    let mut value = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk: Bytes = chunk.map_err(|_| Failed::Body)?;
        if value.len() + chunk.len() > limit {
            return Err(Failed::Body);
        }
        value.extend_from_slice(&chunk);
    }
    Ok(value)
}

/// Writes a part to a file of its own as it arrives: blocks of the size of a network read, into the page cache.
async fn store(mut part: Field, folder: &Path, name: String) -> Result<Option<Incoming>, Failed> {
    private_folder(folder)?;
    let path = folder.join(token::random_name().map_err(Failed::Disk)?);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut into = options.open(&path)?;
    // From here on the file goes away with this value, however this ends.
    let mut file = Incoming {
        path,
        name,
        size: 0,
        digest: String::new(),
    };
    let mut hasher = Sha256::new();
    while let Some(chunk) = part.next().await {
        let chunk: Bytes = chunk.map_err(|_| Failed::Body)?;
        file.size += chunk.len() as u64;
        if file.size > MAX_FILE {
            return Err(Failed::Body);
        }
        hasher.update(&chunk);
        into.write_all(&chunk)?;
    }
    file.digest = audit::hex(&hasher.finalize());
    Ok(Some(file))
}

/// The last part of a path of any system, 120 characters at most, without what cannot be shown.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    let shown = crate::db::text_keys::clean(&shown);
    if shown.is_empty() { "файл".to_owned() } else { shown }
}

/// Takes the body of a request as a form with a file.
#[must_use]
pub fn multipart(headers: &actix_web::http::header::HeaderMap, body: Payload) -> Multipart {
    Multipart::new(headers, body)
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_name_is_text_and_no_path() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\Мои файлы\\штат.xlsx"), "штат.xlsx");
        assert_eq!(plain_name("a\u{0}b\n.csv"), "ab.csv");
        assert_eq!(plain_name(""), "файл");
    }
}
