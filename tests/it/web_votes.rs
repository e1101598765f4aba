//! Votes of colleagues: one voice of each, told to nobody by name, counted after the last day, and the title that is awarded by
//! them in the register of what people did.

use chrono::Datelike as _;

use crate::on_both;
use crate::reports_world::{hidden, in_days, shown};
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
/// A second municipality of the north with a school.
const FAR_TOWN: i64 = 5;
const FAR_SCHOOL: i64 = 6;
/// People of two schools of one municipality: nine and fifteen.
const FIRST: std::ops::RangeInclusive<i64> = 1001..=1009;
const SECOND: std::ops::RangeInclusive<i64> = 1101..=1115;

/// Who works on the desks: login, role, region, place.
const DESKS: &[(&str, &str, i64, i64)] = &[
    ("operator", "operator", NORTH, 0),
    ("south", "operator", SOUTH, 0),
    ("methodist", "municipal_methodist", NORTH, 1),
    ("far-methodist", "municipal_methodist", NORTH, FAR_TOWN),
    ("head", "school_head", NORTH, 2),
];

/// Two schools of a municipality, one of another, one of the south; some teachers of each have an account.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_TOWN, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_TOWN);
    for (people, region, place) in [
        (FIRST, NORTH, 2),
        (SECOND, NORTH, 3),
        (1201..=1202, NORTH, FAR_SCHOOL),
        (1301..=1302, SOUTH, 2),
    ] {
        for id in people {
            world.teacher(id, id - 1000, region, place);
        }
    }
    for (id, region, place) in [
        (1001, NORTH, 2),
        (1002, NORTH, 2),
        (1003, NORTH, 2),
        (1101, NORTH, 3),
        (1201, NORTH, FAR_SCHOOL),
        (1301, SOUTH, 2),
    ] {
        world.account(id, &format!("t{id}"), Some(id), &[("teacher", unit(region, place))]);
    }
    for (id, (login, role, region, place)) in (1..).zip(DESKS) {
        world.account(id, login, None, &[(role, unit(*region, *place))]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    v.sql("UPDATE person SET search_key = 'фамилия' || CAST(id - 1000 AS TEXT) || ' имя'");
    Server::start(v)
}

/// Opens a vote from today on with these fields instead of the usual ones; what was answered.
fn try_open(who: &mut Visitor, other: &[(&str, &str)]) -> Page {
    let page = who.get("/votes/new");
    assert_eq!(page.status, 200, "{}", page.body);
    let (key, year) = (hidden(&page, "key"), in_days(0).year().to_string());
    let (opens, closes) = (shown(in_days(0)), shown(in_days(5)));
    let mut fields = vec![
        ("key", key.as_str()),
        ("title", "Признание коллег"),
        ("year", year.as_str()),
        ("unit", "С1"),
        ("level", "municipal"),
        ("opens", opens.as_str()),
        ("closes", closes.as_str()),
    ];
    for (name, value) in other {
        fields.retain(|(known, _)| known != name);
        fields.push((*name, *value));
    }
    who.send(&page, "/votes/new", &fields)
}

/// The same; the id of the vote.
#[track_caller]
fn open(who: &mut Visitor) -> i64 {
    let answer = try_open(who, &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let to = answer.header("location").trim_start_matches("/votes/").to_owned();
    to.split('?').next().and_then(|id| id.parse().ok()).expect("an id")
}

/// Sends the form of the own ballot.
fn ballot(who: &mut Visitor, vote: i64, fields: &[(&str, &str)]) -> Page {
    let page = who.get("/account");
    who.send(&page, &format!("/my-votes/{vote}"), fields)
}

fn give(who: &mut Visitor, vote: i64, person: &str) -> Page {
    ballot(who, vote, &[("act", "vote"), ("of", "Фамилия1"), ("person", person)])
}

/// Voices for people, each of another voter of the municipality.
fn voices(v: &Vekha, vote: i64, given: &[(i64, usize)]) -> usize {
    let own = unit(NORTH, 0);
    let mut voters = FIRST.chain(SECOND);
    let mut many = 0;
    for (person, voices) in given {
        for voter in voters.by_ref().take(*voices) {
            many += 1;
            let id = 70_000 + voter;
            v.sql(&format!(
                "INSERT INTO vote_voter (id, region_id, vote_id, person_id) VALUES ({id}, {own}, {vote}, {voter}); \
                 INSERT INTO vote_voice (id, region_id, vote_id, person_id, tag) VALUES ({id}, {own}, {vote}, {person}, 'о {voter}')"
            ));
        }
    }
    many
}

/// The vote was over yesterday.
fn over(v: &Vekha, vote: i64) {
    v.sql(&format!(
        "UPDATE vote SET opens_on = '{}', closes_on = '{}' WHERE id = {vote}",
        in_days(-9),
        in_days(-1)
    ));
}

on_both! {
    fn a_vote_is_opened_in_a_municipality_and_seen_by_its_people(v: &Vekha) {
        let server = world(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let mut operator = server.signed_in("operator", PASSWORD);
        let empty = methodist.get("/votes");
        assert!(empty.body.contains("Голосований ещё не было") && empty.body.contains("/votes/new"), "{}", empty.body);
        assert_eq!(server.signed_in("head", PASSWORD).get("/votes").status, 403);
        // What is wrong is said at its field, and what was typed stays.
        let past = shown(in_days(-1));
        let late = shown(in_days(200));
        for (name, value, said) in [
            ("opens", past.as_str(), "Первый день уже прошёл"),
            ("closes", past.as_str(), "Последний день раньше первого"),
            ("closes", late.as_str(), "не дольше трёх месяцев"),
            ("closes", "скоро", "Напишите день так"),
            ("year", "26", "Год звания"),
            ("year", "этот", "четырьмя цифрами"),
            ("title", "", "Заполните поле «Название»"),
            ("unit", "", "Выберите муниципалитет или регион"),
            ("unit", "С2", "Выберите муниципалитет или регион"),
            ("level", "regional", "Региональное звание выбирает весь регион"),
        ] {
            let answer = try_open(&mut operator, &[(name, value)]);
            assert!(answer.status == 422 && answer.body.contains(said), "{name}={value}: {}", answer.body);
        }
        for unit in ["С0", "С5", "Ю1", "нет"] {
            assert_eq!(try_open(&mut methodist, &[("unit", unit)]).status, 404, "{unit} is not the methodist's");
        }
        let vote = open(&mut methodist);
        let twice = try_open(&mut operator, &[("title", "признание  коллег")]);
        assert!(twice.status == 422 && twice.body.contains("здесь уже есть"), "{}", twice.body);
        let region = try_open(&mut operator, &[("unit", "С0"), ("level", "regional")]);
        assert_eq!(region.status, 303, "{}", region.body);
        let path = format!("/votes/{vote}");
        let page = methodist.get(&path);
        for said in ["идёт", "0\u{a0}человек", "Итоги откроются", "Отозвать голосование", "муниципальный"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        // Who works there sees it on the first page; the far town sees that of the region alone, the other region none.
        let ballot_of = |who: &mut Visitor| who.get(&format!("/my-votes/{vote}")).status;
        let line = format!("\"/my-votes/{vote}\"");
        for (login, seen, status) in [("t1001", true, 200), ("t1101", true, 200), ("t1201", false, 404), ("t1301", false, 404)] {
            let mut teacher = server.signed_in(login, PASSWORD);
            let home = teacher.get("/plan");
            assert_eq!((home.body.contains(&line), ballot_of(&mut teacher)), (seen, status), "{login}: {}", home.body);
            assert_eq!(home.body.contains("Голосование коллег"), login != "t1301", "{login}: {}", home.body);
            assert_eq!(teacher.get(&path).status, 403, "results are no page of a teacher");
        }
        for login in ["far-methodist", "south"] {
            let mut other = server.signed_in(login, PASSWORD);
            assert_eq!(other.get(&path).status, 404, "{login}");
            assert!(!other.get("/votes").body.contains(&path), "{login}");
        }
        // It is taken back by whoever opened it, before the first voice alone.
        let page = operator.get(&path);
        assert!(!page.body.contains("Отозвать голосование"), "{}", page.body);
        let withdraw = [("act", "withdraw"), ("seen", "1")];
        let shut = operator.send(&page, &path, &withdraw);
        assert!(shut.status == 422 && shut.body.contains("отзывает тот, кто его открыл"), "{}", shut.body);
        let page = methodist.get(&path);
        let done = methodist.send(&page, &path, &[("act", "withdraw")]);
        assert_eq!(done.header("location"), "/votes?done=withdrawn", "{}", done.body);
        let list = methodist.get("/votes?done=withdrawn");
        assert!(list.body.contains("Голосование отозвано") && list.body.contains(", отозвано"), "{}", list.body);
        let mut teacher = server.signed_in("t1001", PASSWORD);
        assert!(ballot_of(&mut teacher) == 404 && !teacher.get("/plan").body.contains(&line));
        let vote = open(&mut methodist);
        assert_eq!(give(&mut teacher, vote, "1101").status, 303);
        let path = format!("/votes/{vote}");
        let page = methodist.get(&path);
        assert!(!page.body.contains("Отозвать голосование"), "{}", page.body);
        let late = methodist.send(&page, &path, &withdraw);
        assert!(late.status == 422 && late.body.contains("уже есть голоса"), "{}", late.body);
    }

    fn nobody_learns_for_whom_one_votes_and_nobody_votes_for_oneself(v: &Vekha) {
        let server = world(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let vote = open(&mut methodist);
        let path = format!("/my-votes/{vote}");
        let mut teacher = server.signed_in("t1001", PASSWORD);
        let page = teacher.get(&path);
        assert!(page.body.contains("не отдан") && !page.body.contains("Фамилия101"), "no list of everybody: {}", page.body);
        // By surname, among those who work there, without oneself.
        let find = |who: &mut Visitor, name: &str| ballot(who, vote, &[("act", "find"), ("name", name)]);
        let found = find(&mut teacher, "фамилия1");
        assert!(found.status == 200 && found.body.contains("value=\"1101\""), "{}", found.body);
        assert!(!found.body.contains("value=\"1001\"") && found.body.contains("Фамилия101 Имя"), "{}", found.body);
        for (name, said) in [
            ("Фамилия201", "такого человека нет"),
            ("Фамилия301", "такого человека нет"),
            ("Ф", "хотя бы две буквы"),
            ("", "хотя бы две буквы"),
        ] {
            let answer = find(&mut teacher, name);
            assert!(answer.status == 422 && answer.body.contains(said), "{name}: {}", answer.body);
        }
        let mut third = server.signed_in("t1003", PASSWORD);
        assert!(find(&mut third, "Фамилия3").body.contains("Это вы сами"));
        let nobody = ballot(&mut teacher, vote, &[("act", "vote"), ("of", "Фамилия1"), ("person", "")]);
        assert!(nobody.status == 422 && nobody.body.contains("Выберите, за кого ваш голос"), "{}", nobody.body);
        let oneself = give(&mut teacher, vote, "1001");
        assert_eq!(oneself.status, 422, "a voice for oneself: {}", oneself.body);
        assert!(oneself.body.contains("За себя голосовать нельзя"), "{}", oneself.body);
        for elsewhere in ["1201", "1301", "7", "x"] {
            assert_eq!(give(&mut teacher, vote, elsewhere).status, 404, "{elsewhere} does not work there");
        }
        let voices = || v.query("SELECT CAST(person_id AS TEXT) FROM vote_voice");
        assert!(voices().is_empty(), "nothing is written of what was refused");
        // One voice, which is changed and shown to nobody.
        let given = give(&mut teacher, vote, "1103");
        assert_eq!(given.header("location"), format!("{path}?done=voted"), "{}", given.body);
        assert_eq!(voices(), ["1103"]);
        let page = teacher.get(&format!("{path}?done=voted"));
        assert!(page.body.contains("Голос принят") && page.body.contains("изменить его можно до"), "{}", page.body);
        assert!(!page.body.contains("Фамилия103"), "{}", page.body);
        assert!(teacher.get("/plan").body.contains("голос отдан, изменить можно до"));
        let moved = give(&mut teacher, vote, "1104");
        assert_eq!(moved.header("location"), format!("{path}?done=changed"), "{}", moved.body);
        assert_eq!(voices(), ["1104"], "the voice is one");
        assert_eq!(number(v, "SELECT count(*) AS n FROM vote_voter"), 1);
        // Nothing joins the voter and the voice: no id, no time, no row of the journal, no digest of the form.
        let tags = v.query("SELECT tag FROM vote_voice");
        assert!(tags.iter().all(|tag| tag.len() == 64), "whose voice it is stands beside it: {tags:?}");
        let mut second = server.signed_in("t1002", PASSWORD);
        assert_eq!(give(&mut second, vote, "1104").status, 303);
        let (ids, people) = ("SELECT MIN(id) AS n FROM vote_voice", "SELECT MIN(id) AS n FROM vote_voter");
        assert_ne!(number(v, ids) >> 40, number(v, people) >> 40, "no clock in them");
        let acts = "FROM audit_event WHERE action IN ('cycle.vote_cast', 'cycle.vote_change')";
        assert_eq!(v.query(&format!("SELECT detail {acts}")), ["", "", ""]);
        assert_eq!(number(v, &format!("SELECT count(*) AS n {acts} AND person_id IS NOT NULL")), 0);
        assert_eq!(number(v, &format!("SELECT count(*) AS n {acts} AND account_id = 1001")), 2, "that one voted is known");
        assert_eq!(number(v, "SELECT count(*) AS n FROM request_key WHERE account_id IN (1001, 1002)"), 0);
        let looked = "SELECT count(*) AS n FROM audit_event WHERE account_id = 1001 AND action = 'desk.read_list' AND \
                      detail NOT LIKE '%shown=0%'";
        assert_eq!(number(v, looked), 0, "whom one looked for is told to nobody");
        let page = methodist.get(&format!("/votes/{vote}"));
        assert!(page.body.contains("2\u{a0}человека") && !page.body.contains("Фамилия"), "{}", page.body);
        // After the last day nothing is given or changed.
        over(v, vote);
        let shut = give(&mut teacher, vote, "1103");
        assert!(shut.status == 422 && shut.body.contains("не принимает голосов"), "{}", shut.body);
        assert!(teacher.get(&path).body.contains("Голосование завершено"));
        assert!(!teacher.get("/plan").body.contains(&path));
    }

    // rows: LE-F75
    fn voices_are_counted_after_the_last_day_and_the_title_is_awarded_once(v: &Vekha) {
        let server = world(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let vote = open(&mut methodist);
        let path = format!("/votes/{vote}");
        assert_eq!(voices(v, vote, &[(1003, 7), (1101, 6), (1102, 6), (1104, 4)]), 23);
        let page = methodist.get(&path);
        assert!(page.body.contains("23\u{a0}человека"), "{}", page.body);
        assert!(!page.body.contains("Фамилия"), "read before it is over: {}", page.body);
        let today = shown(in_days(0));
        let early = methodist.send(&page, &path, &[("act", "award"), ("seen", "1"), ("person", "1003"), ("on", &today)]);
        assert!(early.status == 422 && early.body.contains("Голосование ещё идёт"), "{}", early.body);
        over(v, vote);
        let page = methodist.get(&path);
        assert!(!page.body.contains("Фамилия104"), "is named by few voices: {}", page.body);
        for said in ["Фамилия3 ", "Фамилия101 ", "Фамилия102 ", "2–3", "Поровну голосов", "Ещё 4\u{a0}голоса у 1\u{a0}человека"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        // Who is awarded is decided by whoever awards, among those who are named, after the last day.
        let yesterday = shown(in_days(-1));
        let tomorrow = shown(in_days(1));
        for (person, on, said) in [
            ("", today.as_str(), "Отметьте хотя бы одного"),
            ("1003", yesterday.as_str(), "Дата присуждения"),
            ("1003", tomorrow.as_str(), "Дата присуждения"),
            ("1003", "завтра", "Напишите день так"),
            ("1104", today.as_str(), "кого итоги не называют"),
        ] {
            let mut fields = vec![("act", "award"), ("on", on)];
            fields.extend((!person.is_empty()).then_some(("person", person)));
            let answer = methodist.send(&page, &path, &fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{person} {on}: {}", answer.body);
        }
        let records = || v.query("SELECT CAST(record_id AS TEXT) FROM activity WHERE kind = 'recognition' AND withdrawn_at IS NULL");
        assert!(records().is_empty());
        let fields = [("act", "award"), ("on", today.as_str()), ("person", "1003"), ("person", "1101")];
        let done = methodist.send(&page, &path, &fields);
        assert_eq!(done.header("location"), format!("{path}?done=awarded"), "{}", done.body);
        let awarded = "SELECT count(*) AS n FROM activity WHERE family = 'award' AND kind = 'recognition' AND level = 'municipal' \
                       AND person_id IN (1003, 1101)";
        assert_eq!((number(v, awarded), records().len()), (2, 2));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'activity.add' AND person_id IN (1003, 1101)"), 2);
        assert_eq!(number(v, "SELECT count(*) AS n FROM vote_voice WHERE tag IS NOT NULL"), 0, "nothing leads back to a voter");
        // The same form again is the same act; another one is refused.
        assert_eq!(methodist.send(&page, &path, &fields).status, 303);
        let now = methodist.get(&path);
        assert!(now.body.contains("Кому присуждено") && !now.body.contains("Отметьте, кому"), "{}", now.body);
        let more = [("act", "award"), ("seen", "2"), ("on", today.as_str()), ("person", "1102")];
        let second = methodist.send(&now, &path, &more);
        assert_eq!((second.status, records().len()), (422, 2), "a second award: {}", second.body);
        assert!(second.body.contains("уже присуждено"), "{}", second.body);
        // The person sees it as any other award; the list of votes names the awarded, to the own region alone.
        let year = in_days(0).year();
        let title = format!("Признание коллег, {year} год");
        let mine = server.signed_in("t1003", PASSWORD).get("/record");
        assert!(mine.body.contains(&title) && mine.body.contains("муниципальный"), "{}", mine.body);
        assert!(!server.signed_in("t1002", PASSWORD).get("/record").body.contains(&title));
        let mut operator = server.signed_in("operator", PASSWORD);
        for who in [&mut methodist, &mut operator] {
            let list = who.get(&format!("/votes?year={year}"));
            assert!(list.body.contains(&path) && list.body.contains("Фамилия3\u{a0}И."), "{}", list.body);
            assert_eq!(who.get(&format!("/votes?year={}", year - 5)).status, 404, "no votes of that year");
        }
        for login in ["south", "far-methodist"] {
            let list = server.signed_in(login, PASSWORD).get("/votes");
            assert!(list.status == 200 && !list.body.contains("Фамилия"), "{login}: {}", list.body);
        }
        // What was a mistake is withdrawn in its register, and then awarded anew.
        let page = methodist.get("/activities?kind=award");
        let mut fields = vec![("act".to_owned(), "withdraw".to_owned()), ("why".to_owned(), "ошибка".to_owned())];
        fields.extend(records().into_iter().map(|record| ("record".to_owned(), record)));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(methodist.send(&page, "/activities", &fields).status, 303);
        let page = methodist.get(&path);
        assert!(page.body.contains("Присудить звание"), "{}", page.body);
        let fields = [("act", "award"), ("on", today.as_str()), ("person", "1102")];
        let anew = methodist.send(&page, &path, &fields);
        assert_eq!((anew.status, records().len()), (303, 1), "{}", anew.body);
        let ended = number(v, "SELECT count(*) AS n FROM vote_award");
        assert_eq!(ended, 3, "what was awarded once stays known");
    }
}
