//! HTTP to the outside: the one place where clients are built, and how its failures become a [`Fault`].
//!
//! Three clients: one for the bases that the operator configured (which may be on a private address), one for whatever
//! address came from outside, which connects to public addresses only, and one for writes that must never be done twice.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use contracts::Fault;
use kernel::is_public_address;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{DATE, LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use tokio::time::Instant;
use url::{Host, Url};

use crate::limits;

const REQUEST_ID: &str = "x-request-id";

/// The clients that all providers share.
#[derive(Clone)]
pub struct Http {
    configured: reqwest::Client,
    public_only: reqwest::Client,
    never_twice: reqwest::Client,
    request_id: fn() -> String,
}

impl Http {
    /// `request_id` names the request, job or call that the present task serves; empty when there is none.
    pub fn new(request_id: fn() -> String) -> Result<Self, Fault> {
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(limits::CONNECT)
                .redirect(Policy::none())
                .user_agent(concat!("AgentLocator/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error: reqwest::Error| Fault::Misconfigured(format!("no HTTP client: {error}"));
        Ok(Self {
            configured: builder().build().map_err(failed)?,
            // Without a proxy: the address that was checked must be the one that is connected to.
            public_only: builder()
                .no_proxy()
                .dns_resolver(Arc::new(PublicAddresses))
                .build()
                .map_err(failed)?,
            // HTTP/1.1 and without the library's own repeats: after an error it is certain whether a request was begun.
            never_twice: builder()
                .http1_only()
                .retry(reqwest::retry::never())
                .build()
                .map_err(failed)?,
            request_id,
        })
    }

    /// A request to a base that the operator configured.
    pub(crate) fn configured(&self, method: Method, url: Url) -> RequestBuilder {
        self.marked(self.configured.request(method, url))
    }

    /// A request to a base that the operator configured, which goes out once or not at all.
    pub(crate) fn never_twice(&self, method: Method, url: Url) -> RequestBuilder {
        self.marked(self.never_twice.request(method, url))
    }

    /// A request to an address that somebody else named: refused unless it is public.
    pub(crate) fn public(&self, method: Method, url: Url) -> Result<RequestBuilder, Fault> {
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(Fault::Rejected("address without a host".to_owned())),
        };
        if !matches!(url.scheme(), "http" | "https") || literal.is_some_and(|address| !is_public_address(address)) {
            return Err(Fault::Rejected("address that is not public".to_owned()));
        }
        Ok(self.marked(self.public_only.request(method, url)))
    }

    fn marked(&self, request: RequestBuilder) -> RequestBuilder {
        let id = (self.request_id)();
        if id.is_empty() {
            request
        } else {
            request.header(REQUEST_ID, id)
        }
    }
}

/// Whether repeating a request could do something twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
}

/// Sends a request and gives its answer when it is a success, else the fault that its status means. An API that redirects
/// is not the one that the operator meant.
pub(crate) async fn send(request: RequestBuilder, effect: Effect) -> Result<Response, Fault> {
    match send_following(request, effect).await? {
        Sent::Here(response) => Ok(response),
        Sent::Elsewhere(_) => Err(Fault::Rejected("a redirect".to_owned())),
        Sent::Missing(response) => {
            let status = response.status();
            Err(from_status(status, effect, &error_code(response).await, None))
        }
    }
}

/// What came back, where being elsewhere or missing is no fault.
pub(crate) enum Sent {
    Here(Response),
    /// A redirect, with the response that says where to.
    Elsewhere(Response),
    Missing(Response),
}

/// Like [`send`], for a caller that knows what to do about redirects and about what is not there.
pub(crate) async fn send_following(request: RequestBuilder, effect: Effect) -> Result<Sent, Fault> {
    let response = request.send().await.map_err(|error| from_transport(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(Sent::Here(response));
    }
    if status.is_redirection() {
        return Ok(Sent::Elsewhere(response));
    }
    if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return Ok(Sent::Missing(response));
    }
    let retry_after_seconds = retry_after(&response);
    let code = error_code(response).await;
    Err(from_status(status, effect, &code, retry_after_seconds))
}

/// Runs an exchange under a deadline and counts how it ended.
pub(crate) async fn timed<T>(
    provider: &'static str,
    deadline: Duration,
    exchange: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let began = Instant::now();
    let result = tokio::time::timeout(deadline, exchange)
        .await
        .unwrap_or_else(|_| Err(Fault::Unknown(format!("no answer in {} ms", deadline.as_millis()))));
    let outcome = result.as_ref().map_or_else(Fault::word, |_| "ok");
    metrics::counter!("provider_requests_total", "provider" => provider, "outcome" => outcome).increment(1);
    metrics::histogram!("provider_request_seconds", "provider" => provider).record(began.elapsed().as_secs_f64());
    result
}

/// Counts an answer that broke off after it had begun.
pub(crate) fn count_broken(provider: &'static str, fault: &Fault) {
    metrics::counter!("provider_streams_broken_total", "provider" => provider, "outcome" => fault.word()).increment(1);
}

/// Repeats a read that was certainly not answered, so many times. The deadline is the caller's.
pub(crate) async fn with_retries<T, Attempt, Answer>(times: usize, attempt: Attempt) -> Result<T, Fault>
where
    Attempt: FnMut() -> Answer,
    Answer: Future<Output = Result<T, Fault>>,
{
    let backoff = ExponentialBuilder::new()
        .with_min_delay(limits::RETRY_FIRST)
        .with_max_times(times)
        .with_jitter();
    attempt
        .retry(backoff)
        .when(|fault| matches!(fault, Fault::Unavailable { .. }))
        .adjust(|fault, delay| match fault {
            Fault::Unavailable {
                retry_after_seconds: Some(seconds),
                ..
            } => {
                let asked = Duration::from_secs(*seconds);
                delay
                    .filter(|_| asked <= limits::RETRY_AFTER_LONGEST)
                    .map(|delay| delay.max(asked))
            }
            _ => delay,
        })
        .await
}

/// The whole body, if it is no longer than `most`.
pub(crate) async fn body(response: Response, most: usize) -> Result<Bytes, Fault> {
    whole(response, most, || {
        Fault::Unknown(format!("answer longer than {most} bytes"))
    })
    .await
}

/// A file; one that is longer than `most` is `Rejected`.
pub(crate) async fn file(response: Response, most: usize) -> Result<Bytes, Fault> {
    whole(response, most, || {
        Fault::Rejected(format!("a file of more than {most} bytes"))
    })
    .await
}

async fn whole(mut response: Response, most: usize, too_long: impl Fn() -> Fault) -> Result<Bytes, Fault> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > most) {
        return Err(too_long());
    }
    let mut whole = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| from_transport(&error))? {
        if whole.len() + piece.len() > most {
            return Err(too_long());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// A JSON body.
pub(crate) async fn json<T: serde::de::DeserializeOwned>(response: Response) -> Result<T, Fault> {
    let bytes = body(response, limits::JSON_BYTES).await?;
    // The parser's message would quote the answer, which may hold what a caller said.
    serde_json::from_slice(&bytes).map_err(|error| Fault::Unknown(format!("unreadable answer: {:?}", error.classify())))
}

/// What it means that the request did not get an answer.
pub(crate) fn from_transport(error: &reqwest::Error) -> Fault {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return Fault::Rejected("address that is not public".to_owned());
        }
        cause = inner.source();
    }
    if error.is_builder() {
        Fault::Misconfigured("a request that cannot be built".to_owned())
    } else if error.is_connect() {
        Fault::unavailable("no connection")
    } else if error.is_timeout() {
        Fault::Unknown("no answer in time".to_owned())
    } else {
        Fault::Unknown("the answer broke off".to_owned())
    }
}

