//! Authorities of municipalities and centres of evaluation: each is a body of its pack, and whoever acts for it holds what
//! is its own and nothing beyond.

use chrono::Datelike as _;

use crate::figures_pages::{at, number as figure, table, tables};
use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server};
use crate::web_pack_bodies::{TOWNS, bodies_of_a_pack_are_kept};
use crate::web_registers::{code, found, sent, signed};
use crate::world::{NORTH, SOUTH, number, snils, unit};

/// Accounts with one role over a unit, beside those of the world; they have the password of the others.
fn accounts(v: &Vekha, all: &[(&str, &str, i64)]) {
    for (id, (login, role, over)) in (700..).zip(all) {
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
             SELECT {id}, '{login}', password_hash, 'active', 1, created_at, 1 FROM account WHERE login = 'operator';
             INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at)
             VALUES ({id}, {id}, '{role}', {over}, '2022-01-01 00:00:00')"
        ));
    }
}

/// A programme from a file: code, hours, form as a file and as an address say it, who gives it, what it teaches.
type Programme = (
    &'static str,
    i64,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The first cells of the first table of a page that begins so.
fn firsts(page: &Page, caption: &str) -> Vec<String> {
    let all = tables(page);
    let found = all.iter().find(|t| t.caption.starts_with(caption));
    found.map_or_else(Vec::new, |t| t.rows.iter().skip(1).map(|row| row[0].clone()).collect())
}

/// A hidden field of a form.
fn hidden(page: &Page, name: &str) -> String {
    let rest = page
        .body
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .expect(name);
    rest.split('"').next().expect("its end").to_owned()
}

on_both! {
    // rows: TY-F10, CH-F06
    fn authorities_of_municipalities_are_made_and_hold_their_services_and_schools(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "tyumen", &["TO-MOUO"]);
        v.sql("DELETE FROM body_member; DELETE FROM body");
        accounts(v, &[
            ("mouo", "municipal_authority", unit(NORTH, 1)), ("mouo-far", "municipal_authority", unit(NORTH, 5)),
            ("mouo-south", "municipal_authority", unit(SOUTH, 1)),
        ]);
        let _pack = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let server = Server::start(v);
        let (mut operator, mut south) = (signed(&server, "operator"), signed(&server, "south"));
        let page = operator.get("/bodies/packs?pack=chelyabinsk");
        let _made = sent(&mut operator, &page, "/bodies/packs", &[("pack", "chelyabinsk")]);
        // Each town has its authority, and the service that the authority answers for.
        assert_eq!(found(&mut operator, "/bodies?kind=authority&level=municipal"), TOWNS.len());
        for kind in ["authority", "methodical_service"] {
            assert_eq!(found(&mut south, &format!("/bodies?kind={kind}")), 0);
            for town in TOWNS {
                let path = format!("/bodies?kind={kind}&unit={}", code(town));
                assert_eq!(found(&mut operator, &path), 1, "{path}");
            }
        }
        // What the two agree upon is dated and belongs to the town.
        let laid = TOWNS.map(|town| format!(
            "Д-{town};Соглашение;О службе {town};муниципальный;{town};01.09.2022;;идёт;5;30.08.2022;\"CO-MOUO-{town}; CO-MMS-{town}\"\n"
        ));
        let head = "Код;Вид;Название;Уровень;Единица;С;По;Состояние;Номер акта;Дата акта;Стороны\n";
        let _agreed = v.import("undertakings", &format!("{head}{}", laid.concat()));
        for town in TOWNS {
            let page = operator.get(&format!("/undertakings?kind=agreement&unit={}", code(town)));
            assert!(page.body.contains("Найдено: 1") && page.body.contains(&format!("О службе {town}")), "{town}: {}", page.body);
        }
        // The authority opens on its own schools, sees the people of none, and says what its municipality has to say.
        for (login, town, schools) in [("mouo", "С1", &["С2", "С3"][..]), ("mouo-far", "С5", &["С6"]), ("mouo-south", "Ю1", &["Ю2", "Ю3"])] {
            let mut who = signed(&server, login);
            assert_eq!(who.get("/").header("location"), "/schools", "{login}");
            let page = who.get("/coverage");
            assert_eq!(page.status, 200, "{login}: {}", page.body);
            assert!(!page.body.contains("Фамилия"), "{login}: {}", page.body);
            for of in ["С1", "С2", "С3", "С5", "С6", "Ю1", "Ю2", "Ю3"] {
                let own = of == town || schools.contains(&of);
                let status = if own { 200 } else { 404 };
                assert_eq!(who.get(&format!("/forms?unit={}&period=2023", code(of))).status, status, "{login} {of}");
                let path = format!("/vacancies?unit={}", code(of));
                assert_eq!(who.get(&path).status, status, "{login} {path}");
            }
            let form = who.get(&format!("/forms?unit={}&period=2023", code(town)));
            let seen = hidden(&form, "seen");
            let fields = [("unit", town), ("period", "2023"), ("seen", seen.as_str()), ("mun_zemsky_vacancies", "3"), ("mun_zemsky_vacancies_closed", "2")];
            assert_eq!(who.send(&form, "/forms", &fields).status, 303, "{login}");
        }
        let page = operator.get(&at("/indicators/chelyabinsk/4.2", "chelyabinsk", "2023", ""));
        let told = table(&page, "4.2:");
        for town in TOWNS {
            assert_eq!(["В числителе", "Всего"].map(|head| figure(told.cell(town, head))), [Some(2.0), Some(3.0)], "{told:?}");
        }
        assert!(!page.body.contains("Ю1"));
        let _whole = v.run(&["check"]).ok();
    }

    // rows: TY-F15, CH-F16
    fn a_centre_of_evaluation_holds_procedures_and_examinations_and_routes_begin_from_them(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "chelyabinsk", &["CO-COP"]);
        accounts(v, &[
            ("centre", "assessment_operator", unit(NORTH, 0)), ("centre-south", "assessment_operator", unit(SOUTH, 0)),
            ("staff", "cnppm_staff", unit(NORTH, 0)),
        ]);
        let server = Server::start(v);
        let mut centre = signed(&server, "centre");
        assert_eq!(centre.get("/").header("location"), "/diagnostics");
        let form = centre.get("/diagnostics/new");
        for (name, kind, level) in [("ВЕСНА", "full", "regional"), ("ВХОД", "entry", "municipal"), ("ЗАКАЗ", "corporate_order", "regional")] {
            let key = hidden(&centre.get("/diagnostics/new"), "key");
            let said = [
                ("key", &*key), ("name", name), ("kind", kind), ("level", level), ("code", name), ("from", "01.02.2023"), ("to", "15.02.2023"),
                ("valid", "3650"), ("organiser", "С4"),
            ];
            let made = centre.send(&form, "/diagnostics/new", &said);
            assert_eq!(made.status, 303, "{name}: {}", made.body);
        }
        // Results of a year, each person once in each.
        let year = today().year() - 1;
        let took: [(i64, &str, &str, i64); 6] = [
            (11, "ВЕСНА", "полная", 4), (12, "ВЕСНА", "полная", 5), (31, "ВЕСНА", "полная", 4), (41, "ВЕСНА", "полная", 10),
            (13, "ВХОД", "входная", 4), (31, "ЗАКАЗ", "корпоративный заказ", 4),
        ];
        let _groups = v.import("competences", "Код;Группа;Наименование\nУ1;methodical;Ведёт урок\n");
        let mut file = String::from("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n");
        for (n, procedure, kind, score) in took {
            file.push_str(&format!("{};{procedure};{kind};05.02.{year};У1;{score};10\n", snils(n)));
        }
        let _results = v.import("results", &file);
        for (kind, name, level, there) in [("full", "ВЕСНА", "regional", 2), ("entry", "ВХОД", "municipal", 1), ("corporate_order", "ЗАКАЗ", "regional", 2)] {
            let page = centre.get(&format!("/diagnostics?kind={kind}"));
            assert_eq!(firsts(&page, "Диагностики"), [name], "{}", page.body);
            assert!(page.body.contains("Найдено: 1"), "{}", page.body);
            let page = centre.get(&format!("/diagnostics?level={level}"));
            assert_eq!(firsts(&page, "Диагностики").len(), there, "{level}: {}", page.body);
            let page = centre.get(&format!("/diagnostics/procedure?code={}", code(name)));
            assert!(page.body.contains("Проводит</dt><dd>С4"), "{name}: {}", page.body);
            // Whoever opens no list of people is told no small number.
            assert!(!page.body.contains("Фамилия"), "{}", page.body);
            let page = signed(&server, "operator").get(&format!("/diagnostics?kind={kind}"));
            let row = table(&page, "Диагностики");
            let of = |deficit: bool| took.iter().filter(|t| t.1 == name && (!deficit || t.3 < 8)).count() as f64;
            assert_eq!(figure(row.cell(name, "Участники")), Some(of(false)), "{row:?}");
            assert_eq!(figure(row.cell(name, "С дефицитами")), Some(of(true)), "{row:?}");
        }
        assert_eq!(centre.get("/diagnostics?kind=x").status, 404);
        let mut other = signed(&server, "centre-south");
        assert!(other.get("/diagnostics").body.contains("Диагностик пока нет"));
        assert_eq!(other.get(&format!("/diagnostics/procedure?code={}", code("ВЕСНА"))).status, 404);
        // Routes begin from a procedure: one for each of its people with a deficit.
        let mut staff = signed(&server, "staff");
        let preview = staff.get(&format!("/drafting?procedure={}", code("ВЕСНА")));
        let made = took.iter().filter(|t| t.1 == "ВЕСНА" && t.3 < 8).count();
        let fields = [("procedure", "ВЕСНА"), ("unit", ""), ("expected", &*hidden(&preview, "expected"))];
        assert_eq!(staff.send(&preview, "/drafting", &fields).status, 303, "{}", preview.body);
        let of = |name: &str| format!("/plans?state=all&procedure={}", code(name));
        assert_eq!((found(&mut staff, &of("ВЕСНА")), found(&mut staff, &of("ВХОД"))), (made, 0));
        // The operator of the monitoring counts the people of the same procedures.
        let _opened = v.run(&["values", "--pack", "chelyabinsk", "--period", &year.to_string(), "--level", "region"]).ok();
        let mut operator = signed(&server, "operator");
        let page = operator.get(&at("/indicators/chelyabinsk/1.1", "chelyabinsk", &year.to_string(), ""));
        let told = table(&page, "1.1:");
        for (town, inside) in [("С1", 11..40), ("С5", 40..50)] {
            let people: std::collections::BTreeSet<i64> =
                took.iter().filter(|t| t.1 != "ВХОД" && inside.contains(&t.0)).map(|t| t.0).collect();
            assert_eq!(figure(told.cell(town, "В числителе")), Some(people.len() as f64), "{town}: {told:?}");
        }
        // The centre is where examinations are taken.
        let exams = [(11, "professional", "passed"), (12, "professional", "failed"), (41, "demonstration", "passed"), (61, "demonstration", "passed")];
        let mut file = String::from("СНИЛС;Вид;С;Название;Результат;Организатор\n");
        for (n, kind, result) in exams {
            file.push_str(&format!("{};exam/{kind};20.04.2023;Экзамен;{result};CO-COP\n", snils(n)));
        }
        let _loaded = v.import("activities", &file);
        for kind in ["professional", "demonstration"] {
            for result in ["passed", "failed"] {
                let there = exams.iter().filter(|e| e.0 < 60 && e.1 == kind && e.2 == result).count();
                assert_eq!(found(&mut operator, &format!("/activities?kind=exam%2F{kind}&result={result}")), there, "{kind} {result}");
            }
        }
        let at_centre = "SELECT count(*) AS n FROM activity a JOIN body b ON b.id = a.body_id WHERE b.code = 'CO-COP'";
        assert_eq!(number(v, at_centre), 3, "the south has no such centre");
        let _whole = v.run(&["check"]).ok();
    }

    // rows: CH-F32
    fn the_bank_of_procedures_and_the_bank_of_programmes_are_searched(v: &Vekha) {
        let server = crate::web_registers::world(v);
        accounts(v, &[("staff", "cnppm_staff", unit(NORTH, 0)), ("staff-south", "cnppm_staff", unit(SOUTH, 0))]);
        let held = [
            ("staff", "Предметная весной", "full", "regional"), ("staff", "Предметная осенью", "full", "federal"),
            ("staff", "Входная района", "entry", "municipal"), ("staff", "Заказ школы", "corporate_order", "school"),
            ("staff", "Вторая проба", "follow_up", "regional"), ("staff-south", "Проба юга", "full", "regional"),
        ];
        for (login, name, kind, level) in held {
            let mut who = signed(&server, login);
            let form = who.get("/diagnostics/new");
            let key = hidden(&form, "key");
            let organiser = if login == "staff" { "С4" } else { "Ю4" };
            let said = [
                ("key", &*key), ("name", name), ("kind", kind), ("level", level), ("code", name), ("from", "01.10.2030"), ("to", "15.10.2030"),
                ("organiser", organiser), ("statute", "https://example.org/statute"), ("instrument", "https://example.org/tool"),
            ];
            assert_eq!(who.send(&form, "/diagnostics/new", &said).status, 303, "{name}");
        }
        for login in ["staff", "staff-south"] {
            let mut who = signed(&server, login);
            let asked = |kind: &str, level: &str| {
                let all = held.iter().filter(|h| h.0 == login && (kind.is_empty() || h.2 == kind) && (level.is_empty() || h.3 == level));
                let mut names: Vec<&str> = all.map(|h| h.1).collect();
                names.sort_unstable();
                names
            };
            for kind in ["", "full", "self", "entry", "corporate_order", "follow_up"] {
                for level in ["", "federal", "regional", "municipal", "school"] {
                    let path = format!("/diagnostics?kind={kind}&level={level}");
                    let mut shown = firsts(&who.get(&path), "Диагностики");
                    shown.sort_unstable();
                    assert_eq!(shown, asked(kind, level), "{login} {path}");
                    assert_eq!(found(&mut who, &path), shown.len(), "{login} {path}");
                }
            }
            // The file of what is found holds the same.
            let book = crate::figures_pages::sheets(&mut who, "/diagnostics?kind=full");
            assert_eq!(book[0].1.len(), 1 + asked("full", "").len(), "{login}: {book:?}");
        }
        let page = signed(&server, "staff").get(&format!("/diagnostics/procedure?code={}", code(held[0].1)));
        for words in ["https://example.org/statute", "https://example.org/tool", "01.10.2030 – 15.10.2030"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        // Programmes: a teacher finds those of the own region by what they teach, by form and by volume.
        let laid: [Programme; 5] = [
            ("Б1", 16, "очная", "full_time", "С4", "К1"), ("Б2", 36, "заочная", "extramural", "С4", "К2"), ("Б3", 72, "очная", "full_time", "С4", "К3"),
            ("Б4", 108, "очно-заочная", "mixed", "С4", "К1"), ("Б5", 36, "очная", "full_time", "Ю4", "К1"),
        ];
        let mut file = String::from("Код;Название;Вид;Часы;Форма;Организация;Компетенции\n");
        for (code, hours, form, _, provider, competence) in laid {
            file.push_str(&format!("{code};Курс {code};ПК;{hours};{form};{provider};{competence}\n"));
        }
        let _loaded = v.import("programmes", &file);
        for (login, provider) in [("teacher", "С4"), ("teacher-south", "Ю4")] {
            let mut who = signed(&server, login);
            let own = |fits: &dyn Fn(&Programme) -> bool| laid.iter().filter(|l| l.4 == provider && fits(l)).count();
            let q = format!("q={}", code("курс"));
            assert_eq!(found(&mut who, &format!("/courses?{q}")), own(&|_| true), "{login}");
            for form in ["full_time", "extramural", "mixed"] {
                if own(&|l| l.3 == form) > 0 {
                    assert_eq!(found(&mut who, &format!("/courses?{q}&form={form}")), own(&|l| l.3 == form), "{login} {form}");
                }
            }
            for (hours, most) in [("24", 0..25), ("36", 25..37), ("72", 37..73), ("more", 73..1000)] {
                assert_eq!(found(&mut who, &format!("/courses?{q}&hours={hours}")), own(&|l| most.contains(&l.1)), "{login} {hours}");
            }
            for competence in ["К1", "К2", "К3"] {
                let there = own(&|l| l.5 == competence);
                if there > 0 {
                    assert_eq!(found(&mut who, &format!("/courses?{q}&competence={}", code(competence))), there, "{login} {competence}");
                }
            }
        }
    }

    // rows: CH-F28
    fn procedures_routes_and_programmes_of_a_region_stand_on_one_platform(v: &Vekha) {
        let server = crate::web_registers::world(v);
        let north = unit(NORTH, 0);
        accounts(v, &[("staff", "cnppm_staff", north), ("head", "cnppm_head", north), ("curator", "curator", north), ("head-south", "cnppm_head", unit(SOUTH, 0))]);
        let (mut staff, mut head) = (signed(&server, "staff"), signed(&server, "head"));
        // A procedure, and a route for each of its people with a deficit.
        let form = staff.get("/diagnostics/new");
        let key = hidden(&form, "key");
        let said = [("key", &*key), ("name", "ВЕСНА"), ("kind", "full"), ("level", "regional"), ("code", "ВЕСНА"), ("organiser", "С4")];
        assert_eq!(staff.send(&form, "/diagnostics/new", &said).status, 303);
        let year = today().year();
        let people: [(i64, i64); 4] = [(11, 4), (12, 10), (31, 4), (41, 4)];
        let mut file = String::from("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n");
        for (n, score) in people {
            file.push_str(&format!("{};ВЕСНА;полная;05.02.{};К1;{score};10\n", snils(n), year - 1));
        }
        let _results = v.import("results", &file);
        assert_eq!(found(&mut staff, "/diagnostics?kind=full&level=regional"), 1);
        let preview = staff.get(&format!("/drafting?procedure={}", code("ВЕСНА")));
        let fields = [("procedure", "ВЕСНА"), ("unit", ""), ("expected", &*hidden(&preview, "expected"))];
        assert_eq!(staff.send(&preview, "/drafting", &fields).status, 303, "{}", preview.body);
        let routes = people.iter().filter(|(_, score)| *score < 8).count();
        // One of them is kept elsewhere: the lists tell it from the others.
        v.sql("UPDATE iom SET on_platform = FALSE WHERE person_id = 1041");
        for (query, there) in [("", routes), ("&platform=yes", routes - 1), ("&platform=no", 1), ("&platform=yes&unit=%D0%A15", 0)] {
            assert_eq!(found(&mut head, &format!("/plans?state=all{query}")), there, "{query}");
        }
        assert_eq!(found(&mut signed(&server, "head-south"), "/plans?state=all"), 0);
        // Nobody of the schools has done anything on the platform this year; then one teacher agrees and applies for a course.
        let mut operator = signed(&server, "operator");
        assert_eq!(found(&mut operator, "/platform-use?used=yes"), 0);
        let day = today();
        let acts = [("send", "staff"), ("agree", "teacher"), ("approve", "head"), ("start", "curator")];
        let acts: Vec<String> = acts.iter().map(|(act, by)| format!("11,{act},,{day},{by},,")).collect();
        crate::web_notices::apply(v, &acts);
        let mut teacher = signed(&server, "teacher");
        assert_eq!(found(&mut teacher, "/courses"), 2, "programmes of the own region");
        assert_eq!(found(&mut signed(&server, "teacher-south"), "/courses"), 0);
        let check = teacher.get("/courses/1/apply");
        assert_eq!(teacher.send(&check, "/courses/1/apply", &[]).status, 303, "{}", check.body);
        for (login, sees) in [("director", true), ("director-3", false), ("director-far", false)] {
            let page = signed(&server, login).get("/applications");
            assert_eq!(page.body.contains("Фамилия11"), sees, "{login}: {}", page.body);
        }
        // The school of that teacher uses the platform, and the indicator counts it.
        let page = operator.get("/platform-use?used=yes");
        assert!(page.body.contains("Найдено: 1") && page.body.contains(">С2<"), "{}", page.body);
        assert_eq!(found(&mut signed(&server, "south"), "/platform-use?used=yes"), 0);
        let _pack = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let _opened = v.run(&["values", "--pack", "chelyabinsk", "--period", &year.to_string(), "--level", "region"]).ok();
        let page = operator.get(&at("/indicators/chelyabinsk/9.1", "chelyabinsk", &year.to_string(), ""));
        let told = table(&page, "9.1:");
        for (town, schools, used) in [("С1", 2.0, 1.0), ("С5", 1.0, 0.0)] {
            assert_eq!(["В числителе", "Всего"].map(|head| figure(told.cell(town, head))), [Some(used), Some(schools)], "{town}: {told:?}");
        }
        let _whole = v.run(&["check"]).ok();
    }
}
