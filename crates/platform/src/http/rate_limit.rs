//! How often one caller may ask: 429 with `Retry-After` beyond that.
//!
//! Counted in this process, in bounded memory; a limiter that is full, or a caller without an address, is let through
//! with a warning, because a refused call is a lost customer. What counts as signed or signed in is decided by those
//! who ask here.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use kernel::{BusinessId, Problem, UserId};

use super::{
    ApiError,
    client_address::{ClientAddress, one_caller},
};

/// Callers that one limiter remembers.
const MOST_CALLERS: usize = 50_000;
/// A full limiter is cleaned this often at most.
const CLEAN_EVERY: Duration = Duration::from_secs(5);
/// Sign-in tries for one e-mail address, from anywhere; the same again from each place that the person is known at.
const PER_EMAIL: Rate = Rate::Limit {
    count: 10,
    per: Duration::from_mins(15),
};
/// E-mail addresses that one person gives to people: whether somebody has an address shows when it is given.
const ADDRESSES: Rate = Rate::Limit {
    count: 30,
    per: Duration::from_mins(15),
};
/// What is never taken from a business whose webhooks verify.
const LEAST_VERIFIED_PER_MINUTE: u32 = 600;

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Off,
    Limit { count: u32, per: Duration },
}

impl Rate {
    pub const fn per_minute(count: u32) -> Self {
        Self::Limit {
            count,
            per: Duration::from_mins(1),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct RateSettings {
    pub auth: Rate,
    pub send: Rate,
    pub api: Rate,
    /// `None`: what suits each webhook.
    pub webhook_unverified: Option<Rate>,
    pub webhook_verified: Rate,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            auth: Rate::per_minute(10),
            send: Rate::per_minute(30),
            api: Rate::per_minute(300),
            webhook_unverified: None,
            webhook_verified: Rate::per_minute(30_000),
        }
    }
}

/// What is counted of one address or person, each by itself.
#[derive(Hash)]
enum Tried<'a> {
    SignIn(&'a str),
    SignInFrom(&'a str, &'a str),
    Forgotten(&'a str),
    Guess(UserId),
}

/// Which webhook was called without a good signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnverifiedWebhook {
    /// `incoming_call`, `handle_recording`.
    Call,
    Status,
    Other,
}

/// The limits of this process.
pub struct RateLimits {
    auth: Limiter<IpAddr>,
    email: Limiter<u64>,
    email_hasher: RandomState,
    addresses: Limiter<i64>,
    send: Limiter<i64>,
    api: Limiter<IpAddr>,
    api_user: Limiter<i64>,
    call_webhook: Limiter<IpAddr>,
    status_webhook: Limiter<IpAddr>,
    other_webhook: Limiter<IpAddr>,
    verified: Limiter<i64>,
}

impl RateLimits {
    pub fn new(settings: &RateSettings) -> Self {
        let unless_off = |rate| match settings.auth {
            Rate::Off => Rate::Off,
            Rate::Limit { .. } => rate,
        };
        let unverified = |default| settings.webhook_unverified.unwrap_or(Rate::per_minute(default));
        Self {
            auth: Limiter::new("auth", settings.auth),
            email: Limiter::new("email", unless_off(PER_EMAIL)),
            email_hasher: RandomState::new(),
            addresses: Limiter::new("addresses", unless_off(ADDRESSES)),
            send: Limiter::new("send", settings.send),
            api: Limiter::new("api", settings.api),
            api_user: Limiter::new("api_user", settings.api),
            call_webhook: Limiter::new("call_webhook", unverified(30)),
            status_webhook: Limiter::new("status_webhook", unverified(60)),
            other_webhook: Limiter::new("other_webhook", unverified(30)),
            verified: Limiter::new("verified_webhook", at_least(settings.webhook_verified)),
        }
    }

    /// A sign-in or another request that takes a credential.
    pub fn sign_in(&self, from: IpAddr) -> Result<(), Problem> {
        self.auth.check(&one_caller(from))
    }

    /// A try to sign in as this e-mail address, from anywhere.
    pub fn sign_in_as(&self, email: &str) -> Result<(), Problem> {
        self.tried(&Tried::SignIn(&plain(email)))
    }

