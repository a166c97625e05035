//! `/api/whatsapp/send`, `send_media`, `send_template`.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Uri},
};
use contracts::whatsapp::{Address, Carrier, Kind};
use kernel::{CustomerId, Phone, Problem, Scope};
use platform::http::{
    ApiError, ApiJson, PathId,
    fields::{Faults, Lines, flag_param},
    idempotency,
    list::from_query,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::views::MessageView;
use crate::{
    AppState,
    accounts::sessions::Caller,
    threads::{
        dispatch,
        model::{MOST_TEXT_CHARS, Source, Status, kind_of_mime, kind_of_word},
        outgoing::{self, Again, Content, Draft, OutgoingFile, PATIENCE, To},
        store::{TemplateUse, message, thread, upload},
        templates,
    },
};

/// To whom, and how. One of `to`, `thread_id` and `customer_id` is needed.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SendRoute)]
pub(super) struct Route {
    /// `+972…`, `05…`, `whatsapp:+…`, or an id of WhatsApp's own.
    to: Option<String>,
    thread_id: Option<i64>,
    customer_id: Option<i64>,
    /// `baileys`, `twilio`, `meta`, or `auto` (usual).
    provider: Option<String>,
    /// A message of the conversation that is answered.
    reply_to: Option<i64>,
    /// The newest message on the sender's screen: 409 `newer_message` when somebody has answered since.
    after_message_id: Option<i64>,
    /// When an admin sends: for which business.
    business_id: Option<i64>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SendMessageBody)]
pub(super) struct SendBody {
    #[serde(flatten)]
    route: Route,
    text: Option<String>,
    /// The same as `text`.
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct SendMediaBody {
    #[serde(flatten)]
    route: Route,
    /// An address that the provider can fetch.
    media_url: Option<String>,
    /// A file that was uploaded.
    media_id: Option<i64>,
    caption: Option<String>,
    mime_type: Option<String>,
    file_name: Option<String>,
    /// `image`, `audio`, `voice`, `video`, `document` or `sticker`; by its type when it is not said.
    kind: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct SendTemplateBody {
    #[serde(flatten)]
    route: Route,
    /// A stored template's name, or text with `{0}` or `{{1}}` where values go.
    template: Option<String>,
    /// `he` unless it is said.
    lang: Option<String>,
    /// A list of texts, or an object of them by name.
    variables: Option<Value>,
}

/// What became of a message by now.
#[derive(Serialize, ToSchema)]
#[schema(as = SentMessage)]
pub(super) struct Sent {
    ok: bool,
    id: i64,
    thread_id: i64,
    provider: Option<String>,
    /// `queued`, `sending`, `sent`, `delivered`, `read` or `unknown`.
    status: String,
    /// The provider's id, once it is known.
    sid: Option<String>,
}

impl Route {
    fn to(&self) -> Result<To, Problem> {
        if let Some(thread) = self.thread_id {
            return Ok(To::Thread(thread));
        }
        match (
            self.to.as_deref().map(str::trim).filter(|to| !to.is_empty()),
            self.customer_id,
        ) {
            (Some(to), _) => address(to).map(To::Address),
            (None, Some(customer)) => Ok(To::Customer(CustomerId::new(customer))),
            (None, None) => Err(Problem::missing("to")),
        }
    }

    fn carrier(&self) -> Result<Option<Carrier>, Problem> {
        match self.provider.as_deref() {
            None | Some("" | "auto") => Ok(None),
            Some(word) => word
                .parse()
                .map(Some)
                .map_err(|()| Problem::invalid("provider", "unknown_provider", "is auto, baileys, twilio or meta")),
        }
    }

    async fn scope(&self, caller: &Caller) -> Result<Scope, Problem> {
        match self.thread_id {
            Some(thread) => caller.for_record::<thread::Entity>(thread).await,
            None => caller.for_create(self.business_id),
        }
    }

    fn draft(&self, content: Content, once: Option<String>) -> Result<Draft, Problem> {
        Ok(Draft {
            to: self.to()?,
            content,
            source: Source::Person,
            carrier: self.carrier()?,
            reply_to: self.reply_to,
            after_message_id: self.after_message_id,
            once,
            despite_opt_out: false,
        })
    }
}

/// A phone in any usual form, a jid, or a business-scoped id. The digits of `…@lid` are no phone.
pub(super) fn address(text: &str) -> Result<Address, Problem> {
    let invalid = || Problem::invalid("to", "invalid_phone", "is not a phone number");
    let bare = text.strip_prefix("whatsapp:").unwrap_or(text);
    if let Some(lid) = bare.strip_suffix("@lid") {
        let digits = !lid.is_empty() && lid.len() <= 40 && lid.bytes().all(|byte| byte.is_ascii_digit());
        return digits.then(|| Address::Lid(lid.to_owned())).ok_or_else(invalid);
    }
    let phone = match bare.split_once('@') {
        Some((digits, "s.whatsapp.net" | "c.us")) => {
            format!("+{}", digits.split(':').next().unwrap_or_default())
        }
        Some(_) => return Err(invalid()),
        None => bare.to_owned(),
    };
    let scoped = |text: &str| {
        let (country, rest) = text.split_once('.')?;
        let sound = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.len() <= 100
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_');
        sound.then(|| Address::Bsuid(text.to_owned()))
    };
    match scoped(&phone) {
        Some(address) => Ok(address),
        None => Phone::parse(&phone).map(Address::Phone).map_err(|_| invalid()),
    }
}

fn checked_text(field: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    let mut faults = Faults::default();
    let text = text.and_then(|text| faults.text(field, text, MOST_TEXT_CHARS, Lines::Many));
    faults.done()?;
    Ok(text)
}

/// Writes the message down, then sends it, waiting a while for what becomes of it.
async fn go(app: &AppState, caller: &Caller, scope: Scope, draft: Draft) -> Result<Json<Sent>, ApiError> {
    let draft = Draft {
        source: if caller.identity().key.is_some() {
            Source::Api
        } else {
            Source::Person
        },
        ..draft
    };
    app.limits.send_as(caller.identity().acts_as())?;
    let tx = app.db.write(&scope).await?;
    let message = outgoing::queue(&tx, &app.whatsapp.settings, draft).await?;
    tx.commit().await?;
    answer(dispatched(app, scope, message).await)
}

/// The key under which somebody asked: a repeat makes no second message, also when the process that took the first was
/// killed before it could answer.
fn once(caller: &Caller, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let key = headers.get(idempotency::KEY)?.to_str().ok()?;
    let whole = format!("{}\n{}\n{key}", caller.identity().acts_as(), uri.path());
    Some(format!("{}{}", outgoing::REQUEST, hex::encode(Sha256::digest(whole))))
}

/// Goes on by itself when it takes longer than anybody waits.
async fn dispatched(app: &AppState, scope: Scope, message: message::Model) -> message::Model {
    let (app, id) = (app.clone(), message.id);
    let running = tokio::spawn(async move { dispatch::run(&app, &scope, id).await });
    match tokio::time::timeout(PATIENCE, running).await {
        Ok(Ok(Ok(message))) => message,
        Ok(Ok(Err(problem))) => {
            tracing::error!(%problem, message_id = id, "a message waits for its job");
            message
        }
        Ok(Err(_)) | Err(_) => message,
    }
}

/// 502 `provider_rejected` for what was refused for good.
fn answer(message: message::Model) -> Result<Json<Sent>, ApiError> {
    if message.status == Status::Failed.as_str() {
        let why = message.error_text.unwrap_or_default();
        return Err(Problem::new(502, "provider_rejected", why)
            .with("id", message.id.into())
            .with("provider", message.carrier.into())
            .with("code", message.error_code.into())
            .into());
    }
    Ok(Json(Sent {
        ok: true,
        id: message.id,
        thread_id: message.thread_id,
        provider: message.carrier,
        status: message.status,
        sid: message.carrier_id,
    }))
}

/// Sends a text. It is written down first; the answer says what became of it within ten seconds.
#[utoipa::path(post, path = "/api/whatsapp/send", request_body = SendBody,
    responses((status = 200, body = Sent), (status = 404), (status = 409), (status = 422), (status = 429), (status = 501), (status = 502)))]
