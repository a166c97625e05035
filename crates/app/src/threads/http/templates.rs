//! `/api/whatsapp/templates`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::{Faults, Lines, Mentioned, mentioned},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState,
    accounts::sessions::Caller,
    threads::store::template::{ActiveModel, Column, Entity, Model},
};

const MAX_BODY_CHARS: usize = 1_600;

/// Words that were approved to be sent at any time.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageTemplate)]
pub(super) struct TemplateView {
    id: i64,
    business_id: i64,
    name: String,
    language: String,
    /// With `{{1}}` or `{{name}}` where values go.
    body: String,
    /// Twilio's id of it.
    twilio_content_sid: Option<String>,
    /// Meta's name of it.
    meta_name: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Model> for TemplateView {
    fn from(template: Model) -> Self {
        Self {
            id: template.id,
            business_id: template.business_id,
            name: template.name,
            language: template.language,
            body: template.body,
            twilio_content_sid: template.twilio_content_sid,
            meta_name: template.meta_name,
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

/// A template as a client writes it; in an update what is not mentioned stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = MessageTemplateBody)]
pub(super) struct TemplateBody {
    name: Option<String>,
    /// `he` unless it is said.
    language: Option<String>,
    body: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    twilio_content_sid: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    meta_name: Mentioned<String>,
    /// When an admin makes one: for which business.
    business_id: Option<i64>,
}

/// A checked [`TemplateBody`].
struct Fields {
    name: Option<String>,
    language: Option<String>,
    body: Option<String>,
    twilio_content_sid: Mentioned<String>,
    meta_name: Mentioned<String>,
}

impl TemplateBody {
    fn checked(self) -> Result<Fields, Problem> {
        let mut faults = Faults::default();
        let mut text = |field: &str, text: Option<String>, most: usize, lines: Lines| {
            text.and_then(|text| faults.text(field, &text, most, lines))
        };
        let name = text("name", self.name, 120, Lines::One);
        let language = text("language", self.language, 10, Lines::One);
        let body = text("body", self.body, MAX_BODY_CHARS, Lines::Many);
        let fields = Fields {
            name,
            language,
            body,
            twilio_content_sid: faults.optional_text("twilio_content_sid", self.twilio_content_sid, 64, Lines::One),
            meta_name: faults.optional_text("meta_name", self.meta_name, 512, Lines::One),
        };
        faults.done()?;
        Ok(fields)
    }
}

fn taken(err: platform::db::DbError) -> Problem {
    if err.is_duplicate() {
        return Problem::conflict("name_exists", "there is one of this name already");
    }
    err.into()
}

async fn audited(tx: &WriteTx, id: i64, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "message_template",
        record_id: Some(id),
        changes: json!({}),
    })
    .await?;
    Ok(())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// For an admin: only this business.
    business_id: Option<String>,
}

/// The business's templates, by name.
#[utoipa::path(get, path = "/api/whatsapp/templates", params(PagingParams, Filter),
    responses((status = 200, body = Listed<TemplateView>)))]
pub(super) async fn list_templates(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<TemplateView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "name",
            column: Column::Name,
        },
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
    ];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "name", Column::Id).await?;
    Ok(Json(page.map(TemplateView::from)))
}

/// A new template. 409 `name_exists`.
#[utoipa::path(post, path = "/api/whatsapp/templates", request_body = TemplateBody,
    responses((status = 201, body = TemplateView), (status = 409), (status = 422)))]
pub(super) async fn create_template(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<TemplateBody>,
) -> Result<Tagged<TemplateView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let fields = body.checked()?;
    let name = fields.name.ok_or_else(|| Problem::missing("name"))?;
    let text = fields.body.ok_or_else(|| Problem::missing("body"))?;
    let tx = app.db.write(&scope).await?;
    let row = ActiveModel {
        name: Set(name),
        language: Set(fields.language.unwrap_or_else(|| "he".to_owned())),
        body: Set(text),
        twilio_content_sid: Set(fields.twilio_content_sid.flatten()),
        meta_name: Set(fields.meta_name.flatten()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let template = tx.insert(row).await.map_err(taken)?;
    audited(&tx, template.id, "template.created").await?;
    tx.commit().await?;
    Ok(Tagged::created(template.version, template.into()))
}

/// Changes what is mentioned.
#[utoipa::path(patch, path = "/api/whatsapp/templates/{id}", params(("id" = i64, Path)), request_body = TemplateBody,
    responses((status = 200, body = TemplateView), (status = 404), (status = 409), (status = 412), (status = 422)))]
pub(super) async fn update_template(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<TemplateBody>,
) -> Result<Tagged<TemplateView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let fields = body.checked()?;
    let tx = app.db.write(&scope).await?;
    let before = tx
        .find::<Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)?;
    seen.check(before.version)?;
    let version = before.version;
    let mut row = before.into_active_model();
    macro_rules! take {
        ($($field:ident),*) => {$( if let Some(value) = fields.$field { row.$field = Set(value); } )*};
    }
    take!(name, language, body, twilio_content_sid, meta_name);
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    let template = tx.update(row).await.map_err(taken)?;
    audited(&tx, id, "template.updated").await?;
    tx.commit().await?;
    Ok(Tagged::new(template.version, template.into()))
}

/// Takes a template away; messages that were sent with it keep their words.
#[utoipa::path(delete, path = "/api/whatsapp/templates/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn delete_template(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    tx.get::<Entity>(id).await?;
    tx.rows("message_templates")?.with("id", id).delete().await?;
    audited(&tx, id, "template.deleted").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
