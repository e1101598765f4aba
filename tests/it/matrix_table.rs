//! `tests/policy.csv` as the matrix reads it: which role reaches how far on which route. The file is written from the
//! duties of the roles, not from the program.

use std::collections::BTreeMap;

use vekha::access::Role;
use vekha::web::registry::{Entry, Method};

/// How far a role reaches on a route; each word reaches as far as the one before it and further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// By duty the role's, but its desk is not built yet: forbidden for now, and counted.
    Later,
    /// The desk is the role's, this act on it never is: what it names is hidden.
    Nothing,
    /// The own person, an assigned plan.
    Own,
    /// The own organisation.
    Organisation,
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
            "self" | "assigned" => Self::Own,
            "organisation" => Self::Organisation,
            "municipality" => Self::Municipality,
            "region" => Self::Region,
            _ => return None,
        })
    }
}

/// A line of the table.
pub struct Line {
    who: BTreeMap<String, Reach>,
    /// What is answered about an object that is not there: 404, but for routes that take several at once.
    pub missing: u16,
    /// The same for one of its filters.
    pub filters: BTreeMap<String, u16>,
}

impl Line {
    /// How far a role reaches; nobody is `None`, one whose roles are not in force is `Some(None)`.
    pub fn reach(&self, who: Option<Option<Role>>) -> Option<Reach> {
        let own = match who {
            None => None,
            Some(role) => {
                let named = role.and_then(|r| self.who.get(r.code()));
                named.or_else(|| self.who.get("signed_in"))
            }
        };
        own.or_else(|| self.who.get("anyone")).copied()
    }

    /// Roles that are named, with their reach.
    pub fn roles(&self) -> impl Iterator<Item = (Role, Reach)> {
        self.who
            .iter()
            .filter_map(|(code, reach)| Some((Role::from_code(code)?, *reach)))
    }
}

/// The table by method and path.
pub fn table() -> BTreeMap<(String, String), Line> {
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

/// Method and path of an entry, as the table names it.
pub fn name_of(entry: &Entry) -> (String, String) {
    let method = if entry.method == Method::Get { "GET" } else { "POST" };
    (method.to_owned(), entry.path.to_owned())
}