pub(super) async fn send_message(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    ApiJson(body): ApiJson<SendBody>,
) -> Result<Json<Sent>, ApiError> {
    let scope = body.route.scope(&caller).await?;
    let text = checked_text("text", body.text.as_deref().or(body.message.as_deref()))?;
    let text = text.ok_or_else(|| Problem::missing("text"))?;
    let draft = body.route.draft(Content::Text(text), once(&caller, &uri, &headers))?;
    Box::pin(go(&app, &caller, scope, draft)).await
}

/// Sends a file, from an address or from a message that brought it.
#[utoipa::path(post, path = "/api/whatsapp/send_media", request_body = SendMediaBody,
    responses((status = 200, body = Sent), (status = 404), (status = 409), (status = 422), (status = 429), (status = 501), (status = 502)))]
pub(super) async fn send_media(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    ApiJson(body): ApiJson<SendMediaBody>,
) -> Result<Json<Sent>, ApiError> {
    let scope = body.route.scope(&caller).await?;
    let caption = checked_text("caption", body.caption.as_deref())?;
    let file = match (body.media_id, body.media_url.as_deref()) {
        (Some(id), _) => stored(&app, &scope, id).await?,
        (None, Some(url)) => elsewhere(&body, url)?,
        (None, None) => return Err(Problem::missing("media_url").into()),
    };
    let kind = match (body.kind.as_deref(), &file) {
        (Some(word), _) => checked_kind(word)?,
        (None, OutgoingFile::Stored { mime_type, .. } | OutgoingFile::Elsewhere { mime_type, .. }) => {
            kind_of_mime(mime_type)
        }
    };
    let draft = body
        .route
        .draft(Content::Media { kind, file, caption }, once(&caller, &uri, &headers))?;
    Box::pin(go(&app, &caller, scope, draft)).await
}

