//! A message that came: its customer, thread, row, files, place on the timeline, events and news, written together.
//!
//! The same message any number of times has one effect. Whether it is answered is decided by whoever calls.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contracts::whatsapp::{Address, Carrier, Inbound, Kind};
use kernel::{CustomerId, Problem};
use platform::{db::WriteTx, jobs::Enqueue};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, sea_query::OnConflict};
use serde_json::{Value, json};

use super::{
    alerts, carriers, changes,
    jobs::FetchFile,
    model::{self, IN, OUT, Source, Status, kind_word},
    peers::{self, Peer},
    show,
    store::{Payload, file, message, private, thread},
};
use crate::{
    App,
    crm::{customers, search::tokens},
};

/// Longer texts are cut: no carrier sends them.
const MOST_KEPT_CHARS: usize = 20_000;
/// Raw payloads are kept up to this.
const MOST_RAW_BYTES: usize = 16 * 1024;

/// A message as it came, with what is known of its business.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    pub carrier: Carrier,
    pub inbound: &'a Inbound,
    /// The business's time, by whose days the timeline groups.
    pub zone: Tz,
    /// It comes from somebody of the business itself, who is no customer.
    pub from_team: bool,
    /// Keyed hashes of its addresses; see [`private_hash`].
    pub hashes: &'a [String],
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Taken {
    New(Box<New>),
    /// It was here before.
    Again,
    /// The chat is private: nothing is kept.
    Private,
    /// It changed an older message, or that is not here.
    Altered,
}

#[derive(Clone, Debug)]
pub struct New {
    pub message: message::Model,
    pub thread: thread::Model,
    /// The other side asked to be left alone just now.
    pub opted_out: bool,
    /// The business does not want to hear of this person.
    pub blocked: bool,
}

/// As what an address is remembered when its chat is private.
pub fn private_hash(app: &App, address: &Address) -> String {
    let (kind, value) = model::address_words(address);
    app.seals.private_chats.fingerprint(kind, value)
}

