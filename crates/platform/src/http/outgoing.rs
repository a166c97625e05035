//! Requests that we make: always with deadlines, and guarded when somebody else has chosen the URL.
//!
//! Where the operator has set a base URL, [`Outgoing::client`] goes there, wherever it points. A URL that comes from
//! outside goes through [`Outgoing::outside`]: its name is resolved, every address is checked, the connection is made
//! to a checked address, and each redirect is checked anew.

#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use kernel::is_public_address;
use reqwest::{
    Client, ClientBuilder, Response,
    dns::{Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

const CONNECT: Duration = Duration::from_secs(5);
/// For a whole request and its answer.
const DEADLINE: Duration = Duration::from_secs(15);
/// For the next piece of an answer that comes for as long as it takes.
const SILENCE: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_mins(1);
const MOST_REDIRECTS: usize = 5;
/// Of GETs, beside the first try.
const RETRIES: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone, Debug, Default)]
pub struct OutgoingSettings {
    /// `host:port` of targets that the guard lets pass though they are private.
    pub allow: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    #[error("not an address that may be asked: {0}")]
    Refused(&'static str),
    #[error("the request failed")]
    Failed(#[source] reqwest::Error),
}

impl OutgoingError {
    /// The address leads to where we do not go; asking again does not help.
    pub fn is_refusal(&self) -> bool {
        let Self::Failed(err) = self else {
            return true;
        };
        let mut cause = std::error::Error::source(err);
        while let Some(inner) = cause {
            if inner.is::<Self>() {
                return true;
            }
            cause = inner.source();
        }
        false
    }
}

impl From<reqwest::Error> for OutgoingError {
    fn from(err: reqwest::Error) -> Self {
        // The URL may hold a token.
        Self::Failed(err.without_url())
    }
}

/// The clients for requests that we make. Cheap to clone.
#[derive(Clone)]
pub struct Outgoing {
    plain: Client,
    streaming: Client,
    guarded: Client,
    allow: Arc<[String]>,
}

impl Outgoing {
    pub fn new(settings: &OutgoingSettings) -> Result<Self, OutgoingError> {
        Ok(Self {
            plain: builder().timeout(DEADLINE).build()?,
            streaming: builder().read_timeout(SILENCE).build()?,
            guarded: builder()
                .timeout(DEADLINE)
                // A proxy would resolve the name once more, and could come to another address.
                .no_proxy()
                .dns_resolver(PublicOnly)
                .build()?,
            allow: settings
                .allow
                .iter()
                .map(|target| target.to_ascii_lowercase())
                .collect(),
        })
    }

    /// For bases that the operator has set. Redirects are not followed.
    pub fn client(&self) -> Client {
        self.plain.clone()
    }

    /// The same for answers that may take long as a whole, but not between two pieces.
    pub fn streaming_client(&self) -> Client {
        self.streaming.clone()
    }

    /// Fetches a URL that somebody else has chosen. Redirects are followed as far as they lead to where we may go; they
    /// get none of `headers` when they lead to another host.
    pub async fn outside(&self, url: &Url, headers: &HeaderMap) -> Result<Response, OutgoingError> {
        let mut at = url.clone();
        let mut headers = headers.clone();
        for _ in 0..=MOST_REDIRECTS {
            let client = self.client_for(&at)?;
            let response = client.get(at.clone()).headers(headers.clone()).send().await?;
            let Some(next) = redirect(&at, &response) else {
                return Ok(response);
            };
            if next.origin() != at.origin() {
                headers.clear();
            }
            at = next;
        }
        Err(OutgoingError::Refused("it redirects too often"))
    }

    /// Posts to a URL that somebody else has chosen (a webhook endpoint). A redirect is not followed.
    pub async fn post_outside(&self, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Response, OutgoingError> {
        let request = self
            .client_for(url)?
            .request(Method::POST, url.clone())
            .headers(headers)
            .body(body);
        Ok(request.send().await?)
    }

    /// Whether this URL may be asked at all, as far as one sees without resolving its name. Plain `http` only where the
    /// operator has named the target.
    pub fn may_ask(&self, url: &Url) -> Result<(), OutgoingError> {
        self.client_for(url)?;
        if url.scheme() != "https" && !self.is_allowed(url) {
            return Err(OutgoingError::Refused("not https"));
        }
        Ok(())
    }

    fn is_allowed(&self, url: &Url) -> bool {
        url.host().is_some_and(|host| {
            let port = url.port_or_known_default().unwrap_or_default();
            self.allow.contains(&format!("{host}:{port}").to_ascii_lowercase())
        })
    }

    /// The client that may ask this URL.
    fn client_for(&self, url: &Url) -> Result<&Client, OutgoingError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutgoingError::Refused("neither http nor https"));
        }
        let host = url.host().ok_or(OutgoingError::Refused("it has no host"))?;
        if self.is_allowed(url) {
            return Ok(&self.plain);
        }
        // An address in the URL is connected to without any resolving.
        let public = match host {
            Host::Ipv4(address) => is_public_address(address.into()),
            Host::Ipv6(address) => is_public_address(address.into()),
            Host::Domain(_) => true,
        };
        if public {
            Ok(&self.guarded)
        } else {
            Err(OutgoingError::Refused("a private address"))
        }
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("AgentLocator/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .redirect(Policy::none())
}

fn redirect(at: &Url, response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    at.join(location).ok()
}

/// Sends a GET again when it did not connect, or was answered 429, 500, 502, 503 or 504.
pub async fn get_retrying<F, Fut>(send: F) -> Result<Response, OutgoingError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Response, OutgoingError>>,
{
    let mut send = send;
    let last = std::sync::Mutex::new(None);
    let tried = (|| {
        let sent = send();
        let last = &last;
        async move {
            let response = sent.await.map_err(Some)?;
            if matches!(response.status().as_u16(), 429 | 500 | 502..=504) {
                last.lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .replace(response);
                return Err(None);
            }
            Ok(response)
        }
    })
    .retry(
        ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_times(RETRIES)
            .with_jitter(),
    )
    .when(|err| match err {
        None => true,
        Some(OutgoingError::Failed(err)) => err.is_connect() || err.is_timeout(),
        Some(OutgoingError::Refused(_)) => false,
    })
    .await;
    match tried {
        Ok(response) => Ok(response),
        Err(Some(err)) => Err(err),
        // What it answered at last is the answer.
        Err(None) => last
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .ok_or(OutgoingError::Refused("no answer")),
    }
}

/// Resolves names, and refuses one that has any address that is not public.
#[derive(Clone, Copy)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !is_public_address(address.ip())) {
                return Err(OutgoingError::Refused("a name of a private address").into());
            }
            let found: reqwest::dns::Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
