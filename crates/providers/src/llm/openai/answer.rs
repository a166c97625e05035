//! Puts an answer together from the pieces of its stream. No network here.

use std::collections::VecDeque;

use contracts::{
    Fault,
    llm::{Delta, ToolCall},
};
use serde_json::Value;

use super::wire::{self, ToolCallPiece, Usage};
use crate::limits;

/// What came so far and is not given on yet.
#[derive(Default)]
pub(super) struct Answer {
    calls: Vec<Unfinished>,
    usage: Option<Usage>,
    /// It said itself that it is complete.
    complete: bool,
    ready: VecDeque<Delta>,
}

#[derive(Default)]
struct Unfinished {
    index: u32,
    id: String,
    name: String,
    arguments: String,
}

impl Answer {
    /// Takes one event's data in. True when it was the last.
    pub(super) fn take(&mut self, data: &str) -> Result<bool, Fault> {
        if data.trim() == "[DONE]" {
            self.complete = true;
            return Ok(true);
        }
        let chunk = wire::chunk(data)?;
        if chunk.error.is_some() {
            return Err(Fault::Unknown("the model broke off".to_owned()));
        }
        self.usage = chunk.usage.or(self.usage);
        for choice in chunk.choices {
            if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
                self.ready.push_back(Delta::Text(text));
            }
            for piece in choice.delta.tool_calls.unwrap_or_default() {
                self.add(piece)?;
            }
            if choice.finish_reason.is_some() {
                self.complete = true;
                self.release_calls();
            }
        }
        Ok(false)
    }

    pub(super) fn next_ready(&mut self) -> Option<Delta> {
        self.ready.pop_front()
    }

    /// When the stream is over: what is left, or that it was cut off.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        if !self.complete {
            return Err(Fault::Unknown("the answer broke off".to_owned()));
        }
        self.release_calls();
        if let Some(usage) = self.usage.take() {
            self.ready.push_back(Delta::Usage {
                input_tokens: usage.prompt_tokens,
                output_tokens: usage.completion_tokens,
            });
        }
        Ok(())
    }

    fn add(&mut self, piece: ToolCallPiece) -> Result<(), Fault> {
        let endless = || Fault::Unknown("tool calls without end".to_owned());
        let at = self.place(piece.index, piece.id.unwrap_or_default());
        let call = self.calls.get_mut(at).ok_or_else(endless)?;
        if let Some(function) = piece.function {
            // A name comes whole; some servers repeat it with every piece.
            if let Some(name) = function.name.filter(|name| !name.is_empty()) {
                call.name = name;
            }
            call.arguments.push_str(&function.arguments.unwrap_or_default());
        }
        if call.arguments.len() > limits::LLM_ARGUMENT_BYTES || self.calls.len() > limits::LLM_TOOL_CALLS {
            return Err(endless());
        }
        Ok(())
    }

    /// Where the call of a piece stands. Some servers give every call the index 0: another id is another call.
    fn place(&mut self, index: u32, id: String) -> usize {
        let same = |call: &Unfinished| call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id);
        let at = self.calls.iter().rposition(same).unwrap_or(self.calls.len());
        match self.calls.get_mut(at) {
            Some(call) if call.id.is_empty() => call.id = id,
            Some(_) => {}
            None => self.calls.push(Unfinished {
                index,
                id,
                ..Unfinished::default()
            }),
        }
        at
    }

    fn release_calls(&mut self) {
        for (index, call) in std::mem::take(&mut self.calls).into_iter().enumerate() {
            let arguments = if call.arguments.trim().is_empty() {
                Value::Object(serde_json::Map::new())
            } else {
                serde_json::from_str(&call.arguments).unwrap_or(Value::Null)
            };
            let id = if call.id.is_empty() {
                format!("call_{index}")
            } else {
                call.id
            };
            self.ready.push_back(Delta::ToolCall(ToolCall {
                id,
                name: call.name,
                arguments,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(events: &[&str]) -> Result<Vec<Delta>, Fault> {
        let mut answer = Answer::default();
        for event in events {
            if answer.take(event)? {
                break;
            }
        }
        answer.close()?;
        Ok(std::iter::from_fn(|| answer.next_ready()).collect())
    }

    #[test]
    fn two_calls_are_put_together_from_interleaved_pieces() {
        let deltas = all(&[
            r#"{"choices":[{"delta":{"content":"רגע"}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"save_contact","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"name\":\"ד"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"end_call","arguments":"{"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"נה\"}"}}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
            "[DONE]",
        ])
        .unwrap();
        assert_eq!(
            deltas,
            [
                Delta::Text("רגע".to_owned()),
                Delta::ToolCall(ToolCall {
                    id: "a".into(),
                    name: "save_contact".into(),
                    arguments: json!({"name": "דנה"})
                }),
                // Its arguments were never JSON.
                Delta::ToolCall(ToolCall {
                    id: "b".into(),
                    name: "end_call".into(),
                    arguments: Value::Null
                }),
                Delta::Usage {
                    input_tokens: 7,
                    output_tokens: 3
                },
            ]
        );
    }

    #[test]
    fn calls_that_share_an_index_are_told_apart_by_their_ids() {
        let deltas = all(&[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"save_contact","arguments":"{}"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"end_call","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
        ])
        .unwrap();
        let names: Vec<String> = deltas
            .into_iter()
            .map(|delta| match delta {
                Delta::ToolCall(call) => format!("{} {}", call.id, call.name),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(names, ["a save_contact", "b end_call"]);
    }

    #[test]
    fn a_call_without_arguments_has_an_empty_object() {
        let deltas = all(&[
            r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"end_call"}}]},"finish_reason":"tool_calls"}]}"#,
        ])
        .unwrap();
        assert_eq!(
            deltas,
            [Delta::ToolCall(ToolCall {
                id: "call_0".into(),
                name: "end_call".into(),
                arguments: json!({})
            })]
        );
    }

    #[test]
    fn what_was_cut_off_is_a_fault() {
        assert!(all(&[r#"{"choices":[{"delta":{"content":"של"}}]}"#]).is_err());
        assert!(all(&[r#"{"error":{"message":"overloaded"}}"#]).is_err());
        assert!(all(&["<html>"]).is_err());
    }

    #[test]
    fn calls_without_end_are_a_fault() {
        let piece = |index| format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{index}}}]}}}}]}}"#);
        let pieces: Vec<String> = (0..100).map(piece).collect();
        let events: Vec<&str> = pieces.iter().map(String::as_str).collect();
        assert!(all(&events).is_err());
    }
}
