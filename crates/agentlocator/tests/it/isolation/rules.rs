//! How each operation is asked, and what it answers to whom it serves. A new route needs a line here.

use serde_json::{Value, json};

use super::records::Records;

/// Whose id stands in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    Business,
    Customer,
    Task,
    /// One that nothing else is asked of: it may be gone.
    SpareTask,
    Call,
    Session,
    ApiKey,
    SpareApiKey,
    /// Somebody who was invited.
    User,
    /// For what can be done to a record only once: another one each time.
    Spare,
    SpareNote,
    SpareView,
    Note,
    Merge,
    CustomField,
    CustomerStatus,
    View,
    Import,
    Bulk,
    Export,
    /// An open one, in the usual pipeline.
    Deal,
    /// One that nothing else is asked of: it may be gone.
    SpareDeal,
    Pipeline,
    SparePipeline,
    /// A conversation with the customer.
    Thread,
    /// One that was received, in the thread.
    Message,
    /// Of the message; it was not fetched.
    File,
    Template,
    SpareTemplate,
    Canned,
    SpareCanned,
    PrivateChat,
    Upload,
}

pub struct Rule {
    pub operation: &'static str,
    pub record: Option<Record>,
    /// A body that is accepted; the number is another each time.
    pub body: Option<fn(&Records, u64) -> Value>,
    /// A file that is accepted, uploaded as `file`; the number is another each time.
    pub upload: Option<fn(u64) -> String>,
    /// The body names records, so another business's must be refused.
    pub names_records: bool,
    /// The statuses for whom it serves.
    pub answers: &'static [u16],
}

const fn rule(operation: &'static str, answers: &'static [u16]) -> Rule {
    Rule {
        operation,
        record: None,
        body: None,
        upload: None,
        names_records: false,
        answers,
    }
}

impl Rule {
    const fn of(mut self, record: Record) -> Self {
        self.record = Some(record);
        self
    }

    const fn with(mut self, body: fn(&Records, u64) -> Value) -> Self {
        self.body = Some(body);
        self
    }

    const fn uploading(mut self, file: fn(u64) -> String) -> Self {
        self.upload = Some(file);
        self
    }

    const fn naming_records(mut self) -> Self {
        self.names_records = true;
        self
    }
}

use Record::{
    ApiKey, Bulk, Business, Call, Canned, CustomField, Customer, CustomerStatus, Deal, Export, File, Import, Merge,
    Message, Note, Pipeline, PrivateChat, Session, Spare, SpareApiKey, SpareCanned, SpareDeal, SpareNote,
    SparePipeline, SpareTask, SpareTemplate, SpareView, Task, Template, Thread, Upload, User, View,
};

