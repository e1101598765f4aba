//! Registers of what units undertake and publish over plain HTTP: what is recorded is found, counted and judged by whoever
//! keeps it, and by nobody else.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Visitor};
use crate::web_registers::{after, code, found, hidden, hidden_choice, sent, signed, world};
use crate::world::{number, snils};

/// What is laid: title, kind, level, unit, subject, parties, units.
pub type Laid = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const BODIES: &str = "Код;Наименование;Вид;Уровень;Единица\n\
    COORD;Координационный совет по инновациям;Совет по инновационной деятельности;региональный;С0\n\
    DEP;Департамент;Орган управления образованием;региональный;С0\n\
    MUN;Управление образования;Орган управления образованием;муниципальный;С1\n\
    CNPPM;Центр мастерства;ЦНППМ;региональный;С0\n\
    LAB;Лаборатория практик;Лаборатория эффективных практик;региональный;С0\n\
    FOR;Чужой совет;Рабочая группа;региональный;Ю0\n";

fn fields(of: &Laid) -> Vec<(&'static str, &'static str)> {
    let (title, kind, level, unit, subject, parties, units) = *of;
    vec![
        ("title", title),
        ("kind", kind),
        ("level", level),
        ("unit", unit),
        ("about", "как это устроено"),
        ("subject", subject),
        ("from", "01.09.2022"),
        ("to", ""),
        ("state", "running"),
        ("act-number", "12-п"),
        ("act-date", "30.08.2022"),
        ("parties", parties),
        ("units", units),
        ("page", "https://a.example/1"),
        ("code", ""),
    ]
}

/// The same fields with some of them said otherwise.
pub fn but<'a>(of: &Laid, other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let said = |(name, value): (&'a str, &'a str)| {
        let found = other.iter().find(|(n, _)| *n == name);
        (name, found.map_or(value, |(_, v)| v))
    };
    fields(of).into_iter().map(said).collect()
}

/// The page with the addresses as they are, not as they are written in it.
fn plain(page: &Page) -> String {
    page.body.replace("&#x3D;", "=").replace("&amp;", "&")
}

#[track_caller]
pub fn refused(who: &mut Visitor, page: &Page, path: &str, fields: &[(&str, &str)], words: &str) {
    let answer = who.send(page, path, fields);
    assert!(
        answer.status == 422 && answer.body.contains(words),
        "{path} {words}: {}",
        answer.body
    );
}

