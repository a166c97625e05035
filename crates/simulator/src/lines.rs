//! What callers say: Hebrew lines as text, as phonemes for espeak-ng's `he` voice (stress before the stressed vowel), and
//! as a clip already spoken, so that a machine without espeak-ng has a caller too.

mod table;
#[cfg(test)]
mod tests;

pub use table::LINES;

use crate::audio::{self, RATE_HZ, Voice, from_mulaw};

/// One thing a caller says.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The word by which the command line asks for it.
    pub key: &'static str,
    pub text: &'static str,
    pub phonemes: &'static str,
    /// 8 kHz mu-law without header.
    pub clip: &'static [u8],
}

/// The line of that name.
pub fn find(key: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.key == key)
}

impl Line {
    pub fn samples(&self) -> Vec<i16> {
        from_mulaw(self.clip)
    }
}

/// A line freshly spoken by espeak-ng, without the silence around it.
pub async fn render(line: &Line) -> anyhow::Result<Vec<i16>> {
    let spoken = audio::speak(line.phonemes, Voice::CALLER, RATE_HZ).await?;
    let (from, to) = audio::voiced_span(&spoken).unwrap_or((0, spoken.len()));
    Ok(spoken.get(from..to).unwrap_or_default().to_vec())
}
