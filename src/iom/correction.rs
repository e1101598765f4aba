//! «Лист корректировки»: what two revisions of a plan differ in, row by row, from their frozen texts alone. Pure.

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{EducationForm, GoalBasis, ItemLevel, StudyForm};

/// A row: which part of the plan, what it was, what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which part.
    pub part: String,
    /// What it was.
    pub was: String,
    /// What it is.
    pub now: String,
}

/// What stands where there was nothing.
const NOT_SAID: &str = "не указано";
/// What stands on the other side of a part that is new or gone.
const NOT_THERE: &str = "не было";

/// As frozen; what older revisions did not keep is empty.
#[derive(Deserialize)]
struct Body {
    goals: Vec<Goal>,
    items: Vec<Item>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    request: Option<String>,
}

#[derive(Deserialize)]
struct Goal {
    basis: GoalBasis,
    title: String,
    task: Option<String>,
    expected: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    number: i32,
    title: String,
    education_form: EducationForm,
    level: Option<ItemLevel>,
    mandatory: bool,
    hours: i32,
    due_on: Option<NaiveDate>,
    cancelled: bool,
    category: Option<String>,
    study_form: Option<StudyForm>,
    organiser: Option<String>,
    accompaniment: Option<String>,
    expected: Option<String>,
    after: Option<i32>,
    reason: Option<String>,
}

/// A field by its label and in words; empty where nothing is said.
type Fields = Vec<(&'static str, String)>;

impl Goal {
    fn fields(&self) -> Fields {
        vec![
            ("цель", self.title.clone()),
            ("основание", self.basis.label().to_owned()),
            ("задачи", self.task.clone().unwrap_or_default()),
            ("ожидаемый результат", self.expected.clone().unwrap_or_default()),
        ]
    }
}

impl Item {
    fn fields(&self) -> Fields {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            ("содержание", self.title.clone()),
            ("категория", text(&self.category)),
            ("вид образования", self.education_form.label().to_owned()),
            ("уровень", self.level.map_or("", ItemLevel::label).to_owned()),
            ("форма", self.study_form.map_or("", StudyForm::label).to_owned()),
            ("организация", text(&self.organiser)),
            ("объём", format!("{}\u{A0}ч", self.hours)),
            ("срок", self.due_on.map_or_else(String::new, day)),
            ("сопровождение", text(&self.accompaniment)),
            ("ожидаемый результат", text(&self.expected)),
            (
                "обязательность",
                if self.mandatory {
                    "обязательный"
                } else {
                    "по желанию"
                }
                .to_owned(),
            ),
            (
                "после шага",
                self.after.map_or_else(String::new, |number| format!("№\u{A0}{number}")),
            ),
            ("почему здесь", text(&self.reason)),
        ]
    }

    fn name(&self) -> String {
        format!("Шаг №\u{A0}{} «{}»", self.number, self.title)
    }
}

fn day(of: NaiveDate) -> String {
    of.format("%d.%m.%Y").to_string()
}

/// What differs between two frozen texts, in the order of the plan.
///
/// # Errors
/// One of them is not a text of a revision.
pub fn difference(was: &str, now: &str) -> Result<Vec<Row>, serde_json::Error> {
    let (was, now): (Body, Body) = (serde_json::from_str(was)?, serde_json::from_str(now)?);
    let mut rows = Vec::new();
    let period = |of: &Body| {
        let from = of.starts_on.map_or_else(String::new, |on| format!("с {} ", day(on)));
        let to = of
            .ends_on
            .map_or_else(|| "без даты окончания".to_owned(), |on| format!("по {}", day(on)));
        format!("{from}{to}")
    };
    // Revisions made before the period was kept say nothing of it.
    if was.starts_on.is_some() {
        push(&mut rows, "Срок маршрута", &period(&was), &period(&now));
    }
    let request = |of: &Body| of.request.clone().unwrap_or_default();
    push(&mut rows, "Запрос педагога", &request(&was), &request(&now));
    goals(&mut rows, &was.goals, &now.goals);
    items(&mut rows, &was.items, &now.items);
    Ok(rows)
}

fn push(rows: &mut Vec<Row>, part: &str, was: &str, now: &str) {
    if was != now {
        let said = |text: &str| if text.is_empty() { NOT_SAID } else { text }.to_owned();
        rows.push(Row {
            part: part.to_owned(),
            was: said(was),
            now: said(now),
        });
    }
}

