//! The dictionary: what the words mean in the region of whoever reads, how each is counted and in which indicators. Two
//! regions: the northern one has a method with words of its own, the southern one has none.

use std::collections::BTreeSet;

use vekha::indicators::terms::Term;
use vekha::indicators::{pack, terms};

use crate::figures_pages::{code, plain, sheets, table};
use crate::on_both;
use crate::support::text;
use crate::visitor::Page;
use crate::web_cycle::{row, signed, world};

/// The words that the row of the acceptance table names: routes, deficits, competences, leaders, procedures.
const NAMED: [&str; 5] = ["iom", "deficit", "competence", "leader", "procedure"];

fn own() -> Vec<Term> {
    pack::embedded("chelyabinsk").expect("a pack").terms
}

/// The rows of a table without its head.
#[track_caller]
fn rows(page: &Page, caption: &str) -> Vec<Vec<String>> {
    table(page, caption).rows.into_iter().skip(1).collect()
}

#[track_caller]
fn names(page: &Page, caption: &str) -> Vec<String> {
    rows(page, caption)
        .into_iter()
        .filter_map(|row| row.into_iter().next())
        .collect()
}

#[track_caller]
fn term<'a>(of: &'a [Term], code: &str) -> &'a Term {
    of.iter().find(|term| term.code == code).expect(code)
}

