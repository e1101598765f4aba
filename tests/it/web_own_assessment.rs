//! The self-assessment over plain HTTP: saved page by page, gone on with after a break, apart from formal results, nobody
//! else's; and no confirmed answer is lost when the server is killed. Ten people and two kills in `tests/run`, three hundred
//! and twenty at night.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// Topics of the questionnaire by the code of their competence, each with its group, in their order.
const TOPICS: [(&str, &str); 20] = [
    ("SUB-1", "subject"),
    ("SUB-2", "subject"),
    ("SUB-3", "subject"),
    ("MET-1", "methodical"),
    ("MET-2", "methodical"),
    ("MET-3", "methodical"),
    ("MET-4", "methodical"),
    ("MET-5", "methodical"),
    ("MET-6", "methodical"),
    ("PSY-1", "psych_ped"),
    ("PSY-2", "psych_ped"),
    ("PSY-3", "psych_ped"),
    ("PSY-4", "psych_ped"),
    ("COM-1", "communicative"),
    ("COM-2", "communicative"),
    ("DIG-1", "digital"),
    ("DIG-2", "digital"),
    ("MNG-1", "managerial"),
    ("MNG-2", "managerial"),
    ("LAW", "regulatory"),
];

/// Competences of these topics, from the id 11 on; each group has one more, so that no topic goes to the top of its group.
fn competences(world: &mut World, codes: &[&str]) {
    let mut id = 10;
    let mut row = |code: &str, group: &str| {
        id += 1;
        world.row(
            "competence (id, code, group_code, name, version, recorded_at)",
            &format!("{id}, '{code}', '{group}', 'Умение {code}', 1, '2022-01-01 00:00:00'"),
        );
    };
    let here = |code: &str| TOPICS.iter().find(|(c, _)| *c == code).expect(code).1;
    codes.iter().for_each(|code| row(code, here(code)));
    let groups: BTreeSet<&str> = codes.iter().map(|code| here(code)).collect();
    groups.iter().for_each(|group| row(&format!("beside {group}"), group));
}

/// Two teachers of the north, one of the south; two topics are asked, with three statements each.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    competences(&mut world, &["MET-2", "DIG-1"]);
    world.procedure(1, "Д1", "full", None);
    world
        .teacher(1001, 1, NORTH, 2)
        .teacher(1002, 2, NORTH, 2)
        .teacher(2001, 3, SOUTH, 2);
    world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(11, 40_000), (1, 90_000)]);
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "second", Some(1002), &[("teacher", unit(NORTH, 2))]);
    world.account(3, "south", Some(2001), &[("teacher", unit(SOUTH, 2))]);
    world.account(4, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(5, "director", None, &[("school_head", unit(NORTH, 2))]);
    world.account(6, "operator", None, &[("operator", unit(NORTH, 0))]);
    build(v, &world);
    Server::start(v)
}

fn build(v: &Vekha, world: &World) {
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
}

/// Sends a page of a topic as it stands, with these answers.
#[track_caller]
fn say(who: &mut Visitor, topic: &str, answers: &[(&str, &str)]) -> Page {
    let page = who.get(&format!("/self-assessment?topic={topic}"));
    assert_eq!(page.status, 200, "{}", page.body);
    send(who, &page, topic, answers)
}

#[track_caller]
fn send(who: &mut Visitor, page: &Page, topic: &str, answers: &[(&str, &str)]) -> Page {
    let (_, round) = page.body.split_once("name=\"round\" value=\"").expect("a round");
    let round = round.split('"').next().expect("its end");
    let mut fields = vec![("topic", topic), ("round", round)];
    fields.extend(answers);
    who.send(page, "/self-assessment/answer", &fields)
}

const MET: [(&str, &str); 3] = [("s13", "3"), ("s14", "3"), ("s15", "0")];
const DIG: [(&str, &str); 3] = [("s46", "1"), ("s47", "none"), ("s48", "2")];

/// Answers everything and finishes.
#[track_caller]
fn go_through(who: &mut Visitor, met: &[(&str, &str)], dig: &[(&str, &str)]) {
    assert_eq!(say(who, "MET-2", met).status, 303);
    assert_eq!(say(who, "DIG-1", dig).status, 303);
    let page = who.get("/self-assessment");
    let done = who.send(&page, "/self-assessment/finish", &[]);
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/self-assessment?done=finished"),
        "{}",
        done.body
    );
}

