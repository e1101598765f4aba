//! «Ход маршрутов»: what the desk counts, and that every number opens the list of its plans.

use chrono::Days;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_notices::{PASSWORD, apply};
use crate::world::{NORTH, SOUTH, World, draft, show, unit};

/// Plans of «Д1», whose diagnosis was on 1 February 2023: the first was sent on the seventh day and is at work with a
/// tutor, the second was sent on the eighth, the third was never sent. Plans of «Д2»: the diagnosis of the fourth was
/// seven days ago, that of the fifth eight. The second works in the other school; the 99th in the south.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None).procedure(2, "Д2", "full", None);
    let ago = |days| today().checked_sub_days(Days::new(days)).expect("a day").to_string();
    for (n, region, place, procedure, on) in [
        (1, NORTH, 2, 1, "2023-02-01".to_owned()),
        (2, NORTH, 3, 1, "2023-02-01".to_owned()),
        (3, NORTH, 2, 1, "2023-02-01".to_owned()),
        (4, NORTH, 2, 2, ago(7)),
        (5, NORTH, 2, 2, ago(8)),
        (99, SOUTH, 2, 1, "2023-02-01".to_owned()),
    ] {
        let id = 1000 + n;
        world.teacher(id, n, region, place);
        world.passage(id, region, procedure, "full", &on, &[(1, 40_000), (3, 70_000)]);
        world.account(
            id,
            &format!("teacher-{n}"),
            Some(id),
            &[("teacher", unit(region, place))],
        );
    }
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, role, over) in [
        (1, "curator", "curator", north),
        (2, "head", "cnppm_head", north),
        (3, "tutor", "tutor", north),
        (4, "curator-south", "curator", south),
        (5, "head-south", "cnppm_head", south),
        (6, "director", "school_head", unit(NORTH, 2)),
        (7, "staff", "cnppm_staff", north),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let _old = draft(v, "Д1", "2023-02-02", &[]);
    let _new = draft(v, "Д2", &today().to_string(), &[]);
    let rows = [
        "1,send,,2023-02-08,curator,,",
        "1,agree,,2023-02-09,teacher-1,,",
        "1,approve,,2023-02-10,head,,",
        "1,start,,2023-02-11,curator,,",
        "1,assign,,2023-02-11,head,tutor,",
        "2,send,,2023-02-09,curator,,",
        "99,send,,2023-02-20,curator-south,,",
    ];
    apply(v, &rows.map(str::to_owned));
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

#[track_caller]
fn desk(who: &mut Visitor, chosen: &str) -> Page {
    let page = who.get(&format!("/plans/kpi{chosen}"));
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// The figures beside the words of a row: the cells after the first.
#[track_caller]
pub fn row(page: &Page, words: &str) -> Vec<String> {
    let (_, rest) = page.body.split_once(&format!(">{words}</td>")).expect(words);
    let cells = rest.split("</tr>").next().unwrap_or_default().split("<td").skip(1);
    let text = |cell: &str| {
        let inside = cell.split('>').skip(1).map(|part| part.split('<').next().unwrap_or(""));
        inside.collect::<String>().replace('\u{a0}', " ")
    };
    cells.map(text).collect()
}

/// A fact over the tables.
#[track_caller]
fn fact(page: &Page, name: &str) -> String {
    let (_, rest) = page.body.split_once(&format!("<dt>{name}</dt><dd>")).expect(name);
    rest.split('<').next().unwrap_or_default().replace('\u{a0}', " ")
}

/// How many plans a page says that it found.
#[track_caller]
fn found(page: &Page) -> String {
    let said = page.body.split("Найдено: ").nth(1).unwrap_or_default();
    said.chars().take_while(char::is_ascii_digit).collect()
}

/// Opens the list behind every number; returns how many there are.
#[track_caller]
pub fn open_all(who: &mut Visitor, page: &Page) -> usize {
    let mut opened = 0;
    for rest in page.body.split("<a href=\"/plans?").skip(1) {
        let (href, rest) = rest.split_once("\">").expect("a link");
        let shown = rest.split('<').next().unwrap_or_default();
        let href = format!("/plans?{}", href.replace("&#x3D;", "=").replace("&amp;", "&"));
        let list = who.get(&href);
        assert_eq!((list.status, found(&list).as_str()), (200, shown), "{href}");
        opened += 1;
    }
    opened
}

on_both! {
    // rows: CH-F36
    fn eight_days_are_late_and_seven_are_not_by_the_calendar_of_the_region(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        assert!(head.get("/plans").body.contains("href=\"/plans/kpi\""), "a way leads there");
        let page = desk(&mut head, "");
        assert_eq!(found(&page), "5");
        assert_eq!(row(&page, "Виден за 7 дней"), ["1", "25,0 %"]);
        assert_eq!(row(&page, "Виден позже 7 дней"), ["1", "25,0 %"]);
        assert_eq!(row(&page, "Ещё не виден, 7 дней прошло"), ["2", "50,0 %"]);
        assert_eq!(row(&page, "Ещё не виден, 7 дней не прошло"), ["1", "–"], "what is not seen has no days");
        assert_eq!(fact(&page, "Виден за 7 дней"), "25,0 % (1 из 4)");
        assert_eq!(fact(&page, "Половина видна не позже чем через"), "8 дней");
        let of = |who: &mut Visitor, formed: &str| who.get(&format!("/plans?state=all&formed={formed}")).body;
        for (formed, n) in [("in_time", 1), ("late", 2), ("waits", 4)] {
            let list = of(&mut head, formed);
            assert!(list.contains(&format!("Фамилия{n}\u{a0}")) && !list.contains("Фамилия99"), "{formed}: {list}");
        }
        // Of the new procedure one waits and one is late; the diagnosis that was held again later changes nothing.
        let page = desk(&mut head, "?procedure=%D0%942");
        assert_eq!((found(&page), fact(&page, "Виден за 7 дней")), ("2".into(), "0,0 % (0 из 1)".into()));
        v.sql("UPDATE diagnosis SET withdrawn_at = '2023-01-01 00:00:00' WHERE person_id = 1005");
        let page = desk(&mut head, "?procedure=%D0%942");
        assert_eq!(fact(&page, "Виден за 7 дней"), "судить рано");
        assert_eq!(row(&page, "Не считается"), ["1", "–"]);
        let mut south = server.signed_in("head-south", PASSWORD);
        let page = desk(&mut south, "");
        assert_eq!((found(&page), row(&page, "Виден позже 7 дней")), ("1".into(), vec!["1".into(), "100,0 %".into()]));
    }

    fn every_number_of_the_desk_opens_its_list(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "С сопровождающим"), ["1", "20,0 %"]);
        assert_eq!(row(&page, "Без сопровождающего")[0], "4");
        assert_eq!(row(&page, "Всего под риском"), ["5", "100,0 %"], "a plan with three reasons is one");
        assert_eq!(row(&page, "Просрочен шаг")[0], "1");
        assert_eq!(row(&page, "Педагог не отвечает больше 7 дней")[0], "1");
        assert_eq!(row(&page, "Педагог не видит маршрута больше 7 дней после диагностики")[0], "2");
        assert_eq!(row(&page, "Педагог вернул на доработку")[0], "0");
        assert_eq!(row(&page, "tutor"), ["Тьютор", "1"]);
        assert!(open_all(&mut head, &page) >= 12);
        // Narrowed, and for whoever accompanies without a role by now.
        for chosen in ["?unit=%D0%A13", "?unit=%D0%A12&procedure=%D0%941", "?platform=yes&unit=%D0%A12"] {
            let page = desk(&mut head, chosen);
            assert!(open_all(&mut head, &page) >= 5, "{chosen}");
        }
        assert_eq!(row(&desk(&mut head, "?unit=%D0%A13"), "Педагог не отвечает больше 7 дней")[0], "1");
        v.sql("UPDATE role_grant SET valid_to = '2024-01-01' WHERE account_id = 3");
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "tutor"), ["Тьютор", "1"]);
        assert!(open_all(&mut head, &page) >= 12);
        let mut south = server.signed_in("head-south", PASSWORD);
        let page = desk(&mut south, "");
        assert!(!page.body.contains("tutor<") && open_all(&mut south, &page) >= 5);
        assert_eq!(south.get("/plans?supporter=tutor").status, 404);
    }

    // rows: CH-F37
    fn training_by_the_route_is_seen_from_the_application_to_the_document_by_kind(v: &Vekha) {
        let server = world(v);
        v.sql("UPDATE programme SET kind = 'retraining' WHERE code = 'П2'");
        let step = |programme: &str| {
            let of = show(v, 1).into_iter().find(|row| row["programme"] == programme).expect("a course");
            of["item"].clone()
        };
        let (upskilling, retraining) = (step("П1"), step("П2"));
        let mut head = server.signed_in("head", PASSWORD);
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "Заявки нет"), ["5", "100,0 %", "5", "5", "100,0 %", "5"]);
        assert_eq!(row(&page, "Отменено"), ["0", "–", "0", "0", "–", "0"], "what was called off has no share");
        apply(v, &[
            format!("1,apply,{upskilling},2023-02-12,teacher-1,,"),
            format!("1,apply,{retraining},2023-02-12,teacher-1,,"),
            format!("1,agree-enrolment,{upskilling},2023-02-13,director,,"),
        ]);
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "Школа согласна, ждёт зачисления"), ["1", "20,0 %", "1", "0", "0,0 %", "0"]);
        assert_eq!(row(&page, "Заявка ждёт школу"), ["0", "0,0 %", "0", "1", "20,0 %", "1"]);
        apply(v, &[
            format!("1,enrol,{upskilling},2023-02-14,staff,,"),
            format!("1,complete,{upskilling},2023-02-20,staff,У-1,"),
            format!("1,refuse-enrolment,{retraining},2023-02-15,director,,нет замены"),
        ]);
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "Завершено"), ["1", "20,0 %", "1", "0", "0,0 %", "0"]);
        assert_eq!(row(&page, "Заявки нет"), ["4", "80,0 %", "4", "5", "100,0 %", "5"], "a refused application may be made again");
        assert!(open_all(&mut head, &page) >= 15);
        // A course that is called off is asked of nobody: the share is taken of the others.
        apply(v, &[format!("1,cancel,{retraining},2023-02-16,curator,,курс снят с программы")]);
        let page = desk(&mut head, "");
        assert_eq!(row(&page, "Отменено"), ["0", "–", "0", "1", "–", "1"]);
        assert_eq!(row(&page, "Заявки нет"), ["4", "80,0 %", "4", "4", "100,0 %", "4"], "what was called off counts");
        let list = head.get("/plans?state=all&training=retraining.dropped");
        assert!(list.body.contains("Фамилия1\u{a0}") && list.body.contains("Обучение по маршруту"), "{}", list.body);
        assert_eq!(head.get("/plans?training=retraining.soon").status, 404);
        // The south sees its own alone.
        let mut south = server.signed_in("head-south", PASSWORD);
        let page = desk(&mut south, "");
        assert_eq!(row(&page, "Заявки нет"), ["1", "100,0 %", "1", "1", "100,0 %", "1"]);
        assert_eq!(row(&page, "Завершено")[0], "0");
    }

    fn closed_deficits_are_a_share_of_those_judged_and_none_judged_is_no_share(v: &Vekha) {
        let server = world(v);
        let mut head = server.signed_in("head", PASSWORD);
        let page = desk(&mut head, "");
        assert_eq!(fact(&page, "Доля закрытых дефицитов"), "ни один ещё не оценён");
        assert_eq!(row(&page, "Закрыт"), ["0", "–", "0"]);
        assert_eq!(row(&page, "Ещё не оценён"), ["10", "–", "5"]);
        let judge = |person: i64, competence: i64, outcome: &str| {
            let of = format!("SELECT id FROM iom WHERE person_id = {person}");
            v.sql(&format!(
                "UPDATE iom_deficit SET outcome = '{outcome}', outcome_on = '2023-06-01' WHERE competence_id = {competence} AND iom_id IN ({of})"
            ));
        };
        judge(1001, 1, "closed");
        judge(1001, 3, "remained");
        judge(1002, 1, "closed");
        judge(1099, 1, "reduced");
        let page = desk(&mut head, "");
        assert_eq!(fact(&page, "Доля закрытых дефицитов"), "66,7 % (2 из 3)");
        assert_eq!(row(&page, "Закрыт"), ["2", "66,7 %", "2"]);
        assert_eq!(row(&page, "Снижен"), ["0", "0,0 %", "0"], "that of the south is not here");
        assert_eq!(row(&page, "Остался"), ["1", "33,3 %", "1"]);
        assert_eq!(row(&page, "Ещё не оценён"), ["7", "–", "4"]);
        let _opened = open_all(&mut head, &page);
        let page = desk(&mut head, "?procedure=%D0%942");
        assert_eq!(fact(&page, "Доля закрытых дефицитов"), "ни один ещё не оценён");
    }

    // rows: KR-F20
    fn only_plans_on_the_platform_are_counted_where_that_is_asked_for(v: &Vekha) {
        let server = world(v);
        v.sql("UPDATE iom SET on_platform = FALSE WHERE person_id IN (1001, 1004)");
        let mut head = server.signed_in("head", PASSWORD);
        let on = desk(&mut head, "?platform=yes");
        assert_eq!(found(&on), "3");
        assert_eq!(row(&on, "Виден за 7 дней")[0], "0");
        assert_eq!(row(&on, "Виден позже 7 дней"), ["1", "33,3 %"]);
        assert_eq!(row(&on, "Просрочен шаг")[0], "0");
        assert_eq!(row(&on, "Ещё не оценён"), ["6", "–", "3"]);
        let off = desk(&mut head, "?platform=no");
        assert_eq!((found(&off), row(&off, "Виден за 7 дней")), ("2".into(), vec!["1".into(), "100,0 %".into()]));
        for page in [on, off] {
            let _opened = open_all(&mut head, &page);
        }
        assert_eq!(head.get("/plans/kpi?platform=x").status, 404);
    }
}
