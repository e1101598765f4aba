//! A jump from last year: a value of the same unit that lies further from last year's than a share of it. It is a warning,
//! never a refusal: a school may have doubled.

use crate::planted;

/// How far, per cent, where nobody has said another share. [TC]: our default, the systems print none.
pub const DEFAULT_PERCENT: i64 = 50;

/// The largest share that a rule may name, per cent.
pub const LARGEST: i64 = 1000;

/// Whether a value lies further from last year's than so many per cent of it. From nothing there is no jump: whoever had none
/// has begun.
#[must_use]
pub fn jumps(before: i64, now: i64, percent: i64) -> bool {
    let (before, now) = (i128::from(before), i128::from(now));
    let far = if planted!("jumps_upwards_only") {
        now - before
    } else {
        (now - before).abs()
    };
    before > 0 && far * 100 > before * i128::from(percent)
}

/// The sentence beside a field; both values as they are written.
#[must_use]
pub fn said(before: &str, now: &str, percent: i64) -> String {
    format!(
        "Отличается от прошлого года больше чем на {percent}\u{A0}%: было {before}, стало {now}. Проверьте: это \
         предупреждение, а не запрет."
    )
}

#[cfg(test)]
mod tests {
    use super::jumps;

    #[test]
    fn a_jump_is_further_than_the_share_to_either_side() {
        assert!(!jumps(100, 150, 50) && jumps(100, 151, 50));
        assert!(!jumps(100, 50, 50) && jumps(100, 49, 50));
        assert!(!jumps(0, 9000, 50));
    }
}
