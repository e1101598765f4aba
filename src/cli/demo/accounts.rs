//! Accounts of the demo region: one of each role to sign in with, and everyone the story needs.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::figures::{Municipality, YEARS};
use super::people::{Names, Population, municipality_code};
use super::sheets::REGION;
use super::this_year::ThisYear;
use super::year;
use crate::access::add::Add;
use crate::access::by::By;
use crate::access::{self, Role};
use crate::db::Tx;
use crate::error::Error;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

/// Who acts in the demo: the account of a login, in its region, with the key of the journal and the region's clock.
///
/// # Errors
/// There is no such account; those of the database.
pub(super) fn acting(tx: &mut Tx<'_>, (key, zone): (&[u8], TimeDelta), login: &str) -> Result<By, Error> {
    let found = access::store::by_login(tx.conn(), login)?;
    let found = found.and_then(|a| Some((a.id.0, a.region_id?)));
    let (account, region) = found.ok_or_else(|| Error::Internal(format!("демо: нет записи {login}")))?;
    Ok(By {
        account,
        on_behalf_of: None,
        region,
        key: key.to_vec(),
        zone,
    })
}

/// The password of every account of the demo; printed when it starts.
pub const PASSWORD: &str = "веха-демо-2026";

/// Login of the tutor of the region.
pub const TUTOR: &str = "tutor";
/// Login of the head of the ЦНППМ.
pub const HEAD: &str = "cnppm.head";
/// Login of the mentor.
pub const MENTOR: &str = "mentor";
/// Login of the officer for personal data.
const OFFICER: &str = "privacy";
/// Login of the deputy head of the school to sign in as.
pub const DEPUTY: &str = "deputy";

/// Logins of the experts of the examination.
pub const EXPERTS: [&str; 2] = ["expert1", "expert2"];

/// Login of whoever keeps the mentoring of that school.
pub const COORDINATOR: &str = "coordinator";

/// Who is away, and who stands in.
pub const STANDING_IN: (&str, &str) = ("curator1", "methodist1");

/// Login of a person by place in the staff list.
#[must_use]
pub fn teacher_login(h: usize) -> String {
    format!("t{:05}", h + 1)
}

/// Login of a methodist of a municipality.
#[must_use]
pub fn methodist_login(m: usize, n: usize) -> String {
    format!("mm{:02}-{}", m + 1, n + 1)
}

/// Login of the head of an organisation.
#[must_use]
pub fn head_login(organisation: &str) -> String {
    format!("head.{}", organisation.to_lowercase())
}

/// Login of the education authority of the first municipality.
pub const AUTHORITY: &str = "mouo01";

/// Login of the curator of the district that a municipality stands in.
#[must_use]
pub fn curator_login(municipalities: &[Municipality], m: usize) -> String {
    format!("curator{}", zone(municipalities, m))
}

/// Number of a municipality's district, from 1, in the order of the units file.
fn zone(municipalities: &[Municipality], m: usize) -> usize {
    let mut districts: Vec<&str> = municipalities.iter().map(|m| m.district.as_str()).collect();
    districts.sort_unstable();
    districts.dedup();
    districts
        .iter()
        .position(|d| *d == municipalities[m].district)
        .unwrap_or(0)
        + 1
}

