//! Where a unit stands over time: how one more dated statement changes the line of its stays. Pure.

use chrono::NaiveDate;

use super::model::UnitId;

/// A stay in a parent: from inclusive, to exclusive, `None` open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The parent.
    pub parent: UnitId,
    /// First day.
    pub from: Option<NaiveDate>,
    /// The day after the last one.
    pub to: Option<NaiveDate>,
}

/// The stays after `said` is taken in: another parent from a day on is a move and ends the stay before it.
#[must_use]
pub fn with(spans: &[Span], said: Span) -> Vec<Span> {
    let mut spans = spans.to_vec();
    spans.sort_by_key(|s| s.from);
    let same_stay = |s: &Span| s.parent == said.parent && (s.from == said.from || said.from.is_none());
    if let Some(place) = spans.iter().rposition(same_stay) {
        let to = spans[place].to;
        // An end that a later move made stays, though the row does not repeat it.
        let moved_on = to.is_some() && spans.iter().any(|s| s.from == to);
        if said.to.is_some() || !moved_on {
            spans[place].to = said.to;
        }
        return spans;
    }
    let Some(day) = said.from else {
        // No date and another parent: the latest stay was written wrong.
        match spans.last_mut() {
            Some(last) => {
                *last = Span {
                    from: last.from,
                    to: said.to.or(last.to),
                    ..said
                }
            }
            None => spans.push(said),
        }
        return spans;
    };
    let next = spans.iter().filter_map(|s| s.from).find(|from| *from > day);
    let current = spans.iter().position(|s| super::model::holds_on(s.from, s.to, day));
    match current {
        Some(place) if spans[place].parent == said.parent => {
            spans[place].from = Some(day);
            spans[place].to = said.to.or(spans[place].to);
        }
        Some(place) => {
            let to = spans[place].to;
            spans[place].to = Some(day);
            spans.insert(
                place + 1,
                Span {
                    to: said.to.or(to),
                    ..said
                },
            );
        }
        None => match spans.iter().position(|s| s.from == next && next.is_some()) {
            Some(place) if spans[place].parent == said.parent => spans[place].from = Some(day),
            place => spans.insert(
                place.unwrap_or(spans.len()),
                Span {
                    to: said.to.or(next),
                    ..said
                },
            ),
        },
    }
    spans.retain(|s| s.from.is_none() || s.to.is_none() || s.from < s.to);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(parent: i64, from: Option<i32>, to: Option<i32>) -> Span {
        let day = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        Span {
            parent: UnitId(parent),
            from: from.map(day),
            to: to.map(day),
        }
    }

    #[test]
    fn another_parent_from_a_day_is_a_move() {
        let before = [span(1, None, None)];
        let moved = with(&before, span(2, Some(2023), None));
        assert_eq!(moved, [span(1, None, Some(2023)), span(2, Some(2023), None)]);
        assert_eq!(with(&moved, span(1, None, None)), moved, "the first row again");
        assert_eq!(with(&moved, span(2, Some(2023), None)), moved, "the move again");
        let back = with(&moved, span(1, Some(2025), None));
        assert_eq!(back.len(), 3);
        assert_eq!(back[2], span(1, Some(2025), None));
    }

    #[test]
    fn a_move_written_later_stands_before_the_known_one() {
        let known = [span(1, None, Some(2023)), span(2, Some(2023), None)];
        let more = with(&known, span(3, Some(2021), None));
        let expected = [
            span(1, None, Some(2021)),
            span(3, Some(2021), Some(2023)),
            span(2, Some(2023), None),
        ];
        assert_eq!(more, expected);
    }

    #[test]
    fn an_end_and_a_correction_are_taken() {
        assert_eq!(with(&[], span(1, None, Some(2024))), [span(1, None, Some(2024))]);
        assert_eq!(
            with(&[span(1, None, None)], span(1, None, Some(2024))),
            [span(1, None, Some(2024))]
        );
        assert_eq!(
            with(&[span(1, None, Some(2024))], span(1, None, None)),
            [span(1, None, None)]
        );
        assert_eq!(with(&[span(1, None, None)], span(2, None, None)), [span(2, None, None)]);
        assert_eq!(
            with(&[span(1, Some(2020), None)], span(1, Some(2018), None)),
            [span(1, Some(2018), None)]
        );
    }
}
