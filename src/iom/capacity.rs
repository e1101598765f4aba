//! How much a supporter carries and how much there may be: open plans weighed by their state, and the norm of the role by
//! the rate of the account.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{IomId, IomState};
use crate::access::by::{By, changed, fields};
use crate::access::{AccountId, Role, ranks};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{iom, supporter, supporter_capacity};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::units::UnitId;
use crate::{id_newtype, insert_many};

id_newtype! {
    /// A rate of an account in a role, as it was said once.
    CapacityId;
}

/// What a whole plan weighs, and a full rate: all is counted in thousandths.
pub const WHOLE: u64 = 1000;
/// The highest rate, in thousandths.
pub const MOST_RATE: i32 = 2000;
/// The highest limit of one's own, in plans.
pub const MOST_PLANS: i32 = 1000;

/// The area of its acts in the journal.
const AREA: &str = "iom";

/// Parsed once; the file is part of the program, and a test reads it.
static WEIGHTS: LazyLock<Reference> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/weights.toml")).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Reference {
    weight: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    state: String,
    milli: u64,
}

/// What a plan in a state weighs; one that the reference does not name weighs as a whole.
#[must_use]
pub fn weight(of: IomState) -> u64 {
    let line = WEIGHTS.weight.iter().find(|line| line.state == of.code());
    line.map_or(WHOLE, |line| line.milli)
}

/// The open plans of an account with their states.
pub type Carried = BTreeMap<IomId, IomState>;

/// What plans weigh together.
#[must_use]
pub fn weigh(plans: &Carried) -> u64 {
    plans.values().map(|state| weight(*state)).sum()
}

/// What they weigh together once none of them is paused any more.
#[must_use]
pub fn weigh_going_on(plans: &Carried) -> u64 {
    let going_on = |state: &IomState| match state {
        IomState::Paused => IomState::Active,
        other => *other,
    };
    plans.values().map(|state| weight(going_on(state))).sum()
}

/// What an account said to work, in force or superseded.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = supporter_capacity, treat_none_as_default_value = false)]
pub struct Stored {
    /// Id.
    pub id: CapacityId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub account_id: AccountId,
    /// As what.
    pub role: Role,
    /// Share of a full rate, in thousandths.
    pub rate_milli: i32,
    /// A limit of one's own, in plans; `None`: the norm of the role by the rate.
    pub most: Option<i32>,
    /// Version.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

/// How much there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Share of a full rate, in thousandths.
    pub rate: u64,
    /// The most that open plans may weigh; `None` is without a limit.
    pub most: Option<u64>,
    /// The limit that was set by hand, in plans.
    pub own: Option<i32>,
    /// The version of what was set; 0 where nothing was.
    pub version: i32,
}

impl Limit {
    fn of(role: Role, stored: Option<&Stored>) -> Self {
        let rate = stored.and_then(|s| u64::try_from(s.rate_milli).ok()).unwrap_or(WHOLE);
        let own = stored.and_then(|s| s.most);
        let by_norm = ranks::norm(role).map(|norm| norm * rate);
        let by_hand = own.and_then(|most| u64::try_from(most).ok()).map(|most| most * WHOLE);
        Self {
            rate,
            most: by_hand.or(by_norm),
            own,
            version: stored.map_or(0, |s| s.version),
        }
    }
}

/// What was set for accounts of a region.
#[derive(Debug, Default)]
pub struct Limits(HashMap<(AccountId, Role), Stored>);

impl Limits {
    /// What is in force for accounts in a region.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, region: UnitId, accounts: &[AccountId]) -> Result<Self, DbError> {
        let mut found = HashMap::new();
        for block in accounts.chunks(1000) {
            let rows: Vec<Stored> = supporter_capacity::table
                .filter(supporter_capacity::region_id.eq(region))
                .filter(supporter_capacity::account_id.eq_any(block))
                .filter(supporter_capacity::superseded_at.is_null())
                .select(Stored::as_select())
                .load(conn)?;
            found.extend(rows.into_iter().map(|row| ((row.account_id, row.role), row)));
        }
        Ok(Self(found))
    }

    /// How much there may be for an account in a role.
    #[must_use]
    pub fn get(&self, account: AccountId, role: Role) -> Limit {
        Limit::of(role, self.0.get(&(account, role)))
    }
}

/// What somebody carries after an act, for whoever decides on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Open plans.
    pub plans: usize,
    /// What they weigh, in thousandths.
    pub weight_milli: u64,
    /// The same once those that are paused go on.
    pub going_on_milli: u64,
    /// The most that they may; `null` is without a limit.
    pub most_milli: Option<u64>,
}

/// An open plan that an account accompanies on a day or will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Carrying {
    /// Who.
    pub account: AccountId,
    /// The plan.
    pub plan: IomId,
    /// Its state.
    pub state: IomState,
    /// Its region.
    pub region: UnitId,
    /// The first day.
    pub from: NaiveDate,
}

