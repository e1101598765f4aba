//! Every route × each actor × every spot of the world: what `tests/policy.csv` says, and what the server answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use vekha::access::Role;
use vekha::server::SITEMAP;
use vekha::web::registry::{Capability, Entry, Method, Place};

use crate::matrix_asks::{Ask, asks, bytes, send};
use crate::matrix_journal::{Journal, unlike};
use crate::matrix_table::{Line, Reach, name_of, table};
use crate::matrix_world::{AWAY, COLLEAGUE, PAIRS, PASSWORD, SPOTS, Spot, Things, build, head_who_teaches, seat};
use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};

/// Roles that see numbers, never a name.
const NAMELESS: &[Role] = &[Role::MunicipalAuthority, Role::RegionalAuthority];

/// Routes about whoever asks: they name nothing of others.
const ABOUT_ONESELF: [&str; 5] = [
    "/plan/act",
    "/plan/submit",
    "/role",
    "/courses/{programme}/applied",
    "/my-diagnostics/answer",
];

/// Who asks.
struct Actor {
    /// For what is wrong.
    name: String,
    login: String,
    /// The role in use, if one is in force.
    role: Option<Role>,
    /// Whether there is no session that holds.
    stranger: bool,
    /// The place of the own person and of what is assigned.
    own: Option<usize>,
}

impl Actor {
    fn of(name: &str, role: Option<Role>) -> Self {
        Self {
            name: name.to_owned(),
            login: name.to_owned(),
            role,
            stranger: false,
            own: Some(0),
        }
    }

    fn stranger(login: &str) -> Self {
        Self {
            stranger: true,
            ..Self::of(login, None)
        }
    }

    /// Everyone: nobody, each role, who was invited or suspended, whose role is over or has not begun, who holds two.
    fn all() -> Vec<Self> {
        let mut all = vec![
            Self::stranger("nobody"),
            Self::stranger("invited"),
            Self::stranger("suspended"),
        ];
        all.extend(Role::ALL.iter().map(|role| Self::of(role.code(), Some(*role))));
        all.extend(["expired", "not-begun"].map(|login| Self::of(login, None)));
        let teaches = head_who_teaches();
        let pairs = PAIRS.iter().map(|(login, roles)| (*login, *roles, None));
        for (login, roles, own) in pairs.chain([(teaches.as_str(), ["teacher", "school_head"], Some(COLLEAGUE))]) {
            all.extend(roles.map(|role| Self {
                name: format!("{login} as {role}"),
                login: login.to_owned(),
                role: Role::from_code(role),
                stranger: false,
                own,
            }));
        }
        all
    }

    /// Signs in as far as this one can.
    fn enter(&self, v: &Vekha, server: &Server) -> Visitor {
        let mut visitor = server.visitor();
        let page = visitor.get("/sign-in");
        let sign_in = |visitor: &mut Visitor| {
            let fields = [("login", self.login.as_str()), ("password", PASSWORD)];
            visitor.send(&page, "/sign-in", &fields).status
        };
        match self.login.as_str() {
            "nobody" => {}
            "invited" => assert_ne!(sign_in(&mut visitor), 303, "who has no password yet"),
            "suspended" => {
                v.sql("UPDATE account SET state = 'active' WHERE login = 'suspended'");
                assert_eq!(sign_in(&mut visitor), 303);
                v.sql("UPDATE account SET state = 'suspended' WHERE login = 'suspended'");
                assert_ne!(sign_in(&mut visitor.clone()), 303, "who is suspended");
            }
            _ => {
                assert_eq!(sign_in(&mut visitor), 303, "{}", self.name);
                if let Some(role) = self.role {
                    let page = visitor.get("/view");
                    assert_eq!(visitor.send(&page, "/role", &[("role", role.code())]).status, 303);
                }
            }
        }
        visitor
    }

    /// As the table knows it.
    fn who(&self) -> Option<Option<Role>> {
        (!self.stranger).then_some(self.role)
    }

    /// What the calls are told of it.
    fn by(&self) -> (Option<Role>, &str) {
        (self.role, if self.stranger { "" } else { &self.login })
    }

