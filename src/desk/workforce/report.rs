//! The staff of a unit on a day as it may be told to whoever asks: the people, the groups, and what of the numbers is
//! hidden from those who may not open the lists.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, NaiveDate};

use crate::db::AnyConn;
use crate::db::milli::Milli;
use crate::db::text_keys::search_key;
use crate::desk::list::List;
use crate::desk::registers::reach::{Held, missing};
use crate::desk::small_cells::{FEWEST, Told};
use crate::desk::workforce::cells::grid;
use crate::desk::workforce::counts::{self, By, Group, Rule};
use crate::desk::workforce::need::{self, Need, Posts};
use crate::desk::workforce::rows::{self, Worker};
use crate::desk::workforce::vacancies_rows::{self, Asked as FreePosts};
use crate::error::Error;
use crate::pages::text::typed_day;
use crate::people::vacancy::VacancySource;
use crate::people::{PersonId, StaffKind};
use crate::planted;
use crate::units::{Unit, UnitId, UnitKind};
use crate::web::registry::Capability;
use crate::web::{Call, Visitor};

/// Hours a week that are the norm until a visitor asks for another number.
const NORM: i32 = 36_000;

/// Names of the filters of the report.
pub(crate) const FILTERS: &[&str] = &["unit", "on", "staff", "norm"];

/// Which people are told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub day: NaiveDate,
    /// One population; `None` is both.
    pub kind: Option<StaffKind>,
    pub norm: i64,
}

impl Asked {
    /// Reads the address. Whoever opens no lists chooses neither norm nor population, and of days only those that are
    /// reported on: two pages that differ by one person would tell of that one.
    ///
    /// # Errors
    /// Such a report does not exist.
    pub fn of(at: &mut List, today: NaiveDate, opens: bool) -> Result<Self, Error> {
        let kinds = |code: &str| match code {
            "all" => Some(None),
            code => StaffKind::from_code(code).map(Some),
        };
        let hours = |text: &str| Milli::parse(text).filter(|n| n.0 > 0);
        let norm = at.typed("norm", "Напишите часы числом, например 18.", hours);
        let day = at
            .typed("on", "Напишите день так: 01.09.2026.", typed_day)
            .unwrap_or(today);
        let kind = at.known("staff", kinds)?;
        if !opens && !planted!("report_of_choice") {
            return Ok(Self {
                day: reported_day(day.min(today)),
                kind: Some(StaffKind::Teaching),
                norm: i64::from(NORM),
            });
        }
        Ok(Self {
            day,
            kind: kind.unwrap_or(Some(StaffKind::Teaching)),
            norm: i64::from(norm.map_or(NORM, |n| n.0)),
        })
    }
}

/// The last day up to this one that everybody reports on: 1 January and 1 September. TC: days of the region.
fn reported_day(day: NaiveDate) -> NaiveDate {
    let of = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).filter(|first| *first <= day);
    of(9).or_else(|| of(1)).unwrap_or(day)
}

/// The days to choose from for whoever opens no lists, the latest first.
pub(crate) fn reported_days(today: NaiveDate) -> Vec<NaiveDate> {
    let mut days = vec![reported_day(today)];
    while days.len() < 6 {
        let Some(before) = days.last().and_then(NaiveDate::pred_opt) else {
            break;
        };
        days.push(reported_day(before));
    }
    days
}

/// Whether a visitor opens the people behind these numbers.
pub(crate) fn opens(visitor: &Visitor) -> bool {
    visitor.may(Capability::WorkforcePeople)
}

/// The report as it was read.
pub(crate) struct Report {
    pub held: Held,
    pub asked: Asked,
    pub today: NaiveDate,
    pub unit: Unit,
    pub rule: Rule,
    /// Organisations of the unit that stand on the day.
    pub organisations: BTreeSet<UnitId>,
    /// People of the unit.
    pub workers: BTreeMap<PersonId, Worker>,
    pub opens: bool,
    /// Units to choose from: codes and names.
    pub units: Vec<(String, String)>,
    pub need: Vec<Need>,
    pub posts: Posts,
    /// For whoever opens no lists: the units beside each other, the one that is asked for among them, and everybody.
    beside: Option<Beside>,
}

