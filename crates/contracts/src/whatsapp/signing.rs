//! What the server and our bridge to WhatsApp Web sign, both ways: HMAC-SHA256 under the shared secret over this text, as
//! `sha256=` and hexadecimal digits. Computing and comparing is done where the cryptography is.

/// The time in unix seconds.
pub const TIMESTAMP_HEADER: &str = "x-wa-timestamp";
pub const SIGNATURE_HEADER: &str = "x-wa-signature";
/// What the signature begins with.
pub const PREFIX: &str = "sha256=";
/// A timestamp further away than this, in either direction, is refused.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The text that is signed. `path_and_query` is exactly what stands in the request line; a random `n=` in its query makes
/// every request's signature its own.
///
/// ```
/// use contracts::whatsapp::signing::text;
/// assert_eq!(text(1_700_000_000, "POST", "/x?n=1", b"{}"), b"1700000000\nPOST\n/x?n=1\n{}");
/// ```
pub fn text(unix_seconds: i64, method: &str, path_and_query: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{unix_seconds}\n{method}\n{path_and_query}\n").into_bytes();
    text.extend_from_slice(body);
    text
}
