//! What Twilio would have written into its debugger.

use serde::Serialize;

/// An error or warning by Twilio's number (reference «Errors and Warnings Dictionary»).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub code: u32,
    pub message: String,
}

impl Trouble {
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Twilio error {}: {}", self.code, self.message)
    }
}

impl std::error::Error for Trouble {}

/// A URL that is not absolute http(s).
pub const INVALID_URL: u32 = 11_100;
/// 4xx, 5xx, no answer, or no content type.
pub const HTTP_RETRIEVAL: u32 = 11_200;
/// No answer in 15 s.
pub const HTTP_TIMEOUT: u32 = 11_205;
/// XML that does not parse.
pub const DOCUMENT_PARSE: u32 = 12_100;
/// A verb or attribute that TwiML does not have; a warning.
pub const SCHEMA: u32 = 12_200;
/// A content type that is not what the place takes.
pub const CONTENT_TYPE: u32 = 12_300;
/// The dialled number is missing or malformed.
pub const INVALID_NUMBER: u32 = 13_223;
/// The stream's server did not answer in time.
pub const STREAM_TIMEOUT: u32 = 31_901;
pub const STREAM_REFUSED: u32 = 31_902;
/// The upgrade was answered with something other than 101.
pub const STREAM_HANDSHAKE: u32 = 31_920;
/// The other side closed the socket; a warning.
pub const STREAM_CLOSED: u32 = 31_921;
/// The stream's URL is not `wss`.
pub const STREAM_PROTOCOL: u32 = 31_922;
/// A message that the stream does not take.
pub const STREAM_MESSAGE: u32 = 31_924;
