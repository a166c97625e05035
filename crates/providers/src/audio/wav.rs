//! WAV: a header in front of samples.

use std::io::Cursor;

use contracts::{
    Fault,
    audio::{Pcm, RATE_HZ},
};

/// What a header says of the samples behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub rate_hz: u32,
    pub channels: u16,
    /// Where the samples begin.
    pub samples_at: usize,
}

/// Reads a header at the beginning of a stream. `None`: more bytes are needed. Lengths are not believed: who streams a
/// WAV does not know them.
pub(crate) fn parse_header(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    let foreign = || Fault::Unknown("audio in a form that we do not read".to_owned());
    let Some(riff) = bytes.get(..12) else {
        return Ok(None);
    };
    if !riff.starts_with(b"RIFF") || !riff.ends_with(b"WAVE") {
        return Err(foreign());
    }
    let mut at = 12;
    let mut format = None;
    loop {
        let (Some(name), Some(length)) = (bytes.get(at..at + 4), bytes.get(at + 4..at + 8)) else {
            return Ok(None);
        };
        let length = usize::try_from(little_u32(length)).map_err(|_| foreign())?;
        if name == b"data" {
            let (rate_hz, channels) = format.ok_or_else(foreign)?;
            return Ok(Some(Header {
                rate_hz,
                channels,
                samples_at: at + 8,
            }));
        }
        if length > 64 * 1024 {
            return Err(foreign());
        }
        if name == b"fmt " {
            let Some(fields) = bytes.get(at + 8..at + 8 + length) else {
                return Ok(None);
            };
            format = Some(read_format(fields).ok_or_else(foreign)?);
        }
        at += 8 + length + length % 2;
    }
}

/// Rate and channels of 16-bit samples; nothing for any other kind.
fn read_format(fields: &[u8]) -> Option<(u32, u16)> {
    const PLAIN: u16 = 1;
    const EXTENSIBLE: u16 = 0xfffe;
    let kind = little_u16(fields.get(0..2)?);
    let channels = little_u16(fields.get(2..4)?);
    let rate_hz = little_u32(fields.get(4..8)?);
    let bits = little_u16(fields.get(14..16)?);
    let readable = matches!(kind, PLAIN | EXTENSIBLE) && bits == 16 && (1..=2).contains(&channels);
    readable.then_some((rate_hz, channels))
}

fn little_u16(bytes: &[u8]) -> u16 {
    bytes.try_into().map_or(0, u16::from_le_bytes)
}

fn little_u32(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_le_bytes)
}

/// A call's samples as a WAV file.
pub(crate) fn encode_wav(audio: &Pcm) -> Result<Vec<u8>, Fault> {
    let failed = |error: hound::Error| Fault::Rejected(format!("audio that makes no WAV: {error}"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::with_capacity(44 + audio.0.len() * 2));
    let mut writer = hound::WavWriter::new(&mut bytes, spec).map_err(failed)?;
    for sample in audio.0.iter() {
        writer.write_sample(*sample).map_err(failed)?;
    }
    writer.finalize().map_err(failed)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_wav_is_read_back() {
        let bytes = encode_wav(&Pcm::from(vec![1_i16, -2, 3])).unwrap();
        let header = parse_header(&bytes).unwrap().unwrap();
        assert_eq!(
            header,
            Header {
                rate_hz: 8_000,
                channels: 1,
                samples_at: 44
            }
        );
        assert_eq!(bytes[44..], [1, 0, 0xfe, 0xff, 3, 0]);
    }

    #[test]
    fn a_header_in_pieces_waits_for_the_rest() {
        let bytes = encode_wav(&Pcm::from(vec![0_i16; 4])).unwrap();
        for cut in 0..44 {
            assert_eq!(parse_header(&bytes[..cut]).unwrap(), None, "{cut}");
        }
    }

    #[test]
    fn what_is_not_wav_is_a_fault() {
        assert!(parse_header(b"ID3\x04 this is an mp3").is_err());
        let mut float = encode_wav(&Pcm::from(vec![0_i16; 4])).unwrap();
        float[20] = 3;
        assert!(parse_header(&float).is_err());
    }
}
