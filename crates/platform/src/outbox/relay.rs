//! Numbers committed events and says so on the bus. Every process runs one; a lock lets one at a time publish.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

use super::store;
use crate::{bus::Bus, db::Db};

#[derive(Clone, Copy, Debug)]
pub struct RelaySettings {
    /// After a first event, how long others are waited for, so that many go out in one transaction.
    pub gather: Duration,
    /// How often unpublished events are looked for when no commit of this process wakes the relay: those of a
    /// process that was killed between commit and publishing.
    pub poll: Duration,
    /// How long published events can be asked for.
    pub keep: TimeDelta,
    pub sweep: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            gather: Duration::from_millis(10),
            poll: Duration::from_secs(1),
            keep: TimeDelta::hours(24),
            sweep: Duration::from_mins(10),
        }
    }
}

/// The relay at work; dropping it stops it.
pub struct Relay(JoinHandle<()>);

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Relay {
    pub fn start(db: Db, bus: Bus, settings: RelaySettings) -> Self {
        Self(tokio::spawn(run(db, bus, settings)))
    }
}

async fn run(db: Db, bus: Bus, settings: RelaySettings) {
    let signals = std::sync::Arc::clone(db.signals());
    let mut poll = tokio::time::interval(settings.poll);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = tokio::time::interval(settings.sweep);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = signals.events.notified() => {
                tokio::time::sleep(settings.gather).await;
                publish(&db, &bus).await;
            }
            _ = poll.tick() => match store::is_waiting(&db).await {
                Ok(true) => publish(&db, &bus).await,
                Ok(false) => {}
                Err(err) => tracing::warn!(error = %err.cause(), "the outbox can not be read"),
            },
            _ = sweep.tick() => {
                if let Err(err) = store::sweep(&db, settings.keep).await {
                    tracing::warn!(error = %err.cause(), "old events could not be deleted");
                }
            }
        }
    }
}

async fn publish(db: &Db, bus: &Bus) {
    loop {
        match store::publish(db).await {
            Ok(Some((last, more))) => {
                bus.published_here(last);
                if !more {
                    return;
                }
            }
            Ok(None) => return,
            Err(err) => {
                tracing::warn!(error = %err.cause(), "events could not be published; they stay in the outbox");
                return;
            }
        }
    }
}
