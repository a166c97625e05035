//! Stand-ins for the companies that the product talks to, as one loopback server: an OpenAI-compatible service that hears,
//! thinks and speaks, the public voice of Google Translate, Twilio's REST API, Meta's Cloud API, our bridge to WhatsApp
//! Web, and a push service with its browsers. The product reaches them through the base-URL settings that any user could
//! set, the push service through its subscriptions.
//!
//! `POST /_control` makes one of them slow, wrong or silent while everything runs.

pub mod chat;
mod control;
mod faults;
mod hearing;
mod placing;
pub mod push;
mod receptionist;
mod speaking;
mod twilio;
mod voice;
pub mod whatsapp;
pub mod whatsapp_bridge;
pub mod whatsapp_meta;
pub mod whatsapp_twilio;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result, bail};
use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use tokio::{net::TcpListener, task::AbortHandle};
use url::Url;

pub use control::Change;
pub use faults::{Engine, Fault, Faults, Mode};
pub use hearing::NewUtterance;
pub use speaking::VoiceKind;

/// Audio that is sent to be recognised is smaller.
const LARGEST_BODY: usize = 8 << 20;

#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub voice: VoiceKind,
    pub account_sid: String,
    /// Signs the callbacks of placed calls; asked for as the API's password when not empty.
    pub auth_token: String,
    /// The server, for calls that it places; without one, the address that its order names.
    pub server: Option<Url>,
    /// Scheme and host that the server is known by.
    pub public_base: Option<Url>,
    /// How often a new recording is answered with 404 before it is there.
    pub recording_delay_requests: u32,
    /// Approved WhatsApp templates: a `ContentSid` or a name of Meta's, and the text with its places `{{1}}`. None: any
    /// is good.
    pub templates: BTreeMap<String, String>,
    pub meta: whatsapp_meta::Account,
    /// Shared with the bridge (`WA_SHARED_SECRET`).
    pub bridge_secret: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            voice: VoiceKind::Spoken,
            account_sid: "AC00000000000000000000000000000000".to_owned(),
            auth_token: String::new(),
            server: None,
            public_base: None,
            recording_delay_requests: 1,
            templates: BTreeMap::new(),
            meta: whatsapp_meta::Account::default(),
            bridge_secret: "the secret of the stand-in of the bridge".to_owned(),
        }
    }
}

/// What all stand-ins share.
pub struct State {
    pub settings: Settings,
    pub faults: Faults,
    pub(crate) ears: hearing::Hearing,
    pub(crate) mouth: speaking::Mouth,
    pub(crate) exchange: twilio::Exchange,
    pub push: push::PushService,
    pub whatsapp_twilio: whatsapp_twilio::Messages,
    pub whatsapp_meta: whatsapp_meta::CloudApi,
    pub whatsapp_bridge: whatsapp_bridge::Bridge,
    pub(crate) http: reqwest::Client,
    /// Where they listen.
    pub(crate) base: Url,
}

pub type Shared = Arc<State>;

/// Stand-ins that listen until this is dropped.
pub struct Running {
    pub base: Url,
    pub state: Shared,
    serving: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Begins to listen.
pub async fn start(settings: Settings) -> Result<Running> {
    if !settings.listen.ip().is_loopback() {
        bail!("stand-ins listen on loopback only, not on {}", settings.listen);
    }
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("the stand-ins cannot listen on {}", settings.listen))?;
    let base: Url = format!("http://{}/", listener.local_addr()?).parse()?;
    let state = Arc::new(State {
        faults: Faults::default(),
        ears: hearing::Hearing::default(),
        mouth: speaking::Mouth::new(settings.voice),
        exchange: twilio::Exchange::default(),
        push: push::PushService::default(),
        whatsapp_twilio: whatsapp_twilio::Messages::default(),
        whatsapp_meta: whatsapp_meta::CloudApi::default(),
        whatsapp_bridge: whatsapp_bridge::Bridge::default(),
        http: crate::http_client()?,
        base: base.clone(),
        settings,
    });
    let router = router(Arc::clone(&state));
    let serving = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the stand-ins stopped");
        }
    });
    Ok(Running {
        base,
        state,
        serving: serving.abort_handle(),
    })
}

fn router(state: Shared) -> Router {
    let gated = |engine: Engine, routes: Router<Shared>| {
        routes.layer(middleware::from_fn_with_state(
            (Arc::clone(&state), engine),
            faults::gate,
        ))
    };
    Router::new()
        .merge(gated(Engine::Stt, hearing::routes()))
        .merge(gated(Engine::Llm, chat::routes()))
        .merge(gated(Engine::Tts, speaking::openai_routes()))
        .merge(gated(Engine::Gtts, speaking::gtts_routes()))
        .merge(gated(Engine::Twilio, twilio::routes()))
        .merge(gated(Engine::WhatsappTwilio, whatsapp_twilio::routes()))
        .merge(gated(Engine::WhatsappMeta, whatsapp_meta::routes()))
        .merge(gated(Engine::WhatsappBridge, whatsapp_bridge::routes()))
        .merge(whatsapp_twilio::control_routes())
        .merge(whatsapp_meta::control_routes())
        .merge(whatsapp_bridge::control_routes())
        .merge(hearing::told_routes())
        .merge(twilio::desk_routes())
        .merge(push::routes())
        .merge(control::routes())
        .route("/", get(|| async { "the stand-ins of agentlocator simulate\n" }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(state)
}

#[cfg(test)]
mod tests;
