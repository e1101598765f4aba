//! «Пользователи и роли»: a role is given below one's own rank and inside one's own unit, ends at the next call, and
//! nobody settles an account that somebody else answers for. Two regions.

use vekha::clock::Clock as _;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, same, world};
use crate::web_doors::token_of;
use crate::world::number;

fn start(v: &Vekha) -> Server {
    world(v);
    v.sql("UPDATE account SET email = login || '@office.example'");
    Server::start(v)
}

fn id(v: &Vekha, login: &str) -> i64 {
    number(v, &format!("SELECT id AS n FROM account WHERE login = '{login}'"))
}

/// So many days from now.
fn day(plus: i64) -> String {
    let on = today() + chrono::TimeDelta::days(plus);
    on.format("%d.%m.%Y").to_string()
}

fn count(v: &Vekha, of: &str) -> i64 {
    number(v, &format!("SELECT count(*) AS n FROM {of}"))
}

/// Fills the form of a new user.
fn open(who: &mut Visitor, role: &str, unit: &str, login: &str, until: &str) -> Page {
    let form = who.get("/users/new");
    let email = format!("{login}@office.example");
    let fields = [
        ("name", "Анна Ким"),
        ("login", login),
        ("email", &email),
        ("role", role),
        ("unit", unit),
        ("from", ""),
        ("until", until),
    ];
    who.send(&form, "/users/new", &fields)
}

/// Does something on the card of an account, as it stands on the page.
fn act(who: &mut Visitor, account: i64, fields: &[(&str, &str)]) -> Page {
    let path = format!("/users/{account}");
    let card = who.get(&path);
    let seen = seen(&card);
    let all: Vec<(&str, &str)> = [("seen", seen.as_str())].iter().chain(fields).copied().collect();
    who.send(&card, &path, &all)
}

fn seen(card: &Page) -> String {
    let (_, rest) = card.body.split_once("name=\"seen\" value=\"").unwrap_or(("", "0\""));
    rest.split('"').next().unwrap_or_default().to_owned()
}

