//! One of the staff, as the head and the deputy of a school may see: topics, steps and who is near; no score, no level,
//! unless the region lets heads see them.

use serde::Serialize;

use crate::access::Role;
use crate::audit::words::{READ_CARD, READ_PLAN};
use crate::db::AnyConn;
use crate::desk::looked;
use crate::desk::plan::page::{self, View};
use crate::desk::registers::page::Block;
use crate::desk::registers::record;
use crate::desk::school::coverage_rows;
use crate::desk::school::staff_rows;
use crate::diagnostics::release::Withheld;
use crate::error::Error;
use crate::pages::parts::{Empty, Meter, Milestone, Near, Stage};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct PersonPage {
    name: String,
    lead: String,
    path: Vec<Milestone>,
    near: Vec<Near>,
    stages: Vec<Stage>,
    topics: Vec<String>,
    /// Scores and levels, where the region lets the head see them; instead of the topics.
    work: Vec<Meter>,
    record: Block,
    empty: Option<Empty>,
}

/// GET /staff/{person}: a colleague; the opening stands in the journal before it is shown.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let wanted = PersonId(call.id("person")?);
        let visitor = call.visitor()?.clone();
        let heads = visitor.role().is_some_and(|role| role.code == Role::SchoolHead.code());
        let open = call.app().config.school_scores && heads;
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let missing = || Error::NotFound("педагог".into());
            let region = visitor.region.map(UnitId).ok_or_else(missing)?;
            let own = coverage_rows::organisations(c, &visitor, today)?;
            let found = staff_rows::one(c, region, &own, wanted, today)?;
            let (colleague, rows) = found.ok_or_else(missing)?;
            let mut topics = staff_rows::topics(c, region, std::slice::from_ref(&colleague), today)?;
            let plan = colleague.plan.as_ref().map(|p| p.id.0);
            // What the teacher is to see first is told to nobody, whatever the region lets heads see.
            let withheld = Withheld::on(c, &[wanted], today)?;
            let made_by = colleague.plan.as_ref().and_then(|p| p.procedure_id);
            let open = open && plan.is_some() && !made_by.is_some_and(|of| withheld.holds(wanted, of));
            let action = if open { READ_PLAN } else { READ_CARD };
            let entry = looked::at_person(&visitor, action, "iom", plan, wanted);
            let topics = topics.remove(&wanted).unwrap_or_default();
            let lines = record::lines(c, region, wanted, today)?;
            Ok((colleague, rows, topics, lines, open, entry))
        };
        let (colleague, rows, topics, lines, open, entry) = call.app().db.read(read).await?;
        looked::note(&call, entry).await?;
        let view = rows.map(|rows| page::view(&rows, today, None));
        let place = colleague.positions.join(", ");
        let empty = view.is_none().then(|| {
            Empty::new(
                "Маршрута пока нет",
                "ЦНППМ составляет его после диагностики. Когда маршрут отправят педагогу, он появится и здесь.",
            )
        });
        let (lead, path, near, stages, work) = match view {
            None => (place, Vec::new(), Vec::new(), Vec::new(), Vec::new()),
            // Scores, levels (the reason of a step names one) and remarks stay with the teacher and the supporters.
            Some(View {
                lead,
                path,
                near,
                stages,
                work,
                ..
            }) => {
                let path = path.into_iter().map(|step| Milestone { why: None, ..step });
                let work = if open { work } else { Vec::new() };
                (format!("{place} · {lead}"), path.collect(), near, stages, work)
            }
        };
        let data = PersonPage {
            name: colleague.name,
            lead,
            path,
            near,
            stages,
            topics,
            work,
            record: record::block(lines),
            empty,
        };
        Ok(Answer::page("desk/staff_person", &data)?.title(colleague.short))
    })
}
