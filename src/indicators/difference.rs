//! Two versions of a pack side by side: by goal, task and indicator what is new, what is gone, and which parts changed.
//! Pure: both versions are read already.

use std::collections::BTreeMap;

use super::pack::{Aggregate, Breakdown, Direction, Indicator, Pack, Rounding};
use super::scale::{self, Bounds};

/// What became of an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the later version has it.
    New,
    /// Only the earlier version has it.
    Gone,
    /// Both have it; the parts that differ, none for one that stayed as it was.
    Stayed(Vec<Part>),
}

/// A part that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// As it was; empty for nothing.
    pub before: String,
    /// As it is; empty for nothing.
    pub after: String,
}

/// An indicator of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Title of the goal.
    pub goal: String,
    /// Title of the task.
    pub task: String,
    /// Code of the indicator.
    pub code: String,
    /// Title, of the later version where it has one.
    pub title: String,
    /// What became of it.
    pub change: Change,
}

/// What differs between two versions of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Parts of the pack itself: title, period, parameters, years.
    pub pack: Vec<Part>,
    /// Indicators of both, by goal and task in the order of the later version; those that are gone stand last in theirs.
    pub indicators: Vec<Compared>,
}

impl Difference {
    /// How many indicators are new, gone, changed.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let many = |of: &dyn Fn(&Change) -> bool| self.indicators.iter().filter(|i| of(&i.change)).count();
        [
            many(&|c| *c == Change::New),
            many(&|c| *c == Change::Gone),
            many(&|c| matches!(c, Change::Stayed(parts) if !parts.is_empty())),
        ]
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pack.is_empty() && self.counts() == [0; 3]
    }
}

/// Compares two versions; `before` is `None` for a pack that nobody has had.
#[must_use]
pub fn difference(before: Option<&Pack>, after: &Pack) -> Difference {
    let mut placed: Vec<((usize, usize, usize), Compared)> = Vec::new();
    for (number, indicator) in after.indicators.iter().enumerate() {
        let change = match before.map(|b| b.indicator(&indicator.code)) {
            Some(Some(old)) => Change::Stayed(parts(old, indicator)),
            _ => Change::New,
        };
        placed.push((place(after, indicator, number), named(after, indicator, change)));
    }
    let gone = before.into_iter().flat_map(|b| {
        let lost = b.indicators.iter().filter(|i| after.indicator(&i.code).is_none());
        lost.map(move |i| (b, i))
    });
    for (number, (old, indicator)) in gone.enumerate() {
        let number = after.indicators.len() + number;
        placed.push((place(after, indicator, number), named(old, indicator, Change::Gone)));
    }
    placed.sort_by_key(|(place, _)| *place);
    Difference {
        pack: before.map(|b| whole(b, after)).unwrap_or_default(),
        indicators: placed.into_iter().map(|(_, compared)| compared).collect(),
    }
}

/// The place of an indicator in the tree of a pack; what has no place there stands last.
fn place(pack: &Pack, indicator: &Indicator, number: usize) -> (usize, usize, usize) {
    let task = pack
        .tasks
        .iter()
        .position(|(code, ..)| Some(code) == indicator.task.as_ref());
    let goal = task.and_then(|t| pack.goals.iter().position(|(code, _)| *code == pack.tasks[t].2));
    (goal.unwrap_or(usize::MAX), task.unwrap_or(usize::MAX), number)
}

fn named(pack: &Pack, indicator: &Indicator, change: Change) -> Compared {
    let task = pack
        .tasks
        .iter()
        .find(|(code, ..)| Some(code) == indicator.task.as_ref());
    let goal = task.and_then(|(_, _, goal)| pack.goals.iter().find(|(code, _)| code == goal));
    Compared {
        goal: goal.map_or_else(String::new, |(_, title)| title.clone()),
        task: task.map_or_else(String::new, |(_, title, _)| title.clone()),
        code: indicator.code.clone(),
        title: indicator.title.clone(),
        change,
    }
}

fn part(what: &'static str, before: String, after: String) -> Option<Part> {
    (before != after).then_some(Part { what, before, after })
}

