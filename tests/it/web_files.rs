//! The files of the pages: what templates may not hold, where vendored files come from, and every page in a browser.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vekha::server::SITEMAP;
use vekha::web::registry::{Cost, Method};

use crate::support::{Backend, Vekha};
use crate::visitor::{Page, Server};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn templates_escape_everything_and_hold_no_inline_code() {
    let mut found = Vec::new();
    files(Path::new("templates"), &mut found);
    let templates: Vec<_> = found
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "hbs"))
        .collect();
    assert!(templates.len() > 20);
    for path in templates {
        let text = std::fs::read_to_string(path).expect("a text");
        let handlers = text.match_indices(" on").any(|(at, _)| {
            let name: String = text[at + 1..].chars().take_while(char::is_ascii_lowercase).collect();
            text[at + 1 + name.len()..].starts_with('=')
        });
        assert!(!handlers, "{}: an inline handler", path.display());
        for banned in [
            "{{{",
            "{{&",
            " style=",
            "<style",
            "javascript:",
            "<script>",
            "http://",
            "https://",
        ] {
            assert!(!text.contains(banned), "{}: {banned}", path.display());
        }
        for form in text
            .split("<form")
            .skip(1)
            .filter(|f| f.split('>').next().is_some_and(|h| h.contains("\"post\"")))
        {
            let form = form.split("</form>").next().unwrap_or(form);
            // One click in a letter ends letters: the address itself is the secret, and nobody is signed in.
            let ends_letters = path.ends_with("desk/unsubscribe.hbs");
            let carries = form.contains("name=\"token\"") || form.contains("{{#each fields}}") || ends_letters;
            assert!(carries, "{}: a form without its token", path.display());
        }
    }
}

#[test]
fn vendored_files_are_those_of_the_list() {
    vendored("templates/assets/vendor", &["bootstrap", "golos-text", "htmx"]);
    vendored("src/exchange/pdf/fonts", &["pt-sans"]);
}

fn vendored(folder: &str, packages: &[&str]) {
    let folder = Path::new(folder);
    let text = std::fs::read_to_string(folder.join("VENDOR.toml")).expect("the list");
    let list: toml::Table = text.parse().expect("TOML");
    let mut listed: Vec<String> = Vec::new();
    for entry in list["file"].as_array().expect("files") {
        let name = entry["name"].as_str().expect("a name");
        let bytes = std::fs::read(folder.join(name)).expect(name);
        assert_eq!(
            vekha::audit::digest(&bytes),
            entry["sha256"].as_str().expect("a digest"),
            "{name}"
        );
        assert!(!String::from_utf8_lossy(&bytes).contains("url(\"data:"), "{name}");
        listed.push(name.to_owned());
    }
    let mut found = Vec::new();
    files(folder, &mut found);
    for path in found {
        let name = path.strip_prefix(folder).expect("inside").display().to_string();
        assert!(name == "VENDOR.toml" || listed.contains(&name), "{name} is a stranger");
    }
    for package in packages {
        assert!(listed.contains(&format!("{package}/LICENSE")), "{package}: no licence");
    }
}

