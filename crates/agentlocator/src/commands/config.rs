//! `agentlocator config`: the settings in force.

use std::process::ExitCode;

use crate::config::{Settings, Variables, effective};

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let variables = Variables::of_process()?;
    super::print(&effective(&variables))?;
    let settings = Settings::read(&variables)?;
    for note in settings.notes {
        super::print(&format!("\nnote: {note}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}
