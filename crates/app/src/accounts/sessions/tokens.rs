//! Access tokens: JWT, HS256 over `JWT_SECRET`, 15 minutes. Nothing else is accepted.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::{BusinessId, ExposeSecret, Problem, SecretString, UserId};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub const ACCESS_SECONDS: i64 = 15 * 60;
pub const REFRESH: TimeDelta = TimeDelta::days(30);

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "uid")]
    pub user: UserId,
    #[serde(rename = "bid")]
    pub business: BusinessId,
    #[serde(rename = "sid")]
    pub session_id: i64,
    pub iat: i64,
    pub exp: i64,
}

/// Makes and reads access tokens.
pub struct Tokens {
    sign: EncodingKey,
    verify: Vec<DecodingKey>,
}

impl Tokens {
    pub fn new(secret: &SecretString, previous: Option<&SecretString>) -> Self {
        let bytes = |secret: &SecretString| secret.expose_secret().as_bytes().to_vec();
        Self {
            sign: EncodingKey::from_secret(&bytes(secret)),
            verify: std::iter::once(secret)
                .chain(previous)
                .map(|secret| DecodingKey::from_secret(&bytes(secret)))
                .collect(),
        }
    }

    pub fn issue(
        &self,
        user: UserId,
        business: BusinessId,
        session_id: i64,
        now: DateTime<Utc>,
    ) -> Result<String, Problem> {
        let claims = Claims {
            user,
            business,
            session_id,
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map_err(|err| {
            tracing::error!(error = %err, "an access token could not be signed");
            Problem::internal()
        })
    }

    /// The claims of a token that we signed and that has not run out.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_exp = false; // by our own clock, below
        rules.validate_aud = false;
        rules.set_required_spec_claims(&["exp"]);
        let claims = self
            .verify
            .iter()
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, key, &rules).ok())?
            .claims;
        (claims.exp > now.timestamp()).then_some(claims)
    }
}

/// 256 random bits as text: for refresh tokens and one-time addresses.
pub fn random() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// What the database keeps of a [`random`] token.
pub fn fingerprint(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret), None)
    }

    #[test]
    fn a_token_is_read_again_until_it_runs_out() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let ours = tokens("0123456789abcdef0123456789abcdef");
        let token = ours
            .issue(UserId::new(7), BusinessId::new(3), 11, now)
            .expect("a token");
        let claims = ours.read(&token, now).expect("claims");
        assert_eq!(
            (claims.user.get(), claims.business.get(), claims.session_id),
            (7, 3, 11)
        );
        assert_eq!(ours.read(&token, now + TimeDelta::seconds(ACCESS_SECONDS)), None);
        assert_eq!(tokens("another secret of thirty-two bytes").read(&token, now), None);
        let (head, _) = token.rsplit_once('.').expect("three parts");
        assert_eq!(ours.read(&format!("{head}."), now), None);
    }

    #[test]
    fn a_token_without_a_signature_is_nothing() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let none =
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOjEsImJpZCI6MSwic2lkIjoxLCJpYXQiOjAsImV4cCI6OTk5OTk5OTk5OX0.";
        assert_eq!(tokens("0123456789abcdef0123456789abcdef").read(none, now), None);
    }
}
