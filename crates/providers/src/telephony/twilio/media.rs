//! The download of a recording: from the account's own API host only, and from where that sends us.

use bytes::Bytes;
use contracts::Fault;
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::Twilio;
use crate::{
    client::{self, Effect, Sent},
    limits,
};

/// The address of a recording as MP3. Whoever posts a callback writes its URL, so only the configured host is asked.
pub(super) fn mp3_url(base: &Url, recording_url: &str) -> Result<Url, Fault> {
    let refused = || Fault::Rejected("a recording that is not on the account's API host".to_owned());
    let mut url = Url::parse(recording_url).map_err(|_| refused())?;
    if !client::same_origin(base, &url) || !url.username().is_empty() || url.password().is_some() {
        return Err(refused());
    }
    url.set_fragment(None);
    url.set_query(None);
    let path = url
        .path()
        .trim_end_matches(".mp3")
        .trim_end_matches(".wav")
        .trim_end_matches(".json")
        .to_owned();
    url.set_path(&format!("{path}.mp3"));
    Ok(url)
}

impl Twilio {
    /// Follows redirects: back to the API host with credentials, to a public host without, anywhere else not.
    pub(super) async fn download(&self, first: &Url) -> Result<Option<Bytes>, Fault> {
        let mut url = first.clone();
        for _ in 0..=limits::REDIRECTS {
            let request = if client::same_origin(&self.settings.base, &url) {
                self.signed_in(self.http.configured(Method::GET, url.clone()))
            } else {
                self.http.public(Method::GET, url.clone())?
            };
            match client::send_following(request, Effect::Read).await? {
                Sent::Here(response) => return whole(response).await.map(Some),
                Sent::Missing(_) => return Ok(None),
                Sent::Elsewhere(response) => url = client::target(&url, &response)?,
            }
        }
        Err(Fault::Unknown("redirects without end".to_owned()))
    }
}

async fn whole(response: Response) -> Result<Bytes, Fault> {
    if response.status() != StatusCode::OK {
        return Err(Fault::Unknown(format!("status {}", response.status().as_u16())));
    }
    let bytes = client::body(response, limits::RECORDING_BYTES).await?;
    if bytes.is_empty() {
        return Err(Fault::unavailable("a recording without content"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_configured_host_is_asked() {
        let base: Url = "https://api.twilio.com".parse().unwrap();
        let recording = "/2010-04-01/Accounts/AC1/Recordings/RE1";
        for good in ["https://api.twilio.com", "https://API.twilio.com:443"] {
            let url = mp3_url(&base, &format!("{good}{recording}")).unwrap();
            assert_eq!(url.as_str(), format!("https://api.twilio.com{recording}.mp3"));
        }
        for bad in [
            "http://api.twilio.com",
            "https://api.twilio.com:8443",
            "https://api.twilio.com.evil.example",
            "https://evil.example",
            "https://api.twilio.com@evil.example",
            "https://x:y@api.twilio.com",
            "http://169.254.169.254",
            "file://",
            "",
        ] {
            assert!(mp3_url(&base, &format!("{bad}{recording}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_form_that_is_named_already_is_not_named_twice() {
        let base: Url = "http://127.0.0.1:9".parse().unwrap();
        let url = mp3_url(&base, "http://127.0.0.1:9/x/RE1.mp3?a=b#c").unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:9/x/RE1.mp3");
    }
}
