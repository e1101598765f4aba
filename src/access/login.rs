//! Logins of staff: the surname in Latin letters with an initial, `ivanova.a`, then `ivanova.a2`. Nothing else of a
//! person stands in it.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::db::schema::account;
use crate::db::{AnyConn, DbError};

/// Longest surname in a login, signs.
const LONGEST: usize = 40;

/// What a login of a person begins with.
#[must_use]
pub fn stem(last: &str, first: &str) -> String {
    let surname: String = latin(last).chars().take(LONGEST).collect();
    let surname = surname.trim_matches('-');
    let surname = if surname.is_empty() { "pedagog" } else { surname };
    let initial: String = first.chars().next().map_or_else(String::new, |c| latin(&c.to_string()));
    if initial.is_empty() {
        surname.to_owned()
    } else {
        format!("{surname}.{initial}")
    }
}

fn latin(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars().flat_map(char::to_lowercase) {
        match sign {
            'a'..='z' | '-' => out.push(sign),
            _ => out.push_str(letter(sign)),
        }
    }
    out
}

fn letter(of: char) -> &'static str {
    match of {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ю' => "yu",
        'я' => "ya",
        _ => "",
    }
}

fn numbered(stem: &str, n: usize) -> String {
    if n == 1 { stem.to_owned() } else { format!("{stem}{n}") }
}

/// A login for each stem, in their order, that nobody has: the caller holds the lock of accounts.
///
/// # Errors
/// Those of the database.
pub fn free(conn: &mut AnyConn, stems: &[String]) -> Result<Vec<String>, DbError> {
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for stem in stems {
        *wanted.entry(stem).or_default() += 1;
    }
    let mut width = 16 + wanted.values().copied().max().unwrap_or_default();
    // Asks again only where so many of one name are there already; each time for four times as many.
    loop {
        let candidates: Vec<String> = wanted
            .keys()
            .flat_map(|stem| (1..=width).map(|n| numbered(stem, n)))
            .collect();
        let mut taken: HashSet<String> = HashSet::new();
        for block in candidates.chunks(1000) {
            let rows: Vec<String> = account::table
                .filter(account::login.eq_any(block))
                .select(account::login)
                .load(conn)?;
            taken.extend(rows);
        }
        let mut found = Vec::with_capacity(stems.len());
        for stem in stems {
            let next = (1..=width).map(|n| numbered(stem, n)).find(|l| !taken.contains(l));
            let Some(login) = next else { break };
            taken.insert(login.clone());
            found.push(login);
        }
        if found.len() == stems.len() {
            return Ok(found);
        }
        width *= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_made_of_the_surname() {
        for (last, first, expected) in [
            ("Иванова", "Анна", "ivanova.a"),
            ("Щёголева-Южная", "Юлия", "shchegoleva-yuzhnaya.yu"),
            ("О’Коннор", "Лия", "okonnor.l"),
            ("Подъячев", "", "podyachev"),
            ("李", "明", "pedagog"),
            ("Smith", "Élise", "smith"),
        ] {
            assert_eq!(stem(last, first), expected);
        }
    }
}
