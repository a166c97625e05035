//! What webhooks bring, worked in: at once, together with others that came at the same time, or, when it is much or
//! cannot be done now, by a job from the journal. Nobody is answered before what they brought is in the database.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use contracts::whatsapp::{Carrier, Event, Inbound, LinkNews, StatusNews};
use kernel::{BusinessId, Problem, Scope};
use platform::{
    db::WriteTx,
    jobs::Enqueue,
    outbox::{Event as Shown, Room},
};
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::{answers::Answer, believed::Believed, door};
use crate::{
    App, AppState,
    accounts::businesses::{
        self,
        whatsapp::{AnswerPolicy, Choices},
    },
    calls::directory::VoiceBusiness,
    notifications::{self, incidents},
    threads::{
        carriers,
        inbound::{self, Arrival, New, Taken, private_hash},
        model::{Source, Status},
        outgoing::{self, Content, Draft, To},
        statuses::{self, Named, News},
        store::link,
    },
};

/// More events than this in one body are worked in by a job.
const MOST_AT_ONCE: usize = 20;
/// Bodies that may wait; what comes beyond waits outside.
const QUEUE: usize = 1_024;
/// Bodies that are written together.
const MOST_TOGETHER: usize = 32;

/// What one body holds for one business.
#[derive(Clone)]
pub struct Batch {
    pub scope: Scope,
    pub business: Arc<VoiceBusiness>,
    pub carrier: Carrier,
    pub events: Arc<Vec<Event>>,
}

struct Waiting {
    batch: Batch,
    answer: oneshot::Sender<Result<(), Problem>>,
}

/// The queue of bodies, where the database has one writer: each would wait for the one before it anyway, and together
/// they cost one commit.
pub struct Arrivals {
    queue: mpsc::Sender<Waiting>,
    /// Until the one that works on it takes it.
    end: Mutex<Option<mpsc::Receiver<Waiting>>>,
}

impl Default for Arrivals {
    fn default() -> Self {
        let (queue, end) = mpsc::channel(QUEUE);
        Self {
            queue,
            end: Mutex::new(Some(end)),
        }
    }
}

impl Arrivals {
    /// Works on the queue until the process ends.
    pub async fn work(app: AppState) {
        let end = app.arrivals.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut end) = end else {
            return;
        };
        let mut waiting = Vec::with_capacity(MOST_TOGETHER);
        while end.recv_many(&mut waiting, MOST_TOGETHER).await > 0 {
            let mut of_business: BTreeMap<i64, Vec<Waiting>> = BTreeMap::new();
            for one in waiting.drain(..) {
                of_business.entry(one.batch.business.id.get()).or_default().push(one);
            }
            for together in of_business.into_values() {
                Box::pin(work_together(&app, together)).await;
            }
        }
    }
}

async fn work_together(app: &App, waiting: Vec<Waiting>) {
    let batches: Vec<&Batch> = waiting.iter().map(|one| &one.batch).collect();
    let together = if batches.len() > 1 {
        Box::pin(work_in(app, &batches)).await
    } else {
        Err(Problem::internal())
    };
    for one in waiting {
        let result = match &together {
            Ok(()) => Ok(()),
            Err(_) => Box::pin(work_in(app, &[&one.batch])).await,
        };
        // Whoever does not wait any more has been answered otherwise.
        drop(one.answer.send(result));
    }
}

/// Takes a believed body in.
pub async fn take_in(app: &AppState, believed: &Believed) -> Result<(), Problem> {
    for batch in batches(app, believed, Coming::First).await? {
        app.limits.verified(batch.business.id)?;
        let business = batch.business.id;
        let mut why = "a large one";
        if batch.events.len() <= MOST_AT_ONCE {
            match now(app, batch).await {
                Ok(()) => continue,
                Err(problem) => {
                    tracing::warn!(%problem, "a webhook is worked in later, event by event");
                    why = problem.code;
                }
            }
        }
        // The journal holds the whole body; its job passes over what belongs to others.
        door::keep(app, believed, Some(business), "waiting", why).await?;
    }
    Ok(())
}

async fn now(app: &App, batch: Batch) -> Result<(), Problem> {
    if app.db.is_postgres() {
        return Box::pin(work_in(app, &[&batch])).await;
    }
    let (answer, answered) = oneshot::channel();
    app.arrivals
        .queue
        .send(Waiting { batch, answer })
        .await
        .map_err(|_| Problem::internal())?;
    answered.await.map_err(|_| Problem::internal())?
}

/// Whether a body has just come, or comes out of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming {
    First,
    Again,
}

