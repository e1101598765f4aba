//! «Ход маршрутов»: days from the diagnosis to a visible plan, who is accompanied, what is at risk and why, whose people
//! are late, how far the courses have come, what came of the deficits. Every number opens the list of its plans.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::access::AccountId;
use crate::catalogue::ProgrammeKind;
use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::list::{self, List};
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::kpi_rows::{self, Watched};
use crate::desk::plan::list::{self as plans, PLATFORM};
use crate::desk::plan::list_rows::{self, Wanted};
use crate::desk::plan::supporters_rows;
use crate::desk::registers::page::{Block, Sheet, fact};
use crate::enrolment::training::{self, Training, TrainingStage};
use crate::error::Error;
use crate::iom::watch::{Formed, Risk};
use crate::iom::{DeficitOutcome, IomId};
use crate::pages::parts::{Cell, Column, Empty, Fact, Link, Register};
use crate::pages::text::{NOTHING, capital, count, number, percent};
use crate::units;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Names of the filters.
const NAMES: [&str; 3] = ["unit", "procedure", "platform"];

/// Somebody whose people are late.
struct Late {
    account: AccountId,
    login: String,
    name: String,
    roles: Vec<&'static str>,
    plans: usize,
}

struct Shown {
    all: Vec<Watched>,
    late: Vec<Late>,
    trainings: Vec<Training>,
    deficits: BTreeMap<Option<DeficitOutcome>, (i64, i64)>,
    units: Vec<(String, String)>,
    procedures: Vec<(String, String)>,
}

/// GET /plans/kpi
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?;
        let shown = read(&call, &at).await?;
        let late: Vec<AccountId> = at.rows(shown.late.iter().map(|of| of.account).collect());
        let sheet = sheet(&at, &shown, call.visitor()?.may(Capability::Supporters))?;
        looked::list(&call, "supporter", &at.codes(&["procedure"]), &late, shown.late.len()).await?;
        Answer::page("desk/register", &sheet)
    })
}

async fn read(call: &Call, at: &List) -> Result<Shown, Error> {
    let within = bounds::within(call)?;
    let region = within.region.ok_or_else(missing)?;
    let (own, today) = (at.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let tree = units::store::tree(c, today, None)?;
        let (organisations, procedure) = plans::place(c, &own, &within, (&bounds, &tree), today)?;
        let wanted = Wanted {
            organisations,
            procedure: procedure.as_ref().map(|(code, _)| code.clone()),
            platform: own.known("platform", plans::platform)?,
            ..Wanted::all()
        };
        let mut procedures = kpi_rows::procedures(c, region)?;
        // One that nobody's plan answers can be asked for by its address.
        let asked = procedure.filter(|of| !procedures.contains(of));
        procedures.extend(asked);
        let all = list_rows::watched(c, &bounds, &wanted, today)?;
        let ids: BTreeSet<IomId> = all.iter().map(|of| of.plan).collect();
        let late = all.iter().filter(|of| of.risks.contains(&Risk::Overdue));
        let late: BTreeSet<IomId> = late.map(|of| of.plan).collect();
        let mut by = kpi_rows::accompanied_by(c, region, &late, today)?;
        let mut late: Vec<Late> = Vec::new();
        let mut places: HashMap<AccountId, usize> = HashMap::new();
        for of in supporters_rows::known(c, &within, &tree, today)? {
            let place = match places.get(&of.account) {
                Some(place) => *place,
                None => {
                    let Some(plans) = by.remove(&of.account) else { continue };
                    places.insert(of.account, late.len());
                    late.push(Late {
                        account: of.account,
                        login: of.login,
                        name: of.name,
                        roles: Vec::new(),
                        plans: plans.len(),
                    });
                    late.len() - 1
                }
            };
            if !late[place].roles.contains(&of.role.label()) {
                late[place].roles.push(of.role.label());
            }
        }
        late.sort_by(|a, b| (b.plans, &a.name, a.account).cmp(&(a.plans, &b.name, b.account)));
        let mut trainings = training::all(c, region)?;
        trainings.retain(|of| ids.contains(&of.plan));
        Ok(Shown {
            trainings,
            deficits: kpi_rows::deficits(c, region, &ids)?,
            units: list::units(&tree, &within, own.get("unit")),
            procedures,
            all,
            late,
        })
    };
    call.app().db.read(read).await
}

