//! `agentlocator user create`: a person who signs in, made beside a running server or before its first start.

use std::{
    io::{IsTerminal, Read},
    process::ExitCode,
};

use anyhow::{Context, bail};
use app::accounts::{businesses, users::actions};
use clap::{Args, Subcommand, ValueEnum};
use kernel::{Clock, Role, SecretString};
use serde_json::json;

use crate::{config::Settings, database};

/// Far longer than any password; what is piped in by mistake stops here.
const LONGEST_INPUT_BYTES: u64 = 4096;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a person and print {"id","business_id"}; fails when the e-mail is taken.
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Signs in with this address.
    #[arg(long)]
    email: String,
    #[arg(long, value_enum)]
    role: RoleName,
    /// The business, made when it is new; by default the first one.
    #[arg(long)]
    business: Option<String>,
    /// By default what stands before the @.
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    Admin,
    Owner,
    Manager,
    Agent,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Owner => Self::Owner,
            RoleName::Manager => Self::Manager,
            RoleName::Agent => Self::Agent,
        }
    }
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Create(create) = command;
    let settings = super::settings()?;
    let made = make(&settings, create, password()?).await?;
    super::print(&format!("{made}\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn make(settings: &Settings, create: Create, password: SecretString) -> anyhow::Result<serde_json::Value> {
    let db = database::open(settings, Clock::System).await?;
    if create.business.is_none() {
        businesses::model::ensure_first(&db, &settings.business_name).await?;
    }
    let name = create.name.unwrap_or_else(|| before_at(&create.email).to_owned());
    let new = actions::NewUser {
        name,
        email: create.email,
        role: create.role.into(),
        password,
    };
    let user = actions::create(&db, create.business.as_deref(), new).await?;
    db.close().await?;
    Ok(json!({ "id": user.id, "business_id": user.business_id }))
}

/// The first line of standard input.
fn password() -> anyhow::Result<SecretString> {
    let input = std::io::stdin();
    if input.is_terminal() {
        bail!("pipe the password in, for example: agentlocator user create … --password-stdin < file");
    }
    let mut text = String::new();
    input
        .take(LONGEST_INPUT_BYTES)
        .read_to_string(&mut text)
        .context("cannot read the password")?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("the password on standard input is empty");
    }
    Ok(line.into())
}

fn before_at(email: &str) -> &str {
    email.split_once('@').map_or(email, |(name, _)| name)
}
