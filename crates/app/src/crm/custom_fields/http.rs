//! `/api/custom_fields`.

use axum::{Json, extract::State, http::StatusCode, http::Uri};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::{Faults, Lines, flag_param},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{CUSTOMER, Kind},
    store::{ActiveModel, Column, Entity, MOST_FIELDS, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded, crm::customers::model::is_key};

const MAX_LABEL_CHARS: usize = 60;
const MOST_CHOICES: usize = 100;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::FieldsRead, routes!(list_custom_fields)))
        .routes(guarded(Permission::FieldsWrite, routes!(create_custom_field)))
        .routes(guarded(Permission::FieldsRead, routes!(get_custom_field)))
        .routes(guarded(Permission::FieldsWrite, routes!(update_custom_field)))
        .routes(guarded(Permission::FieldsWrite, routes!(archive_custom_field)))
}

/// A field that the business has added to its customers.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomField)]
struct CustomFieldView {
    id: i64,
    business_id: i64,
    /// `customer`.
    entity: String,
    /// The name of its values in `custom{}`.
    key: String,
    label: String,
    /// `text`, `number`, `date`, `choice` or `boolean`.
    kind: String,
    choices: Vec<String>,
    position: i32,
    archived: bool,
}

impl From<Model> for CustomFieldView {
    fn from(field: Model) -> Self {
        Self {
            choices: field.choices().into_iter().map(str::to_owned).collect(),
            id: field.id,
            business_id: field.business_id,
            entity: field.entity,
            key: field.key,
            label: field.label,
            kind: field.kind,
            position: field.position,
            archived: field.archived,
        }
    }
}

fn tagged(field: Model) -> Tagged<CustomFieldView> {
    Tagged::new(field.version, field.into())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `true`: only archived ones; `false`: none of them.
    archived: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

/// The fields in the order in which forms show them.
#[utoipa::path(get, path = "/api/custom_fields", params(PagingParams, Filter),
    responses((status = 200, body = Listed<CustomFieldView>)))]
async fn list_custom_fields(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<CustomFieldView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let mut find = tx.find::<Entity>();
    if let Some(archived) = flag_param("archived", filter.archived.as_deref())? {
        find = find.filter(Column::Archived.eq(archived));
    }
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "position",
            column: Column::Position,
        },
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
    ];
    let page = list::list(find, &paging, &sorts, "position", Column::Id).await?;
    Ok(Json(page.map(CustomFieldView::from)))
}

/// A field as a client writes it. In an update what is not mentioned stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct CustomFieldBody {
    /// `customer`, which is also meant when it is not given.
    entity: Option<String>,
    /// A lower-case letter, then letters, digits and `_`. Only when it is created; made up when it is not given.
    key: Option<String>,
    /// Required when it is created.
    label: Option<String>,
    /// Required when it is created; it stays.
    kind: Option<Kind>,
    /// What a `choice` may be. Taking one away leaves it where it was chosen.
    choices: Option<Vec<String>>,
    position: Option<i32>,
    archived: Option<bool>,
    /// When an admin creates a field: for which business.
    business_id: Option<i64>,
}

/// A checked [`CustomFieldBody`].
struct Checked {
    label: Option<String>,
    choices: Option<Vec<String>>,
}

impl CustomFieldBody {
    fn checked(&self) -> Result<Checked, Problem> {
        let mut faults = Faults::default();
        if self.entity.as_deref().is_some_and(|entity| entity != CUSTOMER) {
            faults.add("entity", "unknown_entity", "is customer");
        }
        let label = self
            .label
            .as_deref()
            .map(|label| faults.text("label", label, MAX_LABEL_CHARS, Lines::One));
        let choices = self.choices.as_ref().map(|choices| read_choices(&mut faults, choices));
        faults.done()?;
        match label {
            Some(None) => Err(Problem::missing("label")),
            label => Ok(Checked {
                label: label.flatten(),
                choices,
            }),
        }
    }
}

fn read_choices(faults: &mut Faults, choices: &[String]) -> Vec<String> {
    if choices.len() > MOST_CHOICES {
        faults.add("choices", "too_many", format!("are more than {MOST_CHOICES}"));
        return Vec::new();
    }
    let mut kept: Vec<String> = Vec::new();
    for (at, choice) in choices.iter().enumerate() {
        let choice = faults.text(&format!("choices[{at}]"), choice, MAX_LABEL_CHARS, Lines::One);
        kept.extend(choice.filter(|choice| !kept.contains(choice)));
    }
    kept
}

