//! Who a plan says composed it: by whoever does it and after what procedure. Two regions.

use crate::figures_pages::code;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, show, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// In the north four teachers with deficits, each after another procedure; in the south one, after the federal one too.
fn world(v: &Vekha) {
    let mut world = World::new();
    for (id, code, kind) in [
        (1, "Д1", "full"),
        (2, "Д2", "entry"),
        (3, "Д3", "entry"),
        (4, "Д4", "full"),
    ] {
        world.procedure(id, code, kind, None);
        world.teacher(1000 + id, id, NORTH, 2);
        world.passage(1000 + id, NORTH, id, kind, "2023-02-01", &[(1, 40_000)]);
    }
    world.teacher(2001, 11, SOUTH, 2);
    world.passage(2001, SOUTH, 3, "entry", "2023-02-01", &[(1, 40_000)]);
    world.account(1, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(2, "staff-south", None, &[("cnppm_staff", unit(SOUTH, 0))]);
    world.account(3, "deputy", None, &[("school_admin", unit(NORTH, 2))]);
    world.account(5, "methodist", None, &[("municipal_methodist", unit(NORTH, 1))]);
    world.account(4, "head", None, &[("cnppm_head", unit(NORTH, 0))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    // What the file of procedures says of their levels.
    let file = "Код,Наименование,Вид,Уровень\n\
                Д1,Диагностика,полная,региональный\n\
                Д2,Вход на курс института,входная,региональный\n\
                Д3,Вход на программу федерального реестра,входная,федеральный\n\
                Д4,Федеральная диагностика,полная,федеральный\n";
    let _loaded = v
        .run(&["import", "procedures", text(&v.file("procedures.csv", file))])
        .ok();
}

#[track_caller]
fn compose(who: &mut Visitor, procedure: &str, says: &str) -> Page {
    let preview = who.get(&format!("/drafting?procedure={}", code(procedure)));
    assert!(
        preview.body.contains(&format!("Кем составлены: {says}.")),
        "{procedure}: {}",
        preview.body
    );
    let expected = preview.body.split("name=\"expected\" value=\"").nth(1).expect("a form");
    let expected = expected.split('"').next().expect("its end").to_owned();
    let made = who.send(
        &preview,
        "/drafting",
        &[("procedure", procedure), ("unit", ""), ("expected", &expected)],
    );
    assert_eq!(made.status, 303, "{procedure}: {}", made.body);
    made
}

on_both! {
    // rows: KR-F08
    fn after_the_entry_diagnosis_of_a_federal_programme_the_plans_are_of_the_academy(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        for (procedure, person, says, origin) in [
            ("Д1", 1, "ЦНППМ", "cnppm"),
            ("Д2", 2, "Курс ПК", "course"),
            ("Д3", 3, "Академия Минпросвещения", "federal_academy"),
            // A federal diagnosis that opens no course is one of the ЦНППМ as any other.
            ("Д4", 4, "ЦНППМ", "cnppm"),
        ] {
            let _made = compose(&mut staff, procedure, says);
            assert_eq!(&*show(v, person)[0]["origin"], origin, "{procedure}: whose it is called");
        }
        // The card and the list say so; the list of the academy is its own.
        let plan = number(v, "SELECT id AS n FROM iom WHERE person_id = 1003");
        let mut head = server.signed_in("head", PASSWORD);
        let card = head.get(&format!("/plans/{plan}"));
        assert!(card.body.contains("составлен: Академия Минпросвещения"), "{}", card.body);
        for (origin, many) in [("federal_academy", 1), ("course", 1), ("cnppm", 2), ("school", 0)] {
            let list = head.get(&format!("/plans?origin={origin}"));
            assert!(list.body.contains(&format!("Найдено: {many}\u{A0}")), "{origin}: {}", list.body);
        }
        // It lives as any plan: whoever is not its region's finds nothing of it.
        let mut south = server.signed_in("staff-south", PASSWORD);
        assert_eq!(south.get(&format!("/plans/{plan}")).status, 404);
        let _made = compose(&mut south, "Д3", "Академия Минпросвещения");
        assert_eq!(&*show(v, 11)[0]["origin"], "federal_academy");
        assert!(south.get("/plans?origin=federal_academy").body.contains("Найдено: 1\u{A0}"));
        assert!(head.get("/plans?origin=federal_academy").body.contains("Найдено: 1\u{A0}"));
        // A school composes in its own name whatever the procedure was; here everyone has a plan.
        let preview = server.signed_in("deputy", PASSWORD).get(&format!("/drafting?procedure={}", code("Д3")));
        assert!(preview.body.contains("Кем составлены: Школа."), "{}", preview.body);
        // A methodist composes with the ЦНППМ.
        let preview = server.signed_in("methodist", PASSWORD).get(&format!("/drafting?procedure={}", code("Д1")));
        assert!(preview.body.contains("Кем составлены: ЦНППМ. Вы составляете их вместе с ним."), "{}", preview.body);
        let _whole = v.run(&["check"]).ok();
    }
}
