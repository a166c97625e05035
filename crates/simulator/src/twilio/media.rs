//! The JSON of Twilio's media stream, after «Media Streams: WebSocket messages». Numbers are strings.

use std::{borrow::Cow, fmt::Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::{
    forms::Parties,
    trouble::{STREAM_MESSAGE, Trouble},
    twiml::Stream,
};
use crate::audio::{FRAME_SAMPLES, MULAW_SILENCE};

/// Writes what Twilio sends and counts it.
#[derive(Debug)]
pub struct Outgoing {
    stream_sid: String,
    sequence: u64,
    chunk: u64,
    silence: String,
}

impl Outgoing {
    pub fn new(stream_sid: &str) -> Self {
        Self {
            stream_sid: stream_sid.to_owned(),
            sequence: 0,
            chunk: 0,
            silence: STANDARD.encode([MULAW_SILENCE; FRAME_SAMPLES]),
        }
    }

    pub fn connected() -> String {
        json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}).to_string()
    }

    pub fn start(&mut self, parties: &Parties, stream: &Stream) -> String {
        let parameters: serde_json::Map<_, _> = stream
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        self.sequence += 1;
        json!({
            "event": "start",
            "sequenceNumber": self.sequence.to_string(),
            "start": {
                "accountSid": parties.account_sid,
                "streamSid": self.stream_sid,
                "callSid": parties.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            },
            "streamSid": self.stream_sid,
        })
        .to_string()
    }

    /// One frame; `None` is silence. Written by hand, because it happens fifty times a second in every call.
    pub fn media(&mut self, timestamp_ms: u64, mulaw: Option<&[u8]>) -> String {
        self.sequence += 1;
        self.chunk += 1;
        let mut text = String::with_capacity(420);
        let _ = write!(
            text,
            r#"{{"event":"media","sequenceNumber":"{}","media":{{"track":"inbound","chunk":"{}","timestamp":"{timestamp_ms}","payload":""#,
            self.sequence, self.chunk
        );
        match mulaw {
            Some(mulaw) => STANDARD.encode_string(mulaw, &mut text),
            None => text.push_str(&self.silence),
        }
        let _ = write!(text, r#""}},"streamSid":"{}"}}"#, self.stream_sid);
        text
    }

    pub fn dtmf(&mut self, digit: char) -> String {
        self.sequence += 1;
        json!({
            "event": "dtmf",
            "streamSid": self.stream_sid,
            "sequenceNumber": self.sequence.to_string(),
            "dtmf": {"track": "inbound_track", "digit": digit.to_string()},
        })
        .to_string()
    }

    pub fn mark(&mut self, name: &str) -> String {
        self.sequence += 1;
        json!({
            "event": "mark",
            "sequenceNumber": self.sequence.to_string(),
            "streamSid": self.stream_sid,
            "mark": {"name": name},
        })
        .to_string()
    }

    pub fn stop(&mut self, parties: &Parties) -> String {
        self.sequence += 1;
        json!({
            "event": "stop",
            "sequenceNumber": self.sequence.to_string(),
            "streamSid": self.stream_sid,
            "stop": {"accountSid": parties.account_sid, "callSid": parties.call_sid},
        })
        .to_string()
    }
}

/// What the server may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Raw mu-law.
    Media(Vec<u8>),
    Mark(String),
    Clear,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow, rename = "streamSid")]
    stream_sid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    media: Option<WireMedia<'a>>,
    #[serde(borrow)]
    mark: Option<WireMark<'a>>,
}

#[derive(Deserialize)]
struct WireMedia<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Deserialize)]
struct WireMark<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Reads a message; anything that Twilio does not take is its error 31924.
pub fn read(text: &str, stream_sid: &str) -> Result<Incoming, Trouble> {
    let bad = |message: String| Trouble::new(STREAM_MESSAGE, message);
    let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| bad(format!("not a message: {error}")))?;
    if wire.stream_sid.as_deref() != Some(stream_sid) {
        return Err(bad(format!("{} without our streamSid", wire.event)));
    }
    match (wire.event.as_ref(), wire.media, wire.mark) {
        ("media", Some(media), _) => {
            let bytes = STANDARD
                .decode(media.payload.as_bytes())
                .map_err(|error| bad(format!("payload is no base64: {error}")))?;
            if bytes.is_empty() {
                return Err(bad("media without audio".to_owned()));
            }
            if bytes.starts_with(b"RIFF") {
                return Err(bad("media with a file header".to_owned()));
            }
            Ok(Incoming::Media(bytes))
        }
        ("mark", _, Some(mark)) => Ok(Incoming::Mark(mark.name.into_owned())),
        ("clear", _, _) => Ok(Incoming::Clear),
        (event, _, _) => Err(bad(format!("event {event} is not taken"))),
    }
}

#[cfg(test)]
mod tests;
