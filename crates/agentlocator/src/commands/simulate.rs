//! `agentlocator simulate`: plays Twilio, callers and the other companies against a running server.

mod args;
mod call;
mod record;
mod standins;

use std::{net::SocketAddr, process::ExitCode};

use anyhow::{Context as _, bail};
use axum::http::Method;
use clap::{Args, Subcommand};
use platform::telemetry::{self, LogFormat, LogSettings};
use simulator::{
    lines,
    twilio::post::{Expect, Manner, Poster},
};
use url::Url;

use args::Account;

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// What is logged to standard error: warn, info, simulator=debug.
    #[arg(long, default_value = "warn", global = true)]
    log: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Place calls and report what was heard.
    Call(Box<args::CallArgs>),
    /// Sign and post one webhook.
    Post(PostArgs),
    /// Run only the stand-ins of OpenAI, Google Translate's voice and Twilio's API.
    Standins(standins::StandinsArgs),
    /// List what callers can say.
    Lines,
}

#[derive(Debug, Args)]
struct PostArgs {
    /// Path, perhaps with a query, for example /webhook/call_status.
    path: String,
    /// Fields as name=value; a name may come twice.
    fields: Vec<String>,
    #[command(flatten)]
    account: Account,
    /// Send it so many times at once.
    #[arg(long, default_value_t = 1)]
    copies: usize,
    /// Sign with a wrong token.
    #[arg(long)]
    bad_signature: bool,
    /// Send it as GET, with the fields in the query.
    #[arg(long)]
    get: bool,
    /// Further headers as name:value.
    #[arg(long = "header")]
    headers: Vec<String>,
}

/// Where stand-ins listen unless told otherwise.
const STANDINS_AT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5_050);

pub async fn run(args: SimulateArgs) -> anyhow::Result<ExitCode> {
    let _logs = telemetry::init(&LogSettings {
        filter: args.log.clone(),
        format: LogFormat::Plain,
        dir: None,
    })?;
    match args.what {
        What::Call(args) => call::run(*args).await,
        What::Post(args) => post(args).await,
        What::Standins(args) => standins::run(args).await,
        What::Lines => {
            for line in lines::LINES {
                super::print(&format!("{:<10} {}\n", line.key, line.text))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn post(args: PostArgs) -> anyhow::Result<ExitCode> {
    let fields = args
        .fields
        .iter()
        .map(|field| {
            field
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .collect::<Option<Vec<_>>>()
        .context("fields are written name=value")?;
    let server = args.account.servers.first().context("no server")?.clone();
    let poster = Poster::new(
        simulator::http_client()?,
        Manner {
            auth_token: args.account.auth_token.clone(),
            public_base: args.account.public_base(&server),
            server,
            copies: args.copies,
            bad_signature: args.bad_signature,
            headers: headers(&args.headers)?,
        },
    );
    let url: Url = poster.public(&args.path)?;
    let method = if args.get { Method::GET } else { Method::POST };
    let (deliveries, trouble) = poster.send(method, "post", &url, &fields, Expect::Anything).await;
    for delivery in &deliveries {
        let status = delivery
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let content_type = delivery.content_type.as_deref().unwrap_or("-");
        super::print(&format!(
            "{status} {content_type} in {:.1} ms\n{}\n",
            delivery.took_ms, delivery.body
        ))?;
    }
    if let Some(trouble) = trouble {
        bail!("{trouble}");
    }
    Ok(ExitCode::SUCCESS)
}

fn headers(given: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    given
        .iter()
        .map(|header| {
            header
                .split_once(':')
                .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect::<Option<Vec<_>>>()
        .context("headers are written name:value")
}
