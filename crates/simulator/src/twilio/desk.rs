//! The simulated call's connection to the stand-in of Twilio's REST API: there the call is known, its recordings are
//! kept, and from there it gets orders.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::StreamExt;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use tokio::{sync::mpsc, task::AbortHandle};
use url::Url;

use super::forms::Parties;
use crate::audio::{RATE_HZ, mono};

const LIMIT: Duration = Duration::from_secs(10);
/// An order's line is shorter.
const LONGEST_LINE: usize = 128 << 10;

/// What the REST API tells a running call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    HangUp,
    Twiml(String),
    Url(String),
}

/// An order on its way to the process that plays the call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Addressed {
    pub call_sid: String,
    pub order: Order,
}

/// What the stand-in knows of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    pub call_sid: String,
    pub account_sid: String,
    pub from: String,
    pub to: String,
    pub direction: String,
    pub status: String,
    pub duration_seconds: Option<u64>,
}

type Lines = Arc<Mutex<HashMap<String, mpsc::Sender<Order>>>>;

#[derive(Clone, Debug)]
pub struct Desk {
    http: Client,
    base: Url,
    lines: Lines,
    _listening: Arc<Listening>,
}

/// Ends the listening when the last desk is gone.
#[derive(Debug)]
struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Desk {
    /// Connects to the stand-ins at `base` and listens for orders.
    pub async fn connect(http: Client, base: Url) -> Result<Self> {
        let lines = Lines::default();
        let answer = http
            .get(base.join("/_twilio/orders")?)
            .send()
            .await
            .context("the stand-ins do not answer")?;
        let task = tokio::spawn(listen(answer.error_for_status()?, Arc::clone(&lines)));
        Ok(Self {
            http,
            base,
            lines,
            _listening: Arc::new(Listening(task.abort_handle())),
        })
    }

    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Makes the call known and takes orders for it.
    pub async fn open(&self, parties: &Parties, orders: mpsc::Sender<Order>) {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(parties.call_sid.clone(), orders);
        self.put(Known {
            call_sid: parties.call_sid.clone(),
            account_sid: parties.account_sid.clone(),
            from: parties.from.clone(),
            to: parties.to.clone(),
            direction: parties.direction.to_owned(),
            status: "in-progress".to_owned(),
            duration_seconds: None,
        })
        .await;
    }

    /// The call is over.
    pub async fn close(&self, parties: &Parties, status: &str, seconds: u64) {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&parties.call_sid);
        self.put(Known {
            call_sid: parties.call_sid.clone(),
            account_sid: parties.account_sid.clone(),
            from: parties.from.clone(),
            to: parties.to.clone(),
            direction: parties.direction.to_owned(),
            status: status.to_owned(),
            duration_seconds: Some(seconds),
        })
        .await;
    }

    async fn put(&self, known: Known) {
        let Ok(url) = self.base.join("/_twilio/calls") else {
            return;
        };
        if let Err(error) = self.http.post(url).timeout(LIMIT).json(&known).send().await {
            tracing::warn!(%error, call_sid = known.call_sid, "the stand-in of Twilio's API was not told of a call");
        }
    }

    /// Keeps a recording; gives its address without an ending, as callbacks carry it.
    pub async fn keep(&self, parties: &Parties, recording_sid: &str, samples: &[i16]) -> Result<String> {
        let path = format!(
            "/2010-04-01/Accounts/{}/Recordings/{recording_sid}",
            parties.account_sid
        );
        let kept = self.base.join(&format!("/_twilio/recordings/{recording_sid}"))?;
        let wav = mono(samples, RATE_HZ)?;
        let put = self.http.put(kept).timeout(LIMIT).body(wav);
        put.send().await?.error_for_status()?;
        Ok(self.base.join(&path)?.into())
    }
}

async fn listen(answer: reqwest::Response, lines: Lines) {
    let mut stream = answer.bytes_stream();
    let mut rest = Vec::new();
    while let Some(Ok(bytes)) = stream.next().await {
        take(&mut rest, &bytes, &lines);
    }
    tracing::debug!("no more orders from the stand-in of Twilio's API");
}

fn take(rest: &mut Vec<u8>, bytes: &Bytes, lines: &Lines) {
    rest.extend_from_slice(bytes);
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line: Vec<u8> = rest.drain(..=end).collect();
        let Ok(addressed) = serde_json::from_slice::<Addressed>(&line) else {
            continue;
        };
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = lines.get(&addressed.call_sid) {
            // A call that has so many orders waiting is ending anyway.
            let _ = orders.try_send(addressed.order);
        }
    }
    if rest.len() > LONGEST_LINE {
        rest.clear();
    }
}
