//! The way to the server is private, and neither the password nor an address is ever written down on it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::mail_sink::{Sink, field};
use crate::on_both;
use crate::support::{Answer, Vekha, text};
use crate::visitor::Server;
use crate::web::{PASSWORD, world};
use crate::world::number;

const SECRET: &str = "PasswordOfTheMailServer42";

/// A certificate for the name by which the tests reach their server.
fn certificate(v: &Vekha) -> (String, String) {
    let (cert, key) = (v.path("cert.pem"), v.path("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", text(&key), "-out", text(&cert)])
        .output()
        .expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (text(&cert).to_owned(), text(&key).to_owned())
}

fn addresses(v: &Vekha, name: &str) {
    v.sql(&format!(
        "UPDATE account SET email = '{name}.' || login || '@school.example'"
    ));
}

/// Letters of the world to be sent anew.
fn anew(v: &Vekha) {
    v.sql("UPDATE outbox_mail SET state = 'waiting', attempts = 0, next_try_at = '2026-01-01 00:00:00'");
}

fn count(v: &Vekha, state: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM outbox_mail WHERE state = '{state}'"),
    )
}

on_both! {
    fn letters_go_encrypted_to_the_right_server_or_not_at_all(v: &Vekha) {
        world(v);
        addresses(v, "fine");
        let letters = count(v, "waiting");
        // A server that offers no encryption gets nothing from whoever asks for it.
        let plain = Sink::reached(v, "smtp://localhost", &[]);
        let told = plain.deliver(v).failed();
        assert!(told.err.contains("сервер не начал шифрование") && plain.letters().is_empty(), "{}", told.err);
        let (cert, key) = certificate(v);
        let password = v.file("smtp.password", format!("{SECRET}\n"));
        let wrong = v.file("wrong.password", "x");
        let tls = ["--cert", &cert, "--key", &key, "--user", "veha@region.example", "--password", SECRET];
        for (scheme, more) in [("smtp", None), ("smtps", Some("--at-once"))] {
            anew(v);
            let arguments: Vec<&str> = tls.iter().copied().chain(more).collect();
            let mut sink = Sink::reached(v, &format!("{scheme}://veha@region.example@localhost"), &arguments);
            let base = sink.environment.clone();
            let with = |more: &[(&'static str, &str)]| {
                let more = more.iter().map(|(n, v)| (*n, (*v).to_owned()));
                base.iter().cloned().chain(more).collect::<Vec<_>>()
            };
            // Nobody vouches for the certificate; the password is wrong: nothing goes, nobody is charged.
            sink.environment = with(&[("VEKHA_SMTP_PASSWORD_FILE", text(&password))]);
            let told = sink.deliver(v).failed();
            assert!(told.err.contains("шифрование") || told.err.contains("соединения"), "{}", told.err);
            sink.environment = with(&[("VEKHA_SMTP_PASSWORD_FILE", text(&wrong)), ("VEKHA_SMTP_CA_FILE", &cert)]);
            let told = sink.deliver(v).failed();
            assert!(told.err.contains("вход на почтовый сервер не удался: код 535"), "{}", told.err);
            assert!(sink.letters().is_empty());
            assert_eq!(number(v, "SELECT CAST(max(attempts) AS BIGINT) AS n FROM outbox_mail"), 0);
            sink.environment = with(&[("VEKHA_SMTP_PASSWORD_FILE", text(&password)), ("VEKHA_SMTP_CA_FILE", &cert)]);
            let _sent = sink.deliver(v).ok();
            let taken = sink.letters();
            assert_eq!(i64::try_from(taken.len()).expect("a count"), letters);
            assert!(taken.iter().all(|l| l["tls"] == true && l["user"] == true), "{taken:?}");
        }
    }

    fn settings_that_would_leak_are_refused(v: &Vekha) {
        let password = v.file("smtp.password", SECRET);
        for (server, file, told) in [
            (format!("smtp://veha:{SECRET}@mail.example"), None, "не пишут в адрес"),
            ("smtp+plain://veha@mail.example".to_owned(), Some(&password), "на этом же компьютере"),
            ("smtp://veha@mail.example".to_owned(), None, "нужен файл с паролем"),
            ("mail.example".to_owned(), None, "VEKHA_SMTP_URL"),
        ] {
            let mut command = v.command(&["config"]);
            command.envs([("VEKHA_SMTP_URL", server.as_str()), ("VEKHA_MAIL_FROM", "a@b.example"), ("VEKHA_PUBLIC_URL", "https://b.example")]);
            if let Some(file) = file {
                command.env("VEKHA_SMTP_PASSWORD_FILE", file);
            }
            let answer = Answer::of(command.output().expect("vekha starts")).failed();
            assert!(answer.err.contains(told) && !answer.err.contains(SECRET), "{}", answer.err);
        }
        assert!(v.run(&["mail", "deliver"]).failed().err.contains("почта не настроена"));
    }

    fn neither_password_nor_address_is_written_down(v: &Vekha) {
        world(v);
        let password = v.file("smtp.password", SECRET);
        let user = ["--user", "veha@region.example", "--password", SECRET];
        let mut sink = Sink::reached(v, "smtp+plain://veha@region.example@127.0.0.1", &user);
        sink.environment.push(("VEKHA_SMTP_PASSWORD_FILE", text(&password).to_owned()));
        let mut said = String::new();
        let mut run = |arguments: &[&str], sink: &Sink| {
            let output = sink.command(v, arguments).output().expect("vekha starts");
            said.push_str(&format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)));
        };
        // The server repeats addresses in what it refuses with.
        for name in ["gone", "never", "sick", "full", "lost", "fine"] {
            addresses(v, name);
            anew(v);
            for _ in 0..3 {
                run(&["mail", "deliver"], &sink);
                v.sql("UPDATE outbox_mail SET next_try_at = '2026-01-01 00:00:00' WHERE state = 'waiting'");
            }
            run(&["--json", "mail", "list"], &sink);
            run(&["config"], &sink);
            let kept = v.query("SELECT coalesce(last_error, '') FROM outbox_mail").join("\n");
            let kept = kept + &v.query("SELECT value FROM setting WHERE key LIKE 'mail%'").join("\n");
            let kept = kept + &v.query("SELECT detail FROM audit_event").join("\n");
            assert!(!kept.contains("school.example") && !kept.contains(SECRET), "{kept}");
        }
        let wrong = v.file("wrong.password", "AnotherSecret43");
        sink.environment.push(("VEKHA_SMTP_PASSWORD_FILE", text(&wrong).to_owned()));
        anew(v);
        let log = v.path("serve.log");
        let server = Server::start_with(v, |command| {
            command.envs(sink.environment.iter().map(|(n, v)| (*n, v.as_str())));
            command.stderr(std::fs::File::create(&log).expect("a file"));
        });
        let since = Instant::now();
        let logged = || std::fs::read_to_string(&log).expect("the log");
        while !logged().contains("письма ждут: вход") {
            assert!(since.elapsed() < Duration::from_secs(20), "{}", logged());
            std::thread::sleep(Duration::from_millis(100));
        }
        let page = server.signed_in("operator", PASSWORD).get("/letters");
        assert!(page.body.contains("Почта не работает с") && page.body.contains("код 535"), "{}", page.body);
        let all = said + &logged() + &page.body;
        for secret in [SECRET, "AnotherSecret43", "school.example"] {
            assert!(!all.contains(secret), "{secret} is written down: {all}");
        }
    }

    fn the_server_sends_by_itself_and_stops_between_two_letters(v: &Vekha) {
        world(v);
        addresses(v, "fine");
        let letters = usize::try_from(count(v, "waiting")).expect("a count");
        let sink = Sink::new(v, &[]);
        let mut server = sink.command(v, &["serve", "--listen", "127.0.0.1:0"]);
        let mut server = server.stdout(Stdio::null()).spawn().expect("vekha starts");
        let since = Instant::now();
        while count(v, "waiting") > 0 {
            assert!(since.elapsed() < Duration::from_secs(20), "letters wait though the server runs");
            std::thread::sleep(Duration::from_millis(50));
        }
        let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
        assert!(stopped.expect("kill starts").success());
        let ended = server.wait().expect("it is ours");
        assert!(ended.success(), "{ended}");
        assert_eq!((sink.letters().len(), count(v, "sent")), (letters, i64::try_from(letters).expect("a count")));
        assert!(sink.letters().iter().all(|l| field(l, "to").starts_with("fine.")));
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE leased_until IS NOT NULL"), 0);
    }

    fn nothing_leaves_a_demo_region(v: &Vekha) {
        world(v);
        addresses(v, "fine");
        v.sql("INSERT INTO setting (key, value) VALUES ('demo', 'yes')");
        let sink = Sink::new(v, &[]);
        assert!(sink.deliver(v).failed().err.contains("демонстрационного"));
        let _server = Server::start_with(v, |command| {
            command.envs(sink.environment.iter().map(|(n, v)| (*n, v.as_str())));
        });
        std::thread::sleep(Duration::from_secs(1));
        assert!(sink.letters().is_empty() && count(v, "waiting") > 0);
    }
}
