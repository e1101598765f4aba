//! The program put together: configuration, database with its commit hooks, keys, clock. No globals.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::audit::reads::Reads;
use crate::audit::{self, Entry, Sealed};
use crate::clock::{Clock, SystemClock};
use crate::competence::reference;
use crate::config::{Config, Keys, LinkKey};
use crate::db::{CommitHook, Db, Options};
use crate::error::Error;
use crate::indicators::RefreshFacts;

/// Everything a use case may need; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Secret keys.
    pub keys: Keys,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where reads are written down that cannot wait for a writer.
    reads: Reads,
}

impl App {
    /// Opens the data folder and the database; `migrate` brings an old schema up instead of refusing it.
    ///
    /// # Errors
    /// A folder that cannot be written, a database that cannot be reached or is set up unsafely.
    pub async fn open(config: Config, migrate: bool) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.data)
            .map_err(|e| Error::Invalid(format!("папка {} не открывается: {e}", config.data.display())))?;
        let keys = Keys::load(&config.data)?;
        let mut config = config;
        if let Some(mail) = &mut config.mail {
            mail.link_key = LinkKey(keys.session.clone());
        }
        let zone = FixedOffset::east_opt(config.zone_hours * 3600)
            .ok_or_else(|| Error::Invalid("zone_hours: от -12 до 14".into()))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock { zone });
        let password = match &config.password_file {
            Some(file) => Some(std::fs::read_to_string(file)?.trim_end().to_owned()),
            None => None,
        };
        let options = Options {
            backend: config.backend.clone(),
            password,
            statement_timeout_ms: config.statement_timeout_ms,
            pool_wait_s: config.pool_wait_s,
            clock: clock.clone(),
            migrate,
        };
        let db = Db::open(options, Self::commit_hooks())?;
        if !db.read(reference::is_current).await? {
            db.write(reference::sync).await?;
        }
        Ok(Self {
            reads: Reads::beside(&config.backend),
            config,
            db,
            keys,
            clock,
        })
    }

    /// What must hold before any commit.
    fn commit_hooks() -> Vec<Box<dyn CommitHook>> {
        vec![Box::new(RefreshFacts)]
    }

    /// Seals the journal and publishes its head; commands that wrote something end with it.
    ///
    /// # Errors
    /// Those of the database and of the key folder.
    pub async fn seal(&self) -> Result<Sealed, Error> {
        self.seal_from(0).await
    }

    /// The same for whoever goes on sealing: rows below the id `settled` are not looked at.
    ///
    /// # Errors
    /// Those of the database and of the key folder.
    pub async fn seal_from(&self, settled: i64) -> Result<Sealed, Error> {
        let witness = std::fs::read_to_string(self.audit_head_file()).ok();
        let sealed = audit::seal_all(&self.db, &self.reads, &self.keys.audit, witness, settled).await?;
        audit::publish_head(&sealed.head, &self.keys.audit, &self.audit_head_file())?;
        Ok(sealed)
    }

    /// Writes down what was read, before any of it is shown; waits for no writer.
    ///
    /// # Errors
    /// Those of the database; nothing may be shown then.
    pub async fn note(&self, entries: Vec<Entry>) -> Result<(), Error> {
        Ok(audit::note(&self.db, &self.reads, &self.keys.audit, entries).await?)
    }

    /// Writes down beside the journal what its one writer has no time for.
    ///
    /// # Errors
    /// Those of the log of reads.
    pub async fn note_aside(&self, entries: &[Entry]) -> Result<(), Error> {
        Ok(audit::note_aside(&self.db, &self.reads, &self.keys.audit, entries).await?)
    }

    /// A folder of `files/` in the data folder.
    #[must_use]
    pub fn files(&self, name: &str) -> std::path::PathBuf {
        self.config.data.join("files").join(name)
    }

    /// The witness of the journal outside the database.
    #[must_use]
    pub fn audit_head_file(&self) -> std::path::PathBuf {
        self.config.data.join("keys").join("audit.head")
    }
}
