//! An invented world of two regions with everything that the five systems ask of people, and a second count over it that
//! shares nothing with the program: plain loops over what was laid.

use std::collections::{BTreeMap, BTreeSet};

use crate::laid::World;
use crate::support::Vekha;

/// Days of what happens: in 2021/22, in 2022/23 (two of them in 2022 and in 2023), in 2023/24 and 2023.
const DAYS: [&str; 5] = ["2021-10-15", "2022-06-10", "2022-10-01", "2023-03-01", "2023-11-01"];
const SUBJECTS: [&str; 3] = ["математика", "химия", "русский язык"];
/// Competences: id, group, name.
const COMPETENCES: [(i64, &str, &str); 7] = [
    (901, "subject", "Предметные знания"),
    (902, "methodical", "Методика урока"),
    (903, "psych_ped", "Работа с классом"),
    (904, "methodical", "Формирование читательской грамотности"),
    (905, "methodical", "Формирование математической грамотности"),
    (906, "methodical", "Естественно-научная грамотность учащихся"),
    (907, "digital", "Цифровая грамотность учащихся"),
];
pub const TOPICS: [&str; 12] = [
    "education_quality_assessment",
    "low_performing_schools",
    "gifted_children",
    "career_guidance",
    "upbringing",
    "preschool_quality",
    "functional_literacy",
    "updated_fgos",
    "digital_environment",
    "burnout_prevention",
    "gia_expert",
    "attestation_expert",
];

