//! A region's own rules of drafting: a text becomes the next version in force, the ones before stay. Plans keep the version
//! that they were made by.

use super::model::{RuleSet, RuleSetId};
use super::rules;
use crate::access::AccountId;
use crate::access::by::{self, By};
use crate::db::Tx;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::rule_set;
use crate::error::{Error, Refusal};
use crate::finding;
use crate::insert_many;

/// What a form says.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The version of the region that stood on the page; 0 for the rules of the program.
    pub seen: i32,
    /// The text.
    pub text: String,
    /// Why it is changed.
    pub reason: String,
}

/// Puts a text in force in the region; returns its version.
///
/// # Errors
/// A text that does not read, no reason, a text that is in force already; somebody else was quicker.
pub fn put_in_force(tx: &mut Tx<'_>, by: &By, edited: &Edited) -> Result<i32, Error> {
    // No plan of the region is drafted between the two.
    dialect::lock(tx.conn(), lock_space::DRAFT, [by.region.0])?;
    let rules = rules::parse(&edited.text)
        .map_err(|wrong| Refusal::new("rules.wrong").with("problems", finding::lines(&wrong)))?;
    if edited.reason.is_empty() {
        return Err(Refusal::new("rules.reason").into());
    }
    let last = rules::versions(tx.conn(), by.region)?.into_iter().next();
    let (stands, text) = last
        .as_ref()
        .map_or((0, rules::SOURCE), |set| (set.version, set.source.as_str()));
    if let Some(last) = last.as_ref().filter(|last| last.version != edited.seen) {
        return Err(by::changed(tx, by, "iom", "rule_set", last.id.0)?);
    }
    if text == edited.text {
        return Err(Refusal::new("rules.same").into());
    }
    let row = RuleSet {
        id: RuleSetId(tx.id()),
        code: format!("{}@{}", rules.code, by.region.0),
        version: stands + 1,
        source: edited.text.clone(),
        loaded_at: tx.now(),
        region_id: Some(by.region),
        account_id: Some(AccountId(by.account)),
        reason: Some(edited.reason.clone()),
    };
    let (id, version) = (row.id.0, row.version);
    insert_many!(tx.conn(), rule_set::table, [row])?;
    by.note(tx, "iom.rules", ("rule_set", id), &[], &format!("version={version}"))?;
    Ok(version)
}
