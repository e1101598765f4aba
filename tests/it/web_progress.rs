//! How a plan goes on is read as news: the teacher reads of what was credited, decided and closed, whoever accompanies the
//! plan of the plan as a whole; nobody of what one has done oneself, and nobody twice.

use chrono::Days;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::web_notices::{PASSWORD, apply, listed, plan_of, remind, see, step, submit, world};
use crate::world::{NORTH, number, unit};

/// Who was told what by news of a kind, each in the order of its telling.
fn told(v: &Vekha, kind: &str) -> Vec<String> {
    let rows = v.query(&format!(
        "SELECT a.login || ' ' || n.body FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = '{kind}' \
         ORDER BY a.login, n.id"
    ));
    let said = |row: String| {
        let (login, body) = row.split_once(' ').expect("a login");
        let body: serde_json::Value = serde_json::from_str(body).expect("a body");
        format!("{login}: {}", body["what"].as_str().expect("words"))
    };
    rows.into_iter().map(said).collect()
}

/// What a login was told last by news of a kind.
#[track_caller]
fn last(v: &Vekha, kind: &str, login: &str) -> String {
    let of = format!("{login}: ");
    let all = told(v, kind);
    let mut own = all.iter().filter_map(|said| said.strip_prefix(&of));
    own.next_back().unwrap_or("nothing").to_owned()
}

fn letters(v: &Vekha, kind: &str, login: &str) -> i64 {
    let all = "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id";
    number(v, &format!("{all} WHERE m.kind = '{kind}' AND a.login = '{login}'"))
}

/// Number of the first step of a person's plan that is a course.
fn course(v: &Vekha, n: i64) -> i64 {
    let of = format!("iom.person_id = {} AND iom_item.programme_id IS NOT NULL", 1000 + n);
    let steps = "SELECT CAST(min(iom_item.number) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id";
    number(v, &format!("{steps} WHERE {of}"))
}

