//! A conversation in writing: what the model decided, read from its last words.

use serde_json::Value;

/// Why a person is to take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They asked for a person.
    Asked,
    Anger,
    /// The agent does not know.
    Unsure,
}

impl Reason {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Anger => "anger",
            Self::Unsure => "unsure",
        }
    }

    /// For the people of the business.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Asked => "ביקשו לדבר עם אדם",
            Self::Anger => "נראה שיש כעס",
            Self::Unsure => "למענה הדיגיטלי אין תשובה",
        }
    }
}

/// What the agent does with what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Reply(String),
    HandOver { reply: Option<String>, reason: Reason },
    Nothing,
}

/// Characters of a reply; a longer one is cut.
const LONGEST_REPLY: usize = 1_500;

/// Reads the model's last words. What is no decision hands over: nothing is sent that was not meant to be.
pub fn read(text: &str) -> Decision {
    let unsure = Decision::HandOver {
        reply: None,
        reason: Reason::Unsure,
    };
    let Some(object) = object(text) else {
        return unsure;
    };
    let reply = object.get("reply").and_then(Value::as_str).map(str::trim);
    let reply: Option<String> = reply
        .filter(|reply| !reply.is_empty())
        .map(|reply| reply.chars().filter(|c| *c != '\0').take(LONGEST_REPLY).collect());
    match (object.get("action").and_then(Value::as_str), reply) {
        (Some("reply"), Some(reply)) => Decision::Reply(reply),
        (Some("none"), _) => Decision::Nothing,
        (Some("handover"), reply) => Decision::HandOver {
            reply,
            reason: match object.get("reason").and_then(Value::as_str) {
                Some("asked") => Reason::Asked,
                Some("anger") => Reason::Anger,
                _ => Reason::Unsure,
            },
        },
        _ => unsure,
    }
}

/// From the first brace to the last: models like to put a fence around it.
fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    let (from, to) = (text.find('{')?, text.rfind('}')?);
    serde_json::from_str(text.get(from..=to)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_decision_is_read_with_or_without_a_fence() {
        let reply = Decision::Reply("שלום".to_owned());
        assert_eq!(read(r#"{"reply":"שלום","action":"reply"}"#), reply);
        assert_eq!(
            read("```json\n{\"reply\": \" שלום \", \"action\": \"reply\"}\n```"),
            reply
        );
        assert_eq!(read(r#"{"action":"none"}"#), Decision::Nothing);
        let handed = Decision::HandOver {
            reply: Some("נחזור אליכם".to_owned()),
            reason: Reason::Asked,
        };
        assert_eq!(
            read(r#"{"reply":"נחזור אליכם","action":"handover","reason":"asked"}"#),
            handed
        );
    }

    #[test]
    fn what_is_no_decision_is_given_to_a_person() {
        let unsure = Decision::HandOver {
            reply: None,
            reason: Reason::Unsure,
        };
        for text in [
            "",
            "שלום",
            "[HANDOVER]",
            "{",
            r#"{"reply":"x"}"#,
            r#"{"action":"reply","reply":""}"#,
            "}{",
        ] {
            assert_eq!(read(text), unsure, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
