//! The current year of the demo, counted back from today: people of two municipalities with a plan in every state, so
//! that whoever signs in finds something to do.

use std::collections::HashMap;

use chrono::{Datelike as _, Days, NaiveDate};

use super::accounts::{MENTOR, TUTOR, curator_login, head_login, methodist_login, teacher_login};
use super::dice::Dice;
use super::figures::Municipality;
use super::people::Population;
use super::sheets::{PROVIDER, sheet};
use super::story::Plan;
use super::year;
use crate::error::Error;
use crate::units::OrgKind;

/// Days before today on which the two groups were drafted; the summer's is so early that its first quarter is over.
const DRAFTED: [u64; 2] = [130, 58];
/// Days before today on which the passages of the two groups began.
const HELD: [u64; 2] = [145, 75];

/// Where a plan of the current year stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// A deficit found of late: the school composes the plan itself.
    Own,
    /// A deficit, no plan yet: for the preview of drafting.
    Fresh,
    /// No deficits: no plan.
    Healthy,
    /// Drafted, nobody accompanies it.
    Lonely,
    /// Drafted, a supporter has it.
    Draft,
    /// Waits for the teacher.
    Sent,
    /// Waits for approval.
    Agreed,
    /// The teacher sent it back.
    Returned,
    /// Approved, waits for its start.
    Approved,
    /// In work, nothing handed in.
    Active,
    /// A step waits for the supporter.
    Submitted,
    /// A step came back to the teacher.
    Reworked,
    /// An application waits for the director.
    Applied,
    /// At a course.
    Enrolled,
    /// Resting.
    Paused,
    /// Every step accepted: the curator may close it.
    Ready,
    /// In work, its dates are over.
    Late,
    /// Closed this month.
    Closed,
}

/// How many people share a fate, of which group: 0 of summer, 1 of autumn.
const FATES: [(Fate, usize, usize); 19] = [
    (Fate::Own, 6, 1),
    (Fate::Active, 5, 1),
    (Fate::Submitted, 9, 1),
    (Fate::Applied, 6, 1),
    (Fate::Sent, 5, 1),
    (Fate::Agreed, 6, 1),
    (Fate::Draft, 6, 1),
    (Fate::Lonely, 5, 1),
    (Fate::Enrolled, 4, 1),
    (Fate::Ready, 5, 0),
    (Fate::Late, 5, 0),
    (Fate::Submitted, 3, 0),
    (Fate::Returned, 3, 1),
    (Fate::Approved, 3, 1),
    (Fate::Reworked, 3, 1),
    (Fate::Paused, 3, 1),
    (Fate::Closed, 3, 0),
    (Fate::Healthy, 6, 1),
    (Fate::Fresh, 20, 1),
];

/// A person of the current year.
#[derive(Debug, Clone, Copy)]
struct Member {
    /// Place in the staff list.
    h: usize,
    /// Where the plan stands.
    fate: Fate,
    /// 0 of summer, 1 of autumn.
    group: usize,
    /// The organisation where the person works.
    organisation: usize,
}

/// The people of the current year.
pub struct ThisYear {
    today: NaiveDate,
    members: Vec<Member>,
}

/// Chooses the people: of the first municipality and of the largest other one of its district, from a few
/// organisations each.
#[must_use]
pub fn cast(today: NaiveDate, municipalities: &[Municipality], population: &Population) -> ThisYear {
    let mut homes: Vec<Vec<(usize, usize)>> = homes(municipalities)
        .into_iter()
        .map(|m| people_of(m, today, population))
        .collect();
    // A small demo has people for what everyone's desk shows before it has some for the school's own plans.
    let people: usize = homes.iter().map(Vec::len).sum();
    let others: usize = FATES.iter().filter(|of| of.0 != Fate::Own).map(|of| of.1).sum();
    let mut members = Vec::new();
    for (fate, count, group) in FATES {
        let count = match fate {
            Fate::Own => count.min(people.saturating_sub(others)),
            _ => count,
        };
        for n in 0..count {
            let turn = n % homes.len();
            let place = if homes[turn].is_empty() { 1 - turn } else { turn };
            if let Some((h, organisation)) = homes[place].pop() {
                members.push(Member {
                    h,
                    fate,
                    group,
                    organisation,
                });
            }
        }
    }
    ThisYear { today, members }
}