/// The formal columns of a profile, and that of the self-assessment, by competence.
fn profile(v: &Vekha, n: i64) -> (Vec<Vec<String>>, Vec<(String, String)>) {
    let rows = v.run(&["profile", &snils(n), "--format", "csv"]).ok().rows();
    let formal = |row: &std::collections::BTreeMap<String, String>| {
        let columns = ["competence", "level", "is_deficit", "percent", "procedure", "date"];
        columns.iter().map(|column| row[*column].clone()).collect::<Vec<_>>()
    };
    let own = rows.iter().map(|r| (r["competence"].clone(), r["self"].clone()));
    (
        rows.iter().filter(|r| !r["percent"].is_empty()).map(formal).collect(),
        own.collect(),
    )
}

fn amount(name: &str, share: u64) -> u64 {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// One who answers without a browser, whatever becomes of the server.
struct Person {
    id: i64,
    cookies: String,
    token: String,
    /// The anchor of each statement.
    values: Vec<u8>,
}

/// The status of a form that is sent; none where the server is not there or ends meanwhile.
fn post(address: &str, of: &Person, path: &str, fields: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let body = format!("token={}{fields}", of.token);
    let call = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        of.cookies,
        body.len()
    );
    stream.write_all(call.as_bytes()).ok()?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said).ok()?;
    String::from_utf8_lossy(&said).split(' ').nth(1)?.parse().ok()
}

/// What all of them share.
struct Exam {
    /// Where the server is now.
    address: RwLock<String>,
    /// What was confirmed, as the database would say it.
    confirmed: Mutex<Vec<String>>,
    took: Mutex<Vec<Duration>>,
    pause: u64,
    /// Something went wrong: nobody waits any longer.
    over: AtomicBool,
}

impl Exam {
    fn address(&self) -> String {
        self.address.read().expect("an address").clone()
    }

    /// Sends a form until it is confirmed; how long that took where the first try was.
    fn until_confirmed(&self, of: &Person, path: &str, fields: &str) -> Option<Duration> {
        let mut first = true;
        loop {
            let since = Instant::now();
            match post(&self.address(), of, path, fields) {
                Some(303) => return first.then(|| since.elapsed()),
                // Between two servers nobody is there, and one that is ending says so.
                None | Some(500..) => std::thread::sleep(Duration::from_millis(20)),
                Some(other) => {
                    self.over.store(true, Ordering::Relaxed);
                    unreachable!("{path}: {other}");
                }
            }
            first = false;
            assert!(!self.over.load(Ordering::Relaxed), "the server is gone");
        }
    }

    fn sit(&self, of: &Person) {
        let mut chance = SmallRng::seed_from_u64(u64::try_from(of.id).expect("an id"));
        for (n, value) in of.values.iter().enumerate() {
            std::thread::sleep(Duration::from_millis(chance.random_range(0..=2 * self.pause)));
            let (statement, topic) = (format!("s{:02}", n + 1), TOPICS[n / 3].0);
            let fields = format!("&topic={topic}&round=0&{statement}={value}");
            if let Some(took) = self.until_confirmed(of, "/self-assessment/answer", &fields) {
                self.took.lock().expect("a list").push(took);
            }
            let line = format!("{} {statement} {value}", of.id);
            self.confirmed.lock().expect("a list").push(line);
        }
    }
}

/// Everybody who answers, signed in.
fn people(v: &Vekha, server: &Server, many: u64) -> Vec<Person> {
    let person = |n: u64| {
        let mut visitor = server.signed_in(&format!("teacher{n}"), PASSWORD);
        let page = visitor.get("/self-assessment?topic=SUB-1");
        let cookies: Vec<String> = visitor.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut chance = SmallRng::seed_from_u64(n);
        Person {
            id: 1000 + i64::try_from(n).expect("a count"),
            cookies: cookies.join("; "),
            token: page.token().to_owned(),
            values: (0..60).map(|_| chance.random_range(0..=3)).collect(),
        }
    };
    let all = (1..=many).map(person).collect();
    assert_eq!(
        number(v, "SELECT count(*) AS n FROM own_attempt"),
        0,
        "whoever looks has begun nothing"
    );
    all
}

