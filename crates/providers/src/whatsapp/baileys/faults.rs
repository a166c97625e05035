//! Why the bridge did not take a message, in its own words.

use contracts::whatsapp::SendFault;
use serde_json::Value;

use super::wire::{Problem, Sent};
use crate::whatsapp::once::{self, Answer, Verdict};

/// By the bridge's word. It is our own: what it says of itself holds whatever the status, for it refuses before it has
/// done anything.
pub(super) fn verdict(word: &str) -> Option<Verdict> {
    Some(match word {
        // An earlier request with this id is at it, or this very one came before.
        "in_progress" | "replayed" => Verdict::Unknown,
        // No phone behind it; or both sides do not share a secret, or a clock.
        "not_connected" | "logged_out" | "unsigned" | "bad_signature" | "stale" | "no_secret" => Verdict::Unusable,
        "busy" => Verdict::Later,
        "not_on_whatsapp" | "invalid" | "media_too_large" => Verdict::Refused,
        _ => return None,
    })
}

/// Why a message was not taken.
pub(super) fn fault(answer: &Answer) -> SendFault {
    let word = answer.json::<Problem>().map(|problem| problem.error);
    let word = word.as_deref().and_then(once::sound_code);
    match word.as_deref().and_then(verdict) {
        Some(verdict) => {
            let message = word.clone().unwrap_or_default();
            verdict.fault(word, message, answer.retry_after_seconds)
        }
        None => answer.fault(word, None),
    }
}

/// A message that the bridge knew already and that did not go: WhatsApp refused it, or nobody knows.
pub(super) fn not_sent(sent: &Sent) -> SendFault {
    let code = match &sent.code {
        Value::String(word) => once::sound_code(word),
        Value::Number(number) => once::sound_code(&number.to_string()),
        _ => None,
    };
    match sent.status.as_str() {
        "failed" => SendFault::Refused {
            message: format!("refused by WhatsApp ({})", code.as_deref().unwrap_or("no code")),
            code,
        },
        _ => once::unknown("the bridge does not know whether it went"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_what_the_contract_says() {
        for (word, meaning) in [
            ("in_progress", Verdict::Unknown),
            ("replayed", Verdict::Unknown),
            ("not_connected", Verdict::Unusable),
            ("logged_out", Verdict::Unusable),
            ("bad_signature", Verdict::Unusable),
            ("no_secret", Verdict::Unusable),
            ("not_on_whatsapp", Verdict::Refused),
            ("invalid", Verdict::Refused),
            ("busy", Verdict::Later),
        ] {
            assert_eq!(verdict(word), Some(meaning), "{word}");
        }
        assert_eq!(verdict("something_else"), None);
    }
}
