//! The files of the desks: people of a tutor, staff, users, queues, numbers of schools and of diagnostics. Each holds what
//! all pages of its list show, and is of whoever sees the list. Two regions; nothing of the other one in any file.

use calamine::Data;

use crate::figures_pages::{plain, tables};
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::web_lists::{all_pages, is_said, offered, the_file, the_file_is_the_page, the_sheet_is_the_table};
use crate::web_school::PASSWORD;
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

/// People of the north and schools of its municipality: more than a page holds.
const MANY: i64 = 60;
/// The first of them, and of those of the south.
const PLACES: [(i64, i64, i64, &str); 2] = [(NORTH, MANY, 2000, ""), (SOUTH, 5, 3000, "-south")];
/// A search that ten of the sixty fit.
const TEN: &str = "q=%D1%84%D0%B0%D0%BC%D0%B8%D0%BB%D0%B8%D1%8F201";

/// Sixty plans and sixty schools, five plans in the south; at work, each with a step handed in and an application.
fn world(v: &Vekha, at_work: bool) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let mut accounts = Vec::new();
    for (region, many, first, south) in PLACES {
        for n in first..first + many {
            world.teacher(n, n, region, 2);
            world.passage(n, region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
            accounts.push((format!("teacher-{n}"), Some(n), "teacher", unit(region, 2)));
        }
        for (login, role, place) in [
            ("curator", "curator", 0),
            ("tutor", "tutor", 0),
            ("head", "cnppm_head", 0),
            ("staff", "cnppm_staff", 0),
            ("operator", "operator", 0),
            ("assessor", "assessment_operator", 0),
            ("ministry", "regional_authority", 0),
            ("methodist", "municipal_methodist", 1),
            ("director", "school_head", 2),
            ("deputy", "school_admin", 2),
        ] {
            accounts.push((format!("{login}{south}"), None, role, unit(region, place)));
        }
    }
    for n in 0..MANY {
        world.unit(NORTH, 200 + n, "organisation", 1);
        accounts.push((format!("mentor-{n}"), None, "mentor", unit(NORTH, 2)));
    }
    for (id, (login, person, role, over)) in (1..).zip(&accounts) {
        world.account(id, login, *person, &[(*role, *over)]);
    }
    world.build(v);
    v.sql("UPDATE person SET search_key = 'фамилия' || substr(last_name, 8) || ' имя', sort_key = last_name");
    draft(v, "Д1", "2023-02-10", &[]);
    if at_work {
        work(v);
    }
    // What looks like a formula stays a text.
    v.sql("UPDATE person SET last_name = '=1+2050' WHERE id = 2050");
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
    Server::start(v)
}

