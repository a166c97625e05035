//! OpenAI's form of a speech request (API reference, «Create speech»).

use contracts::tts::Gender;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub model: &'a str,
    pub voice: &'a str,
    pub input: &'a str,
    /// `pcm` is 24 kHz, 16 bit, mono, without a header.
    pub response_format: &'static str,
}

/// The rate of `pcm`.
pub(super) const RATE_HZ: u32 = 24_000;

/// A voice that every model of theirs has.
pub(super) const fn voice(gender: Gender) -> &'static str {
    match gender {
        Gender::Feminine => "nova",
        Gender::Masculine => "onyx",
    }
}
