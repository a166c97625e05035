//! Jobs that were given up: the owners and managers of their business are told, each once.

use std::{collections::BTreeMap, time::Duration};

use kernel::{BusinessId, Problem};
use platform::jobs::{DeadJob, Job, JobContext, Outcome};
use serde::{Deserialize, Serialize};

use super::{Kind, News, managers, push, tell};
use crate::AppState;

const MOST_AT_ONCE: u64 = 200;
const TITLE: &str = "פעולה ברקע לא הושלמה ודורשת בדיקה";
const LINK: &str = "/crm";

/// Looks for jobs that were given up and that nobody knows of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfGivenUp {}

impl Job<AppState> for TellOfGivenUp {
    const KIND: &'static str = "notifications.given_up";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(60);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        work(&app, &ctx).await.into()
    }
}

async fn work(app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
    let tx = app.db.system_read("jobs that were given up").await?;
    let jobs = tx.untold_dead_jobs(MOST_AT_ONCE).await?;
    drop(tx);
    let mut of_business: BTreeMap<i64, Vec<DeadJob>> = BTreeMap::new();
    for job in jobs {
        if let Some(business) = job.business_id {
            of_business.entry(business).or_default().push(job);
        }
    }
    for (business, jobs) in of_business {
        let tx = app.db.write(&ctx.scope_of(BusinessId::new(business))?).await?;
        tell(&tx, news(&managers(&tx).await?, &jobs)).await?;
        let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
        tx.dead_jobs_are_told(&ids).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn news(people: &[i64], jobs: &[DeadJob]) -> Vec<News> {
    // A push that did not get through would only make more of them.
    let told = jobs.iter().filter(|job| job.kind != push::SendPush::NAME);
    told.flat_map(|job| {
        people.iter().map(move |user_id| News {
            user_id: *user_id,
            kind: Kind::JobGivenUp,
            title: TITLE.to_owned(),
            link: LINK.to_owned(),
            ref_id: format!("job:{}:{}", job.id, job.finished_at.unwrap_or_default().timestamp()),
        })
    })
    .collect()
}
