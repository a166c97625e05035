//! Stories through HTTP, on the real server and both databases; one module per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails by panicking"
)]

mod admin;
mod alarms;
mod api_keys;
mod audit;
mod bridge;
mod bulk;
mod businesses;
mod callbacks;
mod calls_limits;
mod calls_people;
mod calls_webhooks;
mod calls_wishes;
mod calls_work;
mod command_line;
mod customers;
mod deals;
mod exports;
mod faults;
mod forget;
mod health;
mod histories;
mod imports;
mod isolation;
mod killed;
mod media_socket;
mod merge;
mod notifications;
mod outside;
mod passwords;
mod process;
mod push;
mod search;
mod second_factor;
mod sessions;
mod sign_in;
mod stats;
mod tasks;
mod timeline;
mod two_processes;
mod users;
mod views;
mod visibility;
mod wall;
mod weekend;
mod whatsapp;
