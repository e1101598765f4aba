//! What the pages over many units or many indicators have in common: the form that chooses, sections of tables and lists,
//! and the workbook of the tables.

use serde::Serialize;

use crate::db::AnyConn;
use crate::db::milli::Milli;
use crate::desk::indicators::figures::{self, HIDES, nothing, period_name, sections};
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::file;
use crate::error::Error;
use crate::indicators::Indicator;
use crate::pages::parts::{Choice, Empty, Filter, Link, Sheet, SheetCell, SheetColumn, SheetPart};
use crate::pages::text::{count, number};
use crate::planted;
use crate::units::{Unit, UnitKind};
use crate::web::{Answer, Call, address};

/// A field of the form that chooses: a select, or a number that is typed.
#[derive(Serialize)]
pub(crate) struct Ask {
    pub id: String,
    pub name: &'static str,
    pub label: String,
    pub choices: Vec<Choice>,
    pub value: String,
    /// What was typed and could not be read, and how to write it.
    pub problem: Option<String>,
}

impl Ask {
    /// A select.
    pub(crate) fn select(name: &'static str, label: &str, choices: Vec<Choice>) -> Self {
        Self {
            id: format!("f-{name}"),
            name,
            label: label.to_owned(),
            choices,
            value: String::new(),
            problem: None,
        }
    }

    /// A number that is typed, in thousandths: «50», «49,99». What cannot be read counts as not given, stays in its field
    /// and the field says so.
    pub(crate) fn number(call: &Call, name: &'static str, label: &str) -> (Option<i64>, Self) {
        let given = call.query.get(name).map(str::trim).unwrap_or_default();
        let mut ask = Self {
            value: given.to_owned(),
            ..Self::select(name, label, Vec::new())
        };
        if given.is_empty() {
            return (None, ask);
        }
        let read = Milli::parse(&given.replace('%', "").replace('−', "-")).map(|m| i64::from(m.0));
        if read.is_none() {
            let how = "Напишите число, например 50 или 49,9.";
            ask.problem = Some(format!("Не понятно, что значит «{given}». {how}"));
        }
        (read, ask)
    }
}

impl From<Filter> for Ask {
    fn from(of: Filter) -> Self {
        Self::select(of.name, of.label, of.choices)
    }
}

/// Units with a word for what they have in common.
#[derive(Serialize)]
pub(crate) struct Named {
    pub title: String,
    pub text: String,
    pub links: Vec<Link>,
    /// Whether it opens by its title: each link is then a line.
    pub folded: bool,
}

impl Named {
    /// Where else one may go; nothing where there is nowhere.
    pub(crate) fn folded(title: &str, links: Vec<Link>) -> Option<Self> {
        let many = i64::try_from(links.len()).unwrap_or(i64::MAX);
        (many > 0).then(|| Self {
            title: format!("{title}: {}", number(many)),
            text: String::new(),
            links,
            folded: true,
        })
    }

    /// Units that have something in common; each opens its page of the indicator.
    pub(crate) fn units(title: &str, units: &[&Unit], place: &Place, indicator: &Indicator) -> Self {
        let many = i64::try_from(units.len()).unwrap_or(i64::MAX);
        let links = units
            .iter()
            .map(|u| Link::new(u.name.clone(), figures::page_of(place, indicator, "", &u.code, None)));
        Self {
            title: format!("{title}: {}", number(many)),
            text: if units.is_empty() {
                "никого".to_owned()
            } else {
                String::new()
            },
            links: links.collect(),
            folded: false,
        }
    }
}

/// A shade of a map and what it means.
#[derive(Serialize)]
pub(crate) struct Legend {
    pub shade: usize,
    pub text: String,
}

/// A part of a page.
#[derive(Serialize, Default)]
pub(crate) struct Section {
    pub heading: String,
    pub text: String,
    pub sheet: Option<Sheet>,
    pub lists: Vec<Named>,
    pub legend: Vec<Legend>,
    /// Its lists as a table, for the workbook alone: the page has them below their headings.
    #[serde(skip)]
    pub listed: Option<Sheet>,
}

impl Section {
    /// With its lists in the workbook too: a row for each unit, and one for a list of nobody.
    pub(crate) fn listed(self) -> Self {
        let columns = vec![SheetColumn::words("Список"), SheetColumn::words("Единица")];
        let row = |list: &Named, name: &str| vec![SheetCell::words(list.title.clone()), SheetCell::words(name)];
        let rows = self.lists.iter().flat_map(|list| {
            let named: Vec<Vec<SheetCell>> = list.links.iter().map(|link| row(list, &link.text)).collect();
            if named.is_empty() {
                vec![row(list, &list.text)]
            } else {
                named
            }
        });
        let part = SheetPart {
            title: self.text.clone(),
            rows: rows.collect(),
        };
        Self {
            listed: Some(Sheet::of_parts(self.heading.clone(), columns, vec![part])),
            ..self
        }
    }
}

#[derive(Serialize)]
struct BoardPage {
    heading: String,
    lead: String,
    links: Vec<Link>,
    action: String,
    form: Vec<Ask>,
    sections: Vec<Section>,
    hides: &'static str,
    empty: Option<Empty>,
}

/// A page over the units of a place.
pub(crate) struct Board {
    /// The last part of its address.
    pub below: &'static str,
    pub heading: String,
    pub form: Vec<Ask>,
    pub sections: Vec<Section>,
}

