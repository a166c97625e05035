//! A stored recording as samples for a recogniser.

use std::io::Cursor;

use bytes::Bytes;
use contracts::audio::{Pcm, RATE_HZ};
use opus_decoder::OpusDecoder;
use rubato::{Fft, FixedSync, Resampler, audioadapter_buffers::direct::InterleavedSlice};
use symphonia::core::{
    codecs::audio::{AudioDecoderOptions, well_known::CODEC_ID_OPUS},
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
};

/// What is longer is cut: a message has two minutes, a call no more than hours.
const LONGEST_SECONDS: usize = 4 * 3_600;
/// Of a voice note, in samples of our rate: half an hour.
const LONGEST_NOTE: usize = 14_400_000;
/// The only rate at which the decoder is held against the vectors of RFC 8251; at others it has been seen to err.
const OPUS_HZ: u32 = 48_000;
/// A packet is no longer than 120 ms.
const LONGEST_PACKET: usize = 5_760;
/// So much is brought to our rate at a time: 20 seconds.
const BLOCK: usize = 960_000;
/// Frames that the filter takes at a time.
const CHUNK: usize = 1_024;

/// Why there is nothing to recognise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSound;

/// Decodes MP3, WAV or Opus in Ogg (a voice note) to 8 kHz mono. Takes time on a processor: not for a busy task.
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
    if parameters.codec == CODEC_ID_OPUS {
        return Ok((opus(format.as_mut(), track_id)?, RATE_HZ));
    }
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

/// Half an hour at most: a stranger's file of a few megabytes can hold days of silence.
fn opus(format: &mut dyn FormatReader, track_id: u32) -> Result<Vec<f32>, NoSound> {
    let mut decoder = OpusDecoder::new(OPUS_HZ, 1).map_err(|_| NoSound)?;
    let mut frames = vec![0.0_f32; LONGEST_PACKET];
    let (mut out, mut block) = (Vec::new(), Vec::with_capacity(BLOCK + LONGEST_PACKET));
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id != track_id || packet.data.is_empty() {
            continue;
        }
        let decoded = decoder.decode_float(&packet.data, &mut frames, false);
        block.extend(decoded.ok().and_then(|count| frames.get(..count)).unwrap_or_default());
        if block.len() >= BLOCK {
            out.extend(resampled(&block, OPUS_HZ)?);
            block.clear();
        }
        if out.len() > LONGEST_NOTE {
            return Ok(out);
        }
    }
    if !block.is_empty() {
        out.extend(resampled(&block, OPUS_HZ)?);
    }
    Ok(out)
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

    /// A line that `ffmpeg -c:a libopus -b:a 24k -application voip` made a voice note of, as phones do.
    const NOTE: &[u8] = include_bytes!("../../assets/sound/note.ogg");
    const LINE: &[u8] = include_bytes!("../../../simulator/assets/lines/need.ulaw");

    /// How loud each tenth of a second is.
    fn loudness(samples: &[i16]) -> Vec<f64> {
        let tenths = samples.chunks(800);
        tenths
            .map(|tenth| tenth.iter().map(|sample| f64::from(*sample).abs()).sum::<f64>())
            .collect()
    }

    #[test]
    fn a_voice_note_sounds_like_what_was_said() {
        let pcm = decode(Bytes::from_static(NOTE), "ogg").expect("sound");
        let said: Vec<i16> = LINE
            .iter()
            .map(|byte| audio_codec_algorithms::decode_ulaw(*byte))
            .collect();
        assert!(
            pcm.0.len().abs_diff(said.len()) < 800,
            "{} of {} samples",
            pcm.0.len(),
            said.len()
        );
        let (heard, said) = (loudness(&pcm.0), loudness(&said));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let alike = dot(&heard, &said) / (dot(&heard, &heard) * dot(&said, &said)).sqrt();
        assert!(alike > 0.98, "{alike}");
    }

    #[test]
    fn a_voice_note_that_is_cut_or_spoilt_is_no_disaster() {
        for at in (0..NOTE.len()).step_by(97) {
            let _ = decode(Bytes::from_static(&NOTE[..at]), "ogg");
            let mut spoilt = NOTE.to_vec();
            spoilt[at] ^= 0x55;
            let _ = decode(spoilt.into(), "ogg");
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
