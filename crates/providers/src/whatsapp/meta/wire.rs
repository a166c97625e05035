//! The Cloud API's form of a message (Graph, «Messages»). It has no key against doing it twice: our id travels in
//! `biz_opaque_callback_data` and comes back with every status.

use contracts::whatsapp::{Address, Body, Kind, Outgoing, SendFault, Template};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{limits, whatsapp::once};

/// What a sending is answered with.
#[derive(Deserialize)]
pub(super) struct Taken {
    pub messages: Vec<TakenMessage>,
}

#[derive(Deserialize)]
pub(super) struct TakenMessage {
    #[serde(default)]
    pub id: Option<String>,
}

/// The body of an error.
#[derive(Deserialize)]
pub(super) struct Problem {
    pub error: ProblemError,
}

#[derive(Deserialize)]
pub(super) struct ProblemError {
    pub code: Value,
}

/// Where a file lies, for about five minutes.
#[derive(Deserialize)]
pub(super) struct MediaPlace {
    pub url: String,
    #[serde(default)]
    pub mime_type: Option<String>,
    #[serde(default)]
    pub sha256: Option<String>,
    #[serde(default)]
    pub file_size: Option<Value>,
}

/// The body that sends a message.
pub(super) fn message(message: &Outgoing) -> Result<Value, SendFault> {
    let mut whole = Map::new();
    let mut put = |name: &str, value: Value| whole.insert(name.to_owned(), value);
    put("messaging_product", json!("whatsapp"));
    put("recipient_type", json!("individual"));
    match &message.to {
        Address::Phone(phone) => put("to", json!(phone.as_str().trim_start_matches('+'))),
        Address::Bsuid(id) => put("recipient", json!(id)),
        Address::Lid(_) => return Err(once::refused("an address of WhatsApp Web")),
    };
    let (kind, content) = content(&message.body)?;
    put("type", json!(kind));
    put(kind, content);
    if let Some(quoted) = &message.reply_to {
        put("context", json!({ "message_id": quoted.carrier_id }));
    }
    put("biz_opaque_callback_data", json!(message.id));
    Ok(Value::Object(whole))
}

fn content(body: &Body) -> Result<(&'static str, Value), SendFault> {
    match body {
        Body::Text(text) if text.chars().count() > limits::META_TEXT_CHARS => {
            Err(once::refused("a text of more than 4096 characters"))
        }
        Body::Text(text) => Ok(("text", json!({ "body": text, "preview_url": false }))),
        Body::Template(template) => Ok(("template", of_template(template))),
        Body::Media {
            kind,
            url,
            file_name,
            caption,
            ..
        } => of_file(*kind, url, file_name.as_deref(), caption.as_deref()),
    }
}

fn of_file(
    kind: Kind,
    url: &str,
    file_name: Option<&str>,
    caption: Option<&str>,
) -> Result<(&'static str, Value), SendFault> {
    let (name, captioned) = match kind {
        Kind::Image => ("image", true),
        Kind::Video => ("video", true),
        Kind::Audio | Kind::Voice => ("audio", false),
        Kind::Sticker => ("sticker", false),
        Kind::Document => ("document", true),
        _ => return Err(once::refused("no kind of file")),
    };
    let mut file = Map::new();
    file.insert("link".to_owned(), json!(url));
    if let Some(caption) = caption.filter(|caption| captioned && !caption.is_empty()) {
        file.insert("caption".to_owned(), json!(caption));
    }
    if let Some(file_name) = file_name.filter(|_| kind == Kind::Document) {
        file.insert("filename".to_owned(), json!(file_name));
    }
    if kind == Kind::Voice {
        file.insert("voice".to_owned(), json!(true));
    }
    Ok((name, Value::Object(file)))
}

/// Variables are numbered by their place, or named; a template has only the one or the other.
fn of_template(template: &Template) -> Value {
    let parameters: Vec<Value> = template.variables.iter().map(parameter).collect();
    let components = if parameters.is_empty() {
        json!([])
    } else {
        json!([{ "type": "body", "parameters": parameters }])
    };
    json!({ "name": template.reference, "language": { "code": template.language }, "components": components })
}