/// Fails where a page of the sitemap is opened by no session. Files and the way to one's desk are no pages.
fn every_page_is_among(sessions: &[serde_json::Value]) {
    let no_pages = [
        "/",
        "/evidence/{evidence}",
        "/upload/{upload}/errors",
        "/upload/sample",
        "/calendar/{feed}",
        "/journal/export",
        "/plans/file",
        "/diagnostics/next/file",
        "/activities/file",
        "/publications/file",
        "/editable/publications",
        "/editable/undertakings",
        "/editable/events",
        "/editable/bodies",
        "/editable/pairs",
        "/editable/mentors",
        "/editable/vacancies",
        "/editable/report",
        "/returned/{returned}/errors",
        "/experts/file",
        "/pairs/file",
        "/mentors/file",
        "/retention/people/file",
        "/beginners/people/file",
        "/indicators/{pack}/{code}/change/people/file",
        "/staff/file",
        "/review/file",
        "/people/file",
        "/practice/file",
        "/supporters/file",
        "/reserve/file",
        "/accounts/file",
        "/applications/file",
        "/users/file",
        "/workforce/file",
        "/workforce/people/file",
        "/indicators/{pack}/{code}/people/file",
        "/editions/{edition}/file",
        "/editions/{edition}/people/file",
        // Of whoever has a second factor; everybody else is led on.
        "/second-factor/codes",
    ];
    let pages = || {
        SITEMAP
            .iter()
            .filter(|e| e.method == Method::Get && e.cost != Cost::Free && !no_pages.contains(&e.path))
    };
    // The route with the fewest holes answers.
    let route = |path: &str| {
        let parts: Vec<&str> = path.split('?').next().unwrap_or(path).split('/').collect();
        let fits = |own: &str| {
            let own: Vec<&str> = own.split('/').collect();
            own.len() == parts.len() && own.iter().zip(&parts).all(|(o, p)| o.starts_with('{') || o == p)
        };
        let found = pages().filter(|e| fits(e.path));
        found.min_by_key(|e| e.path.matches('{').count()).map(|e| e.path)
    };
    let opened = sessions.iter().filter_map(|s| s["pages"].as_array()).flatten();
    let opened: BTreeSet<&str> = opened.filter_map(|p| p.as_str()).filter_map(route).collect();
    let never: Vec<&str> = pages().map(|e| e.path).filter(|p| !opened.contains(p)).collect();
    assert!(never.is_empty(), "opened by nobody: {never:?}");
}

/// Whether a link takes a list out as a workbook instead of opening a page.
fn is_file(link: &str) -> bool {
    link.split('?').next().is_some_and(|path| path.ends_with("/file"))
}