/// Units that are told of together, so that nothing is found by subtraction.
struct Beside {
    /// People of all of them together.
    everyone: BTreeMap<PersonId, Worker>,
    /// Which of them an organisation belongs to.
    of: HashMap<UnitId, usize>,
    many: usize,
    /// The row of the unit: one of them, or all together; `None` tells nothing.
    row: Option<usize>,
    /// By the key of a subject, a row for each unit and one for all.
    subjects: BTreeMap<String, Vec<[i64; 3]>>,
}

/// Reads the report that the address asks for.
pub(crate) async fn find(call: &Call, at: &mut List) -> Result<Report, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let asked = Asked::of(at, today, opens(&visitor))?;
    let code = at.get("unit").map(str::to_owned);
    let read = move |c: &mut AnyConn| load(c, &visitor, (asked, today), code.as_deref());
    call.app().db.read(read).await
}

fn load(
    c: &mut AnyConn,
    visitor: &Visitor,
    (asked, today): (Asked, NaiveDate),
    code: Option<&str>,
) -> Result<Report, Error> {
    let held = Held::of(c, visitor, asked.day)?;
    let own: Vec<Unit> = held.own().into_iter().cloned().collect();
    let whole = own.first().cloned().ok_or_else(missing)?;
    let unit = match code {
        None => whole.clone(),
        Some(code) => own.iter().find(|u| u.code == code).cloned().ok_or_else(missing)?,
    };
    let organisations: BTreeSet<UnitId> = held.tree.organisations(unit.id).into_iter().collect();
    let opens = opens(visitor);
    let bounds = |of: UnitId| -> Option<BTreeSet<UnitId>> {
        (of != held.region).then(|| held.tree.organisations(of).into_iter().collect())
    };
    let read = |c: &mut AnyConn, of| rows::workers(c, held.region, bounds(of).as_ref(), asked.kind, asked.day);
    let beside = match opens {
        true => None,
        false => Some(Beside::of(read(c, whole.id)?, &held, &whole, &unit)),
    };
    let workers = match &beside {
        None => read(c, unit.id)?,
        Some(beside) => {
            let here = |w: &Worker| w.places.iter().any(|p| organisations.contains(p));
            let all = beside.everyone.values().filter(|w| here(w));
            all.map(|w| (w.id, w.clone())).collect()
        }
    };
    let kinds = organisations
        .iter()
        .map(|id| (*id, held.tree.unit(*id).and_then(|u| u.org_kind)))
        .collect();
    let free = FreePosts {
        day: asked.day,
        text: None,
        source: Some(VacancySource::Own),
        against: None,
    };
    let mut vacancies = vacancies_rows::open(c, &held, Some(unit.id), &free)?;
    vacancies.retain(|v| v.source == VacancySource::Own);
    let posts = need::posts(c, held.region, &organisations, asked.day)?;
    let units = match &beside {
        None => own.iter().map(|u| (u.code.clone(), u.name.clone())).collect(),
        Some(_) => {
            let level = level_below(&whole);
            let named = own
                .iter()
                .filter(|u| u.id == whole.id || u.id == unit.id || u.kind == level);
            named.map(|u| (u.code.clone(), u.name.clone())).collect()
        }
    };
    let rule = Rule {
        day: asked.day,
        norm: asked.norm,
        kinds,
    };
    Ok(Report {
        need: need::need(workers.values(), &vacancies),
        held,
        asked,
        today,
        unit,
        rule,
        organisations,
        workers,
        opens,
        units,
        posts,
        beside,
    })
}

/// The kind of units that stand beside each other below one.
fn level_below(whole: &Unit) -> UnitKind {
    match whole.kind {
        UnitKind::Region | UnitKind::Zone => UnitKind::Municipality,
        UnitKind::Municipality | UnitKind::Organisation => UnitKind::Organisation,
    }
}

impl Beside {
    fn of(everyone: BTreeMap<PersonId, Worker>, held: &Held, whole: &Unit, unit: &Unit) -> Self {
        let level = level_below(whole);
        let mut units: Vec<UnitId> = Vec::new();
        let mut of = HashMap::new();
        for organisation in held.tree.organisations(whole.id) {
            let above = held.tree.ancestor(organisation, level).unwrap_or(organisation);
            let place = units.iter().position(|u| *u == above).unwrap_or_else(|| {
                units.push(above);
                units.len() - 1
            });
            of.insert(organisation, place);
        }
        let row = if unit.id == whole.id {
            Some(units.len())
        } else {
            units.iter().position(|u| *u == unit.id)
        };
        Self {
            subjects: need::beside(&everyone, &of, units.len()),
            everyone,
            of,
            many: units.len(),
            row,
        }
    }