fn stored(v: &Vekha) -> BTreeSet<String> {
    let answers = "SELECT CAST(a.person_id AS TEXT) || ' ' || o.statement || ' ' || CAST(o.value AS TEXT) FROM own_answer o \
                   JOIN own_attempt a ON a.id = o.attempt_id";
    v.query(answers).into_iter().collect()
}

on_both! {
    // rows: CH-F45
    fn a_card_of_competences_the_primary_diagnosis_and_goals_follow_each_other(v: &Vekha) {
        let server = world(v);
        // First each teacher fills in the own card, topic by topic; it stands beside formal results and is none.
        let (mut teacher, mut staff) = (server.signed_in("teacher", PASSWORD), server.signed_in("staff", PASSWORD));
        go_through(&mut teacher, &MET, &DIG);
        go_through(&mut server.signed_in("south", PASSWORD), &MET, &DIG);
        let (formal, own) = profile(v, 1);
        assert_eq!(own.iter().filter(|(_, said)| !said.is_empty()).count(), 2, "{own:?}");
        let participants = |who: &mut Visitor, kind: &str| {
            let page = who.get(&format!("/diagnostics?kind={kind}"));
            let found = crate::figures_pages::table(&page, "Диагностики");
            let place = found.column("Участники").expect("a column");
            found.rows.iter().skip(1).map(|row| row[place].clone()).collect::<Vec<_>>()
        };
        assert_eq!(participants(&mut staff, "self"), ["1"], "one of the north; the south has its own");
        // Then the primary diagnosis, on a day and of a kind of its own.
        let form = staff.get("/diagnostics/new");
        let key = form.body.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a key").to_owned();
        let said = [("key", &*key), ("name", "Первичная"), ("kind", "entry"), ("level", "regional"), ("code", "П-1")];
        assert_eq!(staff.send(&form, "/diagnostics/new", &said).status, 303);
        let mut file = String::from("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n");
        for (n, competence, score) in [(1, "MET-2", 4), (1, "DIG-1", 9), (2, "MET-2", 10), (2, "DIG-1", 10)] {
            file.push_str(&format!("{};П-1;входная;05.03.2023;{competence};{score};10\n", snils(n)));
        }
        let _results = v.import("results", &file);
        assert_eq!(participants(&mut staff, "entry"), ["2"]);
        assert!(profile(v, 1).0.len() > formal.len(), "the primary diagnosis adds to the formal results");
        // Then goals: one for each deficit that was found, in a route of whoever has one.
        let preview = staff.get("/drafting?procedure=%D0%9F-1");
        let expected = preview.body.split("name=\"expected\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a number").to_owned();
        let fields = [("procedure", "П-1"), ("unit", ""), ("expected", &*expected)];
        assert_eq!(staff.send(&preview, "/drafting", &fields).status, 303, "{}", preview.body);
        let list = staff.get("/plans?goal=deficit");
        assert!(list.body.contains("Найдено: 1") && list.body.contains("Фамилия1\u{a0}"), "{}", list.body);
        let goals = v.query("SELECT title FROM iom_goal WHERE basis = 'deficit'");
        let deficits = number(v, "SELECT count(*) AS n FROM iom_deficit");
        assert_eq!(i64::try_from(goals.len()).expect("few"), deficits, "{goals:?}");
        assert!(goals.iter().any(|title| title.contains("Умение MET-2")) && goals.iter().all(|title| !title.contains("DIG-1")), "{goals:?}");
        let plan = number(v, "SELECT id AS n FROM iom");
        assert!(staff.get(&format!("/plans/{plan}/edit")).body.contains(&goals[0]));
        let _whole = v.run(&["check"]).ok();
    }

    fn answers_stay_through_a_break_and_go_on_where_they_stopped(v: &Vekha) {
        let server = world(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert!(teacher.get("/profile").body.contains("href=\"/self-assessment\""));
        let start = teacher.get("/self-assessment");
        assert!(start.body.contains("6\u{A0}утверждений") && start.body.contains("Начать"), "{}", start.body);
        // A page that is sent without an answer begins nothing, and the next topic follows all the same.
        let saved = say(&mut teacher, "MET-2", &[]);
        assert_eq!((saved.status, saved.header("location")), (303, "/self-assessment?after=MET-2"), "{}", saved.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt"), 0);
        assert_eq!(say(&mut teacher, "MET-2", &[("s13", "2"), ("s15", "none")]).status, 303);
        let next = teacher.get("/self-assessment?after=MET-2");
        assert!(next.body.contains("<h1>Цифровые ресурсы на уроке</h1>"), "{}", next.body);
        drop(server);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/self-assessment");
        assert!(page.body.contains("Отвечено 2 из 6"), "{}", page.body);
        let body = page.body.replace("&#x3D;", "=");
        assert!(body.contains("href=\"/self-assessment?topic=MET-2\">Продолжить: Формирующее оценивание"), "{body}");
        assert!(!page.body.contains("/self-assessment/finish"), "{}", page.body);
        let topic = teacher.get("/self-assessment?topic=MET-2");
        for (statement, value) in [("s13", "2"), ("s15", "none")] {
            let ticked = format!("name=\"{statement}\" value=\"{value}\" checked");
            assert!(topic.body.contains(&ticked), "{ticked}: {}", topic.body);
        }
        assert_eq!(topic.body.matches(" checked").count(), 2, "{}", topic.body);
        // A topic that is not about one's work is one press.
        assert_eq!(say(&mut teacher, "DIG-1", &[("beside", "yes")]).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_answer WHERE value IS NULL"), 4);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt"), 1);
        // What is open is named when it is sent too early.
        let early = teacher.send(&page, "/self-assessment/finish", &[]);
        assert!(early.status == 422 && early.body.contains("Без ответа: «Формирующее оценивание»"), "{}", early.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt WHERE state = 'begun'"), 1);
        assert_eq!(say(&mut teacher, "MET-2", &[("s14", "1")]).status, 303);
        assert!(teacher.get("/self-assessment").body.contains("Завершить самооценку"));
    }

    fn a_finished_self_assessment_changes_no_formal_line_and_says_so(v: &Vekha) {
        let server = world(v);
        let (formal, _) = profile(v, 1);
        assert_eq!(formal.len(), 2);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        go_through(&mut teacher, &MET, &DIG);
        let done = teacher.get("/self-assessment?done=finished");
        assert!(done.body.contains("Результаты диагностики и маршрут не изменились."), "{}", done.body);
        let page = teacher.get("/profile");
        assert!(page.body.contains("Самооценка уровня не меняет") && page.body.contains("66\u{A0}%"), "{}", page.body);
        let (after, own) = profile(v, 1);
        assert_eq!(after, formal);
        // Six of nine; three of six, as one statement is not about this person's work.
        let own: BTreeSet<(&str, &str)> = own.iter().map(|(c, s)| (c.as_str(), s.as_str())).filter(|(_, s)| !s.is_empty()).collect();
        assert_eq!(own, BTreeSet::from([("DIG-1", "50"), ("MET-2", "66.67")]));
        let passage = "SELECT kind || ' ' || procedure_id FROM diagnosis WHERE person_id = 1001 AND kind = 'self'";
        assert_eq!(v.query(passage).len(), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'diagnostics.own_finish' AND person_id = 1001"), 1);
        // Once more on the same day: the same passage, other results, the earlier ones kept.
        assert!(teacher.get("/self-assessment").body.contains("Пройти ещё раз"));
        go_through(&mut teacher, &[("s13", "0"), ("s14", "0"), ("s15", "0")], &DIG);
        let (after, own) = profile(v, 1);
        assert_eq!(after, formal);
        assert!(own.contains(&("MET-2".to_owned(), "0".to_owned())), "{own:?}");
        assert_eq!(v.query(passage).len(), 1);
        let results = |how: &str| number(v, &format!(
            "SELECT count(*) AS n FROM diagnosis_result r JOIN diagnosis d ON d.id = r.diagnosis_id WHERE d.kind = 'self' \
             AND r.superseded_at IS {how}"
        ));
        assert_eq!((results("NULL"), results("NOT NULL")), (2, 2));
        // Whoever does none of it has assessed nothing.
        let none = |codes: [&'static str; 3]| codes.map(|code| (code, "none"));
        assert_eq!(say(&mut teacher, "MET-2", &none(["s13", "s14", "s15"])).status, 303);
        assert_eq!(say(&mut teacher, "DIG-1", &none(["s46", "s47", "s48"])).status, 303);
        let page = teacher.get("/self-assessment");
        let refused = teacher.send(&page, "/self-assessment/finish", &[]);
        assert!(refused.status == 422 && refused.body.contains("хотя бы в одной теме"), "{}", refused.body);
        let _sound = v.run(&["check"]).ok();
    }

    fn an_answer_is_saved_once_however_often_it_is_sent(v: &Vekha) {
        let server = world(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/self-assessment?topic=MET-2");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let (mut one, page) = (teacher.clone(), &page);
                scope.spawn(move || assert_eq!(send(&mut one, page, "MET-2", &MET).status, 303));
            }
        });
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM questionnaire"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_answer"), 3);
        // What the questionnaire does not ask, and what is said twice, is not taken, nor what stands beside it.
        for wrong in [[("s46", "4"), ("s48", "1")], [("s46", "1"), ("s46", "2")], [("s46", "1"), ("s99", "2")], [("s46", "1"), ("s48", "x")]] {
            assert_eq!(say(&mut teacher, "DIG-1", &wrong).status, 400, "{wrong:?}");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_answer"), 3);
        assert_eq!(say(&mut teacher, "DIG-1", &DIG).status, 303);
        let whole = teacher.get("/self-assessment");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (mut one, whole) = (teacher.clone(), &whole);
                scope.spawn(move || assert_eq!(one.send(whole, "/self-assessment/finish", &[]).status, 303));
            }
        });
        assert_eq!(number(v, "SELECT count(*) AS n FROM diagnosis WHERE kind = 'self'"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'diagnostics.own_finish'"), 1);
        // A page that was left open neither changes what is finished nor begins anew.
        let late = send(&mut teacher, &page, "MET-2", &[("s13", "0")]);
        assert!(late.status == 422 && late.body.contains("Самооценка уже завершена"), "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt"), 1);
        assert_eq!(number(v, "SELECT CAST(value AS BIGINT) AS n FROM own_answer WHERE statement = 's13'"), 3);
    }

    fn nobody_reads_the_answers_of_another(v: &Vekha) {
        let server = world(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert_eq!(say(&mut teacher, "MET-2", &MET).status, 303);
        for login in ["second", "south"] {
            let mut other = server.signed_in(login, PASSWORD);
            assert!(other.get("/self-assessment").body.contains("Начать"), "{login}");
            assert!(!other.get("/self-assessment?topic=MET-2").body.contains(" checked"), "{login}");
            // What another one saves is an attempt of their own.
            assert_eq!(say(&mut other, "MET-2", &[("s13", "0")]).status, 303);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM own_attempt"), 3);
        assert!(teacher.get("/self-assessment?topic=MET-2").body.contains("name=\"s13\" value=\"3\" checked"));
        assert_eq!(say(&mut teacher, "DIG-1", &DIG).status, 303);
        let page = teacher.get("/self-assessment");
        assert_eq!(teacher.send(&page, "/self-assessment/finish", &[]).status, 303);
        for login in ["staff", "director", "operator"] {
            let mut other = server.signed_in(login, PASSWORD);
            assert_eq!(other.get("/self-assessment").status, 403, "{login}");
            assert_eq!(other.get("/self-assessment?topic=MET-2").status, 403, "{login}");
        }
        // The region sees that it was held, as numbers; it comes with the program and is nobody's to change.
        let mut staff = server.signed_in("staff", PASSWORD);
        let code: String = "ВЕХА-САМООЦЕНКА".bytes().map(|b| format!("%{b:02X}")).collect();
        let list = staff.get("/diagnostics");
        assert!(list.body.contains("Самооценка в Вехе"), "{}", list.body);
        assert!(list.body.contains("После последней диагностики маршрута ждёт 1\u{A0}педагог."), "{}", list.body);
        let one = staff.get(&format!("/diagnostics/procedure?code={code}"));
        assert!(one.status == 200 && !one.body.contains("Фамилия"), "{}", one.body);
        assert_eq!(staff.get(&format!("/diagnostics/edit?code={code}")).status, 404);
        // The south has finished none: there it is as missing.
        v.sql("UPDATE role_grant SET unit_id = 120 WHERE account_id = 4");
        assert_eq!(staff.get(&format!("/diagnostics/procedure?code={code}")).status, 404);
    }

    fn killed_in_the_middle_no_answer_that_was_confirmed_is_lost(v: &Vekha) {
        let (many, kills) = (amount("VEKHA_OWN_PEOPLE", 10), amount("VEKHA_OWN_KILLS", 2));
        let mut world = World::new();
        competences(&mut world, &TOPICS.map(|(code, _)| code));
        for n in 1..=many {
            let n = i64::try_from(n).expect("a count");
            world.teacher(1000 + n, n, NORTH, 2);
            world.account(n, &format!("teacher{n}"), Some(1000 + n), &[("teacher", unit(NORTH, 2))]);
        }
        build(v, &world);
        let server = Server::start(v);
        let people = people(v, &server, many);
        let exam = Exam {
            address: RwLock::new(server.address.clone()),
            confirmed: Mutex::default(),
            took: Mutex::default(),
            pause: amount("VEKHA_OWN_PAUSE", 20),
            over: AtomicBool::new(false),
        };
        let all = people.len() * 60;
        let mut server = Some(server);
        let mut chance = SmallRng::from_os_rng();
        let began = Instant::now();
        std::thread::scope(|scope| {
            for person in &people {
                let exam = &exam;
                scope.spawn(move || exam.sit(person));
            }
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                for kill in 1..=kills {
                    // Kills lie over the whole of it, each at a moment of its own.
                    let part = usize::try_from(kill).expect("a count") * all / usize::try_from(kills + 1).expect("a count");
                    while exam.confirmed.lock().expect("a list").len() < part {
                        assert!(!exam.over.load(Ordering::Relaxed), "somebody was refused");
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    std::thread::sleep(Duration::from_millis(chance.random_range(0..50)));
                    drop(server.take());
                    let confirmed = exam.confirmed.lock().expect("a list").clone();
                    let stored = stored(v);
                    let lost: Vec<&String> = confirmed.iter().filter(|line| !stored.contains(*line)).collect();
                    assert!(lost.is_empty(), "kill {kill}: confirmed, but lost: {lost:?}");
                    let next = Server::start(v);
                    *exam.address.write().expect("an address") = next.address.clone();
                    server = Some(next);
                }
            }));
            if let Err(why) = outcome {
                exam.over.store(true, Ordering::Relaxed);
                std::panic::resume_unwind(why);
            }
        });
        let confirmed: BTreeSet<String> = exam.confirmed.lock().expect("a list").iter().cloned().collect();
        assert_eq!(confirmed.len(), all);
        assert!(stored(v) == confirmed, "what is stored is what was said");
        for person in &people {
            let _confirmed = exam.until_confirmed(person, "/self-assessment/finish", "");
        }
        let sums = "SELECT CAST(r.person_id AS TEXT) || ' ' || CAST(sum(r.raw_milli) AS TEXT) || ' ' || CAST(sum(r.max_milli) AS \
                    TEXT) FROM diagnosis_result r JOIN diagnosis d ON d.id = r.diagnosis_id WHERE d.kind = 'self' GROUP BY r.person_id";
        let sums: BTreeSet<String> = v.query(sums).into_iter().collect();
        let said = people.iter().map(|p| format!("{} {} 180000", p.id, p.values.iter().map(|n| u32::from(*n) * 1000).sum::<u32>()));
        assert_eq!(sums, said.collect());
        let mut took = exam.took.lock().expect("a list").clone();
        took.sort_unstable();
        let slow = took[(took.len() - 1) * 95 / 100];
        println!(
            "{many} people, {all} answers in {} s, {kills} kills: all confirmed, 0 lost; 95 % of {} saved within {slow:?}",
            began.elapsed().as_secs(),
            took.len()
        );
        if many >= 300 {
            assert!(slow <= Duration::from_millis(100), "saved within {slow:?}");
        }
    }
}
