//! What a municipality is: the dictionary of a region with its districts, towns, closed towns and settlements goes in as a
//! file of units, and its municipalities are compared with their like. Two regions; nothing of the other one anywhere.

use std::collections::BTreeMap;

use vekha::indicators::pack::{self, PackUnit};
use vekha::units::MunicipalityKind;

use crate::figures_pages::{at, operator, table, values};
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};

const HEAD: &str = "Код,Наименование,Вид,Входит в,Вид муниципалитета\n";

/// The municipalities that the pack of Krasnoyarsk names.
fn dictionary() -> Vec<PackUnit> {
    pack::embedded("krasnoyarsk").expect("a pack").units
}

/// Region А with the whole dictionary, region Б with two towns; a teacher works in each.
fn load(v: &Vekha) {
    let mut world = World::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let school = world.unit("organisation", &format!("ОО-{letter}"), Some((region, region)));
        let who = world.person(region, &format!("{letter}-01"), "1980-01-01");
        world.job(who, school, "teaching main", "2015-01-01", "");
    }
    world.lay(v);
    let mut file = HEAD.to_owned();
    for (n, unit) in dictionary().iter().enumerate() {
        let kind = unit.municipality_kind.map_or("", MunicipalityKind::label);
        file.push_str(&format!("МО-А{n},{},муниципалитет,РЕГ-А,{kind}\n", unit.name));
    }
    for n in 0..2 {
        file.push_str(&format!(
            "МО-Б{n},г. Соседний {n},муниципалитет,РЕГ-Б,городской округ\n"
        ));
    }
    let _loaded = v.run(&["import", "units", text(&v.file("units.csv", &file))]).ok();
}

on_both! {
    // rows: KR-F03
    fn the_dictionary_of_a_region_says_what_each_municipality_is(v: &Vekha) {
        let units = dictionary();
        let mut many: BTreeMap<&str, usize> = BTreeMap::new();
        for unit in &units {
            let kind = unit.municipality_kind.expect("each has a kind");
            *many.entry(kind.label()).or_default() += 1;
            // The name of the source tells most of them.
            if unit.name.starts_with("п. ") {
                assert_eq!(kind, MunicipalityKind::Settlement, "{}", unit.name);
            }
            if unit.name.starts_with("ЗАТО") {
                assert_eq!(kind, MunicipalityKind::ClosedTown, "{}", unit.name);
            }
            assert_eq!(unit.name.ends_with(" р-н"), kind == MunicipalityKind::District, "{}", unit.name);
        }
        assert!(many.len() > 4, "{many:?}");
        load(v);
        let _opened = values(v, "krasnoyarsk", "2020/21", "region");
        let told = values(v, "krasnoyarsk", "2020/21", "municipality");
        for (n, unit) in units.iter().enumerate() {
            let row = &told[&("K1".to_owned(), format!("МО-А{n}"))];
            assert_eq!(row["zone"], unit.municipality_kind.expect("a kind").code(), "{}", unit.name);
        }
        let (_server, mut staff) = operator(v);
        let page = staff.get(&at("/clusters", "krasnoyarsk", "2020/21", "&cluster=K1"));
        let own = table(&page, "Кластеры");
        for unit in &units {
            let kind = unit.municipality_kind.expect("a kind");
            assert_eq!(own.cell(&unit.name, "Районы, города, закрытые города, посёлки"), kind.label());
        }
        assert!(!page.body.contains("Соседний"), "{}", page.body);
        let listed = own.rows.iter().skip(1).filter(|row| row.len() > 1).count();
        assert_eq!(listed, units.len(), "{own:?}");
        // A dictionary that is read again changes nothing; an empty cell leaves the kind as it stands.
        let again = v.run(&["import", "units", text(&v.file("again.csv", format!("{HEAD}МО-А0,{},муниципалитет,РЕГ-А,\n", units[0].name)))]).ok();
        assert!(again.out.contains("без изменений 1"), "{}", again.out);
    }

    fn a_kind_of_municipality_is_a_word_of_the_list_and_stands_at_a_municipality(v: &Vekha) {
        load(v);
        let wrong = format!(
            "{HEAD}МО-А0,{},муниципалитет,РЕГ-А,хутор\nОО-А1,Школа 1,организация,МО-А0,город\n",
            dictionary()[0].name
        );
        let told = v.run(&["import", "units", text(&v.file("wrong.csv", &wrong))]).with_refusals();
        for said in ["Вид муниципалитета", "хутор", "посёлок", "«город» – вид муниципалитета, а здесь организация"] {
            assert!(told.out.contains(said) || told.err.contains(said), "{said}: {}\n{}", told.out, told.err);
        }
        let page = values(v, "krasnoyarsk", "2020/21", "municipality");
        let kind = dictionary()[0].municipality_kind.expect("a kind");
        assert_eq!(page[&("K1".to_owned(), "МО-А0".to_owned())]["zone"], kind.code());
    }
}
