//! Twilio's form of a message (REST API 2010-04-01, «Message resource»). Numbers come as strings, times as RFC 2822.

use chrono::{DateTime, Utc};
use contracts::whatsapp::{Address, Body, Outgoing, SendFault, Status, Template};
use kernel::Phone;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{limits, whatsapp::once};

/// What Twilio says of a message. Whatever is missing or of another kind is taken as not said.
#[derive(Deserialize)]
pub(super) struct Message {
    pub sid: String,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub error_code: Option<Value>,
    #[serde(default)]
    pub direction: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub date_created: Option<String>,
}

impl Message {
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        let text = self.date_created.as_deref()?;
        DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
    }
}

#[derive(Deserialize)]
pub(super) struct Page {
    pub messages: Vec<Message>,
    #[serde(default)]
    pub next_page_uri: Option<String>,
}

/// The body of an error.
#[derive(Deserialize)]
pub(super) struct Problem {
    pub code: Value,
}

/// Twilio's word for what became of a message; `None` for one that we do not know.
pub(super) fn status(word: &str) -> Option<Status> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => Status::Sending,
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" => Status::Read,
        "undelivered" | "failed" | "canceled" => Status::Failed,
        _ => return None,
    })
}

/// `whatsapp:` and a phone or a business-scoped id.
pub(super) fn address(address: &Address) -> Result<String, SendFault> {
    match address {
        Address::Phone(phone) => Ok(channel(phone)),
        Address::Bsuid(id) => Ok(format!("whatsapp:{id}")),
        Address::Lid(_) => Err(once::refused("an address of WhatsApp Web")),
    }
}

pub(super) fn channel(phone: &Phone) -> String {
    format!("whatsapp:{}", phone.as_str())
}

pub(super) type Form = Vec<(&'static str, String)>;

/// The form that sends a message.
pub(super) fn form(message: &Outgoing, from: &Phone) -> Result<Form, SendFault> {
    let mut form = vec![("From", channel(from)), ("To", address(&message.to)?)];
    match &message.body {
        Body::Text(text) => form.push(("Body", body(text)?)),
        Body::Media { url, caption, .. } => {
            form.push(("MediaUrl", url.clone()));
            if let Some(caption) = caption.as_deref().filter(|caption| !caption.is_empty()) {
                form.push(("Body", body(caption)?));
            }
        }
        Body::Template(template) => {
            form.push(("ContentSid", template.reference.clone()));
            if !template.variables.is_empty() {
                form.push(("ContentVariables", variables(template)));
            }
        }
    }
    if let Some(address) = &message.status_callback {
        form.push(("StatusCallback", address.clone()));
    }
    Ok(form)
}

fn body(text: &str) -> Result<String, SendFault> {
    if text.chars().count() > limits::TWILIO_TEXT_CHARS {
        return Err(once::refused("a text of more than 1600 characters"));
    }
    Ok(text.to_owned())
}

/// Names to values; a name is `1`, `2`, … or a word.
fn variables(template: &Template) -> String {
    let values: Map<String, Value> = template
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    Value::Object(values).to_string()
}

#[cfg(test)]
mod tests {
    use contracts::whatsapp::Kind;

    use super::*;

    /// The vendor's library sends these very forms: `checks/whatsapp_twilio.py` sees to it.
    const FORMS: &str = include_str!("fixtures/forms.json");

    fn message(body: Body, to: Address, told: bool) -> Value {
        let outgoing = Outgoing {
            id: "m1".to_owned(),
            from: None,
            to,
            body,
            reply_to: None,
            status_callback: told.then(|| "https://agent.example.com/webhook/whatsapp/status".to_owned()),
        };
        let from = Phone::parse("+97233000000").unwrap();
        let form = form(&outgoing, &from).unwrap();
        form.into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect::<Map<_, _>>()
            .into()
    }

    #[test]
    fn forms_are_those_of_the_vendors_library() {
        let expected: Value = serde_json::from_str(FORMS).unwrap();
        let person = || Address::Phone(Phone::parse("0501234567").unwrap());
        let text = Body::Text("שלום דנה 🙂 & = +".to_owned());
        assert_eq!(message(text, person(), true), expected["text"]);
        let media = Body::Media {
            kind: Kind::Image,
            url: "https://agent.example.com/media/files/t".to_owned(),
            mime_type: "image/jpeg".to_owned(),
            file_name: None,
            caption: Some("ההצעה".to_owned()),
        };
        assert_eq!(message(media, person(), false), expected["media"]);
        let values = [("1", "דנה"), ("2", "09:00")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let template = Body::Template(Template {
            reference: "HX00000000000000000000000000000001".to_owned(),
            language: "he".to_owned(),
            variables: values.to_vec(),
            text: String::new(),
        });
        assert_eq!(message(template, person(), false), expected["template"]);
        let hidden = Address::Bsuid("IL.13491208655302741918".to_owned());
        assert_eq!(
            message(Body::Text("שלום".to_owned()), hidden, false),
            expected["hidden"]
        );
    }
}
