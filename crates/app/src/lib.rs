//! The product: one folder per subject, and [`App`], what all of them share.

pub mod accounts;
pub mod api;
pub mod calls;
pub mod channels;
pub mod conversations;
pub mod crm;
pub mod exports;
pub mod mail;
pub mod notifications;
mod settings;
pub mod stats;
pub mod threads;
pub mod timeline;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use contracts::{
    llm::LanguageModel, mail::Mailer, push::WebPush, stt::SpeechToText, telephony::Telephony, tts::TextToSpeech,
};
use kernel::Clock;
use platform::{
    bus::Bus,
    db::Db,
    http::{outgoing::Outgoing, rate_limit::RateLimits},
    jobs::{Pulse, Registry},
    storage::Storage,
    telemetry::Metrics,
};

pub use settings::{Settings, Version, VoiceSettings, WhatsappSettings};

/// The engines of a call, each kind in the order in which they are tried.
#[derive(Clone, Default)]
pub struct Engines {
    pub stt: Vec<Arc<dyn SpeechToText>>,
    pub llm: Vec<Arc<dyn LanguageModel>>,
    pub tts: Vec<Arc<dyn TextToSpeech>>,
}

/// What every handler, job and call can reach.
pub struct App {
    pub settings: Settings,
    pub clock: Clock,
    pub db: Db,
    pub bus: Bus,
    pub storage: Storage,
    pub engines: Engines,
    /// `None` without the account's sid and token.
    pub telephony: Option<Arc<dyn Telephony>>,
    /// `None` without a mail server.
    pub mail: Option<Arc<dyn Mailer>>,
    pub seals: accounts::Seals,
    pub refusals: accounts::audit::Refusals,
    /// Requests that we make to addresses that others chose.
    pub outgoing: Outgoing,
    pub push: Arc<dyn WebPush>,
    pub limits: Arc<RateLimits>,
    pub metrics: Metrics,
    /// Whether this process runs jobs.
    pub jobs_pulse: Pulse,
    pub drain: Drain,
    pub tokens: accounts::sessions::tokens::Tokens,
    pub setup: accounts::setup::SetupDoor,
    pub calls: calls::Calls,
    pub voice: channels::voice::Voice,
    pub media: channels::voice::media::Media,
    pub whatsapp: threads::Whatsapp,
    pub arrivals: channels::whatsapp::Arrivals,
}

pub type AppState = Arc<App>;

/// The kinds of background work, each from its subject.
pub fn jobs() -> Registry<AppState> {
    let registry = mail::register(accounts::register(Registry::new()));
    let registry = channels::voice::jobs::register(calls::jobs::register(registry));
    let registry = channels::whatsapp::jobs::register(threads::jobs::register(registry));
    let registry = crm::customers::jobs::register(crm::register(registry));
    stats::register(notifications::register(exports::register(registry)))
}

/// What runs beside requests and jobs, until the set is dropped.
pub fn background(app: &AppState) -> tokio::task::JoinSet<()> {
    let mut tasks = tokio::task::JoinSet::new();
    calls::background(app, &mut tasks);
    channels::voice::background(app, &mut tasks);
    channels::whatsapp::background(app, &mut tasks);
    tasks.spawn(crm::tasks::alarms::raise_forever(app.clone()));
    tasks
}

/// Whether the server is going down: no new calls, `/readyz` 503.
#[derive(Debug, Default)]
pub struct Drain(AtomicBool);

impl Drain {
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
