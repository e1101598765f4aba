//! Bodies, mentoring pairs, the base of mentors and vacancies given out as a workbook and brought back: what was changed is
//! written by the act of its page, who is named is looked for as that page does it, and what is another's is not there.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::Visitor;
use crate::web_registers::{found, hidden, sent, signed, world};
use crate::web_roundtrip::{acts, bring, confirm, edited, merged, put, questions, rows, says_nothing, table, tried};
use crate::world::{number, snils};

/// The rows of a table by what stands in a column.
fn row(v: &Vekha, book: &[u8], column: &str, holds: &str) -> std::collections::BTreeMap<String, String> {
    let all = rows(v, book);
    let one = all.iter().find(|row| row[column].contains(holds));
    one.unwrap_or_else(|| unreachable!("{holds} among {all:?}")).clone()
}

/// The same file with the key of a row put in another's place finds nothing.
#[track_caller]
fn foreign(v: &Vekha, who: &mut Visitor, book: &[u8], edit: &Value, keys: &[String]) {
    let own = edit["key"].as_str().expect("a key").to_owned();
    for key in keys {
        let changed = edited(v, book, &json!([edit, {"do": "key", "key": own, "value": key}]));
        let (path, page) = tried(who, &changed);
        assert!(
            page.body.contains("Такой строки среди ваших нет"),
            "a foreign row was found: {key}: {}",
            page.body
        );
        let done = confirm(who, &path, &page, &[]);
        assert!(done.body.contains("Ничего не записано"), "{}", done.body);
    }
}

/// How many rows of the journal tell that names of a list went out.
fn told(v: &Vekha, list: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM audit_event WHERE action = 'desk.export_list' AND object_kind = '{list}'"),
    )
}

fn details(v: &Vekha, action: &str) -> Vec<String> {
    v.query(&format!(
        "SELECT detail FROM audit_event WHERE action = '{action}' ORDER BY id"
    ))
}

/// Adds a body; its id.
#[track_caller]
fn body(who: &mut Visitor, name: &str, (kind, level, unit): (&str, &str, &str)) -> String {
    let page = who.get("/bodies");
    let fields = [
        ("name", name),
        ("kind", kind),
        ("level", level),
        ("unit", unit),
        ("duties", "собирается раз в месяц"),
        ("page", ""),
        ("code", ""),
    ];
    let to = sent(who, &page, "/bodies", &fields);
    let path = to.split('?').next().expect("a path");
    path.rsplit('/').next().expect("an id").to_owned()
}

/// Two pairs of the first school, one of the far one, one of the other region.
fn pairs(v: &Vekha) {
    let mut file = String::from("СНИЛС наставника;СНИЛС наставляемого;Форма;С;По;Документы\n");
    for (mentor, mentee) in [(11, 12), (11, 13), (41, 42), (61, 62)] {
        let documents = "положение; приказ о закреплении";
        file.push_str(&format!(
            "{};{};teacher_teacher;01.10.2022;;\"{documents}\"\n",
            snils(mentor),
            snils(mentee)
        ));
    }
    let loaded = v.import("pairs", &file);
    assert!(loaded.out.starts_with("Новых 4,"), "{}", loaded.out);
}

/// The id of the pair of a mentee.
fn pair_of(v: &Vekha, mentee: i64) -> String {
    let of = format!("mentee_id = {} AND superseded_at IS NULL", 1000 + mentee);
    number(v, &format!("SELECT record_id AS n FROM mentoring_pair WHERE {of}")).to_string()
}

