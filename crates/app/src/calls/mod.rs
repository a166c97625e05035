//! Calls: their records, turns and recordings, who waits to be called back, and the handing over to people.
//!
//! What Twilio says and hears stands in [`crate::channels::voice`]; the conversation itself in `conversation`.

pub mod actions;
mod admission;
pub mod directory;
pub mod hours;
mod http;
pub mod intake;
pub mod jobs;
pub mod live;
pub mod model;
mod progress;
pub mod registry;
mod sound;
pub mod store;
mod views;

use std::sync::Arc;

use platform::http::request_id;

pub use http::routes;

use crate::{
    AppState, Settings,
    channels::voice::{answers::PublicOrigin, hooks, links::Links, speech::Rendered, spool::Spool},
};

/// What calls share in this process.
pub struct Calls {
    pub directory: directory::Directory,
    pub registry: Arc<registry::Registry>,
    pub links: Links,
    pub spool: Spool,
    pub rendered: Rendered,
    pub intake: intake::Intake,
    /// Where the outside reaches us, if it does.
    pub origin: Option<PublicOrigin>,
    /// The name of this process among several.
    pub node: String,
}

impl Calls {
    pub fn new(settings: &Settings) -> Self {
        let origin = PublicOrigin::of(settings.public_base_url.as_ref());
        if origin.is_none() {
            tracing::warn!("no usable PUBLIC_BASE_URL: calls get a message to leave, and no conversation");
        }
        Self {
            directory: directory::Directory::default(),
            registry: Arc::default(),
            links: Links::new(&settings.secret_key),
            spool: Spool::new(settings.data_dir.join("spool")),
            rendered: Rendered::default(),
            intake: intake::Intake::default(),
            origin,
            node: request_id::fresh(),
        }
    }
}

/// Where media sockets write their recordings while a call runs, below `DATA_DIR`.
pub const LIVE_RECORDINGS: &str = "live";

/// What runs beside the requests, until the set is dropped.
pub fn background(app: &AppState) -> tokio::task::JoinSet<()> {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(hooks::replay_forever(app.clone()));
    tasks.spawn(intake::Intake::work(app.clone()));
    tasks.spawn(jobs::keep_alive_forever(app.clone()));
    let live = app.settings.data_dir.join(LIVE_RECORDINGS);
    tasks.spawn(jobs::rescue_recordings_forever(app.clone(), live));
    tasks
}