/// The body's events by business. What nobody here takes is kept for the admin when it comes first.
pub async fn batches(app: &AppState, believed: &Believed, coming: Coming) -> Result<Vec<Batch>, Problem> {
    let reader = app.whatsapp.carriers().reader(believed.carrier());
    let events = match reader.read(believed.body()) {
        Ok(events) => events,
        Err(unreadable) => {
            tracing::warn!(%unreadable, carrier = believed.carrier().word(), "a webhook can not be read");
            if coming == Coming::First {
                door::keep(app, believed, None, "failed", &unreadable.to_string()).await?;
            }
            return Ok(Vec::new());
        }
    };
    let mut of_business: BTreeMap<i64, (Arc<VoiceBusiness>, Vec<Event>)> = BTreeMap::new();
    let mut lost = 0_usize;
    for event in events {
        match door::business_of(app, account(&event)).await? {
            Some(business) => {
                let entry = of_business
                    .entry(business.id.get())
                    .or_insert_with(|| (business, Vec::new()));
                entry.1.push(event);
            }
            // Of what we do not know it can not be told whose it is.
            None if matches!(event, Event::Other { .. }) => {}
            None => lost += 1,
        }
    }
    if lost > 0 && coming == Coming::First {
        tracing::warn!(lost, carrier = believed.carrier().word(), "a webhook for nobody here");
        metrics::counter!("whatsapp_unrouted_total").increment(1);
        door::keep(app, believed, None, "unrouted", "no business takes it").await?;
    }
    let request_id = platform::http::request_id::current();
    let batches = of_business.into_values().map(|(business, events)| Batch {
        scope: door::scope(believed, business.id, &request_id),
        business,
        carrier: believed.carrier(),
        events: Arc::new(events),
    });
    Ok(batches.collect())
}

fn account(event: &Event) -> &contracts::whatsapp::Account {
    match event {
        Event::Message(message) => &message.account,
        Event::Status(news) => &news.account,
        Event::Link(news) => &news.account,
        Event::Other { account, .. } => account,
    }
}

/// Works in what these bodies hold, all of one business, in one transaction; then once more looks for messages of which
/// something was told before they were known.
async fn work_in(app: &App, batches: &[&Batch]) -> Result<(), Problem> {
    let Some(first) = batches.first() else {
        return Ok(());
    };
    let tx = app.db.write(&first.scope).await?;
    let mut early = Vec::new();
    for batch in batches {
        for event in batch.events.iter() {
            early.extend(Box::pin(work_on(app, &tx, batch, event)).await?);
        }
    }
    tx.commit().await?;
    catch_up(app, &first.scope, early).await
}

/// Works in one event alone, for the job that goes through a body event by event.
pub async fn work_in_one(app: &App, batch: &Batch, event: &Event) -> Result<(), Problem> {
    let tx = app.db.write(&batch.scope).await?;
    let early = Box::pin(work_on(app, &tx, batch, event)).await?;
    tx.commit().await?;
    catch_up(app, &batch.scope, early.into_iter().collect()).await
}

