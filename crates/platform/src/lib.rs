//! Plumbing with no business words: the database, jobs, events, sockets, storage, logs and HTTP manners.

pub mod bus;
pub mod db;
pub mod http;
pub mod jobs;
pub mod keys;
pub mod outbox;
pub mod realtime;
pub mod seal;
pub mod storage;
pub mod telemetry;

#[cfg(test)]
mod test_databases;
