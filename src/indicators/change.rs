//! Why a figure changed between two days, or between what was known then and what is known now: every subject that brings
//! something else stands in one part, and the parts add up to the difference.
//!
//! The difference is walked in steps, each over the same people: what happened (the earlier version of the pack on both
//! sides), then its parameters, then its formula.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::causes::{Cause, Side, cause};
use super::condition::Subject;
use super::contributions::{Facts, Key, Made, Share, counted};
use super::evaluate::Evaluation;
use super::formula::{Formula, Leaf};
use super::ground::{self, Ground};
use super::load;
use super::pack::{Indicator, Pack};
use super::values::Query;
use super::versions::{self, Version};
use crate::db::{AnyConn, DbError};
use crate::error::{Error, Refusal};
use crate::facts::load::{self as facts_load, Block, Reference};
use crate::facts::{self, FactPeriod, FactPeriodId, PersonFacts, Window, person};
use crate::people::PersonId;
use crate::planted;
use crate::units::{self, UnitId, UnitKind};

/// A day looked at: as known at a moment (`None`: now), by the version of the pack that was in force at another.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The day: what came after it has not happened.
    pub day: NaiveDate,
    /// The moment whose knowledge counts.
    pub known: Option<NaiveDateTime>,
    /// The moment whose version of the pack counts.
    pub version: NaiveDateTime,
}

impl Moment {
    /// A day as it is known now, by the version that was in force on it.
    #[must_use]
    pub fn of(day: NaiveDate, zone_hours: i32) -> Self {
        Self {
            day,
            known: None,
            version: versions::end_of(day, zone_hours),
        }
    }
}

/// One step: a version of the pack over the facts of a side.
#[derive(Debug)]
pub(super) struct Step {
    /// Why this step differs from the one before; what happened has many causes.
    why: Option<Cause>,
    pack: Pack,
    pub(super) period: FactPeriod,
    pub(super) ground: Ground,
    /// Which facts of [`Change::facts`].
    facts: usize,
}

/// A time that a person worked somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spell {
    pub organisation: UnitId,
    pub from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub to: Option<NaiveDate>,
}

/// Two sides of a comparison with everyone who may count in a unit.
#[derive(Debug)]
pub struct Change {
    /// From where.
    pub from: Moment,
    /// To where.
    pub to: Moment,
    /// The earlier and the later version of the pack.
    pub versions: (Version, Version),
    /// The first side, the second one, then what the pack changes.
    pub(super) steps: Vec<Step>,
    facts: Vec<Vec<PersonFacts>>,
    pub(super) spells: HashMap<PersonId, Vec<Spell>>,
}

/// A subject of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The subject.
    pub key: Key,
    /// What it adds above the line, thousandths.
    pub numerator: i64,
    /// And below.
    pub denominator: i64,
}

/// A part of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub cause: Cause,
    /// What it adds above the line, thousandths.
    pub numerator: i64,
    /// And below.
    pub denominator: i64,
    /// Its list.
    pub subjects: Vec<Changed>,
}

/// A difference in parts.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The indicator, as the later version has it.
    pub indicator: Indicator,
    /// The unit.
    pub unit: UnitId,
    /// What stood above and below the line, thousandths.
    pub before: (Option<i64>, Option<i64>),
    /// What stands there.
    pub after: (Option<i64>, Option<i64>),
    /// Whether each side is a mean: the values of units above the line, the units below it.
    pub means: (bool, bool),
    /// Parts in the order of [`Cause`]; one without a subject is only told.
    pub parts: Vec<Part>,
}

impl Explained {
    /// A part.
    #[must_use]
    pub fn part(&self, cause: Cause) -> Option<&Part> {
        self.parts.iter().find(|part| part.cause == cause)
    }
}

/// Which facts are computed: as known when, over which days.
type Asked = (Option<NaiveDateTime>, Window);

