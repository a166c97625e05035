//! Sends Twilio's callbacks and reads the answers as strictly as Twilio does.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::{Client, Method, header};
use serde::Serialize;
use url::Url;

use super::{
    sign::{Fields, signature},
    trouble::{self, Trouble},
};

/// Twilio gives up after this long.
pub const LIMIT: Duration = Duration::from_secs(15);
/// No answer of ours is larger.
const LARGEST: usize = 1 << 20;

/// What an answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    Twiml,
    /// The body is not read: a status callback.
    Anything,
}

/// How callbacks are sent in this run.
#[derive(Clone, Debug)]
pub struct Manner {
    pub auth_token: String,
    /// Scheme and host under which Twilio is told to call, which is what gets signed.
    pub public_base: Url,
    /// Where the requests really go.
    pub server: Url,
    /// How often each callback is delivered at once.
    pub copies: usize,
    pub bad_signature: bool,
    /// Headers of a proxy in between, such as `X-Forwarded-Proto`.
    pub headers: Vec<(String, String)>,
}

/// One delivery and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    pub what: String,
    pub path: String,
    /// `None` when nobody answered.
    pub status: Option<u16>,
    pub content_type: Option<String>,
    pub took_ms: f64,
    /// Whether this copy of a duplicated callback got another answer than the first.
    pub differs: bool,
    #[serde(skip)]
    pub body: String,
}

#[derive(Clone, Debug)]
pub struct Poster {
    http: Client,
    manner: Arc<Manner>,
}

impl Poster {
    pub fn new(http: Client, manner: Manner) -> Self {
        Self {
            http,
            manner: Arc::new(manner),
        }
    }

    pub const fn http(&self) -> &Client {
        &self.http
    }

    pub fn manner(&self) -> &Manner {
        &self.manner
    }

    /// The absolute form of a URL written in a document that was itself fetched from `base`.
    pub fn resolve(&self, base: &Url, reference: &str) -> Result<Url, Trouble> {
        base.join(reference)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| Trouble::new(trouble::INVALID_URL, format!("not an http URL: {reference}")))
    }

    /// Where a callback's path stands as Twilio knows it.
    pub fn public(&self, path: &str) -> Result<Url, Trouble> {
        self.resolve(&self.manner.public_base, path)
    }

    /// Posts all copies at once; the first one's answer counts.
    pub async fn post(
        &self,
        what: &str,
        url: &Url,
        fields: &Fields,
        expect: Expect,
    ) -> (Vec<Delivery>, Option<Trouble>) {
        self.send(Method::POST, what, url, fields, expect).await
    }

    pub async fn send(
        &self,
        method: Method,
        what: &str,
        url: &Url,
        fields: &Fields,
        expect: Expect,
    ) -> (Vec<Delivery>, Option<Trouble>) {
        let token = super::sids::sid("");
        let copies = (0..self.manner.copies.max(1)).map(|_| self.once(&method, what, url, fields, &token));
        let mut answers = join_all(copies).await;
        let first = answers.first().map(|(answer, _)| (answer.status, answer.body.clone()));
        for (answer, _) in &mut answers {
            answer.differs = first
                .as_ref()
                .is_some_and(|(status, body)| (answer.status, &answer.body) != (*status, body));
        }
        let trouble = answers
            .first_mut()
            .and_then(|(answer, failure)| failure.take().or_else(|| judge(answer, expect)));
        (answers.into_iter().map(|(answer, _)| answer).collect(), trouble)
    }

    async fn once(
        &self,
        method: &Method,
        what: &str,
        url: &Url,
        fields: &Fields,
        retry_token: &str,
    ) -> (Delivery, Option<Trouble>) {
        let (url, body) = with_query(method, url, fields);
        let signed: &[_] = if *method == Method::GET { &[] } else { fields };
        let mut signature = signature(&self.manner.auth_token, url.as_str(), signed);
        if self.manner.bad_signature {
            signature = super::sign::signature("not the account's token", url.as_str(), signed);
        }
        let mut request = self
            .http
            .request(method.clone(), self.reach(&url))
            .timeout(LIMIT)
            .header("X-Twilio-Signature", signature)
            .header("I-Twilio-Idempotency-Token", retry_token)
            .header(header::USER_AGENT, "TwilioProxy/1.1");
        for (name, value) in &self.manner.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
                .body(body);
        }
        let begun = Instant::now();
        let answer = read(request.send().await).await;
        let mut delivery = Delivery {
            what: what.to_owned(),
            path: url.path().to_owned(),
            status: None,
            content_type: None,
            took_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            differs: false,
            body: String::new(),
        };
        match answer {
            Ok((status, content_type, body)) => {
                (delivery.status, delivery.content_type, delivery.body) = (Some(status), content_type, body);
                (delivery, None)
            }
            Err(error) => {
                let code = if error.is_timeout() {
                    trouble::HTTP_TIMEOUT
                } else {
                    trouble::HTTP_RETRIEVAL
                };
                (delivery, Some(Trouble::new(code, format!("{what}: {}", cause(&error)))))
            }
        }
    }

    /// The address to connect to for a URL as Twilio knows it.
    pub fn reach(&self, url: &Url) -> Url {
        if url.origin() != self.manner.public_base.origin() {
            return url.clone();
        }
        let mut reached = self.manner.server.clone();
        reached.set_path(url.path());
        reached.set_query(url.query());
        reached
    }
}

fn with_query(method: &Method, url: &Url, fields: &Fields) -> (Url, Option<String>) {
    let mut url = url.clone();
    if *method == Method::GET {
        if !fields.is_empty() {
            url.query_pairs_mut().extend_pairs(fields);
        }
        (url, None)
    } else {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        (url, Some(body))
    }
}

async fn read(answer: reqwest::Result<reqwest::Response>) -> reqwest::Result<(u16, Option<String>, String)> {
    let answer = answer?;
    let status = answer.status().as_u16();
    let content_type = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = answer.bytes().await?;
    let kept = body.get(..body.len().min(LARGEST)).unwrap_or_default();
    Ok((status, content_type, String::from_utf8_lossy(kept).into_owned()))
}

/// What Twilio would say of an answer that came.
fn judge(answer: &Delivery, expect: Expect) -> Option<Trouble> {
    let what = &answer.what;
    let status = answer.status?;
    if !(200..400).contains(&status) {
        return Some(Trouble::new(
            trouble::HTTP_RETRIEVAL,
            format!("{what}: answered {status}"),
        ));
    }
    if status == 204 || (expect == Expect::Anything && answer.body.is_empty()) {
        return None;
    }
    let Some(content_type) = &answer.content_type else {
        return Some(Trouble::new(
            trouble::HTTP_RETRIEVAL,
            format!("{what}: no content type"),
        ));
    };
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let taken = match expect {
        Expect::Twiml => matches!(essence.as_str(), "text/xml" | "application/xml"),
        Expect::Anything => matches!(
            essence.as_str(),
            "text/xml" | "application/xml" | "text/plain" | "text/html"
        ),
    };
    (!taken).then(|| Trouble::new(trouble::CONTENT_TYPE, format!("{what}: content type {content_type}")))
}

fn cause(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
