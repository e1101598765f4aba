//! What all lists do alike, over plain HTTP: a page beyond the end, signs of a pattern in a search, a choice that does
//! not exist, chips that take a choice away, a file that holds what all its pages show. Own region, and the other one that
//! is never found.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use crate::figures_pages::{Table, number, tables};
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};
use crate::world::{NORTH, SOUTH, World, unit};

/// Lists of each desk with a value that none of their selects has.
const LISTS: &[(&str, &str, &[&str])] = &[
    (
        "head",
        "/plans",
        &[
            "state=x",
            "unit=x",
            "supporter=x",
            "overdue=x",
            "course=x",
            "procedure=x",
            "origin=x",
        ],
    ),
    ("head", "/supporters", &["role=x"]),
    ("director", "/staff", &["state=x", "unit=x", "of=x&period=2022%2F2023"]),
    ("ministry", "/schools", &["sort=x", "unit=x", "period=x"]),
    ("teacher-1001", "/courses", &["form=x", "hours=x", "competence=x"]),
    ("tutor-1", "/people", &["state=x", "risk=x"]),
];

/// Lists of the registers; nothing stands in them here.
const REGISTERS: &[(&str, &str, &[&str])] = &[
    ("director", "/composed", &["state=x"]),
    ("director", "/pairs", &["form=x", "state=x", "lacks=x"]),
    ("director", "/mentors", &["quality=x", "trained=x"]),
    (
        "director",
        "/events",
        &["kind=x", "level=x", "series=x", "year=x", "unit=x", "state=x"],
    ),
    (
        "director",
        "/activities",
        &[
            "kind=x",
            "kind=event%2Fx",
            "level=x",
            "result=x",
            "year=x",
            "unit=x",
            "state=x",
        ],
    ),
    ("director", "/bodies", &["kind=x", "level=x", "unit=x", "state=x"]),
    (
        "director",
        "/undertakings",
        &["kind=x", "level=x", "unit=x", "state=x", "link=x", "expertise=x"],
    ),
    (
        "director",
        "/publications",
        &["kind=x", "whom=x", "year=x", "year=3", "year=2099", "unit=x", "state=x"],
    ),
    (
        "director",
        "/regulations",
        &["kind=x", "level=x", "unit=x", "year=x", "state=x", "pack=x", "stage=x"],
    ),
    ("director", "/cycle", &["pack=x", "period=x"]),
    ("director", "/calendar", &["pack=x", "year=x", "mine=x"]),
    ("director", "/workforce", &["unit=x", "staff=x"]),
    ("ministry", "/workforce", &["unit=x", "staff=x"]),
    ("director", "/beginners", &["unit=x"]),
    ("director", "/beginners/people", &["unit=x", "stage=x", "help=x"]),
    ("head", "/drafting", &["procedure=x", "unit=x"]),
    ("director", "/vacancies", &["unit=x", "source=x", "against=x", "side=x"]),
];

fn found(visitor: &mut Visitor, path: &str) -> String {
    let page = visitor.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let said = page
        .body
        .split("Найдено: ")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    said.map(str::to_owned).unwrap_or_default()
}

/// The address of the file that a page offers.
pub fn offered(page: &Page) -> Option<String> {
    let mut before = ["Скачать список (XLSX)", "Выгрузить в Excel"]
        .into_iter()
        .filter_map(|words| page.body.split_once(words));
    let href = before.next()?.0.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&#x3D;", "=").replace("&amp;", "&"))
}

/// The tables of a list over all its pages: the first one goes on, the others stand on each.
#[track_caller]
pub fn all_pages(who: &mut Visitor, path: &str) -> Vec<Table> {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let mut all = tables(&page);
    let place = page.body.split("Страница 1 из ").nth(1).unwrap_or("1");
    let digits: String = place.chars().take_while(char::is_ascii_digit).collect();
    let pages: usize = digits.parse().expect("how many pages");
    for n in 2..=pages {
        let sign = if path.contains('?') { '&' } else { '?' };
        let next = tables(&who.get(&format!("{path}{sign}page={n}")));
        all[0].rows.extend(next[0].rows.iter().skip(1).cloned());
    }
    all
}

