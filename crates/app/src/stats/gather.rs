//! Reads the figures of days: a few queries over a range, each added up by the database.

use std::collections::BTreeMap;

use kernel::{Problem, Visibility};
use platform::db::ReadTx;
use sea_orm::{
    ColumnTrait, Condition, FromQueryResult, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    days::{OfDay, Range, by_day, column, seconds},
    overview::{CallFigures, CustomerFigures, DealFigures, Figures, TaskFigures, TurnFigures, Worth},
    quantile::Histogram,
};
use crate::{
    calls::{
        model::{Direction, Outcome},
        store::{self as calls, call, turn},
    },
    crm::{
        customers::store as customers,
        deals::{self, model::Status as DealStatus},
        tasks::{self, model::Status as TaskStatus},
    },
};

/// Figures of a day on their way: numbers that can be added, and those of which a middle is taken.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    calls: CallFigures,
    /// Incoming ones that are over.
    ended: i64,
    customers: CustomerFigures,
    tasks: TaskFigures,
    deals: DealFigures,
    sums: BTreeMap<String, Worth>,
    /// Minutes.
    handled: Histogram,
    /// Steps of 10 ms.
    turns: Histogram,
}

const MS_OF_A_STEP: i64 = 10;

/// The tally of each day of the range.
pub async fn all(tx: &ReadTx, range: &Range) -> Result<Vec<Tally>, Problem> {
    let mut tallies = vec![Tally::default(); range.days.len()];
    of_calls(tx, range, &mut tallies).await?;
    of_handling(tx, range, &mut tallies).await?;
    of_turns(tx, range, &mut tallies).await?;
    of_customers(tx, range, &mut tallies).await?;
    of_tasks(tx, range, &mut tallies).await?;
    of_deals(tx, range, &mut tallies).await?;
    Ok(tallies)
}

impl Tally {
    fn add_calls(&mut self, incoming: bool, outcome: Option<Outcome>, times: i64) {
        let figures = &mut self.calls;
        let word = outcome.map_or("none", Outcome::as_str);
        *figures.by_outcome.entry(word.to_owned()).or_default() += times;
        if !incoming {
            figures.outgoing += times;
            return;
        }
        figures.incoming += times;
        if outcome.is_some() {
            self.ended += times;
        }
        if matches!(outcome, Some(Outcome::Talked | Outcome::Message | Outcome::Transferred)) {
            figures.answered += times;
        }
    }

    pub fn add(&mut self, other: &Self) {
        let (own, theirs) = (&mut self.calls, &other.calls);
        own.incoming += theirs.incoming;
        own.outgoing += theirs.outgoing;
        own.answered += theirs.answered;
        own.waiting += theirs.waiting;
        own.talk_seconds += theirs.talk_seconds;
        add_all(&mut own.by_outcome, &theirs.by_outcome);
        self.ended += other.ended;
        self.customers.new += other.customers.new;
        add_all(&mut self.customers.by_source, &other.customers.by_source);
        add_all(&mut self.customers.by_status, &other.customers.by_status);
        self.tasks.done += other.tasks.done;
        self.tasks.due += other.tasks.due;
        self.tasks.overdue += other.tasks.overdue;
        self.deals.created += other.deals.created;
        self.deals.won += other.deals.won;
        self.deals.lost += other.deals.lost;
        for (currency, worth) in &other.sums {
            let own = self.sums.entry(currency.clone()).or_default();
            own.won_minor += worth.won_minor;
            own.lost_minor += worth.lost_minor;
        }
        self.handled.add_all(&other.handled);
        self.turns.add_all(&other.turns);
    }

    pub fn figures(self, money: bool) -> Figures {
        let ended = u32::try_from(self.ended).unwrap_or(u32::MAX);
        let answered = u32::try_from(self.calls.answered).unwrap_or(u32::MAX);
        let sums = self
            .sums
            .into_iter()
            .map(|(currency, worth)| Worth { currency, ..worth });
        let ms = |percent: i64| Some(self.turns.percentile(percent)? * MS_OF_A_STEP);
        Figures {
            calls: CallFigures {
                answered_share: (ended > 0).then(|| f64::from(answered) / f64::from(ended)),
                handled: self.handled.count(),
                median_handle_seconds: self.handled.percentile(50).map(|minutes| minutes * 60),
                ..self.calls
            },
            customers: self.customers,
            tasks: self.tasks,
            deals: DealFigures {
                sums: money.then(|| sums.collect()),
                ..self.deals
            },
            turns: TurnFigures {
                count: self.turns.count(),
                p50_ms: ms(50),
                p95_ms: ms(95),
            },
        }
    }
}

