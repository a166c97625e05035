//! Putting a caller through to a person: by ringing from the caller's own line, or by bringing in someone who was
//! rung while the agent went on talking.

use conversation::sentences::Key;
use kernel::Problem;
use platform::{
    bus::{CallCommand, CallCommandKind},
    jobs::Enqueue,
};

use super::{
    answers::in_a_row,
    arrivals::business_of,
    door::Delivery,
    hooks::{Answer, speaker},
    jobs::{Bridge, RingPerson},
    twiml::{Twiml, Verb},
};
use crate::{
    AppState,
    calls::{
        actions,
        directory::VoiceBusiness,
        jobs::after_call,
        model::{Direction, NextStep, Status},
        store::call,
    },
    crm,
};

/// The longest word on who calls and why, in characters.
const ABOUT_CHARS: usize = 300;
/// The key that takes a call.
const YES: &str = "1";
/// After this long a line that the media socket has not let go of is moved by Twilio's REST.
const BRIDGE_BY_FORCE_SECONDS: i64 = 4;

/// How long the process that holds the socket may take to let go of it.
const COMMAND: std::time::Duration = std::time::Duration::from_secs(3);

fn hang_up() -> Answer {
    Answer::Twiml(Twiml::new([Verb::Hangup]))
}

/// The business of a call that we named in our own address. Whoever may call the address was verified.
async fn business_of_ours(
    app: &AppState,
    delivery: &Delivery,
    call_id: i64,
) -> Result<Option<std::sync::Arc<VoiceBusiness>>, Problem> {
    match crate::calls::directory::business_of_call_id(&app.db, call_id).await? {
        Some(business) => Ok(app.calls.directory.by_id(&app.db, business).await?),
        None => business_of(app, delivery).await,
    }
}

/// `POST /webhook/dial_ended?call=`: the person spoke with the caller, or did not come.
pub async fn dial_ended(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let Some(call_id) = delivery.query_number("call") else {
        return Ok(hang_up());
    };
    let Some(business) = business_of_ours(app, delivery, call_id).await? else {
        return Ok(hang_up());
    };
    let form = &delivery.form;
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = actions::by_id(&tx, call_id).await?;
    let step = actions::planned(&call);
    let answered = matches!(form.get("DialCallStatus"), Some("completed" | "answered"))
        && form.get("DialBridged") != Some("false");
    let call = if answered {
        let seconds = match (&step, form.number("DialCallDuration")) {
            (_, Some(seconds)) => seconds,
            (Some(NextStep::Bridge { since, .. }), None) => (delivery.at - *since).num_seconds(),
            _ => 0,
        };
        let person = match &step {
            Some(NextStep::Dial { user_id, .. } | NextStep::Bridge { user_id, .. }) => *user_id,
            _ => None,
        };
        actions::person_spoke(&tx, call, seconds.max(0), person).await?
    } else if call.direction == Direction::In.as_str() {
        actions::person_wanted(&tx, call).await?
    } else {
        call
    };
    tx.commit().await?;
    let over = Status::parse(&call.status).is_some_and(Status::is_terminal);
    if answered || over || call.direction == Direction::Out.as_str() {
        return Ok(hang_up());
    }
    Ok(Answer::Twiml(speaker(app, Some(&business)).nobody_available()))
}

/// `POST /webhook/whisper?call=`: said to the person who answered, before the caller is put through.
pub async fn whisper(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let Some(call_id) = delivery.query_number("call") else {
        return Ok(hang_up());
    };
    match delivery.form.get("Digits") {
        Some(YES) => return Ok(Answer::Twiml(Twiml::new([]))),
        Some(_) => return Ok(hang_up()),
        None => {}
    }
    let Some(business) = business_of_ours(app, delivery, call_id).await? else {
        return Ok(hang_up());
    };
    let tx = app.db.read(&delivery.scope(business.id)).await?;
    let call = tx.get::<call::Entity>(call_id).await?;
    let about = about(&tx, &call).await?;
    let action = delivery.target.clone();
    Ok(Answer::Twiml(speaker(app, Some(&business)).ask_for_one(&about, action)))
}

