//! Lists and reports given out as a workbook, changed by a spreadsheet and brought back: what was changed is written, what both
//! sides have changed is asked, and nothing else happens.

use std::process::Command;

use serde_json::{Value, json};

use crate::on_both;
use crate::reports_world;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Visitor};
use crate::web_registers::{code, found, hidden, sent, signed, world};
use crate::web_undertakings::{Laid, but};
use crate::world::{NORTH, number, unit};

const ONE: Laid = ("Первый проект", "network_project", "municipal", "С2", "", "", "С3");
const TWO: Laid = ("Второй проект", "network_project", "municipal", "С2", "", "", "");
const FAR: Laid = ("Проект дальней школы", "network_project", "municipal", "С6", "", "", "");

/// Runs the program that changes workbooks as a spreadsheet would.
#[track_caller]
fn rounds(arguments: &[&str]) -> String {
    let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python)
        .arg("tests/rounds.py")
        .args(arguments)
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Downloads a table; its bytes.
#[track_caller]
pub fn table(who: &mut Visitor, path: &str) -> Vec<u8> {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(
        page.header("content-disposition").starts_with("attachment"),
        "{:?}",
        page.headers
    );
    page.bytes
}

/// What stands in a workbook.
#[track_caller]
pub fn read(v: &Vekha, book: &[u8]) -> Value {
    let path = v.file("read.xlsx", book);
    serde_json::from_str(&rounds(&["read", text(&path)])).expect("JSON")
}

/// The rows of a table below its headers, as maps from header to text.
pub fn rows(v: &Vekha, book: &[u8]) -> Vec<std::collections::BTreeMap<String, String>> {
    let all: Vec<Vec<String>> = serde_json::from_value(read(v, book)["rows"].clone()).expect("rows");
    let head = &all[1];
    let row = |cells: &Vec<String>| head.iter().cloned().zip(cells.iter().cloned()).collect();
    all[2..].iter().map(row).collect()
}

/// A workbook changed as a spreadsheet changes it.
#[track_caller]
pub fn edited(v: &Vekha, book: &[u8], edits: &Value) -> Vec<u8> {
    let (from, to) = (v.file("given.xlsx", book), v.path("changed.xlsx"));
    let _silent = rounds(&["edit", text(&from), text(&to), &edits.to_string()]);
    std::fs::read(to).expect("a workbook")
}

pub fn put(key: &str, column: &str, value: &str) -> Value {
    json!({"do": "put", "key": key, "column": column, "value": value})
}

/// Brings a workbook back; where its page is.
#[track_caller]
pub fn bring(who: &mut Visitor, book: &[u8]) -> String {
    let page = who.get("/returned");
    let brought = who.send_file(&page, "/returned", &[], Some(("правка.xlsx", book)));
    assert_eq!(brought.status, 303, "{}", brought.body);
    brought.header("location").to_owned()
}

/// Brings it back and looks at the trial.
#[track_caller]
pub fn tried(who: &mut Visitor, book: &[u8]) -> (String, Page) {
    let path = bring(who, book);
    let page = who.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    (path, page)
}

/// Says that it is to be written, with these answers; the page of what came of it.
#[track_caller]
pub fn confirm(who: &mut Visitor, path: &str, page: &Page, answers: &[(&str, &str)]) -> Page {
    let answer = who.send(page, path, answers);
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, path),
        "{}",
        answer.body
    );
    who.get(path)
}

/// Brings a workbook back and writes it without a question.
#[track_caller]
pub fn merged(who: &mut Visitor, book: &[u8]) -> Page {
    let (path, page) = tried(who, book);
    assert!(!page.body.contains("type=\"radio\""), "nothing is asked: {}", page.body);
    confirm(who, &path, &page, &[])
}

