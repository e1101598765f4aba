//! Group commit: SQLite has one writer, and whoever waits for it shares its next transaction and the wait for the disk.
//!
//! Each call has a savepoint of its own, closed by its commit hooks: what fails or panics is undone there and harms no
//! neighbour. Nobody is answered before the one commit, not even who failed, since it may have failed on what a
//! neighbour wrote. Trouble of the disk or at the commit ends the whole batch: everyone in it hears of it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use tokio::sync::oneshot;

use super::{AnyConn, Backend, CommitHook, DbError, Inner, Tx, begin, dialect, trouble};

/// A batch takes whoever comes while it runs, but for no longer than this: the first in it waits for the last.
const OPEN_FOR: Duration = Duration::from_millis(if cfg!(test) { 5000 } else { 10 });
/// Nor more calls than this.
const MOST: usize = 64;

/// A write that waits, with the way back to whoever called.
pub(super) trait Call: Send {
    /// Does it, and what has to hold before a commit; whether it stands.
    fn run(&mut self, tx: &mut Tx<'_>, hooks: &[Box<dyn CommitHook>]) -> bool;
    /// Tells the caller what came of it: `ended` is what ended the batch instead of its commit.
    fn answer(self: Box<Self>, ended: Option<&DbError>);
}

/// The closure of [`super::Db::write`] as a [`Call`].
pub(super) struct Waiting<T, E, F> {
    /// What is to be done; taken when it is.
    work: Option<F>,
    /// What came of it; nothing after a panic.
    outcome: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Waiting<T, E, F>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    /// A call, and where its answer comes.
    pub(super) fn of(work: F) -> (Box<dyn Call>, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        let waiting = Self {
            work: Some(work),
            outcome: None,
            caller,
        };
        (Box::new(waiting), answer)
    }
}

impl<T, E, F> Call for Waiting<T, E, F>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx<'_>, hooks: &[Box<dyn CommitHook>]) -> bool {
        let Some(work) = self.work.take() else { return false };
        self.outcome = catch_unwind(AssertUnwindSafe(|| tx.whole(hooks, work))).ok();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, ended: Option<&DbError>) {
        let said = match (ended, self.outcome) {
            (Some(why), _) => Err(why.again().into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(DbError::Panicked.into()),
        };
        // Whoever has gone away asks for no answer; what was done stands.
        let _gone: Result<(), _> = self.caller.send(said);
    }
}

/// Calls that wait, and whether somebody is at work on them.
#[derive(Default)]
struct Queue {
    calls: VecDeque<Box<dyn Call>>,
    led: bool,
}

/// The queue before the one writer.
#[derive(Default)]
pub(super) struct Group {
    queue: Mutex<Queue>,
}

impl Group {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call at the end; whether whoever did it has to [`lead`] now.
    fn join(&self, call: Box<dyn Call>) -> bool {
        let mut queue = self.queue();
        queue.calls.push_back(call);
        !std::mem::replace(&mut queue.led, true)
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.queue().calls.len()
    }

    fn next(&self) -> Option<Box<dyn Call>> {
        self.queue().calls.pop_front()
    }

    /// The first call of a batch; without one nobody leads any more.
    fn next_or_end(&self) -> Option<Box<dyn Call>> {
        let mut queue = self.queue();
        let call = queue.calls.pop_front();
        queue.led = call.is_some();
        call
    }
}

/// Sets a thread to work on a call: for it alone where writers work beside each other, else for all who wait with it. One
/// function for every closure, or the machinery of tasks is compiled anew for each of hundreds.
pub(super) fn start(inner: Arc<Inner>, call: Box<dyn Call>) {
    if matches!(inner.backend, Backend::Postgres(_)) {
        drop(tokio::task::spawn_blocking(move || alone(&inner, call)));
    } else if inner.group.join(call) {
        // It works on for others after this call is answered.
        drop(tokio::task::spawn_blocking(move || lead(&inner)));
    }
}

/// A transaction of its own for one call. Blocks its thread.
fn alone(inner: &Inner, mut call: Box<dyn Call>) {
    let ended = begin(inner).and_then(|mut conn| {
        if call.run(&mut Tx::new(inner, &mut conn), &inner.hooks) {
            return Ok(dialect::commit(&mut conn)?);
        }
        // A failed rollback leaves a broken connection, which the pool then drops.
        let _ended: QueryResult<()> = dialect::rollback(&mut conn);
        Ok(())
    });
    call.answer(ended.as_ref().err());
}

/// Works until nobody waits. Blocks its thread.
fn lead(inner: &Inner) {
    while let Some(first) = inner.group.next_or_end() {
        // Should the batch itself panic, its callers are told by the end of their channels, and the next one goes on.
        let _told = catch_unwind(AssertUnwindSafe(|| batch(inner, first)));
    }
}

/// One transaction for `first` and whoever comes while it runs.
fn batch(inner: &Inner, first: Box<dyn Call>) {
    let mut calls = vec![first];
    let ended = match begin(inner) {
        Ok(mut conn) => {
            let ended = together(inner, &mut conn, &mut calls);
            let ended = ended.and_then(|()| Ok(dialect::commit(&mut conn)?));
            if ended.is_err() {
                dialect::give_up(&mut conn);
            }
            ended
        }
        Err(e) => {
            // Another program holds the file: whoever waits has waited as long as the first.
            calls.extend(std::iter::from_fn(|| inner.group.next()));
            Err(e)
        }
    };
    for call in calls {
        call.answer(ended.as_ref().err());
    }
}

/// Runs the calls one after another. Until one stands there is nobody to be harmed: such a call needs no savepoint (a
/// file of 100,000 rows would be written twice), and after a failure the transaction begins anew.
fn together(inner: &Inner, conn: &mut AnyConn, calls: &mut Vec<Box<dyn Call>>) -> Result<(), DbError> {
    let began = Instant::now();
    let _of_others: Option<DbError> = trouble::take();
    let (mut at, mut standing) = (0, false);
    loop {
        if at == calls.len() {
            let open = at < MOST && began.elapsed() < OPEN_FOR;
            let Some(call) = open.then(|| inner.group.next()).flatten() else {
                return Ok(());
            };
            calls.push(call);
        }
        let part = standing;
        if part {
            dialect::begin_part(conn)?;
        }
        let stands = calls[at].run(&mut Tx::new(inner, conn), &inner.hooks);
        if let Some(trouble) = trouble::take() {
            return Err(trouble);
        }
        match (part, stands) {
            (true, true) => dialect::commit(conn)?,
            (true, false) => dialect::undo_part(conn)?,
            (false, true) => standing = true,
            (false, false) => {
                dialect::give_up(conn);
                dialect::begin_write(conn)?;
            }
        }
        at += 1;
    }
}
