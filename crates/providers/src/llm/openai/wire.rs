//! OpenAI's form of a chat completion (API reference, «Create chat completion» and its streaming chunks).

use contracts::{
    Fault,
    llm::{Message, Prompt, ToolSpec},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
pub(super) struct Request {
    model: String,
    messages: Vec<Value>,
    stream: bool,
    stream_options: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    /// OpenAI's own name for the limit, which its newer models insist on.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    /// The older name, which every compatible server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

impl Request {
    pub(super) fn new(model: &str, prompt: Prompt, openai_itself: bool) -> Self {
        let system = json!({"role": "system", "content": prompt.system});
        let messages = std::iter::once(system)
            .chain(prompt.messages.into_iter().map(message))
            .collect();
        Self {
            model: model.to_owned(),
            messages,
            stream: true,
            stream_options: json!({"include_usage": true}),
            tools: prompt.tools.iter().map(tool).collect(),
            max_completion_tokens: openai_itself.then_some(prompt.max_tokens),
            max_tokens: (!openai_itself).then_some(prompt.max_tokens),
        }
    }
}

fn message(message: Message) -> Value {
    match message {
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::System(text) => json!({"role": "system", "content": text}),
        Message::ToolResult { call_id, content } => {
            json!({"role": "tool", "tool_call_id": call_id, "content": content})
        }
        Message::Assistant { text, tool_calls } if tool_calls.is_empty() => {
            json!({"role": "assistant", "content": text})
        }
        Message::Assistant { text, tool_calls } => {
            let calls: Vec<Value> = tool_calls
                .into_iter()
                .map(|call| {
                    json!({"id": call.id, "type": "function",
                           "function": {"name": call.name, "arguments": call.arguments.to_string()}})
                })
                .collect();
            let content = if text.is_empty() { Value::Null } else { text.into() };
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
    }
}

fn tool(tool: &ToolSpec) -> Value {
    json!({"type": "function",
           "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}})
}

/// One event of the stream.
#[derive(Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub choices: Vec<Choice>,
    #[serde(default)]
    pub usage: Option<Usage>,
    /// Sent instead of choices when it breaks in the middle.
    #[serde(default)]
    pub error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub delta: Delta,
    #[serde(default)]
    pub finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub content: Option<String>,
    #[serde(default)]
    pub tool_calls: Option<Vec<ToolCallPiece>>,
}

#[derive(Deserialize)]
pub(super) struct ToolCallPiece {
    /// Left out by some servers that make one call only.
    #[serde(default)]
    pub index: u32,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub function: Option<FunctionPiece>,
}

#[derive(Deserialize)]
pub(super) struct FunctionPiece {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub arguments: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub prompt_tokens: u32,
    #[serde(default)]
    pub completion_tokens: u32,
}

pub(super) fn chunk(data: &str) -> Result<Chunk, Fault> {
    // The parser's message would quote the answer.
    serde_json::from_str(data).map_err(|error| Fault::Unknown(format!("unreadable piece: {:?}", error.classify())))
}
