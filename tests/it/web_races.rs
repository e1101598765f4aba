//! Two people at one thing: every form says which version it answers, of several at once one is done and the others are
//! told who was first. Both databases, two regions; the full amounts are in `tests/night`.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
/// Who may pause and resume every plan of the world; each accompanies all of them in a kind of its own.
const EDITORS: [(&str, &str); 6] = [
    ("curator-1", "curator"),
    ("curator-2", "tutor"),
    ("curator-3", "mentor"),
    ("curator-4", "supervisor"),
    ("curator-5", "regional_methodist"),
    ("curator-6", "municipal_methodist"),
];

/// A last day of a pause, one of many.
fn until(n: usize) -> String {
    let days = u64::try_from(n % 900).expect("a number");
    (crate::support::today() + chrono::Days::new(days)).to_string()
}

/// How many of something: the share of `tests/run`, or what the night asks for.
fn amount(name: &str, share: usize) -> usize {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// Plans of the north, each of a teacher of one school, and one of the south; all are agreed to, and at work if asked.
fn world(v: &Vekha, plans: i64, at_work: bool) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let people: Vec<(i64, i64)> = (1..=plans).map(|n| (n, NORTH)).chain([(9000, SOUTH)]).collect();
    for (n, region) in &people {
        world.teacher(10_000 + n, *n, *region, 2);
        world.passage(
            10_000 + n,
            *region,
            1,
            "full",
            "2023-02-01",
            &[(1, 40_000), (3, 70_000)],
        );
        let over = unit(*region, 2);
        world.account(
            10_000 + n,
            &format!("teacher-{n}"),
            Some(10_000 + n),
            &[("teacher", over)],
        );
    }
    for (id, (login, kind)) in (1..).zip(EDITORS) {
        let mut roles = vec![("curator", unit(NORTH, 0)), (kind, unit(NORTH, 0))];
        roles.dedup();
        world.account(id, login, None, &roles);
    }
    let over = unit(NORTH, 0);
    world.account(20, "head-1", None, &[("cnppm_head", over)]);
    world.account(21, "head-2", None, &[("cnppm_head", over)]);
    world.account(22, "director", None, &[("school_head", unit(NORTH, 2))]);
    world.account(24, "director-2", None, &[("school_head", unit(NORTH, 2))]);
    let over = unit(SOUTH, 0);
    world.account(23, "head-south", None, &[("cnppm_head", over), ("curator", over)]);
    world.build(v);
    v.sql("UPDATE account SET name = login");
    let _made = v
        .run(&["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-10"])
        .ok();
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (n, region) in &people {
        let (head, curator) = if *region == NORTH {
            ("head-1", "curator-1")
        } else {
            ("head-south", "head-south")
        };
        let teacher = format!("teacher-{n}");
        let steps = [
            ("send", "12", curator),
            ("agree", "13", &teacher),
            ("approve", "14", head),
            ("start", "15", curator),
        ];
        for (act, day, by) in steps.into_iter().take(if at_work { 4 } else { 2 }) {
            acts.push_str(&format!("{},{act},,2023-02-{day},{by},,\n", snils(*n)));
        }
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
    for (id, (_, kind)) in (1..).zip(EDITORS) {
        v.sql(&format!(
            "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) SELECT id * 10 + {id}, \
             region_id, id, {id}, '{kind}', '2023-02-15', '2023-02-15 00:00:00' FROM iom WHERE region_id = {}",
            unit(NORTH, 0)
        ));
    }
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn plan_of(v: &Vekha, n: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {}", 10_000 + n))
}

/// The version that the form of an act on a page carries; none where the page has no such form.
fn seen(page: &Page, act: &str) -> Option<String> {
    seen_of(page, "", act)
}

/// The same of the form that names a thing by its id.
fn seen_of(page: &Page, id: &str, act: &str) -> Option<String> {
    let named = format!("name=\"id\" value=\"{id}\"");
    let mut forms = page.body.split("<form").filter_map(|f| f.split("</form>").next());
    let form = forms
        .find(|f| f.contains(&format!("name=\"act\" value=\"{act}\"")) && (id.is_empty() || f.contains(&named)))?;
    let (_, rest) = form.split_once("name=\"seen\" value=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// Number of the first course in the plan of the n-th teacher.
fn course_of(v: &Vekha, n: i64) -> i64 {
    let first = "SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item WHERE programme_id = 1 AND iom_id =";
    number(v, &format!("{first} {}", plan_of(v, n)))
}

/// Every teacher of these applies for the first course of the own plan.
fn apply(v: &Vekha, teachers: std::ops::RangeInclusive<i64>) {
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for n in teachers {
        acts.push_str(&format!(
            "{},apply,{},2023-03-01,teacher-{n},,\n",
            snils(n),
            course_of(v, n)
        ));
    }
    let file = v.file("applications.csv", acts);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
}

/// Id of the newest application of the n-th teacher.
fn application_of(v: &Vekha, n: i64) -> String {
    number(
        v,
        &format!("SELECT max(id) AS n FROM enrolment WHERE person_id = {}", 10_000 + n),
    )
    .to_string()
}

/// Decides on an application by the form of a page.
fn decide(who: &mut Visitor, page: &Page, id: &str, act: &str) -> Page {
    let seen = seen_of(page, id, act).expect("a form that says what it answers");
    let fields = [
        ("id", id),
        ("act", act),
        ("reason", if act == "refuse" { "нет замены" } else { "" }),
        ("seen", &seen),
    ];
    who.send(page, "/applications", &fields)
}

/// The page of a conflict: what happened, who did it, and one way on.
#[track_caller]
fn assert_told(page: &Page, who: &str, what: &str) {
    assert_eq!(page.status, 409, "{}", page.body);
    for part in [
        "Запись уже изменена",
        who,
        what,
        "Ваше действие не записано",
        "Вернуться",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

/// Does the same in several threads at once.
fn at_once<T: Send>(n: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(n);
    std::thread::scope(|scope| {
        let work = |i| {
            let (of, start) = (&of, &start);
            scope.spawn(move || {
                start.wait();
                of(i)
            })
        };
        let started: Vec<_> = (0..n).map(work).collect();
        started
            .into_iter()
            .map(|t| t.join().expect("a thread ends well"))
            .collect()
    })
}

on_both! {
    fn whoever_comes_second_is_told_what_the_first_has_done(v: &Vekha) {
        let server = world(v, 1, true);
        let plan = plan_of(v, 1);
        let card = format!("/people/{plan}");
        let mut one = server.signed_in("curator-1", PASSWORD);
        let mut two = server.signed_in("curator-2", PASSWORD);
        let (mine, theirs) = (one.get(&card), two.get(&card));
        let act = |who: &mut Visitor, page: &Page, act: &str, reason: &str| {
            let seen = seen(page, act).expect(act);
            let until = if act == "pause" { until(20) } else { String::new() };
            let fields = [("act", act), ("reason", reason), ("value", &*until), ("seen", &seen)];
            who.send(page, &format!("{card}/act"), &fields)
        };
        assert_eq!(act(&mut one, &mine, "pause", "отпуск").status, 303);
        // The second one meant the plan at work: paused and resumed since, it looks the same and is not.
        let paused = one.get(&card);
        assert_eq!(act(&mut one, &paused, "resume", "").status, 303);
        assert_told(&act(&mut two, &theirs, "pause", "командировка"), "curator-1", "Маршрут возобновлён");
        // The same form sent twice is no conflict with oneself.
        let fresh = two.get(&card);
        for _ in 0..2 {
            assert_eq!(act(&mut two, &fresh, "pause", "командировка").status, 303);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'pause'"), 2);
        let paused = two.get(&card);
        assert_eq!(act(&mut two, &paused, "resume", "").status, 303);

        // A step: what was sent again is another thing than what the reviewer has read.
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let page = teacher.get("/plan");
        let form = page.body.split("<form").find(|f| f.contains("/plan/submit")).expect("a step to hand in");
        let item = form.split_once("name=\"item\" value=\"").expect("an item").1.split('"').next().expect("a number").to_owned();
        let hand_in = |teacher: &mut Visitor, note: &str| {
            let page = teacher.get("/plan");
            let fields = [("item", item.as_str()), ("note", note)];
            assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, None).status, 303);
        };
        hand_in(&mut teacher, "первая работа");
        let queue = one.get("/review");
        let row = queue.body.split("<form").find(|f| f.contains(&format!("name=\"plan\" value=\"{plan}\""))).expect("a row");
        let stands = row.split_once("name=\"seen\" value=\"").expect("a version").1.split('"').next().expect("a number");
        let page = teacher.get("/plan");
        assert_eq!(teacher.send(&page, "/plan/act", &[("act", "withdraw"), ("item", &item)]).status, 303);
        hand_in(&mut teacher, "другая работа");
        let plan = plan.to_string();
        let fields = [("plan", plan.as_str()), ("item", &item), ("act", "accept"), ("seen", stands)];
        let refused = one.send(&queue, "/review", &fields);
        assert_told(&refused, "teacher-1", "Отправлено на проверку");
        assert!(refused.body.contains("другая работа"), "{}", refused.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'accept'"), 0);
        // What is no version is no form of ours.
        assert_eq!(one.send(&queue, "/review", &[("plan", &plan), ("item", &item), ("act", "accept"), ("seen", "x")]).status, 400);
        // Every form that acts on a plan says what it has seen.
        for (login, path) in [("curator-1", "/review"), ("curator-1", &*card), ("head-1", &format!("/plans/{plan}")), ("teacher-1", "/plan")] {
            let page = server.signed_in(login, PASSWORD).get(path);
            for form in page.body.split("<form").skip(1).filter_map(|f| f.split("</form>").next()) {
                let acts = ["/act\"", "action=\"/review\"", "action=\"/plan/submit\""].iter().any(|to| form.contains(to));
                let several = form.contains("type=\"checkbox\" name=\"item\" value=\"");
                assert!(!acts || several || form.contains("name=\"seen\" value=\""), "{login} {path}: {form}");
            }
        }
        let south = plan_of(v, 9000);
        assert_eq!(one.get(&format!("/people/{south}")).status, 404);
        let _sound = v.run(&["check"]).ok();
    }

    fn an_application_is_decided_once_and_whoever_comes_second_is_told(v: &Vekha) {
        let server = world(v, 5, true);
        apply(v, 1..=5);
        let id: Vec<String> = (1..=5).map(|n| application_of(v, n)).collect();
        let state = |id: &str| v.query(&format!("SELECT state AS s FROM enrolment WHERE id = {id}")).join(",");
        let mut one = server.signed_in("director", PASSWORD);
        let mut two = server.signed_in("director-2", PASSWORD);
        let (mine, theirs) = (one.get("/applications"), two.get("/applications"));
        for _ in 0..2 {
            let agreed = decide(&mut one, &mine, &id[0], "agree");
            assert_eq!(agreed.header("location"), "/applications?done=agree", "sent twice it is answered as the first time");
        }
        assert_told(&decide(&mut two, &theirs, &id[0], "refuse"), "director", "Директор согласовал заявку");
        assert_told(&decide(&mut two, &theirs, &id[0], "agree"), "director", "Директор согласовал заявку");
        assert_eq!(decide(&mut two, &theirs, &id[1], "refuse").status, 303);
        let told = decide(&mut one, &mine, &id[1], "agree");
        assert_told(&told, "director-2", "Директор отклонил заявку");
        assert!(told.body.contains("нет замены"), "{}", told.body);
        assert_eq!((state(&id[0]), state(&id[1])), ("agreed".into(), "refused".into()));
        // Refused and sent anew it looks as before and is another one: neither the old form of the head nor that of the
        // teacher's other window answers it.
        let mut teacher = server.signed_in("teacher-2", PASSWORD);
        let form = teacher.get("/courses/1/apply");
        let stands = form.body.split_once("name=\"seen\" value=\"").expect("a version").1.split('"').next().expect("a number").to_owned();
        assert_eq!(teacher.send(&form, "/courses/1/apply", &[("seen", &stands)]).status, 303);
        assert_eq!(state(&application_of(v, 2)), "applied");
        assert_told(&decide(&mut one, &mine, &id[1], "agree"), "director-2", "Директор отклонил заявку");
        let fresh = two.get("/applications");
        assert_eq!(decide(&mut two, &fresh, &application_of(v, 2), "refuse").status, 303);
        assert_told(&teacher.send(&form, "/courses/1/apply", &[("seen", &stands)]), "director-2", "Директор отклонил заявку");
        // Many: of three one is decided meanwhile, and one again in another way; the page says by whom.
        let check = one.get(&format!("/applications/check?id={}&id={}&id={}", id[2], id[3], id[4]));
        let ticked: Vec<&str> = check.body.split("name=\"id\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let key = check.body.split_once("name=\"key\" value=\"").expect("a key").1.split('"').next().expect("a key");
        assert_eq!(decide(&mut two, &fresh, &id[2], "agree").status, 303);
        assert_eq!(decide(&mut two, &fresh, &id[3], "refuse").status, 303);
        let mut again = server.signed_in("teacher-4", PASSWORD);
        let form = again.get("/courses/1/apply");
        assert_eq!(again.send(&form, "/courses/1/apply", &[]).status, 303);
        let fields: Vec<(&str, &str)> = std::iter::once(("key", key)).chain(ticked.iter().map(|id| ("id", *id))).collect();
        let sent = one.send(&check, "/applications/bulk", &fields);
        let done = one.get(sent.header("location"));
        for part in ["Выполнено 1, пропущено 2", "director-2", "Директор согласовал заявку", "Директор отклонил заявку"] {
            assert!(done.body.contains(part), "{part}: {}", done.body);
        }
        assert_eq!((state(&id[4]), state(&application_of(v, 4))), ("agreed".into(), "applied".into()));
        // ЦНППМ: whoever enrols, and whoever writes the document down, comes first once.
        let card = format!("/people/{}", plan_of(v, 1));
        let mut curators = ["curator-1", "curator-2"].map(|login| server.signed_in(login, PASSWORD));
        for (act, value, said) in [("enrol", ["", ""], "Зачислен на курс"), ("complete", ["У-1", "У-2"], "Обучение завершено")] {
            let pages = [curators[0].get(&card), curators[1].get(&card)];
            let item = course_of(v, 1).to_string();
            let mut send = |place: usize| {
                let seen = seen(&pages[place], act).expect(act);
                let fields = [("act", act), ("item", item.as_str()), ("value", value[place]), ("seen", &seen)];
                curators[place].send(&pages[place], &format!("{card}/act"), &fields)
            };
            let first = send(0);
            assert_eq!(first.status, 303, "{act}: {}", first.body);
            assert_told(&send(1), "curator-1", said);
            assert_eq!(send(0).status, 303, "{act}: the same form twice");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM qualification_document WHERE number IN ('У-1', 'У-2')"), 1);
        // Somebody else's is like one that never was, whatever version the form names.
        apply(v, 9000..=9000);
        let south = application_of(v, 9000);
        let strange = |who: &mut Visitor, id: &str| who.send(&mine, "/applications", &[("id", id), ("act", "agree"), ("seen", "1")]);
        let answers = [strange(&mut one, &south), strange(&mut one, "7")];
        assert_eq!(answers[0].header("location"), answers[1].header("location"));
        assert_eq!(state(&south), "applied");
        let _sound = v.run(&["check"]).ok();
    }

    fn two_heads_at_once_decide_on_an_application_once(v: &Vekha) {
        let races = amount("VEKHA_RACE_APPLICATIONS", 12);
        let teachers = i64::try_from(races).expect("a number");
        let server = world(v, teachers, true);
        apply(v, 1..=teachers);
        v.sql("UPDATE person SET search_key = 'n' || id");
        let heads = ["director", "director-2"].map(|login| server.signed_in(login, PASSWORD));
        let (mut agreed, mut refused) = (0, 0);
        for n in 1..=teachers {
            let id = application_of(v, n);
            let search = format!("/applications?q=n{}", 10_000 + n);
            let pages = [heads[0].clone().get(&search), heads[1].clone().get(&search)];
            let second = if n % 3 == 0 { "agree" } else { "refuse" };
            let mut answers = at_once(2, |i| {
                let act = if i == 0 { "agree" } else { second };
                decide(&mut heads[i].clone(), &pages[i], &id, act).status
            });
            answers.sort_unstable();
            assert_eq!(answers, [303, 409], "teacher {n}");
            let count = |act: &str| number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE iom_id = {} AND act = '{act}'", plan_of(v, n)));
            let done = (count("agree-enrolment"), count("refuse-enrolment"));
            assert_eq!(done.0 + done.1, 1, "teacher {n}");
            agreed += done.0;
            refused += done.1;
        }
        println!("{races} races over applications: {agreed} agreed, {refused} refused; 0 done twice");
        let _sound = v.run(&["check"]).ok();
    }

    fn of_many_editors_none_overwrites_another(v: &Vekha) {
        const PLANS: usize = 50;
        let (editors, edits) = (32, amount("VEKHA_RACE_EDITS", 320));
        let server = world(v, 50, true);
        let plans: Vec<i64> = (1..=50).map(|n| plan_of(v, n)).collect();
        let (done, conflicts, tries) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let busy = AtomicUsize::new(0);
        let visitors: Vec<Visitor> = (0..editors).map(|i| server.signed_in(EDITORS[i % EDITORS.len()].0, PASSWORD)).collect();
        let took: Vec<Vec<usize>> = at_once(editors, |i| {
            let mut editor = visitors[i].clone();
            let mut took = vec![0; PLANS];
            let mut dice = 7 + i;
            loop {
                let n = tries.fetch_add(1, Ordering::Relaxed);
                if n >= edits {
                    return took;
                }
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Half of them meet at a few plans.
                let place = (dice >> 33) % if n % 2 == 0 { 3 } else { PLANS };
                let card = format!("/people/{}", plans[place]);
                let (own_words, last_day) = (format!("правка {n}"), until(n));
                // Whoever is told that the server is busy does it again: if it was done after all, the count shows it.
                let answer = loop {
                    let page = editor.get(&card);
                    let act = if seen(&page, "pause").is_some() { "pause" } else { "resume" };
                    let Some(version) = seen(&page, act) else {
                        assert_eq!(page.status, 503, "{}", page.body);
                        busy.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    let (reason, value) =
                        if act == "pause" { ("отпуск", &*last_day) } else { (&*own_words, "") };
                    let fields = [("act", act), ("reason", reason), ("value", value), ("seen", &version)];
                    let answer = editor.send(&page, &format!("{card}/act"), &fields);
                    if answer.status != 503 {
                        break answer;
                    }
                    busy.fetch_add(1, Ordering::Relaxed);
                };
                match answer.status {
                    303 => {
                        took[place] += 1;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    409 => {
                        assert!(answer.body.contains("Запись уже изменена"), "{}", answer.body);
                        conflicts.fetch_add(1, Ordering::Relaxed);
                    }
                    other => assert_eq!(other, 303, "{}", answer.body),
                }
            }
        });
        let mut lost = 0;
        for (place, plan) in plans.iter().enumerate() {
            let said: usize = took.iter().map(|t| t[place]).sum();
            let acts = |what: &str, which: &str| number(v, &format!("SELECT count({what}) AS n FROM iom_act WHERE iom_id = {plan} AND act {which}"));
            let rows = acts("*", "IN ('pause', 'resume')");
            // Each that takes it up again says words of its own: none is written twice.
            let (words, resumed) = (acts("DISTINCT reason", "= 'resume'"), acts("*", "= 'resume'"));
            // Drafted 1, sent 2, agreed 3, approved 4, started 5.
            let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")) - 5;
            let said = i64::try_from(said).expect("a number");
            lost += i64::from((rows, version, words) != (said, said, resumed));
        }
        let (done, conflicts) = (done.into_inner(), conflicts.into_inner());
        let busy = busy.into_inner();
        println!(
            "{edits} edits of {editors} editors on {PLANS} plans: {done} done, {conflicts} told of another, {busy} told to come \
             again, {lost} plans lost one"
        );
        assert_eq!((lost, done + conflicts), (0, edits));
        assert!(conflicts > 0, "nobody met anybody");
        let _sound = v.run(&["check"]).ok();
    }

    fn an_approval_and_an_edit_at_once_are_never_both_done(v: &Vekha) {
        let races = amount("VEKHA_RACE_APPROVALS", 24);
        let plans = i64::try_from(races).expect("a number");
        let server = world(v, plans, false);
        let heads = ["head-1", "head-2"].map(|login| server.signed_in(login, PASSWORD));
        let (mut edits, mut approvals, mut refused) = (0, 0, 0);
        for n in 1..=plans {
            let plan = plan_of(v, n);
            let (card, mut other) = (format!("/plans/{plan}"), heads[1].clone());
            let pages = [heads[0].clone().get(&card), other.get(&card)];
            // Every third time two approve, otherwise the second one sends the plan back.
            let second = if n % 3 == 0 { "approve" } else { "return" };
            let answers = at_once(2, |i| {
                let act = if i == 0 { "approve" } else { second };
                let version = seen(&pages[i], act).expect(act);
                let fields = [("act", act), ("reason", if act == "return" { "уточните срок" } else { "" }), ("seen", &version)];
                heads[i].clone().send(&pages[i], &format!("{card}/act"), &fields).status
            });
            let count = |act: &str| number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE iom_id = {plan} AND act = '{act}'"));
            let (approved, returned) = (count("approve"), count("return"));
            let revisions = number(v, &format!("SELECT count(*) AS n FROM iom_revision WHERE iom_id = {plan}"));
            assert_eq!((approved + returned, revisions), (1, approved), "plan {n}: {answers:?}");
            let mut sorted = answers.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [303, 409], "plan {n}");
            edits += returned;
            approvals += approved;
            refused += 1;
        }
        println!("{races} races: {approvals} approved, {edits} sent back, {refused} told of the other; 0 done twice");
        let _sound = v.run(&["check"]).ok();
    }

    fn a_form_sent_fifty_times_at_once_is_done_once(v: &Vekha) {
        let keys = amount("VEKHA_RACE_KEYS", 4);
        let plans = i64::try_from(keys).expect("a number") + 1;
        let server = world(v, plans, true);
        apply(v, 1..=plans);
        let of = |n: i64| application_of(v, n);
        let last = format!("{}.1", of(plans));
        let director = server.signed_in("director", PASSWORD);
        let form = director.clone().get("/view");
        for n in 1..plans {
            let (id, key) = (format!("{}.1", of(n)), format!("{n:064x}"));
            let answers = at_once(50, |_| {
                let mut director = director.clone();
                let answer = director.send(&form, "/applications/bulk", &[("key", &key), ("id", &id)]);
                (answer.status, answer.header("location").to_owned())
            });
            let to = format!("/applications/done/{key}");
            assert!(answers.iter().all(|a| *a == (303, to.clone())), "{answers:?}");
            assert_eq!(number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = 'enrolment.agree' AND person_id = {}", 10_000 + n)), 1);
            let shown = director.clone().get(&to);
            assert!(shown.body.contains("Выполнено 1, пропущено 0"), "{}", shown.body);
            // The same key under another body.
            let other = director.clone().send(&form, "/applications/bulk", &[("key", &key), ("id", &last)]);
            assert_eq!(other.status, 422, "{}", other.body);
            assert!(other.body.contains("уже отправили с другими заявками"), "{}", other.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM enrolment WHERE state = 'applied'"), 1, "the last one still waits");
        println!("{keys} keys, each sent 50 times at once: 1 act and 1 answer each");
    }
}
