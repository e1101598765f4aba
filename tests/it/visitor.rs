//! A visitor without a browser: a running server, plain HTTP, a cookie jar, forms sent as they stand on the page.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::Vekha;

/// A running server; it ends with the test.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Server {
    pub fn start(v: &Vekha) -> Self {
        Self::start_with(v, |_| {})
    }

    /// The same with more settings.
    pub fn start_with(v: &Vekha, settings: impl FnOnce(&mut Command)) -> Self {
        let mut command = v.command(&["serve", "--listen", "127.0.0.1:0"]);
        settings(&mut command);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("vekha starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("the first line");
        let address = line
            .trim()
            .rsplit_once("http://")
            .expect("an address")
            .1
            .trim_end_matches('/');
        Self {
            address: address.to_owned(),
            child,
        }
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Someone who has not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor {
            address: self.address.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// Someone who has.
    #[track_caller]
    pub fn signed_in(&self, login: &str, password: &str) -> Visitor {
        let mut visitor = self.visitor();
        let page = visitor.get("/sign-in");
        let answer = visitor.send(&page, "/sign-in", &[("login", login), ("password", password)]);
        assert_eq!(answer.status, 303, "{login}: {}", answer.body);
        visitor
    }
}

/// A visitor with its cookies.
#[derive(Clone)]
pub struct Visitor {
    pub address: String,
    pub cookies: BTreeMap<String, String>,
}

/// What was answered.
#[must_use]
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The token of the page's forms.
    #[track_caller]
    pub fn token(&self) -> &str {
        let (_, rest) = self.body.split_once("name=\"token\" value=\"").expect("a form");
        rest.split_once('"').expect("its end").0
    }

    /// The version in the form with these fields, of this address if there is one: two forms of a step carry the same.
    /// Nothing where the fields hold one or no form is like them.
    fn seen(&self, path: &str, fields: &[(&str, &str)]) -> Option<&str> {
        if fields.iter().any(|(name, _)| *name == "seen") {
            return None;
        }
        let action = format!("action=\"{path}\"");
        let forms = || {
            self.body
                .split("<form")
                .skip(1)
                .filter_map(|rest| rest.split("</form>").next())
        };
        let own = forms().filter(|form| form.contains(&action));
        let of_step = |form: &&str| {
            fields
                .iter()
                .any(|(name, given)| *name == "item" && hidden(form, name) == Some(given))
        };
        own.chain(forms().filter(of_step))
            .find_map(|form| seen_in(form, fields))
    }
}

/// The value of a hidden field of a form.
fn hidden<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = form.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?;
    rest.split('"').next()
}

/// The version that a form carries, if its hidden fields are those that are given.
fn seen_in<'a>(form: &'a str, fields: &[(&str, &str)]) -> Option<&'a str> {
    let mut seen = hidden(form, "seen")?;
    for (name, given) in fields {
        let Some(own) = hidden(form, name).filter(|own| own != given) else {
            continue;
        };
        // A step with the version of its own.
        seen = own.split_once('.').filter(|(number, _)| number == given)?.1;
    }
    Some(seen)
}

impl Visitor {
    pub fn get(&mut self, path: &str) -> Page {
        self.ask("GET", path, &[], "")
    }

    /// Sends a form with the token of a page, and with the version that its form there carries, as a browser does.
    pub fn send(&mut self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut all = vec![("token", page.token())];
        all.extend(fields);
        all.extend(page.seen(path, fields).map(|seen| ("seen", seen)));
        self.post(path, &all, &[])
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body: Vec<String> = fields
            .iter()
            .map(|(n, v)| format!("{}={}", quoted(n), quoted(v)))
            .collect();
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.ask("POST", path, &all, body.join("&"))
    }

    /// Sends a form with a file: its name and its bytes.
    pub fn send_file(&mut self, page: &Page, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Page {
        let mut all = vec![("token", page.token())];
        all.extend(fields);
        all.extend(page.seen(path, fields).map(|seen| ("seen", seen)));
        self.post_file(path, &all, file)
    }

    pub fn post_file(&mut self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        // A browser sends an empty part without a name when nothing was chosen.
        let (name, bytes) = file.unwrap_or(("", b""));
        let head = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--limit--\r\n");
        self.ask(
            "POST",
            path,
            &[("Content-Type", "multipart/form-data; boundary=limit")],
            body,
        )
    }

    pub fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Page {
        let body = body.as_ref();
        let mut stream = TcpStream::connect(&self.address).expect("the server answers");
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\n",
            self.address,
            cookies.join("; ")
        );
        if !headers.iter().any(|(name, _)| *name == "Content-Length") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("sent");
        // A server that refuses a long body may close before it has read all of it.
        let _refused = stream.write_all(body);
        let mut bytes = Vec::new();
        // A server that refuses a long body may close before it has read all of it; what it said still arrives.
        let _closed = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        let mut found = BTreeMap::new();
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, rest) = value.split_once('=').expect("a cookie");
                let value = rest.split(';').next().unwrap_or("");
                if rest.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
                found.insert(format!("set-cookie {name}"), rest.to_owned());
            } else {
                found.insert(name.to_lowercase(), value.to_owned());
            }
        }
        Page {
            status,
            headers: found,
            body: body.to_owned(),
            bytes: bytes[bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a body") + 4..].to_vec(),
        }
    }
}

fn quoted(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
