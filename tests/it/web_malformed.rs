//! Requests that no page of ours sends: every route answers them in its own words, never with a fault of the server.

use std::collections::BTreeMap;

use vekha::server::SITEMAP;
use vekha::web::registry::{Cost, Method};

use crate::on_both;
use crate::visitor::{Server, Visitor};
use crate::web::{PASSWORD, plan_of, world};
use crate::world::number;

/// Answers that a route may give to whatever comes; each is a page or a line that says what to do.
const ANSWERS: &[u16] = &[
    200, 204, 303, 400, 401, 403, 404, 405, 409, 411, 413, 414, 422, 429, 431,
];

/// Who asks: each has doors of its own.
const ASKERS: &[&str] = &["operator", "head", "teacher", "tutor", "director", "methodist", "admin"];

/// What stands for an id, a code or a name in a path.
fn parts() -> Vec<String> {
    let mut parts: Vec<String> = [
        "x",
        "0",
        "-1",
        "7",
        "9223372036854775807",
        "9223372036854775808",
        "1e9",
        "%00",
        "%ff%fe",
        "..%2f..%2fetc",
        "%2e%2e",
        "'%20OR%201=1--",
        "%3Cscript%3E",
        "%E2%80%AE",
        "%D0%B9",
        "1%0d%0aX-Evil:%201",
        "+7",
        "07",
        "7;7",
        "%20",
    ]
    .map(str::to_owned)
    .to_vec();
    parts.push("9".repeat(3000));
    parts
}

