//! WhatsApp in the demo: the real bridge, linked to a stand-in of WhatsApp's servers and phones, and people who write by
//! each of the three ways.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::standins::{Running as StandIns, whatsapp_twilio};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin},
    time::{Instant, sleep},
};

use super::office::Office;
use crate::{
    bridge::{self, Beside, Bridge},
    config::Settings,
};

/// The phone that is linked.
const PHONE: &str = "+972525550100";
/// Linking goes through several connections, each encrypted.
const LINKED_WITHIN: Duration = Duration::from_secs(60);
const LIMIT: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Who writes to the linked phone: phone, name, texts.
const WRITERS: &[(&str, &str, &[&str])] = &[
    (
        "+972525550101",
        "רונית אברהם",
        &["היי, המטבח יצא מקסים!", "אפשר לקבוע מדידה גם לחדר האמבטיה?"],
    ),
    (
        "+972505550111",
        "יעל כץ",
        &["שלום, ראיתי את העבודות שלכם. אתם מגיעים גם לחיפה?"],
    ),
];

/// The settings of the server: Twilio and Meta by their stand-ins, and the bridge where there is one.
pub(super) fn variables(
    with_bridge: bool,
    folder: &Path,
    stand_in: &str,
    secret: String,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let meta = simulator::standins::Settings::default().meta;
    let bridge = super::free_address(0)?;
    Ok(vec![
        ("ENABLE_WA_BAILEYS", with_bridge.to_string()),
        ("WA_SHARED_SECRET", secret),
        ("WA_BAILEYS_PORT", bridge.port().to_string()),
        ("WA_SESSION_DIR", folder.join("whatsapp").display().to_string()),
        ("WA_SEND_INTERVAL_MS", "300".to_owned()),
        ("TWILIO_WA_FROM", whatsapp_twilio::NUMBER.to_owned()),
        ("META_API_BASE", format!("{stand_in}/graph")),
        ("META_WA_TOKEN", "stand-in".to_owned()),
        ("META_WA_PHONE_NUMBER_ID", meta.phone_number_id),
        ("META_APP_SECRET", meta.app_secret),
    ])
}

/// Somebody writes by Twilio, and somebody by Meta.
pub(super) async fn letters(stand_ins: &StandIns) -> anyhow::Result<()> {
    let http = simulator::http_client()?;
    for (carrier, from, name, text) in [
        ("twilio", "+972545550112", "משה לוי", "כמה עולה בערך להחליף שיש?"),
        ("meta", "+972535550113", "אורן שלו", "קיבלתי את ההצעה, מתי אפשר להתחיל?"),
    ] {
        let url = stand_ins.base.join(&format!("_whatsapp/{carrier}/inbound"))?;
        let letter = json!({ "from": from, "name": name, "text": text });
        let told = http.post(url).json(&letter).timeout(LIMIT).send().await?;
        told.error_for_status().context("the letter was not taken")?;
    }
    Ok(())
}

/// WhatsApp's servers and the phones of everybody, as a program beside this one.
pub(super) struct Web {
    _child: Child,
    _input: ChildStdin,
    addresses: Addresses,
    certificate: PathBuf,
    http: simulator::Http,
}

#[derive(Deserialize)]
struct Addresses {
    ws: String,
    control: String,
    media: String,
    cert_public_key: String,
}

impl Web {
    /// Of the bridge's folder; `data` takes its certificate.
    pub(super) async fn start(folder: &Path, data: &Path) -> anyhow::Result<Self> {
        let certificate = data.join("whatsapp-media.pem");
        let mut child = bridge::node(&folder.join("standin/main.mjs"))
            .args(["--port", "0", "--everyone", "--pre-keys", "100", "--media-certificate"])
            .arg(&certificate)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .context("node cannot be started")?;
        let input = child.stdin.take().context("no input")?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = tokio::time::timeout(LINKED_WITHIN, lines.next_line()).await??;
        let line = line.context("the stand-in of WhatsApp Web does not start")?;
        Ok(Self {
            _child: child,
            _input: input,
            addresses: serde_json::from_str(&line)?,
            certificate,
            http: simulator::http_client()?,
        })
    }

    /// The bridge of the same folder, which finds these servers instead of the real ones.
    pub(super) fn bridge(&self, folder: &Path, settings: &Settings, server: SocketAddr) -> anyhow::Result<Beside> {
        let bridge = Bridge::of(settings, folder, server)?.context("WhatsApp Web is off")?;
        Ok(bridge
            .with([
                ("LOG_LEVEL", "warn".to_owned()),
                ("NODE_EXTRA_CA_CERTS", self.certificate.display().to_string()),
                ("WA_WEB_SOCKET_URL", self.addresses.ws.clone()),
                ("WA_WEB_CERT_PUBLIC_KEY", self.addresses.cert_public_key.clone()),
                ("WA_WEB_MEDIA_URL", self.addresses.media.clone()),
            ])
            .keep_running())
    }

    /// Scans the code that the server shows; then people write to the phone.
    pub(super) async fn link(&self, office: &Office) -> anyhow::Result<()> {
        let qr = wait_for(office, "/api/whatsapp/qr", |answer| {
            answer["qr"].as_str().map(str::to_owned)
        });
        let scanned = json!({ "qr": qr.await?, "phone": PHONE, "name": "סטודיו נועה" });
        self.act("scan", &scanned).await?;
        wait_for(office, "/api/whatsapp/status", |answer| {
            (answer["connected"] == true).then_some(())
        })
        .await?;
        for (phone, name, texts) in WRITERS {
            let contact = json!({ "phone": phone, "name": name, "receipts": ["delivered", "read"] });
            self.act("put_contact", &contact).await?;
            for text in *texts {
                let letter = json!({ "business": PHONE, "from": phone, "text": text });
                self.act("write", &letter).await?;
            }
        }
        Ok(())
    }

    async fn act(&self, action: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/{action}", self.addresses.control);
        let answer = self.http.post(url).json(body).timeout(LINKED_WITHIN).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("{action}: {status} {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

/// Asks the server until its answer has what is looked for.
async fn wait_for<T>(office: &Office, path: &str, look: impl Fn(&Value) -> Option<T>) -> anyhow::Result<T> {
    let until = Instant::now() + LINKED_WITHIN;
    loop {
        let answer = office.get(path).await?.unwrap_or_default();
        if let Some(found) = look(&answer) {
            return Ok(found);
        }
        if Instant::now() > until {
            bail!("{path} has nothing yet: {answer}");
        }
        sleep(LOOK_AGAIN).await;
    }
}