/// A sheet of a workbook: what stands in the first row, and the rows below it.
pub type Sheet = (String, Vec<Vec<Data>>);

/// The sheets of a workbook.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a workbook of our own has no far cell")]
pub fn sheets(file: &Page) -> Vec<Sheet> {
    assert_eq!(file.status, 200, "{}", file.body);
    assert!(file.header("content-disposition").starts_with("attachment"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes.clone())).expect("a workbook");
    let names = book.sheet_names().clone();
    let sheet = |name: &String| {
        let range = book.worksheet_range(name).expect("a sheet");
        let mut rows = range.rows().map(<[Data]>::to_vec);
        let about = rows.next().expect("a first row")[0].to_string();
        (about, rows.collect())
    };
    names.iter().map(sheet).collect()
}

/// Whether a cell of a workbook is what a page says: figures are numbers, days are days, the rest is the same words.
pub fn is_said(held: &Data, said: &str) -> bool {
    match held {
        // A link that leads outside is its address.
        Data::String(held) if said == "открыть" => held.starts_with("https://"),
        Data::Empty => said.is_empty() || said == "–",
        Data::Float(n) => number(said).is_some_and(|told| (n - told).abs() < 1e-9),
        Data::DateTime(day) => {
            let start = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
            let told = chrono::NaiveDate::parse_from_str(said, "%d.%m.%Y");
            told.is_ok_and(|told| (told - start).num_days().to_string() == day.as_f64().to_string())
        }
        held => *held == *said && number(said).is_none(),
    }
}

/// The file that a page offers holds its tables with the rows of all pages, cell by cell; `but` tables at the end help to
/// fill in a form. How many rows the first one has.
#[track_caller]
pub fn the_file_is_the_page(who: &mut Visitor, path: &str, but: usize) -> usize {
    let mut shown = all_pages(who, path);
    shown.truncate(shown.len() - but);
    let book = the_file(who, path);
    assert_eq!(book.len(), shown.len(), "{path}: tables");
    for (sheet, shown) in book.iter().zip(&shown) {
        the_sheet_is_the_table(path, sheet, shown);
    }
    shown.first().map_or(0, |table| table.rows.len() - 1)
}

/// The sheets of the file that a page offers.
#[track_caller]
pub fn the_file(who: &mut Visitor, path: &str) -> Vec<Sheet> {
    let address = offered(&who.get(path)).unwrap_or_default();
    assert!(!address.is_empty(), "{path} offers no file");
    sheets(&who.get(&address))
}

/// A sheet of the file of a page holds the rows of a table, cell by cell.
#[track_caller]
pub fn the_sheet_is_the_table(path: &str, (about, held): &Sheet, shown: &Table) {
    assert!(about.contains(" · "), "{path}: {about}");
    assert_eq!(held.len(), shown.rows.len(), "{path}: rows of {}", shown.caption);
    for (line, (held, said)) in held.iter().zip(&shown.rows).enumerate() {
        assert_eq!(held.len(), said.len(), "{path}: columns of {}", shown.caption);
        for (held, said) in held.iter().zip(said) {
            let head = line == 0 && held.to_string() == *said;
            assert!(head || is_said(held, said), "{path}: {held:?} for «{said}»");
        }
    }
}

