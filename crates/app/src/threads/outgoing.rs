//! Writing down a message that is to go out: checked, in its thread, with the job that sends it. Sending it is
//! [`super::dispatch`]'s work.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::whatsapp::{Address, Carrier, Kind};
use kernel::{CustomerId, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::idempotency,
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::json;

use super::{
    carriers, changes,
    jobs::Deliver,
    model::{self, OUT, Source, Status, kind_word, window_is_open},
    peers, show,
    store::{self, Payload, TemplateUse, file, message, thread},
    templates,
};
use crate::{
    accounts::businesses::{self, hours, hours::Office},
    crm::{customers, search::tokens},
    settings::WhatsappSettings,
};

/// The job takes over from whoever wrote the message after this.
const JOB_AFTER: TimeDelta = TimeDelta::seconds(15);
/// How long the answer to a request waits for the carrier's.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How [`Draft::once`] begins for what a person or a program asked for under a key.
pub const REQUEST: &str = "request:";

/// Where a message goes.
#[derive(Clone, Debug)]
pub enum To {
    Thread(i64),
    Customer(CustomerId),
    Address(Address),
}

/// What goes out.
#[derive(Clone, Debug)]
pub enum Content {
    Text(String),
    /// A file of the storage, or one that the carrier fetches elsewhere.
    Media {
        kind: Kind,
        file: OutgoingFile,
        caption: Option<String>,
    },
    /// With the text that the person will read.
    Template {
        used: TemplateUse,
        text: String,
    },
}

#[derive(Clone, Debug)]
pub enum OutgoingFile {
    Stored {
        storage_key: String,
        mime_type: String,
        file_name: String,
        size_bytes: i64,
        sha256: String,
    },
    Elsewhere {
        url: String,
        mime_type: String,
        file_name: Option<String>,
    },
}

/// A message that somebody wants to send.
#[derive(Clone, Debug)]
pub struct Draft {
    pub to: To,
    pub content: Content,
    pub source: Source,
    /// By this carrier and no other.
    pub carrier: Option<Carrier>,
    pub reply_to: Option<i64>,
    /// The newest message that the sender saw.
    pub after_message_id: Option<i64>,
    /// What is sent once only, however often it is asked.
    pub once: Option<String>,
    /// It confirms that nothing more will come.
    pub despite_opt_out: bool,
}

/// Writes a message down. The caller commits, then dispatches.
///
/// 409 `do_not_contact`, `newer_message`, `outside_window`; 501 when there is no carrier; 404 and 422 for whom it goes to.
pub async fn queue(tx: &WriteTx, settings: &WhatsappSettings, draft: Draft) -> Result<message::Model, Problem> {
    if let Some(known) = asked_before(tx, &draft).await? {
        return Ok(known);
    }
    let thread = thread_of(tx, &draft.to).await?;
    refuse_unwanted(tx, &thread, &draft).await?;
    refuse_newer(tx, &thread, draft.after_message_id).await?;
    let reply_to = reply(tx, &thread, draft.reply_to).await?;
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let carrier = choose(tx, settings, &business, &thread, &draft).await?;
    let starts_at = starts_at(&business, draft.source, tx.now());
    let Some(message) = insert(tx, &thread, &draft, carrier, reply_to, starts_at).await? else {
        return asked_before(tx, &draft).await?.ok_or_else(Problem::internal);
    };
    // Nobody waits for what the system says: its job sends it.
    let soonest = if draft.source == Source::System {
        TimeDelta::zero()
    } else {
        JOB_AFTER
    };
    let run_at = starts_at.unwrap_or_else(|| tx.now() + soonest);
    tx.enqueue(&Deliver { message_id: message.id }, Enqueue::at(run_at))
        .await?;
    let thread = note(tx, thread, &message, &draft).await?;
    let texts = [message.text.as_deref()];
    tokens::index_new(tx, tokens::Kind::Message, &[(message.id, &texts)]).await?;
    show::on_timeline(tx, &thread, &message, hours::zone(&business)).await?;
    show::new_message(tx, &thread, &message).await?;
    tx.audit(AuditEntry {
        action: "message.queued",
        record_type: "message",
        record_id: Some(message.id),
        changes: json!({ "thread_id": thread.id, "kind": message.kind, "source": message.source }),
    })
    .await?;
    Ok(message)
}

/// The thread, locked; made when this is the first message.
async fn thread_of(tx: &WriteTx, to: &To) -> Result<thread::Model, Problem> {
    match to {
        To::Thread(id) => store::locked(tx, *id).await,
        To::Customer(id) => {
            let customer = customers::store::get(tx, *id).await?;
            let chat = known_as(tx, &customer).await?;
            if chat.is_empty() {
                return Err(Problem::invalid(
                    "customer_id",
                    "no_address",
                    "has no phone to write to",
                ));
            }
            of_address(tx, &chat, Some(&customer)).await
        }
        To::Address(address) => of_address(tx, std::slice::from_ref(address), None).await,
    }
}

/// Phones and WhatsApp ids of a customer, phones first.
async fn known_as(tx: &WriteTx, customer: &customers::store::Model) -> Result<Vec<Address>, Problem> {
    use customers::identities::{Column, Entity};
    let rows = tx
        .find::<Entity>()
        .filter(Column::CustomerId.eq(customer.id))
        .filter(Column::Kind.ne("email"))
        .order_by(Column::Position, sea_orm::Order::Asc)
        .all()
        .await?;
    let mut known: Vec<Address> = rows
        .iter()
        .filter_map(|row| model::address_of(&row.kind, &row.value))
        .collect();
    known.sort_by_key(|address| !matches!(address, Address::Phone(_)));
    Ok(known)
}

async fn of_address(
    tx: &WriteTx,
    chat: &[Address],
    customer: Option<&customers::store::Model>,
) -> Result<thread::Model, Problem> {
    if let Some((thread, _)) = peers::by_addresses(tx, chat).await? {
        // Whose it is decides whether the sender may see it.
        return store::locked(tx, thread.id).await;
    }
    let owner = match (customer, chat.first()) {
        (Some(customer), _) => Some(customer.id),
        (None, Some(Address::Phone(phone))) => customers::store::by_phone(tx, phone).await?.map(|customer| customer.id),
        (None, _) => None,
    };
    peers::begin(tx, owner, None, chat).await
}

async fn refuse_unwanted(tx: &WriteTx, thread: &thread::Model, draft: &Draft) -> Result<(), Problem> {
    let Some(customer) = thread.customer_id else {
        return Ok(());
    };
    let customer = tx.find::<customers::store::Entity>().by_id(customer).one().await?;
    if !draft.despite_opt_out && customer.is_some_and(|customer| customer.do_not_contact) {
        return Err(Problem::conflict(
            "do_not_contact",
            "this customer asked not to be contacted",
        ));
    }
    Ok(())
}

/// Somebody else has answered meanwhile.
async fn refuse_newer(tx: &WriteTx, thread: &thread::Model, seen: Option<i64>) -> Result<(), Problem> {
    let (Some(seen), Some(last)) = (seen, thread.last_outgoing_id) else {
        return Ok(());
    };
    if last <= seen {
        return Ok(());
    }
    let newer = tx.find::<message::Entity>().by_id(last).one().await?;
    let newer = newer.map(|message| {
        json!({
            "id": message.id, "text": message.text, "kind": message.kind, "author_id": message.author_id,
            "source": message.source, "created_at": message.created_at,
        })
    });
    Err(
        Problem::conflict("newer_message", "somebody has answered meanwhile; nothing was sent")
            .with("message", newer.into()),
    )
}

async fn reply(tx: &WriteTx, thread: &thread::Model, reply_to: Option<i64>) -> Result<Option<i64>, Problem> {
    let Some(id) = reply_to else { return Ok(None) };
    let known = tx.find::<message::Entity>().by_id(id).one().await?;
    match known.filter(|message| message.thread_id == thread.id) {
        Some(_) => Ok(Some(id)),
        None => Err(Problem::invalid(
            "reply_to",
            "unknown_message",
            "is not a message of this conversation",
        )),
    }
}

/// The carrier that is tried first. 501 when none is on; 409 `outside_window` when all that are on take templates only.
async fn choose(
    tx: &WriteTx,
    settings: &WhatsappSettings,
    business: &businesses::store::Model,
    thread: &thread::Model,
    draft: &Draft,
) -> Result<Carrier, Problem> {
    let mut order = match draft.carrier {
        Some(carrier) if settings.enabled.contains(&carrier) => vec![carrier],
        Some(_) => Vec::new(),
        None => carriers::order(settings, businesses::whatsapp::chosen(business), Some(thread)),
    };
    if order.len() > 1 && carriers::is_unlinked(tx).await? {
        // At the end: it may be linked again by then.
        order.sort_by_key(|carrier| *carrier == Carrier::Baileys);
    }
    let template = matches!(draft.content, Content::Template { .. });
    let fits = |carrier: &&Carrier| template || window_is_open(**carrier, &thread.windows, tx.now());
    match (order.iter().find(fits), order.is_empty()) {
        (Some(carrier), _) => Ok(*carrier),
        (None, true) => Err(Problem::not_configured(&[
            "ENABLE_WA_BAILEYS",
            "ENABLE_WA_TWILIO",
            "ENABLE_WA_META",
        ])),
        (None, false) => Err(outside_window(tx).await?),
    }
}

async fn outside_window(tx: &WriteTx) -> Result<Problem, Problem> {
    let names = templates::names(tx).await?;
    Ok(Problem::conflict(
        "outside_window",
        "the customer last wrote more than 24 hours ago: only an approved template can be sent",
    )
    .with("templates", json!(names)))
}

/// What goes out by itself waits for the end of the Sabbath or holiday, save an answer where the business lets the agent
/// answer then.
fn starts_at(business: &businesses::store::Model, source: Source, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let answers = source == Source::Agent && business.shabbat_mode != "closed";
    let waits = source.is_automatic() && !answers;
    waits.then(|| Office::of(business).holds_back(now)).flatten()
}

async fn insert(
    tx: &WriteTx,
    thread: &thread::Model,
    draft: &Draft,
    carrier: Carrier,
    reply_to: Option<i64>,
    starts_at: Option<DateTime<Utc>>,
) -> Result<Option<message::Model>, Problem> {
    let now = tx.now();
    let (kind, text, payload) = content(&draft.content);
    let row = message::ActiveModel {
        thread_id: Set(thread.id),
        customer_id: Set(thread.customer_id),
        direction: Set(OUT.to_owned()),
        kind: Set(kind_word(kind).to_owned()),
        source: Set(draft.source.as_str().to_owned()),
        author_id: Set(tx.scope().person().map(i64::from)),
        text: Set(text),
        payload: Set(payload.json()),
        status: Set(Status::Queued.as_str().to_owned()),
        rank: Set(Status::Queued.rank()),
        carrier: Set(Some(carrier.word().to_owned())),
        only_carrier: Set(draft.carrier.is_some()),
        tried: Set(json!([])),
        client_id: Set(Some(new_client_id())),
        once: Set(draft.once.clone()),
        reply_to_id: Set(reply_to),
        attempts: Set(0),
        next_try_at: Set(starts_at),
        has_files: Set(matches!(draft.content, Content::Media { .. })),
        reactions: Set(json!({})),
        backlog: Set(false),
        at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let mut once = sea_orm::sea_query::OnConflict::new();
    once.do_nothing();
    let Some(message) = tx.insert_or(row, once).await? else {
        return Ok(None);
    };
    if let Content::Media { file, .. } = &draft.content {
        tx.insert(file_row(&message, file, now)).await?;
    }
    Ok(Some(message))
}

/// Letters and digits, never used twice.
pub fn new_client_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().to_uppercase()
}

fn content(content: &Content) -> (Kind, Option<String>, Payload) {
    match content {
        Content::Text(text) => (Kind::Text, Some(text.clone()), Payload::default()),
        Content::Media { kind, file, caption } => {
            let media_url = match file {
                OutgoingFile::Elsewhere { url, .. } => Some(url.clone()),
                OutgoingFile::Stored { .. } => None,
            };
            let payload = Payload {
                media_url,
                ..Payload::default()
            };
            (*kind, caption.clone(), payload)
        }
        Content::Template { used, text } => {
            let payload = Payload {
                template: Some(used.clone()),
                ..Payload::default()
            };
            (Kind::Template, Some(text.clone()), payload)
        }
    }
}

fn file_row(message: &message::Model, given: &OutgoingFile, now: DateTime<Utc>) -> file::ActiveModel {
    let empty = file::ActiveModel {
        message_id: Set(message.id),
        position: Set(0),
        state: Set("stored".to_owned()),
        created_at: Set(now),
        ..Default::default()
    };
    match given.clone() {
        OutgoingFile::Stored {
            storage_key,
            mime_type,
            file_name,
            size_bytes,
            sha256,
        } => file::ActiveModel {
            mime_type: Set(Some(mime_type)),
            file_name: Set(Some(file_name)),
            size_bytes: Set(Some(size_bytes)),
            sha256: Set(Some(sha256)),
            storage_key: Set(Some(storage_key)),
            stored_at: Set(Some(now)),
            ..empty
        },
        OutgoingFile::Elsewhere {
            mime_type, file_name, ..
        } => file::ActiveModel {
            mime_type: Set(Some(mime_type)),
            file_name: Set(file_name),
            ..empty
        },
    }
}

/// What was asked for under the same key before. A request's key may be used again once it has had its time.
async fn asked_before(tx: &WriteTx, draft: &Draft) -> Result<Option<message::Model>, Problem> {
    let Some(once) = draft.once.as_deref() else {
        return Ok(None);
    };
    let known = tx.find::<message::Entity>().filter(message::Column::Once.eq(once));
    let Some(known) = known.one().await? else {
        return Ok(None);
    };
    if !once.starts_with(REQUEST) || tx.now() - known.created_at < idempotency::KEPT {
        return Ok(Some(known));
    }
    tx.update_many::<message::Entity>()?
        .col(message::Column::Once, Option::<String>::None)
        .filter(message::Column::Id.eq(known.id))
        .exec()
        .await?;
    Ok(None)
}

async fn note(
    tx: &WriteTx,
    thread: thread::Model,
    message: &message::Model,
    draft: &Draft,
) -> Result<thread::Model, Problem> {
    let before = thread.clone();
    let mut row = thread.into_active_model();
    changes::put_last(&mut row, &before, message);
    row.last_outgoing_id = Set(Some(message.id));
    row.waiting_since = Set(None);
    row.updated_at = Set(tx.now());
    if before.status == "closed" {
        row.status = Set("open".to_owned());
    }
    if draft.source == Source::Person {
        changes::silence(&mut row, &before, "person");
        if before.assignee_id.is_none() {
            row.assignee_id = Set(tx.scope().person().map(i64::from));
        }
    }
    let thread = tx.update(row).await?;
    show::changed_thread(tx, &thread).await?;
    Ok(thread)
}

/// Which messages a person sends once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// What certainly did not go.
    Failed,
    /// Also what may have gone: the person has decided.
    EvenUnknown,
}

