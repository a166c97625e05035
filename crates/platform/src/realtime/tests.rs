use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
};

use axum::{Router, routing::get};
use futures::{SinkExt, StreamExt};
use kernel::Clock;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Command},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::*;
use crate::{
    bus::Revocation,
    http::{rate_limit::RateSettings, security::OriginSettings},
    outbox::{Event, Relay, RelaySettings, Room},
    test_databases::{self, TestDatabase, person},
};

/// Tokens are `business/user/session`; call 7 is business 1's.
#[derive(Default)]
struct Book {
    ended: Mutex<HashSet<i64>>,
}

#[async_trait]
impl Authenticator for Book {
    async fn authenticate(&self, headers: &HeaderMap, token: Option<&str>) -> Option<Identity> {
        let cookie = headers.get("cookie").and_then(|value| value.to_str().ok());
        let token = cookie
            .and_then(|cookie| cookie.strip_prefix("access_token="))
            .or(token)?;
        let mut parts = token.split('/').map(|part| part.parse::<i64>().ok());
        Some(Identity {
            business: parts.next()??.into(),
            user: parts.next()??.into(),
            session: parts.next()??,
            acts: token.ends_with("/acts"),
            sees_all: !token.ends_with("/part"),
        })
    }

    async fn hearers(&self, _: BusinessId, payload: &Value) -> Hearers {
        match payload["owner_id"].as_i64() {
            Some(owner) => Hearers::Only(vec![owner.into()]),
            None => Hearers::Everyone,
        }
    }

    async fn may_follow(&self, identity: &Identity, call: CallId) -> bool {
        identity.business.get() == 1 && call.get() == 7
    }

    async fn no_longer(&self, identities: &[Identity]) -> Vec<(Identity, Leaves)> {
        let ended = self.ended.lock().expect("the book");
        identities
            .iter()
            .filter(|identity| ended.contains(&identity.session))
            .map(|identity| (identity.clone(), Leaves::Ended))
            .collect()
    }
}

/// A server process.
struct Process {
    address: String,
    bus: Bus,
    book: Arc<Book>,
    _relay: Relay,
    _realtime: Realtime,
}

async fn process(db: Db) -> Process {
    let bus = Bus::start(&db);
    let mut heard = bus.listen();
    if db.is_postgres() {
        heard.recv().await.expect("connected");
    }
    let book = Arc::new(Book::default());
    let origins = Origins::new(OriginSettings {
        public: Some("https://calls.example.com".to_owned()),
        ..OriginSettings::default()
    });
    let settings = RealtimeSettings {
        check: Duration::from_millis(200),
        ..RealtimeSettings::new(origins.clone(), Arc::new(RateLimits::new(&RateSettings::default())))
    };
    let realtime = Realtime::start(&db, &bus, Arc::<Book>::clone(&book), settings);
    let media = get(async |upgrade: axum::extract::WebSocketUpgrade| {
        upgrade.on_upgrade(async |mut socket| {
            socket.send("media".into()).await.ok();
        })
    });
    let rest = Router::new()
        .route("/ws/twilio-media", media)
        .route("/ping", get(async || "pong"));
    let router = realtime.mount(rest, &origins.cors());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Process {
        address,
        _relay: Relay::start(db, bus.clone(), RelaySettings::default()),
        bus,
        book,
        _realtime: realtime,
    }
}

async fn emit(database: &TestDatabase, room: Room, name: &'static str) {
    let tx = database.db.write(&person(1, 1)).await.expect("a transaction");
    let payload = json!({ "call_id": 7 });
    tx.emit(Event { room, name, payload }).await.expect("an event");
    tx.commit().await.expect("committed");
}

