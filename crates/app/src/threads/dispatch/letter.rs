//! A message as its carrier is to have it.

use contracts::whatsapp::{Address, Body, Carrier, Quoted, Template};
use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::ColumnTrait;

use crate::{
    AppState,
    threads::{
        files, model, peers,
        store::{file, message},
    },
};

pub(super) async fn recipient(tx: &ReadTx, message: &message::Model) -> Result<Option<Address>, Problem> {
    let known = peers::addresses_of(tx, message.thread_id).await?;
    Ok(known.iter().find_map(|one| model::address_of(&one.kind, &one.value)))
}

pub(super) async fn reply_to(
    tx: &ReadTx,
    message: &message::Model,
    carrier: Carrier,
) -> Result<Option<Quoted>, Problem> {
    let Some(id) = message.reply_to_id else { return Ok(None) };
    let answered = tx.find::<message::Entity>().by_id(id).one().await?;
    // Another carrier does not know it.
    let answered = answered.filter(|answered| answered.carrier.as_deref() == Some(carrier.word()));
    Ok(answered.and_then(|answered| {
        Some(Quoted {
            carrier_id: answered.carrier_id?,
            text: answered.text,
            from_me: answered.direction == model::OUT,
        })
    }))
}

pub(super) async fn body(
    app: &AppState,
    tx: &ReadTx,
    message: &message::Model,
    carrier: Carrier,
) -> Result<Option<Body>, Problem> {
    let payload = message.payload();
    let text = message.text.clone().unwrap_or_default();
    if let Some(used) = payload.template {
        let reference = match carrier {
            Carrier::Twilio => used.twilio_content_sid,
            Carrier::Meta => used.meta_name,
            Carrier::Baileys => Some(used.name),
        };
        return Ok(reference.map(|reference| {
            Body::Template(Template {
                reference,
                language: used.language,
                variables: used.variables,
                text,
            })
        }));
    }
    if !message.has_files {
        return Ok(Some(Body::Text(text)));
    }
    let file = tx
        .find::<file::Entity>()
        .filter(file::Column::MessageId.eq(message.id))
        .one()
        .await?;
    let Some(file) = file else { return Ok(None) };
    let Some(url) = payload.media_url.or_else(|| files::url(app, &file, carrier, tx.now())) else {
        return Ok(None);
    };
    let mime_type = file.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    Ok(Some(Body::Media {
        kind: model::kind_of_word(&message.kind),
        url,
        mime_type,
        file_name: file.file_name,
        caption: message.text.clone(),
    }))
}
