//! The tree of a pack by itself: its goals, the tasks in them, the indicators of each task; and how many there are. A task
//! without an indicator stands there too.

use crate::indicators::{Indicator, Pack};
use crate::pages::parts::{Sheet, SheetCell, SheetColumn, SheetPart};
use crate::pages::text::count;

/// The indicators of a task.
fn of_task<'a>(pack: &'a Pack, task: &'a str) -> impl Iterator<Item = &'a Indicator> {
    pack.indicators.iter().filter(move |i| i.task.as_deref() == Some(task))
}

fn many(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn tasks(n: usize) -> String {
    count(many(n), "задача", "задачи", "задач")
}

fn indicators(n: usize) -> String {
    count(many(n), "показатель", "показателя", "показателей")
}

/// «3 цели, 13 задач, 18 показателей. С показателями: 12 задач. Без показателя: 1 задача.»
pub(crate) fn said(pack: &Pack) -> String {
    let with = pack
        .tasks
        .iter()
        .filter(|(code, ..)| of_task(pack, code).next().is_some())
        .count();
    let without = pack.tasks.len() - with;
    let mut said = format!(
        "{}, {}, {}. С показателями: {}.",
        count(many(pack.goals.len()), "цель", "цели", "целей"),
        tasks(pack.tasks.len()),
        indicators(pack.indicators.len()),
        tasks(with),
    );
    if without > 0 {
        said.push_str(&format!(" Без показателя: {}.", tasks(without)));
    }
    said
}

/// Where an indicator stands: how much its goal and its task hold, with the codes of the task.
pub(crate) fn around(pack: &Pack, task: &str) -> Option<(String, String)> {
    let (_, _, goal) = pack.tasks.iter().find(|(code, ..)| code == task)?;
    let inside = pack.tasks.iter().filter(|(_, _, of)| of == goal);
    let held: usize = inside.clone().map(|(code, ..)| of_task(pack, code).count()).sum();
    let own: Vec<&str> = of_task(pack, task).map(|i| i.code.as_str()).collect();
    Some((
        format!("{}, {}", tasks(inside.count()), indicators(held)),
        format!("{}: {}", indicators(own.len()), own.join(", ")),
    ))
}

/// Each goal with its tasks and their indicators. Nothing where the pack has no tasks.
pub(crate) fn sheet(pack: &Pack) -> Option<Sheet> {
    if pack.tasks.is_empty() {
        return None;
    }
    let columns = vec![
        SheetColumn::words("Задача"),
        SheetColumn::figures("Показателей"),
        SheetColumn::words("Показатели"),
    ];
    let row = |code: &str, title: &str| {
        let own: Vec<&Indicator> = of_task(pack, code).collect();
        let codes: Vec<&str> = own.iter().map(|i| i.code.as_str()).collect();
        let named = if codes.is_empty() {
            "показателя нет".to_owned()
        } else {
            codes.join(", ")
        };
        let n = own.len();
        vec![
            SheetCell::words(format!("{code} {title}")),
            SheetCell::number(n.to_string(), many(n) * 1000, 0, ""),
            SheetCell::words(named),
        ]
    };
    let part = |(goal, title): &(String, String)| SheetPart {
        title: title.clone(),
        rows: pack
            .tasks
            .iter()
            .filter(|(_, _, of)| of == goal)
            .map(|(code, title, _)| row(code, title))
            .collect(),
    };
    Some(Sheet::of_parts(
        "Цели и задачи",
        columns,
        pack.goals.iter().map(part).collect(),
    ))
}
