//! The personnel reserve of leaders and the actives of experts, methodists and tutors: candidates by rules that are data,
//! confirmed by a person; dated memberships.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use chrono::{Days, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Deserialize;

use super::by::{By, changed};
use crate::competence::reference;
use crate::competence::scale::{self, Band, level_of};
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{competence, diagnosis, diagnosis_result, reserve_member};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::diagnostics::DiagnosisKind;
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, planted, text_enum};

id_newtype! {
    /// A membership of the reserve or of an active.
    ReserveId;
}

text_enum! {
    /// What became of a membership.
    ReserveState {
        InReserve = "in_reserve" "состоит",
        Appointed = "appointed" "назначен на должность",
        Left = "left" "вышел по своему желанию",
        Excluded = "excluded" "исключён",
    }
}

/// The rule by which candidates are found.
#[derive(Debug, Deserialize)]
pub struct Rule {
    /// Code.
    pub code: String,
    /// Version.
    pub version: i32,
    /// Title.
    pub title: String,
    /// Where one stands by it, in words.
    pub called: String,
    /// Groups of competences whose results decide.
    pub groups: Vec<String>,
    /// How many competences must have a result.
    pub results: usize,
    /// Levels that each result must have.
    pub levels: BTreeSet<String>,
    /// The oldest day of a result, in days.
    pub recent_days: u64,
}

#[derive(Default, Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

// The file is part of the program, and a test reads it.
static RULES: LazyLock<Rules> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/reserve.toml")).unwrap_or_default());

/// The rules in force; the first is that of the reserve of leaders.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES.rule
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reserve_member, treat_none_as_default_value = false)]
pub struct Member {
    /// Id.
    pub id: ReserveId,
    /// The region.
    pub region_id: UnitId,
    /// Who.
    pub person_id: PersonId,
    /// What became of it.
    pub state: ReserveState,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// The rule that named the person.
    pub rule: String,
    /// Its version.
    pub rule_version: i32,
    /// Why, as it was on the first day.
    pub why: String,
    /// What was written when it ended.
    pub note: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

/// Somebody whom the rule names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// Why.
    pub why: String,
}

/// A result that may decide.
struct Standing {
    group: String,
    held_on: NaiveDate,
    level: Option<(String, String)>,
}

/// Whom the rule names on a day, pure: every latest result has a good level, and there are enough of them.
fn why(rule: &Rule, results: &[Standing]) -> Option<String> {
    let good = |r: &&Standing| r.level.as_ref().is_some_and(|(code, _)| rule.levels.contains(code));
    if results.len() < rule.results || !results.iter().all(|r| good(&r)) {
        return None;
    }
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    for of in results {
        *groups.entry(&of.group).or_default() += 1;
        labels.extend(of.level.as_ref().map(|(_, label)| label.as_str()));
    }
    let named = groups.into_iter().map(|(code, n)| {
        let name = reference::groups().iter().find(|g| g.code == code);
        format!("{}: {n}", name.map_or(code, |g| g.name.as_str()))
    });
    let last = results.iter().map(|r| r.held_on).max()?;
    let labels: Vec<&str> = labels.into_iter().collect();
    Some(format!(
        "{}; уровень дефицитов: {}; последний результат {}",
        named.collect::<Vec<_>>().join(", "),
        labels.join(", "),
        last.format("%d.%m.%Y")
    ))
}

/// Candidates of a region on a day: those whom a rule names and who do not stand where it leads.
///
/// # Errors
/// Those of the database.
pub fn candidates(
    conn: &mut AnyConn,
    region: UnitId,
    rule: &Rule,
    today: NaiveDate,
) -> Result<Vec<Candidate>, DbError> {
    let recent = if planted!("reserve_of_old") {
        36_500
    } else {
        rule.recent_days
    };
    let since = today.checked_sub_days(Days::new(recent)).unwrap_or(today);
    type Row = (PersonId, CompetenceId, String, NaiveDate, ScaleId, Milli, Milli, i64);
    let rows: Vec<Row> = diagnosis_result::table
        .inner_join(
            diagnosis::table.on(diagnosis::id
                .eq(diagnosis_result::diagnosis_id)
                .and(diagnosis::region_id.eq(diagnosis_result::region_id))),
        )
        .inner_join(competence::table.on(competence::id.eq(diagnosis_result::competence_id)))
        .filter(diagnosis_result::region_id.eq(region))
        .filter(competence::group_code.eq_any(&rule.groups))
        .filter(diagnosis::kind.ne(DiagnosisKind::SelfAssessment))
        .filter(diagnosis::held_on.between(since, today))
        .filter(diagnosis::withdrawn_at.is_null())
        .filter(diagnosis_result::superseded_at.is_null())
        .select((
            diagnosis_result::person_id,
            diagnosis_result::competence_id,
            competence::group_code,
            diagnosis::held_on,
            diagnosis_result::scale_id,
            diagnosis_result::raw_milli,
            diagnosis_result::max_milli,
            diagnosis_result::id,
        ))
        .load(conn)?;
    let bands: HashMap<ScaleId, Vec<Band>> = scale::bands(conn)?;
    // The latest result of each competence counts; on one day the one recorded later.
    let mut latest: BTreeMap<(PersonId, CompetenceId), Row> = BTreeMap::new();
    for row in rows {
        let key = (row.0, row.1);
        if latest.get(&key).is_none_or(|old| (old.3, old.7) < (row.3, row.7)) {
            latest.insert(key, row);
        }
    }
    let mut results: BTreeMap<PersonId, Vec<Standing>> = BTreeMap::new();
    for ((person, _), (_, _, group, held_on, scale, raw, max, _)) in latest {
        let band = bands.get(&scale).and_then(|b| level_of(raw, max, b));
        results.entry(person).or_default().push(Standing {
            group,
            held_on,
            level: band.map(|b| (b.level.clone(), b.label.clone())),
        });
    }
    let inside: BTreeSet<PersonId> = members(conn, region, rule)?
        .into_iter()
        .filter(|m| m.state == ReserveState::InReserve && m.withdrawn_at.is_none())
        .map(|m| m.person_id)
        .collect();
    let found = results.into_iter().filter(|(person, _)| !inside.contains(person));
    Ok(found
        .filter_map(|(person, results)| {
            Some(Candidate {
                person,
                why: why(rule, &results)?,
            })
        })
        .collect())
}

