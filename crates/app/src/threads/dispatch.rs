//! Sending one message, at most once.
//!
//! A message is claimed by one statement before its request leaves, and the claim marks the attempt. What becomes of the
//! attempt is written under that mark. An attempt of which nothing was ever written may have gone: such a message is
//! `unknown`, is looked for at the carrier, and is never simply sent again.

mod letter;
mod seek;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use contracts::whatsapp::{Accepted, Carrier, Outgoing, SendFault, WhatsApp};
use kernel::{Problem, Scope};
use platform::{
    db::{ReadTx, WriteTx},
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, IntoActiveModel};
use serde_json::json;

use self::letter::{body, recipient, reply_to};
pub use self::seek::{Sighted, seek};
use super::{
    carriers, errors,
    jobs::{Deliver, Reconcile},
    model::{MOST_TRIES, Status, window_is_open},
    statuses,
    store::{message, thread},
};
use crate::{AppState, accounts::businesses};

/// An attempt is over after this, come what may.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);
/// An attempt that is older and of which nothing was written was cut off.
pub const CUT_OFF_AFTER: TimeDelta = TimeDelta::seconds(90);
/// The first pause before another try; it doubles.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(2);
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);
/// When a message that may have gone is looked for first.
const SEEK_AFTER: TimeDelta = TimeDelta::seconds(30);

/// A message that this process alone is sending.
struct Claimed {
    message: message::Model,
    carrier: Carrier,
    outgoing: Outgoing,
    api: Arc<dyn WhatsApp>,
}

enum Claim {
    Mine(Box<Claimed>),
    /// Somebody else has it, it is not its time, or it is done.
    Not(message::Model),
    /// This carrier can not be asked.
    Unusable(message::Model, SendFault),
}

/// Tries a message until a carrier has it, or it must wait. Gives it as it stands then.
pub async fn run(app: &AppState, scope: &Scope, id: i64) -> Result<message::Model, Problem> {
    // Each round uses a carrier up.
    for _ in 0..=Carrier::ALL.len() {
        match claim(app, scope, id).await? {
            Claim::Not(message) => return Ok(message),
            Claim::Unusable(message, fault) => settle(app, scope, &message, Err(fault)).await?,
            Claim::Mine(claimed) => {
                let sent = tokio::time::timeout(LONGEST_ATTEMPT, claimed.api.send(&claimed.outgoing)).await;
                let sent = sent.unwrap_or_else(|_| {
                    Err(SendFault::Unknown {
                        message: "no answer in time".to_owned(),
                    })
                });
                log(&claimed, &sent);
                settle(app, scope, &claimed.message, sent).await?;
            }
        }
    }
    let tx = app.db.read(scope).await?;
    tx.get::<message::Entity>(id).await
}

fn log(claimed: &Claimed, sent: &Result<Accepted, SendFault>) {
    let word = match sent {
        Ok(_) => "taken",
        Err(SendFault::Unusable { .. }) => "unusable",
        Err(SendFault::Later { .. }) => "later",
        Err(SendFault::OutsideWindow { .. }) => "outside_window",
        Err(SendFault::Refused { .. }) => "refused",
        Err(SendFault::Unknown { .. }) => "unknown",
    };
    let carrier = claimed.carrier.word();
    metrics::counter!("whatsapp_sends_total", "carrier" => carrier, "outcome" => word).increment(1);
    if let Err(fault) = sent {
        tracing::warn!(message_id = claimed.message.id, carrier, %fault, "a message was not simply taken");
    }
}

/// Takes the message for this process, in one statement.
async fn claim(app: &AppState, scope: &Scope, id: i64) -> Result<Claim, Problem> {
    use message::Column;
    let tx = app.db.write(scope).await?;
    let now = tx.now();
    let mark = uuid::Uuid::new_v4().simple().to_string();
    let due = Condition::any()
        .add(Column::NextTryAt.is_null())
        .add(Column::NextTryAt.lte(now));
    let claimed = tx
        .update_many::<message::Entity>()?
        .col(Column::Status, Status::Sending.as_str())
        .col(Column::Rank, Status::Sending.rank())
        .col(Column::Attempt, mark)
        .col(Column::AttemptedAt, now)
        .col(Column::UpdatedAt, now)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(Status::Queued.as_str()))
        .filter(due)
        .exec()
        .await?;
    let message = tx.get::<message::Entity>(id).await?;
    if claimed == 0 {
        return Ok(Claim::Not(message));
    }
    let claim = open(app, &tx, message).await?;
    tx.commit().await?;
    Ok(claim)
}