fn from_status(status: StatusCode, effect: Effect, code: &str, retry_after_seconds: Option<u64>) -> Fault {
    let message = if code.is_empty() {
        format!("status {}", status.as_u16())
    } else {
        format!("status {} ({code})", status.as_u16())
    };
    match status.as_u16() {
        401 | 403 | 407 => Fault::Misconfigured(message),
        402 => Fault::Declined(message),
        408 | 425 | 429 | 503 => Fault::Unavailable {
            message,
            retry_after_seconds,
        },
        500..=599 if effect == Effect::Read => Fault::Unavailable {
            message,
            retry_after_seconds,
        },
        500..=599 => Fault::Unknown(message),
        _ => Fault::Rejected(message),
    }
}

/// Seconds, from either form of the header. A date counts from the company's own clock.
pub(crate) fn retry_after(response: &Response) -> Option<u64> {
    let text = |name| response.headers().get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(seconds);
    }
    let until = DateTime::parse_from_rfc2822(asked).ok()?;
    let now = DateTime::parse_from_rfc2822(text(DATE)?).ok()?;
    u64::try_from((until - now).num_seconds().max(0)).ok()
}

pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str().is_some()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Where a redirect leads.
pub(crate) fn target(from: &Url, response: &Response) -> Result<Url, Fault> {
    let named = response
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok());
    named
        .and_then(|location| from.join(location).ok())
        .ok_or_else(|| Fault::Unknown("a redirect to nowhere".to_owned()))
}

