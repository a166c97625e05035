//! A message that must never go twice: what is known of it from the answer, or from there being none.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use contracts::whatsapp::{Accepted, SendFault};
use reqwest::{RequestBuilder, StatusCode};
use tokio::time::Instant;

use crate::{client, limits};

/// What a company's own code means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Unusable,
    Later,
    OutsideWindow,
    Refused,
    /// The company itself did not learn what became of it.
    Unknown,
}

/// An answer, whatever it says.
pub(super) struct Answer {
    pub status: StatusCode,
    pub retry_after_seconds: Option<u64>,
    /// `None` when it broke off or had no end.
    pub body: Option<Bytes>,
}

/// Runs a sending under its deadline and counts how it ended.
pub(super) async fn timed(
    provider: &'static str,
    exchange: impl Future<Output = Result<Accepted, SendFault>>,
) -> Result<Accepted, SendFault> {
    within(provider, limits::WHATSAPP_SEND, exchange).await
}

async fn within(
    provider: &'static str,
    deadline: Duration,
    exchange: impl Future<Output = Result<Accepted, SendFault>>,
) -> Result<Accepted, SendFault> {
    let began = Instant::now();
    let result = tokio::time::timeout(deadline, exchange)
        .await
        .unwrap_or_else(|_| Err(unknown(&format!("no answer in {} ms", deadline.as_millis()))));
    let outcome = result.as_ref().map_or_else(SendFault::word, |_| "ok");
    metrics::counter!("provider_requests_total", "provider" => provider, "outcome" => outcome).increment(1);
    metrics::histogram!("provider_request_seconds", "provider" => provider).record(began.elapsed().as_secs_f64());
    result
}

/// Sends a request that was made by [`crate::Http::never_twice`].
pub(super) async fn answer(request: RequestBuilder) -> Result<Answer, SendFault> {
    let response = request.send().await.map_err(|error| unanswered(&error))?;
    Ok(Answer {
        status: response.status(),
        retry_after_seconds: client::retry_after(&response),
        body: client::body(response, limits::JSON_BYTES).await.ok(),
    })
}

/// The connection is made, TLS included, before anything of the message is written.
fn unanswered(error: &reqwest::Error) -> SendFault {
    if error.is_builder() {
        unusable("a request that cannot be built")
    } else if error.is_connect() {
        SendFault::Later {
            code: None,
            message: "no connection".to_owned(),
            retry_after_seconds: None,
        }
    } else if error.is_timeout() {
        unknown("no answer in time")
    } else {
        unknown("the answer broke off")
    }
}

impl Answer {
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The body as JSON of a company.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.body.as_deref()?).ok()
    }

    /// Why it was not taken, by the company's code where that is known, else by the status. A 5xx says nothing of the
    /// message whatever stands in it: something broke, and nobody knows before or after what.
    pub fn fault(&self, code: Option<String>, verdict: Option<Verdict>) -> SendFault {
        let number = self.status.as_u16();
        let message = match &code {
            Some(code) => format!("status {number} ({code})"),
            None => format!("status {number}"),
        };
        let verdict = match (of_status(number), verdict) {
            (Verdict::Unknown, _) => Verdict::Unknown,
            (_, Some(verdict)) | (verdict, None) => verdict,
        };
        verdict.fault(code, message, self.retry_after_seconds)
    }
}

impl Verdict {
    pub fn fault(self, code: Option<String>, message: String, retry_after_seconds: Option<u64>) -> SendFault {
        match self {
            Self::Unusable => SendFault::Unusable { code, message },
            Self::Later => SendFault::Later {
                code,
                message,
                retry_after_seconds,
            },
            Self::OutsideWindow => SendFault::OutsideWindow { code },
            Self::Refused => SendFault::Refused { code, message },
            Self::Unknown => SendFault::Unknown { message },
        }
    }
}

/// What a status means by itself. A redirect that keeps the method was not acted on: an API that answers so is not the
/// one that the operator meant; one that changes it to a GET may have been. A server that says 408 may have read all.
fn of_status(status: u16) -> Verdict {
    match status {
        307 | 308 | 401..=405 | 407 => Verdict::Unusable,
        425 | 429 => Verdict::Later,
        408 => Verdict::Unknown,
        400..=499 => Verdict::Refused,
        _ => Verdict::Unknown,
    }
}

pub(super) fn unknown(message: &str) -> SendFault {
    SendFault::Unknown {
        message: message.to_owned(),
    }
}

pub(super) fn unusable(message: &str) -> SendFault {
    SendFault::Unusable {
        code: None,
        message: message.to_owned(),
    }
}

pub(super) fn refused(message: &str) -> SendFault {
    SendFault::Refused {
        code: None,
        message: message.to_owned(),
    }
}

/// A code as a company writes it, if it is one: digits and words, never text that could quote somebody.
pub(super) fn sound_code(code: &str) -> Option<String> {
    let sound = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    ((1..=64).contains(&code.len()) && code.chars().all(sound)).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, verdict: Option<Verdict>) -> &'static str {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after_seconds: None,
            body: None,
        };
        answer.fault(None, verdict).word()
    }

    #[test]
    fn only_what_was_certainly_refused_is_called_so() {
        for status in [
            200, 201, 202, 204, 300, 301, 302, 303, 304, 408, 500, 501, 502, 503, 504, 520, 599,
        ] {
            assert_eq!(judged(status, None), "unknown", "{status}");
        }
        for status in [307, 308, 401, 402, 403, 404, 405, 407] {
            assert_eq!(judged(status, None), "unusable", "{status}");
        }
        for status in [425, 429] {
            assert_eq!(judged(status, None), "later", "{status}");
        }
        for status in [400, 406, 409, 410, 413, 415, 418, 422, 451] {
            assert_eq!(judged(status, None), "refused", "{status}");
        }
    }

    #[test]
    fn a_code_decides_but_for_a_server_that_broke() {
        assert_eq!(judged(400, Some(Verdict::Later)), "later");
        assert_eq!(judged(401, Some(Verdict::Refused)), "refused");
        assert_eq!(judged(429, Some(Verdict::OutsideWindow)), "outside_window");
        for status in [500, 503] {
            assert_eq!(judged(status, Some(Verdict::Later)), "unknown");
        }
    }

    #[test]
    fn a_code_never_quotes_anybody() {
        assert_eq!(sound_code("131047").as_deref(), Some("131047"));
        for text in ["", "not a code", "דנה", &"1".repeat(65)] {
            assert_eq!(sound_code(text), None);
        }
    }
}
