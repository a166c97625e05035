//! Numbers for Prometheus.

use std::{sync::OnceLock, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use kernel::{ExposeSecret, Problem, SecretString};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;

use crate::http::ApiError;

/// Seconds; from a row read to a slow provider.
const REQUEST_BUCKETS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0,
];
/// Seconds; from our own share of a turn to what a caller takes for a dead line.
const TURN_BUCKETS: &[f64] = &[
    0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0,
];
const PROVIDER_BUCKETS: &[f64] = &[0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 15.0];
const JOB_BUCKETS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];
/// How often what was recorded is folded into the buckets; otherwise it would grow until somebody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// One recorder for the process, however many servers it runs (tests run several).
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Who may read the numbers.
#[derive(Clone)]
pub enum Readers {
    Anyone,
    /// Who shows this as a bearer.
    Bearer(SecretString),
    Nobody,
}

/// What `GET /metrics` shows.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    readers: Readers,
}

impl Metrics {
    /// Starts counting.
    pub fn start(readers: Readers) -> Result<Self, BuildError> {
        let handle = match RECORDER.get() {
            Some(handle) => handle.clone(),
            None => install()?,
        };
        Ok(Self { handle, readers })
    }

    /// The text that Prometheus reads; 401 without the token, 404 where nobody may read it.
    pub fn render(&self, headers: &HeaderMap) -> Response {
        let refused = match &self.readers {
            Readers::Anyone => None,
            Readers::Bearer(token) => (!shows(token, headers)).then(Problem::unauthorized),
            Readers::Nobody => Some(Problem::not_found()),
        };
        if let Some(problem) = refused {
            return ApiError::from(problem).into_response();
        }
        let kind = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        ([kind], self.handle.render()).into_response()
    }
}

fn shows(token: &SecretString, headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .is_some_and(|shown| shown.ct_eq(token.expose_secret().as_bytes()).into())
}

fn install() -> Result<PrometheusHandle, BuildError> {
    let exact = |name: &str| Matcher::Full(name.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(exact("http_request_seconds"), REQUEST_BUCKETS)?
        .set_buckets_for_metric(exact("voice_turn_seconds"), TURN_BUCKETS)?
        .set_buckets_for_metric(exact("provider_request_seconds"), PROVIDER_BUCKETS)?
        .set_buckets_for_metric(exact("job_seconds"), JOB_BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    // Two servers of one process may start at once; the first recorder stays.
    let first = RECORDER.get_or_init(|| handle.clone()).clone();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
        let folded = handle.clone();
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(UPKEEP);
            loop {
                tick.tick().await;
                folded.run_upkeep();
            }
        });
    }
    Ok(first)
}

fn describe() {
    describe_histogram!(
        "http_request_seconds",
        Unit::Seconds,
        "Requests, by method, route and status"
    );
    describe_histogram!("voice_turn_seconds", Unit::Seconds, "Turns of calls, by stage");
    describe_histogram!(
        "provider_request_seconds",
        Unit::Seconds,
        "Requests to outside companies, by company"
    );
    describe_histogram!("job_seconds", Unit::Seconds, "Attempts of jobs, by kind");
    describe_gauge!("jobs_depth", "Jobs in the queue, by kind and state");
    describe_gauge!("jobs_running", "Jobs that this process runs, by kind");
    describe_counter!(
        "jobs_finished_total",
        "Attempts of jobs that ended, by kind and outcome"
    );
    describe_gauge!("realtime_clients", "Browsers that listen to this process");
    describe_counter!("realtime_undelivered_total", "Events that did not reach every browser");
    describe_counter!(
        "bus_dropped_total",
        "Messages that other processes did not get, by reason"
    );
    describe_gauge!("connections_open", "Connections to this process");
    describe_counter!(
        "connections_refused_total",
        "Connections that were closed at once, by the limit that was reached"
    );
    describe_counter!(
        "rate_limited_total",
        "Requests that were refused for coming too often, by limit"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_numbers_are_shown_to_who_has_the_token() {
        let of = |readers| Metrics::start(readers).expect("a recorder");
        let shown = of(Readers::Bearer("s3cret".to_owned().into()));
        metrics::histogram!("voice_turn_seconds", "stage" => "total").record(0.3);
        let mut headers = HeaderMap::new();
        assert_eq!(shown.render(&headers).status(), 401);
        headers.insert(header::AUTHORIZATION, "Bearer wrong".parse().expect("a header"));
        assert_eq!(shown.render(&headers).status(), 401);
        headers.insert(header::AUTHORIZATION, "Bearer s3cret".parse().expect("a header"));
        assert_eq!(of(Readers::Nobody).render(&headers).status(), 404);
        assert_eq!(of(Readers::Anyone).render(&HeaderMap::new()).status(), 200);
        let response = shown.render(&headers);
        assert_eq!(response.status(), 200);
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains(r#"voice_turn_seconds_bucket{stage="total",le="0.4"} 1"#),
            "{text}"
        );
    }
}
