//! Which requests are the sockets', and from which pages they may come.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use futures::future::BoxFuture;
use http::Uri;
use kernel::Problem;
use socketioxide::service::SocketIoService;
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};
use tower_http::cors::CorsLayer;

use super::{PATH, Realtime, RealtimeSettings};
use crate::http::{client_address::ClientAddress, error};

const ALIAS: &str = "/socket.io";

impl Realtime {
    /// Puts the sockets beside a router. Layers that are to see both go around the result.
    pub fn mount(&self, rest: Router, cors: &CorsLayer) -> Router {
        let sockets = cors.layer(Sockets {
            service: self.service.clone(),
            settings: self.settings.clone(),
        });
        let rest = rest.into_service::<Body>();
        Router::new().fallback_service(Switch {
            sockets: BoxCloneSyncService::new(sockets),
            rest: BoxCloneSyncService::new(rest),
        })
    }
}

/// `/ws` and `/socket.io`, with or without a slash at the end, and nothing below them.
fn is_ours(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    path == PATH || path == ALIAS
}

/// What the Socket.IO service hands on because it is not its path; the switch never sends it such a request.
#[derive(Clone)]
pub(super) struct Elsewhere;

impl Service<Request> for Elsewhere {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        std::future::ready(Ok(error::render(&Problem::not_found())))
    }
}

type Inner = BoxCloneSyncService<Request, Response, Infallible>;

#[derive(Clone)]
struct Switch {
    sockets: Inner,
    rest: Inner,
}

impl Service<Request> for Switch {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let inner = if is_ours(request.uri().path()) {
            self.sockets.clone()
        } else {
            self.rest.clone()
        };
        Box::pin(inner.oneshot(request))
    }
}

/// The Socket.IO service behind the checks of the page's origin and of how often its address comes.
#[derive(Clone)]
struct Sockets {
    service: SocketIoService<Elsewhere>,
    settings: RealtimeSettings,
}

impl Sockets {
    fn check(&self, request: &Request) -> Result<(), Problem> {
        if !self.settings.origins.may_connect(request.headers()) {
            return Err(Problem::forbidden("this page may not connect here"));
        }
        // A socket that is open names its session, and what it then asks is its own business.
        let opens = !request
            .uri()
            .query()
            .is_some_and(|query| query.split('&').any(|pair| pair.starts_with("sid=")));
        match request.extensions().get::<ClientAddress>() {
            Some(ClientAddress(from)) if opens => self.settings.limits.api(*from),
            _ => Ok(()),
        }
    }
}

impl Service<Request> for Sockets {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Err(problem) = self.check(&request) {
            return Box::pin(std::future::ready(Ok(error::render(&problem))));
        }
        if let Some(uri) = at_path(request.uri()) {
            *request.uri_mut() = uri;
        }
        let service = self.service.clone();
        Box::pin(async move {
            let response = service.oneshot(request).await?;
            Ok(response.map(Body::new))
        })
    }
}

/// The same request at the sockets' own path, when it came by the alias.
fn at_path(uri: &Uri) -> Option<Uri> {
    if !uri.path().starts_with(ALIAS) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{PATH}/{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_socket_is_not_ours() {
        for path in ["/ws", "/ws/", "/socket.io", "/socket.io/"] {
            assert!(is_ours(path), "{path}");
        }
        for path in [
            "/ws/twilio-media",
            "/ws/twilio-media/",
            "/wsx",
            "/",
            "/socket.iox",
            "/ws//",
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }

    #[test]
    fn the_alias_keeps_its_query() {
        let uri: Uri = "/socket.io/?EIO=4&transport=polling".parse().expect("a path");
        assert_eq!(
            at_path(&uri).map(|uri| uri.to_string()).as_deref(),
            Some("/ws/?EIO=4&transport=polling")
        );
    }
}
