//! Mail against a real server that fails: nothing is lost, repeats are counted, nobody reads another's letter.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use vekha::db::{Db, DbError};
use vekha::mail::deliver::{Delivered, deliver_in_time};
use vekha::mail::{Letter, outage, queue};

use crate::base::{Hands, open, run};
use crate::mail_sink::{PAGES, Sink, field, later};
use crate::on_both;
use crate::support::{Vekha, text};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

/// How many letters and kills: the small figures in `tests/run`, the full ones in `tests/night`.
pub fn amount(name: &str, usual: i64) -> i64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// Teachers of two regions in turn, each with a plan that was sent: as many letters to as many addresses. `name` says
/// what the address of the n-th begins with, and so how the server treats it.
pub fn letters_to_teachers(v: &Vekha, teachers: i64, name: impl Fn(i64) -> &'static str) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for n in 1..=teachers {
        let region = if n % 2 == 0 { NORTH } else { SOUTH };
        let person = 1_000_000 + n;
        world.teacher(person, n, region, 2);
        world.passage(person, region, 1, "full", "2023-02-01", &[(1, 40_000)]);
        let login = format!("{}.{n}", name(n));
        world.account(2_000_000 + n, &login, Some(person), &[("teacher", unit(region, 2))]);
        acts.push_str(&format!("{},send,,2023-02-12,head-{region},,\n", snils(n)));
    }
    for region in [NORTH, SOUTH] {
        world.account(
            region,
            &format!("head-{region}"),
            None,
            &[("cnppm_head", unit(region, 0))],
        );
    }
    world.build(v);
    v.sql("UPDATE account SET email = login || '@school.example' WHERE person_id IS NOT NULL");
    draft(v, "Д1", "2023-02-10", &[]);
    let acts = v.file("acts.csv", acts);
    let _sent = v.run(&["iom", "apply", text(&acts)]).ok();
    assert_eq!(count(v, "waiting"), teachers);
}

fn count(v: &Vekha, state: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM outbox_mail WHERE state = '{state}'"),
    )
}

/// The number of each receiver's own plan, by address.
pub fn own_numbers(v: &Vekha) -> BTreeMap<String, String> {
    let rows = v.query("SELECT a.email || ' ' || i.number FROM iom i JOIN account a ON a.person_id = i.person_id");
    let split = |row: String| row.split_once(' ').map(|(a, n)| (a.to_owned(), n.to_owned()));
    rows.into_iter().filter_map(split).collect()
}

/// Delivers round after round, days apart, until nothing waits.
fn deliver_to_the_end(v: &Vekha, sink: &Sink) {
    for _ in 0..40 {
        let _may_be_out = sink.deliver(v);
        if count(v, "waiting") == 0 {
            break;
        }
        later(v, 25 * 60);
    }
    assert_eq!(count(v, "waiting"), 0, "letters wait for ever");
}

/// Every letter carries the number of its receiver's plan and no other; one plan has one Message-ID. Returns how often
/// each address got its letter.
fn each_reads_the_own_letter(v: &Vekha, sink: &Sink) -> BTreeMap<String, i64> {
    let own = own_numbers(v);
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut got: BTreeMap<String, i64> = BTreeMap::new();
    for letter in sink.letters() {
        let receivers = letter["receivers"].as_array().expect("receivers");
        assert_eq!(receivers.len(), 1, "{letter}");
        let to = receivers[0].as_str().expect("an address").to_owned();
        assert_eq!(field(&letter, "to"), to);
        let wanted = &own[&to];
        for part in ["subject", "body"] {
            let numbers: Vec<&str> = field(&letter, part)
                .split_whitespace()
                .filter(|w| w.starts_with("ИОМ-"))
                .collect();
            let numbers: Vec<&str> = numbers.into_iter().map(|w| w.trim_end_matches(['.', ','])).collect();
            assert_eq!(numbers, [wanted.as_str()], "{to}: another's number in the {part}");
        }
        ids.entry(to.clone())
            .or_default()
            .insert(field(&letter, "id").to_owned());
        *got.entry(to).or_default() += 1;
    }
    assert!(
        ids.values().all(|ids| ids.len() == 1),
        "a repeat has the name of the first"
    );
    let distinct: BTreeSet<&String> = ids.values().flatten().collect();
    assert_eq!(distinct.len(), ids.len(), "two letters share a name");
    got
}

