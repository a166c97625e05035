//! When the caller has finished speaking.

use super::Ms;

/// What is known of the utterance that is going on.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// Voice in the utterance so far.
    pub voiced_ms: Ms,
    /// What a streaming recogniser has so far, when there is one.
    pub text: Option<&'a str>,
    /// The answer is kept as audio, and nobody asks again: better to wait than to cut.
    pub dictation: bool,
}

/// Decides how much silence ends a turn. A semantic model can stand here instead of [`Adaptive`].
pub trait EndOfTurn: Send {
    /// The silence after which the turn is over.
    fn wait_ms(&self, heard: Heard<'_>) -> Ms;

    /// The caller went on after a pause inside an utterance.
    fn paused(&mut self, pause_ms: Ms);

    /// The caller went on right after we took the turn for finished.
    fn cut_short(&mut self);

    /// A turn ended where we thought it did.
    fn confirmed(&mut self);
}

/// Silence that follows the caller's own rhythm: it grows when we cut in, and shrinks while we do not.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "units stand last")]
pub struct Adaptive {
    wait_ms: Ms,
    least_ms: Ms,
    most_ms: Ms,
}

/// A short answer («כן») needs no long wait; a long one is full of pauses.
const SHORT_VOICE_MS: Ms = 600;
const SHORT_FACTOR_PERCENT: Ms = 85;
/// Silence that ends an answer which is only recorded.
const DICTATION_MS: Ms = 1_600;

impl Adaptive {
    /// Begins at `start_ms`, and stays between `least_ms` and `most_ms`.
    pub fn new(start_ms: Ms, least_ms: Ms, most_ms: Ms) -> Self {
        let most_ms = most_ms.max(least_ms);
        Self {
            wait_ms: start_ms.clamp(least_ms, most_ms),
            least_ms,
            most_ms,
        }
    }

    fn set(&mut self, wait_ms: Ms) {
        self.wait_ms = wait_ms.clamp(self.least_ms, self.most_ms);
    }
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::new(560, 320, 1_200)
    }
}

impl EndOfTurn for Adaptive {
    fn wait_ms(&self, heard: Heard<'_>) -> Ms {
        if heard.dictation {
            return DICTATION_MS.max(self.wait_ms);
        }
        if heard.voiced_ms < SHORT_VOICE_MS {
            return (self.wait_ms * SHORT_FACTOR_PERCENT / 100).max(self.least_ms);
        }
        self.wait_ms
    }

    fn paused(&mut self, pause_ms: Ms) {
        let near_miss = pause_ms * 100 >= self.wait_ms * 75;
        if near_miss {
            self.set(pause_ms + pause_ms / 3);
        }
    }

    fn cut_short(&mut self) {
        self.set(self.wait_ms + 200);
    }

    fn confirmed(&mut self) {
        self.set(self.wait_ms - self.wait_ms / 25);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(voiced_ms: Ms) -> Heard<'static> {
        Heard {
            voiced_ms,
            text: None,
            dictation: false,
        }
    }

    #[test]
    fn cutting_in_makes_it_wait_longer_and_never_without_bound() {
        let mut rule = Adaptive::default();
        let before = rule.wait_ms(heard(2_000));
        rule.cut_short();
        assert_eq!(rule.wait_ms(heard(2_000)), before + 200);
        for _ in 0..50 {
            rule.cut_short();
        }
        assert_eq!(rule.wait_ms(heard(2_000)), 1_200);
        for _ in 0..500 {
            rule.confirmed();
        }
        assert!(rule.wait_ms(heard(2_000)) >= 320);
    }

    #[test]
    fn a_short_answer_ends_sooner_and_a_dictated_one_later() {
        let rule = Adaptive::default();
        assert!(rule.wait_ms(heard(300)) < rule.wait_ms(heard(3_000)));
        let dictated = Heard {
            dictation: true,
            ..heard(3_000)
        };
        assert!(rule.wait_ms(dictated) >= 1_600);
    }

    #[test]
    fn a_caller_with_long_pauses_is_given_them() {
        let mut rule = Adaptive::default();
        rule.paused(520);
        assert!(rule.wait_ms(heard(3_000)) > 600);
    }
}
