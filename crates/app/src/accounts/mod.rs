//! Businesses, the people in them, and how they sign in.

pub mod api_keys;
pub mod audit;
pub mod businesses;
pub mod defaults;
pub mod impersonation;
pub mod password;
pub mod resets;
pub mod sessions;
pub mod setup;
pub mod totp;
pub mod users;

use platform::{jobs::Registry, keys::MasterKeys, seal::Sealer};

use crate::AppState;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    audit::jobs::register(registry.with::<resets::jobs::ForgotPassword>())
}

/// What secrets are sealed with before they are kept, one for each kind.
pub struct Seals {
    /// Secrets of second factors.
    pub totp: Sealer,
    /// Fingerprints of recovery codes.
    pub recovery: Sealer,
    /// Tokens in letters that wait.
    pub mail: Sealer,
    /// Fingerprints of chats that are private.
    pub private_chats: Sealer,
    /// Addresses from which carriers fetch files.
    pub files: Sealer,
    /// Marks of browsers in which a person has signed in.
    pub devices: Sealer,
}

impl Seals {
    pub fn new(keys: &MasterKeys) -> Self {
        Self {
            totp: Sealer::new(keys, "totp"),
            recovery: Sealer::new(keys, "recovery"),
            mail: Sealer::new(keys, "mail"),
            private_chats: Sealer::new(keys, "private chats"),
            files: Sealer::new(keys, "files"),
            devices: Sealer::new(keys, "devices"),
        }
    }
}
