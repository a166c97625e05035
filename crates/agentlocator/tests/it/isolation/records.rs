//! What a business owns: one record of each kind, marked so that it would be seen in another's answers.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use testkit::{Business, Client, Person, TestApp, eventually};

use super::rules::Record;

/// Stands in the names of business a's records only.
pub const MARK: &str = "seen-by-its-own-business-only";

/// A number that was not given before, for what must be unique.
pub fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

#[derive(Clone, Debug)]
pub struct Records {
    pub business: String,
    /// Stands in the customer's name, the task's title and the call's sid.
    pub mark: String,
    pub customer: String,
    pub task: String,
    pub spare_task: String,
    pub call: String,
    pub call_sid: String,
    pub user: String,
    /// Of the owner; not the one that the sweep asks with.
    pub session: String,
    pub api_key: String,
    pub spare_api_key: String,
    /// Somebody who was invited.
    pub invited: String,
    pub note: String,
    pub merge: String,
    pub custom_field: String,
    pub customer_status: String,
    pub view: String,
    pub spares: Spares,
    pub spare_notes: Spares,
    pub spare_views: Spares,
    pub import: String,
    pub bulk: String,
    pub export: String,
    pub deal: String,
    pub spare_deal: String,
    pub stage: String,
    pub pipeline: String,
    pub spare_pipeline: String,
    pub thread: String,
    pub message: String,
    pub file: String,
    pub template: String,
    pub spare_template: String,
    pub canned: String,
    pub spare_canned: String,
    pub private_chat: String,
    pub upload: String,
}

/// Records for one use each.
#[derive(Clone, Debug)]
pub struct Spares {
    ids: Vec<String>,
    taken: Arc<AtomicUsize>,
}

impl Spares {
    fn of(ids: Vec<String>) -> Self {
        Self {
            ids,
            taken: Arc::default(),
        }
    }

    fn next(&self) -> String {
        let turn = self.taken.fetch_add(1, Ordering::Relaxed);
        self.ids[turn % self.ids.len()].clone()
    }

    async fn make(owner: &Client, path: &str, body: Value, many: usize) -> Self {
        let mut ids = Vec::new();
        for _ in 0..many {
            ids.push(owner.post(path, body.clone()).await.ok()["id"].to_string());
        }
        Self::of(ids)
    }
}

/// As many as the operations that use a customer up, times the roles that ask.
const SPARES: usize = 12;
const ROLES: usize = 4;