/// The place that the address names, read together with what a page needs.
pub(crate) async fn with<T: Send + 'static>(
    call: &Call,
    read: impl FnOnce(&mut AnyConn, &Place) -> Result<T, Error> + Send + 'static,
) -> Result<Option<(Place, T)>, Error> {
    let Some(place) = figures::place_of(call).await? else {
        return Ok(None);
    };
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let found = read(c, &place)?;
        Ok((place, found))
    };
    call.app().db.read(read).await.map(Some)
}

/// The answer: the page, or the workbook of all its tables.
pub(crate) fn answer(call: &Call, place: &Place, board: Board) -> Result<Answer, Error> {
    let at = (
        format!("/indicators{}", board.below),
        self::sections(place, board.below),
    );
    answer_at(call, place, board, at)
}

/// The same of a page that stands elsewhere: where its form is sent, and where else one may go.
pub(crate) fn answer_at(
    call: &Call,
    place: &Place,
    board: Board,
    (action, links): (String, Vec<Link>),
) -> Result<Answer, Error> {
    let lead = format!("{} · {}", place.unit.name, period_name(place));
    let mut sections = board.sections;
    let unread = |name: &str| board.form.iter().any(|ask| ask.name == name && ask.problem.is_some());
    if file::wanted(call)? {
        // No form stands beside a file that would say what could not be read.
        if let Some(said) = board.form.iter().find_map(|ask| ask.problem.clone()) {
            return Err(Error::Invalid(said));
        }
        let tables = sections.iter().filter_map(|s| s.sheet.as_ref());
        let lists = sections.iter().filter_map(|s| s.listed.as_ref());
        let lists = lists.filter(|_| !planted!("file_without_lists"));
        let tables: Vec<&Sheet> = tables.chain(lists).collect();
        if tables.is_empty() {
            return Err(Error::NotFound("файл".into()));
        }
        let chosen = call
            .query
            .0
            .iter()
            .filter(|(name, value)| !FRAME.contains(&name.as_str()) && !value.is_empty());
        let chosen: Vec<String> = chosen.map(|(name, value)| format!("{name}={value}")).collect();
        let about = [place.pack.title.clone(), lead, chosen.join(", ")];
        let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
        return file::book(call, &board.heading, &about.join(", "), &tables);
    }
    if let Some(sheet) = sections.iter_mut().find_map(|s| s.sheet.as_mut()) {
        let given = call.query.0.iter();
        let given = given.filter(|(name, value)| !value.is_empty() && !unread(name));
        let here = address::address(&call.path, given.map(|(n, v)| (n.as_str(), v.as_str())));
        sheet.file = Some(Link::new("Выгрузить в Excel", file::of(&here)));
    }
    let title = format!("{}: {}", board.heading, place.unit.name);
    let page = BoardPage {
        heading: board.heading,
        lead,
        links,
        action,
        form: board.form,
        sections,
        hides: if place.looking.names { "" } else { HIDES },
        empty: None,
    };
    Ok(Answer::page("desk/indicator_board", &page)?.title(title))
}

/// Names of the address that the first row of a workbook says in words already.
const FRAME: [&str; 4] = ["pack", "period", "unit", "as"];

/// The answer where nothing is loaded yet.
pub(crate) fn none(heading: &'static str) -> Result<Answer, Error> {
    let page = BoardPage {
        heading: heading.into(),
        lead: String::new(),
        links: Vec::new(),
        action: String::new(),
        form: Vec::new(),
        sections: Vec::new(),
        hides: "",
        empty: Some(nothing()),
    };
    Answer::page("desk/indicator_board", &page)
}

/// The choice of the pack, the period and the unit.
pub(crate) fn place_form(place: &Place) -> Vec<Ask> {
    let mut form: Vec<Ask> = figures::place_filters(place).into_iter().map(Ask::from).collect();
    form.push(figures::unit_filter(place).into());
    form
}

/// A choice of an indicator among some.
pub(crate) fn indicator_choice<'a>(
    name: &'static str,
    label: &str,
    all: impl Iterator<Item = &'a Indicator>,
    chosen: &str,
) -> Ask {
    let choices = all.map(|i| Choice::new(&i.code, format!("{} {}", i.code, i.title), chosen));
    Ask::select(name, label, choices.collect())
}

/// The indicator that the address names among some, or the first that `otherwise` takes, or the first at all.
///
/// # Errors
/// A code that is not among them.
pub(crate) fn chosen<'a>(
    given: Option<&str>,
    all: &[&'a Indicator],
    otherwise: impl Fn(&Indicator) -> bool,
) -> Result<Option<&'a Indicator>, Error> {
    match given.filter(|code| !code.is_empty()) {
        Some(code) => {
            let found = all.iter().find(|i| i.code == code);
            found
                .copied()
                .map(Some)
                .ok_or_else(|| Error::NotFound("показатель".into()))
        }
        None => Ok(all.iter().find(|i| otherwise(i)).or(all.first()).copied()),
    }
}

/// The kind of units that have rows, and what they are called: towns of a region, schools of a town.
pub(crate) fn rows_of(place: &Place) -> (UnitKind, &'static str) {
    match place.level() {
        UnitKind::Municipality => (UnitKind::Municipality, "Муниципалитет"),
        _ => (UnitKind::Organisation, "Организация"),
    }
}

/// Units of the rows: an organisation is a row of its own.
pub(crate) fn units_of(place: &Place) -> Vec<&Unit> {
    place.units(rows_of(place).0)
}

/// «12 единиц».
pub(crate) fn units_counted(many: usize) -> String {
    count(i64::try_from(many).unwrap_or(i64::MAX), "единица", "единицы", "единиц")
}
