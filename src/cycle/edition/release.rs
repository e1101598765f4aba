//! Releasing an edition: what is known at one moment is read, made into parts, and written at once or not at all.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;

use super::book;
use super::content::{self, Kept, Keys, Lists, Part, Units, stretches};
use super::model::{Edition, EditionId, PartKind};
use super::people;
use super::store;
use super::values::{self, COLUMNS, Row};
use crate::audit;
use crate::competence::{Band, scale};
use crate::db::{AnyConn, Db, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::facts::{self, FactPeriod};
use crate::indicators::behind::{self, Behind, Sides};
use crate::indicators::values::{Common, Query, values_of};
use crate::indicators::{Pack, edges, load, store as packs};
use crate::planted;
use crate::units::{self, Tree, Unit, UnitId, UnitKind};
use crate::web::Scope;

/// How often a release is made anew when another edition of the region was quicker.
const TRIES: usize = 5;

/// Who releases.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    /// The account; `None` is a command on the server.
    pub account: Option<i64>,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// Their names.
    pub name: String,
}

/// What is to be released.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The region.
    pub region: UnitId,
    /// Code of the pack.
    pub pack: String,
    /// The period.
    pub period: String,
    /// How it is to be called; empty for the title of the pack.
    pub title: String,
    /// The last edition of the pack and period that was seen; the outer `None` is whatever stands last.
    pub seen: Option<Option<EditionId>>,
    /// Who releases.
    pub by: Whose,
    /// Hours from UTC.
    pub zone_hours: i32,
}

/// An edition before it is written.
struct Prepared {
    edition: Edition,
    parts: Vec<Part>,
}

