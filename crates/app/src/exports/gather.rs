//! What goes into an archive, read page by page.

use std::collections::HashMap;

use kernel::{Problem, Scope};
use platform::{db::ReadTx, storage::StorageError};
use sea_orm::{ColumnTrait, Order};

use super::{
    archive::Archive,
    pages::{self, CallLines, Counts},
};
use crate::{
    App,
    accounts::businesses,
    calls::store::{call, recording, turn},
    crm::{
        customers::store as customers,
        exports::{
            csv,
            table::{Lang, Words},
        },
    },
};

/// Records that are read at a time; calls come with their turns.
pub(super) const AT_ONCE: u64 = 200;
/// How much of a recording is in memory.
const SOUND_BYTES: u64 = 1024 * 1024;

/// Everything of one business on its way into an archive.
pub struct Gather<'a> {
    app: &'a App,
    scope: &'a Scope,
    archive: &'a Archive,
    pub(super) words: Words,
    pub counts: Counts,
}

impl<'a> Gather<'a> {
    pub async fn of(app: &'a App, scope: &'a Scope, archive: &'a Archive) -> Result<Self, Problem> {
        let tx = app.db.read(scope).await?;
        let words = Words::of(&tx, Lang::He).await?;
        tx.done().await?;
        Ok(Self {
            app,
            scope,
            archive,
            words,
            counts: Counts::default(),
        })
    }

    pub(super) async fn read(&self) -> Result<ReadTx, Problem> {
        Ok(self.app.db.read(self.scope).await?)
    }

    pub(super) async fn line<'c>(&self, cells: impl IntoIterator<Item = &'c str>) -> Result<(), Problem> {
        self.archive.more(csv::line(cells).into()).await
    }

    pub(super) async fn begin(&self, name: &str, headings: &[&str]) -> Result<(), Problem> {
        self.archive.open(name).await?;
        self.archive.more(csv::MARK.into()).await?;
        self.line(headings.iter().copied()).await
    }

    /// The next calls before the one with this id, newest first.
    async fn calls_before(&self, last: i64) -> Result<Vec<call::Model>, Problem> {
        let tx = self.read().await?;
        let older = tx.find::<call::Entity>().filter(call::Column::Id.lt(last));
        let older = older.filter(call::Column::Test.eq(false));
        let found = older
            .order_by(call::Column::Id, Order::Desc)
            .limit(AT_ONCE)
            .all()
            .await?;
        tx.done().await?;
        Ok(found)
    }

    /// The table of calls.
    pub async fn calls(&mut self) -> Result<(), Problem> {
        let headings = [
            "מספר",
            "מתי",
            "כיוון",
            "ממספר",
            "אל מספר",
            "לקוח",
            "שניות",
            "סטטוס",
            "תוצאה",
            "סיכום",
            "תמלול",
        ];
        self.begin("calls.csv", &headings).await?;
        let mut last = i64::MAX;
        loop {
            let found = self.calls_before(last).await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            let tx = self.read().await?;
            let names = names(&tx, found.iter().filter_map(|call| call.customer_id)).await?;
            tx.done().await?;
            for call in &found {
                self.counts.calls += 1;
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let seconds = call
                    .duration_seconds
                    .map(|seconds| seconds.to_string())
                    .unwrap_or_default();
                let cells = [
                    call.id.to_string(),
                    self.words.time(Some(call.started_at)),
                    if call.direction == "in" {
                        "נכנסת"
                    } else {
                        "יוצאת"
                    }
                    .to_owned(),
                    call.from_number.clone(),
                    call.to_number.clone(),
                    name_of(&names, call.customer_id).to_owned(),
                    seconds,
                    call.status.clone(),
                    text(&call.outcome),
                    text(&call.summary),
                    text(&call.transcription),
                ];
                self.line(cells.iter().map(String::as_str)).await?;
            }
        }
    }

    /// The readable pages of calls, and the sound beside them. Gives the number of pages.
    pub async fn conversations(&mut self) -> Result<u64, Problem> {
        let (mut last, mut pages) = (i64::MAX, 0);
        loop {
            let calls = self.calls_before(last).await?;
            let Some(end) = calls.last() else { return Ok(pages) };
            last = end.id;
            pages += 1;
            let sounds = self.page(pages, &calls).await?;
            for recording in sounds {
                self.sound(&recording).await?;
            }
        }
    }

    /// One page; gives the recordings to which it leads.
    async fn page(&self, number: u64, calls: &[call::Model]) -> Result<Vec<recording::Model>, Problem> {
        let tx = self.read().await?;
        let ids: Vec<i64> = calls.iter().map(|call| call.id).collect();
        let mut turns = turns_of(&tx, &ids).await?;
        let recordings = recordings_of(&tx, &ids).await?;
        let names = names(&tx, calls.iter().filter_map(|call| call.customer_id)).await?;
        tx.done().await?;
        let lines: Vec<CallLines<'_>> = calls
            .iter()
            .map(|call| {
                let own = recordings.iter().filter(|recording| recording.call_id == call.id);
                let mut said: Vec<_> = turns
                    .remove(&call.id)
                    .unwrap_or_default()
                    .into_iter()
                    .flat_map(spoken)
                    .collect();
                let messages = own.clone().filter_map(|recording| recording.transcript.clone());
                said.extend(messages.map(|text| ("הודעה", text)));
                CallLines {
                    call,
                    customer: name_of(&names, call.customer_id),
                    said,
                    sounds: own.map(sound_name).collect(),
                }
            })
            .collect();
        let html = pages::calls(number, &lines, &self.words);
        self.archive.text(&pages::calls_name(number), html).await?;
        Ok(recordings)
    }

    async fn sound(&mut self, recording: &recording::Model) -> Result<(), Problem> {
        if let Some(key) = &recording.storage_key
            && self.stored(&sound_name(recording), key).await?
        {
            self.counts.recordings += 1;
        }
        Ok(())
    }

    /// Copies a stored file piece by piece. One that the storage has lost is counted, and the archive goes on.
    pub(super) async fn stored(&mut self, name: &str, key: &str) -> Result<bool, Problem> {
        let size = match self.app.storage.size(key).await {
            Ok(size) => size,
            Err(StorageError::NotFound) => {
                self.counts.missing += 1;
                return Ok(false);
            }
            Err(err) => return Err(err.into()),
        };
        self.archive.open_sound(name).await?;
        let mut at = 0;
        while at < size {
            let end = (at + SOUND_BYTES).min(size);
            self.archive
                .more(self.app.storage.get_range(key, at..end).await?)
                .await?;
            at = end;
        }
        Ok(true)
    }

    /// The page from which all is found.
    pub async fn index(&self, pages: u64) -> Result<(), Problem> {
        let tx = self.read().await?;
        let business = tx.find::<businesses::store::Entity>().one().await?;
        let (name, made) = (business.map(|business| business.name), tx.now());
        tx.done().await?;
        let name = name.unwrap_or_default();
        let html = pages::index(&name, &self.words.time(Some(made)), self.counts, pages);
        self.archive.text("index.html", html).await
    }
}