/// The names of the questions of a page.
pub fn questions(page: &Page) -> Vec<String> {
    let mut names: Vec<String> = page
        .body
        .split("type=\"radio\" name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("its end").to_owned())
        .collect();
    names.dedup();
    names
}

pub const NOTHING: &str = "записывать нечего";

#[track_caller]
pub fn says_nothing(page: &Page) {
    assert!(
        page.body.contains(NOTHING) && !page.body.contains("<button class=\"btn-v\">Записать"),
        "{}",
        page.body
    );
}

/// Adds an undertaking; its id.
#[track_caller]
pub fn add(who: &mut Visitor, of: &Laid, other: &[(&str, &str)]) -> String {
    let page = who.get("/undertakings");
    let to = sent(who, &page, "/undertakings", &but(of, other));
    to.split('?')
        .next()
        .expect("a path")
        .rsplit('/')
        .next()
        .expect("an id")
        .to_owned()
}

/// Changes an undertaking on its page.
#[track_caller]
fn change(who: &mut Visitor, id: &str, of: &Laid, other: &[(&str, &str)]) {
    let path = format!("/undertakings/{id}");
    let page = who.get(&path);
    let seen = hidden(&page, "change", "seen");
    let fields = [but(of, other), vec![("act", "change"), ("seen", seen.as_str())]].concat();
    let _changed = sent(who, &page, &path, &fields);
}

/// All that is stored of undertakings, but for their versions.
fn stored(v: &Vekha) -> Vec<String> {
    v.query(
        "SELECT id || '|' || code || '|' || kind || '|' || title || '|' || coalesce(about, '') || '|' || coalesce(subject, '') || '|' || \
         level || '|' || coalesce(unit_id, 0) || '|' || starts_on || '|' || coalesce(CAST(ends_on AS TEXT), '') || '|' || state || '|' || \
         coalesce(act, '') || '|' || coalesce(CAST(act_on AS TEXT), '') || '|' || coalesce(link, '') FROM undertaking ORDER BY id",
    )
}

pub fn title(v: &Vekha, id: &str) -> String {
    v.query(&format!("SELECT title FROM undertaking WHERE id = {id}"))
        .remove(0)
}

pub fn acts(v: &Vekha, action: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM audit_event WHERE action = '{action}'"),
    )
}

