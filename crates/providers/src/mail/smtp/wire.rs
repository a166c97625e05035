//! A letter as mail servers carry it (RFC 5322, MIME).

use contracts::{Fault, mail::Letter};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

/// The whole message. It is ASCII: Hebrew is encoded, so that any server takes it.
pub(super) fn message(from: &Mailbox, to: &Address, letter: &Letter) -> Result<Vec<u8>, Fault> {
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(letter.subject.as_str())
        .message_id(Some(format!("<{}@{}>", letter.id, from.email.domain())))
        .multipart(MultiPart::alternative_plain_html(
            letter.text.clone(),
            letter.html.clone(),
        ))
        .map_err(|err| Fault::Rejected(format!("the letter can not be written: {err}")))?;
    // Holiday notices are not sent in answer to it (RFC 3834).
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    message
        .headers_mut()
        .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
    Ok(message.formatted())
}
