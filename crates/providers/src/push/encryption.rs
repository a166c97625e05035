//! `aes128gcm` for one browser: a message is one record, encrypted under a key that the browser's subscription and a
//! fresh key of ours agree on (RFC 8291, over RFC 8188).

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand,
};
use base64::Engine;
use contracts::{Fault, push::Target};

use super::{broken, keys::BASE64};

const SALT_BYTES: usize = 16;
const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const RECORD_BYTES: u32 = 4096;
/// Ends the last record's text (RFC 8188, section 2).
const LAST_RECORD: u8 = 2;

/// The browser's half of the agreement.
pub struct Browser {
    point: Vec<u8>,
    auth: Vec<u8>,
}

impl Browser {
    /// `Rejected` when the keys are none.
    pub fn read(target: &Target) -> Result<Self, Fault> {
        let bytes = |name: &str, text: &str, length: usize| {
            BASE64
                .decode(text.trim())
                .ok()
                .filter(|bytes| bytes.len() == length)
                .ok_or_else(|| Fault::Rejected(format!("{name} is not {length} bytes in base64url")))
        };
        let browser = Self {
            point: bytes("p256dh", &target.p256dh, POINT_BYTES)?,
            auth: bytes("auth", &target.auth, AUTH_BYTES)?,
        };
        // A point that is not on the curve shows only when it is used.
        let probe = PrivateKey::generate(&ECDH_P256).map_err(broken)?;
        browser.shared_secret(&probe)?;
        Ok(browser)
    }

    fn shared_secret(&self, own: &PrivateKey) -> Result<Vec<u8>, Fault> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &self.point);
        let wrong = Fault::Rejected("p256dh is not a point on P-256".to_owned());
        agree(own, theirs, wrong, |secret| Ok(secret.to_vec()))
    }
}

/// The body of the request: header and one record.
pub fn seal(browser: &Browser, text: &[u8]) -> Result<Vec<u8>, Fault> {
    let own = PrivateKey::generate(&ECDH_P256).map_err(broken)?;
    let mut salt = [0; SALT_BYTES];
    rand::fill(&mut salt).map_err(broken)?;
    seal_with(browser, text, &own, salt)
}

/// With a key and salt that are given, for the vectors of the standard; each may be used once.
pub(super) fn seal_with(
    browser: &Browser,
    text: &[u8],
    own: &PrivateKey,
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, Fault> {
    let public = own.compute_public_key().map_err(broken)?.as_ref().to_vec();
    let secret = browser.shared_secret(own)?;
    let agreed = Salt::new(HKDF_SHA256, &browser.auth).extract(&secret);
    let material: [u8; 32] = expand(&agreed, &[b"WebPush: info\0", &browser.point, &public])?;
    let key = Salt::new(HKDF_SHA256, &salt).extract(&material);
    let content_key: [u8; 16] = expand(&key, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&key, &[b"Content-Encoding: nonce\0"])?;

    let mut record = text.to_vec();
    record.push(LAST_RECORD);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key).map_err(broken)?);
    cipher
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .map_err(broken)?;

    let mut body = Vec::with_capacity(SALT_BYTES + 5 + POINT_BYTES + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(public.len()).unwrap_or_default());
    body.extend_from_slice(&public);
    body.extend_from_slice(&record);
    Ok(body)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> Result<[u8; N], Fault> {
    let mut out = [0; N];
    key.expand(info, Length(N))
        .and_then(|okm| okm.fill(&mut out))
        .map_err(broken)?;
    Ok(out)
}
