//! Campaigns of the demo: one of services that is over, with every report accepted; one of schools that is under way, with a
//! report in every state in the first municipality.

use std::collections::HashMap;

use chrono::{Days as Span, NaiveDate};
use diesel::prelude::*;

use super::accounts::{DEPUTY, head_login, methodist_login};
use super::people::municipality_code;
use super::{Demo, accounts};
use crate::access::{self, by::By};
use crate::cycle::campaign::{self, Campaign, CampaignId, Days, Opening};
use crate::cycle::report::{self, Submission, SubmissionId};
use crate::cycle::report_acts::{self, Doing, Typed};
use crate::cycle::report_form::{self, Line, Parts, Said};
use crate::cycle::submission_status::{Side, SubmissionAct};
use crate::db::Tx;
use crate::db::schema::{campaign as campaigns, submission, submission_act};
use crate::error::{Error, Refusal};
use crate::indicators::pack_campaigns::FieldKind;
use crate::units::{self, Period, UnitId};

/// The campaign that is over: pack, campaign, period. It asks for facts of services, none of which is computed.
const PAST: (&str, &str, &str) = ("leningrad", "june", "2021");

/// Where the reports of the first schools stand.
const FATES: [Fate; 8] = [
    Fate::Sent,
    Fate::Begun,
    Fate::Explained,
    Fate::Returned,
    Fate::Differs,
    Fate::Agreed,
    Fate::Accepted,
    Fate::Waiting,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Not begun.
    Waiting,
    /// Begun, something is not filled in.
    Begun,
    /// A difference blocks it.
    Differs,
    /// Waits for the municipality.
    Sent,
    /// The same with a difference that is explained.
    Explained,
    /// Came back.
    Returned,
    /// Waits for the operator.
    Agreed,
    /// All is done.
    Accepted,
}

/// Who acts in the demo's reports.
struct Cast {
    operator: By,
    methodist: By,
    authority: By,
}

/// Makes both campaigns.
///
/// # Errors
/// An account or a pack of the demo that did not come in; those of the database.
pub(super) async fn make(demo: &Demo<'_>) -> Result<(), Error> {
    let key = demo.app.keys.audit.clone();
    let zone = chrono::TimeDelta::hours(demo.app.config.zone_hours.into());
    let services = demo.municipalities.len();
    demo.app
        .db
        .write(move |tx| {
            let by = |tx: &mut Tx<'_>, login: &str| accounts::acting(tx, (&key, zone), login);
            let cast = Cast {
                operator: by(tx, "operator")?,
                methodist: by(tx, &methodist_login(0, 0))?,
                authority: by(tx, accounts::AUTHORITY)?,
            };
            let mut answering: Vec<By> = Vec::with_capacity(services);
            for m in 0..services {
                answering.push(by(tx, &methodist_login(m, 0))?);
            }
            let deputy = by(tx, DEPUTY)?;
            finished(tx, &cast, &answering)?;
            under_way(tx, &cast, &deputy)?;
            Ok(())
        })
        .await
}

fn opening((pack, template): (&str, &str), period: &str, days: Days) -> Opening {
    Opening {
        pack: pack.into(),
        template: template.into(),
        period: period.into(),
        days,
        anew: std::collections::BTreeSet::new(),
        reason: String::new(),
        regulation: None,
    }
}

/// The forms of reports, by unit.
fn forms(
    tx: &mut Tx<'_>,
    of: &Campaign,
    reports: &[&Submission],
) -> Result<HashMap<UnitId, Vec<(Typed, bool)>>, Error> {
    let ground = report_form::ground(tx.conn(), of)?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let fields = of.fields()?;
    let units: Vec<UnitId> = reports.iter().map(|r| r.unit_id).collect();
    let place = (of.level, of.region_id);
    let sources = report_form::sources(tx.conn(), (&ground, &of.period), &fields, place, &units)?;
    let none = foldhash::HashMap::default();
    let mut found = HashMap::new();
    for unit in units {
        let lines = sources.lines(&ground.pack, &fields, unit, &none);
        let typed = lines
            .iter()
            .filter_map(|line| typed(line).map(|t| (t, line.computed.is_some())));
        found.insert(unit, typed.collect());
    }
    Ok(found)
}

