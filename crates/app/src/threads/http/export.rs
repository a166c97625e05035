//! A conversation as a table.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::Problem;
use platform::http::{ApiError, PathId};
use sea_orm::{ColumnTrait, Order};

use crate::{
    AppState,
    accounts::sessions::Caller,
    crm::exports::{
        csv,
        table::{Lang, Words},
    },
    threads::store::{self, message, thread},
};

/// Messages that are read at a time, and at most.
const AT_ONCE: u64 = 1_000;
const MOST_MESSAGES: usize = 100_000;
const HEADINGS: [&str; 6] = ["מתי", "כיוון", "מי כתב", "סוג", "הודעה", "סטטוס"];

/// All messages of a conversation, the first one first, as CSV.
#[utoipa::path(get, path = "/api/crm/threads/{id}/export.csv", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv"), (status = 404)))]
pub(super) async fn thread_csv(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Response, ApiError> {
    let scope = caller.for_record::<thread::Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    store::get(&tx, id).await?;
    let words = Words::of(&tx, Lang::He).await?;
    let mut table = csv::MARK.to_owned();
    table.push_str(&csv::line(HEADINGS));
    let (mut last, mut written) = (0, 0_usize);
    while written < MOST_MESSAGES {
        let found = next(&tx, id, last).await?;
        let Some(end) = found.last() else { break };
        last = end.id;
        written += found.len();
        for message in &found {
            table.push_str(&line(message, &words));
        }
    }
    let name = HeaderValue::from_str(&format!("attachment; filename=\"thread-{id}.csv\""));
    let name = name.map_err(|_| Problem::internal())?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok((
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)],
        table,
    )
        .into_response())
}

async fn next(tx: &platform::db::ReadTx, thread: i64, after: i64) -> Result<Vec<message::Model>, Problem> {
    Ok(tx
        .find::<message::Entity>()
        .filter(message::Column::ThreadId.eq(thread))
        .filter(message::Column::Id.gt(after))
        .order_by(message::Column::Id, Order::Asc)
        .limit(AT_ONCE)
        .all()
        .await?)
}

fn line(message: &message::Model, words: &Words) -> String {
    let direction = if message.is_out() { "יוצאת" } else { "נכנסת" };
    let who = match message.source.as_str() {
        "customer" => "לקוח",
        "agent" => "המענה הדיגיטלי",
        "system" => "המערכת",
        "phone" => "הטלפון של העסק",
        _ => words.person(message.author_id),
    };
    let text = message.text.as_deref().filter(|_| message.deleted_at.is_none());
    csv::line([
        words.time(Some(message.at)).as_str(),
        direction,
        who,
        &message.kind,
        text.unwrap_or_default(),
        &message.status,
    ])
}
