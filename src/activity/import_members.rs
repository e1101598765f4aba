//! Members of bodies from a file: who, where, as whom, from day to day.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{ActivityId, BodyId, BodyMember, MemberRole, RecordId};
use super::versions::{self, Said};
use super::whom::{Persons, Whom};
use super::words::MEMBER_ROLES;
use crate::db::schema::{body, body_member};
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{Applied, Batch, BatchId, Fields, ImportRow, Kind, Problem, Staged, Table, Verdict, repeats};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{revert_versions, take_version, write_versions};

/// Files of members.
pub struct MembersFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    whom: Whom,
    body: String,
    role: MemberRole,
    from: NaiveDate,
    /// The day after the last one.
    to: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq)]
struct Found {
    person: PersonId,
    region: UnitId,
    body: BodyId,
    role: MemberRole,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

const TABLE: &str = "body_member";

/// Whether two stretches of days, ends exclusive, share a day.
#[must_use]
pub fn overlap(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    a.1.is_none_or(|end| b.0 < end) && b.1.is_none_or(|end| a.0 < end)
}

/// Why a membership cannot stand beside those of the same body: the same person twice, or a second head.
#[must_use]
pub fn clash<'a>(
    own: (PersonId, MemberRole, NaiveDate, Option<NaiveDate>),
    others: impl Iterator<Item = &'a BodyMember>,
) -> Option<Refusal> {
    let (person, role, from, to) = own;
    for other in others.filter(|o| overlap((from, to), (o.valid_from, o.valid_to))) {
        if other.person_id == person {
            return Some(Refusal::new("activity.member_twice").with("from", other.valid_from.format("%d.%m.%Y")));
        }
        if role == MemberRole::Chair && other.role == MemberRole::Chair {
            return Some(Refusal::new("activity.second_chair").with("from", other.valid_from.format("%d.%m.%Y")));
        }
    }
    None
}

