//! Whether the phone line is alive, as far as is known here.

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    accounts::businesses::store::number,
    calls::store::call,
    channels::voice::engines,
    notifications::{
        Kind,
        incidents::{self, Incident},
    },
};

/// Among so many of the newest calls the last sign of life is looked for.
const NEWEST_CALLS: u64 = 20;
/// Kinds of incidents that concern the line.
const KINDS: [Kind; 2] = [Kind::LineDown, Kind::EngineFailing];

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Something came from the phone company, and nothing is known to be out of order.
    Alive,
    /// Nothing ever came.
    NeverHeard,
    /// It answers, but an engine is missing or failing, only the basic voice speaks, or no conversation is possible.
    Limited,
    /// It is known to be out of order.
    Down,
    /// The server has no account with the phone company, or the business no number and never a call.
    NotConnected,
}

/// Something that is out of order now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineIncident {
    /// `line_down` or `engine_failing`.
    pub kind: String,
    pub subject: String,
    pub since: DateTime<Utc>,
}

/// An engine that calls use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineEngine {
    /// `stt`, `llm` or `tts`.
    pub kind: &'static str,
    pub name: String,
    /// False while it is left out because it kept failing.
    pub usable: bool,
}

/// The phone line in one line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LineHealth)]
pub struct Line {
    pub state: LineState,
    /// When the phone company was last heard about a call of this business. Null when never.
    pub last_heard_at: Option<DateTime<Utc>>,
    pub numbers: u64,
    pub engines: Vec<LineEngine>,
    pub incidents: Vec<LineIncident>,
}

/// As far as this process and the business's records know.
pub async fn state(app: &App, tx: &ReadTx) -> Result<Line, Problem> {
    let last = tx
        .find::<call::Entity>()
        .filter(call::Column::Test.eq(false))
        .order_by(call::Column::CreatedAt, Order::Desc)
        .limit(NEWEST_CALLS)
        .all()
        .await?;
    let last_heard_at = last.into_iter().map(|call| call.last_seen_at).max();
    let of_voice = tx.find::<number::Entity>().filter(number::Column::Voice.eq(true));
    let numbers = of_voice.count().await?;
    let open = incidents::open_of(tx, &KINDS).await?;
    let view = engines::now(app);
    let state = if app.telephony.is_none() || (numbers == 0 && last_heard_at.is_none()) {
        LineState::NotConnected
    } else if open.iter().any(|incident| incident.kind == Kind::LineDown.as_str()) {
        LineState::Down
    } else if last_heard_at.is_none() {
        LineState::NeverHeard
    } else if !open.is_empty() || view.basic_voice_only || !view.transcribes || !view.converses {
        LineState::Limited
    } else {
        LineState::Alive
    };
    Ok(Line {
        state,
        last_heard_at,
        numbers,
        engines: named(view),
        incidents: open.into_iter().map(LineIncident::from).collect(),
    })
}

fn named(view: engines::EnginesView) -> Vec<LineEngine> {
    let kinds = [("stt", view.stt), ("llm", view.llm), ("tts", view.tts)];
    let of_kind = |(kind, engines): (&'static str, Vec<engines::EngineView>)| {
        engines.into_iter().map(move |engine| LineEngine {
            kind,
            name: engine.name.to_owned(),
            usable: engine.usable,
        })
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

impl From<Incident> for LineIncident {
    fn from(incident: Incident) -> Self {
        Self {
            kind: incident.kind,
            subject: incident.subject,
            since: incident.began_at,
        }
    }
}
