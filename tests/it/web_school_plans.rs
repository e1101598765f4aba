//! Plans that a school composes for its own teachers, and a municipal methodist for those of the municipality: whom they
//! reach, whose they are called, who approves them, and how one of a school lives to its end.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, show, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";

/// One school with two teachers, its director and its deputy; a teacher of the other school of the municipality, one of the
/// institute outside it, one of the other region. All have deficits, nobody has a plan.
pub fn world(v: &Vekha) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None).procedure(2, "Д2", "entry", None);
    let people = [
        (1001, 1, 2),
        (1002, 2, 2),
        (1003, 3, 3),
        (1004, 5, 4),
        (1005, 6, 2),
        (1006, 7, 2),
    ];
    for (id, n, place) in people {
        world.teacher(id, n, NORTH, place);
        world.passage(id, NORTH, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
    }
    // The last one has the entry diagnosis of a course as well.
    world.passage(1004, NORTH, 2, "entry", "2023-02-02", &[(1, 30_000)]);
    world.teacher(2001, 4, SOUTH, 2);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
    let (own, other, town, north) = (unit(NORTH, 2), unit(NORTH, 3), unit(NORTH, 1), unit(NORTH, 0));
    world.account(1, "teacher", Some(1001), &[("teacher", own)]);
    world.account(2, "second", Some(1002), &[("teacher", own)]);
    world.account(3, "director", Some(1005), &[("school_head", own), ("teacher", own)]);
    world.account(4, "deputy", Some(1006), &[("school_admin", own), ("teacher", own)]);
    world.account(5, "director-3", None, &[("school_head", other)]);
    world.account(6, "deputy-south", None, &[("school_admin", unit(SOUTH, 2))]);
    world.account(7, "methodist", None, &[("municipal_methodist", town)]);
    world.account(8, "methodist-2", None, &[("municipal_methodist", town)]);
    world.account(9, "methodist-south", None, &[("municipal_methodist", unit(SOUTH, 1))]);
    world.account(10, "head", None, &[("cnppm_head", north)]);
    world.account(11, "tutor", None, &[("tutor", north)]);
    world.account(12, "curator", None, &[("curator", north)]);
    world.account(13, "director-south", None, &[("school_head", unit(SOUTH, 2))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
}

const PREVIEW: &str = "/drafting?procedure=%D0%941";

pub fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

fn plans(v: &Vekha) -> i64 {
    number(v, "SELECT count(*) AS n FROM iom")
}

/// Whose plans there are, with what `iom show` calls their origin; of everyone of the world.
fn origins(v: &Vekha) -> Vec<(i64, String)> {
    let of = |n| show(v, n).first().map(|row| (n, row["origin"].clone()));
    (1..=7).filter_map(of).collect()
}

fn same(page: &Page) -> (u16, String) {
    (page.status, page.body.clone())
}

/// Makes what the preview shows.
#[track_caller]
pub fn compose(who: &mut Visitor) -> Page {
    compose_by(who, "Д1", PREVIEW)
}

#[track_caller]
fn compose_by(who: &mut Visitor, procedure: &str, preview: &str) -> Page {
    let preview = who.get(preview);
    let expected = preview.body.split("name=\"expected\" value=\"").nth(1);
    let expected = expected
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned();
    let fields = [("procedure", procedure), ("unit", ""), ("expected", &*expected)];
    who.send(&preview, "/drafting", &fields)
}

/// Sends a form of a card.
#[track_caller]
pub fn act(who: &mut Visitor, base: &str, plan: i64, fields: &[(&str, &str)]) -> Page {
    let card = who.get(&format!("{base}/{plan}"));
    assert_eq!(card.status, 200, "{}", card.body);
    who.send(&card, &format!("{base}/{plan}/act"), fields)
}

/// Acts of February 2023 on the plan of a teacher: act, step, day, who, value. Some may be refused.
fn acts(v: &Vekha, n: i64, rows: &[(&str, &str, &str, &str, &str)]) -> crate::support::Answer {
    let mut text = String::from("snils,act,item,date,by,value,reason\n");
    for (act, item, day, by, value) in rows {
        text.push_str(&format!("{},{act},{item},2023-02-{day},{by},{value},\n", snils(n)));
    }
    let file = v.file("acts.csv", text);
    v.run(&["iom", "apply", crate::support::text(&file)])
}

fn state(v: &Vekha, n: i64) -> String {
    show(v, n)[0]["state"].clone()
}

on_both! {
    // rows: KR-F06
    fn a_deputy_composes_for_the_own_school_alone(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        // What the teachers are to see first gives the school nothing to draft from.
        v.sql("UPDATE procedure SET released_on = '2999-01-01'");
        let early = deputy.get(PREVIEW);
        assert!(early.status == 200 && !early.body.contains("Создать "), "told before the teacher: {}", early.body);
        assert!(!deputy.get("/staff").body.contains("маршрута: подготовить"));
        v.sql("UPDATE procedure SET released_on = NULL");
        // The first page leads there.
        assert_eq!(deputy.get("/").header("location"), "/staff");
        let staff = deputy.get("/staff");
        assert!(staff.body.contains("4\u{A0}педагога ждут маршрута: подготовить"), "{}", staff.body);
        let preview = deputy.get(PREVIEW);
        assert!(preview.body.contains("Создать 4\u{A0}маршрута"), "the own school alone: {}", preview.body);
        assert!(preview.body.contains("летний отпуск") && !preview.body.contains("уровень дефицитов"), "rules name levels");
        // Neither another school's unit nor another region's, and no origin, is taken from a hand.
        let missing = deputy.get("/drafting?procedure=nothing");
        assert_eq!(missing.status, 404);
        for (code, typed) in [("%D0%A13", "С3"), ("%D0%A14", "С4"), ("%D0%AE2", "Ю2"), ("%D0%A10", "С0")] {
            assert_eq!(same(&deputy.get(&format!("{PREVIEW}&unit={code}"))), same(&missing), "{typed}");
            let fields = [("procedure", "Д1"), ("unit", typed), ("expected", "")];
            assert_eq!(same(&deputy.send(&preview, "/drafting", &fields)), same(&missing), "{typed}");
        }
        let forged = [("procedure", "Д1"), ("unit", ""), ("expected", ""), ("origin", "cnppm")];
        assert_eq!((deputy.send(&preview, "/drafting", &forged).status, plans(v)), (400, 0));
        let made = compose(&mut deputy);
        assert_eq!(made.status, 303, "{}", made.body);
        let school = |n| (n, "school".to_owned());
        assert_eq!(origins(v), [1, 2, 6, 7].map(school), "plans of the school, of its own people");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE author_id = 4"), 4);
        let told = deputy.get(made.header("location"));
        assert!(told.body.contains("Создано: 4\u{A0}маршрута") && told.body.contains("/composed?state&#x3D;draft"), "{}", told.body);
        // They lie on the desk of the school; topics are told, scores and levels are not.
        let plan = plan_of(v, 1001);
        let card = format!("/composed/{plan}");
        for login in ["deputy", "director"] {
            let mut who = server.signed_in(login, PASSWORD);
            assert!(who.get("/composed").body.contains("Найдено: 4\u{A0}маршрута"), "{login}");
            assert!(who.get("/composed?state=active").body.contains("Маршрутов не нашлось"), "{login}");
            let page = who.get(&card);
            assert!(page.body.contains("составлен: школа") && page.body.contains("Компетенция К1"), "{}", page.body);
            assert!(!page.body.contains("40\u{A0}%") && !page.body.contains("высокий"), "levels are told: {}", page.body);
            // Its papers open from there and tell as little.
            assert!(page.body.contains(&format!("href=\"{card}/paper\"")), "no way to the papers: {}", page.body);
            for paper in ["plan", "correction", "report", "summary"] {
                let paper = who.get(&format!("{card}/paper?document={paper}"));
                assert!(paper.status == 200 && paper.body.contains("Фамилия1"), "{}", paper.body);
                let told = ["40\u{A0}%", "высокий", "ровень дефицита"].map(|words| paper.body.contains(words));
                assert_eq!(told, [false; 3], "levels on a paper of the school: {}", paper.body);
            }
            assert!(who.get(&format!("{card}/revisions")).body.contains("ещё не утверждён"), "{login}");
            assert_eq!((who.get(&format!("{card}/edit")).status, who.get(&format!("{card}/close")).status), (200, 404));
        }
        let nothing = server.signed_in("director-3", PASSWORD).get("/composed/7");
        assert_eq!(nothing.status, 404);
        for login in ["director-3", "deputy-south", "methodist"] {
            let mut who = server.signed_in(login, PASSWORD);
            assert!(who.get("/composed").body.contains("Составленных маршрутов пока нет"), "{login}");
            let missing = who.get("/composed/7");
            for path in ["", "/edit", "/close", "/paper", "/revisions"].map(|part| format!("{card}{part}")) {
                assert_eq!(same(&who.get(&path)), same(&missing), "{login} {path}");
            }
            let form = who.get("/view");
            let sent = [("act", "send"), ("seen", "1")];
            assert_eq!(same(&who.send(&form, &format!("{card}/act"), &sent)).0, 404, "{login}");
        }
        assert_eq!((state(v, 1), server.signed_in("teacher", PASSWORD).get("/composed").status), ("draft".to_owned(), 403));
        // The ЦНППМ finds them among all.
        let mut head = server.signed_in("head", PASSWORD);
        assert!(head.get("/plans?origin=school").body.contains("Найдено: 4") && head.get("/plans?origin=cnppm").body.contains("Найдено: 0"));
        let theirs = head.get(PREVIEW).body;
        assert!(theirs.contains("Уже с маршрутом") && theirs.contains("Фамилия1") && theirs.contains(">Школа<"), "{theirs}");
        // What it drafts after the entry diagnosis of a course is of that course.
        assert_eq!(compose_by(&mut head, "Д2", "/drafting?procedure=%D0%942").status, 303);
        assert_eq!(&*show(v, 5)[0]["origin"], "course");
        // A second time nobody gets another one.
        assert!(deputy.get(PREVIEW).body.contains("Новых маршрутов нет"));
        assert_eq!((compose(&mut deputy).status, plans(v)), (422, 5));
    }

    fn a_school_and_the_cnppm_send_many_drafts_each_from_the_own_desk(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (mut deputy, mut director) = (server.signed_in("deputy", PASSWORD), server.signed_in("director", PASSWORD));
        assert_eq!(compose(&mut deputy).status, 303);
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(compose(&mut head).status, 303);
        v.sql(&format!("UPDATE iom_goal SET removed_at = '2023-02-11 00:00:00' WHERE iom_id = {}", plan_of(v, 1002)));
        let boxes = |page: &Page| -> Vec<(String, bool)> {
            let rest = page.body.split("type=\"checkbox\"").skip(1).filter_map(|rest| rest.split('>').next());
            let id = |tag: &str| tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect(tag).to_owned();
            rest.map(|tag| (id(tag), tag.contains("checked"))).collect()
        };
        let seen = |page: &Page| -> Vec<String> {
            let fields = page.body.split("name=\"plan\" value=\"").skip(1);
            fields.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        let key = |page: &Page| -> String {
            let rest = page.body.split("name=\"key\" value=\"").nth(1);
            rest.and_then(|rest| rest.split('"').next()).expect("a key").to_owned()
        };
        // The school finds the way from its list, and sends nothing that is not its own.
        assert!(deputy.get("/composed").body.contains("Отправить педагогам 4\u{A0}черновика"), "the way to the drafts");
        let list = director.get("/composed?state=draft");
        let all = boxes(&list);
        assert!(all.len() == 4 && all.iter().all(|(_, ticked)| *ticked), "{}", list.body);
        let theirs = plan_of(v, 1003).to_string();
        let foreign = director.send(&list, "/composed/send", &[("plan", all[0].0.as_str()), ("plan", theirs.as_str())]);
        assert!(foreign.status == 404 && !foreign.body.contains("Фамилия3"), "all or none: {}", foreign.body);
        let fields: Vec<(&str, &str)> = all.iter().map(|(id, _)| ("plan", id.as_str())).collect();
        let check = director.send(&list, "/composed/send", &fields);
        for said in ["Отправить 2\u{A0}маршрута?", "нет ни одной цели", "Это ваш маршрут: его отправит"] {
            assert!(check.status == 200 && check.body.contains(said), "said before: {said} {}", check.body);
        }
        let (own, plans) = (key(&check), seen(&check));
        let mut fields: Vec<(&str, &str)> = plans.iter().map(|plan| ("plan", plan.as_str())).collect();
        fields.push(("key", &own));
        let done = director.send(&check, "/composed/send/all", &fields);
        assert_eq!((done.status, done.header("location")), (303, &*format!("/composed/send/done/{own}")), "{}", done.body);
        assert!(director.get(done.header("location")).body.contains("Отправлено: 2, пропущено: 0"));
        assert_eq!([1, 2, 6, 7].map(|n| state(v, n)), ["on_agreement", "draft", "draft", "on_agreement"]);
        let told = "SELECT count(*) AS n FROM notice WHERE kind = 'iom_sent'";
        assert_eq!(number(v, told), 2, "each teacher is told");
        for login in ["director-3", "deputy-south", "methodist"] {
            let mut who = server.signed_in(login, PASSWORD);
            assert_eq!(who.get(done.header("location")).status, 404, "{login}");
            let form = who.get("/composed");
            assert_eq!(who.send(&form, "/composed/send", &[("plan", all[0].0.as_str())]).status, 404, "{login}");
        }
        // The ЦНППМ sends its own, and what a school composed only when it is ticked.
        let list = head.get("/plans?state=draft");
        assert!(list.body.contains("составила школа"), "{}", list.body);
        let all = boxes(&list);
        let of_schools = [1002, 1005].map(|person| plan_of(v, person).to_string());
        for (id, ticked) in &all {
            assert_eq!(*ticked, !of_schools.contains(id), "a draft of a school is ticked: {}", list.body);
        }
        let ticked: Vec<(&str, &str)> = all.iter().filter(|(_, t)| *t).map(|(id, _)| ("plan", id.as_str())).collect();
        assert_eq!(ticked.len(), 2, "{}", list.body);
        let check = head.send(&list, "/plans/send", &ticked);
        assert!(check.status == 200 && check.body.contains("Отправить 2\u{A0}маршрута?"), "{}", check.body);
        let (own, plans) = (key(&check), seen(&check));
        let mut fields: Vec<(&str, &str)> = plans.iter().map(|plan| ("plan", plan.as_str())).collect();
        fields.push(("key", &own));
        for _ in 0..2 {
            let done = head.send(&check, "/plans/send/all", &fields);
            assert_eq!(done.status, 303, "{}", done.body);
        }
        assert_eq!([3, 5].map(|n| state(v, n)), ["on_agreement", "on_agreement"]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'send'"), 4, "sent once each");
        let _whole = v.run(&["check"]).ok();
    }

    // rows: KR-F06
    fn the_head_approves_plans_of_the_school_but_never_the_own_one(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (mut deputy, mut director) = (server.signed_in("deputy", PASSWORD), server.signed_in("director", PASSWORD));
        assert_eq!(compose(&mut deputy).status, 303);
        let (plan, own, of_deputy) = (plan_of(v, 1001), plan_of(v, 1005), plan_of(v, 1006));
        for plan in [plan, own] {
            let sent = act(&mut deputy, "/composed", plan, &[("act", "send")]);
            assert_eq!(sent.status, 303, "{}", sent.body);
        }
        assert_eq!(act(&mut director, "/composed", of_deputy, &[("act", "send")]).status, 303);
        // Nothing of the own plan is changed by whoever composed it.
        assert_eq!(deputy.get(&format!("/composed/{of_deputy}/edit")).status, 404);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        assert_eq!(teacher.send(&page, "/plan/act", &[("act", "agree")]).status, 303);
        assert!(teacher.get("/plan").body.contains("Теперь его утвердит директор школы"));
        let today = crate::support::today().to_string();
        let agreed = format!("snils,act,item,date,by,value,reason\n{},agree,,{today},director,,\n{},agree,,{today},deputy,,\n", snils(6), snils(7));
        let file = v.file("agreed.csv", agreed);
        let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
        // The deputy approves nothing.
        let card = deputy.get(&format!("/composed/{plan}"));
        assert!(!card.body.contains("value=\"approve\""), "{}", card.body);
        assert_eq!(deputy.send(&card, &format!("/composed/{plan}/act"), &[("act", "approve"), ("seen", "3")]).status, 422);
        assert!(director.get("/composed?state=agreed").body.contains("Найдено: 3"));
        // The head of the ЦНППМ sees that they wait for another one, and approves none of them by the way.
        let waiting = server.signed_in("head", PASSWORD).get("/plans?state=agreed");
        let tick = waiting.body.split(&format!("id=\"plan-{plan}\"")).nth(1).and_then(|rest| rest.split('>').next());
        assert!(tick.is_some_and(|tick| !tick.contains("checked")), "ticked: {}", waiting.body);
        assert!(waiting.body.contains("утверждает директор школы"), "{}", waiting.body);
        for plan in [plan, of_deputy] {
            let approved = act(&mut director, "/composed", plan, &[("act", "approve")]);
            assert_eq!(approved.status, 303, "{}", approved.body);
        }
        assert_eq!((state(v, 1), state(v, 7)), ("approved".to_owned(), "approved".to_owned()));
        let card = director.get(&format!("/composed/{own}"));
        assert!(card.status == 200 && !card.body.contains("value=\"approve\""), "the own plan: {}", card.body);
        let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {own}")).to_string();
        let refused = director.send(&card, &format!("/composed/{own}/act"), &[("act", "approve"), ("seen", &version)]);
        assert!(refused.status == 422 && state(v, 6) == "on_agreement", "the own plan: {} {}", refused.status, refused.body);
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(act(&mut head, "/plans", own, &[("act", "approve")]).status, 303);
        assert_eq!(state(v, 6), "approved");
        // Papers and revisions say who has approved each.
        for (plan, post, by) in [
            (plan, "Руководитель образовательной организации", "утвердил директор школы"),
            (own, "Руководитель ЦНППМ", "утвердил ЦНППМ"),
        ] {
            let paper = director.get(&format!("/composed/{plan}/paper")).body;
            let posts = ["Руководитель образовательной организации", "Руководитель ЦНППМ"];
            let said: Vec<&str> = posts.into_iter().filter(|words| paper.contains(words)).collect();
            assert_eq!(said, [post], "approved by another one: {paper}");
            let revisions = director.get(&format!("/composed/{plan}/revisions")).body;
            assert!(revisions.contains(by), "{by}: {revisions}");
        }
        // The deputy begins what is led by the school, but not the own plan.
        assert_eq!(act(&mut deputy, "/composed", plan, &[("act", "start")]).status, 303);
        let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {of_deputy}")).to_string();
        assert_eq!(act(&mut deputy, "/composed", of_deputy, &[("act", "start"), ("seen", &version)]).status, 422);
        assert_eq!((state(v, 1), state(v, 7)), ("active".to_owned(), "approved".to_owned()));
        let _whole = v.run(&["check"]).ok();
    }

    // rows: KR-F06
    fn a_plan_of_a_school_lives_to_its_end_and_is_counted_as_one(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        assert_eq!(compose(&mut deputy).status, 303);
        let begun = |who| [("send", "", "12", "deputy", ""), ("agree", "", "13", who, ""), ("approve", "", "14", "director", "")];
        let _done = acts(v, 1, &begun("teacher")).ok();
        let _done = acts(v, 2, &begun("second")).ok();
        // Nobody was named as the curator: the school begins and names whoever marks the steps; it marks none itself.
        let _done = acts(v, 1, &[("start", "", "15", "deputy", ""), ("assign", "", "15", "deputy", "tutor")]).ok();
        let steps: Vec<String> = show(v, 1).iter().map(|row| row["item"].clone()).filter(|item| !item.is_empty()).collect();
        assert!(!steps.is_empty());
        for step in &steps {
            let _done = acts(v, 1, &[("submit", step, "16", "teacher", "")]).ok();
            for superior in ["deputy", "director"] {
                drop(acts(v, 1, &[("accept", step, "17", superior, "")]).with_refusals());
            }
            assert!(show(v, 1).iter().any(|row| row["item"] == *step && row["item_state"] == "submitted"), "a superior marks");
            let _done = acts(v, 1, &[("accept", step, "17", "tutor", "")]).ok();
        }
        let plan = plan_of(v, 1001);
        let closing = format!("/composed/{plan}/close");
        let form = deputy.get(&closing);
        assert!(form.status == 200 && !form.body.contains("было:"), "{}", form.body);
        let judged: Vec<String> = form.body.split("<fieldset id=\"").skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect();
        let mut fields: Vec<(&str, &str)> = judged.iter().map(|name| (name.as_str(), "reduced")).collect();
        fields.extend([("conclusion", "Занятия проведены, уроки посещены"), ("sure", "yes")]);
        let closed = deputy.send(&form, &closing, &fields);
        assert_eq!(closed.status, 303, "{}", closed.body);
        let last = &show(v, 1)[0];
        assert_eq!((&*last["state"], &*last["outcome"], &*last["origin"]), ("closed", "completed", "school"));
        // Where a curator was named, the plan is led by that one.
        let _done = acts(v, 2, &[("assign", "", "15", "deputy", "curator")]).ok();
        let beside = acts(v, 2, &[("start", "", "16", "director", "")]);
        assert_eq!((beside.code, state(v, 2)), (2, "approved".to_owned()), "the curator begins it");
        let _done = acts(v, 2, &[("start", "", "16", "curator", "")]).ok();
        assert_eq!(state(v, 2), "active");
        // An indicator tells them from those of the ЦНППМ.
        let one = |code: &str, test: &str| format!("[[indicator]]\ncode = \"{code}\"\ntitle = \"Доля {code}\"\ntask = \"1\"\nformula = \"share(count(person where {test}), \
            count(person where pedagogical))\"\npopulation = \"Педагоги\"\nunit = \"%\"\ndirection = \"higher_is_better\"\ndigits = 1\nsource = \"Записи\"\n");
        let head = "code = \"origin\"\nversion = 1\ntitle = \"Проба\"\nperiod_kind = \"academic_year\"\nreference_day = \"06-01\"\nyears = [\"2022/23\"]\n\n\
            [[goal]]\ncode = \"1\"\ntitle = \"Цель\"\n\n[[task]]\ncode = \"1\"\ntitle = \"Задача\"\ngoal = \"1\"\n\n";
        let pack = format!("{head}{}\n{}", one("school", "iom_formed(origin = school)"), one("cnppm", "iom_formed(origin = cnppm)"));
        let file = v.file("origin.toml", pack);
        let _loaded = v.run(&["pack", "load", crate::support::text(&file)]).ok();
        let rows = v.run(&["values", "--pack", "origin", "--period", "2022/23", "--level", "organisation"]).ok().rows();
        let counted = |code: &str| -> Vec<(String, String)> {
            let of = rows.iter().filter(|row| row["indicator"] == code && row["numerator"].starts_with(|c: char| ('1'..='9').contains(&c)));
            of.map(|row| (row["unit"].clone(), row["numerator"].clone())).collect()
        };
        assert!(counted("cnppm").is_empty() && !rows.is_empty(), "{rows:?}");
        let school = counted("school");
        assert!(school.len() == 1 && school[0].0 == "С2" && school[0].1.starts_with('2'), "{rows:?}");
        let _whole = v.run(&["check"]).ok();
    }

    // rows: KR-F05
    fn a_municipal_methodist_composes_with_the_cnppm_whose_head_approves(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let preview = methodist.get(PREVIEW);
        assert!(preview.status == 200 && !preview.body.contains("Фамилия"), "{}", preview.body);
        let missing = methodist.get("/drafting?procedure=nothing");
        for (code, typed) in [("%D0%A14", "С4"), ("%D0%AE1", "Ю1"), ("%D0%A10", "С0")] {
            assert_eq!(same(&methodist.get(&format!("{PREVIEW}&unit={code}"))), same(&missing), "{typed}");
        }
        assert_eq!(compose(&mut methodist).status, 303);
        let cnppm = |n| (n, "cnppm".to_owned());
        assert_eq!(origins(v), [1, 2, 3, 6, 7].map(cnppm), "of the municipality alone");
        // The author changes and sends; nobody else of the municipality finds it, nor another one's plans.
        let plan = plan_of(v, 1003);
        assert!(methodist.get("/composed").body.contains("Найдено: 5"));
        assert_eq!(methodist.get(&format!("/composed/{plan}/edit")).status, 200);
        assert_eq!(act(&mut methodist, "/composed", plan, &[("act", "send")]).status, 303);
        for login in ["methodist-2", "methodist-south", "director-3"] {
            let mut who = server.signed_in(login, PASSWORD);
            assert!(who.get("/composed").body.contains("Составленных маршрутов пока нет"), "composed by another one: {login}");
            assert_eq!(who.get(&format!("/composed/{plan}")).status, 404, "{login}");
        }
        let _done = acts_today(v, 3, "agree", "head").with_refusals();
        v.sql("INSERT INTO account (id, login, password_hash, person_id, state, auth_version, created_at, version) VALUES \
               (30, 'third', '', 1003, 'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, \
               recorded_at) SELECT 30, 30, 'teacher', organisation_id, '2022-01-01 00:00:00' FROM employment WHERE person_id = 1003");
        let _done = acts_today(v, 3, "agree", "third").ok();
        let card = methodist.get(&format!("/composed/{plan}"));
        assert!(card.status == 200 && !card.body.contains("value=\"approve\""), "{}", card.body);
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")).to_string();
        let refused = methodist.send(&card, &format!("/composed/{plan}/act"), &[("act", "approve"), ("seen", &seen)]);
        assert_eq!((refused.status, state(v, 3)), (422, "on_agreement".to_owned()), "{}", refused.body);
        drop(acts_today(v, 3, "approve", "director-3").with_refusals());
        assert_eq!(state(v, 3), "on_agreement", "a head approves what is the school's");
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(act(&mut head, "/plans", plan, &[("act", "approve")]).status, 303);
        assert_eq!(state(v, 3), "approved");
        // Who has a plan of the ЦНППМ gets none of the school; the school is told whose it is.
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let preview = deputy.get(PREVIEW);
        assert!(preview.body.contains("Новых маршрутов нет") && preview.body.contains("Уже с маршрутом"), "{}", preview.body);
        assert!(preview.body.contains("Фамилия1") && preview.body.contains(">ЦНППМ<") && !preview.body.contains("Фамилия3"), "{}", preview.body);
        assert_eq!((compose(&mut deputy).status, plans(v)), (422, 5));
        assert!(deputy.get("/composed").body.contains("Составленных маршрутов пока нет"));
        let _whole = v.run(&["check"]).ok();
    }

        fn in_anothers_stead_one_composes_in_that_ones_name(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/delegations");
        let day = |plus| (crate::support::today() + chrono::Days::new(plus)).format("%d.%m.%Y").to_string();
        let (from, to) = (day(0), day(3));
        let fields = [("role", "school_head"), ("who", "4"), ("from", &*from), ("to", &*to), ("reason", "отпуск")];
        let named = director.send(&page, "/delegations", &fields);
        assert_eq!(named.status, 303, "{}", named.body);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let page = deputy.get("/account");
        let stead = number(v, "SELECT max(id) AS n FROM delegation").to_string();
        assert_eq!(deputy.send(&page, "/role", &[("stead", &stead)]).status, 303);
        assert_eq!(compose(&mut deputy).status, 303);
        let whose = "SELECT count(*) AS n FROM iom WHERE origin = 'school' AND author_id = 3";
        assert_eq!((number(v, whose), plans(v)), (4, 4), "whose right it was");
        let hands = "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.draft' AND account_id = 4 AND on_behalf_of_id = 3";
        assert_eq!(number(v, hands), 4);
        // Of a colleague the substitute approves, of itself never.
        for (n, who, person) in [(1, "teacher", 1001), (7, "deputy", 1006)] {
            let _done = acts_today(v, n, "send", "director").ok();
            let _done = acts_today(v, n, "agree", who).ok();
            let plan = plan_of(v, person);
            let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")).to_string();
            let answer = act(&mut deputy, "/composed", plan, &[("act", "approve"), ("seen", &seen)]);
            assert_eq!(answer.status, if n == 1 { 303 } else { 422 }, "{}", answer.body);
        }
        assert_eq!((state(v, 1), state(v, 7)), ("approved".to_owned(), "on_agreement".to_owned()));
    }
}

/// One act of today.
pub fn acts_today(v: &Vekha, n: i64, act: &str, by: &str) -> crate::support::Answer {
    let today = crate::support::today();
    let text = format!(
        "snils,act,item,date,by,value,reason\n{},{act},,{today},{by},,\n",
        snils(n)
    );
    let file = v.file("today.csv", text);
    v.run(&["iom", "apply", crate::support::text(&file)])
}