    /// The same from a place (a browser, a network) that the person is known at: others' tries do not count there.
    pub fn sign_in_from(&self, email: &str, place: &str) -> Result<(), Problem> {
        self.tried(&Tried::SignInFrom(&plain(email), place))
    }

    /// A password that is said to be forgotten.
    pub fn forgotten_by(&self, email: &str) -> Result<(), Problem> {
        self.tried(&Tried::Forgotten(&plain(email)))
    }

    /// A try to guess what a signed-in person knows (the current password, a code), from anywhere.
    pub fn guess_as(&self, user: UserId) -> Result<(), Problem> {
        self.tried(&Tried::Guess(user))
    }

    fn tried(&self, what: &Tried<'_>) -> Result<(), Problem> {
        self.email.check(&self.email_hasher.hash_one(what))
    }

    /// An e-mail address that a person gives to somebody.
    pub fn name_address(&self, by: UserId) -> Result<(), Problem> {
        self.addresses.check(&by.get())
    }

    /// Any other request under `/api`, by address.
    pub fn api(&self, from: IpAddr) -> Result<(), Problem> {
        self.api.check(&one_caller(from))
    }

    /// The same, by the person who is signed in.
    pub fn api_as(&self, user: UserId) -> Result<(), Problem> {
        self.api_user.check(&user.get())
    }

    /// A message that a person sends.
    pub fn send_as(&self, user: UserId) -> Result<(), Problem> {
        self.send.check(&user.get())
    }

    /// A webhook request that is unsigned or badly signed.
    pub fn unverified(&self, webhook: UnverifiedWebhook, from: IpAddr) -> Result<(), Problem> {
        let limiter = match webhook {
            UnverifiedWebhook::Call => &self.call_webhook,
            UnverifiedWebhook::Status => &self.status_webhook,
            UnverifiedWebhook::Other => &self.other_webhook,
        };
        limiter.check(&one_caller(from))
    }

    /// A webhook request whose signature verifies.
    pub fn verified(&self, business: BusinessId) -> Result<(), Problem> {
        self.verified.check(&business.get())
    }
}

/// An address as it is kept, however it was typed.
fn plain(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A provider tries again what we refuse: below this it is never refused.
fn at_least(rate: Rate) -> Rate {
    match rate {
        Rate::Limit { count, per }
            if f64::from(count) / per.as_secs_f64().max(0.001) < f64::from(LEAST_VERIFIED_PER_MINUTE) / 60.0 =>
        {
            Rate::per_minute(LEAST_VERIFIED_PER_MINUTE)
        }
        other => other,
    }
}

/// Middleware: the limits by address for everything under `/api` and `/auth`.
pub async fn middleware(State(limits): State<Arc<RateLimits>>, request: Request, next: Next) -> Response {
    let from = request
        .extensions()
        .get::<ClientAddress>()
        .map(|ClientAddress(address)| *address);
    let path = request.uri().path();
    let auth = path.starts_with("/api/auth/") || path.starts_with("/auth/");
    let checked = match from {
        // Reading who one is takes no credential, and every page does it.
        Some(from) if auth && !request.method().is_safe() => limits.sign_in(from),
        Some(from) if auth || path.starts_with("/api/") => limits.api(from),
        Some(_) => Ok(()),
        None => {
            tracing::warn!("a request without an address is not limited");
            Ok(())
        }
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => ApiError::from(problem).into_response(),
    }
}

struct Limiter<K: std::hash::Hash + Eq + Clone> {
    name: &'static str,
    /// `None` when it is off.
    counted: Option<DefaultKeyedRateLimiter<K>>,
    began: Instant,
    /// Seconds after `began`, and one, when it was cleaned last.
    cleaned: AtomicU64,
}

impl<K: std::hash::Hash + Eq + Clone> Limiter<K> {
    fn new(name: &'static str, rate: Rate) -> Self {
        let counted = match rate {
            Rate::Off => None,
            Rate::Limit { count, per } => NonZeroU32::new(count)
                .and_then(|burst| Quota::with_period(per / count).map(|quota| quota.allow_burst(burst)))
                .map(RateLimiter::keyed),
        };
        Self {
            name,
            counted,
            began: Instant::now(),
            cleaned: AtomicU64::new(0),
        }
    }

    fn check(&self, key: &K) -> Result<(), Problem> {
        let Some(limiter) = &self.counted else {
            return Ok(());
        };
        if limiter.len() >= MOST_CALLERS {
            self.clean(limiter);
            if limiter.len() >= MOST_CALLERS {
                tracing::warn!(limit = self.name, "too many callers to count, letting them through");
                return Ok(());
            }
        }
        limiter.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(limiter.clock().now());
            metrics::counter!("rate_limited_total", "limit" => self.name).increment(1);
            let mut problem = Problem::new(429, "rate_limited", "too many requests, wait a little");
            problem.retry_after_seconds = Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
            problem
        })
    }

