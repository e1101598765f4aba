//! Drafting, pure: a profile, the posts of a person, the rules and the catalogue give a draft plan. The same input
//! gives the same draft, so a dry run shows exactly what a run writes.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::model::{EducationForm, ItemLevel};
use super::offer::{Course, Offer};
use super::rules::{Choice, Rule, Rules, When};
use crate::catalogue::ProgrammeId;
use crate::competence::Competence;
use crate::people::StaffKind;
use crate::planted;
use crate::profile::{Level, Profile, Standing};

/// A post of the person on the drafting day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Population.
    pub staff_kind: StaffKind,
    /// Должность, lower case.
    pub position: String,
    /// Subjects, lower case.
    pub subjects: Vec<String>,
    /// First day of any teaching work.
    pub teaching_since: Option<NaiveDate>,
}

/// A deficit of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftDeficit {
    /// The result it was read from.
    pub standing: Standing,
    /// Its level.
    pub level: Level,
}

/// An item of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftItem {
    /// What is to be done.
    pub title: String,
    /// The programme.
    pub programme: Option<ProgrammeId>,
    /// Topics of the programme.
    pub topics: String,
    /// Kind of learning.
    pub education_form: EducationForm,
    /// Where it is held.
    pub level: Option<ItemLevel>,
    /// Whether the plan cannot be completed without it.
    pub mandatory: bool,
    /// Volume in hours.
    pub hours: i32,
    /// Last day.
    pub due_on: NaiveDate,
    /// Code of the rule.
    pub rule: String,
    /// Place of its deficit in [`Draft::deficits`].
    pub deficit: usize,
}

/// A plan that nobody has seen yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Deficits, the heaviest first, then by the code of the competence.
    pub deficits: Vec<DraftDeficit>,
    /// Items in the order of the plan.
    pub items: Vec<DraftItem>,
    /// Places of the deficits no rule found an item for: goals without items.
    pub unmatched: Vec<usize>,
}

/// Drafts a plan that starts on a day.
#[must_use]
pub fn draft(profile: &Profile, posts: &[Post], rules: &Rules, offer: &Offer, starts_on: NaiveDate) -> Draft {
    let mut deficits: Vec<DraftDeficit> = profile
        .deficits()
        .map(|(standing, level)| DraftDeficit {
            standing: standing.clone(),
            level: level.clone(),
        })
        .collect();
    let code = |d: &DraftDeficit| offer.competences.get(&d.standing.measured.competence).map(|c| &c.code);
    deficits.sort_by(|a, b| (b.level.severity, code(a)).cmp(&(a.level.severity, code(b))));
    let mut found: Vec<(i32, DraftItem)> = Vec::new();
    let mut unmatched = Vec::new();
    for (place, deficit) in deficits.iter().enumerate() {
        let Some(competence) = offer.competences.get(&deficit.standing.measured.competence) else {
            unmatched.push(place);
            continue;
        };
        let case = Case {
            competence,
            level: &deficit.level,
            posts,
            on: starts_on,
        };
        if !case.find(place, rules, offer, &mut found) {
            unmatched.push(place);
        }
    }
    // Stable: within a priority the heaviest deficit first.
    found.sort_by_key(|(priority, _)| *priority);
    let mut items: Vec<DraftItem> = found.into_iter().map(|(_, item)| item).collect();
    set_due_days(&mut items, rules, starts_on);
    Draft {
        deficits,
        items,
        unmatched,
    }
}

/// One deficit of one person before the rules.
struct Case<'a> {
    competence: &'a Competence,
    level: &'a Level,
    posts: &'a [Post],
    on: NaiveDate,
}

