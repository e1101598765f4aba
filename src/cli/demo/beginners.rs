//! Those who begin in three schools, the deputy's first: teachers of the first, second and third year, students who will come,
//! a new deputy head; a few of them with a mentor, a school of the young teacher, a payment or a contract.

use chrono::{NaiveDate, TimeDelta};

use super::Demo;
use super::people::Human;
use super::sheets::sheet;
use crate::activity::import_activities::ActivitiesFile;
use crate::activity::import_pairs::PairsFile;
use crate::error::Error;
use crate::people::import::StaffFile;
use crate::people::{Snils, StaffKind};
use crate::units::OrgKind;

/// Schools that somebody begins in.
const SCHOOLS: usize = 3;
/// Those who begin in each of them: days since the first day of work (before it: fewer than none), names.
const PEOPLE: [[(i64, [&str; 3]); 4]; SCHOOLS] = [
    [
        (90, ["Лугова", "Дарья", "Сергеевна"]),
        (480, ["Ольхин", "Артём", "Игоревич"]),
        (820, ["Брусова", "Полина", "Андреевна"]),
        (-150, ["Вересова", "Алина", "Павловна"]),
    ],
    [
        (75, ["Кленов", "Егор", "Дмитриевич"]),
        (455, ["Рябова", "Ксения", "Олеговна"]),
        (870, ["Осокина", "Мария", "Юрьевна"]),
        (-170, ["Ивнев", "Глеб", "Романович"]),
    ],
    [
        (110, ["Полынина", "Вера", "Ильинична"]),
        (510, ["Тальникова", "Анна", "Петровна"]),
        (900, ["Сосновский", "Илья", "Максимович"]),
        (-140, ["Ковылева", "София", "Денисовна"]),
    ],
];
/// A deputy head of the first school who has led for so many days.
const DEPUTY: (i64, [&str; 3]) = (210, ["Черёмухина", "Елена", "Викторовна"]);

fn date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// Schools in their order: the one that the deputy heads, then others.
fn schools<'a>(demo: &'a Demo<'_>) -> Vec<(usize, &'a str)> {
    let own = demo.this_year.school(&demo.population);
    let all = demo.population.organisations.iter().enumerate();
    let mut found: Vec<(usize, &str)> = all
        .filter(|(_, o)| o.kind == OrgKind::School)
        .map(|(n, o)| (n, o.code.as_str()))
        .collect();
    found.sort_by_key(|(_, code)| Some(*code) != own);
    found.truncate(SCHOOLS);
    found
}

/// The number of somebody who begins: after those of everybody else.
fn snils(demo: &Demo<'_>, school: usize, place: usize) -> String {
    let number = demo.population.humans.len() + school * 10 + place;
    let number = u32::try_from(number).unwrap_or(0) + 900_000_001;
    Snils::of_number(number).as_str().to_owned()
}

/// Loads them with the staff.
///
/// # Errors
/// Those of the database.
pub(super) async fn hire(demo: &Demo<'_>) -> Result<(), Error> {
    let today = demo.this_year.today();
    let mut rows = Vec::new();
    let mut row = |code: &str, snils: String, (days, names): (i64, [&str; 3]), leads: bool| {
        let from = today - TimeDelta::days(days);
        let [last, first, patronymic] = names.map(str::to_owned);
        let born = from - TimeDelta::days(if leads { 15_000 } else { 8_500 });
        let since = match (leads, days > 0) {
            (true, _) => date(from - TimeDelta::days(4_500)),
            (false, true) => date(from),
            (false, false) => String::new(),
        };
        let (position, staff) = if leads {
            ("заместитель директора", StaffKind::Managing)
        } else {
            ("учитель", StaffKind::Teaching)
        };
        rows.push([
            snils,
            last,
            first,
            patronymic,
            date(born),
            code.to_owned(),
            position.to_owned(),
            staff.label().to_owned(),
            since,
            date(from),
        ]);
    };
    for (n, ((_, code), people)) in schools(demo).into_iter().zip(PEOPLE).enumerate() {
        for (place, person) in people.into_iter().enumerate() {
            row(code, snils(demo, n, place), person, false);
        }
        if n == 0 {
            row(code, snils(demo, n, PEOPLE[0].len()), DEPUTY, true);
        }
    }
    let head = [
        "СНИЛС",
        "Фамилия",
        "Имя",
        "Отчество",
        "Дата рождения",
        "Код ОО",
        "Должность",
        "Персонал",
        "Начало педагогической работы",
        "Принят",
    ];
    demo.import::<StaffFile>("staff-beginners.csv", &sheet(head, rows)?)
        .await
}

/// Gives a few of them a mentor and what else supports them; the others have nobody yet.
///
/// # Errors
/// Those of the database.
pub(super) async fn support(demo: &Demo<'_>) -> Result<(), Error> {
    let today = demo.this_year.today();
    let on = |days: i64| date(today - TimeDelta::days(days));
    let (mut pairs, mut records) = (Vec::new(), Vec::new());
    for (n, (school, _)) in schools(demo).into_iter().enumerate() {
        let of = |place: usize| snils(demo, n, place);
        let here = |human: &&Human| {
            let only = human.jobs.iter().all(|job| job.organisation == school);
            only && human.teaches_on(today)
        };
        let mentor = demo.population.humans.iter().find(here);
        let mut pair = |mentee: String, form: &str| {
            if let Some(mentor) = mentor {
                pairs.push([
                    mentor.snils.as_str().to_owned(),
                    mentee,
                    form.to_owned(),
                    on(60),
                    String::new(),
                    "приказ о закреплении".to_owned(),
                ]);
            }
        };
        pair(of(1), "teacher_teacher");
        if n == 1 {
            pair(of(3), "student_teacher");
        }
        let mut record = |place: usize, kind: &str, days: i64, title: &str| {
            records.push([
                of(place),
                kind.to_owned(),
                "региональный".to_owned(),
                on(days),
                title.to_owned(),
            ]);
        };
        if n != 1 {
            record(3, "support/target_contract", 400, "Учится для школы");
        }
        match n {
            0 => record(2, "event/young_school", 45, "Школа молодого педагога: разбор уроков"),
            1 => record(0, "support/payment", 40, "Выплата молодому специалисту"),
            _ => {}
        }
    }
    let head = [
        "СНИЛС наставника",
        "СНИЛС наставляемого",
        "Форма",
        "С",
        "По",
        "Документы",
    ];
    demo.import::<PairsFile>("pairs-beginners.csv", &sheet(head, pairs)?)
        .await?;
    let head = ["СНИЛС", "Вид", "Уровень", "С", "Название"];
    demo.import::<ActivitiesFile>("activities-beginners.csv", &sheet(head, records)?)
        .await
}
