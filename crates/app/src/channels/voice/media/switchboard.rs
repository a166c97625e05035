//! Which calls this process holds, so that a command finds its call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use conversation::call::Command;
use kernel::{BusinessId, CallId};
use platform::bus::{CallCommand, CallCommandKind, CommandAnswer, CommandHandler};
use tokio::sync::{Notify, mpsc};

/// Commands that one call may have waiting.
const QUEUE: usize = 8;

#[derive(Clone, Debug)]
struct Held {
    business: BusinessId,
    commands: mpsc::Sender<Command>,
}

/// The running calls of this process.
#[derive(Clone, Debug, Default)]
pub struct Switchboard(Arc<Board>);

#[derive(Debug, Default)]
struct Board {
    calls: Mutex<HashMap<CallId, Held>>,
    unplugged: Notify,
}

/// Takes the call out again when it ends.
pub struct Plugged {
    board: Switchboard,
    call: CallId,
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.board.lock().remove(&self.call);
        self.board.0.unplugged.notify_waiters();
    }
}

impl Switchboard {
    fn lock(&self) -> MutexGuard<'_, HashMap<CallId, Held>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call, and gives its end of the line.
    pub fn plug(&self, business: BusinessId, call: CallId) -> (Plugged, mpsc::Receiver<Command>) {
        let (commands, waiting) = mpsc::channel(QUEUE);
        self.lock().insert(call, Held { business, commands });
        let plugged = Plugged {
            board: self.clone(),
            call,
        };
        (plugged, waiting)
    }

    /// Waits until no call runs here.
    pub async fn emptied(&self) {
        loop {
            let unplugged = self.0.unplugged.notified();
            if self.is_empty() {
                return;
            }
            unplugged.await;
        }
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

#[async_trait]
impl CommandHandler for Switchboard {
    async fn handle(&self, command: CallCommand) -> Option<CommandAnswer> {
        let held = self
            .lock()
            .get(&command.call_id)
            .filter(|held| held.business == command.business_id)
            .cloned()?;
        let wanted = match command.kind {
            CallCommandKind::HangUp => Command::HangUp,
            CallCommandKind::TakeOver { .. } => Command::TakeOver,
            CallCommandKind::Whisper { text } => Command::Whisper(text),
            // Whoever listens joins the call's room; the call itself has nothing to do.
            CallCommandKind::Join => return Some(CommandAnswer::Done),
        };
        Some(match held.commands.try_send(wanted) {
            Ok(()) => CommandAnswer::Done,
            Err(mpsc::error::TrySendError::Full(_)) => CommandAnswer::Refused("too_many_commands".to_owned()),
            Err(mpsc::error::TrySendError::Closed(_)) => CommandAnswer::Refused("call_is_over".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hang_up(business: i64, call: i64) -> CallCommand {
        CallCommand {
            business_id: BusinessId::new(business),
            call_id: CallId::new(call),
            kind: CallCommandKind::HangUp,
        }
    }

    #[tokio::test]
    async fn a_command_reaches_its_call_and_no_other_business_s() {
        let board = Switchboard::default();
        let (plugged, mut waiting) = board.plug(BusinessId::new(1), CallId::new(7));
        assert_eq!(board.handle(hang_up(1, 8)).await, None);
        assert_eq!(board.handle(hang_up(2, 7)).await, None);
        assert_eq!(board.handle(hang_up(1, 7)).await, Some(CommandAnswer::Done));
        assert_eq!(waiting.recv().await, Some(Command::HangUp));
        drop(plugged);
        assert_eq!(board.handle(hang_up(1, 7)).await, None);
        assert!(board.is_empty());
    }
}
