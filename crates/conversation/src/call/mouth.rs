//! What the agent is saying: sentences handed over to be spoken, and how much of them the caller has really heard.
//!
//! Truth comes from marks, which the phone company returns when the audio before them was played. Between two marks the
//! time since the last one is counted. A mark that comes back after a clear says nothing: dropped audio returns its marks
//! too.

use std::collections::VecDeque;

use super::Ms;

/// Number of a sentence in this call. Later sentences have greater numbers.
pub type SpeechId = u32;

/// What a sentence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An answer or a question: it may be interrupted.
    Answer,
    /// «One moment»: says nothing, satisfies nobody.
    Filler,
    /// Said on the way out; the caller's voice does not stop it.
    Farewell,
}

/// A sentence that was handed over.
#[derive(Debug)]
struct Spoken {
    id: SpeechId,
    text: String,
    purpose: Purpose,
    started: bool,
    /// When the part that follows `heard_ms` began to be played; `None` until it is this sentence's turn.
    playing_since: Option<Ms>,
    /// Played for certain.
    heard_ms: Ms,
    /// Known once the whole sentence was synthesised.
    length_ms: Option<Ms>,
}

/// What became of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub text: String,
    pub purpose: Purpose,
}

/// What a clear cut off.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The caller heard this.
    pub heard: String,
    /// The caller did not hear this.
    pub unheard: String,
    /// Something was audible when it was cut.
    pub audible: bool,
}

#[derive(Debug, Default)]
pub struct Mouth {
    queue: VecDeque<Spoken>,
    last_id: SpeechId,
}

/// Spoken Hebrew and English run near this; used only while a sentence's length is not known.
const MS_PER_CHAR: Ms = 72;
/// A driver whose marks do not come back is believed to have played after its length and this.
const MARK_GRACE_MS: Ms = 2_500;

impl Mouth {
    /// Notes a sentence and gives its number.
    pub fn say(&mut self, text: String, purpose: Purpose) -> SpeechId {
        self.last_id += 1;
        self.queue.push_back(Spoken {
            id: self.last_id,
            text,
            purpose,
            started: false,
            playing_since: None,
            heard_ms: 0,
            length_ms: None,
        });
        self.last_id
    }

    /// Something is queued or being played.
    pub fn busy(&self) -> bool {
        !self.queue.is_empty()
    }

    pub fn waits_with(&self, purpose: Purpose) -> bool {
        self.queue.iter().any(|spoken| spoken.purpose == purpose)
    }

    /// The caller hears something now.
    pub fn audible(&self) -> bool {
        self.queue.front().is_some_and(|spoken| spoken.started)
    }

    /// The first frame went out. `None` when the sentence was cancelled.
    pub fn started(&mut self, id: SpeechId, now: Ms) -> Option<(Purpose, &str)> {
        let first = self.queue.front().is_some_and(|front| front.id == id);
        let spoken = self.queue.iter_mut().find(|spoken| spoken.id == id)?;
        if spoken.started {
            return None;
        }
        spoken.started = true;
        spoken.playing_since = first.then_some(now);
        Some((spoken.purpose, &spoken.text))
    }

    /// The whole sentence was synthesised and is this long.
    pub fn made(&mut self, id: SpeechId, length_ms: Ms) {
        if let Some(spoken) = self.queue.iter_mut().find(|spoken| spoken.id == id) {
            spoken.length_ms = Some(length_ms);
        }
    }

    /// Nothing will be heard of this sentence.
    pub fn failed(&mut self, id: SpeechId) -> Option<Outcome> {
        let at = self.queue.iter().position(|spoken| spoken.id == id)?;
        self.queue.remove(at).map(Spoken::outcome)
    }

    /// A mark inside a sentence came back.
    pub fn played(&mut self, id: SpeechId, at_ms: Ms, now: Ms) {
        if let Some(spoken) = self.queue.iter_mut().find(|spoken| spoken.id == id) {
            spoken.heard_ms = spoken.heard_ms.max(at_ms);
            spoken.playing_since = Some(now);
        }
    }

    /// The mark at the end of a sentence came back: it and all before it were heard.
    pub fn played_whole(&mut self, id: SpeechId, now: Ms) -> Vec<Outcome> {
        if !self.queue.iter().any(|spoken| spoken.id == id) {
            return Vec::new();
        }
        let mut heard = Vec::new();
        while self.queue.front().is_some_and(|front| front.id <= id) {
            heard.extend(self.queue.pop_front().map(Spoken::outcome));
        }
        self.next_plays(now);
        heard
    }

    fn next_plays(&mut self, now: Ms) {
        if let Some(front) = self.queue.front_mut().filter(|front| front.started) {
            front.playing_since.get_or_insert(now);
        }
    }