    /// Everybody and the groups of each unit, and of all of them in the last row.
    fn counts(&self, by: By, rule: &Rule, kinds: &Rule) -> Vec<Vec<i64>> {
        let mut rows = Vec::with_capacity(self.many + 1);
        for place in 0..=self.many {
            let here = |w: &&Worker| {
                place == self.many || w.places.iter().any(|p| self.of.get(p).is_some_and(|own| *own == place))
            };
            let groups = counts::groups(self.everyone.values().filter(here), by, kinds);
            let all = self.everyone.values().filter(here).count();
            let all = i64::try_from(all).unwrap_or(i64::MAX);
            rows.push(std::iter::once(all).chain(groups.iter().map(|g| g.all)).collect());
        }
        debug_assert_eq!(rule.norm, kinds.norm);
        rows
    }
}

/// A group as it may be told: people, and women among them where that is told at all.
pub(crate) struct Line {
    pub group: Group,
    pub all: Told,
    pub women: Option<Told>,
}

impl Report {
    /// How many people the report is of, as it may be told.
    pub fn everyone(&self) -> Told {
        match &self.beside {
            None => Told::Number(i64::try_from(self.workers.len()).unwrap_or(i64::MAX)),
            Some(_) => self
                .row(By::Education)
                .and_then(|row| row.into_iter().next())
                .unwrap_or(Told::Hidden),
        }
    }

    /// Who teaches a subject, who off the profile, and who of these was retrained. Units stand beside each other here too:
    /// the page of each of them can be opened, and taken from the page of all.
    pub fn subject(&self, of: &Need) -> [Told; 3] {
        let Some(beside) = &self.beside else {
            return [of.teachers, of.off, of.retrained].map(Told::Number);
        };
        let units = beside.subjects.get(&search_key(&of.subject));
        // Those who teach on the profile, off it without retraining, and with it, make up everybody.
        let parts = |[all, off, again]: &[i64; 3]| vec![*all, all - off, off - again, *again];
        let counts: Vec<Vec<i64>> = units.into_iter().flatten().map(parts).collect();
        let row = beside
            .row
            .and_then(|row| Some((grid(&counts, true).into_iter().nth(row)?, units?.get(row)?)));
        let Some((told, [_, off, _])) = row else {
            // A subject with free posts alone.
            let nobody = of.teachers == 0 && beside.row.is_some();
            return [if nobody { Told::Number(0) } else { Told::Hidden }; 3];
        };
        let at = |place: usize| told.get(place).copied().unwrap_or(Told::Hidden);
        let found = matches!((at(0), at(1)), (Told::Number(_), Told::Number(_)));
        let off = match *off {
            off if found => Told::Number(off),
            off if (1..FEWEST).contains(&off) => Told::Few,
            _ => Told::Hidden,
        };
        [at(0), off, at(3)]
    }

    /// Whether nothing is told of this unit to whoever asks.
    pub fn is_silent(&self) -> bool {
        self.beside.as_ref().is_some_and(|b| b.row.is_none())
    }

    fn row(&self, by: By) -> Option<Vec<Told>> {
        let beside = self.beside.as_ref()?;
        let kinds = Rule {
            kinds: beside
                .of
                .keys()
                .map(|id| (*id, self.held.tree.unit(*id).and_then(|u| u.org_kind)))
                .collect(),
            ..self.rule.clone()
        };
        let counts = beside.counts(by, &self.rule, &kinds);
        grid(&counts, counts::is_partition(by)).into_iter().nth(beside.row?)
    }

    /// The groups of a breakdown.
    pub fn lines(&self, by: By) -> Vec<Line> {
        let groups = counts::groups(self.workers.values(), by, &self.rule);
        if self.opens {
            let told = |group: Group| Line {
                all: Told::Number(group.all),
                women: Some(Told::Number(group.women)),
                group,
            };
            return groups.into_iter().map(told).collect();
        }
        let told = self.row(by).unwrap_or_default();
        let told = told.into_iter().skip(1);
        let line = |(group, all)| Line {
            group,
            all,
            women: None,
        };
        groups.into_iter().zip(told).map(line).collect()
    }
}
