//! The fields of Twilio's callbacks, as its voice documents list them.

use super::sign::Fields;

/// Who calls whom under which account.
#[derive(Clone, Debug)]
pub struct Parties {
    pub account_sid: String,
    pub call_sid: String,
    /// As Twilio gives it; a hidden caller is `anonymous`, `+266696687` or empty.
    pub from: String,
    pub to: String,
    pub forwarded_from: Option<String>,
    pub direction: &'static str,
}

impl Parties {
    /// What every callback about a call carries.
    pub fn call(&self, status: &str) -> Fields {
        let mut fields: Fields = [
            ("AccountSid", self.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &self.call_sid),
            ("CallStatus", status),
            ("Called", &self.to),
            ("Caller", &self.from),
            ("Direction", self.direction),
            ("From", &self.from),
            ("FromCountry", "IL"),
            ("To", &self.to),
            ("ToCountry", "IL"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        if let Some(forwarded_from) = &self.forwarded_from {
            fields.push(("ForwardedFrom".to_owned(), forwarded_from.clone()));
        }
        fields
    }

    /// The status callback.
    pub fn status(&self, status: &str, seconds: u64, sequence: u32, timestamp: &str) -> Fields {
        let more = [
            ("CallDuration", seconds.to_string()),
            ("Duration", seconds.div_ceil(60).to_string()),
            ("SequenceNumber", sequence.to_string()),
            ("Timestamp", timestamp.to_owned()),
            ("CallbackSource", "call-progress-events".to_owned()),
        ];
        with(self.call(status), more)
    }

    /// The stream's status callback, which carries nothing else of the call.
    pub fn stream(&self, stream_sid: &str, name: &str, event: &str, error: Option<&str>, timestamp: &str) -> Fields {
        let fields = vec![
            ("AccountSid".to_owned(), self.account_sid.clone()),
            ("CallSid".to_owned(), self.call_sid.clone()),
        ];
        let mut fields = with(
            fields,
            [
                ("StreamSid", stream_sid.to_owned()),
                ("StreamName", name.to_owned()),
                ("StreamEvent", event.to_owned()),
                ("Timestamp", timestamp.to_owned()),
            ],
        );
        if let Some(error) = error {
            fields.push(("StreamError".to_owned(), error.to_owned()));
        }
        fields
    }

    /// The recording's status callback.
    pub fn recording(&self, recording: &Recording, status: &str, start: &str) -> Fields {
        let fields = vec![
            ("AccountSid".to_owned(), self.account_sid.clone()),
            ("CallSid".to_owned(), self.call_sid.clone()),
        ];
        with(
            fields,
            [
                ("RecordingSid", recording.sid.clone()),
                ("RecordingUrl", recording.url.clone()),
                ("RecordingStatus", status.to_owned()),
                ("RecordingDuration", recording.seconds.to_string()),
                ("RecordingChannels", "1".to_owned()),
                ("RecordingSource", "RecordVerb".to_owned()),
                ("RecordingStartTime", start.to_owned()),
            ],
        )
    }
}

/// What a `<Record>` made.
#[derive(Clone, Debug)]
pub struct Recording {
    pub sid: String,
    /// Without an ending; `.mp3` or `.wav` is put behind it.
    pub url: String,
    pub seconds: u64,
}

/// The fields with some more.
pub fn with<const N: usize>(mut fields: Fields, more: [(&str, String); N]) -> Fields {
    fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    fields
}