/// Parts of the packs themselves.
fn whole(before: &Pack, after: &Pack) -> Vec<Part> {
    let tree = |p: &Pack| {
        let goals = p.goals.iter().map(|(code, title)| format!("{code} {title}"));
        let tasks = p
            .tasks
            .iter()
            .map(|(code, title, goal)| format!("{goal}/{code} {title}"));
        goals.chain(tasks).collect::<Vec<_>>().join("; ")
    };
    let basis = |p: &Pack| {
        let day = format!("{:02}.{:02}", p.basis.day, p.basis.month);
        let part = if p.basis.external_part {
            "считаются"
        } else {
            "не считаются"
        };
        format!(
            "{}, отчётный день {day}, внешние совместители {part}",
            p.basis.kind.label()
        )
    };
    let parameters = |p: &Pack| {
        let all = p
            .parameters
            .iter()
            .map(|(code, _, value, _)| format!("{code} = {}", decimal(*value)));
        all.collect::<Vec<_>>().join("; ")
    };
    let units = |p: &Pack| {
        let all = p.units.iter().map(|unit| {
            let (zone, place) = (unit.zone.as_deref(), unit.place.map(|p| p.label()));
            let kind = unit.municipality_kind.map(|kind| kind.label());
            let words: Vec<&str> = zone.into_iter().chain(place).chain(kind).collect();
            let words = if words.is_empty() {
                "–".to_owned()
            } else {
                words.join(", ")
            };
            format!("{} ({words}) {}", unit.name, unit.synonyms.join(", "))
        });
        all.collect::<Vec<_>>().join("; ")
    };
    let bodies = |p: &Pack| {
        let all = p.bodies.iter().map(|b| {
            let each = if b.in_each_municipality {
                ", в каждом муниципалитете"
            } else {
                ""
            };
            let role = b.role.map_or_else(String::new, |role| format!(", {}", role.label()));
            format!("{} {} ({}{each}{role}): {}", b.code, b.name, b.level.label(), b.duties)
        });
        all.collect::<Vec<_>>().join("; ")
    };
    let stages = |p: &Pack| {
        let all = p.stages.iter().map(ToString::to_string);
        all.collect::<Vec<_>>().join("; ")
    };
    let calendar = |p: &Pack| {
        let all = p.calendar.iter().map(ToString::to_string);
        all.collect::<Vec<_>>().join("; ")
    };
    let tables = |p: &Pack| {
        let all = p.tables.iter().map(|t| {
            let rules: Vec<String> = t.rules.iter().map(ToString::to_string).collect();
            format!("{} {}: {}", t.name, t.title, rules.join(", "))
        });
        all.collect::<Vec<_>>().join("; ")
    };
    let summaries = |p: &Pack| {
        let all = p.summary_tables.iter().map(super::pack_summary::SummaryTable::said);
        all.collect::<Vec<_>>().join("; ")
    };
    let campaigns = |p: &Pack| {
        let all = p.campaigns.iter().map(super::pack_campaigns::PackCampaign::said);
        all.collect::<Vec<_>>().join("; ")
    };
    let surveys = |p: &Pack| {
        let all = p.surveys.iter().map(super::pack_surveys::PackSurvey::said);
        all.collect::<Vec<_>>().join("; ")
    };
    let criteria = |p: &Pack| {
        let all = p.criteria.iter().map(super::pack_criteria::Criterion::said);
        all.collect::<Vec<_>>().join("; ")
    };
    let errors = |p: &Pack| {
        let all = p
            .typical_errors
            .iter()
            .map(|e| format!("{} {} ({})", e.code, e.title, e.of));
        all.collect::<Vec<_>>().join("; ")
    };
    let terms = |p: &Pack| {
        let all = p.terms.iter().map(super::terms::Term::said);
        all.collect::<Vec<_>>().join("; ")
    };
    let clusters = |p: &Pack| {
        p.clusters
            .iter()
            .map(|c| format!("{} {}: {}", c.code, c.title, c.indicator))
            .collect::<Vec<_>>()
            .join("; ")
    };
    [
        part("Название методики", before.title.clone(), after.title.clone()),
        part("Период", basis(before), basis(after)),
        part("Годы", before.years.join(", "), after.years.join(", ")),
        part("Параметры", parameters(before), parameters(after)),
        part("Цели и задачи", tree(before), tree(after)),
        part("Кластеры", clusters(before), clusters(after)),
        part("Объединения", bodies(before), bodies(after)),
        part("Этапы цикла", stages(before), stages(after)),
        part("Календарь", calendar(before), calendar(after)),
        part("Единицы и их имена", units(before), units(after)),
        part("Опубликованные таблицы", tables(before), tables(after)),
        part("Сводные таблицы", summaries(before), summaries(after)),
        part("Кампании", campaigns(before), campaigns(after)),
        part("Опросы", surveys(before), surveys(after)),
        part("Критерии экспертизы", criteria(before), criteria(after)),
        part("Типичные ошибки", errors(before), errors(after)),
        part("Слова", terms(before), terms(after)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parts(before: &Indicator, after: &Indicator) -> Vec<Part> {
    type Words = fn(&Indicator) -> String;
    let all: [(&'static str, Words); 17] = [
        ("Название", |i| i.title.clone()),
        ("Задача", |i| i.task.clone().unwrap_or_default()),
        ("Формула", |i| {
            i.formula.as_ref().map_or_else(String::new, ToString::to_string)
        }),
        ("Кого считают", |i| i.population.clone()),
        ("Единица измерения", |i| i.unit.clone()),
        ("Цели по годам", |i| by_year(&i.targets)),
        ("Цели единиц", |i| {
            let units = i
                .unit_targets
                .iter()
                .map(|(unit, of)| format!("{unit}: {}", by_year(of)));
            units.collect::<Vec<_>>().join("; ")
        }),
        ("Наибольший балл по годам", |i| by_year(&i.maximum)),
        ("Шкала", |i| {
            let bands = i.scale.iter().map(|b| range(&b.bounds, &decimal(b.points)));
            bands.collect::<Vec<_>>().join("; ")
        }),
        ("Зоны", |i| {
            i.zones
                .iter()
                .map(|z| range(&z.bounds, &z.title))
                .collect::<Vec<_>>()
                .join("; ")
        }),
        ("Отметки", |i| {
            let marks = i.marks.iter().map(|z| range(&z.bounds, &z.title));
            marks.collect::<Vec<_>>().join("; ")
        }),
        ("Направление", |i| direction(i.direction).into()),
        ("Может превышать 100 %", |i| yes_no(i.may_exceed_100)),
        ("Значение над муниципалитетами", |i| {
            aggregate(i.aggregate).into()
        }),
        ("Округление", |i| {
            format!("{}, знаков {}", rounding(i.rounding), i.digits)
        }),
        ("Разрез", |i| {
            i.breakdown.map_or_else(String::new, |b| breakdown(b).into())
        }),
        ("Источник", |i| {
            let from = if i.takes_reported {
                "; берётся поданное"
            } else {
                ""
            };
            format!("{}{from}", i.source)
        }),
    ];
    all.into_iter()
        .filter_map(|(what, words)| part(what, words(before), words(after)))
        .collect()
}

fn decimal(milli: i64) -> String {
    scale::plain(milli).replace('.', ",")
}

fn by_year(of: &BTreeMap<String, i64>) -> String {
    of.iter()
        .map(|(year, value)| format!("{year}: {}", decimal(*value)))
        .collect::<Vec<_>>()
        .join("; ")
}

fn range(bounds: &Bounds, says: &str) -> String {
    format!("{bounds} — {says}")
}

fn yes_no(yes: bool) -> String {
    if yes { "да" } else { "нет" }.into()
}

fn direction(of: Direction) -> &'static str {
    match of {
        Direction::HigherIsBetter => "чем больше, тем лучше",
        Direction::LowerIsBetter => "чем меньше, тем лучше",
        Direction::BandOptimum => "лучшее — посередине",
        Direction::Neutral => "без направления",
    }
}

fn aggregate(of: Aggregate) -> &'static str {
    match of {
        Aggregate::Pooled => "сложением частей",
        Aggregate::MeanOfUnits => "среднее муниципалитетов",
    }
}

fn rounding(of: Rounding) -> &'static str {
    match of {
        Rounding::Round => "к ближайшему",
        Rounding::Cut => "отбрасыванием",
    }
}

fn breakdown(of: Breakdown) -> &'static str {
    match of {
        Breakdown::Subject => "по предметам",
        Breakdown::SubjectOfNumerator => "по предметам, только числитель",
        Breakdown::Group => "по группам компетенций",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::pack::EMBEDDED;

    #[test]
    fn a_pack_does_not_differ_from_itself_and_every_planted_change_is_one() {
        for (code, text) in EMBEDDED {
            let pack = Pack::parse(text).unwrap();
            assert!(difference(Some(&pack), &pack).is_empty(), "{code}");
            let from_nothing = difference(None, &pack);
            assert_eq!(from_nothing.counts(), [pack.indicators.len(), 0, 0], "{code}");
            let mut other = pack.clone();
            let gone = other.indicators.remove(0).code;
            other.indicators[1].targets.insert("2099".into(), 5000);
            other.summary_tables.remove(0);
            let found = difference(Some(&pack), &other);
            assert!(found.pack.iter().any(|p| p.what == "Сводные таблицы"), "{code}");
            assert_eq!(found.counts(), [0, 1, 1], "{code}");
            assert!(
                found
                    .indicators
                    .iter()
                    .any(|i| i.code == gone && i.change == Change::Gone)
            );
            assert_eq!(difference(Some(&other), &pack).counts(), [1, 0, 1], "{code}");
        }
    }
}
