//! What Twilio answers, with every field of its documents.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::DateTime;
use serde_json::{Value, json};

use super::super::{Shared, whatsapp::Sent};

/// «Message resource».
pub(super) fn view(state: &Shared, sent: &Sent) -> Value {
    let account = &state.settings.account_sid;
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{}", sent.id);
    let at = DateTime::from_timestamp(sent.at, 0).unwrap_or_default().to_rfc2822();
    let waiting = matches!(sent.status.as_str(), "accepted" | "queued" | "scheduled");
    let files = usize::from(sent.media_url.is_some());
    json!({
        "account_sid": account, "api_version": "2010-04-01", "body": sent.text.clone().unwrap_or_default(),
        "date_created": at, "date_sent": if waiting { Value::Null } else { json!(at) }, "date_updated": at,
        "direction": "outbound-api", "error_code": sent.code, "error_message": null, "from": sent.from,
        "messaging_service_sid": null, "num_media": files.to_string(), "num_segments": "1", "price": null,
        "price_unit": null, "sid": sent.id, "status": sent.status, "to": sent.to, "uri": format!("{uri}.json"),
        "subresource_uris": { "media": format!("{uri}/Media.json") },
    })
}

/// The newest first, filtered as asked.
pub(super) fn page(state: &Shared, asked: &[(String, String)]) -> Value {
    let of = |name: &str| {
        asked
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    };
    let size: usize = of("PageSize")
        .and_then(|size| size.parse().ok())
        .unwrap_or(50)
        .clamp(1, 1_000);
    let day = |sent: &Sent| {
        DateTime::from_timestamp(sent.at, 0)
            .unwrap_or_default()
            .format("%Y-%m-%d")
            .to_string()
    };
    let same = |name: &str, value: &str| of(name).is_none_or(|wanted| wanted == value);
    let fitting: Vec<Sent> = state
        .whatsapp_twilio
        .memory
        .sent()
        .into_iter()
        .rev()
        .filter(|sent| same("To", &sent.to) && same("From", &sent.from))
        .filter(|sent| {
            let day = day(sent);
            let dated = ["DateSent", "DateSent>", "DateSent<"]
                .iter()
                .any(|name| of(name).is_some());
            // What has not gone out has no such date.
            !(dated && sent.status == "queued")
                && of("DateSent").is_none_or(|wanted| wanted == day)
                && of("DateSent>").is_none_or(|from| day.as_str() >= from.get(..10).unwrap_or(from))
                && of("DateSent<").is_none_or(|to| day.as_str() <= to.get(..10).unwrap_or(to))
        })
        .collect();
    let uri = format!(
        "/2010-04-01/Accounts/{}/Messages.json?PageSize={size}",
        state.settings.account_sid
    );
    let more = fitting.len() > size;
    let shown: Vec<Value> = fitting.iter().take(size).map(|sent| view(state, sent)).collect();
    json!({
        "messages": shown, "page": 0, "page_size": size, "start": 0, "end": shown.len().saturating_sub(1),
        "first_page_uri": format!("{uri}&Page=0"), "previous_page_uri": null, "uri": format!("{uri}&Page=0"),
        "next_page_uri": more.then(|| format!("{uri}&Page=1")),
    })
}

pub(super) fn limited(retry_after: Option<u64>) -> Response {
    let body = json!({
        "code": 20_429, "message": "Too Many Requests", "status": 429,
        "more_info": "https://www.twilio.com/docs/errors/20429",
    });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    if let Some(value) = retry_after.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