    /// Whether what lies in a spot is within a reach.
    fn holds(&self, entry: &Entry, reach: Reach, spot: &Spot) -> bool {
        let needs = match spot.place {
            Some(0) if ABOUT_ONESELF.contains(&entry.path) => Reach::Own,
            Some(place) if Some(place) == self.own => Reach::Own,
            // Its numbers are of one organisation; those of a territory are the page without a unit.
            Some(8..=12) if entry.path == "/coverage" => return false,
            Some(0) => Reach::Organisation,
            _ => spot.needs,
        };
        reach >= needs
    }
}

#[derive(Default)]
struct Found {
    cells: usize,
    allowed: usize,
    hidden: usize,
    forbidden: usize,
    strangers: usize,
    /// Acts that the state of the plan forbids.
    refused: usize,
    /// Routes that some role should have and has not yet.
    later: usize,
    /// Rows of the journal that the calls have left.
    noted: usize,
    /// Cells that let through and cells that did not, by capability.
    by_capability: BTreeMap<Capability, (usize, usize)>,
    faults: Vec<String>,
}

impl Found {
    /// What was found in several worlds.
    fn together(worlds: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for one in worlds {
            all.cells += one.cells;
            all.allowed += one.allowed;
            all.hidden += one.hidden;
            all.forbidden += one.forbidden;
            all.strangers += one.strangers;
            all.refused += one.refused;
            all.later += one.later;
            all.noted += one.noted;
            for (capability, (allowed, denied)) in one.by_capability {
                let sum = all.by_capability.entry(capability).or_default();
                *sum = (sum.0 + allowed, sum.1 + denied);
            }
            all.faults.extend(one.faults);
        }
        all
    }
}

/// What the answers about nothing were, by what was asked about.
type Missing = BTreeMap<Vec<&'static str>, (u16, String, Vec<u8>)>;

/// One call and its answer.
struct Cell<'a> {
    actor: &'a Actor,
    entry: &'a Entry,
    line: &'a Line,
    spot: &'a Spot,
    ask: &'a Ask,
    page: &'a Page,
    /// Whether the tables are not what they were.
    changed: bool,
}

impl Cell<'_> {
    fn act(&self) -> bool {
        self.entry.method == Method::Post
    }

    /// What is wrong with an answer that should be a refusal, whatever is there.
    fn refusal(&self, missing: &Missing, status: &[u16], what: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        if !status.contains(&self.page.status) {
            wrong.push(format!("{what} ({status:?})"));
        }
        if missing
            .get(&self.ask.about)
            .is_some_and(|m| *m != bytes(self.page, self.ask))
        {
            wrong.push("differs from what is not there".to_owned());
        }
        if self.act() && self.changed {
            wrong.push("something was written".to_owned());
        }
        wrong
    }

    /// What is wrong with an answer that should let through.
    fn allowed(&self, reach: Reach) -> Vec<String> {
        let (page, act) = (self.page, self.act());
        let mut wrong = Vec::new();
        let closing = self.entry.path.ends_with("/close");
        let fine = match page.status {
            // A draft is what may be sent.
            200 if self.spot.state == "draft" && ["/people/send", "/plans/send"].contains(&self.entry.path) => true,
            // What the state of the plan forbids.
            _ if self.by_state() && act => {
                let told = page.status == 303 && page.header("location").contains("skipped=");
                !self.changed && (matches!(page.status, 404 | 409 | 422) || told)
            }
            404 | 409 if self.by_state() && closing => true,
            // A closed plan is changed no more.
            _ if self.spot.state == "closed"
                && ["/edit", "/proposal"].iter().any(|end| self.entry.path.ends_with(end)) =>
            {
                page.status == 409
            }
            200..=299 => true,
            // It goes to whoever brought the file, who is nobody of these.
            409 if self.entry.path == "/upload/{upload}/errors" => true,
            303 => self.actor.stranger || !is_the_door(page) || self.entry.path == "/sign-out",
            409 | 422 => act,
            // Whoever was not let in is told so.
            401 | 429 => self.actor.stranger && matches!(self.entry.path, "/sign-in" | "/first-sign-in"),
            _ => false,
        };
        if !fine {
            wrong.push("allowed".to_owned());
        }
        let nameless = self.actor.role.is_some_and(|r| NAMELESS.contains(&r));
        for (name, spot) in AWAY.iter().zip(away()) {
            let out = nameless || reach < Reach::Everything && !self.actor.holds(self.entry, reach, &spot);
            if out && page.body.contains(name) {
                wrong.push(format!("names {name}"));
            }
        }
        wrong
    }

    /// Whether the plan stands where the act cannot be done.
    fn by_state(&self) -> bool {
        !self.spot.state.is_empty()
    }
}

