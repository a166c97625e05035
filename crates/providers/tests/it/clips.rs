//! The clips that are bundled: audible, of a likely length, and what their phonemes give.

use audio_codec_algorithms::decode_ulaw;
use contracts::tts::Gender;
use conversation::sentences::{self, Fixed, Key};
use providers::tts::espeak::{Espeak, PROGRAM};

use crate::{espeak_version, level};

/// What the committed clips were made with.
static MADE_WITH: &str = include_str!("../../../conversation/assets/clips/made-with");

fn all() -> impl Iterator<Item = (Fixed, Gender)> {
    [Gender::Feminine, Gender::Masculine]
        .into_iter()
        .flat_map(|gender| Key::ALL.iter().map(move |key| (sentences::get(*key, gender), gender)))
}

fn samples(fixed: Fixed) -> Vec<i16> {
    fixed.clip.iter().map(|byte| decode_ulaw(*byte)).collect()
}

fn vowels(fixed: Fixed) -> usize {
    fixed.phonemes.chars().filter(|sound| "aeiou".contains(*sound)).count()
}

#[test]
fn every_clip_is_audible_and_as_long_as_its_words() {
    for (fixed, _) in all() {
        let samples = samples(fixed);
        let milliseconds = samples.len() / 8;
        let syllables = vowels(fixed);
        // A syllable takes 90 to 420 ms, a word alone and a sentence's pauses included.
        assert!(
            (90 * syllables..420 * syllables + 400).contains(&milliseconds),
            "{fixed:?}: {milliseconds} ms, {syllables} syllables"
        );
        assert!(level(&samples) > 1_200.0, "{fixed:?}: {}", level(&samples));
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((21_000..25_000).contains(&peak), "{fixed:?}: peak {peak}");
    }
}

#[test]
fn no_clip_begins_or_ends_with_a_long_silence() {
    for (fixed, _) in all() {
        let samples = samples(fixed);
        let lead = samples.iter().position(|sample| sample.unsigned_abs() > 400).unwrap();
        let tail = samples
            .iter()
            .rev()
            .position(|sample| sample.unsigned_abs() > 400)
            .unwrap();
        assert!(lead < 1_200 && tail < 1_600, "{fixed:?}: {lead} and {tail} samples");
    }
}

#[tokio::test]
async fn every_clip_is_what_its_phonemes_give() {
    let Some(version) = espeak_version().await else { return };
    let same_version = MADE_WITH.trim() == format!("espeak-ng {version}");
    let voice = Espeak::new(PROGRAM);
    for (fixed, gender) in all() {
        let clip = samples(fixed);
        let made = voice.render(&fixed.clip_phonemes(), gender).await.unwrap();
        let difference = clip.len().abs_diff(made.0.len());
        if same_version {
            assert_eq!(difference, 0, "{fixed:?}: run `cargo run -p xtask -- clips`");
            let error: Vec<i16> = clip
                .iter()
                .zip(made.0.iter())
                .map(|(one, other)| one.saturating_sub(*other))
                .collect();
            assert!(
                level(&error) < level(&clip) / 15.0,
                "{fixed:?}: run `cargo run -p xtask -- clips`"
            );
        } else {
            assert!(
                difference < clip.len() / 4,
                "{fixed:?}: {} and {}",
                clip.len(),
                made.0.len()
            );
        }
    }
}

/// The program writes back the phonemes that it understood: each word must come out as it was written, with nothing
/// dropped, renamed or spelled out.
#[tokio::test]
async fn the_program_understands_every_phoneme() {
    if espeak_version().await.is_none() {
        return;
    }
    let mut words: Vec<&str> = all()
        .flat_map(|(fixed, _)| fixed.phonemes.split(' '))
        .map(|word| word.trim_end_matches([',', '.', '?']))
        .collect();
    words.sort_unstable();
    words.dedup();
    let asked = words
        .iter()
        .map(|word| format!("[[{word}]]."))
        .collect::<Vec<_>>()
        .join("\n");
    let said = understood(&asked).await;
    assert_eq!(said.lines().count(), words.len());
    for (word, said) in words.iter().zip(said.lines()) {
        // Two vowels in a row are linked by `;`, and a word without stress gets one when it stands alone.
        let said = said.trim().replace(';', "");
        let said = if word.contains('\'') {
            said
        } else {
            said.replace('\'', "")
        };
        assert_eq!(*word, said);
    }
}

async fn understood(text: &str) -> String {
    use tokio::io::AsyncWriteExt;
    let mut child = tokio::process::Command::new(PROGRAM)
        .args(["-v", "he", "-q", "-x", "--stdin"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
    String::from_utf8(child.wait_with_output().await.unwrap().stdout).unwrap()
}
