//! What the components take: one struct per component in `templates/components/`, printed as it is.

use serde::Serialize;

use super::text::{NOTHING, count};

/// Meaning of a chip or a mark. Always shown by colour, sign and word together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Done, in order.
    Done,
    /// Waits for someone.
    Wait,
    /// Late or out of order.
    Late,
    /// Nothing to say.
    Calm,
}

/// A state in one or two words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// Meaning.
    pub tone: Tone,
    /// Sign: a name of the sprite; empty for none.
    pub icon: &'static str,
    /// Words.
    pub text: String,
}

impl Chip {
    /// A chip with the usual sign of its meaning.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        let icon = match tone {
            Tone::Done => "i-ok",
            Tone::Wait => "i-clock",
            Tone::Late => "i-warn",
            Tone::Calm => "",
        };
        Self {
            tone,
            icon,
            text: text.into(),
        }
    }

    /// With another sign.
    #[must_use]
    pub fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }
}

/// Where a milestone of the path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Passed.
    Done,
    /// The person stands here.
    Now,
    /// Waits for someone else.
    Wait,
    /// Ahead.
    Plan,
}

/// A milestone of the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// Where it stands.
    pub mark: Mark,
    /// Whether it is where the person stands now.
    pub now: bool,
    /// The same in a word, for those who do not see the mark.
    pub said: &'static str,
    /// What it is.
    pub name: String,
    /// Place, form, hours, date.
    pub meta: String,
    /// State.
    pub chip: Option<Chip>,
    /// «Почему здесь».
    pub why: Option<String>,
    /// Files handed in.
    pub files: Vec<Link>,
    /// Id, where other pages point at it.
    pub id: String,
    /// The form that takes it back, while it waits.
    pub back: Option<TakeBack>,
}

/// A step that was sent and may be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakeBack {
    /// The token of the form.
    pub token: String,
    /// Number of the item.
    pub item: String,
}

impl Milestone {
    /// A milestone without a chip and without a reason.
    #[must_use]
    pub fn new(mark: Mark, name: impl Into<String>, meta: impl Into<String>) -> Self {
        let said = match mark {
            Mark::Done => "выполнено",
            Mark::Now => "сейчас",
            Mark::Wait => "на проверке",
            Mark::Plan => "впереди",
        };
        Self {
            mark,
            now: mark == Mark::Now,
            said,
            name: name.into(),
            meta: meta.into(),
            chip: None,
            why: None,
            files: Vec::new(),
            id: String::new(),
            back: None,
        }
    }

    /// As what other pages point at.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// With a chip.
    #[must_use]
    pub fn chip(mut self, chip: Chip) -> Self {
        self.chip = Some(chip);
        self
    }

    /// With files handed in.
    #[must_use]
    pub fn files(mut self, files: Vec<Link>) -> Self {
        self.files = files;
        self
    }

    /// With a reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

/// The next step: what is wanted, by when, and one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// Line above: «Следующий шаг · до 28 февраля, осталось 6 дней».
    pub kicker: String,
    /// What to do.
    pub title: String,
    /// What is wanted, in one line.
    pub text: String,
    /// The button.
    pub button: Option<Button>,
}

/// A button that acts: a form of its own, or a link when it only leads on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// Words.
    pub text: String,
    /// Address.
    pub href: String,
    /// Hidden fields, the token among them; `None` is a link.
    pub fields: Option<Vec<Hidden>>,
}

/// A hidden field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: String,
}

impl Button {
    /// A link that looks like a button.
    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            fields: None,
        }
    }

    /// A form that is sent by the button.
    #[must_use]
    pub fn act(text: impl Into<String>, href: impl Into<String>, fields: &[(&'static str, String)]) -> Self {
        let hidden = fields.iter().map(|(name, value)| Hidden {
            name,
            value: value.clone(),
        });
        Self {
            text: text.into(),
            href: href.into(),
            fields: Some(hidden.collect()),
        }
    }
}

/// A step handed in: a file and a line of text, one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandIn {
    /// Which step, when it is not the next one.
    pub title: Option<String>,
    /// Number of the item.
    pub item: String,
    /// The token of the form.
    pub token: String,
    /// The file.
    pub file: FileField,
    /// The line.
    pub note: Field,
    /// Words of the button.
    pub button: &'static str,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Words.
    pub text: String,
    /// Address.
    pub href: String,
}

impl Link {
    /// A link.
    #[must_use]
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
        }
    }
}

/// A row of a task list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Begins with a verb.
    pub name: String,
    /// One line more.
    pub hint: Option<String>,
    /// Where it is done; `None` when it cannot be begun yet.
    pub href: Option<String>,
    /// State; `None` is «Выполнено», in plain words so that open work stands out.
    pub chip: Option<Chip>,
}

/// A stage of a progress tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Name.
    pub name: &'static str,
    /// Passed.
    pub done: bool,
    /// Current.
    pub now: bool,
}

impl Stage {
    /// The stages of a fixed row of names, of which `now` is current (from 0; past the end: all are passed).
    #[must_use]
    pub fn row(names: &[&'static str], now: usize) -> Vec<Self> {
        let one = |(i, name): (usize, &&'static str)| Self {
            name,
            done: i < now,
            now: i == now,
        };
        names.iter().enumerate().map(one).collect()
    }
}

/// A moment of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// What happened.
    pub title: String,
    /// When, as written.
    pub when: String,
    /// Who; «система» is one of them.
    pub who: String,
    /// A line more.
    pub text: Option<String>,
}

