//! Samples to MP3, the form in which Twilio hands out its recordings.

use anyhow::{Result, anyhow};
use shine_rs::mp3_encoder::{Mp3EncoderConfig, StereoMode, encode_pcm_to_mp3};

use super::{RATE_HZ, resample};

/// One of MPEG-1's rates; the encoder writes the lower ones wrongly.
const MP3_RATE_HZ: u32 = 32_000;
const KBIT_PER_SECOND: u32 = 32;

/// 8 kHz mono samples as an MP3 of a telephone recording.
pub fn encode(samples: &[i16]) -> Result<Vec<u8>> {
    let config = Mp3EncoderConfig::new()
        .sample_rate(MP3_RATE_HZ)
        .bitrate(KBIT_PER_SECOND)
        .channels(1)
        .stereo_mode(StereoMode::Mono);
    encode_pcm_to_mp3(config, &resample(samples, RATE_HZ, MP3_RATE_HZ)).map_err(|error| anyhow!("{error}"))
}
