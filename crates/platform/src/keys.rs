//! Keys of many purposes out of one secret: whoever learns one of them knows nothing of the others.

use hmac::{Hmac, KeyInit, Mac};
use kernel::{ExposeSecret, SecretString};
use sha2::Sha256;

/// `SECRET_KEY`, and those before it that are still believed.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: SecretString,
    /// The last one first.
    previous: Vec<SecretString>,
}

impl MasterKeys {
    pub const fn new(current: SecretString, previous: Vec<SecretString>) -> Self {
        Self { current, previous }
    }

    /// A key that nobody else has and that is gone with the process: for tests.
    pub fn of_this_process() -> Self {
        Self::new(hex::encode(rand::random::<[u8; 32]>()).into(), Vec::new())
    }

    /// The key of one purpose: the current one first, then those that are still believed.
    pub(crate) fn for_purpose(&self, purpose: &str) -> Vec<[u8; 32]> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .map(|secret| {
                let root = keyed(secret.expose_secret().as_bytes());
                root.chain_update(purpose.as_bytes()).finalize().into_bytes().into()
            })
            .collect()
    }
}

/// HMAC-SHA256 under a key.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// A code over some parts. Each part's length goes in, so that no two lists of parts are the same text.
pub(crate) fn code(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
