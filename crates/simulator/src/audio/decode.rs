//! MP3 and WAV files to samples: what a greeting is fetched as, and what a caller's recorded line may be.

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    errors::Error,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
};

use super::{RATE_HZ, numbers::to_sample, resample};

/// A file larger than this is not a greeting: 16 MiB.
const LARGEST: usize = 16 << 20;

/// A decoded file.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// 8 kHz mono.
    pub samples: Vec<i16>,
    pub source_rate_hz: u32,
    pub source_channels: usize,
}

pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    let (mono, rate_hz, channels) = read(bytes)?;
    Ok(Decoded {
        samples: resample(&mono, rate_hz, RATE_HZ),
        source_rate_hz: rate_hz,
        source_channels: channels,
    })
}

fn read(bytes: &[u8]) -> Result<(Vec<i16>, u32, usize)> {
    if bytes.len() > LARGEST {
        bail!("audio of {} bytes is too large", bytes.len());
    }
    let source = Box::new(Cursor::new(bytes.to_vec()));
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .context("neither MP3 nor WAV")?;
    let track = format.default_track(TrackType::Audio).context("no audio in the file")?;
    let id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|p| p.audio())
        .context("no audio in the file")?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .context("an encoding that is not read")?;

    let (mut mono, mut rate_hz, mut channels) = (Vec::new(), 0, 0);
    let mut interleaved: Vec<f32> = Vec::new();
    while let Some(packet) = format.next_packet().context("broken audio")? {
        if packet.track_id != id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => {
                rate_hz = buffer.spec().rate();
                channels = buffer.spec().channels().count().max(1);
                interleaved.resize(buffer.samples_interleaved(), 0.0);
                buffer.copy_to_slice_interleaved(&mut interleaved);
                mono.extend(interleaved.chunks(channels).map(mix));
            }
            Err(Error::DecodeError(_)) => {}
            Err(error) => return Err(error).context("broken audio"),
        }
    }
    if mono.is_empty() {
        bail!("the file has no sound");
    }
    Ok((mono, rate_hz, channels))
}

fn mix(frame: &[f32]) -> i16 {
    let share = f32::from(u16::try_from(frame.len()).unwrap_or(1).max(1));
    to_sample(frame.iter().sum::<f32>() / share * f32::from(i16::MAX))
}
