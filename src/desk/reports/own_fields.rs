//! Fields of a report as they stand on the page, and what was typed into them.

use serde::Serialize;

use crate::cycle::campaign::Campaign;
use crate::cycle::report_acts::Typed;
use crate::cycle::report_form::{Finding, Line, Of, Parts, Said, shown, written};
use crate::db::milli::Milli;
use crate::desk::forms::words as forms;
use crate::desk::registers::page::Sent;
use crate::desk::reports::own_rows::Behind;
use crate::desk::reports::words::difference;
use crate::indicators::pack_tables::Severity;
use crate::pages::parts::{Chip, Choice, Tone};
use crate::pages::text::count;
use crate::web::call::Fields;

/// A field of the page.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    /// Name of the field; the others are named after it.
    name: String,
    title: String,
    /// What the indicator or the measure means, and how the field is filled in.
    guide: String,
    definition: String,
    /// «рассчитано 37 из 40», or what is known and from where.
    known: String,
    measured: &'static str,
    value: String,
    choices: Vec<Choice>,
    /// Whether there is a part below the line.
    share: bool,
    lower: String,
    /// Whether a link is asked for, and what stands there.
    asks_link: bool,
    link: String,
    /// Whether an explanation is asked for, and what stands there.
    asks_why: bool,
    why: String,
    difference: Option<Chip>,
    problems: Vec<String>,
    /// What is worth a look and blocks nothing.
    warnings: Vec<String>,
    behind: Option<Named>,
    /// Whether nobody knows it: it has to be typed.
    pub(crate) ask: bool,
}

/// Who may stand behind a difference, as the page names them.
#[derive(Debug, Serialize)]
struct Named {
    lead: String,
    people: Vec<String>,
    more: Option<String>,
}

/// Name of the field of a code.
pub(crate) fn name(code: &str) -> String {
    format!("f.{code}")
}

fn part(code: &str, of: &str) -> String {
    format!("f.{code}.{of}")
}

/// The names of the fields of a code: its value, what stands below the line, its link, its explanation.
pub(crate) fn own_names(code: &str) -> [String; 4] {
    [name(code), part(code, "of"), part(code, "link"), part(code, "why")]
}

