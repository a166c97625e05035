//! `/api/admin/stats` and `/api/admin/jobs`: the platform as a whole.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode, http::Uri};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, Owned, ReadTx},
    http::{ApiError, PathId, fields::time_param, list::from_query},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, FromQueryResult, Iden as _, QuerySelect,
    sea_query::{Expr, ExprTrait as _},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::guarded;
use crate::{
    AppState,
    accounts::{businesses, sessions::Caller, users},
    calls::store::call,
    crm::{customers, tasks},
};

/// Days that are counted when none are named.
const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 400;
/// Jobs that were given up, the latest.
const MOST_FAILURES: u64 = 100;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::PlatformRead, routes!(stats)))
        .routes(guarded(Permission::PlatformRead, routes!(jobs)))
        .routes(guarded(Permission::PlatformWrite, routes!(retry_job)))
}

/// Test calls, deleted customers and those that are none are not counted.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
#[schema(as = PlatformSums)]
struct Sums {
    calls: i64,
    customers: i64,
    tasks: i64,
    /// Active ones.
    users: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlatformBusiness)]
struct BusinessStats {
    business_id: i64,
    name: String,
    active: bool,
    #[serde(flatten)]
    sums: Sums,
}

/// What was made on one day (UTC).
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformDay)]
struct DayStats {
    day: String,
    calls: i64,
    customers: i64,
    tasks: i64,
    users: i64,
}

/// The platform in numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformStats)]
struct Stats {
    businesses: i64,
    active_businesses: i64,
    /// Over all businesses and times.
    total: Sums,
    per_business: Vec<BusinessStats>,
    /// From `from` to before `to`, every day.
    by_day: Vec<DayStats>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// The first day, usually 30 days ago.
    from: Option<String>,
    /// The day after the last one, usually tomorrow.
    to: Option<String>,
}

impl Span {
    fn days(&self, now: DateTime<Utc>) -> Result<(NaiveDate, NaiveDate), Problem> {
        let day = |name, text: Option<&str>| Ok::<_, Problem>(time_param(name, text)?.map(|time| time.date_naive()));
        let to = day("to", self.to.as_deref())?.unwrap_or_else(|| now.date_naive() + TimeDelta::days(1));
        let from = day("from", self.from.as_deref())?.unwrap_or_else(|| to - TimeDelta::days(USUAL_DAYS));
        if from >= to || (to - from).num_days() > MOST_DAYS {
            let message = format!("is before to, by {MOST_DAYS} days at most");
            return Err(Problem::invalid("from", "out_of_range", message));
        }
        Ok((from, to))
    }
}

#[derive(FromQueryResult)]
struct OfBusiness {
    business_id: i64,
    rows: i64,
}

#[derive(FromQueryResult)]
struct OfDay {
    day: String,
    rows: i64,
}

/// How many rows of an entity there are in each business.
async fn per_business<E: Owned>(tx: &ReadTx, which: Condition) -> Result<Vec<OfBusiness>, Problem>
where
    E::Model: Send + Sync,
{
    let counted = tx.find::<E>().filter(which).map(|select| {
        select
            .select_only()
            .column_as(E::BUSINESS, "business_id")
            .column_as(Expr::cust("*").count(), "rows")
            .group_by(E::BUSINESS)
    });
    Ok(counted.all_as::<OfBusiness>().await?)
}

