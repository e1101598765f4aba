//! What all lists do alike, over plain HTTP: a page beyond the end, signs of a pattern in a search, a choice that does
//! not exist, chips that take a choice away. Own region, and the other one that is never found.

use crate::on_both;
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};

/// Lists of each desk with a value that none of their selects has.
const LISTS: &[(&str, &str, &[&str])] = &[
    ("head", "/plans", &["state=x", "unit=x", "supporter=x", "overdue=x"]),
    ("head", "/supporters", &["role=x"]),
    ("director", "/staff", &["state=x", "unit=x", "of=x&period=2022%2F2023"]),
    ("ministry", "/schools", &["sort=x", "unit=x", "period=x"]),
    ("teacher-1001", "/courses", &["form=x", "hours=x", "competence=x"]),
    ("tutor-1", "/people", &["state=x", "risk=x"]),
];

/// Lists of the registers; nothing stands in them here.
const REGISTERS: &[(&str, &str, &[&str])] = &[
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
        &["kind=x", "whom=x", "year=x", "unit=x", "state=x"],
    ),
    ("director", "/workforce", &["unit=x", "staff=x"]),
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

on_both! {
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
