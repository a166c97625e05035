//! The Cloud API's error codes. Those of its answers and those of failed statuses are the same.
//!
//! After the vendor's «Error codes»; a code that is not here means what the answer's status means.

use contracts::whatsapp::SendFault;

use super::wire::Problem;
use crate::whatsapp::{
    once::{self, Answer, Verdict},
    reading,
};

pub(super) fn verdict(code: u64) -> Option<Verdict> {
    Some(match code {
        131_047 => Verdict::OutsideWindow,
        // Overloaded, limited, or under maintenance: retried with backoff.
        1 | 2 | 4 | 80_007 | 130_429 | 131_056 | 131_000 | 131_016 | 133_004 => Verdict::Later,
        // Authorisation, settings and payment: another carrier may take it.
        0 | 3 | 10 | 190 | 200..=299 | 131_005 | 131_042 | 131_045 | 133_010 => Verdict::Unusable,
        // The recipient: not on WhatsApp, the sender itself, not on the list of a test number, or does not want it.
        131_026 | 131_021 | 131_030 | 131_050
        // A policy, of which another carrier must not be made a way around.
        | 131_048 | 131_049 | 130_472 | 368 | 131_031
        // The template, the file, the parameters.
        | 132_000..=132_016 | 132_068 | 132_069
        | 131_052 | 131_053
        | 100 | 131_008 | 131_009 => Verdict::Refused,
        _ => return None,
    })
}

/// Why a message was not taken.
pub(super) fn fault(answer: &Answer) -> SendFault {
    let problem = answer.json::<Problem>();
    let code = problem.and_then(|problem| reading::word(&serde_json::json!({ "code": problem.error.code }), "code"));
    let code = code.as_deref().and_then(once::sound_code);
    let verdict = code.as_deref().and_then(|code| code.parse().ok()).and_then(verdict);
    answer.fault(code, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_means_what_the_reference_says() {
        let later = [1, 2, 4, 80_007, 130_429, 131_056, 131_000, 131_016, 133_004];
        let unusable = [0, 3, 10, 190, 200, 250, 299, 131_005, 131_042, 131_045, 133_010];
        let recipient = [131_026, 131_021, 131_030, 131_050];
        let policy = [131_048, 131_049, 130_472, 368, 131_031];
        let contents = [
            132_000, 132_001, 132_016, 132_068, 132_069, 131_052, 131_053, 100, 131_008, 131_009,
        ];
        for (codes, meaning) in [
            (&[131_047][..], Verdict::OutsideWindow),
            (&later, Verdict::Later),
            (&unusable, Verdict::Unusable),
            (&recipient, Verdict::Refused),
            (&policy, Verdict::Refused),
            (&contents, Verdict::Refused),
        ] {
            for code in codes {
                assert_eq!(verdict(*code), Some(meaning), "{code}");
            }
        }
        for unknown in [5, 199, 300, 132_017, 999_999] {
            assert_eq!(verdict(unknown), None, "{unknown}");
        }
    }
}
