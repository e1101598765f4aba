//! A plan with everything that belongs to it, in memory: acts change it, the store writes what changed.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::accompany::role_of;
use super::model::{
    Acquaintance, Act, ActId, ActKind, Deficit, Goal, Iom, IomState, Item, ItemId, Revision, StateId, StateRow,
    Supporter, SupporterKind,
};
use crate::access::{AccountId, Actor};
use crate::error::Refusal;
use crate::planted;
use crate::units::UnitId;

/// Whether a row is as the database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it was read.
    Kept,
    /// Changed since.
    Changed,
    /// Not in the database yet.
    New,
}

/// A row with its mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<T> {
    value: T,
    mark: Mark,
}

impl<T> Kept<T> {
    /// A row as it was read.
    pub fn read(value: T) -> Self {
        Self {
            value,
            mark: Mark::Kept,
        }
    }

    /// A row that is not in the database yet.
    pub fn new(value: T) -> Self {
        Self { value, mark: Mark::New }
    }

    /// The row, to be changed.
    pub fn edit(&mut self) -> &mut T {
        if self.mark == Mark::Kept {
            self.mark = Mark::Changed;
        }
        &mut self.value
    }

    /// The mark.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.mark
    }
}

impl<T> std::ops::Deref for Kept<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Gives ids and the moment of the transaction.
pub struct Stamp<'a> {
    /// A new id.
    pub id: &'a dyn Fn() -> i64,
    /// The moment.
    pub now: NaiveDateTime,
    /// The day.
    pub today: NaiveDate,
}

/// An act to be done: what, by whom, on which day.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// What.
    pub kind: ActKind,
    /// Number of the item.
    pub item: Option<i32>,
    /// The act's own day.
    pub on: NaiveDate,
    /// Value; empty where none.
    pub value: &'a str,
    /// Reason; empty where none.
    pub reason: &'a str,
    /// Who acts.
    pub by: &'a Actor,
    /// Where the plan's person works on the day, or worked last.
    pub organisations: &'a [UnitId],
}

impl Doing<'_> {
    /// The account of whoever does it, be it in another one's stead.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.by.hand()
    }

    /// The reason, which must be given.
    ///
    /// # Errors
    /// None is given.
    pub fn needed_reason(&self) -> Result<&str, Refusal> {
        if self.reason.is_empty() {
            return Err(Refusal::new("iom.reason_needed"));
        }
        Ok(self.reason)
    }
}

/// What makes two records of an act one: the same act said twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActKey {
    item: Option<ItemId>,
    act: ActKind,
    on: NaiveDate,
    account: Option<AccountId>,
    value: String,
    reason: String,
}

impl ActKey {
    /// The key of a recorded act: its step, what was done, on which day and by whom; value and reason.
    #[must_use]
    pub fn of(
        (item, act, on, account): (Option<ItemId>, ActKind, NaiveDate, Option<AccountId>),
        (value, reason): (Option<String>, Option<String>),
    ) -> Self {
        Self {
            item,
            act,
            on,
            account,
            value: value.unwrap_or_default(),
            reason: reason.unwrap_or_default(),
        }
    }
}

/// A plan with its rows.
#[derive(Debug)]
pub struct Plan {
    /// The plan.
    pub row: Kept<Iom>,
    /// Items by number.
    pub items: Vec<Kept<Item>>,
    /// Deficits.
    pub deficits: Vec<Kept<Deficit>>,
    /// Codes of the deficits' competences, in the order of `deficits`.
    pub codes: Vec<String>,
    /// Goals by number; those that were taken out stay among them.
    pub goals: Vec<Kept<Goal>>,
    /// Supporters, superseded ones left out.
    pub supporters: Vec<Kept<Supporter>>,
    /// States in the order of their days, superseded ones left out.
    pub states: Vec<Kept<StateRow>>,
    /// Acts recorded before, with the times each was said.
    recorded: HashMap<ActKey, u32>,
    /// The latest day of an act on each item.
    latest_on_item: HashMap<ItemId, NaiveDate>,
    /// Items that a supporter has accepted since they last came back.
    confirmed: HashSet<ItemId>,
    /// The latest day of an act on the plan that moved it or an item.
    latest: Option<NaiveDate>,
    /// Acts of this run.
    pub acts: Vec<Act>,
    /// Revisions of this run.
    pub revisions: Vec<Revision>,
    /// Numbers and digests of revisions that the database has; read only where one is to be acknowledged.
    pub frozen: Vec<(i32, String)>,
    /// Which revisions the teacher has read; those of before only where one is to be acknowledged.
    pub readings: Vec<Kept<Acquaintance>>,
}