/// A client of a few lines that speaks the protocol by hand.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn open(process: &Process, path: &str, headers: &[(&'static str, &'static str)]) -> Result<Self, u16> {
        let url = format!("ws://{}{path}", process.address);
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(err) => panic!("{err}"),
        }
    }

    async fn sign_in(process: &Process, token: &str) -> Self {
        let mut client = Self::open(process, "/ws/?EIO=4&transport=websocket", &[])
            .await
            .expect("a socket");
        assert!(client.next().await.starts_with("0{"));
        client.say(&format!("40{}", json!({ "token": token }))).await;
        assert!(client.next().await.starts_with("40{"));
        client
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// The next packet; empty when the socket has ended.
    async fn next(&mut self) -> String {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next());
        match next.await.expect("something in time") {
            Some(Ok(Message::Text(text))) if text == "2" => {
                self.say("3").await;
                Box::pin(self.next()).await
            }
            Some(Ok(Message::Text(text))) => text.to_string(),
            _ => String::new(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_hears_its_rooms_and_nothing_else() {
    for database in test_databases::all().await {
        let server = process(database.db.clone()).await;
        let mut one = Client::sign_in(&server, "1/1/11").await;
        let mut two = Client::sign_in(&server, "1/2/12").await;
        let mut stranger = Client::sign_in(&server, "2/3/13").await;
        one.say(r#"420["call:join",{"call_id":7}]"#).await;
        assert_eq!(one.next().await, r#"430[{"call_id":7,"ok":true}]"#);
        stranger.say(r#"421["call:join",{"call_id":7}]"#).await;
        assert_eq!(stranger.next().await, r#"431[{"error":"not_found","ok":false}]"#);

        emit(&database, Room::Business, "call:started").await;
        assert_eq!(one.next().await, r#"42["call:started",{"call_id":7,"event_id":1}]"#);
        assert_eq!(two.next().await, r#"42["call:started",{"call_id":7,"event_id":1}]"#);
        emit(&database, Room::User(2.into()), "notification").await;
        assert_eq!(two.next().await, r#"42["notification",{"call_id":7,"event_id":2}]"#);
        server
            .bus
            .ephemeral(1.into(), Room::Call(7.into()), "call:turn", json!({ "text": "שלום" }));
        assert_eq!(one.next().await, r#"42["call:turn",{"event_id":null,"text":"שלום"}]"#);

        one.say(r#"422["call:leave",{"call_id":7}]"#).await;
        assert_eq!(one.next().await, r#"432[{"call_id":7,"ok":true}]"#);
        server
            .bus
            .ephemeral(1.into(), Room::Call(7.into()), "call:turn", json!({}));
        server.bus.ephemeral(1.into(), Room::Business, "last", json!({}));
        server.bus.ephemeral(2.into(), Room::Business, "last", json!({}));
        for client in [&mut one, &mut two, &mut stranger] {
            assert_eq!(client.next().await, r#"42["last",{"event_id":null}]"#);
        }
        server.bus.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_everything_hears_only_of_their_own() {
    let database = test_databases::all().await.remove(0);
    let server = process(database.db.clone()).await;
    let mut all = Client::sign_in(&server, "1/1/11").await;
    let mut owner = Client::sign_in(&server, "1/2/12/part").await;
    let mut other = Client::sign_in(&server, "1/3/13/part").await;
    let say = |name: &str, payload| server.bus.ephemeral(1.into(), Room::Business, name, payload);
    say("mine", json!({ "owner_id": 2 }));
    say("nobodys", json!({ "owner_id": null }));
    for client in [&mut all, &mut owner] {
        assert_eq!(client.next().await, r#"42["mine",{"event_id":null,"owner_id":2}]"#);
    }
    for client in [&mut all, &mut owner, &mut other] {
        assert_eq!(
            client.next().await,
            r#"42["nobodys",{"event_id":null,"owner_id":null}]"#
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_is_refused_and_who_is_signed_out_is_sent_away() {
    let database = test_databases::all().await.remove(0);
    let server = process(database.db.clone()).await;
    let mut nobody = Client::open(&server, "/ws/?EIO=4&transport=websocket", &[])
        .await
        .expect("a socket");
    nobody.next().await;
    nobody.say("40").await;
    assert_eq!(nobody.next().await, r#"44{"message":"unauthorized"}"#);

    let by_bus = Client::sign_in(&server, "1/1/11").await;
    let by_check = Client::sign_in(&server, "1/1/12").await;
    let mut stays = Client::sign_in(&server, "1/1/13").await;
    let mut acts = Client::sign_in(&server, "1/1/14").await;
    server.bus.revoke(Revocation::Session(11));
    server.book.ended.lock().expect("the book").insert(12);
    for mut ended in [by_bus, by_check] {
        assert_eq!(ended.next().await, r#"42["session:ended",{}]"#);
        assert_eq!(ended.next().await, "41");
    }
    server.bus.revoke(Revocation::Changed(14));
    assert_eq!(acts.next().await, "41", "it is not over");
    let mut acts = Client::sign_in(&server, "1/9/15/acts").await;
    server.bus.revoke(Revocation::User(9.into()));
    assert_eq!(acts.next().await, "41", "only the one acted as is gone");
    server.bus.ephemeral(1.into(), Room::Business, "still", json!({}));
    assert_eq!(stays.next().await, r#"42["still",{"event_id":null}]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_knows_paths_and_pages() {
    let database = test_databases::all().await.remove(0);
    let server = process(database.db.clone()).await;
    let mut media = Client::open(&server, "/ws/twilio-media", &[])
        .await
        .expect("the media socket");
    assert_eq!(media.next().await, "media");
    let path = "/socket.io/?EIO=4&transport=websocket";
    let own = [
        ("origin", "https://calls.example.com"),
        ("cookie", "access_token=1/1/11"),
    ];
    let mut client = Client::open(&server, path, &own).await.expect("a socket");
    client.next().await;
    client.say("40").await;
    assert!(client.next().await.starts_with("40{"));
    let strange = Client::open(&server, path, &[("origin", "https://evil.example")]).await;
    assert_eq!(strange.err(), Some(403));
    let response = reqwest::get(format!("http://{}/ping", server.address))
        .await
        .expect("an answer");
    assert_eq!(response.text().await.expect("text"), "pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_one_process_reaches_a_browser_of_another() {
    let Some(database) = test_databases::postgres(Clock::System).await else {
        return;
    };
    let here = process(database.db.clone()).await;
    let there = process(database.another_process().await).await;
    let mut client = Client::sign_in(&there, "1/1/11").await;
    emit(&database, Room::Business, "call:ended").await;
    assert_eq!(client.next().await, r#"42["call:ended",{"call_id":7,"event_id":1}]"#);
    here.bus.ephemeral(1.into(), Room::User(1.into()), "level", json!({}));
    assert_eq!(client.next().await, r#"42["level",{"event_id":null}]"#);
    here.bus.revoke(Revocation::User(1.into()));
    assert_eq!(client.next().await, r#"42["session:ended",{}]"#);
    assert_eq!(client.next().await, "41");
    here.bus.close();
    there.bus.close();
}

/// The client that browsers use.
struct NodeClient {
    _node: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl NodeClient {
    fn start(web: &Path, address: &str, path: &str, transport: &str, token: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/realtime/tests/client.mjs");
        let mut node = Command::new("node")
            .arg(script)
            .arg(web)
            .args([address, path, transport, token])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node");
        Self {
            to: node.stdin.take().expect("its input"),
            from: BufReader::new(node.stdout.take().expect("its output")).lines(),
            _node: node,
        }
    }

    async fn emit(&mut self, name: &str, payload: Value) {
        let line = format!("{}\n", json!([name, payload]));
        self.to.write_all(line.as_bytes()).await.expect("written");
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(15), self.from.next_line());
        let line = line.await.expect("something in time").expect("a line").expect("more");
        serde_json::from_str(&line).expect("JSON")
    }
}

/// Needs Node and the web app's packages; without them it has nothing to check.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_browsers_use_understands_us() {
    let web = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web"));
    if !web.join("node_modules/socket.io-client").is_dir() {
        return;
    }
    let database = test_databases::all().await.remove(0);
    let server = process(database.db.clone()).await;
    let address = format!("http://{}", server.address);
    for (path, transport) in [
        ("/ws", "websocket"),
        ("/ws", "polling"),
        ("/socket.io", "websocket"),
        ("/socket.io", "polling"),
    ] {
        let mut client = NodeClient::start(&web, &address, path, transport, "1/1/11");
        assert_eq!(client.next().await, json!(["connect"]), "{path} {transport}");
        client.emit("call:join", json!({ "call_id": 7 })).await;
        assert_eq!(
            client.next().await,
            json!(["ack", "call:join", { "ok": true, "call_id": 7 }])
        );
        server
            .bus
            .ephemeral(1.into(), Room::Call(7.into()), "call:turn", json!({ "text": "שלום" }));
        assert_eq!(
            client.next().await,
            json!(["event", "call:turn", { "text": "שלום", "event_id": null }])
        );
        server.bus.revoke(Revocation::Session(11));
        assert_eq!(client.next().await, json!(["event", "session:ended", {}]));
        assert_eq!(client.next().await, json!(["disconnect", "io server disconnect"]));
    }
    let mut nobody = NodeClient::start(&web, &address, "/ws", "polling", "x");
    assert_eq!(nobody.next().await, json!(["connect_error", "unauthorized"]));
}
