//! What people see of threads without asking: events for open pages, and the customer's timeline.

use chrono_tz::Tz;
use kernel::{CustomerId, Problem};
use platform::{
    db::WriteTx,
    outbox::{Event, Room},
};
use serde_json::{Value, json};

use super::store::{message, thread};
use crate::timeline;

/// `message:new`: never with the text.
pub async fn new_message(tx: &WriteTx, thread: &thread::Model, message: &message::Model) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "message:new",
        payload: json!({
            "thread_id": thread.id,
            "message_id": message.id,
            "customer_id": thread.customer_id,
            "assignee_id": thread.assignee_id,
            "direction": message.direction,
            "kind": message.kind,
            "status": message.status,
            "created_at": message.created_at,
        }),
    })
    .await?;
    Ok(())
}

/// A message reads otherwise now, or its file has come.
pub async fn changed_message(tx: &WriteTx, message: &message::Model) -> Result<(), Problem> {
    let thread = tx.find::<thread::Entity>().by_id(message.thread_id).one().await?;
    tx.emit(Event {
        room: Room::Business,
        name: "message:updated",
        payload: json!({
            "message_id": message.id,
            "thread_id": message.thread_id,
            "assignee_id": thread.and_then(|thread| thread.assignee_id),
        }),
    })
    .await?;
    Ok(())
}

/// `thread:updated`: lists show it anew.
pub async fn changed_thread(tx: &WriteTx, thread: &thread::Model) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "thread:updated",
        payload: json!({
            "thread_id": thread.id,
            "customer_id": thread.customer_id,
            "assignee_id": thread.assignee_id,
            "status": thread.status,
            "unread": thread.unread,
            "bot": thread.bot,
        }),
    })
    .await?;
    Ok(())
}

/// One row for each day and thread, with how much was written that day.
pub async fn on_timeline(
    tx: &WriteTx,
    thread: &thread::Model,
    message: &message::Model,
    zone: Tz,
) -> Result<(), Problem> {
    const TITLE: &str = "התכתבות בוואטסאפ";
    let Some(customer) = thread.customer_id else {
        return Ok(());
    };
    let day = message.at.with_timezone(&zone).date_naive();
    let ref_id = format!("{}:{day}", thread.id);
    let known = timeline::find(tx, "whatsapp", &ref_id).await?;
    let count = |member: &str| {
        let counted = known.as_ref().and_then(|known| known.data.get(member)?.as_i64());
        counted.unwrap_or_default() + i64::from(message.direction == if member == "received" { "in" } else { "out" })
    };
    let data: Value = json!({
        "thread_id": thread.id,
        "day": day.to_string(),
        "received": count("received"),
        "sent": count("sent"),
        "last_message_id": message.id,
    });
    let ts = known.as_ref().map_or(message.at, |known| known.ts.max(message.at));
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: CustomerId::new(customer),
            kind: "whatsapp",
            ref_id,
            title: TITLE.to_owned(),
            ts,
            data,
        },
    )
    .await
}
