//! The cycle of a system as its pack describes it: stages with who answers for them and which documents they leave, and
//! the calendar of what is done when.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use toml::Spanned;

use super::pack::PackBody;
use super::regulation_kinds as words;
use crate::access::Role;
use crate::activity::kinds::{Word, word_name};
use crate::finding::{Finding, at};
use crate::planted;
use crate::text_enum;
use crate::units::{Period, UnitKind};

text_enum! {
    /// Whose units answer for something.
    Keeper {
        Region = "region" "регион",
        Municipality = "municipality" "муниципалитеты",
        Organisation = "organisation" "организации",
    }
}

impl Keeper {
    /// The kind of units.
    #[must_use]
    pub const fn kind(self) -> UnitKind {
        match self {
            Self::Region => UnitKind::Region,
            Self::Municipality => UnitKind::Municipality,
            Self::Organisation => UnitKind::Organisation,
        }
    }
}

/// Who answers: a body of the pack, or whoever holds a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsible {
    /// Code of the body or the role.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The role whose holders act, where one is named.
    pub role: Option<Role>,
    /// Whether it is a body: its members act too.
    pub is_body: bool,
    /// Of which units there is one each.
    pub keeper: Keeper,
}

/// A stage of the cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its code, one of nine.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its place.
    pub order: u32,
    /// Kinds of documents that it is expected to leave.
    pub documents: Vec<String>,
    /// What may and must be done by whoever answers.
    pub power: String,
    /// Who answers.
    pub responsible: Vec<Responsible>,
    /// Who answers together with them.
    pub beside: Vec<Responsible>,
    /// What the document of the power is like.
    pub natures: Vec<String>,
}

/// When something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// From a day to a day: month and day. The last may lie in the next year.
    Window((u32, u32), (u32, u32)),
    /// In each of these months by itself.
    Months(Vec<u32>),
    /// Without dates, in words: «по мере необходимости».
    Occasion(String),
}

/// An item of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarItem {
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Code of its stage.
    pub stage: String,
    /// When.
    pub when: When,
    /// Years in which it begins; every year where none are named.
    pub years: Vec<i32>,
    /// A part of a plan of several years that it belongs to.
    pub phase: Option<String>,
    /// Who answers; the first keeps it.
    pub responsible: Vec<Responsible>,
    /// What comes of it.
    pub result: String,
    /// The kind of document that comes of it.
    pub document: Option<String>,
}

/// One time that an item is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The year, or the year with the month: stands for it in addresses and marks.
    pub key: String,
    /// First and last day; `None` for what has no dates.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Occurrence {
    /// Whether it belongs to a period: it begins there; what has no dates belongs to the one that begins in its year.
    fn is_of(&self, period: &Period) -> bool {
        match self.days {
            Some((first, _)) => period.contains(first),
            None => self.key == period.starts_on.year().to_string(),
        }
    }
}

impl CalendarItem {
    /// Whose units it is kept by.
    #[must_use]
    pub fn keeper(&self) -> Keeper {
        self.responsible.first().map_or(Keeper::Region, |r| r.keeper)
    }

    /// The times that begin in a calendar year.
    #[must_use]
    pub fn in_year(&self, year: i32) -> Vec<Occurrence> {
        if !self.years.is_empty() && !self.years.contains(&year) {
            return Vec::new();
        }
        match &self.when {
            When::Window(from, to) => {
                let last = if to < from { year + 1 } else { year };
                let days = day(year, *from).zip(day(last, *to));
                let one = days.map(|days| Occurrence {
                    key: year.to_string(),
                    days: Some(days),
                });
                one.into_iter().collect()
            }
            When::Months(months) => {
                let mut months = months.clone();
                months.sort_unstable();
                let of = |month: u32| {
                    let days = day(year, (month, 1)).zip(day(year, (month, 31)))?;
                    Some(Occurrence {
                        key: format!("{year}-{month:02}"),
                        days: Some(days),
                    })
                };
                months.into_iter().filter_map(of).collect()
            }
            When::Occasion(_) => vec![Occurrence {
                key: year.to_string(),
                days: None,
            }],
        }
    }

