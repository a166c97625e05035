//! What changes calls. Each is done inside the caller's transaction, together with its timeline entry, its events and
//! its jobs, and doing it twice is the same as doing it once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CustomerId, Phone, Problem, hidden_caller};
use platform::{
    db::{ReadTx, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, IntoActiveModel, Order,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use super::{
    directory::VoiceBusiness,
    model::{
        CLAIM_MINUTES, Direction, Facts, Mode, NextStep, Outcome, SETTLED_AFTER_SECONDS, Source, Standing, Status,
    },
    store::{call, recording, turn},
};
use crate::{crm, timeline};

/// What a webhook says of a call.
#[derive(Clone, Debug)]
pub struct Announced {
    pub call_sid: String,
    pub account_sid: Option<String>,
    /// As Twilio gives it; empty in callbacks that do not name it.
    pub from: String,
    pub to: String,
    pub forwarded_from: Option<String>,
    pub direction: Direction,
    pub status: Status,
    pub at: DateTime<Utc>,
    pub mode: Mode,
    pub greeting_played: bool,
}

/// A call as it stands, and whether it is new.
#[derive(Clone, Debug)]
pub struct Noted {
    pub call: call::Model,
    pub created: bool,
    /// The caller is one whom the business does not want to hear.
    pub blocked: bool,
}

/// Whose voice it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    Hidden,
    /// Someone of the business itself.
    OwnPeople,
    Someone(Phone),
}

impl Caller {
    /// The number of someone who may be a customer.
    pub const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Someone(phone) => Some(phone),
            Self::Hidden | Self::OwnPeople => None,
        }
    }

    /// Reads what stands in `From`. A business's own number and the forwarding number say nothing about the caller.
    pub fn read(business: &VoiceBusiness, from: &str, forwarded_from: Option<&str>) -> Self {
        if hidden_caller(from) || forwarded_from.is_some_and(|forwarder| forwarder == from) {
            return Self::Hidden;
        }
        match Phone::parse(from) {
            Err(_) => Self::Hidden,
            Ok(phone) if business.owns(phone.as_str()) => Self::Hidden,
            Ok(phone) if business.people_phones.contains(phone.as_str()) => Self::OwnPeople,
            Ok(phone) => Self::Someone(phone),
        }
    }
}

/// Writes the call if it is not there yet, with its customer, timeline entry and event.
pub async fn note(tx: &WriteTx, business: &VoiceBusiness, announced: &Announced) -> Result<Noted, Problem> {
    let (caller, customer) = Box::pin(customer_of(tx, business, announced)).await?;
    let blocked = customer.as_ref().is_some_and(|customer| customer.blocked);
    let row = row_of(
        business,
        announced,
        &caller,
        customer.map(|customer| customer.id),
        tx.now(),
    );
    let mut once = OnConflict::column(call::Column::CallSid);
    once.do_nothing();
    if let Some(call) = tx.insert_or(row, once).await? {
        show(tx, &call).await?;
        tx.emit(event("call:started", &call)).await?;
        return Ok(Noted {
            call,
            created: true,
            blocked,
        });
    }
    let known = by_sid(tx, &announced.call_sid).await?.ok_or_else(Problem::not_found)?;
    let call = fill_in(tx, business, known, announced).await?;
    Ok(Noted {
        call,
        created: false,
        blocked,
    })
}

