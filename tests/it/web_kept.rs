//! What was typed is not lost: a saved form sent again with another content, a change that came second, a day with a year
//! of two digits, a filter that cannot be read.

use crate::on_both;
use crate::support::text;
use crate::visitor::{Page, Visitor};
use crate::web_registers::{found, hidden, sent, signed, world};
use crate::world::number;

const EVENT: [(&str, &str); 11] = [
    ("title", "Форум практик"),
    ("series", ""),
    ("kind", "event/forum"),
    ("level", "regional"),
    ("from", "07.12.2022"),
    ("to", ""),
    ("organiser", ""),
    ("other", "Министерство"),
    ("units", "С1=3"),
    ("participants", ""),
    ("code", ""),
];
const BODY: [(&str, &str); 7] = [
    ("name", "Союз химиков"),
    ("kind", "smo"),
    ("level", "regional"),
    ("unit", ""),
    ("duties", "раз в месяц"),
    ("page", ""),
    ("code", ""),
];
const UNDERTAKING: [(&str, &str); 15] = [
    ("title", "Банк практик"),
    ("kind", "materials_bank"),
    ("level", "regional"),
    ("unit", ""),
    ("about", "как это устроено"),
    ("subject", "химия"),
    ("from", "01.09.2022"),
    ("to", ""),
    ("state", "running"),
    ("act-number", "12-п"),
    ("act-date", "30.08.2022"),
    ("parties", ""),
    ("units", ""),
    ("page", "https://a.example/1"),
    ("code", ""),
];
const PUBLICATION: [(&str, &str); 10] = [
    ("title", "Разговор о чтении"),
    ("kind", "manual"),
    ("authors", "Фамилия11 Имя; Гость"),
    ("year", "2023"),
    ("journal", ""),
    ("subject", ""),
    ("whom", "teachers"),
    ("unit", "С2"),
    ("page", ""),
    ("code", ""),
];
const PAIR: [(&str, &str); 8] = [
    ("mentor", "Фамилия11"),
    ("mentee", "Фамилия12"),
    ("form", "teacher_teacher"),
    ("from", "01.10.2022"),
    ("to", ""),
    ("document", "order"),
    ("link", ""),
    ("outcome", ""),
];

/// The same fields with one of them said otherwise.
fn but<'a>(of: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    of.iter()
        .map(|(n, v)| (*n, if *n == name { value } else { v }))
        .collect()
}

fn with<'a>(of: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [of, more].concat()
}

fn key(page: &Page) -> String {
    let rest = page.body.split("name=\"key\" value=\"").nth(1).expect("a key");
    rest.split('"').next().expect("its end").to_owned()
}

/// Sends a form twice the same and once with another value; says where the first answer leads.
fn once_and_another(who: &mut Visitor, path: &str, fields: &[(&str, &str)], (name, other): (&str, &str)) -> String {
    let page = who.get(path);
    let own = key(&page);
    let keyed = [("key", own.as_str())];
    let first = sent(who, &page, path, &with(fields, &keyed));
    assert_eq!(
        sent(who, &page, path, &with(fields, &keyed)),
        first,
        "{path}: the same form"
    );
    assert_eq!(found(who, path), 1, "{path}");
    // Back in the browser, another value, saved again.
    let again = who.send(&page, path, &with(&but(fields, name, other), &keyed));
    assert_eq!(again.status, 422, "{path}: {}", again.body);
    assert!(
        again.body.contains("Эта форма уже сохранена. Если вы хотели"),
        "{path}: {}",
        again.body
    );
    assert!(
        again.body.contains(other),
        "{path}: what was typed stays: {}",
        again.body
    );
    assert_eq!(found(who, path), 1, "{path}: nothing is written");
    let fresh = key(&again);
    assert_ne!(fresh, own, "{path}");
    let second = sent(
        who,
        &again,
        path,
        &with(&but(fields, name, other), &[("key", fresh.as_str())]),
    );
    assert_ne!(second, first, "{path}");
    assert_eq!(found(who, path), 2, "{path}: and saved under a key of its own");
    first.split('?').next().expect("a path").to_owned()
}

