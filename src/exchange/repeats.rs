//! Rows of one file that speak of the same thing: identical ones count once, contradicting ones are all refused.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::fields::Problem;
use super::table::{Staged, Verdict};
use crate::error::Refusal;

/// Leaves one row of each key; the others get their verdicts.
pub fn settle<R: PartialEq, K: Hash + Eq>(
    rows: Vec<Staged<R>>,
    key: impl Fn(&R) -> K,
    verdicts: &mut Vec<(u32, Verdict)>,
) -> Vec<Staged<R>> {
    let mut first: HashMap<K, usize> = HashMap::with_capacity(rows.len());
    let mut kept: Vec<Staged<R>> = Vec::with_capacity(rows.len());
    // The other row that a kept row contradicts.
    let mut contradicted: HashMap<usize, u32> = HashMap::new();
    for staged in rows {
        match first.entry(key(&staged.row)) {
            Entry::Vacant(free) => {
                free.insert(kept.len());
                kept.push(staged);
            }
            Entry::Occupied(taken) if kept[*taken.get()].row == staged.row => {
                verdicts.push((staged.number, Verdict::Unchanged));
            }
            Entry::Occupied(taken) => {
                verdicts.push((staged.number, contradicts(kept[*taken.get()].number)));
                contradicted.entry(*taken.get()).or_insert(staged.number);
            }
        }
    }
    if contradicted.is_empty() {
        return kept;
    }
    let mut place = 0;
    kept.retain(|staged| {
        let other = contradicted.get(&place);
        place += 1;
        if let Some(other) = other {
            verdicts.push((staged.number, contradicts(*other)));
        }
        other.is_none()
    });
    kept
}

fn contradicts(other: u32) -> Verdict {
    Verdict::Refused(Problem::of_row(Refusal::new("import.contradicts").with("row", other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_counts_once_and_a_contradiction_refuses_both() {
        let rows = [(2, "a", 1), (3, "b", 1), (4, "a", 1), (5, "b", 2), (6, "c", 1)];
        let rows = rows.map(|(number, code, value)| Staged {
            number,
            row: (code, value),
        });
        let mut verdicts = Vec::new();
        let kept = settle(rows.to_vec(), |row| row.0, &mut verdicts);
        assert_eq!(kept.iter().map(|s| s.number).collect::<Vec<_>>(), [2, 6]);
        verdicts.sort_by_key(|(number, _)| *number);
        let refused = |other: u32| contradicts(other);
        assert_eq!(verdicts, [(3, refused(5)), (4, Verdict::Unchanged), (5, refused(3))]);
    }
}