/// Writes many new calls of known customers at once, which costs a database with one writer far less than one by one.
/// `None` for what takes more than that (a caller not known yet, a call announced before): that is [`note`]'s work.
pub async fn note_known(
    tx: &WriteTx,
    business: &VoiceBusiness,
    announced: &[&Announced],
) -> Result<Vec<Option<Noted>>, Problem> {
    let callers: Vec<Caller> = announced
        .iter()
        .map(|one| Caller::read(business, &one.from, one.forwarded_from.as_deref()))
        .collect();
    let phones: Vec<_> = callers.iter().filter_map(Caller::phone).collect();
    let customers = crm::customers::store::by_phones(tx, &phones).await?;
    let mut sids: HashSet<String> = by_sids(tx, announced).await?.into_keys().collect();
    let (mut rows, mut blocked) = (Vec::new(), HashMap::new());
    for (one, caller) in announced.iter().zip(&callers) {
        let customer = caller.phone().and_then(|phone| customers.get(phone.as_str()));
        let simple = one.direction == Direction::In && customer.is_some() == caller.phone().is_some();
        if simple && sids.insert(one.call_sid.clone()) {
            blocked.insert(one.call_sid.clone(), customer.is_some_and(|customer| customer.blocked));
            rows.push(row_of(
                business,
                one,
                caller,
                customer.map(|customer| customer.id),
                tx.now(),
            ));
        }
    }
    if rows.is_empty() {
        return Ok(announced.iter().map(|_| None).collect());
    }
    let mut once = OnConflict::column(call::Column::CallSid);
    once.do_nothing();
    tx.insert_many(rows, once).await?;
    let mut calls = by_sids(tx, announced).await?;
    calls.retain(|sid, _| blocked.contains_key(sid));
    timeline::put_all(tx, calls.values().filter_map(entry).collect()).await?;
    tx.emit_all(calls.values().map(|call| event("call:started", call)).collect())
        .await?;
    Ok(announced
        .iter()
        .map(|one| {
            Some(Noted {
                call: calls.remove(&one.call_sid)?,
                created: true,
                blocked: blocked.get(&one.call_sid).copied().unwrap_or_default(),
            })
        })
        .collect())
}

async fn by_sids(tx: &ReadTx, announced: &[&Announced]) -> Result<HashMap<String, call::Model>, Problem> {
    let sids = announced.iter().map(|one| one.call_sid.as_str());
    let found = tx
        .find::<call::Entity>()
        .filter(call::Column::CallSid.is_in(sids))
        .all()
        .await?;
    Ok(found.into_iter().map(|call| (call.call_sid.clone(), call)).collect())
}

async fn customer_of(
    tx: &WriteTx,
    business: &VoiceBusiness,
    announced: &Announced,
) -> Result<(Caller, Option<crm::customers::store::Model>), Problem> {
    let other_side = match announced.direction {
        Direction::In => &announced.from,
        Direction::Out => &announced.to,
    };
    let caller = Caller::read(business, other_side, announced.forwarded_from.as_deref());
    let customer = match (&caller, announced.direction) {
        (Caller::Someone(phone), Direction::In) => {
            let found = crm::customers::actions::find_or_create_by_phone(tx, phone, None, "call").await?;
            Some(found.customer)
        }
        _ => None,
    };
    Ok((caller, customer))
}

fn row_of(
    business: &VoiceBusiness,
    announced: &Announced,
    caller: &Caller,
    customer_id: Option<i64>,
    now: DateTime<Utc>,
) -> call::ActiveModel {
    let (from_number, to_number) = numbers(business, announced, caller);
    call::ActiveModel {
        call_sid: Set(announced.call_sid.clone()),
        account_sid: Set(announced.account_sid.clone()),
        customer_id: Set(customer_id),
        caller_hidden: Set(*caller == Caller::Hidden),
        direction: Set(announced.direction.as_str().to_owned()),
        from_number: Set(from_number),
        to_number: Set(to_number),
        forwarded_from: Set(announced.forwarded_from.clone()),
        status: Set(announced.status.as_str().to_owned()),
        mode: Set(announced.mode.as_str().to_owned()),
        greeting_played: Set(announced.greeting_played),
        started_at: Set(announced.at),
        last_seen_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
        test: Set(false),
        turn_count: Set(0),
        has_recording: Set(false),
        wants_person: Set(false),
        end_guessed: Set(false),
        needs_callback: Set(false),
        version: Set(1),
        ..Default::default()
    }
}

