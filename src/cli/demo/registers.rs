//! What people of the demo did besides their plans, as the files of the registers: events of a series over several
//! municipalities, contests, bodies with members and heads, mentoring pairs, the base of mentors.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::dice::Dice;
use super::figures::Municipality;
use super::people::{Human, Population, municipality_code};
use super::sheets::{PROVIDER, REGION, sheet};
use crate::error::Error;
use crate::people::StaffKind;

/// The files in the order of loading.
pub struct Registers {
    /// Events.
    pub events: String,
    /// Bodies.
    pub bodies: String,
    /// Records of persons.
    pub activities: String,
    /// Members of bodies.
    pub members: String,
    /// Mentoring pairs.
    pub pairs: String,
    /// The base of mentors.
    pub mentors: String,
}

/// An event of the demo.
struct Held {
    code: String,
    series: &'static str,
    title: &'static str,
    kind: &'static str,
    level: &'static str,
    on: NaiveDate,
    /// Municipalities that took part.
    places: Vec<usize>,
}

fn date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// Those who teach today, by municipality, in the order of the staff list.
fn teachers<'a>(municipalities: &[Municipality], population: &'a Population, today: NaiveDate) -> Vec<Vec<&'a Human>> {
    let mut all: Vec<Vec<&Human>> = municipalities.iter().map(|_| Vec::new()).collect();
    for human in &population.humans {
        let here = human.teaches_on(today) && human.jobs.iter().all(|j| j.dismissed.is_none());
        if let Some(place) = all.get_mut(human.home).filter(|_| here) {
            place.push(human);
        }
    }
    all
}

fn is_young(of: &Human, today: NaiveDate) -> bool {
    today.year() - of.born.year() < 35
}

/// The beginning of the academic year before the one that a day lies in.
fn last_year(today: NaiveDate) -> i32 {
    today.year() - if today.month() < 9 { 2 } else { 1 }
}

fn events(municipalities: &[Municipality], today: NaiveDate) -> Vec<Held> {
    let all: Vec<usize> = (0..municipalities.len()).collect();
    let year = last_year(today);
    let day = |month: u32, day: u32| {
        let year = if month < 9 { year + 1 } else { year };
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today)
    };
    let some = |step: usize, from: usize| all.iter().copied().skip(from).step_by(step).collect::<Vec<_>>();
    let mut held: Vec<Held> = [
        ("Формирующее оценивание на уроке", day(10, 5), 3, 0),
        ("Читательская грамотность в каждом предмете", day(11, 16), 3, 1),
        ("Урок для класса с разными детьми", day(2, 8), 3, 2),
        ("Цифровые средства без перегрузки", day(4, 12), 2, 0),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (title, on, step, from))| Held {
        code: format!("PS-{}", n + 1),
        series: "ПрофСреда",
        title,
        kind: "event/profsreda",
        level: "региональный",
        on,
        places: some(step, from),
    })
    .collect();
    let one = |code: &str, series, title, kind, level, on, places| Held {
        code: code.to_owned(),
        series,
        title,
        kind,
        level,
        on,
        places,
    };
    let recent = today - TimeDelta::days(20);
    held.extend([
        one(
            "SL-1",
            "Молодой педагог",
            "Слёт молодых педагогов",
            "event/rally",
            "региональный",
            day(3, 15),
            some(2, 1),
        ),
        one(
            "KM-1",
            "Молодой педагог",
            "Летняя школа молодых педагогов",
            "event/young_calendar",
            "региональный",
            day(6, 20),
            some(2, 0),
        ),
        one(
            "SM-1",
            "Молодой педагог",
            "Школа молодого педагога: первое занятие",
            "event/young_school",
            "муниципальный",
            day(9, 28),
            vec![0],
        ),
        one(
            "FR-1",
            "",
            "Форум управленческих практик",
            "event/forum",
            "региональный",
            day(12, 7),
            all.clone(),
        ),
        one(
            "K-1",
            "",
            "Конкурс проектов молодых педагогов",
            "contest/young_projects",
            "региональный",
            day(3, 28),
            some(2, 0),
        ),
        one(
            "K-2",
            "",
            "Учитель года: муниципальный этап",
            "contest/teacher_of_year",
            "муниципальный",
            day(1, 25),
            vec![0],
        ),
        one(
            "K-3",
            "",
            "Учитель года: региональный этап",
            "contest/teacher_of_year",
            "региональный",
            day(4, 20),
            some(3, 0),
        ),
        one(
            "PS-5",
            "ПрофСреда",
            "Обратная связь, которая помогает",
            "event/profsreda",
            "региональный",
            recent,
            some(2, 0),
        ),
    ]);
    held
}

