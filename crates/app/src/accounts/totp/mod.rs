//! A second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for who has lost it.

pub mod actions;
pub mod http;
pub mod qr;
pub mod store;