fn checked_kind(word: &str) -> Result<Kind, Problem> {
    match kind_of_word(word) {
        kind @ (Kind::Image | Kind::Audio | Kind::Voice | Kind::Video | Kind::Document | Kind::Sticker) => Ok(kind),
        _ => Err(Problem::invalid("kind", "unknown_value", "is no kind of file")),
    }
}

async fn stored(app: &AppState, scope: &Scope, id: i64) -> Result<OutgoingFile, Problem> {
    let unknown = || Problem::invalid("media_id", "unknown_file", "is not a file that can be sent");
    let tx = app.db.read(scope).await?;
    let upload = tx.find::<upload::Entity>().by_id(id).one().await?.ok_or_else(unknown)?;
    Ok(OutgoingFile::Stored {
        storage_key: upload.storage_key,
        mime_type: upload.content_type,
        file_name: upload.name,
        size_bytes: upload.size_bytes,
        sha256: upload.sha256,
    })
}

fn elsewhere(body: &SendMediaBody, url: &str) -> Result<OutgoingFile, Problem> {
    let invalid = || Problem::invalid("media_url", "invalid_url", "is not an address on the web");
    let url: url::Url = url.trim().parse().map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "https") || url.as_str().len() > 2_000 {
        return Err(invalid());
    }
    let name = url
        .path_segments()
        .and_then(|mut parts| parts.next_back())
        .unwrap_or_default();
    let guessed = name
        .rsplit_once('.')
        .map(|(_, ending)| crate::threads::files::mime_of_ending(ending));
    Ok(OutgoingFile::Elsewhere {
        mime_type: body
            .mime_type
            .clone()
            .or_else(|| guessed.flatten().map(str::to_owned))
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        file_name: body
            .file_name
            .clone()
            .or_else(|| (!name.is_empty()).then(|| name.to_owned())),
        url: url.into(),
    })
}

/// Sends a stored template, or a text with values put into it. Outside the 24-hour window a stored one goes where free
/// text does not.
#[utoipa::path(post, path = "/api/whatsapp/send_template", request_body = SendTemplateBody,
    responses((status = 200, body = Sent), (status = 404), (status = 409), (status = 422), (status = 429), (status = 501), (status = 502)))]
pub(super) async fn send_template(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    ApiJson(body): ApiJson<SendTemplateBody>,
) -> Result<Json<Sent>, ApiError> {
    let scope = body.route.scope(&caller).await?;
    let named = body.template.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let named = named.ok_or_else(|| Problem::missing("template"))?;
    let values = templates::values(body.variables.as_ref())?;
    let tx = app.db.read(&scope).await?;
    let known = templates::by_name(&tx, named, body.lang.as_deref().unwrap_or("he")).await?;
    drop(tx);
    let filled = templates::fill(known.as_ref().map_or(named, |known| &known.body), &values)?;
    let text = checked_text("template", Some(&filled.text))?.ok_or_else(|| Problem::missing("template"))?;
    let content = match known {
        Some(known) => Content::Template {
            used: TemplateUse::of(known, &filled),
            text,
        },
        None => Content::Text(text),
    };
    let draft = body.route.draft(content, once(&caller, &uri, &headers))?;
    Box::pin(go(&app, &caller, scope, draft)).await
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `true`: also a message that may have gone; the other side may then get it twice.
    unknown: Option<String>,
}

/// Sends a message that failed once more.
#[utoipa::path(post, path = "/api/whatsapp/messages/{id}/retry", params(("id" = i64, Path), Which),
    responses((status = 200, body = MessageView), (status = 404), (status = 409), (status = 429)))]
pub(super) async fn retry_message(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    uri: Uri,
) -> Result<Json<MessageView>, ApiError> {
    let which: Which = from_query(uri.query().unwrap_or_default())?;
    let which = match flag_param("unknown", which.unknown.as_deref())? {
        Some(true) => Again::EvenUnknown,
        _ => Again::Failed,
    };
    let scope = caller.for_record::<message::Entity>(id).await?;
    app.limits.send_as(caller.identity().acts_as())?;
    let tx = app.db.write(&scope).await?;
    let message = outgoing::retry(&tx, id, which).await?;
    tx.commit().await?;
    let message = dispatched(&app, scope.clone(), message).await;
    let tx = app.db.read(&scope).await?;
    Ok(Json(MessageView::of(&tx, message).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_to_name_somebody_is_understood() {
        let phone = Address::Phone(Phone::parse("+972501234567").expect("a phone"));
        for text in [
            "+972501234567",
            "050-123-4567",
            "whatsapp:+972501234567",
            "972501234567@s.whatsapp.net",
            "972501234567:12@s.whatsapp.net",
        ] {
            assert_eq!(address(text).ok(), Some(phone.clone()), "{text}");
        }
        assert_eq!(
            address("123456789012345@lid").ok(),
            Some(Address::Lid("123456789012345".to_owned()))
        );
        assert_eq!(address("IL.8a7b6").ok(), Some(Address::Bsuid("IL.8a7b6".to_owned())));
        for text in ["abc", "12036304@g.us", "x@lid", "status@broadcast"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
