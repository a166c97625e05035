//! The program. See [`agentlocator::commands`] for what it can be told to do.

use std::process::ExitCode;

fn main() -> ExitCode {
    agentlocator::commands::main()
}
