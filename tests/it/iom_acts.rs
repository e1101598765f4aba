//! Plans from draft to closing by files of acts: the whole path with every refusal on the way.

use crate::on_both;
use crate::support::{Answer, Vekha, text};
use crate::world::{NORTH, SOUTH, World, draft, json, number, show, snils, unit};

/// Runs rows `n,act,item,date,by,value,reason`, where `n` makes the СНИЛС.
fn apply(v: &Vekha, rows: &[&str]) -> Answer {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for row in rows {
        let (n, rest) = row.split_once(',').expect("a number first");
        file.push_str(&format!("{},{rest}\n", snils(n.parse().expect("a number"))));
    }
    let path = v.file("acts.csv", file);
    v.run(&["--json", "iom", "apply", text(&path)])
}

/// Every row must be done.
#[track_caller]
fn done(v: &Vekha, rows: &[&str]) {
    let answer = apply(v, rows).ok();
    assert_eq!(
        json(&answer)["done"].as_u64(),
        Some(rows.len() as u64),
        "{}",
        answer.err
    );
}

/// Each row must be refused by the code that stands after it, and nothing may change.
#[track_caller]
fn refused(v: &Vekha, rows: &[(&str, &str)]) {
    let before = [show(v, 1), show(v, 2), show(v, 4)];
    let answer = apply(v, &rows.iter().map(|(row, _)| *row).collect::<Vec<_>>()).with_refusals();
    let found: Vec<(u64, String)> = json(&answer)["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| {
            (
                r["row"].as_u64().expect("a number"),
                r["code"].as_str().expect("a code").to_owned(),
            )
        })
        .collect();
    let wanted: Vec<(u64, String)> = (2..)
        .zip(rows)
        .map(|(line, (_, code))| (line, (*code).to_owned()))
        .collect();
    assert_eq!(found, wanted, "{}", answer.err);
    assert_eq!(answer.err.lines().count(), rows.len());
    assert_eq!(
        [show(v, 1), show(v, 2), show(v, 4)],
        before,
        "a refused act leaves no trace"
    );
}

fn state(v: &Vekha, n: i64) -> String {
    show(v, n).last().expect("a plan")["state"].clone()
}

fn item_states(v: &Vekha, n: i64) -> Vec<String> {
    show(v, n).iter().map(|r| r["item_state"].clone()).collect()
}

