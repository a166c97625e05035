//! Sending one push to one device, and what becomes of the device when its push service does not take it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER};
use kernel::Problem;
use platform::jobs::{Job, JobContext, Outcome};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{payload, store};
use crate::{
    AppState,
    accounts::{businesses::hours::Office, users},
    notifications::{self, Kind},
};

/// A push service that asks for longer is asked again after this.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// Pushes a notification to a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendPush {
    pub subscription_id: i64,
    pub notification_id: i64,
    /// How many more there are beside it, of which no push of their own goes out.
    pub others: usize,
}

impl Job<AppState> for SendPush {
    const KIND: &'static str = Self::NAME;
    const MAX_ATTEMPTS: u32 = 8;
    const CONCURRENCY: usize = 16;
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

/// What stands to be sent.
enum Ready {
    Yes(Box<(store::Model, notifications::store::Model)>),
    /// It was read, or there is nothing any more.
    Not,
    /// The person is gone, and so are the devices.
    NobodyThere,
    Later(DateTime<Utc>),
}

impl SendPush {
    pub const NAME: &'static str = "notifications.push";

    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let (device, one) = match self.look(app, ctx).await? {
            Ready::Yes(both) => *both,
            Ready::Not => return Ok(Outcome::Done),
            Ready::NobodyThere => return self.forget_device(app, ctx).await,
            Ready::Later(until) => {
                return Ok(Outcome::Retry {
                    after: (until - app.clock.now()).to_std().ok(),
                    why: "the Sabbath or a holiday is kept".to_owned(),
                });
            }
        };
        let message = payload::message(&one, self.others, app.settings.public_base_url.as_ref());
        let sealed = match app.push.seal(&device.target(), &message, app.clock.now()) {
            Ok(sealed) => sealed,
            Err(fault) => return Ok(Outcome::Fail(fault.to_string())),
        };
        let Ok(url) = Url::parse(&device.endpoint) else {
            return self.forget_device(app, ctx).await;
        };
        let mut headers = HeaderMap::new();
        for (name, value) in sealed.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        match app.outgoing.post_outside(&url, headers, sealed.body).await {
            Ok(answer) => self.answered(app, ctx, answer.status(), answer.headers()).await,
            Err(err) if err.is_refusal() => {
                tracing::warn!(error = %err, "a device's push service is where we do not go");
                self.forget_device(app, ctx).await
            }
            Err(err) => Ok(Outcome::retry(err)),
        }
    }

    async fn look(&self, app: &AppState, ctx: &JobContext) -> Result<Ready, Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let device = tx.find::<store::Entity>().by_id(self.subscription_id).one().await?;
        let one = tx
            .find::<notifications::store::Entity>()
            .by_id(self.notification_id)
            .one()
            .await?;
        let (Some(device), Some(one)) = (device, one) else {
            return Ok(Ready::Not);
        };
        if one.read_at.is_some() || device.user_id != one.user_id {
            return Ok(Ready::Not);
        }
        let user = tx.find::<users::store::Entity>().by_id(device.user_id).one().await?;
        if !user.is_some_and(|user| user.active) {
            return Ok(Ready::NobodyThere);
        }
        let asked_for = Kind::parse(&one.kind).is_some_and(Kind::is_asked_for);
        match Office::of_scope(&tx).await?.holds_back(tx.now()) {
            Some(until) if !asked_for => Ok(Ready::Later(until)),
            _ => Ok(Ready::Yes(Box::new((device, one)))),
        }
    }

    async fn answered(
        &self,
        app: &AppState,
        ctx: &JobContext,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Outcome, Problem> {
        metrics::counter!("pushes_total", "status" => status.as_str().to_owned()).increment(1);
        match status.as_u16() {
            200..=299 => self.arrived(app, ctx).await,
            404 | 410 => self.forget_device(app, ctx).await,
            408 | 429 | 500..=599 => Ok(Outcome::Retry {
                after: retry_after(headers, app.clock.now()),
                why: format!("the push service answered {status}"),
            }),
            _ => Ok(Outcome::Fail(format!("the push service answered {status}"))),
        }
    }

    async fn arrived(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let tx = app.db.write(ctx.scope()).await?;
        tx.update_many::<store::Entity>()?
            .col(store::Column::LastSentAt, tx.now())
            .filter(store::Column::Id.eq(self.subscription_id))
            .exec()
            .await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }

    async fn forget_device(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let tx = app.db.write(ctx.scope()).await?;
        store::remove(&tx, &[self.subscription_id]).await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        tracing::info!(subscription = self.subscription_id, "a device is not there any more");
        Ok(Outcome::Done)
    }
}

/// Seconds, or a date (RFC 9110, section 10.2.3). `None` without one that can be read.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse::<i64>() {
        Ok(seconds) => TimeDelta::try_seconds(seconds)?,
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc) - now,
    };
    pause.clamp(TimeDelta::zero(), LONGEST_PAUSE).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_in_seconds_or_as_a_date() {
        let now = DateTime::parse_from_rfc3339("2026-11-18T10:00:00Z")
            .expect("a time")
            .with_timezone(&Utc);
        let pause = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().expect("a header"));
            retry_after(&headers, now).map(|pause| pause.as_secs())
        };
        assert_eq!(pause("120"), Some(120));
        assert_eq!(pause("Wed, 18 Nov 2026 10:02:00 GMT"), Some(120));
        assert_eq!(pause("Wed, 18 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(pause("999999999"), Some(3600));
        assert_eq!(pause("-5"), Some(0));
        assert_eq!(pause("soon"), None);
    }
}
