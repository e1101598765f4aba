//! Actors of three systems walk through all that is theirs: a ЦНППМ from a diagnosis to its own figures, the monitoring of a
//! district from its form to those who read what came of it, a regional institute that makes its method and runs it. Two
//! regions, over plain HTTP.

use chrono::Days;
use vekha::units::{Period, PeriodKind};

use crate::figures_pages::{at, number as figure, table, tables};
use crate::on_both;
use crate::reports_world::{self, PASSWORD, act, code, fields, hidden, open, report, stands};
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_editions::released_at;
use crate::web_kpi::{open_all, row};
use crate::web_packs::{seen, send, typed};
use crate::web_registers::sent;
use crate::world::{NORTH, SOUTH, World, number, show, unit};

/// An indicator of those who were trained among the people of methodical services.
const METHODISTS: &str = "\n[[indicator]]\ncode = \"M.1\"\ntitle = \"Методисты служб, обученные в ЦНППМ\"\n\
     formula = \"share(count(person where member(kind = methodical_service) and trained(kind = upskilling, provider = cnppm)), \
     count(person where member(kind = methodical_service)))\"\npopulation = \"Члены методических служб\"\nunit = \"%\"\n\
     direction = \"higher_is_better\"\nmay_exceed_100 = false\ndigits = 1\nsource = \"Документы об обучении; составы служб\"\n";

