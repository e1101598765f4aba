//! The main menu of a page: a line of sections or, where a role has many of them, groups by kind of work.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::web::menu::Group;

/// A longer menu is folded on a narrow screen.
const OPEN_ITEMS: usize = 4;

/// A longer one is grouped: so many fill two lines beside the mark and the name.
const LINE_ITEMS: usize = 9;

/// A section.
#[derive(Serialize)]
pub(super) struct Item {
    /// How it is called.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page belongs to it.
    pub current: bool,
}

/// Sections of one kind of work.
#[derive(Serialize)]
struct Several {
    label: &'static str,
    items: Vec<Item>,
    /// A single section stands for itself.
    alone: bool,
    /// Whether the page belongs to one of them: they stand in a line of their own.
    current: bool,
}

/// The menu of a visitor: either a line or groups.
#[derive(Serialize)]
pub(super) struct Menu {
    line: Vec<Item>,
    groups: Vec<Several>,
    /// Whether it is folded where there is little room.
    folds: bool,
    /// The section that is open, for the folded menu.
    section: &'static str,
}

impl Menu {
    /// The menu of sections that are open to a visitor.
    pub(super) fn of(sections: impl Iterator<Item = (Group, Item)>) -> Self {
        let all: Vec<(Group, Item)> = sections.collect();
        let section = all.iter().find(|(_, item)| item.current);
        let mut menu = Self {
            folds: all.len() > OPEN_ITEMS,
            section: section.map_or("", |(_, item)| item.label),
            line: Vec::new(),
            groups: Vec::new(),
        };
        if all.len() <= LINE_ITEMS {
            menu.line = all.into_iter().map(|(_, item)| item).collect();
            return menu;
        }
        let mut groups: BTreeMap<Group, Vec<Item>> = BTreeMap::new();
        for (group, item) in all {
            groups.entry(group).or_default().push(item);
        }
        let several = |(group, items): (Group, Vec<Item>)| Several {
            label: group.title(),
            alone: items.len() == 1,
            current: items.iter().any(|item| item.current),
            items,
        };
        menu.groups = groups.into_iter().map(several).collect();
        menu
    }
}
