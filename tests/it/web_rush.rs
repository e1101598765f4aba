//! Everybody signs in at once, more than can be hashed: some get in, the rest are told that the server is busy, and whoever
//! is in already goes on at the usual pace. A few seconds in `tests/run`, a minute at two hundred a second at night.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::on_both;
use crate::visitor::Server;
use crate::web_school::{PASSWORD, world};

/// Sign-ins that may wait for their turn; one more is turned away (`web/heavy.rs`).
const QUEUE: usize = 64;
/// Seen from outside some more are under way: before their turn and after it, with the threads that read and write.
const IN_HAND: usize = 32;

fn amount(name: &str, share: u64) -> u64 {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// Memory of a process now, MB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .expect("a number")
        / 1024
}

fn p95(all: &mut [Duration]) -> Duration {
    all.sort_unstable();
    all[(all.len() - 1) * 95 / 100]
}

/// How many of these stretches of time lie over one another at most.
fn most_at_once(stretches: &[(Duration, Duration)]) -> usize {
    let mut edges: Vec<(Duration, i32)> = stretches
        .iter()
        .flat_map(|(since, until)| [(*since, 1), (*until, -1)])
        .collect();
    edges.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, step) in edges {
        now += step;
        most = most.max(now);
    }
    usize::try_from(most).expect("a count")
}

on_both! {
    fn a_rush_of_sign_ins_slows_nobody_who_is_in(v: &Vekha) {
        let (seconds, rate) = (amount("VEKHA_RUSH_SECONDS", 2), amount("VEKHA_RUSH_RATE", 60));
        let full = seconds >= 30;
        world(v);
        let server = Server::start(v);
        let logins = ["teacher-1002", "teacher-1003", "teacher-1006", "teacher-2001", "nobody"];
        let mut inside = server.signed_in("teacher-1001", PASSWORD);
        let mut nobody = server.visitor();
        let form = nobody.get("/sign-in");
        let quiet = memory(server.process());
        let over = AtomicBool::new(false);
        let (mut statuses, mut took, mut hashed) = (BTreeMap::<u16, usize>::new(), Vec::new(), Vec::new());
        let mut pages: Vec<Duration> = Vec::new();
        let mut peak = quiet;
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let (mut pages, mut peak) = (Vec::new(), 0);
                while !over.load(Ordering::Relaxed) {
                    let since = Instant::now();
                    let page = inside.get("/plan");
                    assert_eq!(page.status, 200, "{}", page.body);
                    pages.push(since.elapsed());
                    peak = peak.max(memory(server.process()));
                    std::thread::sleep(Duration::from_millis(50));
                }
                (pages, peak)
            });
            let begun = Instant::now();
            let tries: Vec<_> = (0..seconds * rate)
                .map(|n| {
                    // Whatever the answers do, the next one comes at its time.
                    let due = Duration::from_micros(n * 1_000_000 / rate);
                    std::thread::sleep(due.saturating_sub(begun.elapsed()));
                    let (mut one, form) = (nobody.clone(), &form);
                    let login = logins[usize::try_from(n).expect("a count") % logins.len()];
                    scope.spawn(move || {
                        let since = begun.elapsed();
                        let page = one.send(form, "/sign-in", &[("login", login), ("password", PASSWORD)]);
                        (page.status, since, begun.elapsed())
                    })
                })
                .collect();
            for one in tries {
                let (status, since, until) = one.join().expect("it is answered");
                *statuses.entry(status).or_default() += 1;
                took.push(until - since);
                if [303, 422].contains(&status) {
                    hashed.push((since, until));
                }
            }
            over.store(true, Ordering::Relaxed);
            (pages, peak) = watching.join().expect("it watched");
        });
        let (slow, most) = (p95(&mut pages), most_at_once(&hashed));
        println!(
            "{rate}/s for {seconds} s: answers {statuses:?}, 95 % within {:?}, at most {most} in turn; other pages: 95 % of {} within {slow:?}; \
             {} MB more",
            p95(&mut took), pages.len(), peak.saturating_sub(quiet)
        );
        // Let in, refused as nobody (who is told to wait in the end), or told that the server is busy.
        assert!(statuses.keys().all(|status| [303, 422, 429, 503].contains(status)), "{statuses:?}");
        assert!(statuses.get(&303).is_some_and(|n| *n > 0), "somebody gets in: {statuses:?}");
        if full {
            assert!(slow <= Duration::from_millis(500), "other pages took {slow:?}");
            assert!(peak <= quiet + 200, "{peak} MB, {quiet} before");
            assert!(most <= QUEUE + IN_HAND + std::thread::available_parallelism().map_or(2, usize::from), "{most} waited at once");
        }
        assert_eq!(server.visitor().get("/readyz").status, 200);
    }
}
