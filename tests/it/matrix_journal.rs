//! The journal and the tables beside it, as the matrix watches them: what each call leaves behind.

use std::collections::BTreeMap;

use diesel::prelude::*;
use vekha::access::{Role, refused};
use vekha::audit::words;
use vekha::db::AnyConn;
use vekha::web::registry::{Audit, Cost, Entry, Method};

use crate::matrix_asks::Ask;
use crate::support::Vekha;
use crate::visitor::Page;

/// A row of the journal.
#[derive(Debug, QueryableByName)]
pub struct Noted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    action: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    object_kind: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    person_id: Option<i64>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    login: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

impl Noted {
    fn is_look(&self) -> bool {
        words::LOOKS.iter().any(|(action, _)| *action == self.action)
    }

    fn is_list(&self) -> bool {
        [
            words::READ_LIST,
            words::EXPORT_LIST,
            "journal.read",
            "journal.export",
            "import.errors",
        ]
        .contains(&self.action.as_str())
    }

    fn is_refusal(&self) -> bool {
        [words::REFUSED, words::REFUSED_MORE].contains(&self.action.as_str())
    }

    /// How many people a list shows, where it tells more of them than name, place and state of the plan.
    fn telling(&self) -> Option<usize> {
        words::of(words::TELLING, &self.object_kind).filter(|_| self.is_list())?;
        let shown = self.detail.split(' ').find_map(|part| part.strip_prefix("shown="));
        Some(shown.and_then(|n| n.parse().ok()).unwrap_or_default())
    }
}

/// The journal as it grows: each call sees what was written since the one before.
pub struct Journal {
    conn: AnyConn,
    seen: i64,
    /// How many refusals each login has left.
    refused: BTreeMap<String, usize>,
}

impl Journal {
    pub fn of(v: &Vekha) -> Self {
        let conn = match v.url().strip_prefix("sqlite:") {
            Some(path) => AnyConn::Sqlite(diesel::SqliteConnection::establish(path).expect("the file opens")),
            None => AnyConn::Pg(diesel::PgConnection::establish(&v.url()).expect("PostgreSQL answers")),
        };
        let mut journal = Self {
            conn,
            seen: 0,
            refused: BTreeMap::new(),
        };
        let _before = journal.news();
        journal
    }

    /// What acts leave behind: how many rows there are of each kind. Rows of the journal are counted apart, since looks
    /// leave some too.
    pub fn traces(&mut self) -> String {
        let counted = [
            "account",
            "iom_act",
            "iom_state",
            "iom",
            "iom_evidence",
            "supporter",
            "upload",
            "import_batch",
            "job",
        ];
        let counts = counted
            .map(|t| format!("(SELECT count(*) FROM {t})"))
            .join(" || '|' || ");
        let applied = "(SELECT count(*) FROM enrolment WHERE state = 'applied')";
        let dead = "(SELECT count(*) FROM outbox_mail WHERE state = 'dead')";
        self.one(&format!(
            "SELECT {counts} || '|' || {applied} || '|' || {dead} AS value"
        ))
    }

    /// What the tables hold, but for the journal and the sessions: a digest of each by its name.
    pub fn digest(&mut self) -> Vec<(String, String)> {
        let sqlite = matches!(self.conn, AnyConn::Sqlite(_));
        let tables = if sqlite {
            "SELECT group_concat(name) AS value FROM (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE \
             'sqlite_%' ORDER BY name)"
        } else {
            "SELECT string_agg(tablename, ',' ORDER BY tablename) AS value FROM pg_tables WHERE schemaname = 'public'"
        };
        let tables = self.one(tables);
        let aside = ["audit_event", "audit_seal", "session", "process_lease", "setting"];
        let mut found = Vec::new();
        for table in tables.split(',').filter(|t| !aside.contains(t)) {
            let content = if sqlite {
                let columns = self.one(&format!(
                    "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS value FROM \
                     pragma_table_info('{table}')"
                ));
                format!(
                    "SELECT coalesce(group_concat(x, '|'), '') AS value FROM (SELECT {columns} AS x FROM {table} ORDER BY 1)"
                )
            } else {
                format!("SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS value FROM {table} t")
            };
            found.push((table.to_owned(), self.one(&content)));
        }
        found
    }