/// A timeline: the latest moments stand open, the rest is folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// Moments, newest first.
    pub latest: Vec<Moment>,
    /// Those before.
    pub earlier: Vec<Moment>,
    /// «Показать ещё 14 записей».
    pub folded: String,
}

impl Timeline {
    /// A timeline of moments, newest first.
    #[must_use]
    pub fn new(mut latest: Vec<Moment>) -> Self {
        let earlier = latest.split_off(latest.len().min(8));
        let rest = i64::try_from(earlier.len()).unwrap_or(i64::MAX);
        Self {
            folded: format!("Показать ещё {}", count(rest, "запись", "записи", "записей")),
            latest,
            earlier,
        }
    }
}

/// A row of a summary list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// Value; empty shows the action alone.
    pub value: String,
    /// Where it is changed.
    pub change: Option<Change>,
}

/// A link that changes a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// «Изменить».
    pub text: &'static str,
    /// What exactly, for those who hear the link alone: «фамилию».
    pub object: &'static str,
    /// Address.
    pub href: String,
}

/// A column of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Head.
    pub label: &'static str,
    /// Figures stand at the right.
    pub right: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(label: &'static str) -> Self {
        Self { label, right: false }
    }

    /// A column of figures.
    #[must_use]
    pub const fn figures(label: &'static str) -> Self {
        Self { label, right: true }
    }
}

/// A cell of a register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Head of its column, shown beside it on a phone.
    pub label: &'static str,
    /// Figures stand at the right.
    pub right: bool,
    /// Words.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// A state in its place.
    pub chip: Option<Chip>,
    /// Words that are not there: a phone leaves the line out.
    pub blank: bool,
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A link.
    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: Some(href.into()),
            ..Self::default()
        }
    }

    /// A state.
    #[must_use]
    pub fn chip(chip: Chip) -> Self {
        Self {
            chip: Some(chip),
            ..Self::default()
        }
    }
}

/// A register: a table that becomes cards on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Register {
    /// Said to those who do not see the table.
    pub caption: String,
    /// Heads.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Register {
    /// A register; each cell takes the head and the side of its column.
    #[must_use]
    pub fn new(caption: impl Into<String>, columns: &[Column], rows: Vec<Vec<Cell>>) -> Self {
        let dress = |row: Vec<Cell>| -> Vec<Cell> {
            let cells = row.into_iter().zip(columns);
            cells
                .map(|(cell, column)| Cell {
                    label: column.label,
                    right: column.right,
                    blank: !column.right && cell.chip.is_none() && (cell.text.is_empty() || cell.text == NOTHING),
                    ..cell
                })
                .collect()
        };
        Self {
            caption: caption.into(),
            columns: columns.to_vec(),
            rows: rows.into_iter().map(dress).collect(),
        }
    }
}

/// A choice of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
    /// Chosen now.
    pub chosen: bool,
}

impl Choice {
    /// A choice; `chosen` is the value that is chosen now.
    #[must_use]
    pub fn new(value: &str, label: impl Into<String>, chosen: &str) -> Self {
        Self {
            value: value.to_owned(),
            label: label.into(),
            chosen: value == chosen,
        }
    }
}

/// A filter of a list: a select, or a search field when it has no choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Name in the address.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Choices.
    pub choices: Vec<Choice>,
    /// What is typed.
    pub value: String,
}

impl Filter {
    /// A select.
    #[must_use]
    pub fn select(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self {
            name,
            label,
            choices,
            value: String::new(),
        }
    }
}

/// The filters of a list, what is chosen, how many were found, and the pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filters {
    /// Address of the list.
    pub action: String,
    /// Filters.
    pub filters: Vec<Filter>,
    /// Chosen ones; each leads to the list without it.
    pub chosen: Vec<Link>,
    /// «Найдено 1 248 педагогов».
    pub found: String,
}

/// Pages of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// «Страница 2 из 50».
    pub place: String,
    /// Address of the page before.
    pub before: Option<String>,
    /// Address of the page after.
    pub after: Option<String>,
}

/// What is wrong in a field: the same words in the summary and at the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Name and id.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// How to fill it.
    pub hint: Option<&'static str>,
    /// What was typed: it stays.
    pub value: String,
    /// What is wrong.
    pub problem: Option<String>,
    /// `text`, `date`, `textarea`.
    pub long: bool,
}

/// A field that is chosen from a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Select {
    /// Name and id.
    pub name: String,
    /// Label.
    pub label: String,
    /// How to choose.
    pub hint: Option<String>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// What is wrong.
    pub problem: Option<String>,
}

/// A field for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileField {
    /// Name and id.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Which files.
    pub hint: &'static str,
    /// What the browser offers: media types and endings.
    pub accept: &'static str,
    /// What is wrong.
    pub problem: Option<String>,
}

/// Nothing to show: why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Empty {
    /// Why.
    pub title: String,
    /// What to expect.
    pub text: String,
    /// What to do.
    pub action: Option<Link>,
}

impl Empty {
    /// Without an action.
    #[must_use]
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            action: None,
        }
    }
}

/// Someone near: a supporter of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Name.
    pub name: String,
    /// As what.
    pub kind: String,
    /// Mail address, where it is known.
    pub mail: Option<String>,
}

/// A share with its bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// What.
    pub name: String,
    /// «48 %».
    pub shown: String,
    /// 0 to 100, for the bar.
    pub percent: i64,
    /// State.
    pub chip: Chip,
}

/// A figure with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// «3 859».
    pub shown: String,
    /// Words below.
    pub label: String,
    /// Its people.
    pub href: Option<String>,
    /// By which definition it is counted.
    pub note: Option<String>,
}