fn add_all(own: &mut BTreeMap<String, i64>, theirs: &BTreeMap<String, i64>) {
    for (name, times) in theirs {
        *own.entry(name.clone()).or_default() += times;
    }
}

macro_rules! of_day {
    ($($row:ident),*) => {$(
        impl OfDay for $row {
            fn day(&self) -> i64 {
                self.day
            }
        }
    )*};
}

of_day!(CallRow, StepRow, CustomerRow, CountRow, DealRow);

#[derive(FromQueryResult)]
struct CallRow {
    day: i64,
    direction: String,
    outcome: Option<String>,
    needs_callback: bool,
    times: i64,
    talk_seconds: i64,
}

async fn of_calls(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use call::Column as C;
    let find = calls::visible(tx).filter(calls::counted(tx));
    let talked = Func::coalesce([C::DurationSeconds.sum().cast_as("BIGINT"), Expr::val(0_i64)]);
    let rows: Vec<(usize, CallRow)> = by_day(range, tx.backend(), find, C::CreatedAt, |select| {
        select
            .columns([C::Direction, C::Outcome, C::NeedsCallback])
            .column_as(C::Id.count(), "times")
            .expr_as(Expr::from(talked.clone()), "talk_seconds")
            .group_by(C::Direction)
            .group_by(C::Outcome)
            .group_by(C::NeedsCallback)
    })
    .await?;
    for (at, row) in rows {
        let Some(tally) = tallies.get_mut(at) else { continue };
        let outcome = row.outcome.as_deref().and_then(Outcome::parse);
        tally.add_calls(row.direction == Direction::In.as_str(), outcome, row.times);
        tally.calls.talk_seconds += row.talk_seconds;
        if row.needs_callback {
            tally.calls.waiting += row.times;
        }
    }
    Ok(())
}

/// So many of one size.
#[derive(FromQueryResult)]
struct StepRow {
    day: i64,
    step: i64,
    times: i64,
}

async fn of_handling(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use call::Column as C;
    let at = |moment: C| seconds(tx.backend(), &column::<call::Entity>(moment));
    let began = format!(
        "COALESCE({}, {}, {})",
        at(C::CallbackSince),
        at(C::EndedAt),
        at(C::StartedAt)
    );
    let minutes = Expr::cust(format!("({} - {began}) / 60", at(C::HandledAt)));
    let find = calls::visible(tx).filter(calls::counted(tx));
    let rows: Vec<(usize, StepRow)> = by_day(range, tx.backend(), find, C::HandledAt, |select| {
        select
            .expr_as(minutes.clone(), "step")
            .column_as(C::Id.count(), "times")
            .group_by(minutes.clone())
    })
    .await?;
    for (at, row) in rows {
        if let Some(tally) = tallies.get_mut(at) {
            tally.handled.add(Ord::max(row.step, 0), row.times);
        }
    }
    Ok(())
}

async fn of_turns(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use turn::Column as C;
    let half = MS_OF_A_STEP / 2;
    let step = Expr::cust(format!("(call_turns.t_total_ms + {half}) / {MS_OF_A_STEP}"));
    let find = tx
        .find::<turn::Entity>()
        .filter(C::TTotalMs.is_not_null())
        .filter(turns_that_count(tx));
    let rows: Vec<(usize, StepRow)> = by_day(range, tx.backend(), find, C::CreatedAt, |select| {
        select
            .expr_as(step.clone(), "step")
            .column_as(C::Id.count(), "times")
            .group_by(step.clone())
    })
    .await?;
    for (at, row) in rows {
        if let Some(tally) = tallies.get_mut(at) {
            tally.turns.add(row.step, row.times);
        }
    }
    Ok(())
}

/// Few calls do not count, so those are left out rather than all others looked up; who sees only some calls hears of
/// those only.
fn turns_that_count(tx: &ReadTx) -> Condition {
    use sea_orm::{EntityTrait as _, QueryFilter as _, QueryTrait as _};
    let ids = |of: Condition| {
        let mut select = call::Entity::find().select_only().column(call::Column::Id).filter(of);
        if let Ok(business) = tx.scope().business() {
            select = select.filter(call::Column::BusinessId.eq(business.get()));
        }
        select.into_query()
    };
    let tests = ids(Condition::all().add(Expr::cust("calls.test")));
    let not_customers = call::Column::CustomerId.in_subquery(customers::not_customers(tx));
    let mut all = Condition::all()
        .add(turn::Column::CallId.not_in_subquery(tests))
        .add(turn::Column::CallId.not_in_subquery(ids(Condition::all().add(not_customers))));
    if tx.scope().visibility() != Visibility::All {
        all = all.add(turn::Column::CallId.in_subquery(ids(calls::of_actor(tx))));
    }
    all
}

