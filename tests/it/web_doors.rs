//! The doors of an account over plain HTTP: links by mail, the counting of failures, one's own sessions, the second
//! factor. Own, other school, other municipality, other region, missing.

use std::collections::{BTreeMap, BTreeSet};

use totp_rs::{Builder, Secret};
use vekha::access::Role;
use vekha::access::link::{self, LinkKind};
use vekha::audit::digest;
use vekha::config::Keys;
use vekha::db::{DbError, Tx};
use vekha::server::SITEMAP;
use vekha::web::registry::{Capability, Cost, Method};
use vekha::web::token::{Pointer, random_name};

use vekha::clock::Clock as _;

use crate::base::{Hands, open, run};
use crate::mail_sink::{PAGES, Sink, field, later};
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};
use crate::world::{NORTH, World, number, unit};

/// What is chosen anew.
const CHOSEN: &str = "лодка плывёт тихо";

fn count(v: &Vekha, of: &str) -> i64 {
    number(v, &format!("SELECT count(*) AS n FROM {of}"))
}

/// The world of a school, where everybody has an address.
fn with_mail(v: &Vekha) -> Server {
    world(v);
    v.sql("UPDATE account SET email = login || '@school.example'");
    Server::start(v)
}

/// The secret part of the link that waits on an account, made as it is made at sending.
#[track_caller]
pub fn token_of(v: &Vekha, login: &str, kind: &str) -> String {
    let of = format!(
        "FROM one_time_link l JOIN account a ON a.id = l.account_id WHERE a.login = '{login}' AND l.kind = '{kind}'"
    );
    let (id, account) = (
        number(v, &format!("SELECT l.id AS n {of}")),
        number(v, &format!("SELECT a.id AS n {of}")),
    );
    let address = v.query(&format!("SELECT l.address {of}")).remove(0);
    let keys = Keys::load(&v.data()).expect("the keys");
    vekha::mail::link::token(&keys.session, id, kind, account, &address)
}

