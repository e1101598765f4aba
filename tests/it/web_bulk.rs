//! Lists as files: a short one goes out, a long one needs a right of its own, its taker shown anew, a reason, what is
//! left of the day, and a second officer who is told. Two regions; nothing of the other one in any file.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web::PASSWORD;
use crate::world::{NORTH, SOUTH, World, draft, number, unit};

/// People of the north: more than a file holds without questions.
const MANY: i64 = 503;
const LIST: &str = "/plans/file?state=all";
const REASON: &str = "Сверка списков с районом по просьбе министерства";

fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for n in 1..=MANY {
        let id = 1000 + n;
        world.teacher(id, n, NORTH, 2);
        world.passage(id, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
    }
    world.teacher(9001, 9001, SOUTH, 2);
    world.passage(9001, SOUTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, role, over) in [
        (1, "head", "cnppm_head", north),
        (2, "staff", "cnppm_staff", north),
        (3, "operator", "operator", north),
        (4, "officer", "security_officer", north),
        (5, "director", "school_head", unit(NORTH, 2)),
        (6, "officer-south", "security_officer", south),
        (7, "head-south", "cnppm_head", south),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    draft(v, "Д1", "2023-02-10", &[]);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!(
        "UPDATE account SET password_hash = '{hash}', email = login || '@office.example'"
    ));
    v.sql("UPDATE person SET search_key = 'n' || id, sort_key = 'n' || id");
    // What looks like a formula stays a text.
    v.sql("UPDATE person SET last_name = '=HYPERLINK(\"http://evil.example\")' WHERE id = 1001");
    Server::start(v)
}

fn count(v: &Vekha, of: &str) -> i64 {
    number(v, &format!("SELECT count(*) AS n FROM {of}"))
}

