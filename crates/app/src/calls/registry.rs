//! The calls that this process knows to be running, for the limit on their number and for signs of life.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kernel::{BusinessId, CallId};

/// Test calls of one business at once. They are counted apart: nobody's trying out keeps a caller out.
const MOST_TESTS: usize = 3;
/// An accepted call counts this long while no socket has come for it.
const WITHOUT_SOCKET: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Running {
    accepted: Instant,
    socket: Option<Socket>,
    /// The business whose people try the agent out; none for a caller.
    test: Option<BusinessId>,
}

impl Running {
    fn accepted_now(test: Option<BusinessId>) -> Self {
        Self {
            accepted: Instant::now(),
            socket: None,
            test,
        }
    }
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
    /// How many count against the limit of these.
    fn count(&self, test: Option<BusinessId>) -> usize {
        self.running.values().filter(|call| call.test == test).count()
    }

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

    /// Counts a caller's call in, unless `limit` of them run already. A call that is counted already stays.
    pub fn accept(&self, call_sid: &str, limit: usize) -> bool {
        self.take_in(call_sid, None, limit)
    }

    /// Counts a test call in, unless its business tries the agent out in as many as it may already.
    pub fn accept_test(&self, call_sid: &str, business: BusinessId) -> bool {
        self.take_in(call_sid, Some(business), MOST_TESTS)
    }

    fn take_in(&self, call_sid: &str, test: Option<BusinessId>, limit: usize) -> bool {
        let mut calls = self.lock();
        if calls.running.contains_key(call_sid) {
            return true;
        }
        if calls.count(test) >= limit {
            calls.sweep();
        }
        if calls.count(test) >= limit {
            return false;
        }
        calls.running.insert(call_sid.to_owned(), Running::accepted_now(test));
        true
    }

    /// Notes the call's socket; `false` when it has one, or is a test call that came too late to be counted again.
    pub fn socket_opened(&self, call_sid: &str, call_id: CallId, business_id: BusinessId, test: bool) -> bool {
        if test && !self.accept_test(call_sid, business_id) {
            return false;
        }
        let mut calls = self.lock();
        let call = calls
            .running
            .entry(call_sid.to_owned())
            .or_insert_with(|| Running::accepted_now(None));
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
        assert!(registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1), false));
        assert!(!registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1), false));
        assert_eq!(registry.with_socket().len(), 1);
        registry.socket_closed(CallId::new(1));
        assert!(registry.with_socket().is_empty());
        assert!(registry.socket_opened("CA1", CallId::new(1), BusinessId::new(1), false));
    }

    #[test]
    fn test_calls_take_no_caller_s_place_and_are_few_in_each_business() {
        let registry = Registry::default();
        let (one, other) = (BusinessId::new(1), BusinessId::new(2));
        assert!((0..MOST_TESTS).all(|n| registry.accept_test(&format!("CAtest{n}"), one)));
        assert!(!registry.accept_test("CAtest9", one));
        assert!(registry.accept_test("CAtest8", other));
        assert!(registry.accept("CA1", 1), "the only place for callers is free");
        assert!(!registry.accept("CA2", 1));
        assert!(registry.socket_opened("CAtest0", CallId::new(1), one, true));
        assert!(!registry.socket_opened("CAtest9", CallId::new(9), one, true));
        registry.ended("CAtest1");
        assert!(registry.accept_test("CAtest9", one));
    }
}
