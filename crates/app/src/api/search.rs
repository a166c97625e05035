//! `/api/search`: one query across customers, calls, messages, tasks and notes.

use std::collections::HashMap;

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::ReadTx,
    http::{
        ApiError,
        list::{from_query, id_param},
    },
};
use sea_orm::{ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::guarded;
use crate::{
    AppState,
    accounts::sessions::Caller,
    calls::store::{self as calls, call},
    crm::{
        customers::{self, found},
        notes,
        search::{
            self, Chunk,
            tokens::{self, Kind},
            walk,
        },
        tasks,
    },
    threads::store::{self as threads, message},
};

/// Records in each group, unless fewer are asked for.
const USUAL: usize = 5;
const MOST: usize = 20;
/// Of a long text the answer shows its beginning.
const MAX_TEXT_CHARS: usize = 200;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::CustomersRead, routes!(search)))
}

/// The first records of one kind.
#[derive(Debug, Serialize, ToSchema)]
struct Group<T> {
    results: Vec<T>,
    /// There are more than these.
    more: bool,
}

impl<T> Group<T> {
    /// Of one more than are shown.
    fn of<M>(rows: Vec<M>, limit: usize, view: impl FnMut(M) -> T) -> Self {
        Self {
            more: rows.len() > limit,
            results: rows.into_iter().take(limit).map(view).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct FoundCustomer {
    id: i64,
    business_id: i64,
    /// The phone itself while nobody has said a name.
    name: String,
    phone: Option<String>,
    email: Option<String>,
    company: Option<String>,
    status: String,
    /// `supplier`, `wrong_number` or `spam` for somebody who is no lead.
    not_customer: Option<String>,
}

impl From<customers::store::Model> for FoundCustomer {
    fn from(customer: customers::store::Model) -> Self {
        Self {
            id: customer.id,
            business_id: customer.business_id,
            name: customer.name,
            phone: customer.phone,
            email: customer.email,
            company: customer.company,
            status: customer.status,
            not_customer: customer.not_customer,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct FoundCall {
    id: i64,
    business_id: i64,
    customer_id: Option<i64>,
    /// Null for a caller whom nobody has given a name.
    customer_name: Option<String>,
    direction: String,
    /// The other side's number; null for one who hides it.
    number: Option<String>,
    started_at: DateTime<Utc>,
    summary: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FoundTask {
    id: i64,
    business_id: i64,
    customer_id: Option<i64>,
    customer_name: Option<String>,
    title: String,
    status: String,
    due_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
struct FoundNote {
    id: i64,
    business_id: i64,
    customer_id: i64,
    customer_name: Option<String>,
    /// Its first 200 characters.
    text: String,
    created_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
struct FoundMessage {
    id: i64,
    business_id: i64,
    thread_id: i64,
    customer_id: Option<i64>,
    customer_name: Option<String>,
    direction: String,
    /// Its first 200 characters.
    text: Option<String>,
    at: DateTime<Utc>,
}

/// What a query finds. A group that the caller may not see, or whose module is off, is absent.
#[derive(Serialize, ToSchema)]
struct SearchAnswer {
    q: String,
    customers: Group<FoundCustomer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<Group<FoundCall>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Group<FoundMessage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<Group<FoundTask>>,
    notes: Group<FoundNote>,
    /// Nothing was found as it was typed: this is what is found by `did_you_mean`.
    approximate: bool,
    /// The same keys in the other language, or names that are almost what was typed.
    did_you_mean: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    /// Words by their beginnings, a phone by its last four digits or more, an e-mail.
    q: Option<String>,
    /// Records in each group: 1 to 20, usually 5; a larger one counts as 20.
    limit: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Params {
    fn limit(&self) -> Result<usize, Problem> {
        match self.limit.as_deref().map(str::parse::<usize>) {
            None => Ok(USUAL),
            Some(Ok(limit)) if limit >= 1 => Ok(limit.min(MOST)),
            Some(_) => Err(Problem::malformed("invalid_paging", "limit is a number from 1")),
        }
    }
}

/// The first customers, calls, tasks, messages and notes that a query finds. When it finds nothing, the same keys in the
/// other language are tried, and names that are almost what was typed.
#[utoipa::path(get, path = "/api/search", params(Params), responses((status = 200, body = SearchAnswer)))]
async fn search(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<SearchAnswer>, ApiError> {
    let params: Params = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(id_param("business_id", params.business_id.as_deref())?)?;
    let query = params.q.clone().unwrap_or_default();
    let asked = Asked {
        limit: params.limit()?,
        calls: caller.may(Permission::CallsRead),
        tasks: caller.may(Permission::TasksRead),
        messages: caller.may(Permission::MessagesRead),
    };
    let tx = app.db.read(&scope).await?;
    let found = asked.find_meant(&tx, &query).await?;
    let names = found.names(&tx).await?;
    Ok(Json(found.answer(&asked, query, &names)))
}

/// What the caller may see of an answer.
struct Asked {
    limit: usize,
    calls: bool,
    tasks: bool,
    messages: bool,
}

#[derive(Default)]
struct Found {
    customers: Vec<customers::store::Model>,
    calls: Vec<call::Model>,
    tasks: Vec<tasks::store::Model>,
    messages: Vec<message::Model>,
    notes: Vec<notes::store::Model>,
    /// By what all this was found, when nothing was by what was typed.
    meant: Option<String>,
}

impl Asked {
    /// What a query finds, else what it finds in spite of the keyboard's language, else of slips.
    async fn find_meant(&self, tx: &ReadTx, query: &str) -> Result<Found, Problem> {
        let Some(chunks) = search::parse(query) else {
            return Ok(Found::default());
        };
        let found = self.find(tx, &chunks).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(other) = found::in_other_language(query) {
            let found = self.find(tx, &other.chunks).await?;
            if !found.is_empty() {
                let meant = Some(other.text);
                return Ok(Found { meant, ..found });
            }
        }
        let Some(slip) = found::in_spite_of_slips(tx, &chunks).await? else {
            return Ok(found);
        };
        Ok(Found {
            customers: found::first(tx, &slip.chunks, self.limit + 1).await?,
            meant: Some(slip.text),
            ..found
        })
    }

    /// One more of each than are shown.
    async fn find(&self, tx: &ReadTx, chunks: &[Chunk]) -> Result<Found, Problem> {
        let rows = self.limit + 1;
        let mut found = Found {
            customers: found::first(tx, chunks, rows).await?,
            ..Found::default()
        };
        if self.calls {
            found.calls = self.calls(tx, chunks, &found.customers).await?;
        }
        if self.tasks
            && let Some(readings) = tokens::readings(Kind::Task, chunks)
        {
            let visible = || tasks::store::visible(tx);
            found.tasks = walk::first(tx, visible, tasks::store::Column::Id, &readings, rows).await?;
        }
        if self.messages
            && let Some(readings) = tokens::readings(Kind::Message, chunks)
        {
            let visible = || threads::visible_messages(tx);
            found.messages = walk::first(tx, visible, message::Column::Id, &readings, rows).await?;
        }
        if let Some(readings) = tokens::readings(Kind::Note, chunks) {
            let visible = || notes::store::visible(tx);
            found.notes = walk::first(tx, visible, notes::store::Column::Id, &readings, rows).await?;
        }
        Ok(found)
    }

    /// The latest calls with the customers who were found, then those whose summaries have the words.
    async fn calls(
        &self,
        tx: &ReadTx,
        chunks: &[Chunk],
        customers: &[customers::store::Model],
    ) -> Result<Vec<call::Model>, Problem> {
        let rows = self.limit + 1;
        let real = || calls::visible(tx).filter(call::Column::Test.eq(false));
        let mut found = Vec::new();
        for customer in customers.iter().take(self.limit) {
            if found.len() >= rows {
                break;
            }
            let latest = real()
                .filter(call::Column::BusinessId.eq(customer.business_id))
                .filter(call::Column::CustomerId.eq(customer.id))
                .order_by(call::Column::CreatedAt, Order::Desc)
                .limit(u64::try_from(rows - found.len()).unwrap_or(u64::MAX));
            found.extend(latest.all().await?);
        }
        if found.len() < rows
            && let Some(readings) = tokens::readings(Kind::Call, chunks)
        {
            let with_words = walk::first(tx, real, call::Column::Id, &readings, rows).await?;
            let new = |call: &call::Model| !found.iter().any(|known| known.id == call.id);
            let with_words: Vec<call::Model> = with_words.into_iter().filter(new).collect();
            found.extend(with_words);
        }
        found.truncate(rows);
        Ok(found)
    }
}

type Names = HashMap<i64, String>;

impl Found {
    const fn is_empty(&self) -> bool {
        let records = self.calls.is_empty() && self.tasks.is_empty() && self.notes.is_empty();
        self.customers.is_empty() && records && self.messages.is_empty()
    }

    /// What the customers of calls, tasks and notes are called.
    async fn names(&self, tx: &ReadTx) -> Result<Names, Problem> {
        let known = self.customers.iter().filter_map(|customer| {
            let name = customer.given_name()?;
            Some((customer.id, name.to_owned()))
        });
        let mut names: Names = known.collect();
        let of_calls = self.calls.iter().filter_map(|call| call.customer_id);
        let of_tasks = self.tasks.iter().filter_map(|task| task.customer_id);
        let of_notes = self.notes.iter().map(|note| note.customer_id);
        let of_messages = self.messages.iter().filter_map(|message| message.customer_id);
        let unknown = of_calls.chain(of_tasks).chain(of_notes).chain(of_messages);
        let unknown: Vec<i64> = unknown.filter(|id| !names.contains_key(id)).collect();
        names.extend(customers::store::names(tx, unknown).await?);
        Ok(names)
    }

    fn answer(self, asked: &Asked, q: String, names: &Names) -> SearchAnswer {
        let limit = asked.limit;
        let calls = Group::of(self.calls, limit, |call| found_call(call, names));
        let tasks = Group::of(self.tasks, limit, |task| found_task(task, names));
        let messages = Group::of(self.messages, limit, |message| found_message(message, names));
        SearchAnswer {
            q,
            customers: Group::of(self.customers, limit, FoundCustomer::from),
            calls: asked.calls.then_some(calls),
            messages: asked.messages.then_some(messages),
            tasks: asked.tasks.then_some(tasks),
            notes: Group::of(self.notes, limit, |note| found_note(&note, names)),
            approximate: self.meant.is_some(),
            did_you_mean: self.meant,
        }
    }
}

fn found_call(call: call::Model, names: &Names) -> FoundCall {
    let number = match call.direction.as_str() {
        "out" => call.to_number,
        _ => call.from_number,
    };
    FoundCall {
        id: call.id,
        business_id: call.business_id,
        customer_id: call.customer_id,
        customer_name: call.customer_id.and_then(|id| names.get(&id).cloned()),
        direction: call.direction,
        number: (!call.caller_hidden).then_some(number),
        started_at: call.started_at,
        summary: call.summary,
    }
}

fn found_task(task: tasks::store::Model, names: &Names) -> FoundTask {
    FoundTask {
        id: task.id,
        business_id: task.business_id,
        customer_id: task.customer_id,
        customer_name: task.customer_id.and_then(|id| names.get(&id).cloned()),
        title: task.title,
        status: task.status,
        due_at: task.due_at,
    }
}

fn found_message(message: message::Model, names: &Names) -> FoundMessage {
    FoundMessage {
        id: message.id,
        business_id: message.business_id,
        thread_id: message.thread_id,
        customer_id: message.customer_id,
        customer_name: message.customer_id.and_then(|id| names.get(&id).cloned()),
        direction: message.direction,
        text: message.text.map(|text| text.chars().take(MAX_TEXT_CHARS).collect()),
        at: message.at,
    }
}

fn found_note(note: &notes::store::Model, names: &Names) -> FoundNote {
    FoundNote {
        id: note.id,
        business_id: note.business_id,
        customer_id: note.customer_id,
        customer_name: names.get(&note.customer_id).cloned(),
        text: note.text.chars().take(MAX_TEXT_CHARS).collect(),
        created_at: note.created_at,
    }
}
