//! Calls: their records, turns and recordings, and who waits to be called back.
//!
//! The phone line itself, on which calls come and go and people are rung, stands in `channels::voice`; the conversation
//! in the crate `conversation`.

pub mod actions;
mod admission;
pub mod alerts;
pub mod directory;
mod hand_over;
pub mod hours;
pub mod http;
pub mod intake;
pub mod jobs;
pub mod live;
pub mod model;
mod progress;
pub mod registry;
pub mod sound;
pub mod store;
pub mod turn;
mod views;
pub mod waiting;

use std::sync::Arc;

use platform::http::request_id;

pub use hand_over::hand_over;

use crate::AppState;

/// What calls share in this process.
pub struct Calls {
    pub directory: directory::Directory,
    pub registry: Arc<registry::Registry>,
    pub intake: intake::Intake,
    /// The name of this process among several.
    pub node: String,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            directory: directory::Directory::default(),
            registry: Arc::default(),
            intake: intake::Intake::default(),
            node: request_id::fresh(),
        }
    }
}

/// What runs beside the requests, until the set is dropped.
pub fn background(app: &AppState, tasks: &mut tokio::task::JoinSet<()>) {
    tasks.spawn(intake::Intake::work(app.clone()));
    tasks.spawn(jobs::keep_alive_forever(app.clone()));
}
