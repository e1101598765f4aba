//! A list whose whole state stands in its address: what is chosen, what a link without it would be, and its pages.

use crate::pages::parts::{Choice, Filter, Link, Paging};
use crate::pages::text::{count, number};
use crate::web::Call;
use crate::web::call::Fields;

/// Rows on a page of a list.
pub const PAGE: usize = 50;

/// The address of a list with what is chosen in it.
#[derive(Debug, Clone)]
pub struct List {
    path: String,
    chosen: Vec<(String, String)>,
    page: usize,
}

impl List {
    /// Reads the address; empty values are not chosen, the page number stands apart.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        Self::read(&call.path, &call.query)
    }

    /// A list of an address of one's own making.
    #[must_use]
    pub fn of_parts<'a>(path: &str, chosen: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let chosen = chosen
            .into_iter()
            .filter_map(|(n, v)| Some((n.to_owned(), v?.to_owned())));
        Self {
            path: path.to_owned(),
            chosen: chosen.collect(),
            page: 1,
        }
    }

    fn read(path: &str, query: &Fields) -> Self {
        let page = query.get("page").and_then(|n| n.parse().ok()).unwrap_or(1);
        let chosen = query
            .0
            .iter()
            .filter(|(name, value)| name != "page" && !value.is_empty());
        Self {
            path: path.to_owned(),
            chosen: chosen.cloned().collect(),
            page: page.max(1),
        }
    }

    /// What is chosen under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.chosen.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first page of the list with another value under a name; `None` takes it away.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let kept = self.chosen.iter().filter(|(n, _)| n != name);
        let pairs = kept
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .chain(value.map(|v| (name, v)));
        address(&self.path, pairs)
    }

    /// A chip that takes a choice away.
    #[must_use]
    pub fn chip(&self, name: &str, words: impl Into<String>) -> Link {
        Link::new(words, self.with(name, None))
    }

    /// A search field.
    #[must_use]
    pub fn search(&self, name: &'static str, label: &'static str) -> Filter {
        Filter {
            name,
            label,
            choices: Vec::new(),
            value: self.get(name).unwrap_or_default().to_owned(),
        }
    }

    /// A select whose first choice is everything.
    #[must_use]
    pub fn select(&self, name: &'static str, label: &'static str, choices: &[(String, String)]) -> Filter {
        let chosen = self.get(name).unwrap_or_default();
        let all = std::iter::once((String::new(), "все".to_owned()));
        let choices = all.chain(choices.iter().cloned()).map(|(value, label)| Choice {
            chosen: value == chosen,
            value,
            label,
        });
        Filter {
            name,
            label,
            choices: choices.collect(),
            value: String::new(),
        }
    }

    /// The rows of the page that is open.
    pub fn rows<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip((self.page - 1) * PAGE).take(PAGE).collect()
    }

    /// Links to the pages beside; `None` when everything stands on one.
    #[must_use]
    pub fn paging(&self, rows: usize) -> Option<Paging> {
        let pages = rows.div_ceil(PAGE).max(1);
        let open = |n: usize| self.with("page", Some(&n.to_string()));
        (pages > 1 || self.page > 1).then(|| Paging {
            place: format!(
                "Страница {} из {}",
                number(i64::try_from(self.page).unwrap_or(i64::MAX)),
                number(i64::try_from(pages).unwrap_or(i64::MAX))
            ),
            before: (self.page > 1).then(|| open((self.page - 1).min(pages))),
            after: (self.page < pages).then(|| open(self.page + 1)),
        })
    }
}

/// An address with its query.
pub fn address<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = path.to_owned();
    for (i, (name, value)) in pairs.enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// «Найдено: 3 педагога».
#[must_use]
pub fn found(rows: usize, one: &str, few: &str, many: &str) -> String {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    format!("Найдено: {}", count(rows, one, few, many))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> List {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        List::read("/staff", &Fields(fields.collect()))
    }

    #[test]
    fn what_is_chosen_stays_in_every_link() {
        let of = list(&[("q", "Ёлк ин"), ("state", "active"), ("empty", ""), ("page", "2")]);
        assert_eq!(of.with("state", None), "/staff?q=%D0%81%D0%BB%D0%BA%20%D0%B8%D0%BD");
        assert_eq!(of.with("q", None), "/staff?state=active");
        assert_eq!(of.get("empty"), None);
        let paging = of.paging(120).unwrap();
        assert_eq!(paging.place, "Страница 2 из 3");
        assert!(paging.before.unwrap().ends_with("&page=1") && paging.after.unwrap().ends_with("&page=3"));
        assert_eq!(of.rows((0..120).collect::<Vec<_>>()), (50..100).collect::<Vec<_>>());
        assert!(list(&[]).paging(PAGE).is_none() && list(&[]).paging(PAGE + 1).is_some());
    }
}
