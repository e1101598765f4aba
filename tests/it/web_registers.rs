//! Registers of events, bodies and mentoring over plain HTTP and from files: what is recorded is found, listed and
//! counted by whoever keeps it, and by nobody else. Own school, other school, other municipality, other region.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;

/// Teachers: person, number, region, school; each number has two digits, so that a name is never a part of another.
fn teachers() -> Vec<(i64, i64, i64, i64)> {
    let of = |first: i64, many: i64, region: i64, school: i64| {
        (first..first + many).map(move |n| (1000 + n, n, region, school))
    };
    let north = of(11, 10, NORTH, 2)
        .chain(of(31, 5, NORTH, 3))
        .chain(of(41, 5, NORTH, FAR_SCHOOL));
    north.chain(of(61, 5, SOUTH, 2)).collect()
}

pub fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    for (person, n, region, school) in teachers() {
        world.teacher(person, n, region, school);
    }
    for (id, (login, person, role, over)) in (1..).zip([
        ("operator", None, "operator", unit(NORTH, 0)),
        ("south", None, "operator", unit(SOUTH, 0)),
        ("methodist", None, "municipal_methodist", unit(NORTH, 1)),
        ("director", None, "school_head", unit(NORTH, 2)),
        ("deputy", None, "school_admin", unit(NORTH, 2)),
        ("coordinator", None, "mentoring_coordinator", unit(NORTH, 2)),
        ("director-3", None, "school_head", unit(NORTH, 3)),
        ("director-far", None, "school_head", unit(NORTH, FAR_SCHOOL)),
        ("teacher", Some(1011), "teacher", unit(NORTH, 2)),
        ("teacher-south", Some(1061), "teacher", unit(SOUTH, 2)),
    ]) {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    v.sql("UPDATE person SET search_key = 'фамилия' || substr(last_name, 8) || ' имя', sort_key = last_name");
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

pub fn signed(server: &Server, login: &str) -> Visitor {
    server.signed_in(login, PASSWORD)
}

pub fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// How many a list says that it has found.
pub fn found(who: &mut Visitor, path: &str) -> usize {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    after(&page, "Найдено: ")
}

/// The number that follows some words.
#[track_caller]
pub fn after(page: &Page, words: &str) -> usize {
    let rest = page.body.split(words).nth(1).expect(words);
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '\u{a0}')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().expect(words)
}

