//! Values of the clusters of a pack: the municipalities of each class are counted together, as those of a zone are, so that
//! whoever works in two of them is one person.

use std::collections::BTreeMap;

use super::classes;
use super::ground::Common;
use super::pack::{Cluster, Pack};
use super::values::{self, Query, Value};
use crate::db::{AnyConn, DbError};
use crate::facts::FactPeriod;
use crate::units::{Group, Tree, Unit, UnitId, UnitKind};
use crate::web::Scope;

/// The values of each class of each cluster in a region, by cluster and class, then by indicator in the pack's order. The
/// unit of a row is the class: its code is that of the cluster and that of the level, `K3:1`. Only municipalities inside
/// `within` count.
///
/// # Errors
/// Those of the database.
pub fn values(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, period): (&Pack, &FactPeriod),
    within: &Unit,
    query: &Query,
) -> Result<Vec<Value>, DbError> {
    let mut common = Common::default();
    let mut found = Vec::new();
    for cluster in &pack.clusters {
        common.regroup(Vec::new());
        let groups = groups(conn, scope, (pack, period), (within, cluster), query, &mut common)?;
        let codes: Vec<String> = groups.iter().map(|group| group.unit.code.clone()).collect();
        common.regroup(groups);
        let of_classes = Query {
            level: UnitKind::Zone,
            unit: Some(within.region_id),
            ..query.clone()
        };
        let rows = values::values_of(conn, scope, (pack, period), &of_classes, &mut common)?;
        let mut of_class: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        for row in rows {
            let place = codes.iter().position(|code| *code == row.unit_code);
            if let Some(place) = place.filter(|_| row.unit.0 < 0) {
                of_class.entry(place).or_default().push(row);
            }
        }
        found.extend(of_class.into_values().flatten());
    }
    Ok(found)
}

/// The municipalities by the level of the cluster's indicator that each has; who has none stands in no class.
fn groups(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, period): (&Pack, &FactPeriod),
    (within, cluster): (&Unit, &Cluster),
    query: &Query,
    common: &mut Common,
) -> Result<Vec<Group>, DbError> {
    let Some(indicator) = pack.indicator(&cluster.indicator) else {
        return Ok(Vec::new());
    };
    let of_units = Query {
        level: UnitKind::Municipality,
        unit: Some(within.id),
        indicator: Some(indicator.code.clone()),
        breakdowns: false,
        ..query.clone()
    };
    let mut members: BTreeMap<String, Vec<UnitId>> = BTreeMap::new();
    for value in values::values_of(conn, scope, (pack, period), &of_units, common)? {
        if let Some(code) = classes::level_of(&value).given() {
            members.entry(code.clone()).or_default().push(value.unit);
        }
    }
    // In the order of the passport; what it does not name, like a zone of the tree, comes after, by its code.
    let mut codes: Vec<String> = classes::levels(indicator).into_iter().map(|level| level.code).collect();
    codes.retain(|code| members.contains_key(code));
    let unnamed: Vec<String> = members.keys().filter(|code| !codes.contains(code)).cloned().collect();
    codes.extend(unnamed);
    let tree = common.tree(conn, query.as_of.unwrap_or(period.reference_on), query.known_at)?;
    let group = |(number, code): (i64, String)| Group {
        unit: class(
            &tree,
            within,
            cluster,
            &code,
            classes::title(&tree, indicator, &code),
            number,
        ),
        members: members.remove(&code).unwrap_or_default(),
    };
    Ok((1..).zip(codes).map(group).collect())
}

/// A class as a unit of this question alone: no stored unit has an id below zero.
fn class(tree: &Tree, within: &Unit, cluster: &Cluster, code: &str, name: String, number: i64) -> Unit {
    let region = tree.unit(within.region_id).unwrap_or(within);
    Unit {
        id: UnitId(-number),
        kind: UnitKind::Zone,
        code: format!("{}:{code}", cluster.code),
        name,
        org_kind: None,
        locality: None,
        municipality_kind: None,
        oktmo: None,
        inn: None,
        valid_from: None,
        valid_to: None,
        ..region.clone()
    }
}
