//! The signature on every request, both ways.

use axum::{
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};

use super::{
    super::{
        Shared,
        whatsapp::{now, signed},
    },
    lock, problem,
};

const TOLERANCE_SECONDS: u64 = 300;
const MOST_REMEMBERED: usize = 100_000;

/// `"{unix seconds}\n{METHOD}\n{path with query}\n{body}"`
pub(super) fn over(secret: &str, seconds: i64, method: &Method, target: &str, body: &[u8]) -> String {
    let text = [format!("{seconds}\n{method}\n{target}\n").as_bytes(), body].concat();
    signed(secret, &text)
}

#[expect(clippy::result_large_err, reason = "it is the answer")]
pub(super) fn check(
    state: &Shared,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Response> {
    let refused = |word| Err(problem(StatusCode::FORBIDDEN, word));
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(at), Some(given)) = (header("x-wa-timestamp"), header("x-wa-signature")) else {
        return refused("unsigned");
    };
    let Ok(seconds) = at.parse::<i64>() else {
        return refused("unsigned");
    };
    let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str());
    if given != over(&state.settings.bridge_secret, seconds, method, target, body) {
        return refused("bad_signature");
    }
    if now().abs_diff(seconds) > TOLERANCE_SECONDS {
        return refused("stale");
    }
    if *method == Method::POST {
        let mut replays = lock(&state.whatsapp_bridge.replays);
        if replays.len() >= MOST_REMEMBERED {
            replays.clear();
        }
        if !replays.insert(given.to_owned()) {
            return refused("replayed");
        }
    }
    Ok(())
}
