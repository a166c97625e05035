//! Commands to a running call: whichever process holds the call's socket carries them out and answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{BusinessId, CallId, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Bus, Wire};
use crate::http::request_id;

/// Commands that may wait for an answer at once, in one process.
const MOST_WAITING: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCommand {
    pub business_id: BusinessId,
    pub call_id: CallId,
    pub kind: CallCommandKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallCommandKind {
    HangUp,
    /// Hands the caller to a person's phone.
    TakeOver {
        user_id: Option<UserId>,
        to: String,
    },
    /// Tells the agent something that the caller does not hear.
    Whisper {
        text: String,
    },
    /// A person listens in.
    Join,
}

/// What the process that holds the call says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandAnswer {
    Done,
    /// It holds the call, and will not or can not; a stable snake_case code.
    Refused(String),
}

/// Whether a command reached its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Answered(CommandAnswer),
    /// No process answered in time: none holds the call.
    NobodyHasIt,
}

/// Implemented by whoever holds the calls of this process.
#[async_trait]
pub trait CommandHandler: Send + Sync {
    /// `None` when the call is not held here.
    async fn handle(&self, command: CallCommand) -> Option<CommandAnswer>;
}

#[derive(Default)]
pub(super) struct Commands {
    handler: OnceLock<Arc<dyn CommandHandler>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<CommandAnswer>>>,
}

impl Commands {
    fn wait_for(&self, id: &str) -> Option<oneshot::Receiver<CommandAnswer>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST_WAITING {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        waiting.insert(id.to_owned(), answer);
        Some(answered)
    }

    fn forget(&self, id: &str) -> Option<oneshot::Sender<CommandAnswer>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    pub(super) fn answered(&self, id: &str, answer: CommandAnswer) {
        if let Some(waiting) = self.forget(id) {
            drop(waiting.send(answer));
        }
    }
}

impl Bus {
    /// Says who carries out commands in this process; the first one stays.
    pub fn answer_commands(&self, handler: Arc<dyn CommandHandler>) {
        drop(self.0.commands.handler.set(handler));
    }

    /// Sends a command to the process that holds the call, and waits up to `deadline` for its answer.
    pub async fn send_command(&self, command: CallCommand, deadline: Duration) -> Delivery {
        if let Some(handler) = self.0.commands.handler.get()
            && let Some(answer) = handler.handle(command.clone()).await
        {
            return Delivery::Answered(answer);
        }
        let Some(remote) = &self.0.remote else {
            return Delivery::NobodyHasIt;
        };
        let id = request_id::fresh();
        let Some(answered) = self.0.commands.wait_for(&id) else {
            return Delivery::Answered(CommandAnswer::Refused("too_many_commands".to_owned()));
        };
        let message = Wire::Command {
            id: id.clone(),
            command,
        };
        let answer = async {
            remote.send(message).await?;
            answered.await.ok()
        };
        let answer = tokio::time::timeout(deadline, answer).await;
        self.0.commands.forget(&id);
        match answer {
            Ok(Some(answer)) => Delivery::Answered(answer),
            Ok(None) | Err(_) => Delivery::NobodyHasIt,
        }
    }

    /// A command that another process has asked for.
    pub(super) fn carry_out_for_another(&self, id: String, command: CallCommand) {
        let Some(handler) = self.0.commands.handler.get().cloned() else {
            return;
        };
        let bus = self.clone();
        tokio::spawn(async move {
            if let (Some(answer), Some(remote)) = (handler.handle(command).await, &bus.0.remote)
                && remote.send(Wire::Answer { id, answer }).await.is_none()
            {
                tracing::warn!("the answer to a command could not be sent");
            }
        });
    }
}
