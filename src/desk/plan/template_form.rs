//! The form of a template: its parts as fields, and what was typed as a template.

use crate::db::text_keys::clean;
use crate::desk::plan::card::Wrong;
use crate::desk::plan::edit_form::{Asked, Block, Typed};
use crate::error::Refusal;
use crate::iom::offer::Course;
use crate::iom::template::{Said, Step, Template};
use crate::iom::{EducationForm, ItemLevel, StudyForm};
use crate::pages::text::capital;
use crate::web::call::Fields;

/// New steps that one form takes.
const NEW: usize = 3;

fn field(id: &str, part: &str) -> String {
    format!("step-{id}-{part}")
}

fn new_steps() -> impl Iterator<Item = String> {
    (1..=NEW).map(|n| format!("new{n}"))
}

/// The form with what stands; without a template it asks for a new one.
pub(crate) fn blocks(template: Option<&Template>, steps: &[Step]) -> Vec<Block> {
    let title = template.map_or("", |t| t.title.as_str());
    let mut fields = vec![Asked::text("title".into(), "Название", title)];
    if template.is_none() {
        let hint = "Буквы, цифры и дефис. Потом не меняется: по нему шаблон узнают";
        fields.push(Asked::text("code".into(), "Код", "").hint(hint));
    }
    let mut blocks = vec![Block {
        heading: "",
        title: "Шаблон".into(),
        note: String::new(),
        fold: false,
        top: true,
        open: true,
        fields,
    }];
    let mut heading = "Шаги";
    for step in steps {
        let heading = std::mem::take(&mut heading);
        blocks.push(block(heading, Some(step), &step.code));
    }
    for (place, id) in new_steps().enumerate() {
        let mut new = block(std::mem::take(&mut heading), None, &id);
        new.open = steps.is_empty() && place == 0;
        blocks.push(new);
    }
    blocks
}

fn block(heading: &'static str, step: Option<&Step>, id: &str) -> Block {
    let name = |part| field(id, part);
    let text = |of: fn(&Step) -> &Option<String>| step.and_then(|s| of(s).clone()).unwrap_or_default();
    let number = |of: fn(&Step) -> i32| step.map_or_else(String::new, |s| of(s).to_string());
    let any = |label: &str| (String::new(), label.to_owned());
    let form = step.map_or(EducationForm::NonFormal, |s| s.education_form);
    let level = step.and_then(|s| s.level).map_or("", ItemLevel::code);
    let study = step.and_then(|s| s.study_form).map_or("", StudyForm::code);
    let mut fields = vec![
        Asked::text(name("title"), "Что сделать", step.map_or("", |s| s.title.as_str())).long(),
        Asked::text(name("programme"), "Код программы", text(|s| &s.programme))
            .hint("Для курса: название и часы возьмутся из каталога, если их не вписать"),
        Asked::text(name("months"), "Срок, месяцев от начала маршрута", number(|s| s.months)),
        Asked::text(name("hours"), "Объём, часов", number(|s| s.hours)),
        Asked::text(name("form"), "Вид образования", form.code()).choose(
            EducationForm::ALL
                .iter()
                .map(|f| (f.code().to_owned(), capital(f.label()))),
        ),
        Asked::text(name("level"), "Уровень", level).choose(
            std::iter::once(any("Не указан"))
                .chain(ItemLevel::ALL.iter().map(|l| (l.code().to_owned(), capital(l.label())))),
        ),
        Asked::text(name("study"), "Форма", study).choose(
            std::iter::once(any("Не указана"))
                .chain(StudyForm::ALL.iter().map(|f| (f.code().to_owned(), capital(f.label())))),
        ),
        Asked::text(name("category"), "Категория", text(|s| &s.category)).hint("Семинар, стажировка, открытый урок"),
        Asked::text(name("organiser"), "Организация", text(|s| &s.organiser)),
        Asked::text(name("accompaniment"), "Сопровождение", text(|s| &s.accompaniment)).hint("Кто и чем поможет"),
        Asked::text(
            name("expected"),
            "Ожидаемый результат и чем он подтверждается",
            text(|s| &s.expected),
        )
        .long(),
        Asked::tick(name("mandatory"), "Обязательный", step.is_some_and(|s| s.mandatory)),
    ];
    if step.is_some() {
        fields.push(Asked::tick(name("out"), "Убрать этот шаг", false));
    }
    Block {
        heading,
        title: step.map_or_else(|| "Новый шаг".to_owned(), |s| s.title.clone()),
        note: String::new(),
        fold: true,
        top: false,
        open: false,
        fields,
    }
}

