//! «Письма, которые не ушли»: of the own region, without receivers; sent again by one click.

use crate::mail_sink::Sink;
use crate::on_both;
use crate::visitor::Server;
use crate::web::{PASSWORD, same, world};
use crate::world::number;

const DEAD: &str = "SELECT count(*) AS n FROM outbox_mail WHERE state = 'dead'";

on_both! {
    fn letters_that_did_not_go_are_shown_and_sent_again(v: &Vekha) {
        world(v);
        v.sql("UPDATE account SET email = 'gone.' || login || '@school.example'");
        v.sql(
            "INSERT INTO outbox_mail (id, region_id, kind, account_id, subject_id, dedup_key, body, state, attempts,
                 next_try_at, message_id, created_at)
             SELECT id + 500, region_id, 'iom_sent', account_id, subject_id, dedup_key, body, state, attempts,
                 next_try_at, 'second-' || message_id, created_at FROM outbox_mail",
        );
        let sink = Sink::new(v, &[]);
        let _refused = sink.deliver(v).ok();
        let of = |region: i64, state: &str| {
            number(v, &format!("SELECT count(*) AS n FROM outbox_mail WHERE region_id = {region} AND state = '{state}'"))
        };
        let (north, south) = (of(110, "dead"), of(120, "dead"));
        let all = v.query("SELECT kind || ' ' || state || ' ' || coalesce(last_error, '') FROM outbox_mail");
        assert!(north > 1 && south > 1 && number(v, DEAD) == north + south, "{all:?}");
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        assert!(operator.get("/account").body.contains("/letters"), "the menu leads there");
        let page = operator.get("/letters");
        let shown = i64::try_from(page.body.matches("адрес не принят: код 550").count()).expect("a count");
        assert_eq!((page.status, shown), (200, north), "{}", page.body);
        assert!(page.body.contains("Маршрут ждёт согласия педагога") && page.body.contains("1\u{a0}попытка"), "{}", page.body);
        // Neither receivers nor what was written, nor anything of the other region.
        for hidden in ["school.example", "Фамилия", "ИОМ-", "teacher"] {
            assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
        }
        // One letter; the second click changes nothing.
        let letter = |region: i64| number(v, &format!("SELECT min(id) AS n FROM outbox_mail WHERE region_id = {region}"));
        let own = letter(110).to_string();
        let before = v.query(&format!("SELECT message_id FROM outbox_mail WHERE id = {own}"));
        for changed in ["1", "0"] {
            let answer = operator.send(&page, "/letters/again", &[("id", &own)]);
            assert_eq!((answer.status, answer.header("location")), (303, format!("/letters?done={changed}").as_str()));
        }
        assert_eq!((of(110, "dead"), of(110, "waiting"), of(120, "dead")), (north - 1, 1, south));
        let told = operator.get("/letters?done=1").body;
        assert!(told.contains("Снова ждут отправки: 1\u{a0}письмо"), "{told}");
        // A letter of the other region is as good as none.
        let missing = operator.send(&page, "/letters/again", &[("id", "7")]);
        assert_eq!(missing.status, 404);
        for id in [letter(120).to_string(), "x".into(), String::new()] {
            assert_eq!(same(&operator.send(&page, "/letters/again", &[("id", &id)])), same(&missing), "{id}");
        }
        assert_eq!(of(120, "dead"), south);
        // All of the region at once, to addresses that are right by now.
        let answer = operator.send(&page, "/letters/again", &[("all", "yes")]);
        assert_eq!(answer.header("location"), format!("/letters?done={}", north - 1));
        assert_eq!((of(110, "dead"), of(120, "dead")), (0, south));
        v.sql("UPDATE account SET email = 'fine.' || login || '@school.example'");
        let _sent = sink.deliver(v).ok();
        assert_eq!((of(110, "sent"), i64::try_from(sink.letters().len()).expect("a count")), (north, north));
        assert_eq!(v.query(&format!("SELECT message_id FROM outbox_mail WHERE id = {own}")), before);
        assert!(operator.get("/letters").body.contains("Все письма ушли или ждут своей очереди"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'mail.again'"), 2);
        for login in ["teacher", "tutor", "head", "ministry"] {
            assert_eq!(server.signed_in(login, PASSWORD).get("/letters").status, 403, "{login}");
        }
    }
}
