//! The fixed sentences as MP3 files that are always there, in the binary itself.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use kernel::Problem;
use platform::http::{ApiError, range::ranged};
use sha2::{Digest, Sha256};

/// A day: the sentences change with releases only.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=86400");

macro_rules! clips {
    ($($name:literal)*) => {
        /// Name (as in the address, without `.mp3`) and content.
        const CLIPS: &[(&str, &[u8])] = &[$(
            (concat!($name, "_he"), include_bytes!(concat!("../../../assets/tts/", $name, "_he.mp3"))),
            (concat!($name, "_he_m"), include_bytes!(concat!("../../../assets/tts/", $name, "_he_m.mp3"))),
        )*];
    };
}

clips! {
    "after_hours"
    "after_hours_message"
    "after_tone"
    "all_right"
    "ask_callback_number"
    "ask_callback_time"
    "ask_details"
    "ask_hidden_number"
    "ask_name"
    "ask_need"
    "blocked"
    "confirm_number"
    "did_not_hear"
    "download_failed"
    "empty_transcript"
    "fallback"
    "filler_checking"
    "filler_moment"
    "filler_noting"
    "filler_patience"
    "goodbye"
    "goodbye_long_call"
    "goodbye_silence"
    "greeting"
    "model_failed"
    "nice_to_meet"
    "nobody_available"
    "number_unclear"
    "read_back"
    "recording_missing"
    "recording_notice"
    "reprompt_first"
    "reprompt_second"
    "take_over_whisper"
    "thanks"
    "thanks_message"
    "too_busy"
    "transferring"
    "unavailable"
    "understood"
    "voice_failed"
    "voicemail"
    "will_call_back"
    "will_check"
}

/// Changes when any clip does.
static ETAG: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for (_, content) in CLIPS {
        digest.update(content);
    }
    format!("\"{}\"", hex::encode(digest.finalize()).get(..16).unwrap_or_default())
});

fn find(name: &str) -> Option<&'static [u8]> {
    CLIPS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, content)| *content)
}

/// A fixed sentence, spoken.
#[utoipa::path(method(get, head), path = "/static/tts/{name}", params(("name" = String, Path, description = "for example greeting_he.mp3")),
    responses((status = 200, content_type = "audio/mpeg"), (status = 206, content_type = "audio/mpeg"), (status = 404), (status = 416)))]
pub async fn clip(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(content) = name.strip_suffix(".mp3").and_then(find) else {
        return ApiError::from(Problem::not_found()).into_response();
    };
    let mut response = ranged(Bytes::from_static(content), "audio/mpeg", &headers);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHE);
    if let Ok(etag) = HeaderValue::from_str(&ETAG) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The addresses of before, where the greeting was called `welcome`.
#[utoipa::path(method(get, head), path = "/static/voice_responses/{name}", params(("name" = String, Path, description = "for example welcome.mp3")),
    responses((status = 200, content_type = "audio/mpeg"), (status = 206, content_type = "audio/mpeg"), (status = 404), (status = 416)))]
pub async fn older_clip(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let name = if name == "welcome.mp3" {
        "greeting_he.mp3".to_owned()
    } else {
        name
    };
    clip(Path(name), headers).await
}

#[cfg(test)]
mod tests {
    use conversation::sentences::Key;

    use super::*;

    #[test]
    fn every_sentence_has_its_file() {
        for key in Key::ALL.iter().filter(|key| key.is_sentence()) {
            for ending in ["_he", "_he_m"] {
                let clip = find(&format!("{}{ending}", key.name())).unwrap_or_default();
                assert!(clip.len() > 1_000, "{}", key.name());
            }
        }
    }
}
