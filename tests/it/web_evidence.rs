//! Evidence by photo and the demo mailbox: both databases, two regions.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::Server;
use crate::web::{PASSWORD, plan_of, same, world};
use crate::world::{number, show};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 not much of a photo \xff\xd9";

/// The first step of the northern teacher that is no course.
fn activity(v: &Vekha) -> (String, String) {
    let rows = show(v, 1);
    let row = rows
        .iter()
        .find(|row| row["programme"].is_empty())
        .expect("a step that is no course");
    (row["item"].clone(), row["title"].clone())
}

on_both! {
    fn a_step_is_handed_in_with_a_photo_that_the_right_people_open(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (item, _) = activity(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        let fields = [("item", item.as_str()), ("note", "Лист <стажировки>")];
        let big = [PHOTO, &vec![0_u8; 10 * 1024 * 1024]].concat();
        for (name, bytes, said) in [
            ("IMG_1.HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
            ("фото.jpg", b"<svg xmlns=", "JPEG или PNG"),
            ("большое.jpg", &big, "10 МБ"),
        ] {
            let answer = teacher.send_file(&page, "/plan/submit", &fields, Some((name, bytes)));
            assert!(answer.status == 422 && answer.body.contains(said), "{name}: {}", answer.body);
        }
        let empty = || number(v, "SELECT count(*) AS n FROM iom_evidence") == 0;
        assert!(empty() && show(v, 1).iter().all(|r| r["item_state"] != "submitted"), "a refused file does nothing");
        let done = teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO)));
        assert_eq!((done.status, done.header("location")), (303, "/plan"), "{}", done.body);
        // The same form again is answered as the first time and leaves no second file.
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO))).status, 303);
        let stored = std::fs::read_dir(v.data().join("files/evidence")).expect("the folder").count();
        assert_eq!((stored, number(v, "SELECT count(*) AS n FROM iom_evidence")), (1, 1));
        let path = format!("/evidence/{}", number(v, "SELECT id AS n FROM iom_evidence"));
        assert!(teacher.get("/plan").body.contains(&path));

        let mut tutor = server.signed_in("tutor", PASSWORD);
        let queue = tutor.get("/review");
        assert!(queue.body.contains(&path) && queue.body.contains("Лист &lt;стажировки&gt;"), "{}", queue.body);
        assert!(tutor.get(&format!("/people/{}", plan_of(v, 1001))).body.contains(&path));
        let opened = "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_evidence' AND person_id = 1001";
        for (login, noted) in [("teacher", 0), ("tutor", 1), ("head", 2)] {
            let file = server.signed_in(login, PASSWORD).get(&path);
            assert_eq!((file.status, file.header("content-type")), (200, "image/jpeg"), "{login}");
            assert_eq!(file.bytes, PHOTO);
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            assert!(file.header("content-disposition").starts_with("inline; filename*=UTF-8''"));
            assert_eq!(number(v, opened), noted, "{login}");
        }
        for login in ["curator", "teacher-south", "tutor-south", "head-south"] {
            let mut other = server.signed_in(login, PASSWORD);
            let missing = other.get("/evidence/7");
            assert_eq!(missing.status, 404, "{login}");
            assert_eq!(same(&other.get(&path)), same(&missing), "{login}");
        }
        assert_eq!(server.signed_in("operator", PASSWORD).get(&path).status, 403);
        assert_eq!(number(v, opened), 2);

        // `check` names a file that is not the same any more, and one that is gone.
        let _sound = v.run(&["check"]).ok();
        let entry = std::fs::read_dir(v.data().join("files/evidence")).expect("the folder").next();
        let file = entry.expect("a file").expect("an entry").path();
        std::fs::write(&file, "другое").expect("written");
        assert!(v.run(&["check"]).failed().out.contains("не тот, что был отправлен"));
        assert_eq!(tutor.get(&path).status, 500);
        std::fs::remove_file(&file).expect("removed");
        assert!(v.run(&["check"]).failed().out.contains("файла нет"));
    }

    fn a_step_goes_without_a_file_too(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (item, title) = activity(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        let fields = [("item", item.as_str()), ("note", "Провела урок")];
        let empty = teacher.send_file(&page, "/plan/submit", &fields, Some(("фото.jpg", b"")));
        assert!(empty.status == 422 && empty.body.contains("айл пустой"), "{}", empty.body);
        assert!(empty.body.contains("Провела урок"), "what was typed stays");
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, None).status, 303);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let queue = tutor.get("/review").body;
        assert!(queue.contains(&title) && queue.contains("Провела урок") && !queue.contains("/evidence/"), "{queue}");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_evidence"), 0);
    }

    fn what_was_written_of_a_step_stays_when_its_form_came_too_late(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (item, _) = activity(v);
        let step = format!("iom_id = {} AND number = {item}", plan_of(v, 1001));
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        let fields = [("item", item.as_str()), ("note", "Провела открытый урок")];
        v.sql(&format!("UPDATE iom_item SET version = version + 1 WHERE {step}"));
        let late = teacher.send_file(&page, "/plan/submit", &fields, Some(("лист.jpg", PHOTO)));
        assert_eq!(late.status, 409, "{}", late.body);
        let form = late.body.split("<form").find(|form| form.contains("/plan/submit")).unwrap_or_default();
        assert!(form.contains("value=\"Провела открытый урок\""), "what was typed stays in the form: {}", late.body);
        assert!(late.body.contains("Ничего не записано") && late.body.contains("файл выберите ещё раз"), "{}", late.body);
        assert!(!late.body.contains("id=\"typed\""), "once is enough");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_evidence"), 0);
        let stored = std::fs::read_dir(v.data().join("files/evidence")).map_or(0, Iterator::count);
        assert_eq!(stored, 0, "nor does its file");
        // The page that answers is the form to go on with.
        assert_eq!(teacher.send_file(&late, "/plan/submit", &fields, None).status, 303);
        // The step is gone: its words are not put into the form of another one.
        v.sql(&format!("UPDATE iom_item SET state = 'cancelled', version = version + 1 WHERE {step}"));
        let gone = teacher.send_file(&page, "/plan/submit", &[("item", &item), ("note", "Провела второй урок")], None);
        assert_eq!(gone.status, 409, "{}", gone.body);
        let kept = |page: &crate::visitor::Page, text: &str| {
            let block = page.body.split("<textarea id=\"typed\"").nth(1).and_then(|rest| rest.split("</textarea>").next());
            block.is_some_and(|block| block.contains("readonly") && block.ends_with(&format!(">{text}")))
        };
        assert!(kept(&gone, "Провела второй урок"), "what was typed stays to be copied: {}", gone.body);
        assert!(!gone.body.contains("value=\"Провела второй урок\""), "{}", gone.body);
        let back = teacher.send(&teacher.clone().get("/plan"), "/plan/act", &[("act", "return"), ("reason", "Добавьте шаг про опыты")]);
        assert!(back.status == 409 && kept(&back, "Добавьте шаг про опыты"), "{}", back.body);
        // A form that nobody of the own session sent: the words come back, and nothing is done.
        let stale = [("token", "x"), ("item", item.as_str()), ("seen", "1"), ("note", "Провела третий урок")];
        let shown = teacher.post_file("/plan/submit", &stale, Some(("лист.jpg", PHOTO)));
        assert!(shown.status == 403 && kept(&shown, "Провела третий урок"), "what was typed comes back: {}", shown.body);
        let plain = [("token", "x"), ("act", "return"), ("reason", "Добавьте шаг <про опыты>")];
        let shown = teacher.post("/plan/act", &plain, &[]);
        assert!(shown.status == 403 && kept(&shown, "Добавьте шаг &lt;про опыты&gt;"), "{}", shown.body);
        let other = [("Origin", "http://other.example")];
        let foreign = teacher.post("/plan/act", &plain, &other);
        assert!(foreign.status == 403 && !foreign.body.contains("про опыты"), "another site says nothing here: {}", foreign.body);
        let mut nobody = server.visitor();
        let ended = nobody.post_file("/plan/submit", &stale, Some(("лист.jpg", PHOTO)));
        assert!(ended.status == 401 && kept(&ended, "Провела третий урок"), "nor when the session has ended: {}", ended.body);
        let ended = nobody.post("/plan/act", &plain, &[]);
        assert!(ended.status == 401 && kept(&ended, "Добавьте шаг &lt;про опыты&gt;"), "{}", ended.body);
        // Never a password.
        let secret = [("token", "x"), ("now", PASSWORD), ("password", "другие длинные слова"), ("again", "другие длинные слова")];
        for who in [&mut teacher, &mut nobody] {
            let shown = who.post("/account/password", &secret, &[]);
            assert!([401, 403].contains(&shown.status) && !shown.body.contains("длинн"), "{}", shown.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_evidence"), 0);
    }

    fn the_mailbox_of_a_demo_shows_the_letters_of_the_own_region(v: &Vekha) {
        world(v);
        {
            let server = Server::start(v);
            assert_eq!(server.signed_in("teacher", PASSWORD).get("/mailbox").status, 403, "demo regions only");
        }
        v.sql("INSERT INTO setting (key, value) VALUES ('demo', 'yes')");
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let letters = number(v, "SELECT count(*) AS n FROM outbox_mail WHERE region_id = 110");
        assert!(letters > 0 && number(v, "SELECT count(*) AS n FROM outbox_mail WHERE region_id = 120") > 0);
        let page = tutor.get("/mailbox");
        assert_eq!(page.body.matches("Кому: ").count(), usize::try_from(letters).expect("a count"), "{}", page.body);
        assert!(page.body.contains("tutor") && !page.body.contains("-south"), "{}", page.body);
        // Every letter says something, with the number of its plan.
        let plan = show(v, 1)[0]["plan"].clone();
        assert!(page.body.matches(&plan).count() >= usize::try_from(letters).expect("a count"), "{}", page.body);
        assert!(tutor.get("/review").body.contains("href=\"/mailbox\""), "the note of the demo leads there");
    }
}
