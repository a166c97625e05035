//! The programs around the server: WhatsApp's stand-in, and the bridge where nobody else starts it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Client, Database, eventually};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::process::{Machine, Server, free_port};

/// The business's phone, and a customer's.
pub const OWNER: &str = "+972521111111";
pub const DANA: &str = "+972501234567";
const SECRET: &str = "a secret between the two of us, long enough";

/// Where the bridge lies.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../baileys-bridge");
    assert!(
        folder.join("node_modules/baileys").is_dir(),
        "the bridge's packages are missing: scripts/npm baileys-bridge"
    );
    folder
}

fn node(script: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(folder().join(script))
        .arg("--until-stdin-ends")
        .env_clear()
        .envs(
            ["PATH", "HOME"]
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .stdin(Stdio::piped())
        .kill_on_drop(true);
    node
}

/// A machine with the server, WhatsApp's stand-in beside it, and the port on which the bridge answers.
pub struct World {
    pub machine: Machine,
    pub server_port: u16,
    bridge_port: u16,
    control: String,
    /// What the bridge is told of the stand-in.
    pub stand_in: Vec<(&'static str, String)>,
    http: reqwest::Client,
    dir: TempDir,
    _whatsapp: Child,
}

impl World {
    /// `None` when the database is not there to test with.
    pub async fn new(kind: Database) -> Option<Self> {
        Self::with(kind, Vec::new()).await
    }

    /// With more settings of the server.
    pub async fn with(kind: Database, more: Vec<(&'static str, String)>) -> Option<Self> {
        let dir = TempDir::with_prefix("agentlocator-bridge-").expect("a directory");
        let bridge_port = free_port();
        let mut settings = vec![
            ("WA_SHARED_SECRET", SECRET.to_owned()),
            ("WA_BAILEYS_PORT", bridge_port.to_string()),
            ("WA_SESSION_DIR", dir.path().join("session").display().to_string()),
            ("WA_SEND_INTERVAL_MS", "0".to_owned()),
            ("WA_BURST_MS", "0".to_owned()),
            ("RATE_SEND", "off".to_owned()),
        ];
        settings.extend(more);
        let machine = Machine::new(kind, settings).await?;
        let certificate = dir.path().join("media.pem");
        let mut whatsapp = node("standin/main.mjs")
            .args(["--pre-keys", "100", "--media-certificate"])
            .arg(&certificate)
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let mut lines = BufReader::new(whatsapp.stdout.take().expect("an output")).lines();
        let line = lines.next_line().await.expect("an output").expect("a line");
        let at: Value = serde_json::from_str(&line).expect("addresses");
        let text = |name: &str| at[name].as_str().expect("an address").to_owned();
        Some(Self {
            machine,
            server_port: free_port(),
            bridge_port,
            control: text("control"),
            stand_in: vec![
                ("WA_WEB_SOCKET_URL", text("ws")),
                ("WA_WEB_CERT_PUBLIC_KEY", text("cert_public_key")),
                ("WA_WEB_MEDIA_URL", text("media")),
                ("NODE_EXTRA_CA_CERTS", certificate.display().to_string()),
            ],
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            dir,
            _whatsapp: whatsapp,
        })
    }

    /// An action of the stand-in's control interface.
    pub async fn act(&self, action: &str, body: Value) -> Value {
        let url = format!("{}/{action}", self.control);
        let answer = self.http.post(url).json(&body).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{action}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub async fn server(&self) -> Server {
        self.machine.start(self.server_port).await
    }

    /// The bridge as a program of its own.
    pub async fn bridge(&self) -> Child {
        let bridge = node("src/main.mjs")
            .envs(self.stand_in.clone())
            .envs([
                ("APP_ENV", "testing".to_owned()),
                ("LOG_LEVEL", "error".to_owned()),
                ("WA_SHARED_SECRET", SECRET.to_owned()),
                ("WA_BAILEYS_PORT", self.bridge_port.to_string()),
                ("WA_SESSION_DIR", self.dir.path().join("session").display().to_string()),
                ("WA_SEND_INTERVAL_MS", "0".to_owned()),
                ("SERVER_URL", format!("http://127.0.0.1:{}", self.server_port)),
            ])
            .stdout(Stdio::null())
            .spawn()
            .expect("node");
        self.bridge_answers().await;
        bridge
    }

    pub async fn bridge_answers(&self) {
        eventually("a bridge that answers", || async {
            let health = format!("http://127.0.0.1:{}/health", self.bridge_port);
            self.http.get(health).send().await.ok().map(drop)
        })
        .await;
    }

    /// Scans the code that the server shows with the business's phone.
    pub async fn link(&self, owner: &Client) {
        let qr = eventually("a code to scan", || async {
            owner.get("/api/whatsapp/qr").await.ok()["qr"]
                .as_str()
                .map(str::to_owned)
        });
        let scanned = json!({ "qr": qr.await, "phone": OWNER, "name": "העסק" });
        self.act("scan", scanned).await;
        connected(owner).await;
    }

    /// Dana writes.
    pub async fn write(&self, text: &str) {
        self.act("write", json!({ "business": OWNER, "from": DANA, "text": text }))
            .await;
    }

    /// What reached WhatsApp from the business.
    pub async fn reached(&self) -> Vec<Value> {
        let sent = self.act("messages", json!({ "business": OWNER })).await;
        sent["messages"].as_array().expect("messages").clone()
    }
}

pub async fn connected(owner: &Client) {
    eventually("a linked phone", || async {
        let status = owner.get("/api/whatsapp/status").await.ok();
        (status["provider"] == "baileys" && status["connected"] == true).then_some(())
    })
    .await;
}

/// The conversation with Dana, once there is one.
pub async fn thread(owner: &Client) -> i64 {
    eventually("a conversation", || async {
        let found = owner.get("/api/crm/threads?q=501234567").await.ok();
        found["results"][0]["id"].as_i64()
    })
    .await
}

/// Every message of the conversation.
pub async fn messages(owner: &Client, thread: i64) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/crm/threads/{thread}/messages?limit=100{cursor}");
        let page = owner.get(&path).await.ok();
        all.extend(page["results"].as_array().expect("messages").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
