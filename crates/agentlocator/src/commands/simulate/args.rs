//! What `simulate call` can be told.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use simulator::{call::DialResult, standins::VoiceKind};
use url::Url;

/// Whose webhooks these are, and where they go.
#[derive(Clone, Debug, Args)]
pub struct Account {
    /// The server; given twice or more, each call takes the next one whose /readyz is well.
    #[arg(long = "server", default_value = "http://127.0.0.1:5000")]
    pub servers: Vec<Url>,
    /// Scheme and host under which Twilio knows the server; signed, but not connected to.
    #[arg(long, env = "PUBLIC_BASE_URL")]
    pub public_url: Option<Url>,
    /// Signs the webhooks.
    #[arg(long, env = "TWILIO_AUTH_TOKEN", default_value = "", hide_env_values = true)]
    pub auth_token: String,
    #[arg(
        long = "account-sid",
        env = "TWILIO_ACCOUNT_SID",
        default_value = "AC00000000000000000000000000000000"
    )]
    pub sid: String,
}

impl Account {
    pub fn public_base(&self, server: &Url) -> Url {
        self.public_url.clone().unwrap_or_else(|| server.clone())
    }
}

#[derive(Debug, Args)]
pub struct CallArgs {
    #[command(flatten)]
    pub account: Account,
    /// The caller; with several calls each next one is one higher.
    #[arg(long, default_value = "+972501234567")]
    pub from: String,
    /// The number that is called.
    #[arg(long, default_value = "+97231234567")]
    pub to: String,
    /// A caller who shows no number.
    #[arg(long)]
    pub hidden: bool,
    /// The number that forwarded the call.
    #[arg(long)]
    pub forwarded_from: Option<String>,
    /// All calls come from the same number.
    #[arg(long)]
    pub same_caller: bool,
    /// What the caller says, in order: a line's key (`simulate lines`), FILE.wav[=words], or words|phonemes.
    #[arg(long = "say")]
    pub say: Vec<String>,
    /// Say only so many of them.
    #[arg(long)]
    pub turns: Option<usize>,
    /// The utterance with this number (from 1) interrupts the agent; without a number, the second.
    #[arg(long, num_args = 0..=1, default_missing_value = "2")]
    pub barge_in: Vec<usize>,
    /// How long the agent speaks before it is interrupted.
    #[arg(long, default_value_t = 900)]
    pub barge_after_ms: u64,
    /// Keys that are pressed after what is said.
    #[arg(long)]
    pub dtmf: Option<String>,
    /// The caller hangs up after so many seconds, whatever happens.
    #[arg(long)]
    pub drop_after: Option<f64>,
    /// Each webhook is delivered so many times at once.
    #[arg(long, num_args = 0..=1, default_missing_value = "2", default_value_t = 1)]
    pub duplicate_webhooks: usize,
    /// Sign with a wrong token; the run is well when every webhook is refused.
    #[arg(long)]
    pub bad_signature: bool,
    /// Further headers of the webhooks as name:value, for example of a proxy.
    #[arg(long = "header")]
    pub headers: Vec<String>,
    #[arg(long, default_value_t = 1)]
    pub calls: usize,
    /// Seconds over which the calls begin.
    #[arg(long, default_value_t = 0.0)]
    pub ramp: f64,
    /// Quiet of the agent after which the caller speaks.
    #[arg(long, default_value_t = 700)]
    pub pause_ms: u64,
    /// How long the caller waits for an answer before going on.
    #[arg(long, default_value_t = 15_000)]
    pub patience_ms: u64,
    /// How long the caller stays after the last answer.
    #[arg(long, default_value_t = 1_500)]
    pub linger_ms: u64,
    /// Stay until the server ends the call.
    #[arg(long)]
    pub stay: bool,
    /// Do not wait while files are played.
    #[arg(long)]
    pub skip_play: bool,
    /// Hang up right after the message in a recording.
    #[arg(long)]
    pub hang_up_in_recording: bool,
    /// The server's voice window before an interruption counts.
    #[arg(long, default_value_t = 200)]
    pub voice_window_ms: u64,
    /// The server's end-of-turn silence; taken off for its own share of the latency.
    #[arg(long, default_value_t = 0)]
    pub silence_window_ms: u64,
    /// What happens to whom the server dials: answered, no-answer, busy or failed.
    #[arg(long, default_value = "answered")]
    pub dial: DialResult,
    #[arg(long, default_value_t = 1_500)]
    pub dial_after_ms: u64,
    #[arg(long, default_value_t = 3_000)]
    pub dial_talk_ms: u64,
    /// What they press when asked to accept; empty for nothing.
    #[arg(long, default_value = "1")]
    pub dial_press: String,
    #[arg(long, default_value = "/webhook/incoming_call")]
    pub incoming_path: String,
    /// Empty for none.
    #[arg(long, default_value = "/webhook/call_status")]
    pub status_path: String,
    /// Posted for recordings whose TwiML names no callback.
    #[arg(long)]
    pub recording_status_path: Option<String>,
    /// Stand-ins that run already (`simulate standins`).
    #[arg(long, conflicts_with = "standins_listen")]
    pub standins: Option<Url>,
    /// Where this run's own stand-ins listen; the server's settings must name the same address.
    #[arg(long, default_value_t = super::STANDINS_AT)]
    pub standins_listen: SocketAddr,
    /// Run no stand-ins; recordings cannot be fetched then.
    #[arg(long)]
    pub no_standins: bool,
    /// How the stand-in agent sounds: spoken, or tones for load.
    #[arg(long, default_value = "spoken")]
    pub voice: VoiceKind,
    /// Write report.json, report.txt, agent.wav and call.wav here; with several calls numbered.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// E-mail:password of somebody of the business: adds what is on record to the report.
    #[arg(long, env = "SIMULATE_SIGN_IN", hide_env_values = true)]
    pub sign_in: Option<String>,
    /// The server's log, in which each turn's times must stand as they stand in the record.
    #[arg(long, requires = "sign_in")]
    pub server_log: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}
