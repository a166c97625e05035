//! OpenAI's form of a transcription (API reference, «Create transcription», `response_format=json`).

use contracts::stt::Transcript;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Transcription {
    text: String,
    /// Said by the verbose form and by some local servers.
    #[serde(default)]
    language: Option<String>,
}

impl From<Transcription> for Transcript {
    fn from(answer: Transcription) -> Self {
        Self {
            text: answer.text.trim().to_owned(),
            language: answer.language.filter(|language| !language.is_empty()),
        }
    }
}

/// ISO 639-1 out of BCP 47: `he-IL` is `he` there.
pub(super) fn language(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_left_out() {
        assert_eq!(language("he-IL"), "he");
        assert_eq!(language("EN"), "en");
    }

    #[test]
    fn what_is_said_around_the_text_is_taken_off() {
        let answer: Transcription = serde_json::from_str(r#"{"text":" שלום \n","usage":{"type":"duration"}}"#).unwrap();
        assert_eq!(
            Transcript::from(answer),
            Transcript {
                text: "שלום".to_owned(),
                language: None
            }
        );
    }
}
