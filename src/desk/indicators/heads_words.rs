//! The words that tell a head of an indicator: what is said of a school, and the letter to each receiver about the own one.

use std::collections::HashMap;

use serde_json::json;

use crate::db::Tx;
use crate::desk::indicators::figures::{named, page_of, period_name, target};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::heads_rows::{School, key_of};
use crate::desk::indicators::own_school;
use crate::desk::indicators::target::subjects;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::indicators::Indicator;
use crate::indicators::distance::{Away, distance};
use crate::indicators::edges::Choices;
use crate::mail::notice::Told;
use crate::mail::outbox::Letter;
use crate::pages::text::NOTHING;
use crate::planted;
use crate::units::UnitId;

/// How far a school is from the target, in words; nothing where there is none or its number may not be told.
fn missing(indicator: &Indicator, seen: &Seen, (choices, period): (&Choices, &str)) -> Option<String> {
    seen.target_milli.filter(|_| !seen.hidden)?;
    if seen.met == Some(true) {
        return Some("цель достигнута".into());
    }
    let distance = distance(indicator, seen, (choices, period));
    Some(match (distance.target, distance.leaving) {
        (Some(Away::Needs(n)), false) => format!("не хватает: {}", subjects(indicator, n)),
        (Some(Away::Needs(n)), true) => format!("должны выйти из числителя: {}", subjects(indicator, n)),
        (Some(Away::OutOfReach), _) => "до цели не дойти при нынешнем знаменателе".into(),
        (None, _) if seen.met == Some(false) => "цель не достигнута, сколько не хватает – не посчитать".into(),
        (None, _) => return None,
    })
}

/// What is said of a school: its value as its page writes it, the target, the distance.
pub(crate) fn said(found: &Found, indicator: &Indicator, seen: &Seen) -> [String; 3] {
    let goal = match seen.target_milli {
        Some(_) => target(indicator, seen),
        None => format!("на {} не задана", period_name(found)),
    };
    let away = missing(indicator, seen, (&found.choices, found.period.code.as_str()));
    [
        words::value_cell(indicator, seen).text,
        goal,
        away.unwrap_or_else(|| NOTHING.to_owned()),
    ]
}

/// The same in one line.
pub(crate) fn line(found: &Found, indicator: &Indicator, seen: &Seen) -> String {
    let [value, goal, away] = said(found, indicator, seen);
    let mut all = format!("{value}, цель {goal}");
    if away != NOTHING {
        all.push_str(&format!(", {away}"));
    }
    all
}

/// A letter to each receiver about the own school, as its head sees it.
pub(crate) fn letters(
    tx: &Tx<'_>,
    (found, indicator): (&Found, &Indicator),
    (told, own): (&[School], &HashMap<UnitId, Seen>),
    (from, note): (&str, &str),
) -> Vec<Told> {
    let (stem, now) = (key_of(found, indicator), tx.now().and_utc().timestamp_micros());
    let mut letters = Vec::new();
    for school in told {
        let Some(seen) = own.get(&school.seen.unit) else {
            continue;
        };
        let ([value, goal, away], all) = (said(found, indicator, seen), line(found, indicator, seen));
        let missed = own_school::missed(found, indicator, seen);
        for receiver in &school.receivers {
            // Those whom the number means stand by name among the people of the school, where they may be named. Else a head opens
            // the page of the indicator; a deputy opens none, and the words of the notice are all.
            let page = match &missed {
                Some(list) if !planted!("notice_names_nobody") => list.clone(),
                _ if receiver.is_head => page_of(found, indicator, "", &seen.unit_code, None),
                _ => "/staff".to_owned(),
            };
            let letter = Letter {
                kind: "indicator_told",
                region: Some(found.unit.region_id.0),
                account: receiver.account.0,
                subject_id: seen.unit.0,
                dedup_key: format!("{stem}{now}-{}", receiver.account),
                body: json!({
                    "title": format!("{} {}", indicator.code, indicator.title),
                    "period": named(&found.period.code),
                    "unit": seen.unit_name,
                    "said": all,
                    "value": value,
                    "target": goal,
                    "missing": away,
                    "note": note,
                    "from": from,
                    "place": page.trim_start_matches('/'),
                }),
                address: None,
                link: None,
            };
            let (item, due_on) = (None, None);
            letters.push(Told { letter, item, due_on });
        }
    }
    letters
}
