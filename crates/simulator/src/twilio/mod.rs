//! Twilio's side of a call: its signature, its callbacks' fields, its reading of TwiML, its media stream, its REST API.

pub mod desk;
pub mod forms;
pub mod media;
pub mod post;
pub mod sids;
pub mod sign;
pub mod trouble;
pub mod twiml;

pub use trouble::Trouble;
