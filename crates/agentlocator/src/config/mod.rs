//! The settings: environment variables, read once at start, checked all together.
//!
//! [`load`] gives either a complete, typed [`Settings`] or a [`Report`] of everything that is missing, malformed or
//! misspelt. Nothing else in the product reads the environment. What a setting means for the parts of the server is
//! decided in `wire`, not here.

mod build;
mod read;
mod report;
mod secrets;
mod show;
mod table;
mod value;
mod whatsapp;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use contracts::whatsapp::Carrier;
use ipnet::IpNet;
use kernel::{Phone, SecretString};
use regex::Regex;
use url::Url;

pub use read::Variables;
pub use report::Report;
pub use secrets::Secrets;
pub use show::{effective, example};

/// Where the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppEnv {
    Development,
    Testing,
    Production,
}

impl AppEnv {
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

/// Every setting, typed. A secret prints as `[redacted]`.
#[derive(Clone, Debug)]
pub struct Settings {
    pub env: AppEnv,
    pub http: HttpSettings,
    pub database: DatabaseSettings,
    pub storage: StorageSettings,
    /// As given; [`Settings::secrets`] fills the gaps in development.
    pub secrets: GivenSecrets,
    pub twilio: TwilioSettings,
    pub whatsapp: WhatsappSettings,
    /// `None`: no mail is sent.
    pub mail: Option<MailSettings>,
    pub voice: VoiceSettings,
    pub engines: EngineSettings,
    /// `host:port` of targets that requests may go to though they are private.
    pub outbound_allow: Vec<String>,
    pub vapid: VapidSettings,
    pub rates: RateSettings,
    pub logs: LogSettings,
    pub metrics_token: Option<SecretString>,
    pub version: VersionSettings,
    /// Name of the business that the first start creates.
    pub business_name: String,
    /// How long running calls may go on after SIGTERM.
    pub drain: Duration,
    /// What the operator should know though it stops nothing; logged at start.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct HttpSettings {
    pub bind: IpAddr,
    pub port: u16,
    pub public_base_url: Option<Origin>,
    pub cors: Vec<OriginRule>,
    pub trust_proxy: TrustProxy,
}

impl HttpSettings {
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }
}

/// `https://calls.example.com`, never with a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An origin that may call the API.
#[derive(Clone, Debug)]
pub enum OriginRule {
    /// Refused in production.
    Any,
    Is(String),
    /// Anchored at both ends.
    Matches(Regex),
}

impl OriginRule {
    pub fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(exact) => exact == origin,
            Self::Matches(pattern) => pattern.is_match(origin),
        }
    }
}

/// Whose word about the caller's address counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustProxy {
    No,
    /// So many proxies stand in front of the server.
    Hops(u8),
    Networks(Vec<IpNet>),
}

#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    pub url: DatabaseUrl,
    pub synchronous: SqliteSynchronous,
    pub slow: Duration,
}

#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    /// A database that ends with the process.
    SqliteMemory,
    Postgres(SecretString),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqliteSynchronous {
    Full,
    Normal,
}

#[derive(Clone, Debug)]
pub struct StorageSettings {
    pub data_dir: PathBuf,
    pub s3: Option<S3Settings>,
}

#[derive(Clone, Debug)]
pub struct S3Settings {
    pub bucket: String,
    pub region: String,
    pub endpoint: Option<Url>,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
}

#[derive(Clone, Debug, Default)]
pub struct GivenSecrets {
    pub secret_key: Option<SecretString>,
    /// The last one first.
    pub secret_key_previous: Vec<SecretString>,
    pub jwt_secret: Option<SecretString>,
    pub jwt_secret_previous: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub struct TwilioSettings {
    pub account_sid: Option<String>,
    pub auth_token: Option<SecretString>,
    pub api_base: Url,
}

#[derive(Clone, Debug)]
pub struct WhatsappSettings {
    /// Who carries messages first, when it was said.
    pub preferred: Option<Carrier>,
    pub priority: Vec<Carrier>,
    /// Those that are on.
    pub enabled: Vec<Carrier>,
    pub twilio_from: Option<Phone>,
    pub status_secret: Option<SecretString>,
    /// The bridge, and what it is told when this program starts it.
    pub bridge: Url,
    pub session_dir: PathBuf,
    pub send_interval: Duration,
    pub shared_secret: Option<SecretString>,
    pub meta_token: Option<SecretString>,
    pub meta_phone_number_id: Option<String>,
    pub meta_app_secret: Option<SecretString>,
    pub meta_verify_token: Option<SecretString>,
    pub meta_api_base: Url,
    pub meta_api_version: String,
    pub burst: Duration,
}

#[derive(Clone, Debug)]
pub struct MailSettings {
    pub server: providers::mail::smtp::Server,
    /// An address that was checked, with or without a name.
    pub from: String,
}

/// How a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallMode {
    Realtime,
    TurnBased,
    Voicemail,
}

