//! The drafting rules: data in `seeds/reference/rules.toml`, versioned in the database when their text changes.

use diesel::prelude::*;
use serde::Deserialize;

use super::model::{EducationForm, ItemLevel, RuleSet, RuleSetId};
use crate::catalogue::Topic;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::rule_set;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::people::StaffKind;

/// The rules that come with the program.
pub const SOURCE: &str = include_str!("../../seeds/reference/rules.toml");

/// A set of rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Code of the set.
    pub code: String,
    /// Length of a plan, months.
    pub length_months: u32,
    /// Hours a quarter of a year takes.
    pub hours_per_quarter: i32,
    /// The first quarter ends at least so many days after the start.
    pub first_due_days: u64,
    /// The rules.
    pub rule: Vec<Rule>,
}

/// One rule: for a deficit under conditions, an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Code; stands at the item it made.
    pub code: String,
    /// The reason in words, for «Почему здесь».
    pub why: String,
    /// Smaller comes earlier in the plan.
    pub priority: i32,
    /// Whether the plan cannot be completed without the item.
    #[serde(default)]
    pub mandatory: bool,
    /// Conditions.
    #[serde(default)]
    pub when: When,
    /// A programme of the catalogue.
    pub programme: Option<Choice>,
    /// Something that is not a course.
    pub activity: Option<Activity>,
}

/// Conditions; an absent one holds always.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Groups of the competence.
    pub group: Vec<String>,
    /// Codes of the competence.
    pub competence: Vec<String>,
    /// Beginnings of the code of the competence.
    pub competence_prefix: Vec<String>,
    /// Codes of the level.
    pub level: Vec<String>,
    /// Population of the post.
    pub staff_kind: Option<StaffKind>,
    /// Parts of the name of the post.
    pub position: Vec<String>,
    /// Subjects of the post.
    pub subject: Vec<String>,
    /// Full years of teaching at least.
    pub teaching_years_from: Option<u32>,
    /// Full years of teaching below.
    pub teaching_years_below: Option<u32>,
    /// No other activity was chosen for the deficit.
    pub beside_nothing_else: bool,
}

/// How a programme is chosen.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Choice {
    /// It teaches the competence or the node above; the best one.
    Competence,
    /// It carries a topic; only where no programme was chosen by another rule.
    Topic {
        /// The topic.
        topic: Topic,
    },
}

/// Something that is not a course.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// What is to be done; `{competence}` is the competence's name.
    pub title: String,
    /// Kind of learning.
    pub education_form: EducationForm,
    /// Where it is held.
    pub level: Option<ItemLevel>,
    /// Volume in hours.
    pub hours: i32,
}

/// Reads a set of rules.
///
/// # Errors
/// A text that is not a set of rules: the place and what is wrong.
pub fn parse(source: &str) -> Result<Rules, Error> {
    let mut rules: Rules = toml::from_str(source).map_err(|e| Error::Invalid(format!("правила подбора: {e}")))?;
    rules.rule.sort_by_key(|r| r.priority);
    for rule in &rules.rule {
        if rule.programme.is_some() == rule.activity.is_some() {
            return Err(Error::Invalid(format!(
                "правила подбора: в правиле {} нужно одно из двух: programme или activity",
                rule.code
            )));
        }
    }
    Ok(rules)
}

/// The version in force of a set, when its text is the one given.
fn known(conn: &mut AnyConn, rules: &Rules, source: &str) -> Result<(Option<RuleSetId>, i32), DbError> {
    let last: Option<RuleSet> = rule_set::table
        .filter(rule_set::code.eq(&rules.code))
        .order(rule_set::version.desc())
        .select(RuleSet::as_select())
        .first(conn)
        .optional()?;
    Ok(match last {
        Some(last) if last.source == source => (Some(last.id), last.version),
        Some(last) => (None, last.version),
        None => (None, 0),
    })
}

/// The id of the set's version with this text; a new text becomes the next version.
///
/// # Errors
/// Those of the database.
pub fn version(tx: &mut Tx<'_>, rules: &Rules, source: &str) -> Result<RuleSetId, DbError> {
    if let (Some(id), _) = known(tx.conn(), rules, source)? {
        return Ok(id);
    }
    // Two regions may meet the new text at once.
    dialect::lock(tx.conn(), lock_space::DRAFT, [0])?;
    let (id, last) = known(tx.conn(), rules, source)?;
    if let Some(id) = id {
        return Ok(id);
    }
    let row = RuleSet {
        id: RuleSetId(tx.id()),
        code: rules.code.clone(),
        version: last + 1,
        source: source.to_owned(),
        loaded_at: tx.now(),
    };
    let id = row.id;
    insert_many!(tx.conn(), rule_set::table, [row])?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_program_read() {
        let rules = parse(SOURCE).unwrap();
        let codes: std::collections::BTreeSet<&str> = rules.rule.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes.len(), rules.rule.len(), "a code stands twice");
        assert!(rules.rule.is_sorted_by_key(|r| r.priority));
    }

    #[test]
    fn a_rule_with_two_ends_or_an_unknown_word_is_refused() {
        let text = |rule: &str| {
            format!(
                "code='x'\nlength_months=1\nhours_per_quarter=1\nfirst_due_days=1\n[[rule]]\ncode='a'\nwhy=''\npriority=1\n{rule}"
            )
        };
        assert!(parse(&text("programme={by='competence'}")).is_ok());
        assert!(parse(&text("")).is_err());
        assert!(parse(&text("programme={by='chance'}")).is_err());
        assert!(parse(&text("programme={by='competence'}\nwhen={weather='good'}")).is_err());
    }
}