/// Adds undertakings as the operator, and compares every list of them with what was laid. Returns where they stand.
pub fn are_kept(v: &Vekha, laid: &[Laid]) -> (crate::visitor::Server, Vec<String>) {
    let server = world(v);
    let _bodies = v.import("bodies", BODIES);
    let (mut operator, mut south) = (signed(&server, "operator"), signed(&server, "south"));
    let mut paths = Vec::new();
    for of in laid {
        let page = operator.get("/undertakings");
        let to = sent(&mut operator, &page, "/undertakings", &fields(of));
        let path = to.split('?').next().expect("a path").to_owned();
        let page = operator.get(&path);
        assert!(
            page.body.contains(of.0) && page.body.contains("№ 12-п от 30.08.2022"),
            "{}",
            page.body
        );
        for party in of.5.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let name = BODIES
                .lines()
                .find_map(|l| l.strip_prefix(&format!("{party};")))
                .expect("a body");
            assert!(
                page.body.contains(name.split(';').next().expect("a name")),
                "{party}: {}",
                page.body
            );
        }
        paths.push(path);
    }
    let count = |fits: &dyn Fn(&Laid) -> bool| laid.iter().filter(|of| fits(of)).count();
    assert_eq!(found(&mut operator, "/undertakings"), laid.len());
    let all = operator.get("/undertakings");
    for of in laid {
        let same = |other: &Laid| other.1 == of.1;
        let path = format!("/undertakings?kind={}", of.1);
        assert_eq!(found(&mut operator, &path), count(&same), "{path}");
        assert!(
            plain(&all).contains(&path),
            "the page counts each kind and leads to its list: {path}"
        );
        let path = format!("/undertakings?kind={}&level={}", of.1, of.2);
        assert_eq!(
            found(&mut operator, &path),
            count(&|o| same(o) && o.2 == of.2),
            "{path}"
        );
        assert_eq!(
            found(&mut operator, &format!("/undertakings?q={}", code(of.0))),
            1,
            "{}",
            of.0
        );
    }
    // Whatever is led or shared by somebody of the municipality is its own.
    let inside: &[&str] = &["С1", "С2", "С3"];
    let there = |of: &Laid| inside.contains(&of.3) || of.6.split(';').any(|u| inside.contains(&u.trim()));
    assert_eq!(
        found(&mut operator, &format!("/undertakings?unit={}", code("С1"))),
        count(&there)
    );
    // Another region sees nothing, another school changes nothing.
    assert_eq!(found(&mut south, "/undertakings"), 0);
    assert_eq!(south.get(&paths[0]).status, 404);
    let mut far = signed(&server, "director-far");
    let page = far.get(&paths[0]);
    assert_eq!(page.status, 200);
    let theft = [("act", "withdraw"), ("seen", "1"), ("reason", "моё")];
    assert_eq!(far.send(&page, &paths[0], &theft).status, 404);
    assert_eq!(
        found(&mut far, "/undertakings"),
        laid.len(),
        "and everyone who keeps registers sees them all"
    );
    // It ends, it is withdrawn with a reason and comes back; whoever is late is told.
    let page = operator.get(&paths[0]);
    let seen = hidden(&page, "change", "seen");
    let change = but(&laid[0], &[("state", "finished"), ("to", "31.05.2023")]);
    let change = [change, vec![("act", "change"), ("seen", seen.as_str())]].concat();
    let _changed = sent(&mut operator, &page, &paths[0], &change);
    let other = but(&laid[0], &[("state", "finished"), ("to", "30.05.2023")]);
    let other = [other, vec![("act", "change"), ("seen", seen.as_str())]].concat();
    let late = operator.send(&page, &paths[0], &other);
    assert!(
        late.status == 409 && late.body.contains("Запись изменили"),
        "{}",
        late.body
    );
    assert_eq!(found(&mut operator, "/undertakings?state=finished"), 1);
    assert_eq!(found(&mut operator, "/undertakings?state=running"), laid.len() - 1);
    let page = operator.get(&paths[0]);
    assert!(page.body.contains("31.05.2023"), "{}", page.body);
    let seen = hidden(&page, "withdraw", "seen");
    let no_reason = [("act", "withdraw"), ("seen", seen.as_str()), ("reason", " ")];
    refused(&mut operator, &page, &paths[0], &no_reason, "апишите причину");
    let gone = [
        ("act", "withdraw"),
        ("seen", seen.as_str()),
        ("reason", "внесено дважды"),
    ];
    let _gone = sent(&mut operator, &page, &paths[0], &gone);
    let counts = |who: &mut Visitor| (found(who, "/undertakings"), found(who, "/undertakings?state=withdrawn"));
    assert_eq!(counts(&mut operator), (laid.len() - 1, 1));
    let page = operator.get(&paths[0]);
    let seen = hidden(&page, "restore", "seen");
    let _back = sent(&mut operator, &page, &paths[0], &[("act", "restore"), ("seen", &seen)]);
    assert_eq!(counts(&mut operator), (laid.len(), 0));
    (server, paths)
}

/// Writes what a body said of an undertaking.
fn judge(who: &mut Visitor, path: &str, (body, on, outcome): (&str, &str, &str)) -> Page {
    let page = who.get(path);
    let said = [
        ("act", "judge"),
        ("body", body),
        ("on", on),
        ("at-level", "regional"),
        ("outcome", outcome),
        ("note", "добавить сроки"),
    ];
    who.send(&page, path, &said)
}