/// The open plans that these accounts accompany on a day or will, in all regions; one that is accompanied in two kinds
/// comes twice.
///
/// # Errors
/// Those of the database.
pub fn carrying(conn: &mut AnyConn, ids: &[AccountId], on: NaiveDate) -> Result<Vec<Carrying>, DbError> {
    let mut found = Vec::new();
    for block in ids.chunks(1000) {
        let rows: Vec<Carrying> = supporter::table
            .inner_join(
                iom::table.on(iom::id
                    .eq(supporter::iom_id)
                    .and(iom::region_id.eq(supporter::region_id))),
            )
            .filter(supporter::account_id.eq_any(block))
            .filter(supporter::superseded_at.is_null())
            .filter(supporter::valid_to.is_null().or(supporter::valid_to.gt(on)))
            .filter(iom::state.ne(IomState::Closed))
            .select((
                supporter::account_id,
                supporter::iom_id,
                iom::state,
                supporter::region_id,
                supporter::valid_from,
            ))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The same by account.
///
/// # Errors
/// Those of the database.
pub fn carried(conn: &mut AnyConn, ids: &[AccountId], on: NaiveDate) -> Result<HashMap<AccountId, Carried>, DbError> {
    let mut plans: HashMap<AccountId, Carried> = HashMap::new();
    for of in carrying(conn, ids, on)? {
        plans.entry(of.account).or_default().insert(of.plan, of.state);
    }
    Ok(plans)
}

/// What a form says of a supporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Share of a full rate, in thousandths.
    pub rate_milli: i32,
    /// A limit of one's own, in plans.
    pub most: Option<i32>,
}

impl Said {
    /// What cannot be: the field and the refusal.
    #[must_use]
    pub fn refused(&self) -> Option<(&'static str, Refusal)> {
        if !(1..=MOST_RATE).contains(&self.rate_milli) {
            return Some(("rate", Refusal::new("supporter.rate")));
        }
        if self.most.is_some_and(|most| !(1..=MOST_PLANS).contains(&most)) {
            return Some(("most", Refusal::new("supporter.most").with("most", MOST_PLANS)));
        }
        None
    }
}

/// Sets the rate and the limit of an account in a role over what stood at version `seen`; plans that are accompanied
/// already stay. Whoever assigns or hands over at the same moment waits.
///
/// # Errors
/// Somebody else has changed it; what is said cannot be.
pub fn set(tx: &mut Tx<'_>, by: &By, (whom, role): (AccountId, Role), seen: i32, said: Said) -> Result<(), Error> {
    dialect::lock(tx.conn(), lock_space::SUPPORT, [0])?;
    let stands = Limits::of(tx.conn(), by.region, &[whom])?.get(whom, role);
    if stands.version != seen {
        return Err(changed(tx, by, AREA, "account", whom.0)?);
    }
    if let Some((_, refusal)) = said.refused() {
        return Err(refusal.into());
    }
    let now = tx.now();
    let before = supporter_capacity::table
        .filter(supporter_capacity::region_id.eq(by.region))
        .filter(supporter_capacity::account_id.eq(whom))
        .filter(supporter_capacity::role.eq(role))
        .filter(supporter_capacity::superseded_at.is_null());
    diesel::update(before)
        .set(supporter_capacity::superseded_at.eq(now))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    let row = Stored {
        id: CapacityId(tx.id()),
        region_id: by.region,
        account_id: whom,
        role,
        rate_milli: said.rate_milli,
        most: said.most,
        version: seen + 1,
        recorded_at: now,
        superseded_at: None,
    };
    insert_many!(tx.conn(), supporter_capacity::table, [row]).map_err(DbError::from)?;
    let differ = fields(&[
        ("rate", u64::try_from(said.rate_milli).ok() != Some(stands.rate)),
        ("most", said.most != stands.own),
    ]);
    let detail = format!("role={} {differ}", role.code());
    by.note(tx, "iom.capacity", ("account", whom.0), &[], detail.trim_end())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_read_and_the_norm_goes_by_the_rate() {
        assert!(
            IomState::ALL
                .iter()
                .all(|s| WEIGHTS.weight.iter().any(|line| line.state == s.code()))
        );
        assert_eq!(
            (
                weight(IomState::Active),
                weight(IomState::Paused),
                weight(IomState::Closed)
            ),
            (1000, 250, 0)
        );
        let full = Limit::of(Role::Tutor, None);
        assert_eq!((full.most, full.version), (Some(100_000), 0));
        assert_eq!(Limit::of(Role::RegionalMethodist, None).most, Some(250_000));
        assert_eq!(Limit::of(Role::Curator, None).most, None);
        let mut stored = Stored {
            id: CapacityId(1),
            region_id: UnitId(1),
            account_id: AccountId(1),
            role: Role::Tutor,
            rate_milli: 500,
            most: None,
            version: 1,
            recorded_at: NaiveDateTime::default(),
            superseded_at: None,
        };
        assert_eq!(Limit::of(Role::Tutor, Some(&stored)).most, Some(50_000));
        stored.rate_milli = 1;
        assert_eq!(
            Limit::of(Role::Curator, Some(&stored)).most,
            None,
            "no rate makes a norm where there is none"
        );
        stored.most = Some(20);
        assert_eq!(
            Limit::of(Role::Tutor, Some(&stored)).most,
            Some(20_000),
            "a limit of one's own stands alone"
        );
    }
}
