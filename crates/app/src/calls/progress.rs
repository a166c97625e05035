//! What the media socket's driver tells while the call runs, and when it leaves.

use kernel::{Permission, Problem};
use platform::{
    db::WriteTx,
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};
use serde_json::json;

use super::{
    actions,
    directory::{CallOut, VoiceBusiness},
    jobs::store_stream,
    live::{How, Leaving, LiveCall, Partial, TurnRecord},
    model::{NextStep, Standing, Status},
    store::{call, turn},
};
use crate::{App, accounts::users};

pub(super) async fn heard(app: &App, call: &LiveCall, part: Partial) {
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

pub(super) fn level(app: &App, call: &LiveCall, caller: f32, agent: f32) {
    if let Ok(business) = call.scope.business() {
        let payload = json!({ "call_id": call.call_id, "caller": caller, "agent": agent });
        app.bus
            .ephemeral(business, Room::Call(call.call_id), "call:level", payload);
    }
}

pub(super) async fn save_turn(app: &App, call: &LiveCall, record: TurnRecord) -> Result<(), Problem> {
    call.scope.require(Permission::CallsWork)?;
    let turn_id = record.turn_id;
    let tx = app.db.write(&call.scope).await?;
    write_turn(&tx, call.call_id.get(), record).await?;
    actions::count_turn(&tx, call.call_id.get(), turn_id).await?;
    tx.commit().await?;
    Ok(())
}

async fn write_turn(tx: &WriteTx, call_id: i64, record: TurnRecord) -> Result<(), Problem> {
    use turn::Column as C;
    let row = turn::ActiveModel {
        call_id: Set(call_id),
        turn_id: Set(record.turn_id),
        caller_text: Set(record.caller_text),
        agent_text: Set(record.agent_text),
        caller_from_ms: Set(record.caller_from_ms),
        caller_to_ms: Set(record.caller_to_ms),
        agent_from_ms: Set(record.agent_from_ms),
        agent_to_ms: Set(record.agent_to_ms),
        t_audio_ms: Set(record.t_audio_ms),
        t_nlp_ms: Set(record.t_nlp_ms),
        t_tts_ms: Set(record.t_tts_ms),
        t_total_ms: Set(record.t_total_ms),
        mode: Set(record.mode),
        interrupted: Set(record.interrupted),
        tools: Set(if record.tools.is_null() {
            json!([])
        } else {
            record.tools
        }),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut in_place = OnConflict::columns([C::BusinessId, C::CallId, C::TurnId]);
    in_place.update_columns([
        C::CallerText,
        C::AgentText,
        C::CallerFromMs,
        C::CallerToMs,
        C::AgentFromMs,
        C::AgentToMs,
        C::TAudioMs,
        C::TNlpMs,
        C::TTtsMs,
        C::TTotalMs,
        C::Mode,
        C::Interrupted,
        C::Tools,
    ]);
    tx.insert_many(vec![row], in_place).await?;
    Ok(())
}

pub(super) async fn leave(app: &App, call: &LiveCall, leaving: Leaving) -> Result<(), Problem> {
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
        actions::hear_status(&tx, row, Standing::reported(Status::Completed), Some(spoken), now).await?;
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
