//! A reader that goes away: the work is done, and the program ends quietly.

use crate::on_both;
use crate::support::Vekha;
use crate::world::{NORTH, SOUTH, World, draft, number, snils};

/// Runs a command whose output nobody reads: its exit code, and what it said to people.
fn unread(v: &Vekha, arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = v.command(arguments);
    let output = command.stdout(writer).output().expect("vekha starts");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

on_both! {
    fn a_reader_that_goes_away_ends_no_work(v: &Vekha) {
        let mut world = World::new();
        world.procedure(1, "Д1", "full", None);
        world.teacher(1001, 1, NORTH, 2).teacher(2001, 4, SOUTH, 2);
        world.passage(1001, NORTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
        world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 40_000)]);
        world.build(v);
        let drafted = unread(v, &["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-10"]);
        assert_eq!(drafted, (Some(0), String::new()));
        assert_eq!(number(v, "SELECT COUNT(*) AS n FROM iom"), 2, "the plans stand");
        assert_eq!(draft(v, "Д1", "2023-02-10", &[])["drafted"].as_u64(), Some(0));
        let number_of = snils(1);
        for arguments in [
            &["check"][..],
            &["config"],
            &["pack", "list"],
            &["iom", "show", &number_of],
            &["iom", "show", &number_of, "--format", "csv"],
            &["profile", &number_of],
            &["profile", &number_of, "--format", "csv"],
            &["values", "--pack", "chelyabinsk", "--period", "2023"],
            &["people", "--pack", "tyumen", "--indicator", "1.1", "--unit", "С0", "--period", "2022/23"],
        ] {
            let (code, said) = unread(v, arguments);
            assert_eq!((code, said.as_str()), (Some(0), ""), "{arguments:?}");
        }
    }
}
