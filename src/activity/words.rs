//! Words by which files name levels, roles and results.

use super::model::{Achieved, Level, MemberRole, Part};
use crate::error::Refusal;
use crate::exchange::{Choice, Fields};

/// Levels.
pub const LEVELS: Choice<Level> = Choice {
    values: Level::ALL,
    code: Level::code,
    label: Level::label,
    more: &[
        ("школа", Level::School),
        ("уровень организации", Level::School),
        ("районный", Level::Municipal),
        ("городской", Level::Municipal),
        ("краевой", Level::Regional),
        ("областной", Level::Regional),
        ("всероссийский", Level::Federal),
    ],
    formulas: true,
};

/// Parts in an event.
pub const PARTS: Choice<Part> = Choice {
    values: Part::ALL,
    code: Part::code,
    label: Part::label,
    more: &[
        ("слушатель", Part::Participant),
        ("докладчик", Part::Speaker),
        ("спикер", Part::Speaker),
        ("жюри", Part::Jury),
    ],
    formulas: true,
};

/// Results.
pub const RESULTS: Choice<Achieved> = Choice {
    values: Achieved::ALL,
    code: Achieved::code,
    label: Achieved::label,
    more: &[
        ("победа", Achieved::Winner),
        ("1 место", Achieved::Winner),
        ("2 место", Achieved::Prize),
        ("3 место", Achieved::Prize),
        ("участник", Achieved::TookPart),
        ("участие", Achieved::TookPart),
        ("сдал", Achieved::Passed),
        ("сдала", Achieved::Passed),
        ("не сдал", Achieved::Failed),
        ("не сдала", Achieved::Failed),
    ],
    formulas: true,
};

/// Roles in a body.
pub const MEMBER_ROLES: Choice<MemberRole> = Choice {
    values: MemberRole::ALL,
    code: MemberRole::code,
    label: MemberRole::label,
    more: &[
        ("член", MemberRole::Member),
        ("председатель", MemberRole::Chair),
        ("заместитель", MemberRole::Deputy),
    ],
    formulas: true,
};

/// A word of a list of the dictionary that must be there; its code.
pub(super) fn required_word(
    fields: &mut Fields<'_>,
    column: &str,
    list: &'static [super::kinds::Word],
) -> Option<&'static str> {
    let text = fields.required_text(column)?;
    let word = super::kinds::word(list, &text);
    if word.is_none() {
        fields.problem(column, Refusal::new("activity.unknown_kind"));
    }
    word.map(|w| w.code.as_str())
}