/// What everyone does with the plans.
fn work(v: &Vekha) {
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (_, many, first, south) in PLACES {
        for n in first..first + many {
            let item = |of: &str| {
                number(
                    v,
                    &format!(
                        "SELECT CAST(min(iom_item.number) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = \
                         iom_item.iom_id WHERE iom.person_id = {n} AND iom_item.programme_id {of}"
                    ),
                )
                .to_string()
            };
            let (course, step) = (item("= 1"), item("IS NULL"));
            let logins = ["curator", "tutor", "head"].map(|login| format!("{login}{south}"));
            let [curator, tutor, head] = logins.each_ref().map(String::as_str);
            let (teacher, course, step) = (format!("teacher-{n}"), course.as_str(), step.as_str());
            let teacher = teacher.as_str();
            for (act, item, on, by, value) in [
                ("assign", "", "02-11", head, tutor),
                ("send", "", "02-12", tutor, ""),
                ("agree", "", "02-13", teacher, ""),
                ("approve", "", "02-14", head, ""),
                ("start", "", "02-15", curator, ""),
                ("apply", course, "03-01", teacher, ""),
                ("begin", step, "03-02", teacher, ""),
                ("submit", step, "03-03", teacher, ""),
            ] {
                let said = if act == "submit" { "провела урок" } else { "" };
                acts.push_str(&format!("{},{act},{item},2023-{on},{by},{value},{said}\n", snils(n)));
            }
        }
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
}

/// Rows of a queue over all its pages, as words.
#[track_caller]
fn queue(who: &mut Visitor, path: &str) -> Vec<String> {
    let rows = |page: &Page| -> Vec<String> {
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let list = page.body.split("<ul class=\"queue\">").nth(1).unwrap_or_default();
        let list = list.split("</ul>").next().unwrap_or_default();
        list.split("<li")
            .skip(1)
            .filter_map(|row| row.split_once('>'))
            .map(|(_, row)| plain(row))
            .collect()
    };
    let mut all = Vec::new();
    for n in 1..10 {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = who.get(&format!("{path}{sign}page={n}"));
        all.extend(rows(&page));
        if !page.body.contains(&format!("Страница {n} из ")) || page.body.contains(&format!("Страница {n} из {n}"))
        {
            break;
        }
    }
    all
}

/// The file of a queue has its rows in their order, and the words of these columns stand in them. How many rows it has.
#[track_caller]
fn the_file_is_the_queue(who: &mut Visitor, path: &str, columns: &[usize]) -> usize {
    // The queue of steps is one page.
    let shown: Vec<String> = if path == "/review" {
        let page = who.get(path);
        let list = page
            .body
            .split("<ul class=\"queue\">")
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        list.split("<li")
            .skip(1)
            .filter_map(|row| row.split_once('>'))
            .map(|(_, row)| plain(row))
            .collect()
    } else {
        queue(who, path)
    };
    let book = the_file(who, path);
    assert_eq!(book.len(), 1, "{path}");
    let rows = &book[0].1[1..];
    assert_eq!(rows.len(), shown.len(), "{path}");
    for (row, said) in rows.iter().zip(&shown) {
        for column in columns {
            let held = row[*column].to_string();
            assert!(said.contains(&held), "{path}: «{held}» is not in «{said}»");
        }
    }
    rows.len()
}

/// Numbers above a page.
fn figures(page: &Page) -> Vec<String> {
    let parts = page.body.split("<div class=\"n\">").skip(1);
    parts
        .map(|rest| plain(rest.split("</div>").next().unwrap_or("")))
        .collect()
}

/// A sheet holds the numbers above a page in its second column.
#[track_caller]
fn the_sheet_has_the_figures(path: &str, sheet: &[Vec<Data>], page: &Page) {
    let shown = figures(page);
    assert_eq!(sheet.len(), shown.len() + 1, "{path}: {shown:?}");
    for (row, said) in sheet[1..].iter().zip(&shown) {
        assert!(is_said(&row[1], said), "{path}: {:?} for «{said}»", row[1]);
    }
}

/// Lists with a table: who sees it, its address, a choice, how the journal calls it, and who does not see it.
const TABLES: [(&str, &str, &str, &str, &str); 5] = [
    ("tutor", "/people", TEN, "supported", "director"),
    ("director", "/staff", TEN, "staff", "tutor"),
    ("deputy", "/staff", "state=active", "staff", "methodist"),
    ("staff", "/supporters", "role=mentor", "supporter", "operator"),
    ("operator", "/users", "role=mentor", "account", "tutor"),
];
/// Queues with buttons: who sees it, its address, the columns whose words stand in its rows, how the journal calls it, and
/// who does not see it.
const QUEUES: [(&str, &str, &[usize], &str, &str); 3] = [
    ("director", "/accounts", &[0, 1, 2, 3], "account", "tutor"),
    ("director", "/applications", &[0, 1, 2, 5], "enrolment", "deputy"),
    ("tutor", "/review", &[0, 1, 2, 5], "review", "director"),
];

on_both! {
    fn the_file_of_a_desk_holds_what_all_pages_of_its_list_show(v: &Vekha) {
        let server = world(v, true);
        let exports = |list: &str| number(v, &format!(
            "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.export_list' AND object_kind = '{list}'"
        ));
        let taken = |list: &str| number(v, &format!("SELECT count(*) AS n FROM bulk_export WHERE list = '{list}'"));
        for (login, path, chosen, list, stranger) in TABLES {
            let mut who = server.signed_in(login, PASSWORD);
            let before = (exports(list), taken(list));
            let all = the_file_is_the_page(&mut who, path, 0);
            assert!(all >= 60, "{path}: {all}");
            let some = the_file_is_the_page(&mut who, &format!("{path}?{chosen}"), 0);
            let wanted = if chosen == TEN { 10 } else { 60 };
            assert_eq!(some, wanted, "{path}?{chosen}");
            assert_eq!((exports(list), taken(list)), (before.0 + 2, before.1 + 2), "{path}: each file is in the journal");
            let mut south = server.signed_in(&format!("{login}-south"), PASSWORD);
            let there = the_file_is_the_page(&mut south, path, 0);
            assert!((1..20).contains(&there), "{path}: not of the other region, {there}");
            let mut other = server.signed_in(stranger, PASSWORD);
            assert_eq!(other.get(&format!("{path}/file")).status, 403, "{stranger} {path}");
        }
        for (login, path, columns, list, stranger) in QUEUES {
            let mut who = server.signed_in(login, PASSWORD);
            let before = (exports(list), taken(list));
            assert_eq!(the_file_is_the_queue(&mut who, path, columns), 60, "{path}");
            if path != "/review" {
                assert_eq!(the_file_is_the_queue(&mut who, &format!("{path}?{TEN}"), columns), 10, "{path}");
            }
            let more = if path == "/review" { 1 } else { 2 };
            assert_eq!((exports(list), taken(list)), (before.0 + more, before.1 + more), "{path}");
            let mut south = server.signed_in(&format!("{login}-south"), PASSWORD);
            assert_eq!(the_file_is_the_queue(&mut south, path, columns), 5, "{path}: not of the other region");
            let mut other = server.signed_in(stranger, PASSWORD);
            assert_eq!(other.get(&format!("{path}/file")).status, 403, "{stranger} {path}");
        }
        // Nothing found is nothing to take.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert!(offered(&tutor.get("/people?q=nobody")).is_none());
    }

    fn no_file_of_a_school_tells_a_score(v: &Vekha) {
        let server = world(v, false);
        for login in ["director", "deputy"] {
            let mut who = server.signed_in(login, PASSWORD);
            for path in ["/staff", "/accounts"] {
                for (_, rows) in the_file(&mut who, path) {
                    let words: Vec<String> = rows.iter().flatten().map(ToString::to_string).collect();
                    let words = words.join(" ");
                    for secret in ["высокий", "средний", "%", "балл"] {
                        assert!(!words.contains(secret), "{login} {path}: {secret}");
                    }
                }
            }
        }
    }

    fn the_files_of_numbers_hide_what_their_pages_hide(v: &Vekha) {
        let server = world(v, false);
        let files = || number(v, "SELECT count(*) AS n FROM bulk_export");
        for login in ["ministry", "methodist", "ministry-south"] {
            let mut who = server.signed_in(login, PASSWORD);
            for path in ["/schools", "/schools?sort=diagnosed"] {
                let shown = all_pages(&mut who, path);
                assert!(login.ends_with("south") || shown[0].rows.len() > 60, "{login}: {}", shown[0].rows.len());
                let book = the_file(&mut who, path);
                assert_eq!(book.len(), 2, "{login} {path}");
                the_sheet_is_the_table(path, &book[0], &shown[0]);
                the_sheet_has_the_figures(path, &book[1].1, &who.get(path));
            }
        }
        for login in ["ministry", "methodist", "director", "deputy", "director-south"] {
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get("/coverage");
            let (shown, book) = (tables(&page), the_file(&mut who, "/coverage"));
            assert_eq!(book.len(), 1 + shown.len(), "{login}");
            the_sheet_has_the_figures("/coverage", &book[0].1, &page);
            for (sheet, shown) in book[1..].iter().zip(&shown) {
                the_sheet_is_the_table("/coverage", sheet, shown);
            }
        }
        // The names behind a number are the list that it opens, and its file.
        let mut director = server.signed_in("director", PASSWORD);
        let coverage = director.get("/coverage");
        let behind = coverage.body.split("href=\"/staff?of").nth(1).and_then(|rest| rest.split('"').next());
        let behind = format!("/staff?of{}", behind.expect("a number that opens its list"));
        let behind = behind.replace("&#x3D;", "=").replace("&amp;", "&");
        assert_eq!(the_file_is_the_page(&mut director, &behind, 0), 60);
        let before = files();
        for login in ["head", "staff", "operator", "assessor", "assessor-south"] {
            let mut who = server.signed_in(login, PASSWORD);
            the_file_is_the_page(&mut who, "/diagnostics", 0);
            let path = "/diagnostics/procedure?code=%D0%941";
            let page = who.get(path);
            let (shown, book) = (tables(&page), the_file(&mut who, path));
            assert_eq!((shown.len(), book.len()), (1, 2), "{login}");
            the_sheet_is_the_table(path, &book[0], &shown[0]);
            the_sheet_has_the_figures(path, &book[1].1, &page);
            if login == "assessor-south" {
                let said: Vec<String> = book.iter().flat_map(|(_, rows)| rows.iter().flatten()).map(ToString::to_string).collect();
                assert!(!said.iter().any(|cell| ["1", "2", "3", "4"].contains(&cell.as_str())), "{said:?}");
            }
        }
        assert_eq!(files(), before, "numbers are not counted as people");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        for path in ["/schools?as=xlsx", "/coverage?as=xlsx", "/diagnostics?as=xlsx", "/diagnostics/procedure?code=%D0%941&as=xlsx"] {
            assert_eq!(tutor.get(path).status, 403, "{path}");
        }
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(head.get("/diagnostics?as=csv").status, 404, "no other kind of file");
    }

    fn a_long_list_of_users_or_supporters_needs_a_reason(v: &Vekha) {
        let server = world(v, false);
        let then = "'2022-01-01 00:00:00'";
        let more = (0..450).map(|n| {
            let id = 700_000 + n;
            format!(
                "INSERT INTO account (id, login, password_hash, person_id, state, auth_version, created_at, version) VALUES \
                 ({id}, 'more-{n}', '', NULL, 'active', 1, {then}, 1); INSERT INTO role_grant (id, account_id, role, \
                 unit_id, recorded_at) VALUES ({id}, {id}, 'mentor', {}, {then});",
                unit(NORTH, 2)
            )
        });
        v.sql(&more.collect::<String>());
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(staff.get("/supporters/file").status, 422, "a right of its own");
        for path in ["/supporters/file", "/users/file"] {
            let asks = head.get(path);
            assert_eq!(asks.status, 303, "{path}: {}", asks.body);
            assert!(asks.header("location").starts_with("/confirm?next="), "{path}: {}", asks.header("location"));
            let form = head.get("/account");
            let sent = head.send(&form, path, &[("reason", "Сверка списков с районом")]);
            assert!(sent.header("location").starts_with("/confirm?next="), "{path}: {}", sent.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM bulk_export"), 0, "nothing went out");
    }
}