impl Change {
    /// Reads both sides for everyone who may count in a unit. `only` names the indicators that will be asked for.
    ///
    /// # Errors
    /// There is no such pack or it does not read; a day lies in no period of it; those of the database.
    pub fn load(
        conn: &mut AnyConn,
        code: &str,
        within: UnitId,
        (from, to): (Moment, Moment),
        only: Option<&[String]>,
    ) -> Result<Self, Error> {
        let earlier = versions::at(conn, code, from.version)?;
        let later = versions::at(conn, code, to.version)?;
        let mut plan: Vec<(Option<Cause>, Pack, Moment)> =
            vec![(None, earlier.pack.clone(), from), (None, earlier.pack.clone(), to)];
        if !earlier.is(&later) {
            if let Some(pack) = earlier.with_parameters_of(&later.pack)? {
                plan.push((Some(Cause::Parameters), pack, to));
            }
            plan.push((Some(Cause::Formula), later.pack.clone(), to));
        }
        let mut asked: Vec<Asked> = Vec::new();
        let mut periods = Vec::with_capacity(plan.len());
        for (_, pack, moment) in &plan {
            let period = period_of(pack, moment.day)?;
            let day = if planted!("change_day_off") && asked.len() == 1 {
                moment.day.pred_opt().unwrap_or(moment.day)
            } else {
                moment.day
            };
            let one = (moment.known, period.window().as_of(day));
            let place = asked.iter().position(|a| *a == one).unwrap_or(asked.len());
            if place == asked.len() {
                asked.push(one);
            }
            periods.push((period, place));
        }
        let blocks = blocks(conn, within, &[from, to])?;
        let wanted = |i: &&Indicator| only.is_none_or(|only| only.contains(&i.code));
        let all = plan
            .iter()
            .flat_map(|(_, pack, _)| pack.indicators.iter().filter(wanted));
        let mut leaves = all.filter_map(|i| i.formula.as_ref()).flat_map(Formula::leaves);
        let of_jobs = |leaf: &Leaf| leaf.subject == Subject::Person && leaf.condition.rests_on_jobs();
        // What people passed, learnt and took part in is the most of what is known of them, and is read where it is asked for.
        let alone = leaves.all(of_jobs) || planted!("jobs_stand_for_all");
        let (facts, spells) = compute(conn, &blocks, &asked, alone)?;
        let mut steps = Vec::with_capacity(plan.len());
        for ((why, pack, moment), (period, place)) in plan.into_iter().zip(periods) {
            let query = Query {
                level: UnitKind::Organisation,
                unit: Some(within),
                indicator: None,
                as_of: Some(moment.day),
                known_at: moment.known,
                breakdowns: false,
            };
            let indicators: Vec<&Indicator> = pack.indicators.iter().filter(wanted).collect();
            let ground = ground::of_facts(conn, &pack, &period, &query, &indicators, &facts[place])?;
            steps.push(Step {
                why,
                pack,
                period,
                ground,
                facts: place,
            });
        }
        Ok(Self {
            from,
            to,
            versions: (earlier, later),
            steps,
            facts,
            spells,
        })
    }

    /// The periods of the two sides.
    #[must_use]
    pub fn periods(&self) -> (&FactPeriod, &FactPeriod) {
        (&self.steps[0].period, &self.steps[self.steps.len() - 1].period)
    }

    /// Organisations of a unit on either side.
    #[must_use]
    pub fn organisations(&self, unit: UnitId) -> HashSet<UnitId> {
        let of = |step: &Step| step.ground.tree.organisations(unit);
        self.steps.iter().flat_map(of).collect()
    }

    /// The two sides as a unit sees them.
    pub(super) fn sides(&self, unit: UnitId) -> (Side<'_>, Side<'_>) {
        (self.side(&self.steps[0], unit), self.side(&self.steps[1], unit))
    }

