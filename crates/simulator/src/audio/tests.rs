use super::*;

fn sine(hz: f64, rate_hz: u32, ms: u32) -> Vec<i16> {
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    (0..ms * rate_hz / 1_000)
        .map(|n| numbers::to_sample(numbers::to_f32((f64::from(n) * step).sin() * 10_000.0)))
        .collect()
}

#[test]
fn mulaw_there_and_back_keeps_speech() {
    let before = sine(300.0, RATE_HZ, 100);
    let after = from_mulaw(&to_mulaw(&before));
    let noise: Vec<i16> = before.iter().zip(&after).map(|(a, b)| a - b).collect();
    assert!(rms_dbfs(&before) - rms_dbfs(&noise) > 30.0);
    assert_eq!(to_mulaw(&[0]), [MULAW_SILENCE]);
}

#[test]
fn resampling_keeps_a_tone_and_drops_what_a_phone_cannot_carry() {
    let low = resample(&sine(1_000.0, 24_000, 200), 24_000, RATE_HZ);
    assert_eq!(duration_ms(low.len()), 200);
    assert!((rms_dbfs(&low) - rms_dbfs(&sine(1_000.0, RATE_HZ, 200))).abs() < 0.5);
    let high = resample(&sine(6_000.0, 24_000, 200), 24_000, RATE_HZ);
    assert!(rms_dbfs(&high) < -45.0, "{}", rms_dbfs(&high));
}

#[test]
fn a_wav_is_read_as_it_was_written() {
    let tone = sine(440.0, RATE_HZ, 300);
    let decoded = decode(&mono(&tone, RATE_HZ).unwrap()).unwrap();
    assert_eq!((decoded.source_rate_hz, decoded.source_channels), (RATE_HZ, 1));
    assert_eq!(decoded.samples.len(), tone.len());
    let both = decode(&stereo(&tone, &tone[..100], RATE_HZ).unwrap()).unwrap();
    assert_eq!((both.source_channels, both.samples.len()), (2, tone.len()));
}

#[test]
fn an_mp3_of_ours_is_read_back_with_its_shape() {
    let said = tone_speech("אפשר לדבר עם מישהו בבקשה", RATE_HZ);
    let file = mp3(&said).unwrap();
    let back = decode(&file).unwrap();
    let (before, after) = (duration_ms(said.len()), duration_ms(back.samples.len()));
    assert!(after.abs_diff(before) < 250, "{before} ms became {after} ms");
    assert!((rms_dbfs(&said) - rms_dbfs(&back.samples)).abs() < 2.0);
    assert!(Envelope::of(&back.samples).find(&Envelope::of(&said)).is_some());
}

#[test]
fn what_is_no_audio_is_refused() {
    assert!(decode(b"<html>not found</html>").is_err());
    assert!(decode(&[]).is_err());
}

#[test]
fn the_voiced_part_is_found() {
    let mut samples = vec![0; FRAME_SAMPLES * 5];
    samples.extend(sine(300.0, RATE_HZ, 200));
    samples.resize(samples.len() + FRAME_SAMPLES * 3, 0);
    assert_eq!(voiced_span(&samples), Some((FRAME_SAMPLES * 5, FRAME_SAMPLES * 15)));
    assert_eq!(voiced_span(&[0; 800]), None);
}

#[test]
fn percentiles_are_values_that_occurred() {
    let sorted: Vec<u64> = (1..=100).collect();
    assert_eq!(percentile(&sorted, 0.5), Some(51));
    assert_eq!(percentile(&sorted, 0.99), Some(99));
    assert_eq!(percentile::<u64>(&[], 0.5), None);
}

mod envelopes {
    use super::*;

    fn words(text: &str) -> Vec<i16> {
        tone_speech(text, RATE_HZ)
    }

    fn padded(before: usize, samples: &[i16], after: usize) -> Vec<i16> {
        let mut all = vec![0; before];
        all.extend_from_slice(samples);
        all.resize(all.len() + after, 0);
        all
    }

    #[test]
    fn an_utterance_is_found_with_silence_around_it() {
        let said = words("שלום קוראים לי דנה כהן");
        let heard = padded(4_000, &from_mulaw(&to_mulaw(&said)), 6_000);
        let found = Envelope::of(&heard).find(&Envelope::of(&said)).unwrap();
        assert_eq!((found.heard_from, found.known_from), (25, 0));
        assert!(found.score > 0.9);
    }

    #[test]
    fn half_of_an_utterance_is_found_as_its_half() {
        let said = words("אני רוצה לקבוע פגישה ליום ראשון בבוקר");
        let heard = padded(1_600, &said[..said.len() / 2], 3_200);
        let found = Envelope::of(&heard).find(&Envelope::of(&said)).unwrap();
        assert_eq!(found.known_from, 0);
    }

    #[test]
    fn silence_noise_and_another_utterance_are_not_it() {
        let known = Envelope::of(&words("אפשר לקבל הצעת מחיר לשיפוץ"));
        assert_eq!(Envelope::of(&vec![0; 16_000]).find(&known), None);
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..24_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                i16::try_from(seed >> 18).unwrap() - 8_192
            })
            .collect();
        assert_eq!(Envelope::of(&noise).find(&known), None);
        let other = Envelope::of(&words("כן")).find(&known);
        assert!(other.is_none_or(|found| found.score < 0.9), "{other:?}");
    }
}
