//! A stored recording as samples for a recogniser.

use std::io::Cursor;

use bytes::Bytes;
use contracts::audio::{Pcm, RATE_HZ};
use rubato::{Fft, FixedSync, Resampler, audioadapter_buffers::direct::InterleavedSlice};
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    errors::Error,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
};

/// What is longer is cut: a message has two minutes, a call no more than hours.
const LONGEST_SECONDS: usize = 4 * 3_600;
/// Frames that the filter takes at a time.
const CHUNK: usize = 1_024;

/// Why there is nothing to recognise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSound;

/// Decodes MP3 or WAV to 8 kHz mono. Takes time on a processor: not for a busy task.
pub fn decode(bytes: Bytes, extension: &str) -> Result<Pcm, NoSound> {
    let (samples, rate_hz) = read(bytes, extension)?;
    if samples.is_empty() {
        return Err(NoSound);
    }
    let samples = if rate_hz == RATE_HZ {
        samples
    } else {
        resampled(&samples, rate_hz)?
    };
    Ok(Pcm::from(samples.into_iter().map(to_sample).collect::<Vec<i16>>()))
}

/// Mono samples between -1 and 1, and their rate.
fn read(bytes: Bytes, extension: &str) -> Result<(Vec<f32>, u32), NoSound> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    hint.with_extension(extension);
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|_| NoSound)?;
    let track = format.default_track(TrackType::Audio).ok_or(NoSound)?;
    let track_id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or(NoSound)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|_| NoSound)?;
    let (mut out, mut interleaved, mut rate_hz) = (Vec::new(), Vec::<f32>::new(), RATE_HZ);
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id != track_id {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(Error::DecodeError(_)) => continue,
            Err(_) => break,
        };
        rate_hz = decoded.spec().rate();
        let channels = decoded.spec().channels().count().max(1);
        interleaved.resize(decoded.samples_interleaved(), 0.0);
        decoded.copy_to_slice_interleaved(&mut interleaved);
        out.extend(interleaved.chunks_exact(channels).map(mixed));
        if out.len() / usize::try_from(rate_hz.max(1)).unwrap_or(1) > LONGEST_SECONDS {
            break;
        }
    }
    Ok((out, rate_hz))
}

fn mixed(frame: &[f32]) -> f32 {
    let channels = u16::try_from(frame.len()).map_or(1.0, f32::from);
    frame.iter().sum::<f32>() / channels
}

fn resampled(samples: &[f32], rate_hz: u32) -> Result<Vec<f32>, NoSound> {
    let rate_in = usize::try_from(rate_hz).map_err(|_| NoSound)?;
    let rate_out = usize::try_from(RATE_HZ).map_err(|_| NoSound)?;
    let mut filter = Fft::<f32>::new(rate_in, rate_out, CHUNK, 1, FixedSync::Both).map_err(|_| NoSound)?;
    let input = InterleavedSlice::new(samples, 1, samples.len()).map_err(|_| NoSound)?;
    let out = filter.process_all(&input, samples.len(), None).map_err(|_| NoSound)?;
    Ok(out.take_data())
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "clamped to the range of a sample first"
)]
fn to_sample(value: f32) -> i16 {
    (value * 32_767.0).clamp(-32_768.0, 32_767.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a tone")]
    fn wav(rate_hz: u32, channels: u16) -> Bytes {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate_hz,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a writer");
        for at in 0..rate_hz {
            let angle = f64::from(at) * 440.0 * std::f64::consts::TAU / f64::from(rate_hz);
            for _ in 0..channels {
                writer
                    .write_sample(to_sample((angle.sin() * 0.3) as f32))
                    .expect("a sample");
            }
        }
        writer.finalize().expect("a file");
        bytes.into_inner().into()
    }

    #[test]
    fn a_second_stays_a_second_at_any_rate() {
        for (rate_hz, channels) in [(8_000, 1), (8_000, 2), (22_050, 1), (44_100, 2)] {
            let pcm = decode(wav(rate_hz, channels), "wav").expect("sound");
            assert!((990..=1_010).contains(&pcm.duration_ms()), "{rate_hz}: {pcm:?}");
            let loudest = pcm.0.iter().copied().max().unwrap_or(0);
            assert!((9_000..=11_000).contains(&loudest), "{rate_hz}: {loudest}");
        }
    }

    #[test]
    fn what_is_no_audio_is_no_sound() {
        assert_eq!(
            decode(Bytes::from_static(b"<html>not found</html>"), "mp3").err(),
            Some(NoSound)
        );
        assert_eq!(decode(Bytes::new(), "mp3").err(), Some(NoSound));
    }
}
