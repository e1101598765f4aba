//! Open plans that stand below the newest version of their template, and what it proposes to each: a few queries for all.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Author;
use crate::audit;
use crate::db::schema::{iom, iom_goal, iom_item, iom_template, person};
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::bounds::{Bounds, working};
use crate::desk::plan::acts::{self, Wanted};
use crate::error::{Error, Refusal};
use crate::iom::offer::{self, Course};
use crate::iom::proposal::{Difference, Sides};
use crate::iom::proposing::Taken;
use crate::iom::template::{self, Step, Template};
use crate::iom::{ActKind, Goal, Iom, IomId, IomState, Item, TemplateId};
use crate::units::UnitId;

/// A proposal to a plan.
#[derive(Debug)]
pub struct Proposed {
    /// The plan.
    pub plan: Iom,
    /// The template in its newest version.
    pub template: Template,
    /// What it proposes.
    pub difference: Difference,
    goals: Vec<Goal>,
}

impl Proposed {
    fn taken(&self) -> Taken {
        Taken {
            template: self.template.record_id,
            version: self.template.version,
        }
    }

    /// What a form carries of it: another proposal, another state of the plan and another version give another one.
    #[must_use]
    pub fn token(&self) -> String {
        let mut said = audit::digest(self.difference.said().as_bytes());
        said.truncate(16);
        format!(
            "{}.{}.{}.{said}",
            self.plan.id, self.plan.version, self.template.version
        )
    }

    /// What is written as the reason unless somebody says more.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("Шаблон «{}», версия {}", self.template.title, self.template.version)
    }
}

/// The plan that a form's token is about.
#[must_use]
pub fn plan_of(token: &str) -> Option<IomId> {
    token.split('.').next()?.parse().ok().map(IomId)
}

