//! Bodies of the systems: a pack describes them, a button makes those that the region lacks, and each is kept with its
//! level, home, duties, dated members and head. The personnel reserve, the register of experts and the use of the platform.

use vekha::indicators::pack;

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::Visitor;
use crate::web_registers::{code, found, hidden, hidden_choice, sent, signed, world};
use crate::world::{number, snils};

/// Municipalities of the northern region of the world: code and how many.
pub const TOWNS: [&str; 2] = ["С1", "С5"];

/// Makes the bodies of a pack and keeps those of some codes.
pub fn bodies_of_a_pack_are_kept(v: &Vekha, name: &str, codes: &[&str]) {
    let server = world(v);
    let described = pack::embedded(name).expect("a pack").bodies;
    let many = |body: &pack::PackBody| if body.in_each_municipality { TOWNS.len() } else { 1 };
    let all: usize = described.iter().map(many).sum();
    let (mut operator, mut south) = (signed(&server, "operator"), signed(&server, "south"));
    // What stands under a code stays as it is.
    let own = described
        .iter()
        .find(|b| !b.in_each_municipality && !codes.contains(&b.code.as_str()))
        .expect("a body");
    let file = format!(
        "Код;Наименование;Вид;Уровень;Единица\n{};Своё название;{};региональный;С0\n",
        own.code, own.kind
    );
    let _loaded = v.import("bodies", &file);
    assert!(operator.get("/bodies/packs").body.contains("Методика не выбрана"));
    let path = format!("/bodies/packs?pack={name}");
    assert_eq!(found(&mut operator, &path), all);
    let page = operator.get(&path);
    assert!(
        page.body.contains("появится") && page.body.contains("заведено"),
        "{}",
        page.body
    );
    assert_eq!(found(&mut operator, "/bodies"), 1, "looking makes nothing");
    assert_eq!(signed(&server, "methodist").get(&path).status, 403);
    let _made = sent(&mut operator, &page, "/bodies/packs", &[("pack", name)]);
    assert_eq!(found(&mut operator, "/bodies"), all);
    let _again = sent(&mut operator, &page, "/bodies/packs", &[("pack", name)]);
    assert_eq!(found(&mut operator, "/bodies"), all, "no body twice");
    assert_eq!(found(&mut south, "/bodies"), 0);
    assert!(
        operator
            .get("/bodies?q=%D1%81%D0%B2%D0%BE%D1%91")
            .body
            .contains("Своё название")
    );
    for kind in described.iter().map(|b| b.kind.as_str()) {
        let there: usize = described.iter().filter(|b| b.kind == kind).map(many).sum();
        assert_eq!(found(&mut operator, &format!("/bodies?kind={kind}")), there, "{kind}");
    }
    for of in codes {
        let body = crate::figures_pages::there(described.iter().find(|b| b.code == *of), of);
        let stored = if body.in_each_municipality {
            format!("{of}-{}", TOWNS[0])
        } else {
            (*of).to_owned()
        };
        let path = format!(
            "/bodies/{}",
            v.query(&format!("SELECT id FROM body WHERE code = '{stored}'"))
                .remove(0)
        );
        let page = operator.get(&path);
        assert!(
            page.body.contains(&body.duties) && page.body.contains(body.level.label()),
            "{of}: {}",
            page.body
        );
        for (who, role) in [("Фамилия11", "chair"), ("Фамилия12", "member")] {
            let fields = [
                ("act", "join"),
                ("who", who),
                ("role", role),
                ("since", "01.09.2022"),
                ("until", ""),
            ];
            let _joined = sent(&mut operator, &page, &path, &fields);
        }
        let page = operator.get(&path);
        assert!(page.body.contains("Состоят сегодня: 2"), "{of}: {}", page.body);
        assert!(
            page.body.contains("Руководитель</dt><dd>Фамилия11 Имя"),
            "{of}: {}",
            page.body
        );
        let member = hidden_choice(&page, "Фамилия12");
        let end = [("act", "end"), ("member", member.as_str()), ("last", "31.05.2023")];
        let _ended = sent(&mut operator, &page, &path, &end);
        assert!(operator.get(&path).body.contains("Состоят сегодня: 1"), "{of}");
    }
}

