//! The pages about a difference: two dates, why something changed, how far it is to the target.

use crate::figures_pages::there;
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::web_lists::the_file_is_the_page;

const PASSWORD: &str = "хороший длинный пароль";
/// A pack of one region: what the pages are asked about.
const PACK: &str = r#"
code = "own"
version = 1
title = "Своя методика"
regions = ["РЕГ-А"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "seen"
title = "Прошли диагностику"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 60 }
zones = [
  { code = "red", title = "Красная", to = 50, to_in = false },
  { code = "green", title = "Зелёная", from = 50 },
]

[[indicator]]
code = "unseen"
title = "Без диагностики"
formula = "share(count(person where not diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "lower_is_better"
targets = { "2023" = 50 }

[[indicator]]
code = "done"
title = "Выполнили ИОМ"
formula = "share(count(person where iom_realised), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 10 }

[[indicator]]
code = "given"
title = "Оценка экспертов"
formula = "expert(max = 3)"
population = "Регион"
unit = "балл"
source = "Записи"
direction = "higher_is_better"
"#;

/// Another pack of the same region: points without zones, no target, a mean of towns, a share above a hundred.
const STEPS: &str = r#"
code = "steps"
version = 1
title = "Ступени"
regions = ["РЕГ-А"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "points"
title = "Диагностика в баллах"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
scale = [
  { from = 0, to = 20, to_in = false, points = 0 },
  { from = 20, to = 60, to_in = false, points = 1 },
  { from = 60, points = 2.5 },
]

[[indicator]]
code = "top"
title = "Диагностика до предела"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 10 }
scale = [
  { from = 0, to = 10, to_in = false, points = 0 },
  { from = 10, points = 3 },
]

[[indicator]]
code = "bare"
title = "Диагностика без цели"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"

[[indicator]]
code = "mean"
title = "Диагностика в среднем"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
aggregate = "mean_of_units"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"

[[indicator]]
code = "teams"
title = "Управленческие команды"
formula = "share(sum(municipality, management_team_trained), sum(municipality, management_team_total))"
population = "Команды"
unit = "%"
source = "Форма"
direction = "higher_is_better"
"#;

/// Two regions; in the first one forty teachers of one school, six of them diagnosed, and ten of another one in another
/// town; an operator of each.
fn world() -> World {
    let mut world = World::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let mut schools = Vec::new();
        for n in 1..=2 {
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
            schools.push(world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town))));
        }
        let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
        let id = region * 100;
        let login = format!("operator-{}", letter.to_lowercase());
        world.also(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
             VALUES ({id}, '{login}', '{hash}', 'active', 1, '2023-01-01 00:00:00', 1)"
        ));
        world.also(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at)
             VALUES ({id}, {id}, 'operator', {region}, '2023-01-01 00:00:00')"
        ));
        for n in 0..50 {
            let who = world.person(region, &format!("{letter}{n:02}"), "1980-01-01");
            world.job(who, schools[usize::from(n >= 40)], "teaching main", "2010-01-01", "");
            if n < 6 {
                world.passage(who, "full", "2023-03-01", 90);
            }
            if n < 3 || n == 20 {
                let account = id + 10 + n;
                world.also(&format!(
                    "INSERT INTO account (id, login, password_hash, person_id, state, auth_version, created_at, version)
                     VALUES ({account}, 'teacher-{letter}{n}', '', {}, 'active', 1, '2023-01-01 00:00:00', 1)",
                    who.id
                ));
            }
            let begun = [
                "2023-02-01 on_agreement",
                "2023-02-02 approved",
                "2023-02-03 active",
                "2023-06-01 closed completed",
            ];
            let states = match n {
                10 => 1,
                20 => 3,
                30 => 4,
                _ => continue,
            };
            world.plan(who, &begun[..states]);
        }
    }
    world
}

fn laid(v: &Vekha) {
    world().lay(v);
    let file = v.file("own.toml", PACK);
    drop(v.run(&["pack", "load", text(&file)]).ok());
    drop(v.run(&["values", "--pack", "own", "--period", "2023"]).ok());
}

