//! Transactions: what may be done inside one.

use std::{
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use kernel::{Problem, Reach, Scope};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, Value, sea_query::OnConflict,
};

use super::{
    Db, DbError, DeleteMany, Find, Owned, UpdateMany,
    audit::{self, Draft, Drafts},
};

/// What a transaction wrote that somebody waits for: its commit wakes only those.
#[derive(Debug, Default)]
pub(crate) struct Wrote {
    jobs: AtomicBool,
    events: AtomicBool,
}

impl Wrote {
    pub(crate) fn a_job(&self) {
        self.jobs.store(true, Ordering::Relaxed);
    }

    pub(crate) fn an_event(&self) {
        self.events.store(true, Ordering::Relaxed);
    }

    fn wake(&self, db: &Db) {
        if self.events.load(Ordering::Relaxed) {
            db.signals().events.notify_one();
        }
        if self.jobs.load(Ordering::Relaxed) {
            db.signals().jobs.notify_one();
        }
    }
}

/// A snapshot of a business's data.
pub struct ReadTx {
    db: Db,
    tx: DatabaseTransaction,
    scope: Scope,
}

impl ReadTx {
    pub(super) const fn new(db: Db, tx: DatabaseTransaction, scope: Scope) -> Self {
        Self { db, tx, scope }
    }

    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }

    /// A query over an entity of this business.
    pub fn find<E: Owned>(&self) -> Find<'_, E>
    where
        E::Model: Send + Sync,
    {
        Find::new(self)
    }

    pub const fn backend(&self) -> DbBackend {
        self.db.backend()
    }

    pub(super) const fn db(&self) -> &Db {
        &self.db
    }

    /// Ends the snapshot early; dropping it does the same in the background.
    pub async fn done(self) -> Result<(), DbError> {
        Ok(self.tx.rollback().await?)
    }

    pub(super) fn business(&self) -> Option<i64> {
        match self.scope.reach() {
            Reach::One(business) => Some(business.get()),
            Reach::All => None,
        }
    }

    pub(crate) const fn conn(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

/// A transaction that changes a business's data. Rolled back unless [`WriteTx::commit`] is called.
pub struct WriteTx {
    read: ReadTx,
    wrote: Wrote,
    drafts: Drafts,
}

impl Deref for WriteTx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.read
    }
}

impl WriteTx {
    pub(super) fn new(read: ReadTx) -> Self {
        Self {
            read,
            wrote: Wrote::default(),
            drafts: Drafts::default(),
        }
    }

    pub(crate) const fn wrote(&self) -> &Wrote {
        &self.wrote
    }

