//! What reports wait for from the visitor: to be handed in, agreed to, accepted.

use chrono::NaiveDate;

use crate::cycle::campaign;
use crate::cycle::report;
use crate::cycle::submission_status::{Side, SubmissionState};
use crate::db::AnyConn;
use crate::desk::registers::reach::Held;
use crate::desk::reports::rows;
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{count, date};
use crate::units::UnitId;
use crate::web::Visitor;

/// One line each, with the way to where it is done; the report that is due first stands first.
pub(crate) fn waiting(c: &mut AnyConn, visitor: &Visitor, held: &Held, today: NaiveDate) -> Result<Vec<Link>, Error> {
    let campaigns = campaign::by_id(c, held.region)?;
    let units: Vec<UnitId> = held.own().into_iter().map(|unit| unit.id).collect();
    let reports = report::of_units(c, held.region, &units)?;
    let with = reports
        .iter()
        .filter_map(|report| Some((report, campaigns.get(&report.campaign_id.0)?)));
    let (mut own, mut sent, mut agreed) = (Vec::new(), 0, 0);
    for (report, of) in with {
        let side = rows::side(visitor, of.level);
        match report.state {
            state
                if state.is_with_unit()
                    && rows::reports_for(visitor) == Some(of.level)
                    && report.shut(of, today).is_none() =>
            {
                own.push((report.due_on(of), report, of));
            }
            SubmissionState::Sent if side == Some(Side::Checker) => sent += 1,
            SubmissionState::Agreed if side == Some(Side::Operator) => agreed += 1,
            _ => {}
        }
    }
    own.sort_by_key(|(due, report, _)| (*due, report.id));
    let line = |(due, report, of): &(NaiveDate, &report::Submission, &campaign::Campaign)| {
        let when = if *due < today {
            "срок прошёл"
        } else {
            "срок"
        };
        let said = format!("Сдайте отчёт «{}» за {}: {when} {}", of.title, of.period, date(*due));
        Link::new(said, format!("/report?report={}", report.id))
    };
    let mut found: Vec<Link> = own.iter().map(line).collect();
    if sent > 0 {
        let words = count(sent, "отчёт ждёт", "отчёта ждут", "отчётов ждут");
        found.push(Link::new(format!("{words} вашего согласования"), "/reports"));
    }
    if agreed > 0 {
        let words = count(
            agreed,
            "согласованный отчёт ждёт",
            "согласованных отчёта ждут",
            "согласованных отчётов ждут",
        );
        found.push(Link::new(format!("{words} приёмки"), "/reports"));
    }
    Ok(found)
}
