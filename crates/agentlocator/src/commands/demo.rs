//! `agentlocator demo`: a server with made-up customers that has just been called, on loopback, for looking around.
//!
//! Twilio and the speech and language companies are the simulator's stand-ins; the server itself is the product as it is,
//! reached through settings that anyone could set.

mod office;
mod place;
mod whatsapp;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use app::accounts::users::actions::{NewUser, create};
use clap::Args;
use kernel::{Clock, Role};
use platform::telemetry::{self, LogFormat, LogSettings};
use simulator::{
    standins::{self, Running as StandIns},
    twilio::sids::sid,
};

use crate::{
    config::{Settings, Variables},
    wire,
};

/// The demo's owner.
const EMAIL: &str = "owner@demo.example";
/// Where the demo answers unless that is taken.
const PORT: u16 = 5_000;
/// How long the call may take to be on record.
const ON_RECORD: Duration = Duration::from_secs(120);
const LAST_REQUESTS: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The port to answer on; a free one when it is taken.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Keep the data here; by default it is made anew and removed at the end.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The folder of the bridge to WhatsApp Web, which is linked to a stand-in; without it messages go by Twilio and
    /// Meta alone.
    #[arg(long, value_name = "FOLDER")]
    bridge: Option<PathBuf>,
    /// Stop when the call is on record.
    #[arg(long)]
    exit_after_call: bool,
    /// What is logged to standard error.
    #[arg(long, default_value = "warn")]
    log: String,
}

pub async fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    if Variables::of_process()?.is_production() {
        bail!("the demo makes up customers and answers with stand-ins: it does not run with APP_ENV=production");
    }
    let _logs = telemetry::init(&LogSettings {
        filter: args.log.clone(),
        format: LogFormat::Plain,
        dir: None,
    })?;
    let folder = Folder::open(args.data_dir.clone())?;
    let done = stay(&args, &folder.path).await;
    folder.close();
    done.map(|()| ExitCode::SUCCESS)
}

async fn stay(args: &DemoArgs, folder: &Path) -> anyhow::Result<()> {
    let address = free_address(args.port)?;
    let origin = format!("http://{address}");
    let auth_token = sid("");
    let stand_ins = standins::start(standins::Settings {
        auth_token: auth_token.clone(),
        server: Some(origin.parse()?),
        public_base: Some(origin.parse()?),
        ..standins::Settings::default()
    })
    .await?;
    let web = match &args.bridge {
        Some(bridge) => Some((bridge, whatsapp::Web::start(bridge, folder).await?)),
        None => None,
    };
    let settings = settings(address, &origin, folder, &stand_ins, &auth_token, web.is_some())?;
    let server = Box::pin(wire::build(&settings, Clock::System)).await?;
    let password = sid("").chars().take(12).collect::<String>();
    let owner = NewUser {
        name: "נועה הבעלים".to_owned(),
        email: EMAIL.to_owned(),
        role: Role::Owner,
        password: password.clone().into(),
    };
    create(&server.app.db, None, owner)
        .await
        .context("the demo's owner cannot be made")?;
    let running = server.listen(address).await?;
    let bridge = web
        .as_ref()
        .map(|(folder, web)| web.bridge(folder, &settings, running.address));
    let bridge = bridge.transpose()?;
    let office = office::Office::sign_in(&origin, EMAIL, &password).await?;
    office.furnish(Clock::System.now()).await?;
    whatsapp::letters(&stand_ins).await?;
    if let Some((_, web)) = &web {
        web.link(&office).await?;
    }
    let call_sid = place::calls(&origin, &auth_token, &stand_ins).await?;
    let (call, seen) = office.call_on_record(&call_sid, ON_RECORD).await?;
    super::print(&format!(
        "The demo was called ({seen}). Look at it: {origin}/calls/{call} – sign in as {EMAIL} with the password {password}\n"
    ))?;
    if !args.exit_after_call {
        tokio::signal::ctrl_c().await?;
    }
    running.app.drain.begin();
    running.stop(LAST_REQUESTS).await?;
    if let Some(bridge) = bridge {
        bridge.stop().await;
    }
    Ok(())
}

/// The product's own settings, all of them from here: the environment must not reach into the demo.
fn settings(
    address: SocketAddr,
    origin: &str,
    folder: &Path,
    stand_ins: &StandIns,
    auth_token: &str,
    with_bridge: bool,
) -> anyhow::Result<Settings> {
    let stand_in = stand_ins.base.as_str().trim_end_matches('/');
    let database = folder.join("agentlocator.db");
    let whatsapp = whatsapp::variables(with_bridge, folder, stand_in, sid(""))?;
    let variables: Variables = [
        ("APP_ENV", "development".to_owned()),
        ("BIND", address.ip().to_string()),
        ("PORT", address.port().to_string()),
        ("PUBLIC_BASE_URL", origin.to_owned()),
        ("BUSINESS_NAME", "סטודיו נועה – שיפוצים ומטבחים".to_owned()),
        ("DATABASE_URL", format!("sqlite:///{}", database.display())),
        ("DATA_DIR", folder.display().to_string()),
        ("TWILIO_ACCOUNT_SID", standins::Settings::default().account_sid),
        ("TWILIO_AUTH_TOKEN", auth_token.to_owned()),
        ("TWILIO_API_BASE", stand_in.to_owned()),
        ("OPENAI_API_KEY", "stand-in".to_owned()),
        ("OPENAI_BASE_URL", format!("{stand_in}/v1")),
        ("GTTS_BASE_URL", stand_in.to_owned()),
        ("STT_ORDER", "openai".to_owned()),
        ("LLM_ORDER", "openai,scripted".to_owned()),
        ("TTS_ORDER", "openai,gtts,espeak".to_owned()),
    ]
    .into_iter()
    .chain(whatsapp)
    .collect();
    Ok(Settings::read(&variables)?)
}

/// The wished port if nobody has it, else any.
fn free_address(port: u16) -> anyhow::Result<SocketAddr> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let free = |port| std::net::TcpListener::bind(at(port)).and_then(|listener| listener.local_addr());
    free(port).or_else(|_| free(0)).context("no free port on loopback")
}

/// The demo's data.
struct Folder {
    path: PathBuf,
    ours: bool,
}

impl Folder {
    fn open(wished: Option<PathBuf>) -> anyhow::Result<Self> {
        let ours = wished.is_none();
        let path = wished.unwrap_or_else(|| std::env::temp_dir().join(sid("agentlocator-demo-")));
        let fresh = !path.exists() || path.read_dir().is_ok_and(|mut entries| entries.next().is_none());
        if !fresh {
            bail!(
                "{} is not empty: the demo begins with a fresh directory",
                path.display()
            );
        }
        std::fs::create_dir_all(&path).with_context(|| format!("{}", path.display()))?;
        Ok(Self { path, ours })
    }

    fn close(self) {
        if self.ours
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "the demo's data stays behind");
        }
    }
}
