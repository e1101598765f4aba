//! What an answer gives away by its bytes or by its time: whether an object that one may not see exists, whether somebody
//! has an account. Both databases, two regions; the long amounts are in `tests/night`.

use std::time::{Duration, Instant};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server};
use crate::web_school::{PASSWORD, world};
use crate::world::{NORTH, SOUTH, World, number, unit};

/// How many of something: the share of `tests/run`, or what the night asks for.
fn amount(name: &str, share: usize) -> usize {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// The answer without what is each answer's own.
fn same(page: &Page) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let own = ["date", "x-request-id", "set-cookie __Host-vekha-form"];
    let headers = page.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.clone(), value.clone()));
    (page.status, headers.collect(), page.bytes.clone())
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn mean(all: &[Duration]) -> f64 {
    all.iter().map(Duration::as_secs_f64).sum::<f64>() / f64::from(u32::try_from(all.len()).expect("a count"))
}

/// Asks two things in turn, so many times each, the first one first every other time.
fn in_turn(times: usize, mut ask: impl FnMut(usize, bool) -> Page) -> [Vec<(Page, Duration)>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for n in 0..times {
        for second in [n % 2 == 1, n % 2 == 0] {
            let since = Instant::now();
            let page = ask(n, second);
            found[usize::from(second)].push((page, since.elapsed()));
        }
    }
    found
}

/// Accounts `known-…` of both regions with a password that nobody types here, and their addresses.
fn with_accounts(v: &Vekha, many: usize) {
    let mut world = World::new();
    for n in 0..i64::try_from(many).expect("a number") {
        let over = unit(if n % 2 == 0 { NORTH } else { SOUTH }, 2);
        world.account(1000 + n, &format!("known-{n:05}"), None, &[("teacher", over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!(
        "UPDATE account SET password_hash = '{hash}', email = login || '@school.example'"
    ));
}

on_both! {
    fn what_is_hidden_answers_as_what_is_missing(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = |person: i64| number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"));
        let (south, far) = (plan(2001), plan(1006));
        let times = amount("VEKHA_TELLING_ASKS", 100);
        for (login, path, hidden) in [
            ("director", "/staff/", 2001),
            ("director", "/staff/", 1003),
            ("director-far", "/staff/", 1001),
            ("head", "/plans/", south),
            ("head-south", "/plans/", far),
            ("tutor-1", "/people/", south),
        ] {
            let mut visitor = server.signed_in(login, PASSWORD);
            // An id as long as the hidden one, so that the pages are as long.
            let missing = hidden + 7;
            let [shut, none] = in_turn(times, |_, second| visitor.get(&format!("{path}{}", if second { missing } else { hidden })));
            let wanted = same(&none[0].0);
            assert_eq!(wanted.0, 404, "{login} {path}: {}", none[0].0.body);
            for (page, _) in shut.iter().chain(&none) {
                assert_eq!(same(page), wanted, "{login} {path}{hidden}");
            }
            let times = |all: Vec<(Page, Duration)>| median(all.into_iter().map(|(_, took)| took).collect());
            let (shut, none) = (times(shut), times(none));
            let apart = shut.abs_diff(none);
            println!("{login} {path}: hidden {shut:?}, missing {none:?}, {apart:?} apart");
            assert!(apart < Duration::from_millis(5), "{login} {path}: hidden {shut:?}, missing {none:?}");
        }
    }

    fn nobody_learns_who_has_an_account(v: &Vekha) {
        let tries = amount("VEKHA_TELLING_TRIES", 20);
        with_accounts(v, tries);
        let server = Server::start(v);
        let mut visitor = server.visitor();
        let form = visitor.get("/sign-in");
        for (name, path) in [("sign-in", "/sign-in"), ("link by login", "/reset"), ("link by address", "/reset")] {
            v.sql("DELETE FROM secret_failure");
            let address = if name.ends_with("address") { "@school.example" } else { "" };
            let typed = |n: usize, second: bool| format!("{}-{n:05}{address}", if second { "other" } else { "known" });
            let [known, other] = in_turn(tries, |n, second| {
                let login = typed(n, second);
                let fields = [("login", login.as_str()), ("password", "догадка о слове")];
                visitor.send(&form, path, &fields[..if path == "/sign-in" { 2 } else { 1 }])
            });
            for (n, ((known, _), (other, _))) in known.iter().zip(&other).enumerate() {
                let neutral = |page: &Page, second| page.body.replace(&typed(n, second), "…");
                assert_eq!((known.status, known.header("location")), (other.status, other.header("location")), "{name}");
                assert_eq!(neutral(known, false), neutral(other, true), "{name}");
            }
            let times = |all: Vec<(Page, Duration)>| all.into_iter().map(|(_, took)| took).collect::<Vec<_>>();
            let (known, other) = (times(known), times(other));
            let apart = (mean(&known) / mean(&other) - 1.0).abs() * 100.0;
            println!(
                "{name}, {tries} tries each: known {:.2} ms, unknown {:.2} ms, {apart:.1} % apart",
                mean(&known) * 1000.0,
                mean(&other) * 1000.0
            );
            if tries >= 1000 {
                assert!(apart < 10.0, "{name}: {apart:.1} % apart");
            }
        }
    }
}
