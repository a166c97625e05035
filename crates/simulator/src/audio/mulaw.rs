//! The encoding of telephones (G.711 mu-law), one byte a sample.

use audio_codec_algorithms::{decode_ulaw, encode_ulaw};

/// The byte of silence.
pub const SILENCE: u8 = 0xff;

pub fn encode(samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|sample| encode_ulaw(*sample)).collect()
}

pub fn decode(bytes: &[u8]) -> Vec<i16> {
    bytes.iter().map(|byte| decode_ulaw(*byte)).collect()
}
