//! The drafting rules: data in `seeds/reference/rules.toml`, versioned in the database when their text changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::Deserialize;

use super::model::{EducationForm, Item, ItemLevel, RuleSet, RuleSetId};
use crate::catalogue::Topic;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::rule_set;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::finding::{self, Finding};
use crate::insert_many;
use crate::people::StaffKind;
use crate::units::UnitId;

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
    /// Days of each year on which nobody learns.
    #[serde(default)]
    pub quiet: Vec<Quiet>,
    /// The rules.
    pub rule: Vec<Rule>,
}

/// Days of each year on which nobody learns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// What they are.
    pub why: String,
    /// The first, `07-01`.
    pub from: String,
    /// The last, included; one before the first is of the next year.
    pub to: String,
}

impl Quiet {
    /// Whether a day is one of them.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        let two = |n: u32| [b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8];
        let ([m, month], [d, day]) = (two(day.month()), two(day.day()));
        let on = [m, month, b'-', d, day];
        let (from, to) = (self.from.as_bytes() <= &on[..], &on[..] <= self.to.as_bytes());
        if self.from <= self.to { from && to } else { from || to }
    }
}

impl Rules {
    /// Whether somebody may learn on a day.
    #[must_use]
    pub fn is_for_learning(&self, day: NaiveDate) -> bool {
        self.quiet_on(day).is_none()
    }

