//! What the tests of the pages of indicators read with: tables of a page, its workbook, what the command prints.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};

pub const PASSWORD: &str = "хороший длинный пароль";
pub type Row = BTreeMap<String, String>;

/// A table of a page: what it is called, its heads, its rows; heads of groups are rows of one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub caption: String,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The cell of a row that begins with a name, in the column of a head.
    #[track_caller]
    pub fn cell(&self, name: &str, head: &str) -> &str {
        let column = self.rows[0].iter().position(|h| h == head);
        let column = there(column, &(head, &self.rows[0]));
        let row = self
            .rows
            .iter()
            .find(|r| r[0] == name || r[0].starts_with(&format!("{name} ")));
        let row = there(row, &(name, self));
        &row[column]
    }

    pub fn column(&self, head: &str) -> Option<usize> {
        self.rows[0].iter().position(|h| h == head)
    }
}

/// What is looked for is there.
#[track_caller]
pub fn there<T>(of: Option<T>, what: &dyn std::fmt::Debug) -> T {
    assert!(of.is_some(), "{what:?}");
    of.expect("it is there")
}

/// Words without markup.
pub fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    let signs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x3D;", "="),
        ("&amp;", "&"),
    ];
    for (written, sign) in signs {
        text = text.replace(written, sign);
    }
    text.trim().to_owned()
}

/// The tables of a page, in their order.
pub fn tables(page: &Page) -> Vec<Table> {
    let parts = page.body.split("<table class=\"reg").skip(1);
    let table = |part: &str| {
        let part = part.split("</table>").next().unwrap_or(part);
        let caption = part.split("<caption class=\"visually-hidden\">").nth(1).unwrap_or("");
        let rows = part.split("<tr role=\"row\"").skip(1);
        Table {
            caption: plain(caption.split("</caption>").next().unwrap_or("")),
            rows: rows.map(cells).collect(),
        }
    };
    parts.map(table).collect()
}

fn cells(row: &str) -> Vec<String> {
    let row = row.split("</tr>").next().unwrap_or(row);
    let row = row.replace("<th ", "<td ").replace("</th>", "</td>");
    let cells = row.split("<td ").skip(1);
    cells
        .map(|cell| {
            let inner = cell.split("</td>").next().unwrap_or(cell);
            plain(inner.split_once('>').map_or("", |(_, text)| text))
        })
        .collect()
}

/// A table by the beginning of its caption.
#[track_caller]
pub fn table(page: &Page, caption: &str) -> Table {
    assert_eq!(page.status, 200, "{}", page.body);
    let all = tables(page);
    let found = all.iter().find(|t| t.caption.starts_with(caption));
    there(found, &(caption, &all)).clone()
}

/// A number as a page writes it; `None` is a word.
pub fn number(text: &str) -> Option<f64> {
    let plain = text
        .replace(['%', '+', '\u{A0}', ' '], "")
        .replace("п.п.", "")
        .replace('−', "-")
        .replace(',', ".");
    plain.parse().ok()
}

/// The workbook that a page offers says the same as its table, cell by cell: numbers are numbers, words are words.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a workbook of our own has no far cell")]
pub fn file_is_the_page(visitor: &mut Visitor, path: &str, caption: &str) -> String {
    let page = visitor.get(path);
    let shown = table(&page, caption);
    let sign = if path.contains('?') { '&' } else { '?' };
    let file = visitor.get(&format!("{path}{sign}as=xlsx"));
    assert_eq!(file.status, 200, "{path}: {}", file.body);
    assert!(file.header("content-disposition").starts_with("attachment"), "{path}");
    let mut book = Xlsx::new(Cursor::new(file.bytes)).expect("a workbook");
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).expect("a sheet");
    let mut rows = range.rows();
    let first = rows.next().expect("a first row")[0].to_string();
    assert!(first.contains("по состоянию на") && first.contains(" · "), "{first}");
    let rows: Vec<&[Data]> = rows.collect();
    assert_eq!(rows.len(), shown.rows.len(), "{path}: rows");
    for (held, said) in rows.iter().zip(&shown.rows) {
        for (n, said) in said.iter().enumerate() {
            match &held[n] {
                Data::Float(held) => {
                    let told = there(number(said), &(path, held, said));
                    assert!((held - told).abs() < 1e-9, "{path}: {held}, {said}");
                }
                Data::Empty => assert_eq!(said, "–", "{path}"),
                held => {
                    assert_eq!(held.to_string(), *said, "{path}");
                    let names =
                        n == 0 || said.contains('/') || said.chars().any(char::is_alphabetic) || said.starts_with('<');
                    assert!(
                        names || said == rows[0][n].to_string().as_str(),
                        "{path}: a number as words: {said}"
                    );
                }
            }
        }
    }
    first
}

/// The sheets of the workbook of a page: each with its name and its rows below the first, in words.
#[expect(clippy::disallowed_methods, reason = "a workbook of our own has no far cell")]
pub fn sheets(visitor: &mut Visitor, path: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let file = visitor.get(&format!("{path}{sign}as=xlsx"));
    assert_eq!(file.status, 200, "{path}: {}", file.body);
    let mut book = Xlsx::new(Cursor::new(file.bytes)).expect("a workbook");
    let names = book.sheet_names();
    let read = |name: String| {
        let range = book.worksheet_range(&name).expect("a sheet");
        let rows = range.rows().skip(1);
        let rows = rows.map(|row| row.iter().map(ToString::to_string).collect());
        (name, rows.collect())
    };
    names.into_iter().map(read).collect()
}

/// What the command prints, by indicator and unit.
pub fn values(v: &Vekha, pack: &str, period: &str, level: &str) -> BTreeMap<(String, String), Row> {
    let rows = v
        .run(&["values", "--pack", pack, "--period", period, "--level", level])
        .ok()
        .rows();
    rows.into_iter()
        .filter(|row| row["breakdown"].is_empty())
        .map(|row| ((row["indicator"].clone(), row["unit"].clone()), row))
        .collect()
}

/// Accounts with roles over units, by code.
pub fn accounts(v: &Vekha, all: &[(&str, &str, &str)]) {
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    for (n, (login, role, unit)) in (0..).zip(all) {
        let id = 990_000 + n;
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
             VALUES ({id}, '{login}', '{hash}', 'active', 1, '2022-01-01 00:00:00', 1);
             INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at)
             SELECT {id}, {id}, '{role}', id, '2022-01-01 00:00:00' FROM unit WHERE code = '{unit}'"
        ));
    }
}

/// An operator of region А at the pages.
pub fn operator(v: &Vekha) -> (Server, Visitor) {
    accounts(v, &[("operator", "operator", "РЕГ-А")]);
    let server = Server::start(v);
    let visitor = server.signed_in("operator", PASSWORD);
    (server, visitor)
}

/// A code inside an address.
pub fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The address of a page of a pack in a period: what stands before the query, then more of the query.
pub fn at(below: &str, pack: &str, period: &str, more: &str) -> String {
    let own = if below.starts_with("/indicators/") {
        String::new()
    } else {
        format!("pack={pack}&")
    };
    let path = if below.starts_with("/indicators") {
        below.to_owned()
    } else {
        format!("/indicators{below}")
    };
    format!("{path}?{own}period={}{more}", code(period))
}
