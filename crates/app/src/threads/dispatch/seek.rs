//! The search for a message that may have gone.

use contracts::whatsapp::{Accepted, Found, Sought};
use kernel::{Problem, Scope};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use super::{LONGEST_ATTEMPT, carrier_of, fail, put_back, recipient, settle};
use crate::{
    AppState,
    threads::{
        carriers, errors,
        model::{MOST_TRIES, Status},
        store::message,
    },
};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighted {
    /// It needs no search any more.
    Known,
    /// It certainly did not go, and is queued again.
    Resent,
    NotYet,
}

/// Asks the carrier.
pub async fn seek(app: &AppState, scope: &Scope, id: i64) -> Result<Sighted, Problem> {
    let tx = app.db.read(scope).await?;
    let message = tx.get::<message::Entity>(id).await?;
    let unsure = message.status == Status::Unknown.as_str();
    let (Some(carrier), true) = (carrier_of(&message), unsure) else {
        return Ok(Sighted::Known);
    };
    let account = carriers::account(&tx).await?;
    let (Some(api), Some(to)) = (app.whatsapp.open(carrier, &account), recipient(&tx, &message).await?) else {
        return Ok(Sighted::NotYet);
    };
    drop(tx);
    let sought = Sought {
        id: message.client_id.clone().unwrap_or_default(),
        from: account.number,
        to,
        text: message.text.clone(),
        sent_at: message.attempted_at.unwrap_or(message.at),
    };
    let found = match tokio::time::timeout(LONGEST_ATTEMPT, api.find(&sought)).await {
        Ok(Ok(found)) => found,
        Ok(Err(fault)) => {
            tracing::info!(
                message_id = id,
                fault = fault.word(),
                "a message could not be looked for"
            );
            return Ok(Sighted::NotYet);
        }
        Err(_) => return Ok(Sighted::NotYet),
    };
    conclude(app, scope, &message, found).await
}

async fn conclude(app: &AppState, scope: &Scope, sought: &message::Model, found: Found) -> Result<Sighted, Problem> {
    match found {
        Found::Unclear => Ok(Sighted::NotYet),
        Found::There { carrier_id, status } => {
            let accepted = Accepted {
                carrier_id: Some(carrier_id),
                status,
            };
            settle(app, scope, sought, Ok(accepted)).await?;
            Ok(Sighted::Known)
        }
        Found::Nowhere => {
            let tx = app.db.write(scope).await?;
            let current = tx.find::<message::Entity>().by_id(sought.id).lock().one().await?;
            let unsure = |message: &message::Model| {
                message.status == Status::Unknown.as_str() && message.attempt == sought.attempt
            };
            let Some(message) = current.filter(unsure) else {
                return Ok(Sighted::Known);
            };
            let at = tx.now();
            let tries = message.attempts + 1;
            if tries >= MOST_TRIES {
                let mut row = message.into_active_model();
                row.status = Set(Status::Sending.as_str().to_owned());
                let message = tx.update(row).await?;
                fail(&tx, &message, None, errors::GIVEN_UP).await?;
            } else {
                put_back(&tx, &message, tries, Some(at)).await?;
            }
            tx.commit().await?;
            Ok(Sighted::Resent)
        }
    }
}
