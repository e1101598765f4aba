//! House rules: the order of the stages, the names of files, one language of refusals.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The base may be imported by everyone and imports no stage.
const BASE: &[&str] = &[
    "app", "audit", "clock", "config", "db", "error", "finding", "jobs", "mail", "messages", "pages", "planted", "web",
];

/// Stages from top to bottom: a stage imports only what stands above it.
const STAGES: &[&str] = &[
    "exchange",
    "units",
    "people",
    "access",
    "competence",
    "catalogue",
    "diagnostics",
    "profile",
    "iom",
    "enrolment",
    "activity",
    "facts",
    "indicators",
    "cycle",
];

/// What may import everything; `app` registers the commit hooks of the stages.
const ABOVE_ALL: &[&str] = &["app", "cli", "desk", "flow", "lib", "main", "server"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("src is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), std::fs::read_to_string(&path).expect("a text file")));
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("src"), &mut found);
    found
}

/// `src/iom/draft.rs` belongs to `iom`.
fn module(path: &Path) -> String {
    let first = path
        .components()
        .nth(1)
        .expect("below src")
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            match rest.strip_prefix('{') {
                None => vec![name],
                Some(group) => {
                    let mut depth = 0;
                    let mut names = vec![String::new()];
                    for c in group.chars() {
                        match c {
                            '{' => depth += 1,
                            '}' if depth == 0 => break,
                            '}' => depth -= 1,
                            ',' if depth == 0 => names.push(String::new()),
                            c if depth == 0 => names.last_mut().expect("one at least").push(c),
                            _ => {}
                        }
                    }
                    names
                        .iter()
                        .map(|n| n.trim().split("::").next().unwrap_or("").to_owned())
                        .collect()
                }
            }
        })
        .collect()
}

