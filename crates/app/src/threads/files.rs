//! Files of messages: the addresses from which carriers fetch them, and what is known of their types.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::whatsapp::Carrier;
use kernel::BusinessId;

use super::store::file;
use crate::App;

/// A carrier fetches a file within minutes; a queue may make it hours.
const FETCHED_WITHIN: TimeDelta = TimeDelta::hours(12);
/// What a token is sealed for.
const ABOUT: &str = "message file";
/// A larger file is not kept.
pub const MOST_BYTES: u64 = 25 * 1024 * 1024;

/// Types that are kept as what they say they are, with the endings of their names. Anything else is only downloaded.
const TYPES: [(&str, &str); 24] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("audio/ogg", "ogg"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/opus", "ogg"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("video/quicktime", "mov"),
    ("application/pdf", "pdf"),
    ("application/msword", "doc"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    ("application/vnd.ms-excel", "xls"),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
    ),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("text/vcard", "vcf"),
];
/// Of a type that we do not know.
const UNKNOWN: (&str, &str) = ("application/octet-stream", "bin");

/// The type and the ending of its name, as far as we trust what was said.
pub fn known_type(said: Option<&str>) -> (&'static str, &'static str) {
    let essence = said
        .and_then(|said| said.split(';').next())
        .map(|said| said.trim().to_ascii_lowercase());
    let known = |(mime, _): &&(&str, &str)| Some(*mime) == essence.as_deref();
    TYPES.iter().find(known).copied().unwrap_or(UNKNOWN)
}

/// The type that files with such an ending have.
pub fn mime_of_ending(ending: &str) -> Option<&'static str> {
    let ending = ending.to_ascii_lowercase();
    let ending = if ending == "jpeg" { "jpg" } else { ending.as_str() };
    TYPES.iter().find(|(_, known)| *known == ending).map(|(mime, _)| *mime)
}

/// From where a carrier fetches a file of ours; `None` when the outside does not reach us. Our own bridge knows the way
/// here: for it a path is enough.
pub fn url(app: &App, file: &file::Model, carrier: Carrier, now: DateTime<Utc>) -> Option<String> {
    let path = path(app, file, now)?;
    if carrier == Carrier::Baileys {
        return Some(path);
    }
    let base = app.settings.public_base_url.as_ref()?;
    Some(format!("{}{path}", base.as_str().trim_end_matches('/')))
}

fn path(app: &App, file: &file::Model, now: DateTime<Utc>) -> Option<String> {
    let until = (now + FETCHED_WITHIN).timestamp();
    let named = format!("{}:{}:{until}", file.business_id, file.id);
    let token = app.seals.files.seal(ABOUT, named.as_bytes())?;
    Some(format!("/media/files/{token}"))
}

/// Whose file a token names; `None` when it is not ours or has run out.
pub fn of_token(app: &App, token: &str, now: DateTime<Utc>) -> Option<(BusinessId, i64)> {
    let named = String::from_utf8(app.seals.files.open(ABOUT, token)?).ok()?;
    let mut parts = named.split(':').map(str::parse::<i64>);
    let (business, file, until) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    (now.timestamp() < until).then(|| (BusinessId::new(business), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_browsers_run_is_only_downloaded() {
        assert_eq!(known_type(Some("audio/ogg; codecs=opus")), ("audio/ogg", "ogg"));
        assert_eq!(known_type(Some("IMAGE/JPEG")), ("image/jpeg", "jpg"));
        for said in [Some("text/html"), Some("image/svg+xml"), Some(""), None] {
            assert_eq!(known_type(said), UNKNOWN, "{said:?}");
        }
    }
}
