//! Twilio's form of a call (REST API 2010-04-01, «Call resource»). Numbers come as strings.

use contracts::telephony::{CallState, NewCall};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Call {
    pub sid: String,
    #[serde(default)]
    status: String,
    /// Seconds, as text; null while it runs.
    #[serde(default)]
    duration: Option<String>,
}

impl From<Call> for CallState {
    fn from(call: Call) -> Self {
        Self {
            status: call.status,
            duration_seconds: call.duration.and_then(|seconds| seconds.parse().ok()),
        }
    }
}

/// The form that places a call.
pub(super) fn placed(call: NewCall) -> Vec<(&'static str, String)> {
    let mut form = vec![
        ("To", call.to),
        ("From", call.from),
        ("Twiml", call.twiml),
        ("Timeout", call.ring_seconds.to_string()),
    ];
    if let Some(address) = call.status_callback {
        form.push(("StatusCallback", address));
        form.push(("StatusCallbackMethod", "POST".to_owned()));
        for event in ["initiated", "ringing", "answered", "completed"] {
            form.push(("StatusCallbackEvent", event.to_owned()));
        }
    }
    form
}
