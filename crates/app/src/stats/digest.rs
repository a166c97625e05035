//! What owners are told after closing and before opening, each in the ways that they chose.
//!
//! After closing it is the day that ended, before opening what happened since. Neither comes while the Sabbath or a
//! holiday is kept, nor around a break at noon.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{BusinessId, Module, Problem, Role};
use platform::{
    db::{DbError, ReadTx},
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ColumnTrait, ConnectionTrait, Order, Statement};
use serde::{Deserialize, Serialize};

use super::since_closing::{self, SinceClosing};
use crate::{
    App, AppState,
    accounts::{
        businesses::{self, hours::Office, model::module_is_on},
        users,
    },
    calls::waiting::Reason,
    notifications::{self, Kind, News},
};

/// How often it is looked whether somebody closes or opens.
pub const EVERY: Duration = Duration::from_secs(300);
/// So long before the opening.
const BEFORE_OPENING: TimeDelta = TimeDelta::minutes(30);
/// So long after the closing: what rang at the last minute has ended by then.
const AFTER_CLOSING: TimeDelta = TimeDelta::minutes(10);
/// Later than this it is no news any more.
const LATEST: TimeDelta = TimeDelta::hours(2);
/// A shorter time between closing and opening is a break.
const SHORTEST_NIGHT: TimeDelta = TimeDelta::hours(5);
const LINK: &str = "/crm";

/// Looks which businesses have just closed or are about to open, and tells their owners.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendDigests {}

impl Job<AppState> for SendDigests {
    const KIND: &'static str = "stats.digests";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(240);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        work(&app, &ctx).await.into()
    }
}

async fn work(app: &App, ctx: &JobContext) -> Result<(), Problem> {
    for business in active(app).await? {
        // The others' digests do not wait for this one's.
        if let Err(problem) = Box::pin(of_business(app, ctx, business)).await {
            tracing::warn!(%problem, business_id = business.get(), "a digest could not be made");
        }
    }
    Ok(())
}

async fn active(app: &App) -> Result<Vec<BusinessId>, Problem> {
    let tx = app.db.system_read("businesses that close and open").await?;
    let rows = tx
        .conn()
        .query_all_raw(Statement::from_sql_and_values(
            app.db.backend(),
            "SELECT id FROM businesses WHERE active = $1 ORDER BY id",
            [true.into()],
        ))
        .await
        .map_err(DbError::from)?;
    let ids: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let ids = ids.map_err(DbError::from)?;
    Ok(ids.into_iter().map(BusinessId::new).collect())
}

/// One digest: of what time, and by what it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Due {
    since: DateTime<Utc>,
    ref_id: String,
    /// Of the day that ended, and not of the night.
    of_day: bool,
}

/// What is due now, if anything is.
fn due(office: &Office, now: DateTime<Utc>) -> Option<Due> {
    if office.holds_back(now).is_some() {
        return None;
    }
    let closing = office.last_closing(now)?;
    if office.is_open(now) {
        return None;
    }
    let opening = office.next_opening(closing)?.at;
    if opening - closing < SHORTEST_NIGHT {
        return None;
    }
    if opening - now <= BEFORE_OPENING {
        return Some(Due {
            since: closing,
            ref_id: format!("opening:{}", opening.timestamp()),
            of_day: false,
        });
    }
    if (AFTER_CLOSING..LATEST).contains(&(now - closing)) {
        let before = office.last_closing(closing - TimeDelta::seconds(1))?;
        return Some(Due {
            since: before,
            ref_id: format!("closing:{}", closing.timestamp()),
            of_day: true,
        });
    }
    None
}

