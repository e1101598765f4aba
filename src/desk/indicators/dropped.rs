//! An indicator that the method in force no longer has: since which version, where its last passport stands, and where what
//! was released of it.

use chrono::NaiveDateTime;

use crate::db::AnyConn;
use crate::desk::indicators::figures::{place_of, section};
use crate::desk::indicators::figures_rows::Place;
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::indicators::{parsed, store};
use crate::pages::parts::{Change, Empty, Fact, Link};
use crate::pages::text::moment;
use crate::planted;
use crate::web::registry::Capability;
use crate::web::{Answer, Call, address};

/// Where an indicator stood last.
struct Dropped {
    title: String,
    /// The last version that has it.
    last: i32,
    /// The version that came after it.
    since: i32,
    /// When that was loaded.
    loaded_at: NaiveDateTime,
}

fn dropped(conn: &mut AnyConn, pack: &str, code: &str) -> Result<Option<Dropped>, Error> {
    let rows = store::versions(conn, pack)?;
    let found = rows.windows(2).rev().find_map(|pair| {
        let [before, after] = pair else { return None };
        // Most texts need not be read to know that a code does not stand there.
        let text = Some(&before.source).filter(|text| text.contains(code))?;
        let pack = parsed::pack(text, &before.digest).ok()?;
        Some(Dropped {
            title: pack.indicator(code)?.title.clone(),
            last: before.version,
            since: after.version,
            loaded_at: after.loaded_at,
        })
    });
    Ok(found)
}

/// The page of an indicator that earlier versions of the pack have and the one in force does not; nothing of a code that no
/// version ever had.
///
/// # Errors
/// The place of the address is not there, or lies outside the scope; those of the database.
pub(crate) async fn page(call: &Call) -> Result<Option<Answer>, Error> {
    let code = call.parts.get("code").unwrap_or_default().to_owned();
    let Some(place) = place_of(call).await? else {
        return Ok(None);
    };
    if place.pack.indicator(&code).is_some() || planted!("dropped_is_nowhere") {
        return Ok(None);
    }
    let (pack, of) = (place.pack.code.clone(), code.clone());
    let read = move |c: &mut AnyConn| dropped(c, &pack, &of);
    let Some(found) = call.app().db.read(read).await? else {
        return Ok(None);
    };
    let since = moment(found.loaded_at, call.zone());
    let text = format!(
        "Показателя нет в методике с версии {}, она загружена {since}. По действующей методике он не считается ни за один \
         период. Как он считался, сказано в паспорте версии {}; выпущенные значения остаются в выпусках.",
        found.since, found.last
    );
    let above = section(&place, "", &place.unit.code);
    let title = format!("{code} {}", found.title);
    let sheet = Sheet {
        crumbs: vec![Link::new("Показатели", above.clone())],
        heading: title.clone(),
        lead: place.pack.title.clone(),
        facts: ways(call, &place, &code, found.last)?,
        empty: Some(Empty {
            action: Some(Link::new("Показатели единицы", above)),
            ..Empty::new("Показателя больше нет в методике", text)
        }),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(Some(
        answer.title(format!("{title}, больше нет в методике")).status(404),
    ))
}

/// Where more is said of it: the last passport, and the editions for whoever sees them.
fn ways(call: &Call, place: &Place, code: &str, last: i32) -> Result<Vec<Fact>, Error> {
    let way = |name: &str, value: String, object: &'static str, href: String| Fact {
        name: name.to_owned(),
        value,
        change: Some(Change {
            text: "Открыть",
            object,
            href,
        }),
    };
    let version = last.to_string();
    let passport = address::address(
        &format!("/indicators/{}/{code}/passport", place.pack.code),
        [
            ("period", place.period.code.as_str()),
            ("unit", place.unit.code.as_str()),
            ("version", version.as_str()),
        ],
    );
    let said = format!("версия {last}");
    let mut ways = vec![way("Последний паспорт", said, "последний паспорт", passport)];
    let whole = place.roots.iter().any(|root| root.id == root.region_id);
    if whole && call.visitor()?.may(Capability::Editions) {
        let said = "в выпусках".to_owned();
        ways.push(way("Выпущенные значения", said, "выпуски", "/editions".to_owned()));
    }
    Ok(ways)
}
