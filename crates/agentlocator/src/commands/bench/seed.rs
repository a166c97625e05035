//! Writes the made-up data in large statements, with the tokens that the product itself makes of names and texts.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use app::{
    accounts::users::actions::{NewUser, create},
    crm::{
        customers::lookup,
        search::{self, tokens, trigram},
    },
};
use chrono::{DateTime, SecondsFormat};
use kernel::{Clock, Role};
use platform::db::{Db, SystemTx};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::{Value as Json, json};
use simulator::twilio::sids::sid;

use super::{
    SeedArgs, names,
    rows::{self, Fill},
};
use crate::{config::Settings, database};

/// Customers that one transaction writes, and events.
const CUSTOMERS_AT_ONCE: i64 = 10_000;
const EVENTS_AT_ONCE: i64 = 200_000;
/// One customer in so many has a task, one a note.
const CUSTOMERS_TO_A_TASK: i64 = 10;
/// When the first customer came, and seconds between two.
const BEGUN: i64 = 1_600_000_000;
const APART: i64 = 60;

/// What was made, and who signs in to see it.
pub async fn run(settings: &Settings, args: &SeedArgs) -> anyhow::Result<Json> {
    ensure!(args.customers >= 3, "three customers at least");
    let db = database::open(settings, Clock::System).await?;
    let people = number(&db, "SELECT COUNT(*) FROM users").await?;
    if people > 0 && !args.force {
        bail!("people sign in to this database; name another one with DATABASE_URL, or say --force");
    }
    let password = sid("").chars().take(16).collect::<String>();
    let email = format!("{}@bench.example", sid("owner-").to_lowercase());
    let owner = NewUser {
        name: "מודד".to_owned(),
        email: email.clone(),
        role: Role::Owner,
        password: password.clone().into(),
    };
    let owner = create(&db, Some(&args.business), owner).await?;
    let seeding = Seeding {
        db: &db,
        args,
        business: owner.business_id,
        before: number(&db, "SELECT COALESCE(MAX(id), 0) FROM customers").await?,
        tasks: number(&db, "SELECT COALESCE(MAX(id), 0) FROM tasks").await?,
        notes: number(&db, "SELECT COALESCE(MAX(id), 0) FROM customer_notes").await?,
    };
    seeding.all().await?;
    let made = json!({
        "business_id": owner.business_id, "email": email, "password": password,
        "customers": args.customers, "events": args.events, "first_customer_id": seeding.before + 1,
    });
    db.close().await?;
    Ok(made)
}

async fn number(db: &Db, sql: &str) -> anyhow::Result<i64> {
    let tx = db.system_read("how much there is to measure on").await?;
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await?;
    Ok(row.context("a count gives a row")?.try_get_by_index(0)?)
}

struct Seeding<'a> {
    db: &'a Db,
    args: &'a SeedArgs,
    business: i64,
    /// The largest ids that were there.
    before: i64,
    tasks: i64,
    notes: i64,
}