fn homes(municipalities: &[Municipality]) -> [usize; 2] {
    let neighbours = (1..municipalities.len()).filter(|m| municipalities[*m].district == municipalities[0].district);
    let second = neighbours.max_by_key(|m| municipalities[*m].teachers_2023);
    [0, second.unwrap_or(0)]
}

/// Teachers with one job, the last ones first: with their organisation.
fn people_of(m: usize, today: NaiveDate, population: &Population) -> Vec<(usize, usize)> {
    let schools: Vec<usize> = population
        .organisations
        .iter()
        .enumerate()
        .filter(|(_, o)| o.municipality == m && o.kind == OrgKind::School)
        .map(|(n, _)| n)
        .take(3)
        .collect();
    let fits = |h: usize| {
        let human = &population.humans[h];
        let organisation = human.organisation_on(today)?;
        let plain = human.jobs.len() == 1 && human.teaches_on(today) && schools.contains(&organisation);
        plain.then_some((h, organisation))
    };
    (0..population.humans.len()).rev().filter_map(fits).collect()
}

impl ThisYear {
    /// Codes of the two procedures, of summer and of autumn.
    #[must_use]
    pub fn procedures(&self) -> [String; 2] {
        HELD.map(|back| format!("TYU-{}", self.before(back).format("%Y-%m")))
    }

    /// The days on which the groups are drafted.
    #[must_use]
    pub fn drafted_on(&self) -> [NaiveDate; 2] {
        DRAFTED.map(|back| self.before(back))
    }

    /// The academic years and the calendar years that the acts fall into, the earlier first.
    #[must_use]
    pub fn periods(&self) -> [Vec<String>; 2] {
        let academic = |on: NaiveDate| {
            let first = if on.month() >= 9 { on.year() } else { on.year() - 1 };
            format!("{first}/{:02}", (first + 1) % 100)
        };
        let days = [self.before(HELD[0]), self.today];
        let calendar = |on: NaiveDate| on.year().to_string();
        let mut both = [days.map(academic).to_vec(), days.map(calendar).to_vec()];
        both.iter_mut().for_each(Vec::dedup);
        both
    }

    fn before(&self, back: u64) -> NaiveDate {
        self.today - Days::new(back)
    }

    /// The file of procedures.
    ///
    /// # Errors
    /// See [`sheet`].
    pub fn procedures_file(&self) -> Result<String, Error> {
        let date = |on: NaiveDate| on.format("%d.%m.%Y").to_string();
        let rows = self.procedures().into_iter().zip(HELD).map(|(code, back)| {
            let from = self.before(back);
            let name = format!("{} диагностика {}", season(from), from.year());
            let to = date(from + Days::new(70));
            [
                code,
                name,
                "полная".into(),
                "региональный".into(),
                PROVIDER.into(),
                date(from),
                to,
            ]
        });
        sheet(
            ["Код", "Наименование", "Вид", "Уровень", "Организатор", "С", "По"],
            rows,
        )
    }

    /// The file of results.
    ///
    /// # Errors
    /// See [`sheet`].
    pub fn results(&self, population: &Population) -> Result<String, Error> {
        let codes = self.procedures();
        let mut lines = Vec::new();
        for member in &self.members {
            let human = &population.humans[member.h];
            let mut dice = Dice::of(&format!("this year {}", member.h));
            let late = matches!(member.fate, Fate::Fresh | Fate::Own);
            let back = if late { 12 } else { HELD[member.group] };
            let held = self.before(back) + Days::new(dice.below(8) as u64);
            let competences = year::chosen(&year::SCHOOL, 3, &mut dice);
            for (n, competence) in competences.into_iter().enumerate() {
                let percent = match (member.fate, n) {
                    (Fate::Healthy, _) | (_, 2..) => dice.between(81, 100),
                    (_, 0) => dice.between(24, 56),
                    _ => dice.between(61, 79),
                };
                let code = &codes[member.group];
                lines.push(year::line(human, code, "полная", held, competence, percent, 100));
            }
        }
        year::file(lines)
    }

