//! Hostile text in what letters are made of: it stays text, in its line, in its letter.

use std::fmt::Write as _;

use crate::mail_sink::{Sink, field};
use crate::on_both;
use crate::support::text;
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const HEADERS: [&str; 10] = [
    "auto-submitted",
    "content-type",
    "date",
    "from",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "subject",
    "to",
];

/// Pieces that break headers, templates and envelopes, in every place of a value, alone and in pairs.
fn hostile(amount: usize) -> Vec<String> {
    let pieces: Vec<String> = [
        "\r\nBcc: evil@evil.example",
        "\nBcc: evil@evil.example",
        "\rBcc: evil@evil.example",
        "\r\n\r\n<h1>evil</h1>",
        "\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
        "\u{85}Bcc: evil@evil.example",
        "\u{2028}Bcc: evil@evil.example",
        "\u{b}X-Evil: 1",
        "\u{c}X-Evil: 1",
        "\0",
        "\u{1b}[31m",
        "\u{202e}live",
        "\u{2066}live\u{2069}",
        "\u{200b}",
        "\u{feff}",
        "%0d%0aBcc: evil@evil.example",
        "=?utf-8?B?DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?=",
        "=?utf-8?Q?=0D=0ABcc:_x?=",
        "{{base}}",
        "{{number}}",
        "{{{x}}}",
        "<script>alert(1)</script>",
        "'; DROP TABLE outbox_mail; --",
        "=HYPERLINK(1)",
        "е\u{301}й\u{306}",
        "👩‍🏫",
        "\u{7f}",
        ";,<>@\"\\",
        "\t",
        "🙂",
        " \r\n\tfolded",
        "\\r\\nBcc: x",
    ]
    .map(str::to_owned)
    .to_vec();
    let long = "Ж".repeat(1 << 19);
    let mut found = vec![
        long.clone(),
        format!("{long}\r\nBcc: evil@evil.example"),
        "a".repeat(1 << 20),
    ];
    for one in &pieces {
        for place in ["{}", "{}-1", "ИОМ-{}", "ИОМ-{}-1"] {
            found.push(place.replace("{}", one));
        }
    }
    for one in &pieces {
        found.extend(
            pieces
                .iter()
                .flat_map(|two| [format!("{one}{two}"), format!("ИОМ {one} {two}")]),
        );
    }
    found.truncate(amount);
    found
}

fn quoted(value: &str) -> String {
    value.replace('\'', "''")
}

on_both! {
    fn a_value_never_leaves_its_line(v: &Vekha) {
        let amount = std::env::var("VEKHA_MAIL_STRINGS").map_or(300, |text| text.parse().expect("a number"));
        let strings = hostile(amount);
        let _migrated = v.run(&["migrate"]).ok();
        let then = "'2026-01-01 00:00:00'";
        let mut sql = String::new();
        for (id, value) in (1..).zip(&strings) {
            let body = serde_json::json!({"number": value, "item": value, "base": "https://evil.example"});
            let kind = ["iom_sent", "iom_submitted", "iom_item_returned", "iom_assigned"][id % 4];
            write!(
                sql,
                "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version, email)
                 VALUES ({id}, 'a{id}', '', 'active', 1, {then}, 1, 'fine.{id}@school.example');
                 INSERT INTO outbox_mail (id, kind, account_id, subject_id, dedup_key, body, state, attempts,
                     next_try_at, message_id, created_at)
                 VALUES ({id}, '{kind}', {id}, {id}, '', '{}', 'waiting', 0, {then}, '{id}@vekha', {then});",
                quoted(&body.to_string())
            )
            .expect("a text");
        }
        v.sql(&sql);
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let letters = sink.letters();
        assert_eq!(letters.len(), strings.len());
        for (id, letter) in (1..).zip(&letters) {
            let letter = letter.clone();
            assert_eq!(letter["headers"], serde_json::json!(HEADERS), "{id}");
            assert_eq!(letter["receivers"], serde_json::json!([format!("fine.{id}@school.example")]), "{id}");
            assert_eq!(field(&letter, "id"), format!("<{id}@vekha>"));
            let subject = field(&letter, "subject");
            let strange = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            assert!(!subject.contains(strange) && subject.chars().count() < 600, "{id}: {subject:?}");
            let body = field(&letter, "body");
            assert!(!body.contains(|c: char| strange(c) && !matches!(c, '\n' | '\r')), "{id}: {body:?}");
            // The page holds what stands in the text, as text.
            let page = field(&letter, "page");
            let addresses = page.matches("<a href=\"https://veha.example/").count();
            assert!(!page.contains("<h1") && page.matches("<a ").count() == addresses && addresses >= 3, "{id}: {page:?}");
            let begins = |line: &str| ["Bcc:", "X-Evil", "MAIL FROM", "<h1>"].iter().any(|h| line.starts_with(h));
            assert!(!body.lines().any(begins), "{id}: a line of its own: {body:?}");
            assert!(body.contains("https://veha.example/") && letter["size"].as_i64() < Some(15_000), "{id}");
            assert!(letter["longest"].as_i64() <= Some(998), "{id}");
        }
    }

    fn a_hostile_code_goes_all_the_way_and_a_hostile_address_nowhere(v: &Vekha) {
        let code = "Д1\r\nBcc: evil@evil.example\r\n\r\nпривет";
        let mut world = World::new();
        world.procedure(1, code, "full", None);
        let mut acts = String::from("snils,act,item,date,by,value,reason\n");
        let addresses = [
            "fine.1@school.example",
            "fine.2@school.example\r\nBcc: evil@evil.example",
            "fine.3@school.example>\r\nRCPT TO:<evil@evil.example",
            "\"fine.4\r\nBcc: evil\"@school.example",
            "fine.5@school.example, evil@evil.example",
            "fine.6@school.example\u{2028}",
        ];
        for n in 1..=6 {
            let region = if n % 2 == 0 { NORTH } else { SOUTH };
            world.teacher(1000 + n, n, region, 2);
            world.passage(1000 + n, region, 1, "full", "2023-02-01", &[(1, 40_000)]);
            world.account(100 + n, &format!("t{n}"), Some(1000 + n), &[("teacher", unit(region, 2))]);
            acts.push_str(&format!("{},send,,2023-02-12,head-{region},,\n", snils(n)));
        }
        for region in [NORTH, SOUTH] {
            world.account(region, &format!("head-{region}"), None, &[("cnppm_head", unit(region, 0))]);
        }
        world.build(v);
        for (n, address) in (1..).zip(addresses) {
            v.sql(&format!("UPDATE account SET email = '{}' WHERE login = 't{n}'", quoted(address)));
        }
        let _drafted = v.run(&["iom", "draft", "--procedure", code, "--as-of", "2023-02-10"]).ok();
        let acts = v.file("acts.csv", acts);
        let _sent = v.run(&["iom", "apply", text(&acts)]).ok();
        let sink = Sink::new(v, &[]);
        let _sent = sink.deliver(v).ok();
        let letters = sink.letters();
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0]["headers"], serde_json::json!(HEADERS));
        assert_eq!(letters[0]["receivers"], serde_json::json!(["fine.1@school.example"]));
        assert!(field(&letters[0], "subject").contains("Bcc: evil@evil.example"), "as text");
        let dead = "SELECT count(*) AS n FROM outbox_mail WHERE state = 'dead' AND last_error = 'адрес записан неверно'";
        assert_eq!(number(v, dead), 5);
    }
}
