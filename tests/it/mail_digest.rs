//! Letters about notices: one a day or a week as the account chooses, text and page alike, ended by one click by whoever
//! holds the letter and for nobody else.

use std::collections::BTreeSet;

use chrono::{Datelike as _, Days};
use serde_json::Value;

use crate::mail::{amount, letters_to_teachers, own_numbers};
use crate::mail_sink::{PAGES, Sink, field};
use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server};
use crate::web_notices::{PASSWORD, apply, plan_of, remind, step, submit, world};
use crate::world::{NORTH, SOUTH, number, snils};

fn letters(v: &Vekha, kind: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM outbox_mail WHERE kind = '{kind}'"),
    )
}

/// A text without its spaces and ends of lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a page of a letter says.
fn said(page: &str) -> String {
    let (_, body) = page.split_once("<body").expect("a body");
    let mut out = String::new();
    for part in body.split('<').skip(1) {
        out.push(' ');
        out.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    let signs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    signs.iter().fold(out, |text, (code, sign)| text.replace(code, sign))
}

/// Text and page of a letter say the same, and the link that ends such letters stands in both and in the header.
#[track_caller]
fn whole(letter: &Value) -> String {
    let (text, page) = (field(letter, "body"), field(letter, "page"));
    // Signs beside a link stand apart in the page.
    let close = |text: String| words(&text).replace(' ', "");
    assert_eq!(close(text.to_owned()), close(said(page)), "{letter}");
    assert!(
        page.starts_with("<!doctype html>") && page.contains("<html lang=\"ru\">"),
        "{page}"
    );
    let ending = field(letter, "ending")
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .to_owned();
    assert_eq!(field(letter, "click"), "List-Unsubscribe=One-Click");
    assert!(ending.starts_with(&format!("{PAGES}/unsubscribe/")), "{letter}");
    assert!(
        text.lines().any(|line| line.trim_end().ends_with(&ending)) && page.contains(&format!("href=\"{ending}\"")),
        "{letter}"
    );
    ending.trim_start_matches(PAGES).to_owned()
}

/// As a program of mail does it: without cookies, token or origin.
fn click(server: &Server, path: &str) -> Page {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    server.visitor().ask("POST", path, &form, "List-Unsubscribe=One-Click")
}

on_both! {
    fn each_step_stands_in_the_list_and_in_one_letter_a_day(v: &Vekha) {
        let server = world(v, 4);
        v.sql("UPDATE account SET email = 'fine.' || login || '@school.example'");
        v.sql("UPDATE notice SET settled_at = created_at, settled = 'read'");
        v.sql("DELETE FROM outbox_mail");
        for (login, how) in [("tutor", "daily"), ("curator", "weekly")] {
            let mut visitor = server.signed_in(login, PASSWORD);
            let page = visitor.get("/notices/choice");
            assert_eq!(visitor.send(&page, "/notices/choice", &[("support", how)]).status, 303);
        }
        for n in [1, 2, 3, 99] {
            submit(v, n, "2023-03-01");
        }
        assert_eq!(letters(v, "iom_submitted"), 2, "at once to those of the south alone");
        let waits = |login: &str| server.signed_in(login, PASSWORD).get("/notices").body.matches("ждёт проверки").count();
        assert_eq!((waits("tutor"), waits("curator")), (3, 3), "the list is whole whatever is chosen");
        // What is answered before the morning is not told of.
        apply(v, &[format!("3,accept,{},2023-03-02,tutor,,", step(v, 3))]);
        let morning = today() + Days::new(2);
        // The tutor is told what waits, the curator that a question is closed, the teacher that a step is credited: one a day,
        // however often it is asked for.
        assert_eq!((remind(v, morning).1, remind(v, morning).1), (3, 0));
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let all = sink.letters();
        let of = |to: &str| all.iter().filter(|l| field(l, "to") == format!("fine.{to}@school.example")).collect::<Vec<_>>();
        let tutor = of("tutor");
        assert_eq!(tutor.len(), 1, "{all:?}");
        assert!(field(tutor[0], "subject").contains("2\u{a0}уведомления"), "{tutor:?}");
        for n in [1, 2] {
            let link = format!("{PAGES}/review#step-{}-{}", plan_of(v, n), step(v, n));
            assert!(field(tutor[0], "body").lines().any(|line| line.trim() == link), "{tutor:?}");
        }
        assert!(!field(tutor[0], "body").contains(&plan_of(v, 3).to_string()), "{tutor:?}");
        let _ending = whole(tutor[0]);
        // Once a week: on Monday, or when the server is back after it.
        let next = (1..=7).map(|n| morning + Days::new(n)).find(|day| day.weekday() == chrono::Weekday::Tue).expect("a Tuesday");
        let _written = remind(v, next + Days::new(7));
        let _sent = sink.deliver(v).ok();
        let all = sink.letters();
        let curator: Vec<&Value> = all.iter().filter(|l| field(l, "to") == "fine.curator@school.example").collect();
        let told: Vec<&Value> = curator.iter().copied().filter(|l| field(l, "body").contains("ждёт проверки")).collect();
        let tutor = all.iter().filter(|l| field(l, "to") == "fine.tutor@school.example").count();
        assert_eq!(tutor, 1, "nothing new came");
        assert_eq!((told.len(), field(told[0], "body").matches("ждёт проверки").count()), (1, 2), "{curator:?}");
        // The answer of the tutor is told to the curator once.
        let closed = curator.iter().map(|l| field(l, "body").matches("Вопрос закрыт").count()).sum::<usize>();
        assert_eq!(closed, 1, "{curator:?}");
        assert_eq!(letters(v, "iom_settled"), 0, "as usual it comes in the letter of the day");
    }

    fn two_processes_make_one_digest(v: &Vekha) {
        let _server = world(v, 30);
        v.sql("UPDATE account SET email = 'fine.' || login || '@school.example'");
        v.sql("UPDATE notice SET settled_at = created_at, settled = 'read'");
        let due = today() + Days::new(3);
        v.sql(&format!("UPDATE iom_item SET due_on = '{due}'"));
        let steps = number(v, "SELECT count(*) AS n FROM iom_item");
        let day = due.to_string();
        let begin = || {
            let mut command = v.command(&["mail", "remind", "--on", &day]);
            command.stdout(std::process::Stdio::null()).spawn().expect("vekha starts")
        };
        for mut run in [begin(), begin(), begin()] {
            assert!(run.wait().expect("it is ours").success());
        }
        assert_eq!(letters(v, "notice_digest"), 31, "one for each teacher of both regions");
        assert_eq!(remind(v, due), (0, 0), "one run has done it all");
        let told = "SELECT count(*) AS n FROM notice WHERE kind = 'iom_due' AND told_at IS NOT NULL";
        assert_eq!(number(v, told), steps);
        let lines: usize = v.query("SELECT body FROM outbox_mail WHERE kind = 'notice_digest'").iter().map(|body| body.matches("/plan#item-").count()).sum();
        assert_eq!(i64::try_from(lines).expect("a count"), steps, "each step stands in one letter");
    }

    fn one_click_ends_letters_of_that_kind_and_of_nobody_else(v: &Vekha) {
        let amount = amount("VEKHA_NOTICE_LETTERS", 40);
        letters_to_teachers(v, amount, |_| "fine");
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let own = own_numbers(v);
        let taken = sink.letters();
        assert_eq!(i64::try_from(taken.len()).expect("a count"), amount);
        let mut endings = Vec::new();
        for letter in &taken {
            let to = field(letter, "to");
            for part in ["subject", "body", "page"] {
                let said = field(letter, part);
                let numbers = said.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',')).filter(|w| w.starts_with("ИОМ-"));
                let numbers: BTreeSet<&str> = numbers.map(|w| w.trim_end_matches('.')).collect();
                assert_eq!(numbers, BTreeSet::from([own[to].as_str()]), "{to}: another's number in the {part}");
            }
            endings.push((to.to_owned(), whole(letter)));
        }
        let distinct: BTreeSet<&String> = endings.iter().map(|(_, path)| path).collect();
        assert_eq!(distinct.len(), endings.len(), "no two letters carry one link");
        for letter in &taken {
            let foreign = endings.iter().filter(|(to, _)| to != field(letter, "to")).take(50);
            for (_, path) in foreign {
                assert!(!field(letter, "body").contains(path) && !field(letter, "page").contains(path), "{letter}");
            }
        }
        let server = Server::start(v);
        let missing = server.visitor().get("/unsubscribe/7-ffff");
        assert_eq!(missing.status, 404);
        let chosen = "SELECT count(*) AS n FROM notice_choice";
        let mut ended = BTreeSet::new();
        for (n, (to, path)) in endings.iter().enumerate() {
            // Programs of mail open links by themselves: that ends nothing.
            if n < 10 {
                let page = server.visitor().get(path);
                assert!(page.status == 200 && page.body.contains("Больше не присылать такие письма?"), "{}", page.body);
                assert!(!page.body.contains("fine.") && !page.body.contains("ИОМ-"), "the page names nobody");
                let (before, last) = path.split_at(path.len() - 1);
                let forged = format!("{before}{}", if last == "0" { "1" } else { "0" });
                let (_, digest) = path.split_once('-').expect("a digest");
                let of_another = endings[(n + 1) % endings.len()].1.split('-').next().unwrap_or_default().to_owned();
                for wrong in [forged, format!("{of_another}-{digest}")] {
                    assert_eq!((server.visitor().get(&wrong).bytes, click(&server, &wrong).status), (missing.bytes.clone(), 404), "{wrong}");
                }
                assert_eq!(number(v, chosen), i64::try_from(ended.len()).expect("a count"));
            }
            if n % 2 == 0 {
                let page = click(&server, path);
                assert!(page.status == 200 && page.body.contains("Больше не пришлём"), "{}", page.body);
                ended.insert(to.clone());
            }
        }
        let half = i64::try_from(ended.len()).expect("a count");
        let kept: BTreeSet<String> = v
            .query("SELECT email || ' ' || kinds || ' ' || frequency FROM notice_choice JOIN account ON account.id = account_id")
            .into_iter()
            .collect();
        let wanted: BTreeSet<String> = ended.iter().map(|to| format!("{to} plan off")).collect();
        assert_eq!(kept, wanted, "each click ended the letters of its own receiver alone");
        assert_eq!(click(&server, &endings[0].1).status, 200, "a second click is no error");
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'mail.unsubscribe'"), half);
        // The same happens to all once more: those who ended their letters are told on the pages alone.
        let mut acts = String::from("snils,act,item,date,by,value,reason\n");
        for n in 1..=amount {
            let region = if n % 2 == 0 { NORTH } else { SOUTH };
            acts.push_str(&format!("{0},return,,2023-02-13,fine.{n},,Мало шагов\n{0},send,,2023-02-14,head-{region},,\n", snils(n)));
        }
        let acts = v.file("again.csv", acts);
        let _sent = v.run(&["iom", "apply", text(&acts)]).ok();
        let _sent = sink.deliver(v).ok();
        let again: BTreeSet<String> = sink.letters()[taken.len()..].iter().map(|l| field(l, "to").to_owned()).collect();
        assert_eq!(i64::try_from(again.len()).expect("a count"), amount - half);
        assert!(again.is_disjoint(&ended));
        let open = "SELECT count(*) AS n FROM notice WHERE kind = 'iom_sent' AND settled_at IS NULL";
        assert_eq!(number(v, open), amount, "each has one question, the latest");
        // Who has another address now is not touched by a letter to the one before.
        v.sql("UPDATE account SET email = 'new.' || login || '@school.example'");
        assert_eq!(click(&server, &endings[1].1).status, 404);
        println!("{amount} letters: text and page alike, {half} ended by one click, none with the link of another");
    }

    fn a_service_letter_cannot_be_unsubscribed_and_says_why(v: &Vekha) {
        let server = world(v, 1);
        v.sql("DELETE FROM outbox_mail");
        v.sql("UPDATE account SET email = 'fine.' || login || '@school.example'");
        let mut stranger = server.visitor();
        let page = stranger.get("/sign-in");
        assert_eq!(stranger.send(&page, "/reset", &[("login", "teacher-1")]).status, 303);
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let taken = sink.letters();
        assert_eq!(taken.len(), 1);
        let headers = taken[0]["headers"].to_string();
        assert!(!headers.contains("list-unsubscribe"), "{headers}");
        let (body, page) = (field(&taken[0], "body"), field(&taken[0], "page"));
        assert!(body.contains("отключить его нельзя") && !body.contains("/unsubscribe/"), "{body}");
        assert!(page.contains("отключить его нельзя") && page.contains("/link/"), "{page}");
    }
}
