//! For tests only: the real server on either database, two businesses with people in them, and hands to call it with.
//!
//! [`TestApp`] runs what `agentlocator serve` runs, in this process, on a free port, with a clock that stands still
//! until it is told to move. A story is written once and told on both databases:
//!
//! ```ignore
//! testkit::on_both_databases! {
//!     async fn another_business_sees_nothing(app: &TestApp) {
//!         let owner = app.sign_in(&app.a.owner).await;
//!         owner.get("/api/crm/customers").await.ok();
//!     }
//! }
//! ```
//!
//! A story that leaves jobs behind fails, unless it says with [`TestApp::leaves_jobs`] that it means to.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails by panicking"
)]

mod app;
mod client;
mod database;
mod people;
mod story;
mod wait;
mod webhook;

pub use app::{Audited, Changes, SECRET_KEY, TestApp};
pub use client::{Answer, Client};
pub use database::{Database, TestDatabase};
pub use people::{Business, PASSWORD, Person};
pub use story::tell;
pub use wait::eventually;

/// Tells each story twice, on SQLite and on PostgreSQL. A story may end with a list of changed settings:
/// `async fn name(app: &TestApp) with [("CALL_MODE", "voicemail")] { … }`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: &TestApp) $(with [$($change:expr),* $(,)?])? $body:block)*) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "a story may use nothing of what surrounds it")]
                use super::*;

                async fn story($app: ::std::sync::Arc<$crate::TestApp>) {
                    let $app = &*$app;
                    $body
                }

                fn changes() -> $crate::Changes {
                    ::std::vec![$($($change),*)?].into_iter().collect::<::std::vec::Vec<(&str, &str)>>().into()
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    $crate::tell($crate::Database::Sqlite, changes(), story).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    $crate::tell($crate::Database::Postgres, changes(), story).await;
                }
            }
        )*
    };
}