pub(super) async fn names(tx: &ReadTx, ids: impl Iterator<Item = i64>) -> Result<HashMap<i64, String>, Problem> {
    let ids: Vec<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = tx
        .find::<customers::Entity>()
        .filter(customers::Column::Id.is_in(ids))
        .all()
        .await?;
    Ok(found.into_iter().map(|customer| (customer.id, customer.name)).collect())
}

pub(super) fn name_of(names: &HashMap<i64, String>, id: Option<i64>) -> &str {
    id.and_then(|id| names.get(&id)).map_or("", String::as_str)
}

async fn turns_of(tx: &ReadTx, calls: &[i64]) -> Result<HashMap<i64, Vec<turn::Model>>, Problem> {
    let found = tx
        .find::<turn::Entity>()
        .filter(turn::Column::CallId.is_in(calls.iter().copied()))
        .order_by(turn::Column::CallId, Order::Asc)
        .order_by(turn::Column::TurnId, Order::Asc)
        .all()
        .await?;
    let mut turns: HashMap<i64, Vec<turn::Model>> = HashMap::new();
    for turn in found {
        turns.entry(turn.call_id).or_default().push(turn);
    }
    Ok(turns)
}

async fn recordings_of(tx: &ReadTx, calls: &[i64]) -> Result<Vec<recording::Model>, Problem> {
    Ok(tx
        .find::<recording::Entity>()
        .filter(recording::Column::CallId.is_in(calls.iter().copied()))
        .filter(recording::Column::StorageKey.is_not_null())
        .order_by(recording::Column::Id, Order::Asc)
        .all()
        .await?)
}

/// What caller and agent said in a turn.
fn spoken(turn: turn::Model) -> Vec<(&'static str, String)> {
    let caller = turn.caller_text.map(|text| ("הלקוח", text));
    let agent = (!turn.agent_text.is_empty()).then_some(("המענה הדיגיטלי", turn.agent_text));
    caller.into_iter().chain(agent).collect()
}

fn sound_name(recording: &recording::Model) -> String {
    let extension = match recording.content_type.as_deref() {
        Some("audio/mpeg") => "mp3",
        _ => "wav",
    };
    format!("recordings/{}-{}.{extension}", recording.call_id, recording.id)
}
