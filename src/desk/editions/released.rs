//! The released value beside the one of today: what stands in the last edition of the period, never in the place of it.

use super::told::said;
use crate::cycle::edition::store;
use crate::db::AnyConn;
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::Indicator;
use crate::pages::parts::Figure;
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::Capability;

/// «в выпуске № 2»: the value of the unit in the last edition, for whoever may see editions; nothing where there is none.
///
/// # Errors
/// Those of the database.
pub(crate) async fn figure(call: &Call, found: &Found, indicator: &Indicator) -> Result<Option<Figure>, Error> {
    let visitor = call.visitor()?;
    let whole = found
        .roots
        .iter()
        .any(|root| root.id == root.region_id && root.id == found.unit.region_id);
    if !visitor.may(Capability::Editions) || !whole {
        return Ok(None);
    }
    let (region, pack, period) = (found.unit.region_id, found.pack.code.clone(), found.period.code.clone());
    let (names, code, unit) = (found.looking.names, indicator.code.clone(), found.unit.code.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let Some(edition) = store::last_of(c, region, &pack, &period)? else {
            return Ok(None);
        };
        Ok(Some(said(c, &edition, names)?))
    };
    let Some(said) = call.app().db.read(read).await? else {
        return Ok(None);
    };
    let Some((seen, of)) = said.get(&code, &unit).zip(said.pack.indicator(&code)) else {
        return Ok(None);
    };
    let path = format!("/editions/{}", said.edition.id);
    Ok(Some(Figure {
        shown: words::value_cell(of, seen).text,
        label: format!("в выпуске №\u{A0}{}", said.edition.number),
        href: Some(address(&path, [("unit", unit.as_str()), ("indicator", code.as_str())])),
        note: None,
    }))
}