/// A hidden field of the form of an act.
pub fn hidden(page: &Page, act: &str, name: &str) -> String {
    let form = page
        .body
        .split("<form")
        .find(|f| f.contains(&format!("value=\"{act}\"")))
        .expect(act);
    let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

#[track_caller]
pub fn sent(who: &mut Visitor, page: &Page, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = who.send(page, path, fields);
    assert_eq!(answer.status, 303, "{path} {fields:?}: {}", answer.body);
    answer.header("location").to_owned()
}

/// An event as a form brings it.
pub struct Event {
    pub title: &'static str,
    pub series: &'static str,
    pub kind: &'static str,
    pub level: &'static str,
    pub on: &'static str,
    pub units: &'static str,
    pub counted: usize,
}

fn add(who: &mut Visitor, event: &Event, organiser: &str) -> String {
    let page = who.get("/events");
    let to = sent(
        who,
        &page,
        "/events",
        &[
            ("title", event.title),
            ("series", event.series),
            ("kind", event.kind),
            ("level", event.level),
            ("from", event.on),
            ("to", ""),
            ("organiser", organiser),
            ("other", "Министерство"),
            ("units", event.units),
            ("participants", ""),
            ("code", ""),
        ],
    );
    to.split('?').next().expect("a path").to_owned()
}

/// Adds events, takes part in them as schools would, and compares every list with what was laid.
pub fn events_are_kept(v: &Vekha, events: &[Event]) {
    let server = world(v);
    let (mut operator, mut south) = (signed(&server, "operator"), signed(&server, "south"));
    let (mut deputy, mut far) = (signed(&server, "deputy"), signed(&server, "director-far"));
    let mut paths = Vec::new();
    for event in events {
        let path = add(&mut operator, event, "");
        let page = operator.get(&path);
        assert_eq!(
            after(&page, "Участников по подсчёту</dt><dd>"),
            event.counted,
            "{}",
            event.title
        );
        // Two of the own school, one of the far one: each takes part for its own people.
        for (who, ids) in [(&mut deputy, &["1011", "1012"][..]), (&mut far, &["1041"][..])] {
            let form = who.get(&format!("{path}/people"));
            let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("id", *id)).collect();
            fields.push(("role", "participant"));
            assert!(sent(who, &form, &format!("{path}/people"), &fields).ends_with("?done=people"));
            // Sent once more, it says the same and adds nobody.
            let _again = sent(who, &form, &format!("{path}/people"), &fields);
        }
        paths.push(path);
    }
    let count = |fits: &dyn Fn(&Event) -> bool| events.iter().filter(|e| fits(e)).count();
    let sum = |fits: &dyn Fn(&Event) -> bool| events.iter().filter(|e| fits(e)).map(|e| e.counted).sum::<usize>();
    assert_eq!(found(&mut operator, "/events"), events.len());
    for event in events {
        let of_kind = |e: &Event| e.kind == event.kind && e.level == event.level;
        let path = format!("/events?kind={}&level={}", code(event.kind), event.level);
        assert_eq!(found(&mut operator, &path), count(&of_kind), "{path}");
        let page = operator.get(&path);
        assert!(page.body.contains(event.title), "{path}");
        assert_eq!(
            after(&page, "Здесь всего: "),
            sum(&of_kind),
            "{path}: participants counted"
        );
        assert!(
            page.body.contains(&format!("{}\u{a0}запис", 3 * count(&of_kind))),
            "{path}: {}",
            page.body
        );
        if !event.series.is_empty() {
            let path = format!("/events?series={}", code(event.series));
            assert_eq!(
                found(&mut operator, &path),
                count(&|e| e.series == event.series),
                "{path}"
            );
        }
    }
    for place in ["С1", "С5"] {
        let there = |e: &Event| e.units.split(';').any(|u| u.trim().split('=').next() == Some(place));
        let path = format!("/events?unit={}", code(place));
        assert_eq!(found(&mut operator, &path), count(&there), "{path}");
    }
    // The school sees its own by name and the others as a number; the other region sees nothing.
    let page = deputy.get(&paths[0]);
    assert!(
        page.body.contains("Фамилия11") && !page.body.contains("Фамилия41"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("По спискам ваших: 2") && page.body.contains("без имён: &lt;5"),
        "{}",
        page.body
    );
    let listed = deputy.get("/events");
    assert!(
        listed.body.contains("\"По спискам\" class=\"r\">2<") && !listed.body.contains("\"По спискам\" class=\"r\">3<"),
        "a total beside the names would tell of the one who is not named: {}",
        listed.body
    );
    assert_eq!(found(&mut south, "/events"), 0);
    assert_eq!(south.get(&paths[0]).status, 404);
    // Nobody brings in who is not the own, and nobody changes what another keeps.
    let form = deputy.get(&format!("{}/people", paths[0]));
    let foreign = deputy.send(
        &form,
        &format!("{}/people", paths[0]),
        &[("id", "1041"), ("role", "participant")],
    );
    assert_eq!(foreign.status, 404, "{}", foreign.body);
    let theft = deputy.send(
        &form,
        &paths[0],
        &[("act", "withdraw"), ("seen", "1"), ("reason", "моё")],
    );
    assert_eq!(theft.status, 404, "{}", theft.body);
    // The people who took part read it in their own record.
    let mut teacher = signed(&server, "teacher");
    let own = teacher.get("/record");
    assert!(events.iter().all(|e| own.body.contains(e.title)), "{}", own.body);
    assert!(
        !signed(&server, "teacher-south")
            .get("/record")
            .body
            .contains(events[0].title)
    );
    // What is withdrawn counts nowhere until it is brought back.
    let records = "SELECT count(*) AS n FROM activity WHERE superseded_at IS NULL AND withdrawn_at IS NULL";
    let before = number(v, records);
    let page = operator.get(&paths[0]);
    let seen = hidden(&page, "withdraw", "seen");
    let no_reason = operator.send(
        &page,
        &paths[0],
        &[("act", "withdraw"), ("seen", &seen), ("reason", " ")],
    );
    assert!(
        no_reason.status == 422 && no_reason.body.contains("апишите причину"),
        "{}",
        no_reason.body
    );
    let _gone = sent(
        &mut operator,
        &page,
        &paths[0],
        &[("act", "withdraw"), ("seen", &seen), ("reason", "внесено дважды")],
    );
    assert_eq!(found(&mut operator, "/events"), events.len() - 1);
    assert_eq!(number(v, records), before - 3);
    assert!(!teacher.get("/record").body.contains(events[0].title));
    // Whoever comes second is told, and nothing is written.
    let late = operator.send(
        &page,
        &paths[0],
        &[("act", "withdraw"), ("seen", &seen), ("reason", "ещё раз")],
    );
    assert!(
        late.status == 409 && late.body.contains("Запись изменили"),
        "{}",
        late.body
    );
    let page = operator.get(&paths[0]);
    let seen = hidden(&page, "restore", "seen");
    let _back = sent(&mut operator, &page, &paths[0], &[("act", "restore"), ("seen", &seen)]);
    assert_eq!(
        (found(&mut operator, "/events"), number(v, records)),
        (events.len(), before)
    );
    let _whole = v.run(&["check"]).ok();
}

/// Adds bodies of kinds, gives each a head and members with days, and compares the lists with what was laid.
pub fn bodies_are_kept(v: &Vekha, bodies: &[(&str, &str, &str)]) {
    let server = world(v);
    let (mut operator, mut south) = (signed(&server, "operator"), signed(&server, "south"));
    let mut paths = Vec::new();
    for (n, (kind, level, name)) in bodies.iter().enumerate() {
        let unit = match *level {
            "school" => "С2",
            "municipal" => "С1",
            _ => "",
        };
        let page = operator.get("/bodies");
        let fields = [
            ("name", *name),
            ("kind", kind),
            ("level", level),
            ("unit", unit),
            ("duties", "собирается раз в месяц"),
            ("page", ""),
            ("code", ""),
        ];
        let to = sent(&mut operator, &page, "/bodies", &fields);
        let path = to.split('?').next().expect("a path").to_owned();
        let page = operator.get(&path);
        let mut join = |who: &str, role: &str, since: &str, until: &str| {
            let fields = [
                ("act", "join"),
                ("who", who),
                ("role", role),
                ("since", since),
                ("until", until),
            ];
            operator.send(&page, &path, &fields)
        };
        let n = 11 + n % 8;
        for (who, role, until) in [(n, "chair", ""), (n + 1, "member", ""), (n + 2, "member", "31.05.2023")] {
            let answer = join(&format!("Фамилия{who}"), role, "01.09.2022", until);
            assert_eq!(answer.status, 303, "{kind} {who}: {}", answer.body);
        }
        let second = join("Фамилия31", "chair", "01.10.2022", "");
        assert!(
            second.status == 422 && second.body.contains("уже есть руководитель"),
            "{}",
            second.body
        );
        let twice = join(&format!("Фамилия{}", n + 1), "secretary", "01.10.2022", "");
        assert!(
            twice.status == 422 && twice.body.contains("уже состоит"),
            "{}",
            twice.body
        );
        let unknown = join("Фамилия61", "member", "01.09.2022", "");
        assert!(
            unknown.status == 422 && unknown.body.contains("нет: проверьте имя"),
            "the other region: {}",
            unknown.body
        );
        let many = join("Имя", "member", "01.09.2022", "");
        assert!(
            many.status == 422 && many.body.contains("выберите одного"),
            "{}",
            many.body
        );
        let page = operator.get(&path);
        assert!(page.body.contains("Состоят сегодня: 2"), "{kind}: {}", page.body);
        assert!(
            page.body.contains(&format!("Руководитель</dt><dd>Фамилия{n} Имя")),
            "{kind}: {}",
            page.body
        );
        paths.push(path);
    }
    assert_eq!(found(&mut operator, "/bodies"), bodies.len());
    assert_eq!(
        after(&operator.get("/bodies"), "Сегодня в них состоят: "),
        2 * bodies.len()
    );
    for (kind, level, name) in bodies {
        let path = format!("/bodies?kind={kind}&level={level}");
        let there = bodies.iter().filter(|(k, l, _)| k == kind && l == level).count();
        assert_eq!(found(&mut operator, &path), there, "{path}");
        let page = operator.get(&path);
        assert!(page.body.contains(name), "{path}");
        assert_eq!(after(&page, "Сегодня в них состоят: "), 2 * there, "{path}");
        let named = found(&mut operator, &format!("/bodies?q={}", code(name)));
        assert_eq!(named, 1, "{name}");
    }
    assert_eq!(found(&mut south, "/bodies"), 0);
    assert_eq!(south.get(&paths[0]).status, 404);
    // A membership ends on a day, and one that was entered by mistake is withdrawn and comes back.
    let page = operator.get(&paths[0]);
    let member = hidden_choice(&page, "Фамилия12");
    let _ended = sent(
        &mut operator,
        &page,
        &paths[0],
        &[("act", "end"), ("member", &member), ("last", "30.06.2023")],
    );
    let late = operator.send(
        &page,
        &paths[0],
        &[("act", "end"), ("member", &member), ("last", "30.07.2023")],
    );
    assert_eq!(late.status, 409, "{}", late.body);
    let page = operator.get(&paths[0]);
    assert!(
        page.body.contains("Состоят сегодня: 1") && page.body.contains("30.06.2023"),
        "{}",
        page.body
    );
    let head = hidden_choice(&page, "Фамилия11");
    let fields = [
        ("act", "withdraw-member"),
        ("wrong", head.as_str()),
        ("why", "не тот человек"),
    ];
    let _gone = sent(&mut operator, &page, &paths[0], &fields);
    let page = operator.get(&paths[0]);
    assert!(page.body.contains("Состоят сегодня: 0"), "{}", page.body);
    let back = hidden_choice(&page, "Фамилия11");
    let _back = sent(
        &mut operator,
        &page,
        &paths[0],
        &[("act", "restore-member"), ("back", &back)],
    );
    assert!(operator.get(&paths[0]).body.contains("Состоят сегодня: 1"));
    let _whole = v.run(&["check"]).ok();
}

/// The value of the choice that begins with a name.
pub fn hidden_choice(page: &Page, name: &str) -> String {
    let mut choices = page
        .body
        .split("<option value=\"")
        .skip(1)
        .filter_map(|o| o.split_once("\">"));
    let found = choices.find(|(_, text)| text.starts_with(&format!("{name} ")));
    found.expect(name).0.to_owned()
}

/// Records from a file: number of the person, kind, level, day, result.
pub type Record = (i64, &'static str, &'static str, &'static str, &'static str);

/// Loads records and compares every list of them with what was laid.
pub fn records_are_counted(v: &Vekha, records: &[Record]) {
    let server = world(v);
    let mut text = String::from("СНИЛС;Вид;Уровень;С;Название;Результат\n");
    for (n, kind, level, on, result) in records {
        text.push_str(&format!("{};{kind};{level};{on};Запись {n};{result}\n", snils(*n)));
    }
    let loaded = v
        .run(&["import", "activities", crate::support::text(&v.file("a.csv", &text))])
        .ok();
    assert!(
        loaded.out.starts_with(&format!("Новых {},", records.len())),
        "{}",
        loaded.out
    );
    let school = |n: i64| {
        teachers()
            .into_iter()
            .find(|t| t.1 == n)
            .map(|t| (t.2, t.3))
            .expect("a teacher")
    };
    for (login, sees) in [
        (
            "operator",
            &(|(region, _)| region == NORTH) as &dyn Fn((i64, i64)) -> bool,
        ),
        ("methodist", &|place| [(NORTH, 2), (NORTH, 3)].contains(&place)),
        ("director", &|place| place == (NORTH, 2)),
        ("south", &|(region, _)| region == SOUTH),
    ] {
        let mut who = signed(&server, login);
        let own: Vec<&Record> = records.iter().filter(|r| sees(school(r.0))).collect();
        let people = |of: &[&&Record]| of.iter().map(|r| r.0).collect::<std::collections::BTreeSet<_>>().len();
        for (_, kind, level, on, result) in records {
            let year = match &on[6..] {
                "2022" => "2022%2F23",
                _ if on[3..5] < *"09" => "2022%2F23",
                _ => "2023%2F24",
            };
            let mut asked = vec![
                (
                    format!("kind={}", code(kind)),
                    own.iter().filter(|r| r.1 == *kind).collect::<Vec<_>>(),
                ),
                (
                    format!("kind={}&level={level}", code(kind)),
                    own.iter()
                        .filter(|r| r.1 == *kind && (level.is_empty() || r.2 == *level))
                        .collect(),
                ),
            ];
            if !result.is_empty() {
                let of = own.iter().filter(|r| r.1 == *kind && r.4 == *result).collect();
                asked.push((format!("kind={}&result={result}", code(kind)), of));
            }
            if own.iter().any(|r| r.1 == *kind && r.3 == *on) {
                let same = |r: &&&Record| r.1 == *kind && academic(r.3) == academic(on);
                asked.push((
                    format!("kind={}&year={year}", code(kind)),
                    own.iter().filter(same).collect(),
                ));
            }
            for (query, there) in asked {
                let path = format!("/activities?{query}");
                assert_eq!(found(&mut who, &path), there.len(), "{login} {path}");
                let page = who.get(&path);
                assert!(
                    page.body.contains(&format!(" о {}\u{a0}", people(&there))),
                    "{login} {path}: {}",
                    page.body
                );
                let listed = there
                    .iter()
                    .take(50)
                    .all(|r| page.body.contains(&format!("Фамилия{}", r.0)));
                assert!(listed, "{login} {path}: everyone is named");
            }
        }
    }
    // A wrong record goes with its reason and comes back; somebody else's is not there.
    let mut operator = signed(&server, "operator");
    let all = found(&mut operator, "/activities");
    let of = |n: i64| {
        v.query(&format!("SELECT a.record_id FROM activity a JOIN person p ON p.id = a.person_id WHERE p.snils = '{}' AND a.superseded_at IS NULL", snils(n))).remove(0)
    };
    let (own, south) = (of(records[0].0), of(61));
    let page = operator.get("/activities");
    let foreign = operator.send(
        &page,
        "/activities",
        &[("act", "withdraw"), ("record", &south), ("why", "ошибка")],
    );
    assert_eq!(foreign.status, 404, "{}", foreign.body);
    let _gone = sent(
        &mut operator,
        &page,
        "/activities",
        &[("act", "withdraw"), ("record", &own), ("why", "ошибка")],
    );
    assert_eq!(
        (
            found(&mut operator, "/activities"),
            found(&mut operator, "/activities?state=withdrawn")
        ),
        (all - 1, 1)
    );
    let page = operator.get("/activities?state=withdrawn");
    let _back = sent(
        &mut operator,
        &page,
        "/activities",
        &[("act", "restore"), ("record", &own)],
    );
    assert_eq!(found(&mut operator, "/activities"), all);
}

fn academic(on: &str) -> (i32, bool) {
    let year: i32 = on[6..].parse().expect("a year");
    (if on[3..5] < *"09" { year - 1 } else { year }, true)
}

on_both! {
    fn the_journal_names_the_record_and_the_fields_that_changed(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let event = Event { title: "Форум практик", series: "", kind: "event/forum", level: "regional", on: "07.12.2022", units: "С1=3", counted: 3 };
        let path = add(&mut operator, &event, "");
        let number = v.query("SELECT code FROM event").remove(0);
        let page = operator.get(&path);
        let seen = hidden(&page, "change", "seen");
        let said = |title, level, units| {
            [
                ("act", "change"), ("seen", seen.as_str()), ("title", title), ("series", ""), ("kind", "event/forum"), ("level", level),
                ("from", "07.12.2022"), ("to", ""), ("organiser", ""), ("other", "Министерство"), ("units", units), ("participants", ""), ("code", ""),
            ]
        };
        // A unit named twice, alone or within another one, and more in the units than there were in all, are no counts.
        let mut contradicts = said("Форум опыта", "municipal", "С1=4; С1=5").to_vec();
        for (units, participants, told) in [
            ("С1=4; С1=5", "", "названа дважды"), ("С1=40; С2=50", "10", "а всего 10"), ("С1=4; С2=5", "", "«С2» входит в «С1»"),
        ] {
            contradicts.retain(|(name, _)| !matches!(*name, "units" | "participants"));
            contradicts.extend([("units", units), ("participants", participants)]);
            let refused = operator.send(&page, &path, &contradicts);
            assert!(refused.status == 422 && refused.body.contains(told), "{units}: {} {}", refused.status, refused.body);
        }
        // Nor are days on which nothing was or can be planned; what was typed stays in its field.
        for (from, to, told) in [
            ("10.11.1931", "", "раньше 1990 года"),
            ("10.11.2098", "", "позже чем через два года"),
            ("01.09.2012", "01.09.2022", "больше 366 дней"),
            ("08.12.2022", "07.12.2022", "раньше первого"),
        ] {
            let mut odd = said("Форум опыта", "municipal", "С1=4").to_vec();
            odd.retain(|(name, _)| !matches!(*name, "from" | "to"));
            odd.extend([("from", from), ("to", to)]);
            let refused = operator.send(&page, &path, &odd);
            assert!(refused.status == 422 && refused.body.contains(told), "an event of impossible days: {from}: {} {}", refused.status, refused.body);
            assert!(refused.body.contains(&format!("value=\"{from}\"")), "{from}: {}", refused.body);
        }
        let _changed = sent(&mut operator, &page, &path, &said("Форум опыта", "municipal", "С1=4"));
        // Sent twice, it is done once, and its sender is told of nobody else.
        let again = operator.send(&page, &path, &said("Форум опыта", "municipal", "С1=4"));
        assert_eq!((again.status, again.header("location").ends_with("done=changed")), (303, true), "changed twice: {}", again.body);
        assert_eq!(v.query("SELECT detail FROM audit_event WHERE action = 'activity.event_change'"), ["fields=title,level,units"]);
        // By the title that it has now, in the row of the change and in the earlier one, on the page and in the file.
        let name = format!("мероприятие: «Форум опыта» ({number})");
        let fields = "изменены поля: название, уровень, участвующие единицы";
        let changed = operator.get("/journal?action=activity.event_change");
        assert!(changed.body.contains(&format!("{name}; {fields}")), "{}", changed.body);
        let added = operator.get("/journal?action=activity.event_add");
        assert!(added.body.contains(&name) && !added.body.contains("изменены поля"), "{}", added.body);
        let file = operator.get("/journal/export?action=activity.event_change");
        assert!(file.body.contains(&name) && file.body.contains(fields), "{}", file.body);
        // A page that was opened names it as well.
        let opened = operator.get("/journal?action=desk.read_list");
        assert!(opened.body.contains(&name), "{}", opened.body);
        assert!(opened.body.contains("показано имён: ") && opened.body.contains("строк всего: "), "{}", opened.body);
        // Where nobody has said how many took part it is not said that nobody did; a year of days is no impossible event.
        let mut south = signed(&server, "south");
        for (title, participants, told, all) in [
            ("Цикл встреч", "", "не указано", "число участников не указано"),
            ("Встреча без людей", "0", "0", "0\u{A0}участников"),
        ] {
            let form = south.get("/events");
            let fields = [
                ("title", title), ("series", ""), ("kind", "event/forum"), ("level", "regional"), ("from", "01.09.2022"), ("to", "31.08.2023"),
                ("organiser", ""), ("other", "Министерство"), ("units", ""), ("participants", participants), ("code", ""),
            ];
            let to = sent(&mut south, &form, "/events", &fields);
            let page = south.get(to.split('?').next().expect("a path"));
            assert!(page.body.contains(&format!("Участников по подсчёту</dt><dd>{told}<")), "nobody has said how many: {}", page.body);
            let list = south.get("/events");
            assert!(list.body.contains(&format!("Здесь всего: {all}")), "{}", list.body);
        }
        // A body has a name where an event has a title.
        let form = operator.get("/bodies");
        let fields = [
            ("name", "Совет практиков"), ("kind", "rmo"), ("level", "municipal"), ("unit", "С1"), ("duties", ""), ("page", ""), ("code", "О-7"),
        ];
        let _added = sent(&mut operator, &form, "/bodies", &fields);
        let added = operator.get("/journal?action=activity.body_add");
        assert!(added.body.contains("объединение: «Совет практиков» (О-7)"), "{}", added.body);
        // What is not there any more is said to be gone.
        v.sql("DELETE FROM event_unit; DELETE FROM event");
        let gone = operator.get("/journal?action=activity.event_add");
        assert!(gone.body.contains("мероприятие: записи больше нет"), "{}", gone.body);
    }

    // rows: KR-F54, KR-F55, KR-F61, LE-F70, LE-F73
    fn events_of_a_series_over_several_municipalities_are_found_and_counted(v: &Vekha) {
        let event = |title, series, kind, level, on, units, counted| Event { title, series, kind, level, on, units, counted };
        events_are_kept(v, &[
            event("Оценивание на уроке", "ПрофСреда", "event/profsreda", "regional", "05.10.2022", "С1=40; С5=25", 65),
            event("Читательская грамотность", "ПрофСреда", "event/profsreda", "regional", "16.11.2022", "С5=30", 30),
            event("Летняя школа", "Календарь", "event/young_calendar", "regional", "20.06.2023", "С1=8; С5=9", 17),
            event("Фестиваль молодых", "Календарь", "event/young_calendar", "municipal", "21.06.2023", "С1=11", 11),
            event("Форум практик", "", "event/forum", "regional", "07.12.2022", "С1=3; С5=4", 7),
            event("Сборы", "", "event/methodical_gathering", "regional", "08.12.2022", "С1=5; С5=6", 11),
            event("Апробация мониторинга", "", "event/approbation", "regional", "09.12.2022", "С5=2", 2),
            event("Краевой семинар", "", "event/seminar", "regional", "10.12.2022", "С1=21", 21),
            event("Первое занятие", "Школа молодого педагога", "event/young_school", "municipal", "28.09.2022", "С1=14", 14),
            event("Слёт", "Время молодых", "event/rally", "municipal", "15.03.2023", "С1=20; С5=22", 42),
            event("Мастер-класс слёта", "Время молодых", "event/master_class", "municipal", "15.03.2023", "С1=10", 10),
        ]);
    }

    // rows: LE-F74, TY-F74, TY-F81, LG-F26
    fn forums_visits_seminars_and_webinars_are_found_and_counted(v: &Vekha) {
        let event = |title, kind, level, on, units, counted| Event { title, series: "", kind, level, on, units, counted };
        events_are_kept(v, &[
            event("Думая о будущем", "event/forum", "municipal", "05.10.2022", "С1=40", 40),
            event("Форум второго года", "event/forum", "municipal", "05.10.2023", "С1=35", 35),
            event("Обмен опытом", "event/experience", "municipal", "12.10.2022", "С1=7; С5=5", 12),
            event("Стажировка в лицее", "event/internship", "regional", "13.10.2022", "С5=6", 6),
            event("Мастер-класс", "event/master_class", "school", "14.10.2022", "С2=9", 9),
            event("Уроки друг у друга", "event/lesson_visit", "school", "15.10.2022", "С2=4", 4),
            event("Новая аттестация", "event/attestation_seminar", "regional", "16.10.2022", "С1=50; С5=45", 95),
            event("Методическая панорама", "event/webinar", "regional", "17.10.2022", "С1=100; С5=120", 220),
        ]);
    }

    // rows: KR-F56, LE-F72, LG-F27
    fn contests_are_counted_by_kind_level_and_result(v: &Vekha) {
        records_are_counted(v, &[
            (11, "contest/young_projects", "regional", "05.03.2023", "winner"),
            (12, "contest/young_projects", "regional", "05.03.2023", "prize"),
            (41, "contest/young_projects", "regional", "06.03.2023", "took_part"),
            (31, "contest/teacher_of_year", "municipal", "25.01.2023", "winner"),
            (31, "contest/teacher_of_year", "regional", "20.04.2023", "laureate"),
            (13, "contest/preschool_teacher", "municipal", "20.04.2023", "prize"),
            (42, "contest/extra_teacher", "regional", "01.11.2023", "winner"),
            (14, "contest/clubs", "municipal", "02.11.2023", "winner"),
            (61, "contest/clubs", "municipal", "02.11.2023", "winner"),
        ]);
    }

    // rows: TY-F75, TY-F76, CH-F44
    fn experts_examinations_and_roles_are_counted_by_kind_and_year(v: &Vekha) {
        records_are_counted(v, &[
            (11, "expert/gia", "regional", "25.05.2023", ""),
            (12, "expert/gia", "regional", "25.05.2023", ""),
            (12, "expert/gia", "regional", "25.10.2023", ""),
            (31, "expert/niko", "", "10.10.2022", ""),
            (41, "role/practice_expert", "", "01.09.2022", ""),
            (32, "role/modern_school_tutor", "", "01.09.2022", ""),
            (13, "exam/professional", "", "15.04.2023", "passed"),
            (33, "exam/professional", "", "15.04.2023", "failed"),
            (43, "exam/demonstration", "", "15.11.2023", "passed"),
            (61, "exam/demonstration", "", "15.11.2023", "passed"),
        ]);
    }

    // rows: TY-F11, TY-F12, TY-F13, TY-F14, CH-F24
    fn unions_councils_and_teams_have_dated_members_and_a_head(v: &Vekha) {
        bodies_are_kept(v, &[
            ("rmo", "municipal", "РМО математиков"),
            ("rmo", "municipal", "РМО физиков"),
            ("young", "municipal", "Клуб молодых"),
            ("mentors", "regional", "Клуб наставников"),
            ("methodical_council", "school", "Методсовет школы"),
            ("mo", "school", "МО начальных классов"),
            ("management_team", "school", "Команда школы"),
        ]);
    }

    // rows: LE-F09, TY-F07, LG-F06, LG-F07, LG-F10
    fn regional_associations_councils_and_partners_are_kept(v: &Vekha) {
        bodies_are_kept(v, &[
            ("association", "regional", "Ассоциация учителей истории"),
            ("association", "regional", "Ассоциация молодых педагогов"),
            ("club", "regional", "Клуб «Учитель года»"),
            ("community", "regional", "Факультет педагогических профессий"),
            ("methodical_council", "regional", "Региональный методический совет"),
            ("partner", "regional", "Университет-партнёр"),
        ]);
    }

    // rows: CH-F10, CH-F11, CH-F19, CH-F20, CH-F23
    fn unions_networks_and_project_groups_are_kept(v: &Vekha) {
        bodies_are_kept(v, &[
            ("umo", "regional", "Учебно-методическое объединение"),
            ("innovation_council", "regional", "Совет по инновациям"),
            ("community", "regional", "Сетевое сообщество химиков"),
            ("trade_union", "regional", "Профсоюз работников"),
            ("young", "regional", "Клуб молодых педагогов"),
            ("project_group", "municipal", "Проектная группа агломерации"),
        ]);
    }

    // rows: CH-F12, CH-F27, LE-F10
    fn colleges_working_groups_and_sources_of_staff_are_kept(v: &Vekha) {
        bodies_are_kept(v, &[
            ("college", "regional", "Педагогический колледж"),
            ("university", "regional", "Педагогический университет"),
            ("provider", "regional", "Академия повышения квалификации"),
            ("coordination_council", "regional", "Координационный совет"),
            ("working_group", "regional", "Рабочая группа по диагностике"),
        ]);
    }

    // rows: KR-F58
    fn unions_of_every_level_help_and_the_help_is_counted(v: &Vekha) {
        bodies_are_kept(v, &[
            ("smo", "regional", "СМО химиков"),
            ("gmo", "municipal", "ГМО химиков"),
            ("rmo", "municipal", "РМО химиков"),
        ]);
        let mut text = String::from("СНИЛС;Вид;Уровень;С;Название;Организатор\n");
        let codes = v.query("SELECT code FROM body ORDER BY id");
        for (n, kind, body) in [(11, "help/smo", 0), (12, "help/gmo", 1), (31, "help/rmo", 2), (41, "help/rmo", 2)] {
            text.push_str(&format!("{};{kind};муниципальный;01.02.2023;Разбор урока;{}\n", snils(n), codes[body]));
        }
        let _loaded = v.run(&["import", "activities", crate::support::text(&v.file("a.csv", &text))]).ok();
        assert_eq!(number(v, "SELECT count(*) AS n FROM activity WHERE body_id IS NOT NULL"), 4, "by the body itself");
        let server = Server::start(v);
        for (login, smo, rmo, all) in [("operator", 1, 2, 4), ("methodist", 1, 1, 3), ("director", 1, 0, 2), ("south", 0, 0, 0)] {
            let mut who = signed(&server, login);
            let mut of = |kind: &str| found(&mut who, &format!("/activities?kind={kind}"));
            assert_eq!((of("help%2Fsmo"), of("help%2Frmo"), of("help")), (smo, rmo, all), "{login}");
        }
    }

    // rows: LE-F08
    fn the_base_of_mentors_is_found_by_quality_and_training(v: &Vekha) {
        let server = world(v);
        let mut text = String::from("СНИЛС;Качества;Предмет;Обучен;С;По\n");
        for (n, qualities, trained, to) in [
            (11, "\"methodical; digital\"", "01.06.2022", ""),
            (12, "умеет общаться и слушать", "", ""),
            (31, "methodical", "02.06.2022", ""),
            (41, "digital", "02.06.2022", ""),
            (42, "digital", "02.06.2022", "31.05.2023"),
            (61, "methodical", "02.06.2022", ""),
        ] {
            text.push_str(&format!("{};{qualities};химия;{trained};01.09.2022;{to}\n", snils(n)));
        }
        let _loaded = v.run(&["import", "mentors", crate::support::text(&v.file("m.csv", &text))]).ok();
        for (login, all, methodical, digital, taught) in
            [("operator", 4, 2, 2, 3), ("methodist", 3, 2, 1, 2), ("coordinator", 2, 1, 1, 1), ("south", 1, 1, 0, 1)]
        {
            let mut who = signed(&server, login);
            let mut of = |query: &str| found(&mut who, &format!("/mentors?{query}"));
            assert_eq!((of(""), of("quality=methodical"), of("quality=digital")), (all, methodical, digital), "{login}");
            assert_eq!((of("trained=yes"), of("trained=no")), (taught, all - taught), "{login}");
            assert_eq!(after(&who.get("/mentors"), "Прошли подготовку наставников: "), taught, "{login}");
        }
    }

    fn a_pair_is_kept_by_its_school_with_days_documents_and_outcome(v: &Vekha) {
        let server = world(v);
        let mut coordinator = signed(&server, "coordinator");
        let page = coordinator.get("/pairs");
        let key = page.body.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let key = key.expect("a key").to_owned();
        let fields = [
            ("key", key.as_str()), ("mentor", "Фамилия11"), ("mentee", "Фамилия12"), ("form", "teacher_teacher"),
            ("from", "01.10.2022"), ("to", ""), ("document", "order"), ("document", "roadmap"), ("link", ""), ("outcome", ""),
        ];
        let first = sent(&mut coordinator, &page, "/pairs", &fields);
        // The same form once more is the same pair.
        assert_eq!(sent(&mut coordinator, &page, "/pairs", &fields), first);
        let path = first.split('?').next().expect("a path").to_owned();
        let other = |mentor, mentee| {
            let mut all = fields.to_vec();
            (all[0].1, all[1].1, all[2].1) = ("", mentor, mentee);
            all
        };
        for (mentor, mentee, said) in [
            ("Фамилия11", "Фамилия11", "один и тот же человек"),
            ("Фамилия11", "Фамилия12", "уже работает с 01.10.2022"),
            ("Фамилия11", "Фамилия31", "нет: проверьте имя"),
            ("Фамилия61", "Фамилия12", "нет: проверьте имя"),
        ] {
            let answer = coordinator.send(&page, "/pairs", &other(mentor, mentee));
            assert!(answer.status == 422 && answer.body.contains(said), "{mentor} {mentee}: {}", answer.body);
        }
        assert_eq!(found(&mut coordinator, "/pairs"), 1);
        assert_eq!((found(&mut coordinator, "/pairs?lacks=order"), found(&mut coordinator, "/pairs?lacks=report")), (0, 1));
        for (login, status) in [("operator", 200), ("methodist", 200), ("director-3", 404), ("director-far", 404), ("south", 404)] {
            assert_eq!(signed(&server, login).get(&path).status, status, "{login}");
        }
        let page = coordinator.get(&path);
        let seen = hidden(&page, "change", "seen");
        let change = [
            ("act", "change"), ("seen", seen.as_str()), ("from", "01.10.2022"), ("to", "31.05.2023"), ("document", "order"),
            ("document", "report"), ("link", "https://example.org/p"), ("outcome", "прошёл аттестацию"),
        ];
        let _changed = sent(&mut coordinator, &page, &path, &change);
        // Whoever still sees the version before is told, with whatever else is said.
        let mut other = change;
        other[7].1 = "не прошёл";
        let late = coordinator.send(&page, &path, &other);
        assert!(late.status == 409 && late.body.contains("Запись изменили"), "{}", late.body);
        assert_eq!((found(&mut coordinator, "/pairs"), found(&mut coordinator, "/pairs?state=ended")), (0, 1));
        let page = coordinator.get(&path);
        assert!(page.body.contains("прошёл аттестацию") && page.body.contains("31.05.2023"), "{}", page.body);
        let mut teacher = signed(&server, "teacher");
        assert!(teacher.get("/record").body.contains("Фамилия12"));
        let seen = hidden(&page, "withdraw", "seen");
        let _gone = sent(&mut coordinator, &page, &path, &[("act", "withdraw"), ("seen", &seen), ("reason", "не та пара")]);
        assert!(!teacher.get("/record").body.contains("Фамилия12"));
        let page = coordinator.get(&path);
        let seen = hidden(&page, "restore", "seen");
        let _back = sent(&mut coordinator, &page, &path, &[("act", "restore"), ("seen", &seen)]);
        assert!(teacher.get("/record").body.contains("Фамилия12"));
        let _whole = v.run(&["check"]).ok();
    }
}

/// Numbers that follow some words of a page, in the order in which they stand.
fn listed(page: &Page, before: &str) -> Vec<String> {
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    let all = page.body.split(before).skip(1).map(digits);
    all.filter(|text| !text.is_empty()).collect()
}

/// Reads a list to its end: every page says the same number, nothing stands twice, and beyond the end is the last page.
#[track_caller]
fn read_through(who: &mut Visitor, path: &str, before: &str, total: usize) {
    let mut all = Vec::new();
    let join = if path.contains('?') { '&' } else { '?' };
    for page in 1..=total.div_ceil(50) {
        let shown = who.get(&format!("{path}{join}page={page}"));
        assert_eq!(shown.status, 200, "{path}: {}", shown.body);
        assert_eq!(after(&shown, "Найдено: "), total, "{path} page {page}");
        let rows = listed(&shown, before);
        assert_eq!(rows.len(), (total - all.len()).min(50), "{path} page {page}");
        all.extend(rows);
    }
    let last = listed(&who.get(&format!("{path}{join}page=99")), before);
    assert!(all.ends_with(&last) && !last.is_empty(), "{path}: {last:?}");
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), total, "{path}: each once");
}

