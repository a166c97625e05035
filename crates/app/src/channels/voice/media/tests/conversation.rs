//! A spoken exchange, an interruption, and what is left of them.

use std::time::Duration;

use conversation::call::{Command, Exit, Mind};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::stage::*;

const LONG: &str = "אנחנו פתוחים בימים ראשון עד חמישי מתשע עד שש. בימי שישי אנחנו פתוחים מתשע ועד אחת בצהריים.";

#[tokio::test]
async fn a_question_is_answered_in_whole_frames_without_gaps_and_recorded_on_both_sides() {
    let mut stage = Stage::open(engines(&["עד מתי פתוח?"], "פתוח עד שש בערב.")).await;
    stage.line.listen(300).await;
    stage.line.speak(voice(), 1_500).await;
    stage.line.listen(3_500).await;
    stage
        .line
        .send(json!({"event":"stop","streamSid":STREAM,"stop":{"callSid":"CA1"}}))
        .await;
    assert_eq!(stage.line.closing().await.0, CloseCode::Normal);

    let turns = stage.turns();
    assert_eq!(turns.len(), 1, "{turns:?}");
    let turn = &turns[0];
    assert_eq!(turn.caller_text.as_deref(), Some("עד מתי פתוח?"));
    assert_eq!(turn.agent_text, "פתוח עד שש בערב.");
    assert_eq!(turn.mind, Mind::Model);
    let own_ms = turn.latency.total_ms.expect("timed") - turn.latency.window_ms.expect("timed");
    assert!(own_ms < 150, "{turn:?}");
    assert_eq!(stage.line.gaps, 0);
    assert_eq!(stage.line.heard.len(), 16 * 480, "all of it was heard");
    assert_eq!(
        stage
            .notebook
            .left
            .lock()
            .expect("left")
            .as_ref()
            .map(|left| left.how.clone()),
        Some(Exit::HungUp)
    );

    let (caller, agent) = stage.recorded().await;
    let loud = |samples: &[i16]| samples.iter().filter(|sample| sample.abs() > 3_000).count();
    assert!(
        loud(&caller) > 1_000 && loud(&agent) > 6_000,
        "{} {}",
        loud(&caller),
        loud(&agent)
    );
    let first = agent
        .iter()
        .position(|sample| sample.abs() > 3_000)
        .expect("the agent speaks");
    let noted = usize::try_from(turn.agent_from_ms.expect("noted") * 8).expect("a place");
    assert!(first.abs_diff(noted) <= 320, "{first} {noted}");
}

#[tokio::test]
async fn voice_over_the_agent_clears_the_line_and_the_rest_is_not_sent() {
    let mut stage = Stage::open(engines(&["מתי פתוח?", "רגע, ומחר?"], LONG)).await;
    stage.line.speak(voice(), 1_000).await;
    stage.line.listen(1_800).await;
    assert!(stage.line.clears.is_empty());
    let began = tokio::time::Instant::now();
    stage.line.speak(voice(), 700).await;
    let cleared = *stage.line.clears.first().expect("a clear");
    // 200 ms of voice, and as long as the clip takes to be loud.
    assert!(cleared - began < Duration::from_millis(420), "{:?}", cleared - began);
    let (last, _) = *stage.line.media_at.last().expect("audio");
    assert!(last <= cleared + Duration::from_millis(5), "nothing after the clear");
    stage.line.listen(1_500).await;
    let turn = &stage.turns()[0];
    assert!(
        turn.interrupted && LONG.starts_with(&turn.agent_text) && !turn.agent_text.is_empty(),
        "{turn:?}"
    );
    assert!(turn.agent_text.chars().count() < 40, "{turn:?}");
    assert!(
        stage.line.media_at.last().expect("audio").0 > cleared,
        "the next answer is heard"
    );
}

#[tokio::test]
async fn the_lead_over_what_is_played_stays_bounded() {
    let mut stage = Stage::open(engines(&["מתי פתוח?"], LONG)).await;
    stage.line.speak(voice(), 800).await;
    stage.line.listen(4_000).await;
    let (first, _) = *stage.line.media_at.first().expect("audio");
    let mut sent_ms = 0;
    for (at, bytes) in &stage.line.media_at {
        sent_ms += bytes / 8;
        let played_ms = usize::try_from((*at - first).as_millis()).expect("ms");
        assert!(sent_ms <= played_ms + 400, "{sent_ms} ms sent after {played_ms} ms");
    }
    assert_eq!(stage.line.gaps, 0);
}

#[tokio::test]
async fn a_person_s_hang_up_reaches_the_running_call() {
    let mut stage = Stage::open(engines(&[], "")).await;
    stage.line.listen(200).await;
    stage.commands.send(Command::HangUp).await.expect("taken");
    assert_eq!(stage.line.closing().await.0, CloseCode::Normal);
}
