//! Opening a survey, and changing its last day while it goes on.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::model::{Survey, SurveyId};
use super::store;
use crate::access::by::{self, By};
use crate::cycle::regulation::{self, RegulationId};
use crate::db::schema::survey as table;
use crate::db::types::code_set;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::load;
use crate::indicators::pack_campaigns::next_day;
use crate::indicators::pack_surveys::PackSurvey;
use crate::insert_many;

/// The longest time a survey may go on, days: a year.
const LONGEST: i64 = 366;

/// The usual days of a survey: those that end next.
#[must_use]
pub fn usual(of: &PackSurvey, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let closes = next_day(today, of.closes)?;
    let (month, day) = of.opens;
    let opens = NaiveDate::from_ymd_opt(closes.year(), month, day)?;
    let opens = if opens > closes {
        NaiveDate::from_ymd_opt(closes.year() - 1, month, day)?
    } else {
        opens
    };
    Some((opens.max(today), closes))
}

/// What opens a survey.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Code of the pack.
    pub pack: String,
    /// Code of the description in it.
    pub template: String,
    /// First day.
    pub opens: NaiveDate,
    /// Last day.
    pub closes: NaiveDate,
    /// The act that approves it.
    pub regulation: Option<RegulationId>,
}

impl Opening {
    /// Refuses days out of order: the field of the form, and the refusal.
    #[must_use]
    pub fn refused(&self, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        if self.opens < today {
            return Some(("opens", Refusal::new("cycle.survey_opens_in_the_past")));
        }
        if self.closes < self.opens {
            return Some(("closes", Refusal::new("cycle.survey_closes_before")));
        }
        let long = (self.closes - self.opens).num_days() > LONGEST;
        long.then(|| ("closes", Refusal::new("cycle.survey_too_long")))
    }
}

/// Opens a survey.
///
/// # Errors
/// No such description in the pack in force; days out of order; no such act; it is open from that day already.
pub fn open(tx: &mut Tx<'_>, by: &By, said: &Opening) -> Result<SurveyId, Error> {
    if let Some((_, refusal)) = said.refused(tx.today()) {
        return Err(refusal.into());
    }
    let pack = load::in_force(tx.conn(), &said.pack)?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let of = pack
        .survey(&said.template)
        .ok_or_else(|| Refusal::new("cycle.no_survey"))?;
    if let Some(act) = said.regulation {
        let found = regulation::find(tx.conn(), by.region, act)?;
        found.ok_or_else(|| Error::NotFound("документ".into()))?;
    }
    let same = store::all(tx.conn(), by.region)?.into_iter().find(|known| {
        (&*known.pack, &*known.template) == (&*pack.code, &*of.code)
            && known.opens_on <= said.closes
            && said.opens <= known.closes_on
    });
    if let Some(known) = same {
        let until = known.closes_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.survey_open_already").with("day", until).into());
    }
    let row = Survey {
        id: SurveyId(tx.id()),
        region_id: by.region,
        pack: pack.code.clone(),
        template: of.code.clone(),
        title: of.title.clone(),
        guide: of.guide.clone(),
        audience: code_set(of.audience.iter().map(|kind| kind.code())),
        opens_on: said.opens,
        closes_on: said.closes,
        minutes: i32::try_from(of.minutes).unwrap_or(i32::MAX),
        questions: serde_json::to_string(&of.questions).map_err(|e| Error::Internal(e.to_string()))?,
        regulation_id: said.regulation,
        version: 1,
        account_id: Some(by.account),
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
    };
    let id = row.id;
    let detail = format!("pack={} code={}", row.pack, row.template);
    insert_many!(tx.conn(), table::table, [row]).map_err(DbError::from)?;
    by.note(tx, "cycle.survey_open", ("survey", id.0), &[], &detail)?;
    Ok(id)
}

/// Changes the last day of a survey. One that is over stays so: its answers may have been read.
///
/// # Errors
/// No such survey; it is over; the day lies in the past or before the first one; somebody else has changed it.
pub fn move_end(tx: &mut Tx<'_>, by: &By, (id, seen): (SurveyId, i32), closes: NaiveDate) -> Result<(), Error> {
    let of = store::one(tx.conn(), by.region, id)?.ok_or_else(|| Error::NotFound("опрос".into()))?;
    if of.version != seen {
        return Err(by::changed(tx, by, "cycle", "survey", id.0)?);
    }
    let today = tx.today();
    if of.is_over(today) {
        return Err(Refusal::new("cycle.survey_over").into());
    }
    if closes < today || closes < of.opens_on {
        return Err(Refusal::new("cycle.survey_closes_before").into());
    }
    if (closes - of.opens_on).num_days() > LONGEST {
        return Err(Refusal::new("cycle.survey_too_long").into());
    }
    if closes == of.closes_on {
        return Ok(());
    }
    let standing = table::table
        .filter(table::region_id.eq(by.region))
        .filter(table::id.eq(id));
    diesel::update(standing)
        .set((table::closes_on.eq(closes), table::version.eq(of.version + 1)))
        .execute(tx.conn())?;
    let detail = format!("from={} to={closes}", of.closes_on);
    by.note(tx, "cycle.survey_days", ("survey", id.0), &[], &detail)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::pack_campaigns::YearDay;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn survey(opens: YearDay, closes: YearDay) -> PackSurvey {
        PackSurvey {
            code: "s".into(),
            title: "S".into(),
            guide: "G".into(),
            audience: Vec::new(),
            opens,
            closes,
            minutes: 1,
            questions: Vec::new(),
        }
    }

    #[test]
    fn the_usual_days_are_those_that_end_next_and_begin_no_earlier_than_today() {
        let spring = survey((3, 1), (3, 20));
        let days = |of: &PackSurvey, today: &str| usual(of, day(today)).unwrap();
        assert_eq!(days(&spring, "2023-02-10"), (day("2023-03-01"), day("2023-03-20")));
        assert_eq!(days(&spring, "2023-03-10"), (day("2023-03-10"), day("2023-03-20")));
        assert_eq!(days(&spring, "2023-04-10"), (day("2024-03-01"), day("2024-03-20")));
        let winter = survey((12, 15), (1, 20));
        assert_eq!(days(&winter, "2023-11-10"), (day("2023-12-15"), day("2024-01-20")));
        assert_eq!(days(&winter, "2024-01-10"), (day("2024-01-10"), day("2024-01-20")));
    }
}
