use super::*;
use crate::audio::{duration_ms, is_audible, to_mulaw};

#[test]
fn every_line_is_spoken_in_its_clip() {
    for line in LINES {
        let samples = line.samples();
        let ms = duration_ms(samples.len());
        assert!((200..12_000).contains(&ms), "{} lasts {ms} ms", line.key);
        assert!(is_audible(&samples), "{} is not heard", line.key);
    }
}

#[test]
fn phonemes_never_carry_hebrew_letters() {
    for line in LINES {
        assert!(line.phonemes.is_ascii(), "{}", line.key);
        assert!(!line.phonemes.contains(['[', ']']), "{}", line.key);
    }
}

#[test]
fn names_of_lines_are_different() {
    let mut keys: Vec<_> = LINES.iter().map(|line| line.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), LINES.len());
}

/// Writes the clips with the espeak-ng of this machine; run it after changing the table.
#[tokio::test]
#[ignore = "writes files into the source tree"]
async fn clips_are_spoken_anew() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lines");
    for line in LINES {
        let samples = render(line).await.unwrap();
        std::fs::write(folder.join(format!("{}.ulaw", line.key)), to_mulaw(&samples)).unwrap();
    }
}