/// A choice without choices could not be filled in.
fn check_choices(kind: Kind, choices: &[String]) -> Result<(), Problem> {
    if kind == Kind::Choice && choices.is_empty() {
        return Err(Problem::missing("choices"));
    }
    if kind != Kind::Choice && !choices.is_empty() {
        return Err(Problem::invalid(
            "choices",
            "unexpected",
            "belong to a field of the kind choice",
        ));
    }
    Ok(())
}

/// A new field. 409 `already_exists` for a key that is taken.
#[utoipa::path(post, path = "/api/custom_fields", request_body = CustomFieldBody,
    responses((status = 201, body = CustomFieldView), (status = 409), (status = 422)))]
async fn create_custom_field(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<CustomFieldBody>,
) -> Result<Tagged<CustomFieldView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let checked = body.checked()?;
    let label = checked.label.ok_or_else(|| Problem::missing("label"))?;
    let kind = body.kind.ok_or_else(|| Problem::missing("kind"))?;
    let choices = checked.choices.unwrap_or_default();
    check_choices(kind, &choices)?;
    let tx = app.db.write(&scope).await?;
    let many = tx.find::<Entity>().count().await?;
    if many >= MOST_FIELDS {
        return Err(Problem::conflict("too_many", format!("a business has {MOST_FIELDS} fields at most")).into());
    }
    let key = match body.key {
        None => format!("field_{}", many + 1),
        Some(key) if is_key(&key) => key,
        Some(_) => {
            let why = "is a lower-case letter, then letters, digits and _, 40 at most";
            return Err(Problem::invalid("key", "invalid_key", why).into());
        }
    };
    let row = ActiveModel {
        entity: Set(CUSTOMER.to_owned()),
        key: Set(key),
        label: Set(label),
        kind: Set(kind.as_str().to_owned()),
        choices: Set(choices.into()),
        position: Set(body.position.unwrap_or_default()),
        archived: Set(body.archived.unwrap_or_default()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let field = tx.insert(row).await?;
    audited(&tx, &field, "custom_field.created").await?;
    tx.commit().await?;
    Ok(Tagged::created(field.version, field.into()))
}

/// One field.
#[utoipa::path(get, path = "/api/custom_fields/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = CustomFieldView), (status = 404)))]
async fn get_custom_field(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<CustomFieldView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    Ok(tagged(tx.get::<Entity>(id).await?))
}

/// Changes what is mentioned. Key and kind stay: values of another kind could not be read.
#[utoipa::path(patch, path = "/api/custom_fields/{id}", params(("id" = i64, Path)), request_body = CustomFieldBody,
    responses((status = 200, body = CustomFieldView), (status = 404), (status = 412), (status = 422)))]
async fn update_custom_field(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<CustomFieldBody>,
) -> Result<Tagged<CustomFieldView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let before = tx.find::<Entity>().by_id(id).lock().one().await?;
    let before = before.ok_or_else(Problem::not_found)?;
    seen.check(before.version)?;
    let checked = body.checked()?;
    if body.key.as_ref().is_some_and(|key| *key != before.key) {
        return Err(Problem::invalid("key", "fixed", "the key of a field stays").into());
    }
    if body.kind.is_some_and(|kind| kind.as_str() != before.kind) {
        return Err(Problem::invalid("kind", "fixed", "the kind of a field stays").into());
    }
    if let (Some(choices), Some(kind)) = (&checked.choices, Kind::parse(&before.kind)) {
        check_choices(kind, choices)?;
    }
    let field = save(&tx, before, checked, body.position, body.archived).await?;
    tx.commit().await?;
    Ok(tagged(field))
}

/// Archives a field: it is not shown and not written any more, and its values stay.
#[utoipa::path(delete, path = "/api/custom_fields/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
async fn archive_custom_field(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let before = tx.get::<Entity>(id).await?;
    let nothing = Checked {
        label: None,
        choices: None,
    };
    save(&tx, before, nothing, None, Some(true)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn save(
    tx: &WriteTx,
    before: Model,
    checked: Checked,
    position: Option<i32>,
    archived: Option<bool>,
) -> Result<Model, Problem> {
    let version = before.version;
    let mut row = before.into_active_model();
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    if let Some(label) = checked.label {
        row.label = Set(label);
    }
    if let Some(choices) = checked.choices {
        row.choices = Set(choices.into());
    }
    if let Some(position) = position {
        row.position = Set(position);
    }
    if let Some(archived) = archived {
        row.archived = Set(archived);
    }
    let field = tx.update(row).await?;
    audited(tx, &field, "custom_field.updated").await?;
    Ok(field)
}

async fn audited(tx: &WriteTx, field: &Model, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "custom_field",
        record_id: Some(field.id),
        changes: json!({ "key": field.key, "label": field.label, "kind": field.kind, "archived": field.archived }),
    })
    .await?;
    Ok(())
}
