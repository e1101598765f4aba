//! «Distance to target» where plans, organisations and municipalities are counted: who is nearest and what is missing.

use crate::figures_pages::{PASSWORD, accounts, at, plain, table};
use crate::laid::World;
use crate::on_both;
use crate::support::text;
use crate::visitor::Server;

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";

/// A method of one region that asks for hours a week.
const HOURS: &str = r#"
code = "hours"
version = 1
title = "Нагрузка"
regions = ["РЕГ-А"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "load"
title = "Работают не меньше 16 часов"
formula = "share(count(person where pedagogical and workload >= 16), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 100 }
"#;

/// Two regions alike: two towns, three schools in the first; four plans of 2023, one of them with a tutor.
fn laid(v: &crate::support::Vekha) {
    let mut world = World::new();
    let mut file = HEAD.to_owned();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let towns = [0, 1].map(|n| world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region))));
        let schools =
            [0, 1, 2].map(|n| world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, towns[0]))));
        let plans: [&[&str]; 4] = [
            &["2023-02-01 on_agreement", "2023-06-01 closed completed"],
            &["2023-02-01 on_agreement"],
            &["2023-02-01 on_agreement", "2023-03-01 approved", "2023-03-02 active"],
            &["2023-02-01 on_agreement"],
        ];
        for (n, states) in plans.into_iter().enumerate() {
            let who = world.person(region, &format!("{letter}-{n}"), "1980-01-01");
            world.job(who, schools[0], "teaching main", "2020-01-01", "");
            let plan = world.plan(who, states);
            if n == 3 {
                world.supporter(plan, "tutor", "2023-02-01", "");
            }
        }
        file.push_str(&format!(
            "ОО-{letter}0,org_mentoring_documents,2023,1,,,,,\nОО-{letter}1,org_mentoring_documents,2023,0,,,,,\n"
        ));
    }
    world.lay(v);
    let _loaded = v.run(&["import", "forms", text(&v.file("forms.csv", &file))]).ok();
    let _opened = v
        .run(&[
            "values",
            "--pack",
            "chelyabinsk",
            "--period",
            "2023",
            "--level",
            "region",
        ])
        .ok();
    accounts(v, &[("operator", "operator", "РЕГ-А"), ("other", "operator", "РЕГ-Б")]);
}