impl Seeding<'_> {
    async fn all(&self) -> anyhow::Result<()> {
        if !self.db.is_postgres() {
            // For this process alone: indexes that fit into memory are written many times faster.
            let more = "PRAGMA cache_size = -1000000";
            self.db.for_migration().execute_unprepared(more).await?;
        }
        let mut words = BTreeSet::new();
        for from in (1..=self.args.customers).step_by(usize::try_from(CUSTOMERS_AT_ONCE)?) {
            let to = (from + CUSTOMERS_AT_ONCE).min(self.args.customers + 1);
            self.customers(from, to, &mut words).await?;
        }
        self.vocabulary(&words).await?;
        for from in (0..self.args.events).step_by(usize::try_from(EVENTS_AT_ONCE)?) {
            let to = (from + EVENTS_AT_ONCE).min(self.args.events);
            self.events(from, to).await?;
        }
        self.finish().await
    }

    async fn customers(&self, from: i64, to: i64, words: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let mut rows = Rows::default();
        for number in from..to {
            self.customer(number, &mut rows, words)?;
            if number % CUSTOMERS_TO_A_TASK == 0 {
                self.work(number, &mut rows)?;
            }
        }
        let tx = self.db.system("made-up data to measure on").await?;
        for (fill, rows) in [
            (rows::CUSTOMERS, rows.customers),
            (rows::IDENTITIES, rows.identities),
            (rows::NAME_TOKENS, rows.name_tokens),
            (rows::TASKS, rows.tasks),
            (rows::NOTES, rows.notes),
            (rows::TEXT_TOKENS, rows.text_tokens),
        ] {
            self.fill(&tx, &fill, rows).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    fn customer(&self, number: i64, rows: &mut Rows, words: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let person = names::person(self.args.seed, u64::try_from(number)?);
        let (id, at) = (self.before + number, time(number)?);
        let company = person.company.as_deref();
        let reversed: String = person.phone.chars().rev().filter(char::is_ascii_digit).collect();
        rows.identities
            .push(json!({ "id": id, "kind": "phone", "value": person.phone, "reversed": reversed, "at": at }));
        if let Some(email) = &person.email {
            rows.identities
                .push(json!({ "id": id, "kind": "email", "value": email, "reversed": null, "at": at }));
        }
        for token in lookup::tokens_of(&person.name, company) {
            rows.name_tokens.push(json!({ "token": token, "id": id }));
        }
        words.extend(search::whole_words([person.name.as_str()].into_iter().chain(company)));
        rows.customers.push(json!({
            "id": id, "name": person.name, "company": company, "status": person.status, "phone": person.phone,
            "email": person.email, "at": at,
        }));
        Ok(())
    }

    /// A task and a note.
    fn work(&self, number: i64, rows: &mut Rows) -> anyhow::Result<()> {
        let (seed, at) = (self.args.seed, time(number)?);
        let which = number / CUSTOMERS_TO_A_TASK;
        let dice = u64::try_from(which)?;
        for (kind, id, text) in [
            ("task", self.tasks + which, names::errand(seed, dice)),
            ("note", self.notes + which, names::remark(seed, dice)),
        ] {
            for token in tokens::of_texts([text.as_str()]) {
                rows.text_tokens.push(json!({ "kind": kind, "token": token, "id": id }));
            }
            let row = json!({ "id": id, "text": text, "customer": self.before + number, "at": at });
            let list = if kind == "task" {
                &mut rows.tasks
            } else {
                &mut rows.notes
            };
            list.push(row);
        }
        Ok(())
    }

    async fn vocabulary(&self, words: &BTreeSet<String>) -> anyhow::Result<()> {
        let rows = words.iter().flat_map(|word| {
            let trigrams = trigram::trigrams(word).into_iter();
            trigrams.map(move |trigram| json!({ "trigram": trigram, "word": word }))
        });
        let tx = self.db.system("made-up data to measure on").await?;
        self.fill(&tx, &rows::TRIGRAMS, rows.collect()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn events(&self, from: i64, to: i64) -> anyhow::Result<()> {
        let tx = self.db.system("made-up data to measure on").await?;
        let values: [Value; 5] = [
            self.business.into(),
            from.into(),
            to.into(),
            self.before.into(),
            self.args.customers.into(),
        ];
        let sql = rows::events(self.db.backend());
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        tx.conn().execute_raw(statement).await?;
        tx.commit().await?;
        tracing::debug!(to, "events");
        Ok(())
    }

    async fn fill(&self, tx: &SystemTx, fill: &Fill, rows: Vec<Json>) -> anyhow::Result<()> {
        let sql = fill.statement(self.db.backend());
        let values: [Value; 2] = [Json::Array(rows).to_string().into(), self.business.into()];
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        tx.conn().execute_raw(statement).await?;
        Ok(())
    }

    /// What a server that runs does now and then: ids go on behind those that were given, and the planner knows the sizes.
    async fn finish(&self) -> anyhow::Result<()> {
        let db = self.db.for_migration();
        if !self.db.is_postgres() {
            db.execute_unprepared("PRAGMA analysis_limit = 4000").await?;
            db.execute_unprepared("ANALYZE").await?;
            return Ok(());
        }
        let tx = self.db.system("made-up data to measure on").await?;
        for table in ["customers", "tasks", "customer_notes"] {
            let next = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(MAX(id), 1) FROM {table}))"
            );
            tx.conn().execute_unprepared(&next).await?;
        }
        tx.commit().await?;
        db.execute_unprepared("VACUUM ANALYZE").await?;
        Ok(())
    }
}

#[derive(Default)]
struct Rows {
    customers: Vec<Json>,
    identities: Vec<Json>,
    name_tokens: Vec<Json>,
    tasks: Vec<Json>,
    notes: Vec<Json>,
    text_tokens: Vec<Json>,
}

/// When the customer of this number came.
fn time(number: i64) -> anyhow::Result<String> {
    let at = DateTime::from_timestamp(BEGUN + number * APART, 0).context("a time")?;
    Ok(at.to_rfc3339_opts(SecondsFormat::Secs, false))
}