/// Rows of the fields that differ.
fn fields(rows: &mut Vec<Row>, name: &str, was: &Fields, now: &Fields) {
    for ((label, was), (_, now)) in was.iter().zip(now) {
        push(rows, &format!("{name}: {label}"), was, now);
    }
}

/// Everything said of a part, in one line.
fn whole(of: &Fields) -> String {
    let said = of.iter().filter(|(_, text)| !text.is_empty());
    said.map(|(label, text)| format!("{label}: {text}"))
        .collect::<Vec<_>>()
        .join("; ")
}

fn goals(rows: &mut Vec<Row>, was: &[Goal], now: &[Goal]) {
    let same = |a: &Goal, b: &Goal| match (&a.id, &b.id) {
        (Some(a), Some(b)) => a == b,
        // Older revisions did not name their goals.
        _ => a.title == b.title,
    };
    for old in was {
        let name = format!("Цель «{}»", old.title);
        match now.iter().find(|new| same(old, new)) {
            Some(new) => fields(rows, &name, &old.fields(), &new.fields()),
            None => push(rows, &name, &whole(&old.fields()), "убрана"),
        }
    }
    for new in now.iter().filter(|new| !was.iter().any(|old| same(old, new))) {
        push(rows, &format!("Цель «{}»", new.title), NOT_THERE, &whole(&new.fields()));
    }
}

fn items(rows: &mut Vec<Row>, was: &[Item], now: &[Item]) {
    for new in now {
        match was.iter().find(|old| old.number == new.number) {
            None => push(rows, &new.name(), NOT_THERE, &whole(&new.fields())),
            Some(old) if new.cancelled && !old.cancelled => {
                push(rows, &old.name(), &whole(&old.fields()), "отменён");
            }
            Some(old) => fields(rows, &old.name(), &old.fields(), &new.fields()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As revisions were frozen before the period, the request and most columns of a step were kept.
    const OLD: &str = r#"{"goals":[{"basis":"deficit","competence":"К1","title":"Ц"}],"items":[{"number":1,"id":5,"title":"Ш","programme":null,
        "education_form":"informal","level":null,"mandatory":true,"hours":8,"due_on":"2023-05-01","topics":"","rule":null,"competence":"К1",
        "cancelled":false}]}"#;

    #[test]
    fn a_revision_of_before_is_compared_by_what_it_kept() {
        let period = ",\"starts_on\":\"2023-01-01\",\"ends_on\":\"2023-12-31\",\"deficits\":[]}";
        let new = OLD
            .replace("\"title\":\"Ц\"", "\"title\":\"Ц\",\"task\":\"разобрать\",\"id\":\"7\"")
            .replace("2023-05-01", "2023-06-01");
        let new = format!(
            "{}{period}",
            new.trim_end_matches('}').trim_end_matches(']').to_owned() + "]"
        );
        let rows = difference(OLD, &new).unwrap();
        let found: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|r| (r.part.as_str(), r.was.as_str(), r.now.as_str()))
            .collect();
        let wanted = [
            ("Цель «Ц»: задачи", NOT_SAID, "разобрать"),
            ("Шаг №\u{A0}1 «Ш»: срок", "01.05.2023", "01.06.2023"),
        ];
        assert_eq!(found, wanted);
        assert!(difference(OLD, OLD).unwrap().is_empty());
        assert!(difference("", OLD).is_err());
    }

    #[test]
    fn a_new_step_and_a_cancelled_one_are_told_whole() {
        let was = OLD;
        let second = r#"{"number":2,"title":"Урок коллеги","education_form":"informal","mandatory":false,"hours":2,"due_on":null,"cancelled":false}"#;
        let now = was.replace("\"cancelled\":false}", &format!("\"cancelled\":true}},{second}"));
        let rows = difference(was, &now).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].part.as_str(), rows[0].now.as_str()),
            ("Шаг №\u{A0}1 «Ш»", "отменён")
        );
        assert!(
            rows[0]
                .was
                .contains("содержание: Ш; вид образования: информальное; объём: 8\u{A0}ч"),
            "{}",
            rows[0].was
        );
        assert_eq!(
            (rows[1].part.as_str(), rows[1].was.as_str()),
            ("Шаг №\u{A0}2 «Урок коллеги»", NOT_THERE)
        );
    }
}