impl Records {
    pub async fn make(app: &TestApp, business: &Business) -> Self {
        let owner = app.sign_in(&business.owner).await;
        let mark = if business.id == app.a.id { MARK } else { "other" };
        let mark = format!("{mark}-{}-", number());
        let customer = json!({ "name": format!("Dana {mark}Customer"), "phone": format!("+9725011{:05}", number()) });
        let customer = owner.post("/api/crm/customers", customer).await.ok();
        let task = json!({ "title": format!("Call back {mark}Customer"), "customer_id": customer["id"] });
        let task = owner.post("/api/tasks", task).await.ok();
        let spare_task = owner
            .post("/api/tasks", json!({ "title": format!("Spare {mark}") }))
            .await
            .ok();
        let call_sid = format!("CA{mark}{}", number());
        let call = ring(app, business, &call_sid, &owner).await;
        let session = owner.get("/api/auth/sessions").await.ok();
        let owner = app.sign_in(&business.owner).await;
        let key = json!({ "name": format!("Key {mark}"), "scopes": ["tasks:read"] });
        let spare_key = owner.post("/api/api_keys", key.clone()).await.ok();
        let key = owner.post("/api/api_keys", key).await.ok();
        let invited =
            json!({ "name": format!("Ruth {mark}"), "email": format!("r{}@example.com", number()), "role": "agent" });
        let invited = owner.post("/api/users", invited).await.ok();
        let spare = json!({ "name": format!("Spare {mark}") });
        let mut spares = Spares::make(&owner, "/api/crm/customers", spare, SPARES + 1).await;
        let path = format!("/api/crm/customers/{}", customer["id"]);
        let note = json!({ "text": format!("Likes mornings {mark}") });
        let spare_notes = Spares::make(&owner, &format!("{path}/notes"), note.clone(), ROLES).await;
        let note = owner.post(&format!("{path}/notes"), note).await.ok();
        let other = json!({ "other_id": Self::json(&spares.ids.remove(0)) });
        let merge = owner.post(&format!("{path}/merge"), other).await.ok();
        let field = json!({ "label": format!("Floor {mark}"), "kind": "number" });
        let field = owner.post("/api/custom_fields", field).await.ok();
        let status = json!({ "label": format!("Hot {mark}") });
        let status = owner.post("/api/customer_statuses", status).await.ok();
        let view = json!({ "name": format!("View {mark}"), "entity": "customers", "shared": true });
        let spare_views = Spares::make(&owner, "/api/views", view.clone(), ROLES).await;
        let view = owner.post("/api/views", view).await.ok();
        let deal = json!({ "title": format!("Flat {mark}Customer"), "customer_id": customer["id"], "owner_id": null });
        let deal = owner.post("/api/deals", deal).await.ok();
        let spare_deal = json!({ "title": format!("Spare {mark}"), "owner_id": null });
        let spare_deal = owner.post("/api/deals", spare_deal).await.ok();
        let pipeline = json!({ "name": format!("Pipeline {mark}"), "stages": [{ "name": "New" }] });
        let spare_pipeline = owner.post("/api/pipelines", pipeline.clone()).await.ok();
        let pipeline = owner.post("/api/pipelines", pipeline).await.ok();
        let (thread, message, file) = write(app, &owner, &customer, &mark).await;
        let texts = Texts::make(&owner, &mark).await;
        Self {
            thread,
            message,
            file,
            template: texts.template,
            spare_template: texts.spare_template,
            canned: texts.canned,
            spare_canned: texts.spare_canned,
            private_chat: texts.private_chat,
            upload: texts.upload,
            deal: deal["id"].to_string(),
            spare_deal: spare_deal["id"].to_string(),
            stage: deal["stage_id"].to_string(),
            pipeline: pipeline["id"].to_string(),
            spare_pipeline: spare_pipeline["id"].to_string(),
            note: note["id"].to_string(),
            merge: merge["merge_id"].to_string(),
            custom_field: field["id"].to_string(),
            customer_status: status["id"].to_string(),
            view: view["id"].to_string(),
            spares,
            spare_notes,
            spare_views,
            business: business.id.to_string(),
            customer: customer["id"].to_string(),
            task: task["id"].to_string(),
            spare_task: spare_task["id"].to_string(),
            call: call["id"].to_string(),
            call_sid,
            user: business.agent.id.to_string(),
            session: session["results"][0]["id"].to_string(),
            api_key: key["id"].to_string(),
            spare_api_key: spare_key["id"].to_string(),
            invited: invited["id"].to_string(),
            import: import(&owner, &mark).await,
            mark,
            bulk: bulk(&owner, &customer).await,
            export: export(&owner).await,
        }
    }

    /// What no other records have in their texts.
    pub fn marked(&self) -> String {
        format!("{}Customer", self.mark)
    }

    /// Records that nobody has.
    pub fn with_id(id: &str) -> Self {
        let id = || id.to_owned();
        Self {
            business: id(),
            mark: id(),
            customer: id(),
            task: id(),
            spare_task: id(),
            call: id(),
            call_sid: id(),
            user: id(),
            session: id(),
            api_key: id(),
            spare_api_key: id(),
            invited: id(),
            note: id(),
            merge: id(),
            custom_field: id(),
            customer_status: id(),
            view: id(),
            spares: Spares::of(vec![id()]),
            spare_notes: Spares::of(vec![id()]),
            spare_views: Spares::of(vec![id()]),
            import: id(),
            bulk: id(),
            export: id(),
            deal: id(),
            spare_deal: id(),
            stage: id(),
            pipeline: id(),
            spare_pipeline: id(),
            thread: id(),
            message: id(),
            file: id(),
            template: id(),
            spare_template: id(),
            canned: id(),
            spare_canned: id(),
            private_chat: id(),
            upload: id(),
        }
    }

    /// The path with the record's id in its place.
    pub fn fill(&self, path: &str, record: Option<Record>) -> String {
        let id = match record {
            // An id of nothing, for what is nobody's record.
            None => return path.replace("{id}", "999999999").replace("{key}", "agent"),
            Some(Record::Business) => &self.business,
            Some(Record::Customer) => &self.customer,
            Some(Record::Task) => &self.task,
            Some(Record::SpareTask) => &self.spare_task,
            Some(Record::Call) => &self.call,
            Some(Record::Session) => &self.session,
            Some(Record::ApiKey) => &self.api_key,
            Some(Record::SpareApiKey) => &self.spare_api_key,
            Some(Record::User) => &self.invited,
            Some(Record::Spare) => &self.spare(),
            Some(Record::SpareNote) => &self.spare_notes.next(),
            Some(Record::SpareView) => &self.spare_views.next(),
            Some(Record::Note) => &self.note,
            Some(Record::Merge) => &self.merge,
            Some(Record::CustomField) => &self.custom_field,
            Some(Record::CustomerStatus) => &self.customer_status,
            Some(Record::View) => &self.view,
            Some(Record::Import) => &self.import,
            Some(Record::Bulk) => &self.bulk,
            Some(Record::Export) => &self.export,
            Some(Record::Deal) => &self.deal,
            Some(Record::SpareDeal) => &self.spare_deal,
            Some(Record::Pipeline) => &self.pipeline,
            Some(Record::SparePipeline) => &self.spare_pipeline,
            Some(Record::Thread) => &self.thread,
            Some(Record::Message) => &self.message,
            Some(Record::File) => &self.file,
            Some(Record::Template) => &self.template,
            Some(Record::SpareTemplate) => &self.spare_template,
            Some(Record::Canned) => &self.canned,
            Some(Record::SpareCanned) => &self.spare_canned,
            Some(Record::PrivateChat) => &self.private_chat,
            Some(Record::Upload) => &self.upload,
        };
        path.replace("{id}", id)
    }

