//! The server's pair of keys on P-256.

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    encoding::{AsBigEndian, EcPrivateKeyBin},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use contracts::Fault;
use kernel::{ExposeSecret, SecretString};

use super::broken;

/// Browsers and tools write base64url with and without padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys under which a server is known to push services.
pub struct Keys {
    pub(super) signing: EcdsaKeyPair,
    private: SecretString,
    public: Vec<u8>,
}

impl Keys {
    /// New keys, as the base64url of their private part.
    pub fn generate() -> Result<SecretString, Fault> {
        let key = PrivateKey::generate(&ECDH_P256).map_err(broken)?;
        let bytes: EcPrivateKeyBin<'_> = key.as_be_bytes().map_err(broken)?;
        Ok(BASE64.encode(bytes.as_ref()).into())
    }

    /// From the base64url of the private scalar (32 bytes). `Misconfigured` when it is none, or the public one given
    /// beside it is not its own.
    pub fn read(private: &SecretString, public: Option<&str>) -> Result<Self, Fault> {
        let wrong = || Fault::Misconfigured("VAPID_PRIVATE_KEY is not a P-256 key in base64url".to_owned());
        let scalar = BASE64
            .decode(private.expose_secret().trim())
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(wrong)?;
        let key = PrivateKey::from_private_key(&ECDH_P256, &scalar).map_err(|_| wrong())?;
        let own = key.compute_public_key().map_err(broken)?.as_ref().to_vec();
        if let Some(given) = public
            && BASE64.decode(given.trim()).ok().as_ref() != Some(&own)
        {
            return Err(Fault::Misconfigured(
                "VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY".to_owned(),
            ));
        }
        let signing = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &scalar, &own)
            .map_err(|_| wrong())?;
        Ok(Self {
            signing,
            private: private.clone(),
            public: own,
        })
    }

    /// The private key, base64url.
    pub const fn private_text(&self) -> &SecretString {
        &self.private
    }

    /// The public key as an uncompressed point, base64url.
    pub fn public_text(&self) -> String {
        BASE64.encode(&self.public)
    }
}
