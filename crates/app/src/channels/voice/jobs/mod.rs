//! What is done about the line in the background: ringing people, bringing them together with callers, placing calls.

mod bridge;
mod place;
mod ring;

use std::{sync::Arc, time::Duration};

use contracts::{Fault, telephony::NewCall};
use kernel::{BusinessId, Problem};
use platform::jobs::{JobContext, Registry};

pub use bridge::Bridge;
pub use place::PlaceCall;
pub use ring::RingPerson;

use crate::{App, AppState, calls::directory::VoiceBusiness};

/// Twilio's REST may take this long.
const REST: Duration = Duration::from_secs(10);

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry.with::<RingPerson>().with::<Bridge>().with::<PlaceCall>()
}

async fn business(app: &App, ctx: &JobContext) -> Result<Arc<VoiceBusiness>, Problem> {
    let id: BusinessId = ctx.scope().business()?;
    app.calls
        .directory
        .by_id(&app.db, id)
        .await?
        .ok_or_else(Problem::not_found)
}

async fn ask_to_place(app: &App, call: NewCall) -> Result<String, Fault> {
    let telephony = app
        .telephony
        .as_ref()
        .ok_or_else(|| Fault::Misconfigured("TWILIO_ACCOUNT_SID".to_owned()))?;
    tokio::time::timeout(REST, telephony.place_call(call))
        .await
        .unwrap_or_else(|_| Err(Fault::Unknown("it took too long".to_owned())))
}