    fn side<'a>(&'a self, step: &'a Step, unit: UnitId) -> Side<'a> {
        let people = self.facts[step.facts].iter();
        Side {
            tree: &step.ground.tree,
            day: step.ground.day,
            unit,
            inside: step.ground.tree.organisations(unit).into_iter().collect(),
            people: people.map(|known| (known.person.person_id, known)).collect(),
            programmes: &step.ground.programmes,
        }
    }

    /// The difference of an indicator in a unit, in parts.
    ///
    /// # Errors
    /// No version has such an indicator; its figure is made of no parts.
    pub fn explain(&self, code: &str, unit: UnitId) -> Result<Explained, Error> {
        let (first, last) = (&self.steps[0], &self.steps[self.steps.len() - 1]);
        let known = |step: &Step| step.pack.indicator(code).cloned();
        let missing = || Error::NotFound(format!("показатель {code} в пакете {}", last.pack.code));
        let indicator = known(last).or_else(|| known(first)).ok_or_else(missing)?;
        let whole = |step: &&Step| step.pack.indicator(code).is_none_or(|i| counted(i).is_some());
        if !self.steps.iter().all(|step| whole(&step)) {
            return Err(Refusal::new("indicators.no_parts")
                .with("indicator", format!("{} {}", indicator.code, indicator.title))
                .into());
        }
        let made: Vec<Made> = self.steps.iter().map(|step| self.made(step, code, unit)).collect();
        let mut parts = Parts::default();
        let (before, after) = (&made[0], &made[made.len() - 1]);
        match (before.reported, after.reported) {
            (Some(then), Some(now)) => {
                parts.add(Cause::Restated, Key::Unit(unit), (now.0 - then.0, now.1 - then.1));
            }
            (then, now) => {
                self.walk(&made, unit, &mut parts);
                if then.is_some() || now.is_some() {
                    let gap = |said: Option<(i64, i64)>, of: &Made| {
                        let (upper, lower) = (of.numerator.unwrap_or(0), of.denominator.unwrap_or(0));
                        said.map_or((0, 0), |(n, d)| (n - upper, d - lower))
                    };
                    let (then, now) = (gap(then, before), gap(now, after));
                    parts.add(Cause::Reported, Key::Unit(unit), (now.0 - then.0, now.1 - then.1));
                }
            }
        }
        let mut parts = parts.sorted();
        let target = |step: &Step| {
            let of = step.ground.tree.unit(unit).map_or("", |u| u.code.as_str());
            step.pack.indicator(code).and_then(|i| i.target(of, &step.period.code))
        };
        if target(first) != target(last) {
            parts.push(Part {
                cause: Cause::Target,
                numerator: 0,
                denominator: 0,
                subjects: Vec::new(),
            });
        }
        let figure = |of: &Made| {
            of.reported
                .map_or((of.numerator, of.denominator), |(n, d)| (Some(n), Some(d)))
        };
        let mean = |of: &Made| of.mean && of.reported.is_none();
        Ok(Explained {
            indicator,
            unit,
            before: figure(before),
            after: figure(after),
            means: (mean(before), mean(after)),
            parts,
        })
    }

    fn made(&self, step: &Step, code: &str, unit: UnitId) -> Made {
        let Some(indicator) = step.pack.indicator(code) else {
            return Made::default();
        };
        let facts = Facts {
            evaluation: Evaluation {
                pack: &step.pack,
                ground: &step.ground,
                broken: None,
            },
            people: &self.facts[step.facts],
        };
        facts.made(indicator, unit)
    }

    /// Every step against the one before it.
    fn walk(&self, made: &[Made], unit: UnitId, parts: &mut Parts) {
        let (from, to) = self.sides(unit);
        for (pair, step) in made.windows(2).zip(&self.steps[1..]) {
            let [before, after] = pair else { continue };
            let keys: BTreeSet<&Key> = before.of.keys().chain(after.of.keys()).collect();
            for key in keys {
                let of = |made: &Made| made.of.get(key).copied().unwrap_or_default();
                let (then, now): (Share, Share) = (of(before), of(after));
                let delta = (now.numerator - then.numerator, now.denominator - then.denominator);
                if delta == (0, 0) {
                    continue;
                }
                let why = match step.why {
                    Some(why) if !planted!("formula_to_people") => why,
                    _ => cause(key, then, now, &from, &to),
                };
                parts.add(why, key.clone(), delta);
            }
        }
    }
}

