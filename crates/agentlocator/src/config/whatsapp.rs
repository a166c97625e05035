//! The settings of WhatsApp: which carriers are on, and what each needs.

use std::{path::PathBuf, time::Duration};

use contracts::whatsapp::Carrier;
use kernel::{ExposeSecret, Phone};
use url::Url;

use super::{AppEnv, TwilioSettings, WhatsappSettings, build::Reader, secrets::weakness, value};

const CARRIERS: &[(&str, Carrier)] = &[
    ("baileys", Carrier::Baileys),
    ("twilio", Carrier::Twilio),
    ("meta", Carrier::Meta),
];
const NAMES: &[&str] = &["baileys", "twilio", "meta"];

impl Reader<'_> {
    pub(super) fn whatsapp(
        &mut self,
        env: Option<AppEnv>,
        twilio: Option<&TwilioSettings>,
    ) -> Option<WhatsappSettings> {
        let preferred = self.maybe("WHATSAPP_PROVIDER", value::word(CARRIERS));
        let priority = self.value("WA_PROVIDER_PRIORITY", value::order(NAMES));
        let twilio_from = self.maybe("TWILIO_WA_FROM", phone);
        let port = self.value("WA_BAILEYS_PORT", value::port);
        let burst = self.value("WA_BURST_MS", value::number(0, 60_000));
        let send_interval = self.value("WA_SEND_INTERVAL_MS", value::number(0, 600_000));
        let meta_api_base = self.value("META_API_BASE", value::base_url);
        let mut settings = WhatsappSettings {
            preferred,
            priority: priority?.iter().filter_map(|name| name.parse().ok()).collect(),
            enabled: Vec::new(),
            twilio_from,
            status_secret: self.secret("TWILIO_STATUS_CALLBACK_SECRET"),
            bridge: bridge(port?)?,
            session_dir: PathBuf::from(self.text("WA_SESSION_DIR")),
            send_interval: Duration::from_millis(send_interval?),
            shared_secret: self.secret("WA_SHARED_SECRET"),
            meta_token: self.secret("META_WA_TOKEN"),
            meta_phone_number_id: self.given("META_WA_PHONE_NUMBER_ID"),
            meta_app_secret: self.secret("META_APP_SECRET"),
            meta_verify_token: self.secret("META_VERIFY_TOKEN"),
            meta_api_base: meta_api_base?,
            meta_api_version: self.text("META_API_VERSION"),
            burst: Duration::from_millis(burst?),
        };
        settings.enabled = self.enabled(&settings, twilio);
        self.needed(env, &settings);
        Some(settings)
    }

    /// A carrier is on when it is said to be, or when it has what it needs and nothing is said.
    fn enabled(&mut self, settings: &WhatsappSettings, twilio: Option<&TwilioSettings>) -> Vec<Carrier> {
        let account = twilio.is_some_and(|twilio| twilio.account_sid.is_some() && twilio.auth_token.is_some());
        let usual = [
            (Carrier::Baileys, "ENABLE_WA_BAILEYS", settings.shared_secret.is_some()),
            (
                Carrier::Twilio,
                "ENABLE_WA_TWILIO",
                account && settings.twilio_from.is_some(),
            ),
            (
                Carrier::Meta,
                "ENABLE_WA_META",
                settings.meta_token.is_some() && settings.meta_phone_number_id.is_some(),
            ),
        ];
        let said = usual.map(|(carrier, name, usual)| (carrier, self.maybe(name, flag).unwrap_or(usual)));
        said.into_iter()
            .filter(|(_, on)| *on)
            .map(|(carrier, _)| carrier)
            .collect()
    }

    /// What a carrier that is on can not do without in production.
    fn needed(&mut self, env: Option<AppEnv>, settings: &WhatsappSettings) {
        if !env.is_some_and(AppEnv::is_production) {
            return;
        }
        let on = |carrier| settings.enabled.contains(&carrier);
        if on(Carrier::Twilio) && settings.twilio_from.is_none() {
            self.report.add(
                "TWILIO_WA_FROM",
                "is required in production while ENABLE_WA_TWILIO is on",
            );
        }
        match &settings.shared_secret {
            None if on(Carrier::Baileys) => {
                self.report.add(
                    "WA_SHARED_SECRET",
                    "is required in production while ENABLE_WA_BAILEYS is on",
                );
            }
            Some(secret) => {
                if let Some(why) = weakness(secret.expose_secret()) {
                    self.report.add("WA_SHARED_SECRET", format!("is too weak: {why}"));
                }
            }
            None => {}
        }
        if on(Carrier::Meta) && settings.meta_app_secret.is_none() {
            self.report.add(
                "META_APP_SECRET",
                "is required in production while ENABLE_WA_META is on",
            );
        }
    }
}

fn phone(text: &str) -> Result<Phone, String> {
    Phone::parse(text).map_err(|_| "must be a phone number such as whatsapp:+972501234567".to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn bridge(port: u16) -> Option<Url> {
    format!("http://127.0.0.1:{port}").parse().ok()
}
