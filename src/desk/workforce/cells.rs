//! Breakdowns of several units side by side for those who may not open the people behind them: small numbers are hidden,
//! and so much more that none is found by adding up a row or a column.

use crate::desk::small_cells::{FEWEST, Told};
use crate::planted;

/// Row and column.
type Place = (usize, usize);
/// Parts of a sum, and where the sum stands.
type Line = (Vec<Place>, Place);

/// Numbers of units (rows, the last one is all of them together) by the values of a breakdown (columns, the first one is
/// everybody) as they may be told. `adds_up` says whether the values of a row make up everybody.
#[must_use]
pub fn grid(counts: &[Vec<i64>], adds_up: bool) -> Vec<Vec<Told>> {
    let few = |n: i64| (1..FEWEST).contains(&n);
    let mut hidden: Vec<Vec<bool>> = counts.iter().map(|row| row.iter().map(|n| few(*n)).collect()).collect();
    let (rows, columns) = (counts.len(), counts.first().map_or(0, Vec::len));
    // Each line: its parts, and the place of their sum.
    let mut lines: Vec<Line> = Vec::new();
    if rows > 1 {
        lines.extend((0..columns).map(|c| ((0..rows - 1).map(|r| (r, c)).collect(), (rows - 1, c))));
    }
    if adds_up {
        lines.extend((0..rows).map(|r| ((1..columns).map(|c| (r, c)).collect(), (r, 0))));
    }
    loop {
        let next = lines
            .iter()
            .find_map(|(parts, sum)| open_next(counts, &hidden, parts, *sum));
        let Some((row, column)) = next.filter(|_| !planted!("grid_open")) else {
            break;
        };
        hidden[row][column] = true;
    }
    let told = |(n, hidden): (&i64, bool)| match *n {
        n if few(n) => Told::Few,
        _ if hidden => Told::Hidden,
        n => Told::Number(n),
    };
    let row = |(row, hidden): (&Vec<i64>, Vec<bool>)| row.iter().zip(hidden).map(told).collect();
    counts.iter().zip(hidden).map(row).collect()
}

/// What more must be hidden in a line whose hidden numbers could be found out.
fn open_next(
    counts: &[Vec<i64>],
    hidden: &[Vec<bool>],
    parts: &[(usize, usize)],
    sum: (usize, usize),
) -> Option<(usize, usize)> {
    let is_hidden = |(r, c): &(usize, usize)| hidden[*r][*c];
    let gone: Vec<&(usize, usize)> = parts.iter().filter(|p| is_hidden(p)).collect();
    let people: i64 = gone.iter().map(|(r, c)| counts[*r][*c]).sum();
    let safe = match (gone.len(), is_hidden(&sum)) {
        (0, false) => true,
        (0, true) => false,
        (_, true) => true,
        (many, false) => many > 1 && people >= FEWEST,
    };
    if safe {
        return None;
    }
    let open = parts.iter().filter(|p| !is_hidden(p) && counts[p.0][p.1] > 0);
    // The smallest tells least when it is gone; where nothing is left, the sum goes.
    let next = open.min_by_key(|p| counts[p.0][p.1]).copied();
    next.or_else(|| (!is_hidden(&sum)).then_some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Told::{Few, Hidden, Number};

    #[test]
    fn a_small_number_is_hidden_with_another_of_its_row_and_of_its_column() {
        let told = grid(&[vec![20, 3, 8, 9], vec![30, 10, 10, 10], vec![50, 13, 18, 19]], true);
        assert_eq!(told[0], [Number(20), Few, Hidden, Number(9)]);
        assert_eq!(told[1], [Number(30), Hidden, Hidden, Number(10)]);
        assert_eq!(told[2], [Number(50), Number(13), Number(18), Number(19)]);
    }

    #[test]
    fn nothing_is_hidden_where_nothing_is_small_and_zeros_stay() {
        let told = grid(&[vec![20, 0, 20], vec![30, 10, 20], vec![50, 10, 40]], true);
        assert!(told.iter().flatten().all(|t| matches!(t, Told::Number(_))));
        let told = grid(&[vec![20, 2, 0]], false);
        assert_eq!(told[0], [Number(20), Few, Number(0)]);
    }

    #[test]
    fn no_line_of_random_tables_gives_a_hidden_number_away() {
        let mut seed = 7_u64;
        let mut dice = |n: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % n).unwrap_or(0)
        };
        for _ in 0..2000 {
            let (units, values) = (1 + dice(4) as usize, 2 + dice(4) as usize);
            let mut rows: Vec<Vec<i64>> = Vec::new();
            for _ in 0..units {
                let parts: Vec<i64> = (0..values).map(|_| dice(12)).collect();
                rows.push(std::iter::once(parts.iter().sum()).chain(parts).collect());
            }
            let total = (0..=values).map(|c| rows.iter().map(|r| r[c]).sum()).collect();
            rows.push(total);
            let told = grid(&rows, true);
            let gone = |r: usize, c: usize| !matches!(told[r][c], Told::Number(_));
            for c in 0..=values {
                let hidden: Vec<usize> = (0..units).filter(|r| gone(*r, c)).collect();
                let people: i64 = hidden.iter().map(|r| rows[*r][c]).sum();
                assert!(
                    hidden.is_empty() != gone(units, c)
                        || hidden.len() > 1 && people >= 5
                        || gone(units, c) && !hidden.is_empty(),
                    "{rows:?} {told:?}"
                );
            }
            for r in 0..=units {
                let hidden = (1..=values).filter(|c| gone(r, *c)).count();
                assert_ne!((hidden, gone(r, 0)), (1, false), "{rows:?} {told:?}");
                assert_ne!((hidden, gone(r, 0)), (0, true), "{rows:?} {told:?}");
            }
        }
    }
}
