//! «Календарь шагов»: the address is shown once and can be taken back; what it gives is read by two libraries alike.

use std::process::Command;

use chrono::{Days, NaiveDate};
use serde_json::Value;

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web_notices::{PASSWORD, apply, plan_of, step, world};
use crate::world::number;

/// The value of the first field of a name.
#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("a field");
    rest.split('"').next().expect("its end").to_owned()
}

/// The path of the address that a page shows; `None` where it shows none.
fn shown(page: &Page) -> Option<String> {
    let (_, rest) = page.body.split_once("class=\"key\">")?;
    let address = rest.split('<').next()?;
    let (_, secret) = address.split_once("/calendar/")?;
    Some(format!("/calendar/{secret}"))
}

#[track_caller]
fn send(who: &mut Visitor, page: &Page, act: &str) -> Page {
    who.send(page, "/calendar/key", &[("act", act), ("key", &field(page, "key"))])
}

/// A new address of the visitor.
#[track_caller]
pub fn make(who: &mut Visitor) -> String {
    let page = who.get("/calendar/key");
    let made = send(who, &page, "make");
    assert_eq!(made.status, 200, "{}", made.body);
    shown(&made).expect("an address")
}

/// What stands under an address for whoever knows it.
#[track_caller]
fn feed(server: &Server, path: &str) -> Page {
    let page = server.visitor().get(path);
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/calendar; charset=utf-8"),
        "{}",
        page.body
    );
    assert!(page.header("cache-control").contains("no-store"), "{:?}", page.headers);
    page
}

/// The events of a calendar by their day and uid, as both libraries have read them.
#[track_caller]
fn events(v: &Vekha, page: &Page) -> Vec<Value> {
    let file = v.file("own.ics", &page.bytes);
    let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let read = Command::new(python)
        .arg("tests/calendars.py")
        .arg(&file)
        .output()
        .expect("python");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let both: Vec<Vec<Value>> = serde_json::from_slice(&read.stdout).expect("two lists");
    let [one, other] = both.try_into().expect("two libraries");
    assert_eq!(one, other);
    one
}

/// What the tables say of the steps with a day: uid and day.
fn days(v: &Vekha, person: i64) -> Vec<(String, NaiveDate)> {
    let of = "iom_item JOIN iom ON iom.id = iom_item.iom_id";
    let rows = v.query(&format!(
        "SELECT CAST(iom_item.id AS TEXT) || ' ' || CAST(iom_item.due_on AS TEXT) FROM {of} WHERE iom.person_id = {person} AND \
         iom_item.due_on IS NOT NULL ORDER BY iom_item.id"
    ));
    let one = |row: String| {
        let (id, day) = row.split_once(' ').expect("two");
        (format!("step-{id}@vekha"), day.parse().expect("a day"))
    };
    rows.into_iter().map(one).collect()
}

fn of<'a>(events: &'a [Value], uid: &str) -> &'a Value {
    events.iter().find(|e| e["uid"] == uid).expect("an event")
}

