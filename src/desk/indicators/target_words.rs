//! The distance to a target in sentences: what is missing, what is reached already, why nothing is counted, and what can be
//! done next.

use crate::desk::indicators::figures::{period_name, target};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::target::{distance_of, subjects};
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words::{fixed, mean, needed};
use crate::indicators::distance::{Away, Distance, Uncounted, in_points};
use crate::indicators::pack::Direction;
use crate::indicators::{Indicator, classes};
use crate::pages::text::count;

/// Points after «до»: «2 баллов», «0,5 балла».
pub(crate) fn points(milli: i64) -> String {
    if milli % 1000 == 0 {
        count(milli / 1000, "балла", "баллов", "баллов")
    } else {
        format!("{} балла", fixed(milli, needed(milli)))
    }
}

/// The distance in sentences; whoever may set targets is told where.
pub(crate) fn sentences(found: &Found, indicator: &Indicator, may_set: bool) -> Vec<String> {
    let distance = distance_of(found, indicator);
    let verb = if distance.leaving {
        "Из числителя должны выйти"
    } else {
        "Не хватает"
    };
    let missing = |n: i64| format!("{verb}: {}.", subjects(indicator, n));
    let own = found.own.first();
    let goal = own.filter(|value| value.target_milli.is_some());
    let goal = goal.map(|value| target(indicator, value));
    let mut said = Vec::new();
    match (distance.target, &goal) {
        (Some(Away::Needs(n)), Some(goal)) => said.push(format!("До цели {goal}. {}", missing(n))),
        (Some(Away::OutOfReach), Some(goal)) => said.push(format!(
            "До цели {goal} не дойти при нынешнем знаменателе: всех, кто стоит только в нём, не хватит."
        )),
        (None, Some(goal)) => match own.and_then(|value| value.met) {
            Some(true) => said.push(format!("Цель {goal} достигнута.")),
            Some(false) => said.push(format!("Цель {goal} не достигнута.")),
            None => said.push(format!("Цель {goal}.")),
        },
        (_, None) => said.push(format!("Цели на {} нет.", period_name(found))),
    }
    if let Some(why) = distance.uncounted {
        said.push(uncounted(why, own));
        return said;
    }
    let Some(own) = own else { return said };
    said.extend(step(&distance, indicator, own, &missing));
    if !distance.is_nowhere() {
        return said;
    }
    let stepless = indicator.zones.is_empty() && !in_points(indicator);
    let next = match (goal.is_some(), stepless) {
        (true, _) => {
            "Осталось удержать: «Динамика» показывает, как менялось значение, таблица показателя – кто отстаёт."
        }
        (false, true) if may_set => {
            "Зон и баллов у показателя тоже нет, считать не до чего. Задайте цель в методике – расстояние появится."
        }
        (false, true) => {
            "Зон и баллов у показателя тоже нет, считать не до чего. Цель задаёт в методике региональный оператор."
        }
        (false, false) if may_set => "Идти дальше можно к цели: задайте её в методике.",
        (false, false) => "Идти дальше можно к цели: её задаёт в методике региональный оператор.",
    };
    said.push(next.to_owned());
    said
}

/// The next zone or the next points, or that there are none above.
fn step(distance: &Distance, indicator: &Indicator, own: &Seen, missing: &dyn Fn(i64) -> String) -> Option<String> {
    if let Some((n, title)) = &distance.zone {
        return Some(format!("До зоны «{title}». {}", missing(*n)));
    }
    if let Some((n, more)) = distance.points {
        return Some(format!("До {}. {}", points(more), missing(n)));
    }
    if in_points(indicator) {
        let most = indicator.scale.iter().map(|band| band.points).max();
        return Some(match own.points.given().filter(|given| Some(**given) == most) {
            Some(most) => format!("Это наибольшие баллы шкалы: {}.", fixed(*most, needed(*most))),
            None => "Больше баллов при нынешнем знаменателе не получить.".into(),
        });
    }
    let levels = classes::levels(indicator);
    let best = match indicator.direction {
        Direction::LowerIsBetter => levels.first(),
        _ => levels.last(),
    };
    let best = best.filter(|_| !indicator.zones.is_empty())?;
    Some(if own.zone.given() == Some(&best.code) {
        format!("Это лучшая зона: «{}».", best.title)
    } else {
        "Следующей зоны при нынешнем знаменателе не достичь.".into()
    })
}

/// Why nothing is counted, and what to do instead.
fn uncounted(why: Uncounted, own: Option<&Seen>) -> String {
    match why {
        Uncounted::NoValue => {
            "Значения нет, поэтому и расстояния нет: паспорт показателя называет, какие сведения нужны.".into()
        }
        Uncounted::NoBetterSide => {
            "У показателя нет лучшей стороны, поэтому и расстояния нет: смотрите «Динамику» и «Сравнение».".into()
        }
        Uncounted::Mean => {
            let many = own.and_then(|value| value.mean_of).unwrap_or(0);
            format!("Здесь стоит {}: откройте муниципалитет, расстояние считается у него.", mean(many))
        }
        Uncounted::Reported => {
            "Значение подано, а не посчитано: кого в нём не хватает, неизвестно. Сверьте поданное с посчитанным в таблице \
             показателя."
                .into()
        }
        Uncounted::OfNobody => {
            "Значение складывается не из тех, кого можно перечислить, поэтому недостающих не назвать: из чего оно сложено, \
             сказано в паспорте показателя."
                .into()
        }
    }
}
