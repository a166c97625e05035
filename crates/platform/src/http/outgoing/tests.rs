use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{HeaderMap as Headers, StatusCode},
    response::Redirect,
    routing::get,
};

use super::*;

/// A server on this machine, as something private would be.
async fn private(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn allowing(targets: &[&str]) -> Outgoing {
    let allow = targets.iter().map(|target| (*target).to_owned()).collect();
    Outgoing::new(&OutgoingSettings { allow }).expect("clients")
}

fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}

#[tokio::test]
async fn an_outside_url_never_reaches_this_machine() {
    let outgoing = allowing(&[]);
    let served = private(Router::new().route("/", get(async || "secret"))).await;
    let port = served.rsplit(':').next().expect("a port");
    for target in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0177.0.0.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
    ] {
        let url = url(&format!("http://{target}:{port}/"));
        let err = outgoing.outside(&url, &HeaderMap::new()).await.expect_err(target);
        assert!(format!("{err:?}").contains("private address"), "{target}: {err:?}");
        assert!(
            outgoing
                .post_outside(&url, HeaderMap::new(), Bytes::new())
                .await
                .is_err()
        );
    }
    for other in ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/"] {
        assert!(matches!(
            outgoing.outside(&url(other), &HeaderMap::new()).await,
            Err(OutgoingError::Refused("neither http nor https"))
        ));
    }
}

#[tokio::test]
async fn a_named_target_may_be_private_but_what_it_redirects_to_may_not() {
    let secret = private(Router::new().route("/", get(async || "secret"))).await;
    let location = format!("http://{secret}/");
    let inside = Router::new()
        .route("/ok", get(async || "ok"))
        .route("/here", get(async || Redirect::temporary("/ok")))
        .route("/away", get(async move || Redirect::temporary(&location)))
        .route("/round", get(async || Redirect::temporary("/round")));
    let served = private(inside).await;
    let outgoing = allowing(&[&served]);
    let fetch = async |path: &str| {
        outgoing
            .outside(&url(&format!("http://{served}{path}")), &HeaderMap::new())
            .await
    };
    assert_eq!(
        fetch("/here").await.expect("an answer").text().await.expect("text"),
        "ok"
    );
    assert!(matches!(
        fetch("/away").await,
        Err(OutgoingError::Refused("a private address"))
    ));
    assert!(matches!(
        fetch("/round").await,
        Err(OutgoingError::Refused("it redirects too often"))
    ));
}

#[tokio::test]
async fn another_host_gets_none_of_the_headers() {
    let seen = async |headers: Headers| headers.contains_key("authorization").to_string();
    let other = private(Router::new().route("/", get(seen))).await;
    let location = format!("http://{other}/");
    let first = Router::new()
        .route("/seen", get(seen))
        .route("/own", get(async || Redirect::temporary("/seen")))
        .route("/away", get(async move || Redirect::temporary(&location)));
    let served = private(first).await;
    let outgoing = allowing(&[&served, &other]);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, "Basic x".parse().expect("a header"));
    for (path, with) in [("/own", "true"), ("/away", "false")] {
        let answer = outgoing
            .outside(&url(&format!("http://{served}{path}")), &headers)
            .await;
        assert_eq!(answer.expect("an answer").text().await.expect("text"), with);
    }
}

#[tokio::test]
async fn a_get_is_tried_again_while_the_server_says_later() {
    let asked = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&asked);
    let later = async move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::SERVICE_UNAVAILABLE,
        1 => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let served = private(
        Router::new()
            .route("/later", get(later))
            .route("/no", get(async || StatusCode::NOT_FOUND)),
    )
    .await;
    let client = allowing(&[]).client();
    let send = async |path: &str| {
        get_retrying(|| async { Ok(client.get(format!("http://{served}{path}")).send().await?) })
            .await
            .expect("an answer")
            .status()
    };
    assert_eq!(send("/later").await, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert_eq!(send("/no").await, 404);
}
