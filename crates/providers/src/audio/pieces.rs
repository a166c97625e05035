//! Bytes of 16-bit samples, raw or behind a WAV header, as they come in from a company.

use contracts::{Fault, audio::Pcm};

use super::{CallRate, Header, parse_header};
use crate::limits;

/// Turns pieces of bytes into pieces of a call's samples.
pub(crate) struct PcmBytes {
    form: Form,
    waiting: Vec<u8>,
    rate: Option<CallRate>,
    channels: usize,
    given_out: usize,
}

enum Form {
    /// Not known before the first bytes: raw samples of this rate, unless a WAV header stands there.
    Undecided {
        raw_rate_hz: u32,
    },
    Known,
}

impl PcmBytes {
    pub(crate) fn raw_or_wav(raw_rate_hz: u32) -> Self {
        Self {
            form: Form::Undecided { raw_rate_hz },
            waiting: Vec::new(),
            rate: None,
            channels: 1,
            given_out: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Pcm, Fault> {
        self.waiting.extend_from_slice(bytes);
        if !self.decide()? {
            return Ok(Pcm::default());
        }
        let frame = 2 * self.channels;
        let whole = self.waiting.len() - self.waiting.len() % frame;
        let samples: Vec<i16> = self
            .waiting
            .drain(..whole)
            .collect::<Vec<u8>>()
            .chunks_exact(frame)
            .map(mixed)
            .collect();
        let Some(rate) = self.rate.as_mut() else {
            return Ok(Pcm::default());
        };
        let out = rate.push(&samples)?;
        self.given_out += out.len();
        if self.given_out > limits::TTS_SECONDS * 8_000 {
            return Err(Fault::Unknown("speech without end".to_owned()));
        }
        Ok(out.into())
    }

    /// What the filter still holds. An answer without one sample is a fault: silence is not speech.
    pub(crate) fn finish(mut self) -> Result<Pcm, Fault> {
        let rest = self.rate.take().map_or_else(|| Ok(Vec::new()), CallRate::finish)?;
        if self.given_out + rest.len() == 0 {
            return Err(Fault::Unknown("an answer without sound".to_owned()));
        }
        Ok(rest.into())
    }

    /// Whether it is known by now what the bytes are.
    fn decide(&mut self) -> Result<bool, Fault> {
        let Form::Undecided { raw_rate_hz } = self.form else {
            return Ok(true);
        };
        let Some(magic) = self.waiting.get(..4) else {
            return Ok(false);
        };
        if magic == b"RIFF" {
            let Some(Header {
                rate_hz,
                channels,
                samples_at,
            }) = parse_header(&self.waiting)?
            else {
                return Ok(false);
            };
            self.waiting.drain(..samples_at);
            self.channels = channels.into();
            self.rate = Some(CallRate::from_rate(rate_hz)?);
        } else if magic.starts_with(b"ID3")
            || magic == b"OggS"
            || magic == b"fLaC"
            || magic.starts_with(b"{")
            || magic.starts_with(b"<")
        {
            return Err(Fault::Unknown("audio in a form that we do not read".to_owned()));
        } else {
            self.rate = Some(CallRate::from_rate(raw_rate_hz)?);
        }
        self.form = Form::Known;
        Ok(true)
    }
}

/// One sample out of a frame of one or two channels.
fn mixed(frame: &[u8]) -> i16 {
    let sum: i32 = frame
        .chunks_exact(2)
        .map(|pair| i32::from(pair.try_into().map_or(0, i16::from_le_bytes)))
        .sum();
    let channels = i32::try_from(frame.len() / 2).unwrap_or(1).max(1);
    i16::try_from(sum / channels).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], piece: usize) -> Result<Vec<i16>, Fault> {
        let mut pieces = PcmBytes::raw_or_wav(8_000);
        let mut out = Vec::new();
        for piece in bytes.chunks(piece) {
            out.extend_from_slice(&pieces.push(piece)?.0);
        }
        out.extend_from_slice(&pieces.finish()?.0);
        Ok(out)
    }

    #[test]
    fn raw_samples_survive_any_cutting() {
        let bytes: Vec<u8> = (0..50_i16).flat_map(|n| (n * 100).to_le_bytes()).collect();
        for piece in [1, 3, 7, 100] {
            assert_eq!(
                all(&bytes, piece).unwrap(),
                (0..50).map(|n| n * 100).collect::<Vec<i16>>()
            );
        }
    }

    #[test]
    fn two_channels_become_one() {
        let mut wav = crate::audio::encode_wav(&vec![100_i16, 300, -10, -30].into()).unwrap();
        wav[22] = 2;
        assert_eq!(all(&wav, 5).unwrap(), vec![200, -20]);
    }

    #[test]
    fn other_forms_and_silence_are_faults() {
        assert!(all(b"ID3\x04 mp3", 3).is_err());
        assert!(all(b"{\"error\":1}", 64).is_err());
        assert!(all(b"", 64).is_err());
    }

    #[test]
    fn speech_without_end_is_cut() {
        let mut pieces = PcmBytes::raw_or_wav(8_000);
        let minute = vec![1_u8; 2 * 8_000 * 60];
        assert!(pieces.push(&minute).is_ok());
        assert!(pieces.push(&minute).is_ok());
        assert!(pieces.push(&minute).is_err());
    }
}
