//! Programmes as formulas see them: what each is, and whether somebody was given a document on it in the period.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use foldhash::HashMap;

use super::condition::Condition;
use super::sets::ProgrammeTest;
use crate::catalogue::{ProgrammeId, ProgrammeKind, Topic};
use crate::db::schema::{enrolment, programme, programme_topic, qualification_document};
use crate::db::{AnyConn, DbError};
use crate::enrolment::EnrolmentState;
use crate::facts::FactPeriod;
use crate::units::UnitId;

/// A programme as conditions see it.
#[derive(Debug, Clone)]
pub struct ProgrammeSeen {
    /// Code.
    pub code: String,
    /// Title.
    pub name: String,
    /// Whose it is.
    pub provider: Option<UnitId>,
    kind: ProgrammeKind,
    in_register: bool,
    e_learning: bool,
    delivered: bool,
    topics: Vec<Topic>,
}

impl ProgrammeSeen {
    /// Whether a condition holds.
    #[must_use]
    pub fn fits(&self, condition: &Condition<ProgrammeTest>) -> bool {
        condition.holds(&|test| match test {
            ProgrammeTest::Flag("delivered") => self.delivered,
            ProgrammeTest::Flag("upskilling") => self.kind == ProgrammeKind::Upskilling,
            ProgrammeTest::Flag("retraining") => self.kind == ProgrammeKind::Retraining,
            ProgrammeTest::Flag("in_register") => self.in_register,
            ProgrammeTest::Flag("e_learning") => self.e_learning,
            ProgrammeTest::Flag(_) => false,
            ProgrammeTest::Topic(topic) => self.topics.contains(topic),
        })
    }
}

/// Every programme, and whether a document on it was issued in the period.
pub(super) fn programmes(
    conn: &mut AnyConn,
    period: &FactPeriod,
    known: Option<NaiveDateTime>,
) -> Result<Vec<ProgrammeSeen>, DbError> {
    type Row = (
        ProgrammeId,
        String,
        String,
        Option<UnitId>,
        ProgrammeKind,
        Option<String>,
        bool,
    );
    let rows: Vec<Row> = programme::table
        .order(programme::code)
        .select((
            programme::id,
            programme::code,
            programme::name,
            programme::provider_id,
            programme::kind,
            programme::federal_ref,
            programme::e_learning,
        ))
        .load(conn)?;
    let within = |from: NaiveDate, to: NaiveDate| qualification_document::issued_on.between(from, to);
    let mut documents = enrolment::table
        .inner_join(
            qualification_document::table.on(qualification_document::region_id
                .eq(enrolment::region_id)
                .and(enrolment::document_id.eq(qualification_document::id.nullable()))),
        )
        .filter(enrolment::state.eq(EnrolmentState::Completed))
        .filter(within(period.starts_on, period.ends_on))
        .select(enrolment::programme_id)
        .distinct()
        .into_boxed();
    if let Some(at) = known {
        documents = documents.filter(qualification_document::recorded_at.le(at));
    }
    let delivered: HashSet<ProgrammeId> = documents.load(conn)?.into_iter().collect();
    let mut topics: HashMap<ProgrammeId, Vec<Topic>> = HashMap::default();
    let of: Vec<(ProgrammeId, String)> = programme_topic::table
        .select((programme_topic::programme_id, programme_topic::topic))
        .load(conn)?;
    for (id, topic) in of {
        topics.entry(id).or_default().extend(Topic::from_code(&topic));
    }
    Ok(rows
        .into_iter()
        .map(|(id, code, name, provider, kind, federal, e_learning)| ProgrammeSeen {
            code,
            name,
            provider,
            kind,
            in_register: federal.is_some(),
            e_learning,
            delivered: delivered.contains(&id),
            topics: topics.remove(&id).unwrap_or_default(),
        })
        .collect())
}
