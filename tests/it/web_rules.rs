//! Rules of drafting on screen: versions of a region, tried on people before they are in force.

use chrono::Months;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, show, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// Two teachers of the north and one of the south with heavy deficits, one of the north with none; heads of both, one over a
/// zone alone.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let people = [(1001, 1, NORTH, 2), (1002, 2, NORTH, 3), (2001, 3, SOUTH, 2)];
    for (id, n, region, place) in people {
        world.teacher(id, n, region, place);
        world.passage(id, region, 1, "full", "2023-02-01", &[(1, 10_000)]);
    }
    world.teacher(1004, 4, NORTH, 3);
    world.passage(1004, NORTH, 1, "full", "2023-02-01", &[(1, 100_000)]);
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    world.account(1, "head", None, &[("cnppm_head", north)]);
    world.account(2, "second", None, &[("cnppm_head", north)]);
    world.account(3, "south", None, &[("cnppm_head", south)]);
    world.account(4, "of-a-part", None, &[("cnppm_head", unit(NORTH, 1))]);
    world.account(5, "staff", None, &[("cnppm_staff", north)]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

/// The rules of the program with a longer reading and nothing but it for the heavy.
fn text() -> String {
    let longer = vekha::iom::rules::SOURCE.replace("Самообразование: {competence}", "Чтение и конспект: {competence}");
    let only = longer.replace("teaching_years_from = 3", "teaching_years_from = 90");
    assert_ne!(only, vekha::iom::rules::SOURCE);
    only
}

fn key(page: &Page) -> &str {
    let rest = page.body.split_once("name=\"key\" value=\"").expect("a form").1;
    rest.split_once('"').expect("its end").0
}

/// What a page says of a trial of the text that stands on it; empty where there was none.
fn proof(page: &Page) -> &str {
    let rest = page.body.split_once("name=\"tried\" value=\"").map_or("", |of| of.1);
    rest.split('"').next().unwrap_or_default()
}

/// Sends the form of a page as a browser does, with the proof that the page carries.
fn send(who: &mut Visitor, page: &Page, act: &str, text: &str, reason: &str, procedure: &str) -> Page {
    let (key, proof) = (key(page), proof(page));
    let mut fields = vec![
        ("act", act),
        ("text", text),
        ("reason", reason),
        ("procedure", procedure),
        ("key", key),
    ];
    fields.extend((!proof.is_empty()).then_some(("tried", proof)));
    who.send(page, "/rules", &fields)
}

/// Tries a text or, after its trial, puts it in force.
fn press(who: &mut Visitor, act: &str, text: &str, reason: &str) -> Page {
    let mut page = who.get("/rules");
    if act == "load" {
        page = send(who, &page, "check", text, reason, "Д1");
    }
    send(who, &page, act, text, reason, "Д1")
}

/// The program's rules with another text in the place of one that stands there.
fn with(changes: &[(&str, &str)]) -> String {
    let mut text = vekha::iom::rules::SOURCE.to_owned();
    for (was, is) in changes {
        assert!(text.contains(was), "{was}");
        text = text.replace(was, is);
    }
    text
}

/// The last day of a plan of today that lasts so many months.
fn ends(months: u32) -> String {
    let day = today()
        .checked_add_months(Months::new(months))
        .and_then(|day| day.pred_opt());
    day.expect("a day").format("%d.%m.%Y").to_string()
}

/// Titles of the steps of somebody's plan.
fn steps(v: &Vekha, n: i64) -> Vec<String> {
    show(v, n)
        .into_iter()
        .map(|row| row["title"].clone())
        .filter(|title| !title.is_empty())
        .collect()
}

on_both! {
    fn a_sample_says_whose_plan_would_change_and_writes_nothing(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/rules");
        assert!(page.body.contains("Действуют правила, которые поставляются с программой"), "{}", page.body);
        let tried = press(&mut head, "check", &text(), "");
        assert_eq!(tried.status, 200, "{}", tried.body);
        for said in ["Фамилия1", "Фамилия2", "Чтение и конспект: Компетенция К1", "Взаимопосещение уроков"] {
            assert!(tried.body.contains(said), "{said}: {}", tried.body);
        }
        assert!(!tried.body.contains("Фамилия3"), "nobody of another region");
        assert_eq!(number(v, "SELECT count(*) AS n FROM rule_set") + number(v, "SELECT count(*) AS n FROM iom"), 0);
        // The same text gives the same plans.
        let same = press(&mut head, "check", vekha::iom::rules::SOURCE, "");
        assert!(same.body.contains("маршруты вышли бы те же") && !same.body.contains("Фамилия1"), "{}", same.body);
        // Each who was named reads of it.
        let told = "SELECT count(*) AS n FROM audit_event WHERE object_kind = 'rules' AND person_id IN (1001, 1002)";
        assert_eq!(number(v, told), 2);
        // The period alone: every plan ends on another day and is the same otherwise.
        let shorter = press(&mut head, "check", &with(&[("length_months = 12", "length_months = 9")]), "");
        let days = format!("{} вместо {}", ends(9), ends(12));
        let said = [format!("у 2\u{A0}маршрутов: {days}"), "Фамилия1".to_owned(), "у 2\u{A0}педагогов".to_owned()];
        for said in said {
            assert!(shorter.body.contains(&said), "the period is left out: {said}: {}", shorter.body);
        }
        for other in ["Новые шаги", "Другие сроки шагов", "Другой порядок шагов", "Фамилия3", "Фамилия4"] {
            assert!(!shorter.body.contains(other), "it is the period alone: {other}: {}", shorter.body);
        }
        assert!(shorter.body.contains("без дефицитов и без маршрута – 1"), "who gets no plan: {}", shorter.body);
        // Whatever is read of a step is told: its days, hours, duty, place, reason.
        let of_steps = with(&[
            ("first_due_days = 30", "first_due_days = 200"),
            ("level = \"school\", hours = 8", "level = \"regional\", hours = 10"),
            ("mandatory = true", "mandatory = false"),
            ("why = \"программа учит этой компетенции\"", "why = \"курс этой компетенции\""),
        ]);
        let tried = press(&mut head, "check", &of_steps, "");
        for said in [
            "Другие сроки шагов", "Другие часы шагов", "10\u{A0}ч вместо 8\u{A0}ч", "перестанет быть обязательным",
            "уровень «региональный» вместо «ОО»", "«курс этой компетенции» вместо «программа учит этой компетенции»",
        ] {
            assert!(tried.body.contains(said), "a step differs untold: {said}: {}", tried.body);
        }
        for other in ["Новые шаги", "Без прежних шагов", "Другой последний день"] {
            assert!(!tried.body.contains(other), "the steps stay: {other}: {}", tried.body);
        }
    }

    fn no_text_comes_into_force_that_was_not_tried(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let mut south = server.signed_in("south", PASSWORD);
        let versions = |n: i64, what: &str| assert_eq!(number(v, "SELECT count(*) AS n FROM rule_set"), n, "{what}");
        let page = head.get("/rules");
        let refused = send(&mut head, &page, "load", &text(), "Наставников мало", "");
        assert_eq!(refused.status, 422, "untried: {}", refused.status);
        for said in ["ещё не пробовали", "id=\"procedure-problem\"", "Чтение и конспект", "Наставников мало"] {
            assert!(refused.body.contains(said), "{said}: {}", refused.body);
        }
        // A check on nobody is no trial.
        let checked = send(&mut head, &page, "check", &text(), "", "");
        assert!(checked.status == 200 && proof(&checked).is_empty(), "nobody was tried on: {}", checked.body);
        let bare = send(&mut head, &checked, "load", &text(), "", "Д1");
        assert!(bare.status == 422 && bare.body.contains("Напишите, почему правила меняются"), "all at once: {}", bare.body);
        // One text proves nothing of another, and one region nothing of another.
        let tried = send(&mut head, &page, "check", &text(), "", "Д1");
        let longer = text().replace("Чтение и конспект", "Чтение и реферат");
        let other = send(&mut head, &tried, "load", &longer, "Другой текст", "Д1");
        assert_eq!(other.status, 422, "another text: {}", other.body);
        assert!(other.body.contains("Чтение и реферат") && proof(&other).is_empty(), "{}", other.body);
        let (mine, same) = (south.get("/rules"), text());
        let fields = [
            ("act", "load"), ("text", same.as_str()), ("reason", "Юг"), ("procedure", ""), ("key", key(&mine)),
            ("tried", proof(&tried)),
        ];
        let foreign = south.send(&mine, "/rules", &fields);
        assert_eq!(foreign.status, 422, "tried in another region: {}", foreign.body);
        versions(0, "nothing untried is in force");
        // A reason that is missing costs no second trial.
        let nameless = send(&mut head, &tried, "load", &text(), "", "");
        assert!(nameless.status == 422 && proof(&nameless) == proof(&tried), "{}", nameless.body);
        let done = send(&mut head, &nameless, "load", &text(), "Наставников мало", "");
        assert_eq!(done.header("location"), "/rules?done=1", "{}", done.body);
        // Where nobody passed a diagnosis there is nobody to try on.
        v.sql("DELETE FROM diagnosis_result WHERE person_id = 2001");
        let page = south.get("/rules");
        assert!(page.body.contains("текст вводится без пробы"), "{}", page.body);
        let done = send(&mut south, &page, "load", &text(), "Диагностики ещё не было", "");
        assert_eq!(done.header("location"), "/rules?done=1", "an empty region: {}", done.body);
        versions(2, "one in each region");
    }

    fn a_new_version_is_of_the_region_and_of_plans_to_come(v: &Vekha) {
        let server = world(v);
        draft(v, "Д1", "2023-02-10", &["--unit", "С2"]);
        let before = show(v, 1);
        let mut head = server.signed_in("head", PASSWORD);
        let of_program = head.get("/drafting");
        assert!(of_program.body.contains("Действуют правила программы, выпуск 1."), "two versions 1: {}", of_program.body);
        let nameless = press(&mut head, "load", &text(), "");
        assert_eq!(nameless.status, 422);
        assert!(nameless.body.contains("Напишите, почему правила меняются") && nameless.body.contains("Чтение и конспект"));
        let done = press(&mut head, "load", &text(), "Наставников не хватает");
        assert_eq!((done.status, done.header("location")), (303, "/rules?done=1"), "{}", done.body);
        let page = head.get("/rules?done=1");
        for said in ["Введены правила региона, версия 1", "Действуют правила региона, версия 1", "Наставников не хватает"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(head.get("/drafting").body.contains("Действуют правила региона, версия 1"));
        draft(v, "Д1", "2023-02-10", &[]);
        assert_eq!(show(v, 1), before, "a plan that stands stays");
        assert!(steps(v, 2).contains(&"Чтение и конспект: Компетенция К1".to_owned()), "{:?}", steps(v, 2));
        assert!(steps(v, 3).iter().all(|title| !title.contains("Чтение")), "the south drafts by its own: {:?}", steps(v, 3));
        // Back to the text of the program, as the next version.
        let back = head.get("/rules?version=0");
        assert!(back.body.contains("Самообразование") && back.body.contains("чтобы вернуться"), "{}", back.body);
        let done = press(&mut head, "load", vekha::iom::rules::SOURCE, "Наставники нашлись");
        assert_eq!(done.header("location"), "/rules?done=2");
        let told = "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.rules' AND account_id = 1";
        assert_eq!(number(v, told), 2);
        let _whole = v.run(&["check"]).ok();
    }

    fn of_two_editors_the_second_is_told_and_keeps_the_text(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let mut second = server.signed_in("second", PASSWORD);
        let opened = second.get("/rules");
        let other = text().replace("Чтение и конспект", "Чтение с вопросами");
        let old = send(&mut second, &opened, "check", &other, "Второй", "Д1");
        let done = press(&mut head, "load", &text(), "Первый");
        assert_eq!(done.status, 303);
        let late = send(&mut second, &old, "load", &other, "Второй", "");
        assert_eq!(late.status, 409, "{}", late.body);
        assert!(late.body.contains("head") && late.body.contains("Чтение с вопросами"), "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM rule_set"), 1);
        // Sent again from the page that told of it, it is the next one.
        let next = send(&mut second, &late, "load", &other, "Второй", "");
        assert_eq!(next.header("location"), "/rules?done=2", "{}", next.body);
    }

    fn a_text_that_does_not_read_is_told_by_its_line(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let line = |text: &str, part: &str| text.lines().position(|l| l.contains(part)).expect("there") + 1;
        let cases = [
            ("length_months = 12", "length_months = 40", "маршрут длится от 3 до 36 месяцев"),
            ("code = \"reading\"", "code = \"lessons\"", "уже занят"),
            ("beside_nothing_else", "beside_something", "здесь не бывает"),
            ("hours = 16", "hours = 0", "часов бывает от 1"),
        ];
        for (was, is, said) in cases {
            let wrong = vekha::iom::rules::SOURCE.replace(was, is);
            assert_ne!(wrong, vekha::iom::rules::SOURCE, "{was}");
            for act in ["check", "load"] {
                let answer = press(&mut head, act, &wrong, "Проба");
                assert_eq!(answer.status, 422, "{is}: {}", answer.body);
                assert!(answer.body.to_lowercase().contains(said), "{is}: {}", answer.body);
            }
        }
        let months = vekha::iom::rules::SOURCE.replace("length_months = 12", "length_months = 40");
        let answer = press(&mut head, "check", &months, "");
        assert!(answer.body.contains(&format!(">{}<", line(&months, "length_months = 40"))), "{}", answer.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM rule_set"), 0);
    }

    fn rules_of_a_region_are_changed_by_whoever_heads_all_of_it(v: &Vekha) {
        let server = world(v);
        let mut part = server.signed_in("of-a-part", PASSWORD);
        let page = part.get("/rules");
        assert!(page.status == 200 && !page.body.contains("Ввести в действие"), "{}", page.body);
        let fields = [("act", "load"), ("text", vekha::iom::rules::SOURCE), ("reason", "Часть"), ("procedure", ""), ("seen", "0")];
        let refused = part.send(&page, "/rules", &fields);
        assert!(refused.status == 409 && refused.body.contains("на весь регион"), "{} {}", refused.status, refused.body);
        let mut staff = server.signed_in("staff", PASSWORD);
        assert_eq!(staff.get("/rules").status, 403);
        assert_eq!(number(v, "SELECT count(*) AS n FROM rule_set"), 0);
    }
}
