//! The limited child: takes one file on standard input, limits itself, answers with rows as JSON lines.
//!
//! Runs before any database is opened and knows nothing of the installation. If a hostile file kills it, the parent
//! says that the file is refused.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Stdout, Write};
use std::os::fd::AsFd as _;
use std::process::ExitCode;

use rlimit::Resource;

use super::sheet::{Cells, Line};
use super::{archive, delimited, workbook};
use crate::error::Refusal;

/// Bytes of a file.
pub const MAX_FILE: u64 = 50 * 1024 * 1024;
/// Address space of the child, bytes.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;
/// Processor time of the child, seconds.
const MAX_CPU: u64 = 30;
/// Open files of the child.
const MAX_DESCRIPTORS: u64 = 16;

/// Why reading ended early.
#[derive(Debug)]
pub enum Stop {
    /// The file is refused.
    Refused(Refusal),
    /// The parent went away or the disk failed.
    Io(std::io::Error),
}

impl From<std::io::Error> for Stop {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e)
    }
}

/// The child's answer.
pub struct Writer {
    out: BufWriter<Stdout>,
}

impl Writer {
    /// Writes a line of the answer.
    ///
    /// # Errors
    /// The parent went away.
    pub fn line(&mut self, line: &Line<'_>) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }

    /// Writes a row, if anything stands in it.
    ///
    /// # Errors
    /// The parent went away.
    pub fn row(&mut self, number: u32, cells: &Cells<'_>) -> std::io::Result<()> {
        if cells.0.is_empty() {
            return Ok(());
        }
        serde_json::to_writer(&mut self.out, &RowLine { row: (number, cells) })?;
        self.out.write_all(b"\n")
    }
}

/// The same line as [`Line::Row`], without giving the cells away.
#[derive(serde::Serialize)]
struct RowLine<'a> {
    #[serde(rename = "R")]
    row: (u32, &'a Cells<'a>),
}

/// The whole life of the child.
#[must_use]
pub fn main() -> ExitCode {
    let mut out = Writer {
        out: BufWriter::with_capacity(64 * 1024, std::io::stdout()),
    };
    let ended = match limit().map_err(Stop::from).and_then(|()| read(&mut out)) {
        Ok(()) => out.line(&Line::End),
        Err(Stop::Refused(refusal)) => out.line(&Line::Refused(refusal.to_string())),
        Err(Stop::Io(e)) => Err(e),
    };
    match ended.and_then(|()| out.out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn limit() -> std::io::Result<()> {
    rlimit::setrlimit(Resource::AS, MAX_MEMORY, MAX_MEMORY)?;
    rlimit::setrlimit(Resource::CPU, MAX_CPU, MAX_CPU + 1)?;
    rlimit::setrlimit(Resource::NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS)?;
    rlimit::setrlimit(Resource::CORE, 0, 0)
}

fn read(out: &mut Writer) -> Result<(), Stop> {
    let mut file = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let size = file.metadata()?.len();
    if size > MAX_FILE {
        let limit = MAX_FILE / 1024 / 1024;
        return Err(Stop::Refused(Refusal::new("exchange.file_size").with("limit", limit)));
    }
    let mut signature = [0_u8; 8];
    let known = read_some(&mut file, &mut signature)?;
    match &signature[..known] {
        [] => Err(Stop::Refused(Refusal::new("exchange.empty_file"))),
        [b'P', b'K', 3 | 5 | 7, ..] => {
            archive::check(&file, size).map_err(Stop::Refused)?;
            workbook::read(file, out)
        }
        // The container of the old format, and of workbooks with a password.
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Stop::Refused(Refusal::new("exchange.old_format"))),
        _ => {
            file.seek(SeekFrom::Start(0))?;
            let mut bytes = Vec::new();
            file.take(MAX_FILE).read_to_end(&mut bytes)?;
            delimited::read(bytes, out)
        }
    }
}

fn read_some(file: &mut File, into: &mut [u8]) -> std::io::Result<usize> {
    file.seek(SeekFrom::Start(0))?;
    let mut filled = 0;
    while filled < into.len() {
        match file.read(&mut into[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}
