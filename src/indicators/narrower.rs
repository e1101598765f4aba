//! Which tests of a person are narrower than others: whoever fits the one fits the other too, by what both of them ask.

use std::collections::BTreeSet;

use super::condition::{Sign, Test};
use super::taking_part::{TakingPart, Training};
use crate::planted;

/// Whether whoever fits a test fits another one too: who passed a diagnosis well has passed it.
#[must_use]
pub(super) fn is_narrower(one: &Test, wider: &Test) -> bool {
    if planted!("nested_tests_apart") {
        return false;
    }
    match (one, wider) {
        (
            Test::Diagnosed { kinds, groups, .. } | Test::DeficitFound { kinds, groups },
            Test::Diagnosed {
                kinds: of,
                groups: among,
                success: false,
            },
        )
        | (
            Test::DeficitFound { kinds, groups },
            Test::DeficitFound {
                kinds: of,
                groups: among,
            },
        ) => is_inside(kinds, of) && is_inside(groups, among),
        // A deficit of a group or an area is one deficit at least.
        (Test::DeficitGroup(_) | Test::DeficitArea(_), Test::Deficits(sign, bound)) => {
            is_within(numbers(Sign::AtLeast, 1), numbers(*sign, *bound))
        }
        (Test::Deficits(own, n), Test::Deficits(sign, bound)) => is_within(numbers(*own, *n), numbers(*sign, *bound)),
        (Test::Bound(word, own, n), Test::Bound(of, sign, bound)) => {
            word == of && is_within(numbers(*own, *n), numbers(*sign, *bound))
        }
        (
            Test::IomFormed { origin, on_platform },
            Test::IomFormed {
                origin: of,
                on_platform: lies,
            },
        ) => (of.is_none() || origin == of) && (*on_platform || !lies),
        (Test::Trained(one), Test::Trained(wider)) => is_narrower_training(one, wider),
        (Test::TakingPart(one), Test::TakingPart(wider)) => is_narrower_part(one, wider),
        _ => false,
    }
}

fn is_narrower_training(one: &Training, wider: &Training) -> bool {
    is_inside(&one.topics, &wider.topics)
        && (wider.kind.is_none() || one.kind == wider.kind)
        && (one.by_cnppm || !wider.by_cnppm)
        && wider.flags.is_subset(&one.flags)
        && one.years <= wider.years
}

fn is_narrower_part(one: &TakingPart, wider: &TakingPart) -> bool {
    one.word == wider.word
        && is_inside(&one.kinds, &wider.kinds)
        && is_inside(&one.levels, &wider.levels)
        && (wider.role.is_none() || one.role == wider.role)
        && one.years <= wider.years
}

/// Whether a choice lies inside another one; nothing chosen is everything.
fn is_inside<T: Ord>(one: &BTreeSet<T>, wider: &BTreeSet<T>) -> bool {
    wider.is_empty() || (!one.is_empty() && one.is_subset(wider))
}

/// The least and the most that a comparison lets through, in thousandths.
fn numbers(sign: Sign, bound: i32) -> (i64, i64) {
    let bound = i64::from(bound) * 1000;
    match sign {
        Sign::Greater => (bound + 1, i64::MAX),
        Sign::AtLeast => (bound, i64::MAX),
        Sign::Less => (i64::MIN, bound - 1),
        Sign::AtMost => (i64::MIN, bound),
        Sign::Equal => (bound, bound),
    }
}

fn is_within(one: (i64, i64), wider: (i64, i64)) -> bool {
    wider.0 <= one.0 && one.1 <= wider.1
}

#[cfg(test)]
mod tests {
    use crate::indicators::Formula;

    fn is_among(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|text| Formula::parse(&format!("count(person where {text})")).unwrap());
        one.numerator().unwrap().is_among(other.numerator().unwrap())
    }

    #[test]
    fn who_fits_a_narrower_test_is_among_those_who_fit_the_wider_one() {
        for (one, wider) in [
            ("diagnosed(kind in (full), success)", "diagnosed(kind in (full))"),
            ("diagnosed(kind in (full))", "diagnosed(kind in (full, entry))"),
            (
                "pedagogical and diagnosed(kind in (full), group = methodical, success)",
                "pedagogical and diagnosed(group = methodical)",
            ),
            ("deficit_found(kind in (entry))", "diagnosed(kind in (entry, full))"),
            ("deficit(group = methodical)", "deficits > 0"),
            ("deficits >= 2", "deficits > 0"),
            ("age < 30", "age < 35"),
            ("iom_formed(origin = cnppm)", "iom_formed"),
            ("trained(topic = upbringing)", "trained"),
            ("member(kind in (smo))", "member(kind in (smo, association))"),
            ("exam(result = passed)", "exam"),
        ] {
            assert!(is_among(one, wider), "{one}: {wider}");
            assert!(!is_among(wider, one), "{wider}: {one}");
        }
        for (one, other) in [
            // Whoever did well in one kind may have done badly in the other one.
            (
                "diagnosed(kind in (full), success)",
                "diagnosed(kind in (full, entry), success)",
            ),
            ("diagnosed(kind in (full))", "diagnosed(kind in (entry))"),
            ("deficit(group = methodical)", "deficits > 1"),
            ("member(kind in (smo))", "event(kind in (methodical_active))"),
        ] {
            assert!(!is_among(one, other), "{one}: {other}");
            assert!(!is_among(other, one), "{other}: {one}");
        }
    }
}