/// A roll of dice that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("small") % n
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn in_one_of(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A school, a kindergarten.
pub struct Org {
    pub code: String,
    pub town: String,
    pub region: String,
    pub school: bool,
    pub mentoring_model: Option<bool>,
    pub mentoring_documents: Option<bool>,
    /// Posts: teaching by staff list and taken, managing by staff list and taken, thousandths.
    pub posts: Option<[i64; 4]>,
    pub posts_before: Option<[i64; 4]>,
    pub per_worker: Option<i64>,
}

/// A post of a person.
#[derive(Clone)]
pub struct Place {
    pub org: usize,
    pub teaching: bool,
    pub position: &'static str,
    pub hours: Option<i64>,
    pub education: &'static str,
    pub subjects: Vec<(&'static str, Option<bool>)>,
    pub from: &'static str,
    /// The day after the last one.
    pub to: &'static str,
}

/// Kind, day, results: competence and whether it is a deficit.
type Passage = (&'static str, &'static str, Vec<(i64, bool)>);
/// Where a plan was drawn up, the day it became visible, kind of supporter and first day.
type PlanLaid = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// A person with everything that happened.
#[derive(Clone, Default)]
pub struct Person {
    pub key: String,
    pub region: String,
    pub born: String,
    pub female: bool,
    pub since: String,
    pub places: Vec<Place>,
    /// Kind, day, results: competence and whether it is a deficit.
    pub passages: Vec<Passage>,
    /// Programme and the day of the document.
    pub trained: Vec<(usize, &'static str)>,
    /// Family, kind, level, result, day.
    pub acts: Vec<(&'static str, &'static str, &'static str, &'static str, &'static str)>,
    /// Kind of the body, its level, from, the day after the last one.
    pub member: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// In a pair, from, the day after the last one.
    pub mentoring: Vec<(&'static str, &'static str)>,
    /// Plans: where they were drawn up, the day they became visible, supporter kind and first day.
    pub plans: Vec<PlanLaid>,
}

/// A programme.
pub struct Programme {
    pub code: String,
    pub region: String,
    pub retraining: bool,
    pub centre: bool,
    pub distance: bool,
    pub e_learning: bool,
    pub deficit_based: bool,
    pub federal: bool,
    pub in_register: bool,
    pub pedagogical: bool,
    pub topics: Vec<&'static str>,
}

/// The world and what was laid of it.
pub struct Five {
    pub orgs: Vec<Org>,
    pub people: Vec<Person>,
    pub programmes: Vec<Programme>,
    /// Entered numbers of municipalities: code, measure, period, thousandths.
    pub entered: BTreeMap<(String, &'static str, &'static str), i64>,
}

/// A period and its reference day.
#[derive(Clone, Copy)]
pub struct Span {
    pub code: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub on: &'static str,
}

pub const KRASNOYARSK: Span = Span {
    code: "2022/23",
    from: "2022-09-01",
    to: "2023-08-31",
    on: "2023-06-01",
};
pub const TYUMEN: Span = KRASNOYARSK;
pub const LENINSKY: Span = Span {
    code: "2023",
    from: "2023-01-01",
    to: "2023-12-31",
    on: "2023-12-31",
};
pub const CHELYABINSK: Span = LENINSKY;
pub const LENINGRAD: Span = Span {
    on: "2023-09-01",
    ..LENINSKY
};

impl Span {
    pub fn holds(&self, day: &str) -> bool {
        self.from <= day && day <= self.to
    }

    /// This period and so many before it.
    pub fn with_before(&self, more: i32) -> Self {
        let year: i32 = self.from[..4].parse().expect("a year");
        let from = format!("{}{}", year - more, &self.from[4..]);
        Self {
            from: Box::leak(from.into_boxed_str()),
            ..*self
        }
    }

    pub fn touches(&self, from: &str, to: &str) -> bool {
        from <= self.to && (to.is_empty() || to > self.from)
    }
}

/// Full years between two days.
pub fn years(from: &str, on: &str) -> i32 {
    let year = |day: &str| day[..4].parse::<i32>().expect("a year");
    year(on) - year(from) - i32::from(on[5..] < from[5..])
}

impl Person {
    /// Places held on a day.
    pub fn on<'a>(&'a self, day: &'a str) -> impl Iterator<Item = &'a Place> {
        self.places
            .iter()
            .filter(move |p| p.from <= day && (p.to.is_empty() || day < p.to))
    }

    pub fn is_young(&self, on: &str) -> bool {
        years(&self.born, on) < 35
    }

    /// Diagnosed by one of these kinds in a span.
    pub fn diagnosed(&self, kinds: &[&str], span: Span) -> bool {
        self.passages
            .iter()
            .any(|(kind, day, results)| kinds.contains(kind) && span.holds(day) && !results.is_empty())
    }

    /// Groups of the deficits on the last day: of each competence the latest result that is no self-assessment.
    pub fn deficits(&self, span: Span) -> BTreeSet<i64> {
        let mut latest: BTreeMap<i64, (&str, bool)> = BTreeMap::new();
        for (kind, day, results) in &self.passages {
            if *kind == "self" || *day > span.to {
                continue;
            }
            for (competence, deficit) in results {
                let known = latest.get(competence);
                if known.is_none_or(|(before, _)| before <= day) {
                    latest.insert(*competence, (day, *deficit));
                }
            }
        }
        latest
            .into_iter()
            .filter(|(_, (_, deficit))| *deficit)
            .map(|(c, _)| c)
            .collect()
    }

    pub fn took_part(&self, family: &str, kinds: &[&str], span: Span) -> bool {
        self.acts
            .iter()
            .any(|(f, kind, _, _, day)| *f == family && (kinds.is_empty() || kinds.contains(kind)) && span.holds(day))
    }

    pub fn is_member(&self, kinds: &[&str], span: Span) -> bool {
        self.member
            .iter()
            .any(|(kind, _, from, to)| kinds.contains(kind) && span.touches(from, to))
    }

    pub fn in_pair(&self, span: Span) -> bool {
        self.mentoring.iter().any(|(from, to)| span.touches(from, to))
    }

    /// Has a role of the records in a span: the records of roles stand one day.
    pub fn has_role(&self, kinds: &[&str], span: Span) -> bool {
        self.acts
            .iter()
            .any(|(f, kind, _, _, from)| *f == "role" && kinds.contains(kind) && *from <= span.to)
    }

    pub fn accompanied(&self, span: Span) -> bool {
        let by_plan = self.plans.iter().any(|(_, _, supporter)| {
            supporter.is_some_and(|(kind, from)| kind == "regional_methodist" && from <= span.to)
        });
        by_plan
            || self
                .acts
                .iter()
                .any(|(f, kind, _, _, from)| *f == "accompanied" && *kind == "regional_methodist" && *from <= span.to)
    }
}

pub fn group_of(competence: i64) -> &'static str {
    COMPETENCES
        .iter()
        .find(|(id, ..)| *id == competence)
        .map_or("", |(_, group, _)| group)
}

fn person(dice: &mut Dice, n: usize, letter: &str, orgs: &[usize], programmes: &[usize]) -> Person {
    let mut who = Person {
        key: format!("{letter}{n:03}"),
        region: format!("РЕГ-{letter}"),
        born: dice
            .one(&[
                "1957-07-07",
                "1963-05-31",
                "1968-01-01",
                "1988-06-01",
                "1988-06-02",
                "1995-03-01",
                "1999-09-01",
            ])
            .into(),
        female: dice.in_one_of(2),
        since: dice
            .one(&["1985-09-01", "2020-06-01", "2020-06-02", "2022-09-01", "2023-02-01", ""])
            .into(),
        ..Person::default()
    };
    let count = if dice.in_one_of(5) { 2 } else { 1 };
    for place in 0..count {
        let org = orgs[(n + place * 2) % orgs.len()];
        let teaching = !dice.in_one_of(5);
        let mut subjects = Vec::new();
        for subject in SUBJECTS {
            if teaching && dice.in_one_of(2) {
                subjects.push((subject, dice.one(&[Some(true), Some(true), Some(false), None])));
            }
        }
        let (from, to) = dice.one(&[
            ("2010-01-01", ""),
            ("2010-01-01", ""),
            ("2010-01-01", ""),
            ("2010-01-01", "2023-02-01"),
            ("2023-07-01", ""),
        ]);
        who.places.push(Place {
            org,
            teaching,
            position: if teaching {
                dice.one(&["учитель", "Учитель химии", "учитель-логопед", "воспитатель"])
            } else {
                "директор"
            },
            hours: dice.one(&[None, Some(18_000), Some(36_000), Some(36_500), Some(20_000)]),
            education: dice.one(&[
                "высшее педагогическое",
                "высшее",
                "среднее профессиональное педагогическое",
                "",
            ]),
            subjects,
            from,
            to,
        });
    }
    for kind in ["full", "self", "entry", "corporate_order", "follow_up"] {
        if dice.in_one_of(3) {
            let mut results = Vec::new();
            for (competence, ..) in COMPETENCES {
                if dice.in_one_of(2) {
                    results.push((competence, dice.in_one_of(3)));
                }
            }
            let day = dice.one(&DAYS);
            // Two results of one competence on one day would need an order that files do not say.
            if who.passages.iter().all(|(_, other, _)| *other != day) {
                who.passages.push((kind, day, results));
            }
        }
    }
    for _ in 0..dice.below(7) {
        who.trained.push((dice.one(programmes), dice.one(&DAYS)));
    }
    for (family, kinds) in [
        (
            "event",
            &[
                "profsreda",
                "young_calendar",
                "young_school",
                "methodical_active",
                "seminar",
            ][..],
        ),
        ("contest", &["young_projects", "teacher_of_year"]),
        ("help", &["gmo", "rmo", "smo"]),
        ("role", &["tutor", "supervisor", "curator", "regional_methodist"]),
        ("accompanied", &["regional_methodist", "tutor"]),
        ("support", &["social", "payment"]),
        ("expert", &["gia", "attestation"]),
        ("exam", &["independent"]),
        ("burnout", &["training"]),
    ] {
        if dice.in_one_of(2) {
            let level = dice.one(&["municipal", "regional", "school"]);
            let result = if family == "exam" {
                dice.one(&["passed", "failed"])
            } else {
                ""
            };
            let (kind, day) = (dice.one(kinds), dice.one(&DAYS));
            // Not every town has a regional methodist.
            if kind != "regional_methodist" || family != "role" || n % 3 == 1 {
                who.acts.push((family, kind, level, result, day));
            }
        }
    }
    for kind in [
        "smo",
        "gmo",
        "rmo",
        "mentors",
        "community",
        "municipal_active",
        "regional_active",
    ] {
        if dice.in_one_of(3) {
            let level = dice.one(&["municipal", "regional"]);
            let (from, to) = dice.one(&[
                ("2019-01-01", ""),
                ("2022-01-01", "2022-09-01"),
                ("2022-01-01", "2022-09-02"),
                ("2023-11-01", ""),
            ]);
            if kind != "regional_active" || n % 3 == 1 {
                who.member.push((kind, level, from, to));
            }
        }
    }
    // One plan in work at a time.
    for _ in 0..dice.below(2) {
        let day = dice.one(&DAYS);
        let supporter = dice
            .in_one_of(2)
            .then(|| (dice.one(&["regional_methodist", "tutor"]), day));
        who.plans.push((dice.one(&["cnppm", "school"]), day, supporter));
    }
    who
}

/// Everything, by a seed.
pub fn five(seed: u64) -> Five {
    let mut dice = Dice(seed);
    let mut world = Five {
        orgs: Vec::new(),
        people: Vec::new(),
        programmes: Vec::new(),
        entered: BTreeMap::new(),
    };
    for letter in ["А", "Б"] {
        let first = world.orgs.len();
        for n in 0..6 {
            let yes = |dice: &mut Dice| dice.one(&[Some(true), Some(false), None]);
            let posts = |dice: &mut Dice| {
                (!dice.in_one_of(4)).then(|| {
                    let all = [20_500, 31_250, 40_000];
                    let (teaching, managing) = (dice.one(&all), dice.one(&[2_000, 3_500]));
                    let less = i64::try_from(dice.below(3)).expect("small") * 750;
                    [teaching, teaching - less, managing, managing - less / 3]
                })
            };
            world.orgs.push(Org {
                code: format!("ОО-{letter}{n}"),
                town: format!("МО-{letter}{}", n % 3),
                region: format!("РЕГ-{letter}"),
                school: n != 3,
                mentoring_model: yes(&mut dice),
                mentoring_documents: yes(&mut dice),
                posts: posts(&mut dice),
                posts_before: posts(&mut dice),
                per_worker: dice.one(&[None, Some(2_000), Some(2_001), Some(2_500), Some(1_000)]),
            });
        }
        let programmes: Vec<usize> = (0..TOPICS.len()).map(|n| world.programmes.len() + n).collect();
        for n in 0..TOPICS.len() {
            let topics = vec![TOPICS[n], TOPICS[(n + 5) % TOPICS.len()]];
            world.programmes.push(Programme {
                code: format!("ПР-{letter}{n}"),
                region: format!("РЕГ-{letter}"),
                retraining: n % 4 == 3,
                centre: dice.in_one_of(2),
                distance: dice.in_one_of(2),
                e_learning: dice.in_one_of(2),
                deficit_based: dice.in_one_of(2),
                federal: dice.in_one_of(2),
                in_register: dice.in_one_of(2),
                pedagogical: dice.in_one_of(2),
                topics,
            });
        }
        let orgs: Vec<usize> = (first..world.orgs.len()).collect();
        for n in 0..100 {
            world.people.push(person(&mut dice, n, letter, &orgs, &programmes));
        }
        // Pairs of neighbours.
        let all = world.people.len();
        for n in (all - 100..all - 1).step_by(3) {
            let (from, to) = dice.one(&[
                ("2021-01-01", ""),
                ("2021-10-01", "2022-05-01"),
                ("2022-01-01", "2022-09-01"),
                ("2023-09-01", ""),
            ]);
            for who in [n, n + 1] {
                world.people[who].mentoring.push((from, to));
            }
        }
        for town in 0..3 {
            for measure in [
                "mun_vacancy_list_published",
                "mun_conceptual_documents",
                "mun_school_of_young_teacher",
                "mun_schools_in_organisations",
                "mun_mentoring_small_organisations",
                "mun_district_unions",
                "mun_service_site",
                "mun_union_sites",
            ] {
                if !dice.in_one_of(3) {
                    let yes = i64::from(dice.in_one_of(2)) * 1000;
                    for period in ["2022/23", "2023"] {
                        world
                            .entered
                            .insert((format!("МО-{letter}{town}"), measure, period), yes);
                    }
                }
            }
            for (measure, most) in [
                ("mun_methodist_headcount", 4),
                ("mun_social_network_groups", 3),
                ("mun_zemsky_vacancies", 9),
                ("pedagogical_federal", 30),
                ("pedagogical_young_federal", 9),
                ("management_team_total", 9),
                ("federal_centre_events", 5),
            ] {
                let number = i64::try_from(dice.below(most)).expect("small") * 1000;
                for period in ["2022/23", "2023"] {
                    world
                        .entered
                        .insert((format!("МО-{letter}{town}"), measure, period), number);
                }
            }
            for (part, whole) in [
                ("mun_zemsky_vacancies_closed", "mun_zemsky_vacancies"),
                ("management_team_trained", "management_team_total"),
            ] {
                for period in ["2022/23", "2023"] {
                    let all = world.entered[&(format!("МО-{letter}{town}"), whole, period)];
                    world
                        .entered
                        .insert((format!("МО-{letter}{town}"), part, period), all / 2000 * 1000);
                }
            }
        }
    }
    world
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        "NULL".into()
    } else {
        format!("'{text}'")
    }
}

impl Five {
    /// Lays everything into the database of a test.
    pub fn lay(&self, v: &Vekha) {
        let mut world = World::new();
        let at = "2023-01-01 00:00:00";
        for group in ["subject", "psych_ped", "digital"] {
            world.also(&format!(
                "INSERT INTO competence_group (code, name, number) SELECT '{group}', '{group}', 2
                 WHERE NOT EXISTS (SELECT 1 FROM competence_group WHERE code = '{group}')"
            ));
        }
        for (id, group, name) in COMPETENCES {
            world.also(&format!(
                "INSERT INTO competence (id, code, group_code, name, version, recorded_at)
                 VALUES ({id}, 'К{id}', '{group}', '{name}', 1, '{at}')"
            ));
        }
        let mut ids: BTreeMap<String, i64> = BTreeMap::new();
        let mut centres: BTreeMap<String, [i64; 2]> = BTreeMap::new();
        for letter in ["А", "Б"] {
            let code = format!("РЕГ-{letter}");
            let region = world.region(&code);
            for town in 0..3 {
                let code = format!("МО-{letter}{town}");
                let id = world.unit("municipality", &code, Some((region, region)));
                ids.insert(code, id);
            }
            let centre = world.unit(
                "organisation",
                &format!("ЦН-{letter}"),
                Some((region, ids[&format!("МО-{letter}0")])),
            );
            world.also(&format!(
                "UPDATE unit SET org_kind = 'dpo', name = 'ЦНППМ {letter}' WHERE id = {centre}"
            ));
            let other = world.unit(
                "organisation",
                &format!("ИР-{letter}"),
                Some((region, ids[&format!("МО-{letter}1")])),
            );
            world.also(&format!(
                "UPDATE unit SET org_kind = 'dpo', name = 'Институт {letter}' WHERE id = {other}"
            ));
            ids.insert(code.clone(), region);
            centres.insert(code, [centre, other]);
        }
        let mut next = 500_000_i64;
        let mut id = || {
            next += 1;
            next
        };
        let mut measure = |world: &mut World, region: i64, unit: i64, code: &str, period: &str, milli: i64| {
            let (id, source) = (id(), "form");
            world.also(&format!(
                "INSERT INTO measure_value (id, region_id, unit_id, measure, period, value_milli, source, recorded_at)
                 VALUES ({id}, {region}, {unit}, '{code}', '{period}', {milli}, '{source}', '{at}')"
            ));
        };
        for org in &self.orgs {
            let region = ids[&org.region];
            let unit = world.unit("organisation", &org.code, Some((region, ids[&org.town])));
            ids.insert(org.code.clone(), unit);
            let kind = if org.school { "school" } else { "preschool" };
            world.also(&format!("UPDATE unit SET org_kind = '{kind}' WHERE id = {unit}"));
            for period in ["2022/23", "2023"] {
                for (code, said) in [
                    ("org_mentoring_model_implemented", org.mentoring_model),
                    ("org_mentoring_documents", org.mentoring_documents),
                ] {
                    if let Some(yes) = said {
                        measure(&mut world, region, unit, code, period, i64::from(yes) * 1000);
                    }
                }
                if let Some(n) = org.per_worker {
                    measure(&mut world, region, unit, "org_rates_per_pedagogical_worker", period, n);
                }
            }
            for (period, posts) in [("2022/23", org.posts), ("2023", org.posts), ("2021", org.posts_before)] {
                for (code, n) in [
                    "org_positions_pedagogical_total",
                    "org_positions_pedagogical_occupied",
                    "org_positions_admin_total",
                    "org_positions_admin_occupied",
                ]
                .into_iter()
                .zip(posts.into_iter().flatten())
                {
                    measure(&mut world, region, unit, code, period, n);
                }
            }
        }
        for ((town, code, period), milli) in &self.entered {
            let letter = town.chars().nth(3).expect("a letter");
            measure(
                &mut world,
                ids[&format!("РЕГ-{letter}")],
                ids[town],
                code,
                period,
                *milli,
            );
        }
        for (n, p) in self.programmes.iter().enumerate() {
            let id = 700_000 + i64::try_from(n).expect("small");
            let provider = centres[&p.region][usize::from(!p.centre)];
            let kind = if p.retraining { "retraining" } else { "upskilling" };
            let register = if p.in_register { "'123'" } else { "NULL" };
            let code = &p.code;
            world.also(&format!(
                "INSERT INTO programme (id, code, name, search_key, kind, hours, provider_id, federal_ref, distance,
                 e_learning, deficit_based, priority_federal, version, recorded_at) VALUES ({id}, '{code}', '{code}',
                 '{code}', '{kind}', 36, {provider}, {register}, {}, {}, {}, {}, 1, '{at}')",
                p.distance, p.e_learning, p.deficit_based, p.federal
            ));
            for topic in &p.topics {
                world.also(&format!(
                    "INSERT INTO programme_topic (programme_id, topic) VALUES ({id}, '{topic}')"
                ));
            }
            let competence = if p.pedagogical { 903 } else { 907 };
            world.also(&format!(
                "INSERT INTO programme_competence (programme_id, competence_id) VALUES ({id}, {competence})"
            ));
        }
        let mut next = 800_000_i64;
        let mut id = || {
            next += 1;
            next
        };
        let mut bodies: BTreeMap<(String, &str, &str), i64> = BTreeMap::new();
        let mut whos = Vec::new();
        for person in &self.people {
            let region = ids[&person.region];
            let who = world.person(region, &person.key, &person.born);
            let sex = if person.female { "female" } else { "male" };
            world.also(&format!("UPDATE person SET sex = '{sex}' WHERE id = {}", who.id));
            for place in &person.places {
                let how = if place.teaching {
                    "teaching main"
                } else {
                    "managing main"
                };
                let job = world.job(who, ids[&self.orgs[place.org].code], how, place.from, place.to);
                let hours = place.hours.map_or("NULL".into(), |h| h.to_string());
                let education = quoted(place.education);
                let since = quoted(&person.since);
                world.also(&format!(
                    "UPDATE employment SET position = '{}', hours_milli = {hours}, education = {education},
                     teaching_since = {since} WHERE id = {job}",
                    place.position
                ));
                for (subject, matches) in &place.subjects {
                    let matches = matches.map_or("NULL".into(), |m| m.to_string());
                    world.also(&format!(
                        "INSERT INTO employment_subject (id, region_id, employment_id, subject, profile_match)
                         VALUES ({}, {region}, {job}, '{subject}', {matches})",
                        id()
                    ));
                }
            }
            for (kind, day, results) in &person.passages {
                let passage = id();
                world.also(&format!(
                    "INSERT INTO diagnosis (id, region_id, person_id, procedure_id, kind, held_on, recorded_at)
                     VALUES ({passage}, {region}, {}, 1, '{kind}', '{day}', '{at}')",
                    who.id
                ));
                for (competence, deficit) in results {
                    let score = if *deficit { 50_000 } else { 90_000 };
                    world.also(&format!(
                        "INSERT INTO diagnosis_result (id, region_id, diagnosis_id, person_id, competence_id, subject,
                         raw_milli, max_milli, scale_id, source_sheet, source_row, recorded_at) VALUES ({}, {region},
                         {passage}, {}, {competence}, '', {score}, 100000, 1, '', 1, '{at}')",
                        id(),
                        who.id
                    ));
                }
            }
            for (programme, day) in &person.trained {
                let (document, programme) = (id(), 700_000 + i64::try_from(*programme).expect("small"));
                world.also(&format!(
                    "INSERT INTO qualification_document (id, region_id, person_id, kind, number, issued_on, recorded_at)
                     VALUES ({document}, {region}, {}, 'other', '{document}', '{day}', '{at}')",
                    who.id
                ));
                world.also(&format!(
                    "INSERT INTO enrolment (id, region_id, person_id, programme_id, state, applied_on, changed_on,
                     document_id, version, recorded_at) VALUES ({}, {region}, {}, {programme}, 'completed', '{day}', '{day}',
                     {document}, 1, '{at}')",
                    id(),
                    who.id
                ));
            }
            for (family, kind, level, result, day) in &person.acts {
                let record = id();
                world.also(&format!(
                    "INSERT INTO activity (id, region_id, record_id, person_id, family, kind, level, title, title_key,
                     starts_on, result, version, recorded_at) VALUES ({record}, {region}, {record}, {}, '{family}', '{kind}',
                     '{level}', 'Дело', 'дело', '{day}', {}, 1, '{at}')",
                    who.id,
                    quoted(result)
                ));
            }
            for (kind, level, from, to) in &person.member {
                let body = *bodies.entry((person.region.clone(), *kind, *level)).or_insert_with(|| {
                    let body = id();
                    world.also(&format!(
                        "INSERT INTO body (id, region_id, code, name, search_key, kind, level, version, recorded_at)
                         VALUES ({body}, {region}, 'Т{body}', 'Объединение', 'объединение', '{kind}', '{level}', 1, '{at}')"
                    ));
                    body
                });
                let member = id();
                world.also(&format!(
                    "INSERT INTO body_member (id, region_id, record_id, body_id, person_id, role, valid_from, valid_to,
                     version, recorded_at) VALUES ({member}, {region}, {member}, {body}, {}, 'member', '{from}', {}, 1, '{at}')",
                    who.id,
                    quoted(to)
                ));
            }
            for (origin, day, supporter) in &person.plans {
                let plan = world.plan(who, &[&format!("{day} on_agreement")]);
                world.also(&format!("UPDATE iom SET origin = '{origin}' WHERE id = {}", plan.id));
                if let Some((kind, from)) = supporter {
                    world.supporter(plan, kind, from, "");
                }
            }
            whos.push(who);
        }
        for n in 0..self.people.len() - 1 {
            let (one, two) = (&self.people[n], &self.people[n + 1]);
            if let (Some((from, to)), true) = (
                one.mentoring.first(),
                one.mentoring == two.mentoring && n % 100 % 3 == 0,
            ) {
                let pair = id();
                world.also(&format!(
                    "INSERT INTO mentoring_pair (id, region_id, record_id, mentor_id, mentee_id, form, valid_from, valid_to,
                     documents, version, recorded_at) VALUES ({pair}, {}, {pair}, {}, {}, 'teacher_teacher', '{from}', {}, '',
                     1, '{at}')",
                    whos[n].region,
                    whos[n].id,
                    whos[n + 1].id,
                    quoted(to)
                ));
            }
        }
        world.lay(v);
    }
}