on_both! {
    fn a_body_is_changed_in_a_table_by_whoever_keeps_it(v: &Vekha) {
        let server = world(v);
        let (mut operator, mut director, mut south) = (signed(&server, "operator"), signed(&server, "director"), signed(&server, "south"));
        let own = body(&mut director, "Методсовет", ("mo", "school", "С2"));
        let (far, whole) = (body(&mut operator, "РМО физиков", ("rmo", "municipal", "С5")), body(&mut operator, "Совет региона", ("young", "regional", "")));
        let theirs = body(&mut south, "РМО юга", ("rmo", "municipal", "Ю1"));
        let list = director.get("/bodies");
        assert!(list.body.contains("/editable/bodies\"") && list.body.contains("href=\"/returned\""), "{}", list.body);
        assert_eq!(rows(v, &table(&mut operator, "/editable/bodies")).len(), 3);
        let book = table(&mut director, "/editable/bodies");
        let given = rows(v, &book);
        assert_eq!((given.len(), given[0]["Ключ строки"].as_str()), (1, own.as_str()), "a foreign row was found: {given:?}");
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([])));
        says_nothing(&page);
        // One cell.
        let changed = edited(v, &book, &json!([put(&own, "Обязанности", "разбирает уроки")]));
        let page = merged(&mut director, &changed);
        assert!(page.body.contains("Записано: 1"), "{}", page.body);
        let stored = |id: &str| v.query(&format!("SELECT name || '|' || kind || '|' || duties || '|' || version FROM body WHERE id = {id}")).remove(0);
        assert_eq!(stored(&own), "Методсовет|mo|разбирает уроки|2");
        assert_eq!(details(v, "activity.body_change"), ["fields=duties"]);
        let (_, page) = tried(&mut director, &changed);
        says_nothing(&page);
        // Another keeper has changed the same cell: whoever brings the file is asked.
        let path = format!("/bodies/{own}");
        let page = operator.get(&path);
        let seen = hidden(&page, "change", "seen");
        let fields = [("act", "change"), ("seen", seen.as_str()), ("name", "Методсовет"), ("kind", "mo"), ("level", "school"), ("unit", "С2"), ("duties", "из системы"), ("page", "")];
        let _changed = sent(&mut operator, &page, &path, &fields);
        let changed = edited(v, &book, &json!([put(&own, "Обязанности", "из файла"), put(&own, "Название", "Методсовет школы")]));
        let (way, page) = tried(&mut director, &changed);
        let asked = questions(&page);
        assert!(asked.len() == 1 && page.body.contains("из системы"), "one cell is asked about: {}", page.body);
        let _done = confirm(&mut director, &way, &page, &[(&asked[0], "system")]);
        assert_eq!(stored(&own), "Методсовет школы|mo|из системы|4");
        // Kind and level stay while there are members, and the code always.
        let page = operator.get(&path);
        let join = [("act", "join"), ("who", "Фамилия11"), ("role", "chair"), ("since", "01.09.2022"), ("until", "")];
        let _joined = sent(&mut operator, &page, &path, &join);
        let all = table(&mut operator, "/editable/bodies");
        let other = row(v, &all, "Название", "РМО физиков");
        let wrong = edited(v, &all, &json!([put(&own, "Вид", &other["Вид"]), put(&far, "Код", "РМО-1"), put(&whole, "При ком работает", "нет такой")]));
        let (_, page) = tried(&mut operator, &wrong);
        for words in ["вид и уровень не меняют", "Код записи не меняется", "Выберите, при ком работает"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let book = table(&mut director, "/editable/bodies");
        foreign(v, &mut director, &book, &put(&own, "Название", "Чужое"), &[far, whole, theirs, "987654321012345678".into()]);
        // A new one, and once.
        let new = edited(v, &book, &json!([{"do": "add", "row": {
            "Название": "Методсовет начальной школы", "Вид": given[0]["Вид"], "Уровень": given[0]["Уровень"], "При ком работает": given[0]["При ком работает"],
        }}]));
        let (way, page) = tried(&mut director, &new);
        assert!(page.body.contains("Методсовет начальной школы (новая)"), "{}", page.body);
        let done = confirm(&mut director, &way, &page, &[]);
        assert!(done.body.contains("добавлено 1"), "{}", done.body);
        let (_, page) = tried(&mut director, &new);
        says_nothing(&page);
        assert_eq!(number(v, "SELECT count(*) AS n FROM body"), 5);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_pair_is_changed_in_a_table_and_its_people_are_looked_for_by_name(v: &Vekha) {
        let server = world(v);
        pairs(v);
        let (mut operator, mut coordinator) = (signed(&server, "operator"), signed(&server, "coordinator"));
        let (one, two, far, theirs) = (pair_of(v, 12), pair_of(v, 13), pair_of(v, 42), pair_of(v, 62));
        assert!(coordinator.get("/pairs").body.contains("/editable/pairs\""));
        let book = table(&mut coordinator, "/editable/pairs");
        assert_eq!(told(v, "mentoring_pair"), 1, "the journal says whose names went out");
        let given = rows(v, &book);
        let own = row(v, &book, "Наставляемый", "Фамилия12");
        assert!(given.len() == 2 && own["Наставник"].contains("Фамилия11") && own["Ключ строки"] == one, "{given:?}");
        assert_eq!(own["Какие документы есть"], "приказ о закреплении; положение");
        let (_, page) = tried(&mut coordinator, &edited(v, &book, &json!([])));
        says_nothing(&page);
        // One cell of one pair; its documents are words of a list.
        let stored = |of: &str| v.query(&format!("SELECT documents || '|' || coalesce(outcome, '') || '|' || version FROM mentoring_pair WHERE record_id = {of} AND superseded_at IS NULL")).remove(0);
        let changed = edited(v, &book, &json!([put(&one, "Какие документы есть", "положение; отчёт")]));
        let page = merged(&mut coordinator, &changed);
        assert!(page.body.contains("Записано: 1"), "{}", page.body);
        assert_eq!((stored(&one), stored(&two)), ("report,statute||2".into(), "order,statute||1".into()));
        assert_eq!(details(v, "activity.pair_change"), ["fields=documents"; 2], "each of the two reads of it");
        // Both sides.
        let late = table(&mut operator, "/editable/pairs");
        let _done = merged(&mut operator, &edited(v, &late, &json!([put(&two, "Итог", "из системы")])));
        let changed = edited(v, &book, &json!([put(&two, "Итог", "из файла")]));
        let (way, page) = tried(&mut coordinator, &changed);
        let asked = questions(&page);
        assert!(asked.len() == 1 && page.body.contains("из системы"), "one cell is asked about: {}", page.body);
        assert_eq!(stored(&two), "order,statute|из системы|2");
        let _done = confirm(&mut coordinator, &way, &page, &[(&asked[0], "file")]);
        assert_eq!(stored(&two), "order,statute|из файла|3");
        // Its people and its form stay; words that are in no list are told.
        let wrong = edited(v, &book, &json!([
            put(&one, "Наставник", "Фамилия14 Имя"),
            put(&two, "Какие документы есть", "справка"),
            {"do": "add", "row": {"Наставник": "Фамилия41 Имя", "Наставляемый": "Фамилия1", "Форма": "какая-то", "Первый день": "01.09.2023"}},
            {"do": "add", "row": {"Наставник": "Фамилия15", "Наставляемый": "Фамилия15", "Форма": own["Форма"], "Первый день": "01.09.2023"}},
        ]));
        let (_, page) = tried(&mut coordinator, &wrong);
        for words in ["прежней пары это не меняется", "Назовите документы", "среди работающих у вас нет", "Таких людей несколько", "Выберите форму", "один и тот же человек"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let fresh = table(&mut coordinator, "/editable/pairs");
        foreign(v, &mut coordinator, &fresh, &put(&one, "Итог", "чужой"), &[far, theirs]);
        // A new pair, by the names of its two; the same file again adds none, and neither does its like.
        let new = |from: &str| edited(v, &fresh, &json!([{"do": "add", "row": {
            "Наставник": "Фамилия14", "Наставляемый": "Фамилия15", "Форма": own["Форма"], "Первый день": from, "Какие документы есть": "приказ о закреплении",
        }}]));
        let done = merged(&mut coordinator, &new("01.09.2023"));
        assert!(done.body.contains("добавлено 1"), "{}", done.body);
        let laid = v.query("SELECT mentor_id || ' ' || mentee_id || ' ' || documents FROM mentoring_pair WHERE mentor_id = 1014");
        assert_eq!((laid, acts(v, "activity.pair_add")), (vec!["1014 1015 order".to_owned()], 2));
        let (_, page) = tried(&mut coordinator, &new("01.09.2023"));
        says_nothing(&page);
        let (way, page) = tried(&mut coordinator, &new("01.10.2023"));
        let refused = coordinator.send(&page, &way, &[]);
        assert!(refused.status == 422 && refused.body.contains("уже работает с 01.09.2023"), "{}", refused.body);
        // Beside a row that can be written it is left, with what was said of it, and the other stands.
        let both = edited(v, &fresh, &json!([
            put(&one, "Итог", "свой урок"),
            {"do": "add", "row": {"Наставник": "Фамилия14", "Наставляемый": "Фамилия15", "Форма": own["Форма"], "Первый день": "01.10.2023", "Какие документы есть": "приказ о закреплении"}},
        ]));
        let (way, page) = tried(&mut coordinator, &both);
        let sent = coordinator.send(&page, &way, &[]);
        assert_eq!((sent.status, sent.header("location")), (303, way.as_str()), "{}", sent.body);
        let done = coordinator.get(&way);
        for words in ["Записано: 1", "Не записаны", "уже работает с 01.09.2023"] {
            assert!(done.body.contains(words), "{words}: {}", done.body);
        }
        assert_eq!(stored(&one), "report,statute|свой урок|3");
        let told = coordinator.get(&format!("{way}/errors"));
        assert_eq!((told.status, told.header("content-type")), (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        assert_eq!(found(&mut coordinator, "/pairs"), 3);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_card_of_the_base_of_mentors_is_changed_in_a_table(v: &Vekha) {
        let server = world(v);
        let mut file = String::from("СНИЛС;Качества;Предмет;Обучен;С;По\n");
        for n in [11, 12, 41, 61] {
            file.push_str(&format!("{};methodical;химия;01.06.2022;01.09.2022;\n", snils(n)));
        }
        let _loaded = v.import("mentors", &file);
        let (mut operator, mut coordinator) = (signed(&server, "operator"), signed(&server, "coordinator"));
        let card = |n: i64| number(v, &format!("SELECT record_id AS n FROM mentor_card WHERE person_id = {} AND superseded_at IS NULL", 1000 + n)).to_string();
        let (one, two, far, theirs) = (card(11), card(12), card(41), card(61));
        assert!(coordinator.get("/mentors").body.contains("/editable/mentors\""));
        let book = table(&mut coordinator, "/editable/mentors");
        assert_eq!(told(v, "mentor_card"), 1, "the journal says whose names went out");
        let given = rows(v, &book);
        assert_eq!((given.len(), rows(v, &table(&mut operator, "/editable/mentors")).len()), (2, 3));
        let (_, page) = tried(&mut coordinator, &edited(v, &book, &json!([])));
        says_nothing(&page);
        let stored = |of: &str| v.query(&format!("SELECT subject || '|' || qualities || '|' || version FROM mentor_card WHERE record_id = {of} AND superseded_at IS NULL")).remove(0);
        let changed = edited(v, &book, &json!([put(&one, "Предмет", "физика"), put(&one, "Где работает", "нигде")]));
        let (way, page) = tried(&mut coordinator, &changed);
        assert!(page.body.contains("только для чтения изменено: 1"), "{}", page.body);
        let _done = confirm(&mut coordinator, &way, &page, &[]);
        assert_eq!((stored(&one), stored(&two)), ("физика|methodical|2".into(), "химия|methodical|1".into()));
        assert_eq!(details(v, "activity.mentor_change"), ["fields=subject"]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM mentor_card WHERE superseded_at IS NOT NULL"), 1, "what was said before stays");
        // Both sides; what does not fit; whose card it is stays.
        let changed = edited(v, &book, &json!([put(&one, "Предмет", "биология"), put(&two, "Наставник", "Фамилия14 Имя")]));
        let (way, page) = tried(&mut coordinator, &changed);
        let asked = questions(&page);
        assert!(asked.len() == 1 && page.body.contains("Карта остаётся за тем же человеком"), "{}", page.body);
        let _done = confirm(&mut coordinator, &way, &page, &[(&asked[0], "file")]);
        assert_eq!(stored(&one), "биология|methodical|3");
        let fresh = table(&mut coordinator, "/editable/mentors");
        foreign(v, &mut coordinator, &fresh, &put(&one, "Предмет", "чужой"), &[far, theirs]);
        // A new one; a second card of the same person is refused.
        let new = |from: &str| edited(v, &fresh, &json!([{"do": "add", "row": {"Наставник": "Фамилия15", "Качества": given[0]["Качества"], "В базе с": from}}]));
        let done = merged(&mut coordinator, &new("01.09.2023"));
        assert!(done.body.contains("добавлено 1"), "{}", done.body);
        assert_eq!((found(&mut coordinator, "/mentors"), acts(v, "activity.mentor_add")), (3, 1));
        let (_, page) = tried(&mut coordinator, &new("01.09.2023"));
        says_nothing(&page);
        let (_, page) = tried(&mut coordinator, &new("01.10.2023"));
        assert!(page.body.contains("уже есть карта"), "{}", page.body);
        // A card that is over is found among the earlier ones, and so is its row; a day that is to come is no day of a card.
        let fresh = table(&mut coordinator, "/editable/mentors");
        let _done = merged(&mut coordinator, &edited(v, &fresh, &json!([put(&two, "По какой день включительно", "01.10.2023")])));
        let counts = ["/mentors", "/mentors?past=yes"].map(|page| found(&mut coordinator, page));
        assert_eq!(counts, [2, 3]);
        let all = table(&mut coordinator, "/editable/mentors?past=yes");
        assert_eq!(rows(v, &all).len(), 3);
        let (_, page) = tried(&mut coordinator, &edited(v, &all, &json!([put(&one, "В базе с", "01.01.2035")])));
        assert!(page.body.contains("ещё не наступил"), "{}", page.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_vacancy_is_changed_in_a_table_by_whoever_loads_the_lists(v: &Vekha) {
        let server = world(v);
        let _loaded = v.import("vacancies", "Организация;Должность;Предмет;Ставка;С\nС2;учитель;химия;0,5;01.09.2022\nС3;учитель;физика;1;01.09.2022\n\
            Ю2;учитель;физика;1;01.09.2022\n");
        let (mut operator, mut director) = (signed(&server, "operator"), signed(&server, "director"));
        let of = |subject: &str, region: &str| number(v, &format!("SELECT v.id AS n FROM vacancy v JOIN unit u ON u.id = v.organisation_id WHERE \
            v.subject_key = '{subject}' AND u.code LIKE '{region}%' AND v.superseded_at IS NULL")).to_string();
        let (one, theirs) = (of("химия", "С"), of("физика", "Ю"));
        assert!(operator.get("/vacancies").body.contains("/editable/vacancies\""));
        let shown = director.get("/vacancies");
        assert!(!shown.body.contains("/editable/vacancies") && director.get("/editable/vacancies").status == 404, "{}", shown.body);
        let book = table(&mut operator, "/editable/vacancies");
        let given = rows(v, &book);
        assert!(given.len() == 2 && given.iter().all(|row| row["Должность"] == "учитель"), "{given:?}");
        let (_, page) = tried(&mut operator, &edited(v, &book, &json!([])));
        says_nothing(&page);
        let changed = edited(v, &book, &json!([put(&one, "Свободных ставок", "0,75")]));
        let page = merged(&mut operator, &changed);
        assert!(page.body.contains("Записано: 1"), "{}", page.body);
        let rates = || v.query("SELECT subject_key || ' ' || rate_milli FROM vacancy WHERE superseded_at IS NULL ORDER BY subject_key, id");
        assert_eq!(rates(), ["физика 1000", "физика 1000", "химия 750"]);
        assert_eq!(details(v, "activity.vacancy_change"), ["fields=rate"]);
        // The key that was given out goes on meaning the vacancy: the same file changes nothing, another one is asked about.
        let (_, page) = tried(&mut operator, &changed);
        says_nothing(&page);
        let (way, page) = tried(&mut operator, &edited(v, &book, &json!([put(&one, "Свободных ставок", "1")])));
        let asked = questions(&page);
        assert!(asked.len() == 1 && page.body.contains("0,75"), "one cell is asked about: {}", page.body);
        let _done = confirm(&mut operator, &way, &page, &[(&asked[0], "file")]);
        assert_eq!(rates().last().map(String::as_str), Some("химия 1000"));
        let wrong = edited(v, &book, &json!([put(&one, "Свободных ставок", "500"), put(&one, "Ссылка", "a.example"), {"do": "add", "row": {"Свободных ставок": "1"}}]));
        let (_, page) = tried(&mut operator, &wrong);
        for words in ["не больше 10", "начинается с https://", "строку без ключа уберите"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        foreign(v, &mut operator, &book, &put(&one, "Ссылка", "https://a.example/1"), &[theirs]);
        let page = director.get("/returned");
        let refused = director.send_file(&page, "/returned", &[], Some(("правка.xlsx", &book)));
        assert!(refused.status == 422 && refused.body.contains("который вы не ведёте"), "{}", refused.body);
        let _own = bring(&mut operator, &book);
        let _whole = v.run(&["check"]).ok();
    }
}
