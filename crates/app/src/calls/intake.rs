//! The queue of calls that come in at once, where the database has one writer.
//!
//! Each webhook's write would wait for the one before it anyway. Here those that wait are written together, in one
//! transaction: the same rows, the same events, and nobody is answered before the commit.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Problem, Scope};
use tokio::sync::{mpsc, oneshot};

use super::{
    actions::{self, Announced, Noted},
    directory::VoiceBusiness,
};
use crate::{App, AppState};

/// Calls that may wait; what comes beyond waits outside.
const QUEUE: usize = 1_024;
/// Calls that are written together. A power of two; see [`portion`].
const MOST_TOGETHER: usize = 32;

struct Waiting {
    scope: Scope,
    business: Arc<VoiceBusiness>,
    announced: Announced,
    answer: oneshot::Sender<Result<Noted, Problem>>,
}

/// Takes calls in.
pub struct Intake {
    queue: mpsc::Sender<Waiting>,
    /// Until the one that works on it takes it.
    end: Mutex<Option<mpsc::Receiver<Waiting>>>,
}

impl Default for Intake {
    fn default() -> Self {
        let (queue, end) = mpsc::channel(QUEUE);
        Self {
            queue,
            end: Mutex::new(Some(end)),
        }
    }
}

impl Intake {
    /// Writes a call, alone or with others.
    pub async fn note(
        &self,
        app: &App,
        scope: Scope,
        business: Arc<VoiceBusiness>,
        announced: Announced,
    ) -> Result<Noted, Problem> {
        if app.db.is_postgres() {
            return Box::pin(alone(app, &scope, &business, &announced)).await;
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            scope,
            business,
            announced,
            answer,
        };
        self.queue.send(waiting).await.map_err(|_| Problem::internal())?;
        answered.await.map_err(|_| Problem::internal())?
    }

    /// Works on the queue until the process ends.
    pub async fn work(app: AppState) {
        let end = app
            .calls
            .intake
            .end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut end) = end else {
            return;
        };
        let mut waiting = Vec::with_capacity(MOST_TOGETHER);
        while end.recv_many(&mut waiting, MOST_TOGETHER).await > 0 {
            // Whoever has gone away meanwhile was answered otherwise, and is kept on disk.
            waiting.retain(|one| !one.answer.is_closed());
            waiting.sort_by_key(|one| one.business.id.get());
            while let Some(first) = waiting.first() {
                let business = first.business.id;
                let same = waiting.iter().take_while(|one| one.business.id == business).count();
                together(&app, waiting.drain(..portion(same)).collect()).await;
            }
        }
    }
}

/// How many of `count` are written together: the greatest power of two, so that there are few different statements and
/// the database has all of them prepared.
fn portion(count: usize) -> usize {
    count.checked_ilog2().map_or(0, |power| 1 << power)
}

async fn together(app: &App, waiting: Vec<Waiting>) {
    let noted = match waiting.as_slice() {
        [] | [_] => Vec::new(),
        several => Box::pin(known(app, several)).await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "calls could not be written together, now one by one");
            Vec::new()
        }),
    };
    let noted = noted.into_iter().chain(std::iter::repeat_with(|| None));
    for (one, noted) in waiting.into_iter().zip(noted) {
        let result = match noted {
            Some(noted) => Ok(noted),
            None => Box::pin(alone(app, &one.scope, &one.business, &one.announced)).await,
        };
        // Whoever does not wait any more has been answered otherwise.
        drop(one.answer.send(result));
    }
}

async fn known(app: &App, waiting: &[Waiting]) -> Result<Vec<Option<Noted>>, Problem> {
    let Some(first) = waiting.first() else {
        return Ok(Vec::new());
    };
    let announced: Vec<&Announced> = waiting.iter().map(|one| &one.announced).collect();
    let tx = app.db.write(&first.scope).await?;
    let noted = actions::note_known(&tx, &first.business, &announced).await?;
    tx.commit().await?;
    Ok(noted)
}

async fn alone(app: &App, scope: &Scope, business: &VoiceBusiness, announced: &Announced) -> Result<Noted, Problem> {
    let tx = app.db.write(scope).await?;
    let noted = actions::note(&tx, business, announced).await?;
    tx.commit().await?;
    Ok(noted)
}

#[cfg(test)]
mod tests {
    use super::portion;

    #[test]
    fn portions_are_powers_of_two() {
        assert_eq!(
            [0, 1, 2, 3, 4, 7, 8, 31, 32].map(portion),
            [0, 1, 2, 2, 4, 4, 8, 16, 32]
        );
    }
}