pub const RULES: &[Rule] = &[
    // people
    rule("GET /api/auth/me", &[200]),
    rule("GET /auth/me", &[200]),
    rule("PATCH /api/auth/me", &[200]).with(|_, _| json!({ "available": true })),
    // The wrong current password, or the sweep would lock itself out.
    rule("POST /api/auth/password", &[422])
        .with(|_, _| json!({ "current_password": "not it", "new_password": "another correct horse" })),
    rule("GET /api/auth/sessions", &[200]),
    // The owner's: 204 for that person, once, and not there for everybody else of the business.
    rule("DELETE /api/auth/sessions/{id}", &[204, 404]).of(Session),
    rule("DELETE /api/auth/sessions", &[204]),
    rule("GET /api/auth/totp", &[200]),
    rule("POST /api/auth/totp/enroll", &[200]),
    // Nobody of the sweep knows a code, or the secret would have to be read out of an answer.
    rule("POST /api/auth/totp/verify", &[422]).with(|_, _| json!({ "code": "000000" })),
    rule("POST /api/auth/totp/disable", &[409, 422]).with(|_, _| json!({ "code": "000000" })),
    rule("GET /api/users", &[200]),
    rule("POST /api/users/{id}/reset_password", &[202]).of(User),
    // keys and the log
    rule("GET /api/api_keys", &[200]),
    rule("POST /api/api_keys", &[201])
        .with(|_, number| json!({ "name": format!("Key {number}"), "scopes": ["tasks:read"] })),
    rule("GET /api/api_keys/{id}", &[200]).of(ApiKey),
    rule("PATCH /api/api_keys/{id}", &[200])
        .of(ApiKey)
        .with(|_, number| json!({ "name": format!("Key {number}") })),
    // 404: another role of the sweep has withdrawn it.
    rule("DELETE /api/api_keys/{id}", &[204, 404]).of(SpareApiKey),
    rule("GET /api/admin/audit", &[200]),
    rule("POST /api/users", &[201])
        .with(|_, number| json!({ "name": "Ruth", "email": format!("ruth{number}@example.com"), "role": "agent" })),
    rule("GET /api/users/{id}", &[200]).of(User),
    rule("PATCH /api/users/{id}", &[200])
        .of(User)
        .with(|_, number| json!({ "name": format!("Ruth {number}") })),
    rule("DELETE /api/users/{id}", &[204]).of(User),
    rule("POST /api/users/{id}/deactivate", &[200]).of(User),
    rule("POST /api/users/{id}/reactivate", &[200]).of(User),
    // 409: another line of the sweep has sent them away.
    rule("POST /api/users/{id}/invite", &[200, 409]).of(User),
    rule("DELETE /api/users/{id}/invite", &[204]).of(User),
    rule("GET /api/events", &[200]),
    // the business
    rule("GET /api/businesses", &[200]),
    rule("POST /api/businesses", &[201]).with(|_, number| json!({ "name": format!("Branch {number}") })),
    rule("GET /api/businesses/{id}", &[200]).of(Business),
    rule("PUT /api/businesses/{id}", &[200])
        .of(Business)
        .with(|_, number| json!({ "domain": format!("put{number}.example.com") })),
    rule("PATCH /api/businesses/{id}", &[200])
        .of(Business)
        .with(|_, number| json!({ "domain": format!("patch{number}.example.com") })),
    // The admin of the sweep is of this very business.
    rule("DELETE /api/businesses/{id}", &[409]).of(Business),
    rule("POST /api/businesses/{id}/deactivate", &[409]).of(Business),
    rule("POST /api/businesses/{id}/reactivate", &[200]).of(Business),
    rule("GET /api/businesses/{id}/modules", &[200]).of(Business),
    rule("PATCH /api/businesses/{id}/modules", &[200])
        .of(Business)
        .with(|_, _| json!({ "billing": { "on": true } })),
    rule("GET /api/businesses/{id}/settings", &[200]).of(Business),
    rule("PATCH /api/businesses/{id}/settings", &[200])
        .of(Business)
        .with(|_, number| json!({ "agent_prompt": format!("Be kind, {number}") })),
    // customers
    rule("GET /api/crm/customers", &[200]),
    rule("GET /api/search", &[200]),
    rule("POST /api/crm/customers", &[201])
        .with(|_, number| json!({ "name": "Noa", "phone": format!("+9725022{number:05}") })),
    rule("GET /api/crm/customers/{id}", &[200]).of(Customer),
    rule("PATCH /api/crm/customers/{id}", &[200])
        .of(Customer)
        .with(|_, _| json!({ "company": "Garage" })),
    rule("POST /api/crm/customers/{id}/block", &[200])
        .of(Customer)
        .with(|_, _| json!({ "blocked": false })),
    rule("POST /api/crm/customers/{id}/not_customer", &[200])
        .of(Customer)
        .with(|_, _| json!({ "reason": null })),
    rule("GET /api/customers/{id}/timeline", &[200]).of(Customer),
    rule("DELETE /api/crm/customers/{id}", &[204]).of(Spare),
    // It is not deleted, so it stays as it is.
    rule("POST /api/crm/customers/{id}/restore", &[200]).of(Customer),
    rule("GET /api/crm/customers/{id}/duplicates", &[200]).of(Customer),
    rule("POST /api/crm/customers/{id}/merge", &[200])
        .of(Customer)
        .with(|records, _| json!({ "other_id": Records::json(&records.spare()) }))
        .naming_records(),
    rule("GET /api/crm/customers/{id}/merges", &[200]).of(Customer),
    // 409: another role of the sweep has undone it.
    rule("POST /api/crm/customers/merges/{id}/undo", &[200, 409]).of(Merge),
    rule("POST /api/crm/customers/{id}/forget", &[204])
        .of(Spare)
        .with(|_, _| json!({ "reason": "asked to" })),
    rule("GET /api/crm/customers/{id}/notes", &[200]).of(Customer),
    rule("POST /api/crm/customers/{id}/notes", &[201])
        .of(Customer)
        .with(|records, _| json!({ "text": "Likes mornings", "mentions": [Records::json(&records.user)] }))
        .naming_records(),
    // 403: it is the owner's, and everybody changes their own.
    rule("PATCH /api/crm/notes/{id}", &[200, 403])
        .of(Note)
        .with(|_, _| json!({ "text": "Likes evenings" })),
    // 403: the same for an agent.
    rule("DELETE /api/crm/notes/{id}", &[204, 403]).of(SpareNote),
    // own fields and statuses
    rule("GET /api/custom_fields", &[200]),
    rule("POST /api/custom_fields", &[201])
        .with(|_, number| json!({ "key": format!("key_{number}"), "label": "Floor", "kind": "number" })),
    rule("GET /api/custom_fields/{id}", &[200]).of(CustomField),
    rule("PATCH /api/custom_fields/{id}", &[200])
        .of(CustomField)
        .with(|_, _| json!({ "position": 3 })),
    rule("DELETE /api/custom_fields/{id}", &[204]).of(CustomField),
    rule("GET /api/customer_statuses", &[200]),
    rule("POST /api/customer_statuses", &[201])
        .with(|_, number| json!({ "key": format!("key_{number}"), "label": "Hot" })),
    rule("PATCH /api/customer_statuses/{id}", &[200])
        .of(CustomerStatus)
        .with(|_, _| json!({ "position": 3 })),
    // views
    rule("GET /api/views", &[200]),
    rule("POST /api/views", &[201]).with(|_, _| json!({ "name": "Mine", "entity": "customers" })),
    rule("GET /api/views/{id}", &[200]).of(View),
    // 403: a shared one is changed by who may share.
    rule("PATCH /api/views/{id}", &[200, 403])
        .of(View)
        .with(|_, _| json!({ "position": 3 })),
    rule("DELETE /api/views/{id}", &[204, 403]).of(SpareView),
    // many customers at once
    rule("POST /api/crm/customers/import", &[202]).uploading(|number| format!("שם,טלפון\nNoa,+9725033{number:05}\n")),
    rule("POST /api/crm/customers/import/preview", &[200]).uploading(|_| "שם,טלפון\nNoa,0501234567\n".to_owned()),
    rule("GET /api/crm/imports", &[200]),
    rule("GET /api/crm/imports/{id}", &[200]).of(Import),
    // A dry run wrote nothing.
    rule("POST /api/crm/imports/{id}/undo", &[409]).of(Import),
    rule("GET /api/crm/customers/export.csv", &[200]),
    rule("GET /api/crm/customers/export.xlsx", &[200]),
    rule("POST /api/crm/customers/bulk", &[202])
        .with(|records, _| json!({ "ids": [Records::json(&records.customer)], "add_tags": ["sweep"] }))
        .naming_records(),
    rule("GET /api/crm/bulk/{id}", &[200]).of(Bulk),
    // 409: another role of the sweep has undone it.
    rule("POST /api/crm/bulk/{id}/undo", &[202, 409]).of(Bulk),
    // everything
    rule("GET /api/exports", &[200]),
    // 409: another role's is being made.
    rule("POST /api/exports", &[202, 409]),
    rule("GET /api/exports/{id}", &[200]).of(Export),
    rule("GET /api/exports/{id}/file", &[200]).of(Export),
    // tasks
    rule("GET /api/tasks", &[200]),
    rule("POST /api/tasks", &[201])
        .with(|records, _| json!({ "title": "Call", "customer_id": Records::json(&records.customer) }))
        .naming_records(),
    rule("GET /api/tasks/{id}", &[200]).of(Task),
    rule("PATCH /api/tasks/{id}", &[200])
        .of(Task)
        .with(|records, _| json!({ "assignee_id": Records::json(&records.user) }))
        .naming_records(),
    rule("POST /api/tasks/{id}/complete", &[200]).of(Task),
    rule("POST /api/tasks/{id}/reopen", &[200]).of(Task),
    rule("POST /api/tasks/{id}/snooze", &[200])
        .of(Task)
        .with(|_, _| json!({ "preset": "1h" })),
    // 404: a role before this one of the sweep has deleted it.
    rule("DELETE /api/tasks/{id}", &[204, 404]).of(SpareTask),
    // deals
    rule("GET /api/deals", &[200]),
    rule("POST /api/deals", &[201])
        .with(|records, _| json!({ "title": "Flat", "customer_id": Records::json(&records.customer) }))
        .naming_records(),
    rule("GET /api/deals/board", &[200]),
    rule("GET /api/deals/forecast", &[200]),
    rule("GET /api/deals/losses", &[200]),
    rule("GET /api/deals/{id}", &[200]).of(Deal),
    rule("PATCH /api/deals/{id}", &[200])
        .of(Deal)
        .with(|records, _| json!({ "customer_id": Records::json(&records.customer) }))
        .naming_records(),
    // 404: a role before this one of the sweep has deleted it.
    rule("DELETE /api/deals/{id}", &[204, 404]).of(SpareDeal),
    rule("GET /api/deals/{id}/history", &[200]).of(Deal),
    // 409: another line of the sweep has won or lost it.
    rule("POST /api/deals/{id}/move", &[200, 409])
        .of(Deal)
        .with(|records, _| json!({ "stage_id": Records::json(&records.stage) }))
        .naming_records(),
    rule("POST /api/deals/{id}/win", &[200, 409]).of(Deal),
    rule("POST /api/deals/{id}/lose", &[200, 409])
        .of(Deal)
        .with(|_, _| json!({ "reason": "price" })),
    rule("POST /api/deals/{id}/reopen", &[200]).of(Deal),
    rule("GET /api/pipelines", &[200]),
    rule("POST /api/pipelines", &[201])
        .with(|_, number| json!({ "name": format!("Pipeline {number}"), "stages": [{ "name": "New" }] })),
    rule("GET /api/pipelines/{id}", &[200]).of(Pipeline),
    rule("PATCH /api/pipelines/{id}", &[200])
        .of(Pipeline)
        .with(|_, _| json!({ "position": 3 })),
    rule("DELETE /api/pipelines/{id}", &[204, 404]).of(SparePipeline),
    // figures
    rule("GET /api/stats/overview", &[200]),
    rule("GET /api/stats/since_closing", &[200]),
    // one's own: what another is told of is not seen
    rule("GET /api/notifications", &[200]),
    rule("POST /api/notifications/read", &[200]).with(|_, _| json!({ "all": true })),
    rule("GET /api/notifications/preferences", &[200]),
    rule("PATCH /api/notifications/preferences", &[200])
        .with(|_, _| json!({ "kinds": { "task_due": { "email": true } } })),
    rule("GET /api/push/vapid_public_key", &[200]),
    rule("POST /api/push/subscriptions", &[201]).with(|_, number| subscription(number)),
    rule("DELETE /api/push/subscriptions", &[204]).with(|_, number| json!({ "endpoint": endpoint(number) })),
    // 409: nobody of the sweep keeps a device.
    rule("POST /api/push/test", &[202, 409]),
    // calls
    rule("GET /api/crm/calls", &[200]),
    rule("GET /api/calls", &[200]),
    rule("GET /api/calls/waiting", &[200]),
    rule("GET /api/crm/calls/{id}", &[200]).of(Call),
    rule("GET /api/calls/{id}", &[200]).of(Call),
    rule("GET /api/calls/{id}/transcript", &[200]).of(Call),
    // The call of the sweep has none.
    rule("GET /api/calls/{id}/recording", &[404]).of(Call),
    // 409: another role of the sweep has it in hand.
    rule("POST /api/calls/{id}/claim", &[200, 409]).of(Call),
    rule("POST /api/calls/{id}/handle", &[200]).of(Call),
    rule("POST /api/calls/{id}/unhandle", &[200, 409]).of(Call),
    rule("POST /api/calls/{id}/link", &[200])
        .of(Call)
        .with(|records, _| json!({ "customer_id": Records::json(&records.customer) }))
        .naming_records(),
    rule("POST /api/calls/{id}/unlink", &[200]).of(Call),
    // It rings and has no socket, and the people of the sweep have no phones.
    rule("POST /api/calls/{id}/hangup", &[202, 409, 502]).of(Call),
    rule("POST /api/calls/{id}/whisper", &[202, 409])
        .of(Call)
        .with(|_, _| json!({ "text": "Offer a discount" })),
    rule("POST /api/calls/{id}/transfer", &[202, 409, 422])
        .of(Call)
        .with(|_, _| json!({})),
    rule("POST /api/calls", &[202, 422])
        .with(|records, _| json!({ "customer_id": Records::json(&records.customer) }))
        .naming_records(),
    // 409: other roles of the sweep have as many open as a business may.
    rule("POST /api/calls/test", &[201, 409]),
    rule("GET /api/voice/engines", &[200]),
    rule("POST /api/voice/preview", &[200]).with(|_, _| json!({ "text": "שלום" })),
    // the platform
    // conversations in writing; no carrier is on
    rule("GET /api/crm/threads", &[200]),
    rule("GET /api/crm/threads/{id}", &[200]).of(Thread),
    rule("PATCH /api/crm/threads/{id}", &[200]).of(Thread).with(|_, number| json!({ "labels": [number.to_string()] })),
    rule("GET /api/crm/threads/{id}/messages", &[200]).of(Thread),
    rule("POST /api/crm/threads/{id}/read", &[200]).of(Thread),
    rule("POST /api/crm/threads/{id}/typing", &[204]).of(Thread),
    rule("GET /api/crm/threads/{id}/notes", &[200]).of(Thread),
    rule("POST /api/crm/threads/{id}/notes", &[201])
        .of(Thread)
        .with(|records, _| json!({ "text": "Be quick", "mentions": [Records::json(&records.user)] }))
        .naming_records(),
    rule("GET /api/crm/threads/{id}/export.csv", &[200]).of(Thread),
    rule("GET /api/whatsapp/messages", &[200]),
    rule("GET /api/wa/messages", &[200]),
    rule("POST /api/whatsapp/messages/{id}/retry", &[409]).of(Message),
    rule("GET /api/whatsapp/files/{id}", &[404]).of(File),
    rule("POST /api/whatsapp/send", &[501])
        .with(|records, _| json!({ "thread_id": Records::json(&records.thread), "text": "Hello" }))
        .naming_records(),
    rule("POST /api/wa/send", &[501])
        .with(|records, _| json!({ "thread_id": Records::json(&records.thread), "text": "Hello" }))
        .naming_records(),
    rule("POST /api/whatsapp/send_media", &[501])
        .with(|records, _| json!({ "thread_id": Records::json(&records.thread), "media_url": "https://example.com/a.png" }))
        .naming_records(),
    rule("POST /api/whatsapp/send_template", &[501])
        .with(|records, _| json!({ "thread_id": Records::json(&records.thread), "template": "Hello" }))
        .naming_records(),
    rule("POST /api/files", &[201]).uploading(|number| format!("file {number}")),
    rule("GET /api/files/{id}", &[200]).of(Upload),
    rule("GET /api/whatsapp/provider", &[200]),
    rule("PUT /api/whatsapp/provider", &[200]).with(|_, _| json!({ "provider": null })),
    rule("GET /api/whatsapp/status", &[200]),
    rule("GET /api/whatsapp/qr", &[400]),
    rule("POST /api/whatsapp/pair", &[400]).with(|_, _| json!({ "phone": "+972501234567" })),
    rule("POST /api/whatsapp/logout", &[400]),
    rule("GET /api/whatsapp/private", &[200]),
    rule("POST /api/whatsapp/private", &[204])
        .with(|_, number| json!({ "address": format!("+9725033{number:05}") })),
    // 404: another role of the sweep has taken it away.
    rule("DELETE /api/whatsapp/private/{id}", &[204, 404]).of(PrivateChat),
    rule("GET /api/whatsapp/templates", &[200]),
    rule("POST /api/whatsapp/templates", &[201])
        .with(|_, number| json!({ "name": format!("template {number}"), "body": "Hello {{1}}" })),
    rule("PATCH /api/whatsapp/templates/{id}", &[200]).of(Template).with(|_, _| json!({ "body": "Hello" })),
    rule("DELETE /api/whatsapp/templates/{id}", &[204, 404]).of(SpareTemplate),
    rule("GET /api/canned_replies", &[200]),
    rule("POST /api/canned_replies", &[201])
        .with(|_, number| json!({ "shortcut": format!("hi{number}"), "text": "Hello" })),
    rule("PATCH /api/canned_replies/{id}", &[200]).of(Canned).with(|_, _| json!({ "text": "Hello" })),
    rule("DELETE /api/canned_replies/{id}", &[204, 404]).of(SpareCanned),
    rule("GET /api/admin/whatsapp/unrouted", &[200]),
    // Without a reason, or the sweep would go on as somebody else.
    rule("POST /api/admin/impersonate", &[400])
        .with(|records, _| json!({ "business_id": Records::json(&records.business), "reason": " " }))
        .naming_records(),
    rule("DELETE /api/admin/impersonate", &[204]),
    rule("GET /api/admin/stats", &[200]),
    rule("GET /api/admin/jobs", &[200]),
    // None was given up.
    rule("POST /api/admin/jobs/{id}/retry", &[404]),
    rule("GET /api/admin/prompts/{key}", &[200]),
    rule("PUT /api/admin/prompts/{key}", &[200]).with(|_, number| json!({ "text": format!("Be brief, {number}") })),
    rule("GET /api/admin/templates/{key}", &[200]),
    rule("PUT /api/admin/templates/{key}", &[200]).with(|_, number| json!({ "text": format!("Hello {number}") })),
    rule("GET /api/admin/greetings", &[200]),
    rule("PUT /api/admin/greetings", &[200]).with(|_, _| json!({ "greetings": { "he-IL": "שלום" } })),
];

