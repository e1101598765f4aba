//! The cycle of a system: its stages with those who answer and the documents, its calendar with one's own tasks, marks and
//! reminders. What is compared was typed from the sources.

use chrono::{Datelike, NaiveDate};

use crate::figures_pages::{Table, plain, table, tables, there};
use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_notices::remind;
use crate::web_registers::hidden;
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
pub const FAR_MUNICIPALITY: i64 = 5;
pub const FAR_SCHOOL: i64 = 6;

/// Two regions; the northern one has the code of a system, so that its pack is its own.
pub fn world(v: &Vekha, code: &str) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    world.teacher(1011, 11, NORTH, 2);
    for (id, (login, person, role, over)) in (1..).zip([
        ("operator", None, "operator", unit(NORTH, 0)),
        ("south", None, "operator", unit(SOUTH, 0)),
        ("ministry", None, "regional_authority", unit(NORTH, 0)),
        ("centre", None, "assessment_operator", unit(NORTH, 0)),
        ("cnppm", None, "cnppm_head", unit(NORTH, 0)),
        ("mouo", None, "municipal_authority", unit(NORTH, 1)),
        ("mouo-far", None, "municipal_authority", unit(NORTH, FAR_MUNICIPALITY)),
        ("methodist", None, "municipal_methodist", unit(NORTH, 1)),
        ("director", None, "school_head", unit(NORTH, 2)),
        ("director-far", None, "school_head", unit(NORTH, FAR_SCHOOL)),
        ("provider", None, "programme_provider", unit(NORTH, 4)),
        ("teacher", Some(1011), "teacher", unit(NORTH, 2)),
        ("tutor", None, "tutor", unit(NORTH, 2)),
    ]) {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    v.sql(&format!(
        "UPDATE unit SET code = '{code}' WHERE id = {}",
        unit(NORTH, 0)
    ));
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

pub fn signed(server: &Server, login: &str) -> Visitor {
    server.signed_in(login, PASSWORD)
}

/// Writes an act and returns its address.
#[track_caller]
pub fn add(who: &mut Visitor, fields: &[(&str, &str)]) -> String {
    let page = who.get("/regulations");
    let answer = who.send(&page, "/regulations", fields);
    assert_eq!(answer.status, 303, "{fields:?}: {}", answer.body);
    answer.header("location").split('?').next().expect("a path").to_owned()
}

/// The row of a table whose first cell is this.
#[track_caller]
pub fn row<'a>(of: &'a Table, first: &str) -> &'a [String] {
    let found = of.rows.iter().find(|row| row[0] == first);
    there(found.map(Vec::as_slice), &(first, of))
}

/// The section of a page under a heading, as words.
#[track_caller]
pub fn section(page: &Page, heading: &str) -> String {
    let found = page
        .body
        .split("<section")
        .find(|part| part.contains(&format!("<h2>{heading}</h2>")));
    plain(there(found, &(heading, &page.body)))
}

/// Every row of the calendar of a year, without those of one's own tasks.
fn calendar(who: &mut Visitor, path: &str) -> Vec<Vec<String>> {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let months = tables(&page).into_iter().filter(|t| t.caption != "Мои дела");
    months.flat_map(|t| t.rows.into_iter().skip(1)).collect()
}

/// Whether an item stands in the calendar with these days, those who answer and a word of what comes of it.
#[track_caller]
fn stands(rows: &[Vec<String>], item: &str, days: &str, who: &[&str], comes: &str) {
    let own: Vec<&Vec<String>> = rows.iter().filter(|row| row[0] == item && row[1] == days).collect();
    assert_eq!(own.len(), 1, "{item}, {days}: {rows:#?}");
    let named: Vec<&str> = own[0][2].split(", ").collect();
    assert_eq!(named, who, "{item}: who answers");
    assert!(own[0][3].contains(comes), "{item}: {:?} comes of it", own[0][3]);
}

/// Sends the form of an item with the version that stands on its page.
fn marked(who: &mut Visitor, page: &Page, place: &str, fields: &[(&str, &str)]) -> Page {
    let seen = hidden(page, fields[0].1, "seen");
    who.send(page, place, &[fields, &[("seen", &*seen)]].concat())
}