/// Who calls and why, in a few words.
pub async fn about(tx: &platform::db::ReadTx, call: &call::Model) -> Result<String, Problem> {
    let mut parts = Vec::new();
    if let Some(customer_id) = call.customer_id {
        let customer = tx.get::<crm::customers::store::Entity>(customer_id).await?;
        if customer.name.chars().any(char::is_alphabetic) {
            parts.push(customer.name);
        }
        parts.extend(customer.need.filter(|need| !need.trim().is_empty()));
    }
    if let Some(NextStep::Dial { reason, .. }) = actions::planned(call)
        && !reason.trim().is_empty()
    {
        parts.push(reason);
    }
    Ok(in_a_row(&parts).chars().take(ABOUT_CHARS).collect())
}

/// `POST /webhook/take_over?call=&user=&at=`: the person who was rung pressed a key.
pub async fn take_over(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let Some(call_id) = delivery.query_number("call") else {
        return Ok(hang_up());
    };
    let user_id = delivery.query_number("user");
    if delivery.form.get("Digits") != Some(YES) {
        return Ok(hang_up());
    }
    let Some(business) = business_of_ours(app, delivery, call_id).await? else {
        return Ok(hang_up());
    };
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = actions::by_id(&tx, call_id).await?;
    let taken = matches!(actions::planned(&call), Some(NextStep::Bridge { user_id: other, .. }) if other != user_id);
    if taken || call.ended_at.is_some() {
        return Ok(Answer::Twiml(speaker(app, Some(&business)).one_sentence(Key::Goodbye)));
    }
    let room = format!("call-{}-{call_id}", business.id);
    let step = NextStep::Bridge {
        room: room.clone(),
        user_id,
        since: delivery.at,
        handed: false,
    };
    actions::plan(&tx, call, &step).await?;
    let by_force = Bridge { call_id };
    let when = tx.now() + chrono::TimeDelta::seconds(BRIDGE_BY_FORCE_SECONDS);
    tx.enqueue(
        &by_force,
        Enqueue {
            run_at: Some(when),
            dedupe: Some(format!("bridge:{call_id}")),
        },
    )
    .await?;
    tx.commit().await?;
    let command = CallCommand {
        call_id: kernel::CallId::new(call_id),
        business_id: business.id,
        kind: CallCommandKind::TakeOver {
            user_id: user_id.map(kernel::UserId::new),
            to: room.clone(),
        },
    };
    // Not waited for: the person on the line hears the room at once, and `Bridge` helps if nobody holds the socket.
    let bus = app.bus.clone();
    tokio::spawn(async move { bus.send_command(command, COMMAND).await });
    Ok(Answer::Twiml(Twiml::new([Verb::Conference { room, action: None }])))
}

/// `POST /webhook/take_over_ended?call=&user=&at=`: the person's line is free again; was it in vain, the next one.
pub async fn take_over_ended(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let ended = delivery
        .form
        .get("CallStatus")
        .and_then(Status::of_callback)
        .is_some_and(Status::is_terminal);
    let (Some(call_id), Some(at), true) = (delivery.query_number("call"), delivery.query_number("at"), ended) else {
        return Ok(Answer::Nothing);
    };
    let Some(business) = business_of_ours(app, delivery, call_id).await? else {
        return Ok(Answer::Nothing);
    };
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = actions::by_id(&tx, call_id).await?;
    let bridged = matches!(actions::planned(&call), Some(NextStep::Bridge { .. }));
    if !bridged && call.ended_at.is_none() {
        let next = RingPerson::after(call_id, at, delivery.query_number("first"));
        tx.enqueue(&next, Enqueue::once(format!("ring:{call_id}:{}", next.at)))
            .await?;
        tx.commit().await?;
    } else if call.ended_at.is_some() {
        after_call(&tx, &call).await?;
        tx.commit().await?;
    }
    Ok(Answer::Nothing)
}

/// Which people are asked, after whoever was asked for first.
pub fn order(business: &VoiceBusiness, first: Option<i64>) -> Vec<crate::calls::directory::CallOut> {
    use crate::calls::directory::CallOut;
    let mut order: Vec<CallOut> = first.map(CallOut::User).into_iter().collect();
    for next in business.call_out_order.iter().chain(&business.transfer_to) {
        if !order.contains(next) {
            order.push(next.clone());
        }
    }
    order
}
