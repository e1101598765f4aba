//! Checks of a pack's text: every fault with its place and what to do.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::formula::Formula;
use super::pack::{Aggregate, Breakdown, Indicator, PackBody, Rounding};
use super::pack_calendar;
use super::pack_text::{IndicatorText, PackText, RangeText};
use super::parameters;
use super::scale::{self, Band, Bounds, Zone};
use crate::access::Role;
use crate::activity::{Level, kinds};
use crate::finding::{Finding, at};
use crate::planted;
use crate::units::names::name_key;
use crate::units::{Locality, MunicipalityKind, Period, PeriodKind};

/// Thousandths of a number of the text.
#[expect(
    clippy::cast_possible_truncation,
    reason = "figures of packs have up to three decimals and are far below 2^52"
)]
pub(super) fn milli(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

/// A name of a period must be one of the pack's kind.
pub(super) fn period(text: &str, code: &Spanned<String>, kind: PeriodKind, problems: &mut Vec<Finding>) {
    if Period::parse(code.get_ref()).is_none_or(|p| p.kind != kind) {
        let like = kind.like(code.get_ref());
        let what = format!("«{}»: не {}; пишется так: \"{like}\"", code.get_ref(), kind.label());
        problems.push(at(text, code.span().start, what));
    }
}

/// Tasks stand in goals, no code stands twice, and no name means two units.
pub(super) fn tree(text: &str, read: &PackText, problems: &mut Vec<Finding>) {
    let goals = once(text, "цель", read.goal.iter().map(|g| &g.code), problems);
    let _tasks = once(text, "задача", read.task.iter().map(|t| &t.code), problems);
    let _parameters = once(text, "параметр", read.parameter.iter().map(|p| &p.code), problems);
    for parameter in &read.parameter {
        let code = parameter.code.get_ref();
        if code.is_empty() || !code.chars().all(parameters::fits) {
            let what = format!("код «{code}» не подходит; возьмите буквы, цифры и знак _, например limit_2");
            problems.push(at(text, parameter.code.span().start, what));
        }
    }
    let _clusters = once(text, "кластер", read.cluster.iter().map(|c| &c.code), problems);
    for task in &read.task {
        if !goals.contains(task.goal.get_ref().as_str()) {
            let what = format!("цели {} в пакете нет; опишите её: [[goal]]", task.goal.get_ref());
            problems.push(at(text, task.goal.span().start, what));
        }
    }
    let mut names = BTreeMap::new();
    for (number, unit) in read.unit.iter().enumerate() {
        if let Some(place) = &unit.place
            && Locality::from_code(place.get_ref()).is_none()
        {
            let known: Vec<&str> = Locality::ALL.iter().map(|l| l.code()).collect();
            let what = format!("места «{}» не бывает; есть: {}", place.get_ref(), known.join(", "));
            problems.push(at(text, place.span().start, what));
        }
        if let Some(kind) = &unit.municipality_kind
            && MunicipalityKind::from_code(kind.get_ref()).is_none()
        {
            let known: Vec<&str> = MunicipalityKind::ALL.iter().map(|k| k.code()).collect();
            let what = format!("вида «{}» не бывает; есть: {}", kind.get_ref(), known.join(", "));
            problems.push(at(text, kind.span().start, what));
        }
        for name in std::iter::once(&unit.name).chain(&unit.synonyms) {
            let other = names.insert(name_key(name.get_ref()), number);
            if other.is_some_and(|other| other != number) {
                let what = format!("имя «{}» уже носит другая единица; оставьте его одной", name.get_ref());
                problems.push(at(text, name.span().start, what));
            }
        }
    }
}

/// The codes of a kind; each stands once.
fn once<'a>(
    text: &str,
    kind: &str,
    codes: impl Iterator<Item = &'a Spanned<String>>,
    problems: &mut Vec<Finding>,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for code in codes {
        if !seen.insert(code.get_ref().as_str()) {
            let what = format!(
                "{kind} {} стоит дважды; дайте другой код одному из двух мест",
                code.get_ref()
            );
            problems.push(at(text, code.span().start, what));
        }
    }
    seen
}

