//! What units of the demo undertake and publish, as the files of both registers.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::figures::Municipality;
use super::people::{Population, municipality_code};
use super::sheets::{REGION, sheet};
use crate::error::Error;

/// The files in the order of loading, after the bodies and the staff.
pub struct Undertakings {
    /// Undertakings.
    pub undertakings: String,
    /// Publications.
    pub publications: String,
}

fn date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// Both files.
///
/// # Errors
/// A table that cannot be written.
pub fn all(municipalities: &[Municipality], population: &Population, today: NaiveDate) -> Result<Undertakings, Error> {
    let since = date(today - TimeDelta::days(400));
    let later = date(today - TimeDelta::days(120));
    let first = municipality_code(0);
    let second = municipality_code(1.min(municipalities.len().saturating_sub(1)));
    let school = |n: usize| population.organisations.get(n).map_or(REGION, |o| o.code.as_str());
    let near = format!("{first}; {second}");
    let row = |cells: [&str; 13]| cells.map(str::to_owned);
    let undertakings = vec![
        row([
            "RIP-1",
            "innovation_site",
            "Площадка читательской грамотности",
            "школы пробуют приёмы смыслового чтения в каждом предмете",
            "",
            "региональный",
            school(0),
            &since,
            "",
            "идёт",
            "14-п",
            &since,
            "",
        ]),
        row([
            "PR-1",
            "innovation_project",
            "Урок по итогам диагностики",
            "",
            "",
            "муниципальный",
            &first,
            &since,
            "",
            "идёт",
            "",
            "",
            "",
        ]),
        row([
            "ST-1",
            "internship_site",
            "Стажировки у наставников",
            "неделя рядом с опытным учителем",
            "",
            "региональный",
            school(1),
            &later,
            "",
            "идёт",
            "21-п",
            &later,
            "",
        ]),
        row([
            "NET-1",
            "network_project",
            "Математика без границ",
            "общие уроки двух муниципалитетов",
            "",
            "муниципальный",
            &first,
            &since,
            "",
            "идёт",
            "",
            "",
            "",
        ]),
        row([
            "GR-1",
            "growth_programme",
            "Учимся друг у друга",
            "пары, взаимопосещение, разбор уроков",
            "",
            "школьный",
            school(2),
            &since,
            "",
            "идёт",
            "",
            "",
            "",
        ]),
        row([
            "QS-1",
            "quality_system",
            "Как мы оцениваем методическую работу",
            "порядок, показатели школы и разбор раз в полугодие",
            "",
            "школьный",
            school(2),
            &since,
            "",
            "идёт",
            "",
            "",
            "",
        ]),
        row([
            "SOG-1",
            "agreement",
            "О сопровождении молодых педагогов",
            "",
            "",
            "региональный",
            &first,
            &since,
            "",
            "идёт",
            "7",
            &since,
            "RMA; AMP",
        ]),
        row([
            "BK-1",
            "task_bank",
            "Задания по химии",
            "",
            "химия",
            "региональный",
            REGION,
            &since,
            "",
            "идёт",
            "",
            "",
            "RSES",
        ]),
        row([
            "PL-1",
            "platform",
            "Кабинет методиста",
            "",
            "",
            "региональный",
            REGION,
            &since,
            "",
            "идёт",
            "",
            "",
            "",
        ]),
    ];
    let link = |code: &str| match code {
        "BK-1" | "PL-1" | "QS-1" | "RIP-1" => format!("https://metodist.example/{}", code.to_lowercase()),
        _ => String::new(),
    };
    let undertakings: Vec<[String; 15]> = undertakings
        .into_iter()
        .map(|cells| {
            let more = [
                if cells[0] == "NET-1" {
                    near.clone()
                } else {
                    String::new()
                },
                link(&cells[0]),
            ];
            let mut all: [String; 15] = Default::default();
            for (to, from) in all.iter_mut().zip(cells.into_iter().chain(more)) {
                *to = from;
            }
            all
        })
        .collect();
    let mut publications: Vec<[String; 9]> = Vec::new();
    let numbers: Vec<&str> = population.humans.iter().take(12).map(|h| h.snils.as_str()).collect();
    let titles = [
        ("recommendations", "Как читать профиль дефицитов", "педагогам"),
        (
            "recommendations",
            "Как вести наставническую пару",
            "наставникам; педагогам",
        ),
        (
            "recommendations",
            "План методической службы на год",
            "методическим службам",
        ),
        ("manual", "Формирующее оценивание", "педагогам"),
        ("article", "Что дала диагностика", "руководителям организаций"),
        ("task_set", "Олимпиадные задания", "педагогам"),
        ("experience", "Разбор урока в паре", "педагогам"),
    ];
    for (n, (kind, title, whom)) in titles.into_iter().enumerate() {
        let author = numbers.get(n).copied().unwrap_or_default();
        let authors = if n % 3 == 0 {
            format!("{author}; Крылова Н. П.")
        } else {
            author.to_owned()
        };
        let year = today.year() - i32::from(n % 2 == 0);
        publications.push([
            format!("PB-{}", n + 1),
            kind.to_owned(),
            title.to_owned(),
            authors,
            year.to_string(),
            if kind == "article" {
                "Вестник образования региона"
            } else {
                ""
            }
            .to_owned(),
            if kind == "task_set" { "физика" } else { "" }.to_owned(),
            whom.to_owned(),
            if n % 2 == 0 { REGION.to_owned() } else { first.clone() },
        ]);
    }
    Ok(Undertakings {
        undertakings: sheet(
            [
                "Код",
                "Вид",
                "Название",
                "О чём",
                "Предмет",
                "Уровень",
                "Единица",
                "С",
                "По",
                "Состояние",
                "Номер акта",
                "Дата акта",
                "Стороны",
                "Участвуют",
                "Ссылка",
            ],
            undertakings,
        )?,
        publications: sheet(
            [
                "Код",
                "Вид",
                "Название",
                "Авторы",
                "Год",
                "Издание",
                "Предмет",
                "Кому",
                "Единица",
            ],
            publications,
        )?,
    })
}
