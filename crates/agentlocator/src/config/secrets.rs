//! The two secrets that the server signs with, and what makes one too weak.

use std::{fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use kernel::SecretString;
use platform::keys::MasterKeys;
use rand::RngExt;

use super::Settings;

const SHORTEST_BYTES: usize = 32;
/// Fewer different bytes than this is a pattern, not a secret.
const FEWEST_DIFFERENT: usize = 8;

/// What the server signs with.
#[derive(Clone, Debug)]
pub struct Secrets {
    pub secret_key: SecretString,
    pub secret_key_previous: Vec<SecretString>,
    pub jwt_secret: SecretString,
    pub jwt_secret_previous: Option<SecretString>,
}

impl Secrets {
    /// What keys of all purposes are derived from.
    pub fn master_keys(&self) -> MasterKeys {
        MasterKeys::new(self.secret_key.clone(), self.secret_key_previous.clone())
    }
}

/// Why this is no secret for production.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    const PLACEHOLDERS: &[&str] = &[
        "changeme",
        "change-me",
        "change_me",
        "your-secret",
        "your_secret",
        "password",
        "example",
        "default",
        "12345678",
    ];
    let lower = secret.to_ascii_lowercase();
    let mut different: Vec<u8> = secret.bytes().collect();
    different.sort_unstable();
    different.dedup();
    if secret.len() < SHORTEST_BYTES {
        Some("it has fewer than 32 bytes (openssl rand -hex 32 makes a good one)")
    } else if different.len() < FEWEST_DIFFERENT {
        Some("it repeats the same few characters")
    } else if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
        Some("it looks like a placeholder")
    } else {
        None
    }
}

pub(super) fn complete(settings: &Settings) -> io::Result<Secrets> {
    let dir = &settings.storage.data_dir;
    let given = &settings.secrets;
    let or_kept = |given: &Option<SecretString>, file: &str| match given {
        Some(secret) => Ok(secret.clone()),
        None => kept(dir, file),
    };
    Ok(Secrets {
        secret_key: or_kept(&given.secret_key, "secret_key")?,
        secret_key_previous: given.secret_key_previous.clone(),
        jwt_secret: or_kept(&given.jwt_secret, "jwt_secret")?,
        jwt_secret_previous: given.jwt_secret_previous.clone(),
    })
}

/// A secret that this machine made for itself, readable by its user only.
fn kept(dir: &Path, name: &str) -> io::Result<SecretString> {
    let dir = dir.join("secrets");
    let file = dir.join(name);
    fs::create_dir_all(&dir)?;
    let bytes: [u8; 32] = rand::rng().random();
    let fresh = hex::encode(bytes);
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut file| file.write_all(fresh.as_bytes()));
    match made {
        Ok(()) => Ok(fresh.into()),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
            Ok(fs::read_to_string(&file)?.trim().to_owned().into())
        }
        Err(why) => Err(why),
    }
}
