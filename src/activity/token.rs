//! What a record says to facts: a token `family/kind/level/last`, a missing part being `-`, and the days it counts in.
//! `last` is the role (event, member, mentoring) or the result (contest, exam, award).
//!
//! Members of a body give `member/kind of body/level/role` (a plain member `-`), those of a management team `team/-/-/-`
//! beside it; both people of a pair give `mentoring/form/-/mentor` and `…/mentee`; whoever stands in the base of mentors
//! gives `role/mentor_base/-/-`. An event taken part in without another role ends with `-`.

use std::fmt;

use chrono::NaiveDate;

use super::model::{Achieved, Family, Level, MemberRole, Part};

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(String);

impl Token {
    /// A token of its parts.
    #[must_use]
    pub fn new(family: &str, kind: &str, level: Option<Level>, last: Option<&str>) -> Self {
        let level = level.map_or("-", Level::code);
        Self(format!("{family}/{kind}/{level}/{}", last.unwrap_or("-")))
    }

    /// The token of a record of one person.
    #[must_use]
    pub fn of_record(
        family: Family,
        kind: &str,
        level: Option<Level>,
        part: Option<Part>,
        result: Option<Achieved>,
    ) -> Self {
        let last = if family.has_result() {
            result.map(Achieved::code)
        } else {
            part.filter(|p| *p != Part::Participant).map(Part::code)
        };
        Self::new(family.code(), kind, level, last)
    }

    /// The token of a membership.
    #[must_use]
    pub fn of_member(kind: &str, level: Level, role: MemberRole) -> Self {
        let last = Some(role.code()).filter(|_| role != MemberRole::Member);
        Self::new("member", kind, Some(level), last)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its family.
    #[must_use]
    pub fn family(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A token with the days it counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// What is said.
    pub token: Token,
    /// First day.
    pub from: NaiveDate,
    /// Last day; `None` is open.
    pub last: Option<NaiveDate>,
    /// Whether it counts in every period that it touches, not only where its first day lies.
    pub lasts: bool,
}

impl Dated {
    /// Whether it counts from one day to another, both included.
    #[must_use]
    pub fn counts_in(&self, from: NaiveDate, to: NaiveDate) -> bool {
        if self.lasts {
            self.from <= to && self.last.is_none_or(|last| from <= last)
        } else {
            from <= self.from && self.from <= to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_parts_are_dashes_and_the_last_part_is_role_or_result() {
        let of = |family, kind, level, part, result| Token::of_record(family, kind, level, part, result).to_string();
        let regional = Some(Level::Regional);
        assert_eq!(
            of(Family::Event, "profsreda", regional, Some(Part::Participant), None),
            "event/profsreda/regional/-"
        );
        assert_eq!(
            of(Family::Event, "forum", regional, Some(Part::Speaker), None),
            "event/forum/regional/speaker"
        );
        assert_eq!(
            of(
                Family::Contest,
                "clubs",
                regional,
                Some(Part::Jury),
                Some(Achieved::Winner)
            ),
            "contest/clubs/regional/winner"
        );
        assert_eq!(
            of(Family::Exam, "independent", None, None, Some(Achieved::Passed)),
            "exam/independent/-/passed"
        );
        let member = |role| Token::of_member("smo", Level::Municipal, role).to_string();
        assert_eq!(member(MemberRole::Member), "member/smo/municipal/-");
        assert_eq!(member(MemberRole::Chair), "member/smo/municipal/chair");
    }

    #[test]
    fn what_lasts_counts_where_it_touches_the_rest_where_it_begins() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let counts = |from: &str, last: Option<&str>, lasts| {
            let dated = Dated {
                token: Token::new("x", "-", None, None),
                from: day(from),
                last: last.map(day),
                lasts,
            };
            dated.counts_in(day("2023-09-01"), day("2024-08-31"))
        };
        assert!(counts("2023-09-01", None, false) && counts("2024-08-31", Some("2024-09-02"), false));
        assert!(!counts("2023-08-31", Some("2023-09-02"), false) && !counts("2024-09-01", None, false));
        assert!(counts("2020-01-01", None, true) && counts("2020-01-01", Some("2023-09-01"), true));
        assert!(!counts("2020-01-01", Some("2023-08-31"), true) && !counts("2024-09-01", None, true));
    }
}
