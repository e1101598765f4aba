//! The staff counted by groups: what a worker is in each breakdown, and how many of them are there. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::db::text_keys::search_key;
use crate::desk::workforce::rows::Worker;
use crate::people::composition::{
    self, AGES, Distinction, EXPERIENCES, Education, Qualification, age, full_years, placed,
};
use crate::text_enum;
use crate::units::{OrgKind, UnitId};

text_enum! {
    /// What the staff is told by.
    By {
        Everyone = "everyone" "Все работники",
        Kind = "kind" "Вид организации",
        Education = "education" "Образование",
        Qualification = "category" "Квалификационная категория",
        Distinction = "distinction" "Методисты и наставники",
        Age = "age" "Возраст",
        Experience = "experience" "Педагогический стаж",
        Match = "match" "Образование и предмет",
        Workload = "workload" "Нагрузка",
    }
}

text_enum! {
    /// Who of the teachers of a subject is meant.
    OfSubject {
        Teachers = "subject" "учат предмету",
        Off = "off" "учат не по профилю",
        Retrained = "off_retrained" "учат не по профилю, есть переподготовка",
    }
}

impl OfSubject {
    /// Whether a worker is one of them; `subject` is the key of the subject.
    #[must_use]
    pub fn is(self, worker: &Worker, subject: &str) -> bool {
        let mut taught = worker.subjects.iter().filter(|(name, _)| search_key(name) == subject);
        let off = taught.clone().any(|(_, matches)| *matches == Some(false));
        match self {
            Self::Teachers => taught.next().is_some(),
            Self::Off => off,
            Self::Retrained => off && worker.retrained,
        }
    }
}

/// A value that nothing is known of.
pub const UNKNOWN: &str = "unknown";

/// What the counting needs beside the people.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The day.
    pub day: NaiveDate,
    /// Hours a week that are the norm, thousandths.
    pub norm: i64,
    /// Kinds of organisations.
    pub kinds: HashMap<UnitId, Option<OrgKind>>,
}

/// The values of a breakdown in their order: code and words.
#[must_use]
pub fn values(by: By, norm: i64) -> Vec<(&'static str, String)> {
    let own = |code: &'static str, label: &str| (code, label.to_owned());
    let unknown = |label: &str| std::iter::once(own(UNKNOWN, label));
    match by {
        By::Everyone => vec![own("all", "всего")],
        By::Kind => {
            let kinds = OrgKind::ALL.iter().map(|k| own(k.code(), k.label()));
            kinds.chain(unknown("вид не указан")).collect()
        }
        By::Education => Education::ALL.iter().map(|e| own(e.code(), e.label())).collect(),
        By::Qualification => Qualification::ALL.iter().map(|q| own(q.code(), q.label())).collect(),
        By::Distinction => Distinction::ALL.iter().map(|d| own(d.code(), d.label())).collect(),
        By::Age => {
            let brackets = AGES.iter().map(|b| own(b.code, b.label));
            brackets.chain(unknown("дата рождения не указана")).collect()
        }
        By::Experience => {
            let brackets = EXPERIENCES.iter().map(|b| own(b.code, b.label));
            brackets.chain(unknown("начало работы не указано")).collect()
        }
        By::Match => vec![
            own("matched", "по профилю"),
            own("off", "не по профилю, переподготовки нет"),
            own("retrained", "не по профилю, есть переподготовка"),
            own(UNKNOWN, "предмет есть, соответствие не указано"),
            own("no_subject", "без предмета"),
        ],
        By::Workload => {
            let hours = crate::desk::workforce::vacancies::decimal(norm);
            vec![
                ("above", format!("больше {hours} ч в неделю")),
                ("within", format!("не больше {hours} ч в неделю")),
                own(UNKNOWN, "нагрузка не указана"),
            ]
        }
    }
}

/// Whether each worker has exactly one value of a breakdown.
#[must_use]
pub fn is_partition(by: By) -> bool {
    !matches!(by, By::Kind | By::Distinction)
}

/// The values that a worker has in a breakdown.
#[must_use]
pub fn of(worker: &Worker, by: By, rule: &Rule) -> Vec<&'static str> {
    match by {
        By::Everyone => vec!["all"],
        By::Kind => {
            let kind = |place: &UnitId| rule.kinds.get(place).copied().flatten();
            let mut kinds: Vec<&str> = worker
                .places
                .iter()
                .map(|place| kind(place).map_or(UNKNOWN, OrgKind::code))
                .collect();
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        }
        By::Education => vec![worker.education.code()],
        By::Qualification => vec![worker.qualification.code()],
        By::Distinction => worker.distinctions.iter().map(|d| d.code()).collect(),
        By::Age => {
            let years = worker
                .born
                .filter(|born| *born <= rule.day)
                .map(|born| age(born, rule.day));
            vec![years.and_then(|y| placed(y, AGES)).map_or(UNKNOWN, |b| b.code)]
        }
        By::Experience => {
            let since = worker.teaching_since.filter(|since| *since <= rule.day);
            let years = since.map(|since| full_years(since, rule.day));
            vec![years.and_then(|y| placed(y, EXPERIENCES)).map_or(UNKNOWN, |b| b.code)]
        }
        By::Match => vec![match_of(worker)],
        By::Workload => vec![match worker.hours {
            None => UNKNOWN,
            Some(hours) if hours > rule.norm => "above",
            Some(_) => "within",
        }],
    }
}

fn match_of(worker: &Worker) -> &'static str {
    let off = worker.subjects.values().any(|m| *m == Some(false));
    if worker.subjects.is_empty() {
        "no_subject"
    } else if off && worker.retrained {
        "retrained"
    } else if off {
        "off"
    } else if worker.subjects.values().all(|m| *m == Some(true)) {
        "matched"
    } else {
        UNKNOWN
    }
}

/// One value of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Code in addresses.
    pub code: &'static str,
    /// Words.
    pub label: String,
    /// People.
    pub all: i64,
    /// Women among them.
    pub women: i64,
}

/// The groups of a breakdown.
#[must_use]
pub fn groups<'a>(workers: impl Iterator<Item = &'a Worker>, by: By, rule: &Rule) -> Vec<Group> {
    let mut groups: Vec<Group> = values(by, rule.norm)
        .into_iter()
        .map(|(code, label)| Group {
            code,
            label,
            all: 0,
            women: 0,
        })
        .collect();
    for worker in workers {
        for value in of(worker, by, rule) {
            if let Some(group) = groups.iter_mut().find(|g| g.code == value) {
                group.all += 1;
                group.women += i64::from(composition::is_woman(worker.sex));
            }
        }
    }
    groups
}