    /// The days when nobody learns that a day is one of.
    #[must_use]
    pub fn quiet_on(&self, day: NaiveDate) -> Option<&Quiet> {
        self.quiet.iter().find(|quiet| quiet.holds(day))
    }
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

/// The shortest and the longest plan, months; the most hours of a quarter.
const MONTHS: std::ops::RangeInclusive<u32> = 3..=36;
const HOURS: std::ops::RangeInclusive<i32> = 1..=1_000;

/// Reads a set of rules.
///
/// # Errors
/// A text that is not a set of rules: the places and what is wrong.
pub fn parse(source: &str) -> Result<Rules, Vec<Finding>> {
    let mut rules: Rules = toml::from_str(source).map_err(|e| vec![finding::of_toml(source, &e)])?;
    let mut wrong = Vec::new();
    let key = |name: &str| source.find(name).unwrap_or(0);
    if !MONTHS.contains(&rules.length_months) {
        let (least, most) = (MONTHS.start(), MONTHS.end());
        let what = format!("маршрут длится от {least} до {most} месяцев");
        wrong.push(finding::at(source, key("length_months"), what));
    }
    if !HOURS.contains(&rules.hours_per_quarter) {
        let what = format!("часов в квартале бывает от {} до {}", HOURS.start(), HOURS.end());
        wrong.push(finding::at(source, key("hours_per_quarter"), what));
    }
    let quiet = source.match_indices("[[quiet]]").map(|(at, _)| at);
    for (quiet, place) in rules.quiet.iter().zip(quiet.chain(std::iter::repeat(0))) {
        // A leap year has every day that there is.
        let reads = |day: &str| NaiveDate::parse_from_str(&format!("2024-{day}"), "%Y-%m-%d").is_ok() && day.len() == 5;
        if quiet.why.is_empty() || !reads(&quiet.from) || !reads(&quiet.to) {
            let what =
                "напишите, что это за дни, первый и последний: why = \"отпуск\", from = \"07-01\", to = \"08-31\"";
            wrong.push(finding::at(source, place, what));
        }
    }
    let year = NaiveDate::from_ymd_opt(2024, 1, 1)
        .into_iter()
        .flat_map(|first| first.iter_days().take(366));
    if !rules.quiet.is_empty() && year.into_iter().all(|day| !rules.is_for_learning(day)) {
        let what = "учиться было бы некогда: оставьте дни, не занятые [[quiet]]";
        wrong.push(finding::at(source, key("[[quiet]]"), what));
    }
    let mut codes = BTreeSet::new();
    let places = source
        .match_indices("[[rule]]")
        .map(|(at, _)| at)
        .chain(std::iter::repeat(0));
    for (rule, place) in rules.rule.iter().zip(places) {
        let mut say = |what: String| wrong.push(finding::at(source, place, what));
        if rule.programme.is_some() == rule.activity.is_some() {
            let code = &rule.code;
            say(format!("в правиле {code} нужно одно из двух: programme или activity"));
        }
        if rule.code.is_empty() || !codes.insert(rule.code.as_str()) {
            say(format!("код «{}» пуст или уже занят; дайте правилу свой", rule.code));
        }
        if rule.why.is_empty() {
            let code = &rule.code;
            say(format!(
                "в правиле {code} впишите why: это педагог прочтёт в «Почему здесь»"
            ));
        }
        if rule.activity.as_ref().is_some_and(|a| !HOURS.contains(&a.hours)) {
            let code = &rule.code;
            say(format!(
                "в правиле {code} часов бывает от {} до {}",
                HOURS.start(),
                HOURS.end()
            ));
        }
    }
    if rules.rule.is_empty() {
        wrong.push(finding::at(source, source.len(), "нужно хотя бы одно правило [[rule]]"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    rules.rule.sort_by_key(|r| r.priority);
    Ok(rules)
}

/// The rules that come with the program, read.
///
/// # Errors
/// None in a program that was tested.
pub fn of_program() -> Result<Rules, Error> {
    parse(SOURCE).map_err(|wrong| Error::Internal(format!("правила подбора: {}", finding::lines(&wrong))))
}

/// The rules in force everywhere: a region drafts by its own, if it has put some in the place of the program's.
#[derive(Debug)]
pub struct InForce {
    program: Rules,
    own: HashMap<UnitId, (RuleSetId, Arc<Rules>)>,
}

impl InForce {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database; rules of a region that this program cannot read any more: nobody is drafted by others instead.
    pub fn load(conn: &mut AnyConn) -> Result<Self, Error> {
        let rows: Vec<(Option<UnitId>, RuleSetId)> = rule_set::table
            .filter(rule_set::region_id.is_not_null())
            .order(rule_set::version)
            .select((rule_set::region_id, rule_set::id))
            .load(conn)?;
        let latest: HashMap<UnitId, RuleSetId> = rows.into_iter().filter_map(|(of, id)| Some((of?, id))).collect();
        let read = of(conn, latest.values().copied())?;
        let own = latest.into_iter().map(|(region, id)| match read.get(&id) {
            Some(rules) => Ok((region, (id, Arc::clone(rules)))),
            None => Err(Error::Refused(Refusal::new("rules.unread"))),
        });
        Ok(Self {
            program: of_program()?,
            own: own.collect::<Result<_, _>>()?,
        })
    }

    /// The rules of a region.
    #[must_use]
    pub fn of(&self, region: UnitId) -> &Rules {
        self.own.get(&region).map_or(&self.program, |(_, rules)| &**rules)
    }

    /// The version that plans of a region name, unless they are made by the rules of the program.
    #[must_use]
    pub fn version_of(&self, region: UnitId) -> Option<RuleSetId> {
        self.own.get(&region).map(|(id, _)| *id)
    }
}

/// The rules in force in one region; `None` where this program cannot read the region's own any more.
///
/// # Errors
/// Those of the database.
pub fn in_force(conn: &mut AnyConn, region: UnitId) -> Result<Option<Arc<Rules>>, Error> {
    let own: Option<RuleSetId> = rule_set::table
        .filter(rule_set::region_id.eq(region))
        .order(rule_set::version.desc())
        .select(rule_set::id)
        .first(conn)
        .optional()?;
    match own {
        Some(id) => Ok(of(conn, [id])?.remove(&id)),
        None => Ok(Some(Arc::new(of_program()?))),
    }
}

/// Versions of a region's own rules, the latest first; none where the program's are in force.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut AnyConn, region: UnitId) -> Result<Vec<RuleSet>, DbError> {
    Ok(rule_set::table
        .filter(rule_set::region_id.eq(region))
        .order(rule_set::version.desc())
        .select(RuleSet::as_select())
        .load(conn)?)
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
        region_id: None,
        account_id: None,
        reason: None,
    };
    let id = row.id;
    insert_many!(tx.conn(), rule_set::table, [row])?;
    Ok(id)
}

/// Sets of rules by their version.
pub type Sets = HashMap<RuleSetId, Arc<Rules>>;

/// Versions that were read before: their text never changes.
static READ: LazyLock<Mutex<Sets>> = LazyLock::new(Mutex::default);

/// The versions that steps name, so that each step is explained by the rules that chose it, whatever they became since. One
/// that this program cannot read any more is left out.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut AnyConn, named: impl IntoIterator<Item = RuleSetId>) -> Result<Sets, DbError> {
    let known = || READ.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut found, mut unread) = (Sets::new(), BTreeSet::new());
    for id in named {
        match known().get(&id) {
            Some(set) => found.extend([(id, Arc::clone(set))]),
            None => unread.extend([id]),
        }
    }
    if unread.is_empty() {
        return Ok(found);
    }
    let texts: Vec<(RuleSetId, String)> = rule_set::table
        .filter(rule_set::id.eq_any(unread))
        .select((rule_set::id, rule_set::source))
        .load(conn)?;
    let read: Vec<(RuleSetId, Arc<Rules>)> = texts
        .into_iter()
        .filter_map(|(id, text)| Some((id, Arc::new(parse(&text).ok()?))))
        .collect();
    known().extend(read.iter().cloned());
    found.extend(read);
    Ok(found)
}

/// The rule that chose a step, in the version that the step names.
#[must_use]
pub fn chosen_by<'a>(sets: &'a Sets, item: &Item) -> Option<&'a Rule> {
    let code = item.rule.as_ref()?;
    sets.get(&item.rule_set_id?)?.rule.iter().find(|r| r.code == *code)
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
                "code='x'\nlength_months=3\nhours_per_quarter=1\nfirst_due_days=1\n[[rule]]\ncode='a'\nwhy='б'\npriority=1\n{rule}"
            )
        };
        assert!(parse(&text("programme={by='competence'}")).is_ok());
        assert!(parse(&text("")).is_err());
        assert!(parse(&text("programme={by='chance'}")).is_err());
        assert!(parse(&text("programme={by='competence'}\nwhen={weather='good'}")).is_err());
    }
}