/// Both numbers as they are kept. Reading a number takes time, so none is read twice.
fn numbers(business: &VoiceBusiness, announced: &Announced, caller: &Caller) -> (String, String) {
    let read = |number: &str, is_caller: bool| match caller {
        Caller::Someone(phone) if is_caller => phone.as_str().to_owned(),
        _ if business.owns(number) => number.to_owned(),
        _ => normal(number),
    };
    let incoming = announced.direction == Direction::In;
    (read(&announced.from, incoming), read(&announced.to, !incoming))
}

/// A number in E.164 where it is one; otherwise Twilio's word, shortened.
fn normal(number: &str) -> String {
    Phone::parse(number).map_or_else(|_| number.chars().take(64).collect(), String::from)
}

/// A call that a callback without numbers made known gets them when one with numbers comes.
async fn fill_in(
    tx: &WriteTx,
    business: &VoiceBusiness,
    known: call::Model,
    announced: &Announced,
) -> Result<call::Model, Problem> {
    if !known.to_number.is_empty() || announced.to.is_empty() {
        return Ok(known);
    }
    let (caller, customer) = Box::pin(customer_of(tx, business, announced)).await?;
    let mut row = known.into_active_model();
    let (from_number, to_number) = numbers(business, announced, &caller);
    row.from_number = Set(from_number);
    row.to_number = Set(to_number);
    row.forwarded_from = Set(announced.forwarded_from.clone());
    row.caller_hidden = Set(caller == Caller::Hidden);
    row.customer_id = Set(customer.map(|customer| customer.id));
    row.direction = Set(announced.direction.as_str().to_owned());
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// The call with Twilio's sid, locked.
pub async fn by_sid(tx: &ReadTx, call_sid: &str) -> Result<Option<call::Model>, Problem> {
    Ok(tx
        .find::<call::Entity>()
        .filter(call::Column::CallSid.eq(call_sid))
        .lock()
        .one()
        .await?)
}

/// The call with this id, locked.
pub async fn by_id(tx: &ReadTx, id: i64) -> Result<call::Model, Problem> {
    tx.find::<call::Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}

/// Takes a status in. The end state does not depend on the order in which statuses come.
pub async fn hear_status(
    tx: &WriteTx,
    call: call::Model,
    news: Standing,
    duration_seconds: Option<i64>,
    at: DateTime<Utc>,
) -> Result<call::Model, Problem> {
    let known = Standing {
        status: Status::parse(&call.status).unwrap_or(Status::Queued),
        guessed: call.end_guessed,
    };
    let standing = known.with(news);
    let duration = duration_seconds.or(call.duration_seconds).max(call.duration_seconds);
    let changed = standing != known || duration != call.duration_seconds;
    if !changed && !news.status.is_terminal() {
        return seen(tx, call).await;
    }
    if !changed && call.outcome.is_some() {
        return Ok(call);
    }
    let ends_now = call.ended_at.is_none() && standing.status.is_terminal();
    let mut row = call.clone().into_active_model();
    row.status = Set(standing.status.as_str().to_owned());
    row.end_guessed = Set(standing.guessed);
    row.duration_seconds = Set(duration);
    if ends_now {
        row.ended_at = Set(Some(at.max(call.started_at)));
    }
    row.last_seen_at = Set(tx.now());
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    let call = Box::pin(settle(tx, call)).await?;
    if ends_now {
        tx.emit(event("call:ended", &call)).await?;
    }
    Ok(call)
}

/// A sign of life.
async fn seen(tx: &WriteTx, call: call::Model) -> Result<call::Model, Problem> {
    tx.update_many::<call::Entity>()?
        .col(call::Column::LastSeenAt, tx.now())
        .filter(call::Column::Id.eq(call.id))
        .exec()
        .await?;
    Ok(call)
}

/// Works out anew what became of the call, from all that is known by now, and shows it on the timeline.
pub async fn settle(tx: &WriteTx, call: call::Model) -> Result<call::Model, Problem> {
    let facts = facts(tx, &call).await?;
    let outcome = facts.outcome();
    let wanted = facts.needs_callback() && call.handled_at.is_none() && !call.test && !unwanted(tx, &call).await?;
    let call = if outcome.map(Outcome::as_str) == call.outcome.as_deref() && wanted == call.needs_callback {
        call
    } else {
        let mut row = call.into_active_model();
        row.outcome = Set(outcome.map(|outcome| outcome.as_str().to_owned()));
        let since = match (&row.callback_since, wanted) {
            (Unchanged(Some(since)), true) => Some(*since),
            (_, true) => Some(tx.now()),
            (_, false) => None,
        };
        row.needs_callback = Set(wanted);
        row.callback_since = Set(since);
        row.updated_at = Set(tx.now());
        tx.update(row).await?
    };
    settle_earlier(tx, &call, &facts).await?;
    show(tx, &call).await?;
    Ok(call)
}

async fn facts(tx: &ReadTx, call: &call::Model) -> Result<Facts, Problem> {
    let spoke = call.turn_count > 0
        && tx
            .find::<turn::Entity>()
            .filter(turn::Column::CallId.eq(call.id))
            .filter(
                Condition::any()
                    .add(turn::Column::CallerText.ne(""))
                    .add(turn::Column::CallerFromMs.is_not_null()),
            )
            .limit(1)
            .one()
            .await?
            .is_some();
    let left_message = tx
        .find::<recording::Entity>()
        .filter(recording::Column::CallId.eq(call.id))
        .filter(recording::Column::Source.eq(Source::Twilio.as_str()))
        .filter(recording::Column::SourceUrl.is_not_null())
        .limit(1)
        .one()
        .await?
        .is_some();
    Ok(Facts {
        direction: Direction::parse(&call.direction).unwrap_or(Direction::In),
        status: Status::parse(&call.status).unwrap_or(Status::Completed),
        spoke,
        left_message,
        person_seconds: call.person_seconds,
        wants_person: call.wants_person || callback_was_asked(call),
    })
}

fn callback_was_asked(call: &call::Model) -> bool {
    call.extracted
        .as_ref()
        .and_then(|extracted| extracted.get("callback_at"))
        .is_some_and(|at| !at.is_null())
}

/// Nobody calls back a supplier who rang, a wrong number or someone who is blocked.
async fn unwanted(tx: &ReadTx, call: &call::Model) -> Result<bool, Problem> {
    let Some(customer_id) = call.customer_id else {
        return Ok(false);
    };
    let customer = tx
        .find::<crm::customers::store::Entity>()
        .by_id(customer_id)
        .one()
        .await?;
    Ok(customer.is_some_and(|customer| customer.blocked || customer.not_customer.is_some()))
}

/// Someone was called back and spoken with: what waited for that is done.
async fn settle_earlier(tx: &WriteTx, call: &call::Model, facts: &Facts) -> Result<(), Problem> {
    let long_enough = call
        .person_seconds
        .is_some_and(|seconds| seconds >= SETTLED_AFTER_SECONDS);
    if facts.direction != Direction::Out || facts.outcome() != Some(Outcome::Talked) || !long_enough {
        return Ok(());
    }
    let who = match call.customer_id {
        Some(customer) => call::Column::CustomerId.eq(customer),
        None => call::Column::FromNumber.eq(call.to_number.as_str()),
    };
    tx.update_many::<call::Entity>()?
        .col(call::Column::NeedsCallback, false)
        .col(call::Column::HandledAt, tx.now())
        .col(call::Column::HandledById, call.user_id)
        .col(call::Column::UpdatedAt, tx.now())
        .filter(who)
        .filter(call::Column::NeedsCallback.eq(true))
        .filter(call::Column::CreatedAt.lte(call.created_at))
        .exec()
        .await?;
    Ok(())
}

/// Notes what happens with the line when its socket closes.
pub async fn plan(tx: &WriteTx, call: call::Model, step: &NextStep) -> Result<call::Model, Problem> {
    let mut row = call.into_active_model();
    row.next_step = Set(Some(serde_json::to_value(step).map_err(|_| Problem::internal())?));
    row.last_seen_at = Set(tx.now());
    row.updated_at = Set(tx.now());
    Ok(tx.update(row).await?)
}

/// What was planned.
pub fn planned(call: &call::Model) -> Option<NextStep> {
    serde_json::from_value(call.next_step.clone()?).ok()
}

/// A person spoke with the caller, for this long in all.
pub async fn person_spoke(
    tx: &WriteTx,
    call: call::Model,
    seconds: i64,
    user_id: Option<i64>,
) -> Result<call::Model, Problem> {
    let mut row = call.clone().into_active_model();
    row.person_seconds = Set(Some(call.person_seconds.unwrap_or(0).max(seconds)));
    row.user_id = Set(user_id.or(call.user_id));
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    Box::pin(settle(tx, call)).await
}

/// Twilio has taken an outgoing call, and this is its sid there.
pub async fn placed(tx: &WriteTx, id: i64, call_sid: &str) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    if call.call_sid == call_sid {
        return Ok(call);
    }
    let mut row = call.into_active_model();
    row.call_sid = Set(call_sid.to_owned());
    row.updated_at = Set(tx.now());
    Ok(tx.update(row).await?)
}