on_both! {
    // rows: CH-F50
    fn words_mean_what_the_method_of_the_region_says(v: &Vekha) {
        let server = world(v, "CHE");
        let mut south = signed(&server, "south");
        let before = table(&south.get("/dictionary"), "Слова");
        let _loaded = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let own = own();
        for login in ["operator", "ministry", "cnppm", "mouo", "methodist", "director", "teacher", "tutor"] {
            let page = signed(&server, login).get("/dictionary");
            assert_eq!(names(&page, "Слова").len(), terms::known().len() + 1, "{login}: the method adds one word");
            let words = table(&page, "Слова");
            // On a phone each meaning stands below its head, however short it is.
            let below = page.body.matches("data-label=\"Что значит\" class=\"long\"").count();
            assert_eq!(below, words.rows.len() - 1, "{login}: {}", page.body);
            for code in NAMED {
                let word = term(&own, code);
                let found = row(&words, &word.name);
                assert_eq!(found[1], word.means, "{login}: the method words it anew");
                assert!(found[2].starts_with("методика «Челябинская область"), "{login}: {found:?}");
            }
            let common = term(terms::known(), "waiver");
            assert_eq!(row(&words, &common.name)[1..], [common.means.clone(), "общее".to_owned()], "{login}");
        }
        // The other region goes on with the words of the program.
        let after = table(&south.get("/dictionary"), "Слова");
        assert_eq!(before.rows, after.rows, "the words of another region came over");
        for code in NAMED {
            let word = term(terms::known(), code);
            assert_eq!(row(&after, &word.name)[1..], [word.means.clone(), "общее".to_owned()]);
        }
        // In the order of the alphabet; found by a part of a word; a file says what the page says.
        let mut operator = signed(&server, "operator");
        let all = names(&operator.get("/dictionary"), "Слова");
        let mut sorted = all.clone();
        sorted.sort_by_key(|name| name.to_lowercase().replace('ё', "е"));
        assert_eq!(all, sorted);
        let found = names(&operator.get(&format!("/dictionary?q={}", code("КОМПЕТЕНЦИЙ карта"))), "Слова");
        assert!(found.contains(&"Карта компетенций".to_owned()) && found.len() < all.len(), "{found:?}");
        let nothing = operator.get(&format!("/dictionary?q={}", code("абракадабра")));
        assert!(nothing.body.contains("Такого слова в словаре нет"), "{}", nothing.body);
        let (sheet, file) = sheets(&mut operator, "/dictionary").swap_remove(0);
        assert_eq!((sheet.as_str(), file), ("Слова", table(&operator.get("/dictionary"), "Слова").rows));
    }

    fn how_a_word_is_counted_stands_in_one_place(v: &Vekha) {
        let server = world(v, "CHE");
        let _loaded = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let mut operator = signed(&server, "operator");
        let mut teacher = signed(&server, "teacher");
        let chelyabinsk = pack::embedded("chelyabinsk").expect("a pack");
        // What each passport says it counts, and the words that it leads to.
        let mut links: BTreeSet<(String, String)> = BTreeSet::new();
        let passports: Vec<(String, String)> = chelyabinsk
            .indicators
            .iter()
            .map(|i| {
                let page = operator.get(&format!("/indicators/chelyabinsk/{}/passport", i.code));
                assert_eq!(page.status, 200, "{}: {}", i.code, page.body);
                let named = format!("{} {}", i.code, i.title);
                let body = page.body.replace("&#x3D;", "=");
                let words = body.split("href=\"/dictionary?word=").skip(1).filter_map(|rest| rest.split('"').next());
                links.extend(words.map(|word| (word.to_owned(), named.clone())));
                (named, plain(&page.body))
            })
            .collect();
        let (mut counted, mut listed_at) = (0, BTreeSet::new());
        for word in terms::known().iter().filter(|word| !word.measures.is_empty()) {
            let of: Vec<_> = word.counted().collect();
            let path = format!("/dictionary?word={}", word.code);
            let page = operator.get(&path);
            let said = plain(&page.body);
            for m in &of {
                assert!(said.contains(&plain(&m.title)) && said.contains(&plain(&m.definition)), "{}: {said}", word.code);
            }
            let listed: BTreeSet<String> = if page.body.contains("В каких показателях") {
                names(&page, "В каких показателях").into_iter().collect()
            } else {
                BTreeSet::new()
            };
            let by_passports: BTreeSet<String> = passports
                .iter()
                .filter(|(_, text)| of.iter().any(|m| text.contains(&plain(&m.definition))))
                .map(|(named, _)| named.clone())
                .collect();
            assert_eq!(listed, by_passports, "{}: where it is counted", word.code);
            counted += listed.len();
            listed_at.extend(listed.iter().map(|named| (word.code.clone(), named.clone())));
            // Whoever does not open indicators reads the same without links.
            let theirs = teacher.get(&path);
            assert_eq!(theirs.status, 200);
            assert!(!theirs.body.contains("/passport"), "{}", theirs.body);
            assert_eq!(page.body.contains("/passport"), !listed.is_empty());
        }
        assert!(counted > 10, "indicators use the words: {counted}");
        // The method's own words are counted too; of the program's, each passport leads to those that lead to it.
        links.retain(|(word, _)| terms::known().iter().any(|of| of.code == *word));
        assert_eq!(links, listed_at, "from a passport to the words that it counts");
        let missing = operator.get("/dictionary?word=abracadabra");
        assert_eq!(missing.status, 404, "{}", missing.body);
        // The other region has no method: words are counted, by no indicator.
        let south = signed(&server, "south").get("/dictionary?word=deficit");
        assert!(south.status == 200 && !south.body.contains("В каких показателях"), "{}", south.body);
    }

    fn faults_of_words_are_found_with_file_line_and_advice(v: &Vekha) {
        let own = pack::embedded_text("chelyabinsk").expect("a pack");
        let card = "name = \"Карта компетенций\"";
        let again = "[[term]]\ncode = \"deficit\"\nname = \"Ещё раз\"\nmeans = \"Ещё раз.\"\n\n[[goal]]\ncode = \"1\"";
        let code_of = "code = \"competence_card\"";
        let faults = [
            ("twice", own.replacen("[[goal]]\ncode = \"1\"", again, 1), "code = \"deficit\"", "слово deficit стоит дважды", "оставьте одно"),
            ("code", own.replacen(code_of, "code = \"Карта\"", 1), "code = \"Карта\"", "код слова «Карта» не подходит", "возьмите строчные"),
            ("empty", own.replacen(card, "name = \" \"", 1), "name = \" \"", "само слово (слово competence_card)", "нужно от 1 до 100"),
            ("measure", own.replacen(card, "measures = [\"org_kitchen\"]\nname = \"Карта\"", 1), "org_kitchen", "величины org_kitchen нет", "measures.toml"),
        ];
        let clean = v.file("clean.toml", own);
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
}
