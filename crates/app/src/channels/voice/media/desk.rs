//! What a running call asks of the rest of the product: keep a turn, run a tool, note how it ended.
//!
//! A trait, so that the driver is tested without a database.

use std::path::PathBuf;

use async_trait::async_trait;
use contracts::llm::ToolCall;
use conversation::call::{Leaving, Speaker, ToolOutcome, TurnId, TurnRecord};
use kernel::{Phone, Pii};

/// A piece of the transcript for whoever watches.
#[derive(Clone, Debug)]
pub struct Part {
    pub turn_id: TurnId,
    pub speaker: Speaker,
    pub text: String,
    pub is_final: bool,
}

#[async_trait]
pub trait Desk: Send + Sync {
    async fn heard(&self, part: Part);
    async fn save_turn(&self, turn: TurnRecord);
    async fn run_tool(&self, call: ToolCall) -> ToolOutcome;
    async fn link_caller(&self, phone: Pii<Phone>);
    /// How loud both sides are, 0 to 1.
    fn level(&self, caller: f32, agent: f32);
    /// The last thing before the socket closes: what comes next on the line depends on it.
    async fn leave(&self, leaving: Leaving);
    /// The finished recording of the call, which is taken over from here.
    async fn keep_recording(&self, file: PathBuf);
}
