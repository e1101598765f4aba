//! What is secret stays where it belongs: a password, a cookie, the secret of a link, a СНИЛС and an address go through
//! sign-in, uploads, failing mail and a failing database, and stand neither in the log nor in an error nor in the outbox.

use std::time::{Duration, Instant};

use crate::mail_sink::{Sink, field};
use crate::on_both;
use crate::support::text;
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, world};
use crate::web_doors::token_of;
use crate::world::{number, snils};

/// Chosen, tried in vain, and typed where it does not belong.
const CHOSEN: &str = "тихаялодка-ПРИЗНАК-4711";
const GUESSED: &str = "догадка-ПРИЗНАК-4712";
const ADDRESS: &str = "priznak.4713@school.example";

/// Everything an error page said, of whatever kind.
fn keep(errors: &mut String, page: Page) -> Page {
    if page.status >= 400 {
        errors.push_str(&page.body);
    }
    page
}

fn send(errors: &mut String, who: &mut Visitor, path: &str, form: &str, fields: &[(&str, &str)]) -> Page {
    let page = who.get(form);
    keep(errors, who.send(&page, path, fields))
}

/// Waits for a line of the log.
#[track_caller]
fn logged(log: &std::path::Path, words: &str) {
    let since = Instant::now();
    while !std::fs::read_to_string(log).unwrap_or_default().contains(words) {
        assert!(since.elapsed() < Duration::from_secs(20), "never logged: {words}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

on_both! {
    fn nothing_secret_is_written_down(v: &Vekha) {
        world(v);
        v.sql(&format!("UPDATE account SET email = 'never.' || login || '@school.example'; UPDATE account SET email = '{ADDRESS}' WHERE login = 'teacher'"));
        let sink = Sink::new(v, &[]);
        let log = v.path("serve.log");
        let server = Server::start_with(v, |command| {
            command.envs(sink.environment.iter().map(|(n, v)| (*n, v.as_str())));
            command.stderr(std::fs::File::create(&log).expect("a file"));
        });
        let mut errors = String::new();
        let mut hidden: Vec<(&str, String)> = vec![("a password", "ПРИЗНАК-471".into()), ("an address", "priznak.4713".into())];
        // A link by mail; its letter goes out, the others are refused by the server, which repeats their addresses.
        let mut nobody = server.visitor();
        let _asked = send(&mut errors, &mut nobody, "/reset", "/sign-in", &[("login", ADDRESS)]);
        let since = Instant::now();
        while !sink.letters().iter().any(|l| field(l, "body").contains("/link/")) {
            assert!(since.elapsed() < Duration::from_secs(20), "the link never went");
            std::thread::sleep(Duration::from_millis(50));
        }
        let link = token_of(v, "teacher", "reset");
        hidden.push(("the secret of a link", link.clone()));
        let path = format!("/link/{link}");
        // The form of the link leads to the link; nothing else of that page may name it.
        let short = nobody.get(&path);
        let short = nobody.send(&short, &path, &[("password", GUESSED), ("again", CHOSEN)]);
        assert_eq!(short.status, 422);
        errors.push_str(&short.body.replace(&path, "…"));
        let chosen = send(&mut errors, &mut nobody, &path, &path, &[("password", CHOSEN), ("again", CHOSEN)]);
        assert_eq!(chosen.status, 303, "{}", chosen.body);
        let _late = keep(&mut errors, nobody.get(&format!("{path}/more")));
        // Signing in, in vain and well; forms that are damaged while the secrets stand in them.
        for login in ["teacher", "nobody"] {
            let _wrong = send(&mut errors, &mut nobody, "/sign-in", "/sign-in", &[("login", login), ("password", GUESSED)]);
        }
        let mut teacher = server.signed_in("teacher", CHOSEN);
        let cookie = teacher.cookies["__Host-vekha"].clone();
        for part in cookie.split('.') {
            hidden.push(("a cookie", part.to_owned()));
        }
        for (fields, headers) in [
            (vec![("login", "teacher"), ("password", CHOSEN)], vec![]),
            (vec![("token", "нет"), ("password", CHOSEN)], vec![]),
            (vec![("password", CHOSEN), ("more", ADDRESS)], vec![("Origin", "https://evil.example")]),
            (vec![("password\0", CHOSEN)], vec![]),
        ] {
            let _refused = keep(&mut errors, teacher.clone().post("/account/password", &fields, &headers));
        }
        let own = number(v, "SELECT person_id AS n FROM account WHERE login = 'teacher'");
        let secret_number = v.query(&format!("SELECT snils FROM person WHERE id = {own}")).remove(0);
        hidden.push(("a СНИЛС", secret_number.clone()));
        hidden.push(("a СНИЛС", snils(777)));
        hidden.push(("a СНИЛС", snils(777).replace(['-', ' '], "")));
        let _nowhere = keep(&mut errors, teacher.get(&format!("/people?q={}&password=x", secret_number.replace(' ', "%20"))));
        let _nowhere = keep(&mut errors, teacher.get(&format!("/nowhere/{}", secret_number.replace(' ', "%20"))));
        // A file with rows that are refused, and one that is no file of this kind.
        let mut operator = server.signed_in("operator", PASSWORD);
        let row = |n: i64, day: &str| format!("{};Признак;Анна;{day};С2;учитель;педагогический;01.09.2020\n", snils(n));
        let sheet = format!("СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n{}{}", row(777, "не день"), row(777, "01.02.1980"));
        for (name, bytes) in [("штат.csv", sheet.as_bytes()), ("штат.xlsx", &[b"PK\x03\x04", sheet.as_bytes()].concat())] {
            let form = operator.get("/upload");
            let brought = keep(&mut errors, operator.send_file(&form, "/upload", &[("kind", "staff")], Some((name, bytes))));
            if brought.status == 303 {
                let path = brought.header("location").to_owned();
                let _columns = operator.get(&path);
                let _checked = send(&mut errors, &mut operator, &format!("{path}/check"), "/upload", &[]);
                let since = Instant::now();
                while operator.get(&path).body.contains("Страница обновляется сама") && since.elapsed() < Duration::from_secs(20) {
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
        let told = v.run(&["import", "staff", text(&v.file("штат.csv", &sheet))]);
        assert_ne!(told.code, 0, "{}", told.out);
        // The database fails in the middle: a table is gone, a value does not read.
        v.sql("ALTER TABLE one_time_link RENAME TO kept_link");
        v.sql("DELETE FROM secret_failure");
        assert_eq!(send(&mut errors, &mut nobody, "/reset", "/sign-in", &[("login", ADDRESS)]).status, 500);
        let form = teacher.get("/account/email");
        let fields = [("email", ADDRESS), ("password", CHOSEN)];
        assert_eq!(keep(&mut errors, teacher.send(&form, "/account/email", &fields)).status, 500);
        v.sql("ALTER TABLE kept_link RENAME TO one_time_link");
        v.sql(if v.url().starts_with("sqlite:") {
            "PRAGMA ignore_check_constraints = ON; UPDATE iom_item SET state = 'ПРИЗНАК-4714'"
        } else {
            "ALTER TABLE iom_item DROP CONSTRAINT iom_item_state_check; UPDATE iom_item SET state = 'ПРИЗНАК-4714'"
        });
        assert_eq!(keep(&mut errors, teacher.get("/plan")).status, 500);
        v.sql("UPDATE iom_item SET state = 'planned'");
        logged(&log, "/account/email");
        // And the mail server goes away.
        let mut sink = sink;
        sink.down();
        v.sql("UPDATE outbox_mail SET state = 'waiting', attempts = 0, next_try_at = '2026-01-01 00:00:00'");
        logged(&log, "письма ждут");
        drop(server);
        let log = std::fs::read_to_string(&log).expect("the log");
        let outbox = v.query("SELECT coalesce(last_error, '') FROM outbox_mail").join("\n");
        let settings = v.query("SELECT value FROM setting WHERE key LIKE 'mail%'").join("\n");
        let journal = v.query("SELECT detail FROM audit_event").join("\n");
        let jobs = v.query("SELECT coalesce(last_error, '') FROM job").join("\n");
        assert!(log.lines().count() >= 4 && errors.len() > 5000, "there was something to leak: {log}");
        for (place, said) in [("the log", &log), ("messages of a command", &told.err), ("error pages", &errors), ("errors of letters", &outbox), ("the state of mail", &settings), ("the journal", &journal), ("errors of jobs", &jobs)] {
            for (what, secret) in &hidden {
                assert!(!said.contains(secret.as_str()), "{what} ({secret}) stands in {place}: {said}");
            }
        }
    }
}
