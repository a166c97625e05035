//! People with random histories, and a look at everything that the server keeps.

use app::{
    AppState,
    crm::customers::{actions, places},
};
use kernel::{Actor, BusinessId, CustomerId, PermissionSet, Reach, Scope, Visibility};
use reqwest::Method;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value as Bound};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// The same rolls for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 up to `sides`, without it.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    pub fn likely(&mut self) -> bool {
        self.roll(3) > 0
    }
}

/// Somebody whose name, phone and e-mail stand for nobody else.
#[derive(Clone, Debug)]
pub struct Somebody {
    pub id: i64,
    pub number: u64,
    pub name: String,
    pub phone: String,
    pub email: String,
    /// What is said to and about them.
    pub secret: String,
}

impl Somebody {
    pub async fn make(client: &Client, number: u64, dice: &mut Dice) -> Self {
        let mut somebody = Self {
            id: 0,
            number,
            name: format!("זהבה{number} \"גולד\" לבנון{number}"),
            phone: format!("+97254{:07}", 3_000_000 + number),
            email: format!("zehava{number}@example.com"),
            secret: format!("סוד{number}"),
        };
        let mut body = json!({"name": somebody.name, "phone": somebody.phone, "tags": [format!("t{}", number % 3)]});
        let mut maybe = |field: &str, value: Value, dice: &mut Dice| {
            if dice.likely() {
                body[field] = value;
            }
        };
        maybe("email", json!(somebody.email), dice);
        maybe("company", json!(format!("חברה {}", somebody.secret)), dice);
        maybe("address", json!(format!("רחוב {}", somebody.secret)), dice);
        maybe("notes", json!(somebody.secret), dice);
        maybe("source", json!(somebody.secret), dice);
        let key = format!("make-{number}");
        let request = client
            .request(Method::POST, "/api/crm/customers")
            .header("Idempotency-Key", key);
        let made = client.send(request.json(&body)).await.status(201);
        somebody.id = made["id"].as_i64().expect("an id");
        somebody
    }

    pub fn path(&self) -> String {
        format!("/api/crm/customers/{}", self.id)
    }

    /// None of these may be left when they are forgotten.
    pub fn needles(&self) -> Vec<String> {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        let backwards: String = digits.chars().rev().collect();
        let national = format!("0{}", digits.trim_start_matches("972"));
        let name = self.name.split(' ').next().expect("a word").to_owned();
        let last = self.name.split(' ').next_back().expect("a word").to_owned();
        vec![
            digits,
            backwards,
            national,
            self.email.clone(),
            name,
            last,
            self.secret.clone(),
        ]
    }

    /// One more thing happens with them.
    pub async fn live(&self, app: &TestApp, client: &Client, dice: &mut Dice) {
        app.advance(chrono::TimeDelta::seconds(7));
        match dice.roll(9) {
            0 => self.note(client, dice).await,
            1 => self.task(client).await,
            2 => {
                let body = json!({"status": "contacted", "company": format!("{} {}", self.secret, dice.roll(1000))});
                client.patch(&self.path(), body).await.ok();
            }
            3 | 4 => self.call(app, dice).await,
            5 => {
                let more = format!("x{}.{}", dice.roll(1000), self.email);
                let known = client.get(&self.path()).await.ok()["emails"].clone();
                let mut emails: Vec<Value> = known.as_array().expect("e-mails").clone();
                emails.push(json!(more));
                client.patch(&self.path(), json!({"emails": emails})).await.ok();
            }
            6 => self.learned(app).await,
            7 => {
                let view = json!({"name": "חיפוש", "entity": "customers", "filters": {"q": self.phone}});
                client.post("/api/views", view).await.ok();
            }
            _ => {
                let tags = json!([format!("t{}", dice.roll(6)), self.secret]);
                client
                    .patch(&self.path(), json!({"tags": tags, "do_not_contact": dice.likely()}))
                    .await
                    .ok();
            }
        }
    }

    async fn note(&self, client: &Client, dice: &mut Dice) {
        let body = json!({"text": format!("{} אמרה: {}", self.name, self.secret)});
        let key = format!("note-{}-{}", self.id, dice.roll(u64::MAX));
        let path = format!("{}/notes", self.path());
        let request = client.request(Method::POST, &path).header("Idempotency-Key", key);
        client.send(request.json(&body)).await.status(201);
    }

    async fn task(&self, client: &Client) {
        let task = json!({"title": format!("לחזור אל {}", self.name), "notes": self.phone, "customer_id": self.id});
        let task = client.post("/api/tasks", task).await.ok();
        let title = json!({"title": format!("לחזור שוב אל {}", self.name)});
        client.patch(&format!("/api/tasks/{}", task["id"]), title).await.ok();
    }

