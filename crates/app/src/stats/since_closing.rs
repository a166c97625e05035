//! `GET /api/stats/since_closing`: what happened since the business last closed, and who waits.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::{Find, ReadTx},
    http::{
        ApiError,
        list::{self, from_query},
    },
};
use sea_orm::{ColumnTrait, FromQueryResult, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::line::{self, Line};
use crate::{
    App, AppState,
    accounts::{businesses::hours::Office, sessions::Caller},
    calls::{
        store::{self as calls, call},
        waiting::{self, Asked, Reason, WaitingView},
    },
    crm::customers::store as customers,
};

/// Rows of those who wait; the list has the others.
const MOST_ROWS: usize = 100;

/// A number, and the list that has as many.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CountedList)]
pub struct Counted {
    pub total: u64,
    /// A path of the API; its `total` is this one.
    pub query: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallsSinceClosing)]
pub struct CallsView {
    /// Whether they wait or not.
    pub all: Counted,
    pub incoming: Counted,
    pub outgoing: Counted,
    /// By outcome: `talked`, `message`, `transferred`, `abandoned`, `missed`, `not_reached`; `none` while it runs.
    pub by_outcome: BTreeMap<String, u64>,
    /// That wait for nobody.
    pub settled: Counted,
    /// That wait for somebody to call back.
    pub waiting: Counted,
    /// Of whatever day, that somebody dealt with since.
    pub handled: Counted,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingGroup {
    pub reason: Reason,
    #[serde(flatten)]
    pub callers: Counted,
}

/// People, not calls: who rang twice is one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WaitingSinceClosing)]
pub struct Waiting {
    pub callers: Counted,
    /// The most urgent first; all four, empty ones too.
    pub groups: Vec<WaitingGroup>,
    /// The most urgent first, then who waits longest; no more than 100.
    pub rows: Vec<WaitingView>,
    /// Who waited before that already.
    pub earlier: Counted,
}

/// What happened since the business last closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SinceClosing)]
pub struct SinceClosing {
    /// The last closing; where the business never closes, the beginning of the day.
    pub since: DateTime<Utc>,
    pub closes: bool,
    pub is_open: bool,
    /// Null while it is open, and where it does not open any more.
    pub opens_at: Option<DateTime<Utc>>,
    pub calls: CallsView,
    pub waiting: Waiting,
    pub new_customers: Counted,
    pub line: Line,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    /// For an admin: of this business.
    business_id: Option<String>,
}

/// Calls since the last closing, what was settled, who waits in order of urgency, and whether the line is alive.
#[utoipa::path(get, path = "/api/stats/since_closing", params(Params), responses((status = 200, body = SinceClosing)))]
pub(super) async fn stats_since_closing(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<SinceClosing>, ApiError> {
    let params: Params = from_query(uri.query().unwrap_or_default())?;
    let business = list::id_param("business_id", params.business_id.as_deref())?;
    let scope = caller.for_create(business)?;
    let tx = app.db.read(&scope).await?;
    let office = Office::of_scope(&tx).await?;
    let (since, closes) = beginning(&office, tx.now());
    // An admin's list needs to be told whose it is.
    let of = business.map(|id| format!("&business_id={id}")).unwrap_or_default();
    Ok(Json(of_time(&app, &tx, &office, since, closes, &of).await?))
}

/// The last closing, and whether there was one.
pub fn beginning(office: &Office, now: DateTime<Utc>) -> (DateTime<Utc>, bool) {
    if let Some(closing) = office.last_closing(now) {
        return (closing, true);
    }
    let today = now.with_timezone(&office.zone()).date_naive().and_time(NaiveTime::MIN);
    let midnight = office.zone().from_local_datetime(&today).earliest();
    (midnight.map_or(now, |midnight| midnight.with_timezone(&Utc)), false)
}

/// What happened since this time.
pub async fn of_time(
    app: &App,
    tx: &ReadTx,
    office: &Office,
    since: DateTime<Utc>,
    closes: bool,
    of: &str,
) -> Result<SinceClosing, Problem> {
    let now = tx.now();
    let from = since.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let is_open = office.is_open(now);
    Ok(SinceClosing {
        since,
        closes,
        is_open,
        opens_at: office.next_opening(now).filter(|_| !is_open).map(|opening| opening.at),
        calls: calls_since(tx, since, &from, of).await?,
        waiting: waiting_since(tx, since, &from, of).await?,
        new_customers: new_customers(tx, since, &from, of).await?,
        line: line::state(app, tx).await?,
    })
}

#[derive(FromQueryResult)]
struct CallRow {
    direction: String,
    outcome: Option<String>,
    needs_callback: bool,
    times: i64,
}

async fn calls_since(tx: &ReadTx, since: DateTime<Utc>, from: &str, of: &str) -> Result<CallsView, Problem> {
    use call::Column as C;
    let rows: Vec<CallRow> = real(tx)
        .filter(C::CreatedAt.gte(since))
        .map(|select| {
            select
                .select_only()
                .columns([C::Direction, C::Outcome, C::NeedsCallback])
                .column_as(C::Id.count(), "times")
                .group_by(C::Direction)
                .group_by(C::Outcome)
                .group_by(C::NeedsCallback)
        })
        .all_as()
        .await?;
    let sum = |which: &dyn Fn(&CallRow) -> bool| -> u64 {
        let times = rows.iter().filter(|row| which(row)).map(|row| row.times);
        u64::try_from(times.sum::<i64>()).unwrap_or_default()
    };
    let counted = |total: u64, more: &str| Counted {
        total,
        query: format!("/api/crm/calls?counted=true&from={from}{more}{of}"),
    };
    let mut by_outcome: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        let word = row.outcome.as_deref().unwrap_or("none");
        *by_outcome.entry(word.to_owned()).or_default() += u64::try_from(row.times).unwrap_or_default();
    }
    let handled = real(tx).filter(C::HandledAt.gte(since)).count().await?;
    Ok(CallsView {
        all: counted(sum(&|_| true), ""),
        incoming: counted(sum(&|row| row.direction == "in"), "&direction=in"),
        outgoing: counted(sum(&|row| row.direction == "out"), "&direction=out"),
        settled: counted(sum(&|row| !row.needs_callback), "&needs_callback=false"),
        waiting: counted(sum(&|row| row.needs_callback), "&needs_callback=true"),
        by_outcome,
        handled: Counted {
            total: handled,
            query: format!("/api/crm/calls?counted=true&handled_from={from}{of}"),
        },
    })
}

fn real(tx: &ReadTx) -> Find<'_, call::Entity> {
    calls::visible(tx).filter(calls::counted(tx))
}

