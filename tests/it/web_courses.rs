//! The teacher's courses over plain HTTP: the catalogue, the card, the application and what becomes of it.

use crate::on_both;
use crate::visitor::Server;
use crate::web_school::{PASSWORD, apply, world};
use crate::world::number;

on_both! {
    fn a_teacher_applies_by_a_step_of_the_plan_and_once(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let plan = teacher.get("/plan");
        assert!(plan.body.contains("href=\"/courses/1/apply\"") || plan.body.contains("href=\"/courses/2/apply\""), "{}", plan.body);
        let check = teacher.get("/courses/1/apply");
        assert!(check.status == 200 && check.body.contains("Проверьте заявку") && check.body.contains("Компетенция К1"), "{}", check.body);
        for _ in 0..2 {
            let sent = teacher.send(&check, "/courses/1/apply", &[]);
            assert_eq!((sent.status, sent.header("location")), (303, "/courses/1/applied"), "{}", sent.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM enrolment"), 1);
        let done = teacher.get("/courses/1/applied");
        let item = number(v, "SELECT CAST(number AS BIGINT) AS n FROM iom_item WHERE id = (SELECT item_id FROM enrolment)");
        assert!(done.body.contains("Заявка № ИОМ") && done.body.contains(&format!("/{item}</h1>")), "{}", done.body);
        assert!(done.body.contains("ждёт согласия директора"));
        assert!(teacher.get("/courses/1").body.contains("Открыть заявку"));
        assert_eq!(teacher.get("/courses/1/apply").header("location"), "/courses/1/applied");
        assert!(teacher.get("/my-applications").body.contains("Программа П1"));
        // While the application waits, what is no course may be handed in.
        let plan = teacher.get("/plan").body;
        assert!(plan.contains("ждёт согласия директора") && plan.contains("action=\"/plan/submit\""), "{plan}");
        // Another teacher sees the course, and nothing of that application.
        let mut other = server.signed_in("teacher-1002", PASSWORD);
        let missing = other.get("/courses/7/applied");
        assert_eq!((missing.status, other.get("/courses/1/applied").body), (404, missing.body));
        assert!(other.get("/my-applications").body.contains("Заявок пока нет"));
    }

    fn the_catalogue_puts_steps_first_and_says_why_not(v: &Vekha) {
        world(v);
        // A course of nobody's plan, and one that is given in the other region only.
        v.sql("INSERT INTO programme (id, code, name, search_key, kind, hours, provider_id, distance, e_learning, deficit_based, \
               priority_federal, version, recorded_at) VALUES (3, 'П3', 'А в плане нет', 'а в плане нет', 'upskilling', 18, NULL, \
               FALSE, FALSE, FALSE, FALSE, 1, '2022-01-01 00:00:00'), (4, 'П4', 'Только на юге', 'только на юге', 'upskilling', \
               18, 124, FALSE, FALSE, FALSE, FALSE, 1, '2022-01-01 00:00:00')");
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let all = teacher.get("/courses");
        let place = |text: &str| all.body.find(text).expect(text);
        assert!(place("Программа П1") < place("А в плане нет"), "steps of the plan come first");
        assert!(!all.body.contains("Только на юге"));
        for (query, found) in [("q=%D0%90+%D0%92", 1), ("hours=24", 1), ("form=mixed", 1), ("competence=%D0%9A1", 1), ("hours=7", 0)] {
            let page = teacher.get(&format!("/courses?{query}"));
            assert_eq!(page.body.matches("href=\"/courses/").count(), found, "{query}: {}", page.body);
        }
        let hidden = teacher.get("/courses/4");
        let missing = teacher.get("/courses/7");
        assert_eq!((hidden.status, hidden.body), (404, missing.body));
        let card = teacher.get("/courses/3");
        assert!(card.body.contains("Этого курса нет в вашем маршруте"), "{}", card.body);
        let check = teacher.get("/courses/3/apply");
        assert!(check.status == 200 && check.body.contains("Записаться пока нельзя"));
        let sent = teacher.send(&card, "/courses/3/apply", &[]);
        assert_eq!(sent.header("location"), "/courses/3/apply");
        assert_eq!(number(v, "SELECT count(*) AS n FROM enrolment"), 0);
        let mut south = server.signed_in("teacher-2001", PASSWORD);
        assert!(south.get("/courses").body.contains("Только на юге"));
        // A plan that is not approved, one that is paused: words instead of a form.
        v.sql("UPDATE iom SET state = 'paused'");
        assert!(teacher.get("/courses/1").body.contains("Маршрут приостановлен"));
        v.sql("UPDATE iom SET state = 'on_agreement'");
        assert!(teacher.get("/courses/1/apply").body.contains("ещё не утверждён"));
    }

    fn a_refused_application_may_be_sent_again(v: &Vekha) {
        world(v);
        apply(v, &[1001]);
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        let queue = director.get("/applications");
        let id = number(v, "SELECT id AS n FROM enrolment").to_string();
        let fields = [("id", id.as_str()), ("act", "refuse"), ("reason", "нет замены")];
        assert_eq!(director.send(&queue, "/applications", &fields).status, 303);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let check = teacher.get("/courses/1/apply");
        assert_eq!(check.status, 200);
        assert_eq!(teacher.send(&check, "/courses/1/apply", &[]).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM enrolment WHERE state = 'applied'"), 1);
    }
}
