//! Acts on a report: saving what is typed, sending it, and what is done with it afterwards. Each is one transaction with its
//! row of the journal; what was said and done before stays.

use diesel::prelude::*;
use foldhash::HashMap;

use super::campaign::{self, Campaign};
use super::report::{self, ActRow, SaidValue, Submission, SubmissionId};
use super::report_force;
use super::report_form::{self, Line, Of, Parts, Said};
use super::report_telling;
use super::submission_status::{self, Side, SubmissionAct, SubmissionState};
use crate::access::by::{self, By};
use crate::db::schema::{measure_value, submission, submission_act, submission_value};
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::indicators::evaluate::Fraction;
use crate::indicators::formula::Formula;
use crate::indicators::measures::MeasureSource;
use crate::indicators::people;
use crate::indicators::reported::{self, Detail, Entered, Submitted};
use crate::{insert_many, planted};

/// Who acts on which report, and the version that was seen.
#[derive(Debug, Clone)]
pub struct Doing {
    /// Who.
    pub by: By,
    /// The report.
    pub id: SubmissionId,
    /// The version that stood on the page.
    pub seen: i32,
}

/// A field with what is said in it; `None` says nothing of it.
pub type Typed = (String, Said);

impl Doing {
    /// The report with its campaign, as they stand; nobody else acts on it until the end.
    fn held(&self, tx: &mut Tx<'_>) -> Result<(Submission, Campaign), Error> {
        dialect::lock(tx.conn(), dialect::lock_space::REPORT, [self.id.0])?;
        let missing = || Error::NotFound("отчёт".into());
        let report = report::one(tx.conn(), self.by.region, self.id)?.ok_or_else(missing)?;
        let of = campaign::one(tx.conn(), self.by.region, report.campaign_id)?.ok_or_else(missing)?;
        if report.version != self.seen && !planted!("report_without_version") {
            return Err(by::changed(tx, &self.by, "cycle", "submission", self.id.0)?);
        }
        Ok((report, of))
    }

    /// Writes an act: the state, and its row.
    fn step(
        &self,
        tx: &mut Tx<'_>,
        report: &mut Submission,
        act: SubmissionAct,
        reason: Option<String>,
    ) -> Result<(), Error> {
        let before = report.state;
        let Some(after) = submission_status::after(before, act) else {
            return Err(not_now(before, act).into());
        };
        report.state = after;
        match act {
            SubmissionAct::Send => report.sent_on = Some(tx.today()),
            SubmissionAct::Withdraw => report.sent_on = None,
            _ => {}
        }
        let row = ActRow {
            id: tx.id(),
            region_id: self.by.region,
            submission_id: self.id,
            act,
            state_before: before,
            state_after: after,
            on_date: tx.today(),
            account_id: self.by.account,
            on_behalf_of_id: self.by.on_behalf_of,
            reason,
            recorded_at: tx.now(),
        };
        insert_many!(tx.conn(), submission_act::table, [row]).map_err(DbError::from)?;
        Ok(())
    }

    /// Writes the row of the report with the next version.
    fn put(&self, tx: &mut Tx<'_>, report: &Submission) -> Result<(), Error> {
        let standing = submission::table
            .filter(submission::region_id.eq(self.by.region))
            .filter(submission::id.eq(self.id));
        diesel::update(standing)
            .set((
                submission::state.eq(report.state),
                submission::sent_on.eq(report.sent_on),
                submission::version.eq(report.version + 1),
            ))
            .execute(tx.conn())?;
        Ok(())
    }

    fn note(&self, tx: &mut Tx<'_>, action: &'static str, detail: &str) -> Result<(), DbError> {
        self.by.note(tx, action, ("submission", self.id.0), &[], detail)
    }
}

fn not_now(state: SubmissionState, act: SubmissionAct) -> Refusal {
    Refusal::new("cycle.not_now")
        .with("act", act.label())
        .with("state", state.label())
}

/// Saves what was typed; the first time begins the report. Returns whether anything changed.
///
/// # Errors
/// It is not the unit's turn; the window is over; somebody else has changed it.
pub fn save(tx: &mut Tx<'_>, doing: &Doing, typed: Vec<Typed>) -> Result<bool, Error> {
    let (mut report, of) = doing.held(tx)?;
    let before = report.state;
    let changed = keep(tx, doing, (&mut report, &of), typed)?;
    if changed.is_empty() && report.state == before {
        return Ok(false);
    }
    doing.put(tx, &report)?;
    doing.note(tx, "cycle.report_save", &format!("entered={}", changed.join(",")))?;
    Ok(true)
}

