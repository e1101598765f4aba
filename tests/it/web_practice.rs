//! After the learning: what a teacher has learnt stays before the eyes of whoever accompanies, until somebody has seen it
//! applied; also after the plan is closed. Two regions, two databases.

use crate::figures_pages::tables;
use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

fn ago(days: u64) -> chrono::NaiveDate {
    today() - chrono::Days::new(days)
}

fn typed(on: chrono::NaiveDate) -> String {
    on.format("%d.%m.%Y").to_string()
}

/// Two teachers of the north and one of the south with a tutor each. Each ended two courses: the first `LONG` days ago, the
/// second `LATELY`; a third step, which one does alone, is accepted too.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for (n, region) in [(1, NORTH), (2, NORTH), (9, SOUTH)] {
        world.teacher(1000 + n, n, region, 2);
        let on = ago(220).to_string();
        world.passage(1000 + n, region, 1, "full", &on, &[(1, 40_000), (3, 70_000)]);
        let roles = [("teacher", unit(region, 2))];
        world.account(1000 + n, &format!("teacher-{n}"), Some(1000 + n), &roles);
    }
    for (n, region, south) in [(1, NORTH, ""), (11, SOUTH, "-south")] {
        let (region, school) = (unit(region, 0), unit(region, 2));
        for (more, login, role, over) in [
            (0, "curator", "curator", region),
            (1, "head", "cnppm_head", region),
            (2, "tutor", "tutor", region),
            (3, "tutor-2", "tutor", region),
            (4, "staff", "cnppm_staff", region),
            (5, "director", "school_head", school),
        ] {
            world.account(n + more, &format!("{login}{south}"), None, &[(role, over)]);
        }
    }
    world.build(v);
    let _made = draft(v, "Д1", &ago(210).to_string(), &[]);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (n, south) in [(1, ""), (2, ""), (9, "-south")] {
        let teacher = format!("teacher-{n}");
        let of = |login: &str| format!("{login}{south}");
        let step = |of: &str| {
            let query = format!(
                "SELECT CAST(min(iom_item.number) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id WHERE \
                 iom.person_id = {} AND {of}",
                1000 + n
            );
            number(v, &query).to_string()
        };
        let mut line = |act: &str, item: &str, days: u64, by: &str, value: &str| {
            acts.push_str(&format!("{},{act},{item},{},{by},{value},\n", snils(n), ago(days)));
        };
        line("send", "", 209, &of("curator"), "");
        line("agree", "", 208, &teacher, "");
        line("approve", "", 207, &of("head"), "");
        line("start", "", 206, &of("curator"), "");
        line("assign", "", 206, &of("head"), &of("tutor"));
        for (course, ended) in [("programme_id = 1", LONG), ("programme_id = 2", LATELY)] {
            let course = step(course);
            line("apply", &course, 200, &teacher, "");
            line("agree-enrolment", &course, 199, &of("director"), "");
            line("enrol", &course, 198, &of("staff"), "");
            line("complete", &course, ended, &of("staff"), &format!("{n}-{course}"));
        }
        let alone = step("education_form = 'informal'");
        line("submit", &alone, 150, &teacher, "");
        line("accept", &alone, 149, &of("tutor"), "");
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// More days than there are to look, and fewer.
const LONG: u64 = 120;
const LATELY: u64 = 20;

/// Rows of the table below its head: the cells as words.
fn rows(page: &Page) -> Vec<Vec<String>> {
    let tables = tables(page);
    let rows = tables.into_iter().flat_map(|table| table.rows.into_iter().skip(1));
    rows.collect()
}

#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let Some((_, rest)) = page.body.split_once(&format!("name=\"{name}\" value=\"")) else {
        unreachable!("no {name}: {}", page.body);
    };
    rest.split('"').next().expect("its end").to_owned()
}

/// Writes down what was seen.
fn write(who: &mut Visitor, path: &str, kind: &str, (item, transfer): (&str, &str), words: &str) -> Page {
    let page = who.get(path);
    let (key, on) = (field(&page, "key"), typed(today()));
    let fields = [
        ("act", "add"),
        ("key", key.as_str()),
        ("kind", kind),
        ("on", on.as_str()),
        ("text", words),
        ("result", "продолжить"),
        ("shared", "no"),
        ("item", item),
        ("transfer", transfer),
    ];
    who.send(&page, path, &fields)
}

