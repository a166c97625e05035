//! The fixed sentences as MP3 files that are always there, in the binary itself.

use std::sync::LazyLock;

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
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
        return StatusCode::NOT_FOUND.into_response();
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

/// What a `Range` header asks of a content of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Whole,
    /// The first byte, and the one after the last.
    Part(u64, u64),
    /// Nothing of it is there.
    Nowhere,
}

/// Reads `bytes=a-b`, `bytes=a-` and `bytes=-n`. Several ranges, and what can not be read, ask for the whole (RFC 9110).
pub fn asked(headers: &HeaderMap, length: u64) -> Asked {
    let Some(range) = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes="))
        .filter(|range| !range.contains(','))
    else {
        return Asked::Whole;
    };
    let Some((from, to)) = range.trim().split_once('-') else {
        return Asked::Whole;
    };
    match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => within(from, to.saturating_add(1).min(length), length),
        (Ok(from), Err(_)) if to.is_empty() => within(from, length, length),
        (Err(_), Ok(last)) if from.is_empty() => match last {
            0 => Asked::Nowhere,
            last => within(length.saturating_sub(last), length, length),
        },
        _ => Asked::Whole,
    }
}

fn within(from: u64, to: u64, length: u64) -> Asked {
    if from < length {
        Asked::Part(from, to)
    } else {
        Asked::Nowhere
    }
}

/// A content in memory, whole or in part.
pub fn ranged(content: Bytes, content_type: &'static str, headers: &HeaderMap) -> Response {
    let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let (status, body, part) = match asked(headers, length) {
        Asked::Whole => (StatusCode::OK, content, None),
        Asked::Part(from, to) => {
            let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(content.len());
            (
                StatusCode::PARTIAL_CONTENT,
                content.slice(at(from)..at(to)),
                Some((from, to)),
            )
        }
        Asked::Nowhere => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), None),
    };
    with_range(status, Body::from(body), content_type, part, length)
}

/// The headers that belong to an answer with or without a range.
pub fn with_range(
    status: StatusCode,
    body: Body,
    content_type: &str,
    part: Option<(u64, u64)>,
    length: u64,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(kind) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    let said = match (status, part) {
        (StatusCode::RANGE_NOT_SATISFIABLE, _) => Some(format!("bytes */{length}")),
        (_, Some((from, to))) => Some(format!("bytes {from}-{}/{length}", to.saturating_sub(1))),
        _ => None,
    };
    if let Some(said) = said.and_then(|said| HeaderValue::from_str(&said).ok()) {
        headers.insert(header::CONTENT_RANGE, said);
    }
    response
}

#[cfg(test)]
mod tests {
    use conversation::sentences::Key;
    use proptest::prelude::*;

    use super::*;

    fn headers(range: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).expect("visible"));
        headers
    }

    #[test]
    fn every_sentence_has_its_file() {
        for key in Key::ALL.iter().filter(|key| key.is_sentence()) {
            for ending in ["_he", "_he_m"] {
                let clip = find(&format!("{}{ending}", key.name())).unwrap_or_default();
                assert!(clip.len() > 1_000, "{}", key.name());
            }
        }
    }

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(asked(&HeaderMap::new(), 100), Asked::Whole);
        assert_eq!(asked(&headers("bytes=0-9"), 100), Asked::Part(0, 10));
        assert_eq!(asked(&headers("bytes=90-"), 100), Asked::Part(90, 100));
        assert_eq!(asked(&headers("bytes=-10"), 100), Asked::Part(90, 100));
        assert_eq!(asked(&headers("bytes=-1000"), 100), Asked::Part(0, 100));
        assert_eq!(asked(&headers("bytes=0-1000"), 100), Asked::Part(0, 100));
        assert_eq!(asked(&headers("bytes=100-"), 100), Asked::Nowhere);
        assert_eq!(asked(&headers("bytes=-0"), 100), Asked::Nowhere);
        assert_eq!(asked(&headers("bytes=9-0"), 100), Asked::Whole);
        assert_eq!(asked(&headers("bytes=0-1,5-6"), 100), Asked::Whole);
        assert_eq!(asked(&headers("lines=0-1"), 100), Asked::Whole);
    }

    proptest! {
        #[test]
        fn a_part_lies_in_the_content(range in "bytes=[0-9]{0,20}-[0-9]{0,20}", length in 1_u64..10_000) {
            if let Asked::Part(from, to) = asked(&headers(&range), length) {
                prop_assert!(from < to && to <= length);
            }
        }
    }
}