    /// The times that begin in a period, by their days.
    #[must_use]
    pub fn in_period(&self, period: &Period) -> Vec<Occurrence> {
        let years = period.starts_on.year()..=period.ends_on.year();
        let all = years.flat_map(|year| self.in_year(year));
        all.filter(|time| time.is_of(period)).collect()
    }

    /// A time by its key.
    #[must_use]
    pub fn occurrence(&self, key: &str) -> Option<Occurrence> {
        let year = key.split('-').next().and_then(|y| y.parse().ok())?;
        let year = Some(year).filter(|y| (1990..2100).contains(y))?;
        self.in_year(year).into_iter().find(|o| o.key == key)
    }

    /// When, in words.
    #[must_use]
    pub fn when_words(&self) -> String {
        let month_day = |(month, day): (u32, u32)| format!("{day:02}.{month:02}");
        let when = match &self.when {
            When::Window(from, to) if whole_year(*from, *to) => "весь год".to_owned(),
            When::Window(from, to) => format!("{} – {}", month_day(*from), month_day(*to)),
            When::Months(months) if months.len() == 12 => {
                let first = months.first().map_or("", |m| MONTHS_OF[(*m as usize - 1) % 12]);
                format!("с\u{a0}{first}, каждый месяц")
            }
            When::Months(months) => {
                let names: Vec<&str> = months.iter().map(|m| MONTHS[(*m as usize - 1) % 12]).collect();
                names.join(", ")
            }
            When::Occasion(words) => words.clone(),
        };
        if self.years.is_empty() {
            return when;
        }
        let years: Vec<String> = self.years.iter().map(ToString::to_string).collect();
        format!("{when}, {}", years.join(", "))
    }
}

impl fmt::Display for Stage {
    /// Its place, title, power, those who answer and its documents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {} ({})", self.order, self.title, self.code)?;
        let parts = [
            self.power.clone(),
            names(&self.responsible),
            names(&self.beside),
            named(words::natures(), &self.natures),
            named(words::kinds(), &self.documents),
        ];
        parts
            .iter()
            .filter(|p| !p.is_empty())
            .try_for_each(|part| write!(f, ": {part}"))
    }
}

impl fmt::Display for CalendarItem {
    /// Its code, title, stage, days, those who answer and what comes of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, title, stage) = (&self.code, &self.title, &self.stage);
        write!(
            f,
            "{code} {title} ({stage}, {}): {}",
            self.when_words(),
            names(&self.responsible)
        )?;
        let document = self.document.iter().cloned().collect::<Vec<_>>();
        let parts = [
            self.phase.clone().unwrap_or_default(),
            self.result.clone(),
            named(words::kinds(), &document),
        ];
        parts
            .iter()
            .filter(|p| !p.is_empty())
            .try_for_each(|part| write!(f, ", {part}"))
    }
}

fn whole_year(from: (u32, u32), to: (u32, u32)) -> bool {
    from == (1, 1) && to == (12, 31)
}

/// Months by name.
pub const MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];

/// The same in the genitive.
const MONTHS_OF: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// A day of a year; a day that its month has not is the last one of the month.
fn day(year: i32, (month, day): (u32, u32)) -> Option<NaiveDate> {
    let exact = NaiveDate::from_ymd_opt(year, month, day);
    exact.or_else(|| {
        let (year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        NaiveDate::from_ymd_opt(year, next, 1)?.checked_sub_days(Days::new(1))
    })
}

/// A stage as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageText {
    code: Spanned<String>,
    title: Spanned<String>,
    order: Spanned<u32>,
    #[serde(default)]
    documents: Vec<Spanned<String>>,
    #[serde(default)]
    power: String,
    #[serde(default)]
    responsible: Vec<Spanned<String>>,
    #[serde(default)]
    with: Vec<Spanned<String>>,
    #[serde(default)]
    nature: Vec<Spanned<String>>,
}