    fn clean(&self, limiter: &DefaultKeyedRateLimiter<K>) {
        let now = self.began.elapsed().as_secs() + 1;
        let before = self.cleaned.load(Ordering::Relaxed);
        if before != 0 && now < before + CLEAN_EVERY.as_secs() {
            return;
        }
        if self
            .cleaned
            .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
        {
            limiter.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn the_eleventh_sign_in_in_a_minute_is_refused_and_told_when_to_come_back() {
        let limits = RateLimits::new(&RateSettings::default());
        for _ in 0..10 {
            assert_eq!(limits.sign_in(ip(1)), Ok(()));
        }
        let refused = limits.sign_in(ip(1)).expect_err("a refusal");
        assert_eq!((refused.status, refused.code), (429, "rate_limited"));
        assert!((1..=6).contains(&refused.retry_after_seconds.unwrap_or(0)));
        assert_eq!(limits.sign_in(ip(2)), Ok(()));
    }

    #[test]
    fn an_email_is_limited_from_anywhere_and_its_case_does_not_matter() {
        let limits = RateLimits::new(&RateSettings::default());
        for _ in 0..10 {
            assert_eq!(limits.sign_in_as("Dana@example.com"), Ok(()));
        }
        let refused = limits.sign_in_as(" dana@EXAMPLE.com").expect_err("a refusal");
        assert!(refused.retry_after_seconds.unwrap_or(0) > 60);
        assert_eq!(limits.sign_in_as("noa@example.com"), Ok(()));
        // What others try does not count where the person is known, nor against a forgotten password.
        for _ in 0..10 {
            assert_eq!(limits.sign_in_from("dana@example.com", "her browser"), Ok(()));
            assert_eq!(limits.forgotten_by("dana@example.com"), Ok(()));
        }
        assert!(limits.sign_in_from("dana@example.com", "her browser").is_err());
        assert_eq!(limits.sign_in_from("dana@example.com", "her office"), Ok(()));
    }

    #[test]
    fn who_gives_many_addresses_to_people_has_to_wait() {
        let limits = RateLimits::new(&RateSettings::default());
        let given = (0..100).take_while(|_| limits.name_address(7.into()).is_ok()).count();
        assert_eq!(given, 30);
        assert_eq!(limits.name_address(8.into()), Ok(()));
    }

    #[test]
    fn verified_webhooks_never_get_less_than_ten_a_second() {
        let limits = RateLimits::new(&RateSettings {
            webhook_verified: Rate::per_minute(5),
            ..RateSettings::default()
        });
        for _ in 0..600 {
            assert_eq!(limits.verified(7.into()), Ok(()));
        }
        assert!(limits.verified(7.into()).is_err());
    }

    #[test]
    fn unverified_webhooks_have_their_own_limits() {
        let limits = RateLimits::new(&RateSettings::default());
        let until_refused = |webhook| {
            (0..100)
                .take_while(|_| limits.unverified(webhook, ip(3)).is_ok())
                .count()
        };
        assert_eq!(until_refused(UnverifiedWebhook::Call), 30);
        assert_eq!(until_refused(UnverifiedWebhook::Status), 60);
        assert_eq!(until_refused(UnverifiedWebhook::Other), 30);
    }

    #[test]
    fn off_is_off_and_memory_is_bounded() {
        let limits = RateLimits::new(&RateSettings {
            auth: Rate::Off,
            ..RateSettings::default()
        });
        for _ in 0..1000 {
            assert_eq!(limits.sign_in(ip(4)), Ok(()));
        }
        for user in 0..60_000 {
            assert_eq!(limits.api_as(user.into()), Ok(()));
        }
        let kept = limits.api_user.counted.as_ref().map_or(0, RateLimiter::len);
        assert!(kept <= MOST_CALLERS);
    }
}
