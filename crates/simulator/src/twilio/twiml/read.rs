//! Elements to verbs, by Twilio's schema.

use super::{Callback, Dial, Document, Gather, Method, Number, Record, Stream, Verb, element::Element};
use crate::twilio::trouble::{DOCUMENT_PARSE, INVALID_URL, SCHEMA, Trouble};

const PLAY: &[&str] = &["loop", "digits"];
const SAY: &[&str] = &["voice", "language", "loop"];
const RECORD: &[&str] = &[
    "action",
    "method",
    "timeout",
    "finishOnKey",
    "maxLength",
    "playBeep",
    "trim",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "recordingChannels",
    "transcribe",
    "transcribeCallback",
];
const STREAM: &[&str] = &[
    "url",
    "name",
    "track",
    "statusCallback",
    "statusCallbackMethod",
    "connectorName",
];
const DIAL: &[&str] = &[
    "action",
    "method",
    "timeout",
    "timeLimit",
    "callerId",
    "hangupOnStar",
    "record",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "recordingTrack",
    "trim",
    "answerOnBridge",
    "ringTone",
    "referUrl",
    "referMethod",
    "sequential",
];
const NUMBER: &[&str] = &[
    "url",
    "method",
    "sendDigits",
    "statusCallback",
    "statusCallbackMethod",
    "statusCallbackEvent",
    "byoc",
    "machineDetection",
    "phoneNumberSid",
];
const GATHER: &[&str] = &[
    "action",
    "method",
    "timeout",
    "finishOnKey",
    "numDigits",
    "input",
    "language",
    "hints",
    "speechTimeout",
    "speechModel",
    "actionOnEmptyResult",
    "bargeIn",
    "profanityFilter",
    "partialResultCallback",
    "partialResultCallbackMethod",
    "enhanced",
    "maxSpeechTime",
    "debug",
];
/// Name and value of a `<Parameter>` together.
const PARAMETER_CHARACTERS: usize = 500;

/// Collects warnings while reading.
#[derive(Default)]
struct Reading {
    warnings: Vec<Trouble>,
}

pub(super) fn document(root: &Element) -> Result<Document, Trouble> {
    if root.name != "Response" {
        return Err(Trouble::new(
            DOCUMENT_PARSE,
            format!("the root is <{}>, not <Response>", root.name),
        ));
    }
    let mut reading = Reading::default();
    let mut verbs = Vec::new();
    for child in &root.children {
        if let Some(verb) = reading.verb(child)? {
            verbs.push(verb);
        }
    }
    if !root.text.trim().is_empty() {
        reading.warn("text directly inside <Response>");
    }
    Ok(Document {
        verbs,
        warnings: reading.warnings,
    })
}

