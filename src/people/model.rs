//! The nouns: a person and a job.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::milli::Milli;
use crate::db::schema::{employment, employment_subject, person};
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A person.
    PersonId;
    /// A job of a person.
    EmploymentId;
}

text_enum! {
    /// Sex; never guessed.
    Sex { Female = "female" "женский", Male = "male" "мужской", }
}

text_enum! {
    /// Which population a job belongs to.
    StaffKind {
        Teaching = "teaching" "педагогический",
        Managing = "managing" "руководящий",
    }
}

text_enum! {
    /// How the job is held.
    EmploymentKind {
        Main = "main" "основное",
        InternalPart = "internal_part" "внутреннее совместительство",
        ExternalPart = "external_part" "внешнее совместительство",
        CivilContract = "civil_contract" "договор",
    }
}

/// A teacher or leader.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = person, treat_none_as_default_value = false)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// The region.
    pub region_id: UnitId,
    /// СНИЛС in its written form; unique within the region when present.
    pub snils: Option<String>,
    /// Фамилия.
    pub last_name: String,
    /// Имя.
    pub first_name: String,
    /// Отчество, where there is one.
    pub patronymic: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex, where given.
    pub sex: Option<Sex>,
    /// Mail address.
    pub email: Option<String>,
    /// Key for searching: full name.
    pub search_key: String,
    /// Key for sorting: full name.
    pub sort_key: String,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

impl Person {
    /// Фамилия Имя Отчество.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(&self.last_name, &self.first_name, self.patronymic.as_deref())
    }
}

/// Фамилия Имя Отчество.
#[must_use]
pub fn full_name(last: &str, first: &str, patronymic: Option<&str>) -> String {
    match patronymic {
        Some(patronymic) => format!("{last} {first} {patronymic}"),
        None => format!("{last} {first}"),
    }
}

/// One job of a person in an organisation.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = employment, treat_none_as_default_value = false)]
pub struct Employment {
    /// Id.
    pub id: EmploymentId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub person_id: PersonId,
    /// Where.
    pub organisation_id: UnitId,
    /// Должность as written.
    pub position: String,
    /// Population.
    pub staff_kind: StaffKind,
    /// How held.
    pub kind: EmploymentKind,
    /// Ставка.
    pub rate_milli: Option<Milli>,
    /// Hours a week.
    pub hours_milli: Option<Milli>,
    /// First day of any teaching work.
    pub teaching_since: Option<NaiveDate>,
    /// Квалификационная категория as written.
    pub category: Option<String>,
    /// Education as written.
    pub education: Option<String>,
    /// First day of the job.
    pub valid_from: NaiveDate,
    /// The day after the last one (the day of dismissal is worked); `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A subject taught within a job.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = employment_subject, treat_none_as_default_value = false)]
pub struct EmploymentSubject {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The job.
    pub employment_id: EmploymentId,
    /// Subject as written.
    pub subject: String,
    /// Whether the education matches it, where known.
    pub profile_match: Option<bool>,
}