/// Sixty of everything in the north, more than a page holds, and five in the south.
fn kept(v: &Vekha) -> Server {
    let mut world = World::new();
    let places = [(NORTH, 60, 2000), (SOUTH, 5, 3000)];
    for (region, many, first) in places {
        for n in first..first + many {
            world.teacher(n, n, region, 2);
        }
    }
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("methodist", "municipal_methodist", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("tutor", "tutor", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    v.sql("UPDATE person SET search_key = 'фамилия' || substr(last_name, 8) || ' имя', sort_key = last_name");
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let then = "'2022-01-01 00:00:00'";
    for (region, many, first) in places {
        let (own, school) = (unit(region, 0), unit(region, 2));
        let rows = (first..first + many).map(|n| {
            let (id, next) = (700_000 + n, first + (n - first + 1) % many);
            format!(
                "INSERT INTO event (id, region_id, code, title, search_key, family, kind, level, starts_on, ends_on, \
                 organiser_id, participants, version, recorded_at) VALUES ({id}, {own}, 'M{n}', 'Семинар {n}', \
                 'семинар {n}', 'event', 'seminar', 'school', '2023-01-10', '2023-01-11', {school}, {n}, 1, {then}); \
                 INSERT INTO activity (id, record_id, region_id, person_id, family, kind, level, title, title_key, \
                 starts_on, version, recorded_at) VALUES ({id}, {id}, {own}, {n}, 'expert', 'gia', 'regional', '=1+{n}', \
                 'expert {n}', '2023-01-10', 1, {then}); \
                 INSERT INTO mentor_card (id, region_id, record_id, person_id, qualities, valid_from, version, \
                 recorded_at) VALUES ({id}, {own}, {id}, {n}, '', '2022-09-01', 1, {then}); \
                 INSERT INTO body (id, region_id, code, name, search_key, kind, level, unit_id, version, recorded_at) \
                 VALUES ({id}, {own}, 'B{n}', 'Совет {n}', 'совет {n}', 'methodical_council', 'school', {school}, 1, \
                 {then}); \
                 INSERT INTO mentoring_pair (id, record_id, region_id, mentor_id, mentee_id, form, valid_from, documents, \
                 version, recorded_at) VALUES ({id}, {id}, {own}, {n}, {next}, 'teacher_teacher', '2022-09-01', '', 1, \
                 {then}); \
                 INSERT INTO undertaking (id, region_id, code, kind, title, search_key, level, unit_id, starts_on, state, \
                 version, recorded_at) VALUES ({id}, {own}, 'U{n}', 'network_project', 'Проект {n}', 'проект {n}', \
                 'school', {school}, '2022-09-01', 'running', 1, {then}); \
                 INSERT INTO publication (id, region_id, code, kind, title, search_key, year, addressees, unit_id, \
                 version, recorded_at) VALUES ({id}, {own}, 'P{n}', 'manual', 'Пособие {n}', 'пособие {n}', 2022, \
                 'teachers', {school}, 1, {then}); \
                 INSERT INTO publication_author (id, region_id, publication_id, place, person_id) VALUES ({id}, {own}, \
                 {id}, 1, {n}); \
                 INSERT INTO reserve_member (id, region_id, person_id, state, valid_from, rule, rule_version, why, version, \
                 recorded_at) VALUES ({id}, {own}, {n}, 'in_reserve', '2022-09-01', 'leaders', 1, '=1+{n}', 1, {then}); \
                 INSERT INTO vacancy (id, region_id, organisation_id, position, position_key, subject, subject_key, \
                 rate_milli, valid_from, source, link, recorded_at) VALUES ({id}, {own}, {school}, 'учитель', 'учитель', \
                 'предмет {n}', 'предмет {n}', 500, '2022-09-01', 'own', 'https://a.example/{n}', {then});"
            )
        });
        v.sql(&rows.collect::<String>());
    }
    Server::start(v)
}

/// Lists that name people, with a choice that ten of the sixty fit, and how the journal calls them.
const NAMED: [(&str, &str, &str); 5] = [
    (
        "/activities",
        "q=%D1%84%D0%B0%D0%BC%D0%B8%D0%BB%D0%B8%D1%8F201",
        "activity",
    ),
    ("/experts", "q=%D1%84%D0%B0%D0%BC%D0%B8%D0%BB%D0%B8%D1%8F201", "expert"),
    (
        "/mentors",
        "q=%D1%84%D0%B0%D0%BC%D0%B8%D0%BB%D0%B8%D1%8F201",
        "mentor_card",
    ),
    ("/publications", "q=201", "publication"),
    ("/pairs", "lacks=order&form=teacher_teacher", "mentoring_pair"),
];
/// The same of the region alone.
const RESERVE: (&str, &str, &str) = ("/reserve", "q=%D1%84%D0%B0%D0%BC%D0%B8%D0%BB%D0%B8%D1%8F201", "reserve");
/// Lists that name nobody, with a choice, and how many of their tables stand over a form.
const NAMELESS: [(&str, &str, usize); 6] = [
    ("/events", "q=201", 0),
    ("/bodies", "q=201", 1),
    ("/undertakings", "q=201", 0),
    ("/platform-use", "used=no", 0),
    ("/vacancies", "q=201", 0),
    // Beside the list stands how many only one of two lists names.
    ("/vacancies", "source=own&against=official", 0),
];

on_both! {
    fn the_file_of_a_list_holds_what_all_its_pages_show(v: &Vekha) {
        let server = kept(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut south = server.signed_in("south", PASSWORD);
        let files = || crate::world::number(v, "SELECT count(*) AS n FROM bulk_export");
        for (path, chosen, list) in NAMED.into_iter().chain([RESERVE]) {
            assert_eq!(the_file_is_the_page(&mut operator, path, 0), 60, "{path}");
            let some = the_file_is_the_page(&mut operator, &format!("{path}?{chosen}"), 0);
            assert_eq!(some, if path == "/pairs" { 60 } else { 10 }, "{path}?{chosen}");
            assert_eq!(the_file_is_the_page(&mut south, path, 0), 5, "{path}: not of the other region");
            // Each file counts by the people that it names, and the journal knows of it.
            let taken = format!("SELECT people AS n FROM bulk_export WHERE list = '{list}' AND people = 60");
            assert_eq!(v.query(&taken)[0], "60", "{path}");
            let said = format!("SELECT count(*) AS n FROM audit_event WHERE action = 'desk.export_list' AND object_kind = '{list}'");
            assert_eq!(crate::world::number(v, &said), 3, "{path}");
        }
        let before = files();
        assert_eq!(before, 18);
        for (path, chosen, but) in NAMELESS {
            let all = the_file_is_the_page(&mut operator, path, but);
            assert!(the_file_is_the_page(&mut operator, &format!("{path}?{chosen}"), but) > 0, "{path}");
            let of_south = the_file_is_the_page(&mut south, path, but);
            if path != "/platform-use" {
                assert_eq!((all, of_south), (60, 5), "{path}: each region has its own");
            }
            let other = operator.get(&format!("{path}?as=csv"));
            assert_eq!(other.status, 404, "{path}: no other kind of file");
        }
        assert_eq!(files(), before, "numbers are not counted as people");
        // Nothing found is nothing to take.
        assert!(offered(&operator.get("/experts?q=nobody")).is_none());
    }

    fn the_file_of_a_list_is_of_whoever_sees_the_list(v: &Vekha) {
        let server = kept(v);
        // Numbers that are hidden on the page are hidden in its file.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        the_file_is_the_page(&mut methodist, "/platform-use", 0);
        let mut director = server.signed_in("director", PASSWORD);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        for (path, _, _) in NAMED {
            assert_eq!(the_file_is_the_page(&mut director, path, 0), 60, "{path}");
            let page = tutor.get(path);
            assert!(page.status == 403 && offered(&page).is_none(), "{path}");
            assert_eq!(tutor.get(&format!("{path}/file")).status, 403, "{path}");
        }
        for (path, _, _) in NAMELESS {
            assert_eq!(tutor.get(&format!("{path}?as=xlsx")).status, 403, "{path}");
        }
        assert_eq!((director.get("/reserve/file").status, tutor.get("/reserve/file").status), (403, 403));
        for path in ["/retention?as=xlsx", "/retention/people/file?year=2018&later=0&near=region"] {
            assert_eq!(tutor.get(path).status, 403, "{path}");
        }
    }

    fn a_choice_that_does_not_exist_is_no_list(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for (login, path, wrong) in LISTS.iter().chain(REGISTERS) {
            let mut visitor = server.signed_in(login, PASSWORD);
            assert_eq!(visitor.get(path).status, 200, "{login} {path}");
            for query in *wrong {
                let answer = visitor.get(&format!("{path}?{query}"));
                assert!(answer.status == 404 && answer.body.contains("Такой страницы нет"), "{path}?{query}: {}", answer.body);
            }
        }
    }

    fn a_page_beyond_the_end_is_the_last_page(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for (login, path, _) in LISTS {
            let mut visitor = server.signed_in(login, PASSWORD);
            let first = visitor.get(path);
            let beyond = visitor.get(&format!("{path}?page=999999"));
            let rows = |page: &Page| page.body.matches("<tr").count();
            assert!(rows(&first) > 1, "{path} has rows: {}", first.body);
            assert_eq!((beyond.status, rows(&beyond)), (200, rows(&first)), "{path}: {}", beyond.body);
        }
    }

    fn what_is_no_page_of_a_list_is_the_first_one(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for (login, path, _) in LISTS {
            let mut visitor = server.signed_in(login, PASSWORD);
            let rows = |page: &Page| page.body.matches("<tr").count();
            let first = rows(&visitor.get(path));
            for page in ["0", "-1", "abc", "", "99999999999999999999"] {
                let answer = visitor.get(&format!("{path}?page={page}"));
                assert_eq!((answer.status, rows(&answer)), (200, first), "{path} {page}: {}", answer.body);
            }
        }
    }

    fn a_search_finds_what_is_written_and_a_chip_takes_it_away(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut head = server.signed_in("head", PASSWORD);
        let all = found(&mut head, "/plans?state=all");
        assert!(all.starts_with('4'), "four plans of the north, none of the south: {all}");
        for sign in ["%25", "_", "%5C", "%25_%25"] {
            assert!(found(&mut head, &format!("/plans?state=all&q={sign}")).starts_with('0'), "{sign}");
        }
        let page = head.get("/plans?state=all&q=%D1%91%D0%BB%D0%BA");
        assert!(page.body.contains("Фамилия или имя: «ёлк»"), "{}", page.body);
        assert!(page.body.contains("Ёлкина") && !page.body.contains("Фамилия2"), "{}", page.body);
        assert!(page.body.contains("href=\"/plans?state=all\"") || page.body.contains("href=\"/plans?state&#x3D;all\""), "{}", page.body);
        // A supporter looks for a name among the own people.
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        assert!(found(&mut tutor, "/people").starts_with('2'));
        let one = tutor.get("/people?q=%D0%95%D0%BB%D0%BA%D0%B8%D0%BD%D0%B0");
        assert!(one.body.contains("Ёлкина") && one.body.contains("Найдено: 1"), "{}", one.body);
    }

    fn schools_of_a_region_are_narrowed_to_a_municipality(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut ministry = server.signed_in("ministry", PASSWORD);
        let all = ministry.get("/schools");
        assert!(all.body.contains("С6") && all.body.contains("С2") && !all.body.contains("Ю2"), "{}", all.body);
        let far = ministry.get("/schools?unit=%D0%A15");
        assert!(far.body.contains("Муниципалитет: С5"), "{}", far.body);
        let rows = far.body.split("<tbody").nth(1).unwrap_or_default();
        assert!(rows.contains("С6") && !rows.contains(">С2<"), "{rows}");
        // Sums stand over the whole list only: of a part they would give hidden numbers away.
        assert!(all.body.contains("class=\"figs\"") && !far.body.contains("class=\"figs\""), "{}", far.body);
        assert_eq!(ministry.get("/schools?unit=%D0%AE1").status, 404, "the other region");
        // One municipality has nothing to choose from.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert!(!methodist.get("/schools").body.contains("Муниципалитет"));
        assert_eq!(methodist.get("/schools?unit=%D0%A15").status, 404);
    }
}
