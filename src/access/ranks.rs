//! What the reference says of roles: how high each stands, and how many plans one account of it accompanies.

use std::sync::LazyLock;

use serde::Deserialize;

use super::model::Role;

/// Parsed once; the file is part of the program, and a test reads it.
static ROLES: LazyLock<Reference> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/roles.toml")).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Reference {
    role: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    code: String,
    rank: i32,
    norm: Option<u64>,
}

fn line(of: Role) -> Option<&'static Line> {
    ROLES.role.iter().find(|line| line.code == of.code())
}

/// How high a role stands; one that the reference does not name stands above all, so that nobody gives it.
#[must_use]
pub fn rank(of: Role) -> i32 {
    line(of).map_or(i32::MAX, |line| line.rank)
}

/// The most open plans that an account of a role accompanies; `None` has no limit.
#[must_use]
pub fn norm(of: Role) -> Option<u64> {
    line(of).and_then(|line| line.norm)
}
