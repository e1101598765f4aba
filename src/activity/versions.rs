//! Versions of records: a changed one takes the place of the one before, which stays; the same for the four tables of
//! dated records.

/// What came of comparing a row of a file with the record in force of the same key.
pub(super) enum Said<R> {
    /// Nothing like it is known.
    New,
    /// It is stored as it stands.
    Same,
    /// It differs from this record.
    Differs(R),
}

/// Turns a comparison into a verdict: `$make` builds the record from the one before it (`None`: a new one), which
/// is put into `$new`; the id of the one before goes to `$replaced`.
#[macro_export]
macro_rules! take_version {
    ($tx:expr, $batch:expr, $table:expr, $said:expr, $new:expr, $replaced:expr, $make:expr) => {{
        let made = |id: i64| $crate::exchange::Change {
            kind: $table,
            id,
            previous: None,
        };
        match $said {
            $crate::activity::versions::Said::Same => $crate::exchange::Verdict::Unchanged,
            $crate::activity::versions::Said::New => {
                let record = $make(None);
                let change = made(record.id.0);
                $new.push(record);
                $crate::exchange::Verdict::New(vec![change])
            }
            $crate::activity::versions::Said::Differs(_) if $batch.mode == $crate::exchange::Mode::Add => {
                $crate::exchange::Verdict::Kept
            }
            $crate::activity::versions::Said::Differs(old) => {
                let record = $make(Some(&old));
                $replaced.push(old.id);
                let in_force = $crate::exchange::Change {
                    kind: $table,
                    id: old.id.0,
                    previous: Some("{}".to_owned()),
                };
                let change = made(record.id.0);
                $new.push(record);
                $crate::exchange::Verdict::Changed(vec![in_force, change])
            }
        }
    }};
}

/// Marks replaced versions and inserts the new ones.
#[macro_export]
macro_rules! write_versions {
    ($tx:expr, $table:ident, $at:expr, $replaced:expr, $new:expr) => {{
        for block in $replaced.chunks(1000) {
            diesel::update($table::table.filter($table::id.eq_any(block)))
                .set($table::superseded_at.eq($at))
                .execute($tx.conn())?;
        }
        $crate::insert_many!($tx.conn(), $table::table, $new)?;
    }};
}

/// Takes back what a file made and puts back in force what it replaced; every person of either is touched.
#[macro_export]
macro_rules! revert_versions {
    ($tx:expr, $table:ident, $name:expr, $changes:expr, [$($person:ident),+]) => {{
        let made = $crate::exchange::made($changes, $name);
        let replaced: Vec<i64> = $crate::exchange::changed($changes, $name).filter_map(|c| c.object_id).collect();
        for block in made.chunks(1000).chain(replaced.chunks(1000)) {
            $(
                let persons: Vec<i64> = $table::table
                    .filter($table::id.eq_any(block))
                    .select($table::$person)
                    .distinct()
                    .load($tx.conn())?;
                persons.into_iter().for_each(|person| $tx.touch(person));
            )+
        }
        for block in made.chunks(1000) {
            diesel::delete($table::table.filter($table::id.eq_any(block))).execute($tx.conn())?;
        }
        for block in replaced.chunks(1000) {
            diesel::update($table::table.filter($table::id.eq_any(block)))
                .set($table::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute($tx.conn())?;
        }
    }};
}

/// Records that were changed or withdrawn after a file had made them, as sentences: they forbid to undo it.
pub(super) fn changed_since(
    tx: &mut crate::db::Tx<'_>,
    table: &'static str,
    changes: &[crate::exchange::ImportRow],
) -> Result<Vec<String>, crate::db::DbError> {
    crate::exchange::undo::standing_on(
        tx.conn(),
        &crate::exchange::made(changes, table),
        &[(table, "id", "записи, изменённые или отозванные после загрузки")],
        Some("superseded_at IS NOT NULL OR withdrawn_at IS NOT NULL"),
    )
}

/// The refusal of a row whose record somebody has withdrawn.
pub(super) fn withdrawn(
    kind: crate::exchange::Kind,
    column: &str,
    at: chrono::NaiveDateTime,
) -> crate::exchange::Verdict {
    let refusal = crate::error::Refusal::new("activity.withdrawn").with("on", at.format("%d.%m.%Y"));
    crate::exchange::Verdict::Refused(crate::exchange::Problem::at(kind, column, "", refusal))
}
