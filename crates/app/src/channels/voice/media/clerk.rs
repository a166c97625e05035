//! Writes down what happens in a call, in order, beside the call: a slow database never holds up a voice.

use std::{sync::Arc, time::Duration};

use conversation::call::TurnRecord;
use kernel::{Phone, Pii};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::desk::{Desk, Part};

/// Notes that wait at most.
const QUEUE: usize = 256;
/// After the call, for what is not written yet.
const LAST_NOTES: Duration = Duration::from_secs(8);

pub enum Note {
    Heard(Part),
    Turn(TurnRecord),
    Link(Pii<Phone>),
}

pub struct Clerk {
    notes: mpsc::Sender<Note>,
    writing: JoinHandle<()>,
}

impl Clerk {
    pub fn start(desk: Arc<dyn Desk>) -> Self {
        let (notes, mut waiting) = mpsc::channel(QUEUE);
        let writing = tokio::spawn(async move {
            while let Some(note) = waiting.recv().await {
                match note {
                    Note::Heard(part) => desk.heard(part).await,
                    Note::Turn(turn) => desk.save_turn(turn).await,
                    Note::Link(phone) => desk.link_caller(phone).await,
                }
            }
        });
        Self { notes, writing }
    }

    /// Notes it down. When the queue is full, fleeting parts of the transcript are lost first: a quarter of the room is
    /// kept for turns.
    pub fn note(&self, note: Note) {
        let fleeting = matches!(&note, Note::Heard(part) if !part.is_final);
        if fleeting && self.notes.capacity() < QUEUE / 4 {
            return;
        }
        if self.notes.try_send(note).is_err() {
            metrics::counter!("voice_notes_lost_total").increment(1);
            tracing::error!("a turn of a call could not be written down: the queue is full");
        }
    }

    /// Waits until everything is written.
    pub async fn finish(self) {
        drop(self.notes);
        if timeout(LAST_NOTES, self.writing).await.is_err() {
            tracing::error!("the last turns of a call were not written in time");
        }
    }
}
