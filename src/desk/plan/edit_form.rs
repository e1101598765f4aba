//! The form that changes a plan: its parts as fields, and what was typed as a change.

use chrono::NaiveDate;
use serde::Serialize;

use crate::db::text_keys::clean;
use crate::desk::plan::card::Wrong;
use crate::desk::plan::rows::PlanRows;
use crate::iom::editing::{Change, GoalText, ItemText};
use crate::iom::offer::Course;
use crate::iom::{EducationForm, Goal, GoalBasis, GoalId, Item, ItemLevel, ItemState, StudyForm};
use crate::pages::parts::Choice;
use crate::pages::text::{capital, date, typed_day};
use crate::web::call::Fields;

/// New goals and new steps that one form takes.
const NEW_GOALS: usize = 2;
const NEW_ITEMS: usize = 3;
/// The longest text of a field, characters.
const LONGEST: usize = 2_000;

/// A field.
#[derive(Debug, Default, Serialize)]
pub struct Asked {
    /// Name and id.
    pub name: String,
    pub(crate) label: &'static str,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) long: bool,
    pub(crate) tick: bool,
    pub(crate) choices: Vec<Choice>,
    pub(crate) problem: Option<String>,
}

impl Asked {
    pub(crate) fn text(name: String, label: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            label,
            value: value.into(),
            ..Self::default()
        }
    }

    pub(crate) fn long(self) -> Self {
        Self { long: true, ..self }
    }

    pub(crate) fn hint(self, hint: &str) -> Self {
        Self {
            hint: hint.to_owned(),
            ..self
        }
    }

    /// Whether it is the last day of a step.
    pub(super) fn is_due(&self) -> bool {
        self.name.starts_with("item-") && self.name.ends_with("-due")
    }

    /// A box: its value is `yes` while it is ticked.
    pub(crate) fn tick(name: String, label: &'static str, ticked: bool) -> Self {
        Self {
            tick: true,
            ..Self::text(name, label, if ticked { "yes" } else { "" })
        }
    }

    pub(crate) fn choose(self, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        let chosen = self.value.clone();
        let choice = |(value, label): (String, String)| Choice::new(&value, label, &chosen);
        Self {
            choices: choices.into_iter().map(choice).collect(),
            ..self
        }
    }
}

/// Fields that belong together.
#[derive(Debug, Serialize)]
pub struct Block {
    /// Head of the part that begins with it; empty within a part.
    pub(crate) heading: &'static str,
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) fold: bool,
    /// Whether its title stands as high as the heads of parts.
    pub(crate) top: bool,
    pub(crate) open: bool,
    /// Fields; none where the block only tells.
    pub fields: Vec<Asked>,
}

/// What a form is made of.
pub struct Parts<'a> {
    /// Rows of the plan.
    pub rows: &'a PlanRows,
    /// Goals that stand, in their order.
    pub goals: &'a [Goal],
}

fn of_goal(id: &str, part: &str) -> String {
    format!("goal-{id}-{part}")
}

fn of_item(number: &str, part: &str) -> String {
    format!("item-{number}-{part}")
}

fn new_goals() -> impl Iterator<Item = String> {
    (1..=NEW_GOALS).map(|n| format!("new{n}"))
}

fn new_items() -> impl Iterator<Item = String> {
    (1..=NEW_ITEMS).map(|n| format!("new{n}"))
}

/// Whether a step may be changed: it is neither settled nor cancelled.
pub(super) fn is_open(item: &Item) -> bool {
    !item.state.is_settled() && item.state != ItemState::Cancelled
}

