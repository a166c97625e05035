//! The language model's form: `POST /v1/chat/completions` of OpenAI's API, streamed or whole. What is answered is decided
//! by the receptionist.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State as Extract,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, receptionist};

const MODEL: &str = "receptionist";
/// A real model's clock is not needed; every answer is made at the same second.
const CREATED: u64 = 1_763_000_000;

static ANSWERS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Deserialize)]
pub struct Request {
    pub model: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub tools: Vec<Tool>,
    #[serde(default)]
    pub stream: bool,
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
}

#[derive(Debug, Deserialize)]
pub struct StreamOptions {
    #[serde(default)]
    pub include_usage: bool,
}

#[derive(Debug, Default, Deserialize)]
pub struct Message {
    pub role: String,
    #[serde(default)]
    pub content: Option<Value>,
    #[serde(default)]
    pub tool_calls: Vec<Called>,
}

#[derive(Debug, Deserialize)]
pub struct Called {
    pub function: Function,
}

#[derive(Debug, Deserialize)]
pub struct Function {
    pub name: String,
    #[serde(default)]
    pub arguments: String,
}

#[derive(Debug, Deserialize)]
pub struct Tool {
    pub function: Named,
}

#[derive(Debug, Deserialize)]
pub struct Named {
    pub name: String,
}

impl Message {
    /// The text, whichever of its two forms it has.
    pub fn text(&self) -> String {
        match &self.content {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(parts)) => {
                let texts: Vec<_> = parts.iter().filter_map(|part| part.get("text")?.as_str()).collect();
                texts.join(" ")
            }
            _ => String::new(),
        }
    }
}

/// What the model answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub text: String,
    /// Tools to be called, with their arguments.
    pub calls: Vec<(&'static str, Value)>,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/models", get(models))
}

async fn models() -> Json<Value> {
    Json(
        json!({"object": "list", "data": [{"id": MODEL, "object": "model", "created": CREATED, "owned_by": "simulator"}]}),
    )
}

async fn complete(Extract(_state): Extract<Shared>, Json(request): Json<Request>) -> Response {
    if request.messages.is_empty() || request.model.is_empty() {
        let error = json!({"error": {"message": "model and messages are required", "type": "invalid_request_error"}});
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let answer = receptionist::answer(&request);
    tracing::debug!(?answer, "thought");
    let number = ANSWERS.fetch_add(1, Ordering::Relaxed);
    if request.stream {
        let usage = request
            .stream_options
            .as_ref()
            .is_some_and(|options| options.include_usage);
        let events = events(&answer, number, usage).into_iter().map(Ok::<_, Infallible>);
        (
            [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")],
            Body::from_stream(stream::iter(events)),
        )
            .into_response()
    } else {
        Json(whole(&answer, number)).into_response()
    }
}

/// The stream's events in their order, each with its `data:`.
pub fn events(answer: &Answer, number: u64, usage: bool) -> Vec<String> {
    let id = format!("chatcmpl-{number}");
    let chunk = |delta: Value, finish: Value| {
        json!({
            "id": id, "object": "chat.completion.chunk", "created": CREATED, "model": MODEL,
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        })
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    for word in answer.text.split_inclusive(' ') {
        chunks.push(chunk(json!({"content": word}), Value::Null));
    }
    for (index, (name, arguments)) in (0usize..).zip(&answer.calls) {
        let call_id = format!("call_{number}_{index}");
        let begin =
            json!({"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}});
        chunks.push(chunk(json!({"tool_calls": [begin]}), Value::Null));
        // Arguments come in pieces that are no JSON by themselves.
        for piece in halves(&arguments.to_string()) {
            let part = json!({"index": index, "function": {"arguments": piece}});
            chunks.push(chunk(json!({"tool_calls": [part]}), Value::Null));
        }
    }
    chunks.push(chunk(json!({}), finish(answer)));
    if usage {
        chunks.push(json!({
            "id": id, "object": "chat.completion.chunk", "created": CREATED, "model": MODEL, "choices": [],
            "usage": tokens(answer),
        }));
    }
    chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect()
}

fn halves(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (first, second) = characters.split_at(characters.len() / 2);
    vec![first.iter().collect(), second.iter().collect()]
}

fn finish(answer: &Answer) -> Value {
    if answer.calls.is_empty() {
        "stop".into()
    } else {
        "tool_calls".into()
    }
}

fn tokens(answer: &Answer) -> Value {
    let words = answer.text.split(' ').count();
    json!({"prompt_tokens": 100, "completion_tokens": words, "total_tokens": 100 + words})
}

fn whole(answer: &Answer, number: u64) -> Value {
    let calls: Vec<_> = (0usize..)
        .zip(&answer.calls)
        .map(|(index, (name, arguments))| {
            json!({"id": format!("call_{number}_{index}"), "type": "function",
                   "function": {"name": name, "arguments": arguments.to_string()}})
        })
        .collect();
    let mut message = json!({"role": "assistant", "content": answer.text});
    if let Some(message) = message.as_object_mut().filter(|_| !calls.is_empty()) {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    json!({
        "id": format!("chatcmpl-{number}"), "object": "chat.completion", "created": CREATED, "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish(answer)}],
        "usage": tokens(answer),
    })
}