/// A hundred and twenty of each register, with numbers that are known.
fn lay_long_registers(v: &Vekha) {
    let region = "(SELECT region_id FROM person WHERE id = 1011)";
    let (then, school) = ("'2022-01-01 00:00:00'", unit(NORTH, 2));
    let mut all = String::new();
    for i in 0..120_i64 {
        let (day, own) = (1 + i % 28, if i % 3 == 0 { "NULL" } else { "2" });
        let (event, person) = (50_000 + i, 1011 + i % 10);
        all.push_str(&format!(
            "INSERT INTO event (id, region_id, code, title, search_key, family, kind, level, starts_on, ends_on, participants, \
             version, recorded_at) VALUES ({event}, {region}, 'Е{i}', 'Слёт {i}', 'слет {i}', 'event', 'forum', 'regional', \
             '2022-10-{day:02}', '2022-10-{day:02}', {own}, 1, {then});"
        ));
        if i % 3 == 0 {
            all.push_str(&format!(
                "INSERT INTO event_unit (event_id, unit_id, participants) VALUES ({event}, {school}, 5);"
            ));
        }
        let year = if i < 70 { 2022 } else { 2023 };
        all.push_str(&format!(
            "INSERT INTO activity (id, region_id, record_id, person_id, family, kind, title, title_key, starts_on, event_id, \
             version, recorded_at) VALUES ({0}, {region}, {0}, {person}, 'event', 'forum', 'Слёт', 'event {event}', \
             '{year}-10-{day:02}', {event}, 1, {then});",
            60_000 + i
        ));
        all.push_str(&format!(
            "INSERT INTO body (id, region_id, code, name, search_key, kind, level, version, recorded_at) VALUES ({0}, {region}, \
             'С{i}', 'Союз {i}', 'союз {i}', 'smo', 'regional', 1, {then});
             INSERT INTO body_member (id, region_id, record_id, body_id, person_id, role, valid_from, version, recorded_at) \
             VALUES ({1}, {region}, {1}, {0}, {person}, 'member', '2022-01-01', 1, {then});",
            70_000 + i,
            80_000 + i
        ));
        let documents = if i % 2 == 0 { "order,report" } else { "report" };
        let from = chrono::NaiveDate::from_ymd_opt(2022, 1, 1).expect("a day") + chrono::TimeDelta::days(i);
        all.push_str(&format!(
            "INSERT INTO mentoring_pair (id, region_id, record_id, mentor_id, mentee_id, form, valid_from, documents, version, \
             recorded_at) VALUES ({0}, {region}, {0}, {1}, {2}, 'teacher_teacher', '{from}', '{documents}', 1, {then});",
            90_000 + i,
            1011 + i % 5,
            1016 + i % 5
        ));
    }
    v.sql(&all);
}

