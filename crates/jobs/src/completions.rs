//! Completing jobs whose handlers end at about the same time in one transaction.
//!
//! A transaction for each would let the database's commit set the pace of the queue. Nobody waits for others to come: whoever finds
//! no transaction on its way completes all that have ended by then, and those that end meanwhile are completed by the next.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::job::Hold;
use crate::{Error, Jobs};

type Answer = Result<bool, Arc<Error>>;

/// The completions of one worker. At most as many wait as the worker has slots.
pub(crate) struct Completions {
    jobs: Jobs,
    waiting: Mutex<Vec<(Hold, Sender<Answer>)>>,
    /// Held by whoever completes.
    turn: tokio::sync::Mutex<()>,
}

impl Completions {
    pub(crate) fn new(jobs: Jobs) -> Self {
        Self { jobs, waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Completes a job, and commits that; `false` if it was not held any more.
    ///
    /// # Errors
    /// The database's, for all that were to be completed together; nothing is completed then.
    pub(crate) async fn complete(&self, hold: Hold) -> Answer {
        let mut answer = self.announce(hold);
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => if let Ok(answer) = answer { return answer },
                _turn = self.turn.lock() => {
                    self.complete_all().await;
                    continue;
                }
            }
            // Whoever was completing it was stopped in the middle.
            answer = self.announce(hold);
        }
    }

    fn announce(&self, hold: Hold) -> Receiver<Answer> {
        let (sender, answer) = oneshot::channel();
        self.waiting.lock().push((hold, sender));
        answer
    }

    async fn complete_all(&self) {
        let together = std::mem::take(&mut *self.waiting.lock());
        if together.is_empty() {
            return;
        }
        let holds: Vec<Hold> = together.iter().map(|(hold, _)| *hold).collect();
        let completed = self.commit(&holds).await.map_err(Arc::new);
        for (hold, sender) in together {
            let answer = completed.as_ref().map(|ids| ids.binary_search(&hold.id).is_ok());
            // Whoever does not listen any more was stopped.
            let _ = sender.send(answer.map_err(Arc::clone));
        }
    }

    async fn commit(&self, holds: &[Hold]) -> Result<Vec<i64>, Error> {
        let write = self.jobs.db().begin().await?;
        let completed = self.jobs.complete_holds(&write, holds).await?;
        write.commit().await?;
        Ok(completed)
    }
}
