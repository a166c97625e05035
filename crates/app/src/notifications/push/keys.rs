//! The server's keys for web push: made at the first start and kept in the database, so that every process has the same.
//! Browsers subscribe to these keys: with other keys each would have to subscribe anew.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    error::Unspecified,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use contracts::Fault;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{ExposeSecret, Problem, SecretString};
use platform::db::{Db, DbError, SystemTx};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::Sha256;

const PURPOSE: &[u8] = b"agentlocator push keys 1";
const NONCE_BYTES: usize = 12;

/// The private key that this database keeps; `generate` makes one when there is none.
pub async fn kept(
    db: &Db,
    secret_key: &SecretString,
    generate: impl Fn() -> Result<SecretString, Fault>,
) -> Result<SecretString, Problem> {
    let tx = db.system("the keys of web push").await?;
    if let Some(sealed) = read(&tx, db.backend()).await? {
        if let Ok(key) = open(secret_key, &sealed) {
            return Ok(key);
        }
        tracing::warn!(
            "SECRET_KEY is another than when the keys of web push were made: every device has to subscribe anew"
        );
        forget(&tx).await?;
    }
    let fresh = generate().map_err(|fault| {
        tracing::error!(%fault, "no keys for web push");
        Problem::internal()
    })?;
    let sealed = seal(secret_key, &fresh).map_err(|_| Problem::internal())?;
    tx.conn()
        .execute_raw(Statement::from_sql_and_values(
            db.backend(),
            "INSERT INTO push_keys (id, private_key, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
            [sealed.into(), tx.now().into()],
        ))
        .await
        .map_err(DbError::from)?;
    // Another process may have been first: then its key is the one.
    let kept = read(&tx, db.backend()).await?.ok_or_else(Problem::internal)?;
    tx.commit().await?;
    open(secret_key, &kept).map_err(|_| Problem::internal())
}

async fn read(tx: &SystemTx, backend: DbBackend) -> Result<Option<String>, DbError> {
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(
            backend,
            "SELECT private_key FROM push_keys WHERE id = 1",
        ))
        .await?;
    Ok(row.map(|row| row.try_get_by_index::<String>(0)).transpose()?)
}

async fn forget(tx: &SystemTx) -> Result<(), DbError> {
    for table in ["push_keys", "push_subscriptions"] {
        tx.conn().execute_unprepared(&format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}

fn cipher(secret_key: &SecretString) -> Result<RandomizedNonceKey, Unspecified> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret_key.expose_secret().as_bytes()).map_err(|_| Unspecified)?;
    mac.update(PURPOSE);
    RandomizedNonceKey::new(&AES_256_GCM, &mac.finalize().into_bytes())
}

fn seal(secret_key: &SecretString, key: &SecretString) -> Result<String, Unspecified> {
    let mut text = key.expose_secret().as_bytes().to_vec();
    let nonce = cipher(secret_key)?.seal_in_place_append_tag(Aad::from(PURPOSE), &mut text)?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.extend(text);
    Ok(STANDARD_NO_PAD.encode(sealed))
}

fn open(secret_key: &SecretString, sealed: &str) -> Result<SecretString, Unspecified> {
    let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| Unspecified)?;
    let (nonce, text) = sealed.split_at_checked(NONCE_BYTES).ok_or(Unspecified)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let mut text = text.to_vec();
    let opened = cipher(secret_key)?.open_in_place(nonce, Aad::from(PURPOSE), &mut text)?;
    let text = std::str::from_utf8(opened).map_err(|_| Unspecified)?;
    Ok(text.to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_opens_with_its_own_secret_only() {
        let (own, other) = ("a".repeat(40).into(), "b".repeat(40).into());
        let sealed = seal(&own, &"the private key".to_owned().into()).expect("sealed");
        assert!(!sealed.contains("private"));
        assert_eq!(open(&own, &sealed).expect("opened").expose_secret(), "the private key");
        assert!(open(&other, &sealed).is_err());
        assert!(open(&own, "").is_err());
    }
}
