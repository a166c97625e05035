//! Stories through HTTP, on the real server and both databases; one module per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails by panicking"
)]

mod callbacks;
mod calls_people;
mod calls_webhooks;
mod calls_work;
mod command_line;
mod customers;
mod faults;
mod health;
mod isolation;
mod killed;
mod media_socket;
mod outside;
mod process;
mod sign_in;
mod tasks;
mod timeline;
mod two_processes;
