//! The pages over plain HTTP, without a script: doors, sessions, forms, errors, and the first acts.

use std::collections::BTreeSet;

use vekha::server::SITEMAP;
use vekha::web::registry::{Capability, Cost, Entry, Method};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, show, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";

/// Every role that a page is meant for, a teacher and a tutor of each region, an operator of each.
const PEOPLE: &[(&str, Option<i64>, &str, i64)] = &[
    ("teacher", Some(1001), "teacher", unit_of(NORTH, 2)),
    ("teacher-south", Some(2001), "teacher", unit_of(SOUTH, 2)),
    ("tutor", None, "tutor", unit_of(NORTH, 1)),
    ("tutor-south", None, "tutor", unit_of(SOUTH, 1)),
    ("curator", None, "curator", unit_of(NORTH, 1)),
    ("head", None, "cnppm_head", unit_of(NORTH, 0)),
    ("operator", None, "operator", unit_of(NORTH, 0)),
    ("operator-south", None, "operator", unit_of(SOUTH, 0)),
    ("director", None, "school_head", unit_of(NORTH, 2)),
    ("deputy", None, "school_admin", unit_of(NORTH, 2)),
    ("methodist", None, "municipal_methodist", unit_of(NORTH, 1)),
    ("authority", None, "municipal_authority", unit_of(NORTH, 1)),
    ("ministry", None, "regional_authority", unit_of(NORTH, 0)),
    ("admin", None, "security_officer", unit_of(NORTH, 0)),
];

const fn unit_of(region: i64, place: i64) -> i64 {
    100 + region * 10 + place
}

