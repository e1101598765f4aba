//! Invented people and organisations of the demo region. СНИЛС from 900-…, which nobody has.
//!
//! Each municipality has exactly the published number of teachers on 1 June of both years: those who stay, those who
//! left after the first year and those who came for the second. A few teachers of the regional capital also work part
//! time elsewhere and so count in two municipalities.

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::dice::Dice;
use super::figures::Municipality;
use crate::error::Error;
use crate::people::{EmploymentKind, Snils, StaffKind};
use crate::units::OrgKind;

const NAMES: &str = include_str!("../../../seeds/demo/names.toml");

/// Invented names.
#[derive(Debug, Deserialize)]
pub struct Names {
    surnames: Vec<[String; 2]>,
    female: Vec<String>,
    male: Vec<String>,
    patronymics: Vec<[String; 2]>,
    subjects: Vec<String>,
}

impl Names {
    /// Reads the names.
    ///
    /// # Errors
    /// The file of names does not read.
    pub fn load() -> Result<Self, Error> {
        toml::from_str(NAMES).map_err(|e| Error::Internal(format!("seeds/demo/names.toml: {e}")))
    }

    /// A first name and a surname.
    fn one(&self, female: bool, dice: &mut Dice) -> (String, String) {
        let surname = dice.pick(&self.surnames).map(|both| both[usize::from(female)].clone());
        let first = dice.pick(if female { &self.female } else { &self.male }).cloned();
        (first.unwrap_or_default(), surname.unwrap_or_default())
    }

    /// How the holder of a login is called.
    #[must_use]
    pub fn of_login(&self, login: &str) -> String {
        let mut dice = Dice::of(login);
        let female = dice.chance(80);
        let (first, surname) = self.one(female, &mut dice);
        format!("{first} {surname}")
    }
}

/// An organisation of the demo.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Index of the municipality.
    pub municipality: usize,
    /// Type.
    pub kind: OrgKind,
}

/// A job of an invented person.
#[derive(Debug, Clone)]
pub struct Job {
    /// Index of the organisation.
    pub organisation: usize,
    /// Position.
    pub position: &'static str,
    /// Population.
    pub staff: StaffKind,
    /// How held.
    pub kind: EmploymentKind,
    /// First day.
    pub hired: NaiveDate,
    /// Last day, if over.
    pub dismissed: Option<NaiveDate>,
}

/// An invented person.
#[derive(Debug, Clone)]
pub struct Human {
    /// СНИЛС.
    pub snils: Snils,
    /// Фамилия, имя, отчество.
    pub name: [String; 3],
    /// A woman.
    pub female: bool,
    /// Date of birth.
    pub born: NaiveDate,
    /// Start of teaching.
    pub teaching_since: NaiveDate,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Municipality of the main job.
    pub home: usize,
    /// Jobs.
    pub jobs: Vec<Job>,
}

impl Human {
    /// Whether the person teaches on a day (by any job of the demo: none of them is a civil contract).
    #[must_use]
    pub fn teaches_on(&self, day: NaiveDate) -> bool {
        self.jobs
            .iter()
            .any(|j| j.staff == StaffKind::Teaching && j.covers(day))
    }

    /// Whether all jobs stand in the home municipality.
    #[must_use]
    pub fn only_at_home(&self, organisations: &[Organisation]) -> bool {
        self.jobs
            .iter()
            .all(|j| organisations[j.organisation].municipality == self.home)
    }

    /// The organisation of the first job that covers a day.
    #[must_use]
    pub fn organisation_on(&self, day: NaiveDate) -> Option<usize> {
        self.jobs.iter().find(|j| j.covers(day)).map(|j| j.organisation)
    }
}

impl Job {
    fn covers(&self, day: NaiveDate) -> bool {
        self.hired <= day && self.dismissed.is_none_or(|last| day <= last)
    }
}

/// The invented region.
#[derive(Debug)]
pub struct Population {
    /// Organisations.
    pub organisations: Vec<Organisation>,
    /// People.
    pub humans: Vec<Human>,
}

/// 1 June of the two years: the days on which teachers are counted.
#[must_use]
pub fn reference_days() -> [NaiveDate; 2] {
    [day(2022, 6, 1), day(2023, 6, 1)]
}

