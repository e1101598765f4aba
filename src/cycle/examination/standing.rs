//! Where a unit that is examined stands, pure: what is scored, what experts gave together, where they part, what stands in the
//! way of the announcement. Nothing of it is stored.

use foldhash::HashMap;

use super::model::{ActRow, Appeal, Document, ExaminationAct, Examined, PointRow, Seat};
use super::sheet::{Line, Section, Sheet};
use crate::error::Refusal;
use crate::indicators::evaluate::Fraction;
use crate::planted;

/// An expert with what stands of the expert's points.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The expert.
    pub seat: Seat,
    /// Points in force by criterion.
    pub points: HashMap<String, PointRow>,
}

/// A unit with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The unit.
    pub row: Examined,
    /// Its experts in the order of their assignment.
    pub seats: Vec<Filled>,
    /// What it shows.
    pub documents: Vec<Document>,
    /// What it does not agree with.
    pub appeals: Vec<Appeal>,
    /// What was done.
    pub acts: Vec<ActRow>,
}

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Some section has no expert.
    Uncovered,
    /// Experts are at work.
    Scoring,
    /// Experts part too far.
    Diverges,
    /// It may be announced.
    Ready,
    /// It was announced.
    Announced,
    /// It was announced, and an appeal waits.
    Appealed,
}

/// Points of several experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mean {
    /// Their sum, thousandths.
    pub sum: i64,
    /// How many gave any.
    pub count: i64,
}

impl Mean {
    fn of(given: impl Iterator<Item = i64>) -> Option<Self> {
        let (sum, count) = given.fold((0, 0), |(sum, count), n| (sum + n, count + 1));
        (count > 0).then_some(Self { sum, count })
    }

    /// The mean.
    #[must_use]
    pub fn fraction(self) -> Fraction {
        Fraction {
            upper: i128::from(self.sum),
            lower: i128::from(self.count),
        }
    }
}

impl Filled {
    /// The criteria of the expert's sections that are not scored.
    #[must_use]
    pub fn left<'a>(&self, sheet: &'a Sheet) -> Vec<&'a Line> {
        let own = sheet.sections.iter().filter(|s| self.seat.has(&s.code));
        own.flat_map(|s| &s.lines)
            .filter(|line| !self.points.get(&line.code).is_some_and(PointRow::is_said))
            .collect()
    }

    /// How many criteria are the expert's.
    #[must_use]
    pub fn asked(&self, sheet: &Sheet) -> usize {
        let own = sheet.sections.iter().filter(|s| self.seat.has(&s.code));
        own.map(|s| s.lines.len()).sum()
    }

    /// The points of a criterion: the decided ones over those that were given.
    fn value(&self, line: &Line, decided: &HashMap<&str, i64>) -> Option<i64> {
        let given = self.points.get(&line.code);
        if given.is_some_and(|row| row.is_absent) && planted!("absent_is_zero") {
            return Some(0);
        }
        let own = given.and_then(|row| row.value_milli);
        decided.get(line.code.as_str()).copied().or(own)
    }

    /// The points of a section together; `None` where nothing of it was presented or scored.
    #[must_use]
    pub fn sum(&self, section: &Section, decided: &HashMap<&str, i64>) -> Option<i64> {
        let given: Vec<i64> = section.lines.iter().filter_map(|l| self.value(l, decided)).collect();
        (!given.is_empty()).then(|| given.iter().sum())
    }
}

impl Whole {
    /// A unit with nothing yet.
    #[must_use]
    pub fn of(row: Examined) -> Self {
        Self {
            row,
            seats: Vec::new(),
            documents: Vec::new(),
            appeals: Vec::new(),
            acts: Vec::new(),
        }
    }

    /// New points by criterion that came of appeals.
    #[must_use]
    pub fn decided(&self) -> HashMap<&str, i64> {
        let new = self.appeals.iter().filter(|a| a.decided_at.is_some());
        new.filter_map(|a| Some((a.criterion.as_str(), a.decided_milli?)))
            .collect()
    }

    /// The experts of a section.
    pub fn of_section<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a Filled> {
        self.seats.iter().filter(move |s| s.seat.has(section))
    }

    /// Whether all experts of a section are done, so that they see each other.
    #[must_use]
    pub fn is_open(&self, section: &str) -> bool {
        let mut own = self.of_section(section).peekable();
        if planted!("experts_not_blind") {
            return true;
        }
        own.peek().is_some() && own.all(|s| s.seat.done_on.is_some())
    }

    /// What experts gave to a section on the whole.
    #[must_use]
    pub fn mean(&self, section: &Section) -> Option<Mean> {
        let decided = self.decided();
        Mean::of(self.of_section(&section.code).filter_map(|s| s.sum(section, &decided)))
    }

    /// What experts gave to a criterion on the whole. Of an expert who gave the section some points, one of which nothing was
    /// presented adds none: so its criteria add up to the section. `None` where nothing was presented to any of them.
    #[must_use]
    pub fn mean_of_line(&self, section: &Section, line: &Line) -> Option<Mean> {
        let decided = self.decided();
        let own = self.of_section(&section.code);
        let scored = own.filter(|s| s.sum(section, &decided).is_some());
        let given: Vec<Option<i64>> = scored.map(|s| s.value(line, &decided)).collect();
        let given: Vec<Option<i64>> = if planted!("absent_left_out") {
            given.into_iter().filter(Option::is_some).collect()
        } else {
            given
        };
        let any = given.iter().any(Option::is_some);
        Mean::of(given.iter().map(|n| n.unwrap_or(0))).filter(|_| any)
    }

