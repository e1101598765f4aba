//! Procedures of diagnostics on screen: made and changed, invitations and consents, who is next, who sees a result first.

use chrono::Days;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// Three teachers of the north in two schools, one of the south. Д1 is of the north, Д2 of the south, Д3 of both.
fn world(v: &Vekha, more: impl FnOnce(&mut World)) -> Server {
    let mut world = World::new();
    for (id, code) in [(1, "Д1"), (2, "Д2"), (3, "Д3")] {
        world.procedure(id, code, "full", Some(30));
    }
    world
        .teacher(1001, 1, NORTH, 2)
        .teacher(1002, 2, NORTH, 2)
        .teacher(1003, 3, NORTH, 3);
    world.teacher(2001, 4, SOUTH, 2);
    world.passage(2001, SOUTH, 2, "full", "2023-02-01", &[(1, 40_000)]);
    world.passage(2001, SOUTH, 3, "full", "2023-02-01", &[(1, 40_000)]);
    more(&mut world);
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "second", Some(1002), &[("teacher", unit(NORTH, 2))]);
    world.account(3, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(4, "head", None, &[("cnppm_head", unit(NORTH, 0))]);
    world.account(5, "south", None, &[("cnppm_head", unit(SOUTH, 0))]);
    world.account(7, "of-a-part", None, &[("cnppm_head", unit(NORTH, 1))]);
    world.account(6, "director", None, &[("school_head", unit(NORTH, 2))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn before(days: u64) -> String {
    (today() - Days::new(days)).to_string()
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn at(page: &str, procedure: &str) -> String {
    format!("/diagnostics/{page}?code={}", code(procedure))
}

/// The value of a hidden field.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
    assert!(found.is_some(), "{name}: {}", page.body);
    let (_, rest) = found.unwrap_or_default();
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Invites as a form says, after a look at whom it goes to.
#[track_caller]
fn invite(staff: &mut Visitor, procedure: &str, whom: &[(&str, &str)]) {
    let path = at("people", procedure);
    let page = staff.get(&path);
    let shown = staff.send(&page, &path, &[&[("act", "invite")][..], whom].concat());
    assert_eq!(shown.status, 200, "{}", shown.body);
    let (key, expected) = (hidden(&shown, "key"), hidden(&shown, "expected"));
    let own = [("act", "invite_all"), ("key", &*key), ("expected", &*expected)];
    let done = staff.send(&shown, &path, &[&own[..], whom].concat());
    assert_eq!(done.status, 303, "{}", done.body);
}

/// Makes a procedure and opens it.
#[track_caller]
fn open_one(staff: &mut Visitor, name: &str, more: &[(&str, &str)]) {
    let form = staff.get("/diagnostics/new");
    let key = hidden(&form, "key");
    let mut fields = vec![
        ("key", &*key),
        ("name", name),
        ("kind", "full"),
        ("code", name),
        ("audience", "teaching"),
    ];
    fields.extend(more);
    let made = staff.send(&form, "/diagnostics/new", &fields);
    assert_eq!(made.status, 303, "{}", made.body);
    let page = staff.get(&at("edit", name));
    let seen = hidden(&page, "seen");
    let done = staff.send(&page, &at("edit", name), &[("act", "open"), ("seen", &seen)]);
    assert_eq!(done.status, 303, "{}", done.body);
}

on_both! {
    fn whoever_heads_a_part_changes_nothing_of_the_region(v: &Vekha) {
        let server = world(v, |_| ());
        let before = v.query("SELECT code || version FROM procedure ORDER BY code");
        let mut part = server.signed_in("of-a-part", PASSWORD);
        let list = part.get("/diagnostics");
        assert!(list.status == 200 && !list.body.contains("Завести диагностику"), "{}", list.body);
        let one = part.get(&at("procedure", "Д1"));
        assert!(!one.body.contains("/diagnostics/edit"), "{}", one.body);
        for path in ["/diagnostics/new".to_owned(), at("edit", "Д1")] {
            let shut = part.get(&path);
            assert!(shut.status == 409 && shut.body.contains("всего региона"), "{path}: {} {}", shut.status, shut.body);
            let fields = [("act", "change"), ("seen", "1"), ("key", "часть"), ("name", "Чужая"), ("kind", "full"), ("valid", "1")];
            let refused = part.send(&list, &path, &fields);
            assert!(refused.status == 409 && refused.body.contains("всего региона"), "{path}: {}", refused.status);
        }
        // Nor a template of plans: its next version would be offered to plans elsewhere.
        let templates = part.get("/iom-templates");
        assert!(templates.status == 200 && !templates.body.contains("/iom-templates/edit"), "{}", templates.body);
        let fields = [("act", "save"), ("seen", "0"), ("title", "Чужой шаблон"), ("code", "чужой")];
        for refused in [part.get("/iom-templates/edit"), part.send(&list, "/iom-templates/edit", &fields)] {
            assert!(refused.status == 409 && refused.body.contains("всего региона"), "a template by a part: {}", refused.status);
        }
        let papers = part.get("/signers");
        assert!(papers.status == 200 && !papers.body.contains("Записать"), "{}", papers.body);
        let fields = [("act", "signer"), ("place", "approves"), ("name", "З. П. Захватчик"), ("post", "Директор"), ("from", "01.01.2023"), ("seen", "0.0"), ("key", "часть")];
        assert_eq!(part.send(&list, "/signers", &fields).status, 409);
        assert_eq!(number(v, "SELECT count(*) AS n FROM signer"), 0);
        assert_eq!(v.query("SELECT code || version FROM procedure ORDER BY code"), before);
    }

    // rows: CH-F35
    fn a_procedure_is_made_changed_and_moved_and_the_second_editor_is_told(v: &Vekha) {
        let server = world(v, |_| {});
        let mut staff = server.signed_in("staff", PASSWORD);
        let form = staff.get("/diagnostics/new");
        let key = hidden(&form, "key");
        let wrong = staff.send(&form, "/diagnostics/new", &[("key", &key), ("name", ""), ("kind", "")]);
        assert!(wrong.status == 422 && wrong.body.contains("Выберите вид диагностики."), "{}", wrong.body);
        let said = [
            ("key", &*key), ("name", "Осенняя диагностика"), ("kind", "entry"), ("level", "regional"), ("code", "ОСЕНЬ"),
            ("from", "01.10.2030"), ("to", "15.10.2030"), ("valid", "365"), ("organiser", "С3"),
            ("statute", "https://example.org/statute"), ("instrument", "https://example.org/tool"),
        ];
        let made = staff.send(&form, "/diagnostics/new", &said);
        assert_eq!(made.status, 303, "{}", made.body);
        // The same form again makes nothing.
        assert_eq!(staff.send(&form, "/diagnostics/new", &said).header("location"), made.header("location"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM procedure WHERE code = 'ОСЕНЬ'"), 1);
        let page = staff.get(made.header("location"));
        for words in ["Диагностика заведена", "готовится", "01.10.2030 – 15.10.2030", "https://example.org/statute",
            "https://example.org/tool", "365"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(staff.get("/diagnostics").body.contains("Осенняя диагностика"));
        // Two have the form open; the second is told who was quicker and nothing of it is lost.
        let mut head = server.signed_in("head", PASSWORD);
        let both = [staff.get(&at("edit", "ОСЕНЬ")), head.get(&at("edit", "ОСЕНЬ"))];
        let seen = hidden(&both[0], "seen");
        let change = |name: &'static str| [("act", "change"), ("name", name), ("kind", "entry"), ("seen", "")];
        let with = |name: &'static str, seen: &str| {
            change(name).map(|(n, value)| (n, if n == "seen" { seen.to_owned() } else { value.to_owned() }))
        };
        let first = with("Октябрьская", &seen);
        let first: Vec<(&str, &str)> = first.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(staff.send(&both[0], &at("edit", "ОСЕНЬ"), &first).status, 303);
        let second = with("Ноябрьская", &seen);
        let second: Vec<(&str, &str)> = second.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let told = head.send(&both[1], &at("edit", "ОСЕНЬ"), &second);
        assert_eq!(told.status, 409, "{}", told.body);
        assert!(told.body.contains("Октябрьская") && told.body.contains("Ноябрьская"), "{}", told.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM procedure WHERE name = 'Октябрьская'"), 1);
        // It is opened, held, and never skips a state.
        let mut press = |act: &str| {
            let page = staff.get(&at("edit", "ОСЕНЬ"));
            let seen = hidden(&page, "seen");
            let answer = staff.send(&page, &at("edit", "ОСЕНЬ"), &[("act", act), ("seen", &seen)]);
            (answer, v.query("SELECT state FROM procedure WHERE code = 'ОСЕНЬ'"))
        };
        for (act, state) in [("held", "planned"), ("open", "open"), ("planned", "open")] {
            assert_eq!(press(act).1, [state], "{act}");
        }
        // Nobody has held what has not begun.
        v.sql("UPDATE procedure SET starts_on = '2030-10-01', ends_on = '2030-10-15' WHERE code = 'ОСЕНЬ'");
        let (early, state) = press("held");
        assert!(state == ["open"] && early.status == 422 && early.body.contains("начнётся 01.10.2030"), "{state:?} {}", early.body);
        // Its list and its page say so too, in the words of the school's own list.
        for path in ["/diagnostics".to_owned(), at("procedure", "ОСЕНЬ")] {
            let said = head.get(&path).body;
            assert!(said.contains("начнётся 01.10.2030"), "goes on before its first day: {path} {said}");
        }
        v.sql("UPDATE procedure SET starts_on = '2023-10-01', ends_on = '2023-10-15' WHERE code = 'ОСЕНЬ'");
        let begun = head.get(&at("procedure", "ОСЕНЬ")).body;
        assert!(begun.contains(">идёт<") && !begun.contains("начнётся"), "has begun: {begun}");
        assert_eq!(press("held").1, ["held"]);
    }

    fn a_procedure_with_results_keeps_its_kind(v: &Vekha) {
        let server = world(v, |world| {
            world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
        });
        let mut staff = server.signed_in("staff", PASSWORD);
        let page = staff.get(&at("edit", "Д1"));
        let seen = hidden(&page, "seen");
        let other = [("act", "change"), ("seen", &*seen), ("name", "Д1"), ("kind", "entry"), ("valid", "30")];
        let refused = staff.send(&page, &at("edit", "Д1"), &other);
        assert!(refused.status == 422 && refused.body.contains("есть результаты"), "{}", refused.body);
        let same = [("act", "change"), ("seen", &*seen), ("name", "Весенняя"), ("kind", "full"), ("valid", "90")];
        assert_eq!(staff.send(&page, &at("edit", "Д1"), &same).status, 303);
        let found = v.query("SELECT name || ' ' || kind || ' ' || CAST(valid_days AS TEXT) FROM procedure WHERE id = 1");
        assert_eq!(found, ["Весенняя full 90"]);
    }

    fn a_procedure_of_another_region_is_as_missing(v: &Vekha) {
        let server = world(v, |world| {
            world.passage(1001, NORTH, 3, "full", "2023-02-01", &[(1, 40_000)]);
        });
        let mut staff = server.signed_in("staff", PASSWORD);
        let form = staff.get("/diagnostics/new");
        for page in ["edit", "people", "procedure"] {
            let missing = staff.get(&at(page, "нет"));
            let theirs = staff.get(&at(page, "Д2"));
            assert_eq!((theirs.status, &theirs.body), (404, &missing.body), "{page}");
        }
        // Where people of both regions were diagnosed, nobody of one region changes it for the other.
        assert_eq!(staff.get(&at("procedure", "Д3")).status, 200);
        assert_eq!(staff.get(&at("edit", "Д3")).status, 404);
        let change = [("act", "change"), ("seen", "1"), ("name", "Моя"), ("kind", "full")];
        assert_eq!(staff.send(&form, &at("edit", "Д3"), &change).status, 404);
        assert_eq!(number(v, "SELECT count(*) AS n FROM procedure WHERE name = 'Моя'"), 0);
        // What the south has made is not the north's either.
        let mut south = server.signed_in("south", PASSWORD);
        open_one(&mut south, "ЮГ", &[]);
        assert_eq!(staff.get(&at("procedure", "ЮГ")).status, 404);
        assert!(!staff.get("/diagnostics").body.contains("ЮГ"));
    }

    fn a_result_one_day_past_its_validity_puts_its_person_on_the_list_with_a_reason(v: &Vekha) {
        let server = world(v, |world| {
            world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 90_000)]);
            world.passage(1002, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
        });
        for (person, days) in [(1001, 31), (1002, 29)] {
            let held = before(days);
            v.sql(&format!("UPDATE diagnosis SET held_on = '{held}' WHERE person_id = {person}"));
        }
        let mut staff = server.signed_in("staff", PASSWORD);
        let list = staff.get("/diagnostics/next");
        assert!(list.body.contains("Фамилия1") && list.body.contains("Прошёл срок результатов"), "{}", list.body);
        assert!(list.body.contains("Фамилия3") && list.body.contains("Ещё не было диагностики"), "{}", list.body);
        assert!(!list.body.contains("Фамилия2") && !list.body.contains("Фамилия4"), "{}", list.body);
        assert!(list.body.contains("2\u{A0}педагога"), "the number is the length of the list: {}", list.body);
        let why = staff.get("/diagnostics/next?kind=expired");
        assert!(why.body.contains("Фамилия1") && !why.body.contains("Фамилия3"), "{}", why.body);
        assert!(why.body.contains("1\u{A0}педагог"), "{}", why.body);
        let never = staff.get("/diagnostics/next?kind=never");
        assert!(never.body.contains("Фамилия3") && !never.body.contains("Фамилия1"), "{}", never.body);
        assert_eq!(staff.get("/diagnostics/next?kind=nothing").status, 404);
        // A school sees its own people, and nothing of days or scores.
        let mut director = server.signed_in("director", PASSWORD);
        let own = director.get("/staff/next");
        assert!(own.body.contains("Фамилия1") && !own.body.contains("Фамилия3"), "{}", own.body);
        let day = (today() - Days::new(31)).format("%d.%m.%Y").to_string();
        assert!(list.body.contains(&day) && !own.body.contains(&day), "{}", own.body);
        assert_eq!(director.get("/diagnostics/next").status, 403);
        assert!(number(v, "SELECT count(*) AS n FROM audit_event WHERE object_kind = 'next_diagnosis'") > 0);
    }

    // rows: CH-F25
    fn nobody_is_entered_without_consent_and_a_refusal_needs_no_reason(v: &Vekha) {
        let server = world(v, |_| {});
        let mut staff = server.signed_in("staff", PASSWORD);
        open_one(&mut staff, "ВЕСНА", &[("consent", "Согласен на обработку результатов"), ("purpose", "Узнать, чему учиться")]);
        invite(&mut staff, "ВЕСНА", &[("whom", "audience"), ("unit", ""), ("names", "")]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM procedure_person"), 3, "the teachers of the region, each once");
        let list = staff.get(&at("people", "ВЕСНА"));
        assert!(list.body.contains("Приглашены: 3") && !list.body.contains("Фамилия4"), "{}", list.body);
        let mark = |mark: &'static str, id: &'static str| [("act", "mark"), ("mark", mark), ("id", id)];
        let refused = staff.send(&list, &at("people", "ВЕСНА"), &mark("came", "1001"));
        assert!(refused.status == 422 && refused.body.contains("без согласия"), "{}", refused.body);
        // The teacher reads what one agrees to and agrees; another refuses without a word.
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/my-diagnostics");
        for words in ["Согласен на обработку результатов", "Узнать, чему учиться", "Вы ещё не ответили"] {
            assert!(own.body.contains(words), "{words}: {}", own.body);
        }
        let digest = hidden(&own, "digest");
        let agree = [("code", "ВЕСНА"), ("answer", "agreed"), ("digest", &*digest)];
        // A consent to another text than the one that stands is none.
        let other = [("code", "ВЕСНА"), ("answer", "agreed"), ("digest", "0")];
        assert_eq!(teacher.send(&own, "/my-diagnostics/answer", &other).status, 409);
        assert_eq!(teacher.send(&own, "/my-diagnostics/answer", &agree).status, 303);
        let mut second = server.signed_in("second", PASSWORD);
        let own = second.get("/my-diagnostics");
        let refuse = [("code", "ВЕСНА"), ("answer", "refused"), ("digest", "")];
        assert_eq!(second.send(&own, "/my-diagnostics/answer", &refuse).status, 303);
        let missing = [("code", "Д1"), ("answer", "agreed"), ("digest", "")];
        assert_eq!(second.send(&own, "/my-diagnostics/answer", &missing).status, 404);
        // Now one has come, and of the one who refused nothing can be entered.
        let list = staff.get(&at("people", "ВЕСНА"));
        assert_eq!(staff.send(&list, &at("people", "ВЕСНА"), &mark("came", "1001")).status, 303);
        assert_eq!(staff.send(&list, &at("people", "ВЕСНА"), &mark("came", "1002")).status, 422);
        assert_eq!(staff.send(&list, &at("people", "ВЕСНА"), &mark("came", "2001")).status, 404);
        let came = v.query("SELECT CAST(person_id AS TEXT) FROM procedure_person WHERE came");
        assert_eq!(came, ["1001"]);
        let list = staff.get(&at("people", "ВЕСНА"));
        assert!(list.body.contains("Согласились: 1, отказались: 1, не ответили: 1. Пришли: 1."), "{}", list.body);
        // Who was invited is in the journal, each by a row.
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'diagnostics.invite'"), 3);
    }

    fn whoever_was_invited_is_told_that_it_is_called_off(v: &Vekha) {
        let server = world(v, |world| {
            world.teacher(1004, 5, NORTH, 3);
            world.account(8, "third", Some(1003), &[("teacher", unit(NORTH, 3))]);
            world.account(9, "teacher-south", Some(2001), &[("teacher", unit(SOUTH, 2))]);
        });
        // Whoever calls it off is invited too.
        v.sql("UPDATE account SET person_id = 1004 WHERE login = 'staff'");
        let mut staff = server.signed_in("staff", PASSWORD);
        open_one(&mut staff, "ВЕСНА", &[("consent", "Согласен на обработку результатов")]);
        invite(&mut staff, "ВЕСНА", &[("whom", "audience"), ("unit", ""), ("names", "")]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM procedure_person"), 4);
        // One agrees, one refuses, one does not answer.
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/my-diagnostics");
        let digest = hidden(&own, "digest");
        let agree = [("code", "ВЕСНА"), ("answer", "agreed"), ("digest", &*digest)];
        assert_eq!(teacher.send(&own, "/my-diagnostics/answer", &agree).status, 303);
        let mut second = server.signed_in("second", PASSWORD);
        let own = second.get("/my-diagnostics");
        let refuse = [("code", "ВЕСНА"), ("answer", "refused"), ("digest", "")];
        assert_eq!(second.send(&own, "/my-diagnostics/answer", &refuse).status, 303);
        let moved = |staff: &mut Visitor, act: &str| {
            let page = staff.get(&at("edit", "ВЕСНА"));
            let seen = hidden(&page, "seen");
            let done = staff.send(&page, &at("edit", "ВЕСНА"), &[("act", act), ("seen", &seen)]);
            assert_eq!(done.status, 303, "{act}: {}", done.body);
        };
        let told = |table: &str| {
            let of = "JOIN account a ON a.id = n.account_id WHERE n.kind = 'procedure_called_off' ORDER BY n.id";
            let mut logins = v.query(&format!("SELECT a.login FROM {table} n {of}"));
            logins.sort();
            logins
        };
        moved(&mut staff, "withdrawn");
        assert_eq!(told("notice"), ["teacher", "third"], "the invited are told nothing");
        assert_eq!(told("outbox_mail"), ["teacher", "third"]);
        for login in ["teacher", "third"] {
            let list = server.signed_in(login, PASSWORD).get("/notices");
            assert!(list.body.contains("Диагностика «ВЕСНА» не состоится"), "{login}: {}", list.body);
            assert!(list.body.contains("href=\"/my-diagnostics\""), "{login}: {}", list.body);
        }
        // It is prepared again, which leaves nobody with what is true no more; called off anew, it is told anew.
        moved(&mut staff, "planned");
        let open = "SELECT count(*) AS n FROM notice WHERE kind = 'procedure_called_off' AND settled_at IS NULL";
        assert_eq!(number(v, open), 0);
        let invited = "SELECT count(*) AS n FROM notice WHERE kind = 'procedure_invited' AND settled_at IS NULL";
        assert_eq!(number(v, invited), 3, "whoever has not refused is invited anew");
        assert!(server.signed_in("third", PASSWORD).get("/notices").body.contains("«ВЕСНА»"));
        moved(&mut staff, "withdrawn");
        assert_eq!((number(v, open), told("notice").len(), number(v, invited)), (2, 4, 0));
    }

    fn whom_an_invitation_goes_to_is_shown_before_it_goes(v: &Vekha) {
        let server = world(v, |world| {
            world.teacher(1004, 5, NORTH, 3);
        });
        let mut staff = server.signed_in("staff", PASSWORD);
        open_one(&mut staff, "ВЕСНА", &[]);
        let (path, invited) = (at("people", "ВЕСНА"), "SELECT count(*) AS n FROM procedure_person");
        let page = staff.get(&path);
        let whom = [("whom", "audience"), ("unit", ""), ("names", "")];
        let look = |staff: &mut Visitor| staff.send(&page, &path, &[&[("act", "invite")][..], &whom].concat());
        let shown = look(&mut staff);
        assert!(shown.status == 200 && shown.body.contains("Пригласить 4\u{A0}педагогов?"), "{}", shown.body);
        for said in ["Фамилия1", "Фамилия3", "Без учётной записи: 2", "С3"] {
            assert!(shown.body.contains(said), "{said}: {}", shown.body);
        }
        assert!(!shown.body.contains("Фамилия4"), "of the other region: {}", shown.body);
        assert_eq!((number(v, invited), number(v, "SELECT count(*) AS n FROM notice WHERE kind = 'procedure_invited'")), (0, 0), "a look does nothing");
        // Somebody comes to work meanwhile: whoever was not shown is not invited.
        let all = |shown: &Page| [("key", hidden(shown, "key")), ("expected", hidden(shown, "expected"))];
        let send = |staff: &mut Visitor, shown: &Page| {
            let [(key, own), (expected, of)] = all(shown);
            staff.send(shown, &path, &[&[(key, own.as_str()), (expected, of.as_str()), ("act", "invite_all")][..], &whom].concat())
        };
        v.sql("UPDATE employment SET valid_to = '2023-01-01' WHERE person_id = 1004");
        let changed = send(&mut staff, &shown);
        assert!(changed.status == 409 && changed.body.contains("список изменился"), "others are invited: {} {}", changed.status, changed.body);
        assert_eq!(number(v, invited), 0);
        let shown = look(&mut staff);
        assert!(shown.body.contains("Пригласить 3\u{A0}педагогов?"), "{}", shown.body);
        for _ in 0..2 {
            let done = send(&mut staff, &shown);
            assert_eq!(done.status, 303, "{}", done.body);
            assert_eq!(number(v, invited), 3);
        }
        // Whoever has an invitation gets no second one, and is counted.
        let nobody = look(&mut staff);
        assert!(nobody.status == 422 && nobody.body.contains("Приглашать некого"), "{}", nobody.body);
        // Of one that is over it is said that nobody is invited any more.
        v.sql("UPDATE procedure SET state = 'held' WHERE code = 'ВЕСНА'");
        let late = look(&mut staff);
        assert!(late.status == 422 && late.body.contains("проведена"), "{} {}", late.status, late.body);
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!(south.get(&path).status, 404);
    }

    fn a_longer_list_of_names_than_is_taken_is_refused_whole(v: &Vekha) {
        let server = world(v, |_| {});
        for n in [1, 3] {
            v.sql(&format!("UPDATE person SET search_key = 'фамилия{n} имя' WHERE id = {}", 1000 + n));
        }
        let mut staff = server.signed_in("staff", PASSWORD);
        open_one(&mut staff, "ВЕСНА", &[]);
        let page = staff.get(&at("people", "ВЕСНА"));
        let long = ["Фамилия1"; 31].join("; ");
        let invited = "SELECT count(*) AS n FROM procedure_person";
        let named = |names| [("act", "invite"), ("whom", "named"), ("unit", ""), ("names", names)];
        let answer = staff.send(&page, &at("people", "ВЕСНА"), &named(&long));
        assert!(answer.status == 422 && answer.body.contains("не больше 30 человек"), "{}", answer.body);
        assert_eq!(number(v, invited), 0, "nobody of a list is left out in silence");
        invite(&mut staff, "ВЕСНА", &named("Фамилия1; Фамилия3")[1..]);
        assert_eq!(number(v, invited), 2);
    }

    fn the_teacher_sees_the_result_before_the_school(v: &Vekha) {
        let server = world(v, |world| {
            world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
            world.row(
                "procedure_person (id, region_id, procedure_id, person_id, why, answer, version, recorded_at)",
                &format!("1, {}, 1, 1001, 'audience', 'agreed', 1, '2023-01-01 00:00:00'", unit(NORTH, 0)),
            );
        });
        v.sql("UPDATE procedure SET released_on = '2999-01-01', valid_days = NULL WHERE id = 1");
        let mut director = server.signed_in("director", PASSWORD);
        let early = director.get("/staff");
        assert!(early.body.contains("результат диагностики у педагога"), "{}", early.body);
        assert!(!early.body.contains("Компетенция К1"), "{}", early.body);
        let card = director.get("/staff/1001");
        assert!(!card.body.contains("Компетенция К1"), "{}", card.body);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert!(teacher.get("/profile").body.contains("Компетенция К1"));
        let later = director.get("/staff");
        assert!(later.body.contains("Компетенция К1") && !later.body.contains("диагностики у педагога"), "{}", later.body);
        // Who was not there by then is told on the day of release at the latest.
        v.sql("UPDATE procedure_person SET first_seen_at = NULL");
        assert!(!director.get("/staff").body.contains("Компетенция К1"));
        v.sql("UPDATE procedure SET released_on = '2023-03-01' WHERE id = 1");
        assert!(director.get("/staff").body.contains("Компетенция К1"));
    }

    fn what_was_and_what_is_stand_beside_each_other(v: &Vekha) {
        let server = world(v, |world| {
            world.procedure(4, "Д4", "follow_up", None);
            world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000), (3, 50_000)]);
            world.passage(1001, NORTH, 4, "follow_up", "2023-06-01", &[(1, 85_000)]);
            world.passage(1002, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
        });
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/profile");
        let (_, table) = page.body.split_once("Было и стало").expect("the table");
        for words in ["40\u{A0}%", "01.02.2023", "85\u{A0}%", "01.06.2023"] {
            assert!(table.contains(words), "{words}: {table}");
        }
        // Who was measured once has nothing to compare.
        let mut second = server.signed_in("second", PASSWORD);
        assert!(!second.get("/profile").body.contains("Было и стало"));
    }
}