/// An item as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemText {
    code: Spanned<String>,
    title: Spanned<String>,
    stage: Spanned<String>,
    #[serde(default)]
    from: Option<Spanned<String>>,
    #[serde(default)]
    to: Option<Spanned<String>>,
    #[serde(default)]
    months: Vec<Spanned<u32>>,
    #[serde(default)]
    every: Option<Spanned<String>>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    years: Vec<Spanned<i32>>,
    #[serde(default)]
    phase: Option<String>,
    responsible: Vec<Spanned<String>>,
    #[serde(default)]
    result: String,
    #[serde(default)]
    document: Option<Spanned<String>>,
}

/// What the reading rests on.
pub(super) struct Reader<'a> {
    pub text: &'a str,
    pub bodies: &'a [PackBody],
}

/// The stages and the calendar of a pack: codes that stand once and mean something, windows that read, responsible ones
/// that are there.
pub(super) fn read(
    reader: &Reader<'_>,
    (stages, items): (&[StageText], &[ItemText]),
    problems: &mut Vec<Finding>,
) -> (Vec<Stage>, Vec<CalendarItem>) {
    let mut found: Vec<Stage> = Vec::with_capacity(stages.len());
    for of in stages {
        let code = of.code.get_ref();
        if !words::has(words::stages(), code) {
            let what = format!("этапа {code} не бывает; есть: {}", words::codes(words::stages()));
            problems.push(reader.at(&of.code, what));
        }
        if found.iter().any(|known| known.code == *code) && !planted!("stage_twice") {
            let what = format!("этап {code} стоит дважды; оставьте его один раз");
            problems.push(reader.at(&of.code, what));
        }
        if found.iter().any(|known| known.order == *of.order.get_ref()) {
            let what = format!("этап с номером {} уже есть; дайте другой order", of.order.get_ref());
            problems.push(reader.at(&of.order, what));
        }
        reader.titled(&of.title, "этапа", problems);
        found.push(Stage {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            order: *of.order.get_ref(),
            documents: reader.listed(&of.documents, words::kinds(), "вида документа", problems),
            power: of.power.clone(),
            responsible: reader.responsible(&of.responsible, problems),
            beside: reader.responsible(&of.with, problems),
            natures: reader.listed(&of.nature, words::natures(), "характера документа", problems),
        });
    }
    let mut codes = BTreeSet::new();
    let mut calendar = Vec::with_capacity(items.len());
    for of in items {
        let (code, stage) = (of.code.get_ref(), of.stage.get_ref());
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if code.is_empty() || !code.chars().all(fits) {
            let what = format!("код «{code}» не подходит; возьмите латинские буквы, цифры, точку, дефис");
            problems.push(reader.at(&of.code, what));
        }
        if !codes.insert(code.as_str()) {
            let what = format!("дело календаря {code} стоит дважды; дайте другой код одному из двух мест");
            problems.push(reader.at(&of.code, what));
        }
        if !found.iter().any(|known| known.code == *stage) && !planted!("stage_unknown") {
            let what = format!("этапа {stage} в пакете нет; опишите его: [[stage]]");
            problems.push(reader.at(&of.stage, what));
        }
        reader.titled(&of.title, "дела календаря", problems);
        if of.responsible.is_empty() {
            let what = format!("у дела календаря {code} нет ответственного; допишите responsible = [\"…\"]");
            problems.push(reader.at(&of.code, what));
        }
        for year in of.years.iter().filter(|y| !(1990..2100).contains(y.get_ref())) {
            problems.push(reader.at(
                year,
                format!("года {} не бывает; напишите, например, 2025", year.get_ref()),
            ));
        }
        let mut document = reader.listed(of.document.as_slice(), words::kinds(), "вида документа", problems);
        let responsible = reader.responsible(&of.responsible, problems);
        match reader.when(of) {
            Err(finding) => problems.push(finding),
            Ok(when) => calendar.push(CalendarItem {
                code: code.clone(),
                title: of.title.get_ref().clone(),
                stage: stage.clone(),
                when,
                years: of.years.iter().map(|y| *y.get_ref()).collect(),
                phase: of.phase.clone(),
                responsible,
                result: of.result.clone(),
                document: document.pop(),
            }),
        }
    }
    found.sort_by_key(|stage| stage.order);
    (found, calendar)
}

