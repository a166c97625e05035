//! Turning the second factor on and off, and asking for it.

use std::collections::BTreeSet;

use kernel::{ExposeSecret, Problem, SecretString};
use platform::{
    db::{AuditEntry, DbError, SystemTx, WriteTx},
    seal::Sealer,
};
use rand::RngExt as _;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::store::{factor, recovery};
use crate::{
    App,
    accounts::{password, users},
};

/// The name under which authenticator apps show the code.
const ISSUER: &str = "AgentLocator";
const RECOVERY_CODES: usize = 10;
/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// 49 bits, in two groups.
const RECOVERY_LETTERS: usize = 10;

/// What is shown once, to be put into an authenticator app.
pub struct Enrolment {
    /// Base32.
    pub secret: String,
    pub otpauth_uri: String,
}

/// What a sign-in still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    Off,
    Missing,
    Wrong,
    Right,
}

fn about(user_id: i64) -> String {
    format!("user {user_id}")
}

fn totp(secret: &[u8], email: &str) -> Result<Totp, Problem> {
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name(email.replace(':', "_"))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|err| {
            tracing::error!(error = %err, "a second factor can not be made");
            Problem::internal()
        })
}

/// The half minute whose code this is, one before and one after included.
fn step(app: &App, row: &factor::Model, code: &str) -> Result<Option<i64>, Problem> {
    let Some(secret) = app.seals.totp.open(&about(row.user_id), &row.sealed_secret) else {
        tracing::error!(
            user_id = row.user_id,
            "a second factor was sealed under another SECRET_KEY"
        );
        return Ok(None);
    };
    let now = u64::try_from(app.clock.now().timestamp()).unwrap_or_default();
    let step = totp(&secret, "")?.check(code, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Begins: a fresh secret, which is nothing until [`confirm`]. 409 `totp_on` when it is on already.
pub async fn enroll(app: &App, tx: &WriteTx, user: &users::store::Model) -> Result<Enrolment, Problem> {
    let own = tx
        .find::<factor::Entity>()
        .filter(factor::Column::UserId.eq(user.id))
        .lock()
        .one()
        .await?;
    if own.is_some_and(|own| own.confirmed_at.is_some()) {
        return Err(Problem::conflict(
            "totp_on",
            "the second factor is on; turn it off first",
        ));
    }
    tx.delete_many::<factor::Entity>()?
        .filter(factor::Column::UserId.eq(user.id))
        .exec()
        .await?;
    let secret: [u8; 20] = rand::random();
    let sealed = app.seals.totp.seal(&about(user.id), &secret);
    tx.insert(factor::ActiveModel {
        user_id: Set(user.id),
        sealed_secret: Set(sealed.ok_or_else(Problem::internal)?),
        last_step: Set(0),
        created_at: Set(tx.now()),
        ..Default::default()
    })
    .await?;
    let totp = totp(&secret, &user.email)?;
    Ok(Enrolment {
        secret: totp.secret().to_base32(),
        otpauth_uri: totp.to_url().map_err(|_| Problem::internal())?,
    })
}

/// Turns it on with a first code, and gives the recovery codes, which are shown this once. 422 `wrong_code`; 409
/// `totp_not_enrolled` before [`enroll`], `totp_on` when it is on already.
pub async fn confirm(app: &App, tx: &WriteTx, user_id: i64, code: &str) -> Result<Vec<String>, Problem> {
    let row = tx
        .find::<factor::Entity>()
        .filter(factor::Column::UserId.eq(user_id))
        .lock()
        .one()
        .await?;
    let row = row.ok_or_else(|| Problem::conflict("totp_not_enrolled", "begin with enroll"))?;
    if row.confirmed_at.is_some() {
        return Err(Problem::conflict("totp_on", "the second factor is on already"));
    }
    let step = step(app, &row, code.trim())?.ok_or_else(wrong_code)?;
    tx.update_many::<factor::Entity>()?
        .col(factor::Column::ConfirmedAt, tx.now())
        .col(factor::Column::LastStep, step)
        .filter(factor::Column::Id.eq(row.id))
        .exec()
        .await?;
    let codes = new_recovery_codes(app, tx, user_id).await?;
    audit(tx, "totp.enabled", user_id).await?;
    Ok(codes)
}

fn wrong_code() -> Problem {
    Problem::invalid("code", "wrong_code", "this is not the code, or it was used before")
}

async fn audit(tx: &WriteTx, action: &'static str, user_id: i64) -> Result<(), DbError> {
    tx.audit(AuditEntry {
        action,
        record_type: "user",
        record_id: Some(user_id),
        changes: json!({}),
    })
    .await
}

async fn new_recovery_codes(app: &App, tx: &WriteTx, user_id: i64) -> Result<Vec<String>, Problem> {
    tx.delete_many::<recovery::Entity>()?
        .filter(recovery::Column::UserId.eq(user_id))
        .exec()
        .await?;
    let mut codes = BTreeSet::new();
    while codes.len() < RECOVERY_CODES {
        codes.insert(recovery_code());
    }
    for code in &codes {
        tx.insert(recovery::ActiveModel {
            user_id: Set(user_id),
            code_hash: Set(app.seals.recovery.fingerprint(&about(user_id), &bare(code))),
            created_at: Set(tx.now()),
            ..Default::default()
        })
        .await?;
    }
    Ok(codes.into_iter().collect())
}

/// `abcde-fgh23`
fn recovery_code() -> String {
    let mut rng = rand::rng();
    let mut code = String::with_capacity(RECOVERY_LETTERS + 1);
    for at in 0..RECOVERY_LETTERS {
        if at == RECOVERY_LETTERS / 2 {
            code.push('-');
        }
        let letter = ALPHABET.get(rng.random_range(0..ALPHABET.len())).copied();
        code.push(char::from(letter.unwrap_or(b'a')));
    }
    code
}

/// As it is compared: a person may type capitals, spaces, no line.
fn bare(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What a person's sign-in needs, and whether the code that was given is it. A code, or recovery code, that is right is
/// used up with the transaction's commit.
pub async fn check(
    app: &App,
    tx: &SystemTx,
    user: &users::store::Model,
    code: Option<&SecretString>,
) -> Result<SecondFactor, Problem> {
    let row = factor::Entity::find()
        .filter(factor::Column::UserId.eq(user.id))
        .filter(factor::Column::ConfirmedAt.is_not_null())
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    let Some(row) = row else {
        return Ok(SecondFactor::Off);
    };
    let code = code.map_or("", |code| code.expose_secret()).trim();
    if code.is_empty() {
        return Ok(SecondFactor::Missing);
    }
    let taken = match step(app, &row, code)? {
        Some(step) => take_step(tx, &row, step).await?,
        None => take_recovery(&app.seals.recovery, tx, user.id, code).await?,
    };
    Ok(if taken {
        SecondFactor::Right
    } else {
        SecondFactor::Wrong
    })
}

/// Of two who come with the same code at once one is first.
async fn take_step(tx: &SystemTx, row: &factor::Model, step: i64) -> Result<bool, DbError> {
    let taken = factor::Entity::update_many()
        .col_expr(factor::Column::LastStep, Expr::value(step))
        .filter(factor::Column::Id.eq(row.id))
        .filter(factor::Column::LastStep.lt(step))
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn take_recovery(sealer: &Sealer, tx: &SystemTx, user_id: i64, code: &str) -> Result<bool, DbError> {
    let code = bare(code);
    let left = recovery::Entity::find()
        .filter(recovery::Column::UserId.eq(user_id))
        .filter(recovery::Column::UsedAt.is_null())
        .all(tx.conn())
        .await?;
    let Some(found) = left
        .iter()
        .find(|left| sealer.fits(&about(user_id), &code, &left.code_hash))
    else {
        return Ok(false);
    };
    let taken = recovery::Entity::update_many()
        .col_expr(recovery::Column::UsedAt, Expr::value(tx.now()))
        .filter(recovery::Column::Id.eq(found.id))
        .filter(recovery::Column::UsedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// What shows that it is the person who turns it off.
pub enum Proof {
    Code(SecretString),
    Password(SecretString),
}

/// Turns it off. 422 `wrong_code` or `wrong`; 409 `totp_off` when it is not on.
pub async fn disable(app: &App, user: &users::store::Model, proof: Proof) -> Result<(), Problem> {
    if let Proof::Password(given) = &proof
        && !password::verify(given.clone(), user.password_hash.clone()).await
    {
        return Err(Problem::invalid("password", "wrong", "this is not the password"));
    }
    let tx = app.db.system("turning a second factor off").await?;
    let code = match &proof {
        Proof::Code(code) => Some(code),
        Proof::Password(_) => None,
    };
    match (check(app, &tx, user, code).await?, &proof) {
        (SecondFactor::Off, _) => return Err(Problem::conflict("totp_off", "the second factor is not on")),
        (SecondFactor::Right, _) | (_, Proof::Password(_)) => {}
        (SecondFactor::Missing | SecondFactor::Wrong, Proof::Code(_)) => return Err(wrong_code()),
    }
    factor::Entity::delete_many()
        .filter(factor::Column::UserId.eq(user.id))
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?;
    recovery::Entity::delete_many()
        .filter(recovery::Column::UserId.eq(user.id))
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?;
    crate::accounts::sessions::actions::note_of(&tx, user, "totp.disabled").await?;
    Ok(tx.commit().await?)
}