/// Queries that no link of ours has.
fn queries() -> Vec<String> {
    let mut queries: Vec<String> = [
        "x=1",
        "page=-1",
        "page=99999999999999999999",
        "page=1&page=2",
        "q=%00",
        "q=%ff",
        "%ff=1",
        "=",
        "&&&",
        "q",
        "unit=%D0%AE2",
        "state=x",
        "token=x",
        "period=zz",
        "unit=zz&period=zz",
        "kind=x",
        "done=%3Cb%3E",
        "code=%27",
        "q=%25%5F%5C",
        "from=99.99.9999",
        "to=x",
        "next=//evil.example",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.push(format!("q={}", "%D0%B6".repeat(900)));
    queries.push(vec!["q=1"; 400].join("&"));
    queries
}

/// Bodies with the media type that they claim.
fn bodies(token: &str) -> Vec<(&'static str, Vec<u8>)> {
    let form = "application/x-www-form-urlencoded";
    vec![
        (form, b"".to_vec()),
        (form, format!("token={token}").into_bytes()),
        (form, format!("token={token}&token={token}").into_bytes()),
        (form, format!("token={token}&x=1").into_bytes()),
        (form, format!("token={token}&act=send&act=agree").into_bytes()),
        (form, format!("token={token}&act=%00&item=%ff").into_bytes()),
        (
            form,
            format!("token={token}&item=9999999999999999999999&act=accept").into_bytes(),
        ),
        (
            form,
            format!("token={token}&id=-1&plan=x&expected=-1&sure=yes").into_bytes(),
        ),
        (
            form,
            format!("token={token}&reason={}", "z".repeat(20_000)).into_bytes(),
        ),
        (
            form,
            format!("token={token}&{}", vec!["plan=7"; 5_000].join("&")).into_bytes(),
        ),
        (form, vec![0xff; 300]),
        (form, vec![b'='; 70_000]),
        ("application/json", b"{\"act\":\"send\"}".to_vec()),
        ("text/plain", format!("token={token}").into_bytes()),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n".to_vec()),
        ("multipart/form-data", format!("token={token}").into_bytes()),
        ("multipart/form-data; boundary=", b"----".to_vec()),
        ("", format!("token={token}").into_bytes()),
    ]
}

/// Heads that browsers do not write.
fn heads() -> Vec<(&'static str, String)> {
    let long = "z".repeat(7000);
    vec![
        ("Accept-Encoding", "gzip;q=zz, br, *;q=-1".into()),
        ("Accept-Language", long.clone()),
        ("Range", "bytes=0-1,5-9,-3".into()),
        ("If-None-Match", "\"x\", W/\"y\"".into()),
        ("If-Modified-Since", "yesterday".into()),
        ("X-Forwarded-For", "1.1.1.1, ::1, evil".into()),
        ("X-Forwarded-Host", "evil.example".into()),
        ("Forwarded", "for=evil;host=evil.example".into()),
        ("X-HTTP-Method-Override", "DELETE".into()),
        ("Origin", "null".into()),
        ("Sec-Fetch-Site", "cross-site".into()),
        ("Referer", "javascript:alert(1)".into()),
        ("Content-Encoding", "gzip".into()),
        ("Expect", "200-maybe".into()),
        ("Cookie", "__Host-vekha=x; __Host-vekha=y; =; ;;".into()),
        ("Cookie", format!("__Host-view={long}")),
        ("HX-Request", "maybe".into()),
        ("User-Agent", long),
    ]
}

struct Asked {
    /// One of so many is asked: the same door stands before both databases, and one of them is asked everything.
    one_in: usize,
    turn: usize,
    answers: BTreeMap<u16, usize>,
    wrong: Vec<String>,
}

impl Asked {
    fn ask(&mut self, who: &mut Visitor, method: &str, path: &str, heads: &[(&str, &str)], body: &[u8]) {
        self.turn += 1;
        if !self.turn.is_multiple_of(self.one_in) {
            return;
        }
        let cookies = who.cookies.clone();
        let answer = who.ask(method, path, heads, body);
        // What such a request sets or takes away is not kept: the next one is asked by the same visitor.
        who.cookies = cookies;
        *self.answers.entry(answer.status).or_default() += 1;
        let page = answer.header("content-type").starts_with("text/html");
        let told = !page || method == "HEAD" || answer.body.contains("<h1");
        if !ANSWERS.contains(&answer.status) || !told {
            let short: String = path.chars().take(120).collect();
            self.wrong
                .push(format!("{method} {short} {heads:?}: {}", answer.status));
        }
    }
}

on_both! {
    fn no_request_is_a_fault_of_the_server(v: &Vekha) {
        world(v);
        let before = [number(v, "SELECT count(*) AS n FROM iom_act"), number(v, "SELECT count(*) AS n FROM person")];
        let server = Server::start(v);
        let plan = plan_of(v, 1001).to_string();
        let mut visitors: Vec<Visitor> = ASKERS.iter().map(|login| server.signed_in(login, PASSWORD)).collect();
        visitors.push(server.visitor());
        let one_in = if v.url().starts_with("sqlite:") { 1 } else { 3 };
        let mut asked = Asked { one_in, turn: 0, answers: BTreeMap::new(), wrong: Vec::new() };
        let routes: Vec<_> = SITEMAP.iter().filter(|e| !matches!(e.path, "/sign-out" | "/sign-in")).collect();

        let mut turn = 0;
        for entry in &routes {
            let own = entry.path.replace("{plan}", &plan);
            let known = fill(&own, "7");
            let get = entry.method == Method::Get;
            let method = if get { "GET" } else { "POST" };
            // Each malformed thing meets the handler through somebody who may, and the door through everyone in turn.
            let may = |who: &mut Visitor| {
                let token = format!("token={}", who.clone().get("/view").token());
                let media = ("Content-Type", "application/x-www-form-urlencoded");
                !matches!(who.clone().ask(method, &known, &[media], token).status, 401 | 403)
            };
            let insider = visitors.iter_mut().position(may);
            let mut next = || {
                turn += 1;
                insider.filter(|_| turn % 2 == 0).unwrap_or(turn / 2 % (ASKERS.len() + 1))
            };
            for part in parts().iter().filter(|_| own.contains('{')) {
                asked.ask(&mut visitors[next()], method, &fill(&own, part), &[], b"");
            }
            for query in queries() {
                asked.ask(&mut visitors[next()], method, &format!("{known}?{query}"), &[], b"");
            }
            for (name, value) in heads() {
                asked.ask(&mut visitors[next()], method, &known, &[(name, value.as_str())], b"");
            }
            for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", if get { "POST" } else { "GET" }] {
                asked.ask(&mut visitors[next()], method, &known, &[], b"");
            }
            if entry.cost == Cost::Free || get {
                continue;
            }
            // A form is met by whoever may send it too: with the right token the handler itself is reached.
            for asker in &mut visitors {
                let token = asker.get("/view").token().to_owned();
                for (media, body) in bodies(&token) {
                    let media = Some(("Content-Type", media)).filter(|(_, media)| !media.is_empty());
                    asked.ask(asker, "POST", &known, media.as_slice(), &body);
                }
            }
        }
        assert!(asked.wrong.is_empty(), "{} of {:?}:\n{}", asked.wrong.len(), asked.answers, asked.wrong[..asked.wrong.len().min(40)].join("\n"));
        assert!(asked.answers.values().sum::<usize>() >= routes.len() * 50 / one_in, "{:?}", asked.answers);
        // It lives, nobody lost the session, nothing was done.
        assert_eq!(visitors[0].get("/indicators").status, 200);
        let after = [number(v, "SELECT count(*) AS n FROM iom_act"), number(v, "SELECT count(*) AS n FROM person")];
        assert_eq!(after, before);
        drop(server);
    }
}

/// The path with every part that is left filled in.
fn fill(path: &str, part: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(part);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled + rest
}
