//! A school puts its people forward for a procedure, and its desk shows the methodical work of the year in numbers that are
//! those of the lists behind them.

use chrono::Months;

use crate::figures_pages::plain;
use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_registers::{code, found, hidden, sent};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
const CALLED: &str = "SELECT coalesce(settled, 'open') FROM notice WHERE kind = 'procedure_invited' ORDER BY id";
const INVITED: &str = "SELECT count(*) AS n FROM procedure_person";

/// Two teachers of one school, one of another, one of the other region; a deputy of each school.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world
        .teacher(1001, 1, NORTH, 2)
        .teacher(1002, 2, NORTH, 2)
        .teacher(1003, 3, NORTH, 3);
    world.teacher(2001, 4, SOUTH, 2);
    for (id, login, person, role, over) in [
        (1, "teacher", Some(1001), "teacher", unit(NORTH, 2)),
        (2, "staff", None, "cnppm_staff", unit(NORTH, 0)),
        (3, "deputy", None, "school_admin", unit(NORTH, 2)),
        (4, "deputy-3", None, "school_admin", unit(NORTH, 3)),
        (5, "deputy-south", None, "school_admin", unit(SOUTH, 2)),
        (6, "operator", None, "operator", unit(NORTH, 0)),
    ] {
        world.account(id, login, person, &[(role, over)]);
    }
    let document = |id: i64, person: i64, region: i64, months: u32| {
        let on = today().checked_sub_months(Months::new(months)).expect("a day");
        let own = unit(region, 0);
        format!("{id}, {own}, {person}, 'certificate', 'У-{id}', '{on}', 36, '2022-01-01 00:00:00'")
    };
    for row in [
        document(1, 1001, NORTH, 12),
        document(2, 1002, NORTH, 60),
        document(3, 1003, NORTH, 12),
    ] {
        let table = "qualification_document (id, region_id, person_id, kind, number, issued_on, hours, recorded_at)";
        world.row(table, &row);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
    rest.and_then(|rest| rest.split('"').next()).expect(name).to_owned()
}

/// Announces a procedure that is ahead, for teachers.
fn announce(staff: &mut Visitor, name: &str) {
    let form = staff.get("/diagnostics/new");
    let key = field(&form, "key");
    let fields = [
        ("key", key.as_str()),
        ("name", name),
        ("kind", "full"),
        ("code", name),
        ("audience", "teaching"),
        ("from", "01.10.2090"),
        ("to", "15.10.2090"),
    ];
    let _made = sent(staff, &form, "/diagnostics/new", &fields);
    let edit = format!("/diagnostics/edit?code={}", code(name));
    let page = staff.get(&edit);
    let seen = field(&page, "seen");
    let _open = sent(staff, &page, &edit, &[("act", "open"), ("seen", &seen)]);
}

fn own(name: &str) -> String {
    format!("/staff/procedure?code={}", code(name))
}