fn endpoint(number: u64) -> String {
    format!("https://push.example.net/{number}")
}

/// A browser whose push service is nowhere; its point is one of RFC 8291's.
fn subscription(number: u64) -> Value {
    let keys = json!({
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    });
    json!({ "endpoint": endpoint(number), "keys": keys })
}

/// What Twilio sends; without its signature nothing is believed.
pub const SIGNED: &str = "twilio_signature";

/// Operations without a signed-in person, and what they go by instead.
pub const PUBLIC: &[(&str, &str)] = &[
    ("GET /health", "none"),
    ("GET /healthz", "none"),
    ("GET /api/health", "none"),
    ("GET /readyz", "none"),
    ("GET /version", "none"),
    ("GET /metrics", "METRICS_TOKEN, when it is set"),
    ("GET /api/setup", "one-time address"),
    ("POST /api/setup", "one-time address"),
    ("POST /api/auth/login", "password"),
    ("POST /auth/login", "password"),
    ("POST /api/auth/token", "password"),
    ("POST /auth/token", "password"),
    ("POST /api/auth/refresh", "refresh token"),
    ("POST /auth/refresh", "refresh token"),
    ("POST /api/auth/logout", "refresh token"),
    ("POST /auth/logout", "refresh token"),
    ("POST /api/auth/password/forgot", "none"),
    ("POST /api/auth/password/reset", "mailed token"),
    ("GET /api/auth/invite/{token}", "invitation"),
    ("POST /api/auth/invite/{token}", "invitation"),
    ("GET /static/tts/{name}", "none"),
    ("HEAD /static/tts/{name}", "none"),
    ("GET /static/voice_responses/{name}", "none"),
    ("HEAD /static/voice_responses/{name}", "none"),
    ("GET /media/tts/{token}", "token"),
    ("GET /webhook/incoming_call", SIGNED),
    ("POST /webhook/incoming_call", SIGNED),
    ("POST /webhook/handle_recording", SIGNED),
    ("GET /webhook/call_status", SIGNED),
    ("POST /webhook/call_status", SIGNED),
    ("POST /webhook/recording_status", SIGNED),
    ("GET /webhook/stream_ended", SIGNED),
    ("POST /webhook/stream_ended", SIGNED),
    ("POST /webhook/dial_ended", SIGNED),
    ("POST /webhook/whisper", SIGNED),
    ("POST /webhook/take_over", SIGNED),
    ("POST /webhook/take_over_ended", SIGNED),
    ("POST /webhook/whatsapp/twilio", SIGNED),
    ("POST /webhook/whatsapp/incoming", SIGNED),
    ("POST /webhook/whatsapp/inbound", SIGNED),
    ("POST /webhook/whatsapp/status", SIGNED),
    ("POST /webhook/whatsapp/baileys", "bridge_signature"),
    ("GET /webhook/whatsapp/meta", "meta_verify_token"),
    ("POST /webhook/whatsapp/meta", "meta_signature"),
    ("POST /webhook/wa/incoming", "bridge_or_meta_signature"),
    ("GET /media/files/{token}", "token"),
    // Diagnostic only: believed when signed, and changes nothing.
    ("GET /webhook/stream_status", "optional_twilio_signature"),
    ("POST /webhook/stream_status", "optional_twilio_signature"),
];
