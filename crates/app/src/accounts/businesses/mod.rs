//! A business: its name, hours, voice settings, modules.

pub mod actions;
pub mod days;
pub mod hours;
pub mod http;
pub mod legal;
pub mod lists;
pub mod model;
pub mod modules;
pub mod numbers;
pub mod settings;
mod settings_http;
pub mod store;
pub mod whatsapp;
