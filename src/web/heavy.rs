//! Work that keeps a processor busy and much memory in hand, such as the hashing of passwords: done by a few threads of
//! its own, so that its memory stays with them, behind a queue that is never long.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::Error;

/// How much waits at most; whoever comes beyond is told at once that the server is busy.
pub const QUEUE: usize = 64;
/// How long one waits for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

type Work = Box<dyn FnOnce() + Send>;

/// The threads and their queue.
pub struct Heavy {
    queue: SyncSender<Work>,
}

impl Heavy {
    /// Starts so many threads; they end with the queue.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel::<Work>(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for n in 0..threads.max(1) {
            let waiting = waiting.clone();
            let name = format!("heavy-{n}");
            std::thread::Builder::new().name(name).spawn(move || work(&waiting))?;
        }
        Ok(Self { queue })
    }

    /// Does some work and waits for it.
    ///
    /// # Errors
    /// [`Error::Busy`] when too much waits already or its turn does not come in time; the work panicked.
    pub async fn run<T: Send + 'static>(&self, of: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Nobody waits any more for what was given up.
            if !tell.is_closed() {
                let _gone = tell.send(of());
            }
        });
        self.queue.try_send(work).map_err(|_full| Error::Busy)?;
        match tokio::time::timeout(LONGEST_WAIT, told).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(Error::Internal("работа остановлена паникой".into())),
            Err(_) => Err(Error::Busy),
        }
    }
}

fn work(waiting: &Mutex<Receiver<Work>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        let _told_by_the_closed_channel = catch_unwind(AssertUnwindSafe(work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_beyond_the_queue_is_turned_away_and_the_rest_is_done() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let heavy = Arc::new(Heavy::start(1).unwrap());
            let (go, gate) = sync_channel::<()>(0);
            let first = {
                let heavy = heavy.clone();
                tokio::spawn(async move { heavy.run(move || gate.recv().is_ok()).await })
            };
            // The thread has taken the first one when the queue takes all of its length.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let waiting: Vec<_> = (0..QUEUE)
                .map(|n| {
                    let heavy = heavy.clone();
                    tokio::spawn(async move { heavy.run(move || n).await })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(matches!(heavy.run(|| ()).await, Err(Error::Busy)));
            go.send(()).unwrap();
            assert!(first.await.unwrap().unwrap());
            for (n, one) in waiting.into_iter().enumerate() {
                assert_eq!(one.await.unwrap().unwrap(), n);
            }
            // A panic harms its own caller alone.
            assert!(heavy.run(|| assert_eq!(1, 2)).await.is_err());
            assert!(heavy.run(|| ()).await.is_ok());
        });
    }
}