/// Bodies have kinds of the dictionary, levels, and no code twice.
pub(super) fn bodies(text: &str, read: &PackText, problems: &mut Vec<Finding>) -> Vec<PackBody> {
    let mut codes = BTreeSet::new();
    let mut found = Vec::new();
    for body in &read.body {
        let before = problems.len();
        if !codes.insert(body.code.get_ref().as_str()) {
            let what = format!(
                "объединение {} стоит дважды; дайте одному из них другой код",
                body.code.get_ref()
            );
            problems.push(at(text, body.code.span().start, what));
        }
        let kind = kinds::bodies().iter().find(|k| k.code == *body.kind.get_ref());
        if kind.is_none() {
            let known: Vec<&str> = kinds::bodies().iter().map(|k| k.code.as_str()).collect();
            let what = format!(
                "вида объединения {} нет; есть: {}",
                body.kind.get_ref(),
                known.join(", ")
            );
            problems.push(at(text, body.kind.span().start, what));
        }
        let level = Level::from_code(body.level.get_ref());
        if level.is_none() {
            let what = "такого уровня нет; напишите school, municipal, regional или federal";
            problems.push(at(text, body.level.span().start, what));
        }
        let each = body.each.as_ref();
        if let Some(each) = each.filter(|each| each.get_ref() != "municipality") {
            let what = "each: municipality, или уберите строку, если объединение одно на регион";
            problems.push(at(text, each.span().start, what));
        }
        let role = body.role.as_ref().map(|role| (role, Role::from_code(role.get_ref())));
        let held = role
            .and_then(|(_, role)| role)
            .filter(|role| pack_calendar::keeper(*role).is_some());
        if let Some((said, _)) = role.filter(|_| held.is_none()) {
            let what = format!(
                "роли {} нет или она ни за что не отвечает; возьмите, например, regional_authority",
                said.get_ref()
            );
            problems.push(at(text, said.span().start, what));
        }
        if let (Some(kind), Some(level), true) = (kind, level, problems.len() == before) {
            found.push(PackBody {
                code: body.code.get_ref().clone(),
                name: body.name.get_ref().clone(),
                kind: kind.code.clone(),
                level,
                in_each_municipality: each.is_some(),
                role: held,
                duties: body.duties.clone(),
                link: body.link.clone(),
            });
        }
    }
    found
}

/// Indicators that formulas name are there, and none rests on itself.
pub(super) fn references(
    text: &str,
    indicators: &[Indicator],
    places: &BTreeMap<String, usize>,
    problems: &mut Vec<Finding>,
) {
    let by_code: BTreeMap<&str, &Indicator> = indicators.iter().map(|i| (i.code.as_str(), i)).collect();
    let needs = |indicator: &Indicator| -> Vec<String> {
        match &indicator.formula {
            Some(Formula::SumPoints { group, .. }) => summed(indicators, indicator, group),
            Some(formula) => formula.others().into_iter().map(str::to_owned).collect(),
            None => Vec::new(),
        }
    };
    for indicator in indicators {
        let place = places.get(&indicator.code).copied().unwrap_or(0);
        for code in needs(indicator) {
            if !places.contains_key(&code) {
                let what = format!("показателя {code} в пакете нет; опишите его или исправьте код");
                problems.push(at(text, place, what));
            }
        }
        if let Some(Formula::SumPoints { group, .. }) = &indicator.formula
            && needs(indicator).is_empty()
        {
            let what = format!("в группе {group} нет показателей: складывать нечего");
            problems.push(at(text, place, what));
        }
        let (mut open, mut seen) = (needs(indicator), BTreeSet::new());
        while let Some(code) = open.pop() {
            if code == indicator.code {
                let what = format!("показатель {code} опирается сам на себя; разорвите круг");
                problems.push(at(text, place, what));
                break;
            }
            if seen.insert(code.clone())
                && let Some(next) = by_code.get(code.as_str())
            {
                open.extend(needs(next));
            }
        }
    }
}

/// Codes of the indicators whose points are summed: those of the group, or all that sum nothing themselves.
#[must_use]
pub fn summed(indicators: &[Indicator], of: &Indicator, group: &str) -> Vec<String> {
    let sums = |i: &Indicator| matches!(i.formula, Some(Formula::SumPoints { .. }));
    indicators
        .iter()
        .filter(|i| match group {
            "all" => !sums(i),
            group => i.task.as_deref() == Some(group) && (!sums(i) || i.code == of.code),
        })
        .map(|i| i.code.clone())
        .collect()
}

/// What the reading of an indicator rests on.
pub(super) struct Reader<'a> {
    pub text: &'a str,
    pub pack: &'a str,
    pub kind: PeriodKind,
    /// Years that may have targets; `None` asks for none.
    pub years: Option<BTreeSet<&'a str>>,
    pub parameters: BTreeMap<&'a str, f64>,
    pub tasks: BTreeSet<&'a str>,
}

