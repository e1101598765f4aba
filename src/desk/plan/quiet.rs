//! Said where a step ends on a day when nobody learns. It is allowed, a practice may be held in summer, and whoever changes
//! the plan is to know it.

use chrono::NaiveDate;

use crate::desk::plan::edit_form::{Block, is_open};
use crate::iom::Item;
use crate::iom::proposal::Difference;
use crate::iom::rules::{Quiet, Rules};
use crate::pages::text::{self, typed_day};
use crate::planted;

/// The first and the last of such days: «1 июля», «31 августа».
pub(super) fn ends(of: &Quiet) -> [String; 2] {
    // A leap year has every day that there is.
    [&of.from, &of.to].map(|day| {
        format!("2024-{day}")
            .parse()
            .map_or_else(|_| day.to_owned(), |of: NaiveDate| text::day(of, of))
    })
}

/// «летний отпуск, 1 июля – 31 августа»; nothing on a day when people learn.
fn why(rules: &Rules, on: NaiveDate) -> Option<String> {
    let quiet = rules.quiet_on(on).filter(|_| !planted!("quiet_unsaid"))?;
    let [from, to] = ends(quiet);
    let days = if from == to { from } else { format!("{from} – {to}") };
    Some(format!("{}, {days}", quiet.why))
}

/// The open steps of a plan that end on such a day, each in a sentence.
pub(super) fn steps(rules: &Rules, items: &[Item]) -> Vec<String> {
    let one = |item: &Item| {
        let why = why(rules, item.due_on?)?;
        let number = item.number;
        Some(format!(
            "Срок шага №\u{A0}{number} выпадает на дни, когда не учатся: {why}."
        ))
    };
    items.iter().filter(|item| is_open(item)).filter_map(one).collect()
}

/// The steps that a proposal adds or changes and that would end on such a day, each in a sentence.
pub(super) fn of_proposal(rules: &Rules, of: &Difference) -> Vec<String> {
    let one = |(title, due): (&str, NaiveDate)| {
        let why = why(rules, due)?;
        let due = text::date(due);
        Some(format!(
            "Срок шага «{title}», {due}, выпадает на дни, когда не учатся: {why}."
        ))
    };
    of.dues().filter_map(one).collect()
}

/// Says it beside the dates of a form, typed ones too.
pub(super) fn beside_dates(rules: &Rules, blocks: &mut [Block]) {
    for block in blocks {
        let dates = block.fields.iter_mut().filter(|field| field.is_due());
        for field in dates {
            let Some(why) = typed_day(&field.value).and_then(|day| why(rules, day)) else {
                continue;
            };
            let said = format!("Срок выпадает на дни, когда не учатся: {why}. Если так и задумано, оставьте.");
            field.hint = match &*field.hint {
                "" => said,
                hint => format!("{said} {hint}"),
            };
            block.open = true;
        }
    }
}
