//! A list whose whole state stands in its address: what is chosen, what a link without it would be, and its pages.

use crate::desk::indicators::file;
use crate::error::Error;
use crate::iom::Within;
use crate::pages::parts::{Choice, Empty, Filter, Filters, Link, Paging};
use crate::pages::text::{count, number};
use crate::units::{Tree, UnitKind};
use crate::web::Call;
use crate::web::address::address;
use crate::web::call::Fields;

/// Rows on a page of a list.
pub const PAGE: usize = 50;
/// Rows of a list that is wanted whole, at most: what a sheet holds.
const WHOLE: usize = 1_000_000;

/// The address of a list with what is chosen in it.
#[derive(Debug, Clone, Default)]
pub struct List {
    path: String,
    /// Names and values that are not empty.
    given: Vec<(&'static str, String)>,
    /// From 1; it may lie beyond the end until the number of rows is known.
    page: usize,
    /// What was typed and could not be read, as sentences.
    unread: Vec<String>,
    /// Whether all its rows are wanted, and no page of them: they go into a file.
    whole: bool,
}

impl List {
    /// Reads the address. It may hold these names, `page`, and `done` for what has just happened on the list.
    ///
    /// # Errors
    /// Another name, or one that stands twice.
    pub fn of(call: &Call, names: &[&'static str]) -> Result<Self, Error> {
        let known: Vec<&str> = names.iter().copied().chain(["page", "done"]).collect();
        Ok(Self::read(&call.path, call.query.only(&known)?, names))
    }

    /// Reads the address of a list whose page is given as a workbook too, at `as=xlsx`: all its rows are wanted then.
    ///
    /// # Errors
    /// Those of [`List::of`]; another kind of file.
    pub fn of_table(call: &Call, names: &[&'static str]) -> Result<Self, Error> {
        let known: Vec<&str> = names.iter().copied().chain(["page", "done", "as"]).collect();
        let list = Self::read(&call.path, call.query.only(&known)?, names);
        Ok(if file::wanted(call)? { list.whole() } else { list })
    }

    /// The same list with all its rows instead of a page of them.
    #[must_use]
    pub fn whole(self) -> Self {
        Self {
            page: 1,
            whole: true,
            ..self
        }
    }

    /// The same list at another address: the page whose file is refused.
    #[must_use]
    pub fn of_page(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self
        }
    }

    /// How many rows are read at most.
    #[must_use]
    pub const fn most(&self) -> usize {
        if self.whole { WHOLE } else { PAGE }
    }

    /// Whether all rows are wanted.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The list of a path with nothing chosen.
    #[must_use]
    pub fn plain(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            given: Vec::new(),
            page: 1,
            unread: Vec::new(),
            whole: false,
        }
    }

    /// The same list with a value chosen under a name; an empty one chooses nothing.
    #[must_use]
    pub fn choosing(mut self, name: &'static str, value: &str) -> Self {
        self.given.retain(|(n, _)| *n != name);
        if !value.is_empty() {
            self.given.push((name, value.to_owned()));
        }
        self
    }

    fn read(path: &str, query: &Fields, names: &[&'static str]) -> Self {
        let value = |name: &str| query.get(name).map(str::trim).filter(|v| !v.is_empty());
        let given = names.iter().filter_map(|name| Some((*name, value(name)?.to_owned())));
        Self {
            path: path.to_owned(),
            given: given.collect(),
            page: asked(query),
            unread: Vec::new(),
            whole: false,
        }
    }

    /// What is chosen under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    /// What is chosen under a name, as one of the values that it may have.
    ///
    /// # Errors
    /// Something else is given: such a list does not exist.
    pub fn known<T>(&self, name: &str, of: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
        self.get(name).map(|given| of(given).ok_or_else(no_list)).transpose()
    }

    /// What is typed under a name. What cannot be read counts as not given, and the filters say so; `how` says how to
    /// write it.
    pub fn typed<T>(&mut self, name: &str, how: &str, of: impl Fn(&str) -> Option<T>) -> Option<T> {
        let given = self.get(name)?;
        let read = of(given);
        if read.is_none() {
            self.unread.push(format!("Не понятно, что значит «{given}». {how}"));
            self.given.retain(|(n, _)| *n != name);
        }
        read
    }

    /// Refuses what was typed and could not be read, where no filters stand beside the answer that would say so.
    ///
    /// # Errors
    /// Something could not be read.
    pub fn all_read(&self) -> Result<(), Error> {
        match self.unread.first() {
            None => Ok(()),
            Some(said) => Err(Error::Invalid(said.clone())),
        }
    }

    /// What is chosen, as the journal keeps it: codes as they are, and of what somebody typed only that it was given.
    #[must_use]
    pub fn codes(&self, typed: &[&str]) -> String {
        let part = |(name, value): &(&str, String)| {
            let value = if typed.contains(name) { "*" } else { value };
            format!("{name}={value}")
        };
        let page = (self.page > 1).then(|| format!("page={}", self.page));
        self.given.iter().map(part).chain(page).collect::<Vec<_>>().join(" ")
    }

    /// Whether nothing is chosen.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.given.is_empty()
    }

