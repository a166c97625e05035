//! Language models by streamed `POST /chat/completions`: OpenAI's, or a local server that speaks the same.
//!
//! Written on reqwest and not on a client library: those retry writes by themselves, queue without bound, and log what
//! was said in a call.

mod answer;
mod sse;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use contracts::{
    Fault,
    llm::{Delta, Deltas, LanguageModel, Prompt},
};
use futures::stream;
use kernel::{ExposeSecret, SecretString};
use reqwest::{Method, Response};
use tokio::time::Instant;
use url::Url;

use self::{answer::Answer, sse::Events};
use crate::{
    Http,
    client::{self, Effect},
    limits,
};

const PROVIDER: &str = "openai_llm";

/// OpenAI's own host, which has its own name for one field.
const OPENAI_HOST: &str = "api.openai.com";

pub const DEFAULT_MODEL: &str = "gpt-4o-mini";

/// What the operator set.
pub struct Settings {
    /// With its version, for example `https://api.openai.com/v1`.
    pub base: Url,
    /// A local server may need none.
    pub key: Option<SecretString>,
    pub model: String,
}

pub struct OpenAiLlm {
    http: Http,
    settings: Settings,
}

impl OpenAiLlm {
    pub const fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings }
    }

    async fn open(&self, prompt: Prompt) -> Result<Response, Fault> {
        let url = client::join(&self.settings.base, "chat/completions")?;
        let openai_itself = url.host_str() == Some(OPENAI_HOST);
        let body = wire::Request::new(&self.settings.model, prompt, openai_itself);
        let request = self.http.configured(Method::POST, url).json(&body);
        let request = match &self.settings.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        };
        client::send(request, Effect::Write).await
    }
}

#[async_trait]
impl LanguageModel for OpenAiLlm {
    fn name(&self) -> &'static str {
        "openai"
    }

    async fn answer(&self, prompt: Prompt) -> Result<Deltas, Fault> {
        let began = Instant::now();
        let response = client::timed(PROVIDER, limits::LLM_FIRST, self.open(prompt)).await?;
        let reading = Reading {
            response,
            events: Some(Events::default()),
            answer: Answer::default(),
            patience: limits::LLM_FIRST.saturating_sub(began.elapsed()),
        };
        Ok(Box::pin(stream::unfold(Some(reading), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(delta)) => Some((Ok(delta), Some(reading))),
                Ok(None) => None,
                Err(fault) => {
                    client::count_broken(PROVIDER, &fault);
                    Some((Err(fault), None))
                }
            }
        })))
    }
}

/// An answer that is being read. Dropping it closes the connection, which stops the generation.
struct Reading {
    response: Response,
    /// `None` once the stream is over.
    events: Option<Events>,
    answer: Answer,
    patience: Duration,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Delta>, Fault> {
        loop {
            if let Some(delta) = self.answer.next_ready() {
                return Ok(Some(delta));
            }
            let Some(events) = self.events.as_mut() else {
                return Ok(None);
            };
            let piece = tokio::time::timeout(self.patience, self.response.chunk())
                .await
                .map_err(|_| Fault::Unknown("the model went silent".to_owned()))?
                .map_err(|error| client::from_transport(&error))?;
            self.patience = limits::LLM_STALL;
            let (data, over) = match piece {
                Some(bytes) => (events.push(&bytes)?, false),
                None => (
                    self.events
                        .take()
                        .map_or(Ok(None), Events::finish)?
                        .into_iter()
                        .collect(),
                    true,
                ),
            };
            self.take(&data, over)?;
        }
    }

    fn take(&mut self, data: &[String], over: bool) -> Result<(), Fault> {
        let mut done = over;
        for event in data {
            done |= self.answer.take(event)?;
        }
        if done {
            self.events = None;
            self.answer.close()?;
        }
        Ok(())
    }
}