impl CallMode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Realtime => "realtime",
            Self::TurnBased => "turn_based",
            Self::Voicemail => "voicemail",
        }
    }
}

#[derive(Clone, Debug)]
pub struct VoiceSettings {
    pub call_mode: CallMode,
    pub max_concurrent_calls: usize,
}

#[derive(Clone, Debug)]
pub struct EngineSettings {
    pub openai_api_key: Option<SecretString>,
    pub stt: ModelSettings,
    pub llm: ModelSettings,
    pub tts: ModelSettings,
    pub tts_voice: String,
    pub gtts_base_url: Url,
    /// Names, first choice first; the binary leaves out what is not configured.
    pub stt_order: Vec<String>,
    pub llm_order: Vec<String>,
    pub tts_order: Vec<String>,
}

/// One engine of an OpenAI-compatible service.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    pub base_url: Url,
    pub model: String,
    /// There is a key, or the service is one of the operator's own, which may need none.
    pub usable: bool,
}

/// The keys of web push; without a private one the first start makes them.
#[derive(Clone, Debug, Default)]
pub struct VapidSettings {
    pub public_key: Option<String>,
    pub private_key: Option<SecretString>,
}

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Off,
    Limit { count: u32, per: Duration },
}

#[derive(Clone, Debug)]
pub struct RateSettings {
    pub auth: Rate,
    pub send: Rate,
    pub api: Rate,
    /// `None`: each webhook has its own.
    pub webhook_unverified: Option<Rate>,
    pub webhook_verified: Rate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Plain,
    Json,
}

#[derive(Clone, Debug)]
pub struct LogSettings {
    /// `info` or `info,platform=debug`.
    pub filter: String,
    pub format: LogFormat,
    pub dir: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct VersionSettings {
    pub git_commit: String,
    pub build_time: String,
    pub deploy_id: Option<String>,
}

impl DatabaseUrl {
    /// The form that the driver takes. An in-memory database is a file that [`Self::remove_temporary`] takes away:
    /// the writer and the readers are different connections and must see the same data.
    pub fn for_driver(&self) -> SecretString {
        match self {
            Self::Postgres(url) => url.clone(),
            Self::Sqlite(path) => sqlite_url(path).into(),
            Self::SqliteMemory => sqlite_url(&temporary_file()).into(),
        }
    }

    /// The directory that must exist before SQLite can make its file.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => path.parent().filter(|parent| !parent.as_os_str().is_empty()),
            Self::SqliteMemory | Self::Postgres(_) => None,
        }
    }

    /// Removes what an in-memory database left on the disk.
    pub fn remove_temporary(&self) {
        if !matches!(self, Self::SqliteMemory) {
            return;
        }
        let file = temporary_file();
        for end in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(end);
            // It may never have been made; a leftover in the temporary directory harms nobody.
            let _ = std::fs::remove_file(name);
        }
    }
}

fn sqlite_url(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3f"))
}

fn temporary_file() -> PathBuf {
    std::env::temp_dir().join(format!("agentlocator-{}.db", std::process::id()))
}

/// Reads the environment and, outside production, the file `.env` in the working directory.
pub fn load() -> Result<Settings, Report> {
    Settings::read(&Variables::of_process()?)
}

impl Settings {
    /// Checks all variables together.
    pub fn read(variables: &Variables) -> Result<Self, Report> {
        build::settings(variables)
    }

    /// The secrets in use: those given; in development, ones made at the first start and kept in the data directory.
    pub fn secrets(&self) -> std::io::Result<Secrets> {
        secrets::complete(self)
    }
}
