//! The phone line: Twilio's webhooks in, TwiML out, and the media socket.
//!
//! What a webhook changes is done by [`crate::calls::actions`]; here it is believed, understood and answered.

pub mod answers;
pub mod arrivals;
mod clips;
pub mod door;
mod engines;
pub mod form;
pub mod handover;
pub mod hooks;
pub mod links;
pub mod media;
pub mod signature;
pub mod speech;
pub mod spool;
pub mod twiml;

pub use clips::{Asked, asked, with_range};

use kernel::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AppState,
    api::{aliased, guarded, public},
};

/// How the webhooks are authenticated, for the OpenAPI document.
const SIGNED: &str = "twilio_signature";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(media::routes())
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