/// Everyone who may act in the demo.
///
/// # Errors
/// A unit or a person of the demo that did not come in.
pub fn all(
    municipalities: &[Municipality],
    population: &Population,
    units: &HashMap<String, UnitId>,
    persons: &HashMap<String, PersonId>,
    this_year: &ThisYear,
    password_hash: &str,
) -> Result<Vec<Add>, Error> {
    let unit = |code: &str| {
        units
            .get(code)
            .copied()
            .ok_or_else(|| Error::Internal(format!("демо: нет единицы {code}")))
    };
    let region = unit(REGION)?;
    let names = Names::load()?;
    let account = |login: String, role: Role, over: UnitId, person: Option<PersonId>| Add {
        name: person.is_none().then(|| names.of_login(&login)),
        // A domain that exists nowhere and never will.
        email: Some(format!("{login}@region.example")),
        login,
        role,
        unit: Some((over, region)),
        person,
        password_hash: Some(password_hash.to_owned()),
        from: None,
        to: None,
        by: None,
    };
    let mut accounts = Vec::new();
    for (login, role) in [
        ("operator", Role::Operator),
        (HEAD, Role::CnppmHead),
        ("cnppm", Role::CnppmStaff),
        ("assess", Role::AssessmentOperator),
        ("ministry", Role::RegionalAuthority),
        (TUTOR, Role::Tutor),
        (MENTOR, Role::Mentor),
        ("provider", Role::ProgrammeProvider),
        (OFFICER, Role::SecurityOfficer),
        (EXPERTS[0], Role::Expert),
        (EXPERTS[1], Role::Expert),
    ] {
        accounts.push(account(login.to_owned(), role, region, None));
    }
    if let Some(school) = this_year.school(population) {
        accounts.push(account(DEPUTY.to_owned(), Role::SchoolAdmin, unit(school)?, None));
        let coordinator = COORDINATOR.to_owned();
        accounts.push(account(coordinator, Role::MentoringCoordinator, unit(school)?, None));
    }
    for zone in 1..=3 {
        accounts.push(account(
            format!("curator{zone}"),
            Role::Curator,
            unit(&format!("{REGION}-Z{zone}"))?,
            None,
        ));
        let over = unit(&format!("{REGION}-Z{zone}"))?;
        accounts.push(account(format!("methodist{zone}"), Role::RegionalMethodist, over, None));
    }
    for (m, municipality) in municipalities.iter().enumerate() {
        let over = unit(&municipality_code(m))?;
        for n in 0..municipality.methodists {
            accounts.push(account(methodist_login(m, n), Role::MunicipalMethodist, over, None));
        }
    }
    let over = unit(&municipality_code(0))?;
    accounts.push(account(AUTHORITY.to_owned(), Role::MunicipalAuthority, over, None));
    let late = without_accounts(municipalities, population, this_year);
    for (h, human) in population.humans.iter().enumerate() {
        let organisation = &population.organisations[human.jobs[0].organisation];
        let over = unit(&organisation.code)?;
        let person = persons.get(human.snils.as_str()).copied();
        if person.is_none() {
            return Err(Error::Internal(format!("демо: человек № {h} не загружен")));
        }
        if !late.contains(&h) {
            accounts.push(account(teacher_login(h), Role::Teacher, over, person));
        }
        let leads = human.jobs.iter().all(|j| j.staff == StaffKind::Managing);
        if leads {
            let [last, first, _] = &human.name;
            let name = Some(format!("{first} {last}"));
            let head = account(head_login(&organisation.code), Role::SchoolHead, over, None);
            accounts.push(Add { name, ..head });
        }
    }
    Ok(accounts)
}

/// How many of a school the deputy head still has to make accounts for.
const WITHOUT: usize = 6;

/// Teachers of the deputy's school who have no account yet: whoever has no part in the story.
fn without_accounts(municipalities: &[Municipality], population: &Population, this_year: &ThisYear) -> Vec<usize> {
    let casts = YEARS.map(|of| year::cast(of, municipalities, population));
    let told = |h: usize| casts.iter().flat_map(|c| &c.parts).any(|(told, _)| *told == h) || this_year.takes_part(h);
    let Some(school) = this_year.school(population) else {
        return Vec::new();
    };
    let fits = |h: usize| {
        let human = &population.humans[h];
        let here = human
            .jobs
            .iter()
            .all(|j| population.organisations[j.organisation].code == school && j.staff == StaffKind::Teaching);
        here && human.teaches_on(this_year.today()) && !told(h)
    };
    (0..population.humans.len())
        .filter(|h| fits(*h))
        .take(WITHOUT)
        .collect()
}

/// A second role for an account of the demo: the tutor is a methodist of the first municipality too.
///
/// # Errors
/// A unit of the demo that did not come in.
pub fn second_role(units: &HashMap<String, UnitId>) -> Result<Add, Error> {
    let unit = |code: &str| {
        let found = units.get(code).copied();
        found.ok_or_else(|| Error::Internal(format!("демо: нет единицы {code}")))
    };
    Ok(Add {
        login: TUTOR.to_owned(),
        role: Role::MunicipalMethodist,
        unit: Some((unit(&municipality_code(0))?, unit(REGION)?)),
        person: None,
        name: None,
        email: None,
        password_hash: None,
        from: None,
        to: None,
        by: None,
    })
}

/// How the account with two roles is printed: the role it opens with, then the other one.
const TWO_ROLES: &str = "Тьютор и методист ММС";

/// What is printed to sign in with: each role that has a desk, somebody with work to do.
#[must_use]
pub fn sign_ins(population: &Population, this_year: &ThisYear) -> Vec<(&'static str, String)> {
    let school = this_year.school(population).unwrap_or_default();
    vec![
        (
            Role::Teacher.label(),
            this_year.teacher().unwrap_or_else(|| teacher_login(0)),
        ),
        (TWO_ROLES, TUTOR.into()),
        (Role::Curator.label(), "curator1".into()),
        (Role::Mentor.label(), MENTOR.into()),
        (Role::RegionalMethodist.label(), "methodist1".into()),
        (Role::MunicipalMethodist.label(), methodist_login(0, 0)),
        (Role::MunicipalAuthority.label(), AUTHORITY.into()),
        (Role::RegionalAuthority.label(), "ministry".into()),
        (Role::SchoolHead.label(), head_login(school)),
        (Role::SchoolAdmin.label(), DEPUTY.into()),
        (Role::MentoringCoordinator.label(), COORDINATOR.into()),
        (Role::CnppmStaff.label(), "cnppm".into()),
        (Role::CnppmHead.label(), "cnppm.head".into()),
        (Role::Operator.label(), "operator".into()),
        (Role::Expert.label(), EXPERTS[0].into()),
        (Role::SecurityOfficer.label(), OFFICER.into()),
    ]
}
