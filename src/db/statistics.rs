//! What the planner of SQLite knows of the tables. PostgreSQL gathers it by itself.

use std::time::Duration;

use super::{Db, DbError};

/// How long a server has answered before the first look.
const FIRST: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
/// After a look that another program or a long write did not let happen.
const AGAIN: Duration = Duration::from_secs(10 * 60);

/// Looks at the tables soon after the start and once a day, until it is stopped.
pub async fn run(db: Db) {
    let mut pause = FIRST;
    loop {
        tokio::time::sleep(pause).await;
        pause = match db.look_at_tables().await {
            Ok(()) => PAUSE,
            Err(DbError::Busy) => AGAIN,
            Err(e) if e.is_held() => AGAIN,
            Err(e) => {
                eprintln!("статистика таблиц не обновлена: {e}");
                PAUSE
            }
        };
    }
}