/// Writes what differs from what stands; returns the codes of those fields.
fn keep(
    tx: &mut Tx<'_>,
    doing: &Doing,
    (report, of): (&mut Submission, &Campaign),
    typed: Vec<Typed>,
) -> Result<Vec<String>, Error> {
    if !report.state.is_with_unit() {
        return Err(Refusal::new("cycle.with_others")
            .with("state", report.state.label())
            .into());
    }
    if let Some(refusal) = report.shut(of, tx.today()) {
        return Err(refusal.into());
    }
    let all = report::said(tx.conn(), doing.by.region, doing.id)?;
    let stands: HashMap<&str, &SaidValue> = all
        .iter()
        .filter(|v| v.superseded_at.is_none())
        .map(|v| (v.field.as_str(), v))
        .collect();
    let (mut changed, mut gone, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (field, said) in typed {
        let stood = stands.get(field.as_str());
        let before = stood.filter(|v| v.typed);
        let after = said
            .parts
            .map(|parts| (parts, said.link.clone(), said.explanation.clone()));
        let was = before.map(|v| {
            let parts = Parts {
                upper: v.upper_milli,
                lower: v.lower_milli,
            };
            (parts, v.link.clone(), v.explanation.clone())
        });
        if was == after {
            continue;
        }
        gone.extend(stood.map(|v| v.id));
        if let Some((parts, link, explanation)) = after {
            rows.push(value_row(tx, doing, (&field, parts, true), (link, explanation)));
        }
        changed.push(field);
    }
    supersede(tx, doing, &gone)?;
    insert_many!(tx.conn(), submission_value::table, rows).map_err(DbError::from)?;
    if report.state == SubmissionState::NotStarted {
        doing.step(tx, report, SubmissionAct::Begin, None)?;
        doing.note(tx, "cycle.report_begin", "")?;
    }
    Ok(changed)
}

fn value_row(
    tx: &Tx<'_>,
    doing: &Doing,
    (field, parts, typed): (&str, Parts, bool),
    (link, explanation): (Option<String>, Option<String>),
) -> SaidValue {
    SaidValue {
        id: tx.id(),
        region_id: doing.by.region,
        submission_id: doing.id,
        field: field.to_owned(),
        upper_milli: parts.upper,
        lower_milli: parts.lower,
        typed,
        link,
        explanation,
        account_id: doing.by.account,
        on_behalf_of_id: doing.by.on_behalf_of,
        recorded_at: tx.now(),
        superseded_at: None,
    }
}

fn supersede(tx: &mut Tx<'_>, doing: &Doing, ids: &[i64]) -> Result<(), DbError> {
    let now = tx.now();
    for part in ids.chunks(1000) {
        let standing = submission_value::table
            .filter(submission_value::region_id.eq(doing.by.region))
            .filter(submission_value::id.eq_any(part));
        diesel::update(standing)
            .set(submission_value::superseded_at.eq(now))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Saves what was typed and sends the report: what nobody touched is confirmed as the platform computes and knows it, and
/// all of it is reported from now on.
///
/// # Errors
/// Those of [`save`]; something stands in the way.
pub fn send(tx: &mut Tx<'_>, doing: &Doing, typed: Vec<Typed>) -> Result<(), Error> {
    let (mut report, of) = doing.held(tx)?;
    keep(tx, doing, (&mut report, &of), typed)?;
    let ground = report_form::ground(tx.conn(), &of)?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let fields = of.fields()?;
    let units = [report.unit_id];
    let place = (of.level, report.unit_id);
    let sources = report_form::sources(tx.conn(), (&ground, &of.period), &fields, place, &units)?;
    let all = report::said(tx.conn(), doing.by.region, doing.id)?;
    let stands = all.into_iter().filter(|v| v.superseded_at.is_none());
    let (typed, confirmed): (Vec<SaidValue>, Vec<SaidValue>) = stands.partition(|v| v.typed);
    let stands: HashMap<String, SaidValue> = typed.into_iter().map(|v| (v.field.clone(), v)).collect();
    let lines = sources.lines(&ground.pack, &fields, report.unit_id, &stands);
    let findings = report_form::findings(&lines, of.tolerance_milli);
    if report_form::is_blocked(&findings) {
        return Err(Refusal::new("cycle.blocked").into());
    }
    // What was confirmed with an earlier sending is confirmed anew.
    let gone: Vec<i64> = confirmed.iter().map(|v| v.id).collect();
    supersede(tx, doing, &gone)?;
    let mut rows = Vec::new();
    for line in lines.iter().filter(|line| line.said.is_none()) {
        if let Some(parts) = line.stands() {
            rows.push(value_row(
                tx,
                doing,
                (&line.field.code, parts, false),
                (line.link(), None),
            ));
        }
    }
    insert_many!(tx.conn(), submission_value::table, rows).map_err(DbError::from)?;
    publish(tx, doing, (&report, &of), &lines)?;
    doing.step(tx, &mut report, SubmissionAct::Send, None)?;
    doing.put(tx, &report)?;
    doing.note(tx, "cycle.report_send", &format!("period={}", of.period))?;
    Ok(())
}

/// Keeps what is sent of indicators beside the computed values, never over them. What it says of measures counts once it is
/// accepted ([`report_force`]).
fn publish(
    tx: &mut Tx<'_>,
    doing: &Doing,
    (report, of): (&Submission, &Campaign),
    lines: &[Line<'_>],
) -> Result<(), Error> {
    let stored = reported::in_force(tx.conn(), [report.unit_id])?;
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for line in lines {
        let Some(parts) = line.stands() else { continue };
        let detail = Detail {
            numerator_milli: parts.upper.filter(|_| parts.lower.is_some()),
            denominator_milli: parts.lower,
            expert: String::new(),
            link: line.link(),
        };
        let Of::Indicator(indicator) = &line.of else { continue };
        let value = Entered {
            region: report.region_id,
            unit: report.unit_id,
            measure: indicator.reported.clone(),
            period: of.period.clone(),
            value_milli: value_of(indicator, parts),
            value_text: None,
            source: MeasureSource::Reported,
            detail,
        };
        match stored.get(&value.place()) {
            Some(before) if value.says(before) => continue,
            Some(before) => replaced.push(before.id),
            None => {}
        }
        new.push(Submitted {
            value,
            submission: doing.id.0,
            by: (doing.by.account, doing.by.on_behalf_of),
        });
    }
    reported::write_submitted(tx, new, &replaced)?;
    Ok(())
}

/// What is reported of an indicator by its parts: a count of its subjects, or the value as its passport writes it.
fn value_of(of: &crate::indicators::Indicator, parts: Parts) -> Option<i64> {
    let upper = parts.upper?;
    if people::reports_count(of) {
        return Some(upper);
    }
    let times = match of.formula.as_ref().map(counted)? {
        Formula::Ratio { times, .. } => *times,
        _ => return Some(upper),
    };
    let lower = parts.lower.filter(|n| *n > 0)?;
    let value = Fraction {
        upper: i128::from(upper) * i128::from(times) * 1000,
        lower: i128::from(lower),
    };
    value.brought_to(of.digits, of.rounding)
}

fn counted(formula: &Formula) -> &Formula {
    match formula {
        Formula::Compare { value, .. } => counted(value),
        other => other,
    }
}

/// Does an act of those that change the state alone.
///
/// # Errors
/// Another side's act; not in this state; without its reason; the unit's window is over; somebody else was quicker.
pub fn act(
    tx: &mut Tx<'_>,
    doing: &Doing,
    (act, side): (SubmissionAct, Side),
    why: &str,
) -> Result<SubmissionState, Error> {
    let (mut report, of) = doing.held(tx)?;
    if submission_status::after(report.state, act).is_none() || !act.is_of(side, report.state) {
        return Err(not_now(report.state, act).into());
    }
    let reason = if act.needs_reason() {
        Some(report::reason(why)?)
    } else {
        None
    };
    if side == Side::Unit
        && let Some(refusal) = report.shut(&of, tx.today())
    {
        return Err(refusal.into());
    }
    if let Some(refusal) = report_force::diverged(tx, &doing.by, act, &[(&report, &of)])?.remove(&report.id) {
        return Err(refusal.into());
    }
    if let (SubmissionAct::Return, Some(reason)) = (act, &reason) {
        report_telling::returned(tx, &[(&report, &of)], reason)?;
    }
    doing.step(tx, &mut report, act, reason)?;
    doing.put(tx, &report)?;
    if matches!(act, SubmissionAct::Withdraw | SubmissionAct::Return) {
        unpublish(tx, doing)?;
    }
    report_force::follow(tx, &doing.by, act, &[(&report, &of)])?;
    let named = match act {
        SubmissionAct::Withdraw => "cycle.report_withdraw",
        SubmissionAct::Return => "cycle.report_return",
        SubmissionAct::Agree => "cycle.report_agree",
        SubmissionAct::Disagree => "cycle.report_disagree",
        SubmissionAct::Accept => "cycle.report_accept",
        SubmissionAct::Reopen => "cycle.report_reopen",
        // These come with what is typed, or with a day.
        SubmissionAct::Begin | SubmissionAct::Send | SubmissionAct::Extend => {
            return Err(not_now(report.state, act).into());
        }
    };
    doing.note(tx, named, "")?;
    Ok(report.state)
}

/// What was taken back or sent back is reported no more.
fn unpublish(tx: &mut Tx<'_>, doing: &Doing) -> Result<(), DbError> {
    let standing = measure_value::table
        .filter(measure_value::region_id.eq(doing.by.region))
        .filter(measure_value::submission_id.eq(doing.id.0))
        .filter(measure_value::source.eq(MeasureSource::Reported))
        .filter(measure_value::superseded_at.is_null());
    let now = tx.now();
    diesel::update(standing)
        .set(measure_value::superseded_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}
