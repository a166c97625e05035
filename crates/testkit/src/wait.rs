//! Waiting for something to become true, without guessing how long that takes.

use std::time::Duration;

/// Generous: a loaded machine is slow, and what becomes true ends the wait at once.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until the answer is `Some`; fails after a minute, naming what was awaited.
pub async fn eventually<T, A, F>(what: &str, mut ask: A) -> T
where
    A: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let asked = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(LIMIT, asked)
        .await
        .unwrap_or_else(|_| panic!("waited {LIMIT:?} in vain: {what}"))
}
