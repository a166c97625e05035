//! Where in its stage a deal stands: a number between those of its neighbours.
//!
//! Numbers are far apart at first; a place between two is their middle. Where none is left, the stage is numbered anew.

use kernel::Problem;
use platform::db::WriteTx;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, FromQueryResult, IntoActiveModel, Order, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    model::Status,
    store::{self, Column, Entity},
};

/// Thirty-two deals in a row can be put between the same two, and a stage has room for two thousand million.
const GAP: i64 = 1 << 32;

/// What a deal is put next to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The first of its stage.
    Top,
    Before(i64),
    After(i64),
}

/// The position of that place in a stage; the deal that moves does not count. 422 for a neighbour that is not an open
/// deal of the stage.
pub async fn of(tx: &WriteTx, stage: i64, moving: Option<i64>, next: Next) -> Result<i64, Problem> {
    if let Some(position) = between(tx, stage, moving, next).await? {
        return Ok(position);
    }
    number_anew(tx, stage).await?;
    between(tx, stage, moving, next).await?.ok_or_else(Problem::internal)
}

async fn between(tx: &WriteTx, stage: i64, moving: Option<i64>, next: Next) -> Result<Option<i64>, Problem> {
    let (above, below) = match next {
        Next::Top => (None, edge(tx, stage, moving, None, Order::Asc).await?),
        Next::Before(id) => {
            let at = neighbour(tx, stage, "before_id", id).await?;
            (edge(tx, stage, moving, Some(at), Order::Desc).await?, Some(at))
        }
        Next::After(id) => {
            let at = neighbour(tx, stage, "after_id", id).await?;
            (Some(at), edge(tx, stage, moving, Some(at), Order::Asc).await?)
        }
    };
    Ok(middle(above, below))
}

const fn middle(above: Option<i64>, below: Option<i64>) -> Option<i64> {
    match (above, below) {
        (None, None) => Some(0),
        (None, Some(below)) => below.checked_sub(GAP),
        (Some(above), None) => above.checked_add(GAP),
        (Some(above), Some(below)) if below - above > 1 => Some(above + (below - above) / 2),
        (Some(_), Some(_)) => None,
    }
}

async fn neighbour(tx: &WriteTx, stage: i64, field: &str, id: i64) -> Result<i64, Problem> {
    let found = store::visible(tx)
        .by_id(id)
        .filter(Column::StageId.eq(stage))
        .filter(Column::Status.eq(Status::Open.as_str()))
        .one()
        .await?;
    found
        .map(|deal| deal.position)
        .ok_or_else(|| Problem::invalid(field, "unknown_deal", "is not an open deal of this stage"))
}

/// The position nearest to this one on one side of it, or the first of all.
async fn edge(
    tx: &WriteTx,
    stage: i64,
    moving: Option<i64>,
    from: Option<i64>,
    order: Order,
) -> Result<Option<i64>, Problem> {
    let mut deals = tx
        .find::<Entity>()
        .filter(Column::StageId.eq(stage))
        .filter(Column::Status.eq(Status::Open.as_str()));
    if let Some(moving) = moving {
        deals = deals.filter(Column::Id.ne(moving));
    }
    deals = match (from, &order) {
        (None, _) => deals,
        (Some(from), Order::Desc) => deals.filter(Column::Position.lt(from)),
        (Some(from), _) => deals.filter(Column::Position.gt(from)),
    };
    let nearest = deals.order_by(Column::Position, order).limit(1).one().await?;
    Ok(nearest.map(|deal| deal.position))
}

/// The order stays as it is.
async fn number_anew(tx: &WriteTx, stage: i64) -> Result<(), Problem> {
    let deals = tx
        .find::<Entity>()
        .filter(Column::StageId.eq(stage))
        .order_by(Column::Position, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .lock()
        .all()
        .await?;
    for (deal, at) in deals.into_iter().zip(0_i64..) {
        let mut row = deal.into_active_model();
        row.position = Set(at * GAP);
        tx.update(row).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Edge {
    edge: Option<i64>,
}

/// Puts what comes in from another stage below all that stands in this one, in its own order.
pub async fn below_all(tx: &WriteTx, stage: i64, from: i64) -> Result<(), Problem> {
    let lowest = outermost(tx, stage, Column::Position.max()).await?;
    let highest = outermost(tx, from, Column::Position.min()).await?;
    let by = lowest.saturating_add(GAP).saturating_sub(highest);
    tx.update_many::<Entity>()?
        .col_expr(Column::Position, Expr::col(Column::Position).add(by))
        .filter(Column::StageId.eq(from))
        .exec()
        .await?;
    Ok(())
}

async fn outermost(tx: &WriteTx, stage: i64, of: Expr) -> Result<i64, Problem> {
    let deals = tx.find::<Entity>().filter(Column::StageId.eq(stage));
    let row: Option<Edge> = deals
        .map(|select| select.select_only().expr_as(of, "edge"))
        .one_as()
        .await?;
    Ok(row.and_then(|row| row.edge).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_between_its_neighbours() {
        assert_eq!(middle(None, None), Some(0));
        assert_eq!(middle(None, Some(0)), Some(-GAP));
        assert_eq!(middle(Some(0), None), Some(GAP));
        assert_eq!(middle(Some(0), Some(2)), Some(1));
        assert_eq!(middle(Some(-5), Some(-2)), Some(-4));
        assert_eq!(middle(Some(1), Some(2)), None);
        assert_eq!(middle(None, Some(i64::MIN)), None);
    }
}
