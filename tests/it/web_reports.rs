//! Campaigns and reports: what is computed stands beside what is reported, a difference blocks until it is explained, and a
//! report goes from the school to the municipality to the operator and back.

use std::collections::BTreeMap;

use crate::on_both;
use crate::reports_world::{
    DIAGNOSED, FAR_SCHOOL, FULL, PASSWORD, TEACHERS, YEAR, act, hidden, in_days, open, report, shown, stands, try_open,
    world,
};
use crate::support::Vekha;
use crate::world::{NORTH, SOUTH, number, unit};

/// The indicator of those who passed a diagnosis.
const PASSED: &str = "f.2.2.1.1";

/// What the platform computes of the indicator in a school.
fn computed(v: &Vekha, of: &str) -> [String; 2] {
    let arguments = [
        "values",
        "--pack",
        "krasnoyarsk",
        "--period",
        YEAR,
        "--level",
        "organisation",
    ];
    let answer = v
        .run(&[&arguments[..], &["--indicator", "2.2.1.1", "--format", "csv"]].concat())
        .ok();
    let rows = answer.rows();
    let row = rows.iter().find(|r| r["unit"] == of).expect(of);
    [row["numerator"].clone(), row["denominator"].clone()]
}

on_both! {
    fn forty_against_thirty_seven_is_a_difference_with_three_names_and_blocks_until_it_is_explained_or_fixed(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/report");
        assert!(page.body.contains(&format!("рассчитано {DIAGNOSED} из {TEACHERS}")), "{}", page.body);
        assert_eq!(computed(v, "С2"), [DIAGNOSED.to_string(), TEACHERS.to_string()]);
        let typed = [FULL, &[(PASSED, "40")]].concat();
        let answer = report(&mut director, &page, "send", &typed);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.body.contains("Расхождение: +3") && answer.body.contains("подано 40 из 40, рассчитано 37 из 40"), "{}", answer.body);
        for n in 1..=TEACHERS {
            assert_eq!(answer.body.contains(&format!("Фамилия{n} Имя")), n > DIAGNOSED, "{n}: {}", answer.body);
        }
        let (id, state, _) = stands(v, campaign, unit(NORTH, 2));
        assert_eq!(state, "in_work", "what was typed is kept, and not sent");
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value"), 0);
        // The three were named to somebody: the journal knows.
        let _sealed = v.run(&["audit", "verify"]).ok();
        let named = "SELECT count(DISTINCT person_id) AS n FROM audit_event WHERE action = 'desk.show_in_list' AND account_id = 6";
        assert_eq!(number(v, named), TEACHERS - DIAGNOSED);
        // With a reason it goes, and stands beside the computed value.
        let why = "трое прошли диагностику в другом центре";
        let answer = report(&mut director, &answer, "send", &[("f.2.2.1.1.why", why)]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let reported = "SELECT numerator_milli || ' ' || denominator_milli || ' ' || value_milli || ' ' || source FROM measure_value \
                        WHERE measure = 'krasnoyarsk:2.2.1.1' AND superseded_at IS NULL";
        assert_eq!(v.query(reported), ["40000 40000 40000 reported"]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value WHERE submission_id IS NULL"), 0);
        assert_eq!(computed(v, "С2"), [DIAGNOSED.to_string(), TEACHERS.to_string()], "the computed value stays");
        // The municipality sees both and returns it.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let list = methodist.get("/reports");
        assert!(list.body.contains("асхождение объяснено: 2.2.1.1"), "{}", list.body);
        let answer = act(&mut methodist, id, "return", &[("reason", "")]);
        assert!(answer.status == 422 && answer.body.contains("ричина не написана"), "{}", answer.body);
        let answer = act(&mut methodist, id, "return", &[("reason", "другого центра нет")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The school fixes it: no difference is left, and what stood before stays to be seen.
        let page = director.get("/report");
        assert!(page.body.contains("другого центра нет") && page.body.contains(why), "{}", page.body);
        let answer = report(&mut director, &page, "send", &[(PASSED, "37"), ("f.2.2.1.1.why", "")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(v.query(reported), ["37000 40000 37000 reported"]);
        let page = director.get("/report");
        assert!(!page.body.contains("Расхождение") && page.body.contains("40 из 40") && page.body.contains("Прежние значения"), "{}", page.body);
        let kept = format!("SELECT upper_milli FROM submission_value WHERE submission_id = {id} AND field = '2.2.1.1' ORDER BY id");
        assert_eq!(v.query(&kept), ["40000", "40000", "37000"], "without a reason, with one, as computed");
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value WHERE measure = 'krasnoyarsk:2.2.1.1'"), 2);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_jump_from_last_year_is_said_beside_the_field_and_blocks_nothing(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let _campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let jump = "Отличается от прошлого года больше чем на 50";
        assert!(!director.get("/report").body.contains(jump), "nobody knows of last year");
        // 37 of 40 are 92,5 %: 61 of a hundred is no jump, ten of forty is one; what another school said is nobody's here.
        let said = |upper: i64, lower: i64, school: &str| {
            let head = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель";
            let file = v.file("last.csv", format!("{head}\n{school},krasnoyarsk:2.2.1.1,2019/20,,{upper},{lower}\n"));
            let _loaded = v.run(&["import", "forms", file.to_str().expect("a path")]).ok();
        };
        said(1, 40, "Ю2");
        said(62, 100, "С2");
        assert!(!director.get("/report").body.contains(jump), "shares are compared as shares");
        said(10, 40, "С2");
        let page = director.get("/report");
        assert!(page.body.contains(jump) && page.body.contains("было 10 из 40, стало 37 из 40"), "{}", page.body);
        let answer = report(&mut director, &page, "send", FULL);
        assert_eq!(answer.status, 303, "it is a warning: {}", answer.body);
        let list = server.signed_in("methodist", PASSWORD).get("/reports");
        assert!(list.body.contains("качок к прошлому году: 2.2.1.1"), "{}", list.body);
    }

    fn who_may_do_what_and_who_sees_nothing(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let asked = v.query(&format!("SELECT unit_id FROM submission WHERE campaign_id = {campaign} ORDER BY unit_id"));
        let wanted = [unit(NORTH, 2), unit(NORTH, 3), unit(NORTH, FAR_SCHOOL)].map(|id| id.to_string());
        assert_eq!(asked, wanted, "organisations of municipalities of this region");
        let (own, ..) = stands(v, campaign, unit(NORTH, 2));
        let (other, ..) = stands(v, campaign, unit(NORTH, 3));
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/report");
        assert_eq!(hidden(&page, "report"), own.to_string());
        // Another school's report and one that is nowhere are alike.
        let [another, nowhere] = [other, 7].map(|id| director.get(&format!("/report?report={id}")));
        assert_eq!((another.status, another.body == nowhere.body), (404, true));
        let id = other.to_string();
        let sent = [("report", id.as_str()), ("seen", "1"), ("act", "send")];
        assert_eq!(director.send(&page, "/report", &sent).status, 404);
        for path in ["/reports", &format!("/reports/{own}"), "/campaigns", &format!("/campaigns/{campaign}")] {
            assert_eq!(director.get(path).status, 403, "{path}");
        }
        let answer = report(&mut director, &page, "send", FULL);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let mut far = server.signed_in("far-methodist", PASSWORD);
        let mut south = server.signed_in("south", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        for (who, name) in [(&mut far, "far"), (&mut south, "south")] {
            assert_eq!(act(who, own, "agree", &[]).status, 404, "{name}");
            assert_eq!(who.get(&format!("/reports?campaign={campaign}")).status == 404, name == "south", "{name}");
            let list = who.get("/reports");
            assert!(!list.body.contains(&format!("/reports/{own}\"")), "{name}: {}", list.body);
            let (key, pick) = ("1".repeat(64), format!("{own}.2"));
            let page = who.get("/account");
            assert_eq!(who.send(&page, "/reports", &[("act", "agree"), ("key", &key), ("pick", &pick)]).status, 404, "{name}");
        }
        assert_eq!(south.get(&format!("/campaigns/{campaign}")).status, 404);
        // The methodist neither accepts nor gives time; the operator agrees to nothing in another's place.
        for name in ["accept", "reopen", "extend"] {
            assert_eq!(act(&mut methodist, own, name, &[("reason", "так"), ("until", &shown(in_days(20)))]).status, 403, "{name}");
        }
        assert_eq!(act(&mut operator, own, "agree", &[]).status, 403);
        for path in ["/report", "/campaigns"] {
            assert_eq!(server.signed_in("ministry", PASSWORD).get(path).status, 403, "{path}");
        }
        assert_eq!(stands(v, campaign, unit(NORTH, 2)).1, "sent");
        // A second campaign of the same year is refused.
        let answer = try_open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        assert!(answer.status == 422 && answer.body.contains("уже открыта"), "{}", answer.body);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM campaign WHERE region_id = {}", unit(SOUTH, 0))), 0);
    }

    fn no_act_takes_a_report_where_it_may_not_go(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        let mut director = server.signed_in("director", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        // From, who, act, to; whatever is not here is refused and leaves the report where it is.
        const MOVES: &[(&str, &str, &str, &str)] = &[
            ("not_started", "director", "save", "in_work"),
            ("not_started", "director", "send", "sent"),
            ("in_work", "director", "save", "in_work"),
            ("in_work", "director", "send", "sent"),
            ("returned", "director", "save", "returned"),
            ("returned", "director", "send", "sent"),
            ("sent", "director", "withdraw", "in_work"),
            ("sent", "methodist", "agree", "agreed"),
            ("sent", "methodist", "return", "returned"),
            ("agreed", "methodist", "disagree", "sent"),
            ("agreed", "operator", "return", "returned"),
            ("agreed", "operator", "accept", "accepted"),
            ("accepted", "operator", "reopen", "agreed"),
        ];
        let all = [
            ("director", "save"), ("director", "send"), ("director", "withdraw"), ("methodist", "agree"), ("methodist", "return"),
            ("methodist", "disagree"), ("methodist", "accept"), ("operator", "return"), ("operator", "accept"), ("operator", "reopen"),
            ("operator", "agree"),
        ];
        let mut state = "not_started".to_owned();
        let mut seed: u64 = 20_261_129;
        let mut met: BTreeMap<(String, &str), usize> = BTreeMap::new();
        for step in 0..170 {
            // A generator of its own, so that a red run is repeated.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (who, name) = all[usize::try_from((seed >> 33) % 11).expect("few")];
            let reason = [("reason", "так надо")];
            let answer = match (who, name) {
                ("director", "withdraw") => {
                    let page = director.get("/report");
                    let (report, seen) = (id.to_string(), stands(v, campaign, unit(NORTH, 2)).2.to_string());
                    let page = if page.body.contains("name=\"token\"") { page } else { director.get("/account") };
                    let sent = [("report", report.as_str()), ("seen", &seen), ("act", "withdraw"), reason[0]];
                    director.send(&page, "/report", &sent)
                }
                ("director", name) => {
                    let page = director.get("/report");
                    if page.body.contains("name=\"act\" value=\"send\"") {
                        report(&mut director, &page, name, FULL)
                    } else {
                        let (report, seen) = (id.to_string(), stands(v, campaign, unit(NORTH, 2)).2.to_string());
                        let page = if page.body.contains("name=\"token\"") { page } else { director.get("/account") };
                        director.send(&page, "/report", &[("report", report.as_str()), ("seen", &seen), ("act", name)])
                    }
                }
                (who, name) => {
                    let visitor = if who == "methodist" { &mut methodist } else { &mut operator };
                    let seen = stands(v, campaign, unit(NORTH, 2)).2.to_string();
                    let page = visitor.get("/account");
                    visitor.send(&page, &format!("/reports/{id}"), &[("act", name), ("seen", &seen), reason[0]])
                }
            };
            let wanted = MOVES.iter().find(|(from, by, of, _)| (*from, *by, *of) == (state.as_str(), who, name));
            let after = stands(v, campaign, unit(NORTH, 2)).1;
            match wanted {
                Some((.., to)) => {
                    assert_eq!((answer.status, after.as_str()), (303, *to), "{step}: {state} {who} {name}: {}", answer.body);
                    *met.entry((state.clone(), name)).or_default() += 1;
                }
                None => {
                    assert!([403, 422].contains(&answer.status), "{step}: {state} {who} {name}: {} {}", answer.status, answer.body);
                    assert_eq!(after, state, "{step}: {who} {name}");
                }
            }
            state = after;
        }
        assert!(met.len() >= 9, "most moves were made: {met:?}");
        // The history is one chain from the beginning to where it stands, of allowed moves alone.
        let rows = format!("SELECT state_before || ' ' || act || ' ' || state_after FROM submission_act WHERE submission_id = {id} ORDER BY id");
        let mut at = "not_started".to_owned();
        for row in v.query(&rows) {
            let parts: Vec<&str> = row.split(' ').collect();
            let [before, name, after] = parts[..] else { unreachable!("{row}") };
            assert_eq!(before, at, "{row}");
            let begins = (before, name, after) == ("not_started", "begin", "in_work");
            let known = MOVES.iter().any(|(from, _, of, to)| (*from, *of, *to) == (before, name, after));
            assert!(begins || known, "{row}");
            at = after.to_owned();
        }
        assert_eq!(at, state);
        let taken_back = format!("SELECT count(*) AS n FROM submission_act WHERE submission_id = {id} AND reason IS NULL \
                                  AND act IN ('withdraw', 'return', 'disagree', 'reopen')");
        assert_eq!(number(v, &taken_back), 0, "nothing is taken back without a reason");
        // What was done is in the journal, as often as it was done.
        let journal = format!("SELECT count(*) AS n FROM audit_event WHERE object_kind = 'submission' AND object_id = {id} \
                               AND action <> 'cycle.report_save'");
        assert_eq!(number(v, &journal), number(v, &format!("SELECT count(*) AS n FROM submission_act WHERE submission_id = {id}")));
    }

    fn after_its_last_day_a_report_is_shut_until_the_operator_gives_more_time(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/report");
        assert!(page.body.contains("осталось 5"), "{}", page.body);
        let past = |days: [i64; 3]| {
            let [opens, due, locks] = days.map(in_days);
            v.sql(&format!("UPDATE campaign SET opens_on = '{opens}', due_on = '{due}', locks_on = '{locks}' WHERE id = {campaign}"));
        };
        // Before the first day nothing is taken either.
        past([1, 5, 10]);
        let answer = report(&mut director, &page, "send", FULL);
        assert!(answer.status == 422 && answer.body.contains("Приём откроется"), "{}", answer.body);
        past([-20, -10, -1]);
        let answer = report(&mut director, &page, "send", FULL);
        assert_eq!(answer.status, 422, "shut: {}", answer.body);
        assert!(answer.body.to_lowercase().contains("приём закрыт"), "{}", answer.body);
        assert!(!director.get("/report").body.contains("value=\"send\""));
        let (id, state, _) = stands(v, campaign, unit(NORTH, 2));
        assert_eq!(state, "not_started");
        // More time needs a later day and a reason.
        let until = shown(in_days(3));
        for (fields, said) in [
            ([("until", until.as_str()), ("reason", "")], "ричина не написана"),
            ([("until", &*shown(in_days(-2))), ("reason", "сбой связи")], "должен быть позже"),
            ([("until", "скоро"), ("reason", "сбой связи")], "Напишите день так"),
        ] {
            let answer = act(&mut operator, id, "extend", &fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{said}: {}", answer.body);
        }
        let answer = act(&mut operator, id, "extend", &[("until", &until), ("reason", "сбой связи")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = director.get("/report");
        assert!(page.body.contains("Срок продлён до") && page.body.contains("сбой связи"), "{}", page.body);
        let answer = report(&mut director, &page, "send", FULL);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The neighbour got no time.
        let mut other = server.signed_in("other", PASSWORD);
        assert!(other.get("/report").body.contains("риём закрыт"));
        // For all who have not handed in: the neighbour and the far school, not the first.
        let path = format!("/campaigns/{campaign}");
        let page = operator.get(&path);
        let key = hidden(&page, "key");
        let answer = operator.send(&page, &path, &[("act", "extend"), ("key", &key), ("until", &shown(in_days(4))), ("reason", "")]);
        assert_eq!(answer.status, 422, "{}", answer.body);
        let key = hidden(&answer, "key");
        let sent = [("act", "extend"), ("key", key.as_str()), ("until", &*shown(in_days(4))), ("reason", "всем, кто не успел")];
        assert_eq!(operator.send(&answer, &path, &sent).status, 303);
        let extended = format!("SELECT unit_id || ' ' || extended_to FROM submission WHERE campaign_id = {campaign} ORDER BY unit_id");
        let row = |place: i64, days: i64| format!("{} {}", unit(NORTH, place), in_days(days));
        assert_eq!(v.query(&extended), [row(2, 3), row(3, 4), row(FAR_SCHOOL, 4)]);
        assert!(other.get("/report").body.contains("value=\"send\""));
        let reasons = v.query("SELECT reason FROM submission_act WHERE act = 'extend' ORDER BY id");
        assert_eq!(reasons, ["сбой связи", "всем, кто не успел", "всем, кто не успел"]);
    }

    fn two_who_work_on_one_report_do_not_lose_each_others_words(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (mut director, mut deputy) = (server.signed_in("director", PASSWORD), server.signed_in("deputy", PASSWORD));
        let [first, second] = [&mut director, &mut deputy].map(|who| who.get("/report"));
        let answer = report(&mut director, &first, "save", &[("f.2.2.3.1", "1"), ("f.2.2.3.1.why", "моё")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The same form again is the same act.
        let answer = report(&mut director, &first, "save", &[("f.2.2.3.1", "1"), ("f.2.2.3.1.why", "моё")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let answer = report(&mut deputy, &second, "save", &[("f.2.2.3.1", "2"), ("f.2.2.3.1.why", "твоё")]);
        assert_eq!(answer.status, 409, "{}", answer.body);
        for said in ["director", "Отчёт записан", "value=\"2\"", "сверьте и запишите снова"] {
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
        }
        let answer = report(&mut deputy, &answer, "save", &[("f.2.2.3.1.why", "твоё")]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        let said = format!("SELECT upper_milli || ' ' || explanation FROM submission_value WHERE submission_id = {id} ORDER BY id");
        assert_eq!(v.query(&said), ["1000 моё", "2000 твоё"]);
    }

    fn a_form_sent_again_says_that_the_report_is_sent(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/report");
        for _ in 0..2 {
            let answer = report(&mut director, &page, "send", FULL);
            assert_eq!(answer.status, 303, "the same form is the same act: {}", answer.body);
        }
        // The same page with another value: nothing can be typed any more, and what to do stands there.
        let other = report(&mut director, &page, "send", &[("f.org_mentoring_model_implemented", "нет")]);
        assert_eq!(other.status, 409, "{}", other.body);
        for said in ["Отчёт уже отправлен", "Новое не записано", "отзовите его"] {
            assert!(other.body.contains(said), "{said}: {}", other.body);
        }
        assert!(!other.body.contains("стоит ниже"), "{}", other.body);
        assert_eq!(stands(v, campaign, unit(NORTH, 2)).1, "sent");
        // Once it is agreed nothing is taken back, and that is said too.
        let (id, ..) = stands(v, campaign, unit(NORTH, 2));
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let sent = director.get("/report");
        let seen = stands(v, campaign, unit(NORTH, 2)).2.to_string();
        assert_eq!(act(&mut methodist, id, "agree", &[]).status, 303);
        let form = [("report", id.to_string()), ("seen", seen), ("act", "withdraw".to_owned()), ("reason", "ошибка".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let late = director.send(&sent, "/report", &form);
        assert!(late.status == 409 && late.body.contains("Отчёт не отозван"), "{}", late.body);
    }

    fn of_an_agreement_and_a_withdrawal_at_once_one_is_done(v: &Vekha) {
        let server = world(v, &["krasnoyarsk"], 0);
        let mut operator = server.signed_in("operator", PASSWORD);
        let campaign = open(&mut operator, "krasnoyarsk", "june_schools", YEAR, &[]);
        let (mut director, mut methodist) = (server.signed_in("director", PASSWORD), server.signed_in("methodist", PASSWORD));
        let mut won: BTreeMap<String, usize> = BTreeMap::new();
        for round in 0..8 {
            let page = director.get("/report");
            let answer = report(&mut director, &page, "send", FULL);
            assert_eq!(answer.status, 303, "{round}: {}", answer.body);
            let (id, _, version) = stands(v, campaign, unit(NORTH, 2));
            let (own, theirs) = (director.get("/report"), methodist.get(&format!("/reports/{id}")));
            let (seen, report) = (version.to_string(), id.to_string());
            let (mut one, mut two) = (director.clone(), methodist.clone());
            let statuses = std::thread::scope(|s| {
                let withdraws = s.spawn(|| {
                    let sent = [("report", report.as_str()), ("seen", &seen), ("act", "withdraw"), ("reason", "ошибка")];
                    one.send(&own, "/report", &sent).status
                });
                let agrees = s.spawn(|| two.send(&theirs, &format!("/reports/{id}"), &[("act", "agree"), ("seen", &seen)]).status);
                [withdraws, agrees].map(|thread| thread.join().expect("an answer"))
            });
            let (_, state, after) = stands(v, campaign, unit(NORTH, 2));
            assert_eq!(statuses.iter().filter(|s| **s == 303).count(), 1, "{round}: {statuses:?} {state}");
            assert_eq!(after, version + 1, "{round}");
            *won.entry(state.clone()).or_default() += 1;
            if state == "agreed" {
                assert_eq!(act(&mut methodist, id, "disagree", &[("reason", "ещё раз")]).status, 303);
                let page = director.get("/report");
                let seen = stands(v, campaign, unit(NORTH, 2)).2.to_string();
                let sent = [("report", report.as_str()), ("seen", &seen), ("act", "withdraw"), ("reason", "ошибка")];
                assert_eq!(director.send(&page, "/report", &sent).status, 303);
            }
        }
        assert_eq!(won.values().sum::<usize>(), 8, "{won:?}");
        // What was taken back is reported no more.
        assert_eq!(number(v, "SELECT count(*) AS n FROM measure_value WHERE source = 'reported' AND superseded_at IS NULL"), 0);
        assert!(number(v, "SELECT count(*) AS n FROM measure_value WHERE source = 'reported'") > 0);
    }
}
