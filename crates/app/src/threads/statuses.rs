//! What becomes of a message that went out. Carriers tell it late, twice and in any order; it never goes back.

use chrono::{DateTime, Utc};
use contracts::whatsapp::Carrier;
use kernel::Problem;
use platform::{
    db::{ReadTx, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, Order,
    sea_query::{Expr, Func, OnConflict},
};
use serde_json::json;

use super::{
    errors,
    model::{OUT, Status},
    store::{early_status, message, thread},
};

/// Something that a carrier, or our own sending, knows of a message.
#[derive(Clone, Debug)]
pub struct News {
    pub status: Status,
    pub at: DateTime<Utc>,
    /// The carrier's, of a failure.
    pub code: Option<String>,
    pub message: Option<String>,
}

/// By what a carrier names a message.
#[derive(Clone, Debug)]
pub struct Named {
    pub carrier: Carrier,
    /// The account at the carrier, empty when it was not said.
    pub account: String,
    pub carrier_id: String,
    /// Our own id, where the carrier gives it back.
    pub client_id: Option<String>,
}

/// Takes news in. `false` when the message is not known yet: then it waits for it.
pub async fn hear(tx: &WriteTx, named: &Named, news: &News) -> Result<bool, Problem> {
    let Some(message) = find(tx, named).await? else {
        keep(tx, named, news).await?;
        return Ok(false);
    };
    if message.carrier_id.is_none() {
        tx.update_many::<message::Entity>()?
            .col(message::Column::CarrierId, named.carrier_id.clone())
            .col(message::Column::Account, named.account.clone())
            .filter(message::Column::Id.eq(message.id))
            .filter(message::Column::CarrierId.is_null())
            .exec()
            .await?;
    }
    apply(tx, &message, news).await?;
    Ok(true)
}

async fn find(tx: &ReadTx, named: &Named) -> Result<Option<message::Model>, Problem> {
    use message::Column;
    let of_carrier = Condition::all()
        .add(Column::Carrier.eq(named.carrier.word()))
        .add(Column::CarrierId.eq(named.carrier_id.as_str()))
        .add(Column::Direction.eq(OUT));
    let known = tx.find::<message::Entity>().filter(of_carrier).limit(1).one().await?;
    if known.is_some() {
        return Ok(known);
    }
    // The bridge's ids are ours.
    let own = named
        .client_id
        .clone()
        .or_else(|| (named.carrier == Carrier::Baileys).then(|| named.carrier_id.clone()));
    let Some(own) = own else { return Ok(None) };
    let by_own = tx.find::<message::Entity>().filter(Column::ClientId.eq(own));
    Ok(by_own.one().await?)
}

async fn keep(tx: &WriteTx, named: &Named, news: &News) -> Result<(), Problem> {
    let row = early_status::ActiveModel {
        carrier: Set(named.carrier.word().to_owned()),
        account: Set(named.account.clone()),
        carrier_id: Set(named.carrier_id.clone()),
        status: Set(news.status.as_str().to_owned()),
        code: Set(news.code.clone()),
        message: Set(news.message.clone()),
        at: Set(news.at),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut once = OnConflict::new();
    once.do_nothing();
    tx.insert_or(row, once).await?;
    Ok(())
}

/// Applies what was told before the message was known by its carrier's id. To be called again after the commit of what
/// made the id known, and of what was kept: then neither passes the other by unseen.
pub async fn catch_up(tx: &WriteTx, carrier: Carrier, carrier_id: &str) -> Result<(), Problem> {
    let waiting = tx
        .find::<early_status::Entity>()
        .filter(early_status::Column::Carrier.eq(carrier.word()))
        .filter(early_status::Column::CarrierId.eq(carrier_id))
        .order_by(early_status::Column::Id, Order::Asc)
        .all()
        .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let named = Named {
        carrier,
        account: String::new(),
        carrier_id: carrier_id.to_owned(),
        client_id: None,
    };
    let Some(message) = find(tx, &named).await? else {
        return Ok(());
    };
    for early in &waiting {
        if let Some(status) = Status::parse(&early.status) {
            let news = News {
                status,
                at: early.at,
                code: early.code.clone(),
                message: early.message.clone(),
            };
            apply(tx, &message, &news).await?;
        }
    }
    tx.delete_many::<early_status::Entity>()?
        .filter(early_status::Column::Id.is_in(waiting.iter().map(|early| early.id)))
        .exec()
        .await?;
    Ok(())
}

/// Moves a message forward, never back, and notes the time in any case.
pub async fn apply(tx: &WriteTx, message: &message::Model, news: &News) -> Result<(), Problem> {
    let moved = match news.status {
        Status::Failed => fail(tx, message, news).await?,
        Status::Unknown => doubt(tx, message).await?,
        status => advance(tx, message, status).await?,
    };
    let timed = note_times(tx, message, news).await?;
    if moved || timed {
        tell(tx, message, news).await?;
    }
    Ok(())
}

async fn advance(tx: &WriteTx, message: &message::Model, status: Status) -> Result<bool, Problem> {
    let moved = tx
        .update_many::<message::Entity>()?
        .col(message::Column::Status, status.as_str())
        .col(message::Column::Rank, status.rank())
        .col(message::Column::UpdatedAt, tx.now())
        .filter(message::Column::Id.eq(message.id))
        .filter(message::Column::Rank.lt(status.rank()))
        .exec()
        .await?;
    Ok(moved > 0)
}

/// Only what was on its way can have been lost sight of.
async fn doubt(tx: &WriteTx, message: &message::Model) -> Result<bool, Problem> {
    let doubted = tx
        .update_many::<message::Entity>()?
        .col(message::Column::Status, Status::Unknown.as_str())
        .col(message::Column::Rank, Status::Unknown.rank())
        .col(message::Column::UpdatedAt, tx.now())
        .filter(message::Column::Id.eq(message.id))
        .filter(message::Column::Status.eq(Status::Sending.as_str()))
        .exec()
        .await?;
    Ok(doubted > 0)
}

/// Only what was not delivered fails.
async fn fail(tx: &WriteTx, message: &message::Model, news: &News) -> Result<bool, Problem> {
    let explained = message
        .carrier
        .as_deref()
        .and_then(|carrier| carrier.parse().ok())
        .map(|carrier| errors::explain(carrier, news.code.as_deref()));
    let failed = tx
        .update_many::<message::Entity>()?
        .col(message::Column::Status, Status::Failed.as_str())
        .col(message::Column::Rank, Status::Failed.rank())
        .col(message::Column::FailedAt, news.at)
        .col(message::Column::ErrorCode, news.code.clone())
        .col(message::Column::ErrorText, explained.map(str::to_owned))
        .col(message::Column::UpdatedAt, tx.now())
        .filter(message::Column::Id.eq(message.id))
        .filter(message::Column::Rank.lt(Status::Delivered.rank()))
        .filter(message::Column::Status.ne(Status::Failed.as_str()))
        .exec()
        .await?;
    Ok(failed > 0)
}

/// The time at which each step was first seen; a later step says that the earlier ones were.
async fn note_times(tx: &WriteTx, message: &message::Model, news: &News) -> Result<bool, Problem> {
    use message::Column;
    let steps: &[(Column, bool)] = match news.status {
        Status::Sent => &[(Column::SentAt, message.sent_at.is_none())],
        Status::Delivered => &[
            (Column::SentAt, false),
            (Column::DeliveredAt, message.delivered_at.is_none()),
        ],
        Status::Read => &[
            (Column::SentAt, false),
            (Column::DeliveredAt, false),
            (Column::ReadAt, message.read_at.is_none()),
        ],
        Status::Played => &[
            (Column::SentAt, false),
            (Column::DeliveredAt, false),
            (Column::ReadAt, false),
            (Column::PlayedAt, message.played_at.is_none()),
        ],
        _ => return Ok(false),
    };
    let mut update = tx.update_many::<message::Entity>()?;
    for (column, _) in steps {
        let first = Func::coalesce([Expr::col(*column), Expr::val(news.at)]);
        update = update.col_expr(*column, Expr::expr(first));
    }
    update.filter(Column::Id.eq(message.id)).exec().await?;
    Ok(steps.iter().any(|(_, new)| *new))
}

/// `message:status`, for whoever has the thread.
async fn tell(tx: &WriteTx, message: &message::Model, news: &News) -> Result<(), Problem> {
    let current = tx.find::<message::Entity>().by_id(message.id).one().await?;
    let thread = tx.find::<thread::Entity>().by_id(message.thread_id).one().await?;
    let (Some(current), Some(thread)) = (current, thread) else {
        return Ok(());
    };
    tx.emit(Event {
        room: Room::Business,
        name: "message:status",
        payload: json!({
            "message_id": current.id,
            "thread_id": current.thread_id,
            "status": current.status,
            "at": news.at,
            "assignee_id": thread.assignee_id,
        }),
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Status;

    /// What the two updates make of a message, told in this order.
    fn outcome(told: &[Status]) -> Status {
        let mut now = Status::Sending;
        for status in told {
            let moves = if *status == Status::Failed {
                now.rank() < Status::Delivered.rank() && now != Status::Failed
            } else {
                now.rank() < status.rank()
            };
            if moves {
                now = *status;
            }
        }
        now
    }

    fn permutations(items: &[Status]) -> Vec<Vec<Status>> {
        match items {
            [] => vec![Vec::new()],
            _ => (0..items.len())
                .flat_map(|at| {
                    let mut rest = items.to_vec();
                    let first = rest.remove(at);
                    permutations(&rest).into_iter().map(move |mut tail| {
                        tail.insert(0, first);
                        tail
                    })
                })
                .collect(),
        }
    }

    #[test]
    fn in_every_order_the_furthest_step_stands() {
        let steps = [
            Status::Sending,
            Status::Sent,
            Status::Delivered,
            Status::Read,
            Status::Played,
        ];
        for order in permutations(&steps) {
            assert_eq!(outcome(&order), Status::Played, "{order:?}");
        }
        for order in permutations(&[Status::Sent, Status::Delivered, Status::Failed]) {
            assert_eq!(outcome(&order), Status::Delivered, "{order:?}");
        }
        for order in permutations(&[Status::Sending, Status::Sent, Status::Failed]) {
            assert_eq!(outcome(&order), Status::Failed, "{order:?}");
        }
    }
}
