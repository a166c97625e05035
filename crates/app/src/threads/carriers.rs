//! The carriers of this server: which there are, by whose account, and in which order they are tried.

use std::sync::{Arc, PoisonError, RwLock};

use contracts::whatsapp::{Account, Carrier, Reader, WhatsApp, link::Link};
use kernel::{BusinessId, Phone};
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};
use serde_json::Value;

use super::store::{link, thread};
use crate::{accounts::businesses, settings::WhatsappSettings};

/// Opens carriers; the binary knows their implementations.
pub trait Carriers: Send + Sync {
    /// `None` when it is off or its settings are missing.
    fn open(&self, carrier: Carrier, account: &Account) -> Option<Arc<dyn WhatsApp>>;

    fn reader(&self, carrier: Carrier) -> Arc<dyn Reader>;

    /// The business's session of WhatsApp Web; `None` when that carrier is off.
    fn link(&self, business: BusinessId) -> Option<Arc<dyn Link>>;
}

/// What of WhatsApp this process shares.
pub struct Whatsapp {
    carriers: RwLock<Arc<dyn Carriers>>,
    pub settings: WhatsappSettings,
}

impl Whatsapp {
    pub fn new(carriers: Arc<dyn Carriers>, settings: WhatsappSettings) -> Self {
        Self {
            carriers: RwLock::new(carriers),
            settings,
        }
    }

    pub fn carriers(&self) -> Arc<dyn Carriers> {
        self.carriers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other carriers in place of these; a test brings its own.
    pub fn replace(&self, carriers: Arc<dyn Carriers>) {
        *self.carriers.write().unwrap_or_else(PoisonError::into_inner) = carriers;
    }

    pub fn open(&self, carrier: Carrier, account: &Account) -> Option<Arc<dyn WhatsApp>> {
        let enabled = self.settings.enabled.contains(&carrier);
        enabled.then(|| self.carriers().open(carrier, account)).flatten()
    }
}

/// As whom a business is known at its carriers.
pub async fn account(tx: &ReadTx) -> Result<Account, kernel::Problem> {
    use businesses::store::number::{Column, Entity};
    let business = tx.scope().business()?;
    let numbers = tx
        .find::<Entity>()
        .filter(Column::Whatsapp.eq(true))
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?;
    Ok(Account {
        number: numbers.first().and_then(|number| Phone::parse(&number.number).ok()),
        meta_phone_number_id: numbers.into_iter().find_map(|number| number.meta_phone_number_id),
        business_id: Some(business.get()),
        account_sid: None,
    })
}

/// The account's part of a key.
pub fn account_key(carrier: Carrier, account: &Account) -> String {
    match carrier {
        Carrier::Twilio => account.account_sid.clone().unwrap_or_default(),
        Carrier::Meta => account.meta_phone_number_id.clone().unwrap_or_default(),
        Carrier::Baileys => account.business_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// In which order a thread's messages are tried: its own carrier, the business's choice, the server's list. Each once.
pub fn order(settings: &WhatsappSettings, chosen: Option<Carrier>, thread: Option<&thread::Model>) -> Vec<Carrier> {
    let own = thread.and_then(|thread| thread.carrier.as_deref()?.parse().ok());
    let mut order = Vec::with_capacity(3);
    let all = own
        .into_iter()
        .chain(chosen)
        .chain(settings.preferred)
        .chain(settings.priority.iter().copied());
    for carrier in all {
        if settings.enabled.contains(&carrier) && !order.contains(&carrier) {
            order.push(carrier);
        }
    }
    order
}

/// Carriers that a message was refused by.
pub fn tried(value: &Value) -> Vec<Carrier> {
    let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Whether the bridge said that it is not connected.
pub async fn is_unlinked(tx: &ReadTx) -> Result<bool, kernel::Problem> {
    let link = tx.find::<link::Entity>().one().await?;
    Ok(link.is_some_and(|link| !link.connected))
}