async fn open(app: &AppState, tx: &ReadTx, message: message::Model) -> Result<Claim, Problem> {
    let Some(carrier) = carrier_of(&message) else {
        return Ok(unusable(message, "no carrier"));
    };
    let thread = tx.get::<thread::Entity>(message.thread_id).await?;
    let payload = message.payload();
    if payload.template.is_none() && !window_is_open(carrier, &thread.windows, tx.now()) {
        return Ok(Claim::Unusable(message, SendFault::OutsideWindow { code: None }));
    }
    let account = carriers::account(tx).await?;
    let Some(api) = app.whatsapp.open(carrier, &account) else {
        return Ok(unusable(message, "not configured"));
    };
    let Some(to) = recipient(tx, &message).await? else {
        return Ok(unusable(message, "nobody to write to"));
    };
    let Some(body) = body(app, tx, &message, carrier).await? else {
        return Ok(unusable(message, "nothing this carrier can send"));
    };
    let outgoing = Outgoing {
        id: message.client_id.clone().unwrap_or_default(),
        from: account.number.clone(),
        to,
        body,
        reply_to: reply_to(tx, &message, carrier).await?,
        status_callback: app.whatsapp.settings.status_callback.clone(),
    };
    Ok(Claim::Mine(Box::new(Claimed {
        message,
        carrier,
        outgoing,
        api,
    })))
}

fn unusable(message: message::Model, why: &str) -> Claim {
    let fault = SendFault::Unusable {
        code: Some(errors::NOT_HERE.to_owned()),
        message: why.to_owned(),
    };
    Claim::Unusable(message, fault)
}

fn carrier_of(message: &message::Model) -> Option<Carrier> {
    message.carrier.as_deref()?.parse().ok()
}

