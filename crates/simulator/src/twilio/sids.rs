//! Twilio's identifiers: two letters and 32 hexadecimal digits.

/// A new one, for example `CA…`.
pub fn sid(prefix: &str) -> String {
    format!("{prefix}{:032x}", rand::random::<u128>())
}