/// Two open one record, one saves first: the other sees both values, and the own input over the version that stands.
fn told_of_both(
    (first, second): (&mut Visitor, &mut Visitor),
    path: &str,
    fields: &[(&str, &str)],
    (name, label): (&str, &str),
    [theirs, own]: [&str; 2],
) {
    let (one, two) = (first.get(path), second.get(path));
    let (theirs_seen, own_seen) = (hidden(&one, "change", "seen"), hidden(&two, "change", "seen"));
    let change = |value, seen| with(&but(fields, name, value), &[("act", "change"), ("seen", seen)]);
    let _saved = sent(first, &one, path, &change(theirs, &theirs_seen));
    let late = second.send(&two, path, &change(own, &own_seen));
    assert_eq!(late.status, 409, "{path}: {}", late.body);
    let told = late.body.split("Запись изменили ").nth(1).expect("who was quicker");
    let when: String = told.chars().take(18).collect();
    assert!(
        when.contains(" в\u{a0}") && when.ends_with(|c: char| c.is_ascii_digit()),
        "{path}: {when}"
    );
    for words in [
        "Поле",
        "Сейчас записано",
        "Вы ввели",
        label,
        theirs,
        own,
        "Ваши изменения не записаны",
    ] {
        assert!(late.body.contains(words), "{path} {words}: {}", late.body);
    }
    assert!(
        late.body.contains(&format!("value=\"{own}\"")) || late.body.contains(&format!(">{own}</textarea>")),
        "{path}: {}",
        late.body
    );
    assert!(
        late.body.contains("<details class=\"act\" open"),
        "{path}: the form stands open: {}",
        late.body
    );
    let seen = hidden(&late, "change", "seen");
    assert_ne!(seen, own_seen, "{path}");
    let _saved = sent(second, &late, path, &change(own, &seen));
    assert!(first.get(path).body.contains(own), "{path}");
}

