//! Accounts of a school's staff: the list, sheets for all who have none, new sheets, and the first sign-in. Own, other
//! school, other municipality, other region, missing.

use std::path::Path;

use crate::on_both;
use crate::support::{Backend, Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};
use crate::world::{NORTH, number, snils};

/// What a teacher chooses.
const CHOSEN: &str = "лодка плывёт тихо";
/// Staff of school 2 without an account; of school 3, of the other municipality, of the other region, of nowhere.
const OWN: i64 = 3000;
const OTHERS: [i64; 4] = [4000, 1006, 2001, 7];

/// Signs in with the password of the world, which everyone with an account has.
fn started(v: &Vekha) -> Server {
    world(v);
    Server::start(v)
}

fn field<'a>(page: &'a Page, name: &str) -> Vec<&'a str> {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.body.split(start.as_str()).skip(1);
    rest.filter_map(|r| r.split('"').next()).collect()
}

/// Asks for sheets as a form of the check page does, and opens the page of sheets.
fn sheets(visitor: &mut Visitor, query: &str) -> (Page, Page, Vec<(String, String)>) {
    let check = visitor.get(&format!("/accounts/check?{query}"));
    assert_eq!(check.status, 200, "{query}: {}", check.body);
    let mut fields: Vec<(&str, &str)> = vec![("key", field(&check, "key")[0])];
    fields.extend(field(&check, "new").into_iter().map(|id| ("new", id)));
    fields.extend(field(&check, "again").into_iter().map(|id| ("again", id)));
    if check.body.contains("name=\"sure\"") {
        fields.push(("sure", "yes"));
    }
    let fields: Vec<(String, String)> = fields.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let sent = send(visitor, &check, &fields);
    assert_eq!(sent.status, 303, "{query}: {}", sent.body);
    let page = visitor.get(sent.header("location"));
    assert_eq!(page.status, 200, "{query}: {}", page.body);
    (check, page, fields)
}

