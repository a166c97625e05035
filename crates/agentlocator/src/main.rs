//! The program. See [`agentlocator::commands`] for what it can be told to do.

use std::process::ExitCode;

/// Calls are many short buffers on many tasks: this allocator gives their pages back when they are over, where the
/// system's keeps most of them. Without huge pages, which would stay whole for one buffer in each (`benches/README.md`
/// has the figures).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    agentlocator::commands::main()
}