    /// The least and the most that experts who are done gave to a section, where they part by more than the limit, in
    /// thousandths of a per cent of its maximum. Nothing presented against some points is always too far.
    #[must_use]
    pub fn divergence(&self, section: &Section, limit: i64) -> Option<(Option<i64>, i64)> {
        let none = HashMap::default();
        let done = self.of_section(&section.code).filter(|s| s.seat.done_on.is_some());
        let given: Vec<Option<i64>> = done.map(|s| s.sum(section, &none)).collect();
        let (least, most) = (given.iter().min().copied()?, given.iter().max().copied()??);
        let Some(low) = least else {
            return Some((None, most));
        };
        let parted = i128::from(most - low) * 100_000;
        (parted > i128::from(limit) * i128::from(section.maximum_milli)).then_some((Some(low), most))
    }

    /// Why the divergence of a section was left as it is, where nobody has scored since.
    #[must_use]
    pub fn left_standing(&self, section: &str) -> Option<&str> {
        let of_experts = |act: &&ActRow| {
            let own = act.examination_expert_id;
            let moves = matches!(
                act.act,
                ExaminationAct::Done | ExaminationAct::GiveBack | ExaminationAct::LookAgain
            );
            moves && self.of_section(section).any(|s| Some(s.seat.id) == own)
        };
        let last = self.acts.iter().filter(of_experts).map(|a| a.id).max();
        let left = self
            .acts
            .iter()
            .rfind(|a| a.act == ExaminationAct::Leave && a.criterion.as_deref() == Some(section) && Some(a.id) > last);
        left.and_then(|a| a.reason.as_deref())
    }

    /// Sections whose experts part too far, with nobody's word that it may stay so.
    #[must_use]
    pub fn parted<'a>(&self, sheet: &'a Sheet, limit: i64) -> Vec<&'a Section> {
        let own = sheet.sections.iter().filter(|s| self.divergence(s, limit).is_some());
        own.filter(|s| self.left_standing(&s.code).is_none()).collect()
    }

    /// Sections without an expert.
    #[must_use]
    pub fn uncovered<'a>(&self, sheet: &'a Sheet) -> Vec<&'a Section> {
        let none = |s: &&Section| self.of_section(&s.code).next().is_none();
        sheet.sections.iter().filter(none).collect()
    }

    /// What stands in the way of the announcement.
    #[must_use]
    pub fn refused(&self, sheet: &Sheet, limit: i64) -> Option<Refusal> {
        let codes = |of: Vec<&Section>| of.iter().map(|s| s.code.as_str()).collect::<Vec<_>>().join(", ");
        if self.row.announced_on.is_some() {
            return Some(Refusal::new("cycle.exam_announced"));
        }
        let uncovered = self.uncovered(sheet);
        if !uncovered.is_empty() && !planted!("announced_before_done") {
            return Some(Refusal::new("cycle.exam_uncovered").with("sections", codes(uncovered)));
        }
        let busy = self.seats.iter().filter(|s| s.seat.done_on.is_none()).count();
        if busy > 0 && !planted!("announced_before_done") {
            return Some(Refusal::new("cycle.exam_not_done").with("left", busy));
        }
        let parted = self.parted(sheet, limit);
        (!parted.is_empty()).then(|| Refusal::new("cycle.exam_parted").with("sections", codes(parted)))
    }

    /// Where it stands.
    #[must_use]
    pub fn standing(&self, sheet: &Sheet, limit: i64) -> Standing {
        if self.row.announced_on.is_some() {
            let waits = self.appeals.iter().any(|a| a.decided_at.is_none());
            return if waits { Standing::Appealed } else { Standing::Announced };
        }
        if !self.uncovered(sheet).is_empty() {
            Standing::Uncovered
        } else if self.seats.iter().any(|s| s.seat.done_on.is_none()) {
            Standing::Scoring
        } else if !self.parted(sheet, limit).is_empty() {
            Standing::Diverges
        } else {
            Standing::Ready
        }
    }

    /// What is shown for a criterion: nothing said, said that there is none, or documents.
    #[must_use]
    pub fn shown(&self, criterion: &str) -> Vec<&Document> {
        self.documents.iter().filter(|d| d.criterion == criterion).collect()
    }

    /// Criteria for which the unit has said nothing.
    #[must_use]
    pub fn silent<'a>(&self, sheet: &'a Sheet) -> Vec<&'a Line> {
        sheet.lines().filter(|line| self.shown(&line.code).is_empty()).collect()
    }

    /// Codes of the errors that experts who are done ticked, each with the criteria or sections where.
    #[must_use]
    pub fn ticked(&self) -> std::collections::BTreeSet<&str> {
        let done = self.seats.iter().filter(|s| s.seat.done_on.is_some());
        done.flat_map(|s| s.points.values())
            .flat_map(PointRow::ticked)
            .collect()
    }
}
