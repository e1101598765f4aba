//! What every list of a desk shares: filters and the page in the address, chips that lead to the list without one.

use crate::iom::Within;
use crate::pages::parts::{Choice, Filter, Filters, Link, Paging};
use crate::units::{Tree, UnitKind};
use crate::web::Call;

/// What the address of a list says.
#[derive(Debug, Clone)]
pub struct Asked {
    base: &'static str,
    /// Names and values that are not empty.
    given: Vec<(&'static str, String)>,
    /// Page, from 1.
    pub page: i64,
}

impl Asked {
    /// Reads the filters of these names and the page.
    #[must_use]
    pub fn of(call: &Call, base: &'static str, names: &[&'static str]) -> Self {
        let value = |name: &str| call.query.get(name).map(|v| v.trim().to_owned()).unwrap_or_default();
        let given = names.iter().map(|name| (*name, value(name)));
        Self {
            base,
            given: given.filter(|(_, value)| !value.is_empty()).collect(),
            page: value("page").parse().unwrap_or(1).clamp(1, 100_000),
        }
    }

    /// The value of a filter; empty when it is not given.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.given
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.given.is_empty()
    }

    /// The address with all filters but one, and a page.
    fn address(&self, without: Option<&str>, page: Option<i64>) -> String {
        let mut parts: Vec<String> = self
            .given
            .iter()
            .filter(|(name, _)| Some(*name) != without)
            .map(|(name, value)| format!("{name}={}", quoted(value)))
            .collect();
        parts.extend(page.filter(|n| *n > 1).map(|n| format!("page={n}")));
        if parts.is_empty() {
            self.base.to_owned()
        } else {
            format!("{}?{}", self.base, parts.join("&"))
        }
    }

    /// The component of filters; a chosen one becomes a chip with the label of its choice.
    #[must_use]
    pub fn filters(&self, filters: Vec<Filter>, found: String) -> Filters {
        let chip = |filter: &Filter| {
            let value = self.get(filter.name);
            let label = filter
                .choices
                .iter()
                .find(|c| c.chosen)
                .map_or(value, |c| c.label.as_str());
            let text = format!("{}: {label}", filter.label);
            (!value.is_empty()).then(|| Link::new(text, self.address(Some(filter.name), None)))
        };
        Filters {
            action: self.base.to_owned(),
            chosen: filters.iter().filter_map(chip).collect(),
            filters,
            found,
        }
    }

    /// The pages of so many rows; nothing when one page holds them.
    #[must_use]
    pub fn paging(&self, total: i64, size: i64) -> Option<Paging> {
        let pages = (total + size - 1) / size;
        (pages > 1).then(|| Paging {
            place: format!("Страница {} из {pages}", self.page),
            before: (self.page > 1).then(|| self.address(None, Some((self.page - 1).min(pages)))),
            after: (self.page < pages).then(|| self.address(None, Some(self.page + 1))),
        })
    }
}

/// A value inside an address.
#[must_use]
pub fn quoted(value: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(one).collect()
}

/// A choice of a filter.
#[must_use]
pub fn choice(value: &str, label: &str, chosen: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: value == chosen,
    }
}

/// A filter with choices.
#[must_use]
pub fn select(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Filter {
    Filter {
        name,
        label,
        choices,
        value: String::new(),
    }
}

/// A filter that is typed.
#[must_use]
pub fn typed(name: &'static str, label: &'static str, value: &str) -> Filter {
    Filter {
        name,
        label,
        choices: Vec::new(),
        value: value.to_owned(),
    }
}

/// Zones and municipalities of the scope, and the unit that is chosen, whatever it is.
#[must_use]
pub fn units(tree: &Tree, within: &Within, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![choice("", "все", chosen)];
    for kind in [UnitKind::Zone, UnitKind::Municipality] {
        let mut of_kind = tree.of_kind(kind);
        of_kind.retain(|unit| within.sees(tree, unit));
        of_kind.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        choices.extend(of_kind.iter().map(|unit| choice(&unit.code, &unit.name, chosen)));
    }
    let listed = choices.iter().any(|c| c.chosen);
    if let Some(unit) = within.unit(tree, chosen).filter(|_| !listed) {
        choices.push(choice(&unit.code, &unit.name, chosen));
    }
    choices
}
