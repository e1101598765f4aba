//! The parent's side of reading a file: starts the limited child, reads its answer in a stream with bounds, and turns
//! whatever happens to the child into a refusal in words.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::sheet::Line;
use crate::error::{Error, Refusal};

/// How long the child may take, by the clock on the wall.
const WALL: Duration = Duration::from_secs(30);
/// Bytes of one line of its answer, and of the whole.
const MAX_LINE: u64 = 8 * 1024 * 1024;
const MAX_ANSWER: u64 = 400 * 1024 * 1024;

/// How much the allocator of the child takes at a time, KiB. By itself it takes a gigabyte at the start, before the child
/// limits itself: nothing more could be had afterwards, and what was had is above the limit.
const ARENA: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "65536");

/// The name of the hidden command that the child runs.
pub const WORKER: &str = "import-worker";

/// Reads a file by the limited child; `take` gets every line of its answer with the text it came as.
///
/// # Errors
/// A refused file; a child that could not be started; whatever `take` refuses.
pub fn read(file: &File, mut take: impl FnMut(Line<'_>, &str) -> Result<(), Error>) -> Result<(), Error> {
    let mut input = file.try_clone()?;
    input.seek(SeekFrom::Start(0))?;
    let mut child = Command::new(std::env::current_exe()?);
    child.arg(WORKER).env_clear().env(ARENA.0, ARENA.1);
    #[cfg(feature = "planted")]
    child.envs(std::env::var("VEKHA_PLANTED").map(|fault| ("VEKHA_PLANTED", fault)));
    let mut child = child
        .stdin(Stdio::from(input))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let answer = child.stdout.take();
    let child = Arc::new(Mutex::new(child));
    let (done, waiting) = channel::<()>();
    let watched = child.clone();
    let watch = std::thread::spawn(move || {
        let late = waiting.recv_timeout(WALL) == Err(RecvTimeoutError::Timeout);
        if late {
            kill(&watched);
        }
        late
    });
    let heard = match answer {
        Some(answer) => listen(answer, &mut take),
        None => Err(Error::Internal("у дочернего процесса нет вывода".into())),
    };
    if !matches!(heard, Ok(true)) {
        kill(&child);
    }
    drop(done);
    let late = watch.join().unwrap_or(false);
    let status = child.lock().unwrap_or_else(PoisonError::into_inner).wait()?;
    match heard {
        Ok(true) => Ok(()),
        Ok(false) => Err(unreadable(late, status).into()),
        Err(e) => Err(e),
    }
}

fn kill(child: &Mutex<Child>) {
    // A child that has ended already cannot be killed: nothing is lost.
    let _ended = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
}

/// Hands the lines over; whether the child said that it came to the end.
fn listen(answer: impl Read, take: &mut impl FnMut(Line<'_>, &str) -> Result<(), Error>) -> Result<bool, Error> {
    let mut answer = BufReader::with_capacity(256 * 1024, answer.take(MAX_ANSWER));
    let mut text = String::new();
    loop {
        text.clear();
        let read = (&mut answer).take(MAX_LINE).read_line(&mut text);
        if !matches!(read, Ok(n) if n > 0 && text.ends_with('\n')) {
            return Ok(false);
        }
        match serde_json::from_str(&text) {
            Ok(Line::End) => return Ok(true),
            Ok(Line::Refused(why)) => return Err(Refusal::new("exchange.refused").with("why", why).into()),
            Ok(line) => take(line, &text)?,
            Err(_) => return Ok(false),
        }
    }
}

/// Why the child did not come to the end.
fn unreadable(late: bool, status: ExitStatus) -> Refusal {
    const SIGABRT: i32 = 6;
    const SIGXCPU: i32 = 24;
    match status.signal() {
        _ if late => Refusal::new("exchange.too_slow"),
        Some(SIGXCPU) => Refusal::new("exchange.too_slow"),
        Some(SIGABRT) => Refusal::new("exchange.too_much_memory"),
        _ => Refusal::new("exchange.unreadable"),
    }
}