on_both! {
    fn long_registers_are_read_page_by_page_and_count_everything(v: &Vekha) {
        let server = world(v);
        lay_long_registers(v);
        let mut operator = signed(&server, "operator");
        read_through(&mut operator, "/events", "href=\"/events/", 120);
        read_through(&mut operator, "/bodies", "href=\"/bodies/", 120);
        read_through(&mut operator, "/pairs", "href=\"/pairs/", 120);
        read_through(&mut operator, "/activities", "name=\"record\" value=\"", 120);
        // The last day comes first, and of one day the event that was added last.
        let first = listed(&operator.get("/events"), "href=\"/events/");
        assert_eq!(first[..3], ["50111", "50083", "50055"]);
        // What stands above a list is of everything that is found, not of the page.
        let of = |who: &mut Visitor, path: &str, said: &str| {
            let page = who.get(path);
            assert!(page.body.replace('\u{a0}', " ").contains(said), "{path} {said}: {}", page.body);
        };
        for path in ["/events", "/events?page=3"] {
            of(&mut operator, path, "Здесь всего: 360 участников; поимённо — 120 записей о педагогах.");
        }
        of(&mut operator, &format!("/events?unit={}", code("С2")), "Здесь всего: 200 участников; поимённо — 40 записей");
        of(&mut operator, "/bodies?page=2", "Сегодня в них состоят: 120 участников.");
        of(&mut operator, "/pairs?page=3", "В найденных парах: 5 наставников, 5 наставляемых.");
        of(&mut operator, "/activities?page=2", "Здесь 120 записей о 10 людях.");
        // Filters are of the whole list too; the years to choose from stay when one of them is chosen.
        read_through(&mut operator, &format!("/events?q={}", code("слёт 11")), "href=\"/events/", 11);
        read_through(&mut operator, "/activities?year=2022%2F23", "name=\"record\" value=\"", 70);
        of(&mut operator, "/activities?year=2022%2F23", "2023/24");
        read_through(&mut operator, "/pairs?lacks=order", "href=\"/pairs/", 60);
        assert_eq!(found(&mut operator, "/pairs?lacks=report"), 0);
        assert_eq!(found(&mut operator, "/pairs?lacks=roadmap"), 120);
        read_through(&mut operator, &format!("/pairs?q={}", code("фамилия11")), "href=\"/pairs/", 24);
        of(&mut operator, &format!("/pairs?q={}", code("фамилия11")), "1 наставник, 1 наставляемый");
        v.sql("UPDATE mentoring_pair SET valid_to = '2023-01-01' WHERE id < 90055; UPDATE mentoring_pair SET withdrawn_at = recorded_at WHERE id = 90119");
        for (state, many) in [("", 64), ("state=ended", 55), ("state=all", 119), ("state=withdrawn", 1)] {
            assert_eq!(found(&mut operator, &format!("/pairs?{state}")), many, "{state}");
        }
        // The own school sees its people; another school counts the events and nobody in them; the other region nothing.
        let (mut deputy, mut far, mut south) = (signed(&server, "deputy"), signed(&server, "director-far"), signed(&server, "south"));
        of(&mut deputy, "/events", "Здесь всего: 360 участников; поимённо — 120 записей");
        of(&mut far, "/events", "Здесь всего: 360 участников; поимённо — 0 записей");
        of(&mut far, "/bodies", "Сегодня в них состоят: 0 участников.");
        assert_eq!(found(&mut deputy, "/activities"), 120);
        for path in ["/activities", "/pairs"] {
            assert_eq!(found(&mut far, path), 0, "{path}");
        }
        for path in ["/events", "/bodies", "/activities", "/pairs"] {
            assert_eq!(found(&mut south, path), 0, "{path}");
        }
    }
}