    /// The sentence whose marks are long overdue.
    pub fn overdue(&self, now: Ms) -> Option<SpeechId> {
        let front = self.queue.front()?;
        let left_ms = front.length_ms?.saturating_sub(front.heard_ms);
        let until = front.playing_since? + left_ms + MARK_GRACE_MS;
        (now >= until).then_some(front.id)
    }

    /// Forgets everything, and says what of it was heard.
    pub fn clear(&mut self, now: Ms) -> Cut {
        let mut cut = Cut {
            audible: self.audible(),
            ..Cut::default()
        };
        for (place, spoken) in std::mem::take(&mut self.queue).into_iter().enumerate() {
            if spoken.purpose == Purpose::Filler {
                continue;
            }
            let heard_ms = if place == 0 { spoken.heard_by(now) } else { 0 };
            let (heard, unheard) = split(&spoken.text, heard_ms, spoken.length());
            append(&mut cut.heard, heard);
            append(&mut cut.unheard, unheard);
        }
        cut
    }
}

impl Spoken {
    fn outcome(self) -> Outcome {
        Outcome {
            text: self.text,
            purpose: self.purpose,
        }
    }

    fn length(&self) -> Ms {
        let chars = Ms::try_from(self.text.chars().count()).unwrap_or(Ms::MAX);
        self.length_ms.unwrap_or_else(|| chars.saturating_mul(MS_PER_CHAR))
    }

    fn heard_by(&self, now: Ms) -> Ms {
        let since = self.playing_since.map_or(0, |since| now.saturating_sub(since));
        self.heard_ms + since
    }
}

/// Adds words after a blank.
pub fn append(text: &mut String, more: &str) {
    let more = more.trim();
    if !more.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
    }
}

/// Splits a sentence at the last word that was heard in full.
fn split(text: &str, heard_ms: Ms, length_ms: Ms) -> (&str, &str) {
    if heard_ms >= length_ms {
        return (text, "");
    }
    let chars = Ms::try_from(text.chars().count()).unwrap_or(Ms::MAX);
    let heard_chars = chars.saturating_mul(heard_ms) / length_ms.max(1);
    let mut end = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        if Ms::try_from(count).unwrap_or(Ms::MAX) > heard_chars {
            break;
        }
        if c.is_whitespace() {
            end = at;
        }
    }
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mouth_with(texts: &[&str]) -> Mouth {
        let mut mouth = Mouth::default();
        for text in texts {
            mouth.say((*text).to_owned(), Purpose::Answer);
        }
        mouth
    }

    #[test]
    fn the_cut_falls_between_words_at_what_was_heard() {
        let mut mouth = mouth_with(&["אחת שתיים שלוש ארבע חמש", "שש שבע"]);
        mouth.started(1, 1_000);
        mouth.made(1, 2_300);
        mouth.started(2, 1_100);
        let cut = mouth.clear(2_000);
        assert_eq!(cut.heard, "אחת שתיים");
        assert_eq!(cut.unheard, "שלוש ארבע חמש שש שבע");
        assert!(cut.audible);
    }

    #[test]
    fn a_mark_inside_a_sentence_is_believed_over_the_clock() {
        let mut mouth = mouth_with(&["אחת שתיים שלוש ארבע חמש"]);
        mouth.started(1, 1_000);
        mouth.made(1, 2_300);
        // The line was slow: half a second was played only now.
        mouth.played(1, 500, 3_000);
        assert_eq!(mouth.clear(3_100).heard, "אחת");
    }

    #[test]
    fn marks_of_cleared_sentences_say_nothing() {
        let mut mouth = mouth_with(&["אחת שתיים"]);
        mouth.started(1, 0);
        mouth.clear(10);
        let next = mouth.say("שלוש".to_owned(), Purpose::Answer);
        assert_eq!(mouth.played_whole(1, 20), []);
        assert_eq!(mouth.started(1, 20), None);
        assert!(mouth.busy());
        assert_eq!(mouth.played_whole(next, 30).len(), 1);
        assert!(!mouth.busy());
    }

    #[test]
    fn the_next_sentence_plays_from_the_mark_of_the_one_before() {
        let mut mouth = mouth_with(&["אחת", "שתיים שלוש"]);
        mouth.started(1, 0);
        mouth.started(2, 100);
        mouth.made(2, 1_000);
        mouth.played_whole(1, 800);
        assert_eq!(mouth.clear(900).heard, "");
        let mut late = mouth_with(&["אחת", "שתיים שלוש"]);
        late.started(1, 0);
        late.started(2, 100);
        late.made(2, 1_000);
        late.played_whole(1, 800);
        assert_eq!(late.clear(1_600).heard, "שתיים");
    }

    #[test]
    fn a_line_that_returns_no_marks_does_not_keep_the_agent_speaking() {
        let mut mouth = mouth_with(&["אחת"]);
        mouth.started(1, 0);
        mouth.made(1, 400);
        assert_eq!(mouth.overdue(2_800), None);
        assert_eq!(mouth.overdue(2_900), Some(1));
    }
}