/// Everything that is recorded, by files.
///
/// # Errors
/// See [`sheet`].
pub fn all(municipalities: &[Municipality], population: &Population, today: NaiveDate) -> Result<Registers, Error> {
    let teachers = teachers(municipalities, population, today);
    let held = events(municipalities, today);
    let mut dice = Dice::of("registers");
    let mut event_rows: Vec<[String; 9]> = Vec::new();
    let mut records: Vec<[String; 8]> = Vec::new();
    for event in &held {
        let contest = event.kind.starts_with("contest/");
        let mut counts = Vec::new();
        for place in &event.places {
            let young = event.series == "Молодой педагог" || event.kind == "contest/young_projects";
            let fit: Vec<&&Human> = teachers[*place]
                .iter()
                .filter(|h| !young || is_young(h, today))
                .collect();
            let wanted = if contest {
                dice.between(1, 3)
            } else {
                dice.between(3, 8)
            };
            let taken = wanted.min(fit.len());
            counts.push(format!(
                "{}={}",
                municipality_code(*place),
                taken * if contest { 1 } else { 3 }
            ));
            let first = dice.below(fit.len().max(1));
            for n in 0..taken {
                let human = fit[(first + n) % fit.len()];
                let result = match (contest, n, dice.below(3)) {
                    (false, ..) => "",
                    (true, 0, 0) => "победитель",
                    (true, 0, _) => "призёр",
                    (true, ..) => "участие без места",
                };
                let role = if !contest && n == 0 {
                    "выступающий"
                } else {
                    "участник"
                };
                records.push(record(human, event.kind, "", event.on, "", &event.code, role, result));
            }
        }
        event_rows.push([
            event.code.clone(),
            event.series.to_owned(),
            event.title.to_owned(),
            event.kind.to_owned(),
            event.level.to_owned(),
            date(event.on),
            if event.level == "муниципальный" {
                municipality_code(0)
            } else {
                PROVIDER.to_owned()
            },
            counts.join("; "),
            String::new(),
        ]);
    }
    let spring = NaiveDate::from_ymd_opt(last_year(today) + 1, 5, 25).unwrap_or(today);
    for place in &teachers {
        let mut one = |n: usize, kind: &str, level: &str, title: &str, result: &str| {
            if let Some(human) = place.get(n) {
                records.push(record(human, kind, level, spring, title, "", "", result));
            }
        };
        one(1, "expert/gia", "региональный", "Предметная комиссия", "");
        one(2, "help/rmo", "муниципальный", "Разбор урока по запросу", "");
        one(3, "exam/independent", "", "", "сдан");
        one(4, "burnout/training", "муниципальный", "Беречь силы учителя", "");
        one(5, "award/recognition", "муниципальный", "Признание коллег", "");
        one(6, "support/payment", "региональный", "Выплата молодому специалисту", "");
    }
    let (bodies, members) = bodies(municipalities, population, &teachers, today);
    let (pairs, mentors) = mentoring(&teachers, today);
    Ok(Registers {
        events: sheet(
            [
                "Код",
                "Серия",
                "Название",
                "Вид",
                "Уровень",
                "С",
                "Организатор",
                "Единицы",
                "Участников",
            ],
            event_rows,
        )?,
        bodies: sheet(
            ["Код", "Наименование", "Вид", "Уровень", "Единица", "Обязанности"],
            bodies,
        )?,
        activities: sheet(
            [
                "СНИЛС",
                "Вид",
                "Уровень",
                "С",
                "Название",
                "Мероприятие",
                "Роль",
                "Результат",
            ],
            records,
        )?,
        members: sheet(["СНИЛС", "Объединение", "Роль", "С", "По"], members)?,
        pairs: sheet(
            [
                "СНИЛС наставника",
                "СНИЛС наставляемого",
                "Форма",
                "С",
                "По",
                "Документы",
            ],
            pairs,
        )?,
        mentors: sheet(["СНИЛС", "Качества", "Предмет", "Обучен", "С"], mentors)?,
    })
}

#[expect(clippy::too_many_arguments, reason = "the cells of a row in their order")]
fn record(
    of: &Human,
    kind: &str,
    level: &str,
    on: NaiveDate,
    title: &str,
    event: &str,
    role: &str,
    result: &str,
) -> [String; 8] {
    let snils = of.snils.as_str();
    [snils, kind, level, &date(on), title, event, role, result].map(str::to_owned)
}

type Rows<const N: usize> = Vec<[String; N]>;