    /// A call from their phone, with turns, a transcript and a recording.
    pub async fn call(&self, app: &TestApp, dice: &mut Dice) {
        let sid = format!("CA{}x{}", self.number, dice.roll(u64::MAX));
        let fields = [
            ("CallSid", sid.as_str()),
            ("AccountSid", app.account_sid()),
            ("From", self.phone.as_str()),
            ("To", app.a.number.as_str()),
            ("Direction", "inbound"),
        ];
        let with = |status: &'static str| {
            let mut all = fields.to_vec();
            all.push(("CallStatus", status));
            all
        };
        app.webhook("/webhook/incoming_call", &with("ringing")).await.ok();
        app.webhook("/webhook/call_status", &with("completed")).await.ok();
        let call = query(
            app,
            &format!("SELECT CAST(id AS TEXT) AS it FROM calls WHERE call_sid = '{sid}'"),
        )
        .await;
        let id: i64 = call[0].parse().expect("an id");
        let key = format!("recordings/{}/{sid}/a.wav", app.a.id);
        let sound = format!("{} {}", self.secret, self.phone);
        app.state.storage.put(&key, sound.into()).await.expect("stored");
        app.sql(
            "INSERT INTO recordings (business_id, call_id, recording_sid, source, state, storage_key, transcript, created_at) \
             VALUES ($1, $2, 'RE1', 'stream', 'stored', $3, $4, $5)",
            vec![app.a.id.into(), id.into(), key.into(), self.secret.as_str().into(), app.clock.now().into()],
        )
        .await;
        app.sql(
            "INSERT INTO call_turns (business_id, call_id, turn_id, caller_text, agent_text, mode, tools, created_at) \
             VALUES ($1, $2, 1, $3, $3, 'realtime', $4, $5)",
            vec![
                app.a.id.into(),
                id.into(),
                self.secret.as_str().into(),
                json!([]).into(),
                app.clock.now().into(),
            ],
        )
        .await;
        app.sql(
            "UPDATE calls SET transcription = $1, summary = $1, extracted = $2 WHERE id = $3",
            vec![
                self.secret.as_str().into(),
                json!({"name": self.name}).into(),
                id.into(),
            ],
        )
        .await;
    }

    /// What the agent hears in a call.
    async fn learned(&self, app: &TestApp) {
        let tx = app.state.db.write(&job_scope(app.a.id)).await.expect("a transaction");
        let contact = actions::Contact {
            name: Some(self.name.clone()),
            need: Some(self.secret.clone()),
            email: None,
            callback_at: None,
            call_id: None,
        };
        actions::save_contact(&tx, CustomerId::new(self.id), contact)
            .await
            .expect("saved");
        tx.commit().await.expect("committed");
    }
}

pub fn job_scope(business: i64) -> Scope {
    Scope::mint(
        Reach::One(BusinessId::new(business)),
        Actor::Job("test"),
        PermissionSet::default(),
        Visibility::All,
        "test",
    )
}

/// The column `it` of every row.
pub async fn query(app: &TestApp, sql: &str) -> Vec<String> {
    let text = |row: &QueryResult| {
        row.try_get::<Option<String>>("", "it")
            .expect("a text")
            .unwrap_or_default()
    };
    rows(&app.state, sql).await.iter().map(text).collect()
}

async fn rows(state: &AppState, sql: &str) -> Vec<QueryResult> {
    let tx = state.db.system_read("test: what is kept").await.expect("a transaction");
    let statement = Statement::from_sql_and_values(state.db.backend(), sql, Vec::<Bound>::new());
    tx.conn().query_all_raw(statement).await.expect(sql)
}

pub async fn tables(app: &TestApp) -> Vec<String> {
    let sql = match app.state.db.backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text AS it FROM information_schema.tables WHERE table_schema = 'public'"
        }
        _ => "SELECT name AS it FROM sqlite_master WHERE type = 'table'",
    };
    query(app, sql).await
}

async fn columns(app: &TestApp, table: &str) -> Vec<String> {
    let sql = match app.state.db.backend() {
        DbBackend::Postgres => format!(
            "SELECT CASE WHEN data_type = 'bytea' THEN 'convert_from(' || column_name || ', ''UTF8'')' \
             ELSE '\"' || column_name || '\"::text' END AS it FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}'"
        ),
        _ => format!("SELECT 'CAST(\"' || name || '\" AS TEXT)' AS it FROM pragma_table_info('{table}')"),
    };
    query(app, &sql).await
}

/// Every text of every table and every file that holds any of these.
pub async fn found_anywhere(app: &TestApp, needles: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables(app).await {
        for column in columns(app, &table).await {
            for text in query(app, &format!("SELECT {column} AS it FROM \"{table}\"")).await {
                let held = needles.iter().filter(|needle| text.contains(*needle));
                found.extend(held.map(|needle| format!("{table}.{column}: {needle}: {text}")));
            }
        }
    }
    for (path, content) in files(app) {
        let held = needles
            .iter()
            .filter(|needle| path.contains(*needle) || content.contains(*needle));
        found.extend(held.map(|needle| format!("{path}: {needle}")));
    }
    found
}

/// The files of the storage by their paths.
pub fn files(app: &TestApp) -> Vec<(String, String)> {
    let (mut files, mut dirs) = (Vec::new(), vec![app.data_dir().join("files")]);
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let content = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
                files.push((path.display().to_string(), content));
            }
        }
    }
    files.sort();
    files
}

/// The rows of every place that moves with a merge: `table:id`.
pub async fn history(app: &TestApp, customer: i64) -> Vec<String> {
    let mut all = Vec::new();
    for place in places::PLACES
        .iter()
        .filter(|place| place.merge == places::OnMerge::Move)
    {
        let places::Link::Column(column) = place.link else {
            panic!("{} moves by a column", place.table);
        };
        let table = place.table;
        let sql = format!("SELECT '{table}:' || id AS it FROM {table} WHERE {column} = {customer} ORDER BY id");
        all.extend(query(app, &sql).await);
    }
    all
}