on_both! {
    fn one_cell_that_was_changed_changes_alone(v: &Vekha) {
        let server = world(v);
        let (mut operator, mut director) = (signed(&server, "operator"), signed(&server, "director"));
        let (one, two) = (add(&mut director, &ONE, &[]), add(&mut director, &TWO, &[]));
        let _far = add(&mut operator, &FAR, &[]);
        let list = director.get("/undertakings");
        assert!(list.body.contains("/editable/undertakings\"") && list.body.contains("href=\"/returned\""), "{}", list.body);
        let book = table(&mut director, "/editable/undertakings");
        let shown = read(v, &book);
        assert_eq!(shown["sheets"], json!([["Правка", "visible"], ["Справочники", "visible"], ["Веха", "veryHidden"]]));
        assert!(shown["choices"].as_i64() >= Some(4), "closed lists are chosen from: {shown}");
        let first = shown["rows"][0][0].as_str().expect("the first line");
        assert!(first.contains("Проекты и площадки") && first.contains("принимается по"), "{first}");
        let given = rows(v, &book);
        let keys: Vec<&str> = given.iter().map(|row| row["Ключ строки"].as_str()).collect();
        assert!(keys.len() == 2 && keys.contains(&one.as_str()) && keys.contains(&two.as_str()), "what another school keeps is not there: {keys:?}");
        let row = given.iter().find(|row| row["Ключ строки"] == one).expect("the first");
        assert_eq!((row["Вид"].as_str(), row["Кто ещё участвует"].as_str()), ("Сетевой проект", "С3"), "{row:?}");
        assert!(row["Первый день"].starts_with("2022-09-01"), "a day is a day: {row:?}");
        // Exactly the filtered list.
        assert_eq!(rows(v, &table(&mut director, &format!("/editable/undertakings?q={}", code("Второй")))).len(), 1);
        // Nothing changed: nothing is written.
        let before = stored(v);
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([])));
        says_nothing(&page);
        // One cell.
        let changed = edited(v, &book, &json!([put(&one, "Название", "Первый проект района")]));
        let page = merged(&mut director, &changed);
        assert!(page.body.contains("Записано: 1"), "{}", page.body);
        let expected: Vec<String> = before.iter().map(|row| row.replace("|Первый проект|", "|Первый проект района|")).collect();
        assert_eq!(stored(v), expected);
        let of = |id: &str| number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM undertaking WHERE id = {id}"));
        assert_eq!((of(&one), of(&two)), (2, 1), "the other row is not touched");
        assert_eq!(v.query(&format!("SELECT count(*) FROM undertaking_unit WHERE undertaking_id = {one}")), ["1"]);
        let detail = v.query("SELECT detail FROM audit_event WHERE action = 'activity.undertaking_change'");
        assert_eq!(detail, ["fields=title"]);
        assert_eq!((acts(v, "import.merge"), acts(v, "import.return")), (1, 2));
        // The same file once more: nothing is left to write.
        let (_, page) = tried(&mut director, &changed);
        says_nothing(&page);
        assert_eq!(of(&one), 2);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_cell_that_both_sides_have_changed_is_asked_and_never_overwritten(v: &Vekha) {
        let server = world(v);
        let (mut operator, mut director) = (signed(&server, "operator"), signed(&server, "director"));
        let (one, two) = (add(&mut director, &ONE, &[]), add(&mut director, &TWO, &[]));
        let book = table(&mut director, "/editable/undertakings");
        let changed = edited(v, &book, &json!([
            put(&one, "Название", "Название из файла"),
            put(&one, "О чём", "о чём из файла"),
            put(&two, "Название", "Второй из файла"),
        ]));
        // Meanwhile the title of the first and another cell of the second are changed on their pages.
        change(&mut operator, &one, &ONE, &[("title", "Название из системы")]);
        change(&mut operator, &two, &TWO, &[("subject", "химия")]);
        let (path, page) = tried(&mut director, &changed);
        let asked = questions(&page);
        assert_eq!(asked.len(), 1, "one cell is asked about: {}", page.body);
        for words in ["Первый проект", "Название из системы", "Название из файла"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        // Not chosen: the row is left as it is, the other one is merged.
        let done = confirm(&mut director, &path, &page, &[]);
        assert!(done.body.contains("Вы не выбрали") && done.body.contains("Записано: 1"), "{}", done.body);
        assert_eq!(title(v, &one), "Название из системы");
        let about = |id: &str| v.query(&format!("SELECT about FROM undertaking WHERE id = {id}")).remove(0);
        assert_eq!(about(&one), "как это устроено");
        let both = v.query(&format!("SELECT title || ' ' || subject FROM undertaking WHERE id = {two}"));
        assert_eq!(both, ["Второй из файла химия"], "different cells of a row are put together");
        // Sent once more it does nothing.
        let again = director.send(&page, &path, &[]);
        assert_eq!(again.status, 303, "{}", again.body);
        assert_eq!(acts(v, "import.merge"), 1);
        // The value of the system: the other cells of the row are written.
        let (path, page) = tried(&mut director, &changed);
        assert_eq!(questions(&page), asked);
        let done = confirm(&mut director, &path, &page, &[(&asked[0], "system")]);
        assert!(done.body.contains("Записано: 1"), "{}", done.body);
        assert_eq!((title(v, &one), about(&one)), ("Название из системы".into(), "о чём из файла".into()));
        // The value of the file.
        let (path, page) = tried(&mut director, &changed);
        assert_eq!(questions(&page), asked);
        let odd = director.send(&page, &path, &[(&asked[0], "мне")]);
        assert!(odd.status >= 400 && title(v, &one) == "Название из системы", "{}", odd.body);
        let _done = confirm(&mut director, &path, &page, &[(&asked[0], "file")]);
        assert_eq!(title(v, &one), "Название из файла");
        let (_, page) = tried(&mut director, &changed);
        says_nothing(&page);
    }

    fn what_changes_between_the_trial_and_the_word_is_asked_again(v: &Vekha) {
        let server = world(v);
        let (mut operator, mut director) = (signed(&server, "operator"), signed(&server, "director"));
        let one = add(&mut director, &ONE, &[]);
        let book = table(&mut director, "/editable/undertakings");
        let changed = edited(v, &book, &json!([put(&one, "Название", "Название из файла")]));
        let (path, page) = tried(&mut director, &changed);
        change(&mut operator, &one, &ONE, &[("subject", "химия")]);
        let late = director.send(&page, &path, &[]);
        assert!(late.status == 409 && late.body.contains("записи изменились"), "it was not asked again: {} {}", late.status, late.body);
        assert_eq!((title(v, &one).as_str(), acts(v, "import.merge")), ("Первый проект", 0));
        // It is shown as it stands now, and written after another word.
        let done = confirm(&mut director, &path, &late, &[]);
        assert!(done.body.contains("Записано: 1"), "{}", done.body);
        let both = v.query(&format!("SELECT title || ' ' || subject FROM undertaking WHERE id = {one}"));
        assert_eq!(both, ["Название из файла химия"]);
        // An answer to one question is no answer to another.
        let book = table(&mut director, "/editable/undertakings");
        let changed = edited(v, &book, &json!([put(&one, "Название", "Ещё одно")]));
        change(&mut operator, &one, &ONE, &[("title", "Третье"), ("subject", "химия")]);
        let (path, page) = tried(&mut director, &changed);
        let asked = questions(&page);
        change(&mut operator, &one, &ONE, &[("title", "Четвёртое"), ("subject", "химия")]);
        let late = director.send(&page, &path, &[(&asked[0], "file")]);
        assert!(late.status == 409 && late.body.contains("Четвёртое"), "{}", late.body);
        assert_eq!(title(v, &one), "Четвёртое");
    }

    fn text_that_looks_like_a_formula_stays_text_and_a_formula_is_refused(v: &Vekha) {
        let server = world(v);
        let mut director = signed(&server, "director");
        let odd = [("title", "=1+1"), ("about", "+7 900 123-45-67"), ("subject", "@сумма")];
        let (one, two) = (add(&mut director, &ONE, &odd), add(&mut director, &TWO, &[]));
        let book = table(&mut director, "/editable/undertakings");
        assert_eq!(read(v, &book)["formulas"], json!([]));
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([])));
        says_nothing(&page);
        let changed = edited(v, &book, &json!([put(&one, "Номер приказа или соглашения", "=2+2")]));
        let _done = merged(&mut director, &changed);
        let kept = v.query(&format!("SELECT title || '|' || about || '|' || subject || '|' || act FROM undertaking WHERE id = {one}"));
        assert_eq!(kept, ["=1+1|+7 900 123-45-67|@сумма|=2+2"]);
        // A formula is told by its cell; the other row is written all the same.
        let book = table(&mut director, "/editable/undertakings");
        let changed = edited(v, &book, &json!([
            {"do": "formula", "key": one, "column": "Название", "value": "=1+2"},
            {"do": "formula", "key": one, "column": "О чём", "value": "=1+3"},
            put(&two, "Название", "Второй, исправленный"),
            put(&two, "Вид", "не бывает"),
        ]));
        let (path, page) = tried(&mut director, &changed);
        assert!(page.body.contains("Здесь формула, а нужно значение") && page.body.contains("не бывает"), "{}", page.body);
        assert!(page.body.contains("Выберите вид") && !page.body.contains(">Записать</button>"), "{}", page.body);
        // The same file with what is wrong in each row can be mended and brought back.
        let errors = director.get(&format!("{path}/errors"));
        assert!(errors.header("content-disposition").contains("attachment"), "{:?}", errors.headers);
        let told = rows(v, &errors.bytes);
        let of = |id: &str| told.iter().find(|row| row["Ключ строки"] == id).expect("a row")["Ошибка"].clone();
        assert!(of(&one).contains("Название: Здесь формула") && of(&two).contains("Вид: Выберите вид"), "{told:?}");
        // What was refused for its formula stands there as it was given out: the file clears nothing.
        let about = told.iter().find(|row| row["Ключ строки"] == one).expect("a row")["О чём"].clone();
        assert_eq!(about, "+7 900 123-45-67", "a cell that is cleared");
        let mended = edited(v, &errors.bytes, &json!([put(&one, "Название", "Первый"), put(&two, "Вид", "Сетевой проект")]));
        let done = merged(&mut director, &mended);
        assert!(done.body.contains("Записано: 2"), "{}", done.body);
        assert_eq!((title(v, &one), title(v, &two)), ("Первый".into(), "Второй, исправленный".into()));
    }

    fn a_foreign_key_is_as_one_that_is_nowhere_and_a_stamp_is_needed(v: &Vekha) {
        let server = world(v);
        let (mut operator, mut director, mut south) = (signed(&server, "operator"), signed(&server, "director"), signed(&server, "south"));
        let one = add(&mut director, &ONE, &[]);
        let far = add(&mut operator, &FAR, &[]);
        let theirs = add(&mut south, &("Проект юга", "network_project", "municipal", "Ю2", "", "", ""), &[]);
        let before = stored(v);
        let book = table(&mut director, "/editable/undertakings");
        let mut told = Vec::new();
        for key in [far.as_str(), theirs.as_str(), "987654321012345678"] {
            let changed = edited(v, &book, &json!([
                put(&one, "Название", "Чужое название"),
                {"do": "key", "key": one, "value": key},
            ]));
            let (path, page) = tried(&mut director, &changed);
            assert!(page.body.contains("Такой строки среди ваших нет"), "a foreign row was found: {key}: {}", page.body);
            assert!(page.body.contains("В системе ничего не удалено") || page.body.contains("в системе ничего не удалено"), "{}", page.body);
            let sent = director.send(&page, &path, &[]);
            assert_eq!(sent.status, 303, "{}", sent.body);
            let done = director.get(&path);
            assert!(done.body.contains("Ничего не записано"), "{}", done.body);
            let id = path.rsplit('/').next().expect("an id");
            told.push(page.body.replace(key, "KEY").replace(id, "ID"));
        }
        let plain = |body: &str| body.split("name=\"token\" value=\"").map(|p| p.split_once('"').map_or(p, |(_, rest)| rest)).collect::<String>();
        let alike = |body: &String| plain(body).split("name=\"seen\" value=\"").map(|p| p.split_once('"').map_or(p, |(_, rest)| rest)).collect::<String>();
        assert!(alike(&told[0]) == alike(&told[2]) && alike(&told[1]) == alike(&told[2]), "a foreign row is as one that is nowhere");
        assert_eq!(stored(v), before);
        // Without its stamp, of another region, or no workbook of ours at all.
        let refused = |who: &mut Visitor, name: &str, book: &[u8], words: &str| {
            let page = who.get("/returned");
            let answer = who.send_file(&page, "/returned", &[], Some((name, book)));
            assert!(answer.status == 422 && answer.body.contains(words), "{name} {words}: {}", answer.body);
        };
        let bare = edited(v, &book, &json!([{"do": "drop", "sheet": "Веха"}]));
        refused(&mut director, "правка.xlsx", &bare, "служебный лист");
        refused(&mut director, "правка.csv", "Ключ строки;Название\n1;Название\n".as_bytes(), "служебный лист");
        let other = table(&mut director, "/publications/file");
        refused(&mut director, "список.xlsx", &other, "служебный лист");
        let abroad = table(&mut south, "/editable/undertakings");
        refused(&mut operator, "правка.xlsx", &abroad, "который вы не ведёте");
        // Nobody else sees what was brought.
        let path = bring(&mut director, &book);
        for who in [&mut operator, &mut south] {
            assert_eq!(who.get(&path).status, 404);
            assert_eq!(who.get(&format!("{path}/errors")).status, 404);
        }
        assert_eq!(signed(&server, "teacher").get("/returned").status, 403);
        assert_eq!(stored(v), before);
    }

    fn rows_are_added_once_and_a_row_that_is_gone_deletes_nothing(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let laid = v.import("publications", "Код;Вид;Название;Авторы;Год;Издание;Предмет;Кому;Единица\n\
            P-1;пособие;Пособие первое;\"Гостева Г. Г.; Иванов И. И.\";2022;;;педагоги;С0\n\
            P-2;пособие;Пособие второе;Гостева Г. Г.;2023;;;педагоги;С0\n");
        assert!(laid.out.starts_with("Новых 2,"), "{}", laid.out);
        let page = operator.get("/events");
        let event = [
            ("title", "Семинар"), ("series", ""), ("kind", "event/seminar"), ("level", "municipal"), ("from", "01.10.2022"), ("to", ""),
            ("organiser", "С1"), ("other", ""), ("units", "С2=12; С3=8"), ("participants", ""), ("code", "СЕМ-1"),
        ];
        let _event = sent(&mut operator, &page, "/events", &event);
        // Publications: a number is a number, several are several, authors stay whom they were.
        let book = table(&mut operator, "/editable/publications");
        let given = rows(v, &book);
        let row = given.iter().find(|row| row["Код"] == "P-1").expect("the first");
        assert_eq!((row["Год"].as_str(), row["Авторы"].as_str()), ("2022", "Гостева Г. Г.; Иванов И. И."), "{row:?}");
        let (first, second) = (row["Ключ строки"].clone(), given.iter().find(|row| row["Код"] == "P-2").expect("the second")["Ключ строки"].clone());
        let new = json!({"Название": "Пособие третье", "Вид": row["Вид"], "Авторы": "Новая Н. Н.", "Год": 2021, "Кому": row["Кому"]});
        let changed = edited(v, &book, &json!([
            put(&first, "Название", "Пособие первое, исправленное"),
            // The region by its code is the same as nothing.
            put(&first, "Кто выпустил", "С0"),
            {"do": "delete", "key": second},
            {"do": "add", "row": new},
        ]));
        let (path, page) = tried(&mut operator, &changed);
        assert!(page.body.contains("ничего не удалено") && page.body.contains("Пособие третье (новая)"), "{}", page.body);
        let done = confirm(&mut operator, &path, &page, &[]);
        assert!(done.body.contains("Изменено 1, добавлено 1"), "{}", done.body);
        assert_eq!(v.query("SELECT detail FROM audit_event WHERE action = 'activity.publication_change'"), ["fields=title"]);
        let all = v.query("SELECT title || ' ' || year FROM publication ORDER BY year");
        assert_eq!(all, ["Пособие третье 2021", "Пособие первое, исправленное 2022", "Пособие второе 2023"]);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM publication_author WHERE publication_id = {first}")), 2);
        let (_, page) = tried(&mut operator, &changed);
        says_nothing(&page);
        assert_eq!(found(&mut operator, "/publications"), 3);
        // Events: the form of the page says what is wrong.
        let book = table(&mut operator, "/editable/events");
        let key = rows(v, &book)[0]["Ключ строки"].clone();
        let wrong = edited(v, &book, &json!([put(&key, "Участников всего", "10")]));
        let (_, page) = tried(&mut operator, &wrong);
        assert!(page.body.contains("По единицам участников 20, а всего 10"), "{}", page.body);
        let right = edited(v, &book, &json!([
            put(&key, "Участников всего", "25"),
            // Codes in another order, and a last day that is the first one, say the same.
            put(&key, "Кто участвовал", "С3=8;С2=12"),
            put(&key, "Последний день", ""),
            {"do": "add", "row": {"Название": "Форум", "Вид": rows(v, &book)[0]["Вид"], "Уровень": rows(v, &book)[0]["Уровень"],
                "Первый день": "05.11.2022", "Организатор": rows(v, &book)[0]["Организатор"]}},
        ]));
        let done = merged(&mut operator, &right);
        assert!(done.body.contains("Изменено 1, добавлено 1"), "{}", done.body);
        assert_eq!(v.query("SELECT detail FROM audit_event WHERE action = 'activity.event_change'"), ["fields=participants"]);
        assert_eq!(v.query("SELECT title || ' ' || coalesce(participants, 0) FROM event ORDER BY starts_on"), ["Семинар 25", "Форум 0"]);
        let (_, page) = tried(&mut operator, &right);
        says_nothing(&page);
        assert_eq!(number(v, "SELECT count(*) AS n FROM event"), 2);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_report_is_filled_in_in_a_table_and_never_sent_by_it(v: &Vekha) {
        let server = reports_world::world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", reports_world::PASSWORD);
        let campaign = reports_world::open(&mut operator, "krasnoyarsk", "june_schools", reports_world::YEAR, &[]);
        let mut director = server.signed_in("director", reports_world::PASSWORD);
        let (id, ..) = reports_world::stands(v, campaign, unit(NORTH, 2));
        let (other, ..) = reports_world::stands(v, campaign, unit(NORTH, 3));
        let path = format!("/editable/report?report={id}");
        assert!(director.get("/report").body.replace("&#x3D;", "=").contains(&path));
        assert_eq!(director.get(&format!("/editable/report?report={other}")).status, 404);
        let book = table(&mut director, &path);
        let given = rows(v, &book);
        let row = given.iter().find(|row| row["Ключ строки"] == "2.2.1.1").expect("a field");
        assert_eq!((row["Рассчитано или известно"].as_str(), row["Подано"].as_str(), row["Из скольких"].as_str()), ("рассчитано 37 из 40", "37", "40"));
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([])));
        says_nothing(&page);
        // What the platform computes is not typed over; a yes is a yes; a difference without a reason still blocks.
        let yes = "org_mentoring_model_implemented";
        let changed = edited(v, &book, &json!([
            put("2.2.1.1", "Рассчитано или известно", "99"),
            put(yes, "Подано", "да"),
        ]));
        let (way, page) = tried(&mut director, &changed);
        assert!(page.body.contains("только для чтения изменено: 1"), "a computed value was read: {}", page.body);
        let _done = confirm(&mut director, &way, &page, &[]);
        let typed = || v.query(&format!("SELECT field || ' ' || upper_milli FROM submission_value WHERE submission_id = {id} AND superseded_at IS NULL ORDER BY field"));
        assert_eq!(typed(), [format!("{yes} 1000")]);
        assert_eq!(reports_world::stands(v, campaign, unit(NORTH, 2)).1, "in_work", "saved, not sent");
        let (_, page) = tried(&mut director, &changed);
        assert!(page.body.contains(NOTHING), "{}", page.body);
        let changed = edited(v, &book, &json!([{"do": "put", "key": "2.2.1.1", "column": "Подано", "value": 40}]));
        let _done = merged(&mut director, &changed);
        assert_eq!(typed(), ["2.2.1.1 40000".to_owned(), format!("{yes} 1000")]);
        let page = director.get("/report");
        let answer = reports_world::report(&mut director, &page, "send", &[]);
        assert!(answer.status == 422 && answer.body.contains("Расхождение: +3"), "{}", answer.body);
        // Wrong cells are told by their columns.
        let wrong = edited(v, &book, &json!([
            put("2.2.1.1", "Подано", "много"),
            put("2.2.1.1", "Ссылка на подтверждение", "a.example"),
            put(yes, "Из скольких", "5"),
            {"do": "add", "row": {"Подано": "5"}},
        ]));
        let (_, page) = tried(&mut director, &wrong);
        for words in ["Напишите число не меньше нуля", "начинается с https://", "Здесь подают одно число", "строку без ключа уберите"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        // With a reason it goes, by the page and by nobody else.
        let book = table(&mut director, &path);
        let changed = edited(v, &book, &json!([put("2.2.1.1", "Объяснение расхождения", "трое прошли в другом центре")]));
        let _done = merged(&mut director, &changed);
        let page = director.get("/report");
        let answer = reports_world::report(&mut director, &page, "send", &[]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Sent, it is changed by no table.
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([put("2.2.1.1", "Подано", "39")])));
        assert!(page.body.contains("Сейчас записать нельзя"), "{}", page.body);
        let closed = director.get(&path);
        assert!(closed.status == 303 && closed.header("location").starts_with("/report?report="), "{}", closed.body);
        let _whole = v.run(&["check"]).ok();
    }
}
