//! Notes and meetings of supporters: who reads them, and that a meeting is help. Two regions, two databases.

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// A teacher of the north (1) and one of the south (9), their plans at work since February 2023, with a tutor each; the first
/// has a mentor too.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    for (n, region) in [(1, NORTH), (9, SOUTH)] {
        world.teacher(1000 + n, n, region, 2);
        world.passage(1000 + n, region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
        let roles = [("teacher", unit(region, 2))];
        world.account(1000 + n, &format!("teacher-{n}"), Some(1000 + n), &roles);
    }
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, role, over) in [
        (1, "curator", "curator", north),
        (2, "head", "cnppm_head", north),
        (3, "tutor", "tutor", north),
        (4, "mentor", "mentor", north),
        (5, "tutor-2", "tutor", north),
        (6, "curator-south", "curator", south),
        (7, "head-south", "cnppm_head", south),
        (8, "tutor-south", "tutor", south),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (n, south) in [(1, ""), (9, "-south")] {
        for (act, day, by, value) in [
            ("send", 12, format!("curator{south}"), String::new()),
            ("agree", 13, format!("teacher-{n}"), String::new()),
            ("approve", 14, format!("head{south}"), String::new()),
            ("start", 15, format!("curator{south}"), String::new()),
            ("assign", 15, format!("head{south}"), format!("tutor{south}")),
        ] {
            acts.push_str(&format!("{},{act},,2023-02-{day},{by},{value},\n", snils(n)));
        }
    }
    acts.push_str(&format!("{},assign,,2023-02-15,head,mentor,\n", snils(1)));
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

fn address(v: &Vekha, n: i64) -> String {
    let plan = number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {}", 1000 + n));
    format!("/people/{plan}/notes")
}

#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let Some((_, rest)) = page.body.split_once(&format!("name=\"{name}\" value=\"")) else {
        unreachable!("no {name}: {}", page.body);
    };
    rest.split('"').next().expect("its end").to_owned()
}

/// Writes something down by the form of a page.
fn write(who: &mut Visitor, path: &str, page: &Page, kind: &str, on: &str, words: &str, shared: &str) -> Page {
    let key = field(page, "key");
    let fields = [
        ("act", "add"),
        ("key", key.as_str()),
        ("kind", kind),
        ("on", on),
        ("text", words),
        ("result", "план на месяц"),
        ("shared", shared),
    ];
    who.send(page, path, &fields)
}