async fn waiting_since(tx: &ReadTx, since: DateTime<Utc>, from: &str, of: &str) -> Result<Waiting, Problem> {
    let asked = Asked {
        from: Some(since),
        ..Asked::default()
    };
    let mut rows = waiting::rows(tx, &asked).await?;
    rows.sort_by_key(|row| (row.reason, row.first_at));
    let counted = |total: usize, query: String| Counted {
        total: u64::try_from(total).unwrap_or(u64::MAX),
        query: format!("/api/calls/waiting?{query}{of}"),
    };
    let groups = Reason::ALL.map(|reason| {
        let many = rows.iter().filter(|row| row.reason == reason).count();
        let query = format!("from={from}&reason={}", reason.as_str());
        WaitingGroup {
            reason,
            callers: counted(many, query),
        }
    });
    let callers = counted(rows.len(), format!("from={from}"));
    let earlier = Asked {
        before: Some(since),
        ..Asked::default()
    };
    let earlier = waiting::rows(tx, &earlier).await?.len();
    // A key for figures alone reads no names and numbers.
    let shown = if tx.scope().may(Permission::CallsRead) {
        MOST_ROWS
    } else {
        0
    };
    rows.truncate(shown);
    Ok(Waiting {
        callers,
        groups: groups.into(),
        rows,
        earlier: counted(earlier, format!("before={from}")),
    })
}

async fn new_customers(tx: &ReadTx, since: DateTime<Utc>, from: &str, of: &str) -> Result<Counted, Problem> {
    let new = customers::visible(tx)
        .filter(customers::counted())
        .filter(customers::Column::CreatedAt.gte(since));
    Ok(Counted {
        total: new.count().await?,
        query: format!("/api/crm/customers?counted=true&created_from={from}{of}"),
    })
}
