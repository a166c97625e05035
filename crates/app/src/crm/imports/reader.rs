//! Reads a file into batches of checked rows, on a thread of its own, a few ahead of who writes them.

use std::ops::ControlFlow;

use bytes::Bytes;
use kernel::Problem;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    file::File,
    mapping::Mapping,
    person::{Draft, Plan, RowError},
};

/// Rows of one transaction: while it runs, nobody else writes to SQLite.
const ROWS_AT_ONCE: u64 = 200;

/// Rows that are written together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// How many rows came before it.
    pub after: u64,
    /// How many rows are through with it.
    pub through: u64,
    pub drafts: Vec<Draft>,
    pub errors: Vec<RowError>,
    /// Rows that are in `errors` and not in `drafts`.
    pub skipped: i64,
}

/// Sends the rows after the first `done` ones; ends when nobody takes them any more.
pub fn read(
    bytes: Bytes,
    mapping: &Mapping,
    mut plan: Plan,
    done: u64,
    batches: &mpsc::Sender<Batch>,
) -> Result<(), Problem> {
    let file = File::open(bytes, &CancellationToken::new())?;
    plan.fields = mapping.placed(file.columns());
    let mut batch = starting(done);
    let mut at = 0;
    file.each(&mut |row| {
        at += 1;
        if at <= done {
            return ControlFlow::Continue(());
        }
        match plan.read(&row) {
            Ok(draft) => batch.drafts.push(draft),
            Err(errors) => {
                batch.errors.extend(errors);
                batch.skipped += 1;
            }
        }
        batch.through = at;
        if at - batch.after < ROWS_AT_ONCE {
            return ControlFlow::Continue(());
        }
        let full = std::mem::replace(&mut batch, starting(at));
        match batches.blocking_send(full) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    if batch.through > batch.after {
        // who does not listen any more has a reason
        drop(batches.blocking_send(batch));
    }
    Ok(())
}

fn starting(after: u64) -> Batch {
    Batch {
        after,
        through: after,
        ..Batch::default()
    }
}
