//! Checks of a workbook's archive before anything else looks inside: what is really unpacked is counted, what headers
//! say is never believed.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use crate::error::Refusal;

/// Files in the archive.
const MAX_ENTRIES: usize = 200;
/// Bytes unpacked, in sum.
const MAX_UNPACKED: u64 = 200 * 1024 * 1024;
/// How many times larger than the archive the content may be, once it is above [`RATIO_FROM`].
const MAX_RATIO: u64 = 100;
const RATIO_FROM: u64 = 10 * 1024 * 1024;

/// Refuses an archive that is no plain workbook or would not stay small.
///
/// # Errors
/// The refusal says what was found.
pub fn check(file: &File, size: u64) -> Result<(), Refusal> {
    let damaged = || Refusal::new("exchange.damaged");
    let mut reader = file.try_clone().map_err(|_| damaged())?;
    if counted_entries(&mut reader, size).ok_or_else(damaged)? > MAX_ENTRIES {
        return Err(Refusal::new("exchange.entries").with("limit", MAX_ENTRIES));
    }
    reader.seek(SeekFrom::Start(0)).map_err(|_| damaged())?;
    let mut archive = ZipArchive::new(BufReader::new(reader)).map_err(|_| damaged())?;
    if archive.len() > MAX_ENTRIES {
        return Err(Refusal::new("exchange.entries").with("limit", MAX_ENTRIES));
    }
    let mut names = Vec::new();
    for name in archive.file_names() {
        names.push(name.map_err(|_| damaged())?.to_lowercase());
    }
    let has = |part: &str| names.iter().any(|name| name.contains(part));
    if has("vbaproject") || has("macrosheets/") {
        return Err(Refusal::new("exchange.macros"));
    }
    if !has("xl/workbook.xml") {
        return Err(Refusal::new("exchange.not_a_workbook"));
    }
    let mut unpacked = 0_u64;
    let mut block = vec![0_u8; 64 * 1024];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(_) | zip::result::ZipError::InvalidPassword => {
                Refusal::new("exchange.encrypted")
            }
            _ => Refusal::new("exchange.damaged"),
        })?;
        let mut doctype = Doctype::default();
        loop {
            let n = entry.read(&mut block).map_err(|_| damaged())?;
            if n == 0 {
                break;
            }
            unpacked += n as u64;
            if unpacked > MAX_UNPACKED || (unpacked > RATIO_FROM && unpacked / size.max(1) > MAX_RATIO) {
                return Err(Refusal::new("exchange.unpacked"));
            }
            if doctype.found_in(&block[..n]) {
                return Err(Refusal::new("exchange.doctype"));
            }
        }
    }
    Ok(())
}

/// How many files the end of the archive claims; the archive is opened only if few do.
fn counted_entries(file: &mut File, size: u64) -> Option<usize> {
    const END: usize = 22;
    let tail = size.min(66_000);
    file.seek(SeekFrom::End(-i64::try_from(tail).ok()?)).ok()?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes).ok()?;
    let start = (0..=bytes.len().checked_sub(END)?)
        .rev()
        .find(|i| bytes[*i..].starts_with(b"PK\x05\x06"))?;
    Some(usize::from(u16::from_le_bytes([bytes[start + 10], bytes[start + 11]])))
}

/// Looks for a document type declaration in a stream of blocks, in one-byte and two-byte encodings.
#[derive(Default)]
struct Doctype {
    tail: Vec<u8>,
}

impl Doctype {
    const MARKS: [&'static [u8]; 3] = [
        b"<!DOCTYPE",
        b"<\0!\0D\0O\0C\0T\0Y\0P\0E",
        b"\0<\0!\0D\0O\0C\0T\0Y\0P\0E",
    ];

    fn found_in(&mut self, block: &[u8]) -> bool {
        let mut window = std::mem::take(&mut self.tail);
        window.extend_from_slice(block);
        let found = window
            .iter()
            .enumerate()
            .any(|(i, byte)| matches!(byte, b'<' | 0) && Self::MARKS.iter().any(|mark| window[i..].starts_with(mark)));
        self.tail = window[window.len().saturating_sub(20)..].to_vec();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_cut_between_blocks_is_found() {
        let mut doctype = Doctype::default();
        assert!(!doctype.found_in(b"<?xml version='1.0'?><!DOC"));
        assert!(doctype.found_in(b"TYPE x>"));
        assert!(!Doctype::default().found_in(b"<worksheet/>"));
    }
}
