//! How much a supporter may carry, and handing over: open reviews go with their plans, the spread is even by rate and weight,
//! and however many hand over and assign at once, nobody gets more than there may be. Two regions, two databases.

use std::sync::Barrier;

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, json, number, show, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// How many of something: the share of `tests/run`, or what the night asks for.
fn amount(name: &str, share: usize) -> usize {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// So many teachers of one school of the north and one of the south (the 99th), all plans at work since February 2023. The
/// first of them are accompanied by «tutor» and have handed a step in; the deputy and the director of the school are tutors
/// too, and so is the first teacher.
fn world(v: &Vekha, teachers: i64, accompanied: i64) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let people: Vec<(i64, i64)> = (1..=teachers).map(|n| (n, NORTH)).chain([(99, SOUTH)]).collect();
    for (n, region) in &people {
        let id = 1000 + n;
        world.teacher(id, *n, *region, 2);
        world.passage(id, *region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
        let over = unit(*region, 2);
        let roles = [("teacher", over), ("tutor", over)];
        let both = *n == 1;
        world.account(
            id,
            &format!("teacher-{n}"),
            Some(id),
            if both { &roles } else { &roles[..1] },
        );
    }
    let (north, south, school) = (unit(NORTH, 0), unit(SOUTH, 0), unit(NORTH, 2));
    for (id, login, role, over) in [
        (1, "curator", "curator", north),
        (2, "head", "cnppm_head", north),
        (3, "tutor", "tutor", north),
        (4, "tutor-2", "tutor", north),
        (5, "curator-south", "curator", south),
        (6, "head-south", "cnppm_head", south),
        (7, "tutor-south", "tutor", south),
        (8, "head-2", "cnppm_head", north),
        (9, "supervisor", "supervisor", north),
        (10, "supervisor-2", "supervisor", north),
        (11, "methodist", "regional_methodist", north),
        (12, "methodist-2", "regional_methodist", north),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    for (id, login, role) in [(13, "deputy", "school_admin"), (14, "director", "school_head")] {
        world.account(id, login, None, &[(role, school), ("tutor", school)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
    let mut rows: Vec<String> = Vec::new();
    for (n, region) in &people {
        let south = if *region == SOUTH { "-south" } else { "" };
        for (act, day, by) in [
            ("send", 12, format!("curator{south}")),
            ("agree", 13, format!("teacher-{n}")),
            ("approve", 14, format!("head{south}")),
            ("start", 15, format!("curator{south}")),
        ] {
            rows.push(format!("{n},{act},,2023-02-{day},{by},,"));
        }
        if *n <= accompanied || *region == SOUTH {
            rows.push(format!("{n},assign,,2023-02-15,head{south},tutor{south},"));
            rows.push(format!("{n},submit,{},2023-03-01,teacher-{n},,", step(v, *n)));
        }
    }
    apply(v, &rows);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// Rows `number of the teacher,act,item,date,by,value,reason`, all of which must be done.
fn apply(v: &Vekha, rows: &[String]) {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for row in rows {
        let (n, rest) = row.split_once(',').expect("a number");
        file.push_str(&format!("{},{rest}\n", snils(n.parse().expect("a number"))));
    }
    let file = v.file("acts.csv", file);
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
}

/// Number of the first step of a person's plan that is no course.
fn step(v: &Vekha, n: i64) -> String {
    let steps = show(v, n);
    steps
        .iter()
        .find(|r| r["programme"].is_empty() && !r["item"].is_empty())
        .expect("a step")["item"]
        .clone()
}

fn plan_of(v: &Vekha, n: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {}", 1000 + n))
}

/// Plans at hand of a login today, by the rows themselves.
fn held(v: &Vekha, login: &str) -> i64 {
    number(
        v,
        &format!(
            "SELECT count(*) AS n FROM supporter s JOIN account a ON a.id = s.account_id WHERE a.login = '{login}' AND \
             s.superseded_at IS NULL AND s.valid_to IS NULL"
        ),
    )
}

fn letters(v: &Vekha, kind: &str, login: &str) -> i64 {
    number(
        v,
        &format!(
            "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = '{kind}' AND \
             a.login = '{login}'"
        ),
    )
}

/// The value of the first field of a name; empty where there is none.
fn field(page: &Page, name: &str) -> String {
    let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
    found.map_or_else(String::new, |(_, rest)| {
        rest.split('"').next().expect("its end").to_owned()
    })
}

/// Sends the form of a preview as it stands.
fn hand_over(head: &mut Visitor, preview: &Page, reason: &str) -> Page {
    let names = ["supporter", "to", "expected", "key"].map(|name| field(preview, name));
    // A select stands before the form: what it chose is in the hidden field.
    let [supporter, to, expected, key] = names.each_ref().map(String::as_str);
    let fields = [
        ("supporter", supporter),
        ("to", to),
        ("reason", reason),
        ("expected", expected),
        ("key", key),
    ];
    head.send(preview, "/supporters/hand-over", &fields)
}

/// Sets the rate and the limit of a tutor on its page.
fn set(head: &mut Visitor, page: &Page, login: &str, rate: &str, most: &str) -> Page {
    let seen = field(page, "seen");
    let fields = [
        ("act", "change"),
        ("seen", seen.as_str()),
        ("rate", rate),
        ("most", most),
    ];
    head.send(
        page,
        &format!("/supporters/capacity?supporter={login}&role=tutor"),
        &fields,
    )
}

/// The report of a command that hands over or assigns.
fn report(v: &Vekha, arguments: &[&str]) -> serde_json::Value {
    let arguments = [&["--json", "iom"][..], arguments].concat();
    json(&v.run(&arguments).ok())["report"].clone()
}

on_both! {
    // rows: CH-F26
    fn after_a_hand_over_the_old_queue_is_empty_and_the_new_one_has_the_open_reviews(v: &Vekha) {
        let server = world(v, 5, 4);
        apply(v, &["5,assign,,2023-02-15,head,tutor,".into()]);
        let (mut head, mut old, mut new) = (
            server.signed_in("head", PASSWORD), server.signed_in("tutor", PASSWORD), server.signed_in("tutor-2", PASSWORD),
        );
        let before = old.get("/review").body;
        assert!((1..=4).all(|n| before.contains(&format!("Фамилия{n}"))), "{before}");
        let list = head.get("/supporters");
        assert!(list.body.contains("/supporters/capacity?supporter&#x3D;tutor&amp;role&#x3D;tutor"), "{}", list.body);
        let own = head.get("/supporters/capacity?supporter=tutor&role=tutor");
        assert!(own.body.contains("/supporters/hand-over?supporter&#x3D;tutor"), "{}", own.body);
        let preview = head.get("/supporters/hand-over?supporter=tutor&to=tutor-2");
        assert!(preview.body.contains("Передать 5\u{a0}маршрутов"), "{}", preview.body);
        assert_eq!(held(v, "tutor"), 5, "a preview hands nothing over");
        let done = hand_over(&mut head, &preview, "отпуск");
        assert_eq!(done.status, 303, "{}", done.body);
        let said = head.get(done.header("location"));
        assert!(said.body.contains("Передано: 5\u{a0}маршрутов") && said.body.contains("Передавать нечего"), "{}", said.body);
        // The old queue is empty, the new one has the four reviews and all of the people.
        let card = format!("/people/{}", plan_of(v, 1));
        for path in ["/review", "/people"] {
            let (theirs, ours) = (old.get(path).body, new.get(path).body);
            assert!((1..=5).all(|n| !theirs.contains(&format!("Фамилия{n}"))), "{path}: {theirs}");
            assert!((1..=4).all(|n| ours.contains(&format!("Фамилия{n}"))), "{path}: {ours}");
        }
        assert!(new.get("/people").body.contains("Фамилия5"));
        assert_eq!((old.get(&card).status, new.get(&card).status), (404, 200));
        let queue = new.get("/review");
        let (plan, item) = (plan_of(v, 1).to_string(), step(v, 1));
        let accept = [("plan", plan.as_str()), ("item", item.as_str()), ("act", "accept")];
        let form = old.get("/review");
        assert_eq!(old.send(&form, "/review", &accept).status, 404);
        assert_eq!(new.send(&queue, "/review", &accept).status, 303);
        // One letter for all plans; of the next step only the new one hears.
        assert_eq!((letters(v, "supporters_handed", "tutor-2"), letters(v, "iom_assigned", "tutor-2")), (1, 0));
        assert_eq!(letters(v, "iom_submitted", "tutor"), 4);
        let next = step(v, 5);
        let mut teacher = server.signed_in("teacher-5", PASSWORD);
        let page = teacher.get("/plan");
        assert!(page.body.contains("отпуск, до этого: tutor<"), "who was relieved is not named: {}", page.body);
        let sent = teacher.send_file(&page, "/plan/submit", &[("item", next.as_str()), ("note", "готово")], None);
        assert_eq!((sent.status, letters(v, "iom_submitted", "tutor"), letters(v, "iom_submitted", "tutor-2")), (303, 4, 1));
        // The card and the journal tell of it; sent twice it is done once.
        let acts = "SELECT count(*) AS n FROM iom_act WHERE act = 'assign' AND value = 'tutor-2' AND reason = 'отпуск' AND account_id = 2";
        assert_eq!(number(v, acts), 5);
        assert_eq!(hand_over(&mut head, &preview, "отпуск").header("location"), done.header("location"));
        assert_eq!((number(v, acts), held(v, "tutor-2"), letters(v, "supporters_handed", "tutor-2")), (5, 5, 1));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.hand_over'"), 5);
        assert_eq!(held(v, "tutor-south"), 1, "the south is another matter");
        assert_eq!(show(v, 1)[0]["supporters"], "tutor:tutor-2");
        let _sound = v.run(&["check"]).ok();
    }

    fn giver_and_teachers_read_once_who_accompanies_the_plans(v: &Vekha) {
        let server = world(v, 4, 3);
        // The head is a tutor too; the plan of the third was never shown.
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9031, 2, 'tutor', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        apply(v, &["4,assign,,2023-02-16,head-2,head,".into()]);
        v.sql("UPDATE iom SET first_visible_on = NULL WHERE person_id = 1003");
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/account");
        assert_eq!(head.send(&page, "/role", &[("role", "cnppm_head")]).status, 303);
        for from in ["tutor", "head"] {
            let preview = head.get(&format!("/supporters/hand-over?supporter={from}&to=tutor-2"));
            assert_eq!(hand_over(&mut head, &preview, "отпуск").status, 303, "{from}: {}", preview.body);
        }
        assert_eq!(held(v, "tutor-2"), 4);
        // The giver reads it once, but not who has done it.
        let given = ["tutor", "head", "tutor-2", "tutor-south"].map(|login| letters(v, "supporters_passed", login));
        assert_eq!(given, [1, 0, 0, 0], "the giver is not told, or somebody else is");
        let list = server.signed_in("tutor", PASSWORD).get("/notices");
        assert!(list.body.contains("Ваши маршруты переданы: 3; их сопровождает tutor-2") && list.body.contains("href=\"/people\""), "{}", list.body);
        // Each teacher reads of the own plan, once.
        let told = |n: i64| {
            let of = format!("account_id = {} AND kind = 'iom_progress' AND body LIKE '%вас теперь сопровождает тьютор tutor-2%'", 1000 + n);
            number(v, &format!("SELECT count(*) AS n FROM notice WHERE {of}"))
        };
        assert_eq!([1, 2, 3, 4, 99].map(told), [1, 1, 0, 1, 0], "a teacher is not told who accompanies the plan, or of a plan never shown");
        let list = server.signed_in("teacher-4", PASSWORD).get("/notices");
        assert!(list.body.contains("вас теперь сопровождает тьютор tutor-2"), "{}", list.body);
        // Whose role is over is told nothing.
        v.sql("UPDATE role_grant SET valid_to = '2023-03-01' WHERE account_id = 4");
        let back = report(v, &["hand-over", "--from", "tutor-2", "--to", "tutor"]);
        assert_eq!((back["handed"].as_u64(), letters(v, "supporters_passed", "tutor-2")), (Some(4), 0), "{back}");
    }

    fn whoever_is_replaced_on_a_card_reads_who_accompanies_the_plan_now(v: &Vekha) {
        let server = world(v, 3, 2);
        // The head is a tutor too, of the third plan.
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9031, 2, 'tutor', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        apply(v, &["3,assign,,2023-02-16,head-2,head,".into()]);
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/account");
        assert_eq!(head.send(&page, "/role", &[("role", "cnppm_head")]).status, 303);
        let mut name = |n: i64, login: &str| {
            let card = format!("/plans/{}", plan_of(v, n));
            let page = head.get(&card);
            let done = head.send(&page, &format!("{card}/act"), &[("act", "assign"), ("value", login)]);
            assert_eq!(done.status, 303, "{n}: {}", done.body);
        };
        name(1, "tutor-2");
        name(3, "tutor-2");
        // Whoever was replaced reads it as after a hand-over, but not who has done it.
        let passed = || ["tutor", "head", "tutor-2", "tutor-south"].map(|login| letters(v, "supporters_passed", login));
        assert_eq!(passed(), [1, 0, 0, 0], "whoever is replaced is not told, or somebody else is");
        let list = server.signed_in("tutor", PASSWORD).get("/notices");
        assert!(list.body.contains("Ваши маршруты переданы: 1; их сопровождает tutor-2"), "{}", list.body);
        let told = |n: i64| {
            let of = format!("account_id = {} AND kind = 'iom_progress' AND body LIKE '%вас теперь сопровождает тьютор tutor-2%'", 1000 + n);
            number(v, &format!("SELECT count(*) AS n FROM notice WHERE {of}"))
        };
        assert_eq!([1, 2, 3, 99].map(told), [1, 0, 1, 0], "a teacher is not told who accompanies the plan");
        // Whose role is over is told nothing.
        v.sql("UPDATE role_grant SET valid_to = '2023-03-01' WHERE account_id = 4");
        name(1, "tutor");
        assert_eq!(passed(), [1, 0, 0, 0], "a role that is over");
    }

    fn what_has_changed_since_the_preview_is_shown_anew(v: &Vekha) {
        let server = world(v, 3, 2);
        let mut head = server.signed_in("head", PASSWORD);
        let preview = head.get("/supporters/hand-over?supporter=tutor&to=tutor-2");
        apply(v, &["3,assign,,2023-02-16,head,tutor,".into()]);
        let late = hand_over(&mut head, &preview, "");
        assert!(late.status == 422 && late.body.contains("данные изменились"), "{}", late.body);
        assert!(late.body.contains("Передать 3\u{a0}маршрута"), "{}", late.body);
        assert_eq!((held(v, "tutor"), held(v, "tutor-2")), (3, 0));
        // Nobody of the other region is there, neither as who gives nor as who takes; nor is oneself.
        let missing = head.get("/supporters/hand-over?supporter=nobody");
        assert_eq!(missing.status, 404);
        for address in ["supporter=tutor-south", "supporter=tutor&to=tutor-south", "supporter=tutor&to=tutor", "to=tutor"] {
            let page = head.get(&format!("/supporters/hand-over?{address}"));
            assert_eq!((page.status, &page.body), (404, &missing.body), "{address}");
        }
        let foreign = [("supporter", "tutor-south"), ("to", ""), ("reason", ""), ("expected", ""), ("key", "")];
        assert_eq!(head.send(&preview, "/supporters/hand-over", &foreign).status, 404);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert_eq!(tutor.get("/supporters/hand-over?supporter=tutor").status, 403);
        let _same = v.run(&["iom", "hand-over", "--from", "tutor", "--to", "tutor"]).failed();
        let _unknown = v.run(&["iom", "hand-over", "--from", "nobody"]).failed();
        assert_eq!((held(v, "tutor"), held(v, "tutor-south")), (3, 1));
    }

    fn the_spread_is_one_weighted_plan_at_most(v: &Vekha) {
        let _server = world(v, 12, 9);
        let mut acts: Vec<String> = (2..=5).map(|n| format!("{n},pause,,2023-03-05,curator,,отпуск")).collect();
        acts.extend((10..=12).map(|n| format!("{n},assign,,2023-03-05,head,tutor-2,")));
        apply(v, &acts);
        // The first teacher is a tutor of the school, and takes all but the own plan.
        let arguments = ["hand-over", "--from", "tutor", "--as-of", "2023-04-01"];
        let planned = report(v, &[&arguments[..], &["--dry-run"]].concat());
        assert_eq!(held(v, "tutor"), 9, "a dry run writes nothing");
        let done = report(v, &arguments);
        assert_eq!(planned, done);
        assert_eq!((done["plans"].as_u64(), done["handed"].as_u64(), done["reviews"].as_u64()), (Some(9), Some(9), Some(5)));
        let weights = done["loads"].as_object().expect("loads").iter();
        let weights: Vec<(&str, u64)> = weights.map(|(login, l)| (login.as_str(), l["weight_milli"].as_u64().expect("a weight"))).collect();
        let names: Vec<&str> = weights.iter().map(|(login, _)| *login).collect();
        assert_eq!(names, ["teacher-1", "tutor-2"], "neither the director nor the deputy of the school");
        // Five at work, four paused, and three that one of them had before.
        assert_eq!(weights.iter().map(|(_, w)| w).sum::<u64>(), 9_000);
        assert!(weights[0].1.abs_diff(weights[1].1) <= 1_000, "{weights:?}");
        assert_eq!(show(v, 1)[0]["supporters"], "tutor:tutor-2", "nobody accompanies the own plan");
        assert_eq!((held(v, "tutor"), held(v, "tutor-2") + held(v, "teacher-1")), (0, 12));
        let _sound = v.run(&["check"]).ok();
    }

    // rows: KR-F09, TY-F05
    fn each_kind_hands_over_to_its_own_kind_within_its_norm(v: &Vekha) {
        let server = world(v, 4, 2);
        let mut acts: Vec<String> = (1..=4).map(|n| format!("{n},assign,,2023-02-15,head,methodist,")).collect();
        acts.extend((1..=3).map(|n| format!("{n},assign,,2023-02-15,head,supervisor,")));
        apply(v, &acts);
        let mut head = server.signed_in("head", PASSWORD);
        for (login, to, n, norm) in [("methodist", "methodist-2", 4, "250"), ("supervisor", "supervisor-2", 3, "–")] {
            let own = head.get(&format!("/supporters/capacity?supporter={login}"));
            assert!(own.body.contains(&format!("<dt>Норма</dt><dd>{norm}")), "{login}: {}", own.body);
            // A tutor has another role: nothing can be handed over to one.
            let other = head.get(&format!("/supporters/hand-over?supporter={login}&to=tutor-2"));
            assert!(other.body.contains("Передавать нечего") && other.body.contains("ередать некому"), "{}", other.body);
            let preview = head.get(&format!("/supporters/hand-over?supporter={login}"));
            let offered = |login: &str| preview.body.contains(&format!("<option value=\"{login}\""));
            let others = ["tutor-2", "deputy", "curator", "tutor-south"].map(&offered);
            assert!(offered(to) && others == [false; 4], "offered to whoever may not take: {}", preview.body);
            let done = hand_over(&mut head, &preview, "");
            assert_eq!((done.status, held(v, login), held(v, to)), (303, 0, n), "{}", done.body);
        }
        assert_eq!(held(v, "tutor"), 2, "who accompanies as another kind stays");
        // The norm of a regional methodist: with 250 open plans there is no room for one more.
        let mut sql = String::new();
        for n in 0..248 {
            let (person, plan) = (500_000 + n, 600_000 + n);
            sql.push_str(&format!(
                "INSERT INTO person (id, region_id, last_name, first_name, search_key, sort_key, version, recorded_at) VALUES \
                 ({person}, {region}, 'Ф', 'И', '', '', 1, '2023-01-01 00:00:00'); INSERT INTO iom (id, region_id, person_id, \
                 number, origin, state, starts_on, revision, on_platform, version, recorded_at) VALUES ({plan}, {region}, \
                 {person}, 'Н-{n}', 'cnppm', 'active', '2023-01-01', 1, TRUE, 1, '2023-01-01 00:00:00'); INSERT INTO \
                 supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) VALUES ({plan}, {region}, {plan}, \
                 11, 'regional_methodist', '2023-01-01', '2023-01-01 00:00:00');",
                region = unit(NORTH, 0)
            ));
        }
        v.sql(&sql);
        let preview = head.get("/supporters/hand-over?supporter=methodist-2&to=methodist");
        assert!(preview.body.contains("Передать 2\u{a0}маршрута") && preview.body.contains("нет места"), "{}", preview.body);
        assert_eq!(hand_over(&mut head, &preview, "").status, 303);
        assert_eq!((held(v, "methodist"), held(v, "methodist-2")), (250, 2));
        let list = head.get("/supporters?role=regional_methodist&load=near");
        assert!(list.body.contains(">methodist<") && !list.body.contains(">methodist-2<"), "{}", list.body);
    }

    fn half_a_rate_takes_half_and_whoever_comes_second_is_told(v: &Vekha) {
        let server = world(v, 9, 0);
        let (mut head, mut other) = (server.signed_in("head", PASSWORD), server.signed_in("head-2", PASSWORD));
        let address = "/supporters/capacity?supporter=tutor-2&role=tutor";
        let (page, theirs) = (head.get(address), other.get(address));
        for (rate, most, said) in [
            ("2,5", "", "не больше 2"), ("0", "", "больше нуля"), ("полставки", "", "например 1 или 0,5"), ("1", "0", "целым числом"),
            ("1", "много", "целым числом"),
        ] {
            let wrong = set(&mut head, &page, "tutor-2", rate, most);
            assert!(wrong.status == 422 && wrong.body.contains(said), "{rate} {most}: {}", wrong.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter_capacity"), 0);
        let done = set(&mut head, &page, "tutor-2", "0,5", "");
        assert_eq!(done.status, 303, "{}", done.body);
        let page = head.get(done.header("location"));
        assert!(page.body.contains("Ставка и предел записаны") && page.body.contains("<dt>Норма</dt><dd>50<"), "{}", page.body);
        let late = set(&mut other, &theirs, "tutor-2", "1", "7");
        assert!(late.status == 409 && late.body.contains("head:") && late.body.contains("Изменена ставка"), "{}", late.body);
        assert!(late.body.contains("Что различается") && late.body.contains(">0,5<"), "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter_capacity WHERE superseded_at IS NULL AND rate_milli = 500"), 1);
        // Evenly by the rate: of nine the half rate gets three. The first teacher is a tutor, but not of the own plan.
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1'");
        let done = report(v, &["assign", "--unit", "С0", "--kind", "tutor", "--as-of", "2023-03-01"]);
        let loads = |login: &str| done["loads"][login].as_i64();
        assert_eq!((loads("tutor"), loads("tutor-2")), (Some(6), Some(3)), "{done}");
        assert_eq!(done["weights"]["tutor-2"]["most_milli"].as_i64(), Some(50_000));
        // What is set in one region is hidden in the other.
        let mut south = server.signed_in("head-south", PASSWORD);
        assert_eq!(south.get(address).body, south.get("/supporters/capacity?supporter=nobody&role=tutor").body);
        let form = south.get("/supporters/capacity?supporter=tutor-south&role=tutor");
        assert_eq!(set(&mut south, &form, "tutor-2", "1", "").status, 404);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.capacity' AND detail = 'role=tutor fields=rate'"), 1);
    }

    fn whoever_sees_a_part_sets_no_rate_that_holds_beyond_it(v: &Vekha) {
        let server = world(v, 2, 0);
        let (town, institute) = (unit(NORTH, 1), unit(NORTH, 4));
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version, name) SELECT 20, 'town', \
             password_hash, 'active', 1, created_at, 1, 'town' FROM account WHERE id = 2; INSERT INTO role_grant (id, account_id, role, \
             unit_id, recorded_at) VALUES (9020, 20, 'cnppm_head', {town}, '2022-01-01 00:00:00'), (9021, 13, 'mentor', {institute}, \
             '2022-01-01 00:00:00')"
        ));
        let mut head = server.signed_in("town", PASSWORD);
        // One holds the role over the region, the other at a school of the town alone; a role of another kind is no matter.
        let own = head.get("/supporters/capacity?supporter=deputy&role=tutor");
        assert_eq!(set(&mut head, &own, "deputy", "0,5", "").status, 303, "{}", own.body);
        let beyond = head.get("/supporters/capacity?supporter=tutor-2&role=tutor");
        assert!(beyond.status == 200 && beyond.body.contains("куда ваша роль не доходит"), "a rate from a part: {}", beyond.body);
        let refused = set(&mut head, &own, "tutor-2", "0,5", "");
        assert!(refused.status == 409 && refused.body.contains("роль – на весь регион"), "a rate from a part: {}", refused.body);
        // A second place of the same role lies outside the town.
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9022, 13, 'tutor', {institute}, '2022-01-01 00:00:00')"
        ));
        let own = head.get("/supporters/capacity?supporter=tutor-2&role=tutor");
        assert_eq!(set(&mut head, &own, "deputy", "1", "3").status, 409);
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter_capacity"), 1);
        let mut region = server.signed_in("head", PASSWORD);
        let page = region.get("/supporters/capacity?supporter=deputy&role=tutor");
        assert_eq!(set(&mut region, &page, "deputy", "1", "3").status, 303, "{}", page.body);
    }

    fn a_paused_plan_weighs_less(v: &Vekha) {
        let server = world(v, 5, 0);
        let mut head = server.signed_in("head", PASSWORD);
        v.sql("UPDATE account SET state = 'suspended' WHERE login IN ('teacher-1', 'tutor-2')");
        let page = head.get("/supporters/capacity?supporter=tutor&role=tutor");
        assert_eq!(set(&mut head, &page, "tutor", "1", "3").status, 303);
        let assign = || report(v, &["assign", "--unit", "С0", "--kind", "tutor", "--as-of", "2023-03-01"]);
        assert_eq!(assign()["assigned"].as_u64(), Some(3));
        assert_eq!(assign()["assigned"].as_u64(), Some(0), "no room");
        let held: Vec<i64> = (1..=5).filter(|n| show(v, *n)[0]["supporters"] == "tutor:tutor").collect();
        apply(v, &[format!("{},pause,,2023-03-05,curator,,отпуск", held[0])]);
        assert_eq!(assign()["assigned"].as_u64(), Some(0), "three quarters are no place");
        apply(v, &[format!("{},pause,,2023-03-05,curator,,отпуск", held[1])]);
        let done = assign();
        assert_eq!((done["assigned"].as_u64(), done["weights"]["tutor"]["weight_milli"].as_u64()), (Some(1), Some(2_500)), "{done}");
        let list = head.get("/supporters?role=tutor");
        assert!(list.body.contains(">2,5<"), "{}", list.body);
        // One more that is paused fits; what comes when all of them go on is told before.
        let left = (1..=5).find(|n| show(v, *n)[0]["supporters"].is_empty()).expect("a plan of nobody");
        apply(v, &[format!("{left},pause,,2023-03-05,curator,,отпуск")]);
        let preview = head.get("/supporters/assign?unit=%D0%A10&kind=tutor");
        let told = ["<dt>Из них приостановлено</dt><dd>1<", ">2,75<", ">5, выше нормы<"].map(|words| preview.body.contains(words));
        assert_eq!(told, [true; 3], "paused plans go on unseen: {}", preview.body);
        // Whoever resumes one hears who carries too much then; with room nothing is said.
        let named: Vec<String> = held[..2].iter().map(|n| format!("{n},assign,,2023-03-06,head,curator,")).collect();
        apply(v, &named);
        let mut curator = server.signed_in("curator", PASSWORD);
        let mut resumed = |n: i64| {
            let card = format!("/people/{}", plan_of(v, n));
            let page = curator.get(&card);
            let done = curator.send(&page, &format!("{card}/act"), &[("act", "resume"), ("value", "keep")]);
            assert_eq!(done.status, 303, "{}", done.body);
            curator.get(done.header("location")).body
        };
        let over = resumed(held[0]);
        assert!(over.contains("tutor (тьютор) – 3,25 при норме 3"), "over the norm and unsaid: {over}");
        v.sql("UPDATE supporter_capacity SET most = 9 WHERE superseded_at IS NULL");
        let within = resumed(held[1]);
        assert!(within.contains("Маршрут возобновлён") && !within.contains("выше нормы"), "{within}");
    }

    fn what_begins_later_is_load_already_and_ends_what_is_taken_over_till_then(v: &Vekha) {
        let server = world(v, 2, 2);
        let later = report(v, &["hand-over", "--from", "tutor", "--to", "tutor-2", "--as-of", "2099-01-01"]);
        assert_eq!(later["handed"].as_u64(), Some(2), "{later}");
        let mut head = server.signed_in("head", PASSWORD);
        let next = head.get("/supporters/capacity?supporter=tutor-2&role=tutor");
        assert!(next.body.contains("<dt>Открытых маршрутов</dt><dd>0") && next.body.contains("<dt>Нагрузка</dt><dd>2"), "{}", next.body);
        // The first teacher is a tutor of the school, but not of the own plan.
        let till_then = report(v, &["hand-over", "--from", "tutor", "--to", "teacher-1"]);
        assert_eq!(till_then["handed"].as_u64(), Some(1), "{till_then}");
        for (day, by) in [("2098-12-31", "teacher-1"), ("2099-01-01", "tutor-2")] {
            let on = format!(
                "FROM supporter s JOIN account a ON a.id = s.account_id WHERE s.iom_id = {} AND s.superseded_at IS NULL AND \
                 s.valid_from <= '{day}' AND (s.valid_to IS NULL OR s.valid_to > '{day}')",
                plan_of(v, 2)
            );
            let (all, theirs) = (format!("SELECT count(*) AS n {on}"), format!("SELECT count(*) AS n {on} AND a.login = '{by}'"));
            assert_eq!((number(v, &all), number(v, &theirs)), (1, 1), "one tutor a day: {day}");
        }
    }

    fn a_superior_takes_no_plan_by_hand_over_either(v: &Vekha) {
        let server = world(v, 3, 3);
        let mut head = server.signed_in("head", PASSWORD);
        for login in ["deputy", "director"] {
            let preview = head.get(&format!("/supporters/hand-over?supporter=tutor&to={login}"));
            assert!(preview.body.contains("ередать некому") && preview.body.contains("Передавать нечего"), "{}", preview.body);
            let answer = v.run(&["--json", "iom", "hand-over", "--from", "tutor", "--to", login]).ok();
            assert_eq!(json(&answer)["report"]["handed"].as_u64(), Some(0));
            let file = v.file("assign.csv", format!("snils,act,item,date,by,value,reason\n{},assign,,2023-03-01,head,{login},\n", snils(2)));
            let refused = json(&v.run(&["--json", "iom", "apply", text(&file)]).with_refusals());
            assert_eq!(refused["refused"][0]["code"], "iom.superior");
        }
        let preview = head.get("/supporters/hand-over?supporter=tutor&to=teacher-1");
        assert!(preview.body.contains("Передать 2\u{a0}маршрута"), "not the own one: {}", preview.body);
        assert_eq!(hand_over(&mut head, &preview, "").status, 303);
        assert_eq!((held(v, "tutor"), held(v, "teacher-1"), held(v, "deputy"), held(v, "director")), (1, 2, 0, 0));
    }

    fn whoever_nears_the_norm_is_warned_and_nobody_is_given_more_on_a_page(v: &Vekha) {
        let server = world(v, 5, 3);
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/supporters/capacity?supporter=tutor&role=tutor");
        assert_eq!(set(&mut head, &page, "tutor", "1", "3").status, 303);
        // Whoever holds two of the roles is one person in two rows.
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9100, 3, 'mentor', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        let list = head.get("/supporters");
        let told = ["Ведут маршруты 1 из 10\u{a0}человек,", "Найдено: 11\u{a0}строк"].map(|words| list.body.contains(words));
        assert_eq!(told, [true; 2], "people are counted twice: {}", list.body);
        v.sql("DELETE FROM role_grant WHERE id = 9100");
        let list = head.get("/supporters");
        assert!(list.body.contains("выше нормы 0, почти норма 1.") && list.body.contains("почти норма</"), "{}", list.body);
        let near = head.get("/supporters?load=near");
        assert!(near.body.contains(">tutor<") && !near.body.contains(">tutor-2<"), "{}", near.body);
        // On a page whoever decides is told in time.
        let card = format!("/plans/{}", plan_of(v, 4));
        let page = head.get(&card);
        let refused = head.send(&page, &format!("{card}/act"), &[("act", "assign"), ("value", "tutor")]);
        assert!(refused.status == 422 && refused.body.contains("нет места"), "{}", refused.body);
        assert_eq!((held(v, "tutor"), show(v, 4)[0]["supporters"].as_str()), (3, ""));
        // A file tells what was decided elsewhere: it is done, and seen.
        apply(v, &["4,assign,,2023-03-01,head,tutor,".into()]);
        let over = head.get("/supporters?load=over");
        assert!(over.body.contains(">tutor<") && over.body.contains("выше нормы 1, почти норма 0."), "{}", over.body);
        // Whose account is closed still holds plans: they are shown until they are handed over.
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'tutor'");
        let gone = head.get("/supporters?load=gone");
        assert!(gone.body.contains("Без действующей роли 1") && gone.body.contains(">tutor<"), "{}", gone.body);
        let page = head.get("/supporters/capacity?supporter=tutor");
        assert!(page.body.contains("/supporters/hand-over?supporter&#x3D;tutor") && !page.body.contains("name=\"rate\""), "{}", page.body);
        let preview = head.get("/supporters/hand-over?supporter=tutor&to=tutor-2");
        let done = hand_over(&mut head, &preview, "уволился");
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!((held(v, "tutor"), held(v, "tutor-2")), (0, 4));
        // Of whoever is gone there is no page any more: the list says what was done.
        let list = head.get(done.header("location"));
        assert!(list.status == 200 && list.body.contains("Передано: 4\u{a0}маршрута"), "{}", list.body);
        assert!(!list.body.contains("Без действующей роли") && !list.body.contains(">tutor<"), "{}", list.body);
    }

    fn hand_overs_and_assignments_at_once_never_exceed_the_capacity(v: &Vekha) {
        const MOST: i64 = 6;
        let races = amount("VEKHA_RACE_HAND_OVERS", 10);
        let server = world(v, 12, 4);
        v.sql("UPDATE account SET state = 'suspended' WHERE login = 'teacher-1'");
        let mut rows = String::new();
        for n in 1..=8_i64 {
            // Four plans of each of two; four of nobody.
            rows.push_str(&format!(
                "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) VALUES ({id}, {region}, \
                 {plan}, {account}, 'tutor', '2023-02-15', '2023-02-15 00:00:00');",
                id = 700_000 + n,
                region = unit(NORTH, 0),
                plan = plan_of(v, n),
                account = if n <= 4 { 3 } else { 20 },
            ));
        }
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, name, state, auth_version, created_at, version) VALUES (20, 'tutor-3', \
             '', 'tutor-3', 'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, \
             recorded_at) VALUES (9020, 20, 'tutor', {region}, '2022-01-01 00:00:00'); INSERT INTO supporter_capacity (id, \
             region_id, account_id, role, rate_milli, most, version, recorded_at) VALUES (1, {region}, 4, 'tutor', 1000, {MOST}, 1, \
             '2022-01-01 00:00:00')",
            region = unit(NORTH, 0)
        ));
        let heads = ["head", "head-2", "head", "head-2"].map(|login| server.signed_in(login, PASSWORD));
        let card = format!("/plans/{}", plan_of(v, 9));
        let (mut handed, mut refused) = (0, 0);
        for race in 0..races {
            v.sql(&format!("DELETE FROM supporter WHERE region_id = {}; {rows}", unit(NORTH, 0)));
            let start = Barrier::new(4);
            let counts: Vec<(i64, i64)> = std::thread::scope(|scope| {
                let started: Vec<_> = (0..4)
                    .map(|i| {
                        let (start, card, mut head) = (&start, &card, heads[i].clone());
                        scope.spawn(move || {
                            start.wait();
                            match i {
                                0 => until_done(&mut head, "tutor"),
                                1 => until_done(&mut head, "tutor-3"),
                                2 => assigned(&mut head),
                                _ => one_assigned(&mut head, card),
                            }
                        })
                    })
                    .collect();
                started.into_iter().map(|t| t.join().expect("a thread ends well")).collect()
            });
            handed += counts.iter().map(|(done, _)| done).sum::<i64>();
            refused += counts.iter().map(|(_, refused)| refused).sum::<i64>();
            assert_eq!(held(v, "tutor-2"), MOST, "race {race}: full, and no more than that");
            let twice = "SELECT count(*) AS n FROM (SELECT iom_id FROM supporter WHERE superseded_at IS NULL AND valid_to IS NULL \
                         GROUP BY iom_id HAVING count(*) > 1) x";
            assert_eq!(number(v, twice), 0, "race {race}: nobody is accompanied twice");
        }
        println!("{races} races over a place: {handed} done, {refused} told to look again; 0 above the capacity");
    }
}