/// The company's own short code of an error (`code`, `type`, or `error` itself), never its message: that may quote a caller
/// or a key.
async fn error_code(response: Response) -> String {
    let Ok(bytes) = body(response, limits::ERROR_BYTES).await else {
        return String::new();
    };
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return String::new();
    };
    let error = answer.get("error").filter(|inner| inner.is_object()).unwrap_or(&answer);
    let word = ["code", "type", "error"]
        .into_iter()
        .find_map(|name| match error.get(name)? {
            serde_json::Value::String(word) => Some(word.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
    let sound =
        |word: &String| word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    word.filter(sound).unwrap_or_default()
}

/// Joins a path to a configured base, with exactly one slash between them.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, Fault> {
    let joined = format!(
        "{}/{}",
        base.as_str().trim_end_matches('/'),
        path.trim_start_matches('/')
    );
    Url::parse(&joined).map_err(|_| Fault::Misconfigured("a base URL that cannot be used".to_owned()))
}

#[derive(Debug, thiserror::Error)]
#[error("address that is not public")]
struct NotPublic;

/// Resolves names to their public addresses only, so that the address that is connected to is one that was checked.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            if found.is_empty() || found.iter().any(|address| !is_public_address(address.ip())) {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_and_a_path_are_joined_by_one_slash() {
        for base in ["http://h/v1", "http://h/v1/"] {
            for path in ["audio/speech", "/audio/speech"] {
                let joined = join(&base.parse().unwrap(), path).unwrap();
                assert_eq!(joined.as_str(), "http://h/v1/audio/speech");
            }
        }
    }

    #[test]
    fn statuses_become_faults() {
        let word = |status, effect| from_status(StatusCode::from_u16(status).unwrap(), effect, "", None).word();
        assert_eq!(word(401, Effect::Read), "misconfigured");
        assert_eq!(word(402, Effect::Write), "declined");
        assert_eq!(word(404, Effect::Read), "rejected");
        assert_eq!(word(429, Effect::Write), "unavailable");
        assert_eq!(word(500, Effect::Read), "unavailable");
        assert_eq!(word(500, Effect::Write), "unknown");
        assert_eq!(word(503, Effect::Write), "unavailable");
    }

    #[test]
    fn a_pause_is_read_in_both_forms() {
        let asked = |after: &str, date: &str| {
            let answer = axum::http::Response::builder()
                .header("retry-after", after)
                .header("date", date);
            retry_after(&Response::from(answer.body("").unwrap()))
        };
        let now = "Sat, 21 Nov 2026 23:59:50 GMT";
        assert_eq!(asked("7", now), Some(7));
        assert_eq!(asked("Sun, 22 Nov 2026 00:00:20 GMT", now), Some(30));
        assert_eq!(asked("Sat, 21 Nov 2026 23:00:00 GMT", now), Some(0));
        for (after, date) in [
            ("soon", now),
            ("-1", now),
            ("", now),
            ("Sun, 22 Nov 2026 00:00:20 GMT", "today"),
        ] {
            assert_eq!(asked(after, date), None, "{after}");
        }
    }
}