/// Results of managerial competences: number of the person, kind, day, score of ten.
pub fn results(v: &Vekha, rows: &[(i64, &str, &str, i64)]) {
    let _groups = v.import(
        "competences",
        "Код;Группа;Наименование\nУ1;managerial;Ведёт команду\nУ2;managerial;Планирует\n",
    );
    let _held = v.import(
        "procedures",
        "Код;Наименование;Вид;Уровень;Организатор\nПР;Управленческая диагностика;полная;региональный;С0\n",
    );
    let mut text = String::from("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n");
    for (n, kind, on, score) in rows {
        text.push_str(&format!("{};ПР;{kind};{on};У1;{score};10\n", snils(*n)));
    }
    let _loaded = v.import("results", &text);
}

fn standing(who: &mut Visitor) -> usize {
    let page = who.get("/reserve");
    crate::web_registers::after(&page, "Сегодня в резерве руководителей: ")
}

on_both! {
    // rows: KR-F11, KR-F12, TY-F03, TY-F06, TY-F09
    fn teams_actives_centres_and_services_of_two_krais_are_made_and_kept(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "krasnoyarsk", &["KK-UK", "KK-AKTIV", "KK-MAKTIV"]);
        v.sql("DELETE FROM body_member; DELETE FROM body");
        let server = crate::visitor::Server::start(v);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/bodies/packs?pack=tyumen");
        let _made = sent(&mut operator, &page, "/bodies/packs", &[("pack", "tyumen")]);
        // A centre and its branches stand side by side, each with duties of its own.
        assert_eq!(found(&mut operator, "/bodies?kind=cnppm"), 3);
        assert_eq!(found(&mut operator, "/bodies?kind=methodical_service"), TOWNS.len());
        assert_eq!(found(&mut operator, &format!("/bodies?kind=methodical_service&unit={}", code(TOWNS[1]))), 1);
        assert_eq!(found(&mut operator, "/bodies?kind=umo&level=regional"), 1);
    }

    // rows: LE-F04, LE-F05, LE-F06, LE-F07
    fn centres_academies_unions_and_tutors_of_a_district_are_made_and_kept(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "leninsky", &["LN-CNPPM", "LN-VGAPO", "LN-RMO", "LN-SOOB", "LN-TUTOR", "LN-AKTIV"]);
    }

    // rows: TY-F08, TY-F16
    fn colleges_and_federal_centres_of_an_oblast_are_made_and_kept(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "tyumen", &["TO-POO", "TO-AKAD", "TO-RUMO", "TO-ONPPM-I", "TO-ONPPM-T", "TO-MMS"]);
    }

    // rows: CH-F04, CH-F08, CH-F09, CH-F13, CH-F14
    fn ministries_universities_institutes_and_two_centres_are_made_and_kept(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "chelyabinsk", &[
            "CO-MP", "CO-AKAD", "CO-VUZ", "CO-IPPK", "CO-IRO", "CO-IRPO", "CO-CNPPM-1", "CO-CNPPM-2",
        ]);
    }

    // rows: CH-F15, CH-F21, CH-F22
    fn providers_without_the_state_and_municipal_services_are_made_and_kept(v: &Vekha) {
        bodies_of_a_pack_are_kept(v, "chelyabinsk", &["CO-NGO", "CO-MODPO", "CO-MMS"]);
    }

    // rows: CH-F18
    fn experts_stand_in_their_register_once_with_kinds_and_subjects(v: &Vekha) {
        let server = world(v);
        let mut text = String::from("СНИЛС;Вид;Уровень;С;Название;Номинация\n");
        for (n, kind, on, subject) in [
            (11, "expert/gia", "25.05.2023", "химия"),
            (11, "expert/programmes", "10.02.2023", "химия"),
            (12, "expert/gia", "25.05.2023", "физика"),
            (31, "expert/network", "10.10.2022", ""),
            (41, "expert/network", "10.10.2022", "химия"),
            (61, "expert/network", "10.10.2022", "химия"),
        ] {
            text.push_str(&format!("{};{kind};региональный;{on};Экспертиза;{subject}\n", snils(n)));
        }
        text.push_str(&format!("{};award/medal;региональный;10.10.2022;Медаль;\n", snils(13)));
        let _loaded = v.import("activities", &text);
        for (login, all, gia, network, chemistry) in
            [("operator", 4, 2, 2, 2), ("methodist", 3, 2, 1, 1), ("deputy", 2, 2, 0, 1), ("south", 1, 0, 1, 1)]
        {
            let mut who = signed(&server, login);
            let mut of = |query: &str| found(&mut who, &format!("/experts?{query}"));
            assert_eq!((of(""), of("kind=gia"), of("kind=network")), (all, gia, network), "{login}");
            assert_eq!(of(&format!("subject={}", code("хими"))), chemistry, "{login}");
        }
        let page = signed(&server, "deputy").get("/experts");
        assert!(page.body.contains("Фамилия11") && !page.body.contains("Фамилия31") && page.body.contains("25.05.2023"), "{}", page.body);
    }

    // rows: CH-F40
    fn the_reserve_of_leaders_takes_whom_the_rule_names_and_a_person_confirms(v: &Vekha) {
        let server = world(v);
        let today = today();
        let day = |back: i64| (today - chrono::TimeDelta::days(back)).format("%d.%m.%Y").to_string();
        let (recent, old) = (day(100), day(2000));
        results(v, &[
            (11, "полная", &recent, 10),
            (12, "полная", &recent, 9),
            // A deficit, a result that is too old, a self-assessment.
            (13, "полная", &recent, 5),
            (14, "полная", &old, 10),
            (15, "самодиагностика", &recent, 10),
            (31, "полная", &recent, 10),
        ]);
        let mut operator = signed(&server, "operator");
        assert_eq!(standing(&mut operator), 0);
        let page = operator.get("/reserve");
        for n in [11, 12, 31] {
            assert!(page.body.contains(&format!("Фамилия{n}")), "{n}: {}", page.body);
        }
        for n in [13, 14, 15, 61] {
            assert!(!page.body.contains(&format!("Фамилия{n}")), "{n}: {}", page.body);
        }
        assert!(page.body.contains(&recent) && page.body.contains("Названо: 3"), "{}", page.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM reserve_member"), 0, "looking takes nobody in");
        for (fields, said) in [
            (&[("act", "enrol")][..], "тметьте хотя бы одного"),
            (&[("act", "enrol"), ("person", "1013")], "правило уже не называет"),
            (&[("act", "enrol"), ("person", "1011"), ("person", "1013")], "правило уже не называет"),
        ] {
            let answer = operator.send(&page, "/reserve", fields);
            assert!(answer.status == 422 && answer.body.contains(said), "{fields:?}: {}", answer.body);
        }
        assert_eq!(operator.send(&page, "/reserve", &[("act", "enrol"), ("person", "1061")]).status, 404);
        assert_eq!(signed(&server, "deputy").get("/reserve").status, 403);
        // The same form sent twice is one act.
        let own_key = hidden(&page, "enrol", "key");
        for _ in 0..2 {
            let fields = [("act", "enrol"), ("key", &*own_key), ("person", "1011"), ("person", "1031")];
            let _in = sent(&mut operator, &page, "/reserve", &fields);
            assert_eq!(standing(&mut operator), 2);
        }
        assert_eq!(found(&mut operator, "/reserve?state=in_reserve"), 2);
        let page = operator.get("/reserve");
        assert!(page.body.contains("Названо: 1") && page.body.contains("правило leaders, версия 1"), "{}", page.body);
        // Whoever stands in it already is not taken in once more.
        let twice = operator.send(&page, "/reserve", &[("act", "enrol"), ("person", "1011")]);
        assert_eq!(twice.status, 422, "{}", twice.body);
        let member = hidden_choice(&page, "Фамилия11");
        let today = v.query("SELECT CAST(min(valid_from) AS TEXT) FROM reserve_member").remove(0);
        let today = today.parse::<chrono::NaiveDate>().expect("a day").format("%d.%m.%Y").to_string();
        let end = [
            ("act", "end"), ("member", member.as_str()), ("state", "appointed"), ("last", today.as_str()), ("note", "приказ № 3"),
        ];
        let _ended = sent(&mut operator, &page, "/reserve", &end);
        assert_eq!(operator.send(&page, "/reserve", &end).status, 409);
        assert_eq!((standing(&mut operator), found(&mut operator, "/reserve?state=appointed")), (1, 1));
        assert!(operator.get("/reserve?state=appointed").body.contains("приказ № 3"));
        let page = operator.get("/reserve");
        let member = hidden_choice(&page, "Фамилия31");
        let gone = [("act", "withdraw"), ("wrong", member.as_str()), ("why", "не тот человек")];
        let _gone = sent(&mut operator, &page, "/reserve", &gone);
        assert_eq!((standing(&mut operator), found(&mut operator, "/reserve?state=withdrawn")), (0, 1));
        assert_eq!(standing(&mut signed(&server, "south")), 0);
        let looked = "SELECT count(*) AS n FROM audit_event WHERE object_kind = 'reserve' AND action = 'activity.reserve_enrol'";
        assert_eq!(number(v, looked), 2, "one row of the journal for each person");
        let _whole = v.run(&["check"]).ok();
    }

    // rows: CH-F42
    fn actives_take_those_who_passed_and_are_kept_apart_from_the_reserve(v: &Vekha) {
        let server = world(v);
        let recent = (today() - chrono::TimeDelta::days(100)).format("%d.%m.%Y").to_string();
        results(v, &[(11, "полная", &recent, 10)]);
        let _more = v.import(
            "competences",
            "Код;Группа;Наименование\nП1;subject;Знает предмет\nП2;subject;Решает задачи\nМ1;methodical;Ведёт урок\n\
             М2;methodical;Оценивает\nТ1;psych_ped;Слышит ребёнка\nТ2;communicative;Слышит коллег\n",
        );
        let mut text = String::from("СНИЛС;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n");
        // All of the subject, a deficit in the methods; the other way round; one result of two; the other region.
        for (n, of, score) in [
            (12, "П1", 10), (12, "П2", 10), (12, "М1", 3), (12, "М2", 10),
            (13, "М1", 10), (13, "М2", 9), (13, "П1", 10), (13, "П2", 9),
            (14, "П1", 10), (14, "Т1", 10), (14, "Т2", 9),
            (61, "П1", 10), (61, "П2", 10),
        ] {
            text.push_str(&format!("{};ПР;полная;{recent};{of};{score};10\n", snils(n)));
        }
        let _loaded = v.import("results", &text);
        let mut operator = signed(&server, "operator");
        for (list, title, named) in [
            ("", "Кадровый резерв", &[11][..]),
            ("experts", "Экспертный актив", &[12]),
            ("methodists", "Методический актив", &[13]),
            ("tutors", "Тьюторский актив", &[14]),
        ] {
            let page = operator.get(&format!("/reserve?list={list}"));
            assert!(page.body.contains(&format!(">{title}</h1>")), "{list}: {}", page.body);
            for n in [11, 12, 13, 14, 61] {
                let is_named = page.body.contains(&format!("Фамилия{n}"));
                assert_eq!(is_named, named.contains(&n), "{list} {n}: {}", page.body);
            }
        }
        let path = "/reserve?list=experts";
        let page = operator.get(path);
        let seen = crate::web_registers::hidden(&page, "enrol", "seen");
        assert_eq!(seen, "experts.1");
        // Whom the rule of the list does not name is not taken in by it, whatever another rule says.
        let other = operator.send(&page, "/reserve", &[("act", "enrol"), ("seen", &*seen), ("person", "1013")]);
        assert!(other.status == 422 && other.body.contains("Экспертный актив"), "{}", other.body);
        let _in = sent(&mut operator, &page, "/reserve", &[("act", "enrol"), ("seen", &*seen), ("person", "1012")]);
        assert_eq!((found(&mut operator, path), found(&mut operator, "/reserve?list=methodists")), (1, 0));
        assert_eq!(found(&mut operator, "/reserve"), 0, "the reserve of leaders is another list");
        let page = operator.get(path);
        assert!(page.body.contains("Сегодня в экспертном активе: 1") && page.body.contains("правило experts, версия 1"), "{}", page.body);
        let old = operator.send(&page, "/reserve", &[("act", "enrol"), ("seen", "experts.0"), ("person", "1012")]);
        assert_ne!(old.status, 303, "a version that is no more");
        assert_eq!(operator.get("/reserve?list=nobody").status, 404);
        assert_eq!(found(&mut signed(&server, "south"), path), 0);
        let _whole = v.run(&["check"]).ok();
    }

    fn organisations_that_use_the_platform_are_told_from_the_others(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let all = found(&mut operator, "/platform-use");
        assert_eq!(found(&mut operator, "/platform-use?used=no"), all, "nobody has done anything yet");
        assert_eq!(found(&mut operator, "/platform-use?used=yes"), 0);
        let town = found(&mut signed(&server, "methodist"), "/platform-use");
        assert!(2 <= town && town < all, "{town} of {all}");
        assert_eq!(found(&mut signed(&server, "director"), "/platform-use"), 1);
        assert_eq!(signed(&server, "coordinator").get("/platform-use").status, 403);
    }
}
