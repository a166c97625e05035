//! Which business a call is for, answered from memory: a webhook asks no table for it.
//!
//! All businesses are loaded at once and kept until someone says that they changed, or for a few seconds (another
//! process may have changed them). When the database is away the last known state goes on answering.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono_tz::Tz;
use contracts::tts::Gender;
use kernel::{BusinessId, Module, Phone, UserId};
use platform::db::{Db, DbError, SystemTx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::SimpleExpr};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    hours::{Calendar, WhileKept},
    model::Mode,
    store::call,
};
use crate::accounts::{
    businesses::{self, whatsapp::Choices},
    defaults::Defaults,
    users,
};

/// How old the loaded state may be before it is looked at again.
const FRESH: Duration = Duration::from_secs(5);
/// How long a call may wait for a reload before the last known state must do.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a call needs to know of its business.
#[derive(Clone, Debug)]
pub struct VoiceBusiness {
    pub id: BusinessId,
    pub name: String,
    pub active: bool,
    /// The module `calls` is licensed and on.
    pub answers_calls: bool,
    /// The module `whatsapp` is licensed and on.
    pub reads_messages: bool,
    pub whatsapp: Choices,
    pub zone: Tz,
    /// BCP 47, for example `he-IL`.
    pub language: String,
    /// `None`: the server's `CALL_MODE`.
    pub call_mode: Option<Mode>,
    pub after_hours_mode: Mode,
    pub while_kept: WhileKept,
    pub greeting_text: Option<String>,
    pub agent_name: Option<String>,
    pub agent_gender: Gender,
    pub agent_prompt: Option<String>,
    pub calendar: Calendar,
    pub transfer_to: Option<CallOut>,
    pub call_out_order: Vec<CallOut>,
    pub voicemail_seconds: u32,
    pub max_call_seconds: u32,
    pub max_call_tokens: u32,
    /// Fixed sentences that the business words otherwise, by their key.
    pub sentences: BTreeMap<String, String>,
    /// What the agent may tell, by topic.
    pub facts: BTreeMap<String, String>,
    /// Its own voice numbers, in E.164.
    pub numbers: Vec<String>,
    /// Phones of its people: never customers.
    pub people_phones: HashSet<String>,
}

/// Someone who may be rung.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum CallOut {
    User(i64),
    Phone(String),
}

impl CallOut {
    /// A user's id or a phone, as settings hold it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() < 7
            && let Ok(id) = text.parse::<i64>()
        {
            return Some(Self::User(id));
        }
        Phone::parse(text).ok().map(|phone| Self::Phone(phone.into()))
    }

    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(UserId::new(*id)),
            Self::Phone(_) => None,
        }
    }
}

impl VoiceBusiness {
    /// The number that a person sees when this business calls.
    pub fn caller_id(&self) -> Option<&str> {
        self.numbers.first().map(String::as_str)
    }

    pub fn owns(&self, number: &str) -> bool {
        self.numbers.iter().any(|own| own == number)
    }
}

#[derive(Default)]
struct Snapshot {
    by_id: HashMap<BusinessId, Arc<VoiceBusiness>>,
    by_number: HashMap<String, Arc<VoiceBusiness>>,
    /// By WhatsApp number, and by Meta's id of it.
    by_whatsapp: HashMap<String, Arc<VoiceBusiness>>,
    only_active: Option<Arc<VoiceBusiness>>,
}

struct Loaded {
    snapshot: Arc<Snapshot>,
    at: Instant,
}

/// The businesses by number and id.
#[derive(Default)]
pub struct Directory {
    loaded: RwLock<Option<Loaded>>,
    changed: AtomicBool,
    loading: tokio::sync::Mutex<()>,
}

impl Directory {
    /// Says that a business, its numbers or its people changed.
    pub fn invalidate(&self) {
        self.changed.store(true, Ordering::Release);
    }

