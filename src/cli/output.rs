//! Printing that outlives its reader: `vekha … | head -1` closes the pipe, and what was asked for is done all the same.

use std::io::{self, Write};

/// Standard output; a reader that has gone away is no error.
pub struct Out;

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quietly(io::stdout().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        quietly(io::stdout().flush(), ())
    }
}

/// What was written; to nobody, everything was.
fn quietly<T>(written: io::Result<T>, everything: T) -> io::Result<T> {
    match written {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(everything),
        other => other,
    }
}

/// Prints a line to standard output; an error is a full disk or the like.
macro_rules! say {
    ($($text:tt)*) => {
        std::io::Write::write_fmt(
            &mut $crate::cli::output::Out,
            format_args!("{}\n", format_args!($($text)*)),
        )
    };
}

/// Prints a line for people to standard error; where nobody reads it there is nobody to tell.
macro_rules! tell {
    ($($text:tt)*) => {{
        let _nobody = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("{}\n", format_args!($($text)*)),
        );
    }};
}

pub(super) use {say, tell};
