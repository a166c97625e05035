//! A hidden caller confirmed a number: the call gets its customer.

use kernel::{CustomerId, Permission, Phone, Problem};

use super::Around;
use crate::{calls::actions, crm::customers};

pub async fn link_caller(around: Around<'_>, phone: &Phone) -> Result<CustomerId, Problem> {
    let live = around.call().ok_or_else(Problem::internal)?;
    let scope = around.scope;
    scope.require(Permission::CallsWork)?;
    scope.require(Permission::CustomersWrite)?;
    if around.business.people_phones.contains(phone.as_str()) {
        return Err(Problem::conflict(
            "own_person",
            "the number belongs to a person of the business",
        ));
    }
    let tx = around.app.db.write(scope).await?;
    let found = customers::actions::find_or_create_by_phone(&tx, phone, None, "call").await?;
    let customer = CustomerId::new(found.customer.id);
    actions::link(&tx, live.call_id.get(), customer).await?;
    tx.commit().await?;
    Ok(customer)
}