on_both! {
    fn a_saved_form_with_another_content_is_a_second_input(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let _event = once_and_another(&mut operator, "/events", &EVENT, ("title", "Форум новых практик"));
        let _body = once_and_another(&mut operator, "/bodies", &BODY, ("name", "Союз физиков"));
        let _undertaking = once_and_another(&mut operator, "/undertakings", &UNDERTAKING, ("title", "Банк уроков"));
        let _book = once_and_another(&mut signed(&server, "deputy"), "/publications", &PUBLICATION, ("title", "Разговор о письме"));
        let _pair = once_and_another(&mut signed(&server, "coordinator"), "/pairs", &PAIR, ("mentee", "Фамилия13"));
    }

    fn a_file_is_not_taken_back_over_what_was_changed_on_a_page_since(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let events = "Код,Название,Вид,Уровень,С,По,Организатор,Участников";
        let bodies = "Код,Наименование,Вид,Уровень,Единица,Обязанности";
        for (kind, head, first, second, page, fields, name) in [
            ("events", events, "М-1,Форум школ,event/forum,региональный,07.12.2022,,С0,10", "М-1,Форум школ,event/forum,региональный,07.12.2022,,С0,20", "/events", &EVENT[..], "title"),
            ("bodies", bodies, "О-1,Союз химиков,smo,региональный,С0,", "О-1,Союз химиков,smo,региональный,С0,раз в год", "/bodies", &BODY[..], "name"),
        ] {
            let load = |row: &str, code: &str| {
                let file = v.file("register.csv", format!("{head}\n{row}\n"));
                v.run(&["import", kind, text(&file), "--batch-code", &format!("{kind}-{code}")]).ok()
            };
            let undo = |code: &str| v.run(&["import", "undo", &format!("{kind}-{code}")]);
            let _made = load(first, "1");
            let _changed = load(second, "2");
            let path = format!("{page}/{}", v.query(&format!("SELECT CAST(id AS TEXT) FROM {}", if kind == "events" { "event" } else { "body" })).remove(0));
            let form = operator.get(&path);
            let seen = hidden(&form, "change", "seen");
            let by_hand = with(&but(fields, name, "Своё название"), &[("act", "change"), ("seen", &seen)]);
            let _by_hand = sent(&mut operator, &form, &path, &by_hand);
            let refused = undo("2").failed();
            assert!(refused.err.contains("изменённые на страницах после загрузки: 1"), "{kind}: a later change is lost: {}", refused.err);
            assert!(operator.get(&path).body.contains("Своё название"), "{kind}: what was typed stays");
            // What nobody has touched goes back, the last file first.
            let _other = load(&first.replace("-1,", "-2,"), "3");
            let _more = load(&second.replace("-1,", "-2,"), "4");
            for code in ["4", "3"] {
                let _undone = undo(code).ok();
            }
            assert_eq!(found(&mut operator, page), 1, "{kind}");
        }
        // Nobody of the other region has any of it.
        assert_eq!(found(&mut signed(&server, "south"), "/bodies"), 0);
    }

    fn a_form_sent_many_times_at_once_is_one_input(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/events");
        let own = key(&page);
        let fields = with(&EVENT, &[("key", own.as_str())]);
        let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
            let one = |_| {
                let (mut who, page, fields) = (operator.clone(), &page, &fields);
                scope.spawn(move || {
                    let answer = who.send(page, "/events", fields);
                    (answer.status, answer.header("location").to_owned())
                })
            };
            let all: Vec<_> = (0..10).map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        assert!(answers.iter().all(|a| *a == answers[0]) && answers[0].0 == 303, "{answers:?}");
        assert_eq!(number(v, "SELECT count(*) AS n FROM event"), 1);
    }

    fn whoever_is_late_sees_what_stands_and_what_was_typed(v: &Vekha) {
        let server = world(v);
        let (mut one, mut two) = (signed(&server, "operator"), signed(&server, "operator"));
        let mut add = |path: &str, fields: &[(&str, &str)]| {
            let page = one.get(path);
            let to = sent(&mut one, &page, path, fields);
            to.split('?').next().expect("a path").to_owned()
        };
        let (event, body) = (add("/events", &EVENT), add("/bodies", &BODY));
        let (undertaking, book) = (add("/undertakings", &UNDERTAKING), add("/publications", &PUBLICATION));
        told_of_both((&mut one, &mut two), &event, &EVENT, ("title", "Название"), ["Форум школ", "Форум учителей"]);
        told_of_both((&mut one, &mut two), &body, &BODY, ("duties", "Обязанности"), ["раз в год", "раз в неделю"]);
        told_of_both((&mut one, &mut two), &undertaking, &UNDERTAKING, ("subject", "Предмет"), ["физика", "биология"]);
        told_of_both((&mut one, &mut two), &book, &PUBLICATION, ("title", "Название"), ["О чтении", "О чтении вслух"]);
        let (mut one, mut two) = (signed(&server, "coordinator"), signed(&server, "coordinator"));
        let page = one.get("/pairs");
        let pair = sent(&mut one, &page, "/pairs", &PAIR);
        let pair = pair.split('?').next().expect("a path").to_owned();
        let terms = &PAIR[3..];
        told_of_both((&mut one, &mut two), &pair, terms, ("outcome", "Итог"), ["аттестован", "работает сам"]);
        // Withdrawn meanwhile: what was typed is still shown.
        let mut operator = signed(&server, "operator");
        let page = operator.get(&event);
        let seen = hidden(&page, "change", "seen");
        let _gone = sent(&mut operator, &page, &event, &[("act", "withdraw"), ("seen", &seen), ("reason", "внесено дважды")]);
        let late = operator.send(&page, &event, &with(&but(&EVENT, "title", "Форум наставников"), &[("act", "change"), ("seen", &seen)]));
        assert!(late.status == 409 && late.body.contains("Форум наставников"), "{}", late.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn ticks_of_participants_stay_when_somebody_was_quicker(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/events");
        let event = sent(&mut operator, &page, "/events", &EVENT);
        let event = event.split('?').next().expect("a path").to_owned();
        let people = format!("{event}/people");
        let (mut deputy, mut director) = (signed(&server, "deputy"), signed(&server, "director"));
        let (one, two) = (director.get(&people), deputy.get(&people));
        let first = [("id", "1012"), ("role", "organiser")];
        let _quicker = sent(&mut director, &one, &people, &first);
        let ticked = |page: &Page, id: &str| page.body.contains(&format!("value=\"{id}\" checked"));
        let late = deputy.send(&two, &people, &[("id", "1011"), ("id", "1012"), ("id", "1013"), ("role", "participant")]);
        assert_eq!(late.status, 409, "{}", late.body);
        for words in ["Запись изменили ", "«Записано участие в мероприятии»", "уже записаны: Фамилия12", "организатор", "Ваше действие не записано"] {
            assert!(late.body.contains(words), "{words}: {}", late.body);
        }
        assert!(ticked(&late, "1011") && ticked(&late, "1013"), "{}", late.body);
        assert!(!late.body.contains("value=\"1012\"") && !ticked(&late, "1014"), "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM activity"), 1, "nobody is recorded halfway");
        let _both = sent(&mut deputy, &late, &people, &[("id", "1011"), ("id", "1013"), ("role", "participant")]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM activity"), 3);
        // A list that is chosen from the whole region comes back as it was chosen, with whoever is ticked.
        let chosen = format!("{people}?unit=%D0%A13&page=1");
        let page = operator.get(&chosen);
        assert!(page.body.contains(&format!("action=\"{}\"", chosen.replace('&', "&amp;").replace('=', "&#x3D;"))), "{}", page.body);
        let late = operator.send(&page, &chosen, &[("id", "1031"), ("id", "1041"), ("id", "1012"), ("role", "participant")]);
        assert!(late.status == 409 && ticked(&late, "1031") && ticked(&late, "1041"), "{}", late.body);
        assert!(late.body.contains("value=\"1032\"") && !ticked(&late, "1032"), "{}", late.body);
        let none = operator.send(&page, &chosen, &[("role", "participant")]);
        assert!(none.status == 422 && none.body.contains("value=\"1031\""), "{}", none.body);
        // Records that are to be withdrawn stay ticked too: without a reason, and when one of them is gone by then.
        let record = |person: i64| number(v, &format!("SELECT max(record_id) AS n FROM activity WHERE person_id = {person}")).to_string();
        let (r11, r12, r13) = (record(1011), record(1012), record(1013));
        let page = deputy.get(&event);
        let fields = |why| [("act", "withdraw-people"), ("record", r11.as_str()), ("record", r12.as_str()), ("why", why)];
        let unsaid = deputy.send(&page, &event, &fields(""));
        assert!(unsaid.status == 422 && ticked(&unsaid, &r11) && ticked(&unsaid, &r12), "{}", unsaid.body);
        assert!(!ticked(&unsaid, &r13), "{}", unsaid.body);
        let one = director.get(&event);
        let _quicker = sent(&mut director, &one, &event, &[("act", "withdraw-people"), ("record", &r12), ("why", "не приехал")]);
        let late = deputy.send(&page, &event, &fields("внесены дважды"));
        assert!(late.status == 409 && late.body.contains("«Отозвана запись об участии»"), "{}", late.body);
        assert!(ticked(&late, &r11) && !ticked(&late, &r12) && !ticked(&late, &r13), "{}", late.body);
        // The same in the list of all records, with what is chosen in it.
        let chosen = "/activities?kind=event%2Fforum&page=1";
        let (one, two) = (director.get(chosen), deputy.get(chosen));
        let fields = |why| [("act", "withdraw"), ("record", r11.as_str()), ("record", r13.as_str()), ("why", why)];
        let unsaid = deputy.send(&two, chosen, &fields(""));
        assert!(unsaid.status == 422 && ticked(&unsaid, &r11) && ticked(&unsaid, &r13), "{}", unsaid.body);
        assert!(unsaid.body.contains("value=\"event/forum\" selected"), "{}", unsaid.body);
        let _quicker = sent(&mut director, &one, chosen, &[("act", "withdraw"), ("record", &r13), ("why", "не приехал")]);
        let late = deputy.send(&two, chosen, &fields("внесены дважды"));
        assert!(late.status == 409 && late.body.contains("«Отозвана запись об участии»"), "{}", late.body);
        assert!(ticked(&late, &r11) && !late.body.contains(&format!("value=\"{r13}\"")), "{}", late.body);
        let gone = deputy.get("/activities?state=withdrawn");
        let twice = [("act", "restore"), ("record", r13.as_str())];
        let path = "/activities?state=withdrawn";
        let theirs = director.get(path);
        let _back = sent(&mut director, &theirs, path, &twice);
        let late = deputy.send(&gone, path, &twice);
        assert!(late.status == 409 && late.body.contains("«Возвращена запись об участии»"), "{}", late.body);
        let late = deputy.get(&event);
        // A withdrawn record of someone who was recorded anew is not brought back beside the new one.
        let page = director.get(&people);
        let _anew = sent(&mut director, &page, &people, &[("id", "1012"), ("role", "participant")]);
        let back = deputy.send(&late, &event, &[("act", "restore-people"), ("back", &r12)]);
        assert!(back.status == 409 && ticked(&back, &r12), "{}", back.body);
        assert!(back.body.contains("«Записано участие в мероприятии»"), "{}", back.body);
        // To an event that was withdrawn meanwhile nobody is added, and it is told who did that.
        let page = operator.get(&event);
        let seen = hidden(&page, "withdraw", "seen");
        let _gone = sent(&mut operator, &page, &event, &[("act", "withdraw"), ("seen", &seen), ("reason", "не состоялось")]);
        let late = deputy.send(&two, &people, &[("id", "1014"), ("role", "participant")]);
        assert!(late.status == 409 && late.body.contains("Отозвано мероприятие") && late.body.contains("operator"), "{}", late.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_year_of_two_digits_is_of_this_century(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/events");
        for wrong in ["07.12.0022", "07.12.022", "07.12.1822", "07.12.2222"] {
            let refused = operator.send(&page, "/events", &but(&EVENT, "from", wrong));
            assert!(refused.status == 422 && refused.body.contains("Напишите день так: 01.09.2026."), "{wrong}: {}", refused.body);
            assert!(refused.body.contains("href=\"#from\"") && refused.body.contains(wrong), "{wrong}: {}", refused.body);
        }
        let path = sent(&mut operator, &page, "/events", &but(&EVENT, "from", "07.12.22"));
        let path = path.split('?').next().expect("a path");
        assert!(operator.get(path).body.contains("07.12.2022"), "{path}");
        assert_eq!(number(v, "SELECT count(*) AS n FROM event"), 1);
    }

    fn a_filter_that_cannot_be_read_is_told_beside_the_list(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        for (path, name, typed) in [("/vacancies", "on", "abc"), ("/vacancies", "on", "01.09.0026"), ("/retention", "since", "abc"), ("/retention", "since", "26"), ("/workforce", "on", "abc"), ("/workforce", "norm", "-1")] {
            let page = operator.get(&format!("{path}?{name}={typed}"));
            assert_eq!(page.status, 200, "{path} {typed}: {}", page.body);
            assert!(page.body.contains(&format!("Не понятно, что значит «{typed}». Напишите ")), "{path}: {}", page.body);
        }
        let file = operator.get("/vacancies?on=abc&as=xlsx");
        assert!(file.status == 400 && file.body.contains("Не понятно, что значит «abc»"), "{}", file.body);
    }

    fn whoever_has_no_address_waits_for_no_letter(v: &Vekha) {
        let server = world(v);
        let page = signed(&server, "teacher").get("/plan");
        assert!(page.body.contains("Маршрут появится на этой странице.") && !page.body.contains("Письмо придёт"), "{}", page.body);
    }
}
