use async_openai::types::chat::{ChatCompletionRequestMessage, CreateChatCompletionRequest};
use bytes::Bytes;
use kernel::SecretString;
use providers::llm::openai::{OpenAiLlm, Settings};
use url::Url;

use crate::{
    conformance::llm::{Subject, answered, conforms},
    http,
    stand_in::{Reply, StandIn},
};

fn model(base: Url) -> OpenAiLlm {
    let key = Some(SecretString::from("sk-test"));
    OpenAiLlm::new(
        http(),
        Settings {
            base,
            key,
            model: "gpt-4o-mini".to_owned(),
        },
    )
}

fn good() -> Vec<Bytes> {
    [
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"שלום"},"finish_reason":null}],"usage":null}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":", דנה"},"finish_reason":null}]}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call-1","type":"function","function":{"name":"save_contact","arguments":""}}]}}]}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"name\":\"ד"}}]}}]}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"נה\"}"}}]}}]}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
        r#"data: {"id":"x","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}"#,
        "data: [DONE]",
    ]
    .map(|event| Bytes::from(format!("{event}\n\n")))
    .to_vec()
}

#[tokio::test]
async fn it_conforms() {
    conforms(Subject {
        make: model,
        content_type: "text/event-stream",
        good: good(),
    })
    .await;
}

#[tokio::test]
async fn it_asks_in_the_form_that_openai_describes() {
    let server = StandIn::answering(Reply::ok("text/event-stream", good().concat())).await;
    answered(&model(server.base.clone())).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/chat/completions");
    assert_eq!(seen.header("authorization"), "Bearer sk-test");
    // The client library's own types read it: roles, tool calls and results are where they belong.
    let request: CreateChatCompletionRequest = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(request.stream, Some(true));
    assert_eq!(request.tools.unwrap().len(), 1);
    assert!(matches!(
        &request.messages[..],
        [
            ChatCompletionRequestMessage::System(_),
            ChatCompletionRequestMessage::User(_),
            ChatCompletionRequestMessage::Assistant(_),
            ChatCompletionRequestMessage::Tool(_),
            ChatCompletionRequestMessage::System(_),
        ]
    ));
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["max_tokens"], 200, "the name that every compatible server knows");
    assert_eq!(
        body["messages"][2]["tool_calls"][0]["function"]["arguments"],
        r#"{"topic":"hours"}"#
    );
}