    /// The business that owns the called number, else the only active one.
    pub async fn by_number(&self, db: &Db, number: &str) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
        let snapshot = self.snapshot(db).await?;
        if let Some(business) = snapshot.by_number.get(number) {
            return Ok(Some(business.clone()));
        }
        let parsed = Phone::parse(number).ok();
        Ok(parsed
            .and_then(|phone| snapshot.by_number.get(phone.as_str()))
            .or(snapshot.only_active.as_ref())
            .cloned())
    }

    /// The business of a WhatsApp number in E.164, or of Meta's id of one.
    pub async fn by_whatsapp(&self, db: &Db, name: &str) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
        Ok(self.snapshot(db).await?.by_whatsapp.get(name).cloned())
    }

    /// The only active business, if there is one only.
    pub async fn only_one(&self, db: &Db) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
        Ok(self.snapshot(db).await?.only_active.clone())
    }

    pub async fn by_id(&self, db: &Db, id: BusinessId) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
        Ok(self.snapshot(db).await?.by_id.get(&id).cloned())
    }

    async fn snapshot(&self, db: &Db) -> Result<Arc<Snapshot>, DbError> {
        if let Some(snapshot) = self.current() {
            return Ok(snapshot);
        }
        let _one_at_a_time = self.loading.lock().await;
        if let Some(snapshot) = self.current() {
            return Ok(snapshot);
        }
        // Whoever changes something after this point asks for another look.
        self.changed.store(false, Ordering::Release);
        let loaded = match tokio::time::timeout(PATIENCE, load(db)).await {
            Ok(Ok(snapshot)) => Ok(Arc::new(snapshot)),
            Ok(Err(err)) => Err(Some(err)),
            Err(_) => Err(None),
        };
        let mut slot = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        match (loaded, slot.as_mut()) {
            (Ok(snapshot), _) => {
                *slot = Some(Loaded {
                    snapshot: snapshot.clone(),
                    at: Instant::now(),
                });
                Ok(snapshot)
            }
            (Err(why), Some(last)) => {
                tracing::warn!(error = ?why, "businesses could not be loaded, the last known state goes on");
                last.at = Instant::now();
                Ok(last.snapshot.clone())
            }
            (Err(Some(err)), None) => Err(err),
            (Err(None), None) => Err(DbError::Unreachable(sea_orm::DbErr::Custom(
                "businesses did not load in time".to_owned(),
            ))),
        }
    }

    fn current(&self) -> Option<Arc<Snapshot>> {
        if self.changed.load(Ordering::Acquire) {
            return None;
        }
        let slot = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref()
            .filter(|loaded| loaded.at.elapsed() < FRESH)
            .map(|loaded| loaded.snapshot.clone())
    }
}

async fn load(db: &Db) -> Result<Snapshot, DbError> {
    let tx = db.system_read("routing calls to businesses").await?;
    let snapshot = read(&tx).await?;
    tx.commit().await?;
    Ok(snapshot)
}

async fn read(tx: &SystemTx) -> Result<Snapshot, DbError> {
    let rows = businesses::store::Entity::find().all(tx.conn()).await?;
    let numbers = businesses::store::number::Entity::find().all(tx.conn()).await?;
    let phones = users::store::Entity::find()
        .filter(users::store::Column::Phone.is_not_null())
        .all(tx.conn())
        .await?;
    let defaults = Defaults::read(tx).await?;
    let mut snapshot = Snapshot::default();
    let mut active = Vec::new();
    for row in rows {
        let own = numbers
            .iter()
            .filter(|number| number.business_id == row.id && number.voice)
            .map(|number| number.number.clone())
            .collect();
        let people = phones
            .iter()
            .filter(|user| user.business_id == row.id)
            .filter_map(|user| user.phone.clone())
            .collect();
        let business = Arc::new(profile(row, own, people, &defaults));
        for number in &business.numbers {
            snapshot.by_number.insert(number.clone(), business.clone());
        }
        for number in numbers.iter().filter(|number| number.business_id == business.id.get()) {
            let known = number.whatsapp.then(|| number.number.clone());
            for name in known.into_iter().chain(number.meta_phone_number_id.clone()) {
                snapshot.by_whatsapp.insert(name, business.clone());
            }
        }
        if business.active {
            active.push(business.clone());
        }
        snapshot.by_id.insert(business.id, business);
    }
    snapshot.only_active = active.pop().filter(|_| active.is_empty());
    Ok(snapshot)
}

