//! What the trial of a workbook that was brought back tells: all that is wrong with a row at once, and of a report what its page
//! would say of the values, before anything is written.

use serde_json::json;

use crate::on_both;
use crate::reports_world;
use crate::web_registers::{signed, world};
use crate::web_roundtrip::{add, confirm, edited, put, rows, table, title, tried};
use crate::web_undertakings::Laid;
use crate::world::{NORTH, unit};

const ONE: Laid = ("Первый проект", "network_project", "municipal", "С2", "", "", "");

on_both! {
    fn all_that_is_wrong_with_a_row_is_told_at_once(v: &Vekha) {
        let server = world(v);
        let mut director = signed(&server, "director");
        let one = add(&mut director, &ONE, &[]);
        let book = table(&mut director, "/editable/undertakings");
        let stands = rows(v, &book).remove(0);
        // A cell that cannot be read hides nothing that no list has, in a new row and in one that stands.
        let wrong = edited(v, &book, &json!([
            {"do": "formula", "key": one, "column": "Название", "value": "=1+2"},
            put(&one, "Уровень", "районный"),
            {"do": "add", "row": {"Название": "Новый", "Вид": "не бывает", "Уровень": "какой-то", "Кто ведёт": "нет такой", "Первый день": "вчера",
                "Состояние": "неясно", "Стороны и партнёры": "НЕТ"}},
        ]));
        let (way, page) = tried(&mut director, &wrong);
        let told = ["Здесь формула", "районный", "Выберите вид", "Выберите уровень", "Выберите, кто это ведёт", "Выберите состояние", "с кодом «НЕТ»", "вчера"];
        for words in told {
            assert!(page.body.contains(words), "an error waits for another: {words}: {}", page.body);
        }
        let errors = rows(v, &director.get(&format!("{way}/errors")).bytes);
        let new = errors.iter().find(|row| row["Название"] == "Новый").expect("the new row");
        for column in ["Вид: ", "Уровень: ", "Кто ведёт: ", "Первый день: ", "Состояние: ", "Стороны и партнёры: "] {
            assert_eq!(new["Ошибка"].matches(column).count(), 1, "each column is told once: {column}: {}", new["Ошибка"]);
        }
        // What a kind asks for is told beside it too.
        let lacking = edited(v, &book, &json!([{"do": "add", "row": {"Название": "Практика", "Вид": "Практика в банке практик", "Уровень": stands["Уровень"],
            "Кто ведёт": "нет такой", "Первый день": "01.09.2022", "Состояние": stands["Состояние"]}}]));
        let (_, page) = tried(&mut director, &lacking);
        for words in ["Выберите, кто это ведёт", "должна быть ссылка", "О чём"] {
            assert!(page.body.contains(words), "an error waits for another: {words}: {}", page.body);
        }
        assert_eq!(title(v, &one), "Первый проект");
    }

    fn what_the_page_of_a_report_would_say_is_told_before_it_is_written(v: &Vekha) {
        let server = reports_world::world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", reports_world::PASSWORD);
        let campaign = reports_world::open(&mut operator, "krasnoyarsk", "june_schools", reports_world::YEAR, &[]);
        let mut director = server.signed_in("director", reports_world::PASSWORD);
        let (id, ..) = reports_world::stands(v, campaign, unit(NORTH, 2));
        let book = table(&mut director, &format!("/editable/report?report={id}"));
        let nothing = |body: &str| !body.contains("Стоит проверить");
        let (_, page) = tried(&mut director, &edited(v, &book, &json!([])));
        assert!(nothing(&page.body), "{}", page.body);
        // A part above its whole, and far from what is computed: said, and written all the same.
        let odd = edited(v, &book, &json!([{"do": "put", "key": "2.2.1.1", "column": "Подано", "value": 99}]));
        let (way, page) = tried(&mut director, &odd);
        let said = ["99 больше, чем 40: часть не бывает больше целого.", "Расхождение: подано 99 из 40, рассчитано 37 из 40."];
        for words in said {
            assert!(page.body.contains(words) && page.body.contains("не пройдёт"), "the trial does not say it: {words}: {}", page.body);
        }
        let done = confirm(&mut director, &way, &page, &[]);
        assert!(done.body.contains("Записано: 1"), "it stops no writing: {}", done.body);
        let typed = v.query(&format!("SELECT upper_milli FROM submission_value WHERE submission_id = {id} AND superseded_at IS NULL"));
        assert_eq!(typed, ["99000"]);
        let page = director.get("/report");
        for words in said {
            assert!(page.body.contains(words), "in the words of the page: {words}: {}", page.body);
        }
        // What is explained is no more to be looked at.
        let book = table(&mut director, &format!("/editable/report?report={id}"));
        let right = edited(v, &book, &json!([
            {"do": "put", "key": "2.2.1.1", "column": "Подано", "value": 39},
            put("2.2.1.1", "Объяснение расхождения", "двое прошли в другом центре"),
        ]));
        let (_, page) = tried(&mut director, &right);
        assert!(nothing(&page.body), "{}", page.body);
    }
}