/// A number of plans that opens its list; nobody needs a list of nothing.
fn opens(at: &List, n: usize, more: &[(&'static str, &str)]) -> Cell {
    let shown = figure(n);
    if n == 0 {
        return Cell::text(shown);
    }
    let chosen = NAMES.iter().filter_map(|name| Some((*name, at.get(name)?)));
    Cell::link(shown, address("/plans", chosen.chain(more.iter().copied())))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn figure(n: usize) -> String {
    number(whole(n))
}

fn share(n: usize, of: usize) -> Cell {
    Cell::text(percent(whole(n), whole(of)))
}

fn sheet(at: &List, shown: &Shown, supporters: bool) -> Result<Sheet, Error> {
    let filters = vec![
        at.select("unit", "Территория или организация", "все", shown.units.clone())?,
        at.select("procedure", "Диагностика", "любая", shown.procedures.clone())?,
        at.select("platform", "Где размещён", "везде", plans::own(&PLATFORM))?,
    ];
    let mut sheet = Sheet {
        crumbs: vec![Link::new("Маршруты", "/plans")],
        heading: "Ход маршрутов".into(),
        lead: "Что успеваем, кто сопровождает, где нужна помощь. Число открывает свои маршруты.".into(),
        filters: Some(at.filters(
            filters,
            list::found(shown.all.len(), "маршрут", "маршрута", "маршрутов"),
        )),
        ..Sheet::default()
    };
    if shown.all.is_empty() {
        let first = Empty::new(
            "Маршрутов пока нет",
            "Подготовьте маршруты по результатам диагностики: числа появятся в тот же день.",
        );
        sheet.empty = Some(at.empty(first, "Маршрутов не нашлось", "ни один маршрут"));
        return Ok(sheet);
    }
    sheet.facts = facts(shown);
    sheet.blocks = vec![
        formed(at, &shown.all),
        accompanied(at, &shown.all),
        risks(at, &shown.all),
    ];
    sheet.blocks.extend(late(at, shown, supporters));
    sheet.blocks.extend(trained(at, &shown.trainings));
    sheet.blocks.push(deficits(at, shown));
    Ok(sheet)
}

/// Those that can be judged by the week: it is over for them, or they are visible.
fn judged(all: &[Watched]) -> (usize, usize) {
    let are = |formed: Formed| all.iter().filter(|of| of.formed == formed).count();
    let in_time = are(Formed::InTime);
    (in_time, in_time + are(Formed::Late) + are(Formed::Overdue))
}

/// Days in which at least half of those that are visible became so.
fn middle(all: &[Watched]) -> Option<i64> {
    let mut days: Vec<i64> = all.iter().filter_map(|of| of.days).collect();
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}

fn open(all: &[Watched]) -> (usize, usize, usize) {
    let open = all.iter().filter(|of| of.open);
    let accompanied = open.clone().filter(|of| of.accompanied).count();
    let risky = open.clone().filter(|of| !of.risks.is_empty()).count();
    (open.count(), accompanied, risky)
}

/// Judged deficits, and those of them that are closed.
fn outcomes(shown: &Shown) -> (i64, i64) {
    let of = |outcome: DeficitOutcome| shown.deficits.get(&Some(outcome)).map_or(0, |(n, _)| *n);
    let judged = DeficitOutcome::ALL.iter().map(|outcome| of(*outcome)).sum();
    (of(DeficitOutcome::Closed), judged)
}

fn facts(shown: &Shown) -> Vec<Fact> {
    let of = |n: i64, all: i64, none: &str| {
        if all == 0 {
            none.to_owned()
        } else {
            format!("{} ({} из {})", percent(n, all), number(n), number(all))
        }
    };
    let (in_time, judged) = judged(&shown.all);
    let (open, accompanied, risky) = open(&shown.all);
    let (closed, decided) = outcomes(shown);
    let of_plans = |n: usize, all: usize, none: &str| of(whole(n), whole(all), none);
    let days = middle(&shown.all).map_or_else(String::new, |n| count(n, "день", "дня", "дней"));
    vec![
        fact("Виден за 7 дней", of_plans(in_time, judged, "судить рано")),
        fact("Половина видна не позже чем через", days),
        fact("С сопровождающим", of_plans(accompanied, open, "открытых нет")),
        fact("Под риском", of_plans(risky, open, "открытых нет")),
        fact("Доля закрытых дефицитов", of(closed, decided, "ни один ещё не оценён")),
    ]
}

fn formed(at: &List, all: &[Watched]) -> Block {
    let (_, judged) = judged(all);
    let row = |formed: &Formed| {
        let n = all.iter().filter(|of| of.formed == *formed).count();
        let counts = matches!(formed, Formed::InTime | Formed::Late | Formed::Overdue);
        vec![
            Cell::text(capital(formed.label())),
            opens(at, n, &[("state", "all"), ("formed", formed.code())]),
            if counts { share(n, judged) } else { Cell::text(NOTHING) },
        ]
    };
    let columns = [
        Column::words("Когда педагог увидел маршрут"),
        Column::figures("Маршрутов"),
        Column::figures("Доля"),
    ];
    Block {
        title: "От диагностики до видимого маршрута".into(),
        text: Some(
            "Календарные дни от последнего дня диагностики педагога до дня, когда маршрут ему отправили; седьмой день – \
             вовремя. Доля – от тех, кто виден или чьи 7 дней прошли. Не считаются маршруты без диагностики и закрытые, не \
             став видимыми."
                .into(),
        ),
        register: Some(Register::new(
            "От диагностики до видимого маршрута",
            &columns,
            Formed::ALL.iter().map(row).collect(),
        )),
        ..Block::default()
    }
}

fn accompanied(at: &List, all: &[Watched]) -> Block {
    let (open, with, _) = open(all);
    let row = |label: &str, n: usize, code: &str| {
        vec![Cell::text(label), opens(at, n, &[("supporter", code)]), share(n, open)]
    };
    let columns = [
        Column::words("Открытые маршруты"),
        Column::figures("Маршрутов"),
        Column::figures("Доля"),
    ];
    Block {
        title: "Сопровождение".into(),
        register: Some(Register::new(
            "Сопровождение",
            &columns,
            vec![
                row("С сопровождающим", with, "any"),
                row("Без сопровождающего", open - with, "none"),
            ],
        )),
        ..Block::default()
    }
}

fn risks(at: &List, all: &[Watched]) -> Block {
    let (open, _, any) = open(all);
    let row =
        |label: String, n: usize, code: &str| vec![Cell::text(label), opens(at, n, &[("risk", code)]), share(n, open)];
    let mut rows = vec![row("Всего под риском".into(), any, "any")];
    rows.extend(Risk::ALL.iter().map(|risk| {
        let n = all.iter().filter(|of| of.risks.contains(risk)).count();
        row(capital(risk.label()), n, risk.code())
    }));
    let columns = [
        Column::words("Почему"),
        Column::figures("Маршрутов"),
        Column::figures("Доля открытых"),
    ];
    Block {
        title: "Под риском".into(),
        text: Some("У маршрута бывает несколько причин; в первой строке он стоит один раз.".into()),
        register: Some(Register::new("Под риском", &columns, rows)),
        ..Block::default()
    }
}

fn late(at: &List, shown: &Shown, supporters: bool) -> Option<Block> {
    if shown.late.is_empty() {
        return None;
    }
    let row = |of: &Late| {
        vec![
            Cell::text(of.name.clone()),
            Cell::text(of.roles.join(", ")),
            opens(at, of.plans, &[("supporter", &of.login), ("overdue", "1")]),
        ]
    };
    let columns = [
        Column::words("Сопровождающий"),
        Column::words("Роль"),
        Column::figures("Маршрутов с просрочкой"),
    ];
    let handing = " Передать маршруты или изменить ставку можно в разделе «Тьюторы».";
    let text = "Маршрут с двумя сопровождающими стоит у обоих.";
    Some(Block {
        title: "Просрочки по сопровождающим".into(),
        text: Some(format!("{text}{}", if supporters { handing } else { "" })),
        register: Some(Register::new(
            "Просрочки по сопровождающим",
            &columns,
            at.rows(shown.late.iter().map(row).collect()),
        )),
        paging: at.paging(shown.late.len()),
        ..Block::default()
    })
}

/// Courses of the plans by kind and by how far they have come; nothing where no plan has a course.
fn trained(at: &List, all: &[Training]) -> Option<Block> {
    if all.is_empty() {
        return None;
    }
    let counted = training::counted(all);
    let asked = |kind: ProgrammeKind| -> usize {
        let asked = counted.iter().filter(|((of, stage), _)| *of == kind && stage.counts());
        asked.map(|(_, of)| of.courses).sum()
    };
    let row = |stage: &TrainingStage| {
        let mut cells = vec![Cell::text(capital(stage.label()))];
        for kind in ProgrammeKind::ALL.iter().copied() {
            let (n, plans) = counted
                .get(&(kind, *stage))
                .map_or((0, 0), |of| (of.courses, of.plans.len()));
            let code = plans::training_code(kind, *stage);
            cells.push(Cell::text(figure(n)));
            cells.push(if stage.counts() {
                share(n, asked(kind))
            } else {
                Cell::text(NOTHING)
            });
            cells.push(opens(at, plans, &[("state", "all"), ("training", &code)]));
        }
        cells
    };
    let columns = [
        Column::words("Что с курсом"),
        Column::figures("Курсов ПК"),
        Column::figures("Доля"),
        Column::figures("Маршрутов"),
        Column::figures("Курсов ПП"),
        Column::figures("Доля"),
        Column::figures("Маршрутов"),
    ];
    Some(Block {
        title: "Обучение по маршруту".into(),
        text: Some(
            "ПК – повышение квалификации, ПП – профессиональная переподготовка. Доля – от всех курсов этого вида в \
             маршрутах, кроме отменённых. Маршрут с двумя курсами бывает в двух строках."
                .into(),
        ),
        register: Some(Register::new(
            "Обучение по маршруту",
            &columns,
            TrainingStage::ALL.iter().map(row).collect(),
        )),
        ..Block::default()
    })
}

fn deficits(at: &List, shown: &Shown) -> Block {
    let (_, judged) = outcomes(shown);
    let outcomes = DeficitOutcome::ALL.iter().copied().map(Some).chain([None]);
    let row = |outcome: Option<DeficitOutcome>| {
        let (n, plans) = shown.deficits.get(&outcome).copied().unwrap_or_default();
        let (label, code) = outcome.map_or(("ещё не оценён", "none"), |of| (of.label(), of.code()));
        let plans = usize::try_from(plans).unwrap_or_default();
        vec![
            Cell::text(capital(label)),
            Cell::text(number(n)),
            Cell::text(outcome.map_or_else(|| NOTHING.to_owned(), |_| percent(n, judged))),
            opens(at, plans, &[("state", "all"), ("deficit", code)]),
        ]
    };
    let columns = [
        Column::words("Исход дефицита"),
        Column::figures("Дефицитов"),
        Column::figures("Доля оценённых"),
        Column::figures("Маршрутов"),
    ];
    Block {
        title: "Исходы дефицитов".into(),
        text: Some(
            "Исход записывают при подведении итогов. Доля закрытых – от оценённых; пока не оценён ни один, доли нет."
                .into(),
        ),
        register: Some(Register::new("Исходы дефицитов", &columns, outcomes.map(row).collect())),
        ..Block::default()
    }
}
