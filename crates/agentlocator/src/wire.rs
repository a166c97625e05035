//! The one place where everything is put together: settings become a database, engines, an [`App`] and a router.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use app::{App, AppState, Drain, api::listeners::Listeners};
use axum::Router;
use contracts::push::WebPush;
use kernel::Clock;
use platform::{
    bus::Bus,
    db::Db,
    http::{
        outgoing::{Outgoing, OutgoingSettings},
        server::{self, ConnectionLimits, Patience},
    },
    jobs::{Pulse, Runner, RunnerSettings},
    outbox::{Relay, RelaySettings},
    realtime::{Realtime, RealtimeSettings},
    storage::{S3Settings, Storage, StorageSettings},
    telemetry::{Metrics, Readers},
};
use providers::push::{Keys, Vapid};

use crate::{carriers, config::Settings, database, engines, layers, process};

/// A server that is ready to be served.
pub struct Server {
    pub app: AppState,
    pub router: Router,
    connections: ConnectionLimits,
    realtime: Realtime,
}

/// Connects, migrates, and builds the product.
pub async fn build(settings: &Settings, clock: Clock) -> anyhow::Result<Server> {
    let db = database::open(settings, clock.clone()).await?;
    app::accounts::businesses::model::ensure_first(&db, &settings.business_name).await?;
    warm_up();
    let http = engines::http()?;
    let app_settings = app_settings(settings)?;
    let outgoing = Outgoing::new(&OutgoingSettings {
        allow: settings.outbound_allow.clone(),
    })?;
    let push = web_push(settings, &db, &app_settings).await?;
    let bus = Bus::start(&db);
    let engines = engines::engines(&http, &settings.engines);
    let carriers = Arc::new(carriers::Carriers::new(&http, settings, clock.clone()));
    let whatsapp = app::threads::Whatsapp::new(carriers, app_settings.whatsapp.clone());
    let app = Arc::new(App {
        media: app::channels::voice::media::Media::new(engines.clone(), &bus),
        calls: app::calls::Calls::default(),
        voice: app::channels::voice::Voice::new(&app_settings),
        arrivals: app::channels::whatsapp::Arrivals::default(),
        whatsapp,
        settings: app_settings,
        clock,
        tokens: tokens(settings)?,
        bus,
        storage: storage(settings)?,
        engines,
        telephony: engines::telephony(&http, settings),
        mail: engines::mail(settings)?,
        seals: app::accounts::Seals::new(&settings.secrets()?.master_keys()),
        refusals: app::accounts::audit::Refusals::default(),
        outgoing,
        push,
        limits: Arc::new(layers::limits(settings)),
        metrics: Metrics::start(readers(settings))?,
        jobs_pulse: Pulse::default(),
        drain: Drain::default(),
        setup: app::accounts::setup::SetupDoor::default(),
        db,
    });
    let realtime = Realtime::start(
        &app.db,
        &app.bus,
        Arc::new(Listeners(app.clone())),
        RealtimeSettings::new(layers::origins(settings), Arc::clone(&app.limits)),
    );
    let router = layers::around(app::api::router(app.clone()), settings, &realtime, &app.limits);
    Ok(Server {
        app,
        router,
        connections: ConnectionLimits::within(process::open_files(), layers::trust(settings)),
        realtime,
    })
}

/// In production numbers are not for everybody.
fn readers(settings: &Settings) -> Readers {
    match &settings.metrics_token {
        Some(token) => Readers::Bearer(token.clone()),
        None if settings.env.is_production() => Readers::Nobody,
        None => Readers::Anyone,
    }
}

/// Web push under the keys that the settings give, or else those that the database keeps.
async fn web_push(settings: &Settings, db: &Db, app: &app::Settings) -> anyhow::Result<Arc<dyn WebPush>> {
    let private = match &settings.vapid.private_key {
        Some(given) => given.clone(),
        None => app::notifications::push::keys::kept(db, &app.secret_key, Keys::generate).await?,
    };
    let keys = Keys::read(&private, settings.vapid.public_key.as_deref())?;
    // Some push services take no other kind of address.
    let contact = app
        .public_base_url
        .as_ref()
        .filter(|base| base.scheme() == "https")
        .map_or_else(
            || "mailto:webmaster@localhost.localdomain".to_owned(),
            ToString::to_string,
        );
    Ok(Arc::new(Vapid::new(keys, contact)))
}

