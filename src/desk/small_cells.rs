//! Small numbers for those who may not open the list behind them: what is hidden, and what more must be hidden so that
//! nobody finds it out by subtraction.

use crate::pages::text::number;
use crate::planted;

/// Fewer people than this are not told.
pub const FEWEST: i64 = 5;

/// A number as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// As it is.
    Number(i64),
    /// One to four people.
    Few,
    /// All but one to four people.
    Nearly,
    /// Not small itself; told, it would give a small one away.
    Hidden,
}

impl Told {
    /// As it is written.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Number(n) => number(n),
            Self::Few => format!("<{FEWEST}"),
            Self::Nearly => "почти все".into(),
            Self::Hidden => "скрыто".into(),
        }
    }

    /// Whether it is told.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number(_))
    }
}

/// People beside those who are named on the page: how many there are in all, and the others, as they may be told.
#[must_use]
pub fn beside(named: usize, others: usize) -> (Told, Told) {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    match whole(others) {
        n if few(n) => (Told::Hidden, Told::Few),
        n => (Told::Number(whole(named) + n), Told::Number(n)),
    }
}

fn few(n: i64) -> bool {
    (1..FEWEST).contains(&n)
}

/// Whether a number of so many people says that nearly all of them are counted. Of six people that would be five and
/// nothing else: there five and six are hidden alike.
fn nearly(n: i64, of: i64) -> bool {
    n >= FEWEST && few(of - n) && of > FEWEST + 1
}

/// One row: the population first, then counts of people of it.
#[must_use]
pub fn row(counts: &[i64]) -> Vec<Told> {
    let of = counts.first().copied().unwrap_or_default();
    let told = |(i, n): (usize, &i64)| match *n {
        _ if few(of) => Told::Few,
        n if few(n) => Told::Few,
        n if i > 0 && nearly(n, of) => Told::Nearly,
        n if i > 0 && of == FEWEST + 1 && n >= FEWEST => Told::Hidden,
        n => Told::Number(n),
    };
    counts.iter().enumerate().map(told).collect()
}

/// Rows beside their total, which counts a person of two rows once. In each column at least two numbers are hidden or
/// none, and together they stand for no fewer people than may be told. Nobody is no small number: a zero stays, and
/// where nothing but zeros could be hidden the total goes.
#[must_use]
pub fn rows(counts: &[Vec<i64>], total: &[i64]) -> (Vec<Vec<Told>>, Vec<Told>) {
    rows_beside(counts, total, &[])
}

/// The same where some numbers, by row and column, may not be told for another reason.
#[must_use]
pub fn rows_beside(counts: &[Vec<i64>], total: &[i64], beside: &[(usize, usize)]) -> (Vec<Vec<Told>>, Vec<Told>) {
    let mut told: Vec<Vec<Told>> = counts.iter().map(|r| row(r)).collect();
    for (row, column) in beside {
        if let Some(cell) = told.get_mut(*row).and_then(|r| r.get_mut(*column))
            && cell.is_number()
        {
            *cell = Told::Hidden;
        }
    }
    let mut sum = row(total);
    let columns = counts.first().map_or(0, Vec::len);
    for column in 0..columns {
        loop {
            let hidden = || (0..told.len()).filter(|r| !told[*r][column].is_number());
            let (how_many, people) = hidden().fold((0, 0), |(n, sum), r| (n + 1, sum + counts[r][column]));
            let enough = how_many > 1 && people >= FEWEST;
            if how_many == 0
                || planted!("cells_by_subtraction")
                || (enough
                    && !is_found_out(counts, &told, &sum, column)
                    && !is_all_but_told(counts, &told, &sum, column))
            {
                break;
            }
            let open = (0..told.len()).filter(|r| told[*r][column].is_number() && counts[*r][column] > 0);
            // The smallest tells least when it is gone.
            let Some(next) = open.min_by_key(|r| counts[*r][column]) else {
                // A total that is small, or nearly all, tells no more than the rows do.
                if let Some(of) = sum.get_mut(column).filter(|t| t.is_number()) {
                    *of = Told::Hidden;
                }
                break;
            };
            told[next][column] = Told::Hidden;
        }
    }
    (told, sum)
}

