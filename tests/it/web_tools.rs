//! Wide files of platforms of diagnostics: the columns are described once, a file is read as it comes, and the level that the
//! platform gave stands beside ours.

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const COLUMNS: &str =
    "Методика, балл; К1; балл; 20\nМетодика, уровень; К1; уровень\nПредметная, %\tК2\tпроцент\t\tматематика\n";

/// Three teachers of the north and one of the south, who keep procedures of their own.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    for (id, n, region) in [(1001, 1, NORTH), (1002, 2, NORTH), (1003, 3, NORTH), (2001, 4, SOUTH)] {
        world.teacher(id, n, region, 2);
    }
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(3, "other-staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(4, "south", None, &[("cnppm_staff", unit(SOUTH, 0))]);
    world.account(5, "of-a-part", None, &[("cnppm_staff", unit(NORTH, 1))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn page_of(tool: &str) -> String {
    format!("/diagnostics/tool?name={}", code(tool))
}

/// The value of a hidden field.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
    let (_, rest) = found.unwrap_or_else(|| unreachable!("{name}: {}", page.body));
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Makes a procedure that is held on a platform.
#[track_caller]
fn held_on(staff: &mut Visitor, code: &str, tool: &str) {
    let form = staff.get("/diagnostics/new");
    let key = hidden(&form, "key");
    let said = [
        ("key", &*key),
        ("name", code),
        ("kind", "full"),
        ("code", code),
        ("tool", tool),
    ];
    let made = staff.send(&form, "/diagnostics/new", &said);
    assert_eq!(made.status, 303, "{}", made.body);
}

#[track_caller]
fn describe(staff: &mut Visitor, tool: &str, columns: &str) -> Page {
    let form = staff.get(&page_of(tool));
    assert_eq!(form.status, 200, "{}", form.body);
    staff.send(&form, &page_of(tool), &[("act", "set"), ("columns", columns)])
}

fn results(v: &Vekha) -> Vec<String> {
    v.query(
        "SELECT p.id || ' ' || c.code || ' ' || r.subject || ' ' || r.raw_milli || '/' || r.max_milli || ' ' || \
         coalesce(r.tool_level, '–') FROM diagnosis_result r JOIN person p ON p.id = r.person_id JOIN competence c ON \
         c.id = r.competence_id WHERE r.superseded_at IS NULL ORDER BY p.id, c.code",
    )
}

on_both! {
    // rows: TY-F70
    fn a_wide_file_of_a_platform_is_read_by_its_columns_and_its_levels_stand_beside_ours(v: &Vekha) {
        let server = world(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        held_on(&mut staff, "И-1", "Интенсив");
        held_on(&mut staff, "Я-1", "Я Учитель");
        let file = format!(
            "СНИЛС;Процедура;Вид;Дата;Методика, балл;Методика, уровень;Предметная, %;Комментарий\n\
             {};И-1;полная;01.02.2023;9,5;средний;47 %;спешил\n{};И-1;полная;01.02.2023;20;высокий;;\n\
             {};И-1;полная;01.02.2023;двадцать;высокий;101;\n",
            snils(1), snils(2), snils(3)
        );
        let path = v.file("интенсив.csv", file);
        // Nobody has said yet what stands in the columns.
        let answer = v.run(&["import", "results", text(&path)]).with_refusals();
        assert!(answer.err.contains("не сказано, что в столбцах файлов платформы «Интенсив»"), "{}", answer.err);
        assert_eq!(results(v), [""; 0]);
        let list = staff.get("/diagnostics/tools");
        assert!(list.body.contains("Интенсив") && list.body.contains("Я Учитель"), "{}", list.body);
        let done = describe(&mut staff, "Интенсив", COLUMNS);
        assert_eq!(done.status, 303, "{}", done.body);
        let answer = v.run(&["import", "results", "--batch-code", "первый", text(&path)]).with_refusals();
        assert!(answer.out.contains("«Комментарий» не используется"), "{}", answer.out);
        for said in ["Методика, балл", "двадцать", "Предметная, %", "101", "балл больше максимума"] {
            assert!(answer.err.contains(said), "{said}: {}", answer.err);
        }
        // An empty cell is no result; a row with a wrong cell writes none of its others.
        let all = ["1001 К1  9500/20000 средний", "1001 К2 математика 47000/100000 –", "1002 К1  20000/20000 высокий"];
        assert_eq!(results(v), all);
        let again = v.run(&["import", "results", text(&path)]).with_refusals();
        assert!(again.out.contains("Новых 0"), "{}", again.out);
        assert_eq!(results(v), all);
        // Both levels are read side by side, and ours rules.
        let profile = server.signed_in("teacher", PASSWORD).get("/profile");
        assert!(profile.body.contains("47\u{a0}% (платформа: средний)"), "{}", profile.body);
        assert!(profile.body.contains("дефицит: высокий"), "{}", profile.body);
        // Another platform has columns of its own.
        let other = format!("СНИЛС;Процедура;Вид;Дата;Методика, балл\n{};Я-1;полная;01.02.2023;9,5\n", snils(2));
        let other = v.file("учитель.csv", other);
        let answer = v.run(&["import", "results", text(&other)]).with_refusals();
        assert!(answer.err.contains("платформы «Я Учитель»"), "{}", answer.err);
        // What was loaded is taken back whole.
        let _undone = v.run(&["import", "undo", "первый"]).ok();
        assert_eq!(results(v), [""; 0]);
        let _green = v.run(&["check"]).ok();
    }

    // rows: LE-F16
    fn a_portal_is_a_source_of_an_indicator_and_its_rows_open_from_the_number(v: &Vekha) {
        let server = world(v);
        let _loaded = v.run(&["pack", "load", "seeds/packs/leninsky.toml"]).ok();
        let mut staff = server.signed_in("staff", PASSWORD);
        let portal = "Траектория профессионального роста";
        held_on(&mut staff, "Т-1", portal);
        assert_eq!(describe(&mut staff, portal, COLUMNS).status, 303);
        // Two came through; the row of the third is refused whole, and counts nobody.
        let passed = [snils(1), snils(2)];
        let file = format!(
            "СНИЛС;Процедура;Вид;Дата;Методика, балл;Предметная, %\n{};Т-1;полная;01.02.2023;9;47\n\
             {};Т-1;полная;01.02.2023;20;\n{};Т-1;полная;01.02.2023;двадцать;60\n",
            passed[0], passed[1], snils(3)
        );
        let path = v.file("портал.csv", file);
        let _loaded = v.run(&["import", "results", "--batch-code", "портал", text(&path)]).with_refusals();
        let asked = ["--pack", "leninsky", "--period", "2023", "--indicator", "1"];
        let table = |what: &[&str]| {
            let mut all = vec![what[0]];
            all.extend(asked);
            all.extend(&what[1..]);
            all.extend(["--format", "csv"]);
            v.run(&all).ok().rows()
        };
        let share = |of: &str| {
            let rows = table(&["values", "--level", "municipality"]);
            let row = rows.iter().find(|row| row["unit"] == of && row["breakdown"].is_empty()).expect(of);
            [row["numerator"].clone(), row["denominator"].clone()]
        };
        assert_eq!(share("С1"), [passed.len().to_string(), "3".into()], "of the north");
        assert_eq!(share("Ю1"), ["0", "1"], "of the south");
        let people = table(&["people", "--unit", "С1", "--part", "numerator"]);
        let mut named: Vec<&str> = people.iter().map(|row| row["key"].as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, passed, "whoever stands behind the number");
        // Where the rows came from stands on the page of the procedure.
        let page = staff.get(&format!("/diagnostics/procedure?code={}", code("Т-1")));
        assert!(page.body.contains(portal), "{}", page.body);
        let _undone = v.run(&["import", "undo", "портал"]).ok();
        assert_eq!(share("С1"), ["0", "3"], "taken back");
        let _green = v.run(&["check"]).ok();
    }

    fn what_holds_in_every_row_is_said_once(v: &Vekha) {
        let server = world(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        held_on(&mut staff, "И-1", "Интенсив");
        assert_eq!(describe(&mut staff, "Интенсив", COLUMNS).status, 303);
        let path = v.file("без процедуры.csv", format!("СНИЛС;Методика, балл\n{};12\n", snils(1)));
        let answer = v.run(&["import", "results", text(&path)]).failed();
        assert!(answer.err.contains("Процедура"), "{}", answer.err);
        let with = |set: &str| v.run(&["import", "results", "--set", "Процедура=И-1", "--set", "Вид=полная", "--set", set, text(&path)]);
        let answer = with("Дата: 01.02.2023").failed();
        assert!(answer.err.contains("напишите заголовок столбца"), "{}", answer.err);
        let answer = with("Погода=ясная").failed();
        assert!(answer.err.contains("нет столбца «Погода»"), "{}", answer.err);
        let answer = with("Дата=31.02.2023").with_refusals();
        assert!(answer.err.contains("Дата") && answer.err.contains("31.02.2023"), "{}", answer.err);
        let _done = with("Дата=01.02.2023").ok();
        assert_eq!(results(v), ["1001 К1  12000/20000 –"]);
        // A long file is still one, and says what it lacks.
        let long = v.file("длинный.csv", format!(
            "СНИЛС;Процедура;Вид;Дата;Компетенция;Балл\n{};И-1;полная;01.02.2023;К1;5\n", snils(2)
        ));
        let answer = v.run(&["import", "results", text(&long)]).failed();
        assert!(answer.err.contains("«Максимум»"), "{}", answer.err);
    }

    fn columns_are_described_in_words_and_what_contradicts_itself_is_named_by_its_line(v: &Vekha) {
        let server = world(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let empty = staff.get("/diagnostics/tools");
        assert!(empty.body.contains("Платформ пока нет"), "{}", empty.body);
        held_on(&mut staff, "И-1", "Интенсив");
        for (columns, said) in [
            ("Балл 1; К9; балл; 20", "Строка 1: компетенции «К9» нет"),
            ("Столбец; К1; балл; 20\nСтолбец 2; К1; процент", "Строка 2: об этой компетенции уже говорит другой столбец"),
            ("Столбец; К1; балл; 20\n\nстолбец; К2; процент", "Строка 3: столбец с таким заголовком описан дважды"),
            ("Столбец; К1; балл", "Строка 1: для балла нужен максимум"),
            ("Столбец; К1; очки; 20", "Строка 1: «очки» вместо «балл»"),
            ("Столбец; К1; балл; много", "Строка 1: максимум «много» не число"),
            ("СНИЛС; К1; балл; 20", "Строка 1: этот столбец программа читает сама"),
        ] {
            let answer = describe(&mut staff, "Интенсив", columns);
            assert_eq!(answer.status, 422, "{columns}: {}", answer.body);
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
            assert!(answer.body.contains(columns.lines().next().unwrap_or_default()), "what was typed stays: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM tool"), 0);
        // Two describe it: the second is told.
        let mut other = server.signed_in("other-staff", PASSWORD);
        let (first, second) = (staff.get(&page_of("Интенсив")), other.get(&page_of("Интенсив")));
        let said = [("act", "set"), ("columns", COLUMNS)];
        assert_eq!(staff.send(&first, &page_of("Интенсив"), &said).status, 303);
        let late = other.send(&second, &page_of("Интенсив"), &[("act", "set"), ("columns", "Столбец; К1; балл; 20")]);
        assert_eq!(late.status, 409, "{}", late.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM tool_column"), 3);
        // The other region has neither this platform nor its columns; whoever holds a part of the region keeps none.
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!(south.get(&page_of("Интенсив")).status, 404);
        held_on(&mut south, "Ю-1", "Интенсив");
        assert!(south.get(&page_of("Интенсив")).body.contains("Пока ничего"));
        let path = v.file("юг.csv", format!("СНИЛС;Процедура;Вид;Дата;Методика, балл\n{};Ю-1;полная;01.02.2023;5\n", snils(4)));
        let answer = v.run(&["import", "results", text(&path)]).with_refusals();
        assert!(answer.err.contains("не сказано, что в столбцах"), "another region's columns: {}", answer.err);
        assert_eq!(server.signed_in("of-a-part", PASSWORD).get("/diagnostics/tools").status, 409);
        let noted = v.query("SELECT action FROM audit_event WHERE action LIKE 'diagnostics.tool%'");
        assert_eq!(noted, ["diagnostics.tool_columns"]);
    }
}
