//! One call: who asks, what they ask for, and the program that answers. Handlers get nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::client::Client;
use super::heavy::Heavy;
use super::incoming::Incoming;
use super::long::Long;
use super::quiet::Quiet;
use super::registry::{Capability, Entry};
use super::scope::Scope;
use super::view::View;
use crate::app::App;
use crate::error::Error;
use crate::pages::Pages;

/// The program as the server holds it.
pub struct Site {
    /// Configuration, database, keys, clock.
    pub app: App,
    /// Templates and files.
    pub pages: Pages,
    /// Where passwords are hashed.
    pub hashing: Heavy,
    /// Where papers become PDF, one after the other.
    #[cfg(feature = "pdf")]
    pub papers: Heavy,
    /// Whose long answers are under way.
    pub long: Long,
    /// Whose refusals are not written down for a while.
    pub quiet: Quiet,
    /// Whether this is a demo region: loopback only, a banner says so.
    pub demo: bool,
    /// Where the pages are, as people reach them: from the settings, in a demo region where it listens.
    pub address: Option<String>,
    /// Wakes the background work when a page has asked for some.
    pub work: tokio::sync::Notify,
    /// Wakes the work on releases when a page has asked for one.
    pub releases: tokio::sync::Notify,
    /// Every route.
    pub entries: &'static [Entry],
}

/// A role as the frame shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HeldRole {
    /// Its code.
    pub code: &'static str,
    /// Its Russian name.
    pub label: &'static str,
    /// Whether it is in use now.
    pub current: bool,
}

/// Who is signed in, as read from the session row at this very call.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Digest of the session's name: the key of its row.
    pub session: String,
    /// The account.
    pub account: i64,
    /// Login.
    pub login: String,
    /// The person, for one who is on the staff list.
    pub person: Option<i64>,
    /// The region; `None` is the installation.
    pub region: Option<i64>,
    /// Name for the frame.
    pub name: String,
    /// Roles in force; one of them is in use, unless the visitor stands in for somebody.
    pub roles: Vec<HeldRole>,
    /// The role in use, one's own or that of whom one stands in for; `None` when it is over.
    pub in_use: Option<HeldRole>,
    /// Whom the visitor may stand in for.
    pub steads: Vec<Stead>,
    /// In whose stead the visitor works now.
    pub stands_for: Option<StandsFor>,
    /// The visitor worked in another one's stead, and the time of that is over.
    pub stead_is_over: bool,
    /// What the role in use allows.
    pub capabilities: BTreeSet<Capability>,
    /// How far the role in use sees; persons assigned are added by the desk.
    pub scope: Scope,
    /// Whether the session row should say that it was used.
    pub stale: bool,
    /// Notices that its holder has not looked at; `None` where nobody has counted them, since no page is asked for.
    pub notices: Option<i64>,
}

/// In whose stead a visitor works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandsFor {
    /// The account whose rights they are.
    pub account: i64,
    /// Its login.
    pub login: String,
    /// How its holder is called.
    pub name: String,
    /// Code of the role.
    pub role: &'static str,
    /// Codes of the kinds of work that were given; `None` is all of the role.
    pub works: Option<Vec<&'static str>>,
    /// Organisations that the visitor heads: nobody accompanies a subordinate, in another one's stead either.
    pub heads: Vec<i64>,
}

/// Whom the visitor may stand in for today, as the frame offers it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stead {
    /// The delegation.
    pub id: String,
    /// «Тьютор, замещение: Анна Ким».
    pub label: String,
    /// How that one is called.
    pub name: String,
    /// Whether it is in use now.
    pub current: bool,
    /// The role asks for a second factor, and this session has shown none.
    pub shut: bool,
}

impl Visitor {
    /// The account whose queue is worked at: one's own, or that of whom one stands in for.
    #[must_use]
    pub fn acting(&self) -> i64 {
        self.stands_for.as_ref().map_or(self.account, |s| s.account)
    }

    /// In whose stead what one does is recorded.
    #[must_use]
    pub fn on_behalf_of(&self) -> Option<i64> {
        self.stands_for.as_ref().map(|s| s.account)
    }

    /// Whether one of those whom one may stand in for waits for a second factor.
    #[must_use]
    pub fn lacks_second(&self) -> bool {
        self.steads.iter().any(|stead| stead.shut)
    }

    /// The role in use.
    #[must_use]
    pub fn role(&self) -> Option<&HeldRole> {
        self.in_use.as_ref()
    }

    /// Whether the role in use allows it.
    #[must_use]
    pub fn may(&self, capability: Capability) -> bool {
        match capability {
            Capability::Public | Capability::SignedIn => true,
            other => self.capabilities.contains(&other),
        }
    }
}

/// Names and values of a query or a form, each name once.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of a name; `None` when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Values of a name that may stand more than once (ticked boxes).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Refuses names that the handler does not know and names that stand twice.
    ///
    /// # Errors
    /// Such a name.
    pub fn only(&self, known: &[&str]) -> Result<&Self, Error> {
        self.only_many(known, &[])
    }

    /// The same with names that may stand more than once.
    ///
    /// # Errors
    /// A name that the handler does not know, or one of `known` that stands twice.
    pub fn only_many(&self, known: &[&str], many: &[&str]) -> Result<&Self, Error> {
        for (i, (name, _)) in self.0.iter().enumerate() {
            if many.contains(&name.as_str()) {
                continue;
            }
            if !known.contains(&name.as_str()) || self.0[..i].iter().any(|(n, _)| n == name) {
                return Err(Error::form_changed());
            }
        }
        Ok(self)
    }
}

/// One call.
pub struct Call {
    /// The program.
    pub site: Arc<Site>,
    /// The route.
    pub entry: &'static Entry,
    /// The path as asked.
    pub path: String,
    /// Parts of the path by name.
    pub parts: Fields,
    /// The query.
    pub query: Fields,
    /// The form, without its token.
    pub form: Fields,
    /// The file that came with the form.
    pub file: Option<Incoming>,
    /// Who asks.
    pub visitor: Option<Visitor>,
    /// What the form tokens of this visitor are bound to: the session, or the cookie of one who is not signed in.
    pub bound_to: String,
    /// How the page should look for this visitor (`view.rs`).
    pub view: View,
    /// Where it comes from.
    pub client: Client,
}

impl Call {
    /// The program.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.site.app
    }

    /// How far the region's clock is ahead of UTC.
    #[must_use]
    pub fn zone(&self) -> TimeDelta {
        TimeDelta::hours(self.app().config.zone_hours.into())
    }

    /// When a day of the region begins, as the database keeps moments.
    #[must_use]
    pub fn midnight(&self, of: NaiveDate) -> NaiveDateTime {
        of.and_time(NaiveTime::MIN) - self.zone()
    }

    /// Who is signed in. The door has let nobody else through to an entry that needs it.
    ///
    /// # Errors
    /// Nobody is.
    pub fn visitor(&self) -> Result<&Visitor, Error> {
        self.visitor.as_ref().ok_or_else(|| Error::Forbidden("войдите".into()))
    }

    /// The token that a form of this page must carry.
    #[must_use]
    pub fn token(&self) -> String {
        super::token::of_form(&self.site.app.keys.session, &self.bound_to)
    }

    /// An id in the path; what is no number is not found.
    ///
    /// # Errors
    /// No such id.
    pub fn id(&self, name: &str) -> Result<i64, Error> {
        self.parts
            .get(name)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Error::NotFound("страница".into()))
    }
}
