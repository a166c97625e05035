//! Twilio's error codes. Those of its answers and those of its status callbacks are the same.
//!
//! After the vendor's dictionary of errors; a code that is not here means what the answer's status means.

use contracts::whatsapp::SendFault;
use serde_json::Value;

use super::wire::Problem;
use crate::whatsapp::once::{self, Answer, Verdict};

pub(super) fn verdict(code: &str) -> Option<Verdict> {
    Some(match code {
        // No approved template, and the person last wrote more than 24 hours ago.
        "63016" => Verdict::OutsideWindow,
        // Too many requests, of ours to Twilio and of Twilio's to WhatsApp.
        "20429" | "63018" => Verdict::Later,
        // WhatsApp broke while Twilio talked to it: it may have the message.
        "63012" => Verdict::Unknown,
        // Wrong credentials; an account that is suspended, not active or restricted; a sender that is not ours.
        "20003" | "20005" | "30002" | "63051" | "63007" | "21606" | "21212" => Verdict::Unusable,
        // No number, or none that gets messages; blocked by the person.
        "21211" | "21614" | "63014" => Verdict::Refused,
        _ => return None,
    })
}

/// Why a message was not taken.
pub(super) fn fault(answer: &Answer) -> SendFault {
    let code = answer.json::<Problem>().and_then(|problem| code(&problem.code));
    let verdict = code.as_deref().and_then(verdict);
    answer.fault(code, verdict)
}

/// A code as number or text.
pub(super) fn code(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => once::sound_code(&number.to_string()),
        Value::String(text) => once::sound_code(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_means_what_the_reference_says() {
        for (code, meaning) in [
            ("63016", Verdict::OutsideWindow),
            ("63018", Verdict::Later),
            ("20429", Verdict::Later),
            ("63012", Verdict::Unknown),
            ("63014", Verdict::Refused),
            ("21211", Verdict::Refused),
            ("21614", Verdict::Refused),
            ("20003", Verdict::Unusable),
            ("63051", Verdict::Unusable),
            ("20005", Verdict::Unusable),
            ("30002", Verdict::Unusable),
            ("63007", Verdict::Unusable),
            ("21606", Verdict::Unusable),
            ("21212", Verdict::Unusable),
        ] {
            assert_eq!(verdict(code), Some(meaning), "{code}");
        }
        assert_eq!(verdict("99999"), None);
    }
}
