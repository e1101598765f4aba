//! A real mail server of the tests (`tests/mail_sink.py`), and what a test does around it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use vekha::config::{MailOptions, MailSettings};

use crate::support::{Answer, Vekha, text};

/// What links of the tests begin with.
pub const PAGES: &str = "https://veha.example";
/// The sender of the tests.
pub const SENDER: &str = "Веха <veha@region.example>";

/// A mail server on a port of its own; what it took outlives its outages.
pub struct Sink {
    child: Option<Child>,
    port: u16,
    log: PathBuf,
    arguments: Vec<String>,
    /// Settings of the program that stand beside those of every test.
    pub environment: Vec<(&'static str, String)>,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.down();
    }
}

impl Sink {
    /// A server that is up, reached without encryption.
    pub fn new(v: &Vekha, arguments: &[&str]) -> Self {
        Self::reached(v, "smtp+plain://127.0.0.1", arguments)
    }

    /// The same, reached by an address without a port.
    pub fn reached(v: &Vekha, server: &str, arguments: &[&str]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let mut sink = Self {
            child: None,
            port,
            log: v.path(&format!("mail-{port}.log")),
            arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
            environment: vec![
                ("VEKHA_SMTP_URL", format!("{server}:{port}")),
                ("VEKHA_MAIL_FROM", SENDER.to_owned()),
                ("VEKHA_PUBLIC_URL", PAGES.to_owned()),
                ("VEKHA_SMTP_TIMEOUT", "2".to_owned()),
            ],
        };
        sink.up();
        sink
    }

    /// Begins to answer.
    pub fn up(&mut self) {
        let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut child = Command::new(python)
            .args([
                "tests/mail_sink.py",
                "--port",
                &self.port.to_string(),
                "--log",
                text(&self.log),
            ])
            .args(&self.arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("the first line");
        assert_eq!(line.trim(), "ready", "the mail server of the tests answers");
        self.child = Some(child);
    }

    /// Answers nobody until it is up again.
    pub fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended = child.kill();
            let _reaped = child.wait();
        }
    }

    /// What it took, in order.
    pub fn letters(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }

    /// A command with mail set up.
    pub fn command(&self, v: &Vekha, arguments: &[&str]) -> Command {
        let mut command = v.command(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// Sends what is due.
    pub fn deliver(&self, v: &Vekha) -> Answer {
        let output = self.command(v, &["mail", "deliver"]).output().expect("vekha starts");
        Answer::of(output)
    }

    /// The settings as the program reads them.
    pub fn settings(&self) -> MailSettings {
        let of = |name: &str| {
            self.environment
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| v.clone())
        };
        let options = MailOptions {
            server: of("VEKHA_SMTP_URL"),
            from: of("VEKHA_MAIL_FROM"),
            public_url: of("VEKHA_PUBLIC_URL"),
            patience_s: 2,
            ..MailOptions::default()
        };
        MailSettings::of(&options).expect("they read").expect("a server")
    }
}

/// Moves every moment of the outbox back: for the letters the clock has gone on by so many minutes.
pub fn later(v: &Vekha, minutes: i64) {
    let columns = ["next_try_at", "leased_until"].map(|column| {
        if v.url().starts_with("sqlite:") {
            format!("{column} = strftime('%Y-%m-%d %H:%M:%f', {column}, '-{minutes} minutes')")
        } else {
            format!("{column} = {column} - interval '{minutes} minutes'")
        }
    });
    v.sql(&format!(
        "UPDATE outbox_mail SET {} WHERE state = 'waiting'",
        columns.join(", ")
    ));
}

/// A field of a letter that was taken.
pub fn field<'a>(letter: &'a Value, name: &str) -> &'a str {
    letter[name].as_str().unwrap_or_default()
}
