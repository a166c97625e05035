//! The calls that this process knows to be running, for the limit on their number and for signs of life.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kernel::{BusinessId, CallId};

/// An accepted call counts this long while no socket has come for it.
const WITHOUT_SOCKET: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Running {
    accepted: Instant,
    socket: Option<Socket>,
}

#[derive(Clone, Copy, Debug)]
struct Socket {
    call_id: CallId,
    business_id: BusinessId,
}

/// Calls whose socket never came are looked for no more often than this.
const SWEEP: Duration = Duration::from_secs(1);

/// Running calls by CallSid.
#[derive(Debug, Default)]
pub struct Registry(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    running: HashMap<String, Running>,
    swept: Option<Instant>,
}

impl Calls {
    /// Forgets calls that were accepted long ago and have no socket.
    fn sweep(&mut self) {
        if self.swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
            self.swept = Some(Instant::now());
            self.running
                .retain(|_, call| call.socket.is_some() || call.accepted.elapsed() < WITHOUT_SOCKET);
        }
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call in, unless `limit` calls run already. A call that is counted already stays.
    pub fn accept(&self, call_sid: &str, limit: usize) -> bool {
        let mut calls = self.lock();
        if calls.running.contains_key(call_sid) {
            return true;
        }
        if calls.running.len() >= limit {
            calls.sweep();
        }
        if calls.running.len() >= limit {
            return false;
        }
        calls.running.insert(
            call_sid.to_owned(),
            Running {
                accepted: Instant::now(),
                socket: None,
            },
        );
        true
    }

    /// Notes the call's socket; `false` when it has one.
    pub fn socket_opened(&self, call_sid: &str, call_id: CallId, business_id: BusinessId) -> bool {
        let mut calls = self.lock();
        let call = calls.running.entry(call_sid.to_owned()).or_insert_with(|| Running {
            accepted: Instant::now(),
            socket: None,
        });
        if call.socket.is_some() {
            return false;
        }
        call.socket = Some(Socket { call_id, business_id });
        true
    }

    /// The socket is gone; the call may go on (a message, a person).
    pub fn socket_closed(&self, call_id: CallId) {
        let mut calls = self.lock();
        for call in calls.running.values_mut() {
            if call.socket.is_some_and(|socket| socket.call_id == call_id) {
                call.socket = None;
                call.accepted = Instant::now();
            }
        }
    }

    /// The call is over.
    pub fn ended(&self, call_sid: &str) {
        self.lock().running.remove(call_sid);
    }

    /// Calls with a socket here.
    pub fn with_socket(&self) -> Vec<(BusinessId, CallId)> {
        self.lock()
            .running
            .values()
            .filter_map(|call| call.socket)
            .map(|socket| (socket.business_id, socket.call_id))
            .collect()
    }

    /// How many calls count now.
    pub fn len(&self) -> usize {
        let mut calls = self.lock();
        calls.sweep();
        calls.running.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_however_often_it_is_announced() {
        let registry = Registry::default();
        assert!(registry.accept("CA1", 1));
        assert!(registry.accept("CA1", 1));
        assert!(!registry.accept("CA2", 1));
        registry.ended("CA1");
        assert!(registry.accept("CA2", 1));
    }

    #[test]
    fn a_call_has_one_socket_at_a_time() {
        let registry = Registry::default();
        assert!(registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1)));
        assert!(!registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1)));
        assert_eq!(registry.with_socket().len(), 1);
        registry.socket_closed(CallId::new(1));
        assert!(registry.with_socket().is_empty());
        assert!(registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1)));
    }
}
