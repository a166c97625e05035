//! What a running job knows of itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use kernel::{BusinessId, Scope};
use sea_orm::{ConnectionTrait, DbErr};
use tokio_util::sync::CancellationToken;

use super::{runner, store};
use crate::db::{DbError, WriteTx};

/// One attempt of one job.
#[derive(Clone, Debug)]
pub struct JobContext {
    pub(super) scope: Scope,
    pub(super) kind: &'static str,
    pub(super) claim: store::Claim,
    pub(super) max_attempts: u32,
    pub(super) was_cut_off: bool,
    pub(super) settled: Arc<AtomicBool>,
    pub(super) stopping: CancellationToken,
}

impl JobContext {
    /// The business that the job was written for; every business, for reading, when it was written for none.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A scope for one business, for work that was written for none (a sweep over all).
    ///
    /// 403 when the job belongs to another business.
    pub fn scope_of(&self, business: BusinessId) -> Result<Scope, kernel::Problem> {
        match self.scope.reach() {
            kernel::Reach::One(own) if own != business => {
                Err(kernel::Problem::forbidden("the job is another business's"))
            }
            _ => Ok(runner::mint(Some(business), self.kind, self.scope.request_id())),
        }
    }

    pub const fn job_id(&self) -> i64 {
        self.claim.id
    }

    /// 1 for the first attempt.
    pub fn attempt(&self) -> u32 {
        u32::try_from(self.claim.attempts).unwrap_or(1)
    }

    /// After this attempt the job is given up.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt() >= self.max_attempts
    }

    /// The attempt before this one ended without a word: its process was killed, its time was over, it panicked. What it
    /// had asked of an outside company may have been done; what must not be done twice is not simply tried again.
    pub const fn was_cut_off(&self) -> bool {
        self.was_cut_off
    }

    /// The id of the request from which this work comes.
    pub fn request_id(&self) -> &str {
        self.scope.request_id()
    }

    /// Ends when the process is stopping: long work may put itself back.
    pub const fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Ends the job inside `tx`: its effects and its end are committed together, or not at all. Fails when another
    /// runner has taken the job over, and then `tx` must not be committed.
    pub async fn settle(&self, tx: &WriteTx) -> Result<(), DbError> {
        let ended = tx
            .conn()
            .execute_raw(store::done_statement(tx.backend(), &self.claim))
            .await?
            .rows_affected();
        if ended == 0 {
            return Err(DbError::Failed(DbErr::Custom(
                "another runner has taken this job over".to_owned(),
            )));
        }
        self.settled.store(true, Ordering::SeqCst);
        Ok(())
    }
}