impl Case<'_> {
    /// Adds what the rules give for the deficit; whether there is a programme for it, new or already in the plan.
    fn find(&self, place: usize, rules: &Rules, offer: &Offer, found: &mut Vec<(i32, DraftItem)>) -> bool {
        let (mut has_programme, mut has_activity) = (false, false);
        for rule in &rules.rule {
            if !self.holds(&rule.when) {
                continue;
            }
            if let Some(choice) = &rule.programme {
                let course = match choice {
                    _ if has_programme => None,
                    Choice::Competence => offer.teaching(self.competence.id),
                    Choice::Topic { topic } => offer.on_topic(topic.code()),
                };
                let Some(course) = course else { continue };
                has_programme = true;
                // A programme for two deficits stands in the plan once.
                if !found.iter().any(|(_, item)| item.programme == Some(course.id)) {
                    found.push((rule.priority, of_course(course, rule, place)));
                }
            }
            if let Some(activity) = &rule.activity {
                if !has_programme || (rule.when.beside_nothing_else && has_activity) {
                    continue;
                }
                has_activity = true;
                let item = DraftItem {
                    title: activity.title.replace("{competence}", &self.competence.name),
                    programme: None,
                    topics: String::new(),
                    education_form: activity.education_form,
                    level: activity.level,
                    mandatory: rule.mandatory,
                    hours: activity.hours,
                    due_on: self.on,
                    rule: rule.code.clone(),
                    deficit: place,
                };
                found.push((rule.priority, item));
            }
        }
        has_programme
    }

    fn holds(&self, when: &When) -> bool {
        let fits = |wanted: &[String], got: &str| wanted.is_empty() || wanted.iter().any(|w| w == got);
        let begins = |wanted: &[String], got: &str| wanted.is_empty() || wanted.iter().any(|w| got.starts_with(w));
        fits(&when.group, &self.competence.group_code)
            && fits(&when.competence, &self.competence.code)
            && begins(&when.competence_prefix, &self.competence.code)
            && fits(&when.level, &self.level.code)
            && self.has_post(when)
            && self.has_years(when)
    }

    fn has_post(&self, when: &When) -> bool {
        if when.staff_kind.is_none() && when.position.is_empty() && when.subject.is_empty() {
            return true;
        }
        self.posts.iter().any(|post| {
            when.staff_kind.is_none_or(|kind| kind == post.staff_kind)
                && (when.position.is_empty() || when.position.iter().any(|p| post.position.contains(&p.to_lowercase())))
                && (when.subject.is_empty() || when.subject.iter().any(|s| post.subjects.contains(&s.to_lowercase())))
        })
    }

    /// Whoever's start of teaching is unknown counts as experienced: nobody is called a beginner by a missing date.
    fn has_years(&self, when: &When) -> bool {
        let since = self.posts.iter().filter_map(|p| p.teaching_since).min();
        let years = since.and_then(|since| self.on.years_since(since));
        when.teaching_years_from
            .is_none_or(|from| years.is_none_or(|years| years >= from))
            && when
                .teaching_years_below
                .is_none_or(|below| years.is_some_and(|years| years < below))
    }
}

fn of_course(course: &Course, rule: &Rule, deficit: usize) -> DraftItem {
    DraftItem {
        title: course.title.clone(),
        programme: Some(course.id),
        topics: course.topics.clone(),
        education_form: EducationForm::Formal,
        level: Some(if course.federal {
            ItemLevel::Federal
        } else {
            ItemLevel::Regional
        }),
        mandatory: rule.mandatory,
        hours: course.hours,
        due_on: NaiveDate::MIN,
        rule: rule.code.clone(),
        deficit,
    }
}

/// A quarter of the year as the rules see it.
struct Quarter {
    /// Its last day on which somebody may learn; none where there is no such day.
    ends: Option<NaiveDate>,
    /// Hours that it takes: the share of its days on which somebody may learn and the plan has begun.
    hours: i32,
    /// Whether the plan begins inside it: weeks of it are gone.
    begun: bool,
    /// The first day of the next one.
    next: NaiveDate,
}

impl Quarter {
    fn of(day: NaiveDate, rules: &Rules, starts_on: NaiveDate) -> Self {
        let last = quarter_end(day);
        let first = last.with_day(1).and_then(|of| of.checked_sub_months(Months::new(2)));
        let first = first.unwrap_or(day);
        let from = if planted!("weeks_gone_by") { first } else { starts_on };
        let days = || first.iter_days().take_while(move |of| *of <= last);
        let (all, learning) = days().fold((0_i64, 0_i64), |(all, learning), of| {
            (all + 1, learning + i64::from(of >= from && rules.is_for_learning(of)))
        });
        let hours = i64::from(rules.hours_per_quarter) * learning / all.max(1);
        Self {
            ends: days().filter(|of| rules.is_for_learning(*of)).last(),
            hours: i32::try_from(hours).unwrap_or(rules.hours_per_quarter),
            begun: starts_on > first,
            next: last.succ_opt().unwrap_or(last),
        }
    }

