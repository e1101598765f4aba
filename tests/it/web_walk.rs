//! The whole path in a browser, by visible labels and with scripts off: from a file of results to the list behind a
//! number (`tests/browser/walk.mjs`).

use std::path::Path;

use crate::support::{Backend, Vekha, text, today};
use crate::visitor::Server;

/// The smallest picture that is one.
const PHOTO: &[u8] = &[
    0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xD9,
];

/// A teacher of a school of the demo with a name of their own: at work today, never diagnosed, without a plan.
struct Teacher {
    login: String,
    snils: String,
    last: String,
    first: String,
    patronymic: String,
    organisation: String,
    organisation_code: String,
}

fn teacher(v: &Vekha) -> Teacher {
    let fields = "account.login || '|' || person.snils || '|' || person.last_name || '|' || person.first_name || '|' || \
                  coalesce(person.patronymic, '') || '|' || unit.name || '|' || unit.code";
    let found = v.query(&format!(
        "SELECT {fields} FROM account JOIN person ON person.id = account.person_id JOIN employment ON \
         employment.person_id = person.id JOIN unit ON unit.id = employment.organisation_id WHERE unit.org_kind = 'school' \
         AND employment.staff_kind = 'teaching' AND employment.superseded_at IS NULL AND \
         employment.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM iom WHERE iom.person_id = person.id) AND NOT EXISTS \
         (SELECT 1 FROM diagnosis WHERE diagnosis.person_id = person.id) AND (SELECT count(*) FROM person AS other WHERE \
         other.last_name = person.last_name AND other.first_name = person.first_name) = 1 AND EXISTS (SELECT 1 FROM account \
         AS head WHERE head.login = 'head.' || lower(unit.code)) ORDER BY unit.code, person.id LIMIT 1"
    ));
    let row = found.first().expect("a teacher without a plan");
    let mut parts = row.split('|').map(str::to_owned);
    let mut next = || parts.next().expect("seven parts");
    Teacher {
        login: next(),
        snils: next(),
        last: next(),
        first: next(),
        patronymic: next(),
        organisation: next(),
        organisation_code: next(),
    }
}

#[test]
fn the_whole_path_is_walked_in_a_browser() {
    let home = std::env::var("VEKHA_TEST_BROWSER").expect("run the tests by tests/run: it installs the browser");
    let v = Vekha::new(Backend::Sqlite);
    let _made = v.run(&["demo", "--no-serve"]).ok();
    let teacher = teacher(&v);
    let one = |select: &str| v.query(select).into_iter().next().expect("one");
    let procedure = one("SELECT code FROM procedure ORDER BY starts_on DESC LIMIT 1");
    let procedure_name = one("SELECT name FROM procedure ORDER BY starts_on DESC LIMIT 1");
    let place = teacher.organisation_code[..6].to_owned();
    let municipality = one(&format!("SELECT name FROM unit WHERE code = '{place}'"));
    let zone = one(&format!(
        "SELECT substr(parent.code, -1) FROM unit JOIN unit_link ON unit_link.unit_id = unit.id JOIN unit AS parent ON \
         parent.id = unit_link.parent_id WHERE unit.code = '{place}' AND parent.code LIKE 'TYU-Z%'"
    ));
    let period = one("SELECT code FROM fact_period WHERE kind = 'academic_year' ORDER BY starts_on DESC LIMIT 1");
    let today = today().format("%d.%m.%Y");
    let results = v.file(
        "результаты.csv",
        format!(
            "СНИЛС;Фамилия;Имя;Отчество;Процедура;Вид;Дата;Компетенция;Балл;Максимум\n{};{};{};{};{procedure};полная;{today};MET-1;30;100\n",
            teacher.snils, teacher.last, teacher.first, teacher.patronymic
        ),
    );
    let photo = v.file("фото.jpg", PHOTO);
    let server = Server::start(&v);
    let initial = |name: &str| name.chars().next().map(|c| format!("\u{A0}{c}.")).unwrap_or_default();
    let plan = serde_json::json!({
        "base": format!("http://{}", server.address),
        "pictures": std::env::current_dir().expect("here").join("tests/.work/pictures"),
        "password": "веха-демо-2026",
        "period": period,
        "pack": "Тюменская область: методическая работа",
        "indicator": "3.4",
        "municipality": municipality,
        "organisation": teacher.organisation,
        "results": text(&results),
        "photo": text(&photo),
        "procedure": procedure_name,
        "person": {
            "login": teacher.login,
            "last": teacher.last,
            "short": format!("{}{}{}", teacher.last, initial(&teacher.first), initial(&teacher.patronymic)),
        },
        "logins": {
            "operator": "operator",
            "staff": "cnppm",
            "head": "cnppm.head",
            "tutor": "tutor",
            "curator": format!("curator{zone}"),
            "director": format!("head.{}", teacher.organisation_code.to_lowercase()),
        },
    });
    let file = v.file("walk.json", plan.to_string());
    let output = std::process::Command::new("node")
        .arg(Path::new(&home).join("walk.mjs"))
        .arg(file)
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{wrong}");
    assert!(said.contains("steps walked"), "{said}");
}
