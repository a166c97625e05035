//! Companies' audio to and from the product's samples. No network here.

mod mp3;
mod pieces;
mod rate;
mod wav;

pub(crate) use mp3::decode_mp3;
pub(crate) use pieces::PcmBytes;
pub(crate) use rate::{CallRate, to_sample};
pub(crate) use wav::{Header, encode_wav, parse_header};
