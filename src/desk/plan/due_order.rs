//! Said where a step is due before the step that it rests on. It is allowed, and whoever changes the plan is to know
//! it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::desk::plan::edit_form::{Block, is_open};
use crate::iom::Item;
use crate::pages::text::{date, typed_day};
use crate::planted;

/// Whether the days of two steps run against their order.
fn against(due: NaiveDate, before: NaiveDate) -> bool {
    due < before && !planted!("order_unsaid")
}

/// The open steps of a plan that are due before the open step that they rest on, each in a sentence.
pub(super) fn steps(items: &[Item]) -> Vec<String> {
    let one = |item: &Item| {
        let before = items.iter().find(|i| Some(i.id) == item.after_item_id)?;
        let (due, first) = (item.due_on?, before.due_on?);
        (is_open(before) && against(due, first)).then(|| {
            format!(
                "Срок шага №\u{A0}{} ({}) раньше срока шага №\u{A0}{} ({}), после которого он идёт.",
                item.number,
                date(due),
                before.number,
                date(first)
            )
        })
    };
    items.iter().filter(|item| is_open(item)).filter_map(one).collect()
}

/// Says it beside the dates of a form, typed ones too.
pub(super) fn beside_dates(blocks: &mut [Block]) {
    let typed = blocks.iter().flat_map(|block| &block.fields);
    let typed: HashMap<&str, &str> = typed.map(|field| (&*field.name, &*field.value)).collect();
    let of = |number: &str, part: &str| typed.get(format!("item-{number}-{part}").as_str()).copied();
    // A step that is to be cancelled neither waits nor is waited for.
    let due = |number: &str| match of(number, "cancel") {
        Some("yes") => None,
        _ => of(number, "due").and_then(typed_day),
    };
    let mut said: HashMap<String, String> = HashMap::new();
    for name in typed.keys() {
        let number = name.strip_prefix("item-").and_then(|rest| rest.strip_suffix("-due"));
        let Some(number) = number else { continue };
        let Some(after) = of(number, "after").filter(|after| !after.is_empty()) else {
            continue;
        };
        if let Some((_, first)) = due(number).zip(due(after)).filter(|(own, first)| against(*own, *first)) {
            let text = format!(
                "Срок раньше, чем у шага №\u{A0}{after} (до\u{A0}{}), после которого этот шаг идёт. Если так и задумано, оставьте.",
                date(first)
            );
            said.insert((*name).to_owned(), text);
        }
    }
    for block in blocks {
        for field in &mut block.fields {
            let Some(said) = said.remove(&field.name) else { continue };
            field.hint = match &*field.hint {
                "" => said,
                hint => format!("{said} {hint}"),
            };
            block.open = true;
        }
    }
}
