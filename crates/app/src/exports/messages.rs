//! Messages of an archive: a table of them, and the files that they brought.

use kernel::Problem;
use sea_orm::{ColumnTrait, Order};

use super::gather::{AT_ONCE, Gather, name_of, names};
use crate::threads::{
    files::known_type,
    store::{file, message},
};

const HEADINGS: [&str; 9] = [
    "מספר",
    "התכתבות",
    "מתי",
    "כיוון",
    "מספר לקוח",
    "לקוח",
    "סוג",
    "הודעה",
    "סטטוס",
];

impl Gather<'_> {
    pub async fn messages(&mut self) -> Result<(), Problem> {
        use message::Column;
        self.begin("messages.csv", &HEADINGS).await?;
        let mut last = i64::MAX;
        loop {
            let tx = self.read().await?;
            let older = tx.find::<message::Entity>().filter(Column::Id.lt(last));
            let found = older.order_by(Column::Id, Order::Desc).limit(AT_ONCE).all().await?;
            let names = names(&tx, found.iter().filter_map(|message| message.customer_id)).await?;
            tx.done().await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            for message in found {
                self.counts.messages += 1;
                let shown = message.text.filter(|_| message.deleted_at.is_none());
                self.line([
                    message.id.to_string().as_str(),
                    &message.thread_id.to_string(),
                    &self.words.time(Some(message.at)),
                    if message.direction == "in" {
                        "נכנסת"
                    } else {
                        "יוצאת"
                    },
                    &message.customer_id.map(|id| id.to_string()).unwrap_or_default(),
                    name_of(&names, message.customer_id),
                    &message.kind,
                    shown.as_deref().unwrap_or_default(),
                    &message.status,
                ])
                .await?;
            }
        }
    }

    /// Each under the number of its message.
    pub async fn message_files(&mut self) -> Result<(), Problem> {
        use file::Column;
        let mut last = 0;
        loop {
            let tx = self.read().await?;
            let stored = tx.find::<file::Entity>().filter(Column::StorageKey.is_not_null());
            let next = stored.filter(Column::Id.gt(last)).order_by(Column::Id, Order::Asc);
            let found = next.limit(AT_ONCE).all().await?;
            tx.done().await?;
            let Some(end) = found.last() else { return Ok(()) };
            last = end.id;
            for file in found {
                let (_, ending) = known_type(file.mime_type.as_deref());
                let name = format!("files/{}-{}.{ending}", file.message_id, file.id);
                if let Some(key) = &file.storage_key
                    && self.stored(&name, key).await?
                {
                    self.counts.files += 1;
                }
            }
        }
    }
}
