//! The register of acts and orders: who issued what, from when to when, what it replaced; filters, a workbook, two editors,
//! and who sees what.

use crate::figures_pages::{sheets, table};
use crate::on_both;
use crate::web_cycle::{add, row, section, signed, world};
use crate::web_registers::found;
use crate::world::number;

on_both! {
    // rows: LE-F21, CH-F30, CH-F31, TY-F67
    fn acts_are_kept_with_number_date_force_and_what_they_replace(v: &Vekha) {
        let server = world(v, "CHE");
        let mut operator = signed(&server, "operator");
        let own = [("unit", "CHE"), ("public", "yes")];
        // The legal base: federal and regional acts with numbers and dates.
        let federal = [("kind", "law"), ("number", "273-ФЗ"), ("on", "29.12.2012"), ("level", "federal"), ("issuer", "Федеральное Собрание")];
        let federal = add(&mut operator, &[&own[..], &federal, &[("title", "Об образовании")]].concat());
        let decree = [("kind", "order"), ("number", "01/1739"), ("on", "28.08.2014"), ("title", "Об утверждении порядка")];
        let _decree = add(&mut operator, &[&own[..], &decree].concat());
        // Two statutes; the second edition of one of them takes the place of the first.
        let statute = |number, on, title| [("kind", "statute"), ("number", number), ("on", on), ("title", title), ("page", "https://docs.example/1")];
        let routes = add(&mut operator, &[&own[..], &statute("17", "10.02.2021", "Об индивидуальных маршрутах")].concat());
        let tools = add(&mut operator, &[&own[..], &statute("18", "11.02.2021", "О разработке инструментария")].concat());
        let edition = [&own[..], &statute("23", "01.09.2023", "Об индивидуальных маршрутах, вторая редакция"), &[("replaces", "17 от 10.02.2021")]].concat();
        let edition = add(&mut operator, &edition);
        // A complex of measures that held to the end of 2024.
        let measures = [("kind", "measures"), ("number", "5"), ("on", "15.01.2022"), ("title", "Комплекс мер системы"), ("to", "31.12.2024")];
        let measures = add(&mut operator, &[&own[..], &measures].concat());
        let list = table(&operator.get("/regulations"), "Документы");
        assert_eq!(row(&list, "Об образовании")[1..7], ["Закон", "273-ФЗ", "29.12.2012", "Федеральное Собрание", "с\u{a0}29.12.2012", "действует"]);
        assert_eq!(row(&list, "О разработке инструментария")[1..7], ["Положение", "18", "11.02.2021", "С0", "с\u{a0}11.02.2021", "действует"]);
        assert_eq!(row(&list, "Об индивидуальных маршрутах")[6], "заменён: положение №\u{a0}23 от\u{a0}01.09.2023");
        assert_eq!(row(&list, "Комплекс мер системы")[5..7], ["15.01.2022 – 31.12.2024", "срок истёк"]);
        for (filter, many) in [("kind=statute", 3), ("level=federal", 1), ("level=regional", 5), ("year=2021", 2), ("state=replaced", 1), ("state=force", 4), ("q=%D0%BC%D0%B0%D1%80%D1%88%D1%80%D1%83%D1%82", 2), ("kind=letter", 0)] {
            assert_eq!(found(&mut operator, &format!("/regulations?{filter}")), many, "{filter}");
        }
        // Each page leads to the other, and shows the text.
        let page = operator.get(&edition);
        assert!(page.body.contains(&format!("href=\"{routes}\"")) && page.body.contains("Что заменяет"), "{}", page.body);
        let page = operator.get(&routes);
        assert!(page.body.contains(&format!("href=\"{edition}\"")) && page.body.contains("Чем заменён"), "{}", page.body);
        for (path, said) in [(&federal, "федеральный"), (&tools, "https://docs.example/1"), (&measures, "15.01.2022 – 31.12.2024")] {
            assert!(operator.get(path).body.contains(said), "{said}");
        }
        // As a workbook: what the page holds, days as days.
        let book = sheets(&mut operator, "/regulations?kind=statute");
        assert_eq!(book[0].1.iter().filter(|row| row.iter().any(|cell| cell == "Положение")).count(), 3, "{book:?}");
        for filter in ["kind=x", "level=x", "year=x", "state=x", "stage=x", "pack=x", "unit=%D0%AE2"] {
            assert_eq!(operator.get(&format!("/regulations?{filter}")).status, 404, "{filter}");
        }
        let _whole = v.run(&["check"]).ok();
    }

    fn what_contradicts_itself_is_refused_in_words_and_stays_in_the_form(v: &Vekha) {
        let server = world(v, "CHE");
        let mut operator = signed(&server, "operator");
        let base = |number, on| [("unit", "CHE"), ("kind", "order"), ("number", number), ("on", on), ("title", "О маршрутах")];
        let first = add(&mut operator, &base("1-п", "01.09.2022"));
        let _second = add(&mut operator, &[&base("2-п", "01.10.2022")[..], &[("replaces", "1-п от 01.09.2022")]].concat());
        let page = operator.get("/regulations");
        for (fields, said) in [
            ([&base("3", "01.11.2022")[..], &[("from", "01.11.2022"), ("to", "31.10.2022")]].concat(), "раньше первого"),
            (base("1-П ", "01.09.2022").to_vec(), "уже внесён"),
            ([&base("3", "01.08.2022")[..], &[("replaces", "2-п от 01.10.2022")]].concat(), "издан позже"),
            ([&base("3", "01.11.2022")[..], &[("replaces", "1-п от 01.09.2022")]].concat(), "уже заменён"),
            ([&base("3", "01.11.2022")[..], &[("replaces", "77 от 01.09.2022")]].concat(), "номером и датой нет"),
            ([&base("3", "01.11.2022")[..], &[("replaces", "тот приказ")]].concat(), "Напишите номер и дату"),
            ([&base("3", "01.11.2022")[..], &[("stage", "goals")]].concat(), "заполните все три поля"),
            ([&base("3", "01.11.2022")[..], &[("stage", "goals"), ("pack", "chelyabinsk"), ("period", "2022/23")]].concat(), "период пишется так: 2023"),
            ([&base("3", "01.11.2022")[..], &[("stage", "goals"), ("pack", "leningrad"), ("period", "2021")]].concat(), "Такого этапа"),
            ([&base("3", "вчера")[..], &[("page", "docs")]].concat(), "Напишите день"),
            (vec![("unit", "С9"), ("kind", "x"), ("on", "01.11.2022"), ("title", "О")], "Выберите вид"),
        ] {
            let answer = operator.send(&page, "/regulations", &fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{said}: {}", answer.body);
            let title = fields.iter().find(|(name, _)| *name == "title").expect("a title").1;
            assert!(answer.body.contains(&format!("value=\"{title}\"")), "what was typed stays: {}", answer.body);
        }
        assert_eq!(found(&mut operator, "/regulations"), 2);
        // It replaces itself, or is dated after the one that replaced it.
        let page = operator.get(&first);
        let change = |number, on, replaces| [&base(number, on)[..], &[("act", "change"), ("replaces", replaces)]].concat();
        for (fields, said) in [
            (change("1-п", "01.09.2022", "1-п от 01.09.2022"), "сам себя"),
            (change("1-п", "01.12.2022", ""), "не может быть позже"),
            (change("2-п", "01.10.2022", ""), "уже внесён"),
        ] {
            let answer = operator.send(&page, &first, &fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{said}: {}", answer.body);
        }
        // The same number of another issuer or of another day is another act.
        let _other = add(&mut operator, &[&base("1-п", "01.09.2022")[..], &[("issuer", "Другой орган")]].concat());
        let _later = add(&mut operator, &base("1-п", "02.09.2022"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM regulation"), 4);
    }

    fn two_editors_a_withdrawal_and_the_journal(v: &Vekha) {
        let server = world(v, "CHE");
        let (mut one, mut two) = (signed(&server, "operator"), signed(&server, "operator"));
        let base = [("unit", "CHE"), ("kind", "order"), ("number", "1-п"), ("on", "01.09.2022"), ("title", "О маршрутах")];
        let path = add(&mut one, &base);
        let (page, late) = (one.get(&path), two.get(&path));
        let change = |title, number| [("act", "change"), ("unit", "CHE"), ("kind", "order"), ("number", number), ("on", "01.09.2022"), ("title", title)];
        let done = one.send(&page, &path, &change("О маршрутах педагогов", "1-п"));
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(one.send(&page, &path, &change("О маршрутах педагогов", "1-п")).status, 303, "sent twice, done once");
        let told = two.send(&late, &path, &change("О тьюторах", "1-п"));
        assert_eq!(told.status, 409, "{}", told.body);
        for said in ["operator", "«Изменён документ»", "Сейчас записано", "Вы ввели", "О маршрутах педагогов", "value=\"О тьюторах\""] {
            assert!(told.body.contains(said), "{said}: {}", told.body);
        }
        assert_eq!(v.query("SELECT detail FROM audit_event WHERE action = 'cycle.act_change'"), ["fields=title"]);
        let page = one.get(&path);
        assert_eq!(one.send(&page, &path, &[("act", "withdraw"), ("reason", "")]).status, 422);
        assert_eq!(one.send(&page, &path, &[("act", "withdraw"), ("reason", "внесён дважды")]).status, 303);
        assert_eq!([found(&mut one, "/regulations"), found(&mut one, "/regulations?state=withdrawn")], [0, 1]);
        // Its number is free meanwhile; then it does not come back.
        let _again = add(&mut one, &base);
        let page = one.get(&path);
        let answer = one.send(&page, &path, &[("act", "restore")]);
        assert!(answer.status == 422 && answer.body.contains("уже внесён"), "{}", answer.body);
        let journal = one.get("/journal").body;
        for said in ["Внесён документ", "Отозван документ", "документ: «О маршрутах педагогов»"] {
            assert!(journal.contains(said), "{said}: {journal}");
        }
        let _whole = v.run(&["check"]).ok();
    }

    fn an_act_of_a_unit_is_seen_below_and_above_it_and_a_public_one_everywhere_in_its_region(v: &Vekha) {
        let server = world(v, "CHE");
        let act = |unit, number, open| {
            let fields = [("unit", unit), ("kind", "order"), ("number", number), ("on", "01.09.2022"), ("title", "Приказ")];
            [&fields[..], if open { &[("public", "yes")][..] } else { &[] }].concat()
        };
        let region = add(&mut signed(&server, "ministry"), &act("CHE", "1", false));
        let town = add(&mut signed(&server, "mouo"), &act("С1", "2", false));
        let school = add(&mut signed(&server, "director"), &act("С2", "3", false));
        let open = add(&mut signed(&server, "director"), &act("С2", "4", true));
        let sees = [
            ("operator", [true, true, true, true]),
            ("ministry", [true, true, true, true]),
            ("mouo", [true, true, true, true]),
            ("mouo-far", [true, false, false, true]),
            ("director", [true, true, true, true]),
            ("director-far", [true, false, false, true]),
            ("teacher", [false, false, false, true]),
            ("tutor", [false, false, false, true]),
            ("south", [false, false, false, false]),
        ];
        for (login, sees) in sees {
            let mut who = signed(&server, login);
            let there = [&region, &town, &school, &open].map(|path| who.get(path).status == 200);
            assert_eq!(there, sees, "{login}");
            let many = sees.iter().filter(|s| **s).count();
            assert_eq!(found(&mut who, "/regulations"), many, "{login}");
        }
        // Nobody writes for a unit that is not theirs, or changes what they only read.
        let mut director = signed(&server, "director");
        let page = director.get("/regulations");
        let answer = director.send(&page, "/regulations", &act("С1", "5", false));
        assert!(answer.status == 422 && answer.body.contains("чей это документ"), "{}", answer.body);
        assert_eq!(director.send(&page, &town, &[("act", "withdraw"), ("seen", "1"), ("reason", "нет")]).status, 404);
        let mut teacher = signed(&server, "teacher");
        let page = teacher.get(&open);
        assert!(page.status == 200 && !page.body.contains("Отозвать"), "{}", page.body);
        assert_eq!(teacher.send(&page, "/regulations", &act("С2", "6", true)).status, 403);
    }

    // rows: LE-F44, LE-F59, LE-F60, LE-F66
    fn documents_of_stages_are_expected_by_kind_and_found_when_they_come(v: &Vekha) {
        let server = world(v, "LEN");
        let mut mouo = signed(&server, "mouo");
        let cycle = [("pack", "leninsky"), ("period", "2022"), ("unit", "С1")];
        let bring = |who: &mut crate::visitor::Visitor, kind, number, title, stage| {
            let fields = [("kind", kind), ("number", number), ("on", "01.03.2022"), ("title", title), ("stage", stage)];
            add(who, &[&cycle[..], &fields].concat())
        };
        let waits = |who: &mut crate::visitor::Visitor, stage: &str| {
            let said = section(&who.get("/cycle?period=2022"), stage);
            let part = said.split("Ещё ждём: ").nth(1).and_then(|rest| rest.split('.').next());
            part.map(str::to_owned)
        };
        // The concept is approved by an order: both, and goals, tasks and indicators stand as stages of their own.
        assert_eq!(waits(&mut mouo, "1. Цели и задачи").as_deref(), Some("концепция, приказ"));
        let _concept = bring(&mut mouo, "concept", "", "Концепция", "goals");
        assert_eq!(waits(&mut mouo, "1. Цели и задачи").as_deref(), Some("приказ"));
        let _order = bring(&mut mouo, "order", "64", "Об утверждении концепции", "goals");
        assert_eq!(waits(&mut mouo, "1. Цели и задачи"), None);
        assert_eq!(waits(&mut mouo, "2. Показатели").as_deref(), Some("перечень показателей"));
        // Measures: the road map for the young, the complex of measures, the plan of the centre.
        for (kind, left) in [("road_map", Some("комплекс мер, план мероприятий")), ("measures", Some("план мероприятий")), ("plan", None)] {
            let _path = bring(&mut mouo, kind, kind, "Меры", "actions");
            assert_eq!(waits(&mut mouo, "7. Меры и мероприятия").as_deref(), left, "{kind}");
        }
        // Decisions are fixed in orders and directions.
        for (kind, left) in [("order", Some("распоряжение")), ("direction", None)] {
            let _path = bring(&mut mouo, kind, "65", "О решениях", "decisions");
            assert_eq!(waits(&mut mouo, "8. Управленческие решения").as_deref(), left, "{kind}");
        }
        let page = mouo.get("/cycle?period=2022");
        let stages = table(&page, "Этапы цикла");
        assert_eq!([&*row(&stages, "7. Меры и мероприятия")[5], &*row(&stages, "8. Управленческие решения")[6]], ["3", "документы есть"]);
        assert_eq!(found(&mut mouo, "/regulations?pack=leninsky&period=2022&stage=actions"), 3);
        // Another year, and another municipality, wait for theirs.
        assert_eq!(waits(&mut signed(&server, "mouo-far"), "8. Управленческие решения").as_deref(), Some("приказ, распоряжение"));
        assert!(section(&mouo.get("/cycle?period=2023"), "7. Меры и мероприятия").contains("дорожная карта"));
    }
}
