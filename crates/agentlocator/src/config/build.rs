//! From variables to [`Settings`]: every value is read before anything is refused, so that one report tells it all.

use std::{net::IpAddr, path::PathBuf};

use kernel::{ExposeSecret, SecretString};
use url::Url;

use super::{
    AppEnv, DatabaseSettings, EngineSettings, GivenSecrets, HttpSettings, LogSettings, MailSettings, ModelSettings,
    OriginRule, Rate, RateSettings, Report, S3Settings, Settings, SqliteSynchronous, StorageSettings, TrustProxy,
    TwilioSettings, VapidSettings, Variables, VersionSettings, VoiceSettings,
    secrets::weakness,
    table::{self, Entry},
    value,
};

/// Engines that a list may name. `google` may stand there already; it is left out with a note.
const STT: &[&str] = &["google", "openai"];
const LLM: &[&str] = &["openai", "scripted"];
const TTS: &[&str] = &["google", "openai", "gtts", "espeak"];
const NOT_IN_THIS_VERSION: &[&str] = &["google"];

pub fn settings(variables: &Variables) -> Result<Settings, Report> {
    let mut reader = Reader {
        variables,
        report: Report::default(),
        notes: Vec::new(),
    };
    let built = reader.settings();
    match built {
        Some(settings) if reader.report.is_empty() => Ok(Settings {
            notes: reader.notes,
            ..settings
        }),
        _ => Err(reader.report),
    }
}

pub(super) struct Reader<'a> {
    variables: &'a Variables,
    pub(super) report: Report,
    pub(super) notes: Vec<String>,
}