#[derive(FromQueryResult)]
struct CustomerRow {
    day: i64,
    source: String,
    status: String,
    times: i64,
}

async fn of_customers(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use customers::Column as C;
    let find = customers::visible(tx).filter(customers::counted());
    let rows: Vec<(usize, CustomerRow)> = by_day(range, tx.backend(), find, C::CreatedAt, |select| {
        select
            .columns([C::Source, C::Status])
            .column_as(C::Id.count(), "times")
            .group_by(C::Source)
            .group_by(C::Status)
    })
    .await?;
    for (at, row) in rows {
        let Some(tally) = tallies.get_mut(at) else { continue };
        tally.customers.new += row.times;
        *tally.customers.by_source.entry(row.source).or_default() += row.times;
        *tally.customers.by_status.entry(row.status).or_default() += row.times;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct CountRow {
    day: i64,
    times: i64,
}

async fn of_tasks(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use tasks::store::Column as C;
    let all = Condition::all;
    for (at, row) in tasks_by(tx, range, C::CompletedAt, all()).await? {
        if let Some(tally) = tallies.get_mut(at) {
            tally.tasks.done += row.times;
        }
    }
    for (at, row) in tasks_by(tx, range, C::DueAt, all()).await? {
        if let Some(tally) = tallies.get_mut(at) {
            tally.tasks.due += row.times;
        }
    }
    let late = all()
        .add(C::Status.ne(TaskStatus::Done.as_str()))
        .add(C::DueAt.lt(tx.now()));
    for (at, row) in tasks_by(tx, range, C::DueAt, late).await? {
        if let Some(tally) = tallies.get_mut(at) {
            tally.tasks.overdue += row.times;
        }
    }
    Ok(())
}

async fn tasks_by(
    tx: &ReadTx,
    range: &Range,
    moment: tasks::store::Column,
    of: Condition,
) -> Result<Vec<(usize, CountRow)>, Problem> {
    use tasks::store::Column as C;
    let of_customers = Condition::any()
        .add(C::CustomerId.is_null())
        .add(C::CustomerId.not_in_subquery(customers::not_customers(tx)));
    let find = tasks::store::visible(tx).filter(of_customers).filter(of);
    by_day(range, tx.backend(), find, moment, |select| {
        select.column_as(C::Id.count(), "times")
    })
    .await
}

#[derive(FromQueryResult)]
struct DealRow {
    day: i64,
    status: String,
    currency: String,
    times: i64,
    amount_minor: i64,
}

async fn of_deals(tx: &ReadTx, range: &Range, tallies: &mut [Tally]) -> Result<(), Problem> {
    use deals::store::Column as C;
    let counted = || deals::store::visible(tx).filter(deals::filter::counted(tx));
    let made: Vec<(usize, CountRow)> = by_day(range, tx.backend(), counted(), C::CreatedAt, |select| {
        select.column_as(C::Id.count(), "times")
    })
    .await?;
    for (at, row) in made {
        if let Some(tally) = tallies.get_mut(at) {
            tally.deals.created += row.times;
        }
    }
    let amount = Func::coalesce([C::AmountMinor.sum().cast_as("BIGINT"), Expr::val(0_i64)]);
    let closed: Vec<(usize, DealRow)> = by_day(range, tx.backend(), counted(), C::ClosedAt, |select| {
        select
            .columns([C::Status, C::Currency])
            .column_as(C::Id.count(), "times")
            .expr_as(Expr::from(amount.clone()), "amount_minor")
            .group_by(C::Status)
            .group_by(C::Currency)
    })
    .await?;
    for (at, row) in closed {
        if let Some(tally) = tallies.get_mut(at) {
            tally.add_closed(row);
        }
    }
    Ok(())
}

impl Tally {
    fn add_closed(&mut self, row: DealRow) {
        let won = row.status == DealStatus::Won.as_str();
        if won {
            self.deals.won += row.times;
        } else {
            self.deals.lost += row.times;
        }
        if row.amount_minor == 0 {
            return;
        }
        let worth = self.sums.entry(row.currency).or_default();
        if won {
            worth.won_minor += row.amount_minor;
        } else {
            worth.lost_minor += row.amount_minor;
        }
    }
}
