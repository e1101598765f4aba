//! The demo region: built from published figures, in seconds, the same every time.

use std::collections::BTreeMap;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::Server;
use crate::world::number as count;

type Row = BTreeMap<String, String>;

fn published() -> Vec<Row> {
    let text = std::fs::read_to_string("seeds/demo/municipalities.csv").expect("the published figures");
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(|r| r.expect("a row"))
        .collect()
}

fn number(text: &str) -> i64 {
    text.parse().expect(text)
}

fn values(v: &Vekha, pack: &str, period: &str, level: &str) -> Vec<Row> {
    v.run(&[
        "values", "--pack", pack, "--period", period, "--level", level, "--format", "csv",
    ])
    .ok()
    .rows()
}

on_both! {
    // rows: TY-I-3.4
    fn the_demo_gives_back_the_published_table(v: &Vekha) {
        let made = v.run(&["demo", "--no-serve"]).ok();
        for login in ["operator", "cnppm", "cnppm.head", "curator1", "mm01-1", "head."] {
            assert!(made.out.contains(login), "a sign-in of {login} is printed: {}", made.out);
        }
        let published = published();
        for (period, year) in [("2021/22", "2022"), ("2022/23", "2023")] {
            let rows: Vec<Row> =
                values(v, "tyumen", period, "municipality").into_iter().filter(|r| r["indicator"] == "3.4").collect();
            assert_eq!(rows.len(), published.len(), "{period}: a row for each municipality");
            for expected in &published {
                let row = rows.iter().find(|r| r["unit_name"] == expected["name"]).expect("the name as printed");
                let (teachers, supported) =
                    (number(&expected[&format!("teachers_{year}")]), number(&expected[&format!("supported_{year}")]));
                assert_eq!(number(&row["denominator"]), teachers, "{period} {}", expected["name"]);
                assert_eq!(number(&row["reported"]), supported, "{period} {}", expected["name"]);
                let computed = number(&row["numerator"]);
                if supported <= teachers {
                    assert_eq!(computed, supported, "{period} {}", expected["name"]);
                } else {
                    assert!(computed <= teachers, "{period} {}: what is impossible is not made up", expected["name"]);
                }
            }
            // People who work in two municipalities count once in the region.
            let region = values(v, "tyumen", period, "region");
            let region = region.iter().find(|r| r["indicator"] == "3.4").expect("the region");
            let sum: i64 = rows.iter().map(|r| number(&r["denominator"])).sum();
            assert!(number(&region["denominator"]) < sum, "{period}: some teachers have two municipalities");
        }
        let checked = v.run(&["check"]).ok();
        assert!(checked.out.contains("Бердюжский"), "the impossible figure is named: {}", checked.out);
        // The current year: a plan in every state, and figures of the periods that today lies in: two calendar years with
        // their own days and one academic year.
        assert_eq!(count(v, "SELECT count(DISTINCT state) AS n FROM iom"), 7);
        let day = today();
        let today = format!("p.starts_on <= '{day}' AND p.ends_on >= '{day}'");
        assert_eq!(count(v, &format!("SELECT count(*) AS n FROM fact_period p WHERE {today}")), 3);
        let supported = count(
            v,
            &format!(
                "SELECT count(*) AS n FROM person_fact f JOIN fact_period p ON p.id = f.period_id \
                 WHERE {today} AND p.kind = 'academic_year' AND f.supported"
            ),
        );
        assert!(supported >= 10, "{supported}");
        // Each sign-in lands on a desk with something to do.
        let server = Server::start(v);
        for (role, desk) in [
            ("Педагог", "/plan"),
            ("Тьютор", "/review"),
            ("Куратор", "/review"),
            ("Наставник", "/review"),
            ("Региональный методист", "/review"),
            ("Методист ММС", "/review"),
            ("МОУО", "/schools"),
            ("РОИВ", "/schools"),
            ("Директор", "/staff"),
            ("Заместитель директора", "/staff"),
            ("Координатор наставничества", "/events"),
            ("Сотрудник ЦНППМ", "/diagnostics"),
            ("Руководитель ЦНППМ", "/diagnostics"),
            ("Региональный оператор", "/indicators"),
            ("Эксперт", "/examine"),
            ("Ответственный за ПДн", "/journal"),
        ] {
            let line = made.out.lines().find(|l| l.trim().starts_with(role)).expect(role);
            let login = line.split_whitespace().last().expect("a login");
            let mut visitor = server.signed_in(login, "веха-демо-2026");
            let first = visitor.get("/").header("location").to_owned();
            assert_eq!(first, desk, "{role}");
            let page = visitor.get(&first);
            assert!(page.status == 200 && !page.body.contains("class=\"empty\""), "{role}: {}", page.body);
        }
        // Every printed sign-in is among those, and one of them has two roles to switch between.
        let printed = made.out.lines().filter(|l| l.starts_with("  ") && !l.contains("vekha")).count();
        assert_eq!(printed, 16, "{}", made.out);
        let mut tutor = server.signed_in("tutor", "веха-демо-2026");
        assert!(made.out.contains("Тьютор и методист ММС"));
        let mut page = tutor.get("/review");
        for (role, schools) in [("tutor", 403), ("municipal_methodist", 200), ("tutor", 403)] {
            assert!(page.body.contains("action=\"/role\""), "the switch stands on the page");
            assert_eq!(tutor.send(&page, "/role", &[("role", role)]).status, 303);
            assert_eq!(tutor.get("/schools").status, schools, "{role}");
            page = tutor.get("/review");
        }
        assert_eq!(tutor.send(&page, "/role", &[("role", "operator")]).status, 403, "a role that is not held");
        // What waits for the tutor lies there on paper too.
        assert!(tutor.get("/sheets").body.contains("№ В-1"), "an open sheet");
        // Both tables of the region stand as they were typed from the published figures.
        crate::web_tables::tables_of_the_demo(&mut server.signed_in("operator", "веха-демо-2026"), published.len());
        // A teacher has stopped halfway through the self-assessment, another one has finished it.
        let line = made.out.lines().find(|l| l.trim().starts_with("Педагог")).expect("a teacher");
        let own = server.signed_in(line.split_whitespace().last().expect("a login"), "веха-демо-2026").get("/self-assessment");
        assert!(own.body.contains("Отвечено 24 из 60") && own.body.contains("Продолжить: "), "{}", own.body);
        assert_eq!(count(v, "SELECT count(*) AS n FROM own_attempt WHERE state = 'finished'"), 1);
        // The papers bear a name.
        assert_eq!(count(v, "SELECT count(*) AS n FROM signer"), 2);
        // A template has gone on, and the plans that follow it are asked.
        assert_eq!(count(v, "SELECT count(*) AS n FROM iom_template"), 2);
        assert_eq!(count(v, "SELECT count(*) AS n FROM iom WHERE template_version = 1"), 3);
        // No application outlives its plan, and no course is handed in by hand.
        let left = "SELECT count(*) AS n FROM enrolment e JOIN iom_item i ON i.id = e.item_id JOIN iom p ON p.id = i.iom_id \
                    WHERE e.state IN ('applied', 'agreed', 'waitlisted') AND p.state = 'closed'";
        assert_eq!(count(v, left), 0);
        let told = "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'iom_application_ended'";
        assert_eq!(count(v, told), 0, "nobody is written to about what ended years ago");
        let new = "SELECT count(*) AS n FROM notice WHERE settled_at IS NULL AND seen_at IS NULL";
        // That a plan was closed this year is news; nobody is asked about a closed one.
        let ended = "SELECT count(*) AS n FROM notice n JOIN iom p ON p.id = n.subject_id WHERE n.settled_at IS NULL AND \
                     p.state = 'closed' AND n.kind NOT LIKE 'iom_progress%'";
        assert!(count(v, new) > 0 && count(v, ended) == 0, "only this year is new to anybody");
        let by_hand = "SELECT count(*) AS n FROM iom_act a JOIN iom_item i ON i.id = a.item_id \
                       WHERE a.act = 'submit' AND i.programme_id IS NOT NULL";
        assert_eq!(count(v, by_hand), 0);
        let again = v.run(&["demo", "--no-serve"]).failed();
        assert!(again.err.contains("--force"), "a used folder is not written over: {}", again.err);
    }
}

#[test]
fn the_demo_is_the_same_every_time() {
    let tables = [(); 2].map(|()| {
        let v = Vekha::new(crate::support::Backend::Sqlite);
        let _made = v.run(&["demo", "--no-serve"]).ok();
        ["tyumen", "chelyabinsk"].map(|pack| {
            let period = if pack == "tyumen" { "2022/23" } else { "2023" };
            v.run(&[
                "values",
                "--pack",
                pack,
                "--period",
                period,
                "--level",
                "organisation",
                "--format",
                "csv",
            ])
            .ok()
            .out
        })
    });
    assert_eq!(tables[0], tables[1]);
    assert!(tables[0].iter().all(|t| t.lines().count() > 100));
}