/// Whether whoever knows these rules can tell a small number of a column: all but one of the values that it may have do not
/// fit what the hidden numbers make together. Who works in two places is left out of account: that only widens what may be.
fn is_found_out(counts: &[Vec<i64>], told: &[Vec<Told>], sum: &[Told], column: usize) -> bool {
    if !sum.get(column).is_some_and(|t| t.is_number()) {
        return false;
    }
    let hidden: Vec<usize> = (0..told.len()).filter(|r| !told[*r][column].is_number()).collect();
    let people: i64 = hidden.iter().map(|r| counts[*r][column]).sum();
    let may: Vec<Vec<i64>> = hidden
        .iter()
        .map(|r| may_be(told[*r][column], (column > 0).then_some(told[*r][0]), people))
        .collect();
    // Sums that the numbers before each one can make, and those after it.
    let mut before = vec![Sums::nothing(people)];
    for values in &may {
        let next = before.last().map(|sums| sums.with(values));
        before.extend(next);
    }
    let mut after = Sums::nothing(people);
    for (place, row) in hidden.iter().enumerate().rev() {
        let fits = |n: &&i64| before[place].meets(&after, people - **n);
        let mut values = may[place].iter().filter(fits);
        let only = values.next().filter(|_| values.next().is_none());
        let rest = |n: i64| matches!(told[*row][0], Told::Number(of) if column > 0 && few(of - n));
        if only.is_some_and(|n| few(*n) || rest(*n)) {
            return true;
        }
        after = after.with(&may[place]);
    }
    false
}

/// Whether the hidden numbers of a column make together so little, or so much, that nearly every small one of them can be
/// read: 26 people in 25 units are one in each, or nearly.
fn is_all_but_told(counts: &[Vec<i64>], told: &[Vec<Told>], sum: &[Told], column: usize) -> bool {
    if !sum.get(column).is_some_and(|t| t.is_number()) || planted!("total_of_ones") {
        return false;
    }
    let hidden: Vec<usize> = (0..told.len()).filter(|r| !told[*r][column].is_number()).collect();
    let people: i64 = hidden.iter().map(|r| counts[*r][column]).sum();
    let (mut least, mut most, mut small) = (0, 0, 0);
    for row in hidden {
        let may = may_be(told[row][column], (column > 0).then_some(told[row][0]), people);
        least += may.first().copied().unwrap_or_default();
        most += may.last().copied().unwrap_or_default();
        small += i64::from(told[row][column] == Told::Few);
    }
    small > 0 && (people - least < small || most - people < small)
}

/// The values that a hidden number may have, by how it is told and how its population is (`None`: it is one itself).
fn may_be(told: Told, of: Option<Told>, most: i64) -> Vec<i64> {
    let any = |fits: &dyn Fn(i64) -> bool| (0..=most).filter(|n| fits(*n)).collect();
    match (told, of) {
        (Told::Number(n), _) => vec![n],
        (Told::Few, Some(Told::Few)) => any(&|n| n < FEWEST),
        (Told::Few, _) => any(&few),
        (Told::Nearly, Some(Told::Number(of))) => any(&|n| nearly(n, of)),
        (Told::Hidden, Some(Told::Number(of))) if of == FEWEST + 1 => any(&|n| (FEWEST..=of).contains(&n)),
        (Told::Hidden, Some(Told::Number(of))) => any(&|n| n >= FEWEST && n <= of && !nearly(n, of)),
        (Told::Nearly | Told::Hidden, _) => any(&|n| n >= FEWEST),
    }
}

/// Which sums can be made, as bits.
struct Sums(Vec<u64>);

impl Sums {
    /// Nothing is added yet.
    fn nothing(most: i64) -> Self {
        let words = usize::try_from(most).unwrap_or_default() / 64 + 1;
        let mut bits = vec![0; words];
        bits[0] = 1;
        Self(bits)
    }

    /// One more number of these values.
    fn with(&self, values: &[i64]) -> Self {
        let mut sums = vec![0; self.0.len()];
        for value in values {
            let Ok(value) = usize::try_from(*value) else { continue };
            let (words, bits) = (value / 64, value % 64);
            for (place, word) in self.0.iter().enumerate() {
                if let Some(to) = sums.get_mut(place + words) {
                    *to |= word << bits;
                }
                if bits > 0
                    && let Some(to) = sums.get_mut(place + words + 1)
                {
                    *to |= word >> (64 - bits);
                }
            }
        }
        Self(sums)
    }

    fn holds(&self, sum: i64) -> bool {
        let Ok(sum) = usize::try_from(sum) else { return false };
        self.0.get(sum / 64).is_some_and(|word| (word >> (sum % 64)) & 1 == 1)
    }