fn send(visitor: &mut Visitor, check: &Page, fields: &[(String, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    visitor.send(check, "/accounts/sheets", &fields)
}

/// Name, login and code of each sheet.
fn cards(page: &Page) -> Vec<(String, String, String)> {
    let part = |text: &str, start: &str, end: &str| {
        let rest = text.split(start).nth(1).expect(start);
        rest.split(end).next().expect(end).to_owned()
    };
    let of = |card: &str| {
        let secrets: Vec<&str> = card
            .split("class=\"secret\">")
            .skip(1)
            .filter_map(|r| r.split('<').next())
            .collect();
        (
            part(card, "<h2>", "</h2>"),
            secrets[0].to_owned(),
            secrets[1].to_owned(),
        )
    };
    page.body.split("<article").skip(1).map(of).collect()
}

fn first_form(server: &Server, login: &str, code: &str) -> (Visitor, Page) {
    let mut visitor = server.visitor();
    let form = visitor.get("/sign-in");
    let page = visitor.send(&form, "/sign-in", &[("login", login), ("password", code)]);
    (visitor, page)
}

fn choose(visitor: &mut Visitor, page: &Page, login: &str, code: &str, password: &str) -> Page {
    let fields = [
        ("login", login),
        ("code", code),
        ("password", password),
        ("again", password),
    ];
    visitor.send(page, "/first-sign-in", &fields)
}

fn count(v: &Vekha, of: &str) -> i64 {
    number(v, &format!("SELECT count(*) AS n FROM {of}"))
}

fn same(page: &Page) -> (u16, String) {
    (page.status, page.body.clone())
}

on_both! {
    fn the_whole_staff_gets_accounts_in_one_action(v: &Vekha) {
        let server = started(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let list = deputy.get("/accounts");
        assert_eq!(list.status, 200, "{}", list.body);
        // 14 newcomers and two with accounts work in school 2; nobody of elsewhere is seen.
        assert!(list.body.contains("Создать учётные записи всем, у кого их нет (14)"), "{}", list.body);
        assert!(list.body.contains("Ёлкина") && list.body.contains("логин teacher-1001"));
        assert!(!list.body.contains("Фамилия200") && !list.body.contains("Фамилия4 "), "another school");
        let none = deputy.get("/accounts?state=none");
        assert_eq!(none.body.matches("type=\"checkbox\"").count(), 14);
        assert_eq!(deputy.get("/accounts?state=works").body.matches("class=\"what\"").count(), 2);
        assert_eq!(deputy.get("/accounts?state=nothing").status, 404);
        let before = count(v, "account");
        let (check, page, fields) = sheets(&mut deputy, "all=yes");
        assert!(check.body.contains("Создать 14\u{A0}учётных записей?") && check.body.contains("и ещё 4\u{A0}сотрудника"), "{}", check.body);
        let cards = cards(&page);
        assert_eq!((cards.len(), count(v, "account") - before, count(v, "first_code")), (14, 14, 14));
        let logins: std::collections::BTreeSet<&str> = cards.iter().map(|(_, login, _)| login.as_str()).collect();
        assert_eq!(logins.len(), 14);
        assert!(logins.contains("familiya.i") && logins.contains("familiya.i14"), "{logins:?}");
        for n in 100..114 {
            let digits: String = snils(n).chars().filter(char::is_ascii_digit).collect();
            assert!(!page.body.contains(&digits) && !page.body.contains(&snils(n)), "no number of a document");
        }
        assert_eq!(count(v, "audit_event WHERE action = 'access.first_sheet' AND account_id IS NOT NULL AND person_id IS NOT NULL"), 14);
        assert_eq!(count(v, "role_grant WHERE role <> 'teacher' AND account_id IN (SELECT account_id FROM first_code)"), 0);
        assert_eq!(count(v, "account WHERE password_hash <> '' AND id IN (SELECT account_id FROM first_code)"), 0);
        // Sent once more: nothing happens, and the same sheets are there.
        let again = send(&mut deputy, &check, &fields);
        assert_eq!(again.status, 303);
        assert_eq!((count(v, "account") - before, count(v, "audit_event WHERE action LIKE 'access.%_sheet'")), (14, 14));
        let shown = deputy.get(again.header("location"));
        assert_eq!(self::cards(&shown), cards, "a double click loses no sheet");
        let last = fields.iter().rposition(|(name, _)| name == "new").expect("somebody");
        let fewer: Vec<_> = fields.iter().enumerate().filter(|(n, _)| *n != last).map(|(_, f)| f.clone()).collect();
        let other = send(&mut deputy, &check, &fewer);
        assert!(other.status == 422 && other.body.contains("для других сотрудников"), "{}", other.body);
        // A quarter of an hour later no code is shown, and new sheets are offered.
        v.sql("UPDATE first_code SET created_at = '2023-01-01 00:00:00'");
        let done = deputy.get(again.header("location"));
        assert!(done.body.contains("Листки уже показаны") && done.body.matches("Новый листок").count() == 14, "{}", done.body);
        let mut head = server.signed_in("director", PASSWORD);
        assert_eq!(head.get(again.header("location")).status, 404, "the answer is whose the form was");
        // Each page that names people is in the journal: the list, the question, the sheets three times, the list again with a word.
        let read = v.query("SELECT detail FROM audit_event WHERE action = 'desk.read_list' AND object_kind = 'account' ORDER BY id");
        assert_eq!(read.len(), 8, "{read:?}");
        let rows: Vec<&str> = read.iter().map(|d| d.rsplit_once(' ').expect("codes and a count").1).collect();
        assert_eq!(rows[3..], ["rows=14", "rows=14", "rows=14", "rows=16", "rows=14"], "{read:?}");
        assert!(read.iter().all(|d| d.starts_with("role=school_")), "{read:?}");
        // What was chosen, who stood there, and a digest of them: the same people, the same digest.
        let part = |of: &str, key: &str| of.split(' ').find_map(|p| p.strip_prefix(key)).expect("a code").to_owned();
        let ids: Vec<String> = read.iter().map(|d| part(d, "ids=")).collect();
        assert_eq!((part(&read[3], "shown="), ids[3].len(), ids[4] == ids[5], ids[3] == ids[6]), ("10".into(), 16, true, false), "{read:?}");
        assert!(read[1].contains(" state=none ") && read[3].contains(" all "), "{read:?}");
        // No code stands anywhere in the database.
        let codes: Vec<String> = cards.iter().flat_map(|(_, _, code)| [code.clone(), code.replace('-', "")]).collect();
        assert!(codes.iter().all(|code| !done.body.contains(code.as_str())));
        let everything = ["first_code", "request_key", "audit_event", "account"].map(|table| {
            let fields = match table {
                "first_code" => "digest",
                "request_key" => "key || answer || body_digest",
                "audit_event" => "action || object_kind || detail",
                _ => "login || password_hash || coalesce(name, '')",
            };
            v.query(&format!("SELECT {fields} FROM {table}")).join("\n")
        });
        for code in &codes {
            assert!(everything.iter().all(|rows| !rows.contains(code.as_str())), "a code is kept in clear");
        }
        assert!(deputy.get("/accounts").body.contains("ждёт первого входа до"));
        let _sound = v.run(&["check"]).ok();
    }

    fn nobody_prints_a_sheet_for_whom_they_may_not(v: &Vekha) {
        let server = started(v);
        // The deputy is on the staff list; a colleague is a curator as well.
        v.sql("UPDATE account SET person_id = 3001 WHERE login = 'deputy'");
        v.sql("UPDATE account SET person_id = 3002 WHERE login = 'curator'");
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1002'");
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let list = deputy.get("/accounts");
        for why in ["листок себе не выдают", "есть другие роли", "учётная запись приостановлена"] {
            assert!(list.body.contains(why), "{why}");
        }
        let form = deputy.get("/view");
        let key = "ab".repeat(32);
        let before = (count(v, "account"), count(v, "first_code"), count(v, "audit_event WHERE action LIKE 'access.%_sheet'"));
        let missing = same(&deputy.get("/accounts/check?id=7"));
        assert_eq!(missing.0, 404);
        for name in ["new", "again"] {
            let ask = |deputy: &mut Visitor, id: i64| same(&deputy.send(&form, "/accounts/sheets", &[("key", &key), (name, &id.to_string())]));
            let missing = ask(&mut deputy, 7);
            assert_eq!(missing.0, 404);
            for other in OTHERS {
                assert_eq!(ask(&mut deputy, other), missing, "{name} {other}");
            }
            for own in [3001, 3002, 1002] {
                assert_eq!(ask(&mut deputy, own).0, 409, "{name} {own}");
            }
        }
        for other in OTHERS {
            assert_eq!(same(&deputy.get(&format!("/accounts/check?id={other}"))), missing, "{other}");
        }
        for own in [3001, 3002, 1002] {
            assert_eq!(deputy.get(&format!("/accounts/check?id={own}")).status, 422, "{own}");
        }
        // One of another school among many: nobody gets a sheet.
        let many = deputy.send(&form, "/accounts/sheets", &[("key", &key), ("new", "3003"), ("new", "4000")]);
        assert_eq!(many.status, 404);
        assert_eq!(deputy.get("/accounts/check").status, 422, "nobody is chosen");
        let after = (count(v, "account"), count(v, "first_code"), count(v, "audit_event WHERE action LIKE 'access.%_sheet'"));
        assert_eq!(before, after, "all or nothing");
        let _other = server.signed_in("curator", PASSWORD);
        for login in ["teacher-1001", "methodist", "ministry", "head"] {
            assert_eq!(server.signed_in(login, PASSWORD).get("/accounts").status, 403, "{login}");
        }
    }

    fn an_account_of_two_schools_is_of_the_first_one(v: &Vekha) {
        let server = started(v);
        v.sql(&format!(
            "INSERT INTO employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, valid_from, recorded_at) \
             VALUES (77, {}, 3000, {}, 'учитель', 'teaching', 'external_part', '2020-01-01', '2022-01-01 00:00:00')",
            crate::world::unit(NORTH, 0), crate::world::unit(NORTH, 3)
        ));
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let (_, page, _) = sheets(&mut deputy, "id=3000");
        assert_eq!(cards(&page).len(), 1);
        let mut other = server.signed_in("director-3", PASSWORD);
        let list = other.get("/accounts?state=waits");
        assert!(list.body.contains("учётная запись другой организации"), "{}", list.body);
        assert_eq!(other.get("/accounts/check?id=3000").status, 422);
        // When the first school is left, the one where the person works may print a sheet.
        v.sql(&format!("UPDATE employment SET valid_to = '2023-01-01' WHERE person_id = 3000 AND organisation_id = {}", crate::world::unit(NORTH, 2)));
        let (_, page, _) = sheets(&mut other, "id=3000");
        assert_eq!((cards(&page).len(), count(v, "account WHERE person_id = 3000")), (1, 1));
        assert_eq!(deputy.get("/accounts/check?id=3000").status, 404, "no longer staff");
    }

    fn a_sheet_opens_the_account_once(v: &Vekha) {
        let server = started(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let (_, page, _) = sheets(&mut deputy, "id=3000");
        let (_, login, code) = cards(&page).remove(0);
        // Wrong, unknown, and the code of somebody else: the same bytes, on both forms.
        let wrong = |login: &str, code: &str| {
            let (mut visitor, page) = first_form(&server, login, code);
            let second = choose(&mut visitor, &page, login, code, CHOSEN);
            [page, second].map(|p| (p.status, p.body.replace(login, "").split("name=\"token\"").next().map(str::to_owned), p.body.matches(login).count()))
        };
        let other = "ABCE-HKMP-TXY2-3456";
        let known = wrong(&login, other);
        assert_eq!(known[0].0, 422);
        assert_eq!(known, wrong("nobody.n", other));
        assert_eq!(known, wrong("teacher-1001", &code));
        // Typed in the other layout, without dashes; the page signs nobody in.
        let typed = code.to_lowercase().replace('-', " ").replace('a', "а").replace('k', "к");
        let (mut visitor, form) = first_form(&server, &login, &typed);
        assert!(form.status == 200 && form.body.contains("Придумайте пароль"), "{}", form.body);
        assert_eq!(visitor.get("/plan").status, 303, "nothing is open yet");
        for (password, why) in [("короткий", "короче 12"), ("familiya 1234567", "логин, имя"), ("qwerty1234567", "подбирают первым")] {
            let refused = choose(&mut visitor, &form, &login, &code, password);
            assert!(refused.status == 422 && refused.body.contains(why), "{password}: {}", refused.body);
            let said = refused.body.split("<a href=\"#password\">").nth(1).and_then(|rest| rest.chars().next());
            assert!(said.is_some_and(char::is_uppercase), "a sentence begins with a capital: {}", refused.body);
        }
        let twice = [("login", login.as_str()), ("code", &code), ("password", CHOSEN), ("again", "другое совсем")];
        assert_eq!(visitor.send(&form, "/first-sign-in", &twice).status, 422);
        let done = choose(&mut visitor, &form, &login, &code, CHOSEN);
        assert_eq!((done.status, done.header("location")), (303, "/sign-in?done=first"));
        assert!(!visitor.cookies.contains_key("__Host-vekha"), "nobody is signed in by a code");
        assert!(visitor.get("/sign-in?done=first").body.contains("Пароль сохранён"));
        let mut teacher = server.signed_in(&login, CHOSEN);
        assert_eq!(teacher.get("/plan").status, 200);
        assert_eq!(count(v, "audit_event WHERE action = 'access.first_password'"), 1);
        assert_eq!(wrong(&login, &code)[0].0, 422, "it was used");
        assert!(deputy.get("/accounts?state=works").body.contains(&login));
        // Whoever has a mailbox gets a new password by a letter, alone: no sheet opens that account to the school.
        let before = deputy.get("/accounts/check?id=3000");
        let fields = [("key", field(&before, "key")[0]), ("again", "3000"), ("sure", "1")];
        v.sql(&format!("UPDATE account SET email = 'teacher@school.example' WHERE login = '{login}'"));
        let barred = deputy.send(&before, "/accounts/sheets", &fields);
        assert!(barred.status == 409, "with a mailbox: {} {}", barred.status, barred.body);
        let said = deputy.get("/accounts?state=works").body;
        assert!(said.contains("новый пароль приходит письмом"), "{said}");
        assert_eq!(teacher.get("/plan").status, 200, "nothing has happened to the one with a mailbox");
        v.sql(&format!("UPDATE account SET email = NULL WHERE login = '{login}'"));
        // A new sheet ends the password and what is signed in with it: only when the school says that it was asked for.
        let ask = deputy.get("/accounts/check?id=3000");
        let fields = [("key", field(&ask, "key")[0]), ("again", "3000")];
        let unsure = deputy.send(&ask, "/accounts/sheets", &fields);
        assert!(unsure.status == 422 && unsure.body.contains("Подтвердите, что новый листок"), "{}", unsure.body);
        assert_eq!(teacher.get("/plan").status, 200, "nothing has happened");
        let (check, page, _) = sheets(&mut deputy, "id=3000");
        assert!(check.body.contains("Прежний пароль перестанет действовать"), "{}", check.body);
        let (_, same_login, second) = cards(&page).remove(0);
        assert_eq!(same_login, login);
        assert_eq!(teacher.get("/plan").status, 303);
        let (_, refused) = first_form(&server, &login, CHOSEN);
        assert_eq!(refused.status, 422);
        assert_eq!(count(v, "audit_event WHERE action = 'access.new_sheet'"), 1);
        // And another one ends the sheet before; one that is late opens nothing.
        let (_, page, _) = sheets(&mut deputy, "id=3000");
        assert_eq!(cards(&page).len(), 1);
        assert_eq!(first_form(&server, &login, &second).1.status, 422);
        // Somebody who has not failed before, so that nobody waits.
        let (_, page, _) = sheets(&mut deputy, "id=3001");
        let (_, late, fourth) = cards(&page).remove(0);
        v.sql("UPDATE first_code SET ends_at = '2023-01-01 00:00:00'");
        assert_eq!(wrong(&late, &fourth), wrong("nobody.m", &fourth));
        assert!(deputy.get("/accounts?state=late").body.contains(&login));
    }

    fn of_thirty_at_once_one_uses_the_code(v: &Vekha) {
        let server = started(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let (_, page, _) = sheets(&mut deputy, "id=3000");
        let (_, login, code) = cards(&page).remove(0);
        let (visitor, form) = first_form(&server, &login, &code);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |n: usize| {
                let (mut visitor, form, login, code) = (visitor.clone(), &form, &login, &code);
                scope.spawn(move || choose(&mut visitor, form, login, code, &format!("{CHOSEN} {n}")).status)
            };
            let all: Vec<_> = (0..30).map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        assert_eq!(statuses.iter().filter(|s| **s == 303).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| matches!(s, 303 | 422 | 429 | 503)), "{statuses:?}");
        assert_eq!(count(v, "audit_event WHERE action = 'access.first_password'"), 1);
    }

    fn the_same_form_ten_times_at_once_makes_one_account_each(v: &Vekha) {
        let server = started(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let check = deputy.get("/accounts/check?all=yes");
        let (new, own) = (field(&check, "new"), field(&check, "key")[0].to_owned());
        let keys: Vec<String> = (0..10).map(|n| if n % 2 == 0 { own.clone() } else { format!("{n:064x}") }).collect();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |key: &String| {
                let (mut deputy, check, key, new) = (deputy.clone(), &check, key.clone(), new.clone());
                scope.spawn(move || {
                    let mut fields = vec![("key", key.as_str())];
                    fields.extend(new.iter().map(|id| ("new", *id)));
                    deputy.send(check, "/accounts/sheets", &fields).status
                })
            };
            let all: Vec<_> = keys.iter().map(one).collect();
            all.into_iter().map(|t| t.join().expect("it answers")).collect()
        });
        // Those with the own key are all answered alike, those with another one are too late.
        assert!(statuses.iter().filter(|s| **s == 303).count() <= 5, "{statuses:?}");
        assert!(statuses.contains(&303) && statuses.contains(&409), "{statuses:?}");
        assert_eq!(count(v, "audit_event WHERE action = 'access.first_sheet'"), 14);
        assert_eq!((count(v, "first_code"), count(v, "account WHERE person_id >= 3000 AND person_id < 4000")), (14, 14));
        assert!(OWN == 3000 && statuses.iter().all(|s| matches!(s, 303 | 409 | 503)), "{statuses:?}");
    }
}

#[test]
fn a_deputy_prints_the_sheets_and_a_teacher_signs_in_on_a_phone() {
    let home = std::env::var("VEKHA_TEST_BROWSER").expect("run the tests by tests/run: it installs the browser");
    let v = Vekha::new(Backend::Sqlite);
    let _made = v.run(&["demo", "--no-serve"]).ok();
    let without = number(
        &v,
        "SELECT count(DISTINCT employment.person_id) AS n FROM employment JOIN role_grant ON role_grant.unit_id = \
         employment.organisation_id JOIN account AS own ON own.id = role_grant.account_id WHERE own.login = 'deputy' AND \
         employment.superseded_at IS NULL AND employment.valid_from <= date('now') AND (employment.valid_to IS NULL OR \
         employment.valid_to > date('now')) AND NOT EXISTS (SELECT 1 FROM account WHERE account.person_id = \
         employment.person_id)",
    );
    assert!(without >= 3, "the demo has something to do: {without}");
    let server = Server::start_with(&v, |command| {
        command.env("VEKHA_PUBLIC_URL", "https://veha.school.example");
    });
    let plan = serde_json::json!({
        "base": format!("http://{}", server.address),
        "pictures": std::env::current_dir().expect("here").join("tests/.work/pictures"),
        "deputy": "deputy",
        "password": "веха-демо-2026",
        "chosen": CHOSEN,
        "without": without,
        "address": "https://veha.school.example",
    });
    let file = v.file("sheets.json", plan.to_string());
    let output = std::process::Command::new("node")
        .arg(Path::new(&home).join("sheets.mjs"))
        .arg(text(&file))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{wrong}");
    assert!(said.contains("signed in"), "{said}");
}
