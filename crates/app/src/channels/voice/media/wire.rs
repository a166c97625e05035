//! Twilio's messages on the media socket, both ways. Parsed without copying; what is unknown is ignored.

use std::{borrow::Cow, collections::HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut, BytesMut};
use conversation::call::{Mark, Place, SpeechId};
use serde::Deserialize;

/// The name of our token among the stream's parameters.
pub const TOKEN: &str = "token";

/// A message from Twilio.
#[derive(Debug, PartialEq)]
pub enum Incoming<'a> {
    Connected,
    Start(Start),
    Media {
        stream_sid: Cow<'a, str>,
        payload: Cow<'a, str>,
    },
    Digit {
        stream_sid: Cow<'a, str>,
        digit: char,
    },
    Mark {
        stream_sid: Cow<'a, str>,
        name: Cow<'a, str>,
    },
    Stop {
        stream_sid: Cow<'a, str>,
    },
    /// An event that we do not know.
    Other,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Start {
    pub stream_sid: String,
    pub call_sid: String,
    pub token: String,
}

/// Not a JSON object, or not the shape of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    event: Cow<'a, str>,
    #[serde(borrow, rename = "streamSid", default)]
    stream_sid: Cow<'a, str>,
    #[serde(borrow)]
    media: Option<MediaBody<'a>>,
    #[serde(borrow)]
    mark: Option<MarkBody<'a>>,
    #[serde(borrow)]
    dtmf: Option<DigitBody<'a>>,
    start: Option<StartBody>,
}

#[derive(Deserialize)]
struct MediaBody<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow, default)]
    track: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct MarkBody<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct DigitBody<'a> {
    #[serde(borrow)]
    digit: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartBody {
    #[serde(default)]
    stream_sid: String,
    call_sid: String,
    #[serde(default)]
    custom_parameters: HashMap<String, String>,
}

/// The least of a message: enough to see that its event is none of ours.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    event: Cow<'a, str>,
}

pub fn parse(text: &str) -> Result<Incoming<'_>, Malformed> {
    // The reader below would take an array for an object.
    if !text.trim_start().starts_with('{') {
        return Err(Malformed);
    }
    let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text) else {
        // An unknown event may use our names for other things.
        let head: Head<'_> = serde_json::from_str(text).map_err(|_| Malformed)?;
        return if is_known(&head.event) {
            Err(Malformed)
        } else {
            Ok(Incoming::Other)
        };
    };
    read(envelope)
}

fn is_known(event: &str) -> bool {
    matches!(event, "connected" | "start" | "media" | "dtmf" | "mark" | "stop")
}

fn read(envelope: Envelope<'_>) -> Result<Incoming<'_>, Malformed> {
    let stream_sid = envelope.stream_sid;
    Ok(match envelope.event.as_ref() {
        "media" => {
            let media = envelope.media.ok_or(Malformed)?;
            // Only the caller's own track is asked for; another one is not for us.
            if media.track.is_some_and(|track| track == "outbound") {
                return Ok(Incoming::Other);
            }
            Incoming::Media {
                stream_sid,
                payload: media.payload,
            }
        }
        "mark" => Incoming::Mark {
            stream_sid,
            name: envelope.mark.ok_or(Malformed)?.name,
        },
        "dtmf" => Incoming::Digit {
            stream_sid,
            digit: envelope
                .dtmf
                .and_then(|dtmf| dtmf.digit.chars().next())
                .ok_or(Malformed)?,
        },
        "start" => {
            let mut start = envelope.start.ok_or(Malformed)?;
            Incoming::Start(Start {
                token: start.custom_parameters.remove(TOKEN).unwrap_or_default(),
                stream_sid: if start.stream_sid.is_empty() {
                    stream_sid.into_owned()
                } else {
                    start.stream_sid
                },
                call_sid: start.call_sid,
            })
        }
        "stop" => Incoming::Stop { stream_sid },
        "connected" => Incoming::Connected,
        _ => Incoming::Other,
    })
}

/// Decodes a payload into a buffer that is used again.
pub fn audio(payload: &str, into: &mut Vec<u8>) -> Result<(), Malformed> {
    into.clear();
    STANDARD.decode_vec(payload, into).map_err(|_| Malformed)
}

/// Writes our messages, from one buffer.
pub struct Outgoing {
    media_head: String,
    mark_head: String,
    clear: String,
    buffer: BytesMut,
    encoded: String,
}

/// Room for a few messages at a time.
const BUFFER: usize = 4 * 1024;

impl Outgoing {
    pub fn new(stream_sid: &str) -> Self {
        let sid = serde_json::Value::from(stream_sid).to_string();
        Self {
            media_head: format!(r#"{{"event":"media","streamSid":{sid},"media":{{"payload":""#),
            mark_head: format!(r#"{{"event":"mark","streamSid":{sid},"mark":{{"name":""#),
            clear: format!(r#"{{"event":"clear","streamSid":{sid}}}"#),
            buffer: BytesMut::with_capacity(BUFFER),
            encoded: String::with_capacity(256),
        }
    }

    pub fn media(&mut self, frame: &[u8]) -> bytes::Bytes {
        self.encoded.clear();
        STANDARD.encode_string(frame, &mut self.encoded);
        self.buffer.reserve(self.media_head.len() + self.encoded.len() + 3);
        self.buffer.put_slice(self.media_head.as_bytes());
        self.buffer.put_slice(self.encoded.as_bytes());
        self.buffer.put_slice(br#""}}"#);
        self.buffer.split().freeze()
    }

    pub fn mark(&mut self, mark: Mark) -> bytes::Bytes {
        let name = mark_name(mark);
        self.buffer.put_slice(self.mark_head.as_bytes());
        self.buffer.put_slice(name.as_bytes());
        self.buffer.put_slice(br#""}}"#);
        self.buffer.split().freeze()
    }

    pub fn clear(&mut self) -> bytes::Bytes {
        self.buffer.put_slice(self.clear.as_bytes());
        self.buffer.split().freeze()
    }
}

/// `12.end`, `12.500`: the sentence and the place in it.
fn mark_name(mark: Mark) -> String {
    match mark.place {
        Place::At(ms) => format!("{}.{ms}", mark.speech),
        Place::End => format!("{}.end", mark.speech),
    }
}

/// Reads a mark that came back. `None` for one that is not ours.
pub fn mark_of(name: &str) -> Option<Mark> {
    let (speech, place) = name.split_once('.')?;
    let speech: SpeechId = speech.parse().ok()?;
    let place = match place {
        "end" => Place::End,
        ms => Place::At(ms.parse().ok()?),
    };
    Some(Mark { speech, place })
}

#[cfg(test)]
mod tests;
