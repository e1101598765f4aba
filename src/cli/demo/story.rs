//! What became of each plan: a file of acts in the form of `iom apply`, as people would have done them.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};

use super::accounts::{head_login, methodist_login, teacher_login};
use super::dice::Dice;
use super::figures::{Municipality, Year};
use super::people::{Population, day};
use super::year::{Cast, Part};
use crate::error::Error;

/// A drafted plan: what the story needs to know of it.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Steps: number in the plan, whether it is a programme.
    pub items: Vec<(i32, bool)>,
    /// Codes of the deficits.
    pub deficits: Vec<String>,
}

/// How a plan ends within its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Completed,
    Expired,
    Terminated(&'static str),
    Open,
}

/// The acts of a year as CSV, and the people whose plan was carried out with the day before its closing.
pub struct Story {
    /// Rows `snils,act,item,date,by,value,reason`.
    pub acts: Vec<[String; 7]>,
    /// Person, deficits, day of the repeated diagnosis.
    pub repeated: Vec<(usize, Vec<String>, NaiveDate)>,
}

/// Tells a year.
#[must_use]
pub fn tell(
    year: Year,
    cast: &Cast,
    municipalities: &[Municipality],
    population: &Population,
    plans: &HashMap<usize, Plan>,
) -> Story {
    let mut story = Story {
        acts: Vec::new(),
        repeated: Vec::new(),
    };
    let mut told = HashSet::new();
    for (h, part) in &cast.parts {
        if let Some(plan) = plans.get(h).filter(|plan| !plan.items.is_empty()) {
            let mut teller = Teller::new(year, *h, municipalities, population);
            match part {
                Part::Supported => teller.supported(plan),
                Part::Unsupported => teller.unsupported(),
                Part::Healthy | Part::SelfAssessed => continue,
            }
            told.insert(*h);
            story.acts.append(&mut teller.acts);
            story
                .repeated
                .extend(teller.repeated.map(|on| (*h, plan.deficits.clone(), on)));
        }
    }
    if year.index == 1 {
        story.acts.extend(untouched(&told, municipalities, population, plans));
    }
    story
}

/// Drafts that nobody touched (of leaders, of deficits that were found earlier, of deficits without a course) were
/// replaced by plans of a later year.
fn untouched(
    told: &HashSet<usize>,
    municipalities: &[Municipality],
    population: &Population,
    plans: &HashMap<usize, Plan>,
) -> Vec<[String; 7]> {
    let mut left: Vec<usize> = plans.keys().copied().filter(|h| !told.contains(h)).collect();
    left.sort_unstable();
    let on = last_day().format("%Y-%m-%d").to_string();
    let close = |h: usize| {
        let human = &population.humans[h];
        let curator = super::accounts::curator_login(municipalities, human.home);
        [
            human.snils.as_str(),
            "close-terminated",
            "",
            &on,
            &curator,
            "",
            REPLACED,
        ]
        .map(str::to_owned)
    };
    left.into_iter().map(close).collect()
}

/// Why a plan that nobody worked on is terminated.
const REPLACED: &str = "заменён другим ИОМ";

/// The day by which everything of the second year is closed.
fn last_day() -> NaiveDate {
    day(2024, 8, 30)
}

/// The acts as a file.
///
/// # Errors
/// Never on memory; the type of the writer has one.
pub fn file(acts: &[[String; 7]]) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    writer
        .write_record(["snils", "act", "item", "date", "by", "value", "reason"])
        .map_err(failed)?;
    for act in acts {
        writer.write_record(act).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
}

struct Teller<'a> {
    year: Year,
    dice: Dice,
    snils: &'a str,
    teacher: String,
    methodist: String,
    curator: String,
    head: String,
    leaves: bool,
    acts: Vec<[String; 7]>,
    repeated: Option<NaiveDate>,
}

impl<'a> Teller<'a> {
    fn new(year: Year, h: usize, municipalities: &[Municipality], population: &'a Population) -> Self {
        let human = &population.humans[h];
        let dice = Dice::of(&format!("story {} {h}", year.period));
        let first = if year.index == 0 {
            day(2021, 12, 1)
        } else {
            day(2022, 12, 1)
        };
        let organisation = human.organisation_on(first).unwrap_or(human.jobs[0].organisation);
        Self {
            year,
            dice,
            snils: human.snils.as_str(),
            teacher: teacher_login(h),
            methodist: methodist_login(human.home, h % municipalities[human.home].methodists.max(1)),
            curator: super::accounts::curator_login(municipalities, human.home),
            head: head_login(&population.organisations[organisation].code),
            leaves: year.index == 0 && !human.teaches_on(day(2022, 9, 1)),
            acts: Vec::new(),
            repeated: None,
        }
    }

    fn act(&mut self, act: &str, item: Option<i32>, on: NaiveDate, by: &str, value: &str, reason: &str) {
        let item = item.map(|n| n.to_string()).unwrap_or_default();
        let on = on.format("%Y-%m-%d").to_string();
        self.acts
            .push([self.snils, act, &item, &on, by, value, reason].map(str::to_owned));
    }

    /// The day the plan becomes visible: autumn and winter of the year.
    fn first_day(&mut self) -> NaiveDate {
        let from = if self.year.index == 0 {
            day(2021, 11, 8)
        } else {
            day(2022, 10, 17)
        };
        from + Days::new(self.dice.below(140) as u64)
    }

    /// The day by which everything of the first year is closed.
    fn end_of_year(&self) -> NaiveDate {
        if self.year.index == 0 {
            day(2022, 8, 26)
        } else {
            day(2023, 8, 26)
        }
    }

