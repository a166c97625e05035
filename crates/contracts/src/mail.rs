//! Mail: one letter to one person.

use async_trait::async_trait;
use kernel::Pii;

use crate::Fault;

/// A letter. Both bodies say the same.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Names the letter for good (`job-17`): sent again it carries the same `Message-ID`, so that a mailbox can tell.
    /// ASCII letters, digits and `-`.
    pub id: String,
    /// An address such as `dana@example.com`.
    pub to: Pii<String>,
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a letter over. `Ok` means that it was taken, not that it was read.
    ///
    /// `Unavailable` and `Misconfigured` mean that it certainly was not taken, `Declined` that there is no such mailbox
    /// or none for us, `Rejected` that the letter is refused for good, `Unknown` that it may have been taken.
    async fn send(&self, letter: &Letter) -> Result<(), Fault>;

    /// Whether letters would be taken: connects and signs in, and sends nothing.
    async fn check(&self) -> Result<(), Fault>;
}
