//! Units from a file: units and their dated places in the tree.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{Locality, MunicipalityKind, OrgKind, Unit, UnitId, UnitKind, UnitLink, UnitLinkId};
use super::names::{Meant, Names};
use super::spans::{self, Span};
use crate::db::schema::{unit, unit_link};
use crate::db::text_keys::{search_key, sort_key};
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{not_of, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, changed,
    made, previous, repeats,
};
use crate::insert_many;
use crate::planted;

/// Files of units.
pub struct UnitsFile;

/// A row: a unit and a stay of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    name: String,
    kind: UnitKind,
    parent: Option<String>,
    org_kind: Option<OrgKind>,
    locality: Option<Locality>,
    municipality_kind: Option<MunicipalityKind>,
    oktmo: Option<String>,
    inn: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

const KINDS: Choice<UnitKind> = Choice {
    values: UnitKind::ALL,
    code: UnitKind::code,
    label: UnitKind::label,
    more: &[
        ("область", UnitKind::Region),
        ("край", UnitKind::Region),
        ("республика", UnitKind::Region),
        ("округ", UnitKind::Zone),
        ("образовательный округ", UnitKind::Zone),
        ("район", UnitKind::Municipality),
        ("муниципальное образование", UnitKind::Municipality),
        ("оо", UnitKind::Organisation),
    ],
    formulas: true,
};

const ORG_KINDS: Choice<OrgKind> = Choice {
    values: OrgKind::ALL,
    code: OrgKind::code,
    label: OrgKind::label,
    more: &[
        ("доо", OrgKind::Preschool),
        ("доу", OrgKind::Preschool),
        ("удо", OrgKind::Extracurricular),
        ("колледж", OrgKind::Vocational),
    ],
    formulas: true,
};

const LOCALITIES: Choice<Locality> = Choice {
    values: Locality::ALL,
    code: Locality::code,
    label: Locality::label,
    more: &[
        ("отдаленное село", Locality::RemoteRural),
        ("городская", Locality::Urban),
        ("сельская", Locality::Rural),
    ],
    formulas: true,
};

const MUNICIPALITY_KINDS: Choice<MunicipalityKind> = Choice {
    values: MunicipalityKind::ALL,
    code: MunicipalityKind::code,
    label: MunicipalityKind::label,
    more: &[
        ("мр", MunicipalityKind::MunicipalDistrict),
        ("мо", MunicipalityKind::MunicipalOkrug),
        ("городской округ", MunicipalityKind::Town),
        ("зато", MunicipalityKind::ClosedTown),
        (
            "закрытое административно-территориальное образование",
            MunicipalityKind::ClosedTown,
        ),
        ("поселок городского типа", MunicipalityKind::Settlement),
    ],
    formulas: true,
};

/// What of a unit a file may change, as it stood.
#[derive(Serialize, Deserialize)]
struct Before {
    name: String,
    org_kind: Option<OrgKind>,
    locality: Option<Locality>,
    municipality_kind: Option<MunicipalityKind>,
    oktmo: Option<String>,
    inn: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    version: i32,
    batch_id: Option<i64>,
}

