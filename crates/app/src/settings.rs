//! What the product is told at start. The binary reads it from the environment; nothing here does.

use std::{path::PathBuf, time::Duration};

use contracts::whatsapp::Carrier;
use kernel::{Phone, SecretString};
use url::Url;

#[derive(Clone, Debug)]
pub struct Settings {
    pub production: bool,
    /// The origin under which providers and browsers reach us, without a path.
    pub public_base_url: Option<Url>,
    /// Proxies in front of us are trusted: `X-Forwarded-Proto` and `-Host` say how we were called.
    pub trust_proxy: bool,
    /// Keys for tokens in URLs and for what is encrypted at rest are derived from it.
    pub secret_key: SecretString,
    pub data_dir: PathBuf,
    pub version: Version,
    pub voice: VoiceSettings,
    pub whatsapp: WhatsappSettings,
}

/// What `GET /version` and `X-Revision` say.
#[derive(Clone, Debug, Default)]
pub struct Version {
    pub git_commit: String,
    pub build_time: String,
    pub deploy_id: String,
}

#[derive(Clone, Debug)]
pub struct VoiceSettings {
    /// `CALL_MODE`: `realtime`, `turn_based` or `voicemail`; a business may set its own.
    pub call_mode: String,
    pub max_concurrent_calls: usize,
    pub drain: Duration,
    pub twilio_account_sid: Option<String>,
    pub twilio_auth_token: Option<SecretString>,
    pub twilio_api_base: Url,
}

#[derive(Clone, Debug, Default)]
pub struct WhatsappSettings {
    /// `WHATSAPP_PROVIDER`, when it is set.
    pub preferred: Option<Carrier>,
    /// In which order carriers are tried.
    pub priority: Vec<Carrier>,
    /// Those that are not switched off and have their settings.
    pub enabled: Vec<Carrier>,
    /// `TWILIO_WA_FROM`: the number of a server with one business.
    pub twilio_from: Option<Phone>,
    pub meta_phone_number_id: Option<String>,
    pub meta_app_secret: Option<SecretString>,
    pub meta_verify_token: Option<SecretString>,
    /// What the bridge and we sign with.
    pub shared_secret: Option<SecretString>,
    /// Where Twilio tells what became of a message, with the second secret.
    pub status_callback: Option<String>,
    pub status_secret: Option<SecretString>,
    /// The agent waits so long for what else comes.
    pub burst: Duration,
}