/// A message that became known while its status was being kept: on a database with many writers the two may pass each
/// other by.
async fn catch_up(app: &App, scope: &Scope, early: Vec<(Carrier, String)>) -> Result<(), Problem> {
    if early.is_empty() || !app.db.is_postgres() {
        return Ok(());
    }
    let tx = app.db.write(scope).await?;
    for (carrier, carrier_id) in early {
        statuses::catch_up(&tx, carrier, &carrier_id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Gives the name of a message that is not known yet, when the event was about one.
async fn work_on(app: &App, tx: &WriteTx, batch: &Batch, event: &Event) -> Result<Option<(Carrier, String)>, Problem> {
    match event {
        Event::Message(message) => {
            arrived(app, tx, batch, message).await?;
            Ok(None)
        }
        Event::Status(news) => told(tx, batch.carrier, news).await,
        Event::Link(news) => {
            linked(tx, news).await?;
            Ok(None)
        }
        Event::Other { .. } => {
            tracing::info!(carrier = batch.carrier.word(), "an event that we do not know");
            metrics::counter!("whatsapp_unknown_events_total", "carrier" => batch.carrier.word()).increment(1);
            Ok(None)
        }
    }
}

async fn arrived(app: &App, tx: &WriteTx, batch: &Batch, message: &Inbound) -> Result<(), Problem> {
    let team = |address: &contracts::whatsapp::Address| match address {
        contracts::whatsapp::Address::Phone(phone) => batch.business.people_phones.contains(phone.as_str()),
        _ => false,
    };
    let hashes: Vec<String> = message.chat.iter().map(|address| private_hash(app, address)).collect();
    let arrival = Arrival {
        carrier: batch.carrier,
        inbound: message,
        zone: batch.business.zone,
        from_team: message.chat.iter().any(team),
        hashes: &hashes,
    };
    let taken = Box::pin(inbound::receive(tx, &arrival)).await?;
    metrics::counter!("whatsapp_inbound_total", "carrier" => batch.carrier.word()).increment(1);
    match taken {
        Taken::New(new) => react(app, tx, batch, message, &new).await,
        Taken::Again | Taken::Private | Taken::Altered => Ok(()),
    }
}

/// What the business says to a new message by itself.
async fn react(app: &App, tx: &WriteTx, batch: &Batch, message: &Inbound, new: &New) -> Result<(), Problem> {
    const OPTED_OUT: &str = "הוסרת מרשימת אנשי הקשר שלנו. לא נשלח אליך הודעות נוספות.";
    if new.opted_out {
        let draft = Draft {
            to: To::Thread(new.thread.id),
            content: Content::Text(OPTED_OUT.to_owned()),
            source: Source::System,
            carrier: None,
            reply_to: None,
            after_message_id: None,
            once: Some(format!("opt_out:{}", new.message.id)),
            despite_opt_out: true,
        };
        return match outgoing::queue(tx, &app.whatsapp.settings, draft).await {
            Ok(_) => Ok(()),
            // Their wish counts, whether or not it can be confirmed.
            Err(problem) if problem.status < 500 || problem.status == 501 => Ok(()),
            Err(problem) => Err(problem),
        };
    }
    let silent = message.from_me || message.backlog || new.blocked || !new.thread.bot;
    if silent || new.thread.customer_id.is_none() || batch.business.whatsapp.answer_policy == AnswerPolicy::Off {
        return Ok(());
    }
    let job = Answer {
        thread_id: new.thread.id,
        message_id: new.message.id,
    };
    let burst = TimeDelta::from_std(app.whatsapp.settings.burst).unwrap_or(TimeDelta::seconds(4));
    tx.enqueue(&job, Enqueue::at(tx.now() + burst)).await?;
    Ok(())
}

async fn told(tx: &WriteTx, carrier: Carrier, news: &StatusNews) -> Result<Option<(Carrier, String)>, Problem> {
    let named = Named {
        carrier,
        account: carriers::account_key(carrier, &news.account),
        carrier_id: news.carrier_id.clone(),
        client_id: news.id.clone(),
    };
    let known = News {
        status: Status::from(news.status),
        at: news.at.unwrap_or_else(|| tx.now()).min(tx.now()),
        code: news.code.clone(),
        message: news.message.clone(),
    };
    let is_known = statuses::hear(tx, &named, &known).await?;
    Ok((!is_known).then_some((carrier, named.carrier_id)))
}

/// The bridge's session of this business changed.
async fn linked(tx: &WriteTx, news: &LinkNews) -> Result<(), Problem> {
    let row = link::ActiveModel {
        connected: Set(news.connected),
        number: Set(news.number.clone()),
        reason: Set(news.reason.clone()),
        qr: Set(news.qr.clone()),
        qr_expires_at: Set(news.expires_at),
        seen_at: Set(tx.now()),
        ..Default::default()
    };
    let mut in_place = OnConflict::column(link::Column::BusinessId);
    in_place.update_columns([
        link::Column::Connected,
        link::Column::Number,
        link::Column::Reason,
        link::Column::Qr,
        link::Column::QrExpiresAt,
        link::Column::SeenAt,
    ]);
    tx.insert_or(row, in_place).await?;
    if news.connected {
        note_pairing(tx).await?;
    }
    tx.emit(Shown {
        room: Room::Business,
        name: "wa:status",
        payload: json!({ "connected": news.connected, "reason": news.reason, "number": news.number }),
    })
    .await?;
    if news.qr.is_some() {
        tx.emit(Shown {
            room: Room::Business,
            name: "wa:qr",
            payload: json!({ "expires_at": news.expires_at }),
        })
        .await?;
    }
    tell_of_link(tx, news).await
}

/// The first time that a phone is linked: what people wrote before is not the agent's, and nothing is answered until
/// the owner chooses how.
async fn note_pairing(tx: &WriteTx) -> Result<(), Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let choices = Choices::of(&business);
    if choices.paired_at.is_some() {
        return Ok(());
    }
    let choices = Choices {
        answer_policy: AnswerPolicy::Off,
        paired_at: Some(tx.now()),
        ..choices
    };
    tx.update_many::<businesses::store::Entity>()?
        .col(businesses::store::Column::Whatsapp, choices.json())
        .exec()
        .await?;
    Ok(())
}

/// Reasons for which a person must do something.
const LOST: [&str; 3] = ["logged_out", "replaced", "banned"];

async fn tell_of_link(tx: &WriteTx, news: &LinkNews) -> Result<(), Problem> {
    let kind = notifications::Kind::WhatsappDisconnected;
    if news.connected {
        incidents::end(tx, kind, "baileys", "הוואטסאפ של העסק מחובר שוב").await?;
    } else if news.reason.as_deref().is_some_and(|reason| LOST.contains(&reason)) {
        incidents::begin(tx, kind, "baileys", "הוואטסאפ של העסק התנתק").await?;
    }
    Ok(())
}

/// The business that a kept body was kept for.
pub fn is_for(batch: &Batch, business: Option<i64>) -> bool {
    business.is_none_or(|business| BusinessId::new(business) == batch.business.id)
}