/// Plans within bounds that have a proposal, by the names of their people, and how many there are; `span` says how many of
/// so many are skipped and how many are read at most.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut AnyConn,
    bounds: &Bounds,
    template: Option<TemplateId>,
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<(Vec<Iom>, usize), DbError> {
    // Boxed queries are not cloned: the same conditions make the count and the page.
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query
                .filter(iom::region_id.eq(bounds.region))
                .filter(iom::state.ne(IomState::Closed))
                .filter(iom_template::superseded_at.is_null())
                .filter(iom::template_version.lt(iom_template::version.nullable()))
                .into_boxed();
            if let Some(template) = template {
                query = query.filter(iom::template_id.eq(template));
            }
            if let Some(organisations) = &bounds.organisations {
                query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
            }
            query
        }};
    }
    let joined = || {
        iom::table
            .inner_join(
                iom_template::table.on(iom_template::region_id
                    .eq(iom::region_id)
                    .and(iom_template::record_id.nullable().eq(iom::template_id))),
            )
            .inner_join(person::table.on(person::id.eq(iom::person_id).and(person::region_id.eq(iom::region_id))))
    };
    let total: i64 = narrowed!(joined().select(diesel::dsl::count_star())).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let plans = narrowed!(joined().select(Iom::as_select()))
        .order((person::sort_key, iom::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok((plans, total))
}

/// How many open plans follow each template, and how many of them have a proposal.
///
/// # Errors
/// Those of the database.
pub fn counts(
    conn: &mut AnyConn,
    bounds: &Bounds,
    today: NaiveDate,
) -> Result<HashMap<TemplateId, (i64, i64)>, DbError> {
    let mut found: HashMap<TemplateId, (i64, i64)> = HashMap::new();
    for waiting in [false, true] {
        let mut query = iom::table
            .inner_join(
                iom_template::table.on(iom_template::region_id
                    .eq(iom::region_id)
                    .and(iom_template::record_id.nullable().eq(iom::template_id))),
            )
            .filter(iom::region_id.eq(bounds.region))
            .filter(iom::state.ne(IomState::Closed))
            .filter(iom_template::superseded_at.is_null())
            .group_by(iom_template::record_id)
            .select((iom_template::record_id, diesel::dsl::count_star()))
            .into_boxed();
        if waiting {
            query = query.filter(iom::template_version.lt(iom_template::version.nullable()));
        }
        if let Some(organisations) = &bounds.organisations {
            query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
        }
        let rows: Vec<(TemplateId, i64)> = query.load(conn)?;
        for (template, plans) in rows {
            let of = found.entry(template).or_default();
            *(if waiting { &mut of.1 } else { &mut of.0 }) = plans;
        }
    }
    Ok(found)
}

/// The proposals of plans of one region. `chosen` is proposed to those that follow no template yet; plans without a
/// proposal are left out.
///
/// # Errors
/// Those of the database; a template that cannot be read.
pub fn of(
    conn: &mut AnyConn,
    region: UnitId,
    plans: Vec<Iom>,
    chosen: Option<&Template>,
    today: NaiveDate,
) -> Result<Vec<Proposed>, Error> {
    let ids: Vec<IomId> = plans.iter().map(|p| p.id).collect();
    let (mut items, mut goals): (HashMap<IomId, Vec<Item>>, HashMap<IomId, Vec<Goal>>) = Default::default();
    for block in ids.chunks(1000) {
        let rows: Vec<Item> = iom_item::table
            .filter(iom_item::region_id.eq(region))
            .filter(iom_item::iom_id.eq_any(block))
            .order((iom_item::iom_id, iom_item::number))
            .select(Item::as_select())
            .load(conn)
            .map_err(DbError::from)?;
        for row in rows {
            items.entry(row.iom_id).or_default().push(row);
        }
        let rows: Vec<Goal> = iom_goal::table
            .filter(iom_goal::region_id.eq(region))
            .filter(iom_goal::iom_id.eq_any(block))
            .filter(iom_goal::removed_at.is_null())
            .order((iom_goal::number, iom_goal::id))
            .select(Goal::as_select())
            .load(conn)
            .map_err(DbError::from)?;
        for row in rows {
            goals.entry(row.iom_id).or_default().push(row);
        }
    }
    let wanted: BTreeSet<TemplateId> = plans.iter().filter_map(|p| p.template_id).collect();
    let wanted: Vec<TemplateId> = wanted.into_iter().collect();
    let mut versions: HashMap<TemplateId, Vec<(Template, Vec<Step>)>> = HashMap::new();
    let known = template::of_all(conn, region, &wanted)?;
    for one in known.into_iter().chain(chosen.cloned()) {
        let steps = one.steps()?;
        versions.entry(one.record_id).or_default().push((one, steps));
    }
    let newest = versions.values().filter_map(|of| of.first());
    let codes: BTreeSet<&String> = newest
        .flat_map(|(_, steps)| steps)
        .filter_map(|s| s.programme.as_ref())
        .collect();
    let codes: Vec<String> = codes.into_iter().cloned().collect();
    let courses: HashMap<String, Course> = offer::by_codes(conn, &codes)?
        .into_iter()
        .map(|course| (course.code.clone(), course))
        .collect();
    let mut found = Vec::with_capacity(plans.len());
    for plan in plans.into_iter().filter(|p| p.state != IomState::Closed) {
        let record = plan.template_id.or_else(|| chosen.map(|of| of.record_id));
        let Some(of) = record.and_then(|record| versions.get(&record)) else {
            continue;
        };
        let Some((newest, to)) = of.first() else { continue };
        let from = match (plan.template_id, plan.template_version) {
            (None, _) => &[],
            (_, Some(own)) if own < newest.version => match of.iter().find(|(one, _)| one.version == own) {
                Some((_, steps)) => steps.as_slice(),
                None => continue,
            },
            _ => continue,
        };
        let sides = Sides {
            plan: &plan,
            items: items.get(&plan.id).map_or(&[], Vec::as_slice),
            from,
            to,
            courses: &courses,
            today,
        };
        found.push(Proposed {
            difference: sides.difference(),
            template: newest.clone(),
            goals: goals.remove(&plan.id).unwrap_or_default(),
            plan,
        });
    }
    Ok(found)
}

/// How a proposal is answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Taken, or declined.
    pub accept: bool,
    /// Why.
    pub reason: String,
    /// Who answers.
    pub by: Author,
}

/// Answers proposals as their forms have shown them; those that cannot be come back by place with the reason.
///
/// # Errors
/// Those of the database.
pub fn answer(
    tx: &mut Tx<'_>,
    key: &[u8],
    proposed: &[Proposed],
    tokens: &[String],
    of: &Answered,
) -> Result<Vec<(usize, Refusal)>, Error> {
    let now: HashMap<String, &Proposed> = proposed.iter().map(|one| (one.token(), one)).collect();
    let (mut wanted, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (place, token) in tokens.iter().enumerate() {
        let Some(one) = now.get(token) else {
            refused.push((place, Refusal::new("proposal.stale")));
            continue;
        };
        let taken = one.taken();
        places.push(place);
        wanted.push(Wanted {
            region: one.plan.region_id,
            person: one.plan.person_id,
            kind: if of.accept { ActKind::Change } else { ActKind::Decline },
            item: None,
            by: of.by.clone(),
            value: String::new(),
            reason: of.reason.clone(),
            seen: Some(one.plan.version),
            plan: Some(one.plan.id),
            change: Some(one.difference.change(&one.plan, &one.goals, taken)),
        });
    }
    for (at, why) in acts::each_in(tx, key, &wanted)? {
        refused.extend(places.get(at).map(|place| (*place, why)));
    }
    refused.sort_by_key(|(place, _)| *place);
    Ok(refused)
}
