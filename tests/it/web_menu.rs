//! The main menu: a short one is a line; a long one stands in groups by kind of work, and the sections of the group that
//! the page belongs to stand in a line of their own. Without a script: groups are `<details>`.

use std::collections::BTreeSet;

use crate::figures_pages::plain;
use crate::on_both;
use crate::visitor::{Server, Visitor};
use crate::web::{PASSWORD, world};

/// A menu of a page.
#[derive(Debug)]
struct Nav {
    /// Its label and class.
    tag: String,
    inner: String,
}

impl Nav {
    /// Links: where they lead, what they say, whether the page belongs there.
    fn links(&self) -> Vec<(String, String, bool)> {
        let link = |part: &str| {
            let (tag, rest) = part.split_once('>').expect("a tag");
            let href = tag.split('"').next().unwrap_or_default();
            let label = rest.split('<').next().unwrap_or_default();
            (href.to_owned(), plain(label), tag.contains("aria-current=\"page\""))
        };
        self.inner.split("<a href=\"").skip(1).map(link).collect()
    }

    fn labels(&self) -> Vec<String> {
        self.links().into_iter().map(|(_, label, _)| label).collect()
    }

    /// Names of groups that open, in their order.
    fn groups(&self) -> Vec<String> {
        let names = self.inner.split("<summary>").skip(1);
        names
            .map(|part| plain(part.split('<').next().unwrap_or_default()))
            .collect()
    }
}

/// The menus of a page in their order.
fn menus(who: &mut Visitor, path: &str) -> Vec<Nav> {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let bar = page
        .body
        .split("<header")
        .nth(1)
        .and_then(|rest| rest.split("</header>").next());
    let navs = bar.unwrap_or_default().split("<nav ").skip(1);
    let nav = |part: &str| {
        let (tag, inner) = part
            .split("</nav>")
            .next()
            .and_then(|nav| nav.split_once('>'))
            .expect("a menu");
        Nav {
            tag: tag.to_owned(),
            inner: inner.to_owned(),
        }
    };
    navs.map(nav).collect()
}

on_both! {
    fn a_long_menu_stands_in_groups_and_the_open_group_in_a_line(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let navs = menus(&mut operator, "/events");
        assert_eq!(navs.len(), 3, "groups, the folded menu, the line: {navs:?}");
        let (groups, folded, line) = (&navs[0], &navs[1], &navs[2]);
        assert_eq!(groups.groups(), ["Сопровождение", "Кадры", "Показатели", "Отчётность", "Данные", "Доступ"]);
        assert!(groups.inner.contains("<span class=\"here\">Учёт</span>"), "{groups:?}");
        assert!(line.tag.contains("aria-label=\"Разделы: Учёт\""), "{line:?}");
        let expected = [
            "Мероприятия", "Участие педагогов", "Голосование коллег", "Объединения", "Проекты", "Публикации", "Наставничество", "База наставников",
        ];
        assert_eq!(line.labels(), expected);
        // Where there is little room: every group, the open one open.
        assert_eq!(folded.groups(), ["Сопровождение", "Кадры", "Учёт", "Показатели", "Отчётность", "Данные", "Доступ"]);
        assert_eq!(folded.inner.matches(" open>").count(), 1, "{folded:?}");
        assert!(folded.inner.contains("<details name=\"sections\" open><summary>Учёт</summary>"), "{folded:?}");
        // No section is lost, none stands twice, each opens and is marked where it stands; nothing else is.
        let wide: Vec<_> = [groups.links(), line.links()].concat();
        let hrefs = |of: &[(String, String, bool)]| -> BTreeSet<String> { of.iter().map(|(href, ..)| href.clone()).collect() };
        assert_eq!(hrefs(&wide), hrefs(&folded.links()));
        assert!(wide.len() == hrefs(&wide).len() && wide.len() > 20, "{wide:?}");
        for (href, label, _) in &wide {
            let navs = menus(&mut operator, href);
            // Of an open group with one section there is no line.
            let line = navs.get(2).map(Nav::links).unwrap_or_default();
            for of in [[navs[0].links(), line].concat(), navs[1].links()] {
                let current: Vec<_> = of.iter().filter(|(.., current)| *current).collect();
                assert_eq!(current, [&(href.clone(), label.clone(), true)], "{href}");
            }
        }
        // A page of no section has no line and nothing marked.
        let navs = menus(&mut operator, "/account");
        assert!(navs.len() == 2 && navs.iter().all(|nav| !nav.inner.contains("aria-current")), "{navs:?}");
        assert!(navs[0].groups().contains(&"Учёт".to_owned()) && !navs[1].inner.contains(" open>"), "{navs:?}");
    }

    fn a_section_that_is_alone_in_its_group_stands_for_itself(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut deputy = server.signed_in("deputy", PASSWORD);
        let navs = menus(&mut deputy, "/coverage");
        assert_eq!(navs.len(), 2, "the section that is open is itself in the first line: {navs:?}");
        assert_eq!(navs[0].groups(), ["Сопровождение", "Кадры", "Учёт", "Отчётность"]);
        let alone: Vec<_> = navs[0].links().into_iter().filter(|(href, ..)| {
            ["/coverage", "/forms", "/accounts"].contains(&href.as_str())
        }).collect();
        assert_eq!(alone.len(), 3, "each stands for itself: {alone:?}");
        assert_eq!(alone[0], ("/coverage".to_owned(), "Охват".to_owned(), true));
    }

    fn a_short_menu_stays_a_line(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for (login, path, folds) in [("teacher", "/plan", true), ("tutor", "/review", false)] {
            let mut who = server.signed_in(login, PASSWORD);
            let navs = menus(&mut who, path);
            assert_eq!(navs.len(), 1 + usize::from(folds), "{login}: {navs:?}");
            for nav in &navs {
                assert!(nav.groups().is_empty() && !nav.inner.contains("<details"), "{login}: {nav:?}");
                let current: Vec<String> =
                    nav.links().into_iter().filter(|(.., current)| *current).map(|(href, ..)| href).collect();
                assert_eq!(current, [path], "{login}");
            }
            assert!(navs.windows(2).all(|two| two[0].links() == two[1].links()), "{login}: {navs:?}");
        }
    }
}