impl Reader<'_> {
    fn settings(&mut self) -> Option<Settings> {
        let env = self.value("APP_ENV", value::app_env);
        self.production_has_all(env);
        self.misspelt();
        let http = self.http(env);
        let database = self.database();
        let storage = self.storage();
        let secrets = self.secrets(env);
        let twilio = self.twilio(env);
        let whatsapp = self.whatsapp(env, twilio.as_ref());
        let mail = self.mail();
        let voice = self.voice();
        let engines = self.engines();
        let rates = self.rates(env);
        let outbound_allow = self.maybe("OUTBOUND_ALLOW", value::targets).unwrap_or_default();
        let vapid = self.vapid();
        let logs = self.logs();
        let drain = self.value("DRAIN_SECONDS", value::number(0, 86_400));
        let version = self.version();
        self.unsupported();
        Some(Settings {
            env: env?,
            http: http?,
            database: database?,
            storage,
            secrets,
            twilio: twilio?,
            whatsapp: whatsapp?,
            mail,
            voice: voice?,
            engines: engines?,
            outbound_allow,
            vapid,
            rates: rates?,
            logs: logs?,
            metrics_token: self.secret("METRICS_TOKEN"),
            version,
            business_name: self.text("BUSINESS_NAME"),
            drain: std::time::Duration::from_secs(drain?),
            notes: Vec::new(),
        })
    }

    fn http(&mut self, env: Option<AppEnv>) -> Option<HttpSettings> {
        let production = env.is_some_and(AppEnv::is_production);
        let bind = if production { [0, 0, 0, 0] } else { [127, 0, 0, 1] };
        let bind = self.maybe("BIND", value::address).unwrap_or(IpAddr::from(bind));
        let port = self.value("PORT", value::port);
        let public_base_url = self.maybe("PUBLIC_BASE_URL", value::origin);
        let cors = self.maybe("CORS_ORIGINS", value::origin_rules).unwrap_or_default();
        if production && cors.iter().any(|rule| matches!(rule, OriginRule::Any)) {
            self.report
                .add("CORS_ORIGINS", "* alone is refused in production; name the origins");
        }
        let trust_proxy = self.maybe("TRUST_PROXY", value::trust_proxy);
        Some(HttpSettings {
            bind,
            port: port?,
            public_base_url,
            cors,
            trust_proxy: trust_proxy.unwrap_or(TrustProxy::No),
        })
    }

    fn database(&mut self) -> Option<DatabaseSettings> {
        let url = self.value("DATABASE_URL", value::database_url);
        let synchronous = self.value(
            "SQLITE_SYNCHRONOUS",
            value::word(&[("full", SqliteSynchronous::Full), ("normal", SqliteSynchronous::Normal)]),
        );
        let slow = self.value("DB_SLOW_MS", value::milliseconds);
        Some(DatabaseSettings {
            url: url?,
            synchronous: synchronous?,
            slow: slow?,
        })
    }

    fn storage(&mut self) -> StorageSettings {
        StorageSettings {
            data_dir: PathBuf::from(self.text("DATA_DIR")),
            s3: self.s3(),
        }
    }

    /// All or nothing: half a bucket is a mistake.
    fn s3(&mut self) -> Option<S3Settings> {
        let endpoint = self.maybe("S3_ENDPOINT", value::base_url);
        let bucket = self.given("S3_BUCKET");
        let access_key_id = self.given("S3_ACCESS_KEY_ID");
        let secret_access_key = self.secret("S3_SECRET_ACCESS_KEY");
        let needed = [
            ("S3_BUCKET", bucket.is_some()),
            ("S3_ACCESS_KEY_ID", access_key_id.is_some()),
            ("S3_SECRET_ACCESS_KEY", secret_access_key.is_some()),
        ];
        if endpoint.is_some() || needed.iter().any(|(_, given)| *given) {
            for (name, _) in needed.into_iter().filter(|(_, given)| !given) {
                self.report.add(name, "is missing, while other S3_ settings are there");
            }
        }
        Some(S3Settings {
            bucket: bucket?,
            region: self.text("S3_REGION"),
            endpoint,
            access_key_id: access_key_id?,
            secret_access_key: secret_access_key?,
        })
    }

    fn secrets(&mut self, env: Option<AppEnv>) -> GivenSecrets {
        let secrets = GivenSecrets {
            secret_key: self.secret("SECRET_KEY"),
            secret_key_previous: self.previous_keys(),
            jwt_secret: self.secret("JWT_SECRET"),
            jwt_secret_previous: self.secret("JWT_SECRET_PREVIOUS"),
        };
        if !env.is_some_and(AppEnv::is_production) {
            return secrets;
        }
        for (name, secret) in [("SECRET_KEY", &secrets.secret_key), ("JWT_SECRET", &secrets.jwt_secret)] {
            if let Some(why) = secret.as_ref().and_then(|secret| weakness(secret.expose_secret())) {
                self.report.add(name, format!("is too weak: {why}"));
            }
        }
        if let (Some(key), Some(jwt)) = (&secrets.secret_key, &secrets.jwt_secret)
            && key.expose_secret() == jwt.expose_secret()
        {
            self.report.add("JWT_SECRET", "must be another than SECRET_KEY");
        }
        secrets
    }

    fn vapid(&mut self) -> VapidSettings {
        let vapid = VapidSettings {
            public_key: self.given("VAPID_PUBLIC_KEY"),
            private_key: self.secret("VAPID_PRIVATE_KEY"),
        };
        if vapid.public_key.is_some() && vapid.private_key.is_none() {
            self.report
                .add("VAPID_PRIVATE_KEY", "is missing, while VAPID_PUBLIC_KEY is there");
        }
        vapid
    }

    fn twilio(&mut self, env: Option<AppEnv>) -> Option<TwilioSettings> {
        let account_sid = self.given("TWILIO_ACCOUNT_SID");
        if account_sid.as_ref().is_some_and(|sid| !sid.starts_with("AC")) {
            self.notes.push(
                "TWILIO_ACCOUNT_SID does not begin with AC: is it a key's sid instead of the account's?".to_owned(),
            );
        }
        let auth_token = self.secret("TWILIO_AUTH_TOKEN");
        if auth_token.is_none() && !env.is_some_and(AppEnv::is_production) {
            self.notes.push(
                "TWILIO_AUTH_TOKEN is not set: webhooks are accepted without a signature (development only)".to_owned(),
            );
        }
        let api_base = self.value("TWILIO_API_BASE", value::base_url);
        Some(TwilioSettings {
            account_sid,
            auth_token,
            api_base: api_base?,
        })
    }

    fn previous_keys(&self) -> Vec<SecretString> {
        self.given("SECRET_KEY_PREVIOUS")
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(SecretString::from)
            .collect()
    }

    /// Both or neither.
    fn mail(&mut self) -> Option<MailSettings> {
        let server = self.maybe("SMTP_URL", providers::mail::smtp::Server::parse);
        let from = self.maybe("MAIL_FROM", |text| {
            providers::mail::smtp::sender(text).map(|_| text.to_owned())
        });
        let given = [self.given("SMTP_URL").is_some(), self.given("MAIL_FROM").is_some()];
        match given {
            [true, false] => self.report.add("MAIL_FROM", "is missing, while SMTP_URL is there"),
            [false, true] => self.report.add("SMTP_URL", "is missing, while MAIL_FROM is there"),
            _ => {}
        }
        Some(MailSettings {
            server: server?,
            from: from?,
        })
    }

    fn voice(&mut self) -> Option<VoiceSettings> {
        let call_mode = self.value("CALL_MODE", value::word(value::CALL_MODES));
        let calls = self.value("MAX_CONCURRENT_CALLS", value::number(1, 100_000));
        Some(VoiceSettings {
            call_mode: call_mode?,
            max_concurrent_calls: usize::try_from(calls?).ok()?,
        })
    }

    fn engines(&mut self) -> Option<EngineSettings> {
        let openai_api_key = self.secret("OPENAI_API_KEY");
        let shared = self.value("OPENAI_BASE_URL", value::base_url);
        let has_key = openai_api_key.is_some();
        let stt = self.model("STT_BASE_URL", "STT_MODEL", shared.as_ref(), has_key);
        let llm = self.model("LLM_BASE_URL", "LLM_MODEL", shared.as_ref(), has_key);
        let tts = self.model("TTS_BASE_URL", "TTS_MODEL", shared.as_ref(), has_key);
        let gtts_base_url = self.value("GTTS_BASE_URL", value::base_url);
        let stt_order = self.order("STT_ORDER", STT, None);
        let llm_order = self.order("LLM_ORDER", LLM, Some("scripted"));
        let tts_order = self.order("TTS_ORDER", TTS, Some("espeak"));
        Some(EngineSettings {
            openai_api_key,
            stt: stt?,
            llm: llm?,
            tts: tts?,
            tts_voice: self.text("TTS_VOICE"),
            gtts_base_url: gtts_base_url?,
            stt_order: stt_order?,
            llm_order: llm_order?,
            tts_order: tts_order?,
        })
    }

    fn model(
        &mut self,
        own: &'static str,
        model: &'static str,
        shared: Option<&Url>,
        has_key: bool,
    ) -> Option<ModelSettings> {
        let own_base = self.maybe(own, value::base_url);
        let elsewhere = own_base.is_some() || self.given("OPENAI_BASE_URL").is_some();
        Some(ModelSettings {
            base_url: own_base.or_else(|| shared.cloned())?,
            model: self.text(model),
            usable: has_key || elsewhere,
        })
    }

    /// A list of engines; the embedded one, which needs nothing, always ends it.
    fn order(
        &mut self,
        name: &'static str,
        known: &'static [&'static str],
        embedded: Option<&str>,
    ) -> Option<Vec<String>> {
        let mut order = self.value(name, value::order(known))?;
        let named = self.given(name).is_some();
        order.retain(|engine| {
            let here = !NOT_IN_THIS_VERSION.contains(&engine.as_str());
            if !here && named {
                self.notes.push(format!(
                    "{name} names {engine}, which this version does not have; it is left out"
                ));
            }
            here
        });
        if let Some(embedded) = embedded {
            order.retain(|engine| engine != embedded);
            order.push(embedded.to_owned());
        }
        Some(order)
    }

    fn rates(&mut self, env: Option<AppEnv>) -> Option<RateSettings> {
        let auth = self.value("RATE_AUTH", value::rate);
        let send = self.value("RATE_SEND", value::rate);
        let api = self.value("RATE_API", value::rate);
        let unverified = self.maybe("RATE_WEBHOOK_UNVERIFIED", value::rate);
        let verified = self.value("RATE_WEBHOOK_VERIFIED", value::rate);
        if env.is_some_and(AppEnv::is_production) {
            for (name, rate) in [
                ("RATE_AUTH", auth),
                ("RATE_SEND", send),
                ("RATE_API", api),
                ("RATE_WEBHOOK_UNVERIFIED", unverified),
                ("RATE_WEBHOOK_VERIFIED", verified),
            ] {
                if rate == Some(Rate::Off) {
                    self.report.add(name, "off is refused in production");
                }
            }
        }
        Some(RateSettings {
            auth: auth?,
            send: send?,
            api: api?,
            webhook_unverified: unverified,
            webhook_verified: verified?,
        })
    }

    fn logs(&mut self) -> Option<LogSettings> {
        let filter = self.value("LOG_LEVEL", value::log_filter);
        let format = self.value("LOG_FORMAT", value::word(value::LOG_FORMATS));
        let dir = self.given("LOG_DIR").map(PathBuf::from);
        Some(LogSettings {
            filter: filter?,
            format: format?,
            dir,
        })
    }

    fn version(&self) -> VersionSettings {
        let built = |given: Option<&'static str>| given.unwrap_or("unknown").to_owned();
        VersionSettings {
            git_commit: self
                .given("GIT_COMMIT")
                .unwrap_or_else(|| built(option_env!("AGENTLOCATOR_GIT_COMMIT"))),
            build_time: self
                .given("BUILD_TIME")
                .unwrap_or_else(|| built(option_env!("AGENTLOCATOR_BUILD_TIME"))),
            deploy_id: self.given("DEPLOY_ID"),
        }
    }

    fn production_has_all(&mut self, env: Option<AppEnv>) {
        if !env.is_some_and(AppEnv::is_production) {
            return;
        }
        for entry in table::entries().filter(|entry| entry.production) {
            if self.variables.get(entry).is_none() {
                self.report
                    .add(entry.name, format!("is required in production. {}", entry.meaning));
            }
        }
    }

    /// A misspelt name stops the start when the setting that was meant is not set; otherwise it is only told.
    fn misspelt(&mut self) {
        for (name, meant) in self.variables.lookalikes() {
            let what = format!("is not a setting; did you mean {}?", meant.name);
            if self.variables.get(meant).is_none() {
                self.report.add(name, what);
            } else {
                self.notes.push(format!("{name} {what}"));
            }
        }
    }

    fn unsupported(&mut self) {
        if self.given("STORAGE_KEY").is_some() {
            self.report.add(
                "STORAGE_KEY",
                "encryption of stored audio is not supported yet; remove it to start without",
            );
        }
        if self.given("REDIS_URL").is_some() {
            self.notes
                .push("REDIS_URL is set and not used: events between processes travel through PostgreSQL".to_owned());
        }
    }

    /// The value or, if unset, the default of the table; `None` when it was refused.
    pub(super) fn value<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let entry = find(name)?;
        let (called, text) = self.variables.get(entry).unwrap_or((name, entry.default));
        self.refuse(called, read(text))
    }

    /// `None` when unset, and when refused: then the report has it and nothing is built.
    pub(super) fn maybe<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let (called, text) = self.variables.get(find(name)?)?;
        self.refuse(called, read(&with_scheme(called, text)))
    }

    /// Any text, or the default.
    pub(super) fn text(&self, name: &'static str) -> String {
        let default = || find(name).map_or("", |entry| entry.default).to_owned();
        self.given(name).unwrap_or_else(default)
    }

    fn refuse<T>(&mut self, called: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.report.add(called, why)).ok()
    }

    pub(super) fn given(&self, name: &'static str) -> Option<String> {
        let (_, text) = self.variables.get(find(name)?)?;
        Some(text.to_owned())
    }

    pub(super) fn secret(&self, name: &'static str) -> Option<SecretString> {
        self.given(name).map(SecretString::from)
    }
}

/// `PUBLIC_HOST` is often a bare host name.
fn with_scheme(called: &str, text: &str) -> String {
    if called == "PUBLIC_HOST" && !text.contains("://") {
        format!("https://{text}")
    } else {
        text.to_owned()
    }
}

fn find(name: &'static str) -> Option<&'static Entry> {
    table::entries().find(|entry| entry.name == name)
}