/// Asks for a link as the form does; the answer without what is the sender's own.
fn ask(server: &Server, typed: &str) -> (u16, String, String) {
    let mut visitor = server.visitor();
    let form = visitor.get("/sign-in");
    let fields = [("token", form.token()), ("login", typed)];
    let forged = [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")];
    let sent = visitor.post("/reset", &fields, &forged);
    let shown = visitor.get(sent.header("location"));
    let body = shown.body.split("name=\"token\"").next().unwrap_or_default().to_owned();
    (sent.status, sent.header("location").to_owned(), body)
}

fn choose(server: &Server, token: &str, password: &str) -> (u16, String) {
    let mut visitor = server.visitor();
    let path = format!("/link/{token}");
    let page = visitor.get(&path);
    if page.status != 200 {
        return (page.status, page.header("location").to_owned());
    }
    let sent = visitor.send(&page, &path, &[("password", password), ("again", password)]);
    assert!(
        !visitor.cookies.contains_key("__Host-vekha"),
        "nobody is signed in by a link"
    );
    (sent.status, sent.header("location").to_owned())
}

fn gone() -> (u16, String) {
    (303, "/reset?late=yes".to_owned())
}

on_both! {
    fn a_link_by_mail_sets_a_password_once(v: &Vekha) {
        let server = with_mail(v);
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1003'");
        let mut signed = server.signed_in("teacher-1001", PASSWORD);
        // Known, known by address, unknown, suspended, of the other region: the same answer.
        let known = ask(&server, "teacher-1001");
        assert_eq!((known.0, known.1.as_str()), (303, "/reset?sent=yes"));
        for other in ["Teacher-1002@SCHOOL.example", "nobody", "nobody@school.example", "teacher-1003", "teacher-2001"] {
            assert_eq!(ask(&server, other), known, "{other}");
        }
        assert_eq!(count(v, "one_time_link"), 3, "two known here and one of the other region");
        // Asked for again at once: no second letter.
        assert_eq!(ask(&server, "teacher-1001"), known);
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_reset'"), 3);
        let page = server.visitor().get("/reset?sent=yes");
        assert!(page.body.contains("не чаще, чем раз в 2\u{a0}минуты"), "and everyone is told so: {}", page.body);
        // The letter: its address is that of the settings, and only its receiver has the link.
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let letters = sink.letters();
        let own = letters.iter().find(|l| l["receivers"][0] == "teacher-1001@school.example" && field(l, "body").contains("/link/")).expect("a letter");
        let (_, rest) = field(own, "body").split_once(&format!("{PAGES}/link/")).expect("a link");
        let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        assert_eq!(token.len(), 64, "256 bits");
        assert!(!field(own, "body").contains("evil"));
        let kept = v.query("SELECT digest FROM one_time_link UNION SELECT body FROM outbox_mail UNION SELECT detail FROM audit_event");
        assert!(kept.iter().all(|text| !text.contains(&token)) && kept.contains(&digest(token.as_bytes())));
        // Looking uses nothing up; what is no password is refused; of thirty at once one is in time.
        let mut visitor = server.visitor();
        let path = format!("/link/{token}");
        for _ in 0..3 {
            let page = visitor.get(&path);
            assert!(page.status == 200 && page.body.contains("teacher-1001"), "{}", page.body);
        }
        let page = visitor.get(&path);
        for (password, again) in [("короткий", "короткий"), (CHOSEN, "другое слово тут"), ("qwerty1234567", "qwerty1234567")] {
            assert_eq!(visitor.send(&page, &path, &[("password", password), ("again", again)]).status, 422, "{password}");
        }
        assert_eq!(signed.get("/plan").status, 200);
        let calendar = crate::web_feed::make(&mut signed);
        assert_eq!(server.visitor().get(&calendar).status, 200);
        let told: Vec<String> = std::thread::scope(|scope| {
            let one = |n: usize| {
                let (mut visitor, page, path) = (visitor.clone(), &page, &path);
                let chosen = format!("{CHOSEN} {n}");
                scope.spawn(move || visitor.send(page, path, &[("password", &chosen), ("again", &chosen)]).header("location").to_owned())
            };
            let all: Vec<_> = (0..30).map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        assert_eq!(told.iter().filter(|to| *to == "/sign-in?done=first").count(), 1, "{told:?}");
        assert_eq!(signed.get("/plan").status, 303, "the session before has ended");
        assert_eq!(server.visitor().get(&calendar).status, 404, "the calendar of whoever was in before is open");
        assert_eq!(choose(&server, &token, CHOSEN), gone(), "it was used");
        assert_eq!(choose(&server, &"0".repeat(64), CHOSEN), gone(), "it was made up");
        assert_eq!(count(v, "audit_event WHERE action = 'access.link_password'"), 1);
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_password_changed'"), 1);
        // A later link ends the one before; one that is late opens nothing; a suspended account has none.
        let first = token_of(v, "teacher-1002", "reset");
        v.sql("UPDATE one_time_link SET created_at = '2023-01-01 00:00:00'");
        v.sql("DELETE FROM secret_failure");
        assert_eq!(ask(&server, "teacher-1002"), known);
        let second = token_of(v, "teacher-1002", "reset");
        assert_eq!(choose(&server, &first, CHOSEN), gone());
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1002'");
        assert_eq!(choose(&server, &second, CHOSEN), gone());
        v.sql("UPDATE account SET state = 'active' WHERE login = 'teacher-1002'");
        v.sql("UPDATE one_time_link SET ends_at = '2023-01-01 00:00:00'");
        assert_eq!(choose(&server, &second, CHOSEN), gone());
        let _sound = v.run(&["check"]).ok();
    }

    fn whoever_has_an_address_is_invited_by_mail(v: &Vekha) {
        let server = with_mail(v);
        v.sql("UPDATE account SET password_hash = '' WHERE login IN ('teacher-1001', 'teacher-1003', 'teacher-1006', 'teacher-2001')");
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let list = deputy.get("/accounts");
        assert_eq!(list.body.matches("Пригласить письмом").count(), 1, "who works with the account needs none: {}", list.body);
        let ask = |deputy: &mut Visitor, id: i64| {
            let sent = deputy.send(&list, "/accounts/invite", &[("id", &id.to_string())]);
            (sent.status, sent.body.clone(), sent.header("location").to_owned())
        };
        let missing = ask(&mut deputy, 7);
        assert_eq!(missing.0, 404);
        for other in [1003, 1006, 2001] {
            assert_eq!(ask(&mut deputy, other), missing, "{other}");
        }
        assert_eq!(ask(&mut deputy, 1002).0, 422, "works already");
        assert_eq!(ask(&mut deputy, 3000).0, 409, "no account");
        assert_eq!(count(v, "one_time_link"), 0);
        assert_eq!(ask(&mut deputy, 1001).2, "/accounts?done=invited");
        let by = "account_id = (SELECT id FROM account WHERE login = 'deputy') AND person_id = 1001";
        assert_eq!(count(v, &format!("audit_event WHERE action = 'access.link' AND {by}")), 1);
        assert_eq!(ask(&mut deputy, 1001).0, 422, "a second letter at once");
        let token = token_of(v, "teacher-1001", "invitation");
        let done = choose(&server, &token, CHOSEN);
        assert_eq!(done, (303, "/sign-in?done=first".to_owned()));
        let mut teacher = server.signed_in("teacher-1001", CHOSEN);
        assert_eq!(teacher.get("/plan").status, 200);
        assert_eq!(count(v, "account WHERE email_verified_at IS NOT NULL"), 1);
        // The same on the server; without an address there is nobody to write to.
        let _invited = v.run(&["user", "invite", "teacher-2001"]).ok();
        assert_eq!(choose(&server, &token_of(v, "teacher-2001", "invitation"), CHOSEN), done);
        v.sql("UPDATE account SET email = NULL WHERE login = 'ministry'");
        let refused = v.run(&["user", "invite", "ministry"]).failed();
        assert!(refused.err.contains("нет адреса почты"), "{}", refused.err);
    }

    fn another_address_is_confirmed_by_its_own_link(v: &Vekha) {
        let server = with_mail(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let page = teacher.get("/account/email");
        let change = |teacher: &mut Visitor, email: &str, password: &str| teacher.send(&page, "/account/email", &[("email", email), ("password", password)]).status;
        assert_eq!(change(&mut teacher, "new@home.example", "не тот пароль"), 422);
        assert_eq!(change(&mut teacher, "нет адреса", PASSWORD), 422);
        assert_eq!(count(v, "one_time_link"), 0);
        // A link for a new password is on its way to the address before.
        let _same = ask(&server, "teacher-1001");
        let reset = token_of(v, "teacher-1001", "reset");
        // Two changes at once: one link stands, with its own address.
        let both = ["first@home.example", "second@home.example"];
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |email: &'static str| {
                let (mut teacher, page) = (teacher.clone(), &page);
                scope.spawn(move || teacher.send(page, "/account/email", &[("email", email), ("password", PASSWORD)]).status)
            };
            let all: Vec<_> = both.into_iter().map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        assert_eq!(statuses, [303, 303]);
        assert_eq!(count(v, "one_time_link WHERE kind = 'address'"), 1);
        let wanted = v.query("SELECT address FROM one_time_link WHERE kind = 'address'").remove(0);
        let token = token_of(v, "teacher-1001", "address");
        assert_eq!(v.query("SELECT email FROM account WHERE login = 'teacher-1001'"), ["teacher-1001@school.example"], "nothing yet");
        // Letters: one to the address whose link stands, two notices to the one before.
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v);
        for letter in sink.letters() {
            let to = letter["receivers"][0].as_str().expect("a receiver").to_owned();
            let body = field(&letter, "body");
            assert_eq!(body.contains(&token), to == wanted, "{to}: {body}");
            assert_eq!(body.contains(&reset), to == "teacher-1001@school.example" && body.contains("нов") && body.contains("/link/"), "{to}: {body}");
        }
        let own = sink.letters().iter().filter(|l| l["receivers"][0] == wanted.as_str()).count();
        assert_eq!(own, 1, "the address that is to be confirmed gets its link");
        let mut visitor = server.visitor();
        let path = format!("/link/{token}");
        let page = visitor.get(&path);
        assert!(page.status == 200 && page.body.contains(&wanted), "{}", page.body);
        assert_eq!(teacher.get("/plan").status, 200);
        assert_eq!(visitor.send(&page, &path, &[]).header("location"), "/sign-in?done=address");
        assert_eq!(v.query("SELECT email FROM account WHERE login = 'teacher-1001'"), [wanted]);
        assert_eq!(teacher.get("/plan").status, 303, "one signs in anew");
        assert_eq!(choose(&server, &reset, CHOSEN), gone(), "what went to the address before opens nothing");
        assert_eq!(visitor.send(&page, &path, &[]).header("location"), "/reset?late=yes");
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_address_changed' AND address = 'teacher-1001@school.example'"), 1);
    }

    fn no_letter_carries_the_link_of_another(v: &Vekha) {
        let many: i64 = std::env::var("VEKHA_LINK_LETTERS").map_or(200, |text| text.parse().expect("a number"));
        let mut world = World::new();
        for n in 0..many {
            world.account(1000 + n, &format!("l{n}"), None, &[("teacher", unit(1 + n % 2, 2))]);
        }
        world.build(v);
        v.sql("UPDATE account SET email = login || '@school.example'");
        let clock = Hands::new();
        clock.forward((now().naive_utc() - clock.now()).num_minutes());
        let (db, keys) = (open(v, clock, std::sync::Arc::default()), Keys::load(&v.data()).expect("the keys"));
        let invite = |from: i64, to: i64, kind: LinkKind| {
            let keys = keys.clone();
            let act = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
                for n in from..to {
                    let of = vekha::access::store::by_login(tx.conn(), &format!("l{n}"))?.expect("an account");
                    let address = of.email.clone().expect("an address");
                    link::issue(tx, &keys, &of, kind, &address, None)?;
                }
                Ok(())
            };
            run(db.write(act)).expect("a write");
        };
        invite(0, many, LinkKind::Invitation);
        let sink = Sink::new(v, &["--slow", "1"]);
        // Two senders, while addresses change and links are asked for anew.
        let mut senders: Vec<_> = (0..2).map(|_| sink.command(v, &["mail", "deliver"]).stdout(std::process::Stdio::null()).spawn().expect("vekha starts")).collect();
        for round in 0..4 {
            let (from, to) = (many * round / 8, many * (round + 1) / 8);
            v.sql(&format!("UPDATE account SET email = 'moved.' || login || '@home.example' WHERE id >= {} AND id < {}", 1000 + from, 1000 + to));
            invite(from, to, if round % 2 == 0 { LinkKind::Invitation } else { LinkKind::Reset });
        }
        for sender in &mut senders {
            let _ended = sender.wait().expect("it is ours");
        }
        for _ in 0..5 {
            let _rest = sink.deliver(v);
            later(v, 3);
        }
        assert_eq!(count(v, "outbox_mail WHERE state = 'waiting'"), 0);
        let rows = v.query("SELECT l.digest || ' ' || l.address || ' ' || a.login FROM one_time_link l JOIN account a ON a.id = l.account_id");
        let standing: BTreeMap<String, (String, String)> = rows.iter().map(|row| {
            let parts: Vec<&str> = row.split(' ').collect();
            (parts[0].to_owned(), (parts[1].to_owned(), parts[2].to_owned()))
        }).collect();
        let (mut seen, mut open) = (BTreeSet::new(), 0);
        for letter in sink.letters() {
            let to = letter["receivers"][0].as_str().expect("a receiver").to_owned();
            let (_, rest) = field(&letter, "body").split_once("/link/").expect("a link");
            let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
            seen.insert(token.clone());
            let login = to.trim_start_matches("moved.").split('@').next().expect("a login").to_owned();
            assert!(field(&letter, "body").contains(&format!("логина {login}.")) || field(&letter, "body").contains(&format!("логин {login}.")), "{to}: {letter}");
            if let Some((address, whose)) = standing.get(&digest(token.as_bytes())) {
                assert_eq!((address, whose), (&to, &login), "the link of another");
                open += 1;
            }
        }
        assert!(open >= many && i64::try_from(seen.len()).expect("a count") >= many, "{open} of {many} open something, {} links", seen.len());
    }

    fn guessing_meets_a_wall_and_the_owner_goes_round_it(v: &Vekha) {
        let server = with_mail(v);
        let tries: usize = std::env::var("VEKHA_GUESSES").map_or(2000, |text| text.parse().expect("a number"));
        let logins = ["teacher-1001", "teacher-1002", "director-south", "nobody"];
        let mut visitor = server.visitor();
        let form = visitor.get("/sign-in");
        let answers: Vec<(usize, u16)> = std::thread::scope(|scope| {
            let one = |n: usize| {
                let (visitor, form) = (visitor.clone(), &form);
                scope.spawn(move || {
                    (n..tries).step_by(8).map(|n| {
                        let of = n % logins.len();
                        let fields = [("token", form.token()), ("login", logins[of]), ("password", &format!("догадка {n}"))];
                        let from = format!("203.0.113.{}", n % 250);
                        (of, visitor.clone().post("/sign-in", &fields, &[("X-Forwarded-For", &from)]).status)
                    }).collect::<Vec<_>>()
                })
            };
            let all: Vec<_> = (0..8).map(one).collect();
            all.into_iter().flat_map(|t| t.join().expect("it answers")).collect()
        });
        assert_eq!(answers.len(), tries);
        for (of, login) in logins.iter().enumerate() {
            let looked = answers.iter().filter(|(n, status)| *n == of && *status == 422).count();
            let waited = answers.iter().filter(|(n, status)| *n == of && *status == 429).count();
            assert!((5..=10).contains(&looked) && looked + waited >= tries / 5, "{login}: {looked} looked at, {waited} told to wait");
        }
        // The right password waits too; the link does not, and afterwards the password is taken at once.
        let mut guess = |login: &str, password: &str| visitor.send(&form, "/sign-in", &[("login", login), ("password", password)]).status;
        while guess("teacher-1001", "ещё догадка") != 429 {}
        assert_eq!(guess("teacher-1001", PASSWORD), 429);
        let _asked = ask(&server, "teacher-1001");
        assert_eq!(choose(&server, &token_of(v, "teacher-1001", "reset"), CHOSEN).1, "/sign-in?done=first");
        let _in = server.signed_in("teacher-1001", CHOSEN);
        let _other = server.signed_in("teacher-2001", PASSWORD);
        // One guess for everybody raises the alarm once.
        assert_eq!(count(v, "audit_event WHERE action = 'access.spray'"), 0);
        for n in 0..60 {
            let _wrong = visitor.send(&form, "/sign-in", &[("login", &format!("guess-{n}")), ("password", "весна 2026")]);
        }
        assert_eq!(count(v, "audit_event WHERE action = 'access.spray'"), 1);
        // The counter is kept: another process knows of it.
        v.sql("UPDATE secret_failure SET failures = 10 WHERE failures > 4");
        drop(server);
        let server = Server::start(v);
        let mut visitor = server.visitor();
        let form = visitor.get("/sign-in");
        assert_eq!(visitor.send(&form, "/sign-in", &[("login", "teacher-1002"), ("password", PASSWORD)]).status, 429);
    }

    fn what_ends_a_session_ends_it_at_the_next_call(v: &Vekha) {
        let mut world = World::new();
        for (id, role) in (1..).zip(Role::ALL) {
            world.account(id, role.code(), None, &[(role.code(), unit(NORTH, 0))]);
        }
        world.build(v);
        let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
        v.sql(&format!("UPDATE account SET password_hash = '{hash}', email = login || '@school.example'"));
        let server = Server::start(v);
        type Ending<'a> = (&'static str, Box<dyn Fn(&Vekha, &str, &mut Visitor) -> u16 + 'a>);
        let by_hand = |arguments: &'static [&'static str]| move |v: &Vekha, login: &str, _: &mut Visitor| {
            let arguments: Vec<&str> = arguments.iter().map(|a| if *a == "LOGIN" { login } else { a }).collect();
            let _done = v.run(&arguments).ok();
            303
        };
        // What is done by the first of two sessions, and whether the first one ends as well.
        let endings: Vec<Ending<'_>> = vec![
            ("sign-out", Box::new(|_, _, first| {
                let page = first.get("/account");
                first.send(&page, "/sign-out", &[]).status
            })),
            ("the others", Box::new(|_, _, first| {
                let page = first.get("/sessions");
                assert!(page.body.contains("этот вход") && page.body.contains("127.0.0.1"), "{}", page.body);
                first.send(&page, "/sessions/close", &[("others", "yes")]).status
            })),
            ("password", Box::new(|_, _, first| {
                let page = first.get("/account/password");
                first.send(&page, "/account/password", &[("now", PASSWORD), ("password", CHOSEN_LONG), ("again", CHOSEN_LONG)]).status
            })),
            ("address", Box::new(|v, login, first| {
                let page = first.get("/account/email");
                let asked = first.send(&page, "/account/email", &[("email", "new@home.example"), ("password", PASSWORD)]);
                assert_eq!(asked.status, 303, "{}", asked.body);
                let path = format!("/link/{}", token_of(v, login, "address"));
                let page = first.get(&path);
                first.send(&page, &path, &[]).status
            })),
            ("second factor", Box::new(|_, _, first| {
                let page = first.get("/second-factor");
                set_up(first, &page, PASSWORD).status
            })),
            ("another role", Box::new(by_hand(&["user", "add", "LOGIN", "--role", "expert", "--unit", "Ю0"]))),
            ("role taken away", Box::new(by_hand(&["user", "revoke", "LOGIN", "--role", "expert", "--unit", "Ю0"]))),
            ("suspension", Box::new(by_hand(&["user", "suspend", "LOGIN"]))),
            ("restored", Box::new(by_hand(&["user", "restore", "LOGIN"]))),
            ("an administrator", Box::new(by_hand(&["user", "sign-out", "LOGIN"]))),
        ];
        for (name, end) in &endings {
            for role in Role::ALL {
                let login = role.code();
                if *name != "restored" {
                    let second = |visitor: &mut Visitor| visitor.get("/account").status;
                    let (mut first, mut other) = (held(v, &server, login), held(v, &server, login));
                    // The cookie as it was, whatever the answer does to it.
                    let mut kept = first.clone();
                    assert_eq!((second(&mut first), second(&mut other)), (200, 200), "{name} {login}");
                    assert_eq!(end(v, login, &mut first), 303, "{name} {login}");
                    let others_stand = *name == "sign-out";
                    assert_eq!(second(&mut other), if others_stand { 200 } else { 303 }, "{name} {login}: the other one");
                    assert_eq!(second(&mut kept), if *name == "the others" { 200 } else { 303 }, "{name} {login}: the own one");
                    // Whoever changed a secret goes on under a new name.
                    let goes_on = matches!(*name, "the others" | "password" | "second factor");
                    assert_eq!(second(&mut first), if goes_on { 200 } else { 303 }, "{name} {login}: the new one");
                } else {
                    assert_eq!(end(v, login, &mut server.visitor()), 303);
                }
            }
            v.sql(&format!("UPDATE account SET password_hash = '{hash}', email = login || '@school.example'"));
            v.sql("DELETE FROM recovery_code");
            v.sql("DELETE FROM second_factor");
        }
    }

    fn one_sees_and_closes_the_own_sessions_alone(v: &Vekha) {
        let server = with_mail(v);
        let (mut here, mut there) = (server.signed_in("teacher-1001", PASSWORD), server.signed_in("teacher-1001", PASSWORD));
        let mut stranger = server.signed_in("teacher-2001", PASSWORD);
        let page = here.get("/sessions");
        assert_eq!(page.body.matches("<li class=\"card-v\">").count(), 2, "{}", page.body);
        let of = |login: &str| v.query(&format!("SELECT s.sid_digest FROM session s JOIN account a ON a.id = s.account_id WHERE a.login = '{login}'"));
        let close = |here: &mut Visitor, id: &str| {
            let sent = here.send(&page, "/sessions/close", &[("id", id)]);
            (sent.status, sent.body.clone())
        };
        let missing = close(&mut here, &"0".repeat(64));
        assert_eq!(missing.0, 404);
        assert_eq!(close(&mut here, &of("teacher-2001")[0]), missing);
        assert_eq!(stranger.get("/account").status, 200);
        let mine = of("teacher-1001");
        assert!(mine.iter().all(|id| page.body.contains(id.as_str())) != page.body.contains(&mine[0]) || mine.len() == 2);
        let other = mine.iter().find(|id| page.body.contains(&format!("value=\"{id}\""))).expect("a button for the other one").clone();
        assert_eq!(close(&mut here, &other).0, 303);
        assert_eq!((here.get("/account").status, there.get("/account").status), (200, 303));
    }

    fn between_password_and_second_factor_nothing_is_open(v: &Vekha) {
        let server = with_mail(v);
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/second-factor");
        let secret = secret_on(&page);
        let wrong = head.send(&page, "/second-factor", &[("act", "on"), ("half", half(&page)), ("password", PASSWORD), ("code", "000000")]);
        assert_eq!(wrong.status, 422);
        let set = set_up(&mut head, &page, PASSWORD);
        assert_eq!((set.status, set.header("location")), (303, "/second-factor/codes"), "{}", set.body);
        let codes = head.get("/second-factor/codes");
        let recovery: Vec<String> = codes.body.split("<li class=\"key\">").skip(1).filter_map(|r| r.split('<').next()).map(str::to_owned).collect();
        assert_eq!(recovery.len(), 10, "{}", codes.body);
        v.sql("UPDATE second_factor SET codes_at = '2023-01-01 00:00:00'");
        assert!(!head.get("/second-factor/codes").body.contains(&recovery[0]), "they are shown for a while only");
        let kept = v.query("SELECT digest FROM recovery_code UNION SELECT salt FROM second_factor UNION SELECT codes_salt FROM second_factor");
        assert!(kept.iter().all(|text| !text.contains(&secret) && recovery.iter().all(|code| !text.contains(&code.replace('-', "")))));
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_second_changed'"), 1);
        // With the password alone no route is open.
        let (mut visitor, step) = step(&server, "head");
        assert!(step.status == 200 && step.body.contains("Второй шаг входа"), "{}", step.body);
        assert!(!visitor.cookies.contains_key("__Host-vekha"));
        let sessions = count(v, "session");
        let mut tried = 0;
        for entry in SITEMAP.iter().filter(|e| e.cost != Cost::Free && e.capability != Capability::Public) {
            let path: String = entry.path.split('/').map(|p| if p.starts_with('{') { "7" } else { p }).collect::<Vec<_>>().join("/");
            let answer = match entry.method {
                Method::Get => visitor.get(&path),
                Method::Post => visitor.send(&step, &path, &[]),
            };
            let shut = answer.status == 303 && answer.header("location").starts_with("/sign-in") || answer.status == 401;
            assert!(shut, "{:?} {}: {}", entry.method, entry.path, answer.status);
            tried += 1;
        }
        assert!(tried > 60 && count(v, "session") == sessions, "{tried}");
        // A note of another form, or changed, is none.
        let mut stranger = server.visitor();
        let form = stranger.get("/sign-in");
        let fields = [("half", half(&step)), ("code", "000000")];
        assert_eq!(stranger.send(&form, "/second-step", &fields).header("location"), "/sign-in?done=late");
        // A code opens once; the step before was used when it was set up.
        let used = code(&secret, 0);
        let again = visitor.send(&step, "/second-step", &[("half", half(&step)), ("code", &used), ("next", "/plans")]);
        assert_eq!(again.status, 422, "a code is used once");
        v.sql("UPDATE second_factor SET last_step = 0");
        let done = visitor.send(&step, "/second-step", &[("half", half(&step)), ("code", &code(&secret, 0)), ("next", "/plans")]);
        assert_eq!((done.status, done.header("location")), (303, "/plans"));
        assert_eq!(visitor.get("/plans").status, 200);
        assert_eq!(count(v, "session WHERE second_at IS NOT NULL AND account_id = (SELECT id FROM account WHERE login = 'head')"), 2);
        // A recovery code opens once, typed in the other layout.
        for (n, status) in [(0, 303), (0, 422), (1, 303)] {
            let (mut visitor, step) = self::step(&server, "head");
            let typed = recovery[n].to_lowercase().replace('-', " ").replace('a', "а");
            assert_eq!(visitor.send(&step, "/second-step", &[("half", half(&step)), ("code", &typed)]).status, status, "{n}");
        }
        // Wrong codes are counted apart: a known password forgives none of them.
        let mut statuses = Vec::new();
        let failed = || count(v, "audit_event WHERE action = 'access.failed' AND detail = 'kind=second' AND account_id IS NULL");
        let before = failed();
        for _ in 0..8 {
            let (mut visitor, step) = self::step(&server, "head");
            statuses.push(visitor.send(&step, "/second-step", &[("half", half(&step)), ("code", "000000")]).status);
        }
        assert!(statuses.contains(&429), "{statuses:?}");
        let looked = statuses.iter().filter(|status| **status == 422).count();
        assert_eq!(failed() - before, i64::try_from(looked).expect("a number"), "each code that was looked at is told of");
    }

    fn all_but_teachers_and_mentors_need_a_second_factor(v: &Vekha) {
        let _plain = with_mail(v);
        let server = Server::start_with(v, |command| {
            command.env("VEKHA_SECOND_FACTOR", "on");
        });
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        assert_eq!(teacher.get("/plan").status, 200);
        for login in ["director", "tutor-1", "ministry"] {
            let (mut visitor, page) = step(&server, login);
            assert!(page.status == 200 && page.body.contains("Включить второй шаг") && page.body.contains("<path d=\"M"), "{login}: {}", page.body);
            assert_eq!(visitor.get("/account").status, 303, "{login}: nothing is open");
            let secret = secret_on(&page);
            let wrong = visitor.send(&page, "/second-step/first", &[("half", half(&page)), ("code", "123")]);
            assert_eq!(wrong.status, 422);
            let done = visitor.send(&page, "/second-step/first", &[("half", half(&page)), ("code", &code(&secret, 0))]);
            assert_eq!(done.header("location"), "/second-factor/codes", "{login}: {}", done.body);
            assert_eq!(visitor.get("/account").status, 200);
            // The way in does not replace what stands.
            let (mut other, asks) = step(&server, login);
            assert!(asks.body.contains("Пароль подошёл"), "{login}: {}", asks.body);
            let late = other.send(&page, "/second-step/first", &[("half", half(&page)), ("code", &code(&secret, 0))]);
            assert_ne!(late.header("location"), "/second-factor/codes", "{login}");
        }
        // Whoever takes it away sets the next one up before anything else.
        let (mut visitor, page) = step(&server, "curator");
        let secret = secret_on(&page);
        let begun = visitor.send(&page, "/second-step/first", &[("half", half(&page)), ("code", &code(&secret, 0))]);
        assert_eq!(begun.status, 303, "{}", begun.body);
        v.sql("UPDATE second_factor SET last_step = 0");
        let page = visitor.get("/second-factor");
        let off = [("act", "off"), ("password", PASSWORD), ("code", &code(&secret, 0))];
        let gone = visitor.send(&page, "/second-factor", &off);
        assert_eq!((gone.status, gone.header("location")), (303, "/sign-in?done=second"), "{}", gone.body);
        assert_eq!(visitor.get("/account").status, 303, "the session goes on without a second factor");
        assert!(step(&server, "curator").1.body.contains("Включить второй шаг"));
        // A session from before it was asked for shows no password in its stead.
        let (mut visitor, page) = step(&server, "curator");
        let begun = visitor.send(&page, "/second-step/first", &[("half", half(&page)), ("code", &code(&secret_on(&page), 0))]);
        assert_eq!(begun.status, 303);
        v.sql("DELETE FROM recovery_code; DELETE FROM second_factor WHERE account_id = (SELECT id FROM account WHERE login = 'curator')");
        assert_eq!(visitor.get("/confirm?next=/people").header("location"), "/second-factor");
        // Who has lost both is helped on the server, and the sessions end.
        let (mut visitor, page) = step(&server, "head");
        assert_eq!(visitor.send(&page, "/second-step/first", &[("half", half(&page)), ("code", &code(&secret_on(&page), 0))]).status, 303);
        let _helped = v.run(&["user", "second-factor-off", "head"]).ok();
        assert_eq!(visitor.get("/account").status, 303);
        assert!(step(&server, "head").1.body.contains("Включить второй шаг"));
    }

    fn one_shows_anew_who_one_is_with_what_one_has(v: &Vekha) {
        let server = with_mail(v);
        let mut head = server.signed_in("head", PASSWORD);
        let ask = |who: &mut Visitor, secret: &str, next: &str| {
            let page = who.get("/confirm?next=/plans");
            let answer = who.send(&page, "/confirm", &[("secret", secret), ("next", next)]);
            (answer.status, answer.header("location").to_owned())
        };
        assert_eq!(ask(&mut head, "не тот пароль", "/plans").0, 422);
        assert_eq!(count(v, "session WHERE second_at IS NOT NULL"), 0);
        assert_eq!(ask(&mut head, PASSWORD, "//evil.example"), (303, "/".to_owned()), "to own pages only");
        assert_eq!(count(v, "session WHERE second_at IS NOT NULL"), 1);
        // With a second factor the password is not enough, and a code opens once.
        let page = head.get("/second-factor");
        let secret = secret_on(&page);
        assert_eq!(set_up(&mut head, &page, PASSWORD).status, 303);
        v.sql("UPDATE second_factor SET last_step = 0");
        assert!(head.get("/confirm").body.contains("код из приложения"));
        assert_eq!(ask(&mut head, PASSWORD, "/plans").0, 422);
        let (before, own) = (head.clone(), code(&secret, 0));
        assert_eq!(ask(&mut head, &own, "/plans"), (303, "/plans".to_owned()));
        assert_eq!(ask(&mut head, &own, "/plans").0, 422, "used");
        assert_eq!((head.get("/plans").status, before.clone().get("/plans").status), (200, 303), "the session has another name");
        // It is the same limiter as at the door.
        let statuses: Vec<u16> = (0..8).map(|_| ask(&mut head, "000000", "/plans").0).collect();
        assert!(statuses.contains(&429), "{statuses:?}");
    }

    fn the_first_administrator_is_made_on_the_server(v: &Vekha) {
        let _migrated = v.run(&["migrate"]).ok();
        assert_eq!(count(v, "account"), 0, "there is no account of the maker");
        let add = |password: &str| {
            let file = v.file("password", password);
            v.run(&["user", "add", "admin", "--role", "system_admin", "--password-file", crate::support::text(&file)])
        };
        for (weak, why) in [("лодка плывёт", "короче 15"), ("qwertyuiop123456", "подбирают первым"), ("admin и ещё слова", "логин")] {
            let refused = add(weak).failed();
            assert!(refused.err.contains(why), "{weak}: {}", refused.err);
        }
        assert_eq!(count(v, "account"), 0);
        let _made = add("лодка плывёт тихо под мостом").ok();
        let server = Server::start(v);
        let mut admin = server.signed_in("admin", "лодка плывёт тихо под мостом");
        assert_eq!(admin.get("/account").status, 200);
        assert_eq!(count(v, "audit_event WHERE action = 'access.grant'"), 1);
    }
}