    /// Adds a row; the business is set here.
    pub async fn insert<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model, DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let row = self.owned(row)?;
        Ok(row.insert(self.conn()).await?)
    }

    /// Adds a row unless `conflict` says otherwise; `None` when it made the database do nothing.
    pub async fn insert_or<A>(
        &self,
        row: A,
        conflict: OnConflict,
    ) -> Result<Option<<A::Entity as EntityTrait>::Model>, DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let row = self.owned(row)?;
        let inserted = <A::Entity as EntityTrait>::insert(row)
            .on_conflict(conflict)
            .exec_with_returning(self.conn())
            .await;
        match inserted {
            Ok(model) => Ok(Some(model)),
            Err(sea_orm::DbErr::RecordNotInserted | sea_orm::DbErr::RecordNotFound(_)) => Ok(None),
            Err(err) => Err(err.into()),
        }
    }

    /// Adds many rows in one statement; those that `conflict` excludes are passed over.
    pub async fn insert_many<A>(&self, rows: Vec<A>, conflict: OnConflict) -> Result<(), DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
    {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows
            .into_iter()
            .map(|row| self.owned(row))
            .collect::<Result<Vec<A>, DbError>>()?;
        <A::Entity as EntityTrait>::insert_many(rows)
            .on_conflict(conflict)
            .exec_without_returning(self.conn())
            .await?;
        Ok(())
    }

    /// As [`WriteTx::insert_many`], and gives the rows that were added, in no order.
    pub async fn insert_many_returning<A>(
        &self,
        rows: Vec<A>,
        conflict: OnConflict,
    ) -> Result<Vec<<A::Entity as EntityTrait>::Model>, DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let rows = rows
            .into_iter()
            .map(|row| self.owned(row))
            .collect::<Result<Vec<A>, DbError>>()?;
        let added = <A::Entity as EntityTrait>::insert_many(rows)
            .on_conflict(conflict)
            .exec_with_returning(self.conn())
            .await;
        match added {
            Ok(added) => Ok(added),
            Err(sea_orm::DbErr::RecordNotInserted | sea_orm::DbErr::RecordNotFound(_)) => Ok(Vec::new()),
            Err(err) => Err(err.into()),
        }
    }

    /// Adds many rows in one statement and gives them back in the same order. A unique key that is taken fails all.
    pub async fn insert_all<A>(&self, rows: Vec<A>) -> Result<Vec<<A::Entity as EntityTrait>::Model>, DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + ModelTrait<Entity = A::Entity>,
    {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let rows = rows
            .into_iter()
            .map(|row| self.owned(row))
            .collect::<Result<Vec<A>, DbError>>()?;
        let mut added = <A::Entity as EntityTrait>::insert_many(rows)
            .exec_with_returning(self.conn())
            .await?;
        // Ids are given in the order of the rows; the order of what is returned is nobody's promise.
        if let Some(key) = <A::Entity as EntityTrait>::PrimaryKey::iter().next() {
            let key = key.into_column();
            added.sort_by_key(|row| match row.get(key) {
                Value::BigInt(Some(id)) => id,
                _ => 0,
            });
        }
        Ok(added)
    }

    /// Changes the row with the active model's primary key, if it is of this business.
    pub async fn update<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model, DbError>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Owned,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let business = self.own_business()?;
        Ok(<A::Entity as EntityTrait>::update(row)
            .validate()?
            .filter(A::Entity::BUSINESS.eq(business))
            .exec(self.conn())
            .await?)
    }

    pub fn update_many<E: Owned>(&self) -> Result<UpdateMany<'_, E>, DbError> {
        Ok(UpdateMany::new(&self.read, self.own_business()?))
    }

    pub fn delete_many<E: Owned>(&self) -> Result<DeleteMany<'_, E>, DbError> {
        Ok(DeleteMany::new(&self.read, self.own_business()?))
    }

    pub(super) fn note(&self, draft: Draft) {
        self.drafts.add(draft);
    }

    /// Writes the audit log's entries, makes all of it so, then wakes whoever publishes events and runs jobs.
    pub async fn commit(self) -> Result<(), DbError> {
        let ReadTx { db, tx, .. } = self.read;
        end(db, tx, self.wrote, self.drafts).await
    }

    /// The business that is written to: an admin's view over all of them writes nothing.
    pub(crate) fn own_business(&self) -> Result<i64, DbError> {
        self.business()
            .ok_or_else(|| DbError::Failed(sea_orm::DbErr::Custom("a write needs one business".to_owned())))
    }

    fn owned<A>(&self, mut row: A) -> Result<A, DbError>
    where
        A: ActiveModelTrait,
        A::Entity: Owned,
    {
        row.try_set(A::Entity::BUSINESS, self.own_business()?.into())?;
        Ok(row)
    }
}

/// The chain's head is locked here, last of all, and for no longer than the commit takes.
async fn end(db: Db, tx: DatabaseTransaction, wrote: Wrote, drafts: Drafts) -> Result<(), DbError> {
    let drafts = drafts.take();
    audit::write(&db, &tx, &drafts).await?;
    tx.commit().await?;
    wrote.wake(&db);
    audit::tell(&drafts);
    Ok(())
}

/// A transaction over all businesses; see [`Db::system`].
pub struct SystemTx {
    db: Db,
    tx: DatabaseTransaction,
    wrote: Wrote,
    drafts: Drafts,
}

impl SystemTx {
    pub(super) fn new(db: Db, tx: DatabaseTransaction) -> Self {
        Self {
            db,
            tx,
            wrote: Wrote::default(),
            drafts: Drafts::default(),
        }
    }

    pub(super) fn note(&self, draft: Draft) {
        self.drafts.add(draft);
    }

    pub(crate) const fn wrote(&self) -> &Wrote {
        &self.wrote
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }

    pub const fn conn(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub async fn commit(self) -> Result<(), DbError> {
        end(self.db, self.tx, self.wrote, self.drafts).await
    }

    /// Goes on as a business: from here on row-level security lets only its rows through. What was to be audited of
    /// others is written now.
    pub async fn narrow(self, scope: &Scope) -> Result<WriteTx, DbError> {
        let drafts = self.drafts.take();
        audit::write(&self.db, &self.tx, &drafts).await?;
        audit::tell(&drafts);
        self.db.set_reach(&self.tx, Some(scope.reach())).await?;
        Ok(WriteTx {
            read: ReadTx::new(self.db, self.tx, scope.clone()),
            wrote: self.wrote,
            drafts: Drafts::default(),
        })
    }
}

impl ReadTx {
    /// 404 for a record that is not there, or is another business's.
    pub async fn get<E: Owned>(&self, id: impl Into<i64>) -> Result<E::Model, Problem>
    where
        E::Model: Send + Sync,
    {
        self.find::<E>().by_id(id).one().await?.ok_or_else(Problem::not_found)
    }
}
