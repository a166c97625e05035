//! What people keep of their customers: each a table of its own in the archive.

use std::collections::HashMap;

use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};

use super::gather::{AT_ONCE, Gather, name_of, names};
use crate::crm::{
    customers::store as customers,
    deals::{pipelines::store::stage, store as deals},
    exports::table::{self, Lang},
    notes::store as notes,
    tasks::store as tasks,
};

const DEAL_HEADINGS: [&str; 13] = [
    "מספר",
    "עסקה",
    "מספר לקוח",
    "לקוח",
    "שלב",
    "סכום",
    "מטבע",
    "סגירה צפויה",
    "אחראי",
    "סטטוס",
    "סיבה",
    "נפתחה",
    "נסגרה",
];

impl Gather<'_> {
    pub async fn customers(&mut self) -> Result<(), Problem> {
        self.begin("customers.csv", &table::headings(Lang::He)).await?;
        let mut last = None;
        loop {
            let tx = self.read().await?;
            let (rows, next) = table::next(&tx, customers::visible(&tx), &self.words, last).await?;
            tx.done().await?;
            for row in &rows {
                self.counts.customers += 1;
                self.line(row.iter().map(String::as_str)).await?;
            }
            if next.is_none() {
                return Ok(());
            }
            last = next;
        }
    }

    /// The notes that people wrote about customers, newest first; the lasting remark stands with the customer.
    pub async fn notes(&mut self) -> Result<(), Problem> {
        use notes::Column;
        self.begin("notes.csv", &["מספר לקוח", "לקוח", "מתי", "מי כתב", "הערה"])
            .await?;
        let mut last = i64::MAX;
        loop {
            let tx = self.read().await?;
            let older = notes::visible(&tx)
                .filter(Column::Id.lt(last))
                .order_by(Column::Id, Order::Desc);
            let found = older.limit(AT_ONCE).all().await?;
            let names = names(&tx, found.iter().map(|note| note.customer_id)).await?;
            tx.done().await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            for note in found {
                self.counts.notes += 1;
                self.line([
                    note.customer_id.to_string().as_str(),
                    name_of(&names, Some(note.customer_id)),
                    &self.words.time(Some(note.created_at)),
                    self.words.person(note.author_id),
                    &note.text,
                ])
                .await?;
            }
        }
    }

    pub async fn tasks(&mut self) -> Result<(), Problem> {
        use tasks::Column;
        let headings = [
            "מספר",
            "משימה",
            "פרטים",
            "מספר לקוח",
            "לקוח",
            "אחראי",
            "מועד",
            "סטטוס",
            "בוצעה",
        ];
        self.begin("tasks.csv", &headings).await?;
        let mut last = i64::MAX;
        loop {
            let tx = self.read().await?;
            let older = tasks::visible(&tx)
                .filter(Column::Id.lt(last))
                .order_by(Column::Id, Order::Desc);
            let found = older.limit(AT_ONCE).all().await?;
            let names = names(&tx, found.iter().filter_map(|task| task.customer_id)).await?;
            tx.done().await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            for task in found {
                self.counts.tasks += 1;
                let customer = task.customer_id.map(|id| id.to_string()).unwrap_or_default();
                let status = if task.status == "done" {
                    "בוצעה"
                } else {
                    "פתוחה"
                };
                let (due, done) = (self.words.time(task.due_at), self.words.time(task.completed_at));
                self.line([
                    task.id.to_string().as_str(),
                    &task.title,
                    task.notes.as_deref().unwrap_or_default(),
                    &customer,
                    name_of(&names, task.customer_id),
                    self.words.person(task.assignee_id),
                    &due,
                    status,
                    &done,
                ])
                .await?;
            }
        }
    }

    pub async fn deals(&mut self) -> Result<(), Problem> {
        use deals::Column;
        self.begin("deals.csv", &DEAL_HEADINGS).await?;
        let mut last = i64::MAX;
        loop {
            let tx = self.read().await?;
            let older = deals::visible(&tx)
                .filter(Column::Id.lt(last))
                .order_by(Column::Id, Order::Desc);
            let found = older.limit(AT_ONCE).all().await?;
            let names = names(&tx, found.iter().filter_map(|deal| deal.customer_id)).await?;
            let stages = stages(&tx, &found).await?;
            tx.done().await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            for deal in found {
                self.counts.deals += 1;
                let stage = stages.get(&deal.stage_id).map_or("", String::as_str);
                let cells = self.deal(&deal, name_of(&names, deal.customer_id), stage);
                self.line(cells.iter().map(String::as_str)).await?;
            }
        }
    }

    fn deal(&self, deal: &deals::Model, customer: &str, stage: &str) -> [String; 13] {
        let status = match deal.status.as_str() {
            "won" => "נסגרה בהצלחה",
            "lost" => "לא יצאה לפועל",
            _ => "פתוחה",
        };
        [
            deal.id.to_string(),
            deal.title.clone(),
            deal.customer_id.map(|id| id.to_string()).unwrap_or_default(),
            customer.to_owned(),
            stage.to_owned(),
            deal.amount_minor.map(major).unwrap_or_default(),
            deal.currency.clone(),
            deal.expected_close.clone().unwrap_or_default(),
            self.words.person(deal.owner_id).to_owned(),
            status.to_owned(),
            deal.lost_reason.clone().unwrap_or_default(),
            self.words.time(Some(deal.created_at)),
            self.words.time(deal.closed_at),
        ]
    }
}

/// The names of these deals' stages.
async fn stages(tx: &ReadTx, deals: &[deals::Model]) -> Result<HashMap<i64, String>, Problem> {
    let found = tx
        .find::<stage::Entity>()
        .filter(stage::Column::Id.is_in(deals.iter().map(|deal| deal.stage_id)))
        .all()
        .await?;
    Ok(found.into_iter().map(|stage| (stage.id, stage.name)).collect())
}

/// An amount as spreadsheets read it: `1234.50`.
fn major(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn an_amount_is_written_with_its_agorot() {
        assert_eq!([0, 5, 123_450, -705].map(major), ["0.00", "0.05", "1234.50", "-7.05"]);
    }
}