/// Where files are kept, as the settings say.
pub fn storage(settings: &Settings) -> anyhow::Result<Storage> {
    Ok(Storage::open(&storage_settings(settings))?)
}

fn storage_settings(settings: &Settings) -> StorageSettings {
    match &settings.storage.s3 {
        None => StorageSettings::Directory(settings.storage.data_dir.join("files")),
        Some(s3) => StorageSettings::S3(S3Settings {
            bucket: s3.bucket.clone(),
            region: s3.region.clone(),
            endpoint: s3.endpoint.as_ref().map(ToString::to_string),
            access_key_id: s3.access_key_id.clone(),
            secret_access_key: s3.secret_access_key.clone(),
            prefix: None,
        }),
    }
}

fn tokens(settings: &Settings) -> anyhow::Result<app::accounts::sessions::tokens::Tokens> {
    let secrets = settings.secrets()?;
    Ok(app::accounts::sessions::tokens::Tokens::new(
        &secrets.jwt_secret,
        secrets.jwt_secret_previous.as_ref(),
    ))
}

fn app_settings(settings: &Settings) -> anyhow::Result<app::Settings> {
    let secrets = settings.secrets()?;
    Ok(app::Settings {
        production: settings.env.is_production(),
        public_base_url: settings
            .http
            .public_base_url
            .as_ref()
            .map(|origin| origin.as_str().parse())
            .transpose()?,
        trust_proxy: !matches!(settings.http.trust_proxy, crate::config::TrustProxy::No),
        secret_key: secrets.secret_key,
        data_dir: settings.storage.data_dir.clone(),
        version: app::Version {
            git_commit: settings.version.git_commit.clone(),
            build_time: settings.version.build_time.clone(),
            deploy_id: settings.version.deploy_id.clone().unwrap_or_default(),
        },
        voice: app::VoiceSettings {
            call_mode: settings.voice.call_mode.as_str().to_owned(),
            max_concurrent_calls: settings.voice.max_concurrent_calls,
            drain: settings.drain,
            twilio_account_sid: settings.twilio.account_sid.clone(),
            twilio_auth_token: settings.twilio.auth_token.clone(),
            twilio_api_base: settings.twilio.api_base.clone(),
        },
        whatsapp: carriers::app_settings(settings),
    })
}

/// A server that answers on an address, until it is told to stop.
pub struct Running {
    pub app: AppState,
    pub address: SocketAddr,
    jobs: platform::jobs::Running,
    relay: Relay,
    /// What runs beside the requests: calls, alarms.
    beside: tokio::task::JoinSet<()>,
    realtime: Realtime,
    stop: tokio_util::sync::CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Answers on `address`; port 0 takes a free one.
    pub async fn listen(self, address: SocketAddr) -> anyhow::Result<Running> {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} can not be listened on"))?;
        let address = listener.local_addr()?;
        let stop = tokio_util::sync::CancellationToken::new();
        let served = server::serve(
            listener,
            self.router,
            self.connections,
            Patience::default(),
            stop.clone(),
        );
        let served = tokio::spawn(served);
        let db = self.app.db.clone();
        Ok(Running {
            relay: Relay::start(db.clone(), self.app.bus.clone(), RelaySettings::default()),
            beside: app::background(&self.app),
            jobs: Runner::new(db, self.app.clone(), app::jobs(), RunnerSettings::default())
                .with_pulse(self.app.jobs_pulse.clone())
                .start(),
            app: self.app,
            realtime: self.realtime,
            address,
            stop,
            served,
        })
    }
}

impl Running {
    /// Stops answering and working; requests and jobs that run are finished, within `limit` each.
    pub async fn stop(self, limit: Duration) -> anyhow::Result<()> {
        if self.app.drain.is_draining() {
            // Running calls still need the webhooks.
            self.app.media.drain(self.app.settings.voice.drain).await;
        }
        self.realtime.close().await;
        self.stop.cancel();
        if let Ok(served) = tokio::time::timeout(limit, self.served).await {
            served?;
        } else {
            tracing::warn!("some requests did not finish in time");
        }
        self.jobs.stop(limit).await;
        drop(self.beside);
        drop(self.relay);
        self.app.bus.close();
        Ok(())
    }
}

/// The numbering plans are parsed when a phone is first read; no caller waits for that.
fn warm_up() {
    drop(kernel::Phone::parse("+972501234567"));
}
