//! What helps teachers grow, over plain HTTP and from files: days and conferences, learning from each other, contests and
//! what comes before them, teams, measures for young staff. Each is found by kind, level and place, its people are counted
//! by whoever keeps them, and the other region sees nothing of it.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::Server;
use crate::web_registers::{Event, after, bodies_are_kept, events_are_kept, found, records_are_counted, sent, signed};
use crate::web_undertakings::{Laid, Published, are_kept, but, publications_are_counted, refused};
use crate::world::{number, snils};

/// Where a teacher of the world works, as the units above say it; the number is in the name.
fn places(n: i64) -> &'static [&'static str] {
    match n {
        11..=20 => &["С0", "С1", "С2"],
        31..=35 => &["С0", "С1", "С3"],
        41..=45 => &["С0", "С5", "С6"],
        _ => &["Ю0", "Ю1", "Ю2"],
    }
}

/// Who keeps registers, and over what.
const KEEPERS: [(&str, &str); 5] = [
    ("operator", "С0"),
    ("methodist", "С1"),
    ("director", "С2"),
    ("director-far", "С6"),
    ("south", "Ю0"),
];

/// Records of people from a file: number of the person, kind, level, day, title, code of the event.
type Took = (
    i64,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn load(v: &Vekha, records: &[Took]) {
    let mut text = String::from("СНИЛС;Вид;Уровень;С;Название;Мероприятие\n");
    for (n, kind, level, on, title, event) in records {
        text.push_str(&format!("{};{kind};{level};{on};{title};{event}\n", snils(*n)));
    }
    let loaded = v.import("activities", &text);
    assert!(
        loaded.out.starts_with(&format!("Новых {},", records.len())),
        "{}",
        loaded.out
    );
}

/// Whoever keeps registers finds the records of the own people by a condition of the address, and counts those people.
fn are_counted(server: &Server, records: &[Took], query: &str, asked: &dyn Fn(&Took) -> bool) {
    let mut telling = false;
    for (login, over) in KEEPERS {
        let own: Vec<&Took> = records
            .iter()
            .filter(|r| places(r.0).contains(&over) && asked(r))
            .collect();
        let people: std::collections::BTreeSet<i64> = own.iter().map(|r| r.0).collect();
        let mut who = signed(server, login);
        let path = format!("/activities?{query}");
        // A year without a record is none to choose.
        if own.is_empty() && query.contains("year=") {
            assert!(!who.get(&path).body.contains("Фамилия"), "{login} {path}");
            continue;
        }
        assert_eq!(found(&mut who, &path), own.len(), "{login} {path}");
        let page = who.get(&path);
        assert!(
            page.body.contains(&format!(" о {}\u{a0}", people.len())),
            "{login} {path}: {}",
            page.body
        );
        for n in people {
            assert!(
                page.body.contains(&format!("Фамилия{n}")),
                "{login} {path} {n}: {}",
                page.body
            );
            telling = true;
        }
    }
    assert!(telling, "{query}: somebody has such a record");
}

on_both! {
    // rows: TY-F78
    fn days_conferences_and_the_august_forum_stand_with_the_social_agreement(v: &Vekha) {
        let event = |title, series, kind, level, on, units, counted| Event { title, series, kind, level, on, units, counted };
        events_are_kept(v, &[
            event("День методиста области", "Методические дни", "event/methodical_day", "regional", "05.10.2022", "С1=40; С5=25", 65),
            event("День методиста района", "Методические дни", "event/methodical_day", "municipal", "12.10.2022", "С1=12", 12),
            event("Конференция практиков", "", "event/conference", "regional", "17.11.2022", "С1=30; С5=20", 50),
            event("Пленарное заседание", "Августовский форум", "event/forum", "regional", "23.08.2023", "С1=90; С5=60", 150),
            event("Секции форума", "Августовский форум", "event/forum", "regional", "24.08.2023", "С5=45", 45),
            event("Форум следующего лета", "Августовский форум", "event/forum", "regional", "22.08.2024", "С1=35", 35),
        ]);
        let server = Server::start(v);
        let mut operator = signed(&server, "operator");
        // The forum of August belongs to the academic year that ends with it.
        let mut of = |year: &str| found(&mut operator, &format!("/events?kind=event%2Fforum&year={year}"));
        assert_eq!((of("2022%2F23"), of("2023%2F24")), (2, 1));
        let _bodies = v.import("bodies", "Код;Наименование;Вид;Уровень;Единица\n\
            DEP;Департамент области;Орган управления образованием;региональный;С0\n\
            MUN;Управление района;Орган управления образованием;муниципальный;С1\n\
            TU;Профсоюз области;Профсоюз;региональный;С0\n\
            S-1;Департамент юга;Орган управления образованием;региональный;Ю0\nS-2;Профсоюз юга;Профсоюз;региональный;Ю0\n");
        let _agreements = v.import("undertakings", "Код;Вид;Название;Уровень;Единица;С;По;Состояние;Номер акта;Дата акта;Стороны;Участвуют\n\
            A-1;Социальный договор;Договор о школе района;региональный;С1;01.09.2022;;идёт;12-п;30.08.2022;\"DEP; MUN; TU\";С2\n\
            A-2;Социальный договор;Договор об округе;региональный;С0;01.09.2021;31.08.2022;завершено;7;30.08.2021;\"DEP; TU\";\n\
            A-3;Социальный договор;Договор юга;региональный;Ю0;01.09.2022;;идёт;1;30.08.2022;\"S-1; S-2\";\n");
        for (login, all, running) in [("operator", 2, 1), ("director", 2, 1), ("south", 1, 1)] {
            let mut who = signed(&server, login);
            let mut of = |more: &str| found(&mut who, &format!("/undertakings?kind=agreement{more}"));
            assert_eq!((of(""), of("&state=running"), of("&state=finished")), (all, running, all - running), "{login}");
        }
        assert_eq!(found(&mut operator, "/undertakings?kind=agreement&unit=%D0%A11"), 1, "the one of the town");
        let id = number(v, "SELECT id AS n FROM undertaking WHERE code = 'A-1'");
        let page = operator.get(&format!("/undertakings/{id}"));
        for said in ["Департамент области", "Управление района", "Профсоюз области", "№ 12-п от 30.08.2022"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert_eq!(signed(&server, "south").get(&format!("/undertakings/{id}")).status, 404);
        // A contract that nobody but one has signed is none.
        let one = v.file("one.csv", "Код;Вид;Название;Уровень;Единица;С;Номер акта;Дата акта;Стороны\n\
            A-4;Социальный договор;Ничей договор;региональный;С1;01.09.2022;12-п;30.08.2022;DEP\n");
        let refused = v.run(&["import", "undertakings", crate::support::text(&one)]).with_refusals();
        assert!(refused.err.contains("две стороны или больше"), "{}", refused.err);
    }

    // rows: LE-F11
    fn communities_learn_from_each_other_and_their_experience_is_described(v: &Vekha) {
        let laid: [Published; 4] = [
            ("О1", "experience", "2022", "", "химия", "teachers"),
            ("О2", "experience", "2023", "", "физика", "teachers; young"),
            ("О3", "experience", "2023", "", "химия", "mentors"),
            ("Р1", "recommendations", "2023", "", "", "teachers"),
        ];
        publications_are_counted(v, &laid);
        let server = Server::start(v);
        let _bodies = v.import("bodies", "Код;Наименование;Вид;Уровень;Единица\n\
            ХИМ;Сообщество химиков;Профессиональное сообщество;муниципальный;С1\n\
            ФИЗ;Сообщество физиков;Сетевое сообщество;муниципальный;С5\nЮГ;Сообщество юга;Профессиональное сообщество;региональный;Ю0\n");
        let members = [
            (11, "ХИМ", "руководитель", ""), (12, "ХИМ", "", ""), (13, "ХИМ", "", "31.05.2023"), (31, "ХИМ", "", ""),
            (41, "ФИЗ", "руководитель", ""), (61, "ЮГ", "руководитель", ""),
        ];
        let mut text = String::from("СНИЛС;Объединение;Роль;С;По\n");
        for (n, body, role, to) in members {
            text.push_str(&format!("{};{body};{role};01.09.2022;{to}\n", snils(n)));
        }
        let _members = v.import("members", &text);
        for (login, all, more, body) in [("operator", 2, "", ""), ("operator", 1, "&unit=%D0%A11", "ХИМ"), ("south", 1, "", "ЮГ")] {
            let mut who = signed(&server, login);
            let path = format!("/bodies?kind=community{more}");
            assert_eq!(found(&mut who, &path), all, "{login} {path}");
            let own = |of: &str| if body.is_empty() { of != "ЮГ" } else { of == body };
            let today = members.iter().filter(|(_, of, _, to)| own(of) && to.is_empty()).count();
            assert_eq!(after(&who.get(&path), "Сегодня в них состоят: "), today, "{login} {path}");
        }
        // What they do together is an event of theirs with its people; the one who left takes part no less.
        let _events = v.import("events", "Код;Серия;Название;Вид;Уровень;С;Организатор;Единицы\n\
            М-1;Уроки друг у друга;Открытый урок;Взаимопосещение уроков;муниципальный;14.10.2022;Сообщество химиков;С1=4\n\
            М-2;;Разбор опыта;Обмен опытом;муниципальный;15.10.2022;Сообщество химиков;С1=3; С5=1\n\
            Ю-1;;Опыт юга;Обмен опытом;региональный;15.10.2022;Сообщество юга;Ю1=2\n".replace("С1=3; С5=1", "\"С1=3; С5=1\"").as_str());
        let took: [Took; 6] = [
            (11, "event/lesson_visit", "", "14.10.2022", "", "М-1"), (13, "event/lesson_visit", "", "14.10.2022", "", "М-1"),
            (11, "event/experience", "", "15.10.2022", "", "М-2"), (31, "event/experience", "", "15.10.2022", "", "М-2"),
            (41, "event/experience", "", "15.10.2022", "", "М-2"), (61, "event/experience", "", "15.10.2022", "", "Ю-1"),
        ];
        load(v, &took);
        for kind in ["lesson_visit", "experience"] {
            let whole = format!("event/{kind}");
            are_counted(&server, &took, &format!("kind=event%2F{kind}"), &|r| r.1 == whole);
        }
        let mut operator = signed(&server, "operator");
        let page = operator.get("/events?kind=event%2Fexperience");
        assert_eq!((after(&page, "Найдено: "), after(&page, "Здесь всего: ")), (1, 4), "{}", page.body);
        assert!(page.body.contains("Разбор опыта") && !page.body.contains("Опыт юга"), "{}", page.body);
        let _whole = v.run(&["check"]).ok();
    }

    // rows: CH-F47
    fn contests_follow_preparation_and_stand_beside_innovation_and_research(v: &Vekha) {
        records_are_counted(v, &[
            (11, "contest/mastery", "municipal", "15.02.2023", "winner"),
            (12, "contest/mastery", "municipal", "15.02.2023", "took_part"),
            (41, "contest/mastery", "regional", "15.11.2023", "prize"),
            (31, "contest/teacher_of_year", "regional", "20.04.2023", "laureate"),
            (42, "contest/practices", "federal", "20.04.2023", "winner"),
            (61, "contest/mastery", "regional", "15.11.2023", "winner"),
        ]);
        let server = Server::start(v);
        let _events = v.import("events", "Код;Серия;Название;Вид;Уровень;С;Единицы\n\
            П-1;Школа конкурсанта;Как показать урок;Подготовка к конкурсу мастерства;муниципальный;20.01.2023;С1=6\n\
            П-2;Школа конкурсанта;Как рассказать об опыте;Подготовка к конкурсу;региональный;27.01.2023;С5=4\n\
            Ю-1;;Занятие юга;Подготовка к конкурсу;региональный;27.01.2023;Ю1=3\n");
        let took: [Took; 5] = [
            (11, "event/contest_preparation", "", "20.01.2023", "", "П-1"), (12, "event/contest_preparation", "", "20.01.2023", "", "П-1"),
            (31, "event/contest_preparation", "", "20.01.2023", "", "П-1"), (41, "event/contest_preparation", "", "27.01.2023", "", "П-2"),
            (61, "event/contest_preparation", "", "27.01.2023", "", "Ю-1"),
        ];
        load(v, &took);
        are_counted(&server, &took, "kind=event%2Fcontest_preparation", &|_| true);
        let mut operator = signed(&server, "operator");
        for (more, events, people) in [("", 2, 10), ("&level=regional", 1, 4), ("&unit=%D0%A11", 1, 6)] {
            let page = operator.get(&format!("/events?kind=event%2Fcontest_preparation{more}"));
            assert_eq!((after(&page, "Найдено: "), after(&page, "Здесь всего: ")), (events, people), "{more}: {}", page.body);
        }
        let _laid = v.import("undertakings", "Код;Вид;Название;Уровень;Единица;С;По;Состояние;Участвуют\n\
            И-1;Инновационный проект;Чтение всей школой;региональный;С2;01.09.2022;;идёт;\n\
            И-2;Исследовательская работа педагогов;Как дети читают графики;муниципальный;С1;01.09.2022;;идёт;\"С2; С3\"\n\
            И-3;Исследование;Опыты дома;школьный;С6;01.09.2021;31.05.2022;завершено;\nИ-4;Исследование;Юг;региональный;Ю0;01.09.2022;;идёт;\n");
        for (kind, all, running, town) in [("innovation_project", 1, 1, 1), ("research", 2, 1, 1)] {
            let mut of = |more: &str| found(&mut operator, &format!("/undertakings?kind={kind}{more}"));
            assert_eq!((of(""), of("&state=running"), of("&unit=%D0%A11")), (all, running, town), "{kind}");
        }
        assert_eq!(found(&mut signed(&server, "south"), "/undertakings?kind=research"), 1);
        // A school names its own researchers, from a day on.
        let path = format!("/undertakings/{}", number(v, "SELECT id AS n FROM undertaking WHERE code = 'И-3'"));
        let mut far = signed(&server, "director-far");
        let page = far.get(&path);
        let join = [("act", "join"), ("who", "Фамилия41"), ("role", "leader"), ("since", "01.10.2021"), ("until", "")];
        let _joined = sent(&mut far, &page, &path, &join);
        assert!(far.get(&path).body.contains("Фамилия41"));
        assert!(!signed(&server, "director").get(&path).body.contains("Фамилия41"), "another school sees a number");
        assert_eq!(signed(&server, "south").get(&path).status, 404);
        let _whole = v.run(&["check"]).ok();
    }

    // rows: CH-F39
    fn management_teams_are_trained_and_burnout_is_prevented(v: &Vekha) {
        bodies_are_kept(v, &[
            ("management_team", "school", "Команда школы"),
            ("management_team", "municipal", "Команда района"),
        ]);
        let server = Server::start(v);
        let _events = v.import("events", "Код;Название;Вид;Уровень;С;Единицы\n\
            К-1;Команда и перемены;Обучение управленческих команд;региональный;10.10.2022;\"С1=12; С5=8\"\n\
            К-2;Решаем вместе;Обучение управленческой команды;муниципальный;10.11.2023;С1=5\n\
            Ю-1;Команды юга;Обучение управленческих команд;региональный;10.10.2022;Ю1=9\n");
        let took: [Took; 8] = [
            (11, "event/team_training", "", "10.10.2022", "", "К-1"), (12, "event/team_training", "", "10.10.2022", "", "К-1"),
            (41, "event/team_training", "", "10.10.2022", "", "К-1"), (12, "event/team_training", "", "10.11.2023", "", "К-2"),
            (61, "event/team_training", "", "10.10.2022", "", "Ю-1"),
            (11, "burnout/training", "", "05.12.2022", "Силы учителя", ""), (31, "burnout/supervision", "", "06.12.2022", "Разбор", ""),
            (41, "burnout/training", "", "05.12.2023", "Силы учителя", ""),
        ];
        load(v, &took);
        are_counted(&server, &took, "kind=event%2Fteam_training", &|r| r.1 == "event/team_training");
        are_counted(&server, &took, "kind=event%2Fteam_training&year=2023%2F24", &|r| r.1 == "event/team_training" && r.3.ends_with("2023"));
        are_counted(&server, &took, "kind=burnout", &|r| r.1.starts_with("burnout/"));
        are_counted(&server, &took, "kind=burnout%2Ftraining", &|r| r.1 == "burnout/training");
        are_counted(&server, &took, "kind=burnout&year=2022%2F23", &|r| r.1.starts_with("burnout/") && r.3.ends_with("2022"));
        let mut operator = signed(&server, "operator");
        for (more, events, people) in [("", 2, 25), ("&level=municipal", 1, 5), ("&unit=%D0%A15", 1, 20)] {
            let page = operator.get(&format!("/events?kind=event%2Fteam_training{more}"));
            assert_eq!((after(&page, "Найдено: "), after(&page, "Здесь всего: ")), (events, people), "{more}: {}", page.body);
        }
    }

    // rows: KR-F60
    fn measures_for_staff_are_dated_by_an_act_and_reach_young_specialists(v: &Vekha) {
        let laid: [Laid; 3] = [
            ("Комплекс мер района", "staffing_measures", "municipal", "С1", "", "MUN", "С2; С3"),
            ("Комплекс мер округа", "staffing_measures", "municipal", "С5", "", "", "С6"),
            ("Клуб начинающих", "support_project", "municipal", "С1", "", "", ""),
        ];
        let (server, _paths) = are_kept(v, &laid);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/undertakings");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("act-number", "")]), "номер и дата");
        for town in ["С1", "С5"] {
            let there = laid.iter().filter(|l| l.1 == "staffing_measures" && l.3 == town).count();
            let path = format!("/undertakings?kind=staffing_measures&unit={}", crate::web_registers::code(town));
            assert_eq!(found(&mut operator, &path), there, "{path}");
        }
        // Whom the measures have reached, by measure, level and year.
        let took: [Took; 7] = [
            (11, "support/payment", "муниципальный", "05.10.2022", "Выплата", ""), (12, "support/payment", "муниципальный", "05.10.2023", "Выплата", ""),
            (31, "support/housing", "муниципальный", "05.10.2022", "Квартира", ""), (41, "support/payment", "муниципальный", "06.10.2022", "Выплата", ""),
            (41, "support/rural_teacher", "региональный", "06.10.2022", "Земский учитель", ""),
            (42, "support/target_contract", "муниципальный", "07.10.2022", "Договор", ""), (61, "support/payment", "муниципальный", "05.10.2022", "Выплата", ""),
        ];
        load(v, &took);
        are_counted(&server, &took, "kind=support", &|_| true);
        are_counted(&server, &took, "kind=support&level=municipal", &|r| r.2 == "муниципальный");
        are_counted(&server, &took, "kind=support%2Fpayment&level=municipal&year=2022%2F23", &|r| r.1 == "support/payment" && r.3.ends_with("2022"));
        are_counted(&server, &took, "kind=support%2Fhousing", &|r| r.1 == "support/housing");
        // The needs that they answer stand as vacancies of the same towns.
        let vacancies = [("С2", "химия"), ("С3", "физика"), ("С6", "химия"), ("Ю2", "химия")];
        let mut text = String::from("Организация (код);Должность;Предмет;Ставка;С\n");
        for (school, subject) in vacancies {
            text.push_str(&format!("{school};учитель;{subject};1;01.09.2022\n"));
        }
        let _loaded = v.import("vacancies", &text);
        for (path, there) in [("/vacancies", 3), ("/vacancies?unit=%D0%A11", 2), ("/vacancies?unit=%D0%A15", 1)] {
            assert_eq!(found(&mut operator, path), there, "{path}");
        }
        assert_eq!(found(&mut signed(&server, "south"), "/vacancies"), 1);
    }
}
