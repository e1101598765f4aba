//! «Индивидуальный образовательный маршрут»: who, which deficits, which goals, the steps.

use super::{PaperBlock, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::model::{IomOrigin, Item, ItemLevel, StudyForm};
use crate::pages::text::{NOTHING, date, number};

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    let shows = |block| of.blocks.contains(&block);
    sections.begin("Общие сведения о педагоге");
    sections.blocks.push(about(of));
    if shows(PaperBlock::Diagnosis) {
        sections.begin("Результаты диагностики профессиональных дефицитов");
        match deficits(of) {
            None => sections.text("Дефицитов, на которых строится маршрут, нет."),
            Some(table) => sections.blocks.push(table),
        }
    }
    if shows(PaperBlock::Request) {
        sections.begin("Индивидуальный запрос педагога");
        sections.text(of.plan.request.clone().unwrap_or_else(|| "Не заявлен.".to_owned()));
    }
    sections.begin("Цель, задачи, планируемый результат");
    match goals(of) {
        None => sections.text("Цели не записаны."),
        Some(table) => sections.blocks.push(table),
    }
    sections.begin("Карта профессионального развития");
    sections.blocks.push(steps(of));
    let plan = &of.plan;
    let until = plan.ends_on.map_or_else(String::new, |on| format!(" по {}", date(on)));
    Document {
        title: "Индивидуальный образовательный маршрут педагога".to_owned(),
        about: format!("№ {} · с {}{until}", plan.number, date(plan.starts_on)),
        blocks: sections.sign(of),
        footer: String::new(),
    }
}

fn about(of: &Source) -> Block {
    let about = &of.about;
    let when = |block, text: String| {
        if of.blocks.contains(&block) {
            text
        } else {
            String::new()
        }
    };
    let since = about
        .teaching_since
        .map_or_else(String::new, |on| format!("с {}", date(on)));
    let born = about.birth_date.map_or_else(String::new, date);
    let near = of
        .supporters
        .iter()
        .map(|(kind, name)| format!("{} {name}", kind.label()));
    facts(vec![
        ("Фамилия, имя, отчество", about.name.clone()),
        ("Дата рождения", when(PaperBlock::BirthDate, born)),
        ("Место работы", about.places.join("; ")),
        ("Муниципалитет", about.municipalities.join("; ")),
        ("Должность", about.positions.join("; ")),
        ("Предметы", about.subjects.join(", ")),
        ("Образование", when(PaperBlock::Education, about.education.join("; "))),
        ("Педагогический стаж", when(PaperBlock::Experience, since)),
        (
            "Квалификационная категория",
            when(PaperBlock::Category, about.category.join("; ")),
        ),
        ("Сопровождение", near.collect::<Vec<_>>().join("; ")),
        ("Маршрут составлен", composed(of)),
    ])
}

/// Who composed it, where that is not the usual one.
fn composed(of: &Source) -> String {
    match of.plan.origin {
        IomOrigin::Cnppm => String::new(),
        other => other.label().to_owned(),
    }
}

fn deficits(of: &Source) -> Option<Block> {
    let mut columns = vec![Column::new("Группа", 2), Column::new("Компетенция", 5)];
    if of.levels {
        columns.push(Column::new("Уровень дефицита", 2));
    }
    columns.push(Column::new("Процедура и дата", 4));
    if of.scores {
        columns.push(Column::new("Балл", 2));
    }
    let rows = of.deficits.iter().map(|known| {
        let on = known.was.on.map(date);
        let held = [Some(known.procedure.clone()), on];
        let held: Vec<String> = held.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let mut row = vec![known.group.clone(), known.name.clone()];
        if of.levels {
            row.push(known.was.level.clone());
        }
        row.push(held.join(", "));
        if of.scores {
            row.push(known.was.points());
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    (!rows.is_empty()).then_some(Block::Table(Table {
        caption: "Результаты диагностики".to_owned(),
        columns,
        rows,
    }))
}

fn goals(of: &Source) -> Option<Block> {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = (1..).zip(&of.goals).map(|(place, goal)| {
        vec![
            number(place),
            goal.title.clone(),
            goal.basis.label().to_owned(),
            said(&goal.task),
            said(&goal.expected),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    (!rows.is_empty()).then_some(Block::Table(Table {
        caption: "Цели".to_owned(),
        columns: vec![
            Column::new("№", 1),
            Column::new("Цель", 5),
            Column::new("Основание", 2),
            Column::new("Задачи", 4),
            Column::new("Планируемый результат", 4),
        ],
        rows,
    }))
}

/// What a step is for: its deficit, or why it was added.
fn purpose(of: &Source, item: &Item) -> String {
    let deficit = of.deficits.iter().find(|known| Some(known.id) == item.deficit_id);
    match deficit {
        Some(known) => known.name.clone(),
        None => item.reason.clone().unwrap_or_else(|| NOTHING.to_owned()),
    }
}

fn steps(of: &Source) -> Block {
    let marks = of.blocks.contains(&PaperBlock::Marks);
    let mut columns = vec![
        Column::new("№", 2),
        Column::new("Дефицит, задача", 8),
        Column::new("Мероприятие", 9),
        Column::new("Категория", 5),
        Column::new("Вид", 7),
        Column::new("Уровень", 7),
        Column::new("Форма", 7),
        Column::new("Организация", 6),
        Column::new("Часы", 3),
        Column::new("Срок", 5),
        Column::new("Сопровождение", 7),
        Column::new("Ожидаемый результат", 6),
    ];
    if marks {
        columns.push(Column::new("Отметка о выполнении", 6));
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = of.steps().map(|item| {
        let mut row = vec![
            item.number.to_string(),
            purpose(of, item),
            item.title.clone(),
            said(&item.category),
            item.education_form.label().to_owned(),
            item.level.map_or("", ItemLevel::label).to_owned(),
            item.study_form.map_or("", StudyForm::label).to_owned(),
            said(&item.organiser),
            if item.hours > 0 {
                item.hours.to_string()
            } else {
                String::new()
            },
            item.due_on.map_or_else(String::new, date),
            said(&item.accompaniment),
            said(&item.expected),
        ];
        if marks {
            row.push(of.mark(item));
        }
        row
    });
    Block::Table(Table {
        caption: "Карта профессионального развития".to_owned(),
        rows: rows.collect(),
        columns,
    })
}
