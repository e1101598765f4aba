//! What a plan of a school asks of the school: its head is told what waits for approval, the author what came back, and
//! both that a step waits for nobody. Neither another school nor another region, nor anybody of a plan of the ЦНППМ.

use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_school_plans::{PASSWORD, act, acts_today, compose, plan_of, world};
use crate::world::{number, snils};

/// Everyone who heads a school in that world, and who approves for the ЦНППМ.
const HEADS: [&str; 6] = [
    "director",
    "deputy",
    "director-3",
    "deputy-south",
    "director-south",
    "head",
];

/// Who has a letter of a kind, and how many.
fn told(v: &Vekha, kind: &str) -> Vec<(&'static str, i64)> {
    let letters = |login: &'static str| {
        let of = format!("a.login = '{login}' AND m.kind = '{kind}'");
        let all = "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id";
        (login, number(v, &format!("{all} WHERE {of}")))
    };
    HEADS.into_iter().map(letters).filter(|(_, n)| *n > 0).collect()
}

/// How many questions of a kind nobody has answered.
fn open(v: &Vekha, kind: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM notice WHERE kind = '{kind}' AND settled_at IS NULL"),
    )
}

/// What stands in the list of notices, without what has left it.
fn listed(who: &mut Visitor) -> String {
    let page = who.get("/notices");
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.split("Уже закрыто").next().unwrap_or_default().to_owned()
}

/// One act of today on a step.
fn step_today(v: &Vekha, n: i64, kind: &str, item: i64, by: &str) -> crate::support::Answer {
    let rows = format!(
        "snils,act,item,date,by,value,reason\n{},{kind},{item},{},{by},,\n",
        snils(n),
        today()
    );
    let file = v.file("step.csv", rows);
    v.run(&["iom", "apply", text(&file)])
}

/// Number of a step of a plan that is no course.
fn step(v: &Vekha, plan: i64) -> i64 {
    let steps = "SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item";
    number(v, &format!("{steps} WHERE iom_id = {plan} AND programme_id IS NULL"))
}

/// The school's plan of a person goes to the teacher, who agrees.
#[track_caller]
fn agreed(v: &Vekha, n: i64, by: &str, who: &str) {
    let _done = acts_today(v, n, "send", by).ok();
    let _done = acts_today(v, n, "agree", who).ok();
}

/// A page of the staff as a login sees it.
fn staff(server: &Server, login: &str) -> Page {
    server.signed_in(login, PASSWORD).get("/staff")
}

