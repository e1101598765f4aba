//! Scales of levels of a region, and results that are read by another one: the levels are added, the old ones stay.

use std::collections::BTreeMap;

use crate::figures_pages::{code, table};
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, show, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const NAME: &str = "Три уровня";
const LEVELS: &str = "ниже базового; [0 – 50); дефицит\nбазовый; [50 – 70); нет\nвысокий уровень; [70 – 100]; нет";
/// Who got how much in which competence at Д1: person, competence, per cent.
const SCORES: [(i64, i64, i64); 5] = [
    (1001, 1, 55),
    (1001, 2, 75),
    (1002, 1, 65),
    (1003, 1, 90),
    (1003, 2, 40),
];

/// What the common scale says, and what the three levels say: the level, whether it is a deficit.
fn common(percent: i64) -> (&'static str, bool) {
    match percent {
        ..60 => ("высокий", true),
        60..=80 => ("средний", true),
        100 => ("дефицитов нет", false),
        _ => ("минимальный", false),
    }
}

fn of_three(percent: i64) -> (&'static str, bool) {
    match percent {
        ..50 => ("ниже базового", true),
        50..70 => ("базовый", false),
        _ => ("высокий уровень", false),
    }
}

/// Three teachers of the north who have passed Д1, one of the south who has passed Д2.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    world.procedure(2, "Д2", "full", None);
    world
        .teacher(1001, 1, NORTH, 2)
        .teacher(1002, 2, NORTH, 2)
        .teacher(1003, 3, NORTH, 3);
    world.teacher(2001, 4, SOUTH, 2);
    for person in [1001, 1002, 1003] {
        let of = SCORES.iter().filter(|(who, ..)| *who == person);
        let scores: Vec<(i64, i64)> = of
            .map(|(_, competence, percent)| (*competence, percent * 1000))
            .collect();
        world.passage(person, NORTH, 1, "full", "2023-02-01", &scores);
    }
    world.passage(2001, SOUTH, 2, "full", "2023-02-01", &[(1, 40_000)]);
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(3, "south", None, &[("cnppm_staff", unit(SOUTH, 0))]);
    world.account(4, "of-a-part", None, &[("cnppm_staff", unit(NORTH, 1))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn rescale_of(procedure: &str) -> String {
    format!("/diagnostics/rescale?code={}", code(procedure))
}

/// The value of a hidden field.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
    let (_, rest) = found.unwrap_or_else(|| unreachable!("{name}: {}", page.body));
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Sends the form of a new scale.
fn make(staff: &mut Visitor, name: &str, levels: &str) -> Page {
    let form = staff.get("/diagnostics/scales");
    let key = hidden(&form, "key");
    let said = [
        ("key", &*key),
        ("name", name),
        ("direction", "competence"),
        ("levels", levels),
    ];
    staff.send(&form, "/diagnostics/scales", &said)
}

/// The code of the only scale of the north.
fn code_of_scale(v: &Vekha) -> String {
    let own = v.query("SELECT code FROM scale WHERE region_id IS NOT NULL AND withdrawn_at IS NULL");
    let [only] = own.as_slice() else {
        unreachable!("{own:?}");
    };
    only.clone()
}

/// Reads the results of a procedure by a scale.
fn read_by(staff: &mut Visitor, procedure: &str, scale: &str, reason: &str) -> Page {
    let page = staff.get(&format!("{}&scale={scale}", rescale_of(procedure)));
    assert_eq!(page.status, 200, "{}", page.body);
    let seen = hidden(&page, "seen");
    let said = [("act", "rescale"), ("seen", &*seen), ("of", scale), ("reason", reason)];
    staff.send(&page, &rescale_of(procedure), &said)
}

/// The levels of a teacher by the profile of the command line: competence, level, whether it is a deficit.
fn profile(v: &Vekha, n: i64) -> Vec<(String, String, String)> {
    let rows = v
        .run(&["profile", &snils(n), "--as-of", "2023-06-01", "--format", "csv"])
        .ok()
        .rows();
    let line = |row: &BTreeMap<String, String>| {
        (
            row["competence"].clone(),
            row["level"].clone(),
            row["is_deficit"].clone(),
        )
    };
    rows.iter().map(line).collect()
}

on_both! {
    fn a_scale_is_made_of_whole_levels_and_belongs_to_its_region(v: &Vekha) {
        let server = world(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        // What is wrong is named by its line, and nothing of what was typed is lost.
        let wrong = "высокий; [0 – 60); дефицит\nсредний; 60 – 100; нет\nещё; [1 – 2]";
        let page = make(&mut staff, NAME, wrong);
        assert_eq!(page.status, 422, "{}", page.body);
        for said in ["Строка 2: границы пишут так", "Строка 3: нужны три части", "средний; 60 – 100; нет", NAME] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let page = make(&mut staff, NAME, "низкий; [0 – 60); дефицит\nвысокий; (60 – 100]; нет");
        assert!(page.status == 422 && page.body.contains("у границы 60 % остаётся дыра"), "{}", page.body);
        let page = make(&mut staff, NAME, "всё; [0 – 100]; нет");
        assert!(page.status == 422 && page.body.contains("шкале один уровень"), "{}", page.body);
        let page = make(&mut staff, NAME, "низкий; [0 – 60]; нет\nвысокий; (60 – 100]; дефицит");
        assert!(page.status == 422 && page.body.contains("«низкий» без дефицита стоит ниже дефицита «высокий»"), "{}", page.body);
        let page = make(&mut staff, "", LEVELS);
        assert!(page.status == 422 && page.body.contains("Назовите шкалу"), "{}", page.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM scale WHERE region_id IS NOT NULL"), 0, "nothing was made");
        let done = make(&mut staff, NAME, LEVELS);
        assert_eq!(done.status, 303, "{}", done.body);
        let again = make(&mut staff, NAME, LEVELS);
        assert!(again.status == 422 && again.body.contains("уже есть"), "{}", again.body);
        let list = staff.get("/diagnostics/scales");
        for said in [NAME, "от 50, но меньше 70", "Общая шкала", "Уровень называет владение"] {
            assert!(list.body.contains(said), "{said}: {}", list.body);
        }
        // A diagnosis of the region may choose it; another region does not know of it.
        let scale = code_of_scale(v);
        assert!(staff.get("/diagnostics/new").body.contains(&scale));
        let mut south = server.signed_in("south", PASSWORD);
        for page in ["/diagnostics/scales", "/diagnostics/new"] {
            let page = south.get(page);
            assert!(!page.body.contains(NAME) && !page.body.contains(&scale), "another region's scale: {}", page.body);
        }
        let take = |who: &mut Visitor| {
            let form = who.get("/diagnostics/scales");
            who.send(&form, &format!("/diagnostics/scale?code={scale}"), &[])
        };
        assert_eq!(take(&mut south).status, 404);
        assert_eq!(server.signed_in("of-a-part", PASSWORD).get("/diagnostics/scales").status, 409);
        assert_eq!(take(&mut staff).status, 303);
        assert!(!staff.get("/diagnostics/new").body.contains(&scale), "what was taken back is not chosen");
        let _green = v.run(&["check"]).ok();
    }

    fn another_scale_adds_levels_and_keeps_the_old_ones(v: &Vekha) {
        let server = world(v);
        let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let _opened = v.run(&["values", "--pack", "tyumen", "--period", "2022/23", "--level", "region", "--format", "csv"]).ok();
        let _plans = draft(v, "Д1", "2023-03-01", &[]);
        let plan = show(v, 1);
        let mut staff = server.signed_in("staff", PASSWORD);
        assert_eq!(make(&mut staff, NAME, LEVELS).status, 303);
        let scale = code_of_scale(v);
        assert!(staff.get(&format!("/diagnostics/procedure?code={}", code("Д1"))).body.contains("Другая шкала уровней"));
        // What would change is said before: level by level.
        let page = staff.get(&format!("{}&scale={scale}", rescale_of("Д1")));
        let mut moves: BTreeMap<[&str; 2], i64> = BTreeMap::new();
        for (.., percent) in SCORES {
            *moves.entry([common(percent).0, of_three(percent).0]).or_default() += 1;
        }
        let cells = table(&page, "Уровни сейчас и по новой шкале").rows;
        let capital = |text: &str| text.chars().take(1).flat_map(char::to_uppercase).chain(text.chars().skip(1)).collect::<String>();
        for ([from, to], n) in &moves {
            let word = |deficit: bool, words: [&str; 2]| words[usize::from(deficit)].to_owned();
            let from = word(SCORES.iter().any(|(.., p)| common(*p) == (*from, true)), [&capital(from), &format!("Дефицит: {from}")]);
            let to = word(SCORES.iter().any(|(.., p)| of_three(*p) == (*to, true)), [
                &format!("Уровень владения: {to}"),
                &format!("Дефицит, уровень владения: {to}"),
            ]);
            let row = vec![from, to, n.to_string()];
            assert!(cells.contains(&row), "{row:?}: {cells:?}");
        }
        let lost = SCORES.iter().filter(|(.., p)| common(*p).1 && !of_three(*p).1).count();
        let told = page.body.replace('\u{a0}', " ");
        assert!(told.contains(&format!("Перестанут быть дефицитом {lost} результата")), "{told}");
        // A reason is needed; whoever holds a part, or another region, does not do it.
        let page = read_by(&mut staff, "Д1", &scale, "");
        assert!(page.status == 422 && page.body.contains("почему меняется шкала"), "{}", page.body);
        assert_eq!(server.signed_in("of-a-part", PASSWORD).get(&rescale_of("Д1")).status, 409);
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!(south.get(&rescale_of("Д1")).status, 404);
        assert_eq!(south.get(&format!("{}&scale={scale}", rescale_of("Д2"))).status, 404, "a scale of another region");
        let stale = staff.get(&format!("{}&scale={scale}", rescale_of("Д1")));
        let done = read_by(&mut staff, "Д1", &scale, "Приказ от 1 февраля");
        assert_eq!(done.status, 303, "{}", done.body);
        // The old rows stay, and say what they said.
        let all = i64::try_from(SCORES.len()).expect("few");
        let count = |what: &str| number(v, &format!("SELECT count(*) AS n FROM diagnosis_result r JOIN diagnosis d ON d.id = r.diagnosis_id WHERE d.procedure_id = 1 AND {what}"));
        assert_eq!(count("superseded_at IS NOT NULL AND scale_id = 77"), all, "the old levels are kept");
        assert_eq!(count("superseded_at IS NULL AND scale_id <> 77"), all);
        assert_eq!(number(v, "SELECT count(*) AS n FROM diagnosis_result WHERE scale_id = 77 AND superseded_at IS NULL"), 1, "the south's stay");
        // The profile goes by the new one, with the old one beside; the plan remembers what it was drafted from.
        let now: Vec<(String, String, String)> = profile(v, 1);
        let deficits = SCORES.iter().filter(|(who, _, p)| *who == 1001 && of_three(*p).1).count();
        assert_eq!(now.iter().filter(|(.., deficit)| deficit == "true").count(), deficits, "{now:?}");
        let mine = server.signed_in("teacher", PASSWORD).get("/profile");
        for (_, _, percent) in SCORES.iter().filter(|(who, ..)| *who == 1001) {
            let told = format!("{percent}\u{a0}% (по прежней шкале – дефицит: {})", common(*percent).0);
            assert!(mine.body.contains(&told), "{told}: {}", mine.body);
        }
        assert_eq!(show(v, 1), plan);
        let _green = v.run(&["check"]).ok();
        // What was seen is old; and there is nothing to read anew.
        let seen = hidden(&stale, "seen");
        let said = [("act", "rescale"), ("seen", &*seen), ("of", &*scale), ("reason", "ещё раз")];
        assert_eq!(staff.send(&stale, &rescale_of("Д1"), &said).status, 409);
        let page = staff.get(&format!("{}&scale={scale}", rescale_of("Д1")));
        assert!(page.body.contains("уже читаются по этой шкале") && page.body.contains("Приказ от 1 февраля"), "{}", page.body);
        // Back to the common one: the form of the procedure still works.
        assert_eq!(read_by(&mut staff, "Д1", "deficit_default", "Вернули").status, 303);
        let back: Vec<bool> = profile(v, 1).into_iter().map(|(.., deficit)| deficit == "true").collect();
        let before = SCORES.iter().filter(|(who, _, p)| *who == 1001 && common(*p).1).count();
        assert_eq!(back.iter().filter(|deficit| **deficit).count(), before);
        assert_eq!(count("superseded_at IS NOT NULL"), 2 * all);
        let form = staff.get(&format!("/diagnostics/edit?code={}", code("Д1")));
        let seen = hidden(&form, "seen");
        let said = [("act", "change"), ("seen", &*seen), ("name", "Весенняя"), ("kind", "full")];
        let renamed = staff.send(&form, &format!("/diagnostics/edit?code={}", code("Д1")), &said);
        assert_eq!(renamed.status, 303, "{}", renamed.body);
        let _green = v.run(&["check"]).ok();
    }

    fn a_file_that_was_read_anew_is_not_taken_back_unseen(v: &Vekha) {
        let server = world(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let file = format!("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{};Д1;полная;01.03.2023;К1;55;100\n", snils(2));
        let path = v.file("результаты.csv", file);
        let _loaded = v.run(&["import", "results", "--batch-code", "март", text(&path)]).ok();
        assert_eq!(make(&mut staff, NAME, LEVELS).status, 303);
        assert_eq!(read_by(&mut staff, "Д1", &code_of_scale(v), "Другая шкала").status, 303);
        // The file says nothing new, and what comes later is read by the scale of the procedure.
        let again = v.run(&["import", "results", text(&path)]).ok();
        assert!(again.out.contains("Новых 0"), "{}", again.out);
        let more = format!("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{};Д1;полная;02.03.2023;К1;55;100\n", snils(3));
        let _more = v.run(&["import", "results", text(&v.file("ещё.csv", more))]).ok();
        assert_eq!(number(v, "SELECT count(*) AS n FROM diagnosis_result WHERE scale_id = 77 AND superseded_at IS NULL AND region_id = (SELECT region_id FROM person WHERE id = 1001)"), 0);
        let refused = v.run(&["import", "undo", "март"]).failed();
        assert!(refused.err.contains("прочитанные по другой шкале: 1"), "{}", refused.err);
        let _green = v.run(&["check"]).ok();
    }
}