/// Writes what became of an attempt, under its mark.
async fn settle(
    app: &AppState,
    scope: &Scope,
    attempt: &message::Model,
    sent: Result<Accepted, SendFault>,
) -> Result<(), Problem> {
    let tx = app.db.write(scope).await?;
    let current = tx.find::<message::Entity>().by_id(attempt.id).lock().one().await?;
    let Some(current) = current.filter(|current| current.attempt == attempt.attempt) else {
        tracing::warn!(message_id = attempt.id, "an attempt ended after it was given up");
        return Ok(());
    };
    let carrier_id = match sent {
        Ok(accepted) => taken(&tx, current, accepted, attempt.status == Status::Unknown.as_str()).await?,
        Err(fault) => {
            Box::pin(not_taken(app, &tx, current, fault)).await?;
            None
        }
    };
    tx.commit().await?;
    if let (Some(carrier), Some(carrier_id)) = (carrier_of(attempt), carrier_id) {
        let tx = app.db.write(scope).await?;
        statuses::catch_up(&tx, carrier, &carrier_id).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// `sought`: it was looked for, and not simply answered. An answer may be older than the news that nobody knows.
async fn taken(
    tx: &WriteTx,
    message: message::Model,
    accepted: Accepted,
    sought: bool,
) -> Result<Option<String>, Problem> {
    use message::Column;
    tx.update_many::<message::Entity>()?
        .col(
            Column::CarrierId,
            accepted.carrier_id.clone().or_else(|| message.carrier_id.clone()),
        )
        .col(Column::Attempts, message.attempts + 1)
        .col(Column::Attempt, Option::<String>::None)
        .filter(Column::Id.eq(message.id))
        .exec()
        .await?;
    tx.update_many::<thread::Entity>()?
        .col(thread::Column::Carrier, message.carrier.clone())
        .filter(thread::Column::Id.eq(message.thread_id))
        .exec()
        .await?;
    if sought && message.status == Status::Unknown.as_str() {
        revive(tx, &message).await?;
    }
    let news = statuses::News {
        status: accepted.status.into(),
        at: tx.now(),
        code: None,
        message: None,
    };
    statuses::apply(tx, &message, &news).await?;
    Ok(accepted.carrier_id)
}

/// What was `unknown` is known to be on its way.
async fn revive(tx: &WriteTx, message: &message::Model) -> Result<(), Problem> {
    tx.update_many::<message::Entity>()?
        .col(message::Column::Status, Status::Sending.as_str())
        .col(message::Column::Rank, Status::Sending.rank())
        .filter(message::Column::Id.eq(message.id))
        .filter(message::Column::Status.eq(Status::Unknown.as_str()))
        .exec()
        .await?;
    Ok(())
}

async fn not_taken(app: &AppState, tx: &WriteTx, message: message::Model, fault: SendFault) -> Result<(), Problem> {
    if message.status != Status::Sending.as_str() {
        return Ok(()); // a status said more meanwhile
    }
    match fault {
        SendFault::Unknown { .. } => unknown(tx, &message).await,
        SendFault::Refused { code, message: why } => fail(tx, &message, code, &why).await,
        SendFault::OutsideWindow { code } => {
            let code = code.or_else(|| Some(errors::CLOSED.to_owned()));
            let closed = SendFault::OutsideWindow { code: code.clone() }.to_string();
            elsewhere(app, tx, message, code, &closed).await
        }
        SendFault::Unusable { code, message: why } => elsewhere(app, tx, message, code, &why).await,
        SendFault::Later {
            code,
            message: why,
            retry_after_seconds,
        } => {
            if message.attempts + 1 >= MOST_TRIES {
                return elsewhere(app, tx, message, code, &why).await;
            }
            again(tx, &message, retry_after_seconds).await
        }
    }
}

/// It may have gone. A status or a look at the carrier will tell.
pub async fn unknown(tx: &WriteTx, message: &message::Model) -> Result<(), Problem> {
    let mut row = message.clone().into_active_model();
    row.status = Set(Status::Unknown.as_str().to_owned());
    row.rank = Set(Status::Unknown.rank());
    row.updated_at = Set(tx.now());
    let message = tx.update(row).await?;
    let job = Reconcile { message_id: message.id };
    tx.enqueue(&job, Enqueue::at(tx.now() + SEEK_AFTER)).await?;
    super::show::changed_message(tx, &message).await
}

async fn fail(tx: &WriteTx, message: &message::Model, code: Option<String>, why: &str) -> Result<(), Problem> {
    let news = statuses::News {
        status: Status::Failed,
        at: tx.now(),
        code,
        message: Some(why.to_owned()),
    };
    statuses::apply(tx, message, &news).await
}

/// The same carrier, a while later.
async fn again(tx: &WriteTx, message: &message::Model, after_seconds: Option<u64>) -> Result<(), Problem> {
    let tries = message.attempts + 1;
    let at = tx.now() + pause(tries, after_seconds);
    put_back(tx, message, tries, Some(at)).await
}

fn pause(tries: i32, after_seconds: Option<u64>) -> TimeDelta {
    let doubled = FIRST_PAUSE * 2_i32.saturating_pow(u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(16));
    let doubled = doubled.min(LONGEST_PAUSE);
    let asked = after_seconds.and_then(|seconds| TimeDelta::try_seconds(i64::try_from(seconds).ok()?));
    let jitter = TimeDelta::milliseconds(rand::random_range(0..1_000));
    asked.map_or(doubled, |asked| asked.clamp(FIRST_PAUSE, TimeDelta::hours(1))) + jitter
}

async fn put_back(
    tx: &WriteTx,
    message: &message::Model,
    attempts: i32,
    at: Option<DateTime<Utc>>,
) -> Result<(), Problem> {
    let mut row = message.clone().into_active_model();
    row.status = Set(Status::Queued.as_str().to_owned());
    row.rank = Set(Status::Queued.rank());
    row.attempts = Set(attempts);
    row.attempt = Set(None);
    row.next_try_at = Set(at);
    row.updated_at = Set(tx.now());
    let message = tx.update(row).await?;
    if let Some(at) = at {
        tx.enqueue(&Deliver { message_id: message.id }, Enqueue::at(at)).await?;
    }
    Ok(())
}

/// The next carrier that may take it; without one it failed.
async fn elsewhere(
    app: &AppState,
    tx: &WriteTx,
    message: message::Model,
    code: Option<String>,
    why: &str,
) -> Result<(), Problem> {
    let Some(next) = next_carrier(app, tx, &message).await? else {
        return fail(tx, &message, code, why).await;
    };
    tracing::info!(
        message_id = message.id,
        from = message.carrier,
        to = next.word(),
        why,
        "another carrier is tried"
    );
    let mut tried = carriers::tried(&message.tried);
    tried.extend(carrier_of(&message));
    let mut row = message.into_active_model();
    row.tried = Set(json!(tried.iter().map(|carrier| carrier.word()).collect::<Vec<_>>()));
    row.carrier = Set(Some(next.word().to_owned()));
    let message = tx.update(row).await?;
    put_back(tx, &message, 0, None).await
}

async fn next_carrier(app: &AppState, tx: &ReadTx, message: &message::Model) -> Result<Option<Carrier>, Problem> {
    if message.only_carrier {
        return Ok(None);
    }
    let thread = tx.get::<thread::Entity>(message.thread_id).await?;
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let tried = carriers::tried(&message.tried);
    let template = message.payload().template.is_some();
    let order = carriers::order(
        &app.whatsapp.settings,
        businesses::whatsapp::chosen(&business),
        Some(&thread),
    );
    Ok(order.into_iter().find(|carrier| {
        Some(*carrier) != carrier_of(message)
            && !tried.contains(carrier)
            && (template || window_is_open(*carrier, &thread.windows, tx.now()))
    }))
}

/// An attempt of which nothing was written for long was cut off.
pub fn is_cut_off(message: &message::Model, now: DateTime<Utc>) -> bool {
    message.status == Status::Sending.as_str()
        && message.attempt.is_some()
        && message.attempted_at.is_none_or(|at| now - at > CUT_OFF_AFTER)
}

/// Marks a message whose attempt was cut off. `false` when it is not one any more.
pub async fn give_up_attempt(app: &AppState, scope: &Scope, id: i64) -> Result<bool, Problem> {
    let tx = app.db.write(scope).await?;
    let message = tx.find::<message::Entity>().by_id(id).lock().one().await?;
    let Some(message) = message.filter(|message| is_cut_off(message, tx.now())) else {
        return Ok(false);
    };
    tracing::warn!(
        message_id = id,
        "the sending of a message was cut off: it may have gone"
    );
    unknown(&tx, &message).await?;
    tx.commit().await?;
    Ok(true)
}
