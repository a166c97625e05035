//! WhatsApp: the carriers' webhooks in, and the agent's answers out.
//!
//! What a webhook changes is done by [`crate::threads`]; here it is believed, given to its business and understood.

pub mod answers;
mod arrivals;
mod believed;
pub mod door;
mod hooks;
pub mod jobs;
mod unrouted;

pub use arrivals::Arrivals;

use kernel::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AppState,
    api::{aliased, guarded, public, public_up_to},
};

/// The largest body of a webhook that brings many messages at once.
const MANY: usize = 1024 * 1024;

/// What runs beside the requests, until the set is dropped.
pub fn background(app: &AppState, tasks: &mut tokio::task::JoinSet<()>) {
    tasks.spawn(Arrivals::work(app.clone()));
}

pub fn routes() -> OpenApiRouter<AppState> {
    let twilio = || public("twilio_signature", routes!(hooks::whatsapp_twilio));
    OpenApiRouter::new()
        .routes(twilio())
        .routes(aliased(
            "/webhook/whatsapp/twilio",
            "/webhook/whatsapp/incoming",
            twilio(),
        ))
        .routes(aliased(
            "/webhook/whatsapp/twilio",
            "/webhook/whatsapp/inbound",
            twilio(),
        ))
        .routes(public("twilio_signature", routes!(hooks::whatsapp_message_status)))
        .routes(public_up_to(MANY, "bridge_signature", routes!(hooks::whatsapp_baileys)))
        .routes(public("meta_verify_token", routes!(hooks::verify_whatsapp_meta)))
        .routes(public_up_to(MANY, "meta_signature", routes!(hooks::whatsapp_meta)))
        .routes(public_up_to(
            MANY,
            "bridge_or_meta_signature",
            routes!(hooks::whatsapp_incoming),
        ))
        .routes(public("token", routes!(hooks::media_file)))
        .routes(guarded(
            Permission::PlatformRead,
            routes!(unrouted::unrouted_deliveries),
        ))
}
