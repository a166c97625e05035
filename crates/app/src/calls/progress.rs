//! What the media socket's driver tells while the call runs, and when it leaves.

use kernel::{Permission, Problem};
use platform::{
    db::WriteTx,
    outbox::{Event, Room},
};
use serde_json::json;

use super::{
    actions,
    directory::{CallOut, VoiceBusiness},
    jobs::{after_call, store_stream},
    live::{How, Leaving, LiveCall, Partial},
    model::{NextStep, Standing, Status},
    store::call,
    turn::Turn,
};
use crate::{App, accounts::users};

/// Shows a part of the transcript to whoever watches the call. Final parts are kept as events.
pub async fn heard(app: &App, call: &LiveCall, part: Partial) {
    let payload = json!({
        "call_id": call.call_id,
        "turn_id": part.turn_id,
        "speaker": part.speaker.as_str(),
        "text": part.text,
        "final": part.final_,
    });
    let room = Room::Call(call.call_id);
    let Ok(business) = call.scope.business() else {
        return;
    };
    if !part.final_ {
        app.bus.ephemeral(business, room, "call:turn", payload);
        return;
    }
    let event = Event {
        room,
        name: "call:turn",
        payload,
    };
    if let Err(problem) = emit(app, call, event).await {
        tracing::warn!(%problem, call_sid = call.call_sid, "a part of the transcript was not shown");
    }
}

async fn emit(app: &App, call: &LiveCall, event: Event) -> Result<(), Problem> {
    let tx = app.db.write(&call.scope).await?;
    tx.emit(event).await?;
    tx.commit().await?;
    Ok(())
}

/// Shows how loud both sides are, each from 0 to 1.
pub fn level(app: &App, call: &LiveCall, caller: f32, agent: f32) {
    if let Ok(business) = call.scope.business() {
        let payload = json!({ "call_id": call.call_id, "caller": caller, "agent": agent });
        app.bus
            .ephemeral(business, Room::Call(call.call_id), "call:level", payload);
    }
}

/// Writes a finished turn. The same turn written again replaces itself.
pub async fn save_turn(app: &App, call: &LiveCall, turn: Turn) -> Result<(), Problem> {
    call.scope.require(Permission::CallsWork)?;
    let tx = app.db.write(&call.scope).await?;
    actions::write_turn(&tx, call.call_id.get(), turn).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes how it ended, before the socket is closed: Twilio asks for what comes next as soon as it is.
pub async fn leave(app: &App, call: &LiveCall, leaving: Leaving) -> Result<(), Problem> {
    let wants_person = leaving.wants_person || matches!(leaving.how, How::Transfer { .. });
    let tx = app.db.write(&call.scope).await?;
    let mut row = actions::by_id(&tx, call.call_id.get()).await?;
    if wants_person {
        row = actions::person_wanted(&tx, row).await?;
    }
    if let Some(step) = step(&tx, &call.business, &row, leaving.how).await? {
        row = actions::plan(&tx, row, &step).await?;
    }
    if row.test {
        // Behind a browser there is no line whose end Twilio would report.
        let (now, spoken) = (tx.now(), (tx.now() - row.started_at).num_seconds());
        let row = actions::hear_status(&tx, row, Standing::reported(Status::Completed), Some(spoken), now).await?;
        after_call(&tx, &row).await?;
        app.calls.registry.ended(&call.call_sid);
    }
    tx.commit().await?;
    if let Some(file) = leaving.recording {
        store_stream(app, &call.scope, call.call_id.get(), &file).await?;
    }
    Ok(())
}

/// What the line does next. A person who already waits in a room stands above everything.
async fn step(
    tx: &WriteTx,
    business: &VoiceBusiness,
    call: &call::Model,
    how: How,
) -> Result<Option<NextStep>, Problem> {
    if matches!(actions::planned(call), Some(NextStep::Bridge { .. })) {
        return Ok(None);
    }
    Ok(match how {
        // Of a caller who hung up Twilio asks nothing; a person who ended the call meant the line, too.
        How::Over | How::HungUp => Some(NextStep::Over),
        // A take-over without a room in which someone waits: the caller is asked for a message.
        How::ToRecording | How::TakenOver => Some(NextStep::Record),
        How::Transfer { reason, to } => Some(transfer(tx, business, reason, to).await?),
    })
}

/// Whom the caller is put through to: who was named, else whom the business's settings name.
async fn transfer(
    tx: &WriteTx,
    business: &VoiceBusiness,
    reason: String,
    to: Option<String>,
) -> Result<NextStep, Problem> {
    let named = to.as_deref().and_then(CallOut::parse);
    for who in named
        .iter()
        .chain(&business.transfer_to)
        .chain(&business.call_out_order)
    {
        let (to, user_id) = match who {
            CallOut::Phone(phone) => (Some(phone.clone()), None),
            CallOut::User(id) => {
                let user = tx.find::<users::store::Entity>().by_id(*id).one().await?;
                let phone = user
                    .filter(|user| user.active && user.available)
                    .and_then(|user| user.phone);
                (phone, Some(*id))
            }
        };
        if let Some(to) = to {
            return Ok(NextStep::Dial { to, user_id, reason });
        }
    }
    Ok(NextStep::Unavailable)
}
