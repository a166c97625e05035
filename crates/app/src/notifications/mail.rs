//! The way by e-mail: the one place where a notification becomes a letter.

use std::time::Duration;

use kernel::Problem;
use platform::{
    db::WriteTx,
    jobs::{Enqueue, Job, JobContext, Outcome},
};
use serde::{Deserialize, Serialize};

use super::{
    Kind,
    actions::{by_user, enqueue, few},
    store::{Entity, Model},
};
use crate::{
    AppState,
    accounts::{businesses::hours::Office, users},
    mail::{Message, SendMail},
};

/// Queues a letter for each; many at once for the same person become one that says how many.
pub(super) async fn send(tx: &WriteTx, news: &[&Model]) -> Result<(), Problem> {
    let mut jobs = Vec::new();
    for of_one in by_user(news).values() {
        let (one_by_one, others) = few(of_one);
        jobs.extend(one_by_one.iter().map(|one| MailNews {
            notification_id: one.id,
            others,
        }));
    }
    if jobs.is_empty() {
        return Ok(());
    }
    enqueue(tx, news, &jobs).await
}

/// Writes the letter about a notification, unless it was read meanwhile or taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MailNews {
    notification_id: i64,
    /// How many more there are beside it, of which no letter of their own goes out.
    others: usize,
}

impl Job<AppState> for MailNews {
    const KIND: &'static str = "notifications.mail";
    const MAX_ATTEMPTS: u32 = 8;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

impl MailNews {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let tx = app.db.write(ctx.scope()).await?;
        let Some(one) = tx.find::<Entity>().by_id(self.notification_id).one().await? else {
            return Ok(Outcome::Done);
        };
        let user = tx.find::<users::store::Entity>().by_id(one.user_id).one().await?;
        let Some(user) = user.filter(|user| user.active && one.read_at.is_none()) else {
            return Ok(Outcome::Done);
        };
        let asked_for = Kind::parse(&one.kind).is_some_and(Kind::is_asked_for);
        if let Some(until) = Office::of_scope(&tx).await?.holds_back(tx.now()).filter(|_| !asked_for) {
            return Ok(Outcome::Retry {
                after: (until - tx.now()).to_std().ok(),
                why: "the Sabbath or a holiday is kept".to_owned(),
            });
        }
        let letter = SendMail {
            to: user.email,
            message: Message::News {
                name: user.name,
                title: one.title,
                link: one.link,
                others: self.others,
            },
        };
        tx.enqueue(&letter, Enqueue::default()).await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}
