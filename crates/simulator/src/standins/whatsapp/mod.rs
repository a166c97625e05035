//! What the stand-ins of WhatsApp's carriers have in common: what people write, what becomes of what we send, and how
//! things go wrong.
//!
//! Each carrier has below `/_whatsapp/{twilio|meta|bridge}`:
//! `GET …/sent` what it took; `DELETE …` forgets all;
//! `PUT …/troubles {trouble, times}` goes wrong for the next sends ([`Trouble`]);
//! `PUT …/plan` what becomes of what it takes ([`Plan`]);
//! `POST …/inbound` somebody writes ([`Letter`], or a list of them), answered with ids and the server's answers;
//! `POST …/status {id, status, code?, copies?}` one more status by hand;
//! `PUT …/files/{id} {gone?, wrong?}` makes a file vanish or be another.

mod letter;
mod plan;
mod steering;
mod trouble;
mod webhook;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use letter::{File, Letter, Letters, Signature};
pub use plan::{NewStatus, Plan, Window};
pub(super) use steering::steering;
pub(super) use trouble::status_of;
pub use trouble::{NewTrouble, Trouble};
pub(super) use webhook::{Delivered, post, signed};

const MOST_KEPT: usize = 50_000;

/// A message that was taken from the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// The carrier's own.
    pub id: String,
    /// The server's, where it names one.
    pub client_id: Option<String>,
    pub from: String,
    pub to: String,
    pub text: Option<String>,
    /// Where its file is to be fetched from.
    pub media_url: Option<String>,
    pub template: Option<String>,
    pub reply_to: Option<String>,
    pub status: String,
    pub code: Option<u64>,
    pub status_callback: Option<String>,
    /// Seconds since 1970.
    pub at: i64,
    /// The request as it came.
    pub request: Value,
}

/// A file that somebody sent.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub bytes: Bytes,
    pub mime_type: String,
    pub gone: bool,
    /// Gives something else than was announced.
    pub wrong: bool,
}

/// How a file goes wrong.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Loss {
    pub gone: bool,
    pub wrong: bool,
}

/// What every carrier remembers.
#[derive(Default)]
pub(super) struct Memory {
    sent: Mutex<Vec<Sent>>,
    files: Mutex<HashMap<String, Kept>>,
    /// When somebody last wrote, in seconds since 1970.
    heard: Mutex<HashMap<String, i64>>,
    plan: Mutex<Plan>,
    pub troubles: trouble::Troubles,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn now() -> i64 {
    kernel::Clock::System.now().timestamp()
}

impl Memory {
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.sent).clone()
    }

    pub fn take(&self, sent: Sent) {
        let mut all = lock(&self.sent);
        if all.len() >= MOST_KEPT {
            all.drain(..MOST_KEPT / 2);
        }
        all.push(sent);
    }

    /// By the carrier's id or the server's.
    pub fn find(&self, id: &str) -> Option<Sent> {
        let all = lock(&self.sent);
        all.iter()
            .rev()
            .find(|sent| sent.id == id || sent.client_id.as_deref() == Some(id))
            .cloned()
    }

    /// Notes a status and gives the message with it.
    pub fn becomes(&self, id: &str, status: &str, code: Option<u64>) -> Option<Sent> {
        let mut all = lock(&self.sent);
        let sent = all.iter_mut().rev().find(|sent| sent.id == id)?;
        status.clone_into(&mut sent.status);
        sent.code = code;
        Some(sent.clone())
    }

    pub fn plan(&self) -> Plan {
        lock(&self.plan).clone()
    }

    pub fn set_plan(&self, plan: Plan) {
        *lock(&self.plan) = plan;
    }

    pub fn heard(&self, from: &str, at: i64) {
        let mut heard = lock(&self.heard);
        let last = heard.entry(from.to_owned()).or_insert(at);
        *last = at.max(*last);
    }

    /// Whether somebody wrote within 24 hours.
    pub fn window_open(&self, to: &str) -> bool {
        lock(&self.heard).get(to).is_some_and(|at| now() - at < 24 * 3600)
    }

    /// Keeps a file under a new id that begins so.
    pub fn keep(&self, id: &str, file: &File) {
        let kept = Kept {
            bytes: file.bytes(),
            mime_type: file.mime_type.clone(),
            gone: false,
            wrong: false,
        };
        lock(&self.files).insert(id.to_owned(), kept);
    }

    pub fn file(&self, id: &str) -> Option<Kept> {
        lock(&self.files).get(id).filter(|kept| !kept.gone).cloned()
    }

    pub fn lose(&self, id: &str, loss: Loss) -> bool {
        let mut files = lock(&self.files);
        let Some(kept) = files.get_mut(id) else { return false };
        (kept.gone, kept.wrong) = (loss.gone, loss.wrong);
        true
    }

    pub fn forget(&self) {
        lock(&self.sent).clear();
        lock(&self.files).clear();
        lock(&self.heard).clear();
        *lock(&self.plan) = Plan::default();
        self.troubles.clear();
    }
}

impl Kept {
    /// What is given to whoever fetches it.
    pub fn given(&self) -> Bytes {
        if self.wrong {
            Bytes::from_static(b"another file than the one that was announced")
        } else {
            self.bytes.clone()
        }
    }
}

fn decoded(text: &str) -> Bytes {
    STANDARD.decode(text).unwrap_or_default().into()
}
