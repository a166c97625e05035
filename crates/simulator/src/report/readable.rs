//! Reports as a person reads them at a terminal.

use std::fmt::Write;

use super::{CallReport, Spread, StreamReport, Summary, Turn};

/// One call.
pub fn call_text(report: &CallReport) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "call {}  {} → {}", report.call_sid, report.from, report.to);
    for followed in &report.path {
        let _ = writeln!(text, "  {:>7} ms  {}", followed.at_ms, followed.verb);
    }
    let _ = writeln!(text, "  {:>7} ms  ended: {}", report.duration_ms, report.ended);
    for played in &report.plays {
        let _ = writeln!(
            text,
            "played {} ms of {} ({}, {:.1} dBFS), fetched in {:.1} ms",
            played.audio_ms, played.url, played.content_type, played.level_dbfs, played.took_ms
        );
    }
    if let Some(stream) = &report.stream {
        stream_text(&mut text, stream);
    }
    for made in &report.recordings {
        let _ = writeln!(
            text,
            "recorded {} ms as {}: {}",
            made.duration_ms,
            made.recording_sid,
            made.text.join(" ")
        );
    }
    for dialled in &report.dials {
        let _ = writeln!(
            text,
            "dialled {}: {}, talked {} ms",
            dialled.number, dialled.result, dialled.talked_ms
        );
    }
    for delivery in &report.webhooks {
        let status = delivery
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let differs = if delivery.differs {
            "  ANOTHER ANSWER THAN THE FIRST COPY'S"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "webhook {:<18} {:<28} {status} in {:.1} ms{differs}",
            delivery.what, delivery.path, delivery.took_ms
        );
    }
    for noted in &report.errors {
        let _ = writeln!(text, "{:>7} ms  {}", noted.at_ms, noted.trouble);
    }
    text
}

fn stream_text(text: &mut String, stream: &StreamReport) {
    let _ = writeln!(
        text,
        "stream {}: upgraded in {:.1} ms, closed by {} ({} {})",
        stream.stream_sid,
        stream.upgrade_ms,
        stream.closed_by,
        stream
            .close_code
            .map_or_else(|| "-".to_owned(), |code| code.to_string()),
        stream.close_reason
    );
    let _ = writeln!(
        text,
        "  agent: {} ms of audio, {:.1} dBFS, first heard after {}; {} marks, {} clears, {:.0} ms dropped, {:.0} ms unheard at the end",
        stream.received_ms,
        stream.level_dbfs,
        ms(stream.first_heard_ms),
        stream.marks,
        stream.clears,
        stream.dropped_ms,
        stream.unheard_at_close_ms
    );
    let _ = writeln!(
        text,
        "  gaps over 60 ms in speech: {}, underruns: {}, parts of frames: {}",
        stream.gaps_over_60_ms, stream.underruns, stream.partial_frames
    );
    let _ = writeln!(
        text,
        "  our own frames: {} sent, late p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms{}",
        stream.frames_sent,
        stream.pace.p50_ms,
        stream.pace.p99_ms,
        stream.pace.worst_ms,
        if stream.pace.valid {
            ""
        } else {
            " – TOO LATE, figures are not valid"
        }
    );
    for turn in &stream.turns {
        turn_text(text, turn);
    }
}

fn turn_text(text: &mut String, turn: &Turn) {
    let _ = write!(text, "  turn {}: «{}»", turn.n, turn.said);
    if turn.barge_in {
        text.push_str(" (barging in)");
    }
    let _ = write!(
        text,
        " – answer after {}, {} ms of speech at {:.1} dBFS",
        ms(turn.answer_after_ms),
        turn.agent_speech_ms,
        turn.agent_level_dbfs
    );
    if turn.own_share_ms.is_some() {
        let _ = write!(text, ", own share {}", ms(turn.own_share_ms));
    }
    if turn.overlapped {
        text.push_str(", the agent did not stop");
    }
    if let Some(clear) = &turn.clear {
        let _ = write!(
            text,
            "; clear {:.0} ms after the voice began, {:.0} ms after the voice window",
            clear.after_voice_ms, clear.after_window_ms
        );
    }
    text.push('\n');
}

fn ms(value: Option<f64>) -> String {
    value.map_or_else(|| "never".to_owned(), |value| format!("{value:.0} ms"))
}

/// Many calls.
pub fn summary_text(summary: &Summary) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} calls, {} without errors; {} turns, {} unanswered; {} barge-ins",
        summary.calls, summary.clean_calls, summary.turns, summary.unanswered_turns, summary.barge_ins
    );
    let rows = [
        ("answer after (ms)", &summary.answer_after_ms),
        ("first media after (ms)", &summary.first_media_after_ms),
        ("own share (ms)", &summary.own_share_ms),
        ("clear after voice (ms)", &summary.clear_after_voice_ms),
        ("clear after window (ms)", &summary.clear_after_window_ms),
        ("webhooks (ms)", &summary.webhook_ms),
        ("socket upgrade (ms)", &summary.upgrade_ms),
    ];
    let _ = writeln!(
        text,
        "{:<26}{:>8}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "count", "mean", "p50", "p95", "p99", "worst"
    );
    for (name, spread) in rows {
        if let Some(Spread {
            count,
            mean,
            p50,
            p95,
            p99,
            worst,
        }) = spread
        {
            let _ = writeln!(
                text,
                "{name:<26}{count:>8}{mean:>9.1}{p50:>9.1}{p95:>9.1}{p99:>9.1}{worst:>9.1}"
            );
        }
    }
    let _ = writeln!(
        text,
        "underruns {}, gaps over 60 ms {}",
        summary.underruns, summary.gaps_over_60_ms
    );
    for (code, count) in &summary.errors {
        let _ = writeln!(text, "Twilio error {code}: {count} times");
    }
    for example in &summary.error_examples {
        let _ = writeln!(text, "  {example}");
    }
    let _ = writeln!(
        text,
        "generator: {} frames, late p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms – {}",
        summary.pace.frames,
        summary.pace.p50_ms,
        summary.pace.p99_ms,
        summary.pace.worst_ms,
        if summary.valid {
            "valid"
        } else {
            "INVALID, more than 5 ms late at p99"
        }
    );
    text
}
