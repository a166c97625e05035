//! Two businesses that must know nothing of each other, and an admin over both.

use app::accounts::{
    businesses::{self, store::number},
    password, users,
};
use kernel::Role;
use platform::db::{Db, SystemTx};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub business_id: i64,
    pub email: String,
    pub role: Role,
}

/// A business with one person of each role.
#[derive(Clone, Debug)]
pub struct Business {
    pub id: i64,
    pub name: String,
    /// Its phone number, in E.164.
    pub number: String,
    pub owner: Person,
    pub manager: Person,
    pub agent: Person,
}

pub(crate) struct People {
    pub(crate) a: Business,
    pub(crate) b: Business,
    pub(crate) admin: Person,
}

pub(crate) async fn settle(db: &Db) -> People {
    // One hash for all: hashing is slow on purpose.
    let hash = password::hash(PASSWORD.into()).await.expect("a hash");
    let tx = db.system("test fixture").await.expect("a transaction");
    let a = business(&tx, "a", "+97231234567", &hash).await;
    let b = business(&tx, "b", "+97237654321", &hash).await;
    let admin = person(&tx, a.id, "admin@example.com", Role::Admin, &hash).await;
    tx.commit().await.expect("committed");
    People { a, b, admin }
}

async fn business(tx: &SystemTx, name: &str, number: &str, hash: &str) -> Business {
    let row = businesses::model::named_or_new(tx, &format!("Business {name}"))
        .await
        .expect("a business");
    number::ActiveModel {
        business_id: Set(row.id),
        number: Set(number.to_owned()),
        voice: Set(true),
        whatsapp: Set(false),
        created_at: Set(tx.now()),
        ..Default::default()
    }
    .insert(tx.conn())
    .await
    .expect("a number");
    let of = async |role: Role| {
        let email = format!("{}@{name}.example.com", role.as_str());
        person(tx, row.id, &email, role, hash).await
    };
    Business {
        id: row.id,
        name: row.name.clone(),
        number: number.to_owned(),
        owner: of(Role::Owner).await,
        manager: of(Role::Manager).await,
        agent: of(Role::Agent).await,
    }
}

async fn person(tx: &SystemTx, business_id: i64, email: &str, role: Role, hash: &str) -> Person {
    let row = users::store::ActiveModel {
        business_id: Set(business_id),
        name: Set(email.split('@').next().unwrap_or_default().to_owned()),
        email: Set(email.to_owned()),
        role: Set(role.as_str().to_owned()),
        active: Set(true),
        available: Set(true),
        password_hash: Set(Some(hash.to_owned())),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    }
    .insert(tx.conn())
    .await
    .expect("a person");
    Person {
        id: row.id,
        business_id,
        email: row.email,
        role,
    }
}
