//! What the pages of indicators say where there is no value, no points and no level, and that the command says the same; a
//! shared edge of a scale waits until somebody records a choice on screen; years that do not stand in a row are named.

use crate::figures_pages::{Row, accounts, at, code, operator, plain, table, there, values};
use crate::five_points::{at_the_edge, towns};
use crate::five_world::{KRASNOYARSK, five};
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";

/// A figure above the table by the beginning of what is written under it.
#[track_caller]
fn figure(page: &Page, label: &str) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let mut all = page.body.split("<div class=\"fig\"><div class=\"n\">").skip(1);
    let found = all.find_map(|part| {
        let (shown, rest) = part.split_once("</div><div class=\"l\">")?;
        let under = plain(rest.split("</div>").next()?);
        under.starts_with(label).then(|| plain(shown))
    });
    there(found, &(label, &page.body))
}

/// The page of an indicator of a unit.
fn own(who: &mut Visitor, pack: &str, one: &str, period: &str, unit: &str) -> Page {
    let path = format!("/indicators/{pack}/{one}");
    who.get(&at(&path, pack, period, &format!("&unit={}", code(unit))))
}

/// What the command prints of an indicator of a unit.
fn row(v: &Vekha, pack: &str, period: &str, level: &str, one: (&str, &str)) -> Row {
    let rows = values(v, pack, period, level);
    rows[&(one.0.to_owned(), one.1.to_owned())].clone()
}

/// Where the form of an edge on a page goes.
#[track_caller]
fn action(page: &Page) -> String {
    let found = page.body.split("action=\"/packs/krasnoyarsk/edges").nth(1);
    let found = there(found, &page.body).split('"').next().unwrap_or_default();
    format!("/packs/krasnoyarsk/edges{}", plain(found))
}

/// A hidden field of the form of an edge.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let form = page.body.split("action=\"/packs/krasnoyarsk/edges").nth(1);
    let value = there(form, &page.body)
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1);
    there(value, &name).split('"').next().unwrap_or_default().to_owned()
}

/// Sends the form of an edge as it stands on a page.
fn decide(who: &mut Visitor, page: &Page, points: &str, reason: &str) -> Page {
    let (key, seen) = (hidden(page, "key"), hidden(page, "seen"));
    let fields = [
        ("points", points),
        ("reason", reason),
        ("key", key.as_str()),
        ("seen", seen.as_str()),
    ];
    who.send(page, &action(page), &fields)
}

fn choices(v: &Vekha) -> String {
    v.query("SELECT count(*) FROM edge_choice").concat()
}

