//! MP3 to a call's samples.

use std::io::Cursor;

use bytes::Bytes;
use contracts::{Fault, audio::Pcm};
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
};

use super::CallRate;
use crate::limits;

/// Decodes a whole MP3, as long as a sentence may be. Takes some milliseconds of a processor: not for a busy task.
pub(crate) fn decode_mp3(bytes: Bytes) -> Result<Pcm, Fault> {
    let foreign = || Fault::Unknown("audio in a form that we do not read".to_owned());
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    hint.with_extension("mp3");
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|_| foreign())?;
    let out = decode_track(format.as_mut())?.ok_or_else(foreign)?;
    if out.is_empty() {
        return Err(Fault::Unknown("an answer without sound".to_owned()));
    }
    Ok(out.into())
}

/// The samples of the audio track; nothing when there is no such track.
fn decode_track(format: &mut dyn FormatReader) -> Result<Option<Vec<i16>>, Fault> {
    let Some(track) = format.default_track(TrackType::Audio) else {
        return Ok(None);
    };
    let track_id = track.id;
    let Some(parameters) = track.codec_params.as_ref().and_then(|parameters| parameters.audio()) else {
        return Ok(None);
    };
    let Ok(mut decoder) =
        symphonia::default::get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default())
    else {
        return Ok(None);
    };
    let mut rate: Option<CallRate> = None;
    let mut out = Vec::new();
    let mut interleaved: Vec<i16> = Vec::new();
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id != track_id {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(Error::DecodeError(_)) => continue,
            Err(_) => break,
        };
        let channels = decoded.spec().channels().count().max(1);
        let rate = match rate.as_mut() {
            Some(rate) => rate,
            None => rate.insert(CallRate::from_rate(decoded.spec().rate())?),
        };
        interleaved.resize(decoded.samples_interleaved(), 0);
        decoded.copy_to_slice_interleaved(&mut interleaved);
        let mono: Vec<i16> = interleaved.chunks_exact(channels).map(mixed).collect();
        out.extend(rate.push(&mono)?);
        if out.len() > limits::TTS_SECONDS * 8_000 {
            return Err(Fault::Unknown("speech without end".to_owned()));
        }
    }
    if let Some(rate) = rate {
        out.extend(rate.finish()?);
    }
    Ok(Some(out))
}

fn mixed(frame: &[i16]) -> i16 {
    let sum: i32 = frame.iter().map(|sample| i32::from(*sample)).sum();
    let channels = i32::try_from(frame.len()).unwrap_or(1).max(1);
    i16::try_from(sum / channels).unwrap_or(0)
}
