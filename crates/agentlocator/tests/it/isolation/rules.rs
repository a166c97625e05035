//! How each operation is asked, and what it answers to whom it serves. A new route needs a line here.

use serde_json::{Value, json};

use super::records::Records;

/// Whose id stands in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    Business,
    Customer,
    Task,
    Call,
}

pub struct Rule {
    pub operation: &'static str,
    pub record: Option<Record>,
    /// A body that is accepted; the number is another each time.
    pub body: Option<fn(&Records, u64) -> Value>,
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

    const fn naming_records(mut self) -> Self {
        self.names_records = true;
        self
    }
}

use Record::{Business, Call, Customer, Task};

pub const RULES: &[Rule] = &[
    // people
    rule("GET /api/auth/me", &[200]),
    rule("GET /auth/me", &[200]),
    rule("PATCH /api/auth/me", &[200]).with(|_, _| json!({ "available": true })),
    // The wrong current password, or the sweep would lock itself out.
    rule("POST /api/auth/password", &[422])
        .with(|_, _| json!({ "current_password": "not it", "new_password": "another correct horse" })),
    rule("GET /api/users", &[200]),
    rule("GET /api/events", &[200]),
    // the business
    rule("GET /api/businesses/{id}/settings", &[200]).of(Business),
    rule("PATCH /api/businesses/{id}/settings", &[200])
        .of(Business)
        .with(|_, number| json!({ "agent_prompt": format!("Be kind, {number}") })),
    // customers
    rule("GET /api/crm/customers", &[200]),
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
    rule("POST /api/calls/test", &[201]),
    rule("GET /api/voice/engines", &[200]),
];

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
    // Diagnostic only: believed when signed, and changes nothing.
    ("GET /webhook/stream_status", "optional_twilio_signature"),
    ("POST /webhook/stream_status", "optional_twilio_signature"),
];