on_both! {
    // rows: LE-F36, LE-F37, LE-F38, LE-F39
    fn the_first_half_of_the_leninsky_cyclogram_is_a_calendar(v: &Vekha) {
        let server = world(v, "LEN");
        let mut mouo = signed(&server, "mouo");
        let rows = calendar(&mut mouo, "/calendar?year=2023");
        let otdel = ["Отдел образования"];
        let both = ["Отдел образования", "Директор"];
        // September, and then each month.
        let deficits = "Исследовать профессиональные дефициты";
        for days in ["01.09.2023 – 30.09.2023", "01.10.2023 – 31.10.2023", "01.02.2023 – 28.02.2023"] {
            stands(&rows, deficits, days, &otdel, "дефицит");
        }
        assert_eq!(rows.iter().filter(|row| row[0] == deficits).count(), 12);
        stands(&rows, "Оценить кадровую потребность", "01.01.2023 – 28.02.2023", &both, "средний и дальний срок");
        stands(&rows, "Оценить состав педагогов до 35 лет", "01.01.2023 – 31.01.2023", &both, "молод");
        stands(&rows, "Узнать трудности и запросы молодых педагогов", "01.02.2023 – 28.02.2023", &otdel, "запрос");
        // Each year again, and in a leap year February is longer.
        let rows = calendar(&mut mouo, "/calendar?year=2024");
        stands(&rows, "Оценить кадровую потребность", "01.01.2024 – 29.02.2024", &both, "средний и дальний срок");
        // The head of a school answers for two of them; the other region has no calendar of its own.
        let rows = calendar(&mut signed(&server, "director"), "/calendar?year=2023&mine=yes");
        let own: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(own, ["Оценить состав педагогов до 35 лет", "Оценить кадровую потребность"]);
        assert!(signed(&server, "south").get("/calendar").body.contains("Методика не выбрана"));
    }

    // rows: LE-F40, LE-F41, LE-F42, LE-F43
    fn the_second_half_of_the_leninsky_cyclogram_and_who_answers(v: &Vekha) {
        let server = world(v, "LEN");
        let mut mouo = signed(&server, "mouo");
        let rows = calendar(&mut mouo, "/calendar?year=2022");
        let otdel = ["Отдел образования"];
        stands(&rows, "Промежуточный мониторинг показателей", "01.07.2022 – 31.07.2022", &otdel, "справка");
        stands(&rows, "Оценить качество программ повышения квалификации", "01.11.2022 – 30.11.2022", &otdel, "справка");
        stands(&rows, "Итоговый мониторинг показателей", "01.12.2022 – 31.12.2022", &otdel, "справка");
        // Seven items, each with somebody who answers; what is mine is marked.
        let items: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(items.len(), 7);
        assert!(rows.iter().all(|row| row[2].starts_with("Отдел образования") && row[6] == "моё"), "{rows:?}");
        let rows = calendar(&mut signed(&server, "director"), "/calendar?year=2022");
        let mine = rows.iter().filter(|row| row[6] == "моё").count();
        assert_eq!((rows.len(), mine), (18, 2), "{rows:?}");
        // Monitoring is one of the nine stages of the district.
        let page = mouo.get("/cycle?period=2022");
        let stages = table(&page, "Этапы цикла");
        assert_eq!(stages.rows.len(), 10);
        assert_eq!(row(&stages, "4. Мониторинг")[2], "Отдел образования");
        let monitoring = table(&page, "4. Мониторинг: календарь");
        assert_eq!(monitoring.rows.len(), 1 + 18);
    }

    // rows: CH-F59, CH-F60, CH-F61, CH-F62
    fn powers_name_who_answers_with_whom_and_the_nature_of_the_document(v: &Vekha) {
        let server = world(v, "CHE");
        let page = signed(&server, "ministry").get("/cycle?period=2023");
        let stages = table(&page, "Этапы цикла");
        let ministry = "Министерство образования и науки области";
        let (centre, iro) = ("Центр оценки профессионального мастерства", "Институт развития образования");
        let (ippk, irpo) = ("Институт переподготовки работников образования", "Институт развития профессионального образования");
        let four = [centre, iro, ippk, irpo];
        let concept = "концептуальный, нормативно-методический";
        let orders = "организационно-распорядительный, распорядительный";
        // The nine rows of the table of powers.
        let powers: [(&str, &str, Vec<&str>, &str); 9] = [
            ("1. Цели и задачи", "цель и задачи", four.to_vec(), concept),
            ("2. Критерии и показатели", "критерии и показатели", four.to_vec(), concept),
            ("3. Методы сбора и обработки", "собирать и обрабатывать", four.to_vec(), concept),
            ("4. Мониторинг", "назначить ответственную организацию, сроки, методы", four.to_vec(), orders),
            ("5. Анализ и кластеризация", "передать их муниципалитетам", four.to_vec(), "организационно-распорядительный, распорядительный, аналитический"),
            ("6. Адресные рекомендации", "рекомендации", vec![ippk, irpo, iro, centre], orders),
            ("7. Меры и мероприятия", "дорожную карту", four.to_vec(), orders),
            ("8. Управленческие решения", "решения", Vec::new(), "организационно-концептуальный, нормативно-методический, аналитический"),
            ("9. Анализ эффективности", "новый цикл", vec![centre, ippk, irpo, iro], "концептуальный, методологический, методический"),
        ];
        assert_eq!(stages.rows.len(), 1 + powers.len());
        for (at, (stage, power, beside, nature)) in powers.iter().enumerate() {
            let row = &stages.rows[at + 1];
            let beside = if beside.is_empty() { "–".to_owned() } else { beside.join(", ") };
            assert_eq!([&*row[0], &*row[2], &*row[3], &*row[4]], [*stage, ministry, &*beside, *nature]);
            let power = power.replace("новый цикл", "нового цикла");
            assert!(row[1].to_lowercase().contains(&power), "{stage}: {}", row[1]);
        }
        // Each of the first three waits for its own documents.
        for (stage, waits) in [
            ("1. Цели и задачи", "Ещё ждём: концепция, приказ."),
            ("2. Критерии и показатели", "Ещё ждём: перечень показателей, приказ."),
            ("3. Методы сбора и обработки", "Ещё ждём: порядок, методика, положение."),
        ] {
            assert!(section(&page, stage).contains(waits), "{stage}: {}", section(&page, stage));
        }
    }

    // rows: CH-F71, CH-F72, CH-F73
    fn the_road_map_of_thirty_activities_stands_with_days_responsible_and_results(v: &Vekha) {
        let server = world(v, "CHE");
        let mut ministry = signed(&server, "ministry");
        let (min, centre) = ("Министерство образования и науки области", "Центр оценки профессионального мастерства");
        let years = [2023, 2024, 2025].map(|year| calendar(&mut ministry, &format!("/calendar?year={year}")));
        // Twenty-one dated activities and nine more that run through the years or wait for an occasion, in two stages.
        let items: std::collections::BTreeSet<&str> =
            years.iter().flatten().map(|row| row[0].as_str()).collect();
        assert_eq!(items.len(), 30, "{items:?}");
        let [first, second, third] = &years;
        let both = [min, centre];
        stands(first, "Обновить и утвердить концепцию", "01.06.2023 – 30.06.2023", &both, "приказ");
        stands(first, "Утвердить региональные показатели", "01.06.2023 – 30.06.2023", &both, "приказ");
        let monitoring = "Провести мониторинг результативности";
        stands(first, monitoring, "01.09.2023 – 31.01.2024", &both, "приказ");
        stands(second, monitoring, "01.09.2024 – 31.01.2025", &both, "приказ");
        let analysis = "Разобрать итоги мониторинга, выделить кластеры";
        let five = [
            min, centre, "Институт развития образования", "Институт переподготовки работников образования",
            "Институт развития профессионального образования",
        ];
        stands(first, analysis, "01.10.2023 – 31.01.2024", &five, "аналитические материалы");
        for (year, rows) in [(2023, first), (2024, second)] {
            stands(rows, "Оценить эффективность принятых мер", &format!("01.12.{year} – 31.12.{year}"), &[min], "протокол");
            stands(rows, "Представить итоги мониторинга", &format!("01.11.{year} – 30.11.{year}"), &[centre], "доклад");
        }
        stands(third, "Утвердить дорожную карту по итогам мониторинга", "01.01.2025 – 31.01.2025", &both, "приказ");
        stands(third, "Разобрать работу платформы", "01.09.2025 – 31.10.2025", &five, "аналитические материалы");
        stands(third, "Провести итоговый мониторинг", "01.09.2025 – 30.11.2025", &both, "приказ");
        stands(third, "Разобрать итоговый мониторинг, выделить кластеры", "01.11.2025 – 30.11.2025", &[centre], "аналитические материалы");
        stands(third, "Обновить концепцию", "01.11.2025 – 31.12.2025", &both, "приказ");
        stands(third, "Представить итоги концепции", "01.11.2025 – 30.11.2025", &[centre], "доклад");
        // What has no dates says when it is done.
        stands(first, "Готовить документы и материалы для системы", "по мере необходимости, 2023, 2024", &five, "документы");
        stands(first, "Проводить процедуры по дефицитам", "по отдельному графику, 2023, 2024", &both, "банк");
        // In 2025 the second stage of the plan runs, and nothing of the first.
        assert_eq!(third.len(), 7, "{third:?}");
        assert!(calendar(&mut ministry, "/calendar?year=2022").is_empty());
        for (item, on, phase) in [("DK-03", "2024", "Деятельностный этап (2023–2024)"), ("DK-26", "2025", "Результативный этап (2025)")] {
            let page = ministry.get(&format!("/cycle/item?pack=chelyabinsk&item={item}&on={on}"));
            assert!(page.status == 200 && page.body.contains(phase), "{item}: {}", page.body);
        }
        assert_eq!(ministry.get("/cycle/item?pack=chelyabinsk&item=DK-26&on=2024").status, 404);
    }

    // rows: KR-F13, TY-F18, LG-F12
    fn windows_and_stages_of_three_systems_are_read_from_their_packs(v: &Vekha) {
        let server = world(v, "KYA");
        let mut operator = signed(&server, "operator");
        // 1 to 25 June, for an academic year; the packs of others open beside the own one.
        let page = operator.get("/cycle?period=2020/21");
        let collected = table(&page, "2. Сбор сведений: календарь");
        assert_eq!(collected.rows.len(), 2);
        let item = row(&collected, "Внести сведения муниципалитета");
        assert_eq!([&*item[1], &*item[2]], ["01.06.2021 – 25.06.2021", "Управление образования"]);
        assert!(item[4].starts_with("прошёл"), "{item:?}");
        assert_eq!(row(&table(&operator.get("/cycle?period=2031/32"), "2. Сбор сведений"), "Внести сведения муниципалитета")[4], "ещё не начался");
        let page = operator.get("/cycle?pack=tyumen&period=2022/23");
        let examined = table(&page, "4. Мониторинг и экспертиза служб: календарь");
        let item = row(&examined, "Экспертиза методических служб");
        assert_eq!([&*item[1], &*item[2]], ["19.06.2023 – 26.06.2023", "Региональный институт развития образования, Региональный оператор"]);
        let page = operator.get("/cycle?pack=leningrad&period=2021");
        let stages = table(&page, "Этапы цикла");
        let names: Vec<&str> = stages.rows.iter().skip(1).map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["1. Подготовительный этап", "2. Процедурный этап", "3. Аналитический этап"]);
        for (stage, days) in [
            ("1. Подготовительный этап", "01.01.2021 – 30.06.2021"),
            ("2. Процедурный этап", "01.06.2021 – 30.06.2021"),
            ("3. Аналитический этап", "01.07.2021 – 31.07.2021"),
        ] {
            let calendar = table(&page, &format!("{stage}: календарь"));
            assert_eq!((calendar.rows.len(), calendar.rows[1][1].as_str()), (2, days), "{stage}");
        }
        // A period of another kind, an unknown pack and an unknown item are not there.
        for path in ["/cycle?period=2021", "/cycle?pack=nothing", "/cycle/item?pack=tyumen&item=E9&on=2023", "/cycle/item?pack=tyumen&item=E1&on=x"] {
            assert_eq!(operator.get(path).status, 404, "{path}");
        }
    }

    // rows: CH-F63, CH-F64, CH-F69
    fn a_cycle_fills_with_acts_and_marks_and_tells_what_came_too_early(v: &Vekha) {
        let server = world(v, "CHE");
        let (mut ministry, mut centre) = (signed(&server, "ministry"), signed(&server, "centre"));
        let cycle = [("pack", "chelyabinsk"), ("period", "2023")];
        let act = |kind, number, on, title, stage| {
            [&cycle[..], &[("unit", "CHE"), ("kind", kind), ("number", number), ("on", on), ("title", title), ("stage", stage)]].concat()
        };
        // The ministry orders the monitoring: nothing stands before it, and that is told, not forbidden.
        let order = add(&mut ministry, &act("order", "03/2301", "05.09.2023", "О проведении мониторинга", "monitoring"));
        let page = ministry.get("/cycle?period=2023");
        let said = section(&page, "4. Мониторинг");
        assert!(said.contains("Документ этого этапа появился раньше, чем у «Цели и задачи», «Критерии и показатели», «Методы сбора и обработки»"), "{said}");
        assert!(said.contains("Все ожидаемые документы есть"), "{said}");
        assert_eq!(row(&table(&page, "Этапы цикла"), "4. Мониторинг")[6], "документы есть");
        let shown = table(&page, "Документы этапа «Мониторинг»");
        assert_eq!(shown.rows[1], ["О проведении мониторинга", "Приказ", "03/2301", "05.09.2023"]);
        // What is issued before it takes the warning away, stage by stage.
        for (kind, number, on, stage) in [("concept", "1", "01.06.2023", "goals"), ("indicator_list", "2", "02.06.2023", "indicators"), ("procedure", "3", "03.06.2023", "methods")] {
            let _path = add(&mut ministry, &act(kind, number, on, "Основа", stage));
        }
        let page = ministry.get("/cycle?period=2023");
        assert!(!page.body.contains("появился раньше"), "{}", page.body);
        assert!(section(&page, "1. Цели и задачи").contains("Ещё ждём: приказ."), "{}", section(&page, "1. Цели и задачи"));
        // The centre does the monitoring and marks it with that order.
        let place = "/cycle/item?pack=chelyabinsk&item=DK-03&on=2023&unit=CHE";
        let item = centre.get(place);
        assert!(item.body.contains("01.09.2023 – 31.01.2024") && item.body.contains("Центр оценки"), "{}", item.body);
        let id = order.rsplit('/').next().expect("an id");
        let tomorrow = (today() + chrono::Days::new(1)).format("%d.%m.%Y").to_string();
        for (on, shows, said) in [("", "", "Напишите день"), (&*tomorrow, id, "ещё не наступил"), ("31.01.2024", "", "без документа"), ("31.01.2024", "7", "из списка")] {
            let answer = marked(&mut centre, &item, place, &[("act", "done"), ("on", on), ("act_of", shows)]);
            assert!(answer.status == 422 && answer.body.to_lowercase().contains(&said.to_lowercase()), "{said}: {}", answer.body);
        }
        let done = marked(&mut centre, &item, place, &[("act", "done"), ("on", "31.01.2024"), ("act_of", id)]);
        assert_eq!(done.status, 303, "{}", done.body);
        let page = ministry.get("/cycle?period=2023");
        let monitoring = table(&page, "4. Мониторинг: календарь");
        let marked = row(&monitoring, "Провести мониторинг результативности");
        assert_eq!(marked[4], "сделано");
        assert!(marked[5].contains("03/2301"), "{marked:?}");
        // What came of it is open: institutes and municipalities read it, the other region does not.
        let report = [&act("report", "12", "20.01.2024", "Итоги мониторинга", "analysis")[..], &[("public", "yes")]].concat();
        let report = add(&mut centre, &report);
        for login in ["provider", "mouo", "director-far", "teacher"] {
            assert_eq!(signed(&server, login).get(&report).status, 200, "{login}");
        }
        assert_eq!(signed(&server, "south").get(&report).status, 404);
        let analysis = section(&ministry.get("/cycle?period=2023"), "5. Анализ и кластеризация");
        assert!(analysis.contains("Все ожидаемые документы есть") && analysis.contains("01.10.2023 – 31.01.2024"), "{analysis}");
        // As a workbook and printed as it stands.
        let book = crate::figures_pages::sheets(&mut ministry, "/cycle?period=2023");
        assert!(book.iter().any(|(name, rows)| name.starts_with("Этапы") && rows.len() > 9), "{book:?}");
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'cycle.task_done'");
        assert_eq!(noted, ["pack=chelyabinsk code=DK-03 period=2023"]);
        let _whole = v.run(&["check"]).ok();
    }

    // rows: LE-F01
    fn a_municipality_marks_its_own_and_reminders_end_with_the_mark(v: &Vekha) {
        let server = world(v, "LEN");
        let (mut mouo, mut far) = (signed(&server, "mouo"), signed(&server, "mouo-far"));
        // The department approves the concept by an order, and its cycle says so.
        let act = |kind, title| [("unit", "С1"), ("kind", kind), ("number", "64"), ("on", "01.03.2022"), ("title", title), ("pack", "leninsky"), ("period", "2022"), ("stage", "goals")];
        let _concept = add(&mut mouo, &act("concept", "Концепция"));
        let _order = add(&mut mouo, &act("order", "Об утверждении концепции"));
        let stages = table(&mouo.get("/cycle?period=2022"), "Этапы цикла");
        assert_eq!([&*row(&stages, "1. Цели и задачи")[2], &*row(&stages, "1. Цели и задачи")[6]], ["Отдел образования", "документы есть"]);
        let year = today().year() + 1;
        let last = NaiveDate::from_ymd_opt(year, 7, 31).expect("a day");
        let due = |days: i64| remind(v, last + chrono::TimeDelta::days(days)).0;
        // Before, on and after the last day; a day between says nothing, and the same day nothing twice.
        // Two items of July for two departments; the item of June is still spoken of on two of these days.
        assert_eq!([due(-7), due(-7), due(-3), due(0), due(3)], [6, 0, 0, 6, 4]);
        let told = mouo.get("/notices");
        assert!(told.body.contains(&format!("Промежуточный мониторинг показателей: срок прошёл 31.07.{year}")), "{}", told.body);
        assert!(told.body.contains("href=\"/calendar\""), "{}", told.body);
        let director = signed(&server, "director").get("/notices");
        assert!(director.body.contains("Вас ничего не ждёт"), "{}", director.body);
        // One department marks what it has done: it is asked no more, the other one is.
        let place = format!("/cycle/item?pack=leninsky&item=C5&on={year}-07&unit=%D0%A11");
        let page = mouo.get(&place);
        let link = "https://district.example/report";
        let mark = [("act", "done"), ("on", "01.02.2024"), ("page", link)];
        let done = marked(&mut mouo, &page, &place, &mark);
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(marked(&mut mouo, &page, &place, &mark).status, 303, "a form sent twice is one mark");
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'cycle.task_done'"), 1);
        let open = |login: &str| {
            number(v, &format!("SELECT count(*) AS n FROM notice n JOIN account a ON a.id = n.account_id WHERE a.login = '{login}' \
                AND n.kind = 'calendar_due' AND n.settled_at IS NULL AND n.body LIKE '%Промежуточный%'"))
        };
        assert_eq!([open("mouo"), open("mouo-far")], [0, 1]);
        assert_eq!(due(10), 3, "the item that is marked is spoken of no more");
        // The region sees who has and who has not.
        let shown = signed(&server, "operator").get(&format!("/cycle/item?pack=leninsky&item=C5&on={year}-07"));
        let marks = table(&shown, "Отметки");
        assert_eq!(row(&marks, "С1")[1..4], ["сделано", "01.02.2024", "открыть"]);
        assert_eq!(row(&marks, "С5")[1], "нет");
        // A municipality marks for itself alone; a school answers for something else.
        let other = format!("/cycle/item?pack=leninsky&item=C5&on={year}-07&unit=%D0%A15");
        assert_eq!((mouo.get(&other).status, mouo.send(&page, &other, &mark).status), (404, 404));
        let mut director = signed(&server, "director");
        let own = format!("/cycle/item?pack=leninsky&item=C5&on={year}-07&unit=%D0%A12");
        let page = director.get(&own);
        assert!(page.body.contains("отвечает не организация"), "{}", page.body);
        assert_eq!(director.send(&page, &own, &[("act", "done"), ("seen", "0"), ("on", "01.02.2024"), ("page", link)]).status, 422);
        assert_eq!(signed(&server, "teacher").get("/calendar").status, 403);
        // Two who hold one role: whoever comes second is told; a mark is taken back and the next day asks again.
        let (mut one, mut two) = (signed(&server, "mouo-far"), signed(&server, "mouo-far"));
        let (first, late) = (one.get(&other), two.get(&other));
        assert_eq!(marked(&mut one, &first, &other, &mark).status, 303);
        let answer = marked(&mut two, &late, &other, &[("act", "done"), ("on", "02.02.2024"), ("page", link)]);
        assert!(answer.status == 409 && answer.body.contains("«Отмечено дело календаря»"), "{}", answer.body);
        let page = far.get(&other);
        assert_eq!(marked(&mut far, &page, &other, &[("act", "undo")]).status, 303);
        assert_eq!(due(17), 3);
        assert_eq!([open("mouo"), open("mouo-far")], [0, 1]);
        let _whole = v.run(&["check"]).ok();
    }

    fn my_tasks_name_the_unit_and_the_days_that_are_left(v: &Vekha) {
        let server = world(v, "LEN");
        let mut mouo = signed(&server, "mouo");
        let own = table(&mouo.get("/calendar"), "Мои дела");
        let now = today();
        let end = NaiveDate::from_ymd_opt(now.year() + i32::from(now.month() == 12), now.month() % 12 + 1, 1).expect("a day");
        let days = format!("{} – {}", now.format("01.%m.%Y"), (end - chrono::Days::new(1)).format("%d.%m.%Y"));
        let item = "Исследовать профессиональные дефициты";
        let found = own.rows.iter().find(|row| row[0] == item && row[2] == days);
        assert_eq!(there(found, &own)[1], "С1");
        assert_eq!(there(found, &own)[4], "идёт");
        // Once it is marked it is no task any more, and the other department still has it.
        let place = format!("/cycle/item?pack=leninsky&item=C1&on={}&unit=%D0%A11", now.format("%Y-%m"));
        let page = mouo.get(&place);
        let day = now.format("%d.%m.%Y").to_string();
        let mark = [("act", "done"), ("on", day.as_str()), ("page", "https://district.example/1")];
        assert_eq!(marked(&mut mouo, &page, &place, &mark).status, 303);
        let has = |who: &mut Visitor| {
            let own = tables(&who.get("/calendar")).into_iter().find(|t| t.caption == "Мои дела");
            own.is_some_and(|own| own.rows.iter().any(|row| row[0] == item && row[2] == days))
        };
        assert!(!has(&mut mouo) && has(&mut signed(&server, "mouo-far")));
        // A member of the body of the pack answers too: the district's own department by its code.
        assert!(!has(&mut signed(&server, "methodist")));
        v.sql(&format!(
            "INSERT INTO body (id, region_id, code, name, search_key, kind, level, unit_id, version, recorded_at) VALUES \
             (9100, {0}, 'LN-OTDEL-С5', 'Отдел', 'отдел', 'authority', 'municipal', {1}, 1, '2022-01-01 00:00:00'); \
             INSERT INTO body_member (id, record_id, region_id, body_id, person_id, role, valid_from, version, recorded_at) \
             VALUES (9100, 9100, {0}, 9100, 1011, 'member', '2022-09-01', 1, '2022-01-01 00:00:00'); \
             UPDATE account SET person_id = NULL WHERE login = 'teacher'; \
             UPDATE account SET person_id = 1011 WHERE login = 'methodist'",
            unit(NORTH, 0),
            unit(NORTH, FAR_MUNICIPALITY)
        ));
        assert!(has(&mut signed(&server, "methodist")));
    }

    fn faults_of_the_cycle_are_found_with_file_line_and_advice(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/leninsky.toml").expect("the pack");
        let item = "\n[[calendar]]\ncode = \"N1\"\ntitle = \"Проба\"\nstage = \"monitoring\"\nfrom = \"03-01\"\nto = \"03-31\"\nresponsible = [\"LN-OTDEL\"]\n";
        let stage = "\n[[stage]]\ncode = \"goals\"\norder = 11\ntitle = \"Ещё раз\"\n";
        let with = |from: &str, to: &str| own.clone() + &item.replacen(from, to, 1);
        let faults = [
            ("stage", with("stage = \"monitoring\"", "stage = \"dreams\""), "dreams", "этапа dreams в пакете нет", "опишите его"),
            ("window", with("from = \"03-01\"", "from = \"03-32\""), "03-32", "не день года", "пишется так: \"06-25\""),
            ("half", with("to = \"03-31\"\n", ""), "code = \"N1\"", "не понять", "напишите from и to"),
            ("every", with("to = \"03-31\"", "to = \"03-31\"\nevery = \"week\""), "every", "«week» не бывает", "напишите month"),
            ("months", with("from = \"03-01\"\nto = \"03-31\"", "months = [13]"), "months = [13]", "месяца 13 не бывает", "от 1 до 12"),
            ("who", with("[\"LN-OTDEL\"]", "[\"LN-NOBODY\"]"), "LN-NOBODY", "ответственного LN-NOBODY нет", "опишите объединение"),
            ("role", with("[\"LN-OTDEL\"]", "[\"teacher\"]"), "\"teacher\"", "ответственного teacher нет", "возьмите роль"),
            ("nobody", with("[\"LN-OTDEL\"]", "[]"), "code = \"N1\"", "нет ответственного", "допишите responsible"),
            ("code", with("\"N1\"", "\"C1\""), "code = \"C1\"", "дело календаря C1 стоит дважды", "дайте другой код"),
            ("document", with("responsible", "document = \"song\"\nresponsible"), "song", "вида документа song нет", "есть: law"),
            ("twice", own.clone() + stage, "code = \"goals\"", "этап goals стоит дважды", "оставьте его один раз"),
            ("unknown", own.clone() + &stage.replace("goals", "dreams"), "dreams", "этапа dreams не бывает", "есть: goals"),
            ("order", own.replacen("code = \"goals\"\norder = 1\n", "code = \"goals\"\norder = 2\n", 1), "order = 2", "номером 2 уже есть", "дайте другой order"),
        ];
        let clean = v.file("clean.toml", &(own.clone() + item));
        let mut arguments = vec!["pack".to_owned(), "check".to_owned(), text(&clean).to_owned()];
        for (what, changed, ..) in &faults {
            arguments.push(text(&v.file(&format!("{what}.toml"), changed)).to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = v.run(&arguments).failed();
        assert!(answer.out.lines().any(|l| l.contains("clean.toml: показателей")), "{}", answer.out);
        for (what, changed, part, said, advice) in faults {
            let line = changed.lines().count() - changed.lines().rev().position(|l| l.contains(part)).expect(part);
            let place = format!("{what}.toml: строка {line}, столбец ");
            let told: Vec<&str> = answer.out.lines().filter(|l| l.contains(&format!("{what}.toml: "))).collect();
            assert!(told.iter().any(|l| l.contains(&place) && l.contains(said) && l.contains(advice)), "{what}, line {line}: {told:#?}");
            assert_eq!(told.iter().filter(|l| !l.contains("предупреждение")).count(), 1, "{what}: nothing else: {told:#?}");
        }
    }

    fn a_change_of_the_calendar_stands_in_the_comparison_and_on_the_page_of_the_pack(v: &Vekha) {
        let server = world(v, "LEO");
        let own = std::fs::read_to_string("seeds/packs/leningrad.toml").expect("the pack");
        let next = own.replacen("version = 1", "version = 2", 1).replacen("months = [7]", "months = [8]", 1);
        let next = next.replacen("title = \"Аналитический этап\"", "title = \"Этап анализа\"", 1);
        for (name, of) in [("one.toml", &own), ("two.toml", &next)] {
            let _loaded = v.run(&["pack", "load", text(&v.file(name, of))]).ok();
        }
        let mut operator = signed(&server, "operator");
        let differs = table(&operator.get("/packs/leningrad/difference"), "Чем отличаются версии");
        for (part, before, after) in [("Этапы цикла", "Аналитический этап", "Этап анализа"), ("Календарь", "июль", "август")] {
            let found = differs.rows.iter().find(|row| row[4] == part);
            let row = there(found, &(part, &differs));
            assert!(row[5].contains(before) && !row[5].contains(after) && row[6].contains(after), "{part}: {row:?}");
        }
        let page = operator.get("/packs/leningrad/versions/2");
        let calendar = table(&page, "Календарь");
        assert_eq!(row(&calendar, "Написать аналитическую справку")[2..4], ["Анализ", "август"]);
        assert_eq!(table(&page, "Этапы цикла").rows.len(), 4);
        // What is in force is what the cycle shows.
        let rows = self::calendar(&mut operator, "/calendar?year=2021");
        stands(&rows, "Написать аналитическую справку", "01.08.2021 – 31.08.2021", &["Областной институт развития образования"], "справка");
    }
}