impl Reader<'_> {
    fn at(&self, place: &Spanned<String>, what: impl std::fmt::Display) -> Finding {
        at(self.text, place.span().start, what)
    }

    /// One word of several.
    fn word<T: Copy>(
        &self,
        said: Option<&Spanned<String>>,
        known: &[(&str, T)],
        otherwise: T,
        problems: &mut Vec<Finding>,
    ) -> T {
        let Some(said) = said else { return otherwise };
        let found = known.iter().find(|(word, _)| word == said.get_ref());
        if found.is_none() {
            let known: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            problems.push(self.at(said, format!("«{}»: нужно {}", said.get_ref(), known.join(" или "))));
        }
        found.map_or(otherwise, |(_, value)| *value)
    }

    fn by_period(&self, said: &BTreeMap<Spanned<String>, f64>, problems: &mut Vec<Finding>) -> BTreeMap<String, i64> {
        let mut found = BTreeMap::new();
        for (code, value) in said {
            let before = problems.len();
            period(self.text, code, self.kind, problems);
            let known = self
                .years
                .as_ref()
                .is_none_or(|years| years.contains(code.get_ref().as_str()));
            if problems.len() == before && !known && !planted!("year_unasked") {
                let year = code.get_ref();
                let what = format!(
                    "года {year} в пакете нет; исправьте год или допишите его в years, а исходный или будущий — \
                     в target_years"
                );
                problems.push(self.at(code, what));
            }
            found.insert(code.get_ref().clone(), milli(*value));
        }
        found
    }

    fn ranges<T>(
        &self,
        said: &[Spanned<RangeText>],
        official: bool,
        problems: &mut Vec<Finding>,
        warnings: &mut Vec<Finding>,
        make: impl Fn(Bounds, &RangeText) -> Option<T>,
        needs: &str,
    ) -> Vec<T> {
        let bounds = |r: &RangeText| Bounds {
            from: r.from.map(milli),
            to: r.to.map(milli),
            from_in: r.from_in,
            to_in: r.to_in,
        };
        let mut made = Vec::with_capacity(said.len());
        for range in said {
            match make(bounds(range.get_ref()), range.get_ref()) {
                Some(one) => made.push(one),
                None => problems.push(at(self.text, range.span().start, needs)),
            }
        }
        let all: Vec<Bounds> = said.iter().map(|r| bounds(r.get_ref())).collect();
        for flaw in scale::flaws(&all) {
            let edge = match flaw {
                scale::Flaw::Gap(_, upper) | scale::Flaw::SharedEdge(upper) | scale::Flaw::Overlap(upper, _) => upper,
            };
            // The later of two ranges that begin there is the one that does not fit.
            let range = said.iter().rfind(|r| r.get_ref().from.map(milli) == Some(edge));
            let place = range.or(said.first()).map_or(0, |r| r.span().start);
            if official {
                warnings.push(at(self.text, place, flaw));
            } else {
                let what = format!("{flaw}; шкала из документа помечается official = true");
                problems.push(at(self.text, place, what));
            }
        }
        made
    }

    /// Ranges beside the zones: they need a code and a title, and may overlap or leave gaps.
    fn marks(&self, said: &[Spanned<RangeText>], problems: &mut Vec<Finding>) -> Vec<Zone> {
        let mut made = Vec::with_capacity(said.len());
        for range in said {
            let of = range.get_ref();
            let (Some(code), Some(title)) = (&of.code, &of.title) else {
                let what = "у отметки нет кода или названия: code = …, title = …";
                problems.push(at(self.text, range.span().start, what));
                continue;
            };
            made.push(Zone {
                code: code.clone(),
                title: title.clone(),
                bounds: Bounds {
                    from: of.from.map(milli),
                    to: of.to.map(milli),
                    from_in: of.from_in,
                    to_in: of.to_in,
                },
            });
        }
        made
    }

    /// The code of an indicator stands in addresses; those of its zones and marks stand once.
    fn codes(&self, read: &IndicatorText, problems: &mut Vec<Finding>) {
        let code = read.code.get_ref();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if code.is_empty() || !code.chars().all(fits) || code.chars().all(|c| c == '.') {
            let what = format!("код «{code}» не подходит; возьмите буквы, цифры, точку, дефис, например 1.1.1");
            problems.push(self.at(&read.code, what));
        }
        for (kind, ranges) in [("зона", &read.zones), ("отметка", &read.marks)] {
            let mut seen = BTreeSet::new();
            for range in ranges {
                let of = range.get_ref();
                if let Some(code) = of.code.as_ref().filter(|code| !seen.insert(code.as_str())) {
                    let what = format!("{kind} {code} стоит дважды; дайте другой код одному из двух мест");
                    problems.push(at(self.text, range.span().start, what));
                }
                if of.from.zip(of.to).is_some_and(|(from, to)| to < from) {
                    let what = "конец меньше начала; поменяйте from и to местами";
                    problems.push(at(self.text, range.span().start, what));
                }
            }
        }
    }

    fn formula(&self, said: &Spanned<String>, problems: &mut Vec<Finding>) -> Option<Formula> {
        let filled = match parameters::filled(said.get_ref(), &self.parameters) {
            Ok(filled) => filled,
            Err(e) => {
                problems.push(at(self.text, formula_byte(self.text, said, e.offset), e.what));
                return None;
            }
        };
        match Formula::parse(&filled.text) {
            Ok(formula) => Some(formula),
            Err(e) => {
                let offset = filled.source(e.offset);
                problems.push(at(self.text, formula_byte(self.text, said, offset), e.what));
                None
            }
        }
    }

    /// Reads an indicator.
    pub(super) fn indicator(
        &self,
        read: &IndicatorText,
        problems: &mut Vec<Finding>,
        warnings: &mut Vec<Finding>,
    ) -> Option<Indicator> {
        if read.digits > 3 {
            problems.push(self.at(&read.code, "digits не подходит; напишите число от 0 до 3"));
        }
        if let Some(task) = read
            .task
            .as_ref()
            .filter(|t| !self.tasks.contains(t.get_ref().as_str()))
        {
            let what = format!("задачи {} в пакете нет; опишите её: [[task]]", task.get_ref());
            problems.push(self.at(task, what));
        }
        let targets = self.by_period(&read.targets, problems);
        let maximum = self.by_period(&read.maximum, problems);
        let unit_targets = read.unit_targets.iter();
        let unit_targets = unit_targets
            .map(|(unit, of)| (unit.get_ref().clone(), self.by_period(of, problems)))
            .collect();
        let scale = self.ranges(
            &read.scale,
            read.official,
            problems,
            warnings,
            |bounds, range| {
                range.points.map(|points| Band {
                    bounds,
                    points: milli(points),
                })
            },
            "у полосы шкалы нет баллов: points = …",
        );
        let zones = self.ranges(
            &read.zones,
            read.official,
            problems,
            warnings,
            |bounds, range| {
                Some(Zone {
                    bounds,
                    code: range.code.clone()?,
                    title: range.title.clone()?,
                })
            },
            "у зоны нет кода или названия: code = …, title = …",
        );
        let marks = self.marks(&read.marks, problems);
        self.codes(read, problems);
        let aggregate = [("pooled", Aggregate::Pooled), ("mean_of_units", Aggregate::MeanOfUnits)];
        let rounding = [("round", Rounding::Round), ("cut", Rounding::Cut)];
        let breakdown = [("subject", Some(Breakdown::Subject)), ("group", Some(Breakdown::Group))];
        let of = self.word(
            read.breakdown_of.as_ref(),
            &[("both", false), ("numerator", true)],
            false,
            problems,
        );
        let breakdown = self.word(read.breakdown.as_ref(), &breakdown, None, problems);
        let formula = match &read.formula {
            Some(said) => Some(self.formula(said, problems)?),
            None => None,
        };
        Some(Indicator {
            reported: read
                .reported
                .clone()
                .unwrap_or_else(|| format!("{}:{}", self.pack, read.code.get_ref())),
            code: read.code.get_ref().clone(),
            title: read.title.get_ref().clone(),
            task: read.task.as_ref().map(|t| t.get_ref().clone()),
            population: read.population.clone(),
            unit: read.unit.clone(),
            direction: read.direction,
            may_exceed_100: read.may_exceed_100,
            aggregate: self.word(
                read.aggregate.as_ref(),
                &aggregate,
                mean_of_experts(formula.as_ref()),
                problems,
            ),
            rounding: self.word(read.rounding.as_ref(), &rounding, Rounding::Round, problems),
            digits: read.digits,
            targets,
            unit_targets,
            maximum,
            scale,
            zones,
            marks,
            default: read.default,
            breakdown: match breakdown {
                Some(Breakdown::Subject) if of => Some(Breakdown::SubjectOfNumerator),
                other => other,
            },
            takes_reported: self.word(
                read.value_from.as_ref(),
                &[("computed", false), ("reported", true)],
                false,
                problems,
            ),
            formula,
            source: read.source.clone(),
        })
    }
}

/// Points of experts and their sums have no counts to pool.
fn mean_of_experts(formula: Option<&Formula>) -> Aggregate {
    match formula {
        Some(Formula::Expert { .. } | Formula::SumPoints { .. }) => Aggregate::MeanOfUnits,
        _ => Aggregate::Pooled,
    }
}

/// The byte of the pack's text where a character of a formula stands; a formula written with escapes gives its start.
fn formula_byte(text: &str, formula: &Spanned<String>, offset: usize) -> usize {
    let span = formula.span();
    let written = text.get(span.clone()).unwrap_or("");
    match written.find(formula.get_ref().as_str()) {
        Some(start) => {
            let inside = formula
                .get_ref()
                .char_indices()
                .nth(offset)
                .map_or(formula.get_ref().len(), |(i, _)| i);
            span.start + start + inside
        }
        None => span.start,
    }
}
