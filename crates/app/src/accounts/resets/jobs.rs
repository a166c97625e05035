//! Who has forgotten a password, looked up after the request was answered: known and unknown addresses take as long.

use std::time::Duration;

use kernel::{BusinessId, Problem};
use platform::jobs::{Enqueue, Job, JobContext, Outcome};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

use super::actions;
use crate::{
    AppState,
    accounts::{sessions::tokens, users},
};

/// Sends the link to the person of this address, if there is one.
#[derive(Clone, Serialize, Deserialize)]
pub struct ForgotPassword {
    email: String,
}

/// Writes the job, for whatever address. While one for the address waits, another is not written.
pub async fn ask(app: &AppState, email: &str) -> Result<(), Problem> {
    let job = ForgotPassword {
        email: email.trim().to_lowercase(),
    };
    let once = Enqueue::once(tokens::fingerprint(&job.email));
    let tx = app.db.system("a forgotten password").await?;
    tx.enqueue(None, &job, once).await?;
    Ok(tx.commit().await?)
}

impl Job<AppState> for ForgotPassword {
    const KIND: &'static str = "accounts.forgot_password";
    const MAX_ATTEMPTS: u32 = 5;
    const CONCURRENCY: usize = 2;
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        self.work(&app, &ctx).await.into()
    }
}

impl ForgotPassword {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
        let tx = app.db.system_read("a forgotten password").await?;
        let user = actions::live_user(&tx, users::store::Column::Email.eq(&self.email)).await?;
        drop(tx);
        let Some(user) = user else { return Ok(()) };
        let scope = ctx.scope_of(BusinessId::new(user.business_id))?;
        let tx = app.db.write(&scope).await?;
        // Locked, so that a change of the address meanwhile comes before the link or makes it worthless.
        let user = tx.find::<users::store::Entity>().by_id(user.id).lock().one().await?;
        let Some(user) = user.filter(|user| user.active && user.email == self.email) else {
            return Ok(());
        };
        actions::send_link(app, &tx, &user).await?;
        // A job of no business is not this business's to end: killed just here, it sends a second letter, which does no
        // harm.
        Ok(tx.commit().await?)
    }
}
