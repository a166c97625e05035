//! The fields of Twilio's WhatsApp webhooks, as its messaging documents list them.

use super::super::{
    Shared,
    whatsapp::{Letter, Sent},
};
use crate::twilio::sign::Fields;

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// «Outbound message status in status callbacks».
pub(super) fn status(state: &Shared, sent: &Sent) -> Fields {
    let mut form = fields([
        ("AccountSid", &state.settings.account_sid),
        ("ApiVersion", "2010-04-01"),
        ("ChannelInstallSid", "XE00000000000000000000000000000000"),
        ("ChannelPrefix", "whatsapp"),
        ("ChannelToAddress", sent.to.trim_start_matches("whatsapp:")),
        ("From", &sent.from),
        ("MessageSid", &sent.id),
        ("MessageStatus", &sent.status),
        ("SmsSid", &sent.id),
        ("SmsStatus", &sent.status),
        ("StructuredMessage", "false"),
        ("To", &sent.to),
    ]);
    if sent.status == "read" {
        form.push(("EventType".to_owned(), "READ".to_owned()));
    }
    if let Some(code) = sent.code {
        form.push(("ErrorCode".to_owned(), code.to_string()));
        form.push(("ErrorMessage".to_owned(), format!("Error {code}")));
    }
    form
}

/// «Webhook request to your Messaging webhook URL».
pub(super) fn inbound(state: &Shared, letter: &Letter, id: &str, file: Option<&str>) -> Fields {
    let to = if letter.to.is_empty() {
        super::NUMBER
    } else {
        &letter.to
    };
    let text = match letter.kind() {
        "interactive" | "button" => letter.choice.as_ref().map(|(_, title)| title.clone()),
        _ => letter.text.clone(),
    };
    let mut form = fields([
        ("SmsMessageSid", id),
        ("NumMedia", if file.is_some() { "1" } else { "0" }),
        ("ProfileName", letter.name.as_deref().unwrap_or_default()),
        ("MessageType", kind(letter)),
        ("SmsSid", id),
        ("SmsStatus", "received"),
        ("Body", text.as_deref().unwrap_or_default()),
        ("To", &format!("whatsapp:{to}")),
        ("NumSegments", "1"),
        ("ReferralNumMedia", "0"),
        ("MessageSid", id),
        ("AccountSid", &state.settings.account_sid),
        ("From", &format!("whatsapp:{}", letter.from)),
        ("ApiVersion", "2010-04-01"),
    ]);
    if !letter.hidden() {
        form.push(("WaId".to_owned(), letter.digits().to_owned()));
    }
    if let (Some(media), Some(file)) = (file, &letter.file) {
        let account = &state.settings.account_sid;
        let url = format!(
            "{}2010-04-01/Accounts/{account}/Messages/{id}/Media/{media}",
            state.base
        );
        form.push(("MediaUrl0".to_owned(), url));
        form.push(("MediaContentType0".to_owned(), file.mime_type.clone()));
    }
    more(&mut form, letter);
    form
}

/// Twilio's word for a kind.
fn kind(letter: &Letter) -> &str {
    match letter.kind() {
        "voice" => "audio",
        "interactive" => "button",
        kind => kind,
    }
}

fn more(form: &mut Fields, letter: &Letter) {
    let mut put = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
    if let Some((latitude, longitude)) = letter.location {
        put("Latitude", &latitude.to_string());
        put("Longitude", &longitude.to_string());
    }
    if let Some((id, title)) = &letter.choice {
        put("ButtonPayload", id);
        put("ButtonText", title);
    }
    if let Some(id) = &letter.reply_to {
        put("OriginalRepliedMessageSid", id);
        put("OriginalRepliedMessageSender", &format!("whatsapp:{}", super::NUMBER));
    }
}
