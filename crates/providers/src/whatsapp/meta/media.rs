//! A file of the Cloud API: its id gives an address that lasts for minutes, which is fetched with the same key.

use contracts::{
    Fault,
    whatsapp::{Media, MediaSource},
};
use reqwest::Method;
use url::{Host, Url};

use super::{Meta, wire};
use crate::{
    client::{self, Effect, Sent},
    whatsapp::files,
};

/// Where Meta keeps files; the key is shown to no other host than these and the configured one.
const HOSTS: [&str; 4] = ["fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net"];

impl Meta {
    pub(super) async fn fetch(&self, source: &MediaSource, most: u64) -> Result<Media, Fault> {
        let place = self.place(&source.reference).await?;
        let announced = place.file_size.as_ref().and_then(|size| match size {
            serde_json::Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        });
        if announced.is_some_and(|size: u64| size > most) {
            return Err(Fault::Rejected(format!("a file of more than {most} bytes")));
        }
        let url = Url::parse(&place.url).map_err(|_| foreign())?;
        let request = if client::same_origin(&self.settings.base, &url) {
            self.http.configured(Method::GET, url)
        } else if is_of_meta(&url) {
            self.http.public(Method::GET, url)?
        } else {
            return Err(foreign());
        };
        let file = files::fetch_here(self.signed_in(request), most).await?;
        for expected in [&source.sha256, &place.sha256].into_iter().flatten() {
            files::same(&file, expected)?;
        }
        Ok(Media {
            bytes: file.bytes,
            mime_type: place.mime_type.or(file.mime_type),
        })
    }

    async fn place(&self, id: &str) -> Result<wire::MediaPlace, Fault> {
        let sound = (1..=128).contains(&id.len()) && id.chars().all(|letter| letter.is_ascii_alphanumeric());
        if !sound {
            return Err(Fault::Rejected("a media id that is none".to_owned()));
        }
        let mut url = self.resource(id)?;
        url.query_pairs_mut()
            .append_pair("phone_number_id", &self.settings.phone_number_id);
        let request = self.signed_in(self.http.configured(Method::GET, url));
        match client::send_following(request, Effect::Read).await? {
            Sent::Here(response) => client::json(response).await,
            Sent::Missing(_) => Err(files::gone()),
            Sent::Elsewhere(_) => Err(Fault::Rejected("a redirect".to_owned())),
        }
    }
}

fn foreign() -> Fault {
    Fault::Rejected("a file that is not on the carrier's own hosts".to_owned())
}

fn is_of_meta(url: &Url) -> bool {
    let named = |host: &str| {
        HOSTS
            .iter()
            .any(|own| host == *own || host.strip_suffix(own).is_some_and(|front| front.ends_with('.')))
    };
    url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && matches!(url.host(), Some(Host::Domain(host)) if named(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_shown_to_meta_only() {
        for good in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://fbsbx.com/",
        ] {
            assert!(is_of_meta(&good.parse().unwrap()), "{good}");
        }
        for bad in [
            "http://lookaside.fbsbx.com/",
            "https://fbsbx.com.evil.example/",
            "https://evilfbsbx.com/",
            "https://fbsbx.com@evil.example/",
            "https://user@fbsbx.com/",
            "https://169.254.169.254/",
        ] {
            assert!(!is_of_meta(&bad.parse().unwrap()), "{bad}");
        }
    }
}