    /// What became of the plans by today, as a file of acts has it.
    #[must_use]
    pub fn acts(
        &self,
        municipalities: &[Municipality],
        population: &Population,
        plans: &HashMap<usize, Plan>,
    ) -> Vec<[String; 7]> {
        let mut rows = Vec::new();
        let told = || self.members.iter().filter(|m| m.fate != Fate::Own);
        let prolonged = told().position(|m| m.fate == Fate::Active);
        for (n, member) in told().enumerate() {
            let Some(plan) = plans.get(&member.h).filter(|p| !p.items.is_empty()) else {
                continue;
            };
            let human = &population.humans[member.h];
            let curator = curator_login(municipalities, human.home);
            let methodist = methodist_login(human.home, 0);
            let supporter = match n % 3 {
                0 => TUTOR.to_owned(),
                1 => methodist,
                _ => curator.replace("curator", "methodist"),
            };
            let mut teller = Teller {
                today: self.today,
                snils: human.snils.as_str(),
                teacher: teacher_login(member.h),
                head: head_login(&population.organisations[member.organisation].code),
                mentored: n % 4 == 0,
                supporter,
                curator,
                rows: &mut rows,
            };
            teller.tell(member.fate, DRAFTED[member.group], plan);
            if prolonged == Some(n) {
                teller.prolong(DRAFTED[member.group]);
            }
        }
        rows
    }

    /// Whoever has a plan at work and a step to take: the teacher to sign in as.
    #[must_use]
    pub fn teacher(&self) -> Option<String> {
        let first = self.members.iter().find(|m| m.fate == Fate::Active);
        first.map(|m| teacher_login(m.h))
    }

    /// The same and one more of them.
    #[must_use]
    pub fn at_work(&self) -> [Option<String>; 2] {
        let mut logins = self
            .members
            .iter()
            .filter(|m| m.fate == Fate::Active)
            .map(|m| teacher_login(m.h));
        [logins.next(), logins.next()]
    }

    /// Whether somebody of the staff list has a part in this year.
    #[must_use]
    pub fn takes_part(&self, h: usize) -> bool {
        self.members.iter().any(|m| m.h == h)
    }

    /// The day that is today.
    #[must_use]
    pub const fn today(&self) -> NaiveDate {
        self.today
    }

    /// The organisation whose director has an application to agree to.
    #[must_use]
    pub fn school<'a>(&self, population: &'a Population) -> Option<&'a str> {
        let first = self.members.iter().find(|m| m.fate == Fate::Applied);
        first.map(|m| population.organisations[m.organisation].code.as_str())
    }
}

fn season(on: NaiveDate) -> &'static str {
    match on.month() {
        9..=11 => "Осенняя",
        12 | 1 | 2 => "Зимняя",
        3..=5 => "Весенняя",
        _ => "Летняя",
    }
}

struct Teller<'a> {
    today: NaiveDate,
    snils: &'a str,
    teacher: String,
    head: String,
    supporter: String,
    curator: String,
    mentored: bool,
    rows: &'a mut Vec<[String; 7]>,
}