fn expertise_is_kept(v: &Vekha, laid: &[Laid]) {
    let (server, paths) = are_kept(v, laid);
    let mut operator = signed(&server, "operator");
    let many = |who: &mut Visitor, of: &str| found(who, &format!("/undertakings?expertise={of}"));
    assert_eq!(many(&mut operator, "none"), laid.len());
    // The last word counts; the body is found by its code or by words of its name.
    assert_eq!(
        judge(&mut operator, &paths[0], ("COORD", "10.09.2022", "revise")).status,
        303
    );
    assert_eq!(
        judge(
            &mut operator,
            &paths[0],
            ("совет по инновациям", "20.09.2022", "approved")
        )
        .status,
        303
    );
    assert_eq!(
        judge(&mut operator, &paths[1], ("COORD", "10.09.2022", "declined")).status,
        303
    );
    for (body, on, said) in [
        ("НЕТ", "10.09.2022", "Объединения с таким кодом"),
        ("FOR", "10.09.2022", "Объединения с таким кодом"),
        ("COORD", "10.09.2099", "ещё не наступил"),
    ] {
        let answer = judge(&mut operator, &paths[1], (body, on, "approved"));
        assert!(
            answer.status == 422 && answer.body.contains(said),
            "{body}: {}",
            answer.body
        );
    }
    let counts = |who: &mut Visitor| ["approved", "revise", "declined", "none"].map(|of| many(who, of));
    assert_eq!(counts(&mut operator), [1, 0, 1, laid.len() - 2]);
    let page = operator.get(&paths[0]);
    let words = [
        "10.09.2022",
        "20.09.2022",
        "на доработку",
        "одобрено",
        "добавить сроки",
        "Координационный совет по инновациям",
    ];
    assert!(words.iter().all(|w| page.body.contains(w)), "{}", page.body);
    // The wrong one goes with its reason: the one before it counts again.
    let choice = page
        .body
        .split("<option value=\"")
        .find(|o| o.contains("20.09.2022, одобрено"))
        .expect("a choice");
    let said = choice.split('"').next().expect("a value").to_owned();
    let gone = [
        ("act", "withdraw-said"),
        ("said", said.as_str()),
        ("why", "не тот проект"),
    ];
    let _gone = sent(&mut operator, &page, &paths[0], &gone);
    assert_eq!(operator.send(&page, &paths[0], &gone).status, 409, "and once only");
    assert_eq!(counts(&mut operator), [0, 1, 1, laid.len() - 2]);
    let page = operator.get(&paths[0]);
    let choice = page
        .body
        .split("<option value=\"")
        .find(|o| o.contains("20.09.2022, одобрено"))
        .expect("a choice");
    let said = choice.split('"').next().expect("a value").to_owned();
    let _back = sent(
        &mut operator,
        &page,
        &paths[0],
        &[("act", "restore-said"), ("unsaid", &said)],
    );
    assert_eq!(counts(&mut operator), [1, 0, 1, laid.len() - 2]);
    let _whole = v.run(&["check"]).ok();
}

fn links_are_checked(v: &Vekha, laid: &[Laid]) {
    let (server, paths) = are_kept(v, laid);
    let mut operator = signed(&server, "operator");
    let counts = |who: &mut Visitor| ["checked", "unchecked"].map(|of| found(who, &format!("/undertakings?link={of}")));
    assert_eq!(counts(&mut operator), [0, laid.len()]);
    for path in &paths {
        let page = operator.get(path);
        assert!(page.body.contains("ещё никто не открывал"), "{}", page.body);
        let seen = hidden(&page, "check", "seen");
        let _checked = sent(&mut operator, &page, path, &[("act", "check"), ("seen", &seen)]);
        // The second click of the same person says nothing new; whoever else comes late is told.
        let again = operator.send(&page, path, &[("act", "check"), ("seen", &seen)]);
        assert!(again.status == 303 && again.header("location").ends_with("done=checked"));
    }
    assert_eq!(counts(&mut operator), [laid.len(), 0]);
    // Who opened it and when stands on the page; another link is one that nobody has opened.
    let today = v
        .query("SELECT CAST(max(checked_on) AS TEXT) FROM undertaking")
        .remove(0);
    let today: chrono::NaiveDate = today.parse().expect("a day");
    let page = operator.get(&paths[0]);
    let who = v
        .query("SELECT login FROM account WHERE id IN (SELECT checked_by FROM undertaking)")
        .join(",");
    assert_eq!(who, "operator");
    assert!(
        page.body.contains(&today.format("%d.%m.%Y").to_string()),
        "{}",
        page.body
    );
    assert!(!page.body.contains("ещё никто не открывал"), "{}", page.body);
    let seen = hidden(&page, "change", "seen");
    let same = [fields(&laid[0]), vec![("act", "change"), ("seen", seen.as_str())]].concat();
    let _same = sent(&mut operator, &page, &paths[0], &same);
    assert_eq!(counts(&mut operator), [laid.len(), 0], "the same link stays checked");
    let page = operator.get(&paths[0]);
    let seen = hidden(&page, "change", "seen");
    let other = but(&laid[0], &[("page", "https://a.example/2")]);
    let other = [other, vec![("act", "change"), ("seen", seen.as_str())]].concat();
    let _other = sent(&mut operator, &page, &paths[0], &other);
    assert_eq!(counts(&mut operator), [laid.len() - 1, 1]);
    let page = operator.get("/undertakings");
    refused(
        &mut operator,
        &page,
        "/undertakings",
        &but(&laid[0], &[("page", "")]),
        "ссылка",
    );
    refused(
        &mut operator,
        &page,
        "/undertakings",
        &but(&laid[0], &[("page", "javascript:alert(1)")]),
        "https",
    );
}