/// What a unit would type into a field: what nobody knows, and of a share one more than is computed where there is room.
fn typed(line: &Line<'_>) -> Option<Typed> {
    let said = |upper: i64, lower: Option<i64>| Said {
        parts: Some(Parts {
            upper: Some(upper),
            lower,
        }),
        link: line.field.link.then(|| "https://town.example/documents".to_owned()),
        explanation: None,
    };
    match (line.field.kind, line.computed) {
        (
            FieldKind::Indicator,
            Some(Parts {
                upper: Some(upper),
                lower: Some(lower),
            }),
        ) if upper < lower => Some((line.field.code.clone(), said(upper + 1000, Some(lower)))),
        (FieldKind::Measure, _) if line.to_type() > 0 => {
            let value = if line.is_yes_no() { 1000 } else { 12_000 };
            Some((line.field.code.clone(), said(value, None)))
        }
        _ => None,
    }
}

fn doing(by: &By, id: SubmissionId, seen: i32) -> Doing {
    Doing {
        by: by.clone(),
        id,
        seen,
    }
}

/// The campaign of services that is over: opened today, since acts have the day on which they are done, and put back to its own.
fn finished(tx: &mut Tx<'_>, cast: &Cast, answering: &[By]) -> Result<(), Error> {
    let period = PAST.2;
    let today = tx.today();
    let days = Days {
        opens: today,
        due: today,
        locks: today,
    };
    let id = campaign::open(tx, &cast.operator, &opening((PAST.0, PAST.1), period, days))?;
    let region = cast.operator.region;
    let tree = units::store::tree(tx.conn(), today, None)?;
    let of = campaign::one(tx.conn(), region, id)?.ok_or_else(|| Refusal::new("cycle.no_campaign"))?;
    let reports = report::of_campaign(tx.conn(), region, id)?;
    let all: Vec<&Submission> = reports.iter().collect();
    let forms = forms(tx, &of, &all)?;
    for (m, by) in answering.iter().enumerate() {
        let unit = tree.by_code(&municipality_code(m)).map(|u| u.id);
        let Some(report) = reports.iter().find(|r| Some(r.unit_id) == unit) else {
            continue;
        };
        let typed = forms
            .get(&report.unit_id)
            .into_iter()
            .flatten()
            .filter(|(_, computed)| !computed);
        report_acts::send(tx, &doing(by, report.id, 1), typed.map(|(t, _)| t.clone()).collect())?;
        report_acts::act(
            tx,
            &doing(&cast.authority, report.id, 2),
            (SubmissionAct::Agree, Side::Checker),
            "",
        )?;
        report_acts::act(
            tx,
            &doing(&cast.operator, report.id, 3),
            (SubmissionAct::Accept, Side::Operator),
            "",
        )?;
    }
    let pack = crate::indicators::load::in_force(tx.conn(), PAST.0)?;
    let usual = pack
        .as_deref()
        .and_then(|pack| pack.campaign(PAST.1))
        .zip(Period::parse(period))
        .and_then(|(of, period)| campaign::usual(of, &period));
    let Some(usual) = usual else {
        return Err(Error::Internal("демо: у кампании нет дней".into()));
    };
    put_back(tx, region, id, usual)
}

/// Gives a campaign that is over the days of its own year.
fn put_back(tx: &mut Tx<'_>, region: UnitId, id: CampaignId, usual: Days) -> Result<(), Error> {
    let sent = usual.opens + Span::new(4);
    let own = submission::table
        .filter(submission::region_id.eq(region))
        .filter(submission::campaign_id.eq(id))
        .select(submission::id);
    let ids: Vec<SubmissionId> = own.load(tx.conn())?;
    diesel::update(
        campaigns::table
            .filter(campaigns::region_id.eq(region))
            .filter(campaigns::id.eq(id)),
    )
    .set((
        campaigns::opens_on.eq(usual.opens),
        campaigns::due_on.eq(usual.due),
        campaigns::locks_on.eq(usual.locks),
    ))
    .execute(tx.conn())?;
    let of = submission::table
        .filter(submission::region_id.eq(region))
        .filter(submission::id.eq_any(&ids));
    diesel::update(of)
        .set(submission::sent_on.eq(Some(sent)))
        .execute(tx.conn())?;
    let acts = submission_act::table
        .filter(submission_act::region_id.eq(region))
        .filter(submission_act::submission_id.eq_any(&ids));
    diesel::update(acts)
        .set(submission_act::on_date.eq(sent))
        .execute(tx.conn())?;
    Ok(())
}