impl Teller<'_> {
    /// An act so many days before today.
    fn act(&mut self, back: u64, act: &str, item: Option<i32>, by: &str, value: &str, reason: &str) {
        let item = item.map(|n| n.to_string()).unwrap_or_default();
        let on = (self.today - Days::new(back)).format("%Y-%m-%d").to_string();
        self.rows
            .push([self.snils, act, &item, &on, by, value, reason].map(str::to_owned));
    }

    fn tell(&mut self, fate: Fate, drafted: u64, plan: &Plan) {
        if matches!(fate, Fate::Fresh | Fate::Own | Fate::Healthy | Fate::Lonely) {
            return;
        }
        let (supporter, curator, teacher) = (self.supporter.clone(), self.curator.clone(), self.teacher.clone());
        self.act(drafted - 1, "assign", None, "cnppm", &supporter, "");
        self.act(drafted - 1, "assign", None, "cnppm", &curator, "");
        if self.mentored {
            self.act(drafted - 1, "assign", None, "cnppm", MENTOR, "");
        }
        if fate == Fate::Draft {
            return;
        }
        self.act(drafted - 3, "send", None, &supporter, "", "");
        match fate {
            Fate::Sent => return,
            Fate::Returned => {
                let wish = "прошу заменить курс на дистанционный";
                return self.act(drafted - 6, "return", None, &teacher, "", wish);
            }
            _ => self.act(drafted - 5, "agree", None, &teacher, "", ""),
        }
        if fate == Fate::Agreed {
            return;
        }
        self.act(drafted - 8, "approve", None, "cnppm.head", "", "");
        if fate == Fate::Approved {
            return;
        }
        self.act(drafted - 9, "start", None, &curator, "", "");
        self.act(drafted - 15, "support", None, &supporter, "", "встреча по маршруту");
        self.work(fate, drafted - 20, plan);
    }

    /// A second revision, which the teacher has not read yet.
    fn prolong(&mut self, drafted: u64) {
        let (curator, to) = (self.curator.clone(), self.today - Days::new(drafted) + Days::new(548));
        let to = to.format("%Y-%m-%d").to_string();
        self.act(
            2,
            "extend",
            None,
            &curator,
            &to,
            "группа курса не набралась, занятия перенесены на осень",
        );
    }

    /// What happened in a plan at work from a day on.
    fn work(&mut self, fate: Fate, back: u64, plan: &Plan) {
        let (supporter, curator) = (self.supporter.clone(), self.curator.clone());
        let courses = plan.items.iter().filter(|(_, is_programme)| *is_programme);
        let course = courses.map(|(number, _)| *number).next();
        let other = plan
            .items
            .iter()
            .find(|(_, is_programme)| !is_programme)
            .map(|(n, _)| *n);
        match fate {
            // A course is closed by its document: a plan of courses alone has nothing to hand in.
            Fate::Submitted | Fate::Reworked if other.is_none() => {}
            Fate::Submitted => self.hand_in(back.min(9), other),
            Fate::Reworked => {
                self.hand_in(back, other);
                let wish = "добавьте, что изменилось на уроке";
                self.act(back - 8, "return", other, &supporter, "", wish);
            }
            Fate::Applied => self.go_to_course(back.min(4), course, 0),
            Fate::Enrolled => self.go_to_course(back, course, 2),
            Fate::Paused => self.act(back - 5, "pause", None, &curator, "", "по заявлению педагога"),
            Fate::Ready | Fate::Closed => self.finish(fate, back, plan),
            _ => {}
        }
    }

    fn hand_in(&mut self, back: u64, step: Option<i32>) {
        let teacher = self.teacher.clone();
        self.act(back, "begin", step, &teacher, "", "");
        self.act(back - 5, "submit", step, &teacher, "", "");
    }

    /// An application; with `steps` the director's word and the seat.
    fn go_to_course(&mut self, back: u64, course: Option<i32>, steps: u64) {
        let (teacher, head) = (self.teacher.clone(), self.head.clone());
        self.act(back, "apply", course, &teacher, "", "");
        if steps > 0 {
            self.act(back - 2, "agree-enrolment", course, &head, "", "");
            self.act(back - 5, "enrol", course, "cnppm", "", "");
        }
    }

    /// Every step to its end; a closed plan has its outcomes too.
    fn finish(&mut self, fate: Fate, back: u64, plan: &Plan) {
        let (supporter, curator) = (self.supporter.clone(), self.curator.clone());
        for (number, is_programme) in &plan.items {
            if *is_programme {
                self.go_to_course(back, Some(*number), 2);
                let document = format!("72-{}-{number}", &self.snils[4..11]);
                self.act(back - 30, "complete", Some(*number), "cnppm", &document, "");
            } else {
                self.hand_in(back - 10, Some(*number));
                self.act(back - 20, "accept", Some(*number), &supporter, "", "");
            }
        }
        if fate == Fate::Closed {
            for code in &plan.deficits {
                self.act(6, "outcome", None, &curator, &format!("{code}:closed"), "");
            }
            let said = "дефициты разобраны, работа по маршруту завершена";
            self.act(6, "close-completed", None, &curator, "", said);
        }
    }
}
