//! The one page of the registers: facts, a table, people to tick, forms. Its template is `desk/register.hbs`.

use chrono::NaiveDate;
use serde::Serialize;

use crate::db::Tx;
use crate::db::text_keys::clean;
use crate::desk::once::once_by_version;
use crate::error::Error;
use crate::pages::parts::{Cell, Choice, Column, Empty, Fact, Field, Filters, Link, Paging, Problem, Register, Select};
use crate::pages::text::{NOTHING, typed_day};
use crate::web::Call;
use crate::web::call::Fields;

/// A page.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Sheet {
    pub crumbs: Vec<Link>,
    pub heading: String,
    pub lead: String,
    pub done: Option<&'static str>,
    pub problems: Vec<Problem>,
    pub facts: Vec<Fact>,
    pub filters: Option<Filters>,
    pub register: Option<Register>,
    pub paging: Option<Paging>,
    pub empty: Option<Empty>,
    pub blocks: Vec<Block>,
    pub token: String,
}

/// A part of a page with a heading of its own.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Block {
    pub title: String,
    pub text: Option<String>,
    pub register: Option<Register>,
    pub paging: Option<Paging>,
    pub forms: Vec<Form>,
}

/// A form of one act.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Form {
    /// Where it goes.
    pub action: String,
    /// Which act; empty where the address has only one.
    pub act: &'static str,
    /// The version that stands on the page; empty where there is none.
    pub seen: String,
    /// The key by which a repeated sending is known; empty where none is needed.
    pub key: String,
    /// What it is about, where its address does not say it; empty where it does.
    pub of: String,
    /// What it is called while it is folded; empty for one that stands open.
    pub folded: String,
    /// Whether a folded one is open: something in it is wrong.
    pub open: bool,
    pub parts: Vec<Part>,
    pub button: String,
}

/// A field of a form.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Part {
    field: Option<Field>,
    select: Option<Select>,
    checks: Option<Checks>,
}

impl Part {
    /// What it asks for and what it says, as a person reads it.
    fn said(&self) -> (&str, String) {
        let said = match (&self.field, &self.select, &self.checks) {
            (Some(field), ..) => (field.label, field.value.clone()),
            (_, Some(select), _) => {
                let chosen = select.choices.iter().find(|c| c.chosen && !c.value.is_empty());
                (
                    select.label.as_str(),
                    chosen.map_or_else(String::new, |c| c.label.clone()),
                )
            }
            (.., Some(checks)) => {
                let ticked = checks.items.iter().filter(|item| item.checked);
                let ticked: Vec<&str> = ticked.map(|item| item.label.as_str()).collect();
                (checks.legend.as_str(), ticked.join(", "))
            }
            _ => ("", String::new()),
        };
        let (label, value) = said;
        (label, if value.is_empty() { NOTHING.to_owned() } else { value })
    }
}

/// The field under which a change is told that came second: the form of the change itself.
const CLASH: &str = "change";

/// Writes an act of the page of a record. What changes the record itself, at the version that was seen, is one act however
/// often its form is sent; acts on people of the record are told apart by these.
pub(crate) async fn written(
    call: &Call,
    write: impl FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send + 'static,
) -> Result<(), Error> {
    match call.form.get("act") {
        Some("change" | "withdraw" | "restore" | "check") => {
            let write = |tx: &mut Tx<'_>| write(tx).map(|()| String::new());
            once_by_version(call, write).await.map(drop)
        }
        _ => call.app().db.write(write).await,
    }
}

/// What is wrong with an act that came second, and where: in the sentence stands who was quicker. What was typed stays,
/// over the version that stands now.
pub(crate) fn clash(act: &str, field: &'static str, what: &str) -> [Wrong; 1] {
    [if act == CLASH {
        let text = format!("{what} Ваши изменения не записаны. Сравните их с тем, что записано, и запишите снова.");
        (CLASH, text)
    } else {
        let text = format!("{what} Ваше действие не записано: посмотрите, что изменилось, и решите заново.");
        (field, text)
    }]
}

