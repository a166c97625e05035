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

/// Words that stand at the beginning of what every guesser tries first; digits and signs after them change nothing.
/// `0`, `1`, `3`, `4`, `5`, `7`, `@` and `$` are read as the letters that they are put for.
const COMMON_WORDS: &str = include_str!("password/common_words.txt");
/// Keys in the order in which fingers walk over them.
const WALKS: &[&str] = &[
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "/'קראטוןםפ",
    "שדגכעיחלך",
    "זסבהנמצתץ",
];

/// Whether it is among what is tried first: a common word with an ending, one of them twice, a walk over the keys, a
/// few characters over and over.
fn is_common(folded: &str) -> bool {
    let letters: String = folded.chars().map(unleeted).collect();
    let words = || COMMON_WORDS.lines().filter(|word| !word.is_empty());
    let ending = |rest: &str| rest.chars().count() <= 8 && !rest.chars().any(char::is_alphabetic);
    let common = words().any(|word| {
        let after = |text: &str| {
            text.strip_prefix(word)
                .map(str::len)
                .and_then(|left| text.len().checked_sub(left))
        };
        let plain = after(folded).or_else(|| after(&letters));
        let rest = plain.and_then(|at| folded.get(at..)).unwrap_or("none of these");
        ending(rest) || rest == word
    });
    common || is_walk(folded) || repeats(folded)
}

/// A letter that a sign is often put for.
const fn unleeted(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Made of pieces of four or more neighbouring keys, forwards or backwards, and nothing else but a short rest.
fn is_walk(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    let mut walked = 0;
    let mut at = 0;
    while at < chars.len() {
        let rest = chars.get(at..).unwrap_or_default();
        let longest = WALKS
            .iter()
            .map(|walk| {
                let there: Vec<char> = walk.chars().collect();
                let back: Vec<char> = walk.chars().rev().collect();
                longest_piece(rest, &there).max(longest_piece(rest, &back))
            })
            .max()
            .unwrap_or(0);
        if longest >= 4 {
            walked += longest;
            at += longest;
        } else {
            at += 1;
        }
    }
    walked + 3 >= chars.len()
}

/// How many characters at the beginning of `text` stand in this order in `walk`.
fn longest_piece(text: &[char], walk: &[char]) -> usize {
    (0..walk.len())
        .map(|from| {
            let walk = walk.get(from..).unwrap_or_default();
            text.iter().zip(walk).take_while(|(a, b)| a == b).count()
        })
        .max()
        .unwrap_or(0)
}

/// Fewer than four different characters, or up to four over and over.
fn repeats(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    let over_and_over = |period: usize| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b);
    different.len() < 4 || (1..=4).any(over_and_over)
}

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
    if is_common(&folded) {
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
            ("P@ssw0rd2026!", "too_common"),
            ("israel1948", "too_common"),
            ("Shalom123456", "too_common"),
            ("iloveyou!!!", "too_common"),
            ("welcomewelcome", "too_common"),
            ("qwertyuiop1", "too_common"),
            ("1234567890", "too_common"),
            ("0987654321", "too_common"),
            ("1q2w3e4r5t", "too_common"),
            ("aaaaaaaaaaaa", "too_common"),
            ("abcabcabcabc", "too_common"),
            ("שדגכעיחלך1", "too_common"),
        ] {
            let problem = check(&SecretString::from(password), "dana@example.com").expect_err(password);
            assert_eq!(problem.errors[0].code, code, "{password}");
        }
    }

    #[test]
    fn other_passwords_are_taken() {
        for password in [
            "correct horse battery",
            "another correct horse",
            "שלוש כוסות תה בבוקר",
            "k7#mVq2!xZ",
            "passwordless ostrich",
        ] {
            assert_eq!(
                check(&SecretString::from(password), "dana@example.com"),
                Ok(()),
                "{password}"
            );
        }
    }
}