/// Releases an edition; `mark` is done in its transaction.
///
/// # Errors
/// Nothing to release; another edition of the same pack and period came meanwhile; those of the database.
pub async fn release(
    db: &Db,
    key: &[u8],
    asked: Asked,
    mark: impl Fn(&mut Tx<'_>, &Edition) -> Result<(), Error> + Clone + Send + 'static,
) -> Result<Edition, Error> {
    let mut asked = asked;
    for _ in 0..TRIES {
        let (of, secret, now) = (asked.clone(), key.to_vec(), db.now());
        let id = EditionId(db.id(now));
        let prepared = db.read(move |c| prepare(c, &secret, &of, id, now)).await?;
        asked.seen = Some(prepared.edition.before_id);
        let (key, mark) = (key.to_vec(), mark.clone());
        let write = move |tx: &mut Tx<'_>| write(tx, &key, prepared, &mark);
        if let Some(edition) = db.write(write).await? {
            return Ok(edition);
        }
    }
    Err(Error::Busy)
}

/// Writes what was prepared; `None` where another edition of the region has taken its number.
fn write(
    tx: &mut Tx<'_>,
    key: &[u8],
    prepared: Prepared,
    mark: &dyn Fn(&mut Tx<'_>, &Edition) -> Result<(), Error>,
) -> Result<Option<Edition>, Error> {
    let Prepared { edition, parts } = prepared;
    dialect::lock(tx.conn(), dialect::lock_space::EDITION, [edition.region_id.0])?;
    let last = store::last_of(tx.conn(), edition.region_id, &edition.pack, &edition.period)?;
    meanwhile(last.as_ref(), edition.before_id)?;
    if store::last_number(tx.conn(), edition.region_id)? + 1 != edition.number {
        return Ok(None);
    }
    let mut entry = audit::Entry::of_server("cycle.edition_release", "edition", Some(edition.id.0));
    entry.region = Some(edition.region_id.0);
    entry.account = edition.account_id;
    entry.on_behalf_of = edition.on_behalf_of_id;
    entry.detail = format!(
        "number={} pack={} period={} digest={}",
        edition.number, edition.pack, edition.period, edition.digest
    );
    store::add(tx, &edition, parts)?;
    audit::record(tx, key, &[entry])?;
    mark(tx, &edition)?;
    Ok(Some(edition))
}

/// Refuses to follow another edition than the one that was seen.
fn meanwhile(last: Option<&Edition>, seen: Option<EditionId>) -> Result<(), Error> {
    match last {
        Some(last) if Some(last.id) != seen && !planted!("edition_over_another") => {
            Err(Refusal::new("cycle.edition_meanwhile")
                .with("number", last.number)
                .with("name", &last.released_by)
                .into())
        }
        _ => Ok(()),
    }
}

/// Reads what is known now and makes it into an edition.
fn prepare(
    conn: &mut AnyConn,
    key: &[u8],
    asked: &Asked,
    id: EditionId,
    now: NaiveDateTime,
) -> Result<Prepared, Error> {
    let missing = |what: &str| Error::NotFound(what.to_owned());
    let row = packs::pack(conn, &asked.pack)?.ok_or_else(|| missing("методика"))?;
    let pack = load::in_force(conn, &asked.pack)?.ok_or_else(|| missing("методика"))?;
    let period =
        facts::store::period(conn, &pack.basis.key(), &asked.period)?.ok_or_else(|| missing("период методики"))?;
    let tree = units::store::tree(conn, period.reference_on, None)?;
    let region = tree
        .unit(asked.region)
        .filter(|u| u.kind == UnitKind::Region)
        .ok_or_else(|| missing("регион"))?;
    let before = store::last_of(conn, region.id, &pack.code, &period.code)?;
    if let Some(seen) = asked.seen {
        meanwhile(before.as_ref(), seen)?;
    }
    let (kept, rows) = said(conn, &pack, &period, region, &tree)?;
    if rows.values().all(Vec::is_empty) {
        return Err(Refusal::new("cycle.edition_empty").into());
    }
    let today = (now + chrono::Duration::hours(i64::from(asked.zone_hours))).date();
    let title = if asked.title.trim().is_empty() {
        &pack.title
    } else {
        asked.title.trim()
    };
    let mut edition = Edition {
        id,
        region_id: region.id,
        number: store::last_number(conn, region.id)? + 1,
        pack: pack.code.clone(),
        period: period.code.clone(),
        title: title.to_owned(),
        released_at: now,
        account_id: asked.by.account,
        on_behalf_of_id: asked.by.on_behalf_of,
        released_by: asked.by.name.clone(),
        as_of: period.ends_on.min(today),
        pack_version: row.version,
        pack_digest: row.digest.clone(),
        before_id: before.map(|b| b.id),
        salt: crate::web::token::random_name()?,
        digest: String::new(),
    };
    let behind = behind::behind(conn, &pack, &period, region.id, &tree)?;
    let mut parts = vec![
        Part::of(PartKind::Pack, "", 0, row.source.as_bytes())?,
        Part::of(PartKind::Rules, "", 0, &rules(conn, &pack, &period)?)?,
        Part::of(PartKind::Units, "", 0, &content::json(&kept.all)?)?,
        Part::of(PartKind::Values, "", 0, &values::head(&COLUMNS)?)?,
    ];
    for (place, indicator) in pack.indicators.iter().enumerate() {
        let of = rows.get(indicator.code.as_str()).into_iter().flatten();
        let lines = values::lines(of.map(|row| row.0.as_slice()))?;
        parts.push(Part::of(PartKind::Values, &indicator.code, place + 1, &lines)?);
    }
    parts.extend(lists(key, &edition, &behind, &tree)?);
    let ordered: Vec<Row> = pack
        .indicators
        .iter()
        .flat_map(|i| rows.get(i.code.as_str()).into_iter().flatten().cloned())
        .collect();
    let book = book::made(&edition, &pack, &kept, &ordered, asked.zone_hours)?;
    parts.push(Part::of(PartKind::Book, "", 0, &book)?);
    edition.digest = edition.digest_over(
        parts
            .iter()
            .map(|p| (p.kind, p.name.as_str(), p.place, p.digest.as_str())),
    );
    Ok(Prepared { edition, parts })
}

type Rows<'a> = HashMap<&'a str, Vec<Row>>;

/// The units that have values, as they are called now, and the values by indicator: the region, its zones, its
/// municipalities with their breakdowns, and its organisations without.
fn said<'a>(
    conn: &mut AnyConn,
    pack: &'a Pack,
    period: &FactPeriod,
    region: &Unit,
    tree: &Tree,
) -> Result<(Units, Rows<'a>), Error> {
    let scope = Scope::of_server("edition: every value of a region");
    let mut common = Common::default();
    let mut rows: Rows<'a> = pack.indicators.iter().map(|i| (i.code.as_str(), Vec::new())).collect();
    for level in [
        UnitKind::Region,
        UnitKind::Zone,
        UnitKind::Municipality,
        UnitKind::Organisation,
    ] {
        let query = Query {
            level,
            unit: Some(region.id),
            indicator: None,
            as_of: None,
            known_at: None,
            breakdowns: level != UnitKind::Organisation,
        };
        for value in values_of(conn, &scope, (pack, period), &query, &mut common)? {
            if let Some(of) = rows.get_mut(value.indicator.as_str()) {
                of.push(Row::of(pack, &value));
            }
        }
    }
    let mut kept = Vec::new();
    for kind in [
        UnitKind::Region,
        UnitKind::Zone,
        UnitKind::Municipality,
        UnitKind::Organisation,
    ] {
        let inside = tree.subtree(region.id);
        for unit in tree.of_kind(kind).into_iter().filter(|u| inside.contains(&u.id)) {
            let parent = tree.path(unit.id).get(1).and_then(|id| tree.unit(*id));
            kept.push(Kept {
                code: unit.code.clone(),
                name: unit.name.clone(),
                kind: unit.kind.code().to_owned(),
                parent: parent.filter(|_| unit.id != region.id).map(|p| p.code.clone()),
            });
        }
    }
    Ok((Units::of(kept), rows))
}

/// Versions of what the values rest on beside the pack: what was decided of shared edges, the days of the period, the
/// definitions of measures, the program.
fn rules(conn: &mut AnyConn, pack: &Pack, period: &FactPeriod) -> Result<Vec<u8>, Error> {
    let mut choices: Vec<_> = edges::choices(conn, &pack.code)?.into_iter().collect();
    choices.sort();
    let choices: Vec<_> = choices
        .into_iter()
        .map(|((indicator, edge), points)| json!({"indicator": indicator, "edge": edge, "points": points}))
        .collect();
    let day = |day: NaiveDate| day.to_string();
    let mut bands: Vec<Band> = scale::bands(conn)?.into_values().flatten().collect();
    bands.sort_by_key(|b| (b.scale_id, b.number));
    let scales: Vec<_> = bands
        .iter()
        .map(|b| {
            json!({
                "scale": b.scale_id, "level": b.level, "is_deficit": b.is_deficit,
                "lower": b.lower_milli.0, "lower_incl": b.lower_incl, "upper": b.upper_milli.0, "upper_incl": b.upper_incl,
            })
        })
        .collect();
    content::json(&json!({
        "program": env!("CARGO_PKG_VERSION"),
        "measures": audit::digest(crate::indicators::measures::SOURCE.as_bytes()),
        "basis": period.basis,
        "starts_on": day(period.starts_on),
        "ends_on": day(period.ends_on),
        "reference_on": day(period.reference_on),
        "edges": choices,
        "level_scales": scales,
    }))
}

/// Keys of everyone, and the lists of indicators over them.
fn lists(key: &[u8], edition: &Edition, behind: &Behind, tree: &Tree) -> Result<Vec<Part>, Error> {
    let code = |unit: UnitId| tree.unit(unit).map_or_else(String::new, |u| u.code.clone());
    let keys = Keys {
        persons: behind
            .persons
            .iter()
            .map(|p| people::key_of(key, &edition.salt, "person", p.0))
            .collect(),
        plans: behind
            .plans
            .iter()
            .map(|p| people::key_of(key, &edition.salt, "iom", p.0))
            .collect(),
        homes: behind
            .homes
            .iter()
            .map(|h| (code(h.unit), [h.persons.0, h.persons.1, h.plans.0, h.plans.1]))
            .collect(),
    };
    let mut parts = vec![Part::of(PartKind::People, "", 0, &content::json(&keys)?)?];
    for list in &behind.lists {
        let both = |sides: &Sides<usize>| (stretches(&sides.numerator), stretches(&sides.rest));
        let said = Lists {
            subject: if list.plans { "iom" } else { "person" }.into(),
            numerator: stretches(&list.single.numerator),
            rest: stretches(&list.single.rest),
            several: list
                .several
                .iter()
                .map(|(unit, sides)| (code(*unit), both(sides)))
                .collect(),
            codes: BTreeMap::new(),
        };
        parts.push(Part::of(
            PartKind::Lists,
            &list.indicator,
            parts.len(),
            &content::json(&said)?,
        )?);
    }
    for list in &behind.codes {
        let of =
            |(unit, sides): (&UnitId, &Sides<String>)| (code(*unit), (sides.numerator.clone(), sides.rest.clone()));
        let said = Lists {
            subject: "code".into(),
            codes: list.of.iter().map(of).collect(),
            ..Lists::default()
        };
        parts.push(Part::of(
            PartKind::Lists,
            &list.indicator,
            parts.len(),
            &content::json(&said)?,
        )?);
    }
    Ok(parts)
}