/// Puts what was typed and what is wrong into the fields; a part that the form did not have stays as it stands.
pub(crate) fn again(blocks: &mut [Block], fields: &Fields, problems: &[Wrong]) {
    for block in blocks {
        let sent = block.fields.first().is_some_and(|f| fields.get(&f.name).is_some());
        for field in block.fields.iter_mut().filter(|_| sent) {
            let typed = fields.get(&field.name).unwrap_or_default();
            block.open |= typed != field.value;
            field.value = typed.to_owned();
            for choice in &mut field.choices {
                choice.chosen = choice.value == field.value;
            }
            field.problem = problems.iter().find(|p| p.field == field.name).map(|p| p.text.clone());
            block.open |= field.problem.is_some();
        }
    }
}

/// Names that a form of this template may carry.
pub(crate) fn names(template: Option<&Template>, steps: &[Step]) -> Vec<String> {
    let beside = ["seen", "key", "act", "shown"].map(str::to_owned);
    let fields = blocks(template, steps).into_iter().flat_map(|b| b.fields);
    beside.into_iter().chain(fields.map(|f| f.name)).collect()
}

/// Codes of programmes that were typed.
pub(crate) fn programmes(fields: &Fields, steps: &[Step]) -> Vec<String> {
    let ids = steps.iter().map(|s| s.code.clone()).chain(new_steps());
    let codes = ids.filter_map(|id| fields.get(&field(&id, "programme")).map(clean));
    codes.filter(|code| !code.is_empty()).collect()
}

/// What was typed, with what cannot be read or cannot be.
pub(crate) fn said(
    fields: &Fields,
    template: Option<&Template>,
    steps: &[Step],
    courses: &[Course],
) -> (Said, Vec<Wrong>) {
    let mut typed = Typed {
        fields,
        problems: Vec::new(),
    };
    let (mut found, mut ids) = (Vec::new(), Vec::new());
    for known in steps {
        if !typed.is_ticked(&field(&known.code, "out")) {
            found.push(step(&mut typed, &known.code, known.code.clone(), courses));
            ids.push(known.code.clone());
        }
    }
    for id in new_steps() {
        let new = step(&mut typed, &id, String::new(), courses);
        let said = [&new.category, &new.organiser, &new.accompaniment, &new.expected];
        let filled = !new.title.is_empty() || new.programme.is_some() || new.months != 0;
        if filled || said.iter().any(|text| text.is_some()) {
            found.push(new);
            ids.push(id);
        }
    }
    let said = Said {
        code: template.map_or_else(|| typed.text("code"), |t| t.code.clone()),
        title: typed.text("title"),
        steps: found,
    };
    if typed.problems.is_empty()
        && let Some((place, why)) = said.refused()
    {
        let name = place_of(&why, place.and_then(|place| ids.get(place)));
        typed.wrong(&name, capital(&why.to_string()));
    }
    (said, typed.problems)
}

/// The field that a refusal is about.
fn place_of(why: &Refusal, id: Option<&String>) -> String {
    let part = match why.code {
        "template.code" | "template.code_taken" => return "code".into(),
        "template.title" => return "title".into(),
        "template.step_hours" => "hours",
        "template.step_months" => "months",
        _ => "title",
    };
    id.map_or_else(|| "change".to_owned(), |id| field(id, part))
}

fn step(typed: &mut Typed<'_>, id: &str, code: String, courses: &[Course]) -> Step {
    let name = |part| field(id, part);
    let programme = typed.text(&name("programme"));
    let course = courses.iter().find(|c| c.code == programme);
    if course.is_none() && !programme.is_empty() {
        typed.wrong(
            &name("programme"),
            format!("Программы с кодом «{programme}» в каталоге нет: проверьте код"),
        );
    }
    let title = typed.text(&name("title"));
    let hours = typed.number(&name("hours"));
    let form = EducationForm::from_code(&typed.text(&name("form"))).unwrap_or(EducationForm::NonFormal);
    let mut some = |part| Some(typed.text(&name(part))).filter(|text| !text.is_empty());
    Step {
        code,
        category: some("category"),
        organiser: some("organiser"),
        accompaniment: some("accompaniment"),
        expected: some("expected"),
        title: match course {
            Some(course) if title.is_empty() => course.title.clone(),
            _ => title,
        },
        hours: hours.or(course.map(|c| c.hours)).unwrap_or(0),
        education_form: course.map_or(form, |_| EducationForm::Formal),
        programme: course.map(|c| c.code.clone()),
        level: ItemLevel::from_code(&typed.text(&name("level"))),
        study_form: StudyForm::from_code(&typed.text(&name("study"))),
        months: typed.number(&name("months")).unwrap_or(0),
        mandatory: typed.is_ticked(&name("mandatory")),
    }
}
