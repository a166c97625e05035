//! A part of a content: what a `Range` header asks for, and the answer (RFC 9110, section 14).

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kernel::Problem;

use super::error;

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
        Asked::Nowhere => return nowhere(length),
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
    if let Some((from, to)) = part {
        say_range(headers, &format!("bytes {from}-{}/{length}", to.saturating_sub(1)));
    }
    response
}

/// 416 `range_not_satisfiable`, with the content's length.
pub fn nowhere(length: u64) -> Response {
    let problem = Problem::new(416, "range_not_satisfiable", "the content has no such part");
    let mut response = error::render(&problem);
    say_range(response.headers_mut(), &format!("bytes */{length}"));
    response
}

fn say_range(headers: &mut HeaderMap, range: &str) {
    if let Ok(range) = HeaderValue::from_str(range) {
        headers.insert(header::CONTENT_RANGE, range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(range: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).expect("visible"));
        headers
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

    #[test]
    fn a_part_lies_in_the_content() {
        for (from, to, length) in
            (0..14).flat_map(|from| (0..14).flat_map(move |to| (1..13).map(move |n| (from, to, n))))
        {
            for range in [
                format!("bytes={from}-{to}"),
                format!("bytes={from}-"),
                format!("bytes=-{to}"),
            ] {
                if let Asked::Part(from, to) = asked(&headers(&range), length) {
                    assert!(from < to && to <= length, "{range} of {length}");
                }
            }
        }
    }
}
