//! Random trees of units against an oracle: `tests/oracle` counts by brute force who must be named on which page, for every
//! kind of role. Nobody else is named, and nobody is left out. Both databases, two regions in each tree.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::invented::rows;
use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};

const PASSWORD: &str = "хороший длинный пароль";

/// Seeds of one run: a few in `tests/run`, sixty in `tests/night`; the other database has others.
fn seeds(v: &Vekha) -> std::ops::Range<u32> {
    let count: u32 = std::env::var("VEKHA_ORACLE_TREES").map_or(2, |text| text.parse().expect("a number"));
    let all = std::env::var_os("VEKHA_ORACLE_TREES").is_some();
    let first = if all || v.url().starts_with("sqlite:") { 1 } else { 101 };
    first..first + count
}

#[track_caller]
fn python(script: &str, arguments: &[&str]) -> String {
    let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python)
        .arg(format!("tests/oracle/{script}"))
        .args(arguments)
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The files of a tree, brought in by the command line.
fn build(v: &Vekha, seed: &str, today: &str) {
    let out = v.path("world");
    std::fs::create_dir_all(&out).expect("a folder");
    let file = |name: &str| text(&out.join(name)).to_owned();
    let _made = python(
        "world.py",
        &["make", "--seed", seed, "--today", today, "--out", text(&out)],
    );
    for (kind, name) in [
        ("units", "units"),
        ("units", "moved"),
        ("staff", "staff"),
        ("competences", "competences"),
        ("programmes", "programmes"),
        ("procedures", "procedures"),
        ("results", "results"),
    ] {
        let _taken = v.run(&["import", kind, &file(&format!("{name}.csv"))]).ok();
    }
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    let accounts = rows(&std::fs::read_to_string(file("accounts.csv")).expect("a file"));
    let mut sql = String::from("BEGIN;");
    for (id, of) in (1..).zip(&accounts) {
        let (login, role, unit, snils) = (&of["login"], &of["role"], &of["unit"], &of["snils"]);
        let person = format!("(SELECT id FROM person WHERE snils = '{snils}')");
        sql.push_str(&format!(
            "INSERT INTO account (id, login, password_hash, person_id, state, auth_version, created_at, version) \
             SELECT {id}, '{login}', '{hash}', {person}, 'active', 1, '2022-01-01 00:00:00', 1; \
             INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) \
             SELECT {id}, {id}, '{role}', id, '2022-01-01 00:00:00' FROM unit WHERE code = '{unit}';"
        ));
    }
    v.sql(&format!("{sql} COMMIT;"));
    for region in ["ДА", "ДБ"] {
        let on = v.query(&format!(
            "SELECT CAST(max(ends_on) AS TEXT) FROM procedure WHERE code = '{region}'"
        ))[0]
            .clone();
        let _made = v.run(&["iom", "draft", "--procedure", region, "--as-of", &on]).ok();
    }
    let _done = v.run(&["iom", "apply", &file("acts.csv")]).ok();
    let steps = v.query(
        "SELECT p.snils || ',' || i.number || ',' || CASE WHEN i.programme_id IS NULL THEN 'false' ELSE 'true' END FROM iom_item i \
         JOIN iom m ON m.id = i.iom_id JOIN person p ON p.id = m.person_id ORDER BY p.snils, i.number",
    );
    std::fs::write(
        out.join("steps.csv"),
        format!("snils,number,course\n{}\n", steps.join("\n")),
    )
    .expect("written");
    let _made = python("world.py", &["steps", "--seed", seed, "--out", text(&out)]);
    let _done = v.run(&["iom", "apply", &file("steps-acts.csv")]).ok();
    for (id, of) in (1..).zip(&accounts) {
        for (column, day) in [("valid_from", &of["from"]), ("valid_to", &of["to"])]
            .into_iter()
            .filter(|(_, day)| !day.is_empty())
        {
            v.sql(&format!("UPDATE role_grant SET {column} = '{day}' WHERE id = {id}"));
        }
    }
}

/// Everyone there is, by what a page or an address names them.
struct Everyone {
    names: Vec<String>,
    units: Vec<String>,
    /// Plan and person by СНИЛС.
    plans: BTreeMap<String, String>,
    persons: BTreeMap<String, String>,
}

impl Everyone {
    fn of(v: &Vekha) -> Self {
        let pairs = |select: &str| {
            let rows = v.query(select);
            rows.iter()
                .filter_map(|r| r.split_once('|'))
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .collect()
        };
        Self {
            names: v.query("SELECT last_name FROM person"),
            units: v.query("SELECT code FROM unit WHERE kind = 'organisation'"),
            plans: pairs("SELECT p.snils || '|' || m.id FROM iom m JOIN person p ON p.id = m.person_id"),
            persons: pairs("SELECT snils || '|' || id FROM person"),
        }
    }