/// The fields of a change that say something else than what is stored, where it came second.
pub(crate) fn compared(now: &[Part], typed: &[Part], wrong: &[Wrong], withdrawn: bool) -> Option<Register> {
    // A change of what is withdrawn was sent before that: its form is not there any more.
    let late = withdrawn || wrong.iter().any(|(field, _)| *field == CLASH);
    if wrong.is_empty() || !late {
        return None;
    }
    let columns = [
        Column::words("Поле"),
        Column::words("Сейчас записано"),
        Column::words("Вы ввели"),
    ];
    let both = now.iter().zip(typed).map(|(now, typed)| (now.said(), typed.said()));
    let rows = both.filter(|(now, typed)| now.1 != typed.1);
    let rows = rows.map(|((label, now), (_, typed))| vec![Cell::text(label), Cell::text(now), Cell::text(typed)]);
    Some(Register::new("Что различается", &columns, rows.collect())).filter(|of| !of.rows.is_empty())
}

/// Boxes under one question.
#[derive(Debug, Serialize)]
pub(crate) struct Checks {
    pub legend: String,
    pub name: &'static str,
    pub items: Vec<Check>,
    pub problem: Option<String>,
}

/// A box.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    pub value: String,
    pub label: String,
    pub meta: String,
    pub checked: bool,
}

/// What is wrong with a form: the field and the sentence.
pub(crate) type Wrong = (&'static str, String);

/// How a record is kept by whoever may: changed or withdrawn while it stands, brought back once it is withdrawn.
pub(crate) struct Keeping<'a> {
    /// Where its forms go.
    pub address: String,
    /// The version that stands on the page.
    pub version: i32,
    pub withdrawn: bool,
    /// What is stored, by the name of a field.
    pub stored: &'a dyn Fn(&str) -> String,
    /// The fields of a change: over what is stored, or over what was typed. The last is the code, which files call the
    /// record by: it stays.
    pub form: &'a dyn Fn(&Fill<'_>, bool) -> Form,
    /// The call that was refused, or that opens the page.
    pub call: &'a Call,
    pub wrong: &'a [Wrong],
    /// What it is called to bring the record back, to withdraw it, and to do that.
    pub words: [&'static str; 3],
}

impl Keeping<'_> {
    /// Its block.
    pub fn block(self) -> Block {
        let [back, folded, button] = self.words;
        let (sent, again) = (Sent(&self.call.form), self.call.form.get("act").unwrap_or_default());
        let typed = |name: &str| match name {
            "reason" => sent.text(name),
            _ if again == CLASH => sent.text(name),
            _ => (self.stored)(name),
        };
        let fill = Fill {
            values: &typed,
            wrong: self.wrong,
        };
        let now = Fill {
            values: self.stored,
            wrong: &[],
        };
        let parts = |of: &Fill<'_>, typed| {
            let mut parts = (self.form)(of, typed).parts;
            parts.pop();
            parts
        };
        let change = parts(&fill, again == CLASH);
        let register = compared(&parts(&now, false), &change, self.wrong, self.withdrawn);
        let form = |act, button: &str| Form {
            action: self.address.clone(),
            act,
            seen: self.version.to_string(),
            open: again == act && !self.wrong.is_empty(),
            button: button.into(),
            ..Form::default()
        };
        let forms = if self.withdrawn {
            vec![form("restore", back)]
        } else {
            vec![
                Form {
                    folded: "Изменить".into(),
                    parts: change,
                    ..form("change", "Записать")
                },
                Form {
                    folded: folded.into(),
                    parts: vec![fill.line("reason", "Причина: она останется в записи", None)],
                    ..form("withdraw", button)
                },
            ]
        };
        Block {
            title: "Ведение".into(),
            register,
            forms,
            ..Block::default()
        }
    }
}

/// Fields of a form with what was typed and what is wrong.
pub(crate) struct Fill<'a> {
    pub values: &'a dyn Fn(&str) -> String,
    pub wrong: &'a [Wrong],
}