/// Somebody who is signed in, without the price of a password: the row and the pointer to it as they are made.
fn held(v: &Vekha, server: &Server, login: &str) -> Visitor {
    let of = |column: &str| {
        number(
            v,
            &format!("SELECT CAST({column} AS BIGINT) AS n FROM account WHERE login = '{login}'"),
        )
    };
    let (account, version) = (of("id"), i32::try_from(of("auth_version")).expect("a version"));
    let (sid, now) = (random_name().expect("a name"), now());
    let moment = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
    let end = now + chrono::Duration::hours(1);
    v.sql(&format!(
        "INSERT INTO session (sid_digest, account_id, auth_version, created_at, seen_at, ends_at, address) \
         VALUES ('{}', {account}, {version}, '{1}', '{1}', '{2}', '127.0.0.1')",
        digest(sid.as_bytes()),
        moment(now),
        moment(end)
    ));
    let pointer = Pointer::new(sid, account, version, now.timestamp(), end.timestamp());
    let keys = Keys::load(&v.data()).expect("the keys");
    let mut visitor = server.visitor();
    let cookie = pointer.sign(&keys.session).expect("a pointer");
    visitor.cookies.insert("__Host-vekha".to_owned(), cookie);
    visitor
}

/// The moment, as the server sees it.
fn now() -> chrono::DateTime<chrono::Utc> {
    let zone = chrono::FixedOffset::east_opt(0).expect("a zone");
    vekha::clock::SystemClock { zone }.now().and_utc()
}