    /// Whether a sum of these and one of others make so much together.
    fn meets(&self, others: &Self, sum: i64) -> bool {
        (0..=sum).any(|part| self.holds(part) && others.holds(sum - part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Told::{Few, Hidden, Nearly, Number};

    #[test]
    fn a_row_hides_the_few_and_the_rest_of_nearly_all() {
        assert_eq!(
            row(&[20, 0, 1, 4, 5, 15, 16, 19, 20]),
            [
                Number(20),
                Number(0),
                Few,
                Few,
                Number(5),
                Number(15),
                Nearly,
                Nearly,
                Number(20)
            ]
        );
        assert_eq!(row(&[4, 0, 4]), [Few; 3]);
        assert_eq!(row(&[0, 0]), [Number(0); 2]);
    }

    #[test]
    fn a_zero_is_told_and_the_total_goes_instead() {
        let column = |rows: &[Vec<Told>]| rows.iter().map(|r| r[1]).collect::<Vec<_>>();
        // A small total hides itself: the zeros beside its parts give nothing away.
        let (told, sum) = rows(&[vec![30, 0], vec![30, 2], vec![30, 1], vec![30, 0]], &[120, 3]);
        assert_eq!((column(&told), sum[1]), (vec![Number(0), Few, Few, Number(0)], Few));
        let (told, sum) = rows(&[vec![20, 18], vec![10, 0]], &[30, 18]);
        assert_eq!((column(&told), sum[1]), (vec![Nearly, Number(0)], Hidden));
        let (told, sum) = rows(&[vec![30, 0], vec![30, 0]], &[60, 0]);
        assert_eq!((column(&told), sum[1]), (vec![Number(0); 2], Number(0)));
    }

    #[test]
    fn bounds_that_meet_the_total_give_nothing_away() {
        let column = |rows: &[Vec<Told>]| rows.iter().map(|r| r[1]).collect::<Vec<_>>();
        let (told, sum) = rows(&[vec![30, 4], vec![30, 4], vec![30, 20], vec![30, 9]], &[120, 37]);
        assert_eq!(
            (column(&told), sum[1]),
            (vec![Few, Few, Number(20), Hidden], Number(37))
        );
        // Nearly all of three schools, each as little as «nearly all» may be.
        let (told, _) = rows(&[vec![31, 27], vec![31, 27], vec![31, 27], vec![40, 20]], &[133, 101]);
        assert_eq!(column(&told), [Nearly, Nearly, Nearly, Hidden]);
        // Nothing is left to hide: the sum goes.
        let (told, sum) = rows(&[vec![30, 4], vec![30, 4]], &[60, 8]);
        assert_eq!((column(&told), sum[1]), (vec![Few, Few], Hidden));
    }

    #[test]
    fn a_total_that_is_nearly_one_for_each_goes_too() {
        let column = |rows: &[Vec<Told>]| rows.iter().map(|r| r[0]).collect::<Vec<_>>();
        // Seven people in six units, and one unit with nobody.
        let few = [1, 1, 1, 1, 1, 2, 0].map(|n| vec![n]);
        let (told, sum) = rows(&few, &[7]);
        assert_eq!(
            (column(&told), sum[0]),
            ([vec![Few; 6], vec![Number(0)]].concat(), Hidden)
        );
        // 23 people in six are four in each, or nearly; 15 are anything.
        assert_eq!(rows(&[4, 4, 4, 4, 4, 3].map(|n| vec![n]), &[23]).1, [Hidden]);
        assert_eq!(rows(&[4, 1, 3, 3, 2, 2].map(|n| vec![n]), &[15]).1, [Number(15)]);
        // A larger one is hidden with them while that helps.
        let (told, sum) = rows(&[1, 1, 1, 9, 40].map(|n| vec![n]), &[52]);
        assert_eq!(
            (column(&told), sum[0]),
            (vec![Few, Few, Few, Hidden, Number(40)], Number(52))
        );
    }

    #[test]
    fn a_hidden_number_is_never_found_by_subtraction() {
        let (told, sum) = rows(&[vec![30, 12], vec![30, 3], vec![30, 20]], &[90, 35]);
        assert_eq!(sum, [Number(90), Number(35)]);
        assert_eq!(told.iter().map(|r| r[1]).collect::<Vec<_>>(), [Hidden, Few, Number(20)]);
        // Two of one person each: their sum is a small number too.
        let (told, _) = rows(&[vec![30, 1], vec![30, 1], vec![30, 20], vec![30, 9]], &[120, 31]);
        assert_eq!(
            told.iter().map(|r| r[1]).collect::<Vec<_>>(),
            [Few, Few, Number(20), Hidden]
        );
        let (told, sum) = rows(&[vec![30, 12], vec![30, 10]], &[60, 22]);
        assert!(told.iter().flatten().chain(&sum).all(|t| t.is_number()));
    }
}
