//! The file of «Заявки на согласование»: what stands in the queue, without its buttons.

use crate::desk::courses::applications::{filters, fitting, waiting};
use crate::desk::courses::applications_rows::Application;
use crate::desk::list::List;
use crate::desk::list_file::ListFile;
use crate::desk::registers::file;
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::{NOTHING, date, number};
use crate::people::PersonId;
use crate::web::Call;
use crate::web::registry::{Answering, Capability};

/// GET /applications/file
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["q"])?.whole();
        let all = waiting(&call).await?;
        let found = fitting(&at, &all);
        let named: Vec<PersonId> = found.iter().map(|a| a.person).collect();
        let columns = [
            Column::words("Курс"),
            Column::words("Педагог"),
            Column::figures("Часы"),
            Column::words("Форма"),
            Column::words("Пройти до"),
            Column::words("Тема"),
            Column::words("Подана"),
        ];
        let rows: Vec<Vec<Cell>> = found.iter().map(|a| row(a)).collect();
        let register = (!rows.is_empty()).then(|| Register::new("Заявки", &columns, rows));
        let of = ListFile::of_people(
            "enrolment",
            "Заявки на согласование",
            at.codes(&["q"]),
            &named,
            Capability::Applications,
        );
        let of = of.chosen(filters(&at, found.len()).in_words()).telling(&named);
        let tables: Vec<&Register> = register.iter().collect();
        file::named(&call, &at, &of, &tables).await
    })
}

fn row(of: &Application) -> Vec<Cell> {
    let or_nothing = |text: Option<String>| Cell::text(text.unwrap_or_else(|| NOTHING.to_owned()));
    vec![
        Cell::text(of.course.clone()),
        Cell::text(of.who.clone()),
        Cell::text(number(of.hours.into())),
        or_nothing(of.form.map(|form| form.label().to_owned())),
        or_nothing(of.due_on.map(date)),
        or_nothing(of.topic.clone()),
        Cell::text(date(of.applied_on)),
    ]
}
