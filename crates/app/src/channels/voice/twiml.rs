//! What we answer to Twilio: TwiML, written by an XML writer only, so that nobody's words can become markup.
//!
//! The words themselves, and which answer fits when, are decided elsewhere.

use axum::{
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

/// Where a recorded message is posted.
pub const HANDLE_RECORDING: &str = "/webhook/handle_recording";
/// Where the call goes on after the media socket has closed.
pub const STREAM_ENDED: &str = "/webhook/stream_ended";
pub const STREAM_STATUS: &str = "/webhook/stream_status";
/// Where the call goes on after a person's phone was rung.
pub const DIAL_ENDED: &str = "/webhook/dial_ended";
/// What a rung person hears before the caller is put through.
pub const WHISPER: &str = "/webhook/whisper";
/// Where a person who was rung to take a call over answers by a key.
pub const TAKE_OVER: &str = "/webhook/take_over";
/// Where the end of that person's own line is told.
pub const TAKE_OVER_ENDED: &str = "/webhook/take_over_ended";
/// Path of the media socket, below the public origin.
pub const MEDIA_SOCKET: &str = "/ws/twilio-media";

/// Seconds of silence that end a recorded message.
const RECORD_SILENCE_SECONDS: &str = "5";

/// What Twilio does next, verb by verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// An absolute URL.
    Play(String),
    Say {
        /// BCP 47.
        language: String,
        text: String,
    },
    Pause {
        seconds: u32,
    },
    Record {
        max_seconds: u32,
    },
    /// Opens the media socket at an absolute `wss` URL.
    Stream {
        url: String,
        token: String,
    },
    /// Rings a number. The person who answers hears what `whisper` (a root-relative URL) says first.
    Dial {
        number: String,
        caller_id: Option<String>,
        ring_seconds: u32,
        whisper: Option<String>,
        action: String,
    },
    /// Joins a room in which caller and person hear each other.
    Conference {
        room: String,
        action: Option<String>,
    },
    /// Waits for one digit and posts it; falls through to the next verb without one.
    GatherDigit {
        action: String,
        wait_seconds: u32,
        language: String,
        text: String,
    },
    Redirect(String),
    Hangup,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twiml(Vec<Verb>);

impl Twiml {
    pub fn new(verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self(verbs.into_iter().collect())
    }

    pub fn verbs(&self) -> &[Verb] {
        &self.0
    }

    /// The document's text.
    pub fn render(&self) -> String {
        let mut writer = Writer::new(Vec::with_capacity(768));
        // Writing to memory can not fail, and an empty answer (Twilio hangs up) is what is left if it did.
        if self.write(&mut writer).is_err() {
            return String::from("<Response/>");
        }
        String::from_utf8(writer.into_inner()).unwrap_or_else(|_| String::from("<Response/>"))
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.create_element("Response").write_inner_content(|writer| {
            for verb in &self.0 {
                write_verb(writer, verb)?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn write_verb(writer: &mut Writer<Vec<u8>>, verb: &Verb) -> std::io::Result<()> {
    match verb {
        Verb::Play(url) => text(writer, "Play", url),
        Verb::Say { language, text: words } => say(writer, language, words),
        Verb::Pause { seconds } => {
            let seconds = seconds.to_string();
            empty(writer, "Pause", &[("length", &seconds)])
        }
        Verb::Record { max_seconds } => record(writer, *max_seconds),
        Verb::Stream { url, token } => stream(writer, url, token),
        Verb::Dial { .. } | Verb::Conference { .. } => dial(writer, verb),
        Verb::GatherDigit { .. } => gather(writer, verb),
        Verb::Redirect(url) => {
            writer
                .create_element("Redirect")
                .with_attribute(("method", "POST"))
                .write_text_content(BytesText::new(url))?;
            Ok(())
        }
        Verb::Hangup => empty(writer, "Hangup", &[]),
    }
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, content: &str) -> std::io::Result<()> {
    writer
        .create_element(name)
        .write_text_content(BytesText::new(content))?;
    Ok(())
}

fn empty(writer: &mut Writer<Vec<u8>>, name: &str, attributes: &[(&str, &str)]) -> std::io::Result<()> {
    writer
        .create_element(name)
        .with_attributes(attributes.iter().copied())
        .write_empty()?;
    Ok(())
}

fn say(writer: &mut Writer<Vec<u8>>, language: &str, words: &str) -> std::io::Result<()> {
    let words: String = words.chars().filter(|c| allowed_in_xml(*c)).collect();
    writer
        .create_element("Say")
        .with_attribute(("language", language))
        .write_text_content(BytesText::new(&words))?;
    Ok(())
}

/// The characters of XML 1.0; no escape makes the others legal.
fn allowed_in_xml(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= ' ',
    }
}

fn record(writer: &mut Writer<Vec<u8>>, max_seconds: u32) -> std::io::Result<()> {
    let max_seconds = max_seconds.to_string();
    empty(
        writer,
        "Record",
        &[
            ("action", HANDLE_RECORDING),
            ("method", "POST"),
            ("maxLength", &max_seconds),
            ("timeout", RECORD_SILENCE_SECONDS),
            ("finishOnKey", "*"),
            ("playBeep", "true"),
            ("trim", "do-not-trim"),
            ("transcribe", "false"),
        ],
    )
}

fn stream(writer: &mut Writer<Vec<u8>>, url: &str, token: &str) -> std::io::Result<()> {
    writer
        .create_element("Connect")
        .with_attribute(("action", STREAM_ENDED))
        .write_inner_content(|writer| {
            writer
                .create_element("Stream")
                .with_attribute(("url", url))
                .with_attribute(("statusCallback", STREAM_STATUS))
                .write_inner_content(|writer| empty(writer, "Parameter", &[("name", "token"), ("value", token)]))?;
            Ok(())
        })?;
    Ok(())
}

fn dial(writer: &mut Writer<Vec<u8>>, verb: &Verb) -> std::io::Result<()> {
    match verb {
        Verb::Dial {
            number,
            caller_id,
            ring_seconds,
            whisper,
            action,
        } => {
            let ring_seconds = ring_seconds.to_string();
            let mut dial = writer
                .create_element("Dial")
                .with_attribute(("action", action.as_str()))
                .with_attribute(("method", "POST"))
                .with_attribute(("timeout", ring_seconds.as_str()))
                .with_attribute(("answerOnBridge", "true"));
            if let Some(caller_id) = caller_id {
                dial = dial.with_attribute(("callerId", caller_id.as_str()));
            }
            dial.write_inner_content(|writer| {
                let mut target = writer.create_element("Number");
                if let Some(whisper) = whisper {
                    target = target
                        .with_attribute(("url", whisper.as_str()))
                        .with_attribute(("method", "POST"));
                }
                target.write_text_content(BytesText::new(number))?;
                Ok(())
            })?;
        }
        Verb::Conference { room, action } => {
            let mut dial = writer.create_element("Dial");
            if let Some(action) = action {
                dial = dial
                    .with_attribute(("action", action.as_str()))
                    .with_attribute(("method", "POST"));
            }
            dial.write_inner_content(|writer| {
                writer
                    .create_element("Conference")
                    .with_attribute(("beep", "false"))
                    .with_attribute(("startConferenceOnEnter", "true"))
                    .with_attribute(("endConferenceOnExit", "true"))
                    .with_attribute(("maxParticipants", "2"))
                    .write_text_content(BytesText::new(room))?;
                Ok(())
            })?;
        }
        _ => {}
    }
    Ok(())
}

fn gather(writer: &mut Writer<Vec<u8>>, verb: &Verb) -> std::io::Result<()> {
    if let Verb::GatherDigit {
        action,
        wait_seconds,
        language,
        text,
    } = verb
    {
        let wait_seconds = wait_seconds.to_string();
        writer
            .create_element("Gather")
            .with_attribute(("action", action.as_str()))
            .with_attribute(("method", "POST"))
            .with_attribute(("numDigits", "1"))
            .with_attribute(("timeout", wait_seconds.as_str()))
            .write_inner_content(|writer| say(writer, language, text))?;
    }
    Ok(())
}

impl IntoResponse for Twiml {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("text/xml; charset=utf-8");
        ([(CONTENT_TYPE, kind)], self.render()).into_response()
    }
}

/// `origin` and `path` with exactly one slash between them.
pub fn absolute(origin: &str, path: &str) -> String {
    format!("{}/{}", origin.trim_end_matches('/'), path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests;