    /// A customer that was not given before.
    pub fn spare(&self) -> String {
        self.spares.next()
    }

    /// The id as JSON has it.
    pub fn json(id: &str) -> Value {
        id.parse::<i64>().map_or(Value::Null, Value::from)
    }

    /// Makes customer, task, deal and call one person's.
    pub async fn give_to(&self, owner: &Client, person: &Person) {
        let customer = format!("/api/crm/customers/{}", self.customer);
        owner.patch(&customer, json!({ "owner_id": person.id })).await.ok();
        let task = format!("/api/tasks/{}", self.task);
        owner.patch(&task, json!({ "assignee_id": person.id })).await.ok();
        let deal = format!("/api/deals/{}", self.deal);
        owner.patch(&deal, json!({ "owner_id": person.id })).await.ok();
        let thread = format!("/api/crm/threads/{}", self.thread);
        owner.patch(&thread, json!({ "assignee_id": person.id })).await.ok();
        let link = format!("/api/calls/{}/link", self.call);
        let customer = Self::json(&self.customer);
        owner.post(&link, json!({ "customer_id": customer })).await.ok();
    }

    /// The records as their owner finds them.
    pub async fn as_seen_by(&self, owner: &Client) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in [
            format!("/api/crm/customers/{}", self.customer),
            format!("/api/tasks/{}", self.task),
            format!("/api/calls/{}", self.call),
            format!("/api/customers/{}/timeline", self.customer),
            format!("/api/businesses/{}/settings", self.business),
            format!("/api/businesses/{}", self.business),
            format!("/api/users/{}", self.invited),
            format!("/api/crm/customers/{}/notes", self.customer),
            format!("/api/crm/customers/{}/merges", self.customer),
            "/api/custom_fields".to_owned(),
            format!("/api/deals/{}", self.deal),
            format!("/api/deals/{}/history", self.deal),
            "/api/deals".to_owned(),
            "/api/pipelines".to_owned(),
            "/api/customer_statuses".to_owned(),
            "/api/views".to_owned(),
            format!("/api/crm/imports/{}", self.import),
            format!("/api/crm/bulk/{}", self.bulk),
            format!("/api/exports/{}", self.export),
            format!("/api/crm/threads/{}", self.thread),
            format!("/api/crm/threads/{}/messages", self.thread),
            format!("/api/crm/threads/{}/notes", self.thread),
            "/api/crm/threads".to_owned(),
            "/api/whatsapp/messages".to_owned(),
            "/api/whatsapp/templates".to_owned(),
            "/api/whatsapp/private".to_owned(),
            "/api/canned_replies".to_owned(),
            "/api/crm/customers".to_owned(),
            "/api/tasks".to_owned(),
            "/api/crm/calls".to_owned(),
            "/api/users".to_owned(),
            "/api/api_keys".to_owned(),
        ] {
            seen.push(owner.get(&path).await.ok());
        }
        seen
    }
}

/// A thread of the customer with a message and a file that was not fetched, as a carrier would have brought them.
async fn write(app: &TestApp, owner: &Client, customer: &Value, mark: &str) -> (String, String, String) {
    let business = customer["business_id"].as_i64();
    let (id, now) = (customer["id"].as_i64(), app.clock.now());
    app.sql(
        "INSERT INTO threads (business_id, customer_id, name, labels, windows, last_message_at, last_message_text, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $3, $6, $6)",
        vec![business.into(), id.into(), format!("Dana {mark}Customer").into(), json!([]).into(), json!({}).into(), now.into()],
    )
    .await;
    let threads = format!("/api/crm/threads?customer_id={}", customer["id"]);
    let thread = owner.get(&threads).await.ok()["results"][0]["id"].as_i64();
    app.sql(
        "INSERT INTO messages (business_id, thread_id, customer_id, direction, kind, source, text, payload, status, tried, \
         reactions, has_files, at, created_at, updated_at) \
         VALUES ($1, $2, $3, 'in', 'image', 'customer', $4, $5, 'received', $6, $5, $7, $8, $8, $8)",
        vec![
            business.into(), thread.into(), id.into(), format!("I am {mark}Customer").into(), json!({}).into(), json!([]).into(),
            true.into(), now.into(),
        ],
    )
    .await;
    let messages = format!("/api/whatsapp/messages?customer_id={}", customer["id"]);
    let message = owner.get(&messages).await.ok()["results"][0]["id"].as_i64();
    app.sql(
        "INSERT INTO message_files (business_id, message_id, state, created_at) VALUES ($1, $2, 'waiting', $3)",
        vec![business.into(), message.into(), now.into()],
    )
    .await;
    let file = owner.get(&messages).await.ok()["results"][0]["files"][0]["id"].to_string();
    let text = |id: Option<i64>| id.expect("an id").to_string();
    (text(thread), text(message), file)
}

