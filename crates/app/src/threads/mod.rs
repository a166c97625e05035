//! Conversations in writing: threads with their messages, what is sent in them, and what becomes of it.
//!
//! What a carrier brings is understood in [`crate::channels::whatsapp`] and written by [`inbound`] and [`statuses`];
//! what goes out is written by [`outgoing`] and sent by [`dispatch`].

pub mod alerts;
pub mod carriers;
mod changes;
pub mod dispatch;
mod errors;
pub mod files;
mod hand_over;
pub mod http;
pub mod inbound;
pub mod jobs;
pub mod model;
pub mod outgoing;
mod peers;
mod show;
pub mod statuses;
pub mod store;
mod sweep;
pub mod templates;
pub mod work;

pub use carriers::{Carriers, Whatsapp};
pub use hand_over::hand_over;
pub use show::changed_thread as tell_changed;
