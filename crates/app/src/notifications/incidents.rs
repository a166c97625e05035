//! What is out of order: told once when it begins and once when it is over, to owners and managers, however often it is
//! noticed in between.

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, sea_query::OnConflict};

use super::{
    Kind, News, managers,
    store::incident::{ActiveModel, Column, Entity, Model},
    tell,
};

/// Something that is, or was, out of order.
pub type Incident = Model;

/// More at once are not told apart.
const MOST_OPEN: u64 = 50;
/// Where a person looks what is wrong.
const LINK: &str = "/settings";

/// Notes that something is out of order. `subject` says which, where there are several (an engine's name). `false` when
/// it was known already.
pub async fn begin(tx: &WriteTx, kind: Kind, subject: &str, title: &str) -> Result<bool, Problem> {
    if open(tx, kind, subject).await?.is_some() {
        return Ok(false);
    }
    let row = ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        subject: Set(subject.to_owned()),
        began_at: Set(tx.now()),
        ..Default::default()
    };
    // Two who notice it at once: the index lets one of them be the first.
    let mut once = OnConflict::new();
    once.do_nothing();
    let Some(incident) = tx.insert_or(row, once).await? else {
        return Ok(false);
    };
    announce(tx, kind, &format!("{}:began", incident.id), title).await?;
    Ok(true)
}

/// Notes that it is in order again. `false` when nothing was out of order.
pub async fn end(tx: &WriteTx, kind: Kind, subject: &str, title: &str) -> Result<bool, Problem> {
    let ended = tx
        .update_many::<Entity>()?
        .col(Column::EndedAt, tx.now())
        .filter(this(kind, subject))
        .exec()
        .await?;
    if ended == 0 {
        return Ok(false);
    }
    let last = tx
        .find::<Entity>()
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::Subject.eq(subject))
        .order_by(Column::Id, sea_orm::Order::Desc)
        .limit(1)
        .one()
        .await?;
    let id = last.map_or(0, |incident| incident.id);
    announce(tx, kind, &format!("{id}:over"), title).await?;
    Ok(true)
}

/// Since when it has been out of order.
pub async fn since(tx: &ReadTx, kind: Kind, subject: &str) -> Result<Option<DateTime<Utc>>, Problem> {
    Ok(open(tx, kind, subject).await?.map(|incident| incident.began_at))
}

/// What is out of order now, of these kinds, the oldest first.
pub async fn open_of(tx: &ReadTx, kinds: &[Kind]) -> Result<Vec<Incident>, Problem> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
        .filter(Column::EndedAt.is_null())
        .order_by(Column::Id, sea_orm::Order::Asc)
        .limit(MOST_OPEN)
        .all()
        .await?)
}

async fn open(tx: &ReadTx, kind: Kind, subject: &str) -> Result<Option<Model>, Problem> {
    Ok(tx.find::<Entity>().filter(this(kind, subject)).one().await?)
}

fn this(kind: Kind, subject: &str) -> Condition {
    Condition::all()
        .add(Column::Kind.eq(kind.as_str()))
        .add(Column::Subject.eq(subject))
        .add(Column::EndedAt.is_null())
}

async fn announce(tx: &WriteTx, kind: Kind, ref_id: &str, title: &str) -> Result<(), Problem> {
    let news = managers(tx)
        .await?
        .into_iter()
        .map(|user_id| News {
            user_id,
            kind,
            title: title.to_owned(),
            link: LINK.to_owned(),
            ref_id: ref_id.to_owned(),
        })
        .collect();
    tell(tx, news).await
}
