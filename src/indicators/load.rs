//! Loading a pack: a new version when its text changed, its leaves among those counted, its periods opened.

use std::sync::Arc;

use diesel::prelude::*;

use super::counters;
use super::ground;
use super::hook;
use super::pack::{self, Pack};
use super::parsed;
use super::store::{self, PackRow};
use crate::audit;
use crate::db::schema::pack as pack_table;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::facts::{self, Basis, FactPeriod, FactPeriodId, refresh};
use crate::finding;
use crate::insert_many;
use crate::units::names;

/// What loading did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// The same text is in force already.
    Unchanged(i32),
    /// A new version is in force.
    Version(i32),
}

/// Loads a text as the pack of its code, and opens the periods it lists when `open_years`.
///
/// # Errors
/// A text that does not read; every error in it is named.
pub fn load(tx: &mut Tx<'_>, key: &[u8], text: &str, open_years: bool) -> Result<(Pack, Loaded), Error> {
    let entry = audit::Entry::of_server("indicators.pack_load", "pack", None);
    load_by(tx, key, text, open_years, entry)
}

/// The same under another row of the journal: whose act it is.
///
/// # Errors
/// A text that does not read; every error in it is named.
pub fn load_by(
    tx: &mut Tx<'_>,
    key: &[u8],
    text: &str,
    open_years: bool,
    entry: audit::Entry,
) -> Result<(Pack, Loaded), Error> {
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [1])?;
    let read = Pack::checked(text)
        .map_err(|problems| Refusal::new("indicators.pack_wrong").with("problems", finding::lines(&problems)))?;
    let digest = audit::digest(text.as_bytes());
    let outcome = match store::pack(tx.conn(), &read.code)? {
        Some(row) if row.digest == digest => Loaded::Unchanged(row.version),
        before => Loaded::Version(replace(tx, key, &read, text, before, entry)?),
    };
    if open_years {
        open_all(tx, read.years.iter().map(|year| (&read.basis, year.as_str())))?;
    }
    Ok((read, outcome))
}

fn replace(
    tx: &mut Tx<'_>,
    key: &[u8],
    read: &Pack,
    text: &str,
    before: Option<PackRow>,
    mut entry: audit::Entry,
) -> Result<i32, Error> {
    let now = tx.now();
    let mut version = read.version;
    if let Some(before) = &before {
        version = version.max(before.version + 1);
        diesel::update(pack_table::table.filter(pack_table::id.eq(before.id)))
            .set(pack_table::retired_at.eq(now))
            .execute(tx.conn())?;
    }
    let row = PackRow {
        id: tx.id(),
        code: read.code.clone(),
        version,
        title: read.title.clone(),
        source: text.to_owned(),
        digest: audit::digest(text.as_bytes()),
        loaded_at: now,
        retired_at: None,
    };
    entry.object = Some(row.id);
    entry.detail = format!("code={} version={version}", read.code);
    insert_many!(tx.conn(), pack_table::table, [row]).map_err(DbError::from)?;
    let names = read
        .units
        .iter()
        .map(|unit| (unit.name.as_str(), unit.synonyms.as_slice()));
    names::keep(tx, &read.code, names)?;
    audit::record(tx, key, &[entry])?;
    let mut bases = vec![read.basis.key()];
    // The pack may have moved from another basis: its leaves are no longer counted there.
    bases.extend(before.and_then(|b| Pack::parse(&b.source).ok()).map(|p| p.basis.key()));
    bases.sort();
    bases.dedup();
    for basis in bases {
        renew_leaves(tx, &basis)?;
    }
    Ok(version)
}

/// Brings the leaves of a basis to what the packs in force need; counters follow in the same transaction.
fn renew_leaves(tx: &mut Tx<'_>, basis: &str) -> Result<(), DbError> {
    let periods = refresh::lock_everything(tx.conn())?;
    let packs = store::read_packs(tx.conn())?;
    let needed = pack::leaves_of(&packs, basis);
    if *counters::leaves(tx.conn(), basis)? == needed {
        return Ok(());
    }
    counters::write_leaves(tx, basis, &needed)?;
    for period in periods.iter().filter(|p| p.basis == basis) {
        counters::rebuild(tx.conn(), period)?;
    }
    Ok(())
}

