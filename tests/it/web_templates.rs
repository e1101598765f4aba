//! Templates of plans and their proposals to live plans: a new version changes nothing, each plan is asked; what is taken
//! makes the next revision. Two regions, two databases.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_plan_edit::send;
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const EDIT: &str = "/iom-templates/edit?template=school";
const THEN: &str = "'2022-01-01 00:00:00'";

fn starts() -> NaiveDate {
    today() - Days::new(40)
}

fn ends() -> NaiveDate {
    starts() + Months::new(12) - Days::new(1)
}

/// The last day of a month of the plan.
fn due(months: u32) -> NaiveDate {
    starts() + Months::new(months) - Days::new(1)
}

/// A template «school» of the north with three steps, and `plans` live plans that have taken it: put into the database with
/// their first revision. The first person has an account, a curator and a tutor; the south has one plan without a template.
fn world(v: &Vekha, plans: i64) -> Server {
    let mut world = World::new();
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for n in 1..=plans {
        world.teacher(1000 + n, n, NORTH, 2);
    }
    world.teacher(9001, 5001, SOUTH, 2);
    for (id, login, role, over) in [
        (1, "staff", "cnppm_staff", north),
        (2, "head", "cnppm_head", north),
        (3, "curator", "curator", north),
        (4, "tutor", "tutor", north),
        (5, "second", "cnppm_staff", north),
        (6, "staff-south", "cnppm_staff", south),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.account(7, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    let step = |code: &str, title: &str, months: u32, hours: u32| {
        format!(
            "{{\"code\":\"{code}\",\"title\":\"{title}\",\"programme\":null,\"education_form\":\"non_formal\",\"level\":null,\
             \"mandatory\":true,\"hours\":{hours},\"months\":{months},\"category\":null,\"study_form\":null,\
             \"organiser\":null,\"accompaniment\":null,\"expected\":null}}"
        )
    };
    let steps = [
        ("s1", "Открытый урок", 3, 4),
        ("s2", "Семинар", 6, 8),
        ("s3", "Отчёт", 9, 2),
    ];
    let body: Vec<String> = steps
        .iter()
        .map(|(code, title, m, h)| step(code, title, *m, *h))
        .collect();
    world.row(
        "iom_template (id, region_id, record_id, code, title, body, digest, version, account_id, recorded_at)",
        &format!(
            "70, {north}, 70, 'school', 'Молодой педагог', '{{\"steps\":[{}]}}', '', 1, 1, {THEN}",
            body.join(",")
        ),
    );
    let people = (1..=plans).map(|n| (1000 + n, north, "70, 1"));
    for (person, region, template) in people.chain([(9001, south, "NULL, NULL")]) {
        let plan = 100_000 + person;
        live(&mut world, plan, person, region, template, &steps);
    }
    for (id, account, kind) in [(1, 3, "curator"), (2, 4, "tutor")] {
        world.row(
            "supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at)",
            &format!("{id}, {north}, 101001, {account}, '{kind}', '{}', {THEN}", starts()),
        );
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

fn live(world: &mut World, plan: i64, person: i64, region: i64, template: &str, steps: &[(&str, &str, u32, u32)]) {
    let (from, to) = (starts(), ends());
    world.row(
        "iom (id, region_id, person_id, number, origin, state, starts_on, ends_on, first_visible_on, agreed_on, revision, \
         on_platform, version, recorded_at, template_id, template_version)",
        &format!(
            "{plan}, {region}, {person}, 'ИОМ-{plan}', 'cnppm', 'active', '{from}', '{to}', '{from}', '{from}', 1, TRUE, 1, \
             {THEN}, {template}"
        ),
    );
    world.row(
        "iom_state (id, region_id, iom_id, state, on_date, recorded_at)",
        &format!("{plan}, {region}, {plan}, 'active', '{from}', {THEN}"),
    );
    world.row(
        "iom_goal (id, region_id, iom_id, basis, title)",
        &format!("{plan}, {region}, {plan}, 'individual_request', 'Освоиться в школе'"),
    );
    let mut items = Vec::new();
    for (number, (code, title, months, hours)) in (1..).zip(steps) {
        let (id, due) = (plan * 10 + number, due(*months));
        world.row(
            "iom_item (id, region_id, iom_id, number, state, title, education_form, mandatory, hours, due_on, topics, version, \
             recorded_at, template_step)",
            &format!(
                "{id}, {region}, {plan}, {number}, 'planned', '{title}', 'non_formal', TRUE, {hours}, '{due}', '', 1, {THEN}, \
                 '{code}'"
            ),
        );
        items.push(format!(
            "{{\"number\":{number},\"id\":\"{id}\",\"title\":\"{title}\",\"programme\":null,\"education_form\":\"non_formal\",\
             \"level\":null,\"mandatory\":true,\"hours\":{hours},\"due_on\":\"{due}\",\"topics\":\"\",\"rule\":null,\
             \"competence\":null,\"cancelled\":false}}"
        ));
    }
    let body = format!(
        "{{\"goals\":[{{\"basis\":\"individual_request\",\"competence\":null,\"title\":\"Освоиться в школе\",\"id\":\"{plan}\"}}],\
         \"items\":[{}],\"starts_on\":\"{from}\",\"ends_on\":\"{to}\",\"deficits\":[]}}",
        items.join(",")
    );
    let digest = vekha::audit::digest(body.as_bytes());
    world.row(
        "iom_revision (id, region_id, iom_id, number, reason, on_date, body, digest, recorded_at, basis)",
        &format!("{plan}, {region}, {plan}, 1, 'утверждение', '{from}', '{body}', '{digest}', {THEN}, 'approval'"),
    );
}

/// Plans, their steps and revisions, all columns that mean anything, but for one plan.
fn digest(v: &Vekha, but: i64) -> Vec<String> {
    let text = |column: &str| format!("COALESCE(CAST({column} AS TEXT), '-')");
    let all = |columns: &[&str]| columns.iter().map(|c| text(c)).collect::<Vec<_>>().join(" || '|' || ");
    let plans = all(&[
        "id",
        "state",
        "ends_on",
        "revision",
        "version",
        "template_id",
        "template_version",
        "request",
    ]);
    let items = all(&[
        "id",
        "number",
        "state",
        "title",
        "education_form",
        "level",
        "mandatory",
        "hours",
        "due_on",
        "topics",
        "organiser",
        "category",
        "accompaniment",
        "expected",
        "added_on",
        "reason",
        "version",
        "template_step",
        "settled_on",
    ]);
    let revisions = all(&["id", "iom_id", "number", "reason", "body", "digest", "basis"]);
    let mut rows = v.query(&format!("SELECT {plans} FROM iom WHERE id <> {but}"));
    rows.extend(v.query(&format!("SELECT {items} FROM iom_item WHERE iom_id <> {but}")));
    rows.extend(v.query(&format!("SELECT {revisions} FROM iom_revision WHERE iom_id <> {but}")));
    rows.sort();
    rows
}

/// What the second version says: a longer seminar with another organiser, no report, a step more.
const SECOND: &[(&str, &str)] = &[
    ("step-s2-hours", "16"),
    ("step-s2-organiser", "ЦНППМ"),
    ("step-s3-out", "yes"),
    ("step-new1-title", "Взаимопосещение"),
    ("step-new1-months", "10"),
    ("step-new1-hours", "6"),
];

/// Types a version, looks at the difference and saves it.
#[track_caller]
fn edit(who: &mut Visitor, path: &str, typed: &[(&str, &str)]) -> Page {
    let page = who.get(path);
    let shown = send(who, &page, path, &[typed, &[("act", "check")]].concat());
    assert_eq!(shown.status, 200, "{}", shown.body);
    let saved = send(who, &shown, path, &[("act", "save")]);
    assert_eq!(saved.status, 303, "{}", saved.body);
    // Sent twice, it is saved once, and its sender is told of nobody else.
    let again = send(who, &shown, path, &[("act", "save")]);
    assert_eq!(
        (again.status, again.header("location")),
        (303, saved.header("location")),
        "saved twice: {}",
        again.body
    );
    who.get(saved.header("location"))
}

/// Values of a hidden or ticked field on a page, in their order.
fn values(page: &Page, name: &str) -> Vec<String> {
    let head = format!("name=\"{name}\" value=\"");
    let parts = page.body.split(&head).skip(1);
    parts
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

fn value(page: &Page, name: &str) -> String {
    values(page, name).into_iter().next().unwrap_or_default()
}

/// What a login reads as news of the plans that it accompanies.
fn news(v: &Vekha, login: &str) -> Vec<String> {
    let of = format!("n.kind = 'iom_progress_support' AND a.login = '{login}'");
    v.query(&format!(
        "SELECT n.body FROM notice n JOIN account a ON a.id = n.account_id WHERE {of} ORDER BY n.id"
    ))
}

/// Takes or declines the proposal that a page shows.
fn answer(who: &mut Visitor, page: &Page, path: &str, act: &str, why: &str) -> Page {
    let (seen, key) = (value(page, "seen"), value(page, "key"));
    let field = if act == "accept" { "reason" } else { "why" };
    let fields = [
        ("act", act),
        ("seen", &seen),
        ("key", &key),
        ("template", ""),
        (field, why),
    ];
    who.send(page, path, &fields)
}

on_both! {
    fn editing_a_template_of_five_hundred_live_plans_changes_none_and_proposes_to_all(v: &Vekha) {
        let server = world(v, 500);
        let mut staff = server.signed_in("staff", PASSWORD);
        let before = digest(v, 0);
        assert!(before.len() > 500 * 5, "{}", before.len());
        assert!(staff.get("/proposals").body.contains("Предложений нет"));
        // Nothing is saved before it was shown.
        let page = staff.get(EDIT);
        let shown = send(&mut staff, &page, EDIT, &[SECOND, &[("act", "save")]].concat());
        assert!(shown.status == 200 && shown.body.contains("Сохранить версию 2"), "{}", shown.body);
        for text in ["Шаг «Семинар»: объём", "Шаг «Взаимопосещение»", "новый шаг", "Шаг «Отчёт»", "убран"] {
            assert!(shown.body.contains(text), "{text}: {}", shown.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_template"), 1);
        let done = edit(&mut staff, EDIT, SECOND);
        assert!(done.body.contains("Версия шаблона записана") && done.body.contains("Версия 2"), "{}", done.body);
        assert_eq!(digest(v, 0), before, "no plan has changed");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_template WHERE superseded_at IS NULL AND version = 2"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.template'"), 1);
        let mut proposed = BTreeSet::new();
        for page in 1..=10 {
            let page = staff.get(&format!("/proposals?template=school&page={page}"));
            assert!(page.body.contains("500\u{a0}предложений"), "{}", page.body);
            proposed.extend(values(&page, "proposal"));
        }
        assert_eq!(proposed.len(), 500, "each plan has one");
        assert_eq!(digest(v, 0), before, "looking changes nothing either");
        // The other region has neither the template nor proposals.
        let mut south = server.signed_in("staff-south", PASSWORD);
        assert!(south.get("/proposals").body.contains("Предложений нет"));
        for path in ["/iom-templates/one", "/iom-templates/edit", "/proposals"] {
            let (theirs, missing) = (south.get(&format!("{path}?template=school")), south.get(&format!("{path}?template=nothing")));
            assert_eq!((theirs.status, theirs.body), (404, missing.body), "{path}");
        }
        let page = south.get("/proposals");
        let foreign = proposed.iter().next().expect("one").as_str();
        let check = [("proposal", foreign), ("act", "accept")];
        assert_eq!(south.send(&page, "/proposals/check", &check).status, 404);
        let key = "0".repeat(64);
        let all = [check[0], check[1], ("key", key.as_str()), ("reason", "Новая версия")];
        assert_eq!(south.send(&page, "/proposals/all", &all).status, 404);
        assert_eq!(digest(v, 0), before);
    }

    fn accepting_one_makes_revision_two_with_author_reason_and_acknowledgement(v: &Vekha) {
        let server = world(v, 3);
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut curator = server.signed_in("curator", PASSWORD);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let others = digest(v, 101_001);
        let card = curator.get("/people/101001");
        assert!(card.body.contains("Предложение шаблона") && card.body.contains("/people/101001/proposal"), "{}", card.body);
        let path = "/people/101001/proposal";
        let page = curator.get(path);
        for text in ["объём", "16\u{a0}ч", "ЦНППМ", "отменён", "Взаимопосещение", &due(10).format("%d.%m.%Y").to_string()] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
        let silent = answer(&mut curator, &page, path, "accept", "");
        assert!(silent.status == 422 && silent.body.contains("Укажите, почему маршрут меняется"), "{}", silent.body);
        let done = answer(&mut curator, &page, path, "accept", "Новые требования региона");
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(answer(&mut curator, &page, path, "accept", "Новые требования региона").status, 303, "sent twice it is done once");
        let of = "FROM iom_revision WHERE iom_id = 101001 AND number = 2 AND basis = 'template' AND account_id = 3 \
                  AND reason = 'Новые требования региона'";
        assert_eq!(number(v, &format!("SELECT count(*) AS n {of}")), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND revision = 2 AND template_version = 2"), 1);
        let item = |what: &str| number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = 101001 AND {what}"));
        assert_eq!(item("number = 2 AND hours = 16 AND organiser = 'ЦНППМ'"), 1);
        assert_eq!(item("number = 3 AND state = 'cancelled'"), 1);
        let new = format!("number = 4 AND template_step = 's4' AND due_on = '{}' AND added_on = '{}'", due(10), today());
        assert_eq!(item(&new), 1, "past periods do not count it");
        assert_eq!(item("number = 1 AND version = 1"), 1);
        assert_eq!(digest(v, 101_001), others, "nobody else's plan has changed");
        assert!(!curator.get("/people/101001").body.contains("Посмотреть предложение"));
        assert!(curator.get(path).body.contains("новых предложений нет"));
        // The teacher reads what has changed and acknowledges it.
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let sheet = teacher.get("/plan/revisions");
        for text in ["Редакция № 2", "Новые требования региона (новый шаблон)", "Взаимопосещение", "curator"] {
            assert!(sheet.body.contains(text), "{text}: {}", sheet.body);
        }
        assert_eq!(teacher.send(&sheet, "/plan/acquaint", &[("revision", "2")]).status, 303);
        let read = "SELECT count(*) AS n FROM iom_acquaintance a JOIN iom_revision r ON r.iom_id = a.iom_id AND \
                    r.number = a.revision AND r.digest = a.body_digest WHERE a.iom_id = 101001 AND a.account_id = 7";
        assert_eq!(number(v, read), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'iom_changed'"), 1);
        // Whoever accompanies the plan reads of it, but for who has done it.
        let (own, beside) = (news(v, "curator"), news(v, "tutor"));
        assert!(own.is_empty() && beside.len() == 1 && beside[0].contains("изменён, редакция 2"), "{own:?} {beside:?}");
        // Who only reads plans takes nothing; who does not accompany one finds none.
        assert_eq!(server.signed_in("head", PASSWORD).get("/plans/101002/proposal").status, 404);
        assert_eq!(server.signed_in("tutor", PASSWORD).get(path).status, 404);
        assert_eq!(curator.get("/people/101002/proposal").status, 404);
        assert_eq!(server.signed_in("staff-south", PASSWORD).get("/plans/101002/proposal").status, 404);
        // Plans that were put into the database have no acts before the proposal: their revisions alone are compared.
        let checked = v.run(&["check"]);
        let said = format!("{}{}", checked.out, checked.err);
        assert!(said.contains("редакции ИОМ — 5") && !said.contains("текст изменён"), "{said}");
    }

    fn a_proposal_says_which_steps_would_end_when_nobody_learns(v: &Vekha) {
        let server = world(v, 1);
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut curator = server.signed_in("curator", PASSWORD);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let path = "/people/101001/proposal";
        let day = due(10).format("\"%m-%d\"").to_string();
        let own = vekha::iom::rules::SOURCE.replace("летний отпуск", "сенокос").replace("\"07-01\"", &day).replace("\"08-31\"", &day);
        v.sql(&format!(
            "INSERT INTO rule_set (id, code, version, source, loaded_at, region_id) VALUES (777, 'own', 1, '{}', '2023-01-01 00:00:00', {})",
            own.replace('\'', "''"), unit(NORTH, 0),
        ));
        let said = format!("Срок шага «Взаимопосещение», {}, выпадает на дни, когда не учатся: сенокос", due(10).format("%d.%m.%Y"));
        let page = curator.get(path);
        assert!(page.body.contains(&said), "said with the proposal: {}", page.body);
        assert_eq!(page.body.matches("когда не учатся").count(), 1, "{}", page.body);
        let list = staff.get("/proposals?template=school");
        let one = value(&list, "proposal");
        let look = |act: &str, staff: &mut Visitor| staff.send(&list, "/proposals/check", &[("proposal", &*one), ("act", act)]);
        let (taken, declined) = (look("accept", &mut staff), look("decline", &mut staff));
        assert!(taken.status == 200 && taken.body.contains(&said), "said with many: {}", taken.body);
        assert!(declined.status == 200 && !declined.body.contains("когда не учатся"), "{}", declined.body);
    }

    fn a_proposal_to_a_plan_changed_since_is_stale(v: &Vekha) {
        let server = world(v, 2);
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut second = server.signed_in("second", PASSWORD);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let path = "/plans/101001/proposal";
        let old = staff.get(path);
        // Somebody changes the plan by hand meanwhile.
        let page = second.get("/plans/101001/edit");
        let by_hand = [("item-1-organiser", "Школа"), ("reason", "Уточнение")];
        assert_eq!(send(&mut second, &page, "/plans/101001/edit", &by_hand).status, 303);
        let stale = answer(&mut staff, &old, path, "accept", "Новая версия");
        assert!(stale.status == 409 && stale.body.contains("посмотрите предложение заново"), "{}", stale.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND template_version = 1 AND revision = 2"), 1);
        // A step is accepted meanwhile: what was shown is not what would happen.
        let old = staff.get(path);
        v.sql(&format!("UPDATE iom_item SET state = 'accepted', settled_on = '{}', version = 2 WHERE id = 1010012", today()));
        assert_eq!(answer(&mut staff, &old, path, "accept", "Новая версия").status, 409);
        // The template goes on meanwhile.
        let old = staff.get(path);
        let _saved = edit(&mut second, EDIT, &[("step-s1-hours", "5")]);
        let stale = answer(&mut staff, &old, path, "decline", "Не подходит");
        assert_eq!(stale.status, 409, "{}", stale.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND template_version = 1 AND revision = 2"), 1);
        let now = staff.get(path);
        assert_eq!(answer(&mut staff, &now, path, "accept", "Новая версия").status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND template_version = 3 AND revision = 3"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_item WHERE id = 1010012 AND hours = 8"), 1, "settled: it stays");
    }

    fn what_somebody_has_changed_by_hand_stays_and_is_named(v: &Vekha) {
        let server = world(v, 1);
        let mut staff = server.signed_in("staff", PASSWORD);
        let page = staff.get("/plans/101001/edit");
        let by_hand = [("item-2-organiser", "Лицей № 5"), ("reason", "Ближе к дому")];
        assert_eq!(send(&mut staff, &page, "/plans/101001/edit", &by_hand).status, 303);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let path = "/plans/101001/proposal";
        let page = staff.get(path);
        let (changes, kept) = page.body.split_once("Что останется как есть").expect("something stays");
        assert!(changes.contains("объём") && !changes.contains("организация"), "{changes}");
        assert!(kept.contains("организация") && kept.contains("Лицей № 5") && kept.contains("ЦНППМ"), "{kept}");
        assert_eq!(answer(&mut staff, &page, path, "accept", "Новая версия").status, 303);
        let item = "SELECT count(*) AS n FROM iom_item WHERE iom_id = 101001 AND number = 2 AND organiser = 'Лицей № 5' AND hours = 16";
        assert_eq!(number(v, item), 1);
    }

    fn a_declined_proposal_says_why_and_leaves_the_plan_as_it_is(v: &Vekha) {
        let server = world(v, 1);
        let mut staff = server.signed_in("staff", PASSWORD);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let path = "/plans/101001/proposal";
        let page = staff.get(path);
        let silent = answer(&mut staff, &page, path, "decline", "");
        assert_eq!(silent.status, 422, "{}", silent.body);
        let items = "SELECT title || state || hours || version FROM iom_item";
        let before = v.query(items);
        let done = answer(&mut staff, &page, path, "decline", "Педагог уже ведёт семинар");
        assert_eq!(done.status, 303, "{}", done.body);
        let card = staff.get(done.header("location"));
        assert!(card.body.contains("Предложение шаблона отклонено") && card.body.contains("Педагог уже ведёт семинар"), "{}", card.body);
        assert_eq!(v.query(items), before);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND template_version = 2 AND revision = 1"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.template_decline'"), 1);
        assert!(staff.get("/proposals").body.contains("Предложений нет"));
        // The next version proposes what is new in it alone.
        let _saved = edit(&mut staff, EDIT, &[("step-s1-hours", "5")]);
        let page = staff.get(path);
        assert!(page.body.contains("5\u{a0}ч") && !page.body.contains("Взаимопосещение"), "{}", page.body);
        // A file of acts can neither take nor decline.
        let text = format!("snils,act,item,date,by,value,reason\n{},decline-template,,{},staff,3,нет\n", snils(1), today());
        let file = v.file("acts.csv", text);
        let _refused = v.run(&["iom", "apply", crate::support::text(&file)]).with_refusals();
    }

    fn many_are_accepted_after_a_look_and_the_skipped_say_why(v: &Vekha) {
        let server = world(v, 5);
        let mut staff = server.signed_in("staff", PASSWORD);
        let _saved = edit(&mut staff, EDIT, SECOND);
        v.sql("UPDATE iom SET state = 'on_agreement' WHERE id = 101004");
        let list = staff.get("/proposals");
        let tokens = values(&list, "proposal");
        assert_eq!(tokens.len(), 5);
        let nothing = staff.send(&list, "/proposals/check", &[("act", "accept")]);
        assert_eq!(nothing.status, 422, "{}", nothing.body);
        let of = |n: usize| tokens[n].as_str();
        let fields = [("act", "accept"), ("proposal", of(0)), ("proposal", of(1)), ("proposal", of(2)), ("proposal", of(3))];
        let look = staff.send(&list, "/proposals/check", &fields);
        assert!(look.status == 200 && look.body.contains("Принять 4\u{a0}предложения?"), "{}", look.body);
        for text in ["Фамилия1", "Фамилия4", "объём", "Шаблон «Молодой педагог», версия 2"] {
            assert!(look.body.contains(text), "{text}: {}", look.body);
        }
        assert!(!look.body.contains("Фамилия5"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_revision WHERE number = 2"), 0, "a look changes nothing");
        // One is changed between the look and the act.
        v.sql("UPDATE iom SET version = version + 1 WHERE id = 101002");
        let (key, chosen) = (value(&look, "key"), values(&look, "proposal"));
        let act = |reason: &'static str| {
            let mut fields = vec![("act", "accept"), ("key", key.as_str()), ("reason", reason)];
            fields.extend(chosen.iter().map(|token| ("proposal", token.as_str())));
            fields
        };
        let silent = staff.send(&look, "/proposals/all", &act(""));
        assert_eq!(silent.status, 422, "{}", silent.body);
        let mut neither = act("Новая версия");
        neither[0] = ("act", "zzz");
        assert_eq!(staff.send(&look, "/proposals/all", &neither).status, 400, "neither accepted nor declined");
        let done = staff.send(&look, "/proposals/all", &act("Новая версия"));
        assert_eq!(done.status, 303, "{}", done.body);
        let told = staff.get(done.header("location"));
        assert!(told.body.contains("Выполнено 2, пропущено 2"), "{}", told.body);
        for text in ["Фамилия2", "посмотрите предложение заново", "Фамилия4", "на согласовании"] {
            assert!(told.body.contains(text), "{text}: {}", told.body);
        }
        assert_eq!(staff.send(&look, "/proposals/all", &act("Новая версия")).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_revision WHERE number = 2 AND basis = 'template'"), 2, "once");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE template_version = 2"), 2);
        for login in ["curator", "tutor"] {
            let told = news(v, login);
            assert!(told.len() == 1 && told[0].contains("изменён, редакция 2"), "{login} is not told of the revision: {told:?}");
        }
        let mut curator = server.signed_in("curator", PASSWORD);
        let list = curator.get("/notices");
        assert!(list.body.contains("Маршрут педагога ИОМ-101001: изменён, редакция 2") && list.body.contains("href=\"/people/101001\""), "{}", list.body);
        // Many are declined in the same way; no revision comes of it.
        let list = staff.get("/proposals");
        let tokens = values(&list, "proposal");
        let fields = [("act", "decline"), ("proposal", tokens[0].as_str()), ("proposal", tokens[2].as_str())];
        let look = staff.send(&list, "/proposals/check", &fields);
        assert!(look.body.contains("Отклонить 2\u{a0}предложения?"), "{}", look.body);
        let (key, chosen) = (value(&look, "key"), values(&look, "proposal"));
        let fields = [
            ("act", "decline"), ("key", key.as_str()), ("reason", "Год заканчивается"),
            ("proposal", chosen[0].as_str()), ("proposal", chosen[1].as_str()),
        ];
        let done = staff.send(&look, "/proposals/all", &fields);
        assert!(staff.get(done.header("location")).body.contains("Выполнено 2, пропущено 0"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'decline-template'"), 2);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_revision WHERE number = 2"), 2);
        // Whoever only reads sees the list and no boxes.
        let mut head = server.signed_in("head", PASSWORD);
        let list = head.get("/proposals");
        assert!(list.status == 200 && values(&list, "proposal").is_empty(), "{}", list.body);
        let fields = [("act", "accept"), ("proposal", tokens[1].as_str())];
        assert_eq!(head.send(&list, "/proposals/check", &fields).status, 404);
    }

    fn a_plan_takes_a_template_and_follows_it_from_then_on(v: &Vekha) {
        let server = world(v, 1);
        v.sql("UPDATE iom SET template_id = NULL, template_version = NULL; UPDATE iom_item SET template_step = NULL");
        let mut staff = server.signed_in("staff", PASSWORD);
        let page = staff.get("/plans/101001/proposal");
        assert!(page.body.contains("Молодой педагог") && !page.body.contains("Принять предложение"), "{}", page.body);
        let path = "/plans/101001/proposal?template=school";
        let page = staff.get(path);
        assert!(page.body.contains("новый шаг"), "{}", page.body);
        let fields = [
            ("act", "accept"), ("seen", &value(&page, "seen")), ("key", &value(&page, "key")), ("template", "school"),
            ("reason", "Общий маршрут молодых"),
        ];
        let done = staff.send(&page, "/plans/101001/proposal", &fields);
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_item WHERE iom_id = 101001 AND template_step IS NOT NULL"), 3);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE id = 101001 AND template_id = 70 AND template_version = 1"), 1);
        let _saved = edit(&mut staff, EDIT, SECOND);
        assert_eq!(values(&staff.get("/proposals"), "proposal").len(), 1);
        // The template of another region cannot be taken.
        let mut south = server.signed_in("staff-south", PASSWORD);
        let page = south.get("/plans/109001/proposal");
        assert!(page.body.contains("Шаблонов пока нет"), "{}", page.body);
        assert_eq!(south.get("/plans/109001/proposal?template=school").status, 404);
    }

    fn a_step_of_a_template_keeps_its_code_and_of_two_editors_the_second_is_told(v: &Vekha) {
        let server = world(v, 1);
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut second = server.signed_in("second", PASSWORD);
        let old = second.get(EDIT);
        let _saved = edit(&mut staff, EDIT, SECOND);
        let late = send(&mut second, &old, EDIT, &[("title", "Другое название"), ("act", "check")]);
        assert!(late.status == 409 && late.body.contains("с тех пор изменён"), "{}", late.body);
        assert!(late.body.contains("Другое название") && late.body.contains("Взаимопосещение"), "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_template"), 2);
        // The step that went leaves its code to nobody.
        let typed = [("step-s4-out", "yes"), ("step-new1-title", "Разбор урока"), ("step-new1-months", "4")];
        let _saved = edit(&mut staff, EDIT, &typed);
        let third = v.query("SELECT body FROM iom_template WHERE version = 3").remove(0);
        assert!(third.contains("\"code\":\"s5\",\"title\":\"Разбор урока\"") && !third.contains("\"s4\""), "{third}");
        // Courses are taken from the catalogue; a step needs a date that it is due by.
        let page = staff.get("/iom-templates/edit");
        let course = [("title", "Курсы"), ("code", "курсы"), ("step-new1-programme", "П2"), ("act", "check")];
        let undated = send(&mut staff, &page, "/iom-templates/edit", &course);
        assert!(undated.status == 422 && undated.body.contains("от 1 до 36 месяцев"), "{}", undated.body);
        let unknown = [("title", "Курсы"), ("code", "курсы"), ("step-new1-programme", "нет"), ("act", "check")];
        let unknown = send(&mut staff, &page, "/iom-templates/edit", &unknown);
        assert!(unknown.status == 422 && unknown.body.contains("в каталоге нет"), "{}", unknown.body);
        let one = edit(&mut staff, "/iom-templates/edit", &[&course[..3], &[("step-new1-months", "6")]].concat());
        assert!(one.body.contains("Программа П2 (П2)") && one.body.contains("72"), "{}", one.body);
        let page = staff.get("/iom-templates/edit");
        let taken = [&course[..3], &[("step-new1-months", "6"), ("act", "check")]].concat();
        let shown = send(&mut staff, &page, "/iom-templates/edit", &taken);
        let taken = send(&mut staff, &shown, "/iom-templates/edit", &[("act", "save")]);
        assert!(taken.status == 422 && taken.body.contains("уже есть"), "{}", taken.body);
        assert!(staff.get("/iom-templates").body.contains("Курсы"));
    }
}
