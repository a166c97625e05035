//! Passwords: what is accepted, and how it is kept (Argon2id).

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::{ExposeSecret, Problem, SecretString};

const SHORTEST: usize = 10;
/// Longer ones only cost time.
const LONGEST: usize = 512;

/// Passwords of ten characters or more that stand in every guesser's list.
const COMMONEST: &[&str] = &[
    "1234567890",
    "0123456789",
    "9876543210",
    "0987654321",
    "1111111111",
    "0000000000",
    "1234512345",
    "1122334455",
    "12345678910",
    "123456789a",
    "a123456789",
    "q1w2e3r4t5",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "asdfghjkl1",
    "asdfghjkl;",
    "zxcvbnm123",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "p@ssw0rd123",
    "welcome123",
    "welcome1234",
    "administrator",
    "admin12345",
    "admin123456",
    "letmein123",
    "iloveyou12",
    "iloveyou123",
    "superman123",
    "football123",
    "baseball123",
    "princess123",
    "sunshine123",
    "trustno1234",
    "israel1948",
    "israel1234",
    "jerusalem1",
    "changeme123",
    "changemenow",
    "abcdefghij",
    "abcdefghijk",
    "abc1234567",
    "abcd123456",
    "aaaaaaaaaa",
];

/// Refuses what is too short, the e-mail itself, or among the commonest.
pub fn check(password: &SecretString, email: &str) -> Result<(), Problem> {
    let text = password.expose_secret();
    let refuse = |code: &str, message: &str| Err(Problem::invalid("password", code, message));
    if text.chars().count() < SHORTEST {
        return refuse("too_short", "use 10 characters or more");
    }
    if text.len() > LONGEST {
        return refuse("too_long", "use fewer than 512 bytes");
    }
    let folded = text.to_lowercase();
    let email = email.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    if folded == email || folded == name {
        return refuse("is_email", "do not use the e-mail as the password");
    }
    if COMMONEST.contains(&folded.as_str()) {
        return refuse("too_common", "this password is among the first that are guessed");
    }
    Ok(())
}

/// The hash to keep. Runs beside the event loop: it takes tens of milliseconds on purpose.
pub async fn hash(password: SecretString) -> Result<String, Problem> {
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
    })
    .await
    .ok()
    .and_then(Result::ok)
    .ok_or_else(Problem::internal)
}

/// A hash that no password of anybody has, made with the same cost as all others.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let salt_and_password = crate::accounts::sessions::tokens::random();
    Argon2::default()
        .hash_password(salt_and_password.as_bytes())
        .map(|hash| hash.to_string())
        .unwrap_or_default()
});

/// Whether the password is the one that was hashed. Without a hash it takes as long and says no, so that an unknown
/// e-mail can not be told from a wrong password by time.
pub async fn verify(password: SecretString, hash: Option<String>) -> bool {
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.expose_secret().as_bytes(), &hash)
                .is_ok()
        });
        known && matches
    })
    .await
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let kept = hash(SecretString::from("correct horse battery")).await.expect("a hash");
        assert!(kept.starts_with("$argon2id$"));
        assert!(verify(SecretString::from("correct horse battery"), Some(kept.clone())).await);
        assert!(!verify(SecretString::from("correct horse batter"), Some(kept)).await);
        assert!(!verify(SecretString::from("anything at all"), None).await);
    }

    #[test]
    fn the_hash_of_nobody_costs_what_any_other_costs() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let other = Argon2::default()
            .hash_password(b"any password")
            .expect("a hash")
            .to_string();
        assert_eq!(parameters(&NOBODY), parameters(&other));
    }

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        for (password, code) in [
            ("short", "too_short"),
            ("dana@example.com", "is_email"),
            ("Password123", "too_common"),
        ] {
            let problem = check(&SecretString::from(password), "dana@example.com").expect_err(password);
            assert_eq!(problem.errors[0].code, code);
        }
    }
}
