//! «Загрузка» in the hands of whoever holds a part of a region: what a file may write to, whose files are seen, and what
//! holds when a role ends meanwhile. Two zones, two regions, both databases.

use vekha::db::text_keys::search_key;

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, same};
use crate::web_uploads::{HEAD, bring, figures, press, settled, staff};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

/// Zones С5 (municipality С7, school С8) and С6 (municipality С1, schools С2 and С3).
fn land(v: &Vekha) {
    let mut world = World::new();
    world.unit(NORTH, 5, "zone", 0).unit(NORTH, 6, "zone", 0);
    world
        .unit(NORTH, 7, "municipality", 5)
        .unit(NORTH, 8, "organisation", 7);
    world.procedure(1, "Д1", "full", None);
    world.teacher(1001, 1, NORTH, 2).teacher(1002, 2, NORTH, 8);
    world.teacher(1003, 3, NORTH, 8).teacher(2001, 4, SOUTH, 2);
    world.teacher_until(1005, 6, NORTH, 2, Some("2023-01-01"));
    for (id, (login, role, over)) in (1..).zip([
        ("zone", "cnppm_staff", unit(NORTH, 5)),
        ("zone-two", "cnppm_staff", unit(NORTH, 6)),
        ("operator", "operator", unit(NORTH, 0)),
        ("operator-south", "operator", unit(SOUTH, 0)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!(
        "UPDATE account SET password_hash = '{hash}'; UPDATE unit_link SET parent_id = {} WHERE unit_id = {};",
        unit(NORTH, 6),
        unit(NORTH, 1)
    ));
    for n in [1, 2, 6] {
        let key = search_key(&format!("Фамилия{n} Имя"));
        v.sql(&format!(
            "UPDATE person SET search_key = '{key}' WHERE snils = '{}'",
            snils(n)
        ));
    }
    let events = "Код;Название;Вид;Уровень;С;Организатор;Единицы\nМЧ;Чужое;ПрофСреда;региональный;07.09.2022;С1;С2=3\n";
    let _foreign = v.import("events", events);
    let bodies = "Код;Наименование;Вид;Уровень;Единица\nОЧ;Чужое;РМО;муниципальный;С1\n";
    let _foreign = v.import("bodies", bodies);
}

fn named(n: i64, school: &str) -> String {
    format!(
        "{};Фамилия{n};Имя;01.02.1980;{school};учитель;педагогический;01.09.2023\n",
        snils(n)
    )
}

/// Brings, checks and loads a file; its address and its page.
#[track_caller]
fn load(who: &mut Visitor, kind: &str, sheet: &str, expected: [i64; 5]) -> (String, Page) {
    let path = bring(who, kind, "файл.csv", sheet);
    let tried = press(who, &path, "check");
    assert_eq!(figures(&tried), expected, "{kind}: {}", tried.body);
    let loaded = press(who, &path, "load");
    assert_eq!(figures(&loaded), expected, "{kind}: {}", loaded.body);
    (path, loaded)
}

fn jobs(v: &Vekha, person: i64) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM employment WHERE person_id = {person}"),
    )
}

fn people(v: &Vekha) -> i64 {
    number(v, "SELECT count(*) AS n FROM person")
}

fn under(v: &Vekha, place: i64) -> i64 {
    let of = unit(NORTH, place);
    number(
        v,
        &format!("SELECT parent_id AS n FROM unit_link WHERE unit_id = {of} AND superseded_at IS NULL"),
    )
}

/// A file that is loaded when a server starts: the one before was stopped in the middle.
fn left_loading(v: &Vekha, path: &str, job: i64) {
    let id = path.rsplit('/').next().expect("an id");
    v.sql(&format!(
        "UPDATE upload SET state = 'loading' WHERE id = {id}; INSERT INTO job (id, kind, payload, state, run_at, attempts, \
         leased_until, created_at) VALUES ({job}, 'long.upload', \
         '{{\"upload\":\"{id}\",\"load\":true,\"account\":1,\"role\":\"cnppm_staff\"}}', 'running', \
         '2023-01-01 00:00:00', 1, '2023-01-01 00:00:30', '2023-01-01 00:00:00');"
    ));
}

