//! What became of a call. Each piece of news is taken in, and the outcome worked out anew from all that is known.

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, IntoActiveModel,
};

use super::{event, show, work::wait_no_longer};
use crate::{
    calls::{
        alerts,
        model::{Direction, Facts, Outcome, SETTLED_AFTER_SECONDS, Source, Standing, Status},
        store::{call, recording, turn},
    },
    crm,
};

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
        let was_wanted = call.needs_callback;
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
        let call = tx.update(row).await?;
        if wanted && !was_wanted {
            Box::pin(alerts::missed(tx, &call)).await?;
        }
        call
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
        wants_person: call.wants_person || call.extracted().callback_at.is_some(),
    })
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
    wait_no_longer(tx, who, call.created_at, call.user_id).await?;
    Ok(())
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
