//! From a matching envelope to the words that were covered.

use std::sync::Arc;

use crate::audio::{Envelope, to_f64};

/// So many known utterances may follow one another in one recording.
const MOST_IN_ONE: usize = 8;
/// Less voice than this is a cough: 160 ms.
const LEAST_VOICED: usize = 8;

/// An utterance that is known beforehand.
#[derive(Debug)]
pub(super) struct Known {
    text: String,
    envelope: Envelope,
    /// Each word and the middle of it, in frames.
    words: Vec<(String, f64)>,
}

impl Known {
    pub(super) fn new(text: &str, samples: &[i16]) -> Self {
        let envelope = Envelope::of(samples);
        // Words take time by their letters; one more for the space.
        let weight = |word: &str| to_f64(word.chars().filter(|c| c.is_alphanumeric()).count() + 1);
        let total: f64 = text.split_whitespace().map(weight).sum();
        let mut at = 0.0;
        let words = text
            .split_whitespace()
            .map(|word| {
                let middle = (at + weight(word) / 2.0) / total * to_f64(envelope.frames());
                at += weight(word);
                (word.to_owned(), middle)
            })
            .collect();
        Self {
            text: text.to_owned(),
            envelope,
            words,
        }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.text == other.text && self.envelope == other.envelope
    }

    fn covered(&self, from: usize, to: usize) -> String {
        let inside = |middle: f64| (to_f64(from)..to_f64(to)).contains(&middle);
        let words: Vec<_> = self
            .words
            .iter()
            .filter(|(_, at)| inside(*at))
            .map(|(word, _)| word.as_str())
            .collect();
        words.join(" ")
    }
}

/// The words of all known utterances that are heard, in their order.
pub(super) fn recognise(samples: &[i16], known: &[Arc<Known>]) -> String {
    let mut heard = Envelope::of(samples);
    let mut found: Vec<(usize, String)> = Vec::new();
    while found.len() < MOST_IN_ONE && heard.voiced() >= LEAST_VOICED {
        let best = known
            .iter()
            .filter_map(|known| heard.find(&known.envelope).map(|place| (place, known)))
            .max_by(|(a, _), (b, _)| a.score.total_cmp(&b.score));
        let Some((place, known)) = best else { break };
        let text = known.covered(place.known_from, place.known_to);
        heard.silence(place.heard_from, place.heard_to);
        found.push((place.heard_from, text));
    }
    found.sort_unstable_by_key(|(at, _)| *at);
    let texts: Vec<_> = found
        .into_iter()
        .map(|(_, text)| text)
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::{from_mulaw, to_mulaw},
        lines::{LINES, find},
    };

    fn all() -> Vec<Arc<Known>> {
        LINES
            .iter()
            .map(|line| Arc::new(Known::new(line.text, &line.samples())))
            .collect()
    }

    fn call(parts: &[&[i16]]) -> Vec<i16> {
        let mut samples = vec![0; 3_200];
        for part in parts {
            samples.extend(from_mulaw(&to_mulaw(part)));
            samples.resize(samples.len() + 4_800, 0);
        }
        samples
    }

    #[test]
    fn every_line_is_told_from_every_other() {
        let known = all();
        for line in LINES {
            assert_eq!(recognise(&call(&[&line.samples()]), &known), line.text, "{}", line.key);
        }
    }

    #[test]
    fn two_lines_in_one_recording_are_both_heard_in_order() {
        let (name, yes) = (find("name").unwrap(), find("need").unwrap());
        let text = recognise(&call(&[&name.samples(), &yes.samples()]), &all());
        assert_eq!(text, format!("{} {}", name.text, yes.text));
    }

    #[test]
    fn a_line_that_was_cut_gives_the_words_that_came_through() {
        let line = find("need").unwrap();
        let samples = line.samples();
        let text = recognise(&call(&[&samples[..samples.len() * 6 / 10]]), &all());
        assert!(line.text.starts_with(&text), "{text}");
        let (heard, all_words) = (text.split(' ').count(), line.text.split(' ').count());
        assert!(heard >= 2 && heard < all_words, "{text}");
    }

    #[test]
    fn the_lost_beginning_of_a_line_is_not_made_up() {
        let line = find("need_car").unwrap();
        let samples = line.samples();
        let text = recognise(&call(&[&samples[samples.len() / 2..]]), &all());
        assert!(line.text.ends_with(&text) && !text.is_empty(), "{text}");
    }

    #[test]
    fn silence_is_nothing() {
        assert_eq!(recognise(&vec![0; 24_000], &all()), "");
        assert_eq!(recognise(&[], &all()), "");
    }

    #[test]
    fn what_nobody_told_is_nothing() {
        let known = vec![Arc::new(Known::new("x", &find("yes").unwrap().samples()))];
        let text = recognise(&call(&[&find("number").unwrap().samples()]), &known);
        assert_eq!(text, "");
    }
}