/// Publications from a file: code, kind, year, journal, subject, addressees.
pub type Published = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

pub fn publications_are_counted(v: &Vekha, laid: &[Published]) {
    let server = world(v);
    let mut text = String::from("Код;Вид;Название;Авторы;Год;Издание;Предмет;Кому;Единица\n");
    for (n, (of, kind, year, journal, subject, whom)) in laid.iter().enumerate() {
        let authors = format!("\"{}; Гостева Г. Г.\"", snils(if n % 2 == 0 { 11 } else { 41 }));
        text.push_str(&format!(
            "{of};{kind};Работа {of};{authors};{year};{journal};{subject};\"{whom}\";С0\n"
        ));
    }
    let loaded = v.import("publications", &text);
    assert!(
        loaded.out.starts_with(&format!("Новых {},", laid.len())),
        "{}",
        loaded.out
    );
    let (mut operator, mut deputy) = (signed(&server, "operator"), signed(&server, "deputy"));
    assert_eq!(found(&mut signed(&server, "south"), "/publications"), 0);
    let count = |fits: &dyn Fn(&Published) -> bool| laid.iter().filter(|of| fits(of)).count();
    let share = |n: usize, of: usize| {
        let tenths = (n * 2000 + of) / (of * 2);
        format!("{},{}\u{a0}%", tenths / 10, tenths % 10)
    };
    for of in laid {
        let path = format!("/publications?kind={}", of.1);
        let same = count(&|o| o.1 == of.1);
        assert_eq!(found(&mut operator, &path), same, "{path}");
        let year = format!("{path}&year={}", of.2);
        assert_eq!(
            found(&mut operator, &year),
            count(&|o| o.1 == of.1 && o.2 == of.2),
            "{year}"
        );
        if !of.3.is_empty() {
            let journal = format!("{path}&q={}", code(of.3));
            assert_eq!(
                found(&mut operator, &journal),
                count(&|o| o.1 == of.1 && o.3 == of.3),
                "{journal}"
            );
        }
        if !of.4.is_empty() {
            let subject = format!("{path}&q={}", code(of.4));
            assert_eq!(
                found(&mut operator, &subject),
                count(&|o| o.1 == of.1 && o.4 == of.4),
                "{subject}"
            );
        }
        // Shares by addressee of what is found.
        let page = plain(&operator.get(&path));
        for whom in of.5.split("; ") {
            let has = |o: &Published| o.1 == of.1 && o.5.split("; ").any(|w| w == whom);
            let link = format!("{path}&whom={whom}\"");
            let row = page.split("<tr").find(|row| row.contains(&link));
            let row = crate::figures_pages::there(row, &(&link, &page));
            assert!(row.contains(&share(count(&has), same)), "{whom}: {row}");
            assert_eq!(
                found(&mut operator, &format!("{path}&whom={whom}")),
                count(&has),
                "{whom}"
            );
        }
    }
    // Authors: the own by name, those of other schools as a number, outsiders as they stand.
    let page = deputy.get("/publications");
    let words = ["Фамилия11", "Гостева Г. Г.", "ещё 1 из других организаций"];
    assert!(
        words.iter().all(|w| page.body.contains(w)) && !page.body.contains("Фамилия41"),
        "{}",
        page.body
    );
    // By hand: an author is found by name, the own school is kept by its deputy only.
    let fields = [
        ("title", "Разговор о чтении"),
        ("kind", "manual"),
        ("authors", "Фамилия11 Имя; Гость"),
        ("year", "2023"),
        ("journal", ""),
        ("subject", ""),
        ("whom", "teachers"),
        ("whom", "mentors"),
        ("unit", "С2"),
        ("page", ""),
        ("code", ""),
    ];
    let page = deputy.get("/publications");
    let to = sent(&mut deputy, &page, "/publications", &fields);
    let path = to.split('?').next().expect("a path").to_owned();
    let page = deputy.get(&path);
    assert!(
        page.body.contains("Фамилия11") && page.body.contains("педагогам, наставникам")
            || page.body.contains("наставникам, педагогам"),
        "{}",
        page.body
    );
    let by_person = "SELECT count(*) AS n FROM publication_author WHERE person_id = 1011 AND publication_id = (SELECT max(id) FROM publication)";
    assert_eq!(number(v, by_person), 1);
    let mut far = signed(&server, "director-far");
    let form = far.get(&path);
    let theft = [("act", "withdraw"), ("seen", "1"), ("reason", "моё")];
    assert_eq!(far.send(&form, &path, &theft).status, 404);
    let seen = hidden(&page, "withdraw", "seen");
    let _gone = sent(
        &mut deputy,
        &page,
        &path,
        &[("act", "withdraw"), ("seen", &seen), ("reason", "не вышло")],
    );
    assert_eq!(
        (
            found(&mut operator, "/publications"),
            found(&mut operator, "/publications?state=withdrawn")
        ),
        (laid.len(), 1)
    );
    let page = deputy.get(&path);
    let seen = hidden(&page, "restore", "seen");
    let _back = sent(&mut deputy, &page, &path, &[("act", "restore"), ("seen", &seen)]);
    let page = deputy.get(&path);
    let seen = hidden(&page, "change", "seen");
    let mut change: Vec<(&str, &str)> = fields.iter().filter(|(n, _)| *n != "code").copied().collect();
    change[0].1 = "Разговор о книге";
    change.extend([("act", "change"), ("seen", seen.as_str())]);
    let _changed = sent(&mut deputy, &page, &path, &change);
    change[0].1 = "Разговор о другой книге";
    assert_eq!(deputy.send(&page, &path, &change).status, 409);
    assert_eq!(found(&mut operator, &format!("/publications?q={}", code("о книге"))), 1);
    assert_eq!(number(v, by_person), 1, "the author stays");
}

