//! Providers against real servers on loopback, and against espeak-ng where it is installed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking and says why it was skipped"
)]

mod clips;
mod conformance;
mod espeak;
mod gtts;
mod openai_llm;
mod openai_stt;
mod openai_tts;
mod smtp;
mod stand_in;
mod twilio;
mod whatsapp;

use providers::Http;

/// Clients that say which request they serve.
fn http() -> Http {
    Http::new(|| "request-1".to_owned()).expect("clients")
}

/// A second of a tone, as a call's samples.
fn tone(milliseconds: u32) -> Vec<i16> {
    (0..milliseconds * 8)
        .map(|n| if n / 9 % 2 == 0 { 6_000 } else { -6_000 })
        .collect()
}

/// Root mean square of samples.
fn level(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let count = u32::try_from(samples.len().max(1)).expect("a short sound");
    (sum / f64::from(count)).sqrt()
}

/// Whether espeak-ng is on this machine; tests that need it say so when it is not.
async fn espeak_version() -> Option<String> {
    let version = providers::tts::espeak::Espeak::new(providers::tts::espeak::PROGRAM)
        .version()
        .await;
    if version.is_none() {
        println!("skipped: espeak-ng is not installed");
    }
    version
}
