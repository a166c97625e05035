//! A voice from espeak-ng where it is installed. It reads no unvocalised Hebrew, so Hebrew comes as phonemes.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::resample;

const LIMIT: Duration = Duration::from_secs(10);

/// How it shall sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Voice {
    /// espeak-ng's name of it, for example `he+f3`.
    pub name: &'static str,
    pub words_per_minute: u16,
    /// 0 to 99.
    pub pitch: u8,
}

impl Voice {
    pub const CALLER: Self = Self {
        name: "he+m3",
        words_per_minute: 150,
        pitch: 45,
    };
    pub const AGENT: Self = Self {
        name: "he+f3",
        words_per_minute: 155,
        pitch: 60,
    };
}

/// Says the phonemes (without their brackets) and gives samples at `rate_hz`.
pub async fn speak(phonemes: &str, voice: Voice, rate_hz: u32) -> Result<Vec<i16>> {
    if phonemes.contains("]]") {
        bail!("phonemes come without brackets");
    }
    let mut espeak = Command::new("espeak-ng")
        .args([
            "-v",
            voice.name,
            "-s",
            &voice.words_per_minute.to_string(),
            "-p",
            &voice.pitch.to_string(),
        ])
        .args(["--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("espeak-ng is not installed")?;
    let mut input = espeak.stdin.take().context("espeak-ng takes no input")?;
    input.write_all(format!("[[{phonemes}]]").as_bytes()).await?;
    drop(input);
    let output = timeout(LIMIT, espeak.wait_with_output())
        .await
        .context("espeak-ng took too long")??;
    if !output.status.success() {
        bail!("espeak-ng ended with {}", output.status);
    }
    let (samples, spoken_hz) = read(&output.stdout).context("espeak-ng wrote no audio")?;
    Ok(resample(&samples, spoken_hz, rate_hz))
}

/// The samples and their rate. Written to a pipe, the file's lengths are made up, so that a WAV reader refuses it.
fn read(wav: &[u8]) -> Option<(Vec<i16>, u32)> {
    const HEADER: usize = 44;
    let rate = wav.get(24..28)?.try_into().ok().map(u32::from_le_bytes)?;
    let (pairs, _) = wav.get(HEADER..)?.as_chunks::<2>();
    Some((pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect(), rate))
}
