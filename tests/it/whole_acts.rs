//! An act, its line in the journal and the letters that tell of it are one: where the journal refuses its line, nothing
//! of the rest stays behind. Both databases, two regions.

use crate::matrix_journal::Journal;
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server};
use crate::web::{PASSWORD, world};
use crate::world::number;

/// What is tried, and how.
type Act<'a> = (&'static str, Box<dyn FnOnce() + 'a>);

/// From here on the journal takes no line.
fn refuse_lines(v: &Vekha) {
    v.sql(if v.url().starts_with("sqlite:") {
        "CREATE TRIGGER refused BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no line'); END"
    } else {
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no line'; END $$; \
         CREATE TRIGGER refused BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refused()"
    });
}

fn take_lines_again(v: &Vekha) {
    v.sql(if v.url().starts_with("sqlite:") {
        "DROP TRIGGER refused"
    } else {
        "DROP TRIGGER refused ON audit_event; DROP FUNCTION refused()"
    });
}

/// Does something while the journal takes no line; names of the tables that are not as they were.
fn left_behind(v: &Vekha, act: impl FnOnce()) -> Vec<String> {
    let mut journal = Journal::of(v);
    let mut held = || {
        let mut all = journal.digest();
        let sessions = journal.one("SELECT CAST(count(*) AS TEXT) AS value FROM session");
        all.push(("session".to_owned(), sessions));
        all
    };
    let before = held();
    refuse_lines(v);
    act();
    take_lines_again(v);
    let changed = held().into_iter().zip(before).filter(|(now, then)| now != then);
    // That something was asked for is counted before anything is done.
    let names = changed.map(|((name, _), _)| name);
    names.filter(|name| name != "secret_failure").collect()
}

/// The field of a form on a page.
#[track_caller]
fn hidden(page: &Page, form: &str, name: &str) -> String {
    let own = page.body.split("<form").find(|f| f.contains(form)).expect(form);
    let (_, rest) = own.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

on_both! {
    fn an_act_without_its_line_in_the_journal_does_not_happen(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (mut teacher, _other) = (server.signed_in("teacher", PASSWORD), server.signed_in("teacher", PASSWORD));
        let (page, sessions) = (teacher.get("/plan"), teacher.get("/sessions"));
        let item = hidden(&page, "/plan/submit", "item");
        let fields = [("item", item.as_str()), ("note", "конспект")];
        let acts: Vec<Act<'_>> = vec![
            ("a step handed in", Box::new(|| assert_eq!(teacher.clone().send_file(&page, "/plan/submit", &fields, None).status, 500))),
            ("sessions closed", Box::new(|| assert_eq!(teacher.clone().send(&sessions, "/sessions/close", &[("others", "yes")]).status, 500))),
            ("an account made", Box::new(|| drop(v.run(&["user", "add", "new", "--role", "tutor", "--unit", "Ю0"]).failed()))),
            ("a role taken away", Box::new(|| drop(v.run(&["user", "revoke", "tutor-south", "--role", "tutor", "--unit", "Ю1"]).failed()))),
            ("an account suspended", Box::new(|| drop(v.run(&["user", "suspend", "teacher-south"]).failed()))),
        ];
        for (name, act) in acts {
            let left = left_behind(v, act);
            assert!(left.is_empty(), "{name}: done without its line in the journal: {left:?}");
        }
        // The same goes when the journal takes lines again.
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, None).status, 303);
        let _whole = v.run(&["check"]).ok();
    }

    fn no_letter_outlives_the_act_that_it_tells_of(v: &Vekha) {
        world(v);
        v.sql("UPDATE account SET email = login || '@school.example'");
        let server = Server::start(v);
        let mut nobody = server.visitor();
        let form = nobody.get("/sign-in");
        let teacher = server.signed_in("teacher-south", PASSWORD);
        let address = teacher.clone().get("/account/email");
        let fields = [("email", "new@home.example"), ("password", PASSWORD)];
        let acts: Vec<Act<'_>> = vec![
            ("a link asked for", Box::new(|| assert_eq!(nobody.clone().send(&form, "/reset", &[("login", "teacher")]).status, 500))),
            ("another address", Box::new(|| assert_eq!(teacher.clone().send(&address, "/account/email", &fields).status, 500))),
            ("an invitation", Box::new(|| drop(v.run(&["user", "invite", "teacher"]).failed()))),
        ];
        let letters = || number(v, "SELECT count(*) AS n FROM outbox_mail");
        for (name, act) in acts {
            let before = letters();
            let left = left_behind(v, act);
            assert_eq!(letters(), before, "{name}: a letter of what never happened");
            assert!(left.is_empty(), "{name}: done without its line in the journal: {left:?}");
        }
        v.sql("DELETE FROM secret_failure");
        assert_eq!(nobody.send(&form, "/reset", &[("login", "teacher")]).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'access_reset'"), 1);
    }
}