    /// Whether there is room for a step beside what is in it. One longer than any quarter takes an empty one that is
    /// still whole, one that a whole quarter would take waits for it.
    fn takes(&self, used: i32, hours: i32, rules: &Rules) -> bool {
        let longer_than_any = hours > rules.hours_per_quarter && !self.begun;
        match used {
            0 => self.ends.is_some() && (hours <= self.hours || longer_than_any),
            used => used.saturating_add(hours) <= self.hours,
        }
    }
}

/// Quarters that are looked through for one step: the rules leave some for learning in every year.
const LOOKED_THROUGH: usize = 8;

/// Fills quarters of the year in the order of the plan: what does not fit the hours of a quarter goes to the next one.
/// A step longer than a whole quarter has a quarter of its own. Of the quarter in which the plan begins only the days
/// left count: a plan of November does not put the hours of three months into December.
fn set_due_days(items: &mut [DraftItem], rules: &Rules, starts_on: NaiveDate) {
    let first = starts_on
        .checked_add_days(Days::new(rules.first_due_days))
        .unwrap_or(starts_on);
    let (mut quarter, mut used) = (Quarter::of(first, rules, starts_on), 0);
    for item in items {
        for _ in 0..LOOKED_THROUGH {
            if quarter.takes(used, item.hours, rules) {
                break;
            }
            (quarter, used) = (Quarter::of(quarter.next, rules, starts_on), 0);
        }
        used += item.hours;
        item.due_on = quarter.ends.unwrap_or(first);
    }
}

/// The last day of the quarter that a day lies in.
fn quarter_end(day: NaiveDate) -> NaiveDate {
    let first_month = (day.month0() / 3) * 3 + 1;
    NaiveDate::from_ymd_opt(day.year(), first_month, 1)
        .and_then(|first| first.checked_add_months(Months::new(3)))
        .and_then(|next| next.pred_opt())
        .unwrap_or(day)
}

/// The last day of a plan: its length, or the last step's day if that is later.
#[must_use]
pub fn ends_on(draft: &Draft, rules: &Rules, starts_on: NaiveDate) -> Option<NaiveDate> {
    let by_length = starts_on
        .checked_add_months(Months::new(rules.length_months))?
        .pred_opt()?;
    draft.items.iter().map(|i| i.due_on).max().max(Some(by_length))
}

