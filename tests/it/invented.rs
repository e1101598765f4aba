//! An invented world: files made by `tests/counting/generate.py`, brought into an installation by the command line.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Vekha, text, today};

/// Files of a few regions, made from a seed.
pub struct Invented {
    folder: tempfile::TempDir,
    seed: u32,
}

/// Runs a program of `tests/counting`.
#[track_caller]
pub fn python(script: &str, arguments: &[&str]) -> String {
    let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python)
        .arg(format!("tests/counting/{script}"))
        .args(arguments)
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Rows of a CSV text as maps from column to value.
#[track_caller]
pub fn rows(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a CSV row")).collect()
}

impl Invented {
    pub fn new(seed: u32, people: u32) -> Self {
        Self::of_regions(seed, people, 2)
    }

    /// So many people in so many regions.
    pub fn of_regions(seed: u32, people: u32, regions: u32) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (seed_text, people, regions) = (seed.to_string(), people.to_string(), regions.to_string());
        let out = text(folder.path());
        let arguments = [
            "--seed",
            &seed_text,
            "--people",
            &people,
            "--regions",
            &regions,
            "--out",
            out,
        ];
        let _silent = python("generate.py", &arguments);
        Self { folder, seed }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &str {
        text(self.folder.path())
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect(name)
    }

    /// Imports files in the order in which they speak of each other.
    #[track_caller]
    pub fn import(&self, v: &Vekha, kinds: &[&str]) {
        for kind in kinds {
            let answer = v.run(&["import", kind, text(&self.path(&format!("{kind}.csv")))]);
            assert_eq!(answer.code, 0, "{kind}: {}\n{}", answer.out, answer.err);
        }
    }

    /// Procedures whose plans are drafted before the acts of a part.
    pub fn procedures(&self, part: u32) -> Vec<String> {
        let orders = rows(&self.read("orders.csv")).into_iter();
        let of_part = orders.filter(|row| row["part"] == part.to_string());
        of_part.map(|row| row["procedure"].clone()).collect()
    }

    /// Drafts the plans of a part, then writes down what `iom show` says about them.
    #[track_caller]
    pub fn draft(&self, v: &Vekha, part: u32) {
        for procedure in self.procedures(part) {
            let _ = v.run(&["iom", "draft", "--procedure", &procedure]).ok();
        }
        self.write_down_plans(v, part);
    }

    /// Drafts the plans of a part, then asks for those alone who should have got one: a plan of anybody else is told by
    /// the numbers that it moves.
    #[track_caller]
    pub fn draft_quickly(&self, v: &Vekha, part: u32) {
        let today = today().to_string();
        let mut persons = std::collections::BTreeSet::new();
        for procedure in self.procedures(part) {
            let arguments = ["drafts", self.folder(), "--procedure", &procedure, "--on", &today];
            persons.extend(
                rows(&python("count.py", &arguments))
                    .into_iter()
                    .map(|row| row["snils"].clone()),
            );
        }
        for procedure in self.procedures(part) {
            let _ = v.run(&["iom", "draft", "--procedure", &procedure]).ok();
        }
        self.write_down(v, part, persons.into_iter().collect());
    }

    /// Asks for the plans of every diagnosed person: the acts need the numbers of plans and items.
    #[track_caller]
    pub fn write_down_plans(&self, v: &Vekha, part: u32) {
        let profile = python("count.py", &["profile", self.folder(), "--as-of", "2026-01-01"]);
        let mut persons: Vec<String> = rows(&profile).into_iter().map(|row| row["snils"].clone()).collect();
        persons.dedup();
        self.write_down(v, part, persons);
    }

    #[track_caller]
    fn write_down(&self, v: &Vekha, part: u32, persons: Vec<String>) {
        let mut shown = String::new();
        for snils in &persons {
            let answer = v.run(&["iom", "show", snils, "--format", "csv"]).ok();
            let (header, lines) = answer.out.split_once('\n').unwrap_or((&answer.out, ""));
            if shown.is_empty() {
                shown = format!("snils,{header}\n");
            }
            for line in lines.lines() {
                shown.push_str(&format!("{snils},{line}\n"));
            }
        }
        std::fs::write(self.path(&format!("plans-{part}.csv")), shown).expect("plans are written down");
    }

    /// Invents the acts of a part and opens the accounts of those who act.
    #[track_caller]
    pub fn acts(&self, v: &Vekha, part: u32) -> PathBuf {
        let opened = if part == 1 {
            0
        } else {
            rows(&self.read("accounts.csv")).len()
        };
        let (seed, number) = (self.seed.to_string(), part.to_string());
        let _silent = python(
            "generate.py",
            &["--seed", &seed, "--out", self.folder(), "--acts", &number],
        );
        for row in &rows(&self.read("accounts.csv"))[opened..] {
            let mut arguments = vec![
                "user",
                "add",
                &row["login"],
                "--role",
                &row["role"],
                "--unit",
                &row["unit"],
            ];
            if !row["snils"].is_empty() {
                arguments.extend(["--snils", &row["snils"]]);
            }
            let _ = v.run(&arguments).ok();
        }
        self.path(&format!("acts-{part}.csv"))
    }
}
