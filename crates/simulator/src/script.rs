//! From the words of a command line to what the caller does, with the stand-in recogniser told of it.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Client;
use url::Url;

use crate::{
    audio::{RATE_HZ, Voice, decode, speak, tone_speech},
    call::{Spoken, Step},
    lines,
    standins::NewUtterance,
};

/// What a caller says when nothing else is asked for: who, what, when, and goodbye.
pub const USUAL: [&str; 4] = ["name", "need", "when", "no"];
/// Files larger than this are not a caller's sentence: 16 MiB.
const LARGEST_FILE: u64 = 16 << 20;
const TELL_LIMIT: Duration = Duration::from_secs(10);

/// Something to say: the key of a line, a sound file (`hello.wav`, or `hello.wav=its words`), or `words|phonemes`.
pub async fn spoken(what: &str) -> Result<Arc<Spoken>> {
    if let Some(line) = lines::find(what) {
        return Ok(Arc::new(Spoken::new(line.text, &line.samples())));
    }
    if let Some((text, phonemes)) = what.split_once('|') {
        let samples = speak(phonemes, Voice::CALLER, RATE_HZ).await?;
        return Ok(Arc::new(Spoken::new(text, &samples)));
    }
    let (file, text) = what.split_once('=').unwrap_or((what, ""));
    let ending = Path::new(file)
        .extension()
        .and_then(|ending| ending.to_str())
        .map(str::to_ascii_lowercase);
    if matches!(ending.as_deref(), Some("wav" | "mp3")) {
        return from_file(Path::new(file), text).await;
    }
    let known: Vec<_> = lines::LINES.iter().map(|line| line.key).collect();
    bail!(
        "{what:?} is no line ({}), no .wav or .mp3 file, and not words|phonemes",
        known.join(", ")
    )
}

async fn from_file(file: &Path, text: &str) -> Result<Arc<Spoken>> {
    let size = tokio::fs::metadata(file)
        .await
        .with_context(|| file.display().to_string())?
        .len();
    if size > LARGEST_FILE {
        bail!("{} is too large", file.display());
    }
    let audio = decode(&tokio::fs::read(file).await?).with_context(|| file.display().to_string())?;
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(Arc::new(Spoken::new(
        if text.is_empty() { name } else { text.to_owned() },
        &audio.samples,
    )))
}

/// Humming in place of a voice, for tests of load that need no words.
pub fn hummed(text: &str) -> Arc<Spoken> {
    Arc::new(Spoken::new(text, &tone_speech(text, RATE_HZ)))
}

/// The utterances in order, the ones at the given places (counted from 1) spoken into the agent's words.
pub fn steps(said: &[Arc<Spoken>], barge_in: &[usize], after_ms: u64) -> Vec<Step> {
    (1..)
        .zip(said)
        .map(|(place, what)| {
            let what = Arc::clone(what);
            if barge_in.contains(&place) {
                Step::BargeIn { what, after_ms }
            } else {
                Step::Say(what)
            }
        })
        .collect()
}

/// Tells the stand-in recogniser what will be said.
pub async fn tell(http: &Client, stand_ins: &Url, said: &[Arc<Spoken>]) -> Result<()> {
    for what in said {
        let told = NewUtterance {
            text: what.text.to_string(),
            mulaw: STANDARD.encode(&what.mulaw),
        };
        http.post(stand_ins.join("/_utterances")?)
            .timeout(TELL_LIMIT)
            .json(&told)
            .send()
            .await
            .context("the stand-ins were not told what will be said")?
            .error_for_status()?;
    }
    Ok(())
}
