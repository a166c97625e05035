//! `simulate standins`: the other companies alone, until Ctrl-C.

use std::{net::SocketAddr, process::ExitCode};

use clap::Args;
use simulator::standins::{Settings, VoiceKind, start};

use super::{STANDINS_AT, args::Account};

#[derive(Debug, Args)]
pub struct StandinsArgs {
    #[arg(long, default_value_t = STANDINS_AT)]
    listen: SocketAddr,
    /// How the agent sounds: spoken, or tones for load.
    #[arg(long, default_value = "spoken")]
    voice: VoiceKind,
    /// How often a new recording is answered with 404 at first.
    #[arg(long, default_value_t = 1)]
    recording_delay_requests: u32,
    #[command(flatten)]
    account: Account,
}

pub async fn run(args: StandinsArgs) -> anyhow::Result<ExitCode> {
    let server = args.account.servers.first().cloned();
    let running = start(Settings {
        listen: args.listen,
        voice: args.voice,
        account_sid: args.account.sid.clone(),
        auth_token: args.account.auth_token.clone(),
        public_base: args.account.public_url.clone().or_else(|| server.clone()),
        server,
        recording_delay_requests: args.recording_delay_requests,
        ..Settings::default()
    })
    .await?;
    super::super::print(&settings_for(&running.base))?;
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

/// The server's settings that lead here.
pub fn settings_for(base: &url::Url) -> String {
    let base = base.as_str().trim_end_matches('/');
    format!(
        "OPENAI_BASE_URL={base}/v1\nOPENAI_API_KEY=stand-in\nGTTS_BASE_URL={base}\nTWILIO_API_BASE={base}\n\
         # WhatsApp by Meta: META_API_BASE={base}/graph\n\
         # faults: curl -H 'content-type: application/json' {base}/_control -d '{{\"engine\":\"tts\",\"mode\":\"down\"}}'\n"
    )
}