on_both! {
    fn units_are_moved_only_between_units_that_are_held(v: &Vekha) {
        land(v);
        let server = Server::start(v);
        let mut zone = server.signed_in("zone", PASSWORD);
        let units = "Код;Наименование;Вид;Входит в\nН1;Новая;организация;С7\nС1;С1;район;С5\nС2;С2;организация;С7\n\
                     Н2;Чужая;организация;С1\nС8;С8;организация;С1\nС7;С7;район;С0\nЮ2;Ю2;организация;С7\n\
                     Н3;Никуда;организация;нет\n";
        let (path, page) = load(&mut zone, "units", units, [1, 0, 0, 7, 0]);
        assert!(page.body.contains("код занят вне вашей части региона"), "{}", page.body);
        assert!(page.body.contains("вашей части региона такой единицы нет"), "{}", page.body);
        // What is outside and what does not exist are told alike.
        let told = zone.get(&format!("{path}/errors")).body;
        let why = |row: &str| told.lines().find(|l| l.starts_with(row)).map(|l| l.rsplit(';').next().unwrap_or("").to_owned());
        assert!(why("Н2").is_some() && why("Н2") == why("Н3"), "{told}");
        assert_eq!(under(v, 1), unit(NORTH, 6), "the municipality stays where it was");
        assert_eq!((under(v, 2), under(v, 8), under(v, 7)), (unit(NORTH, 1), unit(NORTH, 7), unit(NORTH, 5)));
        // Whoever holds the region moves what they like.
        let mut operator = server.signed_in("operator", PASSWORD);
        let moved = "Код;Наименование;Вид;Входит в\nС1;С1;район;С5\n";
        let _moved = load(&mut operator, "units", moved, [0, 1, 0, 0, 0]);
        assert_eq!(under(v, 1), unit(NORTH, 5));
        let _sound = v.run(&["check"]).ok();
    }

    fn people_are_taken_on_only_in_schools_that_are_held_and_not_out_of_others(v: &Vekha) {
        land(v);
        let server = Server::start(v);
        let mut zone = server.signed_in("zone", PASSWORD);
        let before = people(v);
        let rows = [staff(101, "С8"), named(6, "С8"), staff(102, "С2"), staff(1, "С8"), named(1, "С8"), staff(103, "нет"), staff(104, "Ю2")];
        // One number with two names would be refused for that alone: each in a file of its own.
        let sheet = [HEAD, &rows[0], &rows[1], &rows[2], &rows[3], &rows[5], &rows[6]].concat();
        let (_, page) = load(&mut zone, "staff", &sheet, [2, 0, 0, 4, 0]);
        assert!(page.body.contains("человека с этим СНИЛС в вашей части"), "{}", page.body);
        assert!(!page.body.contains("другому региону"), "{}", page.body);
        let (_, page) = load(&mut zone, "staff", &[HEAD, &rows[4]].concat(), [0, 0, 0, 1, 0]);
        assert!(page.body.contains("человека с этим СНИЛС в вашей части"), "the name is neither confirmed nor denied: {}", page.body);
        assert_eq!((jobs(v, 1001), jobs(v, 1005), people(v)), (1, 2, before + 1));
        // Once the other school has let the person go, this one may take the person on.
        let leaves = format!(
            "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят;Уволен\n\
             {};Фамилия1;Имя;01.02.1980;С2;учитель;педагогический;01.09.2015;31.08.2023\n", snils(1)
        );
        let mut other = server.signed_in("zone-two", PASSWORD);
        let _gone = load(&mut other, "staff", &leaves, [0, 1, 0, 0, 0]);
        let _hired = load(&mut zone, "staff", &[HEAD, &rows[4]].concat(), [1, 0, 0, 0, 0]);
        let _sound = v.run(&["check"]).ok();
    }

    fn each_kind_of_file_writes_within_the_part_that_is_held(v: &Vekha) {
        land(v);
        let server = Server::start(v);
        let mut zone = server.signed_in("zone", PASSWORD);
        let (own, pair, foreign) = (snils(2), snils(3), snils(1));
        let results = format!(
            "СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{own};Д1;полная;01.03.2023;К1;5;10\n\
             {foreign};Д1;полная;01.03.2023;К1;5;10\n{own};ДН;полная;01.03.2023;К1;5;10\n"
        );
        let activities = format!(
            "СНИЛС;Вид;Уровень;С;Название;Роль\n{own};ПрофСреда;региональный;07.09.2022;Встреча;выступающий\n\
             {foreign};ПрофСреда;региональный;07.09.2022;Встреча;выступающий\n"
        );
        let events = "Код;Название;Вид;Уровень;С;Организатор;Единицы\nМ1;Своё;ПрофСреда;региональный;07.09.2022;С7;С8=4\n\
                      М2;Чужое;ПрофСреда;региональный;07.09.2022;С1;\nМ3;Чужие;ПрофСреда;региональный;07.09.2022;С7;С2=4\n\
                      М4;Ничьё;ПрофСреда;региональный;07.09.2022;;\nМЧ;Захват;ПрофСреда;региональный;07.09.2022;С7;С8=1\n";
        let bodies = "Код;Наименование;Вид;Уровень;Единица\nО1;Своё;РМО;муниципальный;С7\nО2;Чужое;РМО;муниципальный;С1\n\
                      О3;Общее;РМА;региональный;\nОЧ;Захват;РМО;муниципальный;С7\n";
        let members = format!("СНИЛС;Объединение;С\n{own};О1;01.09.2022\n{own};ОЧ;01.09.2022\n{foreign};О1;01.09.2022\n");
        let pairs = format!(
            "СНИЛС наставника;СНИЛС наставляемого;Форма;С\n{own};{pair};педагог - педагог;01.10.2022\n\
             {own};{foreign};педагог - педагог;01.10.2022\n{foreign};{own};педагог - педагог;01.10.2022\n"
        );
        let mentors = format!("СНИЛС;Качества;С\n{own};methodical;01.09.2022\n{foreign};methodical;01.09.2022\n");
        let forms = "Единица;Показатель или величина;Период;Значение\nС7;mun_methodist_headcount;2022/23;4\n\
                     С1;mun_methodist_headcount;2022/23;4\nС0;mun_methodist_headcount;2022/23;4\n";
        let undertakings = "Код;Вид;Название;Предмет;Уровень;Единица;С;Участвуют;Ссылка\n\
                            В1;банк КИМ;Своё;химия;региональный;С7;01.09.2022;С8;https://a.example/1\n\
                            В2;банк КИМ;Чужое;химия;региональный;С1;01.09.2022;;https://a.example/2\n\
                            В3;банк КИМ;Ничьё;химия;региональный;;01.09.2022;;https://a.example/3\n\
                            В4;банк КИМ;Чужие;химия;региональный;С7;01.09.2022;С2;https://a.example/4\n";
        let publications = format!(
            "Код;Вид;Название;Авторы;Год;Кому;Единица\nИ1;Методические рекомендации;Своё;{own};2022;teachers;С7\n\
             И2;Методические рекомендации;Чужой;{foreign};2022;teachers;С7\n\
             И3;Методические рекомендации;Чужое;{own};2022;teachers;С1\nИ4;Методические рекомендации;Ничьё;{own};2022;teachers;\n"
        );
        let vacancies = "Организация (код);Должность;С\nС8;учитель;01.09.2022\nС2;учитель;01.09.2022\nЮ2;учитель;01.09.2022\n";
        let mut paths = Vec::new();
        for (kind, sheet, expected) in [
            ("results", results.as_str(), [1, 0, 0, 1, 1]),
            ("activities", &activities, [1, 0, 0, 0, 1]),
            ("events", events, [1, 0, 0, 4, 0]),
            ("bodies", bodies, [1, 0, 0, 3, 0]),
            ("members", &members, [1, 0, 0, 1, 1]),
            ("pairs", &pairs, [1, 0, 0, 0, 2]),
            ("mentors", &mentors, [1, 0, 0, 0, 1]),
            ("forms", forms, [1, 0, 0, 2, 0]),
            ("undertakings", undertakings, [1, 0, 0, 3, 0]),
            ("publications", &publications, [1, 0, 0, 2, 1]),
            ("vacancies", vacancies, [1, 0, 0, 2, 0]),
        ] {
            let (path, page) = load(&mut zone, kind, sheet, expected);
            assert!(!page.body.contains("Фамилия1"), "{kind}: nobody of another zone is named");
            paths.push((kind, path));
        }
        // What is the whole region's is not for a part of it, and nothing of such a file is taken.
        for (kind, sheet) in [
            ("competences", "Код;Группа;Наименование\nК9;предметная;Новая\n"),
            ("programmes", "Код;Название;Вид;Часы;Организация\nП8;Своя;ПК;16;С8\n"),
            ("procedures", "Код;Наименование;Вид;Уровень;Организатор\nД8;Своя;полная;региональный;С8\n"),
        ] {
            let path = bring(&mut zone, kind, "файл.csv", sheet);
            let told = press(&mut zone, &path, "check");
            assert!(told.body.contains("Файл не загружен") && told.body.contains("меняют данные всего региона"), "{kind}: {}", told.body);
            assert!(figures(&told).is_empty(), "{kind}: {}", told.body);
        }
        // The number of every object that a batch of the zone made, and of those outside of it: none.
        let by_zone = "batch_id IN (SELECT id FROM import_batch WHERE account_id = 1)";
        for (table, column, place) in [("vacancy", "organisation_id", 8), ("measure_value", "unit_id", 7), ("body", "unit_id", 7), ("event", "organiser_id", 7), ("undertaking", "unit_id", 7), ("publication", "unit_id", 7)] {
            let of = |more: &str| number(v, &format!("SELECT count(*) AS n FROM {table} WHERE {by_zone}{more}"));
            assert_eq!((of(""), of(&format!(" AND {column} = {}", unit(NORTH, place)))), (1, 1), "{table}");
        }
        // All of it is one's own to take back, the last first.
        for (kind, path) in paths.iter().rev() {
            assert!(press(&mut zone, path, "undo").body.contains("Загрузка отменена"), "{kind}");
        }
        let _sound = v.run(&["check"]).ok();
    }

    fn files_of_others_are_not_there_for_whoever_holds_a_part(v: &Vekha) {
        land(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut zone = server.signed_in("zone", PASSWORD);
        let mut other = server.signed_in("zone-two", PASSWORD);
        let mut foreign = Vec::new();
        for (who, n, school) in [(&mut operator, 201, "С2"), (&mut other, 202, "С3")] {
            let path = bring(who, "staff", &format!("чужой{n}.csv"), &[HEAD, &staff(n, school), &staff(n + 10, "нет")].concat());
            assert_eq!(figures(&press(who, &path, "check")), [1, 0, 0, 1, 0]);
            assert_eq!(figures(&press(who, &path, "load")), [1, 0, 0, 1, 0]);
            assert!(who.get(&format!("{path}/errors")).body.contains("Новая"));
            foreign.push(path);
        }
        let before = people(v);
        let list = zone.get("/upload");
        assert!(list.body.contains("Загрузок из браузера ещё не было") && !list.body.contains("чужой"), "{}", list.body);
        for path in &foreign {
            for part in ["", "/errors", "/undo", "?columns=1"] {
                let missing = zone.get(&format!("/upload/7{part}"));
                assert_eq!(missing.status, 404);
                assert_eq!(same(&zone.get(&format!("{path}{part}"))), same(&missing), "a file of another one is shown: {part}");
            }
            for verb in ["check", "load", "undo"] {
                let missing = zone.send(&list, &format!("/upload/7/{verb}"), &[]);
                assert_eq!(missing.status, 404);
                assert_eq!(same(&zone.send(&list, &format!("{path}/{verb}"), &[])), same(&missing), "{verb}");
            }
        }
        assert_eq!(people(v), before, "nothing is taken back");
        let (path, _) = load(&mut zone, "staff", &[HEAD, &staff(203, "С8")].concat(), [1, 0, 0, 0, 0]);
        let list = zone.get("/upload");
        assert!(list.body.contains("файл.csv") && !list.body.contains("чужой"), "{}", list.body);
        // Whoever holds the region sees all files of it, and of no other region.
        let list = operator.get("/upload");
        assert!(list.body.contains("файл.csv") && list.body.contains("чужой202.csv"), "{}", list.body);
        assert_eq!(operator.get(&path).status, 200);
        let mut south = server.signed_in("operator-south", PASSWORD);
        assert_eq!(same(&south.get(&path)), same(&south.get("/upload/7")));
        // What stands elsewhere by now is no longer one's own to take back.
        let stands = |parent: i64| format!("UPDATE unit_link SET parent_id = {parent} WHERE unit_id = {}", unit(NORTH, 8));
        v.sql(&stands(unit(NORTH, 1)));
        let form = zone.get("/upload");
        let refused = zone.send(&form, &format!("{path}/undo"), &[]);
        assert!(refused.status != 303 && refused.body.contains("отменить её может"), "{}: {}", refused.status, refused.body);
        assert_eq!(people(v), before + 1);
        v.sql(&stands(unit(NORTH, 7)));
        assert!(press(&mut zone, &path, "undo").body.contains("Загрузка отменена"));
        assert_eq!(people(v), before);
        let _sound = v.run(&["check"]).ok();
    }

    fn a_load_rests_on_the_roles_of_the_moment_when_it_is_done(v: &Vekha) {
        land(v);
        let paths: Vec<String> = {
            let server = Server::start(v);
            let mut zone = server.signed_in("zone", PASSWORD);
            (301..304)
                .map(|n| {
                    let path = bring(&mut zone, "staff", "штат.csv", &[HEAD, &staff(n, "С8")].concat());
                    assert_eq!(figures(&press(&mut zone, &path, "check")), [1, 0, 0, 0, 0]);
                    path
                })
                .collect()
        };
        let before = people(v);
        let over = "роли, в которой загружают такие файлы, больше нет";
        for (job, path, meanwhile, after, said) in [
            (
                1,
                &paths[0],
                "UPDATE role_grant SET valid_to = '2023-01-01' WHERE account_id = 1".to_owned(),
                "UPDATE role_grant SET valid_to = NULL WHERE account_id = 1",
                over,
            ),
            (
                2,
                &paths[1],
                "UPDATE account SET state = 'suspended' WHERE id = 1".to_owned(),
                "UPDATE account SET state = 'active' WHERE id = 1",
                over,
            ),
            // Another zone is held by now: the row lies outside of it.
            (
                3,
                &paths[2],
                format!("UPDATE role_grant SET unit_id = {} WHERE account_id = 1", unit(NORTH, 6)),
                "",
                "в вашей части региона такой единицы нет",
            ),
        ] {
            v.sql(&meanwhile);
            left_loading(v, path, job);
            {
                let server = Server::start(v);
                let mut operator = server.signed_in("operator", PASSWORD);
                let told = settled(&mut operator, path);
                assert!(told.body.to_lowercase().contains(said), "{job}: {}", told.body);
                assert_eq!(people(v), before, "{job}: nobody is taken on");
            }
            if !after.is_empty() {
                v.sql(after);
            }
        }
    }
}
