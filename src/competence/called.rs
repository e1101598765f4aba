//! How files name a competence: by its code, or by its name where only one bears it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::CompetenceId;
use crate::db::schema::competence;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError};

/// Every competence by what files may call it.
#[derive(Debug, Default)]
pub struct Called {
    codes: HashMap<String, CompetenceId>,
    /// `None`: several bear the name, and only the code tells them apart.
    names: HashMap<String, Option<CompetenceId>>,
}

impl Called {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let rows: Vec<(CompetenceId, String, String)> = competence::table
            .select((competence::id, competence::code, competence::name))
            .load(conn)?;
        Ok(Self::of(rows))
    }

    /// Of competences as they are: id, code, name.
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = (CompetenceId, String, String)>) -> Self {
        let mut called = Self::default();
        for (id, code, name) in rows {
            called.codes.insert(code, id);
            let several = called.names.entry(search_key(&name));
            several.and_modify(|known| *known = None).or_insert(Some(id));
        }
        called
    }

    /// The competence of a word. A code goes before a name; a name reads without case, ё as е.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<CompetenceId> {
        let by_name = || self.names.get(&search_key(word)).copied().flatten();
        self.codes.get(word).copied().or_else(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_a_name_and_a_name_of_two() {
        let row = |id: i64, code: &str, name: &str| (CompetenceId(id), code.to_owned(), name.to_owned());
        let called = Called::of([
            row(1, "К1", "Приём ответов"),
            row(2, "К2", "К1"),
            row(3, "К3", "Общее"),
            row(4, "К4", "общее"),
        ]);
        assert_eq!(called.find("К1"), Some(CompetenceId(1)), "the code goes first");
        assert_eq!(called.find(" прием  ответов"), Some(CompetenceId(1)));
        assert_eq!(called.find("Общее"), None, "two bear it");
        assert_eq!(called.find("К4"), Some(CompetenceId(4)));
        assert_eq!(called.find("к4"), None, "codes are exact");
    }
}
