//! Plays the outside of the product: Twilio with a caller on the line, and stand-ins for the companies that the product
//! talks to. The command `simulate`, the demo, tests and benchmarks use it.
//!
//! It shares no code with the product it plays against, so that a mistake there is not repeated here; it knows the
//! product only as the vendors' documents say.

pub mod audio;
pub mod call;
pub mod lines;
pub mod load;
pub mod mail;
pub mod report;
pub mod script;
pub mod standins;
pub mod twilio;

/// What the simulator's requests are made with.
pub type Http = reqwest::Client;
pub type HttpRequest = reqwest::RequestBuilder;

/// A client for the simulator's own requests; each request brings its time limit. No proxy stands between a machine and
/// itself.
pub fn http_client() -> anyhow::Result<Http> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(5))
        .tcp_nodelay(true)
        .build()?)
}