/// A date of the calendar; the demo writes only real ones.
#[must_use]
pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Index of the regional capital, whose teachers also work elsewhere.
fn capital(municipalities: &[Municipality]) -> usize {
    (0..municipalities.len())
        .max_by_key(|m| municipalities[*m].teachers_2022)
        .unwrap_or(0)
}

/// Invents organisations and people for the published counts.
///
/// # Errors
/// A seed that does not read.
pub fn invent(municipalities: &[Municipality]) -> Result<Population, Error> {
    let names = Names::load()?;
    let mut population = Population {
        organisations: Vec::new(),
        humans: Vec::new(),
    };
    let mut maker = Maker {
        names,
        population: &mut population,
    };
    for (m, municipality) in municipalities.iter().enumerate() {
        maker.organisations(m, municipality);
    }
    let capital = capital(municipalities);
    for (m, municipality) in municipalities.iter().enumerate() {
        let visitors = if m == capital { 0 } else { visitors(municipality) };
        maker.teachers(m, municipality, visitors);
    }
    for (m, municipality) in municipalities.iter().enumerate() {
        if m != capital {
            maker.visitors(m, capital, visitors(municipality));
        }
        maker.leaders(m);
    }
    Ok(population)
}

/// How many teachers of the capital also work here: two, where not everyone was supported.
fn visitors(municipality: &Municipality) -> usize {
    let room = |year| municipality.teachers(year) > municipality.supported(year) + 20;
    if room(0) && room(1) { 2 } else { 0 }
}

struct Maker<'a> {
    names: Names,
    population: &'a mut Population,
}

