//! A calendar as RFC 5545 writes it: whole days whose end is the day after, lines of at most 75 octets, text that stays
//! one value whatever stands in it.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate, NaiveDateTime};

/// Octets of a line without its end.
const LONGEST: usize = 75;

/// Whether a day holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Confirmed,
    /// It may move.
    Tentative,
    /// It is off.
    Cancelled,
}

impl Status {
    fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Tentative => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// An event of one whole day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// By what a program knows the event again; it never changes.
    pub uid: String,
    /// Grows whenever the event changes.
    pub sequence: i64,
    /// The day.
    pub day: NaiveDate,
    /// What a program shows in the day.
    pub title: String,
    /// What it shows when the event is opened.
    pub text: String,
    /// The page of the event, where the installation knows its own address.
    pub page: Option<String>,
    /// Whether it holds.
    pub status: Status,
}

/// A calendar of events as it is at a moment (UTC).
#[must_use]
pub fn write(name: &str, at: NaiveDateTime, events: &[Event]) -> String {
    let mut out = Lines(String::new());
    out.line("BEGIN:VCALENDAR");
    out.line("VERSION:2.0");
    out.line("PRODID:-//Vekha//Vekha//RU");
    out.line("CALSCALE:GREGORIAN");
    out.line("METHOD:PUBLISH");
    out.text("X-WR-CALNAME", name);
    out.line("REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    out.line("X-PUBLISHED-TTL:PT6H");
    for event in events {
        out.line("BEGIN:VEVENT");
        out.text("UID", &event.uid);
        out.line(&format!("DTSTAMP:{}", at.format("%Y%m%dT%H%M%SZ")));
        out.line(&format!("SEQUENCE:{}", event.sequence));
        out.line(&format!("DTSTART;VALUE=DATE:{}", day(event.day)));
        // The end of a day is the day after: it does not belong to the event.
        let after = event.day.checked_add_days(Days::new(1)).unwrap_or(event.day);
        out.line(&format!("DTEND;VALUE=DATE:{}", day(after)));
        out.text("SUMMARY", &event.title);
        out.text("DESCRIPTION", &event.text);
        if let Some(page) = &event.page {
            out.line(&format!("URL:{page}"));
        }
        out.line(&format!("STATUS:{}", event.status.code()));
        out.line("CLASS:PRIVATE");
        // A step that ends on a day takes no time of the day.
        out.line("TRANSP:TRANSPARENT");
        out.line("END:VEVENT");
    }
    out.line("END:VCALENDAR");
    out.0
}

fn day(of: NaiveDate) -> String {
    of.format("%Y%m%d").to_string()
}

struct Lines(String);

impl Lines {
    /// A property of text.
    fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for c in value.replace("\r\n", "\n").chars() {
            match c {
                '\\' | ';' | ',' => {
                    line.push('\\');
                    line.push(c);
                }
                '\n' => line.push_str("\\n"),
                c if c.is_control() => line.push(' '),
                c => line.push(c),
            }
        }
        self.line(&line);
    }

    /// A line, folded between letters: what goes on begins with a space, which counts.
    fn line(&mut self, line: &str) {
        let mut room = LONGEST;
        for c in line.chars() {
            if c.len_utf8() > room {
                let _written = self.0.write_str("\r\n ");
                room = LONGEST - 1;
            }
            room -= c.len_utf8();
            self.0.push(c);
        }
        let _written = self.0.write_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: NaiveDate = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();

    fn event(title: &str) -> Event {
        Event {
            uid: "step-1@vekha".into(),
            sequence: 3,
            day: DAY,
            title: title.into(),
            text: String::new(),
            page: None,
            status: Status::Cancelled,
        }
    }

    #[test]
    fn lines_are_folded_at_75_octets_between_letters() {
        // Every length around the edges, of letters of one to four octets.
        for letter in ["a", "ж", "—", "🗓"] {
            for many in 1..200 {
                let title = letter.repeat(many);
                let text = write("Веха", DAY.and_hms_opt(5, 0, 0).unwrap(), &[event(&title)]);
                assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
                assert!(text.split("\r\n").all(|line| line.len() <= 75), "{letter} × {many}");
                let unfolded = text.replace("\r\n ", "");
                assert!(
                    unfolded.contains(&format!("\r\nSUMMARY:{title}\r\n")),
                    "{letter} × {many}"
                );
                if letter == "a" && many == 68 {
                    assert!(text.contains(&format!("SUMMARY:{}\r\n a\r\n", "a".repeat(67))));
                }
            }
        }
    }

    #[test]
    fn text_stays_one_value_and_the_end_is_the_day_after() {
        let text = write(
            "Веха",
            DAY.and_hms_opt(5, 0, 0).unwrap(),
            &[event("Раз; два, три\\\r\nEND:VEVENT\u{7}")],
        );
        assert!(
            text.contains("SUMMARY:Раз\\; два\\, три\\\\\\nEND:VEVENT \r\n"),
            "{text}"
        );
        assert!(text.contains("DTSTART;VALUE=DATE:20240229\r\nDTEND;VALUE=DATE:20240301\r\n"));
        assert!(text.contains("DTSTAMP:20240229T050000Z\r\nSEQUENCE:3\r\n") && text.contains("STATUS:CANCELLED\r\n"));
        assert_eq!(text.matches("\r\nEND:VEVENT\r\n").count(), 1);
    }
}
