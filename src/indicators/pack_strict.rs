//! What is refused in a text that is to be loaded, though one in force with it goes on counting: years that stand twice,
//! empty titles, points that cannot be, clusters that part nobody. And codes of units that the installation does not know.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::classes;
use super::formula::Formula;
use super::pack::Indicator;
use super::pack_check::milli;
use super::pack_text::{IndicatorText, PackText, RangeText};
use super::scale;
use crate::finding::{Finding, at};

/// Faults of a text that is to be loaded.
pub(super) fn faults(text: &str, read: &PackText, indicators: &[Indicator], problems: &mut Vec<Finding>) {
    years(text, read, problems);
    titles(text, read, problems);
    for of in &read.indicator {
        points(text, of, indicators, problems);
    }
    clusters(text, read, indicators, problems);
}

/// A year stands once, in `years` or in `target_years`.
fn years(text: &str, read: &PackText, problems: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for year in read.years.iter().chain(&read.target_years) {
        if !seen.insert(year.get_ref()) {
            let what = format!(
                "год {} стоит дважды; оставьте его один раз: в years или в target_years",
                year.get_ref()
            );
            problems.push(at(text, year.span().start, what));
        }
    }
}

/// Whatever a page names has a name.
fn titles(text: &str, read: &PackText, problems: &mut Vec<Finding>) {
    let mut ask = |of: &str, title: &Spanned<String>| {
        if title.get_ref().trim().is_empty() {
            let what = format!("у {of} пустое название; напишите его");
            problems.push(at(text, title.span().start, what));
        }
    };
    ask("пакета", &read.title);
    for of in &read.parameter {
        ask(&format!("параметра {}", of.code.get_ref()), &of.title);
    }
    for of in &read.goal {
        ask(&format!("цели {}", of.code.get_ref()), &of.title);
    }
    for of in &read.task {
        ask(&format!("задачи {}", of.code.get_ref()), &of.title);
    }
    for of in &read.cluster {
        ask(&format!("кластера {}", of.code.get_ref()), &of.title);
    }
    for of in &read.body {
        ask(&format!("объединения {}", of.code.get_ref()), &of.name);
    }
    for of in &read.indicator {
        ask(&format!("показателя {}", of.code.get_ref()), &of.title);
    }
    for unit in &read.unit {
        ask("единицы", &unit.name);
    }
    let empty = |said: &Option<String>| said.as_ref().is_some_and(|s| s.trim().is_empty());
    for of in &read.indicator {
        for (kind, range) in ranges(of) {
            if empty(&range.get_ref().code) || empty(&range.get_ref().title) {
                let what = format!("у {kind} пустой код или название; напишите их: code = …, title = …");
                problems.push(at(text, range.span().start, what));
            }
        }
    }
}

fn ranges(of: &IndicatorText) -> impl Iterator<Item = (&'static str, &Spanned<RangeText>)> {
    let zones = of.zones.iter().map(|range| ("зоны", range));
    zones.chain(of.marks.iter().map(|range| ("отметки", range)))
}

/// Points are not below zero and not above what the indicator gives at most.
fn points(text: &str, of: &IndicatorText, indicators: &[Indicator], problems: &mut Vec<Finding>) {
    let code = of.code.get_ref();
    let formula = indicators
        .iter()
        .find(|i| i.code == *code)
        .and_then(|i| i.formula.as_ref());
    let place = of.formula.as_ref().unwrap_or(&of.code).span().start;
    if let Some(Formula::Expert { max: ..=0 }) = formula {
        let what = "наибольший балл эксперта — ноль: поставить нечего; напишите число больше нуля, например max = 2";
        problems.push(at(text, place, what));
    }
    for (year, most) in of.maximum.iter().filter(|(_, most)| **most < 0.0) {
        let what = format!(
            "наибольший балл {} меньше нуля; напишите ноль или больше",
            scale::comma(milli(*most))
        );
        problems.push(at(text, year.span().start, what));
    }
    // The year that gives least: a band above it would give more than may be given in that year.
    let least = of
        .maximum
        .iter()
        .map(|(year, most)| (milli(*most), year.get_ref()))
        .min();
    for band in &of.scale {
        let Some(given) = band.get_ref().points.map(milli) else {
            continue;
        };
        let said = scale::comma(given);
        if given < 0 {
            let what = format!("баллы {said} меньше нуля; напишите ноль или больше");
            problems.push(at(text, band.span().start, what));
        }
        if let Some((most, year)) = least.filter(|(most, _)| *most >= 0 && given > *most) {
            let what = format!(
                "баллы {said} выше наибольших {} ({year}); исправьте points или maximum",
                scale::comma(most)
            );
            problems.push(at(text, band.span().start, what));
        }
    }
}

/// A cluster parts units by zones, bands of points, or what a unit is.
fn clusters(text: &str, read: &PackText, indicators: &[Indicator], problems: &mut Vec<Finding>) {
    let by_code: BTreeMap<&str, &Indicator> = indicators.iter().map(|i| (i.code.as_str(), i)).collect();
    for cluster in &read.cluster {
        let Some(of) = by_code.get(cluster.indicator.get_ref().as_str()) else {
            continue;
        };
        if classes::levels(of).is_empty() && !matches!(of.formula, Some(Formula::Attribute(_))) {
            let what = format!(
                "у показателя {} нет ни зон, ни шкалы: кластер {} никого не делит; допишите показателю zones",
                of.code,
                cluster.code.get_ref()
            );
            problems.push(at(text, cluster.indicator.span().start, what));
        }
    }
}

/// Codes in `unit_targets` that are none of the known ones; nothing where no unit is known yet.
#[must_use]
pub fn unknown_units(text: &str, known: &BTreeSet<String>) -> Vec<Finding> {
    let Some(read) = toml::from_str::<PackText>(text).ok().filter(|_| !known.is_empty()) else {
        return Vec::new();
    };
    let codes = read.indicator.iter().flat_map(|of| of.unit_targets.keys());
    let unknown = codes.filter(|code| !known.contains(code.get_ref()));
    unknown
        .map(|code| {
            let what = format!(
                "единицы {} здесь нет, её цель не сработает; исправьте код или сначала внесите единицу",
                code.get_ref()
            );
            at(text, code.span().start, what)
        })
        .collect()
}