impl Maker<'_> {
    fn organisations(&mut self, m: usize, municipality: &Municipality) {
        let count = (municipality.teachers_2022 / 31).max(3);
        let plain = municipality.name.trim_start_matches("г.");
        let (mut schools, mut gardens) = (0, 0);
        for n in 0..count {
            let (kind, name) = match n {
                0 => (OrgKind::Extracurricular, format!("Дом творчества ({plain})")),
                1 if count > 20 => (OrgKind::Vocational, format!("Колледж ({plain})")),
                n if n % 3 == 2 => {
                    gardens += 1;
                    (OrgKind::Preschool, format!("Детский сад № {gardens} ({plain})"))
                }
                _ => {
                    schools += 1;
                    (OrgKind::School, format!("Школа № {schools} ({plain})"))
                }
            };
            let code = format!("{}-{:03}", municipality_code(m), n + 1);
            self.population.organisations.push(Organisation {
                code,
                name,
                municipality: m,
                kind,
            });
        }
    }

    fn at(&self, m: usize) -> Vec<usize> {
        (0..self.population.organisations.len())
            .filter(|o| self.population.organisations[*o].municipality == m)
            .collect()
    }

    fn teachers(&mut self, m: usize, municipality: &Municipality, visitors: usize) {
        let own = [
            municipality.teachers_2022 - visitors,
            municipality.teachers_2023 - visitors,
        ];
        let fewest = own[0].min(own[1]);
        let stay = fewest - fewest / 33;
        let places = self.at(m);
        let mut dice = Dice::of(&format!("teachers {}", municipality.name));
        for n in 0..(own[0] + own[1] - stay) {
            let place = places[n % places.len()];
            let mut human = self.human(m, false, &mut dice);
            let position = position(self.population.organisations[place].kind);
            let mut job = Job {
                organisation: place,
                position,
                staff: StaffKind::Teaching,
                kind: EmploymentKind::Main,
                hired: human.teaching_since.max(day(2009, 9, 1)),
                dismissed: None,
            };
            if n >= stay && n < own[0] {
                // Left after the first year was counted.
                job.dismissed = Some(day(2022, 6, 30));
            } else if n >= own[0] {
                job.hired = day(2022, 9, 1);
                human.teaching_since = human.teaching_since.min(job.hired);
            }
            let stays = n < stay;
            if stays && dice.chance(1) {
                // Moved to another organisation of the municipality between the years.
                let next = places[(n + 1) % places.len()];
                let mut second = job.clone();
                job.dismissed = Some(day(2022, 8, 31));
                second.hired = day(2022, 9, 1);
                second.organisation = next;
                second.position = self::position(self.population.organisations[next].kind);
                human.jobs.push(job);
                human.jobs.push(second);
            } else {
                let part = Job {
                    organisation: places[(n + 2) % places.len()],
                    ..job.clone()
                };
                human.jobs.push(job);
                if stays && dice.chance(2) {
                    human.jobs.push(Job {
                        kind: EmploymentKind::ExternalPart,
                        hired: day(2020, 9, 1),
                        ..part
                    });
                }
            }
            self.population.humans.push(human);
        }
    }

    /// Teachers of the capital who also work in `m`.
    fn visitors(&mut self, m: usize, capital: usize, count: usize) {
        let places = self.at(m);
        let reference = reference_days();
        let organisations = self.population.organisations.clone();
        let free: Vec<usize> = (0..self.population.humans.len())
            .filter(|h| {
                let human = &self.population.humans[*h];
                human.home == capital
                    && human.jobs.len() == 1
                    && human.only_at_home(&organisations)
                    && reference.iter().all(|d| human.teaches_on(*d))
            })
            .take(count)
            .collect();
        for (n, h) in free.into_iter().enumerate() {
            let organisation = places[n % places.len()];
            self.population.humans[h].jobs.push(Job {
                organisation,
                position: position(organisations[organisation].kind),
                staff: StaffKind::Teaching,
                kind: EmploymentKind::ExternalPart,
                hired: day(2021, 9, 1),
                dismissed: None,
            });
        }
    }

    /// A head for each organisation, and a teacher of each larger one who is also a deputy head.
    fn leaders(&mut self, m: usize) {
        let mut dice = Dice::of(&format!("leaders {m}"));
        for place in self.at(m) {
            let preschool = self.population.organisations[place].kind == OrgKind::Preschool;
            let head = if preschool {
                "заведующий"
            } else {
                "директор"
            };
            let mut human = self.human(m, true, &mut dice);
            human.jobs.push(managing(place, head, EmploymentKind::Main));
            self.population.humans.push(human);
            let deputy = self.population.humans.iter_mut().find(|h| {
                h.home == m
                    && h.jobs.len() == 1
                    && h.jobs[0].organisation == place
                    && h.jobs[0].staff == StaffKind::Teaching
                    && h.jobs[0].dismissed.is_none()
            });
            if let Some(deputy) = deputy {
                deputy
                    .jobs
                    .push(managing(place, "заместитель директора", EmploymentKind::InternalPart));
            }
        }
    }

    fn human(&mut self, home: usize, leader: bool, dice: &mut Dice) -> Human {
        let number = u32::try_from(self.population.humans.len()).unwrap_or(0) + 900_000_001;
        let female = dice.chance(85);
        let form = usize::from(female);
        let empty = [String::new(), String::new()];
        let (first, surname) = self.names.one(female, dice);
        let patronymic = dice.pick(&self.names.patronymics).unwrap_or(&empty)[form].clone();
        let age = if leader {
            dice.between(33, 62)
        } else {
            dice.between(22, 64)
        };
        let born = day(2022 - i32::try_from(age).unwrap_or(40), 1, 1) + Days::new(dice.below(365) as u64);
        let start = dice.between(0, 3) as u64;
        let teaching_since = (born + Days::new((22 + start) * 365)).min(day(2021, 9, 1));
        let subject = dice.pick(&self.names.subjects).cloned().unwrap_or_default();
        Human {
            snils: Snils::of_number(number),
            name: [surname, first, patronymic],
            female,
            born,
            teaching_since,
            subjects: vec![subject],
            home,
            jobs: Vec::new(),
        }
    }
}

fn managing(organisation: usize, position: &'static str, kind: EmploymentKind) -> Job {
    Job {
        organisation,
        position,
        staff: StaffKind::Managing,
        kind,
        hired: day(2019, 8, 1),
        dismissed: None,
    }
}

fn position(kind: OrgKind) -> &'static str {
    match kind {
        OrgKind::Preschool => "воспитатель",
        OrgKind::Extracurricular => "педагог дополнительного образования",
        OrgKind::Vocational | OrgKind::Dpo => "преподаватель",
        OrgKind::School => "учитель",
    }
}

/// Code of a municipality by its place in the published table.
#[must_use]
pub fn municipality_code(m: usize) -> String {
    format!("TYU-{:02}", m + 1)
}
