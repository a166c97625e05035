//! What is left of a record in the plumbing: queued work, events for browsers, answers kept for a repeated request.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::{DbError, WriteTx};

/// Ids in one statement at most.
const IDS_AT_ONCE: usize = 500;

/// By what a person's traces are known.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Texts that name only this person: phones, e-mails.
    pub values: Vec<String>,
    /// Whole JSON texts that name this person, and perhaps a namesake: names.
    pub names: Vec<String>,
    /// Pages of the web app that are about this person, as news of them link there.
    pub links: Vec<String>,
    /// Members of payloads with the ids that are this person's (`customer_id`, `call_id`).
    pub members: Vec<(&'static str, Vec<i64>)>,
    /// Paths of the API under which the person was.
    pub paths: Vec<String>,
}

impl Traces {
    /// As they stand inside a JSON document.
    fn needles(&self) -> Vec<String> {
        let quoted = |text: &String| serde_json::to_string(text).unwrap_or_default();
        let inner = |text: &String| {
            let quoted = quoted(text);
            let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            inner.unwrap_or_default().to_owned()
        };
        self.values
            .iter()
            .map(inner)
            .chain(self.names.iter().chain(&self.links).map(quoted))
            .filter(|needle| needle.len() > 2)
            .collect()
    }
}

const GONE: &str =
    r#"{"type":"about:blank","title":"Gone","status":410,"detail":"the person was forgotten","error":"forgotten"}"#;

impl WriteTx {
    /// Takes a person out of the plumbing: queued work about them is not done, events are not shown again, and a
    /// request that is repeated is answered with 410 `forgotten`.
    pub async fn erase_traces(&self, traces: &Traces) -> Result<(), DbError> {
        for needle in traces.needles() {
            let text = |column: &str| self.contains(column, "$2");
            let jobs = format!(
                "DELETE FROM jobs WHERE business_id = $1 AND ({} OR {})",
                text("payload"),
                text("last_error")
            );
            self.erase(&jobs, vec![needle.clone().into()]).await?;
            let events = format!(
                "DELETE FROM outbox_events WHERE business_id = $1 AND {}",
                text("payload")
            );
            self.erase(&events, vec![needle.clone().into()]).await?;
            self.forget_answers(&self.bytes_contain("body", "$4"), needle.into_bytes().into())
                .await?;
        }
        for (member, ids) in &traces.members {
            for ids in ids.chunks(IDS_AT_ONCE) {
                let one_of = self.member_is(member, ids);
                for table in ["jobs", "outbox_events"] {
                    let sql = format!("DELETE FROM {table} WHERE business_id = $1 AND {one_of}");
                    self.erase(&sql, Vec::new()).await?;
                }
            }
        }
        for path in &traces.paths {
            // `POST /api/crm/customers/5` and all below it
            self.forget_answers("path LIKE $4", format!("% {path}").into()).await?;
            self.forget_answers("path LIKE $4", format!("% {path}/%").into())
                .await?;
        }
        Ok(())
    }

    fn contains(&self, column: &str, value: &str) -> String {
        match self.backend() {
            DbBackend::Postgres => format!("strpos(CAST({column} AS TEXT), {value}) > 0"),
            _ => format!("instr({column}, {value}) > 0"),
        }
    }

    fn bytes_contain(&self, column: &str, value: &str) -> String {
        match self.backend() {
            DbBackend::Postgres => format!("position({value} IN {column}) > 0"),
            _ => format!("instr({column}, {value}) > 0"),
        }
    }

    fn member_is(&self, member: &str, ids: &[i64]) -> String {
        let ids = |quote: &str| {
            let ids: Vec<String> = ids.iter().map(|id| format!("{quote}{id}{quote}")).collect();
            ids.join(", ")
        };
        match self.backend() {
            DbBackend::Postgres => format!("payload->>'{member}' IN ({})", ids("'")),
            _ => format!("json_extract(payload, '$.{member}') IN ({})", ids("")),
        }
    }

    async fn erase(&self, sql: &str, more: Vec<Value>) -> Result<(), DbError> {
        let mut values: Vec<Value> = vec![self.own_business()?.into()];
        values.extend(more);
        self.conn()
            .execute_raw(Statement::from_sql_and_values(self.backend(), sql, values))
            .await?;
        Ok(())
    }

    /// A request that still runs has no answer yet, and its row is left to it.
    async fn forget_answers(&self, which: &str, value: Value) -> Result<(), DbError> {
        let sql = format!(
            "UPDATE idempotency_keys SET status = 410, body = $2, content_type = $3 \
             WHERE business_id = $1 AND status IS NOT NULL AND {which}"
        );
        let body = GONE.as_bytes().to_vec();
        self.erase(&sql, vec![body.into(), "application/problem+json".into(), value])
            .await
    }
}
