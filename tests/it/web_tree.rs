//! Where units stand is read once and kept: whoever changes it, by whatever way, the very next page tells so.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};
use crate::world::{NORTH, SOUTH, number, unit};

/// The schools that a page of `/schools` names, in its order.
fn schools(visitor: &mut Visitor) -> Vec<String> {
    let page: Page = visitor.get("/schools?period=2022%2F23");
    assert_eq!(page.status, 200, "{}", page.body);
    ["С2", "С3", "С6", "Новое имя", "Ю2", "Ю3"]
        .into_iter()
        .filter(|name| page.body.contains(&format!(">{name}<")))
        .map(str::to_owned)
        .collect()
}

fn move_to(v: &Vekha, school: i64, municipality: i64) {
    v.sql(&format!(
        "UPDATE unit_link SET parent_id = {} WHERE unit_id = {}",
        unit(NORTH, municipality),
        unit(NORTH, school)
    ));
}

on_both! {
    fn whoever_moves_a_unit_the_next_page_tells_where_it_stands(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let mut south = server.signed_in("methodist-south", PASSWORD);
        let stamp = |region| number(v, &format!("SELECT stamp AS n FROM unit_stamp WHERE region_id = {}", unit(region, 0)));
        let (first, other) = (stamp(NORTH), stamp(SOUTH));
        for _ in 0..2 {
            assert_eq!(schools(&mut methodist), ["С2", "С3"]);
        }

        move_to(v, 3, 5);
        assert_eq!(schools(&mut methodist), ["С2"], "moved away past the program");
        assert_eq!(methodist.get("/coverage?unit=%D0%A13").status, 404, "what moved away is out of reach");
        assert_ne!(stamp(NORTH), first);
        assert_eq!(stamp(SOUTH), other, "nothing changed there");
        move_to(v, 3, 1);
        assert_eq!(schools(&mut methodist), ["С2", "С3"], "and back");
        assert_eq!(methodist.get("/coverage?unit=%D0%A13").status, 200);

        v.sql(&format!("UPDATE unit SET name = 'Новое имя' WHERE id = {}", unit(NORTH, 2)));
        assert_eq!(schools(&mut methodist), ["С3", "Новое имя"]);
        v.sql(&format!("UPDATE unit_link SET valid_to = '2020-01-01' WHERE unit_id = {}", unit(NORTH, 3)));
        assert_eq!(schools(&mut methodist), ["Новое имя"], "a closed school is no school of today");
        v.sql(&format!("UPDATE unit_link SET valid_to = NULL WHERE unit_id = {}", unit(NORTH, 3)));
        let before = stamp(NORTH);
        v.sql(&format!("BEGIN; DELETE FROM unit_link WHERE unit_id = {}; ROLLBACK", unit(NORTH, 3)));
        assert_eq!(stamp(NORTH), before, "what was taken back is no change");
        assert_eq!(schools(&mut methodist), ["С3", "Новое имя"]);
        assert_eq!(schools(&mut south), ["Ю2", "Ю3"]);
    }

    fn a_file_of_units_moves_them_for_the_next_page(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert_eq!(schools(&mut methodist), ["С2", "С3"]);
        let _moved = v.import("units", "Код,Наименование,Вид,Входит в,Тип ОО,С\nС3,С3,организация,С5,школа,2022-09-01\n");
        assert_eq!(schools(&mut methodist), ["С2"]);
    }
}