impl Plan {
    /// A plan as read; the rest of its rows are added by the store.
    #[must_use]
    pub fn read(row: Iom) -> Self {
        Self {
            row: Kept::read(row),
            items: Vec::new(),
            deficits: Vec::new(),
            codes: Vec::new(),
            goals: Vec::new(),
            supporters: Vec::new(),
            states: Vec::new(),
            recorded: HashMap::new(),
            latest_on_item: HashMap::new(),
            confirmed: HashSet::new(),
            latest: None,
            acts: Vec::new(),
            revisions: Vec::new(),
            frozen: Vec::new(),
            readings: Vec::new(),
        }
    }

    /// Takes note of an act that the database has.
    pub fn remember(&mut self, act: ActKey) {
        self.note_day(act.item, act.act, act.on);
        *self.recorded.entry(act).or_insert(0) += 1;
    }

    fn note_day(&mut self, item: Option<ItemId>, act: ActKind, on: NaiveDate) {
        if matches!(
            act,
            ActKind::Support | ActKind::Assign | ActKind::Acquaint | ActKind::Decline
        ) {
            return;
        }
        self.latest = self.latest.max(Some(on));
        if let Some(item) = item {
            let known = self.latest_on_item.entry(item).or_insert(on);
            *known = on.max(*known);
            match act {
                ActKind::Accept => drop(self.confirmed.insert(item)),
                ActKind::Return => drop(self.confirmed.remove(&item)),
                _ => {}
            }
        }
    }

    /// Days on which somebody supported it before this run.
    #[must_use]
    pub fn supported_before(&self) -> Vec<NaiveDate> {
        let support = |key: &&ActKey| key.act.is_support(key.item.is_some());
        self.recorded.keys().filter(support).map(|key| key.on).collect()
    }

    /// Whether a supporter has accepted the item since it last came back.
    #[must_use]
    pub fn is_confirmed(&self, item: ItemId) -> bool {
        self.confirmed.contains(&item)
    }

    /// The latest day of an act on the item.
    #[must_use]
    pub fn latest_on(&self, item: ItemId) -> Option<NaiveDate> {
        self.latest_on_item.get(&item).copied()
    }

