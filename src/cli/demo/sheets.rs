//! The demo region as files: the same sheets that people would send, kept in `files/demo` as examples.

use super::figures::Municipality;
use super::people::{Human, Organisation, municipality_code};
use super::vacancies;
use crate::error::Error;
use crate::people::{EmploymentKind, Sex};
use crate::units::{Locality, MunicipalityKind};

/// Code of the region.
pub const REGION: &str = "TYU";
/// Code of the organisation that gives the courses.
pub const PROVIDER: &str = "TYU-DPO";

/// Competences of the demo, in the form of an import.
pub const COMPETENCES: &str = include_str!("../../../seeds/demo/competences.csv");
/// Programmes of the demo, in the form of an import.
pub const PROGRAMMES: &str = include_str!("../../../seeds/demo/programmes.csv");

/// Writes rows as a sheet for people: `;` between cells.
///
/// # Errors
/// Never on memory; the type of the writer has one.
pub fn sheet<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<String, Error> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(&row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
}

/// Code of an educational district.
fn zone_code(district: &str, districts: &[&str]) -> String {
    format!(
        "{REGION}-Z{}",
        districts.iter().position(|d| *d == district).unwrap_or(0) + 1
    )
}

/// The units file.
///
/// # Errors
/// See [`sheet`].
pub fn units(municipalities: &[Municipality], organisations: &[Organisation]) -> Result<String, Error> {
    let mut districts: Vec<&str> = municipalities.iter().map(|m| m.district.as_str()).collect();
    districts.sort_unstable();
    districts.dedup();
    let row = |code: &str, name: &str, kind: &str, parent: &str, org: &str, locality: &str| {
        let municipality = match name.starts_with("г.") {
            _ if kind != "муниципалитет" => "",
            true => MunicipalityKind::Town.label(),
            false => MunicipalityKind::MunicipalDistrict.label(),
        };
        [code, name, kind, parent, org, locality, municipality].map(str::to_owned)
    };
    let mut rows = vec![row(REGION, "Тюменская область (демо)", "регион", "", "", "")];
    for district in &districts {
        let name = format!("{district} образовательный округ");
        rows.push(row(&zone_code(district, &districts), &name, "зона", REGION, "", ""));
    }
    for (m, municipality) in municipalities.iter().enumerate() {
        let zone = zone_code(&municipality.district, &districts);
        let locality = Locality::from_code(&municipality.locality).map_or("", Locality::label);
        rows.push(row(
            &municipality_code(m),
            &municipality.name,
            "муниципалитет",
            &zone,
            "",
            locality,
        ));
    }
    rows.push(row(
        PROVIDER,
        "Институт развития образования",
        "организация",
        REGION,
        "ДПО",
        "город",
    ));
    for organisation in organisations {
        let parent = municipality_code(organisation.municipality);
        rows.push(row(
            &organisation.code,
            &organisation.name,
            "организация",
            &parent,
            organisation.kind.label(),
            "",
        ));
    }
    sheet(
        [
            "Код",
            "Наименование",
            "Вид",
            "Входит в",
            "Тип ОО",
            "Местность",
            "Вид муниципалитета",
        ],
        rows,
    )
}

/// The staff list.
///
/// # Errors
/// See [`sheet`].
pub fn staff(humans: &[Human], organisations: &[Organisation], today: chrono::NaiveDate) -> Result<String, Error> {
    let date = |d: chrono::NaiveDate| d.format("%d.%m.%Y").to_string();
    let rows = humans.iter().flat_map(|human| {
        human.jobs.iter().map(move |job| {
            let [last, first, patronymic] = human.name.clone();
            let sex = if human.female { Sex::Female } else { Sex::Male };
            let [education, category, hours, matches] =
                vacancies::schooling(human.snils.as_str(), human.teaching_since, today);
            let taught = !human.subjects.is_empty();
            [
                human.snils.as_str().to_owned(),
                last,
                first,
                patronymic,
                date(human.born),
                sex.label().to_owned(),
                organisations[job.organisation].code.clone(),
                job.position.to_owned(),
                job.staff.label().to_owned(),
                job.kind.label().to_owned(),
                human.subjects.join("; "),
                date(human.teaching_since),
                date(job.hired),
                job.dismissed.map(date).unwrap_or_default(),
                education,
                category,
                // What is done beside the main job is little.
                if job.kind == EmploymentKind::Main {
                    hours
                } else {
                    "9".to_owned()
                },
                if taught { matches } else { String::new() },
            ]
        })
    });
    sheet(
        [
            "СНИЛС",
            "Фамилия",
            "Имя",
            "Отчество",
            "Дата рождения",
            "Пол",
            "Код ОО",
            "Должность",
            "Персонал",
            "Вид занятости",
            "Предметы",
            "Начало педагогической работы",
            "Принят",
            "Уволен",
            "Образование",
            "Квалификационная категория",
            "Нагрузка",
            "Соответствие профилю",
        ],
        rows,
    )
}

/// The procedures: two autumn diagnoses, one for leaders, one on a corporate order, self-assessment, a repeated one.
///
/// # Errors
/// See [`sheet`].
pub fn procedures() -> Result<String, Error> {
    let row = |cells: [&str; 8]| cells.map(str::to_owned);
    sheet(
        [
            "Код",
            "Наименование",
            "Вид",
            "Уровень",
            "Организатор",
            "С",
            "По",
            "Действует дней",
        ],
        [
            row([
                "TYU-2021",
                "Осенняя диагностика 2021",
                "полная",
                "региональный",
                PROVIDER,
                "20.09.2021",
                "25.10.2021",
                "",
            ]),
            row([
                "TYU-2022",
                "Осенняя диагностика 2022",
                "полная",
                "региональный",
                PROVIDER,
                "12.09.2022",
                "07.10.2022",
                "",
            ]),
            row([
                "TYU-SELF",
                "Самодиагностика",
                "самодиагностика",
                "школьный",
                "",
                "",
                "",
                "365",
            ]),
            row([
                "TYU-CORP",
                "Диагностика по заказу муниципалитетов",
                "корпоративный заказ",
                "муниципальный",
                PROVIDER,
                "01.02.2023",
                "28.02.2023",
                "",
            ]),
            row([
                "TYU-MNG",
                "Диагностика руководителей",
                "полная",
                "региональный",
                PROVIDER,
                "01.11.2022",
                "30.11.2022",
                "",
            ]),
            row([
                "TYU-REP",
                "Повторная диагностика",
                "повторная",
                "региональный",
                PROVIDER,
                "",
                "",
                "",
            ]),
        ],
    )
}
