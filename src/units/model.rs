//! The nouns: a unit and its dated place in the tree.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::schema::{unit, unit_link};
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A region, zone, municipality or organisation.
    UnitId;
    /// A dated link of a unit to its parent.
    UnitLinkId;
}

text_enum! {
    /// What a unit is.
    UnitKind {
        Region = "region" "регион",
        Zone = "zone" "зона",
        Municipality = "municipality" "муниципалитет",
        Organisation = "organisation" "организация",
    }
}

text_enum! {
    /// Type of an organisation.
    OrgKind {
        School = "school" "школа",
        Preschool = "preschool" "детский сад",
        Extracurricular = "extracurricular" "дополнительное образование",
        Vocational = "vocational" "СПО",
        Dpo = "dpo" "ДПО",
    }
}

text_enum! {
    /// Class of the place.
    Locality {
        Urban = "urban" "город",
        Rural = "rural" "село",
        RemoteRural = "remote_rural" "село отдалённое",
    }
}

text_enum! {
    /// What a municipality is: a district with villages, a town, a closed town, a single settlement.
    MunicipalityKind {
        District = "district" "район",
        MunicipalDistrict = "municipal_district" "муниципальный район",
        MunicipalOkrug = "municipal_okrug" "муниципальный округ",
        Town = "town" "город",
        ClosedTown = "closed_town" "закрытый город",
        Settlement = "settlement" "посёлок",
    }
}

/// A unit. `region_id` of a region is its own id.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = unit, treat_none_as_default_value = false)]
pub struct Unit {
    /// Id.
    pub id: UnitId,
    /// The region it belongs to.
    pub region_id: UnitId,
    /// Kind.
    pub kind: UnitKind,
    /// Stable code, the key of files.
    pub code: String,
    /// Name as printed.
    pub name: String,
    /// Key for searching.
    pub search_key: String,
    /// Key for sorting.
    pub sort_key: String,
    /// Type of an organisation.
    pub org_kind: Option<OrgKind>,
    /// Class of the place.
    pub locality: Option<Locality>,
    /// What a municipality is.
    pub municipality_kind: Option<MunicipalityKind>,
    /// ОКТМО.
    pub oktmo: Option<String>,
    /// ИНН.
    pub inn: Option<String>,
    /// First day; `None` is since ever.
    pub valid_from: Option<NaiveDate>,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

impl Unit {
    /// A unit of which nothing is known but what it is called and of what kind it is.
    #[must_use]
    pub fn called(
        id: UnitId,
        region_id: UnitId,
        kind: UnitKind,
        (code, name): (String, String),
        at: NaiveDateTime,
    ) -> Self {
        Self {
            id,
            region_id,
            kind,
            code,
            name,
            search_key: String::new(),
            sort_key: String::new(),
            org_kind: None,
            locality: None,
            municipality_kind: None,
            oktmo: None,
            inn: None,
            valid_from: None,
            valid_to: None,
            version: 1,
            recorded_at: at,
            batch_id: None,
        }
    }
}

/// A unit stands in a parent from a day to a day.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = unit_link, treat_none_as_default_value = false)]
pub struct UnitLink {
    /// Id.
    pub id: UnitLinkId,
    /// The region.
    pub region_id: UnitId,
    /// The child.
    pub unit_id: UnitId,
    /// The parent.
    pub parent_id: UnitId,
    /// First day; `None` is since ever.
    pub valid_from: Option<NaiveDate>,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// Whether a dated link holds on a day: from inclusive, to exclusive, `None` open.
#[must_use]
pub fn holds_on(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to)
}
