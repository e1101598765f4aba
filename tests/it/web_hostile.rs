//! Hostile text in every field that takes text and in every cell of a file: on the pages it stays text.

use crate::on_both;
use crate::support::text;
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, plan_of, world};
use crate::world::{number, snils};

/// How many texts each database meets.
const AMOUNT: usize = 2000;

/// Pieces that break pages, queries, templates, sheets and lines, alone and in pairs.
fn hostile() -> Vec<String> {
    let pieces = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"alert(1)",
        "</title><script>",
        "</textarea><b>",
        "<!--",
        "]]>",
        "javascript:alert(1)",
        "&lt;b&gt;&#60;",
        "&quot;&amp;",
        "{{page.token}}",
        "{{{x}}}",
        "{{> layout/page}}",
        "${7*7}",
        "%3Cscript%3E",
        "'; DROP TABLE person; --",
        "' OR '1'='1",
        "\\'; SELECT pg_sleep(9); --",
        "%_\\%",
        "=HYPERLINK(\"http://evil\")",
        "+1+1",
        "@SUM(A1)",
        "-2-2",
        "\r\nX-Evil: 1",
        "\n\n",
        "\t",
        "\u{0}",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{85}",
        "\u{202e}gpj.фото",
        "\u{2066}x\u{2069}",
        "\u{200b}\u{200d}\u{feff}",
        "и\u{306}е\u{308}",
        "👩\u{200d}🏫",
        "\u{fffe}",
        "\u{10ffff}",
        "Ω≈ç√∫˜µ",
        "ﷺ",
        "1e309",
        "null",
        "../../etc/passwd",
        "C:\\con\\nul",
    ];
    let mut found: Vec<String> = pieces.map(str::to_owned).to_vec();
    found.push("Ж".repeat(1 << 19));
    for one in pieces {
        for two in pieces {
            found.push(format!("Иванова {one}{two}"));
        }
    }
    found.truncate(AMOUNT);
    found
}

/// What of a page text must not change: how many tags it has, and how many quotes of attributes.
fn skeleton(page: &Page) -> (usize, usize, usize) {
    let count = |what: &str| page.body.matches(what).count();
    (count("<"), count(">"), count("\""))
}

/// A page that was asked with a hostile text has the shape of the same page asked with a plain one.
#[track_caller]
fn stays_text(plain: &Page, page: &Page, given: &str) {
    let short: String = given.chars().take(60).collect();
    assert!(page.status < 500, "{short:?}: {}", page.body);
    // Nothing to be seen is nothing to look for: such a list is another one.
    let blank = given.chars().all(|c| !c.is_alphanumeric() && !c.is_ascii_punctuation());
    if page.status == plain.status && !blank {
        assert_eq!(skeleton(page), skeleton(plain), "{short:?}: {}", page.body);
    }
    let said = page.headers.keys().any(|name| name.contains("evil"));
    assert!(!said, "{short:?}: {:?}", page.headers);
}

