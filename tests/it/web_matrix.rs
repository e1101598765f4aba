//! Every route × each role × own, other school, other municipality, other region, missing: what `tests/policy.csv` says,
//! and what the server answers. The table is written from the duties of the roles, not from the program.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use vekha::access::Role;
use vekha::audit::words;
use vekha::db::AnyConn;
use vekha::server::SITEMAP;
use vekha::web::registry::{Audit, Entry, Method, Place};

use crate::matrix_world::{AWAY, KEY, PASSWORD, Things, build, seat};
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};

/// How far a role reaches on a route; each word reaches as far as the one before it and further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// By duty the role's, but its desk is not built yet: forbidden for now, and counted.
    Later,
    /// The desk is the role's, this act on it never is: what it names is hidden.
    Nothing,
    /// The own person, an assigned plan, the own organisation: in this world the first place.
    Own,
    /// The other school of the municipality.
    Municipality,
    /// The other municipality of the region.
    Region,
    /// Whatever there is.
    Everything,
}

impl Reach {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "later" => Self::Later,
            "none" => Self::Nothing,
            "self" | "assigned" | "organisation" => Self::Own,
            "municipality" => Self::Municipality,
            "region" => Self::Region,
            _ => return None,
        })
    }

    /// Whether an object of a place is within; `None` is an object that is not there.
    fn holds(self, place: Option<usize>) -> bool {
        match place {
            None => self == Self::Everything,
            Some(place) => self >= [Self::Own, Self::Municipality, Self::Region, Self::Everything][place],
        }
    }
}

/// A line of the table.
struct Line {
    who: BTreeMap<String, Reach>,
    /// What is answered about an object that is not there: 404, but for routes that take several at once.
    missing: u16,
    /// The same for one of its filters.
    filters: BTreeMap<String, u16>,
}

impl Line {
    fn reach(&self, role: Option<Role>) -> Option<Reach> {
        let own = role.and_then(|r| self.who.get(r.code()).or_else(|| self.who.get("signed_in")));
        own.or_else(|| self.who.get("anyone")).copied()
    }
}

fn table() -> BTreeMap<(String, String), Line> {
    let mut reader = csv::Reader::from_reader(include_str!("../policy.csv").as_bytes());
    let mut table = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a line");
        let who = row[2].split_whitespace().map(|part| match part.split_once('=') {
            Some((role, reach)) => (role.to_owned(), Reach::of(reach).expect(reach)),
            None => (part.to_owned(), Reach::Everything),
        });
        let who: BTreeMap<String, Reach> = who.collect();
        for role in who.keys() {
            let known = Role::from_code(role).is_some() || matches!(role.as_str(), "anyone" | "signed_in");
            assert!(known, "{role} is no role");
        }
        let status = |text: &str| text.parse::<u16>().expect("a status");
        let (filters, plain): (Vec<&str>, Vec<&str>) = row[3].split_whitespace().partition(|p| p.contains('='));
        let filters = filters.iter().filter_map(|p| p.split_once('='));
        let filters = filters.map(|(name, text)| (name.to_owned(), status(text))).collect();
        let missing = plain.first().map_or(404, |text| status(text));
        let line = Line { who, missing, filters };
        let twice = table.insert((row[0].to_owned(), row[1].to_owned()), line);
        assert!(twice.is_none(), "{row:?} stands twice");
    }
    table
}

fn name_of(entry: &Entry) -> (String, String) {
    let method = if entry.method == Method::Get { "GET" } else { "POST" };
    (method.to_owned(), entry.path.to_owned())
}

