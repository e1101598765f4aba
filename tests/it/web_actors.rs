//! The actors of the five regional systems: each signs in and lands on the desk that `docs/actors.csv` gives it.

use std::collections::{BTreeMap, BTreeSet};

use crate::on_both;
use crate::visitor::Server;
use crate::web::{PASSWORD, world};
use crate::world::{NORTH, SOUTH, unit};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
struct Actor {
    row: String,
    role: String,
    place: String,
    desk: String,
}

fn actors() -> Vec<Actor> {
    let mut reader = csv::Reader::from_reader(include_str!("../../docs/actors.csv").as_bytes());
    reader
        .deserialize()
        .map(|row| row.expect("a row of four columns"))
        .collect()
}

/// Where a role is held: a body keeps its own members later; until then they act by a role over its municipality.
fn place(of: &str) -> i64 {
    let places = [("region", 0), ("municipality", 1), ("body", 1), ("organisation", 2)];
    let found = places.iter().find(|(name, _)| *name == of);
    found.expect("region, municipality, organisation, body or outside").1
}

#[test]
fn each_actor_stands_once_and_has_a_role_or_stays_outside() {
    let actors = actors();
    let known: BTreeSet<&str> = include_str!("../acceptance_rows.txt").lines().collect();
    let mut seen = BTreeSet::new();
    for actor in &actors {
        assert!(known.contains(actor.row.as_str()), "{} is no row", actor.row);
        assert!(seen.insert(&actor.row), "{} stands twice", actor.row);
        let outside = actor.place == "outside";
        assert_eq!(outside, actor.role.is_empty() && actor.desk.is_empty(), "{actor:?}");
    }
    let places: BTreeSet<&str> = actors.iter().map(|a| a.place.as_str()).collect();
    assert_eq!(places.len(), 5, "every kind of place has its actors: {places:?}");
}

on_both! {
    fn each_actor_lands_on_its_desk_and_sees_the_own_region(v: &Vekha) {
        world(v);
        // One account for each role and place in use; all of them sign in.
        let mut accounts: BTreeMap<(String, String), Vec<Actor>> = BTreeMap::new();
        for actor in actors().into_iter().filter(|a| !a.role.is_empty()) {
            accounts.entry((actor.role.clone(), actor.place.clone())).or_default().push(actor);
        }
        let hash = "(SELECT password_hash FROM account WHERE login = 'tutor')";
        for (n, (role, at)) in (5000..).zip(accounts.keys()) {
            // A teacher is somebody on the staff list.
            let person = if role == "teacher" { "1001" } else { "NULL" };
            v.sql(&format!(
                "INSERT INTO account (id, region_id, login, password_hash, person_id, state, auth_version, created_at, \
                 version) VALUES ({n}, {}, 'actor-{n}', {hash}, {person}, 'active', 1, '2022-01-01 00:00:00', 1); \
                 INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES ({n}, {n}, '{role}', {}, \
                 '2022-01-01 00:00:00');",
                unit(NORTH, 0),
                unit(NORTH, place(at))
            ));
        }
        let server = Server::start(v);
        for (n, ((role, at), rows)) in (5000..).zip(&accounts) {
            let mut visitor = server.signed_in(&format!("actor-{n}"), PASSWORD);
            let landed = visitor.get("/").header("location").to_owned();
            for actor in rows {
                assert_eq!(landed, actor.desk, "{} {role} {at}", actor.row);
            }
            let desk = visitor.get(&landed);
            assert!(desk.status == 200 && desk.body.contains("<h1"), "{role} {at}: {}", desk.body);
            let foreign = v.query(&format!("SELECT last_name FROM person WHERE region_id = {}", unit(SOUTH, 0)));
            for name in foreign {
                assert!(!desk.body.contains(&name), "{role} {at} sees {name} of the other region");
            }
        }
    }
}