on_both! {
    // rows: KR-F06
    fn the_head_is_told_what_waits_and_the_author_what_came_back(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (mut deputy, mut director) = (server.signed_in("deputy", PASSWORD), server.signed_in("director", PASSWORD));
        assert_eq!(compose(&mut deputy).status, 303);
        let plan = plan_of(v, 1001);
        assert_eq!(act(&mut deputy, "/composed", plan, &[("act", "send")]).status, 303);
        // Sent today: no number of days that says nothing.
        let page = director.get("/staff");
        assert!(page.body.contains("Маршрут отправлен педагогу сегодня") && !page.body.contains("0\u{A0}дней"), "{}", page.body);
        assert!(!page.body.contains("вашего утверждения"), "the teacher has not agreed yet");
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        assert_eq!(teacher.send(&page, "/plan/act", &[("act", "agree")]).status, 303);
        assert_eq!(told(v, "iom_to_approve"), [("director", 1)], "the head is told what waits");
        let list = listed(&mut director);
        assert!(list.contains("ждёт вашего утверждения") && list.contains(&format!("href=\"/composed/{plan}\"")), "{list}");
        // The own plan waits for the ЦНППМ, and its head is not asked for it.
        agreed(v, 6, "deputy", "director");
        assert_eq!((told(v, "iom_to_approve"), open(v, "iom_to_approve")), (vec![("director", 1)], 1), "the own plan");
        let page = director.get("/staff");
        assert!(page.body.contains("1\u{A0}маршрут ждёт вашего утверждения"), "{}", page.body);
        assert!(page.body.contains("/composed?state&#x3D;to_approve"), "{}", page.body);
        let waiting = director.get("/composed?state=to_approve");
        assert!(waiting.body.contains("Найдено: 1\u{A0}маршрут") && waiting.body.contains("Фамилия1"), "{}", waiting.body);
        let all = director.get("/composed?state=agreed");
        assert!(all.body.contains("Найдено: 2") && all.body.contains("Ваш маршрут ждёт утверждения в ЦНППМ"), "{}", all.body);
        for login in ["deputy", "director-3", "deputy-south", "director-south"] {
            assert!(!staff(&server, login).body.contains("вашего утверждения"), "{login}");
        }
        assert_eq!(deputy.get("/composed?state=to_approve").status, 404);
        // It comes back from the head: its author mends it.
        let back = act(&mut director, "/composed", plan, &[("act", "return"), ("reason", "Добавьте практику")]);
        assert_eq!(back.status, 303, "{}", back.body);
        assert_eq!((told(v, "iom_came_back"), open(v, "iom_to_approve")), (vec![("deputy", 1)], 0));
        assert!(listed(&mut deputy).contains("вернули на доработку"));
        for login in ["deputy", "director"] {
            let page = staff(&server, login);
            assert!(page.body.contains("1\u{A0}маршрут вернули на доработку"), "{login} {}", page.body);
            assert!(page.body.contains("/composed?state&#x3D;returned"), "{login} {}", page.body);
        }
        for login in ["director-3", "deputy-south", "director-south"] {
            assert!(!staff(&server, login).body.contains("на доработку"), "{login}");
        }
        assert_eq!(act(&mut deputy, "/composed", plan, &[("act", "send")]).status, 303);
        assert_eq!(open(v, "iom_came_back"), 0, "mended and sent");
        // Where the author is there no more, whoever leads the school is told; the one who has gone is not.
        v.sql("UPDATE role_grant SET valid_to = '2023-01-01' WHERE account_id = 4 AND role = 'school_admin'");
        let page = teacher.get("/plan");
        let back = teacher.send(&page, "/plan/act", &[("act", "return"), ("reason", "Слишком много шагов")]);
        assert_eq!(back.status, 303, "{}", back.body);
        assert_eq!(told(v, "iom_came_back"), [("director", 1), ("deputy", 1)], "the author has gone");
        let list = server.signed_in("deputy", PASSWORD).get("/notices").body;
        assert!(!list.contains("вернули на доработку"), "a role that is over tells of no plan: {list}");
        // The teacher of the own plan reads who approves that one.
        let page = director.get("/account");
        assert_eq!(director.send(&page, "/role", &[("role", "teacher")]).status, 303);
        assert!(director.get("/plan").body.contains("Теперь его утвердит ЦНППМ"));
        let _whole = v.run(&["check"]).ok();
    }

    // rows: KR-F06
    fn a_plan_that_nobody_accompanies_is_said_aloud(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (mut deputy, mut director) = (server.signed_in("deputy", PASSWORD), server.signed_in("director", PASSWORD));
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert_eq!(compose(&mut deputy).status, 303);
        let plan = plan_of(v, 1001);
        let card = format!("/composed/{plan}");
        agreed(v, 1, "deputy", "teacher");
        assert!(!deputy.get(&card).body.contains("никто не сопровождает"), "nothing is begun yet");
        assert_eq!(act(&mut director, "/composed", plan, &[("act", "approve")]).status, 303);
        // It is said before the plan starts, with the way to name somebody; it does not stand in the way.
        let page = deputy.get(&card);
        assert!(page.body.contains("Маршрут никто не сопровождает") && page.body.contains("Если начать маршрут сейчас"), "{}", page.body);
        assert!(page.body.contains("href=\"#assign-\"") && page.body.contains("<details class=\"act\" open"), "{}", page.body);
        assert!(deputy.get("/composed").body.contains("Назначьте сопровождающего и начните маршрут"));
        assert!(teacher.get("/plan").body.contains("Школа начнёт его в ближайшие дни"));
        assert_eq!(act(&mut deputy, "/composed", plan, &[("act", "start")]).status, 303);
        assert!(deputy.get("/composed").body.contains("Сопровождающего нет: назначьте"));
        let page = teacher.get("/plan");
        assert!(page.body.contains("Сопровождающего назначит школа") && !page.body.contains("назначит ЦНППМ"), "{}", page.body);
        // A step is sent: the school is told, since nobody else is there.
        let item = step(v, plan);
        let _done = step_today(v, 1, "submit", item, "teacher").ok();
        assert_eq!(told(v, "iom_unaccompanied"), [("director", 1), ("deputy", 1)], "a step waits for nobody");
        for who in [&mut deputy, &mut director] {
            let list = listed(who);
            assert!(list.contains(&format!("шаг {item} некому проверить")) && list.contains(&format!("href=\"{card}\"")), "{list}");
            assert!(who.get("/composed").body.contains("Шаг ждёт проверки, а сопровождающего нет: назначьте"));
            assert!(who.get(&card).body.contains("Шаг ждёт проверки, а отметить его некому"));
        }
        let page = teacher.get("/plan");
        assert!(page.body.contains("проверить пока некому") && !page.body.contains("о замечании придёт письмо"), "{}", page.body);
        // Somebody is named: what waited waits for that one, and the school is asked no more.
        let named = act(&mut deputy, "/composed", plan, &[("act", "assign"), ("value", "tutor")]);
        assert_eq!(named.status, 303, "{}", named.body);
        assert_eq!(open(v, "iom_unaccompanied"), 0);
        let waits = "SELECT count(*) AS n FROM notice n JOIN account a ON a.id = n.account_id WHERE a.login = 'tutor' AND \
                     n.kind = 'iom_submitted' AND n.settled_at IS NULL";
        assert_eq!(number(v, waits), 1, "what waited for nobody waits for the tutor");
        assert!(listed(&mut director).contains("сопровождающий назначен"), "whoever was asked hears that it is done");
        assert!(!listed(&mut deputy).contains("сопровождающий назначен"), "who did it knows");
        assert!(!deputy.get(&card).body.contains("никто не сопровождает"));
        assert!(!deputy.get("/composed").body.contains("сопровождающего нет"));
        assert!(teacher.get("/plan").body.contains("о замечании придёт письмо"));
        let _whole = v.run(&["check"]).ok();
        // Whoever leads the plan sums it up: the school, until a curator is named.
        v.sql(&format!("UPDATE iom_item SET state = 'accepted' WHERE iom_id = {plan}"));
        assert!(teacher.get("/plan").body.contains("Школа подведёт итоги по каждому дефициту"));
        let named = act(&mut deputy, "/composed", plan, &[("act", "assign"), ("value", "curator")]);
        assert_eq!(named.status, 303, "{}", named.body);
        assert!(teacher.get("/plan").body.contains("Куратор подведёт итоги по каждому дефициту"));
    }

    fn whoever_is_named_for_many_plans_at_once_finds_what_waited_for_nobody(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        assert_eq!(compose(&mut deputy).status, 303);
        let plan = plan_of(v, 1001);
        agreed(v, 1, "deputy", "teacher");
        let mut director = server.signed_in("director", PASSWORD);
        for act_ in ["approve", "start"] {
            assert_eq!(act(&mut director, "/composed", plan, &[("act", act_)]).status, 303);
        }
        let item = step(v, plan);
        let _done = step_today(v, 1, "submit", item, "teacher").ok();
        assert_eq!(open(v, "iom_unaccompanied"), 2);
        let waits = |login: &str| {
            let of = format!("a.login = '{login}' AND n.kind = 'iom_submitted' AND n.settled_at IS NULL");
            number(v, &format!("SELECT count(*) AS n FROM notice n JOIN account a ON a.id = n.account_id WHERE {of}"))
        };
        assert_eq!(waits("tutor"), 0);
        let _assigned = v.run(&["iom", "assign", "--unit", "С1", "--kind", "tutor"]).ok();
        assert_eq!(open(v, "iom_unaccompanied"), 0, "the school is still asked");
        assert_eq!(waits("tutor"), 1, "what waited for nobody waits for the tutor");
        for who in [&mut deputy, &mut director] {
            assert!(listed(who).contains("сопровождающий назначен"), "whoever was asked hears that it is done");
        }
        let list = listed(&mut server.signed_in("teacher", PASSWORD));
        assert_eq!(list.matches("вас теперь сопровождает тьютор").count(), 1, "the teacher reads who it is: {list}");
        assert_eq!(told(v, "iom_submitted"), [], "nobody of a school");
        let _whole = v.run(&["check"]).ok();
    }

    fn a_school_is_asked_nothing_of_a_plan_of_the_cnppm(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert_eq!(compose(&mut methodist).status, 303);
        agreed(v, 1, "methodist", "teacher");
        let page = staff(&server, "director");
        assert!(page.status == 200 && !page.body.contains("вашего утверждения"), "{}", page.body);
        let _done = acts_today(v, 1, "approve", "head").ok();
        let _done = acts_today(v, 1, "start", "curator").ok();
        let plan = plan_of(v, 1001);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        assert!(page.body.contains("Сопровождающего назначит ЦНППМ"), "{}", page.body);
        let _done = step_today(v, 1, "submit", step(v, plan), "teacher").ok();
        for kind in ["iom_to_approve", "iom_came_back", "iom_unaccompanied"] {
            assert_eq!((told(v, kind), open(v, kind)), (Vec::new(), 0), "{kind}");
        }
        assert!(teacher.get("/plan").body.contains("о замечании придёт письмо"));
        let mut head = server.signed_in("head", PASSWORD);
        assert!(!head.get(&format!("/plans/{plan}")).body.contains("никто не сопровождает"));
    }
}