/// Where the page leads to from what is wrong in a field: the block of its code.
pub(crate) fn anchor(lines: &[Line<'_>], field: &str) -> String {
    let of = lines.iter().map(|line| &line.field.code);
    let code = of
        .into_iter()
        .find(|code| own_names(code).iter().any(|own| own == field));
    code.map_or_else(|| field.to_owned(), |code| name(code))
}

/// The names of all fields of a form.
pub(crate) fn names(lines: &[Line<'_>]) -> Vec<String> {
    lines.iter().flat_map(|line| own_names(&line.field.code)).collect()
}

/// A value as it stands in the fields of the form: above the line and below it.
pub(crate) fn as_typed(line: &Line<'_>, parts: Option<Parts>) -> (String, String) {
    match parts {
        None => (String::new(), String::new()),
        Some(Parts { upper, lower }) => {
            let value = match (&line.of, upper) {
                (Of::Measure(of), upper) => forms::shown(of, upper),
                (_, upper) => shown(upper),
            };
            (value, lower.map_or_else(String::new, |n| shown(Some(n))))
        }
    }
}

/// A field; `typed` is a form that was refused.
pub(crate) fn item(
    line: &Line<'_>,
    of: &Campaign,
    typed: Option<&Fields>,
    findings: &[Finding],
    wrong: &[(String, String)],
    behind: &[Behind],
) -> Item {
    let code = &line.field.code;
    let (mut value, mut lower) = as_typed(line, line.stands());
    let mut link = line.link().unwrap_or_default();
    let mut why = line
        .said
        .as_ref()
        .and_then(|s| s.explanation.clone())
        .unwrap_or_default();
    if let Some(fields) = typed {
        let sent = Sent(fields);
        value = sent.text(&name(code));
        lower = sent.text(&part(code, "of"));
        link = sent.text(&part(code, "link"));
        why = sent.text(&part(code, "why"));
    }
    let differs = line.differs(of.tolerance_milli);
    let own = findings
        .iter()
        .filter(|f| f.field == *code && f.severity == Severity::Error);
    let mut problems: Vec<String> = wrong
        .iter()
        .filter(|(field, _)| own_names(code).contains(field))
        .map(|(_, t)| t.clone())
        .collect();
    problems.extend(own.filter(|f| f.rule != "unfilled").map(|f| f.said.clone()));
    let warnings = findings
        .iter()
        .filter(|f| f.field == *code && f.severity == Severity::Warning)
        .map(|f| f.said.clone())
        .collect();
    let choices = if line.is_yes_no() {
        [
            ("", "не представлено"),
            ("да", "да"),
            ("нет", "нет"),
            ("–", "значения нет"),
        ]
        .map(|(code, label)| Choice::new(code, label, &value))
        .to_vec()
    } else {
        Vec::new()
    };
    Item {
        name: name(code),
        title: line.title(),
        guide: line.field.guide.clone(),
        definition: match &line.of {
            Of::Indicator(of) => of.population.clone(),
            Of::Measure(of) => of.definition.clone(),
            Of::Gone => "В действующей методике этого показателя больше нет.".into(),
        },
        known: known(line),
        measured: match &line.of {
            Of::Measure(of) => of.unit.map_or("", |u| u.label()),
            _ => "",
        },
        value,
        choices,
        share: line.is_share(),
        lower,
        asks_link: line.field.link,
        link,
        asks_why: differs || !why.is_empty(),
        why,
        difference: differs.then(|| {
            let tone = if line.is_explained() { Tone::Wait } else { Tone::Late };
            Chip::new(tone, format!("Расхождение: {}", difference(line)))
        }),
        problems,
        warnings,
        behind: behind.iter().find(|b| b.code == *code).map(told),
        ask: line.prefilled().is_none(),
    }
}

/// What the platform computes or knows.
pub(crate) fn known(line: &Line<'_>) -> String {
    match (&line.computed, &line.known) {
        (Some(parts), _) if line.field.anew.is_none() => format!("рассчитано {}", written(line, Some(*parts))),
        (None, Some((parts, _, source))) if line.field.anew.is_none() => {
            format!("уже известно: {} ({})", written(line, Some(*parts)), source.label())
        }
        _ if line.field.anew.is_some() => {
            format!("спрошено заново: {}", line.field.anew.clone().unwrap_or_default())
        }
        _ => String::new(),
    }
}

fn told(of: &Behind) -> Named {
    let lead = match (of.unnamed, of.more, of.named.is_empty()) {
        (true, ..) => {
            "Кто за этим числом, школе не показывают: список говорит о результатах диагностик. Его сверит ЦНППМ."
        }
        (_, true, true) => {
            "Никого, кто мог бы прибавиться, платформа не знает: проверьте, все ли ваши работники загружены."
        }
        (_, false, true) => "Платформа никого не называет.",
        (_, true, false) => {
            "Подано больше, чем рассчитано. Вот кто мог попасть в ваше число и чего платформе не хватает:"
        }
        (_, false, false) => "Подано меньше, чем рассчитано. Вот кого платформа считает:",
    };
    let person = |(_, name, reason): &(crate::people::PersonId, String, String)| {
        if reason.is_empty() {
            name.clone()
        } else {
            format!("{name}: {reason}")
        }
    };
    let others = i64::try_from(of.others).unwrap_or(i64::MAX);
    Named {
        lead: lead.to_owned(),
        people: of.named.iter().map(person).collect(),
        more: (others > 0).then(|| format!("и ещё {}", count(others, "человек", "человека", "человек"))),
    }
}

/// Letters of an explanation at least: a dot explains nothing.
const LETTERS: usize = 3;

/// What was typed into a form; what is as the platform put it there says nothing, and of a field that is not in the form nothing
/// is said either.
pub(crate) fn typed(lines: &[Line<'_>], fields: &Fields, wrong: &mut Vec<(String, String)>) -> Vec<Typed> {
    let sent = Sent(fields);
    lines
        .iter()
        .filter(|line| {
            let own = own_names(&line.field.code);
            own.iter().any(|field| fields.get(field).is_some())
        })
        .map(|line| (line.field.code.clone(), said(line, &sent, wrong)))
        .collect()
}

fn said(line: &Line<'_>, sent: &Sent<'_>, wrong: &mut Vec<(String, String)>) -> Said {
    let code = &line.field.code;
    let mut bad = |field: String, text: &str| wrong.push((field, text.to_owned()));
    let mut number = |field: String, text: &str| match text {
        "" => None,
        "-" | "–" | "—" => Some(None),
        "да" if line.is_yes_no() => Some(Some(1000)),
        "нет" if line.is_yes_no() => Some(Some(0)),
        _ if line.is_yes_no() => {
            bad(field, "Выберите «да» или «нет».");
            None
        }
        text => match Milli::parse(text).filter(|m| m.0 >= 0) {
            Some(milli) => Some(Some(i64::from(milli.0))),
            None => {
                bad(field, "Напишите число не меньше нуля, например 12 или 7,5.");
                None
            }
        },
    };
    let upper = number(name(code), &sent.text(&name(code)));
    let below = sent.text(&part(code, "of"));
    let lower = if line.is_share() {
        number(part(code, "of"), &below)
    } else {
        None
    };
    let link = sent.some(&part(code, "link"));
    let explanation = sent.some(&part(code, "why"));
    let address = |l: &String| (l.starts_with("https://") || l.starts_with("http://")) && l.chars().count() <= 500;
    if link.as_ref().is_some_and(|l| !address(l)) {
        bad(
            part(code, "link"),
            "Адрес страницы начинается с https:// и не длиннее 500 знаков.",
        );
    }
    let letters = |text: &String| text.chars().filter(|c| c.is_alphabetic()).count();
    if explanation.as_ref().is_some_and(|text| letters(text) < LETTERS) {
        bad(part(code, "why"), "Объясните словами, почему значение другое.");
    }
    if explanation.as_ref().is_some_and(|text| text.chars().count() > 500) {
        bad(part(code, "why"), "Объяснение длиннее 500 знаков: сократите.");
    }
    let parts = upper.map(|upper| Parts {
        upper,
        // A value that is not there has no other part.
        lower: match (upper, lower) {
            (None, _) | (_, Some(None)) => None,
            (_, Some(lower)) => lower,
            (_, None) => line.prefilled().and_then(|p| p.lower).filter(|_| line.is_share()),
        },
    });
    let untouched = parts == line.prefilled() && explanation.is_none() && link == prefilled_link(line);
    Said {
        parts: parts.filter(|_| !untouched),
        link,
        explanation,
    }
}

fn prefilled_link(line: &Line<'_>) -> Option<String> {
    line.known
        .as_ref()
        .and_then(|(_, link, _)| link.clone())
        .filter(|_| line.field.anew.is_none())
}
