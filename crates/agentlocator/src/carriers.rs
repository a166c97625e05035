//! The registry of WhatsApp's carriers: which are on, and by whose account a business's messages go.

use std::sync::Arc;

use app::threads;
use contracts::whatsapp::{Account, Carrier, Reader, WhatsApp, link::Link};
use kernel::{BusinessId, Clock, ExposeSecret};
use providers::{
    Http,
    whatsapp::{
        baileys::{self, Baileys, BaileysReader},
        meta::{self, Meta, MetaReader},
        twilio::{self, TwilioReader, TwilioWhatsApp},
    },
};

use crate::config::Settings;

/// Where Twilio tells what became of a message.
const STATUS_PATH: &str = "/webhook/whatsapp/status";

/// Makes carriers of the settings.
pub struct Carriers {
    http: Http,
    clock: Clock,
    settings: Settings,
}

impl Carriers {
    pub fn new(http: &Http, settings: &Settings, clock: Clock) -> Self {
        Self {
            http: http.clone(),
            clock,
            settings: settings.clone(),
        }
    }

    fn bridge(&self, business_id: i64) -> Option<Baileys> {
        let whatsapp = &self.settings.whatsapp;
        let settings = baileys::Settings {
            base: whatsapp.bridge.clone(),
            secret: whatsapp.shared_secret.clone()?,
            business_id,
        };
        Some(Baileys::new(self.http.clone(), settings, self.clock.clone()))
    }

    fn twilio(&self) -> Option<TwilioWhatsApp> {
        let settings = twilio::Settings {
            base: self.settings.twilio.api_base.clone(),
            account_sid: self.settings.twilio.account_sid.clone()?,
            auth_token: self.settings.twilio.auth_token.clone()?,
            from: self.settings.whatsapp.twilio_from.clone(),
        };
        Some(TwilioWhatsApp::new(self.http.clone(), settings, self.clock.clone()))
    }

    fn meta(&self, account: &Account) -> Option<Meta> {
        let whatsapp = &self.settings.whatsapp;
        let own = account.meta_phone_number_id.clone();
        let settings = meta::Settings {
            base: whatsapp.meta_api_base.clone(),
            version: whatsapp.meta_api_version.clone(),
            phone_number_id: own.or_else(|| whatsapp.meta_phone_number_id.clone())?,
            token: whatsapp.meta_token.clone()?,
            number: account.number.clone(),
        };
        Some(Meta::new(self.http.clone(), settings))
    }
}

impl threads::Carriers for Carriers {
    fn open(&self, carrier: Carrier, account: &Account) -> Option<Arc<dyn WhatsApp>> {
        match carrier {
            Carrier::Baileys => Some(Arc::new(self.bridge(account.business_id?)?)),
            Carrier::Twilio => Some(Arc::new(self.twilio()?)),
            Carrier::Meta => Some(Arc::new(self.meta(account)?)),
        }
    }

    fn reader(&self, carrier: Carrier) -> Arc<dyn Reader> {
        let clock = self.clock.clone();
        match carrier {
            Carrier::Baileys => Arc::new(BaileysReader::new(clock)),
            Carrier::Twilio => Arc::new(TwilioReader::new(clock)),
            Carrier::Meta => Arc::new(MetaReader::new(clock)),
        }
    }

    fn link(&self, business: BusinessId) -> Option<Arc<dyn Link>> {
        Some(Arc::new(self.bridge(business.get())?))
    }
}

/// What the product is told.
pub fn app_settings(settings: &Settings) -> app::WhatsappSettings {
    let whatsapp = &settings.whatsapp;
    app::WhatsappSettings {
        preferred: whatsapp.preferred,
        priority: whatsapp.priority.clone(),
        enabled: whatsapp.enabled.clone(),
        twilio_from: whatsapp.twilio_from.clone(),
        meta_phone_number_id: whatsapp.meta_phone_number_id.clone(),
        meta_app_secret: whatsapp.meta_app_secret.clone(),
        meta_verify_token: whatsapp.meta_verify_token.clone(),
        shared_secret: whatsapp.shared_secret.clone(),
        status_callback: status_callback(settings),
        status_secret: whatsapp.status_secret.clone(),
        burst: whatsapp.burst,
    }
}

/// `None` without a public address.
fn status_callback(settings: &Settings) -> Option<String> {
    let base = settings.http.public_base_url.as_ref()?;
    let mut url: url::Url = format!("{base}{STATUS_PATH}").parse().ok()?;
    if let Some(secret) = &settings.whatsapp.status_secret {
        url.query_pairs_mut().append_pair("secret", secret.expose_secret());
    }
    Some(url.into())
}
