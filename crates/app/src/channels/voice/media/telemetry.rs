//! A call's fixed log lines (`WS_START`, `WS_STOP`, `turn_metrics`) and its metrics. No word of what was said.

use std::time::Duration;

use conversation::call::{Exit, Leaving, Ms, TurnRecord};

use super::driver::Facts;

/// The mode of every turn on this socket.
pub const MODE: &str = "realtime";

pub fn started(facts: &Facts, stream_sid: &str) {
    metrics::gauge!("voice_calls_in_progress").increment(1.0);
    tracing::info!(
        event = "WS_START",
        call_sid = facts.call_sid,
        business_id = facts.business_id,
        stream_sid,
        "WS_START"
    );
}

pub fn left(facts: &Facts, leaving: &Leaving, length: Duration) {
    metrics::gauge!("voice_calls_in_progress").decrement(1.0);
    let how = match leaving.how {
        Exit::Over => "over",
        Exit::ToRecording => "to_recording",
        Exit::Transfer { .. } => "transfer",
        Exit::TakenOver => "taken_over",
        Exit::HungUp => "hung_up",
    };
    metrics::counter!("voice_calls_total", "how" => how).increment(1);
    tracing::info!(
        event = "WS_STOP",
        call_sid = facts.call_sid,
        business_id = facts.business_id,
        how,
        seconds = length.as_secs(),
        "WS_STOP"
    );
}

pub fn turn(facts: &Facts, turn: &TurnRecord) {
    let latency = turn.latency;
    for (stage, value) in [
        ("audio", latency.audio_ms),
        ("nlp", latency.nlp_ms),
        ("tts", latency.tts_ms),
        ("total", latency.total_ms),
        (
            "own_and_engines",
            latency
                .total_ms
                .zip(latency.window_ms)
                .map(|(total, window)| total.saturating_sub(window)),
        ),
    ] {
        if let Some(value) = value {
            metrics::histogram!("voice_turn_seconds", "stage" => stage).record(seconds(value));
        }
    }
    tracing::info!(
        event = "turn_metrics",
        call_sid = facts.call_sid,
        business_id = facts.business_id,
        turn_id = turn.turn_id,
        t_audio_ms = latency.audio_ms,
        t_nlp_ms = latency.nlp_ms,
        t_tts_ms = latency.tts_ms,
        t_total_ms = latency.total_ms,
        t_window_ms = latency.window_ms,
        interrupted = turn.interrupted,
        mind = turn.mind.word(),
        mode = MODE,
        "turn_metrics"
    );
}

fn seconds(ms: Ms) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) / 1_000.0
}