/// Parts as they are gathered: a subject stands in one part once.
#[derive(Default)]
struct Parts(BTreeMap<Cause, BTreeMap<Key, (i64, i64)>>);

impl Parts {
    fn add(&mut self, cause: Cause, key: Key, (numerator, denominator): (i64, i64)) {
        if (numerator, denominator) == (0, 0) {
            return;
        }
        let sum = self.0.entry(cause).or_default().entry(key).or_default();
        sum.0 += numerator;
        sum.1 += denominator;
    }

    fn sorted(self) -> Vec<Part> {
        let part = |(cause, subjects): (Cause, BTreeMap<Key, (i64, i64)>)| Part {
            cause,
            numerator: subjects.values().map(|(n, _)| n).sum(),
            denominator: subjects.values().map(|(_, d)| d).sum(),
            subjects: subjects
                .into_iter()
                .map(|(key, (numerator, denominator))| Changed {
                    key,
                    numerator,
                    denominator,
                })
                .collect(),
        };
        self.0.into_iter().map(part).collect()
    }
}

fn period_of(pack: &Pack, day: NaiveDate) -> Result<FactPeriod, Error> {
    let code = pack.basis.period_of(day).ok_or_else(|| {
        Refusal::new("indicators.no_period")
            .with("period", day)
            .with("kind", pack.basis.kind.label())
            .with("like", pack.basis.kind.like(&day.to_string()))
    })?;
    load::unopened(&pack.basis, &code)
}

/// Everyone who may count in a unit on either side.
fn blocks(conn: &mut AnyConn, within: UnitId, moments: &[Moment]) -> Result<Vec<Block>, DbError> {
    let mut organisations = HashSet::new();
    let mut region = within;
    for moment in moments {
        let tree = units::store::tree(conn, moment.day, moment.known)?;
        if let Some(unit) = tree.unit(within) {
            region = unit.region_id;
        }
        organisations.extend(tree.organisations(within));
    }
    if region == within {
        return facts_load::everyone(conn, Some(region));
    }
    let organisations: Vec<UnitId> = organisations.into_iter().collect();
    let persons = facts::store::ever_in(conn, region, &organisations)?;
    facts_load::named(conn, &[region], &persons)
}

type Computed = (Vec<Vec<PersonFacts>>, HashMap<PersonId, Vec<Spell>>);

/// The facts that are asked for, each source read once for each moment of knowledge; `alone`: of jobs alone.
fn compute(conn: &mut AnyConn, blocks: &[Block], asked: &[Asked], alone: bool) -> Result<Computed, DbError> {
    let mut reference = Reference::load(conn)?;
    let mut facts: Vec<Vec<PersonFacts>> = asked.iter().map(|_| Vec::new()).collect();
    let mut spells = HashMap::new();
    let mut read: Vec<Option<NaiveDateTime>> = Vec::new();
    // The later side last: what it knows of jobs is what is told.
    for (known, _) in asked {
        if read.contains(known) {
            continue;
        }
        read.push(*known);
        for block in blocks {
            let sources = if alone {
                facts_load::jobs_alone(conn, block, *known)?
            } else {
                facts_load::sources(conn, &mut reference, block, *known)?
            };
            for source in sources {
                for ((_, window), list) in asked.iter().zip(&mut facts).filter(|((k, _), _)| k == known) {
                    list.extend(person::facts(&source, FactPeriodId(0), window, true));
                }
                let jobs = source.jobs.iter().map(|job| Spell {
                    organisation: job.organisation,
                    from: job.valid_from,
                    to: job.valid_to,
                });
                spells.insert(source.person, jobs.collect());
            }
        }
    }
    Ok((facts, spells))
}