impl Fill<'_> {
    fn problem(&self, name: &str) -> Option<String> {
        self.wrong
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, text)| text.clone())
    }

    /// A line of text.
    pub fn line(&self, name: &'static str, label: &'static str, hint: Option<&'static str>) -> Part {
        Part {
            field: Some(Field {
                name,
                label,
                hint,
                value: (self.values)(name),
                problem: self.problem(name),
                long: false,
            }),
            ..Part::default()
        }
    }

    /// A longer text.
    pub fn long(&self, name: &'static str, label: &'static str, hint: Option<&'static str>) -> Part {
        let mut part = self.line(name, label, hint);
        part.field.iter_mut().for_each(|f| f.long = true);
        part
    }

    /// A choice of one; `none` is the first choice, with an empty value.
    pub fn choice(
        &self,
        name: &'static str,
        label: &str,
        none: Option<&str>,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Part {
        let value = (self.values)(name);
        let first = none.map(|label| Choice::new("", label, &value));
        let rest = choices
            .into_iter()
            .map(|(code, label)| Choice::new(&code, label, &value));
        Part {
            select: Some(Select {
                name: name.into(),
                label: label.into(),
                hint: None,
                choices: first.into_iter().chain(rest).collect(),
                problem: self.problem(name),
            }),
            ..Part::default()
        }
    }

    /// Boxes to tick.
    pub fn checks(&self, legend: &str, name: &'static str, items: Vec<Check>) -> Part {
        Part {
            checks: Some(Checks {
                legend: legend.into(),
                name,
                items,
                problem: self.problem(name),
            }),
            ..Part::default()
        }
    }
}

/// A form as it was sent.
pub(crate) struct Sent<'a>(pub &'a Fields);

impl Sent<'_> {
    /// The clean text of a field; empty where it was not sent.
    pub fn text(&self, name: &str) -> String {
        clean(self.0.get(name).unwrap_or_default())
    }

    /// The text, if there is any.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A day that must be there.
    pub fn day(&self, name: &'static str, wrong: &mut Vec<Wrong>) -> Option<NaiveDate> {
        let day = self.some(name).and_then(|text| typed_day(&text));
        if day.is_none() {
            wrong.push((name, "Напишите день так: 01.09.2026.".into()));
        }
        day
    }

    /// A day that may be left out.
    pub fn maybe_day(&self, name: &'static str, wrong: &mut Vec<Wrong>) -> Option<NaiveDate> {
        self.some(name)?;
        self.day(name, wrong)
    }

    /// The first day, which must be there, and the last one, which may be left out and is not before the first.
    pub fn span(
        &self,
        [first, last]: [&'static str; 2],
        wrong: &mut Vec<Wrong>,
    ) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (from, to) = (self.day(first, wrong), self.maybe_day(last, wrong));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            wrong.push((last, "Последний день раньше первого: поправьте дни.".into()));
        }
        (from, to)
    }

    /// A text that must be there and is not too long.
    pub fn required(&self, name: &'static str, what: &str, wrong: &mut Vec<Wrong>) -> String {
        let text = self.text(name);
        if text.is_empty() {
            wrong.push((name, format!("Заполните поле «{what}».")));
        }
        self.fits(name, wrong);
        text
    }

    /// Refuses a text that no page could show.
    pub fn fits(&self, name: &'static str, wrong: &mut Vec<Wrong>) {
        if self.text(name).chars().count() > 500 {
            wrong.push((name, "Это длиннее 500 знаков: сократите.".into()));
        }
    }

    /// The version that stood on the page.
    pub fn seen(&self) -> i32 {
        self.0.get("seen").and_then(|n| n.parse().ok()).unwrap_or_default()
    }

    /// An address of a page, if one is given.
    pub fn link(&self, name: &'static str, wrong: &mut Vec<Wrong>) -> Option<String> {
        let link = self.some(name)?;
        if !(link.starts_with("https://") || link.starts_with("http://")) {
            wrong.push((name, "Адрес начинается с https://".into()));
        } else if link.contains(char::is_whitespace) {
            wrong.push((name, "В адресе пробел: скопируйте его целиком и без пробелов.".into()));
        }
        self.fits(name, wrong);
        Some(link)
    }
}

/// Problems of a page for its summary.
pub(crate) fn problems(wrong: &[Wrong]) -> Vec<Problem> {
    let problem = |(field, text): &Wrong| Problem {
        field,
        text: text.clone(),
    };
    wrong.iter().map(problem).collect()
}

/// A fact of a page; an empty value says that there is none.
pub(crate) fn fact(name: &str, value: impl Into<String>) -> Fact {
    let value: String = value.into();
    Fact {
        name: name.into(),
        value: if value.is_empty() { NOTHING.to_owned() } else { value },
        change: None,
    }
}

/// Days from the first to the last, or one day.
pub(crate) fn days(from: NaiveDate, last: Option<NaiveDate>) -> String {
    let date = crate::pages::text::date;
    match last {
        Some(last) if last == from => date(from),
        Some(last) => format!("{} – {}", date(from), date(last)),
        None => format!("с\u{A0}{}", date(from)),
    }
}
