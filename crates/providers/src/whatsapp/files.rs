//! Files that messages brought. Their addresses came from outside, so that each company says which hosts it keeps its
//! files on; redirects lead back there, or to a public host without credentials.

use aws_lc_rs::digest::{SHA256, digest};
use contracts::{Fault, whatsapp::Media};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::CONTENT_TYPE};
use url::Url;

use crate::{
    Http,
    client::{self, Effect, Sent},
    limits,
    whatsapp::reading,
};

/// Fetches from a company's own host, following its redirects.
pub(super) async fn fetch(
    http: &Http,
    base: &Url,
    first: Url,
    most: u64,
    signed_in: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Result<Media, Fault> {
    let mut url = first;
    for _ in 0..=limits::REDIRECTS {
        let request = if client::same_origin(base, &url) {
            signed_in(http.configured(Method::GET, url.clone()))
        } else {
            http.public(Method::GET, url.clone())?
        };
        match client::send_following(request, Effect::Read).await? {
            Sent::Here(response) => return whole(response, most).await,
            Sent::Missing(_) => return Err(gone()),
            Sent::Elsewhere(response) => url = client::target(&url, &response)?,
        }
    }
    Err(Fault::Unknown("redirects without end".to_owned()))
}

/// Fetches from one address that is known to be right.
pub(super) async fn fetch_here(request: RequestBuilder, most: u64) -> Result<Media, Fault> {
    match client::send_following(request, Effect::Read).await? {
        Sent::Here(response) => whole(response, most).await,
        Sent::Missing(_) => Err(gone()),
        Sent::Elsewhere(_) => Err(Fault::Rejected("a redirect".to_owned())),
    }
}

pub(super) fn gone() -> Fault {
    Fault::Declined("the file is gone".to_owned())
}

async fn whole(response: Response, most: u64) -> Result<Media, Fault> {
    if response.status() != StatusCode::OK {
        return Err(Fault::Unknown(format!("status {}", response.status().as_u16())));
    }
    let mime_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .map(str::to_owned);
    let bytes = client::file(response, usize::try_from(most).unwrap_or(usize::MAX)).await?;
    Ok(Media { bytes, mime_type })
}

/// An address on the company's own host, without a name and password in it.
pub(super) fn own(base: &Url, address: &str) -> Result<Url, Fault> {
    let refused = || Fault::Rejected("a file that is not on the carrier's own host".to_owned());
    let url = Url::parse(address).map_err(|_| refused())?;
    let sound = client::same_origin(base, &url) && url.username().is_empty() && url.password().is_none();
    sound.then_some(url).ok_or_else(refused)
}

/// Whether the file is the one that was announced. A hash that cannot be read is none.
pub(super) fn same(file: &Media, expected: &str) -> Result<(), Fault> {
    match reading::sha256(expected) {
        Some(expected) if expected != reading::hex(digest(&SHA256, &file.bytes).as_ref()) => {
            Err(Fault::Rejected("the file is not the one that was announced".to_owned()))
        }
        _ => Ok(()),
    }
}