/// What a business writes again and again, and what it does not keep.
struct Texts {
    template: String,
    spare_template: String,
    canned: String,
    spare_canned: String,
    private_chat: String,
    upload: String,
}

impl Texts {
    async fn make(owner: &Client, mark: &str) -> Self {
        let template = async || {
            let body = json!({ "name": format!("Template {mark}{}", number()), "body": "Hello" });
            owner.post("/api/whatsapp/templates", body).await.ok()["id"].to_string()
        };
        let canned = async || {
            let body = json!({ "shortcut": format!("c{}", number()), "text": format!("Hello {mark}") });
            owner.post("/api/canned_replies", body).await.ok()["id"].to_string()
        };
        let private = json!({ "address": format!("+9725044{:05}", number()) });
        owner.post("/api/whatsapp/private", private).await.ok();
        let private = owner.get("/api/whatsapp/private").await.ok();
        let form = upload("note.txt", format!("a note of {mark}"));
        let request = owner.request(Method::POST, "/api/files").multipart(form);
        let uploaded = owner.send(request).await.status(201);
        Self {
            template: template().await,
            spare_template: template().await,
            canned: canned().await,
            spare_canned: canned().await,
            private_chat: private["results"][0]["id"].to_string(),
            upload: uploaded["id"].to_string(),
        }
    }
}

/// A multipart body with a file.
pub fn upload(name: &str, content: String) -> Form {
    Form::new().part("file", Part::bytes(content.into_bytes()).file_name(name.to_owned()))
}

/// A dry run, whose file is called by the mark.
async fn import(owner: &Client, mark: &str) -> String {
    let form = upload(&format!("{mark}.csv"), "שם\nDana\n".to_owned()).text("dry_run", "true");
    let request = owner.request(Method::POST, "/api/crm/customers/import").multipart(form);
    let id = owner.send(request).await.status(202)["id"].to_string();
    done(owner, &format!("/api/crm/imports/{id}")).await;
    id
}

async fn bulk(owner: &Client, customer: &Value) -> String {
    let body = json!({ "ids": [customer["id"]], "add_tags": ["one"] });
    let id = owner.post("/api/crm/customers/bulk", body).await.status(202)["id"].to_string();
    done(owner, &format!("/api/crm/bulk/{id}")).await;
    id
}

async fn export(owner: &Client) -> String {
    let id = owner.post("/api/exports", json!({})).await.status(202)["id"].to_string();
    done(owner, &format!("/api/exports/{id}")).await;
    id
}

async fn done(owner: &Client, path: &str) {
    eventually("the job's end", || async {
        (owner.get(path).await.ok()["status"] == "done").then_some(())
    })
    .await;
}

/// A caller who shows no number, so that no customer comes of it; the call rings on.
async fn ring(app: &TestApp, business: &Business, call_sid: &str, owner: &Client) -> Value {
    let fields = [
        ("CallSid", call_sid),
        ("AccountSid", app.account_sid()),
        ("From", "anonymous"),
        ("To", business.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.ok();
    owner.get(&format!("/api/calls/{call_sid}")).await.ok()
}

pub async fn switch_modules(app: &TestApp, business: &Business, on: bool) {
    let modules: serde_json::Map<String, Value> = kernel::Module::ALL
        .iter()
        .map(|module| (module.as_str().to_owned(), json!({ "licensed": true, "on": on })))
        .collect();
    app.sql(
        "UPDATE businesses SET modules = $1 WHERE id = $2",
        vec![Value::Object(modules).into(), business.id.into()],
    )
    .await;
}

pub async fn close(app: &TestApp, business: &Business) {
    app.sql(
        "UPDATE businesses SET active = $1 WHERE id = $2",
        vec![false.into(), business.id.into()],
    )
    .await;
}

pub async fn dismiss(app: &TestApp, person: &Person) {
    app.sql(
        "UPDATE users SET active = $1 WHERE id = $2",
        vec![false.into(), person.id.into()],
    )
    .await;
}