#[test]
fn every_page_passes_in_a_browser() {
    let home = std::env::var("VEKHA_TEST_BROWSER").expect("run the tests by tests/run: it installs the browser");
    let v = Vekha::new(Backend::Sqlite);
    let made = v.run(&["demo", "--no-serve"]).ok();
    let login = |role: &str| {
        let line = made.out.lines().find(|l| l.trim().starts_with(role)).expect(role);
        line.split_whitespace().last().expect("a login").to_owned()
    };
    let server = Server::start(&v);
    let password = "веха-демо-2026";
    let mut pages = serde_json::Map::new();
    let mut add = |role: &str, own: &[&str]| {
        pages.insert(role.to_owned(), serde_json::json!(own));
    };
    let unit = "TYU-04";
    let number = format!("/indicators/tyumen/3.4?period=2022%2F23&unit={unit}");
    let region = "/indicators/tyumen/3.4?period=2022%2F23".to_owned();
    let over = |below: &str| format!("/indicators{below}pack=tyumen&period=2022%2F23");
    let figures = [
        over("?"),
        over("/map?"),
        over("/map?group=sections&"),
        over("/levels?code=K3&"),
        over("/compare?with=TYU-01&with=TYU-04&with=cluster:K3:1&"),
        over("/clusters?cluster=K3&of=TYU-04&into=K3:1&"),
        over("/crossing?code=3.4&other=3.3&"),
        "/indicators/tyumen/3.4/passport?period=2022%2F23".to_owned(),
        "/indicators/tyumen/3.1/parts?period=2022%2F23".to_owned(),
        format!("/indicators/tyumen/3.4/series?period=2022%2F23&with={unit}"),
        "/indicators/tyumen/3.4?period=2022%2F23&by=cluster:K3&sort=-value".to_owned(),
    ];
    let people = format!("/indicators/tyumen/3.4/people?period=2022%2F23&unit={unit}&part=numerator");
    let of_indicator =
        |page: &str, more: &str| format!("/indicators/tyumen/3.4{page}?period=2022%2F23&unit={unit}{more}");
    let changed = of_indicator("/change", "&from=01.12.2022&to=01.06.2023");
    let changed_people = of_indicator("/change/people", "&from=2022-12-01&to=2023-06-01&part=achieved");
    let two_dates = of_indicator("/dates", "&on=01.12.2022&known=05.12.2022");
    let (target, remind) = (of_indicator("/target", ""), of_indicator("/target/remind", ""));
    let card = {
        let mut tutor = server.signed_in(&login("Тьютор"), password);
        let list = tutor.get("/people").body;
        let links = list
            .split("\"/people/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let first = links.map(|rest| format!("/people/{rest}")).find(|link| !is_file(link));
        first.expect("a plan of the tutor")
    };
    // A link that somebody typed into a remark breaks no page.
    let mut writer = server.signed_in(&login("Тьютор"), password);
    let page = writer.get(&card);
    let long = format!("https://{}", "а".repeat(300));
    let told = writer.send(&page, &format!("{card}/act"), &[("act", "support"), ("reason", &long)]);
    assert_eq!(told.status, 303, "{}", told.body);
    let first_of = |role: &str, list: &str, start: &str| {
        let page = server.signed_in(&login(role), password).get(list).body;
        let start = format!("\"{start}");
        let links = page.match_indices(&start).map(|(at, _)| &page[at + 1..]);
        links
            .filter_map(|rest| rest.split('"').next())
            .find(|link| !is_file(link))
            .map(|a| a.replace("&#x3D;", "=").replace("&amp;", "&"))
    };
    let course = first_of("Педагог", "/courses", "/courses/").expect("a course");
    let apply = format!("{course}/apply");
    // An application of an own step, sent where none was sent before.
    let applied = {
        let mut teacher = server.signed_in(&login("Педагог"), password);
        let list = teacher.get("/courses").body;
        let courses = list.split("\"/courses/").skip(1);
        let courses = courses
            .filter_map(|rest| rest.split('"').next())
            .map(|id| format!("/courses/{id}"));
        let sent = |course: String| {
            let page = teacher.get(&format!("{course}/apply"));
            let _sent = teacher.send(&page, &format!("{course}/apply"), &[]);
            let done = format!("{course}/applied");
            (teacher.get(&done).status == 200).then_some(done)
        };
        courses.filter(|c| *c != course).find_map(sent).expect("an application")
    };
    let asked = first_of("Педагог", "/my-surveys", "/my-surveys/").expect("a survey that waits");
    let voting = first_of("Педагог", "/plan", "/my-votes/").expect("a vote that goes on");
    add(
        "Педагог",
        &[
            "/plan",
            "/my-surveys",
            &asked,
            &voting,
            "/plan/revisions",
            "/plan/notes",
            "/plan/paper",
            "/profile",
            "/my-diagnostics",
            "/calendar/key",
            "/self-assessment",
            "/self-assessment?topic=MET-2",
            "/courses",
            &course,
            &apply,
            &applied,
            "/my-applications",
            "/viewed",
            "/notices",
            "/notices/choice",
            "/dictionary",
            "/dictionary?word=deficit",
            "/record",
        ],
    );
    let colleague = {
        let mut director = server.signed_in(&login("Директор"), password);
        let mut ids = Vec::new();
        for list in ["/staff?state=active", "/staff"] {
            let body = director.get(list).body;
            let numbers = body
                .split("\"/staff/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            ids.extend(
                numbers
                    .filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
                    .map(str::to_owned),
            );
        }
        ids.first().map(|id| format!("/staff/{id}"))
    };
    let check = {
        let page = server.signed_in(&login("Директор"), password).get("/applications").body;
        let ids = page
            .split("name=\"id\" value=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        format!("/applications/check?id={}", ids.take(1).collect::<String>())
    };
    // What is answered when none of the chosen waits any more.
    let agreed = {
        let mut director = server.signed_in(&login("Директор"), password);
        let (form, key) = (director.get("/view"), "0".repeat(64));
        let id = v.query(&format!(
            "SELECT min(e.id) FROM enrolment e JOIN employment j ON j.person_id = e.person_id AND j.superseded_at IS NULL AND \
             j.valid_to IS NULL JOIN role_grant g ON g.unit_id = j.organisation_id JOIN account a ON a.id = g.account_id WHERE \
             a.login = '{}' AND e.state = 'completed'",
            login("Директор")
        ))[0]
        .clone()
            + ".1";
        let sent = director.send(&form, "/applications/bulk", &[("key", &key), ("id", &id)]);
        sent.header("location").to_owned()
    };
    let mut director = vec![
        check.as_str(),
        agreed.as_str(),
        "/staff",
        "/staff/next",
        "/staff/procedures",
        "/staff/procedure?code=TYU-NEXT",
        "/applications",
        "/coverage?period=2022/23",
        "/needs",
        "/composed",
    ];
    director.extend(colleague.as_deref());
    add("Директор", &director);
    let composed = first_of("Заместитель директора", "/composed?state=active", "/composed/")
        .expect("a plan of the school at work");
    // What is answered when a draft to be sent is not what it was.
    let not_sent = |role: &str, card: &str, key: char| {
        let mut visitor = server.signed_in(&login(role), password);
        let (base, plan) = card.rsplit_once('/').expect("a card");
        let form = visitor.get(base);
        let (key, plan) = (key.to_string().repeat(64), format!("{plan}.0"));
        let sent = visitor.send(&form, &format!("{base}/send/all"), &[("key", &key), ("plan", &plan)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").to_owned()
    };
    let printed = {
        let mut deputy = server.signed_in(&login("Заместитель директора"), password);
        let check = deputy.get("/accounts/check?all=yes");
        let one = |name: &str| {
            let rest = check
                .body
                .split(&format!("name=\"{name}\" value=\""))
                .nth(1)
                .expect(name);
            rest.split('"').next().expect("its end").to_owned()
        };
        let (key, new) = (one("key"), one("new"));
        let sent = deputy.send(&check, "/accounts/sheets", &[("key", &key), ("new", &new)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        format!("/accounts/done/{key}")
    };
    add(
        "Заместитель директора",
        &[
            "/staff?state=none",
            "/coverage",
            "/report",
            "/drafting",
            &composed,
            &format!("{composed}/edit"),
            &format!("{composed}/close"),
            &format!("{composed}/revisions"),
            &format!("{composed}/paper"),
            "/composed?state=draft",
            &not_sent("Заместитель директора", &composed, '3'),
            "/accounts",
            "/accounts/check?all=yes",
            &printed,
        ],
    );
    let reports_done = {
        let mut methodist = server.signed_in(&login("Методист ММС"), password);
        let page = methodist.get("/reports");
        let one = |name: &str| {
            let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
            rest.and_then(|rest| rest.split('"').next())
                .expect("a report that was sent")
                .to_owned()
        };
        let (key, pick) = (one("key"), one("pick"));
        let stale = format!("{}.0", pick.split('.').next().expect("an id"));
        let sent = methodist.send(&page, "/reports", &[("act", "agree"), ("key", &key), ("pick", &stale)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").to_owned()
    };
    let school = first_of("Методист ММС", "/schools", "/coverage?unit").expect("a school");
    // The same pages for whoever is told no small numbers.
    add(
        "Методист ММС",
        &[
            "/examined",
            &reports_done,
            "/schools",
            "/drafting",
            "/coverage",
            "/needs",
            &school,
            "/indicators?pack=tyumen&period=2022%2F23",
            "/indicators/tyumen/3.4?period=2022%2F23",
            "/heads/tyumen/3.4?period=2022%2F23",
            "/indicators/map?pack=tyumen&period=2022%2F23&group=2.3",
            "/tables/tyumen/1_2?period=2022%2F23",
        ],
    );
    let first = |body: &str, part: &str| {
        let start = format!("\"{part}");
        let mut found = body
            .match_indices(&start)
            .filter_map(|(at, _)| body[at + 1..].split('"').next());
        // The file of a list is no page.
        found
            .find(|path| !path.contains("/file"))
            .map(|path| path.replace("&#x3D;", "=").replace("&amp;", "&"))
    };
    let mut staff = server.signed_in(&login("Сотрудник ЦНППМ"), password);
    let procedure = "/diagnostics/procedure?code=TYU-2022".to_owned();
    let listed = staff.get("/plans?state=active").body;
    let numbers = listed
        .split("\"/plans/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let plan = numbers
        .map(str::to_owned)
        .find(|id| id.bytes().all(|b| b.is_ascii_digit()))
        .map(|id| format!("/plans/{id}"))
        .expect("a plan");
    let drafting = procedure.replace("/diagnostics/procedure?code", "/drafting?procedure");
    let follows = first(&staff.get("/iom-templates").body, "/iom-templates/one?").expect("a template");
    // What is answered when a proposal was declined.
    let declined = {
        let form = staff.get("/proposals");
        let rest = form
            .body
            .split("name=\"proposal\" value=\"")
            .nth(1)
            .expect("a proposal");
        let (key, one) = ("2".repeat(64), rest.split('"').next().expect("its end"));
        let fields = [
            ("act", "decline"),
            ("key", key.as_str()),
            ("reason", "Год кончается"),
            ("proposal", one),
        ];
        let sent = staff.send(&form, "/proposals/all", &fields);
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").to_owned()
    };
    let mut curator = server.signed_in(&login("Куратор"), password);
    let own = curator.get("/people?state=active&risk=waits").body;
    let closing = own
        .split("\"/people/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
        .map(|id| format!("/people/{id}/close"))
        .find(|path| curator.get(path).status == 200)
        .expect("a plan that may be closed");
    let name: String = "Интенсив".bytes().map(|b| format!("%{b:02X}")).collect();
    let platform = format!("/diagnostics/tool?name={name}");
    add(
        "Сотрудник ЦНППМ",
        &[
            "/diagnostics",
            "/diagnostics/new",
            "/diagnostics/tools",
            "/diagnostics/scales",
            &platform,
            "/diagnostics/next",
            &procedure,
            &procedure.replace("/procedure?", "/edit?"),
            &procedure.replace("/procedure?", "/people?"),
            "/diagnostics/rescale?code=TYU-2022",
            "/drafting",
            &drafting,
            "/plans",
            "/plans?state=draft",
            &not_sent("Сотрудник ЦНППМ", &plan, '4'),
            "/plans/kpi",
            &plan,
            &format!("{plan}/edit"),
            &format!("{plan}/proposal"),
            &format!("{plan}/revisions"),
            &format!("{plan}/paper"),
            "/iom-templates",
            &follows,
            &follows.replace("/one?", "/edit?"),
            "/proposals",
            &declined,
            "/supporters",
            "/supporters/assign?unit=TYU-01&kind=tutor",
            &format!("/supporters/capacity?supporter={}&role=tutor", login("Тьютор")),
            &format!("/supporters/hand-over?supporter={}", login("Тьютор")),
        ],
    );
    let approved = {
        let mut head = server.signed_in(&login("Руководитель ЦНППМ"), password);
        let list = head.get("/plans?state=agreed");
        let of = |page: &Page, name: &str| -> String {
            let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
            found.expect(name).1.split('"').next().expect("its end").to_owned()
        };
        let plan = of(&list, "plan");
        let check = head.send(&list, "/plans/approve", &[("plan", &plan)]);
        // What was seen is old: it is passed over.
        let key = of(&check, "key");
        let sent = head.send(
            &check,
            "/plans/approve/all",
            &[("key", &key), ("plan", &format!("{plan}.0"))],
        );
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").to_owned()
    };
    let user = {
        let mut head = server.signed_in(&login("Руководитель ЦНППМ"), password);
        let body = head.get("/users?role=tutor").body;
        let numbers = body
            .split("\"/users/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let mut ids = numbers.filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        ids.next().map(|id| format!("/users/{id}")).expect("a user")
    };
    add(
        "Руководитель ЦНППМ",
        &[
            "/plans?state=agreed",
            &approved,
            "/confirm?next=/plans",
            "/signers",
            "/rules",
            "/users",
            "/users/new",
            &user,
            "/journal?action=iom.approve",
        ],
    );
    let of_curator = closing.trim_end_matches("/close");
    add(
        "Куратор",
        &[
            "/people",
            "/delegations",
            &closing,
            of_curator,
            &format!("{of_curator}/edit"),
            &format!("{of_curator}/proposal"),
            &format!("{of_curator}/revisions"),
            &format!("{of_curator}/paper?document=summary"),
        ],
    );
    add("Наставник", &["/review"]);
    // One file whose columns wait, one that was checked and has rows that do not fit.
    let mut operator = server.signed_in(&login("Региональный оператор"), password);
    let mut bring = |name: &str, sheet: &str| {
        let page = operator.get("/upload");
        let brought = operator.send_file(&page, "/upload", &[("kind", "staff")], Some((name, sheet.as_bytes())));
        assert_eq!(brought.status, 303, "{}", brought.body);
        let path = brought.header("location").to_owned();
        (operator.get(&path), path)
    };
    let head = "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n";
    let (_, columns) = bring("штат.csv", &format!("Табельный номер;{head}"));
    let row = "112-233-445 96;Ёлкин;Пётр;1.2.1980;нет такой;учитель;педагогический;1.9.2020";
    let (_, checked) = bring("кадры.csv", &format!("{head}{row}\n"));
    // One that is loaded and may be taken back.
    let school = v.query("SELECT code FROM unit WHERE org_kind = 'school' AND code LIKE 'TYU-%' ORDER BY code LIMIT 1");
    let (_, loaded) = bring(
        "новые.csv",
        &format!(
            "{head}987-654-321 83;Ёлкин;Пётр;01.02.1980;{};учитель;педагогический;01.09.2020\n",
            school[0]
        ),
    );
    let page = operator.get(&checked);
    assert_eq!(operator.send(&page, &format!("{checked}/check"), &[]).status, 303);
    for (verb, done) in [("check", "к загрузке 1"), ("load", "Загружено: 1")] {
        let form = operator.get(&loaded);
        assert_eq!(operator.send(&form, &format!("{loaded}/{verb}"), &[]).status, 303);
        let since = std::time::Instant::now();
        while !operator.get(&loaded).body.contains(done) {
            assert!(since.elapsed().as_secs() < 30, "{}", operator.get(&loaded).body);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
    let undo = format!("{loaded}/undo");
    // A table that was changed and brought back: one cell that is asked about, one that changes, one that does not fit.
    let returned = {
        use crate::web_roundtrip::{bring, edited, put, rows, table};
        let book = table(&mut operator, "/editable/undertakings");
        let keys: Vec<String> = rows(&v, &book).iter().map(|row| row["Ключ строки"].clone()).collect();
        let edits = serde_json::json!([
            put(&keys[0], "Название", "Название из файла"),
            put(&keys[0], "О чём", "о чём из файла"),
            put(&keys[1], "Первый день", "вчера"),
        ]);
        let changed = edited(&v, &book, &edits);
        v.sql(&format!(
            "UPDATE undertaking SET title = 'Название из системы', version = version + 1 WHERE id = {}",
            keys[0]
        ));
        bring(&mut operator, &changed)
    };
    let mut keeper = server.signed_in(&login("Координатор наставничества"), password);
    let event = first(
        &keeper
            .get("/events?series=%D0%9F%D1%80%D0%BE%D1%84%D0%A1%D1%80%D0%B5%D0%B4%D0%B0")
            .body,
        "/events/",
    );
    let event = event.expect("an event");
    let body = first(&operator.get("/bodies?kind=rmo").body, "/bodies/").expect("a body");
    let pair = first(&operator.get("/pairs").body, "/pairs/").expect("a pair");
    let undertaking = first(
        &operator.get("/undertakings?kind=innovation_project").body,
        "/undertakings/",
    );
    let undertaking = undertaking.expect("an undertaking");
    let publication = first(&operator.get("/publications").body, "/publications/").expect("a publication");
    let regulations = operator.get("/regulations").body;
    let regulations = regulations.split("<tbody").nth(1).expect("documents");
    let regulation = first(regulations, "/regulations/").expect("a document");
    let vacancies = operator.get("/vacancies").body;
    let vacancies = vacancies.split("<tbody").nth(1).expect("vacancies");
    let vacancy = first(vacancies, "/vacancies/").expect("a vacancy");
    // The last edition of the demo is open to everyone; a release that failed shows why.
    let edition = first(
        &operator.get("/editions").body.replace("/editions/new", ""),
        "/editions/",
    )
    .expect("an edition");
    let [of_edition, changes, behind, public] = [
        format!("{edition}?indicator=3.4"),
        format!("{edition}/changes"),
        format!("{edition}/people?unit={unit}&indicator=3.4&part=numerator"),
        edition.replace("/editions/", "/released/"),
    ];
    let of_public = format!("{public}?indicator=3.4");
    v.sql(
        "INSERT INTO edition_order SELECT 77, region_id, pack, period, title, NULL, account_id, NULL, 'оператор', 'failed', NULL,
         'так вышло', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM edition WHERE number = 1",
    );
    let report = first(&operator.get("/reports").body, "/reports/").expect("a report");
    let campaign = first(&operator.get("/campaigns").body, "/campaigns/").expect("a campaign");
    // The oldest one is over, and its title awarded.
    let votes = operator.get("/votes").body.replace("/votes/new", "");
    let voted = votes.rsplit("\"/votes/").next().and_then(|rest| rest.split('"').next());
    let voted = format!("/votes/{}", voted.expect("a vote"));
    let surveyed = first(&operator.get("/surveys").body.replace("/surveys/new", ""), "/surveys/").expect("a survey");
    let examination = first(
        &operator.get("/examinations").body.replace("/examinations/new", ""),
        "/examinations/",
    )
    .expect("an examination");
    let examined = first(&operator.get(&examination).body, "/examinations/units/").expect("a unit of it");
    let scored = first_of("Эксперт", "/examine", "/examine/").expect("a place of the expert");
    add("Эксперт", &["/examine", &scored]);
    let to_event = format!("{event}/people");
    add(
        "Координатор наставничества",
        &["/pairs?state=all", "/mentors", &to_event, "/activities"],
    );
    let paper = first_of("Тьютор", "/sheets", "/sheets/").expect("the sheet of the demo");
    let back = format!("{paper}/back");
    // What is answered when the chosen step is not what it was.
    let passed_over = {
        let mut tutor = server.signed_in(&login("Тьютор"), password);
        let form = tutor.get("/review");
        let one = |name: &str| {
            let rest = form.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
            rest.and_then(|rest| rest.split('"').next()).expect("a step").to_owned()
        };
        let (key, step) = ("1".repeat(64), format!("{}.{}.0", one("plan"), one("item")));
        let sent = tutor.send(&form, "/review/all", &[("key", &key), ("step", &step)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.header("location").to_owned()
    };
    let not_sent = not_sent("Тьютор", &card, '2');
    add(
        "Тьютор",
        &[
            "/review",
            "/people",
            "/people?state=draft",
            &not_sent,
            "/practice",
            "/practice?practice=due",
            &card,
            &format!("{card}/notes"),
            "/sheets",
            &paper,
            &back,
            &passed_over,
        ],
    );
    add(
        "Региональный оператор",
        &[
            "/indicators",
            &number,
            &people,
            &changed,
            &changed_people,
            &two_dates,
            &target,
            &remind,
            "/tables",
            "/tables/tyumen/1_1?period=2022%2F23",
            "/tables/tyumen/1_2?period=2022%2F23",
            "/account",
            "/account/password",
            "/account/email",
            "/second-factor",
            "/sessions",
            "/sign-ins?login=deputy",
            "/_design",
            "/events",
            &event,
            "/activities?kind=expert%2Fgia",
            "/bodies",
            "/bodies/packs",
            &body,
            "/experts",
            "/reserve",
            "/platform-use",
            "/pairs",
            &pair,
            "/undertakings",
            &undertaking,
            "/publications",
            &publication,
            "/vacancies?source=own&against=official",
            &vacancy,
            "/reports",
            &report,
            "/campaigns",
            "/campaigns/new?pack=tyumen&campaign=june_schools&period=2022%2F23",
            &campaign,
            &format!("{campaign}/remind"),
            "/surveys",
            "/surveys/new?pack=tyumen&survey=help",
            &surveyed,
            "/votes",
            "/votes/new",
            &voted,
            "/examinations",
            "/examinations/new?pack=tyumen",
            &examination,
            &examined,
            &format!("{examination}/errors"),
            &format!("{examination}/cycle"),
            "/workforce",
            "/workforce/people?by=education&value=higher",
            "/retention",
            "/retention/people?year=2022&later=0&near=region",
            "/beginners",
            "/beginners/people",
            "/forms",
            "/forms/links",
            "/editions",
            "/editions/new?pack=tyumen&period=2022%2F23",
            "/editions/orders/77",
            &edition,
            &of_edition,
            &changes,
            &behind,
            "/cycle",
            "/calendar",
            "/cycle/item?pack=tyumen&item=E1&on=2026",
            "/regulations",
            &regulation,
            "/packs",
            "/packs/new",
            "/packs/tyumen",
            "/packs/tyumen/versions/2",
            "/packs/tyumen/difference",
            "/packs/krasnoyarsk/edges?indicator=2.2.1.2&edge=20",
            "/returned",
            &returned,
            "/upload",
            &columns,
            &checked,
            &undo,
            "/mailbox",
            "/letters",
            "/journal",
        ],
    );
    add("Ответственный за ПДн", &["/journal", "/journal?from=01.01.2100"]);
    // An invitation as it stands in a letter.
    let tutor = login("Тьютор");
    let _written = v.run(&["user", "email", &tutor, "tutor@region.example"]).ok();
    let _invited = v.run(&["user", "invite", &tutor]).ok();
    let link = format!("/link/{}", crate::web_doors::token_of(&v, &tutor, "invitation"));
    // One of that receiver's letters that can be ended.
    let ending = {
        let of = format!("account a ON a.id = m.account_id WHERE a.login = '{tutor}' AND m.kind LIKE 'iom_%'");
        let letter = crate::world::number(&v, &format!("SELECT min(m.id) AS n FROM outbox_mail m JOIN {of}"));
        let account = crate::world::number(&v, &format!("SELECT id AS n FROM account WHERE login = '{tutor}'"));
        let keys = vekha::config::Keys::load(&v.data()).expect("the keys");
        let token = vekha::mail::unsubscribe::token(&keys.session, letter, account, "support", "tutor@region.example");
        format!("/unsubscribe/{token}")
    };
    let mut sessions = vec![serde_json::json!({
        "name": "guest", "login": "",
        "pages": ["/sign-in", "/view", "/nowhere", "/reset", "/reset?sent=yes", "/reset?late=yes", link, ending, "/released", public, of_public],
    })];
    sessions.push(serde_json::json!({
        "name": "region", "login": login("Региональный оператор"), "password": password, "pages": [region],
    }));
    let ministry = login("РОИВ");
    sessions.push(serde_json::json!({
        "name": "ministry", "login": ministry, "password": password, "pages": [edition, changes],
    }));
    sessions.push(serde_json::json!({
        "name": "figures", "login": login("Региональный оператор"), "password": password, "pages": figures,
    }));
    for (role, own) in pages {
        let name = match role.as_str() {
            "Педагог" => "teacher",
            "Тьютор" => "tutor",
            "Директор" => "director",
            "Заместитель директора" => "deputy",
            "Методист ММС" => "methodist",
            "Сотрудник ЦНППМ" => "cnppm",
            "Руководитель ЦНППМ" => "head",
            "Куратор" => "curator",
            "Наставник" => "mentor",
            "Координатор наставничества" => "coordinator",
            "Ответственный за ПДн" => "officer",
            _ => "operator",
        };
        sessions.push(serde_json::json!({
            "name": name, "login": login(&role), "password": password, "pages": own,
        }));
    }
    every_page_is_among(&sessions);
    // Pictures are for people who look at them, and take as long as the rest.
    let pictures = std::env::var_os("VEKHA_TEST_PICTURES")
        .map(|_| std::env::current_dir().expect("here").join("tests/.work/pictures"));
    let plan = serde_json::json!({
        "base": format!("http://{}", server.address), "pictures": pictures, "sessions": sessions,
    });
    let file = v.file("plan.json", plan.to_string());
    let output = std::process::Command::new("node")
        .arg(Path::new(&home).join("check.mjs"))
        .arg(file)
        .output()
        .expect("node runs");
    let (said, wrong) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{wrong}");
    assert!(said.contains(" 0 faults"), "{said}");
}
