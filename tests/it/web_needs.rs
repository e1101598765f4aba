//! «Карта дефицитов»: a school and a municipality see how many have deficits, never who, and no small number by any way.

use crate::figures_pages::{Table, file_is_the_page, number, table};
use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Server, Visitor};
use crate::web_notices::PASSWORD;
use crate::world::{NORTH, SOUTH, World, unit};

/// School 3 of the north: eight of mathematics (six with a deficit in К1, one in К3), four of physics, ten of chemistry (all
/// ten with one in К1, measured in nothing else). School 2: three of mathematics with deficits. The south: ten of
/// mathematics with deficits. К3 is in a group of its own.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    world.row("competence_group (code, name, number)", "'other', 'Другая группа', 98");
    let people = (1..=22)
        .map(|n| (n, NORTH, 3))
        .chain((31..=33).map(|n| (n, NORTH, 2)))
        .chain((51..=60).map(|n| (n, SOUTH, 2)));
    for (n, region, place) in people {
        let id = 1000 + n;
        world.teacher(id, n, region, place);
        let first = if matches!(n, 7..=12) { 90_000 } else { 40_000 };
        let second = if n == 1 { 40_000 } else { 90_000 };
        let scores = [(1, first), (4, second)];
        let measured = if matches!(n, 13..=22) { 1 } else { 2 };
        world.passage(id, region, 1, "full", "2023-02-01", &scores[..measured]);
    }
    let town = unit(NORTH, 1);
    for (id, login, role, over) in [
        (1, "director", "school_head", unit(NORTH, 3)),
        (2, "tiny", "school_head", unit(NORTH, 2)),
        (3, "mms", "municipal_methodist", town),
        (4, "moya", "municipal_authority", town),
        (5, "south", "school_head", unit(SOUTH, 2)),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    for (subject, from, to) in [
        ("Математика", 1001, 1008),
        ("Физика", 1009, 1012),
        ("Химия", 1013, 1022),
        ("Математика", 1031, 1060),
    ] {
        v.sql(&format!(
            "UPDATE diagnosis_result SET subject = '{subject}' WHERE person_id BETWEEN {from} AND {to}"
        ));
    }
    v.sql("UPDATE competence SET group_code = 'other' WHERE id = 4");
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// The map of a visitor, which its file repeats.
#[track_caller]
fn map(who: &mut Visitor) -> Table {
    let first = file_is_the_page(who, "/needs", "Карта дефицитов");
    assert!(first.contains("действующие результаты"), "{first}");
    table(&who.get("/needs"), "Карта дефицитов")
}

/// Nothing on a map is small, and of each column nothing stands hidden alone beside a total that is told.
#[track_caller]
fn is_safe(map: &Table) {
    let (total, rows) = map.rows[1..].split_last().expect("a total");
    for column in 1..total.len() {
        let told = |row: &Vec<String>| number(&row[column]);
        for n in rows.iter().chain([total]).filter_map(told) {
            assert!(n == 0.0 || n >= 5.0, "{column}: {map:?}");
        }
        let hidden = rows
            .iter()
            .filter(|row| row[column] != "–" && told(row).is_none())
            .count();
        assert!(hidden != 1 || told(total).is_none(), "{column}: {map:?}");
    }
}

on_both! {
    fn a_small_school_tells_no_level_and_a_large_one_no_small_number(v: &Vekha) {
        let server = world(v);
        let mut tiny = server.signed_in("tiny", PASSWORD);
        let of_tiny = map(&mut tiny);
        for row in &of_tiny.rows[1..] {
            assert!(row[1..].iter().all(|cell| number(cell).is_none()), "three people: {of_tiny:?}");
        }
        let mut director = server.signed_in("director", PASSWORD);
        assert!(director.get("/coverage").body.contains("href=\"/needs\""), "a way leads there");
        let own = map(&mut director);
        is_safe(&own);
        assert_eq!(own.rows[0], ["Предмет", "Есть результат", "Другая группа", "Группа мира"]);
        assert_eq!(own.cell("Химия", "Есть результат"), "10");
        assert_eq!(own.cell("Все вместе", "Есть результат"), "22");
        assert_eq!(own.cell("Физика", "Есть результат"), "<5");
        assert_eq!(own.cell("Математика", "Есть результат"), "скрыто", "22 and 10 would tell the four");
        assert_eq!(own.cell("Химия", "Другая группа"), "–", "nobody was measured there");
        assert_eq!(own.cell("Математика", "Другая группа"), "<5", "one of eight");
        assert_eq!(own.cell("Химия", "Группа мира"), "10");
        // No filter of the address makes another table to subtract, and a named list does not stand behind.
        assert_eq!(director.get("/needs?unit=%D0%A12").status, 400);
        let page = director.get("/needs").body;
        let main = page.split("<main").nth(1).unwrap_or_default();
        assert!(!main.contains("Фамилия") && !main.contains("/staff"), "{main}");
        // Whoever holds the municipality sees both schools as one.
        for login in ["mms", "moya"] {
            let town = map(&mut server.signed_in(login, PASSWORD));
            is_safe(&town);
            assert_eq!(town.cell("Все вместе", "Есть результат"), "25", "{town:?}");
        }
        let south = map(&mut server.signed_in("south", PASSWORD));
        assert_eq!((south.rows.len(), south.cell("Математика", "Группа мира")), (3, "10"));
    }

    fn what_is_not_released_or_not_in_force_is_not_on_the_map(v: &Vekha) {
        let server = world(v);
        let mut director = server.signed_in("director", PASSWORD);
        let tomorrow = today().succ_opt().expect("a day");
        v.sql(&format!("UPDATE procedure SET released_on = '{tomorrow}'"));
        assert!(director.get("/needs").body.contains("Результатов диагностики пока нет"));
        v.sql("UPDATE procedure SET released_on = NULL, valid_days = 30");
        assert!(director.get("/needs").body.contains("Результатов диагностики пока нет"), "they ran out");
        v.sql("UPDATE procedure SET valid_days = NULL");
        assert_eq!(map(&mut director).cell("Химия", "Группа мира"), "10");
        // A later result without a deficit takes the place of the one before.
        v.sql("UPDATE diagnosis_result SET raw_milli = 90000 WHERE person_id BETWEEN 1013 AND 1022");
        assert_eq!(map(&mut director).cell("Химия", "Группа мира"), "0");
    }
}