/// «Почему здесь»: the deficit's competence and the rule in words.
#[must_use]
pub fn why(competence: &str, rule: &Rule) -> String {
    format!("дефицит «{competence}»: {}", rule.why)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::rules;
    use super::*;
    use crate::catalogue::{Programme, ProgrammeKind};
    use crate::competence::{CompetenceId, ScaleId};
    use crate::db::milli::Milli;
    use crate::diagnostics::{DiagnosisKind, ProcedureId, ResultId};
    use crate::profile::{Line, Measured};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn competence(id: i64, code: &str, parent: Option<i64>) -> Competence {
        Competence {
            id: CompetenceId(id),
            code: code.into(),
            group_code: "subject".into(),
            name: format!("Компетенция {code}"),
            parent_id: parent.map(CompetenceId),
            version: 1,
            recorded_at: day("2023-01-01").into(),
            batch_id: None,
        }
    }

    fn programme(id: i64, code: &str, hours: i32, deficit_based: bool, registered: bool) -> Course {
        Course::new(
            Programme {
                id: ProgrammeId(id),
                code: code.into(),
                name: format!("Программа {code}"),
                search_key: String::new(),
                kind: ProgrammeKind::Upskilling,
                hours,
                form: None,
                provider_id: None,
                federal_ref: registered.then(|| "1".into()),
                distance: false,
                e_learning: false,
                deficit_based,
                priority_federal: false,
                version: 1,
                recorded_at: day("2023-01-01").into(),
                batch_id: None,
            },
            String::new(),
        )
    }

    fn profile(levels: &[(i64, &str)]) -> Profile {
        let lines = levels
            .iter()
            .map(|(id, level)| Line {
                competence: CompetenceId(*id),
                formal: Some(Standing {
                    measured: Measured {
                        result: ResultId(*id),
                        competence: CompetenceId(*id),
                        subject: String::new(),
                        kind: DiagnosisKind::Full,
                        held_on: day("2023-01-10"),
                        procedure: ProcedureId(1),
                        valid_days: None,
                        raw: Milli(1),
                        max: Milli(100),
                        scale: ScaleId(1),
                    },
                    level: Some(Level {
                        code: (*level).into(),
                        label: (*level).into(),
                        is_deficit: *level != "low",
                        severity: if *level == "high" { 3 } else { 2 },
                    }),
                }),
                self_assessment: None,
            })
            .collect();
        Profile { lines, expired: vec![] }
    }

    fn offer() -> Offer {
        let competences = vec![
            competence(1, "К1", None),
            competence(2, "К1.1", Some(1)),
            competence(3, "К2", None),
            competence(4, "К3", None),
        ];
        let courses = vec![
            programme(10, "П-дольше", 72, true, true),
            programme(11, "П-лучшая", 36, true, true),
            programme(12, "П-вне реестра", 18, true, false),
            programme(13, "П-не по диагностике", 16, false, true),
            programme(14, "П-вторая", 120, true, true),
        ];
        let first = vec![CompetenceId(1)];
        let teaches = HashMap::from([
            (ProgrammeId(10), first.clone()),
            (ProgrammeId(11), first.clone()),
            (ProgrammeId(12), first.clone()),
            (ProgrammeId(13), first),
            (ProgrammeId(14), vec![CompetenceId(3)]),
        ]);
        Offer::new(competences, courses, &teaches)
    }

    fn teacher(since: &str) -> Vec<Post> {
        vec![Post {
            staff_kind: StaffKind::Teaching,
            position: "учитель".into(),
            subjects: vec![],
            teaching_since: Some(day(since)),
        }]
    }

    #[test]
    fn the_best_programme_is_taken_itself_or_by_the_node_above() {
        let rules = rules::parse(rules::SOURCE).unwrap();
        let drafted = |profile: &Profile| draft(profile, &teacher("2010-09-01"), &rules, &offer(), day("2023-02-01"));
        let plan = drafted(&profile(&[(1, "middle")]));
        assert_eq!(plan.items[0].programme, Some(ProgrammeId(11)));
        let plan = drafted(&profile(&[(2, "middle")]));
        assert_eq!(plan.items[0].programme, Some(ProgrammeId(11)), "by the node above");
        let plan = drafted(&profile(&[(1, "middle"), (2, "middle")]));
        assert_eq!(plan.items.len(), 1, "one programme for two deficits stands once");
        assert_eq!((plan.deficits.len(), plan.unmatched.len()), (2, 0));
        assert_eq!(
            drafted(&profile(&[(1, "low")])),
            Draft::default(),
            "no deficit, no plan"
        );
    }

    #[test]
    fn a_deficit_without_a_programme_is_listed_and_has_no_items() {
        let rules = rules::parse(rules::SOURCE).unwrap();
        let plan = draft(
            &profile(&[(4, "high"), (1, "high")]),
            &teacher("2010-09-01"),
            &rules,
            &offer(),
            day("2023-02-01"),
        );
        let code = |place: &usize| plan.deficits[*place].standing.measured.competence;
        assert_eq!(plan.unmatched.iter().map(code).collect::<Vec<_>>(), [CompetenceId(4)]);
        assert!(plan.items.iter().all(|i| !plan.unmatched.contains(&i.deficit)));
    }

    #[test]
    fn a_high_deficit_gets_an_activity_that_fits_the_post() {
        let rules = rules::parse(rules::SOURCE).unwrap();
        let rule = |posts: &[Post]| {
            let plan = draft(&profile(&[(1, "high")]), posts, &rules, &offer(), day("2023-02-01"));
            assert_eq!(plan.items.len(), 2);
            plan.items[1].rule.clone()
        };
        assert_eq!(rule(&teacher("2020-02-02")), "mentor", "a day short of three years");
        assert_eq!(rule(&teacher("2020-02-01")), "lessons");
        assert_eq!(rule(&[]), "reading", "nowhere at work");
        let mut head = teacher("2000-09-01");
        head[0].staff_kind = StaffKind::Managing;
        assert_eq!(rule(&head), "internship");
    }

    #[test]
    fn a_rule_may_choose_by_topic_and_by_post() {
        let source = "code='x'\nlength_months=12\nhours_per_quarter=144\nfirst_due_days=30\n[[rule]]\ncode='t'\nwhy='тема курса'\n\
             priority=1\nwhen={competence_prefix=['К3'],position=['учитель'],subject=['Физика']}\n\
             programme={by='topic',topic='functional_literacy'}";
        let rules = rules::parse(source).unwrap();
        let mut course = programme(20, "П-тема", 36, true, true);
        course.topics = "functional_literacy,upbringing".into();
        let offer = Offer::new(vec![competence(4, "К3", None)], vec![course], &HashMap::new());
        let drafted = |posts: &[Post]| draft(&profile(&[(4, "high")]), posts, &rules, &offer, day("2023-02-01"));
        let mut posts = teacher("2010-09-01");
        assert_eq!(drafted(&posts).unmatched, [0], "another subject");
        posts[0].subjects = vec!["физика".into()];
        assert_eq!(drafted(&posts).items[0].programme, Some(ProgrammeId(20)));
    }

    #[test]
    fn hours_beyond_the_quarter_go_to_the_next_one() {
        let rules = rules::parse(rules::SOURCE).unwrap();
        let posts = teacher("2010-09-01");
        let plan = draft(
            &profile(&[(1, "high"), (3, "high")]),
            &posts,
            &rules,
            &offer(),
            day("2023-03-15"),
        );
        // 36 hours fit the second quarter (the first ends too soon), 120 more do not; the third has a month of learning
        // alone, and the fourth takes them with 8 + 8 after.
        let due = |plan: &Draft| -> Vec<(i32, NaiveDate)> { plan.items.iter().map(|i| (i.hours, i.due_on)).collect() };
        let [second, third, fourth] = ["2023-06-30", "2023-09-30", "2023-12-31"].map(day);
        assert_eq!(due(&plan), [(36, second), (120, fourth), (8, fourth), (8, fourth)]);
        let mut rules = rules;
        rules.quiet.clear();
        let levels = profile(&[(1, "high"), (3, "high")]);
        let all_year = draft(&levels, &posts, &rules, &offer(), day("2023-03-15"));
        assert_eq!(due(&all_year), [(36, second), (120, third), (8, third), (8, third)]);
        assert_eq!(ends_on(&plan, &rules, day("2023-03-15")), Some(day("2024-03-14")));
    }

    #[test]
    fn a_quarter_that_has_begun_takes_what_its_days_left_take() {
        let rules = rules::parse(rules::SOURCE).unwrap();
        let due = |on: &str| {
            let levels = profile(&[(1, "high"), (3, "high")]);
            let plan = draft(&levels, &teacher("2010-09-01"), &rules, &offer(), day(on));
            plan.items.iter().map(|i| (i.hours, i.due_on)).collect::<Vec<_>>()
        };
        // From 20 November 42 of 92 days are left, room for 65 hours: the course of 120 waits for the next quarter.
        let [fourth, first] = ["2023-12-31", "2024-03-31"].map(day);
        assert_eq!(due("2023-11-20"), [(36, fourth), (120, first), (8, first), (8, first)]);
        // On the last day on which the quarter is still the first one, 31 days and 48 hours are left.
        assert_eq!(due("2023-12-01")[0], (36, fourth));
        assert_eq!(due("2023-12-02")[0], (36, first));
    }

    #[test]
    fn no_step_ends_on_a_day_when_nobody_learns() {
        let source = |quiet: &str| {
            format!(
                "code='x'\nlength_months=12\nhours_per_quarter=144\nfirst_due_days=30\n{quiet}[[rule]]\ncode='r'\nwhy='курс'\n\
                 priority=1\nprogramme={{by='competence'}}"
            )
        };
        let quiet = |from: &str, to: &str| format!("[[quiet]]\nwhy='нельзя'\nfrom='{from}'\nto='{to}'\n");
        let due = |quiet: &str, on: &str| {
            let rules = rules::parse(&source(quiet)).unwrap();
            let plan = draft(
                &profile(&[(1, "high")]),
                &teacher("2010-09-01"),
                &rules,
                &offer(),
                day(on),
            );
            plan.items[0].due_on
        };
        // The quarter ends before the examinations, and a holiday over the turn of the year does not.
        assert_eq!(due(&quiet("05-25", "06-30"), "2023-03-15"), day("2023-05-24"));
        assert_eq!(due(&quiet("12-28", "01-08"), "2023-10-01"), day("2023-12-27"));
        // A quarter without a day for learning is passed over.
        assert_eq!(due(&quiet("04-01", "06-30"), "2023-03-15"), day("2023-09-30"));
        for (from, to, said) in [
            ("31-12", "01-08", "первый и последний"),
            ("1-1", "01-08", "первый и последний"),
            ("01-01", "12-31", "некогда"),
        ] {
            let wrong = rules::parse(&source(&quiet(from, to))).unwrap_err();
            assert!(wrong.iter().any(|w| w.what.contains(said)), "{wrong:?}");
        }
    }
}