    /// The first page of the list without what is chosen under a name.
    #[must_use]
    pub fn without(&self, name: &str) -> String {
        let kept = self.given.iter().filter(|(n, _)| *n != name);
        address(&self.path, kept.map(|(n, v)| (*n, v.as_str())))
    }

    /// The first page of the list with something else chosen under a name.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> String {
        let kept = self.given.iter().filter(|(n, _)| *n != name);
        let given = kept.map(|(n, v)| (*n, v.as_str()));
        address(&self.path, given.chain(std::iter::once((name, value))))
    }

    /// The address of the list with all that is chosen in it.
    #[must_use]
    pub fn here(&self) -> String {
        self.open(1)
    }

    /// The same list as a file, where its page offers one.
    #[must_use]
    pub fn file(&self) -> String {
        let given = self.given.iter().map(|(n, v)| (*n, v.as_str()));
        address(&format!("{}/file", self.path), given)
    }

    /// The same list as a table to be changed, where its page offers one.
    #[must_use]
    pub fn editable(&self) -> String {
        let given = self.given.iter().map(|(n, v)| (*n, v.as_str()));
        address(&format!("/editable{}", self.path), given)
    }

    /// The same list as a workbook, where its page gives one and names nobody.
    #[must_use]
    pub fn workbook(&self) -> String {
        file::of(&self.here())
    }