/// Memberships of a region by any version of a rule, the last first, withdrawn ones among them.
///
/// # Errors
/// Those of the database.
pub fn members(conn: &mut AnyConn, region: UnitId, rule: &Rule) -> Result<Vec<Member>, DbError> {
    let mut rows = reserve_member::table.into_boxed();
    if !planted!("actives_mixed") {
        rows = rows.filter(reserve_member::rule.eq(&rule.code));
    }
    Ok(rows
        .filter(reserve_member::region_id.eq(region))
        .order((reserve_member::valid_from.desc(), reserve_member::id.desc()))
        .select(Member::as_select())
        .load(conn)?)
}

/// Takes candidates of a rule in from today. Whoever the rule names no longer is refused with the rest.
///
/// # Errors
/// Nobody is chosen; the rule does not name somebody.
pub fn enrol(tx: &mut Tx<'_>, by: &By, rule: &Rule, persons: &BTreeSet<PersonId>) -> Result<usize, Error> {
    if persons.is_empty() {
        return Err(Refusal::new("activity.nobody_chosen").into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::RESERVE, [by.region.0])?;
    let today = tx.today();
    let named = candidates(tx.conn(), by.region, rule, today)?;
    let chosen: Vec<Candidate> = named.into_iter().filter(|c| persons.contains(&c.person)).collect();
    if chosen.len() != persons.len() {
        return Err(Refusal::new("activity.no_candidate").into());
    }
    let now = tx.now();
    let mut rows = Vec::with_capacity(chosen.len());
    for candidate in chosen {
        rows.push(Member {
            id: ReserveId(tx.id()),
            region_id: by.region,
            person_id: candidate.person,
            state: ReserveState::InReserve,
            valid_from: today,
            valid_to: None,
            rule: rule.code.clone(),
            rule_version: rule.version,
            why: candidate.why,
            note: None,
            version: 1,
            recorded_at: now,
            withdrawn_at: None,
            withdrawn_reason: None,
        });
    }
    insert_many!(tx.conn(), reserve_member::table, rows)?;
    let persons: Vec<i64> = persons.iter().map(|p| p.0).collect();
    let detail = format!("list={}", rule.code);
    by.note(
        tx,
        "activity.reserve_enrol",
        ("reserve", by.region.0),
        &persons,
        &detail,
    )?;
    Ok(persons.len())
}

/// What becomes of a membership.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It ends on this day, the last one, in this state.
    End(ReserveState, NaiveDate, Option<String>),
    /// It was entered by mistake; the reason.
    Withdraw(String),
}

/// Ends or withdraws a membership that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; the end lies before the beginning.
pub fn turn(tx: &mut Tx<'_>, by: &By, stored: &Member, seen: i32, turn: Turn) -> Result<(), Error> {
    let object = ("reserve", stored.id.0);
    let stands = stored.state == ReserveState::InReserve && stored.withdrawn_at.is_none();
    if stored.version != seen || !stands {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    let mut next = stored.clone();
    let action = match turn {
        Turn::End(_, last, _) if last < stored.valid_from => {
            return Err(Refusal::new("import.ends_before_start").into());
        }
        Turn::End(state, last, note) => {
            next.state = state;
            next.valid_to = last.succ_opt();
            next.note = note;
            "activity.reserve_end"
        }
        Turn::Withdraw(reason) => {
            next.withdrawn_at = Some(tx.now());
            next.withdrawn_reason = Some(reason);
            "activity.reserve_withdraw"
        }
    };
    let standing = reserve_member::table
        .filter(reserve_member::region_id.eq(stored.region_id))
        .filter(reserve_member::id.eq(stored.id))
        .filter(reserve_member::version.eq(seen));
    let done = diesel::update(standing)
        .set((
            reserve_member::state.eq(next.state),
            reserve_member::valid_to.eq(next.valid_to),
            reserve_member::note.eq(next.note),
            reserve_member::withdrawn_at.eq(next.withdrawn_at),
            reserve_member::withdrawn_reason.eq(next.withdrawn_reason),
            reserve_member::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    by.note(tx, action, object, &[stored.person_id.0], "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(level: &str) -> Standing {
        Standing {
            group: "managerial".into(),
            held_on: NaiveDate::from_ymd_opt(2023, 4, 1).unwrap(),
            level: Some((level.to_owned(), level.to_owned())),
        }
    }

    #[test]
    fn one_poor_result_keeps_out_and_too_few_say_nothing() {
        let read = toml::from_str::<Rules>(include_str!("../../seeds/reference/reserve.toml")).unwrap();
        let mut rule = read.rule.into_iter().next().unwrap();
        rule.results = 2;
        assert!(why(&rule, &[result("none"), result("low")]).is_some());
        assert!(why(&rule, &[result("none")]).is_none());
        assert!(why(&rule, &[result("none"), result("low"), result("middle")]).is_none());
        assert!(why(&rule, &[]).is_none());
    }
}
