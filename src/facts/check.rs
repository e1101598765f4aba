//! What is stored of facts against what the sources say: every row, every field, missing and extra ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::load::{self, Reference};
use super::model::{IomFact, PersonFact, PersonFacts, PersonPlace};
use super::period::{Basis, FactPeriod, FactPeriodId};
use super::refresh::{self, Asked};
use super::store;
use crate::db::schema::{enrolment, iom, iom_act, iom_fact, iom_item, iom_state, person_fact, person_place, unit};
use crate::db::{AnyConn, DbError};
use crate::enrolment::EnrolmentState;
use crate::iom::closing::close_reason;
use crate::iom::status::item_after;
use crate::iom::{ActKind, Iom, IomId, IomOutcome, IomState, ItemId, ItemState};
use crate::people::PersonId;
use crate::units::UnitId;

/// Names of units for the lines of a report.
#[derive(Debug)]
pub struct UnitCodes(HashMap<UnitId, String>);

impl UnitCodes {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let rows: Vec<(UnitId, String)> = unit::table.select((unit::id, unit::code)).load(conn)?;
        Ok(Self(rows.into_iter().collect()))
    }

    /// The code of a unit; of one that is not there, its id.
    #[must_use]
    pub fn of(&self, id: UnitId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| format!("id {id}"))
    }
}

/// Rows compared and the differences, one Russian line each.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows of persons.
    pub persons: usize,
    /// Rows of places.
    pub places: usize,
    /// Rows of plans.
    pub plans: usize,
    /// Differences.
    pub problems: Vec<String>,
}

/// Compares the facts of the periods; rows of the `unread` ones are passed over. `seen` is shown what the sources say of every person in every period.
///
/// # Errors
/// Those of the database.
pub fn facts(
    conn: &mut AnyConn,
    codes: &UnitCodes,
    periods: &[FactPeriod],
    unread: &[FactPeriodId],
    mut seen: impl FnMut(usize, &PersonFacts),
) -> Result<Report, DbError> {
    let mut report = Report::default();
    for period in periods {
        report.problems.extend(wrong_period(period));
    }
    let mut reference = Reference::load(conn)?;
    let asked: Vec<Asked> = periods.iter().map(Asked::from).collect();
    let mut met = Keys::default();
    for block in load::everyone(conn, None)? {
        let computed = refresh::compute(conn, &mut reference, &block, &asked, None)?;
        for ((i, period), facts) in periods.iter().enumerate().zip(computed) {
            facts.iter().for_each(|known| seen(i, known));
            let stored = store::stored(conn, period.id, &block)?;
            let lines = Lines {
                region: codes.of(block.region),
                period: &period.code,
                codes,
            };
            report.persons += stored.persons.len();
            report.places += stored.places.len();
            report.plans += stored.plans.len();
            met.note(&stored);
            lines.compare(stored, facts, &mut report.problems);
        }
    }
    met.extra(conn, codes, (periods, unread), &mut report.problems)?;
    Ok(report)
}

fn wrong_period(period: &FactPeriod) -> Option<String> {
    let right = Basis::parse(&period.basis)
        .filter(|b| b.kind == period.kind)
        .and_then(|b| b.window(&period.code));
    (right != Some(period.window())).then(|| {
        format!(
            "период {} ({}): хранятся даты {}…{}, отчётная {}; по названию они другие",
            period.code, period.basis, period.starts_on, period.ends_on, period.reference_on
        )
    })
}

/// Keys of the rows that belong to somebody.
#[derive(Default)]
struct Keys {
    persons: HashSet<(UnitId, FactPeriodId, PersonId)>,
    places: HashSet<(UnitId, FactPeriodId, PersonId, UnitId)>,
    plans: HashSet<(UnitId, FactPeriodId, IomId)>,
}

