//! The calls of the matrix: what each route is asked, about the objects of each spot of the world.

use vekha::access::Role;
use vekha::web::registry::{Entry, Method, Place};

use crate::matrix_world::{KEY, PASSWORD, Spot, Things};
use crate::visitor::{Page, Visitor};

/// One call about one object.
#[derive(Clone)]
pub struct Ask {
    /// The names of the places that this call varies.
    pub about: Vec<&'static str>,
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
    pub file: Option<(&'static str, String)>,
}

/// The calls of an entry about the objects of a spot; none where such an object cannot be there.
pub fn asks(entry: &Entry, things: &Things, by: (Option<Role>, &str), spot: &Spot) -> Vec<Ask> {
    calls(entry, things, by, spot).unwrap_or_default()
}

fn calls(entry: &Entry, things: &Things, (role, login): (Option<Role>, &str), spot: &Spot) -> Option<Vec<Ask>> {
    let place = spot.place;
    let of = |kind: &str| things.of(kind, spot);
    let named = |name: &str| {
        let here = |p: &Place| matches!(p, Place::Path(n) | Place::Query(n) | Place::Form(n) if *n == name);
        entry.ids.iter().any(here)
    };
    // A plan in another state is the matter of routes that name plans.
    if !spot.state.is_empty() && !named("plan") {
        return None;
    }
    let mut about: Vec<&'static str> = Vec::new();
    let mut path = entry.path.to_owned();
    for part in [
        "plan",
        "evidence",
        "programme",
        "person",
        "account",
        "upload",
        "returned",
        "key",
        "sheets",
        "sheet",
        "link",
        "ending",
        "feed",
        "event",
        "body",
        "pair",
        "undertaking",
        "publication",
        "vacancy",
        "edition",
        "order",
        "submission",
        "campaign",
        "survey",
        "vote",
        "examination",
        "examined",
        "seat",
        "regulation",
    ] {
        let hole = format!("{{{part}}}");
        if !path.contains(&hole) {
            continue;
        }
        path = path.replace(&hole, &of(part)?);
        about.push(part);
    }
    path = path.replace("/static/{digest}/{name:.*}", &things.file);
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
    let own = |kind: &str| things.of(kind, &Spot::OWN).expect("an own one");
    let there = of;
    match (get, entry.path) {
        (true, "/reports") => ask(&["campaign"], &[("campaign", &there("campaign")?)], &[]),
        // Reports of schools are no reports of municipalities.
        (get, "/report" | "/editable/report") => {
            let of = there("submission")?;
            if get {
                ask(&["report"], &[("report", &of)], &[]);
            } else {
                ask(&["report"], &[], &[("report", &of), ("seen", "0"), ("act", "save")]);
            }
        }
        (false, "/reports") => {
            let (act, pick) = (
                if role == Some(Role::Operator) {
                    "accept"
                } else {
                    "agree"
                },
                there("submission")?,
            );
            // A form of its own for each: a key holds one content.
            let own = role.map_or(0, |r| Role::ALL.iter().position(|known| *known == r).unwrap_or(0));
            let key = format!("{:064x}", 0xacc_3000 + 0x10 * own + place.unwrap_or(9));
            ask(
                &["pick"],
                &[],
                &[("act", act), ("key", &key), ("pick", &format!("{pick}.0"))],
            );
        }
        (false, "/reports/{submission}") => ask(&[], &[], &[("act", "return"), ("seen", "0"), ("reason", "так")]),
        (_, "/campaigns/new") => {
            let query = [("pack", "tyumen"), ("campaign", "june_schools"), ("period", "2022/23")];
            ask(&[], &query, &[]);
        }
        (false, "/campaigns/{campaign}") => ask(&[], &[], &[("act", "extend"), ("until", ""), ("reason", "")]),
        (_, "/surveys/new") => ask(&[], &[("pack", "tyumen"), ("survey", "help")], &[]),
        (true, "/surveys/{survey}") => {
            let unit = there("unit")?;
            ask(&["unit"], &[("unit", &unit)], &[]);
        }
        (false, "/surveys/{survey}") => ask(&[], &[], &[("act", "move"), ("closes", ""), ("seen", "0")]),
        (false, "/my-surveys/{survey}") => ask(&[], &[], &[("q.got", "5")]),
        // Neither a title nor days are said, what was seen is old, nobody is looked for: nothing is done.
        (false, "/votes/new") => ask(&["unit"], &[], &[("unit", &there("unit")?), ("title", "")]),
        (false, "/votes/{vote}") => ask(&[], &[], &[("act", "withdraw"), ("seen", "0")]),
        (false, "/my-votes/{vote}") => ask(&[], &[], &[("act", "find"), ("name", "")]),
        (true, "/examined") => ask(&["of"], &[("of", &there("examined")?)], &[]),
        (false, "/examined") => {
            let fields = [("act", "show"), ("criterion", "s1"), ("kind", "order"), ("title", "")];
            let of = there("examined")?;
            ask(&["of"], &[], &[&[("of", of.as_str())], &fields[..]].concat());
        }
        (false, "/examine/{seat}") => ask(
            &[],
            &[],
            &[("act", "save"), ("section", "s1"), ("seen", "0"), ("p.s1", "1")],
        ),
        (false, "/examinations/units/{examined}") => {
            let fields = [("act", "leave"), ("section", "s1"), ("seen", "0"), ("reason", "так")];
            ask(&[], &[], &fields);
        }
        (false, "/examinations/{examination}") => ask(&[], &[], &[("act", "days"), ("documents", ""), ("seen", "0")]),
        (_, "/examinations/new") => ask(&[], &[("pack", "tyumen")], &[]),
        (true, "/indicators") => {
            let unit = there("unit")?;
            let of = [("pack", "tyumen"), ("period", "2022/23")];
            ask(&["unit"], &[&of[..], &[("unit", &unit)]].concat(), &[]);
        }
        (true, path) if path.starts_with("/indicators/") && !path.contains('{') => {
            let unit = there("unit")?;
            let of = [("pack", "tyumen"), ("period", "2022/23")];
            for name in ["unit", "with", "of"].into_iter().filter(|name| named(name)) {
                ask(&[name], &[&of[..], &[(name, &unit)]].concat(), &[]);
            }
        }
        // Nobody is behind that number in this world: there is no file to ask for.
        (false, "/indicators/{pack}/{code}/change/people/file") if place.is_some() => return None,
        (
            _,
            "/indicators/{pack}/{code}"
            | "/indicators/{pack}/{code}/passport"
            | "/indicators/{pack}/{code}/parts"
            | "/indicators/{pack}/{code}/series"
            | "/indicators/{pack}/{code}/people"
            | "/indicators/{pack}/{code}/people/file"
            | "/indicators/{pack}/{code}/change"
            | "/indicators/{pack}/{code}/change/people"
            | "/indicators/{pack}/{code}/change/people/file"
            | "/indicators/{pack}/{code}/dates"
            | "/indicators/{pack}/{code}/target"
            | "/indicators/{pack}/{code}/target/remind"
            | "/heads/{pack}/{code}"
            | "/tables/{pack}/{code}",
        ) => {
            let change = entry.path.contains("/change/people");
            let people = entry.path.contains("/people") && !change;
            let part = if entry.path.ends_with("file") {
                "rest"
            } else {
                "numerator"
            };
            let mut query = vec![("period", "2022/23"), ("part", part)];
            query.truncate(if people { 2 } else { 1 });
            if change {
                query.extend([("from", "2022-09-01"), ("to", "2023-08-31"), ("part", "entered")]);
            }
            let broken = match entry.path {
                "/tables/{pack}/{code}" => "1_1",
                path if path.ends_with("/parts") => "3.1",
                _ => "3.4",
            };
            let real = |text: &str| text.replace("{pack}", "tyumen").replace("{code}", broken);
            let unit = there("unit")?;
            ask(&["unit"], &[&query[..], &[("unit", &unit)]].concat(), &[]);
            if named("with") {
                ask(&["with"], &[&query[..], &[("with", &unit)]].concat(), &[]);
            }
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
            if let Some(procedure) = there("procedure") {
                ask(&["procedure"], &[("procedure", &procedure)], &[]);
            }
            if let Some(unit) = there("unit") {
                ask(&["unit"], &[("procedure", &own("procedure")), ("unit", &unit)], &[]);
            }
        }
        (false, "/drafting") => {
            let wrong = ("expected", "999");
            if let Some(procedure) = there("procedure") {
                ask(&["procedure"], &[], &[("procedure", &procedure), ("unit", ""), wrong]);
            }
            if let Some(unit) = there("unit") {
                ask(
                    &["unit"],
                    &[],
                    &[("procedure", &own("procedure")), ("unit", &unit), wrong],
                );
            }
        }
        // The rules that stand, tried on people: nothing differs.
        (false, "/rules") => {
            let of = [("act", "check"), ("text", vekha::iom::rules::SOURCE), ("reason", "")];
            let procedure = there("procedure")?;
            ask(&["procedure"], &[], &[&of[..], &[("procedure", &procedure)]].concat());
        }
        (true, "/supporters/assign") => {
            ask(&["unit"], &[("unit", &there("unit")?), ("kind", "tutor")], &[]);
        }
        (false, "/supporters/assign") => {
            let unit = there("unit")?;
            ask(
                &["unit"],
                &[],
                &[("unit", &unit), ("kind", "tutor"), ("expected", "999")],
            );
        }
        (true, "/supporters/hand-over") => {
            let (there, own) = (there("supporter")?, own("supporter"));
            ask(&["supporter"], &[("supporter", &there)], &[]);
            // Nobody hands over to oneself.
            if place != Some(0) {
                ask(&["to"], &[("supporter", &own), ("to", &there)], &[]);
            }
        }
        (false, "/supporters/hand-over") => {
            let (there, own) = (there("supporter")?, own("supporter"));
            // Something else has come since that preview: nothing of it is done.
            let old = [("reason", ""), ("expected", "0")];
            ask(
                &["supporter"],
                &[],
                &[&[("supporter", &*there), ("to", "")][..], &old].concat(),
            );
            if place != Some(0) {
                ask(
                    &["to"],
                    &[],
                    &[&[("supporter", &*own), ("to", &*there)][..], &old].concat(),
                );
            }
        }
        (false, "/supporters/capacity") => {
            // What was seen is old: nothing of it is done.
            let change = [("act", "change"), ("seen", "99"), ("rate", "1"), ("most", "")];
            ask(
                &["supporter"],
                &[("supporter", &there("supporter")?), ("role", "tutor")],
                &change,
            );
        }
        (_, "/workforce/people" | "/workforce/people/file") => {
            let query = [("by", "everyone"), ("value", "all"), ("unit", &*there("unit")?)];
            ask(&["unit"], &query, &[]);
        }
        (get, path) if path.starts_with("/packs/{pack}") => {
            let edges = path.ends_with("/edges");
            let text: &[(&str, &str)] = match (get, edges) {
                (true, _) => &[],
                (false, true) => &[("points", "1"), ("reason", ""), ("seen", "0")],
                (false, false) => &[("act", "check"), ("seen", "0"), ("text", "code = 1")],
            };
            let edge: &[(&str, &str)] = if edges {
                &[("indicator", "2.2.1.2"), ("edge", "20")]
            } else {
                &[]
            };
            match place {
                Some(_) => ask(&[], edge, text),
                None => {
                    ask(&["pack"], edge, text);
                    if path.contains("{version}") {
                        ask(&["version"], &[], text);
                    }
                }
            }
            for one in &mut found {
                let [pack, version] = ["pack", "version"].map(|name| one.about.contains(&name));
                let own = if edges { "krasnoyarsk" } else { "tyumen" };
                let path = one.path.replace("{pack}", if pack { "nothing" } else { own });
                one.path = path.replace("{version}", if version { "999" } else { "2" });
            }
        }
        (_, "/editions/{edition}/people" | "/editions/{edition}/people/file") => {
            let of = [("indicator", "3.4"), ("part", "rest")];
            ask(&[], &[&[("unit", &*own("unit"))], &of[..]].concat(), &[]);
            ask(&["unit"], &[&[("unit", &*there("unit")?)], &of[..]].concat(), &[]);
        }
        (false, "/editions/new") => {
            let of = [("pack", "tyumen"), ("period", "2022/23")];
            ask(&[], &of, &[("title", ""), ("seen", "0")]);
        }
        (get, "/cycle/item") => {
            let of = [
                ("pack", "tyumen"),
                ("item", "E1"),
                ("on", "2023"),
                ("unit", &*there("unit")?),
            ];
            // No day is said: nothing is marked.
            let mark: &[(&'static str, &str)] = if get { &[] } else { &[("act", "done"), ("seen", "0")] };
            ask(&["unit"], &of, mark);
        }
        (false, "/forms") => {
            let seen = [("period", "2022/23"), ("seen", "0")];
            ask(&["unit"], &[], &[&[("unit", &*there("unit")?)], &seen[..]].concat());
        }
        // Nobody has entered a link in this world: what is checked here is nowhere.
        (false, "/forms/check") if place.is_none() => ask(&["value"], &[], &[("value", "7")]),
        (false, "/forms/check") => return None,
        // Nobody is behind that number in this world: there is no file to ask for.
        (false, "/retention/people/file" | "/diagnostics/next/file" | "/beginners/people/file") if place.is_some() => {
            return None;
        }
        (false, "/diagnostics/next/file" | "/beginners/people/file") => {
            ask(&["unit"], &[("unit", &there("unit")?)], &[])
        }
        (_, "/retention/people" | "/retention/people/file") => {
            let query = [
                ("year", "2015"),
                ("since", "2015"),
                ("later", "0"),
                ("near", "region"),
                ("unit", &*there("unit")?),
            ];
            ask(&["unit"], &query, &[]);
        }
        // A few of them are enough: what all calls take out in a day is counted. Teachers are listed to their school alone.
        (true, "/users/file") => ask(&["unit"], &[("role", "teacher"), ("unit", &there("unit")?)], &[]),
        (false, "/users/file") => ask(&["unit"], &[("unit", &there("unit")?)], &[]),
        (_, "/supporters/file") => ask(&[], &[("role", "supervisor")], &[]),
        // A file holds no more rows than a person reads.
        (true, "/journal/export") => ask(&[], &[("action", "iom.reopen")], &[]),
        (
            true,
            "/diagnostics/procedure"
            | "/diagnostics/edit"
            | "/diagnostics/people"
            | "/diagnostics/rescale"
            | "/staff/procedure",
        ) => {
            ask(&["code"], &[("code", &there("procedure")?)], &[]);
        }
        (true, "/diagnostics/tool") => ask(&["name"], &[("name", &there("tool")?)], &[]),
        // What was seen is old: nothing of it is done.
        (false, "/diagnostics/tool") => {
            let said = [("act", "set"), ("seen", "99"), ("columns", "")];
            ask(&["name"], &[("name", &*there("tool")?)], &said);
        }
        // The scale is another one's, or what was seen is old: nothing of it is done.
        (false, "/diagnostics/scale") => ask(&["code"], &[("code", &there("scale")?)], &[]),
        (false, "/diagnostics/scales") => ask(&[], &[], &[("name", ""), ("direction", "deficit"), ("levels", "")]),
        (false, "/diagnostics/rescale") => {
            let of = [("code", &*there("procedure")?)];
            let said = [
                ("act", "rescale"),
                ("seen", "99"),
                ("of", &*own("scale")),
                ("reason", "проба"),
            ];
            ask(&["code"], &of, &said);
        }
        (false, "/diagnostics/edit") => {
            // What was seen is old: nothing of it is done.
            let of = [("code", &*there("procedure")?)];
            ask(&["code"], &of, &[("act", "open"), ("seen", "0")]);
        }
        (false, "/diagnostics/people") => {
            let mark = [("act", "mark"), ("mark", "came")];
            if let Some(procedure) = there("procedure") {
                let person = if place.is_some() {
                    there("person")?
                } else {
                    own("person")
                };
                ask(
                    &["code"],
                    &[("code", &procedure)],
                    &[&mark[..], &[("id", &person)]].concat(),
                );
            }
            let procedure = own("procedure");
            let person = there("person")?;
            ask(
                &["id"],
                &[("code", &procedure)],
                &[&mark[..], &[("id", &person)]].concat(),
            );
        }
        // Whoever of the own school may be named, every procedure of this world is over: nobody is put forward.
        (false, "/staff/procedure") => {
            let said = [("act", "ask"), ("id", &*own("person"))];
            if let Some(procedure) = there("procedure").filter(|_| !matches!(place, Some(1 | 2))) {
                ask(&["code"], &[("code", &procedure)], &said);
            }
            let (procedure, person) = (own("procedure"), there("person")?);
            ask(&["id"], &[("code", &procedure)], &[("act", "ask"), ("id", &*person)]);
        }
        (false, "/my-diagnostics/answer") => {
            ask(
                &["code"],
                &[],
                &[("code", &there("procedure")?), ("answer", "refused"), ("digest", "")],
            );
        }
        // Nothing is ticked: nothing is begun.
        (false, "/self-assessment/answer") => ask(&[], &[], &[("topic", "MET-2"), ("round", "0")]),
        (true, "/applications/check") => ask(&["id"], &[("id", &there("application")?)], &[]),
        (true, "/upload/sample") => ask(&[], &[("kind", "results")], &[]),
        (true, "/accounts/check") => ask(&["id"], &[("id", &there("colleague")?)], &[]),
        (true, "/sign-ins") => ask(&["login"], &[("login", &there("login")?)], &[]),
        (true, "/proposals" | "/iom-templates/one" | "/iom-templates/edit") => {
            ask(&["template"], &[("template", &there("template")?)], &[]);
        }
        (false, "/iom-templates/edit") => {
            // What was seen is old: nothing of it is done.
            ask(&["template"], &[("template", &there("template")?)], &[("seen", "99")]);
        }
        (false, "/proposals/check") => {
            let proposal = format!("{}.0.0.0", there("plan")?);
            ask(&["proposal"], &[], &[("proposal", &proposal), ("act", "accept")]);
        }
        (false, "/proposals/all") => {
            let own = role.map_or(0, |r| r as usize);
            let key = format!("{:064x}", 0xacc_2000 + 0x10 * own + place.unwrap_or(9));
            // No such proposal stands: it is passed over.
            let proposal = format!("{}.0.0.0", there("plan")?);
            let said = [("key", &*key), ("act", "decline"), ("reason", "не подходит")];
            ask(&["proposal"], &[], &[&[("proposal", &*proposal)][..], &said].concat());
        }
        (true, _)
        | (
            false,
            "/plans/file"
            | "/activities/file"
            | "/publications/file"
            | "/editable/publications"
            | "/experts/file"
            | "/pairs/file"
            | "/editable/pairs"
            | "/editable/mentors"
            | "/mentors/file"
            | "/reserve/file",
        ) => {
            let names = ["unit", "supporter", "procedure"].map(|name| named(name).then_some(name));
            for name in names.into_iter().flatten() {
                if let Some(one) = there(name) {
                    ask(&[name], &[(name, &one)], &[]);
                }
            }
            if names == [None; 3] {
                ask(&[], &[], &[]);
            }
        }
        (false, "/role") => {
            let held = role.map_or("", |r| r.code());
            let other = if held == "operator" { "cnppm_head" } else { "operator" };
            let wanted = match place {
                Some(0) if held.is_empty() => return None,
                Some(0) => held,
                Some(1) => other,
                Some(_) => return None,
                None => "nothing",
            };
            ask(&["role"], &[], &[("role", wanted)]);
        }
        (false, "/sign-in") => {
            let login = if login.is_empty() { "teacher" } else { login };
            ask(&[], &[], &[("login", login), ("password", PASSWORD)]);
        }
        (false, "/view") => ask(&[], &[], &[("size", "size-200"), ("colours", "colours-black")]),
        (false, "/notices/seen") => ask(&[], &[], &[("shown", "0")]),
        (false, "/calendar/key") => ask(&[], &[], &[("act", "make"), ("seen", ""), ("key", KEY)]),
        (false, "/notices/choice") => ask(&[], &[], &[("dates", "weekly"), ("settled", "off")]),
        (false, "/plan/act") => ask(&["item"], &[], &[("act", "begin"), ("item", &own_item(things, spot)?)]),
        (false, "/plan/submit") => {
            ask(
                &["item"],
                &[],
                &[("item", &own_item(things, spot)?), ("note", "Провела урок")],
            );
            found[0].file = Some(("", String::new()));
        }
        (false, "/plan/acquaint") => ask(&[], &[], &[("revision", "1")]),
        (false, "/review") => {
            let plan = there("plan")?;
            let item = there("item")?;
            ask(
                &["plan", "item"],
                &[],
                &[("plan", &plan), ("item", &item), ("act", "accept")],
            );
        }
        (false, "/review/check") => {
            let step = format!("{}.{}.0", there("plan")?, there("item")?);
            ask(&["step"], &[], &[("step", &step)]);
        }
        (false, "/review/all") => {
            let own = role.map_or(0, |r| r as usize);
            let key = format!("{:064x}", 0xacc_1000 + 0x10 * own + place.unwrap_or(9));
            // What was seen is old: nothing of it is done.
            let step = format!("{}.{}.0", there("plan")?, there("item")?);
            ask(&["step"], &[], &[("key", &key), ("step", &step)]);
        }
        // No code is typed and no file brought: nothing is marked.
        (false, "/sheets/{sheet}/back") => ask(&[], &[], &[("on", "05.03.2023"), ("accepted", ""), ("returned", "")]),
        (false, "/sheets/{sheet}/file") => {
            ask(&[], &[], &[]);
            found[0].file = Some(("", String::new()));
        }
        (false, "/people/send" | "/plans/send" | "/composed/send") => ask(&["plan"], &[], &[("plan", &there("plan")?)]),
        // What the state of a plan forbids is passed over and named, not refused.
        (false, "/people/send/all" | "/plans/send/all" | "/composed/send/all") if !spot.state.is_empty() => {
            return None;
        }
        (false, "/people/send/all" | "/plans/send/all" | "/composed/send/all") => {
            let own = role.map_or(0, |r| r as usize);
            let desk = entry.path.len();
            let key = format!(
                "{:064x}",
                0xacc_4000 + 0x1_0000_0000 * desk + 0x10 * own + place.unwrap_or(9)
            );
            // What was seen is old: nothing of it is done.
            let plan = format!("{}.0", there("plan")?);
            ask(&["plan"], &[], &[("key", &key), ("plan", &plan)]);
        }
        (false, "/people/{plan}/act") => {
            ask(&["item"], &[], &[("act", "accept"), ("item", &there("item")?)]);
        }
        (false, "/people/{plan}/notes") => {
            // Nothing is said, and what was seen is old: nothing of it is done.
            ask(&[], &[], &[("act", "add"), ("kind", "note"), ("on", ""), ("text", "")]);
            if let Some(note) = there("note").filter(|_| spot.state.is_empty()) {
                ask(&["note"], &[], &[("act", "withdraw"), ("note", &note), ("seen", "0")]);
            }
        }
        (false, "/people/{plan}/close" | "/composed/{plan}/close") => {
            ask(&[], &[], &[("conclusion", "итоги разобраны"), ("sure", "yes")]);
        }
        (false, "/composed/{plan}/act") => {
            ask(
                &["item"],
                &[],
                &[("act", "cancel"), ("item", &there("item")?), ("reason", "ошибка")],
            );
        }
        (false, "/plans/{plan}/act") => {
            let act = if spot.state.is_empty() { "reopen" } else { "resume" };
            ask(&["item"], &[], &[("act", act), ("reason", "ошибка в итогах")]);
        }
        // Nothing is brought: nothing is signed.
        (false, "/plans/{plan}/signature") => {
            ask(&[], &[], &[("document", "plan"), ("digest", ""), ("signer", "")]);
            found[0].file = Some(("", String::new()));
        }
        // Nobody is named without a day.
        (false, "/signers") => ask(&[], &[], &[("act", "signer"), ("place", "approves"), ("from", "")]),
        (false, "/plans/approve") => {
            let plan = there(if spot.state.is_empty() { "agreed" } else { "plan" })?;
            ask(&["plan"], &[], &[("plan", &plan)]);
        }
        // What the state of a plan forbids is passed over and named, not refused: a test of its own looks at that.
        (false, "/plans/approve/all") if !spot.state.is_empty() => return None,
        (false, "/plans/approve/all") => {
            let own = role.map_or(0, |r| r as usize);
            let key = format!("{:064x}", 0xacc_3000 + 0x10 * own + place.unwrap_or(9));
            // What was seen is old: nothing of it is done.
            let plan = format!("{}.0", there("agreed")?);
            ask(&["plan"], &[], &[("key", &key), ("plan", &plan)]);
        }
        (false, "/applications") => {
            ask(
                &["id"],
                &[],
                &[("id", &there("single")?), ("act", "agree"), ("reason", "")],
            );
        }
        (false, "/applications/bulk") => {
            let key = KEY.replace('0', &place.map_or_else(|| "9".to_owned(), |p| format!("{p:x}")));
            let id = format!("{}.1", there("application")?);
            ask(&["id"], &[], &[("key", &key), ("id", &id)]);
        }
        (false, "/accounts/sheets") => {
            let own = role.map_or(0, |r| r as usize);
            let key = format!("{:064x}", 0xacc_0000 + 0x10 * own + place.unwrap_or(9));
            let id = there("colleague")?;
            ask(&["new"], &[], &[("key", &key), ("new", &id), ("sure", "yes")]);
            ask(&["again"], &[], &[("key", &key), ("again", &id), ("sure", "yes")]);
        }
        (false, "/first-sign-in") => {
            let login = if login.is_empty() { "nobody" } else { login };
            let (code, chosen) = ("ABCE-HKMP-TXY2-3456", "лодка плывёт тихо");
            let fields = [
                ("login", login),
                ("code", code),
                ("password", chosen),
                ("again", chosen),
            ];
            ask(&[], &[], &fields);
        }
        (false, "/users/new") => {
            let unit = there("unit")?;
            // A role that ends before it begins is given to nobody.
            let days = [("role", "mentor"), ("from", "02.01.2999"), ("until", "01.01.2999")];
            let who = [("name", "Анна Ким"), ("login", "anna.kim"), ("email", "a@b.example")];
            ask(&["unit"], &[], &[&who[..], &days[..], &[("unit", &unit)]].concat());
        }
        (false, "/users/{account}") => {
            // What was seen is old: nothing of it is done.
            let (grant, unit) = (there("grant")?, there("unit")?);
            ask(&["grant"], &[], &[("act", "end"), ("seen", "0"), ("grant", &grant)]);
            ask(
                &["unit"],
                &[],
                &[("act", "give"), ("seen", "0"), ("role", "mentor"), ("unit", &unit)],
            );
        }
        (false, "/confirm") => ask(&[], &[], &[("secret", "не тот пароль"), ("next", "/")]),
        (false, "/sign-ins/close") => ask(&["login"], &[], &[("login", &there("login")?)]),
        (false, "/accounts/invite") => ask(&["id"], &[], &[("id", &there("colleague")?)]),
        (false, "/delegations") => {
            let role = role.map_or("tutor", |r| r.code());
            let days = [("from", "01.01.2999"), ("to", "02.01.2999"), ("reason", "")];
            ask(&[], &[], &[&[("role", role), ("who", "nobody")], &days[..]].concat());
        }
        // Nobody of this world acts in another one's stead: what is ended here is nowhere.
        (false, "/delegations/end") if place.is_none() => ask(&["id"], &[], &[("id", "7")]),
        (false, "/delegations/end") => return None,
        (false, "/sessions/close") => ask(&["id"], &[], &[("id", &there("session")?)]),
        (false, "/second-step" | "/second-step/first") => {
            ask(&[], &[], &[("half", "1.1.9999999999.ab.cd"), ("code", "000000")]);
        }
        (false, "/reset") => ask(&[], &[], &[("login", "nobody")]),
        (false, "/link/{link}") => {
            let chosen = "лодка плывёт тихо";
            ask(&[], &[], &[("password", chosen), ("again", chosen)]);
        }
        (false, "/account/password") => {
            ask(
                &[],
                &[],
                &[("now", "не тот пароль"), ("password", PASSWORD), ("again", PASSWORD)],
            );
        }
        (false, "/account/email") => ask(&[], &[], &[("email", "a@b.example"), ("password", "не тот пароль")]),
        (false, "/second-factor") => ask(&[], &[], &[("act", "on"), ("password", "не тот пароль")]),
        (false, "/activities") => {
            ask(
                &["record"],
                &[],
                &[("act", "withdraw"), ("why", ""), ("record", &there("event")?)],
            );
        }
        (false, "/events" | "/bodies" | "/undertakings" | "/publications" | "/regulations") => {
            ask(&[], &[], &[]);
        }
        (false, "/reserve") => ask(&["person"], &[], &[("act", "enrol"), ("person", &there("person")?)]),
        (false, "/bodies/packs") => ask(&[], &[], &[("pack", "tyumen")]),
        (false, "/events/{event}" | "/pairs/{pair}" | "/publications/{publication}" | "/regulations/{regulation}") => {
            ask(&[], &[], &[("act", "withdraw"), ("seen", "0"), ("reason", "ошибка")]);
        }
        (false, "/vacancies/{vacancy}") => {
            ask(&[], &[], &[("act", "change"), ("seen", "0"), ("rate", "1")]);
        }
        (false, "/bodies/{body}" | "/undertakings/{undertaking}") => {
            ask(&[], &[], &[("act", "withdraw"), ("seen", "0"), ("reason", "ошибка")]);
            let join = [("act", "join"), ("person", &*there("person")?), ("role", "member")];
            ask(&["person"], &[], &join);
        }
        (false, "/events/{event}/people") => ask(&["id"], &[], &[("id", &there("person")?), ("role", "participant")]),
        (false, "/pairs") => {
            let (there, own) = (there("person")?, own("person"));
            ask(
                &["mentor-id"],
                &[],
                &[("mentor-id", &there), ("mentee-id", &own), ("form", "")],
            );
            ask(
                &["mentee-id"],
                &[],
                &[("mentor-id", &own), ("mentee-id", &there), ("form", "")],
            );
        }
        (false, "/letters/again") => ask(&["id"], &[], &[("id", &there("letter")?)]),
        (false, "/returned") => {
            ask(&[], &[], &[]);
            found[0].file = Some(("правка.xlsx", things.sheet.clone()));
        }
        (false, "/returned/{returned}") => ask(&[], &[], &[("seen", "0")]),
        (false, "/upload") => {
            ask(&[], &[], &[("kind", "results")]);
            found[0].file = Some(("итоги.csv", things.sheet.clone()));
        }
        (false, _) => ask(&[], &[], &[]),
    }
    let own_only = matches!(entry.path, "/plan/act" | "/plan/submit") || found.iter().all(|a| a.about.is_empty());
    let same = place.is_some_and(|p| p > 0) && own_only;
    (!same).then_some(found)
}

/// Steps are named by their number in the own plan: those of other plans have no name here.
fn own_item(things: &Things, spot: &Spot) -> Option<String> {
    things.of("free-item", spot)
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Sends it with the cookies of a visitor, who keeps none of the answer.
pub fn send(visitor: &Visitor, entry: &Entry, ask: &Ask, token: &str) -> Page {
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

/// What must be equal to the byte: status, address and body. The key of a form is the sender's own and is left out, and so
/// is the fresh one of a form that is shown again.
pub fn bytes(page: &Page, ask: &Ask) -> (u16, String, Vec<u8>) {
    let key = ask
        .fields
        .iter()
        .find(|(n, _)| *n == "key")
        .map_or("", |(_, key)| key.as_str());
    let to = page.header("location").to_owned();
    let to = if key.is_empty() { to } else { to.replace(key, "") };
    (page.status, to, without_key(&page.bytes))
}

/// A page without the value of its first field `key`.
fn without_key(body: &[u8]) -> Vec<u8> {
    const FIELD: &[u8] = b"name=\"key\" value=\"";
    const BELL: &[u8] = b"class=\"bell\"";
    let mut body = body.to_vec();
    // How much of the own news is new changes between two calls.
    if let Some(from) = body.windows(BELL.len()).position(|w| w == BELL) {
        let long = body[from..].windows(4).position(|w| w == b"</a>").unwrap_or(0);
        body.drain(from..from + long);
    }
    let starts = body
        .windows(FIELD.len())
        .position(|w| w == FIELD)
        .map(|at| at + FIELD.len());
    if let Some(from) = starts {
        let long = body[from..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        body.drain(from..from + long);
    }
    body
}