    /// Waits until nothing works behind the pages.
    pub fn wait_for_work(&mut self) {
        let since = std::time::Instant::now();
        let waiting = "SELECT CAST(count(*) AS TEXT) AS value FROM job WHERE kind LIKE 'long.%' AND state IN ('queued', \
                       'running')";
        while self.one(waiting) != "0" {
            assert!(since.elapsed().as_secs() < 30, "the work does not end");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// The only value that a query answers as `value`.
    pub fn one(&mut self, query: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            value: String,
        }
        let mut row: Result<Row, _> = diesel::sql_query(query).get_result(&mut self.conn);
        for _ in 0..200 {
            if row.is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            row = diesel::sql_query(query).get_result(&mut self.conn);
        }
        row.expect(query).value
    }

    /// The version that a page would have put into the form of a call, for the routes that compare one; 0 where nothing
    /// stands.
    pub fn seen(&mut self, entry: &Entry, ask: &Ask, login: &str) -> Option<String> {
        let is_number = |text: &&str| (1..19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let field = |name: &str| {
            ask.fields
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| value.as_str())
        };
        let id = |name: &str| field(name).filter(is_number);
        let of_path = ask.path.split('/').nth(2).filter(is_number);
        let own = format!("SELECT person_id FROM account WHERE login = '{login}'");
        let step = |plan: &str, item: &str| {
            format!("SELECT max(version) FROM iom_item WHERE iom_id = ({plan}) AND number = {item}")
        };
        let plan = |plan: &str| format!("SELECT version FROM iom WHERE id = {plan}");
        if entry.method != Method::Post || field("seen").is_some() {
            return None;
        }
        let of = match entry.path {
            "/plan/act" | "/plan/submit" => {
                let open = format!("SELECT max(id) FROM iom WHERE person_id = ({own}) AND state <> 'closed'");
                step(&open, id("item")?)
            }
            "/review" => step(id("plan")?, id("item")?),
            "/people/{plan}/act" | "/plans/{plan}/act" => match id("item") {
                Some(item) => step(of_path?, item),
                None => plan(of_path?),
            },
            "/people/{plan}/close" => plan(of_path?),
            "/applications" => {
                // One that waits no more has no form.
                let waits = format!(
                    "SELECT CAST(count(*) AS TEXT) AS value FROM enrolment WHERE state = 'applied' AND id = {}",
                    id("id")?
                );
                if self.one(&waits) == "0" {
                    return None;
                }
                format!(
                    "SELECT sum(o.version) FROM enrolment e JOIN enrolment o ON o.person_id = e.person_id AND \
                     o.programme_id = e.programme_id WHERE e.id = {}",
                    id("id")?
                )
            }
            "/courses/{programme}/apply" => format!(
                "SELECT sum(version) FROM enrolment WHERE programme_id = {} AND person_id = ({own})",
                of_path?
            ),
            "/upload/{upload}/check" | "/upload/{upload}/load" => {
                format!("SELECT version FROM upload WHERE id = {}", of_path?)
            }
            _ => return None,
        };
        Some(self.one(&format!("SELECT coalesce(CAST(({of}) AS TEXT), '0') AS value")))
    }

    /// Rows since the last look.
    pub fn news(&mut self) -> Vec<Noted> {
        let query = format!(
            "SELECT e.id, e.action, e.object_kind, e.person_id, a.login, e.detail FROM audit_event e \
             LEFT JOIN account a ON a.id = e.account_id WHERE e.id > {} ORDER BY e.id",
            self.seen
        );
        let mut rows: Result<Vec<Noted>, _> = diesel::sql_query(&query).load(&mut self.conn);
        for _ in 0..50 {
            if rows.is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
            rows = diesel::sql_query(&query).load(&mut self.conn);
        }
        let rows = rows.expect("the journal reads");
        self.seen = rows.last().map_or(self.seen, |row| row.id);
        for row in rows.iter().filter(|row| row.is_refusal()) {
            *self.refused.entry(row.login.clone().unwrap_or_default()).or_default() += 1;
        }
        rows
    }

    /// How many refusals a login has left so far, all of them within the hour.
    pub fn refusals(&self, login: &str) -> usize {
        self.refused.get(login).copied().unwrap_or_default()
    }
}

/// What is wrong with the rows that a call has left, by what the registry declares of its route.
pub fn unlike(
    entry: &Entry,
    (role, login, refusals): (Option<Role>, &str, usize),
    page: &Page,
    rows: &[Noted],
    seen: bool,
    changed: bool,
) -> Option<String> {
    // A wrong password or code of an account that is there is told of, whatever the answer.
    let rows: Vec<&Noted> = rows.iter().filter(|r| r.action != words::FAILED).collect();
    // What is refused to somebody signed in is a row, hidden and missing alike, until there are enough of them.
    let is_refused = page.status == 403 || page.status == 404 && !entry.ids.is_empty();
    let is_refused = is_refused && !login.is_empty() && entry.cost != Cost::Free;
    let due = match refusals {
        _ if !is_refused => None,
        n if n < refused::MOST => Some(words::REFUSED),
        refused::MOST => Some(words::REFUSED_MORE),
        _ => None,
    };
    let (refusals, rows): (Vec<&Noted>, Vec<&Noted>) = rows.into_iter().partition(|r| r.is_refusal());
    let told = format!("route={} status={} request=", entry.path, page.status);
    let refusals = refusals
        .iter()
        .map(|r| r.detail.contains(&told).then_some(r.action.as_str()));
    let refusals = refusals.collect::<Vec<_>>() == due.iter().map(|due| Some(*due)).collect::<Vec<_>>();
    // Whoever stands on a list that tells reads of it.
    let (each, rows): (Vec<&Noted>, Vec<&Noted>) = rows.into_iter().partition(|r| r.action == words::SHOWN);
    let most: usize = rows.iter().filter_map(|r| r.telling()).sum();
    // Some indicators count programmes or organisations.
    let some = rows.iter().any(|r| r.object_kind == "indicator");
    let lists = |of: &Noted| rows.iter().any(|r| r.is_list() && r.object_kind == of.object_kind);
    let each = each.len() <= most
        && (!each.is_empty() || most == 0 || some)
        && each.iter().all(|r| r.person_id.is_some() && lists(r));
    let (looks, lists): (usize, usize) = (
        rows.iter().filter(|r| r.is_look()).count(),
        rows.iter().filter(|r| r.is_list()).count(),
    );
    let acts = rows.len() - looks - lists;
    let act = entry.method == Method::Post;
    let shown = matches!(page.status, 200..=299);
    let wanted = match (act, page.status) {
        (false, _) if shown => entry.audit,
        (true, 200 | 422) if seen => entry.shows,
        _ => Audit::None,
    };
    // The own file of a teacher is nobody else's look.
    let wanted = if role == Some(Role::Teacher) && wanted == Audit::Person {
        Audit::None
    } else {
        wanted
    };
    let reads = (usize::from(wanted == Audit::Person), usize::from(wanted == Audit::List));
    // A page that asks before it acts may have been read on the way; one that comes too late may be shown anew.
    let most = if page.status == 409 { 2 } else { 1 };
    let on_the_way = act && matches!(page.status, 303 | 409) && entry.shows != Audit::None && looks + lists <= most;
    let fine = (looks, lists) == reads || on_the_way;
    let acted = match (act, page.status) {
        (true, 303) if entry.audit == Audit::Act => acts > 0 || !changed,
        // The address of a calendar is shown once, in the answer that makes it.
        (true, 200) if entry.path == "/calendar/key" => acts == 1,
        _ => acts == 0,
    };
    let sessions = matches!(entry.path, "/sign-in" | "/sign-out" | "/role") && act && page.status == 303;
    let complete = rows.iter().all(|row| {
        let who = login.is_empty() || row.login.as_deref() == Some(login);
        let whose = !row.is_look() || row.person_id.is_some();
        let counted = !row.is_list()
            || row.person_id.is_none() && (row.detail.contains("rows=") || row.action == "import.errors");
        let named = words::ACTIONS.iter().any(|(action, _)| *action == row.action);
        who && whose && counted && named
    });
    let right = fine && acted && complete && refusals && each && (!sessions || acts == 1);
    (!right).then(|| {
        format!(
            "the journal keeps {rows:?}, declared {:?}, {:?}",
            entry.audit, entry.shows
        )
    })
}