/// The campaign of schools that is under way.
fn under_way(tx: &mut Tx<'_>, cast: &Cast, deputy: &By) -> Result<(), Error> {
    let today: NaiveDate = tx.today();
    let pack = crate::indicators::load::in_force(tx.conn(), "tyumen")?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let period = Period::of_day(pack.basis.kind, today).ok_or_else(|| Refusal::new("cycle.no_campaign"))?;
    let days = Days {
        opens: today - Span::new(9),
        due: today + Span::new(6),
        locks: today + Span::new(8),
    };
    let id = campaign::open(tx, &cast.operator, &opening(("tyumen", "june_schools"), &period, days))?;
    let region = cast.operator.region;
    let of = campaign::one(tx.conn(), region, id)?.ok_or_else(|| Refusal::new("cycle.no_campaign"))?;
    let tree = units::store::tree(tx.conn(), today, None)?;
    let town = tree
        .by_code(&municipality_code(0))
        .map(|u| tree.subtree(u.id))
        .unwrap_or_default();
    let own = access::store::grants(tx.conn(), access::AccountId(deputy.account), today)?;
    let own: Vec<Option<UnitId>> = own.into_iter().map(|g| g.unit).collect();
    let reports = report::of_campaign(tx.conn(), region, id)?;
    // The deputy's own school is left to whoever signs in.
    let schools: Vec<&Submission> = reports
        .iter()
        .filter(|r| town.contains(&r.unit_id) && !own.contains(&Some(r.unit_id)))
        .take(FATES.len())
        .collect();
    let forms = forms(tx, &of, &schools)?;
    for (report, fate) in schools.into_iter().zip(FATES) {
        let all = forms.get(&report.unit_id).cloned().unwrap_or_default();
        // Its head answers for a school.
        let code = tree.unit(report.unit_id).map_or_else(String::new, |u| u.code.clone());
        let head = access::store::by_login(tx.conn(), &head_login(&code))?;
        let by = By {
            account: head.map_or(deputy.account, |a| a.id.0),
            ..deputy.clone()
        };
        live(tx, cast, (&by, report.id), fate, all)?;
    }
    Ok(())
}

/// Takes a report where it stands today.
fn live(
    tx: &mut Tx<'_>,
    cast: &Cast,
    (by, id): (&By, SubmissionId),
    fate: Fate,
    all: Vec<(Typed, bool)>,
) -> Result<(), Error> {
    let (mut typed, mut differing): (Vec<Typed>, Option<Typed>) = (Vec::new(), None);
    for (of, computed) in all {
        match (computed, &differing) {
            (false, _) => typed.push(of),
            (true, None) => differing = Some(of),
            (true, Some(_)) => {}
        }
    }
    let methodist = |seen| doing(&cast.methodist, id, seen);
    match fate {
        Fate::Waiting => return Ok(()),
        Fate::Begun => {
            typed.truncate(2);
            report_acts::save(tx, &doing(by, id, 1), typed)?;
            return Ok(());
        }
        Fate::Differs => {
            typed.extend(differing);
            report_acts::save(tx, &doing(by, id, 1), typed)?;
            return Ok(());
        }
        Fate::Explained => typed.extend(differing.map(|(code, said)| {
            let explanation = Some("один педагог принят после загрузки штата".to_owned());
            (code, Said { explanation, ..said })
        })),
        Fate::Sent | Fate::Returned | Fate::Agreed | Fate::Accepted => {}
    }
    report_acts::send(tx, &doing(by, id, 1), typed)?;
    match fate {
        Fate::Returned => {
            let why = "ставки не сходятся со штатным расписанием: проверьте занятые";
            report_acts::act(tx, &methodist(2), (SubmissionAct::Return, Side::Checker), why)?;
        }
        Fate::Agreed | Fate::Accepted => {
            report_acts::act(tx, &methodist(2), (SubmissionAct::Agree, Side::Checker), "")?;
            if fate == Fate::Accepted {
                let operator = doing(&cast.operator, id, 3);
                report_acts::act(tx, &operator, (SubmissionAct::Accept, Side::Operator), "")?;
            }
        }
        Fate::Waiting | Fate::Begun | Fate::Differs | Fate::Sent | Fate::Explained => {}
    }
    Ok(())
}
