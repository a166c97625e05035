use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::to_bytes, extract::DefaultBodyLimit, routing::post};
use http::Method;
use kernel::{Clock, TestClock};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::*;
use crate::test_databases;

const LARGEST_BODY: usize = 4 * 1024;

/// Counts what it does; `/slow` waits for the gate, `/fails` answers 503.
struct Desk {
    router: Router,
    done: Arc<AtomicUsize>,
    entered: Arc<Semaphore>,
    gate: Arc<Semaphore>,
}

fn desk(db: &Db, user: i64) -> Desk {
    desk_in(db, 1, user)
}

fn desk_in(db: &Db, business: i64, user: i64) -> Desk {
    let done = Arc::<AtomicUsize>::default();
    let [entered, gate] = [(); 2].map(|()| Arc::new(Semaphore::new(0)));
    let (db, slow) = (db.clone(), (Arc::clone(&done), Arc::clone(&entered), Arc::clone(&gate)));
    let [counted, failing] = [(); 2].map(|()| Arc::clone(&done));
    let write = post(async move |body: String| {
        let n = counted.fetch_add(1, Ordering::SeqCst) + 1;
        (
            StatusCode::CREATED,
            [(header::CONTENT_TYPE, "application/json")],
            format!("{{\"n\":{n},\"sent\":{body}}}"),
        )
    });
    let router = Router::new()
        .route("/write", write.clone())
        .route("/again", write)
        .route(
            "/slow",
            post(async move || {
                slow.1.add_permits(1);
                slow.2.acquire().await.expect("the gate").forget();
                slow.0.fetch_add(1, Ordering::SeqCst);
            }),
        )
        .route(
            "/fails",
            post(async move || {
                failing.fetch_add(1, Ordering::SeqCst);
                StatusCode::SERVICE_UNAVAILABLE
            }),
        )
        .layer(axum::middleware::from_fn(move |request: Request, next: Next| {
            let db = db.clone();
            async move { once(&db, business.into(), user.into(), request, next).await }
        }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY));
    Desk {
        router,
        done,
        entered,
        gate,
    }
}

impl Desk {
    async fn send(&self, path: &str, key: &str, body: &str) -> (u16, bool, String) {
        let mut request = Request::new(Body::from(body.to_owned()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.parse().expect("a path");
        if !key.is_empty() {
            request
                .headers_mut()
                .insert(KEY, HeaderValue::from_str(key).expect("a header"));
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let replayed = response.headers().contains_key(REPLAY);
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, replayed, String::from_utf8_lossy(&body).into_owned())
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_is_done_once_and_answered_alike() {
    for database in test_databases::all().await {
        let desk = desk(&database.db, 1);
        let first = desk.send("/write", "k1", "1").await;
        assert_eq!(first, (201, false, r#"{"n":1,"sent":1}"#.to_owned()));
        assert_eq!(desk.send("/write", "k1", "1").await, (201, true, first.2));
        let (status, _, body) = desk.send("/write", "k1", "2").await;
        assert_eq!(status, 422);
        assert!(body.contains("idempotency_key_reused"));
        assert_eq!(desk.send("/write", "k2", "1").await.0, 201);
        assert_eq!(desk.send("/write", "", "1").await.0, 201);
        assert_eq!(desk.done(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_a_persons_own_and_must_be_sound() {
    for database in test_databases::all().await {
        let (one, two) = (desk(&database.db, 1), desk(&database.db, 2));
        one.send("/write", "k", "1").await;
        assert!(!two.send("/write", "k", "1").await.1);
        assert_eq!(one.send("/write", &"x".repeat(256), "1").await.0, 400);
        assert_eq!(one.send("/write", &"x".repeat(255), "1").await.0, 201);
        assert_eq!(one.send("/write", "large", &"1".repeat(LARGEST_BODY + 1)).await.0, 413);
        let long: String = (0..100).map(|n: u8| hex::encode(Sha256::digest([n]))).collect();
        let long = format!("/{long}");
        assert_eq!(one.send(&long, "k", "1").await.0, 404, "a path of any length");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_request_s_in_one_business() {
    for database in test_databases::all().await {
        let here = desk(&database.db, 1);
        let there = desk_in(&database.db, 2, 1);
        assert!(!here.send("/write", "k", "1").await.1);
        assert!(
            !there.send("/write", "k", "1").await.1,
            "another business is another request"
        );
        assert!(!here.send("/write?dry_run=1", "k", "1").await.1, "so is another query");
        assert!(!here.send("/again", "k", "1").await.1, "so is another path");
        for again in ["/write", "/write?dry_run=1", "/again"] {
            assert!(here.send(again, "k", "1").await.1, "{again}");
        }
        assert!(there.send("/write", "k", "1").await.1);
        assert_eq!((here.done(), there.done()), (3, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_beside_the_first_is_refused_and_a_client_that_left_finds_its_answer() {
    for database in test_databases::all().await {
        let desk = Arc::new(desk(&database.db, 1));
        let waiting = {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.send("/slow", "k", "").await })
        };
        desk.entered.acquire().await.expect("the first runs").forget();
        assert_eq!(desk.send("/slow", "k", "").await.0, 409);
        waiting.abort();
        desk.gate.add_permits(1);
        test_databases::until("the first is done", async || desk.send("/slow", "k", "").await.0 == 200).await;
        assert_eq!(desk.done(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_may_be_tried_again_and_a_day_later_a_key_is_new() {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    for backend in 0..2 {
        let clock = TestClock::at(start);
        let databases = test_databases::all_with(&Clock::Test(clock.clone())).await;
        let Some(database) = databases.get(backend) else { return };
        let desk = desk(&database.db, 1);
        assert_eq!(desk.send("/fails", "k", "").await.0, 503);
        assert_eq!(desk.send("/fails", "k", "").await.0, 503);
        assert_eq!(desk.done(), 2);
        desk.send("/write", "k", "1").await;
        clock.advance(TimeDelta::hours(25));
        let (status, replayed, _) = desk.send("/write", "k", "2").await;
        assert_eq!((status, replayed), (201, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_process_died_is_free_after_two_minutes() {
    let clock = TestClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
    for database in test_databases::all_with(&Clock::Test(clock.clone())).await {
        let parts = Request::builder()
            .method(Method::POST)
            .uri("/write")
            .body(())
            .expect("a request")
            .into_parts()
            .0;
        let asked = Asked::new(1.into(), 1.into(), "k", &parts, b"1");
        assert!(matches!(begin(&database.db, &asked).await, Ok(Begin::Run(_))));
        let desk = desk(&database.db, 1);
        assert_eq!(desk.send("/write", "k", "1").await.0, 409);
        clock.advance(TimeDelta::minutes(2));
        assert_eq!(desk.send("/write", "k", "1").await.0, 201);
    }
}
