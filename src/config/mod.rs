//! Settings: small structs with a default for each field; nothing else reads the environment.

mod keys;
mod mail;

use std::path::PathBuf;

pub use keys::Keys;
pub use mail::{LinkKey, MailOptions, MailSettings, Secret, Security};

use crate::db::{Backend, DbError};

/// Where the installation keeps its things and how it reaches the database.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of `vekha.sqlite`, `files/` and `keys/`.
    pub data: PathBuf,
    /// The database.
    pub backend: Backend,
    /// File with the password of PostgreSQL; it never stands in the URL.
    pub password_file: Option<PathBuf>,
    /// Longest run of one statement on PostgreSQL, milliseconds. Commands of the operator may take long.
    pub statement_timeout_ms: u32,
    /// How long a request or command waits for a free connection, seconds.
    pub pool_wait_s: u32,
    /// The region's offset from UTC, hours. [TC] Tyumen and Chelyabinsk: +5.
    pub zone_hours: i32,
    /// Outgoing mail; `None` lets letters wait.
    pub mail: Option<MailSettings>,
    /// Where the pages are, as people reach them, without a slash at the end; never taken from a request.
    pub public_url: Option<String>,
    /// Whether all but teachers and mentors sign in with a second factor only.
    pub second_factor: bool,
    /// Whether the head of a school sees scores and levels beside the topics. [TC] The region decides; hidden by default.
    pub school_scores: bool,
    /// Addresses of our own proxies: what they say of the client's address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

impl Config {
    /// The configuration of a data folder, or of a database elsewhere.
    ///
    /// # Errors
    /// An address of an unknown scheme or with a password inside.
    pub fn new(data: PathBuf, database: Option<&str>, password_file: Option<PathBuf>) -> Result<Self, DbError> {
        let backend = match database {
            Some(url) => Backend::parse(url)?,
            None => Backend::Sqlite(data.join("vekha.sqlite").display().to_string()),
        };
        Ok(Self {
            data,
            backend,
            password_file,
            statement_timeout_ms: 600_000,
            pool_wait_s: 10,
            zone_hours: 5,
            mail: None,
            public_url: None,
            second_factor: true,
            school_scores: false,
            trusted_proxies: Vec::new(),
        })
    }

    /// The settings in force, as lines `name = value`, for the command `config`.
    #[must_use]
    pub fn print(&self) -> String {
        let database = match &self.backend {
            Backend::Sqlite(path) => format!("sqlite:{path}"),
            Backend::Postgres(url) => url.clone(),
        };
        let mail = self
            .mail
            .as_ref()
            .map_or("не настроена: письма ждут".into(), MailSettings::print);
        format!(
            "data = {}\ndatabase = {database}\nstatement_timeout_ms = {}\npool_wait_s = {}\nzone_hours = {}\nmail = {mail}\npublic_url = {}\nsecond_factor = {}\nschool_scores = {}\n",
            self.data.display(),
            self.statement_timeout_ms,
            self.pool_wait_s,
            self.zone_hours,
            self.public_url.as_deref().unwrap_or("не указан"),
            if self.second_factor { "on" } else { "off" },
            if self.school_scores { "on" } else { "off" }
        )
    }
}
