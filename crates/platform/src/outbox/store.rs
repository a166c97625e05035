//! The table `outbox_events`.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Permission, Reach};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, Statement,
    entity::prelude::*,
};

use super::{Event, Room};
use crate::db::{Db, DbError, Owned, ReadTx, retrying};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub event_id: Option<i64>,
    pub room: String,
    pub room_id: i64,
    pub name: String,
    pub payload: Json,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// How many events one read gives.
pub const MOST_PER_READ: u64 = 500;
/// How many events are numbered in one transaction.
const MOST_PER_BATCH: u64 = 500;
/// How many old events are deleted in one transaction.
const MOST_PER_SWEEP: u64 = 1000;

/// An event that is out.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PublishedEvent {
    pub event_id: i64,
    pub name: String,
    pub payload: Json,
    pub at: DateTime<Utc>,
    #[serde(skip)]
    pub business_id: i64,
    #[serde(skip)]
    pub room: Room,
}

impl PublishedEvent {
    fn of(row: Model) -> Option<Self> {
        Some(Self {
            event_id: row.event_id?,
            room: Room::read(&row.room, row.room_id)?,
            name: row.name,
            payload: row.payload,
            at: row.published_at.unwrap_or(row.created_at),
            business_id: row.business_id,
        })
    }
}

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    business_id: i64,
    event: Event,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    Entity::insert(row(business_id, event, now))
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

pub(super) async fn insert_all(
    conn: &impl ConnectionTrait,
    business_id: i64,
    events: Vec<Event>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let rows = events.into_iter().map(|event| row(business_id, event, now));
    Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

fn row(business_id: i64, event: Event, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        business_id: Set(business_id),
        room: Set(event.room.word().to_owned()),
        room_id: Set(event.room.id()),
        name: Set(event.name.to_owned()),
        payload: Set(event.payload),
        created_at: Set(now),
        ..Default::default()
    }
}

/// The number of the last event that is out.
pub(crate) async fn last_published(db: &Db) -> Result<i64, DbError> {
    let tx = db.system_read("publishing events").await?;
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(
            db.backend(),
            "SELECT last_event_id FROM event_counter WHERE id = 1",
        ))
        .await?;
    Ok(row
        .map(|row| row.try_get_by_index::<i64>(0))
        .transpose()?
        .unwrap_or_default())
}

/// What is out after `after`, of every business: for the process that hands events to its browsers.
pub(crate) async fn published_after(db: &Db, after: i64) -> Result<Vec<PublishedEvent>, DbError> {
    let tx = db.system_read("publishing events").await?;
    let rows = Entity::find()
        .filter(Column::EventId.gt(after))
        .order_by_asc(Column::EventId)
        .limit(MOST_PER_READ)
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().filter_map(PublishedEvent::of).collect())
}

impl ReadTx {
    /// Events that are out after `after`, oldest first, as far as the scope's actor would hear them in rooms: those
    /// of its business, its own, and those of calls when it may read calls.
    pub async fn events_after(&self, after: i64, limit: u64) -> Result<Vec<PublishedEvent>, DbError> {
        let mut rooms = Condition::any().add(Column::Room.eq("business"));
        if let Some(user) = self.scope().actor().user_id() {
            rooms = rooms.add(
                Condition::all()
                    .add(Column::Room.eq("user"))
                    .add(Column::RoomId.eq(user.get())),
            );
        }
        if self.scope().may(Permission::CallsRead) {
            rooms = rooms.add(Column::Room.eq("call"));
        }
        let mut select = Entity::find().filter(Column::EventId.gt(after)).filter(rooms);
        if let Reach::One(business) = self.scope().reach() {
            select = select.filter(Column::BusinessId.eq(business.get()));
        }
        let rows = select
            .order_by_asc(Column::EventId)
            .limit(limit.min(MOST_PER_READ))
            .all(self.conn())
            .await?;
        Ok(rows.into_iter().filter_map(PublishedEvent::of).collect())
    }
}

#[derive(FromQueryResult)]
struct Numbered {
    event_id: i64,
}

/// Numbers what is committed and not yet out. Gives the last number, or `None` when there was nothing; `true` beside
/// it when there may be more.
pub(super) async fn publish(db: &Db) -> Result<Option<(i64, bool)>, DbError> {
    retrying(async || {
        let now = db.clock().now();
        let tx = db.system("publishing events").await?;
        // Whoever holds the counter's row publishes; the others wait here, and then see what it has left.
        tx.conn()
            .execute_unprepared("UPDATE event_counter SET last_event_id = last_event_id WHERE id = 1")
            .await?;
        let numbered = Numbered::find_by_statement(Statement::from_sql_and_values(
            db.backend(),
            format!(
                "UPDATE outbox_events SET published_at = $1, \
                 event_id = waiting.n + (SELECT last_event_id FROM event_counter WHERE id = 1) \
                 FROM (SELECT id AS row_id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM \
                       (SELECT id FROM outbox_events WHERE event_id IS NULL ORDER BY id LIMIT {MOST_PER_BATCH}) AS first) \
                      AS waiting WHERE outbox_events.id = waiting.row_id RETURNING event_id"
            ),
            [now.into()],
        ))
        .all(tx.conn())
        .await?;
        let Some(last) = numbered.iter().map(|row| row.event_id).max() else {
            return Ok(None);
        };
        tx.conn()
            .execute_raw(Statement::from_sql_and_values(
                db.backend(),
                "UPDATE event_counter SET last_event_id = $1 WHERE id = 1",
                [last.into()],
            ))
            .await?;
        if db.is_postgres() {
            crate::bus::notify_published(tx.conn(), last).await?;
        }
        tx.commit().await?;
        let more = u64::try_from(numbered.len()).unwrap_or(u64::MAX) >= MOST_PER_BATCH;
        Ok(Some((last, more)))
    })
    .await
}

/// Whether there is anything to number; asked before the writer is troubled.
pub(super) async fn is_waiting(db: &Db) -> Result<bool, DbError> {
    let tx = db.system_read("publishing events").await?;
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(
            db.backend(),
            "SELECT 1 FROM outbox_events WHERE event_id IS NULL LIMIT 1",
        ))
        .await?;
    Ok(row.is_some())
}

/// Deletes events that are older than `keep`.
pub(super) async fn sweep(db: &Db, keep: TimeDelta) -> Result<u64, DbError> {
    let before = db.clock().now() - keep;
    let mut gone = 0;
    loop {
        let batch = retrying(async || {
            let tx = db.system("publishing events").await?;
            let deleted = tx
                .conn()
                .execute_raw(Statement::from_sql_and_values(
                    db.backend(),
                    format!(
                        "DELETE FROM outbox_events WHERE id IN (SELECT id FROM outbox_events \
                         WHERE event_id IS NOT NULL AND published_at < $1 ORDER BY event_id LIMIT {MOST_PER_SWEEP})"
                    ),
                    [before.into()],
                ))
                .await?
                .rows_affected();
            tx.commit().await?;
            Ok(deleted)
        })
        .await?;
        gone += batch;
        if batch < MOST_PER_SWEEP {
            return Ok(gone);
        }
    }
}
