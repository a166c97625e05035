use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use contracts::tts::Gender;
use providers::tts::espeak::{Espeak, PROGRAM};

use crate::{
    conformance::tts::{speech, spoken},
    espeak_version, level,
};

#[tokio::test]
async fn a_clip_is_played_without_the_program() {
    static CLIP: [u8; 4] = [0x80, 0xff, 0x00, 0x7f];
    let engine = Espeak::new("/nowhere/espeak-ng");
    let mut said = speech("שלום");
    said.clip = Some(&CLIP);
    let samples = spoken(&engine, said).await.unwrap();
    assert_eq!(samples, CLIP.map(decode_ulaw));
    assert_eq!(encode_ulaw(samples[0]), CLIP[0]);
}

#[tokio::test]
async fn a_missing_program_is_a_missing_setting() {
    let fault = spoken(&Espeak::new("/nowhere/espeak-ng"), speech("שלום"))
        .await
        .unwrap_err();
    assert_eq!(fault.word(), "misconfigured");
    assert!(Espeak::new("/nowhere/espeak-ng").version().await.is_none());
}

#[tokio::test]
async fn a_program_that_hangs_or_fails_is_given_up() {
    // `sleep` takes none of the arguments, `cat` reads for ever what nobody writes.
    let fault = spoken(&Espeak::new("/bin/false"), speech("שלום")).await.unwrap_err();
    assert!(matches!(fault.word(), "rejected" | "unknown"), "{fault}");
    let script = tempfile::tempdir().unwrap();
    let path = script.path().join("hangs");
    std::fs::write(&path, "#!/bin/sh\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let began = tokio::time::Instant::now();
    let fault = spoken(&Espeak::new(path), speech("שלום")).await.unwrap_err();
    assert_eq!(fault.word(), "unknown");
    assert!(began.elapsed() < crate::conformance::PATIENCE);
}

#[tokio::test]
async fn phonemes_are_spoken_audibly_by_both_speakers() {
    if espeak_version().await.is_none() {
        return;
    }
    let engine = Espeak::new(PROGRAM);
    let mut voices = Vec::new();
    for gender in [Gender::Feminine, Gender::Masculine] {
        let mut said = speech("שלום, מה שלומך?");
        said.phonemes = Some("Sal'om, m'a SlomX'a?".to_owned());
        said.gender = gender;
        let samples = spoken(&engine, said).await.unwrap();
        assert!((8_000..24_000).contains(&samples.len()), "{}", samples.len());
        assert!((1_000.0..9_000.0).contains(&level(&samples)), "{}", level(&samples));
        voices.push(samples);
    }
    assert_ne!(voices[0], voices[1]);
}

#[tokio::test]
async fn free_hebrew_text_is_spoken_as_a_last_resort() {
    if espeak_version().await.is_none() {
        return;
    }
    let samples = spoken(&Espeak::new(PROGRAM), speech("המחיר הוא 250 שקלים. להתראות!"))
        .await
        .unwrap();
    assert!(samples.len() > 16_000, "{}", samples.len());
    let english = spoken(&Espeak::new(PROGRAM), speech("Good morning")).await.unwrap();
    assert!(english.len() > 4_000, "{}", english.len());
}

#[tokio::test]
async fn many_sentences_at_once_are_all_spoken() {
    if espeak_version().await.is_none() {
        return;
    }
    let engine = Espeak::new(PROGRAM);
    let spoken = futures::future::join_all((0..24).map(|_| engine.render("tod'a Rab'a.", Gender::Feminine))).await;
    assert!(spoken.iter().all(Result::is_ok));
}
