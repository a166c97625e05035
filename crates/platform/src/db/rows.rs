//! Rows of tables that are known by their names only.
//!
//! For work that goes over every table which speaks of a record (merging two customers, forgetting one), whichever
//! subject the table belongs to. The business is in each statement, as in [`super::Find`]. Names of tables and columns
//! are the program's own, never a client's.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, Value,
    sea_query::{Alias, Condition, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement},
};

use super::{DbError, WriteTx};

/// Some rows of one table of the scope's business; all of them until narrowed.
pub struct Rows<'t> {
    tx: &'t WriteTx,
    table: &'static str,
    of: Condition,
}

impl WriteTx {
    /// The rows of a table. It must have the column `business_id`.
    pub fn rows(&self, table: &'static str) -> Result<Rows<'_>, DbError> {
        let business = self.own_business()?;
        Ok(Rows {
            tx: self,
            table,
            of: Condition::all().add(column("business_id").eq(business)),
        })
    }
}

fn column(name: &'static str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Rows<'_> {
    fn and(mut self, condition: Expr) -> Self {
        self.of = self.of.add(condition);
        self
    }

    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<Value>) -> Self {
        let value: Value = value.into();
        self.and(column(name).eq(value))
    }

    /// Few values: each is bound on its own.
    #[must_use]
    pub fn with_any<V: Into<Value>>(self, name: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        self.and(column(name).is_in(values))
    }

    /// Those where this column is empty.
    #[must_use]
    pub fn without(self, name: &'static str) -> Self {
        self.and(column(name).is_null())
    }

    /// Those where this column holds what `others` have in `theirs`.
    #[must_use]
    pub fn among(self, name: &'static str, others: &Rows<'_>, theirs: &'static str) -> Self {
        let others = others.select(theirs);
        self.and(column(name).in_subquery(others))
    }

    /// Those where a column, read as text, holds one of these texts anywhere.
    #[must_use]
    pub fn mentioning(self, name: &'static str, texts: &[String]) -> Self {
        let function = match self.tx.backend() {
            DbBackend::Postgres => "strpos",
            _ => "instr",
        };
        let holds = |text: &String| {
            let column = column(name).cast_as(Alias::new("text"));
            let at = Func::cust(Alias::new(function)).arg(column).arg(text.as_str());
            Expr::expr(at).gt(0)
        };
        let any = texts.iter().map(holds).fold(Condition::any(), Condition::add);
        // nothing mentions none of nothing
        let any = if texts.is_empty() {
            any.add(Expr::val(1).eq(0))
        } else {
            any
        };
        Self {
            of: self.of.add(any),
            ..self
        }
    }

    fn select(&self, name: &'static str) -> SelectStatement {
        let mut select = Query::select();
        select
            .column(Alias::new(name))
            .from(Alias::new(self.table))
            .cond_where(self.of.clone());
        select
    }

    fn conn(&self) -> &DatabaseTransaction {
        self.tx.conn()
    }

    /// Their ids, in order.
    pub async fn ids(&self) -> Result<Vec<i64>, DbError> {
        let mut select = self.select("id");
        select.order_by(Alias::new("id"), sea_orm::Order::Asc);
        let rows = self.conn().query_all(&select).await?;
        let ids: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
        Ok(ids?)
    }

    /// What stands in a column of text, where anything does.
    pub async fn texts(&self, name: &'static str) -> Result<Vec<String>, DbError> {
        let mut select = self.select(name);
        select.and_where(column(name).is_not_null());
        let rows = self.conn().query_all(&select).await?;
        let texts: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
        Ok(texts?)
    }

    /// Whether there is any.
    pub async fn exist(&self) -> Result<bool, DbError> {
        let mut select = Query::select();
        select
            .expr(Expr::val(1))
            .from(Alias::new(self.table))
            .cond_where(self.of.clone())
            .limit(1);
        Ok(self.conn().query_one(&select).await?.is_some())
    }

    /// The largest number in a column.
    pub async fn largest(&self, name: &'static str) -> Result<Option<i32>, DbError> {
        let mut select = Query::select();
        select
            .expr(Func::max(column(name)))
            .from(Alias::new(self.table))
            .cond_where(self.of.clone());
        let row = self.conn().query_one(&select).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
    }

    /// Writes these values into all of them, and says how many there were. `Value::String(None)` empties a column of any type.
    pub async fn set(&self, values: impl Into<Vec<(&'static str, Value)>>) -> Result<u64, DbError> {
        let values = values.into().into_iter().map(|(name, value)| match value {
            // a bound one has a type, which PostgreSQL wants to be the column's
            Value::String(None) => (name, Expr::cust("NULL")),
            value => (name, Expr::val(value)),
        });
        self.set_to(values.collect()).await
    }

    /// Adds to a number in all of them.
    pub async fn add(&self, name: &'static str, more: i32) -> Result<u64, DbError> {
        self.set_to(vec![(name, column(name).add(more))]).await
    }

    async fn set_to(&self, values: Vec<(&'static str, Expr)>) -> Result<u64, DbError> {
        let mut update = Query::update();
        update
            .table(Alias::new(self.table))
            .values(values.into_iter().map(|(name, value)| (Alias::new(name), value)))
            .cond_where(self.of.clone());
        Ok(self.conn().execute(&update).await?.rows_affected())
    }

    pub async fn delete(&self) -> Result<u64, DbError> {
        let mut delete = Query::delete();
        delete.from_table(Alias::new(self.table)).cond_where(self.of.clone());
        Ok(self.conn().execute(&delete).await?.rows_affected())
    }

    /// Writes one row for each of them into another table: its id in the column `id_as`, and these values. One that is
    /// there already stays.
    pub async fn note_in(
        &self,
        table: &'static str,
        id_as: &'static str,
        values: impl Into<Vec<(&'static str, Value)>>,
    ) -> Result<(), DbError> {
        let mut columns = vec![Alias::new("business_id"), Alias::new(id_as)];
        let mut select = Query::select();
        select
            .column(Alias::new("business_id"))
            .column(Alias::new("id"))
            .from(Alias::new(self.table))
            .cond_where(self.of.clone());
        for (name, value) in values.into() {
            columns.push(Alias::new(name));
            select.expr(Expr::val(value));
        }
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(table))
            .columns(columns)
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        insert
            .select_from(select)
            .map_err(|err| DbError::Failed(sea_orm::DbErr::Custom(err.to_string())))?;
        self.conn().execute(&insert).await?;
        Ok(())
    }
}
