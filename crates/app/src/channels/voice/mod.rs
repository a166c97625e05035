//! The phone line: Twilio's webhooks in, TwiML out, and the media socket.
//!
//! What a webhook changes is done by [`crate::calls::actions`]; here it is believed, understood and answered.

pub mod answers;
pub mod arrivals;
mod clips;
pub mod door;
pub mod engines;
pub mod form;
pub mod handover;
pub mod hooks;
pub mod jobs;
mod line;
pub mod links;
pub mod media;
pub mod signature;
pub mod speech;
pub mod spool;
pub mod twiml;

use kernel::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{answers::PublicOrigin, links::Links, speech::Rendered, spool::Spool};
use crate::{
    AppState, Settings,
    api::{aliased, guarded, public},
};

/// What the phone line shares in this process.
pub struct Voice {
    pub links: Links,
    pub spool: Spool,
    pub rendered: Rendered,
    /// Where the outside reaches us, if it does.
    pub origin: Option<PublicOrigin>,
}

impl Voice {
    pub fn new(settings: &Settings) -> Self {
        let origin = PublicOrigin::of(settings.public_base_url.as_ref());
        if origin.is_none() {
            tracing::warn!("no usable PUBLIC_BASE_URL: calls get a message to leave, and no conversation");
        }
        Self {
            links: Links::new(&settings.secret_key),
            spool: Spool::new(settings.data_dir.join("spool")),
            rendered: Rendered::default(),
            origin,
        }
    }
}

/// What runs beside the requests, until the set is dropped.
pub fn background(app: &AppState, tasks: &mut tokio::task::JoinSet<()>) {
    tasks.spawn(hooks::replay_forever(app.clone()));
    tasks.spawn(media::rescue_forever(app.clone()));
}

/// How the webhooks are authenticated, for the OpenAPI document.
const SIGNED: &str = "twilio_signature";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(media::routes())
        .merge(line::routes())
        .routes(public(SIGNED, routes!(hooks::incoming_call)))
        .routes(public(SIGNED, routes!(hooks::handle_recording)))
        .routes(public(SIGNED, routes!(hooks::call_status)))
        .routes(public(SIGNED, routes!(hooks::recording_status)))
        .routes(public(SIGNED, routes!(hooks::stream_ended)))
        .routes(public("optional_twilio_signature", routes!(hooks::stream_status)))
        .routes(public(SIGNED, routes!(hooks::dial_ended)))
        .routes(public(SIGNED, routes!(hooks::whisper)))
        .routes(public(SIGNED, routes!(hooks::take_over)))
        .routes(public(SIGNED, routes!(hooks::take_over_ended)))
        .routes(guarded(Permission::SettingsRead, routes!(engines::engines)))
        .routes(guarded(Permission::SettingsWrite, routes!(speech::preview)))
        .routes(public("token", routes!(speech::media)))
        .routes(public("none", routes!(clips::clip)))
        .routes(aliased(
            "/static/voice_responses/{name}",
            "/static/voice_responses/{name}",
            public("none", routes!(clips::older_clip)),
        ))
        .route(
            "/server/static/voice_responses/{name}",
            axum::routing::get(clips::older_clip),
        )
}