/// Whether one is led to where one signs in.
fn is_the_door(page: &Page) -> bool {
    page.header("location").split('?').next() == Some("/sign-in")
}

/// The spot of each last name.
fn away() -> impl Iterator<Item = Spot> {
    (0..AWAY.len()).filter_map(|place| SPOTS.iter().find(|s| s.place == Some(place)).copied())
}

/// Asks every route of the registry as one actor about every spot, or about one in so many of them: which ones turns with
/// the route and the actor, so that each pair of them is asked and each spot is asked of many.
fn walk(v: &Vekha, server: &Server, things: &Things, actor: &Actor, one_in: usize, found: &mut Found) {
    let table = table();
    let mut visitor = actor.enter(v, server);
    let mut journal = Journal::of(v);
    let token = visitor.get("/view").token().to_owned();
    let turn = Actor::all().iter().position(|a| a.name == actor.name).unwrap_or(0);
    for (place, entry) in SITEMAP.iter().enumerate() {
        let line = &table[&name_of(entry)];
        let reach = line.reach(actor.who());
        found.later += usize::from(reach == Some(Reach::Later));
        let reach = reach.filter(|r| *r != Reach::Later);
        let mut missing = Missing::new();
        for (nth, spot) in SPOTS.iter().enumerate() {
            // What is said of nothing is what the others are compared with.
            if spot.place.is_some() && !(turn + place + nth).is_multiple_of(one_in) {
                continue;
            }
            for mut ask in asks(entry, things, actor.by(), spot) {
                if spot.place.is_none() && ask.about.is_empty() {
                    continue;
                }
                let act = entry.method == Method::Post;
                ask.fields
                    .extend(journal.seen(entry, &ask, &actor.login).map(|seen| ("seen", seen)));
                let before = if act { journal.traces() } else { String::new() };
                let refusals = journal.refusals(actor.by().1);
                let page = if matches!(entry.path, "/sign-in" | "/sign-out") && act {
                    let mut other = if actor.login == "suspended" {
                        visitor.clone()
                    } else {
                        actor.enter(v, server)
                    };
                    let token = other.get("/view").token().to_owned();
                    let _signed_in = journal.news();
                    send(&other, entry, &ask, &token)
                } else {
                    send(&visitor, entry, &ask, &token)
                };
                if spot.place.is_none() {
                    missing.insert(ask.about.clone(), bytes(&page, &ask));
                }
                if entry.path.starts_with("/upload") && act && page.status == 303 {
                    journal.wait_for_work();
                }
                let rows = journal.news();
                let cell = Cell {
                    actor,
                    entry,
                    line,
                    spot,
                    ask: &ask,
                    page: &page,
                    changed: act && journal.traces() != before,
                };
                found.cells += 1;
                found.noted += rows.len();
                let within = |reach| actor.holds(entry, reach, spot) || ask.about.is_empty();
                // What was opened to anyone is nobody's own; one that is not there is as one that was not opened.
                let nowhere = spot.place.is_none() && entry.path == "/released/{edition}";
                let seen = reach.is_some_and(within) && !nowhere;
                let by = (actor.role, actor.by().1, refusals);
                // The work behind the pages writes rows of its own.
                let alone = !(entry.path.starts_with("/upload") && act && page.status == 303);
                let mut wrong: Vec<String> = if alone {
                    unlike(entry, by, &page, &rows, seen, cell.changed)
                        .into_iter()
                        .collect()
                } else {
                    Vec::new()
                };
                wrong.extend(judged(&cell, reach, seen, &missing, found));
                let (method, path) = name_of(entry);
                for what in wrong {
                    let (who, spot) = (&actor.name, format!("{} {}", spot.word, spot.state));
                    let said = page.status;
                    found.faults.push(format!(
                        "{who:20} {method:4} {path} {spot} {:?}: {what}, said {said}",
                        ask.about
                    ));
                }
            }
        }
    }
}