impl Reader<'_> {
    fn at<T>(&self, place: &Spanned<T>, what: impl std::fmt::Display) -> Finding {
        at(self.text, place.span().start, what)
    }

    fn titled(&self, title: &Spanned<String>, of: &str, problems: &mut Vec<Finding>) {
        if title.get_ref().trim().is_empty() {
            problems.push(self.at(title, format!("название {of} пустое; напишите его")));
        }
    }

    /// Codes of a dictionary.
    fn listed(
        &self,
        said: &[Spanned<String>],
        list: &'static [Word],
        what: &str,
        problems: &mut Vec<Finding>,
    ) -> Vec<String> {
        for one in said.iter().filter(|one| !words::has(list, one.get_ref())) {
            let said = format!("{what} {} нет; есть: {}", one.get_ref(), words::codes(list));
            problems.push(self.at(one, said));
        }
        said.iter().map(|one| one.get_ref().clone()).collect()
    }

    fn responsible(&self, said: &[Spanned<String>], problems: &mut Vec<Finding>) -> Vec<Responsible> {
        let mut found: Vec<Responsible> = Vec::with_capacity(said.len());
        for one in said {
            let code = one.get_ref();
            if found.iter().any(|known| known.code == *code) {
                let what = format!("ответственный {code} назван дважды; оставьте его один раз");
                problems.push(self.at(one, what));
            }
            match self.who(code) {
                Some(who) => found.push(who),
                None => {
                    let what = format!(
                        "ответственного {code} нет: это не объединение пакета и не роль, которая за что-то отвечает; \
                         опишите объединение: [[body]], или возьмите роль, например municipal_authority"
                    );
                    problems.push(self.at(one, what));
                }
            }
        }
        found
    }

    fn who(&self, code: &str) -> Option<Responsible> {
        if let Some(body) = self.bodies.iter().find(|body| body.code == code) {
            return Some(Responsible {
                code: code.to_owned(),
                name: body.name.clone(),
                role: body.role,
                is_body: true,
                keeper: if body.in_each_municipality {
                    Keeper::Municipality
                } else {
                    Keeper::Region
                },
            });
        }
        let role = Role::from_code(code)?;
        Some(Responsible {
            code: code.to_owned(),
            name: role.label().to_owned(),
            role: Some(role),
            is_body: false,
            keeper: keeper(role)?,
        })
    }

    fn when(&self, of: &ItemText) -> Result<When, Finding> {
        let month_day = |said: &Spanned<String>| {
            let wrong = || {
                let what = format!("«{}»: не день года; пишется так: \"06-25\"", said.get_ref());
                self.at(said, what)
            };
            let (month, day) = said.get_ref().split_once('-').ok_or_else(wrong)?;
            let two = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() == 2);
            let (month, day) = two(month).zip(two(day)).ok_or_else(wrong)?;
            // A year that has 29 February.
            NaiveDate::from_ymd_opt(2000, month, day).ok_or_else(wrong)?;
            Ok((month, day))
        };
        let lacks = || {
            let what = format!(
                "когда делается {}, не понять; напишите from и to, или months, или when словами — что-то одно",
                of.code.get_ref()
            );
            self.at(&of.code, what)
        };
        let window = match (&of.from, &of.to) {
            (Some(from), Some(to)) => Some((month_day(from)?, month_day(to)?)),
            (None, None) => None,
            _ => return Err(lacks()),
        };
        if let Some(every) = of.every.as_ref().filter(|every| every.get_ref() != "month") {
            let what = format!(
                "every «{}» не бывает; напишите month или уберите строку",
                every.get_ref()
            );
            return Err(self.at(every, what));
        }
        match (window, of.months.as_slice(), &of.when) {
            (Some((from, to)), [], None) if of.every.is_some() => Ok(When::Months(months(from.0, to.0))),
            (Some((from, to)), [], None) => Ok(When::Window(from, to)),
            (None, months @ [_, ..], None) => {
                if let Some(month) = months.iter().find(|m| !(1..=12).contains(m.get_ref())) {
                    let what = format!("месяца {} не бывает; напишите число от 1 до 12", month.get_ref());
                    return Err(self.at(month, what));
                }
                Ok(When::Months(months.iter().map(|m| *m.get_ref()).collect()))
            }
            (None, [], Some(words)) if !words.trim().is_empty() => Ok(When::Occasion(words.clone())),
            _ => Err(lacks()),
        }
    }
}

