//! Workbooks made to stop the reader are refused in words, in time, and the process that owns the database never
//! opens them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::import_data::*;
use crate::on_both;
use crate::support::{Backend, Vekha, text};

/// Makes the workbooks in the test's folder: those that are named, or all.
fn make(v: &Vekha, names: &[&str]) {
    let made = Command::new("python3")
        .args(["tests/hostile_workbooks.py", text(&v.path(""))])
        .args(names)
        .status()
        .expect("python3 runs");
    assert!(made.success());
}

/// Highest resident memory of a process so far, KiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Runs an import and watches the memory of the process and of its children: exit, messages, its peak, theirs.
fn watched(v: &Vekha, file: &str) -> (i32, String, u64, u64) {
    let path = v.path(file);
    let child = v
        .command(&["import", "units", text(&path)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vekha starts");
    let id = child.id();
    let watch = std::thread::spawn(move || {
        let (mut own, mut workers) = (0, 0);
        while let Some(now) = peak(id) {
            own = own.max(now);
            let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
            let threads = std::fs::read_dir(format!("/proc/{id}/task"))
                .into_iter()
                .flatten()
                .flatten();
            let mut all: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
            for thread in threads {
                let of = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
                all.extend(of.split_whitespace().map(str::to_owned));
            }
            // A child that is not a program of its own yet still has the memory of the parent, and its command line.
            let line = |id: u32| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            for worker in all.iter().filter_map(|id| id.parse().ok()) {
                if line(worker) != line(id) {
                    workers = workers.max(peak(worker).unwrap_or(0));
                }
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        (own, workers)
    });
    let output = child.wait_with_output().expect("vekha ends");
    let (own, workers) = watch.join().expect("the watch ends");
    let said = String::from_utf8(output.stderr).expect("messages are UTF-8");
    (output.status.code().unwrap_or(-1), said, own, workers)
}

#[test]
fn hostile_workbooks_are_refused_in_words_and_the_parent_stays_small() {
    let v = Vekha::new(Backend::Sqlite);
    make(&v, &[]);
    let _loaded = v.import("units", &csv(&units(), ','));
    let before = tables(&v);
    let calm = v.file("calm.xlsx", "Код;Наименование;Вид;Входит в\n");
    let (_, _, quiet, _) = watched(&v, text(&calm));
    for (file, why) in [
        ("far_corner_cell", "ячейка слишком далеко"),
        ("string_of_a_gibibyte", "распакованная книга слишком велика"),
        ("lying_sizes", "файл"),
        ("a_hundred_thousand_entries", "больше 200 частей"),
        ("document_type", "DOCTYPE"),
        ("millions_of_short_strings", "файл не читается"),
        ("macros", "макросы"),
        ("cut_off", "повреждён"),
        ("old_format", "старый формат"),
        ("no_workbook", "не книга"),
        ("a_sheet_that_never_ends", "повреждён"),
        ("rows_that_go_back", "повреждён"),
        ("long_cell", "32 767"),
    ] {
        let begun = Instant::now();
        let (code, said, own, workers) = watched(&v, &format!("{file}.xlsx"));
        assert_eq!(code, 1, "{file}: {said}");
        assert!(said.contains(why), "{file}: {said}");
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{file}: {:?}",
            begun.elapsed()
        );
        assert!(workers < 512 * 1024, "{file}: the child took {workers} KiB");
        assert!(
            own < quiet + 20 * 1024,
            "{file}: the parent took {own} KiB, {quiet} on a small file"
        );
    }
    assert_eq!(tables(&v), before);
}

#[test]
fn every_cut_of_a_workbook_is_refused_or_read_and_never_stops_the_program() {
    let v = Vekha::new(Backend::Postgres);
    let _loaded = v.import("units", &csv(&units(), ','));
    let whole = std::fs::read(xlsx(&v, "u.xlsx", &units())).expect("the workbook");
    for part in 1..20 {
        let cut = v.file("cut.xlsx", &whole[..whole.len() * part / 20]);
        let answer = import(&v, "units", &cut, &[]).failed();
        assert!(answer.err.contains("файл"), "{}", answer.err);
    }
    // A byte turned over anywhere is a refusal or the same rows; never a crash without words.
    for place in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x41;
        let answer = import(&v, "units", &v.file("turned.xlsx", &bytes), &["--dry-run"]);
        assert!(
            answer.code >= 0 && (answer.code != 1 || !answer.err.is_empty()),
            "{place}: {answer:?}"
        );
    }
}

on_both! {
    fn a_cell_far_away_is_told_by_its_place_and_costs_no_memory(v: &Vekha) {
        make(v, &["far_corner_cell"]);
        let _loaded = v.import("units", &csv(&units(), ','));
        let (code, said, own, workers) = watched(v, "far_corner_cell.xlsx");
        assert!(said.contains("ячейка слишком далеко"), "the reader gave up before it came to the cell: {said}");
        assert_eq!(code, 1, "{said}");
        assert!(workers < 64 * 1024, "{own} KiB, the child took {workers} KiB");
    }
}