#[test]
fn a_stage_imports_only_what_stands_above_it() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if ABOVE_ALL.contains(&own.as_str()) {
            continue;
        }
        let place = STAGES.iter().position(|s| *s == own);
        assert!(
            place.is_some() || BASE.contains(&own.as_str()),
            "{}: no place in the order of stages",
            path.display()
        );
        for name in imports(&text) {
            let Some(target) = STAGES.iter().position(|s| *s == name) else {
                continue;
            };
            if place.is_none_or(|own| target > own) {
                wrong.push(format!("{} imports {name}, which stands below it", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_the_journal_has_words() {
    use vekha::desk::journal::words::{DIGESTS, KEYS};
    let known = |key: &str| KEYS.iter().any(|(k, _)| *k == key) || DIGESTS.contains(&key);
    let mut wrong = BTreeSet::new();
    for (path, text) in sources() {
        // Names of filters become codes of a list that was read.
        let filters = text
            .split("List::of(&call, &[")
            .skip(1)
            .chain(text.split("const FILTERS: &[&str] = &[").skip(1));
        for list in filters.filter_map(|rest| rest.split(']').next()) {
            let names = list.split('"').skip(1).step_by(2).filter(|name| !known(name));
            wrong.extend(names.map(|name| format!("{}: {name}", path.display())));
        }
        for line in text
            .lines()
            .filter(|line| line.contains("detail") || line.contains("looked::"))
        {
            for literal in line
                .split('"')
                .skip(1)
                .step_by(2)
                .filter(|literal| literal.contains("={"))
            {
                let keys = literal
                    .split(' ')
                    .filter_map(|part| part.split_once("={"))
                    .map(|(key, _)| key);
                wrong.extend(
                    keys.filter(|key| !known(key))
                        .map(|key| format!("{}: {key}", path.display())),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_file_is_empty_and_none_has_a_drawer_for_a_name() {
    for (path, text) in sources() {
        assert!(
            text.starts_with("//!"),
            "{}: says what it is for on its first line",
            path.display()
        );
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(
            !["utils", "helpers", "common", "manager", "service", "prelude"].contains(&name.as_str()),
            "{}: a name from the domain, please",
            path.display()
        );
    }
}

#[test]
fn every_refusal_has_a_sentence_and_every_sentence_is_raised() {
    let mut raised = BTreeSet::new();
    for (path, text) in sources() {
        if path.ends_with("messages.rs") {
            continue;
        }
        for rest in text.split("Refusal::new(").skip(1) {
            let rest = rest.trim_start();
            let code = rest
                .strip_prefix('"')
                .and_then(|r| r.split('"').next())
                .unwrap_or_else(|| {
                    panic!(
                        "{}: Refusal::new takes a literal code: {}",
                        path.display(),
                        &rest[..rest.len().min(40)]
                    )
                });
            raised.insert(code.to_owned());
        }
    }
    let said: BTreeSet<String> = vekha::messages::TABLE
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    assert_eq!(said.len(), vekha::messages::TABLE.len(), "a code stands twice");
    let silent: Vec<_> = raised.difference(&said).collect();
    let unused: Vec<_> = said.difference(&raised).collect();
    assert!(
        silent.is_empty() && unused.is_empty(),
        "without a sentence: {silent:?}; never raised: {unused:?}"
    );
}

#[test]
fn every_act_of_the_journal_has_a_name_and_no_name_lies_idle() {
    const AREAS: &[&str] = &[
        "access",
        "activity",
        "cycle",
        "desk",
        "diagnostics",
        "enrolment",
        "import",
        "indicator",
        "indicators",
        "iom",
        "journal",
        "mail",
    ];
    // The key of a setting, and a name of no server.
    const OTHERWISE: &[&str] = &["mail.outage", "mail.example"];
    let refusals: BTreeSet<&str> = vekha::messages::TABLE.iter().map(|(code, _)| *code).collect();
    let is_act = |literal: &str| {
        let letters = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let parts = literal.split_once('.');
        parts.is_some_and(|(area, verb)| AREAS.contains(&area) && letters(verb))
    };
    let mut written = BTreeSet::new();
    for (path, text) in sources() {
        let names = path.ends_with("audit/words.rs");
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            // The table itself writes nothing; its constants are used by those who do.
            if path.ends_with("messages.rs") || names && !line.contains("const ") {
                continue;
            }
            let literals = line.split('"').skip(1).step_by(2);
            written.extend(
                literals
                    .filter(|l| is_act(l) && !refusals.contains(l) && !OTHERWISE.contains(l))
                    .map(str::to_owned),
            );
        }
    }
    // A refusal and an act may bear one code.
    written.insert("access.email".to_owned());
    let named: BTreeSet<String> = vekha::audit::words::ACTIONS
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    assert_eq!(named.len(), vekha::audit::words::ACTIONS.len(), "an act stands twice");
    let nameless: Vec<_> = written.difference(&named).collect();
    let idle: Vec<_> = named.difference(&written).collect();
    assert!(
        nameless.is_empty() && idle.is_empty(),
        "without a name: {nameless:?}; never written: {idle:?}"
    );
    for (code, _) in vekha::audit::words::LOOKS {
        assert!(named.contains(*code), "{code}");
    }
}

#[test]
fn every_letter_that_is_queued_has_its_words_and_no_words_lie_idle() {
    // A kind is the second argument of `letter(event, …)`, or the field `kind` of a `Letter { … }`.
    let mut queued = BTreeSet::new();
    for (path, text) in sources() {
        if path.ends_with("mail/texts.rs") {
            continue;
        }
        for (begin, field) in [("letter(event, ", "\""), ("Letter {", "kind: \"")] {
            let calls = text.split(begin).skip(1);
            let named = calls.filter_map(|rest| rest.trim_start().strip_prefix(field)?.split_once('"'));
            queued.extend(named.map(|(kind, _)| kind.to_owned()));
        }
        // Letters about accounts have names of their own that stand for nothing else.
        let accounts = text.split("\"access_").skip(1).filter_map(|rest| rest.split_once('"'));
        queued.extend(accounts.map(|(kind, _)| format!("access_{kind}")));
    }
    let folders: BTreeSet<String> = std::fs::read_dir("templates/mail")
        .expect("letters are there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!queued.is_empty());
    assert_eq!(queued, folders);
    for folder in folders {
        assert!(
            vekha::mail::texts::text(&folder, "{}", "").is_some(),
            "{folder} is not part of the program"
        );
    }
}

#[test]
fn the_project_names_nothing_beside_it() {
    for folder in ["src", "tests", "docs", "seeds", "templates", "migrations"] {
        let found = std::process::Command::new("grep")
            .args([
                "-rIlE",
                "shared/|design[.]md|domain[.]md|quality[.]md|stack[.]md|style[.]md",
                folder,
            ])
            .args(["--exclude-dir=.work", "--exclude=house.rs"])
            .output()
            .expect("grep runs");
        let names = String::from_utf8_lossy(&found.stdout).into_owned();
        assert!(
            names.is_empty(),
            "names documents that are not part of the project: {names}"
        );
    }
}

#[test]
fn one_set_of_ciphers_is_linked() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = std::process::Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"])
        .output()
        .expect("cargo starts");
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("aws-lc-rs") && names.contains("lettre"), "{tree}");
    for other in [
        "ring",
        "native-tls",
        "openssl",
        "openssl-sys",
        "rustls-platform-verifier",
    ] {
        assert!(!names.contains(other), "{other} is linked beside aws-lc-rs");
    }
}

#[test]
fn every_planted_fault_is_seen_red_and_the_program_knows_none() {
    let table = std::fs::read_to_string("tests/planted_builds").expect("the table of faults");
    let mut names = BTreeSet::new();
    for (_, text) in sources() {
        for rest in text.split("planted!(\"").skip(1) {
            let within = rest.split(')').next().unwrap_or("");
            names.extend(within.split('"').filter(|part| part.contains('_')).map(str::to_owned));
        }
    }
    names.extend(["answer_before_commit", "two_transactions"].map(str::to_owned));
    assert!(names.len() > 20, "{names:?}");
    for name in &names {
        let line = table.lines().any(|line| line.starts_with(&format!("{name} ")));
        assert!(line, "{name}: no line in tests/planted_builds");
    }
    let found = std::process::Command::new("grep")
        .args([
            "-aoF",
            &names.into_iter().collect::<Vec<_>>().join("\n"),
            env!("CARGO_BIN_EXE_vekha"),
        ])
        .output()
        .expect("grep runs");
    let known = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(known.is_empty(), "stands in a program for people: {known}");
}