on_both! {
    fn what_is_typed_into_a_field_stays_text(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let mut head = server.signed_in("head", PASSWORD);
        let mut operator = server.signed_in("operator", PASSWORD);
        let (plan, own) = (plan_of(v, 1001), teacher.get("/plan"));
        let item = number(v, &format!("SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND programme_id IS NULL")).to_string();
        type Field<'a> = (&'a str, Box<dyn FnMut(&str) -> Page + 'a>);
        let nobody = server.visitor();
        let search = |who: &mut Visitor, path: &str, given: &str| who.get(&format!("{path}{}", code(given)));
        let mut other = operator.clone();
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let card = head.get(&format!("/plans/{plan}"));
        let queue = tutor.get("/review");
        let mut reader = teacher.clone();
        let mut fields: Vec<Field<'_>> = vec![
            ("search of plans", Box::new(move |given| search(&mut head, "/plans?q=", given))),
            ("journal", Box::new(move |given| search(&mut operator, "/journal?from=", given))),
            ("next page after the door", Box::new(move |given| search(&mut nobody.clone(), "/sign-in?next=", given))),
            ("search of courses", Box::new(move |given| search(&mut reader, "/courses?q=", given))),
            ("login", Box::new({
                let mut nobody = server.visitor();
                move |given| {
                    let form = nobody.get("/sign-in");
                    nobody.send(&form, "/sign-in", &[("login", given), ("password", "нет")])
                }
            })),
            ("remark of a plan", Box::new({
                let mut head = server.signed_in("head", PASSWORD);
                move |given| head.send(&card, &format!("/plans/{plan}/act"), &[("act", "return"), ("reason", given)])
            })),
            ("remark of a step", Box::new({
                let (item, plan) = (item.clone(), plan.to_string());
                move |given| tutor.send(&queue, "/review", &[("plan", &plan), ("item", &item), ("act", "return"), ("reason", given)])
            })),
            ("file name", Box::new(move |given| {
                let name: String = given.chars().filter(|c| !"\r\n\"".contains(*c)).take(300).collect();
                let page = other.get("/upload");
                other.send_file(&page, "/upload", &[("kind", "staff")], Some((&name, b"\x89PNG")))
            })),
        ];
        // A form that came too late shows what was typed in it, but not a single word: codes look the same.
        let plain: Vec<[Page; 2]> = fields.iter_mut().map(|(_, send)| [send("Иванова"), send("Иванова Анна")]).collect();
        let several = fields.len();
        for (n, given) in hostile().iter().enumerate() {
            let (name, send) = &mut fields[n % several];
            let page = send(given);
            assert!(page.status < 500, "{name} {:?}: {}", given.chars().take(60).collect::<String>(), page.body);
            let of_words = given.trim().contains(char::is_whitespace) && !given.contains('\0');
            stays_text(&plain[n % several][usize::from(of_words)], &page, given);
        }
        drop(fields);
        // A note of a step is shown to both sides; each text replaces the one before.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut shape = None;
        for given in hostile().iter().step_by(AMOUNT / 25) {
            let sent = teacher.send_file(&own, "/plan/submit", &[("item", &item), ("note", given)], None);
            assert!(sent.status < 500, "{given:?}: {}", sent.body);
            if sent.status != 303 {
                continue;
            }
            let queue = tutor.get("/review");
            let now = skeleton(&queue);
            assert_eq!(*shape.get_or_insert(now), now, "{given:?}: {}", queue.body);
            let fields = [("plan", &*plan.to_string()), ("item", &item), ("act", "return"), ("reason", given)];
            let back = tutor.send(&queue, "/review", &fields);
            assert!(back.status < 500, "{given:?}: {}", back.body);
            if back.status != 303 {
                assert_eq!(tutor.send(&queue, "/review", &[("plan", &*plan.to_string()), ("item", &item), ("act", "return"), ("reason", "ещё раз")]).status, 303);
            }
        }
        assert!(shape.is_some(), "some notes were taken");
        let page = teacher.get("/plan");
        assert!(page.status == 200 && !page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{}", page.body);
    }

    fn what_stands_in_a_file_stays_text(v: &Vekha) {
        world(v);
        let mut rows = vec![["СНИЛС", "Фамилия", "Имя", "Дата рождения", "Код ОО", "Должность", "Персонал", "Принят"].map(str::to_owned).to_vec()];
        for (n, given) in (500..).zip(hostile().iter().filter(|t| t.len() < 1000 && !t.contains('\0'))) {
            let day = "01.02.1980".to_owned();
            rows.push(vec![snils(n), given.clone(), given.clone(), day, "С2".into(), given.clone(), "педагогический".into(), "01.09.2020".into()]);
        }
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("a row");
        }
        let sheet = writer.into_inner().expect("the sheet");
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let form = operator.get("/upload");
        let brought = operator.send_file(&form, "/upload", &[("kind", "staff")], Some(("штат.csv", &sheet)));
        assert_eq!(brought.status, 303, "{}", brought.body);
        let path = brought.header("location").to_owned();
        let columns = operator.get(&path);
        assert!(columns.status == 200 && !columns.body.contains("<script>alert"), "{}", columns.body);
        let checked = operator.send(&columns, &format!("{path}/check"), &[]);
        assert_eq!(checked.status, 303);
        let told = v.run(&["import", "staff", text(&v.file("штат.csv", &sheet))]);
        assert!(told.code == 0 || told.code == 2, "{}", told.err);
        let taken = number(v, "SELECT count(*) AS n FROM person WHERE last_name LIKE 'Иванова%'");
        assert!(taken > 500, "most of it may be a name: {taken}");
        let mut director = server.signed_in("director", PASSWORD);
        for page in 1..=(taken / 50).min(12) {
            let list = director.get(&format!("/staff?page={page}"));
            assert_eq!(list.status, 200, "{}", list.body);
            for live in ["<script>alert", "<img src=x", "<svg onload", "autofocus onfocus=\"", "' onmouseover='"] {
                assert!(!list.body.contains(live), "{live}: {}", list.body);
            }
            // What a template would have filled in, a tag of a name or a torn table show in the shape of the rows.
            let rows = list.body.matches("<tr").count();
            assert_eq!(list.body.matches("</tr>").count(), rows);
        }
        let errors = operator.get(&path);
        assert!(errors.status == 200 && !errors.body.contains("<script>alert"), "{}", errors.body);
    }
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
