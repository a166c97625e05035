//! Language models that answer in a conversation, streamed, with tools.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;

use crate::Fault;

/// One call of a tool that the model asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// Parsed arguments; `Null` when the model wrote something that is not JSON.
    pub arguments: Value,
}

/// What was said so far, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    User(String),
    Assistant {
        text: String,
        tool_calls: Vec<ToolCall>,
    },
    ToolResult {
        call_id: String,
        content: String,
    },
    /// An instruction in the middle of the conversation (a person's whisper, «you were interrupted»).
    System(String),
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    pub name: &'static str,
    pub description: &'static str,
    /// JSON Schema of the arguments.
    pub parameters: Value,
}

#[derive(Clone, Debug)]
pub struct Prompt {
    pub system: String,
    pub messages: Vec<Message>,
    pub tools: Vec<ToolSpec>,
    pub max_tokens: u32,
}

/// A piece of the model's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    Text(String),
    /// A whole tool call, once its arguments are complete.
    ToolCall(ToolCall),
    /// Tokens spent, when the engine says so; at most once, last.
    Usage {
        input_tokens: u32,
        output_tokens: u32,
    },
}

pub type Deltas = BoxStream<'static, Result<Delta, Fault>>;

#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The name used in `LLM_ORDER`.
    fn name(&self) -> &'static str;

    /// Begins an answer. Dropping the stream stops the generation.
    async fn answer(&self, prompt: Prompt) -> Result<Deltas, Fault>;
}
