//! What every carrier of WhatsApp must do, against a stand-in that keeps its company's rules.

mod arriving;
mod failing;
mod fetching;
mod sending;
pub mod world;

use contracts::whatsapp::{Carrier, Reader, WhatsApp};
use kernel::Clock;
use simulator::standins::{Running, whatsapp::Sent};
use url::Url;

pub use world::World;

/// One carrier, and what is its own about it.
pub struct Subject {
    pub carrier: Carrier,
    /// Made on the address of the stand-ins, or of any other server.
    pub make: fn(&Url, Clock) -> Box<dyn WhatsApp>,
    pub reader: fn() -> Box<dyn Reader>,
    pub sent: fn(&Running) -> Vec<Sent>,
    /// Where its control is, for example `_whatsapp/twilio`, and what stands behind `inbound` and `status` there.
    pub control: &'static str,
    pub session: &'static str,
    /// Its codes, the status that they come with, and what they mean.
    pub refusals: &'static [(&'static str, u16, &'static str)],
    /// Whether a lost message is found again by asking.
    pub finds: bool,
    /// Somebody of whom only this is known.
    pub hidden: &'static str,
    /// Whether it tells these apart.
    pub knows_edits: bool,
    pub knows_hashes: bool,
}

pub async fn conforms(subject: &Subject) {
    sending::conforms(subject).await;
    arriving::conforms(subject).await;
    fetching::conforms(subject).await;
}

/// What takes its time because somebody does not answer.
pub async fn survives(subject: &Subject) {
    failing::conforms(subject).await;
}
