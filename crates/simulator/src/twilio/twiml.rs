//! TwiML as Twilio reads it: an XML document `<Response>` of known verbs with known attributes. What does not parse ends
//! the call; what is not in the schema is skipped with a warning.

mod element;
mod read;
#[cfg(test)]
mod tests;

use super::trouble::Trouble;

/// What the call is to do, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub verbs: Vec<Verb>,
    pub warnings: Vec<Trouble>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    Play {
        url: String,
        times: u32,
    },
    Say {
        text: String,
        language: Option<String>,
        times: u32,
    },
    Pause {
        seconds: u64,
    },
    Record(Record),
    Connect {
        callback: Callback,
        stream: Stream,
    },
    Redirect {
        url: String,
        method: Method,
    },
    Dial(Dial),
    Gather(Gather),
    Hangup,
    Reject {
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    Get,
    #[default]
    Post,
}

/// Where Twilio asks what comes next. Without `action` the next verb comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    pub action: Option<String>,
    pub method: Method,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub callback: Callback,
    pub max_seconds: u64,
    /// Silence after which the recording ends.
    pub timeout_seconds: u64,
    pub finish_on_key: String,
    pub play_beep: bool,
    /// Where the finished recording is reported.
    pub status_callback: Option<String>,
    pub status_method: Method,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    pub url: String,
    pub name: Option<String>,
    pub status_callback: Option<String>,
    pub status_method: Method,
    pub parameters: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    pub callback: Callback,
    pub ring_seconds: u64,
    pub caller_id: Option<String>,
    pub numbers: Vec<Number>,
    /// A conference, a client, a SIP address: dialled like a number.
    pub time_limit_seconds: u64,
}

/// Somebody to ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    pub number: String,
    /// TwiML for the one who answers, before both are connected.
    pub url: Option<String>,
    pub method: Method,
    pub status_callback: Option<String>,
    pub status_method: Method,
    pub status_events: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Gather {
    pub callback: Callback,
    pub num_digits: Option<usize>,
    pub timeout_seconds: u64,
    pub finish_on_key: String,
    pub action_on_empty: bool,
    pub prompts: Vec<Verb>,
}

/// Reads a document.
pub fn parse(xml: &str) -> Result<Document, Trouble> {
    read::document(&element::parse(xml)?)
}
