//! The yearly examination: experts who do not see each other until all are done, points that become values when they are
//! announced, appeals, documents, errors that come again, the full cycle of management.

use crate::examination_world::{
    EXPERT_A, EXPERT_B, EXPERT_ROLE, EXPERT_STAFF, FAR_TOWN, PACK, PASSWORD, assign, begin, decide, examined, finish,
    say, score, seat, value, with_form, world,
};
use crate::on_both;
use crate::reports_world::{hidden, in_days, shown};
use crate::support::{Vekha, text};
use crate::visitor::{Server, Visitor};
use crate::world::{NORTH, number, unit};

const YEAR: &str = "2022/23";
const BEFORE: &str = "2021/22";

/// An examination of both municipalities with both experts; the operator, the examination, the first municipality in it and
/// the places of the experts there.
fn begun(v: &Vekha, server: &Server, period: &str) -> (Visitor, i64, i64, [i64; 2]) {
    let mut operator = server.signed_in("operator", PASSWORD);
    let exam = begin(&mut operator, "proba", period, &["С1", "С5"]);
    let own = examined(v, exam, unit(NORTH, 1));
    for expert in [EXPERT_A, EXPERT_B] {
        let answer = assign(&mut operator, exam, expert, &[own], &["a", "b"]);
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let seats = [EXPERT_A, EXPERT_B].map(|expert| seat(v, own, expert));
    (operator, exam, own, seats)
}

on_both! {
    // rows: TY-F17
    fn an_examination_is_begun_by_an_order_and_a_letter_once_for_a_year(v: &Vekha) {
        let server = world(v);
        let own = unit(NORTH, 0);
        for (id, kind, title) in [(71, "order", "Об экспертизе служб"), (72, "letter", "О сроках экспертизы")] {
            v.sql(&format!(
                "INSERT INTO regulation (id, region_id, unit_id, issuer_key, level, kind, number, number_key, issued_on, title, search_key, \
                 valid_from, is_public, version, recorded_at) VALUES ({id}, {own}, {own}, 'unit {own}', 'regional', '{kind}', '{id}', '{id}', \
                 '2022-09-01', '{title}', '', '2022-09-01', TRUE, 1, '2022-09-01 00:00:00')"
            ));
        }
        let mut operator = server.signed_in("operator", PASSWORD);
        let path = "/examinations/new?pack=proba";
        let page = operator.get(path);
        assert!(page.body.contains("Об экспертизе служб") && page.body.contains("О сроках экспертизы"), "{}", page.body);
        let days = [3, 5, 9].map(|n| shown(in_days(n)));
        let mut send = |changes: &[(&str, &str)]| {
            let page = operator.get(path);
            let key = hidden(&page, "key");
            let mut fields = vec![
                ("key", key.as_str()), ("period", YEAR), ("title", "Экспертиза служб"), ("order", "71"), ("letter", "72"),
                ("documents", days[0].as_str()), ("scoring", days[1].as_str()), ("appeals", days[2].as_str()), ("unit", "С1"),
            ];
            fields.retain(|(name, _)| changes.iter().all(|(other, _)| other != name));
            fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
            operator.send(&page, path, &fields)
        };
        for (changes, said) in [
            (&[("unit", "")][..], "е отмечено ни одной службы"),
            (&[("scoring", days[0].as_str()), ("documents", days[1].as_str())], "раньше, чем приём документов"),
            (&[("period", "1999/00")], "Выберите период"),
        ] {
            let answer = send(changes);
            assert!(answer.status == 422 && answer.body.contains(said), "{changes:?} {}: {}", answer.status, answer.body);
        }
        let answer = send(&[]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let to = answer.header("location").to_owned();
        let again = send(&[]);
        assert!(again.status == 422 && again.body.contains("за 2022/23 по этой методике уже начата"), "{}", again.body);
        let page = server.signed_in("operator", PASSWORD).get(&to);
        for said in ["приказ №\u{a0}71", "Об экспертизе служб", "письмо №\u{a0}72", "О сроках экспертизы", ">С1<"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(!page.body.contains(">С5<"), "only the chosen service: {}", page.body);
    }

    fn experts_are_blind_to_each_other_until_all_of_them_are_done(v: &Vekha) {
        let server = world(v);
        let (mut operator, exam, own, [a, b]) = begun(v, &server, YEAR);
        let mut first = server.signed_in("expert-a", PASSWORD);
        assert_eq!(first.get("/").header("location"), "/examine", "the desk of an expert");
        let list = first.get("/examine");
        assert!(list.body.contains(&format!("/examine/{a}")) && list.body.contains("0 из 3"), "{}", list.body);
        assert!(!list.body.contains(&format!("/examine/{b}")), "{}", list.body);
        assert_eq!(first.get(&format!("/examine/{b}")).status, 404, "the place of another expert");
        let answer = score(&mut first, a, "a", "save", &[("p.a.1", "1,5"), ("n.a.1", "тайна первого"), ("p.a.2", "2"), ("e.a", "retold")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let mut second = server.signed_in("expert-b", PASSWORD);
        let blind = |who: &mut Visitor, when: &str| {
            for path in ["/examine".to_owned(), "/examine?as=xlsx".into(), format!("/examine/{b}?section=a"), format!("/examine/{b}?section=b")] {
                let page = who.get(&path);
                assert_eq!(page.status, 200, "{path}");
                assert!(!page.body.contains("тайна первого") && !page.body.contains("expert-a"), "{when}, {path}: {}", page.body);
            }
        };
        blind(&mut second, "while the first is at work");
        let answer = score(&mut first, a, "b", "done", &[("p.b", "2,5")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        blind(&mut second, "when the first is done");
        // Nor does the first see the second.
        let answer = score(&mut second, b, "a", "save", &[("p.a.1", "1"), ("n.a.1", "тайна второго"), ("p.a.2", "2")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = first.get(&format!("/examine/{a}?section=a"));
        assert!(page.body.contains("Вы закончили") && !page.body.contains("тайна второго"), "{}", page.body);
        let answer = score(&mut second, b, "b", "done", &[("p.b", "2")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        for (who, place, other) in [(&mut first, a, "тайна второго"), (&mut second, b, "тайна первого")] {
            let page = who.get(&format!("/examine/{place}?section=a"));
            assert!(page.body.contains(other), "all are done: {}", page.body);
        }
        // The unit sees nothing of it yet, the operator everything; another region nothing at all.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = methodist.get("/examined");
        assert!(page.status == 200 && !page.body.contains("тайна") && !page.body.contains("expert-"), "{}", page.body);
        let page = operator.get(&format!("/examinations/units/{own}"));
        assert!(page.body.contains("тайна первого") && page.body.contains("тайна второго"), "{}", page.body);
        let mut south = server.signed_in("south", PASSWORD);
        for path in [format!("/examinations/{exam}"), format!("/examinations/units/{own}"), format!("/examinations/{exam}/errors"), format!("/examinations/{exam}/cycle")] {
            assert_eq!(south.get(&path).status, 404, "{path}");
        }
        assert!(!south.get("/examinations").body.contains("Экспертиза служб"));
        let mut other = server.signed_in("expert-south", PASSWORD);
        assert_eq!(other.get(&format!("/examine/{a}")).status, 404);
        let mut other = server.signed_in("methodist-south", PASSWORD);
        assert_eq!(other.get(&format!("/examined?of={own}")).status, 404);
        let mut far = server.signed_in("far-methodist", PASSWORD);
        assert_eq!(far.get(&format!("/examined?of={own}")).status, 404, "the service of a neighbour");
    }

    fn an_expert_does_not_score_the_own_unit(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let exam = begin(&mut operator, "proba", YEAR, &["С1", "С5"]);
        let [own, far] = [1, FAR_TOWN].map(|place| examined(v, exam, unit(NORTH, place)));
        for expert in [EXPERT_STAFF, EXPERT_ROLE] {
            let answer = assign(&mut operator, exam, expert, &[own, far], &["a", "b"]);
            assert!(answer.status == 422 && answer.body.contains("свою службу не оценивают"), "{}", answer.body);
            let answer = assign(&mut operator, exam, expert, &[far], &["a", "b"]);
            assert_eq!(answer.status, 303, "another service is theirs to score: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM examination_expert"), 2);
        // Whoever comes to work there afterwards scores nothing more.
        let answer = assign(&mut operator, exam, EXPERT_A, &[own], &["a"]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (77, {EXPERT_A}, 'school_head', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 2)
        ));
        let mut first = server.signed_in("expert-a", PASSWORD);
        let page = with_form(&mut first, "/account");
        let _role = first.send(&page, "/role", &[("role", "expert")]);
        let place = seat(v, own, EXPERT_A);
        let answer = score(&mut first, place, "a", "save", &[("p.a.1", "1")]);
        assert!(answer.status == 422 && answer.body.contains("свою службу не оценивают"), "{} {}", answer.status, answer.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM examination_point"), 0);
    }

    fn points_keep_to_their_bounds_and_who_is_done_changes_nothing(v: &Vekha) {
        let server = world(v);
        let (mut operator, _, own, [a, _]) = begun(v, &server, YEAR);
        let mut first = server.signed_in("expert-a", PASSWORD);
        for (fields, said) in [
            (&[("p.a.1", "2,5")][..], "от 0 до 2"),
            (&[("p.a.1", "-1")], "от 0 до 2"),
            (&[("p.a.1", "1,25")], "с шагом 0,5"),
            (&[("p.a.1", "много")], "напишите число"),
            (&[("p.a.1", "1"), ("a.a.1", "yes")], "или балл, или «Не представлено»"),
        ] {
            let answer = score(&mut first, a, "a", "save", fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{fields:?} {}: {}", answer.status, answer.body);
            let typed = format!("value=\"{}\"", fields[0].1);
            assert!(answer.body.contains(&typed), "what was typed stays: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM examination_point"), 0);
        // Two tabs: the second one is told who was quicker, and loses nothing.
        let stale = first.get(&format!("/examine/{a}?section=a"));
        let answer = score(&mut first, a, "a", "save", &[("p.a.1", "1")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let seen = hidden(&stale, "seen");
        let answer = first.send(&stale, &format!("/examine/{a}"), &[("act", "save"), ("section", "a"), ("seen", &seen), ("p.a.1", "2")]);
        assert!(answer.status == 409 && answer.body.contains("value=\"2\""), "{} {}", answer.status, answer.body);
        // A section that is not the expert's, and finishing before everything is scored.
        assert_eq!(score(&mut first, a, "zz", "save", &[("p.zz", "1")]).status, 404);
        let answer = score(&mut first, a, "b", "done", &[("p.b", "3")]);
        assert!(answer.status == 422 && answer.body.contains("е оценены критерии: a.2"), "{}", answer.body);
        finish(&mut first, a, &[("p.a.1", "1"), ("a.a.2", "yes")], &[("p.b", "3")]);
        let answer = score(&mut first, a, "a", "save", &[("p.a.1", "2")]);
        assert!(answer.status == 422 && answer.body.contains("ы уже закончили"), "{} {}", answer.status, answer.body);
        // The operator gives it back, with a reason only.
        let place = a.to_string();
        let answer = decide(&mut operator, own, "give_back", &[("seat", &place), ("reason", "")]);
        assert!(answer.status == 422 && answer.body.contains("ричина не написана"), "{}", answer.body);
        let answer = decide(&mut operator, own, "give_back", &[("seen", "1"), ("seat", &place), ("reason", "посмотрите приказ")]);
        assert_eq!(answer.status, 409, "a page of before: {}", answer.body);
        let answer = decide(&mut operator, own, "give_back", &[("seat", &place), ("reason", "посмотрите приказ")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = score(&mut first, a, "a", "save", &[("p.a.1", "2"), ("a.a.2", "yes")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = operator.get(&format!("/examinations/units/{own}"));
        assert!(page.body.contains("посмотрите приказ") && page.body.contains("История"), "{}", page.body);
        let kept = "SELECT value_milli FROM examination_point WHERE criterion = 'a.1' ORDER BY id";
        assert_eq!(v.query(kept), ["1000", "2000"], "the earlier one stays");
    }

    // Per cent and comparison alone: clusters and content of documents are not looked at.
    fn announced_points_are_values_of_each_expert_and_an_appeal_supersedes_them(v: &Vekha) {
        let server = world(v);
        let (mut operator, exam, own, [a, b]) = begun(v, &server, YEAR);
        let answer = decide(&mut operator, own, "announce", &[("seen", "3"), ("from_file", "ask")]);
        assert!(answer.status == 422 && answer.body.contains("ксперты ещё не закончили: осталось 2"), "{} {}", answer.status, answer.body);
        let mut first = server.signed_in("expert-a", PASSWORD);
        finish(&mut first, a, &[("p.a.1", "2"), ("p.a.2", "2"), ("n.a.1", "цели ясные")], &[("p.b", "3")]);
        let page = with_form(&mut operator, &format!("/examinations/units/{own}"));
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM examination_unit WHERE id = {own}")).to_string();
        let answer = operator.send(&page, &format!("/examinations/units/{own}"), &[("act", "announce"), ("seen", &seen), ("from_file", "ask")]);
        assert!(answer.status == 422 && answer.body.contains("осталось 1"), "{} {}", answer.status, answer.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value"), 0);
        let mut second = server.signed_in("expert-b", PASSWORD);
        finish(&mut second, b, &[("p.a.1", "0,5"), ("p.a.2", "2")], &[("p.b", "0")]);
        // 4 and 2,5 of 4 part by more than a quarter; 3 and 0 of 3 too.
        let list = operator.get(&format!("/examinations/{exam}"));
        assert!(list.body.contains("эксперты расходятся") && list.body.contains("a, b"), "{}", list.body);
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM examination_unit WHERE id = {own}")).to_string();
        let answer = decide(&mut operator, own, "announce", &[("from_file", "ask"), ("seen", &seen)]);
        assert!(answer.status == 422 && answer.body.contains("ксперты расходятся: a, b"), "{}", answer.body);
        let answer = decide(&mut operator, own, "leave", &[("section", "a"), ("reason", "читали разные редакции")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = decide(&mut operator, own, "look_again", &[("section", "b"), ("reason", "сверьте справку")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        finish(&mut first, a, &[("p.a.1", "2"), ("p.a.2", "2"), ("n.a.1", "цели ясные")], &[("p.b", "2,5")]);
        finish(&mut second, b, &[("p.a.1", "0,5"), ("p.a.2", "2")], &[("p.b", "2,5")]);
        // Who has scored again has to be left again.
        let answer = decide(&mut operator, own, "leave", &[("section", "a"), ("reason", "читали разные редакции")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = decide(&mut operator, own, "announce", &[("from_file", "ask")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let rows = "SELECT measure || ' ' || expert || ' ' || value_milli FROM measure_value WHERE superseded_at IS NULL ORDER BY measure, expert";
        assert_eq!(v.query(rows), ["proba:a expert-a 4000", "proba:a expert-b 2500", "proba:b expert-a 2500", "proba:b expert-b 2500"]);
        assert_eq!((value(v, YEAR, "a", "С1"), value(v, YEAR, "b", "С1")), ("3.25".into(), "2.5".into()), "the mean of both");
        assert_eq!(value(v, YEAR, "a", "С5"), "", "nobody has scored the other one");
        // The unit is told points, per cents and comments, and no names.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = methodist.get("/examined");
        assert!(page.body.contains("3,25") && page.body.contains("81,3\u{a0}%") && page.body.contains("цели ясные"), "{}", page.body);
        assert!(page.body.contains("Эксперт 1: 2") && page.body.contains("Эксперт 2: 0,5"), "{}", page.body);
        assert!(!page.body.contains("expert-a") && !page.body.contains("expert-b"), "{}", page.body);
        let answer = say(&mut methodist, own, "appeal", &[("criterion", "a.1"), ("reason", ""), ("link", "")]);
        assert!(answer.status == 422 && answer.body.contains("ричина не написана"), "{}", answer.body);
        let answer = say(&mut methodist, own, "appeal", &[("criterion", "a.1"), ("reason", "цели названы в приказе"), ("link", "https://a.example/1")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = say(&mut methodist, own, "appeal", &[("criterion", "a.1"), ("reason", "ещё раз"), ("link", "")]);
        assert!(answer.status == 422 && answer.body.contains("уже подана"), "{}", answer.body);
        // Above the maximum nothing is decided; then the new points supersede both values of the section.
        let answer = decide(&mut operator, own, "decide", &[("criterion", "a.1"), ("points", "3"), ("reason", "приказ есть")]);
        assert!(answer.status == 422 && answer.body.contains("от 0 до 2"), "{}", answer.body);
        let answer = decide(&mut operator, own, "decide", &[("criterion", "a.1"), ("points", "1,5"), ("reason", "приказ есть")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(v.query(rows), ["proba:a expert-a 3500", "proba:a expert-b 3500", "proba:b expert-a 2500", "proba:b expert-b 2500"]);
        let before = "SELECT value_milli FROM measure_value WHERE superseded_at IS NOT NULL ORDER BY value_milli";
        assert_eq!(v.query(before), ["2500", "4000"], "what stood before stays");
        assert_eq!(value(v, YEAR, "a", "С1"), "3.5");
        let given = "SELECT value_milli FROM examination_point WHERE criterion = 'a.1' AND superseded_at IS NULL ORDER BY value_milli";
        assert_eq!(v.query(given), ["500", "2000"], "what experts gave is not written over");
        let page = methodist.get("/examined");
        assert!(page.body.contains("балл изменён: 1,5") && page.body.contains("приказ есть"), "{}", page.body);
        let answer = decide(&mut operator, own, "announce", &[("seen", "1"), ("from_file", "ask")]);
        assert!(answer.status == 409 || answer.status == 422, "{}", answer.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn points_of_a_file_are_not_overwritten_silently(v: &Vekha) {
        let server = world(v);
        let (mut operator, _, own, [a, b]) = begun(v, &server, YEAR);
        let town = unit(NORTH, 1);
        v.sql(&format!(
            "INSERT INTO measure_value (id, region_id, unit_id, measure, period, value_milli, source, expert, recorded_at) VALUES \
             (5, {}, {town}, 'proba:b', '{YEAR}', 1000, 'expert', 'expert-a', '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        for (login, place) in [("expert-a", a), ("expert-b", b)] {
            finish(&mut server.signed_in(login, PASSWORD), place, &[("p.a.1", "2"), ("p.a.2", "2")], &[("p.b", "3")]);
        }
        for way in ["ask", "beside"] {
            let answer = decide(&mut operator, own, "announce", &[("from_file", way)]);
            assert!(answer.status == 422 && answer.body.contains("за разделы b уже загружены файлом"), "{way}: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value"), 1);
        let answer = decide(&mut operator, own, "announce", &[("from_file", "replace")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(value(v, YEAR, "b", "С1"), "3");
        assert_eq!(v.query("SELECT value_milli FROM measure_value WHERE superseded_at IS NOT NULL"), ["1000"]);
    }

    fn what_is_not_presented_is_no_zero(v: &Vekha) {
        let server = world(v);
        let (mut operator, exam, own, [a, b]) = begun(v, &server, YEAR);
        for (login, place) in [("expert-a", a), ("expert-b", b)] {
            finish(&mut server.signed_in(login, PASSWORD), place, &[("p.a.1", "0"), ("p.a.2", "0")], &[("a.b", "yes")]);
        }
        let answer = decide(&mut operator, own, "announce", &[("from_file", "ask")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!((value(v, YEAR, "a", "С1"), value(v, YEAR, "b", "С1")), ("0".into(), String::new()));
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value WHERE measure = 'proba:b'"), 0);
        let page = server.signed_in("mouo", PASSWORD).get("/examined");
        assert!(page.body.contains("не представлено") && page.body.contains("0,0\u{a0}%"), "{}", page.body);
        // Nothing presented against some points is a divergence, however small.
        let far = examined(v, exam, unit(NORTH, FAR_TOWN));
        for expert in [EXPERT_A, EXPERT_B] {
            assert_eq!(assign(&mut operator, exam, expert, &[far], &["a", "b"]).status, 303);
        }
        let full = [("p.a.1", "2"), ("p.a.2", "2")];
        finish(&mut server.signed_in("expert-a", PASSWORD), seat(v, far, EXPERT_A), &full, &[("p.b", "0,5")]);
        finish(&mut server.signed_in("expert-b", PASSWORD), seat(v, far, EXPERT_B), &full, &[("a.b", "yes")]);
        let page = operator.get(&format!("/examinations/units/{far}"));
        assert!(page.body.contains("от не представлено до 0,5"), "{}", page.body);
    }

    fn criteria_add_up_to_their_section_where_an_expert_was_shown_nothing(v: &Vekha) {
        let server = world(v);
        let (mut operator, exam, own, [a, b]) = begun(v, &server, YEAR);
        let mut first = server.signed_in("expert-a", PASSWORD);
        // What is typed is saved on the way to another section.
        let answer = score(&mut first, a, "a", "go.b", &[("p.a.1", "2"), ("a.a.2", "yes"), ("n.a.1", "по дороге")]);
        assert_eq!(answer.header("location"), format!("/examine/{a}?section=b&done=saved"), "{}", answer.body);
        let page = first.get(&format!("/examine/{a}?section=a"));
        assert!(page.body.contains("по дороге"), "what was typed is there: {}", page.body);
        let wrong = score(&mut first, a, "a", "go.b", &[("p.a.1", "9")]);
        assert!(wrong.status == 422 && wrong.body.contains("value=\"9\""), "{}", wrong.body);
        assert_eq!(score(&mut first, a, "b", "done", &[("p.b", "3")]).status, 303);
        finish(&mut server.signed_in("expert-b", PASSWORD), b, &[("p.a.1", "2"), ("p.a.2", "1")], &[("p.b", "3")]);
        // Whoever is an expert no more and has work left is named so to the operator.
        v.sql(&format!("UPDATE role_grant SET valid_to = '2023-01-01' WHERE account_id = {EXPERT_B}"));
        let page = operator.get(&format!("/examinations/units/{own}"));
        assert!(!page.body.contains("больше не эксперт: назначьте другого"), "whoever is done has no work left: {}", page.body);
        v.sql(&format!("UPDATE examination_expert SET done_on = NULL WHERE account_id = {EXPERT_B}"));
        let page = operator.get(&format!("/examinations/units/{own}"));
        assert!(page.body.contains("больше не эксперт: назначьте другого"), "{}", page.body);
        v.sql(&format!(
            "UPDATE role_grant SET valid_to = NULL WHERE account_id = {EXPERT_B}; \
             UPDATE examination_expert SET done_on = '2026-01-01' WHERE account_id = {EXPERT_B}"
        ));
        // Given back with a reason: the expert reads it.
        let back = decide(&mut operator, own, "give_back", &[("seat", &a.to_string()), ("reason", "посмотрите ссылку")]);
        assert_eq!(back.status, 303, "{}", back.body);
        let page = first.get(&format!("/examine/{a}?section=a"));
        assert!(page.body.contains("Оценку вернули") && page.body.contains("посмотрите ссылку"), "{}", page.body);
        assert_eq!(score(&mut first, a, "b", "done", &[("p.b", "3")]).status, 303);
        let answer = decide(&mut operator, own, "announce", &[("from_file", "ask")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Two points of the first expert and three of the second; of the second criterion a half, so they add up.
        assert_eq!(value(v, YEAR, "a", "С1"), "2.5");
        let page = server.signed_in("mouo", PASSWORD).get("/examined");
        let row = |code: &str| page.body.split("<tr").find(|row| row.contains(code)).unwrap_or_default().to_owned();
        assert!(row("a.1 ").contains(">2<"), "{}", row("a.1 "));
        assert!(row("a.2 ").contains(">0,5<"), "a criterion of its section: {}", row("a.2 "));
        let cycle = operator.get(&format!("/examinations/{exam}/cycle"));
        assert!(cycle.body.contains("0,5 из 2"), "{}", cycle.body);
    }

    // rows: TY-F62
    fn errors_that_a_unit_repeats_are_counted_with_their_list(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut exams = Vec::new();
        // No term: both towns the year before, the first one now. Retold: the second then, the first now: nobody repeats it.
        for (period, first, second) in [(BEFORE, &[("e.a.1", "no_term")][..], &[("e.a.1", "no_term"), ("e.a", "retold")][..]), (YEAR, &[("e.a.1", "no_term"), ("e.a", "retold")], &[])] {
            let exam = begin(&mut operator, "proba", period, &["С1", "С5"]);
            exams.push(exam);
            for (place, errors) in [(1, first), (FAR_TOWN, second)] {
                let own = examined(v, exam, unit(NORTH, place));
                assert_eq!(assign(&mut operator, exam, EXPERT_A, &[own], &["a", "b"]).status, 303);
                let fields = [&[("p.a.1", "1"), ("p.a.2", "1")][..], errors].concat();
                finish(&mut server.signed_in("expert-a", PASSWORD), seat(v, own, EXPERT_A), &fields, &[("p.b", "1")]);
                assert_eq!(decide(&mut operator, own, "announce", &[("from_file", "ask")]).status, 303);
            }
        }
        let numbers = |body: &str, title: &str| -> Vec<String> {
            let row = body.split("<tr").find(|row| row.contains(title)).unwrap_or_else(|| unreachable!("{title}: {body}"));
            let cells = row.split("<td").skip(3).take(3);
            let inner = |cell: &str| cell.split("</td>").next().map(|c| c.chars().skip_while(|c| *c != '>').collect::<String>());
            cells.filter_map(inner).map(|cell| cell.chars().filter(char::is_ascii_digit).collect()).collect()
        };
        let path = format!("/examinations/{}/errors", exams[1]);
        let page = operator.get(&path);
        assert!(page.body.contains("в сравнении с 2021/22"), "{}", page.body);
        let found = ["У цели нет срока", "Справка пересказывает числа"].map(|title| numbers(&page.body, title));
        assert_eq!(found, [["1", "2", "1"], ["1", "1", "0"]].map(|row| row.map(str::to_owned).to_vec()));
        let list = operator.get(&format!("{path}?error=no_term"));
        let block = list.body.split("<h2>").find(|b| b.starts_with("У цели нет срока")).expect("the list").to_owned();
        assert!(block.contains("С1") && block.contains("С5") && block.matches(">да<").count() == 4, "{block}");
        assert_eq!(operator.get(&format!("{path}?as=xlsx")).status, 200);
        assert_eq!(operator.get(&format!("{path}?error=none")).status, 404);
        let first = operator.get(&format!("/examinations/{}/errors", exams[0]));
        assert!(first.body.contains("сравнить не с чем"), "{}", first.body);
        // The unit is told what it repeats, and how its per cents moved.
        let page = server.signed_in("methodist", PASSWORD).get("/examined");
        assert!(page.body.contains("да, 2021/22") && page.body.contains("Изменение, п. п."), "{}", page.body);
    }

    // rows: TY-F30, TY-F66
    fn documents_are_shown_by_kind_and_the_full_cycle_says_what_is_not(v: &Vekha) {
        let server = world(v);
        let (mut operator, exam, own, [a, b]) = begun(v, &server, YEAR);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = methodist.get("/examined");
        assert!(page.body.contains("не указано") && page.body.contains("приказ, план мероприятий"), "{}", page.body);
        for kind in ["order", "letter", "measures", "road_map", "plan", "programme", "agenda", "protocol", "report"] {
            assert!(page.body.contains(&format!("<option value=\"{kind}\"")), "{kind}: {}", page.body);
        }
        let document = [("criterion", "a.1"), ("kind", "order"), ("title", "О целях"), ("number", "5"), ("issued_on", "01.09.2022"), ("regulation", "")];
        let answer = say(&mut methodist, own, "show", &[&document[..], &[("link", "")]].concat());
        assert!(answer.status == 422 && answer.body.contains("айте ссылку или выберите документ"), "{}", answer.body);
        let answer = say(&mut methodist, own, "show", &[&document[..], &[("link", "ftp://a.example")]].concat());
        assert!(answer.status == 422 && answer.body.contains("О целях"), "what was typed stays: {}", answer.body);
        let answer = say(&mut methodist, own, "show", &[&document[..], &[("link", "https://a.example/5")]].concat());
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = say(&mut methodist, own, "none", &[("criterion", "a.1"), ("why", "")]);
        assert!(answer.status == 422 && answer.body.contains("документы указаны"), "{}", answer.body);
        let answer = say(&mut methodist, own, "none", &[("criterion", "a.2"), ("why", "пишем справку")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = methodist.get("/examined");
        assert!(page.body.contains("приказ №\u{a0}5 от\u{a0}01.09.2022 «О целях»") && page.body.contains("нет документа: пишем справку"), "{}", page.body);
        assert!(page.body.contains("1 из 3"), "the third criterion is not told of: {}", page.body);
        // The expert sees them beside the criterion.
        let mut first = server.signed_in("expert-a", PASSWORD);
        let sheet = first.get(&format!("/examine/{a}?section=a"));
        assert!(sheet.body.contains("https://a.example/5") && sheet.body.contains("нет документа: пишем справку"), "{}", sheet.body);
        // Both stages of the first town, neither of the second.
        finish(&mut first, a, &[("p.a.1", "2"), ("p.a.2", "1")], &[("p.b", "1")]);
        finish(&mut server.signed_in("expert-b", PASSWORD), b, &[("p.a.1", "1"), ("p.a.2", "1")], &[("p.b", "1")]);
        let cycle = operator.get(&format!("/examinations/{exam}/cycle"));
        let rows: Vec<&str> = cycle.body.split("<tr").filter(|row| row.contains("/examinations/units/")).collect();
        assert_eq!(rows.len(), 4, "{}", cycle.body);
        assert!(rows[0].contains("Цели и задачи") && rows[0].contains("1\u{a0}документ") && rows[0].contains("1,5 из 2") && rows[0].contains(">да<"), "{}", rows[0]);
        assert!(rows[1].contains("служба говорит, что нет") && rows[1].contains(">нет<") && rows[1].contains("1 из 2"), "{}", rows[1]);
        assert!(rows[2].contains("не указаны") && rows[3].contains("0 из 2"), "{}", rows[3]);
        let lacks = operator.get(&format!("/examinations/{exam}/cycle?show=lacks"));
        assert_eq!(lacks.body.split("<tr").filter(|row| row.contains("/examinations/units/")).count(), 3, "{}", lacks.body);
        assert_eq!(operator.get(&format!("/examinations/{exam}/cycle?as=xlsx")).status, 200);
        // After the last day nothing is shown any more; the operator moves the day.
        let past = shown(in_days(-1));
        let page = operator.get(&format!("/examinations/{exam}"));
        let [later, last] = [2, 3].map(|n| shown(in_days(n)));
        let days = [("documents", past.as_str()), ("scoring", later.as_str()), ("appeals", last.as_str())];
        let answer = operator.send(&page, &format!("/examinations/{exam}"), &[&[("act", "days"), ("seen", "1")][..], &days[..]].concat());
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = operator.send(&page, &format!("/examinations/{exam}"), &[&[("act", "days"), ("seen", "1")][..], &[("documents", "01.01.2026"), days[1], days[2]][..]].concat());
        assert_eq!(answer.status, 409, "somebody was quicker: {}", answer.body);
        let answer = say(&mut methodist, own, "none", &[("criterion", "b"), ("why", "")]);
        assert!(answer.status == 422 && answer.body.contains("окументы показывали до"), "{}", answer.body);
    }

    // rows: TY-F22, TY-F23, TY-F24, TY-F25
    fn the_first_sections_of_tyumen_have_their_criteria_and_maxima(v: &Vekha) {
        let server = world(v);
        let _loaded = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut first = server.signed_in("expert-a", PASSWORD);
        for (period, of_three, last) in [(BEFORE, "до 19", "3.19"), (YEAR, "до 29", "3.22")] {
            let exam = begin(&mut operator, "tyumen", period, &["С5"]);
            let own = examined(v, exam, unit(NORTH, FAR_TOWN));
            assert_eq!(assign(&mut operator, exam, EXPERT_A, &[own], &["s1", "s2", "s3", "s4"]).status, 303);
            let place = seat(v, own, EXPERT_A);
            for (section, most, codes) in [
                ("s1", "до 8", &["1.1", "1.2", "1.3"][..]),
                ("s2", "до 10", &["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10"]),
                ("s3", of_three, &["3.1", last]),
                ("s4", "до 12", &["4.1", "4.2", "4.3", "4.4"]),
            ] {
                let page = first.get(&format!("/examine/{place}?section={section}"));
                assert!(page.body.contains(&format!(", {most}</h2>")), "{section} {most}: {}", page.body);
                for code in codes {
                    assert!(page.body.contains(&format!("name=\"p.{code}\"")), "{section} {code}: {}", page.body);
                }
                assert_eq!(page.body.contains("name=\"p.3.20\""), section == "s3" && period == YEAR, "{section} {period}");
            }
            assert_eq!(first.get(&format!("/examine/{place}?section=s5")).status, 404, "a section of somebody else");
        }
        // The single document of the order of monitoring is a criterion of its own.
        let one = number(v, "SELECT max(id) AS n FROM examination_expert");
        let page = first.get(&format!("/examine/{one}?section=s4"));
        assert!(page.body.contains("Порядок мониторинга одним документом") && page.body.contains("разбросан по нескольким документам"), "{}", page.body);
    }

    // rows: TY-F26, TY-F27, TY-F28, TY-F29
    fn the_last_sections_of_tyumen_and_the_criteria_of_leningrad_are_scored(v: &Vekha) {
        let server = world(v);
        for pack in ["tyumen", "leningrad"] {
            let _loaded = v.run(&["pack", "load", &format!("seeds/packs/{pack}.toml")]).ok();
        }
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut first = server.signed_in("expert-a", PASSWORD);
        let exam = begin(&mut operator, "tyumen", YEAR, &["С5"]);
        let own = examined(v, exam, unit(NORTH, FAR_TOWN));
        assert_eq!(assign(&mut operator, exam, EXPERT_A, &[own], &["s5", "s6", "s7", "s8"]).status, 303);
        let place = seat(v, own, EXPERT_A);
        for (section, most, number, said) in [
            ("s5", "до 12", 5, "аналитическая справка"),
            ("s6", "до 3", 3, "Рекомендации отдельным документом"),
            ("s7", "до 8", 4, "комплекс мер, дорожная карта"),
            ("s8", "до 12", 12, "Что дали меры"),
        ] {
            let page = first.get(&format!("/examine/{place}?section={section}"));
            assert!(page.body.contains(&format!(", {most}</h2>")) && page.body.contains(said), "{section}: {}", page.body);
            assert_eq!(page.body.matches("name=\"p.").count(), number, "{section}: {}", page.body);
        }
        // Nineteen criteria of 0, 1 or 2 points: each is a section of its own.
        let exam = begin(&mut operator, "leningrad", "2021", &["С5"]);
        let own = examined(v, exam, unit(NORTH, FAR_TOWN));
        let page = operator.get(&format!("/examinations/{exam}"));
        let sections: Vec<String> = page.body.split("name=\"section\" value=\"").skip(1).filter_map(|s| s.split('"').next().map(str::to_owned)).collect();
        assert_eq!(sections.len(), 19, "{sections:?}");
        let all: Vec<&str> = sections.iter().map(String::as_str).collect();
        assert_eq!(assign(&mut operator, exam, EXPERT_A, &[own], &all).status, 303);
        let place = seat(v, own, EXPERT_A);
        let field = format!("p.{}", sections[0]);
        let answer = score(&mut first, place, &sections[0], "save", &[(&field, "1,5")]);
        assert!(answer.status == 422 && answer.body.contains("с шагом 1"), "{}", answer.body);
        for (n, section) in sections.iter().enumerate() {
            let field = format!("p.{section}");
            let act = if n + 1 == sections.len() { "done" } else { "save" };
            let answer = score(&mut first, place, section, act, &[(&field, if n == 0 { "0" } else { "2" })]);
            assert_eq!(answer.status, 303, "{section}: {}", answer.body);
        }
        assert_eq!(decide(&mut operator, own, "announce", &[("from_file", "ask")]).status, 303);
        let given = "SELECT value_milli FROM measure_value WHERE measure LIKE 'leningrad:%' ORDER BY value_milli";
        let given = v.query(given);
        assert!(given.len() == 19 && given[0] == "0" && given[1..].iter().all(|n| n == "2000"), "{given:?}");
    }

    fn faults_of_criteria_are_told_with_their_place_and_advice(v: &Vekha) {
        let criterion = "code = \"a.2\"";
        let cases = [
            ("section", "of = \"a\"\nmaximum = { \"2021/22\" = 2, \"2022/23\" = 2 }\ndocuments = [\"order\"", "of = \"z\"\nmaximum = { \"2021/22\" = 2, \"2022/23\" = 2 }\ndocuments = [\"order\"", "of = \"z\"", "раздела z в пакете нет", "напишите код показателя"),
            ("twice", criterion, "code = \"a.1\"", "code = \"a.1\"\ntitle = \"Справка есть\"", "стоит дважды", "дайте одному из них другой код"),
            ("sum", "\"2022/23\" = 2 }\ndocuments = [\"report\"]", "\"2022/23\" = 1.5 }\ndocuments = [\"report\"]", "code = \"a.1\"", "за 2022/23 дают вместе 3,5, а раздел — 4", "исправьте maximum"),
            ("stage", "stage = \"analysis\"", "stage = \"nothing\"", "stage = \"nothing\"", "этапа «nothing» в пакете нет", "есть: goals, analysis"),
            ("kind", "[\"order\", \"plan\"]", "[\"ordre\", \"plan\"]", "\"ordre\"", "вида документов «ordre» нет", "есть: law"),
            ("year", "\"2022/23\" = 2 }\ndocuments = [\"report\"]", "\"2022/23\" = 2, \"1999/00\" = 2 }\ndocuments = [\"report\"]", "1999/00", "года 1999/00 в пакете нет", "исправьте год или допишите"),
            ("error", "of = \"a.1\"", "of = \"z.9\"", "of = \"z.9\"", "критерия или раздела z.9 в пакете нет", "исправьте код"),
            ("code", criterion, "code = \"б\"", "code = \"б\"", "код критерия «б» не подходит", "латинские буквы"),
            ("title", "title = \"У цели нет срока\"", "title = \"\"", "title = \"\"", "у типичной ошибки no_term пустое название", "напишите его"),
        ];
        for (what, from, to, part, said, advice) in cases {
            assert!(PACK.contains(from), "{what}");
            let changed = PACK.replacen(from, to, 1);
            let place = changed.find(part).expect(part);
            let line = changed[..place].matches('\n').count() + 1;
            let file = v.file(&format!("{what}.toml"), &changed);
            let answer = v.run(&["pack", "check", text(&file)]).failed();
            let told: Vec<&str> = answer.out.lines().filter(|l| l.contains("строка ")).collect();
            let fits = |l: &&&str| l.contains(&format!("строка {line}, столбец ")) && l.contains(said) && l.contains(advice);
            assert_eq!(told.iter().filter(fits).count(), 1, "{what}, line {line}: {told:#?}");
        }
        // What experts do not score has no criteria.
        let counted = "formula = \"share(count(person where young), count(person where pedagogical))\"";
        let file = v.file("counted.toml", PACK.replacen("formula = \"expert(max = 4)\"", counted, 1));
        let answer = v.run(&["pack", "check", text(&file)]).failed();
        assert!(answer.out.contains("показатель a эксперты не оценивают"), "{}", answer.out);
    }
}