/// One call about one object.
struct Ask {
    /// The names of the places that this call varies.
    about: Vec<&'static str>,
    path: String,
    fields: Vec<(&'static str, String)>,
    file: Option<(&'static str, String)>,
}

/// The calls of an entry about the objects of a place; none where such an object cannot be in such a place.
fn asks(entry: &Entry, things: &Things, role: Option<Role>, place: Option<usize>) -> Vec<Ask> {
    let mut about: Vec<&'static str> = Vec::new();
    let mut path = entry.path.to_owned();
    for part in [
        "plan",
        "evidence",
        "programme",
        "person",
        "upload",
        "key",
        "sheets",
        "link",
    ] {
        let hole = format!("{{{part}}}");
        if !path.contains(&hole) {
            continue;
        }
        let Some(id) = things.of(part, place) else {
            return Vec::new();
        };
        path = path.replace(&hole, &id);
        about.push(part);
    }
    path = path.replace("/static/{digest}/{name:.*}", &things.file);
    let has = |name: &str| {
        entry
            .ids
            .iter()
            .any(|p| matches!(p, Place::Form(n) | Place::Query(n) if *n == name))
    };
    let get = entry.method == Method::Get;
    let mut found = Vec::new();
    let mut ask = |names: &[&'static str], query: &[(&str, &str)], fields: &[(&'static str, &str)]| {
        let query: Vec<String> = query.iter().map(|(n, v)| format!("{n}={}", code(v))).collect();
        let path = if query.is_empty() {
            path.clone()
        } else {
            format!("{path}?{}", query.join("&"))
        };
        let fields = fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        let about = about.iter().chain(names).copied().collect();
        found.push(Ask {
            about,
            path,
            fields,
            file: None,
        });
    };
    let own = |kind: &str| things.of(kind, Some(0)).expect("an own one");
    let there = |kind: &str| things.of(kind, place);
    match (get, entry.path) {
        (_, "/indicators/{pack}/{code}" | "/indicators/{pack}/{code}/people") => {
            let people = entry.path.ends_with("people");
            let mut query = vec![("period", "2022/23"), ("part", "numerator")];
            query.truncate(if people { 2 } else { 1 });
            let real = |text: &str| text.replace("{pack}", "tyumen").replace("{code}", "3.4");
            let unit = there("unit").expect("a unit");
            ask(&["unit"], &[&query[..], &[("unit", &unit)]].concat(), &[]);
            if place.is_none() {
                let unit = own("unit");
                ask(&["pack"], &[&query[..], &[("unit", &unit)]].concat(), &[]);
                ask(&["code"], &[&query[..], &[("unit", &unit)]].concat(), &[]);
            }
            for one in &mut found {
                let path = match one.about[0] {
                    "pack" => one.path.replace("{pack}", "nothing"),
                    "code" => one.path.replace("{code}", "0"),
                    _ => one.path.clone(),
                };
                one.path = real(&path);
            }
        }
        (true, "/drafting") => {
            let procedure = own("procedure");
            ask(&["procedure"], &[("procedure", &there("procedure").expect("one"))], &[]);
            ask(
                &["unit"],
                &[("procedure", &procedure), ("unit", &there("unit").expect("one"))],
                &[],
            );
        }
        (false, "/drafting") => {
            let (procedure, unit) = (there("procedure").expect("one"), there("unit").expect("one"));
            let wrong = ("expected", "999");
            ask(&["procedure"], &[], &[("procedure", &procedure), ("unit", ""), wrong]);
            ask(
                &["unit"],
                &[],
                &[("procedure", &own("procedure")), ("unit", &unit), wrong],
            );
        }
        (true, "/supporters/assign") => {
            ask(
                &["unit"],
                &[("unit", &there("unit").expect("one")), ("kind", "tutor")],
                &[],
            );
        }
        (false, "/supporters/assign") => {
            let unit = there("unit").expect("one");
            ask(
                &["unit"],
                &[],
                &[("unit", &unit), ("kind", "tutor"), ("expected", "999")],
            );
        }
        (true, "/upload/sample") => ask(&[], &[("kind", "results")], &[]),
        // A file holds no more rows than a person reads.
        (true, "/journal/export") => ask(&[], &[("action", "iom.reopen")], &[]),
        (true, "/diagnostics/procedure") => ask(&["code"], &[("code", &there("procedure").expect("one"))], &[]),
        (true, "/applications/check") => ask(&["id"], &[("id", &there("application").expect("one"))], &[]),
        (true, "/accounts/check") => ask(&["id"], &[("id", &there("colleague").expect("one"))], &[]),
        (true, "/sign-ins") => ask(&["login"], &[("login", &there("login").expect("one"))], &[]),
        (true, "/plans/approved") => {
            let skipped = format!("{}:iom.not_agreed", there("agreed").expect("one"));
            ask(&["skipped"], &[("done", "0"), ("skipped", &skipped)], &[]);
        }
        (true, _) => {
            let names = ["unit", "supporter", "procedure"].map(|name| has(name).then_some(name));
            for name in names.into_iter().flatten() {
                ask(&[name], &[(name, &there(name).expect("one"))], &[]);
            }
            if names == [None; 3] {
                ask(&[], &[], &[]);
            }
        }
        (false, "/role") => {
            let held = role.map_or("", |r| r.code());
            let other = if held == "operator" { "cnppm_head" } else { "operator" };
            let wanted = match place {
                Some(0) => held,
                Some(_) => other,
                None => "nothing",
            };
            ask(&["role"], &[], &[("role", wanted)]);
        }
        (false, "/sign-in") => {
            let login = role.map_or("teacher", |r| r.code());
            ask(&[], &[], &[("login", login), ("password", PASSWORD)]);
        }
        (false, "/view") => ask(&[], &[], &[("size", "size-200"), ("colours", "colours-black")]),
        (false, "/plan/act") => ask(&["item"], &[], &[("act", "begin"), ("item", &own_item(things, place))]),
        (false, "/plan/submit") => {
            ask(
                &["item"],
                &[],
                &[("item", &own_item(things, place)), ("note", "Провела урок")],
            );
            found[0].file = Some(("", String::new()));
        }
        (false, "/review") => {
            let plan = there("plan").expect("one");
            let item = there("item").expect("one");
            ask(
                &["plan", "item"],
                &[],
                &[("plan", &plan), ("item", &item), ("act", "accept")],
            );
        }
        (false, "/people/{plan}/act") => {
            ask(
                &["item"],
                &[],
                &[("act", "accept"), ("item", &there("item").expect("one"))],
            );
        }
        (false, "/people/{plan}/close") => ask(&[], &[], &[("conclusion", "итоги разобраны"), ("sure", "yes")]),
        (false, "/plans/{plan}/act") => ask(&["item"], &[], &[("act", "reopen"), ("reason", "ошибка в итогах")]),
        (false, "/plans/approve") => {
            ask(
                &["plan"],
                &[],
                &[("plan", &there("agreed").expect("one")), ("sure", "yes")],
            );
        }
        (false, "/applications") => {
            ask(
                &["id"],
                &[],
                &[("id", &there("single").expect("one")), ("act", "agree"), ("reason", "")],
            );
        }
        (false, "/applications/bulk") => {
            let key = place.map_or_else(|| KEY.replace('0', "9"), |p| KEY.replace('0', &p.to_string()));
            ask(
                &["id"],
                &[],
                &[("key", &key), ("id", &there("application").expect("one"))],
            );
        }
        (false, "/accounts/sheets") => {
            let own = role.map_or(0, |r| r as usize);
            let key = format!("{:064x}", 0xacc_0000 + 0x10 * own + place.map_or(9, |p| p));
            let id = there("colleague").expect("one");
            ask(&["new"], &[], &[("key", &key), ("new", &id), ("sure", "yes")]);
            ask(&["again"], &[], &[("key", &key), ("again", &id), ("sure", "yes")]);
        }
        (false, "/first-sign-in") => {
            let (login, chosen) = (role.map_or("teacher", |r| r.code()), "лодка плывёт тихо");
            let code = "ABCE-HKMP-TXY2-3456";
            ask(
                &[],
                &[],
                &[
                    ("login", login),
                    ("code", code),
                    ("password", chosen),
                    ("again", chosen),
                ],
            );
        }
        (false, "/sign-ins/close") => ask(&["login"], &[], &[("login", &there("login").expect("one"))]),
        (false, "/accounts/invite") => ask(&["id"], &[], &[("id", &there("colleague").expect("one"))]),
        (false, "/delegations") => ask(
            &[],
            &[],
            &[
                ("role", role.map_or("tutor", |r| r.code())),
                ("who", "nobody"),
                ("from", "01.01.2999"),
                ("to", "02.01.2999"),
                ("reason", ""),
            ],
        ),
        (false, "/delegations/end") => ask(&[], &[], &[("id", "7")]),
        (false, "/sessions/close") => ask(&["id"], &[], &[("id", &there("session").expect("one"))]),
        (false, "/second-step" | "/second-step/first") => {
            ask(&[], &[], &[("half", "1.1.9999999999.ab.cd"), ("code", "000000")])
        }
        (false, "/reset") => ask(&[], &[], &[("login", "nobody")]),
        (false, "/link/{link}") => ask(
            &[],
            &[],
            &[("password", "лодка плывёт тихо"), ("again", "лодка плывёт тихо")],
        ),
        (false, "/account/password") => ask(
            &[],
            &[],
            &[("now", "не тот пароль"), ("password", PASSWORD), ("again", PASSWORD)],
        ),
        (false, "/account/email") => ask(&[], &[], &[("email", "a@b.example"), ("password", "не тот пароль")]),
        (false, "/second-factor") => ask(&[], &[], &[("act", "on"), ("password", "не тот пароль")]),
        (false, "/letters/again") => ask(&["id"], &[], &[("id", &there("letter").expect("one"))]),
        (false, "/upload") => {
            ask(&[], &[], &[("kind", "results")]);
            found[0].file = Some(("итоги.csv", things.sheet.clone()));
        }
        (false, _) => ask(&[], &[], &[]),
    }
    let own_only = matches!(entry.path, "/plan/act" | "/plan/submit") || found.iter().all(|a| a.about.is_empty());
    let same = place.is_some_and(|p| p > 0) && own_only;
    if same { Vec::new() } else { found }
}

/// Steps are named by their number in the own plan: those of other plans have no name here.
fn own_item(things: &Things, place: Option<usize>) -> String {
    things.of("free-item", place).expect("one")
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn send(visitor: &Visitor, entry: &Entry, ask: &Ask, token: &str) -> Page {
    // What a call does to the cookies is not the matter here.
    let mut visitor = visitor.clone();
    let mut fields: Vec<(&str, &str)> = vec![("token", token)];
    fields.extend(ask.fields.iter().map(|(n, v)| (*n, v.as_str())));
    match (entry.method, &ask.file) {
        (Method::Get, _) => visitor.get(&ask.path),
        (Method::Post, _) if !entry.csrf => {
            visitor.ask("POST", &ask.path, &[("Content-Type", "application/csp-report")], "{}")
        }
        (Method::Post, Some((name, sheet))) => {
            let file = (!name.is_empty()).then_some((*name, sheet.as_bytes()));
            visitor.post_file(&ask.path, &fields, file)
        }
        (Method::Post, None) => visitor.post(&ask.path, &fields, &[]),
    }
}

/// What must be equal to the byte: status, address and body. The key of a form is the sender's own and is left out.
fn bytes(page: &Page, ask: &Ask) -> (u16, String, Vec<u8>) {
    let key = ask
        .fields
        .iter()
        .find(|(n, _)| *n == "key")
        .map_or("", |(_, key)| key.as_str());
    let to = page.header("location").to_owned();
    let to = if key.is_empty() { to } else { to.replace(key, "") };
    (page.status, to, page.bytes.clone())
}

/// What acts leave behind.
fn traces(v: &Vekha) -> String {
    let counted = [
        "audit_event",
        "account",
        "iom_act",
        "iom_state",
        "iom",
        "iom_evidence",
        "supporter",
        "upload",
        "import_batch",
        "job",
    ];
    let counts = counted
        .map(|t| format!("(SELECT count(*) FROM {t})"))
        .join(" || '|' || ");
    let applied = "(SELECT count(*) FROM enrolment WHERE state = 'applied')";
    v.query(&format!("SELECT {counts} || '|' || {applied}")).join("")
}

/// A row of the journal.
#[derive(Debug, QueryableByName)]
struct Noted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    action: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    person_id: Option<i64>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    login: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

impl Noted {
    fn is_look(&self) -> bool {
        words::LOOKS.iter().any(|(action, _)| *action == self.action)
    }

    fn is_list(&self) -> bool {
        [words::READ_LIST, "journal.read", "journal.export", "import.errors"].contains(&self.action.as_str())
    }
}

/// The journal as it grows: each call sees what was written since the one before.
struct Journal {
    conn: AnyConn,
    seen: i64,
}

impl Journal {
    fn of(v: &Vekha) -> Self {
        let conn = match v.url().strip_prefix("sqlite:") {
            Some(path) => AnyConn::Sqlite(diesel::SqliteConnection::establish(path).expect("the file opens")),
            None => AnyConn::Pg(diesel::PgConnection::establish(&v.url()).expect("PostgreSQL answers")),
        };
        let mut journal = Self { conn, seen: 0 };
        let _before = journal.news();
        journal
    }

    fn news(&mut self) -> Vec<Noted> {
        let query = format!(
            "SELECT e.id, e.action, e.person_id, a.login, e.detail FROM audit_event e \
             LEFT JOIN account a ON a.id = e.account_id WHERE e.id > {} ORDER BY e.id",
            self.seen
        );
        let mut rows: Result<Vec<Noted>, _> = diesel::sql_query(&query).load(&mut self.conn);
        for _ in 0..50 {
            if rows.is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
            rows = diesel::sql_query(&query).load(&mut self.conn);
        }
        let rows = rows.expect("the journal reads");
        self.seen = rows.last().map_or(self.seen, |row| row.id);
        rows
    }
}

/// What is wrong with the rows that a call has left, by what the registry declares of its route.
fn unlike(entry: &Entry, role: Option<Role>, page: &Page, rows: &[Noted], seen: bool, changed: bool) -> Option<String> {
    let (looks, lists): (usize, usize) = (
        rows.iter().filter(|r| r.is_look()).count(),
        rows.iter().filter(|r| r.is_list()).count(),
    );
    let acts = rows.len() - looks - lists;
    let act = entry.method == Method::Post;
    let shown = matches!(page.status, 200..=299);
    let wanted = match (act, page.status) {
        (false, _) if shown => entry.audit,
        (true, 200 | 422) if seen => entry.shows,
        _ => Audit::None,
    };
    // The own file of a teacher is nobody else's look.
    let wanted = if role == Some(Role::Teacher) && wanted == Audit::Person {
        Audit::None
    } else {
        wanted
    };
    let reads = (usize::from(wanted == Audit::Person), usize::from(wanted == Audit::List));
    // A page that asks before it acts may have been read on the way.
    let on_the_way = act && page.status == 303 && entry.shows != Audit::None && looks + lists <= 1;
    let fine = (looks, lists) == reads || on_the_way;
    let acted = match (act, page.status) {
        (true, 303) if entry.audit == Audit::Act => acts > 0 || !changed,
        _ => acts == 0,
    };
    let sessions = matches!(entry.path, "/sign-in" | "/sign-out" | "/role") && act && page.status == 303;
    let complete = rows.iter().all(|row| {
        let who = role.is_none() || row.login.as_deref() == role.map(Role::code);
        let whose = !row.is_look() || row.person_id.is_some();
        let counted = !row.is_list()
            || row.person_id.is_none() && (row.detail.contains("rows=") || row.action == "import.errors");
        let named = words::ACTIONS.iter().any(|(action, _)| *action == row.action);
        who && whose && counted && named
    });
    let right = fine && acted && complete && (!sessions || acts == 1);
    (!right).then(|| {
        format!(
            "the journal keeps {rows:?}, declared {:?}, {:?}",
            entry.audit, entry.shows
        )
    })
}

/// Whether one is led to where one signs in.
fn is_the_door(page: &Page) -> bool {
    page.header("location").split('?').next() == Some("/sign-in")
}

/// Roles that see numbers, never a name.
const NAMELESS: &[Role] = &[Role::MunicipalAuthority, Role::RegionalAuthority];

#[derive(Default)]
struct Found {
    cells: usize,
    allowed: usize,
    hidden: usize,
    forbidden: usize,
    strangers: usize,
    /// Routes that some role should have and has not yet.
    later: usize,
    /// Rows of the journal that the calls have left.
    noted: usize,
    faults: Vec<String>,
}

const PLACES: [(&str, Option<usize>); 5] = [
    ("missing", None),
    ("own", Some(0)),
    ("school", Some(1)),
    ("municipality", Some(2)),
    ("region", Some(3)),
];

fn walk(v: &Vekha, server: &Server, things: &Things, role: Option<Role>, found: &mut Found) {
    let table = table();
    let who = role.map_or("nobody", |r| r.code());
    let signed_in = || role.map_or_else(|| server.visitor(), |r| server.signed_in(r.code(), PASSWORD));
    let mut visitor = signed_in();
    let mut journal = Journal::of(v);
    let token = visitor.get("/view").token().to_owned();
    for entry in SITEMAP {
        let line = &table[&name_of(entry)];
        let reach = line.reach(role);
        found.later += usize::from(reach == Some(Reach::Later));
        let reach = reach.filter(|r| *r != Reach::Later);
        let mut missing: BTreeMap<Vec<&'static str>, (u16, String, Vec<u8>)> = BTreeMap::new();
        for (word, place) in PLACES {
            for ask in asks(entry, things, role, place) {
                if place.is_none() && ask.about.is_empty() {
                    continue;
                }
                let before = if entry.method == Method::Post {
                    traces(v)
                } else {
                    String::new()
                };
                let page = if matches!(entry.path, "/sign-in" | "/sign-out") && entry.method == Method::Post {
                    let mut other = signed_in();
                    let token = other.get("/view").token().to_owned();
                    let _signed_in = journal.news();
                    send(&other, entry, &ask, &token)
                } else {
                    send(&visitor, entry, &ask, &token)
                };
                let bytes = bytes(&page, &ask);
                if place.is_none() {
                    missing.insert(ask.about.clone(), bytes.clone());
                }
                let (method, path) = name_of(entry);
                let mut fault = |what: &str| {
                    let said = format!(
                        "{who:20} {method:4} {path} {word} {:?}: {what}, said {}",
                        ask.about, page.status
                    );
                    found.faults.push(said);
                };
                let act = entry.method == Method::Post;
                let quiet = |fault: &mut dyn FnMut(&str)| {
                    if act && traces(v) != before {
                        fault("something was written");
                    }
                };
                found.cells += 1;
                let seen = reach.is_some_and(|reach| reach.holds(place) || ask.about.is_empty());
                let rows = journal.news();
                found.noted += rows.len();
                if let Some(said) = unlike(entry, role, &page, &rows, seen, act && traces(v) != before) {
                    fault(&said);
                }
                match reach {
                    None if role.is_none() => {
                        found.strangers += 1;
                        let door = page.status == 303 && is_the_door(&page);
                        if !(door && !act || page.status == 401 && act) {
                            fault("one signs in first");
                        }
                        quiet(&mut fault);
                    }
                    None => {
                        found.forbidden += 1;
                        if page.status != 403 {
                            fault("forbidden");
                        }
                        if missing.get(&ask.about).is_some_and(|m| *m != bytes) {
                            fault("the refusal tells what is there");
                        }
                        quiet(&mut fault);
                    }
                    Some(reach) if !reach.holds(place) && !ask.about.is_empty() => {
                        found.hidden += 1;
                        if missing.get(&ask.about).is_some_and(|m| *m != bytes) {
                            fault("differs from what is not there");
                        }
                        let told = line.filters.get(ask.about[0]).copied().unwrap_or(line.missing);
                        if page.status != told {
                            fault(&format!("hidden ({told})"));
                        }
                        quiet(&mut fault);
                    }
                    Some(reach) => {
                        found.allowed += 1;
                        let fine = match page.status {
                            200..=299 => true,
                            303 => role.is_none() || !is_the_door(&page) || path == "/sign-out",
                            409 | 422 => act,
                            _ => false,
                        };
                        if !fine {
                            fault("allowed");
                        }
                        let nameless = role.is_some_and(|r| NAMELESS.contains(&r));
                        for (n, name) in AWAY.iter().enumerate() {
                            let out = nameless || reach < Reach::Everything && !reach.holds(Some(n));
                            if out && page.body.contains(name) {
                                fault(&format!("names {name}"));
                            }
                        }
                        if act {
                            things.wait_for_work(v);
                            let _by_the_work = journal.news();
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_route_has_its_line_in_the_table() {
    let table = table();
    let routes: BTreeSet<(String, String)> = SITEMAP.iter().map(name_of).collect();
    let lines: BTreeSet<(String, String)> = table.keys().cloned().collect();
    let lacking: Vec<_> = routes.difference(&lines).collect();
    let needless: Vec<_> = lines.difference(&routes).collect();
    assert!(
        lacking.is_empty() && needless.is_empty(),
        "without a line: {lacking:?}; without a route: {needless:?}"
    );
}

on_both! {
    fn every_role_reaches_as_far_as_the_table_says(v: &Vekha) {
        let (server, things) = build(v);
        // Every id of every entry is asked about.
        for entry in SITEMAP {
            let asked: BTreeSet<&str> = asks(entry, &things, None, None).iter().flat_map(|a| a.about.clone()).collect();
            for place in entry.ids {
                let (Place::Path(name) | Place::Query(name) | Place::Form(name)) = place;
                assert!(asked.contains(name), "{} {name}: the matrix does not know it", entry.path);
            }
        }
        let mut found = Found::default();
        walk(v, &server, &things, None, &mut found);
        for role in Role::ALL {
            assert!(seat(*role) > 0);
            walk(v, &server, &things, Some(*role), &mut found);
        }
        println!(
            "{} cells: {} allowed, {} hidden, {} forbidden, {} before signing in; {} routes to come; {} rows of the journal; \
             {} differences",
            found.cells, found.allowed, found.hidden, found.forbidden, found.strangers,
            found.later, found.noted, found.faults.len()
        );
        assert!(found.faults.is_empty(), "{} differences:\n{}", found.faults.len(), found.faults.join("\n"));
        // Codes, ids and counts: no name and no number of a document.
        let secrets = v.query("SELECT snils FROM person WHERE snils IS NOT NULL UNION SELECT last_name FROM person");
        for detail in v.query("SELECT detail FROM audit_event") {
            assert!(secrets.iter().all(|s| !detail.contains(s.as_str())), "{detail}");
        }
        let _sound = v.run(&["check"]).ok();
    }
}