/// Hands over to the second tutor until there is nothing more to give or no room.
fn until_done(head: &mut Visitor, from: &str) -> (i64, i64) {
    let (mut done, mut refused) = (0, 0);
    loop {
        let preview = head.get(&format!("/supporters/hand-over?supporter={from}&to=tutor-2"));
        if preview.status == 503 {
            continue;
        }
        assert_eq!(preview.status, 200, "{}", preview.body);
        if preview.body.contains("Передавать нечего") {
            return (done, refused);
        }
        match hand_over(head, &preview, "").status {
            303 => done += 1,
            422 => refused += 1,
            other => assert_eq!(other, 503),
        }
    }
}

/// Assigns whoever is free to plans of nobody, until no plan is left that somebody could take.
fn assigned(head: &mut Visitor) -> (i64, i64) {
    let (mut done, mut refused) = (0, 0);
    loop {
        let preview = head.get("/supporters/assign?unit=%D0%A10&kind=tutor");
        if preview.status == 503 {
            continue;
        }
        let expected = field(&preview, "expected");
        if expected.is_empty() {
            return (done, refused);
        }
        let fields = [("unit", "С0"), ("kind", "tutor"), ("expected", expected.as_str())];
        match head.send(&preview, "/supporters/assign", &fields).status {
            303 => done += 1,
            422 => refused += 1,
            other => assert_eq!(other, 503),
        }
    }
}

/// Assigns the second tutor to one plan, if there is room.
fn one_assigned(head: &mut Visitor, card: &str) -> (i64, i64) {
    loop {
        let page = head.get(card);
        match head
            .send(
                &page,
                &format!("{card}/act"),
                &[("act", "assign"), ("value", "tutor-2")],
            )
            .status
        {
            303 => return (1, 0),
            422 => return (0, 1),
            other => assert_eq!(other, 503),
        }
    }
}
