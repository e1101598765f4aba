//! A person's whole journey in memory: plans, enrolments, documents; and the way of one act through it.

use chrono::NaiveDate;

use super::model::{Enrolment, EnrolmentId, QualificationDocument};
use super::{course, waiving};
use crate::access::Actor;
use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::error::Refusal;
use crate::iom::closing::FollowUp;
use crate::iom::editing::{self, Change};
use crate::iom::{
    ActKind, IomId, Kept, Plan, Stamp, Supporter, accompany, acquaint, agree, closing, pausing, plan::Doing, proposing,
    review, rights,
};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// A job as far as rights need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Where.
    pub organisation: UnitId,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: Option<NaiveDate>,
}

/// A programme as far as completion needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// The programme.
    pub id: ProgrammeId,
    /// ПК or ПП.
    pub kind: ProgrammeKind,
    /// Volume in hours.
    pub hours: i32,
    /// Who gives it.
    pub provider: Option<UnitId>,
}

/// A person's journey.
#[derive(Debug)]
pub struct Journey {
    /// The person.
    pub person: PersonId,
    /// The region.
    pub region: UnitId,
    /// Date of birth, where it is known.
    pub born: Option<NaiveDate>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Plans, oldest first.
    pub plans: Vec<Plan>,
    /// Enrolments, oldest first.
    pub enrolments: Vec<Kept<Enrolment>>,
    /// Documents on training.
    pub documents: Vec<Kept<QualificationDocument>>,
    /// Repeated diagnoses.
    pub follow_ups: Vec<FollowUp>,
    /// Courses of the plans' items.
    pub courses: Vec<Course>,
}

/// An act as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
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
    /// Whom an `assign` names, where the login is known.
    pub whom: Option<&'a Actor>,
    /// Said now, by a form, and not told again by a file.
    pub said_now: bool,
    /// The version that whoever acts has seen: of the applications for the item's course where the act is about one, of
    /// the item where one is named, else of the plan.
    pub seen: Option<i32>,
    /// The plan that is meant; `None`: the one that was made last of those that fit.
    pub plan: Option<IomId>,
    /// What a change makes of the plan.
    pub change: Option<&'a Change>,
}

/// What an act did.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Place of the plan in the journey.
    pub plan: usize,
    /// The supporter it assigned.
    pub assigned: Option<Supporter>,
    /// Applications that ended with the plan or the step they served.
    pub ended: Vec<EnrolmentId>,
}

impl Journey {
    /// Where the person works on a day.
    #[must_use]
    pub fn working(&self, on: NaiveDate) -> Vec<UnitId> {
        let active = |job: &&Job| job.from <= on && job.to.is_none_or(|to| on < to);
        self.jobs.iter().filter(active).map(|j| j.organisation).collect()
    }

    /// The same, but whoever works nowhere stays with those who had them last (or first).
    #[must_use]
    pub fn organisations(&self, on: NaiveDate) -> Vec<UnitId> {
        let mut found = self.working(on);
        if found.is_empty() {
            let before = self.jobs.iter().filter(|j| j.from <= on).max_by_key(|j| (j.to, j.from));
            let nearest = before.or_else(|| self.jobs.iter().min_by_key(|j| j.from));
            found.extend(nearest.map(|j| j.organisation));
        }
        found
    }

    /// The plan an act means: the one that is named, else the open one; for reopening the one closed last of those that
    /// had been approved.
    ///
    /// # Errors
    /// There is none.
    fn plan_of(&self, act: ActKind, named: Option<IomId>) -> Result<usize, Refusal> {
        let meant = |plan: &Plan| named.is_none_or(|id| plan.row.id == id);
        let plans = self.plans.iter().enumerate().filter(|(_, p)| meant(p));
        let found = if act == ActKind::Reopen {
            plans
                .filter(|(_, p)| !p.is_open())
                .max_by_key(|(_, p)| (p.row.revision > 0, p.row.closed_on, p.row.id))
        } else {
            plans.filter(|(_, p)| p.is_open()).max_by_key(|(_, p)| p.row.id)
        };
        found.map(|(place, _)| place).ok_or_else(|| match act {
            ActKind::Reopen => Refusal::new("iom.no_closed_plan"),
            _ => Refusal::new("iom.no_plan"),
        })
    }

    /// The named plan, when an act may be about it: closed for taking it back, open for everything else.
    #[must_use]
    pub fn target(&self, act: ActKind, named: IomId) -> Option<&Plan> {
        self.plan_of(act, Some(named)).ok().map(|place| &self.plans[place])
    }

    /// Whether an act finds a plan here.
    #[must_use]
    pub fn has_plan_for(&self, act: ActKind, named: Option<IomId>) -> bool {
        self.plan_of(act, named).is_ok()
    }