/// Bodies of the region, of each municipality, and management teams of a few schools, with their members.
fn bodies(
    municipalities: &[Municipality],
    population: &Population,
    teachers: &[Vec<&Human>],
    today: NaiveDate,
) -> (Rows<6>, Rows<5>) {
    let since = NaiveDate::from_ymd_opt(last_year(today) - 1, 9, 1).unwrap_or(today);
    let (mut bodies, mut members): (Rows<6>, Rows<5>) = (Vec::new(), Vec::new());
    let mut join = |who: &Human, code: &str, role: &str, until: Option<NaiveDate>| {
        let to = until.map_or_else(String::new, date);
        members.push([
            who.snils.as_str().to_owned(),
            code.to_owned(),
            role.to_owned(),
            date(since),
            to,
        ]);
    };
    let regional = [
        (
            "RMA",
            "Региональный методический актив",
            "regional_active",
            "сопровождает маршруты и школы",
            20,
        ),
        (
            "NAST",
            "Сообщество наставников",
            "mentors",
            "обменивается опытом наставничества",
            21,
        ),
        (
            "AMP",
            "Ассоциация молодых педагогов",
            "association",
            "готовит слёты и школы молодых педагогов",
            22,
        ),
        (
            "RMS",
            "Региональный методический совет",
            "methodical_council",
            "рассматривает программы и практики",
            23,
        ),
        (
            "SMO-M",
            "Сетевое объединение учителей математики",
            "smo",
            "разбирает уроки, помогает по запросу",
            24,
        ),
        (
            "RSES",
            "Экспертное сообщество",
            "expert_active",
            "ведёт экспертизу программ и материалов",
            25,
        ),
    ];
    for (code, name, kind, duties, n) in regional {
        bodies.push([code, name, kind, "региональный", REGION, duties].map(str::to_owned));
        let mut first = true;
        for place in teachers {
            if let Some(human) = place.get(n) {
                join(
                    human,
                    code,
                    if first {
                        "руководитель"
                    } else {
                        "участник"
                    },
                    None,
                );
                first = false;
            }
        }
    }
    for (m, (municipality, place)) in municipalities.iter().zip(teachers).enumerate() {
        let unit = municipality_code(m);
        let code = format!("RMO-{:02}", m + 1);
        let name = format!("Муниципальное объединение учителей, {}", municipality.name);
        bodies.push(
            [
                &code,
                &name,
                "rmo",
                "муниципальный",
                &unit,
                "помогает учителям по итогам диагностики",
            ]
            .map(str::to_owned),
        );
        for (n, human) in place.iter().skip(7).take(8).enumerate() {
            let until = (n == 7).then(|| today - TimeDelta::days(60));
            join(human, &code, ["руководитель", "секретарь", "участник"][n.min(2)], until);
        }
    }
    let mut teams = BTreeSet::new();
    for human in &population.humans {
        let leads = human
            .jobs
            .iter()
            .find(|j| j.staff == StaffKind::Managing && j.dismissed.is_none());
        let Some(organisation) = leads.map(|j| &population.organisations[j.organisation]) else {
            continue;
        };
        let code = format!("UK-{}", organisation.code);
        if teams.len() >= 40 && !teams.contains(&code) {
            continue;
        }
        let first = teams.insert(code.clone());
        if first {
            let name = format!("Управленческая команда, {}", organisation.name);
            let duties = "ведёт программу развития школы";
            bodies.push([&code, &name, "management_team", "школьный", &organisation.code, duties].map(str::to_owned));
        }
        join(
            human,
            &code,
            if first {
                "руководитель"
            } else {
                "участник"
            },
            None,
        );
    }
    (bodies, members)
}

/// Pairs of every municipality, and the cards of their mentors.
fn mentoring(teachers: &[Vec<&Human>], today: NaiveDate) -> (Rows<6>, Rows<5>) {
    let since = NaiveDate::from_ymd_opt(last_year(today) + 1, 10, 1)
        .unwrap_or(today)
        .min(today);
    let (mut pairs, mut mentors): (Rows<6>, Rows<5>) = (Vec::new(), Vec::new());
    for place in teachers {
        let old: Vec<&&Human> = place.iter().filter(|h| !is_young(h, today)).take(4).collect();
        let young: Vec<&&Human> = place.iter().filter(|h| is_young(h, today)).take(4).collect();
        for (n, (mentor, mentee)) in old.iter().zip(&young).enumerate() {
            let documents = [
                "приказ о закреплении; дорожная карта; персонализированная программа",
                "приказ о закреплении",
                "",
            ];
            let to = if n == 3 {
                date(since + TimeDelta::days(5))
            } else {
                String::new()
            };
            pairs.push([
                mentor.snils.as_str().to_owned(),
                mentee.snils.as_str().to_owned(),
                if n == 2 { "leader_teacher" } else { "teacher_teacher" }.to_owned(),
                date(since - TimeDelta::days(365)),
                to,
                documents[n % 3].to_owned(),
            ]);
            mentors.push([
                mentor.snils.as_str().to_owned(),
                "methodical; communication; planning".to_owned(),
                mentor.subjects.first().cloned().unwrap_or_default(),
                date(since - TimeDelta::days(400)),
                date(since - TimeDelta::days(380)),
            ]);
        }
    }
    (pairs, mentors)
}