/// The words of a page without its marks.
fn words(page: &Page) -> String {
    let text = page.body.replace('>', "> ").replace('<', " <");
    let text = plain(&text).replace('\u{A0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Numbers of the desk with where they lead, by the words below them.
fn figures(page: &Page) -> Vec<(String, String, String)> {
    let parts = page.body.split("<div class=\"fig\">").skip(1);
    let figure = |part: &str| {
        let (number, rest) = part.split_once("<div class=\"l\">")?;
        let href = number.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
        let href = href.unwrap_or_default().replace("&#x3D;", "=").replace("&amp;", "&");
        let label = rest.split("</div>").next().unwrap_or_default();
        Some((plain(number), plain(label), href))
    };
    parts.filter_map(figure).collect()
}

/// The number with these words, and its list.
#[track_caller]
fn figure(page: &Page, words: &str) -> (String, String) {
    let found = figures(page).into_iter().find(|(_, label, _)| label.contains(words));
    let (shown, _, href) = found.expect(words);
    (shown, href)
}

/// Something that a school undertakes.
fn undertakes(deputy: &mut Visitor, kind: &str, title: &str) -> String {
    let page = deputy.get("/undertakings");
    let fields = [
        ("title", title),
        ("kind", kind),
        ("level", "school"),
        ("unit", "С2"),
        ("about", "как это устроено"),
        ("subject", ""),
        ("from", "01.09.2022"),
        ("to", ""),
        ("state", "running"),
        ("act-number", ""),
        ("act-date", ""),
        ("parties", ""),
        ("units", ""),
        ("page", "https://school.example/quality"),
        ("code", ""),
    ];
    let to = sent(deputy, &page, "/undertakings", &fields);
    to.split('?').next().unwrap_or_default().to_owned()
}

on_both! {
    fn a_school_puts_its_own_people_forward_until_the_last_day(v: &Vekha) {
        let server = world(v);
        let sign = |login: &str| server.signed_in(login, PASSWORD);
        let (mut staff, mut deputy) = (sign("staff"), sign("deputy"));
        assert!(words(&deputy.get("/staff/procedures")).contains("Объявленных диагностик сейчас нет"));
        announce(&mut staff, "ВЕСНА");
        assert!(words(&deputy.get("/staff/procedures")).contains("01.10.2090"));
        let page = deputy.get(&own("ВЕСНА"));
        let said = words(&page);
        assert!(said.contains("Фамилия1") && said.contains("Фамилия2") && !said.contains("Фамилия3"), "{said}");
        let nobody = deputy.send(&page, &own("ВЕСНА"), &[("key", &field(&page, "key")), ("act", "ask")]);
        assert!(nobody.status == 422 && nobody.body.contains("Отметьте хотя бы одного педагога."), "{}", nobody.body);
        // Nobody of another school or region is put forward, and nobody with them.
        for theirs in ["1003", "2001"] {
            let fields = [("act", "ask"), ("id", "1001"), ("id", theirs)];
            assert_eq!(deputy.send(&page, &own("ВЕСНА"), &fields).status, 404, "{theirs}");
        }
        let mut south = sign("deputy-south");
        assert_eq!(south.get(&own("ВЕСНА")).status, 404);
        assert_eq!(number(v, INVITED), 0);
        let own_key = field(&page, "key");
        let fields = [("key", own_key.as_str()), ("act", "ask"), ("id", "1001"), ("id", "1002")];
        for _ in 0..2 {
            let _asked = sent(&mut deputy, &page, &own("ВЕСНА"), &fields);
            assert_eq!(number(v, INVITED), 2);
        }
        let schools = v.query("SELECT DISTINCT CAST(asked_by_id AS TEXT) FROM procedure_person");
        assert_eq!(schools, [unit(NORTH, 2).to_string()]);
        // Whoever runs it sees who asked; the teacher is invited.
        let list = format!("/diagnostics/people?code={}", code("ВЕСНА"));
        let said = words(&staff.get(&list));
        assert!(said.contains("Заявлены школами: 2.") && said.contains("Заявлен школой: С2"), "{said}");
        assert_eq!(found(&mut staff, &format!("{list}&state=school")), 2);
        let mut teacher = sign("teacher");
        // The teacher finds it on the first page and among the notices; who has no account is told nothing.
        let plan = words(&teacher.get("/plan"));
        assert!(plan.contains("Вас приглашают на диагностику") && plan.contains("ВЕСНА: ответить до"), "{plan}");
        let notices = teacher.get("/notices");
        assert!(words(&notices).contains("Вас приглашают на диагностику «ВЕСНА»"), "unaware: {}", notices.body);
        assert!(notices.body.contains("href=\"/my-diagnostics\""), "{}", notices.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM notice WHERE kind = 'procedure_invited'"), 1);
        // It waits until it is answered, however often it is looked at.
        assert!(words(&notices).contains("Ждёт вас"), "{}", notices.body);
        crate::web_notices::see(&mut teacher);
        assert_eq!(v.query(CALLED), ["open"], "a look answers it");
        let invitation = teacher.get("/my-diagnostics");
        assert!(invitation.body.contains("ВЕСНА"), "{}", invitation.body);
        // One is taken back while there is no answer; after it nobody is.
        let page = deputy.get(&own("ВЕСНА"));
        let _back = sent(&mut deputy, &page, &own("ВЕСНА"), &[("act", "back"), ("id", "1002")]);
        assert_eq!(number(v, INVITED), 1);
        let refuse = [("code", "ВЕСНА"), ("answer", "refused"), ("digest", "")];
        let _answered = sent(&mut teacher, &invitation, "/my-diagnostics/answer", &refuse);
        let late = deputy.send(&page, &own("ВЕСНА"), &[("act", "back"), ("id", "1001")]);
        assert!(late.status == 422 && late.body.contains("уже ответил"), "{}", late.body);
        assert!(!words(&teacher.get("/plan")).contains("Вас приглашают на диагностику"));
        // Whoever has answered is called to nothing any more, among the notices too.
        assert_eq!(v.query(CALLED), ["done"], "the invitation stays");
        // A refusal is the person's own: nobody turns it into a consent on paper.
        let people = staff.get(&list);
        let paper = [("act", "mark"), ("mark", "paper"), ("id", "1001")];
        let overwritten = staff.send(&people, &list, &paper);
        assert!(overwritten.status == 422 && overwritten.body.contains("отказались сами: 1"), "{}: {}", overwritten.status, overwritten.body);
        // That the teacher refused is not for the school.
        let said = words(&deputy.get(&own("ВЕСНА")));
        assert!(said.contains("педагог ответил") && !said.contains("отказ"), "{said}");
        // Another school sees nobody of this one.
        let mut other = sign("deputy-3");
        let said = words(&other.get(&own("ВЕСНА")));
        assert!(said.contains("Фамилия3") && !said.contains("Фамилия1"), "{said}");
        let acts = "SELECT count(*) AS n FROM audit_event WHERE action";
        assert_eq!(number(v, &format!("{acts} = 'diagnostics.put_forward'")), 2);
        assert_eq!(number(v, &format!("{acts} = 'diagnostics.asked_back'")), 1);
        // After the last day it is refused in words.
        v.sql("UPDATE procedure SET starts_on = '2023-01-01', ends_on = '2023-01-02' WHERE code = 'ВЕСНА'");
        let over = deputy.send(&page, &own("ВЕСНА"), &[("act", "ask"), ("id", "1002")]);
        assert!(over.status == 422 && over.body.contains("заявить педагогов уже нельзя"), "late: {} {}", over.status, over.body);
        assert_eq!(number(v, INVITED), 1);
        assert!(words(&deputy.get("/staff/procedures")).contains("Объявленных диагностик сейчас нет"));
    }

    // rows: CH-F07
    fn every_number_of_the_work_of_a_school_is_that_of_the_list_behind_it(v: &Vekha) {
        let server = world(v);
        let sign = |login: &str| server.signed_in(login, PASSWORD);
        let (mut staff, mut deputy) = (sign("staff"), sign("deputy"));
        let page = deputy.get("/staff");
        for (label, none) in [
            ("в этом учебном году", "0"), ("документом о ДПО", "1"), ("программа роста", "0"), ("система качества", "не указано"),
            ("заявлены школой", "0"),
        ] {
            assert_eq!(figure(&page, label).0, none, "{label}: {}", page.body);
        }
        // The school does what it is for.
        let events = deputy.get("/events");
        let on = today().format("%d.%m.%Y").to_string();
        let event = [
            ("title", "Методический день"), ("series", ""), ("kind", "event/forum"), ("level", "school"), ("from", &*on), ("to", ""),
            ("organiser", "С2"), ("other", ""), ("units", ""), ("participants", "12"), ("code", ""),
        ];
        let _event = sent(&mut deputy, &events, "/events", &event);
        let _growth = undertakes(&mut deputy, "growth_programme", "Учимся друг у друга");
        let quality = undertakes(&mut deputy, "quality_system", "Как мы оцениваем работу");
        announce(&mut staff, "ВЕСНА");
        let asked = deputy.get(&own("ВЕСНА"));
        let key = field(&asked, "key");
        let fields = [("key", key.as_str()), ("act", "ask"), ("id", "1002")];
        let _asked = sent(&mut deputy, &asked, &own("ВЕСНА"), &fields);
        let page = deputy.get("/staff");
        for label in ["в этом учебном году", "документом о ДПО", "программа роста"] {
            let (shown, list) = figure(&page, label);
            assert_eq!((shown.as_str(), found(&mut deputy, &list)), ("1", 1), "{label} {list}");
        }
        assert!(words(&page).contains("с документом о ДПО за три года, 50,0 %"), "{}", page.body);
        let (shown, list) = figure(&page, "заявлены школой");
        assert!(words(&deputy.get(&list)).contains("Школа заявила 1 участника."), "{list}");
        assert_eq!(shown, "1");
        let trained = words(&deputy.get("/staff?trained=yes"));
        assert!(trained.contains("Фамилия1") && !trained.contains("Фамилия2"), "{trained}");
        let untrained = words(&deputy.get("/staff?trained=no"));
        assert!(untrained.contains("Фамилия2") && !untrained.contains("Фамилия1"), "{untrained}");
        // The link of the system of quality is checked by somebody else, and the desk says when.
        let (shown, list) = figure(&page, "система качества");
        assert_eq!((shown.as_str(), found(&mut deputy, &list)), ("указана", 1));
        assert!(words(&page).contains("ссылку ещё не проверили"), "{}", page.body);
        let mut operator = sign("operator");
        let record = operator.get(&quality);
        let seen = hidden(&record, "check", "seen");
        let _checked = sent(&mut operator, &record, &quality, &[("act", "check"), ("seen", &seen)]);
        assert!(words(&deputy.get("/staff")).contains("ссылка проверена"));
        // Another school and the other region have none of it.
        for login in ["deputy-3", "deputy-south"] {
            let page = sign(login).get("/staff");
            assert_eq!(figure(&page, "в этом учебном году").0, "0", "{login}");
            assert_eq!(figure(&page, "система качества").0, "не указано", "{login}");
            assert_eq!(figure(&page, "заявлены школой").0, "0", "{login}");
        }
    }
}