on_both! {
    fn what_is_credited_is_told_to_the_teacher_alone(v: &Vekha) {
        let server = world(v, 2);
        v.sql("UPDATE account SET email = login || '@school.example'");
        // One notice for a plan that was approved and begun by one file; who was given it at once is told that.
        let begun = [("teacher-1", ""), ("teacher-2", ""), ("teacher-99", "-south")].map(|(login, of)| {
            format!("{login}: утверждён, начат; вас теперь сопровождают тьютор tutor{of} и куратор curator{of}")
        });
        assert_eq!(told(v, "iom_progress"), begun, "who accompanies the plan is untold");
        assert!(told(v, "iom_progress_support").is_empty(), "{:?}", told(v, "iom_progress_support"));
        let (plan, item) = (plan_of(v, 1), step(v, 1));
        submit(v, 1, "2023-03-01");
        assert_eq!(told(v, "iom_progress"), begun, "one's own acts are no news");
        apply(v, &[format!("1,accept,{item},2023-03-02,tutor,,")]);
        let words = format!("шаг {item} зачтён");
        assert_eq!(last(v, "iom_progress", "teacher-1"), words, "what was credited is untold");
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let list = listed(&mut teacher);
        assert!(list.contains(&words) && list.contains(&format!("href=\"/plan#item-{item}\"")), "{list}");
        assert!(teacher.get("/plan").body.contains(&format!("id=\"item-{item}\"")), "the link opens the step of {plan}");
        // A mark is news for nobody else, in neither region.
        for login in ["teacher-2", "teacher-99"] {
            let list = listed(&mut server.signed_in(login, PASSWORD));
            assert!(list.contains("Вас ничего не ждёт"), "{login}: {list}");
        }
        assert!(told(v, "iom_progress_support").is_empty(), "{:?}", told(v, "iom_progress_support"));
        // As usual it comes in the letter of the day; whoever wants it at once has a letter of its own.
        assert_eq!(letters(v, "iom_progress", "teacher-1"), 0);
        let _made = remind(v, today() + Days::new(1));
        assert_eq!(letters(v, "notice_digest", "teacher-1"), 1);
        let digests = v.query("SELECT m.body FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'notice_digest' \
                               AND a.login = 'teacher-1'");
        assert!(digests[0].contains(&words), "{digests:?}");
        see(&mut teacher);
        assert!(listed(&mut teacher).contains("Вас ничего не ждёт"), "news go when they are read");
        let mut second = server.signed_in("teacher-2", PASSWORD);
        let page = second.get("/notices/choice");
        assert!(page.body.contains("Ход маршрута"), "{}", page.body);
        assert_eq!(second.send(&page, "/notices/choice", &[("progress", "at_once")]).status, 303);
        submit(v, 2, "2023-03-01");
        apply(v, &[format!("2,accept,{},2023-03-02,curator,,", step(v, 2))]);
        assert_eq!((letters(v, "iom_progress", "teacher-1"), letters(v, "iom_progress", "teacher-2")), (0, 1));
        let _whole = v.run(&["check"]).ok();
    }

    fn a_plan_that_goes_on_is_told_to_whoever_accompanies_it(v: &Vekha) {
        let server = world(v, 2);
        let plan = plan_of(v, 1);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        see(&mut tutor);
        apply(v, &["1,pause,,2023-03-01,curator,,leave".to_owned()]);
        let paused = "приостановлен, сроки пока не идут";
        assert_eq!(told(v, "iom_progress_support"), [format!("tutor: {paused}")], "who has done it knows");
        assert_eq!(last(v, "iom_progress", "teacher-1"), paused);
        let list = listed(&mut tutor);
        assert!(list.contains(paused) && list.contains(&format!("href=\"/people/{plan}\"")), "{list}");
        apply(v, &["1,resume,,2023-03-05,curator,,".to_owned()]);
        assert_eq!((last(v, "iom_progress", "teacher-1"), last(v, "iom_progress_support", "tutor")), ("возобновлён".into(), "возобновлён".into()));
        apply(v, &["1,close-terminated,,2023-03-06,curator,,transfer".to_owned()]);
        assert_eq!(last(v, "iom_progress", "teacher-1"), "прекращён", "the closing is untold");
        assert_eq!(last(v, "iom_progress_support", "tutor"), "прекращён", "the closing is untold");
        assert_eq!(last(v, "iom_progress_support", "curator"), "nothing");
        // Taken back by somebody else: both of them read it.
        apply(v, &["1,reopen,,2023-03-07,head,,закрыт по ошибке".to_owned()]);
        for (kind, login) in [("iom_progress", "teacher-1"), ("iom_progress_support", "tutor"), ("iom_progress_support", "curator")] {
            assert_eq!(last(v, kind, login), "возвращён в работу", "{login}");
        }
        // Marks and a closing of one file are one notice; the tutor's question is closed by the own mark, the closing is news.
        let before = told(v, "iom_progress").len();
        submit(v, 2, "2023-03-01");
        apply(v, &[
            format!("2,accept,{},2023-03-02,tutor,,", step(v, 2)),
            "2,close-terminated,,2023-03-04,curator,,transfer".to_owned(),
        ]);
        assert_eq!(told(v, "iom_progress").len(), before + 1);
        assert_eq!(last(v, "iom_progress", "teacher-2"), format!("прекращён; шаг {} зачтён", step(v, 2)));
        assert_eq!(last(v, "iom_progress_support", "tutor"), "прекращён");
        // The other region has heard of nothing.
        for login in ["tutor-south", "curator-south"] {
            assert_eq!(last(v, "iom_progress_support", login), "nothing", "{login}");
        }
        // A role that is over: nothing new is told, and what was told is named no more; another role keeps the account open.
        let over = unit(NORTH, 2);
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9030, 3, 'mentor', {over}, '2022-01-01 00:00:00'); \
             UPDATE role_grant SET valid_to = '{}' WHERE account_id = 3 AND role = 'tutor'",
            today()
        ));
        let before = told(v, "iom_progress_support");
        apply(v, &["1,pause,,2023-04-01,curator,,leave".to_owned()]);
        assert_eq!(told(v, "iom_progress_support"), before, "nothing new in a role that is over");
        assert_eq!(last(v, "iom_progress", "teacher-1"), paused);
        let page = tutor.get("/notices");
        assert!(!page.body.contains("ИОМ-"), "{}", page.body);
    }

    fn a_mark_is_taken_back_on_the_card_while_the_plan_is_open(v: &Vekha) {
        let server = world(v, 2);
        let (plan, item) = (plan_of(v, 1), step(v, 1));
        submit(v, 1, "2023-03-01");
        apply(v, &[format!("1,accept,{item},2023-03-02,tutor,,")]);
        let card = format!("/people/{plan}");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let page = tutor.get(&card);
        let form = page.body.split("Вернуть зачтённый шаг").nth(1).unwrap_or_default();
        assert!(form.contains("value=\"return\"") && form.contains(&format!("name=\"item\" value=\"{item}\"")), "a mark stays: {}", page.body);
        let seen = form.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let item = item.to_string();
        let back = |reason: &'static str| [("act", "return"), ("item", &*item), ("seen", &*seen), ("reason", reason)].map(|(a, b)| (a, b.to_owned()));
        let send = |tutor: &mut crate::visitor::Visitor, reason: &'static str| {
            let fields = back(reason);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
            tutor.send(&page, &format!("{card}/act"), &fields)
        };
        // Why is said, or the form stays open with what is missing.
        let refused = send(&mut tutor, "");
        assert!(refused.status == 422 && refused.body.contains("<details class=\"act\" open><summary class=\"btn-q\">Вернуть зачтённый шаг"), "{}", refused.body);
        let done = send(&mut tutor, "Зачли не тот шаг");
        assert_eq!(done.status, 303, "{}", done.body);
        let of = format!("iom_id = {plan} AND number = {item}");
        assert_eq!(v.query(&format!("SELECT state FROM iom_item WHERE {of}")), ["returned"]);
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        assert!(listed(&mut teacher).contains("возвращён"), "the teacher is called");
        assert!(teacher.get("/plan").body.contains("Зачли не тот шаг"));
        // Nobody else takes it back, and of a closed plan nobody.
        let form = teacher.get("/plan");
        assert_eq!(teacher.send(&form, &format!("{card}/act"), &[("act", "return"), ("item", &item), ("seen", &seen)]).status, 403);
        let mut south = server.signed_in("tutor-south", PASSWORD);
        assert_eq!(south.get(&card).status, 404);
        apply(v, &[format!("1,close-terminated,,{},curator,,transfer", today())]);
        assert!(!tutor.get(&card).body.contains("Вернуть зачтённый шаг"));
        let _whole = v.run(&["check"]).ok();
    }

    fn whoever_hears_that_a_question_is_closed_hears_it_once(v: &Vekha) {
        let server = world(v, 1);
        submit(v, 1, "2023-03-01");
        apply(v, &["1,close-terminated,,2023-03-04,curator,,transfer".to_owned()]);
        let list = listed(&mut server.signed_in("tutor", PASSWORD));
        assert!(list.contains("Вопрос закрыт: маршрут ИОМ-") && list.matches("прекращён").count() == 1, "{list}");
        let card = format!("href=\"/people/{}\"", plan_of(v, 1));
        assert!(list.contains("маршрут закрыт (прекращён: перевод)") && list.contains(&card), "closed, and no way to the plan: {list}");
        assert_eq!(last(v, "iom_progress_support", "tutor"), "nothing");
        let list = listed(&mut server.signed_in("teacher-1", PASSWORD));
        assert!(list.contains("прекращён") && !list.contains("Вопрос закрыт"), "{list}");
    }

    fn what_is_decided_on_an_application_is_told_to_the_teacher(v: &Vekha) {
        let _server = world(v, 2);
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) VALUES (50, 'director', '', \
             'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES \
             (9051, 50, 'school_head', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 2)
        ));
        let (item, other) = (course(v, 1), step(v, 1));
        let begun = told(v, "iom_progress");
        apply(v, &[format!("1,apply,{item},2023-03-01,teacher-1,,"), format!("2,apply,{},2023-03-01,teacher-2,,", course(v, 2))]);
        assert_eq!(told(v, "iom_progress"), begun, "an application waits for others");
        for (row, words) in [
            (format!("agree-enrolment,{item},2023-03-02,director,,"), format!("заявка на курс (шаг {item}) согласована")),
            (format!("enrol,{item},2023-03-03,curator,,"), format!("вы зачислены на курс (шаг {item})")),
            (format!("complete,{item},2023-04-03,curator,У-1,"), format!("обучение по шагу {item} завершено, шаг зачтён")),
            (format!("waive,{other},2023-04-04,tutor,У-9,"), format!("шаг {other} перезачтён по документу")),
        ] {
            apply(v, &[format!("1,{row}")]);
            assert_eq!(last(v, "iom_progress", "teacher-1"), words);
        }
        let refused = course(v, 2);
        apply(v, &[format!("2,refuse-enrolment,{refused},2023-03-02,director,,некем заменить")]);
        assert_eq!(last(v, "iom_progress", "teacher-2"), format!("заявка на курс (шаг {refused}) отклонена"));
        assert!(last(v, "iom_progress", "teacher-99").starts_with("утверждён, начат"), "nobody of the other region");
        assert!(told(v, "iom_progress_support").is_empty(), "{:?}", told(v, "iom_progress_support"));
    }
}