    fn named(&self, body: &str) -> BTreeSet<String> {
        self.names
            .iter()
            .filter(|name| body.contains(name.as_str()))
            .cloned()
            .collect()
    }
}

/// The page and those that follow it, as one body, with the number that it says it has found.
fn whole(visitor: &mut Visitor, path: &str) -> (u16, String, Option<usize>) {
    let first = visitor.get(path);
    let found = first.body.split_once("Найдено: ").map(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().expect("a number")
    });
    let mut body = first.body.clone();
    let join = if path.contains('?') { '&' } else { '?' };
    for page in 2..=found.unwrap_or(0).div_ceil(50) {
        let next: Page = visitor.get(&format!("{path}{join}page={page}"));
        assert_eq!(next.status, 200, "{path} {page}");
        body.push_str(&next.body);
    }
    (first.status, body, found)
}

#[derive(Default)]
struct Compared {
    pages: usize,
    people: usize,
    leaks: Vec<String>,
    omissions: Vec<String>,
    wrong: Vec<String>,
}

fn compare(v: &Vekha, seed: u32, compared: &mut Compared) {
    let everyone = Everyone::of(v);
    let server = Server::start(v);
    let mut visitors: BTreeMap<String, Visitor> = BTreeMap::new();
    let expected = rows(&python("count.py", &[text(&v.path("world"))]));
    for row in expected {
        let (login, path, what) = (&row["login"], &row["path"], row["what"].as_str());
        let visitor = visitors
            .entry(login.clone())
            .or_insert_with(|| server.signed_in(login, PASSWORD));
        let place = format!("tree {seed}, {login} {path}");
        if what == "opens" {
            let open: BTreeSet<&str> = row["names"].split(';').filter(|n| !n.is_empty()).collect();
            let of = if path.contains("{plan}") {
                &everyone.plans
            } else {
                &everyone.persons
            };
            for (snils, id) in of {
                compared.pages += 1;
                let page = visitor.get(&path.replace("{plan}", id).replace("{person}", id));
                match (open.contains(snils.as_str()), page.status) {
                    (true, 200) => compared.people += 1,
                    (false, 404) => {}
                    (true, status) => compared.omissions.push(format!("{place}: {snils} answers {status}")),
                    (false, status) => compared.leaks.push(format!("{place}: {snils} answers {status}")),
                }
            }
            continue;
        }
        compared.pages += 1;
        let (status, body, found) = whole(visitor, path);
        let wanted = match what {
            "missing" => 404,
            "hides" if status == 404 => 404,
            "forbidden" => 403,
            _ => 200,
        };
        if status != wanted {
            compared.wrong.push(format!("{place}: {status}, wanted {wanted}"));
        }
        let names: BTreeSet<String> = row["names"]
            .split(' ')
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect();
        if what == "units" {
            let seen: BTreeSet<String> = everyone
                .units
                .iter()
                .filter(|code| body.contains(&format!("Единица {code}.")))
                .cloned()
                .collect();
            compared
                .leaks
                .extend(seen.difference(&names).map(|unit| format!("{place}: {unit}")));
            compared
                .omissions
                .extend(names.difference(&seen).map(|unit| format!("{place}: {unit}")));
            continue;
        }
        let seen = everyone.named(&body);
        compared.people += seen.len();
        compared
            .leaks
            .extend(seen.difference(&names).map(|name| format!("{place}: {name}")));
        if what == "exact" || what == "own" {
            compared
                .omissions
                .extend(names.difference(&seen).map(|name| format!("{place}: {name}")));
            if what == "exact" && found.is_some_and(|n| n != names.len()) {
                compared
                    .wrong
                    .push(format!("{place}: found {found:?} of {}", names.len()));
            }
        }
    }
}

on_both! {
    fn random_trees_show_everyone_who_should_be_seen_and_nobody_else(v: &Vekha) {
        let _migrated = v.run(&["migrate"]).ok();
        let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let today = today().to_string();
        let mut compared = Compared::default();
        let seeds = seeds(v);
        for seed in seeds.clone() {
            // The first installation is migrated; each tree gets a copy of it.
            let tree = v.copy();
            build(&tree, &seed.to_string(), &today);
            compare(&tree, seed, &mut compared);
            let _sound = tree.run(&["check"]).ok();
        }
        println!(
            "{} trees: {} pages, {} people named, {} leaks, {} omissions, {} other differences",
            seeds.len(), compared.pages, compared.people, compared.leaks.len(), compared.omissions.len(), compared.wrong.len()
        );
        let all = [("leak", &compared.leaks), ("omission", &compared.omissions), ("difference", &compared.wrong)];
        let said: Vec<String> = all.iter().flat_map(|(what, of)| of.iter().take(15).map(move |one| format!("{what}: {one}"))).collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
        assert!(compared.people > 1000 * seeds.len() / 2, "{}", compared.people);
    }
}
