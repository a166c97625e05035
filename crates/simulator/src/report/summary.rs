//! Many calls in one table: percentiles over all turns, and whether the generator kept its own pace.

use serde::Serialize;

use super::{CallReport, Pace, PaceReport};
use crate::audio::{percentile, to_f64};

/// Gathers calls without keeping them.
#[derive(Debug, Default)]
pub struct Gathering {
    calls: usize,
    clean: usize,
    turns: usize,
    unanswered_turns: usize,
    answer_ms: Vec<f64>,
    first_media_ms: Vec<f64>,
    own_share_ms: Vec<f64>,
    clear_after_voice_ms: Vec<f64>,
    clear_after_window_ms: Vec<f64>,
    barge_ins: usize,
    webhook_ms: Vec<f64>,
    upgrade_ms: Vec<f64>,
    level_dbfs: Vec<f64>,
    underruns: u64,
    gaps: u64,
    errors: std::collections::BTreeMap<u32, usize>,
    examples: Vec<String>,
    pace: Pace,
}

/// Percentiles in milliseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Spread {
    pub count: usize,
    pub mean: f64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub worst: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub calls: usize,
    /// Calls without anything that Twilio would call an error.
    pub clean_calls: usize,
    pub turns: usize,
    pub unanswered_turns: usize,
    /// From the end of the caller's voice to the first audible sound of the answer.
    pub answer_after_ms: Option<Spread>,
    pub first_media_after_ms: Option<Spread>,
    /// `answer_after_ms` less the end-of-turn silence window, when that was given.
    pub own_share_ms: Option<Spread>,
    pub barge_ins: usize,
    pub clear_after_voice_ms: Option<Spread>,
    pub clear_after_window_ms: Option<Spread>,
    pub webhook_ms: Option<Spread>,
    pub upgrade_ms: Option<Spread>,
    pub agent_level_dbfs: Option<Spread>,
    pub underruns: u64,
    pub gaps_over_60_ms: u64,
    /// How often each of Twilio's errors occurred, without the warning that the server closed the stream.
    pub errors: std::collections::BTreeMap<u32, usize>,
    pub error_examples: Vec<String>,
    pub pace: PaceReport,
    /// False when the generator itself was late, so that the figures prove nothing.
    pub valid: bool,
}

const MOST_EXAMPLES: usize = 10;

impl Gathering {
    pub fn add(&mut self, report: &CallReport, pace: &Pace) {
        self.calls += 1;
        self.clean += usize::from(report.is_clean());
        self.pace.add(pace);
        self.webhook_ms
            .extend(report.webhooks.iter().filter(|d| d.status.is_some()).map(|d| d.took_ms));
        for noted in &report.errors {
            if noted.trouble.code == crate::twilio::trouble::STREAM_CLOSED {
                continue;
            }
            *self.errors.entry(noted.trouble.code).or_default() += 1;
            if self.examples.len() < MOST_EXAMPLES {
                self.examples
                    .push(format!("{} at {} ms: {}", report.call_sid, noted.at_ms, noted.trouble));
            }
        }
        let Some(stream) = &report.stream else { return };
        self.upgrade_ms.push(stream.upgrade_ms);
        self.underruns += stream.underruns;
        self.gaps += stream.gaps_over_60_ms;
        if stream.received_ms > 0 {
            self.level_dbfs.push(stream.level_dbfs);
        }
        for turn in &stream.turns {
            self.turns += 1;
            self.barge_ins += usize::from(turn.barge_in);
            if let Some(clear) = &turn.clear {
                self.clear_after_voice_ms.push(clear.after_voice_ms);
                self.clear_after_window_ms.push(clear.after_window_ms);
            }
            if turn.overlapped {
                continue;
            }
            self.unanswered_turns += usize::from(turn.answer_after_ms.is_none());
            self.answer_ms.extend(turn.answer_after_ms);
            self.first_media_ms.extend(turn.first_media_after_ms);
            self.own_share_ms.extend(turn.own_share_ms);
        }
    }

    pub fn finish(self) -> Summary {
        let pace = self.pace.report();
        Summary {
            calls: self.calls,
            clean_calls: self.clean,
            turns: self.turns,
            unanswered_turns: self.unanswered_turns,
            answer_after_ms: spread(self.answer_ms),
            first_media_after_ms: spread(self.first_media_ms),
            own_share_ms: spread(self.own_share_ms),
            barge_ins: self.barge_ins,
            clear_after_voice_ms: spread(self.clear_after_voice_ms),
            clear_after_window_ms: spread(self.clear_after_window_ms),
            webhook_ms: spread(self.webhook_ms),
            upgrade_ms: spread(self.upgrade_ms),
            agent_level_dbfs: spread(self.level_dbfs),
            underruns: self.underruns,
            gaps_over_60_ms: self.gaps,
            errors: self.errors,
            error_examples: self.examples,
            valid: pace.valid,
            pace,
        }
    }
}

fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share| percentile(&values, share);
    Some(Spread {
        count: values.len(),
        mean: values.iter().sum::<f64>() / to_f64(values.len()),
        p50: at(0.5)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        worst: at(1.0)?,
    })
}
