//! What Twilio refuses, by its own codes.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::super::{
    Shared,
    whatsapp::{Sent, Window, now},
};
use crate::twilio::{sids::sid, sign::Fields};

/// Status, code and message.
type Refused = (StatusCode, u32, &'static str);

const LONGEST_TEXT: usize = 1_600;

fn bad(code: u32, message: &'static str) -> Refused {
    (StatusCode::BAD_REQUEST, code, message)
}

/// The message that a form asks for.
pub(super) fn read(state: &Shared, form: &Fields) -> Result<Sent, Refused> {
    let field = |name: &str| form.iter().find(|(field, value)| field == name && !value.is_empty());
    let value = |name: &str| field(name).map(|(_, value)| value.clone());
    let to = value("To").ok_or_else(|| bad(21_604, "A 'To' phone number is required"))?;
    let from = value("From").ok_or_else(|| bad(21_603, "A 'From' phone number is required"))?;
    addressed(&from, &to)?;
    let (text, template) = (value("Body"), value("ContentSid"));
    let files = form.iter().filter(|(name, _)| name == "MediaUrl").count();
    if files > 1 {
        return Err(bad(21_623, "Number of media files exceeds allowed limit"));
    }
    contents(text.as_deref(), template.as_deref(), files)?;
    variables(value("ContentVariables").as_deref())?;
    if let Some(callback) = value("StatusCallback")
        && !callback.starts_with("http")
    {
        return Err(bad(21_609, "Invalid StatusCallback URL"));
    }
    let request: Map<String, Value> = form
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    let known = template.as_ref().and_then(|sid| state.settings.templates.get(sid));
    Ok(Sent {
        id: sid(if files > 0 { "MM" } else { "SM" }),
        client_id: None,
        from,
        to,
        text: text.or_else(|| known.cloned()),
        media_url: value("MediaUrl"),
        template,
        reply_to: None,
        status: "queued".to_owned(),
        code: None,
        status_callback: value("StatusCallback"),
        at: now(),
        request: Value::Object(request),
    })
}

/// Both sides are on WhatsApp: a phone, or a business-scoped id.
fn addressed(from: &str, to: &str) -> Result<(), Refused> {
    let phone = |text: &str| {
        text.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit())
        })
    };
    let scoped = |text: &str| {
        text.split_once('.')
            .is_some_and(|(country, id)| country.len() == 2 && !id.is_empty())
    };
    match from.strip_prefix("whatsapp:") {
        Some(number) if phone(number) => {}
        _ => {
            return Err(bad(
                63_007,
                "Twilio could not find a Channel with the specified From address",
            ));
        }
    }
    match to.strip_prefix("whatsapp:") {
        Some(person) if phone(person) || scoped(person) => Ok(()),
        _ => Err(bad(21_211, "The 'To' number is not a valid phone number")),
    }
}

fn contents(text: Option<&str>, template: Option<&str>, files: usize) -> Result<(), Refused> {
    if text.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        return Err(bad(
            21_617,
            "The concatenated message body exceeds the 1600 character limit",
        ));
    }
    if template.is_none() && text.is_none() && files == 0 {
        return Err(bad(21_619, "A text message body or media urls must be specified"));
    }
    if template.is_some() && text.is_some() {
        return Err(bad(21_654, "ContentSid goes without a Body"));
    }
    let sound = |sid: &str| sid.len() == 34 && sid.starts_with("HX");
    if template.is_some_and(|sid| !sound(sid)) {
        return Err(bad(21_655, "The ContentSid is invalid"));
    }
    Ok(())
}

/// An object of texts.
fn variables(text: Option<&str>) -> Result<(), Refused> {
    let Some(text) = text else { return Ok(()) };
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(values) if values.values().all(Value::is_string) => Ok(()),
        _ => Err(bad(21_656, "The ContentVariables parameter is invalid")),
    }
}

/// A free text to somebody who did not write within 24 hours: whether it is refused at once.
pub(super) fn outside_window(state: &Shared, sent: &Sent, window: Window) -> Option<bool> {
    let person = sent.to.trim_start_matches("whatsapp:");
    if sent.template.is_some() || state.whatsapp_twilio.memory.window_open(person) {
        return None;
    }
    match window {
        Window::Off => None,
        Window::Refuse => Some(true),
        Window::FailLater => Some(false),
    }
}