/// Puts a message back, to be tried anew under a new id of ours. 409 `not_failed`.
pub async fn retry(tx: &WriteTx, id: i64, which: Again) -> Result<message::Model, Problem> {
    let message = tx.find::<message::Entity>().by_id(id).lock().one().await?;
    let message = message.ok_or_else(Problem::not_found)?;
    store::get(tx, message.thread_id).await?;
    let failed = message.status == Status::Failed.as_str();
    let unsure = message.status == Status::Unknown.as_str() && which == Again::EvenUnknown;
    if !message.is_out() || !(failed || unsure) {
        return Err(Problem::conflict(
            "not_failed",
            "only a message that failed is sent again",
        ));
    }
    let mut row = message.into_active_model();
    row.status = Set(Status::Queued.as_str().to_owned());
    row.rank = Set(Status::Queued.rank());
    row.client_id = Set(Some(new_client_id()));
    row.carrier_id = Set(None);
    row.attempts = Set(0);
    row.attempt = Set(None);
    row.next_try_at = Set(None);
    row.tried = Set(json!([]));
    row.failed_at = Set(None);
    row.error_code = Set(None);
    row.error_text = Set(None);
    row.updated_at = Set(tx.now());
    let message = tx.update(row).await?;
    tx.enqueue(&Deliver { message_id: id }, Enqueue::at(tx.now() + JOB_AFTER))
        .await?;
    tx.audit(AuditEntry {
        action: "message.retried",
        record_type: "message",
        record_id: Some(id),
        changes: json!({ "was_unknown": unsure }),
    })
    .await?;
    Ok(message)
}
