//! Secrets at rest: AES-256-GCM under a key derived from `SECRET_KEY`, and keyed fingerprints of short codes.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::keys::{MasterKeys, code, keyed};

const NONCE_BYTES: usize = 12;
/// What stands before a sealed text, so that another way of sealing can follow this one.
const VERSION: &str = "v1.";

/// Seals and opens texts of one purpose. What was sealed under a key before the last rotation is still opened.
pub struct Sealer {
    keys: Vec<[u8; 32]>,
}

impl Sealer {
    pub fn new(master: &MasterKeys, purpose: &str) -> Self {
        Self {
            keys: master.for_purpose(&format!("seal {purpose}")),
        }
    }

    /// `about` says whose secret it is (`user 7`): a text that is put in another's place does not open. `None` when
    /// the machine gives no randomness.
    pub fn seal(&self, about: &str, secret: &[u8]) -> Option<String> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let mut text = secret.to_vec();
        aead(self.keys.first()?)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut text)
            .ok()?;
        let sealed = [nonce.as_slice(), text.as_slice()].concat();
        Some(format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// `None` when it was not sealed by us, for this, under a key that is still believed.
    pub fn open(&self, about: &str, sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES)?;
        self.keys.iter().find_map(|key| {
            let mut text = text.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let opened = aead(key)?.open_in_place(nonce, Aad::from(about), &mut text).ok()?;
            Some(opened.to_vec())
        })
    }

    /// What is kept of a code that a person types: worth nothing without the key. In hex.
    pub fn fingerprint(&self, about: &str, secret: &str) -> String {
        let key = self.keys.first().map_or(&[][..], |key| key);
        hex::encode(code(&keyed(key), &[about.as_bytes(), secret.as_bytes()]))
    }

    /// Whether the code is the one of the fingerprint, in the same time for each wrong one.
    pub fn fits(&self, about: &str, secret: &str, fingerprint: &str) -> bool {
        self.keys.iter().any(|key| {
            let own = hex::encode(code(&keyed(key), &[about.as_bytes(), secret.as_bytes()]));
            own.as_bytes().ct_eq(fingerprint.as_bytes()).into()
        })
    }
}

fn aead(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_whom_it_was_sealed_and_nobody_else() {
        let old = MasterKeys::new("the old secret".into(), Vec::new());
        let sealer = Sealer::new(&old, "totp");
        let sealed = sealer.seal("user 7", b"secret").expect("sealed");
        assert!(!sealed.contains("secret"));
        assert_ne!(
            Some(&sealed),
            sealer.seal("user 7", b"secret").as_ref(),
            "each has its own nonce"
        );
        assert_eq!(sealer.open("user 7", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(sealer.open("user 8", &sealed), None);
        assert_eq!(Sealer::new(&old, "mail").open("user 7", &sealed), None);
        let mut cut = sealed.clone();
        cut.pop();
        for rubbish in ["", "v1.", "v1.AAAA", "v2.AAAA", cut.as_str()] {
            assert_eq!(sealer.open("user 7", rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn after_a_rotation_the_secrets_from_before_still_open() {
        let before = Sealer::new(&MasterKeys::new("old".into(), Vec::new()), "totp");
        let after = Sealer::new(&MasterKeys::new("new".into(), vec!["old".into()]), "totp");
        let sealed = before.seal("user 7", b"secret").expect("sealed");
        assert!(after.open("user 7", &sealed).is_some());
        let code = before.fingerprint("user 7", "abcde-fghij");
        assert!(after.fits("user 7", "abcde-fghij", &code));
        assert!(!after.fits("user 7", "abcde-fghik", &code));
        assert!(!after.fits("user 8", "abcde-fghij", &code));
    }
}
