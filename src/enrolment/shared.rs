//! One number of a document on several people: an alarm for a person to look into, and no refusal. Numbers are typed by
//! people, and two organisations may give the same one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::QualificationDocument;
use crate::db::schema::{iom, iom_item, qualification_document};
use crate::db::{AnyConn, DbError};
use crate::iom::DocumentId;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// How many numbers or people one statement names.
const BLOCK: usize = 1000;

/// One number that stands with several people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The number.
    pub number: String,
    /// Who issued it; `None` where that is not said of each.
    pub issuer: Option<UnitId>,
    /// The people with their regions.
    pub people: BTreeMap<PersonId, UnitId>,
}

/// Whether a text is a number: «б/н» stands on papers of many people and is none.
#[must_use]
pub fn is_number(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

/// Whether two documents of one number may be one: of organisations that are known each gives its own numbers.
fn may_be_one(one: Option<UnitId>, other: Option<UnitId>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Documents of these steps of a person whose number stands with somebody else of the region as well: number and day.
///
/// # Errors
/// Those of the database.
pub fn with_others(
    conn: &mut AnyConn,
    region: UnitId,
    person: PersonId,
    documents: &[DocumentId],
) -> Result<Vec<(String, NaiveDate)>, DbError> {
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let own: Vec<QualificationDocument> = qualification_document::table
        .filter(qualification_document::region_id.eq(region))
        .filter(qualification_document::person_id.eq(person))
        .filter(qualification_document::id.eq_any(documents))
        .order(qualification_document::id)
        .select(QualificationDocument::as_select())
        .load(conn)?;
    let numbers: Vec<String> = own.iter().map(|d| d.number.clone()).filter(|n| is_number(n)).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mut others: Vec<QualificationDocument> = qualification_document::table
        .filter(qualification_document::region_id.eq(region))
        .filter(qualification_document::person_id.ne(person))
        .filter(qualification_document::number.eq_any(&numbers))
        .select(QualificationDocument::as_select())
        .load(conn)?;
    keep_standing(conn, &mut others)?;
    let is_shared = |own: &QualificationDocument| {
        let same =
            |other: &QualificationDocument| other.number == own.number && may_be_one(other.issuer_id, own.issuer_id);
        others.iter().any(same)
    };
    let shared = own.into_iter().filter(|document| is_shared(document));
    Ok(shared.map(|document| (document.number, document.issued_on)).collect())
}

/// Every number that stands with several people, in all regions.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn) -> Result<Vec<Shared>, DbError> {
    let people = diesel::dsl::count(qualification_document::person_id).aggregate_distinct();
    let numbers: Vec<String> = qualification_document::table
        .group_by(qualification_document::number)
        .having(people.gt(1))
        .order(qualification_document::number)
        .select(qualification_document::number)
        .load(conn)?;
    let numbers: Vec<String> = numbers.into_iter().filter(|n| is_number(n)).collect();
    let mut found = Vec::new();
    for block in numbers.chunks(BLOCK) {
        let mut rows: Vec<QualificationDocument> = qualification_document::table
            .filter(qualification_document::number.eq_any(block))
            .order(qualification_document::id)
            .select(QualificationDocument::as_select())
            .load(conn)?;
        keep_standing(conn, &mut rows)?;
        let mut of_number: BTreeMap<String, Vec<QualificationDocument>> = BTreeMap::new();
        for row in rows {
            of_number.entry(row.number.clone()).or_default().push(row);
        }
        found.extend(of_number.iter().flat_map(|(number, of)| alike(number, of)));
    }
    Ok(found)
}

/// Documents of one number that may be one, where they are of several people: by whoever issued them, and all together
/// where that is not said of each.
fn alike(number: &str, of: &[QualificationDocument]) -> Vec<Shared> {
    let told = of.iter().all(|document| document.issuer_id.is_some());
    let mut by_issuer: BTreeMap<Option<UnitId>, BTreeMap<PersonId, UnitId>> = BTreeMap::new();
    for document in of {
        let issuer = document.issuer_id.filter(|_| told);
        let people = by_issuer.entry(issuer).or_default();
        people.insert(document.person_id, document.region_id);
    }
    let several = by_issuer.into_iter().filter(|(_, people)| people.len() > 1);
    let shared = |(issuer, people)| Shared {
        number: number.to_owned(),
        issuer,
        people,
    };
    several.map(shared).collect()
}

/// Leaves out papers of earlier learning that no step rests on: they were taken back with the waiver.
fn keep_standing(conn: &mut AnyConn, documents: &mut Vec<QualificationDocument>) -> Result<(), DbError> {
    let earlier = documents.iter().filter(|d| d.is_of_earlier_learning());
    let people: Vec<PersonId> = earlier.map(|d| d.person_id).collect();
    let mut used: BTreeSet<(UnitId, DocumentId)> = BTreeSet::new();
    for block in people.chunks(BLOCK) {
        let rows: Vec<(UnitId, Option<DocumentId>)> = iom_item::table
            .inner_join(iom::table.on(iom::region_id.eq(iom_item::region_id).and(iom::id.eq(iom_item::iom_id))))
            .filter(iom::person_id.eq_any(block))
            .filter(iom_item::document_id.is_not_null())
            .select((iom_item::region_id, iom_item::document_id))
            .load(conn)?;
        used.extend(rows.into_iter().filter_map(|(region, id)| Some((region, id?))));
    }
    let stands = |d: &QualificationDocument| used.contains(&(d.region_id, d.id)) && !planted!("waiver_on_two_untold");
    documents.retain(|d| !d.is_of_earlier_learning() || stands(d));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrolment::model::DocumentKind;

    fn document(person: i64, issuer: Option<i64>) -> QualificationDocument {
        let day = NaiveDate::from_ymd_opt(2022, 3, 15).unwrap_or_default();
        QualificationDocument {
            id: DocumentId(person),
            region_id: UnitId(1),
            person_id: PersonId(person),
            kind: DocumentKind::Other,
            issuer_id: issuer.map(UnitId),
            programme_id: None,
            number: "55/А".to_owned(),
            issued_on: day,
            hours: None,
            recorded_at: day.into(),
        }
    }

    #[test]
    fn a_paper_of_which_nobody_said_who_issued_it_may_be_any_of_its_number() {
        for (issuers, wanted) in [
            (vec![Some(7), Some(8)], vec![]),
            (vec![Some(7), Some(7), Some(8)], vec![2]),
            (vec![Some(7), None, Some(8)], vec![3]),
            (vec![None, None], vec![2]),
            (vec![None], vec![]),
        ] {
            let of: Vec<QualificationDocument> = (1..).zip(&issuers).map(|(n, of)| document(n, *of)).collect();
            let found: Vec<usize> = alike("55/А", &of).iter().map(|shared| shared.people.len()).collect();
            assert_eq!(found, wanted, "{issuers:?}");
        }
        assert!(is_number("55/А") && is_number("7204") && !is_number("б/н"));
    }
}
