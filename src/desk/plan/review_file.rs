//! The file of «На проверке»: the steps that wait, without their buttons.

use chrono::NaiveDate;

use crate::desk::list::List;
use crate::desk::list_file::ListFile;
use crate::desk::plan::page;
use crate::desk::plan::support::mine;
use crate::desk::plan::support_rows::Accompanied;
use crate::desk::registers::file;
use crate::iom::{Item, ItemState};
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::date;
use crate::people::PersonId;
use crate::web::Call;
use crate::web::registry::{Answering, Capability};

/// GET /review/file
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &[])?.whole();
        let today = call.app().clock.today();
        let plans = mine(&call).await?;
        let mut waiting: Vec<(NaiveDate, &Accompanied, &Item)> = Vec::new();
        for of in &plans {
            for item in of.items.iter().filter(|i| i.state == ItemState::Submitted) {
                let sent = of.submitted.iter().find(|(id, _)| *id == item.id);
                waiting.push((sent.map_or(today, |(_, on)| *on), of, item));
            }
        }
        waiting.sort_by_key(|(sent, ..)| *sent);
        let named: Vec<PersonId> = waiting.iter().map(|(_, of, _)| of.plan.person_id).collect();
        let columns = [
            Column::words("Шаг"),
            Column::words("Педагог"),
            Column::words("Организация"),
            Column::words("Отправлено"),
            Column::words("Внимание"),
            Column::words("Пояснение"),
            Column::words("Файлы"),
        ];
        let rows = waiting.iter().map(|(sent, of, item)| row(*sent, of, item));
        let register = (!waiting.is_empty()).then(|| Register::new("На проверке", &columns, rows.collect()));
        let of =
            ListFile::of_people("review", "На проверке", String::new(), &named, Capability::Support).telling(&named);
        let tables: Vec<&Register> = register.iter().collect();
        file::named(&call, &at, &of, &tables).await
    })
}

fn row(sent: NaiveDate, of: &Accompanied, item: &Item) -> Vec<Cell> {
    let files: Vec<String> = page::files(of.evidence.iter(), item.id)
        .into_iter()
        .map(|link| link.text)
        .collect();
    vec![
        Cell::text(item.title.clone()),
        Cell::text(of.who.short.clone()),
        Cell::text(of.who.places.join(", ")),
        Cell::text(date(sent)),
        Cell::text(if page::is_course_without_document(item) {
            page::UNPROVED
        } else {
            ""
        }),
        Cell::text(of.notes.get(&item.id).cloned().unwrap_or_default()),
        Cell::text(files.join(", ")),
    ]
}