on_both! {
    fn plans_without_a_supporter_are_named_with_the_one_step_that_is_missing(v: &Vekha) {
        laid(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let path = at("/indicators/chelyabinsk/3.1/target", "chelyabinsk", "2023", "&unit=%D0%A0%D0%95%D0%93-%D0%90");
        let page = operator.get(&path);
        let near = table(&page, "Ближайшие");
        let said = plain(&page.body).replace('\u{A0}', " ");
        assert!(said.contains("Не хватает: 3 ИОМ") && said.contains("Только в знаменателе: 3 ИОМ"), "{said}");
        assert_eq!(near.rows[0], ["ИОМ", "Организация", "Чего не хватает", "Что сделать"]);
        assert_eq!(near.rows.len(), 4, "{near:?}");
        for row in &near.rows[1..3] {
            assert_eq!(row[2], "Нет сопровождающего на конец периода", "{row:?}");
            assert!(row[0].starts_with("ИОМ-") && row[3].starts_with("Назначить сопровождающего – ИОМ "), "{row:?}");
        }
        assert_eq!(near.rows[3][3], "ИОМ закрыт и уже не изменится", "a closed plan comes last");
        assert!(!said.contains("Напомнить"), "its teacher cannot name a supporter: {said}");
        assert!(!page.body.contains("ОО-Б"));
        let looked = v.query("SELECT count(*) FROM audit_event WHERE detail LIKE '%indicator=3.1%part=nearest%'");
        assert_eq!(looked, ["1"], "who looked at names is written down");
        assert_eq!(server.signed_in("other", PASSWORD).get(&path).status, 404);
    }

    fn people_short_of_a_number_are_named_with_how_much_each_of_them_lacks(v: &Vekha) {
        let asked = 16_000;
        let hours = [Some(12_000), Some(20_000), None, Some(15_500)];
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
            let school = world.unit("organisation", &format!("ОО-{letter}"), Some((region, town)));
            for (n, hours) in hours.iter().enumerate() {
                let who = world.person(region, &format!("{letter}{n}"), "1980-01-01");
                let job = world.job(who, school, "teaching main", "2020-01-01", "");
                if let Some(milli) = hours {
                    world.also(&format!("UPDATE employment SET hours_milli = {milli} WHERE id = {job}"));
                }
            }
        }
        world.lay(v);
        let _loaded = v.run(&["pack", "load", text(&v.file("hours.toml", HOURS))]).ok();
        let _opened = v.run(&["values", "--pack", "hours", "--period", "2023"]).ok();
        accounts(v, &[("operator", "operator", "РЕГ-А"), ("other", "operator", "РЕГ-Б")]);
        let server = Server::start(v);
        let path = at("/indicators/hours/load/target", "hours", "2023", "&unit=%D0%A0%D0%95%D0%93-%D0%90");
        let page = server.signed_in("operator", PASSWORD).get(&path);
        let near = table(&page, "Ближайшие");
        assert_eq!(near.rows[0], ["Кто", "Организация", "Чего не хватает", "Что сделать"]);
        // What is not known may be enough; then whoever lacks least.
        let written = |milli: i32| (f64::from(milli) / 1000.0).to_string().replace('.', ",");
        let mut said = vec![("А2", "На 31.12.2023 нагрузка неизвестна".to_owned(), "Внести нагрузку")];
        for (who, own) in [("А3", 15_500), ("А0", 12_000)] {
            let (has, lacks) = (written(own), written(asked - own));
            let why = format!("На 31.12.2023 нагрузка {has} ч, нужно не меньше {}: не хватает {lacks} ч", written(asked));
            said.push((who, why, "Довести нагрузку до границы"));
        }
        assert_eq!(near.rows.len(), said.len() + 1, "{near:?}");
        for (row, (who, why, step)) in near.rows[1..].iter().zip(&said) {
            assert!(row[0].contains(who), "{row:?}");
            assert_eq!(row[2].replace('\u{A0}', " "), *why, "how much is lacking");
            assert_eq!(row[3], *step);
        }
        assert!(!page.body.contains("ОО-Б"));
        assert_eq!(server.signed_in("other", PASSWORD).get(&path).status, 404);
    }

    fn organisations_and_municipalities_are_named_with_what_each_of_them_lacks(v: &Vekha) {
        laid(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let own = "&unit=%D0%A0%D0%95%D0%93-%D0%90";
        let path = at("/indicators/chelyabinsk/7.1/target", "chelyabinsk", "2023", own);
        let page = operator.get(&path);
        let near = table(&page, "Ближайшие");
        let said = plain(&page.body).replace('\u{A0}', " ");
        assert!(said.contains("Не хватает: 2 организации") && said.contains("Только в знаменателе: 2 организации"), "{said}");
        let title = "Нужно: «Есть документы о наставничестве» – да";
        assert_eq!(near.rows[1..], [
            ["Имя ОО-А2", "Имя МО-А0", &format!("{title} (не представлено)"), "Внести сведения за период"],
            ["Имя ОО-А1", "Имя МО-А0", &format!("{title} (внесено «нет»)"), "Сделать и отметить «да» в сведениях"],
        ]);
        let towns = operator.get(&at("/indicators/chelyabinsk/7.2/target", "chelyabinsk", "2023", own));
        let near = table(&towns, "Ближайшие");
        assert_eq!(near.rows[1..].iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["Имя МО-А0", "Имя МО-А1"]);
        for row in &near.rows[1..] {
            assert!(row[2].contains("больше 0 (сейчас 0, не хватает 1)"), "{row:?}");
            assert_eq!(row[3], "Довести число до границы");
        }
        assert!(!page.body.contains("ОО-Б") && !towns.body.contains("МО-Б"));
        assert_eq!(server.signed_in("other", PASSWORD).get(&path).status, 404);
        // What has been entered since takes the school off the list.
        let file = format!("{HEAD}ОО-А2,org_mentoring_documents,2023,1,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("more.csv", file))]).ok();
        let after = table(&operator.get(&path), "Ближайшие");
        assert_eq!(after.rows.len(), 2, "{after:?}");
        assert_eq!(after.rows[1][0], "Имя ОО-А1");
    }
}
