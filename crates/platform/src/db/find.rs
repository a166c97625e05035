//! Queries that have their business in them.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DeleteMany as SeaDeleteMany, EntityTrait, FromQueryResult, Iterable,
    Order, PaginatorTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    UpdateMany as SeaUpdateMany, Value,
    sea_query::{Alias, Asterisk, Expr, Func, IntoCondition, LockType, Query, SimpleExpr},
};

use super::{DbError, Owned, ReadTx, totals};

/// A select over one entity of the scope's business.
pub struct Find<'t, E: EntityTrait> {
    tx: &'t ReadTx,
    select: Select<E>,
}

impl<E: EntityTrait> Clone for Find<'_, E> {
    fn clone(&self) -> Self {
        Self {
            tx: self.tx,
            select: self.select.clone(),
        }
    }
}

impl<'t, E: Owned> Find<'t, E>
where
    E::Model: Send + Sync,
{
    pub(super) fn new(tx: &'t ReadTx) -> Self {
        let select = match tx.business() {
            Some(business) => E::find().filter(E::BUSINESS.eq(business)),
            None => E::find(),
        };
        Self { tx, select }
    }

    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.select = self.select.filter(condition.into_condition());
        self
    }

    /// The record with this id (the entity's first primary key column).
    #[must_use]
    pub fn by_id(self, id: impl Into<i64>) -> Self {
        let id: i64 = id.into();
        match E::PrimaryKey::iter().next() {
            Some(key) => self.filter(key.into_column().eq(id)),
            None => self,
        }
    }

    #[must_use]
    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.select = self.select.order_by(column, order);
        self
    }

    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.select = self.select.limit(rows);
        self
    }

    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.select = self.select.offset(rows);
        self
    }

    /// Anything else that a select can do (joins, expressions); the business stays in it.
    #[must_use]
    pub fn map(mut self, change: impl FnOnce(Select<E>) -> Select<E>) -> Self {
        self.select = change(self.select);
        self
    }

    /// Locks the rows until the transaction ends (PostgreSQL; SQLite's writer is alone already).
    #[must_use]
    pub fn lock(mut self) -> Self {
        if self.tx.backend() == DbBackend::Postgres {
            self.select = self.select.lock(LockType::Update);
        }
        self
    }

    pub async fn one(self) -> Result<Option<E::Model>, DbError> {
        Ok(self.select.one(self.tx.conn()).await?)
    }

    pub async fn all(self) -> Result<Vec<E::Model>, DbError> {
        Ok(self.select.all(self.tx.conn()).await?)
    }

    pub async fn count(self) -> Result<u64, DbError> {
        Ok(self.select.count(self.tx.conn()).await?)
    }

    /// How many there are: exact to 10,000; a larger number may be 5 seconds old.
    pub async fn total(self) -> Result<u64, DbError> {
        let totals = &self.tx.db().totals;
        let now = self.tx.now();
        let key = totals::key(&self.select.clone().build(self.tx.backend()));
        if let Some(total) = totals.of(&key, now) {
            return Ok(total);
        }
        let few = self.counted(Some(totals::COUNTED_ANEW + 1)).await?;
        if few <= totals::COUNTED_ANEW {
            return Ok(few);
        }
        let total = self.counted(None).await?;
        totals.note(key, now, total);
        Ok(total)
    }

    /// How many there are, and no more than this.
    async fn counted(&self, most: Option<u64>) -> Result<u64, DbError> {
        let mut rows = self.select.clone().select_only().expr(Expr::val(1)).into_query();
        if let Some(most) = most {
            rows.limit(most);
        }
        let mut count = Query::select();
        count
            .expr(Func::count(Expr::col(Asterisk)))
            .from_subquery(rows, Alias::new("counted"));
        let row = self.tx.conn().query_one(&count).await?;
        let many: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(many.and_then(|many| u64::try_from(many).ok()).unwrap_or_default())
    }

    /// Rows of a shape of one's own.
    pub async fn all_as<M: FromQueryResult + Send + Sync>(self) -> Result<Vec<M>, DbError> {
        Ok(self.select.into_model::<M>().all(self.tx.conn()).await?)
    }

    pub async fn one_as<M: FromQueryResult + Send + Sync>(self) -> Result<Option<M>, DbError> {
        Ok(self.select.into_model::<M>().one(self.tx.conn()).await?)
    }
}

/// An update of rows of the scope's business.
pub struct UpdateMany<'t, E: EntityTrait> {
    tx: &'t ReadTx,
    update: SeaUpdateMany<E>,
}

impl<'t, E: Owned> UpdateMany<'t, E> {
    pub(super) fn new(tx: &'t ReadTx, business: i64) -> Self {
        Self {
            tx,
            update: E::update_many().filter(E::BUSINESS.eq(business)),
        }
    }

    #[must_use]
    pub fn col(mut self, column: E::Column, value: impl Into<Value>) -> Self {
        self.update = self.update.col_expr(column, SimpleExpr::Value(value.into()));
        self
    }

    #[must_use]
    pub fn col_expr(mut self, column: E::Column, value: SimpleExpr) -> Self {
        self.update = self.update.col_expr(column, value);
        self
    }

    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.update = self.update.filter(condition.into_condition());
        self
    }

    /// How many rows were changed.
    pub async fn exec(self) -> Result<u64, DbError> {
        Ok(self.update.exec(self.tx.conn()).await?.rows_affected)
    }
}

/// A deletion of rows of the scope's business.
pub struct DeleteMany<'t, E: EntityTrait> {
    tx: &'t ReadTx,
    delete: SeaDeleteMany<E>,
}

impl<'t, E: Owned> DeleteMany<'t, E> {
    pub(super) fn new(tx: &'t ReadTx, business: i64) -> Self {
        Self {
            tx,
            delete: E::delete_many().filter(E::BUSINESS.eq(business)),
        }
    }

    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.delete = self.delete.filter(condition.into_condition());
        self
    }

    /// How many rows are gone.
    pub async fn exec(self) -> Result<u64, DbError> {
        Ok(self.delete.exec(self.tx.conn()).await?.rows_affected)
    }
}