/// Two regions, a plan at work in each, tutors assigned.
pub fn world(v: &Vekha) {
    assert_eq!(unit(NORTH, 2), unit_of(NORTH, 2));
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    world.teacher(1001, 1, NORTH, 2).teacher(2001, 4, SOUTH, 2);
    world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    for (id, (login, person, role, over)) in (1..).zip(PEOPLE) {
        world.account(id, login, *person, &[(role, *over)]);
    }
    world.account(
        50,
        "head-south",
        None,
        &[("cnppm_head", unit(SOUTH, 0)), ("curator", unit(SOUTH, 0))],
    );
    world.build(v);
    draft(v, "Д1", "2023-02-10", &[]);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (n, head, curator, tutor, teacher) in [
        (1, "head", "curator", "tutor", "teacher"),
        (4, "head-south", "head-south", "tutor-south", "teacher-south"),
    ] {
        let snils = snils(n);
        for (act, on, by, value) in [
            ("assign", "11", head, tutor),
            ("send", "12", tutor, ""),
            ("agree", "13", teacher, ""),
            ("approve", "14", head, ""),
            ("start", "15", curator, ""),
        ] {
            acts.push_str(&format!("{snils},{act},,2023-02-{on},{by},{value},\n"));
        }
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
}

pub fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

/// The page without what differs from one call to the next for everyone alike.
pub fn same(page: &Page) -> (u16, String) {
    (page.status, page.body.clone())
}

/// Desks of the staff, of facts by form and of packs, by capability.
fn also(role: &str, entry: &Entry) -> bool {
    let schools = ["school_head", "school_admin"];
    let region = ["operator", "cnppm_head", "cnppm_staff"];
    let territory = ["municipal_methodist", "municipal_authority"];
    match entry.capability {
        Capability::Workforce => {
            let all = [&schools[..], &region[..], &territory[..], &["regional_authority"][..]];
            all.concat().contains(&role)
        }
        Capability::WorkforcePeople => schools.contains(&role) || region.contains(&role),
        // Long files are of two roles, each of the lists that it sees.
        Capability::BulkExport => role == "cnppm_head" || role == "operator" && entry.path != "/supporters/file",
        Capability::Forms => role == "operator" || schools.contains(&role) || territory.contains(&role),
        Capability::FormsCheck | Capability::Inform => ["operator", "municipal_methodist"].contains(&role),
        Capability::Reports => schools.contains(&role) || role == "municipal_methodist",
        Capability::ReportsCheck => role == "operator" || territory.contains(&role),
        Capability::Campaigns | Capability::Examinations => role == "operator",
        Capability::Surveys => {
            let all = [&schools[..], &region[..], &territory[..], &["regional_authority"][..]];
            all.concat().contains(&role)
        }
        Capability::Votes => region.contains(&role) || role == "municipal_methodist",
        Capability::Examine => role == "expert",
        Capability::Examined => territory.contains(&role),
        Capability::RoundTrip => KEEPERS.contains(&role),
        Capability::Packs => ["operator", "system_admin"].contains(&role),
        Capability::Acts => !["system_admin", "security_officer"].contains(&role),
        Capability::Cycle => {
            let others = ["assessment_operator", "regional_authority"];
            let all = [&schools[..], &region[..], &territory[..], &others[..]];
            all.concat().contains(&role)
        }
        Capability::Editions => region.contains(&role) || role == "regional_authority",
        Capability::Indicators => region.contains(&role) && entry.path.starts_with("/editions/"),
        Capability::Release => role == "operator",
        Capability::ReleaseApproval => role == "regional_authority",
        _ => false,
    }
}
/// Roles that see the numbers of a unit.
const FIGURES: [&str; 8] = [
    "operator",
    "cnppm_head",
    "cnppm_staff",
    "regional_authority",
    "regional_methodist",
    "municipal_authority",
    "municipal_methodist",
    "school_head",
];

/// Roles that keep the registers of events, bodies and mentoring.
const KEEPERS: [&str; 7] = [
    "operator",
    "cnppm_head",
    "cnppm_staff",
    "municipal_methodist",
    "school_head",
    "school_admin",
    "mentoring_coordinator",
];

/// Roles that see organisations as numbers.
const COUNTERS: [&str; 7] = [
    "operator",
    "cnppm_head",
    "regional_methodist",
    "regional_authority",
    "municipal_authority",
    "municipal_methodist",
    "school_head",
];

on_both! {
    fn one_signs_in_and_out_and_what_ends_a_session_holds_at_once(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut visitor = server.visitor();
        let door = visitor.get("/plan");
        assert_eq!((door.status, door.header("location")), (303, "/sign-in?next=/plan"));
        let form = visitor.get("/sign-in?next=/plan");
        let wrong = visitor.send(&form, "/sign-in", &[("login", "teacher"), ("password", "нет")]);
        let nobody = visitor.send(&form, "/sign-in", &[("login", "никто"), ("password", "нет")]);
        assert_eq!((wrong.status, nobody.status), (422, 422));
        assert_eq!(wrong.body.replace("teacher", ""), nobody.body.replace("никто", ""), "no account is told apart");
        let fields = [("login", "Teacher"), ("password", PASSWORD), ("next", "/plan")];
        let signed = visitor.send(&form, "/sign-in", &fields);
        assert_eq!((signed.status, signed.header("location")), (303, "/plan"));
        let cookie = signed.header("set-cookie __Host-vekha");
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        let page = visitor.get("/plan");
        assert!(page.status == 200 && page.body.contains("Мой маршрут"), "{}", page.body);
        // Signing out ends the session itself, not only the cookie.
        let mut kept = visitor.clone();
        assert_eq!(visitor.send(&page, "/sign-out", &[]).status, 303);
        assert!(visitor.cookies.is_empty());
        assert_eq!(kept.get("/plan").status, 303);
        for ends in [
            "UPDATE account SET auth_version = auth_version + 1",
            "UPDATE account SET state = 'suspended'",
            "UPDATE session SET seen_at = '2020-01-01 00:00:00'",
            "UPDATE session SET ends_at = '2020-01-01 00:00:00'",
            "DELETE FROM session",
        ] {
            v.sql("UPDATE account SET state = 'active'");
            let mut visitor = server.signed_in("teacher", PASSWORD);
            assert_eq!(visitor.get("/plan").status, 200);
            v.sql(ends);
            assert_eq!(visitor.get("/plan").status, 303, "{ends}");
        }
        // A role that is taken away is gone at the next call.
        v.sql("UPDATE account SET state = 'active'");
        let mut visitor = server.signed_in("tutor", PASSWORD);
        assert_eq!(visitor.get("/people").status, 200);
        v.sql("UPDATE role_grant SET valid_to = '2020-01-01' WHERE role = 'tutor'");
        assert_eq!(visitor.get("/people").status, 403);
    }

    fn guessing_a_password_takes_longer_and_longer(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut visitor = server.visitor();
        let form = visitor.get("/sign-in");
        let statuses: Vec<u16> = (0..7)
            .map(|n| visitor.send(&form, "/sign-in", &[("login", "head"), ("password", &n.to_string())]).status)
            .collect();
        assert_eq!(statuses[..5], [422; 5]);
        assert!(statuses[5..].contains(&429), "{statuses:?}");
        let _other = server.signed_in("tutor", PASSWORD);
    }

    fn a_form_is_taken_from_our_own_page_only(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut visitor = server.signed_in("teacher", PASSWORD);
        let page = visitor.get("/plan");
        let mut other = server.signed_in("tutor", PASSWORD);
        let foreign_token = other.get("/people").token().to_owned();
        let own = page.token().to_owned();
        for entry in SITEMAP.iter().filter(|e| e.method == Method::Post && e.csrf) {
            for (fields, headers) in [
                (vec![], vec![]),
                (vec![("token", foreign_token.as_str())], vec![]),
                (vec![("token", own.as_str())], vec![("Origin", "https://example.org")]),
                (vec![("token", own.as_str())], vec![("Sec-Fetch-Site", "cross-site")]),
                (vec![("token", own.as_str()), ("token", own.as_str())], vec![]),
            ] {
                let answer = visitor.post(entry.path, &fields, &headers);
                assert_eq!(answer.status, 403, "{} {fields:?} {headers:?}", entry.path);
            }
            let plain = visitor.ask("POST", entry.path, &[("Content-Type", "text/plain")], format!("token={own}"));
            assert_eq!(plain.status, 403, "{}", entry.path);
        }
        let long = "x".repeat(70_000);
        assert_eq!(visitor.post("/plan/act", &[("token", &own), ("reason", &long)], &[]).status, 413);
        let unknown = visitor.post("/plan/act", &[("token", &own), ("act", "begin"), ("extra", "1")], &[]);
        assert_eq!(unknown.status, 400);
        assert_eq!(visitor.get("/sign-out").status, 404, "an act is no page");
        assert_eq!(visitor.get("/plan").status, 200, "and the session stands");
    }

    fn every_route_answers_each_role_as_the_table_says(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        // What each role is for, written from the duties of the roles alone.
        let duties = |role: &str| -> &[&str] {
            match role {
                "teacher" => &[
                    "/plan",
                    "/record",
                    "/plan/act",
                    "/plan/revisions",
                    "/plan/notes",
                    "/plan/paper",
                    "/plan/acquaint",
                    "/calendar/key",
                    "/profile",
                    "/my-surveys",
                    "/my-surveys/{survey}",
                    "/my-votes/{vote}",
                    "/my-diagnostics",
                    "/my-diagnostics/answer",
                    "/self-assessment",
                    "/self-assessment/answer",
                    "/self-assessment/finish",
                    "/plan/submit",
                    "/evidence/{evidence}",
                    "/courses",
                    "/courses/{programme}",
                    "/courses/{programme}/apply",
                    "/courses/{programme}/applied",
                    "/my-applications",
                    "/viewed",
                ],
                "school_head" => &[
                    "/users",
                    "/users/new",
                    "/users/{account}",
                    "/accounts",
                    "/accounts/check",
                    "/accounts/sheets",
                    "/accounts/invite",
                    "/accounts/done/{sheets}",
                    "/accounts/file",
                    "/applications/file",
                    "/users/file",
                    "/staff",
                    "/staff/file",
                    "/staff/next",
                    "/staff/procedures",
                    "/staff/procedure",
                    "/staff/{person}",
                    "/applications",
                    "/applications/check",
                    "/applications/bulk",
                    "/applications/done/{key}",
                    "/coverage",
                    "/needs",
                    "/drafting", "/composed", "/composed/send", "/composed/send/all", "/composed/send/done/{key}", "/composed/{plan}", "/composed/{plan}/act", "/composed/{plan}/revisions", "/composed/{plan}/paper", "/composed/{plan}/edit", "/composed/{plan}/close",
                ],
                "school_admin" => &[
                    "/drafting", "/composed", "/composed/send", "/composed/send/all", "/composed/send/done/{key}", "/composed/{plan}", "/composed/{plan}/act", "/composed/{plan}/revisions", "/composed/{plan}/paper", "/composed/{plan}/edit", "/composed/{plan}/close",
                    "/staff", "/staff/file", "/staff/next", "/staff/procedures", "/staff/procedure", "/staff/{person}", "/coverage", "/needs",
                    "/accounts", "/accounts/check", "/accounts/sheets", "/accounts/invite", "/accounts/done/{sheets}",
                    "/accounts/file",
                ],
                "municipal_methodist" => &["/review", "/review/file", "/people/file", "/practice", "/practice/file", "/review/check", "/review/all", "/review/done/{key}", "/sheets", "/sheets/{sheet}", "/sheets/{sheet}/back", "/sheets/{sheet}/file", "/people", "/people/send", "/people/send/all", "/people/send/done/{key}", "/people/{plan}", "/people/{plan}/act", "/people/{plan}/close", "/people/{plan}/edit", "/people/{plan}/proposal", "/people/{plan}/revisions", "/people/{plan}/paper", "/people/{plan}/notes", "/evidence/{evidence}", "/schools", "/coverage", "/needs", "/drafting", "/composed", "/composed/send", "/composed/send/all", "/composed/send/done/{key}", "/composed/{plan}", "/composed/{plan}/act", "/composed/{plan}/revisions", "/composed/{plan}/paper", "/composed/{plan}/edit", "/composed/{plan}/close"],
                "municipal_authority" | "regional_authority" => &["/schools", "/coverage", "/users", "/users/file", "/users/new", "/users/{account}", "/needs"],
                "tutor" | "curator" => &["/review", "/review/file", "/people/file", "/practice", "/practice/file", "/review/check", "/review/all", "/review/done/{key}", "/sheets", "/sheets/{sheet}", "/sheets/{sheet}/back", "/sheets/{sheet}/file", "/people", "/people/send", "/people/send/all", "/people/send/done/{key}", "/people/{plan}", "/people/{plan}/act", "/people/{plan}/close", "/people/{plan}/edit", "/people/{plan}/proposal", "/people/{plan}/revisions", "/people/{plan}/paper", "/people/{plan}/notes", "/evidence/{evidence}"],
                "operator" => &[
                    "/indicators/{pack}/{code}/parts", "/indicators/{pack}/{code}/people",
                    "/indicators/{pack}/{code}/people/file", "/plans/file", "/users", "/users/file", "/users/new", "/users/{account}", "/letters", "/letters/again",
                    "/journal", "/journal/export", "/sign-ins", "/sign-ins/close",
                    "/diagnostics", "/diagnostics/procedure", "/diagnostics/new", "/diagnostics/edit", "/diagnostics/tools", "/diagnostics/tool", "/diagnostics/scales", "/diagnostics/scale", "/diagnostics/rescale", "/diagnostics/next",
                    "/diagnostics/next/file", "/plans", "/plans/send", "/plans/send/all", "/plans/send/done/{key}", "/plans/{plan}", "/plans/{plan}/act", "/plans/{plan}/edit", "/plans/{plan}/paper", "/plans/{plan}/revisions", "/plans/{plan}/signature", "/plans/kpi",
                    "/iom-templates", "/iom-templates/one", "/iom-templates/edit", "/proposals", "/proposals/check", "/proposals/all", "/proposals/done/{key}", "/plans/{plan}/proposal",
                ],
                "security_officer" => &["/journal", "/journal/export"],
                "cnppm_head" => &[
                    "/indicators/{pack}/{code}/parts", "/indicators/{pack}/{code}/people",
                    "/indicators/{pack}/{code}/people/file", "/plans/file", "/users", "/users/file", "/users/new", "/users/{account}",
                    "/diagnostics", "/diagnostics/procedure", "/diagnostics/new", "/diagnostics/edit", "/diagnostics/tools", "/diagnostics/tool", "/diagnostics/scales", "/diagnostics/scale", "/diagnostics/rescale", "/diagnostics/next",
                    "/diagnostics/next/file", "/diagnostics/people", "/drafting",
                    "/plans", "/plans/send", "/plans/send/all", "/plans/send/done/{key}", "/plans/kpi", "/plans/approve", "/plans/approve/all", "/plans/approve/done/{key}", "/plans/{plan}", "/plans/{plan}/act", "/plans/{plan}/edit", "/plans/{plan}/revisions", "/plans/{plan}/paper", "/plans/{plan}/signature",
                    "/supporters", "/supporters/file", "/supporters/assign", "/supporters/capacity", "/supporters/hand-over",
                    "/signers", "/rules", "/journal", "/journal/export",
                    "/iom-templates", "/iom-templates/one", "/iom-templates/edit", "/proposals", "/proposals/check", "/proposals/all", "/proposals/done/{key}", "/plans/{plan}/proposal",
                ],
                _ => &[],
            }
        };
        let theirs = plan_of(v, 2001);
        for (login, _, role, _) in PEOPLE.iter().filter(|(login, ..)| !login.contains("south")) {
            let mut visitor = server.signed_in(login, PASSWORD);
            let token = visitor.get("/view").token().to_owned();
            for entry in SITEMAP.iter().filter(|e| e.cost != Cost::Free && e.path != "/sign-out") {
                let plan = theirs.to_string();
                let path = entry.path.replace("{programme}", "7").replace("{person}", &plan).replace("{key}", "7").replace("{sheets}", "7").replace("{sheet}", "7");
                let path = path.replace("{plan}", &plan).replace("{pack}", "nothing").replace("{code}", "0");
                let answer = match entry.method {
                    Method::Get => visitor.get(&path),
                    Method::Post => visitor.post(&path, &[("token", token.as_str())], &[]),
                };
                let open = matches!(entry.capability, Capability::Public | Capability::SignedIn);
                let in_stead = *role != "teacher" && entry.path.starts_with("/delegations")
                    || entry.capability == Capability::Registers && KEEPERS.contains(role);
                let of_indicator = entry.path.starts_with("/indicators/{pack}/{code}/");
                let files = in_stead
                    || matches!(*role, "operator" | "cnppm_head") && (entry.path.starts_with("/upload") || of_indicator)
                    || *role == "cnppm_head" && entry.path == "/evidence/{evidence}";
                // Numbers belong to whoever answers for a unit; the people behind them to fewer.
                let figures = entry.capability == Capability::Aggregates && FIGURES.contains(role);
                let files = files
                    || matches!(*role, "operator" | "cnppm_head") && matches!(entry.path, "/bodies/packs" | "/reserve" | "/reserve/file")
                    || entry.path == "/platform-use" && COUNTERS.contains(role);
                let allowed = open || files || figures || also(role, entry) || entry.capability != Capability::BulkExport && duties(role).contains(&entry.path);
                let refused = answer.status == 403;
                let expected = !allowed && entry.path != "/role" || (entry.path == "/role" && refused);
                assert_eq!(refused, expected, "{role} {:?} {}: {}", entry.method, entry.path, answer.status);
                assert!(answer.status < 500, "{role} {}: {}", entry.path, answer.body);
            }
        }
    }

    fn hidden_and_missing_are_the_same_to_the_byte(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (own, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mine = tutor.get(&format!("/people/{own}"));
        assert!(mine.status == 200 && mine.body.contains("Фамилия1"), "{}", mine.body);
        let missing = tutor.get("/people/7");
        assert_eq!(missing.status, 404);
        for path in [format!("/people/{theirs}"), "/people/x".into(), "/people/7/8".into()] {
            assert_eq!(same(&tutor.get(&path)), same(&missing), "{path}");
        }
        let page = tutor.get("/review");
        let mark = |visitor: &mut Visitor, plan: i64| {
            same(&visitor.post(
                "/review",
                &[("token", page.token()), ("plan", &plan.to_string()), ("item", "1"), ("act", "accept")],
                &[],
            ))
        };
        assert_eq!(mark(&mut tutor, theirs), mark(&mut tutor, 7));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_plan'"), 1);
    }

    fn the_teacher_sends_and_the_tutor_accepts_in_one_click(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let activity = show(v, 1)
            .into_iter()
            .find(|row| row["programme"].is_empty())
            .expect("a step that is no course");
        let item = activity["item"].clone();
        let states = |n| show(v, n).iter().map(|r| r["item_state"].clone()).collect::<Vec<_>>();
        let before = states(4);
        let page = teacher.get("/plan");
        let mut seen = String::new();
        for act in ["begin", "submit"] {
            let version = format!(
                "SELECT CAST(version AS BIGINT) AS n FROM iom_item WHERE iom_id = {} AND number = {item}",
                plan_of(v, 1001)
            );
            seen = number(v, &version).to_string();
            let answer = teacher.send(&page, "/plan/act", &[("act", act), ("item", &item), ("seen", &seen)]);
            assert_eq!((answer.status, answer.header("location")), (303, "/plan"), "{}", answer.body);
        }
        // What is not the teacher's to do is refused by the rule, and nothing changes.
        for act in ["accept", "approve", "close-completed", "nonsense"] {
            assert_eq!(teacher.send(&page, "/plan/act", &[("act", act), ("item", &item)]).status, 404, "{act}");
        }
        let again = teacher.send(&page, "/plan/act", &[("act", "submit"), ("item", &item), ("seen", &seen)]);
        assert_eq!(again.status, 303, "sent twice, answered as the first time");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert_eq!(tutor.get("/").header("location"), "/review", "the desk opens first");
        let queue = tutor.get("/review");
        assert!(queue.body.contains("На проверке: 1") && queue.body.contains(&activity["title"]), "{}", queue.body);
        let plan = plan_of(v, 1001).to_string();
        let fields = [("plan", plan.as_str()), ("item", &item), ("act", "return")];
        assert_eq!(tutor.send(&queue, "/review", &fields).status, 422, "a return says why");
        let fields = [("plan", plan.as_str()), ("item", &item), ("act", "accept")];
        assert_eq!(tutor.send(&queue, "/review", &fields).status, 303);
        assert!(tutor.get("/review").body.contains("Проверять пока нечего"));
        assert!(show(v, 1).iter().any(|r| r["item"] == item && r["item_state"] == "accepted"));
        assert_eq!(states(4), before, "the other region is as it was");
        assert!(teacher.get("/plan").body.contains("Зачтено"));
        // Whoever is on no staff list is called as their account says.
        v.sql("UPDATE account SET name = 'Анна Ким' WHERE login = 'tutor'");
        let page = teacher.get("/plan");
        assert!(page.body.contains("Назначен сопровождающий: Анна Ким"), "{}", page.body);
        assert_eq!(page.body.matches("Анна Ким").count(), 4, "near, assigned, sent, accepted");
        assert!(tutor.get("/review").body.contains("<b>Анна Ким</b>"));
    }

    fn an_operator_sees_the_own_region_and_opens_the_people(v: &Vekha) {
        world(v);
        // Both have the same periods; the second one says that it is the region's own.
        let text = std::fs::read_to_string("seeds/packs/tyumen.toml").expect("the pack");
        let own = text.replace("\"tyumen\"", "\"west\"").replace("[\"TYU\"]", "[\"С0\"]").replace("tyumen:", "west:");
        let own = v.file("west.toml", own);
        let _loaded = v.run(&["pack", "load", "seeds/packs/tyumen.toml", crate::support::text(&own)]).ok();
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let first = operator.get("/indicators");
        assert!(first.body.contains("value=\"west\" selected"), "{}", first.body);
        let theirs = server.signed_in("operator-south", PASSWORD).get("/indicators");
        assert!(!theirs.body.contains("value=\"west\" selected"), "{}", theirs.body);
        let all = operator.get("/indicators?pack=tyumen&period=2022%2F23");
        assert!(all.status == 200 && all.body.contains("С0"), "{}", all.body);
        let path = |unit: &str, more: &str| format!("/indicators/tyumen/3.4{more}?period=2022%2F23&unit={}", code(unit));
        let region = operator.get(&path("С0", ""));
        assert_eq!(region.status, 200, "{}", region.body);
        assert!(region.body.contains("С1"));
        let people = operator.get(&path("С0", "/people"));
        assert!(people.status == 200, "{}", people.body);
        // A name leads to the person's plan; there is none of the other region among them.
        let part = operator.get(&path("С0", "/people").replace("?", "?part=rest&"));
        let (own, foreign) = (plan_of(v, 1001), plan_of(v, 2001));
        let linked = |page: &Page, plan: i64| page.body.contains(&format!("href=\"/plans/{plan}\""));
        assert!(linked(&people, own) || linked(&part, own), "{} {}", people.body, part.body);
        assert!(!linked(&people, foreign) && !linked(&part, foreign));
        let hidden = operator.get(&path("Ю0", ""));
        assert_eq!(same(&hidden), same(&operator.get(&path("нет", ""))));
        assert_eq!(hidden.status, 404);
        assert_eq!(operator.get(&path("Ю2", "/people")).status, 404);
        assert!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_list'") >= 1);
    }

    fn plain_routes_answer_with_the_headers_of_all(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut visitor = server.visitor();
        assert_eq!(visitor.get("/healthz").body, "ok\n");
        assert_eq!(visitor.get("/readyz").body, "ready\n");
        let page = visitor.get("/sign-in");
        for answer in [page.clone(), visitor.get("/nowhere"), visitor.get("/healthz")] {
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
            assert!(!answer.header("content-security-policy").contains("data:"));
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(!answer.header("x-request-id").is_empty());
        }
        // Asked for the headers alone, a page says what it would say whole.
        for path in ["/healthz", "/sign-in", "/nowhere"] {
            let (whole, head) = (visitor.get(path), visitor.ask("HEAD", path, &[], ""));
            assert_eq!((head.status, &*head.body), (whole.status, ""), "{path}");
            assert_eq!(head.header("content-type"), whole.header("content-type"), "{path}");
        }
        assert_eq!(page.header("strict-transport-security"), "", "these pages are not reached over HTTPS");
        let safely = Server::start_with(v, |command| {
            command.env("VEKHA_PUBLIC_URL", "https://vekha.example");
        });
        assert_eq!(safely.visitor().get("/sign-in").header("strict-transport-security"), "max-age=31536000");
        let files: BTreeSet<&str> = page.body.split('"').filter(|part| part.starts_with("/static/")).collect();
        assert!(files.len() >= 3);
        for file in files {
            let answer = visitor.get(file);
            assert_eq!(answer.status, 200, "{file}");
            assert!(answer.header("cache-control").contains("immutable"));
            let parts: Vec<&str> = file.splitn(4, '/').collect();
            assert_eq!(visitor.get(&format!("/static/00000000/{}", parts[3])).status, 404);
        }
        assert_eq!(visitor.get("/_design").status, 303, "only for those who signed in");
        assert_eq!(visitor.ask("POST", "/csp-report", &[("Content-Type", "application/csp-report")], "{}").status, 204);
        let view = visitor.get("/view");
        assert_eq!(visitor.send(&view, "/view", &[("size", "size-200"), ("colours", "colours-black")]).status, 303);
        assert!(visitor.get("/sign-in").body.contains("class=\"size-200 colours-black\""));
        visitor.cookies.insert("vekha-view".into(), "size-200.\"><script>".into());
        assert!(!visitor.get("/sign-in").body.contains("<script"));
    }
}

/// A code inside an address.
fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[test]
fn a_demo_listens_on_this_computer_only() {
    let v = Vekha::new(crate::support::Backend::Sqlite);
    let _migrated = v.run(&["migrate"]).ok();
    v.sql("INSERT INTO setting (key, value) VALUES ('demo', '1')");
    let answer = v.run(&["serve", "--listen", "0.0.0.0:0"]).failed();
    assert!(answer.err.contains("127.0.0.1"), "{}", answer.err);
}

#[test]
fn a_server_refuses_an_older_schema_on_postgresql() {
    let v = Vekha::new(crate::support::Backend::Postgres);
    v.sql(
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    );
    let answer = v.run(&["serve", "--listen", "127.0.0.1:0"]).failed();
    assert!(answer.err.contains("vekha migrate"), "{}", answer.err);
}