/// How many rows of an entity were made on each day.
async fn per_day<E: Owned>(
    tx: &ReadTx,
    created_at: E::Column,
    which: Condition,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<OfDay>, Problem>
where
    E::Model: Send + Sync,
{
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let column = format!("{}.{}", E::default().table_name(), created_at.unquoted());
    let day = Expr::cust(match tx.backend() {
        DbBackend::Postgres => format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"),
        _ => format!("substr({column}, 1, 10)"),
    });
    let counted = tx
        .find::<E>()
        .filter(which)
        .filter(created_at.gte(midnight(from)))
        .filter(created_at.lt(midnight(to)))
        .map(|select| {
            select
                .select_only()
                .column_as(day.clone(), "day")
                .column_as(Expr::cust("*").count(), "rows")
                .group_by(day)
        });
    Ok(counted.all_as::<OfDay>().await?)
}

fn real_calls() -> Condition {
    Condition::all().add(call::Column::Test.eq(false))
}

fn real_customers() -> Condition {
    Condition::all()
        .add(customers::store::Column::DeletedAt.is_null())
        .add(customers::store::Column::NotCustomer.is_null())
}

/// Everything by business.
async fn sums(tx: &ReadTx) -> Result<BTreeMap<i64, Sums>, Problem> {
    let mut sums = BTreeMap::<i64, Sums>::new();
    let mut add = |rows: Vec<OfBusiness>, put: fn(&mut Sums, i64)| {
        for row in rows {
            put(sums.entry(row.business_id).or_default(), row.rows);
        }
    };
    add(per_business::<call::Entity>(tx, real_calls()).await?, |sums, n| {
        sums.calls = n;
    });
    add(
        per_business::<customers::store::Entity>(tx, real_customers()).await?,
        |sums, n| sums.customers = n,
    );
    add(
        per_business::<tasks::store::Entity>(tx, Condition::all()).await?,
        |sums, n| sums.tasks = n,
    );
    let active = Condition::all().add(users::store::Column::Active.eq(true));
    add(per_business::<users::store::Entity>(tx, active).await?, |sums, n| {
        sums.users = n;
    });
    Ok(sums)
}

/// Every day of the span, with what was made on it.
async fn days(tx: &ReadTx, span: (NaiveDate, NaiveDate)) -> Result<Vec<DayStats>, Problem> {
    let mut days: BTreeMap<String, Sums> = span
        .0
        .iter_days()
        .take_while(|day| *day < span.1)
        .map(|day| (day.to_string(), Sums::default()))
        .collect();
    let mut add = |rows: Vec<OfDay>, put: fn(&mut Sums, i64)| {
        for row in rows {
            if let Some(sums) = days.get_mut(&row.day) {
                put(sums, row.rows);
            }
        }
    };
    let all = Condition::all;
    add(
        per_day::<call::Entity>(tx, call::Column::CreatedAt, real_calls(), span).await?,
        |sums, n| sums.calls = n,
    );
    let created = customers::store::Column::CreatedAt;
    add(
        per_day::<customers::store::Entity>(tx, created, real_customers(), span).await?,
        |sums, n| sums.customers = n,
    );
    add(
        per_day::<tasks::store::Entity>(tx, tasks::store::Column::CreatedAt, all(), span).await?,
        |sums, n| sums.tasks = n,
    );
    add(
        per_day::<users::store::Entity>(tx, users::store::Column::CreatedAt, all(), span).await?,
        |sums, n| sums.users = n,
    );
    Ok(days
        .into_iter()
        .map(|(day, sums)| DayStats {
            day,
            calls: sums.calls,
            customers: sums.customers,
            tasks: sums.tasks,
            users: sums.users,
        })
        .collect())
}

/// Sums over all businesses, per business and by day.
#[utoipa::path(get, path = "/api/admin/stats", params(Span), responses((status = 200, body = Stats), (status = 422)))]
async fn stats(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<Stats>, ApiError> {
    let scope = caller.for_list(None)?;
    let span: Span = from_query(uri.query().unwrap_or_default())?;
    let span = span.days(app.clock.now())?;
    let tx = app.db.read(&scope).await?;
    let businesses = tx
        .find::<businesses::store::Entity>()
        .order_by(businesses::store::Column::Id, sea_orm::Order::Asc)
        .all()
        .await?;
    let sums = sums(&tx).await?;
    let total = sums.values().fold(Sums::default(), |all, one| Sums {
        calls: all.calls + one.calls,
        customers: all.customers + one.customers,
        tasks: all.tasks + one.tasks,
        users: all.users + one.users,
    });
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    Ok(Json(Stats {
        businesses: count(businesses.len()),
        active_businesses: count(businesses.iter().filter(|business| business.active).count()),
        total,
        by_day: days(&tx, span).await?,
        per_business: businesses
            .into_iter()
            .map(|business| BusinessStats {
                business_id: business.id,
                sums: sums.get(&business.id).copied().unwrap_or_default(),
                name: business.name,
                active: business.active,
            })
            .collect(),
    }))
}

/// Jobs of one kind in one state.
#[derive(Serialize, ToSchema)]
#[schema(as = JobCount)]
struct QueueView {
    kind: String,
    /// `queued`, `running` or `dead`.
    state: String,
    jobs: i64,
    /// When the first of them was, or is, due.
    first_at: Option<DateTime<Utc>>,
}

/// A job that was given up.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadJob)]
struct FailureView {
    id: i64,
    business_id: Option<i64>,
    kind: String,
    attempts: i32,
    last_error: Option<String>,
    request_id: String,
    finished_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Jobs)]
struct JobsView {
    queue: Vec<QueueView>,
    /// The latest 100.
    failures: Vec<FailureView>,
}

/// What waits, what runs, and what was given up.
#[utoipa::path(get, path = "/api/admin/jobs", responses((status = 200, body = JobsView)))]
async fn jobs(State(app): State<AppState>, caller: Caller) -> Result<Json<JobsView>, ApiError> {
    caller.for_list(None)?;
    let tx = app.db.system_read("looking at jobs").await?;
    let queue = tx.job_counts().await?;
    let failures = tx.dead_jobs(MOST_FAILURES).await?;
    Ok(Json(JobsView {
        queue: queue
            .into_iter()
            .map(|count| QueueView {
                kind: count.kind,
                state: count.state,
                jobs: count.jobs,
                first_at: count.first_at,
            })
            .collect(),
        failures: failures
            .into_iter()
            .map(|job| FailureView {
                id: job.id,
                business_id: job.business_id,
                kind: job.kind,
                attempts: job.attempts,
                last_error: job.last_error,
                request_id: job.request_id,
                finished_at: job.finished_at,
            })
            .collect(),
    }))
}

/// It is in the queue again.
#[derive(Serialize, ToSchema)]
struct Requeued {
    id: i64,
    status: &'static str,
}

/// Queues a job that was given up once more, with all its attempts.
#[utoipa::path(post, path = "/api/admin/jobs/{id}/retry", params(("id" = i64, Path)),
    responses((status = 202, body = Requeued), (status = 404)))]
async fn retry_job(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Requeued>), ApiError> {
    let scope = caller.own()?;
    let tx = app.db.system("trying a job again").await?;
    let job = tx.dead_job(id).await?.ok_or_else(Problem::not_found)?;
    if !tx.revive_job(id).await? {
        return Err(Problem::not_found().into());
    }
    let entry = AuditEntry {
        action: "job.retried",
        record_type: "job",
        record_id: Some(id),
        changes: json!({ "kind": job.kind }),
    };
    tx.audit(job.business_id.unwrap_or_default(), &scope, entry).await?;
    tx.commit().await?;
    let requeued = Requeued { id, status: "queued" };
    Ok((StatusCode::ACCEPTED, Json(requeued)))
}