async fn of_business(app: &App, ctx: &JobContext, id: BusinessId) -> Result<(), Problem> {
    let tx = app.db.write(&ctx.scope_of(id)?).await?;
    let business = tx.get::<businesses::store::Entity>(id).await?;
    if !module_is_on(&business.modules, Module::Calls) {
        return Ok(());
    }
    let office = Office::of(&business);
    let Some(due) = due(&office, tx.now()) else {
        return Ok(());
    };
    if notifications::store::is_told(&tx, Kind::DailyDigest, &due.ref_id).await? {
        return Ok(());
    }
    let figures = since_closing::of_time(app, &tx, &office, due.since, true, "").await?;
    let title = words(&figures, due.of_day);
    let news = owners(&tx).await?.into_iter().map(|user_id| News {
        user_id,
        kind: Kind::DailyDigest,
        title: title.clone(),
        link: LINK.to_owned(),
        ref_id: due.ref_id.clone(),
    });
    notifications::tell(&tx, news.collect()).await?;
    tx.commit().await?;
    Ok(())
}

async fn owners(tx: &ReadTx) -> Result<Vec<i64>, Problem> {
    use users::store::{Column, Entity};
    let people = tx
        .find::<Entity>()
        .filter(Column::Active.eq(true))
        .filter(Column::Role.eq(Role::Owner.as_str()))
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?;
    Ok(people.into_iter().map(|user| user.id).collect())
}

/// «מאז הסגירה: 12 שיחות · 3 ביקשו נציג · 2 השאירו הודעה»
fn words(figures: &SinceClosing, of_day: bool) -> String {
    let began = if of_day {
        "סיכום היום"
    } else {
        "מאז הסגירה"
    };
    let mut parts = vec![match figures.calls.all.total {
        0 => "אין שיחות".to_owned(),
        1 => "שיחה אחת".to_owned(),
        many => format!("{many} שיחות"),
    }];
    for group in &figures.waiting.groups {
        let (one, many) = match group.reason {
            Reason::Person => ("אחד ביקש נציג", "ביקשו נציג"),
            Reason::Message => ("אחד השאיר הודעה", "השאירו הודעה"),
            Reason::HungUp => ("אחד ניתק לפני שדיבר", "ניתקו לפני שדיברו"),
            Reason::Hidden => ("מספר חסוי אחד", "מספרים חסויים"),
        };
        match group.callers.total {
            0 => {}
            1 => parts.push(one.to_owned()),
            total => parts.push(format!("{total} {many}")),
        }
    }
    if figures.waiting.callers.total == 0 {
        parts.push("אין מי שממתין לחזרה".to_owned());
    }
    format!("{began}: {}", parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> calendar::BusinessTime {
        let settings = serde_json::from_value(serde_json::json!({
            "hours": {
                "sun": [["09:00", "13:00"], ["14:00", "18:00"]], "mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]],
                "wed": [["09:00", "18:00"]], "thu": [["09:00", "18:00"]], "fri": [["09:00", "13:00"]],
            },
        }));
        calendar::BusinessTime::new(&settings.expect("settings"), chrono_tz::Asia::Jerusalem)
    }

    fn at(text: &str) -> Option<String> {
        let now: DateTime<Utc> = text.parse().expect("a time");
        due(&Office::from(office()), now).map(|due| due.ref_id.split(':').next().unwrap_or_default().to_owned())
    }

    #[test]
    fn it_is_due_after_closing_and_before_opening_and_never_on_the_sabbath() {
        // Sunday 2026-11-15; Jerusalem is two hours ahead in winter.
        assert_eq!(at("2026-11-15T06:20:00Z"), None);
        assert_eq!(at("2026-11-15T06:40:00Z").as_deref(), Some("opening"));
        assert_eq!(at("2026-11-15T07:00:00Z"), None, "open");
        assert_eq!(at("2026-11-15T11:15:00Z"), None, "a break");
        assert_eq!(at("2026-11-15T16:05:00Z"), None);
        assert_eq!(at("2026-11-15T16:10:00Z").as_deref(), Some("closing"));
        assert_eq!(at("2026-11-15T18:00:00Z"), None);
        // Friday after one o'clock, the Sabbath, and Sunday morning.
        assert_eq!(at("2026-11-20T11:30:00Z").as_deref(), Some("closing"));
        assert_eq!(at("2026-11-20T15:00:00Z"), None);
        assert_eq!(at("2026-11-22T06:45:00Z").as_deref(), Some("opening"));
    }
}