on_both! {
    fn a_note_is_seen_by_supporters_alone_until_it_is_shared(v: &Vekha) {
        let server = world(v);
        let path = address(v, 1);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        let (mut tutor, mut mentor, mut teacher, mut head) = (signed("tutor"), signed("mentor"), signed("teacher-1"), signed("head"));
        let card = path.trim_end_matches("/notes").to_owned();
        assert!(tutor.get(&card).body.contains(&format!("href=\"{path}\"")));
        let page = tutor.get(&path);
        let words = "волнуется перед открытым уроком";
        let sent = write(&mut tutor, &path, &page, "note", "01.03.2023", words, "no");
        assert_eq!(sent.status, 303, "{}", sent.body);
        // Sent twice it is one note.
        assert_eq!(write(&mut tutor, &path, &page, "note", "01.03.2023", words, "no").status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM support_note"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'support'"), 0, "a note is no help");
        let theirs = mentor.get(&path);
        assert!(theirs.body.contains(words) && theirs.body.contains("видят только сопровождающие"), "{}", theirs.body);
        assert!(!theirs.body.contains("Снять запись"), "another one's is read, not taken back");
        let plans = card.replace("/people/", "/plans/");
        for (who, path) in [(&mut teacher, "/plan/notes"), (&mut head, plans.as_str())] {
            let page = who.get(path);
            assert!(page.status == 200 && !page.body.contains(words), "{path}: {}", page.body);
        }
        assert!(!teacher.get("/plan").body.contains(words));
        assert_eq!((head.get(&path).status, teacher.get(&path).status), (403, 403));
        for login in ["tutor-2", "tutor-south"] {
            let mut other = signed(login);
            let (page, nowhere) = (other.get(&path), other.get("/people/7/notes"));
            assert_eq!((page.status, page.body), (404, nowhere.body), "{login}");
        }
        // Nobody else opens it to the teacher; its author does.
        let page = tutor.get(&path);
        let (note, seen) = (field(&page, "note"), field(&page, "seen"));
        let change = |who: &mut Visitor, page: &Page, act: &str, seen: &str| {
            who.send(page, &path, &[("act", act), ("note", note.as_str()), ("seen", seen)])
        };
        let refused = change(&mut mentor, &theirs, "share", &seen);
        assert!(refused.status == 422 && refused.body.contains("только автор"), "{}", refused.body);
        assert_eq!(change(&mut tutor, &page, "share", &seen).status, 303);
        let shared = teacher.get("/plan/notes");
        assert!(shared.body.contains(words) && shared.body.contains("план на месяц") && shared.body.contains("tutor"), "{}", shared.body);
        assert!(!signed("teacher-9").get("/plan/notes").body.contains(words));
        // Of two answers to one version the second changes nothing.
        assert_eq!(change(&mut tutor, &page, "withdraw", &seen).status, 409);
        assert_eq!(change(&mut tutor, &page, "withdraw", "2").status, 303);
        assert!(!teacher.get("/plan/notes").body.contains(words) && !mentor.get(&path).body.contains(words));
        assert_eq!(change(&mut tutor, &page, "share", "3").status, 404);
        let journal = ["iom.note", "iom.note_share", "iom.note_withdraw"].map(|act| {
            number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = '{act}' AND person_id = 1001 AND account_id = 3"))
        });
        assert_eq!(journal, [1, 1, 1]);
        let _sound = v.run(&["check"]).ok();
    }

    // rows: CH-F38
    fn a_meeting_counts_as_help_and_goes_on_with_the_plan(v: &Vekha) {
        let server = world(v);
        let path = address(v, 1);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let page = tutor.get(&path);
        for (kind, on, words, said) in [
            ("meeting", "01.03.2099", "о уроке", "ещё не наступила"),
            ("note", "01.01.1990", "о уроке", "проверьте год: маршрут начинается"),
            ("meeting", "вчера", "о уроке", "Напишите день так"),
            ("meeting", "01.03.2023", "", "напишите пару слов"),
            ("party", "01.03.2023", "о уроке", "Выберите, что записать"),
        ] {
            let wrong = write(&mut tutor, &path, &page, kind, on, words, "no");
            assert!(wrong.status == 422 && wrong.body.to_lowercase().contains(&said.to_lowercase()), "{said}: {}", wrong.body);
            assert!(wrong.body.contains("план на месяц"), "what was typed stays");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM support_note"), 0);
        for (kind, words) in [("meeting", "разобрали дефицит"), ("meeting", "вторая встреча дня"), ("visit", "урок в 5 классе")] {
            let page = tutor.get(&path);
            let sent = write(&mut tutor, &path, &page, kind, "01.03.2023", words, "no");
            assert_eq!(sent.status, 303, "{}", sent.body);
        }
        let help = "SELECT count(*) AS n FROM iom_act WHERE act = 'support' AND on_date = '2023-03-01' AND account_id = 3";
        // The second meeting of the day is the same help.
        assert_eq!((number(v, help), number(v, "SELECT count(*) AS n FROM support_note")), (2, 3));
        // What led to the plan is older than it.
        let page = tutor.get(&path);
        let sent = write(&mut tutor, &path, &page, "note", "01.12.2022", "о годе до маршрута", "no");
        assert_eq!(sent.status, 303, "{}", sent.body);
        // The plan tells of the meeting, never of its words.
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let plan = teacher.get("/plan");
        assert!(plan.body.contains("Оказана помощь"), "{}", plan.body);
        assert!(!plan.body.contains("разобрали дефицит"), "{}", plan.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE reason LIKE '%разобрали%'"), 0);
        // Whoever takes the plan over reads what was agreed; whoever gave it does not any more.
        let _done = v.run(&["iom", "hand-over", "--from", "tutor", "--to", "tutor-2"]).ok();
        let mut next = server.signed_in("tutor-2", PASSWORD);
        assert!(next.get(&path).body.contains("разобрали дефицит"));
        assert_eq!(tutor.get(&path).status, 404);
        let _sound = v.run(&["check"]).ok();
    }
}
