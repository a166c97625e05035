//! Letters that the server sends by itself: written with what they are about, sent by the job `mail.send`.
//!
//! What they say stands in `words`. A letter that certainly was not taken is tried again; one that may have been is not.

mod words;

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::{Fault, mail::Letter};
use kernel::Pii;
use platform::{
    jobs::{Job, JobContext, Outcome, Registry},
    seal::Sealer,
};
use serde::{Deserialize, Serialize};

use crate::AppState;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry.with::<SendMail>()
}

/// What a letter says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// The link by which a new password is chosen; worth nothing after `until`.
    PasswordReset {
        name: String,
        /// The token, sealed for `to` by [`seal_token`]: a job is kept in the database.
        sealed_token: String,
        until: DateTime<Utc>,
    },
    /// Somebody has chosen a new password.
    PasswordChanged { name: String },
    /// The link by which a person joins a business.
    Invitation {
        name: String,
        business: String,
        /// As for a new password.
        sealed_token: String,
        until: DateTime<Utc>,
    },
    /// What a person wanted to be told of by mail.
    News {
        name: String,
        title: String,
        /// A path of the web app.
        link: String,
        /// How many more there are, of which no letter of their own goes out.
        others: usize,
    },
}

/// Sends one letter.
#[derive(Clone, Serialize, Deserialize)]
pub struct SendMail {
    pub to: String,
    pub message: Message,
}

/// Seals a token that goes into a letter to this address. `None` when the machine gives no randomness.
pub fn seal_token(sealer: &Sealer, to: &str, token: &str) -> Option<String> {
    sealer.seal(to, token.as_bytes())
}

impl Job<AppState> for SendMail {
    const KIND: &'static str = "mail.send";
    /// About a quarter of an hour, in which a server that greets strangers late has let us in.
    const MAX_ATTEMPTS: u32 = 10;
    const CONCURRENCY: usize = 4;
    /// More than the mail server may take in all.
    const TIME_LIMIT: Duration = Duration::from_mins(2);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        if ctx.was_cut_off() {
            return Outcome::Fail("the letter may have gone before the attempt was cut off".to_owned());
        }
        self.send(&app, &ctx).await
    }
}

impl SendMail {
    async fn send(self, app: &AppState, ctx: &JobContext) -> Outcome {
        let Some(mailer) = &app.mail else {
            tracing::warn!("no mail went: SMTP_URL and MAIL_FROM are not set");
            return Outcome::Done;
        };
        let Some(words) = words::of(app, &self) else {
            return Outcome::Done;
        };
        let letter = Letter {
            id: format!("job-{}-{}", ctx.job_id(), words.mark),
            to: Pii::new(self.to),
            subject: words.subject,
            text: words.text,
            html: words.html,
        };
        match mailer.send(&letter).await {
            Ok(()) => {
                tracing::info!("a mail went");
                Outcome::Done
            }
            Err(Fault::Unavailable {
                message,
                retry_after_seconds,
            }) => Outcome::Retry {
                after: retry_after_seconds.map(Duration::from_secs),
                why: message,
            },
            Err(fault) => Outcome::Fail(fault.to_string()),
        }
    }
}
