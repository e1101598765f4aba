//! The published figures the demo region is built from: `seeds/demo/*.csv`.

use serde::Deserialize;

use crate::error::Error;

const MUNICIPALITIES: &str = include_str!("../../../seeds/demo/municipalities.csv");
const SECTION_POINTS: &str = include_str!("../../../seeds/demo/section_points.csv");
/// The totals of the first table as they were published, some of them wrong.
pub const SECTION_TOTALS: &str = include_str!("../../../seeds/demo/section_totals.csv");

/// A municipality as published for two academic years.
#[derive(Debug, Clone, Deserialize)]
pub struct Municipality {
    /// Name as printed.
    pub name: String,
    /// Educational district.
    pub district: String,
    /// `urban`, `rural`, `remote_rural`.
    pub locality: String,
    /// Methodists of the municipal service.
    pub methodists: usize,
    /// Teachers, 2021/22.
    pub teachers_2022: usize,
    /// Teachers, 2022/23.
    pub teachers_2023: usize,
    /// Teachers who got support with their ИОМ, 2021/22.
    pub supported_2022: usize,
    /// The share as printed, per cent.
    pub percent_2022: f64,
    /// The same for 2022/23.
    pub supported_2023: usize,
    /// The share as printed, per cent.
    pub percent_2023: f64,
    /// Class of the place as the table prints it (it differs from the list of classes).
    pub printed_class: String,
    /// District as the table prints it.
    pub printed_district: String,
    /// Teachers per methodist as printed.
    pub printed_teachers_per_methodist: f64,
    /// Level of the third cluster as printed.
    pub printed_level: u32,
}

/// Points of the eight sections of the examination of one municipality in a year; empty was not submitted.
#[derive(Debug, Clone, Deserialize)]
pub struct SectionPoints {
    /// Municipality.
    pub name: String,
    /// Year of the examination.
    pub year: i32,
    /// Section 1.
    pub s1: Option<String>,
    /// Section 2.
    pub s2: Option<String>,
    /// Section 3.
    pub s3: Option<String>,
    /// Section 4.
    pub s4: Option<String>,
    /// Section 5.
    pub s5: Option<String>,
    /// Section 6.
    pub s6: Option<String>,
    /// Section 7.
    pub s7: Option<String>,
    /// Section 8.
    pub s8: Option<String>,
    /// Total as printed.
    pub published_total: String,
}

impl SectionPoints {
    /// The sections in order with what was given.
    #[must_use]
    pub fn sections(&self) -> [(&'static str, Option<&str>); 8] {
        [
            ("s1", self.s1.as_deref()),
            ("s2", self.s2.as_deref()),
            ("s3", self.s3.as_deref()),
            ("s4", self.s4.as_deref()),
            ("s5", self.s5.as_deref()),
            ("s6", self.s6.as_deref()),
            ("s7", self.s7.as_deref()),
            ("s8", self.s8.as_deref()),
        ]
    }
}

/// The two academic years of the demo, in order.
pub const YEARS: [Year; 2] = [
    Year {
        index: 0,
        period: "2021/22",
        procedure: "TYU-2021",
    },
    Year {
        index: 1,
        period: "2022/23",
        procedure: "TYU-2022",
    },
];

/// An academic year of the demo.
#[derive(Debug, Clone, Copy)]
pub struct Year {
    /// 0 or 1.
    pub index: usize,
    /// Name of the period.
    pub period: &'static str,
    /// Code of the procedure of that autumn.
    pub procedure: &'static str,
}

impl Municipality {
    /// Teachers of a year.
    #[must_use]
    pub fn teachers(&self, year: usize) -> usize {
        if year == 0 {
            self.teachers_2022
        } else {
            self.teachers_2023
        }
    }

    /// The published count of the supported of a year.
    #[must_use]
    pub fn published_supported(&self, year: usize) -> usize {
        if year == 0 {
            self.supported_2022
        } else {
            self.supported_2023
        }
    }

    /// How many the demo makes supported: the published count where it is possible. Where more are published than
    /// there are teachers, the share printed beside it is taken of the teachers instead, and the difference shows.
    #[must_use]
    pub fn supported(&self, year: usize) -> usize {
        let (teachers, published) = (self.teachers(year), self.published_supported(year));
        if published <= teachers {
            return published;
        }
        let percent = if year == 0 {
            self.percent_2022
        } else {
            self.percent_2023
        };
        (1..=teachers)
            .rev()
            .find(|n| (*n as f64) * 100.0 <= percent * teachers as f64 + 0.5)
            .unwrap_or(0)
    }
}

/// All municipalities in the order of the published table; with `people`, smaller or larger in proportion.
///
/// # Errors
/// A seed that does not read, or fewer people than a region can be shown with.
pub fn municipalities(people: Option<usize>) -> Result<Vec<Municipality>, Error> {
    let mut all: Vec<Municipality> = read(MUNICIPALITIES)?;
    let Some(people) = people else { return Ok(all) };
    let published: usize = all.iter().map(|m| m.teachers_2023).sum();
    if people < 1000 {
        return Err(Error::Invalid("--people: не меньше 1000".into()));
    }
    for m in &mut all {
        for count in [
            &mut m.teachers_2022,
            &mut m.teachers_2023,
            &mut m.supported_2022,
            &mut m.supported_2023,
        ] {
            *count = *count * people / published;
        }
        m.teachers_2022 = m.teachers_2022.max(5);
        m.teachers_2023 = m.teachers_2023.max(5);
    }
    Ok(all)
}

/// The points of all municipalities and years.
///
/// # Errors
/// A seed that does not read.
pub fn section_points() -> Result<Vec<SectionPoints>, Error> {
    read(SECTION_POINTS)
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Vec<T>, Error> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| Error::Internal(format!("seeds/demo: {e}")))
}