    fn open(&self, page: usize) -> String {
        let page = (page > 1).then(|| page.to_string());
        let given = self.given.iter().map(|(n, v)| (*n, v.as_str()));
        address(&self.path, given.chain(page.as_deref().map(|n| ("page", n))))
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

    /// A select; its first choice takes nothing away and is called `all`.
    ///
    /// # Errors
    /// The address holds a value that cannot be chosen.
    pub fn select(
        &self,
        name: &'static str,
        label: &'static str,
        all: &str,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Filter, Error> {
        let given = self.get(name).unwrap_or_default();
        let every = std::iter::once((String::new(), all.to_owned()));
        let choices: Vec<Choice> = every
            .chain(choices)
            .map(|(value, label)| Choice::new(&value, label, given))
            .collect();
        if choices.iter().any(|choice| choice.chosen) {
            Ok(Filter::select(name, label, choices))
        } else {
            Err(no_list())
        }
    }

    /// The filters with a chip for each that is chosen and can be taken away.
    #[must_use]
    pub fn filters(&self, filters: Vec<Filter>, found: String) -> Filters {
        let chip = |filter: &Filter| {
            let given = self.get(filter.name)?;
            let words = if filter.choices.is_empty() {
                format!("{}: «{given}»", filter.label)
            } else {
                filter.choices.iter().find(|c| c.value.is_empty())?;
                let label = filter.choices.iter().find(|c| c.chosen).map(|c| c.label.as_str());
                format!("{}: {}", filter.label, label.unwrap_or(given))
            };
            Some(Link::new(words, self.without(filter.name)))
        };
        Filters {
            action: self.path.clone(),
            chosen: filters.iter().filter_map(chip).collect(),
            filters,
            found,
            unread: self.unread.clone(),
            file: None,
            beside: Vec::new(),
        }
    }

    /// What stands where no rows are: `first` while nothing is chosen; else a title and that `none` fits what is chosen.
    #[must_use]
    pub fn empty(&self, first: Empty, title: &str, none: &str) -> Empty {
        if self.is_plain() {
            return first;
        }
        let text = format!("Под выбранные условия не подходит {none}: уберите одно из них.");
        Empty {
            action: Some(Link::new("Сбросить условия", self.path.clone())),
            ..Empty::new(title, text)
        }
    }

    /// The page that is shown of so many rows: the last one when the address asks for one beyond the end.
    #[must_use]
    pub fn page(&self, rows: usize) -> usize {
        self.page.min(rows.div_ceil(PAGE).max(1))
    }

    /// Rows that stand before the page that is shown.
    #[must_use]
    pub fn skipped(&self, rows: usize) -> usize {
        (self.page(rows) - 1) * PAGE
    }

    /// The rows of the page that is shown; all of them where all are wanted.
    pub fn rows<T>(&self, all: Vec<T>) -> Vec<T> {
        if self.whole {
            return all;
        }
        let skipped = self.skipped(all.len());
        all.into_iter().skip(skipped).take(PAGE).collect()
    }

    /// Links to the pages beside; `None` when everything stands on one.
    #[must_use]
    pub fn paging(&self, rows: usize) -> Option<Paging> {
        let (page, pages) = (self.page(rows), rows.div_ceil(PAGE));
        let figure = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
        (pages > 1).then(|| Paging {
            place: format!("Страница {} из {}", figure(page), figure(pages)),
            before: (page > 1).then(|| self.open(page - 1)),
            after: (page < pages).then(|| self.open(page + 1)),
        })
    }
}

/// The page that an address asks for, from 1: what is no number of a page asks for the first one.
#[must_use]
pub fn asked(query: &Fields) -> usize {
    let given = query.get("page").and_then(|n| n.trim().parse().ok());
    given.unwrap_or(1).max(1)
}

fn no_list() -> Error {
    Error::NotFound("список".into())
}

/// «Найдено: 3 педагога».
#[must_use]
pub fn found(rows: usize, one: &str, few: &str, many: &str) -> String {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    format!("Найдено: {}", count(rows, one, few, many))
}

/// Zones and municipalities of the scope, and the unit that is chosen, whatever it is; code and name.
#[must_use]
pub fn units(tree: &Tree, within: &Within, chosen: Option<&str>) -> Vec<(String, String)> {
    let mut choices = Vec::new();
    for kind in [UnitKind::Zone, UnitKind::Municipality] {
        let mut of_kind = tree.of_kind(kind);
        of_kind.retain(|unit| within.sees(tree, unit));
        of_kind.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        choices.extend(of_kind.iter().map(|unit| (unit.code.clone(), unit.name.clone())));
    }
    let unit = chosen.and_then(|code| within.unit(tree, code));
    if let Some(unit) = unit.filter(|unit| choices.iter().all(|(code, _)| *code != unit.code)) {
        choices.push((unit.code.clone(), unit.name.clone()));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> List {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        List::read("/staff", &Fields(fields.collect()), &["q", "state", "empty"])
    }

    #[test]
    fn what_is_chosen_stays_in_every_link() {
        let of = list(&[("q", "Ёлк ин"), ("state", "active"), ("empty", " "), ("page", "2")]);
        assert_eq!(of.without("state"), "/staff?q=%D0%81%D0%BB%D0%BA%20%D0%B8%D0%BD");
        assert_eq!(of.without("q"), "/staff?state=active");
        assert_eq!(of.get("empty"), None);
        let paging = of.paging(120).unwrap();
        assert_eq!(paging.place, "Страница 2 из 3");
        assert!(paging.before.unwrap().ends_with("state=active") && paging.after.unwrap().ends_with("&page=3"));
        assert_eq!(of.rows((0..120).collect::<Vec<_>>()), (50..100).collect::<Vec<_>>());
        assert!(list(&[]).paging(PAGE).is_none() && list(&[]).paging(PAGE + 1).is_some());
    }

    #[test]
    fn what_cannot_be_read_is_not_chosen_and_told() {
        let mut of = list(&[("q", "abc"), ("state", "active")]);
        assert_eq!(of.typed("empty", "", |n| n.parse::<i32>().ok()), None);
        assert!(of.all_read().is_ok(), "what is not given needs no reading");
        assert_eq!(of.typed("q", "Напишите число.", |n| n.parse::<i32>().ok()), None);
        assert_eq!(of.here(), "/staff?state=active");
        assert!(of.all_read().is_err());
        let shown = of.filters(Vec::new(), String::new());
        assert_eq!(shown.unread, ["Не понятно, что значит «abc». Напишите число."]);
    }

    #[test]
    fn what_is_no_page_is_the_first_one() {
        for page in ["0", "-1", "abc", " ", "99999999999999999999"] {
            assert_eq!(list(&[("page", page)]).page(120), 1, "{page}");
        }
    }

    #[test]
    fn beyond_the_end_stands_the_last_page() {
        let of = list(&[("page", "999999")]);
        assert_eq!(of.rows((0..120).collect::<Vec<_>>()), (100..120).collect::<Vec<_>>());
        assert_eq!(of.paging(120).unwrap().place, "Страница 3 из 3");
        assert!(of.rows(Vec::<u8>::new()).is_empty());
    }

    #[test]
    fn a_value_that_can_not_be_chosen_is_no_list() {
        let states = || [("active".to_owned(), "в работе".to_owned())];
        assert!(
            list(&[("state", "x")])
                .select("state", "Состояние", "все", states())
                .is_err()
        );
        let of = list(&[("state", "active")]);
        let filter = of.select("state", "Состояние", "все", states()).unwrap();
        let shown = of.filters(vec![filter], String::new());
        assert_eq!(shown.chosen, [Link::new("Состояние: в работе", "/staff")]);
    }
}
