//! A business: its name, hours, voice settings and modules.

pub mod http;
pub mod model;
pub mod settings;
pub mod store;
