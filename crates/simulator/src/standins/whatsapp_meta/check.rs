//! What the Graph API refuses, by its own codes.

use serde_json::Value;

use super::{
    super::{
        Shared,
        whatsapp::{Sent, Window, now},
    },
    hooks,
};

type Refused = (u32, &'static str);

const LONGEST_TEXT: usize = 4_096;
const LONGEST_OPAQUE: usize = 512;
const FILES: [&str; 5] = ["image", "audio", "video", "document", "sticker"];

fn missing(what: &'static str) -> Refused {
    (131_008, what)
}

/// The message that a body asks for.
pub(super) fn read(state: &Shared, number: &str, body: &[u8]) -> Result<Sent, Refused> {
    if number != state.settings.meta.phone_number_id {
        return Err((100, "Unsupported post request. Object with that ID does not exist"));
    }
    let whole: Value = serde_json::from_slice(body).map_err(|_| (100, "Invalid parameter: no JSON"))?;
    let text = |name: &str| whole.get(name).and_then(Value::as_str);
    if text("messaging_product") != Some("whatsapp") {
        return Err((100, "The parameter messaging_product is required"));
    }
    let to = match (text("to"), text("recipient")) {
        (Some(to), _) => phone(to)?,
        (None, Some(id)) => scoped(id)?,
        (None, None) => return Err(missing("The parameter to is required")),
    };
    let opaque = text("biz_opaque_callback_data");
    if opaque.is_some_and(|opaque| opaque.len() > LONGEST_OPAQUE) {
        return Err((131_009, "biz_opaque_callback_data is too long"));
    }
    let kind = text("type").unwrap_or("text");
    let own = whole.get(kind).filter(|own| own.is_object());
    let own = own.ok_or_else(|| missing("The object of the message's type is required"))?;
    let (said, media_url, template) = contents(state, kind, own)?;
    Ok(Sent {
        id: hooks::wamid(),
        client_id: opaque.map(str::to_owned),
        from: state.settings.meta.number.clone(),
        to,
        text: said,
        media_url,
        template,
        reply_to: whole
            .pointer("/context/message_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        status: "accepted".to_owned(),
        code: None,
        status_callback: None,
        at: now(),
        request: whole,
    })
}

/// As WhatsApp writes it: digits alone.
fn phone(to: &str) -> Result<String, Refused> {
    let digits = to.trim_start_matches('+');
    let sound = (7..=15).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit());
    sound
        .then(|| digits.to_owned())
        .ok_or((131_009, "Parameter value is not valid: to"))
}

fn scoped(id: &str) -> Result<String, Refused> {
    let sound = id
        .split_once('.')
        .is_some_and(|(country, rest)| country.len() == 2 && !rest.is_empty());
    sound
        .then(|| id.to_owned())
        .ok_or((131_009, "Parameter value is not valid: recipient"))
}

/// What is said, the file's address, and the template's name.
type Contents = (Option<String>, Option<String>, Option<String>);

fn contents(state: &Shared, kind: &str, own: &Value) -> Result<Contents, Refused> {
    let text = |name: &str| own.get(name).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "text" => {
            let body = text("body").filter(|body| !body.is_empty());
            let body = body.ok_or_else(|| missing("The parameter text.body is required"))?;
            if body.chars().count() > LONGEST_TEXT {
                return Err((100, "Param text.body must be at most 4096 characters long"));
            }
            Ok((Some(body), None, None))
        }
        "template" => template(state, own),
        kind if FILES.contains(&kind) => {
            let captioned = matches!(kind, "image" | "video" | "document");
            if own.get("caption").is_some() && !captioned {
                return Err((100, "Unexpected key \"caption\""));
            }
            match (text("link"), text("id")) {
                (Some(link), _) if link.starts_with("http") => Ok((text("caption"), Some(link), None)),
                (None, Some(_)) => Ok((text("caption"), None, None)),
                _ => Err(missing("A file needs a link or an id")),
            }
        }
        "interactive" | "location" | "contacts" | "reaction" => Ok((None, None, None)),
        _ => Err((131_051, "Unsupported message type")),
    }
}

/// A template that is known, in a language, with as many values as its text has places.
fn template(state: &Shared, own: &Value) -> Result<Contents, Refused> {
    let name = own.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| missing("The parameter template.name is required"))?;
    if own.pointer("/language/code").and_then(Value::as_str).is_none() {
        return Err(missing("The parameter template.language.code is required"));
    }
    let templates = &state.settings.templates;
    let Some(text) = templates.get(name) else {
        if templates.is_empty() {
            return Ok((None, None, Some(name.to_owned())));
        }
        return Err((132_001, "Template name does not exist in the translation"));
    };
    let values: Vec<&str> = own
        .pointer("/components/0/parameters")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|value| value.get("text").and_then(Value::as_str))
        .collect();
    if values.len() != text.matches("{{").count() {
        return Err((
            132_000,
            "Number of parameters does not match the expected number of params",
        ));
    }
    let filled = values.iter().zip(1..).fold(text.clone(), |text, (value, n): (_, u32)| {
        text.replace(&format!("{{{{{n}}}}}"), value)
    });
    Ok((Some(filled), None, Some(name.to_owned())))
}

/// A free text to somebody who did not write within 24 hours: whether it is refused at once.
pub(super) fn outside_window(state: &Shared, sent: &Sent, window: Window) -> Option<bool> {
    if sent.template.is_some() || state.whatsapp_meta.memory.window_open(&sent.to) {
        return None;
    }
    match window {
        Window::Off => None,
        Window::Refuse => Some(true),
        Window::FailLater => Some(false),
    }
}
