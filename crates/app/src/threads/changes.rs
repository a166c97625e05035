//! What changes messages and threads that are there: edits, deletions, reactions, and what a new message does to its
//! thread.

use contracts::whatsapp::{Alters, Carrier};
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, Order};
use serde_json::{Value, json};

use super::{
    inbound::{Arrival, kept_text},
    model::{self, IN, OUT},
    peers, show,
    store::{message, thread},
};
use crate::crm::search::tokens;

/// The message of a thread that a carrier names. Of this thread only: whoever writes chooses what to name.
pub async fn target(
    tx: &ReadTx,
    thread: i64,
    carrier: Carrier,
    carrier_id: &str,
) -> Result<Option<message::Model>, Problem> {
    use message::Column;
    let known = tx
        .find::<message::Entity>()
        .filter(Column::ThreadId.eq(thread))
        .filter(Column::Carrier.eq(carrier.word()))
        .filter(Column::CarrierId.eq(carrier_id))
        .order_by(Column::Id, Order::Desc)
        .limit(1)
        .one()
        .await?;
    if known.is_some() || carrier != Carrier::Baileys {
        return Ok(known);
    }
    let own = tx
        .find::<message::Entity>()
        .filter(Column::ThreadId.eq(thread))
        .filter(Column::ClientId.eq(carrier_id));
    Ok(own.one().await?)
}

/// The same, of the thread that something comes in for.
async fn meant(
    tx: &ReadTx,
    arrival: &Arrival<'_>,
    carrier_id: &str,
) -> Result<Option<(thread::Model, message::Model)>, Problem> {
    let Some((thread, _)) = peers::by_addresses(tx, &arrival.inbound.chat).await? else {
        return Ok(None);
    };
    let message = target(tx, thread.id, arrival.carrier, carrier_id).await?;
    Ok(message.map(|message| (thread, message)))
}

/// Edits or deletes an older message of whoever asks. What is not here is passed over.
pub async fn alter(tx: &WriteTx, arrival: &Arrival<'_>, alters: &Alters) -> Result<(), Problem> {
    let (Alters::Edit { carrier_id } | Alters::Delete { carrier_id }) = alters;
    let Some((thread, message)) = meant(tx, arrival, carrier_id).await? else {
        tracing::info!("a change of a message that is not here");
        return Ok(());
    };
    let theirs = if arrival.inbound.from_me { OUT } else { IN };
    if message.direction != theirs {
        return Ok(()); // nobody changes another's words
    }
    let at = arrival.inbound.sent_at.min(tx.now());
    if message.deleted_at.is_some() || message.edited_at.is_some_and(|edited| edited > at) {
        return Ok(());
    }
    let id = message.id;
    let mut row = message.into_active_model();
    match alters {
        Alters::Edit { .. } => {
            row.text = Set(arrival.inbound.text.as_deref().and_then(kept_text));
            row.edited_at = Set(Some(at));
        }
        Alters::Delete { .. } => row.deleted_at = Set(Some(at)),
    }
    row.updated_at = Set(tx.now());
    let message = tx.update(row).await?;
    tokens::index(tx, tokens::Kind::Message, id, &[shown_text(&message)]).await?;
    if thread.last_message_id == Some(id) {
        let mut row = thread.into_active_model();
        row.last_message_text = Set(model::beginning(shown_text(&message)));
        row.updated_at = Set(tx.now());
        show::changed_thread(tx, &tx.update(row).await?).await?;
    }
    show::changed_message(tx, &message).await
}

/// What is found and shown of a message.
pub fn shown_text(message: &message::Model) -> Option<&str> {
    message.text.as_deref().filter(|_| message.deleted_at.is_none())
}

/// Sets, replaces or takes back an emoji.
pub async fn react(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<(), Problem> {
    let Some(of) = &arrival.inbound.reply_to else {
        return Ok(());
    };
    let Some((_, message)) = meant(tx, arrival, of).await? else {
        tracing::info!("a reaction to a message that is not here");
        return Ok(());
    };
    let whose = if arrival.inbound.from_me {
        "business"
    } else {
        "customer"
    };
    let emoji: String = arrival
        .inbound
        .text
        .as_deref()
        .unwrap_or_default()
        .chars()
        .take(16)
        .collect();
    let mut reactions = message.reactions.as_object().cloned().unwrap_or_default();
    let before = reactions.get(whose).and_then(Value::as_str).unwrap_or_default();
    if before == emoji {
        return Ok(());
    }
    if emoji.is_empty() {
        reactions.remove(whose);
    } else {
        reactions.insert(whose.to_owned(), json!(emoji));
    }
    let mut row = message.into_active_model();
    row.reactions = Set(Value::Object(reactions));
    row.updated_at = Set(tx.now());
    let message = tx.update(row).await?;
    show::changed_message(tx, &message).await
}

/// What the list shows of the thread, unless this message is older.
pub fn put_last(row: &mut thread::ActiveModel, before: &thread::Model, message: &message::Model) {
    if before.last_message_id.is_some() && message.at < before.last_message_at {
        return;
    }
    row.last_message_id = Set(Some(message.id));
    row.last_message_at = Set(message.at);
    row.last_message_kind = Set(Some(message.kind.clone()));
    row.last_message_text = Set(model::beginning(message.text.as_deref()));
    row.last_message_direction = Set(Some(message.direction.clone()));
    row.draft = Set(None);
    row.draft_of_id = Set(None);
}

/// The agent answers here no more, until somebody turns it on again.
pub fn silence(row: &mut thread::ActiveModel, before: &thread::Model, reason: &str) {
    if before.bot {
        row.bot = Set(false);
        row.bot_off_reason = Set(Some(reason.to_owned()));
    }
}
