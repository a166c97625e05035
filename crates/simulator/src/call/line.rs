//! The line of one call while it lasts: its clock, its caller's patience, orders from the REST API, and what is noted.

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, Utc};
use kernel::Clock;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use url::Url;

use super::{
    Plan, Step,
    follow::Fetch,
    tape::{Side, Tape},
};
use crate::{
    report::{CallReport, Noted, Pace},
    twilio::{
        desk::Order,
        post::{Expect, Poster},
        sign::Fields,
        trouble::Trouble,
        twiml::Method,
    },
};

/// Why nothing more happens, or what happens instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// The caller hung up.
    CallerHungUp,
    /// TwiML ended the call, or ran out.
    Done,
    /// Twilio gave up on an error.
    Failed,
    /// The REST API ended the call or gave it other TwiML.
    Ordered(Order),
}

/// `Err` leaves the verbs.
pub type Flow<T = ()> = Result<T, Break>;

pub struct Line {
    pub plan: Plan,
    pub steps: VecDeque<Step>,
    pub report: CallReport,
    pub tape: Tape,
    /// Whether the caller has been greeted by now.
    pub greeted: bool,
    /// Callbacks that are due after the next document was asked for.
    pub later: Vec<Fetch>,
    pub pace: Pace,
    /// The document that is being followed; what it names relatively is meant from here.
    pub base: Url,
    begun: Instant,
    begun_at: DateTime<Utc>,
    hang_up_at: Instant,
    orders: mpsc::Receiver<Order>,
}

impl Line {
    pub fn new(mut plan: Plan, orders: mpsc::Receiver<Order>) -> Self {
        let begun = Instant::now();
        let limit = plan.drop_after.unwrap_or(plan.options.longest);
        let base = plan.poster.manner().public_base.clone();
        Self {
            steps: std::mem::take(&mut plan.steps),
            report: CallReport::new(&plan.parties),
            tape: Tape::new(plan.options.keep_audio),
            greeted: false,
            later: Vec::new(),
            pace: Pace::default(),
            base,
            begun,
            begun_at: Clock::System.now(),
            hang_up_at: begun + limit,
            orders,
            plan,
        }
    }

    pub const fn poster(&self) -> &Poster {
        &self.plan.poster
    }

    pub fn now_us(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// When that was, for the tokio clock.
    pub fn instant(&self, at_us: u64) -> Instant {
        self.begun + Duration::from_micros(at_us)
    }

    pub fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }

    /// Now, as Twilio writes it into callbacks (RFC 2822).
    pub fn timestamp(&self) -> String {
        let now = self.begun_at + self.begun.elapsed();
        now.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }

    /// Lets time go by, unless the caller hangs up or an order comes.
    pub async fn wait(&mut self, duration: Duration) -> Flow {
        let until = Instant::now() + duration;
        tokio::select! {
            biased;
            broken = interruption(self.hang_up_at, &mut self.orders) => Err(broken),
            () = sleep_until(until) => Ok(()),
        }
    }

    /// The next order of the REST API; `None` when none can come.
    pub async fn next_order(&mut self) -> Option<Order> {
        self.orders.recv().await
    }

    /// Whether the caller hangs up now, whatever happens.
    pub fn is_to_hang_up(&self) -> bool {
        Instant::now() >= self.hang_up_at
    }

    pub fn trouble(&mut self, trouble: Trouble) {
        let at_ms = self.now_us() / 1_000;
        self.report.errors.push(Noted { at_ms, trouble });
    }

    pub fn note(&mut self, verb: impl Into<String>) {
        let at_ms = self.now_us() / 1_000;
        self.report.path.push(crate::report::Followed {
            at_ms,
            verb: verb.into(),
        });
    }

    /// Sends a callback whose answer nobody reads.
    pub async fn tell(&mut self, what: &str, reference: &str, method: Method, fields: &Fields) {
        if let Err(trouble) = self.ask(what, reference, method, fields, Expect::Anything).await {
            self.trouble(trouble);
        }
    }

    /// Sends a callback and gives the first answer's body and the address it came from.
    pub async fn ask(
        &mut self,
        what: &str,
        reference: &str,
        method: Method,
        fields: &Fields,
        expect: Expect,
    ) -> Result<(String, Url), Trouble> {
        let url = self.plan.poster.resolve(&self.base, reference)?;
        let method = if method == Method::Get {
            reqwest::Method::GET
        } else {
            reqwest::Method::POST
        };
        let (deliveries, trouble) = self.plan.poster.send(method, what, &url, fields, expect).await;
        let body = deliveries
            .first()
            .map(|delivery| delivery.body.clone())
            .unwrap_or_default();
        self.report.webhooks.extend(deliveries);
        match trouble {
            Some(trouble) => Err(trouble),
            None => Ok((body, url)),
        }
    }

    /// Sends what was put off.
    pub async fn catch_up(&mut self) {
        for fetch in std::mem::take(&mut self.later) {
            self.tell(&fetch.what, &fetch.reference, fetch.method, &fetch.fields)
                .await;
        }
    }

    pub fn hear(&mut self, side: Side, at_us: u64, samples: &[i16]) {
        self.tape.put(side, at_us, samples);
    }
}

async fn interruption(hang_up_at: Instant, orders: &mut mpsc::Receiver<Order>) -> Break {
    tokio::select! {
        biased;
        Some(order) = orders.recv() => Break::Ordered(order),
        () = sleep_until(hang_up_at) => Break::CallerHungUp,
    }
}
