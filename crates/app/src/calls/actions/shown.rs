//! Where what happens to a call is seen: its customer's timeline, the screens of the business, and the audit log.

use kernel::{CustomerId, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    outbox::{Event, Room},
};
use serde_json::{Value, json};

use crate::{calls::store::call, timeline};

/// Writes or rewrites the call's row on its customer's timeline.
pub async fn show(tx: &WriteTx, call: &call::Model) -> Result<(), Problem> {
    match entry(call) {
        Some(entry) => timeline::put(tx, entry).await,
        None => Ok(()),
    }
}

/// The call on its customer's timeline; a test call and a caller whom we do not know have none.
pub(super) fn entry(call: &call::Model) -> Option<timeline::Entry> {
    let customer_id = call.customer_id.filter(|_| !call.test)?;
    let title = match (call.direction.as_str(), call.summary.as_deref()) {
        (_, Some(summary)) => summary.lines().next().unwrap_or_default().chars().take(160).collect(),
        ("out", None) => "שיחה יוצאת".to_owned(),
        _ => "שיחה נכנסת".to_owned(),
    };
    Some(timeline::Entry {
        customer_id: CustomerId::new(customer_id),
        kind: "call",
        ref_id: call.id.to_string(),
        title,
        ts: call.started_at,
        data: json!({
            "call_id": call.id,
            "direction": call.direction,
            "status": call.status,
            "outcome": call.outcome,
            "duration_seconds": call.duration_seconds,
            "has_recording": call.has_recording,
            "needs_callback": call.needs_callback,
            "summary": call.summary,
        }),
    })
}

/// `call:started` and `call:ended`, for everyone in the business.
pub fn event(name: &'static str, call: &call::Model) -> Event {
    Event {
        room: Room::Business,
        name,
        payload: json!({
            "call_id": call.id,
            "call_sid": call.call_sid,
            "customer_id": call.customer_id,
            "from_number": call.from_number,
            "status": call.status,
        }),
    }
}

/// Notes who did what to the call.
pub async fn audit(tx: &WriteTx, action: &'static str, call_id: i64, changes: Value) -> Result<(), Problem> {
    let entry = AuditEntry {
        action,
        record_type: "call",
        record_id: Some(call_id),
        changes,
    };
    Ok(tx.audit(entry).await?)
}
