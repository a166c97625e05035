//! `/api/push`: a browser registers itself, and a person sees a first push arrive.

use axum::{Json, body::Bytes, extract::State, http::StatusCode, http::Uri};
use contracts::push::Target;
use http::HeaderMap;
use kernel::{Permission, Problem, UserId};
use platform::http::{ApiError, ApiJson, json, list::from_query, request_id};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store;
use crate::{
    AppState,
    accounts::sessions::Caller,
    api::guarded,
    notifications::{self, Kind, News},
};

const LONGEST_ENDPOINT: usize = 2_048;
const LONGEST_USER_AGENT: usize = 300;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::OwnAccount, routes!(vapid_public_key)))
        .routes(guarded(Permission::OwnAccount, routes!(subscribe, unsubscribe)))
        .routes(guarded(Permission::OwnAccount, routes!(test)))
}

#[derive(Serialize, ToSchema)]
struct PublicKey {
    /// An uncompressed point on P-256, base64url: `applicationServerKey`.
    public_key: String,
}

/// The server's public key, for `pushManager.subscribe`.
#[utoipa::path(get, path = "/api/push/vapid_public_key", responses((status = 200, body = PublicKey)))]
async fn vapid_public_key(State(app): State<AppState>, caller: Caller) -> Result<Json<PublicKey>, ApiError> {
    caller.own()?;
    Ok(Json(PublicKey {
        public_key: app.push.public_key(),
    }))
}

/// What a browser's `PushSubscription` gives as JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubscriptionBody {
    endpoint: String,
    keys: SubscriptionKeys,
    /// Part of the browser's object; not used.
    #[serde(default, rename = "expirationTime")]
    #[schema(value_type = Option<f64>)]
    _expiration_time: Option<serde_json::Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubscriptionKeys {
    p256dh: String,
    auth: String,
}

/// A registered browser. Its address is a secret and is not shown.
#[derive(Serialize, ToSchema)]
struct SubscriptionView {
    id: i64,
    user_agent: Option<String>,
    created_at: chrono::DateTime<chrono::Utc>,
}

fn user(caller: &Caller) -> UserId {
    caller.identity().user
}

/// Registers the caller's browser; once more with new keys is the same subscription.
#[utoipa::path(post, path = "/api/push/subscriptions", request_body = SubscriptionBody,
    responses((status = 201, body = SubscriptionView), (status = 422)))]
async fn subscribe(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    ApiJson(body): ApiJson<SubscriptionBody>,
) -> Result<(StatusCode, Json<SubscriptionView>), ApiError> {
    let scope = caller.own()?;
    let target = checked(&app, body)?;
    let user_agent = headers
        .get(http::header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(LONGEST_USER_AGENT).collect());
    let tx = app.db.system("a browser that changed hands").await?;
    store::free(&tx, &target.endpoint, user(&caller).get()).await?;
    let tx = tx.narrow(&scope).await?;
    let device = store::register(&tx, user(&caller).get(), target, user_agent).await?;
    tx.commit().await?;
    let view = SubscriptionView {
        id: device.id,
        user_agent: device.user_agent,
        created_at: device.created_at,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn checked(app: &AppState, body: SubscriptionBody) -> Result<Target, Problem> {
    if body.endpoint.trim().is_empty() {
        return Err(Problem::missing("endpoint"));
    }
    let not_one = |why: String| Problem::invalid("endpoint", "invalid_url", why);
    if body.endpoint.len() > LONGEST_ENDPOINT {
        return Err(not_one(format!("has more than {LONGEST_ENDPOINT} characters")));
    }
    let url = Url::parse(&body.endpoint).map_err(|_| not_one("is not a URL".to_owned()))?;
    app.outgoing.may_ask(&url).map_err(|err| not_one(err.to_string()))?;
    let target = Target {
        endpoint: url.into(),
        p256dh: body.keys.p256dh,
        auth: body.keys.auth,
    };
    app.push
        .check(&target)
        .map_err(|fault| Problem::invalid("keys", "invalid_keys", fault.to_string()))?;
    Ok(target)
}

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The subscription's `endpoint`; it may stand in a JSON body as well.
    endpoint: Option<String>,
}

/// Ends the subscription of one browser of the caller's; one that is not there is no fault.
#[utoipa::path(delete, path = "/api/push/subscriptions", params(Which), request_body = Option<Which>,
    responses((status = 204)))]
async fn unsubscribe(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let scope = caller.own()?;
    let asked: Which = if body.is_empty() {
        from_query(uri.query().unwrap_or_default())?
    } else {
        json::parse(&body)?
    };
    let endpoint = asked.endpoint.ok_or_else(|| Problem::missing("endpoint"))?;
    // As it was stored.
    let endpoint = Url::parse(&endpoint).map_or(endpoint, String::from);
    let tx = app.db.write(&scope).await?;
    store::end(&tx, user(&caller).get(), &endpoint).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
struct Queued {
    /// The notification that is on its way.
    id: i64,
    status: &'static str,
    /// To how many devices.
    devices: usize,
}

/// Pushes a notification to the caller's own devices. 409 `no_device` when there is none.
#[utoipa::path(post, path = "/api/push/test", responses((status = 202, body = Queued), (status = 409)))]
async fn test(State(app): State<AppState>, caller: Caller) -> Result<(StatusCode, Json<Queued>), ApiError> {
    const TITLE: &str = "ההתראות פועלות במכשיר הזה";
    let scope = caller.own()?;
    let user_id = user(&caller).get();
    let tx = app.db.write(&scope).await?;
    let devices = store::of_users(&tx, std::iter::once(user_id)).await?.len();
    if devices == 0 {
        return Err(Problem::conflict("no_device", "none of your devices is registered for push").into());
    }
    let ref_id = request_id::fresh();
    let news = News {
        user_id,
        kind: Kind::Test,
        title: TITLE.to_owned(),
        link: "/crm".to_owned(),
        ref_id: ref_id.clone(),
    };
    notifications::tell(&tx, vec![news]).await?;
    let one = notifications::store::of_ref(&tx, user_id, Kind::Test, &ref_id).await?;
    tx.commit().await?;
    let queued = Queued {
        id: one.map_or(0, |one| one.id),
        status: "queued",
        devices,
    };
    Ok((StatusCode::ACCEPTED, Json(queued)))
}