on_both! {
    fn nothing_is_lost_through_kills_outages_and_refusals(v: &Vekha) {
        let (letters, kills, outages) = (amount("VEKHA_MAIL_LETTERS", 500), amount("VEKHA_MAIL_KILLS", 5), 3);
        let treat = |n: i64| match n % 50 {
            0 => "gone",
            1..=3 => "busy",
            4 | 5 => "full",
            6 => "lost",
            7 => "drop",
            8 => "sick",
            9 => "never",
            10 if n < 100 => "slow",
            _ => "fine",
        };
        letters_to_teachers(v, letters, treat);
        let mut sink = Sink::new(v, &["--slow", "3"]);
        let mut chance = SmallRng::from_os_rng();
        let attempts = |v: &Vekha| number(v, "SELECT CAST(sum(attempts) AS BIGINT) AS n FROM outbox_mail");
        let mut begun = 0;
        for n in 0..kills + outages {
            let mut command = sink.command(v, &["mail", "deliver"]);
            let mut sender = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("vekha starts");
            let before = sink.letters().len();
            // Somewhere after the first letters of this sender.
            let since = Instant::now();
            while sink.letters().len() == before && since.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_micros(chance.random_range(0..200_000)));
            if n % 2 == 1 && n / 2 < outages {
                // The server goes away under the sender: it stops by itself, and whoever tries meanwhile charges nobody.
                sink.down();
                let _stopped = sender.wait().expect("it is ours");
                let charged = attempts(v);
                for _ in 0..2 {
                    let out = sink.deliver(v).failed();
                    assert!(out.err.contains("нет соединения"), "{}", out.err);
                    later(v, 10);
                }
                assert_eq!(attempts(v), charged, "an outage is no fault of a letter");
                sink.up();
            } else {
                sender.kill().expect("it is ours");
                begun += i64::from(sender.wait().expect("it is ours").code().is_none());
                later(v, 10);
            }
        }
        deliver_to_the_end(v, &sink);
        let got = each_reads_the_own_letter(v, &sink);
        let (mut lost, mut doubled) = (Vec::new(), 0);
        for address in own_numbers(v).keys() {
            let times = got.get(address).copied().unwrap_or_default();
            let kind = address.split('.').next().unwrap_or_default();
            match kind {
                "gone" | "sick" | "never" => assert_eq!(times, 0, "{address}"),
                // The server took it and did not say so.
                "drop" | "slow" => doubled += (times - 2).max(0),
                _ => doubled += (times - 1).max(0),
            }
            if times == 0 && !matches!(kind, "gone" | "sick" | "never") {
                lost.push(address.clone());
            }
        }
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(doubled <= begun + outages, "{doubled} repeats by {begun} kills and {outages} outages");
        let dead = (1..=letters).filter(|n| matches!(treat(*n), "gone" | "sick" | "never")).count();
        assert_eq!(count(v, "dead"), i64::try_from(dead).expect("a count"));
        assert_eq!(count(v, "sent") + count(v, "dead"), letters, "the states add up");
        let tried = |kind: &str| {
            let of = format!("(SELECT id FROM account WHERE login LIKE '{kind}.%')");
            let tried = v.query(&format!("SELECT DISTINCT attempts FROM outbox_mail WHERE account_id IN {of}"));
            tried.join(" ")
        };
        assert_eq!((tried("gone"), tried("sick"), tried("never")), ("1".into(), "3".into(), "12".into()));
        println!("{letters} letters, {begun} kills, {outages} outages: {doubled} repeats, {dead} dead, 0 lost");
        let _green = v.run(&["check"]).ok();
    }

    fn while_the_server_is_out_all_wait_and_nobody_is_charged(v: &Vekha) {
        let clock = Hands::new();
        let db = open(v, clock.clone(), Arc::default());
        v.sql(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version, email)
             VALUES (7, 'x', '', 'active', 1, '2026-01-01 00:00:00', 1, 'fine.x@school.example')",
        );
        let mut sink = Sink::new(v, &[]);
        let settings = sink.settings();
        let write = |db: &Db, n: i64| {
            let (db, dedup_key) = (db.clone(), n.to_string());
            run(async move {
                let letter = Letter {
                    kind: "iom_sent",
                    region: None,
                    account: 7,
                    subject_id: 7,
                    dedup_key,
                    body: serde_json::json!({"number": format!("ИОМ-{n}")}),
                    address: None,
                    link: None,
                };
                // Its cause repeats; the letter does not.
                for _ in 0..2 {
                    let again = letter.clone();
                    let asked: Result<(), DbError> = db.write(move |tx| queue(tx, &[again])).await;
                    asked.expect("a write");
                }
            });
        };
        let look = || run(deliver_in_time(&db, &settings, clock.as_ref(), || false)).expect("a delivery");
        let tries = || {
            let found: Result<_, DbError> = run(db.read(outage::current));
            found.expect("a read").map_or(0, |o| o.tries)
        };
        for round in 1..=3_i64 {
            sink.down();
            write(&db, 2 * round);
            write(&db, 2 * round + 1);
            let mut tried = Vec::new();
            for _ in 0..20 {
                assert_eq!(look().sent, 0);
                tried.push(tries());
                clock.forward_seconds(30);
            }
            // Ten minutes: tried at once, then after 1, 2 and 4 minutes; two letters, one knock at the door each time.
            assert_eq!(tried.last(), Some(&4), "{tried:?}");
            assert_eq!(number(v, "SELECT CAST(max(attempts) AS BIGINT) AS n FROM outbox_mail"), i64::from(round > 1));
            sink.up();
            clock.forward(10);
            assert_eq!(look(), Delivered { sent: 2, ..Delivered::default() });
            assert_eq!((tries(), count(v, "waiting")), (0, 0));
        }
        assert_eq!(sink.letters().len(), 6);
        assert_eq!(number(v, "SELECT CAST(sum(attempts) AS BIGINT) AS n FROM outbox_mail"), 6);
        drop(db);
    }

    fn a_sender_that_was_too_slow_marks_nothing_of_another(v: &Vekha) {
        letters_to_teachers(v, 2, |n| if n == 1 { "late" } else { "fine" });
        let mut sink = Sink::new(v, &["--slow", "3"]);
        sink.environment.push(("VEKHA_SMTP_TIMEOUT", "20".into()));
        let slow = "SELECT count(*) AS n FROM outbox_mail WHERE leased_until IS NOT NULL AND account_id = 2000001";
        let mut command = sink.command(v, &["mail", "deliver"]);
        let sender = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vekha starts");
        let since = Instant::now();
        while number(v, slow) == 0 {
            assert!(since.elapsed() < Duration::from_secs(10), "the first sender takes the letter");
            std::thread::sleep(Duration::from_millis(20));
        }
        // While it waits for its answer, which will be «later», the lease runs out and another sender is through.
        std::thread::sleep(Duration::from_millis(500));
        later(v, 10);
        let _second = sink.deliver(v).ok();
        assert_eq!((count(v, "sent"), count(v, "waiting")), (2, 0));
        let _first = sender.wait_with_output().expect("it is ours");
        assert_eq!((count(v, "sent"), count(v, "waiting")), (2, 0), "the mark of the other stands");
        assert_eq!(sink.letters().len(), 2);
        assert_eq!(v.query("SELECT coalesce(max(last_error), '') FROM outbox_mail"), [""]);
    }

    fn two_senders_at_once_send_each_letter_once(v: &Vekha) {
        letters_to_teachers(v, 120, |_| "fine");
        let sink = Sink::new(v, &[]);
        let begin = || {
            let mut command = sink.command(v, &["mail", "deliver"]);
            command.stdout(Stdio::null()).spawn().expect("vekha starts")
        };
        for mut sender in [begin(), begin(), begin()] {
            assert!(sender.wait().expect("it is ours").success());
        }
        let got = each_reads_the_own_letter(v, &sink);
        assert!(got.len() == 120 && got.values().all(|n| *n == 1), "{got:?}");
        assert_eq!(count(v, "sent"), 120);
    }

    fn whoever_has_no_address_is_written_to_on_the_pages_only(v: &Vekha) {
        letters_to_teachers(v, 4, |_| "fine");
        let _set = v.run(&["user", "email", "fine.1", "other.1@school.example"]).ok();
        v.sql("UPDATE account SET email = NULL WHERE login = 'fine.2'");
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'fine.3'");
        let sink = Sink::new(v, &[]);
        let told = sink.deliver(v).ok();
        assert!(told.out.contains("Отправлено: 2; ждут повтора: 0; не ушли: 0; нет адреса: 2"), "{}", told.out);
        let got: Vec<String> = sink.letters().iter().map(|l| field(l, "to").to_owned()).collect();
        // The address is the one that stands at sending.
        assert_eq!(got, ["other.1@school.example", "fine.4@school.example"]);
        // An address that comes later brings nothing by itself; a person may send the letter again.
        let _set = v.run(&["user", "email", "fine.2", "fine.2@school.example"]).ok();
        let _nothing = sink.deliver(v).ok();
        assert_eq!(sink.letters().len(), 2);
        let rows = v.run(&["mail", "list", "--state", "no_address"]).ok().rows();
        let row = rows.iter().find(|row| row["login"] == "fine.2").expect("the letter");
        let _again = v.run(&["mail", "again", &row["letter"]]).ok();
        let _sent = sink.deliver(v).ok();
        assert_eq!((sink.letters().len(), count(v, "no_address")), (3, 1));
        for wrong in ["анна@школа.рф", "a@b", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>", "А <a@b.example>"] {
            assert!(v.run(&["user", "email", "fine.2", wrong]).failed().err.contains("адрес почты"), "{wrong}");
            let add = ["user", "add", "new", "--role", "tutor", "--unit", "С0", "--email", wrong];
            let _refused = v.run(&add).failed();
        }
        let add = ["user", "add", "new", "--role", "tutor", "--unit", "С0", "--email", "new@school.example"];
        let _made = v.run(&add).ok();
        assert_eq!(v.query("SELECT email FROM account WHERE login = 'new'"), ["new@school.example"]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM account WHERE email_verified_at IS NOT NULL"), 0);
    }

    fn a_letter_is_what_its_headers_say(v: &Vekha) {
        letters_to_teachers(v, 2, |_| "fine");
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        for letter in sink.letters() {
            let known = ["auto-submitted", "content-type", "date", "from", "list-unsubscribe", "list-unsubscribe-post", "message-id", "mime-version", "subject", "to"];
            assert_eq!(letter["headers"], serde_json::json!(known));
            assert_eq!((field(&letter, "automatic"), field(&letter, "from")), ("auto-generated", "veha@region.example"));
            assert_eq!((field(&letter, "type"), field(&letter, "charset")), ("multipart/alternative", "utf-8"));
            assert!(letter["ascii"] == true && letter["longest"].as_i64() <= Some(998), "{letter}");
            assert!(field(&letter, "subject").ends_with("ждёт вашего согласия"), "{letter}");
            assert!(field(&letter, "body").contains(&format!("{PAGES}/plan")), "{letter}");
            let id = field(&letter, "id");
            assert!(id.starts_with('<') && id.ends_with("@vekha>"), "{id}");
        }
    }
}
