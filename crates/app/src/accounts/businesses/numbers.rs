//! The phone numbers of a business.

use std::collections::HashMap;

use kernel::{Phone, Problem};
use platform::{
    db::{ReadTx, WriteTx},
    http::fields::Faults,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::number;

const MOST_NUMBERS: usize = 100;

/// A phone number of the business.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneNumber {
    /// E.164 in answers; any usual form is taken.
    pub number: String,
    #[serde(default = "yes")]
    pub voice: bool,
    #[serde(default)]
    pub whatsapp: bool,
    /// Meta's own id of this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_phone_number_id: Option<String>,
}

const fn yes() -> bool {
    true
}

impl From<&number::Model> for PhoneNumber {
    fn from(number: &number::Model) -> Self {
        Self {
            number: number.number.clone(),
            voice: number.voice,
            whatsapp: number.whatsapp,
            meta_phone_number_id: number.meta_phone_number_id.clone(),
        }
    }
}

/// The numbers of these businesses, by business, as they were given.
pub async fn of(tx: &ReadTx, businesses: &[i64]) -> Result<HashMap<i64, Vec<PhoneNumber>>, Problem> {
    let found = tx
        .find::<number::Entity>()
        .filter(number::Column::BusinessId.is_in(businesses.iter().copied()))
        .order_by(number::Column::Id, Order::Asc)
        .all()
        .await?;
    let mut numbers = HashMap::<i64, Vec<PhoneNumber>>::new();
    for row in &found {
        numbers.entry(row.business_id).or_default().push(row.into());
    }
    Ok(numbers)
}

/// E.164, each once; a fault for each that is not so.
pub fn read(faults: &mut Faults, numbers: &[PhoneNumber]) -> Vec<PhoneNumber> {
    if numbers.len() > MOST_NUMBERS {
        faults.add("phone_numbers", "too_many", "has too many numbers");
        return Vec::new();
    }
    let mut read: Vec<PhoneNumber> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let field = format!("phone_numbers[{at}].number");
        match Phone::parse(&number.number) {
            Ok(phone) if read.iter().any(|other| other.number == phone.as_str()) => {
                faults.add(&field, "duplicate", "stands here twice");
            }
            Ok(phone) => read.push(PhoneNumber {
                number: phone.into(),
                meta_phone_number_id: meta_id(number, faults, &field),
                ..number.clone()
            }),
            Err(err) => faults.add(&field, "invalid_phone", err.to_string()),
        }
    }
    read
}

/// Digits, or none.
fn meta_id(number: &PhoneNumber, faults: &mut Faults, field: &str) -> Option<String> {
    let id = number
        .meta_phone_number_id
        .as_deref()
        .map(str::trim)
        .filter(|id| !id.is_empty())?;
    if id.len() > 40 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.add(
            field,
            "invalid_meta_id",
            "has a meta_phone_number_id that is not digits",
        );
        return None;
    }
    Some(id.to_owned())
}

/// 409 `number_taken` when a number is another business's.
pub async fn replace(tx: &WriteTx, numbers: Vec<PhoneNumber>) -> Result<(), Problem> {
    tx.delete_many::<number::Entity>()?.exec().await?;
    for wanted in numbers {
        let row = number::ActiveModel {
            number: Set(wanted.number),
            voice: Set(wanted.voice),
            whatsapp: Set(wanted.whatsapp),
            meta_phone_number_id: Set(wanted.meta_phone_number_id),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        tx.insert(row).await.map_err(|err| {
            if err.is_duplicate() {
                Problem::conflict("number_taken", "a number belongs to another business")
            } else {
                err.into()
            }
        })?;
    }
    Ok(())
}
