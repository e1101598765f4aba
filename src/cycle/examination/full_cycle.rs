//! The full cycle of management: which of its stages a unit has shown with documents and points, and which it has not.

use super::sheet::Sheet;
use super::standing::{Mean, Whole};

/// A stage of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// How many documents are there.
    pub documents: usize,
    /// Whether the unit said of some criterion that there is none.
    pub said_none: bool,
    /// Points of experts, once all of them are done, and the most that could be had, thousandths.
    pub points: Option<(Mean, i64)>,
    /// Whether any criterion shows this stage.
    pub is_asked: bool,
}

impl Shown {
    /// Whether the stage is there: something was shown, and experts gave it points where they have.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.documents > 0 && self.points.is_none_or(|(mean, _)| mean.sum > 0)
    }
}

/// The stages of a unit in their order.
#[must_use]
pub fn of(sheet: &Sheet, whole: &Whole) -> Vec<Shown> {
    let stage = |code: &str| {
        let mut shown = Shown {
            documents: 0,
            said_none: false,
            points: None,
            is_asked: false,
        };
        for section in &sheet.sections {
            for line in section.lines.iter().filter(|l| l.stage.as_deref() == Some(code)) {
                shown.is_asked = true;
                for document in whole.shown(&line.code) {
                    shown.said_none |= document.is_absent;
                    shown.documents += usize::from(!document.is_absent);
                }
                // What was not presented adds nothing to a section that has points, and keeps its place in the most.
                if whole.is_open(&section.code) && whole.mean(section).is_some() {
                    let (sum, most) = shown.points.unwrap_or((Mean { sum: 0, count: 1 }, 0));
                    // Means of criteria add up in thousandths of a point.
                    let mean = whole.mean_of_line(section, line).map(Mean::fraction);
                    let added = mean.and_then(|m| m.brought_to(3, crate::indicators::pack::Rounding::Round));
                    let sum = Mean {
                        sum: sum.sum + added.unwrap_or(0),
                        count: 1,
                    };
                    shown.points = Some((sum, most + line.maximum_milli));
                }
            }
        }
        shown
    };
    sheet.stages.iter().map(|(code, _)| stage(code)).collect()
}
