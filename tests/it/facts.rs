//! Definitions of facts as the lists behind the numbers show them, on every edge.

use std::collections::BTreeSet;

use crate::laid::{Who, World};
use crate::on_both;
use crate::support::Vekha;

/// Two regions of one school each; the other region holds a twin of everyone.
struct Stage {
    world: World,
    schools: [(i64, i64); 2],
}

impl Stage {
    fn new() -> Self {
        let mut world = World::new();
        let schools = ["А", "Б"].map(|letter| {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
            (
                region,
                world.unit("organisation", &format!("ОО-{letter}"), Some((region, town))),
            )
        });
        Self { world, schools }
    }

    /// A teacher of each region, working all the time, told apart by name; what happens to them follows.
    fn teacher(&mut self, name: &str, mut what: impl FnMut(&mut World, Who)) {
        for (region, school) in self.schools {
            let who = self.world.person(region, name, "1980-01-01");
            self.world.job(who, school, "teaching main", "2010-01-01", "");
            what(&mut self.world, who);
        }
    }

    /// Somebody with jobs `how from to`.
    fn worker(&mut self, name: &str, born: &str, jobs: &[(&str, &str, &str)]) {
        for (region, school) in self.schools {
            let who = self.world.person(region, name, born);
            for (how, from, to) in jobs {
                self.world.job(who, school, how, from, to);
            }
        }
    }
}