impl Parts<'_> {
    /// The form with what stands.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let plan = &self.rows.plan;
        let mut blocks = vec![Block {
            heading: "",
            title: "Срок и запрос".into(),
            note: format!("Маршрут начинается {}.", date(plan.starts_on)),
            fold: false,
            top: true,
            open: true,
            fields: vec![
                Asked::text("ends_on".into(), "Последний день", day(plan.ends_on)).hint("Например, 28.02.2027"),
                Asked::text(
                    "request".into(),
                    "Запрос педагога",
                    plan.request.clone().unwrap_or_default(),
                )
                .long()
                .hint("Чему педагог сам хочет научиться; можно не заполнять"),
            ],
        }];
        let mut heading = "Цели";
        for goal in self.goals {
            blocks.push(goal_block(
                std::mem::take(&mut heading),
                Some(goal),
                goal.id.to_string(),
            ));
        }
        for id in new_goals() {
            blocks.push(goal_block(std::mem::take(&mut heading), None, id));
        }
        heading = "Шаги";
        for item in &self.rows.items {
            let heading = std::mem::take(&mut heading);
            blocks.push(if is_open(item) {
                self.item_block(heading, Some(item), item.number.to_string())
            } else {
                Block {
                    heading,
                    title: step(item),
                    note: format!("{}: этот шаг не меняют.", capital(item.state.label())),
                    fold: false,
                    top: false,
                    open: false,
                    fields: Vec::new(),
                }
            });
        }
        for number in new_items() {
            blocks.push(self.item_block(std::mem::take(&mut heading), None, number));
        }
        if plan.revision > 0 {
            blocks.push(Block {
                heading: "",
                title: "Почему маршрут меняется".into(),
                note: "Это войдёт в лист корректировки, педагог прочитает.".into(),
                fold: false,
                top: true,
                open: true,
                fields: vec![Asked::text("reason".into(), "Основание", "").long()],
            });
        }
        blocks
    }

    fn item_block(&self, heading: &'static str, item: Option<&Item>, number: String) -> Block {
        let field = |part| of_item(&number, part);
        let text = |of: fn(&Item) -> &Option<String>| item.and_then(|i| of(i).clone()).unwrap_or_default();
        let any = |label: &str| (String::new(), label.to_owned());
        let mut fields = vec![Asked::text(field("title"), "Что сделать", item.map_or("", |i| &i.title)).long()];
        if item.is_none() {
            let programme = Asked::text(field("programme"), "Код программы", "");
            fields.push(programme.hint("Для курса: название и часы возьмутся из каталога, если их не вписать"));
        }
        let form = item.map_or(EducationForm::NonFormal, |i| i.education_form);
        let level = item.and_then(|i| i.level).map_or("", ItemLevel::code);
        let study = item.and_then(|i| i.study_form).map_or("", StudyForm::code);
        let after = item.and_then(|i| i.after_item_id);
        let after = self.rows.items.iter().find(|i| Some(i.id) == after);
        let before = |i: &&Item| is_open(i) || i.state.is_settled();
        let others = self.rows.items.iter().filter(before);
        let others = others.filter(|i| item.is_none_or(|own| own.number != i.number));
        fields.extend([
            Asked::text(field("form"), "Вид образования", form.code()).choose(
                EducationForm::ALL
                    .iter()
                    .map(|f| (f.code().to_owned(), capital(f.label()))),
            ),
            Asked::text(field("level"), "Уровень", level).choose(
                std::iter::once(any("Не указан"))
                    .chain(ItemLevel::ALL.iter().map(|l| (l.code().to_owned(), capital(l.label())))),
            ),
            Asked::text(field("study"), "Форма", study).choose(
                std::iter::once(any("Не указана"))
                    .chain(StudyForm::ALL.iter().map(|f| (f.code().to_owned(), capital(f.label())))),
            ),
            Asked::text(field("category"), "Категория", text(|i| &i.category))
                .hint("Семинар, стажировка, открытый урок"),
            Asked::text(field("organiser"), "Организация", text(|i| &i.organiser)),
            Asked::text(
                field("hours"),
                "Объём, часов",
                item.map_or_else(String::new, |i| i.hours.to_string()),
            ),
            Asked::text(field("due"), "Срок", day(item.and_then(|i| i.due_on))),
            Asked::text(
                field("after"),
                "После какого шага",
                after.map_or_else(String::new, |i| i.number.to_string()),
            )
            .choose(std::iter::once(any("Порядок не важен")).chain(others.map(|i| (i.number.to_string(), step(i))))),
            Asked::text(field("accompaniment"), "Сопровождение", text(|i| &i.accompaniment)).hint("Кто и чем поможет"),
            Asked::text(
                field("expected"),
                "Ожидаемый результат и чем он подтверждается",
                text(|i| &i.expected),
            )
            .long(),
            Asked::text(field("reason"), "Почему этот шаг здесь", text(|i| &i.reason)).long(),
            Asked::tick(field("mandatory"), "Обязательный", item.is_some_and(|i| i.mandatory)),
        ]);
        if item.is_some() {
            fields.push(Asked::tick(field("cancel"), "Отменить этот шаг", false));
        }
        Block {
            heading,
            title: item.map_or_else(|| "Новый шаг".to_owned(), step),
            note: String::new(),
            fold: true,
            top: false,
            open: false,
            fields,
        }
    }

    /// Names that a form of this plan may carry: of steps that were settled since it was opened too.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = ["seen", "key", "reason"].map(str::to_owned).to_vec();
        let settled = self.rows.items.iter().filter(|i| !is_open(i));
        let settled = settled.map(|i| self.item_block("", Some(i), i.number.to_string()));
        let fields = self.blocks().into_iter().chain(settled).flat_map(|b| b.fields);
        names.extend(fields.map(|f| f.name).filter(|name| name != "reason"));
        names
    }

    /// What was typed, with what cannot be read. `courses` are those whose codes were typed.
    #[must_use]
    pub fn change(&self, fields: &Fields, courses: &[Course]) -> (Change, Vec<Wrong>) {
        let mut typed = Typed {
            fields,
            problems: Vec::new(),
        };
        let goal = |typed: &mut Typed<'_>, id: String, known: Option<GoalId>| GoalText {
            id: known,
            basis: GoalBasis::from_code(&typed.text(&of_goal(&id, "basis"))).unwrap_or(GoalBasis::Deficit),
            title: typed.text(&of_goal(&id, "title")),
            task: typed.text(&of_goal(&id, "task")),
            expected: typed.text(&of_goal(&id, "expected")),
        };
        let mut goals = Vec::new();
        for known in self.goals {
            let id = known.id.to_string();
            if !typed.is_ticked(&of_goal(&id, "out")) {
                goals.push(goal(&mut typed, id, Some(known.id)));
            }
        }
        for id in new_goals() {
            let new = goal(&mut typed, id, None);
            if [&new.title, &new.task, &new.expected]
                .iter()
                .any(|text| !text.is_empty())
            {
                goals.push(new);
            }
        }
        // Settled while the form was open: what was typed for it must not be lost in silence.
        for item in self.rows.items.iter().filter(|i| !is_open(i)) {
            let sent = |part: &str| fields.get(&of_item(&item.number.to_string(), part));
            if sent("title").is_some() {
                let text = format!("Шаг № {}: {}, его не меняют", item.number, item.state.label());
                typed.wrong("change", text);
            }
        }
        let mut items = Vec::new();
        for item in self.rows.items.iter().filter(|i| is_open(i)) {
            items.push(typed.item(&item.number.to_string(), Some(item.number), courses));
        }
        for number in new_items() {
            let new = typed.item(&number, None, courses);
            let said = [&new.title, &new.category, &new.organiser, &new.expected, &new.reason];
            if new.course.is_some() || new.due_on.is_some() || said.iter().any(|text| !text.is_empty()) {
                items.push(new);
            }
        }
        let change = Change {
            request: typed.text("request"),
            ends_on: typed.day("ends_on"),
            goals,
            items,
            template: None,
        };
        (change, typed.problems)
    }
}

