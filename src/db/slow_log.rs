//! What is noticed of statements: trouble of the disk ([`super::trouble`]), and slow ones, one JSON line each on
//! standard error: the text without its values, since values are people's data.

use std::io::Write as _;
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::trouble;

/// Statements slower than this are logged.
const SLOW: Duration = Duration::from_millis(1000);

/// Watches one connection.
#[derive(Debug, Default)]
pub struct SlowLog {
    started: Option<Instant>,
}

impl Instrumentation for SlowLog {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.started = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                if let Some(error) = error {
                    trouble::note(error);
                }
                let Some(elapsed) = self.started.take().map(|s| s.elapsed()) else {
                    return;
                };
                if elapsed >= SLOW {
                    // Where nobody reads the log there is nobody to tell.
                    let _nobody = writeln!(std::io::stderr(), "{}", line(&query.to_string(), elapsed));
                }
            }
            _ => {}
        }
    }
}

/// The line of the log: milliseconds and the beginning of the statement, cut before its values.
fn line(query: &str, elapsed: Duration) -> String {
    let text = query.split(" -- binds").next().unwrap_or_default();
    let text: String = text.chars().take(300).collect();
    serde_json::json!({"slow_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), "statement": text})
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_stand_in_the_log() {
        let line = line(
            "SELECT 1 WHERE snils = $1 -- binds: [\"112-233-445 95\"]",
            Duration::from_secs(2),
        );
        assert_eq!(line, r#"{"slow_ms":2000,"statement":"SELECT 1 WHERE snils = $1"}"#);
    }
}
