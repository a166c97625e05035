use super::*;
use crate::{
    audio::{RATE_HZ, tone_speech},
    call::Player,
};

const MS: u64 = 1_000;

fn speech(frames: usize) -> Vec<i16> {
    let mut samples = tone_speech("אבגדהוזחטיכלמנסעפצקר", RATE_HZ);
    samples.truncate(800);
    samples.iter().copied().cycle().take(frames * FRAME_SAMPLES).collect()
}

fn hear(ears: &mut Ears, player: &mut Player, at_ms: u64, samples: &[i16]) {
    let placed = player.media(at_ms * MS, samples.len());
    ears.media(at_ms * MS, samples, placed);
}

#[test]
fn an_answer_is_measured_from_the_end_of_the_callers_voice() {
    let (mut ears, mut player) = (Ears::new(0, 200, 500), Player::default());
    ears.voice_begins(1_000 * MS, "שלום", false);
    ears.voice_ends(2_000 * MS);
    hear(&mut ears, &mut player, 2_550, &[0; 320]);
    hear(&mut ears, &mut player, 2_560, &speech(50));
    let report = ears.finish();
    let turn = &report.turns[0];
    assert_eq!(turn.first_media_after_ms, Some(550.0));
    assert_eq!(turn.answer_after_ms, Some(590.0));
    assert_eq!(turn.own_share_ms, Some(90.0));
    assert!(turn.agent_level_dbfs > -30.0 && report.level_dbfs > -30.0);
    assert!(turn.agent_speech_ms >= 900);
    assert!(!turn.overlapped);
}

#[test]
fn a_clear_is_measured_from_the_beginning_of_the_callers_voice() {
    let (mut ears, mut player) = (Ears::new(0, 200, 0), Player::default());
    hear(&mut ears, &mut player, 0, &speech(200));
    ears.voice_begins(1_000 * MS, "רגע", true);
    player.mark(1_000 * MS, "one".to_owned());
    let cleared = player.clear(1_240 * MS);
    ears.cleared(1_240 * MS, &cleared);
    assert!(ears.agent(1_241 * MS).speaking_since_us.is_none());
    ears.voice_ends(1_800 * MS);
    let report = ears.finish();
    let clear = report.turns[0].clear.as_ref().unwrap();
    assert_eq!((clear.after_voice_ms, clear.after_window_ms), (240.0, 40.0));
    assert_eq!((clear.dropped_ms, clear.marks_returned), (2_760.0, 1));
    assert!(!report.turns[0].overlapped);
}

#[test]
fn holes_in_speech_are_counted_apart_from_pauses_after_marks() {
    let (mut ears, mut player) = (Ears::new(0, 200, 0), Player::default());
    hear(&mut ears, &mut player, 0, &speech(10));
    hear(&mut ears, &mut player, 300, &speech(10));
    player.mark(301 * MS, "sentence".to_owned());
    hear(&mut ears, &mut player, 600, &speech(10));
    hear(&mut ears, &mut player, 805, &speech(10));
    let report = ears.finish();
    assert_eq!((report.underruns, report.gaps_over_60_ms), (2, 1));
    let gaps: Vec<_> = report
        .gaps
        .iter()
        .map(|gap| (gap.at_ms, gap.silent_ms, gap.after_mark))
        .collect();
    assert_eq!(gaps, [(200, 100.0, false), (500, 100.0, true)]);
}

#[test]
fn the_agent_is_heard_when_its_audio_is_played_and_not_when_it_arrives() {
    let (mut ears, mut player) = (Ears::new(0, 200, 0), Player::default());
    hear(&mut ears, &mut player, 100, &speech(50));
    assert_eq!(ears.agent(99 * MS).speaking_since_us, None);
    assert_eq!(ears.agent(600 * MS).speaking_since_us, Some(100 * MS));
    let after = ears.agent(1_200 * MS);
    assert!(after.speaking_since_us.is_none());
    assert!(after.last_heard_us.unwrap().abs_diff(1_100 * MS) <= 40 * MS);
}