/// In one town a teacher (11) and a methodist (12) with deficits, one more methodist (13) and one more teacher (14).
fn centre(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let on = (today() - Days::new(10)).to_string();
    for (n, region, place, passed) in [
        (11, NORTH, 2, true),
        (12, NORTH, 3, true),
        (13, NORTH, 3, false),
        (14, NORTH, 2, false),
        (61, SOUTH, 2, true),
    ] {
        world.teacher(1000 + n, n, region, place);
        if passed {
            world.passage(1000 + n, region, 1, "full", &on, &[(1, 40_000), (3, 70_000)]);
        }
    }
    for (id, (login, person, role, over)) in (1..).zip([
        ("operator", None, "operator", unit(NORTH, 0)),
        ("staff", None, "cnppm_staff", unit(NORTH, 0)),
        ("head", None, "cnppm_head", unit(NORTH, 0)),
        ("south", None, "cnppm_head", unit(SOUTH, 0)),
        ("person-11", Some(1011), "teacher", unit(NORTH, 2)),
        ("person-12", Some(1012), "teacher", unit(NORTH, 3)),
        ("director-11", None, "school_head", unit(NORTH, 2)),
        ("director-12", None, "school_head", unit(NORTH, 3)),
    ]) {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    v.sql("UPDATE person SET search_key = 'фамилия' || substr(last_name, 8) || ' имя', sort_key = last_name");
    let schools = [unit(NORTH, 2), unit(NORTH, 3), unit(SOUTH, 2)].map(|id| id.to_string());
    v.sql(&format!(
        "UPDATE unit SET org_kind = 'school' WHERE id IN ({})",
        schools.join(", ")
    ));
    v.sql(&format!(
        "UPDATE unit SET org_kind = 'dpo', name = 'ЦНППМ края' WHERE id = {}",
        unit(NORTH, 4)
    ));
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    let _loaded = v.run(&["pack", "load", "seeds/packs/krasnoyarsk.toml"]).ok();
    Server::start(v)
}

fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

/// An act on the card of a plan, which is done.
#[track_caller]
fn done(who: &mut Visitor, plan: i64, fields: &[(&str, &str)]) {
    let card = who.get(&format!("/plans/{plan}"));
    assert_eq!(card.status, 200, "{fields:?}: {}", card.body);
    let answer = who.send(&card, &format!("/plans/{plan}/act"), fields);
    assert_eq!(answer.status, 303, "{fields:?}: {}", answer.body);
}

/// How many are counted and of how many, in the first town, by an indicator of a period.
#[track_caller]
fn told(who: &mut Visitor, pack: &str, of: &str, period: &str) -> [Option<f64>; 2] {
    let page = who.get(&at(&format!("/indicators/{pack}/{of}"), pack, period, ""));
    let found = table(&page, &format!("{of}:"));
    ["В числителе", "Всего"].map(|head| figure(found.cell("С1", head)))
}

/// Somebody's report of a unit is sent, agreed to and accepted.
#[track_caller]
fn handed_in(
    server: &Server,
    v: &Vekha,
    (who, checker): (&str, &str),
    (campaign, of): (i64, i64),
    said: &[(&str, &str)],
) {
    let mut own = server.signed_in(who, PASSWORD);
    let form = own.get("/report");
    let answer = report(&mut own, &form, "send", said);
    assert_eq!(answer.status, 303, "{who}: {}", answer.body);
    let (id, ..) = stands(v, campaign, of);
    for (login, name) in [(checker, "agree"), ("operator", "accept")] {
        let answer = act(&mut server.signed_in(login, PASSWORD), id, name, &[]);
        assert_eq!(answer.status, 303, "{login}: {}", answer.body);
    }
}

/// The ministry approves an edition, and the operator opens it to everyone.
#[track_caller]
fn opened(server: &Server, edition: &str) {
    for (login, name) in [("ministry", "approve"), ("operator", "open")] {
        let mut who = server.signed_in(login, PASSWORD);
        let form = who.get(edition);
        let answer = who.send(&form, &format!("{edition}/{name}"), &[("remark", "")]);
        assert_eq!(answer.status, 303, "{login}: {}", answer.body);
    }
}

/// Whether the notices of somebody name a title.
fn is_told(server: &Server, login: &str, title: &str) -> bool {
    server.signed_in(login, PASSWORD).get("/notices").body.contains(title)
}

/// A text that must not go in is refused with the line that is wrong.
#[track_caller]
fn refused_at(answer: &Page, text: &str, wrong: &str) {
    let line = text.lines().position(|l| l.contains(wrong)).expect(wrong) + 1;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(
        answer.body.contains(&format!(">{line}</td>")),
        "{line}: {}",
        answer.body
    );
}

const VERSIONS: &str = "SELECT count(*) AS n FROM pack";

on_both! {
    // rows: KR-F04
    fn a_centre_leads_routes_trains_teachers_and_methodists_and_reads_its_own_figures(v: &Vekha) {
        let server = centre(v);
        let year = Period::of_day(PeriodKind::AcademicYear, today()).expect("a year");
        // The method of the region counts the training of methodists apart.
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get("/packs/krasnoyarsk");
        let next = typed(&page).replacen("version = 2", "version = 3", 1) + METHODISTS;
        let answer = send(&mut operator, "krasnoyarsk", "load", &seen(&page), &next);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let _opened = v.run(&["values", "--pack", "krasnoyarsk", "--period", &year, "--level", "region"]).ok();
        // Methodists are those who belong to a service; the teacher belongs to another body.
        let mut staff = server.signed_in("staff", PASSWORD);
        let page = staff.get("/bodies/packs?pack=krasnoyarsk");
        let _made = sent(&mut staff, &page, "/bodies/packs", &[("pack", "krasnoyarsk")]);
        for (body, who) in [("KK-MMS", "Фамилия12"), ("KK-MMS", "Фамилия13"), ("KK-MAKTIV", "Фамилия11")] {
            let id = number(v, &format!("SELECT id AS n FROM body WHERE code = '{body}-С1'"));
            let path = format!("/bodies/{id}");
            let page = staff.get(&path);
            let fields = [("act", "join"), ("who", who), ("role", "member"), ("since", "01.09.2022"), ("until", "")];
            let _joined = sent(&mut staff, &page, &path, &fields);
        }
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(told(&mut head, "krasnoyarsk", "M.1", &year), [Some(0.0), Some(2.0)], "nobody is trained yet");
        // Routes: the diagnosis, drafts, agreement, approval.
        let preview = staff.get(&format!("/drafting?procedure={}", code("Д1")));
        let fields = [("procedure", "Д1"), ("unit", ""), ("expected", &*hidden(&preview, "expected"))];
        let made = staff.send(&preview, "/drafting", &fields);
        assert_eq!(made.status, 303, "{}", made.body);
        let routes = format!("SELECT count(*) AS n FROM iom WHERE region_id = {}", unit(NORTH, 0));
        assert_eq!((number(v, &routes), number(v, "SELECT count(*) AS n FROM iom")), (2, 2));
        let mut south = server.signed_in("south", PASSWORD);
        let foreign = south.get("/account");
        for n in [11, 12] {
            let plan = plan_of(v, 1000 + n);
            done(&mut staff, plan, &[("act", "send")]);
            let mut person = server.signed_in(&format!("person-{n}"), PASSWORD);
            let own = person.get("/plan");
            assert_eq!(person.send(&own, "/plan/act", &[("act", "agree")]).status, 303, "{}", own.body);
            done(&mut head, plan, &[("act", "approve")]);
            // Training by the route: asked for, agreed to by the school, enrolled, finished with a document.
            let check = person.get("/courses/1/apply");
            let asked = person.send(&check, "/courses/1/apply", &[]);
            assert_eq!((asked.status, asked.header("location")), (303, "/courses/1/applied"), "{}", check.body);
            let id = number(v, &format!("SELECT id AS n FROM enrolment WHERE person_id = {}", 1000 + n)).to_string();
            let mut director = server.signed_in(&format!("director-{n}"), PASSWORD);
            let queue = director.get("/applications");
            let agrees = [("id", id.as_str()), ("act", "agree"), ("reason", "")];
            assert_eq!(director.send(&queue, "/applications", &agrees).header("location"), "/applications?done=agree");
            let item = show(v, n).into_iter().find(|row| row["programme"] == "П1").expect("a course")["item"].clone();
            let enrol = [("act", "enrol"), ("item", item.as_str())];
            // The centre of the other region finds nothing of it.
            assert_eq!(south.get(&format!("/plans/{plan}")).status, 404);
            assert_eq!(south.send(&foreign, &format!("/plans/{plan}/act"), &enrol).status, 404);
            done(&mut staff, plan, &enrol);
            done(&mut staff, plan, &[("act", "complete"), ("item", &item), ("value", &format!("24-{n}"))]);
            let documents = format!("SELECT count(*) AS n FROM qualification_document WHERE number = '24-{n}'");
            assert_eq!(number(v, &documents), 1);
        }
        // Its figures: routes, training of teachers, training of methodists apart; each opens its people.
        for (of, counted, among, named) in [
            ("2.2.2.1", 2.0, 4.0, &[11, 12][..]),
            ("2.2.2.2", 2.0, 4.0, &[11, 12]),
            ("M.1", 1.0, 2.0, &[12]),
        ] {
            assert_eq!(told(&mut head, "krasnoyarsk", of, &year), [Some(counted), Some(among)], "{of} of the town");
            let more = format!("&unit={}&part=numerator", code("С1"));
            let path = at(&format!("/indicators/krasnoyarsk/{of}/people"), "krasnoyarsk", &year, &more);
            let list = head.get(&path);
            assert_eq!(list.status, 200, "{path}: {}", list.body);
            for n in [11, 12, 13, 14, 61] {
                assert_eq!(list.body.contains(&format!("Фамилия{n}")), named.contains(&n), "{of} {n}: {}", list.body);
            }
            assert_eq!(south.get(&path).status, 404, "{path}");
        }
        // Its own report says how far the routes have come, and every number opens that many of them.
        let own = head.get("/plans/kpi");
        assert_eq!((own.status, row(&own, "Завершено")[0].as_str()), (200, "2"), "{}", own.body);
        assert!(open_all(&mut head, &own) >= 5, "{}", own.body);
        assert!(!south.get("/plans/kpi").body.contains("Фамилия1"));
        let _whole = v.run(&["check"]).ok();
    }

    // rows: LE-F45
    fn a_survey_sheet_is_made_filled_in_counted_kept_and_handed_out(v: &Vekha) {
        let server = reports_world::world(v, &["leninsky"], 0);
        v.sql("UPDATE unit SET org_kind = 'school' WHERE code IN ('С2', 'С3', 'С6')");
        let mut operator = server.signed_in("operator", PASSWORD);
        // Development: one more question in the sheet, as a version of the method that is checked before.
        let page = operator.get("/packs/leninsky");
        let (own, version) = (typed(&page), seen(&page));
        let last = "guide = \"Из них занятые.\"\nminutes = 5\n";
        let more = "\n[[campaign.field]]\nmeasure = \"org_positions_admin_total\"\nguide = \"Ставки руководителей.\"\nminutes = 5\n";
        let next = own.replacen("version = 2", "version = 3", 1).replacen(last, &format!("{last}{more}"), 1);
        let broken = next.replacen("org_positions_admin_total", "org_positions_admin_all", 1);
        refused_at(&send(&mut operator, "leninsky", "check", &version, &broken), &broken, "org_positions_admin_all");
        let checked = send(&mut operator, "leninsky", "check", &version, &next);
        let changes = table(&checked, "Чем отличаются версии");
        let said = changes.rows.iter().filter_map(|row| row.last()).any(|after| after.contains("org_positions_admin_total"));
        assert!(said && number(v, VERSIONS) == 1, "a check says what would change and changes nothing: {changes:?}");
        let loaded = send(&mut operator, "leninsky", "load", &version, &next);
        assert_eq!((loaded.status, loaded.header("location")), (303, "/packs/leninsky?done=3"), "{}", loaded.body);
        // Collection: every school of the region is asked the new question, and none of the other one.
        let campaign = open(&mut operator, "leninsky", "survey", "2021", &[]);
        let asked = v.query("SELECT u.code FROM submission s JOIN unit u ON u.id = s.unit_id ORDER BY u.code");
        assert_eq!(asked, ["С2", "С3", "С6"]);
        let form = server.signed_in("director", PASSWORD).get("/report");
        assert_eq!(fields(&form).get("f.org_positions_admin_total").map(String::as_str), Some(""), "{}", form.body);
        assert_eq!(told(&mut operator, "leninsky", "14", "2021")[0], None, "nobody has said anything");
        let said = [
            ("f.org_mentoring_model_implemented", "да"), ("f.org_positions_pedagogical_total", "10"),
            ("f.org_positions_pedagogical_occupied", "9"), ("f.org_positions_admin_total", "2"),
        ];
        handed_in(&server, v, ("director", "methodist"), (campaign, unit(NORTH, 2)), &said);
        // Processing: what was accepted is what the indicator counts.
        assert_eq!(told(&mut operator, "leninsky", "14", "2021"), [Some(1.0), Some(2.0)], "what is accepted is counted");
        let stored = "SELECT CAST(value_milli AS TEXT) FROM measure_value WHERE measure = 'org_positions_admin_total' AND superseded_at IS NULL";
        assert_eq!(v.query(stored), ["2000"]);
        // Storage: an edition keeps its numbers when the data go on.
        let title = "Мониторинг района";
        let edition = released_at(&mut operator, "/editions/new?pack=leninsky&period=2021", title);
        let file = format!("{edition}/file?as=csv");
        let kept = operator.get(&file).bytes;
        let key = ["14", "", "", "С1"].map(str::to_owned);
        assert_eq!(crate::editions::table(&kept)[&key]["numerator"], "1");
        handed_in(&server, v, ("other", "methodist"), (campaign, unit(NORTH, 3)), &said);
        assert_eq!(told(&mut operator, "leninsky", "14", "2021"), [Some(2.0), Some(2.0)], "today goes on");
        assert!(operator.get(&file).bytes == kept, "what was released stays to the byte");
        // Distribution: nobody reads it before it is opened; then those whom it concerns are told and read it.
        let public = edition.replace("/editions/", "/released/");
        let mut director = server.signed_in("director", PASSWORD);
        assert_eq!(director.get(&public).status, 404, "until it is opened");
        opened(&server, &edition);
        for login in ["ministry", "mouo", "methodist", "far-methodist", "director"] {
            assert!(is_told(&server, login, title), "{login} is told");
            let read = server.signed_in(login, PASSWORD).get(&public);
            assert!(read.status == 200 && read.body.contains(title), "{login}: {}", read.body);
        }
        for login in ["deputy", "other", "south", "south-school"] {
            assert!(!is_told(&server, login, title), "{login} is not told");
        }
        // What lies behind it stays with the operators of the region.
        assert_eq!((director.get(&edition).status, director.get(&file).status), (403, 403));
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!((south.get(&edition).status, south.get(&file).status), (404, 404));
        let _whole = v.run(&["audit", "verify"]).ok();
    }

    // rows: LG-F02
    fn a_regional_institute_makes_its_method_and_runs_its_monitoring(v: &Vekha) {
        let server = reports_world::world(v, &["leningrad"], 0);
        v.sql(&format!("UPDATE unit SET code = 'LEO' WHERE id = {}", unit(NORTH, 0)));
        let (mut operator, mut south) = (server.signed_in("operator", PASSWORD), server.signed_in("south", PASSWORD));
        // Developer: the method is edited, checked, put in force by its own region alone.
        let page = operator.get("/packs/leningrad");
        let (own, version) = (typed(&page), seen(&page));
        let name = "Сведения служб за год";
        let next = own.replacen("version = 1", "version = 2", 1).replacen("title = \"Сведения методических служб\"", &format!("title = \"{name}\""), 1);
        let broken = next.replacen("measure = \"mun_district_unions\"", "measure = \"mun_district_union\"", 1);
        for name in ["check", "load"] {
            let answer = send(&mut operator, "leningrad", name, &version, &broken);
            refused_at(&answer, &broken, "measure = \"mun_district_union\"");
        }
        let checked = send(&mut operator, "leningrad", "check", &version, &next);
        assert_eq!((checked.status, number(v, VERSIONS)), (200, 1), "{}", checked.body);
        let theirs = send(&mut south, "leningrad", "load", &version, &next);
        assert_eq!((theirs.status, number(v, VERSIONS)), (422, 1), "another region's method");
        assert!(theirs.body.contains("Методику ведёт регион, для которого она написана (С0)"), "{}", theirs.body);
        assert_eq!(typed(&theirs), next, "what was typed stays");
        for login in ["ministry", "methodist", "director"] {
            assert_eq!(server.signed_in(login, PASSWORD).get("/packs/leningrad").status, 403, "{login}");
        }
        let loaded = send(&mut operator, "leningrad", "load", &version, &next);
        assert_eq!((loaded.status, loaded.header("location")), (303, "/packs/leningrad?done=2"), "{}", loaded.body);
        // Operator: the collection is opened by the new version, and gathered.
        let campaign = open(&mut operator, "leningrad", "june", "2021", &[]);
        let page = operator.get(&format!("/campaigns/{campaign}"));
        assert!(page.body.contains(name), "{}", page.body);
        let said = [
            ("f.mun_school_of_young_teacher", "да"), ("f.mun_schools_in_organisations", "да"), ("f.mun_district_unions", "да"),
            ("f.mun_mentoring_small_organisations", "да"), ("f.mun_social_network_groups", "3"), ("f.mun_service_site", "да"),
            ("f.mun_service_site.link", "https://service.example"),
        ];
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let form = methodist.get("/report");
        assert_eq!(report(&mut methodist, &form, "send", &said).status, 303);
        let (id, ..) = stands(v, campaign, unit(NORTH, 1));
        // Nothing of what was reported is the operator's to correct.
        let values = format!("SELECT field || ' ' || coalesce(CAST(upper_milli AS TEXT), 'нет') FROM submission_value WHERE submission_id = {id} ORDER BY id");
        let before = v.query(&values);
        assert!(before.contains(&"mun_social_network_groups 3000".to_owned()), "{before:?}");
        let card = operator.get(&format!("/reports/{id}"));
        assert!(card.status == 200 && !tables(&card).is_empty() && !card.body.contains("name=\"f."), "{}", card.body);
        let number_of = id.to_string();
        let typed_in = [("report", &*number_of), ("seen", "1"), ("act", "save"), ("f.mun_social_network_groups", "9")];
        let form = operator.get("/account");
        assert_eq!(operator.send(&form, "/report", &typed_in).status, 403);
        for name in ["save", "send"] {
            assert_eq!(act(&mut operator, id, name, &[]).status, 404, "{name}");
        }
        assert_eq!(act(&mut server.signed_in("mouo", PASSWORD), id, "agree", &[]).status, 303);
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        assert_eq!(v.query(&values), before, "what was reported stands as it was sent");
        let gathered = operator.get(&format!("/reports?campaign={campaign}"));
        assert!(gathered.body.contains("принят") && gathered.body.contains("не начат"), "{}", gathered.body);
        // Publication.
        let title = "Мониторинг области";
        let edition = released_at(&mut operator, "/editions/new?pack=leningrad&period=2021", title);
        opened(&server, &edition);
        assert!(server.visitor().get("/released").body.contains(title));
        // The operator of the other region does none of this here.
        let theirs = [format!("/campaigns/{campaign}"), format!("/campaigns/{campaign}/remind"), format!("/reports/{id}"), edition.clone()];
        let token = south.get("/packs");
        for path in &theirs {
            assert_eq!(south.get(path).status, 404, "{path}");
        }
        let (version, later) = (stands(v, campaign, unit(NORTH, 1)).2.to_string(), reports_world::shown(reports_world::in_days(12)));
        type Send<'a> = (&'a str, &'static str, &'a [(&'static str, &'a str)]);
        let sends: [Send<'_>; 4] = [
            (&theirs[0], "", &[("act", "extend"), ("key", "ключ"), ("until", &later), ("reason", "так надо")]),
            (&theirs[1], "", &[]),
            (&theirs[2], "", &[("act", "reopen"), ("seen", &version), ("reason", "так надо")]),
            (&theirs[3], "/close", &[("remark", "так надо")]),
        ];
        for (path, beyond, fields) in sends {
            assert_eq!(south.send(&token, &format!("{path}{beyond}"), fields).status, 404, "{path}{beyond}");
        }
        assert_eq!(stands(v, campaign, unit(NORTH, 1)).1, "accepted");
        assert!(server.visitor().get("/released").body.contains(title), "it stays open");
        assert!(!south.get("/campaigns").body.contains(&format!("/campaigns/{campaign}\"")));
        let _whole = v.run(&["check"]).ok();
    }
}
