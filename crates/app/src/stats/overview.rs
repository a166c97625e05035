//! `GET /api/stats/overview`: figures of each day, and of all of them together.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::Problem;
use platform::http::{
    ApiError,
    fields::Faults,
    list::{self, from_query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    days::Range,
    gather::{self, Tally},
};
use crate::{
    AppState,
    accounts::{businesses::hours::Office, sessions::Caller},
};

/// A month, today included.
const USUAL_DAYS: u64 = 29;

/// Calls of a day. Test calls, and those of who is marked as no customer, are not among them; the list with
/// `counted=true` has the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsCalls)]
pub struct CallFigures {
    pub incoming: i64,
    pub outgoing: i64,
    /// By outcome: `talked`, `message`, `transferred`, `abandoned`, `missed`, `not_reached`; `none` while it runs.
    pub by_outcome: BTreeMap<String, i64>,
    /// Incoming calls that came to a word, a message or a person.
    pub answered: i64,
    /// Of the incoming calls that are over: from 0 to 1. Null without any.
    pub answered_share: Option<f64>,
    /// That still wait to be called back.
    pub waiting: i64,
    /// That somebody dealt with on this day.
    pub handled: i64,
    /// From when they began to wait until somebody dealt with them, to the minute.
    pub median_handle_seconds: Option<i64>,
    pub talk_seconds: i64,
}

/// Customers who came in on a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsCustomers)]
pub struct CustomerFigures {
    pub new: i64,
    pub by_source: BTreeMap<String, i64>,
    /// By the status that they have now.
    pub by_status: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsTasks)]
pub struct TaskFigures {
    /// Done on this day.
    pub done: i64,
    /// Due on this day, done or not.
    pub due: i64,
    /// Due on this day, past, and not done.
    pub overdue: i64,
}

/// What deals are worth, in one currency's smallest unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsWorth)]
pub struct Worth {
    pub currency: String,
    pub won_minor: i64,
    pub lost_minor: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsDeals)]
pub struct DealFigures {
    pub created: i64,
    pub won: i64,
    pub lost: i64,
    /// By currency. Absent where the actor does not see money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sums: Option<Vec<Worth>>,
}

/// How long callers waited for the agent's answer, to 10 ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsTurns)]
pub struct TurnFigures {
    pub count: i64,
    pub p50_ms: Option<i64>,
    pub p95_ms: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatsFigures)]
pub struct Figures {
    pub calls: CallFigures,
    pub customers: CustomerFigures,
    pub tasks: TaskFigures,
    pub deals: DealFigures,
    pub turns: TurnFigures,
}

/// A day by the business's clock.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatsDay)]
pub(super) struct DayView {
    /// `2026-11-18`
    date: NaiveDate,
    /// Its first moment, and the first of the next day: what lists take as `from` and `to`.
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    #[serde(flatten)]
    figures: Figures,
}

/// Figures of a range of days.
#[derive(Serialize, ToSchema)]
#[schema(as = StatsOverview)]
pub(super) struct Overview {
    from: NaiveDate,
    to: NaiveDate,
    timezone: String,
    /// All days together.
    totals: Figures,
    /// Every day, the first one first.
    days: Vec<DayView>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OverviewParams {
    /// The first day, `2026-11-01`, by the business's clock. Usually 29 days before `to`.
    from: Option<String>,
    /// The last day. Usually today.
    to: Option<String>,
    /// For an admin: of this business.
    business_id: Option<String>,
}

impl OverviewParams {
    fn range(&self, office: &Office, now: DateTime<Utc>) -> Result<Range, Problem> {
        let today = now.with_timezone(&office.zone()).date_naive();
        let last = day("to", self.to.as_deref())?.unwrap_or(today);
        let first = day("from", self.from.as_deref())?;
        let first = first
            .or_else(|| last.checked_sub_days(Days::new(USUAL_DAYS)))
            .unwrap_or(last);
        Range::new(office.zone(), first, last)
    }
}

fn day(name: &str, text: Option<&str>) -> Result<Option<NaiveDate>, Problem> {
    use chrono::Datelike as _;
    let Some(text) = text else {
        return Ok(None);
    };
    let read = text.parse::<NaiveDate>().ok();
    let read = read.filter(|day| (1970..=2200).contains(&day.year()));
    let mut faults = Faults::default();
    if read.is_none() {
        faults.add(name, "invalid_date", "is a day such as 2026-11-01");
    }
    faults.done()?;
    Ok(read)
}

/// Figures of each day from `from` up to and with `to`, by the business's clock; 400 days at most.
#[utoipa::path(get, path = "/api/stats/overview", params(OverviewParams),
    responses((status = 200, body = Overview), (status = 422)))]
pub(super) async fn stats_overview(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Overview>, ApiError> {
    let params: OverviewParams = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_create(list::id_param("business_id", params.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let range = params.range(&Office::of_scope(&tx).await?, tx.now())?;
    let tallies = gather::all(&tx, &range).await?;
    let money = scope.sees_money();
    let mut totals = Tally::default();
    for tally in &tallies {
        totals.add(tally);
    }
    let days = range.days.iter().zip(tallies).map(|(day, tally)| DayView {
        date: day.date,
        from: day.from,
        to: day.to,
        figures: tally.figures(money),
    });
    let days: Vec<DayView> = days.collect();
    Ok(Json(Overview {
        from: days.first().map_or(NaiveDate::MIN, |day| day.date),
        to: days.last().map_or(NaiveDate::MIN, |day| day.date),
        timezone: range.zone.name().to_owned(),
        totals: totals.figures(money),
        days,
    }))
}