impl Keys {
    fn note(&mut self, stored: &store::StoredRows) {
        self.persons
            .extend(stored.persons.iter().map(|r| (r.region_id, r.period_id, r.person_id)));
        self.places.extend(
            stored
                .places
                .iter()
                .map(|r| (r.region_id, r.period_id, r.person_id, r.organisation_id)),
        );
        self.plans
            .extend(stored.plans.iter().map(|r| (r.region_id, r.period_id, r.iom_id)));
    }

    /// Names rows of nobody: of another region, of a person that is not there.
    fn extra(
        &self,
        conn: &mut AnyConn,
        codes: &UnitCodes,
        (periods, unread): (&[FactPeriod], &[FactPeriodId]),
        problems: &mut Vec<String>,
    ) -> Result<(), DbError> {
        let name = |id: FactPeriodId| {
            let found = periods.iter().find(|p| p.id == id);
            found.map_or_else(|| format!("id {id}"), |p| p.code.clone())
        };
        let persons: Vec<(UnitId, FactPeriodId, PersonId)> = person_fact::table
            .select((person_fact::region_id, person_fact::period_id, person_fact::person_id))
            .load(conn)?;
        for key in persons
            .iter()
            .filter(|key| !self.persons.contains(key) && !unread.contains(&key.1))
        {
            let (region, period, person) = key;
            let (region, period) = (codes.of(*region), name(*period));
            problems.push(format!(
                "факты: регион {region}, период {period}, человек {person}: лишняя строка, такого человека нет"
            ));
        }
        let places: Vec<(UnitId, FactPeriodId, PersonId, UnitId)> = person_place::table
            .select((
                person_place::region_id,
                person_place::period_id,
                person_place::person_id,
                person_place::organisation_id,
            ))
            .load(conn)?;
        for key in places
            .iter()
            .filter(|key| !self.places.contains(key) && !unread.contains(&key.1))
        {
            let (region, period, person, organisation) = key;
            let (region, period, organisation) = (codes.of(*region), name(*period), codes.of(*organisation));
            problems.push(format!(
                "места: регион {region}, период {period}, человек {person}, организация {organisation}: лишняя строка, такого человека нет"
            ));
        }
        let plans: Vec<(UnitId, FactPeriodId, IomId)> = iom_fact::table
            .select((iom_fact::region_id, iom_fact::period_id, iom_fact::iom_id))
            .load(conn)?;
        for key in plans
            .iter()
            .filter(|key| !self.plans.contains(key) && !unread.contains(&key.1))
        {
            let (region, period, plan) = key;
            let (region, period) = (codes.of(*region), name(*period));
            problems.push(format!(
                "факты ИОМ: регион {region}, период {period}, ИОМ id {plan}: лишняя строка"
            ));
        }
        Ok(())
    }
}

struct Lines<'a> {
    region: String,
    period: &'a str,
    codes: &'a UnitCodes,
}

impl Lines<'_> {
    fn compare(&self, stored: store::StoredRows, computed: Vec<PersonFacts>, problems: &mut Vec<String>) {
        let mut persons = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut plans = BTreeMap::new();
        for known in computed {
            places.extend(known.places.into_iter().map(|p| ((p.person_id, p.organisation_id), p)));
            plans.extend(known.plans.into_iter().map(|p| (p.iom_id, p)));
            persons.insert(known.person.person_id, known.person);
        }
        let (region, period) = (&self.region, self.period);
        let stored_persons = stored.persons.into_iter().map(|p| (p.person_id, p)).collect();
        differences(
            &stored_persons,
            &persons,
            |id| format!("факты: регион {region}, период {period}, человек {id}"),
            person_fields,
            problems,
        );
        let stored_places = stored
            .places
            .into_iter()
            .map(|p| ((p.person_id, p.organisation_id), p))
            .collect();
        differences(
            &stored_places,
            &places,
            |(id, organisation)| {
                let organisation = self.codes.of(*organisation);
                format!("места: регион {region}, период {period}, человек {id}, организация {organisation}")
            },
            place_fields,
            problems,
        );
        let stored_plans = stored.plans.into_iter().map(|p| (p.iom_id, p)).collect();
        differences(
            &stored_plans,
            &plans,
            |id| format!("факты ИОМ: регион {region}, период {period}, ИОМ id {id}"),
            plan_fields,
            problems,
        );
    }
}