fn parameter((name, value): &(String, String)) -> Value {
    if name.chars().all(|digit| digit.is_ascii_digit()) {
        json!({ "type": "text", "text": value })
    } else {
        json!({ "type": "text", "parameter_name": name, "text": value })
    }
}

#[cfg(test)]
mod tests {
    use contracts::whatsapp::Quoted;
    use kernel::Phone;

    use super::*;

    fn outgoing(body: Body) -> Outgoing {
        Outgoing {
            id: "m17".to_owned(),
            from: None,
            to: Address::Phone(Phone::parse("0501234567").unwrap()),
            body,
            reply_to: None,
            status_callback: None,
        }
    }

    #[test]
    fn a_text_is_as_the_reference_has_it() {
        let reply = Outgoing {
            reply_to: Some(Quoted {
                carrier_id: "wamid.1".to_owned(),
                text: None,
                from_me: false,
            }),
            ..outgoing(Body::Text("שלום".to_owned()))
        };
        assert_eq!(
            message(&reply).unwrap(),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "972501234567", "type": "text",
                "text": {"body": "שלום", "preview_url": false}, "context": {"message_id": "wamid.1"},
                "biz_opaque_callback_data": "m17",
            })
        );
    }

    #[test]
    fn a_person_without_a_phone_is_the_recipient() {
        let hidden = Outgoing {
            to: Address::Bsuid("IL.1".to_owned()),
            ..outgoing(Body::Text("x".to_owned()))
        };
        let body = message(&hidden).unwrap();
        assert_eq!((&body["recipient"], &body["to"]), (&json!("IL.1"), &Value::Null));
        let web = Outgoing {
            to: Address::Lid("1".to_owned()),
            ..outgoing(Body::Text("x".to_owned()))
        };
        assert_eq!(message(&web).unwrap_err().word(), "refused");
    }

    #[test]
    fn a_template_has_its_variables_in_order_or_by_name() {
        let template = |names: [&str; 2]| {
            let body = Body::Template(Template {
                reference: "reminder".to_owned(),
                language: "he".to_owned(),
                variables: names.map(|name| (name.to_owned(), format!("value of {name}"))).to_vec(),
                text: String::new(),
            });
            message(&outgoing(body)).unwrap()["template"].clone()
        };
        assert_eq!(
            template(["1", "2"]),
            json!({"name": "reminder", "language": {"code": "he"}, "components": [{"type": "body", "parameters": [
                {"type": "text", "text": "value of 1"}, {"type": "text", "text": "value of 2"}]}]})
        );
        assert_eq!(
            template(["day", "time"])["components"][0]["parameters"][1],
            json!({"type": "text", "parameter_name": "time", "text": "value of time"})
        );
    }

    #[test]
    fn each_file_has_what_its_kind_takes() {
        let file = |kind| {
            message(&outgoing(Body::Media {
                kind,
                url: "https://x/1".to_owned(),
                mime_type: "a/b".to_owned(),
                file_name: Some("הצעה.pdf".to_owned()),
                caption: Some("c".to_owned()),
            }))
        };
        assert_eq!(
            file(Kind::Image).unwrap()["image"],
            json!({"link": "https://x/1", "caption": "c"})
        );
        assert_eq!(
            file(Kind::Document).unwrap()["document"],
            json!({"link": "https://x/1", "caption": "c", "filename": "הצעה.pdf"})
        );
        assert_eq!(
            file(Kind::Voice).unwrap()["audio"],
            json!({"link": "https://x/1", "voice": true})
        );
        assert_eq!(file(Kind::Sticker).unwrap()["sticker"], json!({"link": "https://x/1"}));
        assert_eq!(file(Kind::Location).unwrap_err().word(), "refused");
    }

    #[test]
    fn a_text_that_is_too_long_does_not_go() {
        let text = |length| message(&outgoing(Body::Text("ש".repeat(length))));
        assert!(text(4_096).is_ok());
        assert_eq!(text(4_097).unwrap_err().word(), "refused");
    }
}