on_both! {
    fn a_role_is_given_below_ones_own_and_inside_ones_unit(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let list = operator.get("/users");
        for login in ["tutor", "curator", "director", "deputy", "methodist", "authority"] {
            assert!(list.body.contains(&format!("\"Логин\">{login}<")), "{login}: {}", list.body);
        }
        for login in ["operator", "head", "ministry", "admin", "tutor-south", "operator-south", "teacher"] {
            assert!(!list.body.contains(&format!("\"Логин\">{login}<")), "{login}: {}", list.body);
        }
        // What is not one's own to give.
        for (role, unit, status, said) in [
            ("cnppm_head", "С0", 422, "не ниже вашей"),
            ("system_admin", "С0", 422, "не ниже вашей"),
            ("teacher", "С2", 422, "не ниже вашей"),
            ("school_head", "С1", 422, "над единицей вида"),
            ("security_officer", "С0", 422, "не ниже вашей"),
            ("tutor", "Ю1", 422, "среди ваших нет"),
            ("tutor", "нет", 422, "среди ваших нет"),
            ("", "С1", 422, "Выберите роль"),
        ] {
            let refused = open(&mut operator, role, unit, "anna.kim", "");
            assert!(refused.status == status && refused.body.contains(said), "{role} {unit}: {} {}", refused.status, refused.body);
        }
        assert_eq!(open(&mut operator, "tutor", "С1", "curator", "").status, 422, "the login is taken");
        for until in ["31.02.2027", "01.01.2020", "31.12.9999", "01.12.0026"] {
            assert_eq!(open(&mut operator, "tutor", "С1", "anna.kim", until).status, 422, "{until}");
        }
        assert_eq!(open(&mut operator, "tutor", "С1", "аnna.kim", "").status, 422, "a letter of another alphabet");
        assert_eq!((count(v, "account WHERE login = 'anna.kim'"), count(v, "one_time_link")), (0, 0));

        let opened = open(&mut operator, "tutor", "С1", "anna.kim", &day(365));
        let kim = id(v, "anna.kim");
        assert_eq!((opened.status, opened.header("location")), (303, &*format!("/users/{kim}?done=open")), "{}", opened.body);
        let card = operator.get(opened.header("location"));
        assert!(card.body.contains(&format!("по {}", day(365))) && card.body.contains("ещё не входил"), "{}", card.body);
        let by = "account_id = (SELECT id FROM account WHERE login = 'operator')";
        assert_eq!(count(v, &format!("audit_event WHERE action = 'access.grant' AND object_id = {kim} AND {by}")), 1);
        // An invitation goes to the address that stands in the form, and not twice at once.
        let invite = |who: &mut Visitor, address: &str| act(who, kim, &[("act", "invite"), ("address", address)]);
        assert_eq!(invite(&mut operator, "anna@office.example").status, 303);
        let to = "SELECT address FROM one_time_link WHERE kind = 'invitation'";
        assert_eq!(v.query(to), ["anna@office.example"], "the link before opens nothing any more");
        let again = invite(&mut operator, "anna@office.example");
        assert!(again.status == 422 && again.body.contains("только что ушло"), "{}", again.body);
        // A slip of the pen is put right at once; address after address is not.
        assert_eq!(invite(&mut operator, "anna.kim@office.example").status, 303);
        for address in ["third@office.example", "anna@office.example"] {
            let turn = invite(&mut operator, address);
            assert!(turn.status == 422 && turn.body.contains("только что ушло"), "invited in turn: {}", turn.status);
        }
        assert_eq!(v.query(to), ["anna.kim@office.example"]);
        let long = "Я".repeat(121);
        for name in [long.as_str(), "Анна \u{202e}Ким", "=cmd|calc"] {
            let form = operator.get("/users/new");
            let fields = [("name", name), ("login", "other"), ("email", "a@b.example"), ("role", "tutor"), ("unit", "С1"), ("from", ""), ("until", "")];
            assert_eq!(operator.send(&form, "/users/new", &fields).status, 422, "{name}");
        }
        // The holder alone chooses the password.
        let mut guest = server.visitor();
        let link = format!("/link/{}", token_of(v, "anna.kim", "invitation"));
        let form = guest.get(&link);
        let chosen = "лодка плывёт тихо под мостом";
        assert_eq!(guest.send(&form, &link, &[("password", chosen), ("again", chosen)]).status, 303);
        let mut tutor = server.signed_in("anna.kim", chosen);
        assert_eq!(tutor.get("/people").status, 200);
        // Nobody gives roles without the rank, and nobody to themselves.
        for login in ["tutor", "deputy", "methodist", "admin"] {
            assert_eq!(server.signed_in(login, PASSWORD).get("/users").status, 403, "{login}");
        }
        let missing = same(&operator.get("/users/7"));
        for login in ["operator", "head", "ministry", "admin", "tutor-south"] {
            assert_eq!(same(&operator.get(&format!("/users/{}", id(v, login)))), missing, "{login}");
        }
        let mut south = server.signed_in("operator-south", PASSWORD);
        assert_eq!(same(&south.get(&format!("/users/{kim}"))), same(&south.get("/users/7")));
        // The same form twice is one role, and nobody else's doing.
        let card = operator.get(&format!("/users/{kim}"));
        let stands = seen(&card);
        let give = [("act", "give"), ("role", "mentor"), ("unit", "С1"), ("from", ""), ("until", ""), ("seen", &*stands)];
        for _ in 0..2 {
            let given = operator.send(&card, &format!("/users/{kim}"), &give);
            assert_eq!((given.status, given.header("location")), (303, &*format!("/users/{kim}?done=give")), "given twice: {}", given.body);
        }
        let mentor = number(v, &format!("SELECT id AS n FROM role_grant WHERE account_id = {kim} AND role = 'mentor'")).to_string();
        assert_eq!(act(&mut operator, kim, &[("act", "end"), ("grant", &mentor)]).status, 303);
        let mut tutor = server.signed_in("anna.kim", chosen);
        // The role ends with the next call.
        let grant = number(v, &format!("SELECT id AS n FROM role_grant WHERE account_id = {kim} AND role = 'tutor'")).to_string();
        let other = number(v, "SELECT r.id AS n FROM role_grant r JOIN account a ON a.id = r.account_id WHERE a.login = 'curator'").to_string();
        assert_eq!(act(&mut operator, kim, &[("act", "end"), ("grant", &other)]).status, 404, "a role of somebody else");
        assert_eq!(act(&mut operator, kim, &[("act", "end"), ("grant", &grant)]).status, 303);
        assert_eq!(tutor.get("/people").status, 303);
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_roles'"), 3, "given once, taken twice");
        let left = operator.get(&format!("/users/{kim}"));
        assert!(left.status == 200 && left.body.contains("без ролей"), "whoever took the last role finds the account: {}", left.body);
        assert!(operator.get("/users?q=kim").body.contains("anna.kim"));
        // Whoever is invited and loses the last role before coming is invited to nothing.
        let opened = open(&mut operator, "tutor", "С1", "boris.li", "");
        let li = id(v, "boris.li");
        let links = format!("one_time_link WHERE account_id = {li}");
        assert_eq!((opened.status, count(v, &links)), (303, 1), "{}", opened.body);
        let link = format!("/link/{}", token_of(v, "boris.li", "invitation"));
        let grant = number(v, &format!("SELECT id AS n FROM role_grant WHERE account_id = {li}")).to_string();
        assert_eq!(act(&mut operator, li, &[("act", "end"), ("grant", &grant)]).status, 303);
        assert_eq!(count(v, &links), 0, "invited to nothing");
        assert!(!server.visitor().get(&link).body.contains("name=\"again\""));
        let _sound = v.run(&["check"]).ok();
    }

    fn an_account_whose_roles_are_over_is_no_longer_the_schools(v: &Vekha) {
        let server = start(v);
        let (mut director, mut operator) = (server.signed_in("director", PASSWORD), server.signed_in("operator", PASSWORD));
        let deputy = id(v, "deputy");
        let path = format!("/users/{deputy}");
        assert_eq!(director.get(&path).status, 200);
        v.sql(&format!("UPDATE role_grant SET valid_from = '2022-01-01', valid_to = '2023-01-01' WHERE account_id = {deputy}"));
        let missing = same(&director.get("/users/7"));
        assert_eq!(same(&director.get(&path)), missing, "the school still opens whoever has left");
        assert!(!director.get("/users?q=deputy").body.contains(&path));
        assert_eq!(operator.get(&path).status, 200, "the region finds whoever has no role");
        assert!(operator.get("/users?q=deputy").body.contains(&path));
        let mut south = server.signed_in("operator-south", PASSWORD);
        assert_eq!(same(&south.get(&path)), same(&south.get("/users/7")));
    }

    fn teachers_are_found_by_name_and_listed_to_their_school_alone(v: &Vekha) {
        let server = start(v);
        v.sql("UPDATE person SET search_key = 'сидорова анна' WHERE id IN (1001, 2001)");
        v.sql("UPDATE account SET region_id = (SELECT region_id FROM person WHERE person.id = person_id) WHERE person_id IS NOT NULL");
        let teacher = |page: &Page| page.body.contains("\"Логин\">teacher<");
        let said = |page: &Page| page.body.contains("их записи ведёт школа");
        let full = "%D0%A1%D0%B8%D0%B4%D0%BE%D1%80%D0%BE%D0%B2%D0%B0";
        for login in ["operator", "ministry", "authority"] {
            let mut who = server.signed_in(login, PASSWORD);
            for query in ["role=teacher", "q=%D0%A1%D0%B8%D0%B4", "q=teach", "role=teacher&q=%D0%B0"] {
                let page = who.get(&format!("/users?{query}"));
                assert!(page.status == 200 && !teacher(&page) && said(&page), "{login} is told of teachers by {query}");
            }
            for query in ["q=teacher".to_owned(), format!("q={full}"), format!("role=teacher&q={full}")] {
                let page = who.get(&format!("/users?{query}"));
                assert!(teacher(&page) && !page.body.contains("teacher-south"), "{login} {query}: {}", page.body);
            }
        }
        let mut director = server.signed_in("director", PASSWORD);
        let own = director.get("/users?role=teacher");
        assert!(teacher(&own) && !said(&own), "{}", own.body);
    }

    fn all_that_is_wrong_with_a_form_is_said_at_once(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let form = operator.get("/users/new");
        let fields = [("name", "Анна 1"), ("login", "curator"), ("email", "нет"), ("role", "cnppm_head"), ("unit", "Ю1"), ("from", "01.01.2020"), ("until", "31.12.2019")];
        let refused = operator.send(&form, "/users/new", &fields);
        assert_eq!(refused.status, 422, "{}", refused.body);
        for (field, said) in [
            ("name", "пишут буквами"), ("login", "уже занят"), ("email", "не принят"), ("role", "не ниже вашей"),
            ("unit", "среди ваших нет"), ("from", "уже прошёл"), ("until", "уже прошёл"),
        ] {
            assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.body);
            assert!(refused.body.contains(said), "{said}: {}", refused.body);
        }
        assert!(refused.body.contains("value=\"Анна 1\"") && refused.body.contains("value=\"curator\""), "what was typed stays");
        let empty: Vec<(&str, &str)> = ["name", "login", "email", "role", "unit", "from", "until"].map(|name| (name, if name == "from" { "32" } else { "" })).to_vec();
        let refused = operator.send(&form, "/users/new", &empty);
        for field in ["name", "login", "email", "role", "unit", "from"] {
            assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.body);
        }
        let card = id(v, "deputy");
        let refused = act(&mut operator, card, &[("act", "give"), ("role", "cnppm_head"), ("unit", "Ю1"), ("from", "01.01.2020"), ("until", "")]);
        for field in ["role", "unit", "from"] {
            assert!(refused.status == 422 && refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.body);
        }
        assert_eq!(count(v, "account WHERE name = 'Анна 1'"), 0);
    }

    fn a_new_user_is_made_once_however_often_the_form_is_sent(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let form = operator.get("/users/new");
        let key = |page: &Page| {
            let rest = page.body.split("name=\"key\" value=\"").nth(1).expect("a key");
            rest.split('"').next().expect("its end").to_owned()
        };
        let own = key(&form);
        let fields = |key: &str, name: &str, login: &str| {
            let fields = [("key", key), ("name", name), ("login", login), ("email", "kim@office.example"), ("role", "curator"), ("unit", "С1"), ("from", ""), ("until", "")];
            fields.map(|(name, value)| (name, value.to_owned()))
        };
        let mut send = |page: &Page, fields: &[(&str, String)]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            operator.send(page, "/users/new", &fields)
        };
        let first = send(&form, &fields(&own, "Анна Ким", "kim"));
        assert_eq!(first.status, 303, "{}", first.body);
        let again = send(&form, &fields(&own, "Анна Ким", "kim"));
        assert_eq!((again.status, again.header("location")), (303, first.header("location")), "{}", again.body);
        assert_eq!(count(v, "account WHERE name = 'Анна Ким'"), 1);
        let other = send(&form, &fields(&own, "Анна Пак", "pak"));
        assert!(other.status == 422 && other.body.contains("Эта форма уже сохранена."), "{}", other.body);
        assert!(other.body.contains("value=\"Анна Пак\""), "what was typed stays: {}", other.body);
        assert_eq!(count(v, "account WHERE name = 'Анна Пак'"), 0);
        assert_eq!(send(&other, &fields(&key(&other), "Анна Пак", "pak")).status, 303);
        assert_eq!(count(v, "account WHERE name = 'Анна Пак'"), 1);
    }

    fn what_a_higher_rank_suspended_a_lower_one_leaves(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut director = server.signed_in("director", PASSWORD);
        let deputy = id(v, "deputy");
        assert_eq!(act(&mut operator, deputy, &[("act", "suspend")]).status, 303);
        let card = director.get(&format!("/users/{deputy}"));
        assert!(card.body.contains("чья роль выше вашей") && !card.body.contains("value=\"restore\""), "{}", card.body);
        let refused = act(&mut director, deputy, &[("act", "restore")]);
        assert!(refused.status == 422 && refused.body.contains("чья роль выше вашей"), "{}", refused.body);
        assert_eq!(count(v, "account WHERE state = 'suspended'"), 1);
        assert_eq!(act(&mut operator, deputy, &[("act", "restore")]).status, 303);
        // One's own suspension is one's own to end, and that of whoever stands below.
        assert_eq!(act(&mut director, deputy, &[("act", "suspend")]).status, 303);
        assert_eq!(act(&mut director, deputy, &[("act", "restore")]).status, 303);
        assert_eq!(act(&mut director, deputy, &[("act", "suspend")]).status, 303);
        assert_eq!(act(&mut operator, deputy, &[("act", "restore")]).status, 303);
        // Whoever closes the sign-ins of another one is named to them.
        let form = operator.get("/sign-ins?login=head");
        assert_eq!(operator.send(&form, "/sign-ins/close", &[("login", "head")]).status, 303);
        let told = "outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'access_signed_out' AND a.login = 'head'";
        assert_eq!(count(v, &format!("{told} AND m.body LIKE '%operator%'")), 1);
        // The server's own command stands above all.
        let _ = v.run(&["user", "suspend", "deputy"]).ok();
        assert_eq!(act(&mut operator, deputy, &[("act", "restore")]).status, 422);
    }

    fn for_a_day_after_anothers_change_links_go_to_the_address_before(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let deputy = id(v, "deputy");
        let ask = |typed: &str| {
            v.sql("DELETE FROM one_time_link; DELETE FROM secret_failure");
            let mut guest = server.visitor();
            let form = guest.get("/sign-in");
            assert_eq!(guest.send(&form, "/reset", &[("login", typed)]).status, 303);
            v.query("SELECT address FROM one_time_link WHERE kind = 'reset'")
        };
        assert_eq!(ask("deputy"), ["deputy@office.example"]);
        for address in ["first@evil.example", "second@evil.example"] {
            assert_eq!(act(&mut operator, deputy, &[("act", "address"), ("address", address)]).status, 303);
            for typed in ["deputy", address, "deputy@office.example"] {
                assert_eq!(ask(typed), ["deputy@office.example"], "{typed} after {address}");
            }
        }
        assert!(ask("first@evil.example").is_empty());
        let told = "outbox_mail WHERE kind = 'access_address_changed' AND address = 'deputy@office.example' AND body LIKE '%ещё сутки%'";
        assert_eq!(count(v, told), 1);
        for address in ["second@evil.example", "third@evil.example"] {
            let refused = act(&mut operator, deputy, &[("act", "invite"), ("address", address)]);
            assert!(refused.status == 422 && refused.body.contains("через сутки"), "{}", refused.body);
        }
        // The link of the address before opens the account, whatever stands there now.
        assert_eq!(ask("deputy"), ["deputy@office.example"]);
        let mut guest = server.visitor();
        let link = format!("/link/{}", token_of(v, "deputy", "reset"));
        let (form, chosen) = (guest.get(&link), "лодка плывёт тихо под мостом");
        assert_eq!(guest.send(&form, &link, &[("password", chosen), ("again", chosen)]).status, 303);
        // A day later it is the new one.
        let before = (vekha::clock::SystemClock { zone: chrono::FixedOffset::east_opt(0).expect("a zone") }.now() - chrono::TimeDelta::hours(25)).format("%Y-%m-%d %H:%M:%S");
        v.sql(&format!("UPDATE former_address SET changed_at = '{before}'"));
        assert_eq!(ask("deputy"), ["second@evil.example"]);
        assert!(ask("deputy@office.example").is_empty());
        // A command on the server holds at once.
        assert_eq!(act(&mut operator, deputy, &[("act", "address"), ("address", "third@office.example")]).status, 303);
        assert_eq!(ask("deputy"), ["second@evil.example"]);
        let _ = v.run(&["user", "email", "deputy", "fourth@office.example"]).ok();
        assert_eq!(ask("deputy"), ["fourth@office.example"]);
        assert_eq!(act(&mut operator, deputy, &[("act", "invite"), ("address", "fourth@office.example")]).status, 303);
    }

    fn the_first_address_that_another_one_writes_opens_nothing(v: &Vekha) {
        let server = start(v);
        v.sql("UPDATE account SET email = NULL WHERE login = 'teacher'");
        let teacher = id(v, "teacher");
        let mut operator = server.signed_in("operator", PASSWORD);
        let ask = |typed: &str, kind: &str| {
            v.sql("DELETE FROM one_time_link; DELETE FROM secret_failure");
            let mut guest = server.visitor();
            let form = guest.get("/sign-in");
            assert_eq!(guest.send(&form, "/reset", &[("login", typed)]).status, 303);
            v.query(&format!("SELECT address FROM one_time_link WHERE kind = '{kind}'"))
        };
        for address in ["evil@office.example", "evil2@office.example"] {
            assert_eq!(act(&mut operator, teacher, &[("act", "address"), ("address", address)]).status, 303);
            for typed in ["teacher", address] {
                assert!(ask(typed, "reset").is_empty(), "a link goes to {address} for {typed}");
            }
            let refused = act(&mut operator, teacher, &[("act", "invite"), ("address", address)]);
            assert!(refused.status == 422 && refused.body.contains("не её владелец"), "{}", refused.body);
        }
        // Not a day later either: nobody has read of it.
        v.sql("UPDATE former_address SET changed_at = '2020-01-01 00:00:00'");
        assert!(ask("teacher", "reset").is_empty(), "a day later it opens");
        // Its holder says the address, and it is a mailbox like any other.
        let mut own = server.signed_in("teacher", PASSWORD);
        let page = own.get("/account/email");
        assert!(page.body.contains("записали за вас"), "{}", page.body);
        let fields = [("email", "evil2@office.example"), ("password", PASSWORD)];
        assert_eq!(own.send(&page, "/account/email", &fields).status, 303);
        let (path, mut guest) = (format!("/link/{}", token_of(v, "teacher", "address")), server.visitor());
        let link = guest.get(&path);
        assert_eq!(guest.send(&link, &path, &[]).header("location"), "/sign-in?done=address");
        assert_eq!(ask("teacher", "reset"), ["evil2@office.example"]);
    }

    fn an_invitation_of_a_teacher_goes_to_no_other_address_at_once(v: &Vekha) {
        let server = start(v);
        v.sql("UPDATE account SET password_hash = '' WHERE login = 'teacher'");
        let teacher = id(v, "teacher");
        let mut operator = server.signed_in("operator", PASSWORD);
        let links = "one_time_link WHERE kind = 'invitation'";
        for address in ["evil@office.example", "evil2@office.example"] {
            let refused = act(&mut operator, teacher, &[("act", "invite"), ("address", address)]);
            assert!(refused.status == 422 && refused.body.contains("меньше суток"), "{address} is invited: {}", refused.status);
        }
        assert_eq!(count(v, links), 0);
        // In two steps neither: the address before is told and rests for a day.
        assert_eq!(act(&mut operator, teacher, &[("act", "address"), ("address", "evil@office.example")]).status, 303);
        assert_eq!(count(v, "outbox_mail WHERE kind = 'access_address_changed'"), 1);
        let refused = act(&mut operator, teacher, &[("act", "invite"), ("address", "evil@office.example")]);
        assert_eq!(refused.status, 422, "invited in two steps");
        assert_eq!(count(v, links), 0);
        v.sql("UPDATE former_address SET changed_at = '2020-01-01 00:00:00'");
        assert_eq!(act(&mut operator, teacher, &[("act", "invite"), ("address", "evil@office.example")]).status, 303);
        assert_eq!(count(v, links), 1);
    }

    fn plans_are_chosen_by_the_supporters_of_the_own_region(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let choice = |who: &mut Visitor| {
            let page = who.get("/plans");
            assert_eq!(page.status, 200, "{}", page.body);
            ["tutor", "curator", "tutor-south"].map(|login| page.body.contains(&format!("<option value=\"{login}\"")))
        };
        // Whoever supports nobody yet can be chosen too; nobody of the other region can.
        assert_eq!(choice(&mut operator), [true, true, false]);
        assert_eq!(choice(&mut server.signed_in("operator-south", PASSWORD)), [false, false, true]);
        let found = |who: &mut Visitor, login: &str| {
            let page = who.get(&format!("/plans?supporter={login}"));
            (page.status, page.body.contains("Найдено: 1"))
        };
        assert_eq!(found(&mut operator, "tutor"), (200, true));
        assert_eq!(found(&mut operator, "curator"), (200, false));
        assert_eq!(found(&mut operator, "tutor-south").0, 404);
        // Whose role is over, or who may not act, is no choice any more.
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'curator'");
        assert_eq!(choice(&mut operator), [true, false, false]);
        v.sql("UPDATE role_grant SET valid_from = '2022-01-01', valid_to = '2022-01-02' WHERE role = 'tutor'");
        // Who accompanies a plan still is found by it, until somebody else does.
        assert_eq!(choice(&mut operator), [true, false, false]);
        assert_eq!(found(&mut operator, "tutor"), (200, true));
        v.sql("UPDATE supporter SET valid_to = '2023-12-31' WHERE account_id = (SELECT id FROM account WHERE login = 'tutor')");
        assert_eq!(choice(&mut operator), [false, false, false]);
        assert_eq!(found(&mut operator, "tutor").0, 404);
    }

    fn one_address_of_two_regions_is_two_accounts(v: &Vekha) {
        let server = start(v);
        v.sql("UPDATE account SET email = 'Both@office.example' WHERE login IN ('tutor', 'tutor-south')");
        // No name to sign in by: it is answered as a login of nobody.
        let signed = |login: &str| {
            let mut guest = server.visitor();
            let form = guest.get("/sign-in");
            let tried = guest.send(&form, "/sign-in", &[("login", login), ("password", PASSWORD)]);
            (tried.status, tried.body.contains("не подош"))
        };
        assert_eq!(signed("both@office.example"), signed("nobody@office.example"));
        assert_ne!(signed("both@office.example").0, 303);
        // A link for each, whichever is asked for first, and the same answer as for an address of nobody.
        let mut guest = server.visitor();
        let form = guest.get("/sign-in");
        let answers = ["both@OFFICE.example", "nobody@office.example"].map(|typed| {
            let sent = guest.send(&form, "/reset", &[("login", typed)]);
            (sent.status, sent.header("location").to_owned())
        });
        assert_eq!(answers[0], answers[1]);
        let links = "SELECT a.login FROM one_time_link l JOIN account a ON a.id = l.account_id WHERE l.kind = 'reset' ORDER BY a.id";
        assert_eq!(v.query(links), ["tutor", "tutor-south"]);
        let letters = v.query("SELECT body FROM outbox_mail WHERE kind = 'access_reset' ORDER BY account_id");
        assert_eq!(letters, ["{\"login\":\"tutor\"}", "{\"login\":\"tutor-south\"}"], "each letter says of which account");
        // Using one changes nothing of the other.
        let hash = |login: &str| v.query(&format!("SELECT password_hash FROM account WHERE login = '{login}'"));
        let (own, other) = (hash("tutor"), hash("tutor-south"));
        let link = format!("/link/{}", token_of(v, "tutor", "reset"));
        let (form, chosen) = (guest.get(&link), "лодка плывёт тихо под мостом");
        assert!(form.body.contains("tutor") && !form.body.contains("tutor-south"), "{}", form.body);
        assert_eq!(guest.send(&form, &link, &[("password", chosen), ("again", chosen)]).status, 303);
        assert!(hash("tutor") != own && hash("tutor-south") == other);
        assert_eq!(v.query(links), ["tutor-south"], "the other link stands");
        let told = v.query("SELECT body FROM outbox_mail WHERE kind = 'access_password_changed'");
        assert_eq!(told, ["{\"login\":\"tutor\"}"]);
        assert_eq!(count(v, "account WHERE email_verified_at IS NOT NULL"), 1, "confirmed for the one that used it");
        let mut tutor = server.signed_in("tutor", chosen);
        assert_eq!(tutor.get("/account").status, 200);
        assert_eq!(server.signed_in("tutor-south", PASSWORD).get("/account").status, 200);
        // Nobody hears that an address stands elsewhere: neither its holder nor whoever writes it down for another.
        let mut operator = server.signed_in("operator-south", PASSWORD);
        let tutor = id(v, "tutor-south");
        for address in ["both@office.example", "free@office.example"] {
            let written = act(&mut operator, tutor, &[("act", "address"), ("address", address)]);
            assert_eq!(written.status, 303, "{address}: {}", written.body);
        }
        let opened = open(&mut operator, "curator", "Ю1", "anna.kim", "");
        assert_eq!(opened.status, 303, "{}", opened.body);
        let kim = id(v, "anna.kim");
        assert_eq!(act(&mut operator, kim, &[("act", "invite"), ("address", "both@office.example")]).status, 303);
        let invited = "SELECT a.login FROM one_time_link l JOIN account a ON a.id = l.account_id WHERE l.kind = 'invitation'";
        assert_eq!(v.query(invited), ["anna.kim"]);
        let _whole = v.run(&["check"]).ok();
    }

    fn nobody_settles_an_account_that_another_answers_for(v: &Vekha) {
        let server = start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut director = server.signed_in("director", PASSWORD);
        let deputy = id(v, "deputy");
        let mentor = [("act", "give"), ("role", "mentor"), ("from", ""), ("until", "")];
        let give = |who: &mut Visitor, account, unit| act(who, account, &[&mentor[..], &[("unit", unit)]].concat());
        assert_eq!(give(&mut director, deputy, "С2").status, 303);
        assert_eq!(give(&mut director, deputy, "С2").status, 422, "it stands already");
        assert_eq!(give(&mut director, deputy, "С3").status, 422, "another school");
        let above = act(&mut director, deputy, &[("act", "give"), ("role", "school_head"), ("unit", "С2"), ("from", ""), ("until", "")]);
        assert_eq!(above.status, 422);
        // Somebody was quicker: what stands on the page is old.
        let path = format!("/users/{deputy}");
        let (card, fields) = (director.get(&path), [("act", "address"), ("address", "new@office.example")]);
        let old = seen(&card);
        assert_eq!(act(&mut operator, deputy, &fields).status, 303);
        let told = "outbox_mail WHERE kind = 'access_address_changed' AND address = 'deputy@office.example'";
        assert_eq!(count(v, told), 1, "whoever reads letters at the address before is told");
        let late = director.send(&card, &path, &[("seen", &old), ("act", "suspend")]);
        assert_eq!(late.status, 409, "{}", late.body);
        assert!(late.body.contains("Изменён адрес почты") && late.body.contains("operator"), "{}", late.body);
        // What was typed stays on the card, beside what stands.
        let late = director.send(&card, &path, &[("seen", &old), ("act", "address"), ("address", "own@office.example")]);
        assert!(late.status == 409 && late.body.contains("value=\"own@office.example\""), "{}", late.body);
        assert!(late.body.contains("Сейчас записано «new@office.example», вы ввели «own@office.example»."), "{}", late.body);
        assert_eq!(count(v, "account WHERE state = 'suspended'"), 0);
        // A role that the operator gave over the municipality: the school ends its own and nothing else.
        assert_eq!(give(&mut operator, deputy, "С1").status, 303);
        let card = director.get(&path);
        assert!(card.body.contains("Есть и другие роли") && !card.body.contains("Приостановить"), "{}", card.body);
        for fields in [&fields[..], &[("act", "suspend")], &[("act", "invite")]] {
            assert_eq!(act(&mut director, deputy, fields).status, 422, "{fields:?}");
        }
        // Suspended at the next call, and back.
        let mut signed = server.signed_in("deputy", PASSWORD);
        assert_eq!(act(&mut operator, deputy, &[("act", "suspend")]).status, 303);
        assert_eq!(signed.get("/staff").status, 303);
        assert_eq!(act(&mut operator, deputy, &[("act", "restore")]).status, 303);
        let mut signed = server.signed_in("deputy", PASSWORD);
        assert_eq!(signed.get("/staff").status, 200);
        let by = "account_id = (SELECT id FROM account WHERE login = 'operator')";
        for action in ["access.suspend", "access.restore", "access.email"] {
            assert_eq!(count(v, &format!("audit_event WHERE action = '{action}' AND object_id = {deputy} AND {by}")), 1, "{action}");
        }
    }
}