/// The first column of the workbook below its headers, all texts.
#[track_caller]
fn names(page: &Page) -> Vec<String> {
    assert!(
        page.header("content-type").contains("spreadsheetml"),
        "{}: {}",
        page.status,
        page.body
    );
    assert!(page.header("content-disposition").starts_with("attachment"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(page.bytes.clone())).expect("a workbook");
    {
        let mut cells = book.worksheet_cells_reader("Список").expect("the sheet");
        while let Some(cell) = cells.next_formula().expect("the sheet") {
            assert!(cell.get_value().is_empty(), "no formula at all: {cell:?}");
        }
    }
    let mut cells = book.worksheet_cells_reader("Список").expect("the sheet");
    let mut found = Vec::new();
    while let Some(cell) = cells.next_cell().expect("a cell") {
        if cell.get_position().0 >= 2 && cell.get_position().1 == 0 {
            let DataRef::SharedString(text) = cell.get_value() else {
                unreachable!("a name is a text: {cell:?}");
            };
            found.push((*text).to_owned());
        }
    }
    found
}

/// Shows anew who one is, and comes back to the list.
#[track_caller]
fn confirm(who: &mut Visitor, next: &str) -> Page {
    let asks = who.get(next);
    assert_eq!(asks.status, 303, "{}", asks.body);
    let to = asks.header("location").to_owned();
    assert!(to.starts_with("/confirm?next="), "{to}");
    let page = who.get(&to);
    let wrong = who.send(&page, "/confirm", &[("next", next), ("secret", "не тот пароль")]);
    assert!(
        wrong.status == 422 && wrong.body.contains("Пароль не подходит"),
        "{}",
        wrong.body
    );
    let before = who.clone();
    let done = who.send(&page, "/confirm", &[("next", next), ("secret", PASSWORD)]);
    assert_eq!((done.status, done.header("location")), (303, next), "{}", done.body);
    assert_eq!(
        before.clone().get("/account").status,
        303,
        "the session has another name"
    );
    let terms = who.get(next);
    assert_eq!(terms.status, 200, "{}", terms.body);
    terms
}

on_both! {
    fn one_account_does_not_make_the_others_wait_with_its_files(v: &Vekha) {
        let server = world(v);
        let (head, staff) = (server.signed_in("head", PASSWORD), server.signed_in("staff", PASSWORD));
        let list = "/plans/file?state=all&q=n100";
        let answers: Vec<Page> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..24).map(|_| scope.spawn(|| head.clone().get(list))).collect();
            let other = scope.spawn(|| staff.clone().get(list));
            assert_eq!(other.join().expect("an answer").status, 200, "another account has its own turns");
            asked.into_iter().map(|a| a.join().expect("an answer")).collect()
        });
        let (made, told): (Vec<&Page>, Vec<&Page>) = answers.iter().partition(|page| page.status == 200);
        assert!(made.len() >= 2 && !told.is_empty(), "{} made, {} told to wait", made.len(), told.len());
        for page in told {
            assert_eq!(page.status, 429, "{}", page.body);
            assert!(!page.header("retry-after").is_empty() && page.body.contains("Ваши файлы ещё готовятся"), "{}", page.body);
        }
        assert_eq!(count(v, "audit_event WHERE action = 'desk.export_list'"), i64::try_from(made.len()).expect("a number") + 1);
        assert_eq!(head.clone().get(list).status, 200, "afterwards it goes on");
    }

    fn a_long_list_needs_more_than_the_right_to_see_it(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let list = head.get("/plans?state=all");
        assert!(list.body.contains("href=\"/plans/file?state&#x3D;all\""), "{}", list.body);
        // A short list: the same right, one row in the journal, nothing else.
        assert_eq!(names(&head.get("/plans/file?q=n101")), (10..20).map(|n| format!("Фамилия{n} Имя")).collect::<Vec<_>>());
        assert_eq!(count(v, "audit_event WHERE action = 'desk.export_list'"), 1);
        // Who may see it may not take it all.
        let mut staff = server.signed_in("staff", PASSWORD);
        let refused = staff.get(LIST);
        assert!(refused.status == 422 && refused.body.contains("руководителя ЦНППМ") && refused.body.contains("href=\"/plans?state"), "{}", refused.body);
        let page = staff.get("/account");
        assert_eq!(staff.send(&page, LIST, &[("reason", REASON)]).status, 403);
        // Nor does the list go out in pieces: a thousand people a day.
        let pieces = ["n11", "n12", "n13", "n14"].map(|q| format!("/plans/file?state=all&q={q}"));
        let statuses: Vec<u16> = pieces.iter().cycle().take(11).map(|piece| staff.get(piece).status).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 422]);
        let mut director = server.signed_in("director", PASSWORD);
        assert_eq!(director.get("/staff/file?q=n1077").status, 200);
        assert_eq!(director.get("/staff/file").status, 422);
        assert_eq!(director.get(LIST).status, 403);
        // However it is tried, nothing goes out before one has shown anew who one is.
        let page = head.get("/account");
        let tries: usize = std::env::var("VEKHA_BULK_TRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
        for n in 0..tries {
            let answer = match n % 4 {
                0 => head.get(LIST),
                1 => head.send(&page, LIST, &[("reason", REASON)]),
                2 => head.send(&page, &format!("/plans/file?state=all&page={n}"), &[("reason", REASON)]),
                _ => head.send(&page, "/plans/file?state=draft", &[("reason", REASON)]),
            };
            assert!(answer.status == 303 && answer.header("location").starts_with("/confirm"), "{n}: {}", answer.status);
        }
        assert_eq!(count(v, "bulk_export WHERE reason <> ''") + count(v, "audit_event WHERE action = 'access.bulk_export'"), 0);

        let terms = confirm(&mut head, LIST);
        assert!(terms.body.contains(&format!("{MANY}\u{a0}человека")) && terms.body.contains("из 10\u{a0}000"), "{}", terms.body);
        let silent = head.send(&terms, LIST, &[("reason", "надо")]);
        assert!(silent.status == 422 && silent.body.contains("для чего нужен") && silent.body.contains(">надо<"), "{}", silent.body);
        let taken = head.send(&terms, LIST, &[("reason", REASON)]);
        let found = names(&taken);
        assert_eq!(i64::try_from(found.len()).expect("a number"), MANY);
        assert!(found.iter().any(|n| n.starts_with("=HYPERLINK")) && !found.iter().any(|n| n.contains("9001")), "{found:?}");
        // One row, counted; one row in the journal; one letter, to the officer of the region.
        assert_eq!(number(v, "SELECT CAST(sum(people) AS BIGINT) AS n FROM bulk_export WHERE account_id = 1 AND reason <> ''"), MANY);
        assert_eq!(count(v, "audit_event WHERE action = 'access.bulk_export' AND account_id = 1 AND region_id IS NOT NULL"), 1);
        assert_eq!(v.query("SELECT a.login FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'access_bulk_export'"), ["officer"]);
        let _sound = v.run(&["check"]).ok();
        // Five minutes later it is asked again.
        v.sql("UPDATE session SET second_at = '2023-01-01 00:00:00'");
        assert_eq!(head.send(&terms, LIST, &[("reason", REASON)]).status, 303);
        assert_eq!(count(v, "bulk_export WHERE reason <> ''"), 1);
    }

    fn no_long_list_goes_out_in_the_stead_of_another(v: &Vekha) {
        let server = world(v);
        v.sql(&format!(
            "INSERT INTO delegation (id, region_id, from_account_id, to_account_id, role, starts_on, ends_on, reason, recorded_at, \
             version) VALUES (8001, {}, 1, 2, 'cnppm_head', '2023-01-01', '2040-01-01', 'отпуск', '2023-01-01 00:00:00', 1)",
            unit(NORTH, 0)
        ));
        let mut staff = server.signed_in("staff", PASSWORD);
        let page = staff.get("/account");
        assert_eq!(staff.send(&page, "/role", &[("stead", "8001")]).status, 303, "{}", page.body);
        let short = staff.get("/plans/file?q=n101");
        assert_eq!(short.status, 200, "what was given is open: {}", short.body);
        let long = staff.get(LIST);
        assert!(long.status == 422 && long.body.contains("руководителя ЦНППМ"), "a long list in stead: {}", long.status);
        assert_eq!(staff.send(&page, LIST, &[("reason", REASON)]).status, 403);
        assert_eq!(count(v, "bulk_export WHERE reason <> ''") + count(v, "outbox_mail WHERE kind = 'access_bulk_export'"), 0);
    }

    fn another_password_is_no_second_factor_shown_anew(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let _terms = confirm(&mut head, LIST);
        v.sql("UPDATE session SET second_at = '2023-01-01 00:00:00'");
        assert!(head.get(LIST).header("location").starts_with("/confirm"), "it was long ago");
        let form = head.get("/account/password");
        let (new, again) = ("совсем другой пароль 7", "совсем другой пароль 7");
        let changed = head.send(&form, "/account/password", &[("now", PASSWORD), ("password", new), ("again", again)]);
        assert_eq!((changed.status, changed.header("location")), (303, "/account?done=password"), "{}", changed.body);
        let answer = head.get(LIST);
        assert!(answer.header("location").starts_with("/confirm"), "a new password made it fresh: {}", answer.status);
    }

    fn a_day_has_a_quota_and_somebody_is_told(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let terms = confirm(&mut operator, LIST);
        let nobody = "UPDATE account SET email = NULL WHERE login NOT LIKE '%south'";
        v.sql(nobody);
        let alone = operator.send(&terms, LIST, &[("reason", REASON)]);
        assert!(alone.status == 422 && alone.body.contains("писать некому"), "{}", alone.body);
        // The officer has no address: the next office hears of it.
        v.sql("UPDATE account SET email = 'head@office.example' WHERE login = 'head'");
        assert_eq!(names(&operator.send(&terms, LIST, &[("reason", REASON)])).len(), 503);
        assert_eq!(v.query("SELECT a.login FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'access_bulk_export'"), ["head"]);
        // An officer who has never signed in watches over nothing yet.
        v.sql("UPDATE account SET email = login || '@office.example', password_hash = CASE login WHEN 'officer' THEN '' ELSE password_hash END");
        assert_eq!(names(&operator.send(&terms, LIST, &[("reason", REASON)])).len(), 503);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'access_bulk_export' AND a.login = 'head'"), 2);
        v.sql("DELETE FROM bulk_export WHERE id = (SELECT max(id) FROM bulk_export)");
        // What is left is enough for one of two that come at once.
        v.sql("UPDATE bulk_export SET people = 9000");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |_| {
                let (mut operator, terms) = (operator.clone(), &terms);
                // An account makes two long files at once: whoever is told to wait for that asks again.
                scope.spawn(move || loop {
                    let status = operator.send(terms, LIST, &[("reason", REASON)]).status;
                    if status != 429 {
                        break status;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(50));
                })
            };
            let all: Vec<_> = (0..8).map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|s| **s == 422).count(), 7, "{statuses:?}");
        let over = operator.send(&terms, LIST, &[("reason", REASON)]);
        assert!(over.body.contains("сегодня осталось 497"), "{}", over.body);
        // The next day begins anew.
        v.sql("UPDATE bulk_export SET taken_at = '2023-01-01 00:00:00'");
        assert_eq!(operator.send(&terms, LIST, &[("reason", REASON)]).status, 200);
        let mut south = server.signed_in("head-south", PASSWORD);
        assert_eq!(names(&south.get(LIST)), ["Фамилия9001 Имя"]);
    }
}