on_both! {
    fn an_edge_waits_on_page_and_in_table_until_the_operator_records_a_choice(v: &Vekha) {
        at_the_edge().lay(v);
        let printed = |v: &Vekha| row(v, "krasnoyarsk", KRASNOYARSK.code, "municipality", ("2.2.1.2", "МО-А"));
        let before = printed(v);
        assert_eq!((&*before["value"], &*before["points"], &*before["zone"]), ("20", "edge_undecided", "edge_undecided"));
        accounts(v, &[
            ("operator", "operator", "РЕГ-А"),
            ("second", "operator", "РЕГ-А"),
            ("head", "cnppm_head", "РЕГ-А"),
        ]);
        let server = Server::start(v);
        let who = |login: &str| server.signed_in(login, crate::figures_pages::PASSWORD);
        let shown = |who: &mut Visitor| own(who, "krasnoyarsk", "2.2.1.2", KRASNOYARSK.code, "МО-А");
        let (mut operator, mut second, mut head) = (who("operator"), who("second"), who("head"));
        let page = shown(&mut operator);
        assert_eq!(figure(&page, "значение"), "20,00\u{A0}%");
        assert_eq!(figure(&page, "баллы"), "граница не решена");
        assert_eq!(figure(&page, "уровень"), "граница не решена");
        let words = plain(&page.body);
        for said in ["Граница шкалы не решена", "стоит сразу в двух полосах", "«от 8 до 20»", "«от 20»"] {
            assert!(words.contains(said), "{said}: {words}");
        }
        // The group whose points wait says so as well, and who may not decide sees no form.
        let group = own(&mut operator, "krasnoyarsk", "2.2.1", KRASNOYARSK.code, "МО-А");
        assert_eq!(figure(&group, "уровень"), "граница не решена");
        assert!(plain(&group.body).contains("Ждёт решения граница одного из показателей"), "{}", group.body);
        let of_head = shown(&mut head);
        assert!(plain(&of_head.body).contains("Выбор записывает региональный оператор"), "{}", of_head.body);
        assert!(!of_head.body.contains("action=\"/packs/"), "{}", of_head.body);
        let earlier = shown(&mut second);
        let tried = head.send(&of_head, &action(&earlier), &[("points", "1"), ("reason", "мимо прав"), ("seen", "0")]);
        assert_eq!(tried.status, 403, "{}", tried.body);
        // Nothing is recorded without a reason or without a side; what was typed stays.
        for reason in ["", "  \u{A0} "] {
            let answer = decide(&mut operator, &page, "1", reason);
            assert!(answer.status == 422 && answer.body.contains("Напишите, почему"), "{}", answer.body);
            assert!(answer.body.contains("value=\"1\" selected"), "{}", answer.body);
        }
        let answer = decide(&mut operator, &page, "", "по тексту записки");
        assert!(answer.status == 422 && answer.body.contains("по тексту записки"), "{}", answer.body);
        assert_eq!(decide(&mut operator, &page, "3", "таких нет").status, 422);
        assert_eq!((choices(v).as_str(), shown(&mut operator).status), ("0", 200));
        // Recorded once, however often the form is sent; the page and the command say the same.
        let answer = decide(&mut operator, &page, "1", "по тексту записки: 20 ещё оптимум");
        assert_eq!(answer.status, 303, "{}", answer.body);
        let to = answer.header("location").to_owned();
        assert!(to.starts_with("/indicators/krasnoyarsk/2.2.1.2?"), "{to}");
        let again = decide(&mut operator, &page, "1", "по тексту записки: 20 ещё оптимум");
        assert_eq!((again.status, again.header("location"), choices(v).as_str()), (303, to.as_str(), "1"));
        let journal = "SELECT count(*) FROM audit_event WHERE action = 'indicators.edge' AND account_id = 990000 AND region_id IS NOT NULL";
        assert_eq!(v.query(journal), ["1"]);
        let after = operator.get(&to);
        assert!(plain(&after.body).contains("Выбор записан"), "{}", after.body);
        assert_eq!((figure(&after, "баллы"), figure(&after, "уровень")), ("1".to_owned(), "средний".to_owned()));
        assert!(!after.body.contains("Граница шкалы не решена"), "{}", after.body);
        let now = printed(v);
        assert_eq!((&*now["points"], &*now["zone"]), ("1", "middle"));
        // Who comes second is told of the first and loses nothing.
        let late = decide(&mut second, &earlier, "2", "иначе");
        assert_eq!(late.status, 409, "{}", late.body);
        assert!(late.body.contains("Выбор уже записали") && late.body.contains("иначе"), "{}", late.body);
        assert_eq!(choices(v), "1");
        // A method that is written for another region here is nobody else's to decide upon.
        v.sql("UPDATE unit SET code = 'KYA' WHERE code = 'РЕГ-Б'");
        let theirs = decide(&mut second, &late, "2", "за соседей");
        assert_eq!((theirs.status, choices(v).as_str()), (422, "1"), "another region's edge");
        assert!(theirs.body.contains("Методику ведёт регион") && theirs.body.contains("за соседей"), "{}", theirs.body);
        v.sql("UPDATE unit SET code = 'РЕГ-Б' WHERE code = 'KYA'");
        let late = decide(&mut second, &late, "2", "так решила комиссия");
        assert_eq!(late.status, 303, "{}", late.body);
        assert_eq!((choices(v).as_str(), printed(v)["points"].as_str()), ("2", "2"), "the earlier one stays in the record");
        // The pack lists its edges with what was decided, the passport says it in words.
        let list = table(&operator.get("/packs/krasnoyarsk/edges"), "Общие границы шкал");
        assert_eq!((list.cell("2.2.1.2", "Баллы"), list.cell("2.2.1.2", "Причина")), ("2", "так решила комиссия"));
        assert_eq!(list.cell("2.2.1.3", "Баллы"), "ждёт решения");
        assert!(operator.get("/packs/krasnoyarsk").body.contains("/packs/krasnoyarsk/edges"));
        assert_eq!(operator.get("/packs/krasnoyarsk/edges?indicator=2.2.1.2&edge=8").status, 404, "8 is no shared edge");
        assert_eq!(head.get("/packs/krasnoyarsk/edges").status, 403);
        let passport = head.get(&at("/indicators/krasnoyarsk/2.2.1.2/passport", "krasnoyarsk", KRASNOYARSK.code, ""));
        let words = plain(&passport.body);
        assert!(words.contains("так решила комиссия") && words.contains("Разрыв: значения между 7,99 и 8"), "{words}");
        for technical in ["to_in", "from_in", "false"] {
            assert!(!words.contains(technical), "{technical}: {words}");
        }
        let of_group = head.get(&at("/indicators/krasnoyarsk/2.2.1/passport", "krasnoyarsk", KRASNOYARSK.code, ""));
        let title = "группы «Учёт педагогов, повысивших уровень компетенций»";
        assert!(plain(&of_group.body).contains(title), "{}", of_group.body);
        let _whole = v.run(&["check"]).ok();
    }

    fn page_and_command_name_the_same_reason_where_there_is_nothing(v: &Vekha) {
        towns().lay(v);
        let form = format!("{HEAD}МО-А0,tyumen:s3,2021/22,20,,,,,\n");
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", form))]).ok();
        // Pack, indicator, period, the figure that says it, its words, what the command prints as points.
        let cases = [
            ("tyumen", "3.4", "2022/23", "значение", "нет значения", "no_value"),
            ("krasnoyarsk", "2.2.1.1", "2022/23", "баллы", "нет значения", "no_value"),
            ("tyumen", "s1", "2021/22", "значение", "не представлено", "not_submitted"),
            ("tyumen", "3.21", "2022/23", "значение", "в источнике нет правила", "untitled"),
            ("tyumen", "s3", "2021/22", "баллы", "вне шкалы", "out_of_scale"),
        ];
        let printed: Vec<Row> = cases
            .iter()
            .map(|(pack, one, period, ..)| row(v, pack, period, "municipality", (one, "МО-А0")))
            .collect();
        let (_server, mut visitor) = operator(v);
        for ((pack, one, period, under, words, reason), printed) in cases.iter().zip(&printed) {
            assert_eq!(printed["points"], *reason, "{pack} {one}: {printed:?}");
            assert_eq!(printed["value"].is_empty(), *one != "s3", "{pack} {one}: {printed:?}");
            let page = own(&mut visitor, pack, one, period, "МО-А0");
            assert_eq!(figure(&page, under), *words, "{pack} {one}");
        }
        assert_eq!(printed[0]["denominator"], "0", "nothing is divided by nothing: {:?}", printed[0]);
    }

    fn levels_of_the_pages_are_the_zones_of_the_command(v: &Vekha) {
        five(31).lay(v);
        let rows = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
        let (_server, mut visitor) = operator(v);
        let said = |zone: &str, by_points: bool| -> String {
            match (zone, by_points) {
                ("low", true) => "низкий",
                ("middle", true) => "средний",
                ("high", true) => "высокий",
                ("low", false) => "Низкие результаты",
                ("middle", false) => "Средние результаты",
                ("high", false) => "Высокие результаты",
                ("no_value", _) => "нет значения",
                ("out_of_scale", _) => "вне шкалы",
                ("edge_undecided", _) => "граница не решена",
                ("", _) => "–",
                (other, _) => other,
            }
            .to_owned()
        };
        let mut levels = 0;
        for one in ["2.2.1.1", "2.2.1.2", "2.2.2.4", "2.2.3.1", "2.2.1", "2.2"] {
            let page = visitor.get(&at(&format!("/indicators/krasnoyarsk/{one}"), "krasnoyarsk", KRASNOYARSK.code, ""));
            let shown = table(&page, &format!("{one}:"));
            let by_points = one.matches('.').count() == 3;
            for town in ["МО-А0", "МО-А1", "МО-А2"] {
                let row = &rows[&(one.to_owned(), town.to_owned())];
                let cell = shown.cell(&format!("Имя {town}"), "Уровень");
                assert_eq!(cell, said(&row["zone"], by_points), "{one} {town}: {row:?}");
                let alone = own(&mut visitor, "krasnoyarsk", one, KRASNOYARSK.code, town);
                assert_eq!(figure(&alone, "уровень"), cell, "{one} {town}");
                levels += usize::from(by_points && ["low", "middle", "high"].contains(&row["zone"].as_str()));
            }
        }
        assert!(levels > 3, "levels by points are there to be compared");
    }

    fn a_bound_that_is_no_number_is_told_at_its_field(v: &Vekha) {
        towns().lay(v);
        let _opened = values(v, "tyumen", "2022/23", "region");
        let (_server, mut visitor) = operator(v);
        for (below, wrong, right) in [("/levels", "from", "to"), ("/crossing", "other-bound", "bound")] {
            let path = at(below, "tyumen", "2022/23", &format!("&{wrong}={}&{right}=12,5", code("5о")));
            let page = visitor.get(&path);
            assert_eq!(page.status, 200, "{below}: {}", page.body);
            let words = plain(&page.body);
            assert!(words.contains("Не понятно, что значит «5о». Напишите число"), "{below}: {words}");
            let field = page.body.split(&format!("id=\"f-{wrong}\"")).nth(1);
            let field = there(field, &page.body).split('>').next().unwrap_or_default();
            assert!(field.contains("value=\"5о\"") && field.contains("aria-invalid=\"true\""), "{below}: {field}");
            let other = page.body.split(&format!("id=\"f-{right}\"")).nth(1);
            let other = there(other, &page.body).split('>').next().unwrap_or_default();
            assert!(other.contains("value=\"12,5\"") && !other.contains("aria-invalid"), "{below}: {other}");
            // No file is made of what was not understood.
            let file = visitor.get(&format!("{path}&as=xlsx"));
            assert!(file.status == 400 && file.body.contains("Не понятно, что значит «5о»"), "{below}: {}", file.body);
        }
    }

    fn years_that_do_not_stand_in_the_row_are_named_with_the_reason(v: &Vekha) {
        five(33).lay(v);
        // 2020/21 is a year of the method, 2021/22 lies inside the row; nobody has counted either.
        for year in ["2019/20", "2022/23"] {
            let _counted = values(v, "krasnoyarsk", year, "region");
        }
        let (_server, mut visitor) = operator(v);
        let page = visitor.get(&at("/indicators/krasnoyarsk/2.2.3.1/series", "krasnoyarsk", "2022/23", ""));
        let row = table(&page, "По периодам");
        assert!(row.column("2019/20 учебный год").is_some() && row.column("2021/22 учебный год").is_none(), "{row:?}");
        let words = plain(&page.body);
        assert!(words.contains("2020/21, 2021/22: показатели не считались"), "{words}");
        assert!(!page.body.contains("<polyline"), "no line across years that nobody has counted");
    }
}