/// The caller asked for a person who did not come.
pub async fn person_wanted(tx: &WriteTx, call: call::Model) -> Result<call::Model, Problem> {
    if call.wants_person {
        return Ok(call);
    }
    let mut row = call.into_active_model();
    row.wants_person = Set(true);
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    Box::pin(settle(tx, call)).await
}

/// What Twilio says of a recording.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Twilio's sid, or one made from the URL when it gave none.
    pub sid: String,
    /// `None` when there is nothing to fetch (too short, silent, failed).
    pub url: Option<String>,
    pub duration_ms: Option<i64>,
    pub channels: Option<i32>,
    pub error: Option<String>,
}

/// Writes a recording once; `None` when it was known already.
pub async fn keep_recording(
    tx: &WriteTx,
    call: &call::Model,
    recorded: Recorded,
) -> Result<Option<recording::Model>, Problem> {
    let row = recording::ActiveModel {
        call_id: Set(call.id),
        recording_sid: Set(recorded.sid),
        source: Set(Source::Twilio.as_str().to_owned()),
        state: Set(if recorded.url.is_some() { "pending" } else { "failed" }.to_owned()),
        source_url: Set(recorded.url),
        channels: Set(recorded.channels),
        duration_ms: Set(recorded.duration_ms),
        error: Set(recorded.error),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut once = OnConflict::columns([
        recording::Column::BusinessId,
        recording::Column::CallId,
        recording::Column::RecordingSid,
    ]);
    once.do_nothing();
    Ok(tx.insert_or(row, once).await?)
}

/// Writes or rewrites the call's row on its customer's timeline.
pub async fn show(tx: &WriteTx, call: &call::Model) -> Result<(), Problem> {
    match entry(call) {
        Some(entry) => timeline::put(tx, entry).await,
        None => Ok(()),
    }
}

/// The call on its customer's timeline; a test call and a caller whom we do not know have none.
fn entry(call: &call::Model) -> Option<timeline::Entry> {
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

/// Takes a waiting call in hand for half an hour. 409 `claimed` while someone else has it.
pub async fn claim(tx: &WriteTx, id: i64, user_id: i64) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    let now = tx.now();
    if let (Some(holder), Some(until)) = (call.claimed_by_id, call.claimed_until)
        && holder != user_id
        && until > now
    {
        return Err(Problem::conflict("claimed", "someone else has this call in hand")
            .with("claimed_by_id", holder.into())
            .with("claimed_until", json!(until)));
    }
    let mut row = call.into_active_model();
    row.claimed_by_id = Set(Some(user_id));
    row.claimed_until = Set(Some(now + TimeDelta::minutes(CLAIM_MINUTES)));
    row.updated_at = Set(now);
    changed(tx, row).await
}

/// Someone has dealt with it: this call, and the same caller's earlier ones, wait no longer.
pub async fn handle(tx: &WriteTx, id: i64, user_id: Option<i64>) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    let who = match call.customer_id {
        Some(customer) => Some(call::Column::CustomerId.eq(customer)),
        None if call.caller_hidden => None,
        None => Some(call::Column::FromNumber.eq(call.from_number.as_str())),
    };
    if let Some(who) = who {
        tx.update_many::<call::Entity>()?
            .col(call::Column::NeedsCallback, false)
            .col(call::Column::HandledAt, tx.now())
            .col(call::Column::HandledById, user_id)
            .col(call::Column::UpdatedAt, tx.now())
            .filter(who)
            .filter(call::Column::Id.ne(call.id))
            .filter(call::Column::NeedsCallback.eq(true))
            .filter(call::Column::CreatedAt.lte(call.created_at))
            .exec()
            .await?;
    }
    let mut row = call.into_active_model();
    row.needs_callback = Set(false);
    row.handled_at = Set(Some(tx.now()));
    row.handled_by_id = Set(user_id);
    row.claimed_by_id = Set(None);
    row.claimed_until = Set(None);
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// Says whose call it was.
pub async fn link(tx: &WriteTx, id: i64, customer_id: CustomerId) -> Result<call::Model, Problem> {
    let customer = tx.get::<crm::customers::store::Entity>(customer_id).await?;
    if customer.deleted_at.is_some() {
        return Err(Problem::not_found());
    }
    let call = by_id(tx, id).await?;
    if call.test {
        return Err(Problem::conflict("test_call", "a test call belongs to no customer"));
    }
    let mut row = call.into_active_model();
    row.customer_id = Set(Some(customer.id));
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// Takes the link back.
pub async fn unlink(tx: &WriteTx, id: i64) -> Result<call::Model, Problem> {
    let mut row = by_id(tx, id).await?.into_active_model();
    row.customer_id = Set(None);
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    timeline::take_out(tx, "call", &call.id.to_string()).await?;
    Ok(call)
}

/// Saves a change by a person and counts the record's version up.
async fn changed(tx: &WriteTx, mut row: call::ActiveModel) -> Result<call::Model, Problem> {
    if let Unchanged(version) = row.version {
        row.version = Set(version + 1);
    }
    Ok(tx.update(row).await?)
}

/// The call's turns, in order.
pub async fn turns(tx: &ReadTx, call_id: i64) -> Result<Vec<turn::Model>, Problem> {
    Ok(tx
        .find::<turn::Entity>()
        .filter(turn::Column::CallId.eq(call_id))
        .order_by(turn::Column::TurnId, Order::Asc)
        .limit(MOST_TURNS)
        .all()
        .await?)
}

/// More turns than a call of the longest allowed length has.
const MOST_TURNS: u64 = 2_000;

/// One more turn than before; also a sign of life.
pub async fn count_turn(tx: &WriteTx, call_id: i64, turn_id: i32) -> Result<(), Problem> {
    tx.update_many::<call::Entity>()?
        .col_expr(
            call::Column::TurnCount,
            Expr::case(call::Column::TurnCount.lt(turn_id), turn_id)
                .finally(Expr::col(call::Column::TurnCount))
                .into(),
        )
        .col(call::Column::LastSeenAt, tx.now())
        .filter(call::Column::Id.eq(call_id))
        .exec()
        .await?;
    Ok(())
}