/// A password that is long enough for administrators too.
const CHOSEN_LONG: &str = "лодка плывёт тихо под мостом";

/// The note of a form that goes on with a sign-in.
#[track_caller]
fn half(page: &Page) -> &str {
    let (_, rest) = page.body.split_once("name=\"half\" value=\"").expect("a note");
    rest.split('"').next().expect("its end")
}

/// The key on the page that sets a second factor up.
#[track_caller]
pub fn secret_on(page: &Page) -> String {
    let (_, rest) = page.body.split_once("class=\"key\">").expect("a key");
    rest.split('<').next().expect("its end").replace(' ', "")
}

/// The code of a key so many half minutes from now.
pub fn code(secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let totp = Builder::new()
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .expect("a key");
    let now = now().timestamp() + 30 * steps;
    totp.generate(now.unsigned_abs()).to_string()
}

/// Sets a second factor up on its page.
pub fn set_up(visitor: &mut Visitor, page: &Page, password: &str) -> Page {
    let code = code(&secret_on(page), 0);
    let fields = [
        ("act", "on"),
        ("half", half(page)),
        ("password", password),
        ("code", &code),
    ];
    visitor.send(page, "/second-factor", &fields)
}

/// Signs in with the password alone, as far as that goes.
fn step(server: &Server, login: &str) -> (Visitor, Page) {
    let mut visitor = server.visitor();
    let form = visitor.get("/sign-in");
    let page = visitor.send(&form, "/sign-in", &[("login", login), ("password", PASSWORD)]);
    (visitor, page)
}
