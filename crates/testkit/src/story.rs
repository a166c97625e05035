//! Telling one story: start, run, see that nothing is left, take everything away, whatever happened.

use std::sync::Arc;

use crate::{Changes, Database, TestApp};

/// Runs the story on a server of its own. Without `TEST_POSTGRES_URL` a story on PostgreSQL is told loudly to be skipped.
pub async fn tell<S, F>(database: Database, changes: Changes, story: S)
where
    S: FnOnce(Arc<TestApp>) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let Some(app) = TestApp::start(database, changes).await else {
        return;
    };
    let app = Arc::new(app);
    // In a task of its own, so that a failing story, too, is cleaned up after.
    let told = tokio::spawn(story(Arc::clone(&app))).await;
    let app = Arc::into_inner(app);
    let Some(app) = app else {
        assert!(told.is_err(), "the story let its TestApp escape into a task");
        std::panic::resume_unwind(told.expect_err("checked").into_panic());
    };
    let leftover = if told.is_ok() {
        app.leftover_jobs().await
    } else {
        Vec::new()
    };
    app.end().await;
    if let Err(failure) = told {
        std::panic::resume_unwind(failure.into_panic());
    }
    assert!(leftover.is_empty(), "the story leaves jobs behind: {leftover:?}");
}