type Fields = Vec<(&'static str, String)>;

/// Names rows that are missing, extra, or differ in a field.
fn differences<K: Ord, R: PartialEq>(
    stored: &BTreeMap<K, R>,
    computed: &BTreeMap<K, R>,
    whose: impl Fn(&K) -> String,
    fields: impl Fn(&R) -> Fields,
    problems: &mut Vec<String>,
) {
    for (key, right) in computed {
        match stored.get(key) {
            None => problems.push(format!("{}: строки нет, а должна быть", whose(key))),
            Some(row) if row == right => {}
            Some(row) => {
                for ((field, is), (_, should)) in fields(row).into_iter().zip(fields(right)) {
                    if is != should {
                        problems.push(format!(
                            "{}: {field}: хранится «{is}», рассчитано «{should}»",
                            whose(key)
                        ));
                    }
                }
            }
        }
    }
    for key in stored.keys().filter(|key| !computed.contains_key(key)) {
        problems.push(format!("{}: лишняя строка", whose(key)));
    }
}

fn person_fields(row: &PersonFact) -> Fields {
    vec![
        ("pedagogical", row.pedagogical.to_string()),
        ("leader", row.leader.to_string()),
        ("young", row.young.to_string()),
        ("first_three_years", row.first_three_years.to_string()),
        ("diagnosed_kinds", row.diagnosed_kinds.clone()),
        ("deficits", row.deficits.to_string()),
        ("deficit_groups", row.deficit_groups.clone()),
        ("iom_formed", row.iom_formed.to_string()),
        ("iom_live", row.iom_live.to_string()),
        ("iom_realised", row.iom_realised.to_string()),
        ("supported", row.supported.to_string()),
        (
            "supported_by_regional_methodist",
            row.supported_by_regional_methodist.to_string(),
        ),
        ("trained", row.trained.to_string()),
        ("topics_formed", row.topics_formed.clone()),
        ("topics_realised", row.topics_realised.clone()),
        ("topics_trained", row.topics_trained.clone()),
        ("reason", row.reason.clone()),
        ("age", unknown(row.age)),
        ("experience", unknown(row.experience)),
        ("workload_milli", unknown(row.workload_milli)),
        ("subjects", row.subjects.clone()),
        ("activities", row.activities.clone()),
        ("marks", row.marks.clone()),
    ]
}

fn unknown(number: Option<i32>) -> String {
    number.map_or_else(String::new, |n| n.to_string())
}

fn place_fields(row: &PersonPlace) -> Fields {
    vec![
        ("pedagogical", row.pedagogical.to_string()),
        ("leader", row.leader.to_string()),
        ("bridged", row.bridged.to_string()),
        ("marks", row.marks.to_string()),
        ("scattered", row.scattered.to_string()),
    ]
}

fn plan_fields(row: &IomFact) -> Fields {
    vec![
        ("person_id", row.person_id.to_string()),
        ("formed", row.formed.to_string()),
        ("live", row.live.to_string()),
        ("realised", row.realised.to_string()),
        ("supporter_kinds", row.supporter_kinds.clone()),
        ("topics", row.topics.clone()),
        ("reason", row.reason.clone()),
    ]
}

type StateColumns = (IomId, IomState, Option<IomOutcome>, Option<String>, NaiveDate);

/// Compares the columns of every plan with its dated states and acts. Returns how many plans there are.
///
/// # Errors
/// Those of the database.
pub fn plans(conn: &mut AnyConn, codes: &UnitCodes, problems: &mut Vec<String>) -> Result<usize, DbError> {
    let mut last = (UnitId(i64::MIN), IomId(i64::MIN));
    let mut count = 0;
    loop {
        let block: Vec<Iom> = iom::table
            .filter(
                iom::region_id
                    .gt(last.0)
                    .or(iom::region_id.eq(last.0).and(iom::id.gt(last.1))),
            )
            .order((iom::region_id, iom::id))
            .limit(1000)
            .select(Iom::as_select())
            .load(conn)?;
        let Some(end) = block.last() else { return Ok(count) };
        last = (end.region_id, end.id);
        count += block.len();
        for of_region in block.chunk_by(|a, b| a.region_id == b.region_id) {
            compare_plans(conn, codes, of_region, problems)?;
            compare_items(conn, codes, of_region, problems)?;
        }
    }
}

fn compare_plans(
    conn: &mut AnyConn,
    codes: &UnitCodes,
    plans: &[Iom],
    problems: &mut Vec<String>,
) -> Result<(), DbError> {
    let region = plans[0].region_id;
    let ids: Vec<IomId> = plans.iter().map(|p| p.id).collect();
    let states: Vec<StateColumns> = iom_state::table
        .filter(iom_state::region_id.eq(region))
        .filter(iom_state::iom_id.eq_any(&ids))
        .filter(iom_state::superseded_at.is_null())
        .order((iom_state::iom_id, iom_state::on_date, iom_state::id))
        .select((
            iom_state::iom_id,
            iom_state::state,
            iom_state::outcome,
            iom_state::reason,
            iom_state::on_date,
        ))
        .load(conn)?;
    let agreements: Vec<(IomId, ActKind, NaiveDate)> = iom_act::table
        .filter(iom_act::region_id.eq(region))
        .filter(iom_act::iom_id.eq_any(&ids))
        .filter(iom_act::item_id.is_null())
        .filter(iom_act::act.eq_any([ActKind::Agree, ActKind::Return]))
        .order((iom_act::iom_id, iom_act::on_date, iom_act::id))
        .select((iom_act::iom_id, iom_act::act, iom_act::on_date))
        .load(conn)?;
    let mut agreed: HashMap<IomId, Option<NaiveDate>> = HashMap::new();
    for (id, act, on) in agreements {
        agreed.insert(id, (act == ActKind::Agree).then_some(on));
    }
    let mut history: HashMap<IomId, Vec<StateColumns>> = HashMap::new();
    for state in states {
        history.entry(state.0).or_default().push(state);
    }
    for plan in plans {
        let states = history.remove(&plan.id).unwrap_or_default();
        let whose = format!("ИОМ {} (регион {})", plan.number, codes.of(region));
        let Some((_, state, outcome, reason, on)) = states.last().cloned() else {
            problems.push(format!("{whose}: нет истории состояний"));
            continue;
        };
        let closed = state == IomState::Closed;
        let terminated = closed && outcome == Some(IomOutcome::Terminated);
        let visible = states.iter().find(|s| s.1 == IomState::OnAgreement).map(|s| s.4);
        let shown = |day: Option<NaiveDate>| day.map_or_else(String::new, |d| d.to_string());
        let code = |text: Option<&'static str>| text.unwrap_or("").to_owned();
        let wanted_reason = reason.filter(|_| terminated).and_then(|r| close_reason(&r));
        for (field, is, should) in [
            ("state", plan.state.code().to_owned(), state.code().to_owned()),
            (
                "outcome",
                code(plan.outcome.map(IomOutcome::code)),
                code(outcome.filter(|_| closed).map(IomOutcome::code)),
            ),
            (
                "close_reason",
                code(plan.close_reason.map(|r| r.code())),
                code(wanted_reason.map(|r| r.code())),
            ),
            ("closed_on", shown(plan.closed_on), shown(closed.then_some(on))),
            ("first_visible_on", shown(plan.first_visible_on), shown(visible)),
            (
                "agreed_on",
                shown(plan.agreed_on),
                shown(agreed.get(&plan.id).copied().flatten()),
            ),
        ] {
            if is != should {
                problems.push(format!("{whose}: {field}: хранится «{is}», по истории «{should}»"));
            }
        }
    }
    Ok(())
}

/// Names applications that still wait although their plan is closed. Returns how many applications there are.
///
/// # Errors
/// Those of the database.
pub fn applications(conn: &mut AnyConn, codes: &UnitCodes, problems: &mut Vec<String>) -> Result<usize, DbError> {
    let open: Vec<EnrolmentState> = EnrolmentState::ALL.iter().copied().filter(|s| s.is_open()).collect();
    let left: Vec<(UnitId, String, i32, EnrolmentState)> = enrolment::table
        .inner_join(
            iom_item::table.on(iom_item::region_id
                .eq(enrolment::region_id)
                .and(iom_item::id.nullable().eq(enrolment::item_id))),
        )
        .inner_join(iom::table.on(iom::region_id.eq(iom_item::region_id).and(iom::id.eq(iom_item::iom_id))))
        .filter(enrolment::state.eq_any(open))
        .filter(iom::state.eq(IomState::Closed))
        .order((iom::region_id, iom::number, iom_item::number))
        .select((iom::region_id, iom::number, iom_item::number, enrolment::state))
        .load(conn)?;
    for (region, number, item, state) in left {
        problems.push(format!(
            "ИОМ {number} (регион {}), шаг {item}: заявка на курс «{}», а ИОМ закрыт",
            codes.of(region),
            state.label()
        ));
    }
    let all: i64 = enrolment::table.count().get_result(conn)?;
    Ok(usize::try_from(all).unwrap_or(usize::MAX))
}

type ItemColumns = (ItemId, IomId, i32, ItemState, Option<NaiveDate>);

/// Compares the state of every item, and the day it was settled, with the acts on it.
fn compare_items(
    conn: &mut AnyConn,
    codes: &UnitCodes,
    plans: &[Iom],
    problems: &mut Vec<String>,
) -> Result<(), DbError> {
    let region = plans[0].region_id;
    let numbers: HashMap<IomId, &str> = plans.iter().map(|p| (p.id, p.number.as_str())).collect();
    let ids: Vec<IomId> = plans.iter().map(|p| p.id).collect();
    let items: Vec<ItemColumns> = iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq_any(&ids))
        .order((iom_item::iom_id, iom_item::number))
        .select((
            iom_item::id,
            iom_item::iom_id,
            iom_item::number,
            iom_item::state,
            iom_item::settled_on,
        ))
        .load(conn)?;
    let acts: Vec<(Option<ItemId>, ActKind, NaiveDate)> = iom_act::table
        .filter(iom_act::region_id.eq(region))
        .filter(iom_act::iom_id.eq_any(&ids))
        .filter(iom_act::item_id.is_not_null())
        .order((iom_act::on_date, iom_act::id))
        .select((iom_act::item_id, iom_act::act, iom_act::on_date))
        .load(conn)?;
    let mut history: HashMap<ItemId, (ItemState, Option<NaiveDate>)> = HashMap::new();
    for (item, act, on) in acts.into_iter().filter_map(|(item, act, on)| Some((item?, act, on))) {
        let known = history.entry(item).or_insert((ItemState::Planned, None));
        if let Some(state) = item_after(known.0, act) {
            *known = (state, state.is_settled().then_some(on));
        }
    }
    for (id, plan, number, state, settled_on) in items {
        let (by_acts, settled_by_acts) = history.get(&id).copied().unwrap_or((ItemState::Planned, None));
        let number_of_plan = numbers.get(&plan).copied().unwrap_or_default();
        let whose = format!("ИОМ {number_of_plan} (регион {}), шаг {number}", codes.of(region));
        if state != by_acts {
            problems.push(format!("{whose}: state: хранится «{state}», по действиям «{by_acts}»"));
        }
        if settled_on != settled_by_acts {
            let shown = |day: Option<NaiveDate>| day.map_or_else(String::new, |d| d.to_string());
            problems.push(format!(
                "{whose}: settled_on: хранится «{}», по действиям «{}»",
                shown(settled_on),
                shown(settled_by_acts)
            ));
        }
    }
    Ok(())
}