on_both! {
    // rows: TY-F73
    fn what_was_learnt_is_followed_into_the_work_and_beyond_the_closing(v: &Vekha) {
        let server = world(v);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        let mut tutor = signed("tutor");
        let list = tutor.get("/practice");
        assert_eq!(list.status, 200, "{}", list.body);
        let shown = rows(&list);
        // Two courses of two people; what one did alone is nothing to go and see.
        assert_eq!(shown.len(), 4, "{shown:?}");
        let due: Vec<&Vec<String>> = shown.iter().filter(|row| row[4] == "Пора посмотреть").collect();
        assert_eq!(due.len(), 2, "{shown:?}");
        assert!(due.iter().all(|row| row[3] == typed(ago(LONG)) && row[2] == "Программа П1"), "{shown:?}");
        assert!(shown[2..].iter().all(|row| row[3] == typed(ago(LATELY)) && row[4] == "Не смотрели"), "{shown:?}");
        assert!(list.body.contains("Видели в работе: 0 из 4; пора посмотреть: 2"), "{}", list.body);
        assert_eq!(rows(&tutor.get("/practice?practice=due")).len(), 2);
        assert_eq!(rows(&tutor.get("/practice?practice=unseen")).len(), 4);
        assert_eq!(rows(&tutor.get("/practice?practice=partly")).len(), 0);
        // Somebody else's people are not there, of the same region or of another.
        assert_eq!(rows(&signed("tutor-2").get("/practice")).len(), 0);
        let south = rows(&signed("tutor-south").get("/practice"));
        assert_eq!(south.len(), 2, "{south:?}");
        assert!(!south.iter().any(|row| shown.iter().any(|own| own[0] == row[0])), "{south:?}");
        assert_eq!((signed("head").get("/practice").status, signed("teacher-1").get("/practice").status), (403, 403));

        // From the row to the form: a visit, about this course.
        let plan = number(v, "SELECT id AS n FROM iom WHERE person_id = 1001");
        let course = number(v, &format!("SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND programme_id = 1"));
        let alone = number(v, &format!("SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND education_form = 'informal'"));
        let path = format!("/people/{plan}/notes");
        let link = format!("{path}?item={course}");
        assert!(list.body.replace("&#x3D;", "=").contains(&format!("href=\"{link}\"")), "{}", list.body);
        let form = tutor.get(&link);
        assert!(form.body.contains(&format!("<option value=\"{course}\" selected>Программа П1")), "{}", form.body);
        assert!(form.body.contains("<option value=\"visit\" selected>"), "{}", form.body);
        let (course, alone) = (course.to_string(), alone.to_string());
        for (kind, said, wrong) in [
            ("visit", (course.as_str(), ""), "Выберите, применяет ли педагог изученное"),
            ("visit", ("", "partly"), "Выберите, о каком обучении речь"),
            ("visit", (alone.as_str(), "partly"), "Выберите пройденное обучение"),
            ("visit", ("99", "partly"), "Выберите пройденное обучение"),
            ("visit", (course.as_str(), "quite"), "Выберите пройденное обучение"),
            ("note", (course.as_str(), "partly"), "после встречи, звонка или посещения урока"),
        ] {
            let page = write(&mut tutor, &path, kind, said, "урок в 5 классе");
            assert!(page.status == 422 && page.body.contains(wrong), "{wrong}: {}", page.body);
            assert!(page.body.contains("урок в 5 классе"), "what was typed stays");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM support_note"), 0);

        let help = "SELECT count(*) AS n FROM iom_act WHERE act = 'support'";
        assert_eq!(write(&mut tutor, &path, "visit", (&course, "partly"), "урок в 5 классе").status, 303);
        assert_eq!((number(v, "SELECT count(*) AS n FROM support_note"), number(v, help)), (1, 1));
        let list = tutor.get("/practice");
        let seen = format!("Применяет частично, {}", typed(today()));
        assert_eq!(rows(&list).iter().filter(|row| row[4] == seen && row[2] == "Программа П1").count(), 1, "{}", list.body);
        assert!(list.body.contains("Видели в работе: 1 из 4; пора посмотреть: 1"), "{}", list.body);
        // The teacher reads it, though it was not opened by hand.
        let mut teacher = signed("teacher-1");
        let own = teacher.get("/plan/notes");
        assert!(own.body.contains("урок в 5 классе") && own.body.contains("«Программа П1» – применяет частично"), "{}", own.body);
        assert!(!signed("teacher-2").get("/plan/notes").body.contains("урок в 5 классе"));

        // The plan is closed; what was learnt goes on.
        let close = format!(
            "snils,act,item,date,by,value,reason\n{0},close-terminated,,{1},curator,,refusal\n",
            snils(1), today()
        );
        let close = v.file("close.csv", close);
        let _done = v.run(&["iom", "apply", text(&close)]).ok();
        let list = tutor.get("/practice");
        assert_eq!(rows(&list).len(), 4);
        assert_eq!(rows(&list).iter().filter(|row| row[2].ends_with("(маршрут закрыт)")).count(), 2, "{}", list.body);
        assert_eq!(write(&mut tutor, &path, "visit", (&course, "applied"), "урок в 6 классе").status, 303);
        assert_eq!(number(v, help), 1, "a closed plan has no more acts");
        let seen = |list: &Page, words: &str| rows(list).iter().filter(|row| row[4].starts_with(words)).count();
        let list = tutor.get("/practice");
        assert_eq!((seen(&list, "Применяет,"), seen(&list, "Применяет частично")), (1, 0), "{}", list.body);
        let own = teacher.get("/plan/notes").body;
        assert!(own.contains("урок в 5 классе") && own.contains("урок в 6 классе"), "{own}");
        // What was written by mistake is taken back: the look before it stands again.
        let page = tutor.get(&path);
        let fields = [("act", "withdraw"), ("note", &field(&page, "note")), ("seen", &field(&page, "seen"))];
        assert_eq!(tutor.send(&page, &path, &fields).status, 303);
        let list = tutor.get("/practice");
        assert_eq!((seen(&list, "Применяет,"), seen(&list, "Применяет частично")), (0, 1), "{}", list.body);
        // The list says more of a person than the name: each reads of it.
        let told = "SELECT count(*) AS n FROM audit_event WHERE object_kind = 'practice' AND person_id = 1001 AND account_id = 3";
        assert!(0 < number(v, told));
        let _sound = v.run(&["check"]).ok();
    }
}
