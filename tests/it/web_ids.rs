//! Ids that come from somewhere else: a second copy in another place, a list of own and foreign ones. Generated from the
//! sitemap for every role that the route is open to; each is refused, and the database is what it was.

use std::collections::BTreeMap;

use vekha::access::Role;
use vekha::server::SITEMAP;
use vekha::web::registry::{Method, Place};

use crate::matrix_asks::{Ask, asks, send};
use crate::matrix_journal::Journal;
use crate::matrix_table::{Reach, name_of, table};
use crate::matrix_world::{PASSWORD, Spot, Things, build};
use crate::on_both;
use crate::visitor::Visitor;

/// What an id of a name is elsewhere: in the other region where there is such a thing, else nowhere.
fn foreign(things: &Things, name: &str) -> String {
    let kind = match name {
        "code" => "procedure",
        "name" => "tool",
        "id" => "application",
        "skipped" => "agreed",
        "new" | "again" => "colleague",
        "item" => return "99".to_owned(),
        other => other,
    };
    let found = things.of(kind, &Spot::OTHER_REGION);
    found
        .or_else(|| things.of(kind, &Spot::NOWHERE))
        .unwrap_or_else(|| "nothing".to_owned())
}

/// The call with a copy of one of its ids.
fn copies(ask: &Ask, place: Place, things: &Things, post: bool) -> Vec<(&'static str, Ask)> {
    let (Place::Path(name) | Place::Query(name) | Place::Form(name)) = place;
    let value = foreign(things, name);
    let in_query = |first: bool| {
        let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
        let added = format!("{name}={}", coded(&value));
        let query = match (query, first) {
            ("", _) => added,
            (query, true) => format!("{added}&{query}"),
            (query, false) => format!("{query}&{added}"),
        };
        Ask {
            path: format!("{path}?{query}"),
            ..ask.clone()
        }
    };
    let in_form = |first: bool| {
        let mut copy = ask.clone();
        let at = if first { 0 } else { copy.fields.len() };
        copy.fields.insert(at, (name, value.clone()));
        copy
    };
    match place {
        Place::Path(_) if post => vec![("in the query", in_query(false)), ("in the form", in_form(false))],
        Place::Path(_) => vec![("in the query", in_query(false))],
        Place::Query(_) => vec![("before it", in_query(true)), ("after it", in_query(false))],
        Place::Form(_) => vec![
            ("in the query", in_query(false)),
            ("before it", in_form(true)),
            ("after it", in_form(false)),
        ],
    }
}

fn coded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

on_both! {
    fn a_second_copy_of_an_id_is_refused_and_changes_nothing(v: &Vekha) {
        let (server, things) = build(v);
        let table = table();
        let mut journal = Journal::of(v);
        let mut visitors: BTreeMap<Role, (Visitor, String)> = BTreeMap::new();
        let (mut tries, mut faults) = (0, Vec::new());
        for entry in SITEMAP.iter().filter(|e| !e.ids.is_empty()) {
            let post = entry.method == Method::Post;
            for (role, _) in table[&name_of(entry)].roles().filter(|(_, reach)| *reach >= Reach::Own) {
                let (visitor, token) = visitors.entry(role).or_insert_with(|| {
                    let mut visitor = server.signed_in(role.code(), PASSWORD);
                    let token = visitor.get("/view").token().to_owned();
                    (visitor, token)
                });
                let before = journal.digest();
                let mut asks = asks(entry, &things, (Some(role), role.code()), &Spot::OWN);
                for ask in &mut asks {
                    let seen = journal.seen(entry, ask, role.code());
                    ask.fields.extend(seen.map(|seen| ("seen", seen)));
                }
                for (ask, place) in asks.iter().flat_map(|ask| entry.ids.iter().map(move |place| (ask, *place))) {
                    let (Place::Path(name) | Place::Query(name) | Place::Form(name)) = place;
                    let given = matches!(place, Place::Path(_)) || ask.about.contains(&name);
                    for (how, copy) in copies(ask, place, &things, post).into_iter().filter(|_| given) {
                        tries += 1;
                        let page = send(visitor, entry, &copy, token);
                        if !matches!(page.status, 400 | 404 | 422) {
                            faults.push(format!("{role} {:?} {name} {how}: {}", name_of(entry), page.status));
                        }
                    }
                }
                for changed in journal.digest().iter().zip(&before).filter(|(now, then)| now != then) {
                    faults.push(format!("{role} {:?}: {} is not what it was", name_of(entry), changed.0.0));
                }
            }
        }
        println!("{tries} tries, {} faults", faults.len());
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        assert!(tries > 250, "{tries}");
    }
}