on_both! {
    // rows: LG-F08, LG-F28, CH-F17, CH-F46
    fn innovations_and_drafts_are_judged_by_bodies(v: &Vekha) {
        expertise_is_kept(v, &[
            ("Программа чтения", "innovation_project", "regional", "С2", "", "", ""),
            ("Документ о наставничестве", "draft_document", "regional", "", "", "", ""),
            ("Федеральная площадка", "innovation_site", "federal", "С3", "", "", ""),
            ("Региональная площадка", "innovation_site", "regional", "С6", "", "", "С2"),
        ]);
    }

    // rows: KR-F16, CH-F33, LG-F31, LG-F32, LG-F33
    fn links_of_resources_banks_and_platforms_are_opened_and_dated(v: &Vekha) {
        links_are_checked(v, &[
            ("Банк КИМ по химии", "task_bank", "regional", "", "химия", "", ""),
            ("Банк материалов института", "materials_bank", "regional", "", "", "", ""),
            ("Виртуальный кабинет", "resource", "regional", "", "", "", ""),
            ("Платформа сообществ", "platform", "municipal", "С1", "", "", "С5"),
            ("Группа учителей", "network_community", "municipal", "С5", "", "", ""),
            ("Вакансии управления", "resource", "municipal", "С1", "", "MUN", ""),
        ]);
    }

    // rows: TY-F79, TY-F80, TY-F82, LG-F09, LG-F29
    fn agreements_networks_and_growth_of_schools_have_parties_and_people(v: &Vekha) {
        let laid: [Laid; 7] = [
            ("Трёхстороннее соглашение", "agreement", "regional", "С1", "", "DEP; MUN; CNPPM", "С1"),
            ("Соглашение с районом", "agreement", "municipal", "С1", "", "LAB; MUN", "С1"),
            ("Сетевой проект школ", "network_project", "municipal", "С1", "", "", "С2; С3"),
            ("Команда математиков", "project_team", "municipal", "С1", "", "", ""),
            ("Рост внутри школы", "growth_programme", "school", "С2", "", "", ""),
            ("Учимся вместе", "corporate_learning", "school", "С2", "", "", ""),
            ("Помощь школам 500+", "school_support", "regional", "", "", "", "С3; С6"),
        ];
        let (server, paths) = are_kept(v, &laid);
        let mut operator = signed(&server, "operator");
        let page = operator.get("/undertakings");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("parties", "DEP")]), "две стороны");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("act-date", "")]), "номер и дата");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("parties", "DEP; FOR")]), "FOR");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("units", "Ю1")]), "Ю1");
        // People of the growth programme: the school adds its own; parts do not overlap, end and are withdrawn.
        let path = &paths[4];
        let mut deputy = signed(&server, "deputy");
        let page = deputy.get(path);
        let mut join = |who: &str, role: &str| {
            let fields = [("act", "join"), ("who", who), ("role", role), ("since", "01.09.2022"), ("until", "")];
            deputy.send(&page, path, &fields)
        };
        assert_eq!((join("Фамилия11", "leader").status, join("Фамилия12", "member").status), (303, 303));
        for (who, said) in [("Фамилия11", "уже участвует с 01.09.2022"), ("Фамилия41", "нет: проверьте имя"), ("Имя", "выберите одного")] {
            let answer = join(who, "member");
            assert!(answer.status == 422 && answer.body.contains(said), "{who}: {}", answer.body);
        }
        let page = deputy.get(path);
        assert!(page.body.contains("Участвуют сегодня: 2"), "{}", page.body);
        let far = signed(&server, "director-far").get(path);
        assert!(far.body.contains("без имён: 2") && !far.body.contains("Фамилия11"), "{}", far.body);
        assert_eq!(after(&far, "Участвуют сегодня: "), 2);
        let part = hidden_choice(&page, "Фамилия12");
        let end = [("act", "end"), ("part", part.as_str()), ("last", "31.05.2023")];
        let _ended = sent(&mut deputy, &page, path, &end);
        assert_eq!(deputy.send(&page, path, &end).status, 409);
        let page = deputy.get(path);
        assert!(page.body.contains("Участвуют сегодня: 1") && page.body.contains("31.05.2023"), "{}", page.body);
        let part = hidden_choice(&page, "Фамилия11");
        let gone = [("act", "withdraw-part"), ("wrong", part.as_str()), ("why", "не тот")];
        let _gone = sent(&mut deputy, &page, path, &gone);
        let page = deputy.get(path);
        assert!(page.body.contains("Участвуют сегодня: 0"), "{}", page.body);
        let back = hidden_choice(&page, "Фамилия11");
        let _back = sent(&mut deputy, &page, path, &[("act", "restore-part"), ("back", &back)]);
        assert!(deputy.get(path).body.contains("Участвуют сегодня: 1"));
        let _whole = v.run(&["check"]).ok();
    }

    fn days_that_contradict_the_state_and_codes_that_are_none_are_refused(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let of: Laid = ("Сетевой проект школ", "network_project", "municipal", "С1", "", "", "С2; С3");
        let page = operator.get("/undertakings");
        let cases: [(&[(&str, &str)], &str); 7] = [
            (&[("state", "finished"), ("to", "01.01.2099")], "последний день ещё не наступил"),
            (&[("state", "stopped"), ("to", "01.01.2099")], "последний день ещё не наступил"),
            (&[("state", "planned"), ("to", "31.05.2023")], "последний день уже прошёл"),
            (&[("state", "running"), ("from", "01.01.2099")], "первый день ещё не наступил"),
            (&[("state", "finished"), ("from", "01.01.2099")], "первый день ещё не наступил"),
            (&[("to", "01.08.2022")], "раньше первого"),
            (&[("code", "<П>;1")], "не длиннее 60"),
        ];
        for (other, words) in cases {
            refused(&mut operator, &page, "/undertakings", &but(&of, other), words);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM undertaking"), 0);
        // What lies ahead is planned; what has ended is finished or stopped.
        for (code, other) in [
            ("П-1/2", [("state", "planned"), ("from", "01.01.2099")]),
            ("П-2", [("state", "finished"), ("to", "31.05.2023")]),
            ("П-3", [("state", "stopped"), ("to", "31.05.2023")]),
            ("П-4", [("state", "running"), ("to", "01.01.2099")]),
        ] {
            let page = operator.get("/undertakings");
            let fields = but(&of, &[&other[..], &[("code", code)]].concat());
            let _added = sent(&mut operator, &page, "/undertakings", &fields);
        }
        // A change is held to the same; what was typed stays.
        let id = number(v, "SELECT id AS n FROM undertaking WHERE code = 'П-4'");
        let path = format!("/undertakings/{id}");
        let page = operator.get(&path);
        let seen = hidden(&page, "change", "seen");
        let mut change = but(&of, &[("state", "finished"), ("to", "01.01.2099")]);
        change.extend([("act", "change"), ("seen", seen.as_str())]);
        let answer = operator.send(&page, &path, &change);
        assert!(
            answer.status == 422 && answer.body.contains("последний день ещё не наступил") && answer.body.contains("01.01.2099"),
            "{}",
            answer.body
        );
        let stays = "SELECT count(*) AS n FROM undertaking WHERE code = 'П-4' AND state = 'running'";
        assert_eq!(number(v, stays), 1);
        assert_eq!(found(&mut signed(&server, "south"), "/undertakings"), 0);
    }

    fn an_end_without_a_day_and_an_act_of_no_time_are_told_at_their_field(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let of: Laid = ("Сетевой проект школ", "network_project", "municipal", "С1", "", "", "С2; С3");
        let page = operator.get("/undertakings");
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
        let cases: [Case<'_>; 4] = [
            (&[("state", "finished")], "to", "«завершено», а последнего дня нет"),
            (&[("state", "stopped")], "to", "«прекращено», а последнего дня нет"),
            (&[("act-date", "01.09.2099")], "act-date", "Дата акта ещё не наступила"),
            (&[("act-date", "31.12.1989")], "act-date", "Дата акта раньше 1990 года"),
        ];
        for (other, field, words) in cases {
            let answer = operator.send(&page, "/undertakings", &but(&of, other));
            assert!(answer.status == 422 && answer.body.contains(words), "{words}: {}", answer.body);
            assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", answer.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM undertaking"), 0);
    }

    fn what_lags_behind_its_days_is_kept_and_says_so(v: &Vekha) {
        let server = world(v);
        let mut operator = signed(&server, "operator");
        let of: Laid = ("Сетевой проект школ", "network_project", "municipal", "С1", "", "", "");
        for (code, other, said) in [
            ("О-1", [("state", "planned"), ("to", "")], "по срокам должно было начаться 01.09.2022"),
            ("О-2", [("state", "running"), ("to", "31.05.2023")], "по срокам должно было закончиться 31.05.2023"),
            ("О-3", [("state", "finished"), ("to", "31.05.2023")], ""),
            ("О-4", [("state", "planned"), ("from", "01.09.2099")], ""),
        ] {
            let page = operator.get("/undertakings");
            let fields = but(&of, &[&other[..], &[("code", code), ("title", code)]].concat());
            let to = sent(&mut operator, &page, "/undertakings", &fields);
            let path = to.split('?').next().expect("a path");
            let card = operator.get(path);
            let list = operator.get(&format!("/undertakings?q={}", crate::web_registers::code(code)));
            for page in [&card, &list] {
                match said {
                    "" => assert!(!page.body.contains("по срокам"), "{code}: {}", page.body),
                    said => assert!(page.body.contains(said), "{code}: {}", page.body),
                }
            }
        }
        // Nothing of it is stored, and of what is withdrawn nothing is expected.
        let id = number(v, "SELECT id AS n FROM undertaking WHERE code = 'О-1'");
        let path = format!("/undertakings/{id}");
        let page = operator.get(&path);
        let seen = hidden(&page, "withdraw", "seen");
        let _gone = sent(&mut operator, &page, &path, &[("act", "withdraw"), ("seen", &seen), ("reason", "не будет")]);
        assert!(!operator.get(&path).body.contains("по срокам"));
        assert_eq!(signed(&server, "south").get(&path).status, 404);
    }

    fn authors_are_parted_named_once_and_there_is_at_least_one(v: &Vekha) {
        let server = world(v);
        let mut deputy = signed(&server, "deputy");
        let with = |title: &'static str, authors: &'static str| {
            [
                ("title", title),
                ("kind", "manual"),
                ("authors", authors),
                ("year", "2023"),
                ("journal", ""),
                ("subject", ""),
                ("whom", "teachers"),
                ("unit", "С2"),
                ("page", ""),
                ("code", ""),
            ]
        };
        let page = deputy.get("/publications");
        for authors in ["", " ", ";;", " ; ;\n"] {
            let fields = with("Разговор", authors);
            refused(&mut deputy, &page, "/publications", &fields, "Нет ни одного автора");
        }
        refused(&mut deputy, &page, "/publications", &with("Разговор", "operator"), "без СНИЛС, логина");
        // What was typed line by line comes back with the lines apart.
        let lines = "Фамилия11 Имя\r\nГостева Г. Г.\r\nгостева г.г.;;Орлов О., Петров П.";
        let again = deputy.send(&page, "/publications", &with("", lines));
        assert!(again.status == 422 && again.body.contains("Фамилия11 Имя; Гостева Г. Г.; "), "{}", again.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication"), 0);
        let to = sent(&mut deputy, &page, "/publications", &with("Разговор", lines));
        let path = to.split('?').next().expect("a path").to_owned();
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication_author"), 4);
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication_author WHERE person_id = 1011"), 1);
        let card = deputy.get(&path);
        assert!(card.body.contains("Гостева Г. Г., Орлов О., Петров П."), "{}", card.body);
        // A comma inside a name parts nobody, on the card neither.
        let page = deputy.get("/publications");
        let to = sent(&mut deputy, &page, "/publications", &with("Сборник", "Кафедра чтения, письма; Орлов О."));
        let path = to.split('?').next().expect("a path").to_owned();
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication_author WHERE name = 'Кафедра чтения, письма'"), 1);
        assert!(deputy.get(&path).body.contains("Кафедра чтения, письма; Орлов О."));
        assert_eq!(signed(&server, "south").get(&path).status, 404);
    }

    fn an_author_is_a_name_and_no_number(v: &Vekha) {
        let server = world(v);
        let mut deputy = signed(&server, "deputy");
        let number_of = snils(11);
        let with = |authors: &str| -> Vec<(&'static str, String)> {
            [
                ("title", "Разговор о чтении"),
                ("kind", "manual"),
                ("authors", authors),
                ("year", "2023"),
                ("journal", ""),
                ("subject", ""),
                ("whom", "teachers"),
                ("unit", "С2"),
                ("page", ""),
                ("code", ""),
            ]
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec()
        };
        let page = deputy.get("/publications");
        for authors in [number_of.clone(), format!("Гость; {number_of}"), format!("Гость {number_of}"), "12".to_owned()] {
            let fields = with(&authors);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, value)| (*n, value.as_str())).collect();
            refused(&mut deputy, &page, "/publications", &fields, "без СНИЛС");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication"), 0);
        let fields = with("Гостева Г. Г.; Школа № 5");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, value)| (*n, value.as_str())).collect();
        let _added = sent(&mut deputy, &page, "/publications", &fields);
        assert_eq!(number(v, "SELECT count(*) AS n FROM publication_author"), 2);
    }

    // rows: TY-F71
    fn the_bank_of_practices_and_internship_sites_is_an_annotated_catalogue(v: &Vekha) {
        let laid: [Laid; 3] = [
            ("Практика смыслового чтения", "practice", "municipal", "С2", "", "", ""),
            ("Стажировочная площадка", "internship_site", "regional", "С3", "", "", ""),
            ("Сообщество историков", "network_community", "regional", "", "", "", ""),
        ];
        let (server, paths) = are_kept(v, &laid);
        let mut operator = signed(&server, "operator");
        assert!(operator.get(&paths[0]).body.contains("как это устроено"));
        let page = operator.get("/undertakings");
        refused(&mut operator, &page, "/undertakings", &but(&laid[0], &[("about", "")]), "о чём это");
    }

    // rows: LG-F24, LG-F25
    fn publications_are_counted_by_kind_year_and_addressee(v: &Vekha) {
        let mut laid: Vec<Published> = vec![
            ("A1", "article", "2020", "Вестник", "", "teachers"),
            ("A2", "article", "2021", "Вестник", "", "leaders"),
            ("A3", "article", "2021", "Наш журнал", "", "teachers; mentors"),
            ("K1", "control_materials", "2021", "", "химия", "teachers"),
            ("K2", "task_set", "2021", "", "физика", "students"),
        ];
        // Twenty-five recommendations: 80, 8, 8 and 4 per cent.
        const CODES: [&str; 25] = [
            "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17", "R18",
            "R19", "R20", "R21", "R22", "R23", "R24", "R25",
        ];
        for (n, of) in CODES.into_iter().enumerate() {
            let whom = match n {
                0..20 => "teachers",
                20 | 21 => "leaders",
                22 | 23 => "services",
                _ => "authorities",
            };
            laid.push((of, "recommendations", "2021", "", "", whom));
        }
        publications_are_counted(v, &laid);
    }
}
