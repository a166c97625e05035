//! WAV files in memory.

use std::io::Cursor;

use anyhow::Result;
use hound::{SampleFormat, WavSpec, WavWriter};

/// A mono file of 16 bit samples.
pub fn mono(samples: &[i16], rate_hz: u32) -> Result<Vec<u8>> {
    write(1, rate_hz, samples.iter().copied())
}

/// A stereo file; the shorter side ends in silence.
pub fn stereo(left: &[i16], right: &[i16], rate_hz: u32) -> Result<Vec<u8>> {
    let length = left.len().max(right.len());
    let at = |side: &[i16], n: usize| side.get(n).copied().unwrap_or(0);
    write(2, rate_hz, (0..length).flat_map(|n| [at(left, n), at(right, n)]))
}

fn write(channels: u16, rate_hz: u32, samples: impl Iterator<Item = i16>) -> Result<Vec<u8>> {
    let spec = WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec)?;
    for sample in samples {
        writer.write_sample(sample)?;
    }
    writer.finalize()?;
    Ok(file.into_inner())
}