on_both! {
    fn the_feed_reads_in_two_libraries(v: &Vekha) {
        let server = world(v, 2);
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let path = make(&mut teacher);
        let page = feed(&server, &path);
        let before = events(v, &page);
        let known = days(v, 1001);
        assert!(!known.is_empty());
        assert_eq!(before.len(), known.len());
        for (uid, day) in &known {
            let event = of(&before, uid);
            let after = *day + Days::new(1);
            assert_eq!((event["start"].as_str(), event["end"].as_str()), (Some(&*day.to_string()), Some(&*after.to_string())));
            assert_eq!(event["status"], "CONFIRMED");
        }
        // A step gets a long name with everything that has a meaning in a calendar, another one is cancelled.
        let (first, plan) = (step(v, 1), plan_of(v, 1));
        let id = |n: i64| number(v, &format!("SELECT id AS n FROM iom_item WHERE iom_id = {plan} AND number = {n}"));
        let title = format!("Разбор; уроков, \\ вдвоём: {}", "смотрим, слушаем и записываем – ".repeat(9).trim_end());
        v.sql(&format!("UPDATE iom_item SET title = '{title}' WHERE id = {}", id(first)));
        let other = number(
            v,
            &format!("SELECT CAST(max(number) AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND due_on IS NOT NULL AND number <> {first}"),
        );
        apply(v, &[format!("1,cancel,{other},2023-03-11,curator,,болезнь наставника")]);
        let page = feed(&server, &path);
        assert!(page.body.split("\r\n").all(|line| line.len() <= 75), "{}", page.body);
        let after = events(v, &page);
        let uids = |of: &[Value]| of.iter().map(|e| e["uid"].to_string()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(uids(&before), uids(&after), "an event is known again");
        assert_eq!(of(&after, &format!("step-{}@vekha", id(first)))["title"], *title);
        let cancelled = format!("step-{}@vekha", id(other));
        assert_eq!(of(&after, &cancelled)["status"], "CANCELLED");
        for event in &after {
            let old = of(&before, event["uid"].as_str().expect("a name"));
            let grown = event["sequence"].as_i64() > old["sequence"].as_i64();
            assert!(grown || event["uid"] != *cancelled, "{event}");
            assert!(event["sequence"].as_i64() >= old["sequence"].as_i64(), "{event}");
        }
        // A closed plan asks for nothing more; what was done stays done.
        apply(v, &["1,close-terminated,,2023-03-20,curator,,dismissal".to_owned()]);
        let closed = events(v, &feed(&server, &path));
        assert!(closed.iter().all(|e| e["status"] == "CANCELLED"), "{closed:?}");
    }

    fn a_revoked_address_is_as_missing(v: &Vekha) {
        let server = world(v, 2);
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let page = teacher.get("/calendar/key");
        let made = send(&mut teacher, &page, "make");
        let path = shown(&made).expect("an address");
        assert_eq!(shown(&teacher.get("/calendar/key")), None, "it is shown once");
        let kept = v.query("SELECT digest FROM calendar_feed");
        assert!(!path.contains(&kept[0]), "what is kept opens nothing");
        // The same form sent twice makes one address.
        assert_eq!(shown(&send(&mut teacher, &page, "make")).as_deref(), Some(&*path));
        let journal = |action: &str| number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = 'mail.calendar_{action}'"));
        assert_eq!((journal("make"), journal("revoke")), (1, 0));
        let missing = server.visitor().get(&format!("/calendar/{}", "0".repeat(64)));
        assert_eq!(missing.status, 404);
        assert_eq!(server.visitor().get("/calendar/1").status, 404);
        // A new one takes its place; a page that was open before is late.
        let late = teacher.get("/calendar/key");
        let second = make(&mut teacher);
        assert_ne!(second, path);
        let gone = server.visitor().get(&path);
        assert_eq!(gone.status, 404);
        assert!(!gone.body.contains("BEGIN:VCALENDAR"));
        let _fresh = feed(&server, &second);
        let refused = send(&mut teacher, &late, "revoke");
        assert!(refused.status >= 400 && refused.status < 500, "{}", refused.status);
        let _still = feed(&server, &second);
        let page = teacher.get("/calendar/key");
        let revoked = send(&mut teacher, &page, "revoke");
        assert_eq!(revoked.status, 303, "{}", revoked.body);
        assert_eq!(server.visitor().get(&second).status, 404);
        assert_eq!((journal("make"), journal("revoke")), (2, 1));
        // A form that made an address brings it back never.
        let again = send(&mut teacher, &late, "make");
        assert!(again.status >= 400 && shown(&again).is_none(), "{}", again.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM calendar_feed"), 0);
        // Whose account is closed has no calendar.
        let third = make(&mut teacher);
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1'");
        assert_eq!(server.visitor().get(&third).status, 404);
    }

    fn a_feed_names_no_other_person_and_no_score(v: &Vekha) {
        let server = world(v, 2);
        let paths = ["teacher-1", "teacher-2", "teacher-99"].map(|login| make(&mut server.signed_in(login, PASSWORD)));
        for (path, person) in paths.iter().zip([1001, 1002, 1099]) {
            let page = feed(&server, path);
            let mut own: Vec<String> = days(v, person).into_iter().map(|(uid, _)| uid).collect();
            let mut read: Vec<String> = events(v, &page).iter().map(|e| e["uid"].as_str().expect("a name").to_owned()).collect();
            own.sort();
            read.sort();
            assert_eq!(own, read);
            let text = page.body.replace("\r\n ", "");
            for word in ["Фамилия", "tutor", "curator", "высокий", "40,0", "дефицит", "Дефицит"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
        // A draft has no days that anybody promised; the tutor has no calendar.
        v.sql("UPDATE iom SET revision = 0 WHERE person_id = 1002");
        assert!(events(v, &feed(&server, &paths[1])).is_empty());
        assert_eq!(server.signed_in("tutor", PASSWORD).get("/calendar/key").status, 403);
    }
}