impl Table for UnitsFile {
    type Row = Row;
    const KIND: Kind = Kind::Units;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &["unit", "unit_link"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let name = fields.required_text("name");
        let kind = fields.required_choice("kind", &KINDS);
        let parent = fields.text("parent");
        match (kind, &parent) {
            (Some(UnitKind::Region), Some(_)) => fields.problem("parent", Refusal::new("units.region_has_parent")),
            (Some(UnitKind::Region) | None, _) | (_, Some(_)) => {}
            (Some(_), None) => fields.problem("parent", Refusal::new("units.no_parent")),
        }
        let org_kind = fields.choice("org_kind", &ORG_KINDS);
        let locality = fields.choice("locality", &LOCALITIES);
        let municipality_kind = fields.choice("municipality_kind", &MUNICIPALITY_KINDS);
        if let (Some(kind), Some(of)) = (kind, municipality_kind)
            && kind != UnitKind::Municipality
        {
            let refusal = Refusal::new("units.no_municipality").with("kind", kind.label());
            fields.problem("municipality_kind", refusal.with("value", of.label()));
        }
        let (oktmo, inn) = (fields.text("oktmo"), fields.text("inn"));
        let (from, last) = (fields.date("from"), fields.date("to"));
        if from.is_some_and(|from| last.is_some_and(|last| last < from)) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        Some(Row {
            code: code?,
            name: name?,
            kind: kind?,
            parent,
            org_kind,
            locality,
            municipality_kind,
            oktmo,
            inn,
            from,
            to: last.and_then(|day| day.succ_opt()),
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let rows = repeats::settle(rows, |row| (row.code.clone(), row.from), &mut applied.verdicts);
        let units: Vec<Unit> = unit::table.select(Unit::as_select()).load(tx.conn())?;
        let links: Vec<UnitLink> = unit_link::table
            .filter(unit_link::superseded_at.is_null())
            .select(UnitLink::as_select())
            .load(tx.conn())?;
        let names = Names::load(tx.conn())?;
        let known: HashSet<String> = units.iter().map(|u| u.code.clone()).collect();
        let rows = name_parents(rows, &known, &names, batch, &mut applied);
        let mut writing = Writing::new(batch, units, links);
        for (code, rows) in by_unit(rows) {
            writing.take(tx, &code, rows, &mut applied);
        }
        writing.write(tx)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let new = made(changes, "unit");
        let others = not_of(batch);
        let links = [
            ("unit_link", "parent_id", "единицы внутри"),
            ("unit_link", "unit_id", "места в дереве"),
        ];
        let mut found = standing_on(tx.conn(), &new, &links, Some(&others))?;
        let tables = [
            ("person", "region_id", "люди региона"),
            ("employment", "organisation_id", "места работы"),
            ("programme", "provider_id", "программы"),
            ("event", "organiser_id", "мероприятия"),
            ("event_unit", "unit_id", "участие в мероприятиях"),
            ("body", "unit_id", "объединения"),
            ("vacancy", "organisation_id", "вакансии"),
            ("activity", "organiser_id", "записи об участии"),
            ("procedure", "organiser_id", "процедуры"),
            ("procedure", "region_id", "диагностики региона"),
            ("procedure_person", "asked_by_id", "приглашения на диагностику"),
            ("diagnosis", "organiser_id", "диагностики"),
            ("role_grant", "unit_id", "роли"),
            ("measure_value", "unit_id", "внесённые значения"),
            ("qualification_document", "issuer_id", "документы"),
        ];
        found.extend(standing_on(tx.conn(), &new, &tables, None)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for block in made(changes, "unit_link").chunks(1000) {
            diesel::delete(unit_link::table.filter(unit_link::id.eq_any(block))).execute(tx.conn())?;
        }
        let ended: Vec<i64> = changed(changes, "unit_link").filter_map(|c| c.object_id).collect();
        for block in ended.chunks(1000) {
            diesel::update(unit_link::table.filter(unit_link::id.eq_any(block)))
                .set(unit_link::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute(tx.conn())?;
            let moved: Vec<i64> = unit_link::table
                .filter(unit_link::id.eq_any(block))
                .select(unit_link::unit_id)
                .load(tx.conn())?;
            moved.into_iter().for_each(|unit| tx.touch_unit(unit));
        }
        for change in changed(changes, "unit") {
            if let Some((id, before)) = change.before::<Before>()? {
                restore(tx, UnitId(id), before)?;
            }
        }
        for block in made(changes, "unit").chunks(1000) {
            diesel::delete(unit::table.filter(unit::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

fn restore(tx: &mut Tx<'_>, id: UnitId, before: Before) -> Result<(), DbError> {
    let (name, kind): (String, Option<OrgKind>) = unit::table
        .filter(unit::id.eq(id))
        .select((unit::name, unit::org_kind))
        .first(tx.conn())?;
    // The kind of an organisation stands in the facts of its people, and a centre is known by its name.
    if kind != before.org_kind || (kind == Some(OrgKind::Dpo) && name != before.name) {
        tx.touch_everyone();
    }
    diesel::update(unit::table.filter(unit::id.eq(id)))
        .set((
            unit::search_key.eq(search_key(&before.name)),
            unit::sort_key.eq(sort_key(&before.name)),
            unit::name.eq(before.name),
            unit::org_kind.eq(before.org_kind),
            unit::locality.eq(before.locality),
            unit::municipality_kind.eq(before.municipality_kind),
            unit::oktmo.eq(before.oktmo),
            unit::inn.eq(before.inn),
            unit::valid_from.eq(before.valid_from),
            unit::valid_to.eq(before.valid_to),
            unit::version.eq(before.version),
            unit::batch_id.eq(before.batch_id),
        ))
        .execute(tx.conn())?;
    tx.touch_unit(id.0);
    Ok(())
}

/// Parents that are named, not coded, get the codes of the units that the names mean; a code of the file or of the
/// database is a code first.
fn name_parents(
    mut rows: Vec<Staged<Row>>,
    known: &HashSet<String>,
    names: &Names,
    batch: &Batch,
    applied: &mut Applied,
) -> Vec<Staged<Row>> {
    let own: HashSet<String> = rows.iter().map(|s| s.row.code.clone()).collect();
    rows.retain_mut(|staged| {
        let named = staged
            .row
            .parent
            .clone()
            .filter(|p| !known.contains(p) && !own.contains(p));
        let Some(name) = named else { return true };
        match names.meant(&name, |place| batch.holds(place.region.0, place.id.0)) {
            Meant::One(place) => staged.row.parent = Some(place.code),
            Meant::Nothing => {}
            Meant::Several(many) => {
                let refusal = Refusal::new("units.several_named").with("many", many);
                let problem = Problem::at(Kind::Units, "parent", &name, refusal);
                applied.verdicts.push((staged.number, Verdict::Refused(problem)));
                return false;
            }
        }
        true
    });
    rows
}

/// The rows of each unit, regions first and organisations last: a parent is always settled before what it holds.
fn by_unit(rows: Vec<Staged<Row>>) -> Vec<(String, Vec<Staged<Row>>)> {
    let mut units: BTreeMap<(usize, String), Vec<Staged<Row>>> = BTreeMap::new();
    for staged in rows {
        let key = (rank(staged.row.kind), staged.row.code.clone());
        units.entry(key).or_default().push(staged);
    }
    let mut units: Vec<_> = units.into_iter().map(|((_, code), rows)| (code, rows)).collect();
    for (_, rows) in &mut units {
        rows.sort_by_key(|s| (s.row.from, s.number));
    }
    units
}

fn rank(kind: UnitKind) -> usize {
    UnitKind::ALL.iter().position(|k| *k == kind).unwrap_or(0)
}

/// Whether a unit of one kind may stand in another: never in its own kind, so the tree has no circles.
fn may_stand_in(kind: UnitKind, parent: UnitKind) -> bool {
    match kind {
        UnitKind::Region => false,
        UnitKind::Zone => parent == UnitKind::Region,
        UnitKind::Municipality => matches!(parent, UnitKind::Region | UnitKind::Zone),
        UnitKind::Organisation => parent != UnitKind::Organisation,
    }
}

struct Writing<'a> {
    batch: &'a Batch,
    units: HashMap<String, Unit>,
    links: HashMap<UnitId, Vec<UnitLink>>,
    refused: HashMap<String, u32>,
    new_units: Vec<Unit>,
    changed_units: Vec<Unit>,
    new_links: Vec<UnitLink>,
    ended_links: Vec<UnitLinkId>,
}

impl<'a> Writing<'a> {
    fn new(batch: &'a Batch, units: Vec<Unit>, links: Vec<UnitLink>) -> Self {
        let mut by_unit: HashMap<UnitId, Vec<UnitLink>> = HashMap::new();
        for link in links {
            by_unit.entry(link.unit_id).or_default().push(link);
        }
        Self {
            batch,
            units: units.into_iter().map(|u| (u.code.clone(), u)).collect(),
            links: by_unit,
            refused: HashMap::new(),
            new_units: Vec::new(),
            changed_units: Vec::new(),
            new_links: Vec::new(),
            ended_links: Vec::new(),
        }
    }

    /// Settles the rows of one unit: its own data by the latest of them, its stays by all.
    fn take(&mut self, tx: &mut Tx<'_>, code: &str, rows: Vec<Staged<Row>>, applied: &mut Applied) {
        let mut good = Vec::new();
        for staged in rows {
            match self.parent_of(&staged.row) {
                Ok(parent) => good.push((staged, parent)),
                Err(problem) => {
                    self.refused.insert(code.to_owned(), staged.number);
                    applied.verdicts.push((staged.number, Verdict::Refused(problem)));
                }
            }
        }
        let Some((latest, parent)) = good.last().map(|(s, parent)| (s.row.clone(), parent.clone())) else {
            return;
        };
        let known = self.units.get(code).cloned();
        let said = good.iter().map(|(s, parent)| (&s.row, parent.as_ref()));
        let life = self.life(known.as_ref().map(|unit| unit.id), said);
        if self.batch.mode == Mode::Add && known.is_some() {
            for (staged, parent) in &good {
                let same = known.as_ref().is_some_and(|unit| {
                    let life = self.life(Some(unit.id), [(&staged.row, parent.as_ref())]);
                    described(unit, &staged.row, life) == *unit && !self.moves(unit.id, &staged.row, parent.as_ref())
                });
                let verdict = if same { Verdict::Unchanged } else { Verdict::Kept };
                applied.verdicts.push((staged.number, verdict));
            }
            return;
        }
        let mut changes = Vec::new();
        let id = match known {
            None => {
                let fresh = self.make(tx, &latest, parent.as_ref(), life);
                changes.push(Change {
                    kind: "unit",
                    id: fresh.id.0,
                    previous: None,
                });
                self.units.insert(code.to_owned(), fresh.clone());
                self.new_units.push(fresh.clone());
                fresh.id
            }
            Some(stored) => {
                let mut described = described(&stored, &latest, life);
                if described != stored {
                    described.version += 1;
                    described.batch_id = Some(self.batch.id.0);
                    let earlier = Some(previous(&before_of(&stored)));
                    changes.push(Change {
                        kind: "unit",
                        id: stored.id.0,
                        previous: earlier,
                    });
                    self.units.insert(code.to_owned(), described.clone());
                    self.changed_units.push(described);
                }
                stored.id
            }
        };
        let is_new = changes.iter().any(|c| c.previous.is_none());
        for (place, (staged, parent)) in good.iter().enumerate() {
            let mut own = self.place(tx, id, &staged.row, parent.as_ref());
            if place == good.len() - 1 {
                own.append(&mut changes);
            }
            let verdict = match own.is_empty() {
                true => Verdict::Unchanged,
                false if is_new || own.iter().any(|c| c.kind == "unit" && c.previous.is_none()) => Verdict::New(own),
                false => Verdict::Changed(own),
            };
            applied.verdicts.push((staged.number, verdict));
        }
    }

    fn parent_of(&self, row: &Row) -> Result<Option<Unit>, Problem> {
        let problem = |refusal| Problem::at(Kind::Units, "parent", row.parent.as_deref().unwrap_or(""), refusal);
        let stored = self.units.get(&row.code);
        let outside = stored.map_or(row.kind == UnitKind::Region && self.batch.region.is_some(), |unit| {
            !self.batch.reaches(unit.region_id.0)
        });
        if outside || stored.is_some_and(|unit| !self.holds(unit.region_id, unit.id)) {
            let refusal = match (&self.batch.part, stored) {
                (Some(_), Some(_)) => Refusal::new("import.code_outside"),
                _ => Refusal::new("import.other_region"),
            };
            return Err(Problem::at(Kind::Units, "code", &row.code, refusal));
        }
        if let Some(stored) = self.units.get(&row.code)
            && stored.kind != row.kind
        {
            let refusal = Refusal::new("units.kind_changed").with("kind", stored.kind.label());
            return Err(Problem::at(Kind::Units, "kind", row.kind.label(), refusal));
        }
        let Some(code) = &row.parent else { return Ok(None) };
        if *code == row.code {
            return Err(problem(Refusal::new("units.in_itself")));
        }
        let Some(parent) = self.units.get(code) else {
            return Err(problem(match self.refused.get(code) {
                Some(other) => Refusal::new("units.parent_refused").with("row", other),
                None if self.batch.part.is_some() => Refusal::new("import.outside_part"),
                None => Refusal::new("units.unknown_parent"),
            }));
        };
        if !self.holds(parent.region_id, parent.id) {
            let refusal = self.batch.place(Some((parent.region_id.0, parent.id.0))).err();
            return Err(problem(refusal.unwrap_or_else(|| Refusal::new("import.other_region"))));
        }
        if stored.is_some_and(|unit| self.leaves_others(unit, row, parent)) {
            return Err(problem(Refusal::new("units.moved_from_outside")));
        }
        if !may_stand_in(row.kind, parent.kind) {
            let refusal = Refusal::new("units.wrong_parent")
                .with("kind", row.kind.label())
                .with("parent", parent.kind.label());
            return Err(problem(refusal));
        }
        if self
            .units
            .get(&row.code)
            .is_some_and(|own| own.region_id != parent.region_id)
        {
            return Err(problem(Refusal::new("units.other_region")));
        }
        Ok(Some(parent.clone()))
    }

    /// Whether the file may write to a unit: one of its reach, or one that it has made itself where it may.
    fn holds(&self, region: UnitId, unit: UnitId) -> bool {
        self.batch.holds(region.0, unit.0) || self.new_units.iter().any(|new| new.id == unit)
    }

    /// Whether a row takes a unit, for some days, out of another one that the file may not write to.
    fn leaves_others(&self, unit: &Unit, row: &Row, parent: &Unit) -> bool {
        let stays = self.spans(unit.id);
        let after = spans::with(&stays, said(row, parent));
        let left = |stay: &Span| !after.contains(stay) && !self.holds(unit.region_id, stay.parent);
        self.batch.part.is_some() && stays.iter().any(left)
    }

    fn make(&self, tx: &Tx<'_>, row: &Row, parent: Option<&Unit>, life: Life) -> Unit {
        let id = UnitId(tx.id());
        Unit {
            id,
            region_id: parent.map_or(id, |p| p.region_id),
            kind: row.kind,
            code: row.code.clone(),
            name: row.name.clone(),
            search_key: search_key(&row.name),
            sort_key: sort_key(&row.name),
            org_kind: row.org_kind,
            locality: row.locality,
            municipality_kind: row.municipality_kind.filter(|_| !planted!("municipality_kind_lost")),
            oktmo: row.oktmo.clone(),
            inn: row.inn.clone(),
            valid_from: life.0,
            valid_to: life.1,
            version: 1,
            recorded_at: self.batch.now,
            batch_id: Some(self.batch.id.0),
        }
    }

    /// From its first stay to the end of its last; of a region what its row says.
    fn life<'r>(&self, unit: Option<UnitId>, rows: impl IntoIterator<Item = (&'r Row, Option<&'r Unit>)>) -> Life {
        let mut spans = unit.map_or_else(Vec::new, |id| self.spans(id));
        for (row, parent) in rows {
            match parent {
                Some(parent) => spans = spans::with(&spans, said(row, parent)),
                None => return (row.from, row.to),
            }
        }
        (spans.first().and_then(|s| s.from), spans.last().and_then(|s| s.to))
    }

    fn spans(&self, unit: UnitId) -> Vec<Span> {
        let links = self.links.get(&unit).map_or(&[][..], Vec::as_slice);
        let mut spans: Vec<Span> = links.iter().map(span_of).collect();
        spans.sort_by_key(|s| s.from);
        spans
    }

    fn moves(&self, unit: UnitId, row: &Row, parent: Option<&Unit>) -> bool {
        let spans = self.spans(unit);
        parent.is_some_and(|p| spans::with(&spans, said(row, p)) != spans)
    }

    /// Takes in a stay; returns what changed of the links.
    fn place(&mut self, tx: &mut Tx<'_>, unit: UnitId, row: &Row, parent: Option<&Unit>) -> Vec<Change> {
        let Some(parent) = parent else { return Vec::new() };
        let after = spans::with(&self.spans(unit), said(row, parent));
        let mut changes = Vec::new();
        let links = self.links.entry(unit).or_default();
        let (stay, gone): (Vec<UnitLink>, Vec<UnitLink>) = std::mem::take(links)
            .into_iter()
            .partition(|link| after.contains(&span_of(link)));
        for link in gone {
            if link.batch_id == Some(self.batch.id.0) && self.new_links.iter().any(|new| new.id == link.id) {
                // Made by an earlier row of this very file: it is not written at all.
                self.new_links.retain(|new| new.id != link.id);
            } else {
                self.ended_links.push(link.id);
                let in_force = Some("{}".to_owned());
                changes.push(Change {
                    kind: "unit_link",
                    id: link.id.0,
                    previous: in_force,
                });
            }
        }
        *links = stay;
        for span in after {
            if links.iter().any(|link| span_of(link) == span) {
                continue;
            }
            let link = UnitLink {
                id: UnitLinkId(tx.id()),
                region_id: parent.region_id,
                unit_id: unit,
                parent_id: span.parent,
                valid_from: span.from,
                valid_to: span.to,
                recorded_at: self.batch.now,
                superseded_at: None,
                batch_id: Some(self.batch.id.0),
            };
            changes.push(Change {
                kind: "unit_link",
                id: link.id.0,
                previous: None,
            });
            links.push(link.clone());
            self.new_links.push(link);
            tx.touch_unit(unit.0);
        }
        changes
    }

    fn write(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        insert_many!(tx.conn(), unit::table, self.new_units)?;
        for changed in self.changed_units {
            let id = changed.id;
            let recorded = before_of(&changed);
            restore(tx, id, recorded)?;
        }
        for block in self.ended_links.chunks(1000) {
            diesel::update(unit_link::table.filter(unit_link::id.eq_any(block)))
                .set(unit_link::superseded_at.eq(self.batch.now))
                .execute(tx.conn())?;
        }
        insert_many!(tx.conn(), unit_link::table, self.new_links)?;
        Ok(())
    }
}

/// First day and the day after the last one.
type Life = (Option<NaiveDate>, Option<NaiveDate>);

/// The stored unit as the row describes it; what the row leaves empty stays as it is.
fn described(stored: &Unit, row: &Row, life: Life) -> Unit {
    let mut unit = stored.clone();
    if unit.name != row.name {
        unit.search_key = search_key(&row.name);
        unit.sort_key = sort_key(&row.name);
        unit.name.clone_from(&row.name);
    }
    unit.org_kind = row.org_kind.or(unit.org_kind);
    unit.locality = row.locality.or(unit.locality);
    unit.municipality_kind = row.municipality_kind.or(unit.municipality_kind);
    unit.oktmo = row.oktmo.clone().or(unit.oktmo);
    unit.inn = row.inn.clone().or(unit.inn);
    (unit.valid_from, unit.valid_to) = life;
    unit
}

fn span_of(link: &UnitLink) -> Span {
    Span {
        parent: link.parent_id,
        from: link.valid_from,
        to: link.valid_to,
    }
}

fn said(row: &Row, parent: &Unit) -> Span {
    Span {
        parent: parent.id,
        from: row.from,
        to: row.to,
    }
}

fn before_of(stored: &Unit) -> Before {
    Before {
        name: stored.name.clone(),
        org_kind: stored.org_kind,
        locality: stored.locality,
        municipality_kind: stored.municipality_kind,
        oktmo: stored.oktmo.clone(),
        inn: stored.inn.clone(),
        valid_from: stored.valid_from,
        valid_to: stored.valid_to,
        version: stored.version,
        batch_id: stored.batch_id,
    }
}