/// Names in a part of a value of region A; region B must say the same.
fn names(v: &Vekha, pack: &str, indicator: &str, period: &str, part: &str) -> BTreeSet<String> {
    let of = |unit: &str| -> Vec<(String, String)> {
        let arguments = [
            "people",
            "--pack",
            pack,
            "--indicator",
            indicator,
            "--unit",
            unit,
            "--period",
            period,
        ];
        let answer = v.run(&[&arguments[..], &["--part", part]].concat()).ok();
        let row = |mut row: std::collections::BTreeMap<String, String>| {
            let name = row.remove("name").expect("a name");
            (name.replace("Фамилия ", ""), row.remove("reason").expect("a reason"))
        };
        answer.rows().into_iter().map(row).collect()
    };
    let (here, there) = (of("РЕГ-А"), of("РЕГ-Б"));
    assert_eq!(here, there, "the regions hold twins");
    if part == "excluded" {
        assert!(here.iter().all(|(_, reason)| !reason.is_empty()), "{here:?}");
        return here
            .into_iter()
            .map(|(name, reason)| format!("{name}: {reason}"))
            .collect();
    }
    here.into_iter().map(|(name, _)| name).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

on_both! {
    fn the_population_is_whoever_teaches_on_the_reference_day(v: &Vekha) {
        let mut stage = Stage::new();
        for (name, jobs) in [
            ("уволен в этот день", vec![("teaching main", "2010-01-01", "2023-06-02")]),
            ("уволен накануне", vec![("teaching main", "2010-01-01", "2023-06-01")]),
            ("принят в этот день", vec![("teaching main", "2023-06-01", "")]),
            ("принят назавтра", vec![("teaching main", "2023-06-02", "")]),
            ("внешний совместитель", vec![("teaching external_part", "2010-01-01", "")]),
            ("договор", vec![("teaching civil_contract", "2010-01-01", "")]),
            ("директор", vec![("managing main", "2010-01-01", "")]),
            ("директор с уроками", vec![("managing main", "2010-01-01", ""), ("teaching internal_part", "2010-01-01", "")]),
        ] {
            stage.worker(name, "1980-01-01", &jobs);
        }
        stage.worker("35 лет", "1988-06-01", &[("teaching main", "2010-01-01", "")]);
        stage.worker("34 года", "1988-06-02", &[("teaching main", "2010-01-01", "")]);
        stage.worker("молодой директор", "1995-06-02", &[("managing main", "2010-01-01", "")]);
        stage.world.lay(v);
        let teaching = set(&[
            "уволен в этот день", "принят в этот день", "внешний совместитель", "директор с уроками", "35 лет", "34 года",
        ]);
        assert_eq!(names(v, "tyumen", "1.1", "2022/23", "numerator"), teaching);
        assert_eq!(names(v, "tyumen", "1.1", "2022/23", "rest"), set(&[]));
        assert_eq!(names(v, "tyumen", "1.2", "2022/23", "numerator"), set(&["34 года"]));
        assert_eq!(
            names(v, "tyumen", "1.2", "2022/23", "excluded"),
            set(&["молодой директор: не педагогический работник на 01.06.2023"])
        );
        let leaders = set(&["директор", "директор с уроками", "молодой директор"]);
        assert_eq!(names(v, "chelyabinsk", "1.2", "2023", "rest"), leaders);
        drop(v.run(&["check"]).ok());
    }

    // rows: CH-I-1.1
    fn the_diagnosed_are_those_of_the_counted_kinds_within_the_year(v: &Vekha) {
        let mut stage = Stage::new();
        for (name, kind, on) in [
            ("первый день", "full", "2023-01-01"),
            ("последний день", "corporate_order", "2023-12-31"),
            ("повторная", "follow_up", "2023-05-01"),
            ("накануне", "full", "2022-12-31"),
            ("назавтра", "full", "2024-01-01"),
            ("сам", "self", "2023-05-01"),
            ("входная", "entry", "2023-05-01"),
        ] {
            stage.teacher(name, |world, who| world.passage(who, kind, on, 50));
        }
        stage.teacher("отозвана", |world, who| {
            world.passage(who, "full", "2023-05-01", 50);
            world.also(&format!("UPDATE diagnosis SET withdrawn_at = '2023-06-01 00:00:00' WHERE person_id = {}", who.id));
        });
        for (region, school) in stage.schools {
            let gone = stage.world.person(region, "уволен", "1980-01-01");
            stage.world.job(gone, school, "teaching main", "2010-01-01", "2023-12-31");
            stage.world.passage(gone, "full", "2023-05-01", 50);
            let nobody = stage.world.person(region, "без места", "1980-01-01");
            stage.world.passage(nobody, "full", "2023-05-01", 50);
        }
        stage.world.lay(v);
        let passed = set(&["первый день", "последний день", "повторная"]);
        assert_eq!(names(v, "chelyabinsk", "1.1", "2023", "numerator"), passed);
        let others = set(&["накануне", "назавтра", "сам", "входная", "отозвана"]);
        assert_eq!(names(v, "chelyabinsk", "1.1", "2023", "rest"), others);
        assert_eq!(
            names(v, "chelyabinsk", "1.1", "2023", "excluded"),
            set(&["уволен: уволен 30.12.2023", "без места: места работы нет"])
        );
        assert_eq!(names(v, "chelyabinsk", "2.1", "2023", "rest"), passed);
        drop(v.run(&["check"]).ok());
    }

    // rows: CH-I-3.1, CH-I-6.3, CH-I-6.4, CH-I-6.5
    fn plans_count_by_the_day_they_became_visible_and_the_way_they_closed(v: &Vekha) {
        let mut stage = Stage::new();
        for (name, states) in [
            ("черновик", &["2023-02-01 draft"][..]),
            ("первый день", &["2023-01-01 on_agreement"]),
            ("последний день", &["2023-12-31 on_agreement"]),
            ("назавтра", &["2024-01-01 on_agreement"]),
            ("раньше", &["2022-12-31 on_agreement"]),
            ("ошибка", &["2023-02-01 on_agreement", "2024-02-01 closed terminated error"]),
            ("отказ", &["2023-02-01 on_agreement", "2023-03-01 closed terminated refusal"]),
            ("срок", &["2023-02-01 on_agreement", "2023-12-01 closed expired"]),
            ("выполнен", &["2023-02-01 on_agreement", "2023-12-31 closed completed"]),
            ("выполнен назавтра", &["2023-02-01 on_agreement", "2024-01-01 closed completed"]),
            ("возвращён", &["2023-02-01 on_agreement", "2023-05-01 closed completed", "2023-06-01 active"]),
            ("закрыт снова", &["2023-02-01 on_agreement", "2023-05-01 closed expired", "2023-06-01 active", "2023-07-01 closed completed"]),
        ] {
            stage.teacher(name, |world, who| {
                world.passage(who, "full", "2023-01-10", 50);
                let plan = world.plan(who, states);
                world.item(plan, "upbringing,gifted_children", "planned");
                let cancelled = world.item(plan, "career_guidance", "cancelled");
                world.act_on(plan, Some(cancelled), "cancel", "2023-02-02");
                world.supporter(plan, "tutor", "2022-01-01", "2023-07-02");
                world.act(plan, "support", "2023-02-15");
            });
        }
        stage.world.lay(v);
        let formed = set(&[
            "первый день", "последний день", "отказ", "срок", "выполнен", "выполнен назавтра", "возвращён", "закрыт снова",
        ]);
        assert_eq!(names(v, "chelyabinsk", "2.1", "2023", "numerator"), formed);
        assert_eq!(
            names(v, "chelyabinsk", "2.1", "2023", "rest"),
            set(&["черновик", "назавтра", "раньше", "ошибка"])
        );
        let realised = set(&["выполнен", "закрыт снова"]);
        for topic in ["6.3", "6.5"] {
            assert_eq!(names(v, "chelyabinsk", topic, "2023", "numerator"), realised);
            assert_eq!(
                names(v, "chelyabinsk", topic, "2023", "rest"),
                formed.difference(&realised).cloned().collect()
            );
        }
        assert_eq!(names(v, "chelyabinsk", "6.4", "2023", "rest"), set(&[]), "the item was cancelled");
        // On the last day only those closed by 1 July still had their tutor on the day that counts.
        assert_eq!(
            names(v, "chelyabinsk", "3.1", "2023", "numerator"),
            set(&["отказ", "закрыт снова"])
        );
        assert_eq!(
            names(v, "chelyabinsk", "3.1", "2023", "excluded"),
            set(&["ошибка: ИОМ прекращён как ошибочный"])
        );
        drop(v.run(&["check"]).ok());
    }

    fn support_is_a_live_plan_a_counted_supporter_and_an_act_of_the_year(v: &Vekha) {
        let mut stage = Stage::new();
        for (name, kind, from, to, act, on, opened) in [
            ("куратор", "curator", "2022-09-01", "", "support", "2022-09-01", "2021-09-01"),
            ("зачёл", "municipal_methodist", "2022-09-01", "", "accept", "2023-08-31", "2022-09-01"),
            ("вернул", "regional_methodist", "2022-09-01", "", "return", "2023-01-01", "2022-09-01"),
            ("наставник", "mentor", "2022-09-01", "", "support", "2023-01-01", "2022-09-01"),
            ("супервизор", "supervisor", "2022-09-01", "", "support", "2023-01-01", "2022-09-01"),
            ("ушёл", "tutor", "2021-09-01", "2022-09-01", "support", "2023-01-01", "2021-09-01"),
            ("пришёл потом", "tutor", "2023-09-01", "", "support", "2023-01-01", "2022-09-01"),
            ("помог раньше", "tutor", "2021-09-01", "", "support", "2022-08-31", "2021-09-01"),
            ("помог позже", "tutor", "2022-09-01", "", "support", "2023-09-01", "2022-09-01"),
            ("другое дело", "tutor", "2022-09-01", "", "assign", "2023-01-01", "2022-09-01"),
        ] {
            stage.teacher(name, |world, who| {
                let plan = world.plan(who, &[&format!("{opened} on_agreement")]);
                let item = world.item(plan, "", "planned");
                world.supporter(plan, kind, from, to);
                world.act_on(plan, Some(item).filter(|_| act != "support"), act, on);
            });
        }
        stage.teacher("закрыт раньше", |world, who| {
            let plan = world.plan(who, &["2021-09-01 on_agreement", "2022-08-31 closed completed"]);
            world.supporter(plan, "tutor", "2021-09-01", "");
            world.act(plan, "support", "2023-01-01");
        });
        stage.teacher("вернул весь план", |world, who| {
            let plan = world.plan(who, &["2022-09-01 on_agreement", "2022-10-01 returned"]);
            world.supporter(plan, "tutor", "2022-09-01", "");
            world.act(plan, "return", "2022-10-01");
        });
        stage.world.lay(v);
        assert_eq!(
            names(v, "tyumen", "3.4", "2022/23", "numerator"),
            set(&["куратор", "зачёл", "вернул"])
        );
        drop(v.run(&["check"]).ok());
    }
}
