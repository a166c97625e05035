//! The other side of a message: its thread and its customer, found by every way in which it is known, or made.

use contracts::whatsapp::Address;
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, IntoActiveModel, Order, sea_query::OnConflict};
use serde_json::json;

use super::{
    inbound::Arrival,
    model::address_words,
    store::{address, thread},
};
use crate::crm::customers::{
    self,
    identities::Kind,
    store::{Column as CustomerColumn, Entity as Customers, Model as Customer},
};

/// Stands for a name while somebody hides both name and phone.
const NAMELESS: &str = "וואטסאפ";

pub struct Peer {
    /// Locked.
    pub thread: thread::Model,
    /// None for people of the business itself, and for those who were forgotten.
    pub customer: Option<Customer>,
}

/// Finds or makes both.
pub async fn of(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<Peer, Problem> {
    let chat = &arrival.inbound.chat;
    let known = by_addresses(tx, chat).await?;
    let Some((thread, addresses)) = known else {
        return make(tx, arrival).await;
    };
    add_addresses(tx, &thread, chat, &addresses).await?;
    let customer = customer_of(tx, arrival, &thread).await?;
    let customer_id = customer.as_ref().map(|customer| customer.id);
    if customer_id == thread.customer_id {
        return Ok(Peer { thread, customer });
    }
    let mut row = thread.into_active_model();
    row.customer_id = Set(customer_id);
    let thread = tx.update(row).await?;
    super::work::relink(tx, &thread).await?;
    Ok(Peer { thread, customer })
}

/// The thread that any of these leads to, the best first, locked; with all that it is known by.
pub async fn by_addresses(
    tx: &ReadTx,
    chat: &[Address],
) -> Result<Option<(thread::Model, Vec<address::Model>)>, Problem> {
    for one in chat {
        let (kind, value) = address_words(one);
        let found = tx
            .find::<address::Entity>()
            .filter(address::Column::Kind.eq(kind))
            .filter(address::Column::Value.eq(value))
            .one()
            .await?;
        let Some(found) = found else { continue };
        let thread = tx.find::<thread::Entity>().by_id(found.thread_id).lock().one().await?;
        if let Some(thread) = thread {
            let addresses = addresses_of(tx, thread.id).await?;
            return Ok(Some((thread, addresses)));
        }
    }
    Ok(None)
}

/// The best to write to first.
pub async fn addresses_of(tx: &ReadTx, thread: i64) -> Result<Vec<address::Model>, Problem> {
    Ok(tx
        .find::<address::Entity>()
        .filter(address::Column::ThreadId.eq(thread))
        .order_by(address::Column::Position, Order::Asc)
        .order_by(address::Column::Id, Order::Asc)
        .all()
        .await?)
}

async fn add_addresses(
    tx: &WriteTx,
    thread: &thread::Model,
    chat: &[Address],
    known: &[address::Model],
) -> Result<(), Problem> {
    for one in chat {
        let (kind, value) = address_words(one);
        if known.iter().any(|known| known.kind == kind && known.value == value) {
            continue;
        }
        claim(tx, thread, one).await?;
    }
    Ok(())
}

/// Gives the thread this address, unless it is another's.
async fn claim(tx: &WriteTx, thread: &thread::Model, one: &Address) -> Result<bool, Problem> {
    let (kind, value) = address_words(one);
    let row = address::ActiveModel {
        thread_id: Set(thread.id),
        kind: Set(kind.to_owned()),
        value: Set(value.to_owned()),
        // a phone is what every carrier takes
        position: Set(i32::from(!matches!(one, Address::Phone(_)))),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut once = OnConflict::new();
    once.do_nothing();
    Ok(tx.insert_or(row, once).await?.is_some())
}

async fn make(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<Peer, Problem> {
    let customer = if arrival.from_team {
        None
    } else {
        Some(Box::pin(known_customer(tx, arrival)).await?)
    };
    let made = begin(
        tx,
        customer.as_ref().map(|customer| customer.id),
        arrival.inbound.profile_name.as_deref(),
        &arrival.inbound.chat,
    )
    .await?;
    Ok(Peer { thread: made, customer })
}

/// A new thread with these addresses; if another transaction was first, the one that it made.
pub async fn begin(
    tx: &WriteTx,
    customer_id: Option<i64>,
    name: Option<&str>,
    chat: &[Address],
) -> Result<thread::Model, Problem> {
    let now = tx.now();
    let row = thread::ActiveModel {
        customer_id: Set(customer_id),
        name: Set(name.map(|name| name.chars().filter(|c| *c != '\0').take(100).collect())),
        status: Set("open".to_owned()),
        labels: Set(json!([])),
        bot: Set(true),
        windows: Set(json!({})),
        unread: Set(0),
        last_message_at: Set(now),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let thread = tx.insert(row).await?;
    for (at, one) in chat.iter().enumerate() {
        if claim(tx, &thread, one).await? || at > 0 {
            continue;
        }
        tx.delete_many::<thread::Entity>()?
            .filter(thread::Column::Id.eq(thread.id))
            .exec()
            .await?;
        let first = by_addresses(tx, chat).await?.ok_or_else(Problem::internal)?;
        return Ok(first.0);
    }
    Ok(thread)
}

fn identities(chat: &[Address]) -> Vec<(Kind, String)> {
    chat.iter()
        .map(|one| {
            let kind = match one {
                Address::Phone(_) => Kind::Phone,
                Address::Lid(_) => Kind::Lid,
                Address::Bsuid(_) => Kind::Bsuid,
            };
            (kind, address_words(one).1.to_owned())
        })
        .collect()
}

async fn known_customer(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<Customer, Problem> {
    let name = arrival.inbound.profile_name.as_deref();
    // What the business's own phone says of itself is not the other side's name.
    let name = name.filter(|_| !arrival.inbound.from_me);
    let name: Option<String> = name.map(|name| name.chars().filter(|c| !c.is_control()).take(100).collect());
    let known = identities(&arrival.inbound.chat);
    let found = customers::actions::find_or_create_known(tx, &known, name.as_deref(), NAMELESS, "whatsapp").await?;
    Ok(found.customer)
}

/// Whose thread it is now: the customer may have been merged, deleted or forgotten since.
async fn customer_of(tx: &WriteTx, arrival: &Arrival<'_>, thread: &thread::Model) -> Result<Option<Customer>, Problem> {
    if arrival.from_team {
        return Ok(None);
    }
    if let Some(id) = thread.customer_id {
        let live = Condition::all()
            .add(CustomerColumn::Id.eq(id))
            .add(CustomerColumn::DeletedAt.is_null());
        if let Some(customer) = tx.find::<Customers>().filter(live).one().await? {
            return Ok(Some(customer));
        }
    }
    Ok(Some(Box::pin(known_customer(tx, arrival)).await?))
}