/// Codes of programmes that were typed for new steps.
#[must_use]
pub fn programmes(fields: &Fields) -> Vec<String> {
    let codes = new_items().filter_map(|number| fields.get(&of_item(&number, "programme")).map(clean));
    codes.filter(|code| !code.is_empty()).collect()
}

/// Puts what was typed and what is wrong into the fields.
pub fn again(blocks: &mut [Block], fields: &Fields, problems: &[Wrong]) {
    for block in blocks {
        for field in &mut block.fields {
            field.value = fields.get(&field.name).unwrap_or_default().to_owned();
            for choice in &mut field.choices {
                choice.chosen = choice.value == field.value;
            }
            field.problem = problems.iter().find(|p| p.field == field.name).map(|p| p.text.clone());
            block.open |= field.problem.is_some();
        }
    }
}

/// Puts what was typed beside what somebody else saved meanwhile: what stands is not typed over, and nothing typed is lost.
pub fn beside(blocks: &mut [Block], fields: &Fields) {
    for block in blocks {
        for field in &mut block.fields {
            let typed = fields.get(&field.name).unwrap_or_default();
            if typed.is_empty() || typed == field.value {
                continue;
            }
            block.open = true;
            if field.value.is_empty() {
                field.value = typed.to_owned();
                continue;
            }
            let chosen = field.choices.iter().find(|c| c.value == typed);
            let typed = chosen.map_or(typed, |c| c.label.as_str());
            field.hint = format!("У вас было: «{typed}»");
        }
    }
}

