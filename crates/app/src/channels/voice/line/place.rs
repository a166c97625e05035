//! Calls that begin here: placed by a click, or tried out in the browser.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use kernel::{CustomerId, Phone, Problem, Scope};
use platform::{
    http::{ApiError, ApiJson},
    jobs::Enqueue,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Accepted, accepted, business, phone_of, placeable};
use crate::{
    App, AppState,
    accounts::sessions::Caller,
    calls::{
        actions::{self, Placing},
        directory::VoiceBusiness,
        http::own_user,
    },
    channels::voice::{jobs::PlaceCall, twiml::MEDIA_SOCKET},
    crm::customers,
};

/// Israel's calling code.
const HOME_COUNTRY: u16 = 972;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceBody {
    customer_id: Option<i64>,
    /// A number, when there is no customer.
    to: Option<String>,
}

/// Calls someone: rings your own phone first, then theirs.
#[utoipa::path(post, path = "/api/calls", request_body = PlaceBody,
    responses((status = 202, body = Accepted), (status = 404), (status = 409), (status = 410), (status = 422), (status = 429), (status = 501)))]
pub(super) async fn place_call(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PlaceBody>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = match body.customer_id {
        Some(id) => caller.for_record::<customers::store::Entity>(id).await?,
        None => caller.own()?,
    };
    let user = own_user(&scope).ok_or_else(|| Problem::forbidden("calls are placed by people of the business"))?;
    let business = business(&app, scope.business()?).await?;
    let (to, customer_id) = callee(&app, &scope, &business, &body).await?;
    placeable(&app)?;
    let phone = phone_of(&app, &scope, user).await?;
    let from = business
        .caller_id()
        .ok_or_else(|| Problem::conflict("no_number", "the business has no phone number to call from"))?;
    let placing = Placing {
        user_id: user,
        customer_id,
        from: from.to_owned(),
        to,
    };
    let tx = app.db.write(&scope).await?;
    let call = actions::place(&tx, placing).await?;
    let job = PlaceCall {
        call_id: call.id,
        phone,
    };
    tx.enqueue(&job, Enqueue::once(format!("place:{}", call.id))).await?;
    tx.commit().await?;
    Ok(accepted(call.id, "queued"))
}

/// Whom to call: a customer by its phone, or a number.
async fn callee(
    app: &App,
    scope: &Scope,
    business: &VoiceBusiness,
    body: &PlaceBody,
) -> Result<(String, Option<i64>), Problem> {
    let tx = app.db.read(scope).await?;
    let customer = match (body.customer_id, body.to.as_deref()) {
        (Some(id), _) => Some(customers::store::get(&tx, CustomerId::new(id)).await?),
        (None, Some(_)) => None,
        (None, None) => return Err(Problem::missing("to")),
    };
    let number = body
        .to
        .clone()
        .or_else(|| customer.as_ref().and_then(|customer| customer.phone.clone()))
        .ok_or_else(|| Problem::new(422, "customer_phone_missing", "this customer has no phone number"))?;
    let phone = Phone::parse(&number).map_err(|_| Problem::invalid("to", "invalid_phone", "is not a phone number"))?;
    // Whose number it is counts, whether or not the caller may see them.
    let owner = customers::store::by_phone(&tx, &phone).await?;
    if customer.iter().chain(&owner).any(|one| one.do_not_contact) {
        return Err(Problem::conflict(
            "do_not_contact",
            "this customer does not want to be called",
        ));
    }
    if owner.is_none() && !is_near(business, &phone) {
        return Err(Problem::invalid(
            "to",
            "country_not_called",
            "is in a country that is called only where the number is a customer's",
        ));
    }
    Ok((phone.into(), customer.or(owner).map(|customer| customer.id)))
}

/// Whether a number is in Israel, or in a country of one of the business's own.
fn is_near(business: &VoiceBusiness, phone: &Phone) -> bool {
    let code = phone.country_code();
    let own = business
        .numbers
        .iter()
        .filter_map(|own| Phone::parse(own).ok()?.country_code());
    code == Some(HOME_COUNTRY) || own.into_iter().any(|own| code == Some(own))
}

/// How a browser plays the caller's part.
#[derive(Serialize, ToSchema)]
pub(super) struct TestCall {
    call_id: i64,
    call_sid: String,
    /// The media socket.
    stream_url: String,
    /// To be sent as the custom parameter `token` of the `start` message.
    token: String,
}

/// Begins a test call: the browser's microphone takes the caller's place.
#[utoipa::path(post, path = "/api/calls/test", responses((status = 201, body = TestCall), (status = 409)))]
pub(super) async fn test_call(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<TestCall>), ApiError> {
    let scope = caller.own()?;
    let call_sid = format!("CAtest{}", Uuid::now_v7().simple());
    let business_id = scope.business()?;
    if app.drain.is_draining() || !app.calls.registry.accept_test(&call_sid, business_id) {
        return Err(Problem::conflict("too_many_calls", "no more calls can be taken now").into());
    }
    let business = business(&app, business_id).await?;
    let tx = app.db.write(&scope).await?;
    let user = own_user(&scope);
    let call = actions::try_out(&tx, &call_sid, user, business.caller_id()).await?;
    tx.commit().await?;
    let test = TestCall {
        call_id: call.id,
        token: app.voice.links.media_token(&call_sid, app.clock.now()),
        call_sid,
        stream_url: socket_url(&app, &headers),
    };
    Ok((StatusCode::CREATED, Json(test)))
}

/// The media socket as this browser reaches it: on the host that it is talking to.
fn socket_url(app: &App, headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST.as_str()) else {
        return MEDIA_SOCKET.to_owned();
    };
    let public = app.settings.public_base_url.as_ref();
    let public_here = public.is_some_and(|url| url.scheme() == "https" && url.authority() == host);
    let forwarded = app.settings.trust_proxy && text("x-forwarded-proto") == Some("https");
    let from_https_page = text(header::ORIGIN.as_str()) == Some(&format!("https://{host}"));
    let scheme = if public_here || forwarded || from_https_page {
        "wss"
    } else {
        "ws"
    };
    format!("{scheme}://{host}{MEDIA_SOCKET}")
}
