//! Campaigns as the municipality and the operator see them: who has not sent and why, many at once, minutes, reminders, and
//! the windows of the five systems.

use crate::on_both;
use crate::reports_world::{
    FAR_SCHOOL, FULL, PASSWORD, YEAR, act, code, fields, hidden, open, report, stands, try_open, world,
};
use crate::support::{Vekha, text};
use crate::visitor::Page;
use crate::world::{NORTH, SOUTH, number, unit};

/// How many reports stand on the page of the checker.
fn rows(page: &Page) -> usize {
    page.body.matches("<a href=\"/reports/").count()
}

/// What is said of a unit on that page.
fn row<'a>(page: &'a Page, name: &str) -> &'a str {
    let mut own = page.body.split("<div class=\"pick\">").skip(1);
    let found = own.find(|row| row.contains(&format!(">{name}<")));
    found.unwrap_or_else(|| unreachable!("{name}: {}", page.body))
}

/// Boxes of a page.
fn picks(page: &Page) -> Vec<String> {
    let all = page.body.split("name=\"pick\" value=\"").skip(1);
    all.filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

on_both! {
    // rows: LE-F17
    fn a_survey_sheet_of_organisations_names_the_act_that_approves_it_and_how_it_is_processed(v: &Vekha) {
        let server = world(v, &["leninsky"], 0);
        for (id, region, title) in [(71, NORTH, "Об опросных листах"), (72, SOUTH, "О чужих листах")] {
            let own = unit(region, 0);
            v.sql(&format!(
                "INSERT INTO regulation (id, region_id, unit_id, issuer_key, level, kind, number, number_key, issued_on, title, search_key, \
                 valid_from, is_public, version, recorded_at) VALUES ({id}, {own}, {own}, 'unit {own}', 'regional', 'order', '{id}', '{id}', \
                 '2022-09-01', '{title}', '', '2022-09-01', TRUE, 1, '2022-09-01 00:00:00')"
            ));
        }
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get("/campaigns/new?pack=leninsky&campaign=survey&period=2023");
        assert!(page.body.contains("Об опросных листах") && !page.body.contains("О чужих листах"), "{}", page.body);
        assert!(page.body.contains("допуск 0: расхождение исправляют или объясняют"), "{}", page.body);
        let wrong = try_open(&mut operator, "leninsky", "survey", "2023", &[("act", "72")]);
        assert_eq!(wrong.status, 404, "an act of another region");
        let campaign = open(&mut operator, "leninsky", "survey", "2023", &[("act", "71")]);
        let page = operator.get(&format!("/campaigns/{campaign}"));
        for said in ["Форма утверждена", "приказ №\u{a0}71 от\u{a0}01.09.2022 «Об опросных листах»", "Порядок обработки", "Опросный лист организации"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let sheet = server.signed_in("director", PASSWORD).get("/report");
        assert!(sheet.body.contains("Форма утверждена: приказ №\u{a0}71 от\u{a0}01.09.2022 «Об опросных листах»."), "{}", sheet.body);
    }

    // rows: TY-F19
    fn a_school_whose_data_are_loaded_reports_on_one_screen_with_few_fields(v: &Vekha) {
        let packs = ["krasnoyarsk", "tyumen", "chelyabinsk", "leninsky"];
        let server = world(v, &packs, 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut director = server.signed_in("director", PASSWORD);
        for (pack, campaign, period) in [
            ("krasnoyarsk", "june_schools", "2020/21"),
            ("tyumen", "june_schools", "2022/23"),
            ("chelyabinsk", "monitoring_schools", "2023"),
            ("leninsky", "survey", "2023"),
        ] {
            let id = open(&mut operator, pack, campaign, period, &[]);
            let (own, ..) = stands(v, id, unit(NORTH, 2));
            let page = director.get(&format!("/report?report={own}"));
            assert!(page.body.contains("сверьте их"), "the guide of {pack}: {}", page.body);
            let all = fields(&page);
            // Of a value that is not there no other part is asked for.
            let none = |name: &str| name.strip_suffix(".of").is_some_and(|of| all.get(of).is_some_and(|value| value == "–"));
            let empty = all.iter().filter(|(name, value)| value.is_empty() && !name.ends_with(".why") && !none(name));
            let empty: Vec<&String> = empty.map(|(name, _)| name).collect();
            println!("{pack}: {} of {} fields to type", empty.len(), all.len());
            assert!((1..=6).contains(&empty.len()), "{pack}: to type {empty:?}");
            let values: Vec<(String, String)> = empty
                .iter()
                .map(|name| {
                    let value = match name.as_str() {
                        name if name.ends_with(".link") => "https://school.example/act",
                        name if name.contains("implemented") || name.contains("documents") => "да",
                        _ => "2",
                    };
                    ((*name).clone(), value.to_owned())
                })
                .collect();
            let values: Vec<(&str, &str)> = values.iter().map(|(n, value)| (n.as_str(), value.as_str())).collect();
            // The second screen says that it is sent.
            let answer = report(&mut director, &page, "send", &values);
            assert_eq!(answer.status, 303, "{pack}: {}", answer.body);
            let page = director.get(answer.header("location"));
            assert!(page.body.contains("Отправлено, можно отозвать до проверки"), "{pack}");
            // What is accepted is known now and not asked for again, by no other form either.
            if pack == "leninsky" {
                let forms = format!("/forms?unit={}&period=2023", code("С2"));
                let before = director.get(&forms);
                assert!(!before.body.contains("org_positions_pedagogical_total\" value=\"2\""), "nobody has accepted it");
                assert_eq!(act(&mut server.signed_in("methodist", PASSWORD), own, "agree", &[]).status, 303);
                assert_eq!(act(&mut operator, own, "accept", &[]).status, 303);
                let known = director.get(&forms);
                assert!(known.body.contains("org_positions_pedagogical_total\" value=\"2\""), "{}", known.body);
            }
        }
        // A value of a file is put into the form of another school.
        let file = v.file("ставки.csv", "Единица;Показатель или величина;Период;Значение\nС3;org_positions_pedagogical_total;2023;7,5\n");
        let _loaded = v.run(&["import", "forms", text(&file)]).ok();
        let of = "SELECT s.id AS n FROM submission s JOIN campaign c ON c.id = s.campaign_id WHERE c.pack = 'chelyabinsk'";
        let id = number(v, &format!("{of} AND s.unit_id = {}", unit(NORTH, 3)));
        let page = server.signed_in("other", PASSWORD).get(&format!("/report?report={id}"));
        let all = fields(&page);
        assert_eq!(all.get("f.org_positions_pedagogical_total").map(String::as_str), Some("7,5"), "{}", page.body);
    }

    fn the_municipality_sees_forty_schools_on_one_screen_who_has_not_sent_and_why(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 38);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (mut director, mut other) = (server.signed_in("director", PASSWORD), server.signed_in("other", PASSWORD));
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = methodist.get("/reports");
        assert_eq!(rows(&page), 40, "{}", page.body);
        assert!(row(&page, "Школа 10").contains("Не заполнено: 1") && row(&page, "Школа 10").contains("не начат"), "{}", page.body);
        // In work, with what blocks it.
        let form = director.get("/report");
        let answer = report(&mut director, &form, "save", &[FULL, &[("f.2.2.1.1", "39")]].concat());
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Sent, and returned with a reason.
        let form = other.get("/report");
        assert_eq!(report(&mut other, &form, "send", FULL).status, 303);
        let (id, ..) = stands(v, campaign, unit(NORTH, 3));
        assert_eq!(act(&mut methodist, id, "return", &[("reason", "приложите приказ")]).status, 303);
        let page = methodist.get("/reports");
        let [first, second] = ["С2", "С3"].map(|name| row(&page, name));
        assert!(first.contains("в работе") && first.contains("ешает отправить: 2.2.1.1"), "{first}");
        assert!(second.contains("озвращён: приложите приказ"), "{second}");
        assert!(page.body.contains("0 из 40"), "{}", page.body);
        let only = methodist.get("/reports?state=returned");
        assert_eq!(rows(&only), 1, "{}", only.body);
        // The far municipality sees its own.
        let far = server.signed_in("far-methodist", PASSWORD).get("/reports");
        assert_eq!(rows(&far), 1, "{}", far.body);
        // The operator sees all of them.
        assert_eq!(rows(&operator.get("/reports")), 41);
    }

    fn many_are_agreed_to_and_accepted_at_once_and_each_of_the_others_says_why_not(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        for login in ["director", "other", "far"] {
            let mut who = server.signed_in(login, PASSWORD);
            let form = who.get("/report");
            let answer = report(&mut who, &form, "send", FULL);
            assert_eq!(answer.status, 303, "{login}: {}", answer.body);
        }
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = methodist.get("/reports");
        let all = picks(&page);
        assert_eq!(all.len(), 2, "{}", page.body);
        // One of the two is taken back meanwhile.
        let mut other = server.signed_in("other", PASSWORD);
        let (id, _, version) = stands(v, campaign, unit(NORTH, 3));
        let own = other.get("/report");
        let (report_id, seen) = (id.to_string(), version.to_string());
        assert_eq!(other.send(&own, "/report", &[("report", &report_id), ("seen", &seen), ("act", "withdraw"), ("reason", "ошибка")]).status, 303);
        let key = hidden(&page, "key");
        let mut fields = vec![("act", "agree"), ("key", key.as_str())];
        fields.extend(all.iter().map(|pick| ("pick", pick.as_str())));
        for _again in 0..2 {
            let answer = methodist.send(&page, "/reports", &fields);
            assert_eq!(answer.status, 303, "{}", answer.body);
            let done = methodist.get(answer.header("location"));
            assert!(done.body.contains("Выполнено 1, пропущено 1") && done.body.contains("тчёт изменился"), "{}", done.body);
            assert!(done.body.contains(">С3<"), "{}", done.body);
        }
        assert_eq!(stands(v, campaign, unit(NORTH, 2)).1, "agreed");
        // Nothing ticked.
        let page = methodist.get("/reports");
        let key = hidden(&page, "key");
        assert_eq!(methodist.send(&page, "/reports", &[("act", "agree"), ("key", &key)]).status, 422);
        // The operator accepts what is agreed, not what was only sent.
        let page = operator.get("/reports");
        assert_eq!(picks(&page).len(), 1, "{}", page.body);
        let far = stands(v, campaign, unit(NORTH, FAR_SCHOOL));
        let key = hidden(&page, "key");
        let (own, beside) = (picks(&page).remove(0), format!("{}.{}", far.0, far.2));
        let sent = [("act", "accept"), ("key", key.as_str()), ("pick", own.as_str()), ("pick", beside.as_str())];
        let answer = operator.send(&page, "/reports", &sent);
        let done = operator.get(answer.header("location"));
        assert!(done.body.contains("Выполнено 1, пропущено 1"), "{}", done.body);
        assert_eq!(stands(v, campaign, unit(NORTH, 2)).1, "accepted");
        assert_eq!(stands(v, campaign, unit(NORTH, FAR_SCHOOL)).1, "sent");
        // Agreed is agreed once; what was accepted the municipality takes back no more.
        let (id, _, version) = stands(v, campaign, unit(NORTH, 2));
        let (page, seen) = (methodist.get("/account"), version.to_string());
        for name in ["agree", "disagree"] {
            let sent = [("act", name), ("seen", seen.as_str()), ("reason", "поздно")];
            assert_eq!(methodist.send(&page, &format!("/reports/{id}"), &sent).status, 422, "{name}");
        }
        // By municipality: handed in, asked, in time.
        let page = operator.get(&format!("/campaigns/{campaign}"));
        let table = page.body.split("<tbody").nth(1).expect("a table");
        let line = |name: &str| -> Vec<String> {
            let row = table.split("<tr").find(|row| row.contains(&format!(">{name}<"))).expect(name);
            row.split("<td").skip(1).map(|cell| cell.split_once('>').expect("a cell").1.split('<').next().unwrap_or_default().replace('\u{a0}', " ")).collect()
        };
        assert_eq!(line("С1")[1..6], ["1", "2", "50,0 %", "1", "50,0 %"]);
        assert_eq!(line("С5")[1..6], ["1", "1", "100,0 %", "1", "100,0 %"]);
        assert_eq!(line("Всего")[1..6], ["2", "3", "66,7 %", "2", "66,7 %"]);
    }

    fn asking_for_what_is_known_needs_a_reason_and_the_minutes_add_up(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let _opened = v.run(&["values", "--pack", "krasnoyarsk", "--period", YEAR, "--level", "region", "--format", "csv"]).ok();
        let path = format!("/campaigns/new?pack=krasnoyarsk&campaign=june_schools&period={}", code(YEAR));
        let page = operator.get(&path);
        // Three schools type one field of five minutes; the four indicators are computed.
        assert!(page.body.contains("15\u{a0}минут на всех"), "{}", page.body);
        let answer = try_open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[("anew", "2.2.1.1")]);
        assert!(answer.status == 422 && answer.body.contains("зачем спрашивать заново"), "{}", answer.body);
        // The page counts what it would take: fifteen minutes more for each school.
        assert!(answer.body.contains("60\u{a0}минут на всех"), "{}", answer.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM campaign"), 0);
        let why = "проверяем учёт диагностик";
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[("anew", "2.2.1.1"), ("reason", why)]);
        let logged = "SELECT count(*) AS n FROM audit_event WHERE action = 'cycle.campaign_override' AND detail = 'entered=2.2.1.1'";
        assert_eq!(number(v, logged), 1);
        let page = operator.get(&format!("/campaigns/{campaign}"));
        assert!(page.body.contains(&format!("2.2.1.1: {why}")), "{}", page.body);
        // The field is empty now, and blocks until it is typed.
        let mut director = server.signed_in("director", PASSWORD);
        let form = director.get("/report");
        assert!(form.body.contains(why), "{}", form.body);
        assert_eq!(fields(&form)["f.2.2.1.1"], "");
        let answer = report(&mut director, &form, "send", FULL);
        assert_eq!(answer.status, 422, "{}", answer.body);
        let answer = report(&mut director, &answer, "send", &[("f.2.2.1.1", "37"), ("f.2.2.1.1.of", "40")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = operator.get(&format!("/campaigns/{campaign}"));
        assert!(page.body.contains("20\u{a0}минут"), "five and fifteen: {}", page.body);
        // Where nothing is asked anew, nothing needs a reason.
        let free = try_open(&mut operator, "krasnoyarsk", "june", YEAR, &[]);
        assert_eq!(free.status, 303, "{}", free.body);
    }

    fn those_who_have_not_sent_are_reminded_once_a_day_and_named_before(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 1);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let form = director.get("/report");
        assert_eq!(report(&mut director, &form, "send", FULL).status, 303);
        let path = format!("/campaigns/{campaign}/remind");
        let page = operator.get(&path);
        for (said, there) in [("other", true), ("far", true), ("director", false), ("deputy", false), ("south-school", false)] {
            assert_eq!(page.body.contains(&format!("{said} — ")), there, "{said}: {}", page.body);
        }
        assert!(page.body.contains("Некому написать: Школа 10"), "{}", page.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM notice WHERE kind = 'report_reminder'"), 0, "nothing goes before it is confirmed");
        for _again in 0..2 {
            assert_eq!(operator.send(&page, &path, &[]).status, 303);
            assert_eq!(number(v, "SELECT count(*) AS n FROM notice WHERE kind = 'report_reminder'"), 2);
        }
        let mut other = server.signed_in("other", PASSWORD);
        let notices = other.get("/notices");
        assert!(notices.body.contains("Не сдан отчёт") && notices.body.contains("href=\"/report\""), "{}", notices.body);
        // The start page of the school says it too, with the days that are left.
        let start = other.get("/staff");
        assert!(start.body.contains("href=\"/report\"") && start.body.contains("осталось 5"), "{}", start.body);
        let start = director.get("/staff");
        assert!(!start.body.contains("осталось 5"), "{}", start.body);
        let mut south = server.signed_in("south", PASSWORD);
        assert_eq!(south.get(&path).status, 404);
    }

    // rows: KR-F13, KR-F15, TY-F18
    fn a_service_answers_for_its_municipality_and_the_authority_signs(v: &Vekha) {
        let server = world(v, &["krasnoyarsk", "tyumen", "leningrad", "chelyabinsk", "leninsky"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        // The usual window stands in the form of the opening.
        for (pack, campaign, period, opens, due) in [
            ("krasnoyarsk", "june", "2020/21", "01.06.2021", "25.06.2021"),
            ("tyumen", "june", "2022/23", "19.06.2023", "26.06.2023"),
            ("leningrad", "june", "2021", "01.06.2021", "30.06.2021"),
            ("chelyabinsk", "monitoring", "2023", "01.09.2023", "31.01.2024"),
            ("leninsky", "survey", "2023", "01.12.2023", "20.12.2023"),
        ] {
            let page = operator.get(&format!("/campaigns/new?pack={pack}&campaign={campaign}&period={}", code(period)));
            for day in [opens, due] {
                assert!(page.body.contains(&format!("value=\"{day}\"")), "{pack} {day}: {}", page.body);
            }
        }
        let campaign = open(&mut operator, "krasnoyarsk", "june", YEAR, &[]);
        let own = methodist.get("/report");
        assert!(own.body.contains("Отчёт муниципалитета") && own.body.contains("рассчитано 47 из 50"), "{}", own.body);
        let listed = [("f.mun_vacancy_list_published", "да")];
        let answer = report(&mut methodist, &own, "send", &listed);
        assert_eq!(answer.status, 422, "a link is asked for");
        assert!(answer.body.contains("Приложите ссылку"), "{}", answer.body);
        let link = [("f.mun_vacancy_list_published.link", "https://town.example/vacancies")];
        let answer = report(&mut methodist, &answer, "send", &link);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (id, ..) = stands(v, campaign, unit(NORTH, 1));
        // Whoever reports does not sign.
        assert_eq!(act(&mut methodist, id, "agree", &[]).status, 404);
        let mut mouo = server.signed_in("mouo", PASSWORD);
        assert_eq!(act(&mut mouo, id, "agree", &[]).status, 303);
        assert!(!operator.get("/forms/links").body.contains("https://town.example/vacancies"));
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        assert_eq!(stands(v, campaign, unit(NORTH, 1)).1, "accepted");
        // The link stands to be checked like one of the form of facts.
        assert!(operator.get("/forms/links").body.contains("https://town.example/vacancies"));
        // One base of all municipalities, with who has not answered.
        let page = operator.get(&format!("/reports?campaign={campaign}"));
        assert!(row(&page, "С1").contains("принят") && row(&page, "С5").contains("не начат"), "{}", page.body);
    }

    // rows: KR-F17, KR-F18
    fn municipalities_whose_data_differ_from_what_is_counted_are_found_and_worked_with(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june", YEAR, &[]);
        let listed = [("f.mun_vacancy_list_published", "нет")];
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let form = methodist.get("/report");
        let why = [("f.2.2.1.1", "49"), ("f.2.2.1.1.why", "по журналу службы")];
        let answer = report(&mut methodist, &form, "send", &[&listed[..], &why].concat());
        assert_eq!(answer.status, 303, "{}", answer.body);
        let mut far = server.signed_in("far-methodist", PASSWORD);
        let form = far.get("/report");
        let answer = report(&mut far, &form, "send", &listed);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The operator finds the one that differs, with both numbers and the reason.
        let list = operator.get(&format!("/reports?campaign={campaign}"));
        let said = row(&list, "С1");
        assert!(said.contains("асхождение объяснено: 2.2.1.1"), "nothing is told of the difference: {said}");
        assert!(!row(&list, "С5").contains("асхождение"), "{}", list.body);
        let (id, ..) = stands(v, campaign, unit(NORTH, 1));
        let page = operator.get(&format!("/reports/{id}"));
        for said in ["47 из 50", "49 из 50", "+2", "по журналу службы"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        // Signed by the authority, it is sent back with what is to be compared; then it agrees.
        assert_eq!(act(&mut server.signed_in("mouo", PASSWORD), id, "agree", &[]).status, 303);
        let reason = "сверьте со списком ЦНППМ: двоих в нём нет";
        assert_eq!(act(&mut operator, id, "return", &[("reason", reason)]).status, 303);
        let form = methodist.get("/report");
        assert!(form.body.contains(reason), "{}", form.body);
        let answer = report(&mut methodist, &form, "send", &[("f.2.2.1.1", "47"), ("f.2.2.1.1.why", "")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let list = operator.get(&format!("/reports?campaign={campaign}"));
        assert!(!row(&list, "С1").contains("асхождение"), "{}", list.body);
        assert!(operator.get(&format!("/reports/{id}")).body.contains("49 из 50"), "what was reported before is kept");
    }

    // rows: LG-F13
    fn what_services_answer_in_a_campaign_is_what_the_indicators_count(v: &Vekha) {
        let server = world(v, &["leningrad"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "leningrad", "june", "2021", &[]);
        let value = || {
            let asked = ["values", "--pack", "leningrad", "--period", "2021", "--level", "region", "--indicator", "F6", "--format", "csv"];
            let answer = v.run(&asked).ok();
            let row = answer.rows().into_iter().find(|r| r["unit"] == "С0").expect("the region");
            [row["numerator"].clone(), row["denominator"].clone()]
        };
        let before = value();
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let form = methodist.get("/report");
        let said = [
            ("f.mun_school_of_young_teacher", "да"), ("f.mun_schools_in_organisations", "нет"), ("f.mun_district_unions", "да"),
            ("f.mun_mentoring_small_organisations", "да"), ("f.mun_social_network_groups", "3"), ("f.mun_service_site", "да"),
            ("f.mun_service_site.link", "https://service.example"),
        ];
        let answer = report(&mut methodist, &form, "send", &said);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (id, ..) = stands(v, campaign, unit(NORTH, 1));
        assert_eq!(value(), before, "what is sent is not accepted");
        assert_eq!(act(&mut server.signed_in("mouo", PASSWORD), id, "agree", &[]).status, 303);
        assert_eq!(value(), before, "what is agreed to is not accepted");
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        let after = value();
        assert_eq!((before[0].as_str(), after[0].as_str(), &before[1]), ("", "1", &after[1]), "nobody had said anything");
        // An acceptance that is taken back takes the values with it.
        assert_eq!(act(&mut operator, id, "reopen", &[("reason", "ошибка")]).status, 303);
        assert_eq!(value(), before);
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        assert_eq!(value(), after);
        let _green = v.run(&["check"]).ok();
    }

    fn whoever_is_to_act_on_reports_is_told_and_sees_it(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (mut director, mut methodist) = (server.signed_in("director", PASSWORD), server.signed_in("methodist", PASSWORD));
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        // Those who answer are told that it is asked for; nobody of the other region is.
        let told = |kind: &str| {
            let of = format!("SELECT a.login FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = '{kind}'");
            let mut told = v.query(&of);
            told.sort();
            told
        };
        assert_eq!(told("report_asked"), ["deputy", "director", "far", "other"]);
        assert!(director.get("/calendar").body.contains("Сдайте отчёт «"), "{}", director.get("/calendar").body);
        assert!(!methodist.get("/calendar").body.contains("вашего согласования"));
        let form = director.get("/report");
        assert_eq!(report(&mut director, &form, "send", FULL).status, 303);
        let waits = methodist.get("/calendar");
        assert!(waits.body.contains("1\u{a0}отчёт ждёт вашего согласования"), "{}", waits.body);
        assert!(!server.signed_in("far-methodist", PASSWORD).get("/calendar").body.contains("вашего согласования"));
        assert!(!director.get("/calendar").body.contains("Сдайте отчёт «"));
        assert_eq!(act(&mut methodist, id, "return", &[("reason", "приложите приказ")]).status, 303);
        assert_eq!(told("report_returned"), ["deputy", "director"]);
        let bell = director.get("/notices");
        assert!(bell.body.contains("Возвращён отчёт «"), "{}", bell.body);
        let form = director.get("/report");
        assert_eq!(report(&mut director, &form, "send", &[]).status, 303);
        assert_eq!(act(&mut methodist, id, "agree", &[]).status, 303);
        assert!(operator.get("/calendar").body.contains("1\u{a0}согласованный отчёт ждёт приёмки"), "{}", operator.get("/calendar").body);
        // The journal says which report it was.
        let journal = operator.get("/journal");
        assert!(journal.body.contains("С2 (krasnoyarsk-june_schools"), "{}", journal.body);
    }

    fn what_is_sent_and_differs_by_now_is_neither_agreed_to_nor_accepted_without_a_reason(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (mut director, mut methodist) = (server.signed_in("director", PASSWORD), server.signed_in("methodist", PASSWORD));
        let form = director.get("/report");
        assert_eq!(report(&mut director, &form, "send", FULL).status, 303);
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        // One more is diagnosed in the data of the year.
        let more = format!("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{};Д1;полная;01.02.2021;К1;90;100\n", crate::world::snils(38));
        let _more = v.import("results", &more);
        let refused = act(&mut methodist, id, "agree", &[]);
        assert_eq!(refused.status, 422, "it differs by now");
        assert!(refused.body.contains("разошёлся с ними без объяснения: 2.2.1.1"), "{}", refused.body);
        let list = methodist.get("/reports");
        let picked: Vec<(&str, String)> = picks(&list).into_iter().map(|pick| ("pick", pick)).collect();
        assert!(picked.iter().any(|(_, pick)| pick.starts_with(&format!("{id}."))), "{}", list.body);
        assert_eq!(stands(v, campaign, unit(NORTH, 2)).1, "sent");
        // Sent back, it is said anew as it is counted now.
        assert_eq!(act(&mut methodist, id, "return", &[("reason", "данные изменились")]).status, 303);
        let form = director.get("/report");
        assert_eq!(report(&mut director, &form, "send", &[]).status, 303);
        assert_eq!(act(&mut methodist, id, "agree", &[]).status, 303);
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
    }

    fn a_dot_explains_nothing_and_a_form_without_a_field_takes_nothing_away(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let form = director.get("/report");
        let typed = [FULL, &[("f.2.2.1.1", "39"), ("f.2.2.1.1.why", ".")]].concat();
        let answer = report(&mut director, &form, "send", &typed);
        assert!(answer.status == 422 && answer.body.contains("Объясните словами"), "{}", answer.body);
        let typed = [FULL, &[("f.2.2.1.1", "39"), ("f.2.2.1.1.why", "двое по журналу")]].concat();
        assert_eq!(report(&mut director, &form, "save", &typed).status, 303);
        let form = director.get("/report");
        let (id, seen) = (hidden(&form, "report"), hidden(&form, "seen"));
        let bare = director.send(&form, "/report", &[("report", &id), ("seen", &seen), ("act", "send")]);
        assert_eq!(bare.status, 303, "{}", bare.body);
        let (report, ..) = stands(v, campaign, unit(NORTH, 2));
        let stands = format!(
            "SELECT upper_milli || ' ' || explanation FROM submission_value WHERE submission_id = {report} AND field = '2.2.1.1' AND \
             superseded_at IS NULL"
        );
        assert_eq!(v.query(&stands), ["39000 двое по журналу"]);
    }

    fn rules_of_a_form_name_the_field_what_is_reported_and_what_was_expected(v: &Vekha) {
        let server = world(v, &["chelyabinsk", "krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "chelyabinsk", "monitoring_schools", "2023", &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/report");
        let bad = [
            ("f.1.1", "41"), ("f.1.1.of", "40"), ("f.1.1.why", "по журналу"), ("f.4.1", "2,5"), ("f.4.1.why", "по журналу"),
            ("f.4.1.of", "39"), ("f.org_mentoring_documents", "да"),
            ("f.org_positions_pedagogical_total", "10"), ("f.org_positions_pedagogical_occupied", "11"),
        ];
        let answer = report(&mut director, &page, "send", &bad);
        assert_eq!(answer.status, 422, "{}", answer.body);
        for said in [
            "41 больше, чем 40: часть не бывает больше целого",
            "Людей и предметы считают целыми",
            "Знаменатель 39 не тот, что у показателя 1.1: там 40",
            "Приложите ссылку на подтверждение",
            "Занятые педагогические ставки — 11, а Педагогические ставки по штату — 10",
            "Административные ставки по штату: Не заполнено",
        ] {
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value"), 0);
        // Nothing, zero and no value are three things: of nobody there is no share.
        let answer = report(&mut director, &answer, "send", &[("f.1.2", "0"), ("f.1.2.of", "0")]);
        assert!(answer.body.contains("0 из 0 — это нет значения, а не ноль"), "{}", answer.body);
        let fine = [
            ("f.1.1", ""), ("f.1.1.of", ""), ("f.1.1.why", ""), ("f.4.1", ""), ("f.4.1.of", ""), ("f.4.1.why", ""), ("f.1.2", ""),
            ("f.1.2.of", ""), ("f.org_mentoring_documents.link", "https://school.example/a"), ("f.org_positions_pedagogical_occupied", "9"),
            ("f.org_positions_admin_total", "–"), ("f.org_positions_admin_occupied", "0"),
        ];
        let answer = report(&mut director, &answer, "send", &fine);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        assert_eq!(act(&mut server.signed_in("methodist", PASSWORD), id, "agree", &[]).status, 303);
        assert_eq!(act(&mut operator, id, "accept", &[]).status, 303);
        let stored = "SELECT measure || ' ' || coalesce(CAST(value_milli AS TEXT), 'нет') FROM measure_value WHERE measure LIKE 'org_positions_admin%' ORDER BY measure";
        assert_eq!(v.query(stored), ["org_positions_admin_occupied 0", "org_positions_admin_total нет"]);
    }
}

#[test]
fn a_campaign_of_a_pack_is_checked_with_its_places() {
    let v = Vekha::new(crate::support::Backend::Sqlite);
    let text_of = std::fs::read_to_string("seeds/packs/krasnoyarsk.toml").expect("the pack");
    let check = |from: &str, to: &str| {
        assert!(text_of.contains(from), "{from}");
        let path = v.file("pack.toml", text_of.replacen(from, to, 1));
        v.run(&["pack", "check", text(&path)])
    };
    for (from, to, said) in [
        (
            "opens = \"06-01\"\ndue = \"06-20\"",
            "opens = \"06-31\"\ndue = \"06-20\"",
            "месяц и день",
        ),
        (
            "indicator = \"2.2.3.5\"\nguide",
            "indicator = \"9.9\"\nguide",
            "показателя 9.9 в пакете нет",
        ),
        (
            "indicator = \"2.2.3.5\"\nguide",
            "indicator = \"2.2.5\"\nguide",
            "подтверждать нечего",
        ),
        (
            "measure = \"org_mentoring_model_implemented\"",
            "measure = \"mun_service_site\"",
            "у таких единиц нет",
        ),
        ("code = \"june\"", "code = \"june_schools\"", "стоит дважды"),
        (
            "level = \"municipality\"\nopens",
            "level = \"village\"\nopens",
            "не бывает",
        ),
        ("minutes = 15", "minutes = 0", "minutes"),
        ("tolerance = 0", "tolerance = -1", "число от нуля"),
    ] {
        let answer = check(from, to);
        let all = format!("{}{}", answer.out, answer.err);
        assert!(
            answer.code == 1 && all.contains(said) && all.contains("строка "),
            "{said}: {all}"
        );
    }
    let _fine = check(
        "opens = \"06-01\"\ndue = \"06-20\"",
        "opens = \"06-02\"\ndue = \"06-20\"",
    )
    .ok();
}