impl Reading {
    fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(Trouble::new(SCHEMA, message));
    }

    fn verb(&mut self, element: &Element) -> Result<Option<Verb>, Trouble> {
        let verb = match element.name.as_str() {
            "Play" => self.play(element)?,
            "Say" => {
                self.known(element, SAY);
                let text = element.text.trim().to_owned();
                if text.is_empty() {
                    self.warn("<Say> without text");
                }
                Verb::Say {
                    text,
                    language: element.get("language").map(str::to_owned),
                    times: self.number(element, "loop", 1),
                }
            }
            "Pause" => {
                self.known(element, &["length"]);
                Verb::Pause {
                    seconds: self.number(element, "length", 1),
                }
            }
            "Record" => self.record(element),
            "Connect" => return self.connect(element),
            "Redirect" => {
                self.known(element, &["method"]);
                Verb::Redirect {
                    url: element.text.trim().to_owned(),
                    method: self.method(element, "method"),
                }
            }
            "Dial" => self.dial(element),
            "Gather" => self.gather(element)?,
            "Hangup" => {
                self.known(element, &[]);
                Verb::Hangup
            }
            "Reject" => {
                self.known(element, &["reason"]);
                Verb::Reject {
                    reason: element.get("reason").unwrap_or("rejected").to_owned(),
                }
            }
            other => {
                self.warn(format!("<{other}> is no verb"));
                return Ok(None);
            }
        };
        Ok(Some(verb))
    }

    fn play(&mut self, element: &Element) -> Result<Verb, Trouble> {
        self.known(element, PLAY);
        let url = element.text.trim();
        absolute(url)?;
        Ok(Verb::Play {
            url: url.to_owned(),
            times: self.number(element, "loop", 1),
        })
    }

    fn record(&mut self, element: &Element) -> Verb {
        self.known(element, RECORD);
        Verb::Record(Record {
            callback: self.callback(element),
            max_seconds: self.number(element, "maxLength", 3_600),
            timeout_seconds: self.number(element, "timeout", 5),
            finish_on_key: element.get("finishOnKey").unwrap_or("1234567890*#").to_owned(),
            play_beep: element.get("playBeep").is_none_or(|value| value == "true"),
            status_callback: element.get("recordingStatusCallback").map(str::to_owned),
            status_method: self.method(element, "recordingStatusCallbackMethod"),
        })
    }

    fn connect(&mut self, element: &Element) -> Result<Option<Verb>, Trouble> {
        self.known(element, &["action", "method"]);
        let mut streams = element.children.iter().filter(|child| child.name == "Stream");
        let (Some(stream), None) = (streams.next(), streams.next()) else {
            self.warn("<Connect> without exactly one <Stream>");
            return Ok(None);
        };
        self.known(stream, STREAM);
        let mut parameters = Vec::new();
        for child in &stream.children {
            match (child.name.as_str(), child.get("name"), child.get("value")) {
                ("Parameter", Some(name), Some(value)) => {
                    if name.chars().count() + value.chars().count() >= PARAMETER_CHARACTERS {
                        return Err(Trouble::new(SCHEMA, "a <Parameter> of 500 characters or more"));
                    }
                    parameters.push((name.to_owned(), value.to_owned()));
                }
                _ => self.warn(format!("<{}> in <Stream> is not understood", child.name)),
            }
        }
        let stream = Stream {
            url: stream.get("url").unwrap_or_default().trim().to_owned(),
            name: stream.get("name").map(str::to_owned),
            status_callback: stream.get("statusCallback").map(str::to_owned),
            status_method: self.method(stream, "statusCallbackMethod"),
            parameters,
        };
        Ok(Some(Verb::Connect {
            callback: self.callback(element),
            stream,
        }))
    }

    fn dial(&mut self, element: &Element) -> Verb {
        self.known(element, DIAL);
        let mut numbers = Vec::new();
        let bare = element.text.trim();
        if !bare.is_empty() {
            numbers.push(Number {
                number: bare.to_owned(),
                ..Number::default()
            });
        }
        for child in &element.children {
            if !matches!(child.name.as_str(), "Number" | "Client" | "Sip" | "Conference") {
                self.warn(format!("<{}> in <Dial> is not understood", child.name));
                continue;
            }
            if child.name == "Number" {
                self.known(child, NUMBER);
            }
            numbers.push(Number {
                number: child.text.trim().to_owned(),
                url: child.get("url").map(str::to_owned),
                method: self.method(child, "method"),
                status_callback: child.get("statusCallback").map(str::to_owned),
                status_method: self.method(child, "statusCallbackMethod"),
                status_events: child
                    .get("statusCallbackEvent")
                    .map(|events| events.split_whitespace().map(str::to_owned).collect())
                    .unwrap_or_default(),
            });
        }
        Verb::Dial(Dial {
            callback: self.callback(element),
            ring_seconds: self.number(element, "timeout", 30),
            caller_id: element.get("callerId").map(str::to_owned),
            numbers,
            time_limit_seconds: self.number(element, "timeLimit", 14_400),
        })
    }

    fn gather(&mut self, element: &Element) -> Result<Verb, Trouble> {
        self.known(element, GATHER);
        let mut prompts = Vec::new();
        for child in &element.children {
            if !matches!(child.name.as_str(), "Play" | "Say" | "Pause") {
                self.warn(format!("<{}> may not stand in <Gather>", child.name));
            } else if let Some(verb) = self.verb(child)? {
                prompts.push(verb);
            }
        }
        Ok(Verb::Gather(Gather {
            callback: self.callback(element),
            num_digits: element.get("numDigits").and_then(|value| value.parse().ok()),
            timeout_seconds: self.number(element, "timeout", 5),
            finish_on_key: element.get("finishOnKey").unwrap_or("#").to_owned(),
            action_on_empty: element.get("actionOnEmptyResult") == Some("true"),
            prompts,
        }))
    }

    fn callback(&mut self, element: &Element) -> Callback {
        Callback {
            action: element.get("action").map(str::to_owned),
            method: self.method(element, "method"),
        }
    }

    fn method(&mut self, element: &Element, attribute: &str) -> Method {
        match element.get(attribute) {
            None => Method::Post,
            Some(value) if value.eq_ignore_ascii_case("post") => Method::Post,
            Some(value) if value.eq_ignore_ascii_case("get") => Method::Get,
            Some(value) => {
                self.warn(format!("{attribute}=\"{value}\" in <{}>", element.name));
                Method::Post
            }
        }
    }

    fn number<N: std::str::FromStr>(&mut self, element: &Element, attribute: &str, default: N) -> N {
        match element.get(attribute).map(str::parse) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.warn(format!("{attribute} in <{}> is no number", element.name));
                default
            }
        }
    }

    fn known(&mut self, element: &Element, attributes: &[&str]) {
        for (name, _) in &element.attributes {
            if !attributes.contains(&name.as_str()) {
                self.warn(format!("<{}> has no attribute {name}", element.name));
            }
        }
    }
}

impl Element {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == attribute)
            .map(|(_, value)| value.as_str())
    }
}

fn absolute(url: &str) -> Result<(), Trouble> {
    let absolute = url::Url::parse(url).is_ok_and(|parsed| {
        matches!(parsed.scheme(), "http" | "https") && parsed.has_host() && !parsed.path().contains("//")
    });
    absolute.then_some(()).ok_or_else(|| {
        Trouble::new(
            INVALID_URL,
            format!("<Play> of {url:?}, which is no absolute http(s) URL"),
        )
    })
}
