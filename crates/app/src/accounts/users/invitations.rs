//! Invitations: a one-time address by which a person chooses a password and comes in. Seven days, one use, revocable.

use chrono::TimeDelta;
use kernel::{Problem, SecretString};
use platform::{
    db::{AuditEntry, DbError, Owned, SystemTx, WriteTx},
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel, entity::prelude::*, sea_query::Expr};
use serde_json::json;

use super::store as users;
use crate::{
    App, AppState,
    accounts::{
        businesses, password,
        sessions::{
            actions::{self as sessions, Granted, Origin},
            tokens,
        },
    },
    mail::{self, Message, SendMail},
};

const LASTS: TimeDelta = TimeDelta::days(7);

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub user_id: i64,
    /// SHA-256 of the token, in hex: the token itself is only in the address.
    pub token_hash: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// An invitation just made; the address is shown once.
pub struct Issued {
    pub url: String,
    pub expires_at: DateTimeUtc,
}

/// Invites a person who has no password yet; an earlier invitation is worth nothing any more.
///
/// This is the one place from which every invitation goes out: by the answer, and by mail where the server has mail.
pub async fn issue(app: &App, tx: &WriteTx, user: &users::Model) -> Result<Issued, Problem> {
    if user.password_hash.is_some() {
        return Err(Problem::conflict("already_joined", "this person signs in already"));
    }
    revoke(tx, user.id).await?;
    let token = tokens::random();
    let now = tx.now();
    let row = ActiveModel {
        user_id: Set(user.id),
        token_hash: Set(tokens::fingerprint(&token)),
        created_at: Set(now),
        expires_at: Set(now + LASTS),
        ..Default::default()
    };
    let invitation = tx.insert(row).await?;
    tx.audit(AuditEntry {
        action: "user.invited",
        record_type: "user",
        record_id: Some(user.id),
        changes: json!({ "expires_at": invitation.expires_at }),
    })
    .await?;
    if app.mail.is_some() {
        send(app, tx, user, &token, invitation.expires_at).await?;
    }
    let origin = app.settings.public_base_url.as_ref();
    let origin = origin.map(|url| url.as_str().trim_end_matches('/')).unwrap_or_default();
    Ok(Issued {
        url: format!("{origin}/invite?token={token}"),
        expires_at: invitation.expires_at,
    })
}

async fn send(app: &App, tx: &WriteTx, user: &users::Model, token: &str, until: DateTimeUtc) -> Result<(), Problem> {
    let business = tx.get::<businesses::store::Entity>(user.business_id).await?;
    let letter = SendMail {
        to: user.email.clone(),
        message: Message::Invitation {
            name: user.name.clone(),
            business: business.name,
            sealed_token: mail::seal_token(&app.seals.mail, &user.email, token).ok_or_else(Problem::internal)?,
            until,
        },
    };
    tx.enqueue(&letter, Enqueue::default()).await?;
    Ok(())
}

/// Takes back what is open of a person's invitations. Gives how many there were.
pub async fn revoke(tx: &WriteTx, user_id: i64) -> Result<u64, Problem> {
    let revoked = tx
        .update_many::<Entity>()?
        .col(Column::RevokedAt, tx.now())
        .filter(Column::UserId.eq(user_id))
        .filter(Column::UsedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec()
        .await?;
    Ok(revoked)
}

/// Whom an open invitation is for.
pub struct Open {
    pub user: users::Model,
    pub business: businesses::store::Model,
    id: i64,
}

/// 404 for what is no invitation, 410 `gone` for one that was used or taken back, or whose time is over.
async fn open(tx: &SystemTx, token: &str) -> Result<Open, Problem> {
    let invitation = Entity::find()
        .filter(Column::TokenHash.eq(tokens::fingerprint(token)))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::not_found)?;
    let user = users::Entity::find_by_id(invitation.user_id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    let business = businesses::store::Entity::find_by_id(invitation.business_id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    let good = invitation.used_at.is_none() && invitation.revoked_at.is_none() && tx.now() < invitation.expires_at;
    match (user, business) {
        (Some(user), Some(business)) if good && user.active && business.active => Ok(Open {
            user,
            business,
            id: invitation.id,
        }),
        _ => Err(gone()),
    }
}

fn gone() -> Problem {
    Problem::new(410, "gone", "this invitation is not open any more; ask for another one")
}

/// What the invited person is shown.
pub async fn look(app: &App, token: &str) -> Result<Open, Problem> {
    let tx = app.db.system_read("an invitation").await?;
    open(&tx, token).await
}

/// What the invited person says of themselves.
pub struct Answer {
    pub password: SecretString,
    pub name: Option<String>,
    pub phone: Option<Option<String>>,
}

/// The invited person comes in and is signed in. Of two who come at once with one address, one does.
pub async fn accept(app: &AppState, token: &str, answer: Answer, origin: Origin) -> Result<Granted, Problem> {
    let invited = look(app, token).await?;
    password::check(&answer.password, &invited.user.email)?;
    let hash = password::hash(answer.password).await?;
    let tx = app.db.system("an invitation").await?;
    let now = tx.now();
    let claimed = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::Id.eq(invited.id))
        .filter(Column::UsedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?;
    if claimed.rows_affected == 0 {
        return Err(gone());
    }
    let version = invited.user.version;
    let mut row = invited.user.into_active_model();
    row.password_hash = Set(Some(hash));
    if let Some(name) = answer.name {
        row.name = Set(name);
    }
    if let Some(phone) = answer.phone {
        row.phone = Set(phone);
    }
    row.version = Set(version + 1);
    row.updated_at = Set(now);
    let user = row.update(tx.conn()).await.map_err(DbError::from)?;
    sessions::join(app, tx, user, invited.business, origin).await
}