/// Begins to keep the facts of a period, if nobody has yet.
///
/// # Errors
/// A name that is no period of this basis.
pub fn open(tx: &mut Tx<'_>, basis: &Basis, code: &str) -> Result<FactPeriod, Error> {
    let mut opened = open_all(tx, [(basis, code)])?;
    opened
        .pop()
        .ok_or_else(|| Error::Internal(format!("период {code} не открылся")))
}

/// Begins to keep the facts of periods, of those nobody keeps yet: everyone is read once for all of them.
///
/// # Errors
/// A name that is no period of its basis.
pub fn open_all<'a>(
    tx: &mut Tx<'_>,
    wanted: impl IntoIterator<Item = (&'a Basis, &'a str)>,
) -> Result<Vec<FactPeriod>, Error> {
    let mut kept = refresh::lock_everything(tx.conn())?;
    let mut opened = Vec::new();
    let mut new = Vec::new();
    for (basis, code) in wanted {
        let key = basis.key();
        let period = match kept.iter().find(|p| p.basis == key && p.code == code) {
            Some(period) => period.clone(),
            None => {
                let mut period = unopened(basis, code)?;
                period.id = FactPeriodId(tx.id());
                period.opened_at = tx.now();
                facts::store::insert_period(tx.conn(), &period)?;
                kept.push(period.clone());
                new.push(period.clone());
                period
            }
        };
        opened.push(period);
    }
    hook::rebuild(tx.conn(), &new)?;
    Ok(opened)
}

/// The days of a period of a basis.
///
/// # Errors
/// A name that is no period of it.
pub fn window(basis: &Basis, code: &str) -> Result<facts::Window, Error> {
    let refusal = || {
        Refusal::new("indicators.no_period")
            .with("period", code)
            .with("kind", basis.kind.label())
            .with("like", basis.kind.like(code))
    };
    basis.window(code).ok_or_else(|| refusal().into())
}

/// A period whose facts are computed from sources and stored nowhere.
///
/// # Errors
/// A name that is no period of the basis.
pub fn unopened(basis: &Basis, code: &str) -> Result<FactPeriod, Error> {
    let window = window(basis, code)?;
    Ok(FactPeriod {
        id: FactPeriodId(0),
        code: code.to_owned(),
        basis: basis.key(),
        kind: basis.kind,
        starts_on: window.starts_on,
        ends_on: window.ends_on,
        reference_on: window.reference_on,
        external_part: window.external_part,
        opened_at: chrono::NaiveDateTime::default(),
    })
}

/// The pack in force with a code, read.
///
/// # Errors
/// Those of the database; a stored text that no longer reads.
pub fn in_force(conn: &mut AnyConn, code: &str) -> Result<Option<Arc<Pack>>, Error> {
    let Some(row) = store::pack(conn, code)? else {
        return Ok(None);
    };
    parsed::pack(&row.source, &row.digest).map(Some).map_err(|problems| {
        Refusal::new("indicators.pack_wrong")
            .with("problems", finding::lines(&problems))
            .into()
    })
}

/// The pack of a code with a period of it opened: whatever of the two is missing is made first (a pack that comes with
/// the program needs no loading).
///
/// # Errors
/// A pack nobody has loaded and that does not come with the program; a name that is no period of it.
pub fn ready(tx: &mut Tx<'_>, key: &[u8], code: &str, period: &str) -> Result<(Arc<Pack>, FactPeriod), Error> {
    let pack = match in_force(tx.conn(), code)? {
        Some(pack) => pack,
        None => Arc::new(load(tx, key, pack::embedded_text(code)?, false)?.0),
    };
    // A period of another kind is refused by its own name, not by that of a year before it.
    window(&pack.basis, period)?;
    for years in pack.looks_back() {
        // A change needs the facts of the year it is measured from; a name out of reach has none.
        if let Some(before) = ground::code_before(period, years) {
            open(tx, &pack.basis, &before)?;
        }
    }
    let period = open(tx, &pack.basis, period)?;
    Ok((pack, period))
}