fn profile(
    row: businesses::store::Model,
    numbers: Vec<String>,
    people_phones: HashSet<String>,
    defaults: &Defaults,
) -> VoiceBusiness {
    let whatsapp = Choices::of(&row);
    let zone = businesses::hours::zone(&row);
    let calendar = Calendar::of(&businesses::hours::settings(&row), zone);
    let own = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let greeting = own(row.greeting_text).or_else(|| defaults.greeting(&row.language, &row.name));
    VoiceBusiness {
        id: BusinessId::new(row.id),
        name: row.name,
        active: row.active,
        answers_calls: businesses::model::module_is_on(&row.modules, Module::Calls),
        reads_messages: businesses::model::module_is_on(&row.modules, Module::Whatsapp),
        whatsapp,
        zone,
        language: row.language,
        call_mode: row.call_mode.as_deref().and_then(Mode::parse),
        after_hours_mode: Mode::parse(&row.after_hours_mode).unwrap_or(Mode::Realtime),
        while_kept: WhileKept::parse(&row.shabbat_mode),
        greeting_text: greeting,
        agent_name: own(row.agent_name),
        agent_gender: if row.agent_gender == "masculine" {
            Gender::Masculine
        } else {
            Gender::Feminine
        },
        agent_prompt: own(row.agent_prompt).or_else(|| defaults.agent_prompt()),
        calendar,
        transfer_to: row.transfer_to.as_deref().and_then(CallOut::parse),
        call_out_order: lenient(row.call_out_order),
        voicemail_seconds: limit(row.voicemail_seconds, 30, 120),
        max_call_seconds: limit(row.max_call_seconds, 30, 14_400),
        max_call_tokens: limit(row.max_call_tokens, 1_000, 10_000_000),
        sentences: lenient(row.sentences),
        facts: lenient(row.facts),
        numbers,
        people_phones,
    }
}

fn limit(value: i32, least: u32, most: u32) -> u32 {
    u32::try_from(value).unwrap_or(least).clamp(least, most)
}

/// What a row of an older version wrote otherwise must not silence a phone line.
fn lenient<T: DeserializeOwned + Default>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap_or_default()
}

/// Whose call this is, by Twilio's sid; for callbacks that name no number.
pub async fn business_of_call(db: &Db, call_sid: &str) -> Result<Option<BusinessId>, DbError> {
    business_where(db, call::Column::CallSid.eq(call_sid)).await
}

/// Whose call this is, by our id; for addresses that we gave out ourselves.
pub async fn business_of_call_id(db: &Db, id: i64) -> Result<Option<BusinessId>, DbError> {
    business_where(db, call::Column::Id.eq(id)).await
}

/// Our id of a call that a path names by Twilio's sid; whether the caller may see it is checked after.
pub async fn id_of_sid(db: &Db, call_sid: &str) -> Result<Option<i64>, DbError> {
    let tx = db.system_read("a call named by its sid").await?;
    Ok(call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::CallSid.eq(call_sid))
        .into_tuple()
        .one(tx.conn())
        .await?)
}

async fn business_where(db: &Db, which: SimpleExpr) -> Result<Option<BusinessId>, DbError> {
    let tx = db.system_read("the business of a call").await?;
    let business: Option<i64> = call::Entity::find()
        .select_only()
        .column(call::Column::BusinessId)
        .filter(which)
        .into_tuple()
        .one(tx.conn())
        .await?;
    Ok(business.map(BusinessId::new))
}