/// The same with the other pack and what was entered for it.
fn laid_in_steps(v: &Vekha) {
    laid(v);
    drop(v.run(&["pack", "load", text(&v.file("steps.toml", STEPS))]).ok());
    let forms = "Единица;Показатель или величина;Период;Значение\n\
                 МО-А1;management_team_trained;2023;9\nМО-А1;management_team_total;2023;5\n\
                 МО-А2;management_team_trained;2023;1\nМО-А2;management_team_total;2023;5\n";
    drop(v.run(&["import", "forms", text(&v.file("teams.csv", forms))]).ok());
    drop(v.run(&["values", "--pack", "steps", "--period", "2023"]).ok());
}

/// A page of an indicator of the other pack.
fn in_steps(indicator: &str, page: &str, unit: &str, more: &str) -> String {
    address(indicator, page, unit, more).replacen("/own/", "/steps/", 1)
}

fn code(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

fn address(indicator: &str, page: &str, unit: &str, more: &str) -> String {
    format!(
        "/indicators/own/{indicator}{page}?period=2023&unit={}{more}",
        code(unit)
    )
}

/// The words of a page without its marks.
fn words(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let mut out = String::new();
    let mut inside = false;
    for c in page.body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let out = out.replace('\u{A0}', " ");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(visitor: &mut Visitor, path: &str, what: &[&str]) -> String {
    let said = words(&visitor.get(path));
    for one in what {
        assert!(said.contains(one), "{one}: {said}");
    }
    said
}

/// A diagnosis of somebody, as a file of results would record it.
fn diagnosed(v: &Vekha, numbers: std::ops::Range<i64>) {
    for n in numbers {
        v.sql(&format!(
            "INSERT INTO diagnosis (id, region_id, person_id, procedure_id, kind, held_on, recorded_at)
             SELECT {0}, region_id, id, 1, 'full', '2023-04-01', '2023-04-02 00:00:00' FROM person WHERE snils = 'А{n:02}';
             INSERT INTO diagnosis_result (id, region_id, diagnosis_id, person_id, competence_id, subject, raw_milli, max_milli,
             scale_id, source_sheet, source_row, recorded_at)
             SELECT {0} + 1000, region_id, {0}, id, 1, '', 90000, 100000, 1, '', 1, '2023-04-02 00:00:00' FROM person
             WHERE snils = 'А{n:02}'",
            800_000 + n
        ));
    }
}

/// Zone, and whether the target is reached, counted from the sources.
fn zone(v: &Vekha, indicator: &str) -> (String, bool) {
    let arguments = [
        "values",
        "--pack",
        "own",
        "--period",
        "2023",
        "--unit",
        "ОО-А1",
        "--indicator",
        indicator,
    ];
    let answer = v
        .run(&[&arguments[..], &["--known-at", "2100-01-01", "--format", "json"]].concat())
        .ok();
    let rows: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    let zone = rows[0]["zone"].as_str().unwrap_or_default().to_owned();
    (zone, rows[0]["target_met"].as_bool().expect("a target"))
}

on_both! {
    fn what_was_known_of_a_day_stays_and_what_is_known_today_says_why_it_differs(v: &Vekha) {
        laid(v);
        let path = |unit: &str| address("seen", "/dates", unit, "&on=01.12.2023&known=05.12.2023");
        let known = |v: &Vekha, more: &[&str]| {
            let arguments = ["values", "--pack", "own", "--period", "2023", "--level", "municipality", "--as-of", "2023-12-01"];
            v.run(&[&arguments[..], more].concat()).ok().out
        };
        let before = known(v, &["--known-at", "2023-12-05"]);
        let earlier = {
            let server = Server::start(v);
            let mut operator = server.signed_in("operator-А", PASSWORD);
            says(&mut operator, &path("МО-А1"), &["15,0 %", "6 из 40", "тогда и теперь известно одно и то же"])
        };
        // On the 10th it is recorded that the school has stood in the other town since November.
        v.sql("UPDATE unit_link SET superseded_at = '2023-12-10 00:00:00' WHERE unit_id = (SELECT id FROM unit WHERE code = 'ОО-А1');
               INSERT INTO unit_link (id, region_id, unit_id, parent_id, valid_to, recorded_at)
               SELECT 777771, u.region_id, u.id, p.id, '2023-11-01', '2023-12-10 00:00:00' FROM unit u, unit p WHERE u.code = 'ОО-А1' AND p.code = 'МО-А1';
               INSERT INTO unit_link (id, region_id, unit_id, parent_id, valid_from, recorded_at)
               SELECT 777772, u.region_id, u.id, p.id, '2023-11-01', '2023-12-10 00:00:00' FROM unit u, unit p WHERE u.code = 'ОО-А1' AND p.code = 'МО-А2'");
        assert_eq!(known(v, &["--known-at", "2023-12-05"]), before, "byte for byte");
        assert_ne!(known(v, &[]), before);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let now = says(&mut operator, &path("МО-А2"), &["0 из 10", "6 из 50", "пришли вместе со своей организацией: 40"]);
        assert!(!now.contains("известно одно и то же") && earlier.contains("6 из 40"));
        says(&mut operator, &path("РЕГ-А"), &["12,0 %", "Здесь значение то же, но ниже", "Имя МО-А1 15,0 % (6 из 40) – (0 из 0) ушли вместе со своей организацией: 40"]);
        the_file_is_the_page(&mut operator, &path("РЕГ-А"), 0);
        the_file_is_the_page(&mut operator, &path("МО-А2"), 0);
        let list = address("seen", "/change/people", "МО-А2", "&on=2023-12-01&known=2023-12-05&part=moved_in_with_organisation");
        assert_eq!(the_file_is_the_page(&mut operator, &list, 0), 40);
        says(&mut operator, &list, &["40 записей", "Раньше организация стояла в другом месте: Имя ОО-А1 (Имя МО-А1), в том числе в числителе"]);
        // A version of the pack that is loaded today was not known then.
        let file = v.file("own.toml", PACK.replace("diagnosed(kind in (full))), count(person where pedagogical)", "diagnosed(kind in (full, self))), count(person where pedagogical or leader)").replace("version = 1", "version = 2"));
        drop(v.run(&["pack", "load", text(&file)]).ok());
        assert_eq!(known(v, &["--known-at", "2023-12-05"]), before, "byte for byte");
        says(&mut operator, &path("МО-А2"), &["Методика тогда ещё не была загружена: посчитано по её первой версии, 1. Теперь действует версия 2."]);
        for wrong in ["&on=вчера&known=05.12.2023", "&on=01.12.2023&known=32.12.2023"] {
            let page = operator.get(&address("seen", "/dates", "МО-А2", &code_of(wrong)));
            assert!(page.status == 422 && page.body.contains("Напишите день, месяц и год"), "{}", page.body);
        }
        // Of days that have not come nothing is known; what was typed stays in its field.
        for (of, more, typed) in [
            ("/dates", "&on=01.12.2023&known=02.11.2098", "02.11.2098"),
            ("/dates", "&on=01.12.2098&known=05.12.2023", "01.12.2098"),
            ("/change", "&from=01.02.2098&to=01.06.2098", "01.06.2098"),
        ] {
            for (login, town) in [("operator-А", "МО-А2"), ("operator-Б", "МО-Б2")] {
                let page = server.signed_in(login, PASSWORD).get(&address("seen", of, town, more));
                let told = page.status == 422 && page.body.contains("Этот день ещё не настал");
                assert!(told, "a day to come is told of: {more}: {}", page.body);
                assert!(page.body.contains(&format!("value=\"{typed}\"")) && !page.body.contains("ничего не изменилось"), "{}", page.body);
            }
        }
        let list = address("seen", "/change/people", "МО-А2", "&on=2023-12-01&known=2098-12-05&part=moved_in_with_organisation");
        assert_eq!(operator.get(&list).status, 404, "a list of a day to come");
        assert_eq!(server.signed_in("operator-Б", PASSWORD).get(&path("МО-А1")).status, 404, "not of another region");
    }

    fn an_indicator_that_a_new_version_drops_says_since_when_and_opens_its_last_passport(v: &Vekha) {
        laid(v);
        let (before, rest) = PACK.split_once("[[indicator]]\ncode = \"unseen\"").expect("the indicator");
        let (_, after) = rest.split_once("[[indicator]]").expect("the next one");
        let next = format!("{before}[[indicator]]{after}").replacen("version = 1", "version = 2", 1);
        drop(v.run(&["pack", "load", text(&v.file("own.toml", next))]).ok());
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let path = address("unseen", "", "МО-А1", "");
        let page = operator.get(&path);
        let told = page.body.contains("нет в методике с версии 2") && page.body.contains("Без диагностики");
        assert!(page.status == 404 && told, "since which version: {} {}", page.status, page.body);
        let mut links = page.body.split("href=\"").filter_map(|part| part.split('"').next());
        let passport = links.find(|href| href.starts_with("/indicators/own/unseen/passport?")).expect("the last passport");
        let passport = passport.replace("&#x3D;", "=").replace("&amp;", "&");
        says(&mut operator, &passport, &["Без диагностики", "Версия 2, действует"]);
        assert!(page.body.contains("Выпущенные значения"), "{}", page.body);
        // The others stay; what no version ever had, and what lies in another region, is simply not there.
        says(&mut operator, &address("seen", "", "МО-А1", ""), &["15,0 %"]);
        let mut south = server.signed_in("operator-Б", PASSWORD);
        for none in [operator.get(&address("never", "", "МО-А1", "")), south.get(&path), operator.get(&format!("{path}&as=xlsx"))] {
            assert!(none.status == 404 && !none.body.contains("с версии"), "{}", none.body);
        }
    }

    fn a_page_says_why_a_value_changed_and_every_number_opens_its_list(v: &Vekha) {
        laid(v);
        v.sql("UPDATE employment SET valid_to = '2023-05-01' WHERE person_id = (SELECT id FROM person WHERE snils = 'А01');
               UPDATE employment SET valid_from = '2023-05-15' WHERE person_id = (SELECT id FROM person WHERE snils = 'А45');
               UPDATE employment SET valid_to = '2023-04-15' WHERE person_id = (SELECT id FROM person WHERE snils = 'А44');
               INSERT INTO employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, valid_from, recorded_at)
               SELECT 777773, p.region_id, p.id, u.id, 'учитель', 'teaching', 'main', '2023-04-15', '2023-01-01 00:00:00' FROM person p, unit u
               WHERE p.snils = 'А44' AND u.code = 'ОО-А1'");
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        says(&mut operator, &address("seen", "", "МО-А1", ""), &["Почему изменилось", "Две даты"]);
        let path = |unit: &str| address("seen", "/change", unit, "&from=01.02.2023&to=01.06.2023");
        says(&mut operator, &path("МО-А1"), &[
            "0 из 40", "5 из 40", "Было 0,0 %, стало 12,5 %", "Больше всего повлияло: вошли в числитель: 5 (+12,5 п. п.)",
            "Перешли сюда из других мест региона 1 0 +1", "Вошли в числитель 5 +5 0", "Ушли 1 0 −1", "Вместе – +5 0 +12,5",
        ]);
        // Tenths would say −2,2 and +2,6 of a value that goes from 12,5 to 12,8: there are as many decimals as add up.
        v.sql("UPDATE employment SET valid_to = '2023-05-01' WHERE person_id = (SELECT id FROM person WHERE snils = 'Б01');
               UPDATE diagnosis SET held_on = '2023-05-02' WHERE person_id = (SELECT id FROM person WHERE snils = 'Б05')");
        let mut south = server.signed_in("operator-Б", PASSWORD);
        let turn = address("seen", "/change", "МО-Б1", "&from=15.03.2023&to=01.06.2023");
        says(&mut south, &turn, &[
            "Было 12,50 %, стало 12,82 %", "Ушли 1 −1 −1 −2,24", "Вошли в числитель 1 +1 0 +2,56", "Вместе – 0 −1 +0,32",
        ]);
        the_file_is_the_page(&mut south, &turn, 0);
        let region = says(&mut operator, &path("РЕГ-А"), &["Пришли 1 0 +1", "Ушли 1 0 −1"]);
        assert!(!region.contains("Перешли"), "nobody moves within the whole: {region}");
        // A first day after the last one is refused in words, and what was typed stays.
        let turned = address("seen", "/change", "МО-А1", "&from=01.06.2023&to=01.02.2023");
        let page = operator.get(&turned);
        assert_eq!(page.status, 422, "{}", page.body);
        for kept in ["Последний день раньше первого", "value=\"01.06.2023\"", "value=\"01.02.2023\""] {
            assert!(page.body.contains(kept), "{kept}: {}", page.body);
        }
        assert_eq!(operator.get(&format!("{turned}&as=xlsx")).status, 400);
        assert_eq!(operator.get(&address("seen", "/change", "МО-А1", "&from=01.06.2023&to=01.06.2023")).status, 200);
        let list = |part: &str| address("seen", "/change/people", "МО-А1", &format!("&from=2023-02-01&to=2023-06-01&part={part}"));
        says(&mut operator, &list("moved_in"), &["1 запись", "А44", "Раньше: Имя ОО-А2 (Имя МО-А2)"]);
        says(&mut operator, &list("left"), &["А01", "Последний день работы 30.04.2023"]);
        says(&mut operator, &list("achieved"), &["5 записей", "Раньше: нет диагностики в периоде"]);
        says(&mut operator, &list("formula"), &["Здесь никого нет"]);
        the_file_is_the_page(&mut operator, &path("МО-А1"), 0);
        assert_eq!(the_file_is_the_page(&mut operator, &list("achieved"), 0), 5);
        let file = list("achieved").replace("/people?", "/people/file?");
        assert_eq!(server.signed_in("operator-Б", PASSWORD).get(&file).status, 404);
        assert_eq!(operator.get(&list("other")).status, 404, "no part is called other");
        assert_eq!(operator.get(&address("given", "/change", "РЕГ-А", "")).status, 400, "points have no parts");
        assert!(!operator.get(&address("given", "", "РЕГ-А", "")).body.contains("Почему изменилось"));
        assert_eq!(server.signed_in("operator-Б", PASSWORD).get(&list("left")).status, 404);
    }

    fn fourteen_more_change_the_zone_and_thirteen_do_not(v: &Vekha) {
        laid(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        says(&mut operator, &address("seen", "", "ОО-А1", ""), &["Ещё 18 до цели", "Ещё 14 до зоны «Зелёная»"]);
        says(&mut operator, &address("seen", "/target", "ОО-А1", ""), &["Не хватает: 14 человек", "Не хватает: 18 человек", "Только в знаменателе: 34 человека", "Нет диагностики в периоде"]);
        says(&mut operator, &address("unseen", "", "ОО-А1", ""), &["На 14 меньше до цели"]);
        assert_eq!(zone(v, "seen"), ("red".into(), false));
        diagnosed(v, 6..19);
        assert_eq!((zone(v, "seen").0, zone(v, "unseen").1), ("red".into(), false), "thirteen are too few");
        diagnosed(v, 19..20);
        assert_eq!((zone(v, "seen"), zone(v, "unseen").1), (("green".into(), false), true), "fourteen are enough");
        diagnosed(v, 20..23);
        assert!(!zone(v, "seen").1, "seventeen do not reach the target");
        diagnosed(v, 23..24);
        assert!(zone(v, "seen").1, "eighteen do");
    }

    fn two_more_give_the_next_points_and_one_does_not(v: &Vekha) {
        laid_in_steps(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        says(&mut operator, &in_steps("points", "", "ОО-А1", ""), &["Ещё 2 до 1 балла"]);
        let target = in_steps("points", "/target", "ОО-А1", "");
        let said = says(&mut operator, &target, &["Цели на 2023 год нет.", "До 1 балла. Не хватает: 2 человека.", "Кто ближе всего", "Только в знаменателе: 34 человека"]);
        assert!(!said.contains("До зоны"), "the passport names no zones: {said}");
        let points = |v: &Vekha| {
            let asked = ["values", "--pack", "steps", "--period", "2023", "--unit", "ОО-А1", "--indicator", "points"];
            let rows = v.run(&[&asked[..], &["--known-at", "2100-01-01"]].concat()).ok().rows();
            rows[0]["points"].clone()
        };
        assert_eq!(points(v), "0");
        diagnosed(v, 6..7);
        assert_eq!(points(v), "0", "one is too few");
        diagnosed(v, 7..8);
        assert_eq!(points(v), "1", "two are enough");
        assert_eq!(server.signed_in("operator-Б", PASSWORD).get(&target).status, 404);
    }

    fn where_nothing_is_left_to_reach_the_page_says_so_and_what_can_be_done(v: &Vekha) {
        laid_in_steps(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let top = says(&mut operator, &in_steps("top", "/target", "ОО-А1", ""), &["Цель 10 % достигнута.", "Это наибольшие баллы шкалы: 3.", "Осталось удержать"]);
        let bare = says(&mut operator, &in_steps("bare", "/target", "ОО-А1", ""), &["Цели на 2023 год нет.", "Зон и баллов у показателя тоже нет", "Задайте цель в методике"]);
        let mean = says(&mut operator, &in_steps("mean", "/target", "РЕГ-А", ""), &["среднее 2 муниципалитетов: откройте муниципалитет"]);
        for said in [&top, &bare, &mean] {
            assert!(!said.contains("Не хватает") && !said.contains("Ближайшей цели или зоны"), "{said}");
        }
        // In a school the same indicator is a count of people.
        says(&mut operator, &in_steps("mean", "", "МО-А1", ""), &["6 в числителе", "34 только в знаменателе"]);
    }

    fn a_mean_of_towns_is_called_a_mean_and_no_fraction(v: &Vekha) {
        laid_in_steps(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let region = says(&mut operator, &in_steps("mean", "", "РЕГ-А", ""), &["7,5 %", "среднее 2 муниципалитетов"]);
        assert!(!region.contains("15 в числителе") && !region.contains("2 в знаменателе"), "{region}");
        // Between the two days the first town has come from nothing to fifteen per cent, the other one has stayed.
        let change = in_steps("mean", "/change", "РЕГ-А", "&from=2023-02-01&to=2023-06-01");
        let said = says(&mut operator, &change, &["Было 0,0 %, стало 7,5 %.", "среднее 2 муниципалитетов", "Сумма значений", "+7,5"]);
        assert!(!said.contains("15 из 2") && !said.contains("Числитель"), "{said}");
        let dates = says(&mut operator, &in_steps("mean", "/dates", "РЕГ-А", ""), &["7,5 %", "среднее 2 муниципалитетов"]);
        assert!(!dates.contains("15 из 2"), "{dates}");
        // The columns for machines stay as they are.
        let asked = ["values", "--pack", "steps", "--period", "2023", "--unit", "РЕГ-А", "--indicator", "mean"];
        let rows = v.run(&asked).ok().rows();
        assert_eq!((&*rows[0]["numerator"], &*rows[0]["denominator"], &*rows[0]["value"]), ("15", "2", "7.5"));
    }

    fn a_share_above_a_hundred_is_shown_as_it_is_and_the_page_says_why(v: &Vekha) {
        laid_in_steps(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let why = "больше 100 %: по определению числитель не часть знаменателя";
        says(&mut operator, &in_steps("teams", "", "МО-А1", ""), &["180,0 %", why]);
        let region = says(&mut operator, &in_steps("teams", "", "РЕГ-А", ""), &["100,0 %", "180,0 %", "Доля больше 100 % показана как есть"]);
        assert!(!region.contains(why), "the region itself is not above it: {region}");
        says(&mut operator, &in_steps("teams", "/passport", "РЕГ-А", ""), &["может быть больше 100 %: числитель по определению не часть знаменателя"]);
        let map = format!("/indicators/map?pack=steps&period=2023&unit={}", code("РЕГ-А"));
        says(&mut operator, &map, &["180,0 %", "Доля больше 100 % показана как есть"]);
        let below = says(&mut operator, &in_steps("bare", "", "РЕГ-А", ""), &["12,0 %"]);
        assert!(!below.contains("больше 100"), "{below}");
    }

    fn nobody_is_reminded_of_a_year_that_is_over(v: &Vekha) {
        laid(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let near = says(&mut operator, &address("done", "/target", "ОО-А1", ""), &["Кто ближе всего", "Период закончился 31.12.2023"]);
        assert!(!near.contains("Напомнить"), "{near}");
        let path = address("done", "/target/remind", "ОО-А1", "");
        let asked = operator.get(&path);
        assert!(words(&asked).contains("Период закончился 31.12.2023") && !asked.body.contains("Отправить"), "{}", asked.body);
        let refused = operator.send(&asked, &path, &[]);
        assert!(refused.status == 409 && refused.body.contains("напоминаний о нём не отправляют"), "{}", refused.body);
        assert_eq!(v.query("SELECT count(*) FROM outbox_mail WHERE kind = 'indicator_reminder'"), ["0"]);
    }

    fn the_nearest_come_first_and_get_one_letter_a_week(v: &Vekha) {
        laid(v);
        // The year still goes on.
        v.sql("UPDATE fact_period SET ends_on = '2099-12-31' WHERE code = '2023'");
        let server = Server::start(v);
        let mut operator = server.signed_in("operator-А", PASSWORD);
        let near = says(&mut operator, &address("done", "/target", "ОО-А1", ""), &["Не хватает: 3 человека", "ИОМ не реализован в периоде"]);
        let place = |what: &str| there(near.find(what), &(what, &near));
        let order = ["Ближайшим", "ИОМ действует", "ИОМ на согласовании", "Диагностика пройдена, ИОМ нет", "Нет ни диагностики, ни ИОМ"];
        for pair in order[1..].windows(2) {
            assert!(place(pair[0]) < place(pair[1]), "{pair:?}: {near}");
        }
        let path = address("done", "/target/remind", "ОО-А1", "");
        let asked = operator.get(&path);
        assert!(words(&asked).contains("Напомнить: 39 человек?") && words(&asked).contains("Фамилия А20"), "{}", asked.body);
        let send = |operator: &mut Visitor, page: &Page| {
            let done = operator.send(page, &path, &[]);
            assert_eq!(done.status, 303, "{}", done.body);
            let to = done.header("location").to_owned();
            words(&operator.get(&to))
        };
        // Those three who have an account and the one with the plan; all in the school but the one who has carried out the plan.
        let said = send(&mut operator, &asked);
        assert!(said.contains("Отправлено 4, пропущено 35: 35 — нет учётной записи"), "{said}");
        let again = send(&mut operator, &asked);
        assert!(again.contains("Отправлено 0, пропущено 39: 4 — напоминали за последние семь дней, 35 — нет учётной записи"), "{again}");
        assert_eq!(v.query("SELECT count(*) FROM outbox_mail WHERE kind = 'indicator_reminder'"), ["4"]);
        v.sql("UPDATE outbox_mail SET created_at = '2023-01-01 00:00:00', dedup_key = 'then'");
        assert!(send(&mut operator, &asked).contains("Отправлено 4"), "another week");
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'indicator.remind' ORDER BY id");
        assert_eq!(noted.len(), 3);
        assert!(noted[0].contains("sent=4 lately=0 nobody=35"), "{noted:?}");
        assert_eq!(server.signed_in("operator-Б", PASSWORD).get(&path).status, 404);
    }
}

fn code_of(query: &str) -> String {
    let value = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", code(value)),
        None => pair.to_owned(),
    };
    query.split('&').map(value).collect::<Vec<_>>().join("&")
}
