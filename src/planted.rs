//! Faults on purpose, one at a time, so that the tests can be seen red (`tests/planted_builds`): only
//! in a build with the feature `planted`. Another build knows none of their names.

/// Whether this process carries a fault, or one of several: `VEKHA_PLANTED` names it. Always false in a normal build.
#[macro_export]
macro_rules! planted {
    ($($fault:literal)|+) => {{
        #[cfg(feature = "planted")]
        let carries = std::env::var("VEKHA_PLANTED").is_ok_and(|fault| matches!(fault.as_str(), $($fault)|+));
        #[cfg(not(feature = "planted"))]
        let carries = false;
        carries
    }};
}
