//! The bus between processes: `LISTEN`/`NOTIFY` on connections of its own.
//!
//! Outgoing messages that wait together go out together. A connection that brings nothing for a while, not even our
//! own beat, is taken for dead and made anew; listeners are then told to look into the outbox, because what was said
//! meanwhile is lost.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{Bus, Heard, Wire};
use crate::db::DbError;

const CHANNEL: &str = "agentlocator";
/// PostgreSQL takes less than 8,000 bytes in one notification.
const LARGEST: usize = 7_900;
/// What may wait to be sent.
const OUTGOING_QUEUE: usize = 1024;
const BEAT: Duration = Duration::from_secs(10);
/// Two beats missed, and a little.
const SILENCE: Duration = Duration::from_secs(25);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: String,
    said: Vec<Wire>,
}

/// The way out to other processes.
pub(super) struct Remote {
    outgoing: mpsc::Sender<Wire>,
}

impl Remote {
    pub(super) fn new() -> (Self, mpsc::Receiver<Wire>) {
        let (outgoing, receiver) = mpsc::channel(OUTGOING_QUEUE);
        (Self { outgoing }, receiver)
    }

    /// For what may be lost.
    pub(super) fn try_send(&self, message: Wire) {
        if self.outgoing.try_send(message).is_err() {
            metrics::counter!("bus_dropped_total", "why" => "queue_full").increment(1);
        }
    }

    /// For what must be tried; `None` when the bus is closed.
    pub(super) async fn send(&self, message: Wire) -> Option<()> {
        self.outgoing.send(message).await.ok()
    }
}

/// Tells every process that events are out, when the transaction commits.
pub(crate) async fn notify_published(tx: &DatabaseTransaction, up_to: i64) -> Result<(), DbError> {
    let envelope = Envelope {
        from: String::new(),
        said: vec![Wire::Published(up_to)],
    };
    let payload = serde_json::to_string(&envelope).unwrap_or_default();
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_notify($1, $2)",
        [CHANNEL.into(), payload.into()],
    ))
    .await?;
    Ok(())
}

pub(super) fn start(bus: &Bus, url: &str, outgoing: mpsc::Receiver<Wire>) {
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(CONNECT)
        .connect_lazy(url);
    let pool = match pool {
        Ok(pool) => pool,
        Err(err) => {
            tracing::error!(error = %err, "the bus has no connection: other processes are not heard");
            return;
        }
    };
    tokio::spawn(speak(bus.clone(), pool.clone(), outgoing));
    tokio::spawn(hear(bus.clone(), pool));
}

async fn speak(bus: Bus, pool: PgPool, mut outgoing: mpsc::Receiver<Wire>) {
    let mut beat = tokio::time::interval(BEAT);
    let mut waiting = Vec::new();
    loop {
        tokio::select! {
            () = bus.0.closed.cancelled() => return,
            _ = beat.tick() => waiting.push(Wire::Beat),
            taken = outgoing.recv_many(&mut waiting, 64) => if taken == 0 { return },
        }
        for payload in pack(&bus.0.here, &mut waiting) {
            let sent = sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(payload)
                .execute(&pool)
                .await;
            if let Err(err) = sent {
                tracing::warn!(error = %err, "a message to other processes is lost");
                metrics::counter!("bus_dropped_total", "why" => "database").increment(1);
            }
        }
    }
}

/// Puts messages into as few notifications as they fit into; one that fits into none is dropped.
fn pack(from: &str, waiting: &mut Vec<Wire>) -> Vec<String> {
    let frame = from.len() + r#"{"from":"","said":[]}"#.len();
    let mut packed = Vec::new();
    let mut said = String::new();
    for message in waiting.drain(..) {
        let Ok(text) = serde_json::to_string(&message) else {
            continue;
        };
        if frame + text.len() > LARGEST {
            tracing::debug!(bytes = text.len(), "a message is too large for other processes");
            metrics::counter!("bus_dropped_total", "why" => "too_large").increment(1);
            continue;
        }
        if !said.is_empty() && frame + said.len() + 1 + text.len() > LARGEST {
            packed.push(format!(r#"{{"from":"{from}","said":[{said}]}}"#));
            said.clear();
        }
        if !said.is_empty() {
            said.push(',');
        }
        said.push_str(&text);
    }
    if !said.is_empty() {
        packed.push(format!(r#"{{"from":"{from}","said":[{said}]}}"#));
    }
    packed
}

async fn hear(bus: Bus, pool: PgPool) {
    let mut pause = FIRST_PAUSE;
    loop {
        let heard = tokio::select! {
            () = bus.0.closed.cancelled() => return,
            heard = listen(&bus, &pool, &mut pause) => heard,
        };
        if let Err(err) = heard {
            tracing::warn!(error = %err, again_in_ms = pause.as_millis(), "other processes are not heard");
        }
        tokio::select! {
            () = bus.0.closed.cancelled() => return,
            () = sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Listens until the connection is lost.
async fn listen(bus: &Bus, pool: &PgPool, pause: &mut Duration) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    *pause = FIRST_PAUSE;
    bus.say(Heard::Published(None));
    loop {
        let Ok(next) = timeout(SILENCE, listener.try_recv()).await else {
            tracing::warn!("nothing was heard of the database, not even ourselves");
            return Ok(());
        };
        let Some(notification) = next? else {
            return Ok(());
        };
        match serde_json::from_str::<Envelope>(notification.payload()) {
            Ok(envelope) if envelope.from == bus.0.here => {}
            Ok(envelope) => envelope.said.into_iter().for_each(|message| bus.take(message)),
            Err(err) => tracing::debug!(error = %err, "another version's message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_share_notifications_and_none_is_too_large() {
        let message = |text: String| {
            Wire::Ephemeral(super::super::Ephemeral {
                business: 1.into(),
                room: crate::outbox::Room::Business,
                name: "x".to_owned(),
                payload: serde_json::json!({ "text": text }),
            })
        };
        let mut waiting: Vec<Wire> = (0..100).map(|_| message("א".repeat(100))).collect();
        waiting.push(message("x".repeat(9_000)));
        let packed = pack("me", &mut waiting);
        assert!(packed.iter().all(|payload| payload.len() <= LARGEST));
        let said: usize = packed
            .iter()
            .map(|payload| {
                serde_json::from_str::<Envelope>(payload)
                    .expect("an envelope")
                    .said
                    .len()
            })
            .sum();
        assert_eq!(said, 100);
        assert!(packed.len() < 10);
    }
}
