//! The engines of a call: ordered lists, a deadline for each, the next one within the same turn, and a pause for those
//! that keep failing.
//!
//! The engines themselves stand in `providers`; what is done with their answers is the conversation's.

pub mod health;
pub mod listen;
pub mod speak;
pub mod think;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use contracts::{Fault, llm::Delta};
use conversation::call::{GenerationId, SpeechId, ToolOutcome, UtteranceId};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

pub use health::Health;
use health::{Failure, Kind};
pub use speak::Cache;

use crate::Engines;

/// How long one engine may take before the next one is asked.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// All recognisers together, and one of them.
    pub recognition: Duration,
    pub recogniser: Duration,
    /// First word of a model, and between two.
    pub first_delta: Duration,
    pub next_delta: Duration,
    /// First audio of a voice, and between two pieces.
    pub first_audio: Duration,
    pub next_audio: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            recognition: Duration::from_millis(3_800),
            recogniser: Duration::from_millis(2_500),
            first_delta: Duration::from_millis(2_500),
            next_delta: Duration::from_millis(3_500),
            first_audio: Duration::from_millis(1_500),
            next_audio: Duration::from_millis(2_500),
        }
    }
}

/// What all calls of this process share: the engines, how they are doing, and sentences that were spoken before.
pub struct Studio {
    pub engines: Engines,
    pub deadlines: Deadlines,
    pub health: Health,
    pub cache: Cache,
}

impl Studio {
    pub fn new(engines: Engines) -> Self {
        Self {
            engines,
            deadlines: Deadlines::default(),
            health: Health::default(),
            cache: Cache::new(),
        }
    }
}

/// What engines tell a call.
#[derive(Debug)]
pub enum Told {
    Recognised {
        utterance: UtteranceId,
        text: String,
    },
    NotRecognised {
        utterance: UtteranceId,
    },
    Delta {
        generation: GenerationId,
        delta: Delta,
    },
    Done {
        generation: GenerationId,
    },
    Failed {
        generation: GenerationId,
    },
    /// Mu-law of a sentence.
    Audio {
        speech: SpeechId,
        audio: Bytes,
    },
    Spoken {
        speech: SpeechId,
    },
    Silent {
        speech: SpeechId,
    },
    Tool {
        id: String,
        outcome: ToolOutcome,
    },
}

/// One call's access to the engines. Whatever is told after the call is gone is lost, which is right.
#[derive(Clone)]
pub struct Line {
    pub studio: Arc<Studio>,
    pub told: mpsc::Sender<Told>,
}

impl Line {
    async fn tell(&self, told: Told) {
        let _ = self.told.send(told).await;
    }
}

impl Studio {
    /// Notes an engine's failure, in its health, the log and the metrics.
    fn failed(&self, kind: Kind, engine: &'static str, why: &Why) {
        self.health.failed(kind, engine, why.failure(), Instant::now());
        let (kind, word) = (kind.word(), why.word());
        metrics::counter!("voice_engine_failures_total", "kind" => kind, "engine" => engine, "why" => word)
            .increment(1);
        tracing::warn!(
            kind,
            engine,
            why = word,
            error = why.detail(),
            "an engine failed, the next one is asked"
        );
    }
}

/// What an engine answers within its deadline.
async fn within<T>(deadline: Duration, asked: impl Future<Output = Result<T, Fault>>) -> Result<T, Why> {
    match timeout(deadline, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(fault)) => Err(Why::Fault(fault)),
        Err(_) => Err(Why::Late),
    }
}

/// Why an engine did not do its work.
enum Why {
    Late,
    Fault(Fault),
}

impl Why {
    const fn word(&self) -> &'static str {
        match self {
            Self::Late => "deadline",
            Self::Fault(fault) => fault.word(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Late => None,
            Self::Fault(fault) => Some(fault.to_string()),
        }
    }

    const fn failure(&self) -> Failure {
        match self {
            Self::Late => Failure::Late,
            Self::Fault(_) => Failure::Refused,
        }
    }
}