    /// Does an act, or refuses it and leaves everything as it was.
    ///
    /// # Errors
    /// The rule that refused.
    pub fn act(&mut self, ask: &Ask<'_>, stamp: &Stamp<'_>) -> Result<Done, Refusal> {
        if ask.on > stamp.today {
            return Err(Refusal::new("iom.future_day"));
        }
        let place = self.plan_of(ask.kind, ask.plan)?;
        let organisations = self.organisations(ask.on);
        let doing = Doing {
            kind: ask.kind,
            item: ask.item,
            on: ask.on,
            value: ask.value,
            reason: ask.reason,
            by: ask.by,
            organisations: &organisations,
        };
        // What moves a plan may come again on the same day: sent, returned, sent. The state says whether it is due.
        if !ask.said_now || ask.kind == ActKind::Support {
            self.plans[place].refuse_repeated(&doing)?;
        }
        self.check_rights(place, &doing)?;
        self.check_seen(place, ask)?;
        let mut assigned = None;
        let other_in_work = self.plans.iter().enumerate().any(|(n, p)| n != place && p.is_open());
        match ask.kind {
            kind if kind.is_about_course() => course::act(self, place, &doing, stamp)?,
            ActKind::Waive => waiving::act(self, place, &doing, ask.said_now, stamp)?,
            kind => {
                let plan = &mut self.plans[place];
                match kind {
                    ActKind::Return if ask.item.is_some() => review::act(plan, &doing, stamp)?,
                    ActKind::Begin | ActKind::Submit | ActKind::Withdraw | ActKind::Accept | ActKind::Cancel => {
                        review::act(plan, &doing, stamp)?
                    }
                    ActKind::Assign => assigned = Some(accompany::assign(plan, &doing, ask.whom, stamp)?),
                    ActKind::Support => accompany::support(plan, &doing, stamp)?,
                    ActKind::Outcome => closing::outcome(plan, &doing, stamp)?,
                    ActKind::CloseCompleted => closing::complete(plan, &doing, &self.follow_ups, stamp)?,
                    ActKind::CloseExpired => closing::expire(plan, &doing, stamp)?,
                    ActKind::CloseTerminated => closing::terminate(plan, &doing, stamp)?,
                    ActKind::Change => editing::change(plan, &doing, ask.change, stamp)?,
                    ActKind::Decline => proposing::decline(plan, &doing, ask.change, stamp)?,
                    ActKind::Extend => editing::extend(plan, &doing, stamp)?,
                    ActKind::Acquaint => acquaint::acquaint(plan, &doing, stamp)?,
                    ActKind::Pause => pausing::pause(plan, &doing, stamp)?,
                    ActKind::Resume => pausing::resume(plan, &doing, stamp)?,
                    ActKind::Reopen => closing::reopen(plan, &doing, other_in_work, stamp)?,
                    _ => agree::act(plan, &doing, stamp)?,
                }
            }
        }
        let ended = course::end_applications(self, place, &doing);
        Ok(Done {
            plan: place,
            assigned,
            ended,
        })
    }

    /// Whether a document stands. The paper of earlier learning does while a step rests on it: with the waiver it is taken
    /// back, and stays a row that says nothing.
    #[must_use]
    pub fn stands(&self, document: &QualificationDocument) -> bool {
        let mut steps = self.plans.iter().flat_map(|plan| plan.items.iter());
        !document.is_of_earlier_learning() || steps.any(|item| item.document_id == Some(document.id))
    }

    /// How often the applications for a course have changed: it grows with each new one and with each act on one.
    #[must_use]
    pub fn version_of_course(&self, of: ProgrammeId) -> i32 {
        let of = self.enrolments.iter().filter(|e| e.programme_id == of);
        of.map(|e| e.version).sum()
    }

    /// An act that answers an older version of what it is about is refused: somebody has changed it meanwhile.
    fn check_seen(&self, place: usize, ask: &Ask<'_>) -> Result<(), Refusal> {
        let Some(seen) = ask.seen else { return Ok(()) };
        let plan = &self.plans[place];
        let item = ask.item.and_then(|n| plan.items.iter().find(|i| i.number == n));
        let stands = match (ask.item, item) {
            (None, _) => plan.row.version,
            (Some(_), Some(item)) => match item.programme_id.filter(|_| ask.kind.is_about_course()) {
                Some(course) => self.version_of_course(course),
                None => item.version,
            },
            (Some(_), None) => return Ok(()),
        };
        if stands == seen || planted!("no_version_check") {
            Ok(())
        } else {
            Err(Refusal::new("iom.changed"))
        }
    }

    /// A provider of programmes acts over its own programmes, whoever learns there; everyone else over the person.
    fn check_rights(&self, place: usize, doing: &Doing<'_>) -> Result<(), Refusal> {
        let plan = &self.plans[place];
        let checked = rights::check(plan, doing);
        let beyond = checked.as_ref().is_err_and(|why| why.code == "iom.not_allowed");
        if !beyond || !matches!(doing.kind, ActKind::Enrol | ActKind::Complete) {
            return checked;
        }
        let own = doing.by.is(self.person);
        let item = plan.items.iter().find(|i| Some(i.number) == doing.item);
        let programme = item.and_then(|i| i.programme_id);
        let provider = self
            .courses
            .iter()
            .find(|c| Some(c.id) == programme)
            .and_then(|c| c.provider);
        match provider {
            Some(unit) if !own && doing.by.holds(&[crate::access::Role::ProgrammeProvider], &[unit]) => Ok(()),
            _ => checked,
        }
    }
}
