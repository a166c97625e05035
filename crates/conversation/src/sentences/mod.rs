//! Everything that the agent says without a model: Hebrew text, its phonemes, and a clip of it already spoken.
//!
//! What a business overrides in its settings, and what is said when, is decided elsewhere. Engines that read Hebrew get
//! the text; the embedded voice plays the clip, because it cannot read unvocalised Hebrew.

mod hours;
mod numbers;
mod opening;
mod table;
#[cfg(test)]
mod tests;

use contracts::tts::{Gender, Speech};

pub use hours::{Week, hours};
pub use numbers::{digits, number};
pub use opening::opening;
pub use table::Key;

/// The language of the fixed sentences.
pub const LANGUAGE: &str = "he-IL";

/// A fixed sentence or word in one speaker's form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    pub key: Key,
    pub text: &'static str,
    /// espeak-ng's phonemes with the sentence's punctuation, without brackets.
    pub phonemes: &'static str,
    /// 8 kHz mu-law, without header.
    pub clip: &'static [u8],
}

impl std::fmt::Debug for Fixed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fixed({})", self.key.name())
    }
}

/// The sentence as that speaker says it.
pub const fn get(key: Key, gender: Gender) -> Fixed {
    table::find(key, gender)
}

impl Key {
    const fn is_part_of_day(self) -> bool {
        matches!(
            self,
            Self::InTheMorning | Self::AtNoon | Self::InTheAfternoon | Self::InTheEvening | Self::AtNight
        )
    }

    /// The key that settings call `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// Whether it is a whole sentence, which a business may word otherwise; the rest are words of composed ones.
    pub fn is_sentence(self) -> bool {
        get(self, Gender::Feminine).text.ends_with(['.', '?', ':'])
    }
}

impl Fixed {
    /// What its clip is made from. A word of a composed sentence is said with the melody of one that goes on, unless it
    /// usually ends the sentence.
    pub fn clip_phonemes(self) -> String {
        let ends = self.key.is_sentence() || self.key.is_part_of_day();
        format!("{}{}", self.phonemes, if ends { "" } else { "," })
    }

    /// As an engine takes it. `wording` is what the business wrote instead: engines that read Hebrew say that, and the
    /// embedded voice says the fixed sentence, since nobody wrote phonemes for the other.
    pub fn speech(self, gender: Gender, wording: Option<&str>) -> Speech {
        Speech {
            text: wording.unwrap_or(self.text).to_owned(),
            phonemes: Some(self.phonemes.to_owned()),
            language: LANGUAGE.to_owned(),
            gender,
            clip: Some(self.clip),
            voice: None,
        }
    }
}

/// The written form of a composed sentence, for the transcript and for engines that say it in one breath.
pub fn joined_text(parts: &[Fixed]) -> String {
    parts.iter().map(|part| part.text).collect::<Vec<_>>().join(" ")
}

/// What is said before a question at its end, such as «איך אפשר לעזור?»: whoever goes on with a question of its own asks
/// that one alone. The text itself when it does not end with a question, or is nothing else.
pub fn before_question(text: &str) -> &str {
    let text = text.trim();
    let Some(question) = text.strip_suffix(['?', '؟']) else {
        return text;
    };
    let ends = |c: &char| matches!(c, '.' | '!' | '?' | '…' | '\n');
    let end = question.char_indices().rfind(|(_, c)| ends(c));
    end.and_then(|(at, c)| text.get(..at + c.len_utf8()))
        .map_or(text, str::trim_end)
}

/// The phonemes of a composed sentence.
pub fn joined_phonemes(parts: &[Fixed]) -> String {
    parts.iter().map(|part| part.phonemes).collect::<Vec<_>>().join(" ")
}