/// Takes a message in.
pub async fn receive(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<Taken, Problem> {
    if is_private(tx, arrival.hashes).await? {
        return Ok(Taken::Private);
    }
    let inbound = arrival.inbound;
    if let Some(alters) = &inbound.alters {
        changes::alter(tx, arrival, alters).await?;
        return Ok(Taken::Altered);
    }
    if inbound.kind == Kind::Reaction {
        changes::react(tx, arrival).await?;
        return Ok(Taken::Altered);
    }
    if inbound.from_me && is_own(tx, arrival).await? {
        return Ok(Taken::Again);
    }
    let Peer { thread, customer } = Box::pin(peers::of(tx, arrival)).await?;
    let Some(message) = insert(tx, arrival, &thread).await? else {
        return Ok(Taken::Again);
    };
    keep_files(tx, arrival, &message).await?;
    let was_read = thread.unread == 0;
    let thread = note(tx, arrival, thread, &message).await?;
    tokens::index_new(tx, tokens::Kind::Message, &[(message.id, &[message.text.as_deref()])]).await?;
    let blocked = customer.as_ref().is_some_and(|customer| customer.blocked);
    if let Some(customer) = &customer {
        customers::actions::touch(tx, customer.record_id(), message.at).await?;
        show::on_timeline(tx, &thread, &message, arrival.zone).await?;
    }
    show::new_message(tx, &thread, &message).await?;
    if !inbound.from_me && was_read && !blocked {
        alerts::arrived(tx, &thread, &message, customer.as_ref()).await?;
    }
    let opted_out = opt_out(tx, arrival, customer.as_ref()).await?;
    Ok(Taken::New(Box::new(New {
        message,
        thread,
        opted_out,
        blocked,
    })))
}

async fn is_private(tx: &WriteTx, hashes: &[String]) -> Result<bool, Problem> {
    if hashes.is_empty() {
        return Ok(false);
    }
    let known = tx
        .find::<private::Entity>()
        .filter(private::Column::Hash.is_in(hashes.iter().map(String::as_str)))
        .limit(1)
        .one()
        .await?;
    Ok(known.is_some())
}

/// The echo of what we sent ourselves.
async fn is_own(tx: &WriteTx, arrival: &Arrival<'_>) -> Result<bool, Problem> {
    use message::Column;
    let id = arrival.inbound.carrier_id.as_str();
    let by_own = tx.find::<message::Entity>().filter(Column::ClientId.eq(id)).limit(1);
    if by_own.one().await?.is_some() {
        return Ok(true);
    }
    let by_carrier = tx
        .find::<message::Entity>()
        .filter(Column::Carrier.eq(arrival.carrier.word()))
        .filter(Column::CarrierId.eq(id))
        .filter(Column::Direction.eq(OUT))
        .limit(1);
    Ok(by_carrier.one().await?.is_some())
}

/// By what a message that comes twice is known. WhatsApp Web's ids are unique in their chat only.
pub(super) fn once_key(arrival: &Arrival<'_>, thread: i64) -> String {
    let account = carriers::account_key(arrival.carrier, &arrival.inbound.account);
    let id = &arrival.inbound.carrier_id;
    match arrival.carrier {
        Carrier::Baileys => format!("baileys:{account}:{thread}:{}:{id}", arrival.inbound.from_me),
        carrier => format!("{carrier}:{account}:{id}"),
    }
}

async fn insert(
    tx: &WriteTx,
    arrival: &Arrival<'_>,
    thread: &thread::Model,
) -> Result<Option<message::Model>, Problem> {
    let row = row(tx, arrival, thread).await?;
    let mut once = OnConflict::new();
    once.do_nothing();
    Ok(tx.insert_or(row, once).await?)
}

async fn row(tx: &WriteTx, arrival: &Arrival<'_>, thread: &thread::Model) -> Result<message::ActiveModel, Problem> {
    let inbound = arrival.inbound;
    let now = tx.now();
    let replied = match &inbound.reply_to {
        Some(id) => changes::target(tx, thread.id, arrival.carrier, id)
            .await?
            .map(|message| message.id),
        None => None,
    };
    let (direction, source, status) = if inbound.from_me {
        (OUT, Source::Phone, Status::Sent)
    } else {
        (IN, Source::Customer, Status::Received)
    };
    Ok(message::ActiveModel {
        thread_id: Set(thread.id),
        customer_id: Set(thread.customer_id),
        direction: Set(direction.to_owned()),
        kind: Set(kind_word(inbound.kind).to_owned()),
        source: Set(source.as_str().to_owned()),
        text: Set(inbound.text.as_deref().and_then(kept_text)),
        payload: Set(payload(inbound, replied.is_none()).json()),
        status: Set(status.as_str().to_owned()),
        rank: Set(status.rank()),
        carrier: Set(Some(arrival.carrier.word().to_owned())),
        only_carrier: Set(false),
        tried: Set(json!([])),
        account: Set(Some(carriers::account_key(arrival.carrier, &inbound.account))),
        carrier_id: Set(Some(inbound.carrier_id.clone())),
        once: Set(Some(once_key(arrival, thread.id))),
        reply_to_id: Set(replied),
        attempts: Set(0),
        has_files: Set(!inbound.media.is_empty()),
        reactions: Set(json!({})),
        backlog: Set(inbound.backlog),
        at: Set(inbound.sent_at.min(now)),
        sent_at: Set(inbound.from_me.then_some(inbound.sent_at.min(now))),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}

/// Without what a database refuses.
pub(super) fn kept_text(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| *c != '\0').take(MOST_KEPT_CHARS).collect();
    (!text.trim().is_empty()).then_some(text)
}

fn payload(inbound: &Inbound, unknown_reply: bool) -> Payload {
    let shown = !matches!(inbound.kind, Kind::Unsupported | Kind::Order | Kind::System);
    let small = |raw: &Value| raw.to_string().len() <= MOST_RAW_BYTES && !platform::http::fields::has_nul(raw);
    Payload {
        location: inbound.location.clone(),
        contacts: inbound.contacts.clone(),
        choice: inbound.choice.clone(),
        reply_to: inbound.reply_to.clone().filter(|_| unknown_reply),
        raw: Some(&inbound.raw).filter(|raw| !shown && small(raw)).cloned(),
        ..Payload::default()
    }
}

async fn keep_files(tx: &WriteTx, arrival: &Arrival<'_>, message: &message::Model) -> Result<(), Problem> {
    for (position, source) in arrival.inbound.media.iter().enumerate() {
        let row = file::ActiveModel {
            message_id: Set(message.id),
            position: Set(i32::try_from(position).unwrap_or(i32::MAX)),
            state: Set("waiting".to_owned()),
            source: Set(serde_json::to_value(source).ok()),
            mime_type: Set(source.mime_type.clone()),
            file_name: Set(source.file_name.clone()),
            size_bytes: Set(source.size.and_then(|size| i64::try_from(size).ok())),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let file = tx.insert(row).await?;
        let job = FetchFile { file_id: file.id };
        tx.enqueue(&job, Enqueue::once(format!("file:{}", file.id))).await?;
    }
    Ok(())
}

/// The thread as it stands after this message.
async fn note(
    tx: &WriteTx,
    arrival: &Arrival<'_>,
    thread: thread::Model,
    message: &message::Model,
) -> Result<thread::Model, Problem> {
    let inbound = arrival.inbound;
    let before = thread.clone();
    let mut row = thread.into_active_model();
    changes::put_last(&mut row, &before, message);
    if let Some(name) = inbound.profile_name.as_deref().and_then(kept_text) {
        row.name = Set(Some(name.chars().take(100).collect()));
    }
    row.status = Set("open".to_owned());
    row.snoozed_until = Set(None);
    if inbound.from_me {
        // Somebody of the business writes: the agent is silent from here on.
        changes::silence(&mut row, &before, "person");
        row.last_outgoing_id = Set(Some(message.id));
        row.waiting_since = Set(None);
        row.unread = Set(0);
    } else {
        row.carrier = Set(Some(arrival.carrier.word().to_owned()));
        row.windows = Set(with_window(&before.windows, arrival.carrier, message.at));
        row.unread = Set(before.unread.saturating_add(1));
        row.last_inbound_id = Set(Some(message.id));
        row.last_inbound_at = Set(before.last_inbound_at.max(Some(message.at)));
        row.first_inbound_at = Set(before.first_inbound_at.or(Some(message.at)));
        row.waiting_since = Set(before.waiting_since.or(Some(message.at)));
    }
    row.updated_at = Set(tx.now());
    Ok(tx.update(row).await?)
}

fn with_window(windows: &Value, carrier: Carrier, at: DateTime<Utc>) -> Value {
    let mut windows = windows.as_object().cloned().unwrap_or_default();
    let known = windows.get(carrier.word()).and_then(Value::as_str);
    let known = known.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    if known.is_none_or(|known| known.to_utc() < at) {
        windows.insert(carrier.word().to_owned(), json!(at));
    }
    Value::Object(windows)
}

async fn opt_out(
    tx: &WriteTx,
    arrival: &Arrival<'_>,
    customer: Option<&customers::store::Model>,
) -> Result<bool, Problem> {
    let inbound = arrival.inbound;
    let wishes = !inbound.from_me
        && matches!(inbound.kind, Kind::Text | Kind::Interactive)
        && inbound.text.as_deref().is_some_and(model::is_opt_out);
    match customer {
        Some(customer) if wishes => customers::actions::opt_out(tx, CustomerId::new(customer.id)).await,
        _ => Ok(false),
    }
}
