//! Who waits to be called back, one row per customer or number, and what for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    model::Outcome,
    store::{self, call},
    views::{self, CallRow},
};

/// More waiting calls than this are not grouped at once.
const MOST_CALLS: u64 = 2_000;

/// What somebody waits for, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WaitingReason)]
pub enum Reason {
    /// They asked for a person, or to be called back.
    Person,
    /// They left a message.
    Message,
    /// They hung up before a word.
    HungUp,
    /// They showed no number: nobody can call back before one is known.
    Hidden,
}

impl Reason {
    pub const ALL: [Self; 4] = [Self::Person, Self::Message, Self::HungUp, Self::Hidden];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Message => "message",
            Self::HungUp => "hung_up",
            Self::Hidden => "hidden",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    fn of(call: &call::Model) -> Self {
        if call.caller_hidden && call.customer_id.is_none() {
            return Self::Hidden;
        }
        if call.wants_person || call.extracted().callback_at.is_some() {
            return Self::Person;
        }
        match call.outcome.as_deref() {
            Some(outcome) if outcome == Outcome::Message.as_str() => Self::Message,
            _ => Self::HungUp,
        }
    }
}

/// Which of those who wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Only calls that came at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Only calls that came before this time.
    pub before: Option<DateTime<Utc>>,
    pub reason: Option<Reason>,
}

/// Someone who waits to be called back.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WaitingCaller)]
pub struct WaitingView {
    pub customer_id: Option<i64>,
    pub customer_name: Option<String>,
    /// Whom to call or write to, unless `caller_hidden`.
    pub from_number: String,
    pub caller_hidden: bool,
    /// What for: the most urgent of the calls.
    pub reason: Reason,
    /// How many calls wait.
    pub attempts: u64,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// Handling this one settles all.
    pub last_call_id: i64,
    pub summary: Option<String>,
    pub claimed_by_id: Option<i64>,
    pub claimed_until: Option<DateTime<Utc>>,
}

/// Who waits, as far as the actor may see them; who waits longest first.
pub async fn rows(tx: &ReadTx, asked: &Asked) -> Result<Vec<WaitingView>, Problem> {
    let mut calls = store::visible(tx)
        .filter(call::Column::NeedsCallback.eq(true))
        .filter(call::Column::Test.eq(false));
    if let Some(from) = asked.from {
        calls = calls.filter(call::Column::CreatedAt.gte(from));
    }
    if let Some(before) = asked.before {
        calls = calls.filter(call::Column::CreatedAt.lt(before));
    }
    let calls = calls
        .order_by(call::Column::CallbackSince, Order::Asc)
        .order_by(call::Column::Id, Order::Asc)
        .limit(MOST_CALLS)
        .all()
        .await?;
    let mut rows = grouped(tx, calls).await?;
    if let Some(reason) = asked.reason {
        rows.retain(|row| row.reason == reason);
    }
    Ok(rows)
}

async fn grouped(tx: &ReadTx, calls: Vec<call::Model>) -> Result<Vec<WaitingView>, Problem> {
    let names = views::names(tx, &calls).await?;
    let mut rows: Vec<WaitingView> = Vec::new();
    let mut places: HashMap<(i64, Option<i64>, String), usize> = HashMap::new();
    for call in calls {
        let known = call.customer_id.and_then(|id| names.get(&id));
        if known.is_some_and(|customer| customer.blocked || customer.not_customer.is_some()) {
            continue;
        }
        // Hidden callers can not be told apart: each stands alone.
        let number = match (call.customer_id, call.caller_hidden) {
            (Some(_), _) => String::new(),
            (None, true) => format!("#{}", call.id),
            (None, false) => call.from_number.clone(),
        };
        let reason = Reason::of(&call);
        let row = CallRow::new(&call, views::name_of(&names, &call), tx.now());
        let place = *places
            .entry((call.business_id, call.customer_id, number))
            .or_insert(rows.len());
        match rows.get_mut(place) {
            Some(known) => add(known, row, reason),
            None => rows.push(first(row, reason)),
        }
    }
    Ok(rows)
}

fn first(call: CallRow, reason: Reason) -> WaitingView {
    WaitingView {
        customer_id: call.customer_id,
        customer_name: call.customer_name,
        from_number: call.from_number,
        caller_hidden: call.caller_hidden,
        reason,
        attempts: 1,
        first_at: call.started_at,
        last_at: call.started_at,
        last_call_id: call.id,
        summary: call.summary,
        claimed_by_id: call.claimed_by_id,
        claimed_until: call.claimed_until,
    }
}

fn add(row: &mut WaitingView, call: CallRow, reason: Reason) {
    row.attempts += 1;
    row.reason = row.reason.min(reason);
    row.first_at = row.first_at.min(call.started_at);
    if call.started_at >= row.last_at {
        row.last_at = call.started_at;
        row.last_call_id = call.id;
        row.from_number = call.from_number;
        row.summary = call.summary.or(row.summary.take());
    }
    if call.claimed_until > row.claimed_until {
        row.claimed_by_id = call.claimed_by_id;
        row.claimed_until = call.claimed_until;
    }
}
