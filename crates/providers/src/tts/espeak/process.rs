//! Runs of the program espeak-ng: bounded in number, time and output, and ended when nobody waits any more.

use std::{path::PathBuf, process::Stdio, sync::Arc};

use contracts::Fault;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::Semaphore,
};

use crate::{client, limits};

const PROVIDER: &str = "espeak";

/// Words per minute: a little under its default, since callers hear it for the first time.
const SPEED: &str = "155";

/// 22,050 samples of 2 bytes a second.
const MOST_BYTES: u64 = 22_050 * 2 * 120;

#[derive(Clone)]
pub(super) struct Process {
    program: PathBuf,
    turns: Arc<Semaphore>,
}

impl Process {
    pub(super) fn new(program: PathBuf) -> Self {
        Self {
            program,
            turns: Arc::new(Semaphore::new(limits::ESPEAK_AT_ONCE)),
        }
    }

    /// A WAV of the text in that voice.
    pub(super) async fn run(&self, voice: &str, text: &str) -> Result<Vec<u8>, Fault> {
        client::timed(PROVIDER, limits::ESPEAK, self.spoken(voice, text)).await
    }

    async fn spoken(&self, voice: &str, text: &str) -> Result<Vec<u8>, Fault> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| Fault::unavailable("no turn for espeak-ng"))?;
        let mut child = Command::new(&self.program)
            .args(["-v", voice, "-s", SPEED, "-b", "1", "-z", "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Fault::Misconfigured(format!("espeak-ng does not start: {}", error.kind())))?;
        let broke_off = |error: std::io::Error| Fault::Unknown(format!("espeak-ng broke off: {}", error.kind()));
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Fault::Unknown("espeak-ng has no pipes".to_owned()));
        };
        input.write_all(text.as_bytes()).await.map_err(broke_off)?;
        drop(input);
        let mut wav = Vec::new();
        output.take(MOST_BYTES).read_to_end(&mut wav).await.map_err(broke_off)?;
        let status = child.wait().await.map_err(broke_off)?;
        if status.success() {
            Ok(wav)
        } else {
            Err(Fault::Rejected(format!(
                "espeak-ng said {}",
                status.code().unwrap_or(-1)
            )))
        }
    }

    pub(super) async fn version(&self) -> Option<String> {
        let run = Command::new(&self.program)
            .arg("--version")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(limits::ESPEAK, run).await.ok()?.ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        let after = said.split("speech:").nth(1)?.split_whitespace().next()?;
        Some(after.to_owned())
    }
}
