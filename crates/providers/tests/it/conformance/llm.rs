//! What every language model must do.

use std::time::Duration;

use bytes::Bytes;
use contracts::{
    Fault,
    llm::{Delta, LanguageModel, Message, Prompt, ToolCall, ToolSpec},
};
use futures::{StreamExt, TryStreamExt, future::join_all};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::{PATIENCE, assert_fault, failures};
use crate::stand_in::{Reply, StandIn};

/// One model, and what its company sends for an answer of two pieces of text, «שלום» and «, דנה», a call of
/// `save_contact {"name":"דנה"}` with id `call-1`, and 11 tokens in, 5 out.
pub struct Subject<Make> {
    pub make: Make,
    pub content_type: &'static str,
    pub good: Vec<Bytes>,
}

pub fn prompt() -> Prompt {
    Prompt {
        system: "ענו בקצרה".to_owned(),
        messages: vec![
            Message::User("שלום, מדברת דנה".to_owned()),
            Message::Assistant {
                text: String::new(),
                tool_calls: vec![ToolCall {
                    id: "call-0".into(),
                    name: "lookup_business_fact".into(),
                    arguments: json!({"topic": "hours"}),
                }],
            },
            Message::ToolResult {
                call_id: "call-0".into(),
                content: "9-17".into(),
            },
            Message::System("המתקשרת קטעה אותך".to_owned()),
        ],
        tools: vec![ToolSpec {
            name: "save_contact",
            description: "Saves the caller's name",
            parameters: json!({"type": "object", "properties": {"name": {"type": "string"}}}),
        }],
        max_tokens: 200,
    }
}

pub async fn answered(model: &dyn LanguageModel) -> Result<Vec<Delta>, Fault> {
    model.answer(prompt()).await?.try_collect().await
}

pub async fn conforms<Model: LanguageModel>(subject: Subject<impl Fn(Url) -> Model>) {
    answers_in_order(&subject).await;
    the_first_piece_does_not_wait_for_the_last(&subject).await;
    join_all(
        failures()
            .into_iter()
            .map(|(case, reply, words)| fails_in_time(&subject, case, reply, words)),
    )
    .await;
    let beginning = subject.good[0].clone();
    let broken = Reply::Broken {
        content_type: subject.content_type,
        beginning: beginning.clone(),
    };
    fails_in_time(&subject, "a reset after the first words", broken, &["unknown"]).await;
    let stalled = Reply::Stalled {
        content_type: subject.content_type,
        beginning: beginning.clone(),
    };
    fails_in_time(&subject, "a stall after the first words", stalled.clone(), &["unknown"]).await;
    stops_when_dropped(&subject, stalled).await;
}

async fn answers_in_order<Model: LanguageModel>(subject: &Subject<impl Fn(Url) -> Model>) {
    let server = StandIn::answering(Reply::ok(subject.content_type, subject.good.concat())).await;
    let deltas = answered(&(subject.make)(server.base.clone()))
        .await
        .expect("a good answer");
    assert_eq!(
        deltas,
        [
            Delta::Text("שלום".into()),
            Delta::Text(", דנה".into()),
            Delta::ToolCall(ToolCall {
                id: "call-1".into(),
                name: "save_contact".into(),
                arguments: json!({"name": "דנה"})
            }),
            Delta::Usage {
                input_tokens: 11,
                output_tokens: 5
            },
        ]
    );
    assert_eq!(server.seen()[0].header("x-request-id"), "request-1");
}

async fn the_first_piece_does_not_wait_for_the_last<Model: LanguageModel>(subject: &Subject<impl Fn(Url) -> Model>) {
    let slow = Reply::Pieces {
        content_type: subject.content_type,
        every: Duration::from_millis(200),
        pieces: subject.good.clone(),
    };
    let server = StandIn::answering(slow).await;
    let began = Instant::now();
    let mut deltas = (subject.make)(server.base.clone())
        .answer(prompt())
        .await
        .expect("an answer");
    assert!(matches!(deltas.next().await, Some(Ok(Delta::Text(_)))));
    let first = began.elapsed();
    let rest: Vec<_> = deltas.collect().await;
    assert!(rest.iter().all(Result::is_ok));
    assert!(
        began.elapsed() > first + Duration::from_millis(100),
        "the rest came later"
    );
}

async fn fails_in_time<Model: LanguageModel>(
    subject: &Subject<impl Fn(Url) -> Model>,
    case: &str,
    reply: Reply,
    words: &[&str],
) {
    let server = StandIn::answering(reply).await;
    let began = Instant::now();
    let fault = answered(&(subject.make)(server.base.clone()))
        .await
        .err()
        .unwrap_or_else(|| panic!("{case} was taken for an answer"));
    assert_fault(&fault, case, words);
    assert!(began.elapsed() < PATIENCE, "{case}: {:?}", began.elapsed());
    assert_eq!(server.seen().len(), 1, "{case}: a generation is not asked for twice");
}

async fn stops_when_dropped<Model: LanguageModel>(subject: &Subject<impl Fn(Url) -> Model>, stalled: Reply) {
    let server = StandIn::answering(stalled).await;
    let mut deltas = (subject.make)(server.base.clone())
        .answer(prompt())
        .await
        .expect("an answer");
    assert!(matches!(deltas.next().await, Some(Ok(Delta::Text(_)))));
    drop(deltas);
    assert!(server.until_left_alone().await, "the generation was stopped");
}