/// What is wrong with a cell by the table; counts it.
fn judged(cell: &Cell<'_>, reach: Option<Reach>, seen: bool, missing: &Missing, found: &mut Found) -> Vec<String> {
    let capability = found.by_capability.entry(cell.entry.capability).or_default();
    let page = cell.page;
    match reach {
        Some(reach) if seen => {
            capability.0 += 1;
            found.allowed += 1;
            found.refused += usize::from(cell.by_state() && cell.act());
            cell.allowed(reach)
        }
        None if cell.actor.stranger => {
            capability.1 += 1;
            found.strangers += 1;
            let door = page.status == 303 && is_the_door(page);
            let mut wrong = Vec::new();
            if !(door && !cell.act() || page.status == 401 && cell.act()) {
                wrong.push("one signs in first".to_owned());
            }
            if cell.changed {
                wrong.push("something was written".to_owned());
            }
            wrong
        }
        None => {
            capability.1 += 1;
            found.forbidden += 1;
            cell.refusal(missing, &[403], "forbidden")
        }
        Some(_) => {
            capability.1 += 1;
            found.hidden += 1;
            let of = cell.ask.about[0];
            let told = cell.line.filters.get(of).copied().unwrap_or(cell.line.missing);
            cell.refusal(missing, &[told], "hidden")
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
            let calls = asks(entry, &things, (None, ""), &Spot::NOWHERE);
            let asked: BTreeSet<&str> = calls.iter().flat_map(|a| a.about.clone()).collect();
            for place in entry.ids {
                let (Place::Path(name) | Place::Query(name) | Place::Form(name)) = place;
                assert!(asked.contains(name), "{} {name}: the matrix does not know it", entry.path);
            }
        }
        // The same program answers on both databases: all cells are asked of one, a third of the other, all by night.
        let whole = v.url().starts_with("sqlite:") || std::env::var_os("VEKHA_MATRIX_ALL").is_some();
        let one_in = if whole { 1 } else { 3 };
        let began = std::time::Instant::now();
        // Most of a call is waiting for the disk: copies of the world, each with a server, share the actors.
        drop(server);
        let copies = [v.copy(), v.copy()];
        let actors = Actor::all();
        let next = AtomicUsize::new(0);
        let found = Found::together(std::thread::scope(|scope| {
            let walks: Vec<_> = copies
                .iter()
                .chain([v])
                .map(|world| {
                    scope.spawn(|| {
                        let server = Server::start(world);
                        let mut found = Found::default();
                        while let Some(actor) = actors.get(next.fetch_add(1, Ordering::Relaxed)) {
                            assert!(actor.role.is_none_or(|role| seat(role) > 0));
                            walk(world, &server, &things, actor, one_in, &mut found);
                        }
                        found
                    })
                })
                .collect();
            walks.into_iter().map(|walk| walk.join().expect("a walk to its end")).collect::<Vec<_>>()
        }));
        println!(
            "{} cells in {} s: {} allowed ({} of them refused by the state of the plan), {} hidden, {} forbidden, {} before \
             signing in; {} routes to come; {} rows of the journal; {} differences",
            found.cells, began.elapsed().as_secs(), found.allowed, found.refused, found.hidden, found.forbidden,
            found.strangers, found.later, found.noted, found.faults.len()
        );
        assert!(found.faults.is_empty(), "{} differences:\n{}", found.faults.len(), found.faults.join("\n"));
        assert!(found.cells >= 14_000, "{} cells", found.cells);
        for (capability, (allowed, denied)) in found.by_capability {
            // What is open to anyone denies nobody; what only demo regions have is open to nobody here.
            // What one role alone may do, a third of the cells may leave out.
            let of_one = !whole && matches!(capability, Capability::ReleaseApproval | Capability::Release);
            let open = allowed > 0 || of_one || matches!(capability, Capability::Design | Capability::Mailbox);
            let shut = denied > 0 || capability == Capability::Public;
            assert!(open && shut, "{capability:?}: {allowed} let through, {denied} not");
        }
        // Codes, ids and counts: no name and no number of a document.
        let secrets = v.query("SELECT snils FROM person WHERE snils IS NOT NULL UNION SELECT last_name FROM person");
        for world in copies.iter().chain([v]) {
            for detail in world.query("SELECT detail FROM audit_event") {
                assert!(secrets.iter().all(|s| !detail.contains(s.as_str())), "{detail}");
            }
            let _sound = world.run(&["check"]).ok();
        }
    }
}