impl Table for MembersFile {
    type Row = Row;
    const KIND: Kind = Kind::Members;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let whom = Whom::parse(fields);
        let body = fields.required_text("body");
        let role = fields.choice("role", &MEMBER_ROLES);
        let from = fields.required_date("from");
        let last = fields.date("to");
        if last.zip(from).is_some_and(|(last, from)| last < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        Some(Row {
            whom,
            body: body?,
            role: role.unwrap_or(MemberRole::Member),
            from: from?,
            to: last.and_then(|day| day.succ_opt()),
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let persons = Persons::load(tx, batch, Kind::Members, rows.iter().map(|s| &s.row.whom))?;
        let known: Vec<(String, BodyId, UnitId, Option<UnitId>)> = body::table
            .filter(body::withdrawn_at.is_null())
            .select((body::code, body::id, body::region_id, body::unit_id))
            .load(tx.conn())?;
        let mut bodies: HashMap<String, Vec<(BodyId, UnitId)>> = HashMap::new();
        let kept = known
            .into_iter()
            .filter(|(_, _, region, unit)| batch.keeps(region.0, unit.map(|u| u.0)));
        for (code, id, region, _) in kept {
            bodies.entry(code).or_default().push((id, region));
        }
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            let bodies = bodies.get(&row.body).map_or(&[][..], Vec::as_slice);
            let hint = if let [(_, region)] = bodies {
                Some(*region)
            } else {
                None
            };
            match persons.find(&row.whom, "snils", hint) {
                Err(verdict) => applied.verdicts.push((number, verdict)),
                Ok((person, region)) => match bodies.iter().find(|(_, own)| *own == region) {
                    Some((body, _)) => {
                        let (role, from, to, body) = (row.role, row.from, row.to, *body);
                        let row = Found {
                            person,
                            region,
                            body,
                            role,
                            from,
                            to,
                        };
                        found.push(Staged { number, row });
                    }
                    None => {
                        let refusal = Refusal::new("activity.unknown_body");
                        let problem = Problem::at(Kind::Members, "body", &row.body, refusal);
                        applied.verdicts.push((number, Verdict::Refused(problem)));
                    }
                },
            }
        }
        let rows = repeats::settle(found, |r| (r.body, r.person, r.from), &mut applied.verdicts);
        let wanted: BTreeSet<BodyId> = rows.iter().map(|s| s.row.body).collect();
        let mut stored = members(tx, &wanted.into_iter().collect::<Vec<_>>())?;
        let (mut new, mut replaced): (Vec<BodyMember>, Vec<ActivityId>) = (Vec::new(), Vec::new());
        for Staged { number, row } in rows {
            let own = stored.entry(row.body).or_default();
            let same = |m: &&BodyMember| m.person_id == row.person && m.valid_from == row.from;
            let old = own.iter().filter(same).find(|m| m.withdrawn_at.is_none());
            let old = old.or_else(|| own.iter().find(same)).cloned();
            if let Some(at) = old.as_ref().and_then(|m| m.withdrawn_at) {
                let verdict = versions::withdrawn(Kind::Members, "body", at);
                applied.verdicts.push((number, verdict));
                continue;
            }
            let old_id = old.as_ref().map(|m| m.id);
            let others = own.iter().filter(|m| m.withdrawn_at.is_none() && Some(m.id) != old_id);
            if let Some(refusal) = clash((row.person, row.role, row.from, row.to), others) {
                let problem = Problem::at(Kind::Members, "from", row.from.format("%d.%m.%Y"), refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let said = match old {
                None => Said::New,
                Some(old) if (old.role, old.valid_to) == (row.role, row.to) => Said::Same,
                Some(old) => Said::Differs(old),
            };
            let make = |before: Option<&BodyMember>| {
                let id = tx.id();
                BodyMember {
                    id: ActivityId(id),
                    region_id: row.region,
                    record_id: before.map_or(RecordId(id), |b| b.record_id),
                    body_id: row.body,
                    person_id: row.person,
                    role: row.role,
                    valid_from: row.from,
                    valid_to: row.to,
                    version: before.map_or(1, |b| b.version + 1),
                    recorded_at: batch.now,
                    superseded_at: None,
                    withdrawn_at: None,
                    withdrawn_reason: None,
                    batch_id: Some(batch.id.0),
                }
            };
            let verdict = take_version!(tx, batch, TABLE, said, new, replaced, make);
            if matches!(verdict, Verdict::New(_) | Verdict::Changed(_)) {
                own.retain(|m| Some(m.id) != old_id);
                own.extend(new.last().cloned());
                tx.touch(row.person.0);
            }
            applied.verdicts.push((number, verdict));
        }
        write_versions!(tx, body_member, batch.now, replaced, new);
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        versions::changed_since(tx, TABLE, changes)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        revert_versions!(tx, body_member, TABLE, changes, [person_id]);
        Ok(())
    }
}

/// Latest versions of the members of bodies, withdrawn ones among them.
fn members(tx: &mut Tx<'_>, bodies: &[BodyId]) -> Result<HashMap<BodyId, Vec<BodyMember>>, DbError> {
    let mut all: HashMap<BodyId, Vec<BodyMember>> = HashMap::new();
    for block in bodies.chunks(1000) {
        let rows: Vec<BodyMember> = body_member::table
            .filter(body_member::body_id.eq_any(block))
            .filter(body_member::superseded_at.is_null())
            .select(BodyMember::as_select())
            .load(tx.conn())?;
        for row in rows {
            all.entry(row.body_id).or_default().push(row);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_days_touch_without_sharing_a_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (a, b) = (day("2023-01-01"), day("2023-06-01"));
        assert!(overlap((a, None), (b, None)));
        assert!(overlap((a, Some(day("2023-06-02"))), (b, None)));
        assert!(!overlap((a, Some(b)), (b, None)));
        assert!(!overlap((b, None), (a, Some(b))));
    }
}