    fn supported(&mut self, plan: &Plan) {
        let (methodist, curator, teacher) = (self.methodist.clone(), self.curator.clone(), self.teacher.clone());
        let start = self.first_day();
        let after = |days: u64| start + Days::new(days);
        self.act("assign", None, start, "cnppm", &methodist, "");
        self.act("assign", None, start, "cnppm", &curator, "");
        self.act("send", None, after(1), &curator, "", "");
        self.act("agree", None, after(3), &teacher, "", "");
        self.act("approve", None, after(6), "cnppm.head", "", "");
        self.act("start", None, after(7), &curator, "", "");
        let met = after(20 + self.dice.below(20) as u64);
        self.act("support", None, met, &methodist, "", "встреча по плану");
        match self.fate() {
            Fate::Completed => self.complete(plan, after(14)),
            Fate::Expired => self.act("close-expired", None, self.end_of_year(), &curator, "", ""),
            Fate::Terminated(reason) => {
                let on = if self.leaves { day(2022, 6, 30) } else { after(60) };
                self.act("close-terminated", None, on, &curator, "", reason);
            }
            Fate::Open => {
                self.go_on(plan, after(14));
                self.act("close-expired", None, last_day(), &curator, "", "");
            }
        }
    }

    fn fate(&mut self) -> Fate {
        if self.leaves {
            return Fate::Terminated("увольнение");
        }
        match (self.year.index, self.dice.below(100)) {
            (0, 0..40) | (_, 0..15) => Fate::Completed,
            (0, 40..94) => Fate::Expired,
            (0, _) | (_, 15..18) => Fate::Terminated("отказ"),
            _ => Fate::Open,
        }
    }

    /// Every step to its end: courses through an application, the rest by evidence; then outcomes and the closing.
    fn complete(&mut self, plan: &Plan, from: NaiveDate) {
        let mut on = from;
        for (number, is_programme) in &plan.items {
            on = on + Days::new(2 + self.dice.below(8) as u64);
            if *is_programme {
                self.course(*number, on)
            } else {
                self.evidence(*number, on, "accept")
            }
            on = on + Days::new(14);
        }
        let closing = on + Days::new(10);
        let curator = self.curator.clone();
        for code in &plan.deficits {
            let outcome = ["closed", "closed", "reduced", "remained"][self.dice.below(4)];
            self.act("outcome", None, closing, &curator, &format!("{code}:{outcome}"), "");
        }
        if self.dice.chance(40) {
            self.repeated = Some(closing - Days::new(3));
        }
        self.act(
            "close-completed",
            None,
            closing,
            &curator,
            "",
            "дефициты разобраны, работа по плану завершена",
        );
    }

    fn course(&mut self, number: i32, on: NaiveDate) {
        let (teacher, head) = (self.teacher.clone(), self.head.clone());
        let after = |days: u64| on + Days::new(days);
        let document = format!("72-{:06}", self.dice.below(900_000) + 100_000);
        self.act("apply", Some(number), on, &teacher, "", "");
        self.act("agree-enrolment", Some(number), after(1), &head, "", "");
        self.act("enrol", Some(number), after(3), "cnppm", "", "");
        self.act("complete", Some(number), after(12), "cnppm", &document, "");
    }

    fn evidence(&mut self, number: i32, on: NaiveDate, verdict: &str) {
        let (teacher, methodist) = (self.teacher.clone(), self.methodist.clone());
        self.act("begin", Some(number), on, &teacher, "", "");
        self.act("submit", Some(number), on + Days::new(5), &teacher, "", "");
        match verdict {
            "accept" => self.act("accept", Some(number), on + Days::new(8), &methodist, "", ""),
            "return" => self.act(
                "return",
                Some(number),
                on + Days::new(8),
                &methodist,
                "",
                "приложите план урока",
            ),
            _ => {}
        }
    }

    /// A plan of the second year that was never carried out: some steps done, some waiting for the supporter.
    fn go_on(&mut self, plan: &Plan, from: NaiveDate) {
        let done = self.dice.below(plan.items.len() + 1);
        let mut on = from;
        for (n, (number, is_programme)) in plan.items.iter().enumerate().take(done) {
            on = on + Days::new(3 + self.dice.below(10) as u64);
            let last = n + 1 == done;
            if *is_programme && self.dice.chance(60) {
                self.course(*number, on);
            } else if !is_programme {
                let verdict = if last {
                    ["wait", "return", "accept"][self.dice.below(3)]
                } else {
                    "accept"
                };
                self.evidence(*number, on, verdict);
            } else if last {
                let (teacher, head) = (self.teacher.clone(), self.head.clone());
                let why = "нет замены на уроках";
                self.act("apply", Some(*number), on, &teacher, "", "");
                self.act("refuse-enrolment", Some(*number), on + Days::new(3), &head, "", why);
            }
        }
        if self.dice.chance(3) {
            let curator = self.curator.clone();
            self.act("pause", None, on + Days::new(20), &curator, "", "по заявлению");
        }
    }

    fn unsupported(&mut self) {
        let (curator, teacher) = (self.curator.clone(), self.teacher.clone());
        let start = self.first_day();
        let after = |days: u64| start + Days::new(days);
        let roll = self.dice.below(100);
        if roll >= 25 {
            self.act("send", None, start, "cnppm", "", "");
        }
        match roll {
            65..75 => self.act(
                "return",
                None,
                after(4),
                &teacher,
                "",
                "прошу заменить курс на дистанционный",
            ),
            75..100 => {
                self.act("agree", None, after(4), &teacher, "", "");
                self.act("approve", None, after(9), "cnppm.head", "", "");
            }
            _ => {}
        }
        let on = if self.year.index == 0 {
            self.end_of_year()
        } else {
            last_day()
        };
        self.act("close-terminated", None, on, &curator, "", REPLACED);
    }
}