/// Months from one to another, over the end of the year where the second is earlier.
fn months(from: u32, to: u32) -> Vec<u32> {
    let last = if to < from { to + 12 } else { to };
    (from..=last).map(|month| (month - 1) % 12 + 1).collect()
}

/// Of which units a role that may answer for something is held.
#[must_use]
pub fn keeper(role: Role) -> Option<Keeper> {
    match role {
        Role::RegionalAuthority | Role::Operator | Role::CnppmHead | Role::CnppmStaff | Role::AssessmentOperator => {
            Some(Keeper::Region)
        }
        Role::MunicipalAuthority | Role::MunicipalMethodist => Some(Keeper::Municipality),
        Role::SchoolHead | Role::SchoolAdmin => Some(Keeper::Organisation),
        _ => None,
    }
}

/// Names of those who answer, in a line.
#[must_use]
pub fn names(of: &[Responsible]) -> String {
    let names: Vec<&str> = of.iter().map(|r| r.name.as_str()).collect();
    names.join(", ")
}

/// Names of kinds of documents, or of natures, in a line.
#[must_use]
pub fn named(list: &'static [Word], codes: &[String]) -> String {
    let names: Vec<&str> = codes.iter().map(|code| word_name(list, code)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(when: When, years: &[i32]) -> CalendarItem {
        CalendarItem {
            code: "a".into(),
            title: "Дело".into(),
            stage: "monitoring".into(),
            when,
            years: years.to_vec(),
            phase: None,
            responsible: Vec::new(),
            result: String::new(),
            document: None,
        }
    }

    fn on(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_window_over_the_new_year_belongs_to_the_year_it_begins_in() {
        let of = item(When::Window((9, 1), (1, 31)), &[2023, 2024]);
        let found = of.in_year(2023);
        assert_eq!(found[0].days, Some((on(2023, 9, 1), on(2024, 1, 31))));
        assert!(of.in_year(2025).is_empty());
        let academic = Period::parse("2022/23").unwrap();
        assert!(of.in_period(&academic).is_empty(), "September 2023 is the next year");
        assert_eq!(of.in_period(&Period::parse("2023/24").unwrap()).len(), 1);
        assert_eq!(
            of.occurrence("2024").map(|o| o.days),
            Some(Some((on(2024, 9, 1), on(2025, 1, 31))))
        );
        assert_eq!(of.occurrence("2025"), None);
    }

    #[test]
    fn months_stand_each_for_itself_and_february_has_its_own_end() {
        let of = item(When::Months(months(9, 8)), &[]);
        assert_eq!(of.in_year(2024).len(), 12);
        let academic = Period::parse("2023/24").unwrap();
        assert_eq!(of.in_period(&academic).len(), 12);
        let february = of.occurrence("2024-02").unwrap();
        assert_eq!(february.days, Some((on(2024, 2, 1), on(2024, 2, 29))));
        assert_eq!(of.when_words(), "с\u{a0}сентября, каждый месяц");
        let of = item(When::Window((1, 1), (2, 29)), &[]);
        assert_eq!(of.in_year(2023)[0].days, Some((on(2023, 1, 1), on(2023, 2, 28))));
        assert_eq!(months(11, 1), [11, 12, 1]);
    }

    #[test]
    fn what_has_no_dates_belongs_to_a_year() {
        let of = item(When::Occasion("по графику".into()), &[]);
        let academic = Period::parse("2022/23").unwrap();
        let found = of.in_period(&academic);
        assert_eq!((found.len(), found[0].key.as_str(), found[0].days), (1, "2022", None));
        assert_eq!(of.when_words(), "по графику");
    }
}
