//! How loudness moves over time, and where one recording is heard inside another. That is enough to know which of a few
//! known utterances somebody received, and how much of it, whatever the encoding in between did to the samples.

use super::{FRAME_SAMPLES, level::rms_dbfs, numbers::to_f64};

pub const FRAME_MS: u64 = 20;
/// Quieter than this counts as nothing, so that the line's noise has no shape.
const FLOOR_DBFS: f64 = -50.0;
/// Fewer frames in common say nothing: 200 ms.
const LEAST_OVERLAP: usize = 10;
/// How alike two shapes must be (a correlation, 1 is the same).
const LIKE_ENOUGH: f64 = 0.75;
/// How much of what was heard must be explained by the part that fits.
const EXPLAINED_ENOUGH: f64 = 0.25;

/// Loudness above the floor in decibels, one value per 20 ms.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope(Vec<f64>);

/// Where a known utterance was heard. All in frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub heard_from: usize,
    pub heard_to: usize,
    pub known_from: usize,
    pub known_to: usize,
    /// How well it fits and how much it explains; larger is better.
    pub score: f64,
}

impl Envelope {
    /// Of 8 kHz samples.
    pub fn of(samples: &[i16]) -> Self {
        Self(
            samples
                .chunks(FRAME_SAMPLES)
                .map(|frame| (rms_dbfs(frame) - FLOOR_DBFS).max(0.0))
                .collect(),
        )
    }

    pub const fn frames(&self) -> usize {
        self.0.len()
    }

    /// How many frames hold a voice.
    pub fn voiced(&self) -> usize {
        self.0.iter().filter(|level| **level > 0.0).count()
    }

    /// Takes out what has been explained.
    pub fn silence(&mut self, from: usize, to: usize) {
        self.0.iter_mut().take(to).skip(from).for_each(|level| *level = 0.0);
    }

    /// Where `known`, or a part of it, is heard in this.
    pub fn find(&self, known: &Self) -> Option<Found> {
        // Silence around what was heard may stand where the known utterance goes on, when only a part came through.
        let voiced = |level: &f64| *level > 0.0;
        let begin = self.0.iter().position(voiced)?;
        let end = self.0.iter().rposition(voiced)? + 1;
        let inner = self.0.get(begin..end)?;
        let (heard_len, known_len) = (inner.len(), known.0.len());
        let total: f64 = inner.iter().sum();
        if heard_len < LEAST_OVERLAP || known_len < LEAST_OVERLAP || total <= 0.0 {
            return None;
        }
        // `shift` is the place of the heard recording's beginning, counted from the known one's end.
        (LEAST_OVERLAP..=heard_len + known_len - LEAST_OVERLAP)
            .filter_map(|shift| {
                let heard_from = shift.saturating_sub(known_len);
                let known_from = known_len.saturating_sub(shift);
                let length = (heard_len - heard_from).min(known_len - known_from);
                let heard = inner.get(heard_from..heard_from + length)?;
                let there = known.0.get(known_from..known_from + length)?;
                let likeness = correlation(heard, there)?;
                let explained = heard.iter().sum::<f64>() / total;
                (likeness >= LIKE_ENOUGH && explained >= EXPLAINED_ENOUGH).then_some(Found {
                    heard_from: begin + heard_from,
                    heard_to: begin + heard_from + length,
                    known_from,
                    known_to: known_from + length,
                    score: likeness * explained,
                })
            })
            .max_by(|a, b| a.score.total_cmp(&b.score))
    }
}

/// Pearson's; `None` for too little or for something flat.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() < LEAST_OVERLAP {
        return None;
    }
    let count = to_f64(a.len());
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut cross, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        cross += (x - mean_a) * (y - mean_b);
        square_a += (x - mean_a).powi(2);
        square_b += (y - mean_b).powi(2);
    }
    let scale = (square_a * square_b).sqrt();
    // Flat on one side: noise has no shape to compare.
    (square_a / count > 4.0 && square_b / count > 4.0).then(|| cross / scale)
}