/// A teacher with three items (two courses and an activity), one with one course, one of the south.
fn world(v: &Vekha) {
    let mut world = World::new();
    world
        .procedure(1, "Д1", "full", None)
        .procedure(2, "ПД", "follow_up", None);
    world
        .teacher(1001, 1, NORTH, 2)
        .teacher(1002, 2, NORTH, 3)
        .teacher(2001, 4, SOUTH, 2);
    world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
    world.passage(1002, NORTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.account(1, "head", None, &[("cnppm_head", unit(NORTH, 0))]);
    world.account(2, "staff", None, &[("cnppm_staff", unit(NORTH, 0))]);
    world.account(3, "curator", None, &[("curator", unit(NORTH, 1))]);
    world.account(4, "tutor", None, &[("tutor", unit(NORTH, 1))]);
    world.account(
        5,
        "director",
        None,
        &[("school_head", unit(NORTH, 2)), ("mentor", unit(NORTH, 2))],
    );
    world.account(6, "provider", None, &[("programme_provider", unit(NORTH, 4))]);
    world.account(7, "operator", None, &[("operator", unit(NORTH, 0))]);
    world.account(8, "methodist", None, &[("municipal_methodist", unit(NORTH, 1))]);
    // The teacher is a curator over the own school too: the own plan is still out of reach.
    world.account(
        9,
        "teacher",
        Some(1001),
        &[
            ("teacher", unit(NORTH, 2)),
            ("curator", unit(NORTH, 2)),
            ("cnppm_head", unit(NORTH, 2)),
        ],
    );
    world.account(10, "teacher2", Some(1002), &[("teacher", unit(NORTH, 3))]);
    world.account(
        11,
        "head-south",
        None,
        &[("cnppm_head", unit(SOUTH, 0)), ("curator", unit(SOUTH, 0))],
    );
    world.account(12, "teacher-south", Some(2001), &[("teacher", unit(SOUTH, 2))]);
    world.account(13, "tutor-other", None, &[("tutor", unit(NORTH, 3))]);
    world.build(v);
    draft(v, "Д1", "2023-02-10", &[]);
}

on_both! {
    fn a_plan_goes_from_draft_to_closing_and_every_wrong_step_is_refused(v: &Vekha) {
        world(v);
        assert_eq!(item_states(v, 1), ["planned"; 3]);
        // To the teacher.
        refused(v, &[
            ("1,send,,2023-02-11,nobody,,", "iom.unknown_login"),
            ("7,send,,2023-02-11,head,,", "iom.unknown_person"),
            ("1,send,,2023-02-11,head-south,,", "iom.not_allowed"),
            ("1,send,,2023-02-11,tutor,,", "iom.not_allowed"),
            ("1,send,,2999-01-01,head,,", "iom.future_day"),
            ("1,agree,,2023-02-11,teacher,,", "iom.wrong_state"),
            ("1,approve,,2023-02-11,head,,", "iom.wrong_state"),
            ("1,begin,1,2023-02-11,teacher,,", "iom.wrong_state"),
            ("1,reopen,,2023-02-11,head,,зачем", "iom.no_closed_plan"),
            ("1,assign,,2023-02-11,staff,nobody,", "iom.unknown_login"),
            ("1,assign,,2023-02-11,staff,provider,", "iom.not_supporter"),
            ("1,assign,,2023-02-11,staff,teacher,", "iom.own_supporter"),
            ("1,assign,,2023-02-11,staff,director,", "iom.superior"),
            ("1,assign,,2023-02-11,staff,tutor-other,", "iom.not_supporter"),
            ("1,assign,,2023-02-11,tutor,tutor,", "iom.not_allowed"),
        ]);
        done(v, &["1,assign,,2023-02-11,staff,tutor,", "1,send,,2023-02-12,tutor,,"]);
        assert_eq!(show(v, 1)[0]["formed"], "2023-02-12");
        refused(v, &[
            ("1,assign,,2023-02-12,staff,tutor,", "iom.already_assigned"),
            ("1,send,,2023-02-12,head,,", "iom.wrong_state"),
            ("1,agree,,2023-02-13,head,,", "iom.not_allowed"),
            ("1,agree,,2023-02-11,teacher,,", "iom.out_of_order"),
            ("1,approve,,2023-02-13,head,,", "iom.not_agreed"),
            ("1,return,,2023-02-13,teacher,,", "iom.reason_needed"),
            ("1,return,,2023-02-13,curator,,нет", "iom.not_allowed"),
        ]);
        done(v, &["1,agree,,2023-02-13,teacher,,", "1,return,,2023-02-13,head,,уточнить сроки"]);
        assert_eq!(state(v, 1), "returned");
        done(v, &["1,send,,2023-02-14,curator,,"]);
        assert_eq!(show(v, 1)[0]["formed"], "2023-02-12", "the first day it was seen stays");
        refused(v, &[("1,approve,,2023-02-15,head,,", "iom.not_agreed")]);
        done(v, &["1,agree,,2023-02-15,teacher,,"]);
        refused(v, &[
            ("1,agree,,2023-02-15,teacher2,,", "iom.not_allowed"),
            ("1,agree,,2023-02-16,teacher,,", "iom.already_agreed"),
            ("1,approve,,2023-02-16,teacher,,", "iom.own_plan"),
            ("1,approve,,2023-02-16,head-south,,", "iom.not_allowed"),
            ("1,approve,,2023-02-16,director,,", "iom.not_allowed"),
        ]);
        done(v, &["1,approve,,2023-02-16,head,,"]);
        assert_eq!((&*state(v, 1), &*show(v, 1)[0]["revision"]), ("approved", "1"));
        refused(v, &[
            ("1,start,,2023-02-17,tutor,,", "iom.not_allowed"),
            ("1,start,,2023-02-17,teacher,,", "iom.own_plan"),
            ("1,begin,1,2023-02-17,teacher,,", "iom.wrong_state"),
            ("1,close-completed,,2023-02-17,curator,,", "iom.wrong_state"),
        ]);
        done(v, &["1,start,,2023-02-17,curator,,"]);

        // To a course and back with a document.
        refused(v, &[
            ("1,apply,,2023-02-18,teacher,,", "iom.item_needed"),
            ("1,apply,9,2023-02-18,teacher,,", "iom.no_item"),
            ("1,apply,3,2023-02-18,teacher,,", "enrolment.no_programme"),
            ("1,apply,1,2023-02-18,teacher2,,", "iom.not_allowed"),
            ("1,agree-enrolment,1,2023-02-18,director,,", "enrolment.none"),
        ]);
        done(v, &["1,apply,1,2023-02-18,teacher,,"]);
        refused(v, &[
            ("1,apply,1,2023-02-19,staff,,", "enrolment.stands"),
            ("1,enrol,1,2023-02-19,staff,,", "enrolment.wrong_state"),
            ("1,agree-enrolment,1,2023-02-19,head,,", "iom.not_allowed"),
            ("1,refuse-enrolment,1,2023-02-19,director,,", "iom.reason_needed"),
        ]);
        done(v, &[
            "1,refuse-enrolment,1,2023-02-19,director,,некем заменить",
            "1,apply,1,2023-02-20,staff,,",
            "1,agree-enrolment,1,2023-02-20,director,,",
        ]);
        refused(v, &[
            ("1,enrol,1,2023-02-19,provider,,", "iom.out_of_order"),
            ("1,enrol,1,2023-02-21,director,,", "iom.not_allowed"),
            ("1,complete,1,2023-02-21,provider,А-1,", "enrolment.wrong_state"),
        ]);
        done(v, &["1,enrol,1,2023-02-21,provider,,"]);
        refused(v, &[
            ("1,complete,1,2023-04-01,provider,,", "enrolment.number_needed"),
            ("1,complete,1,2023-04-01,teacher,А-1,", "iom.own_plan"),
        ]);
        done(v, &["1,complete,1,2023-04-01,provider,А-1,"]);
        assert_eq!(item_states(v, 1)[0], "accepted", "the document closes the item");
        // A supporter may say that the document was seen: once, as an act of help that moves nothing.
        let shown = show(v, 1);
        refused(v, &[
            ("1,accept,1,2023-03-31,tutor,,", "iom.out_of_order"),
            ("1,accept,1,2023-04-01,teacher,,", "iom.own_plan"),
        ]);
        done(v, &["1,accept,1,2023-04-01,tutor,,"]);
        refused(v, &[("1,accept,1,2023-04-02,methodist,,", "iom.wrong_item_state")]);
        assert_eq!(show(v, 1), shown);
        let acts = "SELECT COUNT(*) AS n FROM iom_act WHERE act = 'accept'";
        assert_eq!(number(v, acts), 1);
        let _fresh = v.run(&["check"]).ok();
        refused(v, &[
            ("1,apply,1,2023-04-02,teacher,,", "enrolment.item_settled"),
            ("1,cancel,1,2023-04-02,curator,,лишний", "iom.wrong_item_state"),
        ]);

        // The other items.
        refused(v, &[
            ("1,begin,2,2023-03-01,tutor,,", "iom.not_allowed"),
            ("1,submit,2,2023-03-01,tutor,,", "iom.not_allowed"),
            ("1,close-completed,,2023-04-02,curator,,сделано", "iom.open_items"),
            ("1,accept,2,2023-03-01,tutor,,", "iom.wrong_item_state"),
            ("1,accept,2,2023-03-01,teacher,,", "iom.own_plan"),
            ("1,waive,2,2023-03-01,tutor,,", "iom.waiver_document"),
        ]);
        done(v, &[
            "1,begin,2,2023-03-01,teacher,,",
            "1,submit,2,2023-03-05,teacher,ссылка,",
        ]);
        refused(v, &[
            ("1,return,2,2023-03-06,tutor,,", "iom.reason_needed"),
            ("1,accept,2,2023-03-04,tutor,,", "iom.out_of_order"),
            ("1,accept,2,2023-03-06,tutor-other,,", "iom.not_allowed"),
        ]);
        done(v, &[
            "1,return,2,2023-03-06,tutor,,нет отчёта",
            "1,submit,2,2023-03-07,teacher,,",
            "1,accept,2,2023-03-08,methodist,,",
            "1,return,2,2023-03-09,tutor,,отметка ошибочна",
            "1,waive,2,2023-03-10,tutor,У-17,",
            "1,support,,2023-03-10,tutor,,встреча",
        ]);
        assert_eq!(item_states(v, 1), ["accepted", "waived", "planned"]);
        refused(v, &[
            ("1,support,,2023-03-11,teacher2,,помог", "iom.not_allowed"),
            ("1,cancel,3,2023-03-11,tutor,,лишний", "iom.not_allowed"),
            ("1,cancel,3,2023-03-11,curator,,", "iom.reason_needed"),
        ]);
        done(v, &["1,cancel,3,2023-03-11,curator,,болезнь наставника"]);
        assert_eq!(show(v, 1)[0]["revision"], "2", "a change of an approved plan makes the next revision");

        // Pause and resume.
        refused(v, &[
            ("1,pause,,2023-03-12,curator,,", "iom.reason_needed"),
            ("1,resume,,2023-03-12,curator,,", "iom.wrong_state"),
        ]);
        done(v, &["1,pause,,2023-03-12,curator,,отпуск"]);
        refused(v, &[
            ("1,return,2,2023-03-13,tutor,,ещё раз", "iom.wrong_state"),
            ("1,close-completed,,2023-03-13,curator,,", "iom.wrong_state"),
        ]);
        done(v, &["1,resume,,2023-04-02,curator,,"]);

        // The end.
        refused(v, &[
            ("1,close-completed,,2023-04-03,curator,,сделано", "iom.no_outcome"),
            ("1,outcome,,2023-04-03,curator,К1:better,", "iom.outcome_value"),
            ("1,outcome,,2023-04-03,curator,К9:closed,", "iom.unknown_deficit"),
            ("1,outcome,,2023-04-03,teacher,К1:closed,", "iom.own_plan"),
        ]);
        done(v, &["1,outcome,,2023-04-03,tutor,К1:closed,", "1,outcome,,2023-04-03,curator,К2:remained,"]);
        refused(v, &[
            ("1,outcome,,2023-04-04,curator,К1:closed,", "iom.same_outcome"),
            ("1,close-completed,,2023-04-04,curator,,", "iom.no_follow_up"),
            ("1,close-completed,,2023-04-04,tutor,,сделано", "iom.not_allowed"),
            ("1,close-completed,,2023-04-04,teacher,,сделано", "iom.own_plan"),
            ("1,close-terminated,,2023-04-04,curator,,надоело", "iom.close_reason"),
            ("1,close-completed,,2023-04-01,curator,,сделано", "iom.out_of_order"),
        ]);
        done(v, &["1,close-completed,,2023-04-05,curator,,все умения показаны на уроках"]);
        let shown = show(v, 1);
        assert_eq!((&*shown[0]["state"], &*shown[0]["outcome"], &*shown[0]["closed"]), ("closed", "completed", "2023-04-05"));
        refused(v, &[
            ("1,support,,2023-04-06,tutor,,поздно", "iom.no_plan"),
            ("1,reopen,,2023-04-06,curator,,ошибка", "iom.not_allowed"),
            ("1,reopen,,2023-04-06,operator,,", "iom.reason_needed"),
            ("1,reopen,,2023-04-01,operator,,ошибка", "iom.out_of_order"),
        ]);
        // A new plan is in work meanwhile: the old one may not come back until it is closed.
        draft(v, "Д1", "2023-04-07", &[]);
        refused(v, &[("1,reopen,,2023-04-08,operator,,ошибка", "iom.other_in_work")]);
        done(v, &[
            "1,close-terminated,,2023-04-08,curator,,Ошибка",
            "1,reopen,,2023-04-09,operator,,закрыт по недосмотру",
        ]);
        let shown = show(v, 1);
        assert_eq!((&*shown[0]["state"], &*shown[0]["outcome"], &*shown[0]["closed"]), ("active", "", ""));
        assert_eq!(&*shown[3]["outcome"], "terminated");
        done(v, &["1,close-expired,,2023-04-10,head,,"]);
        assert_eq!(show(v, 1)[0]["outcome"], "expired");
        // A plan that was never approved is not reopened into work.
        done(v, &["2,close-terminated,,2023-02-11,curator,,transfer"]);
        refused(v, &[("2,reopen,,2023-02-12,head,,вернулся", "iom.never_approved")]);
        let _whole = v.run(&["audit", "verify"]).ok();
    }

    fn rows_go_by_day_whatever_their_order_and_a_second_file_changes_nothing(v: &Vekha) {
        world(v);
        let rows = [
            "2,close-completed,,2023-06-10,curator,,умения показаны",
            "2,outcome,,2023-06-09,curator,К1:closed,",
            "2,support,,2023-05-01,tutor,,встреча",
            "2,support,,2023-05-01,tutor,,встреча",
            "4,send,,2023-02-20,head-south,,",
            "2,complete,1,2023-06-01,staff,Д-7,",
            "2,enrol,1,2023-03-03,staff,,",
            "2,agree-enrolment,1,2023-03-02,director2,,",
            "2,apply,1,2023-03-01,teacher2,,",
            "2,pause,,2023-04-01,curator,,отпуск",
            "2,resume,,2023-04-01,curator,,",
            "2,pause,,2023-04-01,curator,,отпуск",
            "2,resume,,2023-04-02,curator,,",
            "2,start,,2023-02-15,curator,,",
            "2,approve,,2023-02-14,head,,",
            "2,agree,,2023-02-13,teacher2,,",
            "2,send,,2023-02-12,staff,,",
            "2,assign,,2023-02-11,staff,tutor,",
        ];
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) VALUES (50, \
             'director2', '', 'active', 1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, \
             recorded_at) VALUES (51, 50, 'school_head', {}, '2022-01-01 00:00:00')", unit(NORTH, 3)));
        done(v, &rows);
        let after = [show(v, 1), show(v, 2), show(v, 4)];
        assert_eq!((&*after[1][0]["outcome"], &*after[1][0]["closed"]), ("completed", "2023-06-10"));
        assert_eq!(&*after[1][0]["supporters"], "tutor:tutor");
        assert_eq!(&*after[2][0]["state"], "on_agreement");
        let again = json(&apply(v, &rows).with_refusals());
        assert_eq!((again["done"].as_u64(), again["refused"].as_array().map(Vec::len)), (Some(0), Some(rows.len())));
        assert_eq!([show(v, 1), show(v, 2), show(v, 4)], after);
        // The same while the plan is still open: moves back and forth are not made again.
        let back_and_forth = [
            "1,send,,2023-02-12,head,,", "1,return,,2023-02-12,head,,уточнить", "1,send,,2023-02-12,head,,",
            "1,return,,2023-02-12,head,,уточнить", "1,send,,2023-02-12,head,,",
        ];
        done(v, &back_and_forth);
        let again = json(&apply(v, &back_and_forth).with_refusals());
        assert_eq!(again["done"].as_u64(), Some(0));
        // Every kind of letter that was queued has its words.
        for kind in v.query("SELECT DISTINCT kind FROM outbox_mail") {
            for part in ["subject.txt", "body.txt"] {
                let path = std::path::Path::new("templates/mail").join(&kind).join(part);
                assert!(path.is_file(), "{}", path.display());
            }
        }
        // Letters stand for what still waits: plan 1 for its teacher, plan 2 is closed, nobody has the south's account.
        let letters = |kind: &str| number(v, &format!("SELECT COUNT(*) AS n FROM outbox_mail WHERE kind = '{kind}'"));
        assert_eq!((letters("iom_sent"), letters("iom_submitted"), letters("iom_assigned")), (2, 0, 0));
        let _whole = v.run(&["audit", "verify"]).ok();
    }

    fn help_counts_in_each_year_in_which_it_was_given(v: &Vekha) {
        world(v);
        drop(v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok());
        done(v, &["1,assign,,2023-02-11,staff,tutor,", "1,send,,2023-02-12,head,,", "1,agree,,2023-02-13,teacher,,",
            "1,approve,,2023-02-14,head,,", "1,start,,2023-02-15,curator,,"]);
        let years = || v.query("SELECT p.code FROM person_fact f JOIN fact_period p ON p.id = f.period_id WHERE f.supported \
                                AND f.person_id = 1001 ORDER BY p.code");
        let fresh = |after: &str| assert_eq!(v.run(&["check"]).code, 0, "{after}");
        assert_eq!(years(), [""; 0]);
        for (act, supported) in [
            ("1,support,,2023-05-01,tutor,,встреча", vec!["2023"]),
            ("1,support,,2023-06-01,tutor,,встреча", vec!["2023"]),
            ("1,begin,1,2024-01-15,teacher,,", vec!["2023"]),
            ("1,submit,1,2024-01-16,teacher,,", vec!["2023"]),
            ("1,return,1,2024-02-01,tutor,,нет отчёта", vec!["2023", "2024"]),
            ("1,submit,1,2024-02-01,teacher,,", vec!["2023", "2024"]),
            ("1,accept,1,2024-02-01,tutor,,", vec!["2023", "2024"]),
        ] {
            done(v, &[act]);
            assert_eq!(years(), supported, "{act}");
            fresh(act);
        }
    }

    fn a_plan_entered_today_may_have_been_sent_long_ago(v: &Vekha) {
        world(v);
        v.sql("DELETE FROM iom_goal; DELETE FROM iom_item; DELETE FROM iom_deficit; DELETE FROM iom_state; DELETE FROM iom;");
        let drafted = json(&v.run(&["--json", "iom", "draft", "--procedure", "Д1"]).ok());
        assert_eq!(drafted["report"]["drafted"].as_u64(), Some(3));
        done(v, &["1,send,,2023-02-12,head,,", "1,agree,,2023-02-13,teacher,,", "1,approve,,2023-02-14,head,,"]);
        // By date the last state is the approval, though the draft was entered years later.
        let last = "SELECT COUNT(*) AS n FROM iom WHERE 'approved' = (SELECT state FROM iom_state s WHERE s.iom_id = iom.id \
                    AND s.superseded_at IS NULL ORDER BY on_date DESC, id DESC LIMIT 1)";
        assert_eq!(number(v, last), 1);
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM iom_state WHERE superseded_at IS NOT NULL"), 1);
    }

    fn one_document_closes_the_step_in_every_live_plan_and_counts_once(v: &Vekha) {
        world(v);
        let path = ["1,send,,2023-02-12,head,,", "1,agree,,2023-02-13,teacher,,", "1,approve,,2023-02-14,head,,",
            "1,start,,2023-02-15,curator,,", "1,apply,1,2023-02-16,teacher,,", "1,agree-enrolment,1,2023-02-16,director,,",
            "1,enrol,1,2023-02-16,staff,,", "1,apply,2,2023-02-16,teacher,,", "1,agree-enrolment,2,2023-02-16,director,,",
            "1,enrol,2,2023-02-16,staff,,"];
        done(v, &path);
        // A second plan of another origin is live and has the same programme.
        v.sql("INSERT INTO iom (id, region_id, person_id, number, origin, state, starts_on, ends_on, first_visible_on, agreed_on, \
               revision, on_platform, version, recorded_at) SELECT id + 1000000000, region_id, person_id, 'ШК-1', 'school', \
               'active', starts_on, ends_on, starts_on, starts_on, 1, TRUE, 1, recorded_at FROM iom WHERE person_id = 1001; \
               INSERT INTO iom_item (id, region_id, iom_id, number, state, title, programme_id, education_form, level, mandatory, \
               hours, due_on, topics, version, recorded_at) SELECT id + 1000000000, region_id, iom_id + 1000000000, number, \
               'planned', title, programme_id, education_form, level, mandatory, hours, due_on, topics, 1, recorded_at FROM \
               iom_item WHERE number = 2 AND iom_id = (SELECT id FROM iom WHERE person_id = 1001 AND origin = 'cnppm');");
        // An act means the plan that was made last: here the school's one.
        done(v, &["1,complete,2,2023-05-01,staff,Н-1,"]);
        assert_eq!(item_states(v, 1), ["planned", "accepted", "planned", "accepted"]);
        v.sql("UPDATE iom SET state = 'closed' WHERE origin = 'school'");
        done(v, &["1,complete,1,2023-05-02,staff,Н-1,"]);
        let documents = number(v, "SELECT COUNT(*) AS n FROM qualification_document");
        assert_eq!(documents, 1, "one number of one person is one document");
    }

    fn an_assignment_beyond_the_norm_of_load_is_done_and_said(v: &Vekha) {
        world(v);
        // As many open plans as a tutor may have, but one; two files assign the last place and one more.
        let norm = 100;
        let mut sql = String::new();
        for n in 0..norm - 1 {
            let (person, plan) = (500_000 + n, 600_000 + n);
            sql.push_str(&format!(
                "INSERT INTO person (id, region_id, last_name, first_name, search_key, sort_key, version, recorded_at) VALUES \
                 ({person}, {region}, 'Ф', 'И', '', '', 1, '2023-01-01 00:00:00'); INSERT INTO iom (id, region_id, person_id, \
                 number, origin, state, starts_on, revision, on_platform, version, recorded_at) VALUES ({plan}, {region}, \
                 {person}, 'Н-{n}', 'cnppm', 'active', '2023-01-01', 1, TRUE, 1, '2023-01-01 00:00:00'); INSERT INTO \
                 supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) SELECT {plan}, {region}, {plan}, \
                 id, 'tutor', '2023-01-01', '2023-01-01 00:00:00' FROM account WHERE login = 'tutor';",
                region = unit(NORTH, 0)
            ));
        }
        v.sql(&sql);
        let answer = apply(v, &["1,assign,,2023-02-11,staff,tutor,"]).ok();
        assert_eq!(json(&answer)["over_norm"], serde_json::json!([]));
        let answer = apply(v, &["2,assign,,2023-02-11,staff,tutor,"]).ok();
        let said = serde_json::json!([{ "login": "tutor", "plans": norm + 1, "norm": norm }]);
        assert_eq!(json(&answer)["over_norm"], said);
        assert!(answer.err.contains(&format!("{} при норме {norm}", norm + 1)), "{}", answer.err);
        assert_eq!(show(v, 2)[0]["supporters"], "tutor:tutor");
        // In a role that has no norm nobody stands above it, whatever else the account is.
        v.sql(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) SELECT id + 1000000, account_id, 'curator', unit_id, \
             recorded_at FROM role_grant WHERE account_id = 4",
        );
        let answer = apply(v, &["1,assign,,2023-02-12,staff,tutor,"]).ok();
        assert_eq!(json(&answer)["over_norm"], serde_json::json!([]));
        assert!(show(v, 1)[0]["supporters"].contains("curator:tutor"), "{:?}", show(v, 1)[0]["supporters"]);
    }

    fn a_snils_of_two_regions_is_two_people(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        world.teacher(1001, 1, NORTH, 2).teacher(2001, 1, SOUTH, 2);
        world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
        world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
        world.account(1, "head", None, &[("cnppm_head", unit(NORTH, 0))]);
        world.account(2, "head-south", None, &[("cnppm_head", unit(SOUTH, 0))]);
        world.account(3, "head-both", None, &[("cnppm_head", unit(NORTH, 0)), ("cnppm_head", unit(SOUTH, 0))]);
        world.build(v);
        draft(v, "Д1", "2023-02-10", &[]);
        let answer = apply(v, &["1,send,,2023-02-11,head-both,,"]).with_refusals();
        assert_eq!(json(&answer)["refused"][0]["code"], "iom.two_regions");
        done(v, &["1,send,,2023-02-11,head-south,,"]);
        let states = |v: &Vekha| show(v, 1).iter().map(|r| r["state"].clone()).collect::<Vec<_>>();
        assert_eq!(states(v), ["draft", "on_agreement"]);
        done(v, &["1,send,,2023-02-11,head,,"]);
        assert_eq!(states(v), ["on_agreement", "on_agreement"]);
    }
}