    /// Whether the plan is not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.row.state != IomState::Closed
    }

    /// Place of the item that an act names.
    ///
    /// # Errors
    /// No number is given, or the plan has no such item.
    pub fn item_place(&self, doing: &Doing<'_>) -> Result<usize, Refusal> {
        let number = doing.item.ok_or_else(|| Refusal::new("iom.item_needed"))?;
        self.items
            .iter()
            .position(|i| i.number == number)
            .ok_or_else(|| Refusal::new("iom.no_item").with("item", number))
    }

    /// Refuses an act that was recorded before this run; each record answers for one saying of it.
    ///
    /// # Errors
    /// It was recorded.
    pub fn refuse_repeated(&mut self, doing: &Doing<'_>) -> Result<(), Refusal> {
        if self.recorded.is_empty() {
            return Ok(());
        }
        let item = doing
            .item
            .and_then(|n| self.items.iter().find(|i| i.number == n))
            .map(|i| i.id);
        let key = ActKey {
            item,
            act: doing.kind,
            on: doing.on,
            account: Some(doing.account()),
            value: doing.value.to_owned(),
            reason: doing.reason.to_owned(),
        };
        if let Some(times) = self.recorded.get_mut(&key).filter(|times| **times > 0) {
            *times -= 1;
            return Err(Refusal::new("iom.already_recorded"));
        }
        Ok(())
    }

    /// Refuses an act dated before what it follows: an item's acts follow the plan's last move and the item's last
    /// act, a closing follows everything.
    ///
    /// # Errors
    /// A later act is recorded.
    pub fn refuse_out_of_order(&self, doing: &Doing<'_>, item: Option<ItemId>) -> Result<(), Refusal> {
        let moved = self
            .states
            .iter()
            .filter(|s| s.state != IomState::Draft)
            .map(|s| s.on_date)
            .max();
        let closes = matches!(
            doing.kind,
            ActKind::CloseCompleted | ActKind::CloseExpired | ActKind::CloseTerminated
        );
        let after = match item {
            _ if closes => moved.max(self.latest),
            Some(item) => moved.max(self.latest_on_item.get(&item).copied()),
            None => moved,
        };
        match after {
            Some(after) if doing.on < after => {
                Err(Refusal::new("iom.out_of_order").with("after", after.format("%d.%m.%Y")))
            }
            _ => Ok(()),
        }
    }

    /// Writes an act into the timeline.
    pub fn record(&mut self, doing: &Doing<'_>, item: Option<ItemId>, stamp: &Stamp<'_>) {
        self.note_day(item, doing.kind, doing.on);
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.acts.push(Act {
            id: ActId((stamp.id)()),
            region_id: self.row.region_id,
            iom_id: self.row.id,
            item_id: item,
            act: doing.kind,
            on_date: doing.on,
            account_id: Some(doing.account()),
            value: text(doing.value),
            reason: text(doing.reason),
            recorded_at: stamp.now,
            on_behalf_of_id: doing.by.behalf(),
        });
    }

    /// Puts the plan into a state from the act's day on.
    pub fn move_to(&mut self, state: IomState, doing: &Doing<'_>, stamp: &Stamp<'_>) {
        self.redate_draft(doing, stamp);
        let row = self.row.edit();
        row.state = state;
        row.paused_until = None;
        row.version += 1;
        let (outcome, region_id, iom_id) = (row.outcome, row.region_id, row.id);
        self.states.push(Kept::new(StateRow {
            id: StateId((stamp.id)()),
            region_id,
            iom_id,
            state,
            outcome,
            reason: (!doing.reason.is_empty()).then(|| doing.reason.to_owned()),
            on_date: doing.on,
            account_id: Some(doing.account()),
            recorded_at: stamp.now,
            superseded_at: None,
        }));
    }

    /// A plan entered today may have been sent long ago: the draft then began no later than its first act, and the
    /// record that says otherwise is replaced. Otherwise the draft would be the plan's latest state by date.
    fn redate_draft(&mut self, doing: &Doing<'_>, stamp: &Stamp<'_>) {
        let Some(draft) = self
            .states
            .iter_mut()
            .find(|s| s.state == IomState::Draft && s.superseded_at.is_none() && s.on_date > doing.on)
        else {
            return;
        };
        let mut earlier = (**draft).clone();
        draft.edit().superseded_at = Some(stamp.now);
        earlier.id = StateId((stamp.id)());
        earlier.on_date = doing.on;
        earlier.recorded_at = stamp.now;
        self.states.insert(0, Kept::new(earlier));
        if self.row.starts_on > doing.on {
            self.row.edit().starts_on = doing.on;
        }
    }

    /// The day the plan was last put into a state.
    #[must_use]
    pub fn since(&self, state: IomState) -> Option<NaiveDate> {
        self.states
            .iter()
            .filter(|s| s.state == state && s.superseded_at.is_none())
            .map(|s| s.on_date)
            .max()
    }

    /// Whether somebody was named as the curator: on the day, or in force now.
    #[must_use]
    pub fn has_curator(&self, on: NaiveDate) -> bool {
        let mut named = self.supporters.iter().filter(|s| s.kind == SupporterKind::Curator);
        named.any(|s| s.holds_on(on) || s.superseded_at.is_none() && s.valid_to.is_none())
    }

    /// Whether somebody accompanies the plan: on the act's day, or by an assignment in force now (an act of the past
    /// may be recorded by whoever has taken the plan over since), in a role that it holds. `kinds` empty is any.
    #[must_use]
    pub fn has_supporter(&self, by: &Actor, on: NaiveDate, kinds: &[SupporterKind]) -> bool {
        let holds = |kind| by.has(&[role_of(kind)]) || planted!("assignment_outlives_role");
        self.supporters
            .iter()
            .filter(|s| s.account_id == by.account && s.superseded_at.is_none() && holds(s.kind))
            .filter(|s| kinds.is_empty() || kinds.contains(&s.kind))
            .any(|s| s.holds_on(on) || s.valid_to.is_none())
    }
}