fn goal_block(heading: &'static str, goal: Option<&Goal>, id: String) -> Block {
    let field = |part| of_goal(&id, part);
    let text = |of: fn(&Goal) -> &Option<String>| goal.and_then(|g| of(g).clone()).unwrap_or_default();
    let mut fields = vec![Asked::text(field("title"), "Цель", goal.map_or("", |g| &g.title)).long()];
    // What was drafted from a deficit rests on it for good.
    if goal.is_none_or(|g| g.deficit_id.is_none()) {
        let now = goal.map_or(GoalBasis::IndividualRequest, |g| g.basis);
        let bases = GoalBasis::ALL.iter().filter(|b| **b != GoalBasis::Deficit);
        fields.push(
            Asked::text(field("basis"), "Основание", now.code())
                .choose(bases.map(|b| (b.code().to_owned(), capital(b.label())))),
        );
    }
    fields.extend([
        Asked::text(field("task"), "Задачи", text(|g| &g.task)).long(),
        Asked::text(field("expected"), "Ожидаемый результат", text(|g| &g.expected)).long(),
    ]);
    if goal.is_some() {
        fields.push(Asked::tick(field("out"), "Убрать эту цель", false));
    }
    Block {
        heading,
        title: goal.map_or_else(|| "Новая цель".to_owned(), |g| g.title.clone()),
        note: String::new(),
        fold: true,
        top: false,
        open: false,
        fields,
    }
}

fn step(item: &Item) -> String {
    format!("Шаг №\u{A0}{}. {}", item.number, item.title)
}

fn day(of: Option<NaiveDate>) -> String {
    of.map_or_else(String::new, date)
}

/// A form as it was typed, with what cannot be read.
pub(crate) struct Typed<'a> {
    /// Its fields.
    pub(crate) fields: &'a Fields,
    /// What is wrong.
    pub(crate) problems: Vec<Wrong>,
}

impl Typed<'_> {
    pub(crate) fn wrong(&mut self, name: &str, text: impl Into<String>) {
        self.problems.push(Wrong {
            field: name.to_owned(),
            text: text.into(),
        });
    }

    pub(crate) fn text(&mut self, name: &str) -> String {
        let text = self.fields.get(name).map(clean).unwrap_or_default();
        if text.chars().count() > LONGEST {
            self.wrong(name, format!("Слишком длинно: нужно не больше {LONGEST} знаков"));
        }
        text
    }

    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.fields.get(name) == Some("yes")
    }

    fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.text(name);
        let day = typed_day(&text);
        if day.is_none() && !text.is_empty() {
            self.wrong(name, "Напишите день так: 28.02.2027");
        }
        day
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<i32> {
        let text = self.text(name);
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            self.wrong(name, "Нужно целое число");
        }
        number
    }

    fn item(&mut self, id: &str, number: Option<i32>, courses: &[Course]) -> ItemText {
        let field = |part| of_item(id, part);
        let code = self.text(&field("programme"));
        let course = courses.iter().find(|c| c.code == code).cloned();
        if course.is_none() && !code.is_empty() {
            self.wrong(
                &field("programme"),
                format!("Программы с кодом «{code}» в каталоге нет: проверьте код"),
            );
        }
        ItemText {
            number,
            cancel: self.is_ticked(&field("cancel")),
            title: self.text(&field("title")),
            course,
            education_form: EducationForm::from_code(&self.text(&field("form"))).unwrap_or(EducationForm::NonFormal),
            level: ItemLevel::from_code(&self.text(&field("level"))),
            mandatory: self.is_ticked(&field("mandatory")),
            hours: self.number(&field("hours")).unwrap_or(0),
            due_on: self.day(&field("due")),
            category: self.text(&field("category")),
            study_form: StudyForm::from_code(&self.text(&field("study"))),
            organiser: self.text(&field("organiser")),
            accompaniment: self.text(&field("accompaniment")),
            expected: self.text(&field("expected")),
            after: self.number(&field("after")),
            reason: self.text(&field("reason")),
            template_step: None,
        }
    }
}
